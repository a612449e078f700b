#include "exchange/inside.h"

void
tally_init(struct tally *t)
{
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)pthread_cond_init(&t->none, NULL);
	t->left = 0;
}

void
tally_submit(struct tally *t, struct store *s, store_work *work, store_finish *finish,
	void *const *args, size_t n)
{
	struct co_err err = { CO_OK, "" };

	pthread_mutex_lock(&t->lock);
	t->left += n;
	pthread_mutex_unlock(&t->lock);
	if (store_submit_many(s, work, finish, args, n, &err) == CO_OK)
		return;
	for (size_t i = 0; i < n; i++)
		finish(args[i], &err);
}

void
tally_done(struct tally *t)
{
	/* Signalled under the lock: the waiter owns the tally and may be gone after it is released.
	 */
	pthread_mutex_lock(&t->lock);
	if (--t->left == 0)
		pthread_cond_signal(&t->none);
	pthread_mutex_unlock(&t->lock);
}

void
tally_wait_deinit(struct tally *t)
{
	pthread_mutex_lock(&t->lock);
	while (t->left != 0)
		pthread_cond_wait(&t->none, &t->lock);
	pthread_mutex_unlock(&t->lock);
	pthread_cond_destroy(&t->none);
	pthread_mutex_destroy(&t->lock);
}
