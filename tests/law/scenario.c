#include "scenario.h"

#include <errno.h>
#include <string.h>

/* Reading stops at the first fault. */
struct reader {
	const char *file;
	unsigned line;
	struct scenario *s; /* the one being read; at first what the whole file shares */
	struct scenario *shared;
	struct scenario *all;
	size_t n, room;
	char *why;
	size_t cap;
	bool bad;
};

static void fault(struct reader *r, const char *fmt, ...) CO_PRINTF(2, 3);

static void
fault(struct reader *r, const char *fmt, ...)
{
	va_list ap;
	int k;

	if (r->bad)
		return;
	r->bad = true;
	k = snprintf(r->why, r->cap, "%s:%u: ", r->file, r->line);
	va_start(ap, fmt);
	if (k > 0 && (size_t)k < r->cap)
		(void)vsnprintf(r->why + k, r->cap - (size_t)k, fmt, ap);
	va_end(ap);
}

static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r'))
		s[--n] = '\0';
	return s;
}

/* Cuts the part before the next sep off *rest; NULL when nothing is left. Blanks around go. */
static char *
cut(char **rest, char sep)
{
	char *s = *rest, *end;

	if (s == NULL)
		return NULL;
	s += strspn(s, " \t");
	end = strchr(s, sep);
	if (end != NULL)
		*end++ = '\0';
	*rest = end;
	s = trim(s);
	return *s == '\0' && end == NULL ? NULL : s;
}

static void
read_day(struct reader *r, const char *s, law_day *out)
{
	struct co_err err = { 0 };

	if (s == NULL || law_day_parse(s, out, &err) != CO_OK)
		fault(r, "\"%s\" is no day; wanted as 2026-11-23", s == NULL ? "" : s);
}

static void
read_list(struct reader *r, char *value, const char **list, size_t *n)
{
	char *rest = value, *one;

	*n = 0;
	while ((one = cut(&rest, ',')) != NULL) {
		if (*n == SC_LIST)
			fault(r, "more than %d in a list", SC_LIST);
		else
			list[(*n)++] = one;
	}
}

/* ---- the lines, one function a key ---- */

/* JP asks AU to preserve, urgent, on 2026-11-23 */
static void
key_request(struct reader *r, char *value)
{
	struct law_question *q = &r->s->q;
	char *rest = value, *who = cut(&rest, ','), *one;

	q->requesting = cut(&who, ' ');
	one = cut(&who, ' ');
	if (one == NULL || strcmp(one, "asks") != 0)
		fault(r, "wanted: request: JP asks AU to preserve, urgent, on 2026-11-23");
	q->requested = cut(&who, ' ');
	one = cut(&who, ' ');
	if (one == NULL || (strcmp(one, "to") != 0 && strcmp(one, "for") != 0))
		fault(r, "wanted \"to\" or \"for\" before the measure");
	q->measure = cut(&who, ' ');
	if (q->measure == NULL || who != NULL)
		fault(r, "wanted one measure after \"to\" or \"for\"");
	while ((one = cut(&rest, ',')) != NULL) {
		if (strncmp(one, "on ", 3) == 0)
			read_day(r, one + 3, &q->at);
		else if (q->urgency == NULL)
			q->urgency = one;
		else
			fault(r, "\"%s\": wanted one urgency and \"on\" a day", one);
	}
	if (q->at == LAW_DAY_OPEN)
		fault(r, "on which day? add: on 2026-11-23");
}

static void
key_known(struct reader *r, char *value)
{
	read_day(r, value, &r->s->q.known);
}

static void
key_conduct(struct reader *r, char *value)
{
	read_list(r, value, r->s->conduct, &r->s->q.conduct_n);
	r->s->q.conduct = r->s->conduct;
}

static void
key_data(struct reader *r, char *value)
{
	read_list(r, value, r->s->data, &r->s->q.data_n);
	r->s->q.data = r->s->data;
}

static void
key_switch_on(struct reader *r, char *value)
{
	read_list(r, value, r->s->switched_on, &r->s->q.switched_on_n);
	r->s->q.switched_on = r->s->switched_on;
}

static void
key_held_by(struct reader *r, char *value)
{
	(void)r;
	r->s->q.custodian = value;
}

static void
key_basis(struct reader *r, char *value)
{
	(void)r;
	r->s->q.basis = value;
}

/* 48 months */
static void
key_penalty(struct reader *r, char *value)
{
	char *end;

	errno = 0;
	r->s->q.max_months = strtol(value, &end, 10);
	if (errno != 0 || end == value || strcmp(end, " months") != 0)
		fault(r, "wanted: penalty: 48 months");
}

static void
set_field(struct reader *r, char *one)
{
	char *code = cut(&one, ' '), *v = one == NULL ? NULL : trim(one);
	json_t *j;

	if (code == NULL || v == NULL) {
		fault(r, "wanted a field and its value, as: confidential yes");
		return;
	}
	if (strcmp(v, "yes") == 0 || strcmp(v, "no") == 0)
		j = json_boolean(v[0] == 'y');
	else
		j = json_string(v);
	if (json_object_set_new(r->s->fields, code, j) != 0)
		fault(r, "field %s: out of memory", code);
}

/* complete, without necessity, without callback, confidential yes: the form of the test library,
 * changed. empty: nothing was filled in yet. */
static void
key_form(struct reader *r, char *value)
{
	const char *root = getenv("COMITY_SOURCE");
	char path[512], *rest = value, *one = cut(&rest, ',');

	if (one == NULL || (strcmp(one, "complete") != 0 && strcmp(one, "empty") != 0)) {
		fault(r, "wanted: form: complete, or: form: empty");
		return;
	}
	if (r->s->fields != NULL || r->s->q.measure == NULL) {
		fault(r, "form: comes once, and after request:");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/tests/lib/%s.json", root == NULL ? "." : root,
		r->s->q.measure);
	r->s->fields = one[0] == 'e' ? json_object() : json_load_file(path, 0, NULL);
	if (r->s->fields == NULL)
		fault(r, "no complete form for %s in tests/lib", r->s->q.measure);
	while (!r->bad && (one = cut(&rest, ',')) != NULL) {
		if (strncmp(one, "without ", 8) != 0)
			set_field(r, one);
		else if (json_object_del(r->s->fields, trim(one + 8)) != 0)
			fault(r, "the complete form has no field \"%s\"", one + 8);
	}
	r->s->q.fields = r->s->fields;
}

/* XA Examplia */
static void
key_economy(struct reader *r, char *value)
{
	struct scenario *s = r->s;

	if (s->economies_n == CO_ARRAY_LEN(s->economies)) {
		fault(r, "too many economies");
		return;
	}
	s->economies[s->economies_n].code = cut(&value, ' ');
	s->economies[s->economies_n].name = value == NULL ? NULL : trim(value);
	if (value == NULL)
		fault(r, "wanted: economy: XA Examplia");
	s->economies_n++;
}

/* A word, or JSON from the bracket on; *rest is what follows the comma after it. */
static json_t *
fact_value(struct reader *r, char **rest)
{
	json_error_t where;
	char *s = *rest + strspn(*rest, " ");
	json_t *v;

	if (*s != '{' && *s != '[')
		return json_string(cut(rest, ','));
	v = json_loads(s, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &where);
	if (v == NULL) {
		fault(r, "value: %s", where.text);
		return NULL;
	}
	s += where.position;
	*rest = *s == ',' ? s + 1 : NULL;
	if (*s != ',' && *trim(s) != '\0')
		fault(r, "\"%s\" after the value; wanted a comma", s);
	return v;
}

/* AT condition/dual-criminality = required, from 2012-10-01, unverified */
static void
key_fact(struct reader *r, char *value)
{
	struct sc_fact *f = &r->s->facts[r->s->facts_n];
	char *one;

	if (r->s->facts_n == SC_LIST) {
		fault(r, "more than %d facts", SC_LIST);
		return;
	}
	r->s->facts_n++;
	*f = (struct sc_fact){ .certainty = "verified", .known = "1990-01-01" };
	f->economy = cut(&value, ' ');
	f->about = cut(&value, ' ');
	one = cut(&value, ' ');
	if (one == NULL || strcmp(one, "=") != 0 || value == NULL) {
		fault(r, "wanted: fact: AT condition/dual-criminality = required");
		return;
	}
	f->value = fact_value(r, &value);
	while (!r->bad && (one = cut(&value, ',')) != NULL) {
		if (strncmp(one, "from ", 5) == 0)
			f->from = one + 5;
		else if (strncmp(one, "to ", 3) == 0)
			f->to = one + 3;
		else if (strncmp(one, "known ", 6) == 0)
			f->known = one + 6;
		else
			f->certainty = one; /* checked when the book is loaded */
	}
}

static void
key_expect(struct reader *r, char *value)
{
	struct sc_expect *e = &r->s->expects[r->s->expects_n];
	const char *wrong;

	if (r->s->expects_n == SC_EXPECTS) {
		fault(r, "more than %d expectations", SC_EXPECTS);
		return;
	}
	r->s->expects_n++;
	wrong = expect_read(e, value);
	e->line = r->line;
	if (wrong != NULL)
		fault(r, "%s", wrong);
}

static const struct {
	const char *key;
	void (*read)(struct reader *r, char *value);
} keys[] = {
	{ "request", key_request },
	{ "known", key_known },
	{ "conduct", key_conduct },
	{ "data", key_data },
	{ "held by", key_held_by },
	{ "penalty", key_penalty },
	{ "form", key_form },
	{ "basis", key_basis },
	{ "switch on", key_switch_on },
	{ "economy", key_economy },
	{ "fact", key_fact },
	{ "expect", key_expect },
};

/* Said at the scenario's own line: a word is missing, none is wrong. */
static void
scenario_end(struct reader *r)
{
	struct reader at = *r;

	if (r->s == r->shared || r->bad)
		return;
	at.line = r->s->line;
	if (r->s->q.measure == NULL)
		fault(&at, "no request: in this scenario");
	else if (r->s->expects_n == 0)
		fault(&at, "a scenario that expects nothing tests nothing");
	r->bad = at.bad;
}

static void
scenario_share(struct scenario *s, const struct scenario *shared)
{
	memcpy(s->facts, shared->facts, sizeof(s->facts));
	memcpy(s->economies, shared->economies, sizeof(s->economies));
	s->facts_n = shared->facts_n;
	s->economies_n = shared->economies_n;
	for (size_t i = 0; i < s->facts_n; i++)
		(void)json_incref(s->facts[i].value);
}

static void
scenario_begin(struct reader *r, const char *title)
{
	struct scenario *s;
	const char *base = strrchr(r->file, '/');

	scenario_end(r);
	if (r->n == r->room) {
		struct scenario *grown = reallocarray(r->all, r->room + 32, sizeof(*grown));

		if (grown == NULL) {
			fault(r, "out of memory");
			return;
		}
		r->all = grown;
		r->room += 32;
	}
	s = r->s = &r->all[r->n++];
	memset(s, 0, sizeof(*s));
	scenario_share(s, r->shared);
	s->file = r->file;
	s->line = r->line;
	s->q.at = LAW_DAY_OPEN;
	s->q.known = SC_ALL_KNOWN;
	s->q.max_months = -1;
	(void)snprintf(s->name, sizeof(s->name), "%s:%u:%s", base == NULL ? r->file : base + 1,
		r->line, title);
	for (char *p = s->name; *p != '\0'; p++)
		if (*p == ' ')
			*p = '-';
	if (*title == '\0')
		fault(r, "a scenario without a title");
}

static void
read_line(struct reader *r, char *line)
{
	char *value = strchr(line, ':');
	size_t i = 0;

	if (*line == '\0' || *line == '#')
		return;
	if (value == NULL) {
		fault(r, "\"%s\": wanted a word, a colon and its value", line);
		return;
	}
	*value++ = '\0';
	line = trim(line);
	value = trim(value);
	if (strcmp(line, "scenario") == 0) {
		scenario_begin(r, value);
		return;
	}
	while (i < CO_ARRAY_LEN(keys) && strcmp(keys[i].key, line) != 0)
		i++;
	if (i == CO_ARRAY_LEN(keys))
		fault(r, "unknown word \"%s\"", line);
	else if (r->s == r->shared && keys[i].read != key_economy && keys[i].read != key_fact)
		fault(r, "\"%s:\" before the first scenario:", line);
	else if (*value == '\0')
		fault(r, "\"%s:\" without a value", line);
	else
		keys[i].read(r, value);
}

/* The lists inside a scenario point into itself: they are set again once it stays where it is. */
static void
scenario_settle(struct scenario *s)
{
	s->q.conduct = s->conduct;
	s->q.data = s->data;
	s->q.switched_on = s->switched_on;
}

bool
scenarios_read(
	const char *file, char *text, struct scenario **out, size_t *n, char *why, size_t cap)
{
	struct scenario shared = { .facts_n = 0 };
	struct reader r = { .file = file, .why = why, .cap = cap, .s = &shared, .shared = &shared };
	char *rest = text;

	while (!r.bad && rest != NULL) {
		char *line = rest;

		rest = strchr(rest, '\n');
		if (rest != NULL)
			*rest++ = '\0';
		r.line++;
		read_line(&r, trim(line));
	}
	scenario_end(&r);
	if (!r.bad && r.n == 0)
		fault(&r, "no scenario in this file");
	for (size_t i = 0; i < r.n; i++)
		if (r.bad)
			scenario_free(&r.all[i]);
		else
			scenario_settle(&r.all[i]);
	scenario_free(&shared);
	if (r.bad) {
		free(r.all);
		return false;
	}
	*out = r.all;
	*n = r.n;
	return true;
}

void
scenario_free(struct scenario *s)
{
	json_decref(s->fields);
	for (size_t i = 0; i < s->facts_n; i++)
		json_decref(s->facts[i].value);
}
