/* The ranges of one exhibit on their way from one partner: which are asked for, what is taken of an
 * answer, how long to rest after a break. Feeds a vault_fill; must never decide what becomes of the
 * exhibit. Wire: docs/protocol.md, GET /v1/exhibits/{id}. */
#pragma once

#include "crypto/tls.h"
#include "vault/vault.h"

#include <curl/curl.h>

enum { PULL_BAD = 16 };

/* Places where a chunk did not authenticate; kept over begins of one exhibit. */
struct pull_bad {
	uint64_t at[PULL_BAD];
	size_t n;
};

enum pull_order { PULL_ON, PULL_NOW, PULL_STOP };
/* Where the exhibit is now: asked before every range, because a partner may move or be blocked. */
typedef enum co_rc pull_where(void *arg, char *url, size_t cap, struct co_err *err);
/* Asked several times a second. trouble: what hinders, "" when all goes well; rest_us: until the
 * next try. PULL_NOW ends the rest. */
typedef enum pull_order pull_tick(void *arg, const char *trouble, int64_t rest_us);

struct pull_conf {
	struct tls *tls;
	struct vault_fill *fill;
	CURLM *multi; /* of this pull alone; others may wake it */
	const char *id, *partner;
	uint64_t size; /* of the sealed file */
	struct pull_bad *bad;
	pull_where *where;
	pull_tick *tick;
	void *arg;
};

struct pull;
enum co_rc pull_new(
	struct pull **out, const struct pull_conf *conf, struct co_err *err) CO_NODISCARD;
void pull_free(struct pull **p);
#define pull_auto CO_CLEANUP(pull_free) struct pull
/* CO_OK: nothing is missing. CO_ECLOSED: told to stop. CO_EVERIFY: a chunk came wrong twice at the
 * same place, or many did once. Otherwise the disk or memory fails: begin again later. Breaks of
 * the network and a full disk do not end it. */
enum co_rc pull_run(struct pull *p, struct co_err *err) CO_NODISCARD;
