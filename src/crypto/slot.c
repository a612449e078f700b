#include "crypto/slot.h"

#include "base/fs.h"

#include <string.h>
#include <unistd.h>

static enum co_rc
slot_path(char out[SLOT_TEXT], const char *folder, const char *name, size_t number,
	const char *ending, struct co_err *err)
{
	int n = number == 1
		? snprintf(out, SLOT_TEXT, "%s/%s.%s", folder, name, ending)
		: snprintf(out, SLOT_TEXT, "%s/%s-%zu.%s", folder, name, number, ending);

	if (n < 0 || n >= SLOT_TEXT)
		return co_fail(err, CO_ETOOBIG, "the path %s is too long", folder);
	return CO_OK;
}

enum co_rc
slot_cert_path(char out[SLOT_TEXT], const char *certs, const char *name, size_t number,
	struct co_err *err)
{
	return slot_path(out, certs, name, number, "pem", err);
}

enum co_rc
slot_key_path(char out[SLOT_TEXT], const char *keys, const char *name, size_t number,
	const char *ending, struct co_err *err)
{
	return slot_path(out, keys, name, number, ending, err);
}

/* The key of its own, if it has one; otherwise out stays that of the one before. */
static enum co_rc
slot_key(char out[SLOT_TEXT], const char *keys, const char *name, size_t number,
	struct co_err *err)
{
	char path[SLOT_TEXT];
	co_auto_buf text;
	enum co_rc rc;

	co_buf_init(&text, SLOT_TEXT - 1);
	TRY(slot_key_path(path, keys, name, number, "key", err));
	if (access(path, F_OK) == 0) {
		memcpy(out, path, sizeof(path));
		return CO_OK;
	}
	TRY(slot_key_path(path, keys, name, number, "uri", err));
	rc = co_read_file(path, &text, NULL);
	if (rc == CO_ENOTFOUND)
		return CO_OK;
	if (rc != CO_OK || text.len == 0)
		return co_fail(err, CO_EIO, "%s cannot be read: it holds the URI of a key", path);
	(void)snprintf(out, SLOT_TEXT, "%.*s", (int)strcspn(text.data, "\r\n"), text.data);
	return CO_OK;
}

enum co_rc
slot_list(struct slot out[SLOT_MOST], size_t *n, const char *certs, const char *keys,
	const char *name, const char *first_key, struct co_err *err)
{
	size_t at = 1;

	TRY(slot_cert_path(out[0].cert, certs, name, 1, err));
	if (snprintf(out[0].key, SLOT_TEXT, "%s", first_key) >= SLOT_TEXT)
		return co_fail(err, CO_ETOOBIG, "the path or URI %s is too long", first_key);
	for (; at < SLOT_MOST; at++) {
		TRY(slot_cert_path(out[at].cert, certs, name, at + 1, err));
		if (access(out[at].cert, F_OK) != 0)
			break;
		memcpy(out[at].key, out[at - 1].key, SLOT_TEXT);
		TRY(slot_key(out[at].key, keys, name, at + 1, err));
	}
	*n = at;
	return CO_OK;
}
