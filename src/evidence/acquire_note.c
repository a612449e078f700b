/* The note of an acquisition under way, and the record that it becomes. */
#include "evidence/acquire_inside.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fs.h"
#include "record/acquisition.h"

#include <errno.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>

json_t *
note_clocks(void)
{
	struct timespec up = { 0, 0 };
	struct timex t = { .modes = 0 };
	char at[CO_TIME_LEN];
	bool synchronised = adjtimex(&t) != TIME_ERROR && (t.status & STA_UNSYNC) == 0;

	(void)clock_gettime(CLOCK_BOOTTIME, &up);
	co_time_print(co_now_us(), at);
	return json_pack("{s:s,s:I,s:b}", "at", at, "uptime_s", (json_int_t)up.tv_sec,
		"synchronised", synchronised);
}

/* ---- who is it ---- */
static enum co_rc
edge_digest(struct taking *t, uint64_t at, size_t n, char hex[SHA256_HEX + 1], struct co_err *err)
{
	static struct bad_map none; /* too large for the stack; one acquisition a process */
	struct reader r = { .fd = t->fd,
		.path = t->path,
		.size = t->device.size,
		.sector = t->device.sector,
		.retries = 1,
		.device = true,
		.bad = &none };
	co_auto_free unsigned char *buf = malloc(EDGE);
	enum co_rc rc;

	if (buf == NULL)
		return co_fail(err, CO_ENOMEM, "reading %s", t->path);
	none.n = 0;
	rc = reader_open(&r, err);
	if (rc == CO_OK)
		rc = reader_get(&r, buf, n, at, err);
	reader_close(&r);
	if (rc == CO_OK)
		sha256_hex(buf, n, hex);
	return rc;
}

enum co_rc
note_edges(struct taking *t, json_t **out, struct co_err *err)
{
	uint64_t size = t->device.size;
	size_t n = size < EDGE ? (size_t)size : EDGE;
	char first[SHA256_HEX + 1], last[SHA256_HEX + 1];

	if (t->folder || size == 0) {
		*out = json_object();
		return CO_OK;
	}
	TRY(edge_digest(t, 0, n, first, err));
	TRY(edge_digest(t, size - n, n, last, err));
	*out = json_pack("{s:s,s:s}", "first", first, "last", last);
	return *out == NULL ? co_fail(err, CO_ENOMEM, "note") : CO_OK;
}

/* Members of "source" that a stop does not change; the path may (sdb becomes sdc). */
static const char *const lasting[] = { "kind", "make", "model", "serial", "wwn", "size", "sector",
	"partition", "start" };

enum co_rc
note_same(struct taking *t, struct co_err *err)
{
	json_t *is = device_json(&t->device, t->path), *edges = NULL;
	const json_t *was = json_object_get(t->note, "source");
	const char *differs = NULL;
	enum co_rc rc = is == NULL ? co_fail(err, CO_ENOMEM, "note") : CO_OK;

	for (size_t i = 0; rc == CO_OK && i < CO_ARRAY_LEN(lasting) && differs == NULL; i++) {
		json_t *a = json_object_get(was, lasting[i]), *b = json_object_get(is, lasting[i]);

		if ((a == NULL) != (b == NULL) || (a != NULL && json_equal(a, b) == 0))
			differs = lasting[i];
	}
	if (rc == CO_OK && differs == NULL) {
		rc = note_edges(t, &edges, err);
		if (rc == CO_OK && json_equal(edges, json_object_get(t->note, "edges")) == 0)
			differs = "content at its beginning or end";
	}
	json_decref(is);
	json_decref(edges);
	if (rc == CO_OK && differs != NULL)
		return co_fail(err, CO_EIO,
			"%s is not the source of acquisition %s: its %s differs. Connect the right "
			"one, or acquire this one anew",
			t->path, t->id, differs);
	return rc;
}

/* ---- on disk ---- */
enum co_rc
note_make(struct taking *t, json_t *wrapped, struct co_err *err)
{
	const struct seal_conf *c = &t->seal;
	json_t *edges = NULL, *source;
	enum co_rc rc = note_edges(t, &edges, err);

	if (rc != CO_OK)
		return rc;
	source = device_json(&t->device, t->path);
	t->note = json_pack("{s:s,s:s,s:s*,s:o,s:o,s:o,s:O,s:O*,s:O*,s:o,s:i,s:b,"
			    "s:{s:b,s:b,s:b,s:b}}",
		"id", t->id, "name", t->name, "media", c->media, "source", source, "edges", edges,
		"begun", note_clocks(), "wrapped", wrapped, "said", t->conf->said, "keep",
		t->conf->keep, "stops", json_array(), "retries", (int)t->retries, "again", t->again,
		"how", "zstd", c->how.coding == VAULT_ZSTD, "sha512", c->how.also[DIGEST_SHA512],
		"sha1", c->how.also[DIGEST_SHA1], "md5", c->how.also[DIGEST_MD5]);
	return t->note == NULL ? co_fail(err, CO_ENOMEM, "note") : CO_OK;
}

enum { NOTE_SEAL = 1 + SHA256_HEX }; /* a line feed and the HMAC, behind the JSON */

void
note_key(struct taking *t, const unsigned char key[CHUNKED_KEY])
{
	static const char label[] = "comity acquisition note";

	hmac_sha256(key, CHUNKED_KEY, label, sizeof(label) - 1, t->seal_key);
}

static void
note_seal(const struct taking *t, const char *text, size_t n, char out[NOTE_SEAL + 1])
{
	unsigned char mac[SHA256_LEN];

	hmac_sha256(t->seal_key, sizeof(t->seal_key), text, n, mac);
	out[0] = '\n';
	co_hex(mac, sizeof(mac), out + 1);
}

enum co_rc
note_write(struct taking *t, struct co_err *err)
{
	co_auto_free char *text = NULL;
	char seal[NOTE_SEAL + 1];
	co_auto_buf b;

	co_buf_init(&b, LIMIT_ACQUIRE_NOTE);
	if (json_object_set_new(t->note, "bad", bad_json(&t->bad)) != 0)
		return co_fail(err, CO_ENOMEM, "note");
	text = json_dumps(t->note, JSON_COMPACT);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "note");
	if (strlen(text) + NOTE_SEAL > LIMIT_ACQUIRE_NOTE)
		return co_fail(err, CO_ETOOBIG, "the note of acquisition %s", t->id);
	note_seal(t, text, strlen(text), seal);
	TRY(co_buf_add_str(&b, text, err));
	TRY(co_buf_add_str(&b, seal, err));
	return vault_note_write(t->seal.vault, t->id, b.data, b.len, err);
}

static enum co_rc
note_damaged(const char *id, struct co_err *err)
{
	return co_fail(err, CO_EREFUSED,
		"the note of acquisition %s was changed or is damaged: this acquisition cannot be "
		"gone on with. Give it up with comity acquire drop, and acquire the source anew",
		id);
}

static enum co_rc
note_read(struct vault *v, const char *id, struct co_buf *text, json_t **note, struct co_err *err)
{
	json_t *o = NULL;

	if (vault_note_read(v, id, text, err) != CO_OK)
		return err->rc == CO_ENOTFOUND
			? co_wrap(err, "no acquisition %s is under way here", id)
			: err->rc;
	if (text->len > NOTE_SEAL)
		o = json_loadb(text->data, text->len - NOTE_SEAL, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(o)) {
		json_decref(o);
		return note_damaged(id, err);
	}
	*note = o;
	return CO_OK;
}

enum co_rc
acquire_left(struct vault *v, const char *id, json_t **note, struct co_err *err)
{
	co_auto_buf text;

	co_buf_init(&text, LIMIT_ACQUIRE_NOTE);
	return note_read(v, id, &text, note, err);
}

enum co_rc
note_sound(const struct taking *t, const struct co_buf *text, struct co_err *err)
{
	size_t n = text->len - NOTE_SEAL; /* note_load saw to that */
	const char *id = json_string_value(json_object_get(t->note, "id"));
	char seal[NOTE_SEAL + 1];

	note_seal(t, text->data, n, seal);
	if (id == NULL || strcmp(id, t->id) != 0 || !crypto_equal(seal, text->data + n, NOTE_SEAL))
		return note_damaged(t->id, err);
	return CO_OK;
}

static bool
said(const json_t *o, const char *member)
{
	return json_is_true(json_object_get(o, member));
}

enum co_rc
note_load(struct taking *t, const char *id, struct co_buf *text, struct co_err *err)
{
	const json_t *how;
	const char *name, *media;

	TRY(note_read(t->seal.vault, id, text, &t->note, err));
	how = json_object_get(t->note, "how");
	name = json_string_value(json_object_get(t->note, "name"));
	media = json_string_value(json_object_get(t->note, "media"));
	if (name == NULL || strlen(name) > LIMIT_NAME || !json_is_object(how) ||
		!json_is_object(json_object_get(t->note, "wrapped")) ||
		!json_is_object(json_object_get(t->note, "source")) ||
		!json_is_array(json_object_get(t->note, "stops")))
		return note_damaged(id, err);
	(void)snprintf(t->id, sizeof(t->id), "%s", id);
	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	t->seal.name = t->name;
	t->seal.media = media;
	t->seal.how.coding = said(how, "zstd") ? VAULT_ZSTD : VAULT_AS_IS;
	t->seal.how.also[DIGEST_SHA512] = said(how, "sha512");
	t->seal.how.also[DIGEST_SHA1] = said(how, "sha1");
	t->seal.how.also[DIGEST_MD5] = said(how, "md5");
	t->retries = (unsigned)json_integer_value(json_object_get(t->note, "retries"));
	t->again = said(t->note, "again");
	return bad_from_json(&t->bad, json_object_get(t->note, "bad"), err);
}

/* ---- the record ---- */
static json_t *
record_tool(void)
{
	struct utsname u;
	char system[LIMIT_NAME + 1] = "";

	if (uname(&u) == 0)
		(void)snprintf(system, sizeof(system), "%.60s %.80s %.60s", u.sysname, u.release,
			u.machine);
	return json_pack("{s:s,s:s,s:s}", "name", "comity", "version", COMITY_VERSION, "system",
		system[0] != '\0' ? system : "unknown");
}

enum co_rc
note_record(struct taking *t, const json_t *again, json_t **out, struct co_err *err)
{
	bool device = strcmp(t->device.kind, "device") == 0;
	json_t *o = json_deep_copy(json_object_get(t->note, "said")), *stops;
	json_t *source = json_copy(json_object_get(t->note, "source"));

	if (o == NULL)
		o = json_object();
	/* Of the first segment's file, which says nothing of the content. */
	if (t->image)
		(void)json_object_del(source, "size");
	if (o == NULL || json_object_set_new(o, "source", source) != 0) {
		json_decref(o);
		return co_fail(err, CO_ENOMEM, "the record of an acquisition");
	}
	(void)json_object_set(o, "begun", json_object_get(t->note, "begun"));
	(void)json_object_set(o, "ended", json_object_get(t->note, "ended"));
	(void)json_object_set_new(o, "tool", record_tool());
	(void)json_object_set_new(o, "bad", bad_json(&t->bad));
	(void)json_object_set_new(o, "hidden",
		json_string(device ? "not-looked-for" : "no-such-thing"));
	if (device)
		(void)json_object_set_new(o, "retries", json_integer(t->retries));
	if (json_object_get(t->note, "image") != NULL)
		(void)json_object_set(o, "image", json_object_get(t->note, "image"));
	stops = json_object_get(t->note, "stops");
	if (json_array_size(stops) > 0)
		(void)json_object_set(o, "stops", stops);
	if (again != NULL)
		(void)json_object_set(o, "again", (json_t *)(uintptr_t)again);
	*out = o;
	return CO_OK;
}

enum co_rc
note_check(struct taking *t, struct co_err *err)
{
	json_t *record = NULL;
	enum co_rc rc;

	(void)json_object_set(t->note, "ended", json_object_get(t->note, "begun"));
	rc = note_record(t, NULL, &record, err);
	(void)json_object_del(t->note, "ended");
	if (rc != CO_OK)
		return rc;
	/* The officer's name, from the node, if nobody else is said. */
	if (json_object_get(record, "collector") == NULL)
		(void)json_object_set_new(record, "collector", json_string("officer"));
	rc = schema_check(acquisition_body, record, NULL, err);
	json_decref(record);
	return rc == CO_OK ? CO_OK : co_wrap(err, "this cannot stand in the record");
}
