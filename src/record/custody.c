#include "record/custody.h"

#include "base/limits.h"
#include "base/uuid.h"
#include "record/schema.h"
#include "words/catalogue.h"

#include <string.h>

#define P SAID_PERSON
#define N SAID_NODE
#define O SAID_ORDER
#define HANDED (CUSTODY_RELEASED | CUSTODY_RECEIVED | CUSTODY_CONDITION)

/* In the order of an exhibit's life. */
static const struct custody_action actions[] = {
	{ "begun", O, 0, true, false, "an own case was begun, before anybody was asked",
		NULL, false },
	{ "acquired", N, CUSTODY_TOOL, false, false, "taken from its source",
		NULL, false },
	{ "sealed", N, 0, false, false, "encrypted and stored in the vault",
		NULL, false },
	{ "offered", N, 0, false, false, "the manifest went to the partner",
		NULL, false },
	{ "fetched", N, 0, false, false, "its transfer began",
		NULL, false },
	{ "received", N, 0, false, false, "it came whole: the signed receipt for the evidence",
		NULL, false },
	{ "verified", N, 0, false, false, "compared with its manifest again",
		NULL, false },
	{ "failed", N, 0, false, false, "what came is not what the manifest says",
		NULL, false },
	{ "opened", N, 0, false, true, "its key was given out",
		WORDS("Who proposed it gets the key, once, and takes the evidence out of "
		      "its seal."), false },
	{ "accessed", P, CUSTODY_PLACE, false, true, "somebody looked at it",
		WORDS("The signed record says that somebody looked at it, where and why."), false },
	{ "copied", P | N, CUSTODY_PLACE, false, true, "a copy was made",
		WORDS("The signed record says that a copy exists; who has it goes into the "
		      "purpose."), false },
	{ "examined", P | N, CUSTODY_TOOL | CUSTODY_RESULT, false, true,
		"an action, test or process, and what came of it",
		WORDS("The signed record says what was done with which tool, and what came "
		      "of it."), false },
	{ "exported", P | N, CUSTODY_RECEIVED, false, true, "written out in another form",
		WORDS("The signed record says who took it in which form."), false },
	{ "packaged", N, 0, true, true, "put into a package",
		NULL, false },
	{ "checked-in", P, CUSTODY_PLACE | CUSTODY_STORAGE | CUSTODY_CONDITION, false, false,
		"put into the store; it is closed from then on",
		WORDS("It is closed from then on: to open it, a second officer confirms."), false },
	{ "checked-out", P, CUSTODY_PLACE | CUSTODY_RECEIVED | CUSTODY_CONDITION, false, false,
		"taken out of the store",
		WORDS("It is open again, in the hands of whoever took it."), false },
	{ "transferred", P, HANDED | CUSTODY_TRANSPORT, false, false,
		"handed from one person or place to another",
		WORDS("The signed record says who gave it to whom, and how it travelled."), false },
	{ "changed", P, CUSTODY_CHANGES, false, false, "a change that could not be avoided",
		WORDS("A change stays in the chain for good: say exactly what and why."), false },
	{ "returned", O, HANDED, false, false, "given back; the partner is told",
		WORDS("The partner is told that it was given back."), false },
	{ "retained", O, CUSTODY_RETENTION, true, false, "a period for which it is kept",
		WORDS("It cannot be destroyed before the end of the period. Before the end "
		      "the desk reminds you; nothing is destroyed by itself."), false },
	{ "held", O, 0, true, false, "on hold: not destroyed, whatever the period says",
		WORDS("It cannot be destroyed while the hold lasts, whatever the period "
		      "says. Only somebody ends it: a day that you name reminds you, and ends "
		      "nothing."), false },
	{ "released", O, 0, true, false, "the hold is over",
		WORDS("The hold is over: the period alone decides again."), false },
	{ "eased", O, CUSTODY_EASE, false, false,
		"the side whose condition it is allows a further use",
		WORDS("The partner gets a signed record that allows this use, and may rely "
		      "on it."), false },
	{ "destroyed", O, 0, false, false, "its destruction was decided; the partner is told",
		WORDS("Its key is forgotten, then its sealed file is overwritten and "
		      "removed. What backups hold ends with the backups. The partner gets a"
		      " signed record of it. The digests and the chain of custody stay. "
		      "This cannot be undone."),
		true },
	{ "erased", N, 0, false, false, "its sealed file was overwritten and removed",
		NULL, false },
};

static const char *const need_members[CUSTODY_NEEDS] = { "place", "condition", "storage",
	"released_by", "received_by", "transport", "tool", "result", "changes", "retention",
	"ease" };

size_t
custody_actions_count(void)
{
	return sizeof(actions) / sizeof(actions[0]);
}

const struct custody_action *
custody_action_at(size_t i)
{
	return i < custody_actions_count() ? &actions[i] : NULL;
}

const struct custody_action *
custody_action_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < custody_actions_count(); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

const char *
custody_need_member(unsigned i)
{
	return i < CUSTODY_NEEDS ? need_members[i] : "";
}

/* ---- the body ---- */
#define MUST .flags = SCHEMA_MUST
#define STRING(n, x) .shape = SHAPE_STRING, .min = (n), .max = (x)
#define NAME STRING(1, LIMIT_NAME), .rule = &text_name
#define TEXT STRING(1, LIMIT_TEXT), .rule = &text_lines
#define TIME STRING(1, 39), .rule = &text_time
#define CODE STRING(1, 64), .rule = &text_code
#define OBJECT(rows) .shape = SHAPE_OBJECT, .sub = (rows)

static const struct schema party[] = {
	{ .name = "name", MUST, NAME },
	{ .name = "organisation", NAME },
	{ .name = "function", NAME },
	SCHEMA_END
};
static const struct schema transport[] = {
	{ .name = "from", MUST, NAME },
	{ .name = "to", MUST, NAME },
	{ .name = "method", MUST, NAME },
	{ .name = "condition_before", NAME },
	{ .name = "condition_after", NAME },
	SCHEMA_END
};
static const struct schema tool[] = {
	{ .name = "name", MUST, NAME },
	{ .name = "version", MUST, NAME },
	SCHEMA_END
};
static const struct schema changes[] = {
	{ .name = "what", MUST, TEXT },
	{ .name = "why", MUST, TEXT },
	{ .name = "responsible", MUST, NAME },
	SCHEMA_END
};
static const struct schema retention[] = {
	{ .name = "until", MUST, TIME },
	{ .name = "rule", MUST, TEXT },
	{ .name = "source", MUST, NAME },
	SCHEMA_END
};
static const struct schema hold[] = {
	{ .name = "until", MUST, TIME }, /* somebody looks at it again; it ends nothing */
	SCHEMA_END
};
static const struct schema ease[] = {
	{ .name = "use", MUST, STRING(1, 64), .choices = "share|other" },
	{ .name = "to", STRING(1, LIMIT_ADDRESS), .rule = &text_address },
	{ .name = "until", TIME },
	SCHEMA_END
};
static const struct schema second[] = {
	{ .name = "officer", MUST, NAME },
	{ .name = "at", MUST, TIME },
	SCHEMA_END
};

const struct schema custody_body[] = {
	{ .name = "exhibit", STRING(CO_UUID_LEN, CO_UUID_LEN), .rule = &text_uuid },
	{ .name = "action", MUST, CODE }, /* one of the table above */
	{ .name = "purpose", MUST, TEXT },
	{ .name = "authority", MUST, TEXT },
	{ .name = "use", STRING(1, 64), .choices = "case|other" },
	{ .name = "place", NAME },
	{ .name = "condition", TEXT },
	{ .name = "storage", NAME },
	{ .name = "released_by", OBJECT(party) },
	{ .name = "received_by", OBJECT(party) },
	{ .name = "witness", NAME },
	{ .name = "transport", OBJECT(transport) },
	{ .name = "tool", OBJECT(tool) },
	{ .name = "result", TEXT },
	{ .name = "changes", OBJECT(changes) },
	{ .name = "retention", OBJECT(retention) },
	{ .name = "hold", OBJECT(hold) },
	{ .name = "ease", OBJECT(ease) },
	{ .name = "second", OBJECT(second) },
	{ .name = "detail", .shape = SHAPE_OPEN },
	SCHEMA_END
};
