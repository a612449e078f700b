#include "paper/timeline.h"

#include "paper/text.h"

#include <string.h>

static double
mirrored(const struct timeline *t, double x)
{
	return t->rtl ? t->width - x : x;
}

/* From one lane to the next: many stand closer. */
static double
apart(const struct timeline *t)
{
	double most = TIMELINE_LANES / (double)t->lanes;

	return most < TIMELINE_LANE ? most : TIMELINE_LANE;
}

double
timeline_time_x(const struct timeline *t)
{
	return mirrored(t, 0);
}

double
timeline_lane_x(const struct timeline *t, unsigned lane)
{
	return mirrored(t, TIMELINE_TIME + apart(t) * ((double)lane + 0.5));
}

double
timeline_label_x(const struct timeline *t)
{
	return mirrored(t, TIMELINE_TIME + apart(t) * (double)t->lanes + 4);
}

void
timeline_short(const char *label, char out[TIMELINE_LABEL + 8])
{
	/* About as wide as a letter of Latin; characters of Japanese are twice that. */
	enum { COLUMNS = 56 };
	size_t n = strcspn(label, "\n"), at = 0, columns = 0, len;

	while (at < n) {
		uint32_t c = paper_char(label + at, n - at, &len);

		columns += c >= 0x2e80 && c < 0x10000 ? 2 : 1;
		if (len == 0 || columns > COLUMNS || at + len > TIMELINE_LABEL)
			break;
		at += len;
	}
	memcpy(out, label, at);
	memcpy(out + at, label[at] == '\0' ? "" : "…", label[at] == '\0' ? 1 : sizeof("…"));
}
