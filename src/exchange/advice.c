#include "exchange/advice.h"

#include "exchange/inside.h"
#include "exchange/lawbook.h"
#include "exchange/opjson.h"
#include "law/assess.h"

enum { LIST_MAX = 32 };

/* The forms name offences by article, the law by what they are. */
static const struct {
	const char *code, *offence;
} offences[] = {
	{ "art-2", "illegal-access" },
	{ "art-3", "illegal-interception" },
	{ "art-4", "data-interference" },
	{ "art-5", "system-interference" },
	{ "art-6", "misuse-of-devices" },
	{ "art-7", "forgery" },
	{ "art-8", "fraud" },
	{ "art-9", "child-abuse-material" },
	{ "art-10", "copyright" },
	{ "art-11", "attempt-aiding" },
	{ "other", "other" },
};

static size_t
offences_read(const json_t *list, const char *out[LIST_MAX])
{
	const json_t *v;
	size_t i, n = 0;

	json_array_foreach(
		list, i, v) for (size_t k = 0; json_is_string(v) && k < CO_ARRAY_LEN(offences);
				 k++) if (strcmp(offences[k].code, json_string_value(v)) == 0 &&
		n < LIST_MAX) out[n++] = offences[k].offence;
	return n;
}

/* Those of the list that the law knows as categories. */
static size_t
data_read(const json_t *list, const char *out[LIST_MAX])
{
	const json_t *v;
	size_t i, n = 0;

	json_array_foreach(list, i, v) if (json_is_string(v) && n < LIST_MAX &&
		in_list("subscriber,traffic,content", json_string_value(v))) out[n++] =
		json_string_value(v);
	return n;
}

static enum co_rc
assess(const struct law_book *b, const struct record *r, const char *asking, const char *asked,
	struct law_answer **out, struct co_err *err)
{
	const json_t *fields = json_object_get(r->body, "fields");
	const char *conduct[LIST_MAX], *data[LIST_MAX];
	law_day today = law_day_of_us(co_now_us());
	const struct law_question q = {
		.requesting = asking,
		.requested = asked,
		.at = today,
		.known = today,
		.measure = json_string_value(json_object_get(r->body, "measure")),
		.urgency = json_string_value(json_object_get(r->body, "urgency")),
		.conduct = conduct,
		.conduct_n = offences_read(json_object_get(fields, "offences"), conduct),
		.data = data,
		.data_n = data_read(json_object_get(fields, "data"), data),
		.max_months = -1,
		/* An extension has only a few fields: what it asks is in what it extends. */
		.fields = json_object_get(r->body, "extends") == NULL ? fields : NULL,
		.basis = json_string_value(json_object_get(r->body, "basis")),
	};

	return law_assess(b, &q, out, err);
}

/* A partner or an economy of which nothing is known: *out stays NULL, why says it. */
static enum co_rc
assess_request(struct exchange *x, struct lawbook *b, const struct record *r, bool incoming,
	struct law_answer **out, struct co_err *why)
{
	const struct partner *p = NULL;
	enum co_rc rc = partner_get(x, incoming ? r->from : r->to, &p, why);

	if (rc == CO_OK)
		rc = assess(lawbook_of(b), r, incoming ? p->economy : x->economy,
			incoming ? x->economy : p->economy, out, why);
	partner_put(x, &p);
	return rc;
}

enum co_rc
advice_clear(struct exchange *x, struct store_db *db, const struct record *r, struct co_err *err)
{
	law_answer_auto *a = NULL;
	lawbook_auto *b = NULL;
	struct co_err why = { CO_OK, "" };
	const struct law_finding *f;
	size_t n = 0;

	TRY(lawbook_use(x, db, &b, err));
	if (assess_request(x, b, r, false, &a, &why) != CO_OK)
		return why.rc == CO_ENOMEM ? co_fail(err, why.rc, "%s", why.msg) : CO_OK;
	f = law_answer_findings(a, &n);
	if (n == 0 || f[0].effect != LAW_BLOCKS || f[0].holds != LAW_YES)
		return CO_OK;
	return co_fail(err, CO_EREFUSED,
		"the law as recorded stands in the way: %.200s Compose it by itself (request.new) "
		"and send it with a reason",
		f[0].text);
}

/* For people: names beside the codes. */
static void
names_put(const struct law_book *b, json_t *a, const char *measure)
{
	static const char *const sides[] = { "requesting", "requested" };
	const json_t *q = json_object_get(a, "question");
	const char *basis = json_string_value(json_object_get(a, "basis"));
	const struct law_instrument *in = basis == NULL ? NULL : law_instrument_find(b, basis);

	for (size_t i = 0; i < CO_ARRAY_LEN(sides); i++) {
		const char *code = json_string_value(json_object_get(q, sides[i]));
		const struct law_economy *e = code == NULL ? NULL : law_economy_find(b, code);
		char member[32];

		(void)snprintf(member, sizeof(member), "%s_name", sides[i]);
		if (e != NULL)
			(void)json_object_set_new(a, member, json_string(e->in_text));
	}
	if (in != NULL)
		(void)json_object_set_new(a, "basis_name",
			json_string(in->short_name == NULL ? in->name : in->short_name));
	if (measure != NULL)
		(void)json_object_set_new(
			a, "measure_words", json_string(law_measure_words(measure)));
}

enum co_rc
advice_on(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	json_t **out, struct co_err *err)
{
	struct co_err why = { CO_OK, "" };
	law_answer_auto *answer = NULL;
	lawbook_auto *b = NULL;
	json_t *a = NULL;
	enum co_rc rc;

	TRY(lawbook_use(x, db, &b, err));
	rc = assess_request(x, b, r, incoming, &answer, &why);
	if (rc == CO_OK)
		rc = law_answer_json(answer, &a, &why);
	if (rc == CO_ENOMEM)
		return co_fail(err, rc, "%s", why.msg);
	if (rc == CO_OK)
		names_put(lawbook_of(b), a, json_string_value(json_object_get(r->body, "measure")));
	if (rc != CO_OK)
		a = json_pack("{s:s}", "note", why.msg);
	else
		(void)json_object_set_new(
			a, "our_side", json_string(incoming ? "requested" : "requesting"));
	return out_give(a, out, err);
}

enum co_rc
advice_basis(struct exchange *x, struct store_db *db, const char *basis, struct co_err *err)
{
	lawbook_auto *b = NULL;
	char possible[256] = "";
	size_t n = 0;

	TRY(lawbook_use(x, db, &b, err));
	if (law_instrument_find(lawbook_of(b), basis) != NULL)
		return CO_OK;
	for (size_t i = 0; i < law_instrument_count(lawbook_of(b)) && n < sizeof(possible); i++)
		n += (size_t)snprintf(possible + n, sizeof(possible) - n, "%s%s",
			i == 0 ? "" : ", ", law_instrument_at(lawbook_of(b), i)->code);
	return co_fail(err, CO_EUSAGE, "no legal basis \"%.64s\" is recorded; there are %s", basis,
		possible);
}

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

const json_t *
advice_blocked(const json_t *advice)
{
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(advice, "findings"), i,
		f) if (strcmp(text_of(f, "effect"), "blocks") == 0 &&
		strcmp(text_of(f, "holds"), "yes") == 0) return f;
	return NULL;
}

/* ---- does a decision go against it? ---- */

/* "arts 25(4), 25(5)" names the article. */
static bool
clause_names(const char *clause, const char *article)
{
	size_t n = strlen(article);

	if (n == 0)
		return false;
	for (const char *p = clause; (p = strstr(p, article)) != NULL; p += n)
		if ((p == clause || p[-1] == ' ') && (p[n] == '\0' || p[n] == ',' || p[n] == '('))
			return true;
	return false;
}

/* The Convention's grounds are a closed list: is this one among those that are found open here?
 * Under other bases the law of the requested side decides, and nothing is said against it. */
static bool
ground_open(const json_t *advice, const char *code)
{
	const json_t *f;
	size_t i;

	if (strcmp(text_of(advice, "basis"), "cets-185") != 0)
		return true;
	json_array_foreach(json_object_get(advice, "findings"), i, f)
	{
		if (strcmp(text_of(f, "topic"), "ground") != 0 ||
			strcmp(text_of(f, "effect"), "permits") != 0 ||
			strcmp(text_of(f, "holds"), "no") == 0)
			continue;
		for (size_t k = 0; k < grounds_count(); k++)
			if (strcmp(grounds_at(k)->code, code) == 0 &&
				clause_names(grounds_at(k)->clause, text_of(f, "article")))
				return true;
	}
	return false;
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

struct keeping {
	const char *request, *who;
	json_t *detail;
};

static enum co_rc
keep_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct keeping *k = arg;

	TRY(event_write(db, "law.advice", k->who, json_incref(k->detail), err));
	return store_run(db, NULL, Q_ADVICE_INSERT, err, "t", k->request);
}

enum co_rc
advice_decide(struct exchange *x, const json_t *advice, const struct advice_decision *d,
	const struct officer *who, struct co_err *err)
{
	struct keeping k = { .request = d->request, .who = who->name };
	bool departs = false;
	enum co_rc rc;

	if (json_object_get(advice, "verdict") == NULL)
		return CO_OK; /* nothing could be said, so nothing was followed or not */
	TRY(against(advice, d, &departs, err));
	k.detail = json_pack("{s:s,s:s,s:s*,s:b,s:s*,s:O,s:s,s:s*,s:o,s:o}", "request", d->request,
		"decision", d->decision, "ground", d->ground, "against", (int)departs, "why",
		departs ? d->why : NULL, "question", json_object_get(advice, "question"), "verdict",
		text_of(advice, "verdict"), "basis",
		json_string_value(json_object_get(advice, "basis")), "blocks", blocks_of(advice),
		"facts", facts_of(advice));
	if (k.detail == NULL)
		return co_fail(err, CO_ENOMEM, "advice");
	rc = store_write(x->store, keep_work, &k, err);
	json_decref(k.detail);
	return rc;
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
