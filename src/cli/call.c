#include "cli/run.h"

#include "base/fs.h"
#include "crypto/digest.h"
#include "network/api.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

enum { TOKEN_MAX = 256 };

/* The only token file of the folder; more than one asks for a choice. */
static enum co_rc
only_officer(const char *dir, char *name, size_t cap, struct co_err *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char found[300] = "";
	size_t n = 0, at = 0;

	if (d == NULL)
		return co_fail_errno(err, "the officers' folder %s", dir);
	while ((e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		if (len < 7 || strcmp(e->d_name + len - 6, ".token") != 0)
			continue;
		if (n++ == 0)
			(void)snprintf(name, cap, "%.*s", (int)(len - 6), e->d_name);
		if (at < sizeof(found))
			at += (size_t)snprintf(found + at, sizeof(found) - at, " %.*s",
				(int)(len - 6), e->d_name);
	}
	(void)closedir(d);
	if (n == 0)
		return co_fail(err, CO_EDENIED,
			"no officer's token in %s; ask the administrator, or set COMITY_TOKEN_FILE",
			dir);
	if (n > 1)
		return co_fail(err, CO_EUSAGE,
			"as which officer? Give --as NAME or set COMITY_OFFICER; tokens are here "
			"for%s", found);
	return CO_OK;
}

static enum co_rc
token_path(const struct cli *c, const char *home, char *out, size_t cap, struct co_err *err)
{
	const char *as = cli_get(c, "as"), *file = getenv("COMITY_TOKEN_FILE");
	char dir[PATH_MAX], name[LIMIT_NAME + 1];
	enum co_rc rc = CO_OK;

	if (as == NULL && file != NULL && *file != '\0') {
		(void)snprintf(out, cap, "%s", file);
		return CO_OK;
	}
	if (as == NULL)
		as = getenv("COMITY_OFFICER");
	if ((size_t)snprintf(dir, sizeof(dir), "%s/officers", home) >= sizeof(dir))
		return co_fail(err, CO_ETOOBIG, "the path %s is too long", home);
	if (as == NULL || *as == '\0') {
		rc = only_officer(dir, name, sizeof(name), err);
		as = name;
	}
	if (rc == CO_OK && (strchr(as, '/') != NULL || as[0] == '.'))
		return co_fail(err, CO_EUSAGE, "\"%s\" is not an officer's name", as);
	if (rc == CO_OK && (size_t)snprintf(out, cap, "%s/%s.token", dir, as) >= cap)
		return co_fail(err, CO_ETOOBIG, "the path %s is too long", dir);
	return rc;
}

static enum co_rc
token_read(const struct cli *c, const char *home, char out[TOKEN_MAX], struct co_err *err)
{
	char path[PATH_MAX];
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, TOKEN_MAX - 1);
	rc = token_path(c, home, path, sizeof(path), err);
	if (rc != CO_OK)
		return rc;
	rc = co_read_file(path, &b, err);
	if (rc == CO_OK)
		(void)snprintf(out, TOKEN_MAX, "%.*s", (int)strcspn(b.data, "\r\n"), b.data);
	if (b.data != NULL)
		crypto_wipe(b.data, b.len);
	return rc == CO_OK ? CO_OK : co_wrap(err, "the officer's token");
}

/* Where the node listens, and with which token. */
static enum co_rc
call_with(struct cli *c, char token[TOKEN_MAX], char sock[PATH_MAX], struct co_err *err)
{
	const char *home;
	enum co_rc rc = cli_home(c, &home, err);

	if (rc == CO_OK)
		rc = token_read(c, home, token, err);
	if (rc == CO_OK && (size_t)snprintf(sock, PATH_MAX, "%s/run/api.sock", home) >= PATH_MAX)
		rc = co_fail(err, CO_ETOOBIG, "the path %s is too long", home);
	return rc;
}

enum co_rc
cli_call(struct cli *c, const char *op, const json_t *in, json_t **out, struct co_err *err)
{
	char token[TOKEN_MAX], sock[PATH_MAX];
	enum co_rc rc = call_with(c, token, sock, err);

	if (rc == CO_OK)
		rc = api_call(sock, token, op, in, out, err);
	crypto_wipe(token, sizeof(token));
	return rc;
}

enum co_rc
cli_put(struct cli *c, const char *id, const char *path,
	void (*progress)(void *arg, uint64_t done, uint64_t of), void *arg, json_t **out,
	struct co_err *err)
{
	char token[TOKEN_MAX], sock[PATH_MAX];
	enum co_rc rc = call_with(c, token, sock, err);

	if (rc == CO_OK)
		rc = api_put(sock, token, id, path, progress, arg, out, err);
	crypto_wipe(token, sizeof(token));
	return rc;
}

static enum co_rc
input_put(json_t *in, const char *member, enum cli_type type, bool many, const char *value,
	struct co_err *err)
{
	json_t *v, *list;
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, LIMIT_API_BODY);
	switch (type) {
	case CLI_INT:
		v = json_integer(strtoll(value, NULL, 10));
		break;
	case CLI_FLAG:
		v = json_true();
		break;
	case CLI_NOT:
		v = json_false();
		break;
	case CLI_FILE:
		rc = co_read_file(value, &b, err);
		if (rc != CO_OK)
			return rc;
		v = json_loadb(b.data == NULL ? "" : b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
		if (v == NULL)
			return co_fail(err, CO_EUSAGE, "%s is not JSON", value);
		break;
	case CLI_TEXT:
	default:
		v = json_string(value);
		if (v == NULL)
			return co_fail(err, CO_EUSAGE, "\"%s\" is not UTF-8", value);
		break;
	}
	if (!many)
		return json_object_set_new(in, member, v) == 0 ? CO_OK
			: co_fail(err, CO_ENOMEM, "input");
	list = json_object_get(in, member);
	if (list == NULL) {
		list = json_array();
		if (json_object_set_new(in, member, list) != 0)
			return co_fail(err, CO_ENOMEM, "input");
	}
	return json_array_append_new(list, v) == 0 ? CO_OK : co_fail(err, CO_ENOMEM, "input");
}

enum co_rc
cli_input(struct cli *c, json_t **out, struct co_err *err)
{
	json_auto *in = json_object();
	const struct cli_operand *p = c->verb->operands;
	enum co_rc rc = CO_OK;

	if (in == NULL)
		return co_fail(err, CO_ENOMEM, "input");
	for (size_t g = 0; rc == CO_OK && g < c->given_n; g++) {
		const struct cli_option *o = c->given[g].option;

		if (o->member != NULL)
			rc = input_put(in, o->member, o->type, o->many, c->given[g].value, err);
	}
	for (size_t i = 0; rc == CO_OK && i < c->operands_n; i++) {
		if (p->member != NULL)
			rc = input_put(in, p->member, CLI_TEXT, p->many, c->operands[i], err);
		if (!p->many)
			p++;
	}
	if (rc == CO_OK)
		*out = CO_TAKE(in);
	return rc;
}

enum co_rc
cli_ask(struct cli *c, const json_t *in, struct co_err *err)
{
	json_auto *out = NULL;

	TRY(cli_call(c, c->verb->op, in, &out, err));
	cli_answer(c, out);
	return CO_OK;
}

enum co_rc
run_op(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	enum co_rc rc = cli_input(c, &in, err);

	return rc == CO_OK ? cli_ask(c, in, err) : rc;
}
