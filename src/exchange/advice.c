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

/* The form for subscriber information asks for the provider that holds it; other forms leave open
 * who holds the data, and nothing is guessed. */
static const char *
custodian_read(const struct record *r, const json_t *fields)
{
	const char *measure = json_string_value(json_object_get(r->body, "measure"));
	const char *who = json_string_value(json_object_get(fields, "custodian"));

	return measure != NULL && strcmp(measure, "subscriber") == 0 && who != NULL && *who != '\0'
		? "provider"
		: NULL;
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
		.custodian = custodian_read(r, fields),
		.max_months = -1, /* the forms take penalties as free text */
		/* An extension has only a few fields: what it asks is in what it extends. */
		.fields = json_object_get(r->body, "extends") == NULL ? fields : NULL,
		.provider_view = json_object_get(r->body, "view") != NULL,
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

enum co_rc
advice_basis_tell(struct exchange *x, struct store_db *db, const json_t *of, json_t *o,
	struct co_err *err)
{
	const char *basis = json_string_value(json_object_get(of, "basis"));
	const struct law_instrument *in;
	lawbook_auto *b = NULL;

	out_text(o, "basis", basis == NULL ? "" : basis);
	out_text(o, "basis_name", "");
	if (basis == NULL)
		return CO_OK;
	TRY(lawbook_use(x, db, &b, err));
	in = law_instrument_find(lawbook_of(b), basis);
	if (in != NULL)
		out_text(o, "basis_name", in->short_name == NULL ? in->name : in->short_name);
	return CO_OK;
}

enum co_rc
advice_basis_name(json_t *o, const json_t *advice, struct co_err *err)
{
	json_t *basis = json_object_get(advice, "basis");

	if (json_object_get(o, "basis") != NULL || !json_is_string(basis))
		return CO_OK;
	return json_object_set(o, "basis", basis) == 0 ? CO_OK
						       : co_fail(err, CO_ENOMEM, "request");
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
