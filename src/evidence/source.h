/* Reading what is to be sealed: one file or device, or a folder as a tar stream. Private to the
 * room. Never follows a symbolic link below the path given, never writes to the source. */
#pragma once

#include "evidence/seal.h"

struct source {
	const struct seal_conf *conf;
	struct vault_seal *seal;
	uint64_t done, of; /* bytes of content so far; of 0: not known */
	uint64_t files;    /* in a folder */
	int64_t told_us;   /* when progress was told last */
};

/* Bytes went into the seal: tells progress now and then. */
void source_progress(struct source *s, uint64_t n, bool last);
/* path is open as fd; for messages. */
enum co_rc source_file(struct source *s, int fd, const char *path, struct co_err *err) CO_NODISCARD;
enum co_rc source_folder(
	struct source *s, int fd, const char *path, struct co_err *err) CO_NODISCARD;
/* What must not change between two looks at a file; false: it changed. */
struct stat;
bool source_same(const struct stat *a, const struct stat *b);
