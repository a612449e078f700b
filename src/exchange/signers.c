#include "exchange/signers.h"

#include "base/enc.h"
#include "crypto/cms.h"

#include <string.h>

void
signers_deinit(struct signers *s)
{
	for (size_t i = 0; i < s->n; i++) {
		partner_deinit(&s->entries[i]->p);
		record_deinit(&s->entries[i]->r);
		free(s->entries[i]);
	}
	s->n = 0;
}

enum co_rc
signers_add(struct signers *s, const char *path, const void *bytes, size_t n, const void *sig,
	size_t sig_n, struct co_err *err)
{
	struct signer_entry *e;
	struct cms_seen seen;

	if (s->n == SIGNER_ENTRIES)
		return co_fail(
			err, CO_ETOOBIG, "more than %d directory entries", (int)SIGNER_ENTRIES);
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return co_fail(err, CO_ENOMEM, "directory entry");
	s->entries[s->n++] = e;
	record_init(&e->r);
	(void)snprintf(e->path, sizeof(e->path), "%s", path);
	/* The one record that has to be read before its signature can be checked: the certificates
	 * are inside. What it says counts only after. */
	TRY(record_parse(&e->r, bytes, n, err));
	TRY(partner_from_entry(&e->p, &e->r, err));
	TRY(cms_verify(sig, sig_n, bytes, n, (const struct cert *const *)e->p.seal, e->p.seal_n,
		&seen, err));
	return cert_validate(e->p.seal[seen.signer], CERT_SEAL, e->r.at_us, NULL, 0,
		(const struct cert *const *)&e->p.root, 1, err);
}

enum co_rc
signers_verify(const struct signers *s, const void *bytes, size_t bytes_n, const void *sig,
	size_t sig_n, struct signer *by, struct co_err *err)
{
	const struct cert *allowed[SIGNER_ENTRIES * PARTNER_CERTS];
	const struct signer_entry *whose[SIGNER_ENTRIES * PARTNER_CERTS];
	struct cms_seen seen;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->entries[i]->p.seal_n; k++) {
			whose[n] = s->entries[i];
			allowed[n++] = s->entries[i]->p.seal[k];
		}
	TRY(cms_verify(sig, sig_n, bytes, bytes_n, allowed, n, &seen, err));
	*by = (struct signer){ whose[seen.signer], allowed[seen.signer] };
	return CO_OK;
}

enum co_rc
signer_record(const struct signer *by, const void *bytes, size_t n, struct record *r,
	struct co_err *err)
{
	TRY(record_parse(r, bytes, n, err));
	if (strcmp(r->from, by->entry->p.address) != 0)
		return co_fail(err, CO_EVERIFY, "it says it is from %s but %s signed it", r->from,
			by->entry->p.address);
	return cert_validate(by->cert, CERT_SEAL, r->at_us, NULL, 0,
		(const struct cert *const *)&by->entry->p.root, 1, err);
}

int64_t
signers_withdrawn(
	const struct signers *s, const char *address, const unsigned char sha256[SHA256_LEN])
{
	char hex[SHA256_HEX + 1];
	int64_t least = 0;

	co_hex(sha256, SHA256_LEN, hex);
	for (size_t i = 0; i < s->n; i++) {
		const json_t *row;
		size_t k;

		if (strcmp(s->entries[i]->p.address, address) != 0)
			continue;
		json_array_foreach(json_object_get(s->entries[i]->r.body, "revoked"), k, row)
		{
			const char *of = json_string_value(json_object_get(row, "sha256"));
			const char *at = json_string_value(json_object_get(row, "since"));
			int64_t since;

			if (of != NULL && at != NULL && strcmp(of, hex) == 0 &&
				co_time_parse(at, &since, NULL) == CO_OK &&
				(least == 0 || since < least))
				least = since;
		}
	}
	return least;
}

/* ---- of the database ---- */
/* The newest of our own is under our root: nobody else's comes in under our address. */
struct entry_walk {
	unsigned char root[SHA256_LEN];
	bool known; /* root is the accepted one */
	entries_call *call;
	void *arg;
};

static enum co_rc
entry_give(struct entry_walk *w, struct store_stmt *st, struct co_err *err)
{
	struct partner who;
	record_auto r;
	co_auto_buf bytes;
	co_auto_buf sig;
	const void *p;
	size_t n;
	enum co_rc rc = CO_OK;

	record_init(&r);
	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	p = store_blob(st, 1, &n);
	TRY(co_buf_add(&bytes, p, n, err));
	p = store_blob(st, 2, &n);
	TRY(co_buf_add(&sig, p, n, err));
	/* One that cannot be read any more helps nobody; the ledger's check tells of it. */
	if (record_parse(&r, bytes.data, bytes.len, NULL) != CO_OK ||
		partner_from_entry(&who, &r, NULL) != CO_OK)
		return CO_OK;
	if (!w->known)
		memcpy(w->root, cert_sha256(who.root), SHA256_LEN);
	w->known = true;
	if (memcmp(w->root, cert_sha256(who.root), SHA256_LEN) == 0)
		rc = w->call(w->arg, store_text(st, 0), &who, &bytes, &sig, err);
	partner_deinit(&who);
	return rc;
}

enum co_rc
entries_each(struct exchange *x, struct store_db *db, const char *address, entries_call *call,
	void *arg, struct co_err *err)
{
	struct entry_walk w = { .call = call, .arg = arg };
	store_stmt_auto *st = NULL;
	bool row;

	w.known = partner_root(x, address, w.root);
	TRY(store_query(db, Q_EVIDENCE_ENTRIES, &st, err, "t", address));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		TRY(entry_give(&w, st, err));
	}
}

static enum co_rc
signer_take(void *arg, const char *id, const struct partner *p, const struct co_buf *bytes,
	const struct co_buf *sig, struct co_err *err)
{
	struct signers *all = arg;

	(void)id;
	(void)p;
	return all->n == SIGNER_ENTRIES ? CO_OK : signers_add(all, "", bytes->data, bytes->len,
		sig->data, sig->len, err);
}

enum co_rc
signers_of(struct exchange *x, struct store_db *db, const char *address, struct signers *all,
	struct co_err *err)
{
	return entries_each(x, db, address, signer_take, all, err);
}
