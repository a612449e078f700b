#include "record/acquisition.h"

#include "base/limits.h"
#include "base/limits_examine.h"

#define MUST .flags = SCHEMA_MUST
#define STRING(n, x) .shape = SHAPE_STRING, .min = (n), .max = (x)
#define INTEGER(n, x) .shape = SHAPE_INTEGER, .min = (n), .max = (x)
#define LIST(n, x, row) .shape = SHAPE_LIST, .min = (n), .max = (x), .sub = (row)
#define OBJECT(rows) .shape = SHAPE_OBJECT, .sub = (rows)
#define BOOL .shape = SHAPE_BOOL
#define BYTES INTEGER(0, INT64_MAX)
#define NAME STRING(1, LIMIT_NAME), .rule = &text_name
#define TEXT STRING(1, LIMIT_TEXT), .rule = &text_lines
#define TIME STRING(1, 39), .rule = &text_time
#define CHOICE(list) STRING(1, 64), .choices = (list)

static const struct schema source[] = {
	{ .name = "kind", MUST, CHOICE("device|file|folder|image") },
	{ .name = "path", TEXT },
	{ .name = "host", NAME },
	{ .name = "make", NAME },
	{ .name = "model", NAME },
	{ .name = "serial", NAME },
	{ .name = "firmware", NAME },
	{ .name = "wwn", NAME },
	{ .name = "bus", NAME },
	{ .name = "size", BYTES },
	{ .name = "sector", INTEGER(1, 65536) },
	{ .name = "physical_sector", INTEGER(1, INT32_MAX) },
	{ .name = "partition", INTEGER(1, INT32_MAX) },
	{ .name = "start", BYTES },
	{ .name = "read_only", BOOL },
	SCHEMA_END
};
/* Used or not, and why. */
static const struct schema protection[] = {
	{ .name = "used", MUST, CHOICE("hardware|software|none|not-needed") },
	{ .name = "device", NAME },
	{ .name = "why", TEXT },
	SCHEMA_END
};
static const struct schema tool[] = {
	{ .name = "name", MUST, NAME },
	{ .name = "version", MUST, NAME },
	{ .name = "system", NAME },
	SCHEMA_END
};
/* The wall clock, and the seconds since the machine was started, which nobody sets. */
static const struct schema clocks[] = {
	{ .name = "at", MUST, TIME },
	{ .name = "uptime_s", MUST, INTEGER(0, INT64_MAX) },
	{ .name = "synchronised", MUST, BOOL },
	SCHEMA_END
};
static const struct schema stop[] = {
	{ .name = "at", MUST, TIME }, /* when it went on */
	{ .name = "last", TIME },     /* when the last before the stop was written */
	{ .name = "position", MUST, BYTES },
	SCHEMA_END
};
static const struct schema stop_row[] = { { .name = "stop", OBJECT(stop) }, SCHEMA_END };
static const struct schema range[] = {
	{ .name = "at", MUST, BYTES },
	{ .name = "size", MUST, INTEGER(1, INT64_MAX) },
	SCHEMA_END
};
static const struct schema range_row[] = { { .name = "range", OBJECT(range) }, SCHEMA_END };
static const struct schema bad[] = {
	{ .name = "bytes", MUST, BYTES },
	{ .name = "ranges", MUST, LIST(0, LIMIT_BAD_RANGES, range_row) },
	{ .name = "joined", BOOL },
	SCHEMA_END
};
static const struct schema again[] = {
	{ .name = "ended", MUST, TIME },
	{ .name = "same", MUST, BOOL },
	{ .name = "sha256", MUST, STRING(64, 64), .rule = &text_sha256 },
	SCHEMA_END
};
/* What an image says of itself: of whoever made it. */
static const struct schema image_digest[] = {
	{ .name = "md5", STRING(32, 32), .rule = &text_md5 },
	{ .name = "sha1", STRING(40, 40), .rule = &text_sha1 },
	{ .name = "sha256", STRING(64, 64), .rule = &text_sha256 },
	SCHEMA_END
};
static const struct schema segment[] = {
	{ .name = "name", MUST, NAME },
	{ .name = "size", MUST, BYTES },
	SCHEMA_END
};
static const struct schema segment_row[] = { { .name = "segment", OBJECT(segment) }, SCHEMA_END };
static const struct schema image[] = {
	{ .name = "format", MUST, CHOICE("e01|raw") }, /* raw: in parts */
	{ .name = "segments", MUST, INTEGER(1, 65535) },
	{ .name = "files", LIST(1, LIMIT_IMAGE_FILES, segment_row) },
	{ .name = "stored", MUST, OBJECT(image_digest) }, /* checked against the content */
	{ .name = "case_number", NAME },
	{ .name = "evidence_number", NAME },
	{ .name = "examiner", NAME },
	{ .name = "description", TEXT },
	{ .name = "notes", TEXT },
	{ .name = "acquired", NAME },
	{ .name = "software", NAME },
	SCHEMA_END
};

const struct schema acquisition_body[] = {
	{ .name = "source", MUST, OBJECT(source) },
	{ .name = "item", NAME },
	{ .name = "quantity", INTEGER(1, INT32_MAX) },
	{ .name = "description", TEXT },
	{ .name = "condition", TEXT },
	{ .name = "place", NAME },
	{ .name = "collector", MUST, NAME },
	{ .name = "witness", NAME },
	{ .name = "protection", MUST, OBJECT(protection) },
	{ .name = "tool", MUST, OBJECT(tool) },
	{ .name = "begun", MUST, OBJECT(clocks) },
	{ .name = "ended", MUST, OBJECT(clocks) },
	{ .name = "stops", LIST(1, LIMIT_STOPS, stop_row) },
	{ .name = "retries", INTEGER(0, 100) },
	{ .name = "bad", MUST, OBJECT(bad) },
	{ .name = "again", OBJECT(again) },
	{ .name = "hidden", MUST, CHOICE("not-looked-for|no-such-thing") },
	{ .name = "image", OBJECT(image) },
	SCHEMA_END
};
