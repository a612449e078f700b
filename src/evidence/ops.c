/* The operations on exhibits; export.c has those on whole cases. */
#include "evidence/content.h"
#include "evidence/custody.h"

#include "base/enc.h"

#define HANDS "duty,investigator,custodian,administrator"
#define ASKS "duty,investigator,administrator"

enum co_rc
exhibit_seen(struct exchange *x, struct store_db *db, const struct officer *who, const char *id,
	struct exhibit_row *out, struct co_err *err)
{
	struct co_err got = { CO_OK, "" };
	struct exhibit_row row;
	enum co_rc rc = exhibit_get(db, id, &row, &got);

	if (rc == CO_OK)
		rc = sight_case(x, db, who, row.case_id, &got);
	TRY(sight_tell(rc, &got, "exhibit", id, err));
	*out = row;
	return CO_OK;
}

json_t *
exhibit_row_json(const struct exhibit_row *e)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:s,s:s,s:I,s:{s:I,s:s},s:{s:I,s:s}}", "id",
		e->id, "case_id", e->case_id, "name", e->name, "media", e->media, "partner",
		e->partner, "incoming", e->incoming, "state", e->state, "manifest_id",
		e->manifest_id, "done_bytes", (json_int_t)e->done_bytes, "plain", "size",
		(json_int_t)e->plain_size, "sha256", e->plain_sha256, "sealed", "size",
		(json_int_t)e->sealed_size, "sha256", e->sealed_sha256);

	if (o == NULL)
		return NULL;
	content_tell(o, e->coding);
	out_time(o, "changed", e->changed_us);
	(void)json_object_set_new(o, "derived",
		e->derived_from[0] == '\0' ? json_null()
					   : json_pack("{s:s,s:s,s:s}", "from", e->derived_from,
						     "root", e->derived_root, "by", e->derived_by));
	(void)json_object_set_new(o, "shut", json_boolean(e->shut));
	out_time(o, "erased", e->erased_us);
	return o;
}

json_t *
exhibit_row_shown(struct store_db *db, const struct exhibit_row *e)
{
	char record[CO_UUID_LEN + 1];
	json_t *o = exhibit_row_json(e);

	if (o != NULL && attachment_of(db, e->id, record, NULL) == CO_OK)
		out_text(o, "attached_to", record);
	return o;
}

/* ---- register ---- */
static enum co_rc
register_check(struct evidence *e, const json_t *exhibit, const char **id, struct co_err *err)
{
	const json_t *sealed = json_object_get(exhibit, "sealed");
	unsigned char header[CHUNKED_HEADER], begin[CHUNKED_HEADER];
	co_auto_fd fd = -1;
	uint64_t size;

	TRY(in_uuid(exhibit, "id", true, id, err));
	TRY(vault_size(e->vault, *id, &size, err));
	if (!json_is_integer(json_object_get(sealed, "size")) ||
		(uint64_t)json_integer_value(json_object_get(sealed, "size")) != size)
		return co_fail(err, CO_EREFUSED,
			"the sealed file of exhibit %s has %llu bytes, not what "
			"its description says",
			*id, (unsigned long long)size);
	TRY(exhibit_header(exhibit, header, err));
	TRY(vault_fd(e->vault, *id, &fd, err));
	if (pread(fd, begin, sizeof(begin), 0) != (ssize_t)sizeof(begin) ||
		memcmp(begin, header, sizeof(begin)) != 0)
		return co_fail(err, CO_EREFUSED,
			"the sealed file of exhibit %s begins with another header than its "
			"description says",
			*id);
	return CO_OK;
}

static enum co_rc
register_send(struct evidence *e, const struct officer *who, const char *case_id, const char *to,
	const json_t *exhibit, char id[CO_UUID_LEN + 1], struct co_err *err)
{
	char partner[LIMIT_ADDRESS + 1];
	struct store_db *db;
	record_auto r;

	record_init(&r);
	r.kind = REC_MANIFEST;
	TRY(custody_envelope(e, case_id, who, &r, partner, err));
	/* What is made here of other evidence may stay here. */
	if (strcmp(to, partner) != 0 && strcmp(to, exchange_address(e->x)) != 0)
		return co_fail(err, CO_EREFUSED, "case %s is one with %s, not with %s", case_id,
			partner, to);
	if (json_object_get(json_object_get(exhibit, "wrapped"), to) == NULL)
		return co_fail(err, CO_EREFUSED,
			"the exhibit's key is not wrapped for %s: seal it again "
			"for that recipient",
			to);
	(void)snprintf(r.to, sizeof(r.to), "%s", to);
	r.body = json_pack("{s:o}", "exhibit", json_deep_copy(exhibit));
	if (r.body == NULL)
		return co_fail(err, CO_ENOMEM, "manifest");
	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(lineage_check(db, json_string_value(json_object_get(exhibit, "id")),
		json_object_get(exhibit, "derived"), false, err));
	TRY(marking_share(e, db, case_id, to, json_object_get(r.body, "exhibit"), err));
	TRY(exchange_send(e->x, &r, err));
	memcpy(id, r.id, sizeof(r.id));
	return CO_OK;
}

/* The manifest of this very exhibit went out before and the call was cut short: go on from there.
 */
static enum co_rc
register_again(const struct exhibit_row *row, const char *case_id, const json_t *exhibit,
	char id[CO_UUID_LEN + 1], struct co_err *err)
{
	const json_t *sealed = json_object_get(exhibit, "sealed");
	const char *sha = json_string_value(json_object_get(sealed, "sha256"));

	if (row->incoming || strcmp(row->case_id, case_id) != 0 || sha == NULL ||
		strcmp(sha, row->sealed_sha256) != 0)
		return co_fail(err, CO_ECONFLICT, "exhibit %s is known here in case %s", row->id,
			row->case_id);
	memcpy(id, row->manifest_id, sizeof(row->manifest_id));
	return CO_OK;
}

/* Custody events that the chain does not have yet. */
static enum co_rc
register_events(struct evidence *e, const struct officer *who, const struct exhibit_row *row,
	const json_t *exhibit, const char *purpose, const char *authority, struct co_err *err)
{
	static const char *const events[] = { "acquired", "sealed", "offered" };
	const json_t *acquisition = json_object_get(exhibit, "acquisition");
	bool stays = strcmp(row->partner, exchange_address(e->x)) == 0;
	struct store_db *db;
	json_t *chain = NULL;
	enum co_rc rc;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(custody_chain(db, row, &chain, err));
	rc = CO_OK;
	for (size_t i = acquisition == NULL; i < (stays ? 2 : CO_ARRAY_LEN(events)) && rc == CO_OK;
		i++) {
		struct custody_ask ask = {
			.action = events[i], .purpose = purpose, .authority = authority, .who = who
		};
		const json_t *item;
		bool there = false;
		size_t k;

		json_array_foreach(chain, k, item)
		{
			const char *action = json_string_value(json_object_get(item, "action"));

			there = there || (action != NULL && strcmp(action, events[i]) == 0);
		}
		if (!there && strcmp(events[i], "acquired") == 0)
			rc = acquire_custody(e, row, acquisition, &ask, err);
		else if (!there)
			rc = custody_send(e, row->case_id, row, &ask, NULL, err);
	}
	json_decref(chain);
	return rc;
}

enum co_rc
op_exhibit_register(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *case_id, *to, *id, *purpose, *authority;
	const json_t *exhibit = json_object_get(in, "exhibit");
	char manifest[CO_UUID_LEN + 1];
	struct evidence *e = arg;
	struct exhibit_row row;
	struct store_db *db;
	enum co_rc rc;

	TRY(in_uuid(in, "case_id", true, &case_id, err));
	TRY(in_text(in, "to", true, LIMIT_ADDRESS, &to, err));
	TRY(in_text(in, "purpose", false, LIMIT_TEXT, &purpose, err));
	TRY(in_text(in, "authority", false, LIMIT_TEXT, &authority, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(sight_case(x, db, who, case_id, err));
	TRY(register_check(e, exhibit, &id, err));
	rc = exhibit_get(db, id, &row, err);
	if (rc == CO_OK) {
		TRY(register_again(&row, case_id, exhibit, manifest, err));
	} else if (rc == CO_ENOTFOUND) {
		co_err_clear(err);
		TRY(register_send(e, who, case_id, to, exhibit, manifest, err));
		TRY(exhibit_get(db, id, &row, err));
	} else {
		return rc;
	}
	TRY(register_events(e, who, &row, exhibit,
		purpose == NULL ? "answer to the request of the case" : purpose,
		authority == NULL ? "the request of the case" : authority, err));
	if (json_object_get(exhibit, "acquisition") != NULL)
		TRY(acquire_ended(e, id, err));
	return out_give(json_pack("{s:s,s:s}", "manifest_id", manifest, "exhibit", id), out, err);
}

/* Before anything is read and sealed: an hour of it for a no at the end helps nobody. */
static enum co_rc
op_exhibit_ready(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	char partner[LIMIT_ADDRESS + 1];
	const char *case_id, *to;
	struct store_db *db;
	record_auto r;

	record_init(&r);
	r.kind = REC_MANIFEST;
	TRY(in_uuid(in, "case_id", true, &case_id, err));
	TRY(in_text(in, "to", true, LIMIT_ADDRESS, &to, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(sight_case(x, db, who, case_id, err));
	TRY(custody_envelope(arg, case_id, who, &r, partner, err));
	if (strcmp(to, partner) != 0 && strcmp(to, exchange_address(x)) != 0)
		return co_fail(err, CO_EREFUSED, "case %s is one with %s, not with %s", case_id,
			partner, to);
	return out_give(json_pack("{s:b}", "ready", 1), out, err);
}

/* ---- list, show ---- */
enum co_rc
op_exhibit_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const char *case_id;
	struct store_db *db;
	int64_t limit;
	json_t *list;
	bool more;

	(void)arg;
	TRY(in_uuid(in, "case_id", false, &case_id, err));
	TRY(in_int(in, "limit", 100, 1, 10000, &limit, err));
	TRY(store_reader(exchange_store(x), &db, err));
	if (case_id == NULL)
		TRY(store_query(
			db, Q_EXHIBIT_PAGE_SEEN, &st, err, "tti", who->unit, who->name, limit));
	else
		TRY(store_query(db, Q_EXHIBIT_OF_CASE_SEEN, &st, err, "ttti", case_id, who->unit,
			who->name, limit));
	list = json_array();
	for (;;) {
		struct exhibit_row row;
		enum co_rc rc = store_step(st, &more, err);

		if (rc != CO_OK) {
			json_decref(list);
			return rc;
		}
		if (!more)
			return out_give(json_pack("{s:o}", "exhibits", list), out, err);
		exhibit_row_read(&row, st);
		(void)json_array_append_new(list, exhibit_row_shown(db, &row));
	}
}

enum co_rc
op_exhibit_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct exhibit_row row;
	struct store_db *db;
	const char *id;
	json_t *chain = NULL, *manifest = NULL, *shown;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(exhibit_seen(x, db, who, id, &row, err));
	TRY(manifest_told(db, &row, &manifest, err));
	if (custody_chain(db, &row, &chain, err) != CO_OK) {
		json_decref(manifest);
		return err->rc;
	}
	shown = exhibit_row_shown(db, &row);
	/* The digests that the table does not have. */
	(void)json_object_update_missing(
		json_object_get(shown, "plain"), json_object_get(manifest, "plain"));
	shown = json_pack("{s:o,s:o,s:O*}", "exhibit", shown, "custody", chain, "acquisition",
		json_object_get(manifest, "acquisition"));
	json_decref(manifest);
	return out_give(shown, out, err);
}

/* ---- open ---- */
enum co_rc
exhibit_open_allowed(struct evidence *e, struct store_db *db, const struct exhibit_row *row,
	struct custody_ask *ask, const char *use, struct two *two, struct co_err *err)
{
	const struct marking_use u = { .action = "opened", .use = use };
	struct keeping k;

	if (strcmp(row->state, "destroyed") == 0)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s was destroyed; comity exhibit custody shows when and by whom",
			row->id);
	TRY(marking_allow(e, db, row, &u, err));
	TRY(two_ask(e, db, ask->who, row, ask, two, err));
	TRY(keeping_of(db, row, &k, err));
	if (two->waits)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s %s: a second officer has to confirm its opening. It waits as "
			"draft %s; when that is approved (comity request approve), ask the same "
			"again", row->id,
			k.hold_us != 0 ? "is on hold"
				: row->shut ? "is in the store"
				: in_list(e->two_people, "opened") ? "is opened by two people here"
				: "is of a case whose requests are all closed", two->draft);
	ask->record = two->needed ? two->draft : NULL;
	return CO_OK;
}

/* Nobody gets the key before it is on paper who got it. */
static enum co_rc
open_key(struct evidence *e, const struct exhibit_row *row, const struct custody_ask *ask,
	struct co_buf *text, struct co_err *err)
{
	unsigned char key[CHUNKED_KEY];
	uint64_t size;
	enum co_rc rc;

	if (vault_size(e->vault, row->id, &size, err) != CO_OK)
		return co_wrap(err, "exhibit %s (%s) cannot be opened yet", row->id, row->state);
	TRY(exhibit_key(e, row->id, key, err));
	rc = custody_send(e, row->case_id, row, ask, NULL, err);
	if (rc == CO_OK)
		rc = co_base64_add(text, key, sizeof(key), err);
	crypto_wipe(key, sizeof(key));
	return rc;
}

enum co_rc
op_exhibit_open(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .action = "opened", .who = who };
	struct evidence *e = arg;
	two_auto two = { .needed = false };
	struct exhibit_row row;
	struct store_db *db;
	const char *id, *use;
	co_auto_buf text;
	json_t *more;
	enum co_rc rc;

	co_buf_init(&text, 64);
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(in_text(in, "purpose", true, LIMIT_TEXT, &ask.purpose, err));
	TRY(in_text(in, "authority", true, LIMIT_TEXT, &ask.authority, err));
	TRY(in_text(in, "place", false, LIMIT_NAME, &ask.place, err));
	TRY(in_text(in, "use", false, 16, &use, err));
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(exhibit_seen(x, db, who, id, &row, err));
	more = json_pack("{s:s*}", "use", use);
	ask.more = more;
	rc = exhibit_open_allowed(e, db, &row, &ask, use, &two, err);
	if (rc == CO_OK && two.second != NULL)
		(void)json_object_set(more, "second", two.second);
	if (rc == CO_OK)
		rc = open_key(e, &row, &ask, &text, err);
	json_decref(more);
	TRY(rc);
	rc = out_give(
		json_pack("{s:s,s:s,s:o}", "id", id, "key", text.data, "exhibit",
		exhibit_row_shown(db, &row)), out, err);
	crypto_wipe(text.data, text.len);
	return rc;
}

/* ---- the room ---- */
/* comity rebuild: manifests and custody records make the table again. */
static enum co_rc
exhibits_wipe(struct store_db *db, void *arg, struct co_err *err)
{
	(void)arg;
	TRY(store_run(db, NULL, Q_MARKING_WIPE, err, ""));
	TRY(store_run(db, NULL, Q_EASING_WIPE, err, ""));
	TRY(store_run(db, NULL, Q_KEEPING_WIPE, err, ""));
	return store_run(db, NULL, Q_EXHIBIT_WIPE, err, "");
}

enum co_rc
evidence_open(struct evidence **out, const struct evidence_conf *conf, struct co_err *err)
{
	struct evidence *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return co_fail(err, CO_ENOMEM, "evidence_open");
	*e = (struct evidence){ .x = conf->x, .vault = conf->vault, .ledger = conf->ledger };
	e->two_people = strdup(conf->two_people == NULL ? TWO_PEOPLE : conf->two_people);
	if (e->two_people == NULL) {
		free(e);
		return co_fail(err, CO_ENOMEM, "evidence_open");
	}
	const struct op ops[] = {
		{ "exhibit.register", HANDS, op_exhibit_register, e,
			"sign and send the manifest of a sealed exhibit" },
		{ "exhibit.ready", HANDS, op_exhibit_ready, e,
			"may an exhibit be sealed for this case and recipient" },
		{ "exhibit.list", "*", op_exhibit_list, e, "exhibits, the latest changed first" },
		{ "exhibit.show", "*", op_exhibit_show, e,
			"one exhibit with its chain of custody" },
		{ "exhibit.custody", "*", op_exhibit_custody, e,
			"its chain of custody, the conditions that bind it, how long it is kept" },
		{ "exhibit.moves", "*", op_exhibit_moves, e,
			"what may be done with an exhibit now, and what waits for whom" },
		{ "case.custody", "*", op_case_custody, e,
			"the conditions of a case, how long its exhibits are kept, what waits" },
		{ "exhibit.log", HANDS, op_exhibit_log, e, "record what was done with an exhibit" },
		{ "exhibit.return", HANDS, op_exhibit_return, e,
			"record that an exhibit was given back, and tell the partner" },
		{ "exhibit.hold", HANDS, op_exhibit_hold, e,
			"keep an exhibit or a case from destruction" },
		{ "exhibit.release", HANDS, op_exhibit_release, e, "end a hold" },
		{ "exhibit.retain", HANDS, op_exhibit_retain, e,
			"set how long an exhibit or a case is kept, by which rule" },
		{ "exhibit.ease", ASKS, op_exhibit_ease, e,
			"allow the partner a further use of what we gave under a condition" },
		{ "exhibit.destroy", HANDS, op_exhibit_destroy, e,
			"destroy an exhibit, when a second officer has confirmed it" },
		{ "exhibit.lineage", "*", op_exhibit_lineage, e,
			"what an exhibit was made from and what was made from it" },
		{ "exhibit.open", HANDS, op_exhibit_open, e,
			"the key of an exhibit, after a custody record of who asked and why" },
		{ "case.export", HANDS ",auditor", op_case_export, e,
			"everything of a case that a package holds, but the exhibits' bytes" },
		{ "case.report", "*", op_case_report, e,
			"the report of a case in plain language, as PDF or HTML" },
		{ "case.packaged", HANDS ",auditor", op_case_packaged, e,
			"sign the index of a package" },
	};
	op_register(conf->x, ops, CO_ARRAY_LEN(ops));
	attachment_ops_register(e);
	evidence_describe(conf->x);
	acquire_register(e);
	exchange_register(conf->x, REC_MANIFEST, manifest_effect, e);
	exchange_register(conf->x, REC_CUSTODY, custody_effect, e);
	exchange_also(conf->x, REC_NOTICE, marking_notice, e);
	exchange_also(conf->x, REC_INFORMATION, marking_information, e);
	exchange_on_approved(conf->x, destroy_confirm, destroy_approved, e);
	exchange_on_rebuild(conf->x, exhibits_wipe, e);
	*out = e;
	return CO_OK;
}

void
evidence_close(struct evidence **e)
{
	if (*e != NULL)
		free((*e)->two_people);
	free(*e);
	*e = NULL;
}

enum co_rc
evidence_sweep(struct evidence *e, int64_t now_us, struct co_err *err)
{
	TRY(destroy_sweep(e, err));
	return keeping_sweep(e, now_us, err);
}
