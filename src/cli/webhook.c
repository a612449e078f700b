#include "cli/run.h"

#include "base/fs.h"

#include <limits.h>
#include <string.h>

/* The secret goes into a file, as tokens do: the receiver needs it, a screen does not. */
enum co_rc
run_webhook_add(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL, *out = NULL;
	const char *home, *secret, *id;
	char path[PATH_MAX];
	enum co_rc rc = cli_home(c, &home, err);

	if (rc == CO_OK)
		rc = cli_input(c, &in, err);
	if (rc == CO_OK)
		rc = cli_call(c, c->verb->op, in, &out, err);
	if (rc != CO_OK)
		return rc;
	secret = json_string_value(json_object_get(out, "secret"));
	id = json_string_value(json_object_get(out, "id"));
	if (secret == NULL || id == NULL)
		return co_fail(err, CO_EINTERNAL, "the node gave no secret");
	(void)snprintf(path, sizeof(path), "%s/officers/webhook-%s.secret", home, id);
	if (co_write_file(path, secret, strlen(secret), 0600, err) != CO_OK)
		return co_wrap(err, "the secret could not be kept: remove webhook %s, add it again",
			id);
	(void)json_object_del(out, "secret");
	(void)json_object_set_new(out, "secret_file", json_string(path));
	cli_answer(c, out);
	return CO_OK;
}
