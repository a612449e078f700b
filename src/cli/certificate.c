/* certificate renew, certificate request: the certificates of this node before they end. The files
 * of the present ones are left alone; a new one stands beside them under the next number
 * (crypto/slot.h), its key first, so that a stop between leaves nothing that anybody would take. */
#include "cli/run.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fault.h"
#include "base/fs.h"
#include "cli/identity.h"
#include "crypto/slot.h"
#include "network/own.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>

#define DAY_US (24ll * 3600 * 1000000)

struct renewal {
	struct cli *c;
	struct config conf;
	char home[PATH_MAX], keys[PATH_MAX];
	char pass[LIMIT_NAME + 1], pin[LIMIT_NAME + 1], root_pass[LIMIT_NAME + 1];
	struct cert *root;
	struct key *root_key; /* NULL: it is not here */
	int lock_fd;
	json_t *made, *kept;
};

static void
renewal_deinit(struct renewal *r)
{
	crypto_wipe(r->pass, sizeof(r->pass));
	crypto_wipe(r->pin, sizeof(r->pin));
	crypto_wipe(r->root_pass, sizeof(r->root_pass));
	cert_free(&r->root);
	key_free(&r->root_key);
	if (r->lock_fd >= 0)
		(void)close(r->lock_fd);
}
#define renewal_auto CO_CLEANUP(renewal_deinit) struct renewal

static enum co_rc
renewal_open(struct renewal *r, struct co_err *err)
{
	const char *secret = cli_get(r->c, "key-secret-file"), *home;
	char path[SLOT_TEXT];

	TRY(cli_home(r->c, &home, err));
	if (realpath(home, r->home) == NULL)
		return co_fail_errno(err, "the node's folder %s", home);
	TRY(config_load(&r->conf, r->home, err));
	if ((size_t)snprintf(r->keys, sizeof(r->keys), "%s/keys", r->home) >= sizeof(r->keys))
		return co_fail(err, CO_ETOOBIG, "the path %s is too long", r->home);
	/* Two at once would both take the next number. */
	r->lock_fd = open(r->conf.certs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->lock_fd < 0)
		return co_fail_errno(err, "open %s", r->conf.certs);
	if (flock(r->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return co_fail(err, CO_EBUSY, "another comity certificate is at work in %s",
			r->conf.certs);
	TRY(slot_cert_path(path, r->conf.certs, "root", 1, err));
	TRY(cert_load(&r->root, path, err));
	TRY(identity_secret(r->conf.secret_file, r->pass, err));
	TRY(identity_secret(r->conf.pin_file[0] == '\0' ? NULL : r->conf.pin_file, r->pin, err));
	return identity_secret(secret == NULL ? r->conf.secret_file : secret, r->root_pass, err);
}

/* The root's key, wherever it is kept. */
static enum co_rc
renewal_root(struct renewal *r, struct co_err *err)
{
	const char *given = cli_get(r->c, "root-key");
	co_auto_free char *own = co_path_join(r->keys, "root.key");
	const char *where = given == NULL ? own : given;

	if (own == NULL)
		return co_fail(err, CO_ENOMEM, "the root's key");
	if (given == NULL && access(own, F_OK) != 0)
		return co_fail(err, CO_ENOTFOUND,
			"the root's key is not in %s: bring it with --root-key FILE. If another "
			"authority issues your certificates: comity certificate request, and then "
			"--cert FILE", own);
	if (key_load(&r->root_key, where,
		    strncmp(where, "pkcs11:", 7) == 0 ? r->pin : r->root_pass, err) != CO_OK)
		return co_wrap(err, "the root's key");
	if (!cert_matches_key(r->root, r->root_key))
		return co_fail(err, CO_ECERT, "the key %s is not that of certs/root.pem", where);
	return CO_OK;
}

/* ---- one use ---- */

struct one {
	const struct identity *id;
	struct slot slots[SLOT_MOST];
	size_t n;
	struct cert *last; /* the newest that is there */
	struct key *key;   /* for the new certificate */
	bool save, in_place; /* the key is new: to be written; written before */
	const char *uri;     /* the key is new and on a token */
};

static void
one_deinit(struct one *o)
{
	cert_free(&o->last);
	key_free(&o->key);
}
#define one_auto CO_CLEANUP(one_deinit) struct one

static enum co_rc
one_open(const struct renewal *r, struct one *o, struct co_err *err)
{
	TRY(slot_list(o->slots, &o->n, r->conf.certs, r->keys, o->id->name,
		identity_key(o->id, &r->conf), err));
	if (o->n == SLOT_MOST)
		return co_fail(err, CO_ETOOBIG,
			"%d %s certificates are there already; this version keeps no more",
			SLOT_MOST, o->id->word);
	return cert_load(&o->last, o->slots[o->n - 1].cert, err);
}

static enum co_rc
load(const struct renewal *r, const char *where, struct key **out, struct co_err *err)
{
	return key_load(
		out, where, strncmp(where, "pkcs11:", 7) == 0 ? r->pin : r->pass, err);
}

/* A file that was brought has a passphrase of its own; it is stored under ours. */
static enum co_rc
key_bring(const struct renewal *r, struct one *o, const char *where, struct co_err *err)
{
	bool token = strncmp(where, "pkcs11:", 7) == 0;

	if (token && r->pin[0] == '\0')
		return co_fail(err, CO_EUSAGE,
			"a key on a token needs its PIN: set pin_file in comity.conf");
	TRY(key_load(&o->key, where, token ? r->pin : r->root_pass, err));
	o->uri = token ? where : NULL;
	o->save = !token;
	return CO_OK;
}

/* The key that "certificate request --new-key" made and that no certificate has yet. */
static enum co_rc
key_prepared(const struct renewal *r, struct one *o, struct co_err *err)
{
	static const char *const endings[] = { "key", "uri" };
	char path[SLOT_TEXT];

	for (size_t i = 0; i < CO_ARRAY_LEN(endings); i++) {
		co_auto_buf text;

		co_buf_init(&text, SLOT_TEXT - 1);
		TRY(slot_key_path(path, r->keys, o->id->name, o->n + 1, endings[i], err));
		if (access(path, F_OK) != 0)
			continue;
		if (i == 0) {
			TRY(load(r, path, &o->key, err));
		} else {
			TRY(co_read_file(path, &text, err));
			TRY(load(r, text.data == NULL ? "" : text.data, &o->key, err));
		}
		o->in_place = true;
		return CO_OK;
	}
	return CO_OK;
}

static enum co_rc
one_key(const struct renewal *r, struct one *o, struct co_err *err)
{
	const char *where = cli_get(r->c, "key"), *file = cli_get(r->c, "cert");
	cert_auto *brought = NULL;

	if (where != NULL)
		return key_bring(r, o, where, err);
	if (cli_has(r->c, "new-key")) {
		o->save = true;
		return key_generate(&o->key, KEY_P256, err);
	}
	if (file != NULL) {
		TRY(cert_load(&brought, file, err));
		TRY(key_prepared(r, o, err));
		if (o->key != NULL && cert_matches_key(brought, o->key))
			return CO_OK;
		key_free(&o->key);
		o->in_place = false;
	}
	return load(r, o->slots[o->n - 1].key, &o->key, err);
}

/* A key that is left from an attempt that did not come to its certificate belongs to nobody. */
static enum co_rc
key_clear(const struct renewal *r, const struct one *o, struct co_err *err)
{
	static const char *const endings[] = { "key", "uri" };
	char path[SLOT_TEXT];

	for (size_t i = 0; i < CO_ARRAY_LEN(endings); i++) {
		TRY(slot_key_path(path, r->keys, o->id->name, o->n + 1, endings[i], err));
		if (unlink(path) == 0)
			TRY(co_fsync_parent(path, err));
	}
	return CO_OK;
}

static enum co_rc
key_write(const struct renewal *r, const struct one *o, struct co_err *err)
{
	char path[SLOT_TEXT];

	if (o->in_place)
		return CO_OK;
	TRY(key_clear(r, o, err));
	if (o->uri != NULL) {
		TRY(slot_key_path(path, r->keys, o->id->name, o->n + 1, "uri", err));
		return co_write_file(path, o->uri, strlen(o->uri), 0600, err);
	}
	TRY(slot_key_path(path, r->keys, o->id->name, o->n + 1, "key", err));
	return o->save ? key_save(o->key, path, r->pass, err) : CO_OK;
}

static enum co_rc
one_write(struct renewal *r, const struct one *o, const struct cert *c, struct co_err *err)
{
	bool fresh = o->save || o->in_place || o->uri != NULL;
	char path[SLOT_TEXT], to[CO_TIME_LEN], hex[SHA256_HEX + 1];
	co_auto_buf pem;

	co_buf_init(&pem, LIMIT_CERT * LIMIT_CHAIN);
	/* A chain that was brought is kept whole. */
	if (cli_get(r->c, "cert") != NULL)
		TRY(co_read_file(cli_get(r->c, "cert"), &pem, err));
	else
		TRY(cert_pem(c, &pem, err));
	TRY(key_write(r, o, err));
	if (co_fault_hit("certificate.key-written"))
		return co_fail(err, CO_EIO, "fault before the certificate");
	TRY(slot_cert_path(path, r->conf.certs, o->id->name, o->n + 1, err));
	TRY(co_write_file(path, pem.data, pem.len, 0644, err));
	co_time_print(cert_not_after_us(c), to);
	co_hex(cert_sha256(c), SHA256_LEN, hex);
	(void)json_array_append_new(r->made, json_pack("{s:s,s:s,s:s,s:s,s:s}", "use",
		o->id->word, "file", path, "key", fresh ? "new" : "as before", "not_after", to,
		"sha256", hex));
	return CO_OK;
}

static enum co_rc
one_renew(struct renewal *r, const struct identity *id, bool asked, struct co_err *err)
{
	one_auto o = { .id = id };
	const char *file = cli_get(r->c, "cert");
	cert_auto *c = NULL;
	char to[CO_TIME_LEN];

	TRY(one_open(r, &o, err));
	co_time_print(cert_not_after_us(o.last), to);
	if (!cli_has(r->c, "early") &&
		cert_not_after_us(o.last) > co_now_us() + OWN_SOON_DAYS * DAY_US) {
		if (asked)
			return co_fail(err, CO_EREFUSED,
				"the newest %s certificate holds until %s; it is renewed in its "
				"last %d days, or now with --early", id->word, to, OWN_SOON_DAYS);
		(void)json_array_append_new(r->kept, json_pack("{s:s,s:s}", "use", id->word,
			"not_after", to));
		return CO_OK;
	}
	TRY(one_key(r, &o, err));
	if (file != NULL) {
		TRY(identity_brought(&c, id, file, o.key, r->root, err));
	} else {
		if (r->root_key == NULL)
			TRY(renewal_root(r, err));
		TRY(identity_issue(&c, id, &r->conf, o.key, r->root, r->root_key, err));
	}
	if (cert_not_after_us(c) < cert_not_after_us(o.last))
		return co_fail(err, CO_EREFUSED,
			"a %s certificate that ends before the one of now (%s) is no renewal",
			id->word, to);
	if (cert_not_after_us(o.last) >= cert_not_after_us(r->root))
		return co_fail(err, CO_EREFUSED,
			"the %s certificate lasts as long as the root itself (%s): before then "
			"make "
			"a new node under another root, and let partners accept it", id->word, to);
	return one_write(r, &o, c, err);
}

/* ---- verbs ---- */

static enum co_rc
use_named(const char *word, const struct identity **out, struct co_err *err)
{
	for (size_t i = 0; i < IDENTITIES; i++)
		if (strcmp(identities[i].word, word) == 0) {
			*out = &identities[i];
			return CO_OK;
		}
	return co_fail(err, CO_EUSAGE, "\"%s\": allowed are seal, tls and time-stamp", word);
}

void
show_certificates(const struct cli *c, const json_t *out)
{
	const json_t *row;
	size_t i;

	(void)c;
	json_array_foreach(json_object_get(out, "made"), i, row)
		(void)printf("made       %s, valid until %.10s, key %s\n           %s\n",
			cli_text(row, "use"), cli_text(row, "not_after"), cli_text(row, "key"),
			cli_text(row, "file"));
	json_array_foreach(json_object_get(out, "not_needed"), i, row)
		(void)printf("not needed %s, valid until %.10s\n", cli_text(row, "use"),
			cli_text(row, "not_after"));
	if (json_array_size(json_object_get(out, "made")) > 0)
		(void)puts("\nNext: restart the node, when you like. It tells partners, who fetch "
			   "it by themselves within\nhours, and turns to it when all of them "
			   "have it: comity certificate list. Make a back-up.");
}

enum co_rc
run_certificate_renew(struct cli *c, struct co_err *err)
{
	renewal_auto r = { .c = c, .lock_fd = -1 };
	const struct identity *id = NULL;
	const char *word = c->operands[0];
	json_auto *told = json_pack("{s:[],s:[]}", "made", "not_needed");

	if (told == NULL)
		return co_fail(err, CO_ENOMEM, "certificates");
	if (word == NULL && (cli_get(c, "key") != NULL || cli_get(c, "cert") != NULL))
		return co_fail(err, CO_EUSAGE,
			"--key and --cert are of one use: say seal, tls or time-stamp first");
	if (cli_get(c, "key") != NULL && cli_has(c, "new-key"))
		return co_fail(err, CO_EUSAGE, "either --key or --new-key");
	if (word != NULL)
		TRY(use_named(word, &id, err));
	TRY(renewal_open(&r, err));
	r.made = json_object_get(told, "made");
	r.kept = json_object_get(told, "not_needed");
	for (size_t i = 0; i < IDENTITIES; i++)
		if (id == NULL || id == &identities[i])
			TRY(one_renew(&r, &identities[i], id != NULL, err));
	cli_answer(c, told);
	return CO_OK;
}

enum co_rc
run_certificate_request(struct cli *c, struct co_err *err)
{
	renewal_auto r = { .c = c, .lock_fd = -1 };
	one_auto o = { .id = NULL };
	const char *out = cli_get(c, "out");
	json_auto *told = NULL;
	struct cert_ask ask;
	co_auto_buf pem;

	co_buf_init(&pem, LIMIT_CERT);
	if (cli_get(c, "key") != NULL && cli_has(c, "new-key"))
		return co_fail(err, CO_EUSAGE, "either --key or --new-key");
	TRY(use_named(c->operands[0], &o.id, err));
	TRY(renewal_open(&r, err));
	TRY(one_open(&r, &o, err));
	TRY(one_key(&r, &o, err));
	ask = (struct cert_ask){ o.id->use, r.conf.name, r.conf.economy, r.conf.address, 0, 1 };
	TRY(cert_request(&ask, o.key, &pem, err));
	if (o.save || o.uri != NULL)
		TRY(key_write(&r, &o, err));
	TRY(co_write_file(out, pem.data, pem.len, 0644, err));
	told = json_pack("{s:s,s:s,s:s}", "use", o.id->word, "file", out, "key",
		o.save || o.uri != NULL ? "new" : "as before");
	cli_answer(c, told);
	return CO_OK;
}
