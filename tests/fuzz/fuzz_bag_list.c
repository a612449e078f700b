/* Manifests and labels of somebody's bag, in every encoding that is read. */
#include "evidence/bag_info.h"
#include "evidence/bag_list.h"

#include "base/limits.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static const char *const encodings[] = { "UTF-8", "UTF-16", "UTF-32LE", "ISO-8859-1",
		"US-ASCII" };
	struct co_err err = { 0 };
	struct bag_list l;
	bag_info_auto info = { 0 };
	co_auto_buf text;

	co_buf_init(&text, LIMIT_BAG_TEXT);
	if (n < 2)
		return 0;
	if (bag_text_decode(encodings[p[0] % 5], p + 2, n - 2, &text, &err) != CO_OK ||
		text.data == NULL)
		return 0;
	bag_list_init(&l, "md5", 16, true);
	if (bag_list_parse(&l, text.data, text.len, p[1] % 2 == 0 ? 97 : 100, &err) == CO_OK)
		for (size_t i = 0; i < l.n; i++)
			if (bag_list_find(&l, l.lines[i].path) != &l.lines[i])
				abort();
	bag_list_deinit(&l);
	co_err_clear(&err);
	if (bag_info_parse(&info, text.data, text.len, &err) == CO_OK)
		for (size_t i = 0; i < info.n; i++)
			if (strchr(info.pairs[i].value, '\n') != NULL)
				abort();
	return 0;
}
