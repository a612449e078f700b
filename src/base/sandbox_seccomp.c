#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* By number, not by name: a call unknown to this machine's kernel headers is a build error. */
static const int calls_plain[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(close),
	SCMP_SYS(shutdown),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static const int calls_token[] = {
	SCMP_SYS(openat),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(lseek),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(fcntl),
	SCMP_SYS(flock),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(getdents64),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getcwd),
	SCMP_SYS(unlink),
	SCMP_SYS(rename),
	SCMP_SYS(mkdir),
	SCMP_SYS(umask),
	SCMP_SYS(getppid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(uname),
	SCMP_SYS(sysinfo),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(connect),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(nanosleep),
	SCMP_SYS(pipe2),
	SCMP_SYS(eventfd2),
	SCMP_SYS(mlock),
	SCMP_SYS(munlock),
	SCMP_SYS(prlimit64),
	SCMP_SYS(sched_getaffinity),
};

/* What libraries ask of descriptors they were given, and about themselves. */
static const int calls_worker[] = {
	SCMP_SYS(pread64),
	SCMP_SYS(preadv),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(fcntl),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(getppid),
	SCMP_SYS(nanosleep),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getrusage),
	SCMP_SYS(clock_getres),
	SCMP_SYS(getcwd),
	SCMP_SYS(umask),
	SCMP_SYS(dup),
};

/* Names of files. Without files to read they fail, so that a library that looks for one it can do
 * without goes on; with files Landlock judges each. */
static const int calls_names[] = {
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(newfstatat),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64),
};

/* A cache that a library wants to keep, a limit it wants to know: it is told no. */
static const int calls_refused[] = {
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(symlink),
	SCMP_SYS(chmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(utimensat),
	SCMP_SYS(flock),
	SCMP_SYS(ioctl),
};

static const int calls_threads[] = {
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(eventfd2),
};

static void
filter_free(scmp_filter_ctx *f)
{
	if (*f != NULL)
		seccomp_release(*f);
}

static int
allow(scmp_filter_ctx f, const int *calls, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, calls[i], 0, NULL);
	return rc;
}

/* Memory may be mapped and changed, but never made executable. */
static int
allow_memory(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &no_exec);

	return rc != 0 ? rc
		       : seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &no_exec);
}

static int
allow_tokens(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp local = SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0);
	int rc = allow(f, calls_token, CO_ARRAY_LEN(calls_token));

	return rc != 0 ? rc
		       : seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, &local);
}

/* rc: of the rules before. */
static enum co_rc
filter_load(scmp_filter_ctx f, int rc, struct co_err *err)
{
	if (rc == 0)
		rc = seccomp_load(f);
	if (rc == 0)
		return CO_OK;
	errno = -rc;
	return co_fail_errno(err,
		"sandbox: this kernel does not take the seccomp filter; "
		"set sandbox = off to run without");
}

enum co_rc
sandbox_keeper(bool tokens, struct co_err *err)
{
	CO_CLEANUP(filter_free) scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc;

	if (f == NULL)
		return co_fail(err, CO_ENOMEM, "sandbox: seccomp filter");
	rc = allow(f, calls_plain, CO_ARRAY_LEN(calls_plain));
	if (rc == 0)
		rc = allow_memory(f);
	if (rc == 0 && tokens)
		rc = allow_tokens(f);
	return filter_load(f, rc, err);
}

static int
refuse(scmp_filter_ctx f, const int *calls, size_t n, unsigned number)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = seccomp_rule_add_array(f, SCMP_ACT_ERRNO(number), calls[i], 0, NULL);
	return rc;
}

/* fstat of a descriptor is newfstatat with an empty path in the C library of today. */
static int
worker_names(scmp_filter_ctx f, bool files)
{
	const struct scmp_arg_cmp by_fd = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH);
	const struct scmp_arg_cmp by_name = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0);
	const int stat_call = SCMP_SYS(newfstatat);
	int rc = 0;

	if (files)
		return allow(f, calls_names, CO_ARRAY_LEN(calls_names));
	for (size_t i = 0; i < CO_ARRAY_LEN(calls_names) && rc == 0; i++)
		if (calls_names[i] != stat_call)
			rc = refuse(f, &calls_names[i], 1, EACCES);
	if (rc == 0)
		rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, stat_call, 1, &by_fd);
	return rc != 0 ? rc
		       : seccomp_rule_add_array(
				 f, SCMP_ACT_ERRNO(EACCES), stat_call, 1, &by_name);
}

/* Its own limits may be read, its own threads signalled: abort() is how a library stops. */
static int
worker_self(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
	const struct scmp_arg_cmp reads = SCMP_A2(SCMP_CMP_EQ, 0, 0);
	int rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &self);

	return rc != 0 ? rc
		       : seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, &reads);
}

/* clone3 hides its flags in memory: without it the C library takes clone, whose flags can be seen.
 */
static int
worker_threads(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp thread =
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	const int clone3_call = SCMP_SYS(clone3);
	int rc = allow(f, calls_threads, CO_ARRAY_LEN(calls_threads));

	if (rc == 0)
		rc = refuse(f, &clone3_call, 1, ENOSYS);
	return rc != 0 ? rc
		       : seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread);
}

enum co_rc
sandbox_worker_calls(bool files, bool threads, struct co_err *err)
{
	CO_CLEANUP(filter_free) scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc;

	if (f == NULL)
		return co_fail(err, CO_ENOMEM, "sandbox: seccomp filter");
	rc = allow(f, calls_plain, CO_ARRAY_LEN(calls_plain));
	if (rc == 0)
		rc = allow_memory(f);
	if (rc == 0)
		rc = allow(f, calls_worker, CO_ARRAY_LEN(calls_worker));
	if (rc == 0)
		rc = refuse(f, calls_refused, CO_ARRAY_LEN(calls_refused), EACCES);
	if (rc == 0)
		rc = worker_names(f, files);
	if (rc == 0)
		rc = worker_self(f);
	if (rc == 0 && threads)
		rc = worker_threads(f);
	return filter_load(f, rc, err);
}
