/* What of an image cannot be read: a file is given on with zeros in those places, and each place is
 * told as a line "unread" and counted, so that no answer looks whole that is not. Lines:
 * docs/examine.md. */
#pragma once

#include "examine/inner/walk.h"

enum { LOST_STEP = 4096, LOST_RANGES = 32 };

/* min(n, size - at) bytes, zeros where nothing can be read; *lost of them are such zeros. What was
 * lost of a file is told when lost_tell is called, which may not be in the middle of content. */
enum co_rc lost_read(const struct item *i, void *p, size_t n, uint64_t at, size_t *got,
	size_t *lost, struct co_err *err) CO_NODISCARD;
/* For other bytes than a file's: at of the image, in the free space of a partition. */
enum co_rc lost_read_gap(struct image *image, unsigned part, void *p, size_t n, uint64_t at,
	size_t *lost, struct co_err *err) CO_NODISCARD;
/* After each file or gap. i: NULL for a gap. */
enum co_rc lost_tell(struct image *image, const struct item *i, struct co_err *err) CO_NODISCARD;
/* A place that is no file's content: a folder, a table, a partition. path may be NULL. */
enum co_rc lost_place(struct image *image, unsigned part, const char *path, const char *why,
	struct co_err *err) CO_NODISCARD;
/* Reads of tables and folders that failed since the last call become one such place. */
enum co_rc lost_tables(struct image *image, unsigned part, struct co_err *err) CO_NODISCARD;
