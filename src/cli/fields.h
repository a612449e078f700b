/* Form fields from the command line, a file, or a person at a terminal. The form (data/forms)
 * decides the type of each value; what is missing is said by the node, in one place, not here. */
#pragma once

#include "cli/cli.h"
#include "record/form.h"

/* "code=text", "code.member=text", "code:=JSON" into fields. */
enum co_rc fields_put(json_t *fields, const struct form *f, const char *assignment,
	struct co_err *err)
	CO_NODISCARD;
/* --fields FILE.json, then each --field; then, on a terminal and if nothing was given,
 * questions. */
enum co_rc fields_gather(struct cli *c, const struct form *f, json_t **out, struct co_err *err)
	CO_NODISCARD;
