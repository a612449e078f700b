/* A ledger on a real store, signed by a key in memory and stamped by an authority of its own. */
#pragma once

#include "pki.h"

#include "base/uuid.h"
#include "crypto/tsp.h"
#include "ledger/sign.h"
#include "record/record.h"
#include "store/db.h"

static struct co_err err;

struct fixture {
	char dir[32], path[64];
	struct store *store;
	struct key *log_key;
	struct pki pki;
	struct ledger *ledger;
	bool stamp_down;
	unsigned signed_n, stamped_n;
};

static enum co_rc
fixture_sign(
	void *arg, const char *text, size_t n, unsigned char sig[ED25519_SIG], struct co_err *e)
{
	struct fixture *f = arg;

	f->signed_n++;
	return ed25519_sign(f->log_key, text, n, sig, e);
}

static enum co_rc
fixture_stamp(
	void *arg, const unsigned char *digest, size_t digest_n, struct co_buf *resp,
	struct co_err *e)
{
	struct fixture *f = arg;

	if (f->stamp_down)
		return co_fail(e, CO_ENETWORK, "the authority does not answer");
	f->stamped_n++;
	return tsp_answer_n(f->pki.key[CERT_TSA], f->pki.cert[CERT_TSA], digest, digest_n,
		co_now_us(), resp, e);
}

static inline void
fixture_open(struct fixture *f)
{
	unsigned char pub[ED25519_PUB];

	assert_ok(store_open(&f->store, f->path, &err));
	assert_ok(ed25519_public(f->log_key, pub, &err));
	assert_ok(ledger_open_signed(&f->ledger, f->store, fixture_sign, f, "th.contact/ledger",
		pub, fixture_stamp, f, &err));
}

static inline void
fixture_close(struct fixture *f)
{
	ledger_close(&f->ledger);
	store_close(&f->store);
}

static inline int
fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	co_err_clear(&err);
	scratch_make(f->dir);
	(void)snprintf(f->path, sizeof(f->path), "%s/node.db", f->dir);
	pki_make(&f->pki, KEY_P256);
	assert_ok(key_generate(&f->log_key, KEY_ED25519, &err));
	fixture_open(f);
	*state = f;
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	fixture_close(f);
	key_free(&f->log_key);
	pki_free(&f->pki);
	scratch_drop(f->dir);
	free(f);
	return 0;
}

static inline struct store_db *
fixture_reader(struct fixture *f)
{
	struct store_db *db = NULL;

	assert_ok(store_reader(f->store, &db, &err));
	return db;
}

/* ---- records ---- */
struct put_records {
	unsigned n;
	const char *id; /* of the only one, or NULL */
	const char *from;
	char last_id[CO_UUID_LEN + 1];
};

static inline void
message_print(const char *id, const char *from, struct co_buf *out)
{
	record_auto r;

	record_init(&r);
	r.kind = REC_MESSAGE;
	(void)snprintf(r.id, sizeof(r.id), "%s", id);
	co_uuid7(r.case_id);
	(void)snprintf(r.from, sizeof(r.from), "%s", from);
	(void)snprintf(r.to, sizeof(r.to), "us.contact");
	r.at_us = co_now_us() / 1000000 * 1000000;
	(void)snprintf(r.officer, sizeof(r.officer), "somchai");
	(void)snprintf(r.role, sizeof(r.role), "duty");
	r.body = json_pack("{s:s}", "text", "hello");
	assert_ok(record_print(&r, out, &err));
}

static inline enum co_rc
insert_record(struct store_db *db, const struct co_buf *bytes, const char *sig, struct co_err *e)
{
	static const char sql[] =
		"INSERT INTO record (id, kind, case_id, sender, recipient, incoming, at_us, "
		"stored_us,"
		" sha256, bytes, sig) VALUES (?, 'message', ?, ?, ?, 0, ?, ?, ?, ?, ?)";
	record_auto r;
	sqlite3_stmt *st = NULL;
	unsigned char digest[SHA256_LEN];
	struct leaf leaf;
	int rc;

	if (record_parse(&r, bytes->data, bytes->len, e) != CO_OK)
		return e->rc;
	sha256(bytes->data, bytes->len, digest);
	assert_int_equal(sqlite3_prepare_v2(db->h, sql, -1, &st, NULL), SQLITE_OK);
	(void)sqlite3_bind_text(st, 1, r.id, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(st, 2, r.case_id, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(st, 3, r.from, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(st, 4, r.to, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(st, 5, r.at_us);
	(void)sqlite3_bind_int64(st, 6, co_now_us());
	(void)sqlite3_bind_blob(st, 7, digest, SHA256_LEN, SQLITE_STATIC);
	(void)sqlite3_bind_blob(st, 8, bytes->data, (int)bytes->len, SQLITE_STATIC);
	(void)sqlite3_bind_blob(st, 9, sig, (int)strlen(sig), SQLITE_STATIC);
	rc = sqlite3_step(st);
	(void)sqlite3_finalize(st);
	if (rc != SQLITE_DONE)
		return co_fail(e, CO_ESTORE, "%s", sqlite3_errmsg(db->h));
	leaf_make(&leaf, LEAF_RECORD, bytes->data, bytes->len, sig, strlen(sig));
	return ledger_append(db, &leaf, r.id, NULL, e);
}

static inline enum co_rc
put_records_work(struct store_db *db, void *arg, struct co_err *e)
{
	struct put_records *p = arg;

	for (unsigned i = 0; i < p->n; i++) {
		co_auto_buf bytes;

		co_buf_init(&bytes, LIMIT_RECORD);
		if (p->id != NULL)
			(void)snprintf(p->last_id, sizeof(p->last_id), "%s", p->id);
		else
			co_uuid7(p->last_id);
		message_print(p->last_id, p->from == NULL ? "th.contact" : p->from, &bytes);
		if (insert_record(db, &bytes, "signature of the record", e) != CO_OK)
			return e->rc;
	}
	return CO_OK;
}

static inline void
fixture_put(struct fixture *f, unsigned n)
{
	struct put_records p = { .n = n };

	assert_ok(store_write(f->store, put_records_work, &p, &err));
}

static inline uint64_t
fixture_checkpoint(struct fixture *f)
{
	uint64_t size = 0;

	assert_ok(ledger_checkpoint(f->ledger, &size, &err));
	return size;
}
