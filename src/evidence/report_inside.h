/* What the files of the report share: the export read once. Private to report*.c; must never be
 * included by others. */
#pragma once

#include "evidence/report.h"

#include "crypto/cert.h"
#include "exchange/paper_record.h"

enum { REPORT_SIDES = 2, REPORT_CERTS = 32 };

struct report_side {
	char address[LIMIT_ADDRESS + 1];
	char name[LIMIT_NAME + 1], economy[3], role[32];
	struct co_zone *zone;
	struct cert *seals[REPORT_CERTS]; /* of all its entries */
	size_t seals_n;
};

struct report_row {
	struct record r;
	char sha256[SHA256_HEX + 1];
	bool holds; /* the signature, by a certificate of the directory entries in the export */
	const struct record *receipt; /* for it, of the other side; NULL: none */
	const char *approved_by;      /* a second officer of this side, where told; or "" */
	int64_t approved_us;
};

struct report {
	const json_t *export;
	struct paper_reader reader;
	struct report_side sides[REPORT_SIDES];
	size_t sides_n;
	struct report_row *rows; /* by their own time */
	size_t rows_n, held;
	bool exercise;
	json_t *paper;
};

enum co_rc report_read(struct report *r, const json_t *export, struct co_err *err) CO_NODISCARD;
void report_deinit(struct report *r);
const char *report_text(const json_t *o, const char *name);
/* Which of the sides; 0 for another. */
unsigned report_side_of(const struct report *r, const char *address);
/* "E2 disk.img": names can be the same, numbers are in the order of the manifests. The id when the
 * export does not have it, "" for "". */
enum { REPORT_EXHIBIT = LIMIT_NAME + 32 };
void report_exhibit(const struct report *r, const char *id, char *out, size_t cap);
/* An action of custody, or another code, in words. */
const char *report_say(const struct report *r, const char *english);

void report_acquired(struct report *r); /* report_acquired.c */
void report_conditions(struct report *r);
void report_custody(struct report *r); /* report_custody.c */
void report_destroyed(struct report *r); /* report_destroyed.c */
void report_checked(struct report *r); /* report_words.c */
void report_glossary(struct report *r);
