#include "exchange/pick.h"

#include "exchange/inside.h"
#include "exchange/named.h"
#include "exchange/opjson.h"
#include "exchange/ops.h"
#include "exchange/search_walk.h"
#include "record/form.h"

#include <assert.h>

enum {
	PICK_LOOK = 300,       /* rows looked at for one page: half a ms */
	NAMED_COST = 3,        /* of those a row of the other walk: its request is looked up */
	PICK_LOOK_ALL = 20000, /* of PICK_ALL, for programs that have no other way */
	PICK_HITS = 2000       /* records that hold the words, the latest first */
};

/* ---- sets of ids ---- */

void
idset_deinit(struct idset *s)
{
	free(s->ids);
	*s = (struct idset){ .ids = NULL };
}

enum co_rc
idset_add(struct idset *s, const char *id, struct co_err *err)
{
	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 64 : 2 * s->cap;
		void *more = realloc(s->ids, cap * sizeof(*s->ids));

		if (more == NULL)
			return co_fail(err, CO_ENOMEM, "a set of requests");
		s->ids = more;
		s->cap = cap;
	}
	(void)snprintf(s->ids[s->n++], sizeof(*s->ids), "%s", id);
	return CO_OK;
}

static int
id_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

void
idset_sort(struct idset *s)
{
	if (s->n > 1)
		qsort(s->ids, s->n, sizeof(*s->ids), id_compare);
}

bool
idset_has(const struct idset *s, const char *id)
{
	return s->n > 0 && bsearch(id, s->ids, s->n, sizeof(*s->ids), id_compare) != NULL;
}

/* ---- the filter ---- */

void
pick_deinit(struct pick *p)
{
	idset_deinit(&p->cases);
	idset_deinit(&p->unread);
	idset_deinit(&p->settled);
}

static enum co_rc
text_read(const json_t *in, const char *name, size_t max, const char **out, struct co_err *err)
{
	TRY(in_text(in, name, false, max, out, err));
	if (*out != NULL && **out == '\0')
		*out = NULL;
	return CO_OK;
}

static enum co_rc
either_read(const json_t *in, const char *name, int *out, struct co_err *err)
{
	bool is;

	TRY(in_bool(in, name, false, &is, err));
	*out = json_is_boolean(json_object_get(in, name)) ? is : -1;
	return CO_OK;
}

/* What can never be found is a mistake, and said. */
static enum co_rc
pick_check(const struct pick *p, struct co_err *err)
{
	enum state state;

	if (p->state != NULL && !state_by_name(p->state, &state))
		return co_fail(err, CO_EUSAGE,
			"state is \"%s\": wanted is a state of a request, as sent, acknowledged or "
			"executed",
			p->state);
	if (p->measure != NULL && form_by_measure(p->measure) == NULL)
		return co_fail(err, CO_EUSAGE,
			"measure is \"%s\": there is no such measure; form.list has them",
			p->measure);
	if (p->urgency != NULL && !in_list("emergency,urgent,routine", p->urgency))
		return co_fail(err, CO_EUSAGE,
			"urgency is \"%s\": wanted is emergency, urgent or routine", p->urgency);
	return CO_OK;
}

enum co_rc
pick_read(struct pick *out, const json_t *in, const struct officer *who, struct co_err *err)
{
	struct pick p = { .until_us = INT64_MAX };

	TRY(either_read(in, "incoming", &p.way, err));
	TRY(either_read(in, "exercise", &p.exercise, err));
	TRY(text_read(in, "partner", LIMIT_ADDRESS, &p.partner, err));
	TRY(text_read(in, "measure", 64, &p.measure, err));
	TRY(text_read(in, "urgency", 16, &p.urgency, err));
	TRY(text_read(in, "state", 32, &p.state, err));
	TRY(text_read(in, "unit", LIMIT_UNIT, &p.unit, err));
	TRY(text_read(in, "officer", LIMIT_NAME, &p.officer, err));
	TRY(text_read(in, "words", LIMIT_NAME, &p.words, err));
	if (p.officer != NULL && strcmp(p.officer, "me") == 0)
		p.officer = who->name;
	else if (p.officer != NULL && strcmp(p.officer, "nobody") == 0)
		p.officer = "";
	TRY(pick_check(&p, err));
	*out = p;
	return CO_OK;
}

static enum co_rc
cases_open(const struct search_walk *w, struct store_db *db, int64_t before, int64_t above,
	struct store_stmt **out, struct co_err *err)
{
	return store_query(db, Q_SEARCH_CASES, out, err, "tii", w->match.data, before, above);
}

/* The walk ended before the first record: what was stored since was looked at. */
static enum co_rc
words_since(struct pick *p, struct store_db *db, int64_t seq, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_SEARCH_STORED, &st, err, "i", seq));
	TRY(store_step(st, &row, err));
	p->words_since = row ? store_int(st, 0) : co_now_us();
	return CO_OK;
}

enum co_rc
pick_words(struct pick *p, struct store_db *db, struct co_err *err)
{
	search_walk_auto w = { .open = cases_open, .before = INT64_MAX };
	co_auto_buf expression;
	size_t hits = 0;
	bool whole;

	co_buf_init(&expression, LIMIT_TEXT);
	if (p->words == NULL)
		return CO_OK;
	TRY(search_words(db, &expression, p->words, &whole, err));
	if (expression.len == 0)
		return co_fail(err, CO_EUSAGE,
			"there is no word in \"%s\"; filter by a name, a number or a word",
			p->words);
	w.expression = expression.data;
	TRY(search_walk_begin(&w, db, false, err));
	for (;;) {
		TRY(search_walk_next(&w, db, err));
		if (w.st == NULL)
			break;
		if (hits++ == PICK_HITS) {
			p->words_since = store_int(w.st, 2);
			break;
		}
		TRY(idset_add(&p->cases, store_text(w.st, 1), err));
	}
	if (w.st == NULL && w.before != 0)
		TRY(words_since(p, db, w.before, err));
	idset_sort(&p->cases);
	return CO_OK;
}

static enum co_rc
unread_take(struct pick *p, struct store_stmt *st, struct co_err *err)
{
	bool row;

	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		TRY(idset_add(&p->unread, store_text(st, 0), err));
		if (store_int(st, 1) != 0)
			TRY(idset_add(&p->settled, store_text(st, 0), err));
	}
}

enum co_rc
pick_unread(struct pick *p, struct store_db *db, const struct officer *who, struct co_err *err)
{
	store_stmt_auto *mine = NULL;
	store_stmt_auto *named = NULL;

	TRY(store_query(db, Q_INBOX_UNREAD, &mine, err, "ttt", who->unit, who->name, who->name));
	TRY(unread_take(p, mine, err));
	TRY(store_query(
		db, Q_INBOX_UNREAD_NAMED, &named, err, "ttt", who->name, who->unit, who->name));
	TRY(unread_take(p, named, err));
	idset_sort(&p->unread);
	return CO_OK;
}

static bool
is(const char *wanted, const char *got)
{
	return wanted == NULL || strcmp(wanted, got) == 0;
}

bool
pick_fits(const struct pick *p, const struct request_row *q)
{
	return (p->way < 0 || (p->way != 0) == q->incoming) && is(p->state, state_name(q->state)) &&
		is(p->partner, q->partner) && is(p->measure, q->measure) &&
		is(p->urgency, q->urgency) && is(p->officer, q->officer) &&
		(p->exercise < 0 || (p->exercise != 0) == q->exercise) && is(p->unit, q->unit) &&
		(p->words == NULL || idset_has(&p->cases, q->case_id)) &&
		(!p->fresh || idset_has(&p->unread, q->id));
}

/* ---- walking ---- */

/* Columns of the pick_* queries. */
enum { AT_KEY, AT_ID, AT_CASE, AT_WAY, AT_STATE, AT_PARTNER, AT_MEASURE, AT_URGENCY, AT_OFFICER,
	AT_EXERCISE, AT_UNIT };

static const struct {
	enum query mine;
	enum named_list named; /* where the others are */
	bool down;             /* the greatest key first */
	int turn;              /* whose move: 1 ours, 0 theirs, -1 not asked */
	size_t look;
} orders[] = {
	[PICK_OURS] = { Q_PICK_OPEN, NAMED_OURS, false, 1, PICK_LOOK },
	[PICK_THEIRS] = { Q_PICK_OPEN, NAMED_THEIRS, false, 0, PICK_LOOK },
	[PICK_KEPT] = { Q_PICK_KEPT, NAMED_KEPT, false, -1, PICK_LOOK },
	[PICK_ALL] = { Q_PICK_ALL, NAMED_ALL, true, -1, PICK_LOOK_ALL },
	[PICK_CASE] = { Q_PICK_CASE, NAMED_ALL, true, -1, PICK_LOOK },
};
_Static_assert(CO_ARRAY_LEN(orders) == PICK_ORDER_N, "one row an order");

/* Two sources in one order: what is the own unit's, and what names the officer. */
struct walk {
	struct store_stmt *st[2];
	bool has[2], down;
	size_t looked;
};

static void
walk_deinit(struct walk *w)
{
	store_done(&w->st[0]);
	store_done(&w->st[1]);
}
#define walk_auto CO_CLEANUP(walk_deinit) struct walk

enum co_rc
pick_cursor(const char *after, bool down, int64_t *key, const char **id, struct co_err *err)
{
	char *end;
	long long n;

	if (after == NULL) {
		*key = down ? INT64_MAX : 0;
		*id = "";
		return CO_OK;
	}
	n = strtoll(after, &end, 10);
	if (*after < '0' || *after > '9' || *end != '.' || n == INT64_MAX ||
		(end[1] != '\0' && !co_uuid_valid(end + 1)))
		return co_fail(err, CO_EUSAGE,
			"after is \"%.64s\": give what the last page gave as more, or nothing",
			after);
	*key = n;
	*id = end + 1;
	return CO_OK;
}

static enum co_rc
walk_start(struct walk *w, struct store_db *db, const struct officer *who,
	const struct pick_ask *ask, struct co_err *err)
{
	int64_t key, turn = orders[ask->order].turn;
	enum query mine = orders[ask->order].mine;
	const char *id;

	w->down = orders[ask->order].down;
	TRY(pick_cursor(ask->after, w->down, &key, &id, err));
	if (turn >= 0)
		TRY(store_query(
			db, mine, &w->st[0], err, "tiiit", who->unit, turn, key, key, id));
	else
		TRY(store_query(db, mine, &w->st[0], err, "tiit",
			ask->order == PICK_CASE ? ask->case_id : who->unit, key, key, id));
	if (ask->order != PICK_CASE)
		TRY(store_query(db, w->down ? Q_PICK_NAMED_DOWN : Q_PICK_NAMED, &w->st[1], err,
			"tiiit", who->name, (int64_t)orders[ask->order].named, key, key, id));
	for (int i = 0; i < 2; i++)
		if (w->st[i] != NULL)
			TRY(store_step(w->st[i], &w->has[i], err));
	return CO_OK;
}

/* The source whose row is next; -1 at the end. */
static int
walk_next(const struct walk *w)
{
	int64_t a, b;
	bool first;

	if (!w->has[0] || !w->has[1])
		return w->has[0] ? 0 : w->has[1] ? 1 : -1;
	a = store_int(w->st[0], AT_KEY);
	b = store_int(w->st[1], AT_KEY);
	first = a != b ? a < b : strcmp(store_text(w->st[0], AT_ID),
		store_text(w->st[1], AT_ID)) < 0;
	return first != w->down ? 0 : 1;
}

/* A row of the index answers every question but the words. */
static bool
row_fits(const struct pick *p, struct store_stmt *st)
{
	const struct {
		const char *wanted;
		int col;
	} texts[] = { { p->state, AT_STATE }, { p->partner, AT_PARTNER }, { p->measure,
		AT_MEASURE }, { p->urgency, AT_URGENCY }, { p->officer, AT_OFFICER }, { p->unit,
		AT_UNIT } };

	if ((p->way >= 0 && p->way != (store_int(st, AT_WAY) != 0)) ||
		(p->exercise >= 0 && p->exercise != (store_int(st, AT_EXERCISE) != 0)))
		return false;
	for (size_t i = 0; i < CO_ARRAY_LEN(texts); i++) {
		if (texts[i].wanted != NULL &&
			strcmp(texts[i].wanted, store_text(st, texts[i].col)) != 0)
			return false;
	}
	return (p->words == NULL || idset_has(&p->cases, store_text(st, AT_CASE))) &&
		(!p->fresh || idset_has(&p->unread, store_text(st, AT_ID)));
}

static enum co_rc
row_give(struct exchange *x, struct store_db *db, const struct pick *p, const char *id,
	json_t *rows, struct co_err *err)
{
	struct request_row q;
	json_t *o;

	TRY(request_get(db, id, &q, err));
	TRY(request_listed(x, db, &q, &o, err));
	(void)json_object_set_new(o, "fresh", json_boolean(idset_has(&p->unread, q.id)));
	return json_array_append_new(rows, o) == 0 ? CO_OK : co_fail(err, CO_ENOMEM, "requests");
}

/* Where a page goes on: behind the row looked at last. Printed once, kept at every row. */
struct place {
	bool is;
	int64_t key;
	char id[CO_UUID_LEN + 1];
};

static void
place_keep(struct place *p, struct store_stmt *st)
{
	const char *id = store_text(st, AT_ID);

	assert(strlen(id) == CO_UUID_LEN);
	p->is = true;
	p->key = store_int(st, AT_KEY);
	memcpy(p->id, id, CO_UUID_LEN + 1);
}

static void
place_print(const struct place *p, char more[PICK_MORE_LEN])
{
	if (p->is)
		(void)snprintf(more, PICK_MORE_LEN, "%lld.%s", (long long)p->key, p->id);
}

/* No request in that state is in a list of this order. */
static bool
never_there(const struct pick *p, enum pick_order order)
{
	static const unsigned settled = 1u << ST_EXECUTED | 1u << ST_EXTENDED | 1u << ST_PARTIAL |
		1u << ST_CLOSED | 1u << ST_EXPIRED | 1u << ST_WITHDRAWN;
	enum state s;

	if (p->state == NULL || order == PICK_ALL || order == PICK_CASE ||
		!state_by_name(p->state, &s))
		return false;
	return order == PICK_KEPT ? s == ST_SENT || s == ST_EXPIRED || s == ST_WITHDRAWN
				  : (settled & 1u << s) != 0;
}

enum co_rc
pick_page(struct exchange *x, struct store_db *db, const struct officer *who, const struct pick *p,
	const struct pick_ask *ask, json_t *rows, char more[PICK_MORE_LEN], struct co_err *err)
{
	walk_auto w = { .st = { NULL, NULL } };
	struct place last = { .is = false };
	size_t n = 0, look = orders[ask->order].look;
	int i;

	assert(ask->order != PICK_CASE || ask->case_id != NULL);
	more[0] = '\0';
	if (never_there(p, ask->order))
		return CO_OK;
	TRY(walk_start(&w, db, who, ask, err));
	while ((i = walk_next(&w)) >= 0) {
		struct store_stmt *st = w.st[i];
		bool fits;

		if (!w.down && store_int(st, AT_KEY) > p->until_us)
			return CO_OK;
		/* What names the officer and is the own unit's as well comes in the other. */
		fits = row_fits(p, st) &&
			(i == 0 || strcmp(store_text(st, AT_UNIT), who->unit) != 0);
		if (fits && n == ask->limit) { /* there is one more: the page ends before it */
			place_print(&last, more);
			return CO_OK;
		}
		w.looked += i == 0 ? 1 : NAMED_COST;
		if (w.looked > look) {
			place_print(&last, more);
			return CO_OK;
		}
		place_keep(&last, st);
		if (fits) {
			TRY(row_give(x, db, p, store_text(st, AT_ID), rows, err));
			n++;
		}
		TRY(store_step(st, &w.has[i], err));
	}
	return CO_OK;
}
