/* Files that go with a request, an answer or a message, and those that came with one. */
#include "cli/run.h"

#include "base/enc.h"
#include "base/fs.h"
#include "cli/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
attach_progress(void *arg, uint64_t done, uint64_t of)
{
	progress_at(arg, done, of);
}

static enum co_rc
attach_one(struct cli *c, const char *path, json_t *ids, struct co_err *err)
{
	const char *slash = strrchr(path, '/');
	json_auto *in = NULL, *place = NULL, *out = NULL;
	struct progress bar;
	struct stat st;
	enum co_rc rc;

	if (stat(path, &st) != 0)
		return co_fail_errno(err, "attach %s", path);
	if (!S_ISREG(st.st_mode))
		return co_fail(err, CO_EUSAGE,
			"%s is no file; a folder is evidence: comity exhibit "
			"seal", path);
	in = json_pack("{s:s,s:I}", "name", slash == NULL ? path : slash + 1, "size",
		(json_int_t)st.st_size);
	if (in == NULL)
		return co_fail(err, CO_EUSAGE, "the name of %s is not UTF-8", path);
	rc = cli_call(c, "attachment.add", in, &place, err);
	if (rc != CO_OK)
		return rc;
	progress_begin(&bar, "attaching", "bytes");
	rc = cli_put(c, cli_text(place, "id"), path, attach_progress, &bar, &out, err);
	progress_end(&bar);
	if (rc == CO_OK && json_array_append(ids, json_object_get(out, "id")) != 0)
		rc = co_fail(err, CO_ENOMEM, "attachments");
	return rc;
}

enum co_rc
cli_attach(struct cli *c, json_t *in, struct co_err *err)
{
	json_auto *ids = json_array();
	const char *path;
	enum co_rc rc = ids == NULL ? co_fail(err, CO_ENOMEM, "attachments") : CO_OK;

	for (size_t i = 0; rc == CO_OK && (path = cli_nth(c, "attach", i)) != NULL; i++)
		rc = attach_one(c, path, ids, err);
	if (rc == CO_OK && json_array_size(ids) > 0 && json_object_set(in, "attachments", ids) != 0)
		rc = co_fail(err, CO_ENOMEM, "attachments");
	return rc;
}

enum co_rc
run_message(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	char id[CO_UUID_LEN + 1];
	enum co_rc rc = cli_input(c, &in, err);

	if (rc == CO_OK)
		rc = cli_case(c, c->operands[0], id, err);
	if (rc == CO_OK && json_object_set_new(in, "case_id", json_string(id)) != 0)
		rc = co_fail(err, CO_ENOMEM, "message");
	if (rc == CO_OK)
		rc = cli_attach(c, in, err);
	return rc == CO_OK ? cli_ask(c, in, err) : rc;
}

/* ---- those that came ---- */

/* FOLDER/name; a name that is taken gets its place in the record before it. A partner's name is one
 * component of a path: the node checked it, and this does again. */
static enum co_rc
fetch_target(const char *folder, const json_t *row, char path[PATH_MAX], int *fd,
	struct co_err *err)
{
	char name[LIMIT_NAME + 1];
	int n;

	record_file_name(cli_text(row, "name"), name);
	n = snprintf(path, PATH_MAX, "%s/%s", folder, name);
	if (n > 0 && n < PATH_MAX)
		*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*fd < 0 && errno == EEXIST) {
		n = snprintf(path, PATH_MAX, "%s/%s-%s", folder, cli_text(row, "place"), name);
		if (n > 0 && n < PATH_MAX)
			*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				0600);
	}
	return *fd < 0 ? co_fail_errno(err, "create %s", path) : CO_OK;
}

static enum co_rc
fetch_key(struct cli *c, const char *id, unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	json_auto *in = json_pack("{s:s}", "id", id), *out = NULL;
	co_auto_buf raw;
	const char *text;
	enum co_rc rc = cli_call(c, "attachment.open", in, &out, err);

	co_buf_init(&raw, CHUNKED_KEY);
	if (rc != CO_OK)
		return rc;
	text = cli_text(out, "key");
	rc = co_unbase64(text, strlen(text), &raw, err);
	if (rc == CO_OK && raw.len != CHUNKED_KEY)
		rc = co_fail(err, CO_EMALFORMED, "the node gave no key");
	if (rc == CO_OK)
		memcpy(key, raw.data, CHUNKED_KEY);
	if (raw.data != NULL)
		crypto_wipe(raw.data, raw.len);
	return rc;
}

static enum co_rc
fetch_one(struct cli *c, struct vault *v, const char *folder, json_t *row, struct co_err *err)
{
	unsigned char key[CHUNKED_KEY];
	struct cli_unseal what = { .id = cli_text(row, "id"),
		.size = (uint64_t)json_integer_value(json_object_get(row, "size")) };
	char path[PATH_MAX] = "", sha256[SHA256_HEX + 1];
	co_auto_fd fd = -1;
	enum co_rc rc = fetch_target(folder, row, path, &fd, err);

	if (rc != CO_OK)
		return rc;
	(void)snprintf(sha256, sizeof(sha256), "%s", cli_text(row, "sha256"));
	what.sha256 = sha256;
	what.path = path;
	what.fd = fd;
	rc = fetch_key(c, what.id, key, err);
	if (rc == CO_OK)
		rc = cli_unseal(v, &what, key, err);
	crypto_wipe(key, sizeof(key));
	if (rc == CO_OK)
		return json_object_set_new(row, "file", json_string(path)) == 0
			? CO_OK : co_fail(err, CO_ENOMEM, "attachments");
	(void)unlink(path);
	return rc;
}

/* Can it be opened now? What came is, when it is true; what we gave always. */
static bool
fetch_ready(const json_t *row)
{
	const char *state = cli_text(row, "state");

	if (strcmp(state, "verified") == 0 || strcmp(state, "held") == 0)
		return true;
	return !json_is_true(json_object_get(row, "incoming")) && *cli_text(row, "id") != '\0';
}

static enum co_rc
fetch_all(struct cli *c, const json_t *rows, size_t *left, struct co_err *err)
{
	const char *folder = cli_get(c, "out");
	vault_auto *v = NULL;
	json_t *row;
	size_t i;
	enum co_rc rc = co_mkdirs(folder, 0700, err);

	if (rc == CO_OK)
		rc = cli_vault(c, &v, err);
	json_array_foreach(rows, i, row)
	{
		if (rc == CO_OK && fetch_ready(row))
			rc = fetch_one(c, v, folder, row, err);
		*left += fetch_ready(row) ? 0 : 1;
	}
	return rc;
}

enum co_rc
run_request_attachments(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL, *out = NULL;
	size_t left = 0;
	enum co_rc rc = cli_input(c, &in, err);

	if (rc == CO_OK)
		rc = cli_call(c, c->verb->op, in, &out, err);
	if (rc == CO_OK && cli_has(c, "out"))
		rc = fetch_all(c, json_object_get(out, "attachments"), &left, err);
	if (rc != CO_OK)
		return rc;
	cli_answer(c, out);
	return left == 0 ? CO_OK
			 : co_fail(err, CO_ENOTFOUND,
				   "%zu of them are not here; run this again when their state is "
				   "verified",
				   left);
}
