#include "cli/cli.h"

#include <ctype.h>
#include <string.h>

static const char help_head[] =
	"comity - a node of the 24/7 network against cybercrime\n"
	"\n"
	"usage: comity VERB [OPERAND...] [--option value...]\n"
	"       comity VERB --help\n";

static const char help_status[] =
	"Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 verification failed.\n";

static void
usage_operands(FILE *out, const struct cli_verb *v)
{
	for (const struct cli_operand *p = v->operands; p->name != NULL; p++)
		(void)fprintf(out, p->optional ? " [%s%s]" : " %s%s", p->name, p->many ? "..."
			: "");
}

static void
summary_line(FILE *out, const struct cli_verb *v)
{
	char left[80];
	size_t n = (size_t)snprintf(left, sizeof(left), "%s", v->name);

	for (const struct cli_operand *p = v->operands; p->name != NULL && n < sizeof(left); p++)
		n += (size_t)snprintf(left + n, sizeof(left) - n, p->optional ? " [%s%s]" : " %s%s",
			p->name, p->many ? "..." : "");
	(void)fprintf(out, "  %-34s %s\n", left, v->summary);
}

void
help_all(FILE *out)
{
	(void)fprintf(out, "%s\n", help_head);
	for (size_t i = 0; i < cli_verb_count(); i++)
		summary_line(out, cli_verb_at(i));
	(void)fprintf(out,
		"\nEvery verb takes --home FOLDER (or $COMITY_HOME), --as OFFICER, --json and "
		"--help.\n%s", help_status);
}

void
help_group(FILE *out, const char *group)
{
	size_t n = strlen(group);

	(void)fprintf(out, "usage: comity %s VERB\n\n", group);
	for (size_t i = 0; i < cli_verb_count(); i++)
		if (strncmp(cli_verb_at(i)->name, group, n) == 0 && cli_verb_at(i)->name[n] == ' ')
			summary_line(out, cli_verb_at(i));
}

static void
option_line(FILE *out, const struct cli_option *o)
{
	char left[64];

	(void)snprintf(left, sizeof(left), "--%s%s%s", o->name, o->value != NULL ? " " : "",
		o->value != NULL ? o->value : "");
	(void)fprintf(out, "  %-26s %s%s%s\n", left, o->help, o->many ? " (may be repeated)" : "",
		o->required ? " (needed)" : "");
}

void
help_verb(FILE *out, const struct cli_verb *v)
{
	(void)fprintf(out, "comity %s - %s\n\nusage: comity %s", v->name, v->summary, v->name);
	usage_operands(out, v);
	(void)fprintf(out, " [options]\n");
	if (v->about != NULL) {
		(void)fputc('\n', out);
		cli_paragraph(out, 0, 0, v->about);
	}
	if (v->roles != NULL)
		(void)fprintf(out, "\nWho may: %s.\n", v->roles);
	(void)fprintf(out, "\n");
	for (const struct cli_operand *p = v->operands; p->name != NULL; p++)
		(void)fprintf(out, "  %-26s %s\n", p->name, p->help);
	for (const struct cli_option *o = v->options; o->name != NULL; o++)
		option_line(out, o);
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		option_line(out, o);
	(void)fprintf(out, "\nExample:\n  %s\n\n%s", v->example, help_status);
}

/* ---- the man page (man(7)) ---- */

/* Text that roff would read as its own: a leading dot or quote, backslashes, hyphens. */
static void
man_text(FILE *out, const char *s)
{
	bool start = true;

	for (; *s != '\0'; s++) {
		if (start && (*s == '.' || *s == '\''))
			(void)fputs("\\&", out);
		if (*s == '\\')
			(void)fputs("\\e", out);
		else if (*s == '-')
			(void)fputs("\\-", out);
		else
			(void)fputc(*s, out);
		start = *s == '\n';
	}
}

static void
man_option(FILE *out, const struct cli_option *o)
{
	(void)fputs(".TP\n\\fB", out);
	man_text(out, "--");
	man_text(out, o->name);
	(void)fputs("\\fR", out);
	if (o->value != NULL)
		(void)fprintf(out, " \\fI%s\\fR", o->value);
	(void)fputc('\n', out);
	man_text(out, o->help);
	(void)fprintf(out, "%s%s.\n", o->many ? " (may be repeated)" : "", o->required ? " (needed)"
		: "");
}

static void
man_verb(FILE *out, const struct cli_verb *v)
{
	(void)fputs(".SS \"comity ", out);
	man_text(out, v->name);
	for (const struct cli_operand *p = v->operands; p->name != NULL; p++)
		(void)fprintf(out, p->optional ? " [%s%s]" : " %s%s", p->name, p->many ? "..."
			: "");
	(void)fputs("\"\n", out);
	(void)fputc(toupper((unsigned char)v->summary[0]), out);
	man_text(out, v->summary + 1);
	(void)fputs(".\n", out);
	if (v->about != NULL) {
		man_text(out, v->about);
		(void)fputc('\n', out);
	}
	if (v->roles != NULL) {
		(void)fputs("Who may: ", out);
		man_text(out, v->roles);
		(void)fputs(".\n", out);
	}
	for (const struct cli_operand *p = v->operands; p->name != NULL; p++) {
		(void)fprintf(out, ".TP\n\\fI%s\\fR\n", p->name);
		man_text(out, p->help);
		(void)fputs(".\n", out);
	}
	for (const struct cli_option *o = v->options; o->name != NULL; o++)
		man_option(out, o);
	(void)fputs(".PP\n.nf\n", out);
	man_text(out, v->example);
	(void)fputs("\n.fi\n", out);
}

void
help_man(FILE *out)
{
	(void)fputs(".TH COMITY 1 2026-11-24 \"comity " COMITY_VERSION "\" \"Comity\"\n"
		".SH NAME\ncomity \\- a node of the 24/7 network against cybercrime\n"
		".SH SYNOPSIS\n.B comity\n.I VERB\n[\\fIOPERAND\\fR...] [\\fB\\-\\-option\\fR "
		"\\fIvalue\\fR...]\n"
		".SH DESCRIPTION\n"
		"Each organisation of the network runs one node. Verbs that change something speak "
		"to\n"
		"the running node through its local API with an officer's token; nothing secret "
		"is\n"
		"given on the command line.\n"
		".SH OPTIONS OF EVERY VERB\n", out);
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		man_option(out, o);
	(void)fputs(".SH VERBS\n", out);
	for (size_t i = 0; i < cli_verb_count(); i++)
		man_verb(out, cli_verb_at(i));
	(void)fputs(".SH EXIT STATUS\n"
		"0 done, 1 refused or failed, 2 wrong usage, 3 verification failed.\n"
		".SH ENVIRONMENT\n"
		".TP\nCOMITY_HOME\nThe node's folder when \\-\\-home is not given.\n"
		".TP\nCOMITY_OFFICER\nThe officer when \\-\\-as is not given.\n"
		".TP\nCOMITY_TOKEN_FILE\nA file with the officer's token, instead of one in the "
		"node's "
		"folder.\n"
		".SH FILES\n"
		".TP\nFOLDER/comity.conf\nThe configuration; each key is explained in it.\n"
		".TP\nFOLDER/officers/NAME.token\nTokens of officers; each gives its holder's "
		"rights.\n", out);
}
