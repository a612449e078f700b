/* Archive time-stamps: links made before the certificates of older time-stamps end. */
#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "crypto/tsp.h"
#include "ledger/archive.h"
#include "ledger/inside.h"
#include "ledger/text.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_US INT64_C(3600000000)

enum co_rc
ledger_stamps_end(struct store_db *db, int64_t *until_us, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_STAMP_END_FIRST, &st, err, ""));
	TRY(store_step(st, &row, err));
	*until_us = row && !store_is_null(st, 0) ? store_int(st, 0) : 0;
	return CO_OK;
}

static void
link_read(struct ledger_link *out, struct store_stmt *st)
{
	*out = (struct ledger_link){ .n = store_int(st, 0),
		.at_us = store_int(st, 1),
		.size = (uint64_t)store_int(st, 2),
		.text = store_text(st, 3),
		.until_us = store_int(st, 5) };
	out->token = store_blob(st, 4, &out->token_n);
}

enum co_rc
ledger_archive(struct store_db *db,
	enum co_rc (*call)(void *arg, const struct ledger_link *link, struct co_err *err),
	void *arg, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_ARCHIVE_PAGE, &st, err, "i", (int64_t)0));
	for (;;) {
		struct ledger_link link;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		link_read(&link, st);
		TRY(call(arg, &link, err));
	}
}

/* ---- the text of a link ---- */
static void
sha512_hex(const void *p, size_t n, char out[SHA512_HEX + 1])
{
	unsigned char digest[SHA512_LEN];

	sha512(p, n, digest);
	co_hex(digest, sizeof(digest), out);
}

static enum co_rc
line_add(struct co_buf *out, const char *file, const void *p, size_t n, struct co_err *err)
{
	char hex[SHA512_HEX + 1];

	sha512_hex(p, n, hex);
	TRY(co_buf_add_str(out, hex, err));
	TRY(co_buf_add_str(out, "  ", err));
	TRY(co_buf_add_str(out, file, err));
	return co_buf_add_str(out, "\n", err);
}

bool
ledger_link_names(const char *text, const char *file, const void *p, size_t n)
{
	co_auto_buf line;
	const char *at;

	co_buf_init(&line, SHA512_HEX + LIMIT_PACKAGE_NAME + 4);
	if (line_add(&line, file, p, n, NULL) != CO_OK)
		return false;
	/* A whole line, not the end of a longer name. */
	for (at = strstr(text, line.data); at != NULL; at = strstr(at + 1, line.data))
		if (at == text || at[-1] == '\n')
			return true;
	return false;
}

/* What one renewal is about to write. */
struct renewal {
	int64_t n, at_us, until_us;
	uint64_t size;
	struct co_buf text, token;
};

static void
renewal_deinit(struct renewal *r)
{
	co_buf_deinit(&r->text);
	co_buf_deinit(&r->token);
}

static enum co_rc
text_checkpoint(struct renewal *r, struct store_db *db, bool *found, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	char file[64];
	const char *note;
	const void *token;
	size_t token_n;

	TRY(store_query(db, Q_CHECKPOINT_STAMPED_LAST, &st, err, ""));
	TRY(store_step(st, found, err));
	if (!*found)
		return CO_OK;
	r->size = (uint64_t)store_int(st, 0);
	note = store_text(st, 1);
	token = store_blob(st, 2, &token_n);
	(void)snprintf(file, sizeof(file), "%llu/checkpoint", (unsigned long long)r->size);
	TRY(line_add(&r->text, file, note, strlen(note), err));
	(void)snprintf(file, sizeof(file), "%llu/checkpoint.tsr", (unsigned long long)r->size);
	return line_add(&r->text, file, token, token_n, err);
}

static enum co_rc
text_before(struct renewal *r, struct store_db *db, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct ledger_link link;
	char file[64];
	bool row;

	r->n = 1;
	TRY(store_query(db, Q_ARCHIVE_LAST, &st, err, ""));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	link_read(&link, st);
	r->n = link.n + 1;
	(void)snprintf(file, sizeof(file), "archive/%lld", (long long)link.n);
	TRY(line_add(&r->text, file, link.text, strlen(link.text), err));
	(void)snprintf(file, sizeof(file), "archive/%lld.tsr", (long long)link.n);
	return line_add(&r->text, file, link.token, link.token_n, err);
}

static enum co_rc
renewal_store(struct store_db *db, void *arg, struct co_err *err)
{
	const struct renewal *r = arg;
	char text[SHA512_HEX + 1], token[SHA512_HEX + 1], detail[512];

	sha512_hex(r->text.data, r->text.len, text);
	sha512_hex(r->token.data, r->token.len, token);
	(void)snprintf(detail, sizeof(detail),
		"{\"n\":%lld,\"size\":%llu,\"text\":\"%s\",\"token\":\"%s\"}", (long long)r->n,
		(unsigned long long)r->size, text, token);
	TRY(store_run(db, NULL, Q_ARCHIVE_INSERT, err, "iiitbi", r->n, r->at_us, (int64_t)r->size,
		r->text.data, r->token.data, r->token.len, r->until_us));
	TRY(store_run(db, NULL, Q_STAMP_END_WIPE, err, ""));
	TRY(store_run(db, NULL, Q_STAMP_END_ADD, err, "i", r->until_us));
	return ledger_event(db, "archive", "node", detail, err);
}

static enum co_rc
renew(struct ledger *l, struct store_db *db, int64_t now_us, int64_t end_us, bool *made,
	struct co_err *err)
{
	CO_CLEANUP(renewal_deinit) struct renewal r = { .at_us = now_us };
	unsigned char digest[TSP_DIGEST_MAX];
	char end[CO_TIME_LEN];
	bool found;

	co_buf_init(&r.text, 4096);
	co_buf_init(&r.token, LIMIT_TOKEN);
	TRY(text_checkpoint(&r, db, &found, err));
	if (!found)
		return CO_OK;
	TRY(text_before(&r, db, err));
	sha512(r.text.data, r.text.len, digest);
	TRY(stamp_any(l, digest, sizeof(digest), &r.token, err));
	TRY(tsp_until(r.token.data, r.token.len, &r.until_us, err));
	if (r.until_us <= end_us) {
		co_time_print(end_us, end);
		co_warn("ledger",
			"time-stamps rest on a certificate that ends on %s, and no authority gives "
			"one that lasts longer: get a new certificate (tsa.pem), or name another "
			"authority (tsa_url)",
			end);
		return CO_OK;
	}
	TRY(store_write(l->store, renewal_store, &r, err));
	*made = true;
	co_info("ledger", "archive time-stamp %lld made", (long long)r.n);
	return CO_OK;
}

/* Again when half of the rest of the time has gone: new checkpoints may still get time-stamps by a
 * certificate that is about to end, and each end is covered, without a link every minute. */
static bool
renew_due(const struct ledger *l, int64_t now_us, int64_t end_us)
{
	return l->renewed_us == 0 || now_us - l->renewed_us >= (end_us - l->renewed_us) / 2;
}

enum co_rc
ledger_renew(
	struct ledger *l, int64_t now_us, int64_t margin_us, bool *made, struct co_err *err)
{
	struct store_db *db;
	int64_t end_us;
	enum co_rc rc = CO_OK;

	*made = false;
	TRY(store_reader(l->store, &db, err));
	TRY(ledger_stamps_end(db, &end_us, err));
	if (end_us == 0 || end_us - now_us > margin_us)
		return CO_OK;
	pthread_mutex_lock(&l->late);
	if (now_us >= l->renew_next_us && renew_due(l, now_us, end_us)) {
		rc = renew(l, db, now_us, end_us, made, err);
		l->renew_next_us = now_us + HOUR_US;
		if (*made)
			l->renewed_us = now_us;
	}
	pthread_mutex_unlock(&l->late);
	return rc;
}
