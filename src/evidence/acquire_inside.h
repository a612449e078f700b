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
	unsigned char seal_key[SHA256_LEN]; /* what the note is authenticated under */
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
/* The note is authenticated under a key that comes from the key of the content: who cannot open the
 * exhibit cannot change what its record will say. */
void note_key(struct taking *t, const unsigned char key[CHUNKED_KEY]);
/* Reads the note of id and sets what it says in t; text: as it is on disk, appended. Nothing of it
 * is acted on before note_sound. */
enum co_rc note_load(
	struct taking *t, const char *id, struct co_buf *text, struct co_err *err) CO_NODISCARD;
/* CO_EREFUSED: it was changed, cut, or is the note of another. */
enum co_rc note_sound(
	const struct taking *t, const struct co_buf *text, struct co_err *err) CO_NODISCARD;
/* SHA-256 of the first and the last 64 KiB of a source, as hex. */
enum co_rc note_edges(struct taking *t, json_t **out, struct co_err *err) CO_NODISCARD;
/* CO_EIO: it is not the source that the note tells of. */
enum co_rc note_same(struct taking *t, struct co_err *err) CO_NODISCARD;
/* The object "acquisition"; again may be NULL. */
enum co_rc note_record(struct taking *t, const json_t *again, json_t **out,
	struct co_err *err) CO_NODISCARD;
