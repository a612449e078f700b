#include "base/zone.h"

#include "base/civil.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/zone_rule.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum {
	SECOND_US = 1000000,
	DAY_S = 86400,
	NAME_MAX_BYTES = 63, /* of a zone; the longest in tzdata has 32 */
	OFFSET_LOW = -89999, /* RFC 8536 3.2 */
	OFFSET_HIGH = 93599,
	/* Of an instant in microseconds: days farther off than this cannot be told. */
	DAY_FARTHEST = 106751000
};

struct zone_type {
	int32_t offset_s;
	unsigned char name; /* place in names */
};

struct co_zone {
	int64_t *at_s; /* changes, ascending */
	unsigned char *type_of;
	struct zone_type types[LIMIT_ZONE_TYPES];
	char names[LIMIT_ZONE_NAMES + 1];
	size_t n, types_n, names_n;
	bool has_rule; /* after the last change */
	struct zone_rule rule;
};

/* ---- reading TZif, RFC 8536 3 ---- */

struct tzif_head {
	char version;
	uint32_t isut, isstd, leap, time, type, chars;
};

static enum co_rc
head_read(struct co_cursor *c, struct tzif_head *h, struct co_err *err)
{
	const char *magic = co_cur_bytes(c, 4);

	if (magic == NULL || memcmp(magic, "TZif", 4) != 0)
		return co_fail(err, CO_EMALFORMED, "this is no TZif file");
	h->version = (char)co_cur_u8(c);
	(void)co_cur_bytes(c, 15);
	h->isut = co_cur_u32(c);
	h->isstd = co_cur_u32(c);
	h->leap = co_cur_u32(c);
	h->time = co_cur_u32(c);
	h->type = co_cur_u32(c);
	h->chars = co_cur_u32(c);
	if (c->bad)
		return co_fail(err, CO_EMALFORMED, "the TZif header is cut off");
	return CO_OK;
}

/* The first block has times of 32 bits, for old programs. */
static enum co_rc
old_block_skip(struct co_cursor *c, const struct tzif_head *h, struct co_err *err)
{
	uint64_t n = (uint64_t)h->time * 5 + (uint64_t)h->type * 6 + h->chars +
		(uint64_t)h->leap * 8 + h->isstd + h->isut;

	if (n > c->left)
		return co_fail(err, CO_EMALFORMED, "the first block of the TZif file is cut off");
	(void)co_cur_bytes(c, (size_t)n);
	return CO_OK;
}

static enum co_rc
head_check(const struct tzif_head *h, struct co_err *err)
{
	if (h->leap != 0)
		return co_fail(err, CO_EMALFORMED,
			"the zone counts leap seconds (a \"right/\" zone); UTC here does not");
	if (h->time > LIMIT_ZONE_TIMES || h->type > LIMIT_ZONE_TYPES || h->chars > LIMIT_ZONE_NAMES)
		return co_fail(err, CO_ETOOBIG,
			"the zone has more changes, types or names than "
			"%u, %u and %u",
			LIMIT_ZONE_TIMES, LIMIT_ZONE_TYPES, LIMIT_ZONE_NAMES);
	if (h->type == 0 || h->chars == 0)
		return co_fail(err, CO_EMALFORMED, "the zone has no types");
	if ((h->isut != 0 && h->isut != h->type) || (h->isstd != 0 && h->isstd != h->type))
		return co_fail(err, CO_EMALFORMED, "the zone's counts disagree");
	return CO_OK;
}

static enum co_rc
times_read(struct co_cursor *c, struct co_zone *z, struct co_err *err)
{
	for (size_t i = 0; i < z->n; i++) {
		z->at_s[i] = (int64_t)co_cur_u64(c);
		if (!c->bad && i > 0 && z->at_s[i] <= z->at_s[i - 1])
			return co_fail(err, CO_EMALFORMED, "the zone's changes are not in order");
	}
	for (size_t i = 0; i < z->n; i++) {
		z->type_of[i] = co_cur_u8(c);
		if (z->type_of[i] >= z->types_n)
			return co_fail(
				err, CO_EMALFORMED, "a change leads to a type that is not there");
	}
	return CO_OK;
}

static enum co_rc
types_read(struct co_cursor *c, struct co_zone *z, struct co_err *err)
{
	const char *names;

	for (size_t i = 0; i < z->types_n; i++) {
		struct zone_type *t = &z->types[i];
		uint32_t offset = co_cur_u32(c);
		uint8_t daylight = co_cur_u8(c);

		t->offset_s = (int32_t)offset;
		t->name = co_cur_u8(c);
		if (t->offset_s < OFFSET_LOW || t->offset_s > OFFSET_HIGH || daylight > 1 ||
			t->name >= z->names_n)
			return co_fail(
				err, CO_EMALFORMED, "type %zu of the zone is out of range", i);
	}
	names = co_cur_bytes(c, z->names_n);
	if (names == NULL || names[z->names_n - 1] != '\0')
		return co_fail(err, CO_EMALFORMED, "the zone's names are cut off");
	memcpy(z->names, names, z->names_n);
	for (size_t i = 0; i < z->names_n; i++)
		if (names[i] != '\0' && !isalnum((unsigned char)names[i]) && names[i] != '+' &&
			names[i] != '-')
			return co_fail(err, CO_EMALFORMED, "a name in the zone is no name");
	return CO_OK;
}

/* Whether rules were given in standard time or UTC: only for who reads POSIX TZ without a rule. */
static enum co_rc
indicators_skip(struct co_cursor *c, const struct tzif_head *h, struct co_err *err)
{
	for (uint64_t i = 0; i < (uint64_t)h->isstd + h->isut; i++)
		if (co_cur_u8(c) > 1)
			return co_fail(
				err, CO_EMALFORMED, "an indicator of the zone is out of range");
	return CO_OK;
}

/* Newline, POSIX TZ string, newline, and nothing after it. */
static enum co_rc
footer_read(struct co_cursor *c, struct co_zone *z, bool extended, struct co_err *err)
{
	const char *text = (const char *)c->p;
	size_t n = c->left;
	struct zone_span span;

	if (c->bad || n < 2 || text[0] != '\n' || memchr(text + 1, '\n', n - 1) != text + n - 1)
		return co_fail(err, CO_EMALFORMED, "the zone's rule for later years is cut off");
	if (n == 2)
		return CO_OK;
	TRY(zone_rule_parse(text + 1, n - 2, extended, &z->rule, err));
	z->has_rule = true;
	if (z->n == 0)
		return CO_OK;
	/* RFC 8536 3.3: it must agree with the last change. */
	zone_rule_span(&z->rule, z->at_s[z->n - 1], &span);
	if (span.offset_s != z->types[z->type_of[z->n - 1]].offset_s)
		return co_fail(err, CO_EMALFORMED,
			"the zone's rule for later years contradicts its last change");
	return CO_OK;
}

static enum co_rc
body_read(struct co_cursor *c, const struct tzif_head *h, struct co_zone *z, struct co_err *err)
{
	z->n = h->time;
	z->types_n = h->type;
	z->names_n = h->chars;
	z->at_s = calloc(z->n + 1, sizeof(*z->at_s));
	z->type_of = calloc(z->n + 1, 1);
	if (z->at_s == NULL || z->type_of == NULL)
		return co_fail(err, CO_ENOMEM, "time zone");
	TRY(times_read(c, z, err));
	TRY(types_read(c, z, err));
	TRY(indicators_skip(c, h, err));
	return footer_read(c, z, h->version >= '3', err);
}

enum co_rc
co_zone_parse(const void *data, size_t n, struct co_zone **out, struct co_err *err)
{
	struct co_cursor c = co_cursor(data, n);
	co_zone_auto *z = NULL;
	struct tzif_head h = { 0 };

	if (n > LIMIT_ZONE_FILE)
		return co_fail(err, CO_ETOOBIG, "a time zone of %zu bytes; at most %u", n,
			LIMIT_ZONE_FILE);
	TRY(head_read(&c, &h, err));
	if (h.version < '2' || h.version > '4')
		return co_fail(err, CO_EMALFORMED,
			"the TZif file has version %s; versions 2 to 4 are read",
			h.version == '\0' ? "1" : "unknown");
	TRY(old_block_skip(&c, &h, err));
	TRY(head_read(&c, &h, err));
	TRY(head_check(&h, err));
	z = calloc(1, sizeof(*z));
	if (z == NULL)
		return co_fail(err, CO_ENOMEM, "time zone");
	TRY(body_read(&c, &h, z, err));
	*out = CO_TAKE(z);
	return CO_OK;
}

void
co_zone_close(struct co_zone **zp)
{
	struct co_zone *z = *zp;

	if (z == NULL)
		return;
	*zp = NULL;
	free(z->at_s);
	free(z->type_of);
	free(z);
}

/* ---- opening by name ---- */

/* Letters and the like, in parts between slashes: never a way out of the folder. */
static bool
name_valid(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > NAME_MAX_BYTES || name[0] == '/' || name[n - 1] == '/')
		return false;
	for (const char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("+-_/", *p) == NULL)
			return false;
	return strstr(name, "//") == NULL;
}

/* UTC needs no file: a node without tzdata can have it. */
static enum co_rc
utc_make(struct co_zone **out, struct co_err *err)
{
	struct co_zone *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return co_fail(err, CO_ENOMEM, "time zone");
	z->has_rule = true;
	memcpy(z->rule.standard, "UTC", 4);
	*out = z;
	return CO_OK;
}

static enum co_rc
absent(const char *name, const char *folder, struct co_err *err)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		return co_fail(err, CO_ENOTFOUND,
			"time zone %s: there are no time zones in %s; install the package tzdata, "
			"or take UTC, which needs none",
			name, folder);
	return co_fail(err, CO_ENOTFOUND,
		"there is no time zone \"%s\" in %s; names are as Asia/Bangkok", name, folder);
}

enum co_rc
co_zone_open(const char *name, struct co_zone **out, struct co_err *err)
{
	const char *set = getenv("TZDIR");
	const char *folder = set != NULL && set[0] == '/' ? set : "/usr/share/zoneinfo";
	co_auto_free char *path = NULL;
	struct stat st;
	co_auto_buf file;

	co_buf_init(&file, LIMIT_ZONE_FILE);
	if (!name_valid(name))
		return co_fail(err, CO_EUSAGE,
			"\"%s\" cannot be a time zone; names are as Asia/Bangkok", name);
	if (strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0)
		return utc_make(out, err);
	path = co_path_join(folder, name);
	if (path == NULL)
		return co_fail(err, CO_ENOMEM, "time zone");
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return absent(name, folder, err);
	TRY(co_read_file(path, &file, err));
	if (co_zone_parse(file.data == NULL ? "" : file.data, file.len, out, err) != CO_OK)
		return err == NULL ? CO_EMALFORMED : co_wrap(err, "%s", path);
	return CO_OK;
}

/* ---- asking ---- */

static void
type_give(const struct co_zone *z, size_t type, struct zone_span *out)
{
	out->offset_s = z->types[type].offset_s;
	out->name = z->names + z->types[type].name;
}

static void
span_at(const struct co_zone *z, int64_t at_s, struct zone_span *out)
{
	size_t low = 0, high = z == NULL ? 0 : z->n;

	*out = (struct zone_span){ INT64_MIN, INT64_MAX, 0, "UTC" };
	if (z == NULL)
		return;
	/* low: how many changes have happened. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (z->at_s[mid] <= at_s)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == z->n && z->has_rule)
		zone_rule_span(&z->rule, at_s, out);
	else
		type_give(z, low == 0 ? 0 : z->type_of[low - 1], out);
	if (low > 0 && out->from_s < z->at_s[low - 1])
		out->from_s = z->at_s[low - 1];
	if (low < z->n)
		out->to_s = z->at_s[low];
}

int32_t
co_zone_offset(const struct co_zone *z, int64_t us, const char **abbreviation)
{
	struct zone_span span;

	span_at(z, co_floor_div(us, SECOND_US), &span);
	if (abbreviation != NULL)
		*abbreviation = span.name;
	return span.offset_s;
}

int32_t
co_zone_day(const struct co_zone *z, int64_t us)
{
	int64_t s = co_floor_div(us, SECOND_US);

	return (int32_t)co_floor_div(s + co_zone_offset(z, us, NULL), DAY_S);
}

int64_t
co_zone_midnight_us(const struct co_zone *z, int32_t day)
{
	int64_t local_s = (int64_t)day * DAY_S, at_s = local_s - OFFSET_HIGH;
	struct zone_span span;

	if (day < -DAY_FARTHEST)
		return INT64_MIN;
	if (day > DAY_FARTHEST)
		return INT64_MAX;
	/* From before any zone reaches that day, over every change, to the first instant in it. */
	for (;;) {
		span_at(z, at_s, &span);
		if (local_s - span.offset_s > at_s)
			at_s = local_s - span.offset_s;
		if (at_s < span.to_s)
			return at_s * SECOND_US;
		at_s = span.to_s;
	}
}

int64_t
co_zone_instant_us(const struct co_zone *z, int64_t local_us)
{
	/* The offset of a day before holds up to the change; the one of a day after from it on. */
	int64_t day = (int64_t)DAY_S * SECOND_US;
	int64_t before = (int64_t)co_zone_offset(z, local_us - day, NULL) * SECOND_US;
	int64_t after = (int64_t)co_zone_offset(z, local_us + day, NULL) * SECOND_US;
	int64_t us = local_us - before;

	if ((int64_t)co_zone_offset(z, us, NULL) * SECOND_US == before)
		return us;
	us = local_us - after;
	return (int64_t)co_zone_offset(z, us, NULL) * SECOND_US == after ? us : local_us - before;
}

void
co_zone_print(const struct co_zone *z, int64_t us, char out[CO_TIME_LEN])
{
	int32_t offset = co_zone_offset(z, us, NULL), east = offset < 0 ? -offset : offset;
	int64_t s = co_floor_div(us, SECOND_US);
	size_t n;

	/* Seconds of an offset (before 1972) cannot be told in RFC 3339: local time is cut to it.
	 */
	offset -= offset % 60;
	co_time_print((s + offset) * SECOND_US, out);
	n = strlen(out);
	if (n > 0 && out[n - 1] == 'Z')
		n--;
	(void)snprintf(out + n, CO_TIME_LEN - n, "%c%02d:%02d", offset < 0 ? '-' : '+',
		(int)(east / 3600 % 100), (int)(east / 60 % 60));
}
