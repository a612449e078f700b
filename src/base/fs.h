/* Files: whole reads with a limit, durable writes (house rule 12). */
#pragma once

#include "base/buf.h"

#include <sys/types.h>

enum co_rc co_write_all(int fd, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* Reads until n bytes or end; *got tells how many. */
enum co_rc co_read_full(int fd, void *p, size_t n, size_t *got, struct co_err *err) CO_NODISCARD;
/* The same at a place, without moving the descriptor: several threads may share it. */
enum co_rc co_pread_full(int fd, void *p, size_t n, uint64_t at, size_t *got, struct co_err *err)
	CO_NODISCARD;
/* The whole file into out (appended); CO_ETOOBIG past out's ceiling, CO_ENOTFOUND if absent. */
enum co_rc co_read_file(const char *path, struct co_buf *out, struct co_err *err) CO_NODISCARD;
/* Temporary file beside path, write, fsync, rename, fsync of the folder. */
enum co_rc co_write_file(const char *path, const void *p, size_t n, mode_t mode, struct co_err *err)
	CO_NODISCARD;
enum co_rc co_mkdirs(const char *path, mode_t mode, struct co_err *err) CO_NODISCARD;
enum co_rc co_fsync_dir(const char *path, struct co_err *err) CO_NODISCARD;
/* fsync of the folder that holds path. */
enum co_rc co_fsync_parent(const char *path, struct co_err *err) CO_NODISCARD;
/* dir + "/" + name in a fresh string (free()); NULL when memory is out. */
char *co_path_join(const char *dir, const char *name);
