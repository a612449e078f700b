#include "cli/examine.h"

#include "base/fs.h"
#include "evidence/content.h"
#include "vault/view.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

struct source_file {
	int fd;
	char *path;
};

void
sources_close(struct sources **s)
{
	if (*s == NULL)
		return;
	for (size_t i = 0; (*s)->files != NULL && i < EXAMINE_SOURCES; i++) {
		if ((*s)->files[i].path == NULL)
			continue;
		close((*s)->files[i].fd);
		free((*s)->files[i].path);
	}
	free((*s)->files);
	vault_view_close(&(*s)->reader);
	vault_close(&(*s)->vault);
	json_decref((*s)->shown);
	free(*s);
	*s = NULL;
}

/* ---- files ---- */
enum { RETRIES = 2, RETRY_MOST = 32 * 1024, RETRY_PAUSE_US = 5000 };

static enum co_rc
file_read(void *arg, void *p, size_t n, uint64_t at, struct co_err *err)
{
	const struct source_file *f = arg;
	char *to = p;
	unsigned again = 0;

	while (n > 0) {
		ssize_t r = pread(f->fd, to, n, (off_t)at);

		if (r < 0 && errno == EINTR)
			continue;
		/* A sector that was not read once may be the next time; a long piece comes again
		 * in short ones. */
		if (r < 0 && errno == EIO && n <= RETRY_MOST && again++ < RETRIES) {
			(void)usleep(RETRY_PAUSE_US);
			continue;
		}
		/* A device that is gone says otherwise than a bad sector. */
		if (r < 0)
			return co_fail(err, errno == EIO ? CO_EIO : CO_EMALFORMED,
				"read %s at byte %llu: %s", f->path, (unsigned long long)at,
				strerror(errno));
		if (r == 0)
			return co_fail(err, CO_EMALFORMED,
				"%s became shorter while it was read (it ends at byte %llu)",
				f->path, (unsigned long long)at);
		to += r;
		at += (uint64_t)r;
		n -= (size_t)r;
	}
	return CO_OK;
}

static enum co_rc
file_add(struct sources *s, const char *path, struct co_err *err)
{
	struct source_file *f = &s->files[s->n];
	const char *slash = strrchr(path, '/');
	co_auto_fd fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint64_t size;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return co_fail_errno(err, "open %s", path);
	size = (uint64_t)st.st_size;
	if (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, &size) != 0)
		return co_fail_errno(err, "size of %s", path);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return co_fail(err, CO_EUSAGE, "%s is no file and no block device", path);
	if (size == 0)
		return co_fail(err, CO_EMALFORMED, "%s is empty: there is nothing to examine",
			path);
	f->path = strdup(path);
	if (f->path == NULL)
		return co_fail(err, CO_ENOMEM, "%s", path);
	f->fd = CO_TAKE_FD(fd);
	s->list[s->n] = (struct examine_source){ .name = f->path + (slash != NULL ? slash + 1 - path
										  : 0),
		.size = size,
		.read = file_read,
		.arg = f };
	s->n++;
	return CO_OK;
}

/* .E01 to .E99, then .EAA to .ZZZ as EnCase counts; .001 to .999. false: no name comes next. */
static bool
name_next(char *path)
{
	size_t n = strlen(path);
	char *e = path + n - 3;

	if (n < 4 || e[-1] != '.')
		return false;
	if (isdigit((unsigned char)e[1]) && isdigit((unsigned char)e[2])) {
		if (e[2]++ < '9')
			return true;
		e[2] = '0';
		if (e[1]++ < '9')
			return true;
		e[1] = '0';
		if (isdigit((unsigned char)e[0]))
			return e[0]++ < '9';
		e[1] = e[2] = isupper((unsigned char)e[0]) ? 'A' : 'a';
		return true;
	}
	for (int i = 2; i >= 0; i--) {
		char last = isupper((unsigned char)e[i]) ? 'Z' : 'z';

		if (e[i] < last) {
			e[i]++;
			return true;
		}
		e[i] = isupper((unsigned char)e[i]) ? 'A' : 'a';
	}
	return false;
}

/* Parts of a raw image say nothing of themselves: one that is missing shows by a later one, one
 * that was cut by its size. missing: the name that would come next. */
static enum co_rc
parts_check(const struct sources *s, char *missing, struct co_err *err)
{
	co_auto_free char *gone = strdup(missing);

	if (gone == NULL)
		return co_fail(err, CO_ENOMEM, "%s", missing);
	for (int i = 0; i < 8 && name_next(missing); i++)
		if (access(missing, F_OK) == 0)
			return co_fail(err, CO_EMALFORMED,
				"%s is missing, but %s is there: the image is not whole", gone,
				missing);
	for (size_t i = 1; i < s->n; i++)
		if (i + 1 < s->n ? s->list[i].size != s->list[0].size
				 : s->list[i].size > s->list[0].size)
			return co_fail(err, CO_EMALFORMED,
				"%s has %llu bytes, the first part has %llu: one of them was cut, "
				"or "
				"belongs to another image",
				s->list[i].name, (unsigned long long)s->list[i].size,
				(unsigned long long)s->list[0].size);
	return CO_OK;
}

static enum co_rc
files_add(struct sources *s, const char *first, struct co_err *err)
{
	co_auto_free char *path = strdup(first);
	size_t n = strlen(first);
	bool split = n > 4 && (strcasecmp(first + n - 4, ".e01") == 0 ||
				      strcmp(first + n - 4, ".001") == 0);

	if (path == NULL)
		return co_fail(err, CO_ENOMEM, "%s", first);
	TRY(file_add(s, path, err));
	while (split && name_next(path) && access(path, F_OK) == 0) {
		if (s->n >= EXAMINE_SOURCES)
			return co_fail(err, CO_ETOOBIG, "%s has more than %d segments", first,
				EXAMINE_SOURCES);
		TRY(file_add(s, path, err));
	}
	return split && isdigit((unsigned char)first[n - 3]) ? parts_check(s, path, err) : CO_OK;
}

/* ---- an exhibit ---- */
static enum co_rc
exhibit_read(void *arg, void *p, size_t n, uint64_t at, struct co_err *err)
{
	return vault_view_get(arg, p, n, at, err);
}

static enum co_rc
exhibit_add(struct cli *c, struct sources *s, const char *id, struct co_err *err)
{
	json_auto *in = json_pack("{s:s}", "id", id);
	unsigned char key[CHUNKED_KEY];
	struct vault_content content;
	const json_t *row;
	enum co_rc rc;

	if (!cli_has(c, "purpose") || !cli_has(c, "authority"))
		return co_fail(err, CO_EUSAGE,
			"an examination is entered in the chain of custody: say --purpose and "
			"--authority");
	TRY(cli_call(c, "exhibit.show", in, &s->shown, err));
	row = json_object_get(s->shown, "exhibit");
	TRY(content_of(row, &content, err));
	TRY(cli_vault(c, &s->vault, err));
	TRY(cli_exhibit_key(c, id, key, err));
	(void)snprintf(s->exhibit, sizeof(s->exhibit), "%s", id);
	rc = vault_view_open(&s->reader, s->vault, s->exhibit, key, &content, err);
	crypto_wipe(key, sizeof(key));
	TRY(rc);
	s->list[0] = (struct examine_source){
		.name = json_string_value(json_object_get(row, "name")),
		.size = vault_view_size(s->reader),
		.read = exhibit_read,
		.arg = s->reader,
	};
	s->n = 1;
	return s->list[0].size > 0
		? CO_OK
		: co_fail(err, CO_EMALFORMED, "exhibit %s is empty: there is nothing to examine",
			  id);
}

static enum co_rc
sources_new(struct sources **out, struct co_err *err)
{
	sources_auto *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->files = calloc(EXAMINE_SOURCES, sizeof(*s->files));
	if (s == NULL || s->files == NULL)
		return co_fail(err, CO_ENOMEM, "sources");
	*out = CO_TAKE(s);
	return CO_OK;
}

enum co_rc
sources_of_file(const char *path, struct sources **out, struct co_err *err)
{
	sources_auto *s = NULL;

	TRY(sources_new(&s, err));
	TRY(files_add(s, path, err));
	*out = CO_TAKE(s);
	return CO_OK;
}

enum co_rc
sources_open(struct cli *c, struct sources **out, struct co_err *err)
{
	sources_auto *s = NULL;
	const char *file = cli_get(c, "file");

	TRY(sources_new(&s, err));
	if ((file != NULL) == (c->operands_n > 0))
		return co_fail(err, CO_EUSAGE,
			"say what to examine: the id of an exhibit, or --file PATH");
	TRY(file != NULL ? files_add(s, file, err) : exhibit_add(c, s, c->operands[0], err));
	*out = CO_TAKE(s);
	return CO_OK;
}
