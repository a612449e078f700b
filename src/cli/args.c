#include "cli/args.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

/* Edits between two names: enough to tell a slip from another word. */
static size_t
near_distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= CO_ARRAY_LEN(row) || strlen(a) >= CO_ARRAY_LEN(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t cost = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < cost)
				cost = row[j] + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			row[j] = cost;
		}
	}
	return row[n];
}

void
near_offer(struct near *n, const char *candidate)
{
	size_t d = near_distance(n->wanted, candidate);

	/* A word that begins as the wanted one is near whatever its length. */
	if (*n->wanted != '\0' && strncmp(candidate, n->wanted, strlen(n->wanted)) == 0)
		d = 1;
	if (d < n->distance && d <= 2 + strlen(candidate) / 6) {
		n->distance = d;
		n->best = candidate;
	}
}

static enum co_rc
unknown_option(const struct cli_verb *v, const char *given, struct co_err *err)
{
	struct near n = { .distance = SIZE_MAX };
	char name[64];

	while (*given == '-')
		given++;
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(given, "="), given);
	n.wanted = name;
	for (const struct cli_option *o = v->options; o->name != NULL; o++)
		near_offer(&n, o->name);
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		near_offer(&n, o->name);
	if (n.best != NULL)
		return co_fail(err, CO_EUSAGE,
			"%s has no option --%s; did you mean --%s? (comity %s --help)", v->name,
			name, n.best, v->name);
	return co_fail(err, CO_EUSAGE, "%s has no option --%s; see comity %s --help", v->name, name,
		v->name);
}

/* The table as getopt_long wants it; val is the place in the table plus one. */
static size_t
options_build(const struct cli_verb *v, struct option *out, const struct cli_option **of)
{
	const struct cli_option *lists[] = { v->options, cli_common };
	size_t n = 0;

	for (size_t l = 0; l < CO_ARRAY_LEN(lists); l++)
		for (const struct cli_option *o = lists[l]; o->name != NULL; o++, n++) {
			out[n] = (struct option){ o->name,
				o->value != NULL ? required_argument : no_argument, NULL,
				(int)n + 256 };
			of[n] = o;
		}
	out[n] = (struct option){ NULL, 0, NULL, 0 };
	return n;
}

static enum co_rc
option_take(struct cli *c, const struct cli_option *o, const char *value, struct co_err *err)
{
	if (c->given_n >= CLI_GIVEN)
		return co_fail(err, CO_EUSAGE, "more than %d options; use a file", CLI_GIVEN);
	if (!o->many && cli_has(c, o->name))
		return co_fail(err, CO_EUSAGE, "--%s is given twice", o->name);
	if (o->type == CLI_INT) {
		char *end;
		long n = strtol(value, &end, 10);

		if (*value == '\0' || *end != '\0' || n == LONG_MIN || n == LONG_MAX)
			return co_fail(err, CO_EUSAGE, "--%s wants a number, not \"%s\"", o->name,
				value);
	}
	c->given[c->given_n++] = (struct cli_given){ o, value };
	return CO_OK;
}

static enum co_rc
operands_check(const struct cli *c, struct co_err *err)
{
	const struct cli_operand *p = c->verb->operands;
	size_t least = 0, most = 0;

	for (; p->name != NULL; p++) {
		if (!p->optional)
			least++;
		most = p->many ? CLI_OPERANDS : most + 1;
	}
	if (c->operands_n < least)
		return co_fail(err, CO_EUSAGE, "%s wants %s; see comity %s --help", c->verb->name,
			c->verb->operands[c->operands_n].name, c->verb->name);
	if (c->operands_n > most)
		return co_fail(err, CO_EUSAGE,
			"%s does not know what to do with \"%s\"; see comity %s --help",
			c->verb->name, c->operands[most], c->verb->name);
	for (const struct cli_option *o = c->verb->options; o->name != NULL; o++)
		if (o->required && !cli_has(c, o->name))
			return co_fail(err, CO_EUSAGE, "%s wants --%s %s (%s)", c->verb->name,
				o->name, o->value, o->help);
	return CO_OK;
}

enum co_rc
args_parse(struct cli *c, int argc, char **argv, struct co_err *err)
{
	struct option table[CLI_VERB_OPTIONS + 16];
	const struct cli_option *of[CLI_VERB_OPTIONS + 16];
	size_t n = options_build(c->verb, table, of);
	int got, at = 0;
	enum co_rc rc;

	optind = 0;
	opterr = 0;
	for (;;) {
		at = optind > 0 ? optind : 1;
		got = getopt_long(argc, argv, ":h", table, NULL);
		if (got == -1)
			break;
		if (got == 'h')
			got = 256 + (int)n - 1; /* --help is the last of the common ones */
		if (got == ':')
			return co_fail(err, CO_EUSAGE, "%s wants a value", argv[optind - 1]);
		if (got == '?' || got < 256)
			return unknown_option(c->verb, argv[optind > at ? optind - 1 : at], err);
		rc = option_take(c, of[got - 256], optarg == NULL ? "" : optarg, err);
		if (rc != CO_OK)
			return rc;
	}
	for (int i = optind; i < argc; i++) {
		if (c->operands_n >= CLI_OPERANDS)
			return co_fail(err, CO_EUSAGE, "more than %d operands", CLI_OPERANDS);
		c->operands[c->operands_n++] = argv[i];
	}
	c->json = cli_has(c, "json");
	return cli_has(c, "help") ? CO_OK : operands_check(c, err);
}

const char *
cli_nth(const struct cli *c, const char *option, size_t i)
{
	for (size_t g = 0; g < c->given_n; g++)
		if (strcmp(c->given[g].option->name, option) == 0 && i-- == 0)
			return c->given[g].value;
	return NULL;
}

const char *
cli_get(const struct cli *c, const char *option)
{
	const char *last = NULL;

	for (size_t g = 0; g < c->given_n; g++)
		if (strcmp(c->given[g].option->name, option) == 0)
			last = c->given[g].value;
	return last;
}

const char *
cli_or(const struct cli *c, const char *option, const char *otherwise)
{
	const char *v = cli_get(c, option);

	return v != NULL ? v : otherwise;
}

bool
cli_has(const struct cli *c, const char *option)
{
	return cli_get(c, option) != NULL;
}

enum co_rc
cli_home(const struct cli *c, const char **out, struct co_err *err)
{
	const char *home = cli_get(c, "home");

	if (home == NULL)
		home = getenv("COMITY_HOME");
	if (home == NULL || *home == '\0')
		return co_fail(err, CO_EUSAGE,
			"which node? Give --home FOLDER or set COMITY_HOME (comity init makes a "
			"node)");
	*out = home;
	return CO_OK;
}
