#include "examine/inner/say.h"

#include "base/limits_examine.h"

#include "base/clock.h"
#include "base/enc.h"

#include <stdarg.h>
#include <string.h>

enum co_rc
say(const char *type, json_t *o, struct co_err *err)
{
	json_auto *line = json_pack("{s:s}", "type", type);
	json_auto *taken = o;
	co_auto_free char *text = NULL;

	if (line == NULL || taken == NULL || json_object_update(line, taken) != 0)
		return co_fail(err, CO_ENOMEM, "answer");
	text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "answer");
	if (strlen(text) + 1 > LIMIT_EXAMINE_LINE)
		return co_fail(err, CO_ETOOBIG, "one line of the answer is too long");
	if (fputs(text, stdout) == EOF || fputc('\n', stdout) == EOF)
		return co_fail_errno(err, "answer");
	return CO_OK;
}

enum co_rc
say_note(struct co_err *err, const char *fmt, ...)
{
	char text[480];
	json_t *o = json_object();
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say_text(o, "text", text);
	return say("note", o, err);
}

enum co_rc
say_progress(uint64_t done, uint64_t of, struct co_err *err)
{
	static int64_t told;
	int64_t now = co_mono_us();

	if (now - told < 200000)
		return CO_OK;
	told = now;
	TRY(say("progress",
		json_pack("{s:I,s:I}", "done", (json_int_t)done, "of", (json_int_t)of), err));
	return fflush(stdout) == 0 ? CO_OK : co_fail_errno(err, "answer");
}

enum co_rc
say_bytes(const void *p, size_t n, struct co_err *err)
{
	return fwrite(p, 1, n, stdout) == n ? CO_OK : co_fail_errno(err, "answer");
}

/* RFC 3629: how many bytes a character that begins so has, and what its second may be. */
static const struct {
	unsigned char from, to, n, second_from, second_to;
} leads[] = { { 0x00, 0x7f, 1, 0, 0 }, { 0xc2, 0xdf, 2, 0x80, 0xbf }, { 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf }, { 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf }, { 0xf4, 0xf4, 4, 0x80,
	0x8f } };

/* Bytes of the character at p; 0: none. */
static size_t
character(const unsigned char *p)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(leads); i++) {
		size_t n = leads[i].n;

		if (p[0] < leads[i].from || p[0] > leads[i].to)
			continue;
		if (n > 1 && (p[1] < leads[i].second_from || p[1] > leads[i].second_to))
			return 0;
		for (size_t k = 2; k < n; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return n;
	}
	return 0;
}

void
say_text(json_t *o, const char *member, const char *text)
{
	enum { MOST = 4096 };
	static char clean[3 * MOST + 1], hex[2 * MOST + 1];
	char beside[64];
	size_t n = strnlen(text, MOST), out = 0;
	bool whole = true;

	for (size_t i = 0; i < n;) {
		size_t k = character((const unsigned char *)text + i);

		if (k == 0 || i + k > n) {
			memcpy(clean + out, "\xef\xbf\xbd", 3);
			out += 3;
			i++;
			whole = false;
			continue;
		}
		memcpy(clean + out, text + i, k);
		out += k;
		i += k;
	}
	(void)json_object_set_new(o, member, json_stringn(clean, out));
	if (whole)
		return;
	co_hex(text, n, hex);
	(void)snprintf(beside, sizeof(beside), "%s_hex", member);
	(void)json_object_set_new(o, beside, json_string(hex));
}

json_t *
say_time(int64_t s, uint32_t ns)
{
	/* The years that RFC 3339 can write; 0 is how file systems say none. */
	const int64_t most = 253402300799;
	char text[CO_TIME_LEN];

	if (s == 0 || s < -62135596800 || s > most)
		return json_null();
	co_time_print(s * 1000000 + (ns < 1000000000u ? ns / 1000u : 0), text);
	return json_string(text);
}
