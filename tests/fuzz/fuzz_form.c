/* form_check of every form on any JSON: an answer, never a crash, and always with words. */
#include "record/form.h"

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	json_t *fields = json_loadb((const char *)p, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
		NULL);

	for (size_t i = 0; fields != NULL && i < form_count(); i++) {
		struct co_err err = { 0 };

		if (form_check(form_at(i), fields, &err) != CO_OK && err.msg[0] == '\0')
			abort();
	}
	json_decref(fields);
	return 0;
}
