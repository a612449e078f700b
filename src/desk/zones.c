#include "desk/zones.h"

#include "base/civil.h"
#include "base/fs.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct known {
	char name[64];
	struct co_zone *zone;
};

struct zones {
	pthread_mutex_t lock;
	size_t n;
	struct known known[LIMIT_DESK_ZONES];
};

struct zones *
zones_new(void)
{
	struct zones *z = calloc(1, sizeof(*z));

	if (z != NULL)
		(void)pthread_mutex_init(&z->lock, NULL);
	return z;
}

void
zones_free(struct zones **zones)
{
	struct zones *z = *zones;

	if (z == NULL)
		return;
	for (size_t i = 0; i < z->n; i++)
		co_zone_close(&z->known[i].zone);
	(void)pthread_mutex_destroy(&z->lock);
	free(z);
	*zones = NULL;
}

static const struct co_zone *
zones_find(struct zones *z, const char *name)
{
	struct known *k;

	for (size_t i = 0; i < z->n; i++)
		if (strcmp(z->known[i].name, name) == 0)
			return z->known[i].zone;
	if (z->n == LIMIT_DESK_ZONES)
		return NULL;
	k = &z->known[z->n];
	if (co_zone_open(name, &k->zone, NULL) != CO_OK)
		return NULL; /* not kept: strangers' names must not fill the table */
	(void)snprintf(k->name, sizeof(k->name), "%s", name);
	z->n++;
	return k->zone;
}

const struct co_zone *
zones_get(struct zones *z, const char *name)
{
	const struct co_zone *zone;

	if (name == NULL || *name == '\0' || strlen(name) >= sizeof(z->known[0].name))
		return NULL;
	(void)pthread_mutex_lock(&z->lock);
	zone = zones_find(z, name);
	(void)pthread_mutex_unlock(&z->lock);
	return zone;
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* zone.tab: economy, place and name between tabs, perhaps a remark; # begins a comment. */
static size_t
names_read(char *text, char **names, size_t max)
{
	char *save = NULL;
	size_t n = 0;

	for (char *line = strtok_r(text, "\n", &save); line != NULL && n < max;
		line = strtok_r(NULL, "\n", &save)) {
		char *place = strchr(line, '\t');
		char *name = place == NULL ? NULL : strchr(place + 1, '\t');

		if (*line == '#' || name == NULL)
			continue;
		names[n++] = ++name;
		name[strcspn(name, "\t\r")] = '\0';
	}
	return n;
}

json_t *
zones_names(void)
{
	const char *set = getenv("TZDIR");
	const char *folder = set != NULL && set[0] == '/' ? set : "/usr/share/zoneinfo";
	co_auto_free char *path = co_path_join(folder, "zone.tab");
	char *names[LIMIT_DESK_ZONES];
	json_t *list = json_array();
	co_auto_buf file;
	size_t n = 0;

	co_buf_init(&file, LIMIT_ZONE_FILE);
	if (path != NULL && co_read_file(path, &file, NULL) == CO_OK && file.len > 0)
		n = names_read(file.data, names, CO_ARRAY_LEN(names));
	qsort(names, n, sizeof(*names), name_order);
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list, json_string(names[i]));
	(void)json_array_append_new(list, json_string("UTC"));
	return list;
}

/* ---- times that people type ---- */

/* The parts of a time in their order: what stands before each, its digits and bounds. */
static const struct part {
	const char *before;
	int digits, least, most;
} parts[] = {
	{ "", 4, 1970, 9999 },
	{ "-", 2, 1, 12 },
	{ "-", 2, 1, 31 },
	{ " T", 2, 0, 23 },
	{ ":", 2, 0, 59 },
	{ ":", 2, 0, 59 },
};

/* *s behind the part; false: it is not there. */
static bool
part_read(const char **s, const struct part *p, int *out)
{
	const char *at = *s;
	int n = 0;

	if (*p->before != '\0' && (*at == '\0' || strchr(p->before, *at) == NULL))
		return false;
	at += *p->before != '\0' ? 1 : 0;
	for (int i = 0; i < p->digits; i++, at++) {
		if (*at < '0' || *at > '9')
			return false;
		n = 10 * n + (*at - '0');
	}
	if (n < p->least || n > p->most)
		return false;
	*s = at;
	*out = n;
	return true;
}

/* "2026-11-27 18:40" into seconds as if it were UTC. A day alone is its end. */
static bool
local_read(const char *s, int64_t *out)
{
	int got[CO_ARRAY_LEN(parts)] = { 0, 0, 0, 24, 0, 0 };
	size_t n = 0;
	struct co_civil c;

	while (n < CO_ARRAY_LEN(parts) && *s != '\0' && part_read(&s, &parts[n], &got[n]))
		n++;
	if (*s != '\0' || n < 3 || n == 4 || got[2] > co_civil_month_days(got[0], got[1]))
		return false;
	c = (struct co_civil){ got[0], got[1], got[2] };
	*out = ((co_civil_days(c) * 24 + got[3]) * 60 + got[4]) * 60 + got[5];
	return true;
}

enum co_rc
zone_read(const struct co_zone *z, const char *s, int64_t *us, struct co_err *err)
{
	int64_t local, at;

	if (co_time_parse(s, us, NULL) == CO_OK)
		return CO_OK;
	if (!local_read(s, &local))
		return co_fail(err, CO_EUSAGE,
			"\"%.40s\" is no time: write it as 2026-11-27 18:40", s);
	/* The offset that holds at that wall clock; twice, for the night in which it changes. */
	at = local - co_zone_offset(z, local * 1000000, NULL);
	at = local - co_zone_offset(z, at * 1000000, NULL);
	*us = at * 1000000;
	return CO_OK;
}
