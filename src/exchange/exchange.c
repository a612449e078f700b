#include "exchange/exchange.h"

#include "exchange/inside.h"
#include "exchange/lawbook.h"
#include "exchange/numbers.h"

#include <ctype.h>
#include "exchange/search.h"
#include "exchange/token.h"

static enum co_rc
locks_init(struct exchange *x, struct co_err *err)
{
	if (pthread_rwlock_init(&x->snap_lock, NULL) != 0 ||
		pthread_mutex_init(&x->guard_lock, NULL) != 0 ||
		pthread_mutex_init(&x->law_lock, NULL) != 0 ||
		pthread_mutex_init(&x->hold_lock, NULL) != 0 ||
		pthread_mutex_init(&x->fly_lock, NULL) != 0 ||
		pthread_cond_init(&x->fly_none, NULL) != 0)
		return co_fail(err, CO_ENOMEM, "exchange_open: locks");
	return CO_OK;
}

static void
economy_set(struct exchange *x, const char *economy)
{
	(void)snprintf(
		x->economy, sizeof(x->economy), "%.2s", economy == NULL ? x->address : economy);
	for (char *p = x->economy; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
}

enum co_rc
exchange_open(struct exchange **out, const struct exchange_conf *conf, struct co_err *err)
{
	exchange_auto *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return co_fail(err, CO_ENOMEM, "exchange_open");
	TRY(locks_init(x, err));
	if (!address_valid(conf->address))
		return co_fail(err, CO_EUSAGE, "\"%s\" is no address; it looks like th.contact",
			conf->address);
	(void)snprintf(x->address, sizeof(x->address), "%s", conf->address);
	economy_set(x, conf->economy);
	x->provider = conf->provider;
	x->store = conf->store;
	x->keeper = conf->keeper;
	x->calendar = conf->calendar;
	x->no_sandbox = conf->no_sandbox;
	x->lead_days = conf->lead_days;
	atomic_store(&x->seal, conf->seal);
	x->four_eyes = strdup(conf->four_eyes == NULL ? "" : conf->four_eyes);
	if (x->four_eyes == NULL)
		return co_fail(err, CO_ENOMEM, "exchange_open");
	kinds_register(x);
	ops_register(x);
	token_ops(x);
	search_ops(x);
	TRY(partner_reload(x, err));
	TRY(numbers_named_begin(x->store, err));
	*out = CO_TAKE(x);
	return CO_OK;
}

void
exchange_close(struct exchange **xp)
{
	struct exchange *x = *xp;

	if (x == NULL)
		return;
	*xp = NULL;
	pthread_mutex_lock(&x->fly_lock);
	while (x->flying != 0)
		pthread_cond_wait(&x->fly_none, &x->fly_lock);
	pthread_mutex_unlock(&x->fly_lock);
	snapshot_drop(x->snap);
	lawbook_put(&x->law);
	free(x->four_eyes);
	free(x->ops);
	pthread_cond_destroy(&x->fly_none);
	pthread_mutex_destroy(&x->hold_lock);
	pthread_mutex_destroy(&x->fly_lock);
	pthread_mutex_destroy(&x->guard_lock);
	pthread_mutex_destroy(&x->law_lock);
	pthread_rwlock_destroy(&x->snap_lock);
	free(x);
}

void
exchange_fly(struct exchange *x)
{
	pthread_mutex_lock(&x->fly_lock);
	x->flying++;
	pthread_mutex_unlock(&x->fly_lock);
}

void
exchange_landed(struct exchange *x)
{
	pthread_mutex_lock(&x->fly_lock);
	if (--x->flying == 0)
		pthread_cond_broadcast(&x->fly_none);
	pthread_mutex_unlock(&x->fly_lock);
}

const char *
exchange_address(const struct exchange *x)
{
	return x->address;
}

struct store *
exchange_store(struct exchange *x)
{
	return x->store;
}

struct keeper *
exchange_keeper(struct exchange *x)
{
	return x->keeper;
}

const struct cert *
exchange_seal(const struct exchange *x)
{
	return atomic_load(&x->seal);
}

void
exchange_seal_use(struct exchange *x, const struct cert *seal)
{
	atomic_store(&x->seal, seal);
}

int64_t
exchange_effect_time_us(const struct exchange *x)
{
	return x->effect_time_us;
}

void
exchange_register(struct exchange *x, enum record_kind kind, exchange_effect *effect, void *arg)
{
	x->effects[kind].fn = effect;
	x->effects[kind].arg = arg;
}

void
exchange_also(struct exchange *x, enum record_kind kind, exchange_effect *effect, void *arg)
{
	x->also[kind].fn = effect;
	x->also[kind].arg = arg;
}

bool
exchange_rebuilding(const struct exchange *x)
{
	return atomic_load(&x->rebuilding);
}

void
exchange_on_approved(struct exchange *x, exchange_confirm *confirm, exchange_approved *approved,
	void *arg)
{
	x->confirm = confirm;
	x->approved = approved;
	x->approved_arg = arg;
}

void
exchange_on_outbox(struct exchange *x, exchange_wake *wake, void *arg)
{
	x->wake = wake;
	x->wake_arg = arg;
}

void
exchange_on_urgent(struct exchange *x, exchange_urgent *urgent, void *arg)
{
	x->urgent = urgent;
	x->urgent_arg = arg;
}

void
exchange_on_carry(struct exchange *x, exchange_carry *carry, void *arg)
{
	x->carry = carry;
	x->carry_arg = arg;
}

void
stored_record_deinit(struct stored_record *s)
{
	record_deinit(&s->r);
	co_buf_deinit(&s->bytes);
	co_buf_deinit(&s->sig);
}

enum co_rc
exchange_load(struct store_db *db, const char *id, struct stored_record *out, struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	store_stmt_auto *st = NULL;
	const void *p;
	size_t n;
	bool row;

	record_init(&s.r);
	co_buf_init(&s.bytes, LIMIT_RECORD);
	co_buf_init(&s.sig, LIMIT_SIGNATURE);
	TRY(store_query(db, Q_RECORD_LOAD, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no record %s here", id);
	p = store_blob(st, 0, &n);
	TRY(co_buf_add(&s.bytes, p, n, err));
	p = store_blob(st, 1, &n);
	TRY(co_buf_add(&s.sig, p, n, err));
	s.incoming = store_int(st, 2) != 0;
	s.stored_us = store_int(st, 3);
	record_deinit(&s.r);
	record_init(&s.r);
	TRY(record_parse(&s.r, s.bytes.data, s.bytes.len, err));
	*out = s;
	s = (struct stored_record){ .incoming = false };
	record_init(&s.r);
	co_buf_init(&s.bytes, 0);
	co_buf_init(&s.sig, 0);
	return CO_OK;
}
