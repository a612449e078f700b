/* Exhibits: what manifests and custody records do to our tables, the operations on them, and what
 * the network's fetching of an exhibit needs. Never reads the content of an exhibit.
 * Custody: docs/protocol.md; each event of ours refers by hash to the manifest and the event
 * before.
 *
 * case.export takes partners' proofs from the operation "partner.proof" {address, id, leaf: hex} ->
 * {proof: text, token: base64}, and entries from records of kind entry (ours and partners'). */
#pragma once

#include "exchange/exchange.h"
#include "exchange/op.h"
#include "vault/vault.h"

struct evidence_conf {
	struct exchange *x;
	struct vault *vault;   /* borrowed, outlives the exchange */
	struct ledger *ledger; /* for a checkpoint before an export; NULL: take what there is */
	/* Custody actions that a second officer confirms, "opened:closed" for the opening of what
	 * is in the store, on hold or of a closed case, "retained:shorter" for a period that ends
	 * earlier than the one set; NULL: TWO_PEOPLE. */
	const char *two_people;
};
#define TWO_PEOPLE "destroyed,opened:closed,retained:shorter"
/* CO_EUSAGE unless it is a list as two_people wants it. */
enum co_rc two_people_check(const char *list, struct co_err *err) CO_NODISCARD;
struct evidence;
/* Operations and effects; before threads run. Close after the exchange. */
enum co_rc evidence_open(
	struct evidence **out, const struct evidence_conf *conf, struct co_err *err) CO_NODISCARD;
void evidence_close(struct evidence **e);
#define evidence_auto CO_CLEANUP(evidence_close) struct evidence

struct exhibit_row {
	char id[CO_UUID_LEN + 1];
	char case_id[CO_UUID_LEN + 1];
	char name[LIMIT_NAME + 1];
	char media[128];
	char partner[LIMIT_ADDRESS + 1];
	char state[16]; /* sealed, offered, fetching, complete, verified, failed, destroyed */
	char manifest_id[CO_UUID_LEN + 1];
	bool incoming;
	uint64_t plain_size, sealed_size, done_bytes;
	enum vault_coding coding;
	char plain_sha256[SHA256_HEX + 1];
	char sealed_sha256[SHA256_HEX + 1];
	unsigned char sealed_header[CHUNKED_HEADER];
	int64_t changed_us;
	/* Of what it was made; "" when it is no derived exhibit. */
	char derived_from[CO_UUID_LEN + 1], derived_root[CO_UUID_LEN + 1];
	char derived_by[LIMIT_NAME + 1];
	bool shut;         /* in the store */
	int64_t erased_us; /* its file is gone since then; 0: not */
};
struct officer;
/* For an officer who may see its case (exchange/sight.h). */
enum co_rc exhibit_seen(struct exchange *x, struct store_db *db, const struct officer *who,
	const char *id, struct exhibit_row *out, struct co_err *err) CO_NODISCARD;
enum co_rc exhibit_get(struct store_db *db, const char *id, struct exhibit_row *out,
	struct co_err *err) CO_NODISCARD;
/* Time passes: alarms before a period of keeping ends, and what was to be erased when the node
 * stopped. The node calls it every minute or so, and once when it starts. */
enum co_rc evidence_sweep(struct evidence *e, int64_t now_us, struct co_err *err) CO_NODISCARD;
/* Rows in a state ("fetching" after a restart); call gets each. */
enum co_rc exhibit_each(struct store_db *db, const char *state,
	enum co_rc (*call)(void *arg, const struct exhibit_row *row, struct co_err *err), void *arg,
	struct co_err *err) CO_NODISCARD;

/* ---- for the network room, in this order ---- */
/* May this partner pull this exhibit now? CO_EDENIED, CO_ENOTFOUND. *fd: the sealed file. */
enum co_rc exhibit_serve(struct evidence *e, const char *partner, const char *id, int *fd,
	uint64_t *sealed_size, struct co_err *err) CO_NODISCARD;
/* The file key, from the keeper; commits custody "fetched" (first time) and state fetching. */
enum co_rc exhibit_fetch_begin(struct evidence *e, const char *id, const struct officer *who,
	unsigned char key[CHUNKED_KEY], struct exhibit_row *row, struct co_err *err) CO_NODISCARD;
/* Bytes landed so far; cheap enough for once a second. */
enum co_rc exhibit_fetch_progress(
	struct evidence *e, const char *id, uint64_t done, struct co_err *err) CO_NODISCARD;
/* After vault_fill_end: sends the signed receipt, custody "received" or "failed" (why), to the
 * partner; the state becomes verified or failed. */
enum co_rc exhibit_fetch_end(struct evidence *e, const char *id, bool verified, const char *why,
	struct co_err *err) CO_NODISCARD;
