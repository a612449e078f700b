/* A progress bar on standard error, only on a terminal, only for what takes over a second.
 * Never writes to standard output, which programs read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what;
	const char *unit; /* "bytes" prints MiB, a rate and the time left; anything else a count */
	uint64_t bad;     /* bytes that could not be read: told when there are some */
	int64_t begun_us, shown_us;
	bool begun;
	uint64_t from; /* where the first call stood: after a stop not 0 */
	bool on, drawn;
};

void progress_begin(struct progress *p, const char *what, const char *unit);
void progress_at(struct progress *p, uint64_t done, uint64_t of); /* of 0: the whole is not known */
void progress_end(struct progress *p);                            /* takes the line away */
