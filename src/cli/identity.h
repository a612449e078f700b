/* What a node is known by: the uses of its certificates, and how init and certificate make them.
 * Private keys pass through here on their way to their files, and stay nowhere. */
#pragma once

#include "cli/config.h"
#include "crypto/cert.h"

struct identity {
	enum cert_use use;
	const char *name;     /* of files, and of the options --NAME-key and --NAME-cert */
	const char *word;     /* for people and programs: time-stamp */
	size_t conf_key;      /* place of the key's key in struct config */
	int years;
};
enum { IDENTITIES = 3 };
extern const struct identity identities[IDENTITIES];
/* The key of the configuration, as key_load wants it. */
const char *identity_key(const struct identity *id, const struct config *conf);

/* By the node's own root, from an hour ago; never longer than the root. */
enum co_rc identity_issue(struct cert **out, const struct identity *id, const struct config *conf,
	const struct key *key, const struct cert *root, const struct key *root_key,
	struct co_err *err) CO_NODISCARD;
/* One that was brought: it belongs to the key, is fit, and chains to the root today. */
enum co_rc identity_brought(struct cert **out, const struct identity *id, const char *path,
	const struct key *key, const struct cert *root, struct co_err *err) CO_NODISCARD;
/* The first line of a file that nobody else can read; "" when path is NULL. Wipe it. */
enum co_rc identity_secret(const char *path, char out[LIMIT_NAME + 1], struct co_err *err)
	CO_NODISCARD;
