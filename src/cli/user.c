#include "cli/run.h"

#include "base/fs.h"
#include "crypto/digest.h"

#include <limits.h>
#include <string.h>

/* The token goes into a file, never on the screen: a screen is photographed, a file has a mode. */
static enum co_rc
token_keep(struct cli *c, const char *ending, const char *undo, struct co_err *err)
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
	if (token == NULL || strlen(token) > sizeof(line) - 2)
		return co_fail(err, CO_EINTERNAL, "the node gave no token");
	if (file != NULL)
		(void)snprintf(path, sizeof(path), "%s", file);
	else
		(void)snprintf(
			path, sizeof(path), "%s/officers/%s%s", home, c->operands[0], ending);
	(void)snprintf(line, sizeof(line), "%s\n", token);
	rc = co_write_file(path, line, strlen(line), 0600, err);
	crypto_wipe(line, sizeof(line));
	if (rc != CO_OK)
		return co_wrap(err, "the token could not be kept (%s)", undo);
	(void)json_object_del(out, "token");
	(void)json_object_set_new(out, "token_file", json_string(path));
	cli_answer(c, out);
	return CO_OK;
}

enum co_rc
run_user_add(struct cli *c, struct co_err *err)
{
	return token_keep(c, ".token", "the officer was added: disable it and add another", err);
}

enum co_rc
run_token_add(struct cli *c, struct co_err *err)
{
	return token_keep(c, ".api-token", "it was added: revoke it and add another", err);
}

/* For programs only: a description that nobody reads as a table. */
enum co_rc
run_api_describe(struct cli *c, struct co_err *err)
{
	json_auto *out = NULL;
	char *text;
	enum co_rc rc = cli_call(c, c->verb->op, NULL, &out, err);

	if (rc != CO_OK)
		return rc;
	text = json_dumps(out, JSON_INDENT(2));
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "the description");
	(void)puts(text);
	free(text);
	return CO_OK;
}
