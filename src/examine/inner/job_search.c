/* Indicators and words in what files hold, and in what belongs to no file. */
#include "examine/inner/lost.h"

#include "examine/inner/job.h"

#include "base/limits_examine.h"

#include "examine/inner/indicator.h"
#include "examine/inner/term.h"

#include <string.h>

enum { WINDOW = 1024 * 1024, AROUND = INDICATOR_AROUND };

/* ---- one row of bytes ---- */
struct bytes {
	enum co_rc (*read)(const struct bytes *b, void *p, size_t n, uint64_t at, size_t *got,
		struct co_err *err);
	const struct item *item;
	struct image *image;
	unsigned part;
	uint64_t from; /* of a gap */
	uint64_t size;
};

static bool
found(struct lookup *l, const char *kind, const char *text, uint64_t at, bool wide)
{
	if (l->hits >= l->most)
		return false;
	l->hits++;
	l->rc = l->hit(l->arg, kind, text, at, wide, l->err);
	return l->rc == CO_OK;
}

static bool
found_indicator(void *arg, const struct indicator_hit *h)
{
	return found(arg, indicator_name(h->kind), h->text, h->at, h->wide);
}

static bool
found_term(void *arg, const struct term *t, uint64_t at, bool wide)
{
	return found(arg, "text", t->text, at, wide);
}

/* The window holds AROUND bytes of before and of after; each byte is in the middle of one. */
static enum co_rc
lookup_bytes(struct lookup *l, const struct bytes *b, struct co_err *err)
{
	uint64_t middle = 0;

	l->err = err;
	l->rc = CO_OK;
	while (middle < b->size && l->hits < l->most) {
		uint64_t at = middle > AROUND ? middle - AROUND : 0;
		size_t n, from = (size_t)(middle - at), to;
		bool last;

		TRY(b->read(b, l->window, WINDOW, at, &n, err));
		last = n < WINDOW || at + n >= b->size;
		to = last ? n : n - AROUND;
		if (l->kinds != 0)
			(void)indicator_search(
				l->window, n, from, to, at, l->kinds, found_indicator, l);
		if (l->terms_n > 0 && l->rc == CO_OK)
			(void)term_search(
				l->terms, l->terms_n, l->window, n, from, to, at, found_term, l);
		if (l->rc != CO_OK || last)
			return l->rc;
		middle = at + to;
	}
	return CO_OK;
}

static enum co_rc
read_item(const struct bytes *b, void *p, size_t n, uint64_t at, size_t *got, struct co_err *err)
{
	size_t lost;

	return lost_read(b->item, p, n, at, got, &lost, err);
}

static enum co_rc
read_gap(const struct bytes *b, void *p, size_t n, uint64_t at, size_t *got, struct co_err *err)
{
	size_t lost;

	*got = n < b->size - at ? n : (size_t)(b->size - at);
	return lost_read_gap(b->image, b->part, p, *got, b->from + at, &lost, err);
}

enum co_rc
lookup_item(struct lookup *l, const struct item *i, struct co_err *err)
{
	const struct bytes b = { .read = read_item, .item = i, .size = i->size };

	TRY(lookup_bytes(l, &b, err));
	return lost_tell(i->image, i, err);
}

/* ---- what is asked for ---- */
static enum co_rc
kinds_take(struct lookup *l, const json_t *list, struct co_err *err)
{
	const json_t *v;
	size_t i;

	if (!json_is_array(list)) {
		l->kinds = (1u << INDICATOR_N) - 1;
		return CO_OK;
	}
	json_array_foreach(list, i, v)
	{
		const char *name = json_string_value(v);
		unsigned before = l->kinds;

		for (int k = 0; k < INDICATOR_N; k++)
			if (name != NULL && strcmp(name, indicator_name((enum indicator)k)) == 0)
				l->kinds |= 1u << k;
		if (l->kinds == before)
			return co_fail(err, CO_EUSAGE,
				"no indicator \"%s\": email, phone, ipv4, ipv6, url, domain, "
				"bitcoin, ethereum, iban, card",
				name == NULL ? "" : name);
	}
	return CO_OK;
}

enum co_rc
lookup_open(struct lookup *l, struct job *j, struct co_err *err)
{
	const json_t *texts = json_object_get(j->options, "texts"), *v;
	size_t i;

	l->most = job_number(j, "hits");
	l->window = malloc(WINDOW);
	l->terms = calloc(LIMIT_EXAMINE_TERMS, sizeof(*l->terms));
	if (l->window == NULL || l->terms == NULL)
		return co_fail(err, CO_ENOMEM, "search");
	if (json_array_size(texts) > LIMIT_EXAMINE_TERMS)
		return co_fail(err, CO_ETOOBIG, "a search has at most %d texts",
			LIMIT_EXAMINE_TERMS);
	json_array_foreach(texts, i, v)
		TRY(term_make(&l->terms[l->terms_n++], json_string_value(v), err));
	return kinds_take(l, json_object_get(j->options, "kinds"), err);
}

void
lookup_close(struct lookup *l)
{
	free(l->window);
	free(l->terms);
}

enum co_rc
check_search(struct job *j, struct co_err *err)
{
	struct lookup l = { .most = 0 };
	enum co_rc rc = lookup_open(&l, j, err);

	lookup_close(&l);
	return rc;
}

/* ---- the job ---- */
struct searching {
	struct job *job;
	struct lookup lookup;
	const struct item *item; /* NULL: a gap */
	unsigned part;
	uint64_t gap;
	bool only_files;
};

static enum co_rc
hit(void *arg, const char *kind, const char *text, uint64_t at, bool wide, struct co_err *err)
{
	struct searching *s = arg;
	json_t *o = s->item != NULL ? item_json(s->item)
				    : json_pack("{s:i,s:b}", "part", (int)s->part, "free", 1);

	(void)json_object_set_new(o, "indicator", json_string(kind));
	say_text(o, "value", text);
	(void)json_object_set_new(o, "offset", json_integer((json_int_t)(s->gap + at)));
	if (wide)
		(void)json_object_set_new(o, "encoding", json_string("utf-16le"));
	return say("hit", o, err);
}

static enum co_rc
one(void *arg, const struct item *i, struct co_err *err)
{
	struct searching *s = arg;
	bool big;

	if (!i->content)
		return CO_OK;
	TRY(job_too_big(s->job, i, &big, err));
	if (big)
		return CO_OK;
	s->item = i;
	s->gap = 0;
	s->job->files++;
	s->job->bytes += i->size;
	return lookup_item(&s->lookup, i, err);
}

static enum co_rc
gap(void *arg, unsigned part, uint64_t from, uint64_t to, struct co_err *err)
{
	struct searching *s = arg;
	const struct bytes b = { .read = read_gap,
		.image = s->job->image,
		.part = part,
		.from = from,
		.size = to - from };

	s->item = NULL;
	s->part = part;
	s->gap = from;
	s->job->bytes += to - from;
	TRY(say_progress(s->job->image->asked, s->job->image->size, err));
	TRY(lookup_bytes(&s->lookup, &b, err));
	return lost_tell(s->job->image, NULL, err);
}

enum co_rc
job_search(struct job *j, struct co_err *err)
{
	struct searching s = { .job = j, .lookup = { .hit = hit } };
	struct walk w = job_walk(j, one, &s);
	enum co_rc rc;

	s.lookup.arg = &s;
	if (!job_flag(j, "only_files"))
		w.gap = gap;
	rc = lookup_open(&s.lookup, j, err);
	if (rc == CO_OK)
		rc = walk_image(&w, NULL, err);
	if (rc == CO_OK && s.lookup.hits >= s.lookup.most)
		rc = say_note(err, "the search was ended after %llu hits (--hits)",
			(unsigned long long)s.lookup.hits);
	(void)json_object_set_new(j->end, "hits", json_integer((json_int_t)s.lookup.hits));
	lookup_close(&s.lookup);
	return rc;
}
