/* An economy's file, and the profile in which it speaks for itself. */
#include "law/inside.h"

#include <string.h>

#define COMMON_ROWS \
	{ .name = "name", .shape = LAW_STRING, .must = true, .max = LIMIT_NAME }, \
		{ .name = "in_text", .shape = LAW_STRING, .max = LIMIT_NAME }, \
		{ .name = "of", .shape = LAW_STRING, .rule = &text_economy }, \
		{ .name = "sources", .shape = LAW_LIST }, \
		{ .name = "facts", .shape = LAW_LIST, .must = true }, \
	{ \
		.name = NULL \
	}

static const struct law_member economy_rows[] = {
	{ .name = "economy", .shape = LAW_STRING, .must = true, .rule = &text_economy },
	COMMON_ROWS,
};
static const struct law_member profile_rows[] = {
	{ .name = "profile", .shape = LAW_STRING, .must = true, .rule = &text_economy },
	COMMON_ROWS,
};

static size_t
home_place(const struct law_book *b, const char *code, bool *found)
{
	size_t low = 0, high = b->homes_n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(b->homes[mid]->economy.code, code) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*found = low < b->homes_n && strcmp(b->homes[low]->economy.code, code) == 0;
	return low;
}

size_t
law_economy_count(const struct law_book *b)
{
	return b->homes_n;
}

const struct law_economy *
law_economy_at(const struct law_book *b, size_t i)
{
	return i < b->homes_n ? &b->homes[i]->economy : NULL;
}

const struct law_economy *
law_economy_find(const struct law_book *b, const char *code)
{
	bool found;
	size_t i = home_place(b, code, &found);

	return found ? &b->homes[i]->economy : NULL;
}

/* The economy of a file, made when it is new. */
static struct law_home *
home_of(struct law_load *l, const json_t *top, const char *code)
{
	struct law_book *b = l->book;
	struct law_home *home;
	bool found;
	size_t i = home_place(b, code, &found);

	if (found)
		return b->homes[i];
	home = law_take(l, 1, sizeof(*home));
	b->homes = law_grow(l, b->homes, b->homes_n);
	if (l->nomem)
		return NULL;
	home->file = l->file;
	home->economy.code = law_copy(l, code);
	home->economy.name = law_get_copy(l, top, "name");
	home->economy.in_text = law_get_copy(l, top, "in_text");
	if (home->economy.in_text == NULL)
		home->economy.in_text = home->economy.name;
	home->economy.of = law_get_copy(l, top, "of");
	if (l->nomem)
		return NULL;
	memmove(&b->homes[i + 1], &b->homes[i], (b->homes_n - i) * sizeof(*b->homes));
	b->homes[i] = home;
	b->homes_n++;
	return home;
}

static void
economy_read(struct law_load *l, const json_t *top, const char *member, unsigned layer)
{
	struct law_path at = { NULL, member, 0 };
	const char *code = law_get(top, member);
	struct law_home *home;
	bool *has;

	/* Whatever else did not fit, the facts are looked at, so that all faults are told at once.
	 */
	if (code == NULL || !text_economy.ok(code, strlen(code)))
		return;
	home = home_of(l, top, code);
	if (home == NULL)
		return;
	has = layer == 0 ? &home->has_file : &home->has_profile;
	if (*has) {
		law_fault(l, &at, "a second %s for %s; put the facts into one file", member, code);
		return;
	}
	*has = true;
	law_sources_read(l, json_object_get(top, "sources"), code);
	law_facts_read(l, json_object_get(top, "facts"), home, layer);
}

void
law_economy_file(struct law_load *l, const json_t *top)
{
	(void)law_members(l, NULL, top, economy_rows);
	economy_read(l, top, "economy", 0);
}

void
law_profile_file(struct law_load *l, const json_t *top)
{
	(void)law_members(l, NULL, top, profile_rows);
	economy_read(l, top, "profile", 1);
}
