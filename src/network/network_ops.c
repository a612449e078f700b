/* network.show: partners as somebody needs them who is about to ask one: what time it is there,
 * whether people are there, what is on its way, how fast they answered. */
#include "network/directory_inside.h"

#include "exchange/numbers.h"
#include "exchange/op.h"
#include "exchange/opjson.h"
#include "network/hours.h"

#include <string.h>

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* What time it is there and whether somebody is. */
static void
clock_put(json_t *o, int64_t now_us)
{
	const char *name = text_of(o, "timezone"), *abbreviation = "";
	co_zone_auto *zone = NULL;
	char text[CO_TIME_LEN];
	enum hours_open open = HOURS_UNKNOWN;
	int64_t next_us = 0;

	if (co_zone_open(name, &zone, NULL) != CO_OK) {
		(void)json_object_set_new(o, "clock_note",
			json_string("this machine does not know the zone; is tzdata installed?"));
		(void)json_object_set_new(o, "open", json_string(hours_open_name(open)));
		return;
	}
	co_zone_print(zone, now_us / 1000000 * 1000000, text);
	(void)json_object_set_new(o, "local_time", json_string(text));
	(void)co_zone_offset(zone, now_us, &abbreviation);
	(void)json_object_set_new(o, "zone_short", json_string(abbreviation));
	open = hours_at(text_of(o, "hours"), zone, now_us, &next_us);
	(void)json_object_set_new(o, "open", json_string(hours_open_name(open)));
	if (next_us == 0)
		return;
	co_zone_print(zone, next_us, text);
	(void)json_object_set_new(o, "open_changes", json_string(text));
}

static json_t *
entry_json(const char *address, const char *state, const json_t *body, int64_t now_us)
{
	static const char *const members[] = { "name", "economy", "role", "url", "timezone",
		"hours", "languages", "valid_to" };
	json_t *o = json_pack("{s:s, s:s}", "address", address, "state", state);

	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++) {
		json_t *v = json_object_get(body, members[i]);

		if (v != NULL)
			(void)json_object_set(o, members[i], v);
	}
	clock_put(o, now_us);
	return o;
}

static enum co_rc
partners_fill(struct store_db *db, json_t *list, int64_t now_us, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_PARTNER_ROWS, &st, err, ""));
	for (;;) {
		json_t *entry, *o;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		entry = json_loads(store_text(st, 2), JSON_REJECT_DUPLICATES, NULL);
		o = entry_json(store_text(st, 0), store_text(st, 1), json_object_get(entry, "body"),
			now_us);
		json_decref(entry);
		out_time(o, "last_contact", store_int(st, 4));
		if (!store_is_null(st, 5))
			(void)json_object_set_new(
				o, "skew_s", json_integer(store_int(st, 5) / 1000000));
		(void)json_object_set_new(o, "waiting", json_integer(0));
		(void)json_array_append_new(list, o);
	}
}

static json_t *
partner_of(json_t *list, const char *address)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o) if (strcmp(text_of(o, "address"), address) == 0) return o;
	return NULL;
}

static enum co_rc
waiting_fill(struct store_db *db, const struct officer *who, json_t *list, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	if (numbers_whole(who))
		TRY(store_query(db, Q_OUTBOX_BY_PARTNER, &st, err, ""));
	else
		TRY(store_query(
			db, Q_OUTBOX_BY_PARTNER_SEEN, &st, err, "tt", who->unit, who->name));
	for (;;) {
		json_t *o;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		o = partner_of(list, store_text(st, 0));
		if (o == NULL)
			continue;
		(void)json_object_set_new(o, "waiting", json_integer(store_int(st, 1)));
		out_time(o, "oldest", store_int(st, 2));
	}
}

/* How fast each answered us in the last twelve months. */
static enum co_rc
answers_fill(struct exchange *x, const struct officer *who, json_t *list, struct co_err *err)
{
	static const char *const times[] = { "to_acknowledged", "to_fulfilled" };
	json_auto_t *in = json_object(), *numbers = NULL;
	const json_t *row;
	size_t i;

	TRY(op_call_as(x, who->name, "numbers.show", in, &numbers, err));
	json_array_foreach(json_object_get(numbers, "partners"), i, row)
	{
		json_t *o = partner_of(list, text_of(row, "key"));

		for (size_t k = 0; o != NULL && k < CO_ARRAY_LEN(times); k++)
			if (json_object_get(row, times[k]) != NULL)
				(void)json_object_set(o, times[k], json_object_get(row, times[k]));
	}
	return CO_OK;
}

static enum co_rc
own_fill(struct directory *d, struct exchange *x, const struct officer *who, json_t *o,
	int64_t now_us, struct co_err *err)
{
	json_auto_t *in = json_object(), *self = NULL;
	store_stmt_auto *st = NULL;
	struct store_db *db;
	record_auto r;
	const void *p;
	json_t *own;
	size_t n;
	bool row;

	record_init(&r);
	TRY(op_call_as(x, who->name, "directory.self", in, &self, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_OWN_ENTRY, &st, err, "t", d->conf.address));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	p = store_blob(st, 0, &n);
	TRY(record_parse(&r, p, n, err));
	own = entry_json(d->conf.address, "own", r.body, now_us);
	(void)json_object_set(own, "fingerprint", json_object_get(self, "fingerprint"));
	(void)json_object_set_new(o, "own", own);
	return CO_OK;
}

static enum co_rc
op_network_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct directory *d = arg;
	int64_t now_us = co_now_us();
	json_auto_t *o = NULL;
	struct store_db *db;
	json_t *list;

	(void)in;
	TRY(store_reader(exchange_store(x), &db, err));
	list = json_array();
	o = json_pack("{s:o}", "partners", list);
	TRY(partners_fill(db, list, now_us, err));
	TRY(waiting_fill(db, who, list, err));
	TRY(answers_fill(x, who, list, err));
	TRY(own_fill(d, x, who, o, now_us, err));
	out_time(o, "now", now_us);
	return out_give(json_incref(o), out, err);
}

void
directory_network_ops(struct directory *d)
{
	const struct op ops[] = {
		{ "network.show", "*", op_network_show, d,
			"partners with their time, office hours, what waits for them, how fast "
			"they answered" },
	};

	op_register(d->conf.exchange, ops, CO_ARRAY_LEN(ops));
}
