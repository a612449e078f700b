#include "test.h"

#include "record/wire.h"

static struct co_err err;
static struct wire_item items[LIMIT_BATCH_RECORDS];
static size_t items_n;

static void
add_item(struct co_buf *b, enum wire_type type, const char *p, const char *sig)
{
	struct wire_item item = { type, p, strlen(p), sig, strlen(sig) };

	assert_ok(wire_add(b, &item, &err));
}

static void
a_batch_comes_back_as_it_was_written(void **state)
{
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_BATCH_BYTES);
	assert_ok(wire_begin(&b, 2, &err));
	add_item(&b, WIRE_RECORD, "{record}", "sig");
	add_item(&b, WIRE_REFUSAL, "{\"error\":\"EREFUSED\"}", "");
	assert_memory_equal(b.data, "CMT1\0\0\0\2\1\0\0\0\10{record}\0\0\0\3sig\2\0\0\0\24",
		4 + 4 + 5 + 8 + 4 + 3 + 5);
	assert_ok(wire_parse(b.data, b.len, items, &items_n, &err));
	assert_int_equal(items_n, 2);
	assert_int_equal(items[0].type, WIRE_RECORD);
	assert_int_equal(items[0].n, 8);
	assert_memory_equal(items[0].p, "{record}", 8);
	assert_memory_equal(items[0].sig, "sig", 3);
	assert_int_equal(items[1].type, WIRE_REFUSAL);
	assert_int_equal(items[1].sig_n, 0);
}

static void
every_cut_and_every_extra_byte_is_refused(void **state)
{
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_BATCH_BYTES);
	assert_ok(wire_begin(&b, 2, &err));
	add_item(&b, WIRE_RECORD, "{record}", "sig");
	add_item(&b, WIRE_RECORD, "{other}", "sig");
	for (size_t n = 0; n < b.len; n++)
		assert_rc(wire_parse(b.data, n, items, &items_n, &err), CO_EMALFORMED);
	assert_ok(co_buf_add_u8(&b, 0, &err));
	assert_rc(wire_parse(b.data, b.len, items, &items_n, &err), CO_EMALFORMED);
}

static void
wrong_counts_types_and_lengths_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum co_rc rc;
	} rows[] = {
		{ "CMT2\0\0\0\1\1\0\0\0\1a\0\0\0\1s", 19, CO_EMALFORMED },
		{ "CMT1\0\0\0\0", 8, CO_EMALFORMED },
		{ "CMT1\0\0\0\101", 8, CO_ETOOBIG }, /* 65 */
		{ "CMT1\xff\xff\xff\xff", 8, CO_ETOOBIG },
		{ "CMT1\0\0\0\1\3\0\0\0\1a\0\0\0\1s", 19, CO_EMALFORMED },
		{ "CMT1\0\0\0\1\1\0\0\0\0\0\0\0\1s", 18, CO_EMALFORMED },
		{ "CMT1\0\0\0\1\1\0\0\0\1a\0\0\0\0", 18, CO_EMALFORMED },
		  /* a record without signature */
		{ "CMT1\0\0\0\1\2\0\0\0\1a\0\0\0\1s", 19, CO_EMALFORMED }, /* a refusal with one */
		{ "CMT1\0\0\0\1\1\xff\xff\xff\xff" "a\0\0\0\1s", 19, CO_EMALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		items_n = 99;
		assert_rc(wire_parse(rows[i].bytes, rows[i].n, items, &items_n, &err), rows[i].rc);
		assert_int_equal(items_n, 99);
	}
}

static void
records_and_signatures_over_their_ceilings_are_refused(void **state)
{
	char *big = calloc(1, LIMIT_RECORD + 1);
	struct wire_item item = { WIRE_RECORD, big, LIMIT_RECORD, big, LIMIT_SIGNATURE };
	co_auto_buf b;

	(void)state;
	assert_non_null(big);
	co_buf_init(&b, LIMIT_BATCH_BYTES);
	assert_rc(wire_begin(&b, 0, &err), CO_ETOOBIG);
	assert_rc(wire_begin(&b, LIMIT_BATCH_RECORDS + 1, &err), CO_ETOOBIG);
	assert_ok(wire_begin(&b, 1, &err));
	assert_ok(wire_add(&b, &item, &err));
	assert_ok(wire_parse(b.data, b.len, items, &items_n, &err));
	/* One byte more in the length field and in the bytes. */
	co_buf_reset(&b);
	assert_ok(wire_begin(&b, 1, &err));
	assert_ok(co_buf_add_u8(&b, WIRE_RECORD, &err));
	assert_ok(co_buf_add_u32(&b, LIMIT_RECORD + 1, &err));
	assert_ok(co_buf_add(&b, big, LIMIT_RECORD + 1, &err));
	assert_ok(co_buf_add_u32(&b, 1, &err));
	assert_ok(co_buf_add(&b, "s", 1, &err));
	assert_rc(wire_parse(b.data, b.len, items, &items_n, &err), CO_ETOOBIG);
	item.n = LIMIT_RECORD + 1;
	assert_rc(wire_add(&b, &item, &err), CO_ETOOBIG);
	item.n = 1;
	item.sig_n = LIMIT_SIGNATURE + 1;
	assert_rc(wire_add(&b, &item, &err), CO_ETOOBIG);
	assert_rc(wire_parse(big, LIMIT_BATCH_BYTES + 1, items, &items_n, &err), CO_ETOOBIG);
	free(big);
}

static void
an_item_that_does_not_fit_leaves_the_batch_unchanged(void **state)
{
	struct wire_item item = { WIRE_RECORD, "abcdef", 6, "sig", 3 };
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, 20);
	assert_ok(wire_begin(&b, 1, &err));
	assert_rc(wire_add(&b, &item, &err), CO_ETOOBIG);
	assert_int_equal(b.len, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_comes_back_as_it_was_written),
		cmocka_unit_test(every_cut_and_every_extra_byte_is_refused),
		cmocka_unit_test(wrong_counts_types_and_lengths_are_refused),
		cmocka_unit_test(records_and_signatures_over_their_ceilings_are_refused),
		cmocka_unit_test(an_item_that_does_not_fit_leaves_the_batch_unchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
