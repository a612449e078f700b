/* How an officer wants pages: language and time zone, as operations and on the account page. */
#include "desk/pages.h"

#include "base/zone.h"
#include "words/language.h"

#include <string.h>

struct preference_job {
	const char *officer, *language, *zone;
	bool sound;
};

static enum co_rc
preference_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct preference_job *j = arg;

	return store_run(db, NULL, Q_PREFERENCE_SET, err, "ttt", j->officer, j->language, j->zone);
}

static enum co_rc
preference_check(const struct preference_job *j, struct co_err *err)
{
	co_zone_auto *zone = NULL;

	TRY(catalogue_known(j->language, err));
	return *j->zone == '\0' ? CO_OK : co_zone_open(j->zone, &zone, err);
}

static enum co_rc
op_preference_set(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct preference_job j = { .officer = who->name };

	(void)arg;
	TRY(in_text(in, "language", false, 15, &j.language, err));
	TRY(in_text(in, "zone", false, 63, &j.zone, err));
	j.language = j.language == NULL ? "" : j.language;
	j.zone = j.zone == NULL ? "" : j.zone;
	TRY(preference_check(&j, err));
	TRY(store_write(exchange_store(x), preference_work, &j, err));
	return out_give(json_pack("{s:s,s:s}", "language", j.language, "zone", j.zone), out, err);
}

static enum co_rc
op_preference_show(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	json_t *o = json_object();
	enum co_rc rc;
	bool row = false;

	(void)in;
	(void)arg;
	rc = store_reader(exchange_store(x), &db, err);
	if (rc == CO_OK)
		rc = store_query(db, Q_PREFERENCE_OF, &st, err, "t", who->name);
	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc != CO_OK) {
		json_decref(o);
		return rc;
	}
	(void)json_object_set_new(o, "language", json_string(row ? store_text(st, 0) : ""));
	(void)json_object_set_new(o, "zone", json_string(row ? store_text(st, 1) : ""));
	(void)json_object_set_new(o, "sound", json_boolean(row && store_int(st, 2) != 0));
	return out_give(o, out, err);
}

static enum co_rc
sound_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct preference_job *j = arg;

	return store_run(db, NULL, Q_PREFERENCE_SOUND, err, "ti", j->officer, (int64_t)j->sound);
}

static enum co_rc
op_preference_sound(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	struct preference_job j = { .officer = who->name };

	(void)arg;
	TRY(in_bool(in, "on", false, &j.sound, err));
	TRY(store_write(exchange_store(x), sound_work, &j, err));
	return out_give(json_pack("{s:b}", "on", j.sound), out, err);
}

void
preference_ops_register(struct desk *d)
{
	const struct op ops[] = {
		{ "preference.show", "*", op_preference_show, d,
			"one's own language and time zone at the desk" },
		{ "preference.set", "*", op_preference_set, d,
			"choose one's language and time zone; empty: the browser's, the node's" },
		{ "preference.sound", "*", op_preference_sound, d,
			"does one's inbox ring when something new came" },
	};

	op_register(d->conf.exchange, ops, CO_ARRAY_LEN(ops));
}

/* ---- the page ---- */

static json_t *
option(const char *code, const char *name, const char *chosen)
{
	return json_pack(
		"{s:s,s:s,s:b}", "code", code, "name", name, "on", strcmp(code, chosen) == 0);
}

void
preference_fill(struct visit *v)
{
	json_t *out, *languages = json_array(), *zones = json_array(), *names, *name;
	const struct language *l;
	size_t i;

	out = json_pack("{s:s,s:s}", "language", v->session.language, "zone", v->session.zone);
	for (i = 0; (l = language_at(i)) != NULL; i++)
		(void)json_array_append_new(
			languages, option(l->code, l->name, v->session.language));
	names = zones_names();
	json_array_foreach(names, i, name)
	{
		const char *s = json_string_value(name);

		(void)json_array_append_new(zones, option(s, s, v->session.zone));
	}
	json_decref(names);
	(void)json_object_set_new(out, "languages", languages);
	(void)json_object_set_new(out, "zones", zones);
	(void)json_object_set_new(out, "node_zone", json_string(v->desk->conf.zone));
	visit_put(v, "preference", out);
}

enum co_rc
page_preference(struct visit *v, struct co_err *err)
{
	const char *language = visit_field(v, "language"), *zone = visit_field(v, "zone");
	json_t *out;

	TRY(visit_op(v, "preference.set",
		json_pack("{s:s,s:s}", "language", language == NULL ? "" : language, "zone",
			zone == NULL ? "" : zone),
		&out, err));
	json_decref(out);
	visit_go(v, "/account");
	return CO_OK;
}
