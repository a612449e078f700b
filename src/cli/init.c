#include "cli/run.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fs.h"
#include "base/zone.h"
#include "cli/identity.h"
#include "cli/where.h"
#include "crypto/cert.h"
#include "desk/desk.h"
#include "exchange/op.h"
#include "ledger/note.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define EARLY_US (3600ll * 1000000) /* a partner whose clock is behind accepts it */
#define YEAR_US (366ll * 24 * 3600 * 1000000)
enum { ROOT_YEARS = 20 };
enum { INVITATION_HOURS = 72 };
enum { SECRET_BYTES = 32, SECRET_TEXT = 64 };

struct setup {
	struct cli *c;
	struct config conf;
	char tmp[PATH_MAX - 64]; /* everything is made here, then renamed */
	char secret[SECRET_TEXT];
	int64_t now_us;
	struct key *root_key;
	struct cert *root;
	char link[LIMIT_NAME + 128]; /* of the first administrator, to the desk */
};

static void
setup_deinit(struct setup *s)
{
	crypto_wipe(s->secret, sizeof(s->secret));
	crypto_wipe(s->link, sizeof(s->link));
	key_free(&s->root_key);
	cert_free(&s->root);
}

static enum co_rc
inside(const struct setup *s, const char *name, char out[PATH_MAX], struct co_err *err)
{
	if (snprintf(out, PATH_MAX, "%s/%s", s->tmp, name) >= PATH_MAX)
		return co_fail(err, CO_ETOOBIG, "the path %s is too long", s->tmp);
	return CO_OK;
}

static enum co_rc
put_file(const struct setup *s, const char *name, const void *p, size_t n, mode_t mode,
	struct co_err *err)
{
	char path[PATH_MAX];
	enum co_rc rc = inside(s, name, path, err);

	return rc == CO_OK ? co_write_file(path, p, n, mode, err) : rc;
}

static enum co_rc
put_cert(const struct setup *s, const char *name, const struct cert *c, struct co_err *err)
{
	co_auto_buf pem;
	enum co_rc rc;

	co_buf_init(&pem, LIMIT_CERT);
	rc = cert_pem(c, &pem, err);
	return rc == CO_OK ? put_file(s, name, pem.data, pem.len, 0644, err) : rc;
}

static enum co_rc
put_key(const struct setup *s, const char *name, const struct key *k, struct co_err *err)
{
	char path[PATH_MAX];
	enum co_rc rc = inside(s, name, path, err);

	return rc == CO_OK ? key_save(k, path, s->secret, err) : rc;
}

static enum co_rc
make_folders(struct setup *s, struct co_err *err)
{
	static const char *const names[] = { "keys", "secret", "certs", "vault", "run",
		"officers" };
	char path[PATH_MAX];
	enum co_rc rc;

	if (mkdir(s->tmp, 0700) != 0)
		return co_fail_errno(err, "make the folder %s", s->tmp);
	for (size_t i = 0; i < CO_ARRAY_LEN(names); i++) {
		rc = inside(s, names[i], path, err);
		if (rc != CO_OK)
			return rc;
		if (mkdir(path, 0700) != 0)
			return co_fail_errno(err, "make the folder %s", path);
	}
	return CO_OK;
}

static enum co_rc
make_secret(struct setup *s, struct co_err *err)
{
	unsigned char raw[SECRET_BYTES];
	co_auto_buf b;
	enum co_rc rc;

	co_buf_init(&b, SECRET_TEXT - 1);
	crypto_random(raw, sizeof(raw));
	rc = co_base64_add(&b, raw, sizeof(raw), err);
	crypto_wipe(raw, sizeof(raw));
	if (rc != CO_OK)
		return rc;
	memcpy(s->secret, b.data, b.len + 1);
	rc = put_file(s, "secret/passphrase", b.data, b.len, 0600, err);
	crypto_wipe(b.data, b.len);
	return rc;
}

/* A key that was brought: a PKCS#11 object stays where it is, a file is stored under our
 * passphrase. */
static enum co_rc
bring_key(struct setup *s, const char *where, const char *name, char *conf, struct key **out,
	struct co_err *err)
{
	bool token = strncmp(where, "pkcs11:", 7) == 0;
	const char *file = cli_get(s->c, token ? "pin-file" : "key-secret-file");
	char secret[LIMIT_NAME + 1];
	enum co_rc rc = identity_secret(file, secret, err);

	if (rc == CO_OK)
		rc = key_load(out, where, file == NULL ? NULL : secret, err);
	crypto_wipe(secret, sizeof(secret));
	if (rc != CO_OK)
		return rc;
	if (!token)
		return put_key(s, name, *out, err);
	if (strlen(where) >= CONFIG_TEXT)
		return co_fail(err, CO_ETOOBIG, "the URI of the key is too long");
	memcpy(conf, where, strlen(where) + 1);
	return CO_OK;
}

static enum co_rc
make_root(struct setup *s, struct co_err *err)
{
	char cn[LIMIT_ADDRESS + 8];
	struct cert_ask ask = { CERT_ROOT, s->conf.name, s->conf.economy, cn, s->now_us - EARLY_US,
		s->now_us + ROOT_YEARS * YEAR_US };
	const char *brought = cli_get(s->c, "root-cert");
	enum co_rc rc;

	if (brought != NULL) {
		rc = cert_load(&s->root, brought, err);
	} else {
		(void)snprintf(cn, sizeof(cn), "%s root", s->conf.address);
		rc = key_generate(&s->root_key, KEY_P256, err);
		if (rc == CO_OK)
			rc = cert_issue(&s->root, &ask, s->root_key, NULL, s->root_key, err);
		if (rc == CO_OK)
			rc = put_key(s, "keys/root.key", s->root_key, err);
	}
	return rc == CO_OK ? put_cert(s, "certs/root.pem", s->root, err) : rc;
}

static enum co_rc
identity_cert(struct setup *s, const struct identity *id, const struct key *key,
	const char *option, struct cert **out, struct co_err *err)
{
	const char *brought = cli_get(s->c, option);

	if (brought == NULL && s->root_key == NULL)
		return co_fail(err, CO_EUSAGE,
			"with --root-cert, --%s-key and --%s are needed too: without "
			"the root's key no certificate can be issued here", id->name, option);
	if (brought == NULL)
		return identity_issue(out, id, &s->conf, key, s->root, s->root_key, err);
	if (identity_brought(out, id, brought, key, s->root, err) != CO_OK)
		return co_wrap(err, "--%s", option);
	return CO_OK;
}

static enum co_rc
make_identity(struct setup *s, const struct identity *id, struct co_err *err)
{
	char key_option[16], cert_option[16], key_name[32], cert_name[32];
	const char *where;
	key_auto *key = NULL;
	cert_auto *cert = NULL;
	enum co_rc rc;

	(void)snprintf(key_option, sizeof(key_option), "%s-key", id->name);
	(void)snprintf(cert_option, sizeof(cert_option), "%s-cert", id->name);
	(void)snprintf(key_name, sizeof(key_name), "keys/%s.key", id->name);
	(void)snprintf(cert_name, sizeof(cert_name), "certs/%s.pem", id->name);
	where = cli_get(s->c, key_option);
	if (where == NULL) {
		rc = key_generate(&key, KEY_P256, err);
		if (rc == CO_OK)
			rc = put_key(s, key_name, key, err);
	} else {
		rc = bring_key(s, where, key_name, (char *)&s->conf + id->conf_key, &key, err);
		if (rc != CO_OK)
			return co_wrap(err, "--%s", key_option);
	}
	if (rc == CO_OK)
		rc = identity_cert(s, id, key, cert_option, &cert, err);
	return rc == CO_OK ? put_cert(s, cert_name, cert, err) : rc;
}

static enum co_rc
make_log_key(struct setup *s, struct co_err *err)
{
	key_auto *key = NULL;
	unsigned char pub[ED25519_PUB];
	char origin[LIMIT_ADDRESS + 8];
	co_auto_buf vkey;
	enum co_rc rc = key_generate(&key, KEY_ED25519, err);

	co_buf_init(&vkey, CONFIG_TEXT - 1);
	if (rc == CO_OK)
		rc = put_key(s, "keys/log.key", key, err);
	if (rc == CO_OK)
		rc = ed25519_public(key, pub, err);
	(void)snprintf(origin, sizeof(origin), "%s/ledger", s->conf.address);
	if (rc == CO_OK)
		rc = vkey_print(origin, pub, &vkey, err);
	if (rc == CO_OK)
		memcpy(s->conf.vkey, vkey.data, vkey.len + 1);
	return rc;
}

static enum co_rc
make_conf(struct setup *s, struct co_err *err)
{
	const char *pin = cli_get(s->c, "pin-file");
	char whole[PATH_MAX];
	co_auto_buf b;
	enum co_rc rc = CO_OK;

	co_buf_init(&b, LIMIT_CONFIG);
	if (pin != NULL && realpath(pin, whole) == NULL)
		return co_fail_errno(err, "--pin-file %s", pin);
	if (pin != NULL)
		rc = config_set(&s->conf, "pin_file", whole, err);
	if (rc == CO_OK)
		rc = config_print(&s->conf, &b, err);
	return rc == CO_OK ? put_file(s, "comity.conf", b.data, b.len, 0600, err) : rc;
}

struct officers_job {
	struct setup *s;
	const char *name, *role;
	char token[65], code[65];
};

static enum co_rc
officer_work(struct store_db *db, void *arg, struct co_err *err)
{
	struct officers_job *j = arg;

	enum co_rc rc = officer_add(db, j->name, j->role, j->token, err);

	return rc == CO_OK ? desk_invite(db, j->name, "init", INVITATION_HOURS, j->code, err) : rc;
}

/* The link to the desk, for one who begins there; kept beside the token, since both are secrets. */
static enum co_rc
make_link(struct setup *s, const char *name, const char *code, struct co_err *err)
{
	const char *colon = strrchr(s->conf.desk, ':');
	char file[LIMIT_NAME + 32], line[LIMIT_NAME + 128];
	enum co_rc rc;

	if (colon == NULL)
		return CO_OK; /* off */
	(void)snprintf(file, sizeof(file), "officers/%s.link", name);
	(void)snprintf(line, sizeof(line), "http://localhost%s/welcome?code=%s\n", colon, code);
	rc = put_file(s, file, line, strlen(line), 0600, err);
	if (strcmp(name, "admin") == 0)
		(void)snprintf(s->link, sizeof(s->link), "%.*s", (int)strlen(line) - 1, line);
	crypto_wipe(line, sizeof(line));
	return rc;
}

static enum co_rc
make_officer(struct setup *s, struct store *store, const char *name, const char *role,
	struct co_err *err)
{
	struct officers_job j = { s, name, role, "", "" };
	char file[LIMIT_NAME + 32], line[80];
	enum co_rc rc;

	if (strchr(name, '/') != NULL || name[0] == '.' || name[0] == '\0' || strlen(name) > 64)
		return co_fail(err, CO_EUSAGE, "\"%s\" cannot be an officer's name", name);
	rc = store_write(store, officer_work, &j, err);
	if (rc != CO_OK)
		return co_wrap(err, "officer %s", name);
	(void)snprintf(file, sizeof(file), "officers/%s.token", name);
	(void)snprintf(line, sizeof(line), "%s\n", j.token);
	rc = put_file(s, file, line, strlen(line), 0600, err);
	crypto_wipe(line, sizeof(line));
	crypto_wipe(j.token, sizeof(j.token));
	if (rc == CO_OK)
		rc = make_link(s, name, j.code, err);
	crypto_wipe(j.code, sizeof(j.code));
	return rc;
}

static enum co_rc
make_store(struct setup *s, struct co_err *err)
{
	store_auto *store = NULL;
	char path[PATH_MAX], name[LIMIT_NAME + 1];
	const char *more, *colon;
	enum co_rc rc = inside(s, "node.db", path, err);

	if (rc == CO_OK)
		rc = store_open(&store, path, err);
	if (rc == CO_OK)
		rc = make_officer(s, store, "admin", "administrator", err);
	for (size_t i = 0; rc == CO_OK && (more = cli_nth(s->c, "officer", i)) != NULL; i++) {
		colon = strchr(more, ':');
		if (colon == NULL || (size_t)(colon - more) >= sizeof(name))
			return co_fail(err, CO_EUSAGE, "--officer wants NAME:ROLE, not \"%s\"",
				more);
		(void)snprintf(name, sizeof(name), "%.*s", (int)(colon - more), more);
		rc = make_officer(s, store, name, colon + 1, err);
	}
	return rc;
}

static enum co_rc
make_all(struct setup *s, struct co_err *err)
{
	enum co_rc rc = make_folders(s, err);

	if (rc == CO_OK)
		rc = make_secret(s, err);
	if (rc == CO_OK)
		rc = make_root(s, err);
	for (size_t i = 0; rc == CO_OK && i < IDENTITIES; i++)
		rc = make_identity(s, &identities[i], err);
	if (rc == CO_OK)
		rc = make_log_key(s, err);
	if (rc == CO_OK)
		rc = make_store(s, err);
	if (rc == CO_OK)
		rc = make_conf(s, err);
	return rc == CO_OK ? co_fsync_dir(s->tmp, err) : rc;
}

/* What was given -> the configuration; option names are the keys' with a dash. */
static enum co_rc
take_conf(struct setup *s, struct co_err *err)
{
	static const char *const keys[] = { "address", "name", "economy", "role", "url", "listen",
		"timezone", "hours", "languages", "desk" };
	co_zone_auto *zone = NULL;
	enum co_rc rc = CO_OK;

	config_defaults(&s->conf);
	for (size_t i = 0; rc == CO_OK && i < CO_ARRAY_LEN(keys); i++) {
		const char *v = cli_get(s->c, keys[i]);

		if (v != NULL)
			rc = config_set(&s->conf, keys[i], v, err);
		if (rc != CO_OK)
			return co_wrap(err, "--%s", keys[i]);
	}
	if (rc == CO_OK && co_zone_open(s->conf.timezone, &zone, err) != CO_OK)
		return co_wrap(err, "--timezone");
	if (cli_has(s->c, "four-eyes"))
		rc = config_set(&s->conf, "four_eyes", cli_get(s->c, "four-eyes"), err);
	return rc;
}

/* A folder that holds anything is somebody's; an empty one is taken. */
static enum co_rc
must_be_free(const char *dir, struct co_err *err)
{
	struct stat st;

	if (lstat(dir, &st) != 0)
		return errno == ENOENT ? CO_OK : co_fail_errno(err, "%s", dir);
	if (S_ISDIR(st.st_mode) && rmdir(dir) == 0)
		return CO_OK;
	return co_fail(err, CO_EEXISTS, "%s is there and not an empty folder; choose another", dir);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void
init_show(const struct cli *c, const struct setup *s, const char *dir)
{
	char finger[SHA256_HEX + 1], at[WHERE_HOST + 32];
	json_auto *out = NULL;
	struct where w;

	co_hex(cert_sha256(s->root), SHA256_LEN, finger);
	where_listen(&s->conf, &w);
	if (strcmp(w.host, "::") == 0)
		(void)snprintf(at, sizeof(at), "all addresses, port %u", w.port);
	else
		(void)snprintf(at, sizeof(at), strchr(w.host, ':') == NULL ? "%s:%u" : "[%s]:%u",
			w.host, w.port);
	out = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "home", dir, "address", s->conf.address,
		"url", s->conf.url, "listens", at, "root_sha256", finger, "officer", "admin",
		"link", s->link);
	if (c->json) {
		cli_answer(c, out);
		return;
	}
	(void)printf("made node %s in %s\n  partners reach it at       %s\n"
		"  it listens at              %s\n"
		"  root certificate, SHA-256  %s\n  first officer              admin "
		"(token in %s/officers/admin.token)\n\nNext:\n  comity serve --home %s\n",
		s->conf.address, dir, s->conf.url, at, finger, dir, dir);
	if (s->link[0] != '\0')
		(void)printf("  then open, once and within %d hours:\n  %s\n", INVITATION_HOURS,
			s->link);
}

enum co_rc
run_init(struct cli *c, struct co_err *err)
{
	CO_CLEANUP(setup_deinit) struct setup s = { .c = c, .now_us = co_now_us() };
	char dir[PATH_MAX - 128];
	enum co_rc rc = take_conf(&s, err);

	if (rc != CO_OK)
		return rc;
	if (strlen(c->operands[0]) >= sizeof(dir) || c->operands[0][0] == '\0')
		return co_fail(err, CO_EUSAGE, "the folder's name is empty or too long");
	memcpy(dir, c->operands[0], strlen(c->operands[0]) + 1);
	for (size_t n = strlen(dir); n > 1 && dir[n - 1] == '/'; n--)
		dir[n - 1] = '\0';
	(void)snprintf(s.tmp, sizeof(s.tmp), "%s.init-%d", dir, (int)getpid());
	rc = must_be_free(dir, err);
	if (rc != CO_OK)
		return rc;
	rc = make_all(&s, err);
	if (rc == CO_OK && rename(s.tmp, dir) != 0)
		rc = co_fail_errno(err, "rename %s to %s", s.tmp, dir);
	if (rc == CO_OK)
		rc = co_fsync_parent(dir, err);
	if (rc != CO_OK) {
		(void)nftw(s.tmp, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		return rc;
	}
	init_show(c, &s, dir);
	return CO_OK;
}
