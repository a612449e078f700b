/* Every file's digest against sets of known files. */
#include "examine/inner/lost.h"

#include "examine/inner/job.h"

#include "base/limits_examine.h"

#include "base/enc.h"
#include "examine/hashset.h"

#include <string.h>

enum { PIECE = 256 * 1024 };

struct matching {
	struct job *job;
	struct hashset *sets[LIMIT_EXAMINE_FILES];
	bool needs[DIGEST_N]; /* the sets' kinds, and SHA-256 for the report */
	uint64_t good, bad, unknown, unread;
	bool all;   /* tell files that are in no set, and good ones */
	unsigned char *piece;
};

static void
matching_deinit(struct matching *m)
{
	for (size_t i = 0; i < LIMIT_EXAMINE_FILES; i++)
		hashset_close(&m->sets[i]);
	free(m->piece);
}

static enum co_rc
digests(struct matching *m, const struct item *i, unsigned char sums[DIGEST_N][SHA512_LEN],
	uint64_t *lost, struct co_err *err)
{
	struct digest *d[DIGEST_N] = { NULL };
	enum co_rc rc = CO_OK;
	size_t got = 1, zeros;
	uint64_t at = 0;

	*lost = 0;
	for (int k = 0; k < DIGEST_N && rc == CO_OK; k++)
		if (m->needs[k])
			rc = digest_new(&d[k], (enum digest_kind)k, err);
	while (rc == CO_OK && got > 0) {
		rc = lost_read(i, m->piece, PIECE, at, &got, &zeros, err);
		for (int k = 0; k < DIGEST_N && rc == CO_OK; k++)
			if (d[k] != NULL)
				digest_add(d[k], m->piece, got);
		at += rc == CO_OK ? got : 0;
		*lost += rc == CO_OK ? zeros : 0;
	}
	for (int k = 0; k < DIGEST_N; k++) {
		if (rc == CO_OK && d[k] != NULL)
			digest_end(d[k], sums[k]);
		digest_free(&d[k]);
	}
	return rc;
}

static enum co_rc
tell(struct matching *m, const struct item *i, unsigned char sums[DIGEST_N][SHA512_LEN],
	const char *known, json_t *sets, struct co_err *err)
{
	json_t *o = item_json(i);
	char hex[SHA512_HEX + 1];

	for (int k = 0; k < DIGEST_N; k++)
		if (m->needs[k]) {
			co_hex(sums[k], digest_len((enum digest_kind)k), hex);
			(void)json_object_set_new(
				o, digest_name((enum digest_kind)k), json_string(hex));
		}
	(void)json_object_set_new(o, "known", json_string(known));
	(void)json_object_set(o, "sets", sets);
	return say("match", o, err);
}

static enum co_rc
one(void *arg, const struct item *i, struct co_err *err)
{
	struct matching *m = arg;
	unsigned char sums[DIGEST_N][SHA512_LEN];
	json_auto *sets = json_array();
	bool good = false, bad = false, big;
	uint64_t lost;

	if (!i->content)
		return CO_OK;
	TRY(job_too_big(m->job, i, &big, err));
	if (big)
		return CO_OK;
	TRY(digests(m, i, sums, &lost, err));
	TRY(lost_tell(i->image, i, err));
	m->job->files++;
	m->job->bytes += i->size - lost;
	/* The digest of zeros is nobody's: not known, and not unknown either. */
	if (lost > 0) {
		m->unread++;
		return CO_OK;
	}
	for (size_t k = 0; k < m->job->files_n; k++) {
		const struct hashset_about *a = hashset_about(m->sets[k]);

		if (!hashset_has(m->sets[k], sums[a->kind]))
			continue;
		good = good || a->known == HASHSET_GOOD;
		bad = bad || a->known == HASHSET_BAD;
		(void)json_array_append_new(sets, json_string(a->name));
	}
	m->bad += bad;
	m->good += good && !bad;
	m->unknown += !good && !bad;
	if (!bad && !m->all)
		return CO_OK;
	return tell(m, i, sums, bad ? "bad" : good ? "good" : "unknown", sets, err);
}

static enum co_rc
sets_open(struct matching *m, struct job *j, struct co_err *err)
{
	if (j->files_n == 0)
		return co_fail(err, CO_EUSAGE, "a match needs a hash set");
	m->needs[DIGEST_SHA256] = true;
	for (size_t k = 0; k < j->files_n; k++) {
		TRY(hashset_open(&m->sets[k], EXAMINE_FILES + (int)k, err));
		m->needs[hashset_about(m->sets[k])->kind] = true;
	}
	return CO_OK;
}

enum co_rc
check_match(struct job *j, struct co_err *err)
{
	CO_CLEANUP(matching_deinit) struct matching m = { .job = j };

	return sets_open(&m, j, err);
}

enum co_rc
job_match(struct job *j, struct co_err *err)
{
	CO_CLEANUP(matching_deinit)
	struct matching m = { .job = j, .all = job_flag(j, "all"), .piece = malloc(PIECE) };
	struct walk w = job_walk(j, one, &m);

	if (m.piece == NULL)
		return co_fail(err, CO_ENOMEM, "match");
	TRY(sets_open(&m, j, err));
	TRY(walk_image(&w, NULL, err));
	(void)json_object_set_new(j->end, "bad", json_integer((json_int_t)m.bad));
	(void)json_object_set_new(j->end, "good", json_integer((json_int_t)m.good));
	(void)json_object_set_new(j->end, "unknown", json_integer((json_int_t)m.unknown));
	(void)json_object_set_new(j->end, "not_read", json_integer((json_int_t)m.unread));
	return CO_OK;
}
