/* Is this the node that its partners know, or an old copy of it? A copy that was restored would go
 * on from where it was taken, and its ledger would fork from what partners hold. Two witnesses: the
 * mark, a file outside of what is backed up, names the newest checkpoint that was signed on this
 * machine; and each accepted partner is asked for the last record of ours that it has. Either puts
 * the node on hold (exchange/hold.h) until an administrator decides. Must never take a partner's
 * word without our own signature on it. docs/decisions/0024. */
#pragma once

#include "crypto/tls.h"
#include "exchange/exchange.h"
#include "ledger/ledger.h"

struct witness_conf {
	struct exchange *exchange;
	struct tls *tls;
	const char *run;      /* folder of the files mark and held */
	const char *root_pem; /* ours */
};
struct witness;
/* Looks at the mark, and at a hold that stood before; registers ledger.resume. Before threads. */
enum co_rc witness_open(
	struct witness **out, const struct witness_conf *conf, struct co_err *err) CO_NODISCARD;
/* Asks partners, until each has answered once, and then four times a day. */
enum co_rc witness_start(struct witness *w, struct co_err *err) CO_NODISCARD;
/* A checkpoint of this size was signed. */
void witness_mark(struct witness *w, uint64_t size);
void witness_close(struct witness **w);

/* What the mark in a folder says, for who looks at a node that does not run. CO_ENOTFOUND: none. */
enum { WITNESS_ROOT = 45 };
enum co_rc witness_mark_read(const char *run, uint64_t *size, char root[WITNESS_ROOT],
	struct co_err *err) CO_NODISCARD;
/* Does the database hold what the mark names? The reason is for a person. */
enum co_rc witness_mark_check(
	struct store_db *db, const char *run, struct co_err *err) CO_NODISCARD;
