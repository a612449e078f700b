/* Partners as this node trusts them: pinned certificates from accepted directory entries, less the
 * revoked. An immutable snapshot behind a lock; every check borrows one. */
#pragma once

#include "crypto/cert.h"
#include "exchange/exchange.h"

enum { PARTNER_CERTS = 4 };

struct partner {
	char address[LIMIT_ADDRESS + 1];
	char name[LIMIT_NAME + 1]; /* organisation */
	char economy[3];
	char role[32];            /* contact, authority, provider */
	char url[LIMIT_NAME + 1]; /* https://host:port */
	char vkey[512];           /* of its ledger */
	char timezone[64];
	struct cert *root;
	struct cert *seal[PARTNER_CERTS];
	size_t seal_n;
	unsigned char tls_sha256[PARTNER_CERTS][SHA256_LEN];
	size_t tls_n;
	bool accepted;
};

/* Borrowed until partner_put. CO_ENOTFOUND when unknown; CO_EDENIED when known but not accepted. */
enum co_rc partner_get(struct exchange *x, const char *address, const struct partner **out,
	struct co_err *err) CO_NODISCARD;
/* The root that stands for an address in our directory, in whatever state; false: none does. */
bool partner_root(struct exchange *x, const char *address, unsigned char sha256[SHA256_LEN]);
void partner_put(struct exchange *x, const struct partner **p);
/* TLS: does this fingerprint belong to an accepted partner, and to which? (tls_admit's shape; arg
 * is x) */
bool partner_admit(void *arg, const unsigned char sha256[SHA256_LEN], char *address, size_t cap);
/* Verifies sig over bytes as partner's at at_us: pinned seal certificate, in its validity, chained
 * to the pinned root (cached), not revoked. The reason names the certificate. */
enum co_rc partner_verify(struct exchange *x, const char *address, const void *bytes, size_t n,
	const void *sig, size_t sig_n, struct co_err *err) CO_NODISCARD;

/* The body of an entry record -> partner; refuses what is malformed, a certificate that does not
 * chain to the entry's root, a vkey that does not parse. Pure. */
enum co_rc partner_from_entry(
	struct partner *out, const struct record *entry, struct co_err *err) CO_NODISCARD;
void partner_deinit(struct partner *p);

/* Read the partner and revoked tables again (after a change; safe at any time). */
enum co_rc partner_reload(struct exchange *x, struct co_err *err) CO_NODISCARD;
