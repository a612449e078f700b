/* Who has which entry of ours, and turning to a renewed certificate when all have it. A partner
 * says what it has when it asks for our entry (If-None-Match); one that does not say so is believed
 * to have an entry that it fetched a day after it was made, for partners fetch four times a day. */
#include "network/directory_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "record/wire.h"

#include <string.h>

#define TURN_DAY_US (INT64_C(86400) * 1000000)

/* ---- what partners are given ---- */

/* Any loop of the listener: noted in memory, stored by the renewer. What does not fit comes again
 * within hours. */
static void
turn_note(struct directory *d, const char *peer, const char *id)
{
	(void)pthread_mutex_lock(&d->turn_lock);
	if (d->notes_n < CO_ARRAY_LEN(d->notes)) {
		struct turn_note *n = &d->notes[d->notes_n++];

		(void)snprintf(n->address, sizeof(n->address), "%s", peer);
		(void)snprintf(n->id, sizeof(n->id), "%s", id);
		if (d->on_news != NULL)
			d->on_news(d->on_news_arg);
	}
	(void)pthread_mutex_unlock(&d->turn_lock);
}

void
directory_on_news(struct directory *d, void (*call)(void *arg), void *arg)
{
	(void)pthread_mutex_lock(&d->turn_lock);
	d->on_news = call;
	d->on_news_arg = arg;
	(void)pthread_mutex_unlock(&d->turn_lock);
}

enum co_rc
directory_entry(void *arg, const char *peer, const char *have, char tag[CO_UUID_LEN + 3],
	struct co_buf *out, struct co_err *err)
{
	struct directory *d = arg;
	struct wire_item item = { .type = WIRE_RECORD };
	co_auto_buf bytes, sig;
	struct store_db *db;
	record_auto r;

	record_init(&r);
	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	TRY(store_reader(exchange_store(d->conf.exchange), &db, err));
	TRY(directory_own(d, db, &bytes, &sig, err));
	TRY(record_parse(&r, bytes.data, bytes.len, err));
	(void)snprintf(tag, CO_UUID_LEN + 3, "\"%s\"", r.id);
	if (have != NULL && strcmp(have, tag) == 0) {
		turn_note(d, peer, r.id);
		return CO_OK;
	}
	if (have == NULL && r.at_us < co_now_us() - TURN_DAY_US)
		turn_note(d, peer, r.id);
	item.p = bytes.data;
	item.n = bytes.len;
	item.sig = sig.data;
	item.sig_n = sig.len;
	TRY(wire_begin(out, 1, err));
	return wire_add(out, &item, err);
}

/* ---- who has what ---- */

static enum co_rc
notes_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct turn_notes *all = arg;

	for (size_t i = 0; i < all->n; i++)
		TRY(store_run(db, NULL, Q_PARTNER_HAS_OURS, err, "tt", all->at[i].id,
			all->at[i].address));
	return CO_OK;
}

static enum co_rc
notes_store(struct directory *d, struct co_err *err)
{
	struct turn_notes all;

	(void)pthread_mutex_lock(&d->turn_lock);
	all.n = d->notes_n;
	memcpy(all.at, d->notes, sizeof(all.at));
	d->notes_n = 0;
	(void)pthread_mutex_unlock(&d->turn_lock);
	return all.n == 0 ? CO_OK
			  : store_write(exchange_store(d->conf.exchange), notes_work, &all, err);
}

/* Which certificates an entry of ours lists: the texts in it. */
static bool
entry_lists(struct store_db *db, const char *address, const char *id, const char *pem)
{
	static const char *const uses[] = { "seal", "tls" };
	store_stmt_auto *st = NULL;
	record_auto r;
	const json_t *one;
	const void *p;
	size_t n, i;
	bool row;

	record_init(&r);
	if (store_query(db, Q_OWN_ENTRY_BY_ID, &st, NULL, "tt", id, address) != CO_OK ||
		store_step(st, &row, NULL) != CO_OK || !row)
		return false;
	p = store_blob(st, 0, &n);
	if (record_parse(&r, p, n, NULL) != CO_OK)
		return false;
	for (size_t u = 0; u < CO_ARRAY_LEN(uses); u++)
		json_array_foreach(json_object_get(r.body, uses[u]), i, one)
			if (strcmp(json_string_value(one), pem) == 0)
				return true;
	return false;
}

/* Calls for each accepted partner whose entry of ours does not list the certificate; false when
 * that could not be found out, and then nobody is said to know it. */
bool
directory_strangers(struct directory *d, const char *pem, void (*call)(void *arg, const char *who),
	void *arg)
{
	store_stmt_auto *st = NULL;
	char last[CO_UUID_LEN + 1] = "";
	struct store_db *db;
	bool row, lists = false;

	if (store_reader(exchange_store(d->conf.exchange), &db, NULL) != CO_OK ||
		store_query(db, Q_PARTNERS_WITH_OURS, &st, NULL, "") != CO_OK)
		return false;
	for (;;) {
		if (store_step(st, &row, NULL) != CO_OK)
			return false;
		if (!row)
			return true;
		/* In the order of what they have: one look for all who have the same. */
		if (strcmp(store_text(st, 1), last) != 0) {
			(void)snprintf(last, sizeof(last), "%s", store_text(st, 1));
			lists = entry_lists(db, d->conf.address, last, pem);
		}
		if (last[0] == '\0' || !lists)
			call(arg, store_text(st, 0));
	}
}

static void
stranger_seen(void *arg, const char *who)
{
	(void)who;
	*(bool *)arg = true;
}

static bool
turn_known(void *arg, const char *pem)
{
	bool some = false;

	return directory_strangers(arg, pem, stranger_seen, &some) && !some;
}

enum co_rc
directory_settle(struct directory *d, struct co_err *err)
{
	const struct directory_conf *c = &d->conf;

	TRY(notes_store(d, err));
	return own_settle(c->own, co_now_us(), turn_known, d, c->exchange, c->tls, err);
}

void
directory_warn(struct directory *d)
{
	int64_t day = co_now_us() / TURN_DAY_US;

	if (d->warned_day != day)
		own_warn(d->conf.own, co_now_us());
	d->warned_day = day;
}
