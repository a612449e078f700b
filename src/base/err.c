#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* A message that was cut must not end in half a character: it goes out as JSON. */
static void
err_whole_characters(char *msg, size_t cap)
{
	size_t n = strlen(msg), back = 0, want;
	unsigned char lead;

	if (n + 1 < cap)
		return;
	while (back < n && back < 3 && ((unsigned char)msg[n - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back == n)
		return;
	lead = (unsigned char)msg[n - 1 - back];
	want = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	if (back < want)
		msg[n - 1 - back] = '\0';
}

static void err_set(struct co_err *err, enum co_rc rc, const char *fmt, va_list ap, int with_errno)
	CO_PRINTF(3, 0);

static void
err_set(struct co_err *err, enum co_rc rc, const char *fmt, va_list ap, int with_errno)
{
	char errtext[96] = "";
	int n;

	if (with_errno != 0)
		(void)snprintf(errtext, sizeof(errtext), "%s", strerror(with_errno));
	err->rc = rc;
	n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	if (n < 0)
		n = 0;
	if (with_errno != 0 && (size_t)n < sizeof(err->msg) - 1)
		(void)snprintf(err->msg + n, sizeof(err->msg) - (size_t)n, ": %s", errtext);
	err_whole_characters(err->msg, sizeof(err->msg));
}

enum co_rc
co_fail(struct co_err *err, enum co_rc rc, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return rc;
	if (err->rc != CO_OK)
		return err->rc;
	va_start(ap, fmt);
	err_set(err, rc, fmt, ap, 0);
	va_end(ap);
	return rc;
}

enum co_rc
co_fail_errno(struct co_err *err, const char *fmt, ...)
{
	int saved = errno;
	enum co_rc rc = CO_EIO;
	va_list ap;

	if (saved == ENOSPC || saved == EDQUOT)
		rc = CO_ENOSPACE;
	else if (saved == ENOENT)
		rc = CO_ENOTFOUND;
	else if (saved == EACCES || saved == EPERM)
		rc = CO_EDENIED;
	else if (saved == ENOMEM)
		rc = CO_ENOMEM;
	else if (saved == EEXIST)
		rc = CO_EEXISTS;
	if (err == NULL)
		return rc;
	if (err->rc != CO_OK)
		return err->rc;
	va_start(ap, fmt);
	err_set(err, rc, fmt, ap, saved);
	va_end(ap);
	return rc;
}

enum co_rc
co_wrap(struct co_err *err, const char *fmt, ...)
{
	char head[sizeof(err->msg)];
	char whole[sizeof(err->msg) * 2 + 4];
	va_list ap;

	if (err == NULL)
		return CO_EINTERNAL;
	va_start(ap, fmt);
	(void)vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	(void)snprintf(whole, sizeof(whole), "%s: %s", head, err->msg);
	memcpy(err->msg, whole, sizeof(err->msg) - 1);
	err->msg[sizeof(err->msg) - 1] = '\0';
	err_whole_characters(err->msg, sizeof(err->msg));
	return err->rc == CO_OK ? CO_EINTERNAL : err->rc;
}

void
co_err_clear(struct co_err *err)
{
	if (err != NULL) {
		err->rc = CO_OK;
		err->msg[0] = '\0';
	}
}

#define RC_ROW(name, num, text) { name, #name, text },
static const struct {
	enum co_rc rc;
	const char *name;
	const char *text;
} rc_table[] = { CO_RC_MAP(RC_ROW) };
#undef RC_ROW

const char *
co_rc_text(enum co_rc rc)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(rc_table); i++)
		if (rc_table[i].rc == rc)
			return rc_table[i].text;
	return "unknown code";
}

const char *
co_rc_name(enum co_rc rc)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(rc_table); i++)
		if (rc_table[i].rc == rc)
			return rc_table[i].name + 3;
	return "EINTERNAL";
}

enum co_rc
co_rc_from_name(const char *name)
{
	for (size_t i = 0; name != NULL && i < CO_ARRAY_LEN(rc_table); i++)
		if (strcmp(rc_table[i].name + 3, name) == 0)
			return rc_table[i].rc;
	return CO_EINTERNAL;
}
