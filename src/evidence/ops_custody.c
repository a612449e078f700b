/* The operations of custody: what an officer says was done with an exhibit, and how long it is
 * kept. Each ends in one signed custody record; destroy.c and lineage.c have the others. */
#include "evidence/inside.h"

/* Members that go from the operation into the record as they are. */
static const char *const said[] = { "use", "condition", "storage", "released_by", "received_by",
	"witness", "transport", "tool", "result", "changes" };

static json_t *
members_of(const json_t *in)
{
	json_t *o = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(said); i++) {
		json_t *v = json_object_get(in, said[i]);

		if (v != NULL)
			(void)json_object_set(o, said[i], v);
	}
	return o;
}

static enum co_rc
ask_read(const json_t *in, struct custody_ask *ask, struct co_err *err)
{
	TRY(in_text(in, "purpose", true, LIMIT_TEXT, &ask->purpose, err));
	TRY(in_text(in, "authority", true, LIMIT_TEXT, &ask->authority, err));
	return in_text(in, "place", false, LIMIT_NAME, &ask->place, err);
}

/* Signs it, or lets it wait for the second officer. */
static enum co_rc
say(struct evidence *e, struct store_db *db, const struct exhibit_row *row, struct custody_ask *ask,
	json_t *more, json_t **out, struct co_err *err)
{
	two_auto two = { .needed = false };
	char record[CO_UUID_LEN + 1] = "";
	enum co_rc rc;

	if (more == NULL)
		return co_fail(err, CO_ENOMEM, "custody record");
	ask->more = more;
	rc = two_ask(e, db, ask->who, row, ask, &two, err);
	if (rc == CO_OK && !two.waits) {
		if (two.second != NULL)
			(void)json_object_set(more, "second", two.second);
		ask->record = two.needed ? two.draft : NULL;
		rc = custody_send(e, row->case_id, row, ask, record, err);
	}
	json_decref(more);
	TRY(rc);
	return out_give(two.waits ? json_pack("{s:s,s:s}", "state", "waiting", "draft", two.draft)
				  : json_pack("{s:s,s:s}", "state", "recorded", "record_id",
					record),
		out, err);
}

static enum co_rc
row_seen(struct exchange *x, const struct officer *who, const json_t *in, struct store_db **db,
	struct exhibit_row *row, struct co_err *err)
{
	const char *id;

	TRY(in_uuid(in, "id", true, &id, err));
	TRY(store_reader(exchange_store(x), db, err));
	return exhibit_seen(x, *db, who, id, row, err);
}

/* Which actions an officer may say, for the message. */
static enum co_rc
not_said(const char *name, struct co_err *err)
{
	char list[300] = "";
	size_t n = 0;

	for (size_t i = 0; i < custody_actions_count(); i++)
		if ((custody_action_at(i)->said & SAID_PERSON) != 0 && n < sizeof(list))
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
				n == 0 ? "" : ", ", custody_action_at(i)->name);
	return co_fail(err, CO_EUSAGE,
		"\"%s\" is not said by a person; one of: %s (others have a command of their own)",
		name, list);
}

enum co_rc
op_exhibit_log(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .who = who };
	struct marking_use use = { .share = NULL };
	const struct custody_action *action;
	struct exhibit_row row;
	struct store_db *db;

	TRY(in_text(in, "action", true, 32, &ask.action, err));
	TRY(ask_read(in, &ask, err));
	ask.detail = json_object_get(in, "detail");
	action = custody_action_find(ask.action);
	if (action == NULL || (action->said & SAID_PERSON) == 0)
		return not_said(ask.action, err);
	TRY(row_seen(x, who, in, &db, &row, err));
	TRY(move_check(db, &row, action->name, err));
	use.action = action->name;
	use.use = json_string_value(json_object_get(in, "use"));
	if (action->use)
		TRY(marking_allow(arg, db, &row, &use, err));
	return say(arg, db, &row, &ask, members_of(in), out, err);
}

enum co_rc
op_exhibit_return(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .action = "returned", .who = who, .to_partner = true };
	struct exhibit_row row;
	struct store_db *db;

	TRY(ask_read(in, &ask, err));
	TRY(row_seen(x, who, in, &db, &row, err));
	TRY(move_check(db, &row, ask.action, err));
	return say(arg, db, &row, &ask, members_of(in), out, err);
}

/* ---- keeping: an exhibit or a whole case ---- */

/* until_us: of a period; 0: it is none. */
static enum co_rc
keep_case(struct exchange *x, struct evidence *e, const char *case_id, int64_t until_us,
	struct custody_ask *ask, json_t **out, struct co_err *err)
{
	char record[CO_UUID_LEN + 1];
	struct store_db *db;

	TRY(store_reader(exchange_store(x), &db, err));
	TRY(sight_case(x, db, ask->who, case_id, err));
	TRY(move_check_case(db, case_id, ask->action, err));
	if (until_us != 0)
		TRY(two_shorter_case(e, db, case_id, until_us, err));
	TRY(custody_send(e, case_id, NULL, ask, record, err));
	return out_give(
		json_pack("{s:s,s:s}", "state", "recorded", "record_id", record), out, err);
}

static enum co_rc
keep(struct exchange *x, struct evidence *e, const struct officer *who, const json_t *in,
	struct custody_ask *ask, int64_t until_us, json_t **out, struct co_err *err)
{
	const char *id, *case_id;
	struct exhibit_row row;
	struct store_db *db;

	TRY(ask_read(in, ask, err));
	TRY(in_uuid(in, "id", false, &id, err));
	TRY(in_uuid(in, "case_id", false, &case_id, err));
	if ((id == NULL) == (case_id == NULL))
		return co_fail(err, CO_EUSAGE, "give the exhibit (id) or its whole case (case_id)");
	if (case_id != NULL)
		return keep_case(x, e, case_id, until_us, ask, out, err);
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(exhibit_seen(x, db, who, id, &row, err));
	TRY(move_check(db, &row, ask->action, err));
	return say(e, db, &row, ask,
		ask->more == NULL ? json_object() : json_copy((json_t *)(uintptr_t)ask->more), out,
		err);
}

static enum co_rc
until_ahead(const char *until, int64_t *out, struct co_err *err)
{
	int64_t us;

	TRY(co_time_parse(until, &us, err));
	if (us <= co_now_us())
		return co_fail(err, CO_EUSAGE, "until: %s is over already", until);
	if (out != NULL)
		*out = us;
	return CO_OK;
}

enum co_rc
op_exhibit_hold(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .action = "held", .who = who };
	const char *until;
	json_t *more;
	enum co_rc rc;

	TRY(in_text(in, "until", false, CO_TIME_LEN, &until, err));
	if (until == NULL)
		return keep(x, arg, who, in, &ask, 0, out, err);
	TRY(until_ahead(until, NULL, err));
	more = json_pack("{s:{s:s}}", "hold", "until", until);
	if (more == NULL)
		return co_fail(err, CO_ENOMEM, "hold");
	ask.more = more;
	rc = keep(x, arg, who, in, &ask, 0, out, err);
	json_decref(more);
	return rc;
}

enum co_rc
op_exhibit_release(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .action = "released", .who = who };

	return keep(x, arg, who, in, &ask, 0, out, err);
}

enum co_rc
op_exhibit_retain(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .action = "retained", .who = who };
	const char *until, *rule, *source;
	int64_t until_us;
	json_t *more;
	enum co_rc rc;

	TRY(in_text(in, "until", true, CO_TIME_LEN, &until, err));
	TRY(in_text(in, "rule", true, LIMIT_TEXT, &rule, err));
	TRY(in_text(in, "source", true, LIMIT_NAME, &source, err));
	TRY(until_ahead(until, &until_us, err));
	more = json_pack(
		"{s:{s:s,s:s,s:s}}", "retention", "until", until, "rule", rule, "source", source);
	if (more == NULL)
		return co_fail(err, CO_ENOMEM, "retention");
	ask.more = more;
	rc = keep(x, arg, who, in, &ask, until_us, out, err);
	json_decref(more);
	return rc;
}

/* ---- the owner of a condition allows more ---- */
enum co_rc
op_exhibit_ease(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct custody_ask ask = { .action = "eased", .who = who, .to_partner = true };
	const char *use, *to, *until;
	struct exhibit_row row;
	struct store_db *db;
	int64_t until_us;

	TRY(ask_read(in, &ask, err));
	TRY(in_text(in, "use", true, 16, &use, err));
	TRY(in_text(in, "to", false, LIMIT_ADDRESS, &to, err));
	TRY(in_text(in, "until", false, CO_TIME_LEN, &until, err));
	if (strcmp(use, "share") != 0 && strcmp(use, "other") != 0)
		return co_fail(err, CO_EUSAGE,
			"use is \"%s\": share (with another node) or other (than the case)", use);
	if (to != NULL && strcmp(use, "share") != 0)
		return co_fail(err, CO_EUSAGE, "to goes with use share only");
	if (until != NULL)
		TRY(co_time_parse(until, &until_us, err));
	TRY(row_seen(x, who, in, &db, &row, err));
	TRY(move_check(db, &row, ask.action, err));
	return say(arg, db, &row, &ask,
		json_pack("{s:{s:s,s:s*,s:s*}}", "ease", "use", use, "to", to, "until", until), out,
		err);
}

/* ---- reading ---- */
static enum co_rc
easings(struct store_db *db, const char *id, json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	json_t *list = json_array();
	bool row = true;
	enum co_rc rc = store_query(db, Q_EASING_OF, &st, err, "t", id);

	while (rc == CO_OK) {
		json_t *o;

		rc = store_step(st, &row, err);
		if (rc != CO_OK || !row)
			break;
		o = json_pack("{s:s,s:s,s:s}", "record", store_text(st, 0), "owner",
			store_text(st, 1), "use", store_text(st, 2));
		out_text(o, "to", store_text(st, 3));
		out_time(o, "until", store_int(st, 4));
		(void)json_array_append_new(list, o);
	}
	if (rc == CO_OK)
		*out = list;
	else
		json_decref(list);
	return rc;
}

enum co_rc
op_exhibit_custody(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	json_t *chain = NULL, *markings = NULL, *eases = NULL;
	struct exhibit_row row;
	struct keeping keeping;
	struct store_db *db;
	enum co_rc rc;

	TRY(row_seen(x, who, in, &db, &row, err));
	TRY(keeping_of(db, &row, &keeping, err));
	rc = custody_chain(db, &row, &chain, err);
	if (rc == CO_OK)
		rc = marking_list(arg, db, &row, &markings, err);
	if (rc == CO_OK)
		rc = easings(db, row.id, &eases, err);
	if (rc != CO_OK) {
		json_decref(chain);
		json_decref(markings);
		return rc;
	}
	return out_give(json_pack("{s:o,s:o,s:o,s:o,s:o}", "exhibit", exhibit_row_json(&row),
				"custody", chain, "markings", markings, "easings", eases, "keeping",
				keeping_json(&keeping)),
		out, err);
}
