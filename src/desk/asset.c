#include "desk/asset.h"

#include "crypto/digest.h"
#include "desk/asset_files.h"
#include "desk/pages.h"

#include <string.h>

/* Ending of a name by its first part: the generated table has only stems. */
static const struct {
	const char *stem, *ending, *media;
} kinds[] = {
	{ "style", "css", "text/css; charset=utf-8" },
	{ "htmx", "js", "text/javascript; charset=utf-8" },
	{ "sse", "js", "text/javascript; charset=utf-8" },
	{ "attach", "js", "text/javascript; charset=utf-8" },
	{ "desk", "js", "text/javascript; charset=utf-8" },
	{ "passkey", "js", "text/javascript; charset=utf-8" },
	{ "icon", "svg", "image/svg+xml" },
};

/* "style.1a2b3c4d5e6f.css" */
static void
asset_name(const struct asset_files *f, const char *ending, char out[96])
{
	char hex[SHA256_HEX + 1];

	sha256_hex(f->data, f->n, hex);
	(void)snprintf(out, 96, "%s.%.12s.%s", f->name, hex, ending);
}

static const struct asset_files *
asset_find(const char *stem)
{
	for (const struct asset_files *f = asset_files; f->name != NULL; f++)
		if (strcmp(f->name, stem) == 0)
			return f;
	return NULL;
}

json_t *
asset_names(void)
{
	json_t *o = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(kinds); i++) {
		const struct asset_files *f = asset_find(kinds[i].stem);
		char name[96];

		if (f == NULL)
			continue;
		asset_name(f, kinds[i].ending, name);
		(void)json_object_set_new(o, f->name, json_string(name));
	}
	return o;
}

enum co_rc
page_asset(struct visit *v, struct co_err *err)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(kinds); i++) {
		const struct asset_files *f = asset_find(kinds[i].stem);
		char name[96];

		if (f == NULL)
			continue;
		asset_name(f, kinds[i].ending, name);
		if (strcmp(name, v->param[0]) != 0)
			continue;
		web_set(v->req, "Cache-Control", "public, max-age=31536000, immutable");
		web_reply(v->req, 200, kinds[i].media, f->data, f->n);
		return CO_OK;
	}
	return co_fail(err, CO_ENOTFOUND, "there is no such file; reload the page");
}
