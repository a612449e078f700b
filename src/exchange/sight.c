#include "exchange/sight.h"

#include "exchange/inside.h"
#include "exchange/named.h"
#include "exchange/opjson.h"

#include <assert.h>

bool
sight_witness(const struct officer *who)
{
	return strcmp(who->role, "auditor") == 0;
}

static enum co_rc
refused(struct exchange *x, const struct officer *who, const char *case_id, struct co_err *err)
{
	event_refusal(x, "sight.denied", who->name,
		json_pack(
			"{s:s,s:s,s:s}", "case_id", case_id, "role", who->role, "unit", who->unit));
	if (sight_witness(who))
		return co_fail(err, CO_EDENIED,
			"case %s is here, of a unit that is not yours: an auditor sees that it "
			"exists and who looked at it (access.list), not what it says",
			case_id);
	return CO_ENOTFOUND;
}

enum co_rc
sight_tell(enum co_rc rc, const struct co_err *got, const char *what, const char *id,
	struct co_err *err)
{
	if (rc == CO_OK)
		return CO_OK;
	if (rc != CO_ENOTFOUND)
		return co_fail(err, rc, "%s", got->msg);
	return co_fail(err, CO_ENOTFOUND,
		"no %s %s here that you may see; if it is of another unit, an officer of that unit "
		"can name you for its case",
		what, id);
}

enum co_rc
sight_case(struct exchange *x, struct store_db *db, const struct officer *who, const char *case_id,
	struct co_err *err)
{
	struct co_err got = { CO_OK, "" };
	store_stmt_auto *st = NULL;
	bool row, seen;

	if (case_id == NULL || case_id[0] == '\0')
		return CO_OK;
	TRY(store_query(db, Q_SIGHT_CASE, &st, err, "tttt", who->name, case_id, who->name,
		case_id));
	TRY(store_step(st, &row, err));
	if (!row)
		return sight_tell(CO_ENOTFOUND, &got, "case", case_id, err);
	seen = strcmp(store_text(st, 0), who->unit) == 0 || store_int(st, 1) != 0;
	if (seen)
		return CO_OK;
	return sight_tell(refused(x, who, case_id, &got), &got, "case", case_id, err);
}

enum co_rc
sight_draft(struct exchange *x, struct store_db *db, const struct officer *who,
	const struct draft *d, struct co_err *err)
{
	struct co_err got = { CO_OK, "" };
	store_stmt_auto *st = NULL;
	bool named;

	if ((strcmp(d->created_by, who->name) == 0 && strcmp(d->unit, UNIT_CLOSED) != 0) ||
		(strcmp(d->unit, who->unit) == 0 && strcmp(d->state, "unfinished") != 0))
		return CO_OK;
	if (strcmp(d->state, "unfinished") == 0)
		return co_fail(err, CO_ENOTFOUND, "no draft %s here", d->id);
	TRY(store_query(db, Q_SIGHT_NAMED, &st, err, "tt", d->case_id, who->name));
	TRY(store_step(st, &named, err));
	if (named)
		return CO_OK;
	return sight_tell(refused(x, who, d->case_id, &got), &got, "draft", d->id, err);
}

enum co_rc
request_seen(struct exchange *x, struct store_db *db, const struct officer *who, const char *id,
	struct request_row *out, struct co_err *err)
{
	struct co_err got = { CO_OK, "" };
	struct request_row q;
	enum co_rc rc = request_get(db, id, &q, &got);

	if (rc == CO_OK)
		rc = sight_case(x, db, who, q.case_id, &got);
	TRY(sight_tell(rc, &got, "request", id, err));
	*out = q;
	return CO_OK;
}

enum co_rc
draft_seen(struct exchange *x, struct store_db *db, const struct officer *who, const char *id,
	struct draft *out, struct co_err *err)
{
	struct co_err got = { CO_OK, "" };
	struct draft d = { .in = NULL };
	enum co_rc rc = draft_get(db, id, &d, &got);

	if (rc == CO_OK)
		rc = sight_draft(x, db, who, &d, &got);
	if (rc != CO_OK) {
		draft_deinit(&d);
		return sight_tell(rc, &got, "draft", id, err);
	}
	*out = d;
	return CO_OK;
}

bool
sight_of_request(struct store_db *db, const struct officer *who, const char *id)
{
	store_stmt_auto *st = NULL;
	bool row = false;

	return store_query(db, Q_SIGHT_REQUEST, &st, NULL,
		       "ttt"
		       "ttt",
		       id, id, who->unit, who->name, id, id) == CO_OK &&
		store_step(st, &row, NULL) == CO_OK && row && store_int(st, 0) != 0;
}

enum co_rc
unit_of_new(struct store_db *db, const char *case_id, const char *draft, const char *officer,
	char out[LIMIT_UNIT + 1], struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row, alone, added;

	TRY(store_query(db, Q_UNIT_OF_NEW, &st, err, "tttt", case_id, draft, officer, officer));
	TRY(store_step(st, &row, err));
	assert(row);
	(void)snprintf(out, LIMIT_UNIT + 1, "%s", store_text(st, 0));
	alone = store_int(st, 1) != 0;
	store_done(&st);
	if (!alone)
		return CO_OK;
	return named_add(db, case_id, officer, officer, &added, err);
}
