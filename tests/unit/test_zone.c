#include "test.h"

#include "base/civil.h"
#include "base/fs.h"
#include "base/zone.h"
#include "base/zone_rule.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#define US INT64_C(1000000)

static struct co_err err;

static void
source_file(const char *name, struct co_buf *out)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/tests/%s", getenv("COMITY_SOURCE"), name);
	assert_ok(co_read_file(path, out, &err));
}

static struct co_zone *
corpus_zone(const char *name)
{
	struct co_zone *z = NULL;
	char path[128];
	co_auto_buf b;

	(void)snprintf(path, sizeof(path), "fuzz/corpus/zone/%s", name);
	co_buf_init(&b, 1u << 20);
	source_file(path, &b);
	assert_ok(co_zone_parse(b.data, b.len, &z, &err));
	return z;
}

/* ---- tests/vectors/zone.txt, see zone.py ---- */

struct walk {
	struct co_zone *z;
	char zone[32], name[16];
	int64_t changed_s, midnight_s;
	int32_t offset_s, day;
	size_t changes, days;
};

static void
walk_offset(struct walk *w, int64_t s, int32_t offset_s, const char *name)
{
	const char *got;

	if (co_zone_offset(w->z, s * US, &got) != offset_s || strcmp(got, name) != 0)
		fail_msg("%s at %lld: got %d %s, want %d %s", w->zone, (long long)s,
			(int)co_zone_offset(w->z, s * US, NULL), got, (int)offset_s, name);
}

static void
walk_change(struct walk *w, char *line)
{
	char *at = line, *name;
	int64_t s = strtoll(at, &at, 10);
	int32_t offset = (int32_t)strtol(at, &at, 10);

	name = at + 1;
	name[strcspn(name, "\n")] = '\0';
	if (s > 0) {
		walk_offset(w, s - 1, w->offset_s, w->name);
		walk_offset(w, w->changed_s + (s - w->changed_s) / 2, w->offset_s, w->name);
	}
	walk_offset(w, s, offset, name);
	w->changed_s = s;
	w->offset_s = offset;
	(void)snprintf(w->name, sizeof(w->name), "%s", name);
	w->changes++;
}

/* Every day from the last one told to this one. */
static void
walk_days(struct walk *w, int32_t to, int64_t begins_s)
{
	for (; w->days > 0 && w->day < to - 1; w->days++) {
		w->day++;
		w->midnight_s += 86400;
		if (co_zone_midnight_us(w->z, w->day) != w->midnight_s * US)
			fail_msg("%s: day %d", w->zone, (int)w->day);
		assert_true(co_zone_day(w->z, w->midnight_s * US) >= w->day);
		assert_true(co_zone_day(w->z, w->midnight_s * US - 1) < w->day);
	}
	w->day = to;
	w->midnight_s = begins_s;
	w->days++;
	if (co_zone_midnight_us(w->z, to) != begins_s * US)
		fail_msg("%s: day %d begins at %lld, not %lld", w->zone, (int)to,
			(long long)(co_zone_midnight_us(w->z, to) / US), (long long)begins_s);
}

static void
every_change_and_every_day_of_130_years(void **state)
{
	struct walk w = { .z = NULL };
	co_auto_buf b;
	size_t zones = 0;

	(void)state;
	co_buf_init(&b, 1u << 20);
	source_file("vectors/zone.txt", &b);
	for (char *line = b.data, *next; line != NULL && *line != '\0'; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (strncmp(line, "zone ", 5) == 0) {
			co_zone_close(&w.z);
			w = (struct walk){ .z = corpus_zone(line + 5) };
			(void)snprintf(w.zone, sizeof(w.zone), "%s", line + 5);
			zones++;
		} else if (line[0] == 't') {
			walk_change(&w, line + 2);
		} else {
			char *at;
			int32_t day = (int32_t)strtol(line + 2, &at, 10);

			walk_days(&w, day, strtoll(at, NULL, 10));
		}
	}
	co_zone_close(&w.z);
	assert_int_equal(zones, 9);
}

static void
a_day_that_a_zone_skipped_begins_with_the_next(void **state)
{
	co_zone_auto *z = corpus_zone("apia");
	int32_t day = (int32_t)co_civil_days((struct co_civil){ 2011, 12, 30 });
	char text[CO_TIME_LEN];

	(void)state;
	assert_true(co_zone_midnight_us(z, day) == co_zone_midnight_us(z, day + 1));
	assert_int_equal(co_zone_day(z, co_zone_midnight_us(z, day)), day + 1);
	assert_int_equal(co_zone_day(z, co_zone_midnight_us(z, day) - 1), day - 1);
	co_zone_print(z, co_zone_midnight_us(z, day), text);
	assert_string_equal(text, "2011-12-31T00:00:00+14:00");
	co_zone_print(z, co_zone_midnight_us(z, day) - 1, text);
	assert_string_equal(text, "2011-12-29T23:59:59-10:00");
}

static void
without_a_zone_it_is_utc(void **state)
{
	co_zone_auto *z = NULL;
	const char *name;
	char text[CO_TIME_LEN];

	(void)state;
	assert_ok(co_zone_open("UTC", &z, &err));
	assert_int_equal(co_zone_offset(z, INT64_MAX, &name), 0);
	assert_string_equal(name, "UTC");
	assert_int_equal(co_zone_offset(NULL, INT64_MIN, &name), 0);
	assert_string_equal(name, "UTC");
	assert_true(co_zone_midnight_us(NULL, 1) == 86400 * US);
	assert_int_equal(co_zone_day(NULL, -1), -1);
	assert_true(co_zone_midnight_us(NULL, INT32_MAX) == INT64_MAX);
	assert_true(co_zone_midnight_us(NULL, INT32_MIN) == INT64_MIN);
	co_zone_print(z, 1500 * US + 7, text);
	assert_string_equal(text, "1970-01-01T00:25:00+00:00");
}

/* ---- rules ---- */

static void
rules_of_rfc_8536_are_read(void **state)
{
	static const struct {
		const char *text;
		bool extended;
		int64_t at_s;
		int32_t offset_s;
		const char *name;
	} rows[] = {
		{ "<+07>-7", false, 0, 25200, "+07" },
		{ "EST5", false, 0, -18000, "EST" },
		{ "<-03>+3", false, 0, -10800, "-03" },
		{ "LMT-0:30:15", false, 0, 1815, "LMT" },
		/* Negative daylight time: Dublin's winter. */
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", false, 1767225600, 0, "GMT" },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", false, 1782864000, 3600, "IST" },
		/* RFC 8536 3.3.1: all year, and its own examples. */
		{ "XXX3EDT4,0/0,J365/23", false, 1767236400, -14400, "EDT" },
		{ "XXX3EDT4,0/0,J365/23", false, 1767236399, -14400, "EDT" },
		{ "XXX3EDT4,0/0,J365/23", false, 1782864000, -14400, "EDT" },
		{ "IST-2IDT,M3.4.4/26,M10.5.0", true, 1774569599, 7200, "IST" },
		{ "IST-2IDT,M3.4.4/26,M10.5.0", true, 1774569600, 10800, "IDT" },
		{ "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", true, 1774745999, -10800, "-03" },
		{ "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", true, 1774746000, -7200, "-02" },
		/* J60 is 1 March in every year, 59 is it only in years without 29 February. */
		{ "AAA0BBB,J60/0,J300/0", false, 1835481599, 0, "AAA" },
		{ "AAA0BBB,J60/0,J300/0", false, 1835481600, 3600, "BBB" },
		{ "AAA0BBB,59/0,300/0", false, 1835395200, 3600, "BBB" },
		/* A week off its day, into the year before. */
		{ "AAA0BBB,0/-167,J60/0", true, 1766624400, 3600, "BBB" },
		{ "AAA0BBB,0/-167,J60/0", true, 1766624399, 0, "AAA" },
		{ "AAA0BBB,J60/0,J365/167", true, 1767736799, 3600, "BBB" },
		{ "AAA0BBB,J60/0,J365/167", true, 1767736800, 0, "AAA" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		struct zone_rule r;
		struct zone_span s;

		assert_ok(zone_rule_parse(
			rows[i].text, strlen(rows[i].text), rows[i].extended, &r, &err));
		zone_rule_span(&r, rows[i].at_s, &s);
		if (s.offset_s != rows[i].offset_s || strcmp(s.name, rows[i].name) != 0)
			fail_msg("%s at %lld: %d %s", rows[i].text, (long long)rows[i].at_s,
				(int)s.offset_s, s.name);
		assert_true(s.from_s <= rows[i].at_s && rows[i].at_s < s.to_s);
	}
}

static void
rules_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = { "", "E", "ES5", "EST", "EST+", "EST25", "EST5:60",
		"EST5:00:60", "EST5 ", "<+07-7", "<+7>-7:", "+07-7", "<>5", "<E$T>5",
		"ABCDEFGHIJKLMNOP5", "EST5EDT", "EST5EDT,", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,",
		"EST5EDT,M0.2.0,M11.1.0", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.0.0,M11.1.0",
		"EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2,M11.1.0",
		"EST5EDT,J0,J5", "EST5EDT,J366,J5", "EST5EDT,366,5", "EST5EDT,M3.2.0,M11.1.0,",
		"EST5EDT,M3.2.0/168,M11.1.0", "EST5EDT,M3.2.0/,M11.1.0",
		"EST5EDT,M3.2.0/2:,M11.1.0", "EST0005EDT,M3.2.0,M11.1.0", ":America/New_York" };
	struct zone_rule r;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(texts); i++) {
		if (zone_rule_parse(texts[i], strlen(texts[i]), true, &r, NULL) == CO_OK)
			fail_msg("taken: %s", texts[i]);
	}
	/* Version 2 knows neither signs nor more than a day. */
	assert_rc(zone_rule_parse("AAA0BBB,0/-1,5", 14, false, &r, &err), CO_EMALFORMED);
	assert_rc(zone_rule_parse("AAA0BBB,0/25,5", 14, false, &r, &err), CO_EMALFORMED);
	/* A NUL within is no end. */
	assert_rc(zone_rule_parse("EST5\0", 5, true, &r, &err), CO_EMALFORMED);
}

/* ---- files ---- */

/* One byte of a good file changed to v, or cut before it (v -1). at < 0: from the end. */
static enum co_rc
spoilt(const char *name, long at, int v)
{
	struct co_zone *z = NULL;
	char path[128];
	enum co_rc rc;
	co_auto_buf b;
	size_t i;

	(void)snprintf(path, sizeof(path), "fuzz/corpus/zone/%s", name);
	co_buf_init(&b, 1u << 20);
	source_file(path, &b);
	i = at < 0 ? b.len - (size_t)-at : (size_t)at;
	if (v >= 0)
		b.data[i] = (char)v;
	rc = co_zone_parse(b.data, v < 0 ? i : b.len, &z, NULL);
	co_zone_close(&z);
	return rc;
}

static void
spoilt_files_are_refused_whole(void **state)
{
	struct co_zone *z = NULL;

	(void)state;
	assert_int_equal(spoilt("bangkok", 0, 'X'), CO_EMALFORMED);
	assert_int_equal(spoilt("bangkok", 4, 0), CO_EMALFORMED);
	assert_int_equal(spoilt("bangkok", 4, '5'), CO_EMALFORMED);
	assert_int_equal(spoilt("bangkok", 32, 0xff), CO_EMALFORMED); /* 4e9 changes */
	assert_int_equal(spoilt("bangkok", -1, 'x'), CO_EMALFORMED);
	assert_int_equal(spoilt("bangkok", -2, '8'), CO_EMALFORMED); /* contradicts the table */
	for (long at = 0; at < 199; at++)
		assert_int_equal(spoilt("bangkok", at, -1), CO_EMALFORMED);
	for (long at = 1800; at < 2400; at++)
		assert_int_not_equal(spoilt("casablanca", at, -1), CO_OK);
	assert_rc(co_zone_parse("", 0, &z, &err), CO_EMALFORMED);
	assert_null(z);
}

static void
names_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const names[] = { "", "/etc/passwd", "../zoneinfo/UTC", "Asia/../UTC",
		"Asia//Bangkok", "Asia/", "Asia\\Bangkok", "Asia/Bangkok\n", "tzdata.zi",
		"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct co_zone *z = NULL;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(names); i++)
		assert_rc(co_zone_open(names[i], &z, &err), CO_EUSAGE);
}

static void
an_absent_zone_says_what_to_do(void **state)
{
	struct co_zone *z = NULL;

	(void)state;
	assert_int_equal(setenv("TZDIR", "/nowhere/zoneinfo", 1), 0);
	assert_int_equal(co_zone_open("Asia/Bangkok", &z, &err), CO_ENOTFOUND);
	assert_non_null(strstr(err.msg, "/nowhere/zoneinfo"));
	assert_non_null(strstr(err.msg, "tzdata"));
	co_err_clear(&err);
	assert_ok(co_zone_open("UTC", &z, &err));
	co_zone_close(&z);
	assert_int_equal(setenv("TZDIR", "/", 1), 0);
	assert_int_equal(co_zone_open("etc", &z, &err), CO_ENOTFOUND); /* a folder */
	assert_non_null(strstr(err.msg, "Asia/Bangkok"));
	co_err_clear(&err);
	assert_int_equal(unsetenv("TZDIR"), 0);
}

/* Whatever this system has: it is read, or it is no zone. */
static size_t
folder_read(const char *under)
{
	char path[PATH_MAX];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/usr/share/zoneinfo%s", under);
	d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		co_zone_auto *z = NULL;
		struct stat st;
		char name[300];

		(void)snprintf(name, sizeof(name), "%s/%s", under, e->d_name);
		(void)snprintf(path, sizeof(path), "/usr/share/zoneinfo%s", name);
		if (e->d_name[0] == '.' || strcmp(e->d_name, "right") == 0 ||
			strchr(e->d_name, '.') != NULL || stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			n += folder_read(name);
			continue;
		}
		if (strcmp(e->d_name, "leapseconds") == 0 || strstr(e->d_name, "VERSION") != NULL)
			continue;
		assert_ok(co_zone_open(name + 1, &z, &err));
		n++;
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static void
every_zone_of_the_system_is_read(void **state)
{
	(void)state;
	if (access("/usr/share/zoneinfo/Asia/Bangkok", R_OK) != 0) {
		(void)fprintf(stderr, "skipped: tzdata is not installed\n");
		skip();
	}
	assert_true(folder_read("") > 300);
}

/* Prague 2026: 29 March skips 02:00-03:00, 25 October shows it twice. */
static void
a_clock_on_the_wall_tells_one_instant(void **state)
{
	static const struct {
		const char *local, *instant;
	} rows[] = {
		{ "2026-01-15T12:00:00Z", "2026-01-15T11:00:00Z" },
		{ "2026-07-15T12:00:00Z", "2026-07-15T10:00:00Z" },
		{ "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z" },
		{ "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z" },
		{ "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z" },
		{ "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z" },
		{ "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z" },
	};
	struct co_zone *z = corpus_zone("prague");
	int64_t local, instant;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		assert_ok(co_time_parse(rows[i].local, &local, &err));
		assert_ok(co_time_parse(rows[i].instant, &instant, &err));
		assert_int_equal(co_zone_instant_us(z, local), instant);
		assert_int_equal(co_zone_instant_us(NULL, local), local);
	}
	co_zone_close(&z);
}

static void
dates_and_days_agree(void **state)
{
	int64_t day = co_civil_days((struct co_civil){ -400, 1, 1 });

	(void)state;
	assert_int_equal(co_civil_days((struct co_civil){ 1970, 1, 1 }), 0);
	assert_int_equal(co_civil_days((struct co_civil){ 2000, 2, 29 }), 11016);
	for (int64_t year = -400; year < 2500; year++)
		for (int month = 1; month <= 12; month++)
			for (int i = 1; i <= co_civil_month_days(year, month); i++, day++) {
				struct co_civil c = co_civil_of(day);

				assert_true(c.year == year && c.month == month && c.day == i);
				assert_true(co_civil_days(c) == day);
			}
	assert_int_equal(co_civil_weekday(0), 3);
	assert_int_equal(co_civil_weekday(-1), 2);
	assert_int_equal(co_civil_month_days(1900, 2), 28);
	assert_int_equal(co_civil_month_days(2000, 2), 29);
	assert_true(co_floor_div(-1, 10) == -1 && co_floor_div(-10, 10) == -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_change_and_every_day_of_130_years),
		cmocka_unit_test(a_day_that_a_zone_skipped_begins_with_the_next),
		cmocka_unit_test(without_a_zone_it_is_utc),
		cmocka_unit_test(rules_of_rfc_8536_are_read),
		cmocka_unit_test(rules_that_are_none_are_refused),
		cmocka_unit_test(spoilt_files_are_refused_whole),
		cmocka_unit_test(names_that_lead_elsewhere_are_refused),
		cmocka_unit_test(an_absent_zone_says_what_to_do),
		cmocka_unit_test(every_zone_of_the_system_is_read),
		cmocka_unit_test(a_clock_on_the_wall_tells_one_instant),
		cmocka_unit_test(dates_and_days_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
