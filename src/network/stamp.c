#include "network/stamp.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/log.h"
#include "exchange/opjson.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

/* STAMP_S: a whole answer. After a failure the authority rests: a minute, two, four, an hour. */
enum { STAMP_S = 10, STAMP_CONNECT_S = 5, STAMP_REST_S = 60, STAMP_REST_MAX_S = 3600 };
#define SECOND_US INT64_C(1000000)

struct authority {
	char url[LIMIT_NAME + 1];
	char policy[TSP_POLICY_MAX];
	struct cert *roots[LIMIT_CHAIN];
	size_t roots_n;
	/* Under the stamper's lock. */
	unsigned failures;   /* in a row */
	int64_t next_us;     /* not before, monotonic */
	int64_t since_us;    /* of the present state */
	int64_t until_us;    /* its certificate, of the last good answer */
	char error[300];
};

struct stamper {
	struct authority a[STAMP_AUTHORITIES];
	size_t n;
	pthread_mutex_t lock;
};

/* ---- configuration ---- */

static enum co_rc
roots_read(struct authority *a, const char *path, struct co_err *err)
{
	static const char end[] = "-----END CERTIFICATE-----";
	co_auto_buf pem;
	const char *at;

	co_buf_init(&pem, LIMIT_CERT * LIMIT_CHAIN);
	TRY(co_read_file(path, &pem, err));
	for (at = pem.data; at != NULL && a->roots_n < LIMIT_CHAIN;) {
		const char *stop = strstr(at, end);

		if (stop == NULL)
			break;
		stop += sizeof(end) - 1;
		if (cert_from_pem(&a->roots[a->roots_n], at, (size_t)(stop - at), err) != CO_OK)
			return co_wrap(err, "%s", path);
		a->roots_n++;
		at = stop;
	}
	return a->roots_n > 0 ? CO_OK
			      : co_fail(err, CO_EMALFORMED, "%s holds no certificate", path);
}

/* Part i of a list with commas, without spaces around; false past the end. */
static bool
part(const char *list, size_t i, char *out, size_t cap)
{
	size_t n;

	for (; i > 0; i--) {
		list = strchr(list, ',');
		if (list == NULL)
			return false;
		list++;
	}
	list += strspn(list, " ");
	n = strcspn(list, ",");
	while (n > 0 && list[n - 1] == ' ')
		n--;
	(void)snprintf(out, cap, "%.*s", (int)n, list);
	return true;
}

static enum co_rc
authority_open(struct authority *a, const struct stamp_conf *c, size_t i, struct co_err *err)
{
	char path[1024], first[8];
	bool one = !part(c->roots == NULL ? "" : c->roots, 1, first, sizeof(first));

	if (strncmp(a->url, "http://", 7) != 0 && strncmp(a->url, "https://", 8) != 0)
		return co_fail(
			err, CO_EUSAGE, "tsa_url: \"%s\" is no http or https address", a->url);
	if (c->policies != NULL && part(c->policies, i, a->policy, sizeof(a->policy)) &&
		a->policy[strspn(a->policy, "0123456789.")] != '\0')
		return co_fail(err, CO_EUSAGE, "tsa_policy: \"%s\" is no OID like 1.2.3",
			a->policy);
	if (c->roots == NULL || !part(c->roots, one ? 0 : i, path, sizeof(path)) ||
		path[0] == '\0')
		return co_fail(err, CO_EUSAGE,
			"tsa_roots: name the PEM file with the root of %s, one for all or one for "
			"each",
			a->url);
	return roots_read(a, path, err);
}

enum co_rc
stamper_open(struct stamper **out, const struct stamp_conf *conf, struct co_err *err)
{
	stamper_auto *s = calloc(1, sizeof(*s));

	if (s == NULL || pthread_mutex_init(&s->lock, NULL) != 0)
		return co_fail(err, CO_ENOMEM, "time-stamp authorities");
	while (part(conf->urls, s->n, s->a[s->n].url, sizeof(s->a[0].url))) {
		TRY(authority_open(&s->a[s->n], conf, s->n, err));
		if (++s->n == STAMP_AUTHORITIES)
			break;
	}
	*out = CO_TAKE(s);
	return CO_OK;
}

void
stamper_close(struct stamper **stamper)
{
	struct stamper *s = *stamper;

	if (s == NULL)
		return;
	for (size_t i = 0; i < STAMP_AUTHORITIES; i++)
		for (size_t k = 0; k < s->a[i].roots_n; k++)
			cert_free(&s->a[i].roots[k]);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
	*stamper = NULL;
}

size_t
stamper_roots(const struct stamper *s, const struct cert *out[TSP_ROOTS_MAX])
{
	size_t n = 0;

	static_assert(STAMP_AUTHORITIES * LIMIT_CHAIN <= TSP_ROOTS_MAX, "all have a place");
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->a[i].roots_n; k++)
			out[n++] = s->a[i].roots[k];
	return n;
}

/* ---- one authority ---- */

static size_t
stamp_take(char *p, size_t size, size_t n, void *arg)
{
	struct co_buf *out = arg;

	return co_buf_add(out, p, size * n, NULL) == CO_OK ? size * n : 0;
}

static void
post_options(CURL *easy, const struct authority *a, struct curl_slist *head,
	const struct co_buf *query, struct co_buf *out)
{
	(void)curl_easy_setopt(easy, CURLOPT_URL, a->url);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, query->data);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)query->len);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)STAMP_CONNECT_S);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)STAMP_S);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, stamp_take);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, out);
}

static enum co_rc
stamp_post(const struct authority *a, const struct co_buf *query, struct co_buf *out,
	struct co_err *err)
{
	struct curl_slist *head =
		curl_slist_append(NULL, "Content-Type: application/timestamp-query");
	CURL *easy = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	if (easy != NULL && head != NULL) {
		post_options(easy, a, head, query, out);
		code = curl_easy_perform(easy);
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	}
	curl_slist_free_all(head);
	if (easy != NULL)
		curl_easy_cleanup(easy);
	if (code == CURLE_WRITE_ERROR)
		return co_fail(err, CO_ETOOBIG, "its answer is longer than %u bytes", LIMIT_TOKEN);
	if (code != CURLE_OK)
		return co_fail(err, CO_ENETWORK, "%s", curl_easy_strerror(code));
	if (status != 200)
		return co_fail(err, CO_ENETWORK, "status %ld", status);
	return CO_OK;
}

static enum co_rc
authority_ask(const struct authority *a, const unsigned char *digest, size_t digest_n,
	struct co_buf *answer, struct tsp_seen *seen, struct co_err *err)
{
	struct tsp_ask ask = { .digest_n = digest_n };
	const struct cert *roots[LIMIT_CHAIN];
	co_auto_buf query;

	co_buf_init(&query, 1024);
	memcpy(ask.digest, digest, digest_n);
	memcpy(ask.policy, a->policy, sizeof(ask.policy));
	for (size_t i = 0; i < a->roots_n; i++)
		roots[i] = a->roots[i];
	TRY(tsp_query(&ask, &query, err));
	TRY(stamp_post(a, &query, answer, err));
	return tsp_accept(
		answer->data, answer->len, &ask, roots, a->roots_n, co_now_us(), seen, err);
}

/* ---- all of them ---- */

static void
authority_note(struct stamper *s, struct authority *a, const struct tsp_seen *seen,
	const struct co_err *why)
{
	int64_t rest_s = STAMP_REST_S;
	bool good = why->rc == CO_OK;

	pthread_mutex_lock(&s->lock);
	if (good != (a->failures == 0) || a->since_us == 0)
		a->since_us = co_now_us();
	if (good) {
		if (a->failures > 0)
			co_info("stamp", "the time-stamp authority %s answers again", a->url);
		a->failures = 0;
		a->next_us = 0;
		a->until_us = seen->until_us;
		a->error[0] = '\0';
	} else {
		for (unsigned i = 0; i < a->failures && rest_s < STAMP_REST_MAX_S; i++)
			rest_s *= 2;
		a->failures++;
		a->next_us = co_mono_us() +
			(rest_s < STAMP_REST_MAX_S ? rest_s : STAMP_REST_MAX_S) * SECOND_US;
		(void)snprintf(a->error, sizeof(a->error), "%s", why->msg);
		if (a->failures == 1)
			co_warn("stamp", "the time-stamp authority %s: %s", a->url, why->msg);
	}
	pthread_mutex_unlock(&s->lock);
}

static bool
authority_rests(struct stamper *s, const struct authority *a)
{
	bool rests;

	pthread_mutex_lock(&s->lock);
	rests = a->next_us > co_mono_us();
	pthread_mutex_unlock(&s->lock);
	return rests;
}

enum co_rc
stamper_stamp(void *arg, const unsigned char *digest, size_t digest_n, struct co_buf *resp,
	struct co_err *err)
{
	struct stamper *s = arg;
	char all[480] = "";
	size_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct tsp_seen seen = { .at_us = 0 };
		struct co_err why = { CO_OK, "" };
		co_auto_buf answer;

		co_buf_init(&answer, LIMIT_TOKEN);
		if (!authority_rests(s, &s->a[i])) {
			(void)authority_ask(&s->a[i], digest, digest_n, &answer, &seen, &why);
			authority_note(s, &s->a[i], &seen, &why);
			if (why.rc == CO_OK)
				return co_buf_add(resp, answer.data, answer.len, err);
		}
		if (at < sizeof(all))
			at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s: %.120s",
				at == 0 ? "" : "; ", s->a[i].url,
				why.rc == CO_OK ? "left alone after failures" : why.msg);
	}
	return co_fail(err, CO_ENETWORK, "no time-stamp authority answers well: %s", all);
}

json_t *
stamper_json(struct stamper *s)
{
	json_t *list = json_array();

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++) {
		const struct authority *a = &s->a[i];
		json_t *o = json_pack("{s:s,s:s}", "url", a->url, "state",
			a->since_us == 0	? "new"
				: a->failures == 0 ? "good"
						   : "failing");

		out_time(o, "since", a->since_us);
		out_text(o, "error", a->error);
		out_time(o, "until", a->until_us);
		(void)json_array_append_new(list, o);
	}
	pthread_mutex_unlock(&s->lock);
	return list;
}
