/* A file's name as somebody else's program gave it, as one that a record may carry. */
#include "record/record.h"

#include "record/text.h"

#include <string.h>

enum { NAME_END = 24 }; /* bytes of an ending that is kept when the name is cut: ".tar.gz" */

/* Bytes of the character at s if it may stand in a file name, else 0. */
static size_t
name_char(const char *s)
{
	unsigned char first = (unsigned char)*s;
	size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	char one[5] = "";

	if (strnlen(s, n) < n)
		return 0;
	memcpy(one, s, n);
	/* A dot alone is no name, but a part of one. */
	return *s == '.' || text_file.ok(one, n) ? n : 0;
}

/* The part after the last slash of either kind: some browsers give a whole path. */
static const char *
name_last(const char *raw)
{
	const char *last = raw;

	for (const char *c = raw; *c != '\0'; c++)
		if (*c == '/' || *c == '\\')
			last = c + 1;
	return last;
}

/* Copies whole characters up to room bytes; what may not stand there becomes one underscore. */
static size_t
name_copy(const char *from, char *out, size_t room)
{
	size_t n = 0;

	for (bool bad = false; *from != '\0';) {
		size_t k = name_char(from);

		if (k == 0) {
			from++;
			if (bad || n + 1 > room)
				continue;
			out[n++] = '_';
			bad = true;
			continue;
		}
		if (n + k > room)
			break;
		memcpy(out + n, from, k);
		n += k;
		from += k;
		bad = false;
	}
	out[n] = '\0';
	return n;
}

void
record_file_name(const char *raw, char out[LIMIT_NAME + 1])
{
	const char *name = name_last(raw), *dot = strrchr(name, '.');
	char end[NAME_END + 1] = "";
	size_t n;

	if (strlen(name) > LIMIT_NAME && dot != NULL && dot != name && strlen(dot) < NAME_END)
		(void)name_copy(dot, end, NAME_END);
	n = name_copy(name, out, LIMIT_NAME - strlen(end));
	memcpy(out + n, end, strlen(end) + 1);
	for (n = strlen(out); n > 0 && (out[n - 1] == ' ' || out[n - 1] == '.'); n--)
		out[n - 1] = '\0';
	/* Neither hidden nor an option of some command. */
	if (out[0] == '.' || out[0] == '-' || out[0] == ' ')
		out[0] = '_';
	if (out[0] == '\0')
		(void)snprintf(out, LIMIT_NAME + 1, "attachment");
}
