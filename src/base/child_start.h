/* Fork and exec of an inner program; shared by child*.c only. Between fork and exec stand only
 * calls that may follow a fork of a process with threads (signal-safety(7)): nothing here may take
 * memory or a lock. */
#pragma once

#include "base/child.h"

#include <sys/types.h>

struct child {
	pid_t pid; /* also its process group */
	int pidfd; /* readable when it has ended */
	int out, errors; /* our ends, not blocking */
	char name[64];
};

/* Returns when the program runs, or when exec failed and nothing is left. */
enum co_rc child_start(
	struct child *out, const struct child_conf *conf, struct co_err *err) CO_NODISCARD;
/* The whole process group, at once. */
void child_kill(const struct child *c);
