#include "network/webhook_inside.h"

#include "base/enc.h"
#include "crypto/digest.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>

enum { POST_S = 10, POST_ANSWER = 64 * 1024 };

static bool
loopback_name(const char *host, size_t n)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < CO_ARRAY_LEN(names); i++)
		if (strlen(names[i]) == n && strncasecmp(names[i], host, n) == 0)
			return true;
	return false;
}

/* The port of "host:port/..." behind the scheme; 0 when it is not a number. */
static long
port_of(const char *host, size_t n, bool plain)
{
	const char *colon = host[0] == '[' ? memchr(host, ']', n) : memchr(host, ':', n);

	if (colon != NULL && *colon == ']')
		colon = (size_t)(colon + 1 - host) < n && colon[1] == ':' ? colon + 1 : NULL;
	if (colon == NULL)
		return plain ? 80 : 443;
	return strtol(colon + 1, NULL, 10);
}

enum co_rc
webhook_url_check(const char *url, uint16_t port, struct co_err *err)
{
	bool plain = strncmp(url, "http://", 7) == 0;
	const char *host = url + (plain ? 7 : 8);
	size_t n;

	if (strlen(url) > WEBHOOK_URL)
		return co_fail(err, CO_ETOOBIG, "the URL is longer than %d bytes", WEBHOOK_URL);
	if (!plain && strncmp(url, "https://", 8) != 0)
		return co_fail(err, CO_EUSAGE, "\"%.60s\": wanted is https://HOST/PATH", url);
	n = strcspn(host, "/?#");
	if (n == 0 || memchr(host, '@', n) != NULL || memchr(host, '\\', n) != NULL ||
		strpbrk(url, " \t\r\n") != NULL)
		return co_fail(err, CO_EUSAGE,
			"\"%.60s\": a host, and no user or blank, must stand in the URL", url);
	if (plain &&
		!loopback_name(
			host, host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#")))
		return co_fail(err, CO_EUSAGE,
			"\"%.60s\": http only to this machine (localhost); https elsewhere", url);
	if (port_of(host, n, plain) == (long)port || port_of(host, n, plain) <= 0)
		return co_fail(err, CO_EUSAGE, "\"%.60s\": port %u is for partners; choose another",
			url, port);
	return CO_OK;
}

/* Metadata services of clouds outside of link-local; and where nothing is to be called. */
static bool
four_fits(uint32_t a, bool plain, bool link_local)
{
	bool loopback = a >> 24 == 127;
	bool local = a >> 16 == (169u << 8 | 254u) || a == 0x646464C8u /* 100.100.100.200 */
		|| a == 0xA83F8110u /* 168.63.129.16 */;

	if (a >> 24 == 0 || a >> 28 >= 14) /* this network; multicast and beyond */
		return false;
	return plain ? loopback : link_local || !local;
}

static bool
six_fits(const struct in6_addr *a, bool plain, bool link_local)
{
	static const unsigned char ec2[16] = { 0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54 };
	const unsigned char *b = a->s6_addr;

	if (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_V4COMPAT(a)) {
		if (IN6_IS_ADDR_LOOPBACK(a))
			return true;
		return four_fits((uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 |
				(uint32_t)b[14] << 8 | b[15],
			plain, link_local);
	}
	if (IN6_IS_ADDR_LOOPBACK(a))
		return true;
	if (IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_MULTICAST(a) || plain)
		return false;
	return link_local || (!IN6_IS_ADDR_LINKLOCAL(a) && memcmp(b, ec2, sizeof(ec2)) != 0);
}

bool
webhook_address_fits(const struct sockaddr *a, uint16_t port, bool plain, bool link_local)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	if (a->sa_family == AF_INET) {
		memcpy(&four, a, sizeof(four));
		return ntohs(four.sin_port) != port &&
			four_fits(ntohl(four.sin_addr.s_addr), plain, link_local);
	}
	if (a->sa_family != AF_INET6)
		return false;
	memcpy(&six, a, sizeof(six));
	return ntohs(six.sin6_port) != port && six_fits(&six.sin6_addr, plain, link_local);
}

void
webhook_sign(const char *secret, const char *id, int64_t at_s, const char *body, char out[68])
{
	unsigned char mac[SHA256_LEN];
	char text[WEBHOOK_BODY + 160];
	int n = snprintf(text, sizeof(text), "%s.%lld.%s", id, (long long)at_s, body);

	hmac_sha256(secret, strlen(secret), text, n < 0 ? 0 : (size_t)n, mac);
	memcpy(out, "v1=", 3);
	co_hex(mac, sizeof(mac), out + 3);
}

/* ---- one attempt ---- */

struct attempt {
	const struct webhooks *w;
	bool plain, refused;
	size_t taken;
};

/* After the name was resolved: a name that leads inside (or changes its mind) leads nowhere. */
static curl_socket_t
post_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct attempt *at = arg;

	(void)purpose;
	at->refused = !webhook_address_fits(
		&a->addr, at->w->conf.port, at->plain, at->w->conf.link_local);
	return at->refused ? CURL_SOCKET_BAD
			   : socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t
post_take(char *p, size_t size, size_t n, void *arg)
{
	struct attempt *at = arg;

	(void)p;
	at->taken += size * n;
	return at->taken > POST_ANSWER ? 0 : size * n;
}

static CURLcode
post_perform(CURL *easy, struct attempt *at, const struct hook_delivery *d,
	struct curl_slist *heads, long *status)
{
	CURLcode code;

	(void)curl_easy_setopt(easy, CURLOPT_URL, d->url);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, heads);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "comity/" COMITY_VERSION);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, d->body);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)POST_S);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, post_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, at);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, post_take);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, at);
	code = curl_easy_perform(easy);
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
	return code;
}

static struct curl_slist *
post_heads(const struct hook_delivery *d, int64_t now_s)
{
	struct curl_slist *heads = curl_slist_append(NULL, "Content-Type: application/json");
	char signature[68], line[192];

	(void)snprintf(line, sizeof(line), "Comity-Webhook-Id: %s", d->id);
	heads = curl_slist_append(heads, line);
	(void)snprintf(line, sizeof(line), "Comity-Webhook-Time: %lld", (long long)now_s);
	heads = curl_slist_append(heads, line);
	webhook_sign(d->secret, d->id, now_s, d->body, signature);
	(void)snprintf(line, sizeof(line), "Comity-Webhook-Signature: %s", signature);
	return curl_slist_append(heads, line);
}

enum co_rc
webhook_post(const struct webhooks *w, const struct hook_delivery *d, struct co_err *err)
{
	struct attempt at = { .w = w, .plain = strncmp(d->url, "http://", 7) == 0 };
	struct curl_slist *heads = post_heads(d, co_now_us() / 1000000);
	CURL *easy = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	if (easy != NULL)
		code = post_perform(easy, &at, d, heads, &status);
	if (easy != NULL)
		curl_easy_cleanup(easy);
	curl_slist_free_all(heads);
	if (at.refused)
		return co_fail(err, CO_EREFUSED,
			"its name leads to an address that webhooks may not call (docs/api.md)");
	if (code != CURLE_OK)
		return co_fail(err, CO_ENETWORK, "%s", curl_easy_strerror(code));
	if (status < 200 || status > 299)
		return co_fail(err, CO_ENETWORK, "it answered with status %ld", status);
	return CO_OK;
}
