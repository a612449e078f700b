#include "cli/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 32, FIRST_US = 1000000, EVERY_US = 100000 };

void
progress_begin(struct progress *p, const char *what, const char *unit)
{
	*p = (struct progress){ .what = what, .unit = unit, .begun_us = co_mono_us(),
		.on = isatty(STDERR_FILENO) != 0 };
}

static void
show_bytes(const struct progress *p, const char *bar, uint64_t done, uint64_t of, double seconds)
{
	double rate = (double)(done - p->from) / seconds;
	unsigned long left = rate > 0 && of > done ? (unsigned long)((double)(of - done) / rate)
						   : 0;

	(void)fprintf(stderr, "\r%s [%s] %.1f of %.1f MiB, %.0f MiB/s", p->what, bar,
		(double)done / 1048576, (double)of / 1048576, rate / 1048576);
	if (left > 0)
		(void)fprintf(stderr, ", %lu:%02lu:%02lu left", left / 3600, left / 60 % 60,
			left % 60);
	if (p->bad > 0)
		(void)fprintf(stderr, ", %.1f KiB unreadable", (double)p->bad / 1024);
	(void)fprintf(stderr, "  ");
}

void
progress_at(struct progress *p, uint64_t done, uint64_t of)
{
	int64_t now = co_mono_us();
	double seconds = (double)(now - p->begun_us) / 1e6;
	char bar[BAR + 1];
	size_t full = of > 0 ? (size_t)((double)done / (double)of * BAR) : 0;

	if (!p->begun)
		p->from = done;
	p->begun = true;
	if (!p->on || now - p->begun_us < FIRST_US || now - p->shown_us < EVERY_US)
		return;
	p->shown_us = now;
	p->drawn = true;
	memset(bar, '.', BAR);
	memset(bar, '#', full > BAR ? BAR : full);
	bar[BAR] = '\0';
	if (strcmp(p->unit, "bytes") == 0)
		show_bytes(p, bar, done, of, seconds);
	else
		(void)fprintf(stderr, "\r%s [%s] %llu of %llu %s  ", p->what, bar,
			(unsigned long long)done, (unsigned long long)of, p->unit);
	(void)fflush(stderr);
}

void
progress_end(struct progress *p)
{
	if (p->drawn)
		(void)fprintf(stderr, "\r\033[K");
	p->drawn = false;
}
