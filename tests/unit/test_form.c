#include "test.h"

#include "base/clock.h"
#include "record/form.h"

static struct co_err err;

static const char good_preserve[] =
	"{\"status\":\"new\","
	"\"authority\":{\"organisation\":\"Cyber Crime Unit\",\"person\":\"Anong S.\","
	"\"phone\":\"+66 2 123 4567\","
	"\"email\":\"duty@example.th\",\"hours\":\"24x7\",\"timezone\":\"Asia/Bangkok\"},"
	"\"callback\":{\"person\":\"Somchai P.\",\"phone\":\"+66 2 123 4568\"},"
	"\"conduct\":\"A person took over the mail account of a hospital\\nand moved invoices.\","
	"\"offences\":[\"art-2\",\"art-8\"],\"data\":[\"subscriber\",\"traffic\"],"
	"\"identifiers\":[{\"type\":\"ip\",\"value\":\"203.0.113.9\",\"port\":4431,"
	"\"from\":\"2026-11-20T10:00:00+07:00\",\"to\":\"2026-11-20T11:00:00+07:00\","
	"\"zone\":\"Asia/Bangkok\"}],"
	"\"relation\":\"The address was used for the sign-in.\",\"custodian\":\"Example Cloud "
	"Inc.\","
	"\"necessity\":\"Logs are deleted after 30 days.\",\"intention_mla\":true,\"days\":90,"
	"\"confidential\":true,\"confidential_reason\":\"The suspect is a customer.\"}";

/* The good fields with one member replaced by JSON text, or removed when text is NULL. */
static json_t *
fields_with(const char *code, const char *text)
{
	json_t *fields = json_loads(good_preserve, 0, NULL);

	assert_non_null(fields);
	if (text == NULL)
		json_object_del(fields, code);
	else
		assert_int_equal(json_object_set_new(fields, code, json_loads(text, JSON_DECODE_ANY,
		NULL)), 0);
	return fields;
}

static void
assert_problem(const char *code, const char *text, const char *want)
{
	json_t *fields = fields_with(code, text);

	co_err_clear(&err);
	if (form_check(form_by_measure("preserve"), fields, &err) != CO_EREFUSED)
		fail_msg("%s = %s was taken", code, text == NULL ? "(absent)" : text);
	if (strstr(err.msg, want) == NULL)
		fail_msg("%s = %s: \"%s\" does not say \"%s\"", code, text == NULL ? "(absent)" :
			text, err.msg, want);
	json_decref(fields);
}

/* Regulation (EU) 2023/1543 art. 9(2): a provider is not shown necessity and summary. */
static void
provider_sees_a_part(void **state)
{
	static const char *const kept[] = { "conduct", "relation", "necessity" };
	const struct form *f = form_by_measure("preserve");
	json_t *fields = json_loads(good_preserve, 0, NULL);
	json_t *shown = form_fields_shown(f, fields), *withheld = form_fields_withheld(f, fields);

	(void)state;
	assert_int_equal(json_object_size(shown) + json_object_size(withheld),
		json_object_size(fields));
	assert_int_equal(json_object_size(withheld), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_null(json_object_get(shown, kept[i]));
		assert_non_null(json_object_get(withheld, kept[i]));
	}
	assert_ok(form_check_provider(f, shown, &err));
	assert_int_equal(form_check(f, shown, &err), CO_EREFUSED);
	for (size_t i = 0; i < 3; i++) {
		json_t *more = json_copy(shown);

		(void)json_object_set(more, kept[i], json_object_get(withheld, kept[i]));
		co_err_clear(&err);
		assert_int_equal(form_check_provider(f, more, &err), CO_EREFUSED);
		assert_non_null(strstr(err.msg, kept[i]));
		json_decref(more);
	}
	(void)json_object_del(shown, "data");
	assert_int_equal(form_check_provider(f, shown, &err), CO_EREFUSED);
	json_decref(fields);
	json_decref(shown);
	json_decref(withheld);
}

static void
complete_preservation_is_taken(void **state)
{
	json_t *fields = json_loads(good_preserve, 0, NULL);

	(void)state;
	assert_ok(form_check(form_by_measure("preserve"), fields, &err));
	json_decref(fields);
}

static void
each_item_of_article_29_2_is_required_and_cited(void **state)
{
	static const char *const rows[][2] = {
		{ "authority", "authority: required (art. 29(2)(a))" },
		{ "conduct", "conduct: required (art. 29(2)(b))" },
		{ "data", "data: required (art. 29(2)(c))" },
		{ "identifiers", "identifiers: required (art. 29(2)(c))" },
		{ "relation", "relation: required (art. 29(2)(c))" },
		{ "custodian",
		  "custodian: this or location is required (art. 29(2)(d))" },
		{ "necessity", "necessity: required (art. 29(2)(e))" },
		{ "intention_mla", "intention_mla: required (art. 29(1) and 29(2)(f))" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		assert_problem(rows[i][0], NULL, rows[i][1]);
}

static void
wrong_values_are_named_with_what_is_wanted(void **state)
{
	static const char *const rows[][3] = {
		{ "days", "59", "days: wanted an integer from 60 to 365" },
		{ "days", "60.5", "days: wanted an integer" },
		{ "days", "\"60\"", "days: wanted an integer" },
		{ "intention_mla", "false", "intention_mla: wanted true" },
		{ "status", "\"old\"", "status: wanted one of new|extension" },
		{ "status", "\"extension\"", "previous: required" },
		{ "data", "[]", "data: wanted 1 to" },
		{ "data", "[\"traffic\",\"traffic\"]", "data: wanted each choice once" },
		{ "data", "[\"secrets\"]", "data[0]: wanted one of subscriber|traffic|content" },
		{ "callback", "{\"person\":\"X\"}", "callback.phone: required (T-CY" },
		{ "callback", "{\"person\":\"X\",\"phone\":\"call me\"}",
		  "callback.phone: wanted a telephone" },
		{ "callback", "{\"person\":\"X\",\"phone\":\"112\",\"age\":4}",
		  "callback.age: wanted no such member" },
		{ "identifiers", "[{\"type\":\"ip\",\"value\":\"203.0.113\"}]",
		  "[0].value: wanted an IPv4" },
		{ "identifiers",
		  "[{\"type\":\"ip\",\"value\":\"::1\",\"from\":\"2026-01-02T00:00:00\"}]",
		  "identifiers[0].from: wanted a time with its zone" },
		{ "identifiers",
		  "[{\"type\":\"account\",\"value\":\"a\",\"from\":\"2026-01-02T00:00:00Z\","
		  "\"to\":\"2026-01-01T00:00:00Z\"}]",
		  "[0].to: wanted a time that is not before from" },
		{ "mla_by", "\"2026-02-30\"", "mla_by: wanted a date" },
		{ "mla_by", "\"2026-2-3\"", "mla_by: wanted" },
		{ "conduct", "\"\"", "conduct: wanted 1 to" },
		{ "conduct", "\"a\\u001b[2Jb\"", "conduct: wanted text" },
		{ "surprise", "1", "surprise: no such field" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		assert_problem(rows[i][0], rows[i][1], rows[i][2]);
}

static void
all_problems_come_in_one_bounded_message(void **state)
{
	const struct form *f = form_by_measure("preserve");
	json_t *fields = json_object();

	(void)state;
	co_err_clear(&err);
	assert_int_equal(form_check(f, fields, &err), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "status: required"));
	assert_non_null(strstr(err.msg, "authority: required"));
	for (int i = 0; i < 100; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "x%d", i);
		assert_int_equal(json_object_set_new(fields, key, json_integer(i)), 0);
	}
	co_err_clear(&err);
	assert_int_equal(form_check(f, fields, &err), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "; and "));
	assert_non_null(strstr(err.msg, " more: form.check has all"));
	json_decref(fields);
}

/* ---- faults, one by one ---- */

static json_t *
faults_of(const json_t *fields, const char *urgency, const char *now)
{
	struct form_ask ask = { .compose = true, .urgency = urgency };

	assert_ok(co_time_parse(now, &ask.now_us, &err));
	return form_faults(form_by_measure("preserve"), fields, &ask);
}

/* "path=code path=code", in their order. */
static void
assert_faults(json_t *fields, const char *urgency, const char *want)
{
	json_t *faults = faults_of(fields, urgency, "2026-11-28T12:00:00Z"), *one;
	char got[2048] = "";
	size_t i, n = 0;

	json_array_foreach(faults, i, one)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%s=%s", i > 0 ? " " : "",
			json_string_value(json_object_get(one, "path")),
			json_string_value(json_object_get(one, "code")));
	assert_string_equal(got, want);
	json_decref(faults);
	json_decref(fields);
}

static void
every_fault_has_its_place_and_code(void **state)
{
	(void)state;
	assert_faults(json_object(), NULL,
		"status=missing authority.organisation=missing authority.person=missing "
		"authority.phone=missing authority.email=missing callback.person=missing "
		"callback.phone=missing conduct=missing data=missing identifiers[0].type=missing "
		"identifiers[0].value=missing relation=missing custodian=one necessity=missing "
		"intention_mla=missing confidential=missing");
	assert_faults(fields_with("authority",
			"{\"organisation\":\"\",\"person\":\"P\",\"phone\":\"x\",\"email\":\"y\","
			"\"age\":1}"),
		NULL,
		"authority.organisation=missing authority.phone=phone authority.email=email "
		"authority.age=unknown");
	assert_faults(fields_with("identifiers",
			"[{\"type\":\"server\",\"value\":\"1.2.3.4\"},"
			"{\"type\":\"ip\",\"value\":\"x\"},"
			"{\"type\":\"ip\",\"value\":\"::1\",\"from\":\"2026-11-02T00:00:00Z\","
			"\"to\":\"2026-11-01T00:00:00Z\"}, 5]"),
		NULL,
		"identifiers[0].type=choice identifiers[1].value=ip identifiers[2].to=order "
		"identifiers[3]=shape");
	assert_faults(fields_with("intention_mla", "false"), NULL, "intention_mla=yes");
	assert_faults(fields_with("data", "[]"), NULL, "data=missing");
	assert_faults(fields_with("days", "400"), NULL, "days=number");
	assert_faults(fields_with("strange", "1"), NULL, "strange=unknown");
	assert_faults(fields_with("custodian", NULL), NULL, "custodian=one");
}

/* A day has begun in Kiritimati 14 hours before it does in Greenwich. */
static void
dates_are_held_to_what_they_mean_when_written(void **state)
{
	static const char *const rows[][2] = {
		{ "\"2025-01-01\"", "mla_by=past" },
		{ "\"2026-11-26\"", "mla_by=past" },
		{ "\"2026-11-27\"", "" },
		{ "\"2027-01-01\"", "" },
	};
	static const char *const begins[][2] = {
		{ "2027-11-20T10:00:00Z", "identifiers[0].from=future" },
		{ "2026-11-29T03:00:00Z", "identifiers[0].from=future" },
		{ "2026-11-29T02:00:00Z", "" },
		{ "2026-11-29T07:00:00+07:00", "" },
	};
	json_t *fields;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		assert_faults(fields_with("mla_by", rows[i][0]), NULL, rows[i][1]);
		/* A record that comes is not held to it. */
		fields = fields_with("mla_by", rows[i][0]);
		assert_ok(form_check(form_by_measure("preserve"), fields, &err));
		json_decref(fields);
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(begins); i++) {
		char text[160];

		(void)snprintf(text, sizeof(text),
			"[{\"type\":\"ip\",\"value\":\"::1\",\"from\":\"%s\"}]", begins[i][0]);
		assert_faults(fields_with("identifiers", text), NULL, begins[i][1]);
	}
}

static void
an_emergency_says_why(void **state)
{
	(void)state;
	assert_faults(fields_with("urgency_reason", NULL), "emergency", "urgency_reason=urgent");
	assert_faults(fields_with("urgency_reason", NULL), "urgent", "");
	assert_faults(fields_with("urgency_reason", "\"The logs end tonight.\""), "emergency", "");
}

static void
subscriber_follow_up_names_the_earlier_request(void **state)
{
	const struct form *f = form_by_measure("subscriber");
	json_t *fields = json_object();

	(void)state;
	assert_non_null(f);
	assert_string_equal(form_articles(f), "31, 18");
	assert_int_equal(json_object_set_new(fields, "status", json_string("after-preservation")),
		0);
	co_err_clear(&err);
	assert_int_equal(form_check(f, fields, &err), CO_EREFUSED);
	assert_non_null(strstr(err.msg,
		"preservation_reference: required (T-CY(2018)10, item 10)"));
	assert_null(strstr(err.msg, "mla_reference"));
	json_decref(fields);
}

/* What a page, a prompt and a printed request rely on. */
static void
every_form_file_is_complete(void **state)
{
	(void)state;
	assert_int_equal(form_count(), 2);
	assert_null(form_by_measure("members"));
	assert_null(form_by_measure(NULL));
	assert_null(form_at(form_count()));
	for (size_t i = 0; i < form_count(); i++) {
		const struct form *f = form_at(i);
		const json_t *fields = json_object_get(form_json(f), "fields");

		assert_ptr_equal(form_by_measure(form_measure(f)), f);
		assert_true(form_title(f)[0] != '\0');
		for (size_t k = 0; k < json_array_size(fields); k++) {
			const json_t *field = json_array_get(fields, k);
			const char *type = json_string_value(json_object_get(field, "type"));
			const char *other = json_string_value(json_object_get(
				json_object_get(field, "required_if"), "field"));
			bool found = other == NULL;

			assert_non_null(json_string_value(json_object_get(field, "label")));
			assert_non_null(json_string_value(json_object_get(field, "help")));
			if (strcmp(type, "contact") == 0 || strcmp(type, "identifiers") == 0)
				assert_true(json_array_size(json_object_get(field, "members")) > 0);
			for (size_t j = 0; j < json_array_size(fields); j++) {
				const char *code = json_string_value(json_object_get(
					json_array_get(fields, j), "code"));

				assert_true(j == k || strcmp(code, json_string_value(
					json_object_get(field, "code"))) != 0);
				found |= other != NULL && strcmp(code, other) == 0;
			}
			assert_true(found);
		}
	}
}

static struct form_need
need_of(const char *measure, const json_t *fields, const char *code)
{
	const struct form *f = form_by_measure(measure);
	struct form_need n;

	for (size_t i = 0; i < form_field_count(f); i++) {
		form_need(f, i, fields, &n);
		if (strcmp(n.code, code) == 0)
			return n;
	}
	fail_msg("form %s has no field %s", measure, code);
	return n;
}

static void
what_is_needed_is_said_field_by_field(void **state)
{
	json_t *fields = fields_with("necessity", NULL), *refused;

	(void)state;
	assert_true(need_of("preserve", fields, "necessity").required);
	assert_false(need_of("preserve", fields, "necessity").given);
	assert_string_equal(need_of("preserve", fields, "necessity").source, "art. 29(2)(e)");
	assert_true(need_of("preserve", fields, "conduct").given);
	assert_false(need_of("preserve", fields, "previous").required);
	assert_false(need_of("preserve", fields, "location").required);
	assert_true(need_of("preserve", NULL, "location").required);
	assert_false(need_of("preserve", fields, "intention_mla").unmet);
	refused = fields_with("intention_mla", "false");
	assert_true(need_of("preserve", refused, "intention_mla").unmet);
	json_decref(refused);
	json_decref(fields);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(provider_sees_a_part),
		cmocka_unit_test(complete_preservation_is_taken),
		cmocka_unit_test(each_item_of_article_29_2_is_required_and_cited),
		cmocka_unit_test(wrong_values_are_named_with_what_is_wanted),
		cmocka_unit_test(all_problems_come_in_one_bounded_message),
		cmocka_unit_test(every_fault_has_its_place_and_code),
		cmocka_unit_test(dates_are_held_to_what_they_mean_when_written),
		cmocka_unit_test(an_emergency_says_why),
		cmocka_unit_test(subscriber_follow_up_names_the_earlier_request),
		cmocka_unit_test(what_is_needed_is_said_field_by_field),
		cmocka_unit_test(every_form_file_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
