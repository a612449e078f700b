/* Filters that draw: charts, and answers of the law as shape and word; filters.c has the table.
 * Private to the room. Must never tell by colour alone, nor write a text unescaped. */
#pragma once

#include "desk/template.h"

/* chart.c: {"title", "desc", "kind": "time" or "count", "rows": [{"label", "a", "b"}]} as SVG. */
template_filter filter_chart;
/* map.c: desks as network.show has them, on a map of the world. */
template_filter filter_map;
template_filter filter_parts;   /* parts.c: an object's members, each with its name */
template_filter filter_qr;      /* qr.c: a text as a QR code */
template_filter filter_seconds; /* filters_time.c: 7500 -> "2 h 5 min" */
/* law_look.c: what the law answers, as shape and word */
template_filter filter_has, /* a cell of a matrix: {"has", "certainty"} */
	filter_status,      /* the same of a status: {"value", "certainty"} */
	filter_answer,      /* "yes": in a checklist */
	filter_usable,      /* a legal basis: "yes" */
	filter_bound,       /* "party" */
	filter_sure,        /* "verified" */
	filter_source,      /* where a fact was read: "COC", or in words that it was not */
	filter_holds;       /* "superseded" */
