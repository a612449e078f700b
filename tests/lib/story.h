/* A case with evidence between the two nodes of pair.h: asked, answered, sealed, fetched,
 * receipted. What a package is made of. */
#pragma once

#include "pair.h"

#include "crypto/tsp.h"
#include "evidence/attach.h"
#include "evidence/exhibits.h"
#include "evidence/package.h"
#include "evidence/seal.h"
#include "evidence/verify.h"
#include "ledger/ledger.h"
#include "ledger/sign.h"

struct bench_side {
	struct side *s;
	struct vault *vault;
	struct ledger *ledger;
	struct evidence *evidence;
	const char *custodian;
	char token[65];
};

struct story {
	struct pair *p;
	struct bench_side th, us;
	struct asked asked;
	json_t *exhibit; /* of the manifest */
	char exhibit_id[CO_UUID_LEN + 1];
	char dir[32];
	bool pdf; /* packages with report.pdf: larger, slower */
};

static inline enum co_rc
story_stamp(
	void *arg, const unsigned char *digest, size_t digest_n, struct co_buf *resp,
	struct co_err *e)
{
	const struct side *s = arg;

	return tsp_answer_n(s->pki.key[CERT_TSA], s->pki.cert[CERT_TSA], digest, digest_n,
		co_now_us(), resp, e);
}

/* Each test begins a ledger anew, which a keeper must refuse: so the key signs here. */
static inline enum co_rc
story_log_sign(
	void *arg, const char *text, size_t n, unsigned char sig[ED25519_SIG], struct co_err *e)
{
	const struct side *s = arg;

	return ed25519_sign(s->log_key, text, n, sig, e);
}

/* What partner.proof of the network does, by function call. */
static inline enum co_rc
story_proof(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *e)
{
	struct bench_side *other = arg;
	struct hash leaf;
	struct store_db *db;
	co_auto_buf proof;
	co_auto_buf token;
	co_auto_buf text;
	enum co_rc rc;

	(void)x;
	(void)who;
	co_buf_init(&proof, LIMIT_NOTE * 2);
	co_buf_init(&token, LIMIT_TOKEN);
	co_buf_init(&text, LIMIT_TOKEN * 2);
	if (!co_unhex(json_string_value(json_object_get(in, "leaf")), leaf.b, sizeof(leaf.b)))
		return co_fail(e, CO_EMALFORMED, "leaf");
	rc = store_reader(other->s->store, &db, e);
	if (rc == CO_OK)
		rc = ledger_prove(
			db, json_string_value(json_object_get(in, "id")), &leaf, &proof, &token, e);
	if (rc == CO_OK)
		rc = co_base64_add(&text, token.data, token.len, e);
	if (rc == CO_OK)
		*out = json_pack("{s:s,s:s}", "proof", proof.data, "token", text.data);
	return rc;
}

/* The entry of s, signed, as a record in the store of keeper. */
struct entry_ask {
	const struct record *r;
	const struct co_buf *bytes, *sig;
	bool incoming;
};

static inline enum co_rc
story_entry_work(struct store_db *db, void *arg, struct co_err *e)
{
	const struct entry_ask *a = arg;
	unsigned char digest[SHA256_LEN];

	sha256(a->bytes->data, a->bytes->len, digest);
	return store_run(db, NULL, Q_RECORD_INSERT, e, "tttttiiibbbt", a->r->id, "entry", NULL,
		a->r->from, "*", (int64_t)a->incoming, a->r->at_us, co_now_us(), digest,
		sizeof(digest), a->bytes->data, a->bytes->len, a->sig->data, a->sig->len, NULL);
}

static inline void
story_entry(struct pair *p, struct side *s)
{
	struct entry_ask a = { .incoming = false };
	record_auto r;
	co_auto_buf bytes;
	co_auto_buf sig;

	record_init(&r);
	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	side_entry(s, 300, &r, &bytes);
	assert_ok(cms_sign(
		s->pki.key[CERT_SEAL], s->pki.cert[CERT_SEAL], bytes.data, bytes.len, &sig, &err));
	a = (struct entry_ask){ &r, &bytes, &sig, s != &p->th };
	assert_ok(store_write(p->th.store, story_entry_work, &a, &err));
	a.incoming = s != &p->us;
	assert_ok(store_write(p->us.store, story_entry_work, &a, &err));
}

static inline void
story_side(struct story *t, struct bench_side *b, struct side *s, struct bench_side *other)
{
	unsigned char pub[ED25519_PUB];
	static char origins[2][96];
	char *origin = origins[s == &t->p->us], path[64];
	struct evidence_conf conf;
	const struct op ops[] = { { "partner.proof", "*", story_proof, other, "" } };

	b->s = s;
	(void)snprintf(path, sizeof(path), "%s/vault-%s", t->dir, s->address);
	assert_ok(vault_open(&b->vault, path, &err));
	(void)snprintf(origin, sizeof(origins[0]), "%s/ledger", s->address);
	assert_ok(ed25519_public(s->log_key, pub, &err));
	assert_ok(ledger_open_signed(
		&b->ledger, s->store, story_log_sign, s, origin, pub, story_stamp, s, &err));
	conf = (struct evidence_conf){ .x = s->x, .vault = b->vault, .ledger = b->ledger };
	assert_ok(evidence_open(&b->evidence, &conf, &err));
	op_register(s->x, ops, 1);
	side_officer(s, "cora", "custodian", b->token);
}

static inline void
story_begin(struct story *t, struct pair *p)
{
	*t = (struct story){ .p = p };
	scratch_make(t->dir);
	story_side(t, &t->th, &p->th, &t->us);
	story_side(t, &t->us, &p->us, &t->th);
	story_entry(p, &p->th);
	story_entry(p, &p->us);
}

static inline void
story_end(struct story *t)
{
	struct bench_side *sides[] = { &t->th, &t->us };

	for (size_t i = 0; i < 2; i++) {
		evidence_close(&sides[i]->evidence);
		ledger_close(&sides[i]->ledger);
		vault_close(&sides[i]->vault);
	}
	json_decref(t->exhibit);
	scratch_drop(t->dir);
}

/* An attachment of n bytes, all the same, given by the officer anya. */
static inline void
story_give(struct bench_side *b, const char *name, size_t n, char id[CO_UUID_LEN + 1])
{
	json_t *o = call(b->s, b->s->duty, "attachment.add", json_pack("{s:s}", "name", name));
	char *bytes = malloc(n);
	upload_auto *u = NULL;

	assert_non_null(bytes);
	memset(bytes, name[0], n);
	(void)snprintf(id, CO_UUID_LEN + 1, "%s", json_string_value(json_object_get(o, "id")));
	json_decref(o);
	assert_ok(upload_begin(&u, b->evidence, id, "anya", &err));
	assert_ok(upload_add(u, bytes, n, &err));
	assert_ok(upload_end(u, &err));
	free(bytes);
}

/* us seals the file at path for th. */
static inline void
story_seal(struct story *t, const char *path)
{
	const struct seal_recipient to[] = { { "us.contact", t->p->us.pki.cert[CERT_SEAL] },
		{ "th.contact", t->p->th.pki.cert[CERT_SEAL] } };
	struct seal_conf conf = { .vault = t->us.vault, .to = to, .to_n = 2 };

	json_decref(t->exhibit);
	t->exhibit = NULL;
	assert_ok(seal_path(&conf, path, &t->exhibit, &err));
	(void)snprintf(t->exhibit_id, sizeof(t->exhibit_id), "%s",
		json_string_value(json_object_get(t->exhibit, "id")));
}

static inline json_t *
story_register(struct story *t)
{
	return call(&t->p->us, t->us.token, "exhibit.register",
		json_pack("{s:s,s:s,s:O}", "case_id", t->asked.case_id, "to", "th.contact",
			"exhibit", t->exhibit));
}

/* th pulls all of the exhibit from the vault of us. */
static inline enum co_rc
story_fetch(struct story *t)
{
	static const struct officer who = { .name = "cora", .role = "custodian", .unit = "all" };
	unsigned char key[CHUNKED_KEY], *buf = malloc(1 << 20);
	vault_fill_auto *f = NULL;
	struct exhibit_row row;
	uint64_t from, n, size;
	co_auto_fd fd = -1;
	enum co_rc rc;

	assert_non_null(buf);
	assert_ok(exhibit_fetch_begin(t->th.evidence, t->exhibit_id, &who, key, &row, &err));
	assert_ok(exhibit_serve(t->us.evidence, "th.contact", t->exhibit_id, &fd, &size, &err));
	assert_int_equal(size, row.sealed_size);
	assert_ok(vault_fill_begin(
		&f, t->th.vault, row.id, key, row.sealed_header, row.sealed_size, NULL, &err));
	while (vault_fill_next(f, 1 << 20, &from, &n)) {
		assert_int_equal(pread(fd, buf, (size_t)n, (off_t)from), n);
		assert_ok(vault_fill_add(f, from, buf, (size_t)n, &err));
	}
	free(buf);
	co_err_clear(&err);
	rc = vault_fill_end(f, row.plain_sha256, &err);
	assert_int_equal(rc, CO_OK);
	return exhibit_fetch_end(t->th.evidence, t->exhibit_id, true, NULL, &err);
}

/* Until both sides have nothing more to send. */
static inline void
story_settle(struct story *t)
{
	while (deliver(&t->p->th, &t->p->us) + deliver(&t->p->us, &t->p->th) > 0)
		;
}

/* Request, answer, exhibit, receipt: everything a package can hold. */
static inline void
story_play(struct story *t, const char *path)
{
	send_preserve(t->p, &t->asked);
	answer(&t->p->us, t->asked.id, "acknowledged");
	story_settle(t);
	story_seal(t, path);
	json_decref(story_register(t));
	story_settle(t);
	assert_int_equal(story_fetch(t), CO_OK);
	story_settle(t);
}

/* ---- the package ---- */
static inline enum co_rc
story_sign(void *arg, const char *index_sha256, uint64_t files, const json_t *exhibits,
	struct co_buf *bytes, struct co_buf *sig, struct co_err *e)
{
	struct story *t = arg;
	json_t *o = call(&t->p->th, t->th.token, "case.packaged",
		json_pack("{s:s,s:s,s:I,s:O}", "case_id", t->asked.case_id, "index_sha256",
			index_sha256, "files", (json_int_t)files, "exhibits", exhibits));
	const char *r = json_string_value(json_object_get(o, "record"));
	const char *s = json_string_value(json_object_get(o, "sig"));
	enum co_rc rc = co_unbase64(r, strlen(r), bytes, e);

	if (rc == CO_OK)
		rc = co_unbase64(s, strlen(s), sig, e);
	json_decref(o);
	return rc;
}

static inline enum co_rc
story_key(void *arg, const char *id, unsigned char key[CHUNKED_KEY], struct co_err *e)
{
	struct story *t = arg;
	json_t *o = call(&t->p->th, t->th.token, "exhibit.open",
		json_pack("{s:s,s:s,s:s}", "id", id, "purpose", "package for the court",
			"authority", "order 12/2026"));
	const char *s = json_string_value(json_object_get(o, "key"));
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, CHUNKED_KEY);
	rc = co_unbase64(s, strlen(s), &b, e);
	assert_int_equal(b.len, CHUNKED_KEY);
	memcpy(key, b.data, CHUNKED_KEY);
	json_decref(o);
	return rc;
}

static inline void
story_package(struct story *t, const char *out, bool opened, struct package_sums *sums)
{
	struct package_conf conf = { .vault = t->th.vault,
		.opened = opened,
		.pdf = t->pdf,
		.sign = story_sign,
		.open_key = story_key,
		.arg = t };
	uint64_t size;
	json_t *export;

	/* The other side makes checkpoints of its own accord. */
	assert_ok(ledger_checkpoint(t->us.ledger, &size, &err));
	export = call(&t->p->th, t->th.token, "case.export",
		json_pack("{s:s}", "case_id", t->asked.case_id));
	co_err_clear(&err);
	if (getenv("COMITY_SAY") != NULL)
		(void)json_dumpf(json_object_get(export, "missing"), stderr, JSON_INDENT(1));
	assert_ok(package_write(&conf, export, out, sums, &err));
	json_decref(export);
}
