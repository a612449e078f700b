#include "network/api.h"

#include <curl/curl.h>
#include <string.h>
#include <sys/stat.h>

enum { API_CALL_S = 3600 }; /* sealing and exports take their time; the node bounds its own work */

static size_t
client_take(char *p, size_t size, size_t n, void *arg)
{
	struct co_buf *out = arg;

	return co_buf_add(out, p, size * n, NULL) == CO_OK ? size * n : 0;
}

/* The node's own refusal, given back as if op_call had been called here. */
static enum co_rc
client_refusal(const json_t *answer, long status, struct co_err *err)
{
	const char *name = json_string_value(json_object_get(answer, "error"));
	const char *message = json_string_value(json_object_get(answer, "message"));

	if (name == NULL || message == NULL)
		return co_fail(err, CO_EMALFORMED,
			"the node answered with status %ld and no reason", status);
	return co_fail(err, co_rc_from_name(name), "%s", message);
}

static enum co_rc
client_perform(CURL *easy, const char *socket_path, struct co_buf *out, long *status,
	struct co_err *err)
{
	CURLcode code;

	(void)curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket_path);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)API_CALL_S);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, client_take);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, out);
	code = curl_easy_perform(easy);
	if (code == CURLE_COULDNT_CONNECT)
		return co_fail(err, CO_ENETWORK,
			"no node serves %s; start it with: comity serve --home FOLDER",
			socket_path);
	if (code != CURLE_OK)
		return co_fail(err, CO_ENETWORK, "the node at %s broke off: %s", socket_path,
			curl_easy_strerror(code));
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
	return CO_OK;
}

static enum co_rc
client_decode(const struct co_buf *body, long status, json_t **out, struct co_err *err)
{
	json_error_t where;
	json_t *answer = json_loadb(body->data == NULL ? "" : body->data, body->len,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
	enum co_rc rc;

	if (answer == NULL)
		return co_fail(err, CO_EMALFORMED, "the node's answer is not JSON: %s", where.text);
	if (status == 200) {
		*out = answer;
		return CO_OK;
	}
	rc = client_refusal(answer, status, err);
	json_decref(answer);
	return rc;
}

struct putting {
	api_progress *progress;
	void *arg;
};

static int
put_progress(void *arg, curl_off_t down_of, curl_off_t down, curl_off_t of, curl_off_t done)
{
	const struct putting *p = arg;

	(void)down_of;
	(void)down;
	if (p->progress != NULL)
		p->progress(p->arg, (uint64_t)done, (uint64_t)of);
	return 0;
}

static enum co_rc
put_perform(CURL *easy, struct curl_slist *head, const char *url, const char *socket_path,
	FILE *file, struct putting *p, struct co_buf *answer, long *status, struct co_err *err)
{
	struct stat st;

	if (fstat(fileno(file), &st) != 0)
		return co_fail_errno(err, "a file to attach");
	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head);
	(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)st.st_size);
	(void)curl_easy_setopt(easy, CURLOPT_READDATA, file);
	(void)curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, put_progress);
	(void)curl_easy_setopt(easy, CURLOPT_XFERINFODATA, p);
	(void)curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	return client_perform(easy, socket_path, answer, status, err);
}

enum co_rc
api_put(const char *socket_path, const char *token, const char *id, const char *path,
	api_progress *progress, void *arg, json_t **out, struct co_err *err)
{
	struct putting p = { progress, arg };
	struct curl_slist *head = NULL, *more = NULL;
	FILE *file = fopen(path, "rbe");
	char url[160], auth[160];
	co_auto_buf answer;
	long status = 0;
	enum co_rc rc;
	CURL *easy;

	co_buf_init(&answer, LIMIT_API_ANSWER);
	if (file == NULL)
		return co_fail_errno(err, "open %s", path);
	(void)snprintf(url, sizeof(url), "http://node" API_PREFIX "attachment.put?id=%s", id);
	(void)snprintf(auth, sizeof(auth), "Authorization: Bearer %.128s", token);
	easy = curl_easy_init();
	head = curl_slist_append(NULL, auth);
	if (head != NULL)
		more = curl_slist_append(head, "Content-Type: application/octet-stream");
	rc = easy == NULL || more == NULL
		? co_fail(err, CO_ENOMEM, "a call to the node")
		: put_perform(easy, head, url, socket_path, file, &p, &answer, &status, err);
	curl_slist_free_all(head);
	if (easy != NULL)
		curl_easy_cleanup(easy);
	(void)fclose(file);
	return rc == CO_OK ? client_decode(&answer, status, out, err) : rc;
}

enum co_rc
api_call(const char *socket_path, const char *token, const char *op, const json_t *in, json_t **out,
	struct co_err *err)
{
	co_auto_free char *body = in == NULL ? NULL : json_dumps(in, JSON_COMPACT);
	struct curl_slist *head = NULL, *more;
	char url[160], auth[160];
	co_auto_buf answer;
	long status = 0;
	enum co_rc rc;
	CURL *easy;

	co_buf_init(&answer, LIMIT_API_ANSWER);
	if ((size_t)snprintf(url, sizeof(url), "http://node/api/v1/%s", op) >= sizeof(url) ||
		(size_t)snprintf(auth, sizeof(auth), "Authorization: Bearer %s", token) >=
			sizeof(auth))
		return co_fail(err, CO_EUSAGE, "operation or token too long");
	easy = curl_easy_init();
	head = curl_slist_append(NULL, auth);
	more = head == NULL ? NULL : curl_slist_append(head, "Content-Type: application/json");
	if (easy == NULL || more == NULL || (in != NULL && body == NULL)) {
		rc = co_fail(err, CO_ENOMEM, "a call to the node");
	} else {
		(void)curl_easy_setopt(easy, CURLOPT_URL, url);
		(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, head);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body == NULL ? "{}" : body);
		rc = client_perform(easy, socket_path, &answer, &status, err);
	}
	curl_slist_free_all(head);
	if (easy != NULL)
		curl_easy_cleanup(easy);
	return rc == CO_OK ? client_decode(&answer, status, out, err) : rc;
}
