#include "crypto/keeper_ipc.h"

#include "base/enc.h"
#include "base/uuid.h"

#include <string.h>

/* Byte-exact: spaces, other orders and other spellings of the same JSON are refused. */
static bool
at(const struct co_cursor *c, const char *text)
{
	size_t n = strlen(text);

	return !c->bad && c->left >= n && memcmp(c->p, text, n) == 0;
}

static bool
take_uuid(struct co_cursor *c)
{
	const char *p = co_cur_bytes(c, CO_UUID_LEN);
	char text[CO_UUID_LEN + 1] = "";

	if (p == NULL)
		return false;
	memcpy(text, p, CO_UUID_LEN);
	if (!co_uuid_valid(text))
		c->bad = true;
	return !c->bad;
}

static bool
take_kind(struct co_cursor *c)
{
	size_t n = 0;

	while (c->left > 0 && *c->p >= 'a' && *c->p <= 'z') {
		(void)co_cur_u8(c);
		n++;
	}
	if (n == 0 || n > 16)
		c->bad = true;
	return !c->bad;
}

/* RFC 8259 section 7: past the string or null that stands here. */
static bool
take_string_or_null(struct co_cursor *c)
{
	if (at(c, "null"))
		return co_cur_is(c, "null");
	if (!co_cur_is(c, "\""))
		return false;
	for (;;) {
		uint8_t ch = co_cur_u8(c);

		if (c->bad || ch < 0x20) {
			c->bad = true;
			return false;
		}
		if (ch == '"')
			return true;
		/* The byte after a backslash never ends the string, whatever it is. */
		if (ch == '\\' && memchr("\"\\/bfnrtu", co_cur_u8(c), 9) == NULL)
			c->bad = true;
	}
}

static bool
take_case(struct co_cursor *c)
{
	if (at(c, "null"))
		return co_cur_is(c, "null");
	return co_cur_is(c, "{\"id\":\"") && take_uuid(c) && co_cur_is(c, "\",\"ours\":") &&
		take_string_or_null(c) && co_cur_is(c, ",\"theirs\":") && take_string_or_null(c) &&
		co_cur_is(c, "}");
}

bool
keeper_scan_record(const void *p, size_t n, const char *address)
{
	struct co_cursor c = co_cursor(p, n);

	if (n == 0 || ((const char *)p)[n - 1] != '}')
		return false;
	return co_cur_is(&c, "{\"comity\":1,\"kind\":\"") && take_kind(&c) && co_cur_is(&c,
		"\",\"id\":\"") && take_uuid(&c) && co_cur_is(&c,
		"\",\"case\":") && take_case(&c) && co_cur_is(&c, ",\"from\":\"") && co_cur_is(&c,
		address) && co_cur_is(&c, "\",\"to\":");
}

static bool
take_decimal(struct co_cursor *c, uint64_t *out)
{
	uint64_t v = 0;
	size_t digits = 0;
	bool zero_first = c->left > 0 && *c->p == '0';

	/* 18 digits hold any size a tree can reach here and cannot overflow. */
	while (c->left > 0 && *c->p >= '0' && *c->p <= '9' && digits < 18) {
		v = v * 10 + (uint64_t)(co_cur_u8(c) - '0');
		digits++;
	}
	if (digits == 0 || (zero_first && digits > 1))
		c->bad = true;
	*out = v;
	return !c->bad;
}

bool
keeper_scan_checkpoint(const char *text, size_t n, const char *origin, struct keeper_mark *out)
{
	enum { ROOT_TEXT = 44 };
	struct co_cursor c = co_cursor(text, n);
	struct keeper_mark m = { 0 };
	const char *root;
	co_auto_buf bytes;
	bool ok;

	co_buf_init(&bytes, sizeof(m.root));
	if (!co_cur_is(&c, origin) || !co_cur_is(&c, "\n") || !take_decimal(&c,
		&m.size) || !co_cur_is(&c, "\n"))
		return false;
	root = co_cur_bytes(&c, ROOT_TEXT);
	ok = root != NULL && co_cur_is(&c, "\n") && c.left == 0 &&
		co_unbase64(root, ROOT_TEXT, &bytes, NULL) == CO_OK && bytes.len == sizeof(m.root);
	if (!ok)
		return false;
	memcpy(m.root, bytes.data, sizeof(m.root));
	*out = m;
	return true;
}
