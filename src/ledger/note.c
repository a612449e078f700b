#include "ledger/note.h"
#include "base/enc.h"
#include "ledger/text.h"

#include <assert.h>
#include <string.h>

/* signed-note: 0x01 is Ed25519. */
enum { SIG_ED25519 = 0x01, KEY_ID = 4, LIMIT_SIGNATURES = 64 };
#define DASH "\xe2\x80\x94 "

static void
key_id(const char *name, const unsigned char pub[ED25519_PUB], unsigned char out[KEY_ID])
{
	unsigned char in[LIMIT_NAME + 2 + ED25519_PUB], digest[SHA256_LEN];
	size_t n = strlen(name);

	assert(n <= LIMIT_NAME);
	memcpy(in, name, n);
	in[n] = '\n';
	in[n + 1] = SIG_ED25519;
	memcpy(in + n + 2, pub, ED25519_PUB);
	sha256(in, n + 2 + ED25519_PUB, digest);
	memcpy(out, digest, KEY_ID);
}

static enum co_rc
name_check(const char *name, struct co_err *err)
{
	if (!text_name_valid(name, strlen(name)))
		return co_fail(err, CO_EMALFORMED,
			"a key's name is 1 to %u bytes without spaces or '+'", LIMIT_NAME);
	return CO_OK;
}

enum co_rc
vkey_print(const char *name, const unsigned char pub[ED25519_PUB], struct co_buf *out,
	struct co_err *err)
{
	unsigned char id[KEY_ID], typed[1 + ED25519_PUB];
	char hex[2 * KEY_ID + 1];
	size_t before = out->len;
	enum co_rc rc = name_check(name, err);

	if (rc != CO_OK)
		return rc;
	key_id(name, pub, id);
	co_hex(id, KEY_ID, hex);
	typed[0] = SIG_ED25519;
	memcpy(typed + 1, pub, ED25519_PUB);
	rc = co_buf_addf(out, err, "%s+%s+", name, hex);
	if (rc == CO_OK)
		rc = co_base64_add(out, typed, sizeof(typed), err);
	if (rc != CO_OK)
		text_cut(out, before);
	return rc;
}

enum co_rc
vkey_parse(const char *vkey, char name[LIMIT_NAME + 1], unsigned char pub[ED25519_PUB],
	struct co_err *err)
{
	const char *plus = strchr(vkey, '+');
	unsigned char id[KEY_ID], want[KEY_ID], typed[1 + ED25519_PUB];
	char parsed[LIMIT_NAME + 1];
	size_t n;

	if (plus == NULL || !text_name_valid(vkey, (size_t)(plus - vkey)))
		return co_fail(err, CO_EMALFORMED, "verifier key: no name");
	n = (size_t)(plus - vkey);
	if (strnlen(plus + 1, 2 * KEY_ID) != 2 * KEY_ID || plus[1 + 2 * KEY_ID] != '+' ||
		!text_lower_hex(plus + 1, id, KEY_ID))
		return co_fail(err, CO_EMALFORMED, "verifier key: no key id");
	plus += 2 + 2 * KEY_ID;
	if (!text_unbase64(plus, strlen(plus), typed, sizeof(typed)))
		return co_fail(
			err, CO_EMALFORMED, "verifier key: the key is not 33 bytes of base64");
	if (typed[0] != SIG_ED25519)
		return co_fail(
			err, CO_EMALFORMED, "verifier key: type %u is not Ed25519", typed[0]);
	memcpy(parsed, vkey, n);
	parsed[n] = '\0';
	key_id(parsed, typed + 1, want);
	if (memcmp(id, want, KEY_ID) != 0)
		return co_fail(err, CO_EMALFORMED, "verifier key: the key id does not fit the key");
	memcpy(name, parsed, n + 1);
	memcpy(pub, typed + 1, ED25519_PUB);
	return CO_OK;
}

enum co_rc
checkpoint_body(const struct checkpoint *c, struct co_buf *out, struct co_err *err)
{
	size_t before = out->len;
	enum co_rc rc = name_check(c->origin, err);

	if (rc != CO_OK)
		return rc;
	rc = co_buf_addf(out, err, "%s\n%llu\n", c->origin, (unsigned long long)c->size);
	if (rc == CO_OK)
		rc = co_base64_add(out, c->root.b, SHA256_LEN, err);
	if (rc == CO_OK)
		rc = co_buf_add_str(out, "\n", err);
	if (rc != CO_OK)
		text_cut(out, before);
	return rc;
}

enum co_rc
note_sign_line(const char *name, const unsigned char pub[ED25519_PUB],
	const unsigned char sig[ED25519_SIG], struct co_buf *out, struct co_err *err)
{
	unsigned char whole[KEY_ID + ED25519_SIG];
	size_t before = out->len;
	enum co_rc rc = name_check(name, err);

	if (rc != CO_OK)
		return rc;
	key_id(name, pub, whole);
	memcpy(whole + KEY_ID, sig, ED25519_SIG);
	rc = co_buf_addf(out, err, DASH "%s ", name);
	if (rc == CO_OK)
		rc = co_base64_add(out, whole, sizeof(whole), err);
	if (rc == CO_OK)
		rc = co_buf_add_str(out, "\n", err);
	if (rc != CO_OK)
		text_cut(out, before);
	return rc;
}

struct known {
	char name[LIMIT_NAME + 1];
	unsigned char pub[ED25519_PUB];
	unsigned char id[KEY_ID];
};

/* One signature line: counts *good when it is the known key's and right; others are ignored. */
static enum co_rc
check_line(const char *line, size_t n, const struct known *key, const char *body, size_t body_n,
	unsigned *good, struct co_err *err)
{
	static const size_t dash = sizeof(DASH) - 1;
	co_auto_buf sig;
	const char *space;

	co_buf_init(&sig, LIMIT_NOTE);
	if (n <= dash || memcmp(line, DASH, dash) != 0)
		return co_fail(err, CO_EMALFORMED, "note: a signature line without a dash");
	line += dash;
	n -= dash;
	space = memchr(line, ' ', n);
	if (space == NULL || !text_name_valid(line, (size_t)(space - line)))
		return co_fail(err, CO_EMALFORMED, "note: a signature line without a key's name");
	if (co_unbase64(space + 1, n - (size_t)(space + 1 - line), &sig, NULL) != CO_OK ||
		sig.len <= KEY_ID)
		return co_fail(err, CO_EMALFORMED, "note: a signature line without a signature");
	if ((size_t)(space - line) != strlen(key->name) ||
		memcmp(line, key->name, (size_t)(space - line)) != 0 ||
		memcmp(sig.data, key->id, KEY_ID) != 0)
		return CO_OK;
	if (sig.len != KEY_ID + ED25519_SIG ||
		!ed25519_verify(key->pub, body, body_n, (const unsigned char *)sig.data + KEY_ID))
		return co_fail(err, CO_EVERIFY, "note: the signature of %s does not fit the text",
			key->name);
	(*good)++;
	return CO_OK;
}

/* The text ends at the last empty line; 0 when there is none. */
static size_t
body_end(const char *note, size_t n)
{
	for (size_t i = n; i >= 2; i--)
		if (note[i - 1] == '\n' && note[i - 2] == '\n')
			return i - 1;
	return 0;
}

enum co_rc
note_open(const char *note, size_t n, const char *vkey, size_t *body_n, struct co_err *err)
{
	struct known key;
	struct text_lines lines;
	const char *line = NULL;
	size_t len = 0, end;
	unsigned good = 0, seen = 0;
	enum co_rc rc = vkey_parse(vkey, key.name, key.pub, err);

	if (rc != CO_OK)
		return rc;
	key_id(key.name, key.pub, key.id);
	if (n > LIMIT_NOTE)
		return co_fail(err, CO_ETOOBIG, "note: larger than %u bytes", LIMIT_NOTE);
	if (!text_plain(note, n))
		return co_fail(err, CO_EMALFORMED, "note: not plain UTF-8 text");
	end = body_end(note, n);
	if (end == 0)
		return co_fail(err, CO_EMALFORMED, "note: no empty line before the signatures");
	lines = (struct text_lines){ note + end + 1, n - end - 1 };
	while (text_line(&lines, &line, &len)) {
		if (++seen > LIMIT_SIGNATURES)
			return co_fail(err, CO_ETOOBIG, "note: more than %d signatures",
				(int)LIMIT_SIGNATURES);
		rc = check_line(line, len, &key, note, end, &good, err);
		if (rc != CO_OK)
			return rc;
	}
	if (lines.left != 0)
		return co_fail(err, CO_EMALFORMED, "note: the last line does not end");
	if (good == 0)
		return co_fail(err, CO_EVERIFY, "note: not signed by %s", key.name);
	*body_n = end;
	return CO_OK;
}

enum co_rc
checkpoint_parse(const char *body, size_t n, struct checkpoint *out, struct co_err *err)
{
	struct text_lines lines = { body, n };
	struct checkpoint c = { 0 };
	const char *line = NULL;
	size_t len = 0;

	if (!text_line(&lines, &line, &len) || len == 0 || len > LIMIT_NAME ||
		memchr(line, '\0', len) != NULL)
		return co_fail(err, CO_EMALFORMED, "checkpoint: no origin");
	memcpy(c.origin, line, len);
	if (!text_line(&lines, &line, &len) || !text_decimal(line, len, &c.size))
		return co_fail(err, CO_EMALFORMED, "checkpoint: no tree size");
	if (!text_line(&lines, &line, &len) || !text_unbase64(line, len, c.root.b, SHA256_LEN))
		return co_fail(err, CO_EMALFORMED, "checkpoint: no root hash");
	while (text_line(&lines, &line, &len))
		if (len == 0)
			return co_fail(err, CO_EMALFORMED, "checkpoint: an empty line in the text");
	if (lines.left != 0)
		return co_fail(err, CO_EMALFORMED, "checkpoint: the last line does not end");
	*out = c;
	return CO_OK;
}

enum co_rc
checkpoint_open(
	const char *note, size_t n, const char *vkey, struct checkpoint *out, struct co_err *err)
{
	char name[LIMIT_NAME + 1];
	unsigned char pub[ED25519_PUB];
	struct checkpoint c;
	size_t body_n = 0;
	enum co_rc rc = vkey_parse(vkey, name, pub, err);

	if (rc == CO_OK)
		rc = note_open(note, n, vkey, &body_n, err);
	if (rc == CO_OK)
		rc = checkpoint_parse(note, body_n, &c, err);
	if (rc != CO_OK)
		return rc;
	if (strcmp(c.origin, name) != 0)
		return co_fail(err, CO_EVERIFY,
			"checkpoint: it speaks for the ledger %s but is signed by %s", c.origin,
			name);
	*out = c;
	return CO_OK;
}
