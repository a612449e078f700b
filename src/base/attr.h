/* Compiler attributes and the cleanup idiom (house rule 4).
 * Every owning variable is declared with a co_auto_* name; CO_TAKE hands it over. */
#pragma once

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CO_NODISCARD __attribute__((warn_unused_result))
#define CO_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CO_UNUSED __attribute__((unused))
#define CO_CLEANUP(fn) __attribute__((cleanup(fn)))
#define CO_NORETURN __attribute__((noreturn))

#define CO_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Move ownership out of an auto-cleaned pointer. */
#define CO_TAKE(p) (__extension__({ __typeof__(p) co_taken_ = (p); (p) = NULL; co_taken_; }))
#define CO_TAKE_FD(fd) (__extension__({ int co_taken_ = (fd); (fd) = -1; co_taken_; }))

static inline void
co_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void
co_cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
co_cleanup_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

#define co_auto_free CO_CLEANUP(co_cleanup_free)
#define co_auto_fd CO_CLEANUP(co_cleanup_fd) int
#define co_auto_file CO_CLEANUP(co_cleanup_file) FILE *
