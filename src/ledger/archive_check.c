/* Do archive time-stamps hold: for the running ledger, and for what a package has of one. */
#include "crypto/tsp.h"
#include "ledger/archive.h"
#include "ledger/merkle.h"
#include "ledger/note.h"

#include "base/enc.h"

#include <jansson.h>
#include <string.h>

/* file: of the checkpoint or link n; tail: which of its two files. */
static enum co_rc
names(const struct ledger_link *link, const char *file, const char *tail, const void *p, size_t n,
	struct co_err *err)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s%s", file, tail);
	return ledger_link_names(link->text, name, p, n)
		? CO_OK
		: co_fail(err, CO_EVERIFY, "it covers another %s", name);
}

enum co_rc
ledger_link_check(const struct ledger_link *link, const struct ledger_link *before,
	const struct ledger_covered *state, const struct cert *const *roots, size_t roots_n,
	struct tsp_seen *seen, struct co_err *err)
{
	unsigned char digest[SHA512_LEN];
	char file[48];

	sha512(link->text, strlen(link->text), digest);
	TRY(tsp_check(link->token, link->token_n, digest, sizeof(digest), roots, roots_n, seen,
		err));
	(void)snprintf(file, sizeof(file), "%llu/checkpoint", (unsigned long long)link->size);
	TRY(names(link, file, "", state->note, state->note_n, err));
	TRY(names(link, file, ".tsr", state->token, state->token_n, err));
	if (before == NULL)
		return CO_OK;
	(void)snprintf(file, sizeof(file), "archive/%lld", (long long)before->n);
	TRY(names(link, file, "", before->text, strlen(before->text), err));
	return names(link, file, ".tsr", before->token, before->token_n, err);
}

/* ---- events that name time-stamps ---- */
static bool
detail_names(const json_t *detail, uint64_t size, const char *hex)
{
	const json_t *item;
	size_t i;
	const char *token = json_string_value(json_object_get(detail, "token"));

	if ((uint64_t)json_integer_value(json_object_get(detail, "size")) == size)
		return token != NULL && strcmp(token, hex) == 0;
	json_array_foreach(json_object_get(detail, "late"), i, item)
	{
		token = json_string_value(json_object_get(item, "token"));
		if ((uint64_t)json_integer_value(json_object_get(item, "size")) == size)
			return token != NULL && strcmp(token, hex) == 0;
	}
	return false;
}

static enum co_rc
event_names(const void *event, size_t event_n, uint64_t size, const void *token, size_t token_n,
	struct co_err *err)
{
	json_t *j = json_loadb(event, event_n, JSON_REJECT_DUPLICATES, NULL);
	const char *what = json_string_value(json_object_get(j, "what"));
	char hex[SHA256_HEX + 1];
	bool found;

	sha256_hex(token, token_n, hex);
	found = what != NULL && strcmp(what, "checkpoint") == 0 &&
		detail_names(json_object_get(j, "detail"), size, hex);
	json_decref(j);
	return found ? CO_OK
		     : co_fail(err, CO_EVERIFY, "it does not name the time-stamp of that state");
}

enum co_rc
ledger_named_check(const void *event, size_t event_n, const struct proof *p,
	const struct checkpoint *under, uint64_t size, const void *token, size_t token_n,
	struct co_err *err)
{
	struct leaf leaf;

	TRY(event_names(event, event_n, size, token, token_n, err));
	if (p->extra_n != LEAF_SALT)
		return co_fail(err, CO_EVERIFY, "its proof has no salt");
	leaf_make_salted(&leaf, LEAF_EVENT, p->extra, event, event_n, NULL, 0);
	return merkle_check_inclusion(
		p->index, under->size, &leaf.hash, p->hashes, p->hashes_n, &under->root, err);
}

/* ---- the running ledger ---- */
struct walk {
	struct store_db *db;
	const char *vkey;
	uint64_t size;
	const void *token;
	size_t token_n;
	const struct cert *const *roots;
	size_t roots_n;
	struct ledger_cover out;
	/* The link before. */
	struct ledger_link last;
	struct co_buf last_text, last_token;
	int64_t last_until_us;
};

static void
walk_deinit(struct walk *w)
{
	co_buf_deinit(&w->last_text);
	co_buf_deinit(&w->last_token);
}

/* Is the time-stamp named under the checkpoint of the link? CO_ENOTFOUND: not under this one. */
static enum co_rc
covers(const struct walk *w, const struct ledger_link *link, const char *note, size_t note_n,
	struct co_err *err)
{
	struct checkpoint under;
	struct proof p;
	co_auto_buf event;
	co_auto_buf text;

	co_buf_init(&event, LIMIT_RECORD);
	co_buf_init(&text, LIMIT_NOTE + 16384);
	if (link->size == w->size)
		return CO_OK;
	if (link->size < w->size)
		return co_fail(err, CO_ENOTFOUND, "the link is older");
	TRY(ledger_prove_named(w->db, w->size, link->size, &event, &text, err));
	TRY(proof_parse(&p, text.data, text.len, err));
	TRY(checkpoint_open(note, note_n, w->vkey, &under, err));
	return ledger_named_check(
		event.data, event.len, &p, &under, w->size, w->token, w->token_n, err);
}

static enum co_rc
walk_keep(struct walk *w, const struct ledger_link *link, struct co_err *err)
{
	co_buf_reset(&w->last_text);
	co_buf_reset(&w->last_token);
	TRY(co_buf_add_str(&w->last_text, link->text, err));
	TRY(co_buf_add(&w->last_token, link->token, link->token_n, err));
	w->last = *link;
	w->last.text = w->last_text.data;
	w->last.token = w->last_token.data;
	return CO_OK;
}

static enum co_rc
walk_link(void *arg, const struct ledger_link *link, struct co_err *err)
{
	struct walk *w = arg;
	struct ledger_covered state;
	store_stmt_auto *st = NULL;
	struct tsp_seen seen;
	enum co_rc rc = CO_OK;
	bool row;

	TRY(store_query(w->db, Q_CHECKPOINT_GET, &st, err, "i", (int64_t)link->size));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EVERIFY, "the checkpoint of archive time-stamp %lld is gone",
			(long long)link->n);
	state.note = store_text(st, 2);
	state.note_n = strlen(state.note);
	state.token = store_blob(st, 3, &state.token_n);
	rc = ledger_link_check(link, w->last.n == 0 ? NULL : &w->last, &state, w->roots,
		w->roots_n, &seen, err);
	if (rc != CO_OK)
		return co_wrap(err, "archive time-stamp %lld", (long long)link->n);
	if (w->out.n == 0) {
		rc = covers(w, link, state.note, state.note_n, err);
		if (rc == CO_OK)
			w->out = (struct ledger_cover){ .n = 1, .first_us = seen.at_us };
		else if (rc != CO_ENOTFOUND)
			return rc;
		co_err_clear(err);
	} else if (seen.at_us > w->last_until_us) {
		return co_fail(err, CO_EVERIFY,
			"archive time-stamp %lld was made after the one before had ended",
			(long long)link->n);
	} else {
		w->out.n++;
	}
	if (w->out.n > 0) {
		w->out.until_us = seen.until_us;
		(void)snprintf(w->out.signer, sizeof(w->out.signer), "%s", seen.signer);
	}
	w->last_until_us = seen.until_us;
	return walk_keep(w, link, err);
}

enum co_rc
ledger_cover(struct store_db *db, const char *vkey, uint64_t size, const void *token,
	size_t token_n, const struct cert *const *roots, size_t roots_n, struct ledger_cover *out,
	struct co_err *err)
{
	CO_CLEANUP(walk_deinit)
	struct walk w = { .db = db,
		.vkey = vkey,
		.size = size,
		.token = token,
		.token_n = token_n,
		.roots = roots,
		.roots_n = roots_n };

	co_buf_init(&w.last_text, 65536);
	co_buf_init(&w.last_token, LIMIT_TOKEN);
	TRY(ledger_archive(db, walk_link, &w, err));
	if (w.out.n == 0)
		return co_fail(err, CO_ENOTFOUND, "no archive time-stamp covers it");
	*out = w.out;
	return CO_OK;
}
