/* An image from a stranger through the jobs of the examiner: libewf, libtsk, and what stands around
 * them. Built as fuzz_e01, fuzz_ext4 and fuzz_ntfs, which differ in their corpus. What a job says
 * goes through the caller's own parser, which has to take all of it.
 * The input is an image with its zeros left out, made by sparse.py: its size (LE32), then pieces of
 * place (LE32), length (LE16) and bytes. */
#include "base/limits_examine.h"
#include "examine_job.h"

#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);
size_t LLVMFuzzerMutate(unsigned char *p, size_t n, size_t most);
size_t LLVMFuzzerCustomMutator(unsigned char *p, size_t n, size_t most, unsigned seed);

/* ASKS: instead of the processor time of a job. libewf 20140813 loses the buffer of each chunk
 * that it cannot decompress: in the examiner that ends at LIMIT_EXAMINE_MEMORY with the reason
 * told, here it would add up over all inputs. */
enum { IMAGE_MOST = 4 * 1024 * 1024, ASKS = 400 };

const char *
__asan_default_options(void)
{
	return EXAMINE_ASAN;
}

/* What the libraries leak on their way out of a damaged image ends with the process of its job. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libtsk\nleak:libewf\n";
}

/* ---- the image ---- */
static unsigned char image[IMAGE_MOST];
static uint32_t image_n;
static unsigned asks;

enum co_rc
source_read(struct image *i, size_t source, void *p, size_t n, uint64_t at, struct co_err *err)
{
	if (++asks > ASKS)
		return co_fail(err, CO_ETIMEOUT, "the job takes too long");
	/* The caller ends an examiner that asks past the end. */
	if (source != 0 || at > image_n || n > image_n - at)
		abort();
	memcpy(p, image + at, n);
	i->asked += n;
	return CO_OK;
}

static uint32_t
le(const unsigned char *p, size_t n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static bool
image_fill(const unsigned char *p, size_t n)
{
	if (n < 4 || le(p, 4) > IMAGE_MOST)
		return false;
	image_n = le(p, 4);
	memset(image, 0, image_n);
	for (size_t at = 4; at + 6 <= n;) {
		uint32_t to = le(p + at, 4), k = le(p + at + 4, 2);

		at += 6;
		k = k < n - at ? k : (uint32_t)(n - at);
		if (to > image_n || k > image_n - to)
			return false;
		memcpy(image + to, p + at, k);
		at += k;
	}
	return true;
}

#ifdef FUZZER
/* ---- checksums of an E01, so that a change is not all that is ever seen ---- */
static void
checksum(unsigned char *p, size_t n)
{
	uint32_t sum = (uint32_t)adler32(1, p, (uInt)n);

	for (size_t i = 0; i < 4; i++)
		p[n + i] = (unsigned char)(sum >> 8 * i);
}

/* p: the one piece of an E01. */
static void
e01_repair(unsigned char *p, size_t n)
{
	size_t at = 13;

	for (int sections = 0; sections < 64 && at + 76 <= n; sections++) {
		size_t size = le(p + at + 24, 4), next = le(p + at + 16, 4);

		checksum(p + at, 72);
		if (size > 76 + 4 && size <= n - at &&
			(memcmp(p + at, "volume", 6) == 0 || memcmp(p + at, "hash", 4) == 0 ||
				memcmp(p + at, "digest", 6) == 0 || memcmp(p + at, "data", 4) == 0))
			checksum(p + at + 76, size - 80);
		if (memcmp(p + at, "table", 5) == 0 && n - at >= 76 + 24) {
			size_t entries = le(p + at + 76, 4);

			checksum(p + at + 76, 20);
			if (entries < 4096 && n - at >= 76 + 24 + 4 * entries + 4)
				checksum(p + at + 100, 4 * entries);
		}
		if (next <= at)
			break;
		at = next;
	}
}

size_t
LLVMFuzzerCustomMutator(unsigned char *p, size_t n, size_t most, unsigned seed)
{
	n = LLVMFuzzerMutate(p, n, most);
	if (n > 10 + 13 && le(p + 4, 4) == 0 && memcmp(p + 10, "EVF", 3) == 0 && seed % 4 != 0)
		e01_repair(p + 10, n - 10);
	return n;
}
#endif

static void
image_try(job_run *run, const char *options)
{
	asks = 0;
	(void)job_try(run, options, image_n, 0);
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	if (!image_fill(p, n) || image_n == 0)
		return 0;
	image_try(job_list, "{\"orphans\":true}");
	image_try(job_read, "{}");
	if (memcmp(image, "EVF", 3) == 0)
		return 0;
	image_try(job_timeline, "{\"indicators\":true,\"max_file\":65536}");
	image_try(job_search, "{\"max_file\":65536,\"hits\":100}");
	image_try(job_extract, "{\"path\":\"/a.txt\"}");
	image_try(job_extract, "{\"part\":0,\"address\":12}");
	return 0;
}
