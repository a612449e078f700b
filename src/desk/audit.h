/* The two logs that an auditor reads, as pages (audit.c) and as files (audit_file.c). Private to
 * the room; must never decide who reads them: their operations and routes.c do. CSV: RFC 4180. */
#pragma once

#include "desk/pages.h"

struct audit_log {
	const char *op, *rows, *page, *title;
	const char *filters[5], *columns[8]; /* to NULL */
};

/* The filters of the query as the operation takes them; asked gets them back for the page. */
json_t *audit_ask(struct visit *v, const struct audit_log *l, int64_t limit, json_t *asked);

/* All rows that fit the question as CSV or JSON, while they are read. */
enum co_rc audit_file(
	struct visit *v, const struct audit_log *l, bool json, struct co_err *err) CO_NODISCARD;
