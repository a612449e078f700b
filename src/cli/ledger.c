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
	return store_look(out, path, err);
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

enum { ROOTS = 16 };

static void
roots_free(struct cert *(*roots)[ROOTS])
{
	for (size_t i = 0; i < ROOTS; i++)
		cert_free(&(*roots)[i]);
}

static enum co_rc
roots_of_file(const char *path, struct cert *out[ROOTS], size_t *n, struct co_err *err)
{
	static const char end[] = "-----END CERTIFICATE-----";
	co_auto_buf pem;
	enum co_rc rc;

	co_buf_init(&pem, LIMIT_CERT * LIMIT_CHAIN);
	rc = co_read_file(path, &pem, err);
	for (const char *at = pem.data; rc == CO_OK && at != NULL && *n < ROOTS;) {
		const char *stop = strstr(at, end);

		if (stop == NULL)
			break;
		stop += sizeof(end) - 1;
		rc = cert_from_pem(&out[*n], at, (size_t)(stop - at), err);
		*n += rc == CO_OK;
		at = stop;
	}
	return rc == CO_OK ? CO_OK : co_wrap(err, "%s", path);
}

/* Roots of the time-stamps: the node's own, and those of an outside authority if one is set. */
static enum co_rc
tsa_roots(const struct config *conf, struct cert *out[ROOTS], size_t *n, struct co_err *err)
{
	char list[CONFIG_LIST], *rest = NULL;

	co_auto_free char *path = co_path_join(conf->certs, "root.pem");
	enum co_rc rc;

	*n = 0;
	if (path == NULL)
		return co_fail(err, CO_ENOMEM, "certificates");
	rc = cert_load(&out[(*n)++], path, err);
	(void)snprintf(list, sizeof(list), "%s", conf->tsa_roots);
	for (char *f = strtok_r(list, ",", &rest); rc == CO_OK && f != NULL && *n < ROOTS;
		f = strtok_r(NULL, ",", &rest))
		rc = roots_of_file(f, out, n, err);
	return rc;
}

enum co_rc
run_ledger_check(struct cli *c, struct co_err *err)
{
	struct config conf;
	store_auto *store = NULL;
	CO_CLEANUP(roots_free) struct cert *roots[ROOTS] = { NULL };
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
