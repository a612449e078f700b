/* What can follow on a request, in the words of who has to choose: the act, what comes of it, and
 * which of them is the usual one now. What may be done at all is the table of states. */
#include "desk/pages.h"

#include <string.h>

/* Of each notice: what its button says, and what follows from it. */
static const struct {
	const char *state, *act, *follows;
} acts[] = {
	{ "acknowledged", WORDS("Acknowledge"),
		WORDS("They learn that a person here has it in hand. Nothing is decided yet; the "
		      "clock for the answer goes on.") },
	{ "accepted", WORDS("Accept it"),
		WORDS("They learn that it will be done. You then execute it and tell them when it "
		      "is done.") },
	{ "need-decision", WORDS("Say that an authority must decide first"),
		WORDS("They learn that a court or another authority here must decide first.") },
	{ "condition-offered", WORDS("Offer a condition"),
		WORDS("It waits until they accept your condition or decline it.") },
	{ "condition-accepted", WORDS("Accept the condition"),
		WORDS("You are bound by the condition; the work goes on there.") },
	{ "condition-declined", WORDS("Decline the condition"),
		WORDS("Without the condition they may refuse.") },
	{ "referred", WORDS("Say that another authority has it now"),
		WORDS("They learn that another authority here has it now.") },
	{ "postponed", WORDS("Postpone it"),
		WORDS("They learn that it waits, and why. It stays open.") },
	{ "partial", WORDS("Say that it is executed in part"),
	WORDS("They learn what was done and what was not. It stays open for the rest.") },
	{ "executed", WORDS("Say that it is executed"),
		WORDS("They learn that it is done. For a preservation the time of keeping begins "
		      "to run, and its end is watched.") },
	{ "path-disclosed", WORDS("Say that the path is disclosed"),
		WORDS("They learn which provider to ask next.") },
	{ "extended", WORDS("Say that the data are kept longer"),
		WORDS("The data are kept until the new end.") },
	{ "delayed", WORDS("Say that it is delayed"),
		WORDS("They learn when to expect the answer. It stays open.") },
	{ "impossible", WORDS("Say that it is impossible"),
		WORDS("They learn that it cannot be done. The request ends.") },
	{ "refused", WORDS("Refuse it"),
		WORDS("The request ends. They learn the ground and your reason, and can answer "
		      "in a message or ask anew.") },
	{ "withdrawn", WORDS("Withdraw the request"),
		WORDS("You give the request up. They stop, and what is preserved is no longer kept "
		      "for you.") },
	{ "expired", WORDS("Say that the time of keeping is over"),
		WORDS("They learn that the data are no longer kept for them (art. 29(7)).") },
	{ "use-explained", WORDS("Explain the use"),
		WORDS("They learn what was done with what they gave.") },
	{ "closed", WORDS("Close the request"),
		WORDS("Both sides are done with this request; neither answers it any more. The "
		      "records stay. Data that are kept stay kept until the date that was told: "
		      "both sides go on counting and are warned before it.") },
};

/* What an officer ticks before an act that gives up data which are still kept. */
static const struct {
	const char *state, *words;
} lets_go[] = {
	{ "withdrawn",
		WORDS("Once it is withdrawn they may be deleted before that, and it cannot be "
		      "undone. I have read this.") },
};

/* What somebody who opens the request should do now, and the act that is usual then; the first row
 * that fits. */
static const struct {
	bool incoming;
	const char *state;  /* NULL: any other */
	const char *likely; /* comma list, the most likely first; "": none */
	const char *next;
} nexts[] = {
	{ true, "sent", "acknowledged",
		WORDS("Read what is asked, then acknowledge it: they wait to know that a person "
		      "has it. Accepting or refusing comes after.") },
	{ true, "acknowledged", "accepted,executed",
		WORDS("Decide: accept it, offer a condition, or refuse with a ground. When it is "
		      "done, tell them that it is executed.") },
	{ true, "accepted", "executed,path-disclosed,extended",
		WORDS("Carry it out, then tell them that it is executed.") },
	{ true, "condition-offered", "", WORDS("Wait for their answer to your condition.") },
	{ true, "condition-accepted", "executed,path-disclosed,extended",
		WORDS("They accepted your condition. Carry it out, then tell them that it is "
		      "executed.") },
	{ true, "executed", "",
		WORDS("Done. Their request for the data may follow. Close it when nothing more is "
		      "to come.") },
	{ true, NULL, "", WORDS("See below what can follow.") },
	{ false, "sent", "",
		WORDS("It is their turn to acknowledge it. You can withdraw it, or add a message "
		      "in the case.") },
	{ false, "acknowledged", "",
		WORDS("A person there has it. It is their turn to decide.") },
	{ false, "accepted", "",
		WORDS("They will do it. It is their turn to tell you when it is done.") },
	{ false, "condition-offered", "condition-accepted,condition-declined",
		WORDS("Accept or decline their condition below.") },
	{ false, "executed", "",
		WORDS("It is done. Ask for the data in the same case before the keeping ends, "
		      "or close it when nothing more is to come.") },
	{ false, "refused", "closed",
		WORDS("Read the ground below. You can close it, or ask anew.") },
	{ false, NULL, "", WORDS("See below what can follow.") },
};

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* A request that is closed, while the data it asked for are kept all the same. */
static const struct {
	bool incoming;
	const char *next;
} kept_on[] = {
	{ true,
		WORDS("Closed; but the data stay kept until the date above. You are warned before "
		      "it, and they can still ask for them.") },
	{ false,
		WORDS("Closed; but the data are kept there until the date above. You are warned "
		      "before it. Until then you can ask for them, or ask to keep them longer.") },
};

static bool
is_kept(const json_t *request)
{
	return json_is_integer(json_object_get(request, "left_s"));
}

/* The row for a request; NULL when it is settled for good. */
static size_t
next_row(const json_t *request)
{
	bool incoming = json_is_true(json_object_get(request, "incoming"));
	size_t i = 0;

	while (nexts[i].incoming != incoming ||
		(nexts[i].state != NULL && strcmp(nexts[i].state, text_of(request, "state")) != 0))
		i++;
	return i;
}

const char *
moves_next(const json_t *request)
{
	const char *state = text_of(request, "state");

	if (strcmp(state, "closed") == 0 && is_kept(request))
		return kept_on[json_is_true(json_object_get(request, "incoming")) ? 0 : 1].next;
	return in_list("closed,withdrawn,expired", state) ? "" : nexts[next_row(request)].next;
}

const char *
moves_act(const char *state)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(acts); i++)
		if (strcmp(acts[i].state, state) == 0)
			return acts[i].act;
	return NULL;
}

static const char *
follows_of(const char *state)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(acts); i++)
		if (strcmp(acts[i].state, state) == 0)
			return acts[i].follows;
	return NULL;
}

/* May this answer go against what the law says? Then its reason is asked. */
static bool
asks_why(const char *state, bool against)
{
	return strcmp(state, "refused") == 0 ||
		(against &&
			in_list("accepted,partial,executed,extended,path-disclosed", state));
}

/* Does it let go of data that are kept now? What has to be ticked then; NULL. */
static const char *
letting_go(const json_t *request, const char *state)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(lets_go); i++)
		if (strcmp(lets_go[i].state, state) == 0 && is_kept(request))
			return lets_go[i].words;
	return NULL;
}

bool
moves_lets_go(const json_t *request, const char *state)
{
	return letting_go(request, state) != NULL;
}

/* How early an act of the list of likely ones comes; the others behind them. */
static size_t
rank(const char *likely, const char *state)
{
	size_t n = 0;

	for (const char *p = likely; *p != '\0'; n++) {
		size_t len = strcspn(p, ",");

		if (strlen(state) == len && memcmp(p, state, len) == 0)
			return n;
		p += len + (p[len] == ',' ? 1 : 0);
	}
	return n;
}

static void
move_fill(json_t *move, const json_t *request, bool against, bool numbered)
{
	const char *state = text_of(move, "state"), *sure = letting_go(request, state);
	json_t *need, *ground;
	size_t k;

	(void)json_object_set_new(move, "act", json_string(moves_act(state)));
	(void)json_object_set_new(move, "follows", json_string(follows_of(state)));
	(void)json_object_set_new(move, "asks_why", json_boolean(asks_why(state, against)));
	(void)json_object_set_new(move, "sure", sure == NULL ? json_null() : json_string(sure));
	(void)json_object_set_new(move, "asks_number", json_boolean(!numbered));
	(void)json_object_set_new(move, "open", json_false());
	(void)json_object_set_new(move, "fault", json_null());
	(void)json_object_set_new(move, "typed", json_object());
	(void)json_object_set_new(move, "files", json_array());
	json_array_foreach(json_object_get(move, "grounds"), k, ground)
		(void)json_object_set_new(ground, "on", json_false());
	json_array_foreach(json_object_get(move, "needs"), k, need)
	{
		char flag[48];

		(void)snprintf(flag, sizeof(flag), "needs_%s", json_string_value(need));
		(void)json_object_set_new(move, flag, json_true());
	}
}

void
moves_fill(json_t *moves, const json_t *request, bool against, bool numbered)
{
	const char *likely = nexts[next_row(request)].likely;
	size_t n = json_array_size(moves);

	/* By insertion: those of equal rank keep the order of the table of states. */
	for (size_t i = 1; i < n; i++) {
		json_t *one = json_incref(json_array_get(moves, i));
		size_t k = i;

		while (k > 0 &&
			rank(likely, text_of(json_array_get(moves, k - 1), "state")) >
				rank(likely, text_of(one, "state")))
			k--;
		(void)json_array_remove(moves, i);
		(void)json_array_insert_new(moves, k, one);
	}
	for (size_t i = 0; i < n; i++) {
		json_t *move = json_array_get(moves, i);
		bool main = i == 0 && rank(likely, text_of(move, "state")) < rank(likely, "");

		move_fill(move, request, against, numbered);
		(void)json_object_set_new(move, "main", json_boolean(main));
		(void)json_object_set_new(move, "open", json_boolean(main));
	}
}
