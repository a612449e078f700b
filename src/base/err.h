/* Return codes and the error object (house rule 3).
 * A function that can fail returns enum co_rc and takes struct co_err *err last;
 * it writes its outputs only on success. The first (deepest) failure is kept;
 * callers may prefix context with co_wrap, never replace it. err may be NULL. */
#pragma once

#include "base/attr.h"

#define CO_RC_MAP(X)                                                          \
	X(CO_OK, 0, "ok")                                                     \
	X(CO_ENOMEM, -1, "out of memory")                                     \
	X(CO_ETOOBIG, -2, "size limit exceeded")                              \
	X(CO_EMALFORMED, -3, "malformed input")                               \
	X(CO_EUSAGE, -4, "wrong usage")                                       \
	X(CO_EIO, -5, "input or output failed")                               \
	X(CO_ENOSPACE, -6, "no space left")                                   \
	X(CO_ESTORE, -7, "database error")                                    \
	X(CO_ENOTFOUND, -8, "not found")                                      \
	X(CO_EEXISTS, -9, "exists already")                                   \
	X(CO_EDENIED, -10, "not permitted")                                   \
	X(CO_EREFUSED, -11, "refused by the rules")                           \
	X(CO_ECRYPTO, -12, "cryptographic operation failed")                  \
	X(CO_EVERIFY, -13, "verification failed")                             \
	X(CO_ECERT, -14, "certificate not acceptable")                        \
	X(CO_ENETWORK, -15, "network failure")                                \
	X(CO_ETIMEOUT, -16, "timed out")                                      \
	X(CO_ECONFLICT, -17, "same id, other content")                        \
	X(CO_EBUSY, -18, "busy, try again")                                   \
	X(CO_ECLOSED, -19, "closed")                                          \
	X(CO_EINTERNAL, -20, "internal error")

#define CO_RC_ENUM(name, num, text) name = (num),
enum co_rc { CO_RC_MAP(CO_RC_ENUM) };
#undef CO_RC_ENUM

struct co_err {
	enum co_rc rc;
	char msg[480];
};

/* Record a failure; returns rc so that "return co_fail(...)" reads well.
 * If err already holds a failure, that one stays and its code is returned. */
enum co_rc co_fail(struct co_err *err, enum co_rc rc, const char *fmt, ...) CO_PRINTF(3, 4);
/* Like co_fail with ": <strerror(errno)>" appended; ENOSPC/EDQUOT become CO_ENOSPACE. */
enum co_rc co_fail_errno(struct co_err *err, const char *fmt, ...) CO_PRINTF(2, 3);
/* Prefix the message held in err with context; returns err's code. */
enum co_rc co_wrap(struct co_err *err, const char *fmt, ...) CO_PRINTF(2, 3);
void co_err_clear(struct co_err *err);

const char *co_rc_text(enum co_rc rc);
/* Stable machine name, e.g. "ENOTFOUND" (used in JSON answers). */
const char *co_rc_name(enum co_rc rc);
/* The reverse of co_rc_name; CO_EINTERNAL for an unknown name. */
enum co_rc co_rc_from_name(const char *name);

/* Leaves the function with the code of a call that failed; cleanup attributes release. */
#define TRY(call) \
	do { \
		enum co_rc try_ = (call); \
		if (try_ != CO_OK) \
			return try_; \
	} while (0)
