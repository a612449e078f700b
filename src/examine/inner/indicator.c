#include "examine/inner/indicator.h"

#include <ctype.h>
#include <string.h>

static const char *const names[] = {
#define INDICATOR_NAME(name, text) [INDICATOR_##name] = (text),
	INDICATOR_MAP(INDICATOR_NAME)
#undef INDICATOR_NAME
};

/* One run of printable ASCII, and where it stood. */
struct run {
	const char *s;
	size_t n;
	uint64_t at;
	unsigned step; /* bytes a character: 1, or 2 for UTF-16LE */
	uint64_t after, before; /* hits that begin here or later, and before here, are told */
	unsigned kinds;
	indicator_call *call;
	void *arg;
	bool go;
};

const char *
indicator_name(enum indicator k)
{
	return names[k];
}

static bool
wants(const struct run *r, enum indicator k)
{
	return (r->kinds >> k & 1) != 0;
}

static void
hit(struct run *r, enum indicator kind, size_t from, const char *text, size_t n)
{
	struct indicator_hit h = { .kind = kind,
		.at = r->at + from * r->step,
		.wide = r->step == 2 };

	if (!r->go || !wants(r, kind) || n > INDICATOR_MOST || h.at < r->after ||
		h.at >= r->before)
		return;
	memcpy(h.text, text, n);
	h.text[n] = '\0';
	r->go = r->call(r->arg, &h);
}

/* ---- around an anchor ---- */
static bool
alnum(char c)
{
	return isalnum((unsigned char)c) != 0;
}

static bool
domain_char(char c)
{
	return alnum(c) || c == '-' || c == '.';
}

static bool
mail_char(char c)
{
	return alnum(c) || (c != '\0' && strchr(".!#$%&*+/=?^_`{|}~-", c) != NULL);
}

/* Letters, digits, - and . from `from` on, without a full stop at the end. */
static size_t
domain_end(const struct run *r, size_t from)
{
	size_t to = from;

	while (to < r->n && to - from < INDICATOR_MOST && domain_char(r->s[to]))
		to++;
	while (to > from && (r->s[to - 1] == '.' || r->s[to - 1] == '-'))
		to--;
	return to;
}

static void
email(struct run *r, size_t at)
{
	size_t from = at, to = domain_end(r, at + 1);

	while (from > 0 && at - from < 64 && mail_char(r->s[from - 1]))
		from--;
	while (from < at && (r->s[from] == '.' || !mail_char(r->s[from])))
		from++;
	if (from < at && r->s[at - 1] != '.' && indicator_domain(r->s + at + 1, to - at - 1))
		hit(r, INDICATOR_EMAIL, from, r->s + from, to - from);
}

static bool
url_char(char c)
{
	return c > 0x20 && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL;
}

static void
url(struct run *r, size_t at)
{
	static const char *const schemes[] = { "http", "https", "ftp", "ftps", "ws", "wss", "sftp",
		"ssh", "rtsp", "magnet", "tor" };
	size_t from = at, to = at + 3;
	bool known = false;

	while (from > 0 && at - from < 8 && isalpha((unsigned char)r->s[from - 1]))
		from--;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		known = known ||
			(strlen(schemes[i]) == at - from &&
				strncasecmp(schemes[i], r->s + from, at - from) == 0);
	if (!known)
		return;
	while (to < r->n && to - from < INDICATOR_MOST && url_char(r->s[to]))
		to++;
	while (to > at + 3 && strchr(".,;:!?)]'", r->s[to - 1]) != NULL)
		to--;
	if (to > at + 6)
		hit(r, INDICATOR_URL, from, r->s + from, to - from);
}

/* ---- words: runs of letters, digits, - . : and _ ---- */
static void
word_domain(struct run *r, size_t from, size_t to)
{
	/* What is part of a mail address or a page is told as that. */
	if ((from > 0 && (r->s[from - 1] == '@' || r->s[from - 1] == '/')) ||
		(to < r->n && r->s[to] == '@'))
		return;
	while (to > from && !alnum(r->s[to - 1]))
		to--;
	while (from < to && !alnum(r->s[from]))
		from++;
	if (indicator_ipv4(r->s + from, to - from))
		hit(r, INDICATOR_IPV4, from, r->s + from, to - from);
	else if (indicator_domain_bare(r->s + from, to - from))
		hit(r, INDICATOR_DOMAIN, from, r->s + from, to - from);
}

static void
word_ipv4_in_url(struct run *r, size_t from, size_t to)
{
	if (from > 0 && (r->s[from - 1] == '@' || r->s[from - 1] == '/') &&
		indicator_ipv4(r->s + from, to - from))
		hit(r, INDICATOR_IPV4, from, r->s + from, to - from);
}

static void
word_coin(struct run *r, size_t from, size_t to)
{
	bool checked;

	if (indicator_bitcoin(r->s + from, to - from))
		hit(r, INDICATOR_BITCOIN, from, r->s + from, to - from);
	else if (indicator_ethereum(r->s + from, to - from, &checked))
		hit(r, INDICATOR_ETHEREUM, from, r->s + from, to - from);
}

/* Spaces every four are how people write an IBAN. */
static void
iban(struct run *r, size_t from)
{
	char text[34];
	size_t n = 0;

	for (size_t i = from; i < r->n && n < sizeof(text); i++) {
		if (alnum(r->s[i]))
			text[n++] = (char)toupper((unsigned char)r->s[i]);
		else if (r->s[i] != ' ' || n % 4 != 0)
			break;
		/* It may be followed by a word: every length is tried. */
		if (n >= 15 && (i + 1 == r->n || !alnum(r->s[i + 1])) && indicator_iban(text, n)) {
			hit(r, INDICATOR_IBAN, from, text, n);
			return;
		}
	}
}

/* ---- numbers ---- */
static bool
separator(const struct run *r, size_t from, size_t i)
{
	char c = r->s[i];

	return (c == ' ' || c == '-' || c == '.' || c == '/') && (i == from || r->s[i - 1] != c);
}

/* Digits with single separators between them, from `from` on. */
static size_t
number(const struct run *r, size_t from, size_t most, char *out, size_t *end)
{
	size_t n = 0, i = from;
	bool open = false; /* a bracket */

	for (; i < r->n && n < most; i++) {
		char c = r->s[i];

		if (isdigit((unsigned char)c))
			out[n++] = c;
		else if (c == '(' && !open)
			open = true;
		else if (c == ')' && open)
			open = false;
		else if (n == 0 || !separator(r, from, i))
			break;
	}
	while (i > from && !isdigit((unsigned char)r->s[i - 1]))
		i--;
	*end = i;
	return n;
}

/* ITU-T E.164 in international form: + and 7 to 15 digits, the first of them no 0. */
static void
phone(struct run *r, size_t at)
{
	char text[18];
	size_t end, n;

	if (at > 0 && (alnum(r->s[at - 1]) || r->s[at - 1] == '+'))
		return;
	text[0] = '+';
	n = number(r, at + 1, 16, text + 1, &end);
	if (n >= 8 && n <= 15 && text[1] != '0' && (end >= r->n || !alnum(r->s[end])))
		hit(r, INDICATOR_PHONE, at, text, n + 1);
}

static void
card(struct run *r, size_t from)
{
	char text[20];
	size_t end, n;

	if (from > 0 && (alnum(r->s[from - 1]) || strchr("+.-_", r->s[from - 1]) != NULL))
		return;
	n = number(r, from, 20, text, &end);
	if (n >= 13 && n <= 19 && (end >= r->n || !alnum(r->s[end])) && indicator_card(text, n))
		hit(r, INDICATOR_CARD, from, text, n);
}

static bool
word_char(char c)
{
	return alnum(c) || c == '-' || c == '.' || c == '_';
}

static void
word(struct run *r, size_t from, size_t to)
{
	size_t n = to - from;

	if (n >= 26 && n <= 90)
		word_coin(r, from, to);
	if (n > 2 && n <= 253 && memchr(r->s + from, '.', n) != NULL) {
		word_domain(r, from, to);
		word_ipv4_in_url(r, from, to);
	}
	if (isalpha((unsigned char)r->s[from]) && n >= 4 && isdigit((unsigned char)r->s[from + 2]))
		iban(r, from);
	if (isdigit((unsigned char)r->s[from]) && n >= 4)
		card(r, from);
}

static void
ipv6(struct run *r, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && at - from < 5 && isxdigit((unsigned char)r->s[from - 1]))
		from--;
	if (from > 0 && (alnum(r->s[from - 1]) || r->s[from - 1] == ':'))
		return;
	while (to < r->n && to - from < 40 && (isxdigit((unsigned char)r->s[to])
		|| r->s[to] == ':'))
		to++;
	if ((to >= r->n || !alnum(r->s[to])) && indicator_ipv6(r->s + from, to - from))
		hit(r, INDICATOR_IPV6, from, r->s + from, to - from);
}

/* What begins with a sign, or has one in the middle. word: where the word before it began. */
static void
sign(struct run *r, size_t at, size_t word)
{
	switch (r->s[at]) {
	case '@':
		email(r, at);
		break;
	case '+':
		phone(r, at);
		break;
	case ':':
		if (at + 3 < r->n && r->s[at + 1] == '/' && r->s[at + 2] == '/')
			url(r, at);
		else if (at - word <= 4)
			ipv6(r, at);
		break;
	default:
		break;
	}
}

static void
run_search(struct run *r)
{
	size_t i = 0;

	while (i < r->n && r->go) {
		size_t from = i;

		while (i < r->n && word_char(r->s[i]))
			i++;
		if (i > from)
			word(r, from, i);
		if (i >= r->n)
			break;
		sign(r, i, from);
		i++;
	}
}

/* ---- runs in bytes ---- */
enum { RUN_LEAST = 6, WIDE = 4096 };

static bool
printable(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

static void
narrow(struct run *r, const unsigned char *p, size_t n, uint64_t at)
{
	for (size_t i = 0; i < n && r->go;) {
		size_t from = i;

		while (i < n && printable(p[i]))
			i++;
		if (i - from >= RUN_LEAST) {
			r->s = (const char *)p + from;
			r->n = i - from;
			r->at = at + from;
			run_search(r);
		}
		i++;
	}
}

/* Pieces of a long run overlap on both sides; each tells what begins in its middle. */
static void
wide_run(struct run *r, const unsigned char *p, size_t chars, uint64_t at)
{
	char text[WIDE];
	uint64_t after = r->after, before = r->before;

	for (size_t from = 0; from < chars && r->go; from += WIDE - 2 * INDICATOR_MOST) {
		size_t n = chars - from < WIDE ? chars - from : WIDE;
		uint64_t first = at + 2 * (from + (from > 0 ? INDICATOR_MOST : 0));
		uint64_t last = at + 2 * (from + n - (from + n < chars ? INDICATOR_MOST : 0));

		for (size_t i = 0; i < n; i++)
			text[i] = (char)p[2 * (from + i)];
		r->s = text;
		r->n = n;
		r->at = at + 2 * from;
		r->after = first > after ? first : after;
		r->before = last < before ? last : before;
		run_search(r);
		if (from + n >= chars)
			break;
	}
	r->after = after;
	r->before = before;
}

static void
wide(struct run *r, const unsigned char *p, size_t n, uint64_t at)
{
	for (size_t i = 0; i + 1 < n && r->go;) {
		size_t from = i;

		while (i + 1 < n && printable(p[i]) && p[i + 1] == 0)
			i += 2;
		if ((i - from) / 2 >= RUN_LEAST)
			wide_run(r, p + from, (i - from) / 2, at + from);
		if (i == from)
			i++;
	}
}

bool
indicator_search(const unsigned char *p, size_t n, size_t from, size_t to, uint64_t at,
	unsigned kinds, indicator_call *call, void *arg)
{
	struct run r = { .after = at + from,
		.before = at + to,
		.kinds = kinds,
		.call = call,
		.arg = arg,
		.go = true };

	r.step = 1;
	narrow(&r, p, n, at);
	r.step = 2;
	wide(&r, p, n, at);
	return r.go;
}
