/* A running node: everything assembled in the order that the processes and threads need.
 * The keeper is forked first, then the sandbox closes, then threads start. */
#pragma once

#include "crypto/keeper.h"
#include "evidence/exhibits.h"
#include "network/directory.h"

/* A door for officers that a higher room opens before partners are served, and closes first. */
struct node_door {
	enum co_rc (*open)(
		void *arg, struct exchange *x, struct evidence *e, struct co_err *err);
	void (*close)(void *arg);
	void *arg;
};

struct node_conf {
	const char *home; /* the node's folder */
	struct keeper_conf keeper;
	struct directory_conf
		directory; /* exchange, tls, ledger and texts are filled by node_run */
	const char *certs;               /* folder of root.pem, seal.pem, tls.pem, tsa.pem */
	const char *listen;              /* "127.0.0.1" */
	uint16_t port;
	unsigned loops;
	const char *four_eyes;
	const char *two_people; /* evidence_conf has it */
	const char *economy; /* ours */
	struct term_calendar calendar; /* of our desk; borrowed */
	unsigned lead_days;            /* exchange_conf has it */
	const char *tsa_url;   /* stamp_conf has these; NULL: our own time-stamps */
	const char *tsa_roots;
	const char *tsa_policy;
	unsigned renew_days; /* before a time-stamp's certificate ends, an archive time-stamp */
	bool sandbox;
	bool webhook_link_local; /* webhook_conf has it */
	struct node_door door; /* open NULL: none */
};

/* Serves until SIGTERM or SIGINT; returns CO_OK after a clean stop. Prints one line to stdout when
 * serving. */
enum co_rc node_run(const struct node_conf *conf, struct co_err *err) CO_NODISCARD;
