#include "exchange/hold.h"

#include "exchange/inside.h"

void
exchange_hold(struct exchange *x, const char *why)
{
	pthread_mutex_lock(&x->hold_lock);
	(void)snprintf(x->hold, sizeof(x->hold), "%s", why == NULL ? "" : why);
	pthread_mutex_unlock(&x->hold_lock);
}

enum co_rc
exchange_held(struct exchange *x, struct co_err *err)
{
	enum co_rc rc = CO_OK;

	pthread_mutex_lock(&x->hold_lock);
	if (x->hold[0] != '\0')
		rc = co_fail(err, CO_EREFUSED, "%s", x->hold);
	pthread_mutex_unlock(&x->hold_lock);
	return rc;
}
