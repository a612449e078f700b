#include "exchange/attach.h"

#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

/* ---- held ---- */

static void
held_read(struct held_row *h, struct store_stmt *st)
{
	(void)snprintf(h->id, sizeof(h->id), "%s", store_text(st, 0));
	(void)snprintf(h->owner, sizeof(h->owner), "%s", store_text(st, 1));
	(void)snprintf(h->file.name, sizeof(h->file.name), "%s", store_text(st, 2));
	(void)snprintf(h->file.media, sizeof(h->file.media), "%s", store_text(st, 3));
	h->filled = strcmp(store_text(st, 4), "held") == 0;
	(void)snprintf(h->for_id, sizeof(h->for_id), "%s", store_text(st, 5));
	h->file.size = (uint64_t)store_int(st, 6);
	(void)snprintf(h->file.sha256, sizeof(h->file.sha256), "%s", store_text(st, 7));
}

enum co_rc
held_get(struct store_db *db, const char *id, struct held_row *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_HELD_GET, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no attachment %s is held here", id);
	held_read(out, st);
	return CO_OK;
}

json_t *
held_json(const struct held_row *h)
{
	return json_pack("{s:s,s:s,s:s,s:I,s:s}", "id", h->id, "name", h->file.name, "media",
		h->file.media, "size", (json_int_t)h->file.size, "sha256", h->file.sha256);
}

/* ---- what goes with a record ---- */

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static enum co_rc
take_one(struct store_db *db, const struct officer *who, const char *id, json_t *list,
	struct co_err *err)
{
	struct held_row h;
	const json_t *other;
	json_t *one;
	size_t i;
	enum co_rc rc = held_get(db, id, &h, NULL);

	/* Whose it is not, learns no more than that it is not there. */
	if (rc == CO_ENOTFOUND || (rc == CO_OK && strcmp(h.owner, who->name) != 0))
		return co_fail(err, CO_ENOTFOUND,
			"no attachment %s of yours is held here; add the file again", id);
	TRY(rc);
	if (!h.filled)
		return co_fail(err, CO_EREFUSED,
			"the bytes of \"%s\" have not come whole; add the file again", h.file.name);
	json_array_foreach(list, i, other)
	{
		if (strcmp(text_of(other, "id"), id) == 0 ||
			(strcmp(text_of(other, "sha256"), h.file.sha256) == 0 &&
				strcmp(text_of(other, "name"), h.file.name) == 0))
			return co_fail(err, CO_EUSAGE, "\"%s\" is attached twice; take one away",
				h.file.name);
	}
	one = held_json(&h);
	if (one == NULL || json_array_append_new(list, one) != 0)
		return co_fail(err, CO_ENOMEM, "attachments");
	return CO_OK;
}

static enum co_rc
take_sum(const json_t *list, struct co_err *err)
{
	const json_t *one;
	uint64_t sum = 0;
	size_t i;

	json_array_foreach(list, i, one) sum +=
		(uint64_t)json_integer_value(json_object_get(one, "size"));
	if (sum > LIMIT_ATTACHED)
		return co_fail(err, CO_ETOOBIG,
			"the attachments have %llu MiB together; at most %u go with one record. "
			"Seal what is large as an exhibit",
			(unsigned long long)(sum >> 20), LIMIT_ATTACHED >> 20);
	return CO_OK;
}

enum co_rc
attach_take(struct store_db *db, const struct officer *who, json_t *in, struct co_err *err)
{
	const json_t *ids = json_object_get(in, "attachments"), *id;
	json_t *list;
	size_t i;
	enum co_rc rc = CO_OK;

	if (json_array_size(ids) == 0) {
		(void)json_object_del(in, "attachments");
		return CO_OK;
	}
	if (json_array_size(ids) > LIMIT_ATTACHMENTS)
		return co_fail(err, CO_ETOOBIG, "%zu attachments; at most %u go with one record",
			json_array_size(ids), LIMIT_ATTACHMENTS);
	list = json_array();
	json_array_foreach(ids, i, id)
	{
		const char *s = json_string_value(id);

		if (rc == CO_OK)
			rc = s == NULL ? co_fail(err, CO_EUSAGE,
				"attachments must be a list of ids")
				       : take_one(db, who, s, list, err);
	}
	if (rc == CO_OK)
		rc = take_sum(list, err);
	if (rc == CO_OK && json_object_set(in, "attachments", list) != 0)
		rc = co_fail(err, CO_ENOMEM, "attachments");
	json_decref(list);
	return rc;
}

enum co_rc
attach_fill(const json_t *list, struct record *r, struct co_err *err)
{
	size_t n = json_array_size(list);

	if (n == 0)
		return CO_OK;
	r->attachments = calloc(n, sizeof(*r->attachments));
	if (r->attachments == NULL)
		return co_fail(err, CO_ENOMEM, "attachments");
	for (; r->attachments_n < n; r->attachments_n++) {
		const json_t *one = json_array_get(list, r->attachments_n);
		struct record_attachment *to = &r->attachments[r->attachments_n];

		if (!json_is_object(one))
			return co_fail(err, CO_EUSAGE,
				"attachments go with request.new, request.answer and message.send");
		(void)snprintf(to->name, sizeof(to->name), "%s", text_of(one, "name"));
		(void)snprintf(to->media, sizeof(to->media), "%s", text_of(one, "media"));
		(void)snprintf(to->sha256, sizeof(to->sha256), "%s", text_of(one, "sha256"));
		to->size = (uint64_t)json_integer_value(json_object_get(one, "size"));
	}
	return CO_OK;
}

bool
attach_same(const json_t *list, const struct record *r)
{
	if (json_array_size(list) != r->attachments_n)
		return false;
	for (size_t i = 0; i < r->attachments_n; i++) {
		const json_t *one = json_array_get(list, i);
		const struct record_attachment *a = &r->attachments[i];

		if (strcmp(text_of(one, "name"), a->name) != 0 ||
			strcmp(text_of(one, "media"), a->media) != 0 ||
			strcmp(text_of(one, "sha256"), a->sha256) != 0 ||
			(uint64_t)json_integer_value(json_object_get(one, "size")) != a->size)
			return false;
	}
	return true;
}

enum co_rc
attach_claim(struct store_db *db, const json_t *list, const char *who, const char *for_id,
	struct co_err *err)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		int64_t changes;

		TRY(store_run(db, &changes, Q_HELD_CLAIM, err, "tttt", for_id, text_of(one, "id"),
			who, for_id));
		if (changes == 0)
			return co_fail(err, CO_ECONFLICT,
				"\"%s\" goes with another draft or record already; add the file "
				"again",
				text_of(one, "name"));
	}
	return CO_OK;
}

struct claim_job {
	const json_t *list;
	const char *who, *for_id;
};

static enum co_rc
claim_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct claim_job *j = arg;

	return attach_claim(db, j->list, j->who, j->for_id, err);
}

enum co_rc
attach_claim_new(struct exchange *x, const json_t *list, const struct officer *who,
	char id[CO_UUID_LEN + 1], struct co_err *err)
{
	struct claim_job j = { list, who->name, id };

	/* With an id it was a draft, which claimed them. */
	if (json_array_size(list) == 0 || id[0] != '\0')
		return CO_OK;
	co_uuid7(id);
	return store_write(x->store, claim_work, &j, err);
}

/* ---- attached ---- */

static enum co_rc
held_check(struct store_db *db, const struct record *r, const struct record_attachment *a,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_HELD_FITS, &st, err, "tttit", r->id, a->name, a->media,
		(int64_t)a->size, a->sha256));
	TRY(store_step(st, &row, err));
	if (!row || store_int(st, 0) == 0)
		return co_fail(err, CO_EREFUSED,
			"the attachment \"%s\" is not held for this record; add the file again",
			a->name);
	return CO_OK;
}

enum co_rc
attached_put(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	struct co_err *err)
{
	for (size_t i = 0; i < r->attachments_n; i++) {
		const struct record_attachment *a = &r->attachments[i];

		/* We never sign for bytes that we could not give. */
		if (!incoming && !atomic_load(&x->rebuilding))
			TRY(held_check(db, r, a, err));
		TRY(store_run(db, NULL, Q_ATTACHED_INSERT, err, "ttitittit", r->id, r->from,
			(int64_t)i, r->case_id, (int64_t)incoming, a->name, a->media,
			(int64_t)a->size, a->sha256));
	}
	return CO_OK;
}

/* Columns of attached_of_record. */
static json_t *
attached_row(struct store_stmt *st, void *arg)
{
	const char *state = store_text(st, 8);
	json_t *o = json_pack("{s:I,s:s,s:s,s:I,s:s,s:b,s:s}", "place",
		(json_int_t)store_int(st, 0), "name", store_text(st, 1), "media", store_text(st, 2),
		"size", (json_int_t)store_int(st, 3), "sha256", store_text(st, 4), "incoming",
		store_int(st, 6) != 0, "state", state[0] == '\0' ? "waiting" : state);

	(void)arg;
	out_text(o, "id", store_text(st, 5));
	return o;
}

enum co_rc
attached_json(struct store_db *db, const char *id, const char *sender, json_t **out,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;

	if (sender == NULL)
		TRY(store_query(db, Q_ATTACHED_OF_ID, &st, err, "t", id));
	else
		TRY(store_query(db, Q_ATTACHED_OF_RECORD, &st, err, "tt", id, sender));
	return out_rows(st, attached_row, NULL, out, err);
}

/* ---- attachment.list ---- */

static enum co_rc
list_of_record(struct exchange *x, struct store_db *db, const struct officer *who, const char *of,
	json_t **list, struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	struct co_err got = { CO_OK, "" };
	enum co_rc rc = exchange_load(db, of, &s, &got);

	if (rc == CO_OK)
		rc = sight_case(x, db, who, s.r.case_id, &got);
	TRY(sight_tell(rc, &got, "record", of, err));
	return attached_json(db, of, s.r.from, list, err);
}

static enum co_rc
list_held(struct store_db *db, const struct officer *who, json_t **list, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	json_t *l = json_array();
	bool row;

	for (enum co_rc rc = store_query(db, Q_HELD_FREE, &st, err, "t", who->name);;) {
		struct held_row h;

		if (rc == CO_OK)
			rc = store_step(st, &row, err);
		if (rc != CO_OK) {
			json_decref(l);
			return rc;
		}
		if (!row) {
			*list = l;
			return CO_OK;
		}
		held_read(&h, st);
		(void)json_array_append_new(l, held_json(&h));
	}
}

static void
states_put(json_t *list, const char *state)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		(void)json_object_set_new(one, "state", json_string(state));
}

enum co_rc
op_attachment_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	draft_auto d = { .in = NULL };
	struct co_err got = { CO_OK, "" };
	struct store_db *db;
	json_t *list = NULL;
	const char *of;
	enum co_rc rc;

	(void)arg;
	TRY(in_uuid(in, "of", false, &of, err));
	TRY(store_reader(x->store, &db, err));
	if (of == NULL) {
		TRY(list_held(db, who, &list, err));
		states_put(list, "held");
		return out_give(json_pack("{s:o}", "attachments", list), out, err);
	}
	rc = draft_seen(x, db, who, of, &d, &got);
	if (rc == CO_OK && strcmp(d.state, "sent") != 0) {
		list = json_deep_copy(json_object_get(d.in, "attachments"));
		list = list == NULL ? json_array() : list;
		states_put(list, "held");
	} else {
		TRY(list_of_record(x, db, who, of, &list, err));
	}
	return out_give(json_pack("{s:o}", "attachments", list), out, err);
}
