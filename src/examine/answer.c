#include "examine/answer.h"

#include "base/limits.h"
#include "base/limits_examine.h"

#include <string.h>

static const char *const types[] = { "image", "partition", "file", "content", "match", "rule",
	"hit", "event", "note", "unread", "progress", "end" };

void
answer_init(struct answer *a)
{
	co_buf_init(&a->text, LIMIT_EXAMINE_LINE);
	a->left = 0;
	a->ended = false;
}

void
answer_deinit(struct answer *a)
{
	co_buf_deinit(&a->text);
}

static const char *
type_of(const json_t *line)
{
	const char *said = json_string_value(json_object_get(line, "type"));

	for (size_t i = 0; said != NULL && i < CO_ARRAY_LEN(types); i++)
		if (strcmp(types[i], said) == 0)
			return types[i];
	return NULL;
}

static enum co_rc
take_line(struct answer *a, const char *p, size_t n, struct co_err *err)
{
	json_error_t why;
	json_t *line = json_loadb(p, n, JSON_REJECT_DUPLICATES, &why);
	const json_t *size = json_object_get(line, "size");
	const char *type = type_of(line);
	enum co_rc rc = CO_OK;

	if (type == NULL || a->ended)
		rc = co_fail(err, CO_EMALFORMED,
			"the examiner gave a line that is none (%s): its answer is not used",
			line == NULL      ? why.text
				: a->ended ? "after the end"
					   : "unknown type");
	else if (strcmp(type, "content") == 0 &&
		(a->content == NULL || !json_is_integer(size) || json_integer_value(size) < 0))
		rc = co_fail(err, CO_EMALFORMED,
			"the examiner gave content that was not asked for");
	if (rc == CO_OK)
		rc = a->line(a->arg, type, line, err);
	if (rc == CO_OK && strcmp(type, "content") == 0)
		a->left = (uint64_t)json_integer_value(size);
	if (rc == CO_OK)
		a->ended = strcmp(type, "end") == 0;
	json_decref(line);
	return rc;
}

enum co_rc
answer_add(struct answer *a, const void *p, size_t n, struct co_err *err)
{
	const char *at = p;

	while (n > 0) {
		const char *nl;
		size_t part;

		if (a->left > 0) {
			part = n < a->left ? n : (size_t)a->left;
			TRY(a->content(a->arg, at, part, err));
			a->left -= part;
		} else {
			nl = memchr(at, '\n', n);
			part = nl != NULL ? (size_t)(nl - at) + 1 : n;
			if (co_buf_add(&a->text, at, part, NULL) != CO_OK)
				return co_fail(err, CO_EMALFORMED,
					"the examiner gave a line of more than %u bytes",
					LIMIT_EXAMINE_LINE);
			if (nl != NULL) {
				TRY(take_line(a, a->text.data, a->text.len - 1, err));
				co_buf_reset(&a->text);
			}
		}
		at += part;
		n -= part;
	}
	return CO_OK;
}

enum co_rc
answer_end(const struct answer *a, struct co_err *err)
{
	if (a->left == 0 && a->text.len == 0 && a->ended)
		return CO_OK;
	return co_fail(err, CO_EMALFORMED, "the examiner's answer ends in the middle");
}
