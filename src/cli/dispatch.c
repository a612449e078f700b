#include "cli/args.h"
#include "cli/cli.h"
#include "words/catalogue.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* The row whose name is the first two words, or the first one. *used tells how many words it
 * took. */
static const struct cli_verb *
verb_find(int argc, char **argv, int *used)
{
	char two[128] = "";

	if (argc > 2)
		(void)snprintf(two, sizeof(two), "%s %s", argv[1], argv[2]);
	for (size_t i = 0; i < cli_verb_count(); i++) {
		*used = 2;
		if (strcmp(cli_verb_at(i)->name, two) == 0)
			return cli_verb_at(i);
		*used = 1;
		if (strcmp(cli_verb_at(i)->name, argv[1]) == 0)
			return cli_verb_at(i);
	}
	return NULL;
}

static bool
is_group(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < cli_verb_count(); i++)
		if (strncmp(cli_verb_at(i)->name, word, n) == 0 && cli_verb_at(i)->name[n] == ' ')
			return true;
	return false;
}

static int
unknown_verb(int argc, char **argv)
{
	bool more = argc > 2 && argv[2][0] != '-';
	char two[128];
	struct near n = { .wanted = two, .distance = SIZE_MAX };

	if (is_group(argv[1]) && !more) {
		bool asked = argc > 2 && strcmp(argv[2], "--help") == 0;

		help_group(asked ? stdout : stderr, argv[1]);
		return asked ? CLI_DONE : CLI_USAGE;
	}
	(void)snprintf(two, sizeof(two), "%s%s%s", argv[1], more ? " " : "", more ? argv[2] : "");
	for (size_t i = 0; i < cli_verb_count(); i++)
		near_offer(&n, cli_verb_at(i)->name);
	if (n.best == NULL && more) {
		/* The second word may be an operand of a verb with one word. */
		n.wanted = argv[1];
		for (size_t i = 0; i < cli_verb_count(); i++)
			near_offer(&n, cli_verb_at(i)->name);
	}
	if (n.best != NULL)
		(void)fprintf(stderr, "comity: there is no verb \"%s\"; did you mean \"%s\"?\n",
			n.wanted, n.best);
	else
		(void)fprintf(
			stderr, "comity: there is no verb \"%s\"; see comity --help\n", argv[1]);
	return CLI_USAGE;
}

static int
exit_status(enum co_rc rc)
{
	if (rc == CO_OK)
		return CLI_DONE;
	if (rc == CO_EUSAGE)
		return CLI_USAGE;
	return rc == CO_EVERIFY ? CLI_VERIFY : CLI_FAILED;
}

static void
error_json(enum co_rc rc, const struct co_err *err)
{
	json_auto *j = json_pack("{s:s,s:s}", "error", co_rc_name(rc), "message", err->msg);

	if (j != NULL && json_dumpf(j, stdout, JSON_COMPACT) == 0)
		(void)putchar('\n');
}

static int
verb_run(const struct cli_verb *verb, const char *program, int argc, char **argv)
{
	struct cli c = { .verb = verb, .program = program };
	struct co_err err = { 0 };
	enum co_rc rc = args_parse(&c, argc, argv, &err);

	if (rc == CO_OK && cli_has(&c, "help")) {
		help_verb(stdout, verb);
		return CLI_DONE;
	}
	/* Whatever the verb: English in place of what was asked for would be no answer. */
	if (rc == CO_OK)
		rc = catalogue_known(cli_get(&c, "language"), &err);
	if (rc == CO_OK)
		rc = verb->run(&c, &err);
	if (rc != CO_OK) {
		(void)fflush(stdout);
		if (c.json && !c.answered)
			error_json(rc, &err);
		(void)fprintf(
			stderr, "comity: %s\n", err.msg[0] != '\0' ? err.msg : co_rc_text(rc));
	}
	/* A reader that has seen enough (head, a pager) is no failure of ours. */
	if (fflush(stdout) != 0 && errno != EPIPE && rc == CO_OK) {
		(void)fprintf(stderr, "comity: the answer could not be written\n");
		return CLI_FAILED;
	}
	return exit_status(rc);
}

int
cli_main(int argc, char **argv)
{
	const struct cli_verb *verb;
	int used;

	(void)signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		help_all(stderr);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("comity " COMITY_VERSION);
		return CLI_DONE;
	}
	if (strcmp(argv[1], "--man") == 0) {
		help_man(stdout);
		return CLI_DONE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		(strcmp(argv[1], "help") == 0 && argc == 2)) {
		help_all(stdout);
		return CLI_DONE;
	}
	if (strcmp(argv[1], "help") == 0) {
		argv++;
		argc--;
		verb = verb_find(argc, argv, &used);
		if (verb == NULL)
			return unknown_verb(argc, argv);
		help_verb(stdout, verb);
		return CLI_DONE;
	}
	verb = verb_find(argc, argv, &used);
	if (verb == NULL)
		return unknown_verb(argc, argv);
	return verb_run(verb, argv[0], argc - used, argv + used);
}
