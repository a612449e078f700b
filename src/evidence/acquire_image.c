/* An image that somebody else made becomes an exhibit: its content, not the file it is in. */
#include "evidence/acquire_inside.h"

struct pouring {
	struct source *s;
};

static enum co_rc
pour(void *to, const void *p, size_t n, uint64_t of, struct co_err *err)
{
	struct pouring *a = to;

	a->s->of = of;
	TRY(source_put(a->s, p, n, err));
	source_progress(a->s, n, false);
	return CO_OK;
}

enum co_rc
taking_image(struct taking *t, struct source *s, struct co_err *err)
{
	struct pouring to = { .s = s };
	json_t *about = NULL;

	TRY(t->conf->image(t->conf->seal.arg, pour, &to, &about, err));
	if (json_object_set_new(t->note, "image", about) != 0)
		return co_fail(err, CO_ENOMEM, "note");
	/* Known before it is named, not when the manifest is refused. */
	return s->seal == NULL ? CO_OK : note_check(t, err);
}
