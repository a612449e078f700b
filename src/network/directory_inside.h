/* The directory's inside, shared by its operations. Private to the room: nothing outside may
 * include it. */
#pragma once

#include "ledger/ledger.h"
#include "network/directory.h"

/* A certificate may begin this much in our future: clocks differ. */
#define DIRECTORY_SKEW_US (INT64_C(3600) * 2 * 1000000)

struct directory {
	struct directory_conf conf; /* its texts outlive it */
	int64_t started_us;         /* monotonic */
};

/* Our entry in force, bytes and signature (appended). */
enum co_rc directory_own(struct directory *d, struct store_db *db, struct co_buf *bytes,
	struct co_buf *sig, struct co_err *err) CO_NODISCARD;
/* Register the operations. */
void directory_ops(struct directory *d);        /* directory.* */
void directory_status_ops(struct directory *d); /* status, ledger.checkpoint, partner.proof */
