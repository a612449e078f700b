/* report.html: the case for people who have nothing but a browser. Text only: who asked whom for
 * what, what was answered, what the evidence is, who had it, and how all of it is checked. */
#include "evidence/case_graph.h"

#include "base/limits.h"
#include "record/xml.h"

#include <string.h>

static const char style[] =
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
	"color:#111;background:#fff}table{border-collapse:collapse;width:100%;margin:1rem 0}"
	"th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top;"
	"overflow-wrap:anywhere}th{background:#eee}code{font-size:.85rem}";

static const char *
text_in(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* Records may not carry control characters; one that does must not end the report. */
static void
words(struct xml_out *x, const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL) {
		x->rc = CO_ENOMEM;
		return;
	}
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t')
			*c = ' ';
	xml_text(x, copy);
	free(copy);
}

static void
element(struct xml_out *x, const char *name, const char *text)
{
	xml_open(x, name);
	words(x, text);
	xml_close(x);
}

static void
row(struct xml_out *x, const char *cell, const char *const *texts, size_t n)
{
	xml_open(x, "tr");
	for (size_t i = 0; i < n; i++)
		element(x, cell, texts[i]);
	xml_close(x);
}

static void
table_begin(struct xml_out *x, const char *title, const char *const *heads, size_t n)
{
	element(x, "h2", title);
	xml_open(x, "table");
	row(x, "th", heads, n);
}

static void
parties(struct xml_out *x, const struct case_facts *f)
{
	static const char *const heads[] = { "Address", "Organisation", "Economy", "Role" };

	table_begin(x, "Who", heads, CO_ARRAY_LEN(heads));
	for (size_t i = 0; i < f->nodes_n; i++) {
		const struct case_node *n = &f->nodes[i];

		row(x, "td", (const char *const[]){ n->address, n->name, n->economy, n->role }, 4);
	}
	xml_close(x);
}

/* What a record says in one line, by its kind. */
static void
said(const json_t *record, char out[512])
{
	const json_t *body = json_object_get(record, "body");
	const char *kind = text_in(record, "kind");

	if (strcmp(kind, "request") == 0)
		(void)snprintf(out, 512, "%.60s, %.20s", text_in(body, "measure"),
			text_in(body, "urgency"));
	else if (strcmp(kind, "notice") == 0)
		(void)snprintf(out, 512, "%.60s %.60s %.300s", text_in(body, "state"),
			text_in(body, "ground"), text_in(body, "reason"));
	else if (strcmp(kind, "receipt") == 0)
		(void)snprintf(out, 512, "for %.40s, received %.40s",
			text_in(json_object_get(body, "of"), "id"), text_in(body, "received"));
	else
		(void)snprintf(out, 512, "%.300s", text_in(body, "subject"));
}

static void
conversation(struct xml_out *x, const struct case_facts *f)
{
	static const char *const heads[] = { "Time (sender's clock)", "From", "Officer", "To",
		"Kind", "What", "Record" };

	table_begin(x, "What was said", heads, CO_ARRAY_LEN(heads));
	for (size_t i = 0; i < f->records_n; i++) {
		const json_t *r = f->records[i].record, *by = json_object_get(r, "by");
		const char *kind = text_in(r, "kind");
		char what[512];

		if (strcmp(kind, "custody") == 0 || strcmp(kind, "manifest") == 0)
			continue;
		said(r, what);
		row(x, "td",
			(const char *const[]){ text_in(r, "at"), text_in(r, "from"),
				text_in(by, "officer"), text_in(r, "to"), kind, what,
				f->records[i].id },
			7);
	}
	xml_close(x);
}

static const char *
where(const struct case_facts *f, const char *exhibit)
{
	for (size_t i = 0; i < f->files_n; i++)
		if (strcmp(f->files[i].exhibit, exhibit) == 0)
			return f->files[i].path;
	return "not in this package";
}

static void
evidence(struct xml_out *x, const struct case_facts *f)
{
	static const char *const heads[] = { "Exhibit", "Name", "Bytes", "SHA-256 of the content",
		"File" };

	table_begin(x, "The evidence", heads, CO_ARRAY_LEN(heads));
	for (size_t i = 0; i < f->records_n; i++) {
		const json_t *e = json_object_get(
			json_object_get(f->records[i].record, "body"), "exhibit");
		const json_t *plain = json_object_get(e, "plain");
		char size[32];

		if (strcmp(text_in(f->records[i].record, "kind"), "manifest") != 0)
			continue;
		(void)snprintf(size, sizeof(size), "%lld",
			(long long)json_integer_value(json_object_get(plain, "size")));
		row(x, "td",
			(const char *const[]){ text_in(e, "id"), text_in(e, "name"), size,
				text_in(plain, "sha256"), where(f, text_in(e, "id")) },
			5);
	}
	xml_close(x);
}

static void
custody(struct xml_out *x, const struct case_facts *f)
{
	static const char *const heads[] = { "Time (sender's clock)", "Node", "Officer", "Action",
		"Exhibit", "Purpose", "Authority" };

	table_begin(x, "Who had it", heads, CO_ARRAY_LEN(heads));
	for (size_t i = 0; i < f->records_n; i++) {
		const json_t *r = f->records[i].record, *body = json_object_get(r, "body");

		if (strcmp(text_in(r, "kind"), "custody") != 0)
			continue;
		row(x, "td",
			(const char *const[]){ text_in(r, "at"), text_in(r, "from"),
				text_in(json_object_get(r, "by"), "officer"),
				text_in(body, "action"), text_in(body, "exhibit"),
				text_in(body, "purpose"), text_in(body, "authority") },
			7);
	}
	xml_close(x);
}

enum co_rc
case_report(const struct case_facts *f, struct co_buf *out, struct co_err *err)
{
	static const char page[] = "<!DOCTYPE html>\n";
	co_auto_buf b;
	struct xml_out x;

	co_buf_init(&b, LIMIT_PACKAGE_MEMBER);
	xml_begin(&x, &b);
	co_buf_reset(&b); /* HTML has no XML declaration */
	xml_open(&x, "html");
	xml_attr(&x, "lang", "en");
	xml_open(&x, "head");
	xml_open(&x, "meta");
	xml_attr(&x, "charset", "utf-8");
	xml_close(&x);
	element(&x, "title", "Report of a case");
	element(&x, "style", style);
	xml_close(&x);
	xml_open(&x, "body");
	element(&x, "h1", "Report of a case");
	element(&x, "p", f->case_id);
	element(&x, "p",
		"This page is made from the signed records in data/records and adds nothing to "
		"them. It "
		"proves nothing by itself: comity verify, or docs/verify-by-hand.md, checks the "
		"records, "
		"their signatures, time-stamps and places in the ledgers, and that this page says "
		"what "
		"they say. Times are those of the senders' clocks.");
	parties(&x, f);
	conversation(&x, f);
	evidence(&x, f);
	custody(&x, f);
	TRY(xml_end(&x, err));
	TRY(co_buf_add_str(out, page, err));
	TRY(co_buf_add(out, b.data, b.len, err));
	return co_buf_add_str(out, "\n", err);
}
