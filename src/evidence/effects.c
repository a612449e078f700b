/* What manifests and custody records do to the table of exhibits, and its rows. */
#include "evidence/inside.h"

#include "base/enc.h"
#include "evidence/content.h"

void
exhibit_row_read(struct exhibit_row *o, struct store_stmt *st)
{
	const void *header;
	size_t n;

	(void)snprintf(o->id, sizeof(o->id), "%s", store_text(st, 0));
	(void)snprintf(o->case_id, sizeof(o->case_id), "%s", store_text(st, 1));
	(void)snprintf(o->name, sizeof(o->name), "%s", store_text(st, 2));
	(void)snprintf(o->media, sizeof(o->media), "%s", store_text(st, 3));
	(void)snprintf(o->partner, sizeof(o->partner), "%s", store_text(st, 4));
	o->incoming = store_int(st, 5) != 0;
	(void)snprintf(o->state, sizeof(o->state), "%s", store_text(st, 6));
	o->plain_size = (uint64_t)store_int(st, 7);
	o->sealed_size = (uint64_t)store_int(st, 8);
	(void)snprintf(o->plain_sha256, sizeof(o->plain_sha256), "%s", store_text(st, 9));
	(void)snprintf(o->sealed_sha256, sizeof(o->sealed_sha256), "%s", store_text(st, 10));
	(void)snprintf(o->manifest_id, sizeof(o->manifest_id), "%s", store_text(st, 11));
	o->done_bytes = (uint64_t)store_int(st, 12);
	o->changed_us = store_int(st, 13);
	header = store_blob(st, 14, &n);
	(void)snprintf(o->derived_from, sizeof(o->derived_from), "%s", store_text(st, 16));
	(void)snprintf(o->derived_root, sizeof(o->derived_root), "%s", store_text(st, 17));
	(void)snprintf(o->derived_by, sizeof(o->derived_by), "%s", store_text(st, 18));
	o->shut = store_int(st, 19) != 0;
	o->erased_us = store_int(st, 20);
	memset(o->sealed_header, 0, sizeof(o->sealed_header));
	if (header != NULL && n == sizeof(o->sealed_header))
		memcpy(o->sealed_header, header, n);
	/* The manifest was checked: what is not known here was refused. */
	o->coding = VAULT_AS_IS;
	(void)vault_coding_find(store_text(st, 15), &o->coding);
}

enum co_rc
exhibit_get(struct store_db *db, const char *id, struct exhibit_row *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_EXHIBIT_GET, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no exhibit %s here; exhibit list has them", id);
	exhibit_row_read(out, st);
	return CO_OK;
}

enum co_rc
exhibit_each(struct store_db *db, const char *state,
	enum co_rc (*call)(void *arg, const struct exhibit_row *row, struct co_err *err), void *arg,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct exhibit_row e;
	bool row;

	TRY(store_query(db, Q_EXHIBIT_BY_STATE, &st, err, "t", state));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		exhibit_row_read(&e, st);
		TRY(call(arg, &e, err));
	}
}

/* ---- manifest ---- */
static enum co_rc
wrapped_for(const json_t *exhibit, const char *address, struct co_buf *der, struct co_err *err)
{
	const json_t *key = json_object_get(json_object_get(exhibit, "wrapped"), address);

	if (key == NULL)
		return CO_OK;
	return co_unbase64(json_string_value(key), json_string_length(key), der, err);
}

enum co_rc
exhibit_header(const json_t *exhibit, unsigned char out[CHUNKED_HEADER], struct co_err *err)
{
	const json_t *text = json_object_get(json_object_get(exhibit, "sealed"), "header");
	co_auto_buf b;

	co_buf_init(&b, CHUNKED_HEADER + 3);
	if (!json_is_string(text) ||
		co_unbase64(json_string_value(text), json_string_length(text), &b, err) != CO_OK ||
		b.len != CHUNKED_HEADER) {
		co_err_clear(err);
		return co_fail(err, CO_EMALFORMED, "exhibit: sealed.header is not %d bytes",
			(int)CHUNKED_HEADER);
	}
	memcpy(out, b.data, CHUNKED_HEADER);
	return CO_OK;
}

static const char *
text_in(const json_t *o, const char *member, const char *sub)
{
	const json_t *v = json_object_get(o, member);

	if (sub != NULL)
		v = json_object_get(v, sub);
	return json_string_value(v) == NULL ? "" : json_string_value(v);
}

/* The file that a record lists becomes an exhibit: the manifest refers to the record and describes
 * the same file. Whatever else it describes is evidence. */
static enum co_rc
manifest_attached(struct store_db *db, const struct record *r, bool incoming,
	const json_t *exhibit, const struct vault_content *content, struct co_err *err)
{
	const char *id = text_in(exhibit, "id", NULL);
	size_t n = content->coding == VAULT_AS_IS ? r->refs_n : 0;

	for (size_t i = 0; i < n; i++) {
		int64_t changes;

		TRY(store_run(db, &changes, Q_ATTACHED_BIND, err, "tttttt" "ttit", id,
			r->refs[i].id, r->from, r->refs[i].id, r->from, r->case_id,
			text_in(exhibit, "name", NULL), text_in(exhibit, "media", NULL),
			(int64_t)content->plain_size,
			text_in(exhibit, "plain", "sha256")));
		if (changes > 0)
			break;
	}
	/* Once its manifest is stored, a file of ours is held no more. */
	return incoming ? CO_OK : store_run(db, NULL, Q_HELD_DROP, err, "t", id);
}

enum co_rc
manifest_effect(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	void *arg, struct co_err *err)
{
	const json_t *exhibit = json_object_get(r->body, "exhibit");
	const json_t *derived = json_object_get(exhibit, "derived");
	const char *id = text_in(exhibit, "id", NULL);
	unsigned char header[CHUNKED_HEADER];
	struct vault_content content;
	int64_t sealed;
	co_auto_buf der;
	enum co_rc rc;

	(void)arg;
	co_buf_init(&der, LIMIT_SIGNATURE);
	TRY(content_of(exhibit, &content, err));
	sealed = json_integer_value(json_object_get(json_object_get(exhibit, "sealed"), "size"));
	TRY(exhibit_header(exhibit, header, err));
	TRY(wrapped_for(exhibit, exchange_address(x), &der, err));
	if (incoming && der.len == 0)
		return co_fail(err, CO_EREFUSED,
			"manifest: the key of exhibit %s is not wrapped for %s", id,
			exchange_address(x));
	TRY(lineage_check(db, id, derived, incoming, err));
	/* The same manifest again is a rebuild. */
	TRY(store_run(db, NULL, Q_EXHIBIT_OF_MANIFEST, err, "tt", id, r->id));
	rc = store_run(db, NULL, Q_EXHIBIT_INSERT, err, "tttttitiittbtbitttt", id, r->case_id,
		text_in(exhibit, "name", NULL), text_in(exhibit, "media", NULL),
		incoming ? r->from : r->to, (int64_t)incoming,
		strcmp(r->from, r->to) == 0 ? "sealed" : "offered", /* the first stays here */
		(int64_t)content.plain_size, sealed,
		text_in(exhibit, "plain", "sha256"), text_in(exhibit, "sealed", "sha256"),
		(const void *)header, sizeof(header), r->id,
		der.len > 0 ? (const void *)der.data : NULL, der.len, exchange_effect_time_us(x),
		vault_coding_name(content.coding),
		json_string_value(json_object_get(derived, "from")),
		json_string_value(json_object_get(derived, "root")),
		json_string_value(json_object_get(derived, "by")));
	if (rc == CO_EEXISTS) {
		co_err_clear(err);
		return co_fail(
			err, CO_ECONFLICT, "exhibit %s is known here by another manifest", id);
	}
	if (rc != CO_OK)
		return rc;
	TRY(manifest_attached(db, r, incoming, exhibit, &content, err));
	return marking_manifest(db, exhibit, exchange_effect_time_us(x), err);
}

/* ---- custody ---- */
enum { OWN = 1, PARTNER = 2, IN = 4, OUT = 8 };

/* Which action, said by whom about an exhibit that came in or went out, leads to which state.
 * What is not in the table is recorded and changes no state. */
static const struct {
	const char *action;
	unsigned when;
	const char *state;
} custody_moves[] = {
	{ "fetched", OWN | IN, "fetching" },
	{ "received", OWN | IN, "verified" },
	{ "received", PARTNER | OUT, "verified" },
	{ "failed", OWN | IN, "failed" },
	{ "failed", PARTNER | OUT, "failed" },
};

static const char *
custody_state(const char *action, bool from_partner, bool came_in)
{
	unsigned who = from_partner ? PARTNER : OWN, way = came_in ? IN : OUT;

	for (size_t i = 0; i < CO_ARRAY_LEN(custody_moves); i++)
		if (strcmp(custody_moves[i].action, action) == 0 &&
			(custody_moves[i].when & who) != 0 && (custody_moves[i].when & way) != 0)
			return custody_moves[i].state;
	return NULL;
}

/* What is more than a state. On a record of ours, or of the partner from whom or to whom it
 * went. */
static enum co_rc
effect_shut(struct exchange *x, struct store_db *db, const struct record *r,
	const struct exhibit_row *row, struct co_err *err)
{
	bool in = strcmp(text_in(r->body, "action", NULL), "checked-in") == 0;

	return store_run(db, NULL, Q_EXHIBIT_SHUT, err, "iit", (int64_t)in,
		exchange_effect_time_us(x), row->id);
}

static enum co_rc
effect_keeping(struct exchange *x, struct store_db *db, const struct record *r,
	const struct exhibit_row *row, struct co_err *err)
{
	const char *action = text_in(r->body, "action", NULL);
	bool held = strcmp(action, "held") == 0;

	/* Whoever approved before did not know of it. */
	if (!exchange_rebuilding(x) && strcmp(action, "released") != 0)
		TRY(two_lapse(db, row == NULL ? r->case_id : row->id, row == NULL,
			held ? NULL : "destroyed",
			held ? "a hold was set after it was approved"
			     : "another period was set after it was approved",
			err));
	return keeping_effect(db, r, exchange_effect_time_us(x), err);
}

static enum co_rc
effect_eased(struct exchange *x, struct store_db *db, const struct record *r,
	const struct exhibit_row *row, struct co_err *err)
{
	(void)x;
	return marking_eased(db, r, row, err);
}

static enum co_rc
effect_destroyed(struct exchange *x, struct store_db *db, const struct record *r,
	const struct exhibit_row *row, struct co_err *err)
{
	int64_t now_us = exchange_effect_time_us(x);

	if (!exchange_rebuilding(x)) {
		if (strcmp(row->state, "destroyed") == 0)
			return co_fail(err, CO_EEXISTS, "exhibit %s was destroyed already",
				row->id);
		TRY(keeping_over(db, row, now_us, err));
		TRY(store_run(db, NULL, Q_DRAFTS_CUSTODY_END, err, "ttt",
			"the exhibit was destroyed", row->id, r->id));
	}
	TRY(store_run(db, NULL, Q_KEEPING_GONE, err, "it", now_us, row->id));
	return store_run(db, NULL, Q_EXHIBIT_DESTROY, err, "it", now_us, row->id);
}

static enum co_rc
effect_erased(struct exchange *x, struct store_db *db, const struct record *r,
	const struct exhibit_row *row, struct co_err *err)
{
	int64_t changes, now_us = exchange_effect_time_us(x);

	(void)r;
	TRY(store_run(
		db, &changes, Q_EXHIBIT_ERASED, err, "iit", now_us, now_us, row->id));
	return changes == 1 ? CO_OK
			    : co_fail(err, CO_EEXISTS, "exhibit %s was erased already", row->id);
}

static const struct {
	const char *action;
	unsigned who;
	enum co_rc (*fn)(struct exchange *x, struct store_db *db, const struct record *r,
		const struct exhibit_row *row, struct co_err *err);
} custody_effects[] = {
	{ "checked-in", OWN, effect_shut },
	{ "checked-out", OWN, effect_shut },
	{ "retained", OWN, effect_keeping },
	{ "held", OWN, effect_keeping },
	{ "released", OWN, effect_keeping },
	{ "eased", OWN | PARTNER, effect_eased },
	{ "destroyed", OWN, effect_destroyed },
	{ "erased", OWN, effect_erased },
};

static enum co_rc
custody_more(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	const struct exhibit_row *row, struct co_err *err)
{
	const char *action = text_in(r->body, "action", NULL);

	for (size_t i = 0; i < CO_ARRAY_LEN(custody_effects); i++)
		if (strcmp(custody_effects[i].action, action) == 0 &&
			(custody_effects[i].who & (incoming ? PARTNER : OWN)) != 0)
			return custody_effects[i].fn(x, db, r, row, err);
	return CO_OK;
}

/* Where a second officer is asked for, no record of ours goes without. */
static enum co_rc
custody_second(struct evidence *e, struct store_db *db, const struct record *r,
	const struct exhibit_row *row, struct co_err *err)
{
	const char *action = text_in(r->body, "action", NULL);
	bool needed;

	if (exchange_rebuilding(e->x))
		return CO_OK;
	TRY(two_needed(e, db, row, action, r->body, &needed, err));
	if (!needed)
		return CO_OK;
	TRY(approval_given(e->x, db, r, action, err));
	return store_run(db, NULL, Q_DRAFT_SENT, err, "t", r->id);
}

enum co_rc
custody_effect(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	void *arg, struct co_err *err)
{
	const char *id = text_in(r->body, "exhibit", NULL),
		   *action = text_in(r->body, "action", NULL);
	struct exhibit_row e;
	const char *state;

	if (id[0] == '\0') /* "packaged", or what is said of a whole case */
		return custody_more(x, db, r, incoming, NULL, err);
	TRY(exhibit_get(db, id, &e, err));
	if (strcmp(e.case_id, r->case_id) != 0 || (incoming && strcmp(e.partner, r->from) != 0))
		return co_fail(err, CO_EDENIED, "exhibit %s is not one of case %s with %s", id,
			r->case_id, r->from);
	if (!incoming)
		TRY(custody_second(arg, db, r, &e, err));
	TRY(custody_more(x, db, r, incoming, &e, err));
	state = custody_state(action, incoming, e.incoming);
	/* A verified exhibit stays so: a late "failed" of an earlier attempt is history. */
	if (state == NULL || strcmp(e.state, "destroyed") == 0 || strcmp(e.state, "verified") == 0)
		return CO_OK;
	return store_run(
		db, NULL, Q_EXHIBIT_MOVE, err, "tit", state, exchange_effect_time_us(x), id);
}
