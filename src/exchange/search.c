#include "exchange/search_walk.h"

#include "base/log.h"
#include "exchange/inside.h"

#include <time.h>

enum {
	SEARCH_BATCH = 128,      /* as the query has it */
	SEARCH_TEXT = 64 * 1024, /* of one record; what is beyond is not searched */
	SEARCH_LOOK_MS = 500,    /* between looks for new records */
	SEARCH_BUSY = 50,        /* new records in a look: now they pour in */
	SEARCH_REST = 30         /* then rest so many times as long as a batch took */
};

static const char clerk[] = "search";

struct searcher {
	struct exchange *x;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, stop;
};

struct batch {
	int64_t from, seqs[SEARCH_BATCH];
	struct co_buf texts[SEARCH_BATCH];
	size_t n;
};

static void
batch_deinit(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		co_buf_deinit(&b->texts[i]);
}

/* Every text below v, in its order. What does not fit is left out, not an error. */
static void
text_take(const json_t *v, struct co_buf *out)
{
	const json_t *item;
	const char *name;
	size_t i;

	if (json_is_string(v) && json_string_length(v) > 0 &&
		search_part(out, json_string_value(v), NULL) == CO_OK &&
		co_buf_add(out, " · ", 4, NULL) != CO_OK)
		return;
	json_array_foreach(v, i, item) text_take(item, out);
	json_object_foreach((json_t *)(uintptr_t)v, name, item) text_take(item, out);
}

/* The words of people in a record: numbers of the case, who signed it for whom, the body. */
static void
record_text(const void *bytes, size_t n, struct co_buf *out)
{
	json_t *r = json_loadb(bytes, n, 0, NULL);
	const json_t *file = json_object_get(r, "case");

	text_take(json_object_get(file, "ours"), out);
	text_take(json_object_get(file, "theirs"), out);
	text_take(json_object_get(r, "from"), out);
	text_take(json_object_get(r, "to"), out);
	text_take(json_object_get(json_object_get(r, "by"), "officer"), out);
	text_take(json_object_get(r, "body"), out);
	json_decref(r);
}

static enum co_rc
batch_read(struct store_db *db, struct batch *b, struct co_err *err)
{
	store_stmt_auto *mark = NULL;
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_CLERK_MARK_GET, &mark, err, "t", clerk));
	TRY(store_step(mark, &row, err));
	b->from = row ? store_int(mark, 0) : 0;
	TRY(store_query(db, Q_SEARCH_NEXT, &st, err, "i", b->from));
	while (b->n < SEARCH_BATCH) {
		const void *p;
		size_t n;

		TRY(store_step(st, &row, err));
		if (!row)
			break;
		b->seqs[b->n] = store_int(st, 0);
		p = store_blob(st, 1, &n);
		co_buf_init(&b->texts[b->n], SEARCH_TEXT);
		record_text(p, n, &b->texts[b->n++]);
	}
	return CO_OK;
}

/* Into the index, the place of each, and the words that were not there before. */
static enum co_rc
text_put(struct store_db *db, int64_t seq, const char *text, struct co_err *err)
{
	char blocks[SEARCH_BLOCKS_LEN];

	search_blocks(seq, blocks);
	TRY(store_run(db, NULL, Q_SEARCH_ADD, err, "itt", seq, text, blocks));
	TRY(store_run(db, NULL, Q_SEARCH_FRESH_ADD, err, "it", seq, text));
	return store_run(db, NULL, Q_SEARCH_PLACE_ADD, err, "i", seq);
}

static enum co_rc
batch_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct batch *b = arg;
	int64_t changes;

	TRY(store_run(
		db, &changes, Q_CLERK_MARK_SET, err, "iti", b->seqs[b->n - 1], clerk, b->from));
	for (size_t i = 0; changes != 0 && i < b->n; i++)
		TRY(text_put(db, b->seqs[i], b->texts[i].data == NULL ? "" : b->texts[i].data,
			err));
	TRY(store_run(db, NULL, Q_SEARCH_FRESH_WORDS, err, ""));
	return store_run(db, NULL, Q_SEARCH_FRESH_CLEAR, err, "");
}

enum co_rc
search_fill(struct exchange *x, size_t *n, struct co_err *err)
{
	co_auto_free struct batch *b = calloc(1, sizeof(*b));
	struct store_db *db;
	enum co_rc rc;

	if (b == NULL)
		return co_fail(err, CO_ENOMEM, "search");
	TRY(store_reader(x->store, &db, err));
	rc = batch_read(db, b, err);
	if (rc == CO_OK && b->n > 0)
		rc = store_write(x->store, batch_work, b, err);
	*n = b->n;
	batch_deinit(b);
	return rc;
}

enum co_rc
search_forget(struct store_db *db, struct co_err *err)
{
	store_stmt_auto *mark = NULL;
	bool row;

	TRY(store_query(db, Q_CLERK_MARK_GET, &mark, err, "t", clerk));
	TRY(store_step(mark, &row, err));
	TRY(store_run(db, NULL, Q_CLERK_MARK_SET, err, "iti", (int64_t)0, clerk,
		row ? store_int(mark, 0) : 0));
	TRY(store_run(db, NULL, Q_SEARCH_PLACE_WIPE, err, ""));
	TRY(store_run(db, NULL, Q_SEARCH_WORD_WIPE, err, ""));
	return store_run(db, NULL, Q_SEARCH_WIPE, err, "");
}

/* ---- the clerk ---- */

/* False at the end. */
static bool
searcher_rest(struct searcher *s, int64_t us)
{
	struct timespec until;
	bool go_on;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)((until.tv_nsec / 1000 + us) / 1000000);
	until.tv_nsec = (long)((until.tv_nsec / 1000 + us) % 1000000 * 1000);
	(void)pthread_mutex_lock(&s->lock);
	while (!s->stop && pthread_cond_timedwait(&s->wake, &s->lock, &until) == 0)
		continue;
	go_on = !s->stop;
	(void)pthread_mutex_unlock(&s->lock);
	return go_on;
}

static int64_t
newest(struct searcher *s)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	if (store_reader(s->x->store, &db, NULL) != CO_OK ||
		store_query(db, Q_SEARCH_NEWEST, &st, NULL, "") != CO_OK ||
		store_step(st, &row, NULL) != CO_OK || !row)
		return 0;
	return store_int(st, 0);
}

static void *
searcher_run(void *arg)
{
	struct searcher *s = arg;
	int64_t seen = newest(s), rest_us = SEARCH_LOOK_MS * INT64_C(1000);

	while (searcher_rest(s, rest_us)) {
		struct co_err err = { CO_OK, "" };
		int64_t begin_us = co_mono_us(), now = newest(s), took_us;
		bool busy = now - seen > SEARCH_BUSY;
		size_t n = 0;

		if (search_fill(s->x, &n, &err) != CO_OK)
			co_warn("search", "records are not searched yet: %s", err.msg);
		took_us = co_mono_us() - begin_us;
		/* Whoever exchanges records goes first: about 3 in 100 parts of the time. */
		rest_us = n < SEARCH_BATCH || (busy && took_us * SEARCH_REST > 500000)
			? SEARCH_LOOK_MS * INT64_C(1000)
			: took_us * (busy ? SEARCH_REST : 1);
		seen = now;
	}
	return NULL;
}

enum co_rc
searcher_open(struct searcher **out, struct exchange *x, struct co_err *err)
{
	struct searcher *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (s == NULL)
		return co_fail(err, CO_ENOMEM, "search");
	s->x = x;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	s->running = pthread_create(&s->thread, NULL, searcher_run, s) == 0;
	if (!s->running) {
		searcher_close(&s);
		return co_fail(err, CO_ENOMEM, "search: a thread");
	}
	*out = s;
	return CO_OK;
}

void
searcher_close(struct searcher **searcher)
{
	struct searcher *s = *searcher;

	if (s == NULL)
		return;
	if (s->running) {
		(void)pthread_mutex_lock(&s->lock);
		s->stop = true;
		(void)pthread_cond_signal(&s->wake);
		(void)pthread_mutex_unlock(&s->lock);
		(void)pthread_join(s->thread, NULL);
	}
	(void)pthread_cond_destroy(&s->wake);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
	*searcher = NULL;
}
