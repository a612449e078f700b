/* One exhibit: its chain of custody, what it was made from, the conditions that bind it, how long
 * it is kept. */
#include "desk/pages.h"

#include <string.h>

/* A tree as rows with their depth: templates have no recursion. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as a line of exhibits, which the node bounds. */
static void
rows_of(const json_t *nodes, json_t *out)
{
	const json_t *node;
	size_t i;

	json_array_foreach(nodes, i, node)
	{
		json_t *row = json_copy((json_t *)(uintptr_t)node);

		(void)json_object_del(row, "children");
		(void)json_object_set(row, "made_by",
			json_object_get(json_object_get(node, "derived"), "by"));
		(void)json_array_append_new(out, row);
		rows_of(json_object_get(node, "children"), out);
	}
}

enum co_rc
page_exhibit(struct visit *v, struct co_err *err)
{
	const json_t *exhibit;
	json_t *out, *line, *rows = json_array();
	char at[128];

	TRY(visit_op(v, "exhibit.custody", json_pack("{s:s}", "id", v->param[0]), &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	exhibit = json_object_get(v->values, "exhibit");
	TRY(visit_saw(
		v, json_string_value(json_object_get(exhibit, "case_id")), v->param[0], err));
	TRY(visit_op(v, "exhibit.lineage", json_pack("{s:s}", "id", v->param[0]), &line, err));
	rows_of(json_object_get(line, "tree"), rows);
	json_decref(line);
	visit_put(v, "derives", json_boolean(json_array_size(rows) > 1));
	visit_put(v, "line", rows);
	(void)snprintf(at, sizeof(at), "/exhibit/%s/act", v->param[0]);
	TRY(visit_op(v, "exhibit.moves", json_pack("{s:s}", "id", v->param[0]), &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	custody_tell(v, at);
	visit_put(v, "gone", json_boolean(json_object_get(exhibit, "state") != NULL &&
		strcmp(json_string_value(json_object_get(exhibit, "state")), "destroyed") == 0));
	visit_with(v, json_string_value(json_object_get(exhibit, "partner")));
	visit_put(v, "title", json_string("exhibit"));
	v->page = "exhibit";
	return CO_OK;
}
