/* What the verbs of comity examine share: where the bytes come from, and where results go. Sources
 * are opened here, read-only, and handed to the examiner as bytes only (examine/source.h). */
#pragma once

#include "cli/run.h"
#include "examine/run.h"

struct sources {
	struct examine_source list[EXAMINE_SOURCES];
	size_t n;
	struct source_file *files; /* n of them, when they are files */
	struct vault *vault;
	struct vault_view *reader; /* an exhibit */
	char exhibit[CO_UUID_LEN + 1]; /* "" when they are files */
	json_t *shown; /* exhibit.show of it */
};
/* The exhibit that is named, or --file with the segments that follow it. The opening of an exhibit
 * is in custody, with --purpose and --authority, before anything of it is read. */
enum co_rc sources_open(struct cli *c, struct sources **out, struct co_err *err) CO_NODISCARD;
/* A file with the segments that follow it. */
enum co_rc sources_of_file(const char *path, struct sources **out, struct co_err *err) CO_NODISCARD;
void sources_close(struct sources **s);
#define sources_auto CO_CLEANUP(sources_close) struct sources

/* What an image would not give: it stands in the custody of what was examined, and what was made of
 * it says so. */
struct examine_lost {
	json_t *list; /* lines "unread", the first ones */
	json_int_t places, bytes, given_up;
	char text[160]; /* in words; "" when all was read */
};

/* Where the result goes: to --out, and for an exhibit into the vault as an exhibit made from it.
 * What is handed in is borrowed and outlives it. */
struct result;
enum co_rc result_open(struct result **out, struct cli *c, const struct sources *sources,
	const char *job, const json_t *options, const json_t *files, struct co_err *err)
	CO_NODISCARD;
void result_close(struct result **r);
#define result_auto CO_CLEANUP(result_close) struct result
enum co_rc result_line(struct result *r, const json_t *line, struct co_err *err) CO_NODISCARD;
enum co_rc result_content(
	struct result *r, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* rc: of the job; lost: what could not be read, or NULL. Durable and in custody, or nothing is left
 * of it but the note in custody that it was not finished. *made: the new exhibit, or NULL. */
enum co_rc result_end(struct result *r, enum co_rc rc, const struct examine_lost *lost,
	json_t **made, struct co_err *err) CO_NODISCARD;

/* A line for a person, on standard output; notes go to standard error. */
void examine_show(const char *type, const json_t *line);
/* A line "unread", on standard error. */
void examine_show_unread(const json_t *line);
/* An event of a timeline as a row of CSV, its head before the first. */
void examine_csv(const char *type, const json_t *line);
