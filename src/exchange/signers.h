/* Who signed, whenever that was: the entries of a node, older ones too, and the certificate that
 * was in force when a record was written. Packages and the proofs of a running node ask here, so
 * both say the same. Must never choose a root: all entries that are added for one address are held
 * to be of one owner, and the caller sees to that (entries_each gives no others). */
#pragma once

#include "exchange/partner.h"
#include "record/record.h"

/* A directory entry: who a node is. */
struct signer_entry {
	struct record r;
	struct partner p;
	char path[LIMIT_PACKAGE_NAME + 1]; /* where it was read; "" for one of the database */
};
enum { SIGNER_ENTRIES = 64 };
struct signers {
	struct signer_entry *entries[SIGNER_ENTRIES];
	size_t n;
};
void signers_deinit(struct signers *s);
/* An entry, once its signature holds by a certificate of its own, valid then. Pure. */
enum co_rc signers_add(struct signers *s, const char *path, const void *bytes, size_t n,
	const void *sig, size_t sig_n, struct co_err *err) CO_NODISCARD;

struct signer {
	const struct signer_entry *entry;
	const struct cert *cert;
};
/* Signature over bytes by a seal certificate of some entry; *by tells whose. */
enum co_rc signers_verify(const struct signers *s, const void *bytes, size_t n, const void *sig,
	size_t sig_n, struct signer *by, struct co_err *err) CO_NODISCARD;
/* Parses what signers_verify accepted: sender, and validity at its time, too. */
enum co_rc signer_record(const struct signer *by, const void *bytes, size_t n, struct record *r,
	struct co_err *err) CO_NODISCARD;
/* Since when a certificate is withdrawn, by any entry of its owner; 0: it is not. */
int64_t signers_withdrawn(
	const struct signers *s, const char *address, const unsigned char sha256[SHA256_LEN]);

/* All entries of an address that entries_each gives, for signers_verify. */
enum co_rc signers_of(struct exchange *x, struct store_db *db, const char *address,
	struct signers *all, struct co_err *err) CO_NODISCARD;

/* Entries of an address that the database holds under its accepted root, the newest first: older
 * records may need an older one, and what was offered and never accepted does not come. p is what
 * the entry says; everything is borrowed for the call. */
typedef enum co_rc entries_call(void *arg, const char *id, const struct partner *p,
	const struct co_buf *bytes, const struct co_buf *sig, struct co_err *err);
enum co_rc entries_each(struct exchange *x, struct store_db *db, const char *address,
	entries_call *call, void *arg, struct co_err *err) CO_NODISCARD;
