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
/* Is it an operation for this role? What a list says is somebody's to do is so judged. */
bool op_open_to(const struct exchange *x, const char *name, const char *role);

/* Who calls, and how far the token goes. */
struct caller {
	struct officer who;
	char scopes[64]; /* comma list; "" all that the officer may: the officer's own token */
	bool notes;      /* the desk: it notes by itself who saw what */
};
/* token: an officer's own, or one of limited scope, checked by digest. CO_EDENIED for one that is
 * unknown, ended or revoked, or of a disabled officer; the refusal is an event in the ledger. */
enum co_rc op_caller(
	struct exchange *x, const char *token, struct caller *out, struct co_err *err) CO_NODISCARD;
/* CO_EDENIED for a role without the right or a token without the scope, with an event; CO_EUSAGE
 * for what the operation's shape (op_shape.h) does not allow. */
enum co_rc op_call_by(struct exchange *x, const struct caller *c, const char *name,
	const json_t *in, json_t **out, struct co_err *err) CO_NODISCARD;
/* The same judgement without the call, for what comes before it: bytes that are too many to
 * hold. */
enum co_rc op_may(struct exchange *x, const struct caller *c, const char *name,
	struct co_err *err) CO_NODISCARD;
/* Both of them. */
enum co_rc op_call(struct exchange *x, const char *token, const char *name, const json_t *in,
	json_t **out, struct co_err *err) CO_NODISCARD;

/* The same for an officer whom another door has let in (the desk's sign-in). Role and whether the
 * officer is enabled are looked up again, so that a change holds at once. */
enum co_rc op_call_as(struct exchange *x, const char *officer, const char *name, const json_t *in,
	json_t **out, struct co_err *err) CO_NODISCARD;
/* The same; in is consumed, and NULL is CO_ENOMEM. */
enum co_rc op_give_as(struct exchange *x, const char *officer, const char *name, json_t *in,
	json_t **out, struct co_err *err) CO_NODISCARD;

/* Used by `comity init` and `comity user`: the token is returned once and kept only as a digest. */
enum co_rc officer_add(struct store_db *db, const char *name, const char *role, char token[65],
	struct co_err *err) CO_NODISCARD;
enum co_rc officer_disable(struct store_db *db, const char *name, struct co_err *err) CO_NODISCARD;

/* An administrative act: a row of its own and a leaf in the ledger, in the job that does it. detail
 * is taken, also on failure. */
/* When the row before of a log was written, as its query place tells: where a page goes on. All of
 * time for INT64_MAX, none of it (-1) before the first row. */
enum co_rc log_place(struct store_db *db, enum query place, int64_t before, int64_t *at_us,
	struct co_err *err) CO_NODISCARD;
enum co_rc event_write(struct store_db *db, const char *what, const char *who, json_t *detail,
	struct co_err *err) CO_NODISCARD;
