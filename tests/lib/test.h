/* What every cmocka test needs, in the order cmocka wants it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

#include <unistd.h>

/* The reference data beside the repository, or NULL: then skip() with a word. */
static inline const char *
test_shared(void)
{
	const char *dir = getenv("COMITY_SHARED");

	if (dir == NULL || access(dir, R_OK) != 0) {
		(void)fprintf(stderr, "skipped: no ../shared/reference here\n");
		return NULL;
	}
	return dir;
}

#define assert_ok(call)                                                       \
	do {                                                                  \
		struct co_err *e_ = &err;                                     \
		if ((call) != CO_OK)                                          \
			fail_msg("%s: %s (%s)", #call, e_->msg, co_rc_name(e_->rc)); \
	} while (0)
#define assert_rc(call, want)                                                 \
	do {                                                                  \
		enum co_rc got_;                                              \
		co_err_clear(&err);                                           \
		got_ = (call);                                                \
		if (got_ != (want))                                           \
			fail_msg("%s: got %s, want %s (%s)", #call, co_rc_name(got_), \
				co_rc_name(want), err.msg);                   \
		co_err_clear(&err);                                           \
	} while (0)
