/* Our own certificates, the renewed ones too (crypto/slot.h): which of them the directory entry
 * lists, and which is in force. A renewed one comes into force when every accepted partner has the
 * entry that lists it, or at the last when the one before ends: so no partner ever meets what it
 * does not know. Nothing of this is stored; it is decided anew from what is. Must never see a
 * key. */
#pragma once

#include "crypto/keeper.h"
#include "crypto/tls.h"
#include "exchange/exchange.h"

struct own;
/* Reads the files of keeper's configuration and certs/root.pem. */
enum co_rc own_open(struct own **out, const struct keeper_conf *keeper, const char *certs,
	struct co_err *err) CO_NODISCARD;
void own_close(struct own **o);
/* Which of them the keeper holds with their keys; those it does not are left out from here on. */
enum co_rc own_held(struct own *o, struct keeper *keeper, struct co_err *err) CO_NODISCARD;

const char *own_root_pem(const struct own *o);
/* What signs at the start, as the keeper decides it too. Borrowed. */
const struct cert *own_seal_first(const struct own *o, int64_t now_us);
enum co_rc own_tls(const struct own *o, struct tls **out, struct keeper *keeper, tls_admit *admit,
	void *arg, struct co_err *err) CO_NODISCARD;
/* For the entry: texts of those that have not ended, the newest first, at most four. */
json_t *own_pems(const struct own *o, enum cert_use use, int64_t now_us);

/* Does every accepted partner have an entry that lists this certificate? */
typedef bool own_known(void *arg, const char *pem);
/* Puts in force what shall be; says so in the log when it is another than before. */
enum co_rc own_settle(struct own *o, int64_t now_us, own_known *known, void *arg,
	struct exchange *x, struct tls *tls, struct co_err *err) CO_NODISCARD;
/* For status: use, subject, sha256, not_after, expired, state (in-force, ready, kept, ended), soon:
 * ends within OWN_SOON_DAYS and nothing newer is there. */
enum { OWN_SOON_DAYS = 60 };
json_t *own_status(const struct own *o, int64_t now_us);
/* The text of the one with this fingerprint (hex); NULL: none. */
const char *own_pem_of(const struct own *o, const char *hex);
/* Once a day, one line for each that ends soon. */
void own_warn(const struct own *o, int64_t now_us);

/* The rule, pure: the oldest first; n when none is good. */
struct own_term {
	int64_t from_us, to_us;
	bool known;
};
size_t own_choose(const struct own_term *t, size_t n, int64_t now_us);
