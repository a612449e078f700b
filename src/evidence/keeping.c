/* How long an exhibit is kept: the period with its rule and source, the alarms before it ends, and
 * the hold that stands above it. Nothing is ever destroyed because time passed: an officer decides,
 * and a second one confirms. */
#include "evidence/inside.h"

#include "law/term.h"

static const char *
text_of(const json_t *o, const char *member)
{
	const char *s = json_string_value(json_object_get(o, member));

	return s == NULL ? "" : s;
}

enum co_rc
keeping_own(struct store_db *db, const char *subject, struct keeping *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*out = (struct keeping){ .since_us = 0 };
	TRY(store_query(db, Q_KEEPING_GET, &st, err, "t", subject));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	out->since_us = store_int(st, 1);
	out->until_us = store_int(st, 2);
	(void)snprintf(out->rule, sizeof(out->rule), "%s", store_text(st, 3));
	(void)snprintf(out->source, sizeof(out->source), "%s", store_text(st, 4));
	out->hold_us = store_int(st, 5);
	(void)snprintf(out->hold_by, sizeof(out->hold_by), "%s", store_text(st, 6));
	(void)snprintf(out->hold_why, sizeof(out->hold_why), "%s", store_text(st, 7));
	out->hold_until_us = store_int(st, 8);
	return CO_OK;
}

enum co_rc
keeping_of(struct store_db *db, const struct exhibit_row *row, struct keeping *out,
	struct co_err *err)
{
	struct keeping own, whole;

	TRY(keeping_own(db, row->id, &own, err));
	TRY(keeping_own(db, row->case_id, &whole, err));
	/* Period and hold each from the nearer place that says one. */
	if (own.until_us == 0 && whole.until_us != 0) {
		own.since_us = whole.since_us;
		own.until_us = whole.until_us;
		memcpy(own.rule, whole.rule, sizeof(own.rule));
		memcpy(own.source, whole.source, sizeof(own.source));
		own.of_case = true;
	}
	if (own.hold_us == 0 && whole.hold_us != 0) {
		own.hold_us = whole.hold_us;
		own.hold_until_us = whole.hold_until_us;
		memcpy(own.hold_by, whole.hold_by, sizeof(own.hold_by));
		memcpy(own.hold_why, whole.hold_why, sizeof(own.hold_why));
		own.hold_of_case = true;
	}
	*out = own;
	return CO_OK;
}

json_t *
keeping_json(const struct keeping *k)
{
	char left[TERM_LEFT_LEN];
	json_t *o = json_object();

	out_time(o, "since", k->since_us);
	out_time(o, "until", k->until_us);
	out_text(o, "rule", k->rule);
	out_text(o, "source", k->source);
	out_time(o, "held", k->hold_us);
	out_text(o, "held_by", k->hold_by);
	out_text(o, "held_why", k->hold_why);
	out_time(o, "held_until", k->hold_until_us);
	(void)json_object_set_new(o, "look_again",
		json_boolean(k->hold_until_us != 0 && k->hold_until_us <= co_now_us()));
	(void)json_object_set_new(o, "of_case", json_boolean(k->of_case));
	(void)json_object_set_new(o, "hold_of_case", json_boolean(k->hold_of_case));
	if (k->until_us != 0) {
		term_left_print(co_now_us(), k->until_us, left);
		out_text(o, "left", left);
	}
	return o;
}

static enum co_rc
hold_effect(struct store_db *db, const struct record *r, const char *subject, int64_t now_us,
	struct co_err *err)
{
	const char *until = text_of(json_object_get(r->body, "hold"), "until");
	int64_t until_us = 0;

	if (until[0] != '\0')
		TRY(co_time_parse(until, &until_us, err));
	return store_run(db, NULL, Q_KEEPING_HOLD, err, "ttitto", subject, r->case_id, now_us,
		r->officer, text_of(r->body, "purpose"), until_us == 0 ? NULL : &until_us);
}

enum co_rc
keeping_effect(
	struct store_db *db, const struct record *r, int64_t now_us, struct co_err *err)
{
	const char *action = text_of(r->body, "action"), *exhibit = text_of(r->body, "exhibit");
	const char *subject = exhibit[0] == '\0' ? r->case_id : exhibit;
	const json_t *retention = json_object_get(r->body, "retention");
	int64_t until_us;

	if (strcmp(action, "held") == 0)
		return hold_effect(db, r, subject, now_us, err);
	if (strcmp(action, "released") == 0)
		return store_run(db, NULL, Q_KEEPING_UNHOLD, err, "it", now_us, subject);
	TRY(co_time_parse(text_of(retention, "until"), &until_us, err));
	return store_run(db, NULL, Q_KEEPING_RETAIN, err, "ttiitt", subject, r->case_id, now_us,
		until_us, text_of(retention, "rule"), text_of(retention, "source"));
}

enum co_rc
keeping_over(struct store_db *db, const struct exhibit_row *row, int64_t now_us, struct co_err *err)
{
	char until[CO_TIME_LEN], since[CO_TIME_LEN];
	struct keeping k;

	TRY(keeping_of(db, row, &k, err));
	if (k.hold_us != 0) {
		co_time_print(k.hold_us, since);
		return co_fail(err, CO_EREFUSED,
			"exhibit %s is on hold since %s by %s (%.200s): comity exhibit release "
			"ends "
			"the hold",
			row->id, since, k.hold_by, k.hold_why);
	}
	if (k.until_us > now_us) {
		co_time_print(k.until_us, until);
		return co_fail(err, CO_EREFUSED,
			"exhibit %s is kept until %s (%.200s, %s): if another rule holds, set that "
			"first with comity exhibit retain",
			row->id, until, k.rule, k.source);
	}
	return CO_OK;
}

/* ---- alarms ---- */
struct due {
	char subject[CO_UUID_LEN + 1], case_id[CO_UUID_LEN + 1];
	char rule[512], source[LIMIT_NAME + 1];
	int64_t since_us, until_us, told_us;
};
enum { DUE_ROWS = 200 }; /* as the query has it */

struct alarms {
	int64_t now_us;
	size_t told;
};

static enum co_rc
due_read(struct store_db *db, int64_t now_us, struct due *out, size_t *n, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*n = 0;
	TRY(store_query(db, Q_KEEPING_DUE, &st, err, "i", now_us));
	while (*n < DUE_ROWS) {
		struct due *d = &out[*n];

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		*d = (struct due){ .since_us = store_int(st, 2) };
		(void)snprintf(d->subject, sizeof(d->subject), "%s", store_text(st, 0));
		(void)snprintf(d->case_id, sizeof(d->case_id), "%s", store_text(st, 1));
		d->until_us = store_int(st, 3);
		(void)snprintf(d->rule, sizeof(d->rule), "%s", store_text(st, 4));
		(void)snprintf(d->source, sizeof(d->source), "%s", store_text(st, 5));
		d->told_us = store_int(st, 6);
		(*n)++;
	}
	return CO_OK;
}

/* The latest alarm that is due and untold; 0: none. */
static int64_t
due_now(const struct due *d, int64_t now_us)
{
	int64_t at[TERM_ALARMS], found = 0;
	size_t n = term_alarms(d->since_us, d->until_us, at);

	for (size_t i = 0; i < n; i++)
		if (at[i] <= now_us && at[i] > d->told_us)
			found = at[i];
	return found;
}

static enum co_rc
due_tell(struct store_db *db, const struct due *d, int64_t due_us, int64_t now_us,
	struct co_err *err)
{
	bool whole = strcmp(d->subject, d->case_id) == 0;
	char left[TERM_LEFT_LEN];
	json_t *detail;

	term_left_print(now_us, d->until_us, left);
	detail = json_pack("{s:s,s:s,s:s,s:s,s:s}", whole ? "whole_case" : "exhibit", d->subject,
		"case", d->case_id, "rule", d->rule, "source", d->source, "left", left);
	out_time(detail, "until", d->until_us);
	out_time(detail, "due", due_us);
	out_text(detail, "next",
		d->until_us <= now_us ? "comity exhibit destroy, or comity exhibit retain with the "
					"rule that lets it be kept"
				      : "");
	TRY(store_run(db, NULL, Q_KEEPING_TOLD, err, "tii", d->subject, d->until_us, due_us));
	return event_write(db, "retention.alarm", "node", detail, err);
}

static enum co_rc
alarms_work(struct store_db *db, void *arg, struct co_err *err)
{
	co_auto_free struct due *rows = calloc(DUE_ROWS, sizeof(*rows));
	struct alarms *a = arg;
	size_t n;

	a->told = 0;
	if (rows == NULL)
		return co_fail(err, CO_ENOMEM, "alarms");
	TRY(due_read(db, a->now_us, rows, &n, err));
	for (size_t i = 0; i < n; i++) {
		int64_t due_us = due_now(&rows[i], a->now_us);

		if (due_us == 0)
			continue;
		TRY(due_tell(db, &rows[i], due_us, a->now_us, err));
		a->told++;
	}
	return CO_OK;
}

enum co_rc
keeping_sweep(struct evidence *e, int64_t now_us, struct co_err *err)
{
	co_auto_free struct due *rows = calloc(DUE_ROWS, sizeof(*rows));
	struct alarms a = { .now_us = now_us, .told = 1 };
	struct store_db *db;
	size_t n, due = 0;

	if (rows == NULL)
		return co_fail(err, CO_ENOMEM, "alarms");
	/* On a reader first: usually there is nothing to write. */
	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(due_read(db, now_us, rows, &n, err));
	for (size_t i = 0; i < n; i++)
		due += due_now(&rows[i], now_us) != 0;
	if (due == 0)
		return CO_OK;
	return store_write(exchange_store(e->x), alarms_work, &a, err);
}
