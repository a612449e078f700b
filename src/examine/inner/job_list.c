#include "examine/inner/job.h"

struct walk
job_walk(struct job *j, enum co_rc (*item)(void *, const struct item *, struct co_err *), void *arg)
{
	return (struct walk){ .image = j->image,
		.orphans = job_flag(j, "orphans"),
		.streams = true,
		.one_part = json_is_integer(json_object_get(j->options, "part")),
		.part = (unsigned)job_number(j, "part"),
		.item = item,
		.arg = arg };
}

enum co_rc
job_too_big(struct job *j, const struct item *i, bool *is, struct co_err *err)
{
	uint64_t most = job_number(j, "max_file");

	*is = most != 0 && i->size > most;
	return *is ? say_note(err, "%s has %llu bytes and was passed over (--max-file)", i->path,
			     (unsigned long long)i->size)
		   : CO_OK;
}

static enum co_rc
one(void *arg, const struct item *i, struct co_err *err)
{
	struct job *j = arg;

	j->files++;
	return say("file", item_json(i), err);
}

enum co_rc
job_list(struct job *j, struct co_err *err)
{
	struct walk w = job_walk(j, one, j);
	unsigned found = 0;

	TRY(walk_image(&w, &found, err));
	(void)json_object_set_new(j->end, "filesystems", json_integer(found));
	return CO_OK;
}
