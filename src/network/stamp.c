#include "network/stamp.h"

#include "base/fs.h"
#include "base/limits.h"
#include "crypto/tsp.h"

#include <curl/curl.h>
#include <string.h>

enum { STAMP_S = 10 };

struct stamper {
	char url[LIMIT_NAME + 1];
	struct cert *roots[LIMIT_CHAIN];
	size_t roots_n;
};

static enum co_rc
stamper_roots(struct stamper *s, const char *path, struct co_err *err)
{
	static const char end[] = "-----END CERTIFICATE-----";
	co_auto_buf pem;
	const char *at;

	co_buf_init(&pem, LIMIT_CERT * LIMIT_CHAIN);
	if (path == NULL)
		return co_fail(
			err, CO_EUSAGE, "tsa_roots: name the PEM file with the authority's root");
	if (co_read_file(path, &pem, err) != CO_OK)
		return err == NULL ? CO_EIO : err->rc;
	for (at = pem.data; at != NULL && s->roots_n < LIMIT_CHAIN;) {
		const char *stop = strstr(at, end);

		if (stop == NULL)
			break;
		stop += sizeof(end) - 1;
		if (cert_from_pem(&s->roots[s->roots_n], at, (size_t)(stop - at), err) != CO_OK)
			return co_wrap(err, "%s", path);
		s->roots_n++;
		at = stop;
	}
	return s->roots_n > 0 ? CO_OK
			      : co_fail(err, CO_EMALFORMED, "%s holds no certificate", path);
}

enum co_rc
stamper_open(struct stamper **out, const char *url, const char *roots, struct co_err *err)
{
	struct stamper *s = calloc(1, sizeof(*s));
	enum co_rc rc;

	if (s == NULL)
		return co_fail(err, CO_ENOMEM, "the time-stamp authority");
	if ((size_t)snprintf(s->url, sizeof(s->url), "%s", url) >= sizeof(s->url) ||
		(strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0))
		rc = co_fail(err, CO_EUSAGE, "tsa: \"%s\" is not an http or https address", url);
	else
		rc = stamper_roots(s, roots, err);
	if (rc != CO_OK) {
		stamper_close(&s);
		return rc;
	}
	*out = s;
	return CO_OK;
}

void
stamper_close(struct stamper **stamper)
{
	struct stamper *s = *stamper;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->roots_n; i++)
		cert_free(&s->roots[i]);
	free(s);
	*stamper = NULL;
}

static size_t
stamp_take(char *p, size_t size, size_t n, void *arg)
{
	struct co_buf *out = arg;

	return co_buf_add(out, p, size * n, NULL) == CO_OK ? size * n : 0;
}

static enum co_rc
stamp_post(
	const struct stamper *s, const struct co_buf *query, struct co_buf *out, struct co_err *err)
{
	struct curl_slist *head =
		curl_slist_append(NULL, "Content-Type: application/timestamp-query");
	CURL *easy = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	if (easy != NULL && head != NULL) {
		(void)curl_easy_setopt(easy, CURLOPT_URL, s->url);
		(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
		(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, query->data);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)query->len);
		(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)STAMP_S);
		(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, stamp_take);
		(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, out);
		code = curl_easy_perform(easy);
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	}
	curl_slist_free_all(head);
	if (easy != NULL)
		curl_easy_cleanup(easy);
	if (code != CURLE_OK)
		return co_fail(err, CO_ENETWORK, "time-stamp authority %s: %s", s->url,
			curl_easy_strerror(code));
	if (status != 200)
		return co_fail(
			err, CO_ENETWORK, "time-stamp authority %s: status %ld", s->url, status);
	return CO_OK;
}

enum co_rc
stamper_stamp(
	void *arg, const unsigned char digest[SHA256_LEN], struct co_buf *resp, struct co_err *err)
{
	const struct stamper *s = arg;
	const struct cert *roots[LIMIT_CHAIN];
	co_auto_buf query, answer;
	int64_t at_us;
	enum co_rc rc;

	co_buf_init(&query, 1024);
	co_buf_init(&answer, LIMIT_TOKEN);
	for (size_t i = 0; i < s->roots_n; i++)
		roots[i] = s->roots[i];
	rc = tsp_query(digest, &query, err);
	if (rc == CO_OK)
		rc = stamp_post(s, &query, &answer, err);
	if (rc == CO_OK &&
		tsp_verify(answer.data, answer.len, digest, roots, s->roots_n, &at_us, err) !=
			CO_OK)
		rc = co_wrap(err, "the answer of the time-stamp authority %s", s->url);
	return rc == CO_OK ? co_buf_add(resp, answer.data, answer.len, err) : rc;
}
