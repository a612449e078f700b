#include "exchange/receipt.h"

#include "base/enc.h"
#include "exchange/inside.h"

enum co_rc
receipt_print(const char *address, const struct receipt_ask *ask, struct record *r,
	struct co_buf *out, struct co_err *err)
{
	char hex[SHA256_HEX + 1], leaf[SHA256_HEX + 1], when[CO_TIME_LEN], log[LIMIT_ADDRESS + 16];
	const struct record *of = ask->of;

	r->kind = REC_RECEIPT;
	co_uuid7(r->id);
	(void)snprintf(r->case_id, sizeof(r->case_id), "%s", of->case_id);
	(void)snprintf(r->ours, sizeof(r->ours), "%s", of->ours);
	(void)snprintf(r->theirs, sizeof(r->theirs), "%s", of->theirs);
	(void)snprintf(r->from, sizeof(r->from), "%s", address);
	(void)snprintf(r->to, sizeof(r->to), "%s", of->from);
	(void)snprintf(r->officer, sizeof(r->officer), "node");
	(void)snprintf(r->role, sizeof(r->role), "node");
	r->at_us = ask->received_us;
	r->exercise = of->exercise;
	co_hex(ask->sha256, SHA256_LEN, hex);
	co_hex(ask->leaf->b, SHA256_LEN, leaf);
	co_time_print(ask->received_us, when);
	(void)snprintf(log, sizeof(log), "%s/ledger", address);
	r->body = json_pack("{s:{s:s,s:s},s:s,s:s,s:s,s:I}", "of", "id", of->id, "sha256", hex,
		"received", when, "log", log, "leaf", leaf, "skew_s", (json_int_t)ask->skew_s);
	if (r->body == NULL)
		return co_fail(err, CO_ENOMEM, "receipt");
	TRY(record_add_ref(r, of->id, hex, err));
	return record_print(r, out, err);
}

enum co_rc
receipt_check(const struct record *r, const char *partner, const char *address, const char *id,
	const char *sha256, int64_t *received_us, struct co_err *err)
{
	const json_t *of = json_object_get(r->body, "of");
	const char *of_id = json_string_value(json_object_get(of, "id"));
	const char *of_sha256 = json_string_value(json_object_get(of, "sha256"));
	const char *received = json_string_value(json_object_get(r->body, "received"));

	if (r->kind != REC_RECEIPT)
		return co_fail(err, CO_EVERIFY, "%s answered with a %s instead of a receipt",
			partner, record_kind_name(r->kind));
	if (strcmp(r->from, partner) != 0 || strcmp(r->to, address) != 0)
		return co_fail(err, CO_EVERIFY, "the receipt is from %s to %s, not from %s to us",
			r->from, r->to, partner);
	if (of_id == NULL || of_sha256 == NULL || received == NULL || strcmp(of_id, id) != 0)
		return co_fail(
			err, CO_EVERIFY, "the receipt of %s is not for record %s", partner, id);
	if (strcmp(of_sha256, sha256) != 0)
		return co_fail(err, CO_EVERIFY,
			"the receipt of %s is for other bytes than those of record %s", partner,
			id);
	return co_time_parse(received, received_us, err);
}
