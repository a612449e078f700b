#include "evidence/bag_info.h"

#include "base/enc.h"
#include "base/limits.h"

#include <string.h>
#include <strings.h>

const char bag_declaration[] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

void
bag_info_init(struct bag_info *b)
{
	*b = (struct bag_info){ 0 };
}

void
bag_info_deinit(struct bag_info *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->pairs[i].label);
		free(b->pairs[i].value);
	}
	free(b->pairs);
	bag_info_init(b);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* The part of p without spaces at both ends. */
static char *
trimmed(const char *p, size_t n)
{
	while (n > 0 && is_space(p[0])) {
		p++;
		n--;
	}
	while (n > 0 && is_space(p[n - 1]))
		n--;
	return strndup(p, n);
}

static enum co_rc
pair_new(struct bag_info *b, const char *p, size_t n, struct co_err *err)
{
	const char *colon = memchr(p, ':', n);
	struct bag_pair *pair;

	if (colon == NULL || colon == p)
		return co_fail(err, CO_EMALFORMED, "it is not a label, a colon and a value");
	if (b->n == LIMIT_BAG_TAGS)
		return co_fail(err, CO_ETOOBIG, "more than %u values", LIMIT_BAG_TAGS);
	pair = realloc(b->pairs, (b->n + 1) * sizeof(*pair));
	if (pair == NULL)
		return co_fail(err, CO_ENOMEM, "tags of a bag");
	b->pairs = pair;
	pair += b->n;
	pair->label = trimmed(p, (size_t)(colon - p));
	pair->value = trimmed(colon + 1, n - (size_t)(colon + 1 - p));
	b->n++;
	return pair->label == NULL || pair->value == NULL
		? co_fail(err, CO_ENOMEM, "tags of a bag")
		: CO_OK;
}

/* RFC 8493 2.2.2: a line that begins with a space or tab goes on with the value. */
static enum co_rc
pair_fold(struct bag_info *b, const char *p, size_t n, struct co_err *err)
{
	struct bag_pair *last = b->n == 0 ? NULL : &b->pairs[b->n - 1];
	char *more, *whole = NULL;

	if (last == NULL)
		return co_fail(err, CO_EMALFORMED, "it goes on with a value where none began");
	more = trimmed(p, n);
	if (more == NULL || asprintf(&whole, "%s %s", last->value, more) < 0)
		whole = NULL;
	free(more);
	if (whole == NULL)
		return co_fail(err, CO_ENOMEM, "tags of a bag");
	free(last->value);
	last->value = whole;
	return CO_OK;
}

enum co_rc
bag_info_parse(struct bag_info *b, const char *p, size_t n, struct co_err *err)
{
	size_t line = 0;

	while (n > 0) {
		size_t end = 0, next;
		enum co_rc rc = CO_OK;

		line++;
		while (end < n && p[end] != '\n' && p[end] != '\r')
			end++;
		next = end < n ? end + 1 : end;
		if (end + 1 < n && p[end] == '\r' && p[end + 1] == '\n')
			next++;
		if (memchr(p, '\0', end) != NULL)
			rc = co_fail(err, CO_EMALFORMED, "it has a null character");
		else if (end > 0)
			rc = is_space(p[0]) ? pair_fold(b, p, end, err)
					    : pair_new(b, p, end, err);
		if (rc != CO_OK)
			return co_wrap(err, "line %zu", line);
		p += next;
		n -= next;
	}
	return CO_OK;
}

const char *
bag_info_get(const struct bag_info *b, const char *label)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcasecmp(b->pairs[i].label, label) == 0)
			return b->pairs[i].value;
	return NULL;
}

enum co_rc
bag_info_add(struct co_buf *out, const char *label, const char *value, struct co_err *err)
{
	size_t from;

	TRY(co_buf_addf(out, err, "%s: ", label));
	from = out->len;
	TRY(co_buf_add_str(out, value, err));
	for (size_t i = from; i < out->len; i++)
		if ((unsigned char)out->data[i] < 0x20 || out->data[i] == 0x7f)
			out->data[i] = ' ';
	return co_buf_add_str(out, "\n", err);
}

static bool
digits(const char **s, uint64_t *out)
{
	const char *from = *s;
	uint64_t v = 0;

	for (; **s >= '0' && **s <= '9' && *s - from < 19; (*s)++)
		v = v * 10 + (uint64_t)(**s - '0');
	*out = v;
	return *s > from;
}

bool
bag_oxum_read(const char *s, uint64_t *bytes, uint64_t *files)
{
	return digits(&s, bytes) && *s++ == '.' && digits(&s, files) && *s == '\0';
}

/* ---- encodings ---- */
static enum co_rc
utf8_put(struct co_buf *out, uint32_t c, struct co_err *err)
{
	unsigned char b[4];

	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return co_fail(err, CO_EMALFORMED, "it has a character that does not exist");
	if (c < 0x80)
		return co_buf_add_u8(out, (uint8_t)c, err);
	if (c < 0x800) {
		b[0] = (unsigned char)(0xc0 | c >> 6);
		b[1] = (unsigned char)(0x80 | (c & 0x3f));
		return co_buf_add(out, b, 2, err);
	}
	if (c < 0x10000) {
		b[0] = (unsigned char)(0xe0 | c >> 12);
		b[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (unsigned char)(0x80 | (c & 0x3f));
		return co_buf_add(out, b, 3, err);
	}
	b[0] = (unsigned char)(0xf0 | c >> 18);
	b[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	b[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	b[3] = (unsigned char)(0x80 | (c & 0x3f));
	return co_buf_add(out, b, 4, err);
}

struct wide {
	const unsigned char *p;
	size_t n, unit; /* bytes of a unit: 1, 2 or 4 */
	bool big;
};

static uint32_t
wide_next(struct wide *w)
{
	uint32_t c = 0;

	for (size_t i = 0; i < w->unit; i++)
		c = c << 8 | w->p[w->big ? i : w->unit - 1 - i];
	w->p += w->unit;
	w->n -= w->unit;
	return c;
}

/* RFC 2781 2.1, 4.3: big-endian unless a mark says otherwise. */
static void
wide_order(struct wide *w)
{
	struct wide look = *w;

	if (w->n < w->unit)
		return;
	w->big = true;
	if (w->unit == 2 ? w->p[0] == 0xff && w->p[1] == 0xfe
			 : w->p[0] == 0xff && w->p[1] == 0xfe && w->p[2] == 0 && w->p[3] == 0)
		w->big = false;
	look.big = w->big;
	if (wide_next(&look) == 0xfeff)
		*w = look; /* the mark belongs to the encoding, not to the text */
}

static enum co_rc
wide_decode(struct wide w, struct co_buf *out, struct co_err *err)
{
	while (w.n >= w.unit) {
		uint32_t c = wide_next(&w), low;

		if (w.unit == 2 && c >= 0xd800 && c < 0xdc00) {
			low = w.n >= 2 ? wide_next(&w) : 0;
			if (low < 0xdc00 || low > 0xdfff)
				return co_fail(err, CO_EMALFORMED, "it has half a character");
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
		TRY(utf8_put(out, c, err));
	}
	return w.n == 0 ? CO_OK : co_fail(err, CO_EMALFORMED, "it ends within a character");
}

static enum co_rc
plain_decode(const char *p, size_t n, bool ascii, struct co_buf *out, struct co_err *err)
{
	char *copy = strndup(p, n);
	bool good = copy != NULL && strlen(copy) == n && co_utf8_valid(copy);

	free(copy);
	for (size_t i = 0; good && ascii && i < n; i++)
		good = (unsigned char)p[i] < 0x80;
	if (!good)
		return co_fail(err, CO_EMALFORMED, "it is not %s", ascii ? "US-ASCII" : "UTF-8");
	return co_buf_add(out, p, n, err);
}

enum co_rc
bag_text_decode(
	const char *encoding, const void *p, size_t n, struct co_buf *out, struct co_err *err)
{
	static const struct {
		const char *name;
		size_t unit;
		int order; /* 1 big, -1 little, 0 as the mark says */
	} wides[] = { { "ISO-8859-1", 1, 1 }, { "ISO_8859-1", 1, 1 }, { "LATIN1", 1, 1 },
		{ "UTF-16", 2, 0 }, { "UTF-16BE", 2, 1 }, { "UTF-16LE", 2, -1 },
		{ "UTF-32", 4, 0 }, { "UTF-32BE", 4, 1 }, { "UTF-32LE", 4, -1 } };

	if (strcasecmp(encoding, "UTF-8") == 0 || strcasecmp(encoding, "UTF8") == 0)
		return plain_decode(p, n, false, out, err);
	if (strcasecmp(encoding, "US-ASCII") == 0 || strcasecmp(encoding, "ASCII") == 0)
		return plain_decode(p, n, true, out, err);
	for (size_t i = 0; i < CO_ARRAY_LEN(wides); i++) {
		struct wide w = { p, n, wides[i].unit, wides[i].order >= 0 };

		if (strcasecmp(encoding, wides[i].name) != 0)
			continue;
		if (wides[i].order == 0)
			wide_order(&w);
		return wide_decode(w, out, err);
	}
	return co_fail(err, CO_EMALFORMED, "this program does not read the encoding \"%.40s\"",
		encoding);
}
