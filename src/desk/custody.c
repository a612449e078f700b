/* The forms of custody: what can be done with an exhibit or with all that a case has, what follows
 * from it, and what was filled in as the operation takes it. The moves themselves, and who may make
 * them, come from exhibit.moves and case.custody. */
#include "desk/pages.h"
#include "record/custody.h"

#include <string.h>

/* What a move is called where one is chosen; what follows from it is in record/custody.c. */
static const struct {
	const char *action, *doing;
} doings[] = {
	{ "accessed", WORDS("Record that somebody looked at it") },
	{ "copied", WORDS("Record a copy") },
	{ "examined", WORDS("Record an examination") },
	{ "exported", WORDS("Record an export") },
	{ "checked-in", WORDS("Check it into the store") },
	{ "checked-out", WORDS("Check it out of the store") },
	{ "transferred", WORDS("Record a handover") },
	{ "changed", WORDS("Record a change") },
	{ "returned", WORDS("Give it back") },
	{ "retained", WORDS("Set how long it is kept") },
	{ "held", WORDS("Put it on hold") },
	{ "released", WORDS("End the hold") },
	{ "eased", WORDS("Allow a further use") },
	{ "destroyed", WORDS("Destroy it") },
};

/* Fields of the forms; a name with a dot is a member of an object. */
static const char *const fields[] = { "purpose", "authority", "place", "condition", "storage",
	"released_by.name", "released_by.organisation", "released_by.function",
	"received_by.name", "received_by.organisation", "received_by.function", "witness",
	"transport.from", "transport.to", "transport.method", "transport.condition_before",
	"transport.condition_after", "tool.name", "tool.version", "result", "changes.what",
	"changes.why", "changes.responsible", "use", "to", "rule", "source" };

static const char *
doing(const char *action)
{
	for (size_t i = 0; action != NULL && i < CO_ARRAY_LEN(doings); i++)
		if (strcmp(doings[i].action, action) == 0)
			return doings[i].doing;
	return action;
}

const char *
custody_follows(const char *action)
{
	const struct custody_action *a = custody_action_find(action);

	return a == NULL || a->follows == NULL ? "" : a->follows;
}

bool
custody_last(const char *action)
{
	const struct custody_action *a = custody_action_find(action);

	return a != NULL && a->last;
}

void
custody_tell(struct visit *v, const char *at)
{
	json_t *move, *need;
	size_t i, k;

	json_array_foreach(json_object_get(v->values, "moves"), i, move)
	{
		const char *action = json_string_value(json_object_get(move, "action"));

		(void)json_object_set_new(move, "do", json_string(doing(action)));
		(void)json_object_set_new(move, "follows", json_string(custody_follows(action)));
		(void)json_object_set_new(move, "reminds",
			json_boolean(action != NULL && strcmp(action, "held") == 0));
		(void)json_object_set_new(move, "last", json_boolean(custody_last(action)));
		json_array_foreach(json_object_get(move, "needs"), k, need)
		{
			char flag[48];

			(void)snprintf(flag, sizeof(flag), "needs_%s", json_string_value(need));
			(void)json_object_set_new(move, flag, json_true());
		}
	}
	visit_put(v, "at", json_string(at));
	visit_put(v, "somebody",
		json_boolean(json_array_size(json_object_get(v->values, "approvers")) > 0));
	visit_put(v, "any_waiting",
		json_boolean(json_array_size(json_object_get(v->values, "waiting")) > 0));
}

static void
field_take(const struct visit *v, const char *name, json_t *in)
{
	const char *s = visit_field(v, name), *dot = strchr(name, '.');
	char object[32];
	json_t *o;

	if (s == NULL)
		return;
	if (dot == NULL) {
		(void)json_object_set_new(in, name, json_string(s));
		return;
	}
	(void)snprintf(object, sizeof(object), "%.*s", (int)(dot - name), name);
	o = json_object_get(in, object);
	if (o == NULL) {
		o = json_object();
		(void)json_object_set_new(in, object, o);
	}
	(void)json_object_set_new(o, dot + 1, json_string(s));
}

/* A day is the whole of it, in UTC as a rule says it; one that reminds begins where the reader
 * is. */
static void
until_take(const struct visit *v, const char *action, json_t *in)
{
	const char *s = visit_field(v, "until");
	char instant[CO_TIME_LEN];
	int64_t us;

	if (s != NULL && strcmp(action, "held") == 0 &&
		zone_read(visit_clock(v), s, &us, NULL) == CO_OK) {
		co_time_print(us, instant);
		(void)json_object_set_new(in, "until", json_string(instant));
	} else if (s != NULL)
		(void)json_object_set_new(in, "until",
			strlen(s) == 10 ? json_sprintf("%sT23:59:59Z", s) : json_string(s));
}

/* The move that was posted, if it is one of moves: its operation. */
static const char *
operation_of(const json_t *moves, const char *action)
{
	const json_t *move;
	size_t i;

	json_array_foreach(moves, i, move)
	{
		if (strcmp(json_string_value(json_object_get(move, "action")), action) == 0)
			return json_string_value(json_object_get(move, "operation"));
	}
	return NULL;
}

static enum co_rc
act(struct visit *v, const char *ask, const char *member, json_t **out, struct co_err *err)
{
	const char *action = visit_field(v, "action"), *operation, *sure = visit_field(v, "sure");
	json_auto_t *moves = NULL;
	json_t *in;

	if (action == NULL)
		return co_fail(err, CO_EUSAGE, "nothing was chosen; go back and choose what to do");
	if (custody_last(action) && (sure == NULL || strcmp(sure, "yes") != 0))
		return co_fail(err, CO_EUSAGE,
			"it cannot be undone: go back and tick that you have read what follows");
	TRY(visit_op(v, ask, json_pack("{s:s}", member, v->param[0]), &moves, err));
	operation = operation_of(json_object_get(moves, "moves"), action);
	if (operation == NULL)
		return co_fail(err, CO_EREFUSED,
			"\"%.32s\" is not possible now, or not by your role; the page says what is",
			action);
	in = json_pack("{s:s}", member, v->param[0]);
	if (strcmp(operation, "exhibit.log") == 0)
		(void)json_object_set_new(in, "action", json_string(action));
	for (size_t i = 0; i < CO_ARRAY_LEN(fields); i++)
		field_take(v, fields[i], in);
	until_take(v, action, in);
	return visit_op(v, operation, in, out, err);
}

enum co_rc
page_exhibit_act(struct visit *v, struct co_err *err)
{
	json_auto_t *out = NULL;

	TRY(act(v, "exhibit.moves", "id", &out, err));
	visit_go(v, "/exhibit/%s", v->param[0]);
	return CO_OK;
}

enum co_rc
page_case_keep(struct visit *v, struct co_err *err)
{
	json_auto_t *out = NULL;

	TRY(act(v, "case.custody", "case_id", &out, err));
	visit_go(v, "/case/%s#evidence", v->param[0]);
	return CO_OK;
}
