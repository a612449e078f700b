/* Custody at the command line: what was done with an exhibit, how long it is kept, what it was made
 * from. */
#include "cli/run.h"
#include "record/custody.h"

#include <string.h>

/* ---- telling ---- */
static const char *const beside[] = { "use", "condition", "storage", "witness", "result" };

static void
party_show(const json_t *item, const char *member, const char *words)
{
	const json_t *p = json_object_get(item, member);

	if (p != NULL)
		(void)printf("      %s %s%s%s\n", words, cli_text(p, "name"),
			*cli_text(p, "organisation") != '\0' ? ", " : "",
			cli_text(p, "organisation"));
}

void
cli_custody_beside(const json_t *item)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(beside); i++)
		if (*cli_text(item, beside[i]) != '\0')
			(void)printf("      %s: %s\n", beside[i], cli_text(item, beside[i]));
	party_show(item, "released_by", "released by");
	party_show(item, "received_by", "received by");
	if (json_object_get(item, "transport") != NULL)
		(void)printf("      carried from %s to %s: %s\n", cli_text(item, "transport.from"),
			cli_text(item, "transport.to"), cli_text(item, "transport.method"));
	if (json_object_get(item, "tool") != NULL)
		(void)printf("      with %s %s\n", cli_text(item, "tool.name"),
			cli_text(item, "tool.version"));
	if (*cli_text(item, "detail.options.path") != '\0')
		(void)printf("      path in it: %s\n", cli_text(item, "detail.options.path"));
	if (json_object_get(item, "changes") != NULL)
		(void)printf("      changed: %s, because %s; responsible %s\n",
			cli_text(item, "changes.what"), cli_text(item, "changes.why"),
			cli_text(item, "changes.responsible"));
	if (json_object_get(item, "hold") != NULL)
		(void)printf("      to be looked at again on %s\n", cli_text(item, "hold.until"));
	if (json_object_get(item, "retention") != NULL)
		(void)printf("      kept until %s: %s (%s)\n", cli_text(item, "retention.until"),
			cli_text(item, "retention.rule"), cli_text(item, "retention.source"));
	if (json_object_get(item, "second") != NULL)
		(void)printf("      confirmed by %s\n", cli_text(item, "second.officer"));
}

void
cli_custody_chain(const json_t *chain)
{
	const json_t *item;
	size_t i;

	(void)puts("\nCustody");
	json_array_foreach(chain, i, item) {
		const char *what = cli_text(item, json_object_get(item,
			"action") != NULL ? "action" :
			"kind");

		(void)printf("  %s  %-11s %-13s %-10s %s%s%s\n", cli_text(item, "at"), what,
			cli_text(item, "from"), cli_text(item, "by.officer"),
			cli_text(item, "purpose"),
			*cli_text(item, "authority") != '\0' ? ", " : "",
			cli_text(item, "authority"));
		cli_custody_beside(item);
	}
}

static void
keeping_show(const json_t *answer)
{
	const json_t *keeping = json_object_get(answer, "keeping");

	if (*cli_text(keeping, "until") != '\0')
		(void)printf("Kept until %s (%s): %s, %s\n", cli_text(keeping, "until"),
			cli_text(keeping, "left"), cli_text(keeping, "rule"),
			cli_text(keeping, "source"));
	if (*cli_text(keeping, "held") != '\0')
		(void)printf("On hold since %s by %s: %s\n", cli_text(keeping, "held"),
			cli_text(keeping, "held_by"), cli_text(keeping, "held_why"));
}

static void
markings_show(const json_t *answer)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(answer, "markings"), i, m)
		(void)printf("Condition of %s (%s, %s): %s\n", cli_text(m, "owner"),
			cli_text(m, "article"), cli_text(m, "type"), cli_text(m, "text"));
}

static void
moves_show(const json_t *answer)
{
	const json_t *m, *need;
	size_t i, k;

	json_array_foreach(json_object_get(answer, "waiting"), i, m)
		(void)printf("Draft %s: %s of %s, proposed by %s (%s, %s), is %s\n",
			cli_text(m, "id"), cli_text(m, "action"), cli_text(m, "name"),
			cli_text(m, "created_by"), cli_text(m, "purpose"),
			cli_text(m, "authority"), cli_text(m, "state"));
	json_array_foreach(json_object_get(answer, "moves"), i, m)
	{
		(void)printf("%-12s %s%s", cli_text(m, "action"), cli_text(m, "text"),
			json_is_true(json_object_get(m, "second")) ? "; needs a second officer"
								   : "");
		json_array_foreach(json_object_get(m, "needs"), k, need)
			(void)printf("%s%s", k == 0 ? "; needs " : ", ", json_string_value(need));
		(void)puts("");
	}
	json_array_foreach(json_object_get(answer, "not_now"), i, m)
		(void)printf("%-12s not now: %s\n", cli_text(m, "action"), cli_text(m, "why"));
}

void
show_moves(const struct cli *c, const json_t *answer)
{
	const json_t *name;
	size_t i;

	(void)c;
	moves_show(answer);
	json_array_foreach(json_object_get(answer, "approvers"), i, name)
		(void)printf("%s%s", i == 0 ? "A second officer could be: " : ", ",
			json_string_value(name));
	if (i > 0)
		(void)puts("");
	if (json_is_true(json_object_get(answer, "approver")))
		(void)printf("You can be the second officer of what others propose%s: comity "
			"request show DRAFT, then comity request approve DRAFT\n",
			i > 0 ? "" : ", and nobody else can");
	else if (i == 0)
		(void)puts("No approver sees its case: an administrator can name one for it "
			"(comity case name).");
}

void
show_case_custody(const struct cli *c, const json_t *answer)
{
	const json_t *m;
	size_t i;

	(void)c;
	markings_show(answer);
	json_array_foreach(json_object_get(answer, "offered"), i, m)
		(void)printf("Offered by %s, not answered: %s\n", cli_text(m, "owner"),
			cli_text(m, "text"));
	keeping_show(answer);
	cli_rows(json_object_get(answer, "exhibits"),
		"id:Exhibit,name:Name,state:State,conditions:Conditions,keeping.until:Kept until,"
		"keeping.held:On hold since");
	moves_show(answer);
}

void
show_custody(const struct cli *c, const json_t *answer)
{
	const json_t *m;
	size_t i;

	(void)c;
	cli_object(json_object_get(answer, "exhibit"),
		"id:Exhibit,name:Name,partner:Partner,state:State,erased:Erased,"
		"derived.from:Made from,derived.root:Root,derived.by:Made by");
	keeping_show(answer);
	markings_show(answer);
	json_array_foreach(json_object_get(answer, "easings"), i, m)
		(void)printf("%s allows: %s %s\n", cli_text(m, "owner"), cli_text(m, "use"),
			cli_text(m, "to"));
	cli_custody_chain(json_object_get(answer, "custody"));
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as a line of exhibits, which the node bounds. */
static void
branch_show(const json_t *node)
{
	const json_t *child;
	int depth = (int)json_integer_value(json_object_get(node, "depth"));
	size_t i;

	(void)printf("%*s%s %s%s", 2 * depth, "", depth == 0 ? "*" : "-",
		cli_text(node, "id"), json_is_true(json_object_get(node, "asked")) ? "  <" : "");
	if (json_is_true(json_object_get(node, "seen")))
		(void)printf("  %s  %s  %s\n", cli_text(node, "name"), cli_text(node, "state"),
			cli_text(node, "derived.by"));
	else
		(void)puts(json_is_true(json_object_get(node, "here")) ?
				   "  (of a case that you do not see)" :
				   "  (not here: it stayed with the partner)");
	json_array_foreach(json_object_get(node, "children"), i, child)
		branch_show(child);
}

void
show_lineage(const struct cli *c, const json_t *answer)
{
	const json_t *node;
	size_t i;

	(void)c;
	json_array_foreach(json_object_get(answer, "tree"), i, node)
		branch_show(node);
}

void
show_said(const struct cli *c, const json_t *answer)
{
	(void)c;
	if (strcmp(cli_text(answer, "state"), "waiting") == 0)
		(void)printf("waits for a second officer as draft %s: comity request show %s tells "
			"what it is, comity request approve %s decides\n",
			cli_text(answer, "draft"), cli_text(answer, "draft"),
			cli_text(answer, "draft"));
	else
		(void)printf("%s%s%s\n", cli_text(answer, "state"),
			*cli_text(answer, "record_id") != '\0' ? ": custody record " : "",
			cli_text(answer, "record_id"));
}

/* ---- asking ---- */

/* Options that together make one object: member, its member, option. */
static const struct {
	const char *object, *member, *option;
} parts[] = {
	{ "released_by", "name", "released-by" },
	{ "released_by", "organisation", "released-by-organisation" },
	{ "received_by", "name", "received-by" },
	{ "received_by", "organisation", "received-by-organisation" },
	{ "transport", "from", "carried-from" },
	{ "transport", "to", "carried-to" },
	{ "transport", "method", "carried-by" },
	{ "tool", "name", "tool" },
	{ "tool", "version", "tool-version" },
	{ "changes", "what", "changed" },
	{ "changes", "why", "changed-because" },
	{ "changes", "responsible", "responsible" },
};

static enum co_rc
parts_put(const struct cli *c, json_t *in, struct co_err *err)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(parts); i++) {
		const char *v = cli_get(c, parts[i].option);
		json_t *o = json_object_get(in, parts[i].object);

		if (v == NULL)
			continue;
		if (o == NULL) {
			o = json_object();
			if (json_object_set_new(in, parts[i].object, o) != 0)
				return co_fail(err, CO_ENOMEM, "custody");
		}
		if (json_object_set_new(o, parts[i].member, json_string(v)) != 0)
			return co_fail(err, CO_EUSAGE, "--%s is no text in UTF-8", parts[i].option);
	}
	return CO_OK;
}

/* Appends the options that together say a member. */
static void
options_of(const char *member, char *out, size_t cap)
{
	size_t n = strlen(out), before = n;

	for (size_t i = 0; i < CO_ARRAY_LEN(parts) && n < cap; i++)
		if (strcmp(parts[i].object, member) == 0 &&
			strcmp(parts[i].member, "organisation") != 0)
			n += (size_t)snprintf(out + n, cap - n, " --%s", parts[i].option);
	if (n == before)
		(void)snprintf(out + n, cap - n, " --%s", member);
}

/* What the action needs and was not given, as the options that say it. */
static enum co_rc
needs_check(const struct cli *c, const json_t *in, struct co_err *err)
{
	const struct custody_action *a = custody_action_find(
		strcmp(c->verb->op, "exhibit.return") == 0 ? "returned" : cli_text(in, "action"));
	char missing[300] = "";

	for (unsigned i = 0; a != NULL && i < CUSTODY_NEEDS; i++)
		if ((a->needs >> i & 1) != 0 &&
			json_object_get(in, custody_need_member(i)) == NULL)
			options_of(custody_need_member(i), missing, sizeof(missing));
	if (missing[0] == '\0')
		return CO_OK;
	return co_fail(err, CO_EUSAGE, "%s (%s) needs too:%s", a->name, a->text, missing);
}

enum co_rc
run_exhibit_log(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	enum co_rc rc = cli_input(c, &in, err);

	if (rc == CO_OK)
		rc = parts_put(c, in, err);
	if (rc == CO_OK)
		rc = needs_check(c, in, err);
	return rc == CO_OK ? cli_ask(c, in, err) : rc;
}

/* The operand is an exhibit, or with --case a case. */
enum co_rc
run_exhibit_keep(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	char case_id[CO_UUID_LEN + 1];
	enum co_rc rc = cli_input(c, &in, err);

	if (rc == CO_OK && cli_has(c, "case")) {
		rc = cli_case(c, c->operands[0], case_id, err);
		if (rc == CO_OK)
			(void)json_object_set_new(in, "case_id", json_string(case_id));
	} else if (rc == CO_OK) {
		(void)json_object_set_new(in, "id", json_string(c->operands[0]));
	}
	return rc == CO_OK ? cli_ask(c, in, err) : rc;
}
