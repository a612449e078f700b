/* Which requests an officer is shown: a filter, an order, and a page of what both give. A walk
 * reads an index in its order and looks at each row; so a page costs the same however much is
 * stored, and goes on exactly where the last one ended. Need to know is in the walk itself
 * (exchange/sight.h). Must never count, skip or sort what the officer may not see. */
#pragma once

#include "exchange/op.h"
#include "exchange/op_shape.h"
#include "exchange/request.h"

/* Ids in order, to look one up. */
struct idset {
	char (*ids)[CO_UUID_LEN + 1];
	size_t n, cap;
};
void idset_deinit(struct idset *s);
#define idset_auto CO_CLEANUP(idset_deinit) struct idset
enum co_rc idset_add(struct idset *s, const char *id, struct co_err *err) CO_NODISCARD;
void idset_sort(struct idset *s); /* after the last add, before the first idset_has */
bool idset_has(const struct idset *s, const char *id);

/* A filter. Texts are borrowed from what pick_read was given; NULL: any. */
struct pick {
	int way, exercise; /* 0, 1; -1: any */
	const char *partner, *measure, *urgency, *state, *unit;
	const char *officer;  /* who has taken it; "": nobody */
	const char *words;    /* in a record of the case */
	int64_t until_us;     /* due, or kept, until then; INT64_MAX: any */
	bool fresh;           /* only what the officer has not read */
	struct idset cases;   /* that hold the words */
	int64_t words_since;  /* 0: every record was looked at; otherwise those stored since */
	struct idset unread;  /* pick_unread */
	struct idset settled; /* of those, the ones that are not open; the latest first */
};
void pick_deinit(struct pick *p);
#define pick_auto CO_CLEANUP(pick_deinit) struct pick

/* From the members in PICK_MEMBERS. CO_EUSAGE names the member that means nothing. */
enum co_rc pick_read(struct pick *out, const json_t *in, const struct officer *who,
	struct co_err *err) CO_NODISCARD;
/* Fills cases and words_since; nothing without words. */
enum co_rc pick_words(struct pick *p, struct store_db *db, struct co_err *err) CO_NODISCARD;
/* Fills unread and settled. */
enum co_rc pick_unread(struct pick *p, struct store_db *db, const struct officer *who,
	struct co_err *err) CO_NODISCARD;
/* Is the request one for this filter, wherever it was found? */
bool pick_fits(const struct pick *p, const struct request_row *q);

enum pick_order {
	PICK_OURS,   /* open and our move, the most pressing first */
	PICK_THEIRS, /* open and the partner's move */
	PICK_KEPT,   /* preservations that run, the next to end first */
	PICK_ALL,    /* everything, the latest asked first */
	PICK_CASE,   /* everything of one case, the latest asked first */
	PICK_ORDER_N
};

/* A page. after: NULL, or what the last page gave as more, or "KEY." to begin at a key. case_id:
 * for PICK_CASE, which must be one that who sees. rows: requests as JSON are added. *more: where
 * the next page begins, or empty; with fewer rows than limit when so much was looked at that the
 * officer should not wait. */
struct pick_ask {
	enum pick_order order;
	const char *after, *case_id;
	size_t limit;
};
enum { PICK_MORE_LEN = 64 };
/* "1790000000000000.01936b2e-...", the id may be missing; NULL: the beginning. *id is borrowed. */
enum co_rc pick_cursor(const char *after, bool down, int64_t *key, const char **id,
	struct co_err *err) CO_NODISCARD;
enum co_rc pick_page(struct exchange *x, struct store_db *db, const struct officer *who,
	const struct pick *p, const struct pick_ask *ask, json_t *rows, char more[PICK_MORE_LEN],
	struct co_err *err) CO_NODISCARD;

/* The members of a filter, for shapes. */
#define PICK_MEMBERS \
	{ "incoming", OP_BOOL, 0, 0, 0, "only those asked of us (true) or by us (false)", NULL }, \
		{ "partner", OP_TEXT, 0, 0, LIMIT_ADDRESS, "only with this one", NULL }, \
		{ "measure", OP_TEXT, 0, 0, 64, "only this one; form.list has them", NULL }, \
		{ "urgency", OP_TEXT, 0, 0, 16, "only emergency, urgent or routine", NULL }, \
		{ "state", OP_TEXT, 0, 0, 32, "only these", NULL }, \
		{ "unit", OP_TEXT, 0, 0, LIMIT_UNIT, "only of this unit", NULL }, \
		{ "officer", OP_TEXT, 0, 0, LIMIT_NAME, \
			"only those taken by this one; me; or nobody", NULL }, \
		{ "exercise", OP_BOOL, 0, 0, 0, "only training (true) or only real (false)", \
			NULL }, \
	{ \
		"words", OP_TEXT, 0, 0, LIMIT_NAME, \
			"only of cases with a record that holds all of them, each as it begins", \
			NULL \
	}
