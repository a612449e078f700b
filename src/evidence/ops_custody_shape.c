/* What the operations of custody take and give (op_shape.h). */
#include "exchange/op_shape.h"

#include "base/limits.h"
#include "evidence/inside.h"

static const struct op_member party[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "who", NULL },
	{ "organisation", OP_TEXT, 0, 1, LIMIT_NAME, "of which", NULL },
	{ "function", OP_TEXT, 0, 1, LIMIT_NAME, "as what", NULL },
	OP_END,
};
static const struct op_member transport[] = {
	{ "from", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "where it left", NULL },
	{ "to", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "where it arrived", NULL },
	{ "method", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "how", NULL },
	{ "condition_before", OP_TEXT, 0, 1, LIMIT_NAME, "when it left", NULL },
	{ "condition_after", OP_TEXT, 0, 1, LIMIT_NAME, "when it arrived", NULL },
	OP_END,
};
static const struct op_member tool[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "which", NULL },
	{ "version", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "of it", NULL },
	OP_END,
};
static const struct op_member changes[] = {
	{ "what", OP_TEXT, OP_REQUIRED, 1, LIMIT_TEXT, "was changed", NULL },
	{ "why", OP_TEXT, OP_REQUIRED, 1, LIMIT_TEXT, "it could not be avoided", NULL },
	{ "responsible", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "who", NULL },
	OP_END,
};

#define WHY                                                                                    \
	{ "purpose", OP_TEXT, OP_REQUIRED, 1, LIMIT_TEXT, "why", NULL },                       \
	{ "authority", OP_TEXT, OP_REQUIRED, 1, LIMIT_TEXT, "by whose order or which law", NULL }, \
	{ "place", OP_TEXT, 0, 1, LIMIT_NAME, "where", NULL }
#define HANDED                                                                                 \
	{ "condition", OP_TEXT, 0, 1, LIMIT_TEXT, "of the item and its seals", NULL },         \
	{ "released_by", OP_OBJECT, 0, 0, 0, "who gave it", party },                           \
	{ "received_by", OP_OBJECT, 0, 0, 0, "who took it", party },                           \
	{ "witness", OP_TEXT, 0, 1, LIMIT_NAME, "who saw it", NULL },                          \
	{ "transport", OP_OBJECT, 0, 0, 0, "if it travelled", transport }
#define WHICH { "id", OP_UUID, OP_REQUIRED, 0, 0, "which exhibit", NULL }

static const struct op_member which_in[] = { WHICH, OP_END };

static const struct op_member log_in[] = {
	WHICH,
	{ "action", OP_TEXT, OP_REQUIRED, 1, 32, "what was done (docs/protocol.md, 4.6)", NULL },
	WHY,
	HANDED,
	{ "storage", OP_TEXT, 0, 1, LIMIT_NAME, "the store, and who answers for it", NULL },
	{ "tool", OP_OBJECT, 0, 0, 0, "with what", tool },
	{ "result", OP_TEXT, 0, 1, LIMIT_TEXT, "what came of it", NULL },
	{ "changes", OP_OBJECT, 0, 0, 0, "that could not be avoided", changes },
	{ "use", OP_TEXT, 0, 1, 16, "case or other: asked when conditions bind the exhibit", NULL },
	{ "detail", OP_OBJECT, 0, 0, 0, "more", NULL },
	OP_END,
};
static const struct op_member said_out[] = {
	{ "state", OP_TEXT, 0, 0, 0, "recorded, or waiting for a second officer", NULL },
	{ "record_id", OP_UUID, OP_NULL, 0, 0, "the custody record", NULL },
	{ "draft", OP_UUID, OP_NULL, 0, 0, "that a second officer has to approve", NULL },
	OP_END,
};
static const struct op_member return_in[] = { WHICH, WHY, HANDED, OP_END };
static const struct op_member hold_in[] = {
	{ "id", OP_UUID, 0, 0, 0, "which exhibit", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "or everything of this case", NULL },
	{ "until", OP_TIME, 0, 0, 0, "for a hold: remind us then; it ends nothing", NULL },
	WHY,
	OP_END,
};
static const struct op_member retain_in[] = {
	{ "id", OP_UUID, 0, 0, 0, "which exhibit", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "or everything of this case", NULL },
	{ "until", OP_TIME, OP_REQUIRED, 0, 0, "when the period ends", NULL },
	{ "rule", OP_TEXT, OP_REQUIRED, 1, LIMIT_TEXT, "what asks for it", NULL },
	{ "source", OP_TEXT, OP_REQUIRED, 1, LIMIT_NAME, "where that stands", NULL },
	WHY,
	OP_END,
};
static const struct op_member ease_in[] = {
	WHICH,
	{ "use", OP_TEXT, OP_REQUIRED, 1, 16, "share or other", NULL },
	{ "to", OP_TEXT, 0, 1, LIMIT_ADDRESS, "with whom it may be shared; all when left out",
		NULL },
	{ "until", OP_TIME, 0, 0, 0, "how long", NULL },
	WHY,
	OP_END,
};
static const struct op_member destroy_in[] = { WHICH, WHY, OP_END };
static const struct op_member destroy_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "destroyed, or waiting for a second officer", NULL },
	{ "draft", OP_UUID, OP_NULL, 0, 0, "that a second officer has to approve", NULL },
	{ "record_id", OP_UUID, OP_NULL, 0, 0, "the custody record", NULL },
	{ "erased", OP_BOOL, 0, 0, 0, "its file is gone; a large one goes a little later", NULL },
	OP_END,
};
static const struct op_member marking_row[] = {
	{ "owner", OP_TEXT, 0, 0, 0, "whose condition", NULL },
	{ "type", OP_TEXT, 0, 0, 0, "confidentiality, use-limit or other", NULL },
	{ "text", OP_TEXT, 0, 0, 0, "its words", NULL },
	{ "article", OP_TEXT, 0, 0, 0, "after which it was set", NULL },
	{ "record", OP_UUID, 0, 0, 0, "in which it was set", NULL },
	OP_END,
};
static const struct op_member custody_out[] = {
	{ "exhibit", OP_OBJECT, 0, 0, 0, "which", NULL },
	{ "custody", OP_LIST, 0, 0, 0, "who did what with it, the oldest first", NULL },
	{ "markings", OP_LIST, 0, 0, 0, "conditions that bind it", marking_row },
	{ "easings", OP_LIST, 0, 0, 0, "further uses that their owner allowed", NULL },
	{ "keeping", OP_OBJECT, 0, 0, 0, "how long it is kept, and whether it is on hold", NULL },
	OP_END,
};
static const struct op_member move_row[] = {
	{ "action", OP_TEXT, 0, 0, 0, "what can be done (docs/protocol.md, 4.6)", NULL },
	{ "operation", OP_TEXT, 0, 0, 0, "that does it", NULL },
	{ "text", OP_TEXT, 0, 0, 0, "what it means", NULL },
	{ "needs", OP_WORDS, 0, 0, 0, "members beyond purpose and authority", NULL },
	{ "second", OP_BOOL, 0, 0, 0, "a second officer has to confirm it first", NULL },
	{ "use", OP_BOOL, 0, 0, 0, "a condition binds it: say for which use", NULL },
	OP_END,
};
static const struct op_member not_now_row[] = {
	{ "action", OP_TEXT, 0, 0, 0, "what cannot be done now", NULL },
	{ "why", OP_TEXT, 0, 0, 0, "and the way out", NULL },
	OP_END,
};
static const struct op_member waiting_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "the draft: request.approve decides on it", NULL },
	{ "exhibit", OP_UUID, 0, 0, 0, "which", NULL },
	{ "name", OP_TEXT, OP_NULL, 0, 0, "of the exhibit", NULL },
	{ "action", OP_TEXT, 0, 0, 0, "what is to be done", NULL },
	{ "state", OP_TEXT, 0, 0, 0,
		"waiting for a second officer, or approved: its author asks the same again", NULL },
	{ "created_by", OP_TEXT, 0, 0, 0, "who proposed it", NULL },
	{ "created", OP_TIME, 0, 0, 0, "when", NULL },
	{ "purpose", OP_TEXT, OP_NULL, 0, 0, "what for", NULL },
	{ "authority", OP_TEXT, OP_NULL, 0, 0, "on whose order", NULL },
	{ "approved_by", OP_TEXT, OP_NULL, 0, 0, "who confirmed it", NULL },
	{ "own", OP_BOOL, 0, 0, 0, "who asks has proposed it", NULL },
	OP_END,
};
static const struct op_member moves_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which exhibit", NULL },
	{ "moves", OP_LIST, 0, 0, 0, "what who asks may do now", move_row },
	{ "not_now", OP_LIST, 0, 0, 0, "what cannot be done yet", not_now_row },
	{ "waiting", OP_LIST, 0, 0, 0, "what was proposed and is not done", waiting_row },
	{ "approvers", OP_WORDS, 0, 0, 0, "who could be the second officer", NULL },
	{ "approver", OP_BOOL, 0, 0, 0, "who asks could, for what others propose", NULL },
	OP_END,
};
static const struct op_member case_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "which case", NULL },
	OP_END,
};
static const struct op_member case_out[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "which case", NULL },
	{ "markings", OP_LIST, 0, 0, 0, "conditions in force", marking_row },
	{ "offered", OP_LIST, 0, 0, 0, "conditions that wait for an answer", marking_row },
	{ "keeping", OP_OBJECT, 0, 0, 0, "what was said of the whole case", NULL },
	{ "moves", OP_LIST, 0, 0, 0, "what may be done with all it has", move_row },
	{ "not_now", OP_LIST, 0, 0, 0, "what cannot be done yet", not_now_row },
	{ "waiting", OP_LIST, 0, 0, 0, "what was proposed and is not done", waiting_row },
	{ "exhibits", OP_LIST, 0, 0, 0,
		"as exhibit.list, with keeping and the number of conditions; the latest 200",
		NULL },
	{ "exhibits_more", OP_BOOL, 0, 0, 0, "there are others: exhibit.list", NULL },
	OP_END,
};
static const struct op_member lineage_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "that was asked for", NULL },
	{ "root", OP_UUID, 0, 0, 0, "what it goes back to", NULL },
	{ "tree", OP_LIST, 0, 0, 0, "exhibits with their children", NULL },
	OP_END,
};

static const struct op_shape shapes[] = {
	{ "exhibit.log", "evidence", log_in, said_out },
	{ "exhibit.custody", "read", which_in, custody_out },
	{ "exhibit.moves", "read", which_in, moves_out },
	{ "case.custody", "read", case_in, case_out },
	{ "exhibit.return", "evidence", return_in, said_out },
	{ "exhibit.hold", "evidence", hold_in, said_out },
	{ "exhibit.release", "evidence", hold_in, said_out },
	{ "exhibit.retain", "evidence", retain_in, said_out },
	{ "exhibit.ease", "evidence", ease_in, said_out },
	{ "exhibit.destroy", "evidence", destroy_in, destroy_out },
	{ "exhibit.lineage", "read", which_in, lineage_out },
};

void
custody_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
