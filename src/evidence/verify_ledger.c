/* Ledgers: checkpoints, proofs of records under them, time-stamps over them, their consistency. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "crypto/tsp.h"

/* A decimal number in its one spelling. */
static bool
number(const char *s, size_t n, uint64_t *out)
{
	uint64_t v = 0;

	if (n == 0 || n > 18 || (n > 1 && s[0] == '0'))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	*out = v;
	return true;
}

/* The note must be signed by the ledger key of some entry of that address. */
static enum co_rc
note_check(const struct verify *v, const char *address, const char *note, size_t n,
	struct checkpoint *out, struct co_err *err)
{
	struct co_err last = { CO_OK, "" };

	for (size_t i = 0; i < v->who.n; i++) {
		if (strcmp(v->who.entries[i]->p.address, address) != 0)
			continue;
		co_err_clear(&last);
		if (checkpoint_open(note, n, v->who.entries[i]->p.vkey, out, &last) == CO_OK)
			return CO_OK;
	}
	if (last.rc == CO_OK)
		return co_fail(err, CO_EVERIFY, "there is no directory entry of %s", address);
	return co_fail(err, last.rc, "%s", last.msg);
}

/* ---- checkpoints ---- */
static enum co_rc
checkpoint_file(
	struct verify *v, const char *path, const char *address, uint64_t size, struct co_err *err)
{
	struct vcheckpoint *k = &v->checkpoints[v->checkpoints_n];
	co_auto_buf note;

	co_buf_init(&note, LIMIT_NOTE);
	TRY(verify_text(v, path, &note, err));
	*k = (struct vcheckpoint){ .used = false };
	TRY(note_check(v, address, note.data, note.len, &k->c, err));
	if (size != 0 && k->c.size != size)
		return co_fail(err, CO_EVERIFY, "it is the state at %llu leaves",
			(unsigned long long)k->c.size);
	(void)snprintf(k->address, sizeof(k->address), "%s", address);
	(void)snprintf(k->path, sizeof(k->path), "%s", path);
	v->checkpoints_n++;
	return CO_OK;
}

enum ledger_file {
	LEDGER_OTHER,
	LEDGER_CHECKPOINT,
	LEDGER_TOKEN,
	LEDGER_PROOF,
	LEDGER_CONSISTENCY,
	LEDGER_RENEWAL /* archive/ and named/: verify_time.c */
};

static enum ledger_file
state_file(const char *name)
{
	if (strcmp(name, "checkpoint") == 0)
		return LEDGER_CHECKPOINT;
	return strcmp(name, "checkpoint.tsr") == 0 ? LEDGER_TOKEN : LEDGER_OTHER;
}

/* What a file below data/ledger/ is; what is none of these does not belong there. */
static enum ledger_file
ledger_file(const char *path, char address[LIMIT_ADDRESS + 1], uint64_t *a, uint64_t *b,
	char id[CO_UUID_LEN + 8])
{
	const char *rest, *slash, *dash;

	if (!verify_ledger_path(path, address, &rest))
		return LEDGER_OTHER;
	if (verify_middle(rest, "proofs/", ".tlog-proof", id, CO_UUID_LEN + 8) && co_uuid_valid(id))
		return LEDGER_PROOF;
	if (strncmp(rest, "consistency/", 12) == 0) {
		rest += 12;
		dash = strchr(rest, '-');
		if (dash != NULL && number(rest, (size_t)(dash - rest), a) &&
			number(dash + 1, strlen(dash + 1), b))
			return LEDGER_CONSISTENCY;
	}
	if (verify_renewal_file(rest))
		return LEDGER_RENEWAL;
	*a = 0;
	if (state_file(rest) != LEDGER_OTHER)
		return state_file(rest);
	slash = strchr(rest, '/');
	if (slash == NULL || !number(rest, (size_t)(slash - rest), a) || *a == 0)
		return LEDGER_OTHER;
	return state_file(slash + 1);
}

static int
checkpoint_order(const void *a, const void *b)
{
	const struct vcheckpoint *x = a, *y = b;
	int d = strcmp(x->address, y->address);

	if (d != 0)
		return d;
	return x->c.size < y->c.size ? -1 : x->c.size > y->c.size;
}

enum co_rc
step_checkpoints(struct verify *v, struct co_err *err)
{
	char address[LIMIT_ADDRESS + 1], id[CO_UUID_LEN + 8];
	uint64_t a, b;

	v->checkpoints = calloc(verify_count(v, "data/ledger/", "checkpoint") + 1,
		sizeof(*v->checkpoints));
	if (v->checkpoints == NULL)
		return co_fail(err, CO_ENOMEM, "checkpoints");
	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;
		enum ledger_file what = ledger_file(path, address, &a, &b, id);

		if (what == LEDGER_OTHER && strncmp(path, "data/ledger/", 12) == 0)
			return co_fail(
				err, CO_EVERIFY, "%s does not belong into data/ledger", path);
		if (what == LEDGER_CHECKPOINT && checkpoint_file(v, path, address, a, err) != CO_OK)
			return co_wrap(err, "%s", path);
	}
	if (v->checkpoints_n > 0)
		qsort(v->checkpoints, v->checkpoints_n, sizeof(*v->checkpoints), checkpoint_order);
	for (size_t i = 1; i < v->checkpoints_n; i++)
		if (checkpoint_order(&v->checkpoints[i - 1], &v->checkpoints[i]) == 0)
			return co_fail(err, CO_EVERIFY, "%s and %s are one state of a ledger",
				v->checkpoints[i - 1].path, v->checkpoints[i].path);
	say(v, VERIFY_HOLDS, "%zu signed ledger states", v->checkpoints_n);
	return CO_OK;
}

/* ---- proofs ---- */
/* The receiver's receipt names the leaf by which its ledger holds the record. */
static enum co_rc
receipt_leaf(
	const struct vrecord *r, const char *address, const struct hash *leaf, struct co_err *err)
{
	char hex[SHA256_HEX + 1];

	if (strcmp(address, r->to) != 0 || strcmp(r->to, r->from) == 0 || r->leaf[0] == '\0')
		return CO_OK;
	co_hex(leaf->b, SHA256_LEN, hex);
	if (strcmp(r->leaf, hex) != 0)
		return co_fail(err, CO_EVERIFY,
			"the receipt of %s names another leaf of its ledger", address);
	return CO_OK;
}

static enum co_rc
proof_leaf(struct verify *v, const struct vrecord *r, const struct proof *p, struct leaf *leaf,
	struct co_err *err)
{
	char path[LIMIT_PACKAGE_NAME];
	co_auto_buf bytes;
	co_auto_buf sig;

	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	if (p->extra_n != LEAF_SALT)
		return co_fail(err, CO_EMALFORMED, "it has no salt of %d bytes", (int)LEAF_SALT);
	(void)snprintf(path, sizeof(path), "data/records/%s.json", r->id);
	TRY(verify_text(v, path, &bytes, err));
	(void)snprintf(path, sizeof(path), "data/records/%s.json.p7s", r->id);
	TRY(verify_text(v, path, &sig, err));
	leaf_make_salted(leaf, LEAF_RECORD, p->extra, bytes.data, bytes.len, sig.data, sig.len);
	return CO_OK;
}

/* The state in the proof must be the very file, so that its time-stamp counts for the record. */
enum co_rc
verify_proof_state(struct verify *v, const char *address, const struct proof *p,
	const struct co_buf *text, struct vcheckpoint **out, struct co_err *err)
{
	const char *note = text->data + p->note_at;
	size_t note_n = text->len - p->note_at;
	struct checkpoint c;
	struct vcheckpoint *k;
	co_auto_buf file;

	co_buf_init(&file, LIMIT_NOTE);
	TRY(note_check(v, address, note, note_n, &c, err));
	k = verify_checkpoint(v, address, c.size);
	if (k == NULL)
		return co_fail(err, CO_EVERIFY,
			"the checkpoint of %s at %llu leaves is missing", address,
			(unsigned long long)c.size);
	TRY(verify_text(v, k->path, &file, err));
	if (file.len != note_n || memcmp(file.data, note, note_n) != 0)
		return co_fail(err, CO_EVERIFY, "its ledger state is not that of %s", k->path);
	*out = k;
	return CO_OK;
}

static enum co_rc
proof_file(
	struct verify *v, const char *path, const char *address, const char *id, struct co_err *err)
{
	struct vrecord *r = verify_find(v, id);
	struct vcheckpoint *k = NULL;
	struct proof p;
	struct leaf leaf;
	co_auto_buf text;

	co_buf_init(&text, LIMIT_NOTE + 16384);
	if (r == NULL)
		return co_fail(err, CO_EVERIFY, "it is for a record that is not in the package");
	TRY(verify_text(v, path, &text, err));
	TRY(proof_parse(&p, text.data, text.len, err));
	TRY(verify_proof_state(v, address, &p, &text, &k, err));
	TRY(proof_leaf(v, r, &p, &leaf, err));
	TRY(merkle_check_inclusion(
		p.index, k->c.size, &leaf.hash, p.hashes, p.hashes_n, &k->c.root, err));
	TRY(receipt_leaf(r, address, &leaf.hash, err));
	k->used = true;
	r->proofs++;
	r->proofs_to += strcmp(address, r->to) == 0;
	v->proofs_n++;
	return CO_OK;
}

enum co_rc
step_proofs(struct verify *v, struct co_err *err)
{
	char address[LIMIT_ADDRESS + 1], id[CO_UUID_LEN + 8];
	size_t without = 0, both = 0;
	uint64_t a, b;

	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;

		if (ledger_file(path, address, &a, &b, id) == LEDGER_PROOF &&
			proof_file(v, path, address, id, err) != CO_OK)
			return co_wrap(err, "%s", path);
	}
	for (size_t i = 0; i < v->records_n; i++) {
		const struct vrecord *r = &v->records[i];

		both += r->proofs > 1;
		without += r->proofs == 0;
		if (r->proofs == 0)
			say(v, VERIFY_NOTE, "no ledger proof for the %s %s from %s",
				record_kind_name(r->kind), r->id, r->from);
	}
	say(v, VERIFY_HOLDS,
		"%zu proofs; %zu records stand in the ledgers of both sides, %zu in none",
		v->proofs_n, both, without);
	return CO_OK;
}

/* ---- time ---- */
static enum co_rc
token_check(struct verify *v, struct vcheckpoint *k, const char *path, struct co_err *err)
{
	const struct cert *roots[SIGNER_ENTRIES];
	unsigned char digest[SHA256_LEN];
	struct tsp_seen seen;
	co_auto_buf note;
	co_auto_buf token;
	size_t n = 0;

	co_buf_init(&note, LIMIT_NOTE);
	co_buf_init(&token, LIMIT_TOKEN);
	TRY(verify_text(v, k->path, &note, err));
	TRY(verify_text(v, path, &token, err));
	for (size_t i = 0; i < v->who.n; i++)
		if (strcmp(v->who.entries[i]->p.address, k->address) == 0)
			roots[n++] = v->who.entries[i]->p.root;
	sha256(note.data, note.len, digest);
	k->outside = v->conf->tsa_roots_n > 0 &&
		tsp_check(token.data, token.len, digest, SHA256_LEN, v->conf->tsa_roots,
			v->conf->tsa_roots_n, &seen, NULL) == CO_OK;
	if (!k->outside)
		TRY(tsp_check(
			token.data, token.len, digest, SHA256_LEN, roots, n, &seen, err));
	k->stamped_us = seen.at_us;
	k->until_us = seen.until_us;
	v->tokens_n++;
	return CO_OK;
}

/* The earliest token over each record, of either side. */
static enum co_rc
time_of_records(struct verify *v, struct co_err *err)
{
	char address[LIMIT_ADDRESS + 1], id[CO_UUID_LEN + 8];
	uint64_t a, b;

	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;
		struct vcheckpoint *k;
		struct checkpoint c;
		struct vrecord *r;
		struct proof p;
		co_auto_buf text;

		co_buf_init(&text, LIMIT_NOTE + 16384);
		if (ledger_file(path, address, &a, &b, id) != LEDGER_PROOF)
			continue;
		TRY(verify_text(v, path, &text, err));
		TRY(proof_parse(&p, text.data, text.len, err));
		TRY(note_check(v, address, text.data + p.note_at, text.len - p.note_at, &c, err));
		k = verify_checkpoint(v, address, c.size);
		r = verify_find(v, id);
		if (k == NULL || r == NULL || k->stamped_us == 0)
			continue;
		r->outside = r->outside || k->outside;
		if (r->proved_us == 0 || k->stamped_us < r->proved_us)
			r->proved_us = k->stamped_us;
	}
	return CO_OK;
}

static void
time_report(struct verify *v)
{
	enum { SLACK_US = 300 * 1000000 };
	size_t late = 0, without = 0, own = 0;
	char from[CO_TIME_LEN], to[CO_TIME_LEN];

	for (size_t i = 0; i < v->records_n; i++) {
		const struct vrecord *r = &v->records[i];

		without += r->proved_us == 0;
		if (r->proved_us == 0)
			continue;
		late += r->at_us > r->proved_us + SLACK_US;
		if (v->proved_from == 0 || r->proved_us < v->proved_from)
			v->proved_from = r->proved_us;
		if (r->proved_us > v->proved_to)
			v->proved_to = r->proved_us;
	}
	if (late > 0)
		say(v, VERIFY_NOTE,
			"%zu records bear a time later than their time-stamp: the clock of "
			"their sender was wrong",
			late);
	if (without > 0)
		say(v, VERIFY_NOTE,
			"%zu records are under no time-stamp: their times are their senders' "
			"own words",
			without);
	co_time_print(v->proved_from, from);
	co_time_print(v->proved_to, to);
	for (size_t i = 0; i < v->checkpoints_n; i++)
		own += v->checkpoints[i].stamped_us != 0 && !v->checkpoints[i].outside;
	if (own > 0)
		say(v, VERIFY_NOTE,
			"%zu of %zu time-stamps are by the organisation whose ledger they stamp, "
			"under its own root: that is its own clock, and no authority outside "
			"confirms it",
			own, v->tokens_n);
	if (v->proved_from > 0)
		say(v, VERIFY_HOLDS,
			"%zu time-stamps: the first record existed by %s, the last by %s",
			v->tokens_n, from, to);
}

static struct vcheckpoint *
checkpoint_beside(const struct verify *v, const char *token)
{
	size_t n = strlen(token) - strlen(".tsr");

	for (size_t i = 0; i < v->checkpoints_n; i++)
		if (strlen(v->checkpoints[i].path) == n &&
			strncmp(v->checkpoints[i].path, token, n) == 0)
			return &v->checkpoints[i];
	return NULL;
}

enum co_rc
step_time(struct verify *v, struct co_err *err)
{
	char address[LIMIT_ADDRESS + 1], id[CO_UUID_LEN + 8];
	uint64_t a, b;

	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;
		struct vcheckpoint *k;

		if (ledger_file(path, address, &a, &b, id) != LEDGER_TOKEN)
			continue;
		k = checkpoint_beside(v, path);
		if (k == NULL)
			return co_fail(
				err, CO_EVERIFY, "%s: the checkpoint beside it is missing", path);
		if (token_check(v, k, path, err) != CO_OK)
			return co_wrap(err, "%s", path);
	}
	TRY(time_of_records(v, err));
	time_report(v);
	return CO_OK;
}

/* ---- consistency ---- */
static enum co_rc
hashes_parse(const struct co_buf *text, struct hash *out, size_t *n, struct co_err *err)
{
	const char *at = text->data;
	size_t left = text->len;

	*n = 0;
	while (left > 0) {
		const char *end = memchr(at, '\n', left);
		co_auto_buf b;

		co_buf_init(&b, SHA256_LEN);
		if (end == NULL || *n == LIMIT_PROOF_HASHES ||
			co_unbase64(at, (size_t)(end - at), &b, NULL) != CO_OK ||
			b.len != SHA256_LEN)
			return co_fail(err, CO_EMALFORMED, "it is not a list of hashes");
		memcpy(out[(*n)++].b, b.data, SHA256_LEN);
		left -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	return CO_OK;
}

static enum co_rc
consistency_file(struct verify *v, const char *path, const char *address, uint64_t from,
	uint64_t to, struct co_err *err)
{
	struct vcheckpoint *a = verify_checkpoint(v, address, from);
	struct vcheckpoint *b = verify_checkpoint(v, address, to);
	struct hash hashes[LIMIT_PROOF_HASHES];
	co_auto_buf text;
	size_t n;

	co_buf_init(&text, 8192);
	if (a == NULL || b == NULL)
		return co_fail(err, CO_EVERIFY, "a ledger state it is about is missing");
	TRY(verify_text(v, path, &text, err));
	TRY(hashes_parse(&text, hashes, &n, err));
	TRY(merkle_check_consistency(from, to, &a->c.root, &b->c.root, hashes, n, err));
	a->linked = true;
	return CO_OK;
}

enum co_rc
step_consistency(struct verify *v, struct co_err *err)
{
	char address[LIMIT_ADDRESS + 1], id[CO_UUID_LEN + 8];
	uint64_t a, b;
	size_t proofs = 0;

	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;

		if (ledger_file(path, address, &a, &b, id) != LEDGER_CONSISTENCY)
			continue;
		if (consistency_file(v, path, address, a, b, err) != CO_OK)
			return co_wrap(err, "%s", path);
		proofs++;
	}
	for (size_t i = 0; i + 1 < v->checkpoints_n; i++) {
		const struct vcheckpoint *k = &v->checkpoints[i];

		if (strcmp(k->address, k[1].address) == 0 && !k->linked)
			say(v, VERIFY_NOTE,
				"no proof that the ledger of %s grew from %llu to %llu leaves "
				"without a change",
				k->address, (unsigned long long)k->c.size,
				(unsigned long long)k[1].c.size);
	}
	say(v, VERIFY_HOLDS, "%zu proofs of growth", proofs);
	return CO_OK;
}
