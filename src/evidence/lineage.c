/* Lineage: which exhibit was made from which. A parent is there before its child and is never
 * changed, so nothing here can run in a circle but by a partner's word about exhibits that have not
 * arrived; that is looked for. */
#include "evidence/inside.h"

enum { LINEAGE_NODES = 1000 };

static const char *
text_of(const json_t *o, const char *member)
{
	const char *s = json_string_value(json_object_get(o, member));

	return s == NULL ? "" : s;
}

/* exhibit_get, but what is not here is no error. */
static enum co_rc
known(struct store_db *db, const char *id, struct exhibit_row *out, bool *found, struct co_err *err)
{
	struct co_err got = { CO_OK, "" };
	enum co_rc rc = exhibit_get(db, id, out, &got);

	*found = rc == CO_OK;
	if (rc == CO_OK || rc == CO_ENOTFOUND)
		return CO_OK;
	return co_fail(err, rc, "%s", got.msg);
}

enum co_rc
lineage_up(struct store_db *db, const struct exhibit_row *row, char (*ids)[CO_UUID_LEN + 1],
	size_t *n, struct co_err *err)
{
	struct exhibit_row at = *row;
	bool found = true;

	*n = 0;
	while (found) {
		if (*n == LIMIT_LINEAGE)
			return co_fail(err, CO_EREFUSED,
				"exhibit %s was made in more than %u steps, or from itself",
				row->id, LIMIT_LINEAGE);
		memcpy(ids[(*n)++], at.id, sizeof(at.id));
		if (at.derived_from[0] == '\0')
			return CO_OK;
		TRY(known(db, at.derived_from, &at, &found, err));
	}
	return CO_OK;
}

/* Would id come again above from? */
static enum co_rc
circle_check(struct store_db *db, const char *id, const struct exhibit_row *from,
	struct co_err *err)
{
	char ids[LIMIT_LINEAGE][CO_UUID_LEN + 1];
	size_t n;

	TRY(lineage_up(db, from, ids, &n, err));
	for (size_t i = 0; i < n; i++)
		if (strcmp(ids[i], id) == 0)
			return co_fail(err, CO_EREFUSED,
				"exhibit %s would be made from itself: %s was made from it", id,
				from->id);
	if (n == LIMIT_LINEAGE)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s would be step %u of its line; the most "
			"is %u", id, LIMIT_LINEAGE + 1, LIMIT_LINEAGE);
	return CO_OK;
}

enum co_rc
lineage_check(struct store_db *db, const char *id, const json_t *derived, bool incoming,
	struct co_err *err)
{
	const char *from = text_of(derived, "from"), *root = text_of(derived, "root");
	struct exhibit_row parent;
	const char *want;
	bool found;

	if (derived == NULL)
		return CO_OK;
	if (strcmp(from, id) == 0 || strcmp(root, id) == 0)
		return co_fail(err, CO_EREFUSED, "exhibit %s says it was made from itself", id);
	TRY(known(db, from, &parent, &found, err));
	/* A partner may send an extract alone; what stays with it is not known here. */
	if (!found && incoming)
		return CO_OK;
	if (!found)
		return co_fail(err, CO_ENOTFOUND,
			"exhibit %s is said to be made from %s, which is not here; register that "
			"first", id, from);
	want = parent.derived_root[0] == '\0' ? parent.id : parent.derived_root;
	if (strcmp(root, want) != 0)
		return co_fail(err, CO_EREFUSED,
			"exhibit %s names %s as its root, but %s goes back to %s", id, root, from,
			want);
	return circle_check(db, id, &parent, err);
}

/* ---- the tree ---- */
struct tree {
	struct exchange *x;
	struct store_db *db;
	const struct officer *who;
	const char *marked; /* the exhibit that was asked for */
	size_t nodes;
};

static enum co_rc
may_see(struct tree *t, const char *id, bool *seen, struct co_err *err)
{
	store_stmt_auto *st = NULL;

	TRY(store_query(t->db, Q_EXHIBIT_MAY_SEE, &st, err, "ttt", id, t->who->unit,
		t->who->name));
	return store_step(st, seen, err);
}

static enum co_rc
tree_ids(struct tree *t, const char *of, char (**ids)[CO_UUID_LEN + 1], size_t *n,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	*n = 0;
	*ids = calloc(LINEAGE_NODES, sizeof(**ids));
	if (*ids == NULL)
		return co_fail(err, CO_ENOMEM, "lineage");
	TRY(store_query(t->db, Q_EXHIBIT_CHILDREN, &st, err, "t", of));
	while (*n < LINEAGE_NODES) {
		TRY(store_step(st, &row, err));
		if (!row)
			break;
		(void)snprintf((*ids)[(*n)++], CO_UUID_LEN + 1, "%s", store_text(st, 0));
	}
	return CO_OK;
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by LIMIT_LINEAGE, which lineage_check holds. */
static enum co_rc
tree_add(struct tree *t, const char *id, unsigned depth, json_t *to, struct co_err *err)
{
	co_auto_free char (*ids)[CO_UUID_LEN + 1] = NULL;
	json_t *o = json_pack("{s:s}", "id", id), *children = json_array();
	struct exhibit_row row;
	bool here, seen = false;
	size_t n = 0;
	enum co_rc rc = known(t->db, id, &row, &here, err);

	if (rc == CO_OK && here)
		rc = may_see(t, id, &seen, err);
	if (rc == CO_OK && seen) {
		json_t *shown = exhibit_row_json(&row);

		(void)json_object_update(o, shown);
		json_decref(shown);
	}
	(void)json_object_set_new(o, "here", json_boolean(here));
	(void)json_object_set_new(o, "seen", json_boolean(seen));
	(void)json_object_set_new(o, "asked", json_boolean(strcmp(id, t->marked) == 0));
	(void)json_object_set_new(o, "depth", json_integer((json_int_t)depth));
	(void)json_object_set(o, "children", children);
	if (json_array_append_new(to, o) != 0 && rc == CO_OK)
		rc = co_fail(err, CO_ENOMEM, "lineage");
	if (rc == CO_OK && depth < LIMIT_LINEAGE)
		rc = tree_ids(t, id, &ids, &n, err);
	for (size_t i = 0; rc == CO_OK && i < n && t->nodes < LINEAGE_NODES; i++, t->nodes++)
		rc = tree_add(t, ids[i], depth + 1, children, err);
	json_decref(children);
	return rc;
}

enum co_rc
op_exhibit_lineage(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	char ids[LIMIT_LINEAGE][CO_UUID_LEN + 1];
	struct tree t = { .x = x, .who = who };
	struct exhibit_row row;
	json_t *top;
	const char *root;
	size_t n;
	enum co_rc rc;

	(void)arg;
	TRY(in_uuid(in, "id", true, &t.marked, err));
	TRY(store_reader(exchange_store(x), &t.db, err));
	TRY(exhibit_seen(x, t.db, who, t.marked, &row, err));
	TRY(lineage_up(t.db, &row, ids, &n, err));
	root = row.derived_root[0] == '\0' ? ids[n - 1] : row.derived_root;
	top = json_array();
	rc = tree_add(&t, root, 0, top, err);
	/* The root stayed with the partner: what hangs below it is not found from there. */
	if (rc == CO_OK && n > 1 && strcmp(ids[n - 1], root) != 0)
		rc = tree_add(&t, ids[n - 1], 1, top, err);
	if (rc != CO_OK) {
		json_decref(top);
		return rc;
	}
	return out_give(json_pack("{s:s,s:s,s:o}", "id", t.marked, "root", root, "tree", top), out,
		err);
}
