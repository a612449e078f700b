/* The directory: who the partners are. Entries are records signed by their own node; a partner is
 * trusted only after an operator here accepts it. Registers the operations directory.*, status,
 * partner.proof. */
#pragma once

#include "crypto/tls.h"
#include "exchange/partner.h"

struct directory_conf {
	struct exchange *exchange;
	struct tls *tls;
	struct ledger *ledger;
	struct stamper *stamper; /* NULL: time-stamps are our own */
	const char *address, *name, *economy, *role, *url, *timezone, *hours,
		*languages;                        /* comma list */
	const char *root_pem, *seal_pem, *tls_pem; /* texts */
	const char *vkey;
};

struct directory;
enum co_rc directory_open(
	struct directory **out, const struct directory_conf *conf, struct co_err *err) CO_NODISCARD;
void directory_close(struct directory **d);
/* Makes and stores a new entry of ours when there is none or something in it changed. After threads
 * run. */
enum co_rc directory_publish(struct directory *d, struct co_err *err) CO_NODISCARD;
/* Our entry as a wire body of one record (listener_conf.entry). */
enum co_rc directory_entry(void *arg, struct co_buf *out, struct co_err *err);

/* Fetches an accepted partner's present entry; a newer one under the same root is in force when it
 * returns (*news). Another root is refused: CO_ECERT. out may be NULL. Blocks for the network. */
struct officer;
enum co_rc directory_refresh(struct directory *d, const char *address, const struct officer *who,
	bool *news, json_t **out, struct co_err *err) CO_NODISCARD;
