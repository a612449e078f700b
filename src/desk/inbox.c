/* The inbox: the list that inbox.list gives for the filter of the address, and what can be done
 * with many of its rows at once. */
#include "desk/inbox_filter.h"
#include "desk/live.h"
#include "desk/pages.h"

#include <string.h>

/* ---- the list ---- */

/* Which sections the page has: all, or the one that was asked for. */
static void
sections_put(struct visit *v, const char *turn)
{
	static const char *const all[] = { "ours", "theirs", "ending", "answered", "drafts",
		"evidence" };
	json_t *o = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(all); i++)
		if (turn == NULL || strcmp(turn, all[i]) == 0)
			(void)json_object_set_new(o, all[i], json_true());
	visit_put(v, "part", o);
}

static void
badge_put(struct visit *v)
{
	json_int_t n = json_integer_value(json_object_get(v->values, "new")) +
		(json_int_t)json_array_size(json_object_get(v->values, "yours"));
	char text[16];

	(void)snprintf(text, sizeof(text), n > 99 ? "99+" : "%d", (int)(n > 99 ? 99 : n));
	visit_put(v, "badge", json_string(n == 0 ? "" : text));
}

/* Drafts that wait for this officer stand apart from those that wait for another. */
static void
drafts_part(struct visit *v)
{
	json_t *all = json_object_get(v->values, "drafts"), *yours = json_array(),
	       *rest = json_array(), *row;
	size_t i;

	json_array_foreach(all, i, row)
	{
		const char *turn = json_string_value(json_object_get(row, "turn"));
		bool mine = turn != NULL && *turn != '\0';

		if (mine)
			(void)json_object_set_new(row, "is", json_pack("{s:b}", turn, 1));
		(void)json_array_append(mine ? yours : rest, row);
	}
	visit_put(v, "any_yours", json_boolean(json_array_size(yours) > 0));
	visit_put(v, "yours", yours);
	visit_put(v, "drafts", rest);
}

static enum co_rc
inbox_fill(struct visit *v, struct co_err *err)
{
	static const char *const places[] = { "turn", "after" };
	json_t *out, *in = json_object();
	enum co_rc rc = filter_read(v, filter_asked, in, err);

	if (rc != CO_OK) {
		json_decref(in);
		return rc;
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(places); i++) {
		const char *s = filter_asked(v, places[i]);

		if (s != NULL)
			(void)json_object_set_new(in, places[i], json_string(s));
		visit_put(v, places[i], json_string(s == NULL ? "" : s));
	}
	TRY(visit_op(v, "inbox.list", in, &out, err));
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	/* The heading stands only over something. */
	(void)json_object_set_new(
		json_array_get(json_object_get(v->values, "evidence"), 0), "first", json_true());
	sections_put(v, filter_asked(v, "turn"));
	drafts_part(v);
	badge_put(v);
	visit_put(v, "query", filter_query(v, filter_asked, NULL));
	filter_chips(v);
	return CO_OK;
}

static bool
asks(const struct visit *v)
{
	return in_list("duty,investigator,administrator", v->session.role);
}

enum co_rc
page_inbox(struct visit *v, struct co_err *err)
{
	char mark[LIVE_MARK_LEN];
	json_t *out;

	live_now(v->desk->live, mark);
	visit_put(v, "mark", json_string(mark));
	TRY(inbox_fill(v, err));
	TRY(filter_form(v, err));
	TRY(filter_views(v, err));
	TRY(visit_op(v, "preference.show", json_object(), &out, err));
	visit_put(v, "sound", json_incref(json_object_get(out, "sound")));
	json_decref(out);
	visit_put(v, "asks", json_boolean(asks(v)));
	visit_put(v, "title", json_string("inbox"));
	v->page = "inbox";
	return CO_OK;
}

/* The list alone: what a live page swaps in. */
enum co_rc
page_inbox_part(struct visit *v, struct co_err *err)
{
	TRY(inbox_fill(v, err));
	v->page = "inbox-part";
	v->bare = true;
	return CO_OK;
}

enum co_rc
page_live(struct visit *v, struct co_err *err)
{
	const char *since = web_query(v->req, "since");

	return live_join(
		v->desk->live, v->req, since == NULL || *since == '\0' ? NULL : since, err);
}

/* ---- what is done from it ---- */

/* Back to where the officer was: a query string of ours, whatever it says. */
static const char *
back(const struct visit *v)
{
	const char *s = visit_field(v, "back");

	return s == NULL || strpbrk(s, "\r\n#") != NULL ? "" : s;
}

static const char *
given_field(const struct visit *v, const char *name)
{
	return strcmp(name, "name") == 0 ? NULL : visit_field(v, name);
}

enum co_rc
page_inbox_keep(struct visit *v, struct co_err *err)
{
	const char *name = visit_field(v, "view");
	json_t *out, *filter = json_object();
	enum co_rc rc = filter_read(v, given_field, filter, err);

	if (rc == CO_OK && name == NULL)
		rc = co_fail(err, CO_EUSAGE, "the filter has no name; go back and give it one");
	if (rc != CO_OK) {
		json_decref(filter);
		return rc;
	}
	TRY(visit_op(v, "view.save", json_pack("{s:s,s:o}", "name", name, "filter", filter), &out,
		err));
	json_decref(out);
	visit_go(v, "/?%s", back(v));
	return CO_OK;
}

enum co_rc
page_inbox_forget(struct visit *v, struct co_err *err)
{
	const char *name = visit_field(v, "view");
	json_t *out;

	if (name == NULL)
		return co_fail(err, CO_EUSAGE, "no filter was named; go back and choose one");
	TRY(visit_op(v, "view.drop", json_pack("{s:s}", "name", name), &out, err));
	json_decref(out);
	visit_go(v, "/");
	return CO_OK;
}

enum co_rc
page_inbox_sound(struct visit *v, struct co_err *err)
{
	const char *on = visit_field(v, "on");
	json_t *out;

	TRY(visit_op(v, "preference.sound",
		json_pack("{s:b}", "on", on != NULL && strcmp(on, "yes") == 0), &out, err));
	json_decref(out);
	visit_go(v, "/?%s", back(v));
	return CO_OK;
}
