/* The operations of this room; ops.c has their table. Private to the room: everybody else calls
 * them by name through op_call, which checks who may. */
#pragma once

#include "exchange/op.h"
#include "exchange/opjson.h"

op_fn op_request_new, op_request_approve, op_request_send, op_request_submit_many,
	op_request_answer, op_request_extend, op_request_withdraw, op_message_send;
op_fn op_request_list, op_request_show, op_case_list, op_case_show, op_delivery_list, op_record_get,
	op_event_list, op_form_list, op_form_show, op_user_add, op_user_list, op_user_disable;
op_fn op_inbox_list, op_draft_show;

struct request_row;
json_t *request_json(const struct exchange *x, const struct request_row *q);
