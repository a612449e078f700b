#include "test.h"

#include "network/guard.h"

#include "base/clock.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <signal.h>
#include <sys/socket.h>

enum { ENDS = 4 };

struct end {
	struct bufferevent *bev; /* ours, watched; NULL once freed as evhttp would */
	int peer;                /* theirs */
	bool known;
};

static struct co_err err;
static struct event_base *base;
static struct guard *guard;
static struct end ends[ENDS];

static bool
end_known(struct bufferevent *bev)
{
	for (size_t i = 0; i < ENDS; i++)
		if (ends[i].bev == bev)
			return ends[i].known;
	return false;
}

static void
end_event(struct bufferevent *bev, short what, void *arg)
{
	struct end *e = arg;

	assert_true((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0);
	bufferevent_free(bev);
	e->bev = NULL;
}

static void
end_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	(void)arg;
}

static void
end_make(struct end *e, bool known)
{
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv), 0);
	e->peer = sv[1];
	e->known = known;
	e->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	assert_non_null(e->bev);
	guard_watch(guard, e->bev);
	bufferevent_setcb(e->bev, end_read, NULL, end_event, e);
	assert_int_equal(bufferevent_setfd(e->bev, sv[0]), 0);
	assert_int_equal(bufferevent_enable(e->bev, EV_READ), 0);
}

/* The loop runs for ms. */
static void
run(int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	(void)event_base_loopexit(base, &tv);
	(void)event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
}

static int
setup(void **state)
{
	const struct guard_conf conf = { 3, 300000, 300000, 300000, end_known };

	(void)state;
	memset(ends, 0, sizeof(ends));
	base = event_base_new();
	assert_non_null(base);
	assert_ok(guard_new(&guard, base, &conf, &err));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	guard_free(&guard);
	for (size_t i = 0; i < ENDS; i++) {
		if (ends[i].bev != NULL)
			bufferevent_free(ends[i].bev);
		if (ends[i].peer > 0)
			(void)close(ends[i].peer);
	}
	event_base_free(base);
	return 0;
}

static void
handshake_that_takes_too_long_is_ended(void **state)
{
	(void)state;
	end_make(&ends[0], false);
	end_make(&ends[1], true);
	run(1000);
	assert_null(ends[0].bev);
	assert_non_null(ends[1].bev); /* idle after its handshake: another time-out's matter */
	assert_int_equal(guard_count(guard), 1);
}

static void
request_that_trickles_is_ended(void **state)
{
	(void)state;
	end_make(&ends[0], true);
	for (int i = 0; i < 12 && ends[0].bev != NULL; i++) {
		(void)send(ends[0].peer, "x", 1, MSG_NOSIGNAL);
		run(100);
	}
	assert_null(ends[0].bev);
}

static void
request_that_was_answered_starts_the_time_anew(void **state)
{
	char seen[16];

	(void)state;
	end_make(&ends[0], true);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(send(ends[0].peer, "x", 1, MSG_NOSIGNAL), 1);
		run(100);
		assert_non_null(ends[0].bev);
		assert_int_equal(bufferevent_write(ends[0].bev, "y", 1), 0);
		run(10);
		assert_int_equal(recv(ends[0].peer, seen, sizeof(seen), 0), 1);
	}
	run(600);
	assert_non_null(ends[0].bev);
}

static void
answer_that_nobody_takes_is_ended(void **state)
{
	size_t big = 8 * 1024 * 1024;
	char *p = calloc(1, big);

	(void)state;
	assert_non_null(p);
	end_make(&ends[0], true);
	assert_int_equal(bufferevent_write(ends[0].bev, p, big), 0);
	free(p);
	run(1000);
	assert_null(ends[0].bev);
}

static void
full_house_sends_away_the_oldest_stranger(void **state)
{
	(void)state;
	end_make(&ends[0], true);
	end_make(&ends[1], false);
	end_make(&ends[2], false);
	end_make(&ends[3], false);
	run(50);
	assert_non_null(ends[0].bev);
	assert_null(ends[1].bev);
	assert_non_null(ends[2].bev);
	assert_non_null(ends[3].bev);
}

static void
full_house_of_known_ones_sends_away_the_oldest(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDS; i++)
		end_make(&ends[i], true);
	run(50);
	assert_null(ends[0].bev);
	assert_non_null(ends[1].bev);
	assert_non_null(ends[3].bev);
}

static void
connection_that_its_owner_freed_is_closed(void **state)
{
	char c;

	(void)state;
	end_make(&ends[0], true);
	bufferevent_free(ends[0].bev);
	ends[0].bev = NULL;
	run(600);
	assert_int_equal(guard_count(guard), 0);
	assert_int_equal(recv(ends[0].peer, &c, 1, 0), 0);
}

#define GUARD_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		GUARD_TEST(handshake_that_takes_too_long_is_ended),
		GUARD_TEST(request_that_trickles_is_ended),
		GUARD_TEST(request_that_was_answered_starts_the_time_anew),
		GUARD_TEST(answer_that_nobody_takes_is_ended),
		GUARD_TEST(full_house_sends_away_the_oldest_stranger),
		GUARD_TEST(full_house_of_known_ones_sends_away_the_oldest),
		GUARD_TEST(connection_that_its_owner_freed_is_closed),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
