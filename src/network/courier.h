/* Carries the outbox to partners: one thread with libcurl's multi interface, and a settling thread
 * that waits for the disk. Lanes of a partner have connections of their own, so an urgent record
 * never waits behind usual ones, and a partner that is dead, slow or lying costs nobody else
 * anything. */
#pragma once

#include "crypto/tls.h"
#include "exchange/exchange.h"

struct courier;
/* Registers itself with exchange_on_outbox and takes up what waits. */
enum co_rc courier_open(
	struct courier **out, struct exchange *x, struct tls *tls, struct co_err *err) CO_NODISCARD;
/* The partner was heard of (any thread): if it was thought away, it is tried at once. arg: courier.
 */
void courier_seen(void *arg, const char *partner);
void courier_close(struct courier **c);
