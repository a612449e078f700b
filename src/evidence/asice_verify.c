/* Containers that others made: ASiC-E with CAdES (EN 319 162-1). */
#include "evidence/asice.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/limits.h"
#include "crypto/cms.h"
#include "crypto/tsp.h"
#include "evidence/tree.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

enum { CONTAINER_MANIFESTS = 32 };

struct container {
	const struct verify_conf *conf;
	const char *step;
	struct tree tree;
	struct asice manifests[CONTAINER_MANIFESTS];
	const char *names[CONTAINER_MANIFESTS];
	size_t n, signatures, stamps, trusted;
	bool xades;
	json_t *signers;
};

static void
container_deinit(struct container *c)
{
	tree_close(&c->tree);
	for (size_t i = 0; i < c->n; i++)
		asice_deinit(&c->manifests[i]);
	json_decref(c->signers);
}

static void say_it(struct container *c, enum verify_mark mark, const char *fmt, ...) CO_PRINTF(3,
	4);

static void
say_it(struct container *c, enum verify_mark mark, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	if (c->conf->say == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	c->conf->say(c->conf->arg, mark, c->step, text);
}

static bool
inside_meta(const char *name, const char *with, const char *end)
{
	size_t n = strlen(name), e = strlen(end);

	return strncmp(name, "META-INF/", 9) == 0 && strcasestr(name + 9, with) != NULL && n > e &&
		strcasecmp(name + n - e, end) == 0;
}

/* ---- what it is ---- */
static enum co_rc
step_container(struct container *c, struct co_err *err)
{
	co_auto_buf type;

	co_buf_init(&type, 256);
	TRY(tree_text(&c->tree, "mimetype", &type, err));
	if (strncmp(type.data, ASICE_MIMETYPE, strlen(ASICE_MIMETYPE)) != 0)
		return co_fail(err, CO_EREFUSED,
			"its mimetype is %.80s; containers of type " ASICE_MIMETYPE " are read "
			"here", type.data);
	for (size_t i = 0; i < c->tree.n; i++)
		c->xades = c->xades || inside_meta(c->tree.files[i].name, "signature", ".xml");
	if (c->xades)
		say_it(c, VERIFY_NOTE,
			"it has XAdES signatures, which this program does not read: ask a "
			"validator "
			"that does (such as EU DSS) about those");
	say_it(c, VERIFY_HOLDS, "%zu files", c->tree.n);
	return CO_OK;
}

/* ---- manifests ---- */
static enum co_rc
step_manifests(struct container *c, struct co_err *err)
{
	for (size_t i = 0; i < c->tree.n; i++) {
		const char *name = c->tree.files[i].name;
		co_auto_buf text;

		co_buf_init(&text, LIMIT_XML);
		if (!inside_meta(name, "asicmanifest", ".xml"))
			continue;
		if (c->n == CONTAINER_MANIFESTS)
			return co_fail(
				err, CO_ETOOBIG, "more than %d manifests",
				(int)CONTAINER_MANIFESTS);
		TRY(tree_text(&c->tree, name, &text, err));
		asice_init(&c->manifests[c->n]);
		c->names[c->n++] = name;
		if (asice_read(&c->manifests[c->n - 1], text.data, text.len, err) != CO_OK)
			return co_wrap(err, "%s", name);
		say_it(c, VERIFY_HOLDS, "%s: %zu files", name, c->manifests[c->n - 1].n);
	}
	if (c->n > 0)
		return CO_OK;
	return co_fail(err, c->xades ? CO_EREFUSED : CO_EVERIFY,
		c->xades
		? "it is signed with XAdES only, which this program does not read; nothing "
			   "about it was verified"
			 : "it has no ASiCManifest: nothing in it is signed");
}

/* ---- files ---- */
static enum co_rc
summing(void *arg, const void *p, size_t n, struct co_err *err)
{
	(void)err;
	digest_add(arg, p, n);
	return CO_OK;
}

static enum co_rc
object_check(struct container *c, const struct asice_object *o, struct co_err *err)
{
	const struct tree_file *f = tree_find(&c->tree, o->name);
	unsigned char own[SHA512_LEN];
	digest_auto *d = NULL;

	if (f == NULL)
		return co_fail(err, CO_EVERIFY, "%.200s is missing", o->name);
	TRY(digest_by_name(&d,
		o->digest_n == 32 ? "sha256" : o->digest_n == 48 ? "sha384" : "sha512", err));
	TRY(tree_read(&c->tree, f, summing, d, err));
	digest_end(d, own);
	if (memcmp(own, o->digest, o->digest_n) != 0)
		return co_fail(err, CO_EVERIFY, "%.200s is not what was signed", o->name);
	return CO_OK;
}

static bool
is_signed(const struct container *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->manifests[i].n; k++)
			if (strcmp(c->manifests[i].objects[k].name, name) == 0)
				return true;
	return false;
}

static enum co_rc
step_files(struct container *c, struct co_err *err)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->manifests[i].n; k++)
			if (object_check(c, &c->manifests[i].objects[k], err) != CO_OK)
				return co_wrap(err, "%s", c->names[i]);
	for (size_t i = 0; i < c->tree.n; i++) {
		const char *name = c->tree.files[i].name;

		if (strcmp(name, "mimetype") == 0 || strncmp(name, "META-INF/", 9) == 0)
			continue;
		say_it(c, is_signed(c, name) ? VERIFY_HOLDS : VERIFY_NOTE, "%.200s is %s", name,
			is_signed(c, name) ? "as its manifest has it"
					   : "in no manifest: nobody signed it");
	}
	return CO_OK;
}

/* ---- signatures ---- */
static bool
anchored(const struct container *c, const char *hex)
{
	for (size_t i = 0; i < c->conf->anchors_n; i++)
		if (strcasecmp(c->conf->anchors[i], hex) == 0)
			return true;
	return false;
}

static enum co_rc
signature_say(struct container *c, const char *name, const struct cms_stranger *s, int64_t stamped,
	struct co_err *err)
{
	char hex[SHA256_HEX + 1], at[CO_TIME_LEN], claimed[CO_TIME_LEN];
	bool known;

	co_hex(cert_sha256(s->signer), SHA256_LEN, hex);
	known = s->trusted || anchored(c, hex);
	co_time_print(s->signing_time_us, claimed);
	co_time_print(stamped, at);
	c->trusted += known;
	say_it(c, VERIFY_HOLDS, "%s: by %.200s%s", name, cert_subject(s->signer),
		s->cades ? "" : "; it does not name its certificate, so it is CMS but not CAdES");
	say_it(c, known ? VERIFY_HOLDS : VERIFY_NOTE, "certificate SHA-256 %s%s", hex,
		known ? ", as given" : "; nobody said whether to trust it (--ca, --root)");
	say_it(c, stamped != 0 ? VERIFY_HOLDS : VERIFY_NOTE,
		stamped != 0 ? "it existed by %s, says its time-stamp"
			     : "no time-stamp that can be checked; it claims %s itself",
		stamped != 0 ? at : claimed);
	return json_array_append_new(c->signers,
		       json_pack("{s:s,s:s,s:s,s:b}", "file", name, "subject",
			       cert_subject(s->signer), "sha256", hex, "trusted", known)) == 0
		? CO_OK
		: co_fail(err, CO_ENOMEM, "signers");
}

static enum co_rc
signature_check(struct container *c, size_t i, const struct co_buf *manifest, struct co_err *err)
{
	const char *name = c->manifests[i].signature;
	struct cms_stranger s = { 0 };
	struct co_err why = { 0 };
	int64_t stamped = 0;
	co_auto_buf sig;
	enum co_rc rc;

	co_buf_init(&sig, LIMIT_SIGNATURE_LONG);
	TRY(tree_text(&c->tree, name, &sig, err));
	if (cms_stamp_verify(sig.data, sig.len, c->conf->tsa_roots, c->conf->tsa_roots_n, &stamped,
		    &why) != CO_OK)
		stamped = 0;
	if (why.rc != CO_OK && why.rc != CO_ENOTFOUND && c->conf->tsa_roots_n > 0)
		return co_fail(err, CO_EVERIFY, "%s: %s", name, why.msg);
	if (cms_verify_foreign(sig.data, sig.len, manifest->data, manifest->len, stamped,
		    c->conf->ca, c->conf->ca_n, &s, err) != CO_OK)
		return co_wrap(err, "%s", name);
	c->signatures++;
	rc = signature_say(c, name, &s, stamped, err);
	cert_free(&s.signer);
	return rc;
}

/* A manifest may instead be stamped as a whole: its time is then known, not its author. */
static enum co_rc
stamp_check(struct container *c, size_t i, const struct co_buf *manifest, struct co_err *err)
{
	const char *name = c->manifests[i].signature;
	unsigned char digest[SHA256_LEN];
	char at[CO_TIME_LEN];
	int64_t stamped = 0;
	co_auto_buf token;

	co_buf_init(&token, LIMIT_TOKEN);
	TRY(tree_text(&c->tree, name, &token, err));
	if (c->conf->tsa_roots_n == 0) {
		say_it(c, VERIFY_NOTE, "%s: a time-stamp; give its authority with --tsa-root",
			name);
		return CO_OK;
	}
	sha256(manifest->data, manifest->len, digest);
	if (tsp_verify_token(token.data, token.len, digest, c->conf->tsa_roots,
		    c->conf->tsa_roots_n, &stamped, err) != CO_OK)
		return co_wrap(err, "%s", name);
	c->stamps++;
	co_time_print(stamped, at);
	say_it(c, VERIFY_HOLDS, "%s: what %s lists existed by %s", name, c->names[i], at);
	return CO_OK;
}

static enum co_rc
step_signatures(struct container *c, struct co_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const char *media = c->manifests[i].signature_media;
		const char *name = c->manifests[i].signature;
		size_t n = strlen(name);
		bool stamp = (media != NULL && strstr(media, "timestamp") != NULL) ||
			(n > 4 && strcasecmp(name + n - 4, ".tst") == 0);
		co_auto_buf text;

		co_buf_init(&text, LIMIT_XML);
		TRY(tree_text(&c->tree, c->names[i], &text, err));
		TRY(stamp ? stamp_check(c, i, &text, err) : signature_check(c, i, &text, err));
	}
	if (c->signatures == 0)
		return co_fail(err, CO_EVERIFY, "no manifest is signed");
	if (c->conf->anchors_n > 0 && c->trusted < c->signatures)
		return co_fail(err, CO_EVERIFY,
			"a signer is none of the certificates whose fingerprints were given");
	return CO_OK;
}

static const struct {
	const char *name;
	enum co_rc (*fn)(struct container *c, struct co_err *err);
	const char *proves, *not ;
} steps[] = {
	{ "container", step_container, "The file is an ASiC-E container that can be read.",
		"anything of what is in it." },
	{ "manifests", step_manifests, "The manifests say which files belong together, by digest.",
		"who says so; that is asked last." },
	{ "files", step_files, "Every file that a manifest names has the digest that it gives.",
		"anything about files that no manifest names." },
	{ "signatures", step_signatures,
		"Each manifest, and so each file it names, was signed with the key of the "
		"certificate "
		"that is shown.",
		"whose certificate that is, unless its root or fingerprint was given; nor that it "
		"was "
		"not revoked: the container's network is not asked." },
};

static enum co_rc
container_verdict(struct container *c, enum co_rc rc, struct co_err *err)
{
	static const enum co_rc theirs[] = { CO_EMALFORMED, CO_ETOOBIG, CO_EVERIFY, CO_ENOTFOUND,
		CO_ECERT };

	for (size_t i = 0; i < CO_ARRAY_LEN(theirs); i++)
		if (rc == theirs[i])
			rc = err->rc = CO_EVERIFY;
	if (rc == CO_EVERIFY || rc == CO_EREFUSED)
		say_it(c, VERIFY_FAILS, "%s", err->msg);
	return rc;
}

enum co_rc
asice_verify(const struct verify_conf *conf, const char *path, json_t **summary, struct co_err *err)
{
	CO_CLEANUP(container_deinit)
	struct container c = { .conf = conf, .tree = { .fd = -1 }, .signers = json_array() };
	struct co_err own = { CO_OK, "" };
	struct co_err *e = err == NULL ? &own : err;
	enum co_rc rc;

	c.step = steps[0].name;
	rc = tree_open(&c.tree, path, e);
	for (size_t i = 0; rc == CO_OK && i < CO_ARRAY_LEN(steps); i++) {
		c.step = steps[i].name;
		say_it(&c, VERIFY_STEP, "%s", steps[i].proves);
		say_it(&c, VERIFY_NOT, "%s", steps[i].not );
		rc = steps[i].fn(&c, e);
	}
	if (rc != CO_OK)
		return container_verdict(&c, rc, e);
	*summary = json_pack("{s:s,s:I,s:I,s:I,s:O}", "form", "container", "files",
		(json_int_t)c.tree.n, "signatures", (json_int_t)c.signatures, "time_stamps",
		(json_int_t)c.stamps, "signers", c.signers);
	return *summary == NULL ? co_fail(err, CO_ENOMEM, "summary") : CO_OK;
}
