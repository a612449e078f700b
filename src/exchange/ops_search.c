/* The operation search: words and filters in, records of cases with what fits marked. */
#include "base/clock.h"
#include "exchange/inside.h"
#include "exchange/op_shape.h"
#include "exchange/opjson.h"
#include "exchange/search_walk.h"

/* Rows of the index looked at for one answer: those that the officer may see and that do not fit
 * the filter, about 10 us each; and those of others, so many that only words of every form reach
 * it, since an answer that ends early would tell that they exist. */
enum { SEARCH_LOOK = 500, SEARCH_LOOK_HIDDEN = 10000 };
/* Records are stored in the order of their numbers, but for those of one moment. */
#define MOMENT_US INT64_C(1000000)

struct filters {
	const char *partner, *measure, *state;
	int64_t from_us, to_us, before, limit;
	int64_t above; /* numbers of records */
	bool more;     /* before was given: a search that goes on */
};

/* The excerpt of the query: text between 2 and 3 fits; what parts letters goes. Positions count
 * characters, as programs and pages do. */
static json_t *
excerpt(const char *s)
{
	json_t *hits = json_array();
	co_auto_buf text;
	json_int_t at = 0, begin = 0;

	co_buf_init(&text, LIMIT_TEXT);
	for (; *s != '\0'; s++) {
		if (strncmp(s, "\xe2\x80\x8b", 3) == 0) {
			s += 2;
			continue;
		}
		if (*s == 2)
			begin = at;
		else if (*s == 3)
			(void)json_array_append_new(
				hits, json_pack("{s:I,s:I}", "at", begin, "n", at - begin));
		else if (co_buf_add(&text, s, 1, NULL) == CO_OK)
			at += ((unsigned char)*s & 0xC0) != 0x80;
	}
	return json_pack("{s:s,s:o}", "text", text.data == NULL ? "" : text.data, "hits", hits);
}

/* What is shown of a row that fits: st is of search_found. */
static json_t *
found_json(struct store_stmt *st, int64_t seq, const char *text)
{
	json_t *o = json_pack("{s:I,s:s,s:s,s:s,s:b,s:s,s:o}", "seq", (json_int_t)seq, "id",
		store_text(st, 0), "kind", store_text(st, 1), "case_id", store_text(st, 2),
		"incoming", store_int(st, 3) != 0, "partner", store_text(st, 7), "excerpt",
		excerpt(text));

	out_time(o, "at", store_int(st, 4));
	out_text(o, "ours", store_text(st, 5));
	out_text(o, "theirs", store_text(st, 6));
	out_text(o, "measure", store_text(st, 8));
	out_text(o, "state", store_text(st, 9));
	return o;
}

static enum co_rc
filters_read(const json_t *in, struct filters *f, struct co_err *err)
{
	const char *from, *to;

	TRY(in_text(in, "partner", false, LIMIT_ADDRESS, &f->partner, err));
	TRY(in_text(in, "measure", false, 64, &f->measure, err));
	TRY(in_text(in, "state", false, 32, &f->state, err));
	TRY(in_text(in, "from", false, 64, &from, err));
	TRY(in_text(in, "to", false, 64, &to, err));
	TRY(in_int(in, "limit", 50, 1, 200, &f->limit, err));
	TRY(in_int(in, "before", INT64_MAX, 0, INT64_MAX, &f->before, err));
	f->more = f->before != INT64_MAX;
	f->partner = f->partner == NULL ? "" : f->partner;
	f->measure = f->measure == NULL ? "" : f->measure;
	f->state = f->state == NULL ? "" : f->state;
	f->to_us = INT64_MAX;
	if (from != NULL && *from != '\0')
		TRY(co_time_parse(from, &f->from_us, err));
	if (to != NULL && *to != '\0')
		TRY(co_time_parse(to, &f->to_us, err));
	return CO_OK;
}

/* The number of the first record stored at that time or later. */
static enum co_rc
seq_at(struct store_db *db, int64_t us, int64_t *out, struct co_err *err)
{
	int64_t low = 1, high;
	store_stmt_auto *last = NULL;
	bool row;

	TRY(store_query(db, Q_SEARCH_LAST, &last, err, ""));
	TRY(store_step(last, &row, err));
	high = (row ? store_int(last, 0) : 0) + 1;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		store_stmt_auto *st = NULL;

		TRY(store_query(db, Q_SEARCH_STORED, &st, err, "i", middle));
		TRY(store_step(st, &row, err));
		if (row && store_int(st, 0) < us)
			low = middle + 1;
		else
			high = middle;
	}
	*out = low;
	return CO_OK;
}

/* Days become numbers of records, so that what is outside is not looked at. */
static enum co_rc
bounds_set(struct store_db *db, struct filters *f, struct co_err *err)
{
	int64_t seq;

	if (f->from_us > MOMENT_US) {
		TRY(seq_at(db, f->from_us - MOMENT_US, &seq, err));
		f->above = seq - 1;
	}
	if (f->to_us < INT64_MAX - MOMENT_US) {
		TRY(seq_at(db, f->to_us + MOMENT_US, &seq, err));
		f->before = seq < f->before ? seq : f->before;
	}
	return CO_OK;
}

struct found {
	const struct officer *who;
	const struct filters *f;
	json_t *list;
	int64_t more;     /* seq to go on before; 0: all was looked at */
	int64_t since_us; /* the walk gave up: what was stored since was looked at; otherwise 0 */
};

static enum co_rc
rows_open(const struct search_walk *w, struct store_db *db, int64_t before, int64_t above,
	struct store_stmt **out, struct co_err *err)
{
	const struct found *g = w->arg;
	const struct filters *f = g->f;

	return store_query(db, Q_SEARCH_ROWS, out, err,
		"ttttii"
		"tttttt"
		"tii",
		g->who->unit, g->who->name, f->partner, f->partner, f->from_us, f->to_us,
		f->measure, f->state, f->measure, f->measure, f->state, f->state, w->match.data,
		before, above);
}

static enum co_rc
found_add(struct store_db *db, struct store_stmt *row, json_t *list, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool is;

	TRY(store_query(db, Q_SEARCH_FOUND, &st, err, "i", store_int(row, 0)));
	TRY(store_step(st, &is, err));
	if (is)
		(void)json_array_append_new(
			list, found_json(st, store_int(row, 0), store_text(row, 1)));
	return CO_OK;
}

static enum co_rc
stored_since(struct store_db *db, int64_t seq, int64_t *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_SEARCH_STORED, &st, err, "i", seq));
	TRY(store_step(st, &row, err));
	*out = row ? store_int(st, 0) : co_now_us();
	return CO_OK;
}

static enum co_rc
found_read(struct store_db *db, struct found *g, const char *expression, struct co_err *err)
{
	search_walk_auto w = { .open = rows_open,
		.arg = g,
		.expression = expression,
		.before = g->f->before,
		.above = g->f->above };
	int64_t looked = 0, hidden = 0, seq = 0;

	TRY(search_walk_begin(&w, db, g->f->more, err));
	for (;;) {
		TRY(search_walk_next(&w, db, err));
		if (w.st == NULL)
			break;
		if ((int64_t)json_array_size(g->list) == g->f->limit || looked == SEARCH_LOOK ||
			hidden == SEARCH_LOOK_HIDDEN) {
			g->more = seq;
			return CO_OK;
		}
		seq = store_int(w.st, 0);
		if (store_is_null(w.st, 1))
			hidden++;
		else if (store_text(w.st, 1)[0] == '\0')
			looked++;
		else
			TRY(found_add(db, w.st, g->list, err));
	}
	g->more = w.before;
	return w.before == 0 ? CO_OK : stored_since(db, w.before, &g->since_us, err);
}

static enum co_rc
op_search(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct filters f = { .from_us = 0 };
	struct found g = { .who = who, .f = &f };
	struct store_db *db;
	const char *words;
	co_auto_buf expression;
	bool whole;
	json_t *o;
	enum co_rc rc;

	(void)arg;
	co_buf_init(&expression, LIMIT_TEXT);
	TRY(in_text(in, "words", true, LIMIT_NAME, &words, err));
	TRY(filters_read(in, &f, err));
	TRY(store_reader(x->store, &db, err));
	TRY(search_words(db, &expression, words, &whole, err));
	if (expression.len == 0)
		return co_fail(err, CO_EUSAGE,
			"there is no word in \"%s\"; search for a name, a number or a word", words);
	TRY(bounds_set(db, &f, err));
	g.list = json_array();
	rc = found_read(db, &g, expression.data, err);
	if (rc != CO_OK) {
		json_decref(g.list);
		return rc;
	}
	o = json_pack("{s:o,s:o,s:b}", "found", g.list, "more",
		g.more == 0 ? json_null() : json_integer(g.more), "whole", whole);
	out_time(o, "since", g.since_us);
	return out_give(o, out, err);
}

static const struct op_member hit[] = {
	{ "at", OP_INT, 0, 0, 0, "its first character in text", NULL },
	{ "n", OP_INT, 0, 0, 0, "so many characters", NULL },
	OP_END,
};
static const struct op_member excerpt_row[] = {
	{ "text", OP_TEXT, 0, 0, 0, "a part of what the record says", NULL },
	{ "hits", OP_LIST, 0, 0, 0, "what fits in it", hit },
	OP_END,
};
static const struct op_member found_row[] = {
	{ "seq", OP_INT, 0, 0, 0, "order here, for before", NULL },
	{ "id", OP_UUID, 0, 0, 0, "of the record", NULL },
	{ "kind", OP_TEXT, 0, 0, 0, "of the record", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "its case", NULL },
	{ "incoming", OP_BOOL, 0, 0, 0, "from a partner", NULL },
	{ "partner", OP_TEXT, 0, 0, 0, "the other side of the case", NULL },
	{ "excerpt", OP_OBJECT, 0, 0, 0, "where it fits", excerpt_row },
	{ "at", OP_TIME, OP_NULL, 0, 0, "said by the sender's clock", NULL },
	{ "ours", OP_TEXT, OP_NULL, 0, 0, "our number of the case", NULL },
	{ "theirs", OP_TEXT, OP_NULL, 0, 0, "the partner's number", NULL },
	{ "measure", OP_TEXT, OP_NULL, 0, 0, "of a request", NULL },
	{ "state", OP_TEXT, OP_NULL, 0, 0, "of a request, now", NULL },
	OP_END,
};
static const struct op_member search_in[] = {
	{ "words", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME,
		"all must be there, each as it begins; of one or two letters: whole", NULL },
	{ "partner", OP_TEXT, 0, 0, LIMIT_ADDRESS, "only cases with this one", NULL },
	{ "measure", OP_TEXT, 0, 0, 64, "only cases that hold a request of it", NULL },
	{ "state", OP_TEXT, 0, 0, 32, "only cases that hold a request in it", NULL },
	{ "from", OP_TIME, 0, 0, 0, "stored here at that time or later", NULL },
	{ "to", OP_TIME, 0, 0, 0, "stored here before that time", NULL },
	{ "limit", OP_INT, 0, 1, 200, "at most so many; 50", NULL },
	{ "before", OP_INT, 0, 0, INT64_MAX, "older than this seq: more of the last answer", NULL },
	OP_END,
};
static const struct op_member search_out[] = {
	{ "found", OP_LIST, 0, 0, 0, "records, the latest first", found_row },
	{ "more", OP_INT, OP_NULL, 0, 0,
		"as before, for the next page; also when so much was looked at that a page came "
		"out short",
		NULL },
	{ "since", OP_TIME, OP_NULL, 0, 0,
		"the words are in very many records and seldom in one: only those stored since "
		"then were looked at so far; ask for more",
		NULL },
	{ "whole", OP_BOOL, 0, 0, 0,
		"very many words begin like one of these: only the whole word was looked for",
		NULL },
	OP_END,
};
static const struct op_shape shapes[] = {
	{ "search", "read", search_in, search_out },
};

void
search_ops(struct exchange *x)
{
	static const struct op ops[] = {
		{ "search", "*", op_search, NULL,
			"records of cases that hold these words, the latest first" },
	};

	op_register(x, ops, CO_ARRAY_LEN(ops));
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}
