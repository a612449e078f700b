/* Two people: what a second officer has to confirm before it happens. The same drafts and the same
 * approval as for requests (exchange/approval.h): who wrote it cannot approve it. */
#include "evidence/inside.h"

static const char closed_word[] = "opened:closed";

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
		if (custody_action_find(word) == NULL && strcmp(word, closed_word) != 0)
			return co_fail(err, CO_EUSAGE,
				"two_people: \"%s\" is nothing that is done with an exhibit; an "
				"action "
				"of custody or %s",
				word, closed_word);
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

enum co_rc
two_needed(struct evidence *e, struct store_db *db, const struct exhibit_row *row,
	const char *action, bool *needed, struct co_err *err)
{
	*needed = in_list(e->two_people, action);
	if (*needed || strcmp(action, "opened") != 0 || !in_list(e->two_people, closed_word))
		return CO_OK;
	return exhibit_closed(db, row, needed, err);
}

/* A draft of this officer that says just this and is not used up. */
static enum co_rc
draft_find(struct store_db *db, const struct officer *who, const struct exhibit_row *row,
	const json_t *body, struct draft *out, bool *found, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool more;

	*found = false;
	TRY(store_query(db, Q_DRAFT_OF_CUSTODY, &st, err, "tt", row->id, who->name));
	while (!*found) {
		draft_auto d = { .in = NULL };

		TRY(store_step(st, &more, err));
		if (!more)
			return CO_OK;
		TRY(draft_get(db, store_text(st, 0), &d, err));
		if (!json_equal(json_object_get(d.in, "body"), body))
			continue;
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
	json_t *in = json_pack("{s:s,s:s,s:s,s:s,s:O}", "exhibit", row->id, "case_id", row->case_id,
		"name", row->name, "role", who->role, "body", body);
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
	TRY(two_needed(e, db, row, ask->action, &out->needed, err));
	if (!out->needed)
		return CO_OK;
	TRY(custody_body_make(row, ask, &body, err));
	rc = draft_find(db, who, row, body, &d, &found, err);
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
