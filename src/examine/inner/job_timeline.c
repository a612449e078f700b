/* What happened when, in order of time, in bounded memory: a walk keeps the earliest events that
 * were not told yet, tells them, and walks again for the rest. */
#include "examine/inner/job.h"

#include "base/limits_examine.h"

#include <string.h>

struct event {
	int64_t s;
	uint32_t ns;
	uint32_t order; /* of the walk: makes each event unlike every other */
	enum item_when when;
	json_t *item;
};

struct timing {
	struct job *job;
	struct event *heap; /* the latest is at the top */
	size_t n, most;
	struct event last;  /* told */
	bool any, more;     /* any: last holds; more: something did not fit */
	uint32_t order;
	bool first_walk;
	uint64_t events;
	struct lookup *lookup; /* NULL: no indicators */
	json_t *found;         /* of the item at hand */
};

static bool
before(const struct event *a, const struct event *b)
{
	if (a->s != b->s)
		return a->s < b->s;
	if (a->ns != b->ns)
		return a->ns < b->ns;
	return a->order < b->order;
}

static void
swap(struct event *a, struct event *b)
{
	struct event t = *a;

	*a = *b;
	*b = t;
}

static void
sink(struct event *h, size_t n, size_t at)
{
	for (;;) {
		size_t top = at, left = 2 * at + 1;

		if (left < n && before(&h[top], &h[left]))
			top = left;
		if (left + 1 < n && before(&h[top], &h[left + 1]))
			top = left + 1;
		if (top == at)
			return;
		swap(&h[at], &h[top]);
		at = top;
	}
}

static void
rise(struct event *h, size_t at)
{
	while (at > 0 && before(&h[(at - 1) / 2], &h[at])) {
		swap(&h[at], &h[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

static bool
same(const struct item_time *a, const struct item_time *b)
{
	return a->s == b->s && a->ns == b->ns;
}

static enum co_rc
keep(struct timing *t, const struct item *i, enum item_when when, json_t **shared)
{
	struct event e = { .s = i->times[when].s,
		.ns = i->times[when].ns,
		.order = t->order++,
		.when = when };

	/* Only where the name tells another time than the file. */
	if (when >= ITEM_NAME_MODIFIED && same(&i->times[when],
		&i->times[when - ITEM_NAME_MODIFIED]))
		return CO_OK;
	if (e.s == 0 || (t->any && !before(&t->last, &e)))
		return CO_OK;
	if (t->n == t->most) {
		t->more = true;
		if (!before(&e, &t->heap[0]))
			return CO_OK;
		json_decref(t->heap[0].item);
		t->heap[0] = t->heap[--t->n];
		sink(t->heap, t->n, 0);
	}
	if (*shared == NULL)
		*shared = item_json(i);
	e.item = json_incref(*shared);
	t->heap[t->n] = e;
	rise(t->heap, t->n++);
	return CO_OK;
}

static enum co_rc
hit(void *arg, const char *kind, const char *text, uint64_t at, bool wide, struct co_err *err)
{
	struct timing *t = arg;
	json_t *o = json_pack("{s:s}", "indicator", kind);

	(void)at, (void)wide, (void)err;
	say_text(o, "value", text);
	(void)json_array_append_new(t->found, o);
	return CO_OK;
}

/* What leads further in a file, once each, beside its time of change. */
static enum co_rc
indicators(struct timing *t, const struct item *i, json_t *shown, struct co_err *err)
{
	bool big;

	if (t->lookup == NULL || shown == NULL || !i->content ||
		json_object_get(shown, "indicators") != NULL)
		return CO_OK;
	TRY(job_too_big(t->job, i, &big, err));
	if (big)
		return CO_OK;
	t->found = json_array();
	t->lookup->hits = 0;
	TRY(lookup_item(t->lookup, i, err));
	(void)json_object_set_new(shown, "indicators", t->found);
	return CO_OK;
}

static enum co_rc
one(void *arg, const struct item *i, struct co_err *err)
{
	struct timing *t = arg;
	json_auto *shown = NULL;

	if (t->first_walk) {
		t->job->files++;
		t->job->bytes += i->size;
	}
	if (i->stream[0] != '\0')
		return CO_OK;
	for (int k = 0; k < ITEM_WHENS; k++)
		TRY(keep(t, i, (enum item_when)k, &shown));
	return indicators(t, i, shown, err);
}

static enum co_rc
tell(struct timing *t, struct co_err *err)
{
	size_t n = t->n;

	while (t->n > 1) {
		swap(&t->heap[0], &t->heap[--t->n]);
		sink(t->heap, t->n, 0);
	}
	t->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct event *e = &t->heap[i];
		json_t *o = json_object();

		(void)json_object_set_new(o, "at", say_time(e->s, e->ns));
		(void)json_object_set_new(o, "what", json_string(item_whens[e->when]));
		(void)json_object_update(o, e->item);
		if (e->when != ITEM_MODIFIED)
			(void)json_object_del(o, "indicators");
		for (int k = 0; k < ITEM_WHENS; k++)
			(void)json_object_del(o, item_whens[k]);
		json_decref(CO_TAKE(e->item));
		t->last = *e;
		t->any = true;
		t->events++;
		TRY(say("event", o, err));
	}
	return CO_OK;
}

static void
timing_deinit(struct timing *t)
{
	for (size_t i = 0; t->heap != NULL && i < t->most; i++)
		json_decref(t->heap[i].item);
	free(t->heap);
}

static enum co_rc
walks(struct timing *t, struct walk *w, struct co_err *err)
{
	t->first_walk = true;
	do {
		t->more = false;
		t->order = 0;
		TRY(walk_image(w, NULL, err));
		TRY(tell(t, err));
		t->first_walk = false;
		w->quiet = true;
	} while (t->more);
	(void)json_object_set_new(t->job->end, "events", json_integer((json_int_t)t->events));
	return CO_OK;
}

enum co_rc
job_timeline(struct job *j, struct co_err *err)
{
	CO_CLEANUP(timing_deinit)
	struct timing t = { .job = j, .most = LIMIT_EXAMINE_EVENTS };
	struct lookup l = { .hit = hit, .arg = &t };
	struct walk w = job_walk(j, one, &t);
	enum co_rc rc = CO_OK;

	/* With indicators beside them, events are larger. */
	if (job_flag(j, "indicators"))
		t.most /= 8;
	t.heap = calloc(t.most, sizeof(*t.heap));
	if (t.heap == NULL)
		return co_fail(err, CO_ENOMEM, "timeline");
	if (job_flag(j, "indicators")) {
		rc = lookup_open(&l, j, err);
		l.most = 16;
		t.lookup = &l;
	}
	if (rc == CO_OK)
		rc = walks(&t, &w, err);
	lookup_close(&l);
	return rc;
}
