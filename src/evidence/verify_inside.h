/* Shared by the files of verification only: what has been read of a package so far.
 * Each step is a row of a table in verify.c: what it proves, what it does not, and a function. */
#pragma once

#include "evidence/bag_info.h"
#include "evidence/index.h"
#include "evidence/verify.h"
#include "evidence/zip.h"
#include "exchange/signers.h"
#include "ledger/ledger.h"
#include "record/record.h"

#include <string.h>

/* A record of the case; what later steps need of it. A case may have many: what few steps want is
 * read again (verify_record). */
struct vrecord {
	char id[CO_UUID_LEN + 1];
	char from[LIMIT_ADDRESS + 1], to[LIMIT_ADDRESS + 1];
	char sha256[SHA256_HEX + 1];
	enum record_kind kind;
	uint32_t size;
	int64_t at_us;
	struct record_ref *refs;
	size_t refs_n;
	struct record_attachment *attachments;
	size_t attachments_n;
	json_t *sealed; /* of a manifest: the exhibit, without how it came to be */
	char action[32], exhibit[CO_UUID_LEN + 1]; /* of custody */
	unsigned char signer[SHA256_LEN]; /* certificate */
	size_t receipts, proofs;
	bool legal, contained; /* a legal document; in a container of its own */
	char leaf[SHA256_HEX + 1]; /* as its receipt says; "": it has none */
	int64_t proved_us; /* earliest token over it; 0: none */
	size_t proofs_to;  /* of them, from the ledger of its receiver */
	bool outside;      /* under a token of an authority that was given */
};

struct vcheckpoint {
	struct checkpoint c;
	char address[LIMIT_ADDRESS + 1];
	char path[LIMIT_PACKAGE_NAME + 1];
	int64_t stamped_us;  /* 0: no token */
	int64_t until_us;    /* when the first certificate of its token ends */
	int64_t archived_us; /* the first archive time-stamp that covers that token; 0: none */
	bool outside;       /* by an authority that was given, not the ledger's own */
	bool used, linked;  /* by a proof; to the next larger one of its ledger */
};

struct verify {
	const struct verify_conf *conf;
	const char *step;
	struct zip *zip;
	struct index index, index512, tags;
	struct bag_info info;
	uint64_t payload; /* bytes below data/ */
	uint64_t done, of;
	struct signers who;
	char case_id[CO_UUID_LEN + 1], maker[LIMIT_ADDRESS + 1];
	char ours[LIMIT_NAME + 1], theirs[LIMIT_NAME + 1]; /* numbers of the case */
	struct vrecord *records; /* in order of ids */
	size_t records_n, receipts_n;
	struct vcheckpoint *checkpoints; /* in order of address and size */
	size_t checkpoints_n, tokens_n, proofs_n;
	size_t exhibits_n, exhibits_missing;
	const char *exhibit_missing; /* what the first of them is; borrowed from its record */
	int64_t made_us; /* the package, by the clock of its maker */
	int64_t proved_from, proved_to;
	json_t *custody, *destroyed, *roots;
};

void say(struct verify *v, enum verify_mark mark, const char *fmt, ...) CO_PRINTF(3, 4);
/* A file below data/, read again and compared with the index: what steps see is what was listed. */
enum co_rc verify_text(
	struct verify *v, const char *path, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* The record of the case as parsed, read again; the caller's. */
enum co_rc verify_record(struct verify *v, const struct vrecord *r, json_t **out,
	struct co_err *err) CO_NODISCARD;
/* What was made again has the digest of the file below data/ that the index lists. Ends made. */
enum co_rc verify_made(struct verify *v, const char *path, struct digest *made,
	struct co_err *err) CO_NODISCARD;
/* The exhibit as its manifest describes it; NULL: no manifest in the package does. */
const json_t *verify_manifest(const struct verify *v, const char *exhibit);
/* The custody record of one side that this was done with the exhibit; NULL: there is none. */
const struct vrecord *verify_said(
	const struct verify *v, const char *action, const char *exhibit, const char *from);
struct vrecord *verify_find(const struct verify *v, const char *id);
struct vcheckpoint *verify_checkpoint(const struct verify *v, const char *address, uint64_t size);
/* The state in a proof is the very file of the package, so that its time-stamp counts. */
enum co_rc verify_proof_state(struct verify *v, const char *address, const struct proof *p,
	const struct co_buf *text, struct vcheckpoint **out, struct co_err *err) CO_NODISCARD;
bool verify_renewal_file(const char *rest); /* archive/1, archive/1.tsr, named/8-90.json, ... */
/* "data/records/<id>.json" for prefix "data/records/" and suffix ".json" gives <id>. */
bool verify_middle(const char *path, const char *prefix, const char *suffix, char *out, size_t cap);
/* Files below data/ whose path begins and ends so. */
size_t verify_count(const struct verify *v, const char *prefix, const char *suffix);
/* "data/ledger/<address>/<rest>"; false for other paths. */
bool verify_ledger_path(const char *path, char address[LIMIT_ADDRESS + 1], const char **rest);

typedef enum co_rc verify_step(struct verify *v, struct co_err *err);
verify_step step_layout, step_index, step_bag, step_directory, step_package, step_records,
	step_links, step_receipts, step_checkpoints, step_proofs, step_time, step_renewal,
	step_consistency, step_revoked, step_exhibits, step_custody, step_destroyed, step_legal,
	step_case, step_report, step_level, step_roots;
