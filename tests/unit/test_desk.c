#include "test.h"

#include "base/clock.h"
#include "desk/account.h"
#include "words/catalogue.h"
#include "desk/pages.h"
#include "form_post.h"
#include "network/web_inside.h"
#include "record/form.h"

static struct co_err err;

/* ---- templates ---- */

static const struct template_view view = { .now_us = INT64_C(1795500000) * 1000000 };

/* text with values (JSON) must come out as want; NULL: must fail with words. */
static void
renders(const char *text, const char *values, const char *want, const char *words)
{
	json_t *v = json_loads(values, JSON_DECODE_ANY, NULL);
	co_auto_buf out;
	enum co_rc rc;

	assert_non_null(v);
	co_buf_init(&out, 1 << 20);
	co_err_clear(&err);
	rc = template_try("try", text, v, &view, &out, &err);
	if (want != NULL && rc != CO_OK)
		fail_msg("%s: %s", text, err.msg);
	if (want != NULL)
		assert_string_equal(out.len == 0 ? "" : out.data, want);
	if (want == NULL && (rc == CO_OK || strstr(err.msg, words) == NULL))
		fail_msg("%s: \"%s\" does not say \"%s\"", text, err.msg, words);
	json_decref(v);
}

static void
the_built_in_templates_hold_together(void **state)
{
	(void)state;
	assert_ok(templates_check(&err));
}

/* Where a desk's clock is; its state by shape and word; nothing unescaped. */
static void
desks_stand_on_the_map(void **state)
{
	static const struct {
		const char *desk, *mark;
	} cases[] = {
		{ "{\"state\":\"own\",\"economy\":\"TH\",\"timezone\":\"Asia/Bangkok\"}",
			"class=\"mark own\" transform=\"translate(561 140)\"" },
		{ "{\"state\":\"accepted\",\"open\":\"open\",\"economy\":\"US\","
		  "\"timezone\":\"America/New_York\"}",
			"class=\"mark open\" transform=\"translate(212 87)\"" },
		{ "{\"state\":\"accepted\",\"open\":\"closed\",\"economy\":\"US\","
		  "\"timezone\":\"Mars/Olympus\"}",
			"class=\"mark shut\" transform=\"translate(212 87)\"" },
		{ "{\"state\":\"accepted\",\"open\":\"open\",\"waiting\":2,\"economy\":\"JP\"}",
			"class=\"mark waiting\"" },
		{ "{\"state\":\"blocked\",\"economy\":\"JP\"}", "class=\"mark blocked\"" },
		{ "{\"state\":\"accepted\",\"economy\":\"JP\",\"address\":\"<b>\"}",
			"<title>&lt;b&gt;: hours not known</title>" },
		{ "{\"state\":\"accepted\",\"economy\":\"XX\"}", NULL },
		{ "null", NULL },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(cases); i++) {
		json_t *v = json_pack("{s:[o]}", "desks",
			json_loads(cases[i].desk, JSON_DECODE_ANY, NULL));
		co_auto_buf out;

		co_buf_init(&out, 1 << 20);
		assert_ok(template_try("try", "{{desks|map}}", v, &view, &out, &err));
		if (cases[i].mark != NULL && strstr(out.data, cases[i].mark) == NULL)
			fail_msg("%s: no %s in %s", cases[i].desk, cases[i].mark,
				strstr(out.data, "night"));
		if (cases[i].mark == NULL)
			assert_null(strstr(out.data, "class=\"mark"));
		assert_non_null(strstr(out.data, "class=\"land\""));
		json_decref(v);
	}
}

static void
every_kind_of_value_is_escaped(void **state)
{
	static const char evil[] = "{\"a\":\"<b x='1' y=\\\"2\\\">&\"}";
	static const char safe[] = "&lt;b x=&#39;1&#39; y=&quot;2&quot;&gt;&amp;";
	static const char *const ways[] = { "{{a}}", "{{a|word}}", "{{#a}}{{.}}{{/a}}",
		"{{_ {a}}}" };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(ways); i++)
		renders(ways[i], evil, safe, NULL);
	renders("{{a|state}}", evil,
		"<span class=\"state wait\"><span aria-hidden=\"true\">·</span> &lt;b "
		"x=&#39;1&#39; "
		"y=&quot;2&quot;&gt;&amp;</span>",
		NULL);
	renders("{{a|short}}", "{\"a\":\"<\\\"'>\"}",
		"<abbr title=\"&lt;&quot;&#39;&gt;\">&lt;&quot;&#39;&gt;</abbr>", NULL);
	renders("{{a|time}}{{a|left}}", evil, "", NULL);
	renders("{{_ <b> & \"}}", "{}", "&lt;b&gt; &amp; &quot;", NULL);
	renders("{{a}}", "{\"a\":\"{{b}}\",\"b\":\"x\"}", "{{b}}", NULL);
	renders("{{_ {a}}}", "{\"a\":\"{b}\",\"b\":\"x\"}", "{b}", NULL);
}

static void
values_sections_and_names(void **state)
{
	static const struct {
		const char *text, *values, *want;
	} rows[] = {
		{ "{{a}}{{b}}{{c}}{{d}}", "{\"a\":1,\"b\":true,\"c\":null,\"d\":[1]}", "1true" },
		{ "{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"x\"}}}", "x" },
		{ "{{a.b.c}}", "{\"a\":{\"b\":7}}", "" },
		{ "{{#a}}{{b}}{{/a}}", "{\"a\":{\"b\":1},\"b\":2}", "1" },
		{ "{{#a}}{{b}}{{/a}}", "{\"a\":{},\"b\":2}", "2" },
		{ "{{#a}}{{b}}{{/a}}", "{\"a\":{\"x\":1},\"b\":2}", "2" },
		{ "{{#a}}<{{.}}>{{/a}}", "{\"a\":[1,2,3]}", "<1><2><3>" },
		{ "{{#a}}{{#b}}{{.}}{{/b}};{{/a}}", "{\"a\":[{\"b\":[1,2]},{\"b\":[]},{}]}",
			"12;;;" },
		{ "{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":false}", "n" },
		{ "{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":\"\"}", "n" },
		{ "{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":0}", "n" },
		{ "{{#a}}y{{/a}}{{^a}}n{{/a}}", "{}", "n" },
		{ "{{#a}}y{{/a}}{{^a}}n{{/a}}", "{\"a\":\"0\"}", "y" },
		{ "{{! a word }}x{{a }}", "{\"a\":1}", "x1" },
		{ "{{_ To {name}}}!", "{\"name\":\"us\"}", "To us!" },
		{ "{{_ {name} to {there}}}", "{\"name\":\"us\"}", "us to " },
		{ "{{_ a { b}}", "{}", "a { b" },
		{ "a { } b }} c", "{}", "a { } b }} c" },
		{ "{{a|bytes}} {{b|bytes}}", "{\"a\":1023,\"b\":1536}",
			"<span dir=\"ltr\">1023 B</span> <span dir=\"ltr\">1.5 KiB</span>" },
		{ "{{a|short}}", "{\"a\":\"0123456789\"}",
			"<abbr title=\"0123456789\">23456789</abbr>" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		renders(rows[i].text, rows[i].values, rows[i].want, NULL);
}

static void
what_a_template_cannot_mean_fails_with_its_place(void **state)
{
	static const char *const rows[][2] = {
		{ "a\nb\n{{a|nothing}}", "templates/try.html:3: no such filter" },
		{ "{{>nothing}}", "templates/try.html:1: includes a template that does not exist" },
		{ "\n{{#a}}", "templates/try.html:2: a section that does not end" },
		{ "{{#a}}\n{{/b}}", "templates/try.html:2: closes another section" },
		{ "{{/a}}", "templates/try.html:1: closes a section that is not open" },
		{ "\n\n{{a", "templates/try.html:3: a tag that does not end" },
		{ "{{}}", "templates/try.html:1: an empty tag" },
		{ "{{  }}", "templates/try.html:1: an empty tag" },
		{ "{{_}}", "templates/try.html:1: no words" },
		{ "{{|word}}", "templates/try.html:1: a value without a name" },
	};
	char deep[30 * 6 + 1];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		renders(rows[i][0], "{}", NULL, rows[i][1]);
	for (int i = 0; i < 30; i++)
		(void)snprintf(deep + 6 * i, sizeof(deep) - 6 * (size_t)i, "{{#a}}");
	renders(deep, "{}", NULL, "sections too deep");
	renders("{{a}}", "{\"a\":\"still works\"}", "still works", NULL);
}

static void
parts_are_included(void **state)
{
	(void)state;
	renders("[{{>form-read}}]", "{\"rows\":[]}", "[<dl class=\"form\">\n\n</dl>\n]", NULL);
}

static void
time_left_has_class_and_words(void **state)
{
	static const struct {
		const char *when, *want;
	} rows[] = { { "2026-11-24T06:40:00Z", "class=\"left near\"" },
		{ "2026-12-24T06:40:00Z", "class=\"left far\"" },
		{ "2026-11-20T06:40:00Z", "class=\"left over\"" } };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		json_t *v = json_pack("{s:s}", "a", rows[i].when);
		struct template_view now = { .now_us = 0 };
		co_auto_buf out;

		assert_ok(co_time_parse("2026-11-24T06:00:00Z", &now.now_us, &err));
		co_buf_init(&out, 4096);
		assert_ok(template_try("try", "{{a|left}}", v, &now, &out, &err));
		assert_non_null(strstr(out.data, rows[i].want));
		assert_non_null(strstr(out.data, i == 2 ? "late by" : "left</time>"));
		json_decref(v);
	}
}

/* ---- routes ---- */

/* A path that fits the row, with x for each thing that it names. */
static void
path_for(const struct route *r, char out[128])
{
	size_t n = 0;

	for (const char *c = r->path; *c != '\0' && n < 120;) {
		if (*c == ':') {
			out[n++] = 'x';
			c += strcspn(c, "/");
		} else {
			out[n++] = *c++;
		}
	}
	out[n] = '\0';
}

static void
every_row_is_reached_and_no_two_fit_one_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < desk_routes_count(); i++) {
		const struct route *r = &desk_routes[i];
		char param[PARAMS_MAX][96], path[128];
		bool other;

		path_for(r, path);
		assert_ptr_equal(route_find(r->method, path, param, &other), r);
		assert_false(other);
		if (strchr(r->path, ':') != NULL)
			assert_string_equal(param[0], "x");
		for (size_t k = 0; k < desk_routes_count(); k++) {
			char a[128];

			path_for(&desk_routes[k], a);
			if (k != i && desk_routes[k].method == r->method)
				assert_string_not_equal(a, path);
		}
	}
}

static void
every_row_says_who_may(void **state)
{
	(void)state;
	for (size_t i = 0; i < desk_routes_count(); i++) {
		const struct route *r = &desk_routes[i];
		bool open = (r->flags & ROUTE_OPEN) != 0;

		if (open != (r->roles[0] == '\0') || r->fn == NULL || r->what[0] == '\0')
			fail_msg("%s: roles \"%s\"", r->path, r->roles);
	}
}

static void
paths_that_fit_nothing(void **state)
{
	static const char *const rows[] = { "", "/nowhere", "/case", "/case/", "/case//message",
		"/case/x/message/", "/case/x/y", "//", "/inbox/", "/asset/", "/asset/a/b",
		"/account/session//end" };
	char param[PARAMS_MAX][96], path[128];
	bool other;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		assert_null(route_find(WEB_GET, rows[i], param, &other));
		assert_false(other);
	}
	assert_null(route_find(WEB_GET, "/sign-out", param, &other));
	assert_true(other);
	(void)snprintf(path, sizeof(path), "/case/%096d", 0);
	assert_null(route_find(WEB_GET, path, param, &other));
	(void)snprintf(path, sizeof(path), "/case/%095d", 0);
	assert_non_null(route_find(WEB_GET, path, param, &other));
}

/* ---- languages ---- */

static void
the_readers_language_is_chosen(void **state)
{
	static const struct {
		const char *accept, *fallback, *want;
	} rows[] = {
		{ "th", NULL, "th" },
		{ "fr-CA,en;q=0.5", NULL, "fr" },
		{ "en;q=0.8, es;q=0.9", NULL, "es" },
		{ "en-GB,th;q=0.9", "th", "en" },
		{ "de,nl;q=0.9,ja;q=0.1", NULL, "ja" },
		{ "de", "th", "th" },
		{ "de", NULL, "en" },
		{ NULL, "es,fr", "es" },
		{ NULL, NULL, "en" },
		{ "", "", "en" },
		{ "TH", NULL, "th" },
		{ "th;q=0, en;q=0.1", NULL, "en" },
		{ ",,, ;;q=;=,th;;q=x", NULL, "en" },
		{ "th;q=inf,es;q=nan,ja;q=-1,fr;q=0.1", NULL, "fr" },
		{ "*", "th", "th" },
		{ "thai", NULL, "en" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		const struct catalogue *c = catalogue_for(rows[i].accept, rows[i].fallback);

		if (strcmp(catalogue_language(c), rows[i].want) != 0)
			fail_msg("%s: %s, wanted %s", rows[i].accept, catalogue_language(c),
				rows[i].want);
	}
	assert_string_equal(catalogue_text(NULL, "Inbox"), "Inbox");
	assert_string_equal(
		catalogue_text(catalogue_for("th", NULL), "never written"), "never written");
}

/* ---- signing in ---- */

static void
one_time_codes_are_those_of_rfc_6238(void **state)
{
	/* Appendix B, SHA-1, the last six digits of the eight. */
	static const struct {
		int64_t s;
		const char *code;
	} rows[] = { { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" },
		{ 1234567890, "005924" }, { 2000000000, "279037" },
		{ INT64_C(20000000000), "353130" } };
	static const unsigned char key[] = "12345678901234567890";

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		int64_t us = rows[i].s * 1000000, step = rows[i].s / 30;

		assert_int_equal(totp_step(key, rows[i].code, us), step);
		assert_int_equal(totp_step(key, rows[i].code, us + INT64_C(30000000)), step);
		assert_int_equal(totp_step(key, rows[i].code, us + INT64_C(60000000)), 0);
		if (step > 2)
			assert_int_equal(totp_step(key, rows[i].code, us - INT64_C(60000000)), 0);
	}
	assert_int_equal(totp_step(key, "28708", INT64_C(59000000)), 0);
	assert_int_equal(totp_step(key, "2870820", INT64_C(59000000)), 0);
	assert_int_equal(totp_step(key, "", INT64_C(59000000)), 0);
}

static void
keys_are_shown_in_base32(void **state)
{
	static const unsigned char key[ACCOUNT_TOTP_KEY] = "12345678901234567890",
				   ones[ACCOUNT_TOTP_KEY] = { 0xff, 0xff, 0xff, 0xff, 0xff };
	char out[40], uri[512];

	(void)state;
	totp_base32(key, out);
	assert_string_equal(out, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	totp_base32(ones, out);
	assert_string_equal(out, "77777777AAAAAAAAAAAAAAAAAAAAAAAA");
	totp_uri(key, "th.contact", "malee", uri);
	assert_string_equal(uri,
		"otpauth://totp/th.contact:malee?secret="
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=th.contact");
}

static void
passwords_are_long_and_not_famous(void **state)
{
	static const char *const bad[] = { "", "short", "elevenchars", "malee and the sea",
		"Malee and the sea", "my PassWord is long", "1234567890123456", "qwertyuiopasdf",
		"please LetMeIn now" };
	char *longest = malloc(ACCOUNT_PASSWORD_MAX + 2), encoded[128];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		assert_rc(password_acceptable("malee", bad[i], &err), CO_EUSAGE);
	assert_ok(password_acceptable("malee", "twelve chars", &err));
	assert_ok(password_acceptable("malee", "ความลับของฉันคนเดียว", &err));
	assert_non_null(longest);
	memset(longest, 'x', ACCOUNT_PASSWORD_MAX + 1);
	longest[ACCOUNT_PASSWORD_MAX + 1] = '\0';
	assert_rc(password_acceptable("malee", longest, &err), CO_EUSAGE);
	assert_ok(password_hash("twelve chars", encoded, &err));
	assert_memory_equal(encoded, "$argon2id$v=19$m=65536,t=3,p=1$", 31);
	assert_true(password_holds(encoded, "twelve chars"));
	assert_false(password_holds(encoded, "twelve charS"));
	assert_false(password_holds(encoded, longest));
	assert_false(password_holds("", "twelve chars"));
	free(longest);
}

static void
guesses_wait_longer_and_longer(void **state)
{
	struct throttle *t = throttle_new();
	int64_t now = INT64_C(1000000000);

	(void)state;
	assert_non_null(t);
	for (int i = 0; i < 5; i++)
		throttle_failed(t, "192.0.2.1", "malee", now);
	assert_int_equal(throttle_wait_s(t, "192.0.2.1", "malee", now), 0);
	for (unsigned want = 2; want <= 512; want *= 2) {
		throttle_failed(t, "192.0.2.1", "malee", now);
		assert_int_equal(throttle_wait_s(t, "192.0.2.1", "malee", now), want);
	}
	for (int i = 0; i < 100; i++)
		throttle_failed(t, "192.0.2.1", "malee", now);
	assert_int_equal(throttle_wait_s(t, "192.0.2.1", "malee", now), 900);
	assert_int_equal(throttle_wait_s(t, "192.0.2.1", "malee", now + INT64_C(899500000)), 1);
	assert_int_equal(throttle_wait_s(t, "192.0.2.1", "malee", now + INT64_C(900000000)), 0);
	assert_int_equal(throttle_wait_s(t, "192.0.2.2", "malee", now), 0);
	assert_int_equal(throttle_wait_s(t, "192.0.2.1", "anong", now), 0);
	throttle_passed(t, "192.0.2.1", "malee");
	assert_int_equal(throttle_wait_s(t, "192.0.2.1", "malee", now), 0);
	throttle_free(&t);
	assert_null(t);
}

/* Names of any length and number; who is throttled now is not pushed out by a few others. */
static void
many_names_do_not_fill_the_throttle(void **state)
{
	struct throttle *t = throttle_new();
	int64_t now = INT64_C(1000000000);
	char name[300];

	(void)state;
	assert_non_null(t);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 10; i++)
		throttle_failed(t, "192.0.2.1", name, now + i);
	assert_int_not_equal(throttle_wait_s(t, "192.0.2.1", name, now), 0);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		throttle_failed(t, "192.0.2.1", name, now + 100 + i);
	}
	memset(name, 'x', sizeof(name) - 1);
	assert_int_not_equal(throttle_wait_s(t, "192.0.2.1", name, now), 0);
	throttle_free(&t);
}

static void
tokens_of_forms_differ_and_hold(void **state)
{
	struct session a = { .officer = "malee" }, b = { .officer = "anong" };
	char one[2 * 2 * SESSION_CSRF + 1], two[2 * 2 * SESSION_CSRF + 1];

	(void)state;
	memset(a.csrf, 7, sizeof(a.csrf));
	memset(b.csrf, 8, sizeof(b.csrf));
	session_csrf(&a, one);
	session_csrf(&a, two);
	assert_string_not_equal(one, two);
	assert_true(session_csrf_holds(&a, one));
	assert_true(session_csrf_holds(&a, two));
	assert_false(session_csrf_holds(&b, one));
	assert_false(session_csrf_holds(&a, NULL));
	assert_false(session_csrf_holds(&a, ""));
	assert_false(session_csrf_holds(&a, one + 1));
	one[5] = one[5] == '0' ? '1' : '0';
	assert_false(session_csrf_holds(&a, one));
	one[5] = 'g';
	assert_false(session_csrf_holds(&a, one));
}

/* ---- bytes of browsers ---- */

static void
cookies_are_found_by_their_whole_name(void **state)
{
	static const struct {
		const char *header, *want;
	} rows[] = { { "comity=a", "a" }, { "x=1; comity=a", "a" }, { "x=1;comity=a;y", "a" },
		{ "xcomity=b; comity=a", "a" }, { "comityx=b", NULL }, { "comity", NULL },
		{ "", NULL }, { NULL, NULL }, { "comity=", "" }, { "comity=a=b", "a=b" },
		{ "comity=toolongtoolongtoolong; comity=b", "b" }, { ";;; comity=a", "a" } };
	char out[16];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		bool found = web_cookie_read(rows[i].header, "comity", out, sizeof(out));

		assert_int_equal(found, rows[i].want != NULL);
		if (found)
			assert_string_equal(out, rows[i].want);
	}
}

static void
paths_are_text_from_the_root(void **state)
{
	static const char *const bad[] = { "", "a", "/%00", "/a%00b", "/%ff", "%2e/a", "\xff" };
	char *path;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		assert_null(web_path_read(bad[i]));
	path = web_path_read("/a%2fb%20%e0%b8%81+");
	assert_string_equal(path, "/a/b ก+");
	free(path);
}

/* ---- forms ---- */

/* Every field of the form with something in it. */
static json_t *
filled(const json_t *form)
{
	const json_t *field, *m;
	json_t *o = json_object();
	size_t i, k;

	json_array_foreach(json_object_get(form, "fields"), i, field)
	{
		const char *code = json_string_value(json_object_get(field, "code")),
			   *type = json_string_value(json_object_get(field, "type"));
		const json_t *choices = json_object_get(field, "choices"),
			     *members = json_object_get(field, "members");
		json_t *v = NULL;

		if (members != NULL) {
			v = json_object();
			json_array_foreach(members, k, m)
			{
				const char *name = json_string_value(json_object_get(m, "code"));

				(void)json_object_set_new(v, name,
					strcmp(name, "port") == 0
						? json_integer(4431)
						: json_sprintf("<%s & \"%zu\">", name, k));
			}
			if (strcmp(type, "identifiers") == 0)
				v = json_pack("[O,O,O,O,o]", v, v, v, v, v);
		} else if (strcmp(type, "choices") == 0) {
			v = json_array();
			json_array_foreach(choices, k, m)(void)
				json_array_append(v, json_object_get(m, "code"));
		} else if (choices != NULL) {
			v = json_incref(json_object_get(json_array_get(choices, 0), "code"));
		} else if (strcmp(type, "bool") == 0) {
			v = json_boolean(i % 2 == 0);
		} else {
			v = strcmp(type, "int") == 0 ? json_integer(60)
						     : json_sprintf("%s <1> & \"2\"\n'3'", code);
		}
		(void)json_object_set_new(o, code, v);
	}
	return o;
}

static void
goes_round(const json_t *form, const json_t *values)
{
	json_t *rows = form_rows(form, values, NULL), *post = post_of(rows),
	       *back = form_read_from(post_get, post, form, NULL);

	if (!json_equal(back, values)) {
		(void)json_dumpf(values, stderr, JSON_INDENT(1));
		(void)json_dumpf(back, stderr, JSON_INDENT(1));
		fail_msg("a form came back otherwise than it was shown");
	}
	json_decref(rows);
	json_decref(post);
	json_decref(back);
}

static json_t *
form_of(size_t i)
{
	return json_deep_copy(form_json(form_at(i)));
}

static void
what_a_page_shows_comes_back_as_it_was(void **state)
{
	(void)state;
	assert_true(form_count() >= 2);
	for (size_t i = 0; i < form_count(); i++) {
		json_t *form = form_of(i), *none = json_object(), *all = filled(form);
		const char *code;
		json_t *v;

		goes_round(form, none);
		goes_round(form, all);
		/* And each field alone. */
		json_object_foreach(all, code, v)
		{
			json_t *one = json_pack("{s:O}", code, v);

			goes_round(form, one);
			json_decref(one);
		}
		json_decref(form);
		json_decref(none);
		json_decref(all);
	}
}

static void
posted_bytes_become_values(void **state)
{
	json_t *form = json_deep_copy(form_json(form_by_measure("preserve")));
	json_t *post = json_pack("[[ss],[ss],[ss],[ss],[ss],[ss],[ss],[ss],[ss],[ss],[ss],[ss]]",
		"f.conduct", "one\r\ntwo", "f.days", "60x", "f.identifiers.0.type", "ip",
		"f.identifiers.2.value", "::1", "f.identifiers.2.port", "7", "f.data", "", "f.data",
		"traffic", "f.unknown", "x", "f.confidential", "no", "f.relation", "",
		"f.identifiers.64.value", "beyond", "days", "9");
	json_t *want = json_pack("{s:s,s:s,s:[{s:s,s:i}],s:[s],s:b}", "conduct", "one\ntwo", "days",
		"60x", "identifiers", "value", "::1", "port", 7, "data", "traffic", "confidential",
		0);
	json_t *got = form_read_from(post_get, post, form, NULL);

	(void)state;
	if (!json_equal(got, want)) {
		(void)json_dumpf(got, stderr, JSON_INDENT(1));
		fail();
	}
	json_decref(form);
	json_decref(post);
	json_decref(want);
	json_decref(got);
}

static void
forms_show_every_field_and_escape_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < form_count(); i++) {
		json_t *form = form_of(i), *all = filled(form), *rows = form_rows(form, all, NULL),
		       *row;
		json_t *page = json_pack("{s:O,s:O,s:o}", "rows", rows, "form", form,
			"sections", form_sections(rows));
		static const char *const names[] = { "compose-form", "form-read" };
		size_t k, n;

		for (n = 0; n < CO_ARRAY_LEN(names); n++) {
			co_auto_buf out;

			co_buf_init(&out, 1 << 20);
			assert_ok(template_render(NULL, names[n], page, &view, &out, &err));
			assert_null(strstr(out.data, "<1>"));
			assert_null(strstr(out.data, "\"2\""));
			assert_non_null(strstr(out.data, "&lt;1&gt; &amp; &quot;2&quot;"));
			json_array_foreach(rows, k, row) assert_non_null(strstr(out.data,
				n == 0 ? json_string_value(json_object_get(row, "name"))
				       : json_string_value(json_object_get(row, "label"))));
		}
		json_decref(page);
		json_decref(rows);
		json_decref(all);
		json_decref(form);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_built_in_templates_hold_together),
		cmocka_unit_test(desks_stand_on_the_map),
		cmocka_unit_test(every_kind_of_value_is_escaped),
		cmocka_unit_test(values_sections_and_names),
		cmocka_unit_test(what_a_template_cannot_mean_fails_with_its_place),
		cmocka_unit_test(parts_are_included),
		cmocka_unit_test(time_left_has_class_and_words),
		cmocka_unit_test(every_row_is_reached_and_no_two_fit_one_path),
		cmocka_unit_test(every_row_says_who_may),
		cmocka_unit_test(paths_that_fit_nothing),
		cmocka_unit_test(the_readers_language_is_chosen),
		cmocka_unit_test(one_time_codes_are_those_of_rfc_6238),
		cmocka_unit_test(keys_are_shown_in_base32),
		cmocka_unit_test(passwords_are_long_and_not_famous),
		cmocka_unit_test(guesses_wait_longer_and_longer),
		cmocka_unit_test(many_names_do_not_fill_the_throttle),
		cmocka_unit_test(tokens_of_forms_differ_and_hold),
		cmocka_unit_test(cookies_are_found_by_their_whole_name),
		cmocka_unit_test(paths_are_text_from_the_root),
		cmocka_unit_test(what_a_page_shows_comes_back_as_it_was),
		cmocka_unit_test(posted_bytes_become_values),
		cmocka_unit_test(forms_show_every_field_and_escape_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
