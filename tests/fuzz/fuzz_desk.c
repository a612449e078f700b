/* What a browser sends, a line each: path, query or form, Cookie, Accept-Language, one-time code.
 * Whatever is posted becomes values that show and come back as they are, and no page has markup
 * that a value brought. */
#include "desk/account.h"
#include "words/catalogue.h"
#include "desk/pages.h"
#include "form_post.h"
#include "network/web_inside.h"
#include "record/form.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

enum { LINES = 5 };

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
path_check(const char *raw)
{
	char *path = web_path_read(raw), param[PARAMS_MAX][96];
	bool other;

	if (path == NULL)
		return;
	for (int m = WEB_GET; m <= WEB_POST; m++) {
		const struct route *r = route_find((enum web_method)m, path, param, &other);

		must(r == NULL || (!other && r->method == (enum web_method)m));
		if (r != NULL && strchr(r->path, ':') != NULL)
			must(param[0][0] != '\0' && strlen(param[0]) < sizeof(param[0]));
	}
	free(path);
}

/* Escaped text has none of the five characters but as the start of its own references. */
static void
escape_check(const char *s)
{
	co_auto_buf out;

	co_buf_init(&out, 1 << 24);
	must(html_text(&out, s, strlen(s), NULL) == CO_OK);
	must(out.len == 0 || strpbrk(out.data, "<>\"'") == NULL);
}

static const char *
pairs_get(const void *arg, const char *name, size_t i)
{
	const struct evkeyvalq *q = arg;
	const struct evkeyval *kv;

	TAILQ_FOREACH(kv, q, next)
	{
		if (strcmp(kv->key, name) == 0 && i-- == 0)
			return kv->value;
	}
	return NULL;
}

static size_t
count_of(const char *s, char c)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == c;
	return n;
}

/* As many tags as the same page has when every value is a plain letter. */
static void
page_check(const json_t *rows)
{
	static const struct template_view view = { .now_us = 1 };
	json_t *page = json_pack("{s:O,s:o}", "rows", rows, "sections", form_sections(rows));
	co_auto_buf out;

	co_buf_init(&out, 1 << 24);
	must(template_render(NULL, "compose-form", page, &view, &out, NULL) == CO_OK);
	must(count_of(out.data, '<') == count_of(out.data, '>'));
	co_buf_reset(&out);
	must(template_render(NULL, "form-read", page, &view, &out, NULL) == CO_OK);
	must(count_of(out.data, '<') == count_of(out.data, '>'));
	json_decref(page);
}

static json_t *
round_trip(const json_t *form, const json_t *values, bool shown)
{
	json_t *rows = form_rows(form, values, NULL), *post = post_of(rows), *back;

	if (shown)
		page_check(rows);
	back = form_read_from(post_get, post, form, NULL);
	json_decref(rows);
	json_decref(post);
	return back;
}

/* Choices that do not exist and lines of CR alone are lost on the first way round, nothing later.
 */
static void
form_check_all(const struct evkeyvalq *q)
{
	for (size_t i = 0; i < form_count(); i++) {
		const json_t *form = form_json(form_at(i));
		json_t *first = form_read_from(pairs_get, q, form, NULL),
		       *second = round_trip(form, first, true),
		       *third = round_trip(form, second, false);

		must(json_equal(second, third) == 1);
		if (form_check(form_at(i), first, NULL) == CO_OK)
			must(json_equal(first, second) == 1); /* what is right is not changed */
		json_decref(first);
		json_decref(second);
		json_decref(third);
	}
}

static void
pairs_check(const char *text)
{
	const struct evkeyval *kv;
	struct evkeyvalq q;

	TAILQ_INIT(&q);
	if (web_pairs(text, &q)) {
		TAILQ_FOREACH(kv, &q, next) escape_check(kv->value);
		form_check_all(&q);
	}
	evhttp_clear_headers(&q);
}

static void
rest_check(const char *cookie, const char *accept, const char *code)
{
	static const unsigned char key[ACCOUNT_TOTP_KEY] = "12345678901234567890";
	struct session s = { .officer = "malee" };
	char out[256];

	if (web_cookie_read(cookie, "comity", out, sizeof(out)))
		must(strchr(out, ';') == NULL);
	must(strlen(catalogue_language(catalogue_for(accept, "th"))) == 2);
	if (totp_step(key, code, INT64_C(59000000)) != 0)
		must(strlen(code) == 6);
	(void)session_csrf_holds(&s, code);
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	char *text = strndup((const char *)p, n), *line[LINES], *at = text;

	if (text == NULL)
		return 0;
	for (size_t i = 0; i < LINES; i++) {
		size_t len = strcspn(at, "\n");

		line[i] = at;
		at += len + (at[len] != '\0');
	}
	for (size_t i = 1; i < LINES; i++)
		if (line[i] > text && line[i][-1] == '\n')
			line[i][-1] = '\0';
	path_check(line[0]);
	pairs_check(line[1]);
	rest_check(line[2], line[3], line[4]);
	free(text);
	return 0;
}
