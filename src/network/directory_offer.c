/* Entries of partners: offered by an operator as a file, or fetched from a partner that was
 * accepted. Whoever signed one must hold a key that it lists; that its root is the right
 * organisation's, only an operator can know. */
#include "network/directory_inside.h"

#include "base/enc.h"
#include "base/log.h"
#include "crypto/cms.h"
#include "exchange/op.h"
#include "exchange/opjson.h"
#include "network/http.h"
#include "record/wire.h"

#include <string.h>

/* ---- offers ---- */

struct offer {
	struct directory *d;
	const struct officer *who;
	struct record r;
	struct partner p;
	struct co_buf bytes, sig;
	char root[SHA256_HEX + 1];
	char state[16];
	/* Fetched from an accepted partner: what was fetched before is no news, and another root is
	 * an operator's affair. */
	bool refresh, news, same;
};

static void
offer_deinit(struct offer *o)
{
	record_deinit(&o->r);
	partner_deinit(&o->p);
	co_buf_deinit(&o->bytes);
	co_buf_deinit(&o->sig);
}

static enum co_rc
in_base64(const json_t *in, const char *name, size_t max, struct co_buf *out, struct co_err *err)
{
	const char *text;

	TRY(in_text(in, name, true, max * 2, &text, err));
	if (co_unbase64(text, strlen(text), out, err) != CO_OK)
		return co_wrap(err, "%s", name);
	return CO_OK;
}

static enum co_rc
certificate_in_time(const struct cert *c, const char *what, int64_t now_us, struct co_err *err)
{
	char text[CO_TIME_LEN];

	if (cert_not_after_us(c) <= now_us) {
		co_time_print(cert_not_after_us(c), text);
		return co_fail(err, CO_ECERT,
			"the %s certificate %s expired on %s; ask the partner for a "
			"new entry",
			what, cert_subject(c), text);
	}
	if (cert_not_before_us(c) > now_us + DIRECTORY_SKEW_US) {
		co_time_print(cert_not_before_us(c), text);
		return co_fail(err, CO_ECERT,
			"the %s certificate %s is valid only from %s; is the clock "
			"right?",
			what, cert_subject(c), text);
	}
	return CO_OK;
}

/* Signed by a certificate that the entry itself lists: it proves that whoever wrote the entry holds
 * the key. That the root is the right organisation's, only the operator can know. */
static enum co_rc
offer_check(struct offer *o, struct co_err *err)
{
	const struct cert *allowed[PARTNER_CERTS];
	struct cms_seen seen;
	int64_t now = co_now_us(), valid_to;

	/* Nothing else could name the key; what is parsed here is trusted for nothing until below.
	 */
	TRY(record_parse(&o->r, o->bytes.data, o->bytes.len, err));
	TRY(partner_from_entry(&o->p, &o->r, err));
	for (size_t i = 0; i < o->p.seal_n; i++)
		allowed[i] = o->p.seal[i];
	TRY(cms_verify(o->sig.data, o->sig.len, o->bytes.data, o->bytes.len, allowed, o->p.seal_n,
		&seen, err));
	TRY(certificate_in_time(o->p.seal[seen.signer], "seal", now, err));
	TRY(certificate_in_time(o->p.root, "root", now, err));
	TRY(co_time_parse(
		json_string_value(json_object_get(o->r.body, "valid_to")), &valid_to, err));
	if (valid_to <= now)
		return co_fail(err, CO_ECERT, "the entry itself ended on %s; ask for a new one",
			json_string_value(json_object_get(o->r.body, "valid_to")));
	if (strcmp(o->p.address, o->d->conf.address) == 0)
		return co_fail(err, CO_EREFUSED, "%s is this node itself", o->p.address);
	co_hex(cert_sha256(o->p.root), SHA256_LEN, o->root);
	return CO_OK;
}

enum co_rc
entry_in_force(
	struct store_db *db, const char *address, struct entry_held *out, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	struct partner p = { .accepted = false };
	struct entry_held held = { .at_us = 0 };
	record_auto r;
	bool row;

	record_init(&r);
	TRY(store_query(db, Q_PARTNER_ROW, &st, err, "t", address));
	TRY(store_step(st, &row, err));
	if (row) {
		(void)snprintf(held.state, sizeof(held.state), "%s", store_text(st, 0));
		TRY(record_parse(&r, store_text(st, 2), strlen(store_text(st, 2)), err));
		TRY(partner_from_entry(&p, &r, err));
		co_hex(cert_sha256(p.root), SHA256_LEN, held.root);
		memcpy(held.id, r.id, sizeof(held.id));
		held.at_us = r.at_us;
		partner_deinit(&p);
	}
	*out = held;
	return CO_OK;
}

/* May the entry take the place of the one in force? An old one could bring back a certificate that
 * was revoked since. */
static enum co_rc
offer_fits(struct offer *o, const struct entry_held *held, struct co_err *err)
{
	bool same_root = strcmp(held->root, o->root) == 0;

	o->news = strcmp(held->id, o->r.id) != 0;
	if (o->refresh && strcmp(held->state, "accepted") != 0)
		return co_fail(err, CO_EDENIED, "%s is %s here, not accepted", o->p.address,
			held->state[0] == '\0' ? "unknown" : held->state);
	if (o->refresh && !same_root)
		return co_fail(err, CO_ECERT,
			"%s now shows another root (%s) than the one that was accepted: compare it "
			"by telephone, then comity directory offer and accept",
			o->p.address, o->root);
	if (o->news && strcmp(held->state, "accepted") == 0 && same_root &&
		o->r.at_us < held->at_us)
		return co_fail(err, CO_EREFUSED,
			"this entry of %s is older than the one in force; ask for the present one, "
			"or: comity directory refresh %s",
			o->p.address, o->p.address);
	/* The same root speaks for itself; another root needs an operator again. A block stays. */
	(void)snprintf(o->state, sizeof(o->state), "%s", held->state);
	if (strcmp(o->state, "blocked") != 0 && (strcmp(o->state, "accepted") != 0 || !same_root))
		(void)snprintf(o->state, sizeof(o->state), "offered");
	return CO_OK;
}

static enum co_rc
offer_store(struct store_db *db, void *arg, struct co_err *err)
{
	struct offer *o = arg;
	unsigned char digest[SHA256_LEN];
	struct entry_held held;
	char detail[400];
	struct leaf leaf;
	enum co_rc rc;

	TRY(entry_in_force(db, o->p.address, &held, err));
	TRY(offer_fits(o, &held, err));
	if (o->refresh && !o->news)
		return CO_OK;
	sha256(o->bytes.data, o->bytes.len, digest);
	rc = store_run(db, NULL, Q_RECORD_INSERT, err, "tttttiiibbbt", o->r.id, "entry", NULL,
		o->r.from, o->r.to, (int64_t)1, o->r.at_us, co_now_us(), (const void *)digest,
		sizeof(digest), (const void *)o->bytes.data, o->bytes.len,
		(const void *)o->sig.data, o->sig.len, NULL);
	if (rc == CO_EEXISTS) {
		co_err_clear(err);
	} else {
		TRY(rc);
		leaf_make(&leaf, LEAF_RECORD, o->bytes.data, o->bytes.len, o->sig.data, o->sig.len);
		TRY(ledger_append(db, &leaf, o->r.id, NULL, err));
	}
	TRY(store_run(db, NULL, Q_PARTNER_UPSERT, err, "tttti", o->p.address, o->state, o->r.id,
		o->bytes.data, co_now_us()));
	(void)snprintf(detail, sizeof(detail),
		"{\"address\":\"%s\",\"entry\":\"%s\",\"root\":\"%s\"}", o->p.address, o->r.id,
		o->root);
	return ledger_event(db, o->refresh ? "directory.refreshed" : "directory.offered",
		o->who->name, detail, err);
}

static enum co_rc
offer_take(struct offer *o, struct co_err *err)
{
	struct exchange *x = o->d->conf.exchange;

	TRY(offer_check(o, err));
	TRY(store_write(exchange_store(x), offer_store, o, err));
	return partner_reload(x, err);
}

static json_t *
offer_json(const struct offer *o)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "address", o->p.address, "name",
		o->p.name, "economy", o->p.economy, "url", o->p.url, "fingerprint", o->root,
		"state", o->state);
}

static void
offer_begin(struct offer *o)
{
	record_init(&o->r);
	co_buf_init(&o->bytes, LIMIT_RECORD);
	co_buf_init(&o->sig, LIMIT_SIGNATURE);
}
#define offer_auto CO_CLEANUP(offer_deinit) struct offer

enum co_rc
op_directory_offer(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	offer_auto o = { .d = arg, .who = who };

	(void)x;
	offer_begin(&o);
	TRY(in_base64(in, "bytes", LIMIT_RECORD, &o.bytes, err));
	TRY(in_base64(in, "sig", LIMIT_SIGNATURE, &o.sig, err));
	TRY(offer_take(&o, err));
	return out_give(offer_json(&o), out, err);
}

/* ---- refreshing ---- */

/* What is in force already, as if it had come. */
static enum co_rc
refresh_held(struct offer *o, struct store_db *db, const char *address, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_PARTNER_ROW, &st, err, "t", address));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_ENOTFOUND, "no entry of %s is here", address);
	(void)snprintf(o->state, sizeof(o->state), "%s", store_text(st, 0));
	TRY(record_parse(&o->r, store_text(st, 2), strlen(store_text(st, 2)), err));
	TRY(partner_from_entry(&o->p, &o->r, err));
	co_hex(cert_sha256(o->p.root), SHA256_LEN, o->root);
	o->same = true;
	return CO_OK;
}

/* The partner's present entry into o, as its listener gives it to partners; nothing when it is the
 * one in force here. Saying which that is lets the partner turn to a renewed certificate. */
static enum co_rc
refresh_fetch(struct offer *o, const char *address, const struct http_until *until,
	struct co_err *err)
{
	char have[CO_UUID_LEN + 32];
	struct entry_held held;
	struct store_db *db;
	struct exchange *x = o->d->conf.exchange;
	struct wire_item items[LIMIT_BATCH_RECORDS];
	const struct partner *p;
	co_auto_buf body;
	long status = 0;
	size_t n;
	enum co_rc rc;

	co_buf_init(&body, LIMIT_RECORD + LIMIT_SIGNATURE + 64);
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(entry_in_force(db, address, &held, err));
	(void)snprintf(have, sizeof(have), "If-None-Match: \"%s\"", held.id);
	TRY(partner_get(x, address, &p, err));
	rc = http_get_if(o->d->conf.tls, p, "/v1/directory", have, until, &body, &status, err);
	partner_put(x, &p);
	TRY(rc);
	if (status == 304)
		return refresh_held(o, db, address, err);
	if (status != 200)
		return co_fail(err, CO_ENETWORK, "%s answered with status %ld", address, status);
	TRY(wire_parse(body.data, body.len, items, &n, err));
	if (n != 1 || items[0].type != WIRE_RECORD)
		return co_fail(err, CO_EMALFORMED, "%s answered with no entry", address);
	TRY(co_buf_add(&o->bytes, items[0].p, items[0].n, err));
	return co_buf_add(&o->sig, items[0].sig, items[0].sig_n, err);
}

/* That it is in force here; when this does not come through, the next fetch says it. */
static void
refresh_tell(struct directory *d, const char *address, const struct http_until *until)
{
	offer_auto again = { .d = d, .refresh = true };
	struct co_err why = { 0 };

	offer_begin(&again);
	if (refresh_fetch(&again, address, until, &why) != CO_OK)
		co_debug("directory", "%s was not told that its entry is in force: %s", address,
			why.msg);
}

enum co_rc
directory_refresh(struct directory *d, const char *address, const struct officer *who,
	const struct http_until *until, bool *news, json_t **out, struct co_err *err)
{
	offer_auto o = { .d = d, .who = who, .refresh = true };

	offer_begin(&o);
	TRY(refresh_fetch(&o, address, until, err));
	if (!o.same) {
		TRY(offer_check(&o, err));
		if (strcmp(o.p.address, address) != 0)
			return co_fail(err, CO_EVERIFY, "%s answered with the entry of %s",
				address, o.p.address);
		TRY(store_write(exchange_store(d->conf.exchange), offer_store, &o, err));
	}
	if (o.news) {
		TRY(partner_reload(d->conf.exchange, err));
		refresh_tell(d, address, until);
	}
	*news = o.news;
	if (out != NULL)
		*out = offer_json(&o);
	return CO_OK;
}

enum co_rc
op_directory_refresh(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	const char *address;
	json_t *o;
	bool news;

	(void)x;
	TRY(in_text(in, "address", true, LIMIT_ADDRESS, &address, err));
	TRY(directory_refresh(arg, address, who, NULL, &news, &o, err));
	(void)json_object_set_new(o, "news", json_boolean(news));
	return out_give(o, out, err);
}
