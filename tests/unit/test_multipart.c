/* Forms with files as browsers send them, and names as other programs give them. */
#include "network/multipart.h"
#include "record/record.h"
#include "test.h"

#include <string.h>

struct seen {
	char text[16384];
	const char *refuse; /* a part of this name */
};

static enum co_rc
on_begin(void *arg, const struct multipart_part *part, struct co_err *err)
{
	struct seen *s = arg;
	size_t n = strlen(s->text);

	if (s->refuse != NULL && strcmp(part->name, s->refuse) == 0)
		return co_fail(err, CO_EDENIED, "not this one");
	(void)snprintf(s->text + n, sizeof(s->text) - n, "[%s%s%s]", part->name,
		part->file == NULL ? "" : "|", part->file == NULL ? "" : part->file);
	return CO_OK;
}

static enum co_rc
on_data(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct seen *s = arg;

	(void)err;
	(void)snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text), "%.*s", (int)n,
		(const char *)p);
	return CO_OK;
}

static enum co_rc
on_end(void *arg, struct co_err *err)
{
	struct seen *s = arg;

	(void)err;
	(void)snprintf(s->text + strlen(s->text), 2, ";");
	return CO_OK;
}

static const struct multipart_calls calls = { on_begin, on_data, on_end };

/* In pieces of step bytes. */
static enum co_rc
parse(const char *media, const char *body, size_t step, struct seen *s)
{
	struct co_err err = { CO_OK, "" };
	multipart_auto *m = NULL;
	size_t n = strlen(body);
	enum co_rc rc = multipart_open(&m, media, &calls, s, &err);

	s->text[0] = '\0';
	for (size_t at = 0; rc == CO_OK && at < n; at += step)
		rc = multipart_add(m, body + at, n - at < step ? n - at : step, &err);
	return rc == CO_OK ? multipart_end(m, &err) : rc;
}

#define MEDIA "multipart/form-data; boundary=----b1"
#define PART(name) "------b1\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define LAST "------b1--\r\n"

static void
a_form_gives_its_parts_however_it_comes(void **state)
{
	static const char body[] = PART("csrf") "abc\r\n"
		"------b1\r\ncontent-disposition:form-data; filename=\"a b.pdf\"; "
		"name=\"attach\"\r\n"
		"Content-Type: application/pdf\r\n\r\n%PDF\r\n------b\r\n\r\n--\r\n" PART("empty")
		"\r\n" LAST;
	struct seen s = { .refuse = NULL };

	(void)state;
	for (size_t step = 1; step <= sizeof(body); step++) {
		assert_int_equal(parse(MEDIA, body, step, &s), CO_OK);
		assert_string_equal(
			s.text, "[csrf]abc;[attach|a b.pdf]%PDF\r\n------b\r\n\r\n--;[empty];");
	}
}

static void
what_is_no_such_form_is_refused(void **state)
{
	static const struct {
		const char *media, *body;
		enum co_rc want;
	} rows[] = {
		{ "application/x-www-form-urlencoded", "", CO_EUSAGE },
		{ "multipart/form-data", "", CO_EUSAGE },
		{ "multipart/form-data; boundary=", "", CO_EUSAGE },
		{ "multipart/form-data; boundary=a; boundary=b", "", CO_EUSAGE },
		{ "multipart/form-data; boundary=\"a\r\nb\"", "", CO_EUSAGE },
		{ "multipart/form-data; boundary=\"a", "", CO_EUSAGE },
		{ "multipart/form-data; boundary=0123456789012345678901234567890123456789"
		  "0123456789012345678901234567890",
			"", CO_EUSAGE },
		{ MEDIA, "", CO_EMALFORMED },
		{ MEDIA, "preamble\r\n" PART("a") LAST, CO_EMALFORMED },
		{ MEDIA, PART("a") "cut", CO_EMALFORMED },
		{ MEDIA, PART("a") "cut\r\n------b1", CO_EMALFORMED },
		{ MEDIA, "------b1x\r\n", CO_EMALFORMED },
		{ MEDIA, "------b1\r\nContent-Type: text/plain\r\n\r\nx\r\n" LAST, CO_EMALFORMED },
		{ MEDIA,
		"------b1\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n" LAST,
			CO_EMALFORMED },
		{ MEDIA, "------b1\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n" LAST,
			CO_EMALFORMED },
		{ MEDIA, PART("\xff") "x\r\n" LAST, CO_EMALFORMED },
	};
	struct seen s = { .refuse = NULL };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		assert_int_equal(parse(rows[i].media, rows[i].body, 7, &s), rows[i].want);
		assert_int_equal(parse(rows[i].media, rows[i].body, 4096, &s), rows[i].want);
	}
}

static void
what_has_no_end_is_not_kept(void **state)
{
	co_auto_buf body;
	struct seen s = { .refuse = NULL };

	(void)state;
	co_buf_init(&body, 1024 * 1024);
	assert_int_equal(co_buf_add_str(&body, "------b1\r\nX: ", NULL), CO_OK);
	for (size_t i = 0; i < LIMIT_PART_HEAD; i++)
		assert_int_equal(co_buf_add_str(&body, "x", NULL), CO_OK);
	assert_int_equal(parse(MEDIA, body.data, 100, &s), CO_ETOOBIG);
	co_buf_reset(&body);
	for (size_t i = 0; i <= LIMIT_DESK_FIELDS; i++)
		assert_int_equal(co_buf_add_str(&body, PART("a") "\r\n", NULL), CO_OK);
	assert_int_equal(co_buf_add_str(&body, LAST, NULL), CO_OK);
	assert_int_equal(parse(MEDIA, body.data, 4096, &s), CO_ETOOBIG);
}

static void
a_refusal_ends_it(void **state)
{
	struct seen s = { .refuse = "b" };

	(void)state;
	assert_int_equal(
		parse(MEDIA, PART("a") "1\r\n" PART("b") "2\r\n" PART("c") "3\r\n" LAST, 3, &s),
		CO_EDENIED);
	assert_string_equal(s.text, "[a]1;");
}

static void
a_file_name_is_one_component_and_hides_nothing(void **state)
{
	static const struct {
		const char *raw, *want;
	} rows[] = {
		{ "order.pdf", "order.pdf" },
		{ "คำสั่งศาล ๑.pdf", "คำสั่งศาล ๑.pdf" },
		{ "../../etc/passwd", "passwd" },
		{ "C:\\fakepath\\order.pdf", "order.pdf" },
		{ "/", "attachment" },
		{ "", "attachment" },
		{ "..", "attachment" },
		{ "...", "attachment" },
		{ ".bashrc", "_bashrc" },
		{ "-rf", "_rf" },
		{ "a\r\nSet-Cookie: x=1.pdf", "a_Set-Cookie: x=1.pdf" },
		{ "bill\xe2\x80\xae" "fdp.exe", "bill_fdp.exe" },
		{ "\xff\xfe.pdf", "_.pdf" },
		{ "\xe0\xb8", "_" },
		{ "name. . ", "name" },
	};
	char raw[2000], out[LIMIT_NAME + 1];

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		record_file_name(rows[i].raw, out);
		assert_string_equal(out, rows[i].want);
	}
	/* A long one keeps its ending, and no character is cut in two. */
	for (size_t i = 0; i < 200; i++)
		memcpy(raw + 3 * i, "ก", 3);
	memcpy(raw + 600, ".pdf", 5);
	record_file_name(raw, out);
	assert_true(strlen(out) <= LIMIT_NAME && strlen(out) > LIMIT_NAME - 3);
	assert_string_equal(out + strlen(out) - 7, "ก.pdf");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_gives_its_parts_however_it_comes),
		cmocka_unit_test(what_is_no_such_form_is_refused),
		cmocka_unit_test(what_has_no_end_is_not_kept),
		cmocka_unit_test(a_refusal_ends_it),
		cmocka_unit_test(a_file_name_is_one_component_and_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
