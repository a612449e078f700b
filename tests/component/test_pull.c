/* Pulling a sealed file over real TLS from a partner that breaks off, lies, or hangs. */
#include "keeper_fixture.h"

#include "network/loop.h"
#include "network/pull.h"
#include "network/route.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum { CONTENT = 21 * 1024 * 1024 + 77, WRONG_AT = 9 * 1024 * 1024 };

#define EXHIBIT "0190a000-0000-7000-8000-000000000001"
#define PARTNER "us.contact"

enum manner {
	HONEST,
	BREAKS_OFF, /* every third answer ends in the middle */
	SHIFTED,    /* the first answer says another range than was asked */
	TOO_LONG,   /* the first answer has one byte more than its range */
	WHOLE,      /* status 200 to the first */
	WRONG_ONCE, /* one byte at WRONG_AT is another, the first time */
	WRONG_ALWAYS,
	REFUSES,       /* 404 */
	REFUSES_LATER, /* all but the first range */
	HANGS
};

static struct co_err err;
static struct fixture fix;
static struct keeper *keeper;
static struct tls *tls;
static struct loop *loop;
static struct vault *theirs;
static const unsigned char key[CHUNKED_KEY] = "a key of thirty-two bytes, so";
static struct vault_sums sums;
static char folder[40];
static uint16_t port;
static int listening;
static _Atomic enum manner manner;
static atomic_uint answers, wrongs;
static atomic_uint_fast64_t lowest; /* the least place a range was asked from */

/* ---- the partner ---- */

static bool
admit(void *arg, const unsigned char sha256[SHA256_LEN], char *address, size_t cap)
{
	(void)arg;
	(void)sha256;
	(void)snprintf(address, cap, "%s", PARTNER);
	return true;
}

static struct bufferevent *
partner_bev(struct event_base *base, void *arg)
{
	struct ssl_st *ssl;
	struct bufferevent *b;

	(void)arg;
	if (tls_accept(tls, &ssl, &err) != CO_OK)
		abort();
	b = bufferevent_openssl_socket_new(
		base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_openssl_set_allow_dirty_shutdown(b, 1);
	return b;
}

/* n bytes from `from` on, the sealed file's or nearly, and one more. */
static unsigned char *
partner_read(uint64_t from, uint64_t n)
{
	enum manner m = atomic_load(&manner);
	unsigned char *p = malloc((size_t)n + 1);
	struct co_err e = { 0 };
	co_auto_fd fd = -1;

	if (vault_fd(theirs, EXHIBIT, &fd, &e) != CO_OK ||
		pread(fd, p, (size_t)n, (off_t)from) != (ssize_t)n)
		abort();
	p[n] = 'x';
	if ((m == WRONG_ALWAYS || (m == WRONG_ONCE && atomic_load(&wrongs) == 0)) &&
		from <= WRONG_AT && WRONG_AT < from + n) {
		p[WRONG_AT - from] ^= 1;
		atomic_fetch_add(&wrongs, 1);
	}
	return p;
}

static void
partner_send(struct evhttp_request *req, uint64_t from, uint64_t n, unsigned no)
{
	enum manner m = atomic_load(&manner);
	co_auto_free unsigned char *p = partner_read(from, n);
	struct evbuffer *out = evbuffer_new();
	struct evkeyvalq *head = evhttp_request_get_output_headers(req);
	char range[96], length[32];

	(void)snprintf(range, sizeof(range), "bytes %llu-%llu/%llu",
		(unsigned long long)(m == SHIFTED && no == 0 ? from + 1 : from),
		(unsigned long long)(from + n - 1), (unsigned long long)sums.sealed_size);
	(void)evhttp_add_header(head, "Content-Range", range);
	if (m == BREAKS_OFF && no % 3 == 2) {
		/* More is promised than comes, and then the connection ends. */
		(void)snprintf(length, sizeof(length), "%llu", (unsigned long long)n);
		(void)evhttp_add_header(head, "Content-Length", length);
		(void)evhttp_add_header(head, "Connection", "close");
		n /= 2;
	}
	(void)evbuffer_add(out, p, (size_t)n + (m == TOO_LONG && no == 0 ? 1 : 0));
	evhttp_send_reply(req, m == WHOLE && no == 0 ? 200 : 206, "Partial Content", out);
	evbuffer_free(out);
}

static void
partner_answer(struct evhttp_request *req, void *arg)
{
	const char *range = evhttp_find_header(evhttp_request_get_input_headers(req), "Range");
	unsigned no = atomic_fetch_add(&answers, 1);
	enum manner m = atomic_load(&manner);
	struct co_err e = { 0 };
	struct evbuffer *out;
	uint64_t from, n;

	(void)arg;
	if (m == HANGS)
		return;
	if (route_range(range, sums.sealed_size, &from, &n, &e) != CO_OK)
		abort();
	if (from < atomic_load(&lowest))
		atomic_store(&lowest, from);
	if (m == REFUSES || (m == REFUSES_LATER && from > CHUNKED_HEADER)) {
		out = evbuffer_new();
		(void)evbuffer_add_printf(out, "no such exhibit\nof many lines\n");
		evhttp_send_reply(req, 404, NULL, out);
		evbuffer_free(out);
		return;
	}
	partner_send(req, from, n, no);
}

static void
partner_setup(struct evhttp *http, struct loop *l, void *arg)
{
	(void)l;
	(void)arg;
	evhttp_set_bevcb(http, partner_bev, NULL);
	evhttp_set_gencb(http, partner_answer, NULL);
}

static int
partner_listen(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&in, n), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	port = ntohs(in.sin_port);
	return fd;
}

static void
seal_sample(void)
{
	unsigned char *p = malloc(CONTENT);
	vault_seal_auto *s = NULL;

	for (uint32_t i = 0, x = 1; i < CONTENT; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (unsigned char)(x >> 24);
	}
	assert_ok(vault_seal_begin(&s, theirs, EXHIBIT, key, NULL, &err));
	assert_ok(vault_seal_add(s, p, CONTENT, &err));
	assert_ok(vault_seal_end(s, &sums, &err));
	free(p);
}

static int
set_up(void **state)
{
	char path[64];
	co_auto_buf pem;

	(void)state;
	co_buf_init(&pem, LIMIT_CERT);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -1;
	assert_ok(fix_make(&fix, KEY_P256, co_now_us() + 30 * FIX_DAY, &err));
	assert_ok(keeper_start(&keeper, &fix.conf, &err));
	assert_ok(cert_pem(fix.tls, &pem, &err));
	assert_ok(tls_new(&tls, pem.data, pem.len, keeper, admit, NULL, &err));
	memcpy(folder, "/tmp/comity-pull-XXXXXX", sizeof("/tmp/comity-pull-XXXXXX"));
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/theirs", folder);
	assert_ok(vault_open(&theirs, path, &err));
	seal_sample();
	listening = partner_listen();
	assert_ok(loop_start(&loop, listening, partner_setup, NULL, &err));
	return 0;
}

static int
tear_down(void **state)
{
	char path[64];

	(void)state;
	loop_stop(&loop, 0);
	loop_free(&loop);
	(void)close(listening);
	assert_ok(vault_remove(theirs, EXHIBIT, &err));
	vault_close(&theirs);
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, i == 0 ? "theirs" : "ours");
		(void)rmdir(path);
	}
	(void)rmdir(folder);
	tls_free(&tls);
	keeper_stop(&keeper);
	fix_drop(&fix);
	return 0;
}

/* ---- a pull ---- */

struct ours {
	struct vault *vault;
	struct vault_fill *fill;
	struct pull_bad bad;
	CURLM *multi;
	struct pull *pull;
	char trouble[480]; /* the first */
	unsigned ticks, stop_at;
	uint64_t stop_from; /* bytes that must have landed before trouble stops it */
	bool stop_when_troubled, moved;
};

static enum co_rc
where(void *arg, char *url, size_t cap, struct co_err *e)
{
	struct ours *o = arg;

	if (o->moved)
		return co_fail(e, CO_EDENIED, "%s is not accepted any more", PARTNER);
	(void)snprintf(url, cap, "https://127.0.0.1:%u/v1/exhibits/" EXHIBIT, port);
	return CO_OK;
}

static enum pull_order
tick(void *arg, const char *trouble, int64_t rest_us)
{
	struct ours *o = arg;
	uint64_t done, of;

	(void)rest_us;
	vault_fill_progress(o->fill, &done, &of);
	if (o->trouble[0] == '\0')
		(void)snprintf(o->trouble, sizeof(o->trouble), "%s", trouble);
	if (o->stop_when_troubled && trouble[0] != '\0' && done >= o->stop_from)
		return PULL_STOP;
	return o->stop_at > 0 && ++o->ticks >= o->stop_at ? PULL_STOP : PULL_ON;
}

static void
ours_open(struct ours *o, enum manner m)
{
	struct pull_conf conf = { .tls = tls,
		.id = EXHIBIT,
		.partner = PARTNER,
		.size = sums.sealed_size,
		.bad = &o->bad,
		.where = where,
		.tick = tick,
		.arg = o };
	char path[64];

	memset(o, 0, sizeof(*o));
	co_err_clear(&err);
	atomic_store(&manner, m);
	atomic_store(&answers, 0);
	atomic_store(&wrongs, 0);
	(void)snprintf(path, sizeof(path), "%s/ours", folder);
	assert_ok(vault_open(&o->vault, path, &err));
	assert_ok(vault_fill_begin(
		&o->fill, o->vault, EXHIBIT, key, sums.header, sums.sealed_size, NULL, &err));
	conf.fill = o->fill;
	conf.multi = o->multi = curl_multi_init();
	assert_ok(pull_new(&o->pull, &conf, &err));
}

static void
ours_close(struct ours *o)
{
	char path[128];

	pull_free(&o->pull);
	(void)curl_multi_cleanup(o->multi);
	vault_fill_free(&o->fill);
	for (int i = 0; i < 3; i++) {
		static const char *const ends[] = { "sealed", "part", "map" };

		(void)snprintf(path, sizeof(path), "%s/ours/" EXHIBIT ".%s", folder, ends[i]);
		(void)unlink(path);
	}
	vault_close(&o->vault);
}

static void
comes_whole_in_spite_of(enum manner m, const char *trouble)
{
	struct ours o;

	ours_open(&o, m);
	assert_ok(pull_run(o.pull, &err));
	assert_ok(vault_fill_end(o.fill, sums.plain_sha256, &err));
	if (trouble == NULL)
		assert_string_equal(o.trouble, "");
	else if (strstr(o.trouble, trouble) == NULL)
		fail_msg("the trouble told is \"%s\", not \"%s\"", o.trouble, trouble);
	ours_close(&o);
}

/* ---- tests ---- */

static void
exhibit_comes_by_ranges_and_has_the_digests_promised(void **state)
{
	(void)state;
	comes_whole_in_spite_of(HONEST, NULL);
	assert_in_range(atomic_load(&answers), 6, 7);
}

static void
exhibit_comes_from_a_partner_that_breaks_off(void **state)
{
	(void)state;
	comes_whole_in_spite_of(BREAKS_OFF, "");
	assert_true(atomic_load(&answers) > 7);
}

static void
answer_with_another_range_is_not_taken(void **state)
{
	(void)state;
	comes_whole_in_spite_of(SHIFTED, "another range");
}

static void
answer_longer_than_its_range_is_not_taken(void **state)
{
	(void)state;
	comes_whole_in_spite_of(TOO_LONG, "more bytes than the range");
}

static void
answer_that_is_no_range_is_not_taken(void **state)
{
	(void)state;
	comes_whole_in_spite_of(WHOLE, "status 200");
}

static void
chunk_that_is_wrong_once_is_asked_for_again(void **state)
{
	(void)state;
	comes_whole_in_spite_of(WRONG_ONCE, "was altered");
	assert_int_equal(atomic_load(&wrongs), 1);
}

static void
chunk_that_is_wrong_twice_ends_the_exhibit(void **state)
{
	struct ours o;

	(void)state;
	ours_open(&o, WRONG_ALWAYS);
	assert_rc(pull_run(o.pull, &err), CO_EVERIFY);
	assert_int_equal(atomic_load(&wrongs), 2);
	assert_rc(vault_fill_end(o.fill, sums.plain_sha256, &err), CO_EBUSY);
	ours_close(&o);
}

static void
refusal_is_told_in_the_partners_words(void **state)
{
	struct ours o;

	(void)state;
	ours_open(&o, REFUSES);
	o.stop_when_troubled = true;
	assert_rc(pull_run(o.pull, &err), CO_ECLOSED);
	assert_string_equal(o.trouble, PARTNER " answered with status 404: no such exhibit");
	ours_close(&o);
}

static void
partner_blocked_is_not_asked(void **state)
{
	struct ours o;

	(void)state;
	ours_open(&o, HONEST);
	o.moved = o.stop_when_troubled = true;
	assert_rc(pull_run(o.pull, &err), CO_ECLOSED);
	assert_int_equal(atomic_load(&answers), 0);
	assert_non_null(strstr(o.trouble, "not accepted"));
	ours_close(&o);
}

static void
partner_that_hangs_does_not_hold_up_the_end(void **state)
{
	struct ours o;

	(void)state;
	ours_open(&o, HANGS);
	o.stop_at = 4;
	assert_rc(pull_run(o.pull, &err), CO_ECLOSED);
	ours_close(&o);
	assert_in_range(atomic_load(&answers), 1, 4); /* one a connection */
}

static void
what_landed_before_a_stop_is_not_asked_for_again(void **state)
{
	struct ours o;
	uint64_t done, of;

	(void)state;
	ours_open(&o, REFUSES_LATER);
	o.stop_when_troubled = true;
	o.stop_from = LIMIT_RANGE - 16 * CHUNKED_CIPHER;
	assert_rc(pull_run(o.pull, &err), CO_ECLOSED);
	vault_fill_progress(o.fill, &done, &of);
	assert_true(done >= o.stop_from && done < of / 2);
	o.stop_when_troubled = false;
	/* Requests may still be on their way to the partner, none of them for the first range: so
	 * what is counted is where ranges begin, not how many there are. */
	atomic_store(&lowest, UINT64_MAX);
	atomic_store(&manner, HONEST);
	assert_ok(pull_run(o.pull, &err));
	assert_ok(vault_fill_end(o.fill, sums.plain_sha256, &err));
	assert_true(atomic_load(&lowest) >= o.stop_from);
	ours_close(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exhibit_comes_by_ranges_and_has_the_digests_promised),
		cmocka_unit_test(exhibit_comes_from_a_partner_that_breaks_off),
		cmocka_unit_test(answer_with_another_range_is_not_taken),
		cmocka_unit_test(answer_longer_than_its_range_is_not_taken),
		cmocka_unit_test(answer_that_is_no_range_is_not_taken),
		cmocka_unit_test(chunk_that_is_wrong_once_is_asked_for_again),
		cmocka_unit_test(chunk_that_is_wrong_twice_ends_the_exhibit),
		cmocka_unit_test(refusal_is_told_in_the_partners_words),
		cmocka_unit_test(partner_blocked_is_not_asked),
		cmocka_unit_test(partner_that_hangs_does_not_hold_up_the_end),
		cmocka_unit_test(what_landed_before_a_stop_is_not_asked_for_again),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
