/* Lines of the examiner for people. */
#include "cli/examine.h"

#include "base/buf.h"
#include "base/limits_examine.h"

#include <string.h>

/* cli_text, for names that may be long and stand last in their line. */
static void
name(const json_t *line, const char *member)
{
	const char *s = json_string_value(json_object_get(line, member));

	for (; s != NULL && *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		/* What a stranger's disk says must not move our cursor or turn our lines around:
		 * controls, and the marks U+202A-202E, U+2066-2069. */
		if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0) ||
			(c == 0xe2 && (unsigned char)s[1] == 0x80 && (unsigned char)s[2] >= 0xaa &&
				(unsigned char)s[2] <= 0xae) ||
			(c == 0xe2 && (unsigned char)s[1] == 0x81 && (unsigned char)s[2] >= 0xa6 &&
				(unsigned char)s[2] <= 0xa9))
			(void)printf("\\x%02x", c);
		else
			(void)putchar(c);
	}
}

static void
where(const json_t *line)
{
	if (json_is_true(json_object_get(line, "free"))) {
		(void)printf("(free space of partition %s)", cli_text(line, "part"));
		return;
	}
	name(line, "path");
	if (json_object_get(line, "stream") != NULL) {
		(void)putchar(':');
		name(line, "stream");
	}
	if (json_object_get(line, "deleted") != NULL)
		(void)printf("  [deleted%s]",
			json_object_get(line, "overwritten") != NULL ? ", overwritten" : "");
}

/* NTFS: what $STANDARD_INFORMATION sets before the time of the name. */
static void
show_before(const json_t *line)
{
	const json_t *when;
	size_t i;

	json_array_foreach(json_object_get(line, "before_name"), i, when)
	{
		char member[64];

		(void)snprintf(member, sizeof(member), "name_%s", json_string_value(when));
		(void)printf("  [%s %s, its name %s]", json_string_value(when),
			cli_text(line, json_string_value(when)), cli_text(line, member));
	}
}

static void
show_file(const json_t *line)
{
	const char *media = cli_text(line, "media"), *kind = cli_text(line, "kind");

	if (*media != '\0')
		(void)printf("%-28s %s", media,
			json_object_get(line, "disguised") != NULL ? "DISGUISED " : "");
	else
		(void)printf("%c %10s %14s  %-20s  ", strcmp(kind, "folder") == 0 ? 'd' : *kind,
			cli_text(line, "address"), cli_text(line, "size"),
			cli_text(line, "modified"));
	where(line);
	show_before(line);
}

void
examine_show_unread(const json_t *line)
{
	bool range = json_object_get(line, "length") != NULL;
	bool known = json_object_get(line, "image_offset") != NULL;

	(void)fflush(stdout);
	(void)fprintf(stderr, "comity: not read: %s%s%s: ",
		json_object_get(line, "path") != NULL ? cli_text(line, "path")
			: json_is_true(json_object_get(line, "free")) ? "free space of partition "
								      : "partition ",
		json_object_get(line, "path") != NULL ? "" : cli_text(line, "part"),
		json_object_get(line, "deleted") != NULL ? " [deleted]" : "");
	if (range)
		(void)fprintf(stderr, "%s bytes from byte %s on%s%s%s%s: ",
			cli_text(line, "length"), cli_text(line, "offset"), known ? " (byte " : "",
			known ? cli_text(line, "image_offset") : "", known ? " of the image)" : "",
			json_object_get(line, "more") != NULL ? ", and further ones" : "");
	(void)fprintf(stderr, "%s\n", cli_text(line, "text"));
}

static void
show_match(const json_t *line)
{
	const json_t *set;
	size_t i;

	(void)printf("%-7s ", cli_text(line, "known"));
	where(line);
	(void)printf("  %s", cli_text(line, "sha256"));
	json_array_foreach(json_object_get(line, "sets"), i, set)
		(void)printf("%s%s", i == 0 ? "  in " : ", ", json_string_value(set));
}

static void
show_rule(const json_t *line)
{
	const json_t *first = json_array_get(json_object_get(line, "strings"), 0);

	name(line, "rule");
	(void)printf("  ");
	where(line);
	if (first != NULL)
		(void)printf("  (%s at byte %s)", cli_text(first, "string"),
			cli_text(first, "offset"));
}

static void
show_hit(const json_t *line)
{
	(void)printf("%-9s ", cli_text(line, "indicator"));
	name(line, "value");
	(void)printf("  ");
	where(line);
	(void)printf("  byte %s%s", cli_text(line, "offset"),
		json_object_get(line, "encoding") != NULL ? " (UTF-16)" : "");
}

static void
show_event(const json_t *line)
{
	const json_t *hit;
	size_t i;

	(void)printf("%-20s  %-13s  ", cli_text(line, "at"), cli_text(line, "what"));
	where(line);
	json_array_foreach(json_object_get(line, "indicators"), i, hit)
	{
		(void)printf("%s%s ", i == 0 ? "  " : ", ", cli_text(hit, "indicator"));
		name(hit, "value");
	}
}

static void
show_partition(const json_t *line)
{
	(void)printf("partition %s: %s, %s bytes from byte %s on", cli_text(line, "part"),
		cli_text(line, "filesystem"), cli_text(line, "size"), cli_text(line, "offset"));
}

static void
show_image(const json_t *line)
{
	(void)printf("image: %s, %s bytes", cli_text(line, "format"), cli_text(line, "size"));
	for (const char *const *m = (const char *const[]){ "case_number", "evidence_number",
		     "description", "examiner", "acquired", "md5", "sha1", NULL };
		*m != NULL; m++)
		if (json_object_get(line, *m) != NULL) {
			(void)printf(", %s ", *m);
			name(line, *m);
		}
}

/* ---- CSV (RFC 4180), for spreadsheets and tools of timelines ---- */
static void
csv_text(const char *s, bool first)
{
	(void)printf("%s\"", first ? "" : ",");
	for (; s != NULL && *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f)
			(void)printf("\\x%02x", c);
		else
			(void)printf(c == '"' ? "\"\"" : "%c", c);
	}
	(void)putchar('"');
}

/* No cell of a stranger begins with a character that a spreadsheet runs as a formula: paths begin
 * with a slash here, what was found with its kind. */
static void
csv_path(const json_t *line)
{
	const char *path = json_string_value(json_object_get(line, "path"));
	const char *stream = json_string_value(json_object_get(line, "stream"));
	co_auto_free char *text = NULL;

	if (asprintf(&text, "%s%s%s%s", path != NULL && *path == '/' ? "" : "file ",
		    path == NULL ? "" : path, stream == NULL ? "" : ":",
		    stream == NULL ? "" : stream) < 0)
		text = NULL;
	csv_text(text, false);
}

static void
csv_found(const json_t *line)
{
	const json_t *hit;
	co_auto_buf all;
	size_t i;

	co_buf_init(&all, LIMIT_EXAMINE_LINE);
	json_array_foreach(json_object_get(line, "indicators"), i, hit)
		if (co_buf_addf(&all, NULL, "%s%s %s", i == 0 ? "" : "; ",
			    json_string_value(json_object_get(hit, "indicator")),
			    json_string_value(json_object_get(hit, "value"))) != CO_OK)
			break;
	csv_text(all.data, false);
}

void
examine_csv(const char *type, const json_t *line)
{
	static const char *const plain[] = { "part", "address", "kind", "size" };

	if (strcmp(type, "image") == 0)
		(void)printf("time,what,path,part,address,kind,size,deleted,found\r\n");
	if (strcmp(type, "event") != 0)
		return;
	csv_text(json_string_value(json_object_get(line, "at")), true); /* to the microsecond */
	csv_text(cli_text(line, "what"), false);
	csv_path(line);
	for (size_t i = 0; i < CO_ARRAY_LEN(plain); i++)
		csv_text(cli_text(line, plain[i]), false);
	csv_text(json_object_get(line, "overwritten") != NULL ? "deleted, overwritten"
			: json_object_get(line, "deleted") != NULL ? "deleted"
								   : "",
		false);
	csv_found(line);
	(void)printf("\r\n");
}

static const struct {
	const char *type;
	void (*show)(const json_t *line);
} shows[] = {
	{ "image", show_image },
	{ "partition", show_partition },
	{ "file", show_file },
	{ "match", show_match },
	{ "rule", show_rule },
	{ "hit", show_hit },
	{ "event", show_event },
};

void
examine_show(const char *type, const json_t *line)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(shows); i++)
		if (strcmp(shows[i].type, type) == 0) {
			shows[i].show(line);
			(void)putchar('\n');
		}
}
