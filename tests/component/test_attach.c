/* Attachments between two nodes in one process: what a record lists, what is held for it, what a
 * manifest makes of it, and what cannot be. */
#include "story.h"

#include "exchange/attach.h"

static struct story story;
static struct side *th, *us;

static int
setup_with(void **state, const char *four_eyes)
{
	struct pair *p;

	if (pair_setup(state) != 0)
		return -1;
	p = *state;
	side_close(&p->us);
	p->us.four_eyes = four_eyes;
	side_open(&p->us);
	story_begin(&story, *state);
	th = &story.p->th;
	us = &story.p->us;
	return 0;
}

static int
setup(void **state)
{
	return setup_with(state, "");
}

static int
setup_two(void **state)
{
	return setup_with(state, "*");
}

static int
teardown(void **state)
{
	story_end(&story);
	return pair_teardown(state);
}

static json_t *
ask_with(json_t *attachments)
{
	json_t *in = request_ask("us.contact", "preserve");

	(void)json_object_set_new(in, "attachments", attachments);
	return in;
}

static void
ask(json_t *attachments, struct asked *out)
{
	asked_read(out, call(th, th->duty, "request.new", ask_with(attachments)));
	json_decref(call(th, th->duty, "request.send", json_pack("{s:s}", "id", out->id)));
}

/* The state of the i-th file of a record, as s sees it. */
static const char *
state_of(struct side *s, const char *record, size_t i)
{
	static char text[32];
	json_t *o = call(s, s->duty, "attachment.list", json_pack("{s:s}", "of", record));
	const json_t *row = json_array_get(json_object_get(o, "attachments"), i);

	(void)snprintf(text, sizeof(text), "%s",
		row == NULL ? "none" : json_string_value(json_object_get(row, "state")));
	json_decref(o);
	return text;
}

static void
offer(void)
{
	bool left;

	assert_ok(attachments_offer(story.th.evidence, &left, &err));
	assert_false(left);
}

/* What us fetches without being asked: how many, and the last. */
static size_t wanted;
static char wanted_id[CO_UUID_LEN + 1];

static void
want(void *arg, const char *exhibit)
{
	(void)arg;
	wanted++;
	(void)snprintf(wanted_id, sizeof(wanted_id), "%s", exhibit);
}

static size_t
wants(void)
{
	wanted = 0;
	assert_ok(attachments_wanted(story.us.evidence, want, NULL, &err));
	return wanted;
}

static enum co_rc
pull(const char *id)
{
	static const struct officer node = { .name = "node", .role = "node" };
	unsigned char key[CHUNKED_KEY];
	char *buf = malloc(1 << 20);
	vault_fill_auto *f = NULL;
	struct exhibit_row row;
	uint64_t from, n, size;
	co_auto_fd fd = -1;
	enum co_rc rc;

	assert_non_null(buf);
	assert_ok(exhibit_fetch_begin(story.us.evidence, id, &node, key, &row, &err));
	assert_ok(exhibit_serve(story.th.evidence, "us.contact", id, &fd, &size, &err));
	assert_ok(vault_fill_begin(
		&f, story.us.vault, id, key, row.sealed_header, row.sealed_size, NULL, &err));
	while (vault_fill_next(f, 1 << 20, &from, &n)) {
		assert_int_equal(pread(fd, buf, (size_t)n, (off_t)from), n);
		assert_ok(vault_fill_add(f, from, buf, (size_t)n, &err));
	}
	free(buf);
	rc = vault_fill_end(f, row.plain_sha256, &err);
	assert_ok(exhibit_fetch_end(story.us.evidence, id, rc == CO_OK, err.msg, &err));
	return rc;
}

static void
record_goes_first_and_its_file_follows(void **state)
{
	char id[CO_UUID_LEN + 1];
	struct asked a;

	(void)state;
	story_give(&story.th, "order.pdf", 50000, id);
	ask(json_pack("[s]", id), &a);
	story_settle(&story);
	/* The request is there and can be answered; its file is waited for. */
	assert_string_equal(state_of(us, a.id, 0), "waiting");
	answer(us, a.id, "acknowledged");
	assert_int_equal(wants(), 0);
	offer();
	assert_string_equal(state_of(th, a.id, 0), "offered");
	story_settle(&story);
	assert_string_equal(state_of(us, a.id, 0), "offered");
	assert_int_equal(wants(), 1);
	assert_string_equal(wanted_id, id);
	assert_int_equal(pull(id), CO_OK);
	assert_string_equal(state_of(us, a.id, 0), "verified");
	assert_int_equal(wants(), 0);
	story_settle(&story);
	assert_string_equal(state_of(th, a.id, 0), "verified");
	/* Nothing is offered twice. */
	offer();
	story_settle(&story);
	json_decref(call(us, us->duty, "attachment.open", json_pack("{s:s}", "id", id)));
}

static void
a_file_goes_with_one_record_only(void **state)
{
	char id[CO_UUID_LEN + 1], other[CO_UUID_LEN + 1];
	struct asked a, b;

	(void)state;
	story_give(&story.th, "order.pdf", 100, id);
	asked_read(&a, call(th, th->duty, "request.new", ask_with(json_pack("[s]", id))));
	assert_int_equal(
		call_fails(th, th->duty, "request.new", ask_with(json_pack("[s]", id))),
		CO_ECONFLICT);
	assert_int_equal(
		call_fails(th, th->duty, "attachment.drop", json_pack("{s:s}", "id", id)),
		CO_EREFUSED);
	/* A draft that is given up lets go of it. */
	json_decref(call(th, th->duty, "request.withdraw", json_pack("{s:s}", "id", a.id)));
	ask(json_pack("[s]", id), &b);
	assert_int_equal(
		call_fails(th, th->duty, "request.new", ask_with(json_pack("[s]", id))),
		CO_ECONFLICT);
	offer();
	/* Now it is the record's for ever. */
	assert_int_equal(
		call_fails(th, th->duty, "request.new", ask_with(json_pack("[s]", id))),
		CO_ENOTFOUND);
	story_give(&story.th, "order.pdf", 100, id);
	story_give(&story.th, "order.pdf", 100, other);
	assert_int_equal(call_fails(th, th->duty, "request.new",
				 ask_with(json_pack("[s,s]", id, other))),
		CO_EUSAGE);
	assert_int_equal(
		call_fails(th, th->duty, "request.new", ask_with(json_pack("[s,s]", id, id))),
		CO_EUSAGE);
	/* Another officer's is not here. */
	assert_int_equal(
		call_fails(th, th->admin, "request.new", ask_with(json_pack("[s]", id))),
		CO_ENOTFOUND);
	json_decref(call(th, th->duty, "attachment.drop", json_pack("{s:s}", "id", id)));
	assert_int_equal(
		call_fails(th, th->duty, "attachment.open", json_pack("{s:s}", "id", id)),
		CO_ENOTFOUND);
}

static void
too_much_and_nothing_are_refused(void **state)
{
	char id[CO_UUID_LEN + 1], *bytes = calloc(1, LIMIT_ATTACHMENT);
	upload_auto *u = NULL;
	json_t *o;

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(call_fails(th, th->duty, "attachment.add",
				 json_pack("{s:s,s:I}", "name", "a", "size",
					 (json_int_t)LIMIT_ATTACHMENT + 1)),
		CO_ETOOBIG);
	assert_non_null(strstr(err.msg, "exhibit seal"));
	assert_int_equal(call_fails(th, th->duty, "attachment.add",
				 json_pack("{s:s,s:i}", "name", "a", "size", 0)),
		CO_EREFUSED);
	o = call(th, th->duty, "attachment.add", json_pack("{s:s}", "name", "big.bin"));
	(void)snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(o, "id")));
	json_decref(o);
	/* Not another's, not twice at once, not past the ceiling; then the place is gone. */
	assert_rc(upload_begin(&u, story.th.evidence, id, "cora", &err), CO_ENOTFOUND);
	assert_ok(upload_begin(&u, story.th.evidence, id, "anya", &err));
	assert_ok(upload_add(u, bytes, LIMIT_ATTACHMENT, &err));
	assert_rc(upload_add(u, bytes, 1, &err), CO_ETOOBIG);
	upload_free(&u);
	assert_rc(upload_begin(&u, story.th.evidence, id, "anya", &err), CO_ENOTFOUND);
	o = call(th, th->duty, "attachment.add", json_pack("{s:s}", "name", "empty"));
	co_err_clear(&err);
	assert_ok(upload_begin(&u, story.th.evidence,
		json_string_value(json_object_get(o, "id")), "anya", &err));
	assert_rc(upload_end(u, &err), CO_EREFUSED);
	upload_free(&u);
	json_decref(o);
	/* The most that fits is taken. */
	story_give(&story.th, "full.bin", LIMIT_ATTACHMENT, id);
	free(bytes);
}

static void
all_of_a_record_have_a_ceiling(void **state)
{
	json_t *list = json_array();

	(void)state;
	for (size_t i = 0; i * LIMIT_ATTACHMENT <= LIMIT_ATTACHED; i++) {
		char id[CO_UUID_LEN + 1], name[16];

		(void)snprintf(name, sizeof(name), "%c.bin", (int)('a' + i));
		story_give(&story.th, name, LIMIT_ATTACHMENT, id);
		(void)json_array_append_new(list, json_string(id));
	}
	assert_int_equal(call_fails(th, th->duty, "request.new", ask_with(list)), CO_ETOOBIG);
}

static void
uploads_at_once_are_bounded(void **state)
{
	struct upload *u[LIMIT_UPLOADS] = { NULL };
	upload_auto *more = NULL;

	(void)state;
	for (size_t i = 0; i <= LIMIT_UPLOADS; i++) {
		json_t *o = call(th, th->duty, "attachment.add", json_pack("{s:s}", "name", "a"));
		const char *id = json_string_value(json_object_get(o, "id"));

		if (i < LIMIT_UPLOADS)
			assert_ok(upload_begin(&u[i], story.th.evidence, id, "anya", &err));
		else
			assert_rc(upload_begin(&more, story.th.evidence, id, "anya", &err),
				CO_EBUSY);
		json_decref(o);
	}
	for (size_t i = 0; i < LIMIT_UPLOADS; i++)
		upload_free(&u[i]);
}

/* ---- a partner that lies ---- */

/* A manifest of th as it never makes one: about any file, referring to any record. */
static void
manifest_forge(const char *case_id, const char *record, const char *sealed_as,
	const char *claimed_sha256)
{
	char path[64];
	const struct seal_recipient to[] = { { "us.contact", us->pki.cert[CERT_SEAL] },
		{ "th.contact", th->pki.cert[CERT_SEAL] } };
	struct seal_conf conf = { .vault = story.th.vault, .to = to, .to_n = 2 };
	struct store_db *db;
	stored_record_auto s = { .incoming = false };
	char sha[SHA256_HEX + 1];
	json_t *exhibit = NULL;
	record_auto r;

	(void)snprintf(path, sizeof(path), "%s/order.pdf", story.dir);
	assert_int_equal(scratch_run(story.dir, "printf '%s' >order.pdf", sealed_as), 0);
	assert_ok(seal_path(&conf, path, &exhibit, &err));
	if (claimed_sha256 != NULL)
		(void)json_object_set_new(json_object_get(exhibit, "plain"), "sha256",
			json_string(claimed_sha256));
	record_init(&r);
	r.kind = REC_MANIFEST;
	(void)snprintf(r.case_id, sizeof(r.case_id), "%s", case_id);
	(void)snprintf(r.ours, sizeof(r.ours), "%s", "CCU-1");
	(void)snprintf(r.to, sizeof(r.to), "%s", "us.contact");
	(void)snprintf(r.officer, sizeof(r.officer), "%s", "anya");
	(void)snprintf(r.role, sizeof(r.role), "%s", "duty");
	r.body = json_pack("{s:o}", "exhibit", exhibit);
	assert_ok(store_reader(th->store, &db, &err));
	assert_ok(exchange_load(db, record, &s, &err));
	sha256_hex(s.bytes.data, s.bytes.len, sha);
	assert_ok(record_add_ref(&r, record, sha, &err));
	assert_ok(exchange_send(th->x, &r, &err));
	story_settle(&story);
}

static void
bytes_that_lie_fail_and_may_be_offered_again(void **state)
{
	char id[CO_UUID_LEN + 1], sha[SHA256_HEX + 1];
	struct asked a;

	(void)state;
	sha256_hex("oooo", 4, sha);
	story_give(&story.th, "order.pdf", 4, id);
	ask(json_pack("[s]", id), &a);
	story_settle(&story);
	/* Another digest: it is evidence, and the attachment still waits. */
	manifest_forge(a.case_id, a.id, "other", NULL);
	assert_string_equal(state_of(us, a.id, 0), "waiting");
	assert_int_equal(wants(), 0);
	/* The right digest over other bytes: it comes, and is told to be false. */
	manifest_forge(a.case_id, a.id, "liar", sha);
	assert_string_equal(state_of(us, a.id, 0), "offered");
	assert_int_equal(wants(), 1);
	assert_int_equal(pull(wanted_id), CO_EVERIFY);
	assert_string_equal(state_of(us, a.id, 0), "failed");
	assert_int_equal(call_fails(us, us->duty, "attachment.open",
				 json_pack("{s:s}", "id", wanted_id)),
		CO_EREFUSED);
	assert_int_equal(wants(), 0);
	story_settle(&story);
	/* Sealed and offered again, true this time. */
	manifest_forge(a.case_id, a.id, "oooo", NULL);
	assert_int_equal(wants(), 1);
	assert_int_equal(pull(wanted_id), CO_OK);
	assert_string_equal(state_of(us, a.id, 0), "verified");
}

static void
rebuild_gives_the_same(void **state)
{
	char id[CO_UUID_LEN + 1], unsent[CO_UUID_LEN + 1];
	uint64_t records, faults;
	struct asked a;

	(void)state;
	story_give(&story.th, "order.pdf", 5000, id);
	story_give(&story.th, "draft.pdf", 5000, unsent);
	ask(json_pack("[s]", id), &a);
	offer();
	story_settle(&story);
	assert_int_equal(pull(id), CO_OK);
	story_settle(&story);
	for (struct side *s = us;; s = th) {
		assert_ok(exchange_rebuild(s->x, &records, &faults, &err));
		assert_int_equal(faults, 0);
		assert_string_equal(state_of(s, a.id, 0), "verified");
		if (s == th)
			break;
	}
	/* What is held is no projection. */
	json_decref(call(th, th->duty, "attachment.drop", json_pack("{s:s}", "id", unsent)));
}

static void
what_goes_nowhere_is_swept(void **state)
{
	char kept[CO_UUID_LEN + 1], dropped[CO_UUID_LEN + 1], lone[CO_UUID_LEN + 1];
	struct asked a, b;
	uint64_t size;

	(void)state;
	story_give(&story.th, "kept.pdf", 100, kept);
	story_give(&story.th, "dropped.pdf", 100, dropped);
	story_give(&story.th, "lone.pdf", 100, lone);
	asked_read(&a, call(th, th->duty, "request.new", ask_with(json_pack("[s]", kept))));
	asked_read(&b, call(th, th->duty, "request.new", ask_with(json_pack("[s]", dropped))));
	json_decref(call(th, th->duty, "request.withdraw", json_pack("{s:s}", "id", b.id)));
	/* Nothing is old enough. */
	assert_ok(attachments_sweep(story.th.evidence, co_now_us() - 3600 * INT64_C(1000000),
		&err));
	assert_ok(vault_size(story.th.vault, lone, &size, &err));
	assert_ok(attachments_sweep(story.th.evidence, co_now_us() + 1, &err));
	assert_rc(vault_size(story.th.vault, lone, &size, &err), CO_ENOTFOUND);
	assert_rc(vault_size(story.th.vault, dropped, &size, &err), CO_ENOTFOUND);
	co_err_clear(&err);
	assert_ok(vault_size(story.th.vault, kept, &size, &err));
	json_decref(call(th, th->duty, "request.send", json_pack("{s:s}", "id", a.id)));
	/* Of a record that is stored, not even before it is offered. */
	assert_ok(attachments_sweep(story.th.evidence, co_now_us() + 1, &err));
	assert_ok(vault_size(story.th.vault, kept, &size, &err));
	offer();
}

static void
four_eyes_sees_the_files(void **state)
{
	char id[CO_UUID_LEN + 1];
	struct asked a;
	json_t *o;

	(void)state;
	story_give(&story.us, "order.pdf", 100, id);
	asked_read(&a, call(us, us->duty, "request.new",
		json_pack("{s:s,s:s,s:s,s:s,s:o,s:[s]}", "to", "th.contact", "ours", "U-1",
			"measure", "preserve", "urgency", "urgent", "fields", fields_of("preserve"),
			"attachments", id)));
	/* Who approves can read what is attached, and a custodian of the house; nobody's token
	 * alone. */
	o = call(us, us->approver, "attachment.open", json_pack("{s:s}", "id", id));
	assert_string_equal(json_string_value(json_object_get(o, "name")), "order.pdf");
	json_decref(o);
	o = call(us, us->approver, "draft.show", json_pack("{s:s}", "id", a.id));
	assert_int_equal(json_array_size(json_object_get(json_object_get(o, "in"), "attachments")),
		1);
	json_decref(o);
	assert_int_equal(call_fails(us, us->approver, "attachment.add",
				 json_pack("{s:s}", "name", "x")),
		CO_EDENIED);
}

/* The author corrects it days later, with its files; what is given up has none. */
static void
what_was_sent_back_keeps_its_files(void **state)
{
	char id[CO_UUID_LEN + 1];
	struct asked a;
	uint64_t size;

	(void)state;
	story_give(&story.us, "order.pdf", 100, id);
	asked_read(&a, call(us, us->duty, "request.new",
		json_pack("{s:s,s:s,s:s,s:s,s:o,s:[s]}", "to", "th.contact", "ours", "U-1",
			"measure", "preserve", "urgency", "urgent", "fields", fields_of("preserve"),
			"attachments", id)));
	json_decref(call(us, us->approver, "request.approve",
		json_pack("{s:s,s:b,s:s}", "id", a.id, "ok", 0, "reason", "Which account?")));
	assert_ok(attachments_sweep(story.us.evidence, co_now_us() + 1, &err));
	assert_ok(vault_size(story.us.vault, id, &size, &err));
	json_decref(call(us, us->duty, "request.withdraw", json_pack("{s:s}", "id", a.id)));
	assert_ok(attachments_sweep(story.us.evidence, co_now_us() + 1, &err));
	assert_rc(vault_size(story.us.vault, id, &size, &err), CO_ENOTFOUND);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(record_goes_first_and_its_file_follows),
		T(a_file_goes_with_one_record_only),
		T(too_much_and_nothing_are_refused),
		T(all_of_a_record_have_a_ceiling),
		T(uploads_at_once_are_bounded),
		T(bytes_that_lie_fail_and_may_be_offered_again),
		T(rebuild_gives_the_same),
		T(what_goes_nowhere_is_swept),
		cmocka_unit_test_setup_teardown(four_eyes_sees_the_files, setup_two, teardown),
		cmocka_unit_test_setup_teardown(
			what_was_sent_back_keeps_its_files, setup_two, teardown),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
