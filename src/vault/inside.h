/* Shared by the files of room vault only: names and descriptors inside the folder.
 * An id is checked to be a UUID before it becomes part of a path. */
#pragma once

#include "vault/vault.h"

#include <sys/types.h>

enum {
	VAULT_BLOCK_CHUNKS = 32, /* one block of the sealing threads: 512 KiB of content */
	VAULT_BLOCK_PLAIN = VAULT_BLOCK_CHUNKS * CHUNKED_PLAIN,
	VAULT_BLOCK_SEALED = VAULT_BLOCK_CHUNKS * CHUNKED_CIPHER,
	VAULT_SLOTS = 8, /* blocks under way: 12 MiB in all when sealing with compression */
	VAULT_NAME = CO_UUID_LEN + 8
};

struct vault {
	int dir;
	char *path; /* for messages */
};

/* "<id><suffix>"; CO_EUSAGE when id is no UUID. */
enum co_rc vault_name(
	char out[VAULT_NAME], const char *id, const char *suffix, struct co_err *err) CO_NODISCARD;
/* Gives a finished file its name, never over another, and makes the name durable. */
enum co_rc vault_publish(
	struct vault *v, const char *from, const char *id, struct co_err *err) CO_NODISCARD;
bool vault_exists(struct vault *v, const char *name);
enum co_rc vault_pwrite(
	int fd, const void *p, size_t n, uint64_t at, struct co_err *err) CO_NODISCARD;
