/* Shared by the node's side of room evidence: rows, custody, operations. No other room includes it.
 * The side that needs no node (seal, package, verify) does not include it either. */
#pragma once

#include "evidence/exhibits.h"
#include "exchange/opjson.h"
#include "exchange/sight.h"
#include "ledger/ledger.h"

#include <string.h>

void evidence_describe(struct exchange *x); /* ops_shape.c */

struct evidence {
	struct exchange *x;
	struct vault *vault;
	struct ledger *ledger;
};

/* effects.c */
exchange_effect manifest_effect, custody_effect;
/* sealed.header of a manifest's exhibit. */
enum co_rc exhibit_header(
	const json_t *exhibit, unsigned char out[CHUNKED_HEADER], struct co_err *err) CO_NODISCARD;
void exhibit_row_read(struct exhibit_row *out, struct store_stmt *st);

/* custody.c */
struct custody_ask {
	const char *action;
	const char *purpose, *authority;
	const char *place;         /* may be NULL */
	const json_t *detail;      /* may be NULL */
	bool to_partner;           /* else to ourselves */
	const struct officer *who; /* NULL: the node itself */
};
/* Signs and stores a custody record; with the partner it is also sent. row NULL: the whole case. */
enum co_rc custody_send(struct evidence *e, const char *case_id, const struct exhibit_row *row,
	const struct custody_ask *ask, char id[CO_UUID_LEN + 1], struct co_err *err) CO_NODISCARD;
/* Envelope of a record of ours in a case: case numbers, exercise, officer. */
enum co_rc custody_envelope(struct evidence *e, const char *case_id, const struct officer *who,
	struct record *r, char partner[LIMIT_ADDRESS + 1], struct co_err *err) CO_NODISCARD;
/* Manifest and custody records that concern the exhibit, in order. */
enum co_rc custody_chain(struct store_db *db, const struct exhibit_row *row, json_t **out,
	struct co_err *err) CO_NODISCARD;

/* transfer.c: from the keeper; the caller wipes it. */
enum co_rc exhibit_key(struct evidence *e, const char *id, unsigned char key[CHUNKED_KEY],
	struct co_err *err) CO_NODISCARD;

/* ops.c, export.c */
op_fn op_exhibit_register, op_exhibit_list, op_exhibit_show, op_exhibit_custody, op_exhibit_open,
	op_case_export, op_case_packaged;
