#include "evidence/attach.h"

#include "base/enc.h"
#include "base/fault.h"
#include "base/log.h"
#include "crypto/cms.h"
#include "evidence/inside.h"
#include "exchange/approval.h"
#include "exchange/attach.h"
#include "exchange/partner.h"
#include "vault/view.h"

#include <stdatomic.h>

#define SEALED_FORMAT "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"

/* ---- taking in ---- */
struct upload {
	struct evidence *e;
	struct held_row held;
	unsigned char key[CHUNKED_KEY];
	struct vault_seal *seal;
	uint64_t size;
	bool ours; /* the place is to be taken back unless done */
	bool done;
};

static atomic_uint uploads_open;

struct filled_job {
	struct upload *u;
	const struct vault_sums *sums;
	const char *sealed; /* JSON */
	const struct co_buf *wrapped;
};

static enum co_rc
filled_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct filled_job *j = arg;
	const struct held_row *h = &j->u->held;
	int64_t changes;

	TRY(store_run(db, &changes, Q_HELD_FILLED, err, "ittbt", (int64_t)j->sums->plain_size,
		j->sums->plain_sha256, j->sealed, (const void *)j->wrapped->data, j->wrapped->len,
		h->id));
	if (changes == 0)
		return co_fail(err, CO_ECONFLICT, "\"%s\" was dropped while its bytes came",
			h->file.name);
	return event_write(db, "attachment.added", h->owner,
		json_pack("{s:s,s:s,s:I,s:s}", "id", h->id, "name", h->file.name, "size",
			(json_int_t)j->sums->plain_size, "sha256", j->sums->plain_sha256),
		err);
}

static enum co_rc
drop_work(struct store_db *db, void *arg, struct co_err *err)
{
	return store_run(db, NULL, Q_HELD_DROP, err, "t", (const char *)arg);
}

enum co_rc
upload_begin(struct upload **out, struct evidence *e, const char *id, const char *officer,
	struct co_err *err)
{
	upload_auto *u = calloc(1, sizeof(*u));
	struct store_db *db;
	enum co_rc rc;

	if (u == NULL)
		return co_fail(err, CO_ENOMEM, "an attachment");
	u->e = e;
	if (atomic_fetch_add(&uploads_open, 1) >= LIMIT_UPLOADS)
		return co_fail(err, CO_EBUSY,
			"%u files are being taken in at this moment; try again", LIMIT_UPLOADS);
	TRY(store_reader(exchange_store(e->x), &db, err));
	rc = held_get(db, id, &u->held, NULL);
	if (rc == CO_ENOTFOUND || (rc == CO_OK && strcmp(u->held.owner, officer) != 0))
		return co_fail(err, CO_ENOTFOUND,
			"no attachment %s of yours waits for its bytes; attachment.add makes one",
			id);
	TRY(rc);
	if (u->held.filled)
		return co_fail(err, CO_EEXISTS, "the bytes of \"%s\" are here already",
			u->held.file.name);
	crypto_random(u->key, sizeof(u->key));
	TRY(vault_seal_begin(&u->seal, e->vault, id, u->key, NULL, err));
	u->ours = true;
	*out = CO_TAKE(u);
	return CO_OK;
}

enum co_rc
upload_add(struct upload *u, const void *p, size_t n, struct co_err *err)
{
	if (n > LIMIT_ATTACHMENT - u->size)
		return co_fail(err, CO_ETOOBIG,
			"\"%s\" has more than %u MiB; seal it as an exhibit instead: comity "
			"exhibit "
			"seal",
			u->held.file.name, LIMIT_ATTACHMENT >> 20);
	u->size += n;
	return vault_seal_add(u->seal, p, n, err);
}

static enum co_rc
upload_keep(struct upload *u, const struct vault_sums *sums, struct co_err *err)
{
	const struct cert *own = exchange_seal(u->e->x);
	struct filled_job job = { .u = u, .sums = sums };
	co_auto_free char *text = NULL;
	co_auto_buf wrapped;
	co_auto_buf header;
	json_t *sealed;

	co_buf_init(&wrapped, LIMIT_SIGNATURE);
	co_buf_init(&header, 2 * CHUNKED_HEADER);
	TRY(co_base64_add(&header, sums->header, CHUNKED_HEADER, err));
	TRY(cms_wrap(u->key, CHUNKED_KEY, &own, 1, &wrapped, err));
	sealed = json_pack("{s:I,s:s,s:s,s:s}", "size", (json_int_t)sums->sealed_size, "sha256",
		sums->sealed_sha256, "header", header.data, "format", SEALED_FORMAT);
	text = sealed == NULL ? NULL : json_dumps(sealed, JSON_COMPACT);
	json_decref(sealed);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "an attachment");
	job.sealed = text;
	job.wrapped = &wrapped;
	if (co_fault_hit("attach.before-row"))
		return co_fail(err, CO_EIO, "fault before an attachment's row");
	return store_write(exchange_store(u->e->x), filled_work, &job, err);
}

enum co_rc
upload_end(struct upload *u, struct co_err *err)
{
	struct vault_sums sums = { 0 };

	if (u->size == 0)
		return co_fail(err, CO_EREFUSED,
			"\"%s\" is empty; nothing was attached", u->held.file.name);
	TRY(vault_seal_end(u->seal, &sums, err));
	TRY(upload_keep(u, &sums, err));
	(void)co_fault_hit("attach.after-row");
	u->done = true;
	return CO_OK;
}

void
upload_free(struct upload **out)
{
	struct upload *u = *out;
	struct co_err err = { CO_OK, "" };

	if (u == NULL)
		return;
	vault_seal_free(&u->seal);
	if (u->ours && !u->done) {
		/* The file first: a place without a file is swept, a file without a place is
		 * lost. */
		enum co_rc rc = vault_remove(u->e->vault, u->held.id, NULL);

		if ((rc != CO_OK && rc != CO_ENOTFOUND) ||
			store_write(exchange_store(u->e->x), drop_work, u->held.id, &err) != CO_OK)
			co_warn("attach", "%s is taken back later: %s", u->held.id, err.msg);
	}
	atomic_fetch_sub(&uploads_open, 1);
	crypto_wipe(u->key, sizeof(u->key));
	free(u);
	*out = NULL;
}

/* ---- giving out ---- */
struct attachment_content {
	struct vault_view *view;
	uint64_t at;
};

void
attachment_content_close(struct attachment_content **c)
{
	if (*c == NULL)
		return;
	vault_view_close(&(*c)->view);
	free(*c);
	*c = NULL;
}

void
attachment_content_end(void *arg)
{
	struct attachment_content *c = arg;

	attachment_content_close(&c);
}

/* One that was given here is as it is; a partner's may have been compressed. */
static enum co_rc
content_find(struct evidence *e, const json_t *opened, struct vault_content *out,
	struct co_err *err)
{
	const char *id = json_string_value(json_object_get(opened, "id"));
	struct exhibit_row row;
	struct store_db *db;
	enum co_rc rc;

	*out = (struct vault_content){ .coding = VAULT_AS_IS,
		.plain_size = (uint64_t)json_integer_value(json_object_get(opened, "size")) };
	TRY(store_reader(exchange_store(e->x), &db, err));
	rc = exhibit_get(db, id, &row, err);
	if (rc == CO_OK)
		out->coding = row.coding;
	if (rc == CO_ENOTFOUND)
		co_err_clear(err);
	return rc == CO_ENOTFOUND ? CO_OK : rc;
}

enum co_rc
attachment_content_open(struct attachment_content **out, struct evidence *e, const json_t *opened,
	struct co_err *err)
{
	const char *key = json_string_value(json_object_get(opened, "key"));
	attachment_content_auto *c = calloc(1, sizeof(*c));
	struct vault_content content;
	co_auto_buf raw;
	enum co_rc rc;

	co_buf_init(&raw, CHUNKED_KEY);
	if (c == NULL)
		return co_fail(err, CO_ENOMEM, "an attachment");
	TRY(content_find(e, opened, &content, err));
	rc = co_unbase64(key, strlen(key), &raw, err);
	if (rc == CO_OK)
		rc = vault_view_open(&c->view, e->vault,
			json_string_value(json_object_get(opened, "id")),
			(const unsigned char *)raw.data, &content, err);
	if (raw.data != NULL)
		crypto_wipe(raw.data, raw.len);
	if (rc == CO_OK)
		*out = CO_TAKE(c);
	return rc;
}

enum co_rc
attachment_content_next(void *arg, unsigned char *out, size_t *n, struct co_err *err)
{
	struct attachment_content *c = arg;
	uint64_t left = vault_view_size(c->view) - c->at;

	*n = left < CHUNKED_PLAIN ? (size_t)left : CHUNKED_PLAIN;
	if (*n > 0)
		TRY(vault_view_get(c->view, out, *n, c->at, err));
	c->at += *n;
	return CO_OK;
}

/* ---- offering ---- */
/* A file whose record is stored. */
struct offer {
	struct held_row h;
	char *sealed; /* JSON */
	struct co_buf wrapped;
	char record_id[CO_UUID_LEN + 1], record_sha256[SHA256_HEX + 1];
	char to[LIMIT_ADDRESS + 1];
};
enum { OFFERS = 64 };

static void
offer_deinit(struct offer *o)
{
	free(o->sealed);
	co_buf_deinit(&o->wrapped);
}

/* Columns of held_to_offer. */
static enum co_rc
offer_read(struct offer *o, struct store_stmt *st, struct co_err *err)
{
	const void *p;
	size_t n;

	*o = (struct offer){ .sealed = strdup(store_text(st, 5)) };
	co_buf_init(&o->wrapped, LIMIT_SIGNATURE);
	(void)snprintf(o->h.id, sizeof(o->h.id), "%s", store_text(st, 0));
	(void)snprintf(o->h.file.name, sizeof(o->h.file.name), "%s", store_text(st, 1));
	(void)snprintf(o->h.file.media, sizeof(o->h.file.media), "%s", store_text(st, 2));
	o->h.file.size = (uint64_t)store_int(st, 3);
	(void)snprintf(o->h.file.sha256, sizeof(o->h.file.sha256), "%s", store_text(st, 4));
	(void)snprintf(o->record_id, sizeof(o->record_id), "%s", store_text(st, 7));
	(void)snprintf(o->to, sizeof(o->to), "%s", store_text(st, 8));
	p = store_blob(st, 9, &n);
	if (o->sealed == NULL || n != SHA256_LEN)
		return co_fail(err, CO_ESTORE, "record %s: its digest is damaged", o->record_id);
	co_hex(p, n, o->record_sha256);
	p = store_blob(st, 6, &n);
	return co_buf_add(&o->wrapped, p, n, err);
}

static enum co_rc
wrap_add(json_t *wrapped, const char *address, const void *der, size_t n, struct co_err *err)
{
	co_auto_buf text;

	co_buf_init(&text, 2 * LIMIT_SIGNATURE);
	TRY(co_base64_add(&text, der, n, err));
	return json_object_set_new(wrapped, address, json_string(text.data)) == 0
		? CO_OK
		: co_fail(err, CO_ENOMEM, "wrapped keys");
}

/* The key for the partner's seal certificate of today, and ours as it was wrapped. */
static enum co_rc
offer_wrapped(struct evidence *e, const struct offer *o, json_t *wrapped, struct co_err *err)
{
	unsigned char key[CHUNKED_KEY];
	const struct partner *p;
	const struct cert *to;
	co_auto_buf der;
	enum co_rc rc;

	co_buf_init(&der, LIMIT_SIGNATURE);
	TRY(partner_get(e->x, o->to, &p, err));
	rc = keeper_unwrap(exchange_keeper(e->x), o->wrapped.data, o->wrapped.len, key, err);
	to = p->seal_n == 0 ? NULL : p->seal[0];
	if (rc == CO_OK && to == NULL)
		rc = co_fail(err, CO_ECERT, "%s has no seal certificate that is not revoked",
			o->to);
	if (rc == CO_OK)
		rc = cms_wrap(key, sizeof(key), &to, 1, &der, err);
	crypto_wipe(key, sizeof(key));
	partner_put(e->x, &p);
	if (rc == CO_OK)
		rc = wrap_add(wrapped, o->to, der.data, der.len, err);
	if (rc == CO_OK)
		rc = wrap_add(wrapped, exchange_address(e->x), o->wrapped.data, o->wrapped.len,
			err);
	return rc;
}

static enum co_rc
offer_manifest(struct evidence *e, const struct offer *o, struct record *r, struct co_err *err)
{
	stored_record_auto s = { .incoming = false };
	char partner[LIMIT_ADDRESS + 1];
	struct store_db *db;
	json_t *wrapped = json_object(), *sealed = json_loads(o->sealed, 0, NULL);
	enum co_rc rc = store_reader(exchange_store(e->x), &db, err);

	r->kind = REC_MANIFEST;
	if (rc == CO_OK)
		rc = exchange_load(db, o->record_id, &s, err);
	if (rc == CO_OK)
		rc = custody_envelope(e, s.r.case_id, NULL, r, partner, err);
	if (rc == CO_OK)
		rc = offer_wrapped(e, o, wrapped, err);
	if (rc == CO_OK) {
		/* Who signed the record attached the file. */
		(void)snprintf(r->officer, sizeof(r->officer), "%s", s.r.officer);
		(void)snprintf(r->role, sizeof(r->role), "%s", s.r.role);
		(void)snprintf(r->to, sizeof(r->to), "%s", o->to);
		r->body = json_pack("{s:{s:s,s:s,s:s,s:{s:I,s:s},s:O,s:O}}", "exhibit", "id",
			o->h.id, "name", o->h.file.name, "media", o->h.file.media, "plain", "size",
			(json_int_t)o->h.file.size, "sha256", o->h.file.sha256, "sealed", sealed,
			"wrapped", wrapped);
		rc = r->body == NULL ? co_fail(err, CO_ENOMEM, "manifest")
				     : record_add_ref(r, o->record_id, o->record_sha256, err);
	}
	json_decref(wrapped);
	json_decref(sealed);
	return rc;
}

/* Again after a crash: the manifest's exhibit has the file's id, so there is only ever one. */
static enum co_rc
offer_send(struct evidence *e, const struct offer *o, struct co_err *err)
{
	record_auto r;

	record_init(&r);
	TRY(offer_manifest(e, o, &r, err));
	if (co_fault_hit("attach.before-manifest"))
		return co_fail(err, CO_EIO, "fault before an attachment's manifest");
	return exchange_send(e->x, &r, err);
}

enum co_rc
attachments_offer(struct evidence *e, bool *left, struct co_err *err)
{
	struct offer *list = calloc(OFFERS, sizeof(*list));
	store_stmt_auto *st = NULL;
	struct store_db *db;
	size_t n = 0;
	bool row = true;
	enum co_rc rc = list == NULL ? co_fail(err, CO_ENOMEM, "attachments to offer")
				     : store_reader(exchange_store(e->x), &db, err);

	*left = false;
	if (rc == CO_OK)
		rc = store_query(db, Q_HELD_TO_OFFER, &st, err, "t", exchange_address(e->x));
	while (rc == CO_OK && n < OFFERS) {
		rc = store_step(st, &row, err);
		if (rc != CO_OK || !row)
			break;
		rc = offer_read(&list[n++], st, err);
	}
	store_done(&st);
	for (size_t i = 0; rc == CO_OK && i < n; i++) {
		struct co_err why = { CO_OK, "" };

		if (offer_send(e, &list[i], &why) == CO_OK)
			continue;
		co_warn("attach", "\"%s\" of record %s is not offered yet: %s",
			list[i].h.file.name, list[i].record_id, why.msg);
		*left = true;
	}
	for (size_t i = 0; i < n; i++)
		offer_deinit(&list[i]);
	free(list);
	return rc;
}

/* ---- fetching ---- */
enum co_rc
attachments_wanted(struct evidence *e, void (*call)(void *arg, const char *exhibit), void *arg,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(store_query(db, Q_ATTACHED_TO_FETCH, &st, err, "ii", (int64_t)LIMIT_ATTACHMENT,
		(int64_t)LIMIT_ATTACHED));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		call(arg, store_text(st, 0));
	}
}

enum co_rc
attachments_room(struct evidence *e, uint64_t size, struct co_err *err)
{
	return vault_room(e->vault, size, err);
}

/* ---- what never went anywhere ---- */
enum { STALE = 64 };

static enum co_rc
stale_read(struct evidence *e, int64_t before_us, char ids[STALE][CO_UUID_LEN + 1], size_t *n,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row;

	*n = 0;
	TRY(store_reader(exchange_store(e->x), &db, err));
	TRY(store_query(db, Q_HELD_STALE, &st, err, "ii", before_us,
		co_now_us() - DRAFT_SENT_BACK_US));
	while (*n < STALE) {
		TRY(store_step(st, &row, err));
		if (!row)
			break;
		(void)snprintf(ids[(*n)++], CO_UUID_LEN + 1, "%s", store_text(st, 0));
	}
	return CO_OK;
}

enum co_rc
attachments_sweep(struct evidence *e, int64_t before_us, struct co_err *err)
{
	char ids[STALE][CO_UUID_LEN + 1];
	size_t n;

	TRY(stale_read(e, before_us, ids, &n, err));
	for (size_t i = 0; i < n; i++)
		TRY(held_remove(e, ids[i], "node", err));
	return CO_OK;
}
