#include "network/renew.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "exchange/op.h"
#include "network/http.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

enum {
	RENEW_FIRST_S = 60,
	RENEW_EVERY_S = 6 * 3600,
	RENEW_JITTER_S = 600, /* nodes that started together do not ask together */
	RENEW_PARTNERS = 1024
};

struct renewer {
	struct exchange *x;
	struct directory *d;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool runs, stop, news;
};

/* Under the directory's lock, from any thread. */
static void
renewer_news(void *arg)
{
	struct renewer *r = arg;

	pthread_mutex_lock(&r->lock);
	r->news = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

static void
renewer_settle(struct renewer *r)
{
	struct co_err err = { 0 };

	if (directory_settle(r->d, &err) != CO_OK)
		co_error("directory", "certificates: %s", err.msg);
}

/* False at the end. Meanwhile what partners say that they have is taken note of. */
static bool
renewer_sleep(struct renewer *r, int64_t seconds)
{
	struct timespec until;
	uint32_t dice;
	bool go_on;
	int rc = 0;

	crypto_random(&dice, sizeof(dice));
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec +=
		(time_t)(seconds + (int64_t)(dice % RENEW_JITTER_S) * seconds / RENEW_EVERY_S);
	pthread_mutex_lock(&r->lock);
	while (!r->stop && rc != ETIMEDOUT) {
		if (!r->news) {
			rc = pthread_cond_timedwait(&r->wake, &r->lock, &until);
			continue;
		}
		r->news = false;
		pthread_mutex_unlock(&r->lock);
		renewer_settle(r);
		pthread_mutex_lock(&r->lock);
	}
	go_on = !r->stop;
	pthread_mutex_unlock(&r->lock);
	return go_on;
}

static bool
renewer_stopped(void *arg)
{
	struct renewer *r = arg;
	bool stop;

	pthread_mutex_lock(&r->lock);
	stop = r->stop;
	pthread_mutex_unlock(&r->lock);
	return stop;
}

/* Addresses of accepted partners; the query is done before the network is waited for. */
static enum co_rc
renewer_list(struct renewer *r, char (*out)[LIMIT_ADDRESS + 1], size_t *n, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	*n = 0;
	TRY(store_reader(exchange_store(r->x), &db, err));
	TRY(store_query(db, Q_PARTNER_ROWS, &st, err, ""));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row || *n == RENEW_PARTNERS)
			return CO_OK;
		if (strcmp(store_text(st, 1), "accepted") == 0)
			(void)snprintf(out[(*n)++], sizeof(out[0]), "%s", store_text(st, 0));
	}
}

static void
renewer_round(struct renewer *r, char (*addresses)[LIMIT_ADDRESS + 1])
{
	static const struct officer node = { .name = "node", .role = "node" };
	const struct http_until until = { renewer_stopped, r };
	struct co_err err = { 0 };
	size_t n = 0;

	renewer_settle(r);
	if (directory_publish(r->d, &err) != CO_OK)
		co_error("directory", "%s", err.msg);
	co_err_clear(&err);
	if (renewer_list(r, addresses, &n, &err) != CO_OK)
		co_error("directory", "%s", err.msg);
	for (size_t i = 0; i < n && !renewer_stopped(r); i++) {
		bool news;

		co_err_clear(&err);
		if (directory_refresh(r->d, addresses[i], &node, &until, &news, NULL, &err) !=
			CO_OK) {
			/* A partner that is away is told by what waits for it; here it is no news.
			 */
			if (err.rc != CO_ENETWORK && err.rc != CO_ETIMEOUT)
				co_warn("directory", "the entry of %s was not renewed: %s",
					addresses[i], err.msg);
		} else if (news) {
			co_info("directory", "took in a newer entry of %s", addresses[i]);
		}
	}
}

static void *
renewer_run(void *arg)
{
	struct renewer *r = arg;
	char(*addresses)[LIMIT_ADDRESS + 1] = calloc(RENEW_PARTNERS, sizeof(*addresses));
	int64_t wait_s = RENEW_FIRST_S;

	while (addresses != NULL && renewer_sleep(r, wait_s)) {
		renewer_round(r, addresses);
		directory_warn(r->d);
		wait_s = RENEW_EVERY_S;
	}
	free(addresses);
	return NULL;
}

enum co_rc
renewer_open(struct renewer **out, struct exchange *x, struct directory *d, struct co_err *err)
{
	struct renewer *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	if (r == NULL)
		return co_fail(err, CO_ENOMEM, "renewing entries");
	r->x = x;
	r->d = d;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&r->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	r->runs = pthread_create(&r->thread, NULL, renewer_run, r) == 0;
	if (!r->runs) {
		renewer_close(&r);
		return co_fail(err, CO_ENOMEM, "renewing entries: a thread");
	}
	directory_on_news(d, renewer_news, r);
	*out = r;
	return CO_OK;
}

void
renewer_close(struct renewer **renewer)
{
	struct renewer *r = *renewer;

	if (r == NULL)
		return;
	directory_on_news(r->d, NULL, NULL);
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	if (r->runs)
		(void)pthread_join(r->thread, NULL);
	(void)pthread_cond_destroy(&r->wake);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
	*renewer = NULL;
}
