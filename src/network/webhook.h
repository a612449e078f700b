/* Webhooks: programs of the own house are told that something happened. At least once, in the order
 * of trying, each occurrence under one id. What is told are ids and kinds, never words of a case.
 * Signed: Comity-Webhook-Signature: v1=HEX of HMAC-SHA256 over "ID.TIME.BODY" (docs/api.md). Must
 * never reach what only this machine can: addresses are checked when the socket opens. */
#pragma once

#include "exchange/op.h"

struct sockaddr;

struct webhook_conf {
	struct exchange *exchange;
	uint16_t port;   /* of the partners' listener: never called */
	bool link_local; /* allow link-local and metadata addresses */
};
struct webhooks;
/* Registers operations: before anybody can call one. */
enum co_rc webhooks_open(
	struct webhooks **out, const struct webhook_conf *conf, struct co_err *err) CO_NODISCARD;
/* The thread that follows the records and delivers. */
enum co_rc webhooks_start(struct webhooks *w, struct co_err *err) CO_NODISCARD;
void webhooks_close(struct webhooks **w);

/* ---- what may be called; pure ---- */
/* https, or http to a loopback name; no user, no port of the partners. */
enum co_rc webhook_url_check(const char *url, uint16_t port, struct co_err *err) CO_NODISCARD;
/* The address that a name led to. plain: the scheme is http. */
bool webhook_address_fits(const struct sockaddr *a, uint16_t port, bool plain, bool link_local);
/* Microseconds until the next attempt after so many; 0: give up. */
int64_t webhook_wait_us(int64_t attempts);
/* Comity-Webhook-Signature of a delivery. */
void webhook_sign(
	const char *secret, const char *id, int64_t at_s, const char *body, char out[3 + 64 + 1]);
