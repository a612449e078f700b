/* Packages as zip files (PKWARE APPNOTE 6.3), written in exactly one way: members stored, one after
 * the other from byte 0, no gaps, no comments, fixed times and modes, zip64 fields only where a
 * value needs them. A reader makes every header again from name, size, CRC and offset and compares:
 * so the two headers of a member cannot disagree, nothing hides between members, there is nothing
 * to inflate, and no bit of the file escapes. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

#include <stdint.h>

struct zip_member {
	char *name;
	uint64_t size, at; /* at: of the local header */
	uint32_t crc;
};

/* A relative path of plain parts: no "..", no backslash, no control characters, UTF-8. */
bool zip_name_ok(const char *s, size_t n);
uint64_t zip_data_at(const struct zip_member *m);

/* zip_format.c: the bytes of each structure, appended. */
enum co_rc zip_local(
	const struct zip_member *m, struct co_buf *out, struct co_err *err) CO_NODISCARD;
enum co_rc zip_central(
	const struct zip_member *m, struct co_buf *out, struct co_err *err) CO_NODISCARD;
enum co_rc zip_end(uint64_t members, uint64_t at, uint64_t size, struct co_buf *out,
	struct co_err *err) CO_NODISCARD;

/* ---- writing: to a temporary file beside path; zip_finish makes it durable and names it ---- */
struct zip_writer;
enum co_rc zip_create(struct zip_writer **out, const char *path, struct co_err *err) CO_NODISCARD;
enum co_rc zip_put(struct zip_writer *w, const char *name, const void *p, size_t n,
	struct co_err *err) CO_NODISCARD;
/* A member of a size known before: begin, add all of it, done. */
enum co_rc zip_put_begin(
	struct zip_writer *w, const char *name, uint64_t size, struct co_err *err) CO_NODISCARD;
enum co_rc zip_put_add(
	struct zip_writer *w, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
enum co_rc zip_put_done(struct zip_writer *w, struct co_err *err) CO_NODISCARD;
/* The whole of fd, with its SHA-256. */
enum co_rc zip_put_fd(struct zip_writer *w, const char *name, int fd, uint64_t size,
	void (*progress)(void *arg, uint64_t n), void *arg, unsigned char sha256[32],
	struct co_err *err) CO_NODISCARD;
/* CO_EEXISTS when path is there by now. */
enum co_rc zip_finish(struct zip_writer *w, uint64_t *size, struct co_err *err) CO_NODISCARD;
void zip_writer_free(struct zip_writer **w); /* removes what was not finished */
#define zip_writer_auto CO_CLEANUP(zip_writer_free) struct zip_writer

/* ---- reading ---- */
struct zip;
/* Checks every header. CO_EVERIFY names the member and what is wrong with it. */
enum co_rc zip_open(struct zip **out, const char *path, struct co_err *err) CO_NODISCARD;
/* A member that is such a zip itself. */
enum co_rc zip_open_inside(const struct zip *outer, const struct zip_member *m, struct zip **out,
	struct co_err *err) CO_NODISCARD;
void zip_free(struct zip **z);
#define zip_auto CO_CLEANUP(zip_free) struct zip
size_t zip_count(const struct zip *z);
const struct zip_member *zip_at(const struct zip *z, size_t i); /* in order of the file */
const struct zip_member *zip_find(const struct zip *z, const char *name);
/* Reads a member once: its digests, and whether the CRC in the zip fits. */
struct zip_sums {
	bool with512; /* set by the caller: SHA-512 too */
	unsigned char sha256[32], sha512[64];
	bool crc_fits;
};
enum co_rc zip_digest(const struct zip *z, const struct zip_member *m,
	void (*progress)(void *arg, uint64_t n), void *arg, struct zip_sums *sums,
	struct co_err *err) CO_NODISCARD;
/* A text of at most LIMIT_PACKAGE_MEMBER bytes, appended; CO_ENOTFOUND. */
enum co_rc zip_text(
	const struct zip *z, const char *name, struct co_buf *out, struct co_err *err) CO_NODISCARD;
