/* case.jsonld and the report from records of strangers, one JSON document a line; a line that is no
 * record is taken as report.json. Both are refused or made, the same each time, and what was made
 * holds together. A verifier makes them so and compares; it never parses those in the package. */
#include "base/enc.h"
#include "crypto/digest.h"
#include "evidence/case_graph.h"
#include "evidence/report.h"
#include "paper/paper.h"
#include "record/record.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

enum { RECORDS = 32, GRAPH_MOST = 8 * 1024 * 1024 };

struct records {
	struct case_record list[RECORDS];
	char ids[RECORDS][CO_UUID_LEN + 1];
	json_t *parsed[RECORDS];
	size_t n;
	json_t *export, *label; /* of the report */
};

static void
report_take(struct records *r, const char *p, size_t n)
{
	co_auto_buf text;

	co_buf_init(&text, 2 * LIMIT_RECORD);
	if (co_base64_add(&text, p, n, NULL) != CO_OK ||
		json_array_append_new(r->export,
			json_pack("{s:s,s:s,s:s}", "id", "x", "bytes", text.data, "sig", "")) != 0)
		abort();
}

static void
record_take(struct records *r, const char *p, size_t n)
{
	struct case_record *c = &r->list[r->n];
	record_auto rec;

	record_init(&rec);
	/* As a verifier does: what is no record does not come this far. */
	if (r->n == RECORDS || record_parse(&rec, p, n, NULL) != CO_OK) {
		if (r->label == NULL)
			r->label = json_loadb(p, n, JSON_REJECT_DUPLICATES, NULL);
		return;
	}
	r->parsed[r->n] = json_loadb(p, n, 0, NULL);
	if (r->parsed[r->n] == NULL)
		abort();
	(void)snprintf(r->ids[r->n], sizeof(r->ids[0]), "%s", rec.id);
	*c = (struct case_record){ r->ids[r->n], n, "", rec.kind != REC_RECEIPT };
	sha256_hex(p, n, c->sha256);
	r->n++;
	report_take(r, p, n);
}

static enum co_rc
record_give(void *arg, size_t i, json_t **out, struct co_err *err)
{
	const struct records *r = arg;

	(void)err;
	*out = json_incref(r->parsed[i]);
	return CO_OK;
}

static void
graph_try(struct records *r, struct co_buf *out, enum co_rc *rc)
{
	static const struct case_node nodes[] = {
		{ "th.contact", "Cyber Crime Unit", "TH", "contact" },
		{ "us.contact", "Office", "US", "contact" } };
	static const struct case_file files[] = { { "01936b2e-0000-7000-8000-000000000001",
		"data/exhibits/01936b2e-0000-7000-8000-000000000001.sealed", true } };
	const struct case_facts f = { .case_id = "01936b2e-0000-7000-8000-000000000002",
		.records = r->list,
		.nodes = nodes,
		.files = files,
		.records_n = r->n,
		.nodes_n = CO_ARRAY_LEN(nodes),
		.files_n = CO_ARRAY_LEN(files),
		.record = record_give,
		.arg = r };
	struct co_err err = { 0 };

	*rc = case_graph(&f, co_buf_sink, out, &err);
	if (*rc != CO_OK && err.msg[0] == '\0')
		abort();
}

static void
report_try(const struct records *r, struct co_buf *out)
{
	const char *language = json_string_value(json_object_get(r->label, "language"));
	json_t *missing = json_object_get(r->label, "missing"), *paper = NULL;
	json_t *export = json_pack("{s:s,s:s,s:s,s:s,s:s,s:O,s:[],s:[],s:O?}", "address",
		"th.contact", "partner", "us.contact", "case_id",
		"01936b2e-0000-7000-8000-000000000002", "ours", "", "theirs", "", "records",
		r->export, "entries", "proofs", "missing", missing);
	struct co_err err = { 0 };
	struct report_source from;
	enum co_rc rc = export == NULL ? CO_OK : report_of_export(export, &from, &err);

	if (rc == CO_OK && export != NULL)
		rc = report_model(&from, language, &paper, &err);
	if (rc == CO_OK && paper != NULL)
		rc = paper_html(paper, out, &err);
	if (rc != CO_OK && err.msg[0] == '\0')
		abort();
	json_decref(paper);
	json_decref(export);
}

static bool
same(const struct co_buf *a, const struct co_buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct records *r = calloc(1, sizeof(*r));
	co_auto_buf one;
	co_auto_buf two;
	enum co_rc rc, again;

	co_buf_init(&one, GRAPH_MOST);
	co_buf_init(&two, GRAPH_MOST);
	if (r == NULL || (r->export = json_array()) == NULL)
		abort();
	for (size_t at = 0; at < n;) {
		const unsigned char *end = memchr(p + at, '\n', n - at);
		size_t k = end == NULL ? n - at : (size_t)(end - p) - at;

		record_take(r, (const char *)p + at, k);
		at += k + 1;
	}
	graph_try(r, &one, &rc);
	graph_try(r, &two, &again);
	if (rc != again || !same(&one, &two))
		abort();
	if (rc == CO_OK) {
		json_t *o = json_loadb(one.data, one.len, JSON_REJECT_DUPLICATES, NULL);

		if (!json_is_object(o))
			abort();
		json_decref(o);
	}
	co_buf_reset(&one);
	co_buf_reset(&two);
	report_try(r, &one);
	report_try(r, &two);
	if (!same(&one, &two))
		abort();
	for (size_t i = 0; i < r->n; i++)
		json_decref(r->parsed[i]);
	json_decref(r->export);
	json_decref(r->label);
	free(r);
	return 0;
}
