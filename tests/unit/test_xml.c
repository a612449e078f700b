#include "test.h"

#include "base/enc.h"
#include "base/limits.h"
#include "base/nfd.h"
#include "crypto/keeper_ipc.h"
#include "evidence/asice.h"
#include "record/xml.h"

static struct co_err err;

static enum co_rc
reads(const char *text)
{
	xml_auto *d = NULL;

	co_err_clear(&err);
	return xml_read(&d, text, strlen(text), &err);
}

static void
what_is_written_is_read_again(void **state)
{
	const char *const hard = "a<b & \"c\" > d\n\xe0\xb8\x81";
	xml_auto *d = NULL;
	struct xml_out x;
	co_auto_free char *attr = NULL;
	co_auto_free char *text = NULL;
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, 4096);
	xml_begin(&x, &b);
	xml_open(&x, "p:root");
	xml_attr(&x, "xmlns:p", "urn:p");
	xml_open(&x, "p:child");
	xml_attr(&x, "a", "x<\"&>");
	xml_text(&x, hard);
	assert_ok(xml_end(&x, &err));
	assert_ok(xml_read(&d, b.data, b.len, &err));
	assert_true(xml_is(xml_root(d), "urn:p", "root"));
	assert_false(xml_is(xml_root(d), "urn:q", "root"));
	assert_null(xml_next(xml_first(xml_root(d))));
	attr = xml_value(xml_first(xml_root(d)), "a");
	text = xml_content(xml_first(xml_root(d)));
	assert_string_equal(attr, "x<\"&>");
	assert_string_equal(text, hard);
}

static void
a_character_that_xml_cannot_carry_is_not_written(void **state)
{
	struct xml_out x;
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, 4096);
	xml_begin(&x, &b);
	xml_open(&x, "a");
	xml_text(&x, "\001");
	assert_rc(xml_end(&x, &err), CO_EMALFORMED);
}

static void
nothing_is_read_that_could_name_other_files(void **state)
{
	(void)state;
	assert_int_equal(reads("<a/>"), CO_OK);
	assert_int_equal(reads("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"), CO_EMALFORMED);
	assert_non_null(strstr(err.msg, "DOCTYPE"));
	assert_int_equal(reads("<!doctype a><a/>"), CO_EMALFORMED);
	assert_int_equal(reads("<a>&e;</a>"), CO_EMALFORMED);
	assert_int_equal(reads("<a>\xff</a>"), CO_EMALFORMED);
	assert_int_equal(reads("<a><b></a>"), CO_EMALFORMED);
	assert_int_equal(reads(""), CO_EMALFORMED);
	/* A declared encoding is not believed: the bytes are UTF-8, or they are refused. */
	assert_int_equal(
		reads("<?xml version='1.0' encoding='UTF-16'?><a>\xe0\xb8\x81</a>"), CO_OK);
}

static void
too_much_xml_is_refused(void **state)
{
	char *big = malloc(LIMIT_XML + 2);
	xml_auto *d = NULL;

	(void)state;
	assert_non_null(big);
	memset(big, ' ', LIMIT_XML + 2);
	assert_rc(xml_read(&d, big, LIMIT_XML + 1, &err), CO_ETOOBIG);
	free(big);
}

/* ---- the manifest that the keeper signs ---- */
static void
manifest_of(struct co_buf *out, size_t files)
{
	unsigned char digest[SHA256_LEN] = { 7 };
	asice_auto a = { 0 };

	asice_init(&a);
	for (size_t i = 0; i < files; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%zu.json", i);
		assert_ok(asice_add(&a, name, "application/json", digest, &err));
	}
	assert_ok(asice_manifest(&a, out, &err));
}

static void
the_keeper_signs_what_we_print_and_nothing_else(void **state)
{
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_XML);
	manifest_of(&b, LIMIT_CONTAINER_FILES);
	assert_true(keeper_scan_container(b.data, b.len));
	assert_false(keeper_scan_record(b.data, b.len, "th.contact"));
	co_buf_reset(&b);
	manifest_of(&b, 2);
	assert_true(keeper_scan_container(b.data, b.len));
	for (size_t i = 0; i < b.len; i++) {
		assert_false(keeper_scan_container(b.data, i));
		b.data[i] = (char)(b.data[i] ^ 0x80);
		assert_false(keeper_scan_container(b.data, b.len));
		b.data[i] = (char)(b.data[i] ^ 0x80);
	}
	assert_ok(co_buf_add(&b, "\n", 1, &err));
	assert_false(keeper_scan_container(b.data, b.len));
	co_buf_reset(&b);
	manifest_of(&b, 0);
	assert_false(keeper_scan_container(b.data, b.len));
}

static void
manifests_that_contradict_themselves_are_refused(void **state)
{
	static const char *const bad[] = {
		"<a/>",
		"<x:ASiCManifest xmlns:x='http://uri.etsi.org/02918/v1.2.1#'/>",
		"<x:ASiCManifest xmlns:x='http://uri.etsi.org/02918/v1.2.1#'><x:SigReference "
		"URI='s'/></x:ASiCManifest>",
		"<x:ASiCManifest xmlns:x='http://uri.etsi.org/02918/v1.2.1#'><x:SigReference "
		"URI='s'/><x:SigReference URI='t'/></x:ASiCManifest>",
		"<x:ASiCManifest xmlns:x='http://uri.etsi.org/02918/v1.2.1#'><x:SigReference "
		"URI='s'/><x:DataObjectReference URI='%zz'/></x:ASiCManifest>",
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		asice_auto a = { 0 };

		asice_init(&a);
		co_err_clear(&err);
		if (asice_read(&a, bad[i], strlen(bad[i]), &err) != CO_EMALFORMED)
			fail_msg("%s", bad[i]);
	}
	co_err_clear(&err);
}

/* ---- names that look the same ---- */
static void
names_compare_however_their_letters_are_put_together(void **state)
{
	static const char *const same[][2] = {
		{ "r\u00e9sum\u00e9", "re\u0301sume\u0301" },
		{ "\u1e69", "s\u0323\u0307" },  /* two marks, */
		{ "\u1e69", "s\u0307\u0323" },  /* in either order */
		{ "\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af" },
		{ "\u212b", "A\u030a" },
		{ "plain", "plain" },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(same); i++) {
		co_auto_free char *a = co_nfd(same[i][0]);
		co_auto_free char *b = co_nfd(same[i][1]);

		assert_string_equal(a, b);
	}
	{
		co_auto_free char *a = co_nfd("\xff\x01");
		co_auto_free char *b = co_nfd("\u0e01\u0e33"); /* compatibility is not canonical */

		assert_string_equal(a, "\xff\x01");
		assert_string_equal(b, "\u0e01\u0e33");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_character_that_xml_cannot_carry_is_not_written),
		cmocka_unit_test(nothing_is_read_that_could_name_other_files),
		cmocka_unit_test(too_much_xml_is_refused),
		cmocka_unit_test(the_keeper_signs_what_we_print_and_nothing_else),
		cmocka_unit_test(manifests_that_contradict_themselves_are_refused),
		cmocka_unit_test(names_compare_however_their_letters_are_put_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
