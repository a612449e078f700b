#include "record/kinds.h"

#include <inttypes.h>
#include <string.h>

/* The first failure sticks; later adds do nothing. */
struct printer {
	struct co_buf *b;
	enum co_rc rc;
	struct co_err *err;
};

static void
put(struct printer *w, const void *p, size_t n)
{
	if (w->rc == CO_OK)
		w->rc = co_buf_add(w->b, p, n, w->err);
}

static void
put_text(struct printer *w, const char *s)
{
	put(w, s, strlen(s));
}

/* "s" or null; record_check has excluded control characters, so two bytes need an escape. */
static void
put_string(struct printer *w, const char *s)
{
	if (s[0] == '\0') {
		put_text(w, "null");
		return;
	}
	put(w, "\"", 1);
	while (*s != '\0') {
		size_t n = strcspn(s, "\"\\");

		put(w, s, n);
		s += n;
		if (*s != '\0') {
			put(w, "\\", 1);
			put(w, s++, 1);
		}
	}
	put(w, "\"", 1);
}

static void
put_member(struct printer *w, const char *before, const char *s)
{
	put_text(w, before);
	put_string(w, s);
}

static void
put_envelope(struct printer *w, const struct record *r)
{
	char at[CO_TIME_LEN];

	co_time_print(r->at_us, at);
	put_member(w, "{\"comity\":1,\"kind\":", record_kind_name(r->kind));
	put_member(w, ",\"id\":", r->id);
	if (r->case_id[0] == '\0') {
		put_text(w, ",\"case\":null");
	} else {
		put_member(w, ",\"case\":{\"id\":", r->case_id);
		put_member(w, ",\"ours\":", r->ours);
		put_member(w, ",\"theirs\":", r->theirs);
		put_text(w, "}");
	}
	put_member(w, ",\"from\":", r->from);
	put_member(w, ",\"to\":", r->to);
	put_member(w, ",\"at\":", at);
	put_member(w, ",\"by\":{\"officer\":", r->officer);
	put_member(w, ",\"role\":", r->role);
	put_text(w, "},\"refs\":[");
	for (size_t i = 0; i < r->refs_n; i++) {
		put_member(w, i > 0 ? ",{\"id\":" : "{\"id\":", r->refs[i].id);
		put_member(w, ",\"sha256\":", r->refs[i].sha256);
		put_text(w, "}");
	}
	put_text(w, "],\"exercise\":");
	put_text(w, r->exercise ? "true,\"body\":" : "false,\"body\":");
}

static void
put_attachments(struct printer *w, const struct record *r)
{
	char size[32];

	put_text(w, ",\"attachments\":[");
	for (size_t i = 0; i < r->attachments_n; i++) {
		const struct record_attachment *a = &r->attachments[i];

		(void)snprintf(size, sizeof(size), ",\"size\":%" PRIu64, a->size);
		put_member(w, i > 0 ? ",{\"name\":" : "{\"name\":", a->name);
		put_member(w, ",\"media\":", a->media);
		put_text(w, size);
		put_member(w, ",\"sha256\":", a->sha256);
		put_text(w, "}");
	}
	put_text(w, "]}");
}

static int
put_json(const char *p, size_t n, void *arg)
{
	struct printer *w = arg;

	put(w, p, n);
	return w->rc == CO_OK ? 0 : -1;
}

enum co_rc
record_print(const struct record *r, struct co_buf *out, struct co_err *err)
{
	size_t before = out->len;
	struct printer w = { out, CO_OK, err };

	w.rc = record_check(r, err);
	if (w.rc != CO_OK)
		return w.rc;
	put_envelope(&w, r);
	if (w.rc == CO_OK && json_dump_callback(r->body, put_json, &w, JSON_COMPACT) != 0 &&
	    w.rc == CO_OK)
		w.rc = co_fail(err, CO_ENOMEM, "printing the body of a record");
	put_attachments(&w, r);
	if (w.rc == CO_OK)
		w.rc = record_scan(out->data + before, out->len - before, err);
	if (w.rc != CO_OK && out->data != NULL) {
		out->len = before;
		out->data[before] = '\0';
	}
	return w.rc;
}
