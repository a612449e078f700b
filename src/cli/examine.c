#include "cli/examine.h"

#include "base/limits_examine.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fs.h"
#include "cli/progress.h"
#include "examine/hashset.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOST_LISTED = 16 }; /* in custody, one by one */

struct examining {
	struct cli *c;
	struct sources *sources;
	struct progress bar;
	json_t *options, *files; /* files: what hash sets and rules were used, for the result */
	int fds[LIMIT_EXAMINE_FILES];
	size_t fds_n;
	struct result *result;
	json_t *end; /* the last line */
	struct examine_lost lost;
};

static void
examining_deinit(struct examining *e)
{
	for (size_t i = 0; i < e->fds_n; i++)
		close(e->fds[i]);
	result_close(&e->result);
	json_decref(e->options);
	json_decref(e->files);
	json_decref(e->end);
	json_decref(e->lost.list);
	sources_close(&e->sources);
}

/* ---- what the examiner says ---- */
static enum co_rc
line(void *arg, const char *type, const json_t *line_, struct co_err *err)
{
	struct examining *e = arg;

	if (strcmp(type, "end") == 0)
		e->end = json_deep_copy(line_);
	progress_end(&e->bar);
	TRY(result_line(e->result, line_, err));
	if (strcmp(type, "unread") == 0 && json_array_size(e->lost.list) < LOST_LISTED)
		(void)json_array_append_new(e->lost.list, json_deep_copy(line_));
	if (strcmp(type, "note") == 0)
		(void)fprintf(stderr, "comity: note: %s\n", cli_text(line_, "text"));
	else if (strcmp(type, "unread") == 0)
		examine_show_unread(line_);
	else if (cli_has(e->c, "csv"))
		examine_csv(type, line_);
	else if (!e->c->json)
		examine_show(type, line_);
	return CO_OK;
}

static enum co_rc
content(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct examining *e = arg;

	return result_content(e->result, p, n, err);
}

static enum co_rc
progress(void *arg, uint64_t done, uint64_t of, struct co_err *err)
{
	struct examining *e = arg;

	(void)err;
	progress_at(&e->bar, done > of && of > 0 ? of : done, of);
	return CO_OK;
}

/* ---- what is asked ---- */
static void
option_text(struct examining *e, const char *option, const char *member)
{
	if (cli_has(e->c, option))
		(void)json_object_set_new(e->options, member, json_string(cli_get(e->c, option)));
}

static void
option_number(struct examining *e, const char *option, const char *member, const char *otherwise)
{
	const char *v = cli_or(e->c, option, otherwise);

	if (v != NULL)
		(void)json_object_set_new(
			e->options, member, json_integer((json_int_t)strtoull(v, NULL, 10)));
}

static void
option_flag(struct examining *e, const char *option, const char *member)
{
	if (cli_has(e->c, option))
		(void)json_object_set_new(e->options, member, json_true());
}

static void
option_list(struct examining *e, const char *option, const char *member)
{
	json_t *list = json_array();
	const char *v;

	for (size_t i = 0; (v = cli_nth(e->c, option, i)) != NULL; i++)
		(void)json_array_append_new(list, json_string(v));
	if (json_array_size(list) > 0)
		(void)json_object_set(e->options, member, list);
	json_decref(list);
}

/* --address PART-NUMBER, as the lines show it. */
static enum co_rc
option_address(struct examining *e, struct co_err *err)
{
	const char *text = cli_get(e->c, "address");
	unsigned long long addr, part;
	char *end;

	if (text == NULL)
		return CO_OK;
	part = strtoull(text, &end, 10);
	addr = *end == '-' ? strtoull(end + 1, &end, 10) : 0;
	if (text[0] < '0' || text[0] > '9' || strchr(text, '-') == NULL || *end != '\0' ||
		addr > INT64_MAX || part > 1000)
		return co_fail(err, CO_EUSAGE,
			"--address is PARTITION-NUMBER, as comity examine list shows it");
	(void)json_object_set_new(e->options, "part", json_integer((json_int_t)part));
	(void)json_object_set_new(e->options, "address", json_integer((json_int_t)addr));
	return CO_OK;
}

static enum co_rc
options(struct examining *e, struct co_err *err)
{
	e->options = json_object();
	e->files = json_array();
	e->lost.list = json_array();
	if (e->options == NULL || e->files == NULL || e->lost.list == NULL)
		return co_fail(err, CO_ENOMEM, "options");
	option_number(e, "part", "part", NULL);
	option_number(e, "max-file", "max_file", "17179869184");
	option_number(e, "hits", "hits", "1000000");
	option_flag(e, "orphans", "orphans");
	option_flag(e, "all", "all");
	option_flag(e, "only-files", "only_files");
	option_flag(e, "indicators", "indicators");
	option_text(e, "stream", "stream");
	option_text(e, "path", "path");
	option_list(e, "text", "texts");
	option_list(e, "kind", "kinds");
	/* Words alone mean words alone. */
	if (cli_has(e->c, "text") && !cli_has(e->c, "kind"))
		(void)json_object_set_new(e->options, "kinds", json_array());
	return option_address(e, err);
}

/* A set is used as it was built, or not at all. */
static enum co_rc
set_sound(int fd, const char *path, struct digest *rest, struct co_err *err)
{
	unsigned char sum[SHA256_LEN];
	char hex[SHA256_HEX + 1];
	hashset_auto *h = NULL;

	if (hashset_open(&h, fd, err) != CO_OK)
		return co_wrap(err, "%s", path);
	digest_end(rest, sum);
	co_hex(sum, sizeof(sum), hex);
	if (strcmp(hex, hashset_about(h)->sha256) != 0)
		return co_fail(err, CO_EVERIFY,
			"%s: its digest is %s, not what its header says: the set was changed or is "
			"damaged, and nothing was examined with it; build it anew from its list",
			path, hex);
	return CO_OK;
}

/* Hash sets and rules: their descriptors for the examiner, their digests for the result. */
static enum co_rc
file_use(struct examining *e, const char *path, bool set, struct co_err *err)
{
	co_auto_fd fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *slash = strrchr(path, '/');
	unsigned char sum[SHA256_LEN];
	char piece[65536], hex[SHA256_HEX + 1];
	digest_auto *d = NULL, *rest = NULL;
	size_t got, skip = HASHSET_HEADER;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return co_fail_errno(err, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return co_fail(err, CO_EUSAGE, "%s is no file: give the file with the %s", path,
			set ? "hash set" : "rules");
	if (e->fds_n == LIMIT_EXAMINE_FILES)
		return co_fail(err, CO_ETOOBIG, "at most %d hash sets or rule files at once",
			LIMIT_EXAMINE_FILES);
	TRY(digest_new(&d, DIGEST_SHA256, err));
	TRY(digest_new(&rest, DIGEST_SHA256, err));
	do {
		TRY(co_read_full(fd, piece, sizeof(piece), &got, err));
		digest_add(d, piece, got);
		if (set && got > skip)
			digest_add(rest, piece + skip, got - skip);
		skip = 0;
	} while (got > 0);
	digest_end(d, sum);
	co_hex(sum, sizeof(sum), hex);
	if (set)
		TRY(set_sound(fd, path, rest, err));
	(void)json_array_append_new(e->files,
		json_pack("{s:s,s:s}", "name", slash != NULL ? slash + 1 : path, "sha256", hex));
	e->fds[e->fds_n++] = CO_TAKE_FD(fd);
	return CO_OK;
}

static enum co_rc
files_use(struct examining *e, struct co_err *err)
{
	json_auto *names = json_array();
	const char *v;

	for (size_t i = 0; (v = cli_nth(e->c, "set", i)) != NULL; i++)
		TRY(file_use(e, v, true, err));
	for (size_t i = 0; (v = cli_nth(e->c, "rules", i)) != NULL; i++) {
		TRY(file_use(e, v, false, err));
		(void)json_array_append(names,
			json_object_get(json_array_get(e->files, e->fds_n - 1), "name"));
	}
	return json_array_size(names) == 0 || json_object_set(e->options, "names", names) == 0
		? CO_OK
		: co_fail(err, CO_ENOMEM, "options");
}

static uint64_t
number(const struct cli *c, const char *option, uint64_t otherwise)
{
	const char *v = cli_get(c, option);

	return v == NULL ? otherwise : strtoull(v, NULL, 10);
}

static enum co_rc
limits(struct examining *e, struct child_limits *out, struct co_err *err)
{
	uint64_t mib = number(e->c, "memory", LIMIT_EXAMINE_MEMORY >> 20);
	uint64_t seconds = number(e->c, "seconds", examine_limits.cpu_s);

	if (mib < 16 || mib > 1048576 || seconds < 1 || seconds > 1000000)
		return co_fail(err, CO_EUSAGE,
			"--memory is 16 to 1048576 MiB, --seconds 1 to 1000000");
	*out = examine_limits;
	out->memory = mib << 20;
	out->cpu_s = (unsigned)seconds;
	out->wall_ms = (unsigned)(seconds * 4000);
	return CO_OK;
}

static enum co_rc
check_line(void *arg, const char *type, const json_t *line_, struct co_err *err)
{
	(void)arg, (void)type, (void)line_, (void)err;
	return CO_OK;
}

/* What can be known to be wrong before an exhibit is opened: its opening is signed, and stays. */
static enum co_rc
check_first(struct examining *e, const char *name, struct co_err *err)
{
	struct examine_job job = { .name = name,
		.options = e->options,
		.files = e->fds,
		.files_n = e->fds_n,
		.check = true,
		.no_sandbox = cli_has(e->c, "no-sandbox"),
		.line = check_line };
	const char *out = cli_get(e->c, "out"), *use = cli_get(e->c, "use");
	bool content = strcmp(name, "extract") == 0 || strcmp(name, "read") == 0;

	TRY(limits(e, &job.limits, err));
	if (use != NULL && strcmp(use, "case") != 0 && strcmp(use, "other") != 0)
		return co_fail(err, CO_EUSAGE,
			"there is no use \"%s\": --use is case (the case it was given for) or "
			"other",
			use);
	if (out != NULL && access(out, F_OK) == 0)
		return co_fail(err, CO_EEXISTS, "%s is there already; nothing was examined", out);
	if (content || strcmp(name, "list") == 0 || strcmp(name, "types") == 0)
		return CO_OK;
	return examine_run(&job, NULL, err);
}

static enum co_rc
run_job(struct examining *e, const char *name, struct co_err *err)
{
	struct examine_job job = { .name = name,
		.sources = e->sources->list,
		.sources_n = e->sources->n,
		.options = e->options,
		.files = e->fds,
		.files_n = e->fds_n,
		.no_sandbox = cli_has(e->c, "no-sandbox"),
		.line = line,
		.content = content,
		.progress = progress,
		.arg = e };
	enum co_rc rc;

	TRY(limits(e, &job.limits, err));
	progress_begin(&e->bar, "examining", "bytes");
	rc = examine_run(&job, NULL, err);
	progress_end(&e->bar);
	return rc;
}

static void
tell_end(const struct examining *e, json_t *made)
{
	const char *key;
	json_t *v;
	bool first = true;

	if (e->c->json && made != NULL) {
		co_auto_free char *text = NULL;

		(void)json_object_del(made, "wrapped");
		(void)json_object_set_new(made, "type", json_string("exhibit"));
		text = json_dumps(made, JSON_COMPACT);
		(void)printf("%s\n", text == NULL ? "" : text);
	}
	if (e->c->json || cli_has(e->c, "csv"))
		return;
	json_object_foreach(e->end, key, v)
	{
		if (strcmp(key, "type") == 0)
			continue;
		(void)printf("%s%s %s", first ? "" : ", ", key, cli_text(e->end, key));
		first = false;
	}
	(void)putchar('\n');
	if (made != NULL)
		(void)printf("sealed as exhibit %s, %s\n", cli_text(made, "id"),
			cli_text(made, "name"));
}

/* From the last line: is the answer whole? */
static void
lost_sum(struct examining *e)
{
	struct examine_lost *l = &e->lost;

	l->places = json_integer_value(json_object_get(e->end, "unread"));
	l->bytes = json_integer_value(json_object_get(e->end, "unread_bytes"));
	l->given_up = json_integer_value(json_object_get(e->end, "given_up"));
	if (l->places > 0)
		(void)snprintf(l->text, sizeof(l->text),
			"%lld place%s of the image could not be read (%lld bytes of content)",
			(long long)l->places, l->places == 1 ? "" : "s", (long long)l->bytes);
	else if (l->given_up > 0)
		(void)snprintf(l->text, sizeof(l->text),
			"the scan of %lld file%s was given up", (long long)l->given_up,
			l->given_up == 1 ? "" : "s");
}

enum co_rc
run_examine(struct cli *c, struct co_err *err)
{
	CO_CLEANUP(examining_deinit) struct examining e = { .c = c };
	const char *name = strchr(c->verb->name, ' ') + 1;
	json_auto *made = NULL;
	enum co_rc rc;

	if (strcmp(name, "extract") == 0 && cli_get(c, "path") == NULL &&
		cli_get(c, "address") == NULL)
		name = "read";
	TRY(options(&e, err));
	TRY(files_use(&e, err));
	TRY(check_first(&e, name, err));
	TRY(sources_open(c, &e.sources, err));
	TRY(result_open(&e.result, c, e.sources, name, e.options, e.files, err));
	rc = run_job(&e, name, err);
	lost_sum(&e);
	rc = result_end(e.result, rc, &e.lost, &made, err);
	if (rc != CO_OK)
		return rc;
	tell_end(&e, made);
	/* The result stands, but nobody shall take it for whole. */
	return e.lost.text[0] == '\0'
		? CO_OK
		: co_fail(err, CO_EIO, "%s: the result is kept, and is not whole", e.lost.text);
}

/* ---- hash sets ---- */
static json_t *
set_json(const struct hashset_about *a, const char *path)
{
	char at[CO_TIME_LEN];

	co_time_print(a->built_us, at);
	return json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:I,s:s}", "file", path, "name", a->name,
		"known", hashset_known_name(a->known), "digest", digest_name(a->kind), "entries",
		(json_int_t)a->count, "built", at, "source", a->source, "source_sha256",
		a->source_sha256, "source_size", (json_int_t)a->source_size, "sha256", a->sha256);
}

static void
build_progress(void *arg, uint64_t done, uint64_t of)
{
	progress_at(arg, done, of);
}

enum co_rc
run_hashset_build(struct cli *c, struct co_err *err)
{
	const char *known = cli_get(c, "known");
	struct progress bar;
	struct hashset_build b = { .list = c->operands[0],
		.out = cli_get(c, "out"),
		.name = cli_get(c, "name"),
		.kind = cli_get(c, "kind"),
		.progress = build_progress,
		.arg = &bar };
	struct hashset_about about;
	json_auto *told = NULL;
	enum co_rc rc;

	if (strcmp(known, "good") != 0 && strcmp(known, "bad") != 0)
		return co_fail(err, CO_EUSAGE, "--known is good or bad");
	b.known = strcmp(known, "bad") == 0 ? HASHSET_BAD : HASHSET_GOOD;
	progress_begin(&bar, "building", "bytes");
	rc = hashset_make(&b, &about, err);
	progress_end(&bar);
	if (rc != CO_OK)
		return rc;
	told = set_json(&about, b.out);
	cli_answer(c, told);
	return CO_OK;
}

static enum co_rc
set_open(const char *path, struct hashset **out, struct co_err *err)
{
	co_auto_fd fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return co_fail_errno(err, "open %s", path);
	if (hashset_open(out, fd, err) != CO_OK)
		return co_wrap(err, "%s", path);
	return CO_OK;
}

enum co_rc
run_hashset_show(struct cli *c, struct co_err *err)
{
	hashset_auto *h = NULL;
	json_auto *told = NULL;

	TRY(set_open(c->operands[0], &h, err));
	if (strcmp(c->verb->name, "hashset check") == 0 && hashset_check(h, err) != CO_OK)
		return co_wrap(err, "%s", c->operands[0]);
	told = set_json(hashset_about(h), c->operands[0]);
	cli_answer(c, told);
	return CO_OK;
}
