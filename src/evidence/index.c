#include "evidence/index.h"

#include "base/enc.h"
#include "evidence/zip.h"

#include <string.h>

void
index_init(struct index *x)
{
	*x = (struct index){ 0 };
}

void
index_deinit(struct index *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->lines[i].path);
	free(x->lines);
	index_init(x);
}

static enum co_rc
add_n(struct index *x, const char *path, size_t n, const unsigned char sha256[SHA256_LEN],
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
	memcpy(l->sha256, sha256, SHA256_LEN);
	x->n++;
	return CO_OK;
}

enum co_rc
index_add(struct index *x, const char *path, const unsigned char sha256[SHA256_LEN],
	struct co_err *err)
{
	return add_n(x, path, strlen(path), sha256, err);
}

static int
line_order(const void *a, const void *b)
{
	return strcmp(((const struct index_line *)a)->path, ((const struct index_line *)b)->path);
}

enum co_rc
index_print(struct index *x, struct co_buf *out, struct co_err *err)
{
	enum co_rc rc = CO_OK;

	if (x->n > 0)
		qsort(x->lines, x->n, sizeof(*x->lines), line_order);
	for (size_t i = 0; i < x->n && rc == CO_OK; i++) {
		char hex[SHA256_HEX + 1];

		if (i > 0 && strcmp(x->lines[i - 1].path, x->lines[i].path) == 0)
			return co_fail(err, CO_EINTERNAL, "%s twice", x->lines[i].path);
		co_hex(x->lines[i].sha256, SHA256_LEN, hex);
		rc = co_buf_addf(out, err, "%s  %s\n", hex, x->lines[i].path);
	}
	return rc;
}

static enum co_rc
parse_line(struct index *x, const char *p, size_t n, struct co_err *err)
{
	static const char data[] = "data/";
	unsigned char digest[SHA256_LEN];
	char hex[SHA256_HEX + 1], again[SHA256_HEX + 1];
	const char *path = p + SHA256_HEX + 2;
	size_t path_n = n - SHA256_HEX - 2;

	if (n < SHA256_HEX + 2 + sizeof(data) || p[SHA256_HEX] != ' ' || p[SHA256_HEX + 1] != ' ')
		return co_fail(err, CO_EMALFORMED, "it is not a digest, two spaces and a path");
	memcpy(hex, p, SHA256_HEX);
	hex[SHA256_HEX] = '\0';
	if (!co_unhex(hex, digest, sizeof(digest)))
		return co_fail(err, CO_EMALFORMED, "it does not begin with 64 hexadecimal digits");
	co_hex(digest, sizeof(digest), again);
	if (strcmp(hex, again) != 0)
		return co_fail(err, CO_EMALFORMED, "its digest is not in lower case");
	if (!zip_name_ok(path, path_n) || strncmp(path, data, sizeof(data) - 1) != 0)
		return co_fail(err, CO_EMALFORMED, "its path is not one below data/");
	if (add_n(x, path, path_n, digest, err) != CO_OK)
		return err == NULL ? CO_ENOMEM : err->rc;
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
