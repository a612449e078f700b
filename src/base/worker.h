/* The other side of base/child.h: what an inner program does first and last. Before it looks at
 * its job it gives up files, network, exec and tracing (base/sandbox.h); it must never go on when
 * the kernel does not take them, unless the caller said so. It ends with worker_end, which tells a
 * failure so that child_run can give it to its caller unchanged.
 * Format: "CODE message" (base/err.h), the last line of standard error. */
#pragma once

#include "base/buf.h"
#include "base/sandbox.h"

/* argv as main got it: argv[1] is the sandbox's word, "on" or "off". */
enum co_rc worker_begin(int argc, char **argv, const struct sandbox_worker *keep,
	struct co_err *err) CO_NODISCARD;
/* The job: standard input to its end. */
enum co_rc worker_job(struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Flushes standard output and ends the process without running what libraries left to run at exit:
 * their calls may be forbidden by now. */
CO_NORETURN void worker_end(enum co_rc rc, struct co_err *err);
