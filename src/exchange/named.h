/* The lists of an officer whom cases of another unit name: what is open there, what is kept, what
 * was said, each in its order, so that a page of them is walked as one of the own unit is (pick.h).
 * A projection of case_named, case_file and request: every job that changes one of those calls here
 * before it ends. Must never decide who sees a case (sight.h): a row here only says where to
 * look. */
#pragma once

#include "exchange/inside.h"

/* Lists of named_list; the first two are whose move it is. */
enum named_list { NAMED_THEIRS, NAMED_OURS, NAMED_KEPT, NAMED_ALL, NAMED_HEARD, NAMED_CASES };

/* In a job. One more officer whom the case names; *added: not named before. */
enum co_rc named_add(struct store_db *db, const char *case_id, const char *officer, const char *by,
	bool *added, struct co_err *err) CO_NODISCARD;
/* In a job. One fewer; *dropped: was named. */
enum co_rc named_take(struct store_db *db, const char *case_id, const char *officer, bool *dropped,
	struct co_err *err) CO_NODISCARD;
/* In a job. The request is new, or has moved. */
enum co_rc named_request(struct store_db *db, const char *id, struct co_err *err) CO_NODISCARD;
/* The case is new, or names somebody else than before. */
enum co_rc named_case(struct store_db *db, const char *case_id, struct co_err *err) CO_NODISCARD;
/* Something came into the case. */
enum co_rc named_touch(
	struct store_db *db, const char *case_id, int64_t at_us, struct co_err *err) CO_NODISCARD;
/* All of them anew, after a rebuild. */
enum co_rc named_again(struct store_db *db, struct co_err *err) CO_NODISCARD;
