#include "cli/run.h"

#include "base/fs.h"
#include "cli/config.h"
#include "crypto/cert.h"
#include "evidence/exhibits.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>

/* The node's own lock: two writers of one database would each believe to be alone. */
static enum co_rc
rebuild_lock(const char *home, int *fd, struct co_err *err)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/run/lock", home) >= sizeof(path))
		return co_fail(err, CO_ETOOBIG, "the path %s is too long", home);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return co_fail_errno(err, "open %s", path);
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
		return co_fail(err, CO_EBUSY, "a node serves %s; stop it first", home);
	return CO_OK;
}

static enum co_rc
rebuild_open(struct cli *c, const char *home, struct store **store, struct vault **vault,
	struct exchange **x, struct evidence **e, struct co_err *err)
{
	struct config conf;
	co_auto_free char *db = co_path_join(home, "node.db");
	struct exchange_conf xc;
	struct evidence_conf ec;
	enum co_rc rc = config_load(&conf, home, err);

	if (rc == CO_OK && db == NULL)
		rc = co_fail(err, CO_ENOMEM, "rebuild");
	if (rc == CO_OK)
		rc = store_open(store, db, err);
	if (rc == CO_OK)
		rc = cli_vault(c, vault, err);
	if (rc != CO_OK)
		return rc;
	/* Nothing is signed here: no keeper, no certificate. */
	xc = (struct exchange_conf){ .store = *store, .address = conf.address,
		.economy = conf.economy, .four_eyes = conf.four_eyes };
	rc = exchange_open(x, &xc, err);
	if (rc != CO_OK)
		return rc;
	ec = (struct evidence_conf){ .x = *x, .vault = *vault };
	return evidence_open(e, &ec, err);
}

enum co_rc
run_rebuild(struct cli *c, struct co_err *err)
{
	co_auto_fd lock = -1; /* let go last */
	store_auto *store = NULL;
	vault_auto *vault = NULL;
	evidence_auto *e = NULL;
	exchange_auto *x = NULL; /* closed first: the evidence room outlives it */
	json_auto *told = NULL;
	uint64_t records = 0, faults = 0;
	const char *home;
	enum co_rc rc = cli_home(c, &home, err);

	if (rc == CO_OK)
		rc = rebuild_lock(home, &lock, err);
	if (rc == CO_OK)
		rc = rebuild_open(c, home, &store, &vault, &x, &e, err);
	if (rc == CO_OK)
		rc = exchange_rebuild(x, &records, &faults, err);
	if (rc != CO_OK)
		return rc;
	told = json_pack("{s:I,s:I}", "records", (json_int_t)records, "faults", (json_int_t)faults);
	cli_answer(c, told);
	return CO_OK;
}
