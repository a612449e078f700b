/* The certificates of one use over the years: NAME.pem with the key of the configuration, then
 * NAME-2.pem, NAME-3.pem as `comity certificate renew` made them. The key of each is
 * keys/NAME-N.key, the token's URI in keys/NAME-N.uri, or that of the one before. Nothing is ever
 * renamed or written over: which of them is in force is decided anew each time (network/own.h). */
#pragma once

#include "base/err.h"

#include <stddef.h>

enum { SLOT_MOST = 16, SLOT_TEXT = 1024 };

struct slot {
	char cert[SLOT_TEXT];
	char key[SLOT_TEXT]; /* as key_load wants it */
};
/* At least the first, whether its files exist or not; a key's text is read, a file's is not. */
enum co_rc slot_list(struct slot out[SLOT_MOST], size_t *n, const char *certs, const char *keys,
	const char *name, const char *first_key, struct co_err *err) CO_NODISCARD;
/* Where the certificate of a number from 2 on stands, and its key by "key" or "uri". */
enum co_rc slot_cert_path(char out[SLOT_TEXT], const char *certs, const char *name, size_t number,
	struct co_err *err) CO_NODISCARD;
enum co_rc slot_key_path(char out[SLOT_TEXT], const char *keys, const char *name, size_t number,
	const char *ending, struct co_err *err) CO_NODISCARD;
