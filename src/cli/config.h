/* comity.conf: one table of keys, from which the file is written with its comments, read and
 * checked. An unknown key, a wrong value or a key given twice is refused with file and line;
 * never is a default taken in place of a value that cannot be read. Format: docs/manual.md. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

enum { CONFIG_TEXT = 512, CONFIG_LIST = 1536 };

struct config {
	char address[LIMIT_ADDRESS + 1];
	char name[LIMIT_NAME + 1];
	char economy[3];
	char role[16];
	char timezone[64];
	char hours[64];
	char weekend[32];           /* "sat,sun" */
	char holidays[CONFIG_LIST]; /* dates with commas; with both, our working days */
	long extend_days;           /* working days before an end; 0: nothing is drafted */
	char languages[LIMIT_NAME + 1];
	char url[LIMIT_NAME + 1];
	char listen[LIMIT_NAME + 1]; /* IP:port; "" = where_listen */
	char desk[LIMIT_NAME + 1];     /* host:port of the officers' console, or "off" */
	char desk_url[LIMIT_NAME + 1]; /* "" = http://localhost with that port */
	char desk_proxies[CONFIG_TEXT];   /* "" = nobody's word counts */
	char desk_proxy_header[32];
	char desk_card[LIMIT_NAME + 1];     /* IP:port of the door for certificates, or "off" */
	char desk_card_url[LIMIT_NAME + 1]; /* "" = https://localhost with that port */
	char desk_card_tls[CONFIG_TEXT];    /* PEM: chain and key */
	char four_eyes[CONFIG_TEXT];
	char two_people[CONFIG_TEXT];
	char certs[CONFIG_TEXT]; /* folder of root.pem, seal.pem, tls.pem, tsa.pem */
	char seal_key[CONFIG_TEXT];
	char tls_key[CONFIG_TEXT];
	char log_key[CONFIG_TEXT];
	char tsa_key[CONFIG_TEXT];
	char tsa_url[CONFIG_LIST];   /* "" = our own time-stamps */
	char tsa_roots[CONFIG_LIST]; /* PEM of their roots */
	char tsa_policy[CONFIG_TEXT];
	long renew_days; /* before a time-stamp's certificate ends */
	char secret_file[CONFIG_TEXT];
	char pin_file[CONFIG_TEXT]; /* "" = no PKCS#11 PIN */
	char vkey[CONFIG_TEXT];     /* of our ledger; public */
	long loops;
	bool sandbox;
	bool webhook_link_local;
	bool log_json;
	char log_level[8];
};

/* Defaults of every key that has one; the rest empty. */
void config_defaults(struct config *c);
/* Checks one value as the file would be; CO_EUSAGE says what is allowed. */
enum co_rc config_set(struct config *c, const char *key, const char *value, struct co_err *err)
	CO_NODISCARD;
/* The whole text; path is only named in messages. Keys that must be given are demanded. */
enum co_rc config_parse(struct config *c, const char *path, const char *text, size_t n,
	struct co_err *err) CO_NODISCARD;
/* What an upgrade left behind in a file that is good: a default that became another since
 * (matters), and keys that the file does not know. */
typedef void config_note(void *arg, bool matters, const char *text);
enum co_rc config_aged(const char *path, const char *text, size_t n, config_note *note, void *arg,
	struct co_err *err) CO_NODISCARD;
/* home/comity.conf; relative paths of files become paths under home. */
enum co_rc config_load(struct config *c, const char *home, struct co_err *err) CO_NODISCARD;
/* The file with a comment on each key, as `comity init` writes it. */
enum co_rc config_print(const struct config *c, struct co_buf *out, struct co_err *err)
	CO_NODISCARD;
