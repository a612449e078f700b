#include "network/proxy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool
ip_read(const char *text, unsigned char out[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	memcpy(out, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, out + sizeof(mapped)) == 1;
}

static enum co_rc
net_read(struct proxy_net *net, const char *text, struct co_err *err)
{
	char ip[PROXY_ADDRESS];
	const char *slash = strchr(text, '/');
	size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);
	unsigned most = memchr(text, ':', n) != NULL ? 128 : 32;
	unsigned long bits = most;
	char *end = NULL;

	(void)snprintf(ip, sizeof(ip), "%.*s", n < sizeof(ip) ? (int)n : 0, text);
	if (slash != NULL)
		bits = isdigit((unsigned char)slash[1]) ? strtoul(slash + 1, &end, 10) : most + 1;
	if (!ip_read(ip, net->ip) || bits > most || (end != NULL && *end != '\0'))
		return co_fail(err, CO_EUSAGE,
			"\"%s\" is no address of a proxy: allowed are addresses and networks, as "
			"127.0.0.1 or 10.1.0.0/16 or ::1, with commas", text);
	net->bits = (unsigned)bits + (128 - most);
	return CO_OK;
}

/* One of a list with commas, without the blanks around it; NULL after the last. */
static const char *
item_next(const char *at, char out[PROXY_ADDRESS + 8])
{
	size_t n;

	at += strspn(at, " \t");
	n = strcspn(at, ",");
	(void)snprintf(out, PROXY_ADDRESS + 8, "%.*s", n < PROXY_ADDRESS + 8 ? (int)n : 0, at);
	for (size_t k = strlen(out); k > 0 && (out[k - 1] == ' ' || out[k - 1] == '\t'); k--)
		out[k - 1] = '\0';
	at += n;
	return *at == ',' ? at + 1 : NULL;
}

enum co_rc
proxies_parse(struct proxies *out, const char *list, struct co_err *err)
{
	struct proxies p = { .forwarded = out->forwarded };
	char item[PROXY_ADDRESS + 8];

	if (list[strspn(list, " \t")] == '\0') {
		*out = p;
		return CO_OK;
	}
	for (const char *at = list; at != NULL;) {
		at = item_next(at, item);
		if (p.n == PROXY_NETS)
			return co_fail(err, CO_EUSAGE, "more than %d proxies", PROXY_NETS);
		TRY(net_read(&p.at[p.n++], item, err));
	}
	*out = p;
	return CO_OK;
}

static bool
is_proxy(const struct proxies *p, const unsigned char ip[16])
{
	for (size_t i = 0; i < p->n; i++) {
		unsigned whole = p->at[i].bits / 8, rest = p->at[i].bits % 8;
		unsigned char mask = (unsigned char)(0xff << (8 - rest));

		if (memcmp(p->at[i].ip, ip, whole) == 0 &&
			(rest == 0 || ((p->at[i].ip[whole] ^ ip[whole]) & mask) == 0))
			return true;
	}
	return false;
}

/* The node of one element of Forwarded: for=192.0.2.1, for="[2001:db8::1]:4711". */
static bool
forwarded_for(const char *s, size_t n, const char **node, size_t *node_n)
{
	size_t at = 0;

	while (at < n) {
		size_t k;

		while (at < n && (s[at] == ' ' || s[at] == '\t' || s[at] == ';'))
			at++;
		for (k = at; k < n && s[k] != ';';)
			k++;
		if (k - at > 4 && strncasecmp(s + at, "for=", 4) == 0) {
			*node = s + at + 4;
			*node_n = k - at - 4;
			return true;
		}
		at = k;
	}
	return false;
}

/* Without blanks and quotes around it. */
static const char *
node_bare(const char *s, size_t *n)
{
	while (*n > 0 && strchr(" \t\"", *s) != NULL)
		s++, --*n;
	while (*n > 0 && strchr(" \t\"", s[*n - 1]) != NULL)
		--*n;
	return s;
}

/* An address with or without port, quotes and brackets; false: no address, as _hidden. */
static bool
node_read(const char *s, size_t n, char out[PROXY_ADDRESS], unsigned char ip[16])
{
	const char *end;

	s = node_bare(s, &n);
	if (n > 1 && *s == '[') {
		s++;
		end = memchr(s, ']', n - 1);
		n = end == NULL ? 0 : (size_t)(end - s);
	} else if (n > 0) {
		/* One colon is a port's; more are of IPv6. */
		end = memchr(s, ':', n);
		if (end != NULL && memchr(end + 1, ':', n - (size_t)(end - s) - 1) == NULL)
			n = (size_t)(end - s);
	}
	if (n == 0 || n >= PROXY_ADDRESS)
		return false;
	memcpy(out, s, n);
	out[n] = '\0';
	return ip_read(out, ip);
}

void
proxies_client(const struct proxies *p, const char *peer, const char *header,
	char out[PROXY_ADDRESS])
{
	unsigned char ip[16];
	size_t end = header == NULL ? 0 : strnlen(header, PROXY_HEADER);

	(void)snprintf(out, PROXY_ADDRESS, "%s", peer);
	/* Longer than anybody reads: its end, which the proxy wrote, is not seen. */
	if (end == PROXY_HEADER)
		return;
	while (end > 0 && ip_read(out, ip) && is_proxy(p, ip)) {
		const char *item, *node;
		char address[PROXY_ADDRESS];
		size_t from = end, n;

		while (from > 0 && header[from - 1] != ',')
			from--;
		item = node = header + from;
		n = end - from;
		if (p->forwarded && !forwarded_for(item, n, &node, &n))
			return;
		if (!node_read(node, n, address, ip))
			return;
		memcpy(out, address, sizeof(address));
		end = from > 0 ? from - 1 : 0;
	}
}
