/* Attachments on pages: what a form brought, what a record carries, and their bytes. Content of a
 * partner is never shown in a page: it is only ever saved. */
#include "desk/pages.h"

#include "base/log.h"
#include "evidence/attach.h"

#include <string.h>

/* ---- what a form brought ---- */

json_t *
attach_posted(const struct visit *v)
{
	const char *id, *drop = visit_field(v, "drop");
	json_t *ids = json_array();

	for (size_t i = 0; (id = web_field(v->req, "attachment", i)) != NULL; i++)
		if (drop == NULL || strcmp(id, drop) != 0)
			(void)json_array_append_new(ids, json_string(id));
	return ids;
}

enum co_rc
attach_into(const struct visit *v, json_t *in, struct co_err *err)
{
	const char *fault = visit_field(v, "attach_fault");
	json_t *ids = attach_posted(v);

	if (fault == NULL && json_array_size(ids) > 0)
		(void)json_object_set(in, "attachments", ids);
	json_decref(ids);
	return fault == NULL ? CO_OK : co_fail(err, CO_EREFUSED, "%s", fault);
}

/* Files free to go with something, or those of a draft, that are among ids. */
static void
held_among(struct visit *v, const char *of, const json_t *ids, json_t *files)
{
	json_t *out = NULL, *row;
	size_t i, k;

	if (visit_op(v, "attachment.list", json_pack("{s:s*}", "of", of), &out, NULL) != CO_OK)
		return;
	json_array_foreach(json_object_get(out, "attachments"), i, row)
		for (k = 0; k < json_array_size(ids); k++)
			if (json_equal(json_array_get(ids, k), json_object_get(row, "id")))
				(void)json_array_append(files, row);
	json_decref(out);
}

/* Of what the officer gave, the files that this form names: they stay when it is shown again. */
void
attach_keep(struct visit *v)
{
	const json_t *of_draft = json_object_get(json_object_get(v->values, "from"), "files");
	json_t *ids = attach_posted(v), *files = json_array();

	if (of_draft != NULL)
		(void)json_array_extend(files, (json_t *)(uintptr_t)of_draft);
	if (json_array_size(ids) > 0) {
		held_among(v, NULL, ids, files);
		if (visit_field(v, "replaces") != NULL)
			held_among(v, visit_field(v, "replaces"), ids, files);
	}
	json_decref(ids);
	visit_put(v, "files", files);
}

/* ---- what a record carries ---- */

static const struct {
	const char *state, *words;
} says[] = {
	{ "held", WORDS("not sent yet") },
	{ "waiting", WORDS("waiting: its bytes have not been offered") },
	{ "offered", WORDS("on its way") },
	{ "fetching", WORDS("on its way") },
	{ "complete", WORDS("on its way") },
	{ "verified", WORDS("here, with the bytes that were signed") },
	{ "failed", WORDS("failed: its bytes are not what was signed") },
	{ "destroyed", WORDS("destroyed") },
};

/* Words of its state, and whether there is something to save. */
void
attach_tell(json_t *attachments)
{
	json_t *row;
	size_t i;

	json_array_foreach(attachments, i, row)
	{
		const char *state = json_string_value(json_object_get(row, "state"));
		bool incoming = json_is_true(json_object_get(row, "incoming"));
		bool given = json_is_string(json_object_get(row, "id"));

		if (state == NULL)
			continue;
		for (size_t k = 0; k < CO_ARRAY_LEN(says); k++)
			if (strcmp(says[k].state, state) == 0)
				(void)json_object_set_new(
					row, "says", json_string(says[k].words));
		if (!incoming && strcmp(state, "verified") == 0)
			(void)json_object_set_new(
				row, "says",
				json_string(WORDS("the other side has it, and it is true")));
		(void)json_object_set_new(row, "here",
			json_boolean(given && strcmp(state, "destroyed") != 0 &&
				(!incoming || strcmp(state, "verified") == 0)));
		(void)json_object_set_new(row, "bad", json_boolean(strcmp(state, "failed") == 0));
	}
}

/* A row that carries nothing says so: a template would look further out for the name. */
void
attach_tell_timeline(json_t *timeline)
{
	json_t *row;
	size_t i;

	json_array_foreach(timeline, i, row)
	{
		if (json_object_get(row, "attachments") == NULL)
			(void)json_object_set_new(row, "attachments", json_array());
		attach_tell(json_object_get(row, "attachments"));
	}
}

void
attach_draft(struct visit *v, const json_t *attachments)
{
	json_t *copy = json_deep_copy(attachments), *row;
	size_t i;

	json_array_foreach(copy, i, row)
		(void)json_object_set_new(row, "state", json_string("held"));
	attach_tell(copy);
	visit_put(v, "attachments", copy == NULL ? json_array() : copy);
}

/* ---- by themselves ---- */

/* For the page's script: the row of what was kept, or what was wrong with it. */
enum co_rc
page_attachment_post(struct visit *v, struct co_err *err)
{
	const char *fault = visit_field(v, "attach_fault");

	(void)err;
	attach_keep(v);
	v->bare = true;
	v->page = "attach-rows";
	if (fault != NULL) {
		visit_put(v, "fault", json_string(fault));
		v->status = 400;
	}
	return CO_OK;
}

enum co_rc
page_attachment_drop(struct visit *v, struct co_err *err)
{
	json_t *out;

	TRY(visit_op(v, "attachment.drop", json_pack("{s:s}", "id", v->param[0]), &out, err));
	json_decref(out);
	visit_put(v, "files", json_array());
	v->bare = true;
	v->page = "attach-rows";
	return CO_OK;
}

/* RFC 6266: a plain name for old browsers, the true one for the others. */
static void
disposition(const char *name, char *out, size_t cap)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._";
	size_t n = (size_t)snprintf(out, cap, "attachment; filename=\"");

	for (const char *c = name; *c != '\0' && n + 2 < cap; c++)
		out[n++] = strchr(plain, *c) != NULL || *c == ' ' ? *c : '_';
	n += (size_t)snprintf(out + n, cap - n, "\"; filename*=UTF-8''");
	for (const unsigned char *c = (const unsigned char *)name; *c != '\0' && n + 4 < cap; c++)
		n += (size_t)snprintf(
			out + n, cap - n, strchr(plain, *c) != NULL ? "%c" : "%%%02X", *c);
}

enum co_rc
page_attachment(struct visit *v, struct co_err *err)
{
	attachment_content_auto *content = NULL;
	char head[5 * LIMIT_NAME];
	const char *case_id;
	json_t *out;
	uint64_t size;
	enum co_rc rc;

	TRY(visit_op(v, "attachment.open", json_pack("{s:s}", "id", v->param[0]), &out, err));
	case_id = json_string_value(json_object_get(out, "case_id"));
	size = (uint64_t)json_integer_value(json_object_get(out, "size"));
	disposition(json_string_value(json_object_get(out, "name")), head, sizeof(head));
	rc = visit_saw(v, case_id, v->param[0], err);
	if (rc == CO_OK)
		rc = attachment_content_open(&content, v->desk->conf.evidence, out, err);
	json_decref(out);
	TRY(rc);
	web_set(v->req, "Content-Disposition", head);
	web_set(v->req, "Content-Security-Policy", "default-src 'none'; sandbox");
	web_give(v->req, "application/octet-stream", size, attachment_content_next,
		attachment_content_end, CO_TAKE(content));
	return CO_OK;
}
