#include "examine/run.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/limits_examine.h"
#include "examine/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PATIENCE_S = 5 };

const struct child_limits examine_limits = {
	.memory = LIMIT_EXAMINE_MEMORY,
	.file_size = 1, /* it has nothing to write to */
	.answer = LIMIT_EXAMINE_ANSWER,
	.cpu_s = 3600,
	.wall_ms = 4u * 3600 * 1000,
};

struct job {
	const struct examine_job *ask;
	struct answer answer;
	int ours, theirs; /* the ends of the socket pair */
	uint64_t done, of;
	unsigned char given[sizeof(struct examine_given) + EXAMINE_READ];
	unsigned unread; /* questions in a row that could not be answered */
};

static enum co_rc
send_all(int fd, const unsigned char *p, size_t n, struct co_err *err)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		/* It has ended: how, its end tells. */
		if (w < 0 && (errno == EPIPE || errno == ECONNRESET))
			return CO_ECLOSED;
		if (w < 0 && errno == EAGAIN)
			return co_fail(err, CO_ETIMEOUT,
				"the examiner does not take the bytes it asked for");
		if (w < 0)
			return co_fail_errno(err, "examiner");
		p += w;
		n -= (size_t)w;
	}
	return CO_OK;
}

/* What is asked for, or that it cannot be read. */
static enum co_rc
give(struct job *j, const struct examine_source *s, const struct examine_ask *ask,
	struct co_err *err)
{
	struct examine_given head = { .n = ask->n };
	struct co_err why = { 0 };
	enum co_rc rc = s->read(s->arg, j->given + sizeof(head), ask->n, ask->at, &why);

	if (rc == CO_EIO && ++j->unread < LIMIT_EXAMINE_UNREAD)
		head.n = 0;
	else if (rc != CO_OK)
		return co_fail(err, rc, "%s", why.msg);
	else
		j->unread = 0;
	memcpy(j->given, &head, sizeof(head));
	return send_all(j->ours, j->given, sizeof(head) + head.n, err);
}

/* One question. The socket has a time-out, so half a question cannot hold us. */
static enum co_rc
serve(void *arg, struct co_err *err)
{
	struct job *j = arg;
	const struct examine_source *s;
	struct examine_ask ask;
	ssize_t n;

	/* It runs, with an end of its own: ours of it would hide that it is gone. */
	if (j->theirs >= 0)
		close(j->theirs);
	j->theirs = -1;
	n = recv(j->ours, &ask, sizeof(ask), MSG_WAITALL);

	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return CO_ECLOSED;
	if (n < 0 && errno == EINTR)
		return CO_OK;
	if (n != (ssize_t)sizeof(ask) || ask.source >= j->ask->sources_n || ask.n == 0 ||
		ask.n > EXAMINE_READ)
		return co_fail(err, CO_EMALFORMED, "the examiner asked for something that is none");
	s = &j->ask->sources[ask.source];
	if (ask.at > s->size || ask.n > s->size - ask.at)
		return co_fail(err, CO_EMALFORMED,
			"the examiner asked for bytes past the end of %s", s->name);
	return give(j, s, &ask, err);
}

static enum co_rc
said(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct job *j = arg;

	return answer_add(&j->answer, p, n, err);
}

static enum co_rc
line(void *arg, const char *type, const json_t *line_, struct co_err *err)
{
	struct job *j = arg;

	if (strcmp(type, "progress") != 0)
		return j->ask->line(j->ask->arg, type, line_, err);
	j->done = (uint64_t)json_integer_value(json_object_get(line_, "done"));
	j->of = (uint64_t)json_integer_value(json_object_get(line_, "of"));
	return CO_OK;
}

static enum co_rc
content(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct job *j = arg;

	return j->ask->content(j->ask->arg, p, n, err);
}

static enum co_rc
tick(void *arg, struct co_err *err)
{
	struct job *j = arg;

	return j->ask->progress == NULL ? CO_OK
					: j->ask->progress(j->ask->arg, j->done, j->of, err);
}

static char *
job_text(const struct examine_job *ask)
{
	json_t *sources = json_array(), *job;
	char *text;

	for (size_t i = 0; i < ask->sources_n; i++)
		(void)json_array_append_new(sources,
			json_pack("{s:s?,s:I}", "name", ask->sources[i].name, "size",
				(json_int_t)ask->sources[i].size));
	job = json_pack("{s:s,s:b,s:o,s:i,s:O?}", "job", ask->name, "check", ask->check, "sources",
		sources, "files", (int)ask->files_n, "options", ask->options);
	text = json_dumps(job, JSON_COMPACT);
	json_decref(job);
	return text;
}

static enum co_rc
socket_pair(int s[2], struct co_err *err)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) != 0 ||
		setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
		setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
		return co_fail_errno(err, "examiner");
	return CO_OK;
}

static enum co_rc
job_run(struct job *j, const char *text, struct child_report *report, struct co_err *err)
{
	const struct examine_job *ask = j->ask;
	const char *const argv[] = { ask->name, NULL };
	int fds[1 + LIMIT_EXAMINE_FILES] = { j->theirs };
	struct child_conf conf = { .program =
			ask->program != NULL ? ask->program : "comity-examiner",
		.argv = argv,
		.job = text,
		.job_n = strlen(text),
		.fds = fds,
		.fds_n = 1 + ask->files_n,
		.limits = ask->limits,
		.no_sandbox = ask->no_sandbox,
		.sink = said,
		.tick = tick,
		.arg = j,
		.serve = { { j->ours, serve, j } },
		.serve_n = 1 };

	for (size_t i = 0; i < ask->files_n; i++)
		fds[1 + i] = ask->files[i];
	TRY(child_run(&conf, report, err));
	return answer_end(&j->answer, err);
}

enum co_rc
examine_run(const struct examine_job *ask, struct child_report *report, struct co_err *err)
{
	co_auto_free struct job *j = calloc(1, sizeof(*j));
	co_auto_free char *text = job_text(ask);
	int s[2] = { -1, -1 };
	enum co_rc rc;

	if (j == NULL || text == NULL)
		return co_fail(err, CO_ENOMEM, "examiner");
	if ((ask->sources_n == 0 && !ask->check) || ask->sources_n > EXAMINE_SOURCES ||
		ask->files_n > LIMIT_EXAMINE_FILES)
		return co_fail(err, CO_EUSAGE,
			"an examination takes 1 to %d sources and at most %d files",
			EXAMINE_SOURCES, LIMIT_EXAMINE_FILES);
	TRY(socket_pair(s, err));
	j->ask = ask;
	j->ours = s[0];
	j->theirs = s[1];
	answer_init(&j->answer);
	j->answer.line = line;
	j->answer.content = ask->content == NULL ? NULL : content;
	j->answer.arg = j;
	rc = job_run(j, text, report, err);
	answer_deinit(&j->answer);
	close(s[0]);
	if (j->theirs >= 0)
		close(j->theirs);
	return rc;
}
