#include "record/text.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "record/record.h"

#include <string.h>

/* The next character of valid UTF-8 (RFC 3629), or -1: overlong forms and surrogates are not. */
static int32_t
text_next(const unsigned char *s, size_t n, size_t *used)
{
	static const struct {
		unsigned char mask, lead;
		int32_t least;
	} shape[] = { { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

	for (size_t k = 0; k < CO_ARRAY_LEN(shape); k++) {
		int32_t v;

		if ((s[0] & shape[k].mask) != shape[k].lead)
			continue;
		if (n < k + 2)
			return -1;
		v = s[0] & (unsigned char)~shape[k].mask;
		for (size_t i = 1; i < k + 2; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return -1;
			v = v << 6 | (s[i] & 0x3f);
		}
		*used = k + 2;
		return v < shape[k].least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff) ? -1 : v;
	}
	return -1;
}

/* Invisible characters that end a line or reorder the text after them (a file name shown as
 * "bill-exe.pdf" that ends in .exe). The plain direction marks 200E and 200F stay allowed. */
static bool
text_disturbs(int32_t v)
{
	return v == 0x2028 || v == 0x2029 || (v >= 0x202a && v <= 0x202e) ||
		(v >= 0x2066 && v <= 0x2069) || v == 0xfeff;
}

static bool
text_scan(const char *s, size_t n, bool lines)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t used = 1;

	for (size_t i = 0; i < n; i += used) {
		int32_t v;

		used = 1;
		if (u[i] >= 0x20 && u[i] < 0x7f)
			continue;
		v = u[i];
		if (v >= 0x80)
			v = text_next(u + i, n - i, &used);
		if (v < 0x20 && !(lines && (v == '\n' || v == '\t')))
			return false;
		if (v >= 0x7f && (v < 0xa0 || (!lines && text_disturbs(v))))
			return false;
	}
	return true;
}

static bool
text_is_lines(const char *s, size_t n)
{
	return text_scan(s, n, true);
}

static bool
text_is_name(const char *s, size_t n)
{
	return n > 0 && text_scan(s, n, false);
}

static bool
text_is_file(const char *s, size_t n)
{
	return text_is_name(s, n) && strcspn(s, "/\\") == n && strcmp(s, ".") != 0 &&
		strcmp(s, "..") != 0;
}

/* At least one byte, and all of them from the set. */
static bool
text_of(const char *s, size_t n, const char *set)
{
	return n > 0 && strspn(s, set) == n;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

static bool
text_is_code(const char *s, size_t n)
{
	return n <= 64 && text_of(s, n, LOWER DIGIT "-_.");
}

static bool
text_is_uuid(const char *s, size_t n)
{
	return n == CO_UUID_LEN && co_uuid_valid(s);
}

static bool
text_is_sha256(const char *s, size_t n)
{
	return n == SHA256_HEX && text_of(s, n, DIGIT "abcdef");
}

static bool
text_is_sha512(const char *s, size_t n)
{
	return n == SHA512_HEX && text_of(s, n, DIGIT "abcdef");
}

static bool
text_is_sha1(const char *s, size_t n)
{
	return n == 40 && text_of(s, n, DIGIT "abcdef");
}

static bool
text_is_md5(const char *s, size_t n)
{
	return n == 32 && text_of(s, n, DIGIT "abcdef");
}

static bool
text_is_time(const char *s, size_t n)
{
	int64_t us;

	return n < CO_TIME_LEN && co_time_parse(s, &us, NULL) == CO_OK;
}

static bool
text_is_date(const char *s, size_t n)
{
	char whole[CO_TIME_LEN];
	int64_t us;

	if (n != 10)
		return false;
	(void)snprintf(whole, sizeof(whole), "%sT00:00:01Z", s);
	return co_time_parse(whole, &us, NULL) == CO_OK;
}

static bool
text_is_address(const char *s, size_t n)
{
	(void)n;
	return address_valid(s);
}

static bool
text_is_origin(const char *s, size_t n)
{
	static const char tail[] = "/ledger";
	char address[LIMIT_ADDRESS + 1];
	size_t t = sizeof(tail) - 1;

	if (n <= t || n - t > LIMIT_ADDRESS || strcmp(s + n - t, tail) != 0)
		return false;
	memcpy(address, s, n - t);
	address[n - t] = '\0';
	return address_valid(address);
}

static bool
text_is_base64(const char *s, size_t n)
{
	size_t body = strspn(s, UPPER LOWER DIGIT "+/");

	return n > 0 && n % 4 == 0 && n - body <= 2 && strspn(s + body, "=") == n - body;
}

static bool
text_is_pem(const char *s, size_t n)
{
	static const char head[] = "-----BEGIN CERTIFICATE-----\n";
	static const char tail[] = "\n-----END CERTIFICATE-----\n";
	size_t h = sizeof(head) - 1, t = sizeof(tail) - 1;

	return n > h + t && memcmp(s, head, h) == 0 && memcmp(s + n - t, tail, t) == 0 &&
		strspn(s + h, UPPER LOWER DIGIT "+/=\n") == n - h - t + 1;
}

/* https, a host and perhaps a port; no user, path, query or spaces. */
static bool
text_is_url(const char *s, size_t n)
{
	static const char head[] = "https://";
	size_t h = sizeof(head) - 1;

	return n > h && memcmp(s, head, h) == 0 && text_of(s + h, n - h, LOWER UPPER DIGIT ".-:[]");
}

static bool
text_is_zone(const char *s, size_t n)
{
	return n < 64 && text_of(s, n, LOWER UPPER DIGIT "_+-/:");
}

static bool
text_is_economy(const char *s, size_t n)
{
	return n == 2 && text_of(s, n, UPPER);
}

static bool
text_is_language(const char *s, size_t n)
{
	size_t primary = strspn(s, LOWER);

	return n <= 35 && primary >= 2 && primary <= 3 &&
		(n == primary || (s[primary] == '-' &&
		text_of(s + primary, n - primary, LOWER UPPER DIGIT "-")));
}

static bool
text_is_media(const char *s, size_t n)
{
	const char *set = LOWER DIGIT "!#$&^_.+-";
	size_t type = strspn(s, set);

	return n < 128 && type > 0 && s[type] == '/' && text_of(s + type + 1, n - type - 1, set);
}

static bool
text_is_token(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return n > 0;
}

static bool
text_is_email(const char *s, size_t n)
{
	const char *at = strchr(s, '@');

	return text_is_name(s, n) && n <= 254 && strcspn(s, " <>,;\"") == n && at != NULL &&
		at != s && strchr(at + 1, '@') == NULL && strchr(at + 1, '.') != NULL &&
		at[1] != '.' && s[n - 1] != '.';
}

static bool
text_is_phone(const char *s, size_t n)
{
	size_t digits = 0;

	for (size_t i = 0; i < n; i++)
		digits += s[i] >= '0' && s[i] <= '9';
	return n <= 40 && digits >= 3 && text_of(s, n, DIGIT "+-() ./x") &&
		strchr(s + 1, '+') == NULL;
}

const struct text_rule text_lines = { text_is_lines,
	"text (line feed and tab are the only control characters)" };
const struct text_rule text_name = { text_is_name, "one line of text without control characters" };
const struct text_rule text_file = { text_is_file,
	"a file name without / or \\ or control characters" };
const struct text_rule text_code = { text_is_code, "a code of a-z, 0-9, '-', '_' and '.'" };
const struct text_rule text_uuid = { text_is_uuid, "a UUID in lower case" };
const struct text_rule text_sha256 = { text_is_sha256, "a SHA-256 in lower-case hex" };
const struct text_rule text_sha512 = { text_is_sha512, "a SHA-512 in lower-case hex" };
const struct text_rule text_sha1 = { text_is_sha1, "a SHA-1 in lower-case hex" };
const struct text_rule text_md5 = { text_is_md5, "an MD5 in lower-case hex" };
const struct text_rule text_time = { text_is_time,
	"a time with its zone, like 2026-11-23T19:15:00Z" };
const struct text_rule text_date = { text_is_date, "a date like 2026-11-23" };
const struct text_rule text_address = { text_is_address,
	"an address in lower case, like th.contact" };
const struct text_rule text_origin = { text_is_origin,
	"the name of a ledger, like th.contact/ledger" };
const struct text_rule text_base64 = { text_is_base64, "base64 with padding" };
const struct text_rule text_pem = { text_is_pem, "one certificate in PEM" };
const struct text_rule text_url = { text_is_url, "https://host:port" };
const struct text_rule text_zone = { text_is_zone, "a time zone, like Asia/Bangkok" };
const struct text_rule text_economy = { text_is_economy,
	"a two-letter code in upper case, like TH" };
const struct text_rule text_language = { text_is_language, "a language code, like th" };
const struct text_rule text_media = { text_is_media,
	"a media type in lower case, like text/plain" };
const struct text_rule text_token = { text_is_token, "printable ASCII without spaces" };
const struct text_rule text_email = { text_is_email, "an e-mail address" };
const struct text_rule text_phone = { text_is_phone, "a telephone number, like +66 2 123 4567" };

bool
text_one_of(const char *list, const char *s, size_t n)
{
	if (n == 0 || memchr(s, '|', n) != NULL)
		return false;
	for (const char *at = list; *at != '\0';) {
		size_t k = strcspn(at, "|");

		if (k == n && memcmp(at, s, n) == 0)
			return true;
		at += k + (at[k] == '|');
	}
	return false;
}

const char *
text_show(const char *s, char out[TEXT_SHOW])
{
	size_t n = 0;

	for (; s[n] != '\0' && n < TEXT_SHOW - 4; n++)
		out[n] = s[n] < ' ' || s[n] > '~' ? '?' : s[n];
	(void)snprintf(out + n, TEXT_SHOW - n, "%s", s[n] != '\0' ? "..." : "");
	return out;
}

static enum co_rc
text_walk_string(const json_t *v, struct co_err *err)
{
	const char *s = json_string_value(v);
	size_t n = json_string_length(v);

	if (strlen(s) != n || !text_lines.ok(s, n))
		return co_fail(err, CO_EMALFORMED,
			"a string holds a control character or is not UTF-8");
	return CO_OK;
}

static enum co_rc
text_walk_object(const json_t *v, unsigned depth, struct co_err *err)
{
	/* jansson's iteration takes a non-const object and does not change it. */
	json_t *o = (json_t *)(uintptr_t)v;

	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it)) {
		const char *key = json_object_iter_key(it);
		size_t n = json_object_iter_key_len(it);
		char show[TEXT_SHOW];
		enum co_rc rc;

		if (n > 64 || strlen(key) != n || !text_token.ok(key, n))
			return co_fail(err, CO_EMALFORMED, "member name \"%s\": wanted at most 64 "
				"printable ASCII characters", text_show(key, show));
		rc = text_walk(json_object_iter_value(it), depth - 1, err);
		if (rc != CO_OK)
			return rc;
	}
	return CO_OK;
}

enum co_rc
text_walk(const json_t *v, unsigned depth, struct co_err *err)
{
	size_t n;

	if (depth == 0)
		return co_fail(err, CO_ETOOBIG, "more than %d levels of nesting",
			LIMIT_RECORD_DEPTH);
	if (json_is_string(v))
		return text_walk_string(v, err);
	if (json_is_real(v))
		return co_fail(err, CO_EMALFORMED,
			"a number with a fraction; records hold integers only");
	if (json_is_object(v))
		return text_walk_object(v, depth, err);
	n = json_array_size(v); /* 0 for what is not an array */
	for (size_t i = 0; i < n; i++) {
		enum co_rc rc = text_walk(json_array_get(v, i), depth - 1, err);

		if (rc != CO_OK)
			return rc;
	}
	return CO_OK;
}
