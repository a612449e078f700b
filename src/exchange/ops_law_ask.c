/* Operations that ask the law: what it says of a request before there is one, and what economies
 * have and lack. They read; nothing is kept. */
#include "exchange/advice.h"
#include "exchange/inside.h"
#include "exchange/lawbook.h"
#include "exchange/op_shape.h"
#include "exchange/ops.h"
#include "law/gap.h"

enum { ECONOMIES_MAX = 256, CSV_MAX = 8 << 20 };

/* ---- law.check ---- */

/* A request as request.new takes it, as far as it is written, as a record. */
static enum co_rc
record_of(struct record *r, const json_t *in, struct co_err *err)
{
	const char *to, *measure, *urgency, *basis;
	const json_t *fields = json_object_get(in, "fields");

	TRY(in_text(in, "to", true, LIMIT_ADDRESS, &to, err));
	TRY(in_text(in, "measure", true, 64, &measure, err));
	TRY(in_text(in, "urgency", false, 16, &urgency, err));
	TRY(in_text(in, "basis", false, 64, &basis, err));
	if (fields != NULL && !json_is_object(fields))
		return co_fail(err, CO_EUSAGE,
			"fields must be an object: the fields of the form \"%s\"", measure);
	r->kind = REC_REQUEST;
	(void)snprintf(r->to, sizeof(r->to), "%s", to);
	r->body = json_pack("{s:s,s:s,s:O*,s:s*}", "measure", measure, "urgency",
		urgency == NULL ? "routine" : urgency, "fields", fields, "basis", basis);
	return r->body == NULL ? co_fail(err, CO_ENOMEM, "request") : CO_OK;
}

enum co_rc
op_law_check(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct store_db *db;
	record_auto r;

	(void)arg;
	(void)who;
	record_init(&r);
	TRY(record_of(&r, in, err));
	TRY(store_reader(x->store, &db, err));
	return advice_on(x, db, &r, false, out, err);
}

/* ---- law.gap ---- */

struct gap_ask {
	const char *against, *member;
	const char *codes[ECONOMIES_MAX];
	size_t codes_n;
	law_day at, known;
	bool csv;
};

static enum co_rc
day_given(const json_t *in, const char *name, law_day *out, struct co_err *err)
{
	const char *text;

	*out = law_day_of_us(co_now_us());
	TRY(in_text(in, name, false, 10, &text, err));
	return text == NULL ? CO_OK : law_day_parse(text, out, err);
}

static enum co_rc
gap_given(const json_t *in, struct gap_ask *a, struct co_err *err)
{
	const json_t *list = json_object_get(in, "economies"), *code;
	size_t i;

	TRY(in_text(in, "against", false, 64, &a->against, err));
	TRY(in_text(in, "member", false, 8, &a->member, err));
	TRY(day_given(in, "date", &a->at, err));
	TRY(day_given(in, "known", &a->known, err));
	TRY(in_bool(in, "csv", false, &a->csv, err));
	a->against = a->against == NULL ? "cets-185" : a->against;
	if (a->member != NULL && !in_list("apec,eu", a->member))
		return co_fail(err, CO_EUSAGE, "member is apec or eu, not \"%s\"", a->member);
	json_array_foreach(list, i, code)
	{
		if (!json_is_string(code) || a->codes_n == ECONOMIES_MAX)
			return co_fail(err, CO_EUSAGE,
				"economies is a list of at most %d codes, as [\"TH\", \"US\"]",
				ECONOMIES_MAX);
		a->codes[a->codes_n++] = json_string_value(code);
	}
	return CO_OK;
}

/* Those that are known to be members on that day. */
static enum co_rc
members_of(const struct law_book *b, struct gap_ask *a, struct co_err *err)
{
	char about[32];

	(void)snprintf(about, sizeof(about), "membership/%s", a->member);
	for (size_t i = 0; i < law_economy_count(b) && a->codes_n < ECONOMIES_MAX; i++) {
		const struct law_economy *e = law_economy_at(b, i);
		const struct law_fact *f = law_fact_find(b, e->code, about, a->at, a->known);
		const char *word = f == NULL ? NULL : json_string_value(f->value);

		if (word != NULL && strcmp(word, "yes") == 0)
			a->codes[a->codes_n++] = e->code;
	}
	if (a->codes_n == 0)
		return co_fail(
			err, CO_ENOTFOUND, "no members of %s are recorded on that day", a->member);
	return CO_OK;
}

static enum co_rc
gap_csv(const struct law_gap *g, json_t *o, struct co_err *err)
{
	co_auto_buf text;

	co_buf_init(&text, CSV_MAX);
	TRY(law_gap_csv(g, &text, err));
	(void)json_object_set_new(o, "csv", json_stringn(text.data, text.len));
	return CO_OK;
}

enum co_rc
op_law_gap(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct gap_ask a = { .against = NULL };
	lawbook_auto *b = NULL;
	law_gap_auto *g = NULL;
	json_auto_t *o = NULL;
	struct store_db *db;

	(void)arg;
	(void)who;
	TRY(gap_given(in, &a, err));
	TRY(store_reader(x->store, &db, err));
	TRY(lawbook_use(x, db, &b, err));
	if (a.member != NULL && a.codes_n == 0)
		TRY(members_of(lawbook_of(b), &a, err));
	TRY(law_gap_make(lawbook_of(b), a.against, a.codes, a.codes_n, a.at, a.known, &g, err));
	TRY(law_gap_json(g, &o, err));
	if (a.csv)
		TRY(gap_csv(g, o, err));
	return out_give(json_incref(o), out, err);
}

/* ---- what they take ---- */

static const struct op_member check_in[] = {
	{ "to", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "the partner who would be asked", NULL },
	{ "measure", OP_TEXT, OP_REQUIRED, 0, 64, "what would be asked", NULL },
	{ "urgency", OP_TEXT, 0, 0, 16, "emergency, urgent or routine", NULL },
	{ "fields", OP_OBJECT, 0, 0, 0, "as far as they are written", NULL },
	{ "basis", OP_TEXT, 0, 0, 64, "an instrument's code; otherwise the first usable", NULL },
	OP_END,
};

static const struct op_member gap_in[] = {
	{ "against", OP_TEXT, 0, 0, 64, "an instrument's code; otherwise cets-185", NULL },
	{ "economies", OP_WORDS, 0, 0, ECONOMIES_MAX, "codes; otherwise all", NULL },
	{ "member", OP_TEXT, 0, 0, 8, "apec or eu: its members", NULL },
	{ "date", OP_TEXT, 0, 0, 10, "the law of that day; otherwise today", NULL },
	{ "known", OP_TEXT, 0, 0, 10, "as known on that day; otherwise today", NULL },
	{ "csv", OP_BOOL, 0, 0, 0, "also as CSV", NULL },
	OP_END,
};

static const struct op_shape shapes[] = {
	{ "law.check", "read", check_in, NULL },
	{ "law.gap", "read", gap_in, NULL },
};

void
ops_law_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
