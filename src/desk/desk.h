/* The duty desk: the web console that an officer lives in, in the node's own process.
 * Pages are operations (exchange/op.h) shown by templates: what the desk does, the API can do.
 * Works without script; a strict Content-Security-Policy forbids all but our own files. Must never
 * talk to partners, never write a record but by an operation, and never say who exists to somebody
 * not signed in. */
#pragma once

#include "evidence/exhibits.h"
#include "exchange/op.h"

/* Borrowed until desk_close. */
struct desk_conf {
	struct exchange *exchange;
	struct evidence *evidence; /* NULL: no attachments */
	const char *address;  /* IP to bind: loopback unless a proxy stands before it */
	uint16_t port;        /* 0: any */
	const char *url;      /* as browsers see it: "http://localhost:8443"; no slash at the end */
	const struct proxies *proxies; /* that stand before it and say who comes; NULL: none */
	const char *name;     /* the organisation */
	const char *zone;     /* of readers who chose none */
	const char *language; /* of readers whose browser names none that we have */
	/* The door for certificates and smart cards: its own TLS, at the host of url. NULL:
	 * none. */
	const char *card_address, *card_url, *card_pem; /* PEM: chain and key */
	uint16_t card_port;
	size_t card_pem_n;
};

struct desk;
enum co_rc desk_open(
	struct desk **out, const struct desk_conf *conf, struct co_err *err) CO_NODISCARD;
void desk_close(struct desk **d);
#define desk_auto CO_CLEANUP(desk_close) struct desk
uint16_t desk_port(const struct desk *d);

/* A link that lets officer set how they sign in; works once, for hours. Inside a job of the store.
 */
enum co_rc desk_invite(struct store_db *db, const char *officer, const char *made_by,
	unsigned hours, char code[65], struct co_err *err) CO_NODISCARD;
