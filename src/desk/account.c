#include "desk/account.h"
#include "desk/inside.h"
#include "desk/passkey.h"

#include "base/clock.h"
#include "base/enc.h"
#include "crypto/digest.h"

#include <argon2.h>
#include <liboath/oath.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
	ARGON_PASSES = 3,
	ARGON_KIB = 65536,
	ARGON_LANES = 1,
	SALT_LEN = 16,
	TAG_LEN = 32,
	TOTP_PERIOD_S = 30,
	TOTP_DIGITS = 6,
	CHECKS_MAX = 2 /* at once: fewer than loops, so that guessing stops no page */
};

static const char account_denied[] = "That does not let you in. Check officer, password and "
				     "one-time code; a code works once. If it "
				     "goes on, ask an administrator for an invitation";

/* 64 MiB a guess: one at a time, so that guessing cannot eat the machine. */
static pthread_mutex_t argon_lock = PTHREAD_MUTEX_INITIALIZER;

enum co_rc
password_acceptable(const char *officer, const char *password, struct co_err *err)
{
	static const char *const famous[] = { "password", "123456", "qwerty", "letmein", "comity" };
	size_t n = strlen(password);

	if (n < ACCOUNT_PASSWORD_MIN || n > ACCOUNT_PASSWORD_MAX)
		return co_fail(err, CO_EUSAGE,
			"a password has %d to %d characters; four or five "
			"words that do not belong together are good",
			ACCOUNT_PASSWORD_MIN, ACCOUNT_PASSWORD_MAX);
	if (strcasestr(password, officer) != NULL)
		return co_fail(err, CO_EUSAGE, "choose a password without your own name in it");
	for (size_t i = 0; i < CO_ARRAY_LEN(famous); i++)
		if (strcasestr(password, famous[i]) != NULL)
			return co_fail(err, CO_EUSAGE,
				"choose a password without \"%s\" in it: it is tried first",
				famous[i]);
	return CO_OK;
}

enum co_rc
password_hash(const char *password, char out[128], struct co_err *err)
{
	unsigned char salt[SALT_LEN];
	int r;

	crypto_random(salt, sizeof(salt));
	(void)pthread_mutex_lock(&argon_lock);
	r = argon2id_hash_encoded(ARGON_PASSES, ARGON_KIB, ARGON_LANES, password, strlen(password),
		salt, sizeof(salt), TAG_LEN, out, 128);
	(void)pthread_mutex_unlock(&argon_lock);
	return r == ARGON2_OK ? CO_OK
			      : co_fail(err, CO_ENOMEM, "password: %s", argon2_error_message(r));
}

bool
password_holds(const char *encoded, const char *password)
{
	int r;

	if (strlen(password) > ACCOUNT_PASSWORD_MAX)
		return false;
	(void)pthread_mutex_lock(&argon_lock);
	r = argon2id_verify(encoded, password, strlen(password));
	(void)pthread_mutex_unlock(&argon_lock);
	return r == ARGON2_OK;
}

/* ---- one-time codes ---- */

int64_t
totp_step(const unsigned char key[ACCOUNT_TOTP_KEY], const char *code, int64_t now_us)
{
	int64_t now = now_us / 1000000 / TOTP_PERIOD_S;
	int64_t found = 0;
	char want[TOTP_DIGITS + 1];

	if (strlen(code) != TOTP_DIGITS)
		return 0;
	for (int64_t step = now - 1; step <= now + 1; step++) {
		if (oath_hotp_generate((const char *)key, ACCOUNT_TOTP_KEY, (uint64_t)step,
			    TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, want) == OATH_OK &&
			crypto_equal(want, code, TOTP_DIGITS))
			found = step;
	}
	return found;
}

void
totp_base32(const unsigned char key[ACCOUNT_TOTP_KEY], char out[40])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	/* 20 bytes are 32 letters without a rest. */
	for (size_t i = 0; i < ACCOUNT_TOTP_KEY; i += 5) {
		uint64_t v = 0;

		for (size_t k = 0; k < 5; k++)
			v = v << 8 | key[i + k];
		for (size_t k = 0; k < 8; k++)
			out[i / 5 * 8 + k] = letters[v >> (35 - 5 * k) & 31];
	}
	out[32] = '\0';
}

void
totp_uri(const unsigned char key[ACCOUNT_TOTP_KEY], const char *issuer, const char *officer,
	char out[512])
{
	char secret[40];

	totp_base32(key, secret);
	(void)snprintf(out, 512, "otpauth://totp/%s:%s?secret=%s&issuer=%s", issuer, officer,
		secret, issuer);
	crypto_wipe(secret, sizeof(secret));
}

/* ---- checking ---- */

struct way {
	int64_t id, counter;
	char encoded[160];
	unsigned char key[ACCOUNT_TOTP_KEY];
	bool found;
};

static enum co_rc
way_load(struct store_db *db, const char *officer, const char *kind, struct way *out,
	struct co_err *err)
{
	store_stmt_auto *st = NULL;
	const void *p;
	bool row;
	size_t n;

	*out = (struct way){ .found = false };
	TRY(store_query(db, Q_SIGN_IN_OF, &st, err, "ttt", officer, kind, kind));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	out->id = store_int(st, 0);
	out->counter = store_int(st, 5);
	p = store_blob(st, 4, &n);
	if (strcmp(kind, "totp") == 0 && n == sizeof(out->key))
		memcpy(out->key, p, n);
	else if (strcmp(kind, "password") == 0 && n < sizeof(out->encoded))
		memcpy(out->encoded, p, n);
	else
		return co_fail(err, CO_ESTORE, "the way %s signs in is damaged", officer);
	out->found = true;
	return CO_OK;
}

struct used_job {
	const struct way *password, *totp;
	int64_t now_us, step, changes;
};

/* A step is taken only if it is later than the last one taken: a code works once. */
static enum co_rc
used_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct used_job *j = arg;

	TRY(store_run(db, &j->changes, Q_SIGN_IN_USED, err, "iiii", j->now_us, j->step, j->totp->id,
		j->step));
	return store_run(db, NULL, Q_SIGN_IN_TOUCHED, err, "ii", j->now_us, j->password->id);
}

static enum co_rc
account_check_now(struct exchange *x, const char *officer, const char *password, const char *code,
	int64_t now_us, struct co_err *err)
{
	/* For an officer who does not exist the same work is done, so that time tells nothing. */
	static const char nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
				     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	struct way word, totp;
	struct used_job j = { &word, &totp, now_us, 0, 0 };
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row, holds;

	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_OFFICER_ROLE, &st, err, "t", officer));
	TRY(store_step(st, &row, err));
	TRY(way_load(db, officer, "password", &word, err));
	TRY(way_load(db, officer, "totp", &totp, err));
	holds = password_holds(word.found ? word.encoded : nobody, password);
	j.step = totp.found ? totp_step(totp.key, code, now_us) : 0;
	crypto_wipe(totp.key, sizeof(totp.key));
	if (!row || !holds || !word.found || j.step == 0)
		return co_fail(err, CO_EDENIED, "%s", account_denied);
	TRY(store_write(exchange_store(x), used_work, &j, err));
	return j.changes == 1 ? CO_OK : co_fail(err, CO_EDENIED, "%s", account_denied);
}

enum co_rc
account_check(struct exchange *x, const char *officer, const char *password, const char *code,
	int64_t now_us, struct co_err *err)
{
	static atomic_uint under_way;
	enum co_rc rc;

	if (atomic_fetch_add(&under_way, 1) < CHECKS_MAX)
		rc = account_check_now(x, officer, password, code, now_us, err);
	else
		rc = co_fail(err, CO_EBUSY,
			"many are signing in at this moment; go back, wait some seconds, and send "
			"it again");
	(void)atomic_fetch_sub(&under_way, 1);
	return rc;
}

/* ---- invitations ---- */

enum co_rc
desk_invite(struct store_db *db, const char *officer, const char *made_by, unsigned hours,
	char code[65], struct co_err *err)
{
	unsigned char secret[32], digest[SHA256_LEN];
	int64_t now_us = co_now_us();

	crypto_random(secret, sizeof(secret));
	co_hex(secret, sizeof(secret), code);
	crypto_wipe(secret, sizeof(secret));
	sha256(code, 64, digest);
	return store_run(db, NULL, Q_INVITATION_ADD, err, "bttii", digest, sizeof(digest), officer,
		made_by, now_us, now_us + (int64_t)hours * 3600 * 1000000);
}

static const char invitation_gone[] = "This link was used or is too old. An administrator makes a "
				      "new one: comity user invite OFFICER";

enum co_rc
invitation_of(
	struct exchange *x, const char *code, char officer[LIMIT_NAME + 1], struct co_err *err)
{
	unsigned char digest[SHA256_LEN];
	store_stmt_auto *st = NULL;
	struct store_db *db;
	bool row = false;

	if (strlen(code) != 64)
		return co_fail(err, CO_EDENIED, "%s", invitation_gone);
	sha256(code, 64, digest);
	TRY(store_reader(exchange_store(x), &db, err));
	TRY(store_query(db, Q_INVITATION_GET, &st, err, "bi", digest, sizeof(digest), co_now_us()));
	TRY(store_step(st, &row, err));
	if (!row)
		return co_fail(err, CO_EDENIED, "%s", invitation_gone);
	(void)snprintf(officer, LIMIT_NAME + 1, "%s", store_text(st, 0));
	return CO_OK;
}

struct set_job {
	unsigned char digest[SHA256_LEN];
	const char *officer, *encoded;
	const unsigned char *key;
	int64_t now_us, step;
	const char *name;
	const struct webauthn_key *passkey;
};

/* The invitation is used up, and what was set before is gone: it may be why there is a new one. */
static enum co_rc
set_begin(struct store_db *db, const struct set_job *j, struct co_err *err)
{
	static const char *const ways[] = { "password", "totp", "passkey", "certificate" };
	int64_t changes = 0;

	TRY(store_run(db, &changes, Q_INVITATION_USE, err, "ibi", j->now_us, j->digest,
		sizeof(j->digest), j->now_us));
	if (changes != 1)
		return co_fail(err, CO_EDENIED, "%s", invitation_gone);
	for (size_t i = 0; i < CO_ARRAY_LEN(ways); i++)
		TRY(store_run(db, NULL, Q_SIGN_IN_REPLACE, err, "tt", j->officer, ways[i]));
	return CO_OK;
}

static enum co_rc
set_passkey_work(struct store_db *db, void *arg, struct co_err *err)
{
	const struct set_job *j = arg;

	TRY(set_begin(db, j, err));
	return passkey_put(db, j->officer, j->name, j->passkey, j->now_us, err);
}

enum co_rc
account_set_passkey(struct exchange *x, const char *invitation, const char *name,
	const struct webauthn_key *key, char officer[LIMIT_NAME + 1], struct co_err *err)
{
	struct set_job j = {
		.officer = officer, .now_us = co_now_us(), .name = name, .passkey = key
	};

	TRY(invitation_of(x, invitation, officer, err));
	sha256(invitation, 64, j.digest);
	return store_write(exchange_store(x), set_passkey_work, &j, err);
}

static enum co_rc
set_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct set_job *j = arg;
	int64_t id;

	TRY(set_begin(db, j, err));
	TRY(store_run(db, NULL, Q_SIGN_IN_ADD, err, "tttbbi", j->officer, "password", "password",
		NULL, (size_t)0, j->encoded, strlen(j->encoded), j->now_us));
	TRY(store_run(db, NULL, Q_SIGN_IN_ADD, err, "tttbbi", j->officer, "totp", "one-time code",
		NULL, (size_t)0, j->key, (size_t)ACCOUNT_TOTP_KEY, j->now_us));
	id = store_last_rowid(db);
	return store_run(db, NULL, Q_SIGN_IN_USED, err, "iiii", j->now_us, j->step, id, j->step);
}

enum co_rc
account_set(struct exchange *x, const char *invitation, const char *password,
	const unsigned char key[ACCOUNT_TOTP_KEY], int64_t step, char officer[LIMIT_NAME + 1],
	struct co_err *err)
{
	struct set_job j = { .officer = officer, .key = key, .now_us = co_now_us(), .step = step };
	char encoded[128];

	TRY(invitation_of(x, invitation, officer, err));
	TRY(password_acceptable(officer, password, err));
	TRY(password_hash(password, encoded, err));
	sha256(invitation, 64, j.digest);
	j.encoded = encoded;
	return store_write(exchange_store(x), set_work, &j, err);
}
