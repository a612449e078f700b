/* The memory of a book and the list of its faults. */
#include "law/inside.h"

#include <stdarg.h>
#include <string.h>

enum { CHUNK = 64 * 1024, ALIGN = 16 };

struct law_arena_chunk {
	struct law_arena_chunk *next;
	size_t used, size;
	_Alignas(ALIGN) unsigned char bytes[];
};

void
law_arena_free(struct law_arena *a)
{
	while (a->chunks != NULL) {
		struct law_arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
}

void *
law_take(struct law_load *l, size_t n, size_t size)
{
	struct law_arena_chunk **chunks = &l->book->arena.chunks, *c = *chunks;
	size_t want = (n * size + ALIGN - 1) / ALIGN * ALIGN;

	if (c == NULL || c->size - c->used < want) {
		size_t room = want > CHUNK / 4 ? want : CHUNK;

		c = calloc(1, sizeof(*c) + room);
		if (c == NULL) {
			l->nomem = true;
			return NULL;
		}
		c->size = room;
		/* A large piece goes behind, so that the rest of the first stays in use. */
		if (*chunks != NULL && room == want) {
			c->next = (*chunks)->next;
			(*chunks)->next = c;
		} else {
			c->next = *chunks;
			*chunks = c;
		}
	}
	c->used += want;
	return c->bytes + c->used - want;
}

void *
law_grow(struct law_load *l, void *pointers, size_t n)
{
	void *bigger;

	/* A power of two is full. */
	if ((n & (n - 1)) != 0)
		return pointers;
	bigger = realloc(pointers, (n == 0 ? 1 : n * 2) * sizeof(void *));
	if (bigger == NULL)
		l->nomem = true;
	return bigger == NULL ? pointers : bigger;
}

const char *
law_copy(struct law_load *l, const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = law_take(l, n, 1);

	if (copy != NULL)
		memcpy(copy, s, n);
	return copy;
}

static struct law_note *
note_new(struct law_load *l)
{
	if (l->notes_n == l->notes_max) {
		size_t max = l->notes_max == 0 ? 16 : l->notes_max * 2;
		struct law_note *bigger = realloc(l->notes, max * sizeof(*bigger));

		if (bigger == NULL) {
			l->nomem = true;
			return NULL;
		}
		l->notes = bigger;
		l->notes_max = max;
	}
	return &l->notes[l->notes_n++];
}

void
law_fault(struct law_load *l, const struct law_path *at, const char *fmt, ...)
{
	const struct law_text *text = &l->texts[l->file];
	struct law_note *note;
	va_list ap;

	if (l->faults_n++ >= LIMIT_LAW_FAULTS || (note = note_new(l)) == NULL)
		return;
	memset(note, 0, sizeof(*note));
	note->file = l->file;
	note->turn = l->notes_n;
	note->fault.line = at == NULL ? 0 : law_where(text->data, text->n, at);
	(void)snprintf(note->fault.file, sizeof(note->fault.file), "%s", text->name);
	va_start(ap, fmt);
	(void)vsnprintf(note->fault.text, sizeof(note->fault.text), fmt, ap);
	va_end(ap);
}

static int
note_order(const void *a, const void *b)
{
	const struct law_note *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->fault.line != y->fault.line)
		return x->fault.line < y->fault.line ? -1 : 1;
	return x->turn < y->turn ? -1 : x->turn > y->turn;
}

enum co_rc
law_load_end(
	struct law_load *l, struct law_fault *faults, size_t max, size_t *n, struct co_err *err)
{
	char more[40] = "";

	if (l->nomem)
		return co_fail(err, CO_ENOMEM, "loading the law: out of memory");
	if (n != NULL)
		*n = l->faults_n;
	if (l->faults_n == 0)
		return CO_OK;
	qsort(l->notes, l->notes_n, sizeof(*l->notes), note_order);
	for (size_t i = 0; i < max && i < l->notes_n; i++)
		faults[i] = l->notes[i].fault;
	if (l->faults_n > 1)
		(void)snprintf(more, sizeof(more), " (and %zu more)", l->faults_n - 1);
	return co_fail(err, CO_EMALFORMED, "%s:%u: %.280s%s", l->notes[0].fault.file,
		l->notes[0].fault.line, l->notes[0].fault.text, more);
}
