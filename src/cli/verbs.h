/* How rows of the table of verbs are written, and its other parts. Private to verbs*.c: whoever
 * looks for a verb goes through cli_verb_at. */
#pragma once

#include "cli/run.h"

#define ARG(n, m, h) \
	{ \
		.name = (n), .member = (m), .help = (h) \
	}
#define OPT(n, v, m, h) \
	{ \
		.name = (n), .value = (v), .member = (m), .help = (h) \
	}
#define NEED(n, v, m, h) \
	{ \
		.name = (n), .value = (v), .member = (m), .help = (h), .required = true \
	}
#define MANY(n, v, m, h) \
	{ \
		.name = (n), .value = (v), .member = (m), .help = (h), .many = true \
	}
#define NUM(n, v, m, h) \
	{ \
		.name = (n), .value = (v), .member = (m), .help = (h), .type = CLI_INT \
	}
#define FLAG(n, m, h) \
	{ \
		.name = (n), .member = (m), .help = (h), .type = CLI_FLAG \
	}
#define NOT(n, m, h) \
	{ \
		.name = (n), .member = (m), .help = (h), .type = CLI_NOT \
	}

#define EXHIBIT ARG("ID", "id", "the exhibit's id, as exhibit list shows it")
#define CASE ARG("CASE", NULL, "the case's id, or our own number of it")

#define WHO_ASKS "duty officer, investigator, administrator"
#define WHO_KEEPS "custodian, duty officer, investigator, administrator"
#define WHO_RUNS "administrator"
#define WHO_ANY "any officer"

extern const struct cli_verb cli_acquire_verbs[], cli_law_verbs[], cli_api_verbs[],
	cli_evidence_verbs[], cli_custody_verbs[], cli_examine_verbs[], cli_people_verbs[],
	cli_inbox_verbs[], cli_certificate_verbs[];
extern const size_t cli_acquire_verbs_n, cli_law_verbs_n, cli_api_verbs_n, cli_evidence_verbs_n,
	cli_custody_verbs_n, cli_examine_verbs_n, cli_people_verbs_n, cli_inbox_verbs_n,
	cli_certificate_verbs_n;
