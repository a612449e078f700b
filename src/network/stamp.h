/* Outside time-stamp authorities: RFC 3161 over HTTP (section 3.4), several in an order. The first
 * that answers well counts; one that does not is left alone for a while, longer each time. Never on
 * a record's path: the ledger asks in the background, and takes the node's own time-stamp when no
 * authority gives one. Must never keep an answer that does not hold under the configured roots. */
#pragma once

#include "crypto/tsp.h"

#include <jansson.h>

enum { STAMP_AUTHORITIES = 8 };

struct stamper;
/* urls: http:// or https:// addresses with commas, the first is asked first; roots: a PEM file of
 * up to LIMIT_CHAIN certificates for all of them, or one file each with commas; policies: an OID
 * each with commas, "" or an empty place for any. */
struct stamp_conf {
	const char *urls, *roots, *policies;
};
enum co_rc stamper_open(
	struct stamper **out, const struct stamp_conf *conf, struct co_err *err) CO_NODISCARD;
void stamper_close(struct stamper **s);
#define stamper_auto CO_CLEANUP(stamper_close) struct stamper
/* ledger_stamp's shape; arg is the stamper. digest_n as tsp_ask has it. One thread at a time.
 * CO_ENETWORK with a word on each authority when none answered well. */
enum co_rc stamper_stamp(void *arg, const unsigned char *digest, size_t digest_n,
	struct co_buf *resp, struct co_err *err);
/* The roots of all authorities, borrowed from the stamper; any thread. Returns how many. */
size_t stamper_roots(const struct stamper *s, const struct cert *out[TSP_ROOTS_MAX]);
/* [{url, state: "good"|"failing"|"new", since, error, next, until}]; any thread. */
json_t *stamper_json(struct stamper *s);
