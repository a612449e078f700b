#include "exchange/op.h"

#include "base/enc.h"
#include "base/log.h"
#include "exchange/inside.h"
#include "exchange/look.h"
#include "exchange/op_shape.h"
#include "exchange/ops.h"
#include "exchange/token.h"

enum { TOKEN_BYTES = 32 };

static const char *const roles[] = { "duty", "investigator", "approver", "custodian", "auditor",
	"trainer", "administrator" };

void
op_register(struct exchange *x, const struct op *ops, size_t n)
{
	struct op *all = realloc(x->ops, (x->ops_n + n) * sizeof(*all));

	if (all == NULL)
		abort(); /* at start, before anything runs */
	x->ops = all;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < x->ops_n; k++) {
			if (strcmp(all[k].name, ops[i].name) == 0) {
				co_error("op", "operation %s is registered twice", ops[i].name);
				abort();
			}
		}
		all[x->ops_n++] = ops[i];
	}
}

size_t
op_count(const struct exchange *x)
{
	return x->ops_n;
}

const struct op *
op_at(const struct exchange *x, size_t i)
{
	return i < x->ops_n ? &x->ops[i] : NULL;
}

static bool
op_for(const struct op *op, const char *role)
{
	return strcmp(op->roles, "*") == 0 || in_list(op->roles, role);
}

bool
op_open_to(const struct exchange *x, const char *name, const char *role)
{
	for (size_t i = 0; i < x->ops_n; i++)
		if (strcmp(x->ops[i].name, name) == 0)
			return op_for(&x->ops[i], role);
	return false;
}

static enum co_rc
denied(struct exchange *x, const char *op, const char *who, struct co_err *err)
{
	event_refusal(x, "op.denied", who,
		json_pack("{s:s,s:s}", "op", op, "message", err == NULL ? "" : err->msg));
	return CO_EDENIED;
}

/* Found by digest of 256 random bits: how long the search takes tells nothing of use. */
static enum co_rc
officer_find(struct exchange *x, const char *token, struct caller *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	unsigned char digest[SHA256_LEN];
	bool row;

	*out = (struct caller){ .scopes = "" };
	if (strncmp(token, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) == 0)
		return token_find(x, token, out, err);
	sha256(token, strlen(token), digest);
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_OFFICER_BY_TOKEN, &st, err, "b", digest, sizeof(digest)));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EDENIED,
			"no officer of this node has this token, or the officer is disabled");
	(void)snprintf(out->who.name, sizeof(out->who.name), "%s", store_text(st, 0));
	(void)snprintf(out->who.role, sizeof(out->who.role), "%s", store_text(st, 1));
	(void)snprintf(out->who.unit, sizeof(out->who.unit), "%s", store_text(st, 2));
	return CO_OK;
}

enum co_rc
op_caller(struct exchange *x, const char *token, struct caller *out, struct co_err *err)
{
	struct co_err own = { CO_OK, "" };
	enum co_rc rc;

	err = err == NULL ? &own : err;
	rc = officer_find(x, token == NULL ? "" : token, out, err);
	return rc == CO_EDENIED ? denied(x, "", "unknown", err) : rc;
}

/* Denial by default: what has no scope is for no token of limited scope. */
static enum co_rc
scope_check(const struct caller *c, const struct op *op, const struct op_shape *shape,
	struct co_err *err)
{
	const char *scope = shape == NULL ? NULL : shape->scope;

	if (c->scopes[0] == '\0' || (scope != NULL && in_list(c->scopes, scope)))
		return CO_OK;
	if (scope == NULL)
		return co_fail(err, CO_EDENIED,
			"%s is for no token of limited scope; use the desk, or the officer's own",
			op->name);
	return co_fail(err, CO_EDENIED,
		"%s needs the scope %s; this token of %s has: %s. Add a token with that scope",
		op->name, scope, c->who.name, c->scopes);
}

/* The operation, if c may call it. */
static enum co_rc
op_find(struct exchange *x, const struct caller *c, const char *name, const struct op **out,
	struct co_err *err)
{
	const struct officer *who = &c->who;
	const struct op *op = NULL;

	for (size_t i = 0; i < x->ops_n && op == NULL; i++) {
		if (strcmp(x->ops[i].name, name) == 0)
			op = &x->ops[i];
	}
	if (op == NULL)
		return co_fail(err, CO_ENOTFOUND, "this node has no operation \"%.64s\"", name);
	if (!op_for(op, who->role)) {
		(void)co_fail(err, CO_EDENIED, "%s (%s) may not do %s; it is for: %s", who->name,
			who->role, op->name, op->roles);
		return denied(x, op->name, who->name, err);
	}
	if (scope_check(c, op, op_shape_of(x, name), err) != CO_OK)
		return denied(x, op->name, who->name, err);
	*out = op;
	return CO_OK;
}

enum co_rc
op_may(struct exchange *x, const struct caller *c, const char *name, struct co_err *err)
{
	struct co_err own = { CO_OK, "" };
	const struct op *op;

	return op_find(x, c, name, &op, err == NULL ? &own : err);
}

enum co_rc
op_call_by(struct exchange *x, const struct caller *c, const char *name, const json_t *in,
	json_t **out, struct co_err *err)
{
	const struct op_shape *shape = op_shape_of(x, name);
	const struct op *op;
	struct co_err own = { CO_OK, "" };

	err = err == NULL ? &own : err;
	TRY(op_find(x, c, name, &op, err));
	if (shape != NULL)
		TRY(op_shape_check(shape->in, in, err));
	TRY(op->fn(x, op->arg, &c->who, in, out, err));
	if (c->notes || look_note(x, c->who.name, op->name, in, *out, err) == CO_OK)
		return CO_OK;
	json_decref(*out);
	*out = NULL;
	return err->rc;
}

enum co_rc
op_call(struct exchange *x, const char *token, const char *name, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct caller c;

	TRY(op_caller(x, token, &c, err));
	return op_call_by(x, &c, name, in, out, err);
}

enum co_rc
op_call_as(struct exchange *x, const char *officer, const char *name, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct caller c = { .scopes = "", .notes = true };
	struct store_db *db;
	bool row;

	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_OFFICER_ROLE, &st, err, "t", officer));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EDENIED, "%s is no officer of this node any more", officer);
	(void)snprintf(c.who.name, sizeof(c.who.name), "%s", officer);
	(void)snprintf(c.who.role, sizeof(c.who.role), "%s", store_text(st, 0));
	(void)snprintf(c.who.unit, sizeof(c.who.unit), "%s", store_text(st, 1));
	store_done(&st);
	return op_call_by(x, &c, name, in, out, err);
}

enum co_rc
op_give_as(struct exchange *x, const char *officer, const char *name, json_t *in, json_t **out,
	struct co_err *err)
{
	enum co_rc rc = in == NULL ? co_fail(err, CO_ENOMEM, "%s", name)
				   : op_call_as(x, officer, name, in, out, err);

	json_decref(in);
	return rc;
}

/* ---- officers ---- */

enum co_rc
officer_check(const char *name, const char *role, struct co_err *err)
{
	size_t n = strlen(name);

	if (n == 0 || n > LIMIT_ADDRESS ||
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != n || name[0] == '.' ||
		name[0] == '-')
		return co_fail(err, CO_EUSAGE,
			"an officer's name has 1 to %u of a-z, 0-9, dot, hyphen and "
			"underscore, and begins with a letter or digit",
			LIMIT_ADDRESS);
	for (size_t i = 0; i < CO_ARRAY_LEN(roles); i++) {
		if (strcmp(roles[i], role) == 0)
			return CO_OK;
	}
	return co_fail(err, CO_EUSAGE,
		"\"%s\" is no role; the roles are duty, investigator, approver, "
		"custodian, auditor, trainer, administrator",
		role);
}

enum co_rc
officer_add(
	struct store_db *db, const char *name, const char *role, char token[65], struct co_err *err)
{
	unsigned char secret[TOKEN_BYTES], digest[SHA256_LEN];
	char text[2 * TOKEN_BYTES + 1];
	enum co_rc rc;

	TRY(officer_check(name, role, err));
	crypto_random(secret, sizeof(secret));
	co_hex(secret, sizeof(secret), text);
	sha256(text, strlen(text), digest);
	rc = store_run(db, NULL, Q_OFFICER_INSERT, err, "ttbi", name, role, digest, sizeof(digest),
		co_now_us());
	if (rc == CO_EEXISTS)
		return co_wrap(err, "officer %s exists already; choose another name", name);
	if (rc == CO_OK)
		rc = event_write(db, "officer.added", name,
			json_pack("{s:s,s:s}", "name", name, "role", role), err);
	if (rc == CO_OK)
		memcpy(token, text, sizeof(text));
	crypto_wipe(secret, sizeof(secret));
	crypto_wipe(text, sizeof(text));
	return rc;
}

enum co_rc
officer_disable(struct store_db *db, const char *name, struct co_err *err)
{
	int64_t changes;

	TRY(store_run(db, &changes, Q_OFFICER_DISABLE, err, "it", co_now_us(), name));
	if (changes == 0)
		return co_fail(err, CO_ENOTFOUND, "no enabled officer %s", name);
	return event_write(db, "officer.disabled", name, json_pack("{s:s}", "name", name), err);
}
