#include "examine/inner/ewf.h"

#include "examine/inner/segments.h"

#include <errno.h>
#include <libewf.h>
#include <string.h>

/* libewf brings libbfio with it and exports it, but Debian has no header of that version: these are
 * its calls as libewf 20140813 has them. */
typedef intptr_t libbfio_handle_t;
typedef intptr_t libbfio_pool_t;
typedef int bfio_free(intptr_t **io, libewf_error_t **error);
typedef int bfio_clone(intptr_t **to, intptr_t *from, libewf_error_t **error);
typedef int bfio_open(intptr_t *io, int flags, libewf_error_t **error);
typedef int bfio_state(intptr_t *io, libewf_error_t **error);
typedef ssize_t bfio_move(intptr_t *io, uint8_t *p, size_t n, libewf_error_t **error);
typedef off64_t bfio_seek(intptr_t *io, off64_t offset, int whence, libewf_error_t **error);
typedef int bfio_size(intptr_t *io, size64_t *size, libewf_error_t **error);
extern int libbfio_handle_initialize(libbfio_handle_t **handle, intptr_t *io, bfio_free *free_,
	bfio_clone *clone_, bfio_open *open_, bfio_state *close_, bfio_move *read_,
	bfio_move *write_, bfio_seek *seek_, bfio_state *exists_, bfio_state *is_open_,
	bfio_size *size_, uint8_t flags, libewf_error_t **error);
extern int libbfio_handle_free(libbfio_handle_t **handle, libewf_error_t **error);
extern int libbfio_pool_initialize(
	libbfio_pool_t **pool, int handles, int most_open, libewf_error_t **error);
extern int libbfio_pool_append_handle(libbfio_pool_t *pool, int *entry, libbfio_handle_t *handle,
	int flags, libewf_error_t **error);
extern int libbfio_pool_free(libbfio_pool_t **pool, libewf_error_t **error);
extern int libewf_handle_open_file_io_pool(
	libewf_handle_t *handle, libbfio_pool_t *pool, int flags, libewf_error_t **error);
/* A search of the list for each read: an image damaged in more places is not read as one. */
enum { WRONG_MOST = 4096 };
enum { BFIO_READ = 1, BFIO_MANAGED = 1, BFIO_CLONE_BY_FUNCTION = 2 };

struct segment {
	struct image *image;
	size_t source;
	uint64_t at;
	bool open;
};

struct ewf {
	struct image *image;
	libewf_handle_t *handle;
	libbfio_pool_t *pool;
	size64_t size;
	uint32_t sector; /* bytes */
};

/* ---- what libewf calls ---- */
static int
segment_free(intptr_t **io, libewf_error_t **error)
{
	(void)error;
	free(*io);
	*io = NULL;
	return 1;
}

static int
segment_clone(intptr_t **to, intptr_t *from, libewf_error_t **error)
{
	struct segment *s = malloc(sizeof(*s));

	(void)error;
	if (s == NULL)
		return -1;
	memcpy(s, from, sizeof(*s));
	*to = (intptr_t *)(void *)s;
	return 1;
}

static int
segment_open(intptr_t *io, int flags, libewf_error_t **error)
{
	struct segment *s = (struct segment *)(void *)io;

	(void)error;
	if (flags != BFIO_READ)
		return -1;
	s->open = true;
	s->at = 0;
	return 1;
}

static int
segment_close(intptr_t *io, libewf_error_t **error)
{
	(void)error;
	((struct segment *)(void *)io)->open = false;
	return 0;
}

static ssize_t
segment_read(intptr_t *io, uint8_t *p, size_t n, libewf_error_t **error)
{
	struct segment *s = (struct segment *)(void *)io;
	uint64_t size = s->image->sizes[s->source];
	enum co_rc rc;

	(void)error;
	if (s->at >= size)
		return 0;
	if (n > size - s->at)
		n = (size_t)(size - s->at);
	rc = source_read(s->image, s->source, p, n, s->at, NULL);
	if (rc != CO_OK) {
		s->image->gone = s->image->gone || rc != CO_EMALFORMED;
		return -1;
	}
	s->at += n;
	return (ssize_t)n;
}

static ssize_t
segment_write(intptr_t *io, uint8_t *p, size_t n, libewf_error_t **error)
{
	(void)io, (void)p, (void)n, (void)error;
	return -1;
}

static off64_t
segment_seek(intptr_t *io, off64_t offset, int whence, libewf_error_t **error)
{
	struct segment *s = (struct segment *)(void *)io;
	off64_t base = whence == SEEK_SET ? 0
		: whence == SEEK_CUR
		? (off64_t)s->at
		: (off64_t)s->image->sizes[s->source];

	(void)error;
	if (offset < -base)
		return -1;
	s->at = (uint64_t)(base + offset);
	return base + offset;
}

static int
segment_exists(intptr_t *io, libewf_error_t **error)
{
	(void)io, (void)error;
	return 1;
}

static int
segment_is_open(intptr_t *io, libewf_error_t **error)
{
	(void)error;
	return ((struct segment *)(void *)io)->open;
}

static int
segment_size(intptr_t *io, size64_t *size, libewf_error_t **error)
{
	struct segment *s = (struct segment *)(void *)io;

	(void)error;
	*size = s->image->sizes[s->source];
	return 1;
}

/* ---- ours ---- */
bool
ewf_begins(const unsigned char *p, size_t n, bool *known)
{
	static const unsigned char e01[] = { 'E', 'V', 'F', 9, 13, 10, 255, 0 };
	static const unsigned char l01[] = { 'L', 'V', 'F', 9, 13, 10, 255, 0 };

	*known = n >= sizeof(e01) && memcmp(p, e01, sizeof(e01)) == 0;
	return *known || (n >= sizeof(l01) && memcmp(p, l01, sizeof(l01)) == 0) ||
		(n >= 8 &&
			(memcmp(p, "EVF2\r\n\x81", 8) == 0 || memcmp(p, "LEF2\r\n\x81", 8) == 0));
}

static enum co_rc
fail(libewf_error_t **error, const char *what, struct co_err *err)
{
	char text[400] = "";

	if (*error != NULL) {
		(void)libewf_error_sprint(*error, text, sizeof(text));
		libewf_error_free(error);
	}
	text[strcspn(text, "\n")] = '\0';
	return co_fail(err, CO_EMALFORMED,
		"the E01 image cannot be %s: it is damaged, cut, or not whole (libewf: %s)", what,
		text[0] != '\0' ? text : "no reason was given");
}

static enum co_rc
segment_add(struct ewf *e, size_t source, libewf_error_t **error, struct co_err *err)
{
	struct segment *s = calloc(1, sizeof(*s));
	libbfio_handle_t *h = NULL;
	int entry;

	if (s == NULL)
		return co_fail(err, CO_ENOMEM, "E01");
	s->image = e->image;
	s->source = source;
	if (libbfio_handle_initialize(&h, (intptr_t *)(void *)s, segment_free, segment_clone,
		    segment_open, segment_close, segment_read, segment_write, segment_seek,
		    segment_exists, segment_is_open, segment_size,
		    BFIO_MANAGED | BFIO_CLONE_BY_FUNCTION, error) != 1) {
		free(s);
		return fail(error, "opened", err);
	}
	if (libbfio_pool_append_handle(e->pool, &entry, h, BFIO_READ, error) != 1) {
		(void)libbfio_handle_free(&h, NULL);
		return fail(error, "opened", err);
	}
	return CO_OK;
}

static enum co_rc
open_all(struct ewf *e, struct co_err *err)
{
	libewf_error_t *error = NULL;

	if (libewf_handle_initialize(&e->handle, &error) != 1 ||
		libbfio_pool_initialize(&e->pool, 0, 0, &error) != 1)
		return fail(&error, "opened", err);
	for (size_t i = 0; i < e->image->sources_n; i++)
		TRY(segment_add(e, i, &error, err));
	if (libewf_handle_open_file_io_pool(e->handle, e->pool, LIBEWF_OPEN_READ, &error) != 1)
		return fail(&error, "opened", err);
	if (libewf_handle_get_media_size(e->handle, &e->size, &error) != 1)
		return fail(&error, "measured", err);
	if (libewf_handle_get_bytes_per_sector(e->handle, &e->sector, &error) != 1)
		return fail(&error, "measured", err);
	if (e->size > INT64_MAX)
		return co_fail(err, CO_EMALFORMED, "the E01 image says it has %llu bytes",
			(unsigned long long)e->size);
	return CO_OK;
}

enum co_rc
ewf_open(struct ewf **out, struct image *i, struct co_err *err)
{
	CO_CLEANUP(ewf_close) struct ewf *e = calloc(1, sizeof(*e));
	struct co_err why = { 0 };

	if (e == NULL)
		return co_fail(err, CO_ENOMEM, "E01");
	e->image = i;
	if (open_all(e, &why) != CO_OK) {
		/* Which segment it is says more than libewf does. */
		TRY(ewf_whole(e, err));
		return co_fail(err, why.rc, "%s", why.msg);
	}
	*out = CO_TAKE(e);
	return CO_OK;
}

void
ewf_close(struct ewf **e)
{
	if (*e == NULL)
		return;
	if ((*e)->handle != NULL) {
		(void)libewf_handle_close((*e)->handle, NULL);
		(void)libewf_handle_free(&(*e)->handle, NULL);
	}
	if ((*e)->pool != NULL)
		(void)libbfio_pool_free(&(*e)->pool, NULL);
	free(*e);
	*e = NULL;
}

uint64_t
ewf_size(const struct ewf *e)
{
	return e->size;
}

/* libewf goes on over a chunk whose checksum does not hold, and only keeps a list of them: sectors,
 * those side by side as one. */
static enum co_rc
wrong_in(struct ewf *e, uint64_t from, uint64_t to, struct co_err *err)
{
	uint32_t n = 0;

	if (libewf_handle_get_number_of_checksum_errors(e->handle, &n, NULL) < 0)
		return co_fail(err, CO_EMALFORMED, "the E01 image cannot tell what is damaged");
	if (n > WRONG_MOST)
		return co_fail(err, CO_EMALFORMED,
			"the E01 image is damaged in more than %d places", WRONG_MOST);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t sector = 0, sectors = 0, at, end;

		if (libewf_handle_get_checksum_error(e->handle, i, &sector, &sectors, NULL) != 1)
			return co_fail(err, CO_EMALFORMED,
				"the E01 image cannot tell what is damaged");
		at = sector * e->sector;
		end = at + sectors * e->sector;
		if (at < to && end > from)
			return co_fail(err, CO_EMALFORMED,
				"a checksum in the E01 does not hold (bytes %llu to %llu of the "
				"image)",
				(unsigned long long)at, (unsigned long long)(end - 1));
	}
	return CO_OK;
}

enum co_rc
ewf_read(struct ewf *e, void *p, size_t n, uint64_t at, struct co_err *err)
{
	unsigned char *to = p;
	uint64_t from = at;

	while (n > 0) {
		libewf_error_t *error = NULL;
		ssize_t got = libewf_handle_read_random(e->handle, to, n, (off64_t)at, &error);

		if (got <= 0 || (size_t)got > n)
			return fail(&error, "read", err);
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return wrong_in(e, from, at, err);
}

bool
ewf_damaged(struct ewf *e)
{
	uint32_t wrong = 0;

	return libewf_handle_segment_files_corrupted(e->handle, NULL) != 0 ||
		libewf_handle_get_number_of_checksum_errors(e->handle, &wrong, NULL) < 0 ||
		wrong != 0;
}

static const char *
whole_name(void *arg, size_t i)
{
	const struct ewf *e = arg;
	const char *name = json_string_value(
		json_object_get(json_array_get(e->image->sources, i), "name"));

	return name == NULL ? "a segment" : name;
}

static uint64_t
whole_size(void *arg, size_t i)
{
	return ((const struct ewf *)arg)->image->sizes[i];
}

static enum co_rc
whole_read(void *arg, size_t i, void *p, size_t n, uint64_t at, struct co_err *err)
{
	return source_read(((const struct ewf *)arg)->image, i, p, n, at, err);
}

enum co_rc
ewf_whole(struct ewf *e, struct co_err *err)
{
	const struct segments s = { .n = e->image->sources_n,
		.name = whole_name,
		.size = whole_size,
		.read = whole_read,
		.arg = e };

	return segments_check(&s, err);
}

static void
tell_value(struct ewf *e, json_t *o, const char *member, const char *name)
{
	uint8_t text[256] = "";

	if (libewf_handle_get_utf8_header_value(
		    e->handle, (const uint8_t *)name, strlen(name), text, sizeof(text),
		NULL) == 1 && text[0] != '\0')
		say_text(o, member, (const char *)text);
}

void
ewf_tell(struct ewf *e, json_t *o)
{
	static const char *const values[][2] = { { "case_number", "case_number" },
		{ "description", "description" }, { "examiner_name", "examiner" },
		{ "evidence_number", "evidence_number" }, { "notes", "notes" },
		{ "acquiry_date", "acquired" }, { "system_date", "system_date" },
		{ "acquiry_software", "software" }, { "model", "model" },
		{ "serial_number", "serial_number" } };
	static const char *const hashes[][2] = { { "MD5", "md5" }, { "SHA1", "sha1" },
		{ "SHA256", "sha256" } };
	uint8_t text[128];

	for (size_t i = 0; i < CO_ARRAY_LEN(values); i++)
		tell_value(e, o, values[i][1], values[i][0]);
	for (size_t i = 0; i < CO_ARRAY_LEN(hashes); i++) {
		memset(text, 0, sizeof(text));
		if (libewf_handle_get_utf8_hash_value(e->handle, (const uint8_t *)hashes[i][0],
			    strlen(hashes[i][0]), text, sizeof(text), NULL) == 1 &&
			text[0] != '\0')
			say_text(o, hashes[i][1], (const char *)text);
	}
}
