/* What the operations of this room take and give (op_shape.h). */
#include "exchange/op_shape.h"

#include "base/limits.h"
#include "desk/inside.h"

static const struct op_member access_row[] = {
	{ "seq", OP_INT, 0, 0, 0, "order", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "who", NULL },
	{ "what", OP_TEXT, 0, 0, 0, "was shown", NULL },
	{ "subject", OP_TEXT, 0, 0, 0, "its id", NULL },
	{ "at", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	{ "case_id", OP_TEXT, OP_NULL, 0, 0, "its case", NULL },
	OP_END,
};

static const struct op_member nothing[] = {

	OP_END,
};

static const struct op_member user_invite_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "the officer", NULL },
	OP_END,
};

static const struct op_member user_invite_out[] = {
	{ "name", OP_TEXT, 0, 0, 0, "the officer", NULL },
	{ "link", OP_TEXT, 0, 0, 0, "works once", NULL },
	{ "ends", OP_TIME, OP_NULL, 0, 0, "works until then", NULL },
	OP_END,
};

static const struct op_member access_list_in[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "only of this case", NULL },
	{ "officer", OP_TEXT, 0, 0, LIMIT_NAME, "only of this one", NULL },
	{ "from", OP_TEXT, 0, 10, 10, "from this day, UTC, as 2026-11-24", NULL },
	{ "to", OP_TEXT, 0, 10, 10, "up to and with this day", NULL },
	{ "limit", OP_INT, 0, 1, 1000, "at most so many rows; 100", NULL },
	{ "before", OP_INT, 0, 0, INT64_MAX, "only below this seq", NULL },
	OP_END,
};

static const struct op_member access_list_out[] = {
	{ "access", OP_LIST, 0, 0, 0, "the newest first", access_row },
	OP_END,
};

static const struct op_member preference_show_out[] = {
	{ "language", OP_TEXT, 0, 0, 15, "code; empty: the browser's", NULL },
	{ "zone", OP_TEXT, 0, 0, 63, "as in tzdata; empty: the node's", NULL },
	{ "sound", OP_BOOL, 0, 0, 0, "the inbox rings when something new came", NULL },
	OP_END,
};

static const struct op_member preference_set_in[] = {
	{ "language", OP_TEXT, 0, 0, 15, "code; empty: the browser's", NULL },
	{ "zone", OP_TEXT, 0, 0, 63, "as in tzdata; empty: the node's", NULL },
	OP_END,
};

static const struct op_member preference_sound_in[] = {
	{ "on", OP_BOOL, OP_REQUIRED, 0, 0, "true: it rings", NULL },
	OP_END,
};

static const struct op_member card_add_in[] = {
	{ "officer", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "whom it signs in", NULL },
	{ "fingerprint", OP_TEXT, OP_REQUIRED, 0, 256, "SHA-256 of the certificate, hexadecimal",
		NULL },
	{ "name", OP_TEXT, 0, 0, LIMIT_NAME, "for people, as \"card 4711\"", NULL },
	OP_END,
};

static const struct op_member card_row[] = {
	{ "officer", OP_TEXT, 0, 0, 0, "whom it signs in", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "for people", NULL },
	{ "fingerprint", OP_TEXT, 0, 0, 0, "SHA-256", NULL },
	{ "created", OP_TIME, OP_NULL, 0, 0, "since", NULL },
	{ "used", OP_TIME, OP_NULL, 0, 0, "last", NULL },
	OP_END,
};

static const struct op_member card_list_in[] = {
	{ "officer", OP_TEXT, 0, 0, LIMIT_NAME, "only of this one", NULL },
	OP_END,
};

static const struct op_member card_list_out[] = {
	{ "cards", OP_LIST, 0, 0, 0, "by officer", card_row },
	OP_END,
};

static const struct op_member card_drop_in[] = {
	{ "fingerprint", OP_TEXT, OP_REQUIRED, 0, 256, "which", NULL },
	OP_END,
};

static const struct op_shape shapes[] = {
	{ "card.add", NULL, card_add_in, card_row },
	{ "card.drop", NULL, card_drop_in, card_drop_in },
	{ "card.list", "admin", card_list_in, card_list_out },
	{ "user.invite", "admin", user_invite_in, user_invite_out },
	{ "access.list", "admin", access_list_in, access_list_out },
	{ "preference.show", "read", nothing, preference_show_out },
	{ "preference.set", NULL, preference_set_in, preference_set_in },
	{ "preference.sound", NULL, preference_sound_in, preference_sound_in },
};

void
desk_ops_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
