/* record.proof: what proves a record, each part checked anew now, from the stored bytes. */
#include "network/directory_inside.h"
#include "network/stamp.h"

#include "base/enc.h"
#include "crypto/tsp.h"
#include "exchange/opjson.h"
#include "exchange/sight.h"
#include "exchange/signers.h"
#include "ledger/archive.h"

#include <string.h>

struct looker {
	struct directory *d;
	struct exchange *x;
	struct store_db *db;
	struct partner own; /* of our entry: our root */
	json_t *steps;
};

/* What somebody signed, and that it existed by then (0: nothing proves that). */
struct signed_thing {
	const char *id, *from;
	const void *bytes, *sig;
	size_t n, sig_n;
	int64_t stamped_us;
};

/* rc of a check as a step: it holds, it fails, or there is nothing to check yet. */
static void
step_add(struct looker *l, const char *step, enum co_rc rc, const struct co_err *why)
{
	json_t *o = json_pack("{s:s,s:s}", "step", step, "result",
		rc == CO_OK		 ? "holds"
			: rc == CO_EBUSY ? "not-yet"
					 : "fails");

	out_text(o, "message", rc == CO_OK ? "" : why->msg);
	(void)json_array_append_new(l->steps, o);
}

static enum co_rc
looker_open(struct looker *l, struct co_err *err)
{
	co_auto_buf bytes;
	co_auto_buf sig;
	record_auto r;

	record_init(&r);
	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	TRY(directory_own(l->d, l->db, &bytes, &sig, err));
	TRY(record_parse(&r, bytes.data, bytes.len, err));
	return partner_from_entry(&l->own, &r, err);
}

/* ---- signatures ---- */
/* Since when the certificate is withdrawn, by its owner's entries or by an officer here; 0: not. */
static enum co_rc
withdrawn(const struct looker *l, const struct signers *all, const char *address,
	const struct cert *c, int64_t *since_us, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*since_us = signers_withdrawn(all, address, cert_sha256(c));
	TRY(store_query(l->db, Q_REVOKED_OF, &st, err, "t", address));
	for (;;) {
		const void *sha256;
		size_t n;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		sha256 = store_blob(st, 0, &n);
		if (n == SHA256_LEN && memcmp(sha256, cert_sha256(c), n) == 0 &&
			(*since_us == 0 || store_int(st, 1) < *since_us))
			*since_us = store_int(st, 1);
	}
}

/* By the certificate that was in force when it was written, be it long ended. One that was
 * withdrawn since counts for what is proved to have existed before: the sender's own clock is no
 * proof. */
static enum co_rc
signature_check(const struct looker *l, const struct signed_thing *s, struct co_err *err)
{
	CO_CLEANUP(signers_deinit) struct signers all = { .n = 0 };
	struct signer by;
	char when[CO_TIME_LEN];
	int64_t since_us;
	record_auto r;

	record_init(&r);
	TRY(signers_of(l->x, l->db, s->from, &all, err));
	if (all.n == 0)
		return co_fail(err, CO_EVERIFY, "no directory entry of %s is here", s->from);
	TRY(signers_verify(&all, s->bytes, s->n, s->sig, s->sig_n, &by, err));
	TRY(signer_record(&by, s->bytes, s->n, &r, err));
	TRY(withdrawn(l, &all, s->from, by.cert, &since_us, err));
	if (since_us == 0 || (s->stamped_us != 0 && s->stamped_us < since_us))
		return CO_OK;
	co_time_print(since_us, when);
	return co_fail(err, CO_EVERIFY,
		"signed with %s of %s, which is withdrawn since %s, and nothing proves that the "
		"record existed before",
		cert_subject(by.cert), s->from, when);
}

/* ---- ledger and time ---- */
/* The leaf is made again from the record, its signature and the salt in the proof; then it is
 * followed up to the root that the checkpoint signs. */
static enum co_rc
ledger_look(const struct looker *l, const struct signed_thing *s, const struct co_buf *text,
	json_t *o, struct co_err *err)
{
	struct checkpoint head;
	struct proof proof;
	struct leaf leaf;
	char root[SHA256_HEX + 1];

	TRY(proof_parse(&proof, text->data, text->len, err));
	if (proof.extra_n != LEAF_SALT)
		return co_fail(err, CO_EVERIFY, "the proof carries no salt");
	leaf_make_salted(&leaf, LEAF_RECORD, proof.extra, s->bytes, s->n, s->sig, s->sig_n);
	TRY(checkpoint_open(text->data + proof.note_at, text->len - proof.note_at, l->d->conf.vkey,
		&head, err));
	TRY(merkle_check_inclusion(proof.index, head.size, &leaf.hash, proof.hashes,
		proof.hashes_n, &head.root, err));
	co_hex(head.root.b, sizeof(head.root.b), root);
	(void)json_object_set_new(o, "index", json_integer((json_int_t)proof.index));
	(void)json_object_set_new(o, "size", json_integer((json_int_t)head.size));
	(void)json_object_set_new(o, "hashes", json_integer((json_int_t)proof.hashes_n));
	(void)json_object_set_new(o, "root", json_string(root));
	return CO_OK;
}

struct stamp_roots {
	const struct cert *at[1 + TSP_ROOTS_MAX];
	size_t n;
};

/* Our own first: it stands in for the authorities, whatever they are. */
static void
roots_take(const struct looker *l, struct stamp_roots *out)
{
	out->at[0] = l->own.root;
	out->n = 1;
	if (l->d->conf.stamper != NULL)
		out->n += stamper_roots(l->d->conf.stamper, out->at + 1);
}

static enum co_rc
stamp_look(struct signed_thing *s, const struct co_buf *text, const struct co_buf *token,
	const struct stamp_roots *roots, json_t *o, struct co_err *err)
{
	unsigned char digest[SHA256_LEN];
	struct tsp_seen seen, own;
	struct proof proof;

	if (token->len == 0)
		return co_fail(err, CO_EBUSY, "the checkpoint has no time-stamp yet");
	TRY(proof_parse(&proof, text->data, text->len, err));
	sha256(text->data + proof.note_at, text->len - proof.note_at, digest);
	TRY(tsp_check(token->data, token->len, digest, sizeof(digest), roots->at, roots->n, &seen,
		err));
	s->stamped_us = seen.at_us;
	out_time(o, "stamped", seen.at_us);
	out_text(o, "stamped_by", seen.signer);
	out_time(o, "stamp_ends", seen.until_us);
	(void)json_object_set_new(o, "stamp_outside",
		json_boolean(tsp_check(token->data, token->len, digest, sizeof(digest), roots->at,
			1, &own, NULL) != CO_OK));
	return CO_OK;
}

/* Archive time-stamps: with them the time rests on the newest one's certificates (stamp_ends). */
static void
renewal_step(struct looker *l, const struct co_buf *token, const struct stamp_roots *roots,
	json_t *o)
{
	uint64_t size = (uint64_t)json_integer_value(json_object_get(o, "size"));
	struct co_err why = { CO_OK, "" };
	struct ledger_cover cover;
	enum co_rc rc = ledger_cover(l->db, l->d->conf.vkey, size, token->data, token->len,
		roots->at, roots->n, &cover, &why);

	if (rc == CO_ENOTFOUND)
		return;
	step_add(l, "renewal", rc, &why);
	if (rc != CO_OK)
		return;
	(void)json_object_set_new(o, "renewals", json_integer((json_int_t)cover.n));
	out_time(o, "renewed", cover.first_us);
	out_text(o, "renewed_by", cover.signer);
	out_time(o, "stamp_ends", cover.until_us);
}

/* Ledger and time-stamp; without a checkpoint there is neither yet. */
static void
ledger_steps(struct looker *l, struct signed_thing *s, json_t *o)
{
	struct co_err why = { CO_OK, "" };
	struct stamp_roots roots;
	co_auto_buf text;
	co_auto_buf token;
	enum co_rc rc;

	co_buf_init(&text, LIMIT_NOTE);
	co_buf_init(&token, LIMIT_TOKEN);
	rc = ledger_prove(l->db, s->id, NULL, &text, &token, &why);
	if (rc == CO_OK)
		rc = ledger_look(l, s, &text, o, &why);
	step_add(l, "ledger", rc, &why);
	if (rc != CO_OK)
		return;
	(void)json_object_set_new(o, "proof", json_stringn(text.data, text.len));
	co_err_clear(&why);
	roots_take(l, &roots);
	rc = stamp_look(s, &text, &token, &roots, o, &why);
	step_add(l, "stamp", rc, &why);
	if (rc == CO_OK)
		renewal_step(l, &token, &roots, o);
}

/* ---- the receipt ---- */
/* When does our ledger prove that it existed; 0 when it does not. */
static void
proved(const struct looker *l, struct signed_thing *s)
{
	struct looker aside = *l;
	json_t *o = json_object();

	aside.steps = json_array();
	ledger_steps(&aside, s, o);
	json_decref(aside.steps);
	json_decref(o);
}

/* What a partner signed when it took a record of ours. */
static enum co_rc
receipt_look(struct looker *l, const struct record *r, json_t *o, struct co_err *err)
{
	struct signed_thing s = { .from = r->to };
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(l->db, Q_RECEIPT_THEIRS, &st, err, "tt", r->id, r->to));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EBUSY, "%s has not answered yet", r->to);
	s.id = store_text(st, 0);
	s.bytes = store_blob(st, 1, &s.n);
	s.sig = store_blob(st, 2, &s.sig_n);
	proved(l, &s);
	TRY(signature_check(l, &s, err));
	out_text(o, "receipt", s.id);
	out_time(o, "received", store_int(st, 3));
	return CO_OK;
}

static void
proof_steps(struct looker *l, const struct stored_record *stored, json_t *o)
{
	const struct record *r = &stored->r;
	struct signed_thing s = { .id = r->id,
		.from = r->from,
		.bytes = stored->bytes.data,
		.n = stored->bytes.len,
		.sig = stored->sig.data,
		.sig_n = stored->sig.len };
	struct co_err why = { CO_OK, "" };
	json_t *first = l->steps, *later = json_array();
	enum co_rc rc;

	/* The signature is told first, and asks what the time-stamp proves. */
	l->steps = later;
	ledger_steps(l, &s, o);
	l->steps = first;
	rc = signature_check(l, &s, &why);
	step_add(l, "signature", rc, &why);
	(void)json_array_extend(first, later);
	json_decref(later);
	if (stored->incoming || strcmp(r->to, exchange_address(l->x)) == 0 || strcmp(r->to,
		"*") == 0)
		return;
	co_err_clear(&why);
	rc = receipt_look(l, r, o, &why);
	step_add(l, "receipt", rc, &why);
}

static enum co_rc
op_record_proof(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct looker l = { .d = arg, .x = x };
	stored_record_auto s = { .incoming = false };
	struct co_err got = { CO_OK, "" };
	char hex[SHA256_HEX + 1];
	const char *id;
	json_t *o;
	enum co_rc rc;

	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(exchange_store(x), &l.db, err));
	rc = exchange_load(l.db, id, &s, &got);
	if (rc == CO_OK)
		rc = sight_case(x, l.db, who, s.r.case_id, &got);
	TRY(sight_tell(rc, &got, "record", id, err));
	rc = looker_open(&l, err);
	if (rc != CO_OK) {
		partner_deinit(&l.own);
		return rc;
	}
	sha256_hex(s.bytes.data, s.bytes.len, hex);
	l.steps = json_array();
	o = json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:o}", "id", id, "kind",
		record_kind_name(s.r.kind), "from", s.r.from, "to", s.r.to, "incoming", s.incoming,
		"sha256", hex, "steps", l.steps);
	out_text(o, "case_id", s.r.case_id);
	out_time(o, "at", s.r.at_us);
	proof_steps(&l, &s, o);
	partner_deinit(&l.own);
	return out_give(o, out, err);
}

void
directory_proof_ops(struct directory *d)
{
	const struct op ops[] = {
		{ "record.proof", "*", op_record_proof, d,
			"what proves a record: signature, ledger, time-stamp, receipt, checked "
			"now" },
	};

	op_register(d->conf.exchange, ops, CO_ARRAY_LEN(ops));
}
