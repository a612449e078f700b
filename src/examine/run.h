/* One job of the examiner: comity-examiner is started (base/child.h), gets the job as JSON and the
 * bytes of its sources as it asks for them, and its answer is taken apart line by line. Must never
 * give it a key, a path, or a descriptor of the evidence. Jobs and lines: docs/examine.md. */
#pragma once

#include "base/child.h"
#include "examine/answer.h"
#include "examine/source.h"

enum { EXAMINE_SOURCES = 512 };

struct examine_job {
	const char *name; /* list, extract, read, types, match, scan, search, timeline */
	const struct examine_source *sources; /* one, or the segments of an image in order */
	size_t sources_n;
	const json_t *options; /* of the job; may be NULL */
	const int *files;      /* hash sets or rules; read only, borrowed */
	size_t files_n;
	struct child_limits limits;
	bool check; /* options and files only: no source is read, sources_n may be 0 */
	bool no_sandbox;
	const char *program; /* NULL: comity-examiner */
	enum co_rc (*line)(void *arg, const char *type, const json_t *line, struct co_err *err);
	enum co_rc (*content)(void *arg, const void *p, size_t n, struct co_err *err);
	/* A few times a second; of 0: the whole is not known. A failure cancels. May be NULL. */
	enum co_rc (*progress)(void *arg, uint64_t done, uint64_t of, struct co_err *err);
	void *arg;
};

/* What a person would wait for and a laptop has: 128 MiB, an hour of processor time. */
extern const struct child_limits examine_limits;

/* Lines of type progress are not handed on. CO_OK: all of it was done and told; otherwise err says
 * why not, and what was handed on so far is not whole. report as of child_run. */
enum co_rc examine_run(const struct examine_job *job, struct child_report *report,
	struct co_err *err) CO_NODISCARD;
