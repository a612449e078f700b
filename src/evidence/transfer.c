/* What the network asks of an exhibit: may it be pulled, its key, and how the pulling went. */
#include "evidence/inside.h"

enum co_rc
exhibit_serve(struct evidence *e, const char *partner, const char *id, int *fd,
	uint64_t *sealed_size, struct co_err *err)
{
	struct exhibit_row row;
	struct store_db *db;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(exhibit_get(db, id, &row, err));
	/* Whose it is not learns no more than that it is not there. */
	if (row.incoming || strcmp(row.partner, partner) != 0 ||
		strcmp(row.state, "destroyed") == 0)
		return co_fail(err, CO_ENOTFOUND, "no exhibit %s for %s", id, partner);
	TRY(vault_fd(e->vault, id, fd, err));
	*sealed_size = row.sealed_size;
	return CO_OK;
}

enum co_rc
exhibit_key(struct evidence *e, const char *id, unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	const void *der;
	size_t n;
	bool row;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(store_query(db, Q_EXHIBIT_WRAPPED, &st, err, "t", id));
	TRY(store_step(st, &row, err));
	if (!row || store_is_null(st, 0))
		return co_fail(
			err, CO_EDENIED, "the key of exhibit %s is not wrapped for this node", id);
	der = store_blob(st, 0, &n);
	if (keeper_unwrap(exchange_keeper(e->x), der, n, key, err) != CO_OK)
		return co_wrap(err, "the key of exhibit %s", id);
	return CO_OK;
}

enum co_rc
exhibit_fetch_begin(struct evidence *e, const char *id, const struct officer *who,
	unsigned char key[CHUNKED_KEY], struct exhibit_row *row, struct co_err *err)
{
	struct custody_ask ask = { .action = "fetched",
		.purpose = "transfer to this node",
		.authority = "offered by the sender's manifest",
		.who = who };
	struct exhibit_row e0;
	struct store_db *db;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(exhibit_get(db, id, &e0, err));
	if (!e0.incoming)
		return co_fail(err, CO_EUSAGE, "exhibit %s is ours: there is nothing to fetch", id);
	if (strcmp(e0.state, "verified") == 0)
		return co_fail(err, CO_EEXISTS, "exhibit %s is here and verified", id);
	if (strcmp(e0.state, "destroyed") == 0)
		return co_fail(err, CO_EREFUSED, "exhibit %s was destroyed", id);
	TRY(exhibit_key(e, id, key, err));
	if (strcmp(e0.state, "fetching") != 0)
		TRY(custody_send(e, e0.case_id, &e0, &ask, NULL, err));
	*row = e0;
	return CO_OK;
}

struct done_job {
	const char *id;
	uint64_t done;
};

static enum co_rc
done_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct done_job *j = arg;

	return store_run(db, NULL, Q_EXHIBIT_DONE, err, "it", (int64_t)j->done, j->id);
}

enum co_rc
exhibit_fetch_progress(struct evidence *e, const char *id, uint64_t done, struct co_err *err)
{
	struct done_job j = { id, done };

	return store_write(exchange_store(e->x), done_work, &j, err);
}

enum co_rc
exhibit_fetch_end(
	struct evidence *e, const char *id, bool verified, const char *why, struct co_err *err)
{
	struct custody_ask ask = { .action = verified ? "received" : "failed",
		.purpose = verified
			? "every chunk authentic; the digest of the content is the manifest's"
			: "what came is not what the manifest describes",
		.authority = "the sender's manifest",
		.to_partner = true };
	struct exhibit_row row;
	struct store_db *db;
	json_t *detail;
	enum co_rc rc;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(exhibit_get(db, id, &row, err));
	if (strcmp(row.state, "verified") == 0)
		return CO_OK; /* told before a crash */
	detail = verified ? json_pack("{s:I,s:s}", "size", (json_int_t)row.plain_size, "sha256",
				    row.plain_sha256)
			  : json_pack("{s:s}", "why", why == NULL ? "" : why);
	ask.detail = detail;
	rc = custody_send(e, row.case_id, &row, &ask, NULL, err);
	json_decref(detail);
	if (rc == CO_OK && verified)
		rc = exhibit_fetch_progress(e, id, row.sealed_size, err);
	return rc;
}
