/* Filters that draw: charts, and answers of the law as shape and word; filters.c has the table.
 * Private to the room. Must never tell by colour alone, nor write a text unescaped. */
#pragma once

#include "desk/template.h"

/* chart.c: {"title", "desc", "kind": "time" or "count", "rows": [{"label", "a", "b"}]} as SVG. */
template_filter filter_chart;
template_filter filter_seconds; /* filters_time.c: 7500 -> "2 h 5 min" */
/* law_look.c: an answer of the law as shape and word. */
template_filter filter_has, filter_sure, filter_effect, filter_status;
