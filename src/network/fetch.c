#include "network/fetch.h"

#include "base/fault.h"
#include "base/log.h"
#include "evidence/attach.h"
#include "exchange/opjson.h"
#include "exchange/partner.h"
#include "network/pull.h"

#include <pthread.h>
#include <string.h>

enum {
	FETCH_THREADS = 5, /* exhibits at once; the others wait. The first takes only small ones */
	FETCH_FAILED_KEPT = 64,            /* failures whose words are still told */
	FETCH_AGAIN_US = 5 * 1000 * 1000,  /* after the disk or the store refused */
	FETCH_YIELD_US = 10 * 1000 * 1000, /* a rest this long gives the thread to who waits */
	FETCH_STORE_US = 2 * 1000 * 1000,  /* between notes of progress in the store */
	FETCH_RATE_US = 500 * 1000
};

enum job_phase { JOB_WAITING, JOB_RUNNING, JOB_FAILED };
enum job_verdict { JOB_OPEN, JOB_VERIFIED, JOB_WRONG };

struct fetch_job {
	struct fetch_job *next;
	struct fetcher *f;
	/* The thread that runs it; nobody while it waits. */
	struct officer who;
	bool small; /* as an attachment is: need not wait behind evidence of a day's length */
	bool unasked; /* nobody did: records keep their room on the disk */
	bool alone; /* runs on the thread for such */
	bool begun; /* key and row are there */
	unsigned char key[CHUNKED_KEY];
	struct exhibit_row row;
	struct pull_bad bad;
	struct vault_fill *fill;
	enum job_verdict verdict;
	char why[480]; /* JOB_WRONG */
	uint64_t mark_done;
	int64_t mark_us, stored_us;
	/* Below: the fetcher's lock. */
	char id[CO_UUID_LEN + 1];
	enum job_phase phase;
	int64_t due_us;
	CURLM *multi; /* to be woken; NULL when nothing runs */
	bool nudged;  /* a person asked again: no rest */
	uint64_t done, rate;
	char error[480];
};

struct fetcher {
	struct exchange *x;
	struct tls *tls;
	struct vault *vault;
	struct evidence *evidence;
	pthread_t threads[FETCH_THREADS];
	size_t threads_n;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct fetch_job *jobs; /* in the order they came */
	size_t started; /* threads that know which they are */
	bool stop;
};

/* ---- the list of jobs; lock held ---- */

static struct fetch_job *
job_find(struct fetcher *f, const char *id)
{
	for (struct fetch_job *j = f->jobs; j != NULL; j = j->next)
		if (strcmp(j->id, id) == 0)
			return j;
	return NULL;
}

static void
job_drop(struct fetcher *f, struct fetch_job *job)
{
	for (struct fetch_job **at = &f->jobs; *at != NULL; at = &(*at)->next) {
		if (*at != job)
			continue;
		*at = job->next;
		crypto_wipe(job->key, sizeof(job->key));
		free(job);
		return;
	}
}

/* The oldest failures are forgotten; the custody records keep them. */
static void
job_forget(struct fetcher *f)
{
	struct fetch_job *oldest = NULL;
	size_t n = 0;

	for (struct fetch_job *j = f->jobs; j != NULL; j = j->next) {
		if (j->phase != JOB_FAILED)
			continue;
		if (n++ == 0)
			oldest = j;
	}
	if (n > FETCH_FAILED_KEPT)
		job_drop(f, oldest);
}

static void
job_append(struct fetcher *f, struct fetch_job *job)
{
	struct fetch_job **at = &f->jobs;

	while (*at != NULL)
		at = &(*at)->next;
	*at = job;
	(void)pthread_cond_broadcast(&f->work);
}

/* The first whose time has come. *due_us: otherwise the next time one comes. */
static struct fetch_job *
job_due(struct fetcher *f, bool small, int64_t *due_us)
{
	int64_t now = co_mono_us();

	*due_us = INT64_MAX;
	for (struct fetch_job *j = f->jobs; j != NULL; j = j->next) {
		if (j->phase != JOB_WAITING || (small && !j->small))
			continue;
		if (j->due_us <= now)
			return j;
		if (j->due_us < *due_us)
			*due_us = j->due_us;
	}
	return NULL;
}

static void
job_nudge(struct fetcher *f, struct fetch_job *j)
{
	j->nudged = true;
	j->due_us = 0;
	if (j->multi != NULL)
		(void)curl_multi_wakeup(j->multi);
	(void)pthread_cond_broadcast(&f->work);
}

/* ---- one exhibit ---- */

static void
job_note(struct fetch_job *j, const char *trouble, uint64_t done)
{
	int64_t now = co_mono_us();

	j->done = done;
	(void)snprintf(j->error, sizeof(j->error), "%s", trouble);
	if (now - j->mark_us < FETCH_RATE_US)
		return;
	j->rate = done > j->mark_done
		? (done - j->mark_done) * 1000000 / (uint64_t)(now - j->mark_us)
		: 0;
	j->mark_done = done;
	j->mark_us = now;
}

static enum co_rc
job_where(void *arg, char *url, size_t cap, struct co_err *err)
{
	const struct fetch_job *j = arg;
	const struct partner *p;
	enum co_rc rc = partner_get(j->f->x, j->row.partner, &p, err);

	if (rc != CO_OK)
		return rc;
	(void)snprintf(url, cap, "%s/v1/exhibits/%s", p->url, j->id);
	partner_put(j->f->x, &p);
	return CO_OK;
}

static enum pull_order
job_tick(void *arg, const char *trouble, int64_t rest_us)
{
	struct fetch_job *j = arg;
	struct fetcher *f = j->f;
	struct co_err err = { 0 };
	enum pull_order order = PULL_ON;
	uint64_t done, of;
	int64_t due;

	vault_fill_progress(j->fill, &done, &of);
	pthread_mutex_lock(&f->lock);
	job_note(j, trouble, done);
	if (j->nudged)
		order = PULL_NOW;
	j->nudged = false;
	if (f->stop) {
		order = PULL_STOP;
	} else if (order == PULL_ON && rest_us > FETCH_YIELD_US &&
		job_due(f, j->alone, &due) != NULL) {
		order = PULL_STOP;
		j->due_us = co_mono_us() + rest_us;
	}
	pthread_mutex_unlock(&f->lock);
	if (order == PULL_ON && co_mono_us() - j->stored_us > FETCH_STORE_US) {
		j->stored_us = co_mono_us();
		if (exhibit_fetch_progress(f->evidence, j->id, done, &err) != CO_OK)
			co_warn("fetch", "exhibit %s: %s", j->id, err.msg);
	}
	return order;
}

/* Ranges until everything landed and the digests say so. */
static enum co_rc
job_ranges(struct fetch_job *j, CURLM *multi, struct co_err *err)
{
	struct fetcher *f = j->f;
	struct pull_conf conf = { f->tls, j->fill, multi, j->id, j->row.partner, j->row.sealed_size,
		&j->bad, job_where, job_tick, j };
	pull_auto *p = NULL;
	enum co_rc rc = pull_new(&p, &conf, err);

	while (rc == CO_OK) {
		rc = pull_run(p, err);
		if (rc != CO_OK)
			break;
		rc = vault_fill_end(j->fill, j->row.plain_sha256, err);
		if (rc != CO_EBUSY)
			break;
		co_err_clear(err); /* chunks of an earlier attempt were damaged */
		rc = CO_OK;
	}
	return rc;
}

static enum co_rc
job_pull(struct fetch_job *j, struct co_err *err)
{
	const struct vault_content content = { j->row.coding, j->row.plain_size };
	struct fetcher *f = j->f;
	uint64_t of;
	CURLM *multi;
	enum co_rc rc;

	rc = vault_fill_begin(&j->fill, f->vault, j->id, j->key, j->row.sealed_header,
		j->row.sealed_size, &content, err);
	if (rc != CO_OK)
		return rc;
	multi = curl_multi_init();
	pthread_mutex_lock(&f->lock);
	j->multi = multi;
	vault_fill_progress(j->fill, &j->mark_done, &of);
	j->done = j->mark_done;
	pthread_mutex_unlock(&f->lock);
	j->mark_us = j->stored_us = co_mono_us();
	rc = multi == NULL ? co_fail(err, CO_ENOMEM, "fetching exhibit %s", j->id)
			   : job_ranges(j, multi, err);
	pthread_mutex_lock(&f->lock);
	j->multi = NULL;
	pthread_mutex_unlock(&f->lock);
	if (multi != NULL)
		(void)curl_multi_cleanup(multi);
	vault_fill_free(&j->fill);
	return rc;
}

/* Fetches, and sends the receipt in the same run. A verdict that could not be sent stays. */
static enum co_rc
job_run(struct fetch_job *j, struct co_err *err)
{
	struct fetcher *f = j->f;
	enum co_rc rc = CO_OK;

	if (!j->begun && j->unasked)
		rc = attachments_room(f->evidence, LIMIT_ATTACHMENT, err);
	if (rc == CO_OK && !j->begun) {
		rc = exhibit_fetch_begin(f->evidence, j->id, &j->who, j->key, &j->row, err);
		j->begun = rc == CO_OK;
	}
	if (rc != CO_OK)
		return rc;
	if (j->verdict == JOB_OPEN) {
		rc = job_pull(j, err);
		if (rc == CO_OK || rc == CO_EEXISTS) {
			j->verdict = JOB_VERIFIED;
		} else if (rc == CO_EVERIFY || rc == CO_EMALFORMED) {
			j->verdict = JOB_WRONG;
			(void)snprintf(j->why, sizeof(j->why), "%s", err->msg);
		} else {
			return rc;
		}
		co_err_clear(err);
	}
	if (co_fault_hit("fetch.before-receipt"))
		return co_fail(err, CO_EIO, "fault before the receipt");
	return exhibit_fetch_end(f->evidence, j->id, j->verdict == JOB_VERIFIED,
		j->verdict == JOB_WRONG ? j->why : NULL, err);
}

/* What no further try will mend. */
static bool
failure_final(enum co_rc rc)
{
	return rc == CO_ENOTFOUND || rc == CO_EDENIED || rc == CO_EREFUSED || rc == CO_EUSAGE ||
		rc == CO_ECRYPTO || rc == CO_EVERIFY || rc == CO_EEXISTS || rc == CO_ECONFLICT;
}

/* Lock held; the job is gone afterwards, or waits, or tells why it failed. */
static void
job_settle(struct fetcher *f, struct fetch_job *j, enum co_rc rc, const struct co_err *err)
{
	j->rate = 0;
	if (rc == CO_OK && j->verdict == JOB_VERIFIED) {
		co_info("fetch", "exhibit %s from %s is here and verified", j->id, j->row.partner);
		job_drop(f, j);
		return;
	}
	if (rc == CO_OK || failure_final(rc)) {
		(void)snprintf(j->error, sizeof(j->error), "%s", rc == CO_OK ? j->why : err->msg);
		co_error("fetch", "exhibit %s failed: %s", j->id, j->error);
		j->phase = JOB_FAILED;
		job_forget(f);
		return;
	}
	j->phase = JOB_WAITING;
	if (rc == CO_ECLOSED)
		return; /* it keeps its words and has its time already */
	(void)snprintf(j->error, sizeof(j->error), "%s", err->msg);
	co_warn("fetch", "exhibit %s: %s; again in %d s", j->id, err->msg,
		FETCH_AGAIN_US / 1000000);
	j->due_us = co_mono_us() + FETCH_AGAIN_US;
}

static void *
fetch_thread(void *arg)
{
	struct fetcher *f = arg;

	bool small;

	pthread_mutex_lock(&f->lock);
	small = f->started++ == 0;
	while (!f->stop) {
		int64_t due;
		struct fetch_job *j = job_due(f, small, &due);
		struct co_err err = { 0 };
		struct timespec until = { due / 1000000, due % 1000000 * 1000 };
		enum co_rc rc;

		if (j == NULL && due == INT64_MAX) {
			(void)pthread_cond_wait(&f->work, &f->lock);
			continue;
		}
		if (j == NULL) {
			(void)pthread_cond_timedwait(&f->work, &f->lock, &until);
			continue;
		}
		j->phase = JOB_RUNNING;
		j->alone = small;
		j->nudged = false;
		j->error[0] = '\0';
		pthread_mutex_unlock(&f->lock);
		rc = job_run(j, &err);
		pthread_mutex_lock(&f->lock);
		job_settle(f, j, rc, &err);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* ---- operations ---- */

static struct fetch_job *
job_new(struct fetcher *f, const char *id, const struct officer *who)
{
	struct fetch_job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->f = f;
	j->who = *who;
	(void)snprintf(j->id, sizeof(j->id), "%s", id);
	return j;
}

/* Goes on at once when it is under way already. */
static bool
fetch_under_way(struct fetcher *f, const char *id)
{
	struct fetch_job *j;
	bool live;

	pthread_mutex_lock(&f->lock);
	j = job_find(f, id);
	live = j != NULL && j->phase != JOB_FAILED;
	if (live)
		job_nudge(f, j);
	pthread_mutex_unlock(&f->lock);
	return live;
}

static enum co_rc
fetch_begin(struct fetcher *f, const char *id, const struct officer *who, struct co_err *err)
{
	struct fetch_job *j = job_new(f, id, who), *old;
	enum co_rc rc;

	if (j == NULL)
		return co_fail(err, CO_ENOMEM, "fetching exhibit %s", id);
	rc = exhibit_fetch_begin(f->evidence, id, who, j->key, &j->row, err);
	if (rc != CO_OK) {
		free(j);
		return rc;
	}
	j->begun = true;
	j->small = j->row.plain_size <= LIMIT_ATTACHMENT;
	j->done = j->row.done_bytes;
	pthread_mutex_lock(&f->lock);
	old = job_find(f, id);
	if (old != NULL && old->phase == JOB_FAILED) {
		job_drop(f, old);
		old = NULL;
	}
	if (old == NULL)
		job_append(f, j);
	pthread_mutex_unlock(&f->lock);
	if (old != NULL) { /* somebody asked at the same moment */
		crypto_wipe(j->key, sizeof(j->key));
		free(j);
	}
	return CO_OK;
}

static enum co_rc
op_fetch(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct fetcher *f = arg;
	struct exhibit_row row;
	struct store_db *db;
	const char *id;
	enum co_rc rc = in_uuid(in, "id", true, &id, err);

	if (rc == CO_OK)
		rc = store_reader(exchange_store(x), &db, err);
	if (rc == CO_OK)
		rc = exhibit_seen(x, db, who, id, &row, err);
	if (rc == CO_OK && !fetch_under_way(f, id))
		rc = fetch_begin(f, id, who, err);
	if (rc != CO_OK)
		return rc;
	return out_give(json_pack("{s:s, s:s}", "id", id, "state", "fetching"), out, err);
}

static enum co_rc
op_progress(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct fetcher *f = arg;
	const struct fetch_job *j;
	struct exhibit_row row;
	struct store_db *db;
	const char *id;
	json_t *o = NULL;
	enum co_rc rc = in_uuid(in, "id", true, &id, err);

	if (rc == CO_OK)
		rc = store_reader(exchange_store(x), &db, err);
	if (rc == CO_OK)
		rc = exhibit_seen(x, db, who, id, &row, err);
	if (rc != CO_OK)
		return rc;
	pthread_mutex_lock(&f->lock);
	j = job_find(f, id);
	/* The job may not have counted yet what the row says already. */
	if (strcmp(row.state, "verified") == 0 || strcmp(row.state, "complete") == 0)
		row.done_bytes = row.sealed_size;
	else if (j != NULL)
		row.done_bytes = j->done;
	o = json_pack("{s:s, s:I, s:I, s:I}", "state", row.state, "done",
		(json_int_t)row.done_bytes, "of",
		(json_int_t)row.sealed_size, "rate", (json_int_t)(j == NULL ? 0 : j->rate));
	if (o != NULL)
		out_text(o, "error", j == NULL ? "" : j->error);
	pthread_mutex_unlock(&f->lock);
	return out_give(o, out, err);
}

static const struct officer the_node = { .name = "node", .role = "node" };

void
fetcher_want(struct fetcher *f, const char *exhibit)
{
	struct fetch_job *j;

	pthread_mutex_lock(&f->lock);
	j = job_find(f, exhibit) == NULL ? job_new(f, exhibit, &the_node) : NULL;
	if (j != NULL) {
		j->small = true;
		j->unasked = true;
		job_append(f, j);
	}
	pthread_mutex_unlock(&f->lock);
}

/* ---- beginning and end ---- */

enum co_rc
fetcher_open(struct fetcher **out, struct exchange *x, struct tls *tls, struct vault *v,
	struct evidence *e, struct co_err *err)
{
	struct fetcher *f = calloc(1, sizeof(*f));
	pthread_condattr_t attr;

	if (f == NULL)
		return co_fail(err, CO_ENOMEM, "the fetcher");
	f->x = x;
	f->tls = tls;
	f->vault = v;
	f->evidence = e;
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&f->work, &attr);
	(void)pthread_condattr_destroy(&attr);
	op_register(x,
		(const struct op[]){
			{ "exhibit.fetch", "custodian,investigator,duty,administrator", op_fetch, f,
				"Pull an exhibit from its partner, or go on with it now" },
			{ "exhibit.progress", "*", op_progress, f,
				"How far the pulling of an exhibit is, and what hinders it" },
		},
		2);
	fetcher_describe(x);
	*out = f;
	return CO_OK;
}

static enum co_rc
fetch_resume(void *arg, const struct exhibit_row *row, struct co_err *err)
{
	struct fetcher *f = arg;
	struct fetch_job *j;

	if (!row->incoming)
		return CO_OK;
	j = job_new(f, row->id, &the_node);
	if (j == NULL)
		return co_fail(err, CO_ENOMEM, "fetching exhibit %s", row->id);
	j->small = row->plain_size <= LIMIT_ATTACHMENT;
	j->done = row->done_bytes;
	pthread_mutex_lock(&f->lock);
	job_append(f, j);
	pthread_mutex_unlock(&f->lock);
	return CO_OK;
}

enum co_rc
fetcher_start(struct fetcher *f, struct co_err *err)
{
	struct store_db *db;
	enum co_rc rc = store_reader(exchange_store(f->x), &db, err);

	if (rc == CO_OK)
		rc = exhibit_each(db, "fetching", fetch_resume, f, err);
	while (rc == CO_OK && f->threads_n < FETCH_THREADS) {
		int e = pthread_create(&f->threads[f->threads_n], NULL, fetch_thread, f);

		if (e != 0)
			return co_fail(err, CO_ENOMEM, "no thread for fetching (error %d)", e);
		f->threads_n++;
	}
	return rc;
}

void
fetcher_close(struct fetcher **out)
{
	struct fetcher *f = *out;

	if (f == NULL)
		return;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	for (struct fetch_job *j = f->jobs; j != NULL; j = j->next)
		if (j->multi != NULL)
			(void)curl_multi_wakeup(j->multi);
	(void)pthread_cond_broadcast(&f->work);
	pthread_mutex_unlock(&f->lock);
	for (size_t i = 0; i < f->threads_n; i++)
		(void)pthread_join(f->threads[i], NULL);
	while (f->jobs != NULL)
		job_drop(f, f->jobs);
	(void)pthread_cond_destroy(&f->work);
	(void)pthread_mutex_destroy(&f->lock);
	free(f);
	*out = NULL;
}
