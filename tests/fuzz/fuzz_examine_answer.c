/* What an examiner says that was taken over: it is refused or taken, the same however it is cut. */
#include "examine/answer.h"

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

struct seen {
	size_t lines, content;
};

static enum co_rc
line(void *arg, const char *type, const json_t *l, struct co_err *err)
{
	struct seen *s = arg;

	(void)type, (void)err;
	if (!json_is_object(l))
		abort();
	s->lines++;
	return CO_OK;
}

static enum co_rc
content(void *arg, const void *p, size_t n, struct co_err *err)
{
	(void)p, (void)err;
	((struct seen *)arg)->content += n;
	return CO_OK;
}

static enum co_rc
take(const unsigned char *p, size_t n, size_t step, struct seen *s)
{
	struct answer a = { .line = line, .content = content, .arg = s };
	enum co_rc rc = CO_OK;

	answer_init(&a);
	for (size_t at = 0; at < n && rc == CO_OK; at += step)
		rc = answer_add(&a, p + at, n - at < step ? n - at : step, NULL);
	if (rc == CO_OK)
		rc = answer_end(&a, NULL);
	answer_deinit(&a);
	return rc;
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct seen whole = { 0 }, cut = { 0 };

	if (take(p, n, n + 1, &whole) != take(p, n, 3, &cut) || whole.lines != cut.lines ||
		whole.content < cut.content)
		abort();
	return 0;
}
