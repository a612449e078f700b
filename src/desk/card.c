/* The door of certificates: an officer's certificate, in a file or on a smart card, signs in. It is
 * a listener with a TLS of its own, since only who ends TLS knows what was proved; a header that a
 * proxy writes can be written by others. It serves one page, which begins a session of the desk. */
#include "desk/account.h"
#include "desk/asset.h"
#include "desk/pages.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "crypto/cert.h"
#include "crypto/door.h"

#include <string.h>

enum card_verdict { CARD_GOOD, CARD_NONE, CARD_STRANGE, CARD_EARLY, CARD_LATE, CARD_DISABLED };

static const struct {
	const char *event, *says;
} verdicts[] = {
	[CARD_GOOD] = { NULL, NULL },
	[CARD_NONE] = { "none",
		WORDS("Your browser showed no certificate. Put the card in, close all windows of "
		      "the browser, and try again.") },
	[CARD_STRANGE] = { "unknown",
		WORDS("This certificate is not registered for any officer here. An administrator "
		      "registers it under People, by the fingerprint below.") },
	[CARD_EARLY] = { "not-yet-valid", WORDS("This certificate is not valid yet.") },
	[CARD_LATE] = { "expired",
		WORDS("This certificate has expired. Sign in another way, and have an "
		      "administrator register the new one.") },
	[CARD_DISABLED] = { "disabled", WORDS("This officer is no longer let in.") },
};

struct card_holder {
	int64_t id;
	char officer[LIMIT_NAME + 1];
	bool disabled;
};

static enum co_rc
holder_of(const struct desk *d, const struct cert *c, struct card_holder *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	*out = (struct card_holder){ .id = 0 };
	TRY(store_reader(exchange_store(d->conf.exchange), &db, err));
	TRY(store_query(db, Q_CARD_BY_HANDLE, &st, err, "b", cert_sha256(c), (size_t)SHA256_LEN));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	out->id = store_int(st, 0);
	(void)snprintf(out->officer, sizeof(out->officer), "%s", store_text(st, 1));
	out->disabled = store_int(st, 2) != 0;
	return CO_OK;
}

static enum card_verdict
verdict_of(const struct cert *c, const struct card_holder *h, int64_t now_us)
{
	if (c == NULL)
		return CARD_NONE;
	if (h->id == 0)
		return CARD_STRANGE;
	if (now_us < cert_not_before_us(c))
		return CARD_EARLY;
	if (now_us > cert_not_after_us(c))
		return CARD_LATE;
	return h->disabled ? CARD_DISABLED : CARD_GOOD;
}

struct card_job {
	const struct card_holder *holder;
	const char *what, *fingerprint, *peer;
	int64_t now_us;
};

static enum co_rc
used_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct card_job *j = arg;

	return store_run(db, NULL, Q_SIGN_IN_TOUCHED, err, "ii", j->now_us, j->holder->id);
}

/* Only of a certificate that is somebody's: strangers could fill the ledger otherwise. */
static enum co_rc
refused_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct card_job *j = arg;

	return event_write(db, "card.refused", j->holder->officer,
		json_pack("{s:s,s:s,s:s}", "why", j->what, "fingerprint", j->fingerprint, "peer",
			j->peer),
		err);
}

static enum co_rc
card_refuse(struct visit *v, const struct cert *c, const struct card_holder *h,
	enum card_verdict verdict, struct co_err *err)
{
	char hex[SHA256_HEX + 1] = "";
	struct card_job j = { .holder = h,
		.what = verdicts[verdict].event,
		.fingerprint = hex,
		.peer = web_peer(v->req) };

	if (c != NULL) {
		co_hex(cert_sha256(c), SHA256_LEN, hex);
		visit_put(v, "subject", json_string(cert_subject(c)));
		visit_put(v, "fingerprint", json_string(hex));
		visit_put(v, "from_us", json_integer(cert_not_before_us(c)));
		visit_put(v, "to_us", json_integer(cert_not_after_us(c)));
	}
	if (h->id != 0)
		TRY(store_write(exchange_store(v->desk->conf.exchange), refused_work, &j, err));
	visit_put(v, "fault", json_string(verdicts[verdict].says));
	v->status = 403;
	return CO_OK;
}

/* A page of another site may bring the browser here; then the person says that they mean it. */
static bool
came_by_itself(const struct visit *v)
{
	const char *site = web_header(v->req, "Sec-Fetch-Site");

	return site != NULL && strcmp(site, "cross-site") == 0;
}

static enum co_rc
card_page(struct visit *v, struct co_err *err)
{
	cert_auto *c = web_certificate(v->req);
	struct card_holder h = { .id = 0 };
	struct card_job used = { .holder = &h, .now_us = co_now_us() };
	enum card_verdict verdict;

	if (c != NULL)
		TRY(holder_of(v->desk, c, &h, err));
	verdict = verdict_of(c, &h, used.now_us);
	v->page = "card";
	visit_put(v, "title", json_string("sign in"));
	visit_put(v, "desk_url", json_string(v->desk->conf.url));
	if (verdict != CARD_GOOD)
		return card_refuse(v, c, &h, verdict, err);
	visit_put(v, "name", json_string(h.officer));
	if (came_by_itself(v))
		return CO_OK;
	TRY(store_write(exchange_store(v->desk->conf.exchange), used_work, &used, err));
	TRY(sign_in_as(v, h.officer, "certificate", err));
	(void)snprintf(v->to, sizeof(v->to), "%s/", v->desk->conf.url);
	return CO_OK;
}

static enum co_rc
card_run(struct visit *v, struct co_err *err)
{
	const char *host = web_header(v->req, "Host"), *path = web_path(v->req);

	if (host == NULL || strcmp(host, v->desk->card_host) != 0)
		return co_fail(
			err, CO_EDENIED, "this desk is at %s", v->desk->conf.card_url);
	if (web_method(v->req) == WEB_POST) {
		v->other_method = true;
		return co_fail(err, CO_ENOTFOUND,
			"this page is not called that way; go back and use what is on the page");
	}
	v->route = route_find(WEB_GET, path, v->param, &v->other_method);
	if (strncmp(path, "/asset/", 7) == 0 && v->route != NULL)
		return v->route->fn(v, err);
	if (strcmp(path, "/") != 0)
		return co_fail(err, CO_ENOTFOUND, "there is no such page");
	return card_page(v, err);
}

void
card_request(struct web_request *req, void *arg)
{
	struct visit v = { .desk = arg, .req = req, .status = 200, .values = json_object() };
	struct co_err err = { CO_OK, "" };

	if (card_run(&v, &err) != CO_OK) {
		visit_fail(&v, &err);
	} else if (v.to[0] != '\0') {
		web_set(req, "Location", v.to);
		web_reply(req, 303, "text/html; charset=utf-8", "", 0);
	} else if (v.page != NULL) {
		visit_show(&v);
	}
	json_decref(v.values);
}

/* ---- life ---- */

/* A cookie goes to every port of its host and to no other host. */
static bool
same_host(const char *a, const char *b)
{
	size_t n = strcspn(a, ":"), m = strcspn(b, ":");

	return n == m && memcmp(a, b, n) == 0;
}

enum co_rc
card_open(struct desk *d, struct co_err *err)
{
	const char *host = desk_host_of(d->conf.card_url);
	struct web_conf wc = { .address = d->conf.card_address,
		.port = d->conf.card_port,
		.loops = 1,
		.body_max = LIMIT_DESK_BODY,
		.handler = card_request,
		.arg = d };

	if (host == NULL || strncmp(d->conf.card_url, "https://", 8) != 0)
		return co_fail(err, CO_EUSAGE,
			"desk_card_url is \"%s\": wanted is https://HOST:PORT", d->conf.card_url);
	if (!same_host(host, d->host))
		return co_fail(err, CO_EUSAGE,
			"desk_card_url is at another host than %s: the browser would not bring the "
			"session along",
			d->conf.url);
	(void)snprintf(d->card_host, sizeof(d->card_host), "%s", host);
	TRY(door_new(&d->door, d->conf.card_pem, d->conf.card_pem_n, err));
	wc.door = d->door;
	return web_open(&d->card, &wc, err);
}

void
card_close(struct desk *d)
{
	web_close(&d->card);
	door_free(&d->door);
}
