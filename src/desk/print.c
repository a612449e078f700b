/* Documents to keep or to hand on: what an operation printed, as a file. */
#include "desk/pages.h"

#include "base/enc.h"

#include <string.h>

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* What is wanted: ?as=html, ?in=th; otherwise a PDF in the reader's language. */
static void
print_ask(const struct visit *v, json_t *in)
{
	const char *as = web_query(v->req, "as"), *language = web_query(v->req, "in");

	if (language == NULL || strlen(language) > 35)
		language = v->session.language[0] != '\0'
			? v->session.language
			: catalogue_language(catalogue_for(
				  web_header(v->req, "Accept-Language"), v->desk->conf.language));
	(void)json_object_set_new(in, "language", json_string(language));
	(void)json_object_set_new(
		in, "format", json_string(as != NULL && strcmp(as, "html") == 0 ? "html" : "pdf"));
}

/* A file, never a page of ours: whatever it holds cannot act in the desk's name. */
static enum co_rc
print_give(struct visit *v, const json_t *out, struct co_err *err)
{
	const json_t *text = json_object_get(out, "document");
	char name[224];
	co_auto_buf b;

	co_buf_init(&b, LIMIT_PAPER_PDF);
	TRY(co_unbase64(json_string_value(text), json_string_length(text), &b, err));
	(void)snprintf(
		name, sizeof(name), "attachment; filename=\"%.180s\"", text_of(out, "name"));
	web_set(v->req, "Content-Disposition", name);
	web_set(v->req, "Cache-Control", "no-store");
	web_reply(v->req, 200, text_of(out, "media"), b.data == NULL ? "" : b.data, b.len);
	return CO_OK;
}

static enum co_rc
print_op(struct visit *v, const char *op, json_t *in, const char *case_id, struct co_err *err)
{
	json_t *out = NULL;
	enum co_rc rc;

	print_ask(v, in);
	TRY(visit_op(v, op, in, &out, err));
	rc = visit_saw(v, *case_id != '\0' ? case_id : text_of(out, "case_id"), v->param[0], err);
	if (rc == CO_OK)
		rc = print_give(v, out, err);
	json_decref(out);
	return rc;
}

enum co_rc
page_request_print(struct visit *v, struct co_err *err)
{
	return print_op(v, "request.print", json_pack("{s:s}", "id", v->param[0]), "", err);
}

enum co_rc
page_case_report(struct visit *v, struct co_err *err)
{
	/* ?use=case: the reader says it, where a condition binds what is in it. */
	return print_op(v, "case.report",
		json_pack("{s:s,s:s*}", "case_id", v->param[0], "use", web_query(v->req, "use")),
		v->param[0], err);
}

enum co_rc
print_table(struct visit *v, const char *op, json_t *ids, const char *format, struct co_err *err)
{
	json_auto_t *out = NULL;
	json_t *in = json_pack("{s:o}", "ids", ids);

	print_ask(v, in);
	(void)json_object_set_new(in, "format", json_string(format));
	TRY(visit_op(v, op, in, &out, err));
	return print_give(v, out, err);
}

enum co_rc
page_report_print(struct visit *v, struct co_err *err)
{
	const char *year = v->param[0];
	json_auto_t *out = NULL;
	json_t *in;

	if (strspn(year, "0123456789") != 4 || year[4] != '\0')
		return co_fail(
			err, CO_ENOTFOUND, "\"%s\" is no year; a report is at /numbers/2026", year);
	in = json_pack("{s:I}", "year", (json_int_t)strtol(year, NULL, 10));
	print_ask(v, in);
	TRY(visit_op(v, "report.print", in, &out, err));
	return print_give(v, out, err);
}
