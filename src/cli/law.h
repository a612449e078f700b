/* What the verbs of law share: the book with profiles laid over it, days, and how an assessment is
 * printed for a person. They need no node: the data are in the program. */
#pragma once

#include "cli/run.h"
#include "law/law.h"

/* The built-in data and files over them: one with the name of a built-in file stands for it. Prints
 * every fault to stderr as file:line: reason. */
enum co_rc cli_law_book(const char *const *paths, size_t paths_n, struct law_book **out,
	struct co_err *err) CO_NODISCARD;
/* With the files of --profile. */
enum co_rc cli_law_profiles(struct cli *c, struct law_book **out, struct co_err *err) CO_NODISCARD;
/* --date and --known; today, in UTC, when not given. */
enum co_rc cli_law_days(
	const struct cli *c, law_day *at, law_day *known, struct co_err *err) CO_NODISCARD;
/* Columns of the terminal; what is no terminal gets a page's width. */
size_t cli_width(void);
/* Writes text to stdout, or says why not. */
enum co_rc cli_print(const struct co_buf *text, struct co_err *err) CO_NODISCARD;
/* The law beside a request as a node answers it, to stdout; nothing when law is NULL. */
void cli_law_tell(const json_t *law, bool brief);
/* An assessment (law_answer_json): the verdict, then the sections; brief: only what blocks, is
 * required or warned of. b: for the titles of sources, or NULL. */
enum co_rc cli_law_answer(struct co_buf *out, const json_t *answer, const struct law_book *b,
	bool brief, size_t width, struct co_err *err) CO_NODISCARD;
