/* The jobs of the examiner, one file each; main.c has their table. A job tells lines as it goes and
 * puts its counts into end. Options are the caller's, checked here again. Lines:
 * docs/examine.md. */
#pragma once

#include "examine/inner/walk.h"

struct job {
	struct image *image;
	const json_t *options; /* an object */
	unsigned files_n;      /* descriptors from EXAMINE_FILES on */
	json_t *end;           /* of the line "end" */
	uint64_t files, bytes; /* looked at: for end */
};
typedef enum co_rc job_run(struct job *j, struct co_err *err);
job_run job_list, job_extract, job_read, job_types, job_match, job_scan, job_search, job_timeline;
/* Options and files alone, without an image: what is wrong with them is known before an exhibit is
 * opened and that is signed. */
job_run check_match, check_scan, check_search;

static inline bool
job_flag(const struct job *j, const char *name)
{
	return json_is_true(json_object_get(j->options, name));
}
static inline uint64_t
job_number(const struct job *j, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(j->options, name));
}
static inline const char *
job_text(const struct job *j, const char *name)
{
	return json_string_value(json_object_get(j->options, name));
}
/* A walk with the options that every job has. */
struct walk job_walk(struct job *j, enum co_rc (*item)(void *, const struct item *,
	struct co_err *), void *arg);
/* Is a file past --max-file? Then a note says so. */
enum co_rc job_too_big(struct job *j, const struct item *i, bool *is, struct co_err *err)
	CO_NODISCARD;

/* Indicators and terms in one file or one gap, in windows; search.c, also used by the timeline. */
struct term;
struct lookup {
	unsigned kinds; /* bits of enum indicator */
	struct term *terms;
	size_t terms_n;
	unsigned char *window;
	uint64_t most, hits; /* at most so many */
	/* One hit; text: what was found. */
	enum co_rc (*hit)(void *arg, const char *kind, const char *text, uint64_t at, bool wide,
		struct co_err *err);
	void *arg;
	/* Private. */
	struct co_err *err;
	enum co_rc rc;
};
enum co_rc lookup_open(struct lookup *l, struct job *j, struct co_err *err) CO_NODISCARD;
void lookup_close(struct lookup *l);
enum co_rc lookup_item(struct lookup *l, const struct item *i, struct co_err *err) CO_NODISCARD;
