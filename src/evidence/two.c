/* Two people: what a second officer has to confirm before it happens. The same drafts and the same
 * approval as for requests (exchange/approval.h): who wrote it cannot approve it. */
#include "evidence/inside.h"

enum { LAPSE_MOST = 32 }; /* as the queries have it */

static const char closed_word[] = "opened:closed", shorter_word[] = "retained:shorter";

enum co_rc
two_people_check(const char *list, struct co_err *err)
{
	for (const char *at = list; *at != '\0';) {
		size_t n = strcspn(at, ",");
		char word[32];

		if (n == 0 || n >= sizeof(word))
			return co_fail(err, CO_EUSAGE, "two_people is a list with commas, as %s",
				TWO_PEOPLE);
		(void)snprintf(word, sizeof(word), "%.*s", (int)n, at);
		if (custody_action_find(word) == NULL && strcmp(word, closed_word) != 0 &&
			strcmp(word, shorter_word) != 0)
			return co_fail(err, CO_EUSAGE,
				"two_people: \"%s\" is nothing that is done with an exhibit; an "
				"action of custody, %s or %s",
				word, closed_word, shorter_word);
		at += n;
		at += *at == ',';
	}
	return CO_OK;
}

void
two_deinit(struct two *t)
{
	json_decref(t->second);
	t->second = NULL;
}

/* Closed: in the store, on hold, or of a case whose every request is closed. */
static enum co_rc
exhibit_closed(struct store_db *db, const struct exhibit_row *row, bool *closed, struct co_err *err)
{
	store_stmt_auto *open = NULL, *all = NULL;
	struct keeping k;
	bool there;

	TRY(keeping_of(db, row, &k, err));
	*closed = row->shut || k.hold_us != 0;
	if (*closed)
		return CO_OK;
	TRY(store_query(db, Q_CASE_REQUESTS_OPEN, &open, err, "t", row->case_id));
	TRY(store_step(open, &there, err));
	TRY(store_query(db, Q_CASE_REQUESTS, &all, err, "t", row->case_id));
	TRY(store_step(all, &there, err));
	*closed = store_int(all, 0) > 0 && store_int(open, 0) == 0;
	return CO_OK;
}

/* Would the period that binds it end earlier? */
static enum co_rc
period_shorter(struct store_db *db, const struct exhibit_row *row, const json_t *body,
	bool *shorter, struct co_err *err)
{
	const char *until =
		json_string_value(json_object_get(json_object_get(body, "retention"), "until"));
	struct keeping k;
	int64_t until_us;

	*shorter = false;
	if (until == NULL) /* only asked whether it ever can be */
		return CO_OK;
	TRY(co_time_parse(until, &until_us, err));
	TRY(keeping_of(db, row, &k, err));
	*shorter = until_us < k.until_us;
	return CO_OK;
}

enum co_rc
two_needed(struct evidence *e, struct store_db *db, const struct exhibit_row *row,
	const char *action, const json_t *body, bool *needed, struct co_err *err)
{
	*needed = in_list(e->two_people, action);
	if (*needed)
		return CO_OK;
	if (strcmp(action, "opened") == 0 && in_list(e->two_people, closed_word))
		return exhibit_closed(db, row, needed, err);
	if (strcmp(action, "retained") == 0 && in_list(e->two_people, shorter_word))
		return period_shorter(db, row, body, needed, err);
	return CO_OK;
}

enum co_rc
two_shorter_case(struct evidence *e, struct store_db *db, const char *case_id, int64_t until_us,
	struct co_err *err)
{
	struct keeping k;

	if (!in_list(e->two_people, shorter_word))
		return CO_OK;
	TRY(keeping_own(db, case_id, &k, err));
	if (until_us >= k.until_us)
		return CO_OK;
	return co_fail(err, CO_EREFUSED,
		"case %s is kept longer (%.200s, %s): a shorter period needs a second officer, "
		"for each exhibit: comity exhibit retain EXHIBIT",
		case_id, k.rule, k.source);
}

/* ---- drafts that are open ---- */

enum co_rc
two_lapse(struct store_db *db, const char *subject, bool whole, const char *action,
	const char *why, struct co_err *err)
{
	char ids[LAPSE_MOST][CO_UUID_LEN + 1];
	store_stmt_auto *st = NULL;
	size_t n = 0;
	bool row;

	TRY(store_query(db, whole ? Q_DRAFTS_CUSTODY_CASE : Q_DRAFTS_CUSTODY_OF, &st, err, "t",
		subject));
	while (n < LAPSE_MOST) {
		draft_auto d = { .in = NULL };
		const char *does;

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		TRY(draft_get(db, store_text(st, 0), &d, err));
		does = json_string_value(
			json_object_get(json_object_get(d.in, "body"), "action"));
		if (strcmp(d.state, "approved") == 0 &&
			(action == NULL || (does != NULL && strcmp(does, action) == 0)))
			memcpy(ids[n++], d.id, sizeof(d.id));
	}
	store_done(&st);
	for (size_t i = 0; i < n; i++) {
		TRY(store_run(db, NULL, Q_DRAFT_LAPSE_CUSTODY, err, "tt", why, ids[i]));
		TRY(event_write(db, "draft.lapsed", "node",
			json_pack("{s:s,s:s}", "id", ids[i], "reason", why), err));
	}
	return CO_OK;
}

/* One open draft an exhibit and action: with other words beside it, the one that is not used would
 * stay approved for good. Openings are each officer's own. */
static enum co_rc
draft_alone(const struct draft *d, const struct officer *who, const struct custody_ask *ask,
	struct co_err *err)
{
	const json_t *body = json_object_get(d->in, "body");
	const char *action = json_string_value(json_object_get(body, "action"));
	const char *purpose = json_string_value(json_object_get(body, "purpose"));
	const char *authority = json_string_value(json_object_get(body, "authority"));
	bool own = strcmp(d->created_by, who->name) == 0;

	if (action == NULL || strcmp(action, ask->action) != 0 ||
		(!own && strcmp(action, "opened") == 0))
		return CO_OK;
	return co_fail(err, CO_EREFUSED,
		"%s proposed this in other words already: draft %s is %s (purpose \"%.150s\", "
		"authority \"%.150s\"). %s, or give that one up with comity request withdraw %s",
		d->created_by, d->id, d->state, purpose == NULL ? "" : purpose,
		authority == NULL ? "" : authority,
		own ? "Say it in the same words" : "Let that one be decided", d->id);
}

/* A draft of this officer that says just this and is not used up. */
static enum co_rc
draft_find(struct store_db *db, const struct officer *who, const struct exhibit_row *row,
	const struct custody_ask *ask, const json_t *body, struct draft *out, bool *found,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool more;

	*found = false;
	TRY(store_query(db, Q_DRAFTS_CUSTODY_OF, &st, err, "t", row->id));
	while (!*found) {
		draft_auto d = { .in = NULL };

		TRY(store_step(st, &more, err));
		if (!more)
			return CO_OK;
		TRY(draft_get(db, store_text(st, 0), &d, err));
		if (strcmp(d.created_by, who->name) != 0 ||
			!json_equal(json_object_get(d.in, "body"), body)) {
			TRY(draft_alone(&d, who, ask, err));
			continue;
		}
		*out = d;
		d.in = NULL;
		*found = true;
	}
	return CO_OK;
}

static enum co_rc
draft_make(struct evidence *e, const struct officer *who, const struct exhibit_row *row,
	json_t *body, char id[CO_UUID_LEN + 1], struct co_err *err)
{
	/* With what the second officer has to know of it. */
	json_t *in = json_pack("{s:s,s:s,s:s,s:s,s:O,s:{s:I,s:s},s:s}", "exhibit", row->id,
		"case_id", row->case_id, "name", row->name, "role", who->role, "body", body,
		"plain", "size", (json_int_t)row->plain_size, "sha256", row->plain_sha256,
		"partner", row->partner);
	enum co_rc rc;

	if (in == NULL)
		return co_fail(err, CO_ENOMEM, "draft");
	co_uuid7(id);
	rc = draft_new(e->x, id, "custody", in, who->name, true, NULL, err);
	json_decref(in);
	return rc;
}

enum co_rc
two_ask(struct evidence *e, struct store_db *db, const struct officer *who,
	const struct exhibit_row *row, const struct custody_ask *ask, struct two *out,
	struct co_err *err)
{
	draft_auto d = { .in = NULL };
	char now[CO_TIME_LEN];
	json_t *body = NULL;
	bool found = false;
	enum co_rc rc;

	*out = (struct two){ .needed = false };
	TRY(two_needed(e, db, row, ask->action, ask->more, &out->needed, err));
	if (!out->needed)
		return CO_OK;
	TRY(custody_body_make(row, ask, &body, err));
	rc = draft_find(db, who, row, ask, body, &d, &found, err);
	if (rc == CO_OK && !found)
		rc = draft_make(e, who, row, body, out->draft, err);
	json_decref(body);
	TRY(rc);
	out->waits = !found || strcmp(d.state, "approved") != 0;
	if (found)
		(void)snprintf(out->draft, sizeof(out->draft), "%s", d.id);
	if (out->waits)
		return CO_OK;
	co_time_print(co_now_us(), now);
	out->second = json_pack("{s:s,s:s}", "officer", d.approved_by, "at", now);
	return out->second == NULL ? co_fail(err, CO_ENOMEM, "draft") : CO_OK;
}
