/* case.export: what a package of a case needs, so that it can be written and verified without us.
 * case.packaged: the signed record over the package's index. */
#include "evidence/content.h"
#include "evidence/inside.h"

#include "base/enc.h"
#include "base/log.h"
#include "evidence/legal.h"
#include "evidence/report.h"
#include "exchange/paper_answer.h"
#include "exchange/signers.h"
#include "ledger/archive.h"

/* base64 of everything has to fit LIMIT_API_ANSWER. */
enum { EXPORT_BYTES = 44 * 1024 * 1024 };

struct export
{
	struct evidence *e;
	struct store_db *db;
	const struct officer *who;
	const char *case_id;
	const char *address; /* ours */
	char partner[LIMIT_ADDRESS + 1];
	char organisation[LIMIT_NAME + 1]; /* as our newest entry names us */
	json_t *records, *proofs, *checkpoints, *entries, *exhibits, *consistency, *missing;
	json_t *containers;
	json_t *archive, *named; /* archive time-stamps, and what is under the newest */
	uint64_t archive_size;
	size_t bytes;
	bool partner_gone; /* not asked again in this export */
};

static json_t *
text64(struct export *x, const void *p, size_t n)
{
	co_auto_buf b;

	co_buf_init(&b, EXPORT_BYTES * 2u);
	if (co_base64_add(&b, p, n, NULL) != CO_OK)
		return NULL;
	x->bytes += b.len;
	return json_stringn(b.data == NULL ? "" : b.data, b.len);
}

static enum co_rc
add(json_t *list, json_t *item, struct co_err *err)
{
	if (item == NULL || json_array_append_new(list, item) != 0)
		return co_fail(err, CO_ENOMEM, "export of a case");
	return CO_OK;
}

static enum co_rc
missing(struct export *x, const char *what, const char *why, struct co_err *err)
{
	return add(x->missing, json_pack("{s:s,s:s}", "what", what, "why", why), err);
}

/* ---- proofs ---- */
/* The size in a checkpoint: its second line. */
static enum co_rc
note_size(const char *note, size_t n, uint64_t *size, struct co_err *err)
{
	const char *line = memchr(note, '\n', n);
	uint64_t v = 0;

	if (line == NULL)
		return co_fail(err, CO_EMALFORMED, "checkpoint without a size");
	for (line++; line < note + n && *line >= '0' && *line <= '9' && v < UINT64_MAX / 10; line++)
		v = v * 10 + (uint64_t)(*line - '0');
	if (line >= note + n || *line != '\n')
		return co_fail(err, CO_EMALFORMED, "checkpoint without a size");
	*size = v;
	return CO_OK;
}

static bool
checkpoint_there(const struct export *x, const char *address, uint64_t size)
{
	const json_t *c;
	size_t i;

	json_array_foreach(x->checkpoints, i,
		c) if ((uint64_t)json_integer_value(json_object_get(c, "size")) == size &&
		strcmp(json_string_value(json_object_get(c, "address")), address) == 0) return true;
	return false;
}

/* token: base64, "" for none. */
static enum co_rc
proof_add(struct export *x, const char *address, const char *id, const char *text, size_t n,
	const char *token, struct co_err *err)
{
	struct proof *p = malloc(sizeof(*p));
	uint64_t size = 0;
	size_t at = 0;
	enum co_rc rc;

	if (p == NULL)
		return co_fail(err, CO_ENOMEM, "proof");
	rc = proof_parse(p, text, n, err);
	if (rc == CO_OK)
		rc = note_size(text + p->note_at, n - p->note_at, &size, err);
	at = p->note_at;
	free(p);
	TRY(rc);
	TRY(add(x->proofs,
		json_pack("{s:s,s:s,s:I,s:o}", "address", address, "id", id, "size",
			(json_int_t)size, "proof", text64(x, text, n)),
		err));
	if (checkpoint_there(x, address, size))
		return CO_OK;
	x->bytes += strlen(token);
	return add(x->checkpoints,
		json_pack("{s:s,s:I,s:o,s:s}", "address", address, "size", (json_int_t)size, "note",
			text64(x, text + at, n - at), "token", token),
		err);
}

static enum co_rc
proof_own(struct export *x, const char *id, struct co_err *err)
{
	struct co_err why = { 0 };
	co_auto_buf proof;
	co_auto_buf token;
	co_auto_buf text;

	co_buf_init(&proof, LIMIT_NOTE + 16384);
	co_buf_init(&token, LIMIT_TOKEN);
	co_buf_init(&text, LIMIT_TOKEN * 2);
	if (ledger_prove(x->db, id, NULL, &proof, &token, &why) != CO_OK)
		return missing(x, id, why.msg, err);
	TRY(co_base64_add(&text, token.data, token.len, err));
	return proof_add(
		x, x->address, id, proof.data, proof.len, text.data == NULL ? "" : text.data, err);
}

static const struct op *
op_named(const struct exchange *x, const char *name)
{
	for (size_t i = 0; i < op_count(x); i++)
		if (strcmp(op_at(x, i)->name, name) == 0)
			return op_at(x, i);
	return NULL;
}

/* The partner's proof that its ledger holds what it gave this receipt for. */
static enum co_rc
proof_partner(struct export *x, const json_t *receipt, struct co_err *err)
{
	const struct op *op = op_named(x->e->x, "partner.proof");
	const json_t *body = json_object_get(receipt, "body"), *proof, *token;
	const char *id = json_string_value(json_object_get(json_object_get(body, "of"), "id"));
	const char *leaf = json_string_value(json_object_get(body, "leaf"));
	struct co_err why = { 0 };
	json_t *in, *out = NULL;
	enum co_rc rc;

	if (id == NULL || leaf == NULL)
		return CO_OK;
	if (op == NULL || x->partner_gone)
		return missing(x, id, "the partner was not asked for its proof", err);
	in = json_pack("{s:s,s:s,s:s}", "address", x->partner, "id", id, "leaf", leaf);
	rc = op->fn(x->e->x, op->arg, x->who, in, &out, &why);
	json_decref(in);
	if (rc != CO_OK) {
		x->partner_gone = rc == CO_ENETWORK || rc == CO_ETIMEOUT || rc == CO_EDENIED;
		return missing(x, id, why.msg, err);
	}
	proof = json_object_get(out, "proof");
	token = json_object_get(out, "token");
	rc = proof == NULL
		? CO_OK
		: proof_add(x, x->partner, id, json_string_value(proof), json_string_length(proof),
			  token == NULL ? "" : json_string_value(token), err);
	json_decref(out);
	return rc;
}

static int
size_order(const void *a, const void *b)
{
	uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;

	return p < q ? -1 : p > q;
}

/* From each checkpoint of ours that is used to the next. */
static enum co_rc
consistency(struct export *x, struct co_err *err)
{
	co_auto_free uint64_t *sizes = calloc(json_array_size(x->checkpoints) + 1, sizeof(*sizes));
	const json_t *c;
	size_t i, n = 0;

	if (sizes == NULL)
		return co_fail(err, CO_ENOMEM, "export of a case");
	json_array_foreach(x->checkpoints, i,
		c) if (strcmp(json_string_value(json_object_get(c, "address")), x->address) == 0)
		sizes[n++] = (uint64_t)json_integer_value(json_object_get(c, "size"));
	qsort(sizes, n, sizeof(*sizes), size_order);
	for (i = 1; i < n; i++) {
		struct hash hashes[LIMIT_PROOF_HASHES];
		json_t *list;
		size_t k;

		TRY(ledger_prove_consistency(x->db, sizes[i - 1], sizes[i], hashes, &k, err));
		list = json_array();
		for (size_t h = 0; h < k; h++)
			(void)json_array_append_new(list, text64(x, hashes[h].b, SHA256_LEN));
		TRY(add(x->consistency,
			json_pack("{s:s,s:I,s:I,s:o}", "address", x->address, "from",
				(json_int_t)sizes[i - 1], "to", (json_int_t)sizes[i], "hashes",
				list),
			err));
	}
	return CO_OK;
}

/* ---- records ---- */
/* What the containers of legal documents ask of a row: is it one, and of what is it a receipt. */
static void
record_marks(json_t *row, const char *kind, const void *p, size_t n)
{
	json_t *record = json_loadb(p, n, 0, NULL), *body = json_object_get(record, "body");
	json_t *of = json_object_get(json_object_get(body, "of"), "id");

	(void)json_object_set_new(row, "legal", json_boolean(legal_document(kind, body)));
	if (of != NULL)
		(void)json_object_set(row, "of", of);
	json_decref(record);
}

/* They hold most records again. */
static enum co_rc
export_containers(struct export *x, struct co_err *err)
{
	const json_t *row;
	size_t i;

	TRY(legal_containers(x->e, x->records, x->containers, err));
	json_array_foreach(x->containers, i, row)
		x->bytes += json_string_length(json_object_get(row, "bytes"));
	return x->bytes <= EXPORT_BYTES
		? CO_OK
		: co_fail(err, CO_ETOOBIG, "case %s has more documents than one package takes",
			  x->case_id);
}

static enum co_rc
export_record(struct export *x, struct store_stmt *st, struct co_err *err)
{
	const char *id = store_text(st, 1), *kind = store_text(st, 2);
	const void *p, *sig;
	size_t n, sig_n;
	json_t *record;
	enum co_rc rc;

	p = store_blob(st, 6, &n);
	sig = store_blob(st, 7, &sig_n);
	TRY(add(x->records,
		json_pack("{s:s,s:s,s:s,s:o,s:o}", "id", id, "kind", kind, "from",
			store_text(st, 3), "bytes", text64(x, p, n), "sig", text64(x, sig, sig_n)),
		err));
	record_marks(json_array_get(x->records, json_array_size(x->records) - 1), kind, p, n);
	if (x->bytes > EXPORT_BYTES)
		return co_fail(err, CO_ETOOBIG, "case %s has more records than one package takes",
			x->case_id);
	TRY(proof_own(x, id, err));
	if (store_int(st, 5) == 0 || strcmp(kind, "receipt") != 0)
		return CO_OK;
	record = json_loadb(p, n, 0, NULL);
	rc = proof_partner(x, record, err);
	json_decref(record);
	return rc;
}

static enum co_rc
export_records(struct export *x, struct co_err *err)
{
	int64_t after = 0;
	bool row = true;

	while (row) {
		store_stmt_auto *st = NULL;
		size_t page = 0;

		TRY(store_query(x->db, Q_EVIDENCE_RECORDS, &st, err, "ti", x->case_id, after));
		for (;; page++) {
			TRY(store_step(st, &row, err));
			if (!row)
				break;
			after = store_int(st, 0);
			TRY(export_record(x, st, err));
		}
		row = page > 0;
	}
	return CO_OK;
}

/* ---- entries: who the two sides are ---- */
static enum co_rc
export_entry(void *arg, const char *id, const struct partner *p, const struct co_buf *bytes,
	const struct co_buf *sig, struct co_err *err)
{
	struct export *x = arg;

	if (x->organisation[0] == '\0' && strcmp(p->address, x->address) == 0)
		(void)snprintf(x->organisation, sizeof(x->organisation), "%s", p->name);
	return add(x->entries,
		json_pack("{s:s,s:s,s:o,s:o}", "address", p->address, "id", id, "bytes",
			text64(x, bytes->data, bytes->len), "sig",
			text64(x, sig->data, sig->len)),
		err);
}

static enum co_rc
export_entries(struct export *x, const char *address, struct co_err *err)
{
	size_t before = json_array_size(x->entries);

	TRY(entries_each(x->e->x, x->db, address, export_entry, x, err));
	if (json_array_size(x->entries) == before)
		return co_fail(err, CO_ENOTFOUND,
			"no directory entry of %s is here; without it nobody "
			"could verify the package",
			address);
	return CO_OK;
}

/* The digests that its sender signed beside SHA-256: for manifest-sha512.txt. */
static enum co_rc
export_digests(struct export *x, const struct exhibit_row *r, json_t *o, struct co_err *err)
{
	json_t *manifest = NULL;

	TRY(manifest_told(x->db, r, &manifest, err));
	(void)json_object_update_missing(
		json_object_get(o, "plain"), json_object_get(manifest, "plain"));
	json_decref(manifest);
	return CO_OK;
}

static enum co_rc
export_exhibits(struct export *x, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool more;

	TRY(store_query(
		x->db, Q_EXHIBIT_OF_CASE, &st, err, "ti", x->case_id, (int64_t)10000));
	for (;;) {
		struct exhibit_row r;
		json_t *o;
		uint64_t size = 0;
		bool have;

		TRY(store_step(st, &more, err));
		if (!more)
			return CO_OK;
		exhibit_row_read(&r, st);
		have = strcmp(r.state, "destroyed") != 0 &&
			vault_size(x->e->vault, r.id, &size, NULL) == CO_OK;
		o = json_pack("{s:s,s:s,s:s,s:b,s:{s:I,s:s},s:{s:I,s:s}}", "id", r.id, "name",
			r.name, "state", r.state, "here", have, "plain", "size",
			(json_int_t)r.plain_size, "sha256", r.plain_sha256, "sealed", "size",
			(json_int_t)r.sealed_size, "sha256", r.sealed_sha256);
		content_tell(o, r.coding);
		TRY(add(x->exhibits, o, err));
		TRY(export_digests(x, &r, o, err));
	}
}

/* ---- archive time-stamps of our ledger ---- */
static enum co_rc
archive_link(void *arg, const struct ledger_link *link, struct co_err *err)
{
	struct export *x = arg;
	store_stmt_auto *st = NULL;
	co_auto_buf token;
	const void *p;
	size_t n;
	bool row;

	co_buf_init(&token, LIMIT_TOKEN * 2);
	TRY(add(x->archive,
		json_pack("{s:s,s:I,s:s,s:o}", "address", x->address, "n", (json_int_t)link->n,
			"text", link->text, "token", text64(x, link->token, link->token_n)),
		err));
	x->archive_size = link->size;
	if (checkpoint_there(x, x->address, link->size))
		return CO_OK;
	TRY(store_query(x->db, Q_CHECKPOINT_GET, &st, err, "i", (int64_t)link->size));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EVERIFY,
			"the checkpoint of link %lld is gone: run comity ledger check",
			(long long)link->n);
	p = store_blob(st, 3, &n);
	TRY(co_base64_add(&token, p, n, err));
	return add(x->checkpoints,
		json_pack("{s:s,s:I,s:o,s:s}", "address", x->address, "size",
			(json_int_t)link->size, "note",
			text64(x, store_text(st, 2), strlen(store_text(st, 2))), "token",
			token.data == NULL ? "" : token.data),
		err);
}

/* Where the time-stamp of a checkpoint is named, under the newest link's checkpoint. */
static enum co_rc
archive_named(struct export *x, uint64_t size, struct co_err *err)
{
	struct co_err why = { 0 };
	co_auto_buf event;
	co_auto_buf proof;

	co_buf_init(&event, LIMIT_RECORD);
	co_buf_init(&proof, LIMIT_NOTE + 16384);
	/* What is younger than the link, or not named yet, needs none yet. */
	if (size >= x->archive_size ||
		ledger_prove_named(x->db, size, x->archive_size, &event, &proof, &why) != CO_OK)
		return CO_OK;
	return add(x->named,
		json_pack("{s:s,s:I,s:I,s:s,s:o}", "address", x->address, "size", (json_int_t)size,
			"under", (json_int_t)x->archive_size, "event", event.data, "proof",
			text64(x, proof.data, proof.len)),
		err);
}

static enum co_rc
export_archive(struct export *x, struct co_err *err)
{
	size_t n = json_array_size(x->checkpoints);

	TRY(ledger_archive(x->db, archive_link, x, err));
	for (size_t i = 0; x->archive_size > 0 && i < n; i++) {
		const json_t *c = json_array_get(x->checkpoints, i);

		if (strcmp(json_string_value(json_object_get(c, "address")), x->address) == 0)
			TRY(archive_named(x,
				(uint64_t)json_integer_value(json_object_get(c, "size")), err));
	}
	return CO_OK;
}

static void
export_deinit(struct export *x)
{
	json_decref(x->archive);
	json_decref(x->named);
	json_decref(x->records);
	json_decref(x->proofs);
	json_decref(x->checkpoints);
	json_decref(x->entries);
	json_decref(x->exhibits);
	json_decref(x->consistency);
	json_decref(x->missing);
	json_decref(x->containers);
}

static enum co_rc
export_fill(struct export *x, json_t *head, struct co_err *err)
{
	uint64_t size;
	size_t left;

	/* A checkpoint now, so that no record of the case waits for one, and its time-stamp. */
	if (x->e->ledger != NULL) {
		TRY(ledger_checkpoint(x->e->ledger, &size, err));
		TRY(ledger_stamp_late(x->e->ledger, &left, err));
	}
	TRY(store_reader(exchange_store(x->e->x), &x->db, err));
	TRY(export_entries(x, x->address, err));
	if (strcmp(x->partner, x->address) != 0)
		TRY(export_entries(x, x->partner, err));
	TRY(export_records(x, err));
	TRY(export_containers(x, err));
	TRY(export_exhibits(x, err));
	TRY(export_archive(x, err));
	TRY(consistency(x, err));
	if (json_object_set(head, "archive", x->archive) != 0 ||
		json_object_set(head, "named", x->named) != 0)
		return co_fail(err, CO_ENOMEM, "export of a case");
	if (json_object_set_new(head, "organisation", json_string(x->organisation)) != 0 ||
		json_object_set(head, "records", x->records) != 0 ||
		json_object_set(head, "proofs", x->proofs) != 0 ||
		json_object_set(head, "checkpoints", x->checkpoints) != 0 ||
		json_object_set(head, "consistency", x->consistency) != 0 ||
		json_object_set(head, "entries", x->entries) != 0 ||
		json_object_set(head, "exhibits", x->exhibits) != 0 ||
		json_object_set(head, "containers", x->containers) != 0 ||
		json_object_set(head, "missing", x->missing) != 0)
		return co_fail(err, CO_ENOMEM, "export of a case");
	return CO_OK;
}

enum co_rc
op_case_export(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	CO_CLEANUP(export_deinit)
	struct export ex = { .e = arg,
		.who = who,
		.address = exchange_address(x),
		.records = json_array(),
		.proofs = json_array(),
		.checkpoints = json_array(),
		.entries = json_array(),
		.exhibits = json_array(),
		.consistency = json_array(),
		.missing = json_array(),
		.containers = json_array(),
		.archive = json_array(),
		.named = json_array() };
	struct marking_use use = { .action = "packaged" };
	struct store_db *db;
	record_auto r;
	json_t *head;
	enum co_rc rc;

	record_init(&r);
	TRY(in_uuid(in, "case_id", true, &ex.case_id, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(sight_case(x, db, who, ex.case_id, err));
	TRY(in_text(in, "use", false, 16, &use.use, err));
	TRY(marking_allow_case(arg, db, ex.case_id, &use, err));
	TRY(custody_envelope(arg, ex.case_id, who, &r, ex.partner, err));
	head = json_pack("{s:s,s:s,s:s,s:s,s:s}", "case_id", ex.case_id, "ours", r.ours, "theirs",
		r.theirs, "address", ex.address, "partner", ex.partner);
	out_time(head, "at", co_now_us());
	if (head == NULL)
		return co_fail(err, CO_ENOMEM, "export of a case");
	rc = export_fill(&ex, head, err);
	if (rc != CO_OK) {
		json_decref(head);
		return rc;
	}
	*out = head;
	return CO_OK;
}

/* ---- the report ---- */

/* Who approved a record of ours before it was sent, where somebody had to. No record says it, so
 * that a package, whose report is made again from its records, has it not. */
static enum co_rc
report_approvals(struct store_db *db, const char *address, json_t *records, struct co_err *err)
{
	json_t *one;
	size_t i;

	json_array_foreach(records, i, one)
	{
		store_stmt_auto *st = NULL;
		bool row;

		if (strcmp(json_string_value(json_object_get(one, "from")), address) != 0)
			continue;
		TRY(store_query(db, Q_DRAFT_GET, &st, err, "t",
			json_string_value(json_object_get(one, "id"))));
		TRY(store_step(st, &row, err));
		if (!row || store_text(st, 5)[0] == '\0')
			continue;
		(void)json_object_set_new(one, "approved_by", json_string(store_text(st, 5)));
		out_time(one, "approved", store_int(st, 6));
	}
	return CO_OK;
}

enum co_rc
op_case_report(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *format, *language, *case_id, *use;
	json_t *ask, *export = NULL, *paper = NULL;
	struct report_source from;
	struct store_db *db;
	char name[CO_UUID_LEN + 16];
	enum co_rc rc;

	TRY(paper_format(in, &format, &language, err));
	TRY(in_uuid(in, "case_id", true, &case_id, err));
	TRY(in_text(in, "use", false, 16, &use, err));
	ask = json_pack("{s:s,s:s*}", "case_id", case_id, "use", use);
	rc = op_case_export(x, arg, who, ask, &export, err);
	json_decref(ask);
	if (rc == CO_OK)
		rc = store_reader(exchange_store(x), &db, err);
	if (rc == CO_OK)
		rc = report_approvals(
			db, exchange_address(x), json_object_get(export, "records"), err);
	if (rc == CO_OK)
		rc = report_of_export(export, &from, err);
	if (rc == CO_OK)
		rc = report_model(&from, language, &paper, err);
	json_decref(export);
	(void)snprintf(name, sizeof(name), "report-%s", case_id);
	if (rc == CO_OK)
		rc = paper_answer(x, paper, format, name, out, err);
	json_decref(paper);
	if (rc == CO_OK)
		out_text(*out, "case_id", case_id);
	return rc;
}

/* ---- the record over the index ---- */
enum co_rc
op_case_packaged(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .action = "packaged", .who = who };
	struct marking_use use = { .action = "packaged" };
	const json_t *exhibits = json_object_get(in, "exhibits");
	stored_record_auto s = { .incoming = false };
	unsigned char digest[SHA256_LEN];
	char id[CO_UUID_LEN + 1];
	const char *case_id, *index;
	struct store_db *db;
	json_t *detail, *more;
	int64_t files;
	co_auto_buf bytes;
	co_auto_buf sig;
	enum co_rc rc;

	co_buf_init(&bytes, 2 * LIMIT_RECORD);
	co_buf_init(&sig, 2 * LIMIT_SIGNATURE);
	TRY(in_uuid(in, "case_id", true, &case_id, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(sight_case(x, db, who, case_id, err));
	TRY(in_text(in, "index_sha256", true, SHA256_HEX, &index, err));
	TRY(in_int(in, "files", 0, 1, LIMIT_PACKAGE_ENTRIES, &files, err));
	TRY(in_text(in, "purpose", false, LIMIT_TEXT, &ask.purpose, err));
	TRY(in_text(in, "authority", false, LIMIT_TEXT, &ask.authority, err));
	if (!co_unhex(index, digest, sizeof(digest)))
		return co_fail(err, CO_EUSAGE, "index_sha256 must be 64 hexadecimal digits");
	if (!json_is_array(exhibits))
		return co_fail(err, CO_EUSAGE, "exhibits must be a list");
	ask.purpose = ask.purpose == NULL ? "package of the case" : ask.purpose;
	ask.authority = ask.authority == NULL ? "the officer named in this record" : ask.authority;
	TRY(in_text(in, "use", false, 16, &use.use, err));
	TRY(marking_allow_case(arg, db, case_id, &use, err));
	more = json_pack("{s:s*}", "use", use.use);
	ask.more = more;
	detail = json_pack("{s:s,s:I,s:O}", "index_sha256", index, "files", (json_int_t)files,
		"exhibits", exhibits);
	ask.detail = detail;
	rc = detail == NULL ? co_fail(err, CO_ENOMEM, "package record")
			    : custody_send(arg, case_id, NULL, &ask, id, err);
	json_decref(detail);
	json_decref(more);
	TRY(rc);
	TRY(exchange_load(db, id, &s, err));
	TRY(co_base64_add(&bytes, s.bytes.data, s.bytes.len, err));
	TRY(co_base64_add(&sig, s.sig.data, s.sig.len, err));
	return out_give(json_pack("{s:s,s:s,s:s}", "id", id, "record", bytes.data, "sig", sig.data),
		out, err);
}
