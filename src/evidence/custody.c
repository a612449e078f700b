/* Custody records of ours, and what the network asks of an exhibit. */
#include "evidence/inside.h"

#include "base/enc.h"

#include <assert.h>

enum co_rc
custody_envelope(struct evidence *e, const char *case_id, const struct officer *who,
	struct record *r, char partner[LIMIT_ADDRESS + 1], struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(store_query(db, Q_CASE_SHOW, &st, err, "t", case_id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no case %s here", case_id);
	(void)snprintf(r->case_id, sizeof(r->case_id), "%s", case_id);
	(void)snprintf(r->ours, sizeof(r->ours), "%s", store_text(st, 1));
	(void)snprintf(r->theirs, sizeof(r->theirs), "%s", store_text(st, 2));
	(void)snprintf(partner, LIMIT_ADDRESS + 1, "%s", store_text(st, 3));
	r->exercise = store_int(st, 6) != 0;
	(void)snprintf(r->officer, sizeof(r->officer), "%s", who == NULL ? "node" : who->name);
	(void)snprintf(r->role, sizeof(r->role), "%s", who == NULL ? "node" : who->role);
	return CO_OK;
}

/* One record about an exhibit, borrowed for the call. */
struct chain_item {
	const char *id, *kind, *sender;
	int64_t at_us, stored_us;
	char sha256[SHA256_HEX + 1];
	const json_t *by, *body;
};
typedef enum co_rc chain_call(void *arg, const struct chain_item *item, struct co_err *err);

/* A record is about the exhibit if its body names it, alone or in the list of a package; made: or
 * as what an examination gave. */
static bool
chain_about(const json_t *body, const struct exhibit_row *row, bool made)
{
	const char *result = json_string_value(json_object_get(
		json_object_get(json_object_get(body, "detail"), "result"), "id"));

	const json_t *exhibit = json_object_get(body, "exhibit"), *item;
	size_t i;

	if (made && result != NULL && strcmp(result, row->id) == 0)
		return true;
	if (json_is_object(exhibit))
		exhibit = json_object_get(exhibit, "id");
	if (json_is_string(exhibit))
		return strcmp(json_string_value(exhibit), row->id) == 0;
	/* Kept, held or released as a whole. */
	if (json_object_get(body, "action") != NULL &&
		json_object_get(json_object_get(body, "detail"), "exhibits") == NULL)
		return true;
	json_array_foreach(json_object_get(json_object_get(body, "detail"), "exhibits"), i, item)
	{
		const char *id = json_string_value(json_object_get(item, "id"));

		if (id != NULL && strcmp(id, row->id) == 0)
			return true;
	}
	return false;
}

static enum co_rc
chain_item(struct store_stmt *st, const struct exhibit_row *row, bool made, chain_call *call,
	void *arg, struct co_err *err)
{
	struct chain_item item = { .id = store_text(st, 0),
		.kind = store_text(st, 1),
		.sender = store_text(st, 2),
		.at_us = store_int(st, 3),
		.stored_us = store_int(st, 4) };
	const void *p;
	json_t *record;
	size_t n;
	enum co_rc rc = CO_OK;

	p = store_blob(st, 5, &n);
	if (n == SHA256_LEN)
		co_hex(p, n, item.sha256);
	p = store_blob(st, 6, &n);
	record = json_loadb(p, n, 0, NULL);
	item.by = json_object_get(record, "by");
	item.body = json_object_get(record, "body");
	if (chain_about(item.body, row, made))
		rc = call(arg, &item, err);
	json_decref(record);
	return rc;
}

static enum co_rc
chain_walk(struct store_db *db, const struct exhibit_row *row, bool made, chain_call *call,
	void *arg, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool more;

	TRY(store_query(db, Q_EVIDENCE_CUSTODY, &st, err, "t", row->case_id));
	for (;;) {
		TRY(store_step(st, &more, err));
		if (!more)
			return CO_OK;
		TRY(chain_item(st, row, made, call, arg, err));
	}
}

/* ---- what a new event refers to ---- */
struct refs {
	const char *address;
	const struct exhibit_row *row;
	struct record_ref manifest, last;
};

static enum co_rc
refs_take(void *arg, const struct chain_item *item, struct co_err *err)
{
	struct refs *f = arg;
	struct record_ref *to = NULL;

	(void)err;
	if (strcmp(item->id, f->row->manifest_id) == 0)
		to = &f->manifest;
	else if (strcmp(item->sender, f->address) == 0 && strcmp(item->kind, "custody") == 0)
		to = &f->last;
	if (to == NULL)
		return CO_OK;
	(void)snprintf(to->id, sizeof(to->id), "%s", item->id);
	(void)snprintf(to->sha256, sizeof(to->sha256), "%s", item->sha256);
	return CO_OK;
}

/* The manifest, and for events that stay here our event before: the other side has not got that. */
static enum co_rc
custody_refs(struct evidence *e, const struct exhibit_row *row, bool local, struct record *r,
	struct co_err *err)
{
	struct refs f = { .address = exchange_address(e->x), .row = row };
	struct store_db *db;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(chain_walk(db, row, false, refs_take, &f, err));
	if (f.manifest.id[0] != '\0')
		TRY(record_add_ref(r, f.manifest.id, f.manifest.sha256, err));
	if (local && f.last.id[0] != '\0')
		TRY(record_add_ref(r, f.last.id, f.last.sha256, err));
	return CO_OK;
}

/* What the table asks of this action and the body lacks. */
static enum co_rc
body_needs(const struct custody_action *a, const json_t *body, struct co_err *err)
{
	for (unsigned i = 0; i < CUSTODY_NEEDS; i++)
		if ((a->needs >> i & 1) != 0 &&
			json_object_get(body, custody_need_member(i)) == NULL)
			return co_fail(err, CO_EUSAGE, "%s (%s) needs %s too", a->name, a->text,
				custody_need_member(i));
	return CO_OK;
}

enum co_rc
custody_body_make(const struct exhibit_row *row, const struct custody_ask *ask, json_t **out,
	struct co_err *err)
{
	const struct custody_action *action = custody_action_find(ask->action);
	json_t *o = ask->more == NULL ? json_object()
				      : json_copy((json_t *)(uintptr_t)ask->more);
	enum co_rc rc;

	assert(action != NULL);

	if (row != NULL)
		(void)json_object_set_new(o, "exhibit", json_string(row->id));
	(void)json_object_set_new(o, "action", json_string(ask->action));
	(void)json_object_set_new(o, "purpose", json_string(ask->purpose));
	(void)json_object_set_new(o, "authority", json_string(ask->authority));
	if (ask->place != NULL)
		(void)json_object_set_new(o, "place", json_string(ask->place));
	if (ask->detail != NULL)
		(void)json_object_set_new(o, "detail", json_deep_copy(ask->detail));
	rc = o == NULL ? co_fail(err, CO_ENOMEM, "custody record") : body_needs(action, o, err);
	if (rc == CO_OK)
		*out = o;
	else
		json_decref(o);
	return rc;
}

enum co_rc
custody_send(struct evidence *e, const char *case_id, const struct exhibit_row *row,
	const struct custody_ask *ask, char id[CO_UUID_LEN + 1], struct co_err *err)
{
	char partner[LIMIT_ADDRESS + 1];
	record_auto r;

	record_init(&r);
	r.kind = REC_CUSTODY;
	TRY(custody_envelope(e, case_id, ask->who, &r, partner, err));
	/* An exhibit that never left the house is nothing that the case's partner knows. */
	if (ask->to_partner && row != NULL)
		(void)snprintf(partner, sizeof(partner), "%s", row->partner);
	(void)snprintf(
		r.to, sizeof(r.to), "%s", ask->to_partner ? partner : exchange_address(e->x));
	(void)snprintf(r.id, sizeof(r.id), "%s", ask->record == NULL ? "" : ask->record);
	TRY(custody_body_make(row, ask, &r.body, err));
	if (row != NULL)
		TRY(custody_refs(e, row, !ask->to_partner, &r, err));
	TRY(exchange_send(e->x, &r, err));
	if (id != NULL)
		memcpy(id, r.id, sizeof(r.id));
	return CO_OK;
}

/* ---- the chain as a person reads it ---- */
static enum co_rc
chain_add(void *arg, const struct chain_item *item, struct co_err *err)
{
	static const char *const members[] = { "action", "purpose", "authority", "use", "place",
		"condition", "storage", "released_by", "received_by", "witness", "transport",
		"tool", "result", "changes", "retention", "hold", "ease", "second", "detail" };
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:O?}", "id", item->id, "kind", item->kind, "from",
		item->sender, "sha256", item->sha256, "by", item->by);

	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "custody chain");
	out_time(o, "at", item->at_us);
	out_time(o, "stored", item->stored_us);
	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++) {
		json_t *v = json_object_get(item->body, members[i]);

		if (v != NULL)
			(void)json_object_set(o, members[i], v);
	}
	if (json_array_append_new(arg, o) != 0)
		return co_fail(err, CO_ENOMEM, "custody chain");
	return CO_OK;
}

enum co_rc
custody_chain(struct store_db *db, const struct exhibit_row *row, json_t **out, struct co_err *err)
{
	json_t *list = json_array();
	enum co_rc rc = list == NULL ? co_fail(err, CO_ENOMEM, "custody chain")
				     : chain_walk(db, row, true, chain_add, list, err);

	if (rc == CO_OK)
		*out = list;
	else
		json_decref(list);
	return rc;
}
