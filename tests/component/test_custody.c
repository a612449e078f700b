/* Custody: what is said of an exhibit, conditions that go with it, two people, lineage, keeping and
 * destruction; and that a rebuild makes the same of it. */
#include "custody_story.h"

#include "record/custody.h"

static void
every_action_asks_for_what_its_row_says(void **state)
{
	json_t *full = json_pack("{s:s,s:s,s:s,s:{s:s},s:{s:s},s:{s:s,s:s,s:s},s:{s:s,s:s},s:s,"
				 "s:{s:s,s:s,s:s}}",
		"place", "room 4", "condition", "sealed", "storage", "safe 2, K. Noi",
		"released_by", "name", "A", "received_by", "name", "B", "transport", "from", "x",
		"to", "y", "method", "courier", "tool", "name", "t", "version", "1", "result", "r",
		"changes", "what", "w", "why", "y", "responsible", "z");

	(void)state;
	assert_non_null(full);
	given_under(NULL, NULL);
	for (size_t i = 0; i < custody_actions_count(); i++) {
		const struct custody_action *a = custody_action_at(i);
		json_t *in = about(story.exhibit_id, json_deep_copy(full));

		(void)json_object_set_new(in, "action", json_string(a->name));
		if ((a->said & SAID_PERSON) == 0) {
			assert_int_equal(
				call_fails(th, story.th.token, "exhibit.log", in), CO_EUSAGE);
			assert_non_null(strstr(err.msg, "not said by a person"));
			continue;
		}
		for (unsigned k = 0; k < CUSTODY_NEEDS; k++) {
			json_t *less;

			if ((a->needs >> k & 1) == 0)
				continue;
			less = json_deep_copy(in);
			(void)json_object_del(less, custody_need_member(k));
			assert_int_equal(
				call_fails(th, story.th.token, "exhibit.log", less), CO_EUSAGE);
			assert_non_null(strstr(err.msg, custody_need_member(k)));
		}
		json_decref(call(th, story.th.token, "exhibit.log", in));
		assert_int_equal(said(th, story.exhibit_id, a->name), 1);
	}
	json_decref(full);
	assert_int_equal(call_fails(th, story.th.token, "exhibit.log",
				 about(story.exhibit_id, json_pack("{s:s}", "action", "eaten"))),
		CO_EUSAGE);
}

/* ---- conditions ---- */
static json_t *
opening(const char *use)
{
	return about(story.exhibit_id, json_pack("{s:s*}", "use", use));
}

static void
a_condition_is_asked_before_every_use(void **state)
{
	json_t *o, *m;

	(void)state;
	given_under("use-limit", "only in the case CCU-1");
	o = chain(th, story.exhibit_id);
	assert_int_equal(json_array_size(json_object_get(o, "markings")), 1);
	m = json_array_get(json_object_get(o, "markings"), 0);
	assert_string_equal(json_string_value(json_object_get(m, "owner")), "us.contact");
	assert_string_equal(json_string_value(json_object_get(m, "article")), "art. 28(2)(b)");
	json_decref(o);
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening(NULL)), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "art. 28(2)(b)"));
	assert_non_null(strstr(err.msg, "only in the case CCU-1"));
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening("other")), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "use-explained"));
	assert_int_equal(said(th, story.exhibit_id, "opened"), 0);
	json_decref(call(th, story.th.token, "exhibit.open", opening("case")));
	assert_int_equal(said(th, story.exhibit_id, "opened"), 1);
	assert_int_equal(call_fails(th, story.th.token, "case.export",
				 json_pack("{s:s}", "case_id", story.asked.case_id)),
		CO_EREFUSED);
	json_decref(call(th, story.th.token, "case.export",
		json_pack("{s:s,s:s}", "case_id", story.asked.case_id, "use", "case")));
	/* Whose condition it is opens its own evidence as before. */
	json_decref(call(us, story.us.token, "exhibit.open", opening(NULL)));
}

static void
an_offer_that_was_not_accepted_binds_nobody(void **state)
{
	json_t *o;

	(void)state;
	ask_and_send(th, request_ask("us.contact", "subscriber"), &story.asked);
	(void)deliver(th, us);
	json_decref(call(us, us->duty, "request.answer",
		json_pack("{s:s,s:s,s:[{s:s,s:s}]}", "id", story.asked.id, "state",
			"condition-offered", "conditions", "type", "other", "text", "no")));
	(void)deliver(us, th);
	story_seal(&story, source);
	json_decref(story_register(&story));
	(void)deliver(us, th);
	o = chain(th, story.exhibit_id);
	assert_int_equal(json_array_size(json_object_get(o, "markings")), 0);
	json_decref(o);
}

/* A new exhibit of th in a case with to, made from the fetched one. */
static json_t *
derived_of(const char *case_id, const char *to, const char *from, const char *root)
{
	const struct seal_recipient who[] = { { to, th->pki.cert[CERT_SEAL] },
		{ "th.contact", th->pki.cert[CERT_SEAL] } };
	bool self = strcmp(to, "th.contact") == 0;
	struct seal_conf conf = { .vault = story.th.vault, .to = who + self, .to_n = self ? 1 : 2 };
	char path[64];
	json_t *exhibit = NULL;

	(void)snprintf(path, sizeof(path), "%s/extract", story.dir);
	assert_int_equal(scratch_run(story.dir, "head -c 999 /dev/urandom >extract"), 0);
	assert_ok(seal_path(&conf, path, &exhibit, &err));
	if (from != NULL)
		(void)json_object_set_new(exhibit, "derived",
			json_pack("{s:s,s:s,s:s}", "from", from, "root", root, "by", "examine 1"));
	return json_pack("{s:s,s:s,s:o}", "case_id", case_id, "to", to, "exhibit", exhibit);
}

static const char *
id_of(const json_t *register_in)
{
	return json_string_value(
		json_object_get(json_object_get(register_in, "exhibit"), "id"));
}

static void
what_is_made_of_it_inherits_the_condition(void **state)
{
	char child[CO_UUID_LEN + 1], grandchild[CO_UUID_LEN + 1];
	const char *root = story.exhibit_id;
	json_t *in, *o;

	(void)state;
	given_under("confidentiality", "not to be disclosed");
	in = derived_of(story.asked.case_id, "th.contact", root, root);
	(void)snprintf(child, sizeof(child), "%s", id_of(in));
	json_decref(call(th, story.th.token, "exhibit.register", in));
	assert_string_equal(exhibit_state(th, child), "sealed"); /* offered to nobody */
	in = derived_of(story.asked.case_id, "th.contact", child, root);
	(void)snprintf(grandchild, sizeof(grandchild), "%s", id_of(in));
	json_decref(call(th, story.th.token, "exhibit.register", in));
	o = chain(th, grandchild);
	assert_int_equal(json_array_size(json_object_get(o, "markings")), 1);
	json_decref(o);
	assert_int_equal(call_fails(th, story.th.token, "exhibit.open", about(grandchild, NULL)),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "art. 28(2)(a)"));
	/* Its words travel in the manifest. */
	o = call(th, th->duty, "exhibit.lineage", json_pack("{s:s}", "id", child));
	assert_string_equal(json_string_value(json_object_get(o, "root")), root);
	in = json_array_get(json_object_get(o, "tree"), 0);
	assert_string_equal(json_string_value(json_object_get(in, "id")), root);
	in = json_array_get(json_object_get(in, "children"), 0);
	assert_string_equal(json_string_value(json_object_get(in, "id")), child);
	assert_true(json_is_true(json_object_get(in, "asked")));
	in = json_array_get(json_object_get(in, "children"), 0);
	assert_string_equal(json_string_value(json_object_get(in, "id")), grandchild);
	json_decref(o);
}

/* A case of th with a third node, which needs no wire here. */
static void
third_case(char case_id[CO_UUID_LEN + 1])
{
	struct side fr = *us;
	struct asked a;

	fr.address = "fr.contact";
	side_knows(th, &fr, "accepted", 300);
	ask_and_send(th, request_ask("fr.contact", "subscriber"), &a);
	memcpy(case_id, a.case_id, sizeof(a.case_id));
}

static void
sharing_needs_the_owners_word(void **state)
{
	char other[CO_UUID_LEN + 1];
	const char *root = story.exhibit_id;
	json_t *in, *again;

	(void)state;
	given_under("use-limit", "not for others");
	third_case(other);
	in = derived_of(other, "fr.contact", root, root);
	again = json_deep_copy(in);
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register", in), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "cannot go to fr.contact"));
	assert_non_null(strstr(err.msg, "us.contact can allow it"));
	/* Only the owner can. */
	assert_int_equal(call_fails(th, th->duty, "exhibit.ease",
				 about(root, json_pack("{s:s,s:s}", "use", "share", "to",
						     "fr.contact"))),
		CO_EREFUSED);
	/* For another node than this one: no. */
	json_decref(call(us, us->duty, "exhibit.ease",
		about(root, json_pack("{s:s,s:s}", "use", "share", "to", "jp.contact"))));
	assert_true(deliver(us, th) > 0);
	in = json_deep_copy(again);
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register", in), CO_EREFUSED);
	json_decref(call(us, us->duty, "exhibit.ease",
		about(root, json_pack("{s:s,s:s}", "use", "share", "to", "fr.contact"))));
	assert_true(deliver(us, th) > 0);
	json_decref(call(th, story.th.token, "exhibit.register", again));
	/* Shared is not used for another purpose. */
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening("other")), CO_EREFUSED);
	json_decref(call(us, us->duty, "exhibit.ease",
		about(root, json_pack("{s:s}", "use", "other"))));
	assert_true(deliver(us, th) > 0);
	json_decref(call(th, story.th.token, "exhibit.open", opening("other")));
}

static void
the_same_content_under_another_name_is_found(void **state)
{
	char other[CO_UUID_LEN + 1];
	const struct seal_recipient who[] = { { "fr.contact", us->pki.cert[CERT_SEAL] },
		{ "th.contact", th->pki.cert[CERT_SEAL] } };
	struct seal_conf conf = { .vault = story.th.vault, .to = who, .to_n = 2, .name = "x.bin" };
	json_t *exhibit = NULL;

	(void)state;
	given_under("confidentiality", "keep it");
	third_case(other);
	assert_ok(seal_path(&conf, source, &exhibit, &err));
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register",
				 json_pack("{s:s,s:s,s:o}", "case_id", other, "to", "fr.contact",
					 "exhibit", exhibit)),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, story.exhibit_id));
}

/* However many copies nobody bound stand before it. */
static void
among_many_of_the_same_content_it_is_found(void **state)
{
	enum { COPIES = 70 };
	char other[CO_UUID_LEN + 1];
	const struct seal_recipient who[] = { { "th.contact", th->pki.cert[CERT_SEAL] },
		{ "fr.contact", us->pki.cert[CERT_SEAL] } };
	struct seal_conf conf = { .vault = story.th.vault, .to = who, .to_n = 1, .name = "x.bin" };
	json_t *exhibit = NULL;

	(void)state;
	given_under("confidentiality", "keep it");
	third_case(other);
	for (size_t i = 0; i < COPIES; i++) {
		assert_ok(seal_path(&conf, source, &exhibit, &err));
		json_decref(call(th, story.th.token, "exhibit.register",
			json_pack("{s:s,s:s,s:o}", "case_id", other, "to", "th.contact", "exhibit",
				exhibit)));
	}
	/* Now it changed after all of them. */
	json_decref(call(th, story.th.token, "exhibit.log",
		about(story.exhibit_id,
			json_pack("{s:s,s:s,s:s,s:s}", "action", "checked-in", "storage", "safe 2",
				"condition", "sealed", "place", "room 4"))));
	conf.to_n = 2;
	assert_ok(seal_path(&conf, source, &exhibit, &err));
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register",
				 json_pack("{s:s,s:s,s:o}", "case_id", other, "to", "fr.contact",
					 "exhibit", exhibit)),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, story.exhibit_id));
}

/* ---- lineage ---- */
static void
a_wrong_line_is_refused(void **state)
{
	char child[CO_UUID_LEN + 1], none[CO_UUID_LEN + 1];
	const char *root = story.exhibit_id;
	json_t *in;

	(void)state;
	given_under(NULL, NULL);
	co_uuid7(none);
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register",
				 derived_of(story.asked.case_id, "th.contact", none, none)),
		CO_ENOTFOUND);
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register",
				 derived_of(story.asked.case_id, "th.contact", root, none)),
		CO_EREFUSED);
	in = derived_of(story.asked.case_id, "th.contact", root, root);
	(void)snprintf(child, sizeof(child), "%s", id_of(in));
	json_decref(call(th, story.th.token, "exhibit.register", in));
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register",
				 derived_of(story.asked.case_id, "th.contact", child, child)),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "goes back to"));
	in = derived_of(story.asked.case_id, "th.contact", root, root);
	(void)json_object_set_new(json_object_get(json_object_get(in, "exhibit"), "derived"),
		"from", json_string(id_of(in)));
	assert_int_equal(call_fails(th, story.th.token, "exhibit.register", in), CO_EREFUSED);
}

/* ---- keeping ---- */
static enum co_rc
destroy_fails(void)
{
	return call_fails(th, story.th.token, "exhibit.destroy", about(story.exhibit_id, NULL));
}

static void
a_hold_and_a_period_keep_it(void **state)
{
	int64_t now = co_now_us(), until = now + 100 * DAY_US;
	json_t *in;

	(void)state;
	given_under(NULL, NULL);
	json_decref(call(th, story.th.token, "exhibit.retain", period(story.exhibit_id, until)));
	assert_int_equal(destroy_fails(), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "Evidence Act s. 12"));
	in = about(story.exhibit_id, NULL);
	(void)json_object_del(in, "id");
	(void)json_object_set_new(in, "case_id", json_string(story.asked.case_id));
	json_decref(call(th, story.th.token, "exhibit.hold", json_deep_copy(in)));
	assert_int_equal(destroy_fails(), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "on hold"));
	/* Alarms, each once. */
	for (int again = 0; again < 2; again++)
		assert_ok(evidence_sweep(story.th.evidence, now + 40 * DAY_US, &err));
	assert_int_equal(events_of(th, "retention.alarm"), 0);
	for (int again = 0; again < 2; again++)
		assert_ok(evidence_sweep(story.th.evidence, now + 51 * DAY_US, &err));
	assert_int_equal(events_of(th, "retention.alarm"), 1);
	for (int again = 0; again < 2; again++)
		assert_ok(evidence_sweep(story.th.evidence, until + DAY_US, &err));
	assert_int_equal(events_of(th, "retention.alarm"), 2);
	json_decref(call(th, story.th.token, "exhibit.release", in));
	assert_int_equal(destroy_fails(), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "kept until"));
	assert_string_equal(exhibit_state(th, story.exhibit_id), "verified");
}

/* The first row of evidence to decide on, in a's inbox; NULL. */
static json_t *
to_decide(int64_t within_h)
{
	json_t *o = call(th, story.th.token, "inbox.list",
		json_pack("{s:I}", "within", (json_int_t)within_h));
	json_t *row = json_incref(json_array_get(json_object_get(o, "evidence"), 0));

	json_decref(o);
	return row;
}

static enum co_rc
day_came(struct store_db *db, void *arg, struct co_err *e)
{
	int64_t past = co_now_us() - DAY_US;

	(void)arg;
	return store_run(db, NULL, Q_KEEPING_HOLD, e, "ttitto", story.exhibit_id,
		story.asked.case_id, past, "somebody", "appeal", &past);
}

/* A hold may name a day to look again: it reminds, may be given another, and ends nothing. */
static void
a_hold_reminds_and_never_ends_by_itself(void **state)
{
	char soon[CO_TIME_LEN], later[CO_TIME_LEN], past[CO_TIME_LEN];
	json_t *in, *row;

	(void)state;
	given_under(NULL, NULL);
	co_time_print(co_now_us() + 10 * DAY_US, soon);
	co_time_print(co_now_us() + 300 * DAY_US, later);
	co_time_print(co_now_us() - DAY_US, past);
	in = about(story.exhibit_id, NULL);
	(void)json_object_set_new(in, "until", json_string(past));
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.hold", json_deep_copy(in)), CO_EUSAGE);
	(void)json_object_set_new(in, "until", json_string(soon));
	json_decref(call(th, story.th.token, "exhibit.hold", json_deep_copy(in)));
	assert_null(to_decide(24));
	row = to_decide(24 * 11);
	assert_string_equal(json_string_value(json_object_get(row, "hold_until")), soon);
	assert_true(json_is_false(json_object_get(row, "hold_over")));
	json_decref(row);
	/* Another day, without a gap in which it could go. */
	(void)json_object_set_new(in, "until", json_string(later));
	json_decref(call(th, story.th.token, "exhibit.hold", json_deep_copy(in)));
	assert_null(to_decide(24 * 11));
	assert_int_equal(destroy_fails(), CO_EREFUSED);
	/* The day came: it is told, and the hold goes on. */
	assert_ok(store_write(th->store, day_came, NULL, &err));
	assert_ok(evidence_sweep(story.th.evidence, co_now_us(), &err));
	row = to_decide(24);
	assert_true(json_is_true(json_object_get(row, "hold_over")));
	json_decref(row);
	assert_int_equal(destroy_fails(), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "on hold"));
	/* Without a day nothing reminds; a rebuild makes the same of the records. */
	(void)json_object_del(in, "until");
	json_decref(call(th, story.th.token, "exhibit.hold", json_deep_copy(in)));
	assert_null(to_decide(24 * 365));
	assert_int_equal(call_fails(th, story.th.token, "exhibit.hold", in), CO_EREFUSED);
	json_decref(call(th, story.th.token, "exhibit.release", about(story.exhibit_id, NULL)));
	row = to_decide(24);
	assert_true(json_is_string(json_object_get(row, "hold_ended")));
	json_decref(row);
}

/* ---- two people and destruction ---- */
static bool
sealed_there(struct side *s)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/vault-%s/%s.sealed", story.dir, s->address,
		story.exhibit_id);
	return access(path, F_OK) == 0;
}

static void
draft_of(json_t *o, char id[CO_UUID_LEN + 1])
{
	assert_string_equal(json_string_value(json_object_get(o, "state")), "waiting");
	(void)snprintf(id, CO_UUID_LEN + 1, "%s", json_string_value(json_object_get(o, "draft")));
	json_decref(o);
}

static json_t *
decide(const char *id, bool ok)
{
	return json_pack("{s:s,s:b,s:s}", "id", id, "ok", ok, "reason", "looked at it");
}

static void
destruction_takes_two_people_and_leaves_proof(void **state)
{
	char draft[CO_UUID_LEN + 1], again[CO_UUID_LEN + 1];
	json_t *o, *item, *last = NULL;
	size_t i;

	(void)state;
	given_under(NULL, NULL);
	draft_of(call(th, story.th.token, "exhibit.destroy", about(story.exhibit_id, NULL)), draft);
	assert_true(sealed_there(th));
	/* The same again is the same draft; whoever wrote it cannot confirm it, nor can anybody who
	 * is no approver. */
	draft_of(call(th, story.th.token, "exhibit.destroy", about(story.exhibit_id, NULL)), again);
	assert_string_equal(draft, again);
	assert_int_equal(
		call_fails(th, story.th.token, "request.approve", decide(draft, true)), CO_EDENIED);
	assert_int_equal(call_fails(th, th->duty, "request.send", json_pack("{s:s}", "id", draft)),
		CO_EREFUSED);
	json_decref(call(th, th->approver, "request.approve", decide(draft, false)));
	draft_of(call(th, story.th.token, "exhibit.destroy", about(story.exhibit_id, NULL)), again);
	assert_string_not_equal(draft, again);
	assert_string_equal(exhibit_state(th, story.exhibit_id), "verified");
	o = call(th, th->approver, "request.approve", decide(again, true));
	assert_string_equal(json_string_value(json_object_get(o, "state")), "sent");
	json_decref(o);
	assert_false(sealed_there(th));
	assert_string_equal(exhibit_state(th, story.exhibit_id), "destroyed");
	o = chain(th, story.exhibit_id);
	json_array_foreach(json_object_get(o, "custody"), i, item)
	{
		const char *a = json_string_value(json_object_get(item, "action"));

		if (a != NULL && strcmp(a, "destroyed") == 0)
			last = item;
	}
	assert_non_null(last);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(last, "by"), "officer")), "cora");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(last, "second"), "officer")),
		"prae");
	json_decref(o);
	assert_int_equal(said(th, story.exhibit_id, "erased"), 1);
	/* The other side is told; its own copy stays. */
	assert_true(deliver(th, us) > 0);
	assert_int_equal(said(us, story.exhibit_id, "destroyed"), 1);
	assert_string_not_equal(exhibit_state(us, story.exhibit_id), "destroyed");
	assert_true(sealed_there(us));
	/* Nothing more can be done with it. */
	assert_int_equal(destroy_fails(), CO_EEXISTS);
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening(NULL)), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "destroyed"));
	assert_ok(evidence_sweep(story.th.evidence, co_now_us(), &err));
	assert_int_equal(said(th, story.exhibit_id, "erased"), 1);
}

static void
a_closed_exhibit_opens_with_two_people(void **state)
{
	char draft[CO_UUID_LEN + 1];
	json_t *o, *drafts;

	(void)state;
	given_under(NULL, NULL);
	json_decref(call(th, story.th.token, "exhibit.open", opening(NULL)));
	json_decref(call(th, story.th.token, "exhibit.log",
		about(story.exhibit_id, json_pack("{s:s,s:s,s:s,s:s}", "action", "checked-in",
						"place", "room 4", "storage", "safe 2",
						"condition", "as received"))));
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening(NULL)), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "second officer"));
	o = call(th, th->approver, "inbox.list", json_object());
	drafts = json_object_get(o, "drafts");
	assert_int_equal(json_array_size(drafts), 1);
	(void)snprintf(draft, sizeof(draft), "%s",
		json_string_value(json_object_get(json_array_get(drafts, 0), "id")));
	json_decref(o);
	o = call(th, th->approver, "draft.show", json_pack("{s:s}", "id", draft));
	assert_string_equal(json_string_value(json_object_get(o, "kind")), "custody");
	json_decref(o);
	json_decref(call(th, th->approver, "request.approve", decide(draft, true)));
	assert_int_equal(said(th, story.exhibit_id, "opened"), 1);
	/* Another purpose was not what was confirmed. */
	o = opening(NULL);
	(void)json_object_set_new(o, "purpose", json_string("curiosity"));
	assert_int_equal(call_fails(th, story.th.token, "exhibit.open", o), CO_EREFUSED);
	json_decref(call(th, story.th.token, "exhibit.open", opening(NULL)));
	assert_int_equal(said(th, story.exhibit_id, "opened"), 2);
	/* Once. */
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening(NULL)), CO_EREFUSED);
}

/* Circumstances that the second officer did not know of end what was confirmed. */
static void
an_approval_is_given_knowing_the_hold(void **state)
{
	char draft[CO_UUID_LEN + 1], opens[CO_UUID_LEN + 1];
	json_t *o, *drafts;

	(void)state;
	given_under(NULL, NULL);
	draft_of(call(th, story.th.token, "exhibit.destroy", about(story.exhibit_id, NULL)), draft);
	json_decref(call(th, story.th.token, "exhibit.hold", about(story.exhibit_id, NULL)));
	assert_int_equal(
		call_fails(th, th->approver, "request.approve", decide(draft, true)), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "on hold"));
	assert_non_null(strstr(err.msg, "cannot be approved now"));
	/* The opening is confirmed knowing the hold; another hold's end and begin undo that. */
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening(NULL)), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "is on hold"));
	o = call(th, th->approver, "inbox.list", json_object());
	drafts = json_object_get(o, "drafts");
	assert_int_equal(json_array_size(drafts), 2);
	(void)snprintf(opens, sizeof(opens), "%s",
		json_string_value(json_object_get(json_array_get(drafts, 0), "id")));
	json_decref(o);
	json_decref(call(th, th->approver, "request.approve", decide(opens, true)));
	json_decref(call(th, story.th.token, "exhibit.release", about(story.exhibit_id, NULL)));
	json_decref(call(th, story.th.token, "exhibit.hold", about(story.exhibit_id, NULL)));
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening(NULL)), CO_EREFUSED);
	o = call(th, th->approver, "draft.show", json_pack("{s:s}", "id", opens));
	assert_string_equal(json_string_value(json_object_get(o, "state")), "waiting");
	json_decref(o);
	/* After the hold the custodian alone changes nothing: who confirms does it knowingly. */
	json_decref(call(th, story.th.token, "exhibit.release", about(story.exhibit_id, NULL)));
	draft_of(call(th, story.th.token, "exhibit.destroy", about(story.exhibit_id, NULL)), draft);
	assert_true(sealed_there(th));
	/* Other words do not make a second draft. */
	o = about(story.exhibit_id, NULL);
	(void)json_object_set_new(o, "purpose", json_string("tidying"));
	assert_int_equal(call_fails(th, story.th.token, "exhibit.destroy", o), CO_EREFUSED);
	assert_non_null(strstr(err.msg, draft));
	/* The custodian gives up the own draft, and nothing that is none. */
	assert_int_equal(call_fails(th, story.th.token, "request.withdraw",
				 json_pack("{s:s}", "id", story.asked.id)),
		CO_EDENIED);
	json_decref(call(
		th, story.th.token, "request.withdraw", json_pack("{s:s}", "id", draft)));
	draft_of(call(th, story.th.token, "exhibit.destroy", about(story.exhibit_id, NULL)), draft);
	json_decref(call(th, th->approver, "request.approve", decide(draft, true)));
	assert_false(sealed_there(th));
	/* What else was proposed for it ended with it. */
	o = call(th, th->approver, "inbox.list", json_object());
	assert_int_equal(json_array_size(json_object_get(o, "drafts")), 0);
	json_decref(o);
}

static void
an_approval_is_taken_back(void **state)
{
	char other[65];
	const char *id;
	json_t *o;

	(void)state;
	given_under(NULL, NULL);
	side_officer(th, "paul", "approver", other);
	json_decref(call(th, story.th.token, "exhibit.hold", about(story.exhibit_id, NULL)));
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening(NULL)), CO_EREFUSED);
	o = call(th, th->approver, "inbox.list", json_object());
	id = json_string_value(
		json_object_get(json_array_get(json_object_get(o, "drafts"), 0), "id"));
	json_decref(call(th, th->approver, "request.approve", decide(id, true)));
	assert_int_equal(call_fails(th, other, "request.approve", decide(id, false)), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "prae"));
	json_decref(call(th, th->approver, "request.approve", decide(id, false)));
	assert_int_equal(events_of(th, "draft.retracted"), 1);
	json_decref(o);
	assert_int_equal(
		call_fails(th, story.th.token, "exhibit.open", opening(NULL)), CO_EREFUSED);
	assert_int_equal(said(th, story.exhibit_id, "opened"), 0);
}

static void
a_shorter_period_takes_two_people(void **state)
{
	int64_t now = co_now_us();
	char draft[CO_UUID_LEN + 1];
	json_t *in;

	(void)state;
	given_under(NULL, NULL);
	json_decref(call(th, story.th.token, "exhibit.retain",
		period(story.exhibit_id, now + 100 * DAY_US)));
	json_decref(call(th, story.th.token, "exhibit.retain",
		period(story.exhibit_id, now + 200 * DAY_US)));
	draft_of(call(th, story.th.token, "exhibit.retain",
			 period(story.exhibit_id, now + 10 * DAY_US)),
		draft);
	assert_int_equal(said(th, story.exhibit_id, "retained"), 2);
	json_decref(call(th, th->approver, "request.approve", decide(draft, true)));
	assert_int_equal(said(th, story.exhibit_id, "retained"), 3);
	/* Of a whole case: longer yes, shorter not at all. */
	for (int i = 0; i < 2; i++) {
		in = period(story.exhibit_id, now + (i == 0 ? 300 : 20) * DAY_US);
		(void)json_object_del(in, "id");
		(void)json_object_set_new(in, "case_id", json_string(story.asked.case_id));
		if (i == 0)
			json_decref(call(th, story.th.token, "exhibit.retain", in));
		else
			assert_int_equal(call_fails(th, story.th.token, "exhibit.retain", in),
				CO_EREFUSED);
	}
	assert_non_null(strstr(err.msg, "second officer"));
}

/* ---- rebuild ---- */
static char *
whole(struct side *s)
{
	json_t *o = chain(s, story.exhibit_id), *l;
	char *text;

	l = call(s, s->duty, "exhibit.lineage", json_pack("{s:s}", "id", story.exhibit_id));
	(void)json_object_set_new(o, "lineage", l);
	/* What is left goes down while we look. */
	(void)json_object_del(json_object_get(o, "keeping"), "left");
	text = json_dumps(o, JSON_SORT_KEYS | JSON_INDENT(1));
	json_decref(o);
	return text;
}

static void
a_rebuild_makes_the_same(void **state)
{
	const char *root = story.exhibit_id;
	char draft[CO_UUID_LEN + 1];
	uint64_t records, faults;
	struct side *sides[] = { th, us };
	char *before[2], *after;
	json_t *in;

	(void)state;
	given_under("use-limit", "only there");
	in = derived_of(story.asked.case_id, "th.contact", root, root);
	json_decref(call(th, story.th.token, "exhibit.register", in));
	json_decref(call(us, us->duty, "exhibit.ease",
		about(root, json_pack("{s:s}", "use", "other"))));
	(void)deliver(us, th);
	json_decref(call(th, story.th.token, "exhibit.hold", about(root, NULL)));
	json_decref(call(th, story.th.token, "exhibit.release", about(root, NULL)));
	draft_of(call(th, story.th.token, "exhibit.destroy", about(root, NULL)), draft);
	json_decref(call(th, th->approver, "request.approve", decide(draft, true)));
	(void)deliver(th, us);
	for (size_t i = 0; i < 2; i++)
		before[i] = whole(sides[i]);
	for (size_t i = 0; i < 2; i++) {
		assert_ok(exchange_rebuild(sides[i]->x, &records, &faults, &err));
		assert_int_equal(faults, 0);
		after = whole(sides[i]);
		assert_string_equal(before[i], after);
		free(before[i]);
		free(after);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_action_asks_for_what_its_row_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_condition_is_asked_before_every_use, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_offer_that_was_not_accepted_binds_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_made_of_it_inherits_the_condition, setup, teardown),
		cmocka_unit_test_setup_teardown(sharing_needs_the_owners_word, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_same_content_under_another_name_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(
			among_many_of_the_same_content_it_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_line_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hold_and_a_period_keep_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_hold_reminds_and_never_ends_by_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(
			destruction_takes_two_people_and_leaves_proof, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_closed_exhibit_opens_with_two_people, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_approval_is_given_knowing_the_hold, setup, teardown),
		cmocka_unit_test_setup_teardown(an_approval_is_taken_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_shorter_period_takes_two_people, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rebuild_makes_the_same, setup, teardown),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
