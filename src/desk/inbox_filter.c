#include "desk/inbox_filter.h"

#include "desk/pages.h"

#include <string.h>

enum { QUERY_MAX = 4096 };

/* How a field of the address becomes a member of the operation. */
enum field_kind { FIELD_TEXT, FIELD_BOOL, FIELD_INT };

static const struct field {
	const char *name, *member, *label;
	enum field_kind kind;
	const char *yes, *no; /* FIELD_BOOL: what stands for true and false */
	bool coded;           /* the value is a code with a word of its own */
} fields[] = {
	{ "show", "incoming", WORDS("Direction"), FIELD_BOOL, "incoming", "outgoing", true },
	{ "partner", "partner", WORDS("Partner"), FIELD_TEXT, NULL, NULL, false },
	{ "measure", "measure", WORDS("Measure"), FIELD_TEXT, NULL, NULL, true },
	{ "urgency", "urgency", WORDS("Urgency"), FIELD_TEXT, NULL, NULL, true },
	{ "state", "state", WORDS("State"), FIELD_TEXT, NULL, NULL, true },
	{ "unit", "unit", WORDS("Unit"), FIELD_TEXT, NULL, NULL, false },
	{ "officer", "officer", WORDS("Taken by"), FIELD_TEXT, NULL, NULL, false },
	{ "within", "within", WORDS("Ends within"), FIELD_INT, NULL, NULL, false },
	{ "exercise", "exercise", WORDS("Training"), FIELD_BOOL, "yes", "no", true },
	{ "fresh", "fresh", WORDS("Not read"), FIELD_BOOL, "yes", "no", true },
	{ "words", "words", WORDS("Words"), FIELD_TEXT, NULL, NULL, false },
};

/* Codes of the filter that are words of their own on its chips. */
static const struct {
	const char *field, *code, *word;
} words[] = {
	{ "show", "incoming", WORDS("asked of us") },
	{ "show", "outgoing", WORDS("asked by us") },
	{ "exercise", "yes", WORDS("only training") },
	{ "exercise", "no", WORDS("no training") },
	{ "fresh", "yes", WORDS("only what I have not read") },
	{ "fresh", "no", WORDS("read or not") },
	{ "officer", "me", WORDS("me") },
	{ "officer", "nobody", WORDS("nobody") },
	{ "within", "2", WORDS("2 hours") },
	{ "within", "8", WORDS("8 hours") },
	{ "within", "24", WORDS("1 day") },
	{ "within", "72", WORDS("3 days") },
	{ "within", "168", WORDS("1 week") },
};

static const char *const urgencies[] = { "emergency", "urgent", "routine" };
/* What is open or runs, in the order of a request's life. */
static const char *const states[] = { "sent", "acknowledged", "accepted", "need-decision",
	"condition-offered", "condition-accepted", "condition-declined", "referred", "postponed",
	"delayed", "executed", "partial", "extended" };

const char *
filter_asked(const struct visit *v, const char *name)
{
	const char *s = web_query(v->req, name);

	return s == NULL || *s == '\0' ? NULL : s;
}

static enum co_rc
query_add(struct co_buf *out, const char *name, const char *value, struct co_err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	TRY(co_buf_addf(out, err, "%s%s=", out->len == 0 ? "" : "&", name));
	for (; *value != '\0'; value++) {
		if (strchr(plain, *value) != NULL)
			TRY(co_buf_add(out, value, 1, err));
		else
			TRY(co_buf_addf(out, err, "%%%02X", (unsigned)(unsigned char)*value));
	}
	return CO_OK;
}

json_t *
filter_query(const struct visit *v, given_fn *given, const char *without)
{
	co_auto_buf out;

	co_buf_init(&out, QUERY_MAX);
	for (size_t i = 0; i < CO_ARRAY_LEN(fields); i++) {
		const char *s = given(v, fields[i].name);

		if (s != NULL && (without == NULL || strcmp(without, fields[i].name) != 0) &&
			query_add(&out, fields[i].name, s, NULL) != CO_OK)
			break; /* too long for an address: the filter is only wider than meant */
	}
	return json_string(out.len == 0 ? "" : out.data);
}

static enum co_rc
field_read(const struct field *f, const char *s, json_t *in, struct co_err *err)
{
	char *end;
	long n;

	if (f->kind == FIELD_TEXT)
		(void)json_object_set_new(in, f->member, json_string(s));
	if (f->kind == FIELD_BOOL && strcmp(s, f->yes) != 0 && strcmp(s, f->no) != 0)
		return co_fail(err, CO_EUSAGE,
			"%s=%.32s in the address: wanted is %s or %s, or nothing", f->name, s,
			f->yes, f->no);
	if (f->kind == FIELD_BOOL)
		(void)json_object_set_new(in, f->member, json_boolean(strcmp(s, f->yes) == 0));
	if (f->kind != FIELD_INT)
		return CO_OK;
	n = strtol(s, &end, 10);
	if (*end != '\0' || n < 1 || n > 8784)
		return co_fail(err, CO_EUSAGE,
			"%s=%.32s in the address: wanted is a number of hours, at most 8784",
			f->name, s);
	(void)json_object_set_new(in, f->member, json_integer(n));
	return CO_OK;
}

enum co_rc
filter_read(const struct visit *v, given_fn *given, json_t *in, struct co_err *err)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(fields); i++) {
		const char *s = given(v, fields[i].name);

		if (s != NULL)
			TRY(field_read(&fields[i], s, in, err));
	}
	return CO_OK;
}

/* ---- what the filter shows of itself ---- */

static const char *
word_of(const struct field *f, const char *code)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(words); i++)
		if (strcmp(words[i].field, f->name) == 0 && strcmp(words[i].code, code) == 0)
			return words[i].word;
	return f->coded ? code : NULL;
}

void
filter_chips(struct visit *v)
{
	json_t *chips = json_array(), *now = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(fields); i++) {
		const char *s = filter_asked(v, fields[i].name), *word;

		(void)json_object_set_new(now, fields[i].name, json_string(s == NULL ? "" : s));
		if (s == NULL)
			continue;
		word = word_of(&fields[i], s);
		(void)json_array_append_new(chips,
			json_pack("{s:s,s:s,s:s,s:s*,s:s*,s:o}", "name", fields[i].name, "given", s,
				"label", fields[i].label, "word", word, "text",
				word == NULL ? s : NULL, "without",
				filter_query(v, filter_asked, fields[i].name)));
	}
	visit_put(v, "narrow", json_boolean(json_array_size(chips) > 0));
	visit_put(v, "chips", chips);
	visit_put(v, "now", now);
}

static void
choice(json_t *list, const char *code, const char *word, const char *chosen)
{
	(void)json_array_append_new(list,
		json_pack("{s:s,s:s,s:b}", "code", code, "word", word, "on",
			strcmp(code, chosen) == 0));
}

static void
choices_put(struct visit *v, const char *name, const char *const *codes, size_t n)
{
	json_t *list = json_array();
	const char *chosen = filter_asked(v, name);
	char as[32];

	for (size_t i = 0; i < n; i++)
		choice(list, codes[i], codes[i], chosen == NULL ? "" : chosen);
	for (size_t i = 0; n == 0 && i < CO_ARRAY_LEN(words); i++)
		if (strcmp(words[i].field, name) == 0)
			choice(list, words[i].code, words[i].word, chosen == NULL ? "" : chosen);
	(void)snprintf(as, sizeof(as), "pick_%s", name);
	visit_put(v, as, list);
}

enum co_rc
filter_form(struct visit *v, struct co_err *err)
{
	static const char *const worded[] = { "show", "officer", "within", "exercise" };
	json_t *out, *form, *unit, *list = json_array(), *units = json_array();
	const char *measure = filter_asked(v, "measure"), *in = filter_asked(v, "unit");
	size_t i;

	for (i = 0; i < CO_ARRAY_LEN(worded); i++)
		choices_put(v, worded[i], NULL, 0);
	choices_put(v, "urgency", urgencies, CO_ARRAY_LEN(urgencies));
	choices_put(v, "state", states, CO_ARRAY_LEN(states));
	visit_put(v, "pick_measure", list);
	visit_put(v, "units", units);
	TRY(visit_op(v, "form.list", json_object(), &out, err));
	json_array_foreach(json_object_get(out, "forms"), i, form)
	{
		const char *code = json_string_value(json_object_get(form, "measure"));

		choice(list, code, code, measure == NULL ? "" : measure);
	}
	json_decref(out);
	TRY(visit_op(v, "unit.list", json_object(), &out, err));
	json_array_foreach(json_object_get(out, "units"), i, unit)
		choice(units, json_string_value(json_object_get(unit, "name")),
			json_string_value(json_object_get(unit, "title")), in == NULL ? "" : in);
	visit_put(v, "several", json_boolean(json_array_size(units) > 1));
	json_decref(out);
	return CO_OK;
}

/* A filter that is kept, as the query string that it was. */
static json_t *
view_query(const json_t *filter)
{
	co_auto_buf q;

	co_buf_init(&q, QUERY_MAX);
	for (size_t i = 0; i < CO_ARRAY_LEN(fields); i++) {
		const json_t *m = json_object_get(filter, fields[i].member);
		char n[24];
		const char *s = n;

		if (m == NULL)
			continue;
		(void)snprintf(n, sizeof(n), "%lld", (long long)json_integer_value(m));
		if (json_is_string(m))
			s = json_string_value(m);
		else if (json_is_boolean(m))
			s = json_is_true(m) ? fields[i].yes : fields[i].no;
		if (query_add(&q, fields[i].name, s, NULL) != CO_OK)
			break;
	}
	return json_string(q.len == 0 ? "" : q.data);
}

enum co_rc
filter_views(struct visit *v, struct co_err *err)
{
	json_auto_t *out = NULL, *here = json_object();
	json_t *view, *list = json_array();
	size_t i;

	visit_put(v, "views", list);
	TRY(filter_read(v, filter_asked, here, err));
	TRY(visit_op(v, "view.list", json_object(), &out, err));
	json_array_foreach(json_object_get(out, "views"), i, view)
	{
		json_t *filter = json_object_get(view, "filter");

		(void)json_array_append_new(list,
			json_pack("{s:O,s:o,s:b}", "name", json_object_get(view, "name"), "query",
				view_query(filter), "on", json_equal(filter, here)));
	}
	return CO_OK;
}
