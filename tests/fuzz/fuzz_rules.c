/* Rules of a stranger and a file of another through YARA, and that file through libmagic, as the
 * jobs of the examiner do it: rules are compiled or refused with words, includes are not followed,
 * and what is said goes through the caller's own parser. The input: rules, a NUL, the file; without
 * rules the file is for libmagic. */
#include "base/fs.h"
#include "examine/answer.h"
#include "examine/inner/ewf.h"
#include "examine/inner/job.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

enum { FILE_MOST = 64 * 1024, ANSWER_MOST = 8 * 1024 * 1024 };

/* As the sandbox bounds it (LIMIT_EXAMINE_MEMORY): a request for more gets NULL. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=128";
}

/* What the libraries leak on their way out of wrong rules ends with the process of its job. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libyara\nleak:libmagic\nleak:libtsk\n";
}

static const unsigned char *file;
static size_t file_n;

enum co_rc
source_read(struct image *i, size_t source, void *p, size_t n, uint64_t at, struct co_err *err)
{
	(void)err;
	/* The caller ends an examiner that asks past the end. */
	if (source != 0 || at > file_n || n > file_n - at)
		abort();
	memcpy(p, file + at, n);
	i->asked += n;
	return CO_OK;
}

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
job_do(job_run *run, const json_t *ask, const json_t *options, struct co_err *err)
{
	json_auto *end = json_object();
	image_auto *i = NULL;
	struct job j = { .options = options, .files_n = 1, .end = end };

	TRY(image_open(&i, ask, err));
	j.image = i;
	TRY(run(&j, err));
	return say("end", json_incref(end), err);
}

static enum co_rc
job_try(job_run *run)
{
	const cookie_io_functions_t calls = { .write = hear };
	json_auto *ask =
		json_pack("{s:[{s:s,s:I}]}", "sources", "name", "x", "size", (json_int_t)file_n);
	json_auto *o = json_pack("{s:i}", "max_file", FILE_MOST);
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
	rc = job_do(run, ask, o, &err);
	(void)fclose(stdout);
	stdout = was;
	/* A failure has words; what was done is whole. */
	if (rc != CO_OK ? err.msg[0] == '\0' : !h.over && answer_end(&h.answer, NULL) != CO_OK)
		abort();
	answer_deinit(&h.answer);
	return rc;
}

/* As the caller gives them: a file, at the first descriptor for files. */
static void
rules_give(const unsigned char *p, size_t n)
{
	int fd = memfd_create("rules", MFD_CLOEXEC);

	if (fd < 0 || co_write_all(fd, p, n, NULL) != CO_OK || dup2(fd, EXAMINE_FILES) < 0)
		abort();
	if (fd != EXAMINE_FILES)
		close(fd);
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	const unsigned char *nul = memchr(p, 0, n);
	size_t rules_n = nul == NULL ? n : (size_t)(nul - p);
	json_auto *none = json_object();
	struct job alone = { .options = none, .files_n = 1 };
	struct co_err err = { 0 };
	enum co_rc rc;
	bool known;

	file = nul == NULL ? (const unsigned char *)"a file" : nul + 1;
	file_n = nul == NULL ? 6 : n - rules_n - 1;
	file_n = file_n < FILE_MOST ? file_n : FILE_MOST;
	/* An E01 is fuzz_image's. */
	if (ewf_begins(file, file_n, &known))
		return 0;
	rules_give(p, rules_n);
	rc = check_scan(&alone, &err);
	if (rc != CO_OK && err.msg[0] == '\0')
		abort();
	/* What was found right before is right when it is used. */
	if (file_n > 0 && (rules_n > 0 ? (job_try(job_scan) == CO_OK) != (rc == CO_OK)
				       : job_try(job_types) != CO_OK))
		abort();
	return 0;
}
