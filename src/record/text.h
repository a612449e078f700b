/* Rules for strings inside records and forms: each is a predicate and the words that say what was
 * wanted. Strings are compared by exact bytes everywhere, so a rule admits one spelling
 * only (lower-case hex, lower-case addresses). For this room and law; docs/protocol.md has them. */
#pragma once

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_rule {
	bool (*ok)(const char *s, size_t n); /* s has n bytes and a NUL after them */
	const char *want;                    /* "a UUID in lower case" */
};

/* Valid UTF-8 without control characters, except line feed and tab. */
extern const struct text_rule text_lines;
/* The same without line feed, tab, line separators and the invisible marks that reorder text. */
extern const struct text_rule text_name;
extern const struct text_rule text_file; /* a name that is one component of a path */
extern const struct text_rule text_code; /* "need-decision", "art_29" */
extern const struct text_rule text_uuid;
extern const struct text_rule text_sha256;
extern const struct text_rule text_sha512;
extern const struct text_rule text_sha1;
extern const struct text_rule text_md5;
extern const struct text_rule text_time;
extern const struct text_rule text_date;
extern const struct text_rule text_address;
extern const struct text_rule text_origin; /* an address and "/ledger" */
extern const struct text_rule text_base64;
extern const struct text_rule text_pem;
extern const struct text_rule text_url;
extern const struct text_rule text_zone; /* name of the time zone database, or +07:00 */
extern const struct text_rule text_economy;
extern const struct text_rule text_language;
extern const struct text_rule text_media;
extern const struct text_rule text_token; /* printable ASCII without spaces */
extern const struct text_rule text_email;
extern const struct text_rule text_phone;

/* Is s one of the words of the list "a|b|c"? */
bool text_one_of(const char *list, const char *s, size_t n);
/* For messages: at most 40 bytes of s, everything unprintable replaced. */
enum { TEXT_SHOW = 44 };
const char *text_show(const char *s, char out[TEXT_SHOW]);

/* No number with a fraction, no string that breaks text_lines, no NUL, nesting within depth. */
enum co_rc text_walk(const json_t *v, unsigned depth, struct co_err *err) CO_NODISCARD;
