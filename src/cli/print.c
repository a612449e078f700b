#include "cli/cli.h"

#include "base/columns.h"

#include <string.h>

enum { PRINT_COLUMNS = 40, PRINT_WIDTH = 48, PRINT_PAGE = 96 };

struct column {
	char member[48];
	const char *title;
	int title_n;
	size_t width;
};

/* "member:Title,member:Title" */
static size_t
columns_split(const char *text, struct column *out)
{
	size_t n = 0;

	while (*text != '\0' && n < PRINT_COLUMNS) {
		size_t whole = strcspn(text, ","), name = strcspn(text, ":");

		(void)snprintf(out[n].member, sizeof(out[n].member), "%.*s", (int)name, text);
		out[n].title = text + name + 1;
		out[n].title_n = (int)(whole - name - 1);
		out[n].width = whole - name - 1;
		n++;
		text += whole;
		if (*text == ',')
			text++;
	}
	return n;
}

/* a.b.c into nested objects. */
static const json_t *
member_at(const json_t *object, const char *path)
{
	char name[48];

	for (;;) {
		size_t n = strcspn(path, ".");

		(void)snprintf(name, sizeof(name), "%.*s", (int)n, path);
		object = json_object_get(object, name);
		if (path[n] == '\0')
			return object;
		path += n + 1;
	}
}

/* 2026-11-23T19:15:00.123456Z for people: a second is enough. */
static void
shorten_time(char *s)
{
	size_t n = strlen(s);

	if (n == 27 && s[4] == '-' && s[10] == 'T' && s[19] == '.' && s[26] == 'Z')
		memcpy(s + 19, "Z", 2);
}

const char *
cli_text(const json_t *object, const char *member)
{
	static char room[8][1024];
	static size_t turn;
	const json_t *v = member_at(object, member);
	char *out = room[turn++ % CO_ARRAY_LEN(room)];

	if (json_is_string(v))
		(void)snprintf(out, sizeof(room[0]), "%s", json_string_value(v));
	else if (json_is_integer(v))
		(void)snprintf(out, sizeof(room[0]), "%" JSON_INTEGER_FORMAT,
			json_integer_value(v));
	else if (json_is_real(v))
		(void)snprintf(out, sizeof(room[0]), "%g", json_real_value(v));
	else if (json_is_boolean(v))
		(void)snprintf(out, sizeof(room[0]), "%s", json_is_true(v) ? "yes" : "no");
	else
		(void)snprintf(out, sizeof(room[0]), "%s", "");
	/* What a partner wrote must not move our cursor or colour our screen. */
	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	shorten_time(out);
	return out;
}

void
cli_rows(const json_t *rows, const char *columns)
{
	struct column c[PRINT_COLUMNS] = { 0 };
	size_t n = columns_split(columns, c), i;
	const json_t *row;

	json_array_foreach(rows, i, row)
		for (size_t k = 0; k < n; k++) {
			size_t w = co_columns(cli_text(row, c[k].member), SIZE_MAX);

			if (w > c[k].width)
				c[k].width = w > PRINT_WIDTH ? PRINT_WIDTH : w;
		}
	for (size_t k = 0; k < n; k++)
		(void)printf("%.*s%*s", c[k].title_n, c[k].title,
			k + 1 < n ? (int)c[k].width - c[k].title_n + 2 : 0, "");
	(void)putchar('\n');
	json_array_foreach(rows, i, row) {
		for (size_t k = 0; k < n; k++) {
			const char *text = cli_text(row, c[k].member);
			size_t w = co_columns(text, SIZE_MAX);

			(void)printf("%s%*s", text,
				k + 1 < n ? (w < c[k].width ? (int)(c[k].width - w) : 0) + 2 : 0,
				"");
		}
		(void)putchar('\n');
	}
	if (json_array_size(rows) == 0)
		(void)puts("(none)");
}

static void
object_all(const json_t *object, int depth)
{
	const char *key;
	const json_t *v;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)object, key, v) {
		if (json_is_object(v)) {
			(void)printf("%*s%s\n", depth * 2, "", key);
			object_all(v, depth + 1);
		} else if (json_is_array(v)) {
			const json_t *item;

			(void)printf("%*s%s\n", depth * 2, "", key);
			json_array_foreach(v, i, item) {
				if (json_is_string(item))
					(void)printf("%*s%s\n", depth * 2 + 2, "",
						json_string_value(item));
				else
					object_all(item, depth + 2);
			}
		} else {
			(void)printf("%*s%-*s %s\n", depth * 2, "", 20 - depth * 2, key,
				cli_text(object, key));
		}
	}
}

void
cli_object(const json_t *object, const char *columns)
{
	struct column c[PRINT_COLUMNS] = { 0 };
	size_t n, width = 0;

	if (columns == NULL) {
		object_all(object, 0);
		return;
	}
	n = columns_split(columns, c);
	for (size_t k = 0; k < n; k++)
		width = c[k].width > width ? c[k].width : width;
	for (size_t k = 0; k < n; k++) {
		const char *text = cli_text(object, c[k].member);

		if (*text != '\0')
			(void)printf("%.*s%*s  %s\n", c[k].title_n, c[k].title,
				(int)width - c[k].title_n, "", text);
	}
}

void
cli_paragraph(FILE *out, size_t first, size_t indent, const char *s)
{
	size_t col = first;
	bool begun = false; /* a word stands on this line */

	while (*s != '\0') {
		size_t n = strcspn(s, " ");

		if (begun && col + 1 + n > PRINT_PAGE) {
			(void)fprintf(out, "\n%*s", (int)indent, "");
			col = indent;
		} else if (begun) {
			(void)fputc(' ', out);
			col++;
		}
		(void)fprintf(out, "%.*s", (int)n, s);
		begun = true;
		col += n;
		s += n;
		while (*s == ' ')
			s++;
	}
	(void)fputc('\n', out);
}

void
cli_answer(const struct cli *c, const json_t *answer)
{
	if (c->json) {
		(void)json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		(void)putchar('\n');
	} else if (c->verb->show != NULL) {
		c->verb->show(c, answer);
	} else if (c->verb->list != NULL) {
		cli_rows(json_object_get(answer, c->verb->list), c->verb->columns);
	} else if (json_object_size(answer) == 0) {
		(void)puts("done");
	} else {
		cli_object(answer, c->verb->columns);
	}
}
