/* directory.*: acceptance, blocking, revocation, and what is known of a partner. A change is one
 * job with its event, then the snapshot of partners is read again. */
#include "network/directory_inside.h"

#include "base/enc.h"
#include "base/log.h"
#include "crypto/cms.h"
#include "exchange/lawbook.h"
#include "exchange/op.h"
#include "exchange/opjson.h"
#include "network/http.h"

#include <string.h>

/* ---- decisions of the operator ---- */

struct decision {
	const struct officer *who;
	const char *address, *fingerprint, *reason, *state, *event;
	unsigned char sha256[SHA256_LEN]; /* revocation */
	bool revoke;
};

static enum co_rc
decision_store(struct store_db *db, void *arg, struct co_err *err)
{
	const struct decision *c = arg;
	char hex[SHA256_HEX + 1];
	struct entry_held held;
	json_t *detail;
	char *text;
	enum co_rc rc;

	TRY(entry_in_force(db, c->address, &held, err));
	if (held.root[0] == '\0')
		return co_fail(err, CO_ENOTFOUND,
			"no entry of %s is here; offer it first: comity directory "
			"offer FILE",
			c->address);
	if (c->fingerprint != NULL && strcasecmp(c->fingerprint, held.root) != 0)
		return co_fail(err, CO_EREFUSED,
			"the fingerprint given is not that of the root in the entry of %s; have "
			"it read to you once more, and do not accept before you know why",
			c->address);
	if (c->revoke) {
		TRY(store_run(db, NULL, Q_REVOKE_INSERT, err, "btitt", (const void *)c->sha256,
			sizeof(c->sha256), c->address, co_now_us(), c->reason, c->who->name));
	} else {
		TRY(store_run(
			db, NULL, Q_PARTNER_STATE, err, "tit", c->state, co_now_us(), c->address));
	}
	co_hex(c->sha256, SHA256_LEN, hex);
	detail = json_pack("{s:s, s:s, s:s?}", "address", c->address,
		c->revoke ? "certificate" : "root", c->revoke ? hex : held.root, "reason",
		c->reason);
	text = detail == NULL ? NULL : json_dumps(detail, JSON_COMPACT);
	json_decref(detail);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "the event");
	rc = ledger_event(db, c->event, c->who->name, text, err);
	free(text);
	return rc;
}

static enum co_rc
decide(struct exchange *x, struct decision *c, json_t **out, struct co_err *err)
{
	TRY(store_write(exchange_store(x), decision_store, c, err));
	TRY(partner_reload(x, err));
	return out_give(json_pack("{s:s, s:s}", "address", c->address, "done", c->event), out, err);
}

static enum co_rc
op_accept(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct decision c = { .who = who, .state = "accepted", .event = "directory.accepted" };
	struct co_err why = { CO_OK, "" };
	char hex[SHA256_HEX + 1];
	const char *given;

	(void)arg;
	TRY(in_text(in, "address", true, LIMIT_ADDRESS, &c.address, err));
	TRY(in_text(in, "fingerprint", false, 256, &given, err));
	if (given != NULL && !sha256_hex_read(given, hex))
		return co_fail(err, CO_EUSAGE,
			"the fingerprint is 64 hexadecimal digits, with or without colons and "
			"blanks");
	c.fingerprint = given == NULL ? NULL : hex;
	TRY(decide(x, &c, out, err));
	if (profile_offer(x, c.address, who, &why) != CO_OK)
		co_warn("directory", "our law profile was not sent to %s (%s); publish it again",
			c.address, why.msg);
	return CO_OK;
}

static enum co_rc
op_block(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct decision c = { .who = who, .state = "blocked", .event = "directory.blocked" };

	(void)arg;
	TRY(in_text(in, "address", true, LIMIT_ADDRESS, &c.address, err));
	TRY(in_text(in, "reason", true, 2000, &c.reason, err));
	return decide(x, &c, out, err);
}

static enum co_rc
op_revoke(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct decision c = { .who = who, .event = "directory.revoked", .revoke = true };
	const char *hex;

	(void)arg;
	TRY(in_text(in, "address", true, LIMIT_ADDRESS, &c.address, err));
	TRY(in_text(in, "reason", true, 2000, &c.reason, err));
	TRY(in_text(in, "sha256", true, SHA256_HEX, &hex, err));
	if (!co_unhex(hex, c.sha256, sizeof(c.sha256)))
		return co_fail(err, CO_EMALFORMED,
			"sha256: 64 hexadecimal digits, the certificate's "
			"fingerprint as `comity directory show` prints it");
	return decide(x, &c, out, err);
}

/* ---- reading ---- */

static void
skew_words(json_t *o, struct store_stmt *st, int col)
{
	int64_t skew_s;
	char text[120];

	if (store_is_null(st, col))
		return;
	skew_s = store_int(st, col) / 1000000;
	(void)json_object_set_new(o, "skew_s", json_integer(skew_s));
	if (skew_s < 300 && skew_s > -300)
		return;
	(void)snprintf(text, sizeof(text),
		"the partner's clock is %lld s %s ours; one of the two is wrong",
		(long long)(skew_s < 0 ? -skew_s : skew_s), skew_s < 0 ? "behind" : "ahead of");
	(void)json_object_set_new(o, "clock", json_string(text));
}

static enum co_rc
op_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	json_t *rows;
	bool row = true;
	enum co_rc rc;

	(void)in;
	(void)arg;
	(void)who;
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_PARTNER_ROWS, &st, err, ""));
	rows = json_array();
	while ((rc = store_step(st, &row, err)) == CO_OK && row) {
		json_t *entry = json_loads(store_text(st, 2), JSON_REJECT_DUPLICATES, NULL);
		json_t *body = json_object_get(entry, "body");
		json_t *o = json_pack("{s:s, s:s, s:O*, s:O*, s:O*, s:O*, s:O*}", "address",
			store_text(st, 0), "state", store_text(st, 1), "name",
			json_object_get(body, "name"), "economy", json_object_get(body, "economy"),
			"role", json_object_get(body, "role"), "url", json_object_get(body, "url"),
			"timezone", json_object_get(body, "timezone"));

		out_time(o, "changed", store_int(st, 3));
		out_time(o, "last_contact", store_int(st, 4));
		skew_words(o, st, 5);
		(void)json_array_append_new(rows, o);
		json_decref(entry);
	}
	if (rc != CO_OK) {
		json_decref(rows);
		return rc;
	}
	return out_give(json_pack("{s:o}", "partners", rows), out, err);
}

static json_t *
cert_json(const struct cert *c, const char *use)
{
	char hex[SHA256_HEX + 1], to[CO_TIME_LEN];

	co_hex(cert_sha256(c), SHA256_LEN, hex);
	co_time_print(cert_not_after_us(c), to);
	return json_pack("{s:s, s:s, s:s, s:s}", "use", use, "subject", cert_subject(c), "sha256",
		hex, "not_after", to);
}

static json_t *
certs_json(const struct partner *p)
{
	json_t *list = json_array();
	char hex[SHA256_HEX + 1];

	(void)json_array_append_new(list, cert_json(p->root, "root"));
	for (size_t i = 0; i < p->seal_n; i++)
		(void)json_array_append_new(list, cert_json(p->seal[i], "seal"));
	for (size_t i = 0; i < p->tls_n; i++) {
		co_hex(p->tls_sha256[i], SHA256_LEN, hex);
		(void)json_array_append_new(
			list, json_pack("{s:s, s:s}", "use", "tls", "sha256", hex));
	}
	return list;
}

static enum co_rc
revoked_json(struct store_db *db, const char *address, json_t *list, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_REVOKED_OF, &st, err, "t", address));
	for (;;) {
		char hex[SHA256_HEX + 1] = "";
		const void *p;
		json_t *o;
		size_t n;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		p = store_blob(st, 0, &n);
		if (n == SHA256_LEN)
			co_hex(p, n, hex);
		o = json_pack("{s:s, s:s, s:s}", "sha256", hex, "reason", store_text(st, 2), "by",
			store_text(st, 3));
		out_time(o, "since", store_int(st, 1));
		(void)json_array_append_new(list, o);
	}
}

static enum co_rc
op_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct partner p = { .accepted = false };
	struct store_db *db;
	const char *address;
	record_auto r;
	json_t *o, *revoked;
	bool row;

	(void)arg;
	(void)who;
	record_init(&r);
	TRY(in_text(in, "address", true, LIMIT_ADDRESS, &address, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_PARTNER_ROW, &st, err, "t", address));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND,
			"no entry of %s is here; see: comity directory list", address);
	TRY(record_parse(&r, store_text(st, 2), strlen(store_text(st, 2)), err));
	TRY(partner_from_entry(&p, &r, err));
	revoked = json_array();
	o = json_pack("{s:s, s:s, s:s, s:O, s:o, s:O}", "address", address, "state",
		store_text(st, 0), "entry_id", store_text(st, 1), "entry", r.body, "certificates",
		certs_json(&p), "revoked", revoked);
	out_time(o, "changed", store_int(st, 3));
	out_time(o, "last_contact", store_int(st, 4));
	skew_words(o, st, 5);
	store_done(&st);
	partner_deinit(&p);
	if (revoked_json(db, address, revoked, err) != CO_OK) {
		json_decref(revoked);
		json_decref(o);
		return err == NULL ? CO_ESTORE : err->rc;
	}
	json_decref(revoked);
	return out_give(o, out, err);
}

static enum co_rc
op_self(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct directory *d = arg;
	co_auto_buf bytes, sig, b64, s64;
	char hex[SHA256_HEX + 1];
	cert_auto *root = NULL;
	struct store_db *db;

	(void)in;
	(void)who;
	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	co_buf_init(&b64, LIMIT_RECORD * 2);
	co_buf_init(&s64, LIMIT_SIGNATURE * 2);
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(directory_own(d, db, &bytes, &sig, err));
	TRY(co_base64_add(&b64, bytes.data, bytes.len, err));
	TRY(co_base64_add(&s64, sig.data, sig.len, err));
	TRY(cert_from_pem(&root, own_root_pem(d->conf.own), strlen(own_root_pem(d->conf.own)),
		err));
	co_hex(cert_sha256(root), SHA256_LEN, hex);
	return out_give(json_pack("{s:s, s:s, s:s, s:s}", "address", d->conf.address, "bytes",
				b64.data, "sig", s64.data, "fingerprint", hex),
		out, err);
}

static enum co_rc
op_ping(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct directory *d = arg;
	const struct partner *p;
	const char *address;
	struct checkpoint head;
	co_auto_buf note;
	long status = 0;
	int64_t begin;
	enum co_rc rc;

	(void)who;
	co_buf_init(&note, LIMIT_NOTE);
	TRY(in_text(in, "address", true, LIMIT_ADDRESS, &address, err));
	TRY(partner_get(x, address, &p, err));
	begin = co_mono_us();
	rc = http_get(d->conf.tls, p, "/v1/ledger/checkpoint", NULL, &note, &status, NULL, NULL, 0,
		err);
	if (rc == CO_OK && status != 200)
		rc = co_fail(err, CO_ENETWORK,
			"%s answered with status %ld: has it accepted our entry?", address, status);
	if (rc == CO_OK)
		rc = checkpoint_open(note.data, note.len, p->vkey, &head, err);
	partner_put(x, &p);
	if (rc != CO_OK)
		return rc;
	return out_give(json_pack("{s:s, s:f, s:I}", "address", address, "ms",
				(double)(co_mono_us() - begin) / 1000.0, "ledger_size",
				(json_int_t)head.size),
		out, err);
}

void
directory_ops(struct directory *d)
{
	const struct op ops[] = {
		{ "directory.self", "*", op_self, d, "our own entry, to give to a partner" },
		{ "directory.list", "*", op_list, d, "partners and their state" },
		{ "directory.show", "*", op_show, d, "one partner with its certificates" },
		{ "directory.offer", "administrator", op_directory_offer, d,
			"take in a partner's signed entry" },
		{ "directory.refresh", "administrator", op_directory_refresh, d,
			"fetch an accepted partner's present entry" },
		{ "directory.accept", "administrator", op_accept, d,
			"trust a partner from now on" },
		{ "directory.block", "administrator", op_block, d, "stop trusting a partner" },
		{ "directory.revoke", "administrator", op_revoke, d,
			"stop trusting one certificate" },
		{ "directory.ping", "*", op_ping, d,
			"is the partner there, and its ledger honest?" },
	};

	op_register(d->conf.exchange, ops, CO_ARRAY_LEN(ops));
}
