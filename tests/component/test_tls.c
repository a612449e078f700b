/* Handshakes between tls_accept and a client over a socketpair; every private key is in a keeper.
 */
#include "keeper_fixture.h"

#include "crypto/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

static struct co_err err;

/* One node: its keeper, its TLS, and the one certificate it admits. */
struct node {
	struct fixture fix;
	struct keeper *keeper;
	struct tls *tls;
	const struct cert *admits;
	const char *admits_as;
};
static struct node here, there;

static bool
admit(void *arg, const unsigned char fingerprint[SHA256_LEN], char *address, size_t cap)
{
	const struct node *n = arg;

	if (n->admits == NULL || memcmp(cert_sha256(n->admits), fingerprint, SHA256_LEN) != 0)
		return false;
	(void)snprintf(address, cap, "%s", n->admits_as);
	return true;
}

static enum co_rc
node_open(struct node *n, int64_t tls_to)
{
	co_auto_buf pem;
	enum co_rc rc;

	*n = (struct node){ 0 };
	co_buf_init(&pem, LIMIT_CERT);
	rc = fix_make(&n->fix, KEY_P256, tls_to, &err);
	if (rc == CO_OK)
		rc = keeper_start(&n->keeper, &n->fix.conf, &err);
	if (rc == CO_OK)
		rc = co_read_file(n->fix.conf.tls_cert, &pem, &err);
	if (rc == CO_OK)
		rc = tls_new(&n->tls, pem.data, pem.len, n->keeper, admit, n, &err);
	return rc;
}

static void
node_close(struct node *n)
{
	tls_free(&n->tls);
	keeper_stop(&n->keeper);
	fix_drop(&n->fix);
}

static int
set_up(void **state)
{
	(void)state;
	if (node_open(&here, co_now_us() + 30 * FIX_DAY) == CO_OK &&
		node_open(&there, co_now_us() + 30 * FIX_DAY) == CO_OK)
		return 0;
	(void)fprintf(stderr, "%s\n", err.msg);
	return -1;
}

static int
tear_down(void **state)
{
	(void)state;
	node_close(&here);
	node_close(&there);
	return 0;
}

struct side {
	SSL *ssl;
	bool good; /* handshake done and one byte each way */
	char peer[LIMIT_ADDRESS + 1];
	char reason[256];
};

static void *
run_side(void *arg)
{
	struct side *s = arg;
	char c = SSL_is_server(s->ssl) ? 's' : 'c', got = 0;

	/* The server speaks first, so a client learns of its refusal (TLS 1.3: after its finish).
	 */
	if (SSL_do_handshake(s->ssl) == 1) {
		if (SSL_is_server(s->ssl))
			s->good = SSL_write(s->ssl, &c, 1) == 1 && SSL_read(s->ssl, &got, 1) == 1;
		else
			s->good = SSL_read(s->ssl, &got, 1) == 1 && SSL_write(s->ssl, &c, 1) == 1;
	}
	s->good = s->good && got == (c == 's' ? 'c' : 's');
	tls_peer(s->ssl, s->peer, sizeof(s->peer));
	tls_reason(s->reason, sizeof(s->reason));
	ERR_clear_error();
	if (!s->good)
		(void)shutdown(SSL_get_fd(s->ssl), SHUT_WR);
	return NULL;
}

static void
meet(struct side *server, struct side *client, SSL_CTX *client_ctx)
{
	pthread_t t;
	int fd[2];

	*server = *client = (struct side){ 0 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	assert_ok(tls_accept(here.tls, &server->ssl, &err));
	client->ssl = SSL_new(client_ctx);
	assert_non_null(client->ssl);
	SSL_set_connect_state(client->ssl);
	tls_peer(server->ssl, server->peer, sizeof(server->peer));
	assert_string_equal(server->peer, "");
	assert_int_equal(SSL_set_fd(server->ssl, fd[0]), 1);
	assert_int_equal(SSL_set_fd(client->ssl, fd[1]), 1);
	assert_int_equal(pthread_create(&t, NULL, run_side, server), 0);
	(void)run_side(client);
	assert_int_equal(pthread_join(t, NULL), 0);
	SSL_free(server->ssl);
	SSL_free(client->ssl);
	close(fd[0]);
	close(fd[1]);
}

static void
meet_as(struct side *server, struct side *client, struct node *n, const char *wanted)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	assert_non_null(ctx);
	assert_ok(tls_setup_client(n->tls, ctx, wanted, &err));
	meet(server, client, ctx);
	SSL_CTX_free(ctx);
}

static void
admit_each_other(void)
{
	here.admits = there.fix.tls;
	here.admits_as = "us.contact";
	there.admits = here.fix.tls;
	there.admits_as = "th.contact";
}

static void
two_admitted_nodes_meet_and_know_each_other(void **state)
{
	struct side server, client;

	(void)state;
	admit_each_other();
	for (int i = 0; i < 3; i++) {
		meet_as(&server, &client, &there, "th.contact");
		if (!server.good || !client.good)
			fail_msg("server: %s; client: %s", server.reason, client.reason);
		assert_string_equal(server.peer, "us.contact");
		assert_string_equal(client.peer, "th.contact");
	}
}

static void
unknown_client_is_refused_with_its_fingerprint(void **state)
{
	struct side server, client;

	(void)state;
	admit_each_other();
	here.admits = NULL;
	meet_as(&server, &client, &there, "th.contact");
	assert_false(server.good);
	assert_false(client.good);
	assert_non_null(strstr(server.reason, "belongs to no accepted partner"));
	assert_string_equal(server.peer, "");
}

static void
unknown_or_other_server_is_refused_by_the_client(void **state)
{
	struct side server, client;

	(void)state;
	admit_each_other();
	there.admits = NULL;
	meet_as(&server, &client, &there, "th.contact");
	assert_false(client.good);
	assert_non_null(strstr(client.reason, "belongs to no accepted partner"));
	admit_each_other();
	meet_as(&server, &client, &there, "de.contact");
	assert_false(client.good);
	assert_false(server.good);
	assert_non_null(strstr(client.reason, "that of th.contact, not of de.contact"));
}

static void
expired_certificate_is_refused_even_when_admitted(void **state)
{
	struct side server, client;
	struct node old;

	(void)state;
	assert_ok(node_open(&old, co_now_us() - FIX_DAY));
	admit_each_other();
	here.admits = old.fix.tls;
	old.admits = here.fix.tls;
	old.admits_as = "th.contact";
	meet_as(&server, &client, &old, "th.contact");
	assert_false(server.good);
	assert_false(client.good);
	assert_non_null(strstr(server.reason, "expired on "));
	node_close(&old);
}

static int
no_trust(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

static void
client_without_certificate_or_with_old_tls_is_refused(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct side server, client;

	(void)state;
	admit_each_other();
	assert_non_null(ctx);
	SSL_CTX_set_cert_verify_callback(ctx, no_trust, NULL);
	meet(&server, &client, ctx);
	assert_false(server.good);
	assert_false(client.good);
	assert_non_null(strstr(server.reason, "showed no certificate"));
	assert_int_equal(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 1);
	meet(&server, &client, ctx);
	assert_false(server.good);
	assert_non_null(strstr(server.reason, "protocol version"));
	SSL_CTX_free(ctx);
}

/* Knows the admitted certificate, which is public, but not its key. */
static void
certificate_without_its_key_is_refused(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct side server, client;
	struct tls *t = NULL;
	co_auto_buf pem;

	(void)state;
	admit_each_other();
	co_buf_init(&pem, LIMIT_CERT);
	assert_non_null(ctx);
	assert_ok(co_read_file(there.fix.conf.tls_cert, &pem, &err));
	/* There's certificate, signatures by here's keeper. */
	assert_ok(tls_new(&t, pem.data, pem.len, here.keeper, admit, &there, &err));
	assert_ok(tls_setup_client(t, ctx, "th.contact", &err));
	meet(&server, &client, ctx);
	assert_false(server.good);
	assert_string_equal(server.peer, "");
	SSL_CTX_free(ctx);
	tls_free(&t);
}

static void
rsa_certificate_is_refused_in_words(void **state)
{
	struct cert_ask ask = {
		.use = CERT_TLS, .name = "x", .from_us = co_now_us(), .to_us = co_now_us() + FIX_DAY
	};
	struct tls *t = NULL;
	key_auto *k = NULL;
	cert_auto *c = NULL;
	co_auto_buf pem;

	(void)state;
	co_buf_init(&pem, LIMIT_CERT);
	assert_ok(key_generate(&k, KEY_RSA3072, &err));
	assert_ok(cert_issue(&c, &ask, k, NULL, k, &err));
	assert_ok(cert_pem(c, &pem, &err));
	co_err_clear(&err);
	assert_int_equal(tls_new(&t, pem.data, pem.len, here.keeper, admit, &here, &err), CO_ECERT);
	assert_non_null(strstr(err.msg, "P-256"));
	co_err_clear(&err);
}

/* Last: here's keeper ends. */
static void
handshake_fails_when_the_keeper_is_gone(void **state)
{
	struct side server, client;

	(void)state;
	admit_each_other();
	assert_int_equal(kill(keeper_pid(here.keeper), SIGKILL), 0);
	meet_as(&server, &client, &there, "th.contact");
	assert_false(server.good);
	assert_false(client.good);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_admitted_nodes_meet_and_know_each_other),
		cmocka_unit_test(unknown_client_is_refused_with_its_fingerprint),
		cmocka_unit_test(unknown_or_other_server_is_refused_by_the_client),
		cmocka_unit_test(expired_certificate_is_refused_even_when_admitted),
		cmocka_unit_test(client_without_certificate_or_with_old_tls_is_refused),
		cmocka_unit_test(certificate_without_its_key_is_refused),
		cmocka_unit_test(rsa_certificate_is_refused_in_words),
		cmocka_unit_test(handshake_fails_when_the_keeper_is_gone),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
