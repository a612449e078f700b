#include "record/kinds.h"

#include "record/acquisition.h"
#include "record/custody.h"

#include <string.h>

#define MUST .flags = SCHEMA_MUST
#define STRING(n, x) .shape = SHAPE_STRING, .min = (n), .max = (x)
#define INTEGER(n, x) .shape = SHAPE_INTEGER, .min = (n), .max = (x)
#define LIST(n, x, row) .shape = SHAPE_LIST, .min = (n), .max = (x), .sub = (row)
#define OBJECT(rows) .shape = SHAPE_OBJECT, .sub = (rows)
#define OPEN .shape = SHAPE_OPEN
#define UUID STRING(CO_UUID_LEN, CO_UUID_LEN), .rule = &text_uuid
#define SHA256 STRING(SHA256_HEX, SHA256_HEX), .rule = &text_sha256
#define SHA512 STRING(SHA512_HEX, SHA512_HEX), .rule = &text_sha512
#define TIME STRING(1, CO_TIME_LEN - 1), .rule = &text_time
#define NAME STRING(1, LIMIT_NAME), .rule = &text_name
#define TEXT STRING(1, LIMIT_TEXT), .rule = &text_lines
#define CODE STRING(1, 64), .rule = &text_code
#define PEM STRING(1, LIMIT_CERT), .rule = &text_pem
#define CHOICE(list) STRING(1, 64), .choices = (list)

static const struct schema element_pem[] = { { .name = "pem", PEM }, SCHEMA_END };
static const struct schema element_language[] = { { .name = "language", STRING(2, 35),
	.rule = &text_language }, SCHEMA_END };

/* ---- entry: a row of the directory ---- */
static const struct schema entry_ledger[] = {
	{ .name = "origin", MUST, STRING(1, LIMIT_ADDRESS + 7), .rule = &text_origin },
	{ .name = "vkey", MUST, STRING(1, 511), .rule = &text_token },
	SCHEMA_END
};
static const struct schema entry_revoked[] = {
	{ .name = "sha256", MUST, SHA256 },
	{ .name = "since", MUST, TIME },
	{ .name = "reason", MUST, NAME },
	SCHEMA_END
};
static const struct schema entry_revoked_row[] = { { .name = "revoked", OBJECT(entry_revoked) },
	SCHEMA_END };
static const struct schema body_entry[] = {
	{ .name = "name", MUST, NAME },
	{ .name = "economy", MUST, STRING(2, 2), .rule = &text_economy },
	{ .name = "role", MUST, CHOICE("contact|authority|provider") },
	{ .name = "url", MUST, STRING(1, LIMIT_NAME), .rule = &text_url },
	{ .name = "timezone", MUST, STRING(1, 63), .rule = &text_zone },
	{ .name = "hours", MUST, NAME },
	{ .name = "languages", MUST, LIST(1, 16, element_language) },
	{ .name = "root", MUST, PEM },
	{ .name = "seal", MUST, LIST(1, 4, element_pem) },
	{ .name = "tls", MUST, LIST(1, 4, element_pem) },
	{ .name = "ledger", MUST, OBJECT(entry_ledger) },
	{ .name = "revoked", MUST, LIST(0, 64, entry_revoked_row) },
	{ .name = "valid_to", MUST, TIME },
	SCHEMA_END
};

/* ---- request, notice, message, information ---- */
static const struct schema condition[] = {
	{ .name = "type", MUST, CHOICE("confidentiality|use-limit|other") },
	{ .name = "text", MUST, TEXT },
	SCHEMA_END
};
static const struct schema condition_row[] = { { .name = "condition", OBJECT(condition) },
	SCHEMA_END };
static const struct schema body_request[] = {
	{ .name = "measure", MUST, CODE },
	{ .name = "urgency", MUST, CHOICE("emergency|urgent|routine") },
	{ .name = "fields", MUST, OPEN }, /* form_check */
	{ .name = "extends", UUID },
	{ .name = "view", CHOICE("provider") }, /* without what is for the authority only */
	{ .name = "basis", CODE }, /* an instrument; each side judges what it may be */
	SCHEMA_END
};
static const struct schema body_notice[] = {
	{ .name = "state", MUST, CHOICE("acknowledged|accepted|need-decision|condition-offered|"
		"condition-accepted|condition-declined|referred|postponed|partial|"
		"executed|path-disclosed|extended|delayed|impossible|refused|withdrawn|expired|"
		"use-explained|closed") },
	{ .name = "ground", CODE },
	{ .name = "reason", TEXT },
	{ .name = "until", TIME },
	{ .name = "conditions", LIST(1, 16, condition_row) },
	{ .name = "fields", OPEN },
	SCHEMA_END
};
static const struct schema body_message[] = { { .name = "text", MUST, TEXT }, SCHEMA_END };
static const struct schema body_information[] = {
	{ .name = "subject", MUST, NAME },
	{ .name = "text", MUST, TEXT },
	{ .name = "conditions", MUST, LIST(0, 16, condition_row) },
	SCHEMA_END
};

/* ---- receipt ---- */
static const struct schema receipt_of[] = {
	{ .name = "id", MUST, UUID },
	{ .name = "sha256", MUST, SHA256 },
	SCHEMA_END
};
static const struct schema body_receipt[] = {
	{ .name = "of", MUST, OBJECT(receipt_of) },
	{ .name = "received", MUST, TIME },
	{ .name = "log", MUST, STRING(1, LIMIT_ADDRESS + 7), .rule = &text_origin },
	{ .name = "leaf", MUST, SHA256 },
	{ .name = "skew_s", MUST, INTEGER(-INT64_C(315360000000), INT64_C(315360000000)) },
	SCHEMA_END
};

/* ---- manifest and custody ---- */
static const struct schema exhibit_plain[] = {
	{ .name = "size", MUST, INTEGER(0, INT64_MAX) },
	{ .name = "sha256", MUST, SHA256 },
	{ .name = "sha512", SHA512 },
	{ .name = "sha1", STRING(40, 40), .rule = &text_sha1 },
	{ .name = "md5", STRING(32, 32), .rule = &text_md5 },
	SCHEMA_END
};
static const struct schema exhibit_sealed[] = {
	{ .name = "size", MUST, INTEGER(1, INT64_MAX) },
	{ .name = "sha256", MUST, SHA256 },
	{ .name = "header", MUST, STRING(76, 76), .rule = &text_base64 }, /* 56 bytes */
	{ .name = "format", MUST, CHOICE("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM") },
	{ .name = "coding", CHOICE("zstd") },
	SCHEMA_END
};
static const struct schema wrapped_key[] = { { .name = "key", STRING(4, LIMIT_SIGNATURE),
	.rule = &text_base64 }, SCHEMA_END };
/* What it was made from; of several steps root names the first. */
static const struct schema exhibit_derived[] = {
	{ .name = "from", MUST, UUID },
	{ .name = "root", MUST, UUID },
	{ .name = "by", MUST, NAME },
	SCHEMA_END
};
/* A condition of arts 26 and 28 that goes with the exhibit. */
static const struct schema exhibit_marking[] = {
	{ .name = "owner", MUST, STRING(1, LIMIT_ADDRESS), .rule = &text_address },
	{ .name = "type", MUST, CHOICE("confidentiality|use-limit|other") },
	{ .name = "text", MUST, TEXT },
	{ .name = "article", MUST, NAME },
	{ .name = "record", MUST, UUID }, /* in which the condition was set */
	SCHEMA_END
};
static const struct schema exhibit_marking_row[] = { { .name = "marking",
	OBJECT(exhibit_marking) }, SCHEMA_END };
static const struct schema manifest_exhibit[] = {
	{ .name = "id", MUST, UUID },
	{ .name = "name", MUST, STRING(1, LIMIT_NAME), .rule = &text_file },
	{ .name = "media", MUST, STRING(3, 127), .rule = &text_media },
	{ .name = "files", INTEGER(1, LIMIT_FOLDER_FILES) },
	{ .name = "plain", MUST, OBJECT(exhibit_plain) },
	{ .name = "sealed", MUST, OBJECT(exhibit_sealed) },
	{ .name = "wrapped", MUST, .shape = SHAPE_MAP, .min = 1, .max = 8, .rule = &text_address,
	  .sub = wrapped_key },
	{ .name = "derived", OBJECT(exhibit_derived) },
	{ .name = "markings", LIST(1, LIMIT_MARKINGS, exhibit_marking_row) },
	{ .name = "acquisition", OBJECT(acquisition_body) }, /* taken from its source here */
	SCHEMA_END
};
static const struct schema body_manifest[] = { { .name = "exhibit", MUST,
	OBJECT(manifest_exhibit) },
	SCHEMA_END };
/* ---- lawprofile: what an economy says of its own law ---- */
static const struct schema body_lawprofile[] = {
	{ .name = "economy", MUST, STRING(2, 2), .rule = &text_economy },
	{ .name = "profile", MUST, OPEN }, /* docs/law.md; the law room checks it */
	SCHEMA_END
};

static const struct schema body_nonce[] = { { .name = "nonce", MUST, STRING(1, 64),
	.rule = &text_token },
	SCHEMA_END };

/* ---- what rows cannot say ---- */
static bool
text_is_origin_of(const char *origin, const char *address)
{
	size_t n = strlen(address);

	return strncmp(origin, address, n) == 0 && strcmp(origin + n, "/ledger") == 0;
}

static enum co_rc
entry_agrees(const struct record *r, struct co_err *err)
{
	const char *origin = json_string_value(json_object_get(json_object_get(r->body, "ledger"),
		"origin"));

	if (!text_is_origin_of(origin, r->from))
		return co_fail(err, CO_EMALFORMED,
			"body.ledger.origin: wanted %s/ledger, the sender's own",
			r->from);
	return CO_OK;
}

static enum co_rc
receipt_agrees(const struct record *r, struct co_err *err)
{
	const json_t *of = json_object_get(r->body, "of");

	if (strcmp(json_string_value(json_object_get(of, "id")), r->refs[0].id) != 0 ||
	    strcmp(json_string_value(json_object_get(of, "sha256")), r->refs[0].sha256) != 0)
		return co_fail(err, CO_EMALFORMED, "body.of: wanted the same record as refs[0]");
	if (!text_is_origin_of(json_string_value(json_object_get(r->body, "log")), r->from))
		return co_fail(err, CO_EMALFORMED, "body.log: wanted %s/ledger, the sender's own",
			r->from);
	return CO_OK;
}

static enum co_rc
custody_agrees(const struct record *r, struct co_err *err)
{
	const char *name = json_string_value(json_object_get(r->body, "action"));
	const struct custody_action *action = custody_action_find(name);
	char shown[TEXT_SHOW];

	if (action == NULL)
		return co_fail(err, CO_EMALFORMED, "body.action: \"%s\" is nothing that is "
			"done with an exhibit (docs/protocol.md, 4.6)", text_show(name, shown));
	if (strcmp(action->name, CUSTODY_BEGUN) == 0 &&
		(json_object_get(r->body, "exhibit") != NULL || strcmp(r->from, r->to) != 0))
		return co_fail(err, CO_EMALFORMED,
			"body.action: a case is begun by its own node alone, about no exhibit");
	if (json_object_get(r->body, "exhibit") == NULL && !action->whole)
		return co_fail(err, CO_EMALFORMED,
			"body.exhibit: wanted this member, which is missing");
	return CO_OK;
}

static const struct kind kinds[REC_KIND_N] = {
	[REC_REQUEST] = { "request", body_request, CASE_MUST, false, 0, NULL },
	[REC_RECEIPT] = { "receipt", body_receipt, CASE_MAY, false, 1, receipt_agrees },
	[REC_NOTICE] = { "notice", body_notice, CASE_MUST, false, 1, NULL },
	[REC_MESSAGE] = { "message", body_message, CASE_MUST, false, 0, NULL },
	[REC_INFORMATION] = { "information", body_information, CASE_MUST, false, 0, NULL },
	[REC_MANIFEST] = { "manifest", body_manifest, CASE_MUST, false, 0, NULL },
	[REC_CUSTODY] = { "custody", custody_body, CASE_MUST, false, 0, custody_agrees },
	[REC_BULLETIN] = { "bulletin", NULL, CASE_NEVER, true, 0, NULL },
	[REC_PING] = { "ping", body_nonce, CASE_NEVER, false, 0, NULL },
	[REC_PONG] = { "pong", body_nonce, CASE_NEVER, false, 0, NULL },
	[REC_ENTRY] = { "entry", body_entry, CASE_NEVER, true, 0, entry_agrees },
	[REC_LAWPROFILE] = { "lawprofile", body_lawprofile, CASE_NEVER, false, 0, NULL },
	[REC_TRAINING] = { "training", NULL, CASE_MAY, false, 0, NULL },
};

const struct kind *
kind_of(enum record_kind k)
{
	return (unsigned)k < REC_KIND_N ? &kinds[k] : NULL;
}

const char *
record_kind_name(enum record_kind k)
{
	return (unsigned)k < REC_KIND_N ? kinds[k].name : "unknown";
}

bool
record_kind_by_name(const char *name, enum record_kind *out)
{
	for (unsigned k = 0; name != NULL && k < REC_KIND_N; k++)
		if (strcmp(kinds[k].name, name) == 0) {
			*out = (enum record_kind)k;
			return true;
		}
	return false;
}
