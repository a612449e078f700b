/* One job in a process of its own: hostile formats and heavy libraries are read only in there. The
 * inner program (comity-examiner, comity-printer) is started fresh, with an empty environment, only
 * the descriptors named here, and limits; it is stopped when it passes one, and the caller learns
 * which. It must never outlive its caller, never be left as a zombie, and never hold a key: what it
 * may read comes over the descriptors. What it gives up by itself: base/worker.h. The caller may
 * have threads; the one that calls child_run stays in there until the program is gone. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Why it ended. */
#define CHILD_END_MAP(X) \
	X(EXITED, "exited") /* by itself; status is its exit status */ \
	X(MEMORY, "memory") \
	X(CPU, "cpu") \
	X(WALL, "wall") \
	X(FILE_SIZE, "file-size") \
	X(ANSWER, "answer")       /* it said more than it may */ \
	X(CANCELLED, "cancelled") /* by the caller's tick */ \
	X(CALLER, "caller")       /* the caller's sink or service failed */ \
	X(FORBIDDEN, "forbidden") /* a system call it had given up; status is SIGSYS */ \
	X(SIGNAL, "signal")       /* crashed or was killed from outside; status is the signal */
#define CHILD_ENUM(name, text) CHILD_##name,
enum child_end { CHILD_END_MAP(CHILD_ENUM) };
#undef CHILD_ENUM

enum {
	CHILD_FDS = 64,     /* descriptors a program may be given */
	CHILD_FIRST_FD = 3, /* the first of them, as the program sees it */
	CHILD_SERVES = 4,
	CHILD_ERRORS = 4096,   /* bytes of its standard error that are kept, the last ones */
	CHILD_EXIT_FAILED = 1, /* exit status: it says why on standard error (base/worker.h) */
	CHILD_EXIT_MEMORY = 12 /* exit status: it could not get memory */
};

/* 0 means no limit, for each but answer. */
struct child_limits {
	uint64_t memory; /* bytes it may have written to: heap, stacks, private maps (RLIMIT_DATA);
			  * files mapped read-only do not count */
	uint64_t file_size;
	uint64_t answer; /* bytes on its standard output */
	unsigned cpu_s, wall_ms;
};

/* A descriptor of the caller's side that is served while the program runs: ready is called when
 * it can be read, and must not block. CO_ECLOSED, without an error: nothing more will be asked.
 * Any other failure stops the program. */
struct child_serve {
	int fd;
	enum co_rc (*ready)(void *arg, struct co_err *err);
	void *arg;
};

struct child_conf {
	const char *program;     /* a name, found by child_program; or a path with a slash */
	const char *const *argv; /* after the program's name and the sandbox's word; NULL ends it */
	const void *job;         /* its standard input, whole; may be NULL */
	size_t job_n;
	const int *fds; /* borrowed; fds[i] becomes CHILD_FIRST_FD + i there */
	size_t fds_n;
	struct child_limits limits;
	bool no_sandbox; /* `sandbox = off`: it keeps what the kernel cannot take */
	/* Its standard output as it comes; NULL: thrown away, still counted. */
	enum co_rc (*sink)(void *arg, const void *p, size_t n, struct co_err *err);
	/* About ten times a second; anything but CO_OK cancels, with that error. May be NULL. */
	enum co_rc (*tick)(void *arg, struct co_err *err);
	void *arg; /* of sink and tick */
	struct child_serve serve[CHILD_SERVES];
	size_t serve_n;
};

struct child_report {
	enum child_end end;
	int status;
	uint64_t answer;  /* bytes it gave */
	uint64_t peak;    /* bytes resident at most */
	uint64_t cpu_us;  /* in user and system */
	uint64_t wall_us;
	char errors[CHILD_ERRORS + 1]; /* the end of its standard error */
};

const char *child_end_name(enum child_end end);

/* The program beside this one, otherwise in the folder it was installed to (libexecdir/comity). */
enum co_rc child_program(const char *name, char *out, size_t cap, struct co_err *err) CO_NODISCARD;

/* CO_OK: it ran and exited with 0, and sink has had every byte. Otherwise the program is gone as
 * well and err says why in words: what it said itself (base/worker.h), CO_ETOOBIG for memory, file
 * size or answer, CO_ETIMEOUT for time, CO_EDENIED for a forbidden call, CO_EMALFORMED when it
 * crashed, or what tick, sink or a service failed with. report, if not NULL, is filled whenever the
 * program was started. */
enum co_rc child_run(const struct child_conf *conf, struct child_report *report,
	struct co_err *err) CO_NODISCARD;
