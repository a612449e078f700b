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

/* What is asked of a record when others are told; the rest is read again (report_open). */
struct report_row {
	size_t at; /* in the source */
	enum record_kind kind;
	char id[CO_UUID_LEN + 1], from[LIMIT_ADDRESS + 1];
	/* What it is about: of a manifest and of custody the exhibit, of a notice the request, of a
	 * request what it extends, of a receipt the record. */
	char about[CO_UUID_LEN + 1];
	char made[CO_UUID_LEN + 1]; /* the exhibit that an examination gave */
	char word[32];              /* the action of custody, the state of a notice */
	char *name;                 /* of the exhibit, in its manifest */
	int64_t at_us, until_us;
	bool holds; /* the signature, by a certificate of the directory entries in the export */
	bool bound; /* by conditions, or it offers some */
	int64_t received_us; /* by the receipt of the other side; 0: there is none */
	int64_t skew_s;
	const char *approved_by;
	int64_t approved_us;
};

struct report {
	const struct report_source *from;
	struct paper_reader reader;
	struct report_side sides[REPORT_SIDES];
	size_t sides_n;
	struct report_row *rows; /* by their own time */
	size_t rows_n, held;
	bool exercise;
	json_t *paper;
	enum co_rc rc; /* the first record that could not be read again */
	struct co_err *err;
};

/* The sides only, and then all. */
enum co_rc report_sides(struct report *r, const struct report_source *from,
	struct co_err *err) CO_NODISCARD;
enum co_rc report_read(struct report *r, const struct report_source *from,
	struct co_err *err) CO_NODISCARD;
/* The whole record, read again; empty when that fails, which r->rc keeps. */
void report_open(struct report *r, const struct report_row *row, struct record *out);
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
