/* Two nodes in one process: two stores, two real keepers, two exchanges that know each other.
 * Wire bodies are delivered by function call instead of TLS. */
#pragma once

#include "pki.h"

#include "base/enc.h"
#include "base/fs.h"
#include "crypto/cms.h"
#include "exchange/deadlines.h"
#include "exchange/exchange.h"
#include "exchange/intake.h"
#include "exchange/op.h"
#include "exchange/outbox.h"
#include "exchange/partner.h"

#include <pthread.h>

struct side {
	const char *address;
	struct pki pki;
	struct key *log_key;
	char dir[32];
	struct keeper *keeper;
	struct store *store;
	struct exchange *x;
	const char *four_eyes;
	const char *economy; /* what it says of itself; NULL: as its address */
	const char *role;    /* in its entry; NULL: contact */
	unsigned lead_days; /* UTC, every day a working day */
	char admin[65], duty[65], approver[65];
};

struct pair {
	struct side th, us;
};

static struct co_err err;

/* ---- keys and keepers: once, before any thread ---- */

static inline void
side_file(const struct side *s, const char *name, char *path, size_t cap)
{
	(void)snprintf(path, cap, "%s/%s", s->dir, name);
}

static inline void
side_cert(const struct side *s, const char *name, const struct cert *c)
{
	char path[64];
	co_auto_buf pem;

	co_buf_init(&pem, LIMIT_CERT);
	assert_ok(cert_pem(c, &pem, &err));
	side_file(s, name, path, sizeof(path));
	assert_ok(co_write_file(path, pem.data, pem.len, 0600, &err));
}

static inline void
side_key(const struct side *s, const char *name, const struct key *k)
{
	char path[64];

	side_file(s, name, path, sizeof(path));
	assert_ok(key_save(k, path, "a passphrase", &err));
}

static inline void
side_start(struct side *s, const char *address)
{
	char seal[64], sealc[64], tls[64], tlsc[64], log[64], secret[64], origin[96];
	struct keeper_conf conf;

	s->address = address;
	s->four_eyes = "";
	scratch_make(s->dir);
	pki_make(&s->pki, KEY_P256);
	assert_ok(key_generate(&s->log_key, KEY_ED25519, &err));
	side_key(s, "seal.key", s->pki.key[CERT_SEAL]);
	side_key(s, "tls.key", s->pki.key[CERT_TLS]);
	side_key(s, "log.key", s->log_key);
	side_cert(s, "seal.pem", s->pki.cert[CERT_SEAL]);
	side_cert(s, "tls.pem", s->pki.cert[CERT_TLS]);
	side_file(s, "secret", secret, sizeof(secret));
	assert_ok(co_write_file(secret, "a passphrase\n", 13, 0600, &err));
	side_file(s, "seal.key", seal, sizeof(seal));
	side_file(s, "seal.pem", sealc, sizeof(sealc));
	side_file(s, "tls.key", tls, sizeof(tls));
	side_file(s, "tls.pem", tlsc, sizeof(tlsc));
	side_file(s, "log.key", log, sizeof(log));
	(void)snprintf(origin, sizeof(origin), "%s/ledger", address);
	conf = (struct keeper_conf){ .address = address,
		.seal_key = seal,
		.seal_cert = sealc,
		.tls_key = tls,
		.tls_cert = tlsc,
		.log_key = log,
		.log_origin = origin,
		.secret_file = secret,
		.seccomp = false };
	assert_ok(keeper_start(&s->keeper, &conf, &err));
}

static inline void
side_stop(struct side *s)
{
	keeper_stop(&s->keeper);
	key_free(&s->log_key);
	pki_free(&s->pki);
	scratch_drop(s->dir);
}

/* ---- stores and exchanges: fresh for each test ---- */

struct officer_ask {
	const char *name, *role;
	char *token;
};

static inline enum co_rc
officer_work(struct store_db *db, void *arg, struct co_err *e)
{
	struct officer_ask *a = arg;

	return officer_add(db, a->name, a->role, a->token, e);
}

static inline void
side_officer(struct side *s, const char *name, const char *role, char token[65])
{
	struct officer_ask a = { name, role, token };

	assert_ok(store_write(s->store, officer_work, &a, &err));
}

static inline void
side_open(struct side *s)
{
	char path[64];
	struct exchange_conf conf;

	side_file(s, "node.db", path, sizeof(path));
	assert_ok(store_open(&s->store, path, &err));
	conf = (struct exchange_conf){ .store = s->store,
		.keeper = s->keeper,
		.address = s->address,
		.economy = s->economy,
		.seal = s->pki.cert[CERT_SEAL],
		.four_eyes = s->four_eyes,
		.lead_days = s->lead_days };
	assert_ok(exchange_open(&s->x, &conf, &err));
}

static inline void
side_close(struct side *s)
{
	exchange_close(&s->x);
	store_close(&s->store);
}

static inline void
side_forget(struct side *s)
{
	static const char *const names[] = { "node.db", "node.db-wal", "node.db-shm" };

	side_close(s);
	s->four_eyes = "";
	s->lead_days = 0;
	for (size_t i = 0; i < CO_ARRAY_LEN(names); i++) {
		char path[64];

		side_file(s, names[i], path, sizeof(path));
		(void)unlink(path);
	}
}

static inline json_t *
pem_json(const struct cert *c)
{
	co_auto_buf pem;

	co_buf_init(&pem, LIMIT_CERT);
	assert_ok(cert_pem(c, &pem, &err));
	return json_string(pem.data);
}

/* The entry of s as bytes; valid_to in days from now. */
static inline void
side_entry(const struct side *s, int days, struct record *r, struct co_buf *out)
{
	unsigned char pub[ED25519_PUB];
	char origin[96], to[CO_TIME_LEN];
	co_auto_buf vkey;

	co_buf_init(&vkey, 512);
	assert_ok(ed25519_public(s->log_key, pub, &err));
	(void)snprintf(origin, sizeof(origin), "%s/ledger", s->address);
	assert_ok(vkey_print(origin, pub, &vkey, &err));
	co_time_print((co_now_us() / 1000000 + days * 86400) * 1000000, to);
	r->kind = REC_ENTRY;
	co_uuid7(r->id);
	(void)snprintf(r->from, sizeof(r->from), "%s", s->address);
	(void)snprintf(r->to, sizeof(r->to), "*");
	(void)snprintf(r->officer, sizeof(r->officer), "node");
	(void)snprintf(r->role, sizeof(r->role), "node");
	r->at_us = co_now_us();
	r->body = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:[s],s:o,s:[o],s:[o],s:{s:s,s:s},s:[],s:s}",
		"name", "Test desk", "economy", s->address[0] == 't' ? "TH" : "US", "role",
		s->role == NULL ? "contact" : s->role, "url", "https://127.0.0.1:4501", "timezone",
		"Asia/Bangkok", "hours",
		"24x7", "languages", "en", "root", pem_json(s->pki.root), "seal",
		pem_json(s->pki.cert[CERT_SEAL]), "tls", pem_json(s->pki.cert[CERT_TLS]), "ledger",
		"origin", origin, "vkey", vkey.data, "revoked", "valid_to", to);
	assert_non_null(r->body);
	assert_ok(record_print(r, out, &err));
}

struct known {
	const char *address, *state, *id, *entry;
};

static inline enum co_rc
known_work(struct store_db *db, void *arg, struct co_err *e)
{
	const struct known *k = arg;

	return store_run(db, NULL, Q_PARTNER_PUT, e, "tttti", k->address, k->state, k->id, k->entry,
		co_now_us());
}

/* s knows other in this state ("accepted", "offered", "blocked"). */
static inline void
side_knows(struct side *s, const struct side *other, const char *state, int days)
{
	record_auto r;
	co_auto_buf text;
	struct known k;

	record_init(&r);
	co_buf_init(&text, LIMIT_RECORD);
	side_entry(other, days, &r, &text);
	k = (struct known){ other->address, state, r.id, text.data };
	assert_ok(store_write(s->store, known_work, &k, &err));
	assert_ok(partner_reload(s->x, &err));
}

static inline void
side_fresh(struct side *s)
{
	side_open(s);
	side_officer(s, "admin", "administrator", s->admin);
	side_officer(s, "anya", "duty", s->duty);
	side_officer(s, "prae", "approver", s->approver);
}

static inline int
pair_setup(void **state)
{
	struct pair *p = *state;

	co_err_clear(&err);
	side_fresh(&p->th);
	side_fresh(&p->us);
	side_knows(&p->th, &p->us, "accepted", 300);
	side_knows(&p->us, &p->th, "accepted", 300);
	return 0;
}

static inline int
pair_teardown(void **state)
{
	struct pair *p = *state;

	side_forget(&p->th);
	side_forget(&p->us);
	return 0;
}

static inline int
pair_begin(void **state)
{
	static struct pair pair;

	side_start(&pair.th, "th.contact");
	side_start(&pair.us, "us.contact");
	*state = &pair;
	return 0;
}

static inline int
pair_end(void **state)
{
	struct pair *p = *state;

	side_stop(&p->th);
	side_stop(&p->us);
	return 0;
}

/* ---- the wire ---- */

struct answered {
	pthread_mutex_t lock;
	pthread_cond_t come;
	bool done;
	unsigned times;
	struct co_buf body;
};

static inline void
answered_take(void *arg, const struct co_buf *answer)
{
	struct answered *a = arg;

	pthread_mutex_lock(&a->lock);
	a->done = true;
	a->times++;
	assert_int_equal(co_buf_add(&a->body, answer->data, answer->len, NULL), CO_OK);
	pthread_cond_signal(&a->come);
	pthread_mutex_unlock(&a->lock);
}

/* Posts body to s as peer; the answer is appended to out. */
static inline void
wire_post(struct side *s, const char *peer, const struct co_buf *body, struct co_buf *out)
{
	struct answered a = { .done = false };

	pthread_mutex_init(&a.lock, NULL);
	pthread_cond_init(&a.come, NULL);
	co_buf_init(&a.body, 2 * LIMIT_BATCH_BYTES);
	assert_ok(intake_records(s->x, peer, body->data, body->len, answered_take, &a, &err));
	pthread_mutex_lock(&a.lock);
	while (!a.done)
		pthread_cond_wait(&a.come, &a.lock);
	pthread_mutex_unlock(&a.lock);
	assert_int_equal(a.times, 1);
	assert_ok(co_buf_add(out, a.body.data, a.body.len, &err));
	co_buf_deinit(&a.body);
}

/* One record as a body of one. */
static inline void
wire_one(struct co_buf *body, const void *p, size_t n, const void *sig, size_t sig_n)
{
	struct wire_item item = { .type = WIRE_RECORD, .p = p, .n = n, .sig = sig, .sig_n = sig_n };

	co_buf_reset(body);
	assert_ok(wire_begin(body, 1, &err));
	assert_ok(wire_add(body, &item, &err));
}

/* Posts one record and returns the code of the refusal, CO_OK for a receipt; message gets its
 * words. */
static inline enum co_rc
post_one(struct side *s, const char *peer, const void *p, size_t n, const void *sig, size_t sig_n,
	char message[512])
{
	co_auto_buf body;
	co_auto_buf out;
	struct wire_item items[LIMIT_BATCH_RECORDS];
	size_t items_n;
	json_t *j;
	enum co_rc rc;

	co_buf_init(&body, LIMIT_BATCH_BYTES);
	co_buf_init(&out, LIMIT_BATCH_BYTES);
	wire_one(&body, p, n, sig, sig_n);
	wire_post(s, peer, &body, &out);
	assert_ok(wire_parse(out.data, out.len, items, &items_n, &err));
	assert_int_equal(items_n, 1);
	message[0] = '\0';
	if (items[0].type == WIRE_RECORD)
		return CO_OK;
	j = json_loadb(items[0].p, items[0].n, 0, NULL);
	assert_non_null(j);
	rc = co_rc_from_name(json_string_value(json_object_get(j, "error")));
	(void)snprintf(message, 512, "%s", json_string_value(json_object_get(j, "message")));
	json_decref(j);
	return rc;
}

static inline size_t
due(struct side *from, const char *to, int lane, struct outbox_row *rows, size_t n)
{
	int64_t next;
	size_t got;

	assert_ok(outbox_due(
		from->x, to, lane, 0, LIMIT_BATCH_BYTES / 2, rows, n, &got, &next, &err));
	return got;
}

static inline void
rows_free(struct outbox_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		outbox_row_deinit(&rows[i]);
}

/* Everything that waits, both lanes, until nothing is due. How many went. */
static inline size_t
deliver(struct side *from, struct side *to)
{
	size_t all = 0;

	for (int lane = 0; lane < LANE_N; lane++) {
		for (;;) {
			struct outbox_row rows[LIMIT_BATCH_RECORDS];
			struct wire_item items[LIMIT_BATCH_RECORDS];
			size_t n = due(from, to->address, lane, rows, LIMIT_BATCH_RECORDS), items_n;
			co_auto_buf body;
			co_auto_buf out;

			co_buf_init(&body, LIMIT_BATCH_BYTES);
			co_buf_init(&out, LIMIT_BATCH_BYTES);
			if (n == 0)
				break;
			assert_ok(wire_begin(&body, (uint32_t)n, &err));
			for (size_t i = 0; i < n; i++) {
				struct wire_item item = { .type = WIRE_RECORD,
					.p = rows[i].bytes.data,
					.n = rows[i].bytes.len,
					.sig = rows[i].sig.data,
					.sig_n = rows[i].sig.len };

				assert_ok(wire_add(&body, &item, &err));
			}
			wire_post(to, from->address, &body, &out);
			assert_ok(wire_parse(out.data, out.len, items, &items_n, &err));
			assert_int_equal(items_n, n);
			assert_ok(outbox_settle(from->x, to->address, rows, items, n, &err));
			rows_free(rows, n);
			all += n;
		}
	}
	return all;
}

/* ---- operations ---- */

/* in is taken; the answer is the caller's. */
static inline json_t *
call(struct side *s, const char *token, const char *op, json_t *in)
{
	json_t *out = NULL;

	assert_non_null(in);
	co_err_clear(&err);
	if (op_call(s->x, token, op, in, &out, &err) != CO_OK)
		fail_msg("%s: %s (%s)", op, err.msg, co_rc_name(err.rc));
	assert_non_null(out);
	json_decref(in);
	return out;
}

/* As call, for what must fail: the code, and the words in err. */
static inline enum co_rc
call_fails(struct side *s, const char *token, const char *op, json_t *in)
{
	json_t *out = NULL;
	enum co_rc rc;

	assert_non_null(in);
	co_err_clear(&err);
	rc = op_call(s->x, token, op, in, &out, &err);
	assert_null(out);
	assert_int_equal(rc, err.rc);
	json_decref(in);
	return rc;
}

static const char preserve_fields[] =
	"{\"status\":\"new\",\"authority\":{\"organisation\":\"Cyber Crime "
	"Unit\",\"person\":\"Anong S.\","
	"\"phone\":\"+66 2 123 4567\",\"email\":\"duty@example.th\"},"
	"\"callback\":{\"person\":\"Somchai P.\",\"phone\":\"+66 2 123 4568\"},"
	"\"conduct\":\"A person took over the mail account of a hospital.\",\"data\":[\"traffic\"],"
	"\"identifiers\":[{\"type\":\"ip\",\"value\":\"203.0.113.9\",\"port\":4431,"
	"\"from\":\"2026-11-20T10:00:00+07:00\",\"to\":\"2026-11-20T11:00:00+07:00\","
	"\"zone\":\"Asia/Bangkok\"}],\"relation\":\"The address was used for the sign-in.\","
	"\"custodian\":\"Example Cloud Inc.\",\"necessity\":\"Logs are deleted after 30 days.\","
	"\"intention_mla\":true,\"days\":90,\"confidential\":false}";
static const char subscriber_fields[] =
	"{\"status\":\"new\",\"authority\":{\"organisation\":\"Cyber Crime "
	"Unit\",\"person\":\"Anong S.\","
	"\"phone\":\"+66 2 123 4567\",\"email\":\"duty@example.th\"},"
	"\"callback\":{\"person\":\"Somchai P.\",\"phone\":\"+66 2 123 4568\"},"
	"\"conduct\":\"A person took over the mail account of a hospital.\","
	"\"identifiers\":[{\"type\":\"ip\",\"value\":\"203.0.113.9\",\"port\":4431,"
	"\"from\":\"2026-11-20T10:00:00+07:00\",\"to\":\"2026-11-20T11:00:00+07:00\","
	"\"zone\":\"Asia/Bangkok\"}],\"wanted\":[\"identity\"],\"custodian\":\"Example Cloud "
	"Inc.\","
	"\"necessity\":\"The holder is a suspect.\",\"confidential\":false}";

/* A complete, fictional request: what the form asks. */
static inline json_t *
fields_of(const char *measure)
{
	json_t *j = json_loads(
		strcmp(measure, "preserve") == 0 ? preserve_fields : subscriber_fields, 0, NULL);

	assert_non_null(j);
	return j;
}

static inline json_t *
request_ask(const char *to, const char *measure)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:o}", "to", to, "ours", "CCU-1", "measure", measure,
		"urgency", "urgent", "fields", fields_of(measure));
}

struct asked {
	char id[CO_UUID_LEN + 1];
	char case_id[CO_UUID_LEN + 1];
};

static inline void
asked_read(struct asked *out, json_t *answer)
{
	(void)snprintf(
		out->id, sizeof(out->id), "%s", json_string_value(json_object_get(answer, "id")));
	(void)snprintf(out->case_id, sizeof(out->case_id), "%s",
		json_string_value(json_object_get(answer, "case_id")));
	json_decref(answer);
}

/* request.new and request.send; ask is taken. */
static inline void
ask_and_send(struct side *s, json_t *ask, struct asked *out)
{
	asked_read(out, call(s, s->duty, "request.new", ask));
	json_decref(call(s, s->duty, "request.send", json_pack("{s:s}", "id", out->id)));
}

static inline void
state_is(struct side *s, const char *id, const char *want)
{
	json_t *o = call(s, s->duty, "request.show", json_pack("{s:s}", "id", id));

	assert_string_equal(
		json_string_value(json_object_get(json_object_get(o, "request"), "state")), want);
	json_decref(o);
}

static inline enum co_rc
nothing_work(struct store_db *db, void *arg, struct co_err *e)
{
	(void)db;
	(void)arg;
	(void)e;
	return CO_OK;
}

/* How many events say what; those under way are waited for. */
static inline size_t
events_of(struct side *s, const char *what)
{
	enum co_rc rc = store_write(s->store, nothing_work, NULL, &err);
	json_t *o = rc != CO_OK
		? NULL
		: call(s, s->admin, "event.list", json_pack("{s:i}", "limit", 1000));
	json_t *e;
	size_t i, n = 0;

	json_array_foreach(json_object_get(o, "events"), i, e)
	{
		if (strcmp(json_string_value(json_object_get(e, "what")), what) == 0)
			n++;
	}
	json_decref(o);
	return n;
}

/* ---- what many tests begin with ---- */

static inline void
send_preserve(struct pair *p, struct asked *a)
{
	ask_and_send(&p->th, request_ask("us.contact", "preserve"), a);
	assert_int_equal(deliver(&p->th, &p->us), 1);
}

static inline void
answer(struct side *s, const char *id, const char *state)
{
	json_decref(call(
		s, s->duty, "request.answer", json_pack("{s:s,s:s}", "id", id, "state", state)));
}

static inline void
one_row(struct pair *p, struct outbox_row *row)
{
	struct asked a;

	ask_and_send(&p->th, request_ask("us.contact", "preserve"), &a);
	assert_int_equal(due(&p->th, "us.contact", LANE_URGENT, row, 1), 1);
}
