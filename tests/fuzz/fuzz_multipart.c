/* The first line is the value of Content-Type, the rest a body. What is taken in one piece must be
 * taken byte by byte with the same parts; nothing may be given on that was not in the body. */
#include "network/multipart.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct co_buf log;
	size_t data;
	bool open;
};

static enum co_rc
on_begin(void *arg, const struct multipart_part *part, struct co_err *err)
{
	struct seen *s = arg;

	if (s->open || strlen(part->name) > LIMIT_NAME)
		abort();
	s->open = true;
	return co_buf_addf(&s->log, err, "[%s|%s]", part->name,
		part->file == NULL ? "-" : part->file);
}

static enum co_rc
on_data(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct seen *s = arg;

	if (!s->open || n == 0)
		abort();
	s->data += n;
	return co_buf_add(&s->log, p, n, err);
}

static enum co_rc
on_end(void *arg, struct co_err *err)
{
	struct seen *s = arg;

	if (!s->open)
		abort();
	s->open = false;
	return co_buf_add_str(&s->log, ";", err);
}

static enum co_rc
parse(const char *media, const uint8_t *body, size_t n, size_t step, struct seen *s)
{
	static const struct multipart_calls calls = { on_begin, on_data, on_end };
	struct co_err err = { CO_OK, "" };
	multipart_auto *m = NULL;
	enum co_rc rc = multipart_open(&m, media, &calls, s, &err);

	for (size_t at = 0; rc == CO_OK && at < n; at += step)
		rc = multipart_add(m, body + at, n - at < step ? n - at : step, &err);
	if (rc == CO_OK)
		rc = multipart_end(m, &err);
	if (rc == CO_OK && s->open)
		abort();
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = memchr(data, '\n', size);
	struct seen whole = { .data = 0 }, bits = { .data = 0 };
	char media[256];
	size_t n = line == NULL ? size : (size_t)(line - data), rest;

	if (n >= sizeof(media) || size > 1024 * 1024)
		return 0;
	memcpy(media, data, n);
	media[n] = '\0';
	rest = line == NULL ? 0 : size - n - 1;
	co_buf_init(&whole.log, 4 * size + 4096);
	co_buf_init(&bits.log, 4 * size + 4096);
	if (parse(media, data + size - rest, rest, rest + 1, &whole) !=
			parse(media, data + size - rest, rest, 1, &bits) ||
		whole.data > rest || whole.log.len != bits.log.len ||
		(whole.log.len > 0 && memcmp(whole.log.data, bits.log.data, whole.log.len) != 0))
		abort();
	co_buf_deinit(&whole.log);
	co_buf_deinit(&bits.log);
	return 0;
}
