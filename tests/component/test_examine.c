/* The real examiner, on images made by the tools that make real ones, whole and damaged. */
#include "test.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/limits_examine.h"
#include "base/sandbox.h"
#include "examine/hashset.h"
#include "examine/run.h"
#include "vault/view.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { IMAGE_MOST = 24 * 1024 * 1024 };

static struct co_err err;
static struct child_report report;
static char home[64], program[PATH_MAX];

/* ---- images ---- */
/* A set with the digest of nothing: what cannot be read must not be in it. */
static enum co_rc
set_none(void)
{
	co_auto_free char *list = co_path_join(home, "none.txt");
	co_auto_free char *out = co_path_join(home, "none.hashset");
	const struct hashset_build b = { .list = list, .out = out, .known = HASHSET_BAD };
	struct hashset_about about;

	return hashset_make(&b, &about, &err);
}

static bool shell(const char *fmt, ...) CO_PRINTF(1, 2);

static bool
shell(const char *fmt, ...)
{
	char cmd[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	return system(cmd) == 0;
}

/* Made once, in the folder home. */
static const char *const made[] = {
	"mkdir -p t/sub && echo 'mail bob@example.com and 10.2.3.4' >t/a.txt",
	"cd t/sub && head -c 40000 /dev/urandom >r.bin && cp /bin/true p.jpg",
	"echo 'rule r { strings: $a = \"bob@\" condition: $a }' >r.yar",
	"truncate -s 2M e.raw && mkfs.ext4 -q -b 1024 -d t e.raw",
	"truncate -s 2M n.raw && mkntfs -q -F n.raw >/dev/null 2>&1",
	"ntfscp -f n.raw t/a.txt a.txt >/dev/null 2>&1",
	"truncate -s 1M f.raw && mkfs.vfat f.raw >/dev/null",
	"mkdir d && cp t/a.txt d",
	"cd d && head -c 3000000 /dev/urandom >big.bin",
	"truncate -s 4M d.raw && mkfs.ext4 -q -b 4096 -d d d.raw",
	"ewfacquire -u -q -t d -f encase6 -c fast d.raw >/dev/null 2>&1",
	"ewfacquire -u -q -t e -f encase6 -c fast -C C1 -e bob e.raw >/dev/null 2>&1",
};

static int
set_up(void **state)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	if (n < 0)
		return -1;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	(void)snprintf(program, sizeof(program), "%.4000s/../comity-examiner", self);
	(void)snprintf(home, sizeof(home), "/tmp/comity-examine-XXXXXX");
	if (mkdtemp(home) == NULL)
		return -1;
	if (!shell("cd %s && sha256sum </dev/null >none.txt", home) || set_none() != CO_OK)
		return -1;
	for (size_t i = 0; i < CO_ARRAY_LEN(made); i++)
		if (!shell("cd %s && %s", home, made[i]))
			return -1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return !shell("rm -rf '%s'", home);
}

struct bytes {
	unsigned char *p;
	uint64_t size;
	uint64_t fails_at; /* from here on reading fails; 0: never */
	uint64_t bad_at, bad_n; /* as a bad sector: the rest can be read */
};

static enum co_rc
bytes_read(void *arg, void *p, size_t n, uint64_t at, struct co_err *e)
{
	const struct bytes *b = arg;

	if (b->fails_at != 0 && at + n > b->fails_at)
		return co_fail(e, CO_EMALFORMED, "the source ends at byte %llu",
			(unsigned long long)b->fails_at);
	if (at < b->bad_at + b->bad_n && at + n > b->bad_at)
		return co_fail(e, CO_EIO, "read at byte %llu: Input/output error",
			(unsigned long long)at);
	if (b->p == NULL)
		memset(p, 0, n);
	else
		memcpy(p, b->p + at, n);
	return CO_OK;
}

static struct bytes
load(const char *name)
{
	co_auto_free char *path = co_path_join(home, name);
	struct bytes b;
	co_auto_buf text;

	co_buf_init(&text, IMAGE_MOST);
	assert_ok(co_read_file(path, &text, &err));
	b = (struct bytes){ .size = text.len };
	b.p = malloc(text.len);
	memcpy(b.p, text.data, text.len);
	return b;
}

/* ---- a job ---- */
struct told {
	char text[1 << 16];
	size_t n, lines, content;
	json_t *end;
};
static struct told told;

static enum co_rc
line(void *arg, const char *type, const json_t *l, struct co_err *e)
{
	char *text = json_dumps(l, JSON_COMPACT);

	(void)arg, (void)e;
	told.lines++;
	told.n += (size_t)snprintf(told.text + told.n, sizeof(told.text) - told.n, "%s\n", text);
	if (told.n > sizeof(told.text) - 1)
		told.n = sizeof(told.text) - 1;
	free(text);
	if (strcmp(type, "end") == 0) {
		json_decref(told.end);
		told.end = json_deep_copy(l);
	}
	return CO_OK;
}

static enum co_rc
content(void *arg, const void *p, size_t n, struct co_err *e)
{
	(void)arg, (void)p, (void)e;
	told.content += n;
	return CO_OK;
}

static const struct child_limits bounds = { .memory = LIMIT_EXAMINE_MEMORY,
	.file_size = 1,
	.answer = 1u << 28,
	.cpu_s = 20,
	.wall_ms = 60000 };

static enum co_rc
run_with(const char *name, struct bytes *b, const char *options, const char *file,
	const struct child_limits *limits)
{
	const struct examine_source source = { "image.raw", b->size, bytes_read, b };
	json_t *o = options == NULL ? NULL : json_loads(options, 0, NULL);
	co_auto_free char *path = file == NULL ? NULL : co_path_join(home, file);
	co_auto_fd fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	struct examine_job job = { .name = name,
		.sources = &source,
		.sources_n = 1,
		.options = o,
		.files = &fd,
		.files_n = fd >= 0,
		.limits = *limits,
		.no_sandbox = sandbox_landlock() == 0,
		.program = program,
		.line = line,
		.content = content };
	enum co_rc rc;

	told.n = told.lines = told.content = 0;
	told.text[0] = '\0';
	co_err_clear(&err);
	rc = examine_run(&job, &report, &err);
	json_decref(o);
	return rc;
}

static enum co_rc
run(const char *name, struct bytes *b, const char *options, const char *file)
{
	return run_with(name, b, options, file, &bounds);
}

#define HAS(want) assert_non_null(strstr(told.text, (want)))

/* ---- whole images ---- */
static void
each_file_system_gives_its_files(void **state)
{
	static const char *const images[] = { "e.raw", "n.raw", "e.E01" };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(images); i++) {
		struct bytes b = load(images[i]);

		assert_int_equal(run("list", &b, NULL, NULL), CO_OK);
		HAS("\"path\":\"/a.txt\"");
		assert_int_equal(json_integer_value(json_object_get(told.end, "filesystems")), 1);
		assert_int_equal(run("extract", &b, "{\"path\":\"/a.txt\"}", NULL), CO_OK);
		assert_int_equal(told.content, 34);
		assert_int_equal(run("search", &b, "{\"hits\":1000}", NULL), CO_OK);
		HAS("\"value\":\"bob@example.com\"");
		HAS("\"value\":\"10.2.3.4\"");
		assert_int_equal(run("scan", &b, NULL, "r.yar"), CO_OK);
		HAS("\"rule\":\"r\"");
		assert_int_equal(run("types", &b, NULL, NULL), CO_OK);
		HAS("\"media\":\"text/plain\"");
		assert_int_equal(run("timeline", &b, "{\"indicators\":true}", NULL), CO_OK);
		HAS("\"what\":\"modified\"");
		HAS("\"indicators\":[{\"indicator\":\"email\"");
		free(b.p);
	}
}

static void
stored_digest_of_an_e01_is_compared(void **state)
{
	struct bytes b = load("e.E01"), raw = load("e.raw");

	(void)state;
	assert_int_equal(run("read", &b, NULL, NULL), CO_OK);
	assert_int_equal(told.content, raw.size);
	assert_string_equal(json_string_value(json_object_get(told.end, "md5")),
		json_string_value(json_object_get(told.end, "stored_md5")));
	HAS("\"case_number\":\"C1\"");
	free(raw.p);
	free(b.p);
}

static void
what_is_not_there_is_said(void **state)
{
	struct bytes b = load("e.raw");

	(void)state;
	assert_int_equal(run("extract", &b, "{\"path\":\"/no/such\"}", NULL), CO_ENOTFOUND);
	assert_non_null(strstr(err.msg, "/no/such"));
	assert_int_equal(run("extract", &b, "{\"path\":\"/sub\"}", NULL), CO_EREFUSED);
	assert_int_equal(run("extract", &b, NULL, NULL), CO_EUSAGE);
	assert_int_equal(run("search", &b, "{\"kinds\":[\"blood\"]}", NULL), CO_EUSAGE);
	assert_int_equal(run("match", &b, NULL, NULL), CO_EUSAGE);
	assert_int_equal(run("match", &b, NULL, "r.yar"), CO_EMALFORMED);
	assert_int_equal(run("scan", &b, NULL, "t/sub/r.bin"), CO_EMALFORMED);
	assert_int_equal(run("no-such-job", &b, NULL, NULL), CO_EUSAGE);
	free(b.p);
}

/* ---- what cannot be read ---- */
static json_int_t
ended(const char *member)
{
	return json_integer_value(json_object_get(told.end, member));
}

/* In the chunk of an E01 that the second megabyte of a file stands in, one byte is another. */
static void
a_chunk_whose_checksum_fails_is_not_read(void **state)
{
	struct bytes b = load("d.E01");

	(void)state;
	b.p[1500000] ^= 1;
	assert_int_equal(run("extract", &b, "{\"path\":\"/big.bin\"}", NULL), CO_OK);
	assert_int_equal(told.content, 3000000);
	assert_int_equal(ended("zero_filled"), 32768);
	assert_int_equal(ended("unread"), 1);
	HAS("\"type\":\"unread\"");
	HAS("\"length\":32768,\"image_offset\":");
	/* The same place, whatever is done with the file. */
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(run(i == 0	    ? "match"
					     : i == 1 ? "scan"
						      : "search",
					 &b, "{\"hits\":9,\"all\":true}",
					 i == 0	 ? "none.hashset"
						 : i == 1 ? "r.yar"
							  : NULL),
			CO_OK);
		assert_int_equal(ended("unread"), 1);
		assert_int_equal(ended("unread_bytes"), 32768);
		HAS("\"length\":32768,\"image_offset\":");
	}
	assert_int_equal(run("match", &b, "{\"all\":true}", "none.hashset"), CO_OK);
	assert_int_equal(ended("not_read"), 1);
	assert_int_equal(ended("unknown"), 1);
	assert_int_equal(run("read", &b, NULL, NULL), CO_EVERIFY);
	assert_non_null(strstr(err.msg, "checksum"));
	/* What stands elsewhere is sound. */
	assert_int_equal(run("extract", &b, "{\"path\":\"/a.txt\"}", NULL), CO_OK);
	assert_int_equal(ended("unread"), 0);
	free(b.p);
}

/* A bad sector of a disk: what is around it is read, to 4096 bytes, and what was lost is told. */
static void
a_bad_sector_is_a_place_that_is_not_read(void **state)
{
	static const char *const jobs[][3] = { { "match", "{\"all\":true}", "none.hashset" },
		{ "scan", NULL, "r.yar" }, { "search", "{\"hits\":9}", NULL } };
	struct bytes b = load("d.raw");
	co_auto_free char *path = co_path_join(home, "d/big.bin");
	const unsigned char *at;
	co_auto_buf text;

	(void)state;
	co_buf_init(&text, 3000000);
	assert_ok(co_read_file(path, &text, &err));
	at = memmem(b.p, b.size, text.data + 2000896, 4096);
	assert_non_null(at);
	b.bad_at = (uint64_t)(at - b.p) + 512;
	b.bad_n = 512;
	assert_int_equal(run("extract", &b, "{\"path\":\"/big.bin\"}", NULL), CO_OK);
	assert_int_equal(told.content, 3000000);
	assert_int_equal(ended("zero_filled"), 4096);
	assert_int_equal(ended("unread"), 1);
	HAS("\"length\":4096,\"image_offset\":");
	HAS("a bad sector");
	for (size_t i = 0; i < CO_ARRAY_LEN(jobs); i++) {
		assert_int_equal(run(jobs[i][0], &b, jobs[i][1], jobs[i][2]), CO_OK);
		assert_int_equal(ended("unread"), 1);
		assert_int_equal(ended("unread_bytes"), 4096);
	}
	assert_int_equal(run("extract", &b, "{\"path\":\"/a.txt\"}", NULL), CO_OK);
	assert_int_equal(ended("unread"), 0);
	assert_int_equal(run("read", &b, NULL, NULL), CO_EIO);
	assert_non_null(strstr(err.msg, "acquire it"));
	/* The very first sector, and all of them. */
	b.bad_at = 0;
	assert_int_equal(run("list", &b, NULL, NULL), CO_OK);
	HAS("\"format\":\"raw\"");
	b.bad_n = b.size;
	assert_int_equal(run("search", &b, "{\"hits\":9}", NULL), CO_OK);
	assert_int_equal(ended("unread_bytes"), (json_int_t)b.size);
	free(b.p);
}

/* A segment of an E01 that has one: the chunks that stand there, and no others. */
static void
a_bad_sector_under_an_e01_too(void **state)
{
	struct bytes b = load("d.E01");

	(void)state;
	b.bad_at = 1500000;
	b.bad_n = 512;
	assert_int_equal(run("extract", &b, "{\"path\":\"/big.bin\"}", NULL), CO_OK);
	assert_int_equal(told.content, 3000000);
	assert_true(ended("zero_filled") >= 4096 && ended("zero_filled") <= 2 * 32768);
	assert_true(ended("unread") >= 1);
	assert_int_equal(run("extract", &b, "{\"path\":\"/a.txt\"}", NULL), CO_OK);
	assert_int_equal(ended("unread"), 0);
	free(b.p);
}

static void
of_a_cut_image_nothing_is_made_up(void **state)
{
	struct bytes b = load("d.raw");

	(void)state;
	b.size = 1024 * 1024;
	assert_int_equal(run("list", &b, NULL, NULL), CO_OK);
	HAS("the image ends before the file system does");
	assert_int_equal(ended("unread"), 1);
	assert_int_equal(run("match", &b, "{\"all\":true}", "none.hashset"), CO_OK);
	assert_null(strstr(told.text, "e3b0c44298fc1c14")); /* SHA-256 of nothing */
	assert_int_equal(ended("unknown") + ended("not_read"), 2);
	assert_int_equal(ended("bad"), 0);
	assert_true(ended("not_read") >= 1);
	assert_int_equal(run("extract", &b, "{\"path\":\"/big.bin\"}", NULL), CO_OK);
	assert_true(ended("zero_filled") > 1000000);
	free(b.p);
}

static void
damaged_tables_are_said(void **state)
{
	struct bytes b = load("e.raw");

	(void)state;
	/* Of 1024 bytes a block: the inodes, behind superblock, groups and two maps. */
	memset(b.p + 4096, 0, 200 * 1024);
	assert_int_equal(run("list", &b, NULL, NULL), CO_OK);
	assert_true(ended("unread") >= 1);
	HAS("root folder");
	memset(b.p + 1024, 0, 1024);
	assert_int_equal(run("list", &b, NULL, NULL), CO_OK);
	HAS("no file system recognised: the whole image is shown as one file");
	free(b.p);
}

/* Every place of a sound image can be read: nothing is told that is none. */
static void
of_a_sound_image_nothing_is_unread(void **state)
{
	static const char *const images[] = { "e.raw", "n.raw", "f.raw", "d.E01" };
	static const struct {
		const char *job, *file;
	} each[] = { { "list", NULL }, { "types", NULL }, { "match", "none.hashset" },
		{ "scan", "r.yar" }, { "search", NULL } };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(images); i++) {
		struct bytes b = load(images[i]);

		for (size_t k = 0; k < CO_ARRAY_LEN(each); k++) {
			assert_int_equal(run(each[k].job, &b, "{\"hits\":9,\"orphans\":true}",
						 each[k].file),
				CO_OK);
			assert_null(strstr(told.text, "\"type\":\"unread\""));
			assert_int_equal(ended("unread"), 0);
		}
		free(b.p);
	}
}

static void
a_partition_that_is_not_there_is_said(void **state)
{
	struct bytes b = load("e.raw");

	(void)state;
	assert_int_equal(run("list", &b, "{\"part\":7}", NULL), CO_ENOTFOUND);
	assert_non_null(strstr(err.msg, "no partition 7"));
	assert_int_equal(run("extract", &b, "{\"part\":9,\"address\":12}", NULL), CO_ENOTFOUND);
	assert_int_equal(run("extract", &b, "{\"part\":0,\"address\":99}", NULL), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "neither a file nor a folder"));
	assert_int_equal(run("list", &b, "{\"part\":0}", NULL), CO_OK);
	HAS("/a.txt");
	free(b.p);
}

/* ---- damaged images ---- */
static uint32_t seed;

static uint32_t
random_next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* Some bytes, mostly where tables stand. */
static void
damage(struct bytes *b, const struct bytes *whole)
{
	unsigned n = 1 + random_next() % 24;

	memcpy(b->p, whole->p, whole->size);
	for (unsigned i = 0; i < n; i++) {
		uint64_t range = random_next() % 3 == 0 ? whole->size
			: whole->size < 65536	     ? whole->size
						     : 65536;
		uint64_t at = random_next() % range;

		switch (random_next() % 4) {
		case 0:
			b->p[at] = 0xff;
			break;
		case 1:
			b->p[at] = 0;
			break;
		case 2:
			b->p[at] ^= (unsigned char)(1u << random_next() % 8);
			break;
		default:
			for (uint64_t k = at; k < at + 8 && k < whole->size; k++)
				b->p[k] = (unsigned char)random_next();
		}
	}
}

static const struct {
	const char *job, *options, *file;
} jobs[] = { { "list", "{\"orphans\":true}", NULL }, { "search", "{\"hits\":1000}", NULL },
	{ "extract", "{\"path\":\"/a.txt\"}", NULL }, { "types", NULL, NULL },
	{ "timeline", "{\"indicators\":true}", NULL }, { "read", NULL, NULL },
	{ "scan", NULL, "r.yar" } };

/* It may fail, crash inside or be stopped; the answer is always one of ours, and we live. */
static void
damaged(const char *image, unsigned tries)
{
	const struct child_limits tight = { .memory = LIMIT_EXAMINE_MEMORY,
		.file_size = 1,
		.answer = 1u << 26,
		.cpu_s = 5,
		.wall_ms = 30000 };
	struct bytes whole = load(image), b = whole;
	unsigned fine = 0, failed = 0, stopped = 0;

	b.p = malloc(whole.size);
	seed = 20261128;
	for (unsigned i = 0; i < tries; i++) {
		size_t k = i % CO_ARRAY_LEN(jobs);
		enum co_rc rc;

		damage(&b, &whole);
		rc = run_with(jobs[k].job, &b, jobs[k].options, jobs[k].file, &tight);
		if (rc != CO_OK && err.msg[0] == '\0')
			fail_msg("%s, try %u: no reason", image, i);
		if (report.end == CHILD_FORBIDDEN)
			fail_msg("%s, try %u, %s: %s", image, i, jobs[k].job, err.msg);
		fine += rc == CO_OK;
		failed += rc != CO_OK && report.end == CHILD_EXITED;
		stopped += rc != CO_OK && report.end != CHILD_EXITED;
	}
	(void)printf("%s: %u of %u read, %u refused, %u crashed or stopped inside\n", image, fine,
		tries, failed, stopped);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(run("list", &whole, NULL, NULL), CO_OK);
	free(b.p);
	free(whole.p);
}

static void
damaged_ext4_leaves_us_standing(void **state)
{
	(void)state;
	damaged("e.raw", 140);
}

static void
damaged_ntfs_leaves_us_standing(void **state)
{
	(void)state;
	damaged("n.raw", 140);
}

static void
damaged_e01_leaves_us_standing(void **state)
{
	(void)state;
	damaged("e.E01", 140);
}

static void
damaged_fat_leaves_us_standing(void **state)
{
	(void)state;
	damaged("f.raw", 70);
}

/* ---- lies and bounds ---- */
static void
cut_image_is_said(void **state)
{
	struct bytes b = load("e.raw"), e = load("e.E01");

	(void)state;
	b.fails_at = 1500000;
	b.size = 2u << 30; /* it says it is larger than it is */
	assert_int_equal(run("search", &b, "{\"hits\":1000}", NULL), CO_EMALFORMED);
	assert_non_null(strstr(err.msg, "ends at byte 1500000"));
	e.size /= 2;
	assert_int_equal(run("read", &e, NULL, NULL), CO_EVERIFY);
	assert_int_equal(run("list", &e, NULL, NULL), CO_OK);
	HAS("segments are missing");
	free(b.p);
	free(e.p);
}

/* A terabyte of nothing: bounded in time and in memory. */
static void
endless_image_meets_the_bounds(void **state)
{
	struct bytes b = { .size = 1ull << 40 };
	struct child_limits one = bounds;

	(void)state;
	one.cpu_s = 1;
	assert_int_equal(run_with("search", &b, "{\"hits\":1000}", NULL, &one), CO_ETIMEOUT);
	assert_int_equal(report.end, CHILD_CPU);
	assert_true(report.peak < LIMIT_EXAMINE_MEMORY);
}

static void
memory_bound_is_named(void **state)
{
	struct bytes b = load("e.raw");
	struct child_limits little = bounds;
	enum co_rc rc;

	(void)state;
	little.memory = 12u << 20;
	rc = run_with("scan", &b, NULL, "r.yar", &little);
	free(b.p);
	if (rc == CO_OK)
		skip(); /* built with a sanitizer: memory is not bounded */
	assert_int_equal(report.end, CHILD_MEMORY);
	assert_non_null(strstr(err.msg, "12 MiB"));
}

/* Our only child. */
static pid_t
child_pid(void)
{
	char path[64], text[64] = "";
	co_auto_fd fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)gettid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return -1;
	return (pid_t)strtol(text, NULL, 10);
}

static int send_signal;

static enum co_rc
strike(void *arg, uint64_t done, uint64_t of, struct co_err *e)
{
	pid_t pid = child_pid();

	(void)arg, (void)done, (void)of, (void)e;
	if (pid > 1 && send_signal != 0)
		(void)kill(pid, send_signal);
	send_signal = 0;
	return CO_OK;
}

static enum co_rc
struck(int number, unsigned wall_ms)
{
	struct bytes b = { .size = 1ull << 40 };
	const struct examine_source source = { "endless", b.size, bytes_read, &b };
	json_t *options = json_pack("{s:i}", "hits", 10);
	struct examine_job job = { .name = "search",
		.sources = &source,
		.sources_n = 1,
		.options = options,
		.limits = bounds,
		.no_sandbox = sandbox_landlock() == 0,
		.program = program,
		.line = line,
		.progress = strike };
	enum co_rc rc;

	job.limits.wall_ms = wall_ms;
	send_signal = number;
	co_err_clear(&err);
	rc = examine_run(&job, &report, &err);
	json_decref(options);
	return rc;
}

static void
hanging_or_killed_examiner_is_told(void **state)
{
	(void)state;
	/* Our wait for it to take its bytes may end first. */
	assert_int_equal(struck(SIGSTOP, 1500), CO_ETIMEOUT);
	assert_true(report.end == CHILD_WALL || report.end == CHILD_CALLER);
	assert_int_equal(struck(SIGKILL, 60000), CO_EMALFORMED);
	assert_int_equal(report.end, CHILD_SIGNAL);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* ---- a sealed exhibit, read in its seal ---- */
static void
sealed(enum vault_coding coding)
{
	static const char id[] = "0196a1b2-0000-7000-8000-0000000000e1";
	static const unsigned char key[CHUNKED_KEY] = { 7, 7 }, other[CHUNKED_KEY] = { 8 };
	const struct vault_how how = { .coding = coding };
	co_auto_free char *folder = co_path_join(home, coding == VAULT_ZSTD ? "vz" : "va");
	struct bytes b = load("e.raw");
	vault_auto *v = NULL;
	vault_seal_auto *s = NULL;
	vault_view_auto *r = NULL;
	struct vault_sums sums;
	struct vault_content content_ = { .coding = coding, .plain_size = b.size };
	unsigned char *p = malloc(b.size);
	co_auto_fd fd = -1;
	char name[64];

	assert_ok(vault_open(&v, folder, &err));
	assert_ok(vault_seal_begin(&s, v, id, key, &how, &err));
	assert_ok(vault_seal_add(s, b.p, b.size, &err));
	assert_ok(vault_seal_end(s, &sums, &err));
	assert_rc(vault_view_open(&r, v, id, other, &content_, &err), CO_EVERIFY);
	assert_ok(vault_view_open(&r, v, id, key, &content_, &err));
	assert_int_equal(vault_view_size(r), b.size);
	seed = 7;
	for (int i = 0; i < 300; i++) {
		uint64_t at = random_next() % b.size;
		size_t n = random_next() % 100000;

		if (n > b.size - at)
			n = (size_t)(b.size - at);
		assert_ok(vault_view_get(r, p, n, at, &err));
		assert_memory_equal(p, b.p + at, n);
	}
	assert_rc(vault_view_get(r, p, 2, b.size - 1, &err), CO_EUSAGE);
	/* From the first byte to the last, as a browser or a program takes it. */
	memset(p, 0, b.size);
	for (uint64_t at = 0; at < b.size;) {
		size_t n = b.size - at < CHUNKED_PLAIN ? (size_t)(b.size - at) : CHUNKED_PLAIN;

		assert_ok(vault_view_get(r, p + at, n, at, &err));
		at += n;
	}
	assert_memory_equal(p, b.p, b.size);
	vault_view_close(&r);
	/* One byte changed: what it holds is refused. */
	(void)snprintf(name, sizeof(name), "%s.sealed", id);
	{
		co_auto_free char *path = co_path_join(folder, name);
		unsigned char c;

		fd = open(path, O_RDWR | O_CLOEXEC);
		assert_int_equal(pread(fd, &c, 1, 30000), 1);
		c ^= 1;
		assert_int_equal(pwrite(fd, &c, 1, 30000), 1);
	}
	assert_ok(vault_view_open(&r, v, id, key, &content_, &err));
	assert_rc(vault_view_get(r, p, b.size, 0, &err), CO_EVERIFY);
	vault_view_close(&r);
	content_.plain_size--;
	co_err_clear(&err);
	assert_true(vault_view_open(&r, v, id, key, &content_, &err) != CO_OK);
	free(p);
	free(b.p);
}

static void
sealed_content_is_read_at_any_place(void **state)
{
	(void)state;
	sealed(VAULT_AS_IS);
	sealed(VAULT_ZSTD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: the kernel counts what its parent held as its own, and with a sanitizer
		 * that grows with every image. */
		cmocka_unit_test(endless_image_meets_the_bounds),
		cmocka_unit_test(each_file_system_gives_its_files),
		cmocka_unit_test(stored_digest_of_an_e01_is_compared),
		cmocka_unit_test(what_is_not_there_is_said),
		cmocka_unit_test(a_chunk_whose_checksum_fails_is_not_read),
		cmocka_unit_test(of_a_cut_image_nothing_is_made_up),
		cmocka_unit_test(damaged_tables_are_said),
		cmocka_unit_test(a_bad_sector_is_a_place_that_is_not_read),
		cmocka_unit_test(a_bad_sector_under_an_e01_too),
		cmocka_unit_test(of_a_sound_image_nothing_is_unread),
		cmocka_unit_test(a_partition_that_is_not_there_is_said),
		cmocka_unit_test(cut_image_is_said),
		cmocka_unit_test(memory_bound_is_named),
		cmocka_unit_test(hanging_or_killed_examiner_is_told),
		cmocka_unit_test(sealed_content_is_read_at_any_place),
		cmocka_unit_test(damaged_ext4_leaves_us_standing),
		cmocka_unit_test(damaged_ntfs_leaves_us_standing),
		cmocka_unit_test(damaged_e01_leaves_us_standing),
		cmocka_unit_test(damaged_fat_leaves_us_standing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
