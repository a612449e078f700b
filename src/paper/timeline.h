/* Where the parts of a timeline stand, the same in HTML and on paper: time, lanes, label in each
 * row, mirrored where one reads from the right. Pure arithmetic; must never draw. Units: CSS px. */
#pragma once

#include "paper/paper.h"

enum {
	TIMELINE_ROW = 22,
	TIMELINE_HEAD = 64,  /* names of the lanes, slanted */
	TIMELINE_LANE = 60,  /* from one to the next, at most */
	TIMELINE_LANES = 240, /* all of them, at most */
	TIMELINE_TIME = 150, /* the column of times */
	TIMELINE_MARK = 5,   /* half a mark */
	TIMELINE_LABEL = 160 /* bytes of a label that are shown; the table beside it has all */
};

struct timeline {
	bool rtl;
	size_t lanes;
	double width;
};

double timeline_time_x(const struct timeline *t); /* where reading begins */
double timeline_lane_x(const struct timeline *t, unsigned lane);
double timeline_label_x(const struct timeline *t);
/* A label in one line, cut between characters with a sign that it is. */
void timeline_short(const char *label, char out[TIMELINE_LABEL + 8]);
