/* A case that is begun before anything is asked of anybody: who sees it, what may be done in it,
 * how it becomes one with a partner. */
#include "custody_story.h"

#include "record/custody.h"

/* A new exhibit of th, for to. */
static json_t *
exhibit_for(const char *case_id, const char *to)
{
	const struct seal_recipient who[] = { { to, th->pki.cert[CERT_SEAL] },
		{ "th.contact", th->pki.cert[CERT_SEAL] } };
	bool self = strcmp(to, "th.contact") == 0;
	struct seal_conf conf = { .vault = story.th.vault, .to = who + self, .to_n = self ? 1 : 2 };
	json_t *exhibit = NULL;

	assert_ok(seal_path(&conf, source, &exhibit, &err));
	return json_pack("{s:s,s:s,s:o}", "case_id", case_id, "to", to, "exhibit", exhibit);
}

static void
begin_as(const char *token, char case_id[CO_UUID_LEN + 1])
{
	struct asked a;

	asked_read(&a, call(th, token, "case.new",
		json_pack("{s:s,s:s,s:s}", "ours", "CCU-7", "purpose", "a seized disk",
			"authority", "warrant 44/2026")));
	memcpy(case_id, a.case_id, sizeof(a.case_id));
}

static void
partner_is(struct side *s, const char *case_id, const char *partner, const char *ours)
{
	json_t *o = call(s, s->duty, "case.show", json_pack("{s:s}", "case_id", case_id));
	const json_t *c = json_object_get(o, "case");

	assert_string_equal(json_string_value(json_object_get(c, "partner")), partner);
	if (ours != NULL)
		assert_string_equal(json_string_value(json_object_get(c, "ours")), ours);
	json_decref(o);
}

static json_t *
ask_in(const char *case_id, const char *to)
{
	json_t *in = request_ask(to, "preserve");

	(void)json_object_set_new(in, "case_id", json_string(case_id));
	(void)json_object_del(in, "ours");
	return in;
}

static void
an_own_case_is_ours_until_we_ask(void **state)
{
	char own[CO_UUID_LEN + 1], auditor[65];
	uint64_t records, faults;
	struct asked a;
	struct side fr = *us;

	(void)state;
	side_officer(th, "udo", "auditor", auditor);
	assert_int_equal(call_fails(th, auditor, "case.new", json_object()), CO_EDENIED);
	assert_int_equal(call_fails(th, th->duty, "case.new",
				 json_pack("{s:s,s:s}", "ours", "CCU-7", "purpose", "p")),
		CO_EUSAGE);
	begin_as(story.th.token, own);
	partner_is(th, own, "th.contact", "CCU-7");
	json_decref(call(th, story.th.token, "exhibit.register",
		exhibit_for(own, "th.contact")));
	assert_int_equal(call_fails(th, th->duty, "message.send",
				 json_pack("{s:s,s:s}", "case_id", own, "text", "hello")),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "an own one"));
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register",
				 exhibit_for(own, "us.contact")),
		CO_EREFUSED);
	assert_int_equal(deliver(th, us), 0);
	json_decref(call(th, story.th.token, "case.export", json_pack("{s:s}", "case_id", own)));
	/* Under its number it becomes a case with whom we ask, and with nobody else. */
	ask_and_send(th, ask_in(own, "us.contact"), &a);
	assert_string_equal(a.case_id, own);
	assert_true(deliver(th, us) > 0);
	partner_is(th, own, "us.contact", "CCU-7");
	partner_is(us, own, "th.contact", NULL);
	fr.address = "fr.contact";
	side_knows(th, &fr, "accepted", 300);
	assert_int_equal(
		call_fails(th, th->duty, "request.new", ask_in(own, "fr.contact")), CO_EREFUSED);
	answer(us, a.id, "acknowledged");
	assert_true(deliver(us, th) > 0);
	json_decref(call(th, story.th.token, "exhibit.register",
		exhibit_for(own, "us.contact")));
	assert_ok(exchange_rebuild(th->x, &records, &faults, &err));
	assert_int_equal(faults, 0);
	partner_is(th, own, "us.contact", "CCU-7");
	state_is(th, a.id, "acknowledged");
}

static void
an_own_case_is_of_the_unit_that_began_it(void **state)
{
	char noi[65], own[CO_UUID_LEN + 1];

	(void)state;
	side_officer(th, "noi", "investigator", noi);
	json_decref(call(th, th->admin, "unit.add",
		json_pack("{s:s,s:s}", "name", "fraud", "title", "Fraud and money")));
	json_decref(call(th, th->admin, "user.unit",
		json_pack("{s:s,s:s}", "name", "noi", "unit", "fraud")));
	begin_as(noi, own);
	json_decref(call(th, noi, "case.show", json_pack("{s:s}", "case_id", own)));
	assert_int_equal(call_fails(th, th->duty, "case.show", json_pack("{s:s}", "case_id", own)),
		CO_ENOTFOUND);
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register",
				 exhibit_for(own, "th.contact")),
		CO_ENOTFOUND);
}

/* A partner has no part in it, and begins none here. */
static void
a_partner_begins_no_case_here(void **state)
{
	record_auto r;

	(void)state;
	record_init(&r);
	r.kind = REC_CUSTODY;
	co_uuid7(r.case_id);
	(void)snprintf(r.to, sizeof(r.to), "th.contact");
	(void)snprintf(r.officer, sizeof(r.officer), "anya");
	(void)snprintf(r.role, sizeof(r.role), "duty");
	r.body = json_pack("{s:s,s:s,s:s}", "action", CUSTODY_BEGUN, "purpose", "p", "authority",
		"a");
	assert_int_equal(exchange_send(us->x, &r, &err), CO_EMALFORMED);
	assert_non_null(strstr(err.msg, "by its own node alone"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_own_case_is_ours_until_we_ask, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_own_case_is_of_the_unit_that_began_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_partner_begins_no_case_here, setup, teardown),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
