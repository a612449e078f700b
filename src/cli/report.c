#include "base/fs.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

static void
report_show(const json_t *report)
{
	const json_t *text;
	size_t i;

	if (!json_is_true(json_object_get(report, "whole")))
		(void)puts("Counted are the requests of cases that you may see.");
	(void)printf("Requests asked in %s, %s%s; after %s\n\n", cli_text(report, "year"),
		cli_text(report, "address"),
		json_is_true(json_object_get(report, "complete")) ? "" : " (the year is not over)",
		cli_text(report, "after"));
	cli_rows(json_object_get(report, "rows"),
		"side:Side,measure:Measure,partner:Partner,emergency:Emergency,asked:Asked,"
		"fulfilled:Fulfilled,partial:Partial,refused:Refused,impossible:Impossible,"
		"withdrawn:Withdrawn,open:Open,data_s:Average s to data");
	if (json_array_size(json_object_get(report, "refusals")) > 0) {
		(void)printf("\nRefused by ground\n");
		cli_rows(json_object_get(report, "refusals"),
			"side:Side,measure:Measure,partner:Partner,ground:Ground,n:Number");
	}
	(void)printf("\nNot kept by this node:\n");
	json_array_foreach(json_object_get(report, "not_kept"), i, text)(void)
		printf("  %s\n", json_string_value(text));
}

/* The year given, and whether CSV is wanted, as the operation takes it. */
static enum co_rc
report_input(struct cli *c, json_t **in, struct co_err *err)
{
	enum co_rc rc;

	if (c->operands_n > 0 &&
		(strlen(c->operands[0]) != 4 || strspn(c->operands[0], "0123456789") != 4))
		return co_fail(
			err, CO_EUSAGE, "\"%s\" is no year; wanted is one as 2026", c->operands[0]);
	rc = cli_input(c, in, err);
	if (rc == CO_OK && c->operands_n > 0)
		(void)json_object_set_new(
			*in, "year", json_integer(strtol(c->operands[0], NULL, 10)));
	if (rc == CO_OK && cli_get(c, "out") != NULL && cli_wants_paper(cli_get(c, "out")))
		return CO_OK;
	if (rc == CO_OK && cli_has(c, "language"))
		return co_fail(err, CO_EUSAGE,
			"--language is for a report on paper: --out FILE.pdf or FILE.html");
	if (rc == CO_OK && (cli_get(c, "out") != NULL || cli_has(c, "csv")))
		(void)json_object_set_new(*in, "csv", json_true());
	return rc;
}

static enum co_rc
report_write(const char *path, const char *text, const json_t *report, struct co_err *err)
{
	enum co_rc rc = co_write_file(path, text, strlen(text), 0644, err);

	if (rc == CO_OK)
		(void)printf("%s: the requests of %s\n", path, cli_text(report, "year"));
	return rc;
}

enum co_rc
run_report(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	json_auto *report = NULL;
	const char *text;
	enum co_rc rc = report_input(c, &in, err);

	if (rc == CO_OK && cli_get(c, "out") != NULL && cli_wants_paper(cli_get(c, "out")))
		return cli_print_paper(c, "report.print", in, err);
	if (rc == CO_OK)
		rc = cli_call(c, "report.yearly", in, &report, err);
	if (rc != CO_OK)
		return rc;
	text = json_string_value(json_object_get(report, "csv"));
	if (cli_get(c, "out") != NULL && text != NULL)
		return report_write(cli_get(c, "out"), text, report, err);
	if (c->json)
		cli_answer(c, report);
	else if (text != NULL)
		(void)fputs(text, stdout);
	else
		report_show(report);
	return CO_OK;
}
