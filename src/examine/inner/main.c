/* comity-examiner: one job, then it is gone (base/worker.h). */
#include "base/worker.h"
#include "base/limits_examine.h"
#include "examine/inner/types.h"

#include <string.h>

static const struct {
	const char *name;
	job_run *run, *check;
} jobs[] = {
	{ "list", job_list, NULL },
	{ "extract", job_extract, NULL },
	{ "read", job_read, NULL },
	{ "types", job_types, NULL },
	{ "match", job_match, check_match },
	{ "scan", job_scan, check_scan },
	{ "search", job_search, check_search },
	{ "timeline", job_timeline, check_search },
};

static enum co_rc
job_parse(json_t **out, struct co_err *err)
{
	json_error_t why;
	co_auto_buf text;

	co_buf_init(&text, LIMIT_API_BODY);
	TRY(worker_job(&text, err));
	*out = json_loadb(text.data == NULL ? "" : text.data, text.len, JSON_REJECT_DUPLICATES,
		&why);
	return *out != NULL ? CO_OK : co_fail(err, CO_EUSAGE, "the job is no JSON: %s", why.text);
}

static enum co_rc
job_end(const struct job *j, struct co_err *err)
{
	(void)json_object_set_new(j->end, "files", json_integer((json_int_t)j->files));
	(void)json_object_set_new(j->end, "bytes", json_integer((json_int_t)j->bytes));
	(void)json_object_set_new(j->end, "unread", json_integer((json_int_t)j->image->unread));
	(void)json_object_set_new(
		j->end, "unread_bytes", json_integer((json_int_t)j->image->unread_bytes));
	return say("end", json_incref(j->end), err);
}

static enum co_rc
job_do(size_t k, struct co_err *err)
{
	json_auto *text = NULL, *end = json_object(), *none = json_object();
	image_auto *image = NULL;
	struct job j = { .end = end };
	bool check;

	TRY(job_parse(&text, err));
	check = jobs[k].check != NULL && json_is_true(json_object_get(text, "check"));
	if (!check)
		TRY(image_open(&image, text, err));
	j.image = image;
	j.options = json_object_get(text, "options");
	if (!json_is_object(j.options))
		j.options = none;
	j.files_n = (unsigned)json_integer_value(json_object_get(text, "files"));
	if (j.files_n > LIMIT_EXAMINE_FILES)
		return co_fail(err, CO_EUSAGE, "a job has at most %d files", LIMIT_EXAMINE_FILES);
	if (check) {
		TRY(jobs[k].check(&j, err));
		return say("end", json_incref(end), err);
	}
	TRY(jobs[k].run(&j, err));
	return job_end(&j, err);
}

/* Its number, or that of none. */
static size_t
job_named(const char *name)
{
	for (size_t i = 0; name != NULL && i < CO_ARRAY_LEN(jobs); i++)
		if (strcmp(jobs[i].name, name) == 0)
			return i;
	return CO_ARRAY_LEN(jobs);
}

int
main(int argc, char **argv)
{
	static char answer[64 * 1024];
	const struct sandbox_worker keep = { .reads = NULL };
	struct co_err err = { 0 };
	size_t k = job_named(argc > 2 ? argv[2] : NULL);
	enum co_rc rc = CO_OK;

	(void)setvbuf(stdout, answer, _IOFBF, sizeof(answer));
	if (k < CO_ARRAY_LEN(jobs) && jobs[k].run == job_types)
		rc = types_load(&err);
	if (rc == CO_OK)
		rc = worker_begin(argc, argv, &keep, &err);
	if (rc == CO_OK && k == CO_ARRAY_LEN(jobs))
		rc = co_fail(&err, CO_EUSAGE, "no such job");
	if (rc == CO_OK)
		rc = job_do(k, &err);
	worker_end(rc, &err);
}
