#include "exchange/partner.h"

#include "base/enc.h"
#include "base/log.h"
#include "crypto/cms.h"
#include "exchange/inside.h"

struct seal_state {
	int64_t from_us, to_us; /* valid between, with the root's own validity taken in */
	char revoked[128];      /* why; "" when not */
};

/* Holds its snapshot, so that a borrowed partner can be given back by pointer alone. */
struct pinned {
	struct partner p;
	struct snapshot *home;
	struct seal_state seal[PARTNER_CERTS];
	bool tls_revoked[PARTNER_CERTS];
	char state[16];
	int64_t valid_to_us; /* of the entry; INT64_MAX when it names none */
};

struct tls_pin {
	unsigned char sha256[SHA256_LEN];
	const struct pinned *of;
};

/* Immutable once published; freed by the last who borrows. */
struct snapshot {
	atomic_size_t users;
	struct pinned *partners; /* by address */
	size_t n;
	struct tls_pin *pins; /* by fingerprint */
	size_t pins_n;
};

void
snapshot_drop(struct snapshot *s)
{
	if (s == NULL || atomic_fetch_sub(&s->users, 1) != 1)
		return;
	for (size_t i = 0; i < s->n; i++)
		partner_deinit(&s->partners[i].p);
	free(s->partners);
	free(s->pins);
	free(s);
}

static struct snapshot *
snapshot_use(struct exchange *x)
{
	struct snapshot *s;

	pthread_rwlock_rdlock(&x->snap_lock);
	s = x->snap;
	if (s != NULL)
		atomic_fetch_add(&s->users, 1);
	pthread_rwlock_unlock(&x->snap_lock);
	return s;
}

static void
snapshot_unuse(struct snapshot **s)
{
	snapshot_drop(*s);
}
#define snapshot_auto CO_CLEANUP(snapshot_unuse) struct snapshot

static int
by_address(const void *a, const void *b)
{
	return strcmp(a, ((const struct pinned *)b)->p.address);
}

static int
by_pin(const void *a, const void *b)
{
	return memcmp(a, ((const struct tls_pin *)b)->sha256, SHA256_LEN);
}

static int
pin_order(const void *a, const void *b)
{
	return memcmp(((const struct tls_pin *)a)->sha256, ((const struct tls_pin *)b)->sha256,
		SHA256_LEN);
}

/* ---- making a snapshot ---- */

static void
mark_revoked(struct pinned *p, const unsigned char sha256[SHA256_LEN], const char *reason)
{
	for (size_t i = 0; i < p->p.seal_n; i++) {
		if (memcmp(cert_sha256(p->p.seal[i]), sha256, SHA256_LEN) == 0)
			(void)snprintf(p->seal[i].revoked, sizeof(p->seal[i].revoked), "%s",
				reason[0] == '\0' ? "no reason given" : reason);
	}
	for (size_t i = 0; i < p->p.tls_n; i++) {
		if (memcmp(p->p.tls_sha256[i], sha256, SHA256_LEN) == 0)
			p->tls_revoked[i] = true;
	}
}

/* What the entry itself says of its certificates: the ones it gave up, and until when it holds. */
static void
entry_terms(struct pinned *p, const json_t *body)
{
	const char *to = json_string_value(json_object_get(body, "valid_to"));
	const json_t *list = json_object_get(body, "revoked");
	const json_t *one;
	size_t i;

	p->valid_to_us = INT64_MAX;
	if (to != NULL && co_time_parse(to, &p->valid_to_us, NULL) != CO_OK)
		p->valid_to_us = 0;
	json_array_foreach(list, i, one)
	{
		const char *hex = json_string_value(json_object_get(one, "sha256"));
		const char *why = json_string_value(json_object_get(one, "reason"));
		unsigned char sha256[SHA256_LEN];

		if (hex != NULL && co_unhex(hex, sha256, sizeof(sha256)))
			mark_revoked(p, sha256, why == NULL ? "" : why);
	}
}

static enum co_rc
pinned_make(struct pinned *out, const char *state, const char *entry, size_t n, struct co_err *err)
{
	record_auto r;

	record_init(&r);
	TRY(record_parse(&r, entry, n, err));
	TRY(partner_from_entry(&out->p, &r, err));
	(void)snprintf(out->state, sizeof(out->state), "%s", state);
	out->p.accepted = strcmp(state, "accepted") == 0;
	for (size_t i = 0; i < out->p.seal_n; i++) {
		int64_t from = cert_not_before_us(out->p.seal[i]),
			to = cert_not_after_us(out->p.seal[i]);

		if (from < cert_not_before_us(out->p.root))
			from = cert_not_before_us(out->p.root);
		if (to > cert_not_after_us(out->p.root))
			to = cert_not_after_us(out->p.root);
		out->seal[i].from_us = from;
		out->seal[i].to_us = to;
	}
	entry_terms(out, r.body);
	return CO_OK;
}

static enum co_rc
partners_read(struct snapshot *s, struct store_db *db, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	size_t cap = 0;
	bool row;

	TRY(store_query(db, Q_PARTNER_ALL, &st, err, ""));
	for (;;) {
		struct pinned *p;
		struct co_err why = { CO_OK, "" };
		const char *entry;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		if (s->n == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			p = realloc(s->partners, cap * sizeof(*p));
			if (p == NULL)
				return co_fail(err, CO_ENOMEM, "partners");
			s->partners = p;
		}
		p = &s->partners[s->n];
		*p = (struct pinned){ .home = s };
		entry = store_text(st, 2);
		if (pinned_make(p, store_text(st, 1), entry, strlen(entry), &why) != CO_OK) {
			co_warn("exchange",
				"the stored entry of %s is not usable and is left out: %s",
				store_text(st, 0), why.msg);
			continue;
		}
		s->n++;
	}
}

static enum co_rc
revoked_read(struct snapshot *s, struct store_db *db, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_REVOKED_ALL, &st, err, ""));
	for (;;) {
		const void *sha256;
		size_t n;

		TRY(store_step(st, &row, err));
		if (!row)
			return CO_OK;
		sha256 = store_blob(st, 0, &n);
		for (size_t i = 0; n == SHA256_LEN && i < s->n; i++)
			mark_revoked(&s->partners[i], sha256, store_text(st, 3));
	}
}

static enum co_rc
pins_make(struct snapshot *s, struct co_err *err)
{
	s->pins = calloc(s->n * PARTNER_CERTS + 1, sizeof(*s->pins));
	if (s->pins == NULL)
		return co_fail(err, CO_ENOMEM, "partners");
	for (size_t i = 0; i < s->n; i++) {
		const struct pinned *p = &s->partners[i];

		for (size_t k = 0; k < p->p.tls_n; k++) {
			if (!p->p.accepted || p->tls_revoked[k])
				continue;
			s->pins[s->pins_n].of = p;
			memcpy(s->pins[s->pins_n++].sha256, p->p.tls_sha256[k], SHA256_LEN);
		}
	}
	qsort(s->pins, s->pins_n, sizeof(*s->pins), pin_order);
	return CO_OK;
}

enum co_rc
partner_reload(struct exchange *x, struct co_err *err)
{
	snapshot_auto *s = calloc(1, sizeof(*s));
	struct snapshot *old;
	struct store_db *db;

	if (s == NULL)
		return co_fail(err, CO_ENOMEM, "partners");
	atomic_store(&s->users, 1);
	TRY(store_reader(x->store, &db, err));
	TRY(partners_read(s, db, err));
	TRY(revoked_read(s, db, err));
	TRY(pins_make(s, err));
	pthread_rwlock_wrlock(&x->snap_lock);
	old = x->snap;
	x->snap = CO_TAKE(s);
	pthread_rwlock_unlock(&x->snap_lock);
	snapshot_drop(old);
	return CO_OK;
}

/* ---- using it ---- */

/* bsearch over an array that the snapshot keeps alive; NULL when unknown. */
static struct pinned *
pinned_find(const struct snapshot *s, const char *address)
{
	return s == NULL || s->n == 0
		? NULL
		: bsearch(address, s->partners, s->n, sizeof(*s->partners), by_address);
}

static enum co_rc
pinned_usable(const struct pinned *p, const char *address, int64_t now_us, struct co_err *err)
{
	char to[CO_TIME_LEN];

	if (p == NULL)
		return co_fail(err, CO_ENOTFOUND,
			"%s is not in this node's directory; add its entry first", address);
	if (!p->p.accepted)
		return co_fail(err, CO_EDENIED,
			"%s is %s here, not accepted; an operator must accept it first", address,
			p->state);
	if (now_us > p->valid_to_us) {
		co_time_print(p->valid_to_us, to);
		return co_fail(err, CO_EDENIED,
			"the directory entry of %s ended on %s; ask it for a new one", address, to);
	}
	return CO_OK;
}

enum co_rc
partner_get(struct exchange *x, const char *address, const struct partner **out, struct co_err *err)
{
	snapshot_auto *s = snapshot_use(x);
	const struct pinned *p = pinned_find(s, address);

	TRY(pinned_usable(p, address, co_now_us(), err));
	*out = &p->p;
	s = NULL; /* partner_put gives it back */
	return CO_OK;
}

void
partner_put(struct exchange *x, const struct partner **p)
{
	(void)x;
	if (*p == NULL)
		return;
	/* p is the first member of the pinned it belongs to. */
	snapshot_drop(((const struct pinned *)(const void *)*p)->home);
	*p = NULL;
}

bool
partner_root(struct exchange *x, const char *address, unsigned char sha256[SHA256_LEN])
{
	snapshot_auto *s = snapshot_use(x);
	const struct pinned *p = pinned_find(s, address);

	if (p == NULL)
		return false;
	memcpy(sha256, cert_sha256(p->p.root), SHA256_LEN);
	return true;
}

bool
partner_admit(void *arg, const unsigned char sha256[SHA256_LEN], char *address, size_t cap)
{
	snapshot_auto *s = snapshot_use(arg);
	const struct tls_pin *pin;

	if (s == NULL || s->pins_n == 0)
		return false;
	pin = bsearch(sha256, s->pins, s->pins_n, sizeof(*s->pins), by_pin);
	if (pin == NULL || co_now_us() > pin->of->valid_to_us)
		return false;
	(void)snprintf(address, cap, "%s", pin->of->p.address);
	return true;
}

static enum co_rc
seal_usable(const struct pinned *p, size_t i, int64_t now_us, struct co_err *err)
{
	const struct seal_state *seal = &p->seal[i];
	const char *subject = cert_subject(p->p.seal[i]);
	char when[CO_TIME_LEN];

	if (seal->revoked[0] != '\0')
		return co_fail(err, CO_ECERT, "signed with %s of %s, which is revoked: %s", subject,
			p->p.address, seal->revoked);
	if (now_us > seal->to_us) {
		co_time_print(seal->to_us, when);
		return co_fail(err, CO_ECERT, "signed with %s of %s, which expired on %s", subject,
			p->p.address, when);
	}
	if (now_us < seal->from_us) {
		co_time_print(seal->from_us, when);
		return co_fail(err, CO_ECERT, "signed with %s of %s, which is valid only from %s",
			subject, p->p.address, when);
	}
	return CO_OK;
}

enum co_rc
partner_verify(struct exchange *x, const char *address, const void *bytes, size_t n,
	const void *sig, size_t sig_n, struct co_err *err)
{
	snapshot_auto *s = snapshot_use(x);
	const struct pinned *p = pinned_find(s, address);
	const struct cert *allowed[PARTNER_CERTS] = { NULL };
	struct cms_seen seen = { 0 };
	int64_t now_us = co_now_us();

	TRY(pinned_usable(p, address, now_us, err));
	for (size_t i = 0; i < p->p.seal_n; i++)
		allowed[i] = p->p.seal[i];
	TRY(cms_verify(sig, sig_n, bytes, n, allowed, p->p.seal_n, &seen, err));
	return seal_usable(p, seen.signer, now_us, err);
}
