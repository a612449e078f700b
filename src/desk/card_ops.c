/* Certificates that sign officers in: registered by fingerprint, by an administrator. */
#include "desk/pages.h"

#include "base/clock.h"
#include "base/enc.h"
#include "crypto/digest.h"

#include <string.h>

struct card_job {
	const char *officer, *name, *by;
	char hex[SHA256_HEX + 1];
	unsigned char sha256[SHA256_LEN];
};

static enum co_rc
fingerprint_read(const char *text, struct card_job *j, struct co_err *err)
{
	if (!sha256_hex_read(text, j->hex) || !co_unhex(j->hex, j->sha256, SHA256_LEN))
		return co_fail(err, CO_EUSAGE,
			"the fingerprint is the SHA-256 of the certificate: 64 hexadecimal digits");
	return CO_OK;
}

static enum co_rc
add_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct card_job *j = arg;
	store_stmt_auto *st = NULL;
	enum co_rc rc;
	bool row;

	TRY(store_query(db, Q_OFFICER_ROLE, &st, err, "t", j->officer));
	TRY(store_step(st, &row, err));
	store_done(&st);
	if (!row)
		return co_fail(
			err, CO_ENOTFOUND, "no enabled officer %s; see user.list", j->officer);
	rc = store_run(db, NULL, Q_SIGN_IN_ADD, err, "tttbbi", j->officer, "certificate", j->name,
		j->sha256, (size_t)SHA256_LEN, j->sha256, (size_t)SHA256_LEN, co_now_us());
	if (rc == CO_EEXISTS)
		return co_wrap(err, "this certificate is registered already; see card.list");
	TRY(rc);
	return event_write(db, "card.added", j->by,
		json_pack("{s:s,s:s,s:s}", "officer", j->officer, "name", j->name, "fingerprint",
			j->hex),
		err);
}

static enum co_rc
op_card_add(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct card_job j = { .by = who->name };
	const char *text;

	(void)arg;
	TRY(in_text(in, "officer", true, LIMIT_NAME, &j.officer, err));
	TRY(in_text(in, "fingerprint", true, 256, &text, err));
	TRY(in_text(in, "name", false, LIMIT_NAME, &j.name, err));
	j.name = j.name == NULL ? "certificate" : j.name;
	TRY(fingerprint_read(text, &j, err));
	TRY(store_write(exchange_store(x), add_work, &j, err));
	return out_give(json_pack("{s:s,s:s,s:s}", "officer", j.officer,
				"name", j.name, "fingerprint", j.hex),
		out, err);
}

/* Whoever holds the card now is out at once: its sessions end with it. */
static enum co_rc
drop_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct card_job *j = arg;
	store_stmt_auto *st = NULL;
	char officer[LIMIT_NAME + 1];
	int64_t id;
	bool row;

	TRY(store_query(db, Q_CARD_BY_HANDLE, &st, err, "b", j->sha256, (size_t)SHA256_LEN));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND,
			"this certificate is not registered; card.list has those that are");
	id = store_int(st, 0);
	(void)snprintf(officer, sizeof(officer), "%s", store_text(st, 1));
	store_done(&st);
	TRY(store_run(db, NULL, Q_SIGN_IN_DROP, err, "it", id, officer));
	TRY(store_run(db, NULL, Q_SESSION_END_WAY, err, "tt", officer, "certificate"));
	return event_write(db, "card.dropped", j->by,
		json_pack("{s:s,s:s}", "officer", officer, "fingerprint", j->hex), err);
}

static enum co_rc
op_card_drop(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct card_job j = { .by = who->name };
	const char *text;

	(void)arg;
	TRY(in_text(in, "fingerprint", true, 256, &text, err));
	TRY(fingerprint_read(text, &j, err));
	TRY(store_write(exchange_store(x), drop_work, &j, err));
	return out_give(json_pack("{s:s}", "fingerprint", j.hex), out, err);
}

static json_t *
card_row(struct store_stmt *st, void *arg)
{
	char hex[SHA256_HEX + 1] = "";
	const void *p;
	json_t *o;
	size_t n;

	(void)arg;
	p = store_blob(st, 3, &n);
	if (n == SHA256_LEN)
		co_hex(p, n, hex);
	o = json_pack("{s:s,s:s,s:s}", "officer",
		store_text(st, 1), "name", store_text(st, 2), "fingerprint", hex);
	out_time(o, "created", store_int(st, 4));
	out_time(o, "used", store_int(st, 5));
	return o;
}

static enum co_rc
op_card_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const char *officer;
	struct store_db *db;

	(void)arg;
	(void)who;
	TRY(in_text(in, "officer", false, LIMIT_NAME, &officer, err));
	officer = officer == NULL ? "" : officer;
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_CARD_LIST, &st, err, "tt", officer, officer));
	return out_list("cards", st, card_row, NULL, out, err);
}

void
card_ops_register(struct desk *d)
{
	const struct op ops[] = {
		{ "card.add", "administrator", op_card_add, d,
			"let a certificate sign an officer in" },
		{ "card.drop", "administrator", op_card_drop, d,
			"no more; ends the sessions that began with one" },
		{ "card.list", "administrator,auditor", op_card_list, d,
			"certificates that sign officers in" },
	};

	op_register(d->conf.exchange, ops, CO_ARRAY_LEN(ops));
}

/* ---- pages ---- */

enum co_rc
page_card_add(struct visit *v, struct co_err *err)
{
	const char *text = visit_field(v, "fingerprint");
	json_t *out;

	if (text == NULL)
		return co_fail(err, CO_EUSAGE, "give the fingerprint of the certificate");
	TRY(visit_op(v, "card.add",
		json_pack("{s:s,s:s,s:s*}", "officer", v->param[0], "fingerprint", text, "name",
			visit_field(v, "name")),
		&out, err));
	json_decref(out);
	visit_go(v, "/admin/people/%s", v->param[0]);
	return CO_OK;
}

enum co_rc
page_card_drop(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "card.drop",
		json_pack("{s:s}", "fingerprint", v->param[1]), &out, err));
	json_decref(out);
	visit_go(v, "/admin/people/%s", v->param[0]);
	return CO_OK;
}
