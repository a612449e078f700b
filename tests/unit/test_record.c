#include "test.h"

#include "record/record.h"

static struct co_err err;

#define ID "0190a000-0000-7000-8000-000000000001"
#define CASE "0190a000-0000-7000-8000-0000000000ca"
#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* One record as text: a template whose parts a test may replace. */
struct parts {
	const char *comity, *kind, *in_case, *from, *to, *at, *by, *refs, *body, *attachments;
};

static const struct parts message = {
	.comity = "1", .kind = "message",
	.in_case = "{\"id\":\"" CASE "\",\"ours\":\"CCU-2026-0117\",\"theirs\":null}",
	.from = "th.contact", .to = "us.contact", .at = "2026-11-23T19:15:00Z",
	.by = "{\"officer\":\"Anong \\\"Nok\\\" S.\",\"role\":\"duty\"}",
	.refs = "[{\"id\":\"" ID "\",\"sha256\":\"" SHA "\"}]",
	.body = "{\"text\":\"first line\\nsecond: \\u0e2a\\u0e27\\u0e31\\u0e2a\\u0e14\\u0e35\"}",
	.attachments = "[]",
};

static char *
text_of(const struct parts *p)
{
	char *s = NULL;

	if (asprintf(&s, "{\"comity\":%s,\"kind\":\"%s\",\"id\":\"" ID "\",\"case\":%s,\"from\":\"%s\","
		"\"to\":\"%s\",\"at\":\"%s\",\"by\":%s,\"refs\":%s,\"exercise\":false,\"body\":%s,"
		"\"attachments\":%s}", p->comity, p->kind, p->in_case, p->from, p->to, p->at, p->by, p->refs,
		p->body, p->attachments) < 0)
		abort();
	return s;
}

static enum co_rc
parse_text(const char *s)
{
	record_auto r;
	enum co_rc rc;

	co_err_clear(&err);
	rc = record_parse(&r, s, strlen(s), &err);
	if (rc != CO_OK) {
		assert_null(r.body);
		assert_true(err.msg[0] != '\0');
	}
	return rc;
}

static enum co_rc
parse_parts(const struct parts *p)
{
	co_auto_free char *s = text_of(p);

	return parse_text(s);
}

static void
what_is_parsed_prints_and_parses_to_the_same(void **state)
{
	co_auto_free char *s = text_of(&message);
	record_auto r, again;
	co_auto_buf b, b2;

	(void)state;
	co_buf_init(&b, LIMIT_RECORD);
	co_buf_init(&b2, LIMIT_RECORD);
	assert_ok(record_parse(&r, s, strlen(s), &err));
	assert_int_equal(r.kind, REC_MESSAGE);
	assert_string_equal(r.officer, "Anong \"Nok\" S.");
	assert_string_equal(r.ours, "CCU-2026-0117");
	assert_string_equal(r.theirs, "");
	assert_int_equal(r.refs_n, 1);
	assert_ok(record_print(&r, &b, &err));
	assert_int_equal(strncmp(b.data, "{\"comity\":1,\"kind\":\"message\",\"id\":\"" ID "\",\"case\":{", 80), 0);
	assert_ok(record_parse(&again, b.data, b.len, &err));
	assert_ok(record_print(&again, &b2, &err));
	assert_string_equal(b.data, b2.data);
	assert_true(json_equal(r.body, again.body));
}

static void
a_zoneless_time_is_refused(void **state)
{
	struct parts p = message;

	(void)state;
	p.at = "2026-11-23T19:15:00";
	assert_rc(parse_parts(&p), CO_EMALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_parsed_prints_and_parses_to_the_same),
		cmocka_unit_test(a_zoneless_time_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
