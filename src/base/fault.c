#include "base/fault.h"

#ifdef COMITY_FAULTS

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t fault_once = PTHREAD_ONCE_INIT;
static char fault_name[64];
static char fault_action[16] = "kill";
static long fault_at = 1;
static atomic_long fault_pass;

static void
fault_read(void)
{
	const char *s = getenv("COMITY_FAULT");
	char spec[128];
	char *part, *save = NULL;

	if (s == NULL)
		return;
	(void)snprintf(spec, sizeof(spec), "%s", s);
	part = strtok_r(spec, ":", &save);
	if (part != NULL)
		(void)snprintf(fault_name, sizeof(fault_name), "%s", part);
	while ((part = strtok_r(NULL, ":", &save)) != NULL) {
		if (part[0] >= '0' && part[0] <= '9')
			fault_at = strtol(part, NULL, 10);
		else
			(void)snprintf(fault_action, sizeof(fault_action), "%s", part);
	}
}

bool
co_fault_hit(const char *point)
{
	(void)pthread_once(&fault_once, fault_read);
	if (fault_name[0] == '\0' || strcmp(point, fault_name) != 0)
		return false;
	if (atomic_fetch_add(&fault_pass, 1) + 1 != fault_at)
		return false;
	if (strcmp(fault_action, "fail") == 0)
		return true;
	if (strcmp(fault_action, "hang") == 0) {
		(void)sleep(600);
		return false;
	}
	(void)fprintf(stderr, "fault: killed at %s\n", point);
	(void)raise(SIGKILL);
	return false;
}

static bool
disk_full(void)
{
	(void)pthread_once(&fault_once, fault_read);
	if (strcmp(fault_name, "write") != 0 || strcmp(fault_action, "enospc") != 0 ||
		atomic_fetch_add(&fault_pass, 1) + 1 < fault_at)
		return false;
	errno = ENOSPC;
	return true;
}

ssize_t
co_fault_write(int fd, const void *p, size_t n)
{
	return disk_full() ? -1 : write(fd, p, n);
}

ssize_t
co_fault_pwrite(int fd, const void *p, size_t n, off_t at)
{
	return disk_full() ? -1 : pwrite(fd, p, n, at);
}

#else
typedef int fault_not_built; /* ISO C wants one declaration in a file */
#endif
