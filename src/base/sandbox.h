/* What a process gives up before it meets strangers: core dumps and tracing, folders (Landlock),
 * system calls (seccomp). It must never pretend: what could not be applied is a failure with its
 * reason, and the caller decides (configuration `sandbox = on|off`).
 * Formats: Documentation/userspace-api/landlock.rst and seccomp_filter.rst of the Linux kernel. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* No core file, not traceable by the same user, no new privileges through exec. */
enum co_rc sandbox_private(struct co_err *err) CO_NODISCARD;

/* A rule covers everything beneath its path. The node's own folder can therefore only be LISTed:
 * keys/ and secret/ stand in it. Name node.db, node.db-wal, node.db-shm (they must exist and stay),
 * vault, run and certs one by one. */
enum sandbox_right {
	SANDBOX_LIST,  /* list a folder, which fsync of a folder needs */
	SANDBOX_READ,  /* list and read */
	SANDBOX_WRITE, /* list, read, write, make, rename and remove files, folders and sockets */
	SANDBOX_RUN,   /* read and execute one program; what it loads must be readable */
};
struct sandbox_rule {
	const char *path; /* must exist */
	enum sandbox_right right;
};
/* Landlock version of the running kernel; 0: none. */
int sandbox_landlock(void);
/* For the node: sandbox_private, then no file outside the rules and what every program here reads
 * (shared libraries, /etc, time zones, /dev/null, /dev/urandom, own /proc). The network stays.
 * Each forbidden path is tried afterwards, and one that still opens is a failure (CO_EDENIED):
 * it lies under a rule. CO_ENOTFOUND: this kernel has no Landlock, nothing was restricted but
 * dumps. Call after fork of the keeper, before any thread: only the calling thread and its later
 * children are bound. Cannot be undone. */
enum co_rc sandbox_node(const struct sandbox_rule *rules, size_t rules_n,
	const char *const *forbidden, size_t forbidden_n, struct co_err *err) CO_NODISCARD;

/* For the keeper: from now on only memory, time, random numbers and reading and writing what is
 * already open; anything else kills the process. tokens: PKCS#11 modules also need files, process
 * ids, threads and Unix sockets (pcscd), never exec, ptrace or the network. */
enum co_rc sandbox_keeper(bool tokens, struct co_err *err) CO_NODISCARD;

/* For an inner program (base/worker.h): no network, no exec, no other process, no tracing, and no
 * file but the descriptors it has and what reads names, which must exist and may only be listed or
 * read. Opening anything else fails with EACCES; any other call kills the process. What the kernel
 * does not take is a failure. */
struct sandbox_worker {
	const struct sandbox_rule *reads; /* NULL: none */
	size_t reads_n;
	bool threads; /* it makes threads; never processes */
};
enum co_rc sandbox_worker(const struct sandbox_worker *keep, struct co_err *err) CO_NODISCARD;
/* The second half of sandbox_worker: system calls only. */
enum co_rc sandbox_worker_calls(bool files, bool threads, struct co_err *err) CO_NODISCARD;
