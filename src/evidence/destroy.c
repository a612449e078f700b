/* Destruction with proof. In this order, and from any point again after a crash: the signed custody
 * record "destroyed" (who decided, who confirmed, the digests; in its transaction the wrapped key
 * leaves the table and nobody gets the exhibit any more), the sealed file overwritten and unlinked,
 * the record "erased". docs/decisions/0020 says what this can prove and what it cannot. */
#include "evidence/inside.h"

#include "base/fault.h"
#include "base/log.h"

/* Erased in the call that orders it up to this size, later by the clerk: an officer waits for a
 * second or two, not for a disk image. */
enum { ERASE_AT_ONCE = 64 * 1024 * 1024 };

static enum co_rc
digests(const struct exhibit_row *row, json_t **out, struct co_err *err)
{
	*out = json_pack("{s:{s:I,s:s},s:{s:I,s:s}}", "plain", "size", (json_int_t)row->plain_size,
		"sha256", row->plain_sha256, "sealed", "size", (json_int_t)row->sealed_size,
		"sha256", row->sealed_sha256);
	return *out == NULL ? co_fail(err, CO_ENOMEM, "custody record") : CO_OK;
}

/* Idempotent: a file that is gone already is only said to be. */
static enum co_rc
erase(struct evidence *e, const char *id, struct co_err *err)
{
	struct custody_ask ask = { .action = "erased",
		.purpose = "destruction of the exhibit",
		.authority = "the custody record \"destroyed\"" };
	struct exhibit_row row;
	struct store_db *db;
	bool found;
	json_t *detail;
	enum co_rc rc;

	TRY(vault_erase(e->vault, id, &found, err));
	(void)co_fault_hit("destroy.unlinked");
	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(exhibit_get(db, id, &row, err));
	if (row.erased_us != 0)
		return CO_OK;
	TRY(digests(&row, &detail, err));
	(void)json_object_set_new(detail, "found", json_boolean(found));
	ask.detail = detail;
	rc = custody_send(e, row.case_id, &row, &ask, NULL, err);
	json_decref(detail);
	if (rc == CO_EEXISTS) { /* the clerk and the call met */
		co_err_clear(err);
		return CO_OK;
	}
	(void)co_fault_hit("destroy.erased");
	return rc;
}

enum co_rc
destroy_sweep(struct evidence *e, struct co_err *err)
{
	char ids[64][CO_UUID_LEN + 1];
	store_stmt_auto *st = NULL;
	struct store_db *db;
	size_t n = 0;
	bool row;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(store_query(db, Q_EXHIBIT_UNERASED, &st, err, ""));
	while (n < CO_ARRAY_LEN(ids)) {
		TRY(store_step(st, &row, err));
		if (!row)
			break;
		(void)snprintf(ids[n++], sizeof(ids[0]), "%s", store_text(st, 0));
	}
	store_done(&st);
	for (size_t i = 0; i < n; i++) {
		struct co_err why = { CO_OK, "" };

		/* One bad file must not keep the others. */
		if (erase(e, ids[i], &why) != CO_OK)
			co_error("evidence", "exhibit %s is destroyed but not erased yet: %s",
				ids[i], why.msg);
	}
	return CO_OK;
}

/* The record, then the file. */
static enum co_rc
destroy_now(struct evidence *e, const struct exhibit_row *row, const struct custody_ask *ask,
	char id[CO_UUID_LEN + 1], struct co_err *err)
{
	(void)co_fault_hit("destroy.before");
	TRY(custody_send(e, row->case_id, row, ask, id, err));
	(void)co_fault_hit("destroy.recorded");
	if (row->sealed_size > ERASE_AT_ONCE || erase(e, row->id, err) == CO_OK)
		return CO_OK;
	return co_wrap(err,
		"exhibit %s is destroyed on record and nobody gets it any more, but its file could "
		"not be erased yet; that is tried again by itself, see comity exhibit custody",
		row->id);
}

static struct custody_ask
body_ask(const json_t *body, const struct officer *who)
{
	return (struct custody_ask){
		.action = json_string_value(json_object_get(body, "action")),
		.purpose = json_string_value(json_object_get(body, "purpose")),
		.authority = json_string_value(json_object_get(body, "authority")),
		.more = body,
		.to_partner = true,
		.who = who,
	};
}

/* An approval is given in the knowledge of what stands now: none while a hold or a period would
 * keep it from being carried out. */
enum co_rc
destroy_confirm(void *arg, struct store_db *db, const struct draft *d, struct co_err *err)
{
	const char *action =
		json_string_value(json_object_get(json_object_get(d->in, "body"), "action"));
	struct exhibit_row row;

	(void)arg;
	TRY(exhibit_get(db, d->about, &row, err));
	if (action == NULL || move_check(db, &row, action, err) == CO_OK)
		return CO_OK;
	return co_wrap(err, "it cannot be approved now");
}

enum co_rc
destroy_approved(void *arg, const struct draft *d, bool *done, struct co_err *err)
{
	const json_t *body = json_object_get(d->in, "body");
	const char *action = json_string_value(json_object_get(body, "action"));
	struct evidence *e = arg;
	struct officer who = { .name = "" };
	char now[CO_TIME_LEN], record[CO_UUID_LEN + 1];
	struct custody_ask ask;
	struct exhibit_row row;
	struct store_db *db;
	json_t *more;
	enum co_rc rc;

	/* What gives something back (a key) goes on when its author asks again. */
	*done = false;
	if (action == NULL || strcmp(action, "opened") == 0)
		return CO_OK;
	(void)snprintf(who.name, sizeof(who.name), "%s", d->created_by);
	(void)snprintf(who.role, sizeof(who.role), "%s",
		json_string_value(json_object_get(d->in, "role")));
	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(exhibit_get(db, d->about, &row, err));
	co_time_print(co_now_us(), now);
	more = json_copy((json_t *)(uintptr_t)body);
	(void)json_object_set_new(
		more, "second", json_pack("{s:s,s:s}", "officer", d->approved_by, "at", now));
	ask = body_ask(more, &who);
	ask.record = d->id;
	rc = move_check(db, &row, action, err);
	if (rc == CO_OK && strcmp(action, "destroyed") == 0) {
		rc = destroy_now(e, &row, &ask, record, err);
	} else if (rc == CO_OK) {
		ask.to_partner = (custody_action_find(action)->said & SAID_ORDER) != 0 &&
			(strcmp(action, "returned") == 0 || strcmp(action, "eased") == 0);
		rc = custody_send(e, row.case_id, &row, &ask, record, err);
	}
	json_decref(more);
	*done = rc == CO_OK;
	return rc;
}

enum co_rc
op_exhibit_destroy(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .action = "destroyed", .who = who, .to_partner = true };
	struct evidence *e = arg;
	two_auto two = { .needed = false };
	char record[CO_UUID_LEN + 1] = "";
	struct exhibit_row row;
	struct store_db *db;
	const char *id;
	json_t *detail, *more;
	enum co_rc rc;

	TRY(in_uuid(in, "id", true, &id, err));
	TRY(in_text(in, "purpose", true, LIMIT_TEXT, &ask.purpose, err));
	TRY(in_text(in, "authority", true, LIMIT_TEXT, &ask.authority, err));
	TRY(in_text(in, "place", false, LIMIT_NAME, &ask.place, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(exhibit_seen(x, db, who, id, &row, err));
	TRY(move_check(db, &row, "destroyed", err));
	TRY(digests(&row, &detail, err));
	ask.detail = detail;
	rc = two_ask(e, db, who, &row, &ask, &two, err);
	if (rc == CO_OK && !two.waits) {
		more = two.second == NULL ? NULL : json_pack("{s:O}", "second", two.second);
		ask.more = more;
		ask.record = two.needed ? two.draft : NULL;
		rc = destroy_now(e, &row, &ask, record, err);
		json_decref(more);
	}
	json_decref(detail);
	TRY(rc);
	TRY(exhibit_get(db, id, &row, err));
	return out_give(json_pack("{s:s,s:s,s:s?,s:s?,s:b}", "id", id, "state",
				two.waits ? "waiting" : "destroyed", "draft",
				two.waits ? two.draft : NULL, "record_id",
				record[0] == '\0' ? NULL : record, "erased", row.erased_us != 0),
		out, err);
}
