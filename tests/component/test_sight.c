/* Need to know: every operation against an officer of another unit. An operation that is in none of
 * the tables below fails the test: whoever adds one says here what an outsider gets of it. */
#include "exchange/opjson.h"
#include "story.h"

#include "base/enc.h"
#include "exchange/search.h"

static struct story story;
static struct side *th;
static char source[64], draft[CO_UUID_LEN + 1];
/* Attachments: of the draft, of a message. */
static char held[CO_UUID_LEN + 1], sent[CO_UUID_LEN + 1];
static const char acquisition[] = "0196a1b2-0000-7000-8000-00000000acac";

static int
setup(void **state)
{
	json_t *in, *out;
	size_t n;
	bool left;

	if (pair_setup(state) != 0)
		return -1;
	story_begin(&story, *state);
	th = &story.p->th;
	(void)snprintf(source, sizeof(source), "%s/disk.img", story.dir);
	assert_int_equal(scratch_run(story.dir, "head -c 9999 /dev/urandom >disk.img"), 0);
	story_play(&story, source);
	story_give(&story.th, "order.pdf", 1000, held);
	story_give(&story.th, "list.txt", 1000, sent);
	json_decref(call(th, th->duty, "message.send",
		json_pack("{s:s,s:s,s:[s]}", "case_id", story.asked.case_id, "text", "a list",
			"attachments", sent)));
	assert_ok(attachments_offer(story.th.evidence, &left, &err));
	story_settle(&story);
	in = request_ask("us.contact", "preserve");
	(void)json_object_set_new(in, "case_id", json_string(story.asked.case_id));
	(void)json_object_set_new(in, "attachments", json_pack("[s]", held));
	do
		assert_ok(search_fill(th->x, &n, &err));
	while (n > 0);
	out = call(th, th->duty, "request.new", in);
	(void)snprintf(draft, sizeof(draft), "%s", json_string_value(json_object_get(out, "id")));
	json_decref(out);
	json_decref(call(th, th->duty, "acquire.begin",
		json_pack("{s:s,s:s,s:s,s:s,s:{s:s},s:s}", "id", acquisition, "case_id",
			story.asked.case_id, "to", "us.contact", "name", "disk.img", "source",
			"kind", "file", "wrapped", "AAAA")));
	return 0;
}

static int
teardown(void **state)
{
	story_end(&story);
	return pair_teardown(state);
}

/* ---- what an outsider tries ---- */
enum { ON_CASE, ON_REQUEST, ON_DRAFT, ON_EXHIBIT, ON_HELD, ON_SENT, ON_ACQUISITION };

/* more: further members, as JSON. */
static const struct {
	const char *op, *member;
	int on;
	const char *more;
} guarded[] = {
	{ "request.new", "case_id", ON_CASE, NULL },
	{ "request.submit_many", "case_id", ON_CASE, NULL },
	{ "request.approve", "id", ON_DRAFT, "{\"ok\":true}" },
	{ "request.send", "id", ON_DRAFT, "{}" },
	{ "request.withdraw", "id", ON_DRAFT, "{}" },
	{ "request.show", "id", ON_REQUEST, "{}" },
	{ "request.show", "id", ON_DRAFT, "{}" },
	{ "request.answer", "id", ON_REQUEST, "{\"state\":\"withdrawn\"}" },
	{ "request.assign", "id", ON_REQUEST, "{\"officer\":\"me\"}" },
	{ "request.read", "id", ON_REQUEST, "{}" },
	{ "request.each", "ids", ON_REQUEST, "{\"act\":\"read\"}" },
	{ "request.table", "ids", ON_REQUEST, "{\"format\":\"csv\"}" },
	{ "case.table", "ids", ON_CASE, "{\"format\":\"csv\"}" },
	{ "case.each", "ids", ON_CASE, "{\"act\":\"read\"}" },
	{ "request.withdraw", "id", ON_REQUEST, "{}" },
	{ "request.extend", "id", ON_REQUEST, "{\"days\":120}" },
	{ "draft.show", "id", ON_DRAFT, "{}" },
	{ "draft.keep", "case_id", ON_CASE, "{\"measure\":\"preserve\",\"fields\":{}}" },
	{ "request.print", "id", ON_DRAFT, "{\"format\":\"html\"}" },
	{ "request.print", "id", ON_REQUEST, "{\"format\":\"html\"}" },
	{ "message.send", "case_id", ON_CASE, "{\"text\":\"hello\"}" },
	{ "case.show", "case_id", ON_CASE, "{}" },
	{ "case.assign", "case_id", ON_CASE, "{\"unit\":\"fraud\"}" },
	{ "case.name", "case_id", ON_CASE, "{\"officer\":\"olga\"}" },
	{ "case.restrict", "case_id", ON_CASE, "{\"reason\":\"because\"}" },
	{ "record.get", "id", ON_REQUEST, "{}" },
	{ "exhibit.ready", "case_id", ON_CASE, "{\"to\":\"us.contact\"}" },
	{ "exhibit.register", "case_id", ON_CASE, "{\"to\":\"us.contact\",\"exhibit\":{}}" },
	{ "exhibit.show", "id", ON_EXHIBIT, "{}" },
	{ "exhibit.custody", "id", ON_EXHIBIT, "{}" },
	{ "exhibit.lineage", "id", ON_EXHIBIT, "{}" },
	{ "exhibit.moves", "id", ON_EXHIBIT, "{}" },
	{ "case.custody", "case_id", ON_CASE, "{}" },
	{ "exhibit.log", "id", ON_EXHIBIT,
		"{\"action\":\"copied\",\"purpose\":\"p\",\"authority\":\"a\",\"place\":\"x\"}" },
	{ "exhibit.return", "id", ON_EXHIBIT, "{\"purpose\":\"p\",\"authority\":\"a\"}" },
	{ "exhibit.hold", "id", ON_EXHIBIT, "{\"purpose\":\"p\",\"authority\":\"a\"}" },
	{ "exhibit.hold", "case_id", ON_CASE, "{\"purpose\":\"p\",\"authority\":\"a\"}" },
	{ "exhibit.release", "id", ON_EXHIBIT, "{\"purpose\":\"p\",\"authority\":\"a\"}" },
	{ "exhibit.retain", "id", ON_EXHIBIT,
		"{\"purpose\":\"p\",\"authority\":\"a\",\"until\":\"2099-01-01T00:00:00Z\","
		"\"rule\":\"r\",\"source\":\"s\"}" },
	{ "exhibit.ease", "id", ON_EXHIBIT,
		"{\"purpose\":\"p\",\"authority\":\"a\",\"use\":\"other\"}" },
	{ "exhibit.destroy", "id", ON_EXHIBIT, "{\"purpose\":\"p\",\"authority\":\"a\"}" },
	{ "exhibit.open", "id", ON_EXHIBIT, "{\"purpose\":\"p\",\"authority\":\"a\"}" },
	{ "attachment.list", "of", ON_REQUEST, "{}" },
	{ "attachment.list", "of", ON_DRAFT, "{}" },
	{ "attachment.put", "id", ON_HELD, "{}" },
	{ "attachment.drop", "id", ON_HELD, "{}" },
	{ "attachment.content", "id", ON_HELD, "{}" },
	{ "attachment.content", "id", ON_SENT, "{}" },
	{ "attachment.open", "id", ON_HELD, "{}" },
	{ "attachment.open", "id", ON_SENT, "{}" },
	{ "acquire.begin", "case_id", ON_CASE,
		"{\"id\":\"0196a1b2-0000-7000-8000-00000000acad\",\"to\":\"us.contact\","
		"\"name\":\"n\",\"source\":{},\"wrapped\":\"AAAA\"}" },
	{ "acquire.key", "id", ON_ACQUISITION, "{}" },
	{ "acquire.drop", "id", ON_ACQUISITION, "{\"why\":\"w\"}" },
	{ "case.export", "case_id", ON_CASE, "{}" },
	{ "case.report", "case_id", ON_CASE, "{\"format\":\"html\"}" },
	{ "case.packaged", "case_id", ON_CASE,
		"{\"index_sha256\":"
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"files\":1,"
		"\"exhibits\":[]}" },
};
static const char *const lists[] = { "request.list", "inbox.list", "case.list", "delivery.list",
	"exhibit.list", "acquire.list", "search" };
static json_t *
list_ask(const char *list)
{
	return strcmp(list, "search") == 0 ? json_pack("{s:s}", "words", "hospital")
					   : json_object();
}
/* Nothing of a case is in them. partner.proof here is the fixture's. */
static const char open_ops[] =
	"view.list,view.save,view.drop,"
	"template.list,template.show,template.save,template.drop,template.usual,"
	"form.list,form.show,form.check,"
	"user.add,user.list,user.disable,user.role,user.unit,unit.list,"
	"token.add,token.list,token.revoke,api.describe,numbers.show,report.yearly,"
	"report.print,"
	"unit.add,unit.intake,attachment.add,"
	"case.new,law.show,law.publish,law.check,law.gap,event.list,partner.proof";

static const char *
target(int on)
{
	const char *const ids[] = { story.asked.case_id, story.asked.id, draft, story.exhibit_id,
		held, sent, acquisition };

	return ids[on];
}

static json_t *
ask_of(size_t i, const char *id)
{
	json_t *in;

	if (guarded[i].more != NULL) {
		in = json_loads(guarded[i].more, 0, NULL);
		(void)json_object_set_new(in, guarded[i].member,
			strcmp(guarded[i].member, "ids") == 0 ? json_pack("[s]", id)
							      : json_string(id));
		return in;
	}
	in = request_ask("us.contact", "preserve");
	(void)json_object_set_new(in, "case_id", json_string(id));
	return strcmp(guarded[i].op, "request.new") == 0 ? in
							 : json_pack("{s:[o]}", "requests", in);
}

static const struct op *
op_named(const char *name)
{
	for (size_t i = 0; i < op_count(th->x); i++) {
		if (strcmp(op_at(th->x, i)->name, name) == 0)
			return op_at(th->x, i);
	}
	fail_msg("no operation %s", name);
	abort();
}

/* An outsider whose role may do op: refused by sight, not by role. */
static enum co_rc
try_as(const char *token, size_t i, const char *id)
{
	json_t *out, *in = ask_of(i, id);
	enum co_rc rc;

	if (strcmp(guarded[i].op, "request.submit_many") != 0 &&
		strcmp(guarded[i].op, "request.each") != 0 &&
		strcmp(guarded[i].op, "case.each") != 0)
		return call_fails(th, token, guarded[i].op, in);
	out = call(th, token, guarded[i].op, in);
	in = json_array_get(json_object_get(out, "results"), 0);
	rc = co_rc_from_name(json_string_value(json_object_get(in, "error")));
	(void)co_fail(&err, rc, "%s", json_string_value(json_object_get(in, "message")));
	json_decref(out);
	return rc;
}

static void
unit_make(const char *admin)
{
	json_decref(call(th, admin, "unit.add",
		json_pack("{s:s,s:s}", "name", "fraud", "title", "Fraud and money")));
}

static void
officer_move(const char *admin, const char *name, const char *unit)
{
	json_decref(
		call(th, admin, "user.unit", json_pack("{s:s,s:s}", "name", name, "unit", unit)));
}

static void
every_operation_is_in_a_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < op_count(th->x); i++) {
		const char *name = op_at(th->x, i)->name;
		bool found = strstr(open_ops, name) != NULL;

		for (size_t k = 0; k < CO_ARRAY_LEN(guarded) && !found; k++)
			found = strcmp(guarded[k].op, name) == 0;
		for (size_t k = 0; k < CO_ARRAY_LEN(lists) && !found; k++)
			found = strcmp(lists[k], name) == 0;
		if (!found)
			fail_msg("what does an officer of another unit get of %s?", name);
	}
}

static void
outsider_gets_nothing_and_learns_nothing(void **state)
{
	char token[65], admin[65], none[CO_UUID_LEN + 1], told[512];
	static const char *const roles[] = { "duty", "approver", "custodian" };

	(void)state;
	side_officer(th, "ada", "administrator", admin);
	unit_make(admin);
	co_uuid7(none);
	for (size_t r = 0; r < CO_ARRAY_LEN(roles); r++) {
		side_officer(th, roles[r], roles[r], token);
		officer_move(admin, roles[r], "fraud");
		for (size_t i = 0; i < CO_ARRAY_LEN(guarded); i++) {
			const struct op *op = op_named(guarded[i].op);
			const char *id = target(guarded[i].on);

			if (strcmp(op->roles, "*") != 0 && strstr(op->roles, roles[r]) == NULL)
				continue;
			if (try_as(token, i, id) != CO_ENOTFOUND)
				fail_msg("%s as %s: %s", guarded[i].op, roles[r], err.msg);
			assert_non_null(strstr(err.msg, id));
			(void)snprintf(told, sizeof(told), "%.*s",
				(int)(strstr(err.msg, id) - err.msg), err.msg);
			/* The same words as for what is not here. */
			if (try_as(token, i, none) != CO_ENOTFOUND)
				fail_msg("%s of nothing: %s", guarded[i].op, err.msg);
			assert_memory_equal(told, err.msg, strlen(told));
		}
		for (size_t i = 0; i < CO_ARRAY_LEN(lists); i++) {
			json_t *o = call(th, token, lists[i], list_ask(lists[i]));
			char *text = json_dumps(o, 0);

			if (strstr(text, story.asked.case_id) != NULL ||
				strstr(text, story.asked.id) != NULL || strstr(text, draft) != NULL)
				fail_msg("%s shows it to an outsider: %s", lists[i], text);
			free(text);
			json_decref(o);
		}
	}
}

/* What the insider sees, so that the test above proves something. */
static void
insider_sees_it_in_every_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(lists); i++) {
		json_t *o = call(th, th->duty, lists[i], list_ask(lists[i]));
		char *text = json_dumps(o, 0);

		if (strstr(text, story.asked.case_id) == NULL && strstr(text, draft) == NULL)
			fail_msg("%s does not show it", lists[i]);
		free(text);
		json_decref(o);
	}
	json_decref(call(th, th->duty, "draft.show", json_pack("{s:s}", "id", draft)));
}

static void
officer_named_for_a_case_sees_that_one(void **state)
{
	char token[65], admin[65];

	(void)state;
	side_officer(th, "ada", "administrator", admin);
	side_officer(th, "olga", "duty", token);
	officer_move(admin, "olga", "none");
	assert_int_equal(
		call_fails(th, token, "request.show", json_pack("{s:s}", "id", story.asked.id)),
		CO_ENOTFOUND);
	json_decref(call(th, th->duty, "case.name",
		json_pack("{s:s,s:s}", "case_id", story.asked.case_id, "officer", "olga")));
	json_decref(call(th, token, "request.show", json_pack("{s:s}", "id", story.asked.id)));
	json_decref(call(th, token, "draft.show", json_pack("{s:s}", "id", draft)));
	for (size_t i = 0; i < CO_ARRAY_LEN(lists); i++) {
		json_t *o = call(th, token, lists[i], list_ask(lists[i]));
		char *text = json_dumps(o, 0);

		if (strstr(text, story.asked.case_id) == NULL && strstr(text, draft) == NULL)
			fail_msg("%s hides it from one who is named", lists[i]);
		free(text);
		json_decref(o);
	}
	json_decref(call(th, th->duty, "case.name",
		json_pack("{s:s,s:s,s:b}", "case_id", story.asked.case_id, "officer", "olga", "off",
			true)));
	assert_int_equal(
		call_fails(th, token, "request.show", json_pack("{s:s}", "id", story.asked.id)),
		CO_ENOTFOUND);
}

static json_t *
naming(const char *officer, bool off, const char *reason)
{
	return json_pack("{s:s,s:s,s:b,s:s*}", "case_id", story.asked.case_id, "officer", officer,
		"off", off, "reason", reason);
}

static void
hidden_in_lists(const char *token)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(lists); i++) {
		json_t *o = call(th, token, lists[i], list_ask(lists[i]));
		char *text = json_dumps(o, 0);

		if (strstr(text, story.asked.case_id) != NULL || strstr(text, draft) != NULL)
			fail_msg("%s shows a closed case: %s", lists[i], text);
		free(text);
		json_decref(o);
	}
}

/* Everybody of the unit, the administrator and the author of its draft are outside. */
static void
closed_case_is_for_the_named_alone(void **state)
{
	char token[65], admin[65];
	json_t *o;

	(void)state;
	side_officer(th, "ada", "administrator", admin);
	side_officer(th, "olga", "duty", token);
	o = call(th, token, "case.restrict",
		json_pack("{s:s,s:s}", "case_id", story.asked.case_id, "reason", "a leak"));
	assert_int_equal(json_array_size(json_object_get(o, "named")), 1);
	json_decref(o);
	for (size_t i = 0; i < CO_ARRAY_LEN(guarded); i++) {
		if (in_list(op_named(guarded[i].op)->roles, "administrator") ||
			strcmp(op_named(guarded[i].op)->roles, "*") == 0)
			assert_int_equal(try_as(admin, i, target(guarded[i].on)), CO_ENOTFOUND);
	}
	hidden_in_lists(admin);
	hidden_in_lists(th->duty);
	assert_int_equal(call_fails(th, th->duty, "draft.show", json_pack("{s:s}", "id", draft)),
		CO_ENOTFOUND);
	assert_int_equal(call_fails(th, admin, "case.name", naming("ada", false, "I want to")),
		CO_ENOTFOUND);
	o = call(th, token, "case.show", json_pack("{s:s}", "case_id", story.asked.case_id));
	assert_true(json_is_true(json_object_get(json_object_get(o, "case"), "closed")));
	json_decref(o);
	/* Another is let in with a reason only. */
	assert_int_equal(
		call_fails(th, token, "case.name", naming("ada", false, NULL)), CO_EUSAGE);
	json_decref(call(th, token, "case.name", naming("ada", false, "she tells the minister")));
	json_decref(call(th, admin, "draft.show", json_pack("{s:s}", "id", draft)));
	json_decref(call(th, token, "case.name", naming("ada", true, NULL)));
	assert_int_equal(
		call_fails(th, token, "case.name", naming("olga", true, NULL)), CO_EREFUSED);
	/* Opened to a unit with a reason only. */
	o = json_pack("{s:s,s:s}", "case_id", story.asked.case_id, "unit", "all");
	assert_int_equal(call_fails(th, admin, "case.assign", json_incref(o)), CO_ENOTFOUND);
	assert_int_equal(call_fails(th, token, "case.assign", json_incref(o)), CO_EUSAGE);
	(void)json_object_set_new(o, "reason", json_string("the leak is found"));
	json_decref(call(th, token, "case.assign", o));
	json_decref(call(th, th->duty, "draft.show", json_pack("{s:s}", "id", draft)));
}

/* The last named officer left: an administrator names another, not themselves. */
static void
closed_case_is_not_lost(void **state)
{
	char token[65], admin[65];

	(void)state;
	side_officer(th, "ada", "administrator", admin);
	side_officer(th, "olga", "duty", token);
	json_decref(call(th, token, "case.restrict",
		json_pack("{s:s,s:s}", "case_id", story.asked.case_id, "reason", "a leak")));
	json_decref(call(th, admin, "user.disable", json_pack("{s:s}", "name", "olga")));
	assert_int_equal(
		call_fails(th, admin, "case.name", naming("ada", false, "nobody is left")),
		CO_EREFUSED);
	assert_int_equal(call_fails(th, admin, "case.name", naming("anya", false, NULL)),
		CO_EUSAGE);
	json_decref(call(th, admin, "case.name", naming("anya", false, "nobody is left")));
	json_decref(call(th, th->duty, "case.show",
		json_pack("{s:s}", "case_id", story.asked.case_id)));
	assert_int_equal(call_fails(th, admin, "case.show",
				 json_pack("{s:s}", "case_id", story.asked.case_id)),
		CO_ENOTFOUND);
}

static void
case_goes_to_another_unit_whole(void **state)
{
	char token[65], admin[65];
	json_t *o;

	(void)state;
	side_officer(th, "ada", "administrator", admin);
	side_officer(th, "olga", "duty", token);
	unit_make(admin);
	officer_move(admin, "olga", "fraud");
	/* An administrator of another unit hands it on and does not read it. */
	officer_move(admin, "ada", "none");
	json_decref(call(th, admin, "case.assign",
		json_pack("{s:s,s:s,s:s}", "case_id", story.asked.case_id, "unit", "fraud",
			"reason", "it is about money")));
	assert_int_equal(call_fails(th, admin, "case.show",
				 json_pack("{s:s}", "case_id", story.asked.case_id)),
		CO_ENOTFOUND);
	assert_int_equal(call_fails(th, th->duty, "case.show",
				 json_pack("{s:s}", "case_id", story.asked.case_id)),
		CO_ENOTFOUND);
	/* Its author keeps seeing a draft. */
	json_decref(call(th, th->duty, "draft.show", json_pack("{s:s}", "id", draft)));
	for (size_t i = 0; i < CO_ARRAY_LEN(lists); i++) {
		o = call(th, token, lists[i], list_ask(lists[i]));
		char *text = json_dumps(o, 0);

		if (strstr(text, story.asked.case_id) == NULL)
			fail_msg("%s does not show it to its new unit", lists[i]);
		free(text);
		json_decref(o);
	}
	assert_int_equal(
		call_fails(th, token, "case.assign",
			json_pack("{s:s,s:s}", "case_id", story.asked.case_id, "unit", "nobody")),
		CO_ENOTFOUND);
}

static void
auditor_sees_that_it_exists(void **state)
{
	char token[65], admin[65];
	json_t *o, *row;

	(void)state;
	side_officer(th, "ada", "administrator", admin);
	side_officer(th, "udo", "auditor", token);
	json_decref(call(th, token, "case.show",
		json_pack("{s:s}", "case_id", story.asked.case_id))); /* in the unit all */
	o = call(th, token, "event.list", json_pack("{s:s}", "what", "law.advice"));
	row = json_object_get(json_array_get(json_object_get(o, "events"), 0), "detail");
	assert_non_null(json_object_get(json_object_get(row, "detail"), "question"));
	json_decref(o);
	officer_move(admin, "udo", "none");
	o = call(th, token, "case.list", json_object());
	row = json_array_get(json_object_get(o, "cases"), 0);
	assert_string_equal(
		json_string_value(json_object_get(row, "case_id")), story.asked.case_id);
	assert_true(json_is_true(json_object_get(row, "sealed")));
	assert_null(json_object_get(row, "partner"));
	assert_null(json_object_get(row, "theirs"));
	json_decref(o);
	/* What the law said of a request tells what it is about. */
	o = call(th, token, "event.list", json_pack("{s:s}", "what", "law.advice"));
	assert_true(json_array_size(json_object_get(o, "events")) > 0);
	row = json_object_get(json_array_get(json_object_get(o, "events"), 0), "detail");
	assert_true(json_is_true(json_object_get(json_object_get(row, "detail"), "sealed")));
	assert_null(json_object_get(json_object_get(row, "detail"), "question"));
	json_decref(o);
	assert_int_equal(call_fails(th, token, "case.show",
				 json_pack("{s:s}", "case_id", story.asked.case_id)),
		CO_EDENIED);
	assert_non_null(strstr(err.msg, "access.list"));
	assert_int_equal(call_fails(th, token, "case.export",
				 json_pack("{s:s}", "case_id", story.asked.case_id)),
		CO_EDENIED);
	assert_int_equal(
		call_fails(th, token, "record.get", json_pack("{s:s}", "id", story.asked.id)),
		CO_EDENIED);
}

/* Whose case is a new one? */
static void
new_cases_belong_to_author_or_intake(void **state)
{
	struct side *us = &story.p->us;
	char token[65], admin[65];
	struct asked a;
	uint64_t records, faults;
	json_t *o;

	(void)state;
	side_officer(us, "ada", "administrator", admin);
	side_officer(us, "olga", "duty", token);
	json_decref(call(us, admin, "unit.add",
		json_pack("{s:s,s:s}", "name", "intake", "title", "Intake")));
	json_decref(call(
		us, admin, "user.unit", json_pack("{s:s,s:s}", "name", "olga", "unit", "intake")));
	json_decref(call(us, admin, "unit.intake", json_pack("{s:s}", "name", "intake")));
	send_preserve(story.p, &a);
	json_decref(call(us, token, "request.show", json_pack("{s:s}", "id", a.id)));
	assert_int_equal(call_fails(us, us->duty, "request.show", json_pack("{s:s}", "id", a.id)),
		CO_ENOTFOUND);
	o = call(us, token, "request.new", request_ask("th.contact", "preserve"));
	json_decref(call(
		us, token, "request.send", json_pack("{s:O}", "id", json_object_get(o, "id"))));
	assert_int_equal(call_fails(us, us->duty, "case.show",
				 json_pack("{s:O}", "case_id", json_object_get(o, "case_id"))),
		CO_ENOTFOUND);
	/* A rebuild keeps who sees what. */
	assert_ok(exchange_rebuild(us->x, &records, &faults, &err));
	assert_int_equal(faults, 0);
	json_decref(call(us, token, "request.show", json_pack("{s:s}", "id", a.id)));
	assert_int_equal(call_fails(us, us->duty, "request.show", json_pack("{s:s}", "id", a.id)),
		CO_ENOTFOUND);
	assert_int_equal(call_fails(us, us->duty, "case.show",
				 json_pack("{s:O}", "case_id", json_object_get(o, "case_id"))),
		CO_ENOTFOUND);
	json_decref(o);
	assert_int_equal(call_fails(us, us->duty, "unit.add",
				 json_pack("{s:s,s:s}", "name", "mine", "title", "Mine")),
		CO_EDENIED);
	assert_int_equal(call_fails(us, admin, "user.role",
				 json_pack("{s:s,s:s}", "name", "ada", "role", "duty")),
		CO_EREFUSED);
}

/* Closed before anything of it was signed, a case is never open for a moment. */
static void
a_draft_is_closed_before_it_is_sent(void **state)
{
	char named[65], none[CO_UUID_LEN + 1], id[CO_UUID_LEN + 1], case_id[CO_UUID_LEN + 1];
	json_t *o;

	(void)state;
	side_officer(th, "olga", "duty", named);
	co_uuid7(none);
	o = call(th, th->duty, "request.new", request_ask("us.contact", "preserve"));
	(void)snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(o, "id")));
	(void)snprintf(
		case_id, sizeof(case_id), "%s", json_string_value(json_object_get(o, "case_id")));
	json_decref(o);
	assert_int_equal(call_fails(th, th->duty, "case.restrict",
				 json_pack("{s:s,s:s}", "case_id", none, "reason", "r")),
		CO_ENOTFOUND);
	json_decref(call(th, th->duty, "case.restrict",
		json_pack("{s:s,s:s,s:[s]}", "case_id", case_id, "reason", "a suspect works here",
			"officers", "olga")));
	o = call(th, named, "draft.show", json_pack("{s:s}", "id", id));
	assert_true(json_is_true(json_object_get(json_object_get(o, "case"), "closed")));
	assert_false(json_is_true(json_object_get(json_object_get(o, "case"), "open")));
	assert_int_equal(json_array_size(json_object_get(o, "named")), 2);
	json_decref(o);
	/* An administrator and an approver of the same unit: no more than strangers. */
	assert_int_equal(
		call_fails(th, th->admin, "draft.show", json_pack("{s:s}", "id", id)),
		CO_ENOTFOUND);
	assert_int_equal(call_fails(th, th->approver, "request.approve",
				 json_pack("{s:s,s:b}", "id", id, "ok", true)),
		CO_ENOTFOUND);
	assert_int_equal(call_fails(th, th->admin, "case.name",
				 json_pack("{s:s,s:s,s:s}", "case_id", case_id, "officer", "olga",
					 "reason", "r")),
		CO_ENOTFOUND);
	json_decref(call(th, named, "request.send", json_pack("{s:s}", "id", id)));
	o = call(th, named, "case.show", json_pack("{s:s}", "case_id", case_id));
	assert_true(json_is_true(json_object_get(json_object_get(o, "case"), "closed")));
	json_decref(o);
	assert_int_equal(
		call_fails(th, th->admin, "case.show", json_pack("{s:s}", "case_id", case_id)),
		CO_ENOTFOUND);
	/* Open to a unit again, with a reason. */
	json_decref(call(th, named, "case.assign",
		json_pack("{s:s,s:s,s:s}", "case_id", case_id, "unit", "all", "reason",
		"cleared")));
	json_decref(call(th, th->admin, "case.show", json_pack("{s:s}", "case_id", case_id)));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(every_operation_is_in_a_table),
		T(insider_sees_it_in_every_list),
		T(outsider_gets_nothing_and_learns_nothing),
		T(officer_named_for_a_case_sees_that_one),
		T(closed_case_is_for_the_named_alone),
		T(closed_case_is_not_lost),
		T(a_draft_is_closed_before_it_is_sent),
		T(case_goes_to_another_unit_whole),
		T(auditor_sees_that_it_exists),
		T(new_cases_belong_to_author_or_intake),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
