/* The clock of a preservation: alarms and drafted extensions, each once, whatever happens between.
 */
#include "pair.h"

#define DAY_US INT64_C(86400000000)

static void
lead(struct side *s, unsigned days, const char *four_eyes)
{
	side_close(s);
	s->lead_days = days;
	s->four_eyes = four_eyes;
	side_open(s);
}

static void
sweep(struct side *s, int64_t now_us)
{
	assert_ok(exchange_sweep(s->x, now_us, NULL, &err));
}

static int64_t
expiry_of(struct side *s, const char *id)
{
	json_t *o = call(s, s->duty, "request.show", json_pack("{s:s}", "id", id));
	int64_t us = 0;

	assert_ok(co_time_parse(
		json_string_value(json_object_get(json_object_get(o, "request"), "expiry")), &us,
		&err));
	json_decref(o);
	return us;
}

/* A preservation that the other side executed. */
static int64_t
kept(struct pair *p, struct asked *a)
{
	send_preserve(p, a);
	answer(&p->us, a->id, "executed");
	assert_int_equal(deliver(&p->us, &p->th), 1);
	return expiry_of(&p->th, a->id);
}

/* Drafts that wait for an officer; the first one's id, if there is one. */
static size_t
drafts(struct side *s, char id[CO_UUID_LEN + 1], json_t **first)
{
	json_t *o = call(s, s->duty, "request.list", json_object());
	json_t *list = json_object_get(o, "drafts");
	size_t n = json_array_size(list);

	if (n > 0 && id != NULL)
		(void)snprintf(id, CO_UUID_LEN + 1, "%s",
			json_string_value(json_object_get(json_array_get(list, 0), "id")));
	if (first != NULL)
		*first = n == 0 ? NULL : json_incref(json_array_get(list, 0));
	json_decref(o);
	return n;
}

static const char *
text_of(const json_t *o, const char *member)
{
	const char *s = json_string_value(json_object_get(o, member));

	return s == NULL ? "" : s;
}

static void
alarms_are_told_once_on_both_sides(void **state)
{
	struct pair *p = *state;
	struct asked a;
	int64_t now = co_now_us(), end = kept(p, &a), whole = end - now;
	struct side *sides[] = { &p->th, &p->us };

	for (size_t i = 0; i < 2; i++) {
		struct side *s = sides[i];

		sweep(s, now);
		sweep(s, now + whole / 2 - DAY_US);
		assert_int_equal(events_of(s, "alarm"), 0);
		for (int again = 0; again < 3; again++)
			sweep(s, now + whole / 2 + DAY_US);
		assert_int_equal(events_of(s, "alarm"), 1);
		sweep(s, now + whole * 3 / 4 + DAY_US);
		assert_int_equal(events_of(s, "alarm"), 2);
		/* The node slept over the day before: one alarm tells what is left. */
		sweep(s, end - DAY_US / 24);
		sweep(s, end - DAY_US / 24);
		assert_int_equal(events_of(s, "alarm"), 3);
		sweep(s, end - 1);
		assert_int_equal(events_of(s, "alarm"), 3);
		sweep(s, end);
		sweep(s, end + DAY_US);
		assert_int_equal(events_of(s, "alarm"), 3);
		assert_int_equal(events_of(s, "preservation.expired"), 1);
	}
}

static void
an_extension_is_drafted_once_and_an_officer_sends_it(void **state)
{
	struct pair *p = *state;
	char id[CO_UUID_LEN + 1], next[CO_UUID_LEN + 1];
	struct asked a;
	json_t *d = NULL;
	int64_t end, later;

	lead(&p->th, 7, "");
	lead(&p->us, 7, "");
	end = kept(p, &a);
	sweep(&p->th, end - 8 * DAY_US - DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	for (int again = 0; again < 3; again++) {
		sweep(&p->th, end - 7 * DAY_US);
		sweep(&p->us, end - 7 * DAY_US);
	}
	/* Only the side that asked. */
	assert_int_equal(drafts(&p->us, NULL, NULL), 0);
	assert_int_equal(drafts(&p->th, id, &d), 1);
	assert_string_equal(text_of(d, "created_by"), "node");
	assert_string_equal(text_of(d, "state"), "draft");
	assert_string_equal(text_of(d, "about"), a.id);
	assert_non_null(strstr(text_of(d, "reason"), "no request for disclosure"));
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(json_object_get(d, "draft"), "fields"), "days")),
		90);
	json_decref(d);
	assert_int_equal(deliver(&p->th, &p->us), 0); /* nothing leaves by itself */
	json_decref(call(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", id)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	sweep(&p->th, end - 6 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	answer(&p->us, id, "extended");
	assert_int_equal(deliver(&p->us, &p->th), 1);
	later = expiry_of(&p->th, a.id);
	assert_true(later > end + 80 * DAY_US);
	sweep(&p->th, end);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	/* The new end has a draft of its own. */
	sweep(&p->th, later - 6 * DAY_US);
	sweep(&p->th, later - 6 * DAY_US);
	assert_int_equal(drafts(&p->th, next, NULL), 1);
	assert_string_not_equal(id, next);
	/* Nobody sent it: it ends with what it was about. */
	sweep(&p->th, later);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	assert_int_equal(events_of(&p->th, "draft.lapsed"), 1);
	state_is(&p->th, a.id, "expired");
}

static void
with_four_eyes_the_draft_waits_for_a_second_officer(void **state)
{
	struct pair *p = *state;
	char id[CO_UUID_LEN + 1];
	struct asked a;
	json_t *d = NULL;
	int64_t end;

	end = kept(p, &a);
	lead(&p->th, 7, "preserve");
	sweep(&p->th, end - 5 * DAY_US);
	assert_int_equal(drafts(&p->th, id, &d), 1);
	assert_string_equal(text_of(d, "state"), "waiting");
	json_decref(d);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", id)),
		CO_EREFUSED);
	json_decref(call(&p->th, p->th.approver, "request.approve", json_pack("{s:s}", "id", id)));
	json_decref(call(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", id)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	state_is(&p->us, id, "sent");
}

static void
a_rejected_draft_is_not_made_again(void **state)
{
	struct pair *p = *state;
	char id[CO_UUID_LEN + 1];
	struct asked a;
	int64_t end = kept(p, &a);

	lead(&p->th, 7, "preserve");
	sweep(&p->th, end - 5 * DAY_US);
	assert_int_equal(drafts(&p->th, id, NULL), 1);
	json_decref(call(&p->th, p->th.approver, "request.approve",
		json_pack("{s:s,s:b,s:s}", "id", id, "ok", 0, "reason", "We have what we need.")));
	sweep(&p->th, end - 4 * DAY_US);
	sweep(&p->th, end - DAY_US / 24);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
}

static void
an_officer_drops_a_draft_without_a_second(void **state)
{
	struct pair *p = *state;
	char id[CO_UUID_LEN + 1];
	struct asked a;
	int64_t end = kept(p, &a);

	lead(&p->th, 7, "");
	sweep(&p->th, end - 5 * DAY_US);
	assert_int_equal(drafts(&p->th, id, NULL), 1);
	json_decref(call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", id)));
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", id)),
		CO_EREFUSED);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", id)),
		CO_EREFUSED);
	sweep(&p->th, end - 4 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	assert_int_equal(deliver(&p->th, &p->us), 0);
	state_is(&p->th, a.id, "executed");
}

static void
nothing_is_drafted_where_something_else_keeps_the_data(void **state)
{
	struct pair *p = *state;
	struct asked off, pending, asked, c, e;
	json_t *ask = request_ask("us.contact", "subscriber");
	int64_t end = kept(p, &off);

	/* Switched off. */
	sweep(&p->th, end - 3 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	lead(&p->th, 7, "");
	json_decref(call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", off.id)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	/* A disclosure is pending: art. 29(7). */
	end = kept(p, &pending);
	json_object_set_new(ask, "case_id", json_string(pending.case_id));
	ask_and_send(&p->th, ask, &c);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	/* An officer asked for an extension. */
	(void)kept(p, &asked);
	asked_read(&e,
		call(&p->th, p->th.duty, "request.extend",
			json_pack("{s:s,s:i}", "id", asked.id, "days", 60)));
	(void)deliver(&p->th, &p->us);
	sweep(&p->th, end - 3 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	/* Asked for and refused: the officer knows. */
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s,s:s,s:s}", "id", e.id, "state", "refused", "ground", "security",
			"reason", "It would harm an operation.")));
	(void)deliver(&p->us, &p->th);
	sweep(&p->th, end - 3 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	/* The disclosure is decided: now the clock runs again. */
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s,s:s,s:s}", "id", c.id, "state", "refused", "ground", "security",
			"reason", "It would harm an operation.")));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	sweep(&p->th, end - 3 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 1);
	/* It is given up: so is its draft. */
	json_decref(
		call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", pending.id)));
	sweep(&p->th, end - 3 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
}

static void
an_officer_comes_first(void **state)
{
	struct pair *p = *state;
	char id[CO_UUID_LEN + 1];
	struct asked a, e;
	json_t *d = NULL;
	int64_t end = kept(p, &a);

	lead(&p->th, 7, "preserve");
	/* Composed by an officer and waiting for another: no second one. */
	asked_read(&e,
		call(&p->th, p->th.duty, "request.extend",
			json_pack("{s:s,s:i}", "id", a.id, "days", 60)));
	sweep(&p->th, end - 6 * DAY_US);
	assert_int_equal(drafts(&p->th, id, &d), 1);
	assert_string_equal(text_of(d, "created_by"), "anya");
	json_decref(d);
	/* Rejected, so that the node drafts after all; then an officer asks and the draft falls. */
	json_decref(call(&p->th, p->th.approver, "request.approve",
		json_pack("{s:s,s:b,s:s}", "id", id, "ok", 0, "reason", "Not now.")));
	sweep(&p->th, end - 5 * DAY_US);
	assert_int_equal(drafts(&p->th, id, &d), 1);
	assert_string_equal(text_of(d, "created_by"), "node");
	json_decref(d);
	lead(&p->th, 7, "");
	json_decref(call(&p->th, p->th.duty, "request.extend",
		json_pack("{s:s,s:i}", "id", a.id, "days", 60)));
	sweep(&p->th, end - 5 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
}

static void
a_rebuild_neither_repeats_nor_forgets(void **state)
{
	struct pair *p = *state;
	char id[CO_UUID_LEN + 1], again[CO_UUID_LEN + 1];
	uint64_t records, faults;
	struct asked a;
	int64_t end, now = co_now_us();

	lead(&p->th, 7, "");
	end = kept(p, &a);
	sweep(&p->th, now + (end - now) / 2 + DAY_US);
	for (int i = 0; i < 2; i++) {
		assert_ok(exchange_rebuild(p->th.x, &records, &faults, &err));
		sweep(&p->th, now + (end - now) / 2 + DAY_US);
		assert_int_equal(events_of(&p->th, "alarm"), 1);
	}
	sweep(&p->th, end - 6 * DAY_US);
	assert_int_equal(events_of(&p->th, "alarm"), 2);
	assert_int_equal(drafts(&p->th, id, NULL), 1);
	assert_ok(exchange_rebuild(p->th.x, &records, &faults, &err));
	assert_int_equal(faults, 0);
	sweep(&p->th, end - 6 * DAY_US);
	assert_int_equal(events_of(&p->th, "alarm"), 2);
	assert_int_equal(drafts(&p->th, again, NULL), 1);
	assert_string_equal(id, again);
	/* What comes later is still told. */
	sweep(&p->th, end - DAY_US / 2);
	assert_int_equal(events_of(&p->th, "alarm"), 3);
}

static void
what_is_left_is_shown_in_the_zone_of_the_desk(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o, *q;

	(void)kept(p, &a);
	o = call(&p->th, p->th.duty, "request.show", json_pack("{s:s}", "id", a.id));
	q = json_object_get(o, "request");
	assert_non_null(strstr(text_of(q, "left"), "90 d"));
	assert_non_null(strstr(text_of(q, "expiry_local"), "+00:00"));
	assert_true(json_integer_value(json_object_get(q, "left_s")) > 89 * 86400);
	json_decref(o);
	json_decref(call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", a.id)));
	o = call(&p->th, p->th.duty, "request.show", json_pack("{s:s}", "id", a.id));
	assert_string_equal(text_of(json_object_get(o, "request"), "left"), "");
	json_decref(o);
}

/* Arts 16(2), 29(7): the duty to keep runs until its date, whoever closed the request. */
static void
closing_ends_neither_the_clock_nor_the_keeping(void **state)
{
	struct pair *p = *state;
	struct side *sides[] = { &p->th, &p->us };
	char id[CO_UUID_LEN + 1];
	uint64_t records, faults;
	struct asked a, e;
	int64_t now = co_now_us(), end, later;
	json_t *o;

	lead(&p->th, 7, "");
	lead(&p->us, 7, "");
	end = kept(p, &a);
	sweep(&p->th, end - 5 * DAY_US);
	assert_int_equal(drafts(&p->th, id, NULL), 1);
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s}", "id", a.id, "state", "closed")));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	/* Who closed it has no need of the draft; the node makes no other. */
	sweep(&p->th, end - 5 * DAY_US);
	assert_int_equal(drafts(&p->th, NULL, NULL), 0);
	for (int rebuilt = 0; rebuilt < 2; rebuilt++) {
		for (size_t i = 0; i < 2; i++) {
			state_is(sides[i], a.id, "closed");
			o = call(sides[i], sides[i]->duty, "request.show",
				json_pack("{s:s}", "id", a.id));
			assert_true(json_integer_value(json_object_get(
					    json_object_get(o, "request"), "left_s")) > 0);
			json_decref(o);
			o = call(sides[i], sides[i]->duty, "inbox.list",
				json_pack("{s:i}", "within", 24 * 200));
			assert_int_equal(json_array_size(json_object_get(o, "ending")), 1);
			json_decref(o);
			assert_ok(exchange_rebuild(sides[i]->x, &records, &faults, &err));
			assert_int_equal(faults, 0);
		}
	}
	sweep(&p->us, now + (end - now) / 2 + DAY_US);
	assert_int_equal(events_of(&p->us, "alarm"), 1);
	/* More time can still be asked for, and moves the end; the request stays closed. */
	asked_read(&e,
		call(&p->th, p->th.duty, "request.extend",
			json_pack("{s:s,s:i}", "id", a.id, "days", 60)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	answer(&p->us, e.id, "extended");
	assert_int_equal(deliver(&p->us, &p->th), 1);
	later = expiry_of(&p->us, a.id);
	assert_true(later > end + 50 * DAY_US);
	assert_int_equal(expiry_of(&p->th, a.id), later);
	for (size_t i = 0; i < 2; i++) {
		sweep(sides[i], end + DAY_US);
		assert_int_equal(events_of(sides[i], "preservation.expired"), 0);
		sweep(sides[i], later);
		assert_int_equal(events_of(sides[i], "preservation.expired"), 1);
		state_is(sides[i], a.id, "closed");
	}
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.extend",
				 json_pack("{s:s,s:i}", "id", a.id, "days", 60)),
		CO_EREFUSED);
}

static void
what_was_given_up_stays_given_up_when_it_is_closed(void **state)
{
	struct pair *p = *state;
	struct side *sides[] = { &p->th, &p->us };
	struct asked a;
	int64_t end = kept(p, &a);

	json_decref(call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", a.id)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s}", "id", a.id, "state", "closed")));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	for (size_t i = 0; i < 2; i++) {
		json_t *o = call(sides[i], sides[i]->duty, "inbox.list",
			json_pack("{s:i}", "within", 24 * 200));

		assert_int_equal(json_array_size(json_object_get(o, "ending")), 0);
		json_decref(o);
		sweep(sides[i], end - DAY_US / 24);
		sweep(sides[i], end);
		assert_int_equal(events_of(sides[i], "alarm"), 0);
		assert_int_equal(events_of(sides[i], "preservation.expired"), 0);
	}
}

static void
more_rows_than_one_look_takes(void **state)
{
	enum { MANY = 450 };
	struct pair *p = *state;
	json_t *list = json_array(), *o, *row;
	int64_t now = co_now_us();
	size_t i;

	lead(&p->th, 7, "");
	for (i = 0; i < MANY; i++)
		(void)json_array_append_new(list, request_ask("us.contact", "preserve"));
	o = call(&p->th, p->th.duty, "request.submit_many", json_pack("{s:o}", "requests", list));
	assert_int_equal(deliver(&p->th, &p->us), MANY);
	json_array_foreach(json_object_get(o, "results"), i, row)
		answer(&p->us, text_of(row, "id"), "executed");
	json_decref(o);
	assert_int_equal(deliver(&p->us, &p->th), MANY);
	sweep(&p->th, now + 60 * DAY_US);
	sweep(&p->th, now + 60 * DAY_US);
	assert_int_equal(events_of(&p->th, "alarm"), MANY);
	sweep(&p->th, now + 84 * DAY_US);
	sweep(&p->th, now + 84 * DAY_US);
	o = call(&p->th, p->th.duty, "request.list", json_pack("{s:i}", "limit", 1000));
	assert_int_equal(json_array_size(json_object_get(o, "drafts")), MANY);
	json_decref(o);
}

#define WITH(t) cmocka_unit_test_setup_teardown(t, pair_setup, pair_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(alarms_are_told_once_on_both_sides),
		WITH(an_extension_is_drafted_once_and_an_officer_sends_it),
		WITH(with_four_eyes_the_draft_waits_for_a_second_officer),
		WITH(a_rejected_draft_is_not_made_again),
		WITH(an_officer_drops_a_draft_without_a_second),
		WITH(nothing_is_drafted_where_something_else_keeps_the_data),
		WITH(an_officer_comes_first),
		WITH(a_rebuild_neither_repeats_nor_forgets),
		WITH(what_is_left_is_shown_in_the_zone_of_the_desk),
		WITH(closing_ends_neither_the_clock_nor_the_keeping),
		WITH(what_was_given_up_stays_given_up_when_it_is_closed),
		WITH(more_rows_than_one_look_takes),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
