#include "network/multipart.h"

#include "base/enc.h"

#include <string.h>
#include <strings.h>

enum step { STEP_FIRST, STEP_AFTER, STEP_HEAD, STEP_DATA, STEP_DONE };
enum { DELIMITER = MULTIPART_BOUNDARY + 4 };

struct multipart {
	struct multipart_calls calls;
	void *arg;
	enum step step;
	char delimiter[DELIMITER + 1]; /* CR LF - - boundary */
	size_t delimiter_n;
	struct co_buf pend; /* what could not be judged yet */
	size_t parts;
};

/* ---- parameters of a header: ; name="value" ---- */

/* The value's end; out (cap bytes) gets it unquoted. Browsers write " inside as %22 (HTML
 * 4.10.21.8); \" is taken too. false: not such. */
static bool
value_read(const char **at, char *out, size_t cap)
{
	const char *c = *at;
	size_t n = 0;
	bool quoted = *c == '"';

	c += quoted ? 1 : 0;
	for (; *c != '\0' && (quoted ? *c != '"' : strchr("; \t", *c) == NULL); c++) {
		if (quoted && *c == '\\' && c[1] == '"')
			c++;
		if (n + 1 >= cap)
			return false;
		out[n++] = *c;
	}
	if (quoted && *c++ != '"')
		return false;
	out[n] = '\0';
	*at = c;
	return true;
}

/* Parameter name of a header's value; true when it is there, once. */
static bool
parameter(const char *value, const char *name, char *out, size_t cap)
{
	char other[LIMIT_PART_HEAD];
	size_t n = strlen(name);
	bool found = false;

	for (const char *at = strchr(value, ';'); at != NULL; at = *at == ';' ? at : NULL) {
		bool ours;

		at++;
		at += strspn(at, " \t");
		ours = strncasecmp(at, name, n) == 0 && at[n] == '=';
		at += strcspn(at, "=;");
		if (*at != '=')
			return false;
		at++;
		if (ours && found)
			return false;
		if (!value_read(&at, ours ? out : other, ours ? cap : sizeof(other)))
			return false;
		found = found || ours;
		at += strspn(at, " \t");
	}
	return found;
}

static bool
boundary_fits(const char *b)
{
	size_t n = strlen(b);

	/* RFC 2046 5.1.1: no space at the end. */
	return n > 0 && n <= MULTIPART_BOUNDARY && b[n - 1] != ' ' &&
		strspn(b,
			"0123456789abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ") ==
		n;
}

enum co_rc
multipart_open(struct multipart **out, const char *media, const struct multipart_calls *calls,
	void *arg, struct co_err *err)
{
	char boundary[MULTIPART_BOUNDARY + 1];
	struct multipart *m;

	if (strncasecmp(media, "multipart/form-data;", 20) != 0 ||
		!parameter(media, "boundary", boundary, sizeof(boundary)) ||
		!boundary_fits(boundary))
		return co_fail(err, CO_EUSAGE, "this is no form with files");
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return co_fail(err, CO_ENOMEM, "a form with files");
	m->calls = *calls;
	m->arg = arg;
	co_buf_init(&m->pend, 4 * LIMIT_PART_HEAD + LIMIT_RANGE);
	m->delimiter_n = (size_t)snprintf(
		m->delimiter, sizeof(m->delimiter), "\r\n--%s", boundary);
	*out = m;
	return CO_OK;
}

void
multipart_free(struct multipart **out)
{
	if (*out == NULL)
		return;
	co_buf_deinit(&(*out)->pend);
	free(*out);
	*out = NULL;
}

/* ---- the head of a part ---- */

static enum co_rc
malformed(const char *why, struct co_err *err)
{
	return co_fail(err, CO_EMALFORMED, "this form with files cannot be read: %s", why);
}

/* Lines until an empty one; only Content-Disposition counts. head is a text of its own. */
static enum co_rc
head_read(char *head, struct multipart_part *part, char file[LIMIT_PART_HEAD], struct co_err *err)
{
	static const char wanted[] = "Content-Disposition:";
	bool found = false;

	for (char *line = head, *next; line != NULL; line = next) {
		char *end = strstr(line, "\r\n");
		char *value = line + sizeof(wanted) - 1;

		next = end == NULL ? NULL : end + 2;
		if (end != NULL)
			*end = '\0';
		if (strncasecmp(line, wanted, sizeof(wanted) - 1) != 0)
			continue;
		value += strspn(value, " \t");
		if (found || strncasecmp(value, "form-data;", 10) != 0 ||
			!parameter(value, "name", part->name, sizeof(part->name)))
			return malformed("a part without a name", err);
		part->file = parameter(value, "filename", file, LIMIT_PART_HEAD) ? file : NULL;
		found = true;
	}
	if (!found || !co_utf8_valid(part->name))
		return malformed("a part without a name", err);
	return CO_OK;
}

static void
pend_drop(struct multipart *m, size_t n)
{
	memmove(m->pend.data, m->pend.data + n, m->pend.len - n + 1);
	m->pend.len -= n;
}

static char *
pend_find(const struct multipart *m, const char *what, size_t n)
{
	return m->pend.len < n ? NULL : memmem(m->pend.data, m->pend.len, what, n);
}

/* ---- steps: false when more bytes are needed ---- */

/* The first delimiter has no line end before it. */
static bool
step_first(struct multipart *m, struct co_err *err)
{
	size_t n = m->delimiter_n - 2;

	if (m->pend.len < n)
		return false;
	if (memcmp(m->pend.data, m->delimiter + 2, n) != 0) {
		(void)malformed("it does not begin with its boundary", err);
		return false;
	}
	pend_drop(m, n);
	m->step = STEP_AFTER;
	return true;
}

/* After a delimiter: a line end and the next part, or two hyphens and the end. */
static bool
step_after(struct multipart *m, struct co_err *err)
{
	if (m->pend.len < 2)
		return false;
	if (memcmp(m->pend.data, "--", 2) == 0)
		m->step = STEP_DONE;
	else if (memcmp(m->pend.data, "\r\n", 2) != 0)
		(void)malformed("a boundary with something behind it", err);
	else if (++m->parts > LIMIT_DESK_FIELDS)
		(void)co_fail(err, CO_ETOOBIG, "a form of more than %u parts", LIMIT_DESK_FIELDS);
	else
		m->step = STEP_HEAD;
	pend_drop(m, 2);
	return m->step == STEP_HEAD && err->rc == CO_OK;
}

static bool
step_head(struct multipart *m, struct co_err *err)
{
	struct multipart_part part = { .file = NULL };
	char file[LIMIT_PART_HEAD], *end = pend_find(m, "\r\n\r\n", 4);
	size_t n = end == NULL ? 0 : (size_t)(end - m->pend.data);

	if (n > LIMIT_PART_HEAD || (end == NULL && m->pend.len > LIMIT_PART_HEAD)) {
		(void)co_fail(err, CO_ETOOBIG, "a form's part with a head of more than %u bytes",
			LIMIT_PART_HEAD);
		return false;
	}
	if (end == NULL)
		return false;
	if (memchr(m->pend.data, '\0', n) != NULL) {
		(void)malformed("a NUL in a head", err);
		return false;
	}
	*end = '\0';
	if (head_read(m->pend.data, &part, file, err) != CO_OK ||
		m->calls.begin(m->arg, &part, err) != CO_OK)
		return false;
	pend_drop(m, n + 4);
	m->step = STEP_DATA;
	return true;
}

/* Gives on what cannot be the begin of a delimiter. */
static bool
step_data(struct multipart *m, struct co_err *err)
{
	char *at = pend_find(m, m->delimiter, m->delimiter_n);
	size_t keep = m->delimiter_n - 1;
	size_t n = at != NULL           ? (size_t)(at - m->pend.data)
		: m->pend.len > keep ? m->pend.len - keep
				     : 0;

	if (n > 0 && m->calls.data(m->arg, m->pend.data, n, err) != CO_OK)
		return false;
	pend_drop(m, at == NULL ? n : n + m->delimiter_n);
	if (at == NULL || m->calls.end(m->arg, err) != CO_OK)
		return false;
	m->step = STEP_AFTER;
	return true;
}

static bool
step_done(struct multipart *m, struct co_err *err)
{
	(void)err;
	pend_drop(m, m->pend.len); /* an epilogue is to be ignored (RFC 2046 5.1.1) */
	return false;
}

enum co_rc
multipart_add(struct multipart *m, const void *p, size_t n, struct co_err *err)
{
	static bool (*const steps[])(struct multipart *, struct co_err *) = {
		[STEP_FIRST] = step_first,
		[STEP_AFTER] = step_after,
		[STEP_HEAD] = step_head,
		[STEP_DATA] = step_data,
		[STEP_DONE] = step_done,
	};
	struct co_err own = { CO_OK, "" };
	enum co_rc rc = co_buf_add(&m->pend, p, n, err);

	while (rc == CO_OK && own.rc == CO_OK && m->pend.len > 0 && steps[m->step](m, &own))
		;
	if (rc == CO_OK && own.rc != CO_OK)
		rc = co_fail(err, own.rc, "%s", own.msg);
	return rc;
}

enum co_rc
multipart_end(struct multipart *m, struct co_err *err)
{
	return m->step == STEP_DONE ? CO_OK : malformed("it was cut off", err);
}
