/* Facts of one economy, from JSON to rows. */
#include "law/inside.h"

#include "crypto/digest.h"

#include <string.h>

static const struct law_member fact_rows[] = {
	{ .name = "id", .shape = LAW_STRING, .must = true, .max = 40, .rule = &text_token },
	{ .name = "about", .shape = LAW_STRING, .must = true, .max = 100, .rule = &text_token },
	{ .name = "value", .shape = LAW_ANY, .must = true },
	{ .name = "from", .shape = LAW_DATE },
	{ .name = "to", .shape = LAW_DATE },
	{ .name = "known", .shape = LAW_DATE },
	{ .name = "supersedes", .shape = LAW_STRING, .max = 40, .rule = &text_token },
	{ .name = "consent", .shape = LAW_DATE },
	{ .name = "source", .shape = LAW_STRING, .must = true, .max = 40 },
	{ .name = "certainty",
		.shape = LAW_STRING,
		.must = true,
		.choices = "verified|secondary|unverified" },
	{ .name = "note", .shape = LAW_STRING },
	{ .name = NULL },
};

static bool
word_is_plain(const char *s)
{
	const char *c = s;

	while ((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') ||
		*c == '-')
		c++;
	return c > s && *c == '\0';
}

/* "AT.1", in a profile "AT.own-1": a later book of built-in facts never takes a profile's id. */
static bool
fact_id_fits(
	struct law_load *l, const struct law_path *at, const char *id, const char *code, bool own)
{
	bool good = strncmp(id, code, 2) == 0 && id[2] == '.' && word_is_plain(id + 3);

	if (good && (strncmp(id + 3, "own-", 4) == 0) == own)
		return true;
	law_fault(l, at, "the id \"%.40s\" does not fit; %s %s.%s", id,
		own ? "in a profile write" : "write", code, own ? "own-1" : "1");
	return false;
}

/* Arts 36(3)-(4), 37(2) of cets-185 and the like: nobody is bound before the treaty itself. */
static bool
fact_consent_fits(struct law_load *l, const struct law_path *at, const struct law_fact *f)
{
	const struct law_instrument *in = law_instrument_find(l->book, f->about + 7);
	law_day want = f->consent;
	char day[16], from[16];

	if (f->consent == LAW_DAY_START)
		return true;
	if (strncmp(f->about, "status/", 7) != 0 ||
		strcmp(json_string_value(f->value), "party") != 0) {
		law_fault(l, at,
			"consent goes only with a status whose value is \"party\"; remove it");
		return false;
	}
	if (in == NULL || in->use->entry == LAW_ENTRY_NONE)
		return true;
	want = in->use->entry == LAW_ENTRY_MONTHS ? law_entry_into_force(want) : want + 90;
	if (in->from == LAW_DAY_OPEN) {
		law_fault(l, at,
			"%s is not in force: nobody is a party; write \"signed\" and a note",
			in->code);
		return false;
	}
	want = want > in->from ? want : in->from;
	if (f->from == want)
		return true;
	law_day_print(want, day);
	law_day_print(f->from, from);
	law_fault(l, at,
		"consent gives entry into force on %s, but from is %s; correct one of them", day,
		from[0] == '\0' ? "not there" : from);
	return false;
}

static bool
fact_days_fit(struct law_load *l, const struct law_path *at, const struct law_fact *f)
{
	char from[16], to[16];

	if (f->from < f->to)
		return true;
	law_day_print(f->from, from);
	law_day_print(f->to, to);
	law_fault(l, &(struct law_path){ at, "to", 0 },
		"from %s to %s holds on no day; \"to\" is the first day on which it no longer "
		"holds",
		from, to);
	return false;
}

/* What a decision cites: the text with sorted members, without blanks. */
static bool
fact_digest(struct law_load *l, const struct law_path *at, const json_t *o, struct law_fact *f)
{
	char text[LIMIT_LAW_FACT];
	size_t n = json_dumpb(o, text, sizeof(text), JSON_COMPACT | JSON_SORT_KEYS);

	if (n == 0)
		l->nomem = true;
	if (n > sizeof(text))
		law_fault(l, at, "%zu bytes in one fact, %zu is the limit; shorten its note", n,
			sizeof(text));
	if (n == 0 || n > sizeof(text))
		return false;
	sha256_hex(text, n, f->sha256);
	return true;
}

static void
fact_fill(struct law_load *l, const struct law_path *at, const json_t *o, struct law_row *row)
{
	struct law_fact *f = &row->fact;

	f->about = law_get_copy(l, o, "about");
	f->value = json_incref(json_object_get(o, "value"));
	f->from = law_get_day(o, "from", LAW_DAY_START);
	f->to = law_get_day(o, "to", LAW_DAY_OPEN);
	f->consent = law_get_day(o, "consent", LAW_DAY_START);
	f->note = law_get_copy(l, o, "note");
	row->corrects = law_get_copy(l, o, "supersedes");
	if (l->nomem || !law_get_source(l, at, o, &f->source, &f->certainty))
		return;
	f->known = law_get_day(o, "known", f->source->as_of);
	row->bad = false;
}

static void
fact_read(struct law_load *l, const struct law_path *at, const json_t *o, struct law_row *row,
	const struct law_home *home)
{
	struct law_fact *f = &row->fact;
	const struct law_attribute *a;
	struct law_path value = { at, "value", 0 };
	bool fits;

	row->bad = true;
	row->dead = LAW_DAY_OPEN;
	row->file = l->file;
	f->economy = home->economy.code;
	fits = law_members(l, at, o, fact_rows);
	if (law_get(o, "id") != NULL)
		f->id = law_get_copy(l, o, "id");
	if (!fits || l->nomem)
		return;
	fact_fill(l, at, o, row);
	if (l->nomem || row->bad)
		return;
	a = law_attribute_find(l, &(struct law_path){ at, "about", 0 }, f->about, false);
	row->bad = a == NULL;
	row->bad = !fact_id_fits(l, at, f->id, home->economy.code, row->own) || row->bad;
	row->bad = !fact_days_fit(l, at, f) || row->bad;
	row->bad = !fact_digest(l, at, o, f) || row->bad;
	if (a != NULL && law_attribute_check(l, &value, a, f->value))
		row->bad = !fact_consent_fits(l, at, f) || row->bad;
	else
		row->bad = true;
}

void
law_facts_read(struct law_load *l, const json_t *list, struct law_home *home, unsigned layer)
{
	struct law_path all = { NULL, "facts", 0 };
	size_t n = json_array_size(list);

	if (n > LIMIT_LAW_FACTS - l->facts_n) {
		law_fault(l, &all, "more than %u facts in all; load fewer files", LIMIT_LAW_FACTS);
		return;
	}
	home->rows[layer] = law_take(l, n, sizeof(struct law_row));
	if (home->rows[layer] == NULL)
		return;
	l->facts_n += n;
	home->rows_n[layer] = n;
	for (size_t i = 0; i < n && !l->nomem; i++) {
		home->rows[layer][i].own = layer == 1;
		home->rows[layer][i].place = i;
		fact_read(l, &(struct law_path){ &all, NULL, i }, json_array_get(list, i),
			&home->rows[layer][i], home);
	}
}
