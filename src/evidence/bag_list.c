#include "evidence/bag_list.h"

#include "base/enc.h"
#include "base/limits.h"

#include <string.h>

void
bag_list_init(struct bag_list *l, const char *algorithm, size_t digest_n, bool payload)
{
	*l = (struct bag_list){ .digest_n = digest_n, .payload = payload };
	(void)snprintf(l->algorithm, sizeof(l->algorithm), "%s", algorithm);
}

void
bag_list_deinit(struct bag_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->lines[i].path);
	free(l->lines);
	*l = (struct bag_list){ 0 };
}

static enum co_rc
line_new(struct bag_list *l, struct bag_line **out, struct co_err *err)
{
	struct bag_line *x;

	if (l->n == LIMIT_PACKAGE_ENTRIES)
		return co_fail(err, CO_ETOOBIG, "more than %u files", LIMIT_PACKAGE_ENTRIES);
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 64 : l->room * 2;

		x = realloc(l->lines, room * sizeof(*x));
		if (x == NULL)
			return co_fail(err, CO_ENOMEM, "manifest");
		l->lines = x;
		l->room = room;
	}
	*out = &l->lines[l->n++];
	**out = (struct bag_line){ 0 };
	return CO_OK;
}

/* Line feed and carriage return always; the percent sign itself from 1.0 on (RFC 8493 2.1.3). */
static void
percent_undo(char *s, unsigned version)
{
	char *to = s;

	while (*s != '\0') {
		unsigned char byte = 0;
		bool coded = s[0] == '%' && s[1] != '\0' && s[2] != '\0' &&
			co_unhex((char[]){ s[1], s[2], '\0' }, &byte, 1) &&
			(byte == '\n' || byte == '\r' || (byte == '%' && version >= 100));

		*to++ = coded ? (char)byte : *s;
		s += coded ? 3 : 1;
	}
	*to = '\0';
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static enum co_rc
line_parse(
	struct bag_list *l, const char *p, size_t n, unsigned version, struct co_err *err)
{
	size_t hex_n = 2 * l->digest_n, at = hex_n;
	char hex[SHA512_HEX + 1] = "";
	struct bag_line *x;

	if (n <= hex_n || !is_space(p[hex_n]))
		return co_fail(err, CO_EMALFORMED,
			"it does not begin with the %zu digits of %s and a space", hex_n,
			l->algorithm);
	memcpy(hex, p, hex_n);
	TRY(line_new(l, &x, err));
	if (!co_unhex(hex, x->digest, l->digest_n))
		return co_fail(err, CO_EMALFORMED, "its digest is not hexadecimal");
	while (at < n && is_space(p[at]))
		at++;
	if (at < n && p[at] == '*')
		at++;
	if (at == n)
		return co_fail(err, CO_EMALFORMED, "it names no file");
	if (n - at > 2 && p[at] == '.' && p[at + 1] == '/') {
		at += 2; /* not what the specification has, but some tools wrote it */
		l->dotted++;
	}
	x->path = strndup(p + at, n - at);
	if (x->path == NULL)
		return co_fail(err, CO_ENOMEM, "manifest");
	percent_undo(x->path, version);
	return CO_OK;
}

static int
line_order(const void *a, const void *b)
{
	return strcmp(((const struct bag_line *)a)->path, ((const struct bag_line *)b)->path);
}

/* Sorts; a file that stands twice with one digest counts once. */
enum co_rc
bag_list_settle(struct bag_list *l, struct co_err *err)
{
	size_t n = 0;

	if (l->n > 0)
		qsort(l->lines, l->n, sizeof(*l->lines), line_order);
	for (size_t i = 0; i < l->n; i++) {
		struct bag_line *last = n == 0 ? NULL : &l->lines[n - 1];

		if (last == NULL || strcmp(last->path, l->lines[i].path) != 0) {
			l->lines[n++] = l->lines[i];
			continue;
		}
		if (memcmp(last->digest, l->lines[i].digest, l->digest_n) != 0) {
			(void)co_fail(err, CO_EMALFORMED,
				"%.200s is listed twice, with two digests", last->path);
			while (i < l->n)
				free(l->lines[i++].path);
			l->n = n;
			return CO_EMALFORMED;
		}
		free(l->lines[i].path);
		l->twice++;
	}
	l->n = n;
	return CO_OK;
}

enum co_rc
bag_list_rename(struct bag_list *l, size_t i, const char *path, struct co_err *err)
{
	char *copy = strdup(path);

	if (copy == NULL)
		return co_fail(err, CO_ENOMEM, "manifest");
	free(l->lines[i].path);
	l->lines[i].path = copy;
	return CO_OK;
}

enum co_rc
bag_list_parse(
	struct bag_list *l, const char *p, size_t n, unsigned version, struct co_err *err)
{
	size_t line = 0;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return co_fail(err, CO_EMALFORMED, "it begins with a byte order mark");
	while (n > 0) {
		size_t end = 0, next;

		line++;
		while (end < n && p[end] != '\n' && p[end] != '\r')
			end++;
		next = end < n ? end + 1 : end;
		if (end + 1 < n && p[end] == '\r' && p[end + 1] == '\n')
			next++;
		if (end > 0 && line_parse(l, p, end, version, err) != CO_OK)
			return co_wrap(err, "line %zu", line);
		p += next;
		n -= next;
	}
	return bag_list_settle(l, err);
}

const struct bag_line *
bag_list_find(const struct bag_list *l, const char *path)
{
	struct bag_line key = { 0 };

	if (l->n == 0)
		return NULL;
	key.path = (char *)(uintptr_t)path; /* only read */
	return bsearch(&key, l->lines, l->n, sizeof(*l->lines), line_order);
}
