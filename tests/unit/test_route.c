#include "test.h"

#include "network/route.h"

static struct co_err err;

static enum co_rc
parse(const char *path, struct route *out)
{
	co_err_clear(&err);
	return route_parse(path, out, &err);
}

static void
path_of_each_kind_is_understood(void **state)
{
	static const char id[] = "019386a0-7b1c-7def-8a2b-0123456789ab";
	struct route r;
	char path[120];

	(void)state;
	assert_ok(parse("/v1/records", &r));
	assert_int_equal(r.what, ROUTE_RECORDS);
	assert_true(r.post);
	(void)snprintf(path, sizeof(path), "/v1/exhibits/%s", id);
	assert_ok(parse(path, &r));
	assert_string_equal(r.id, id);
	assert_false(r.post);
	assert_ok(parse("/v1/ledger/checkpoint", &r));
	assert_int_equal(r.what, ROUTE_CHECKPOINT);
	(void)snprintf(path, sizeof(path), "/v1/ledger/proof/%s/%062d7f", id, 0);
	assert_ok(parse(path, &r));
	assert_int_equal(r.leaf[31], 0x7f);
	assert_ok(parse("/v1/directory", &r));
	assert_int_equal(r.what, ROUTE_DIRECTORY);
}

/* C2SP tlog-tiles: "Tile number 1234067 is encoded as x001/x234/067". */
static void
tile_has_its_number_in_groups_of_three(void **state)
{
	struct route r;

	(void)state;
	assert_ok(parse("/v1/ledger/tile/2/x001/x234/067", &r));
	assert_int_equal(r.what, ROUTE_TILE);
	assert_int_equal(r.level, 2);
	assert_int_equal(r.n, 1234067);
	assert_int_equal(r.width, 256);
	assert_ok(parse("/v1/ledger/tile/entries/005.p/17", &r));
	assert_int_equal(r.what, ROUTE_ENTRIES);
	assert_int_equal(r.n, 5);
	assert_int_equal(r.width, 17);
}

static void
anything_else_is_not_found(void **state)
{
	static const char *const paths[] = { "", "/", "/v1/records/", "/v1/recordsx", "/v2/records",
		"/v1/exhibits/", "/v1/exhibits/../node.db",
		"/v1/exhibits/019386A0-7B1C-7DEF-8A2B-0123456789AB",
		"/v1/exhibits/019386a0-7b1c-7def-8a2b-0123456789ab/", "/v1/ledger/tile/0/1",
		"/v1/ledger/tile/64/000", "/v1/ledger/tile/00/000", "/v1/ledger/tile/0/x001",
		"/v1/ledger/tile/0/000.p/0", "/v1/ledger/tile/0/000.p/256",
		"/v1/ledger/tile/0/000.p/1x", "/v1/ledger/tile/0/x001/x001/x001/x001/x001/x001/001",
		"/v1/ledger/proof/00", "/v1/ledger/proof/019386a0-7b1c-7def-8a2b-0123456789ab",
		"/v1/ledger/proof/019386a0-7b1c-7def-8a2b-0123456789ab/00",
		"/v1/ledger/tile/entries/" };
	struct route r = { .n = 7 };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(paths); i++)
		if (parse(paths[i], &r) != CO_ENOTFOUND)
			fail_msg("%s was taken", paths[i]);
	assert_int_equal(r.n, 7);
}

static void
range_is_cut_to_the_file(void **state)
{
	uint64_t from, n;

	(void)state;
	assert_ok(route_range("bytes=0-0", 1, &from, &n, &err));
	assert_int_equal(n, 1);
	assert_ok(route_range("bytes=10-", 100, &from, &n, &err));
	assert_int_equal(from, 10);
	assert_int_equal(n, 90);
	assert_ok(route_range("bytes=10-18446744073709551615", 100, &from, &n, &err));
	assert_int_equal(n, 90);
}

static void
range_of_another_form_is_refused(void **state)
{
	static const char *const headers[] = { NULL, "", "bytes", "bytes=", "bytes=-5", "bytes=a-b",
		"bytes=5-4", "bytes=0-1,3-4", "bytes= 0-1", "bytes=0-1 ", "bytes=00-1", "items=0-1",
		"bytes=18446744073709551616-", "bytes=+1-2", "bytes=0x1-2" };
	uint64_t from = 7, n = 7;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(headers); i++) {
		co_err_clear(&err);
		if (route_range(headers[i], 100, &from, &n, &err) != CO_EMALFORMED)
			fail_msg("%s was taken", headers[i] == NULL ? "no header" : headers[i]);
	}
	co_err_clear(&err);
	assert_int_equal(route_range("bytes=100-", 100, &from, &n, &err), CO_EREFUSED);
	co_err_clear(&err);
	assert_int_equal(route_range("bytes=0-", 0, &from, &n, &err), CO_EREFUSED);
	assert_int_equal(from, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_of_each_kind_is_understood),
		cmocka_unit_test(tile_has_its_number_in_groups_of_three),
		cmocka_unit_test(anything_else_is_not_found),
		cmocka_unit_test(range_is_cut_to_the_file),
		cmocka_unit_test(range_of_another_form_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
