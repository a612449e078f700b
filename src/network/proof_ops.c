/* record.proof: what proves a record, each part checked anew now, from the stored bytes. */
#include "network/directory_inside.h"

#include "base/enc.h"
#include "crypto/cms.h"
#include "crypto/tsp.h"
#include "exchange/opjson.h"
#include "exchange/sight.h"

#include <string.h>

struct looker {
	struct directory *d;
	struct exchange *x;
	struct store_db *db;
	struct partner own; /* of our entry: certificates of ours */
	json_t *steps;
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
own_open(struct looker *l, struct co_err *err)
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

static enum co_rc
signature_check(struct looker *l, const struct stored_record *s, struct co_err *err)
{
	const struct cert *ours[PARTNER_CERTS];
	struct cms_seen seen;

	if (s->incoming)
		return partner_verify(l->x, s->r.from, s->bytes.data, s->bytes.len, s->sig.data,
			s->sig.len, err);
	for (size_t i = 0; i < l->own.seal_n; i++)
		ours[i] = l->own.seal[i];
	return cms_verify(s->sig.data, s->sig.len, s->bytes.data, s->bytes.len, ours, l->own.seal_n,
		&seen, err);
}

/* The leaf is made again from the record, its signature and the salt in the proof; then it is
 * followed up to the root that the checkpoint signs. */
static enum co_rc
ledger_look(struct looker *l, const struct stored_record *s, const struct co_buf *text, json_t *o,
	struct co_err *err)
{
	struct checkpoint head;
	struct proof proof;
	struct leaf leaf;
	char root[SHA256_HEX + 1];

	TRY(proof_parse(&proof, text->data, text->len, err));
	if (proof.extra_n != LEAF_SALT)
		return co_fail(err, CO_EVERIFY, "the proof carries no salt");
	leaf_make_salted(&leaf, LEAF_RECORD, proof.extra, s->bytes.data, s->bytes.len, s->sig.data,
		s->sig.len);
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

static enum co_rc
stamp_look(struct looker *l, const struct co_buf *text, const struct co_buf *token, json_t *o,
	struct co_err *err)
{
	const struct cert *root = l->own.root;
	unsigned char digest[SHA256_LEN];
	struct proof proof;
	int64_t at_us;

	if (token->len == 0)
		return co_fail(err, CO_EBUSY, "the checkpoint has no time-stamp yet");
	TRY(proof_parse(&proof, text->data, text->len, err));
	sha256(text->data + proof.note_at, text->len - proof.note_at, digest);
	TRY(tsp_verify(token->data, token->len, digest, &root, 1, &at_us, err));
	out_time(o, "stamped", at_us);
	return CO_OK;
}

/* Ledger and time-stamp; without a checkpoint there is neither yet. */
static void
ledger_steps(struct looker *l, const struct stored_record *s, json_t *o)
{
	struct co_err why = { CO_OK, "" };
	co_auto_buf text;
	co_auto_buf token;
	enum co_rc rc;

	co_buf_init(&text, LIMIT_NOTE);
	co_buf_init(&token, LIMIT_TOKEN);
	rc = ledger_prove(l->db, s->r.id, NULL, &text, &token, &why);
	if (rc == CO_OK)
		rc = ledger_look(l, s, &text, o, &why);
	step_add(l, "ledger", rc, &why);
	if (rc != CO_OK)
		return;
	(void)json_object_set_new(o, "proof", json_stringn(text.data, text.len));
	co_err_clear(&why);
	rc = stamp_look(l, &text, &token, o, &why);
	step_add(l, "stamp", rc, &why);
}

/* What a partner signed when it took a record of ours. */
static enum co_rc
receipt_look(struct looker *l, const struct stored_record *s, json_t *o, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const void *bytes, *sig;
	size_t n, sig_n;
	bool row;

	TRY(store_query(l->db, Q_RECEIPT_THEIRS, &st, err, "tt", s->r.id, s->r.to));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EBUSY, "%s has not answered yet", s->r.to);
	bytes = store_blob(st, 1, &n);
	sig = store_blob(st, 2, &sig_n);
	TRY(partner_verify(l->x, s->r.to, bytes, n, sig, sig_n, err));
	out_text(o, "receipt", store_text(st, 0));
	out_time(o, "received", store_int(st, 3));
	return CO_OK;
}

static void
proof_steps(struct looker *l, const struct stored_record *s, json_t *o)
{
	struct co_err why = { CO_OK, "" };
	enum co_rc rc = signature_check(l, s, &why);

	step_add(l, "signature", rc, &why);
	ledger_steps(l, s, o);
	if (s->incoming || strcmp(s->r.to, exchange_address(l->x)) == 0 || strcmp(s->r.to,
		"*") == 0)
		return;
	co_err_clear(&why);
	rc = receipt_look(l, s, o, &why);
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
	rc = own_open(&l, err);
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
