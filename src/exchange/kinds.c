#include "exchange/deadlines.h"
#include "exchange/inside.h"
#include "exchange/lawbook.h"

/* What this room knows of each kind. Higher rooms add effects with exchange_register. */
enum { FROM_PARTNER = 1, TO_ALL = 2, NEEDS_CASE = 4, NEEDS_REF = 8 };

typedef enum co_rc kind_check_fn(const struct record *r, struct co_err *err);
typedef enum co_rc kind_lane_fn(
	struct store_db *db, const struct record *r, int *lane, struct co_err *err);

static kind_check_fn request_check, notice_check;
static kind_lane_fn lane_urgent, lane_request, lane_notice, lane_case;

static const struct kind_row {
	unsigned flags;
	kind_check_fn *check; /* NULL: the body schema says all */
	kind_lane_fn *lane;   /* NULL: usual */
	exchange_effect *effect;
	kind_plan_fn *plan;
} kinds[REC_KIND_N] = {
	[REC_REQUEST] = { FROM_PARTNER | NEEDS_CASE, request_check, lane_request, request_effect,
		request_plan },
	[REC_NOTICE] = { FROM_PARTNER | NEEDS_CASE | NEEDS_REF, notice_check, lane_notice,
		notice_effect, notice_plan },
	[REC_MESSAGE] = { FROM_PARTNER, NULL, lane_case, NULL, NULL },
	[REC_INFORMATION] = { FROM_PARTNER, NULL, lane_case, NULL, NULL },
	[REC_MANIFEST] = { FROM_PARTNER | NEEDS_CASE, NULL, lane_case, NULL, NULL },
	[REC_CUSTODY] = { FROM_PARTNER | NEEDS_CASE, NULL, lane_case, NULL, NULL },
	[REC_PING] = { FROM_PARTNER, NULL, lane_urgent, NULL, NULL },
	[REC_PONG] = { FROM_PARTNER, NULL, lane_urgent, NULL, NULL },
	[REC_ENTRY] = { TO_ALL, NULL, NULL, NULL, NULL },
	[REC_BULLETIN] = { TO_ALL, NULL, NULL, NULL, NULL },
	[REC_LAWPROFILE] = { FROM_PARTNER, NULL, NULL, profile_effect, NULL },
};

bool
kind_from_partner(const struct exchange *x, enum record_kind k)
{
	return (kinds[k].flags & FROM_PARTNER) != 0 ||
		(k != REC_RECEIPT && x->effects[k].fn != NULL);
}

bool
kind_to_all(enum record_kind k)
{
	return (kinds[k].flags & TO_ALL) != 0;
}

static enum co_rc
request_check(const struct record *r, struct co_err *err)
{
	const char *measure = json_string_value(json_object_get(r->body, "measure"));
	const json_t *fields = json_object_get(r->body, "fields");
	const struct form *f;

	if (measure == NULL || fields == NULL)
		return co_fail(err, CO_EMALFORMED, "body: measure and fields are needed");
	f = form_by_measure(measure);
	if (f == NULL)
		return co_fail(
			err, CO_EREFUSED, "this node has no form for the measure \"%s\"", measure);
	if (json_object_get(r->body, "extends") == NULL)
		TRY(json_object_get(r->body, "view") == NULL
				? form_check(f, fields, err)
				: form_check_provider(f, fields, err));
	else if (strcmp(measure, "preserve") != 0)
		return co_fail(
			err, CO_EREFUSED, "only a preservation can be extended (art. 29(7))");
	if (strcmp(measure, "preserve") == 0)
		return deadlines_check_days(fields, err);
	return CO_OK;
}

/* More than a record that comes is held to, and what the receiver will hold it to as well. */
enum co_rc
kind_check_composed(const struct record *r, const json_t *fields, struct co_err *err)
{
	const struct form *f =
		form_by_measure(json_string_value(json_object_get(r->body, "measure")));
	struct form_ask ask = {
		.compose = true,
		.now_us = r->at_us,
		.urgency = json_string_value(json_object_get(r->body, "urgency")),
	};

	if (f == NULL || json_object_get(r->body, "extends") != NULL)
		return CO_OK;
	return form_check_asked(f, fields, &ask, err);
}

static enum co_rc
notice_check(const struct record *r, struct co_err *err)
{
	const char *name = json_string_value(json_object_get(r->body, "state"));
	enum state s;

	if (name == NULL || !state_by_name(name, &s) || s == ST_SENT)
		return co_fail(err, CO_EMALFORMED,
			"body: state \"%s\" is none that a notice can tell",
			name == NULL ? "" : name);
	return CO_OK;
}

/* A provider's node does not take what a provider may not see, whoever sends it. */
static enum co_rc
view_vet(struct exchange *x, const struct record *r, struct co_err *err)
{
	if (r->kind != REC_REQUEST || !x->provider || strcmp(r->to, x->address) != 0 ||
		json_object_get(r->body, "view") != NULL ||
		json_object_get(r->body, "extends") != NULL)
		return CO_OK;
	return co_fail(err, CO_EREFUSED,
		"this node is a provider's: it takes requests with \"view\": \"provider\", without "
		"what is for the authority only");
}

enum co_rc
kind_vet(struct exchange *x, const struct record *r, struct co_err *err)
{
	TRY(view_vet(x, r, err));
	return r->kind == REC_LAWPROFILE ? profile_vet(x, r, err) : CO_OK;
}

enum co_rc
kind_check(const struct record *r, struct co_err *err)
{
	const struct kind_row *k = &kinds[r->kind];

	if ((k->flags & NEEDS_CASE) != 0 && r->case_id[0] == '\0')
		return co_fail(
			err, CO_EMALFORMED, "a %s belongs to a case", record_kind_name(r->kind));
	if ((k->flags & NEEDS_REF) != 0 && r->refs_n == 0)
		return co_fail(err, CO_EMALFORMED, "a %s refers to what it answers in refs",
			record_kind_name(r->kind));
	return k->check == NULL ? CO_OK : k->check(r, err);
}

static int
lane_of_urgency(const char *urgency)
{
	return strcmp(urgency, "emergency") == 0 || strcmp(urgency, "urgent") == 0 ? LANE_URGENT
										   : LANE_USUAL;
}

static enum co_rc
lane_urgent(struct store_db *db, const struct record *r, int *lane, struct co_err *err)
{
	(void)db;
	(void)r;
	(void)err;
	*lane = LANE_URGENT;
	return CO_OK;
}

static enum co_rc
lane_request(struct store_db *db, const struct record *r, int *lane, struct co_err *err)
{
	const char *urgency = json_string_value(json_object_get(r->body, "urgency"));

	(void)db;
	(void)err;
	*lane = lane_of_urgency(urgency == NULL ? "" : urgency);
	return CO_OK;
}

static enum co_rc
lane_notice(struct store_db *db, const struct record *r, int *lane, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_REQUEST_URGENCY, &st, err, "t", r->refs_n == 0 ? "" : r->refs[0].id));
	TRY(store_step(st, &row, err));
	*lane = row ? lane_of_urgency(store_text(st, 0)) : LANE_USUAL;
	return CO_OK;
}

/* What is said in a case with an urgent request is urgent; a manifest too, since what the case says
 * next waits behind it. */
static enum co_rc
lane_case(struct store_db *db, const struct record *r, int *lane, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row = false;

	if (r->case_id[0] != '\0') {
		TRY(store_query(db, Q_CASE_URGENT, &st, err, "t", r->case_id));
		TRY(store_step(st, &row, err));
	}
	*lane = row ? LANE_URGENT : LANE_USUAL;
	return CO_OK;
}

enum co_rc
kind_lane(struct store_db *db, const struct record *r, int *lane, struct co_err *err)
{
	if (kinds[r->kind].lane == NULL) {
		*lane = LANE_USUAL;
		return CO_OK;
	}
	return kinds[r->kind].lane(db, r, lane, err);
}

enum co_rc
kind_plan(struct exchange *x, struct store_db *db, const struct record *r, struct co_err *err)
{
	return kinds[r->kind].plan == NULL ? CO_OK : kinds[r->kind].plan(x, db, r, err);
}

void
kinds_register(struct exchange *x)
{
	for (size_t k = 0; k < REC_KIND_N; k++)
		x->effects[k].fn = kinds[k].effect;
}

bool
kind_own_effect(const struct exchange *x, enum record_kind k)
{
	return x->effects[k].fn == kinds[k].effect;
}
