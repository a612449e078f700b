/* Fault points for the crash and failure tests; nothing at all unless built with -Dfaults=true.
 * COMITY_FAULT="name[:count][:action]", read once at the first point: at the count-th pass
 * (default 1) of point `name` the process does `action`: kill (default, SIGKILL), fail
 * (co_fault_hit returns true), hang (sleeps 600 s). The point "write" with action enospc makes
 * every write of base/fs.h, the vault and packages from that pass on fail as on a full disk. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef COMITY_FAULTS
bool co_fault_hit(const char *point);
ssize_t co_fault_write(int fd, const void *p, size_t n);
ssize_t co_fault_pwrite(int fd, const void *p, size_t n, off_t at);
#else
static inline bool
co_fault_hit(const char *point)
{
	(void)point;
	return false;
}
static inline ssize_t
co_fault_write(int fd, const void *p, size_t n)
{
	return write(fd, p, n);
}
static inline ssize_t
co_fault_pwrite(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}
#endif
