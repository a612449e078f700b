#include "pair.h"

#include "base/enc.h"
#include "exchange/advice.h"
#include "exchange/lawbook.h"

/* What the law says beside a request, and what is kept of it. */

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static json_t *
ask_under(const char *basis)
{
	json_t *ask = request_ask("us.contact", "preserve");

	(void)json_object_set_new(
		json_object_get(ask, "fields"), "offences", json_pack("[s,s]", "art-2", "art-8"));
	if (basis != NULL)
		(void)json_object_set_new(ask, "basis", json_string(basis));
	return ask;
}

static json_t *
shown(struct side *s, const char *id)
{
	return call(s, s->duty, "request.show", json_pack("{s:s}", "id", id));
}

static void
both_sides_see_what_the_law_says(void **state)
{
	struct pair *p = *state;
	struct asked a;
	char basis[64];
	co_auto_buf html;
	json_t *o = call(&p->th, p->th.duty, "request.new", ask_under(NULL));
	json_t *law = json_object_get(o, "law");

	assert_string_equal(text_of(law, "our_side"), "requesting");
	assert_string_equal(text_of(json_object_get(law, "question"), "requesting"), "TH");
	assert_true(json_array_size(json_object_get(law, "findings")) > 0);
	(void)snprintf(basis, sizeof(basis), "%s", text_of(law, "basis"));
	assert_string_equal(basis, "domestic");
	asked_read(&a, o);
	o = shown(&p->th, a.id); /* a draft is shown too */
	assert_string_equal(text_of(json_object_get(o, "draft"), "state"), "draft");
	assert_string_equal(text_of(json_object_get(o, "law"), "our_side"), "requesting");
	json_decref(o);
	json_decref(call(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", a.id)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	o = shown(&p->us, a.id);
	law = json_object_get(o, "law");
	assert_string_equal(text_of(law, "our_side"), "requested");
	assert_string_equal(text_of(json_object_get(law, "question"), "requested"), "US");
	assert_int_equal(json_array_size(json_object_get(o, "decisions")), 0);
	/* Nobody chose it, and yet what is signed names it: both sides and its print agree. */
	assert_string_equal(text_of(law, "basis"), basis);
	assert_string_equal(text_of(json_object_get(law, "question"), "basis"), basis);
	json_decref(o);
	o = call(&p->us, p->us.duty, "request.print",
		json_pack("{s:s,s:s}", "id", a.id, "format", "html"));
	co_buf_init(&html, 1 << 20);
	assert_ok(co_unbase64(
		text_of(o, "document"), strlen(text_of(o, "document")), &html, &err));
	assert_non_null(strstr(html.data, "Law of the requested economy on assistance"));
	assert_null(strstr(html.data, "Convention on Cybercrime"));
	json_decref(o);
}

static void
a_decision_keeps_what_was_advised(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o, *row, *fact;
	uint64_t records, faults;

	send_preserve(p, &a);
	answer(&p->us, a.id, "acknowledged"); /* decides nothing */
	answer(&p->us, a.id, "accepted");
	for (int again = 0; again < 2; again++) {
		o = shown(&p->us, a.id);
		assert_int_equal(json_array_size(json_object_get(o, "decisions")), 1);
		row = json_array_get(json_object_get(o, "decisions"), 0);
		assert_string_equal(text_of(row, "decision"), "accepted");
		assert_false(json_is_true(json_object_get(row, "against")));
		fact = json_array_get(json_object_get(row, "facts"), 0);
		json_decref(call(&p->us, p->us.duty, "law.show",
			json_pack("{s:s}", "what", text_of(fact, "sha256"))));
		json_decref(o);
		assert_ok(exchange_rebuild(p->us.x, &records, &faults, &err));
		assert_int_equal(faults, 0);
	}
	o = shown(&p->th, a.id);
	assert_string_equal(
		text_of(json_array_get(json_object_get(o, "decisions"), 0), "decision"), "send");
	json_decref(o);
}

static void
what_is_blocked_goes_out_only_with_a_reason(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o, *row;

	/* Neither is a member of the EU. */
	asked_read(&a, call(&p->th, p->th.duty, "request.new", ask_under("eu-2023-1543")));
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", a.id)),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "reason"));
	o = shown(&p->th, a.id);
	assert_int_equal(json_array_size(json_object_get(o, "decisions")), 0);
	json_decref(o);
	json_decref(call(&p->th, p->th.duty, "request.send",
		json_pack("{s:s,s:s}", "id", a.id, "reason", "The provider asked for this form.")));
	o = shown(&p->th, a.id);
	row = json_array_get(json_object_get(o, "decisions"), 0);
	assert_true(json_is_true(json_object_get(row, "against")));
	assert_string_equal(text_of(row, "why"), "The provider asked for this form.");
	assert_string_equal(text_of(row, "verdict"), "cannot");
	json_decref(o);
	/* The other side sees the basis, not our reason; and needs one of its own to accept. */
	assert_int_equal(deliver(&p->th, &p->us), 1);
	o = call(&p->us, p->us.duty, "record.get", json_pack("{s:s}", "id", a.id));
	json_decref(o);
	o = shown(&p->us, a.id);
	assert_string_equal(
		text_of(json_object_get(json_object_get(o, "law"), "question"), "basis"),
		"eu-2023-1543");
	assert_int_equal(json_array_size(json_object_get(o, "decisions")), 0);
	json_decref(o);
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s}", "id", a.id, "state", "accepted")),
		CO_EREFUSED);
	state_is(&p->us, a.id, "sent");
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s,s:s}", "id", a.id, "state", "accepted", "why",
			"Our own statute allows it.")));
	state_is(&p->us, a.id, "accepted");
}

static void
many_at_once_are_held_to_it_too(void **state)
{
	struct pair *p = *state;
	json_t *o = call(&p->th, p->th.duty, "request.submit_many",
		json_pack("{s:[o,o]}", "requests", ask_under("eu-2023-1543"), ask_under(NULL)));
	json_t *results = json_object_get(o, "results"), *sent, *row, *o2;

	assert_string_equal(text_of(json_array_get(results, 0), "error"), "EREFUSED");
	sent = json_array_get(results, 1);
	assert_true(json_is_string(json_object_get(sent, "id")));
	o2 = shown(&p->th, text_of(sent, "id"));
	assert_int_equal(json_array_size(json_object_get(o2, "decisions")), 1);
	row = json_array_get(json_object_get(o2, "decisions"), 0);
	assert_string_equal(text_of(row, "decision"), "send");
	json_decref(o2);
	json_decref(o);
}

static void
a_ground_that_is_not_open_needs_a_reason(void **state)
{
	struct pair *p = *state;
	struct asked a, b;
	json_t *o;
	char *all;

	ask_and_send(&p->th, ask_under("cets-185"), &a);
	ask_and_send(&p->th, ask_under("cets-185"), &b);
	assert_int_equal(deliver(&p->th, &p->us), 2);
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s,s:s,s:s}", "id", a.id, "state", "refused", "ground",
			"sovereignty", "reason", "Essential interests.")));
	/* Art. 29(4) is open only to who made the reservation, and not for arts 2 to 11. */
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s,s:s,s:s}", "id", b.id, "state", "refused",
					 "ground", "dual-criminality", "reason", "No.")),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "ground"));
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s,s:s,s:s,s:s}", "id", b.id, "state", "refused", "ground",
			"dual-criminality", "reason", "No.", "why", "The court said so.")));
	o = shown(&p->us, b.id);
	assert_string_equal(text_of(json_array_get(json_object_get(o, "decisions"), 0), "why"),
		"The court said so.");
	json_decref(o);
	/* Why stays here. */
	assert_int_equal(deliver(&p->us, &p->th), 2);
	o = shown(&p->th, b.id);
	all = json_dumps(o, 0);
	assert_null(strstr(all, "The court said so."));
	free(all);
	json_decref(o);
}

static void
an_unknown_basis_is_named_at_once(void **state)
{
	struct pair *p = *state;

	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.new", ask_under("cets-999")), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "cets-185"));
}

/* ---- profiles ---- */

static json_t *
profile_of(const char *economy, const char *value)
{
	return json_pack("{s:{s:s,s:s,s:[{s:s,s:s,s:[s],s:s,s:s,s:s,s:s}]}}", "profile", "profile",
		economy, "name", strcmp(economy, "US") == 0 ? "United States" : "Thailand", "facts",
		"id", strcmp(economy, "US") == 0 ? "US.own-1" : "TH.own-1", "about",
		"language/accepted", "value", value, "known", "2026-11-20", "source", "COC",
		"certainty", "verified", "note", "Said by itself.");
}

/* The fact of that id in law.show of an economy, or NULL; *o is the answer. */
static const json_t *
fact_of(struct side *s, const char *economy, const char *id, json_t **o)
{
	const json_t *f;
	size_t i;

	*o = call(s, s->duty, "law.show", json_pack("{s:s}", "what", economy));
	json_array_foreach(
		json_object_get(*o, "facts"), i, f) if (strcmp(text_of(f, "id"), id) == 0) return f;
	return NULL;
}

static void
a_profile_reaches_the_partners_book(void **state)
{
	struct pair *p = *state;
	uint64_t records, faults;
	const json_t *f;
	json_t *o;

	assert_null(fact_of(&p->th, "US", "US.own-1", &o));
	json_decref(o);
	json_decref(call(&p->us, p->us.admin, "law.publish", profile_of("US", "en")));
	assert_non_null(fact_of(&p->us, "US", "US.own-1", &o));
	json_decref(o);
	assert_int_equal(deliver(&p->us, &p->th), 1);
	for (int again = 0; again < 2; again++) {
		f = fact_of(&p->th, "US", "US.own-1", &o);
		assert_non_null(f);
		assert_string_equal(text_of(f, "holds"), "yes");
		assert_string_equal(
			text_of(json_array_get(json_object_get(o, "profiles"), 0), "by"),
			"us.contact");
		json_decref(o);
		assert_ok(exchange_rebuild(p->th.x, &records, &faults, &err));
		assert_int_equal(faults, 0);
	}
	/* A later one takes its place. */
	json_decref(call(&p->us, p->us.admin, "law.publish", profile_of("US", "es")));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	f = fact_of(&p->th, "US", "US.own-1", &o);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(f, "value"), 0)), "es");
	json_decref(o);
}

/* One accepted later gets it then, and once. */
static void
a_partner_accepted_later_gets_the_profile(void **state)
{
	struct pair *p = *state;
	const struct officer admin = { .name = "admin", .role = "administrator" };
	json_t *o;

	assert_ok(profile_offer(p->us.x, "th.contact", &admin, &err)); /* nothing published */
	assert_int_equal(deliver(&p->us, &p->th), 0);
	json_decref(call(&p->us, p->us.admin, "law.publish", profile_of("US", "en")));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	assert_ok(profile_offer(p->us.x, "th.contact", &admin, &err)); /* has it */
	assert_int_equal(deliver(&p->us, &p->th), 0);
	assert_non_null(fact_of(&p->th, "US", "US.own-1", &o));
	json_decref(o);
}

static void
nobody_speaks_for_another_economy(void **state)
{
	struct pair *p = *state;
	record_auto r;
	json_t *o;

	assert_int_equal(call_fails(&p->us, p->us.admin, "law.publish", profile_of("TH", "th")),
		CO_EREFUSED);
	assert_int_equal(
		call_fails(&p->us, p->us.duty, "law.publish", profile_of("US", "en")), CO_EDENIED);
	/* Nor with a record made by hand: our own node refuses to sign it. */
	record_init(&r);
	r.kind = REC_LAWPROFILE;
	(void)snprintf(r.to, sizeof(r.to), "th.contact");
	(void)snprintf(r.officer, sizeof(r.officer), "admin");
	(void)snprintf(r.role, sizeof(r.role), "administrator");
	r.body = profile_of("TH", "th");
	(void)json_object_set_new(r.body, "economy", json_string("TH"));
	assert_rc(exchange_send(p->us.x, &r, &err), CO_EREFUSED);
	assert_null(fact_of(&p->th, "TH", "TH.own-1", &o));
	json_decref(o);
}

/* A node that took another economy's name is refused by its partners, who know it by its entry. */
static void
a_false_economy_is_refused_on_arrival(void **state)
{
	struct pair *p = *state;
	json_t *o, *row;

	side_close(&p->us);
	p->us.economy = "TH";
	side_open(&p->us);
	p->us.economy = NULL;
	json_decref(call(&p->us, p->us.admin, "law.publish", profile_of("TH", "th")));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	assert_null(fact_of(&p->th, "TH", "TH.own-1", &o));
	json_decref(o);
	o = call(&p->us, p->us.duty, "delivery.list", json_object());
	row = json_array_get(json_object_get(o, "deliveries"), 0);
	assert_string_equal(text_of(row, "state"), "refused");
	assert_non_null(strstr(text_of(row, "last_error"), "cannot say what the law of TH is"));
	json_decref(o);
}

/* A company is not a legislator. */
static void
a_provider_speaks_for_no_economy(void **state)
{
	struct pair *p = *state;
	json_t *o, *row;

	p->us.role = "provider";
	side_knows(&p->th, &p->us, "accepted", 365);
	assert_ok(partner_reload(p->th.x, &err));
	p->us.role = NULL;
	json_decref(call(&p->us, p->us.admin, "law.publish", profile_of("US", "en")));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	assert_null(fact_of(&p->th, "US", "US.own-1", &o));
	json_decref(o);
	o = call(&p->us, p->us.duty, "delivery.list", json_object());
	row = json_array_get(json_object_get(o, "deliveries"), 0);
	assert_string_equal(text_of(row, "state"), "refused");
	assert_non_null(strstr(text_of(row, "last_error"), "is a provider"));
	json_decref(o);
}

static void
a_profile_with_a_fault_is_refused_with_its_line(void **state)
{
	struct pair *p = *state;
	json_t *o = profile_of("US", "en");
	json_t *fact = json_array_get(json_object_get(json_object_get(o, "profile"), "facts"), 0);

	(void)json_object_set_new(fact, "certainty", json_string("sure"));
	assert_int_equal(call_fails(&p->us, p->us.admin, "law.publish", o), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "profile-US.json:"));
	assert_non_null(strstr(err.msg, "certainty"));
}

#define WITH(t) cmocka_unit_test_setup_teardown(t, pair_setup, pair_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(both_sides_see_what_the_law_says),
		WITH(a_decision_keeps_what_was_advised),
		WITH(what_is_blocked_goes_out_only_with_a_reason),
		WITH(many_at_once_are_held_to_it_too),
		WITH(a_ground_that_is_not_open_needs_a_reason),
		WITH(an_unknown_basis_is_named_at_once),
		WITH(a_profile_reaches_the_partners_book),
		WITH(a_provider_speaks_for_no_economy),
		WITH(a_partner_accepted_later_gets_the_profile),
		WITH(nobody_speaks_for_another_economy),
		WITH(a_false_economy_is_refused_on_arrival),
		WITH(a_profile_with_a_fault_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
