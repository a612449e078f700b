#include "evidence/index.h"

#include "base/enc.h"
#include "evidence/zip.h"

#include <string.h>

void
index_init(struct index *x, enum index_kind kind)
{
	*x = (struct index){ .kind = kind };
}

size_t
index_digest_n(const struct index *x)
{
	return x->kind == INDEX_PAYLOAD512 ? SHA512_LEN : SHA256_LEN;
}

void
index_deinit(struct index *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->lines[i].path);
	free(x->lines);
	index_init(x, x->kind);
}

static enum co_rc
add_n(struct index *x, const char *path, size_t n, const unsigned char *digest,
	struct co_err *err)
{
	struct index_line *l;

	if (x->n == LIMIT_PACKAGE_ENTRIES)
		return co_fail(err, CO_ETOOBIG, "more than %u files", LIMIT_PACKAGE_ENTRIES);
	if (x->n == x->room) {
		size_t room = x->room == 0 ? 64 : x->room * 2;

		l = realloc(x->lines, room * sizeof(*l));
		if (l == NULL)
			return co_fail(err, CO_ENOMEM, "index");
		x->lines = l;
		x->room = room;
	}
	l = &x->lines[x->n];
	l->path = strndup(path, n);
	if (l->path == NULL)
		return co_fail(err, CO_ENOMEM, "index");
	memcpy(l->digest, digest, index_digest_n(x));
	x->n++;
	return CO_OK;
}

enum co_rc
index_add(struct index *x, const char *path, const unsigned char *digest, struct co_err *err)
{
	return add_n(x, path, strlen(path), digest, err);
}

static int
line_order(const void *a, const void *b)
{
	return strcmp(((const struct index_line *)a)->path, ((const struct index_line *)b)->path);
}

/* RFC 8493 2.1.3: "%" is written as "%25". Carriage return and line feed never stand in our
 * names. */
static enum co_rc
path_print(const char *path, struct co_buf *out, struct co_err *err)
{
	for (;;) {
		size_t n = strcspn(path, "%");

		TRY(co_buf_add(out, path, n, err));
		if (path[n] == '\0')
			return CO_OK;
		TRY(co_buf_add_str(out, "%25", err));
		path += n + 1;
	}
}

/* The reverse; a path may not have another percent sign than of "%25". Returns its length; 0:
 * no. */
static size_t
path_read(char out[LIMIT_PACKAGE_NAME + 1], const char *p, size_t n)
{
	size_t to = 0;

	if (n == 0 || n > LIMIT_PACKAGE_NAME)
		return 0;
	for (size_t i = 0; i < n; i++) {
		out[to++] = p[i];
		if (p[i] != '%')
			continue;
		if (n - i < 3 || p[i + 1] != '2' || p[i + 2] != '5')
			return 0;
		i += 2;
	}
	out[to] = '\0';
	return to;
}

enum co_rc
index_print(struct index *x, struct co_buf *out, struct co_err *err)
{
	if (x->n > 0)
		qsort(x->lines, x->n, sizeof(*x->lines), line_order);
	for (size_t i = 0; i < x->n; i++) {
		char hex[SHA512_HEX + 1];

		if (i > 0 && strcmp(x->lines[i - 1].path, x->lines[i].path) == 0)
			return co_fail(err, CO_EINTERNAL, "%s twice", x->lines[i].path);
		co_hex(x->lines[i].digest, index_digest_n(x), hex);
		TRY(co_buf_addf(out, err, "%s  ", hex));
		TRY(path_print(x->lines[i].path, out, err));
		TRY(co_buf_add_str(out, "\n", err));
	}
	return CO_OK;
}

static enum co_rc
parse_line(struct index *x, const char *p, size_t n, struct co_err *err)
{
	static const char data[] = "data/";
	const size_t digest_n = index_digest_n(x), hex_n = 2 * digest_n;
	char hex[SHA512_HEX + 1], again[SHA512_HEX + 1], path[LIMIT_PACKAGE_NAME + 1];
	unsigned char digest[SHA512_LEN];
	size_t path_n;

	if (n < hex_n + 3 || p[hex_n] != ' ' || p[hex_n + 1] != ' ')
		return co_fail(err, CO_EMALFORMED, "it is not a digest, two spaces and a path");
	memcpy(hex, p, hex_n);
	hex[hex_n] = '\0';
	if (!co_unhex(hex, digest, digest_n))
		return co_fail(err, CO_EMALFORMED, "it does not begin with %zu hexadecimal digits",
			hex_n);
	co_hex(digest, digest_n, again);
	if (strcmp(hex, again) != 0)
		return co_fail(err, CO_EMALFORMED, "its digest is not in lower case");
	path_n = path_read(path, p + hex_n + 2, n - hex_n - 2);
	if (path_n == 0 || !zip_name_ok(path, path_n) ||
		(strncmp(path, data, sizeof(data) - 1) == 0) == (x->kind == INDEX_TAGS))
		return co_fail(err, CO_EMALFORMED, "its path is not one %s data/",
			x->kind == INDEX_TAGS ? "beside" : "below");
	TRY(add_n(x, path, path_n, digest, err));
	if (x->n > 1 && line_order(&x->lines[x->n - 2], &x->lines[x->n - 1]) >= 0)
		return co_fail(
			err, CO_EMALFORMED, "it is not in the order of paths, or there twice");
	return CO_OK;
}

enum co_rc
index_parse(struct index *x, const char *p, size_t n, struct co_err *err)
{
	size_t line = 0;

	while (n > 0) {
		const char *end = memchr(p, '\n', n);

		line++;
		if (end == NULL)
			return co_fail(err, CO_EMALFORMED, "line %zu does not end", line);
		if (parse_line(x, p, (size_t)(end - p), err) != CO_OK)
			return co_wrap(err, "line %zu", line);
		n -= (size_t)(end + 1 - p);
		p = end + 1;
	}
	return CO_OK;
}

const struct index_line *
index_find(const struct index *x, const char *path)
{
	struct index_line key = { 0 };

	if (x->n == 0)
		return NULL;
	key.path = (char *)(uintptr_t)path; /* only read */
	return bsearch(&key, x->lines, x->n, sizeof(*x->lines), line_order);
}
