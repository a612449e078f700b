/* A progress bar on standard error, only on a terminal, only for what takes over a second.
 * Never writes to standard output, which programs read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what;
	const char *unit; /* "bytes" prints MiB and a rate; anything else a count */
	int64_t begun_us, shown_us;
	bool on, drawn;
};

void progress_begin(struct progress *p, const char *what, const char *unit);
void progress_at(struct progress *p, uint64_t done, uint64_t of); /* of 0: the whole is not known */
void progress_end(struct progress *p);                            /* takes the line away */
