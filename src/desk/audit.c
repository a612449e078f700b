/* What an auditor reads: who looked at what, what was done here. */
#include "desk/audit.h"

#include "base/buf.h"

#include <string.h>

enum { AUDIT_ROWS = 200 };

/* Which operation, which members of the query, which columns of its rows. */
static const struct audit_log access_log = { "access.list", "access", "audit-access",
	"who looked at what", { "case_id", "officer", "from", "to", NULL },
	{ "at", "officer", "what", "case_id", "subject", NULL } };
static const struct audit_log event_log = { "event.list", "events", "audit-events",
	"what was done", { "what", "who", "from", "to", NULL },
	{ "at", "who", "what", "detail", NULL } };

json_t *
audit_ask(struct visit *v, const struct audit_log *l, int64_t limit, json_t *asked)
{
	const char *before = web_query(v->req, "before");
	json_t *in = json_pack("{s:I}", "limit", (json_int_t)limit);

	for (size_t i = 0; l->filters[i] != NULL; i++) {
		const char *s = web_query(v->req, l->filters[i]);

		if (s == NULL || *s == '\0')
			continue;
		(void)json_object_set_new(in, l->filters[i], json_string(s));
		(void)json_object_set_new(asked, l->filters[i], json_string(s));
	}
	if (before != NULL)
		(void)json_object_set_new(in, "before", json_integer(strtoll(before, NULL, 10)));
	return in;
}

/* "&a=b&c=d" of the filters, for links; each byte that is not plain as %XX. */
static enum co_rc
log_query(const json_t *asked, struct co_buf *out, struct co_err *err)
{
	json_t *o = (json_t *)(uintptr_t)asked; /* iterated, not changed */

	TRY(co_buf_add_str(out, "", err));
	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it)) {
		const char *s = json_string_value(json_object_iter_value(it));

		TRY(co_buf_addf(out, err, "&%s=", json_object_iter_key(it)));
		for (; *s != '\0'; s++)
			TRY(co_buf_addf(out, err, "%%%02X", (unsigned char)*s));
	}
	return CO_OK;
}

static void
asked_put(struct visit *v, json_t *asked)
{
	for (void *it = json_object_iter(asked); it != NULL;
		it = json_object_iter_next(asked, it)) {
		char name[32];

		(void)snprintf(name, sizeof(name), "asked_%s", json_object_iter_key(it));
		visit_put(v, name, json_incref(json_object_iter_value(it)));
	}
}

/* Details without what the row says already. */
static void
details_put(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *d = json_object_get(row, "detail"), *inner = json_object_get(d, "detail");

		(void)json_object_set(row, "shown", inner != NULL ? inner : d);
	}
}

static enum co_rc
log_page(struct visit *v, const struct audit_log *l, struct co_err *err)
{
	json_t *out, *rows, *asked = json_object();
	json_t *in = audit_ask(v, l, AUDIT_ROWS, asked);
	co_auto_buf query;
	enum co_rc rc;
	size_t n;

	co_buf_init(&query, 8192);
	rc = log_query(asked, &query, err);
	asked_put(v, asked);
	json_decref(asked);
	if (rc != CO_OK) {
		json_decref(in);
		return rc;
	}
	TRY(visit_op(v, l->op, in, &out, err));
	rows = json_object_get(out, l->rows);
	details_put(rows);
	n = json_array_size(rows);
	if (n == AUDIT_ROWS)
		visit_put(v, "more",
			json_incref(json_object_get(json_array_get(rows, n - 1), "seq")));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	visit_put(v, "query", json_string(query.data));
	visit_put(v, "title", json_string(l->title));
	v->page = l->page;
	return CO_OK;
}

enum co_rc
page_audit_access(struct visit *v, struct co_err *err)
{
	return log_page(v, &access_log, err);
}

enum co_rc
page_audit_access_csv(struct visit *v, struct co_err *err)
{
	return audit_file(v, &access_log, false, err);
}

enum co_rc
page_audit_events(struct visit *v, struct co_err *err)
{
	return log_page(v, &event_log, err);
}

enum co_rc
page_audit_events_csv(struct visit *v, struct co_err *err)
{
	return audit_file(v, &event_log, false, err);
}

enum co_rc
page_audit_access_json(struct visit *v, struct co_err *err)
{
	return audit_file(v, &access_log, true, err);
}

enum co_rc
page_audit_events_json(struct visit *v, struct co_err *err)
{
	return audit_file(v, &event_log, true, err);
}
