/* Reading what an operation is given and writing what it answers. Every refusal names the member.
 * Used by the operations of every room above. */
#pragma once

#include "exchange/op.h"
#include "store/store.h"

/* A text member of at most max bytes. *out is borrowed from in; NULL when absent and not required.
 */
enum co_rc in_text(const json_t *in, const char *name, bool required, size_t max, const char **out,
	struct co_err *err) CO_NODISCARD;
enum co_rc in_uuid(const json_t *in, const char *name, bool required, const char **out,
	struct co_err *err) CO_NODISCARD;
enum co_rc in_int(const json_t *in, const char *name, int64_t absent, int64_t min, int64_t max,
	int64_t *out, struct co_err *err) CO_NODISCARD;
enum co_rc in_bool(const json_t *in, const char *name, bool absent, bool *out,
	struct co_err *err) CO_NODISCARD;
/* The beginning of a day, UTC, as 2026-11-24, and more after it; absent when it is left out. */
enum co_rc in_day(const json_t *in, const char *name, int64_t more, int64_t absent, int64_t *out,
	struct co_err *err) CO_NODISCARD;
/* Refuses members that the operation does not know; names: comma list. */
enum co_rc in_known(const json_t *in, const char *names, struct co_err *err) CO_NODISCARD;

/* RFC 3339 text, or null when us is 0 (or less). */
void out_time(json_t *o, const char *name, int64_t us);
void out_text(json_t *o, const char *name, const char *s); /* null for "" */
/* CO_ENOMEM when something of the tree was not made; frees it then. */
enum co_rc out_give(json_t *o, json_t **out, struct co_err *err) CO_NODISCARD;
/* What stands in one row of st; NULL is CO_ENOMEM. */
typedef json_t *out_row(struct store_stmt *st, void *arg);
/* All rows that st still has, as a list; out_list: as {name: list}, an answer. */
enum co_rc out_rows(struct store_stmt *st, out_row *row, void *arg, json_t **out,
	struct co_err *err) CO_NODISCARD;
enum co_rc out_list(const char *name, struct store_stmt *st, out_row *row, void *arg, json_t **out,
	struct co_err *err) CO_NODISCARD;
bool in_list(const char *list, const char *word); /* comma list holds word */
