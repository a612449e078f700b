#include "evidence/content.h"

enum co_rc
content_of(const json_t *exhibit, struct vault_content *out, struct co_err *err)
{
	const json_t *sealed = json_object_get(exhibit, "sealed");
	const char *name = json_string_value(json_object_get(sealed, "coding"));
	uint64_t size = (uint64_t)json_integer_value(json_object_get(sealed, "size")), fits;
	struct vault_content c;

	c.plain_size = (uint64_t)json_integer_value(
		json_object_get(json_object_get(exhibit, "plain"), "size"));
	if (!vault_coding_find(name == NULL ? "" : name, &c.coding))
		return co_fail(err, CO_EREFUSED,
			"manifest: the content is coded as \"%.32s\", which is unknown here: "
			"a newer comity may know it",
			name);
	if (!chunked_plain_size(size, &fits) || (c.coding == VAULT_AS_IS && fits != c.plain_size))
		return co_fail(err, CO_EREFUSED,
			"manifest: %llu bytes of content cannot have a sealed "
			"file of %llu bytes",
			(unsigned long long)c.plain_size, (unsigned long long)size);
	*out = c;
	return CO_OK;
}

void
content_tell(json_t *exhibit, enum vault_coding coding)
{
	if (coding != VAULT_AS_IS)
		(void)json_object_set_new(json_object_get(exhibit, "sealed"), "coding",
			json_string(vault_coding_name(coding)));
}
