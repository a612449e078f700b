/* status, ledger.checkpoint, partner.proof: how the node and its ledger stand. */
#include "network/directory_inside.h"
#include "network/stamp.h"

#include "base/enc.h"
#include "crypto/keeper.h"
#include "exchange/hold.h"
#include "exchange/numbers.h"
#include "exchange/op.h"
#include "exchange/opjson.h"
#include "ledger/archive.h"
#include "ledger/note.h"
#include "network/http.h"

#include <string.h>

#define STATUS_KEEP_US INT64_C(1000000)

static enum co_rc
counts_json(struct store_db *db, enum query q, json_t *o, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, q, &st, err, ""));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		(void)json_object_set_new(o, store_text(st, 0), json_integer(store_int(st, 1)));
	}
}

static enum co_rc
outbox_json(struct store_db *db, json_t *o, struct co_err *err)
{
	static const char *const states[] = { "waiting", "refused", "given-up" };

	for (size_t i = 0; i < CO_ARRAY_LEN(states); i++) {
		store_stmt_auto *st = NULL;
		bool row;

		TRY(store_query(db, Q_OUTBOX_COUNTS, &st, err, "t", states[i]));
		TRY(store_step(st, &row, err));
		(void)json_object_set_new(o, states[i], json_integer(row ? store_int(st, 0) : 0));
	}
	return CO_OK;
}

static enum co_rc
requests_json(struct store_db *db, json_t *o, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_REQUEST_COUNTS, &st, err, ""));
	for (;;) {
		const char *side;
		json_t *part;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		side = store_int(st, 1) != 0 ? "incoming" : "outgoing";
		part = json_object_get(o, side);
		if (part == NULL) {
			part = json_object();
			(void)json_object_set_new(o, side, part);
		}
		(void)json_object_set_new(part, store_text(st, 0), json_integer(store_int(st, 2)));
	}
}

static enum co_rc
ledger_json(struct exchange *x, struct store_db *db, json_t *o, struct co_err *err)
{
	struct co_err hold = { 0 };
	store_stmt_auto *st = NULL;
	bool row;

	if (exchange_held(x, &hold) != CO_OK)
		out_text(o, "held", hold.msg);
	TRY(store_query(db, Q_LEDGER_SIZE, &st, err, ""));
	TRY(store_step(st, &row, err));
	(void)json_object_set_new(o, "leaves", json_integer(row ? store_int(st, 0) : 0));
	store_done(&st);
	TRY(store_query(db, Q_CHECKPOINT_HEAD, &st, err, ""));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	(void)json_object_set_new(o, "checkpoint", json_integer(store_int(st, 0)));
	out_time(o, "at", store_int(st, 1));
	(void)json_object_set_new(o, "stamped", json_boolean(store_int(st, 2) != 0));
	return CO_OK;
}

enum { WAITS_TEXT = 400 };
struct waits {
	char text[WAITS_TEXT];
	size_t n;
	bool full;
};

/* As many as a line of words holds. */
static void
stranger_add(void *arg, const char *who)
{
	struct waits *w = arg;
	bool fits = w->n + LIMIT_ADDRESS + sizeof(", and others") < WAITS_TEXT;

	if (w->full)
		return;
	w->n += (size_t)snprintf(w->text + w->n, WAITS_TEXT - w->n, "%s%s", w->n > 0 ? ", " : "",
		fits ? who : "and others");
	w->full = !fits;
}

/* With the partners for whom a certificate that is ready waits. */
static void
certificates_fill(struct directory *d, json_t *list)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o) {
		const char *state = json_string_value(json_object_get(o, "state"));
		const char *hex = json_string_value(json_object_get(o, "sha256"));
		const char *pem = strcmp(state, "ready") == 0 ? own_pem_of(d->conf.own, hex) : NULL;
		struct waits waits = { .n = 0 };

		if (pem != NULL)
			(void)directory_strangers(d, pem, stranger_add, &waits);
		out_text(o, "waits_for", waits.text);
	}
}

/* Under status_lock. Programs that pace themselves by status ask often: what takes long to count is
 * counted again only after a second, or a hundred times as long as it took. */
static enum co_rc
status_count(struct directory *d, struct store_db *db, struct co_err *err)
{
	int64_t begin_us = co_mono_us(), took_us;

	if (begin_us < d->status_until_us)
		return CO_OK;
	json_decref(d->status_requests);
	json_decref(d->status_certs);
	d->status_requests = json_object();
	d->status_certs = own_status(d->conf.own, co_now_us());
	certificates_fill(d, d->status_certs);
	TRY(requests_json(db, d->status_requests, err));
	took_us = co_mono_us() - begin_us;
	d->status_until_us =
		begin_us + (took_us > STATUS_KEEP_US / 100 ? 100 * took_us : STATUS_KEEP_US);
	return CO_OK;
}

static enum co_rc
status_counted(struct directory *d, struct store_db *db, json_t *o, struct co_err *err)
{
	enum co_rc rc;

	(void)pthread_mutex_lock(&d->status_lock);
	rc = status_count(d, db, err);
	if (rc == CO_OK) {
		(void)json_object_set_new(o, "requests", json_deep_copy(d->status_requests));
		(void)json_object_set_new(o, "certificates", json_deep_copy(d->status_certs));
	}
	(void)pthread_mutex_unlock(&d->status_lock);
	return rc;
}

/* What waits for an officer: to be approved (waiting) or to be sent. */
static enum co_rc
drafts_json(struct store_db *db, json_t *o, struct co_err *err)
{
	static const char *const states[] = { "draft", "waiting", "approved" };

	for (size_t i = 0; i < CO_ARRAY_LEN(states); i++)
		(void)json_object_set_new(o, states[i], json_integer(0));
	return counts_json(db, Q_DRAFT_COUNTS, o, err);
}

/* Where time-stamps come from, and whether it is as the operator wants it. */
static enum co_rc
time_json(struct directory *d, struct store_db *db, json_t *o, struct co_err *err)
{
	char why[480] = "";
	bool own = d->conf.stamper == NULL || ledger_stamps_own(d->conf.ledger, why, sizeof(why));
	int64_t end_us;

	TRY(ledger_stamps_end(db, &end_us, err));
	(void)json_object_set_new(o, "from", json_string(own ? "own" : "outside"));
	(void)json_object_set_new(
		o, "outage", json_boolean(own && d->conf.stamper != NULL));
	out_text(o, "why", why);
	out_time(o, "end", end_us);
	(void)json_object_set_new(o, "authorities",
		d->conf.stamper == NULL ? json_array() : stamper_json(d->conf.stamper));
	return CO_OK;
}

static enum co_rc
status_fill(struct directory *d, json_t *o, struct co_err *err)
{
	json_t *partners = json_object(), *outbox = json_object(), *ledger = json_object();
	json_t *drafts = json_object(), *stamps = json_object();
	struct store_db *db;

	(void)json_object_set_new(o, "partners", partners);
	(void)json_object_set_new(o, "outbox", outbox);
	(void)json_object_set_new(o, "drafts", drafts);
	(void)json_object_set_new(o, "ledger", ledger);
	(void)json_object_set_new(o, "time_stamps", stamps);
	TRY(store_reader(exchange_store(d->conf.exchange), &db, err));
	TRY(counts_json(db, Q_PARTNER_COUNTS, partners, err));
	TRY(outbox_json(db, outbox, err));
	TRY(drafts_json(db, drafts, err));
	TRY(ledger_json(d->conf.exchange, db, ledger, err));
	TRY(time_json(d, db, stamps, err));
	return status_counted(d, db, o, err);
}

static enum co_rc
op_status(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	/* Counts over all cases: exchange/numbers.h says who is told those. */
	static const char *const counted[] = { "outbox", "drafts", "requests" };
	struct directory *d = arg;
	json_t *o;
	enum co_rc rc;

	(void)in;
	o = json_pack("{s:s, s:s, s:s, s:I, s:i, s:i}", "address", d->conf.address, "name",
		d->conf.name, "version", COMITY_VERSION, "uptime_s",
		(json_int_t)((co_mono_us() - d->started_us) / 1000000), "pid", (int)getpid(),
		"keeper_pid", (int)keeper_pid(exchange_keeper(x)));
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "status");
	rc = status_fill(d, o, err);
	if (rc != CO_OK) {
		json_decref(o);
		return rc;
	}
	for (size_t i = 0; !numbers_whole(who) && i < CO_ARRAY_LEN(counted); i++)
		(void)json_object_del(o, counted[i]);
	return out_give(o, out, err);
}

static enum co_rc
op_checkpoint(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct directory *d = arg;
	uint64_t size;
	size_t left;

	(void)in;
	(void)x;
	(void)who;
	TRY(ledger_checkpoint(d->conf.ledger, &size, err));
	/* Who asks for a checkpoint waits for its time-stamp too. */
	if (d->conf.stamper != NULL)
		TRY(ledger_stamp_late(d->conf.ledger, &left, err));
	return out_give(json_pack("{s:I}", "size", (json_int_t)size), out, err);
}

/* ---- a partner's proof for what it received ---- */

static enum co_rc
proof_check(const struct partner *p, const struct hash *leaf, const struct co_buf *text,
	struct checkpoint *head, struct co_err *err)
{
	struct proof proof;

	TRY(proof_parse(&proof, text->data, text->len, err));
	TRY(checkpoint_open(
		text->data + proof.note_at, text->len - proof.note_at, p->vkey, head, err));
	return merkle_check_inclusion(
		proof.index, head->size, leaf, proof.hashes, proof.hashes_n, &head->root, err);
}

static enum co_rc
proof_fetch(struct directory *d, const struct partner *p, const char *id, const char *hex,
	struct co_buf *text, char *token, size_t cap, struct co_err *err)
{
	char path[SHA256_HEX + CO_UUID_LEN + 32];
	long status = 0;

	(void)snprintf(path, sizeof(path), "/v1/ledger/proof/%s/%s", id, hex);
	TRY(http_get(d->conf.tls, p, path, NULL, text, &status, "Comity-Token", token, cap, err));
	if (status == 503)
		return co_fail(err, CO_EBUSY,
			"%s has no checkpoint over it yet; ask again in a moment", p->address);
	if (status != 200)
		return co_fail(err, CO_ENOTFOUND, "%s has no such leaf in its ledger (status %ld)",
			p->address, status);
	return CO_OK;
}

static enum co_rc
op_partner_proof(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct directory *d = arg;
	const char *address, *id, *hex;
	char token[LIMIT_TOKEN * 2];
	const struct partner *p;
	struct checkpoint head;
	struct hash leaf;
	co_auto_buf text;
	enum co_rc rc;

	(void)who;
	co_buf_init(&text, LIMIT_NOTE);
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(in_text(in, "address", true, LIMIT_ADDRESS, &address, err));
	TRY(in_text(in, "leaf", true, SHA256_HEX, &hex, err));
	if (!co_unhex(hex, leaf.b, sizeof(leaf.b)))
		return co_fail(
			err, CO_EMALFORMED, "leaf: 64 hexadecimal digits, as in the receipt");
	TRY(partner_get(x, address, &p, err));
	rc = proof_fetch(d, p, id, hex, &text, token, sizeof(token), err);
	if (rc == CO_OK && proof_check(p, &leaf, &text, &head, err) != CO_OK)
		rc = co_wrap(err, "the proof that %s gave does not hold", address);
	partner_put(x, &p);
	if (rc != CO_OK)
		return rc;
	return out_give(json_pack("{s:s, s:s, s:I}", "proof", text.data, "token", token, "size",
				(json_int_t)head.size),
		out, err);
}

void
directory_status_ops(struct directory *d)
{
	const struct op ops[] = {
		{ "status", "*", op_status, d, "how the node stands" },
		{ "ledger.checkpoint", "*", op_checkpoint, d, "sign and stamp the ledger now" },
		{ "partner.proof", "*", op_partner_proof, d,
			"a partner's ledger proof of a receipt" },
	};

	op_register(d->conf.exchange, ops, CO_ARRAY_LEN(ops));
}
