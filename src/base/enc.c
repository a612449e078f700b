#include "base/enc.h"

#include <string.h>

static const char enc_hex[] = "0123456789abcdef";
static const char enc_b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
co_hex(const void *p, size_t n, char *out)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = enc_hex[b[i] >> 4];
		out[2 * i + 1] = enc_hex[b[i] & 15];
	}
	out[2 * n] = '\0';
}

static int
enc_nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
co_unhex(const char *s, void *out, size_t n)
{
	unsigned char *b = out;

	if (s == NULL || strlen(s) != 2 * n)
		return false;
	for (size_t i = 0; i < 2 * n; i++)
		if (enc_nibble(s[i]) < 0)
			return false;
	for (size_t i = 0; i < n; i++)
		b[i] = (unsigned char)(enc_nibble(s[2 * i]) << 4 | enc_nibble(s[2 * i + 1]));
	return true;
}

enum co_rc
co_base64_add(struct co_buf *b, const void *p, size_t n, struct co_err *err)
{
	const unsigned char *s = p;
	size_t out_n = (n + 2) / 3 * 4;
	char *o;
	enum co_rc rc = co_buf_reserve(b, out_n, &o, err);

	if (rc != CO_OK)
		return rc;
	for (size_t i = 0; i < n; i += 3) {
		size_t k = n - i;
		uint32_t v = (uint32_t)s[i] << 16 | (k > 1 ? (uint32_t)s[i + 1] << 8 : 0) |
			(k > 2 ? s[i + 2] : 0);

		*o++ = enc_b64[v >> 18];
		*o++ = enc_b64[v >> 12 & 63];
		*o++ = k > 1 ? enc_b64[v >> 6 & 63] : '=';
		*o++ = k > 2 ? enc_b64[v & 63] : '=';
	}
	b->len += out_n;
	b->data[b->len] = '\0';
	return CO_OK;
}

static int
enc_b64_value(char c)
{
	const char *at = c == '\0' ? NULL : strchr(enc_b64, c);

	return at == NULL ? -1 : (int)(at - enc_b64);
}

/* Four characters, the last pad of them padding, to 24 bits; false for a wrong character or bits
 * that padding leaves over: one text for one value. */
static bool
enc_b64_quad(const char *s, size_t pad, uint32_t *out)
{
	uint32_t v = 0;

	for (size_t j = 0; j < 4; j++) {
		int d = j >= 4 - pad ? 0 : enc_b64_value(s[j]);

		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
	}
	*out = v;
	return (v & (pad == 2 ? 0xffffu : pad == 1 ? 0xffu : 0)) == 0;
}

enum co_rc
co_unbase64(const char *s, size_t slen, struct co_buf *out, struct co_err *err)
{
	size_t pad = 0, n, at = 0;
	char *o;
	enum co_rc rc;

	if (slen % 4 != 0)
		return co_fail(err, CO_EMALFORMED, "base64 of %zu characters", slen);
	while (pad < 2 && pad < slen && s[slen - 1 - pad] == '=')
		pad++;
	n = slen / 4 * 3 - pad;
	rc = co_buf_reserve(out, n, &o, err);
	if (rc != CO_OK)
		return rc;
	for (size_t i = 0; i < slen; i += 4) {
		uint32_t v;

		if (!enc_b64_quad(s + i, i + 4 == slen ? pad : 0, &v))
			return co_fail(err, CO_EMALFORMED,
				"base64 has a wrong character or stray bits at its end");
		for (size_t j = 0; j < 3 && at < n; j++)
			o[at++] = (char)(v >> (16 - 8 * j));
	}
	out->len += n;
	out->data[out->len] = '\0';
	return CO_OK;
}

/* Bytes of the character at s; 0 when it is none. A NUL ends every test before it is passed. */
static size_t
utf8_length(const unsigned char *s)
{
	/* First byte from..to, least and greatest second byte, bytes in all. */
	static const struct {
		unsigned char from, to, low, high, n;
	} rows[] = { { 0x01, 0x7f, 0, 0, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 } };

	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		if (*s < rows[i].from || *s > rows[i].to)
			continue;
		if (rows[i].n > 1 && (s[1] < rows[i].low || s[1] > rows[i].high))
			return 0;
		for (size_t k = 2; k < rows[i].n; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].n;
	}
	return 0;
}

bool
co_utf8_valid(const char *s)
{
	const unsigned char *at = (const unsigned char *)s;

	while (*at != '\0') {
		size_t n = utf8_length(at);

		if (n == 0)
			return false;
		at += n;
	}
	return true;
}
