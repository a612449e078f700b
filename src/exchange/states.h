/* The states of a request and the allowed moves, as one table that both sides run: the sender
 * before signing, the receiver on arrival. Pure. Source: Convention on Cybercrime (ETS 185) arts
 * 25-31; docs/protocol.md prints the table. Must never know of records, tables or time. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* sent is where every request begins; the rest are named as the notices that lead there. */
#define STATE_MAP(X) \
	X(ST_SENT, "sent") \
	X(ST_ACKNOWLEDGED, "acknowledged") \
	X(ST_ACCEPTED, "accepted") \
	X(ST_NEED_DECISION, "need-decision") \
	X(ST_OFFERED, "condition-offered") \
	X(ST_COND_ACCEPTED, "condition-accepted") X(ST_COND_DECLINED, "condition-declined") \
		X(ST_REFERRED, "referred") X(ST_POSTPONED, "postponed") X(ST_PARTIAL, "partial") \
			X(ST_EXECUTED, "executed") X(ST_PATH_DISCLOSED, "path-disclosed") \
				X(ST_EXTENDED, "extended") X(ST_DELAYED, "delayed") X( \
					ST_IMPOSSIBLE, "impossible") X(ST_REFUSED, "refused") \
					X(ST_WITHDRAWN, "withdrawn") X(ST_EXPIRED, "expired") \
						X(ST_USE_EXPLAINED, "use-explained") \
							X(ST_CLOSED, "closed")
#define STATE_ENUM(e, text) e,
enum state { STATE_MAP(STATE_ENUM) ST_N };
#undef STATE_ENUM

const char *state_name(enum state s);
bool state_by_name(const char *name, enum state *out);

enum side { SIDE_ASKING = 1, SIDE_EXECUTING = 2 };
enum request_sort {
	SORT_PRESERVE = 1,
	SORT_EXTENSION = 2,
	SORT_PATH = 4,
	SORT_OTHER = 8,
	SORT_ALL = 15
};
enum { NEED_REASON = 1, NEED_GROUND = 2, NEED_UNTIL = 4, NEED_CONDITIONS = 8 };

/* A preservation, an extension of one (extends given), or another measure. */
enum request_sort states_sort(const char *measure, bool extends);

struct move {
	unsigned from; /* 1u << enum state, several */
	enum state notice;
	unsigned by;    /* enum side, or both */
	unsigned sorts; /* enum request_sort */
	unsigned needs;
	enum state after; /* ST_N: the state stays (the notice is only noted) */
	bool crossed;     /* only on arrival: it was legal when sent, ours crossed it on the way */
	const char *clause;
};
size_t moves_count(void);
const struct move *moves_at(size_t i);

struct move_ask {
	enum state state; /* of the request, here and now */
	enum request_sort sort;
	enum side by;
	enum state notice;
	bool arrived; /* from the partner: crossings are accepted too */
};
/* CO_EREFUSED with the reason: what state it is in, what may be done instead. */
enum co_rc moves_find(
	const struct move_ask *ask, const struct move **out, struct co_err *err) CO_NODISCARD;

/* Grounds for refusal: which sorts of request, and the clause. CO_EREFUSED names those that may be
 * used. */
struct ground {
	const char *code;
	unsigned sorts;
	const char *clause;
	const char *text; /* English, for documents */
};
size_t grounds_count(void);
const struct ground *grounds_at(size_t i);
enum co_rc grounds_check(const char *code, enum request_sort sort, const struct ground **out,
	struct co_err *err) CO_NODISCARD;
