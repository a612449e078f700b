#include "cli/run.h"

#include <string.h>

/* An answer may end before anything was found, when very many records were looked at: a person
 * waits for something, or for the end; a program is told. */
static enum co_rc
search_until(struct cli *c, json_t *in, json_t **out, struct co_err *err)
{
	for (;;) {
		json_t *more;

		TRY(cli_call(c, c->verb->op, in, out, err));
		more = json_object_get(*out, "more");
		if (c->json || !json_is_integer(more) ||
			json_array_size(json_object_get(*out, "found")) > 0)
			return CO_OK;
		(void)json_object_set(in, "before", more);
		json_decref(*out);
		*out = NULL;
	}
}

/* Operands are one text for the node, and rows show the text of the excerpt. */
enum co_rc
run_search(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL, *out = NULL;
	char words[LIMIT_NAME + 1] = "";
	size_t i, at = 0;
	json_t *row;
	enum co_rc rc = cli_input(c, &in, err);

	for (i = 0; rc == CO_OK && i < c->operands_n; i++) {
		int n = snprintf(
			words + at, sizeof(words) - at, "%s%s", i == 0 ? "" : " ", c->operands[i]);

		at += n < 0 ? 0 : (size_t)n;
		if (at >= sizeof(words))
			rc = co_fail(err, CO_ETOOBIG, "at most %u bytes of words", LIMIT_NAME);
	}
	if (rc == CO_OK && json_object_set_new(in, "words", json_string(words)) != 0)
		rc = co_fail(err, CO_EUSAGE, "the words are not UTF-8");
	if (rc == CO_OK)
		rc = search_until(c, in, &out, err);
	if (rc != CO_OK)
		return rc;
	json_array_foreach(json_object_get(out, "found"), i, row)
	{
		if (!c->json)
			(void)json_object_set(row, "text",
				json_object_get(json_object_get(row, "excerpt"), "text"));
	}
	cli_answer(c, out);
	return CO_OK;
}
