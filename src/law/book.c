/* A book: every text read in the order in which one leans on another, then checked as a whole. */
#include "law/inside.h"

#include <string.h>

enum { KIND_SOURCES, KIND_INSTRUMENT, KIND_ECONOMY, KIND_PROFILE, KIND_N };

static const char *const kinds[KIND_N + 1] = { "sources", "instrument", "economy", "profile",
	NULL };

/* What is read of the texts while a book is made. */
struct reading {
	struct law_load load;
	unsigned char kind[LIMIT_LAW_FILES];
	/* Of the instruments, by text, until their rules are compiled. */
	json_t *tree[LIMIT_LAW_FILES];
	struct law_instrument *instrument[LIMIT_LAW_FILES];
};

void
law_book_free(struct law_book **b)
{
	if (*b == NULL)
		return;
	for (size_t i = 0; i < (*b)->homes_n; i++)
		for (size_t k = 0; k < 2; k++)
			for (size_t r = 0; r < (*b)->homes[i]->rows_n[k]; r++)
				json_decref(
					(json_t *)(uintptr_t)(*b)->homes[i]->rows[k][r].fact.value);
	law_arena_free(&(*b)->arena);
	free((*b)->sources);
	free((*b)->instruments);
	free((*b)->homes);
	free((*b)->rows);
	free((*b)->ids);
	free((*b)->digests);
	free((*b)->slots);
	free(*b);
	*b = NULL;
}

/* NULL and a fault when it is not JSON. jansson knows the line here. */
static json_t *
text_decode(struct law_load *l)
{
	const struct law_text *t = &l->texts[l->file];
	struct law_note *last;
	json_error_t error;
	json_t *top;

	if (t->n > LIMIT_LAW_FILE) {
		law_fault(l, NULL, "%zu bytes, %u is the limit; split the file", t->n,
			LIMIT_LAW_FILE);
		return NULL;
	}
	top = json_loadb(t->data, t->n, JSON_REJECT_DUPLICATES, &error);
	if (top != NULL)
		return top;
	/* Without a word jansson says that memory is out, too. */
	if (json_error_code(&error) == json_error_out_of_memory || error.text[0] == '\0') {
		l->nomem = true;
		return NULL;
	}
	law_fault(l, NULL, "%s%s; correct the file there",
		json_error_code(&error) == json_error_duplicate_key ? "" : "not JSON: ",
		error.text);
	last = l->notes_n > 0 ? &l->notes[l->notes_n - 1] : NULL;
	if (last != NULL && last->file == l->file && error.line > 0)
		last->fault.line = (unsigned)error.line;
	return NULL;
}

static void
text_sort_out(struct reading *r)
{
	struct law_load *l = &r->load;

	for (l->file = 0; l->file < l->texts_n; l->file++) {
		const struct law_text *t = &l->texts[l->file];

		r->kind[l->file] = (unsigned char)law_top_member(t->data, t->n, kinds);
	}
}

static void
text_read(struct reading *r)
{
	struct law_load *l = &r->load;
	unsigned kind = r->kind[l->file];
	json_t *top = text_decode(l);

	if (top == NULL) {
		l->blind = l->blind || kind < KIND_ECONOMY;
		return;
	}
	if (kind == KIND_N)
		law_fault(l, NULL,
			"nothing here is known; begin with \"sources\", \"instrument\", "
			"\"economy\" or \"profile\"");
	else if (kind == KIND_SOURCES)
		law_sources_file(l, top);
	else if (kind == KIND_INSTRUMENT)
		r->instrument[l->file] = law_instrument_file(l, top);
	else if (!l->blind && kind == KIND_ECONOMY)
		law_economy_file(l, top);
	else if (!l->blind)
		law_profile_file(l, top);
	if (r->instrument[l->file] != NULL)
		r->tree[l->file] = top;
	else
		json_decref(top);
}

static void
texts_read(struct reading *r, unsigned kind)
{
	struct law_load *l = &r->load;

	for (l->file = 0; l->file < l->texts_n && !l->nomem; l->file++)
		if (r->kind[l->file] == kind)
			text_read(r);
}

static void
rules_read(struct reading *r)
{
	struct law_load *l = &r->load;

	for (l->file = 0; l->file < l->texts_n; l->file++) {
		if (r->tree[l->file] == NULL)
			continue;
		if (!l->nomem)
			law_rules_read(l, r->instrument[l->file], r->tree[l->file]);
		json_decref(r->tree[l->file]);
	}
}

static void
book_read(struct reading *r)
{
	struct law_load *l = &r->load;

	text_sort_out(r);
	texts_read(r, KIND_N); /* what is nothing known is told, whatever follows */
	texts_read(r, KIND_SOURCES);
	texts_read(r, KIND_INSTRUMENT);
	rules_read(r);
	texts_read(r, KIND_ECONOMY);
	texts_read(r, KIND_PROFILE);
	if (!l->nomem)
		law_book_index(l);
	if (!l->nomem)
		law_book_link(l);
}

enum co_rc
law_book_load(struct law_book **out, const struct law_text *texts, size_t texts_n,
	struct law_fault *faults, size_t max, size_t *n, struct co_err *err)
{
	co_auto_free struct reading *r = calloc(1, sizeof(*r));
	law_book_auto *book = calloc(1, sizeof(*book));
	enum co_rc rc;

	if (n != NULL)
		*n = 0;
	if (texts_n > LIMIT_LAW_FILES)
		return co_fail(err, CO_ETOOBIG, "%zu files of law, %u is the limit", texts_n,
			LIMIT_LAW_FILES);
	if (r == NULL || book == NULL)
		return co_fail(err, CO_ENOMEM, "loading the law: out of memory");
	r->load.book = book;
	r->load.texts = texts;
	r->load.texts_n = texts_n;
	book_read(r);
	rc = law_load_end(&r->load, faults, max, n, err);
	free(r->load.notes);
	if (rc == CO_OK)
		*out = CO_TAKE(book);
	return rc;
}
