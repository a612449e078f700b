/* A job of the examiner within a fuzz target: its answer goes through the caller's own parser,
 * which has to take all of it, and a failure has to have words. The target gives source_read. */
#pragma once

#include "examine/answer.h"
#include "examine/inner/job.h"

#include <stdlib.h>

/* As the sandbox bounds it (LIMIT_EXAMINE_MEMORY): a request for more gets NULL. */
#define EXAMINE_ASAN "allocator_may_return_null=1:max_allocation_size_mb=128"

enum { ANSWER_MOST = 8 * 1024 * 1024 };

struct heard {
	struct answer answer;
	uint64_t bytes;
	bool over; /* as the caller's limit of an answer */
};
static enum co_rc
line(void *arg, const char *type, const json_t *l, struct co_err *err)
{
	(void)arg, (void)type, (void)l, (void)err;
	return CO_OK;
}

static enum co_rc
content(void *arg, const void *p, size_t n, struct co_err *err)
{
	(void)arg, (void)p, (void)n, (void)err;
	return CO_OK;
}

static ssize_t
hear(void *arg, const char *p, size_t n)
{
	struct heard *h = arg;
	struct co_err err = { 0 };

	h->bytes += n;
	if (h->bytes > ANSWER_MOST) {
		h->over = true;
		return 0;
	}
	if (answer_add(&h->answer, p, n, &err) != CO_OK)
		abort();
	return (ssize_t)n;
}

static enum co_rc
job_do(job_run *run, const json_t *ask, const json_t *options, unsigned files_n, struct co_err *err)
{
	json_auto *end = json_object();
	image_auto *i = NULL;
	struct job j = { .options = options, .files_n = files_n, .end = end };

	TRY(image_open(&i, ask, err));
	j.image = i;
	TRY(run(&j, err));
	return say("end", json_incref(end), err);
}

/* One source of size bytes; options is JSON. */
static enum co_rc
job_try(job_run *run, const char *options, size_t size, unsigned files_n)
{
	const cookie_io_functions_t calls = { .write = hear };
	json_auto *ask =
		json_pack("{s:[{s:s,s:I}]}", "sources", "name", "x", "size", (json_int_t)size);
	json_auto *o = json_loads(options, 0, NULL);
	struct heard h = { .answer = { .line = line, .content = content } };
	struct co_err err = { 0 };
	FILE *was = stdout;
	enum co_rc rc;

	if (ask == NULL || o == NULL)
		abort();
	answer_init(&h.answer);
	stdout = fopencookie(&h, "w", calls);
	if (stdout == NULL)
		abort();
	rc = job_do(run, ask, o, files_n, &err);
	(void)fclose(stdout);
	stdout = was;
	/* A failure has words; what was done is whole. */
	if (rc != CO_OK ? err.msg[0] == '\0' : !h.over && answer_end(&h.answer, NULL) != CO_OK)
		abort();
	answer_deinit(&h.answer);
	return rc;
}
