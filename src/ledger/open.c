#include "crypto/keeper.h"
#include "ledger/sign.h"

static enum co_rc
sign_by_keeper(
	void *arg, const char *text, size_t n, unsigned char sig[ED25519_SIG], struct co_err *err)
{
	return keeper_sign_checkpoint(arg, text, n, sig, err);
}

static enum co_rc
stamp_by_keeper(
	void *arg, const unsigned char *digest, size_t digest_n, struct co_buf *resp,
	struct co_err *err)
{
	return keeper_stamp(arg, digest, digest_n, resp, err);
}

enum co_rc
ledger_open(struct ledger **out, struct store *s, struct keeper *k, const char *origin,
	const unsigned char pub[ED25519_PUB], struct co_err *err)
{
	return ledger_open_signed(out, s, sign_by_keeper, k, origin, pub,
		stamp_by_keeper, k, err);
}
