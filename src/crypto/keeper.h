/* The keeper: the one process that holds private keys. It answers seven questions over a
 * socketpair and nothing else: sign this record or container manifest, sign this TLS digest, sign
 * this checkpoint (sizes never shrink), stamp this digest, unwrap this file key, and of several
 * certificates of one use: is it held, and shall it sign from now on. No network, no
 * files after start, no core dumps, not traceable, seccomp. It refuses to sign bytes that do not
 * begin as a record of this node's own address. If it dies the node stops: nothing may go out
 * unsigned. */
#pragma once

#include "base/buf.h"
#include "crypto/cert.h"
#include "crypto/digest.h"
#include "crypto/key.h"

#include <sys/types.h>

/* A renewed certificate (crypto/slot.h) with its key, which may be that of another. */
struct keeper_more {
	enum cert_use use;
	const char *key, *cert;
};

struct keeper_conf {
	const char *address;   /* "th.contact": the only "from" it signs */
	const char *seal_key;  /* paths or pkcs11: URIs, see key_load */
	const char *seal_cert; /* paths */
	const char *tls_key;
	const char *tls_cert;
	const char *log_key;
	const char *log_origin; /* first line of a checkpoint it may sign */
	const char *tsa_key;    /* NULL: no own time-stamp authority */
	const char *tsa_cert;
	const char *secret_file; /* holds the passphrase; read once */
	const char *pin_file;    /* PKCS#11 PIN; may be NULL */
	const struct keeper_more *more; /* the oldest first; may be NULL */
	size_t more_n;
	bool seccomp;
};

struct keeper; /* the node's end; every call may be made from any thread */

/* Fork the keeper (re-executing this program as `comity -x keeper` would lose nothing but time,
 * so it is a plain fork before any thread exists), wait until its keys are open. */
enum co_rc keeper_start(
	struct keeper **out, const struct keeper_conf *conf, struct co_err *err) CO_NODISCARD;
void keeper_stop(struct keeper **k);
#define keeper_auto CO_CLEANUP(keeper_stop) struct keeper
pid_t keeper_pid(const struct keeper *k);
/* Readable (EOF) when the keeper is gone: for the node's event loop. */
int keeper_watch_fd(const struct keeper *k);
/* Public half of the log key, ED25519_PUB bytes, borrowed: for the checkpoint's vkey. */
const unsigned char *keeper_log_public(const struct keeper *k);

struct keeper_blob {
	const void *p;
	size_t n;
};
/* Detached CAdES-B signatures for n records in one round trip; sigs: n initialised buffers. */
enum co_rc keeper_sign_records(struct keeper *k, const struct keeper_blob *records, size_t n,
	struct co_buf *sigs, struct co_err *err) CO_NODISCARD;
/* CAdES-B over the manifest of a container of documents (evidence/asice.h), and nothing else. */
enum co_rc keeper_sign_container(struct keeper *k, const void *manifest, size_t n,
	struct co_buf *sig, struct co_err *err) CO_NODISCARD;
/* With the key of the TLS certificate of this fingerprint. */
enum co_rc keeper_tls_sign(struct keeper *k, const unsigned char leaf[SHA256_LEN],
	const void *digest, size_t n, struct co_buf *sig, struct co_err *err) CO_NODISCARD;
/* text: the three lines of a checkpoint body (c2sp tlog-checkpoint), newline at the end. */
enum co_rc keeper_sign_checkpoint(struct keeper *k, const char *text, size_t n,
	unsigned char sig[ED25519_SIG], struct co_err *err) CO_NODISCARD;
/* digest: 32 bytes (SHA-256) or 64 (SHA-512). */
enum co_rc keeper_stamp(struct keeper *k, const unsigned char *digest, size_t digest_n,
	struct co_buf *resp, struct co_err *err) CO_NODISCARD;
/* CO_ENOTFOUND when no certificate of this fingerprint is held with its key. A seal certificate
 * signs from then on; at the start it is the oldest that has not ended. */
enum co_rc keeper_use(struct keeper *k, const unsigned char sha256[SHA256_LEN],
	struct co_err *err) CO_NODISCARD;
/* By the key of any seal certificate that is held. EnvelopedData of a file key of a sealed exhibit;
 * exactly 32 bytes come back. */
enum co_rc keeper_unwrap(struct keeper *k, const void *der, size_t n, unsigned char key[32],
	struct co_err *err) CO_NODISCARD;
