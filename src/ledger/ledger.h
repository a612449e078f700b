/* The node's own append-only log. One leaf a record and one a custody or administrative event;
 * never content: entry = type (1 byte) || SHA-256(salt16 || SHA-256(bytes) || SHA-256(signature)).
 * The leaf is inserted by the same transaction as what it proves. Tiles and checkpoints follow
 * (C2SP tlog-tiles, tlog-checkpoint), each checkpoint with an RFC 3161 token. */
#pragma once

#include "base/uuid.h"
#include "ledger/note.h"
#include "store/store.h"

enum leaf_type { LEAF_RECORD = 1, LEAF_EVENT = 2 };
enum { LEAF_SALT = 16, LEAF_ENTRY = 33 };

struct leaf {
	unsigned char salt[LEAF_SALT];
	unsigned char entry[LEAF_ENTRY];
	struct hash hash;
};

/* Pure: fills salt (random), entry and hash. sig may be NULL with sig_n 0 (events). */
void leaf_make(struct leaf *out, enum leaf_type type, const void *bytes, size_t n, const void *sig,
	size_t sig_n);
/* The same with a given salt: to check a proof. */
void leaf_make_salted(struct leaf *out, enum leaf_type type, const unsigned char salt[LEAF_SALT],
	const void *bytes, size_t n, const void *sig, size_t sig_n);

/* Inside a store job. subject: record id or event id. *index may be NULL. Within a job, records
 * and their leaves are inserted in the same order: the check holds them against each other. */
enum co_rc ledger_append(struct store_db *db, const struct leaf *leaf, const char *subject,
	uint64_t *index, struct co_err *err) CO_NODISCARD;
/* An administrative event, in a job. json_text: a JSON object. The event row's detail, which the
 * leaf commits to, is {"id","at","what","who","detail":<json_text>}. */
enum co_rc ledger_event(struct store_db *db, const char *what, const char *who,
	const char *json_text, struct co_err *err) CO_NODISCARD;
/* The same, and its id. */
enum co_rc ledger_event_id(struct store_db *db, const char *what, const char *who,
	const char *json_text, char id[CO_UUID_LEN + 1], struct co_err *err) CO_NODISCARD;

struct keeper;
struct ledger;
/* A time-stamp: resp for a digest of 32 bytes (SHA-256 of a note) or 64 (SHA-512 of a link). The
 * keeper's own, or an outside one. */
typedef enum co_rc ledger_stamp(void *arg, const unsigned char *digest, size_t digest_n,
	struct co_buf *resp, struct co_err *err);
/* Copies origin and pub; borrows the rest. Time-stamps are the keeper's own. */
enum co_rc ledger_open(struct ledger **out, struct store *s, struct keeper *k, const char *origin,
	const unsigned char pub[ED25519_PUB], struct co_err *err) CO_NODISCARD;
/* Before threads: time-stamps come from outside, and late. A checkpoint is kept without; a thread
 * that may wait calls ledger_stamp_late. */
void ledger_outside(struct ledger *l, ledger_stamp *stamp, void *stamp_arg);
/* Stamps what has none, the newest first, some at a call: by the authorities outside, and where
 * none answers by the keeper. *left: how many still wait. Any thread that may wait for a
 * network. */
enum co_rc ledger_stamp_late(struct ledger *l, size_t *left, struct co_err *err) CO_NODISCARD;
/* Is the outside away, so that the keeper stamps? For status; with the reason ("" when not). */
bool ledger_stamps_own(const struct ledger *l, char *why, size_t cap);
/* Before threads: asked before each checkpoint is signed; an error refuses it. */
typedef enum co_rc ledger_may(void *arg, struct co_err *err);
void ledger_guard(struct ledger *l, ledger_may *may, void *may_arg);
void ledger_close(struct ledger **l);
#define ledger_auto CO_CLEANUP(ledger_close) struct ledger
const char *ledger_vkey(const struct ledger *l);
/* Integrate new leaves, sign and stamp checkpoints. Nothing new: no new checkpoint. Any thread but
 * the store's writer. *size (may be NULL): leaves under the newest. The checkpoint before is named
 * by an event of its own, so the tree grows by one leaf more than was appended. When the stamp
 * fails the checkpoint is kept without, the operator warned, and the next call asks again. */
enum co_rc ledger_checkpoint(struct ledger *l, uint64_t *size, struct co_err *err) CO_NODISCARD;

/* Reading (any thread, a reader connection). */
enum co_rc ledger_latest(struct store_db *db, struct co_buf *note, struct co_buf *token,
	struct co_err *err) CO_NODISCARD;
enum co_rc ledger_tile(struct store_db *db, unsigned level, uint64_t n, unsigned width,
	struct co_buf *out, struct co_err *err) CO_NODISCARD; /* width 256 = full; CO_ENOTFOUND */
enum co_rc ledger_entries(struct store_db *db, uint64_t n, unsigned width, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;
/* Inclusion proof (tlog-proof text, extra = salt) of a subject's first leaf, or of that leaf of it
 * whose hash is given (not NULL), under the first stamped checkpoint that holds it (so the token is
 * as old as possible); token beside it.
 * CO_ENOTFOUND: no such leaf; CO_EBUSY: no checkpoint covers it yet. */
enum co_rc ledger_prove(struct store_db *db, const char *subject, const struct hash *leaf,
	struct co_buf *proof, struct co_buf *token, struct co_err *err) CO_NODISCARD;
enum co_rc ledger_prove_consistency(struct store_db *db, uint64_t size1, uint64_t size2,
	struct hash *proof, size_t *proof_n, struct co_err *err) CO_NODISCARD;

/* Full audit: every record against its leaf, every leaf against its tile, tiles against each other
 * and against every checkpoint, checkpoints against signatures, tokens and each other. Each fault
 * is reported in words through fault(); *faults counts them. progress may be NULL. */
struct ledger_report {
	void (*fault)(void *arg, const char *text);
	void (*progress)(void *arg, uint64_t done, uint64_t of);
	void *arg;
};
struct cert;
enum co_rc ledger_check(struct store_db *db, const char *vkey, const struct cert *const *tsa_roots,
	size_t tsa_roots_n, const struct ledger_report *report, uint64_t *leaves, uint64_t *faults,
	struct co_err *err) CO_NODISCARD;
