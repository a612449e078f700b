/* Inside the room: the state of one ledger_check. Every part reports what does not hold in words
 * and goes on; only what stops reading the database itself is an error. */
#pragma once

#include "ledger/tiles.h"

struct audit {
	struct store_db *db;
	const char *vkey;
	const struct cert *const *roots;
	size_t roots_n;
	const struct ledger_report *report;
	uint64_t faults;
	uint64_t leaves; /* the last leaf's number + 1 */
	uint64_t size;   /* of the newest checkpoint */
	bool edge_ok;    /* the tiles give the root that the newest checkpoint signs */
	struct tiles tiles;
	int64_t last_record; /* seq of the record of the leaf before: they follow each other */
};

void audit_fault(struct audit *a, const char *fmt, ...) CO_PRINTF(2, 3);
/* Can the caller go on after rc? A missing tile is a fault reported elsewhere, not an error. */
bool audit_absent(enum co_rc rc, struct co_err *err);

enum co_rc audit_tiles(struct audit *a, struct co_err *err) CO_NODISCARD;
enum co_rc audit_checkpoints(struct audit *a, struct co_err *err) CO_NODISCARD;
enum co_rc audit_leaves(struct audit *a, struct co_err *err) CO_NODISCARD;

/* What a leaf row commits to. */
struct audit_leaf {
	uint64_t index;
	char subject[LIMIT_NAME + 1];
	enum leaf_type type;
	struct leaf leaf;
};
enum co_rc audit_record(
	struct audit *a, const struct audit_leaf *l, struct co_err *err) CO_NODISCARD;
enum co_rc audit_event(
	struct audit *a, const struct audit_leaf *l, struct co_err *err) CO_NODISCARD;
