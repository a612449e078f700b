/* The JSON API at the desk's port: the same calls as at the unix socket. No cookie counts here, so
 * a page of another site can do nothing with a signed-in browser; no CORS header is ever sent. */
#include "network/api.h"
#include "base/clock.h"
#include "desk/account.h"
#include "desk/inside.h"
#include "evidence/attach.h"

#include <string.h>

/* Not the name of an officer (officer_check): tokens and passwords are counted apart. */
static const char api_place[] = "(api)";

static void
api_answer(struct visit *v, int status, const json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);

	web_set(v->req, "Cache-Control", "no-store");
	if (text == NULL)
		web_reply(v->req, 500, "text/plain; charset=utf-8", "Out of memory.\n", 15);
	else
		web_reply(v->req, status, "application/json", text, strlen(text));
	free(text);
}

static void
api_say(struct visit *v, int status, const char *error, const char *message)
{
	json_t *answer = json_pack("{s:s,s:s}", "error", error, "message", message);

	api_answer(v, status, answer);
	json_decref(answer);
}

static bool
api_from_elsewhere(struct visit *v)
{
	const char *origin = web_header(v->req, "Origin");
	const char *site = web_header(v->req, "Sec-Fetch-Site");

	return (origin != NULL && strcmp(origin, v->desk->conf.url) != 0) ||
		(site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0);
}

/* Browsers post forms and plain text anywhere; JSON only where CORS lets them. */
static bool
api_media_fits(struct visit *v)
{
	const char *media = web_header(v->req, "Content-Type");
	size_t n;

	(void)web_body(v->req, &n);
	return web_method(v->req) != WEB_POST || n == 0 ||
		(media != NULL && strncmp(media, "application/json", 16) == 0 &&
			strchr("; ", media[16]) != NULL);
}

static bool
api_admitted(struct visit *v)
{
	char text[128];
	unsigned wait_s =
		throttle_wait_s(v->desk->throttle, web_peer(v->req), api_place, co_now_us());

	if (api_from_elsewhere(v)) {
		api_say(v, 403, "EDENIED", "the API is not for pages of other sites");
		return false;
	}
	if (!api_media_fits(v)) {
		api_say(v, 415, "EUSAGE", "send the body as Content-Type: application/json");
		return false;
	}
	if (wait_s > 0) {
		(void)snprintf(text, sizeof(text), "%u", wait_s);
		web_set(v->req, "Retry-After", text);
		(void)snprintf(text, sizeof(text),
			"too many wrong tokens from this address; wait %u s", wait_s);
		api_say(v, 429, "EBUSY", text);
		return false;
	}
	return true;
}

void
desk_api(struct visit *v)
{
	const struct web_request *req = v->req;
	struct api_ask ask = { .post = web_method(req) == WEB_POST,
		.path = web_path(req),
		.authorization = web_header(req, "Authorization"),
		.url = v->desk->conf.url };
	struct api_answer answer;

	if (!api_admitted(v))
		return;
	ask.body = web_body(req, &ask.body_n);
	api_perform(v->desk->conf.exchange, v->desk->conf.evidence, &ask, &answer);
	if (answer.stranger)
		throttle_failed(v->desk->throttle, web_peer(req), api_place, co_now_us());
	else if (answer.status < 400)
		throttle_passed(v->desk->throttle, web_peer(req), api_place);
	if (answer.content != NULL) {
		web_set(v->req, "Content-Disposition", "attachment");
		web_set(v->req, "Content-Security-Policy", "default-src 'none'; sandbox");
		web_set(v->req, "Repr-Digest", answer.digest);
		web_give(v->req, "application/octet-stream", answer.size, attachment_content_next,
			attachment_content_end, answer.content);
		return;
	}
	api_answer(v, answer.status, answer.json);
	json_decref(answer.json);
}
