/* Records: the signed JSON documents that are everything this network exchanges (DESIGN section 3).
 * Pure: bytes <-> struct, no clock, no files, no keys. Format: docs/protocol.md.
 * Parse only after the signature has been verified. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "crypto/digest.h"

#include <jansson.h>

#define RECORD_KIND_MAP(X)                                                    \
	X(REC_REQUEST, "request") X(REC_RECEIPT, "receipt") X(REC_NOTICE, "notice") \
	X(REC_MESSAGE, "message") X(REC_INFORMATION, "information")           \
	X(REC_MANIFEST, "manifest") X(REC_CUSTODY, "custody") X(REC_BULLETIN, "bulletin") \
	X(REC_PING, "ping") X(REC_PONG, "pong") X(REC_ENTRY, "entry")         \
	X(REC_LAWPROFILE, "lawprofile") X(REC_TRAINING, "training")

#define RECORD_KIND_ENUM(e, text) e,
enum record_kind { RECORD_KIND_MAP(RECORD_KIND_ENUM) REC_KIND_N };
#undef RECORD_KIND_ENUM

const char *record_kind_name(enum record_kind k);
bool record_kind_by_name(const char *name, enum record_kind *out);

struct record_ref {
	char id[CO_UUID_LEN + 1];
	char sha256[SHA256_HEX + 1]; /* of the referred record's exact bytes */
};

struct record_attachment {
	char name[LIMIT_NAME + 1];
	char media[128];
	uint64_t size;
	char sha256[SHA256_HEX + 1];
};

struct record {
	enum record_kind kind;
	char id[CO_UUID_LEN + 1];
	char case_id[CO_UUID_LEN + 1]; /* "" when the record belongs to no case (ping, entry) */
	char ours[LIMIT_NAME + 1];     /* sender's case number; "" for null */
	char theirs[LIMIT_NAME + 1];
	char from[LIMIT_ADDRESS + 1];
	char to[LIMIT_ADDRESS + 1];    /* "*" for entry and bulletin: to whoever reads */
	int64_t at_us;
	char officer[LIMIT_NAME + 1];
	char role[32];
	bool exercise;
	struct record_ref *refs;
	size_t refs_n;
	struct record_attachment *attachments;
	size_t attachments_n;
	json_t *body; /* an object; owned */
};

void record_init(struct record *r);
void record_deinit(struct record *r);
#define record_auto CO_CLEANUP(record_deinit) struct record

/* Strict: duplicate keys, unknown members, depth, size, zone-less times and a body that does not
 * fit its kind are refused, each with the member named. *out is initialised by this call. */
enum co_rc record_parse(struct record *out, const void *p, size_t n, struct co_err *err)
	CO_NODISCARD;
/* The bytes to sign, always beginning {"comity":1,"kind":"...","id":"...","case":...,"from":"...".
 * Checks what record_parse would check: we never sign what the other side must refuse. */
enum co_rc record_print(const struct record *r, struct co_buf *out, struct co_err *err)
	CO_NODISCARD;

enum co_rc record_add_ref(struct record *r, const char *id, const char *sha256, struct co_err *err)
	CO_NODISCARD;
/* A name given by somebody's program (a form, a mail) as one that an attachment may have: one
 * component, no control or reordering characters, not hidden, at most LIMIT_NAME bytes. */
void record_file_name(const char *raw, char out[LIMIT_NAME + 1]);
bool address_valid(const char *s); /* "th.contact": [a-z]{2} then . and [a-z0-9-]+ labels */
