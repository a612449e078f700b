/* Forms with files. Before a byte of a file is kept, its sender is judged as any page is: host,
 * origin, session, role, and the form's secret, which stands before the files. The page then gets
 * the form with the ids of what was kept in the place of the files, and judges again. */
#include "desk/upload.h"

#include "base/log.h"
#include "evidence/attach.h"
#include "network/api.h"
#include "network/multipart.h"

#include <string.h>

struct form_upload {
	struct desk *desk;
	struct session session;
	bool judged;          /* all but the form's secret */
	bool ours;            /* the secret too: files are kept */
	char why[256];        /* why none is kept */
	struct multipart *form;
	struct co_err fault;  /* the form cannot be read */
	struct co_buf body;   /* what the page gets */
	/* The part that comes. */
	bool file, secret;
	struct co_buf value; /* of the secret */
	struct upload *upload;
	char id[CO_UUID_LEN + 1];
	struct co_err wrong; /* with this file */
};

/* One of two: a form of the desk, or the bytes of the API. */
struct taker {
	struct form_upload *form;
	struct api_put *put;
};

/* ---- what the page gets ---- */

static enum co_rc
encoded(struct co_buf *b, const unsigned char *p, size_t n, struct co_err *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";
	enum co_rc rc = CO_OK;

	for (size_t i = 0; i < n && rc == CO_OK; i++) {
		if (p[i] != '\0' && strchr(plain, p[i]) != NULL)
			rc = co_buf_add_u8(b, p[i], err);
		else
			rc = co_buf_addf(b, err, "%%%02X", p[i]);
	}
	return rc;
}

static enum co_rc
field_begin(struct co_buf *b, const char *name, struct co_err *err)
{
	TRY(b->len == 0 ? CO_OK : co_buf_add_str(b, "&", err));
	TRY(encoded(b, (const unsigned char *)name, strlen(name), err));
	return co_buf_add_str(b, "=", err);
}

static enum co_rc
field_add(struct co_buf *b, const char *name, const char *value, struct co_err *err)
{
	TRY(field_begin(b, name, err));
	return encoded(b, (const unsigned char *)value, strlen(value), err);
}

/* ---- parts ---- */

static void
file_begin(struct form_upload *u, const char *name)
{
	json_t *in = json_pack("{s:s}", "name", name), *out = NULL;
	enum co_rc rc = CO_OK;

	if (!u->ours)
		rc = co_fail(&u->wrong, CO_EDENIED, "%s", u->why);
	if (rc == CO_OK && in == NULL)
		rc = co_fail(&u->wrong, CO_EUSAGE, "a file whose name is not UTF-8");
	if (rc == CO_OK)
		rc = op_call_as(u->desk->conf.exchange, u->session.officer, "attachment.add", in,
			&out, &u->wrong);
	if (rc == CO_OK) {
		(void)snprintf(u->id, sizeof(u->id), "%s",
			json_string_value(json_object_get(out, "id")));
		if (upload_begin(&u->upload, u->desk->conf.evidence, u->id, u->session.officer,
			    &u->wrong) != CO_OK)
			co_info("attach", "%s", u->wrong.msg);
	}
	json_decref(in);
	json_decref(out);
}

static enum co_rc
part_begin(void *arg, const struct multipart_part *part, struct co_err *err)
{
	struct form_upload *u = arg;

	/* A browser sends an empty name when no file was chosen. */
	u->file = part->file != NULL;
	u->secret = !u->file && strcmp(part->name, "csrf") == 0;
	co_buf_reset(&u->value);
	co_err_clear(&u->wrong);
	if (u->file) {
		if (part->file[0] != '\0')
			file_begin(u, part->file);
		return CO_OK;
	}
	return field_begin(&u->body, part->name, err);
}

static enum co_rc
part_data(void *arg, const void *p, size_t n, struct co_err *err)
{
	struct form_upload *u = arg;

	if (u->upload != NULL && upload_add(u->upload, p, n, &u->wrong) != CO_OK)
		upload_free(&u->upload);
	if (u->file)
		return CO_OK;
	if (u->secret)
		TRY(co_buf_add(&u->value, p, n, err));
	return encoded(&u->body, p, n, err);
}

static enum co_rc
part_end(void *arg, struct co_err *err)
{
	struct form_upload *u = arg;
	bool kept = u->upload != NULL && upload_end(u->upload, &u->wrong) == CO_OK;

	upload_free(&u->upload);
	if (u->secret && u->judged && u->value.len > 0)
		u->ours = session_csrf_holds(&u->session, u->value.data);
	if (kept)
		return field_add(&u->body, "attachment", u->id, err);
	return u->wrong.rc == CO_OK ? CO_OK : field_add(&u->body, "attach_fault", u->wrong.msg,
		err);
}

/* ---- the whole ---- */

/* Does a page of ours say this? As desk.c asks it of a request. */
static bool
from_us(const struct desk *d, const struct divert_head *h)
{
	char host[256], origin[256], site[32];

	return divert_header(h, "Host", host, sizeof(host)) && strcmp(host, d->host) == 0 &&
		divert_header(h, "Origin", origin, sizeof(origin)) &&
		(origin[0] == '\0' || strcmp(origin, d->conf.url) == 0) &&
		divert_header(h, "Sec-Fetch-Site", site, sizeof(site)) &&
		(site[0] == '\0' || in_list("same-origin,none", site));
}

static void
form_judge(struct form_upload *u, const struct route *route, const struct divert_head *h)
{
	const struct desk *d = u->desk;
	char cookies[2048], cookie[256];

	(void)snprintf(u->why, sizeof(u->why),
		"no file was kept: reload the page, sign in if it asks, and add the file again");
	if (!from_us(d, h) || !divert_header(h, "Cookie", cookies, sizeof(cookies)) ||
		!web_cookie_read(cookies, d->secure ? "__Host-comity" : "comity", cookie,
			sizeof(cookie)) ||
		session_find(d->conf.exchange, cookie, &u->session, NULL) != CO_OK ||
		u->session.officer[0] == '\0' || !in_list(route->roles, u->session.role))
		return;
	u->judged = h->length <= LIMIT_ATTACHED + LIMIT_DESK_BODY;
	if (!u->judged)
		(void)snprintf(u->why, sizeof(u->why),
			"the files have %llu MiB together; at most %u go with one record. Seal "
			"what is large as an exhibit",
			(unsigned long long)(h->length >> 20), LIMIT_ATTACHED >> 20);
}

static void
form_free(struct form_upload *u)
{
	if (u == NULL)
		return;
	upload_free(&u->upload);
	multipart_free(&u->form);
	co_buf_deinit(&u->body);
	co_buf_deinit(&u->value);
	free(u);
}

static struct form_upload *
form_begin(struct desk *d, const struct divert_head *h)
{
	static const struct multipart_calls calls = { part_begin, part_data, part_end };
	char media[256], path[256], param[PARAMS_MAX][96];
	size_t n = strcspn(h->path, "?");
	const struct route *route;
	struct form_upload *u;
	bool other;

	if (n >= sizeof(path) || h->length > LIMIT_UPLOAD_REFUSED || d->conf.evidence == NULL ||
		!divert_header(h, "Content-Type", media, sizeof(media)))
		return NULL;
	memcpy(path, h->path, n);
	path[n] = '\0';
	route = route_find(WEB_POST, path, param, &other);
	if (route == NULL || (route->flags & ROUTE_FILES) == 0)
		return NULL;
	u = calloc(1, sizeof(*u));
	if (u == NULL)
		return NULL;
	u->desk = d;
	co_buf_init(&u->body, LIMIT_DESK_BODY);
	co_buf_init(&u->value, 1024);
	if (multipart_open(&u->form, media, &calls, u, NULL) != CO_OK) {
		form_free(u); /* an ordinary form */
		return NULL;
	}
	form_judge(u, route, h);
	return u;
}

void *
desk_upload_begin(void *arg, const struct divert_head *h)
{
	struct desk *d = arg;
	struct taker *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	if (strncmp(h->path, API_PREFIX, sizeof(API_PREFIX) - 1) != 0)
		t->form = form_begin(d, h);
	else if (d->conf.evidence != NULL)
		t->put = api_put_begin(d->conf.exchange, d->conf.evidence, h);
	if (t->form != NULL || t->put != NULL)
		return t;
	free(t);
	return NULL;
}

void
desk_upload_add(void *taker, const void *p, size_t n)
{
	struct taker *t = taker;
	struct form_upload *u = t->form;

	if (t->put != NULL)
		api_put_add(t->put, p, n);
	else if (u->fault.rc == CO_OK && multipart_add(u->form, p, n, &u->fault) != CO_OK)
		upload_free(&u->upload);
}

void
desk_upload_end(void *taker, struct co_buf *body, const char **media)
{
	struct taker *t = taker;
	struct form_upload *u = t->form;

	if (t->put != NULL) {
		api_put_end(t->put, body, media);
		free(t);
		return;
	}
	/* A form that cannot be read becomes one without its secret: the page refuses it. */
	if (u->fault.rc == CO_OK && multipart_end(u->form, &u->fault) == CO_OK &&
		co_buf_add(body, u->body.data, u->body.len, &u->fault) != CO_OK)
		co_error("desk", "a form with files: %s", u->fault.msg);
	if (u->fault.rc != CO_OK)
		co_info("desk", "a form with files is not taken: %s", u->fault.msg);
	form_free(u);
	free(t);
}

void
desk_upload_drop(void *taker)
{
	struct taker *t = taker;

	if (t->put != NULL)
		api_put_drop(t->put);
	form_free(t->form);
	free(t);
}
