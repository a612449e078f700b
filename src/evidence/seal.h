/* Sealing evidence: a file, a block device or a folder becomes one encrypted exhibit in the vault.
 * Runs in the process of the person who has the evidence; needs no node, no network, no private
 * key. Memory stays under 32 MiB whatever the size; the source is never changed.
 * A folder becomes a pax tar (POSIX.1-2001) in order of names, so the same folder gives the same
 * digest; symbolic links are stored, never followed; sockets, pipes and devices are left out. */
#pragma once

#include "base/limits.h"
#include "crypto/cert.h"
#include "vault/vault.h"

#include <jansson.h>

/* Who will be able to open it: each gets the key wrapped for its seal certificate. */
struct seal_recipient {
	const char *address;
	const struct cert *seal;
};

struct seal_conf {
	struct vault *vault;             /* borrowed */
	const struct seal_recipient *to; /* 1..8, ourselves among them if we are to open it again */
	size_t to_n;
	const char *name;  /* NULL: the last part of path; a folder gets ".tar" */
	const char *media; /* NULL: by name, else application/octet-stream */
	struct vault_how how; /* compression, digests */
	/* of is 0 when it is not known yet (folders); both in bytes. May be NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t of);
	/* A file that was left out or changed while it was read, in words. May be NULL. */
	void (*skipped)(void *arg, const char *path, const char *why);
	void *arg;
};

/* *exhibit: the object "exhibit" of a manifest (op exhibit.register takes it). On success the file
 * is durable in the vault; after an error nothing of it is there. CO_EIO: the source changed or
 * vanished while it was read. */
/* By the ending of a name; application/octet-stream when it says nothing. */
const char *seal_media(const char *name);
enum co_rc seal_path(const struct seal_conf *conf, const char *path, json_t **exhibit,
	struct co_err *err) CO_NODISCARD;
