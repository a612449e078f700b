/* Operations on people and their units: who does what here. Each change is an event of the
 * ledger. */
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/sight.h"

struct unit_job {
	const struct officer *who;
	const char *name, *title, *officer;
};

enum co_rc
unit_known(struct store_db *db, const char *name, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_UNIT_GET, &st, err, "t", name));
	TRY(store_step(st, &row, err));
	return row ? CO_OK
		   : co_fail(err, CO_ENOTFOUND,
			     "no unit %s here; unit.list has them, unit.add makes one", name);
}

static enum co_rc
unit_name_check(const char *name, struct co_err *err)
{
	size_t n = strlen(name);

	if (n == 0 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != n || name[0] == '-')
		return co_fail(err, CO_EUSAGE,
			"a unit's name has 1 to %u of a-z, 0-9 and hyphen, and begins with a "
			"letter or digit",
			LIMIT_UNIT);
	if (strcmp(name, UNIT_NONE) == 0)
		return co_fail(err, CO_EUSAGE,
			"\"%s\" stands for officers without a unit; choose another name",
			UNIT_NONE);
	return CO_OK;
}

static enum co_rc
unit_add_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct unit_job *j = arg;
	enum co_rc rc =
		store_run(db, NULL, Q_UNIT_INSERT, err, "tti", j->name, j->title, co_now_us());

	if (rc == CO_EEXISTS)
		return co_wrap(err, "unit %s exists already; choose another name", j->name);
	TRY(rc);
	return event_write(db, "unit.added", j->who->name,
		json_pack("{s:s,s:s}", "name", j->name, "title", j->title), err);
}

enum co_rc
op_unit_add(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct unit_job j = { .who = who };

	(void)arg;
	TRY(in_text(in, "name", true, LIMIT_UNIT, &j.name, err));
	TRY(in_text(in, "title", true, LIMIT_NAME, &j.title, err));
	TRY(unit_name_check(j.name, err));
	TRY(store_write(x->store, unit_add_work, &j, err));
	return out_give(json_pack("{s:s,s:s}", "name", j.name, "title", j.title), out, err);
}

static enum co_rc
unit_intake_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct unit_job *j = arg;

	TRY(unit_known(db, j->name, err));
	TRY(store_run(db, NULL, Q_UNIT_INTAKE, err, "t", j->name));
	return event_write(
		db, "unit.intake", j->who->name, json_pack("{s:s}", "name", j->name), err);
}

enum co_rc
op_unit_intake(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct unit_job j = { .who = who };

	(void)arg;
	TRY(in_text(in, "name", true, LIMIT_UNIT, &j.name, err));
	TRY(store_write(x->store, unit_intake_work, &j, err));
	return out_give(json_pack("{s:s,s:b}", "name", j.name, "intake", true), out, err);
}

static json_t *
unit_row(struct store_stmt *st, void *arg)
{
	(void)arg;
	return json_pack("{s:s,s:s,s:b,s:I}", "name", store_text(st, 0), "title", store_text(st, 1),
		"intake", store_int(st, 2) != 0, "officers", (json_int_t)store_int(st, 4));
}

enum co_rc
op_unit_list(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;

	(void)arg;
	(void)who;
	(void)in;
	TRY(store_reader(x->store, &db, err));
	TRY(store_query(db, Q_UNIT_ALL, &st, err, ""));
	return out_list("units", st, unit_row, NULL, out, err);
}

/* ---- officers ---- */

static enum co_rc
user_unit_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct unit_job *j = arg;
	int64_t changes;

	if (strcmp(j->name, UNIT_NONE) != 0)
		TRY(unit_known(db, j->name, err));
	TRY(store_run(db, &changes, Q_OFFICER_UNIT, err, "tt", j->name, j->officer));
	if (changes == 0)
		return co_fail(
			err, CO_ENOTFOUND, "no enabled officer %s; see user.list", j->officer);
	return event_write(db, "officer.unit", j->who->name,
		json_pack("{s:s,s:s}", "name", j->officer, "unit", j->name), err);
}

enum co_rc
op_user_unit(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct unit_job j = { .who = who };

	(void)arg;
	TRY(in_text(in, "name", true, LIMIT_NAME, &j.officer, err));
	TRY(in_text(in, "unit", true, LIMIT_UNIT, &j.name, err));
	TRY(store_write(x->store, user_unit_work, &j, err));
	return out_give(json_pack("{s:s,s:s}", "name", j.officer, "unit", j.name), out, err);
}

static enum co_rc
user_role_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct unit_job *j = arg;
	int64_t changes;

	TRY(store_run(db, &changes, Q_OFFICER_ROLE_SET, err, "tt", j->name, j->officer));
	if (changes == 0)
		return co_fail(
			err, CO_ENOTFOUND, "no enabled officer %s; see user.list", j->officer);
	return event_write(db, "officer.role", j->who->name,
		json_pack("{s:s,s:s}", "name", j->officer, "role", j->name), err);
}

enum co_rc
op_user_role(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct unit_job j = { .who = who };

	(void)arg;
	TRY(in_text(in, "name", true, LIMIT_NAME, &j.officer, err));
	TRY(in_text(in, "role", true, 31, &j.name, err));
	TRY(officer_check(j.officer, j.name, err));
	if (strcmp(j.officer, who->name) == 0)
		return co_fail(err, CO_EREFUSED,
			"you cannot change your own role; another administrator can");
	TRY(store_write(x->store, user_role_work, &j, err));
	return out_give(json_pack("{s:s,s:s}", "name", j.officer, "role", j.name), out, err);
}
