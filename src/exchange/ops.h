/* The operations of this room; ops.c has their table. Private to the room: everybody else calls
 * them by name through op_call, which checks who may. */
#pragma once

#include "exchange/op.h"
#include "exchange/op_shape.h"
#include "exchange/opjson.h"

struct draft;

/* Is it an accepted partner that is a provider? Such are sent the provider's view of a form. */
bool request_to_provider(struct exchange *x, const char *address);

/* Numbers, partner and nature of a case that is open already; a new case takes them from r. */
enum co_rc record_case_fill(struct exchange *x, struct store_db *db, struct record *r, bool must,
	struct co_err *err) CO_NODISCARD;
/* Why nothing can be said to anybody in an own case (ops_case_new.c). */
enum co_rc case_alone(const char *case_id, struct co_err *err) CO_NODISCARD;
/* A draft of a request as the record it would be, without id. r is initialised. */
enum co_rc request_of_draft(struct exchange *x, struct store_db *db, const struct draft *d,
	const struct officer *who, struct record *r, struct co_err *err) CO_NODISCARD;
/* What the law says beside a draft; of a notice, beside the request that it answers. */
enum co_rc law_of_draft(struct exchange *x, struct store_db *db, const struct draft *d,
	const struct officer *who, json_t **out, struct co_err *err) CO_NODISCARD;
/* An officer decides: to approve or send a draft, to answer a partner's request. kept: what was
 * advised, for the job that stores the decision; CO_EREFUSED when it goes against it without a
 * reason (why). */
struct advice_kept;
enum co_rc decide_draft(struct exchange *x, struct store_db *db, const struct draft *d,
	const char *decision, const char *why, const struct officer *who, struct advice_kept *kept,
	struct co_err *err) CO_NODISCARD;
enum co_rc decide_answer(struct exchange *x, struct store_db *db, const json_t *in,
	const struct officer *who, struct advice_kept *kept, struct co_err *err) CO_NODISCARD;

op_fn op_request_new, op_request_approve, op_request_send, op_request_submit_many,
	op_request_answer, op_request_extend, op_request_withdraw, op_message_send;
op_fn op_request_list, op_request_show, op_case_list, op_case_show, op_delivery_list, op_record_get,
	op_event_list, op_user_add, op_user_list,
	op_user_disable;
void ops_form_register(struct exchange *x); /* ops_form.c: forms and templates */
op_fn op_law_show, op_law_publish, op_law_check, op_law_gap;
/* What the last two take: see op_shape.h. */
void ops_law_describe(struct exchange *x);
op_fn op_attachment_list; /* attach.c */
op_fn op_request_print;   /* print.c */
op_fn op_request_table, op_case_table; /* ops_table.c */
op_fn op_case_each;       /* ops_case_each.c */
/* What they take. */
void ops_table_describe(struct exchange *x);
void ops_case_each_describe(struct exchange *x);
void ops_case_new_describe(struct exchange *x);
/* 1 to most UUIDs under name, none twice. */
enum co_rc ids_check(const json_t *in, const char *name, size_t most, const json_t **out,
	struct co_err *err) CO_NODISCARD;
op_fn op_report_print;    /* print_report.c */
extern const struct op_member report_print_in[];
op_fn op_api_describe;    /* openapi.c */
struct pick;

extern const struct op_member inbox_evidence_row[];
/* inbox_evidence.c: rows of what has to be decided until then. */
enum co_rc inbox_evidence(struct store_db *db, const struct officer *who, const struct pick *p,
	int64_t horizon_us, size_t limit, json_t *rows, struct co_err *err) CO_NODISCARD;
op_fn op_inbox_list, op_draft_show, op_numbers_show, op_report_yearly;
op_fn op_unit_add, op_unit_list, op_unit_intake, op_user_unit, op_user_role, op_case_new,
	op_case_assign, op_case_name, op_case_restrict;

/* Work at a desk; what they take is beside them (ops_work.c). */
/* in, and what the filter kept as its member view says beside it. */
enum co_rc view_over(struct store_db *db, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err) CO_NODISCARD;
op_fn op_request_assign, op_request_read, op_request_each, op_view_save, op_view_drop, op_view_list;
void ops_work_describe(struct exchange *x);

op_fn op_template_list, op_template_show, op_template_save, op_template_drop, op_template_usual;

void ops_describe(struct exchange *x);        /* ops_shape.c */
void ops_describe_office(struct exchange *x); /* ops_shape_office.c: called by the former */

struct request_row;
json_t *case_json(struct store_stmt *st); /* columns of case_show and case_walk */
/* Into o: whose move it is, and until when data are kept. */
enum co_rc case_standing(
	struct store_db *db, const char *id, json_t *o, struct co_err *err) CO_NODISCARD;
json_t *request_json(const struct exchange *x, const struct request_row *q);
/* The same with the numbers of its case, as lists have it; owned. */
enum co_rc request_listed(struct exchange *x, struct store_db *db, const struct request_row *q,
	json_t **out, struct co_err *err) CO_NODISCARD;
/* CO_ENOTFOUND, with where the units are told. */
enum co_rc unit_known(struct store_db *db, const char *name, struct co_err *err) CO_NODISCARD;
/* Officers named for a case. */
enum co_rc case_named_json(
	struct store_db *db, const char *case_id, json_t **out, struct co_err *err) CO_NODISCARD;
/* Is it a name and a role that an officer may have? */
enum co_rc officer_check(const char *name, const char *role, struct co_err *err) CO_NODISCARD;
