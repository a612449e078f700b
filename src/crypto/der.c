#include "crypto/internal.h"

enum {
	DER_DEPTH = 24, /* a CMS with a certificate nests about 12 levels */
	DER_TAG_LONG = 0x1f,
	DER_NUMBER_EXTERNAL = 8,
	DER_NUMBER_PDV = 11,
	DER_NUMBER_SEQUENCE = 16,
	DER_NUMBER_SET = 17
};

/* X.690 10.2: of the universal types only these are constructed, and always. */
static bool
der_tag_form(unsigned tag)
{
	bool universal = (tag & 0xc0) == 0, constructed = (tag & DER_CONSTRUCTED) != 0;
	unsigned number = tag & DER_TAG_LONG;

	return !universal ||
		constructed ==
		(number == DER_NUMBER_SEQUENCE || number == DER_NUMBER_SET ||
			number == DER_NUMBER_EXTERNAL || number == DER_NUMBER_PDV);
}

/* Reads the head of one value; the length of its content, or SIZE_MAX. */
static size_t
der_head(struct co_cursor *c, unsigned *tag)
{
	size_t n, bytes;

	*tag = co_cur_u8(c);
	n = co_cur_u8(c);
	/* Tag numbers from 31 on occur in nothing that we read. */
	if (c->bad || *tag == 0 || (*tag & DER_TAG_LONG) == DER_TAG_LONG ||
		!der_tag_form(*tag))
		return SIZE_MAX;
	if (n < 0x80)
		return n;
	bytes = n & 0x7f;
	if (bytes == 0 || bytes > 4)
		return SIZE_MAX;
	n = 0;
	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | co_cur_u8(c);
	if (c->bad || n < 0x80 || n >> (8 * (bytes - 1)) == 0)
		return SIZE_MAX;
	return n;
}

bool
der_is_strict(const void *p, size_t n)
{
	struct co_cursor c = co_cursor(p, n);
	size_t end[DER_DEPTH]; /* what is left of the input where each open value ends */
	size_t depth = 0;
	unsigned tag;

	if (n == 0)
		return false;
	do {
		size_t len = der_head(&c, &tag);
		size_t floor = depth > 0 ? end[depth - 1] : 0;

		if (len == SIZE_MAX || c.left < floor || len > c.left - floor)
			return false;
		if ((tag & DER_CONSTRUCTED) != 0) {
			if (depth == DER_DEPTH)
				return false;
			end[depth++] = c.left - len;
		} else {
			(void)co_cur_bytes(&c, len);
		}
		while (depth > 0 && c.left == end[depth - 1])
			depth--;
	} while (depth > 0);
	return !c.bad && c.left == 0;
}

bool
der_next(struct co_cursor *c, struct der_value *v)
{
	const unsigned char *at = c->p;
	unsigned tag;
	size_t n;

	if (c->bad || c->left == 0)
		return false;
	n = der_head(c, &tag);
	if (n == SIZE_MAX || n > c->left) {
		c->bad = true;
		return false;
	}
	*v = (struct der_value){ .tag = tag, .whole = at, .body = c->p, .body_n = n };
	(void)co_cur_bytes(c, n);
	v->whole_n = (size_t)(c->p - at);
	return true;
}

bool
der_want(struct co_cursor *c, unsigned tag, struct der_value *v)
{
	if (!der_next(c, v) || v->tag != tag)
		c->bad = true;
	return !c->bad;
}

unsigned char *
der_head_before(unsigned char *at, unsigned tag, size_t body_n)
{
	unsigned bytes = 0;

	for (size_t n = body_n; body_n >= 0x80 && n > 0; n >>= 8) {
		*--at = (unsigned char)n;
		bytes++;
	}
	*--at = (unsigned char)(bytes > 0 ? 0x80 | bytes : body_n);
	*--at = (unsigned char)tag;
	return at;
}
