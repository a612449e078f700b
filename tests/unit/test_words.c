#include "test.h"

#include "base/clock.h"
#include "words/catalogue.h"
#include "words/language.h"
#include "desk/template.h"
#include "desk/zones.h"
#include "record/form.h"

static struct co_err err;

static const char *const full[] = { "es", "fr", "ja", "th" };

static void
the_best_language_is_chosen(void **state)
{
	static const struct {
		const char *accept, *fallback, *want;
	} rows[] = {
		{ "th", NULL, "th" },
		{ "fr-CA,fr;q=0.9", NULL, "fr" },
		{ "de;q=1, ja;q=0.5, es;q=0.7", NULL, "es" },
		{ "en-GB,en;q=0.9,th;q=0.8", "th,en", "en" },
		{ "de", "th,en", "th" },
		{ NULL, "ja", "ja" },
		{ "", "", "en" },
		{ "xx", "yy", "en" },
		{ ";;;,,q=", NULL, "en" },
		{ "th;q=0", NULL, "en" },
		{ "AR-eg", NULL, "ar" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		assert_string_equal(
			catalogue_language(catalogue_for(rows[i].accept, rows[i].fallback)),
			rows[i].want);
	assert_string_equal(catalogue_language(NULL), "en");
}

static void
words_without_translation_stay_english(void **state)
{
	static const char none[] = "nobody says this";

	(void)state;
	assert_ptr_equal(catalogue_text(catalogue_for("th", NULL), none), none);
	assert_ptr_equal(catalogue_text(NULL, none), none);
	/* A catalogue keeps its own head under the empty text. */
	assert_string_equal(catalogue_text(catalogue_for("en", NULL), ""), "");
	assert_string_equal(catalogue_text(catalogue_for("th", NULL), ""), "");
	assert_string_equal(catalogue_many(catalogue_for("fr", NULL), "", "", 2), "");
	assert_string_equal(catalogue_text(catalogue_for("fr", NULL), "refused"), "refusée");
	assert_string_equal(catalogue_text(catalogue_for("en", NULL), "refused"), "refused");
	assert_string_equal(catalogue_text(catalogue_for("en", NULL), "use-limit"), "limit of use");
}

static void
numbers_have_the_plural_of_their_language(void **state)
{
	static const struct {
		const char *language;
		uint64_t n;
		const char *want;
	} rows[] = {
		{ "en", 0, "{n} days" },
		{ "en", 1, "{n} day" },
		{ "en", 2, "{n} days" },
		{ "fr", 0, "{n} jour" },
		{ "fr", 1, "{n} jour" },
		{ "fr", 2, "{n} jours" },
		{ "es", 0, "{n} días" },
		{ "es", 1, "{n} día" },
		{ "th", 1, "{n} วัน" },
		{ "th", 60, "{n} วัน" },
		{ "ja", 5, "{n} 日" },
		{ "ar", 1, "يوم واحد" },
		{ "ar", 2, "يومان" },
		{ "ar", 5, "{n} أيام" },
		{ "ar", 11, "{n} يومًا" },
		{ "ar", 103, "{n} أيام" },
		{ "ar", 100, "{n} يوم" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		assert_string_equal(catalogue_many(catalogue_for(rows[i].language, NULL), "{n} day",
					    "{n} days", rows[i].n),
			rows[i].want);
	assert_string_equal(catalogue_many(NULL, "{n} x", "{n} xs", 2), "{n} xs");
}

static void
places_in_words_are_filled(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(catalogue_fill("late by {span}", "3 h", out, sizeof(out)), 11);
	assert_string_equal(out, "late by 3 h");
	(void)catalogue_fill("no place", "x", out, sizeof(out));
	assert_string_equal(out, "no place");
	(void)catalogue_fill("broken {place", "x", out, sizeof(out));
	assert_string_equal(out, "broken {place");
	assert_int_equal(catalogue_fill("{a} is too long a text", "b", out, sizeof(out)), 15);
}

/* ---- forms: the receiver reads every label in their own language ---- */

static void
all_translated(const json_t *o, const struct catalogue *c)
{
	static const char *const members[] = { "label", "help", "title" };
	const char *key;
	const json_t *v;
	size_t i;

	for (i = 0; i < CO_ARRAY_LEN(members); i++) {
		const char *s = json_string_value(json_object_get(o, members[i]));

		/* The very pointer comes back when nothing was found. */
		if (s != NULL && catalogue_text(c, s) == s)
			fail_msg("%s: \"%s\" is not translated", catalogue_language(c), s);
	}
	json_object_foreach((json_t *)(uintptr_t)o, key, v) all_translated(v, c);
	json_array_foreach(o, i, v) all_translated(v, c);
}

static void
every_label_of_every_form_is_translated(void **state)
{
	(void)state;
	assert_true(form_count() >= 2);
	for (size_t i = 0; i < form_count(); i++) {
		for (size_t k = 0; k < CO_ARRAY_LEN(full); k++)
			all_translated(form_json(form_at(i)), catalogue_for(full[k], NULL));
		all_translated(form_json(form_at(i)), catalogue_for("ar", NULL));
	}
}

/* ---- dates and times ---- */

static void
dates_are_written_as_the_language_does(void **state)
{
	static const struct {
		const char *language, *want;
	} rows[] = {
		{ "en", "24 Nov 2026 23:15" },
		{ "fr", "24 nov. 2026 23:15" },
		{ "es", "24 nov 2026 23:15" },
		{ "th", "24 พ.ย. 2569 23:15" },
		{ "ja", "2026年11月24日 23:15" },
		{ "ar", "24 نوفمبر 2026 23:15" },
		{ "xx", "24 Nov 2026 23:15" },
	};
	char out[LANGUAGE_DATE];
	int64_t us;

	(void)state;
	assert_ok(co_time_parse("2026-11-24T23:15:59Z", &us, &err));
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		language_time(language_of(rows[i].language), NULL, us, out);
		assert_string_equal(out, rows[i].want);
	}
	language_day(language_of("en"), -1, out);
	assert_string_equal(out, "31 Dec 1969");
	language_day(language_of("th"), INT32_MAX, out);
	assert_true(strlen(out) < LANGUAGE_DATE);
}

static void
times_are_those_of_the_zone(void **state)
{
	static const struct {
		const char *zone, *at, *want, *offset;
	} rows[] = {
		{ "Asia/Bangkok", "2026-11-24T23:15:00Z", "25 Nov 2026 06:15", "UTC+7" },
		{ "America/New_York", "2026-11-24T23:15:00Z", "24 Nov 2026 18:15", "UTC−5" },
		{ "America/New_York", "2026-07-24T23:15:00Z", "24 Jul 2026 19:15", "UTC−4" },
		{ "Asia/Kolkata", "2026-11-24T23:15:00Z", "25 Nov 2026 04:45", "UTC+5:30" },
		{ "UTC", "2026-11-24T23:15:00Z", "24 Nov 2026 23:15", "UTC" },
		{ "No/Where", "2026-11-24T23:15:00Z", "24 Nov 2026 23:15", "UTC" },
	};
	struct zones *zones = zones_new();
	char out[LANGUAGE_DATE], offset[16];

	(void)state;
	assert_non_null(zones);
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		const struct co_zone *z = zones_get(zones, rows[i].zone);
		int64_t us;

		assert_ptr_equal(z, zones_get(zones, rows[i].zone));
		assert_ok(co_time_parse(rows[i].at, &us, &err));
		language_time(language_of("en"), z, us, out);
		assert_string_equal(out, rows[i].want);
		language_offset(z, us, offset);
		assert_string_equal(offset, rows[i].offset);
	}
	assert_null(zones_get(zones, NULL));
	assert_null(zones_get(zones, "../../etc/passwd"));
	zones_free(&zones);
	assert_null(zones);
}

static void
zones_to_choose_from(void **state)
{
	json_t *names = zones_names();
	const json_t *name;
	bool bangkok = false;
	size_t i;

	(void)state;
	json_array_foreach(names, i, name) bangkok =
		bangkok || strcmp(json_string_value(name), "Asia/Bangkok") == 0;
	assert_true(bangkok);
	assert_string_equal(
		json_string_value(json_array_get(names, json_array_size(names) - 1)), "UTC");
	json_decref(names);
}

/* ---- pages ---- */

static void
renders(const char *text, const char *values, const struct template_view *view, const char *want)
{
	json_t *v = json_loads(values, 0, NULL);
	co_auto_buf out;

	assert_non_null(v);
	co_buf_init(&out, 1 << 16);
	assert_ok(template_try("try", text, v, view, &out, &err));
	assert_string_equal(out.len == 0 ? "" : out.data, want);
	json_decref(v);
}

static void
pages_speak_the_readers_language(void **state)
{
	struct zones *zones = zones_new();
	struct template_view view = { .zones = zones };

	(void)state;
	view.words = catalogue_for("th", NULL);
	view.zone = zones_get(zones, "Asia/Bangkok");
	assert_ok(co_time_parse("2026-11-24T23:15:00Z", &view.now_us, &err));
	renders("{{a|word}} {{c|clause}}", "{\"a\":\"preserve\",\"c\":\"art. 29(7)\"}", &view,
		"การเก็บรักษาข้อมูล ข้อ 29(7)");
	renders("{{t|time}}", "{\"t\":\"2026-11-24T23:15:00Z\"}", &view,
		"<time datetime=\"2026-11-24T23:15:00Z\" title=\"2026-11-24T23:15:00Z\">25 พ.ย. "
		"2569 06:15 <span class=\"zone\" dir=\"ltr\">UTC+7</span></time>");
	renders("{{t|left}}", "{\"t\":\"2026-11-27T02:15:00Z\"}", &view,
		"<time class=\"left far\" datetime=\"2026-11-27T02:15:00Z\" "
		"title=\"2026-11-27T02:15:00Z\">เหลือเวลา 2 วัน 3 ชม.</time>");
	view.words = catalogue_for("ar", NULL);
	renders("{{_ Message to {partner}}}", "{\"partner\":\"us.contact\"}", &view,
		"رسالة إلى \u2068us.contact\u2069");
	zones_free(&zones);
}

static void
the_partners_time_stands_beside(void **state)
{
	struct zones *zones = zones_new();
	struct template_view view = { .zones = zones, .partner = "us.<b>" };
	static const char t[] = "{\"t\":\"2026-11-24T23:15:00Z\"}";
	static const char own[] = "<time datetime=\"2026-11-24T23:15:00Z\" "
				  "title=\"2026-11-24T23:15:00Z\">25 Nov 2026 06:15 <span "
				  "class=\"zone\" dir=\"ltr\">UTC+7</span></time>";
	char want[1024];

	(void)state;
	view.zone = zones_get(zones, "Asia/Bangkok");
	view.there = zones_get(zones, "America/New_York");
	(void)snprintf(want, sizeof(want),
		"%s <span class=\"there quiet\">(<bdi>us.&lt;b&gt;</bdi>: <time "
		"datetime=\"2026-11-24T23:15:00Z\" title=\"2026-11-24T23:15:00Z\">24 Nov 2026 "
		"18:15 <span class=\"zone\" dir=\"ltr\">UTC−5</span></time>)</span>",
		own);
	renders("{{t|both}}", t, &view, want);
	view.there = zones_get(zones, "Asia/Jakarta"); /* the same hour */
	renders("{{t|both}}", t, &view, own);
	view.partner = NULL;
	renders("{{t|both}}", t, &view, own);
	zones_free(&zones);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_language_is_chosen),
		cmocka_unit_test(words_without_translation_stay_english),
		cmocka_unit_test(numbers_have_the_plural_of_their_language),
		cmocka_unit_test(places_in_words_are_filled),
		cmocka_unit_test(every_label_of_every_form_is_translated),
		cmocka_unit_test(dates_are_written_as_the_language_does),
		cmocka_unit_test(times_are_those_of_the_zone),
		cmocka_unit_test(zones_to_choose_from),
		cmocka_unit_test(pages_speak_the_readers_language),
		cmocka_unit_test(the_partners_time_stands_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
