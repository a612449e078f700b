#include "base/columns.h"
#include "cli/law.h"
#include "law/show.h"

#include <string.h>

struct page {
	struct co_buf *out;
	size_t width;
};

/* Whole, unlike cli_text; the paragraph takes what would move the cursor. */
static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static enum co_rc line(const struct page *p, size_t indent, const char *first, struct co_err *err,
	const char *fmt, ...) CO_PRINTF(5, 6);

static enum co_rc
line(const struct page *p, size_t indent, const char *first, struct co_err *err, const char *fmt,
	...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return co_paragraph_add(p->out, first, indent, p->width, text, err);
}

/* A word, a list of words, or members: "has yes, statute Penal Code". */
static void
value_text(const json_t *v, char *out, size_t cap)
{
	const char *name;
	const json_t *one;
	size_t n = 0, i;
	co_auto_free char *plain = NULL;

	out[0] = '\0';
	if (json_is_string(v)) {
		(void)snprintf(out, cap, "%s", json_string_value(v));
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)v, name, one)
	{
		co_auto_free char *text = json_is_string(one)
			? NULL
			: json_dumps(one, JSON_ENCODE_ANY | JSON_COMPACT);

		if (n < cap)
			n += (size_t)snprintf(out + n, cap - n, "%s%s %s", n == 0 ? "" : ", ", name,
				text != NULL ? text : json_string_value(one));
	}
	json_array_foreach(v, i, one) if (n < cap && json_is_string(one)) n += (size_t)snprintf(
		out + n, cap - n, "%s%s", n == 0 ? "" : ", ", json_string_value(one));
	if (json_is_object(v) || json_is_array(v))
		return;
	plain = json_dumps(v, JSON_ENCODE_ANY);
	(void)snprintf(out, cap, "%s", plain == NULL ? "" : plain);
}

/* "2012-10-01 to 2020-01-01" */
static void
validity(const json_t *f, char out[64])
{
	const char *from = text_of(f, "from"), *to = text_of(f, "to");

	(void)snprintf(out, 64, "%s%s%s%s", *from != '\0' ? "from " : "", from,
		*to != '\0' ? " until " : "", to);
}

static enum co_rc
fact_lines(const struct page *p, const json_t *f, struct co_err *err)
{
	char value[1500], days[64];
	const char *holds = text_of(f, "holds");
	bool now = strcmp(holds, "yes") == 0;

	value_text(json_object_get(f, "value"), value, sizeof(value));
	validity(f, days);
	TRY(line(p, 2, now ? "" : "-", err, "%s: %s%s%s%s", text_of(f, "about"), value,
		now ? "" : " [", now ? "" : holds, now ? "" : "]"));
	if (*text_of(f, "note") != '\0')
		TRY(line(p, 6, "", err, "%s", text_of(f, "note")));
	return line(p, 6, "", err, "%s%s%s, %s; known since %s; fact %s%s%s", days,
		*days != '\0' ? "; " : "", text_of(f, "certainty"), text_of(f, "source"),
		text_of(f, "known"), text_of(f, "id"),
		*text_of(f, "supersedes") != '\0' ? ", supersedes " : "", text_of(f, "supersedes"));
}

static enum co_rc
economy_page(const struct page *p, const json_t *o, struct co_err *err)
{
	const json_t *f;
	size_t i;
	char last[64] = "";

	TRY(line(p, 0, "", err, "%s (%s)%s%s, the law on %s", text_of(o, "name"),
		text_of(o, "code"), *text_of(o, "of") != '\0' ? ", a territory of " : "",
		text_of(o, "of"), text_of(o, "at")));
	json_array_foreach(json_object_get(o, "facts"), i, f)
	{
		const char *about = text_of(f, "about");
		int n = (int)strcspn(about, "/");

		if (strncmp(last, about, (size_t)n) != 0 || last[n] != '\0') {
			(void)snprintf(last, sizeof(last), "%.*s", n, about);
			TRY(co_buf_add_str(p->out, "\n", err));
			TRY(line(p, 0, "", err, "%s", last));
		}
		TRY(fact_lines(p, f, err));
	}
	return CO_OK;
}

static enum co_rc
article_lines(const struct page *p, const json_t *a, bool rules, struct co_err *err)
{
	const json_t *r;
	size_t i;
	char first[64];

	(void)snprintf(first, sizeof(first), "%s", text_of(a, "article"));
	TRY(line(p, 6, first, err, "%s", text_of(a, "title")));
	TRY(line(p, 6, "", err, "%s", text_of(a, "summary")));
	TRY(line(p, 6, "", err, "%s, %s%s%s", text_of(a, "certainty"), text_of(a, "source"),
		*text_of(a, "provides") != '\0' ? "; looked up under " : "",
		text_of(a, "provides")));
	json_array_foreach(json_object_get(a, "rules"), i, r) if (rules) TRY(line(p, 10, "", err,
		"%s %s (%s, %s): %s", text_of(r, "article"), text_of(r, "effect"),
		text_of(r, "topic"), text_of(r, "certainty"), text_of(r, "text")));
	return CO_OK;
}

static enum co_rc
instrument_page(const struct page *p, const json_t *o, struct co_err *err)
{
	const json_t *a;
	size_t i;

	TRY(line(p, 0, "", err, "%s (%s), %s", text_of(o, "name"), text_of(o, "code"),
		text_of(o, "type")));
	if (json_is_true(json_object_get(o, "in_force")))
		TRY(line(p, 0, "", err, "In force%s%s. %s, %s: %s %s",
			*text_of(o, "from") != '\0' ? " since " : "", text_of(o, "from"),
			text_of(o, "certainty"), text_of(o, "source"), text_of(o, "source_title"),
			text_of(o, "source_url")));
	else
		TRY(line(p, 0, "", err,
			"Not in force: looked at only when switched on (law check --switch-on %s)",
			text_of(o, "code")));
	json_array_foreach(json_object_get(o, "articles"), i, a)
	{
		TRY(co_buf_add_str(p->out, "\n", err));
		TRY(article_lines(p, a, true, err));
	}
	return CO_OK;
}

static enum co_rc
article_page(const struct page *p, const json_t *o, struct co_err *err)
{
	TRY(line(
		p, 0, "", err, "%s (%s)", text_of(o, "instrument_name"), text_of(o, "instrument")));
	return article_lines(p, o, true, err);
}

static enum co_rc
fact_page(const struct page *p, const json_t *o, struct co_err *err)
{
	TRY(fact_lines(p, o, err));
	TRY(line(p, 6, "", err, "%s %s, as read on %s", text_of(o, "source_title"),
		text_of(o, "source_url"), text_of(o, "source_as_of")));
	return line(p, 6, "", err, "sha256 %s", text_of(o, "sha256"));
}

static enum co_rc
book_page(const struct page *p, const json_t *o, struct co_err *err)
{
	const json_t *row;
	size_t i;

	TRY(line(p, 0, "", err, "Instruments, in the order in which they are looked at"));
	json_array_foreach(json_object_get(o, "instruments"), i, row) TRY(line(p, 18,
		text_of(row, "code"), err, "%s (%s%s)", text_of(row, "name"), text_of(row, "type"),
		json_is_true(json_object_get(row, "in_force")) ? "" : ", not in force"));
	TRY(line(p, 0, "", err, "\nEconomies"));
	json_array_foreach(json_object_get(o, "economies"), i, row)
		TRY(line(p, 18, text_of(row, "code"), err, "%s (%s facts)", text_of(row, "name"),
			cli_text(row, "facts")));
	return CO_OK;
}

static const struct {
	const char *kind;
	enum co_rc (*print)(const struct page *p, const json_t *o, struct co_err *err);
} pages[] = {
	{ "book", book_page },
	{ "economy", economy_page },
	{ "instrument", instrument_page },
	{ "article", article_page },
	{ "fact", fact_page },
};

/* Whose word stands over the built-in data. */
static enum co_rc
profiles_lines(const struct page *p, const json_t *o, struct co_err *err)
{
	const char *economy =
		text_of(o, strcmp(text_of(o, "kind"), "fact") == 0 ? "economy" : "code");
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(o, "profiles"), i,
		row) if (strcmp(text_of(o, "kind"), "book") == 0 ||
		strcmp(text_of(row, "economy"), economy) == 0) TRY(line(p, 0, "", err,
		"\nLaid over it: what %s says of its own law, signed by %s on %s (record %s)",
		text_of(row, "economy"), text_of(row, "by"), text_of(row, "at"),
		text_of(row, "record")));
	return CO_OK;
}

static enum co_rc
show_print(const json_t *o, struct co_err *err)
{
	co_auto_buf out;
	struct page p = { .out = &out, .width = cli_width() };

	co_buf_init(&out, LIMIT_LAW_REPORT);
	for (size_t i = 0; i < CO_ARRAY_LEN(pages); i++)
		if (strcmp(pages[i].kind, text_of(o, "kind")) == 0)
			TRY(pages[i].print(&p, o, err));
	TRY(profiles_lines(&p, o, err));
	return cli_print(&out, err);
}

static enum co_rc
node_show(struct cli *c, json_t **out, struct co_err *err)
{
	json_auto *in =
		json_pack("{s:s*,s:s*,s:s*}", "what", c->operands_n > 0 ? c->operands[0] : NULL,
			"date", cli_get(c, "date"), "known", cli_get(c, "known"));

	if (cli_has(c, "profile"))
		return co_fail(err, CO_EUSAGE,
			"--profile and --node do not go together: a node has what was published");
	if (in == NULL)
		return co_fail(err, CO_ENOMEM, "law show");
	return cli_call(c, "law.show", in, out, err);
}

enum co_rc
run_law_show(struct cli *c, struct co_err *err)
{
	law_book_auto *book = NULL;
	json_auto *o = NULL;
	law_day at, known;

	if (cli_has(c, "node")) {
		TRY(node_show(c, &o, err));
	} else {
		TRY(cli_law_days(c, &at, &known, err));
		TRY(cli_law_profiles(c, &book, err));
		TRY(law_show(book, c->operands_n > 0 ? c->operands[0] : "", at, known, &o, err));
	}
	if (!c->json)
		return show_print(o, err);
	cli_answer(c, o);
	return CO_OK;
}
