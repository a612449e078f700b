/* A small set of keys and certificates for the tests of what signs and verifies. */
#pragma once

#include "test.h"

#include "base/clock.h"
#include "crypto/cert.h"

#include <spawn.h>
#include <sys/wait.h>

#define PKI_DAY INT64_C(86400000000)

struct pki {
	int64_t now;
	struct key *root_key, *key[4]; /* by enum cert_use; CERT_ROOT stays NULL */
	struct cert *root, *cert[4];
};

static inline struct cert *
pki_issue(const struct pki *p, enum cert_use use, const struct key *k, int64_t from, int64_t to)
{
	struct cert_ask ask = { .use = use,
		.organisation = "ตำรวจไซเบอร์",
		.country = "TH",
		.name = "th.contact",
		.from_us = from,
		.to_us = to };
	struct co_err err = { 0 };
	struct cert *c = NULL;

	assert_ok(cert_issue(&c, &ask, k, use == CERT_ROOT ? NULL : p->root, p->root_key, &err));
	return c;
}

static inline void
pki_make(struct pki *p, enum key_type type)
{
	struct co_err err = { 0 };

	memset(p, 0, sizeof(*p));
	p->now = co_now_us();
	assert_ok(key_generate(&p->root_key, KEY_P256, &err));
	p->root =
		pki_issue(p, CERT_ROOT, p->root_key, p->now - 10 * PKI_DAY, p->now + 900 * PKI_DAY);
	for (int use = CERT_SEAL; use <= CERT_TSA; use++) {
		/* RSA keys take a second to make: only the seal gets one. */
		assert_ok(key_generate(&p->key[use],
			type == KEY_RSA3072 && use != CERT_SEAL ? KEY_P256 : type, &err));
		p->cert[use] = pki_issue(p, (enum cert_use)use, p->key[use], p->now - PKI_DAY,
			p->now + 300 * PKI_DAY);
	}
}

static inline void
pki_free(struct pki *p)
{
	for (int i = 0; i < 4; i++) {
		key_free(&p->key[i]);
		cert_free(&p->cert[i]);
	}
	key_free(&p->root_key);
	cert_free(&p->root);
}

/* A folder for files that the openssl program reads; emptied by rm at the end. */
static inline void
scratch_make(char dir[static 32])
{
	memcpy(dir, "/tmp/comity-test-XXXXXX", sizeof("/tmp/comity-test-XXXXXX"));
	assert_non_null(mkdtemp(dir));
}

static inline int
scratch_shell(const char *cmd)
{
	char sh[] = "sh", c[] = "-c", *line = strdup(cmd);
	char *argv[] = { sh, c, line, NULL };
	int status = -1;
	pid_t pid;

	assert_non_null(line);
	assert_int_equal(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ), 0);
	assert_true(waitpid(pid, &status, 0) == pid);
	free(line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Runs a shell command in dir, quietly; its exit status. */
static inline CO_PRINTF(2, 3) int
scratch_run(const char *dir, const char *fmt, ...)
{
	char cmd[2048], whole[2200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	(void)snprintf(whole, sizeof(whole), "cd %s && { %s; } >log 2>&1", dir, cmd);
	return scratch_shell(whole);
}

static inline void
scratch_drop(const char *dir)
{
	char cmd[64];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	if (scratch_shell(cmd) != 0)
		(void)fprintf(stderr, "left behind: %s\n", dir);
}
