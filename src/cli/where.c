#include "cli/where.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <string.h>

/* A name of the domain name system, or of /etc/hosts. One whose last label is a number was meant
 * as an address and is none. */
static bool
name_fits(const char *host)
{
	const char *last = host;
	size_t n = 0;

	for (const char *p = host;; p++) {
		if (*p == '.' || *p == '\0') {
			if (n == 0 || p[-1] == '-')
				return false;
			if (*p == '\0')
				return last[strspn(last, "0123456789")] != '\0';
			last = p + 1;
			n = 0;
			continue;
		}
		if (!isalnum((unsigned char)*p) && (n == 0 || strchr("-_", *p) == NULL))
			return false;
		n++;
	}
}

bool
where_parse(const char *text, struct where *out)
{
	struct where w = { .port = 0 };
	unsigned char ip[sizeof(struct in6_addr)];
	const char *colon = strrchr(text, ':');
	size_t n = colon == NULL ? 0 : (size_t)(colon - text);
	bool bracket = text[0] == '[';
	char *end;
	long port;

	if (n == 0 || n >= sizeof(w.host) || !isdigit((unsigned char)colon[1]))
		return false;
	port = strtol(colon + 1, &end, 10);
	if (*end != '\0' || port < 1 || port > UINT16_MAX || (bracket && text[n - 1] != ']'))
		return false;
	w.port = (uint16_t)port;
	if (bracket)
		(void)snprintf(w.host, sizeof(w.host), "%.*s", (int)n - 2, text + 1);
	else
		(void)snprintf(w.host, sizeof(w.host), "%.*s", (int)n, text);
	w.ip = inet_pton(bracket ? AF_INET6 : AF_INET, w.host, ip) == 1;
	if (!w.ip && (bracket || !name_fits(w.host)))
		return false;
	*out = w;
	return true;
}

void
where_listen(const struct config *c, struct where *out)
{
	bool listen = c->listen[0] != '\0';
	bool fits = where_parse(listen ? c->listen : c->url + strlen("https://"), out);

	assert(fits && (out->ip || !listen)); /* config_set took it */
	(void)fits;
	if (!out->ip)
		(void)snprintf(out->host, sizeof(out->host), "::");
}
