#include "base/enc.h"
#include "ledger/note.h"
#include "ledger/text.h"

static const char proof_head[] = "c2sp.org/tlog-proof@v1";

static enum co_rc
add_base64_line(struct co_buf *out, const char *before, const void *p, size_t n, struct co_err *err)
{
	enum co_rc rc = co_buf_add_str(out, before, err);

	if (rc == CO_OK)
		rc = co_base64_add(out, p, n, err);
	if (rc == CO_OK)
		rc = co_buf_add_str(out, "\n", err);
	return rc;
}

enum co_rc
proof_print(uint64_t index, const struct hash *proof, size_t proof_n, const void *extra,
	size_t extra_n, const char *note, size_t note_n, struct co_buf *out, struct co_err *err)
{
	size_t before = out->len;
	enum co_rc rc = co_buf_addf(out, err, "%s\n", proof_head);

	if (rc == CO_OK && extra != NULL)
		rc = add_base64_line(out, "extra ", extra, extra_n, err);
	if (rc == CO_OK)
		rc = co_buf_addf(out, err, "index %llu\n", (unsigned long long)index);
	for (size_t i = 0; rc == CO_OK && i < proof_n; i++)
		rc = add_base64_line(out, "", proof[i].b, SHA256_LEN, err);
	if (rc == CO_OK)
		rc = co_buf_add_str(out, "\n", err);
	if (rc == CO_OK)
		rc = co_buf_add(out, note, note_n, err);
	if (rc != CO_OK)
		text_cut(out, before);
	return rc;
}

/* What follows the word and a space, when the line begins so. */
static bool
after_word(const char *line, size_t n, const char *word, const char **rest, size_t *rest_n)
{
	size_t len = strlen(word);

	if (n < len || memcmp(line, word, len) != 0)
		return false;
	*rest = line + len;
	*rest_n = n - len;
	return true;
}

static enum co_rc
parse_extra(struct proof *p, const char *b64, size_t n, struct co_err *err)
{
	co_auto_buf b;

	co_buf_init(&b, sizeof(p->extra));
	if (n == 0 || co_unbase64(b64, n, &b, NULL) != CO_OK || b.len == 0)
		return co_fail(err, CO_EMALFORMED,
			"proof: the extra line is not base64 of 1 to %zu bytes", sizeof(p->extra));
	memcpy(p->extra, b.data, b.len);
	p->extra_n = b.len;
	return CO_OK;
}

static enum co_rc
parse_hashes(struct proof *p, struct text_lines *lines, struct co_err *err)
{
	const char *line = NULL;
	size_t n = 0;

	for (;;) {
		if (!text_line(lines, &line, &n))
			return co_fail(
				err, CO_EMALFORMED, "proof: no empty line before the checkpoint");
		if (n == 0)
			return CO_OK;
		if (p->hashes_n == LIMIT_PROOF_HASHES)
			return co_fail(err, CO_EMALFORMED, "proof: more than %u hashes",
				LIMIT_PROOF_HASHES);
		if (!text_unbase64(line, n, p->hashes[p->hashes_n++].b, SHA256_LEN))
			return co_fail(err, CO_EMALFORMED,
				"proof: hash %zu is not 32 bytes of base64", p->hashes_n);
	}
}

enum co_rc
proof_parse(struct proof *out, const char *text, size_t n, struct co_err *err)
{
	struct text_lines lines = { text, n };
	struct proof p = { 0 };
	const char *line = NULL, *rest = NULL;
	size_t len = 0, rest_n = 0;
	enum co_rc rc = CO_OK;
	bool more;

	if (!text_line(&lines, &line, &len) || len != sizeof(proof_head) - 1 ||
		memcmp(line, proof_head, len) != 0)
		return co_fail(err, CO_EMALFORMED, "proof: the first line is not %s", proof_head);
	more = text_line(&lines, &line, &len);
	if (more && after_word(line, len, "extra ", &rest, &rest_n)) {
		rc = parse_extra(&p, rest, rest_n, err);
		more = text_line(&lines, &line, &len);
	}
	if (rc == CO_OK &&
		(!more || !after_word(line, len, "index ", &rest, &rest_n) ||
			!text_decimal(rest, rest_n, &p.index)))
		rc = co_fail(err, CO_EMALFORMED, "proof: no index line");
	if (rc == CO_OK)
		rc = parse_hashes(&p, &lines, err);
	if (rc == CO_OK && lines.left == 0)
		rc = co_fail(err, CO_EMALFORMED, "proof: no checkpoint");
	if (rc != CO_OK)
		return rc;
	p.note_at = n - lines.left;
	*out = p;
	return CO_OK;
}
