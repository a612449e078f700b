/* Rules of a stranger and a file of another through YARA, and that file through libmagic, as the
 * jobs of the examiner do it: rules are compiled or refused with words, includes are not followed,
 * and what is said goes through the caller's own parser. The input: rules, a NUL, the file; without
 * rules the file is for libmagic. */
#include "base/fs.h"
#include "examine/inner/ewf.h"
#include "examine_job.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *
__asan_default_options(void)
{
	return EXAMINE_ASAN;
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

enum { FILE_MOST = 64 * 1024 };
#define OPTIONS "{\"max_file\":65536}"

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
	if (file_n > 0 && (rules_n > 0 ? (job_try(job_scan, OPTIONS, file_n,
		1) == CO_OK) != (rc == CO_OK)
				       : job_try(job_types, OPTIONS, file_n, 1) != CO_OK))
		abort();
	return 0;
}
