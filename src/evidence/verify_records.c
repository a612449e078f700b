/* Records: signatures, links between them, receipts, withdrawn certificates. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "evidence/legal.h"

static const char *
text_in(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* Exhibits are compared again and again; how they came to be is for the report. */
static enum co_rc
sealed_keep(struct vrecord *k, const json_t *body, struct co_err *err)
{
	static const char *const members[] = { "id", "name", "media", "plain", "sealed" };
	const json_t *e = json_object_get(body, "exhibit");

	k->sealed = json_object();
	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++) {
		json_t *m = json_object_get(e, members[i]);

		if (m != NULL && json_object_set(k->sealed, members[i], m) != 0)
			return co_fail(err, CO_ENOMEM, "record");
	}
	return k->sealed != NULL ? CO_OK : co_fail(err, CO_ENOMEM, "record");
}

static enum co_rc
record_keep(struct verify *v, const struct record *r, const struct co_buf *bytes,
	const struct signer *by, struct co_err *err)
{
	struct vrecord *k = &v->records[v->records_n];

	*k = (struct vrecord){ .kind = r->kind, .size = (uint32_t)bytes->len,
		.at_us = r->at_us, .refs_n = r->refs_n };
	(void)snprintf(k->id, sizeof(k->id), "%s", r->id);
	(void)snprintf(k->from, sizeof(k->from), "%s", r->from);
	(void)snprintf(k->to, sizeof(k->to), "%s", r->to);
	sha256_hex(bytes->data, bytes->len, k->sha256);
	memcpy(k->signer, cert_sha256(by->cert), SHA256_LEN);
	if (r->refs_n > 0) {
		k->refs = malloc(r->refs_n * sizeof(*k->refs));
		if (k->refs == NULL)
			return co_fail(err, CO_ENOMEM, "record");
		memcpy(k->refs, r->refs, r->refs_n * sizeof(*k->refs));
	}
	if (r->attachments_n > 0) {
		k->attachments = malloc(r->attachments_n * sizeof(*k->attachments));
		if (k->attachments == NULL) {
			free(k->refs);
			return co_fail(err, CO_ENOMEM, "record");
		}
		memcpy(k->attachments, r->attachments, r->attachments_n * sizeof(*k->attachments));
		k->attachments_n = r->attachments_n;
	}
	k->legal = legal_document(record_kind_name(r->kind), r->body);
	if (r->kind == REC_CUSTODY) {
		(void)snprintf(k->action, sizeof(k->action), "%s", text_in(r->body, "action"));
		(void)snprintf(k->exhibit, sizeof(k->exhibit), "%s", text_in(r->body, "exhibit"));
	}
	v->records_n++; /* what it owns is freed from here on */
	return r->kind == REC_MANIFEST ? sealed_keep(k, r->body, err) : CO_OK;
}

static enum co_rc
record_open(struct verify *v, const char *path, const char *id, struct co_err *err)
{
	char sig_path[LIMIT_PACKAGE_NAME + 8];
	struct signer by;
	co_auto_buf bytes;
	co_auto_buf sig;
	record_auto r;

	record_init(&r);
	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	(void)snprintf(sig_path, sizeof(sig_path), "%s.p7s", path);
	TRY(verify_text(v, path, &bytes, err));
	TRY(verify_text(v, sig_path, &sig, err));
	TRY(signers_verify(&v->who, bytes.data, bytes.len, sig.data, sig.len, &by, err));
	TRY(signer_record(&by, bytes.data, bytes.len, &r, err));
	if (strcmp(r.id, id) != 0)
		return co_fail(err, CO_EVERIFY, "the record in it has the id %s", r.id);
	if (strcmp(r.case_id, v->case_id) != 0)
		return co_fail(err, CO_EVERIFY, "it belongs to another case, %s", r.case_id);
	return record_keep(v, &r, &bytes, &by, err);
}

/* A signature without its record, or a file that is neither, would escape the steps. */
static enum co_rc
record_stray(struct verify *v, const char *path, struct co_err *err)
{
	char id[CO_UUID_LEN + 8], json[LIMIT_PACKAGE_NAME];

	if (!verify_middle(path, "data/records/", ".json.p7s", id, sizeof(id)) ||
		!co_uuid_valid(id))
		return co_fail(err, CO_EVERIFY, "%s is neither a record nor a signature", path);
	(void)snprintf(json, sizeof(json), "data/records/%s.json", id);
	if (index_find(&v->index, json) == NULL)
		return co_fail(err, CO_EVERIFY, "%s is missing", json);
	return CO_OK;
}

enum co_rc
step_records(struct verify *v, struct co_err *err)
{
	v->records = calloc(
		verify_count(v, "data/records/", ".json") + 1, sizeof(*v->records));
	if (v->records == NULL)
		return co_fail(err, CO_ENOMEM, "records");
	/* The index is in order of paths, so the records come in order of ids. */
	for (size_t i = 0; i < v->index.n; i++) {
		const char *path = v->index.lines[i].path;
		char id[CO_UUID_LEN + 8];

		if (strncmp(path, "data/records/", 13) != 0)
			continue;
		if (!verify_middle(path, "data/records/", ".json", id, sizeof(id)) ||
			!co_uuid_valid(id))
			TRY(record_stray(v, path, err));
		else if (record_open(v, path, id, err) != CO_OK)
			return co_wrap(err, "%s", path);
	}
	say(v, VERIFY_HOLDS, "%zu records, each signed by its sender", v->records_n);
	return CO_OK;
}

/* ---- links ---- */
static enum co_rc
link_check(
	struct verify *v, const struct vrecord *r, const struct record_ref *ref, struct co_err *err)
{
	const struct vrecord *to = verify_find(v, ref->id);

	if (to == NULL)
		return co_fail(err, CO_EVERIFY,
			"data/records/%s.json refers to record %s, which is not "
			"in the package: the conversation is cut",
			r->id, ref->id);
	if (strcmp(to->sha256, ref->sha256) != 0)
		return co_fail(err, CO_EVERIFY,
			"data/records/%s.json refers to other bytes than those of "
			"data/records/%s.json",
			r->id, ref->id);
	return CO_OK;
}

enum co_rc
step_links(struct verify *v, struct co_err *err)
{
	size_t links = 0;

	for (size_t i = 0; i < v->records_n; i++)
		for (size_t k = 0; k < v->records[i].refs_n; k++) {
			TRY(link_check(v, &v->records[i], &v->records[i].refs[k], err));
			links++;
		}
	say(v, VERIFY_HOLDS, "%zu links between records", links);
	return CO_OK;
}

/* ---- receipts ---- */
static enum co_rc
receipt_check(struct verify *v, const struct vrecord *r, const json_t *body, struct co_err *err)
{
	const json_t *of = json_object_get(body, "of");
	const char *leaf = text_in(body, "leaf");
	struct vrecord *to = verify_find(v, text_in(of, "id"));

	if (to == NULL || strcmp(to->sha256, text_in(of, "sha256")) != 0)
		return co_fail(err, CO_EVERIFY,
			"data/records/%s.json is a receipt for a record that is "
			"not in the package",
			r->id);
	if (strcmp(r->from, to->to) != 0 || strcmp(r->to, to->from) != 0)
		return co_fail(err, CO_EVERIFY,
			"data/records/%s.json is a receipt of %s for a record "
			"that went from %s to %s",
			r->id, r->from, to->from, to->to);
	if (to->leaf[0] != '\0' && strcmp(to->leaf, leaf) != 0)
		return co_fail(err, CO_EVERIFY,
			"data/records/%s.json: there is another receipt for the "
			"same record, which names another leaf",
			r->id);
	(void)snprintf(to->leaf, sizeof(to->leaf), "%s", leaf);
	to->receipts++;
	v->receipts_n++;
	return CO_OK;
}

static enum co_rc
receipt_open(struct verify *v, const struct vrecord *r, struct co_err *err)
{
	json_t *record = NULL;
	enum co_rc rc;

	TRY(verify_record(v, r, &record, err));
	rc = receipt_check(v, r, json_object_get(record, "body"), err);
	json_decref(record);
	return rc;
}

enum co_rc
step_receipts(struct verify *v, struct co_err *err)
{
	size_t without = 0;

	for (size_t i = 0; i < v->records_n; i++)
		if (v->records[i].kind == REC_RECEIPT)
			TRY(receipt_open(v, &v->records[i], err));
	for (size_t i = 0; i < v->records_n; i++) {
		const struct vrecord *r = &v->records[i];

		if (r->kind == REC_RECEIPT || strcmp(r->from, r->to) == 0 || r->receipts > 0)
			continue;
		without++;
		say(v, VERIFY_NOTE, "no receipt for the %s %s from %s to %s",
			record_kind_name(r->kind), r->id, r->from, r->to);
	}
	say(v, VERIFY_HOLDS, "%zu receipts; %zu records between the nodes without one",
		v->receipts_n, without);
	return CO_OK;
}

/* ---- withdrawn certificates ---- */
enum co_rc
step_revoked(struct verify *v, struct co_err *err)
{
	size_t before = 0;

	for (size_t i = 0; i < v->records_n; i++) {
		const struct vrecord *r = &v->records[i];
		int64_t since = signers_withdrawn(&v->who, r->from, r->signer);
		char when[CO_TIME_LEN];

		if (since == 0)
			continue;
		co_time_print(since, when);
		/* The sender's own clock is no proof: whoever holds a stolen key can write any
		 * time. */
		if (r->proved_us == 0 || r->proved_us >= since)
			return co_fail(err, CO_EVERIFY,
				"data/records/%s.json was signed with a "
				"certificate that %s withdrew at %s, and nothing proves that it "
				"existed before",
				r->id, r->from, when);
		before++;
	}
	if (before > 0)
		say(v, VERIFY_NOTE,
			"%zu records were signed with a certificate that was withdrawn later; "
			"time-stamps prove that they existed before",
			before);
	else
		say(v, VERIFY_HOLDS, "no certificate used here was withdrawn");
	return CO_OK;
}
