/* Shared by the files acquire*.c only: one acquisition under way and its note (JSON, of no
 * interest to anyone else). Never included elsewhere. */
#pragma once

#include "evidence/acquire.h"
#include "evidence/device.h"
#include "evidence/source.h"
#include "vault/resume.h"

enum { EDGE = 64 * 1024 };

struct taking {
	const struct acquire_conf *conf;
	struct seal_conf seal; /* of conf, or after a stop of the note */
	const char *path;
	char id[CO_UUID_LEN + 1], name[LIMIT_NAME + 1];
	int fd;
	bool folder, image; /* neither: read in place */
	struct device device;
	unsigned retries;
	bool again;
	json_t *note; /* as on disk */
	struct bad_map bad;
	struct reader reader;
	uint64_t told_bad;
};

/* ---- acquire_image.c ---- */
/* The content of an image; what it says of itself is in the note, and fit for a manifest. */
enum co_rc taking_image(struct taking *t, struct source *s, struct co_err *err) CO_NODISCARD;

/* ---- acquire_note.c ---- */
/* Both clocks, now: the object "begun" or "ended". */
json_t *note_clocks(void);
/* The note of a fresh acquisition. wrapped is not taken. */
enum co_rc note_make(struct taking *t, json_t *wrapped, struct co_err *err) CO_NODISCARD;
/* Durable: a sector's verdict stands before its zeros are sealed (docs/decisions/0018). */
enum co_rc note_write(struct taking *t, struct co_err *err) CO_NODISCARD;
/* Would a manifest take what is said? Asked before an hour of reading, not after. CO_EMALFORMED. */
enum co_rc note_check(struct taking *t, struct co_err *err) CO_NODISCARD;
/* Reads the note of id and sets what it says in t; the note is ours alone, and checked all the
 * same. */
enum co_rc note_load(struct taking *t, const char *id, struct co_err *err) CO_NODISCARD;
/* SHA-256 of the first and the last 64 KiB of a source, as hex. */
enum co_rc note_edges(struct taking *t, json_t **out, struct co_err *err) CO_NODISCARD;
/* CO_EIO: it is not the source that the note tells of. */
enum co_rc note_same(struct taking *t, struct co_err *err) CO_NODISCARD;
/* The object "acquisition"; again may be NULL. */
enum co_rc note_record(struct taking *t, const json_t *again, json_t **out,
	struct co_err *err) CO_NODISCARD;
