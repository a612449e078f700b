#include "cli/run.h"

#include "cli/fields.h"

#include <string.h>

static enum co_rc
form_rows(struct cli *c, struct co_err *err)
{
	json_auto *out = json_pack("{s:[]}", "forms");
	json_t *rows = json_object_get(out, "forms");

	for (size_t i = 0; i < form_count(); i++) {
		const struct form *f = form_at(i);

		if (json_array_append_new(rows, json_pack("{s:s,s:s,s:s}", "measure",
			form_measure(f), "articles", form_articles(f), "title", form_title(f))) !=
			0)
			return co_fail(err, CO_ENOMEM, "forms");
	}
	cli_answer(c, out);
	return CO_OK;
}

enum co_rc
run_form_show(struct cli *c, struct co_err *err)
{
	const struct form *f;

	if (c->operands_n == 0)
		return form_rows(c, err);
	f = form_by_measure(c->operands[0]);
	if (f == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"there is no form for \"%s\"; see comity form list", c->operands[0]);
	cli_answer(c, form_json(f));
	return CO_OK;
}

/* As the desk checks it before it is submitted: everything at once, and the status says whether
 * there was something. */
enum co_rc
run_form_check(struct cli *c, struct co_err *err)
{
	const struct form *f = form_by_measure(c->operands[0]);
	json_auto *in = NULL;
	json_auto *out = NULL;
	json_t *fields = NULL;
	size_t n;

	if (f == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"there is no form for \"%s\"; see comity form list", c->operands[0]);
	TRY(cli_input(c, &in, err));
	TRY(fields_gather(c, f, &fields, err));
	if (json_object_set_new(in, "fields", fields) != 0)
		return co_fail(err, CO_ENOMEM, "form");
	TRY(cli_call(c, c->verb->op, in, &out, err));
	n = json_array_size(json_object_get(out, "faults"));
	if (n == 0 && !c->json) {
		(void)puts("Nothing is missing or wrong: it can be submitted.");
		return CO_OK;
	}
	cli_answer(c, out);
	if (n == 0)
		return CO_OK;
	c->answered = true;
	return co_fail(err, CO_EREFUSED,
		"%zu %s to mend before it can be submitted; comity form show %s tells what each "
		"field wants", n, n == 1 ? "thing is" : "things are", c->operands[0]);
}

/* What a contact, an identifier or a period is made of. */
static void
members_show(const struct form *f, const char *code)
{
	const char *name, *choices;
	bool must;
	size_t i = 0;

	while (f != NULL && (name = form_member(f, code, i, &must, &choices)) != NULL) {
		(void)printf("%s%s%s", i++ == 0 ? "                     Members: " : ", ", name,
			must ? " (needed)" : "");
		if (choices != NULL)
			(void)printf(" (%s)", choices);
	}
	if (i > 0)
		(void)putchar('\n');
}

static void
needs_show(const json_t *field)
{
	const json_t *need;
	size_t i;

	json_array_foreach(json_object_get(field, "needs"), i, need)
		(void)printf("%s%s", i == 0 ? "                     Needed of them: " : ", ",
			json_string_value(need));
	if (i > 0)
		(void)putchar('\n');
}

void
show_form(const struct cli *c, const json_t *form)
{
	const json_t *field;
	size_t i;

	const struct form *f = form_by_measure(cli_text(form, "measure"));

	(void)c;
	(void)printf("%s (%s)\n\n", cli_text(form, "title"), cli_text(form, "measure"));
	json_array_foreach(json_object_get(form, "fields"), i, field) {
		const json_t *choice;
		size_t k;

		(void)printf("%-20s %s%s, %s\n", cli_text(field, "code"), cli_text(field, "type"),
			json_is_true(json_object_get(field, "required")) ? ", needed" : "",
			cli_text(field, "source"));
		(void)printf("%20s %s. %s\n", "", cli_text(field, "label"),
			cli_text(field, "help"));
		members_show(f, cli_text(field, "code"));
		needs_show(field);
		json_array_foreach(json_object_get(field, "choices"), k, choice)
			(void)printf("%24s%-16s %s\n", "", cli_text(choice, "code"),
				cli_text(choice, "label"));
	}
}
