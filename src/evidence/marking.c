/* Conditions of arts 26 and 28 of the Convention: how they come to bind an exhibit, and what they
 * forbid. A condition is a partner's sentence; nobody here judges what it means. What is held is
 * what can be held: evidence under a condition is used only when an officer signs that the use is
 * the case it was given for, and goes to a third only when its owner has allowed that in a
 * record. */
#include "evidence/inside.h"

static const char *
text_of(const json_t *o, const char *member)
{
	const char *s = json_string_value(json_object_get(o, member));

	return s == NULL ? "" : s;
}

/* ---- arriving ---- */
struct setting {
	const char *record, *subject, *owner, *request;
	bool information, bound;
	int64_t now_us;
};

/* Art. 28(2) has (a) confidentiality and (b) use limits; art. 26(2) has no letters. */
static const char *
article_of(const char *type, bool information)
{
	if (information)
		return "art. 26(2)";
	return strcmp(type, "confidentiality") == 0 ? "art. 28(2)(a)" :
		strcmp(type, "use-limit") == 0	    ? "art. 28(2)(b)" :
						      "art. 28(2)";
}

static enum co_rc
conditions_put(struct store_db *db, const json_t *conditions, const struct setting *s,
	struct co_err *err)
{
	const json_t *c;
	size_t i;

	json_array_foreach(conditions, i, c)
	{
		const char *type = text_of(c, "type");

		TRY(store_run(db, NULL, Q_MARKING_INSERT, err, "tittttttii", s->record, (int64_t)i,
			s->subject, s->owner, type, text_of(c, "text"),
			article_of(type, s->information), s->request, (int64_t)s->bound,
			s->now_us));
	}
	return CO_OK;
}

/* What a notice does to the conditions of its request. Conditions in an answer that comes with the
 * evidence bind whoever takes it (art. 28(2): the supply depends on them). */
static const struct {
	const char *state;
	bool offers, binds, drops;
} notice_moves[] = {
	{ "condition-offered", true, false, true },
	{ "condition-accepted", false, true, false },
	{ "condition-declined", false, false, true },
	{ "partial", true, true, false },
	{ "executed", true, true, false },
	{ "path-disclosed", true, true, false },
	{ "refused", false, false, true },
	{ "withdrawn", false, false, true },
};

enum co_rc
marking_notice(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	void *arg, struct co_err *err)
{
	struct setting s = { .record = r->id,
		.subject = r->case_id,
		.owner = r->from,
		.request = r->refs_n == 0 ? "" : r->refs[0].id,
		.now_us = exchange_effect_time_us(x) };
	const char *state = text_of(r->body, "state");

	(void)arg;
	(void)incoming;
	for (size_t i = 0; i < CO_ARRAY_LEN(notice_moves); i++) {
		if (strcmp(notice_moves[i].state, state) != 0)
			continue;
		if (notice_moves[i].drops)
			TRY(store_run(db, NULL, Q_MARKING_UNOFFER, err, "t", s.request));
		if (notice_moves[i].offers) {
			s.bound = notice_moves[i].binds;
			TRY(conditions_put(
				db, json_object_get(r->body, "conditions"), &s, err));
		} else if (notice_moves[i].binds) {
			TRY(store_run(
				db, NULL, Q_MARKING_BIND, err, "it", s.now_us, s.request));
		}
	}
	return CO_OK;
}

enum co_rc
marking_information(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	void *arg, struct co_err *err)
{
	struct setting s = { .record = r->id,
		.subject = r->case_id,
		.owner = r->from,
		.information = true,
		.bound = true,
		.now_us = exchange_effect_time_us(x) };

	(void)arg;
	(void)incoming;
	return conditions_put(db, json_object_get(r->body, "conditions"), &s, err);
}

enum co_rc
marking_manifest(
	struct store_db *db, const json_t *exhibit, int64_t now_us, struct co_err *err)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(exhibit, "markings"), i, m)
	{
		TRY(store_run(db, NULL, Q_MARKING_INSERT, err, "tittttttii",
			text_of(m, "record"), (int64_t)i, text_of(exhibit, "id"),
			text_of(m, "owner"), text_of(m, "type"), text_of(m, "text"),
			text_of(m, "article"), NULL, (int64_t)1, now_us));
	}
	return CO_OK;
}

enum co_rc
marking_eased(struct store_db *db, const struct record *r, const struct exhibit_row *row,
	struct co_err *err)
{
	const json_t *ease = json_object_get(r->body, "ease");
	const char *until = json_string_value(json_object_get(ease, "until"));
	int64_t until_us = 0;

	if (ease == NULL)
		return co_fail(err, CO_EREFUSED, "eased needs ease: which use is allowed");
	if (until != NULL)
		TRY(co_time_parse(until, &until_us, err));
	/* Only who gave the evidence has anything to ease; said by another it stands in the chain
	 * and does nothing. */
	if (strcmp(r->from, row->partner) == 0 ? !row->incoming : row->incoming)
		return CO_OK;
	return store_run(db, NULL, Q_EASING_INSERT, err, "ttttto", r->id, row->id, r->from,
		text_of(ease, "use"), text_of(ease, "to"), until == NULL ? NULL : &until_us);
}

/* ---- what binds an exhibit ---- */
static bool
listed(const json_t *list, const json_t *marking)
{
	const json_t *m;
	size_t i;

	json_array_foreach(list, i, m)
	{
		if (strcmp(text_of(m, "owner"), text_of(marking, "owner")) == 0 &&
			strcmp(text_of(m, "record"), text_of(marking, "record")) == 0 &&
			strcmp(text_of(m, "text"), text_of(marking, "text")) == 0)
			return true;
	}
	return false;
}

/* owner NULL: whoever. */
static enum co_rc
markings_read(struct store_db *db, enum query query, const char *subject, const char *owner,
	json_t *list, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, query, &st, err, "t", subject));
	for (;;) {
		json_t *m;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		if (owner != NULL && strcmp(owner, store_text(st, 1)) != 0)
			continue;
		m = json_pack("{s:s,s:s,s:s,s:s,s:s}", "owner", store_text(st, 1), "type",
			store_text(st, 2), "text", store_text(st, 3), "article", store_text(st, 4),
			"record", store_text(st, 0));
		if (m == NULL)
			return co_fail(err, CO_ENOMEM, "markings");
		if (listed(list, m))
			json_decref(m);
		else if (json_array_size(list) == LIMIT_MARKINGS) {
			json_decref(m);
			return co_fail(err, CO_ETOOBIG,
				"an exhibit is under more than %u conditions", LIMIT_MARKINGS);
		} else
			(void)json_array_append_new(list, m);
	}
}

static enum co_rc
markings_of(struct store_db *db, const char *subject, const char *owner, json_t *list,
	struct co_err *err)
{
	return markings_read(db, Q_MARKING_OF, subject, owner, list, err);
}

enum co_rc
marking_case(struct store_db *db, const char *case_id, bool bound, json_t *list,
	struct co_err *err)
{
	struct co_err why = { 0 };
	enum co_rc rc = markings_read(
		db, bound ? Q_MARKING_OF : Q_MARKING_OFFERED, case_id, NULL, list, &why);

	/* For people to read: as many as are on the list by then. What binds is asked apart. */
	return rc == CO_OK || rc == CO_ETOOBIG ? CO_OK : co_fail(err, rc, "%s", why.msg);
}

static enum co_rc
markings_one(struct evidence *e, struct store_db *db, const char *id, json_t *list,
	struct co_err *err)
{
	struct exhibit_row row;
	enum co_rc rc = exhibit_get(db, id, &row, err);

	if (rc == CO_ENOTFOUND) {
		co_err_clear(err);
		return CO_OK;
	}
	TRY(rc);
	/* A condition binds what its owner gave in the case. */
	TRY(markings_of(db, row.case_id, row.incoming ? row.partner : exchange_address(e->x), list,
		err));
	return markings_of(db, row.id, NULL, list, err);
}

static enum co_rc
line_read(struct evidence *e, struct store_db *db, const struct exhibit_row *row, json_t *list,
	struct co_err *err)
{
	char ids[LIMIT_LINEAGE][CO_UUID_LEN + 1];
	size_t n;

	TRY(lineage_up(db, row, ids, &n, err));
	for (size_t i = 0; i < n; i++)
		TRY(markings_one(e, db, ids[i], list, err));
	return CO_OK;
}

/* all: one too many is a failure, so that nothing is used under a condition that was not read. */
static enum co_rc
line_list(struct evidence *e, struct store_db *db, const struct exhibit_row *row, bool all,
	json_t **out, struct co_err *err)
{
	json_t *list = json_array();
	struct co_err why = { 0 };
	enum co_rc rc = list == NULL ? co_fail(&why, CO_ENOMEM, "markings")
				     : line_read(e, db, row, list, &why);

	if (rc == CO_OK || (rc == CO_ETOOBIG && !all)) {
		*out = list;
		return CO_OK;
	}
	json_decref(list);
	return co_fail(err, rc, "%s", why.msg);
}

enum co_rc
marking_list(struct evidence *e, struct store_db *db, const struct exhibit_row *row, json_t **out,
	struct co_err *err)
{
	return line_list(e, db, row, false, out, err);
}

/* ---- what it forbids ---- */
static enum co_rc
eased(struct store_db *db, const struct exhibit_row *row, const char *owner,
	const struct marking_use *use, bool *yes, struct co_err *err)
{
	char ids[LIMIT_LINEAGE][CO_UUID_LEN + 1];
	size_t n;

	*yes = false;
	TRY(lineage_up(db, row, ids, &n, err));
	for (size_t i = 0; i < n && !*yes; i++) {
		store_stmt_auto *st = NULL;

		TRY(store_query(db, Q_EASING_ALLOWS, &st, err, "tttti", ids[i], owner,
			use->share != NULL ? "share" : "other",
			use->share != NULL ? use->share : "", co_now_us()));
		TRY(store_step(st, yes, err));
	}
	return CO_OK;
}

enum { WORDS_SHOWN = 160 };

static enum co_rc
forbid(const struct exhibit_row *row, const json_t *m, const struct marking_use *use,
	struct co_err *err)
{
	const char *owner = text_of(m, "owner"), *article = text_of(m, "article");
	const char *text = text_of(m, "text");
	int n = (int)strnlen(text, WORDS_SHOWN);

	/* Not in the middle of a letter. */
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	if (use->share != NULL)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s came from %s under a condition (%s): \"%.*s\". It cannot go to "
			"%s: "
			"say in the case what use is meant (comity request answer REQUEST "
			"use-explained, or a message), and %s can allow it with comity exhibit "
			"ease", row->id, owner, article, n, text, use->share, owner);
	if (use->use == NULL)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s came from %s under a condition (%s): \"%.*s\". Before it is "
			"%s, say "
			"for which use: \"case\" if it is the case it was given for; anything else "
			"%s has "
			"to allow first",
			row->id, owner, article, n, text, use->action, owner);
	return co_fail(err, CO_EREFUSED,
		"exhibit %s came from %s under a condition (%s): \"%.*s\". It cannot be %s for "
		"another use than its case: say what is meant (comity request answer REQUEST "
		"use-explained, or a message), and %s can allow it with comity exhibit ease",
		row->id, owner, article, n, text, use->action, owner);
}

static enum co_rc
allow_one(struct evidence *e, struct store_db *db, const struct exhibit_row *row, const json_t *m,
	const struct marking_use *use, struct co_err *err)
{
	const char *owner = text_of(m, "owner");
	bool yes;

	if (strcmp(owner, exchange_address(e->x)) == 0)
		return CO_OK; /* our own condition binds others */
	if (use->share != NULL && (strcmp(use->share, owner) == 0 ||
		strcmp(use->share, exchange_address(e->x)) == 0))
		return CO_OK;
	if (use->share == NULL && use->use != NULL && strcmp(use->use, "case") == 0)
		return CO_OK;
	TRY(eased(db, row, owner, use, &yes, err));
	/* What was allowed still has to be said. */
	if (yes && (use->share != NULL || use->use != NULL))
		return CO_OK;
	return forbid(row, m, use, err);
}

enum co_rc
marking_allow(struct evidence *e, struct store_db *db, const struct exhibit_row *row,
	const struct marking_use *use, struct co_err *err)
{
	json_t *list, *m;
	size_t i;
	enum co_rc rc = CO_OK;

	TRY(line_list(e, db, row, true, &list, err));
	json_array_foreach(list, i, m)
	{
		rc = allow_one(e, db, row, m, use, err);
		if (rc != CO_OK)
			break;
	}
	json_decref(list);
	return rc;
}

enum co_rc
marking_allow_case(struct evidence *e, struct store_db *db, const char *case_id,
	const struct marking_use *use, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool more;

	TRY(store_query(db, Q_EXHIBIT_OF_CASE, &st, err, "ti", case_id, (int64_t)10000));
	for (;;) {
		struct exhibit_row row;

		TRY(store_step(st, &more, err));
		if (!more)
			return CO_OK;
		exhibit_row_read(&row, st);
		if (strcmp(row.state, "destroyed") != 0)
			TRY(marking_allow(e, db, &row, use, err));
	}
}

/* The same content under another id is the same evidence, whatever it is called now. */
static enum co_rc
allow_content(struct evidence *e, struct store_db *db, const json_t *exhibit,
	const struct marking_use *use, struct co_err *err)
{
	const json_t *plain = json_object_get(exhibit, "plain");
	store_stmt_auto *st = NULL;
	bool more;

	if (json_integer_value(json_object_get(plain, "size")) == 0)
		return CO_OK;
	TRY(store_query(db, Q_EXHIBIT_BOUND_OF_PLAIN, &st, err, "tt", text_of(plain, "sha256"),
		text_of(exhibit, "id")));
	for (;;) {
		struct exhibit_row row;

		TRY(store_step(st, &more, err));
		if (!more)
			return CO_OK;
		TRY(exhibit_get(db, store_text(st, 0), &row, err));
		TRY(marking_allow(e, db, &row, use, err));
	}
}

enum co_rc
marking_share(struct evidence *e, struct store_db *db, const char *case_id, const char *share,
	json_t *exhibit, struct co_err *err)
{
	const char *from = text_of(json_object_get(exhibit, "derived"), "from");
	struct marking_use use = { .action = "sealed", .share = share };
	struct exhibit_row parent;
	json_t *list = NULL;
	enum co_rc rc;

	TRY(allow_content(e, db, exhibit, &use, err));
	if (from[0] != '\0') {
		TRY(exhibit_get(db, from, &parent, err));
		TRY(marking_allow(e, db, &parent, &use, err));
		TRY(line_list(e, db, &parent, true, &list, err));
	} else {
		list = json_array();
	}
	/* Our own conditions of the case go with what we give in it. */
	rc = list == NULL ? co_fail(err, CO_ENOMEM, "markings")
			  : markings_of(db, case_id, exchange_address(e->x), list, err);
	if (rc == CO_OK && json_array_size(list) > 0 &&
		json_object_set(exhibit, "markings", list) != 0)
		rc = co_fail(err, CO_ENOMEM, "markings");
	json_decref(list);
	return rc;
}
