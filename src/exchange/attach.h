/* Files that travel with records: what an officer gave to this node and has not sent yet (held),
 * and what records say they carry (attached). Rows only: the bytes are sealed in the vault and move
 * as exhibits do (evidence/attach.h). Must never let one file go with two records, nor a record
 * leave that lists a file which is not held for it. docs/protocol.md, section 12.1. */
#pragma once

#include "exchange/op.h"

struct held_row {
	char id[CO_UUID_LEN + 1]; /* becomes the exhibit's */
	char owner[LIMIT_NAME + 1];
	char for_id[CO_UUID_LEN + 1]; /* draft or record; "" when none yet */
	struct record_attachment file;
	bool filled;
};
/* CO_ENOTFOUND: sent already, dropped, or never here. */
enum co_rc held_get(struct store_db *db, const char *id, struct held_row *out,
	struct co_err *err) CO_NODISCARD;
/* {id, name, media, size, sha256} */
json_t *held_json(const struct held_row *h);

/* in.attachments as a caller gives it, ids of held files, becomes what a draft keeps: a list of
 * held_json. Refused: another officer's, one that goes elsewhere, the same twice, too much. */
enum co_rc attach_take(struct store_db *db, const struct officer *who, json_t *in,
	struct co_err *err) CO_NODISCARD;
/* The list that attach_take left, into a record. NULL: none. */
enum co_rc attach_fill(const json_t *list, struct record *r, struct co_err *err) CO_NODISCARD;
bool attach_same(const json_t *list, const struct record *r);

/* In a job: each file of the list goes with for_id, a draft or a record to be, and nothing else. */
enum co_rc attach_claim(struct store_db *db, const json_t *list, const char *who,
	const char *for_id, struct co_err *err) CO_NODISCARD;
/* A job of its own for a record without a draft; id is made when it is "" and there are files. */
enum co_rc attach_claim_new(struct exchange *x, const json_t *list, const struct officer *who,
	char id[CO_UUID_LEN + 1], struct co_err *err) CO_NODISCARD;

/* The effect of a record that carries files, of whatever kind; in the job that stores it. */
enum co_rc attached_put(struct exchange *x, struct store_db *db, const struct record *r,
	bool incoming, struct co_err *err) CO_NODISCARD;
/* What a record carries, each with its state: waiting, offered, fetching, verified, failed,
 * destroyed; id is the exhibit's or null. sender NULL: of any. */
enum co_rc attached_json(struct store_db *db, const char *id, const char *sender, json_t **out,
	struct co_err *err) CO_NODISCARD;
