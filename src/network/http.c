#include "network/http.h"

#include <string.h>

enum {
	HTTP_CONNECT_S = 10,
	HTTP_SLOW_BYTES = 64,
	HTTP_SLOW_S = 30,
	HTTP_GET_S = 60,
	HTTP_BULK_BUFFER = 256 * 1024
};

/* libcurl hands its context over before the handshake; from here on our pins decide, not curl's
 * certificate authorities. */
static CURLcode
http_ssl_ctx(CURL *easy, void *ctx, void *arg)
{
	struct co_err err = { 0 };
	struct tls *tls = arg;
	char *address = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &address) != CURLE_OK || address == NULL)
		return CURLE_ABORTED_BY_CALLBACK;
	return tls_setup_client(tls, ctx, address, &err) == CO_OK ? CURLE_OK :
		CURLE_ABORTED_BY_CALLBACK;
}

enum co_rc
http_prepare(CURL *easy, struct tls *tls, const char *address, const char *url, struct co_err *err)
{
	bool bad = false;

#define SET(option, value) (bad |= curl_easy_setopt(easy, option, value) != CURLE_OK)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PRIVATE, address);
	SET(CURLOPT_SSL_CTX_FUNCTION, http_ssl_ctx);
	SET(CURLOPT_SSL_CTX_DATA, tls);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
	/* Verification stays on and is done by our callback; the host name is not what is pinned.
	 */
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 0L);
	SET(CURLOPT_CAINFO, NULL);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_TCP_NODELAY, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_S);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)HTTP_SLOW_BYTES);
	SET(CURLOPT_LOW_SPEED_TIME, (long)HTTP_SLOW_S);
#undef SET
	return bad ? co_fail(err, CO_EINTERNAL, "libcurl refuses an option for %s", url) : CO_OK;
}

void
http_reason(CURLcode code, char *out, size_t cap)
{
	char tls[200] = "";

	if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
		code == CURLE_SSL_CERTPROBLEM)
		tls_reason(tls, sizeof(tls));
	if (tls[0] != '\0')
		(void)snprintf(out, cap, "the partner's certificate was refused: %s", tls);
	else if (code == CURLE_RECV_ERROR || code == CURLE_SSL_CONNECT_ERROR ||
		code == CURLE_GOT_NOTHING)
		(void)snprintf(out, cap, "the partner broke off (%s): has it accepted our entry?",
			curl_easy_strerror(code));
	else
		(void)snprintf(out, cap, "%s", curl_easy_strerror(code));
}

static CURLcode
http_ssl_ctx_bulk(CURL *easy, void *ctx, void *arg)
{
	struct co_err err = { 0 };
	CURLcode code = http_ssl_ctx(easy, ctx, arg);

	if (code == CURLE_OK && tls_setup_bulk(ctx, &err) != CO_OK)
		code = CURLE_ABORTED_BY_CALLBACK;
	return code;
}

enum co_rc
http_prepare_bulk(
	CURL *easy, struct tls *tls, const char *address, const char *url, struct co_err *err)
{
	enum co_rc rc = http_prepare(easy, tls, address, url, err);

	if (rc == CO_OK &&
		(curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, http_ssl_ctx_bulk) != CURLE_OK ||
			curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)HTTP_BULK_BUFFER) !=
				CURLE_OK))
		rc = co_fail(err, CO_EINTERNAL, "libcurl refuses an option for %s", url);
	return rc;
}

/* ---- one blocking GET ---- */

struct http_header {
	const char *name;
	char *value;
	size_t cap;
};

static size_t
http_take(char *p, size_t size, size_t n, void *arg)
{
	struct co_buf *out = arg;

	return co_buf_add(out, p, size * n, NULL) == CO_OK ? size * n : 0;
}

static size_t
http_take_header(char *p, size_t size, size_t n, void *arg)
{
	struct http_header *h = arg;
	size_t len = size * n, name_n = strlen(h->name);

	if (len > name_n + 2 && strncasecmp(p, h->name, name_n) == 0 && p[name_n] == ':') {
		const char *v = p + name_n + 1;
		size_t v_n = len - name_n - 1;

		while (v_n > 0 && (*v == ' ' || *v == '\t'))
			v++, v_n--;
		while (v_n > 0 && (v[v_n - 1] == '\r' || v[v_n - 1] == '\n'))
			v_n--;
		if (v_n < h->cap) {
			memcpy(h->value, v, v_n);
			h->value[v_n] = '\0';
		}
	}
	return len;
}

static int
http_over(void *arg, curl_off_t dl_of, curl_off_t dl, curl_off_t ul_of, curl_off_t ul)
{
	const struct http_until *until = arg;

	(void)dl_of, (void)dl, (void)ul_of, (void)ul;
	return until->over(until->arg);
}

static enum co_rc
http_ask(struct tls *tls, const struct partner *p, const char *path, struct curl_slist *say,
	const struct http_until *until, struct http_header *h, struct co_buf *out, long *status,
	struct co_err *err)
{
	char url[LIMIT_NAME + 200], why[300];
	CURL *easy;
	CURLcode code;
	enum co_rc rc;

	if ((size_t)snprintf(url, sizeof(url), "%s%s", p->url, path) >= sizeof(url))
		return co_fail(err, CO_ETOOBIG, "the address %s%s is too long", p->url, path);
	easy = curl_easy_init();
	if (easy == NULL)
		return co_fail(err, CO_ENOMEM, "a connection to %s", p->address);
	rc = http_prepare(easy, tls, p->address, url, err);
	if (rc == CO_OK) {
		(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)HTTP_GET_S);
		(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_take);
		(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, out);
		(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, say);
		if (until != NULL) {
			(void)curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
			(void)curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, http_over);
			(void)curl_easy_setopt(
				easy, CURLOPT_XFERINFODATA, (void *)(uintptr_t)until);
		}
		if (h->name != NULL) {
			h->value[0] = '\0';
			(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_take_header);
			(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, h);
		}
		code = curl_easy_perform(easy);
		if (code != CURLE_OK) {
			http_reason(code, why, sizeof(why));
			rc = co_fail(err, CO_ENETWORK, "%s at %s: %s", p->address, p->url, why);
		} else {
			(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
		}
	}
	curl_easy_cleanup(easy);
	return rc;
}

enum co_rc
http_get(struct tls *tls, const struct partner *p, const char *path, const struct http_until *until,
	struct co_buf *out, long *status, const char *header_name, char *header, size_t cap,
	struct co_err *err)
{
	struct http_header h = { header_name, header, cap };

	return http_ask(tls, p, path, NULL, until, &h, out, status, err);
}

enum co_rc
http_get_if(struct tls *tls, const struct partner *p, const char *path,
	const char *request_header, const struct http_until *until, struct co_buf *out,
	long *status, struct co_err *err)
{
	struct curl_slist *say = curl_slist_append(NULL, request_header);
	struct http_header h = { .name = NULL };
	enum co_rc rc;

	if (say == NULL)
		return co_fail(err, CO_ENOMEM, "a request to %s", p->address);
	rc = http_ask(tls, p, path, say, until, &h, out, status, err);
	curl_slist_free_all(say);
	return rc;
}
