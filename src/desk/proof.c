/* "Show me": what proves a record, in words, checked when the page is opened. */
#include "desk/pages.h"

#include <string.h>

/* Each step as flags that a template can ask: is.ledger, does.holds. */
enum co_rc
page_proof(struct visit *v, struct co_err *err)
{
	json_t *out, *step;
	size_t i, held = 0;

	TRY(visit_op(v, "record.proof", json_pack("{s:s}", "id", v->param[0]), &out, err));
	json_array_foreach(json_object_get(out, "steps"), i, step)
	{
		const char *result = json_string_value(json_object_get(step, "result"));

		(void)json_object_set_new(step, "is",
			json_pack("{s:b}", json_string_value(json_object_get(step, "step")), 1));
		(void)json_object_set_new(step, "does", json_pack("{s:b}", result, 1));
		held += strcmp(result, "fails") != 0;
	}
	visit_put(v, "sound", json_boolean(held == i));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	visit_put(v, "title", json_string("proof"));
	v->page = "proof";
	return visit_saw(v, json_string_value(json_object_get(v->values, "case_id")), v->param[0],
		err);
}
