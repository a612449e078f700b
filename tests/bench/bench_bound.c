/* The bound of an exchange: nothing but its cryptography, on every core at once. Two CMS signatures
 * and two CMS verifications of a 1.5 KB record, by the calls the node itself makes. Prints one JSON
 * line. */
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/cms.h"

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

int
main(int argc, char **argv)
{
	int seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3;
	long threads = sysconf(_SC_NPROCESSORS_ONLN);
	struct cert_ask ask = { .use = CERT_SEAL, .name = "bench", .from_us = co_now_us() - 1000000,
		.to_us = co_now_us() + 3600 * INT64_C(1000000) };
	unsigned long n[BOUND_THREADS_MAX] = { 0 }, total = 0;
	pthread_t t[BOUND_THREADS_MAX];
	struct co_err err = { 0 };
	int64_t begin;
	double took;

	if (threads > BOUND_THREADS_MAX)
		threads = BOUND_THREADS_MAX;
	memset(bound_record, 'x', sizeof(bound_record));
	if (key_generate(&bound_key, KEY_P256, &err) != CO_OK ||
		cert_issue(&bound_cert, &ask, bound_key, NULL, bound_key, &err) != CO_OK)
		bound_die(&err);
	begin = co_mono_us();
	for (long i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, bound_thread, &n[i]) != 0)
			return 1;
	(void)sleep((unsigned)seconds);
	atomic_store(&bound_stop, true);
	for (long i = 0; i < threads; i++) {
		(void)pthread_join(t[i], NULL);
		total += n[i];
	}
	took = (double)(co_mono_us() - begin) / 1e6;
	(void)printf("{\"threads\": %ld, \"per_second\": %.0f}\n", threads, (double)total / took);
	cert_free(&bound_cert);
	key_free(&bound_key);
	return 0;
}
