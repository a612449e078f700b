/* How each exhibit came to be: taken from a source, with which protection and which gaps, or made
 * from another exhibit; and under which conditions. A judge's expert asks for these first. */
#include "evidence/report_inside.h"

#include <stdio.h>
#include <string.h>

enum { RANGES_TOLD = 20, STOPS_TOLD = 10, TEXT = 4096 };

/* "source.path" of nested objects; NULL when something on the way is not there. */
static const json_t *
deep(const json_t *o, const char *path)
{
	char part[32];

	while (o != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		(void)snprintf(part, sizeof(part), "%.*s", (int)n, path);
		o = json_object_get(o, part);
		path += n + (path[n] == '.');
	}
	return o;
}

/* Into out[TEXT], after what stands there. */
static void
add(char *out, const char *between, const char *text)
{
	size_t n = strlen(out);

	if (text != NULL && *text != '\0' && n < TEXT) {
		(void)snprintf(out + n, TEXT - n, "%s", n == 0 ? "" : between);
		n = strlen(out);
		(void)snprintf(out + n, TEXT - n, "%s", text);
	}
}

static void
add_number(char *out, const char *between, const json_t *v)
{
	char number[24];

	if (!json_is_integer(v))
		return;
	(void)snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
	add(out, between, number);
}

static void
fact(struct report *r, json_t *facts, const char *label, enum paper_look look, const char *value)
{
	if (value != NULL && *value != '\0')
		paper_fact(facts, report_say(r, label), look, value);
}

/* ---- what was read, by whom, with what ---- */
static void
device_put(struct report *r, json_t *facts, const json_t *a)
{
	static const char *const members[] = { "source.make", "source.model", "source.firmware",
		"source.wwn", "source.bus" };
	char text[TEXT] = "";

	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++)
		add(text, " ", json_string_value(deep(a, members[i])));
	fact(r, facts, WORDS("Device"), PAPER_PLAIN, text);
	fact(r, facts, WORDS("Serial number"), PAPER_PLAIN,
		json_string_value(deep(a, "source.serial")));
}

static void
protection_put(struct report *r, json_t *facts, const json_t *a)
{
	static const struct {
		const char *used, *words;
	} how[] = { { "hardware", WORDS("by a device") }, { "software", WORDS("by software") },
		{ "none", WORDS("none was used") }, { "not-needed", WORDS("not needed") } };
	const char *used = json_string_value(deep(a, "protection.used"));
	char text[TEXT] = "";

	for (size_t i = 0; used != NULL && i < CO_ARRAY_LEN(how); i++)
		if (strcmp(how[i].used, used) == 0)
			add(text, "", report_say(r, how[i].words));
	add(text, ": ", json_string_value(deep(a, "protection.device")));
	add(text, ": ", json_string_value(deep(a, "protection.why")));
	fact(r, facts, WORDS("Write protection"), PAPER_STRONG, text);
}

static void
tool_put(struct report *r, json_t *facts, const json_t *a)
{
	char text[TEXT] = "";

	add(text, " ", json_string_value(deep(a, "tool.name")));
	add(text, " ", json_string_value(deep(a, "tool.version")));
	add(text, ", ", json_string_value(deep(a, "tool.system")));
	fact(r, facts, WORDS("Tool"), PAPER_PLAIN, text);
}

static void
clock_put(struct report *r, json_t *facts, const char *label, const json_t *clock)
{
	char time[PAPER_TIME], text[TEXT] = "";
	int64_t us;

	if (co_time_parse(report_text(clock, "at"), &us, NULL) != CO_OK)
		return;
	paper_time(&r->reader, us, time);
	add(text, "", time);
	if (json_is_false(json_object_get(clock, "synchronised")))
		add(text, "; ", report_say(r, WORDS("the clock was not synchronised")));
	fact(r, facts, label, PAPER_PLAIN, text);
}

/* ---- what went wrong ---- */
static void
stops_put(struct report *r, json_t *facts, const json_t *list)
{
	char text[TEXT] = "", time[PAPER_TIME];
	const json_t *stop;
	size_t i;
	int64_t us;

	json_array_foreach(list, i, stop)
	{
		if (i == STOPS_TOLD) {
			add(text, "\n", "...");
			break;
		}
		if (co_time_parse(report_text(stop, "at"), &us, NULL) != CO_OK)
			continue;
		paper_time_short(&r->reader, us, time);
		add(text, "\n", time);
		add_number(text, ", ", json_object_get(stop, "position"));
	}
	fact(r, facts, WORDS("Stopped; went on when, from which byte"), PAPER_STRONG,
		*text == '\0' ? report_say(r, WORDS("never")) : text);
}

static void
unread_put(struct report *r, json_t *facts, const json_t *bad)
{
	const json_t *ranges = json_object_get(bad, "ranges"), *range;
	char text[TEXT] = "";
	size_t i;

	add_number(text, "", json_object_get(bad, "bytes"));
	json_array_foreach(ranges, i, range)
	{
		if (i == RANGES_TOLD) {
			add(text, "\n", "...");
			break;
		}
		add_number(text, "\n", json_object_get(range, "at"));
		add_number(text, " + ", json_object_get(range, "size"));
	}
	fact(r, facts, WORDS("Bytes that could not be read (zeros stand there)"), PAPER_STRONG,
		text);
}

static void
again_put(struct report *r, json_t *facts, const json_t *again)
{
	const char *words = again == NULL ? WORDS("none was made")
		: json_is_true(json_object_get(again, "same")) ? WORDS("the same content")
							       : WORDS("other content");

	fact(r, facts, WORDS("Second reading"), PAPER_STRONG, report_say(r, words));
}

static void
image_put(struct report *r, json_t *facts, const json_t *image)
{
	static const char *const members[] = { "stored.md5", "stored.sha1", "stored.sha256",
		"case_number", "evidence_number", "examiner", "acquired", "software",
		"description", "notes" };
	char text[TEXT] = "";

	add(text, "", report_text(image, "format"));
	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++) {
		const char *v = json_string_value(deep(image, members[i]));

		if (v == NULL)
			continue;
		add(text, "\n", members[i]);
		add(text, ": ", v);
	}
	fact(r, facts, WORDS("What the image says of itself"), PAPER_PLAIN, text);
}

static void
acquisition_put(struct report *r, json_t *facts, const json_t *a)
{
	static const struct {
		const char *label, *path;
	} plain[] = { { WORDS("Item"), "item" }, { WORDS("What it is"), "description" },
		{ WORDS("Condition"), "condition" }, { WORDS("Place"), "place" },
		{ WORDS("Taken by"), "collector" }, { WORDS("Witness"), "witness" },
		{ WORDS("Source"), "source.path" } };
	char text[TEXT] = "";

	for (size_t i = 0; i < CO_ARRAY_LEN(plain); i++)
		fact(r, facts, plain[i].label, PAPER_PLAIN,
			json_string_value(deep(a, plain[i].path)));
	device_put(r, facts, a);
	add_number(text, "", deep(a, "source.size"));
	fact(r, facts, WORDS("Bytes"), PAPER_PLAIN, text);
	protection_put(r, facts, a);
	tool_put(r, facts, a);
	clock_put(r, facts, WORDS("Begun"), json_object_get(a, "begun"));
	clock_put(r, facts, WORDS("Ended"), json_object_get(a, "ended"));
	stops_put(r, facts, json_object_get(a, "stops"));
	unread_put(r, facts, json_object_get(a, "bad"));
	again_put(r, facts, json_object_get(a, "again"));
	if (strcmp(report_text(json_object_get(a, "source"), "kind"), "device") == 0)
		fact(r, facts, WORDS("Areas that the disk hides (HPA, DCO)"), PAPER_PLAIN,
			report_say(r, WORDS("not looked for")));
	image_put(r, facts, json_object_get(a, "image"));
}

/* ---- made from another ---- */

/* The record of the examination that gave it; NULL: no record here says so. */
static const struct report_row *
examined(const struct report *r, const char *id)
{
	for (size_t i = 0; i < r->rows_n; i++)
		if (r->rows[i].kind == REC_CUSTODY && strcmp(r->rows[i].made, id) == 0)
			return &r->rows[i];
	return NULL;
}

static void
derived_put(struct report *r, json_t *facts, const char *id, const json_t *derived)
{
	const struct report_row *by = examined(r, id);
	record_auto rec;
	char from[REPORT_EXHIBIT];

	record_init(&rec);
	report_exhibit(r, report_text(derived, "from"), from, sizeof(from));
	fact(r, facts, WORDS("Made from"), PAPER_STRONG, from);
	fact(r, facts, WORDS("Tool"), PAPER_PLAIN, report_text(derived, "by"));
	if (by == NULL)
		return;
	report_open(r, by, &rec);
	fact(r, facts, WORDS("Path in it"), PAPER_CODE,
		json_string_value(deep(rec.body, "detail.options.path")));
	fact(r, facts, WORDS("Record"), PAPER_CODE, by->id);
}

static void
exhibit_put(struct report *r, const json_t *e, bool *any)
{
	static const char *const digests[][2] = { { "sha512", "SHA-512" }, { "sha1", "SHA-1" },
		{ "md5", "MD5" } };
	const json_t *taken = json_object_get(e, "acquisition");
	const json_t *derived = json_object_get(e, "derived");
	char name[REPORT_EXHIBIT];
	json_t *facts;

	if (taken == NULL && derived == NULL)
		return;
	if (!*any)
		paper_heading(r->paper, 1, report_say(r, WORDS("How the evidence came to be")));
	*any = true;
	report_exhibit(r, report_text(e, "id"), name, sizeof(name));
	paper_heading(r->paper, 2, name);
	facts = paper_facts(r->paper);
	paper_fact(facts, report_say(r, WORDS("Exhibit")), PAPER_CODE, report_text(e, "id"));
	if (derived != NULL)
		derived_put(r, facts, report_text(e, "id"), derived);
	if (taken != NULL)
		acquisition_put(r, facts, taken);
	for (size_t k = 0; k < CO_ARRAY_LEN(digests); k++) {
		const char *hex = report_text(json_object_get(e, "plain"), digests[k][0]);

		if (*hex != '\0')
			paper_fact(facts, digests[k][1], PAPER_CODE, hex);
	}
}

void
report_acquired(struct report *r)
{
	bool any = false;

	for (size_t i = 0; i < r->rows_n; i++) {
		record_auto rec;

		record_init(&rec);
		if (r->rows[i].kind != REC_MANIFEST)
			continue;
		report_open(r, &r->rows[i], &rec);
		exhibit_put(r, json_object_get(rec.body, "exhibit"), &any);
	}
}

/* ---- conditions, arts 26 and 28 ---- */

/* What the asking side answered to the offer: the last word that refers to the request. */
static const char *
answered(const struct report *r, const struct record *offer)
{
	const char *state = "condition-offered";

	for (size_t i = 0; i < r->rows_n; i++) {
		const struct report_row *n = &r->rows[i];

		if (n->kind == REC_NOTICE && n->about[0] != '\0' && offer->refs_n > 0 &&
			strcmp(n->about, offer->refs[0].id) == 0 && n->at_us >= offer->at_us &&
			(strcmp(n->word, "condition-accepted") == 0 ||
				strcmp(n->word, "condition-declined") == 0))
			state = n->word;
	}
	return state;
}

static void
condition_put(struct report *r, json_t **table, const char *owner, const json_t *one,
	const char *state, const char *record)
{
	json_t *row;

	if (*table == NULL) {
		paper_heading(r->paper, 1, report_say(r, WORDS("Conditions")));
		*table = paper_table(r->paper, "");
		paper_column(*table, 4, report_say(r, WORDS("From")));
		paper_column(*table, 9, report_say(r, WORDS("Condition")));
		paper_column(*table, 4, report_say(r, WORDS("State")));
		paper_column(*table, 6, report_say(r, WORDS("Record")));
	}
	row = paper_row(*table);
	paper_cell(row, PAPER_PLAIN, owner);
	paper_cell(row, PAPER_STRONG, report_text(one, "text"));
	paper_cell(row, PAPER_PLAIN, state);
	paper_cell(row, PAPER_CODE, record);
}

static void
conditions_of(struct report *r, const struct record *k, json_t **table)
{
	const json_t *marks =
		deep(k->body, k->kind == REC_MANIFEST ? "exhibit.markings" : "conditions");
	const json_t *one;
	char name[REPORT_EXHIBIT];
	size_t n;

	if (k->kind == REC_MANIFEST)
		report_exhibit(r, json_string_value(deep(k->body, "exhibit.id")), name,
			sizeof(name));
	json_array_foreach(marks, n, one)
	{
		if (k->kind == REC_MANIFEST)
			condition_put(r, table, report_text(one, "owner"), one, name,
				report_text(one, "record"));
		else
			condition_put(r, table, k->from, one,
				k->kind == REC_NOTICE ? report_say(r, answered(r, k)) : "", k->id);
	}
}

void
report_conditions(struct report *r)
{
	json_t *table = NULL;

	for (size_t i = 0; i < r->rows_n; i++) {
		record_auto rec;

		record_init(&rec);
		if (!r->rows[i].bound)
			continue;
		report_open(r, &r->rows[i], &rec);
		conditions_of(r, &rec, &table);
	}
}
