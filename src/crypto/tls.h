/* TLS 1.3 with both certificates. The private key stays in the keeper: handshakes sign through it.
 * Who is on the other side is decided by one callback on the fingerprint of the certificate, so
 * that the directory's pins are the only trust; nothing of the web's certificate authorities. */
#pragma once

#include "crypto/cert.h"

struct keeper;
struct ssl_st;     /* OpenSSL's SSL, opaque to every other room */
struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct tls;

/* May this certificate (already checked to be in its validity period) talk to us now?
 * On yes, writes the peer's address ("us.contact"). Called from any thread. */
typedef bool tls_admit(
	void *arg, const unsigned char sha256[SHA256_LEN], char *address, size_t address_cap);

/* chain: PEM, leaf first. */
enum co_rc tls_new(struct tls **out, const char *chain_pem, size_t chain_n, struct keeper *keeper,
	tls_admit *admit, void *arg, struct co_err *err) CO_NODISCARD;
/* One more certificate to show: the second is 1. Not while connections are made. */
enum { TLS_SELVES = 16 };
enum co_rc tls_add(
	struct tls *t, const char *chain_pem, size_t chain_n, struct co_err *err) CO_NODISCARD;
/* New connections show it from now on; those that stand go on. Any thread. */
void tls_use(struct tls *t, size_t i);
void tls_free(struct tls **t);
#define tls_auto CO_CLEANUP(tls_free) struct tls

/* A server side session for an accepted socket (caller frees with the bufferevent). */
enum co_rc tls_accept(struct tls *t, struct ssl_st **out, struct co_err *err) CO_NODISCARD;
/* Prepare libcurl's context (CURLOPT_SSL_CTX_FUNCTION): our certificate, remote key, TLS 1.3 only,
 * and a server certificate that must be admitted as `address` (copied). */
enum co_rc tls_setup_client(struct tls *t, struct ssl_ctx_st *ctx, const char *address,
	struct co_err *err) CO_NODISCARD;
/* After tls_setup_client, for content that is sealed with AES-256 already: the cheapest cipher. */
enum co_rc tls_setup_bulk(struct ssl_ctx_st *ctx, struct co_err *err) CO_NODISCARD;
/* The admitted peer's address of a finished handshake; "" before. */
void tls_peer(const struct ssl_st *ssl, char *address, size_t cap);
/* Why the last handshake of this thread failed, in words for an operator. */
void tls_reason(char *out, size_t cap);
