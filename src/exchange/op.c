#include "exchange/op.h"

#include "base/enc.h"
#include "base/log.h"
#include "exchange/inside.h"
#include "exchange/ops.h"

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

static enum co_rc
officer_find(struct exchange *x, const char *token, struct officer *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	unsigned char digest[SHA256_LEN];
	bool row;

	sha256(token, strlen(token), digest);
	TRY(store_reader(x->store, &db, err));
	/* Found by digest of 256 random bits: how long the search takes tells nothing of use. */
	TRY(store_query(db, Q_OFFICER_BY_TOKEN, &st, err, "b", digest, sizeof(digest)));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EDENIED,
			"no officer of this node has this token, or the officer is disabled");
	(void)snprintf(out->name, sizeof(out->name), "%s", store_text(st, 0));
	(void)snprintf(out->role, sizeof(out->role), "%s", store_text(st, 1));
	(void)snprintf(out->unit, sizeof(out->unit), "%s", store_text(st, 2));
	return CO_OK;
}

static enum co_rc
denied(struct exchange *x, const char *op, const char *who, struct co_err *err)
{
	event_refusal(x, "op.denied", who,
		json_pack("{s:s,s:s}", "op", op, "message", err == NULL ? "" : err->msg));
	return CO_EDENIED;
}

static enum co_rc
op_run(struct exchange *x, const struct officer *who, const char *name, const json_t *in,
	json_t **out, struct co_err *err)
{
	const struct op *op = NULL;

	for (size_t i = 0; i < x->ops_n && op == NULL; i++) {
		if (strcmp(x->ops[i].name, name) == 0)
			op = &x->ops[i];
	}
	if (op == NULL)
		return co_fail(err, CO_ENOTFOUND, "this node has no operation \"%s\"", name);
	if (strcmp(op->roles, "*") != 0 && !in_list(op->roles, who->role)) {
		(void)co_fail(err, CO_EDENIED, "%s (%s) may not do %s; it is for: %s", who->name,
			who->role, op->name, op->roles);
		return denied(x, name, who->name, err);
	}
	return op->fn(x, op->arg, who, in, out, err);
}

enum co_rc
op_call(struct exchange *x, const char *token, const char *name, const json_t *in, json_t **out,
	struct co_err *err)
{
	struct officer who = { .name = "" };
	struct co_err own = { CO_OK, "" };
	enum co_rc rc;
	char shown[64];

	if (err == NULL)
		err = &own;
	(void)snprintf(shown, sizeof(shown), "%s", name);
	rc = officer_find(x, token == NULL ? "" : token, &who, err);
	if (rc == CO_EDENIED)
		return denied(x, shown, "unknown", err);
	if (rc != CO_OK)
		return rc;
	return op_run(x, &who, shown, in, out, err);
}

enum co_rc
op_call_as(struct exchange *x, const char *officer, const char *name, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct officer who = { .name = "" };
	struct co_err own = { CO_OK, "" };
	struct store_db *db;
	bool row;

	if (err == NULL)
		err = &own;
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_OFFICER_ROLE, &st, err, "t", officer));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EDENIED, "%s is no officer of this node any more", officer);
	(void)snprintf(who.name, sizeof(who.name), "%s", officer);
	(void)snprintf(who.role, sizeof(who.role), "%s", store_text(st, 0));
	(void)snprintf(who.unit, sizeof(who.unit), "%s", store_text(st, 1));
	store_done(&st);
	return op_run(x, &who, name, in, out, err);
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
