/* A decision beside the advice, and its way into the ledger. */
#include "exchange/advice.h"
#include "exchange/inside.h"
#include "exchange/opjson.h"

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* ---- does a decision go against it? ---- */

static bool
names(const json_t *list, const char *word)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
	{
		const char *s = json_string_value(v);

		if (s != NULL && strcmp(s, word) == 0)
			return true;
	}
	return false;
}

/* Where the basis has a list of grounds: is this one among those that are found open here? Where
 * none is told, the law of the asked side decides, and nothing is said against it. */
static bool
ground_open(const json_t *advice, const char *code)
{
	bool listed = false;
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(advice, "findings"), i, f)
	{
		const json_t *opens = json_object_get(f, "opens");

		if (json_array_size(opens) == 0 ||
			strcmp(text_of(f, "instrument"), text_of(advice, "basis")) != 0)
			continue;
		if (names(opens, code))
			return true;
		listed = true;
	}
	return !listed;
}

static enum co_rc
against(const json_t *advice, const struct advice_decision *d, bool *departs, struct co_err *err)
{
	const json_t *f = d->refuses ? NULL : advice_blocked(advice);
	bool told = d->why != NULL && *d->why != '\0';

	*departs =
		f != NULL || (d->refuses && d->ground != NULL && !ground_open(advice, d->ground));
	if (!*departs || told)
		return CO_OK;
	if (f == NULL)
		return co_fail(err, CO_EREFUSED,
			"by the law that is recorded, %s is no ground here: give your reason "
			"(why), "
			"which is kept on this node and not sent, or choose another ground; "
			"request "
			"show has the grounds",
			d->ground);
	return co_fail(err, CO_EREFUSED,
		"the law as recorded stands in the way: %.200s (%s %s). Give your reason, which is "
		"kept on this node and not sent, or change it; request show has all findings",
		text_of(f, "text"), text_of(f, "instrument"), text_of(f, "article"));
}

/* ---- keeping it ---- */

static json_t *
facts_of(const json_t *advice)
{
	json_t *list = json_array();
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(advice, "facts"), i, f)(void) json_array_append_new(list,
		json_pack("{s:s,s:s}", "id", text_of(f, "id"), "sha256", text_of(f, "sha256")));
	return list;
}

static json_t *
blocks_of(const json_t *advice)
{
	json_t *list = json_array();
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(advice, "findings"), i,
		f) if (strcmp(text_of(f, "effect"), "blocks") == 0)(void)
		json_array_append_new(list, json_string(text_of(f, "id")));
	return list;
}

void
advice_kept_deinit(struct advice_kept *k)
{
	json_decref(k->detail);
	k->detail = NULL;
}

enum co_rc
advice_write(struct store_db *db, const struct advice_kept *k, struct co_err *err)
{
	if (k == NULL || k->detail == NULL)
		return CO_OK;
	TRY(event_write(db, "law.advice", k->who, json_incref(k->detail), err));
	return store_run(db, NULL, Q_ADVICE_INSERT, err, "t", k->request);
}

enum co_rc
advice_decide(const json_t *advice, const struct advice_decision *d, const struct officer *who,
	struct advice_kept *out, struct co_err *err)
{
	bool departs = false;

	if (json_object_get(advice, "verdict") == NULL)
		return CO_OK; /* nothing could be said, so nothing was followed or not */
	TRY(against(advice, d, &departs, err));
	(void)snprintf(out->request, sizeof(out->request), "%s", d->request);
	(void)snprintf(out->who, sizeof(out->who), "%s", who->name);
	out->detail = json_pack("{s:s,s:s,s:s*,s:b,s:s*,s:O,s:s,s:s*,s:o,s:o}", "request",
		d->request, "decision", d->decision, "ground", d->ground, "against", (int)departs,
		"why", departs ? d->why : NULL, "question", json_object_get(advice, "question"),
		"verdict", text_of(advice, "verdict"), "basis",
		json_string_value(json_object_get(advice, "basis")), "blocks", blocks_of(advice),
		"facts", facts_of(advice));
	return out->detail == NULL ? co_fail(err, CO_ENOMEM, "advice") : CO_OK;
}

enum co_rc
advice_list(struct store_db *db, const char *request, json_t *list, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_ADVICE_OF_REQUEST, &st, err, "t", request));
	for (;;) {
		json_t *event, *detail;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		event = json_loads(store_text(st, 0), 0, NULL);
		detail = json_object_get(event, "detail");
		if (detail == NULL) {
			json_decref(event);
			return co_fail(err, CO_ESTORE,
				"an event \"law.advice\" is damaged; run comity ledger check");
		}
		(void)json_object_set(detail, "at", json_object_get(event, "at"));
		(void)json_object_set(detail, "who", json_object_get(event, "who"));
		(void)json_array_append(list, detail);
		json_decref(event);
	}
}

enum co_rc
advice_rebuild(struct store_db *db, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_run(db, NULL, Q_REBUILD_ADVICE, err, ""));
	TRY(store_query(db, Q_ADVICE_EVENTS, &st, err, ""));
	for (;;) {
		json_t *event;
		const char *request;
		enum co_rc rc;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		event = json_loads(store_text(st, 1), 0, NULL);
		request = text_of(json_object_get(event, "detail"), "request");
		rc = store_run(db, NULL, Q_ADVICE_AGAIN, err, "it", store_int(st, 0), request);
		json_decref(event);
		TRY(rc);
	}
}
