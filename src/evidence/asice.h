/* Containers of legal documents: ASiC-E with CAdES (EN 319 162-1), one document each with what
 * belongs to it, signed over a manifest of digests, so that stock validators open what courts get.
 * Written in one form only: zip.h's, "mimetype" first, one manifest, one signature. Other people's
 * containers are asice_verify's. Never signs: the keeper does, over what asice_manifest prints. */
#pragma once

#include "base/buf.h"
#include "crypto/digest.h"
#include "evidence/verify.h"

#define ASICE_MIMETYPE "application/vnd.etsi.asic-e+zip"
#define ASICE_MANIFEST "META-INF/ASiCManifest001.xml"
#define ASICE_SIGNATURE "META-INF/signature001.p7s"

struct asice_object {
	char *name, *media;
	unsigned char digest[SHA512_LEN]; /* of digest_n bytes */
	size_t digest_n;
};
/* What one manifest says. */
struct asice {
	char *signature; /* the file it names as its own signature or time-stamp */
	char *signature_media;
	struct asice_object *objects;
	size_t n;
};
void asice_init(struct asice *a);
void asice_deinit(struct asice *a);
#define asice_auto CO_CLEANUP(asice_deinit) struct asice
enum co_rc asice_add(struct asice *a, const char *name, const char *media,
	const unsigned char sha256[SHA256_LEN], struct co_err *err) CO_NODISCARD;
/* The bytes to sign; SHA-256 only. */
enum co_rc asice_manifest(
	const struct asice *a, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* An ASiCManifest of anybody: SHA-256, SHA-384 and SHA-512. CO_EMALFORMED says what is wrong. */
enum co_rc asice_read(
	struct asice *a, const void *p, size_t n, struct co_err *err) CO_NODISCARD;

struct asice_file {
	const char *name;
	const void *p;
	size_t n;
};
/* The container: mimetype, the files, then manifest and signature. Appended. */
enum co_rc asice_pack(const struct asice_file *files, size_t n, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;

/* A container of anybody. Says step by step what holds. CO_EVERIFY: something does not.
 * CO_EREFUSED: it is signed in a way that is not read here (XAdES). conf: anchors are fingerprints
 * of signers' or root certificates, ca the roots that may vouch for them. */
enum co_rc asice_verify(const struct verify_conf *conf, const char *path, json_t **summary,
	struct co_err *err) CO_NODISCARD;
