/* Archive time-stamps of a ledger (after the idea of RFC 4998): what exists is stamped again before
 * the certificates of its time-stamps end. Must never change or drop an older time-stamp. The text
 * of a link is what sha512sum writes and reads; docs/protocol.md, 7.6. */
#pragma once

#include "ledger/ledger.h"

/* Archive time-stamps (after RFC 4998): before the certificate of a time-stamp ends, a new one over
 * the newest checkpoint, its time-stamp, and the link before. Each link is a text as sha512sum
 * writes it, so that sha512sum and `openssl ts` check it. The newest checkpoint commits to every
 * earlier one and, by its events, to the time-stamps of those. */
struct ledger_link {
	int64_t n, at_us, until_us;
	uint64_t size;
	const char *text;  /* borrowed for the call */
	const void *token;
	size_t token_n;
};
/* Makes a link when the first end is within margin_us and a new time-stamp lasts longer; *made
 * tells. The clerk calls it every minute or so; it looks seldom by itself. */
enum co_rc ledger_renew(struct ledger *l, int64_t now_us, int64_t margin_us, bool *made,
	struct co_err *err) CO_NODISCARD;
enum co_rc ledger_archive(struct store_db *db,
	enum co_rc (*call)(void *arg, const struct ledger_link *link, struct co_err *err),
	void *arg, struct co_err *err) CO_NODISCARD;
/* The first end of a time-stamp that no link covers; 0: none known. */
enum co_rc ledger_stamps_end(struct store_db *db, int64_t *until_us, struct co_err *err)
	CO_NODISCARD;
/* The event that names the time-stamp of a checkpoint, as text, and its proof under the stamped
 * checkpoint of `under` leaves. CO_ENOTFOUND: it is not named there. */
enum co_rc ledger_prove_named(struct store_db *db, uint64_t size, uint64_t under,
	struct co_buf *event, struct co_buf *proof, struct co_err *err) CO_NODISCARD;
/* Pure: does the text of a link name these bytes as that file? */
bool ledger_link_names(const char *text, const char *file, const void *p, size_t n);

/* ---- checking; also for what lies in a package ---- */
struct cert;
struct tsp_seen;
/* Does a link hold: its time-stamp under one of the roots, and does it name these files of the
 * checkpoint of link->size, and the link before (NULL for the first)? *seen is its time-stamp. */
struct ledger_covered {
	const void *note, *token;
	size_t note_n, token_n;
};
enum co_rc ledger_link_check(const struct ledger_link *link, const struct ledger_link *before,
	const struct ledger_covered *state, const struct cert *const *roots, size_t roots_n,
	struct tsp_seen *seen, struct co_err *err) CO_NODISCARD;
/* Does the event, whose proof p is under the state `under`, name this time-stamp of the state of
 * size leaves? CO_EVERIFY: it does not, or does not stand there. */
struct proof;
enum co_rc ledger_named_check(const void *event, size_t event_n, const struct proof *p,
	const struct checkpoint *under, uint64_t size, const void *token, size_t token_n,
	struct co_err *err) CO_NODISCARD;

/* What the links over the time-stamp of one checkpoint come to, each checked anew. */
struct ledger_cover {
	size_t n;         /* links from the first that covers it on */
	int64_t first_us; /* when that was made */
	int64_t until_us; /* when the certificates of the newest end */
	char signer[256]; /* of the newest */
};
/* CO_ENOTFOUND: no link covers it. CO_EVERIFY: one does not hold, or came after the one before had
 * ended. */
enum co_rc ledger_cover(struct store_db *db, const char *vkey, uint64_t size, const void *token,
	size_t token_n, const struct cert *const *roots, size_t roots_n, struct ledger_cover *out,
	struct co_err *err) CO_NODISCARD;
