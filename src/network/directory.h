/* The directory: who the partners are. Entries are records signed by their own node; a partner is
 * trusted only after an operator here accepts it. Registers the operations directory.*, status,
 * partner.proof. */
#pragma once

#include "crypto/tls.h"
#include "exchange/partner.h"
#include "network/own.h"

struct directory_conf {
	struct exchange *exchange;
	struct tls *tls;
	struct ledger *ledger;
	struct stamper *stamper; /* NULL: time-stamps are our own */
	const char *address, *name, *economy, *role, *url, *timezone, *hours,
		*languages;                        /* comma list */
	struct own *own; /* certificates */
	const char *vkey;
};

struct directory;
enum co_rc directory_open(
	struct directory **out, const struct directory_conf *conf, struct co_err *err) CO_NODISCARD;
void directory_close(struct directory **d);
/* Makes and stores a new entry of ours when there is none or something in it changed. After threads
 * run. */
enum co_rc directory_publish(struct directory *d, struct co_err *err) CO_NODISCARD;
/* listener_conf.entry */
enum co_rc directory_entry(void *arg, const char *peer, const char *have, char tag[CO_UUID_LEN + 3],
	struct co_buf *out, struct co_err *err);
/* Turns to a renewed certificate if all partners have it, or the time has come (network/own.h). */
enum co_rc directory_settle(struct directory *d, struct co_err *err) CO_NODISCARD;
/* Certificates that end soon, into the log, once a day. */
void directory_warn(struct directory *d);
/* Told, from any thread, when a partner said what it has; call NULL: nobody. */
void directory_on_news(struct directory *d, void (*call)(void *arg), void *arg);

/* Fetches an accepted partner's present entry; a newer one under the same root is in force when it
 * returns (*news). Another root is refused: CO_ECERT. until and out may be NULL. Blocks for the
 * network. */
struct officer;
struct http_until;
enum co_rc directory_refresh(struct directory *d, const char *address, const struct officer *who,
	const struct http_until *until, bool *news, json_t **out, struct co_err *err) CO_NODISCARD;
