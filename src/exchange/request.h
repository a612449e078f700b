/* Requests as the tables show them, and what requests and notices do to them. Private to the room.
 * Must never judge by anything but the record, the tables and the stored time: a rebuild runs it
 * again. States: exchange/states.h. */
#pragma once

#include "exchange/exchange.h"
#include "exchange/states.h"

/* Are the data kept that a preservation asked for? Not its state: closing ends no duty (arts 16(2),
 * 29(7)). */
enum keeps {
	KEEPS_NOTHING, /* never, or given up */
	KEEPS_RUNS,    /* until expiry_us */
	KEEPS_OVER     /* that time went by */
};

struct request_row {
	char id[CO_UUID_LEN + 1];
	char case_id[CO_UUID_LEN + 1];
	char measure[64];
	char partner[LIMIT_ADDRESS + 1];
	bool incoming;
	enum state state;
	char urgency[16];
	char extends[CO_UUID_LEN + 1];
	int64_t asked_us, due_us, expiry_us, changed_us; /* 0: none */
	bool pending_mla;
	char last_notice[CO_UUID_LEN + 1];
	char officer[LIMIT_NAME + 1]; /* who has taken it, or "" */
	char unit[LIMIT_UNIT + 1];    /* whose case it is in */
	bool exercise;
	enum keeps keeps;
};
/* From a statement positioned on a row of request_get. */
void request_row_read(struct request_row *out, struct store_stmt *st);
enum co_rc request_get(struct store_db *db, const char *id, struct request_row *out,
	struct co_err *err) CO_NODISCARD;
enum request_sort request_sort_of(const struct request_row *q);
/* The end of a preservation is told when it has come, not before, and not while a request for the
 * data keeps it alive (art. 29(7)); every other notice may be told at any time. */
bool request_ripe(const struct request_row *q, enum state notice);
/* A request arrives or leaves; a notice moves one. Effects: in a job. */
exchange_effect request_effect, notice_effect;
typedef enum co_rc kind_plan_fn(
	struct exchange *x, struct store_db *db, const struct record *r, struct co_err *err);
kind_plan_fn request_plan, notice_plan;
