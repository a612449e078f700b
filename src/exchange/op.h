/* Operations: what a person or a program may do on this node, as one table (name, roles, function).
 * The command line, the JSON API and later the desk go through here and nothing else; so a rule is
 * checked in one place. JSON in, JSON out; errors carry the message for the person. */
#pragma once

#include "exchange/exchange.h"

struct officer {
	char name[LIMIT_NAME + 1];
	char role[32];
	char unit[LIMIT_UNIT + 1]; /* whose cases the officer sees, see exchange/sight.h */
};

typedef enum co_rc op_fn(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err);

struct op {
	const char *name;  /* "request.send" */
	const char *roles; /* comma list; "*" any enabled officer */
	op_fn *fn;
	void *arg;        /* given back to fn; what the registering room needs */
	const char *help; /* one line, for documents and the API description */
};

/* Higher rooms add theirs before threads run; names are unique (asserted). */
void op_register(struct exchange *x, const struct op *ops, size_t n);
size_t op_count(const struct exchange *x);
const struct op *op_at(const struct exchange *x, size_t i);

/* token: the officer's bearer token, checked by digest. CO_EDENIED for an unknown or disabled
 * officer or a role without the right; the refusal is an event in the ledger. */
enum co_rc op_call(struct exchange *x, const char *token, const char *name, const json_t *in,
	json_t **out, struct co_err *err) CO_NODISCARD;

/* The same for an officer whom another door has let in (the desk's sign-in). Role and whether the
 * officer is enabled are looked up again, so that a change holds at once. */
enum co_rc op_call_as(struct exchange *x, const char *officer, const char *name, const json_t *in,
	json_t **out, struct co_err *err) CO_NODISCARD;

/* Used by `comity init` and `comity user`: the token is returned once and kept only as a digest. */
enum co_rc officer_add(struct store_db *db, const char *name, const char *role, char token[65],
	struct co_err *err) CO_NODISCARD;
enum co_rc officer_disable(struct store_db *db, const char *name, struct co_err *err) CO_NODISCARD;
