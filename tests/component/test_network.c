/* Real TLS on loopback between exchanges of one process: who is let in, what is delivered, what
 * strangers and slow ones can hold up. */
#include "pair.h"

#include "evidence/exhibits.h"
#include "exchange/outbox.h"
#include "network/api.h"
#include "network/courier.h"
#include "network/http.h"
#include "network/listener.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* One side on the network. */
enum { MANY = 12 }; /* attempts */

struct end {
	struct side *side;
	struct tls *tls;
	struct vault *vault;
	struct evidence *evidence;
	struct listener *listener;
	struct courier *courier;
	uint16_t port;
};

struct net {
	struct pair pair;
	struct side zz; /* knows and is known by nobody unless a test says so */
	struct end th, us, other;
};

static enum co_rc
no_entry(void *arg, const char *peer, const char *have, char tag[CO_UUID_LEN + 3],
	struct co_buf *out, struct co_err *e)
{
	(void)arg;
	(void)peer;
	(void)have;
	(void)snprintf(tag, CO_UUID_LEN + 3, "\"entry\"");
	return co_buf_add_str(out, "entry", e);
}

static uint16_t
free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	(void)close(fd);
	return ntohs(in.sin_port);
}

static void
end_open(struct end *e, struct side *s)
{
	char path[64];
	co_auto_buf pem;
	struct evidence_conf ec;

	*e = (struct end){ .side = s, .port = free_port() };
	co_buf_init(&pem, LIMIT_CERT);
	assert_ok(cert_pem(s->pki.cert[CERT_TLS], &pem, &err));
	assert_ok(tls_new(&e->tls, pem.data, pem.len, s->keeper, partner_admit, s->x, &err));
	side_file(s, "vault", path, sizeof(path));
	assert_ok(vault_open(&e->vault, path, &err));
	ec = (struct evidence_conf){ .x = s->x, .vault = e->vault };
	assert_ok(evidence_open(&e->evidence, &ec, &err));
}

static void
end_listen(struct end *e)
{
	struct listener_conf conf = { .address = "127.0.0.1",
		.port = e->port,
		.loops = 2,
		.tls = e->tls,
		.exchange = e->side->x,
		.evidence = e->evidence,
		.entry = no_entry,
		.seen = e->courier == NULL ? NULL : courier_seen,
		.seen_arg = e->courier };

	assert_ok(listener_open(&e->listener, &conf, &err));
}

static void
end_close(struct end *e)
{
	listener_close(&e->listener);
	courier_close(&e->courier);
	tls_free(&e->tls);
	exchange_on_outbox(e->side->x, NULL, NULL);
}

/* After the exchange. */
static void
end_forget(struct end *e)
{
	side_forget(e->side);
	evidence_close(&e->evidence);
	vault_close(&e->vault);
}

/* s trusts other, and finds it at port. */
static void
meets(struct side *s, const struct side *other, uint16_t port)
{
	static const char was[] = "https://127.0.0.1:4501";
	record_auto r;
	co_auto_buf text;
	co_auto_buf moved;
	struct known k;
	const char *at;

	record_init(&r);
	co_buf_init(&text, LIMIT_RECORD);
	co_buf_init(&moved, LIMIT_RECORD);
	side_entry(other, 300, &r, &text);
	at = strstr(text.data, was);
	assert_non_null(at);
	assert_ok(co_buf_addf(&moved, &err, "%.*shttps://127.0.0.1:%u%s", (int)(at - text.data),
		text.data, port, at + sizeof(was) - 1));
	k = (struct known){ other->address, "accepted", r.id, moved.data };
	assert_ok(store_write(s->store, known_work, &k, &err));
	assert_ok(partner_reload(s->x, &err));
}

static int
net_setup(void **state)
{
	struct net *n = *state;

	co_err_clear(&err);
	side_fresh(&n->pair.th);
	side_fresh(&n->pair.us);
	side_fresh(&n->zz);
	end_open(&n->th, &n->pair.th);
	end_open(&n->us, &n->pair.us);
	end_open(&n->other, &n->zz);
	meets(&n->pair.th, &n->pair.us, n->us.port);
	meets(&n->pair.us, &n->pair.th, n->th.port);
	return 0;
}

static int
net_teardown(void **state)
{
	struct net *n = *state;

	end_close(&n->th);
	end_close(&n->us);
	end_close(&n->other);
	end_forget(&n->th);
	end_forget(&n->us);
	end_forget(&n->other);
	return 0;
}

/* ---- what tests ask ---- */

/* As from's program would: its certificate, its pins; status 0 when no answer came. */
static long
get(struct end *from, const struct side *to, uint16_t port, const char *path, struct co_buf *out)
{
	struct partner p = { .accepted = true };
	long status = 0;

	(void)snprintf(p.address, sizeof(p.address), "%s", to->address);
	(void)snprintf(p.url, sizeof(p.url), "https://127.0.0.1:%u", port);
	co_err_clear(&err);
	if (http_get(from->tls, &p, path, NULL, out, &status, NULL, NULL, 0, &err) != CO_OK)
		return 0;
	return status;
}

/* The first delivery's row once test says yes, or after 30 s; the caller's. */
static json_t *
delivery_when(struct side *s, bool (*test)(const json_t *row))
{
	for (int i = 0; i < 3000; i++) {
		json_t *o = call(s, s->duty, "delivery.list", json_object());
		json_t *row =
			json_incref(json_array_get(json_object_get(o, "deliveries"), 0));

		json_decref(o);
		if (row != NULL && test(row))
			return row;
		json_decref(row);
		(void)usleep(10000);
	}
	fail_msg("nothing came of the delivery within 30 s");
	return NULL;
}

static bool
row_delivered(const json_t *row)
{
	return strcmp(json_string_value(json_object_get(row, "state")), "delivered") == 0;
}

static bool
row_failed_once(const json_t *row)
{
	return json_integer_value(json_object_get(row, "attempts")) > 0 &&
		json_is_string(json_object_get(row, "last_error"));
}

static void
failed_with(struct side *s, const char *words)
{
	json_t *row = delivery_when(s, row_failed_once);
	const char *why = json_string_value(json_object_get(row, "last_error"));

	assert_string_equal(json_string_value(json_object_get(row, "state")), "waiting");
	if (strstr(why, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, words);
	json_decref(row);
}

/* A connection that will say nothing. */
static int
silent(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&in, sizeof(in)), 0);
	return fd;
}

/* ---- tests ---- */

static void
record_is_carried_and_settled_by_its_receipt(void **state)
{
	struct net *n = *state;
	struct asked a;

	end_listen(&n->us);
	assert_ok(courier_open(&n->th.courier, n->pair.th.x, n->th.tls, &err));
	ask_and_send(&n->pair.th, request_ask("us.contact", "preserve"), &a);
	json_decref(delivery_when(&n->pair.th, row_delivered));
	state_is(&n->pair.us, a.id, "sent");
}

static void
record_that_waited_goes_when_the_courier_starts(void **state)
{
	struct net *n = *state;
	struct asked a;

	ask_and_send(&n->pair.th, request_ask("us.contact", "preserve"), &a);
	end_listen(&n->us);
	assert_ok(courier_open(&n->th.courier, n->pair.th.x, n->th.tls, &err));
	json_decref(delivery_when(&n->pair.th, row_delivered));
}

static void
absent_partner_is_named_to_the_operator(void **state)
{
	struct net *n = *state;
	struct asked a;

	assert_ok(courier_open(&n->th.courier, n->pair.th.x, n->th.tls, &err));
	ask_and_send(&n->pair.th, request_ask("us.contact", "preserve"), &a);
	failed_with(&n->pair.th, "us.contact");
}

/* What waits for "us" has failed so often that its next try is minutes away, far beyond any wait
 * here. */
static void
row_rests_minutes(struct net *n)
{
	struct outbox_row row;
	int64_t next;
	size_t got;

	assert_ok(outbox_due(n->pair.th.x, "us.contact", LANE_URGENT, 0, 1 << 20, &row, 1, &got,
		&next, &err));
	assert_int_equal(got, 1);
	for (row.attempts = 0; row.attempts < MANY; row.attempts++)
		assert_ok(outbox_postpone(n->pair.th.x, "us.contact", &row, 1, "away", &err));
	outbox_row_deinit(&row);
}

static bool
row_failed_again(const json_t *row)
{
	return json_integer_value(json_object_get(row, "attempts")) > MANY;
}

static void
what_rested_before_a_start_is_tried_at_once(void **state)
{
	struct net *n = *state;
	struct asked a;

	ask_and_send(&n->pair.th, request_ask("us.contact", "preserve"), &a);
	row_rests_minutes(n);
	end_listen(&n->us);
	assert_ok(courier_open(&n->th.courier, n->pair.th.x, n->th.tls, &err));
	json_decref(delivery_when(&n->pair.th, row_delivered));
}

/* Its own call says that it is back: nobody waits for the end of a rest. */
static void
partner_that_calls_is_tried_at_once(void **state)
{
	struct net *n = *state;
	struct asked a;
	co_auto_buf out;

	co_buf_init(&out, LIMIT_NOTE);
	ask_and_send(&n->pair.th, request_ask("us.contact", "preserve"), &a);
	row_rests_minutes(n);
	assert_ok(courier_open(&n->th.courier, n->pair.th.x, n->th.tls, &err));
	end_listen(&n->th);
	json_decref(delivery_when(&n->pair.th, row_failed_again));
	end_listen(&n->us);
	assert_int_equal(get(&n->us, &n->pair.th, n->th.port, "/v1/directory", &out), 200);
	json_decref(delivery_when(&n->pair.th, row_delivered));
}

/* Somebody else answers at the partner's address, with a certificate that we even trust. */
static void
server_with_another_certificate_gets_no_record(void **state)
{
	struct net *n = *state;
	struct asked a;

	n->other.port = n->us.port;
	meets(&n->pair.th, &n->zz, n->other.port);
	meets(&n->zz, &n->pair.th, n->th.port);
	end_listen(&n->other);
	assert_ok(courier_open(&n->th.courier, n->pair.th.x, n->th.tls, &err));
	ask_and_send(&n->pair.th, request_ask("us.contact", "preserve"), &a);
	failed_with(&n->pair.th, "that of zz.contact, not of us.contact");
}

static void
server_that_nobody_accepted_gets_no_record(void **state)
{
	struct net *n = *state;
	struct asked a;

	n->other.port = n->us.port;
	meets(&n->zz, &n->pair.th, n->th.port);
	end_listen(&n->other);
	assert_ok(courier_open(&n->th.courier, n->pair.th.x, n->th.tls, &err));
	ask_and_send(&n->pair.th, request_ask("us.contact", "preserve"), &a);
	failed_with(&n->pair.th, "belongs to no accepted partner");
}

static void
client_that_nobody_accepted_gets_no_answer(void **state)
{
	struct net *n = *state;
	co_auto_buf out;

	co_buf_init(&out, LIMIT_NOTE);
	end_listen(&n->us);
	meets(&n->zz, &n->pair.us, n->us.port);
	assert_int_equal(get(&n->other, &n->pair.us, n->us.port, "/v1/directory", &out), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(get(&n->th, &n->pair.us, n->us.port, "/v1/directory", &out), 200);
	assert_string_equal(out.data, "entry");
}

static void
client_without_certificate_gets_no_answer(void **state)
{
	struct net *n = *state;
	CURL *easy = curl_easy_init();
	char url[64];

	end_listen(&n->us);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/v1/directory", n->us.port);
	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, 5L);
	assert_true(curl_easy_perform(easy) != CURLE_OK);
	curl_easy_cleanup(easy);
}

static long
again(CURL *easy)
{
	long status = 0;

	assert_int_equal(curl_easy_perform(easy), CURLE_OK);
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t
drop_body(char *p, size_t size, size_t n, void *arg)
{
	(void)p;
	(void)arg;
	return size * n;
}

/* An open connection is not a licence: a block takes effect on the next request. */
static void
partner_blocked_meanwhile_is_refused_on_the_same_connection(void **state)
{
	struct net *n = *state;
	CURL *easy = curl_easy_init();
	char url[64];
	long connects = 1;

	end_listen(&n->us);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/v1/directory", n->us.port);
	assert_ok(http_prepare(easy, n->th.tls, "us.contact", url, &err));
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_body);
	assert_int_equal(again(easy), 200);
	side_knows(&n->pair.us, &n->pair.th, "blocked", 300);
	assert_int_equal(again(easy), 403);
	(void)curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
	assert_int_equal(connects, 0);
	curl_easy_cleanup(easy);
}

static void
wrong_path_and_method_are_told_what_is_right(void **state)
{
	struct net *n = *state;
	co_auto_buf out;

	co_buf_init(&out, LIMIT_NOTE);
	end_listen(&n->us);
	assert_int_equal(get(&n->th, &n->pair.us, n->us.port, "/v1/nothing", &out), 404);
	assert_non_null(strstr(out.data, "docs/protocol.md"));
	co_buf_reset(&out);
	assert_int_equal(get(&n->th, &n->pair.us, n->us.port, "/v1/records", &out), 405);
	assert_non_null(strstr(out.data, "POST"));
}

static void
silent_connections_hold_up_nobody(void **state)
{
	enum { SILENT = 400 };
	struct net *n = *state;
	int fds[SILENT];
	co_auto_buf out;

	co_buf_init(&out, LIMIT_NOTE);
	end_listen(&n->us);
	for (int i = 0; i < SILENT; i++)
		fds[i] = silent(n->us.port);
	assert_int_equal(get(&n->th, &n->pair.us, n->us.port, "/v1/directory", &out), 200);
	for (int i = 0; i < SILENT; i++)
		(void)close(fds[i]);
}

static void
listener_ends_while_strangers_are_connected(void **state)
{
	struct net *n = *state;
	int fd;

	end_listen(&n->us);
	fd = silent(n->us.port);
	(void)usleep(20000);
	listener_close(&n->us.listener);
	assert_null(n->us.listener);
	(void)close(fd);
}

static void
local_api_answers_and_refuses_as_the_operations_do(void **state)
{
	struct net *n = *state;
	struct side *th = &n->pair.th;
	struct api *api = NULL;
	json_t *in = json_pack("{s:s}", "case_id", "0"), *out = NULL;
	char path[64];
	struct stat st;

	side_file(th, "api.sock", path, sizeof(path));
	assert_rc(api_call(path, th->duty, "case.list", NULL, &out, &err), CO_ENETWORK);
	assert_ok(api_open(&api, path, th->x, NULL, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(api_call(path, th->duty, "case.list", NULL, &out, &err));
	assert_non_null(json_object_get(out, "cases"));
	json_decref(out);
	out = NULL;
	assert_rc(api_call(path, "nobody's", "case.list", NULL, &out, &err), CO_EDENIED);
	assert_rc(api_call(path, th->duty, "user.list", NULL, &out, &err), CO_EDENIED);
	assert_rc(api_call(path, th->duty, "no.such", NULL, &out, &err), CO_ENOTFOUND);
	assert_rc(api_call(path, th->duty, "case.show", in, &out, &err), CO_EUSAGE);
	assert_null(out);
	json_decref(in);
	api_close(&api);
	assert_int_equal(access(path, F_OK), -1);
}

static int
net_begin(void **state)
{
	static struct net net;

	side_start(&net.pair.th, "th.contact");
	side_start(&net.pair.us, "us.contact");
	side_start(&net.zz, "zz.contact");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -1;
	*state = &net;
	return 0;
}

static int
net_end(void **state)
{
	struct net *n = *state;

	side_stop(&n->pair.th);
	side_stop(&n->pair.us);
	side_stop(&n->zz);
	curl_global_cleanup();
	return 0;
}

#define NET_TEST(f) cmocka_unit_test_setup_teardown(f, net_setup, net_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(record_is_carried_and_settled_by_its_receipt),
		NET_TEST(record_that_waited_goes_when_the_courier_starts),
		NET_TEST(absent_partner_is_named_to_the_operator),
		NET_TEST(what_rested_before_a_start_is_tried_at_once),
		NET_TEST(partner_that_calls_is_tried_at_once),
		NET_TEST(server_with_another_certificate_gets_no_record),
		NET_TEST(server_that_nobody_accepted_gets_no_record),
		NET_TEST(client_that_nobody_accepted_gets_no_answer),
		NET_TEST(client_without_certificate_gets_no_answer),
		NET_TEST(partner_blocked_meanwhile_is_refused_on_the_same_connection),
		NET_TEST(wrong_path_and_method_are_told_what_is_right),
		NET_TEST(silent_connections_hold_up_nobody),
		NET_TEST(listener_ends_while_strangers_are_connected),
		NET_TEST(local_api_answers_and_refuses_as_the_operations_do),
	};

	return cmocka_run_group_tests(tests, net_begin, net_end);
}
