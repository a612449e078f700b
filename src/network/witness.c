#include "network/witness.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fs.h"
#include "base/log.h"
#include "crypto/cms.h"
#include "exchange/hold.h"
#include "exchange/op_shape.h"
#include "exchange/opjson.h"
#include "exchange/partner.h"
#include "network/http.h"
#include "record/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum {
	WITNESS_PARTNERS = 1024,
	WITNESS_FIRST_S = 20, /* without a mark nothing is signed for so long, if none answers */
	WITNESS_RETRY_S = 60,
	WITNESS_AGAIN_S = 6 * 3600,
	WITNESS_RESUME_REASON = 1000,
	WITNESS_LINE = 20 + 1 + 44 + 1 /* size, root */
};

static const char way_out[] = "If a newer copy exists, stop the node and restore that. If what is "
	"missing is lost: comity ledger resume --reason TEXT (manual, Back-up and restore)";

struct asked {
	char address[LIMIT_ADDRESS + 1];
	bool answered;
};

struct witness {
	struct witness_conf conf;
	char run[PATH_MAX];
	struct cert *root;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool runs, stop;
	atomic_bool waiting; /* on hold only until partners were asked */
	atomic_bool again;   /* on hold since before; lifted when all partners speak for it */
	_Atomic uint64_t marked; /* size of the mark */
	int mark_fd;             /* the clerk's; -1 before the first */
	int64_t begun_us; /* monotonic */
};

/* ---- the mark ---- */

static enum co_rc
run_path(const char *run, const char *name, char out[PATH_MAX], struct co_err *err)
{
	if ((size_t)snprintf(out, PATH_MAX, "%s/%s", run, name) >= PATH_MAX)
		return co_fail(err, CO_ETOOBIG, "the path %s is too long", run);
	return CO_OK;
}

enum co_rc
witness_mark_read(const char *run, uint64_t *size, char root[WITNESS_ROOT], struct co_err *err)
{
	char path[PATH_MAX], *end;
	co_auto_buf b;
	unsigned long long n;

	co_buf_init(&b, 128);
	TRY(run_path(run, "mark", path, err));
	TRY(co_read_file(path, &b, err));
	/* A machine that lost power may have left it empty: then it says nothing. */
	n = b.data == NULL ? 0 : strtoull(b.data, &end, 10);
	if (n == 0 || *end != ' ' || strlen(end + 1) != WITNESS_ROOT || end[WITNESS_ROOT] != '\n')
		return co_fail(err, CO_ENOTFOUND, "%s says nothing", path);
	*size = n;
	(void)snprintf(root, WITNESS_ROOT, "%s", end + 1);
	return CO_OK;
}

static enum co_rc
checkpoint_root(
	struct store_db *db, uint64_t size, char root[WITNESS_ROOT], struct co_err *err)
{
	store_stmt_auto *st = NULL;
	co_auto_buf text;
	const void *p;
	size_t n;
	bool row;

	co_buf_init(&text, WITNESS_ROOT - 1);
	TRY(store_query(db, Q_CHECKPOINT_GET, &st, err, "i", (int64_t)size));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no checkpoint of %llu leaves",
			(unsigned long long)size);
	p = store_blob(st, 1, &n);
	TRY(co_base64_add(&text, p, n, err));
	(void)snprintf(root, WITNESS_ROOT, "%s", text.data);
	return CO_OK;
}

enum co_rc
witness_mark_check(struct store_db *db, const char *run, struct co_err *err)
{
	char root[WITNESS_ROOT], have[WITNESS_ROOT];
	struct co_err none = { 0 };
	uint64_t size;
	enum co_rc rc = witness_mark_read(run, &size, root, &none);

	if (rc != CO_OK)
		return rc == CO_ENOTFOUND ? rc : co_fail(err, rc, "%s", none.msg);
	rc = checkpoint_root(db, size, have, &none);
	if (rc == CO_OK && strcmp(root, have) == 0)
		return CO_OK;
	if (rc != CO_OK && rc != CO_ENOTFOUND)
		return co_fail(err, rc, "%s", none.msg);
	return co_fail(err, CO_EVERIFY,
		"this is an old copy of the node: on this machine a checkpoint of %llu leaves was "
		"signed, and it is not in node.db", (unsigned long long)size);
}

void
witness_mark(struct witness *w, uint64_t size)
{
	char path[PATH_MAX], line[WITNESS_LINE + 1], root[WITNESS_ROOT];
	struct co_err err = { 0 };
	struct store_db *db;
	int n;

	if (w == NULL || size <= w->marked || exchange_held(w->conf.exchange, NULL) != CO_OK)
		return;
	if (store_reader(exchange_store(w->conf.exchange), &db, &err) != CO_OK ||
		checkpoint_root(db, size, root, &err) != CO_OK ||
		run_path(w->run, "mark", path, &err) != CO_OK)
		return;
	/* Of one length, so that a later one takes the place of an earlier. Not durable on purpose:
	 * it is written after the checkpoint is, and one that is lost only says less. */
	n = snprintf(line, sizeof(line), "%020llu %s\n", (unsigned long long)size, root);
	if (w->mark_fd < 0)
		w->mark_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (w->mark_fd >= 0 && pwrite(w->mark_fd, line, (size_t)n, 0) == n)
		w->marked = size;
	else
		co_warn("ledger", "the mark %s was not written: %s", path, strerror(errno));
}

static void
mark_shut(struct witness *w)
{
	if (w->mark_fd >= 0)
		(void)close(w->mark_fd);
	w->mark_fd = -1;
}

/* ---- the hold ---- */

/* keep: also for the next start; what the mark says it says again. */
static void
hold(struct witness *w, const char *found, bool keep)
{
	char why[HOLD_TEXT], path[PATH_MAX];
	struct co_err err = { 0 };

	(void)snprintf(why, sizeof(why), "%s. Nothing is signed. %s", found, way_out);
	w->waiting = w->again = false;
	exchange_hold(w->conf.exchange, why);
	co_error("ledger", "ON HOLD: %s", why);
	if (keep && (run_path(w->run, "held", path, &err) != CO_OK ||
		co_write_file(path, why, strlen(why), 0600, &err) != CO_OK))
		co_error("ledger", "the hold could not be kept for the next start: %s", err.msg);
}

static enum co_rc
held_remove(struct witness *w, struct co_err *err)
{
	char path[PATH_MAX];

	TRY(run_path(w->run, "held", path, err));
	if (unlink(path) != 0 && errno != ENOENT)
		return co_fail_errno(err, "remove %s", path);
	return CO_OK;
}

static enum co_rc
held_before(struct witness *w, struct co_err *err)
{
	char path[PATH_MAX];
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, HOLD_TEXT);
	TRY(run_path(w->run, "held", path, err));
	rc = co_read_file(path, &b, NULL);
	if (rc == CO_ENOTFOUND || b.len == 0)
		return CO_OK;
	if (rc != CO_OK)
		return co_fail(err, rc, "%s cannot be read", path);
	w->waiting = false;
	exchange_hold(w->conf.exchange, b.data);
	co_error("ledger", "ON HOLD since before, until partners were asked again: %s", b.data);
	w->again = true;
	return CO_OK;
}

/* ---- partners ---- */

static enum co_rc
partners_list(struct witness *w, struct asked *out, size_t *n, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	*n = 0;
	TRY(store_reader(exchange_store(w->conf.exchange), &db, err));
	TRY(store_query(db, Q_PARTNER_ROWS, &st, err, ""));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row || *n == WITNESS_PARTNERS)
			return CO_OK;
		if (strcmp(store_text(st, 1), "accepted") != 0)
			continue;
		out[*n].answered = false;
		(void)snprintf(out[(*n)++].address, sizeof(out[0].address), "%s",
			store_text(st, 0));
	}
}

/* Signed under our root: whatever certificate it was, we may have lost that too. */
static enum co_rc
ours_check(struct witness *w, const struct wire_item *item, struct record *r, struct co_err *err)
{
	const struct cert *root = w->root, *allowed[1];
	cert_auto *by = NULL;
	struct cms_seen seen;

	TRY(cms_claimed_signer(&by, item->sig, item->sig_n, err));
	allowed[0] = by;
	TRY(cms_verify(item->sig, item->sig_n, item->p, item->n, allowed, 1, &seen, err));
	TRY(cert_validate(by, CERT_SEAL, cert_not_before_us(by), NULL, 0, &root, 1, err));
	TRY(record_parse(r, item->p, item->n, err));
	if (strcmp(r->from, exchange_address(w->conf.exchange)) != 0)
		return co_fail(err, CO_EVERIFY, "it is a record of %s", r->from);
	return CO_OK;
}

/* What was missing when an administrator said that it is lost is missing for good. */
static enum co_rc
known_lost(struct store_db *db, const struct record *r, bool *lost, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_EVENT_LAST, &st, err, "t", "ledger.resumed"));
	TRY(store_step(st, &row, err));
	*lost = row && r->at_us <= store_int(st, 0);
	return CO_OK;
}

static enum co_rc
ours_here(struct witness *w, const char *partner, const struct wire_item *item,
	const struct record *r, struct co_err *err)
{
	unsigned char digest[SHA256_LEN];
	char found[HOLD_TEXT], at[CO_TIME_LEN];
	store_stmt_auto *st = NULL;
	struct store_db *db;
	const void *p;
	size_t n;
	bool row, lost;

	sha256(item->p, item->n, digest);
	TRY(store_reader(exchange_store(w->conf.exchange), &db, err));
	TRY(store_query(db, Q_OWN_RECORD_DIGEST, &st, err, "tt", r->id, r->from));
	TRY(store_step(st, &row, err));
	p = row ? store_blob(st, 0, &n) : NULL;
	if (p != NULL && n == sizeof(digest) && memcmp(p, digest, n) == 0)
		return CO_OK;
	store_done(&st);
	TRY(known_lost(db, r, &lost, err));
	if (lost)
		return CO_OK;
	co_time_print(r->at_us, at);
	(void)snprintf(found, sizeof(found),
		"this is an old copy of the node: %s has a %s that it signed on %s, and it is not "
		"here", partner, record_kind_name(r->kind), at);
	hold(w, found, true);
	return CO_OK;
}

static bool
witness_stopped(struct witness *w)
{
	bool stop;

	pthread_mutex_lock(&w->lock);
	stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	return stop;
}

/* The first round takes long enough. */
static bool
waiting_over(const struct witness *w)
{
	return w->waiting && co_mono_us() - w->begun_us >= WITNESS_FIRST_S * INT64_C(1000000);
}

/* A partner that takes the question and is silent holds up neither the first record nor a stop. */
static bool
ask_over(void *arg)
{
	struct witness *w = arg;

	return witness_stopped(w) || waiting_over(w);
}

static enum co_rc
partner_ask(struct witness *w, const char *address, struct co_err *err)
{
	const struct http_until until = { ask_over, w };
	struct exchange *x = w->conf.exchange;
	struct wire_item items[LIMIT_BATCH_RECORDS];
	const struct partner *p;
	co_auto_buf body;
	record_auto r;
	long status = 0;
	size_t n;
	enum co_rc rc;

	record_init(&r);
	co_buf_init(&body, LIMIT_RECORD + LIMIT_SIGNATURE + 64);
	TRY(partner_get(x, address, &p, err));
	rc = http_get(w->conf.tls, p, "/v1/last", &until, &body, &status, NULL, NULL, 0, err);
	partner_put(x, &p);
	TRY(rc);
	if (status == 404) /* it has none, or does not know the question */
		return CO_OK;
	if (status != 200)
		return co_fail(err, CO_ENETWORK, "%s answered with status %ld", address, status);
	TRY(wire_parse(body.data, body.len, items, &n, err));
	if (n != 1 || items[0].type != WIRE_RECORD)
		return co_fail(err, CO_EMALFORMED, "no record");
	TRY(ours_check(w, &items[0], &r, err));
	return ours_here(w, address, &items[0], &r, err);
}

/* ---- the thread ---- */

/* The first round is over, or took long enough: nobody spoke against this node. */
static void
waiting_end(struct witness *w, bool all)
{
	if (!w->waiting || (!all && !waiting_over(w)))
		return;
	w->waiting = false;
	exchange_hold(w->conf.exchange, NULL);
	co_info("ledger", "partners were asked; records are signed from now on");
}

/* How many have not answered yet. */
static size_t
witness_round(struct witness *w, struct asked *who, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n && !witness_stopped(w); i++) {
		struct co_err err = { 0 };

		if (who[i].answered)
			continue;
		who[i].answered = partner_ask(w, who[i].address, &err) == CO_OK;
		if (!who[i].answered && err.rc != CO_ENETWORK && err.rc != CO_ETIMEOUT)
			co_warn("ledger", "what %s last had of us could not be told: %s",
				who[i].address, err.msg);
		left += !who[i].answered;
		waiting_end(w, false);
	}
	waiting_end(w, true);
	/* A newer copy was put into place since. */
	if (w->again && left == 0) {
		struct co_err err = { 0 };

		w->again = false;
		exchange_hold(w->conf.exchange, NULL);
		co_info("ledger", "what partners have of this node is here: no hold any more");
		if (held_remove(w, &err) != CO_OK)
			co_error("ledger", "%s", err.msg);
	}
	return left;
}

static bool
witness_sleep(struct witness *w, int64_t seconds)
{
	struct timespec until;
	bool go_on;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)seconds;
	pthread_mutex_lock(&w->lock);
	while (!w->stop && pthread_cond_timedwait(&w->wake, &w->lock, &until) == 0)
		continue;
	go_on = !w->stop;
	pthread_mutex_unlock(&w->lock);
	return go_on;
}

static void *
witness_run(void *arg)
{
	struct witness *w = arg;
	struct asked *who = calloc(WITNESS_PARTNERS, sizeof(*who));
	int64_t since_us = 0;
	size_t n = 0, left = 0;

	while (who != NULL) {
		struct co_err err = { 0 };
		int64_t now_us = co_mono_us();

		if (since_us == 0 || now_us - since_us >= WITNESS_AGAIN_S * INT64_C(1000000)) {
			if (partners_list(w, who, &n, &err) != CO_OK)
				co_error("ledger", "%s", err.msg);
			since_us = now_us;
			left = n;
		}
		if (left > 0 || w->waiting || w->again)
			left = witness_round(w, who, n);
		if (!witness_sleep(w, WITNESS_RETRY_S))
			break;
	}
	free(who);
	return NULL;
}

/* ---- the decision ---- */

static enum co_rc
resume_work(struct store_db *db, void *arg, struct co_err *err)
{
	const json_t *detail = arg;
	co_auto_free char *text = json_dumps(detail, JSON_COMPACT);

	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "an event");
	return ledger_event(db, "ledger.resumed",
		json_string_value(json_object_get(detail, "by")), text, err);
}

static enum co_rc
op_resume(struct exchange *x, void *arg, const struct officer *who, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct witness *w = arg;
	char path[PATH_MAX];
	struct co_err why = { 0 };
	json_t *detail;
	const char *reason;
	enum co_rc rc;

	TRY(in_text(in, "reason", true, WITNESS_RESUME_REASON, &reason, err));
	if (exchange_held(x, &why) == CO_OK || (w->waiting && !w->again))
		return co_fail(err, CO_EREFUSED, "the node is not on hold");
	detail = json_pack("{s:s,s:s,s:s}", "reason", reason, "found", why.msg, "by", who->name);
	if (detail == NULL)
		return co_fail(err, CO_ENOMEM, "an event");
	rc = store_write(exchange_store(x), resume_work, detail, err);
	json_decref(detail);
	TRY(rc);
	TRY(held_remove(w, err));
	TRY(run_path(w->run, "mark", path, err));
	if (truncate(path, 0) != 0 && errno != ENOENT)
		return co_fail_errno(err, "empty %s", path);
	w->marked = 0;
	w->again = false;
	exchange_hold(x, NULL);
	co_warn("ledger", "%s ended the hold: %s", who->name, reason);
	return out_give(json_pack("{s:s}", "recorded", "ledger.resumed"), out, err);
}

static const struct op_member resume_in[] = {
	{ "reason", OP_TEXT, OP_REQUIRED, 0, WITNESS_RESUME_REASON, "why, for the ledger", NULL },
	OP_END,
};
static const struct op_member resume_out[] = {
	{ "recorded", OP_TEXT, 0, 0, 0, "the event", NULL },
	OP_END,
};
static const struct op_shape resume_shape[] = {
	{ "ledger.resume", "admin", resume_in, resume_out },
};

/* ---- life ---- */

/* Without a mark nobody on this machine can tell; a node without partners has nobody to
 * contradict. */
static enum co_rc
first_look(struct witness *w, struct co_err *err)
{
	struct asked *who = calloc(WITNESS_PARTNERS, sizeof(*who));
	struct co_err found = { 0 };
	struct store_db *db;
	size_t n = 0;
	enum co_rc rc;

	if (who == NULL)
		return co_fail(err, CO_ENOMEM, "partners");
	rc = partners_list(w, who, &n, err);
	free(who);
	TRY(rc);
	TRY(store_reader(exchange_store(w->conf.exchange), &db, err));
	rc = witness_mark_check(db, w->run, &found);
	if (rc == CO_EVERIFY)
		hold(w, found.msg, false);
	else if (rc != CO_OK && n > 0) {
		w->waiting = true;
		exchange_hold(w->conf.exchange,
			"this node was started without its mark, as after a restore, and asks its "
			"partners what they have of it before it signs; try again in a moment");
	}
	return CO_OK;
}

enum co_rc
witness_open(struct witness **out, const struct witness_conf *conf, struct co_err *err)
{
	static const char what[] = "sign again after a loss, on hold until then";
	CO_CLEANUP(witness_close) struct witness *w = calloc(1, sizeof(*w));
	const struct op ops[] = { { "ledger.resume", "administrator", op_resume, w, what } };
	pthread_condattr_t attr;

	if (w == NULL)
		return co_fail(err, CO_ENOMEM, "the witness");
	w->conf = *conf;
	w->mark_fd = -1;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)snprintf(w->run, sizeof(w->run), "%s", conf->run);
	TRY(cert_from_pem(&w->root, conf->root_pem, strlen(conf->root_pem), err));
	TRY(first_look(w, err));
	if (exchange_held(conf->exchange, NULL) == CO_OK || w->waiting)
		TRY(held_before(w, err));
	op_register(conf->exchange, ops, CO_ARRAY_LEN(ops));
	op_describe(conf->exchange, resume_shape, CO_ARRAY_LEN(resume_shape));
	*out = CO_TAKE(w);
	return CO_OK;
}

enum co_rc
witness_start(struct witness *w, struct co_err *err)
{
	w->begun_us = co_mono_us();
	w->runs = pthread_create(&w->thread, NULL, witness_run, w) == 0;
	return w->runs ? CO_OK : co_fail(err, CO_ENOMEM, "the witness: a thread");
}

void
witness_close(struct witness **witness)
{
	struct witness *w = *witness;

	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (w->runs)
		(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	mark_shut(w);
	cert_free(&w->root);
	free(w);
	*witness = NULL;
}
