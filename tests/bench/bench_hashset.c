/* Look-ups in a hash set: bench_hashset SET COUNT LOOKUPS. Entry i of the set is SHA-256 of i as
 * eight bytes; half of the look-ups are entries. Also writes the list to build one from:
 * bench_hashset --list COUNT. Prints one JSON line. */
#include "base/enc.h"
#include "examine/hashset.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static void
die(const char *what, const struct co_err *err)
{
	(void)fprintf(stderr, "bench_hashset: %s: %s\n", what, err->msg);
	exit(1);
}

static void
entry(uint64_t i, unsigned char out[SHA256_LEN])
{
	sha256(&i, sizeof(i), out);
}

static void
list_print(uint64_t n)
{
	unsigned char digest[SHA256_LEN];
	char hex[SHA256_HEX + 1];

	for (uint64_t i = 0; i < n; i++) {
		entry(i, digest);
		co_hex(digest, sizeof(digest), hex);
		(void)puts(hex);
	}
}

static int64_t
cpu_us(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int
main(int argc, char **argv)
{
	struct co_err err = { 0 };
	hashset_auto *h = NULL;
	co_auto_fd fd = -1;
	co_auto_free unsigned char *ask = NULL;
	uint64_t count, n, found = 0;
	struct rusage used;
	int64_t begun;

	if (argc == 3 && strcmp(argv[1], "--list") == 0) {
		list_print(strtoull(argv[2], NULL, 10));
		return 0;
	}
	if (argc != 4)
		return 2;
	count = strtoull(argv[2], NULL, 10);
	n = strtoull(argv[3], NULL, 10);
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || hashset_open(&h, fd, &err) != CO_OK)
		die(argv[1], &err);
	ask = malloc(n * SHA256_LEN);
	if (ask == NULL)
		return 1;
	for (uint64_t i = 0; i < n; i++)
		entry(i * 2654435761u % (2 * count), ask + i * SHA256_LEN);
	/* Twice: the first time maps the pages. Processor time, as a busy machine would count
	 * others. */
	for (int turn = 0; turn < 2; turn++) {
		begun = cpu_us();
		found = 0;
		for (uint64_t i = 0; i < n; i++)
			found += hashset_has(h, ask + i * SHA256_LEN);
		begun = cpu_us() - begun;
	}
	(void)getrusage(RUSAGE_SELF, &used);
	(void)printf("{\"us\":%.3f,\"found\":%llu,\"lookups\":%llu,\"resident_mib\":%ld}\n",
		(double)begun / (double)n, (unsigned long long)found, (unsigned long long)n,
		used.ru_maxrss / 1024);
	return 0;
}
