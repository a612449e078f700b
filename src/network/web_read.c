/* Bytes of a browser: path, fields, cookie. Pure, so that a fuzzer reaches them. */
#include "network/web_inside.h"

#include "base/enc.h"

#include <string.h>

char *
web_path_read(const char *raw)
{
	size_t n = 0;
	char *path = evhttp_uridecode(raw, 0, &n);

	/* A NUL in a decoded path would hide what follows it. */
	if (path != NULL && strlen(path) == n && path[0] == '/' && co_utf8_valid(path))
		return path;
	free(path);
	return NULL;
}

bool
web_pairs(const char *text, struct evkeyvalq *out)
{
	const struct evkeyval *kv;
	size_t n = 0;

	if (evhttp_parse_query_str(text, out) != 0)
		return false;
	TAILQ_FOREACH(kv, out, next)
	{
		if (++n > LIMIT_DESK_FIELDS || !co_utf8_valid(kv->key) || !co_utf8_valid(kv->value))
			return false;
	}
	return true;
}

bool
web_cookie_read(const char *header, const char *name, char *out, size_t cap)
{
	const char *at = header;
	size_t n = strlen(name);

	while (at != NULL && *at != '\0') {
		const char *end = strchr(at, ';');
		size_t len = end == NULL ? strlen(at) : (size_t)(end - at);

		if (len > n && strncmp(at, name, n) == 0 && at[n] == '=' && len - n - 1 < cap) {
			memcpy(out, at + n + 1, len - n - 1);
			out[len - n - 1] = '\0';
			return true;
		}
		at = end == NULL ? NULL : end + 1 + strspn(end + 1, " ");
	}
	return false;
}
