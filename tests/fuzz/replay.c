/* Runs a fuzz target over a stored corpus (a folder) without libFuzzer: every file, and every
 * prefix-cut and bit-flip of small ones, so that the replay also tests truncation. */
#include "base/buf.h"
#include "base/fs.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
replay_file(const char *path)
{
	co_auto_buf b;
	struct co_err err = { 0 };
	unsigned char *copy;

	co_buf_init(&b, 64u << 20);
	if (co_read_file(path, &b, &err) != CO_OK) {
		(void)fprintf(stderr, "%s\n", err.msg);
		exit(1);
	}
	/* An exact-size heap copy, so that a sanitizer sees a read past its end. */
	for (size_t cut = 0; cut <= (b.len < 4096 ? b.len : 0); cut += b.len / 64 + 1) {
		size_t n = b.len - cut;

		copy = malloc(n > 0 ? n : 1);
		if (copy == NULL)
			exit(1);
		if (n > 0)
			memcpy(copy, b.data, n);
		(void)LLVMFuzzerTestOneInput(copy, n);
		if (n > 0) {
			copy[n * 7 / 11] ^= 0x20;
			(void)LLVMFuzzerTestOneInput(copy, n);
		}
		free(copy);
	}
}

int
main(int argc, char **argv)
{
	unsigned files = 0;
	struct dirent *e;
	DIR *d;

	if (argc != 2 || (d = opendir(argv[1])) == NULL) {
		(void)fprintf(stderr, "usage: replay CORPUS_FOLDER (%s)\n",
			argc > 1 ? argv[1] : "none given");
		return 1;
	}
	while ((e = readdir(d)) != NULL) {
		char path[PATH_MAX];

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], e->d_name);
		replay_file(path);
		files++;
	}
	closedir(d);
	(void)printf("%u corpus files replayed\n", files);
	return files > 0 ? 0 : 1;
}
