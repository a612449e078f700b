/* What of the evidence was destroyed: a section of its own, because a judge looks for it. */
#include "evidence/report_inside.h"

#include <stdio.h>
#include <string.h>

static bool
is(const struct report_row *k, const char *action)
{
	return k->kind == REC_CUSTODY && strcmp(k->word, action) == 0;
}

/* When this side's file was erased, by its own record; false: no record says so. */
static bool
erased_at(const struct report *r, const struct report_row *gone, char out[PAPER_TIME])
{
	for (size_t i = 0; i < r->rows_n; i++) {
		const struct report_row *k = &r->rows[i];

		if (!is(k, "erased") || strcmp(k->from, gone->from) != 0 ||
			strcmp(k->about, gone->about) != 0)
			continue;
		paper_time_short(&r->reader, k->at_us, out);
		return true;
	}
	return false;
}

static void
one(struct report *r, const struct report_row *row)
{
	const char *second;
	const char *none = report_say(r, WORDS("No record says so."));
	char text[2 * LIMIT_NAME + 64], time[PAPER_TIME];
	json_t *facts;
	record_auto gone;

	report_open(r, row, &gone);
	second = report_text(json_object_get(gone.body, "second"), "officer");
	report_exhibit(r, row->about, text, sizeof(text));
	paper_heading(r->paper, 2, text);
	facts = paper_facts(r->paper);
	paper_fact(facts, report_say(r, WORDS("Exhibit")), PAPER_CODE, row->about);
	paper_time(&r->reader, gone.at_us, time);
	paper_fact(facts, report_say(r, WORDS("When")), PAPER_PLAIN, time);
	(void)snprintf(text, sizeof(text), "%s, %s", gone.officer, gone.from);
	paper_fact(facts, report_say(r, WORDS("Decided by")), PAPER_STRONG, text);
	paper_fact(facts, report_say(r, WORDS("Confirmed by")), PAPER_STRONG,
		*second == '\0' ? none : second);
	paper_fact(facts, report_say(r, WORDS("Purpose")), PAPER_PLAIN,
		report_text(gone.body, "purpose"));
	paper_fact(facts, report_say(r, WORDS("Authority")), PAPER_PLAIN,
		report_text(gone.body, "authority"));
	paper_fact(facts, report_say(r, WORDS("Overwritten and removed")), PAPER_PLAIN,
		erased_at(r, row, time) ? time : none);
	paper_fact(facts, report_say(r, WORDS("Record")), PAPER_CODE, gone.id);
}

void
report_destroyed(struct report *r)
{
	bool any = false;

	for (size_t i = 0; i < r->rows_n; i++) {
		if (!is(&r->rows[i], "destroyed") || r->rows[i].about[0] == '\0')
			continue;
		if (!any) {
			paper_heading(r->paper, 1, report_say(r, WORDS("Destroyed evidence")));
			paper_text(r->paper, PAPER_PLAIN,
				report_say(r,
					WORDS("The side named destroyed its copy. What the exhibit "
					      "was stays on record: its digest, who had it and "
					"what "
					      "came of it.")));
		}
		any = true;
		one(r, &r->rows[i]);
	}
}
