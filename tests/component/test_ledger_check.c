#include "ledger_fixture.h"

#include "base/fs.h"

/* Leaves 0-299 are records, 300 an event, 301-305 records, 306 names the first checkpoint (of 300);
 * the second is of 307; 307-309 are records that wait for the next one. */
enum { FIRST = 300, SECOND = 307, ALL = 310 };

static enum co_rc
add_officer(struct store_db *db, void *arg, struct co_err *e)
{
	(void)arg;
	return ledger_event(db, "officer-added", "admin", "{\"name\":\"nok\"}", e);
}

static int
setup(void **state)
{
	struct fixture *f;

	(void)fixture_setup(state);
	f = *state;
	fixture_put(f, 300);
	assert_int_equal(fixture_checkpoint(f), FIRST);
	assert_ok(store_write(f->store, add_officer, NULL, &err));
	fixture_put(f, 5);
	assert_int_equal(fixture_checkpoint(f), SECOND);
	fixture_put(f, 3);
	/* Closed, so that the file is whole and can be copied. */
	store_close(&f->store);
	return 0;
}

struct seen {
	char text[64 * 1024];
	uint64_t faults, leaves;
};

static void
collect(void *arg, const char *text)
{
	struct seen *seen = arg;
	size_t n = strlen(seen->text);

	(void)snprintf(seen->text + n, sizeof(seen->text) - n, "%s\n", text);
}

static void
run_check(struct fixture *f, const char *path, struct seen *seen)
{
	const struct cert *root = f->pki.root;
	struct ledger_report report = { .fault = collect, .arg = seen };
	store_auto *s = NULL;
	struct store_db *db = NULL;

	memset(seen, 0, sizeof(*seen));
	assert_ok(store_open(&s, path, &err));
	assert_ok(store_reader(s, &db, &err));
	assert_ok(ledger_check(
		db, ledger_vkey(f->ledger), &root, 1, &report, &seen->leaves, &seen->faults, &err));
}

/* A copy of the database after the statements; ":id" is the record of leaf 6. */
static void
tampered_copy(struct fixture *f, const char *sql, char path[96], char id[CO_UUID_LEN + 1])
{
	sqlite3_stmt *st = NULL;
	sqlite3 *h = NULL;
	char *words = NULL;
	co_auto_buf b;

	co_buf_init(&b, 64 << 20);
	(void)snprintf(path, 96, "%s/copy.db", f->dir);
	assert_ok(co_read_file(f->path, &b, &err));
	assert_ok(co_write_file(path, b.data, b.len, 0600, &err));
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(h, "SELECT id FROM record WHERE seq = 7", -1, &st, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	(void)snprintf(id, CO_UUID_LEN + 1, "%s", (const char *)sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	if (sqlite3_exec(h, sql, NULL, NULL, &words) != SQLITE_OK)
		fail_msg("%s: %s", sql, words);
	assert_true(sqlite3_total_changes(h) > 0 || sql[0] == '\0');
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void
an_untouched_ledger_has_no_faults(void **state)
{
	static struct seen seen;
	char path[96], id[CO_UUID_LEN + 1];

	tampered_copy(*state, "", path, id);
	run_check(*state, path, &seen);
	assert_string_equal(seen.text, "");
	assert_int_equal(seen.faults, 0);
	assert_int_equal(seen.leaves, ALL);
}

#define SWAP(table, a, b) \
	"UPDATE " table " SET seq = 99999 WHERE seq = " #a ";" \
	"UPDATE " table " SET seq = " #a " WHERE seq = " #b ";" \
	"UPDATE " table " SET seq = " #b " WHERE seq = 99999"
#define HASH(n, to) "substr(hashes, 1, 32 * " #n ") || " to " || substr(hashes, 32 * " #n " + 33)"

/* "@" in words stands for the id of the record of leaf 6 (seq 7). */
static const struct {
	const char *sql;
	const char *words;
} edits[] = {
	{ "UPDATE record SET bytes = cast(replace(cast(bytes AS TEXT), 'hello', 'hullo') AS BLOB)"
	  " WHERE seq = 7",
		"record @ was changed: its bytes are not those of leaf 6" },
	{ "UPDATE record SET sig = x'00' WHERE seq = 7", "record @ does not hold: its signature" },
	{ "DELETE FROM record WHERE seq = 7", "record @ was deleted: leaf 6 commits to it" },
	{ "DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)", "was deleted: leaf 309" },
	{ "UPDATE record SET sha256 = x'00' WHERE seq = 7",
		"record @ was changed: its column sha256" },
	{ "UPDATE record SET kind = 'notice' WHERE seq = 7",
		"record @ was changed: its column kind says \"notice\"" },
	{ "UPDATE record SET sender = 'us.contact' WHERE seq = 7",
		"record @ was changed: its column sender" },
	{ "UPDATE record SET recipient = 'x' WHERE seq = 7",
		"record @ was changed: its column recipient" },
	{ "UPDATE record SET case_id = NULL WHERE seq = 7",
		"record @ was changed: its column case_id" },
	{ "UPDATE record SET at_us = at_us + 1000000 WHERE seq = 7",
		"record @ was changed: its column at_us" },
	{ "INSERT INTO record (id, kind, sender, recipient, incoming, at_us, stored_us, sha256, "
	  "bytes,"
	  " sig) SELECT 'forged', kind, sender, recipient, incoming, at_us, stored_us, sha256, "
	  "bytes,"
	  " sig FROM record WHERE seq = 7",
		"record forged has no leaf" },
	{ SWAP("record", 7, 9), "records were reordered: " },
	{ SWAP("leaf", 7, 9), "leaves were reordered: leaf 8 belongs at 6" },
	{ SWAP("leaf", 7, 280), "leaves were reordered: leaf 279 belongs at 6" },
	{ "DELETE FROM leaf WHERE seq = 7", "leaf 6 is missing" },
	{ "DELETE FROM leaf WHERE seq = 7", "record @ has no leaf" },
	{ "DELETE FROM leaf WHERE seq BETWEEN 7 AND 9", "leaves 6 to 8 are missing" },
	{ "DELETE FROM leaf WHERE seq > 290; DELETE FROM record WHERE seq > 290; DELETE FROM event",
		"leaves 290 to 306 are missing" },
	{ "DELETE FROM leaf", "leaves 0 to 306 are missing" },
	{ "UPDATE leaf SET hash = zeroblob(32) WHERE seq = 7",
		"leaf 6 (@) was changed: entry, type and hash do not fit" },
	{ "UPDATE leaf SET hash = zeroblob(32) WHERE seq = 7",
		"leaf 6 (@) was changed: tile 0/0, which is signed, holds another hash" },
	{ "UPDATE leaf SET entry = zeroblob(33) WHERE seq = 7", "leaf 6 (@) was changed" },
	{ "UPDATE leaf SET salt = zeroblob(16) WHERE seq = 7",
		"record @ does not hold: its signature, "
		"or the salt of leaf 6" },
	{ "UPDATE leaf SET salt = x'00' WHERE seq = 7",
		"leaf 6 (@) was changed: a part has the wrong" },
	{ "UPDATE leaf SET type = 2 WHERE seq = 7",
		"leaf 6 (@) was changed: entry, type and hash" },
	{ "UPDATE tile SET hashes = " HASH(6, "zeroblob(32)") " WHERE level = 0 AND n = 0",
		"tile 0/0 was changed: its hash 6 is not that of leaf 6 (@)" },
	{ "UPDATE tile SET hashes = " HASH(6, "zeroblob(32)") " WHERE level = 0 AND n = 1",
		"tile 0/1 was changed: its hash 6 is not that of leaf 262" },
	{ "UPDATE tile SET hashes = " HASH(6, "zeroblob(32)") " WHERE level = 0 AND n = 1",
		"checkpoint of 307 leaves signs another tree" },
	{ "UPDATE tile SET hashes = zeroblob(32) WHERE level = 1", "tile 1/0 was changed" },
	{ "UPDATE tile SET hashes = substr(hashes, 1, 320), width = 10 WHERE level = 0 AND n = 1",
		"tile 0/1 was cut: it has 10 hashes of 51" },
	{ "DELETE FROM tile WHERE level = 0 AND n = 0", "tile 0/0 is missing" },
	{ "DELETE FROM tile WHERE level = 1", "tile 1/0 is missing" },
	{ "UPDATE tile SET width = 300 WHERE level = 0 AND n = 0", "tile 0/0 is not whole" },
	{ "UPDATE checkpoint SET note = replace(note, 'th.contact', 'us.contact') WHERE size = 300",
		"checkpoint of 300 leaves was changed" },
	{ "UPDATE checkpoint SET note = replace(note, char(10) || '300', char(10) || '299')"
	  " WHERE size = 300",
		"checkpoint of 300 leaves was changed" },
	{ "UPDATE checkpoint SET root = zeroblob(32) WHERE size = 307",
		"checkpoint of 307 leaves was changed" },
	{ "UPDATE checkpoint SET size = 301 WHERE size = 300",
		"checkpoint of 301 leaves was changed" },
	{ "UPDATE checkpoint SET token = NULL WHERE size = 307",
		"checkpoint of 307 leaves has no time-stamp" },
	{ "UPDATE checkpoint SET token = (SELECT token FROM checkpoint WHERE size = 300)"
	  " WHERE size = 307",
		"the time-stamp of the checkpoint of 307 leaves does not hold" },
	{ "UPDATE checkpoint SET token = cast(substr(token, 1, length(token) - 1) || x'00' AS BLOB)"
	  " WHERE size = 300",
		"the time-stamp of the checkpoint of 300 leaves was changed" },
	{ "DELETE FROM checkpoint WHERE size = 300",
		"checkpoint of 300 leaves was deleted: leaf 306 names it" },
	{ "DELETE FROM checkpoint WHERE size = 307", "a newer checkpoint was deleted" },
	{ "DELETE FROM checkpoint", "a newer checkpoint was deleted" },
	{ "UPDATE event SET detail = replace(detail, 'nok', 'nid') WHERE what = 'officer-added'",
		"was changed: its text is not that of leaf 300" },
	{ "UPDATE event SET who = 'nobody' WHERE what = 'officer-added'", "by \"nobody\"" },
	{ "UPDATE event SET at_us = at_us - 1 WHERE what = 'officer-added'",
		"was changed: its columns" },
	{ "DELETE FROM event WHERE what = 'officer-added'", "was deleted: leaf 300 commits to it" },
	{ "INSERT INTO event (id, at_us, what, who, detail) VALUES ('forged', 1, 'x', 'y', '{}')",
		"event forged has no leaf" },
};

static void
every_kind_of_tampering_is_named(void **state)
{
	static struct seen seen;
	unsigned wrong = 0;

	for (size_t i = 0; i < CO_ARRAY_LEN(edits); i++) {
		char path[96], id[CO_UUID_LEN + 1], want[256];
		const char *at = strchr(edits[i].words, '@');

		tampered_copy(*state, edits[i].sql, path, id);
		run_check(*state, path, &seen);
		(void)snprintf(want, sizeof(want), "%.*s%s%s",
			at == NULL ? 0 : (int)(at - edits[i].words), edits[i].words,
			at == NULL ? "" : id, at == NULL ? edits[i].words : at + 1);
		if (seen.faults > 0 && strstr(seen.text, want) != NULL)
			continue;
		wrong++;
		(void)fprintf(stderr, "edit:   %s\nwanted: %s\ngot (%llu):\n%.2000s\n",
			edits[i].sql, want, (unsigned long long)seen.faults, seen.text);
	}
	assert_int_equal(wrong, 0);
}

/* Exact edits that a forger with the database and this source, but without the log's key, can make:
 * record, digest, leaf and tile all fit each other again. */
static void
a_forger_who_recomputes_everything_meets_the_signature(void **state)
{
	static const char sql[] =
		"UPDATE leaf SET salt = (SELECT salt FROM leaf WHERE seq = 308),"
		" entry = (SELECT entry FROM leaf WHERE seq = 308),"
		" hash = (SELECT hash FROM leaf WHERE seq = 308),"
		" subject = (SELECT subject FROM leaf WHERE seq = 308) WHERE seq = 301;"
		"DELETE FROM event WHERE what = 'officer-added';"
		"DELETE FROM leaf WHERE seq = 308;"
		"UPDATE leaf SET seq = seq - 1 WHERE seq > 308;"
		"UPDATE tile SET hashes = " HASH(
			44, "(SELECT hash FROM leaf WHERE seq = 301)") " WHERE level = 0 AND n = 1";
	static struct seen seen;
	char path[96], id[CO_UUID_LEN + 1];

	tampered_copy(*state, sql, path, id);
	run_check(*state, path, &seen);
	assert_true(seen.faults > 0);
	if (strstr(seen.text, "checkpoint of 307 leaves signs another tree") == NULL)
		fail_msg("got:\n%s", seen.text);
}

static void
another_key_or_authority_is_not_accepted(void **state)
{
	static struct seen seen;
	struct fixture *f = *state;
	struct ledger_report report = { .fault = collect, .arg = &seen };
	struct pki stranger;
	const struct cert *root;
	store_auto *s = NULL;
	struct store_db *db = NULL;

	pki_make(&stranger, KEY_P256);
	root = stranger.root;
	memset(&seen, 0, sizeof(seen));
	assert_ok(store_open(&s, f->path, &err));
	assert_ok(store_reader(s, &db, &err));
	assert_ok(ledger_check(
		db, ledger_vkey(f->ledger), &root, 1, &report, &seen.leaves, &seen.faults, &err));
	assert_int_equal(seen.faults, 2);
	assert_non_null(strstr(seen.text, "the time-stamp of the checkpoint of 300"));
	pki_free(&stranger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_untouched_ledger_has_no_faults, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			every_kind_of_tampering_is_named, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_forger_who_recomputes_everything_meets_the_signature, setup,
			fixture_teardown),
		cmocka_unit_test_setup_teardown(
			another_key_or_authority_is_not_accepted, setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
