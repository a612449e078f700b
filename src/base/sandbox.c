#include "base/sandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Newer than the headers of Debian 12; the values are kernel interface and fixed for good. */
#define ACCESS_TRUNCATE (1ULL << 14)  /* version 3 */
#define ACCESS_IOCTL_DEV (1ULL << 15) /* version 5 */

/* The first member of the kernel's landlock_ruleset_attr is all we set, so the network stays free.
 * Signals are not scoped (version 6): the keeper's parent-death signal would be held back as well.
 */
struct ruleset_attr {
	uint64_t access_fs;
};

#define ACCESS_LIST LANDLOCK_ACCESS_FS_READ_DIR
#define ACCESS_READ (ACCESS_LIST | LANDLOCK_ACCESS_FS_READ_FILE)
#define ACCESS_MAKE \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REFER)
#define ACCESS_WRITE (ACCESS_READ | ACCESS_MAKE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)
/* What a rule on a plain file may carry; the kernel refuses the rest. */
#define ACCESS_FILE \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
		LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE | ACCESS_IOCTL_DEV)

static const uint64_t right_access[] = {
	[SANDBOX_LIST] = ACCESS_LIST,
	[SANDBOX_READ] = ACCESS_READ,
	[SANDBOX_WRITE] = ACCESS_WRITE,
	[SANDBOX_RUN] = ACCESS_READ | LANDLOCK_ACCESS_FS_EXECUTE,
};

/* Read by the C library, the resolver and loaded modules at any time. /etc as a whole, because
 * resolv.conf and hosts are replaced while we run and a rule holds on to the old file. */
static const struct sandbox_rule system_rules[] = {
	{ "/etc", SANDBOX_READ },
	{ "/lib", SANDBOX_READ },
	{ "/lib64", SANDBOX_READ },
	{ "/usr/lib", SANDBOX_READ },
	{ "/usr/lib64", SANDBOX_READ },
	{ "/usr/local/lib", SANDBOX_READ },
	{ "/usr/share/zoneinfo", SANDBOX_READ },
	{ "/usr/share/ca-certificates", SANDBOX_READ },
	{ "/run/systemd/resolve", SANDBOX_READ },
	{ "/proc/self", SANDBOX_READ },
	{ "/proc/meminfo", SANDBOX_READ },
	{ "/sys/devices/system/cpu", SANDBOX_READ },
	{ "/dev/null", SANDBOX_WRITE },
	{ "/dev/urandom", SANDBOX_READ },
};

enum co_rc
sandbox_private(struct co_err *err)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return co_fail_errno(err, "sandbox: forbid core files");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return co_fail_errno(err, "sandbox: forbid tracing");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return co_fail_errno(err, "sandbox: forbid new privileges");
	return CO_OK;
}

int
sandbox_landlock(void)
{
	long v = syscall(
		SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);

	return v > 0 ? (int)v : 0;
}

static uint64_t
access_known(int version)
{
	uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

	if (version >= 2)
		all |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		all |= ACCESS_TRUNCATE;
	if (version >= 5)
		all |= ACCESS_IOCTL_DEV;
	return all;
}

static enum co_rc
ruleset_new(int version, int *out, struct co_err *err)
{
	struct ruleset_attr attr = { .access_fs = access_known(version) };
	long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (fd < 0)
		return co_fail_errno(err, "sandbox: Landlock rules");
	*out = (int)fd;
	return CO_OK;
}

static enum co_rc
ruleset_add(int set, const struct sandbox_rule *r, uint64_t known, struct co_err *err)
{
	co_auto_fd fd = open(r->path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr at = { .allowed_access = right_access[r->right] & known };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return co_fail_errno(err, "sandbox: open %s", r->path);
	if (!S_ISDIR(st.st_mode))
		at.allowed_access &= ACCESS_FILE;
	if (at.allowed_access == 0)
		return co_fail(err, CO_EUSAGE, "sandbox: %s is not a folder, it cannot be listed",
			r->path);
	at.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &at, 0) != 0)
		return co_fail_errno(err, "sandbox: rule for %s", r->path);
	return CO_OK;
}

static enum co_rc
forbidden_check(const char *path, struct co_err *err)
{
	co_auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return co_fail(err, CO_EDENIED,
			"sandbox: %s can still be opened by the node; move the "
			"node's folder out of the folders it must read",
			path);
	return CO_OK;
}

static enum co_rc
no_landlock(struct co_err *err)
{
	return co_fail(err, CO_ENOTFOUND,
		"sandbox: this kernel offers no Landlock (Linux 5.13 and "
		"newer, boot with lsm=landlock,...); or set sandbox = off");
}

/* A program with SANDBOX_RUN is loaded by the loader that loaded us. */
static enum co_rc
ruleset_add_loader(int set, uint64_t known, struct co_err *err)
{
	Dl_info info;
	struct sandbox_rule rule = { .right = SANDBOX_RUN };

	if (dladdr((void *)getauxval(AT_BASE), &info) == 0 || info.dli_fname == NULL)
		return CO_OK; /* linked statically: programs beside it are as well */
	rule.path = info.dli_fname;
	return ruleset_add(set, &rule, known, err);
}

static enum co_rc
ruleset_add_all(int set, const struct sandbox_rule *rules, size_t n, uint64_t known,
	struct co_err *err)
{
	bool runs = false;
	enum co_rc rc = CO_OK;

	for (size_t i = 0; i < n && rc == CO_OK; i++) {
		rc = ruleset_add(set, &rules[i], known, err);
		runs = runs || rules[i].right == SANDBOX_RUN;
	}
	return rc == CO_OK && runs ? ruleset_add_loader(set, known, err) : rc;
}

enum co_rc
sandbox_worker(const struct sandbox_worker *keep, struct co_err *err)
{
	int version = sandbox_landlock();
	co_auto_fd set = -1;
	enum co_rc rc = sandbox_private(err);

	if (rc == CO_OK && version == 0)
		rc = no_landlock(err);
	if (rc == CO_OK)
		rc = ruleset_new(version, &set, err);
	if (rc == CO_OK)
		rc = ruleset_add_all(set, keep->reads, keep->reads_n, access_known(version), err);
	if (rc == CO_OK && syscall(SYS_landlock_restrict_self, set, 0) != 0)
		rc = co_fail_errno(err, "sandbox: apply Landlock");
	if (rc == CO_OK)
		rc = sandbox_worker_calls(keep->reads_n > 0, keep->threads, err);
	return rc;
}

enum co_rc
sandbox_node(const struct sandbox_rule *rules, size_t rules_n, const char *const *forbidden,
	size_t forbidden_n, struct co_err *err)
{
	int version = sandbox_landlock();
	uint64_t known = access_known(version);
	co_auto_fd set = -1;
	enum co_rc rc = sandbox_private(err);

	if (rc != CO_OK)
		return rc;
	if (version == 0)
		return no_landlock(err);
	rc = ruleset_new(version, &set, err);
	for (size_t i = 0; i < CO_ARRAY_LEN(system_rules) && rc == CO_OK; i++)
		if (access(system_rules[i].path, F_OK) == 0)
			rc = ruleset_add(set, &system_rules[i], known, err);
	if (rc == CO_OK)
		rc = ruleset_add_all(set, rules, rules_n, known, err);
	if (rc != CO_OK)
		return rc;
	if (syscall(SYS_landlock_restrict_self, set, 0) != 0)
		return co_fail_errno(err, "sandbox: apply Landlock");
	for (size_t i = 0; i < forbidden_n && rc == CO_OK; i++)
		rc = forbidden_check(forbidden[i], err);
	return rc;
}
