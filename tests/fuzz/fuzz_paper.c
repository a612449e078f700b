/* A model of a document from anywhere: a page that holds no script and nothing to fetch, or a
 * refusal with words. And any bytes as a text: clean afterwards. */
#include "base/limits.h"
#include "paper/paper.h"
#include "paper/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
text_check(const char *p, size_t n)
{
	co_auto_buf b;

	co_buf_init(&b, LIMIT_PAPER_TEXT);
	if (paper_clean(p, n, &b, NULL) == CO_OK && b.data != NULL && !paper_is_clean(b.data))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct co_err err = { CO_OK, "" };
	json_t *paper = NULL;
	co_auto_buf page;

	text_check((const char *)p, n);
	co_buf_init(&page, LIMIT_DESK_PAGE);
	if (paper_parse(p, n, &paper, &err) != CO_OK) {
		if (err.msg[0] == '\0')
			abort();
		return 0;
	}
	if (paper_html(paper, &page, &err) != CO_OK)
		abort();
	if (strstr(page.data, "<script") != NULL || strstr(page.data, "</html>") == NULL)
		abort();
	json_decref(paper);
	return 0;
}
