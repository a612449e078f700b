/* Times of forms: a record has them with their zone, a person writes them as a clock shows them. */
#include "desk/pages.h"

#include "base/clock.h"

#include <string.h>

struct form_look
form_look_of(const struct visit *v)
{
	const char *name =
		v->session.zone[0] != '\0' ? v->session.zone : v->desk->conf.zone;

	return (struct form_look){ .zones = v->desk->zones, .zone = name };
}

static const struct co_zone *
zone_of(const char *name, const struct form_look *look)
{
	if (look == NULL || look->zones == NULL)
		return NULL;
	return zones_get(look->zones, name != NULL && *name != '\0' ? name : look->zone);
}

/* "+07:00" is a zone, too. */
static bool
is_offset(const char *zone)
{
	return zone != NULL && (*zone == '+' || *zone == '-') && strlen(zone) == 6;
}

bool
form_time_shown(const char *s, const char *zone, const struct form_look *look,
	char out[CO_TIME_LEN])
{
	int64_t us;

	if (s == NULL || co_time_parse(s, &us, NULL) != CO_OK || us % 1000000 != 0)
		return false;
	if (is_offset(zone)) {
		/* In the zone of the source: as it was written, if it was written so. */
		if (strlen(s) < 25 || strcmp(s + strlen(s) - 6, zone) != 0)
			return false;
		(void)snprintf(out, CO_TIME_LEN, "%.19s", s);
	} else {
		co_zone_print(zone_of(zone, look), us, out);
	}
	out[10] = 'T';
	out[strncmp(out + 16, ":00", 3) == 0 ? 16 : 19] = '\0';
	return true;
}

/* "2026-11-27T18:40", with a space instead, with seconds: as RFC 3339 in UTC, to be shifted. */
static bool
local_text(const char *s, char out[CO_TIME_LEN])
{
	size_t n = strlen(s);

	if ((n != 16 && n != 19) || (s[10] != 'T' && s[10] != 't' && s[10] != ' '))
		return false;
	(void)snprintf(out, CO_TIME_LEN, "%.10sT%s%sZ", s, s + 11, n == 16 ? ":00" : "");
	return true;
}

json_t *
form_time_read(const char *s, const char *zone, const struct form_look *look)
{
	char text[CO_TIME_LEN];
	int64_t us;

	/* What is no time stays as it was typed: the form's own check says it better. */
	if (!local_text(s, text) || co_time_parse(text, &us, NULL) != CO_OK)
		return json_string(s);
	if (is_offset(zone)) {
		text[19] = '\0';
		return json_sprintf("%s%s", text, zone);
	}
	co_zone_print(zone_of(zone, look), co_zone_instant_us(zone_of(zone, look), us), text);
	return json_string(text);
}
