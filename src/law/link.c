/* What the facts of a book say of each other: unique ids, corrections, days that overlap, and
 * territories. */
#include "law/inside.h"

#include <string.h>

static void
row_fault(struct law_load *l, const struct law_row *r, const char *member, const char *text,
	const char *what)
{
	struct law_path all = { NULL, "facts", 0 }, at = { &all, NULL, r->place };
	struct law_path here = { &at, member, 0 };

	l->file = r->file;
	law_fault(l, member != NULL ? &here : &at, "%s: %s", what, text);
}

static void
ids_check(struct law_load *l)
{
	const struct law_book *b = l->book;

	for (size_t i = 1; i < b->rows_n; i++)
		if (strcmp(b->ids[i]->fact.id, b->ids[i - 1]->fact.id) == 0)
			row_fault(l, b->ids[i], "id", "the id is taken; give this fact a new one",
				b->ids[i]->fact.id);
}

static struct law_row *
row_by_id(const struct law_book *b, const char *id)
{
	size_t low = 0, high = b->rows_n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(b->ids[mid]->fact.id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < b->rows_n && strcmp(b->ids[low]->fact.id, id) == 0 ? b->ids[low] : NULL;
}

/* The one meant may be there with a fault of its own, which is told already. */
static bool
row_is_faulty(const struct law_book *b, const struct law_row *r)
{
	for (size_t i = 0; i < b->homes_n; i++)
		for (size_t k = 0; k < b->homes[i]->rows_n[0] + b->homes[i]->rows_n[1]; k++) {
			const struct law_row *other = k < b->homes[i]->rows_n[0]
				? &b->homes[i]->rows[0][k]
				: &b->homes[i]->rows[1][k - b->homes[i]->rows_n[0]];

			if (other->fact.id != NULL && strcmp(other->fact.id, r->corrects) == 0)
				return true;
		}
	return false;
}

static void
row_find_before(struct law_load *l, struct law_row *r)
{
	struct law_row *before = row_by_id(l->book, r->corrects);

	if (before == NULL && row_is_faulty(l->book, r))
		return;
	if (before == NULL)
		row_fault(l, r, "supersedes", "no such fact; name the id of an earlier one",
			r->corrects);
	else if (strcmp(before->fact.economy, r->fact.economy) != 0 ||
		strcmp(before->fact.about, r->fact.about) != 0)
		row_fault(
			l, r, "supersedes", "is about something else; correct the id", r->corrects);
	else if (before->own && !r->own)
		row_fault(l, r, "supersedes",
			"is an economy's own word; only its profile may "
			"correct it",
			r->corrects);
	else {
		r->before = before;
		r->fact.supersedes = &before->fact;
	}
}

/* From the day a correction is known, all that it corrects, near and far, no longer counts. A chain
 * longer than the book is a circle. */
static void
row_bury(struct law_load *l, struct law_row *r)
{
	size_t steps = 0;

	for (struct law_row *old = r->before; old != NULL; old = old->before) {
		if (old == r || steps++ > l->book->rows_n) {
			row_fault(l, r, "supersedes",
				"the corrections go round in a circle; break it", r->fact.id);
			return;
		}
		if (r->fact.known < old->dead)
			old->dead = r->fact.known;
	}
}

static void
supersedes_check(struct law_load *l)
{
	struct law_book *b = l->book;

	for (size_t i = 0; i < b->rows_n; i++)
		if (b->rows[i]->corrects != NULL)
			row_find_before(l, b->rows[i]);
	for (size_t i = 0; i < b->rows_n; i++)
		row_bury(l, b->rows[i]);
}

/* Is there a day of knowledge on which both count, and a day on which both hold? */
static bool
rows_clash(const struct law_row *x, const struct law_row *y)
{
	law_day known = x->fact.known > y->fact.known ? x->fact.known : y->fact.known;

	return x->own == y->own && known < x->dead && known < y->dead &&
		x->fact.from < y->fact.to && y->fact.from < x->fact.to;
}

static void
slot_check(struct law_load *l, const struct law_slot *s)
{
	struct law_row **rows = &l->book->rows[s->first];

	if (s->n > LIMIT_LAW_SAME) {
		row_fault(l, rows[0], "about",
			"too many facts about one thing; keep those that count",
			rows[0]->fact.about);
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = i + 1; k < s->n; k++) {
			/* Told where the later of the two stands. */
			bool later = rows[i]->place > rows[k]->place;
			char text[120];

			if (!rows_clash(rows[i], rows[k]))
				continue;
			(void)snprintf(text, sizeof(text),
				"holds on a day on which %.40s holds; "
				"give it from and to, or supersede one",
				rows[later ? k : i]->fact.id);
			row_fault(l, rows[later ? i : k], NULL, text, rows[later ? i : k]->fact.id);
		}
}

static void
territories_check(struct law_load *l)
{
	const struct law_book *b = l->book;
	struct law_path at = { NULL, "of", 0 };

	for (size_t i = 0; i < b->homes_n; i++) {
		const struct law_economy *e = &b->homes[i]->economy, *up = e;
		size_t steps = 0;

		l->file = b->homes[i]->file;
		if (e->of != NULL && law_economy_find(b, e->of) == NULL)
			law_fault(l, &at, "no such economy %s; add its file or correct the code",
				e->of);
		while (up != NULL && up->of != NULL && steps <= b->homes_n) {
			up = law_economy_find(b, up->of);
			steps++;
		}
		if (up != NULL && steps > b->homes_n)
			law_fault(l, &at, "%s is a territory of itself; correct the code", e->code);
	}
}

void
law_book_link(struct law_load *l)
{
	const struct law_book *b = l->book;

	ids_check(l);
	supersedes_check(l);
	for (size_t i = 0; i < b->slots_n; i++)
		if (b->slots[i].n > 0)
			slot_check(l, &b->slots[i]);
	territories_check(l);
}
