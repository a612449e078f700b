#include "cli/run.h"

#include "base/fs.h"
#include "cli/config.h"
#include "cli/progress.h"
#include "crypto/cert.h"
#include "ledger/ledger.h"

#include <limits.h>
#include <string.h>

/* These two read the database themselves: an audit should not ask the audited. */

static enum co_rc
ledger_store(struct cli *c, struct config *conf, struct store **out, struct co_err *err)
{
	const char *home;
	char path[PATH_MAX];
	enum co_rc rc = cli_home(c, &home, err);

	if (rc == CO_OK)
		rc = config_load(conf, home, err);
	if (rc != CO_OK)
		return rc;
	if ((size_t)snprintf(path, sizeof(path), "%s/node.db", home) >= sizeof(path))
		return co_fail(err, CO_ETOOBIG, "the path %s is too long", home);
	return store_open(out, path, err);
}

struct audit {
	struct progress bar;
	json_t *faults;
	bool json;
};

static void
audit_fault(void *arg, const char *text)
{
	struct audit *a = arg;

	progress_end(&a->bar);
	(void)json_array_append_new(a->faults, json_string(text));
	if (!a->json)
		(void)printf("  fault  %s\n", text);
}

static void
audit_progress(void *arg, uint64_t done, uint64_t of)
{
	progress_at(&((struct audit *)arg)->bar, done, of);
}

/* Roots of the time-stamps: the node's own, and those of an outside authority if one is set. */
static enum co_rc
tsa_roots(const struct config *conf, struct cert *out[2], size_t *n, struct co_err *err)
{
	co_auto_free char *path = co_path_join(conf->certs, "root.pem");
	enum co_rc rc;

	*n = 0;
	if (path == NULL)
		return co_fail(err, CO_ENOMEM, "certificates");
	rc = cert_load(&out[(*n)++], path, err);
	if (rc == CO_OK && conf->tsa_roots[0] != '\0')
		rc = cert_load(&out[(*n)++], conf->tsa_roots, err);
	return rc;
}

enum co_rc
run_ledger_check(struct cli *c, struct co_err *err)
{
	struct config conf;
	store_auto *store = NULL;
	cert_auto *own = NULL, *outside = NULL;
	struct cert *roots[2] = { NULL, NULL };
	struct audit a = { .json = c->json };
	struct ledger_report report = { audit_fault, audit_progress, &a };
	json_auto *told = json_pack("{s:[]}", "faults");
	struct store_db *db;
	uint64_t leaves = 0, faults = 0;
	size_t n;
	enum co_rc rc = ledger_store(c, &conf, &store, err);

	a.faults = json_object_get(told, "faults");
	if (rc == CO_OK)
		rc = store_reader(store, &db, err);
	if (rc != CO_OK)
		return rc;
	rc = tsa_roots(&conf, roots, &n, err);
	own = roots[0];
	outside = roots[1];
	if (rc != CO_OK)
		return rc;
	progress_begin(&a.bar, "checking", "leaves");
	rc = ledger_check(db, conf.vkey, (const struct cert *const *)roots, n, &report, &leaves,
		&faults, err);
	progress_end(&a.bar);
	if (rc != CO_OK)
		return rc;
	if (c->json) {
		(void)json_object_set_new(told, "leaves", json_integer((json_int_t)leaves));
		(void)json_object_set_new(told, "ok", json_boolean(faults == 0));
		cli_answer(c, told);
	} else if (faults == 0) {
		(void)printf("the ledger of %s holds: %llu leaves, each with its record or event, "
			"under checkpoints that agree\n", conf.address, (unsigned long long)leaves);
	}
	if (faults == 0)
		return CO_OK;
	return co_fail(err, CO_EVERIFY, "the ledger of %s has %llu faults", conf.address,
		(unsigned long long)faults);
}

static enum co_rc
prove_write(struct store_db *db, const char *id, const char *file, struct co_err *err)
{
	co_auto_buf proof, token, note;
	char path[PATH_MAX];
	enum co_rc rc;

	co_buf_init(&proof, LIMIT_NOTE + LIMIT_TOKEN);
	co_buf_init(&token, LIMIT_TOKEN);
	co_buf_init(&note, LIMIT_NOTE);
	rc = ledger_prove(db, id, NULL, &proof, &token, err);
	if (rc == CO_EBUSY)
		return co_wrap(err, "no checkpoint covers %s yet; try again in a minute", id);
	if (rc == CO_OK)
		rc = co_write_file(file, proof.data, proof.len, 0644, err);
	if (rc != CO_OK || token.len == 0)
		return rc;
	if ((size_t)snprintf(path, sizeof(path), "%s.tsr", file) >= sizeof(path))
		return co_fail(err, CO_EUSAGE, "the path %s is too long", file);
	return co_write_file(path, token.data, token.len, 0644, err);
}

enum co_rc
run_ledger_prove(struct cli *c, struct co_err *err)
{
	struct config conf;
	store_auto *store = NULL;
	json_auto *told = NULL;
	struct store_db *db;
	enum co_rc rc = ledger_store(c, &conf, &store, err);

	if (rc == CO_OK)
		rc = store_reader(store, &db, err);
	if (rc == CO_OK)
		rc = prove_write(db, c->operands[0], cli_get(c, "out"), err);
	if (rc != CO_OK)
		return rc;
	told = json_pack("{s:s,s:s,s:s}", "id", c->operands[0], "file", cli_get(c, "out"), "vkey",
		conf.vkey);
	cli_answer(c, told);
	return CO_OK;
}
