/* The table of kinds: what each asks of the envelope and of its body.
 * Private to the room; the same table in words is in docs/protocol.md. */
#pragma once

#include "record/record.h"
#include "record/schema.h"

enum kind_case { CASE_MUST, CASE_MAY, CASE_NEVER };

struct kind {
	const char *name;
	const struct schema *body; /* NULL: this version does not take the kind */
	enum kind_case in_case;
	bool to_all;    /* to is "*", and only for this kind */
	size_t refs_min;
	/* What rows cannot say: members that must agree. NULL for most. */
	enum co_rc (*agree)(const struct record *r, struct co_err *err);
};

const struct kind *kind_of(enum record_kind k);

/* Everything record_parse promises about a filled struct; shared by parse and print, so that we
 * never sign what the other side must refuse. */
enum co_rc record_check(const struct record *r, struct co_err *err) CO_NODISCARD;
/* The bytes of a record before they are decoded: size, nesting, number of values. */
enum co_rc record_scan(const char *p, size_t n, struct co_err *err) CO_NODISCARD;
