#include "desk/live.h"
#include "desk/pages.h"

#include <string.h>

static enum co_rc
inbox_fill(struct visit *v, struct co_err *err)
{
	json_t *out;
	const char *show = web_query(v->req, "show");
	json_t *in = json_object();

	if (show != NULL && *show != '\0')
		(void)json_object_set_new(in, "show", json_string(show));
	TRY(visit_op(v, "inbox.list", in, &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	visit_put(v, "show", json_string(show == NULL ? "" : show));
	return CO_OK;
}

enum co_rc
page_inbox(struct visit *v, struct co_err *err)
{
	TRY(inbox_fill(v, err));
	visit_put(v, "title", json_string("inbox"));
	v->page = "inbox";
	return CO_OK;
}

/* The list alone: what a live page swaps in. */
enum co_rc
page_inbox_part(struct visit *v, struct co_err *err)
{
	TRY(inbox_fill(v, err));
	v->page = "inbox-part";
	v->bare = true;
	return CO_OK;
}

enum co_rc
page_live(struct visit *v, struct co_err *err)
{
	(void)err;
	live_join(v->desk->live, v->req);
	return CO_OK;
}
