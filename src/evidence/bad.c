#include "evidence/bad.h"

#include <assert.h>
#include <string.h>

static uint64_t
end_of(const struct bad_range *r)
{
	return r->at + r->n;
}

/* The two with the smallest gap become one. */
static void
bad_join(struct bad_map *m)
{
	size_t best = 0;
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i + 1 < m->n; i++) {
		uint64_t gap = m->ranges[i + 1].at - end_of(&m->ranges[i]);

		if (gap < least) {
			least = gap;
			best = i;
		}
	}
	m->ranges[best].n = end_of(&m->ranges[best + 1]) - m->ranges[best].at;
	m->n--;
	memmove(&m->ranges[best + 1], &m->ranges[best + 2],
		(m->n - best - 1) * sizeof(m->ranges[0]));
	m->joined = true;
}

void
bad_add(struct bad_map *m, uint64_t at, uint64_t n)
{
	size_t i = m->n;

	assert(n > 0);
	while (i > 0 && m->ranges[i - 1].at > at)
		i--;
	assert(i == 0 || end_of(&m->ranges[i - 1]) <= at);
	assert(i == m->n || at + n <= m->ranges[i].at);
	m->bytes += n;
	if (i > 0 && end_of(&m->ranges[i - 1]) == at) {
		m->ranges[i - 1].n += n;
		return;
	}
	memmove(&m->ranges[i + 1], &m->ranges[i], (m->n - i) * sizeof(m->ranges[0]));
	m->ranges[i] = (struct bad_range){ at, n };
	m->n++;
	if (m->n > LIMIT_BAD_RANGES)
		bad_join(m);
}

void
bad_cut(struct bad_map *m, uint64_t at)
{
	while (m->n > 0 && m->ranges[m->n - 1].at >= at)
		m->bytes -= m->ranges[--m->n].n;
	if (m->n > 0 && end_of(&m->ranges[m->n - 1]) > at) {
		m->bytes -= end_of(&m->ranges[m->n - 1]) - at;
		m->ranges[m->n - 1].n = at - m->ranges[m->n - 1].at;
	}
}

bool
bad_holds(const struct bad_map *m, uint64_t at, uint64_t *upto)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (end_of(&m->ranges[mid]) <= at)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == m->n) {
		*upto = UINT64_MAX;
		return false;
	}
	if (at >= m->ranges[low].at) {
		*upto = end_of(&m->ranges[low]);
		return true;
	}
	*upto = m->ranges[low].at;
	return false;
}

json_t *
bad_json(const struct bad_map *m)
{
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < m->n; i++)
		(void)json_array_append_new(list,
			json_pack("{s:I,s:I}", "at", (json_int_t)m->ranges[i].at, "size",
				(json_int_t)m->ranges[i].n));
	o = json_pack("{s:I,s:o}", "bytes", (json_int_t)m->bytes, "ranges", list);
	if (o != NULL && m->joined)
		(void)json_object_set_new(o, "joined", json_true());
	return o;
}

enum co_rc
bad_from_json(struct bad_map *m, const json_t *in, struct co_err *err)
{
	const json_t *list = json_object_get(in, "ranges"), *row;
	struct bad_map got = { .n = 0 };
	uint64_t end = 0;
	size_t i;

	json_array_foreach(list, i, row)
	{
		json_int_t at = json_integer_value(json_object_get(row, "at"));
		json_int_t n = json_integer_value(json_object_get(row, "size"));

		if (i >= LIMIT_BAD_RANGES || at < 0 || n <= 0 || (uint64_t)at < end ||
			n > INT64_MAX - at)
			return co_fail(err, CO_EMALFORMED, "range %zu of the bad sectors", i);
		bad_add(&got, (uint64_t)at, (uint64_t)n);
		end = (uint64_t)at + (uint64_t)n;
	}
	got.joined = json_is_true(json_object_get(in, "joined"));
	if (got.joined)
		got.bytes = (uint64_t)json_integer_value(json_object_get(in, "bytes"));
	*m = got;
	return CO_OK;
}
