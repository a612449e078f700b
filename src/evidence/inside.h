/* Shared by the node's side of room evidence: rows, custody, operations. No other room includes it.
 * The side that needs no node (seal, package, verify) does not include it either. */
#pragma once

#include "evidence/exhibits.h"
#include "exchange/approval.h"
#include "exchange/opjson.h"
#include "exchange/sight.h"
#include "ledger/ledger.h"
#include "record/custody.h"

#include <string.h>

void evidence_describe(struct exchange *x); /* ops_shape.c */

struct evidence {
	struct exchange *x;
	struct vault *vault;
	struct ledger *ledger;
	char *two_people;
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
	const json_t *more;        /* further members of the body; may be NULL */
	const char *record;        /* the record's id; NULL: a new one */
	bool to_partner;           /* else to ourselves */
	const struct officer *who; /* NULL: the node itself */
};
/* Signs and stores a custody record; with the partner it is also sent. row NULL: the whole case. */
enum co_rc custody_send(struct evidence *e, const char *case_id, const struct exhibit_row *row,
	const struct custody_ask *ask, char id[CO_UUID_LEN + 1], struct co_err *err) CO_NODISCARD;
/* The body that custody_send signs, checked against the table of actions. */
enum co_rc custody_body_make(const struct exhibit_row *row, const struct custody_ask *ask,
	json_t **out, struct co_err *err) CO_NODISCARD;
/* Envelope of a record of ours in a case: case numbers, exercise, officer. */
enum co_rc custody_envelope(struct evidence *e, const char *case_id, const struct officer *who,
	struct record *r, char partner[LIMIT_ADDRESS + 1], struct co_err *err) CO_NODISCARD;
/* Manifest and custody records that concern the exhibit, in order. */
enum co_rc custody_chain(struct store_db *db, const struct exhibit_row *row, json_t **out,
	struct co_err *err) CO_NODISCARD;

/* transfer.c: from the keeper; the caller wipes it. */
enum co_rc exhibit_key(struct evidence *e, const char *id, unsigned char key[CHUNKED_KEY],
	struct co_err *err) CO_NODISCARD;

/* attach_ops.c */
/* The record that carries the exhibit; "" for evidence. */
enum co_rc attachment_of(struct store_db *db, const char *exhibit, char record[CO_UUID_LEN + 1],
	struct co_err *err) CO_NODISCARD;
/* CO_EREFUSED when it goes with a draft or record. */
enum co_rc held_remove(
	struct evidence *e, const char *id, const char *who, struct co_err *err) CO_NODISCARD;
op_fn op_attachment_add, op_attachment_put, op_attachment_drop, op_attachment_open;
void attachment_ops_register(struct evidence *e);
/* ops_acquire.c */
void acquire_register(struct evidence *e);
/* The event "acquired"; ask has purpose and authority. */
enum co_rc acquire_custody(struct evidence *e, const struct exhibit_row *row,
	const json_t *acquisition, const struct custody_ask *ask, struct co_err *err) CO_NODISCARD;
/* The exhibit as its manifest describes it; NULL: the manifest is not here. */
enum co_rc manifest_told(struct store_db *db, const struct exhibit_row *row, json_t **out,
	struct co_err *err) CO_NODISCARD;
/* Its manifest is signed: it is not under way any more. */
enum co_rc acquire_ended(struct evidence *e, const char *id, struct co_err *err) CO_NODISCARD;

/* legal.c: containers of the legal documents among the rows of an export, {id, bytes}. */
enum co_rc legal_containers(struct evidence *e, const json_t *records, json_t *out,
	struct co_err *err) CO_NODISCARD;

/* ops.c, export.c */
op_fn op_exhibit_register, op_exhibit_list, op_exhibit_show, op_exhibit_open, op_case_export,
	op_case_packaged, op_case_report;
json_t *exhibit_row_json(const struct exhibit_row *e);
/* With the record that carries it, if it is an attachment. */
json_t *exhibit_row_shown(struct store_db *db, const struct exhibit_row *e);
/* ops_custody.c and its neighbours */
op_fn op_exhibit_custody, op_exhibit_log, op_exhibit_return, op_exhibit_retain, op_exhibit_hold,
	op_exhibit_release, op_exhibit_ease, op_exhibit_destroy, op_exhibit_lineage,
	op_exhibit_moves, op_case_custody;
void custody_describe(struct exchange *x); /* ops_custody_shape.c */

#include "evidence/custody.h"
