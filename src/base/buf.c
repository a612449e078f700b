#include "base/buf.h"

#include <stdarg.h>
#include <string.h>

enum { BUF_FIRST = 256 };

void
co_buf_init(struct co_buf *b, size_t max)
{
	*b = (struct co_buf){ .max = max };
}

void
co_buf_deinit(struct co_buf *b)
{
	free(b->data);
	*b = (struct co_buf){ .max = b->max };
}

enum co_rc
co_buf_reserve(struct co_buf *b, size_t n, char **at, struct co_err *err)
{
	size_t need, cap;
	char *p;

	if (n > b->max || b->len > b->max - n)
		return co_fail(err, CO_ETOOBIG, "more than %zu bytes", b->max);
	need = b->len + n + 1;
	if (need > b->cap) {
		cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap;
		while (cap < need)
			cap *= 2;
		if (cap > b->max + 1)
			cap = b->max + 1;
		p = realloc(b->data, cap);
		if (p == NULL)
			return co_fail(err, CO_ENOMEM, "buffer of %zu bytes", cap);
		b->data = p;
		b->cap = cap;
	}
	b->data[b->len] = '\0';
	if (at != NULL)
		*at = b->data + b->len;
	return CO_OK;
}

enum co_rc
co_buf_add(struct co_buf *b, const void *p, size_t n, struct co_err *err)
{
	char *at;
	enum co_rc rc = co_buf_reserve(b, n, &at, err);

	if (rc != CO_OK)
		return rc;
	if (n > 0)
		memcpy(at, p, n);
	b->len += n;
	b->data[b->len] = '\0';
	return CO_OK;
}

enum co_rc
co_buf_sink(void *arg, const void *p, size_t n, struct co_err *err)
{
	return co_buf_add(arg, p, n, err);
}

enum co_rc
co_buf_add_str(struct co_buf *b, const char *s, struct co_err *err)
{
	return co_buf_add(b, s, strlen(s), err);
}

enum co_rc
co_buf_addf(struct co_buf *b, struct co_err *err, const char *fmt, ...)
{
	va_list ap;
	char *at;
	int n;
	enum co_rc rc;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return co_fail(err, CO_EINTERNAL, "bad format");
	rc = co_buf_reserve(b, (size_t)n, &at, err);
	if (rc != CO_OK)
		return rc;
	va_start(ap, fmt);
	(void)vsnprintf(at, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return CO_OK;
}

enum co_rc
co_buf_add_u8(struct co_buf *b, uint8_t v, struct co_err *err)
{
	return co_buf_add(b, &v, 1, err);
}

enum co_rc
co_buf_add_u32(struct co_buf *b, uint32_t v, struct co_err *err)
{
	unsigned char p[4] = { (unsigned char)(v >> 24), (unsigned char)(v >> 16),
		(unsigned char)(v >> 8), (unsigned char)v };

	return co_buf_add(b, p, sizeof(p), err);
}

enum co_rc
co_buf_add_u64(struct co_buf *b, uint64_t v, struct co_err *err)
{
	unsigned char p[8];

	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)(v >> (56 - 8 * i));
	return co_buf_add(b, p, sizeof(p), err);
}

void
co_buf_reset(struct co_buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

char *
co_buf_take(struct co_buf *b, size_t *len)
{
	char *p = b->data;

	if (p == NULL)
		p = calloc(1, 1);
	if (len != NULL)
		*len = b->len;
	b->data = NULL;
	b->len = b->cap = 0;
	return p;
}
