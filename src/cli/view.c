/* Filters of the inbox kept by name. */
#include "cli/run.h"

#include <string.h>

enum co_rc
run_view_save(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL, *out = NULL, *filter = NULL;

	TRY(cli_input(c, &filter, err));
	(void)json_object_del(filter, "name");
	in = json_pack("{s:s,s:O}", "name", c->operands[0], "filter", filter);
	if (in == NULL)
		return co_fail(err, CO_ENOMEM, "filter");
	TRY(cli_call(c, c->verb->op, in, &out, err));
	if (c->json)
		cli_answer(c, out);
	else
		(void)printf("kept; comity inbox --view \"%s\" goes by it\n", c->operands[0]);
	return CO_OK;
}

/* "partner us.contact, urgency urgent": the members as the operation has them. */
static void
filter_show(const json_t *filter)
{
	const char *member, *sep = "";
	const json_t *v;

	json_object_foreach((json_t *)(uintptr_t)filter, member, v)
	{
		(void)printf("%s%s ", sep, member);
		if (json_is_string(v))
			(void)printf("%s", json_string_value(v));
		else if (json_is_integer(v))
			(void)printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
		else
			(void)printf("%s", json_is_true(v) ? "yes" : "no");
		sep = ", ";
	}
}

void
show_views(const struct cli *c, const json_t *answer)
{
	const json_t *view;
	size_t i;

	(void)c;
	json_array_foreach(json_object_get(answer, "views"), i, view)
	{
		(void)printf("%-20s ", cli_text(view, "name"));
		filter_show(json_object_get(view, "filter"));
		(void)puts("");
	}
	if (i == 0)
		(void)puts("none; comity view save keeps one");
}
