/* The command line: one table of verbs (verbs.c) from which options, help and the man page are
 * made. Verbs that change something ask the running node through its API with an officer's token;
 * they never open the node's database beside it. Formats: DESIGN section 8.
 * Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 verification failed. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

#include <jansson.h>
#include <stdbool.h>

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_VERIFY = 3 };
enum { CLI_GIVEN = 256, CLI_OPERANDS = 1024 };

enum cli_type { CLI_TEXT, CLI_INT, CLI_FLAG, CLI_NOT /* puts false */, CLI_FILE };

struct cli_option {
	const char *name;   /* without the dashes; NULL ends a list */
	const char *value;  /* what stands for it in the help; NULL for a flag */
	const char *help;
	const char *member; /* of the operation's JSON; NULL: only the verb reads it */
	enum cli_type type;
	bool many, required;
};

struct cli_operand {
	const char *name;   /* "CASE"; NULL ends a list */
	const char *member; /* as above */
	const char *help;
	bool optional, many;
};

struct cli;
typedef enum co_rc cli_run(struct cli *c, struct co_err *err);
typedef void cli_show(const struct cli *c, const json_t *answer);

enum { CLI_VERB_OPTIONS = 24, CLI_VERB_OPERANDS = 3 };

struct cli_verb {
	const char *name;    /* "request new" */
	const char *summary; /* one line */
	const char *about;   /* a paragraph more, may be NULL */
	const char *example; /* what one would type */
	const char *roles;   /* who may, in words; NULL: whoever runs the program */
	const char *op;      /* the operation (exchange/op.h) that run_op calls */
	const char *list;    /* member of the answer with rows; NULL: it is one object */
	const char *columns; /* "member:Title,...", of a list or of one object */
	cli_run *run;        /* run_op, or the verb's own */
	cli_show *show;      /* NULL: by list and columns */
	struct cli_operand operands[CLI_VERB_OPERANDS + 1];
	struct cli_option options[CLI_VERB_OPTIONS + 1];
};

size_t cli_verb_count(void);
const struct cli_verb *cli_verb_at(size_t i);
extern const struct cli_option cli_common[]; /* --home --as --json --help */

struct cli_given {
	const struct cli_option *option;
	const char *value;
};

struct cli {
	const struct cli_verb *verb;
	const char *program; /* argv[0] */
	bool json;
	bool answered; /* in full, though the exit status is a failure's: no second answer */
	struct cli_given given[CLI_GIVEN];
	size_t given_n;
	const char *operands[CLI_OPERANDS];
	size_t operands_n;
	int (*progress_fd)(void);
};

/* The whole program; returns the exit status. */
int cli_main(int argc, char **argv);

/* ---- what was given ---- */
const char *cli_get(const struct cli *c, const char *option); /* the last one; NULL when absent */
const char *cli_or(const struct cli *c, const char *option, const char *otherwise);
bool cli_has(const struct cli *c, const char *option);
/* The i-th value of an option that may be repeated; NULL past the last. */
const char *cli_nth(const struct cli *c, const char *option, size_t i);
/* The node's folder: --home or $COMITY_HOME. */
enum co_rc cli_home(const struct cli *c, const char **out, struct co_err *err) CO_NODISCARD;

/* ---- asking the node ---- */
enum co_rc cli_call(struct cli *c, const char *op, const json_t *in, json_t **out,
	struct co_err *err) CO_NODISCARD;
/* The JSON that options and operands with a member make. */
enum co_rc cli_input(struct cli *c, json_t **out, struct co_err *err) CO_NODISCARD;
/* The verb's operation with in, and its answer to the person; run_op: with what cli_input makes. */
enum co_rc cli_ask(struct cli *c, const json_t *in, struct co_err *err) CO_NODISCARD;
enum co_rc run_op(struct cli *c, struct co_err *err) CO_NODISCARD;

/* ---- telling the person ---- */
/* --json: the answer as it is; otherwise the verb's show, or its columns. */
void cli_answer(const struct cli *c, const json_t *answer);
void cli_rows(const json_t *rows, const char *columns);
void cli_object(const json_t *object, const char *columns);
/* A member as text for people; static storage for numbers, four uses at a time. */
const char *cli_text(const json_t *object, const char *member);

/* Words broken at a page's width; first: columns already written, indent: of further lines. */
void cli_paragraph(FILE *out, size_t first, size_t indent, const char *s);

/* ---- texts made from the table ---- */
void help_all(FILE *out);
void help_group(FILE *out, const char *group);
void help_verb(FILE *out, const struct cli_verb *v);
void help_man(FILE *out);

#define json_auto CO_CLEANUP(cli_json_free) json_t
static inline void
cli_json_free(json_t **j)
{
	json_decref(*j);
}
