#include "network/own.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fs.h"
#include "base/log.h"
#include "crypto/slot.h"
#include "exchange/opjson.h"

#include <stdatomic.h>
#include <string.h>

#define DAY_US (INT64_C(86400) * 1000000)
/* Before the end of the one in force, by which the next takes over whoever knows it. */
#define OWN_LAST_US DAY_US
enum { OWN_LISTED = 4 /* protocol.md 4.8 */ };

struct own_cert {
	struct cert *c;
	struct co_buf pem;   /* alone, written by us */
	struct co_buf chain; /* the file as it is */
	size_t tls;          /* place in struct tls */
};

struct own_ring {
	struct own_cert at[SLOT_MOST]; /* the oldest first */
	size_t n;
	atomic_size_t now; /* in force */
};

struct own {
	struct cert *root;
	struct co_buf root_pem;
	struct own_ring ring[CERT_TSA + 1]; /* by use; of the root none */
	bool settled;
};

/* The order in which they are told. */
static const struct {
	enum cert_use use;
	const char *name;
} own_uses[] = { { CERT_SEAL, "seal" }, { CERT_TLS, "tls" }, { CERT_TSA, "time-stamp" } };

size_t
own_choose(const struct own_term *t, size_t n, int64_t now_us)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++) {
		if (now_us < t[i].from_us || now_us >= t[i].to_us)
			continue;
		if (best == n || t[i].known || t[best].to_us < now_us + OWN_LAST_US)
			best = i;
	}
	return best;
}

/* ---- reading ---- */

static void
own_cert_drop(struct own_cert *c)
{
	cert_free(&c->c);
	co_buf_deinit(&c->pem);
	co_buf_deinit(&c->chain);
}

static enum co_rc
own_read(struct own_cert *out, const char *path, struct co_err *err)
{
	enum co_rc rc;

	*out = (struct own_cert){ .c = NULL };
	co_buf_init(&out->pem, LIMIT_CERT);
	co_buf_init(&out->chain, LIMIT_CERT * LIMIT_CHAIN);
	rc = co_read_file(path, &out->chain, err);
	if (rc == CO_OK && cert_from_pem(&out->c, out->chain.data, out->chain.len, err) != CO_OK)
		rc = co_wrap(err, "%s", path);
	if (rc == CO_OK)
		rc = cert_pem(out->c, &out->pem, err);
	if (rc != CO_OK)
		own_cert_drop(out);
	return rc;
}

/* What cannot be read is said and left out; the keeper says the same of it. */
static void
own_take(struct own_ring *r, const char *path)
{
	struct co_err why = { 0 };

	if (r->n < SLOT_MOST && own_read(&r->at[r->n], path, &why) == CO_OK)
		r->n++;
	else
		co_error("node", "a certificate is done without: %s", why.msg);
}

enum co_rc
own_open(struct own **out, const struct keeper_conf *keeper, const char *certs,
	struct co_err *err)
{
	CO_CLEANUP(own_close) struct own *o = calloc(1, sizeof(*o));
	char path[SLOT_TEXT];

	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "our certificates");
	co_buf_init(&o->root_pem, LIMIT_CERT);
	TRY(slot_cert_path(path, certs, "root", 1, err));
	TRY(cert_load(&o->root, path, err));
	TRY(cert_pem(o->root, &o->root_pem, err));
	own_take(&o->ring[CERT_SEAL], keeper->seal_cert);
	own_take(&o->ring[CERT_TLS], keeper->tls_cert);
	if (keeper->tsa_key != NULL)
		own_take(&o->ring[CERT_TSA], keeper->tsa_cert);
	for (size_t i = 0; i < keeper->more_n; i++)
		own_take(&o->ring[keeper->more[i].use], keeper->more[i].cert);
	*out = CO_TAKE(o);
	return CO_OK;
}

void
own_close(struct own **own)
{
	struct own *o = *own;

	if (o == NULL)
		return;
	for (size_t u = 0; u < CO_ARRAY_LEN(o->ring); u++)
		for (size_t i = 0; i < o->ring[u].n; i++)
			own_cert_drop(&o->ring[u].at[i]);
	cert_free(&o->root);
	co_buf_deinit(&o->root_pem);
	free(o);
	*own = NULL;
}

/* ---- what is there ---- */

static struct own_term
own_term(const struct own_cert *c, bool known)
{
	return (struct own_term){ cert_not_before_us(c->c), cert_not_after_us(c->c), known };
}

/* With nothing known: the oldest that is good. With none good the newest, and partners refuse
 * it. */
static size_t
ring_choose(const struct own_ring *r, int64_t now_us, own_known *known, void *arg)
{
	struct own_term t[SLOT_MOST];
	size_t i;

	for (i = 0; i < r->n; i++)
		t[i] = own_term(&r->at[i],
			known != NULL && known(arg, (const char *)r->at[i].pem.data));
	i = own_choose(t, r->n, now_us);
	return i == r->n ? r->n - 1 : i;
}

enum co_rc
own_held(struct own *o, struct keeper *keeper, struct co_err *err)
{
	for (size_t u = 0; u < CO_ARRAY_LEN(own_uses); u++) {
		struct own_ring *r = &o->ring[own_uses[u].use];
		size_t kept = 0;

		for (size_t i = 0; i < r->n; i++) {
			enum co_rc rc = keeper_use(keeper, cert_sha256(r->at[i].c), NULL);

			if (rc != CO_OK && rc != CO_ENOTFOUND)
				return co_fail(err, rc, "the keeper does not answer");
			/* One that has ended signs no more, and is told all the same. */
			if (rc == CO_OK || cert_not_after_us(r->at[i].c) <= co_now_us())
				r->at[kept++] = r->at[i];
			else
				own_cert_drop(&r->at[i]);
		}
		r->n = kept;
		if (r->n == 0 && own_uses[u].use != CERT_TSA)
			return co_fail(err, CO_ECERT,
				"no %s certificate of this node can be used: comity selfcheck "
				"says why", own_uses[u].name);
		if (r->n > 0)
			atomic_store(&r->now, ring_choose(r, co_now_us(), NULL, NULL));
	}
	/* Asking made each of them sign: the first of all does now. */
	return keeper_use(keeper, cert_sha256(own_seal_first(o, co_now_us())), err);
}

const char *
own_root_pem(const struct own *o)
{
	return o->root_pem.data;
}

const struct cert *
own_seal_first(const struct own *o, int64_t now_us)
{
	const struct own_ring *r = &o->ring[CERT_SEAL];

	return r->at[ring_choose(r, now_us, NULL, NULL)].c;
}

enum co_rc
own_tls(const struct own *o, struct tls **out, struct keeper *keeper, tls_admit *admit, void *arg,
	struct co_err *err)
{
	const struct own_ring *r = &o->ring[CERT_TLS];
	tls_auto *t = NULL;

	TRY(tls_new(&t, r->at[0].chain.data, r->at[0].chain.len, keeper, admit, arg, err));
	for (size_t i = 1; i < r->n; i++)
		TRY(tls_add(t, r->at[i].chain.data, r->at[i].chain.len, err));
	tls_use(t, atomic_load(&r->now));
	*out = CO_TAKE(t);
	return CO_OK;
}

json_t *
own_pems(const struct own *o, enum cert_use use, int64_t now_us)
{
	const struct own_ring *r = &o->ring[use];
	json_t *out = json_array();

	for (size_t i = r->n; i > 0 && json_array_size(out) < OWN_LISTED; i--)
		if (cert_not_after_us(r->at[i - 1].c) > now_us)
			(void)json_array_append_new(out, json_string(r->at[i - 1].pem.data));
	if (json_array_size(out) == 0)
		(void)json_array_append_new(out, json_string(r->at[r->n - 1].pem.data));
	return out;
}

/* ---- what is in force ---- */

static void
settle_say(const struct own *o, const char *name, const struct cert *c)
{
	char to[CO_TIME_LEN], hex[SHA256_HEX + 1];

	if (!o->settled)
		return;
	co_time_print(cert_not_after_us(c), to);
	co_hex(cert_sha256(c), SHA256_LEN, hex);
	co_info("node", "the renewed %s certificate is in force, valid to %s, sha256=%s", name, to,
		hex);
}

enum co_rc
own_settle(struct own *o, int64_t now_us, own_known *known, void *arg, struct exchange *x,
	struct tls *tls, struct co_err *err)
{
	struct own_ring *seal = &o->ring[CERT_SEAL], *link = &o->ring[CERT_TLS];
	struct own_ring *stamp = &o->ring[CERT_TSA];
	size_t s = ring_choose(seal, now_us, known, arg);
	size_t t = ring_choose(link, now_us, known, arg);

	if (exchange_seal(x) != seal->at[s].c) {
		TRY(keeper_use(exchange_keeper(x), cert_sha256(seal->at[s].c), err));
		exchange_seal_use(x, seal->at[s].c);
		settle_say(o, "seal", seal->at[s].c);
	}
	atomic_store(&seal->now, s);
	if (atomic_exchange(&link->now, t) != t)
		settle_say(o, "tls", link->at[t].c);
	tls_use(tls, t);
	/* The keeper takes the newest of these, nobody has to know it before. */
	for (size_t i = stamp->n; i > 0; i--)
		if (cert_not_before_us(stamp->at[i - 1].c) <= now_us) {
			atomic_store(&stamp->now, i - 1);
			break;
		}
	o->settled = true;
	return CO_OK;
}

/* ---- telling ---- */

static bool
ends_soon(const struct cert *c, int64_t now_us)
{
	return cert_not_after_us(c) < now_us + OWN_SOON_DAYS * DAY_US;
}

static void
status_add(json_t *list, const char *use, const struct cert *c, const char *state, bool newest,
	int64_t now_us)
{
	char hex[SHA256_HEX + 1];
	json_t *o;

	co_hex(cert_sha256(c), SHA256_LEN, hex);
	o = json_pack("{s:s, s:s, s:s, s:b, s:s, s:b}", "use", use, "subject", cert_subject(c),
		"sha256", hex, "expired", cert_not_after_us(c) <= now_us, "state", state, "soon",
		newest && cert_not_after_us(c) > now_us && ends_soon(c, now_us));
	out_time(o, "not_after", cert_not_after_us(c));
	(void)json_array_append_new(list, o);
}

json_t *
own_status(const struct own *o, int64_t now_us)
{
	json_t *list = json_array();

	status_add(list, "root", o->root, "in-force", true, now_us);
	for (size_t u = 0; u < CO_ARRAY_LEN(own_uses); u++) {
		const struct own_ring *r = &o->ring[own_uses[u].use];
		size_t now = atomic_load(&r->now);

		for (size_t i = 0; i < r->n; i++)
			status_add(list, own_uses[u].name, r->at[i].c,
				i == now                                       ? "in-force"
					: i > now                              ? "ready"
					: cert_not_after_us(r->at[i].c) > now_us ? "kept"
									       : "ended",
				i == r->n - 1, now_us);
	}
	return list;
}

const char *
own_pem_of(const struct own *o, const char *hex)
{
	char mine[SHA256_HEX + 1];

	for (size_t u = 0; u < CO_ARRAY_LEN(own_uses); u++)
		for (size_t i = 0; i < o->ring[own_uses[u].use].n; i++) {
			const struct own_cert *c = &o->ring[own_uses[u].use].at[i];

			co_hex(cert_sha256(c->c), SHA256_LEN, mine);
			if (strcmp(mine, hex) == 0)
				return c->pem.data;
		}
	return NULL;
}

static void
warn_one(const char *use, const struct cert *c, int64_t now_us)
{
	char to[CO_TIME_LEN];

	if (!ends_soon(c, now_us))
		return;
	co_time_print(cert_not_after_us(c), to);
	if (strcmp(use, "root") == 0)
		co_warn("node",
			"the root certificate ends on %s: make a new node under another root "
			"before, and let partners accept it", to);
	else
		co_warn("node", "the %s certificate ends on %s: comity certificate renew %s", use,
			to, use);
}

void
own_warn(const struct own *o, int64_t now_us)
{
	warn_one("root", o->root, now_us);
	for (size_t u = 0; u < CO_ARRAY_LEN(own_uses); u++) {
		const struct own_ring *r = &o->ring[own_uses[u].use];

		if (r->n > 0)
			warn_one(own_uses[u].name, r->at[r->n - 1].c, now_us);
	}
}
