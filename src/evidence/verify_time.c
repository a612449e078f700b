/* Time-stamps that last: links over them, made before their certificates ended. */
#include "base/clock.h"
#include "crypto/tsp.h"
#include "evidence/verify_inside.h"
#include "ledger/archive.h"

#include <stdlib.h>

enum { LINKS_MAX = 4096 };

/* A whole number without leading zero at *p; moves *p behind it. */
static bool
digits(const char **p, uint64_t *out)
{
	char *end;

	if (**p < '1' || **p > '9')
		return false;
	*out = strtoull(*p, &end, 10);
	if (end - *p > 19)
		return false;
	*p = end;
	return true;
}

static bool
named_file(const char *rest, uint64_t *size, uint64_t *under, const char **end)
{
	const char *p = rest + 6;

	if (strncmp(rest, "named/", 6) != 0 || !digits(&p, size) || *p++ != '-' ||
		!digits(&p, under))
		return false;
	*end = p;
	return true;
}

bool
verify_renewal_file(const char *rest)
{
	const char *p = rest + 8, *end;
	uint64_t a, b;

	if (strncmp(rest, "archive/", 8) == 0 && digits(&p, &a))
		return *p == '\0' || strcmp(p, ".tsr") == 0;
	return named_file(rest, &a, &b, &end) &&
		(strcmp(end, ".json") == 0 || strcmp(end, ".tlog-proof") == 0);
}

/* The links of one ledger. */
struct links {
	const char *address;
	size_t n;
	int64_t at_us, until_us; /* of the newest so far */
	bool broken;             /* some link came after the one before had ended */
	struct co_buf text, token;
};

static size_t
roots_of(const struct verify *v, const char *address, const struct cert *roots[SIGNER_ENTRIES])
{
	size_t n = 0;

	for (size_t i = 0; i < v->who.n; i++)
		if (strcmp(v->who.entries[i]->p.address, address) == 0)
			roots[n++] = v->who.entries[i]->p.root;
	return n;
}

/* "<hex>  <size>/checkpoint" is the first line. */
static uint64_t
link_size(const struct co_buf *text)
{
	const char *p = text->len > SHA512_HEX + 2 ? text->data + SHA512_HEX + 2 : "";
	uint64_t size;

	return digits(&p, &size) && strncmp(p, "/checkpoint\n", 12) == 0 ? size : 0;
}

/* The checkpoint of the link, and whether the link holds over its very files. */
static enum co_rc
link_hold(struct verify *v, const struct links *l, const struct co_buf *text,
	const struct co_buf *stamp, struct vcheckpoint **out, struct tsp_seen *seen,
	struct co_err *err)
{
	const struct cert *roots[SIGNER_ENTRIES + TSP_ROOTS_MAX];
	struct ledger_link link = { .n = (int64_t)l->n + 1, .size = link_size(text) };
	struct ledger_link before = { .n = (int64_t)l->n };
	struct ledger_covered state;
	struct vcheckpoint *k = verify_checkpoint(v, l->address, link.size);
	char path[LIMIT_PACKAGE_NAME + 8];
	co_auto_buf note;
	co_auto_buf token;
	size_t n = roots_of(v, l->address, roots);

	co_buf_init(&note, LIMIT_NOTE);
	co_buf_init(&token, LIMIT_TOKEN);
	if (link.size == 0 || k == NULL)
		return co_fail(err, CO_EVERIFY, "the checkpoint that it covers is not here");
	if (strlen(text->data) != text->len)
		return co_fail(err, CO_EVERIFY, "it is no text");
	TRY(verify_text(v, k->path, &note, err));
	(void)snprintf(path, sizeof(path), "%s.tsr", k->path);
	TRY(verify_text(v, path, &token, err));
	state = (struct ledger_covered){ note.data, token.data, note.len, token.len };
	link.text = text->data;
	link.token = stamp->data;
	link.token_n = stamp->len;
	before.text = l->text.data;
	before.token = l->token.data;
	before.token_n = l->token.len;
	for (size_t i = 0; i < v->conf->tsa_roots_n && i < TSP_ROOTS_MAX; i++)
		roots[n++] = v->conf->tsa_roots[i];
	*out = k;
	return ledger_link_check(
		&link, l->n == 0 ? NULL : &before, &state, roots, n, seen, err);
}

/* Link n; *found false when there is none. */
static enum co_rc
link_next(struct verify *v, struct links *l, bool *found, struct co_err *err)
{
	char path[LIMIT_PACKAGE_NAME], stamp[LIMIT_PACKAGE_NAME + 8];
	struct vcheckpoint *k = NULL;
	struct tsp_seen seen;
	co_auto_buf text;
	co_auto_buf token;

	co_buf_init(&text, 65536);
	co_buf_init(&token, LIMIT_TOKEN);
	(void)snprintf(
		path, sizeof(path), "data/ledger/%s/archive/%zu", l->address, l->n + 1);
	(void)snprintf(stamp, sizeof(stamp), "%s.tsr", path);
	*found = index_find(&v->index, path) != NULL;
	if (!*found)
		return index_find(&v->index, stamp) == NULL
			? CO_OK
			: co_fail(err, CO_EVERIFY, "%s is there without its text", stamp);
	TRY(verify_text(v, path, &text, err));
	TRY(verify_text(v, stamp, &token, err));
	if (link_hold(v, l, &text, &token, &k, &seen, err) != CO_OK)
		return co_wrap(err, "%s", path);
	k->used = true;
	l->broken = l->broken || (l->n > 0 && seen.at_us > l->until_us);
	if (k->archived_us == 0 || seen.at_us < k->archived_us)
		k->archived_us = seen.at_us;
	l->at_us = seen.at_us;
	l->until_us = seen.until_us;
	l->n++;
	co_buf_reset(&l->text);
	co_buf_reset(&l->token);
	TRY(co_buf_add(&l->text, text.data, text.len, err));
	return co_buf_add(&l->token, token.data, token.len, err);
}

/* ---- events that name time-stamps ---- */
static enum co_rc
named_check(struct verify *v, const char *path, const char *address, uint64_t size, uint64_t under,
	struct co_err *err)
{
	struct vcheckpoint *of = verify_checkpoint(v, address, size), *k = NULL;
	char file[LIMIT_PACKAGE_NAME + 16];
	struct proof p;
	co_auto_buf event, text, token;

	co_buf_init(&event, LIMIT_RECORD);
	co_buf_init(&text, LIMIT_NOTE + 16384);
	co_buf_init(&token, LIMIT_TOKEN);
	if (of == NULL)
		return co_fail(err, CO_EVERIFY, "it is for a state that is not here");
	TRY(verify_text(v, path, &event, err));
	(void)snprintf(file, sizeof(file), "%.*s.tlog-proof", (int)(strlen(path) - 5), path);
	TRY(verify_text(v, file, &text, err));
	(void)snprintf(file, sizeof(file), "%s.tsr", of->path);
	TRY(verify_text(v, file, &token, err));
	TRY(proof_parse(&p, text.data, text.len, err));
	TRY(verify_proof_state(v, address, &p, &text, &k, err));
	TRY(ledger_named_check(
		event.data, event.len, &p, &k->c, size, token.data, token.len, err));
	if (k->c.size != under || k->archived_us == 0)
		return co_fail(err, CO_EVERIFY, "no archive time-stamp covers it");
	if (of->archived_us == 0 || k->archived_us < of->archived_us)
		of->archived_us = k->archived_us;
	return CO_OK;
}

static enum co_rc
named_all(struct verify *v, struct co_err *err)
{
	char address[LIMIT_ADDRESS + 1];

	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path, *rest, *end;
		uint64_t size, under;

		if (!verify_ledger_path(path, address, &rest) ||
			!named_file(rest, &size, &under, &end) || strcmp(end, ".json") != 0)
			continue;
		if (named_check(v, path, address, size, under, err) != CO_OK)
			return co_wrap(err, "%s", path);
	}
	return CO_OK;
}

/* ---- what it comes to ---- */
/* Until when the time-stamps of this ledger are good, each by itself or by the links over it. */
static void
ledger_report(struct verify *v, const struct links *l)
{
	int64_t now_us = co_now_us(), good_us = INT64_MAX;
	char end[CO_TIME_LEN];
	size_t ended = 0, stamped = 0;

	for (size_t i = 0; i < v->checkpoints_n; i++) {
		const struct vcheckpoint *k = &v->checkpoints[i];
		int64_t until_us = k->until_us;

		if (strcmp(k->address, l->address) != 0 || k->stamped_us == 0)
			continue;
		stamped++;
		if (!l->broken && k->archived_us != 0 && k->archived_us <= k->until_us &&
			l->until_us > until_us)
			until_us = l->until_us;
		ended += until_us < now_us;
		good_us = until_us < good_us ? until_us : good_us;
	}
	if (stamped == 0)
		return;
	co_time_print(good_us, end);
	if (l->broken)
		say(v, VERIFY_NOTE,
			"%s: an archive time-stamp was made after the one before had ended; the "
			"time-stamps count by themselves",
			l->address);
	if (ended > 0)
		say(v, VERIFY_NOTE,
			"%s: the certificates of %zu time-stamps have ended, the first on %.10s, "
			"and "
			"nothing renewed them: ask the node for a newer package",
			l->address, ended, end);
	else
		say(v, VERIFY_HOLDS,
			"%s: %zu time-stamps, good until %.10s at least, by %zu archive "
			"time-stamps",
			l->address, stamped, end, l->n);
}

static enum co_rc
ledger_links(struct verify *v, const char *address, struct links *l, struct co_err *err)
{
	bool found = true;

	l->address = address;
	while (found && l->n < LINKS_MAX)
		TRY(link_next(v, l, &found, err));
	return CO_OK;
}

/* Each address once: entries of one node may be several. */
static bool
address_first(const struct verify *v, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(v->who.entries[k]->p.address, v->who.entries[i]->p.address) == 0)
			return false;
	return true;
}

static enum co_rc
renewal(struct verify *v, struct links *all, struct co_err *err)
{
	for (size_t i = 0; i < v->who.n; i++)
		if (address_first(v, i))
			TRY(ledger_links(v, v->who.entries[i]->p.address, &all[i], err));
	TRY(named_all(v, err));
	for (size_t i = 0; i < v->checkpoints_n; i++)
		if (!v->checkpoints[i].used)
			return co_fail(err, CO_EVERIFY,
				"%s is the state of no proof and of no archive time-stamp",
				v->checkpoints[i].path);
	for (size_t i = 0; i < v->who.n; i++)
		if (all[i].address != NULL)
			ledger_report(v, &all[i]);
	return CO_OK;
}

enum co_rc
step_renewal(struct verify *v, struct co_err *err)
{
	struct links *all = calloc(SIGNER_ENTRIES, sizeof(*all));
	enum co_rc rc;

	if (all == NULL)
		return co_fail(err, CO_ENOMEM, "archive time-stamps");
	for (size_t i = 0; i < SIGNER_ENTRIES; i++) {
		co_buf_init(&all[i].text, 65536);
		co_buf_init(&all[i].token, LIMIT_TOKEN);
	}
	rc = renewal(v, all, err);
	for (size_t i = 0; i < SIGNER_ENTRIES; i++) {
		co_buf_deinit(&all[i].text);
		co_buf_deinit(&all[i].token);
	}
	free(all);
	return rc;
}
