/* A request's page: what can follow, times that people type, messages with times. */
#include "test.h"

#include "base/clock.h"
#include "desk/pages.h"
#include "exchange/states.h"

static struct co_err err;

/* ---- what can follow on a request ---- */

static void
every_notice_has_a_button_and_says_what_follows(void **state)
{
	(void)state;
	for (int s = 0; s < ST_N; s++) {
		const char *act = moves_act(state_name((enum state)s));

		if (s == ST_SENT)
			assert_null(act);
		else if (act == NULL || *act == '\0')
			fail_msg("the button of \"%s\" says nothing", state_name((enum state)s));
	}
}

static json_t *
moves_of(const char *const *states, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list,
			json_pack("{s:s,s:[s],s:[]}", "state", states[i], "needs", "reason",
				"grounds"));
	return list;
}

static const char *
move_text(json_t *moves, size_t i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(moves, i), name));
}

static void
the_usual_move_comes_first_and_is_open(void **state)
{
	static const char *const may[] = { "accepted", "need-decision", "executed", "refused" };
	json_t *request = json_pack("{s:b,s:s}", "incoming", 1, "state", "accepted");
	json_t *moves = moves_of(may, CO_ARRAY_LEN(may));

	(void)state;
	moves_fill(moves, request, false, true);
	assert_string_equal(move_text(moves, 0, "state"), "executed");
	assert_true(json_is_true(json_object_get(json_array_get(moves, 0), "main")));
	assert_true(json_is_true(json_object_get(json_array_get(moves, 0), "open")));
	assert_string_equal(move_text(moves, 1, "state"), "accepted");
	assert_string_equal(move_text(moves, 3, "state"), "refused");
	assert_true(json_is_false(json_object_get(json_array_get(moves, 1), "main")));
	json_decref(moves);
	/* Where nothing is usual, nothing is. */
	(void)json_object_set_new(request, "state", json_string("executed"));
	moves = moves_of(may, CO_ARRAY_LEN(may));
	moves_fill(moves, request, false, true);
	assert_string_equal(move_text(moves, 0, "state"), "accepted");
	assert_true(json_is_false(json_object_get(json_array_get(moves, 0), "main")));
	json_decref(moves);
	json_decref(request);
}

static void
only_kept_data_are_let_go_with_a_tick(void **state)
{
	json_t *request = json_pack("{s:s,s:n}", "state", "executed", "left_s");

	(void)state;
	assert_false(moves_lets_go(request, "withdrawn"));
	(void)json_object_set_new(request, "left_s", json_integer(60));
	assert_true(moves_lets_go(request, "withdrawn"));
	/* Closing gives nothing up: what is kept stays kept, and counted (art. 29(7)). */
	assert_false(moves_lets_go(request, "closed"));
	assert_false(moves_lets_go(request, "executed"));
	json_decref(request);
}

static void
a_closed_request_says_what_goes_on_with_kept_data(void **state)
{
	json_t *request = json_pack(
		"{s:s,s:b,s:n}", "state", "closed", "incoming", 1, "left_s");

	(void)state;
	assert_string_equal(moves_next(request), "");
	(void)json_object_set_new(request, "left_s", json_integer(60));
	assert_non_null(strstr(moves_next(request), "warned before it"));
	(void)json_object_set_new(request, "incoming", json_false());
	assert_non_null(strstr(moves_next(request), "you can ask for them"));
	json_decref(request);
}

static void
times_are_read_as_people_type_them(void **state)
{
	static const struct {
		const char *typed, *want; /* NULL: none */
	} rows[] = {
		{ "2026-11-27 18:40", "2026-11-27T11:40:00Z" },
		{ "2026-11-27T18:40", "2026-11-27T11:40:00Z" },
		{ "2026-11-27T18:40:05", "2026-11-27T11:40:05Z" },
		{ "2026-11-27", "2026-11-27T17:00:00Z" },
		{ "2026-11-27T18:40:00Z", "2026-11-27T18:40:00Z" },
		{ "2026-11-27T18:40:00+01:00", "2026-11-27T17:40:00Z" },
		{ "2026-02-29 10:00", NULL },
		{ "2026-11-27 24:00", NULL },
		{ "2026-11-27 18:40 ", NULL },
		{ "2026-11-27 18:4", NULL },
		{ "2026-11-27 18:40:60", NULL },
		{ "2026-11-27 18:60", NULL },
		{ "2026-11-27 18", NULL },
		{ "27.11.2026", NULL },
		{ "20261127", NULL },
		{ "2026-", NULL },
		{ "0000-00-00", NULL },
		{ "", NULL },
	};
	co_zone_auto *zone = NULL;

	(void)state;
	assert_int_equal(co_zone_open("Asia/Bangkok", &zone, &err), CO_OK);
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		char text[CO_TIME_LEN] = "";
		int64_t us = 0;
		enum co_rc rc = zone_read(zone, rows[i].typed, &us, &err);

		if (rc == CO_OK)
			co_time_print(us, text);
		if (strcmp(text, rows[i].want == NULL ? "" : rows[i].want) != 0)
			fail_msg("%s: %s, wanted %s", rows[i].typed, text,
				rows[i].want == NULL ? "none" : rows[i].want);
		if (rc != CO_OK)
			assert_non_null(strstr(err.msg, "write it as"));
	}
}

static void
said(const char *message, const char *want)
{
	const struct template_view view = { .now_us = 0 };
	json_t *v = json_pack("{s:s}", "a", message);
	co_auto_buf out;

	co_buf_init(&out, 4096);
	assert_ok(template_try("try", "{{a|said}}", v, &view, &out, &err));
	assert_string_equal(out.len == 0 ? "" : out.data, want);
	json_decref(v);
}

/* Instants of a message become times as the reader has them; everything else stays, escaped. */
static void
times_in_messages_are_for_people(void **state)
{
	static const char zone[] = "<span class=\"zone\" dir=\"ltr\">UTC</span></time>";
	char want[640];

	(void)state;
	(void)snprintf(want, sizeof(want),
		"so until <time datetime=\"2027-01-27T04:44:03Z\" title=\"2027-01-27T04:44:03Z\">"
		"27 Jan 2027 04:44 %s or later; &lt;is&gt; <time datetime=\"2026-01-27T04:44:00Z\" "
		"title=\"2026-01-27T04:44:00Z\">27 Jan 2026 04:44 %s.",
		zone, zone);
	said("so until 2027-01-27T04:44:03.244701Z or later; <is> 2026-01-27T04:44:00Z.", want);
	said("art. 29(7): T+Z 2026-11-27T1:2:3.4:5 -", "art. 29(7): T+Z 2026-11-27T1:2:3.4:5 -");
	said("", "");
}

/* A receipt stands with what it is for; one whose record is in another part stays by itself. */
static void
receipts_go_to_their_records(void **state)
{
	json_t *timeline = json_pack("[{s:s,s:s},{s:s,s:s,s:s,s:{s:s}},{s:s,s:s,s:s,s:{s:s}},"
				     "{s:s,s:s}]",
		"id", "a", "kind", "manifest", "id", "b", "kind", "receipt", "at",
		"2026-11-24T06:00:00Z", "of", "id", "a", "id", "c", "kind", "receipt", "at",
		"2026-11-24T06:00:00Z", "of", "id", "gone", "id", "d", "kind", "ping");

	(void)state;
	timeline_tell(timeline);
	assert_int_equal(json_array_size(timeline), 3);
	assert_string_equal(move_text(timeline, 0, "what"), "evidence described");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json_array_get(timeline, 0), "receipt"), "id")),
		"b");
	assert_string_equal(move_text(timeline, 1, "id"), "c");
	assert_string_equal(move_text(timeline, 1, "what"), "receipt");
	assert_true(json_is_null(json_object_get(json_array_get(timeline, 1), "receipt")));
	assert_string_equal(move_text(timeline, 2, "what"), "ping");
	json_decref(timeline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_notice_has_a_button_and_says_what_follows),
		cmocka_unit_test(the_usual_move_comes_first_and_is_open),
		cmocka_unit_test(only_kept_data_are_let_go_with_a_tick),
		cmocka_unit_test(a_closed_request_says_what_goes_on_with_kept_data),
		cmocka_unit_test(times_are_read_as_people_type_them),
		cmocka_unit_test(times_in_messages_are_for_people),
		cmocka_unit_test(receipts_go_to_their_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
