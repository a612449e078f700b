#include "cli/config.h"

#include "base/fs.h"
#include "cli/args.h"
#include "cli/calendar.h"
#include "cli/where.h"
#include "evidence/exhibits.h"
#include "network/proxy.h"
#include "record/record.h"
#include "record/text.h"
#include "words/language.h"

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <string.h>

enum conf_type { CONF_LINE, CONF_ADDRESS, CONF_ECONOMY, CONF_CHOICE, CONF_URL, CONF_LISTEN,
	CONF_WHERE, CONF_COUNT, CONF_SWITCH, CONF_WEEKEND, CONF_DATES, CONF_TWO, CONF_WHERES,
	CONF_DOOR, CONF_LANGUAGES, CONF_PROXIES, CONF_TYPE_N };

struct key_row {
	const char *name;
	enum conf_type type;
	size_t at, cap;
	const char *otherwise; /* default; NULL: must be given */
	const char *allowed;   /* choices with blanks between, or "low high" */
	const char *comment;
	const char *was; /* what init of an older version wrote as its default; NULL: the same */
};

#define ROW(member, type, otherwise, allowed, comment)                                             \
	{ #member, type, offsetof(struct config, member), sizeof(((struct config *)NULL)->member), \
		otherwise, allowed, comment, NULL }
#define ROW_WAS(member, type, otherwise, was, comment)                                             \
	{ #member, type, offsetof(struct config, member), sizeof(((struct config *)NULL)->member), \
		otherwise, NULL, comment, was }

static const struct key_row rows[] = {
	ROW(address, CONF_ADDRESS, NULL, NULL, "How partners call this node; never changes."),
	ROW(name, CONF_LINE, NULL, NULL, "The organisation, as partners see it."),
	ROW(economy, CONF_ECONOMY, NULL, NULL, "ISO 3166-1 alpha-2 code."),
	ROW(role, CONF_CHOICE, NULL, "contact authority provider",
		"contact point (24/7), central authority, or provider."),
	ROW(timezone, CONF_LINE, "UTC", NULL,
		"Where the desk is, as in tzdata. All but UTC needs the package tzdata."),
	ROW(hours, CONF_LINE, "24x7", NULL, "When people are there."),
	ROW(weekend, CONF_WEEKEND, "sat,sun", NULL,
		"Days of the week that are no working days: mon to sun, with commas; empty: none."),
	ROW(holidays, CONF_DATES, "", NULL,
		"Other days that are no working days, in order: 2027-04-13,2027-04-14."),
	ROW(extend_days, CONF_COUNT, "7", "0 60",
		"Working days before a preservation of ours ends by which the node drafts its "
		"extension, if nothing else keeps the data. An officer sends it or not; "
		"0: never drafted."),
	ROW(languages, CONF_LANGUAGES, "en", NULL,
		"Languages the desk reads, best first: codes of ISO 639 with commas, as th,en."),
	ROW(url, CONF_URL, NULL, NULL, "Where partners reach this node: https://HOST:PORT."),
	ROW(listen, CONF_LISTEN, "", NULL,
		"Where it listens for partners: IP:port. Empty: at the address of the url; where "
		"the url names a host, at all addresses of this machine and the port of the url."),
	ROW(desk, CONF_DOOR, "127.0.0.1:8401", NULL,
		"Where the officers' console listens: IP:port, or off. Keep it on loopback and "
		"put a proxy with TLS before it for other machines."),
	ROW(desk_url, CONF_LINE, "", NULL,
		"How browsers reach the console: https://HOST behind a proxy; empty: "
		"http://localhost and the port above."),
	ROW(desk_proxies, CONF_PROXIES, "", NULL,
		"Proxies before the console that say whose address it is that signs in, so that "
		"wrong tries are counted by reader: addresses and networks with commas, as "
		"127.0.0.1. Name only those that set the header below themselves. Empty: none."),
	ROW(desk_proxy_header, CONF_CHOICE, "x-forwarded-for", "x-forwarded-for forwarded",
		"In which header they say it."),
	ROW(desk_card, CONF_DOOR, "off", NULL,
		"Where officers sign in with a certificate or smart card: IP:port, or off. It ends "
		"TLS itself: no proxy before it, only a forward of the port."),
	ROW(desk_card_url, CONF_LINE, "", NULL,
		"How browsers reach it: https://HOST:PORT, at the host of desk_url; empty: "
		"https://localhost and the port above."),
	ROW(desk_card_tls, CONF_WHERE, "desk-card.pem", NULL,
		"The certificate chain and private key that it shows to browsers, in one PEM "
		"file."),
	ROW(four_eyes, CONF_LINE, "*", NULL,
		"Measures that a second officer must approve before they go out: codes with "
		"commas, "
		"* for all, empty for none."),
	ROW_WAS(two_people, CONF_TWO, TWO_PEOPLE, "destroyed,opened:closed",
		"What is done with exhibits only when a second officer confirms it: actions of "
		"custody with commas; opened:closed is the opening of what is in the store, on "
		"hold or of a closed case, retained:shorter a period that ends before the one "
		"set. Empty for none."),
	ROW(certs, CONF_WHERE, "certs", NULL,
		"Folder of root.pem, seal.pem, tls.pem and tsa.pem; this and other relative paths "
		"are "
		"under the node's folder."),
	ROW(seal_key, CONF_WHERE, "keys/seal.key", NULL,
		"Signs records and opens sealed evidence: a file, or a pkcs11: URI."),
	ROW(tls_key, CONF_WHERE, "keys/tls.key", NULL,
		"Identifies this node on every connection: a file, or a pkcs11: URI."),
	ROW(log_key, CONF_WHERE, "keys/log.key", NULL, "Signs the checkpoints of the ledger."),
	ROW(tsa_key, CONF_WHERE, "keys/tsa.key", NULL, "This node's own time-stamp authority."),
	ROW(tsa_url, CONF_LINE, "", NULL,
		"Outside time-stamp authorities (RFC 3161 over HTTP) with commas, asked in this "
		"order; this node's own stands in while none answers. Empty: this node's own."),
	ROW(tsa_roots, CONF_WHERES, "", NULL,
		"PEM file with the root certificates of those authorities, or one file each with "
		"commas."),
	ROW(tsa_policy, CONF_LINE, "", NULL,
		"Policies (OIDs) that they shall use, with commas in the same order; empty: any."),
	ROW(renew_days, CONF_COUNT, "90", "1 3650",
		"Days before a certificate of time-stamps ends by which an archive time-stamp is "
		"made."),
	ROW(secret_file, CONF_WHERE, "secret/passphrase", NULL,
		"Opens the keys; read once by the keeper process."),
	ROW(pin_file, CONF_WHERE, "", NULL, "PIN of a PKCS#11 token; empty: none."),
	ROW(vkey, CONF_LINE, NULL, NULL, "Public key of this node's ledger (C2SP signed note)."),
	ROW(loops, CONF_COUNT, "0", "0 64", "Event loops of the listener; 0: one a core."),
	ROW(webhook_link_local, CONF_SWITCH, "off", NULL,
		"Let webhooks call link-local addresses and metadata services of clouds."),
	ROW(sandbox, CONF_SWITCH, "on", NULL, "seccomp and Landlock. Leave it on."),
	ROW(log_level, CONF_CHOICE, "info", "debug info warn error", "Least level that is logged."),
	ROW(log_json, CONF_SWITCH, "off", NULL, "Log lines as JSON."),
};

static const struct key_row *
row_find(const char *name, struct near *near)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
		near_offer(near, rows[i].name);
	}
	return NULL;
}

/* ---- one check a type ---- */

typedef enum co_rc key_check(const struct key_row *r, const char *v, struct co_err *err);

static enum co_rc
check_line(const struct key_row *r, const char *v, struct co_err *err)
{
	if (*v == '\0' && (r->otherwise == NULL))
		return co_fail(err, CO_EUSAGE, "%s may not be empty", r->name);
	for (; *v != '\0'; v++)
		if ((unsigned char)*v < 0x20 || *v == 0x7f)
			return co_fail(err, CO_EUSAGE, "%s holds a control character", r->name);
	return CO_OK;
}

static enum co_rc
check_address(const struct key_row *r, const char *v, struct co_err *err)
{
	if (!address_valid(v))
		return co_fail(err, CO_EUSAGE, "%s is \"%s\": allowed is an economy and a name, as "
			"in th.contact", r->name, v);
	return CO_OK;
}

static enum co_rc
check_economy(const struct key_row *r, const char *v, struct co_err *err)
{
	if (strlen(v) != 2 || !isupper((unsigned char)v[0]) || !isupper((unsigned char)v[1]))
		return co_fail(err, CO_EUSAGE,
			"%s is \"%s\": allowed are two capital letters, as TH", r->name, v);
	return CO_OK;
}

static enum co_rc
check_choice(const struct key_row *r, const char *v, struct co_err *err)
{
	size_t n = strlen(v);

	for (const char *at = r->allowed; n > 0 && (at = strstr(at, v)) != NULL; at++)
		if ((at == r->allowed || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return CO_OK;
	return co_fail(err, CO_EUSAGE, "%s is \"%s\": allowed are %s", r->name, v, r->allowed);
}

static enum co_rc
check_url(const struct key_row *r, const char *v, struct co_err *err)
{
	struct where w;

	if (strncmp(v, "https://", 8) != 0 || !where_parse(v + 8, &w))
		return co_fail(err, CO_EUSAGE,
			"%s is \"%s\": allowed is https://HOST:PORT, where HOST is a name, an IPv4 "
			"address, or an IPv6 address in brackets", r->name, v);
	return CO_OK;
}

static enum co_rc
check_listen(const struct key_row *r, const char *v, struct co_err *err)
{
	struct where w;

	if (*v != '\0' && (!where_parse(v, &w) || !w.ip))
		return co_fail(err, CO_EUSAGE,
			"%s is \"%s\": allowed is an address of this machine with a port, as "
			"192.0.2.1:4501 or [2001:db8::1]:4501, [::]:4501 for all of them, or "
			"nothing: "
			"then the url says it", r->name, v);
	return CO_OK;
}

/* Of the desk's doors: an address and a port, or off. */
static enum co_rc
check_door(const struct key_row *r, const char *v, struct co_err *err)
{
	struct where w;

	if (strcmp(v, "off") != 0 && (!where_parse(v, &w) || !w.ip))
		return co_fail(err, CO_EUSAGE,
			"%s is \"%s\": allowed is an address of this machine with a port, as "
			"127.0.0.1:8401 or [::1]:8401, or off", r->name, v);
	return CO_OK;
}

static enum co_rc
check_count(const struct key_row *r, const char *v, struct co_err *err)
{
	char *end;
	long low = strtol(r->allowed, &end, 10), high = strtol(end, NULL, 10);
	long n = strtol(v, &end, 10);

	if (!isdigit((unsigned char)*v) || *end != '\0' || n < low || n > high)
		return co_fail(err, CO_EUSAGE,
			"%s is \"%s\": allowed are whole numbers from %ld to %ld", r->name, v, low,
			high);
	return CO_OK;
}

static enum co_rc
check_switch(const struct key_row *r, const char *v, struct co_err *err)
{
	if (strcmp(v, "on") != 0 && strcmp(v, "off") != 0)
		return co_fail(err, CO_EUSAGE, "%s is \"%s\": allowed are on and off", r->name, v);
	return CO_OK;
}

static enum co_rc
check_weekend(const struct key_row *r, const char *v, struct co_err *err)
{
	unsigned days;

	return calendar_weekend(v, &days, err) == CO_OK ? CO_OK : co_wrap(err, "%s", r->name);
}

static enum co_rc
check_dates(const struct key_row *r, const char *v, struct co_err *err)
{
	law_day days[CALENDAR_HOLIDAYS];
	size_t n;

	return calendar_holidays(v, days, &n, err) == CO_OK ? CO_OK : co_wrap(err, "%s", r->name);
}

/* What stands in our entry: partners refuse what is no list of language codes (protocol.md 4.8). */
static enum co_rc
check_languages(const struct key_row *r, const char *v, struct co_err *err)
{
	enum { MOST = 16 };
	char ours[128] = "";
	size_t count = 0, k = 0;

	for (size_t i = 0; language_at(i) != NULL; i++)
		k += (size_t)snprintf(ours + k, sizeof(ours) - k, "%s%s", i == 0 ? "" : ", ",
			language_at(i)->code);
	for (const char *at = v;; count++) {
		char tag[36];
		size_t n;

		at += strspn(at, " ");
		n = strcspn(at, ", ");
		(void)snprintf(tag, sizeof(tag), "%.*s", n < sizeof(tag) ? (int)n : 0, at);
		if (count == MOST || strchr(",", at[n + strspn(at + n, " ")]) == NULL ||
			!text_language.ok(tag, strlen(tag)) ||
			!language_tag_known(tag, n))
			return co_fail(err, CO_EUSAGE,
				"%s is \"%s\": allowed are 1 to %d codes of languages with "
				"commas, as th,en; \"%s\" is none. Pages are in %s; other codes "
				"are those of ISO 639, as de or pt-BR", r->name, v, MOST, tag,
					ours);
		at += n + strspn(at + n, " ");
		if (*at == '\0')
			return CO_OK;
		at += *at == ',';
	}
}

static enum co_rc
check_proxies(const struct key_row *r, const char *v, struct co_err *err)
{
	struct proxies p = { .n = 0 };

	return proxies_parse(&p, v, err) == CO_OK ? CO_OK : co_wrap(err, "%s", r->name);
}

static enum co_rc
check_two(const struct key_row *r, const char *v, struct co_err *err)
{
	(void)r;
	return two_people_check(v, err);
}

static key_check *const checks[CONF_TYPE_N] = {
	[CONF_LINE] = check_line, [CONF_ADDRESS] = check_address, [CONF_ECONOMY] = check_economy,
	[CONF_CHOICE] = check_choice, [CONF_URL] = check_url, [CONF_LISTEN] = check_listen,
	[CONF_WHERE] = check_line, [CONF_COUNT] = check_count, [CONF_SWITCH] = check_switch,
	[CONF_WEEKEND] = check_weekend, [CONF_DATES] = check_dates, [CONF_TWO] = check_two,
	[CONF_WHERES] = check_line, [CONF_DOOR] = check_door,
	[CONF_LANGUAGES] = check_languages, [CONF_PROXIES] = check_proxies,
};

static enum co_rc
row_set(struct config *c, const struct key_row *r, const char *value, struct co_err *err)
{
	char *at = (char *)c + r->at;
	enum co_rc rc = checks[r->type](r, value, err);

	/* The sizes of members and the types of rows must agree, or memory is overwritten. */
	assert(r->type != CONF_COUNT || r->cap == sizeof(long));
	assert(r->type != CONF_SWITCH || r->cap == sizeof(bool));
	if (rc != CO_OK)
		return rc;
	if (r->type == CONF_COUNT) {
		long n = strtol(value, NULL, 10);

		memcpy(at, &n, sizeof(n));
	} else if (r->type == CONF_SWITCH) {
		bool b = strcmp(value, "on") == 0;

		memcpy(at, &b, sizeof(b));
	} else {
		if (strlen(value) >= r->cap)
			return co_fail(err, CO_EUSAGE, "%s has at most %zu characters", r->name,
				r->cap - 1);
		memcpy(at, value, strlen(value) + 1);
	}
	return CO_OK;
}

enum co_rc
config_set(struct config *c, const char *key, const char *value, struct co_err *err)
{
	struct near near = { .wanted = key, .distance = SIZE_MAX };
	const struct key_row *r = row_find(key, &near);

	if (r == NULL && near.best != NULL)
		return co_fail(err, CO_EUSAGE, "there is no key \"%s\"; did you mean \"%s\"?", key,
			near.best);
	if (r == NULL)
		return co_fail(err, CO_EUSAGE, "there is no key \"%s\"", key);
	return row_set(c, r, value, err);
}

void
config_defaults(struct config *c)
{
	*c = (struct config){ 0 };
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		if (rows[i].otherwise != NULL && row_set(c, &rows[i], rows[i].otherwise, NULL) !=
			CO_OK)
			abort(); /* the table contradicts itself */
}

static char *
trim(char *s)
{
	char *end;

	while (*s == ' ' || *s == '\t')
		s++;
	end = s + strlen(s);
	while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		*--end = '\0';
	return s;
}

static enum co_rc
line_take(struct config *c, char *line, bool *seen, struct co_err *err)
{
	char *key = trim(line), *eq = strchr(key, '=');
	struct near near = { .distance = SIZE_MAX };
	const struct key_row *r;

	if (*key == '\0' || *key == '#')
		return CO_OK;
	if (eq == NULL)
		return co_fail(err, CO_EUSAGE, "a line is \"key = value\" or begins with #");
	*eq = '\0';
	near.wanted = key = trim(key);
	r = row_find(key, &near);
	if (r != NULL && seen[r - rows])
		return co_fail(err, CO_EUSAGE, "%s is given twice", key);
	if (r != NULL)
		seen[r - rows] = true;
	return config_set(c, key, trim(eq + 1), err);
}

static enum co_rc
parse_seen(struct config *c, const char *path, const char *text, size_t n,
	bool seen[CO_ARRAY_LEN(rows)], struct co_err *err)
{
	size_t number = 1;
	char line[4096];

	config_defaults(c);
	for (size_t at = 0; at < n; number++) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end == NULL ? n - at : (size_t)(end - (text + at));

		if (len >= sizeof(line) || memchr(text + at, '\0', len) != NULL)
			return co_fail(err, CO_EUSAGE, "%s:%zu: the line is too long or not text",
				path, number);
		memcpy(line, text + at, len);
		line[len] = '\0';
		if (line_take(c, line, seen, err) != CO_OK)
			return co_wrap(err, "%s:%zu", path, number);
		at += len + 1;
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++)
		if (rows[i].otherwise == NULL && !seen[i])
			return co_fail(err, CO_EUSAGE, "%s: the key %s is missing (%s)", path,
				rows[i].name, rows[i].comment);
	return CO_OK;
}

enum co_rc
config_parse(struct config *c, const char *path, const char *text, size_t n, struct co_err *err)
{
	bool seen[CO_ARRAY_LEN(rows)] = { false };

	return parse_seen(c, path, text, n, seen, err);
}

enum co_rc
config_aged(const char *path, const char *text, size_t n, config_note *note, void *arg,
	struct co_err *err)
{
	bool seen[CO_ARRAY_LEN(rows)] = { false };
	char absent[CONFIG_TEXT] = "", line[2 * CONFIG_TEXT];
	struct config c;
	size_t k = 0;

	TRY(parse_seen(&c, path, text, n, seen, err));
	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		const struct key_row *r = &rows[i];

		if (!seen[i] && k < sizeof(absent))
			k += (size_t)snprintf(absent + k, sizeof(absent) - k, "%s%s",
				k > 0 ? ", " : "", r->name);
		if (!seen[i] || r->was == NULL || strcmp((const char *)&c + r->at, r->was) != 0)
			continue;
		(void)snprintf(line, sizeof(line),
			"%s = %s was the default of an older version; it is %s now. Write that, or "
			"keep yours in another order, which says that you chose it",
			r->name, r->was, r->otherwise);
		note(arg, true, line);
	}
	if (k == 0)
		return CO_OK;
	(void)snprintf(line, sizeof(line),
		"new since the file was made, with the default of this version: %s", absent);
	note(arg, false, line);
	return CO_OK;
}

static enum co_rc
under_home(const char *home, char *at, size_t cap, struct co_err *err)
{
	char whole[PATH_MAX];

	if (*at == '\0' || *at == '/' || strncmp(at, "pkcs11:", 7) == 0)
		return CO_OK;
	if ((size_t)snprintf(whole, sizeof(whole), "%s/%s", home, at) >= cap)
		return co_fail(err, CO_ETOOBIG, "the path %s/%s is too long", home, at);
	memcpy(at, whole, strlen(whole) + 1);
	return CO_OK;
}

/* The same for each of a list with commas. */
static enum co_rc
each_under_home(const char *home, char *at, size_t cap, struct co_err *err)
{
	char out[CONFIG_LIST] = "", one[PATH_MAX];
	size_t n = 0;

	for (const char *from = at; *from != '\0';) {
		size_t k;

		from += strspn(from, " ");
		k = strcspn(from, ",");
		(void)snprintf(one, sizeof(one), "%.*s", (int)k, from);
		while (k > 0 && one[k - 1] == ' ')
			one[--k] = '\0';
		TRY(under_home(home, one, sizeof(one), err));
		n += (size_t)snprintf(
			out + n, n < sizeof(out) ? sizeof(out) - n : 0, "%s%s", n == 0 ? "" : ",",
			one);
		from += strcspn(from, ",");
		from += *from == ',';
	}
	if (n >= sizeof(out) || n >= cap)
		return co_fail(err, CO_ETOOBIG, "the paths %s are too long", at);
	memcpy(at, out, n + 1);
	return CO_OK;
}

enum co_rc
config_load(struct config *c, const char *home, struct co_err *err)
{
	co_auto_free char *path = co_path_join(home, "comity.conf");
	co_auto_buf text;
	enum co_rc rc;

	co_buf_init(&text, LIMIT_CONFIG);
	if (path == NULL)
		return co_fail(err, CO_ENOMEM, "configuration");
	rc = co_read_file(path, &text, err);
	if (rc == CO_ENOTFOUND)
		return co_wrap(err, "%s is not the folder of a node (comity init makes one)", home);
	if (rc == CO_OK)
		rc = config_parse(c, path, text.data == NULL ? "" : text.data, text.len, err);
	for (size_t i = 0; rc == CO_OK && i < CO_ARRAY_LEN(rows); i++)
		if (rows[i].type == CONF_WHERE)
			rc = under_home(home, (char *)c + rows[i].at, rows[i].cap, err);
		else if (rows[i].type == CONF_WHERES)
			rc = each_under_home(home, (char *)c + rows[i].at, rows[i].cap, err);
	return rc;
}

static void
value_print(const struct config *c, const struct key_row *r, char *out, size_t cap)
{
	const char *at = (const char *)c + r->at;
	long n;
	bool b;

	if (r->type == CONF_COUNT) {
		memcpy(&n, at, sizeof(n));
		(void)snprintf(out, cap, "%ld", n);
	} else if (r->type == CONF_SWITCH) {
		memcpy(&b, at, sizeof(b));
		(void)snprintf(out, cap, "%s", b ? "on" : "off");
	} else {
		(void)snprintf(out, cap, "%s", at);
	}
}

/* A comment in lines of at most 98 characters. */
static enum co_rc
comment_print(const char *text, struct co_buf *out, struct co_err *err)
{
	enum { WIDE = 96 };

	while (*text != '\0') {
		size_t n = strlen(text), end = n;

		for (end = n > WIDE ? WIDE : n; end < n && end > 0 && text[end] != ' ';)
			end--;
		if (end == 0)
			end = n; /* one long word */
		TRY(co_buf_addf(out, err, "# %.*s\n", (int)end, text));
		text += end;
		text += strspn(text, " ");
	}
	return CO_OK;
}

static enum co_rc
row_comment(const struct key_row *r, struct co_buf *out, struct co_err *err)
{
	char text[1024];
	long low, high;
	char *end;
	int n = snprintf(text, sizeof(text), "%s", r->comment);

	if (r->type == CONF_CHOICE)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " One of: %s.", r->allowed);
	if (r->type == CONF_COUNT) {
		low = strtol(r->allowed, &end, 10);
		high = strtol(end, NULL, 10);
		n += snprintf(text + n, sizeof(text) - (size_t)n, " Allowed: %ld to %ld.", low,
			high);
	}
	assert(n > 0 && (size_t)n < sizeof(text)); /* the table is ours */
	return comment_print(text, out, err);
}

enum co_rc
config_print(const struct config *c, struct co_buf *out, struct co_err *err)
{
	enum co_rc rc = co_buf_add_str(out,
		"# The configuration of one Comity node: key = value. What cannot be read is "
		"refused at\n"
		"# start, with the line. The node reads it once; restart it after a change.\n",
			err);

	for (size_t i = 0; rc == CO_OK && i < CO_ARRAY_LEN(rows); i++) {
		const struct key_row *r = &rows[i];
		char value[CONFIG_LIST];

		value_print(c, r, value, sizeof(value));
		if (rc == CO_OK)
			rc = co_buf_add_str(out, "\n", err);
		if (rc == CO_OK)
			rc = row_comment(r, out, err);
		if (rc == CO_OK)
			rc = co_buf_addf(out, err, "%s =%s%s\n", r->name, *value != '\0' ? " " : "",
				value);
	}
	return rc;
}
