#include "base/worker.h"

#include "base/child.h"
#include "base/fs.h"

#include <malloc.h>
#include <string.h>

enum co_rc
worker_begin(int argc, char **argv, const struct sandbox_worker *keep, struct co_err *err)
{
	if (argc < 2 || (strcmp(argv[1], "on") != 0 && strcmp(argv[1], "off") != 0))
		return co_fail(err, CO_EUSAGE,
			"%s is an inner part of comity, which starts it by itself; see comity "
			"--help",
			argc > 0 ? argv[0] : "this program");
	/* One heap, and what was freed goes back: the limit is on what is held. */
	(void)mallopt(M_ARENA_MAX, 1);
	return strcmp(argv[1], "on") == 0 ? sandbox_worker(keep, err) : CO_OK;
}

enum co_rc
worker_job(struct co_buf *out, struct co_err *err)
{
	char *at;
	size_t got;

	for (;;) {
		TRY(co_buf_reserve(out, 4096, &at, err));
		TRY(co_read_full(STDIN_FILENO, at, 4096, &got, err));
		out->len += got;
		out->data[out->len] = '\0';
		if (got < 4096)
			return CO_OK;
	}
}

void
worker_end(enum co_rc rc, struct co_err *err)
{
	if (fflush(stdout) != 0 && rc == CO_OK)
		rc = co_fail_errno(err, "answer");
	if (rc == CO_OK)
		_exit(0);
	for (char *c = err->msg; *c != '\0'; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	/* One write of less than a pipe takes at once: never in pieces. */
	(void)dprintf(STDERR_FILENO, "\n%s %s\n", co_rc_name(rc), err->msg);
	_exit(rc == CO_ENOMEM ? CHILD_EXIT_MEMORY : CHILD_EXIT_FAILED);
}
