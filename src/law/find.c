/* Looking things up in a book: facts by economy and attribute through a hash table, by digest and
 * by id through sorted lists. */
#include "law/inside.h"
#include "law/law_files.h"

#include <string.h>

/* FNV-1a, 32 bit; the names are ours, nobody gains by making them clash. */
static uint32_t
thing_hash(const char *economy, const char *about)
{
	uint32_t h = UINT32_C(2166136261);

	for (; *economy != '\0'; economy++)
		h = (h ^ (unsigned char)*economy) * UINT32_C(16777619);
	for (; *about != '\0'; about++)
		h = (h ^ (unsigned char)*about) * UINT32_C(16777619);
	return h;
}

static int
thing_order(const struct law_row *x, const struct law_row *y)
{
	int c = strcmp(x->fact.economy, y->fact.economy);

	return c != 0 ? c : strcmp(x->fact.about, y->fact.about);
}

/* The one that counts comes first: a profile's before the built-in, then the one known last. */
static int
row_order(const void *a, const void *b)
{
	const struct law_row *x = *(struct law_row *const *)a, *y = *(struct law_row *const *)b;
	int c = thing_order(x, y);

	if (c != 0)
		return c;
	if (x->own != y->own)
		return x->own ? -1 : 1;
	if (x->fact.known != y->fact.known)
		return x->fact.known > y->fact.known ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static int
digest_order(const void *a, const void *b)
{
	const struct law_row *x = *(struct law_row *const *)a, *y = *(struct law_row *const *)b;

	return strcmp(x->fact.sha256, y->fact.sha256);
}

static int
id_order(const void *a, const void *b)
{
	const struct law_row *x = *(struct law_row *const *)a, *y = *(struct law_row *const *)b;
	int c = strcmp(x->fact.id, y->fact.id);

	/* The built-in one of two goes first, then the earlier. */
	if (c != 0)
		return c;
	if (x->own != y->own)
		return x->own ? 1 : -1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static void
slot_put(struct law_book *b, uint32_t first, uint32_t n)
{
	const struct law_fact *f = &b->rows[first]->fact;
	uint32_t hash = thing_hash(f->economy, f->about);
	size_t i = hash & (b->slots_n - 1);

	while (b->slots[i].n != 0)
		i = (i + 1) & (b->slots_n - 1);
	b->slots[i] = (struct law_slot){ hash, first, n };
}

static void
slots_fill(struct law_load *l)
{
	struct law_book *b = l->book;
	size_t size = 2;

	while (size < b->rows_n * 2)
		size *= 2;
	b->slots = calloc(size, sizeof(*b->slots));
	if (b->slots == NULL) {
		l->nomem = true;
		return;
	}
	b->slots_n = size;
	for (size_t i = 0, next; i < b->rows_n; i = next) {
		for (next = i + 1; next < b->rows_n && thing_order(b->rows[i], b->rows[next]) == 0;)
			next++;
		slot_put(b, (uint32_t)i, (uint32_t)(next - i));
	}
}

/* The facts of an economy as its files have them; those with faults are left out. */
static void
home_index(struct law_load *l, struct law_home *home)
{
	struct law_book *b = l->book;
	const struct law_fact **facts =
		law_take(l, home->rows_n[0] + home->rows_n[1], sizeof(*facts));
	size_t n = 0;

	if (facts == NULL)
		return;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < home->rows_n[k]; i++) {
			if (home->rows[k][i].bad)
				continue;
			b->rows[b->rows_n++] = &home->rows[k][i];
			facts[n++] = &home->rows[k][i].fact;
		}
	home->economy.facts = facts;
	home->economy.facts_n = n;
}

static struct law_row **
rows_sorted(struct law_load *l, int (*order)(const void *, const void *))
{
	const struct law_book *b = l->book;
	struct law_row **copy = calloc(b->rows_n + 1, sizeof(struct law_row *));

	if (copy == NULL) {
		l->nomem = true;
		return NULL;
	}
	memcpy(copy, b->rows, b->rows_n * sizeof(*copy));
	qsort(copy, b->rows_n, sizeof(*copy), order);
	return copy;
}

void
law_book_index(struct law_load *l)
{
	struct law_book *b = l->book;

	b->rows = calloc(l->facts_n + 1, sizeof(*b->rows));
	if (b->rows == NULL)
		l->nomem = true;
	for (size_t i = 0; i < b->homes_n && !l->nomem; i++)
		home_index(l, b->homes[i]);
	if (l->nomem)
		return;
	qsort(b->rows, b->rows_n, sizeof(*b->rows), row_order);
	b->ids = rows_sorted(l, id_order);
	b->digests = rows_sorted(l, digest_order);
	slots_fill(l);
}

static const struct law_slot *
slot_find(const struct law_book *b, const char *economy, const char *about)
{
	uint32_t hash = thing_hash(economy, about);

	for (size_t i = hash & (b->slots_n - 1); b->slots[i].n != 0;
		i = (i + 1) & (b->slots_n - 1)) {
		const struct law_fact *f = &b->rows[b->slots[i].first]->fact;

		if (b->slots[i].hash == hash && strcmp(f->about, about) == 0 &&
			strcmp(f->economy, economy) == 0)
			return &b->slots[i];
	}
	return NULL;
}

const struct law_fact *
law_fact_find(
	const struct law_book *b, const char *economy, const char *about, law_day at, law_day known)
{
	const struct law_slot *s = slot_find(b, economy, about);

	for (uint32_t i = 0; s != NULL && i < s->n; i++) {
		const struct law_row *r = b->rows[s->first + i];

		if (r->fact.from <= at && at < r->fact.to && r->fact.known <= known &&
			known < r->dead)
			return &r->fact;
	}
	return NULL;
}

const struct law_fact *
law_fact_by_sha256(const struct law_book *b, const char *hex)
{
	size_t low = 0, high = b->rows_n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = strcmp(b->digests[mid]->fact.sha256, hex);

		if (c == 0)
			return &b->digests[mid]->fact;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

size_t
law_fact_count(const struct law_book *b)
{
	return b->rows_n;
}

const struct law_text *
law_built_in(size_t *n)
{
	*n = 0;
	while (law_files[*n].name != NULL)
		(*n)++;
	return law_files;
}
