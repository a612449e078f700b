/* Between keeper.c and keeper_client.c only: frames over socketpairs, and the checks on what may
 * be signed. A frame is u32 length of the rest, u32 number, u8 code, payload; all big-endian.
 * In a request the code is an operation, in an answer it is 0 or a negated enum co_rc and the
 * payload the message. Requests of one lane are answered in turn. */
#pragma once

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/cms.h"
#include "crypto/keeper.h"

enum keeper_op {
	KEEPER_SIGN_RECORDS = 1, /* u32 n, n * (u32 length, bytes) -> n * (u32 length, signature) */
	KEEPER_TLS_SIGN,         /* fingerprint, digest -> signature */
	KEEPER_CHECKPOINT,       /* text -> 64 bytes */
	KEEPER_STAMP,            /* 32 or 64 bytes -> TimeStampResp */
	KEEPER_UNWRAP,           /* EnvelopedData -> 32 bytes */
	KEEPER_CONTAINER,        /* manifest -> signature */
	KEEPER_USE,              /* fingerprint -> nothing */
	KEEPER_OP_N
};

enum {
	KEEPER_HEAD = 9,  /* length, number, code */
	KEEPER_LANES = 4, /* requests in flight; lane 0 is for TLS, so a handshake never queues */
	KEEPER_UNWRAP_MAX = 16 * 1024,
	KEEPER_ANSWER_MAX = LIMIT_BATCH_RECORDS * (LIMIT_SIGNATURE + 4)
};

struct keeper_head {
	uint32_t payload; /* bytes that follow */
	uint32_t number;
	uint8_t code;
};
/* max bounds the payload. False: not a frame we accept. */
bool keeper_head_read(struct keeper_head *h, const unsigned char p[KEEPER_HEAD], size_t max);
/* Blocking; CO_ECLOSED at end of file, whether before or within a frame. payload is replaced. */
enum co_rc keeper_frame_recv(
	int fd, struct keeper_head *h, struct co_buf *payload, struct co_err *err) CO_NODISCARD;
enum co_rc keeper_frame_send(int fd, uint32_t number, uint8_t code, const void *payload, size_t n,
	struct co_err *err) CO_NODISCARD;

/* Does p begin as our printer begins a record from this address? Fixed order: comity, kind, id,
 * case, from. What stands inside a string of case is never taken for a member. */
bool keeper_scan_record(const void *p, size_t n, const char *address);

struct keeper_mark {
	uint64_t size;
	unsigned char root[32];
};
/* The three lines of a checkpoint of this origin (c2sp.org/tlog-checkpoint), nothing more. */
bool keeper_scan_checkpoint(
	const char *text, size_t n, const char *origin, struct keeper_mark *out);

/* The manifest of a container of documents (EN 319 162-1), as evidence/asice.h prints it. */
bool keeper_scan_container(const void *p, size_t n);

enum { KEEPER_PAIRS = 16 };
/* A certificate with its key, which belongs to the first pair that has it. */
struct keeper_pair {
	struct key *key;
	struct cert *cert;
	struct cms_signer *sealer; /* of a seal */
	const char *where;         /* the key; borrowed while keys are opened */
	bool shared;
};
struct keeper_ring {
	struct keeper_pair at[KEEPER_PAIRS]; /* the oldest first */
	size_t n, now;                       /* now: who seals */
};

/* What the keeper holds. Everything it answers goes through keeper_answer. */
struct keeper_keys {
	char address[LIMIT_ADDRESS + 1];
	char origin[LIMIT_NAME + 1];
	struct keeper_ring seal, tls, tsa; /* tsa may be empty */
	struct key *log;
	unsigned char log_public[ED25519_PUB];
	bool tokens;             /* a key lives in a PKCS#11 module */
	bool signed_once;        /* last is set */
	struct keeper_mark last; /* of the checkpoint signed last since the start */
};
void keeper_keys_close(struct keeper_keys *k);
/* Opens keys and certificates, wipes the passphrases, and uses each key once: a key that cannot
 * sign is found now, and libraries have loaded what they load late before files are shut off. */
enum co_rc keeper_keys_open(
	struct keeper_keys *k, const struct keeper_conf *conf, struct co_err *err) CO_NODISCARD;
enum co_rc keeper_answer(struct keeper_keys *k, unsigned op, const void *payload, size_t n,
	struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Body of the forked process; reports over watch, serves the lanes, never returns. */
CO_NORETURN void keeper_main(
	const struct keeper_conf *conf, pid_t parent, int watch, const int lanes[KEEPER_LANES]);
