/* What the files of the desk share: one visit (a request with who makes it), routes, answers.
 * Private to the room; must never become a second public header. */
#pragma once

#include "desk/desk.h"
#include "desk/session.h"
#include "desk/template.h"
#include "exchange/opjson.h"
#include "desk/zones.h"
#include "network/web.h"
#include "words/catalogue.h"

enum { PARAMS_MAX = 3 };

struct live;
struct passkeys;

struct desk {
	struct desk_conf conf;
	char host[128]; /* of the url, with port: what Host must be */
	bool secure;    /* the url is https */
	struct web *web;
	struct web *card; /* NULL: no sign-in by certificate */
	struct door *door;
	char card_host[128];
	struct throttle *throttle;
	struct live *live;
	struct passkeys *passkeys;
	struct zones *zones;
};

struct route;

/* One request, on a loop's thread. */
struct visit {
	struct desk *desk;
	struct web_request *req;
	const struct route *route;
	char param[PARAMS_MAX][96];          /* ":id" parts of the path, in order */
	struct session session;              /* officer "" when nobody is signed in */
	char csrf[2 * 2 * SESSION_CSRF + 1]; /* masked, for forms of this page */
	json_t *values;                      /* what the template shows; owned by the dispatcher */
	const char *page;                    /* template to show; set by the page */
	int status;                          /* of the answer; 200 */
	bool other_method;                   /* the path is a page's, the method is not */
	bool bare;                           /* part of a page: without the layout */
	char partner[LIMIT_ADDRESS + 1];     /* whose time stands beside the reader's; or "" */
	char partner_zone[64];
	/* A page as the partner reads it: in this language, in the partner's zone; "": the
	 * reader's. */
	char as_language[16];
	char to[512]; /* where to go instead of showing a page (303) */
};

/* Fills v->values and v->page, or v->to. An error becomes a page that says it. */
typedef enum co_rc page_fn(struct visit *v, struct co_err *err);

enum route_flag {
	ROUTE_OPEN = 1, /* nobody needs to be signed in */
	ROUTE_FILES = 2 /* its form may bring files (upload.h) */
};

struct route {
	enum web_method method;
	const char *path;  /* "/request/:id" */
	const char *roles; /* comma list, "*" any officer */
	page_fn *fn;
	unsigned flags;
	const char *what; /* for the table in docs and tests */
};
extern const struct route desk_routes[];
size_t desk_routes_count(void);
json_t *routes_open_to(const char *role);
/* NULL: no such page. *other: there is one, with the other method. Pure. */
const struct route *route_find(
	enum web_method m, const char *path, char param[PARAMS_MAX][96], bool *other);

void desk_ops_register(struct desk *d);
void desk_session_ops(struct exchange *x);
void preference_ops_register(struct desk *d); /* preference.c */
void card_ops_register(struct desk *d);       /* card_ops.c */
/* card.c: the door of certificates */
web_handler card_request;
enum co_rc card_open(struct desk *d, struct co_err *err) CO_NODISCARD;
void card_close(struct desk *d);
/* desk.c: a page for a visit that somebody else has looked at, or the error as one. */
void visit_show(struct visit *v);
void visit_fail(struct visit *v, const struct co_err *err);
/* "https://host:port" -> "host:port"; NULL when it is not such. */
const char *desk_host_of(const char *url);
/* A visit to API_PREFIX: answers by itself. */
void desk_api(struct visit *v);
void desk_ops_describe(struct exchange *x); /* ops_shape.c */

/* ---- for pages ---- */
/* An operation as the officer of the visit; in is consumed. */
enum co_rc visit_op(
	struct visit *v, const char *op, json_t *in, json_t **out, struct co_err *err) CO_NODISCARD;
/* A value for the template; v is consumed. */
void visit_put(struct visit *v, const char *name, json_t *value);
void visit_go(struct visit *v, const char *fmt, ...) CO_PRINTF(2, 3);
/* The page is about something with this partner: filter "both" shows the time there too. */
void visit_with(struct visit *v, const char *partner);
/* Fields of the posted form; NULL when absent or empty. */
const char *visit_field(const struct visit *v, const char *name);
/* The reader's zone by name, and as a clock (NULL: UTC). */
const char *visit_zone(const struct visit *v);
const struct co_zone *visit_clock(const struct visit *v);
int visit_status(enum co_rc rc); /* of HTTP */
/* Notes in the access log that the officer was shown this. */
enum co_rc visit_saw(
	struct visit *v, const char *case_id, const char *subject, struct co_err *err) CO_NODISCARD;
