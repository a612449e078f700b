/* Sources: where a statement was read, and on which day's text. */
#include "law/inside.h"

#include <string.h>

/* What somebody remembers is no source; facts from there count as unverified. */
static const char memory[] = "MEMORY";

static bool
source_is_address(const char *s, size_t n)
{
	return text_token.ok(s, n) &&
		(strncmp(s, "https://", 8) == 0 || strncmp(s, "http://", 7) == 0);
}

static bool
source_is_key(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((s[i] < 'A' || s[i] > 'Z') && (s[i] < 'a' || s[i] > 'z') &&
			(s[i] < '0' || s[i] > '9') && s[i] != '-' && s[i] != '.')
			return false;
	return n > 0;
}

static const struct text_rule address = { source_is_address,
	"an address that begins with https:// or http://" };
static const struct text_rule key = { source_is_key, "letters, digits, '-' and '.', as CHART15" };

static const struct law_member source_rows[] = {
	{ .name = "key", .shape = LAW_STRING, .must = true, .max = 40, .rule = &key },
	{ .name = "title", .shape = LAW_STRING, .must = true },
	{ .name = "url", .shape = LAW_STRING, .rule = &address },
	{ .name = "as_of", .shape = LAW_DATE, .must = true },
	{ .name = NULL },
};
static const struct law_member file_rows[] = {
	{ .name = "sources", .shape = LAW_LIST, .must = true },
	{ .name = NULL },
};

/* Where a key stands, or would stand, in the sorted list. */
static size_t
source_place(const struct law_book *b, const char *wanted, bool *found)
{
	size_t low = 0, high = b->sources_n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(b->sources[mid]->key, wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*found = low < b->sources_n && strcmp(b->sources[low]->key, wanted) == 0;
	return low;
}

const struct law_source *
law_source_find(const struct law_book *b, const char *wanted)
{
	bool found;
	size_t i = source_place(b, wanted, &found);

	return found ? b->sources[i] : NULL;
}

static void
source_add(struct law_load *l, const struct law_path *at, const json_t *o)
{
	struct law_book *b = l->book;
	struct law_source *s = law_take(l, 1, sizeof(*s));
	bool found;
	size_t i = source_place(b, law_get(o, "key"), &found);

	if (found) {
		law_fault(l, at, "the source %s is there twice; keep one, or name this otherwise",
			law_get(o, "key"));
		return;
	}
	b->sources = law_grow(l, b->sources, b->sources_n);
	if (l->nomem)
		return;
	s->key = law_get_copy(l, o, "key");
	s->title = law_get_copy(l, o, "title");
	s->url = law_get_copy(l, o, "url");
	s->as_of = law_get_day(o, "as_of", LAW_DAY_START);
	if (l->nomem)
		return;
	memmove(&b->sources[i + 1], &b->sources[i], (b->sources_n - i) * sizeof(*b->sources));
	b->sources[i] = s;
	b->sources_n++;
}

/* An economy's own sources are named after it, so that they never clash with later ones. */
void
law_sources_read(struct law_load *l, const json_t *list, const char *economy)
{
	struct law_path all = { NULL, "sources", 0 };

	for (size_t i = 0; i < json_array_size(list) && !l->nomem; i++) {
		struct law_path at = { &all, NULL, i };
		const json_t *o = json_array_get(list, i);
		const char *name;
		char want[8] = "";

		if (!law_members(l, &at, o, source_rows))
			continue;
		name = law_get(o, "key");
		if (economy != NULL)
			(void)snprintf(want, sizeof(want), "%.2s.", economy);
		if (strncmp(name, want, strlen(want)) != 0)
			law_fault(l, &at, "a source of this file is named after the economy: %s%s",
				want, name);
		else if (economy == NULL && strchr(name, '.') != NULL)
			law_fault(l, &at,
				"%s: a name with '.' is for an economy's own sources; "
				"leave the dot out",
				name);
		else
			source_add(l, &at, o);
	}
}

void
law_sources_file(struct law_load *l, const json_t *top)
{
	if (law_members(l, NULL, top, file_rows))
		law_sources_read(l, json_object_get(top, "sources"), NULL);
}

bool
law_get_source(struct law_load *l, const struct law_path *at, const json_t *o,
	const struct law_source **source, enum law_certainty *certainty)
{
	const char *name = law_get(o, "source"), *sure = law_get(o, "certainty");

	if (sure != NULL)
		(void)law_certainty_parse(sure, certainty);
	if (name != NULL) {
		*source = law_source_find(l->book, name);
		if (*source == NULL) {
			law_fault(l, &(struct law_path){ at, "source", 0 },
				"unknown source \"%.40s\"; add it to sources.json first", name);
			return false;
		}
	}
	if (*source == NULL)
		return false; /* told elsewhere */
	if (strcmp((*source)->key, memory) == 0 && *certainty != LAW_UNVERIFIED) {
		law_fault(l, at,
			"from MEMORY nothing is better than unverified; write that, or name a "
			"source");
		return false;
	}
	return true;
}
