#include "network/route.h"

#include "base/enc.h"
#include "base/limits.h"

#include <string.h>

/* A decimal without leading zeroes up to max; moves *s past it. */
static bool
route_number(const char **s, uint64_t max, uint64_t *out)
{
	const char *at = *s;
	uint64_t v = 0;

	if (*at < '0' || *at > '9' || (*at == '0' && at[1] >= '0' && at[1] <= '9'))
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t d = (uint64_t)(*at - '0');

		if (v > (max - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	*s = at;
	return true;
}

/* x001/x234/067 -> 1234067 (C2SP tlog-tiles). */
static bool
route_tile_index(const char **s, uint64_t *out)
{
	const char *at = *s;
	uint64_t v = 0;

	for (int part = 0; part < 6; part++) {
		bool more = *at == 'x';

		at += more ? 1 : 0;
		for (int i = 0; i < 3; i++, at++) {
			if (*at < '0' || *at > '9')
				return false;
			v = v * 10 + (uint64_t)(*at - '0');
		}
		if (!more) {
			*out = v;
			*s = at;
			return true;
		}
		if (*at++ != '/')
			return false;
	}
	return false;
}

/* N[.p/W] at the end of a tile's path. */
static bool
route_tile_rest(const char *s, struct route *out)
{
	uint64_t width = 256;

	if (!route_tile_index(&s, &out->n))
		return false;
	if (strncmp(s, ".p/", 3) == 0) {
		s += 3;
		if (!route_number(&s, 255, &width) || width == 0)
			return false;
	}
	out->width = (unsigned)width;
	return *s == '\0';
}

static bool
route_tile(const char *s, struct route *out)
{
	uint64_t level;

	if (strncmp(s, "entries/", 8) == 0) {
		out->what = ROUTE_ENTRIES;
		return route_tile_rest(s + 8, out);
	}
	if (!route_number(&s, 63, &level) || *s++ != '/')
		return false;
	out->level = (unsigned)level;
	return route_tile_rest(s, out);
}

static bool
route_exhibit(const char *s, struct route *out)
{
	if (!co_uuid_valid(s))
		return false;
	memcpy(out->id, s, sizeof(out->id));
	return true;
}

static bool
route_proof(const char *s, struct route *out)
{
	if (strlen(s) <= CO_UUID_LEN || s[CO_UUID_LEN] != '/')
		return false;
	memcpy(out->id, s, CO_UUID_LEN);
	out->id[CO_UUID_LEN] = '\0';
	return co_uuid_valid(out->id) &&
		co_unhex(s + CO_UUID_LEN + 1, out->leaf, sizeof(out->leaf));
}

static bool
route_end(const char *s, struct route *out)
{
	(void)out;
	return *s == '\0';
}

static const struct {
	const char *prefix;
	enum route_what what;
	bool post;
	bool (*rest)(const char *s, struct route *out);
} route_table[] = {
	{ "/v1/records", ROUTE_RECORDS, true, route_end },
	{ "/v1/exhibits/", ROUTE_EXHIBIT, false, route_exhibit },
	{ "/v1/ledger/checkpoint", ROUTE_CHECKPOINT, false, route_end },
	{ "/v1/ledger/tile/", ROUTE_TILE, false, route_tile },
	{ "/v1/ledger/proof/", ROUTE_PROOF, false, route_proof },
	{ "/v1/directory", ROUTE_DIRECTORY, false, route_end },
	{ "/v1/last", ROUTE_LAST, false, route_end },
};

enum co_rc
route_parse(const char *path, struct route *out, struct co_err *err)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(route_table); i++) {
		size_t n = strlen(route_table[i].prefix);
		struct route r = { .what = route_table[i].what, .post = route_table[i].post };

		if (strncmp(path, route_table[i].prefix, n) == 0 &&
			route_table[i].rest(path + n, &r)) {
			*out = r;
			return CO_OK;
		}
	}
	return co_fail(
		err, CO_ENOTFOUND, "nothing is served here; the paths are in docs/protocol.md");
}

enum co_rc
route_range(const char *header, uint64_t size, uint64_t *from, uint64_t *n, struct co_err *err)
{
	uint64_t a, b = UINT64_MAX; /* open: to the end */
	const char *s = header;

	if (s == NULL || strncmp(s, "bytes=", 6) != 0)
		return co_fail(err, CO_EMALFORMED, "ask with a header Range: bytes=FIRST-LAST");
	s += 6;
	if (!route_number(&s, UINT64_MAX, &a) || *s++ != '-' ||
		(*s != '\0' && !route_number(&s, UINT64_MAX, &b)) || *s != '\0' || b < a)
		return co_fail(
			err, CO_EMALFORMED, "one range of the form bytes=FIRST-LAST is served");
	if (a >= size)
		return co_fail(
			err, CO_EREFUSED, "the file has %llu bytes", (unsigned long long)size);
	if (b >= size)
		b = size - 1;
	*from = a;
	*n = b - a + 1;
	return CO_OK;
}
