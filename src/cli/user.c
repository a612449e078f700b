#include "cli/run.h"

#include "base/fs.h"
#include "crypto/digest.h"

#include <limits.h>
#include <string.h>

/* The token goes into a file, never on the screen: a screen is photographed, a file has a mode. */
enum co_rc
run_user_add(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL, *out = NULL;
	const char *home, *file = cli_get(c, "token-file"), *token;
	char path[PATH_MAX], line[80];
	enum co_rc rc = cli_home(c, &home, err);

	if (rc == CO_OK)
		rc = cli_input(c, &in, err);
	if (rc == CO_OK)
		rc = cli_call(c, c->verb->op, in, &out, err);
	if (rc != CO_OK)
		return rc;
	token = json_string_value(json_object_get(out, "token"));
	if (token == NULL || strlen(token) > 64)
		return co_fail(err, CO_EINTERNAL, "the node gave no token");
	if (file != NULL)
		(void)snprintf(path, sizeof(path), "%s", file);
	else
		(void)snprintf(path, sizeof(path), "%s/officers/%s.token", home, c->operands[0]);
	(void)snprintf(line, sizeof(line), "%s\n", token);
	rc = co_write_file(path, line, strlen(line), 0600, err);
	crypto_wipe(line, sizeof(line));
	if (rc != CO_OK)
		return co_wrap(err,
			"the officer was added, but the token could not be kept (disable the "
			"officer and add another)");
	(void)json_object_del(out, "token");
	(void)json_object_set_new(out, "name", json_string(c->operands[0]));
	(void)json_object_set_new(out, "role", json_string(c->operands[1]));
	(void)json_object_set_new(out, "token_file", json_string(path));
	cli_answer(c, out);
	return CO_OK;
}
