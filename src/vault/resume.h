/* Going on with a sealing that stays (struct vault_how) after a stop of any kind. What is in the
 * vault is <id>.take, chunks as in <id>.sealed, and <id>.note, the words of whoever seals. Never
 * believes a chunk that it has not authenticated. docs/decisions/0018. */
#pragma once

#include "base/buf.h"
#include "vault/vault.h"

/* Goes on with what a stop left of a sealing that stays: it is authenticated and digested again.
 * CO_EEXISTS: it was ended, see vault_seal_sums. CO_EBUSY: another process has it. */
struct vault_kept {
	uint64_t plain_at; /* bytes of content that are sealed */
	char sha256[SHA256_HEX + 1]; /* of them */
	int64_t written_us; /* when the last of it was written; 0: nothing was */
};
enum co_rc vault_seal_resume(struct vault_seal **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], const struct vault_how *how, struct vault_kept *kept,
	struct co_err *err) CO_NODISCARD;
/* What vault_seal_end told, from the sealed file; sink (may be NULL) gets the content. */
enum co_rc vault_seal_sums(struct vault *v, const char *id, const unsigned char key[CHUNKED_KEY],
	const struct vault_how *how, vault_sink *sink, void *arg, struct vault_sums *sums,
	struct co_err *err) CO_NODISCARD;
/* Removes what stays of a sealing that was not ended. CO_EBUSY. */
enum co_rc vault_seal_drop(struct vault *v, const char *id, struct co_err *err) CO_NODISCARD;
/* <id>.note, beside what stays: the words of whoever seals. Durable; CO_ENOTFOUND. */
enum co_rc vault_note_write(struct vault *v, const char *id, const void *p, size_t n,
	struct co_err *err) CO_NODISCARD;
enum co_rc vault_note_read(
	struct vault *v, const char *id, struct co_buf *out, struct co_err *err) CO_NODISCARD;
enum co_rc vault_note_remove(struct vault *v, const char *id, struct co_err *err) CO_NODISCARD;
