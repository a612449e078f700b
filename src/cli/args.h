/* Words of the command line against the table of verbs; and the name that is nearest to a slip.
 * Never says what is wrong without saying what is near or where the help is. */
#pragma once

#include "cli/cli.h"

/* c->verb is set; argv[0] is skipped. CO_EUSAGE says what is wrong and what is near it. */
enum co_rc args_parse(struct cli *c, int argc, char **argv, struct co_err *err) CO_NODISCARD;

struct near {
	const char *wanted;
	const char *best; /* NULL: nothing is near */
	size_t distance;  /* begin with SIZE_MAX */
};
void near_offer(struct near *n, const char *candidate);
