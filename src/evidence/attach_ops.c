/* The operations on attachments. What a record carries is listed by attachment.list (room
 * exchange). */
#include "evidence/attach.h"

#include "base/enc.h"
#include "evidence/custody.h"
#include "evidence/seal.h"
#include "exchange/attach.h"

/* ---- add, put ---- */
struct add_job {
	const char *id, *owner, *name;
};

static enum co_rc
add_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct add_job *j = arg;
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_HELD_COUNT, &st, err, "t", j->owner));
	TRY(store_step(st, &row, err));
	if (row && store_int(st, 0) >= LIMIT_HELD)
		return co_fail(err, CO_EREFUSED,
			"you gave %u files that went nowhere yet; send or drop some first",
			LIMIT_HELD);
	store_done(&st);
	return store_run(db, NULL, Q_HELD_INSERT, err, "tttti", j->id, j->owner, j->name,
		seal_media(j->name), co_now_us());
}

enum co_rc
op_attachment_add(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	char id[CO_UUID_LEN + 1], name[LIMIT_NAME + 1];
	struct add_job j = { id, who->name, name };
	struct evidence *e = arg;
	const char *raw;
	int64_t size;

	TRY(in_text(in, "name", true, LIMIT_TEXT, &raw, err));
	TRY(in_int(in, "size", 1, 0, INT64_MAX, &size, err));
	record_file_name(raw, name);
	if (size == 0)
		return co_fail(err, CO_EREFUSED, "\"%s\" is empty; nothing was attached", name);
	if (size > (int64_t)LIMIT_ATTACHMENT)
		return co_fail(err, CO_ETOOBIG,
			"\"%s\" has %lld MiB, an attachment at most %u; seal it as an exhibit "
			"instead: comity exhibit seal",
			name, (long long)(size >> 20), LIMIT_ATTACHMENT >> 20);
	TRY(vault_room(e->vault, LIMIT_ATTACHMENT, err));
	co_uuid7(id);
	TRY(store_write(exchange_store(x), add_work, &j, err));
	return out_give(json_pack("{s:s,s:s,s:s,s:I}", "id", id, "name", name, "media",
				seal_media(name), "most", (json_int_t)LIMIT_ATTACHMENT),
		out, err);
}

/* The bytes came before this is called (network/api.h); fault tells what kept them from coming. */
enum co_rc
op_attachment_put(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *id, *fault, *message;
	struct held_row h;
	struct store_db *db;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(in_text(in, "fault", false, 32, &fault, err));
	TRY(in_text(in, "message", false, LIMIT_TEXT, &message, err));
	if (fault != NULL)
		return co_fail(err, co_rc_from_name(fault), "%s", message == NULL ? "" : message);
	TRY(store_reader(exchange_store(x), &db, err));
	if (held_get(db, id, &h, NULL) != CO_OK || strcmp(h.owner, who->name) != 0)
		return co_fail(err, CO_ENOTFOUND, "no attachment %s of yours is held here", id);
	if (!h.filled)
		return co_fail(err, CO_EREFUSED,
			"send the bytes of \"%s\" as Content-Type: application/octet-stream",
			h.file.name);
	return out_give(held_json(&h), out, err);
}

/* ---- drop ---- */
struct free_job {
	const char *id, *who;
	struct held_row h;
};

/* From here on nobody can claim it. */
static enum co_rc
free_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct free_job *j = arg;
	int64_t changes;

	TRY(held_get(db, j->id, &j->h, err));
	TRY(store_run(db, &changes, Q_HELD_UNFILL, err, "t", j->id));
	if (changes == 0)
		return co_fail(err, CO_EREFUSED,
			"\"%s\" goes with a draft or record; withdraw the draft instead",
			j->h.file.name);
	return CO_OK;
}

static enum co_rc
gone_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct free_job *j = arg;

	TRY(store_run(db, NULL, Q_HELD_DROP, err, "t", j->id));
	return event_write(db, "attachment.dropped", j->who,
		json_pack("{s:s,s:s,s:s}", "id", j->id, "name", j->h.file.name, "owner",
			j->h.owner),
		err);
}

enum co_rc
held_remove(struct evidence *e, const char *id, const char *who, struct co_err *err)
{
	struct free_job j = { .id = id, .who = who };
	enum co_rc rc;

	TRY(store_write(exchange_store(e->x), free_work, &j, err));
	rc = vault_remove(e->vault, id, err);
	if (rc == CO_ENOTFOUND)
		co_err_clear(err);
	else
		TRY(rc);
	return store_write(exchange_store(e->x), gone_work, &j, err);
}

enum co_rc
op_attachment_drop(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct held_row h;
	struct store_db *db;
	const char *id;

	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(exchange_store(x), &db, err));
	if (held_get(db, id, &h, NULL) != CO_OK || strcmp(h.owner, who->name) != 0)
		return co_fail(err, CO_ENOTFOUND, "no attachment %s of yours is held here", id);
	TRY(held_remove(arg, id, who->name, err));
	return out_give(json_pack("{s:s}", "id", id), out, err);
}

/* ---- open ---- */
struct opened {
	char case_id[CO_UUID_LEN + 1];
	struct record_attachment file;
	unsigned char key[CHUNKED_KEY];
};

static enum co_rc
opened_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct free_job *j = arg;

	return event_write(db, "attachment.opened", j->who,
		json_pack("{s:s,s:s,s:s}", "id", j->id, "name", j->h.file.name, "for", j->h.for_id),
		err);
}

/* Of a draft: its author, and who may see the draft. */
static enum co_rc
held_seen(struct exchange *x, struct store_db *db, const struct officer *who,
	const struct held_row *h, char case_id[CO_UUID_LEN + 1], struct co_err *err)
{
	draft_auto d = { .in = NULL };
	stored_record_auto s = { .incoming = false };
	struct co_err got = { CO_OK, "" };
	enum co_rc rc;

	case_id[0] = '\0';
	if (h->for_id[0] == '\0')
		return strcmp(h->owner, who->name) == 0
			? CO_OK
			: co_fail(err, CO_ENOTFOUND, "another officer's");
	rc = draft_seen(x, db, who, h->for_id, &d, &got);
	if (rc == CO_OK)
		(void)snprintf(case_id, CO_UUID_LEN + 1, "%s", d.case_id);
	if (rc == CO_OK || rc != CO_ENOTFOUND)
		return rc == CO_OK ? CO_OK : co_fail(err, rc, "%s", got.msg);
	/* Of a record that went without a draft and whose manifest is about to go. */
	co_err_clear(&got);
	rc = exchange_load(db, h->for_id, &s, &got);
	if (rc == CO_ENOTFOUND && strcmp(h->owner, who->name) == 0)
		return CO_OK; /* of one that was refused */
	if (rc == CO_OK)
		rc = sight_case(x, db, who, s.r.case_id, &got);
	if (rc != CO_OK)
		return co_fail(err, rc, "%s", got.msg);
	(void)snprintf(case_id, CO_UUID_LEN + 1, "%s", s.r.case_id);
	return CO_OK;
}

static enum co_rc
held_key(struct evidence *e, struct store_db *db, const char *id,
	unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const void *der;
	size_t n;
	bool row;

	TRY(store_query(db, Q_HELD_GET, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row || store_is_null(st, 9))
		return co_fail(err, CO_EREFUSED, "the bytes of attachment %s have not come", id);
	der = store_blob(st, 9, &n);
	return keeper_unwrap(exchange_keeper(e->x), der, n, key, err);
}

static enum co_rc
open_held(struct evidence *e, struct store_db *db, const struct officer *who,
	const struct held_row *h, struct opened *out, struct co_err *err)
{
	struct free_job j = { .id = h->id, .who = who->name, .h = *h };

	TRY(held_seen(e->x, db, who, h, out->case_id, err));
	out->file = h->file;
	TRY(held_key(e, db, h->id, out->key, err));
	return store_write(exchange_store(e->x), opened_work, &j, err);
}

static enum co_rc
open_exhibit(struct evidence *e, struct store_db *db, const struct officer *who, const char *id,
	struct opened *out, struct co_err *err)
{
	char purpose[96];
	struct custody_ask ask = { .action = "opened", .purpose = purpose, .who = who };
	char record[CO_UUID_LEN + 1];
	struct exhibit_row row;
	two_auto two = { .second = NULL };
	json_t *more;
	uint64_t size;
	enum co_rc rc;

	TRY(exhibit_get(db, id, &row, err));
	TRY(sight_case(e->x, db, who, row.case_id, err));
	TRY(attachment_of(db, id, record, err));
	if (record[0] == '\0')
		return co_fail(err, CO_EREFUSED,
			"%s is evidence, no attachment; open it with a purpose: comity exhibit "
			"open", id);
	if (row.incoming && strcmp(row.state, "verified") != 0)
		return co_fail(err, CO_EREFUSED,
			strcmp(row.state, "failed") == 0
				? "\"%s\" is not what the record says (%s): ask the partner to "
				  "send it again"
				: "\"%s\" is not here yet (%s)",
			row.name, row.state);
	TRY(vault_size(e->vault, id, &size, err));
	(void)snprintf(purpose, sizeof(purpose), "to read what record %s carries", record);
	ask.authority = "part of the case's correspondence";
	(void)snprintf(out->case_id, sizeof(out->case_id), "%s", row.case_id);
	(void)snprintf(out->file.name, sizeof(out->file.name), "%s", row.name);
	(void)snprintf(out->file.media, sizeof(out->file.media), "%s", row.media);
	(void)snprintf(out->file.sha256, sizeof(out->file.sha256), "%s", row.plain_sha256);
	out->file.size = row.plain_size;
	TRY(exhibit_key(e, id, out->key, err));
	TRY(exhibit_open_allowed(e, db, &row, &ask, "case", &two, err));
	more = two.second == NULL ? NULL : json_pack("{s:O}", "second", two.second);
	ask.more = more;
	/* Nobody gets the key before it is on paper who got it. */
	rc = custody_send(e, row.case_id, &row, &ask, NULL, err);
	json_decref(more);
	return rc;
}

enum co_rc
op_attachment_open(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct opened o = { .case_id = "" };
	struct co_err got = { CO_OK, "" };
	struct held_row h;
	struct store_db *db;
	const char *id;
	co_auto_buf text;
	enum co_rc rc;

	co_buf_init(&text, 64);
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(exchange_store(x), &db, err));
	if (held_get(db, id, &h, NULL) == CO_OK)
		rc = open_held(arg, db, who, &h, &o, &got);
	else
		rc = open_exhibit(arg, db, who, id, &o, &got);
	rc = sight_tell(rc, &got, "attachment", id, err);
	if (rc == CO_OK)
		rc = co_base64_add(&text, o.key, sizeof(o.key), err);
	crypto_wipe(o.key, sizeof(o.key));
	if (rc != CO_OK)
		return rc;
	rc = out_give(json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:s}", "id", id, "key", text.data, "name",
			      o.file.name, "media", o.file.media, "size",
			      (json_int_t)o.file.size, "sha256", o.file.sha256, "case_id",
			      o.case_id),
		out, err);
	crypto_wipe(text.data, text.len);
	return rc;
}

enum co_rc
attachment_of(struct store_db *db, const char *exhibit, char record[CO_UUID_LEN + 1],
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_ATTACHED_TO, &st, err, "t", exhibit));
	TRY(store_step(st, &row, err));
	(void)snprintf(record, CO_UUID_LEN + 1, "%s", row ? store_text(st, 0) : "");
	return CO_OK;
}

#define GIVES "duty,investigator,administrator"

void
attachment_ops_register(struct evidence *e)
{
	const struct op ops[] = {
		{ "attachment.add", GIVES, op_attachment_add, e,
			"a place for a file that will go with a record; attachment.put takes its "
			"bytes" },
		{ "attachment.put", GIVES, op_attachment_put, e,
			"the bytes of an attachment, as application/octet-stream" },
		/* The doors of the API give the bytes in place of the answer (network/api.h). */
		{ "attachment.content", GIVES ",approver,custodian", op_attachment_open, e,
			"the bytes of an attachment, after a record of who asked" },
		{ "attachment.drop", GIVES, op_attachment_drop, e,
			"take back a file that goes with nothing yet" },
		{ "attachment.open", GIVES ",approver,custodian", op_attachment_open, e,
			"the key of an attachment, after a record of who asked" },
	};

	op_register(e->x, ops, CO_ARRAY_LEN(ops));
}
