/* What may be done with an exhibit and what has to be said about it, as one table: docs/protocol.md
 * prints it, the operations and the desk go by it, a record with an action that is not here is
 * refused. Must never know a node, a table or a clock. Fields after the principles of custody:
 * purpose, authority, place, who released and who received, condition, tool, reason of a change. */
#pragma once

#include "record/schema.h"

enum custody_said {
	SAID_PERSON = 1, /* an officer says it */
	SAID_NODE = 2,   /* the node says it when it has seen it happen, or done it */
	SAID_ORDER = 4   /* an operation of its own, ordered by an officer */
};

/* Beyond purpose and authority, which are always needed. */
enum custody_need {
	CUSTODY_PLACE = 1,
	CUSTODY_CONDITION = 2,
	CUSTODY_STORAGE = 4,
	CUSTODY_RELEASED = 8,
	CUSTODY_RECEIVED = 16,
	CUSTODY_TRANSPORT = 32,
	CUSTODY_TOOL = 64,
	CUSTODY_RESULT = 128,
	CUSTODY_CHANGES = 256,
	CUSTODY_RETENTION = 512,
	CUSTODY_EASE = 1024
};
#define CUSTODY_NEEDS 11

struct custody_action {
	const char *name;
	unsigned said;  /* enum custody_said, several */
	unsigned needs; /* enum custody_need, several: asked of what is signed here */
	bool whole;     /* may be about a whole case: no exhibit is named */
	bool use;       /* a use of the content: conditions are asked first */
	const char *text;
	const char *follows; /* what comes of it, for who decides; NULL: nobody decides it */
	bool last;           /* cannot be undone */
};
/* The record with which an own case begins: by its own node alone, about no exhibit. */
#define CUSTODY_BEGUN "begun"
size_t custody_actions_count(void);
const struct custody_action *custody_action_at(size_t i);
/* NULL for a name that is none. */
const struct custody_action *custody_action_find(const char *name);
/* The member that need number i (0 to CUSTODY_NEEDS - 1) asks for. */
const char *custody_need_member(unsigned i);

extern const struct schema custody_body[]; /* for kinds.c */
