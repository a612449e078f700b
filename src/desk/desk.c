#include "desk/inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "desk/account.h"
#include "desk/asset.h"
#include "words/catalogue.h"
#include "words/language.h"
#include "desk/live.h"
#include "desk/passkey.h"
#include "desk/upload.h"
#include "exchange/hold.h"
#include "network/api.h"

#include <stdarg.h>
#include <string.h>

static const char html_type[] = "text/html; charset=utf-8";

/* ---- for pages ---- */

enum co_rc
visit_op(struct visit *v, const char *op, json_t *in, json_t **out, struct co_err *err)
{
	return op_give_as(v->desk->conf.exchange, v->session.officer, op, in, out, err);
}

void
visit_put(struct visit *v, const char *name, json_t *value)
{
	if (value == NULL || json_object_set_new(v->values, name, value) != 0)
		co_error("desk", "out of memory: a page lacks %s", name);
}

void
visit_go(struct visit *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(v->to, sizeof(v->to), fmt, ap);
	va_end(ap);
}

const char *
visit_field(const struct visit *v, const char *name)
{
	const char *s = web_field(v->req, name, 0);

	return s == NULL || *s == '\0' ? NULL : s;
}

void
visit_with(struct visit *v, const char *partner)
{
	const char *zone;
	json_t *out;

	if (partner == NULL ||
		visit_op(v, "directory.show", json_pack("{s:s}", "address", partner), &out, NULL) !=
			CO_OK)
		return; /* then only the reader's time is shown */
	zone = json_string_value(json_object_get(json_object_get(out, "entry"), "timezone"));
	if (zone != NULL && (zones_get(v->desk->zones, zone) != NULL || strcmp(zone, "UTC") == 0)) {
		(void)snprintf(v->partner, sizeof(v->partner), "%s", partner);
		(void)snprintf(v->partner_zone, sizeof(v->partner_zone), "%s", zone);
	}
	json_decref(out);
}

const char *
visit_zone(const struct visit *v)
{
	return v->session.zone[0] != '\0' ? v->session.zone : v->desk->conf.zone;
}

const struct co_zone *
visit_clock(const struct visit *v)
{
	return zones_get(v->desk->zones, visit_zone(v));
}

struct saw_job {
	const struct visit *v;
	const char *case_id, *subject;
};

static enum co_rc
saw_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct saw_job *j = arg;
	const struct session *s = &j->v->session;

	return store_run(db, NULL, Q_ACCESS_ADD, err,
		"itttt"
		"t",
		co_now_us(), s->officer, j->v->route->path, j->case_id, j->subject, s->public_id);
}

/* Before the page is shown: what cannot be noted is not shown. */
enum co_rc
visit_saw(struct visit *v, const char *case_id, const char *subject, struct co_err *err)
{
	struct saw_job j = { v, case_id, subject };

	return store_write(exchange_store(v->desk->conf.exchange), saw_work, &j, err);
}

/* ---- answers ---- */

/* One row a code that a page tells apart; everything else is 500. */
static const struct {
	enum co_rc rc;
	int status;
} statuses[] = {
	{ CO_EMALFORMED, 400 },
	{ CO_EUSAGE, 400 },
	{ CO_ETOOBIG, 413 },
	{ CO_ENOTFOUND, 404 },
	{ CO_EDENIED, 403 },
	{ CO_EREFUSED, 409 },
	{ CO_EEXISTS, 409 },
	{ CO_ECONFLICT, 409 },
	{ CO_EBUSY, 503 },
	{ CO_ENOSPACE, 507 },
};

int
visit_status(enum co_rc rc)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(statuses); i++)
		if (statuses[i].rc == rc)
			return statuses[i].status;
	return 500;
}

/* What the officer chose wins; then the browser's languages; then the node's. */
static void
view_fill(struct visit *v, struct template_view *view)
{
	const struct session *s = &v->session;
	const struct language *l;

	view->words = catalogue_for(v->as_language[0] != '\0' ? v->as_language
			: s->language[0] != '\0'           ? s->language
							  : web_header(v->req, "Accept-Language"),
		v->desk->conf.language);
	view->zones = v->desk->zones;
	view->zone = visit_clock(v);
	if (v->as_language[0] != '\0') {
		view->zone = zones_get(v->desk->zones, v->partner_zone);
	} else if (v->partner[0] != '\0') {
		view->partner = v->partner;
		view->there = zones_get(view->zones, v->partner_zone);
	}
	l = language_of(catalogue_language(view->words));
	visit_put(v, "language", json_string(l->code));
	visit_put(v, "direction", json_string(l->rtl ? "rtl" : "ltr"));
}

void
visit_show(struct visit *v)
{
	struct template_view view = { .now_us = co_now_us() };
	struct co_err err = { CO_OK, "" };
	co_auto_buf out;

	co_buf_init(&out, LIMIT_DESK_PAGE);
	view_fill(v, &view);
	visit_put(v, "node", json_string(v->desk->conf.name));
	visit_put(v, "address", json_string(exchange_address(v->desk->conf.exchange)));
	visit_put(v, "assets", asset_names());
	if (v->session.officer[0] != '\0') {
		struct co_err hold = { CO_OK, "" };

		if (exchange_held(v->desk->conf.exchange, &hold) != CO_OK)
			visit_put(v, "hold", json_string(hold.msg));
		session_csrf(&v->session, v->csrf);
		visit_put(v, "officer", json_string(v->session.officer));
		visit_put(v, "role", json_string(v->session.role));
		visit_put(v, "csrf", json_string(v->csrf));
		visit_put(v, "can", json_pack("{s:b}", v->session.role, 1));
		visit_put(v, "may", routes_open_to(v->session.role));
	}
	if (template_render(v->bare ? NULL : "layout", v->page, v->values, &view, &out, &err) !=
		CO_OK) {
		co_error("desk", "page %s: %s", v->page, err.msg);
		web_reply(v->req, 500, "text/plain; charset=utf-8", "This page failed.\n", 18);
		return;
	}
	web_reply(v->req, v->status, html_type, out.data, out.len);
}

void
visit_fail(struct visit *v, const struct co_err *err)
{
	v->status = v->other_method ? 405 : visit_status(err->rc);
	v->page = "error";
	if (v->status == 500)
		co_error("desk", "%s: %s", v->route == NULL ? "?" : v->route->path, err->msg);
	visit_put(v, "title", json_string("error"));
	visit_put(v, "message", json_string(err->msg));
	visit_put(v, "status", json_integer(v->status));
	visit_show(v);
}

static void
answer_go(struct visit *v)
{
	web_set(v->req, "Location", v->to);
	web_reply(v->req, 303, html_type, "", 0);
}

/* ---- who may ---- */

/* Names that other sites made point at us (DNS rebinding) are not ours. */
static enum co_rc
check_host(const struct visit *v, struct co_err *err)
{
	const char *host = web_header(v->req, "Host");

	if (host == NULL || strcmp(host, v->desk->host) != 0)
		return co_fail(err, CO_EDENIED, "this desk is at %s", v->desk->conf.url);
	return CO_OK;
}

/* A change comes from a page of ours: by what the browser says, and by the session's secret. */
static enum co_rc
check_origin(const struct visit *v, struct co_err *err)
{
	const char *origin = web_header(v->req, "Origin"),
		   *site = web_header(v->req, "Sec-Fetch-Site");

	if ((origin != NULL && strcmp(origin, v->desk->conf.url) != 0) ||
		(site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0))
		return co_fail(err, CO_EDENIED,
			"this form came from another site; open the desk at %s", v->desk->conf.url);
	if (v->session.officer[0] != '\0' &&
		!session_csrf_holds(&v->session, web_field(v->req, "csrf", 0)))
		return co_fail(err, CO_EDENIED,
			"this form is of another session; go back, reload the page, send it again");
	return CO_OK;
}

static enum co_rc
check_role(const struct visit *v, struct co_err *err)
{
	const char *roles = v->route->roles;

	if ((v->route->flags & ROUTE_OPEN) != 0 || strcmp(roles, "*") == 0 ||
		in_list(roles, v->session.role))
		return CO_OK;
	return co_fail(err, CO_EDENIED, "%s (%s) may not open this page; it is for: %s",
		v->session.officer, v->session.role, roles);
}

static void
go_sign_in(struct visit *v)
{
	/* A live part must not swap in the sign-in page. */
	if (web_header(v->req, "HX-Request") != NULL) {
		web_set(v->req, "HX-Redirect", "/sign-in");
		web_reply(v->req, 401, html_type, "", 0);
		return;
	}
	visit_go(v, "/sign-in");
	answer_go(v);
}

static enum co_rc
visit_run(struct visit *v, struct co_err *err)
{
	TRY(check_host(v, err));
	if (strncmp(web_path(v->req), API_PREFIX, sizeof(API_PREFIX) - 1) == 0) {
		desk_api(v);
		return CO_OK;
	}
	v->route = route_find(web_method(v->req), web_path(v->req), v->param, &v->other_method);
	TRY(session_find(v->desk->conf.exchange,
		web_cookie(v->req, v->desk->secure ? "__Host-comity" : "comity"), &v->session,
		err));
	if (v->route == NULL)
		return co_fail(err, CO_ENOTFOUND,
			v->other_method ? "this page is not called that way; go back and use "
					  "what is on the page"
					: "there is no such page");
	if ((v->route->flags & ROUTE_OPEN) == 0 && v->session.officer[0] == '\0') {
		go_sign_in(v);
		return CO_OK;
	}
	if (v->route->method == WEB_POST)
		TRY(check_origin(v, err));
	TRY(check_role(v, err));
	TRY(v->route->fn(v, err));
	if (v->to[0] != '\0')
		answer_go(v);
	else if (v->page != NULL)
		visit_show(v);
	return CO_OK;
}

static void
desk_request(struct web_request *req, void *arg)
{
	struct visit v = { .desk = arg, .req = req, .status = 200, .values = json_object() };
	struct co_err err = { CO_OK, "" };

	if (visit_run(&v, &err) != CO_OK)
		visit_fail(&v, &err);
	json_decref(v.values);
}

/* ---- life ---- */

const char *
desk_host_of(const char *url)
{
	const char *host = strstr(url, "://");

	if (host == NULL || strlen(host + 3) >= sizeof(((struct desk *)NULL)->host) ||
		strchr(host + 3, '/') != NULL ||
		(strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0))
		return NULL;
	return host + 3;
}

static enum co_rc
desk_url(struct desk *d, struct co_err *err)
{
	const char *url = d->conf.url, *host = desk_host_of(url);

	if (host == NULL)
		return co_fail(err, CO_EUSAGE,
			"desk_url is \"%s\": wanted is http://localhost:PORT or https://HOST", url);
	d->secure = strncmp(url, "https://", 8) == 0;
	(void)snprintf(d->host, sizeof(d->host), "%s", host);
	return CO_OK;
}

enum co_rc
desk_open(struct desk **out, const struct desk_conf *conf, struct co_err *err)
{
	struct desk *d = calloc(1, sizeof(*d));
	static const struct divert_calls takers = { desk_upload_begin, desk_upload_add,
		desk_upload_end, desk_upload_drop };
	struct web_conf wc = { .address = conf->address,
		.takers = &takers,
		.port = conf->port,
		.body_max = LIMIT_DESK_BODY,
		.proxies = conf->proxies,
		.handler = desk_request };
	enum co_rc rc;

	if (d == NULL)
		return co_fail(err, CO_ENOMEM, "the desk");
	d->conf = *conf;
	wc.arg = d;
	rc = templates_check(err);
	if (rc == CO_OK)
		rc = desk_url(d, err);
	d->throttle = throttle_new();
	d->zones = zones_new();
	if (rc == CO_OK && (d->throttle == NULL || d->zones == NULL))
		rc = co_fail(err, CO_ENOMEM, "the desk");
	if (rc == CO_OK)
		rc = passkeys_open(&d->passkeys, d->conf.url, err);
	if (rc == CO_OK)
		rc = live_open(&d->live, conf->exchange, err);
	if (rc == CO_OK)
		desk_ops_register(d);
	if (rc == CO_OK)
		rc = web_open(&d->web, &wc, err);
	if (rc == CO_OK && d->conf.card_pem != NULL)
		rc = card_open(d, err);
	if (rc != CO_OK) {
		desk_close(&d);
		return rc;
	}
	*out = d;
	return CO_OK;
}

void
desk_close(struct desk **desk)
{
	struct desk *d = *desk;

	if (d == NULL)
		return;
	card_close(d);
	web_close(&d->web);
	live_close(&d->live);
	passkeys_close(&d->passkeys);
	throttle_free(&d->throttle);
	zones_free(&d->zones);
	free(d);
	*desk = NULL;
}

uint16_t
desk_port(const struct desk *d)
{
	return web_port(d->web);
}
