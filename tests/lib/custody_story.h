/* Evidence that us gave to th, and what tests of custody say of it. Each file of tests has one
 * story at a time. Must never be included twice in a program. */
#pragma once

#include "story.h"

static struct story story;
static struct side *th, *us;
static char source[64];

#define DAY_US INT64_C(86400000000)

static inline int
setup(void **state)
{
	if (pair_setup(state) != 0)
		return -1;
	story_begin(&story, *state);
	th = &story.p->th;
	us = &story.p->us;
	(void)snprintf(source, sizeof(source), "%s/disk.img", story.dir);
	assert_int_equal(scratch_run(story.dir, "head -c 99999 /dev/urandom >disk.img"), 0);
	return 0;
}

static inline int
teardown(void **state)
{
	story_end(&story);
	return pair_teardown(state);
}

/* th asked, us offers a condition, th accepts, us gives evidence, th has fetched it. */
static inline void
given_under(const char *type, const char *text)
{
	ask_and_send(th, request_ask("us.contact", "subscriber"), &story.asked);
	assert_true(deliver(th, us) > 0);
	if (type != NULL) {
		json_decref(call(us, us->duty, "request.answer",
			json_pack("{s:s,s:s,s:[{s:s,s:s}]}", "id", story.asked.id, "state",
				"condition-offered", "conditions", "type", type, "text", text)));
		assert_true(deliver(us, th) > 0);
		answer(th, story.asked.id, "condition-accepted");
		assert_true(deliver(th, us) > 0);
	}
	story_seal(&story, source);
	json_decref(story_register(&story));
	answer(us, story.asked.id, "executed");
	assert_true(deliver(us, th) > 0);
	assert_ok(story_fetch(&story));
	assert_true(deliver(th, us) > 0);
}

static inline json_t *
about(const char *id, json_t *more)
{
	json_t *in = json_pack("{s:s,s:s,s:s}", "id", id, "purpose", "analysis", "authority",
		"order 2026/117");

	assert_non_null(in);
	if (more != NULL)
		assert_int_equal(json_object_update(in, more), 0);
	json_decref(more);
	return in;
}

static inline json_t *
chain(struct side *s, const char *id)
{
	return call(s, s->duty, "exhibit.custody", json_pack("{s:s}", "id", id));
}

static inline size_t
said(struct side *s, const char *id, const char *action)
{
	json_t *o = chain(s, id), *item;
	size_t i, n = 0;

	json_array_foreach(json_object_get(o, "custody"), i, item)
	{
		const char *a = json_string_value(json_object_get(item, "action"));

		n += a != NULL && strcmp(a, action) == 0;
	}
	json_decref(o);
	return n;
}

static inline const char *
exhibit_state(struct side *s, const char *id)
{
	static char state[32];
	json_t *o = chain(s, id);

	(void)snprintf(state, sizeof(state), "%s",
		json_string_value(json_object_get(json_object_get(o, "exhibit"), "state")));
	json_decref(o);
	return state;
}

static inline json_t *
period(const char *id, int64_t until_us)
{
	char until[CO_TIME_LEN];

	co_time_print(until_us / 1000000 * 1000000, until);
	return about(id, json_pack("{s:s,s:s,s:s}", "until", until, "rule",
				 "five years after judgment", "source", "Evidence Act s. 12"));
}
