/* The operations of acquiring: that one has begun, its key after a stop, which are under way. The
 * bytes never pass here: evidence/acquire.c reads and seals beside the node. */
#include "evidence/inside.h"

#include "base/clock.h"
#include "base/enc.h"
#include "exchange/op_shape.h"

enum { SOURCE_MAX = 6000, LIST_MAX = 1000 };


struct acquire_job {
	const char *id, *case_id, *to, *who, *name;
	char *source; /* JSON */
	struct co_buf wrapped;
	const char *event;
	const char *why;
};

/* ---- begin ---- */
static enum co_rc
begin_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct acquire_job *j = arg;
	enum co_rc rc = store_run(db, NULL, Q_ACQUIRE_INSERT, err, "ttttttbi", j->id, j->case_id,
		j->to, j->who, j->name, j->source, (const void *)j->wrapped.data, j->wrapped.len,
		co_now_us());

	if (rc == CO_EEXISTS)
		return co_wrap(err, "acquisition %s", j->id);
	TRY(rc);
	return event_write(db, "acquire.begun", j->who,
		json_pack("{s:s,s:s,s:s,s:s}", "exhibit", j->id, "case", j->case_id, "name",
			j->name, "source", j->source),
		err);
}

/* Known before an hour of reading: whom it may be for. */
static enum co_rc
begin_for(struct evidence *e, const struct officer *who, const char *case_id, const char *to,
	struct co_err *err)
{
	char partner[LIMIT_ADDRESS + 1];
	record_auto r;

	record_init(&r);
	TRY(custody_envelope(e, case_id, who, &r, partner, err));
	if (strcmp(to, partner) != 0 && strcmp(to, exchange_address(e->x)) != 0)
		return co_fail(err, CO_EREFUSED, "case %s is one with %s, not with %s", case_id,
			partner, to);
	return CO_OK;
}

static enum co_rc
op_begin(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct acquire_job j = { .who = who->name };
	const char *wrapped;
	struct store_db *db;
	enum co_rc rc;

	TRY(in_uuid(in, "id", true, &j.id, err));
	TRY(in_uuid(in, "case_id", true, &j.case_id, err));
	TRY(in_text(in, "to", true, LIMIT_ADDRESS, &j.to, err));
	TRY(in_text(in, "name", true, LIMIT_NAME, &j.name, err));
	TRY(in_text(in, "wrapped", true, LIMIT_SIGNATURE * 2, &wrapped, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(sight_case(x, db, who, j.case_id, err));
	TRY(begin_for(arg, who, j.case_id, j.to, err));
	co_buf_init(&j.wrapped, LIMIT_SIGNATURE);
	rc = co_unbase64(wrapped, strlen(wrapped), &j.wrapped, err);
	j.source = json_dumps(json_object_get(in, "source"), JSON_COMPACT);
	if (rc == CO_OK && (j.source == NULL || strlen(j.source) > SOURCE_MAX))
		rc = co_fail(err, CO_ETOOBIG, "what is told of the source is too long");
	if (rc == CO_OK)
		rc = store_write(exchange_store(x), begin_work, &j, err);
	co_buf_deinit(&j.wrapped);
	free(j.source);
	if (rc != CO_OK)
		return rc;
	return out_give(json_pack("{s:s,s:s}", "id", j.id, "officer", who->name), out, err);
}

/* ---- key, drop ---- */
/* For whom may see its case; *st holds the row. */
static enum co_rc
acquire_seen(struct exchange *x, const struct officer *who, const char *id,
	struct store_stmt **st, struct co_err *err)
{
	struct co_err got = { CO_OK, "" };
	struct store_db *db;
	enum co_rc rc;
	bool row;

	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_ACQUIRE_GET, st, err, "t", id));
	TRY(store_step(*st, &row, err));
	rc = row ? sight_case(x, db, who, store_text(*st, 1), &got)
		 : co_fail(&got, CO_ENOTFOUND, "no acquisition %s is under way here", id);
	return sight_tell(rc, &got, "acquisition", id, err);
}

static enum co_rc
event_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct acquire_job *j = arg;

	if (j->why != NULL)
		TRY(store_run(db, NULL, Q_ACQUIRE_DELETE, err, "t", j->id));
	return event_write(db, j->event, j->who,
		json_pack("{s:s,s:s,s:s*}", "exhibit", j->id, "case", j->case_id, "why", j->why),
		err);
}

static enum co_rc
op_key(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct acquire_job j = { .who = who->name, .event = "acquire.resumed" };
	unsigned char key[CHUNKED_KEY];
	char case_id[CO_UUID_LEN + 1];
	store_stmt_auto *st = NULL;
	const void *der;
	size_t n;
	co_auto_buf text;
	enum co_rc rc;

	(void)arg;
	co_buf_init(&text, 64);
	TRY(in_uuid(in, "id", true, &j.id, err));
	TRY(acquire_seen(x, who, j.id, &st, err));
	(void)snprintf(case_id, sizeof(case_id), "%s", store_text(st, 1));
	j.case_id = case_id;
	der = store_blob(st, 6, &n);
	if (keeper_unwrap(exchange_keeper(x), der, n, key, err) != CO_OK)
		return co_wrap(err, "the key of acquisition %s", j.id);
	/* Nobody gets the key before it is in the ledger who got it. */
	rc = store_write(exchange_store(x), event_work, &j, err);
	if (rc == CO_OK)
		rc = co_base64_add(&text, key, sizeof(key), err);
	crypto_wipe(key, sizeof(key));
	if (rc == CO_OK)
		rc = out_give(json_pack("{s:s,s:s}", "id", j.id, "key", text.data), out, err);
	if (text.data != NULL)
		crypto_wipe(text.data, text.len);
	return rc;
}

static enum co_rc
op_drop(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct acquire_job j = { .who = who->name, .event = "acquire.dropped" };
	char case_id[CO_UUID_LEN + 1];
	store_stmt_auto *st = NULL;

	(void)arg;
	TRY(in_uuid(in, "id", true, &j.id, err));
	TRY(in_text(in, "why", true, LIMIT_NAME, &j.why, err));
	TRY(acquire_seen(x, who, j.id, &st, err));
	(void)snprintf(case_id, sizeof(case_id), "%s", store_text(st, 1));
	j.case_id = case_id;
	TRY(store_write(exchange_store(x), event_work, &j, err));
	return out_give(json_pack("{s:s}", "id", j.id), out, err);
}

/* ---- list ---- */
static json_t *
acquire_json(struct store_stmt *st)
{
	json_t *source = json_loads(store_text(st, 5), 0, NULL);
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:o?}", "id", store_text(st, 0), "case_id",
		store_text(st, 1), "partner", store_text(st, 2), "officer", store_text(st, 3),
		"name", store_text(st, 4), "source", source);

	if (o != NULL)
		out_time(o, "begun", store_int(st, 7));
	return o;
}

static enum co_rc
op_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	json_t *list = json_array();
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool more = true;
	enum co_rc rc;

	(void)arg;
	(void)in;
	rc = store_reader(exchange_store(x), &db, err);
	if (rc == CO_OK)
		rc = store_query(db, Q_ACQUIRE_SEEN, &st, err, "tti", who->unit, who->name,
			(int64_t)LIST_MAX);
	while (rc == CO_OK && more) {
		rc = store_step(st, &more, err);
		if (rc == CO_OK && more)
			(void)json_array_append_new(list, acquire_json(st));
	}
	if (rc == CO_OK)
		return out_give(json_pack("{s:o}", "acquisitions", list), out, err);
	json_decref(list);
	return rc;
}

enum co_rc
manifest_told(struct store_db *db, const struct exhibit_row *row, json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	json_t *record;
	const void *p;
	bool there;
	size_t n;

	*out = NULL;
	TRY(store_query(db, Q_RECORD_LOAD, &st, err, "t", row->manifest_id));
	TRY(store_step(st, &there, err));
	if (!there)
		return CO_OK;
	p = store_blob(st, 0, &n);
	record = json_loadb(p, n, 0, NULL);
	*out = json_incref(json_object_get(json_object_get(record, "body"), "exhibit"));
	json_decref(record);
	return CO_OK;
}

/* ---- its end ---- */
enum co_rc
acquire_custody(struct evidence *e, const struct exhibit_row *row, const json_t *acquisition,
	const struct custody_ask *ask, struct co_err *err)
{
	const json_t *tool = json_object_get(acquisition, "tool");
	struct custody_ask acquired = *ask;
	json_t *more = json_pack("{s:{s:O*,s:O*},s:O*,s:O*}", "tool", "name",
		json_object_get(tool, "name"), "version", json_object_get(tool, "version"),
		"condition", json_object_get(acquisition, "condition"), "witness",
		json_object_get(acquisition, "witness"));
	json_t *detail = json_pack("{s:O*,s:O*,s:O*}", "item", json_object_get(acquisition, "item"),
		"collector", json_object_get(acquisition, "collector"), "source",
		json_object_get(acquisition, "source"));
	enum co_rc rc;

	acquired.place = json_string_value(json_object_get(acquisition, "place"));
	acquired.more = more;
	acquired.detail = detail;
	rc = more == NULL || detail == NULL
		? co_fail(err, CO_ENOMEM, "custody record")
		: custody_send(e, row->case_id, row, &acquired, NULL, err);
	json_decref(more);
	json_decref(detail);
	return rc;
}

static enum co_rc
ended_work(struct store_db *db, void *arg, struct co_err *err)
{
	return store_run(db, NULL, Q_ACQUIRE_DELETE, err, "t", (const char *)arg);
}

enum co_rc
acquire_ended(struct evidence *e, const char *id, struct co_err *err)
{
	return store_write(exchange_store(e->x), ended_work, (void *)(uintptr_t)id, err);
}

/* ---- the table ---- */
static const struct op_member begin_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "of the exhibit that it becomes", NULL },
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "to", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "who may open it", NULL },
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "of the exhibit", NULL },
	{ "source", OP_OBJECT, OP_REQUIRED, 0, 0, "as in a manifest's acquisition", NULL },
	{ "wrapped", OP_TEXT, OP_REQUIRED, 0, 2 * LIMIT_SIGNATURE,
		"the file key wrapped for this node, base64", NULL },
	OP_END,
};
static const struct op_member begin_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "who begins it", NULL },
	OP_END,
};
static const struct op_member id_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	OP_END,
};
static const struct op_member key_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	OP_END,
};
static const struct op_member key_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "key", OP_TEXT, 0, 0, 0, "of the content, base64", NULL },
	OP_END,
};
static const struct op_member drop_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	{ "why", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "why nobody goes on with it", NULL },
	OP_END,
};
static const struct op_member list_in[] = { OP_END };
static const struct op_member list_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the exhibit that it becomes", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "its case", NULL },
	{ "partner", OP_TEXT, 0, 0, 0, "whom it is for", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "who began it", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "of the exhibit", NULL },
	{ "source", OP_OBJECT, OP_NULL, 0, 0, "what it is read from", NULL },
	{ "begun", OP_TIME, 0, 0, 0, "when", NULL },
	OP_END,
};
static const struct op_member list_out[] = {
	{ "acquisitions", OP_LIST, 0, 0, 0, "the latest first", list_row },
	OP_END,
};

void
acquire_register(struct evidence *e)
{
	static const char hands[] = "duty,investigator,custodian,administrator";
	const struct op ops[] = {
		{ "acquire.begin", hands, op_begin, e, "note that an acquisition begins" },
		{ "acquire.key", hands, op_key, e,
			"the key of an acquisition that was stopped, after an event of who asked" },
		{ "acquire.list", "*", op_list, e, "acquisitions that have not ended" },
		{ "acquire.drop", hands, op_drop, e, "give an acquisition up" },
	};
	static const struct op_shape shapes[] = {
		{ "acquire.begin", "evidence", begin_in, begin_out },
		{ "acquire.key", "evidence", key_in, key_out },
		{ "acquire.list", "read", list_in, list_out },
		{ "acquire.drop", "evidence", drop_in, id_out },
	};

	op_register(e->x, ops, CO_ARRAY_LEN(ops));
	op_describe(e->x, shapes, CO_ARRAY_LEN(shapes));
}
