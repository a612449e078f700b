/* Words that a person types, as an expression of FTS5: quotes come in pairs, and nothing of what
 * was typed stands outside of them. The same bytes as a place in a list. */
#include "exchange/pick.h"
#include "exchange/search.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static bool
some(void *arg, const char *beginning, size_t i, char out[LIMIT_NAME + 1])
{
	(void)arg;
	(void)snprintf(out, LIMIT_NAME + 1, "%.250s%zu", beginning, i);
	return i < 2;
}

static void
expression_holds(const char *text, search_terms *terms)
{
	struct co_err err = { 0 };
	co_auto_buf out;
	bool whole, inside = false;

	co_buf_init(&out, LIMIT_TEXT);
	if (search_expression(&out, text, terms, NULL, &whole, &err) != CO_OK) {
		if (err.msg[0] == '\0')
			abort();
		return;
	}
	for (size_t i = 0; i < out.len; i++) {
		if (out.data[i] == '"')
			inside = !inside;
		else if (!inside && strchr(" *()ANDOR", out.data[i]) == NULL)
			abort();
	}
	if (inside)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	char text[4096];
	struct co_err err = { 0 };
	int64_t key;
	const char *id;

	n = n < sizeof(text) - 1 ? n : sizeof(text) - 1;
	memcpy(text, p, n);
	text[n] = '\0';
	expression_holds(text, NULL);
	expression_holds(text, some);
	if (pick_cursor(text, true, &key, &id, &err) == CO_OK ? key < 0 : err.msg[0] == '\0')
		abort();
	return 0;
}
