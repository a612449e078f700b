/* attachment.put: the bytes go into the vault as they come; the operation then tells what came. */
#include "network/api.h"

#include "base/log.h"
#include "evidence/attach.h"

#include <string.h>

struct api_put {
	char id[CO_UUID_LEN + 1];
	struct upload *upload; /* NULL: nothing is kept */
	struct co_err fault;
};

/* ?id=UUID and nothing else. */
static bool
put_id(const char *path, char id[CO_UUID_LEN + 1])
{
	static const char prefix[] = API_PREFIX "attachment.put?id=";

	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0)
		return false;
	path += sizeof(prefix) - 1;
	if (strlen(path) != CO_UUID_LEN || !co_uuid_valid(path))
		return false;
	memcpy(id, path, CO_UUID_LEN + 1);
	return true;
}

/* Who may not learns it from the operation itself, which judges again. */
static void
put_open(struct api_put *p, struct exchange *x, struct evidence *e, const struct divert_head *h)
{
	char auth[256];
	struct caller who;

	if (h->length > LIMIT_ATTACHMENT) {
		(void)co_fail(&p->fault, CO_ETOOBIG,
			"the file has %llu MiB, an attachment at most %u; seal it as an exhibit "
			"instead: comity exhibit seal",
			(unsigned long long)(h->length >> 20), LIMIT_ATTACHMENT >> 20);
		return;
	}
	if (!divert_header(h, "Authorization", auth, sizeof(auth)) ||
		strncmp(auth, "Bearer ", 7) != 0 || op_caller(x, auth + 7, &who, NULL) != CO_OK ||
		op_may(x, &who, "attachment.put", NULL) != CO_OK)
		return;
	if (upload_begin(&p->upload, e, p->id, who.who.name, &p->fault) != CO_OK)
		co_info("attach", "%s: %s", p->id, p->fault.msg);
}

struct api_put *
api_put_begin(struct exchange *x, struct evidence *e, const struct divert_head *h)
{
	char media[128], id[CO_UUID_LEN + 1];
	struct api_put *p;

	if (!put_id(h->path, id) || !divert_header(h, "Content-Type", media, sizeof(media)) ||
		strcmp(media, "application/octet-stream") != 0 || h->length > LIMIT_UPLOAD_REFUSED)
		return NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	memcpy(p->id, id, sizeof(id));
	put_open(p, x, e, h);
	return p;
}

void
api_put_add(void *taker, const void *bytes, size_t n)
{
	struct api_put *p = taker;

	if (p->upload != NULL && upload_add(p->upload, bytes, n, &p->fault) != CO_OK)
		upload_free(&p->upload);
}

void
api_put_end(void *taker, struct co_buf *body, const char **media)
{
	struct api_put *p = taker;
	json_t *in;
	char *text;

	if (p->upload != NULL && upload_end(p->upload, &p->fault) != CO_OK)
		co_info("attach", "%s: %s", p->id, p->fault.msg);
	upload_free(&p->upload);
	in = json_pack("{s:s,s:s*,s:s*}", "id", p->id, "fault",
		p->fault.rc == CO_OK ? NULL : co_rc_name(p->fault.rc), "message",
		p->fault.rc == CO_OK ? NULL : p->fault.msg);
	text = in == NULL ? NULL : json_dumps(in, JSON_COMPACT);
	if (text == NULL || co_buf_add_str(body, text, NULL) != CO_OK)
		co_error("attach", "out of memory at the end of an upload");
	*media = "application/json";
	free(text);
	json_decref(in);
	free(p);
}

void
api_put_drop(void *taker)
{
	struct api_put *p = taker;

	upload_free(&p->upload);
	free(p);
}
