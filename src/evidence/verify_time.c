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
roots_of(const struct verify *v, const char *address, const struct cert *roots[VERIFY_ENTRIES])
{
	size_t n = 0;

	for (size_t i = 0; i < v->entries_n; i++)
		if (strcmp(v->entries[i]->p.address, address) == 0)
			roots[n++] = v->entries[i]->p.root;
	return n;
}

static enum co_rc
link_stamp(struct verify *v, const struct links *l, const struct co_buf *text,
	const struct co_buf *token, struct tsp_seen *seen, struct co_err *err)
{
	const struct cert *roots[VERIFY_ENTRIES];
	unsigned char digest[SHA512_LEN];
	size_t n = roots_of(v, l->address, roots);

	sha512(text->data, text->len, digest);
	if (v->conf->tsa_roots_n > 0 &&
		tsp_check(token->data, token->len, digest, sizeof(digest), v->conf->tsa_roots,
			v->conf->tsa_roots_n, seen, NULL) == CO_OK)
		return CO_OK;
	return tsp_check(token->data, token->len, digest, sizeof(digest), roots, n, seen, err);
}

/* "<hex>  <size>/checkpoint" is the first line. */
static uint64_t
link_size(const struct co_buf *text)
{
	const char *p = text->len > SHA512_HEX + 2 ? text->data + SHA512_HEX + 2 : "";
	uint64_t size;

	return digits(&p, &size) && strncmp(p, "/checkpoint\n", 12) == 0 ? size : 0;
}

/* The checkpoint of the link, and that the link names its very files. */
static enum co_rc
link_checkpoint(struct verify *v, const struct links *l, const struct co_buf *text,
	struct vcheckpoint **out, struct co_err *err)
{
	uint64_t size = link_size(text);
	struct vcheckpoint *k = verify_checkpoint(v, l->address, size);
	char name[64], path[LIMIT_PACKAGE_NAME + 8];
	co_auto_buf note;
	co_auto_buf token;

	co_buf_init(&note, LIMIT_NOTE);
	co_buf_init(&token, LIMIT_TOKEN);
	if (size == 0 || k == NULL)
		return co_fail(err, CO_EVERIFY, "the checkpoint that it covers is not here");
	TRY(verify_text(v, k->path, &note, err));
	(void)snprintf(path, sizeof(path), "%s.tsr", k->path);
	TRY(verify_text(v, path, &token, err));
	(void)snprintf(name, sizeof(name), "%llu/checkpoint", (unsigned long long)size);
	if (!ledger_link_names(text->data, name, note.data, note.len))
		return co_fail(err, CO_EVERIFY, "it covers another %s", name);
	(void)snprintf(name, sizeof(name), "%llu/checkpoint.tsr", (unsigned long long)size);
	if (!ledger_link_names(text->data, name, token.data, token.len))
		return co_fail(err, CO_EVERIFY, "it covers another %s", name);
	*out = k;
	return CO_OK;
}

static enum co_rc
link_before(const struct links *l, const struct co_buf *text, struct co_err *err)
{
	char name[64];

	if (l->n == 0)
		return CO_OK;
	(void)snprintf(name, sizeof(name), "archive/%zu", l->n);
	if (!ledger_link_names(text->data, name, l->text.data, l->text.len))
		return co_fail(err, CO_EVERIFY, "it covers another link %zu", l->n);
	(void)snprintf(name, sizeof(name), "archive/%zu.tsr", l->n);
	return ledger_link_names(text->data, name, l->token.data, l->token.len)
		? CO_OK
		: co_fail(err, CO_EVERIFY, "it covers another time-stamp of link %zu", l->n);
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
	if (link_stamp(v, l, &text, &token, &seen, err) != CO_OK ||
		link_checkpoint(v, l, &text, &k, err) != CO_OK ||
		link_before(l, &text, err) != CO_OK)
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
event_names(const struct co_buf *event, uint64_t size, const struct co_buf *token,
	struct co_err *err)
{
	json_t *j = json_loadb(event->data, event->len, JSON_REJECT_DUPLICATES, NULL);
	const char *what = json_string_value(json_object_get(j, "what"));
	char hex[SHA256_HEX + 1];
	bool names;

	sha256_hex(token->data, token->len, hex);
	names = what != NULL && strcmp(what, "checkpoint") == 0 &&
		detail_names(json_object_get(j, "detail"), size, hex);
	json_decref(j);
	return names ? CO_OK
		     : co_fail(err, CO_EVERIFY, "it does not name the time-stamp of that state");
}

static enum co_rc
named_check(struct verify *v, const char *path, const char *address, uint64_t size, uint64_t under,
	struct co_err *err)
{
	struct vcheckpoint *of = verify_checkpoint(v, address, size), *k = NULL;
	char file[LIMIT_PACKAGE_NAME + 16];
	struct leaf leaf;
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
	TRY(event_names(&event, size, &token, err));
	TRY(proof_parse(&p, text.data, text.len, err));
	if (p.extra_n != LEAF_SALT)
		return co_fail(err, CO_EVERIFY, "its proof has no salt");
	TRY(verify_proof_state(v, address, &p, &text, &k, err));
	leaf_make_salted(&leaf, LEAF_EVENT, p.extra, event.data, event.len, NULL, 0);
	TRY(merkle_check_inclusion(
		p.index, k->c.size, &leaf.hash, p.hashes, p.hashes_n, &k->c.root, err));
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
		if (strcmp(v->entries[k]->p.address, v->entries[i]->p.address) == 0)
			return false;
	return true;
}

static enum co_rc
renewal(struct verify *v, struct links *all, struct co_err *err)
{
	for (size_t i = 0; i < v->entries_n; i++)
		if (address_first(v, i))
			TRY(ledger_links(v, v->entries[i]->p.address, &all[i], err));
	TRY(named_all(v, err));
	for (size_t i = 0; i < v->checkpoints_n; i++)
		if (!v->checkpoints[i].used)
			return co_fail(err, CO_EVERIFY,
				"%s is the state of no proof and of no archive time-stamp",
				v->checkpoints[i].path);
	for (size_t i = 0; i < v->entries_n; i++)
		if (all[i].address != NULL)
			ledger_report(v, &all[i]);
	return CO_OK;
}

enum co_rc
step_renewal(struct verify *v, struct co_err *err)
{
	struct links *all = calloc(VERIFY_ENTRIES, sizeof(*all));
	enum co_rc rc;

	if (all == NULL)
		return co_fail(err, CO_ENOMEM, "archive time-stamps");
	for (size_t i = 0; i < VERIFY_ENTRIES; i++) {
		co_buf_init(&all[i].text, 65536);
		co_buf_init(&all[i].token, LIMIT_TOKEN);
	}
	rc = renewal(v, all, err);
	for (size_t i = 0; i < VERIFY_ENTRIES; i++) {
		co_buf_deinit(&all[i].text);
		co_buf_deinit(&all[i].token);
	}
	free(all);
	return rc;
}
