#include "ledger/archive.h"
#include "network/node.h"

#include "base/child.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "evidence/exhibits.h"
#include "exchange/deadlines.h"
#include "exchange/hold.h"
#include "exchange/partner.h"
#include "exchange/search.h"
#include "network/api.h"
#include "network/courier.h"
#include "network/fetch.h"
#include "network/listener.h"
#include "network/renew.h"
#include "network/porter.h"
#include "network/stamp.h"
#include "network/webhook.h"
#include "network/witness.h"
#include "paper/print.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

enum {
	NODE_CHECKPOINT_MS = 1000, /* after new leaves; urgent records ask at once */
	NODE_SWEEP_MS = 60000,     /* deadlines are days; a minute is exact enough */
	NODE_FILES = LIMIT_CONNECTIONS + 512
};

struct node {
	const struct node_conf *conf;
	struct store *store;
	struct keeper *keeper;
	struct exchange *exchange;
	struct ledger *ledger;
	struct vault *vault;
	struct evidence *evidence;
	struct tls *tls;
	struct directory *directory;
	struct stamper *stamper;
	struct courier *courier;
	struct searcher *searcher;
	struct webhooks *webhooks;
	struct fetcher *fetcher;
	struct renewer *renewer;
	struct witness *witness;
	struct porter *porter;
	struct listener *listener;
	struct api *api;
	struct own *own;
	int lock_fd;
	pthread_t clerk; /* checkpoints and deadlines */
	pthread_t stamping; /* time-stamps from outside: it may wait for them */
	pthread_cond_t unstamped;
	bool stamping_runs, stamp_now;
	pthread_mutex_t lock;
	pthread_cond_t call;
	bool clerk_runs, stop, urgent;
};

static enum co_rc
node_path(const struct node *n, const char *name, char out[PATH_MAX], struct co_err *err)
{
	if ((size_t)snprintf(out, PATH_MAX, "%s/%s", n->conf->home, name) >= PATH_MAX)
		return co_fail(err, CO_ETOOBIG, "the path %s/%s is too long", n->conf->home, name);
	return CO_OK;
}

/* ---- the clerk: checkpoints and deadlines ---- */

static void
node_urgent(void *arg)
{
	struct node *n = arg;

	pthread_mutex_lock(&n->lock);
	if (!n->urgent)
		pthread_cond_signal(&n->call);
	n->urgent = true;
	pthread_mutex_unlock(&n->lock);
}

/* Sleeps until it is time, an urgent record came, or the end; false at the end. Urgent calls are
 * gathered for a tenth of a second: under load that is still ten checkpoints a second at most. */
static bool
clerk_wait(struct node *n, int64_t last_us)
{
	bool go_on;

	pthread_mutex_lock(&n->lock);
	while (!n->stop) {
		int64_t wait_us = last_us + (n->urgent ? 100 : NODE_CHECKPOINT_MS) * INT64_C(1000) -
			co_mono_us();
		struct timespec until;

		if (wait_us <= 0)
			break;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += (time_t)((until.tv_nsec / 1000 + wait_us) / 1000000);
		until.tv_nsec = (long)((until.tv_nsec / 1000 + wait_us) % 1000000 * 1000);
		(void)pthread_cond_timedwait(&n->call, &n->lock, &until);
	}
	n->urgent = false;
	go_on = !n->stop;
	pthread_mutex_unlock(&n->lock);
	return go_on;
}

static void
stamping_wake(struct node *n)
{
	pthread_mutex_lock(&n->lock);
	n->stamp_now = true;
	pthread_cond_signal(&n->unstamped);
	pthread_mutex_unlock(&n->lock);
}

/* A thread of its own: an authority that takes ten seconds delays time-stamps and nothing else. */
static void *
node_stamping(void *arg)
{
	struct node *n = arg;
	size_t left = 0;

	for (;;) {
		struct co_err err = { 0 };
		bool stop;

		pthread_mutex_lock(&n->lock);
		while (!n->stop && !n->stamp_now && left == 0)
			(void)pthread_cond_wait(&n->unstamped, &n->lock);
		n->stamp_now = false;
		stop = n->stop;
		pthread_mutex_unlock(&n->lock);
		if (stop)
			return NULL;
		if (ledger_stamp_late(n->ledger, &left, &err) != CO_OK) {
			co_error("ledger", "time-stamps: %s", err.msg);
			left = 0; /* with the next checkpoint */
		}
	}
}

static enum co_rc
stamping_start(struct node *n, struct co_err *err)
{
	if (n->stamper == NULL)
		return CO_OK;
	if (pthread_create(&n->stamping, NULL, node_stamping, n) != 0)
		return co_fail(err, CO_ENOMEM, "a thread");
	n->stamping_runs = true;
	n->stamp_now = true; /* what waited while the node was down */
	return CO_OK;
}

static void
node_renew(struct node *n)
{
	struct co_err err = { 0 };
	bool made;

	if (ledger_renew(n->ledger, co_now_us(),
		    n->conf->renew_days * INT64_C(86400) * 1000000, &made, &err) != CO_OK)
		co_error("ledger", "archive time-stamp: %s", err.msg);
}

static void *
node_clerk(void *arg)
{
	struct node *n = arg;
	int64_t swept_us = 0, last_us = 0;

	while (clerk_wait(n, last_us)) {
		struct co_err err = { 0 };
		uint64_t size;

		last_us = co_mono_us();
		if (exchange_held(n->exchange, NULL) != CO_OK)
			continue; /* and the log has the reason */
		if (ledger_checkpoint(n->ledger, &size, &err) != CO_OK)
			co_error("ledger", "no checkpoint: %s", err.msg);
		else
			witness_mark(n->witness, size);
		stamping_wake(n);
		if (last_us - swept_us < NODE_SWEEP_MS * INT64_C(1000))
			continue;
		swept_us = last_us;
		co_err_clear(&err);
		if (exchange_sweep(n->exchange, co_now_us(), NULL, &err) != CO_OK)
			co_error("exchange", "deadlines: %s", err.msg);
		co_err_clear(&err);
		if (evidence_sweep(n->evidence, co_now_us(), &err) != CO_OK)
			co_error("evidence", "keeping: %s", err.msg);
		node_renew(n);
	}
	return NULL;
}

static enum co_rc
clerk_start(struct node *n, struct co_err *err)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&n->call, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pthread_create(&n->clerk, NULL, node_clerk, n) != 0)
		return co_fail(err, CO_ENOMEM, "a thread");
	n->clerk_runs = true;
	return stamping_start(n, err);
}

static void
clerk_stop(struct node *n)
{
	if (!n->clerk_runs)
		return;
	pthread_mutex_lock(&n->lock);
	n->stop = true;
	pthread_cond_signal(&n->call);
	pthread_cond_signal(&n->unstamped);
	pthread_mutex_unlock(&n->lock);
	(void)pthread_join(n->clerk, NULL);
	if (n->stamping_runs)
		(void)pthread_join(n->stamping, NULL);
	n->clerk_runs = n->stamping_runs = false;
}

/* ---- start, in the order that processes and threads need ---- */

/* One node a folder: a lock that dies with the process. */
static enum co_rc
node_lock(struct node *n, struct co_err *err)
{
	char path[PATH_MAX];

	TRY(node_path(n, "run", path, err));
	TRY(co_mkdirs(path, 0700, err));
	TRY(node_path(n, "run/lock", path, err));
	n->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (n->lock_fd < 0)
		return co_fail_errno(err, "open %s", path);
	if (flock(n->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return co_fail(
			err, CO_EBUSY, "a node serves %s already; stop it first", n->conf->home);
	return CO_OK;
}

enum { PRINTER_RULES = 16 };

/* So that the node can print: the program and its fonts. Without the program there is nothing to
 * allow, and whoever prints is told. */
static size_t
printer_rules(struct sandbox_rule rules[PRINTER_RULES], char program[PATH_MAX])
{
	size_t n = 0;

	if (child_program(PAPER_PRINTER, program, PATH_MAX, NULL) != CO_OK)
		return 0;
	rules[n++] = (struct sandbox_rule){ program, SANDBOX_RUN };
	for (size_t i = 0; paper_reads[i] != NULL && n < PRINTER_RULES; i++)
		if (access(paper_reads[i], R_OK) == 0)
			rules[n++] = (struct sandbox_rule){ paper_reads[i], SANDBOX_READ };
	return n;
}

static enum co_rc
node_sandbox(struct node *n, struct co_err *err)
{
	static const struct {
		const char *name;
		enum sandbox_right right;
	} want[] = { { ".", SANDBOX_LIST }, { "node.db", SANDBOX_WRITE },
		{ "node.db-wal", SANDBOX_WRITE }, { "node.db-shm", SANDBOX_WRITE },
		{ "vault", SANDBOX_WRITE }, { "run", SANDBOX_WRITE }, { "certs", SANDBOX_READ } };
	struct sandbox_rule rules[CO_ARRAY_LEN(want) + PRINTER_RULES];
	char paths[CO_ARRAY_LEN(want)][PATH_MAX], printer[PATH_MAX];
	size_t rules_n = CO_ARRAY_LEN(want);
	/* Files, not their folders: listing a folder is allowed beneath the node's own. */
	const char *forbidden[] = { n->conf->keeper.log_key, n->conf->keeper.secret_file };

	for (size_t i = 0; i < CO_ARRAY_LEN(want); i++) {
		TRY(node_path(n, want[i].name, paths[i], err));
		rules[i] = (struct sandbox_rule){ paths[i], want[i].right };
	}
	rules_n += printer_rules(rules + rules_n, printer);
	if (!n->conf->sandbox) {
		co_warn("node", "the sandbox is off by configuration: this process could read %s",
			n->conf->keeper.log_key);
		return sandbox_private(err);
	}
	if (sandbox_node(rules, rules_n, forbidden, CO_ARRAY_LEN(forbidden), err) !=
		CO_OK)
		return co_wrap(
			err, "the sandbox (set `sandbox = off` in comity.conf to run without)");
	return CO_OK;
}

/* Their roots may lie outside the node's folder, which the sandbox will not let it read. */
static enum co_rc
node_authorities(struct node *n, struct co_err *err)
{
	const struct stamp_conf sc = {
		n->conf->tsa_url, n->conf->tsa_roots, n->conf->tsa_policy
	};

	return sc.urls == NULL ? CO_OK : stamper_open(&n->stamper, &sc, err);
}

/* Everything before the first thread: the keeper is forked from a small, single-threaded process,
 * and the sandbox binds all threads that come after. The database must exist before the sandbox
 * closes. */
static enum co_rc
node_before_threads(struct node *n, struct co_err *err)
{
	struct rlimit files = { NODE_FILES, NODE_FILES };
	sigset_t block;

	(void)mallopt(M_ARENA_MAX, 4);
	(void)mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGTERM);
	(void)sigaddset(&block, SIGINT);
	(void)sigaddset(&block, SIGHUP);
	if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
		(void)getrlimit(RLIMIT_NOFILE, &files);
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	TRY(node_lock(n, err));
	TRY(keeper_start(&n->keeper, &n->conf->keeper, err));
	(void)sigprocmask(SIG_BLOCK, &block, NULL);
	TRY(own_open(&n->own, &n->conf->keeper, n->conf->certs, err));
	return node_authorities(n, err);
}

static enum co_rc
node_rooms(struct node *n, struct co_err *err)
{
	const char *address = n->conf->keeper.address;
	struct exchange_conf xc = { .store = n->store,
		.provider = strcmp(n->conf->directory.role, "provider") == 0,
		.keeper = n->keeper,
		.address = address,
		.economy = n->conf->economy,
		.four_eyes = n->conf->four_eyes,
		.calendar = n->conf->calendar,
		.lead_days = n->conf->lead_days,
		.no_sandbox = !n->conf->sandbox };
	struct evidence_conf ec;
	char origin[LIMIT_ADDRESS + 16], path[PATH_MAX];

	TRY(own_held(n->own, n->keeper, err));
	xc.seal = own_seal_first(n->own, co_now_us());
	TRY(exchange_open(&n->exchange, &xc, err));
	(void)snprintf(origin, sizeof(origin), "%s/ledger", address);
	TRY(ledger_open(
		&n->ledger, n->store, n->keeper, origin, keeper_log_public(n->keeper), err));
	if (n->stamper != NULL)
		ledger_outside(n->ledger, stamper_stamp, n->stamper);
	TRY(node_path(n, "vault", path, err));
	TRY(vault_open(&n->vault, path, err));
	ec = (struct evidence_conf){ .x = n->exchange,
		.vault = n->vault,
		.ledger = n->ledger,
		.two_people = n->conf->two_people };
	TRY(evidence_open(&n->evidence, &ec, err));
	TRY(partner_reload(n->exchange, err));
	return own_tls(n->own, &n->tls, n->keeper, partner_admit, n->exchange, err);
}

static enum co_rc
node_may_sign(void *arg, struct co_err *err)
{
	return exchange_held(arg, err);
}

static enum co_rc
node_network(struct node *n, struct co_err *err)
{
	struct directory_conf dc = n->conf->directory;
	struct listener_conf lc = { .address = n->conf->listen,
		.port = n->conf->port,
		.loops = n->conf->loops,
		.tls = n->tls,
		.exchange = n->exchange,
		.evidence = n->evidence,
		.entry = directory_entry,
		.seen = courier_seen };
	struct webhook_conf wc = { n->exchange, n->conf->port, n->conf->webhook_link_local };
	struct witness_conf wi;
	char path[PATH_MAX];

	dc.exchange = n->exchange;
	dc.tls = n->tls;
	dc.ledger = n->ledger;
	dc.stamper = n->stamper;
	dc.own = n->own;
	dc.vkey = ledger_vkey(n->ledger);
	TRY(directory_open(&n->directory, &dc, err));
	TRY(fetcher_open(&n->fetcher, n->exchange, n->tls, n->vault, n->evidence, err));
	TRY(porter_open(&n->porter, n->exchange, n->evidence, n->fetcher, err));
	exchange_on_urgent(n->exchange, node_urgent, n);
	wi.exchange = n->exchange;
	wi.tls = n->tls;
	wi.root_pem = own_root_pem(n->own);
	wi.run = path;
	TRY(node_path(n, "run", path, err));
	TRY(witness_open(&n->witness, &wi, err));
	ledger_guard(n->ledger, node_may_sign, n->exchange);
	TRY(directory_settle(n->directory, err));
	TRY(directory_publish(n->directory, err));
	TRY(courier_open(&n->courier, n->exchange, n->tls, err));
	lc.entry_arg = n->directory;
	lc.seen_arg = n->courier;
	TRY(webhooks_open(&n->webhooks, &wc, err));
	/* It registers operations: before anybody can call one. */
	if (n->conf->door.open != NULL)
		TRY(n->conf->door.open(n->conf->door.arg, n->exchange, n->evidence, err));
	TRY(listener_open(&n->listener, &lc, err));
	TRY(fetcher_start(n->fetcher, err));
	TRY(porter_start(n->porter, err));
	TRY(clerk_start(n, err));
	TRY(searcher_open(&n->searcher, n->exchange, err));
	TRY(webhooks_start(n->webhooks, err));
	TRY(witness_start(n->witness, err));
	TRY(renewer_open(&n->renewer, n->exchange, n->directory, err));
	TRY(node_path(n, "run/api.sock", path, err));
	return api_open(&n->api, path, n->exchange, n->evidence, err);
}

static enum co_rc
node_start(struct node *n, struct co_err *err)
{
	char path[PATH_MAX];

	TRY(node_before_threads(n, err));
	TRY(node_path(n, "node.db", path, err));
	TRY(store_prepare(path, err));
	TRY(node_sandbox(n, err));
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return co_fail(err, CO_EINTERNAL, "libcurl does not start");
	TRY(store_open(&n->store, path, err));
	TRY(node_rooms(n, err));
	return node_network(n, err);
}

/* ---- life and end ---- */

/* SIGHUP reads the partners again; SIGTERM and SIGINT end; the keeper's death ends with a failure.
 */
static enum co_rc
node_watch(struct node *n, struct co_err *err)
{
	struct signalfd_siginfo si;
	sigset_t wanted;
	int sfd;
	struct pollfd fds[2];

	(void)sigemptyset(&wanted);
	(void)sigaddset(&wanted, SIGTERM);
	(void)sigaddset(&wanted, SIGINT);
	(void)sigaddset(&wanted, SIGHUP);
	sfd = signalfd(-1, &wanted, SFD_CLOEXEC);
	if (sfd < 0)
		return co_fail_errno(err, "signalfd");
	fds[0] = (struct pollfd){ .fd = sfd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = keeper_watch_fd(n->keeper), .events = POLLIN };
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR) {
			(void)close(sfd);
			return co_fail_errno(err, "poll");
		}
		if (fds[1].revents != 0) {
			(void)close(sfd);
			return co_fail(err, CO_ECLOSED,
				"the keeper is gone; the node stops, nothing may "
				"leave unsigned. Start it again, and look into why the keeper "
				"died");
		}
		if (fds[0].revents == 0 || read(sfd, &si, sizeof(si)) != (ssize_t)sizeof(si))
			continue;
		if (si.ssi_signo != SIGHUP)
			break;
		if (partner_reload(n->exchange, err) != CO_OK)
			co_error("node", "partners: %s", err->msg);
		co_err_clear(err);
	}
	(void)close(sfd);
	co_info("node", "stopping");
	return CO_OK;
}

/* The reverse of the start; every step takes NULL. */
static void
node_stop(struct node *n)
{
	api_close(&n->api);
	if (n->conf->door.close != NULL)
		n->conf->door.close(n->conf->door.arg);
	webhooks_close(&n->webhooks);
	searcher_close(&n->searcher);
	clerk_stop(n);
	renewer_close(&n->renewer);
	witness_close(&n->witness);
	porter_stop(n->porter);
	fetcher_close(&n->fetcher);
	listener_close(&n->listener);
	courier_close(&n->courier);
	if (n->exchange != NULL)
		exchange_on_urgent(n->exchange, NULL, NULL);
	directory_close(&n->directory);
	tls_free(&n->tls);
	ledger_close(&n->ledger);
	exchange_close(&n->exchange);
	porter_close(&n->porter);
	evidence_close(&n->evidence);
	stamper_close(&n->stamper);
	vault_close(&n->vault);
	store_close(&n->store);
	keeper_stop(&n->keeper);
	own_close(&n->own);
	if (n->lock_fd >= 0)
		(void)close(n->lock_fd);
	curl_global_cleanup();
}

enum co_rc
node_run(const struct node_conf *conf, struct co_err *err)
{
	struct node n = { .conf = conf, .lock_fd = -1 };
	enum co_rc rc;

	(void)pthread_mutex_init(&n.lock, NULL);
	(void)pthread_cond_init(&n.unstamped, NULL);
	rc = node_start(&n, err);
	if (rc == CO_OK) {
		(void)printf(
			"%s serves partners at %s port %u and its officers at %s/run/api.sock\n",
			conf->keeper.address, conf->listen, conf->port, conf->home);
		(void)fflush(stdout);
		rc = node_watch(&n, err);
	}
	node_stop(&n);
	return rc;
}
