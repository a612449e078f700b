/* The clock of a preservation: warnings before it ends, and the draft of its extension. Whatever is
 * told is told in the transaction that marks it as told. */
#include "exchange/approval.h"
#include "exchange/deadlines.h"
#include "exchange/inside.h"
#include "exchange/opjson.h"

#define HOUR_US INT64_C(3600000000)

enum { ALARM_ROWS = 200 }; /* as the query has it */

/* A row of request_alarms. */
struct clock_row {
	char id[CO_UUID_LEN + 1], case_id[CO_UUID_LEN + 1], drafted[CO_UUID_LEN + 1];
	char partner[LIMIT_ADDRESS + 1];
	char urgency[16];
	enum state state;
	bool incoming, pending, keeps;
	int64_t expiry_us, kept_us, told_us;
};

struct alarm {
	struct exchange *x;
	int64_t now_us;
	size_t looked;
};

/* What one look at a row found. */
struct look {
	int64_t due_us;  /* the latest alarm that is due and untold; 0: none */
	int64_t next_us; /* look again then; INT64_MAX: when something happens */
	bool ends;       /* nothing is kept any more */
	char draft[CO_UUID_LEN + 1];
	int64_t days; /* that the draft asks for */
};

static enum co_rc
rows_read(struct store_db *db, int64_t now_us, struct clock_row *out, size_t cap, size_t *n,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*n = 0;
	TRY(store_query(db, Q_REQUEST_ALARMS, &st, err, "i", now_us));
	while (*n < cap) {
		struct clock_row *r = &out[*n];

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		*r = (struct clock_row){ .state = ST_N };
		(void)snprintf(r->id, sizeof(r->id), "%s", store_text(st, 0));
		(void)snprintf(r->case_id, sizeof(r->case_id), "%s", store_text(st, 1));
		(void)snprintf(r->partner, sizeof(r->partner), "%s", store_text(st, 2));
		r->incoming = store_int(st, 3) != 0;
		(void)state_by_name(store_text(st, 4), &r->state);
		(void)snprintf(r->urgency, sizeof(r->urgency), "%s", store_text(st, 5));
		r->expiry_us = store_int(st, 6);
		r->pending = store_int(st, 7) != 0;
		r->kept_us = store_int(st, 8);
		r->told_us = store_int(st, 9);
		(void)snprintf(r->drafted, sizeof(r->drafted), "%s", store_text(st, 10));
		r->keeps = store_int(st, 11) == KEEPS_RUNS;
		(*n)++;
	}
	return CO_OK;
}

enum co_rc
alarm_lapse(struct store_db *db, const char *request, const char *why, struct co_err *err)
{
	int64_t changes;

	TRY(store_run(db, &changes, Q_DRAFT_LAPSE, err, "tt", why, request));
	if (changes == 0)
		return CO_OK;
	return event_write(db, "draft.lapsed", "node",
		json_pack("{s:s,s:s}", "request", request, "why", why), err);
}

static enum co_rc
extension_asked(struct store_db *db, const struct clock_row *r, bool *asked, struct co_err *err)
{
	store_stmt_auto *st = NULL;

	TRY(store_query(db, Q_EXTENSION_ASKED, &st, err, "tti", r->case_id, r->id, r->kept_us));
	return store_step(st, asked, err);
}

static enum co_rc
draft_waits(struct store_db *db, const char *request, bool *waits, struct co_err *err)
{
	store_stmt_auto *st = NULL;

	TRY(store_query(db, Q_DRAFT_ABOUT, &st, err, "t", request));
	return store_step(st, waits, err);
}

/* As many days more as were asked for at first, on the same basis; basis is owned. */
static enum co_rc
extension_days(struct store_db *db, const char *request, int64_t *days, json_t **basis,
	struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	const json_t *asked;
	int64_t least, most;

	TRY(exchange_load(db, request, &s, err));
	*basis = json_incref(json_object_get(s.r.body, "basis"));
	deadlines_days(&least, &most);
	asked = json_object_get(json_object_get(s.r.body, "fields"), "days");
	*days = json_is_integer(asked) ? json_integer_value(asked) : least;
	*days = *days < least ? least : *days > most ? most : *days;
	return CO_OK;
}

static enum co_rc
extension_draft(struct exchange *x, struct store_db *db, const struct clock_row *r,
	struct look *look, struct co_err *err)
{
	char until[CO_TIME_LEN], why[256];
	json_t *in, *basis = NULL;
	enum co_rc rc;

	TRY(extension_days(db, r->id, &look->days, &basis, err));
	in = json_pack("{s:s,s:s,s:s,s:s,s:s,s:{s:s,s:I},s:o*}", "to", r->partner, "case_id",
		r->case_id, "measure", "preserve", "urgency", r->urgency, "extends", r->id,
		"fields", "status", "extension", "days", (json_int_t)look->days, "basis", basis);
	if (in == NULL)
		return co_fail(err, CO_ENOMEM, "extension");
	co_time_print(r->expiry_us, until);
	(void)snprintf(why, sizeof(why),
		"the data are kept until %s; no request for disclosure is pending and no extension "
		"was asked for",
		until);
	co_uuid7(look->draft);
	rc = draft_put(
		db, look->draft, "request", in, "node", approval_needed(x, "preserve"), why, err);
	json_decref(in);
	return rc;
}

/* Only the asking side asks, once for each end, and not where an officer is about to, nor where one
 * has closed the request: who is warned can still ask. */
static enum co_rc
extension_look(struct alarm *a, struct store_db *db, const struct clock_row *r, bool asked,
	struct look *look, struct co_err *err)
{
	int64_t by_us;
	bool waits;

	if (r->incoming || asked || r->state == ST_CLOSED || a->x->lead_days == 0 ||
		r->drafted[0] != '\0')
		return CO_OK;
	by_us = term_extend_by(r->kept_us, r->expiry_us, a->x->lead_days, &a->x->calendar);
	if (by_us > a->now_us) {
		look->next_us = by_us < look->next_us ? by_us : look->next_us;
		return CO_OK;
	}
	TRY(draft_waits(db, r->id, &waits, err));
	if (!waits)
		return extension_draft(a->x, db, r, look, err);
	/* An officer's draft; it may be rejected. */
	if (a->now_us + HOUR_US < look->next_us)
		look->next_us = a->now_us + HOUR_US;
	return CO_OK;
}

static void
alarms_look(const struct alarm *a, const struct clock_row *r, struct look *look)
{
	int64_t due[TERM_ALARMS];
	size_t n = term_alarms(r->kept_us, r->expiry_us, due);

	look->next_us = r->expiry_us;
	for (size_t i = n - 1; i-- > 0;) {
		if (due[i] > a->now_us)
			look->next_us = due[i];
		else if (look->due_us == 0 && due[i] > r->told_us)
			look->due_us = due[i];
	}
}

static enum co_rc
row_look(struct alarm *a, struct store_db *db, const struct clock_row *r, struct look *look,
	struct co_err *err)
{
	bool asked;

	*look = (struct look){ .next_us = INT64_MAX };
	look->ends = !r->keeps;
	TRY(extension_asked(db, r, &asked, err));
	if (look->ends)
		return alarm_lapse(db, r->id, "the preservation is over", err);
	if (asked)
		TRY(alarm_lapse(db, r->id, "an extension was asked for otherwise", err));
	else if (r->state == ST_CLOSED)
		TRY(alarm_lapse(db, r->id, "the request was closed", err));
	else if (r->drafted[0] == '\0')
		TRY(alarm_lapse(db, r->id, "the preservation was extended", err));
	/* Art. 29(7): it lasts until the decision. Whatever decides it wakes this clock. */
	if (r->pending)
		return CO_OK;
	alarms_look(a, r, look);
	return extension_look(a, db, r, asked, look, err);
}

static enum co_rc
look_tell(struct alarm *a, struct store_db *db, const struct clock_row *r, const struct look *look,
	struct co_err *err)
{
	char until[CO_TIME_LEN], left[TERM_LEFT_LEN];
	json_t *detail;

	if (look->due_us == 0 && look->draft[0] == '\0')
		return CO_OK;
	co_time_print(r->expiry_us, until);
	term_left_print(a->now_us, r->expiry_us, left);
	detail = json_pack("{s:s,s:s,s:s,s:s,s:s}", "request", r->id, "case", r->case_id, "partner",
		r->partner, "until", until, "left", left);
	if (look->due_us != 0)
		out_time(detail, "due", look->due_us);
	if (look->draft[0] != '\0') {
		out_text(detail, "draft", look->draft);
		(void)json_object_set_new(detail, "days", json_integer(look->days));
		out_text(detail, "why",
			"no request for disclosure is pending and no extension was asked for; the "
			"draft of one waits for an officer");
	}
	return event_write(db, "alarm", "node", detail, err);
}

static enum co_rc
alarm_work(struct store_db *db, void *arg, struct co_err *err)
{
	co_auto_free struct clock_row *rows = calloc(ALARM_ROWS, sizeof(*rows));
	struct alarm *a = arg;
	size_t n;

	if (rows == NULL)
		return co_fail(err, CO_ENOMEM, "alarms");
	TRY(rows_read(db, a->now_us, rows, ALARM_ROWS, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct look look;

		TRY(row_look(a, db, &rows[i], &look, err));
		TRY(look_tell(a, db, &rows[i], &look, err));
		TRY(store_run(db, NULL, Q_REQUEST_TOLD, err, "oott",
			look.ends ? NULL : &look.next_us, look.due_us == 0 ? NULL : &look.due_us,
			look.draft[0] == '\0' ? NULL : look.draft, rows[i].id));
	}
	a->looked = n;
	return CO_OK;
}

enum co_rc
alarm_sweep(struct exchange *x, int64_t now_us, struct co_err *err)
{
	struct alarm a = { .x = x, .now_us = now_us };
	struct store_db *db;
	struct clock_row one;
	size_t n;

	TRY(store_reader(x->store, &db, err));
	TRY(rows_read(db, now_us, &one, 1, &n, err));
	while (n != 0) {
		TRY(store_write(x->store, alarm_work, &a, err));
		n = a.looked == ALARM_ROWS ? 1 : 0;
	}
	return CO_OK;
}

static enum co_rc
told_again(struct store_db *db, const json_t *detail, struct co_err *err)
{
	const char *until = json_string_value(json_object_get(detail, "until"));
	const char *due = json_string_value(json_object_get(detail, "due"));
	int64_t until_us, due_us = 0;

	TRY(co_time_parse(until, &until_us, err));
	if (due != NULL)
		TRY(co_time_parse(due, &due_us, err));
	return store_run(db, NULL, Q_REQUEST_TOLD_AGAIN, err, "otti", due == NULL ? NULL : &due_us,
		json_string_value(json_object_get(detail, "draft")),
		json_string_value(json_object_get(detail, "request")), until_us);
}

enum co_rc
alarm_rebuild(struct store_db *db, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_REBUILD_ALARMS, &st, err, ""));
	for (;;) {
		json_t *event;
		enum co_rc rc;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		event = json_loads(store_text(st, 0), 0, NULL);
		rc = told_again(db, json_object_get(event, "detail"), err);
		json_decref(event);
		if (rc != CO_OK)
			return co_wrap(
				err, "an event \"alarm\" is damaged; run comity ledger check");
	}
}
