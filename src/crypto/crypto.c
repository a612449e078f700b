#include "crypto/internal.h"

#include <openssl/err.h>
#include <stdarg.h>

enum co_rc
crypto_fail(struct co_err *err, enum co_rc rc, const char *fmt, ...)
{
	const char *reason, *data = NULL;
	char what[320], why[160] = "";
	unsigned long code;
	int flags = 0;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
	if (code != 0) {
		reason = ERR_reason_error_string(code);
		if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
			rc = CO_ENOMEM;
		if (data == NULL || (flags & ERR_TXT_STRING) == 0)
			data = "";
		(void)snprintf(why, sizeof(why), ": %s%s%s",
			reason != NULL ? reason : "unknown reason", data[0] != '\0' ? ", " : "",
			data);
	}
	ERR_clear_error();
	return co_fail(err, rc, "%s%s", what, why);
}

enum co_rc
crypto_bio_add(struct co_buf *out, BIO *b, struct co_err *err)
{
	char *p = NULL;
	long n = BIO_get_mem_data(b, &p);

	return co_buf_add(out, p, n > 0 ? (size_t)n : 0, err);
}

int
crypto_no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}
