#include "network/directory_inside.h"

#include "base/log.h"
#include "exchange/hold.h"
#include "exchange/opjson.h"

#include <string.h>

enum { ENTRY_VALID_DAYS = 365, ENTRY_RENEW_DAYS = 60 };
#define DAY_US (INT64_C(86400) * 1000000)

static json_t *
languages_json(const char *list)
{
	json_t *out = json_array();
	const char *s = list == NULL ? "" : list;

	while (*s != '\0') {
		size_t n = strcspn(s, ", ");

		if (n > 0)
			(void)json_array_append_new(out, json_stringn(s, n));
		s += n;
		s += strspn(s, ", ");
	}
	return out;
}

/* What our entry should say now, less valid_to. */
static json_t *
entry_body(const struct directory *d)
{
	const struct directory_conf *c = &d->conf;
	int64_t now_us = co_now_us();
	char origin[LIMIT_ADDRESS + 16];

	(void)snprintf(origin, sizeof(origin), "%s/ledger", c->address);
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:{s:s, s:s}, s:[]}",
		"name", c->name, "economy", c->economy, "role", c->role, "url", c->url, "timezone",
		c->timezone, "hours", c->hours, "languages", languages_json(c->languages), "root",
		own_root_pem(c->own), "seal", own_pems(c->own, CERT_SEAL, now_us), "tls",
		own_pems(c->own, CERT_TLS, now_us), "ledger", "origin", origin,
		"vkey", c->vkey, "revoked");
}

enum co_rc
directory_own(struct directory *d, struct store_db *db, struct co_buf *bytes, struct co_buf *sig,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const void *p;
	size_t n;
	bool row = false;
	enum co_rc rc = store_query(db, Q_OWN_ENTRY, &st, err, "t", d->conf.address);

	if (rc == CO_OK)
		rc = store_step(st, &row, err);
	if (rc == CO_OK && !row)
		rc = co_fail(err, CO_ENOTFOUND, "this node has no directory entry yet");
	if (rc != CO_OK)
		return rc;
	p = store_blob(st, 0, &n);
	rc = co_buf_add(bytes, p, n, err);
	p = store_blob(st, 1, &n);
	return rc == CO_OK ? co_buf_add(sig, p, n, err) : rc;
}

/* Does the stored entry still say what it should, for long enough? */
static bool
entry_current(struct directory *d, const json_t *want)
{
	record_auto r;
	co_auto_buf bytes, sig;
	struct store_db *db;
	int64_t valid_to;
	json_t *have;
	bool same;

	record_init(&r);
	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	if (store_reader(exchange_store(d->conf.exchange), &db, NULL) != CO_OK ||
		directory_own(d, db, &bytes, &sig, NULL) != CO_OK ||
		record_parse(&r, bytes.data, bytes.len, NULL) != CO_OK)
		return false;
	have = r.body;
	if (co_time_parse(json_string_value(json_object_get(have, "valid_to")), &valid_to, NULL) !=
			CO_OK ||
		valid_to < co_now_us() + ENTRY_RENEW_DAYS * DAY_US)
		return false;
	(void)json_object_del(have, "valid_to");
	same = json_equal(have, want) != 0;
	return same;
}

enum co_rc
directory_publish(struct directory *d, struct co_err *err)
{
	json_t *body = entry_body(d);
	char valid_to[CO_TIME_LEN];
	record_auto r;

	record_init(&r);
	if (body == NULL)
		return co_fail(err, CO_EUSAGE,
			"the directory entry: a value of the configuration is not "
			"UTF-8 text");
	/* On hold it is written when that ends. */
	if (exchange_held(d->conf.exchange, NULL) != CO_OK || entry_current(d, body)) {
		json_decref(body);
		return CO_OK;
	}
	co_time_print((co_now_us() / 1000000) * 1000000 + ENTRY_VALID_DAYS * DAY_US, valid_to);
	(void)json_object_set_new(body, "valid_to", json_string(valid_to));
	r.kind = REC_ENTRY;
	r.body = body;
	(void)snprintf(r.from, sizeof(r.from), "%s", d->conf.address);
	(void)snprintf(r.to, sizeof(r.to), "*");
	(void)snprintf(r.officer, sizeof(r.officer), "node");
	(void)snprintf(r.role, sizeof(r.role), "node");
	if (exchange_send(d->conf.exchange, &r, err) != CO_OK)
		return co_wrap(err, "the directory entry");
	co_info("directory", "published our entry %s", r.id);
	return CO_OK;
}

enum co_rc
directory_open(struct directory **out, const struct directory_conf *conf, struct co_err *err)
{
	struct directory *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return co_fail(err, CO_ENOMEM, "the directory");
	d->conf = *conf;
	d->started_us = co_mono_us();
	(void)pthread_mutex_init(&d->status_lock, NULL);
	(void)pthread_mutex_init(&d->turn_lock, NULL);
	directory_ops(d);
	directory_status_ops(d);
	directory_network_ops(d);
	directory_proof_ops(d);
	directory_describe(d->conf.exchange);
	*out = d;
	return CO_OK;
}

void
directory_close(struct directory **d)
{
	if (*d == NULL)
		return;
	json_decref((*d)->status_requests);
	json_decref((*d)->status_certs);
	(void)pthread_mutex_destroy(&(*d)->status_lock);
	(void)pthread_mutex_destroy(&(*d)->turn_lock);
	free(*d);
	*d = NULL;
}
