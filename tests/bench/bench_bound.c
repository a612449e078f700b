/* The bound of an exchange: nothing but its cryptography, on every core at once. Two CMS signatures
 * and two CMS verifications of a 1.5 KB record. Measured twice: with OpenSSL's own CMS_sign and
 * CMS_verify (CAdES, the signer's chain not looked at again), and by the calls the node makes,
 * which leave out what does not change between two records. Prints one JSON line. */
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/cms.h"

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { BOUND_THREADS_MAX = 16 };

static struct key *bound_key;
static struct cert *bound_cert;
static char bound_record[1500];
static atomic_bool bound_stop;

static void
bound_die(const struct co_err *err)
{
	(void)fprintf(stderr, "bench_bound: %s\n", err->msg);
	exit(1);
}

static void *
bound_thread(void *arg)
{
	unsigned long *n = arg;
	struct co_err err = { 0 };
	struct cms_seen seen;
	const struct cert *allowed[1] = { bound_cert };
	cms_signer_auto *signer = NULL;
	co_auto_buf sig;

	co_buf_init(&sig, LIMIT_SIGNATURE);
	if (cms_signer_open(&signer, bound_key, bound_cert, &err) != CO_OK)
		bound_die(&err);
	while (!atomic_load(&bound_stop)) {
		for (int i = 0; i < 2; i++) {
			co_buf_reset(&sig);
			if (cms_signer_sign(signer, bound_record, sizeof(bound_record), &sig,
				    &err) != CO_OK ||
				cms_verify(sig.data, sig.len, bound_record, sizeof(bound_record),
					allowed, 1, &seen, &err) != CO_OK)
				bound_die(&err);
		}
		(*n)++;
	}
	return NULL;
}

/* ---- OpenSSL alone ---- */

static EVP_PKEY *plain_key;
static X509 *plain_cert;

static void
plain_need(bool ok)
{
	if (ok)
		return;
	ERR_print_errors_fp(stderr);
	exit(1);
}

static void
plain_make(void)
{
	X509_NAME *name;

	plain_key = EVP_EC_gen("P-256");
	plain_cert = X509_new();
	plain_need(plain_key != NULL && plain_cert != NULL);
	name = X509_get_subject_name(plain_cert);
	plain_need(X509_set_version(plain_cert, 2) == 1 &&
		ASN1_INTEGER_set(X509_get_serialNumber(plain_cert), 1) == 1 &&
		X509_gmtime_adj(X509_getm_notBefore(plain_cert), -60) != NULL &&
		X509_gmtime_adj(X509_getm_notAfter(plain_cert), 3600) != NULL &&
		X509_set_pubkey(plain_cert, plain_key) == 1 &&
		X509_NAME_add_entry_by_txt(
			name, "CN", MBSTRING_ASC, (const unsigned char *)"bench", -1, -1, 0) == 1 &&
		X509_set_issuer_name(plain_cert, name) == 1 &&
		X509_sign(plain_cert, plain_key, EVP_sha256()) > 0);
}

static void
plain_one(void)
{
	BIO *in = BIO_new_mem_buf(bound_record, sizeof(bound_record));
	CMS_ContentInfo *made, *read;
	unsigned char *der = NULL;
	const unsigned char *at;
	int n;

	made = CMS_sign(plain_cert, plain_key, NULL, in,
		CMS_BINARY | CMS_DETACHED | CMS_CADES | CMS_NOSMIMECAP);
	n = i2d_CMS_ContentInfo(made, &der);
	plain_need(made != NULL && n > 0 && BIO_reset(in) == 1);
	at = der;
	read = d2i_CMS_ContentInfo(NULL, &at, n);
	plain_need(read != NULL &&
		CMS_verify(read, NULL, NULL, in, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) ==
			1);
	CMS_ContentInfo_free(made);
	CMS_ContentInfo_free(read);
	OPENSSL_free(der);
	BIO_free(in);
}

static void *
plain_thread(void *arg)
{
	unsigned long *n = arg;

	while (!atomic_load(&bound_stop)) {
		plain_one();
		plain_one();
		(*n)++;
	}
	return NULL;
}

/* Rounds a second of all threads together. */
static double
bound_run(void *(*work)(void *), long threads, int seconds)
{
	unsigned long n[BOUND_THREADS_MAX] = { 0 }, total = 0;
	pthread_t t[BOUND_THREADS_MAX];
	int64_t begin = co_mono_us();

	atomic_store(&bound_stop, false);
	for (long i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, work, &n[i]) != 0)
			exit(1);
	(void)sleep((unsigned)seconds);
	atomic_store(&bound_stop, true);
	for (long i = 0; i < threads; i++) {
		(void)pthread_join(t[i], NULL);
		total += n[i];
	}
	return (double)total / ((double)(co_mono_us() - begin) / 1e6);
}

int
main(int argc, char **argv)
{
	int seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3;
	long threads = sysconf(_SC_NPROCESSORS_ONLN);
	struct cert_ask ask = { .use = CERT_SEAL,
		.name = "bench",
		.from_us = co_now_us() - 1000000,
		.to_us = co_now_us() + 3600 * INT64_C(1000000) };
	struct co_err err = { 0 };
	double plain, own;

	if (threads > BOUND_THREADS_MAX)
		threads = BOUND_THREADS_MAX;
	memset(bound_record, 'x', sizeof(bound_record));
	if (key_generate(&bound_key, KEY_P256, &err) != CO_OK ||
		cert_issue(&bound_cert, &ask, bound_key, NULL, bound_key, &err) != CO_OK)
		bound_die(&err);
	plain_make();
	plain = bound_run(plain_thread, threads, seconds);
	own = bound_run(bound_thread, threads, seconds);
	(void)printf("{\"threads\": %ld, \"openssl\": %.0f, \"own\": %.0f}\n", threads, plain, own);
	X509_free(plain_cert);
	EVP_PKEY_free(plain_key);
	cert_free(&bound_cert);
	key_free(&bound_key);
	return 0;
}
