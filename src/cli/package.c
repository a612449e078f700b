#include "cli/run.h"

#include "base/enc.h"
#include "cli/config.h"
#include "cli/progress.h"
#include "evidence/package.h"

#include <string.h>

struct packing {
	struct cli *c;
	const char *case_id;
	struct progress bar;
};

static enum co_rc
take_base64(const json_t *o, const char *member, struct co_buf *out, struct co_err *err)
{
	const json_t *v = json_object_get(o, member);

	if (!json_is_string(v))
		return co_fail(err, CO_EMALFORMED, "the node's answer has no \"%s\"", member);
	return co_unbase64(json_string_value(v), json_string_length(v), out, err);
}

static enum co_rc
pack_sign(void *arg, const char *index_sha256, uint64_t files, const json_t *exhibits,
	struct co_buf *bytes, struct co_buf *sig, struct co_err *err)
{
	struct packing *p = arg;
	json_auto *in = json_pack("{s:s,s:s,s:I,s:O,s:s*,s:s*,s:s*}", "case_id", p->case_id,
		"index_sha256", index_sha256, "files", (json_int_t)files, "exhibits", exhibits,
		"purpose", cli_get(p->c, "purpose"), "authority", cli_get(p->c, "authority"), "use",
		cli_get(p->c, "use"));
	json_auto *out = NULL;
	enum co_rc rc = cli_call(p->c, "case.packaged", in, &out, err);

	if (rc == CO_OK)
		rc = take_base64(out, "record", bytes, err);
	return rc == CO_OK ? take_base64(out, "sig", sig, err) : rc;
}

static enum co_rc
pack_key(void *arg, const char *id, unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	struct packing *p = arg;

	return cli_exhibit_key(p->c, id, key, err);
}

static void
pack_progress(void *arg, uint64_t done, uint64_t of)
{
	progress_at(&((struct packing *)arg)->bar, done, of);
}

enum co_rc
run_package(struct cli *c, struct co_err *err)
{
	char case_id[CO_UUID_LEN + 1];
	struct packing p = { .c = c, .case_id = case_id };
	struct package_conf conf = { .opened = cli_has(c, "opened"), .sign = pack_sign, .open_key =
		pack_key, .progress = pack_progress,
		.language = cli_get(c, "language"), .pdf = true, .arg = &p };
	struct package_sums sums;
	json_auto *in = NULL, *export = NULL, *told = NULL;
	vault_auto *vault = NULL;
	struct config node;
	const char *home;
	enum co_rc rc = cli_home(c, &home, err);

	if (rc == CO_OK)
		rc = config_load(&node, home, err);
	if (rc == CO_OK)
		rc = cli_case(c, c->operands[0], case_id, err);
	if (rc == CO_OK && conf.opened && (!cli_has(c, "purpose") || !cli_has(c, "authority")))
		rc = co_fail(err, CO_EUSAGE,
			"--opened takes evidence out of its seal: say --purpose and "
			"--authority for the chain of custody");
	if (rc == CO_OK)
		rc = cli_vault(c, &vault, err);
	if (rc != CO_OK)
		return rc;
	in = json_pack("{s:s,s:s*}", "case_id", case_id, "use", cli_get(c, "use"));
	rc = cli_call(c, c->verb->op, in, &export, err);
	if (rc != CO_OK)
		return rc;
	conf.vault = vault;
	conf.no_sandbox = !node.sandbox;
	progress_begin(&p.bar, "packaging", "bytes");
	rc = package_write(&conf, export, cli_get(c, "out"), &sums, err);
	progress_end(&p.bar);
	if (rc != CO_OK)
		return rc;
	told = json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:s,s:s*}", "file", cli_get(c, "out"), "case_id",
		case_id, "size", (json_int_t)sums.size, "files", (json_int_t)sums.files, "exhibits",
		(json_int_t)sums.exhibits, "left_out", (json_int_t)sums.left_out, "index_sha256",
		sums.sha256, "report", sums.report[0] == '\0' ? NULL : sums.report);
	cli_answer(c, told);
	return CO_OK;
}
