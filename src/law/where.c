/* jansson tells lines only for what is not JSON. A fault in valid JSON is found again here, by its
 * path; slow, but only a fault pays for it. */
#include "law/inside.h"

#include <string.h>

enum { WHERE_DEPTH = 32 };

struct scan {
	const char *p, *end;
	unsigned line;
};

static void
scan_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
		s->line += *s->p++ == '\n';
}

static bool
scan_char(struct scan *s, char c)
{
	scan_space(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* After the opening quote; *text gets what is between the quotes, escapes as written. */
static void
scan_string(struct scan *s, const char **text, size_t *n)
{
	*text = s->p;
	while (s->p < s->end && *s->p != '"')
		s->p += *s->p == '\\' && s->end - s->p > 1 ? 2 : 1;
	*n = (size_t)(s->p - *text);
	if (s->p < s->end)
		s->p++;
}

/* Past a value of any depth. */
static void
scan_value(struct scan *s)
{
	const char *text;
	size_t depth = 0, n;

	do {
		scan_space(s);
		if (s->p == s->end)
			return;
		if (*s->p == '"') {
			s->p++;
			scan_string(s, &text, &n);
		} else if (*s->p == '{' || *s->p == '[') {
			depth++;
			s->p++;
		} else if (*s->p == '}' || *s->p == ']') {
			if (depth == 0)
				return;
			depth--;
			s->p++;
		} else if (*s->p == ',' || *s->p == ':') {
			s->p++;
		} else {
			while (s->p < s->end && memchr(" \t\r\n,:]}", *s->p, 8) == NULL)
				s->p++;
		}
	} while (depth > 0);
}

/* Before a member's name: reads it and the colon. */
static bool
scan_name(struct scan *s, const char **name, size_t *n)
{
	if (!scan_char(s, '"'))
		return false;
	scan_string(s, name, n);
	return scan_char(s, ':');
}

/* To the value of a step of the path; *line is where it, or its name, stands. */
static bool
scan_step(struct scan *s, const struct law_path *step, unsigned *line)
{
	const char *name;
	size_t n, i = 0;

	if (!scan_char(s, step->name != NULL ? '{' : '['))
		return false;
	do {
		unsigned here;

		scan_space(s);
		here = s->line;
		if (step->name != NULL && !scan_name(s, &name, &n))
			return false;
		if (step->name != NULL ? n == strlen(step->name) && memcmp(name, step->name, n) == 0
				       : i++ == step->i) {
			*line = here;
			return true;
		}
		scan_value(s);
	} while (scan_char(s, ','));
	return false;
}

unsigned
law_where(const char *text, size_t n, const struct law_path *at)
{
	const struct law_path *steps[WHERE_DEPTH];
	struct scan s = { text, text + n, 1 };
	size_t k = 0;
	unsigned line;

	for (; at != NULL && k < WHERE_DEPTH; at = at->up)
		steps[k++] = at;
	scan_space(&s);
	line = s.line;
	while (k > 0 && scan_step(&s, steps[--k], &line))
		;
	return line;
}

size_t
law_top_member(const char *text, size_t n, const char *const *names)
{
	struct scan s = { text, text + n, 1 };
	size_t count = 0;
	const char *name;

	while (names[count] != NULL)
		count++;
	if (!scan_char(&s, '{'))
		return count;
	while (scan_name(&s, &name, &n)) {
		for (size_t i = 0; i < count; i++)
			if (n == strlen(names[i]) && memcmp(name, names[i], n) == 0)
				return i;
		scan_value(&s);
		if (!scan_char(&s, ','))
			break;
	}
	return count;
}
