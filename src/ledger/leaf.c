#include "base/clock.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

void
leaf_make_salted(struct leaf *out, enum leaf_type type, const unsigned char salt[LEAF_SALT],
	const void *bytes, size_t n, const void *sig, size_t sig_n)
{
	unsigned char in[LEAF_SALT + 2 * SHA256_LEN];

	memcpy(in, salt, LEAF_SALT);
	sha256(bytes, n, in + LEAF_SALT);
	sha256(sig == NULL ? "" : sig, sig_n, in + LEAF_SALT + SHA256_LEN);
	memmove(out->salt, salt, LEAF_SALT);
	out->entry[0] = (unsigned char)type;
	sha256(in, sizeof(in), out->entry + 1);
	merkle_leaf(out->entry, LEAF_ENTRY, &out->hash);
}

void
leaf_make(struct leaf *out, enum leaf_type type, const void *bytes, size_t n, const void *sig,
	size_t sig_n)
{
	unsigned char salt[LEAF_SALT];

	crypto_random(salt, sizeof(salt));
	leaf_make_salted(out, type, salt, bytes, n, sig, sig_n);
}

enum co_rc
ledger_append(struct store_db *db, const struct leaf *leaf, const char *subject, uint64_t *index,
	struct co_err *err)
{
	enum co_rc rc = store_run(db, NULL, Q_LEAF_INSERT, err, "tibbb", subject,
		(int64_t)leaf->entry[0], leaf->salt, (size_t)LEAF_SALT, leaf->entry,
		(size_t)LEAF_ENTRY, leaf->hash.b, (size_t)SHA256_LEN);

	if (rc == CO_OK && index != NULL)
		*index = (uint64_t)store_last_rowid(db) - 1;
	return rc;
}

/* The committed text names everything the row says, so that no column can be changed unseen. */
static char *
event_text(const char *id, int64_t at_us, const char *what, const char *who, json_t *detail)
{
	char at[CO_TIME_LEN];
	json_t *j;
	char *text;

	co_time_print(at_us, at);
	j = json_pack("{s:s, s:s, s:s, s:s, s:O}", "id", id, "at", at, "what", what, "who", who,
		"detail", detail);
	text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);
	json_decref(j);
	return text;
}

enum co_rc
ledger_event(struct store_db *db, const char *what, const char *who, const char *json_text,
	struct co_err *err)
{
	char id[CO_UUID_LEN + 1];

	return ledger_event_id(db, what, who, json_text, id, err);
}

enum co_rc
ledger_event_id(struct store_db *db, const char *what, const char *who, const char *json_text,
	char id[CO_UUID_LEN + 1], struct co_err *err)
{
	int64_t at_us = co_now_us();
	json_t *detail = json_loads(json_text, JSON_REJECT_DUPLICATES, NULL);
	co_auto_free char *text = NULL;
	struct leaf leaf;
	enum co_rc rc;

	if (detail == NULL)
		return co_fail(
			err, CO_EUSAGE, "event %s: its detail is not a JSON object or list", what);
	co_uuid7(id);
	text = event_text(id, at_us, what, who, detail);
	json_decref(detail);
	if (text == NULL)
		return co_fail(err, CO_EMALFORMED, "event %s: %s is not UTF-8 text", what, who);
	rc = store_run(db, NULL, Q_EVENT_INSERT, err, "tittt", id, at_us, what, who, text);
	if (rc != CO_OK)
		return rc;
	leaf_make(&leaf, LEAF_EVENT, text, strlen(text), NULL, 0);
	return ledger_append(db, &leaf, id, NULL, err);
}
