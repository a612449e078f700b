#include "desk/pages.h"

enum co_rc
page_network(struct visit *v, struct co_err *err)
{
	json_t *out, *status;

	TRY(visit_op(v, "directory.list", json_object(), &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	TRY(visit_op(v, "status", json_object(), &status, err));
	visit_put(v, "now", status);
	visit_put(v, "title", json_string("network"));
	v->page = "network";
	return CO_OK;
}
