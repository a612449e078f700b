#include "evidence/seal.h"

#include "base/enc.h"
#include "crypto/cms.h"
#include "evidence/content.h"
#include "evidence/device.h"
#include "evidence/source.h"

#include <string.h>
#include <sys/stat.h>

/* ---- name and media ---- */
static const struct {
	const char *end, *media;
} media_table[] = {
	{ ".tar", "application/x-tar" },
	{ ".zip", "application/zip" },
	{ ".json", "application/json" },
	{ ".pdf", "application/pdf" },
	{ ".txt", "text/plain" },
	{ ".doc", "application/msword" },
	{ ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
	{ ".odt", "application/vnd.oasis.opendocument.text" },
	{ ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
	{ ".ods", "application/vnd.oasis.opendocument.spreadsheet" },
	{ ".tif", "image/tiff" },
	{ ".tiff", "image/tiff" },
	{ ".csv", "text/csv" },
	{ ".pcap", "application/vnd.tcpdump.pcap" },
	{ ".png", "image/png" },
	{ ".jpg", "image/jpeg" },
	{ ".jpeg", "image/jpeg" },
	{ ".mp4", "video/mp4" },
	{ ".eml", "message/rfc822" },
	{ ".mbox", "application/mbox" },
	{ ".gz", "application/gzip" },
	{ ".zst", "application/zstd" },
	{ ".sqlite", "application/vnd.sqlite3" },
};

const char *
seal_media(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < CO_ARRAY_LEN(media_table); i++) {
		size_t k = strlen(media_table[i].end);

		if (n > k && strcasecmp(name + n - k, media_table[i].end) == 0)
			return media_table[i].media;
	}
	return "application/octet-stream";
}

/* The name travels in a signed record: it is checked before an hour of reading, not after. */
static enum co_rc
name_check(const char *name, struct co_err *err)
{
	json_t *utf8 = json_string(name);
	bool ok = utf8 != NULL && name[0] != '\0' && strlen(name) <= LIMIT_NAME &&
		strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strchr(name, '\\') == NULL;

	json_decref(utf8);
	for (const char *c = name; *c != '\0'; c++)
		ok = ok && (unsigned char)*c >= 0x20 && *c != 0x7f && *c != '/';
	if (!ok)
		return co_fail(err, CO_EUSAGE,
			"the exhibit needs another name: one file name of at most "
			"%u bytes of UTF-8, without control characters; give it with --name",
			LIMIT_NAME);
	return CO_OK;
}

enum co_rc
exhibit_name(const struct seal_conf *conf, const char *path, bool folder, char out[LIMIT_NAME + 1],
	struct co_err *err)
{
	size_t n = strlen(path), from;
	int k;

	if (conf->name != NULL) {
		k = snprintf(out, LIMIT_NAME + 1, "%s", conf->name);
	} else {
		while (n > 1 && path[n - 1] == '/')
			n--;
		for (from = n; from > 0 && path[from - 1] != '/';)
			from--;
		k = snprintf(out, LIMIT_NAME + 1, "%.*s%s", (int)(n - from), path + from,
			folder ? ".tar" : "");
	}
	if (k < 0 || (size_t)k > LIMIT_NAME)
		out[0] = '\0';
	return name_check(out, err);
}

/* ---- the exhibit ---- */
static enum co_rc
wrap_one(const struct seal_recipient *to, const unsigned char key[CHUNKED_KEY], json_t *wrapped,
	struct co_err *err)
{
	co_auto_buf der;
	co_auto_buf text;
	enum co_rc rc;

	co_buf_init(&der, LIMIT_SIGNATURE);
	co_buf_init(&text, LIMIT_SIGNATURE);
	rc = cms_wrap(key, CHUNKED_KEY, &to->seal, 1, &der, err);
	if (rc == CO_OK)
		rc = co_base64_add(&text, der.data, der.len, err);
	if (rc != CO_OK)
		return co_wrap(err, "wrap the key for %s", to->address);
	if (json_object_set_new(wrapped, to->address, json_string(text.data)) != 0)
		return co_fail(err, CO_ENOMEM, "wrapped keys");
	return CO_OK;
}

enum co_rc
exhibit_wrap(const struct seal_conf *conf, const unsigned char key[CHUNKED_KEY], json_t **wrapped,
	struct co_err *err)
{
	json_t *o;
	enum co_rc rc = CO_OK;

	if (conf->to_n == 0 || conf->to_n > 8)
		return co_fail(err, CO_EUSAGE, "an exhibit is sealed for 1 to 8 recipients");
	o = json_object();
	if (o == NULL)
		return co_fail(err, CO_ENOMEM, "wrapped keys");
	for (size_t i = 0; i < conf->to_n && rc == CO_OK; i++)
		rc = wrap_one(&conf->to[i], key, o, err);
	if (rc == CO_OK)
		*wrapped = o;
	else
		json_decref(o);
	return rc;
}

enum co_rc
exhibit_object(const struct seal_conf *conf, const char *id, const char *name, uint64_t files,
	const struct vault_sums *sums, json_t *wrapped, json_t **out, struct co_err *err)
{
	const char *media = conf->media != NULL ? conf->media : seal_media(name);
	co_auto_buf header;
	json_t *o;
	bool ok;

	co_buf_init(&header, 2 * CHUNKED_HEADER);
	if (co_base64_add(&header, sums->header, CHUNKED_HEADER, err) != CO_OK)
		return co_wrap(err, "the exhibit's description");
	o = json_pack("{s:s,s:s,s:s,s:{s:I,s:s},s:{s:I,s:s,s:s,s:s},s:O}", "id", id, "name", name,
		"media", media, "plain", "size", (json_int_t)sums->plain_size, "sha256",
		sums->plain_sha256, "sealed", "size", (json_int_t)sums->sealed_size, "sha256",
		sums->sealed_sha256, "header", header.data, "format",
		"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM", "wrapped", wrapped);
	ok = o != NULL;
	if (ok && files > 0)
		ok = json_object_set_new(o, "files", json_integer((json_int_t)files)) == 0;
	for (int k = 0; ok && k < DIGEST_N; k++)
		if (conf->how.also[k])
			ok = json_object_set_new(json_object_get(o, "plain"),
				     digest_name((enum digest_kind)k),
				     json_string(sums->also[k])) == 0;
	if (!ok) {
		json_decref(o);
		return co_fail(err, CO_ENOMEM, "the exhibit's description");
	}
	content_tell(o, conf->how.coding);
	*out = o;
	return CO_OK;
}

static enum co_rc
seal_open(const struct seal_conf *conf, const char *path, const char *name, int fd, bool folder,
	const unsigned char key[CHUNKED_KEY], json_t *wrapped, json_t **exhibit, struct co_err *err)
{
	struct source s = { .conf = conf };
	reader_auto r = { .fd = fd, .path = path, .direct = -1 };
	vault_seal_auto *seal = NULL;
	struct vault_sums sums = { 0 };
	struct device d;
	char id[CO_UUID_LEN + 1];
	enum co_rc rc;

	co_uuid7(id);
	rc = device_look(&d, fd, path, err);
	r.size = d.size;
	r.sector = d.sector;
	r.device = strcmp(d.kind, "device") == 0;
	if (rc == CO_OK)
		rc = reader_open(&r, err);
	if (rc == CO_OK)
		rc = vault_seal_begin(&seal, conf->vault, id, key, &conf->how, err);
	if (rc != CO_OK)
		return rc;
	s.seal = seal;
	rc = folder ? source_folder(&s, fd, path, err) : source_file(&s, &r, err);
	if (rc == CO_OK)
		rc = vault_seal_end(seal, &sums, err);
	if (rc == CO_OK)
		rc = exhibit_object(conf, id, name, s.files, &sums, wrapped, exhibit, err);
	if (rc == CO_OK)
		source_progress(&s, 0, true);
	return rc;
}

enum co_rc
seal_path(const struct seal_conf *conf, const char *path, json_t **exhibit, struct co_err *err)
{
	unsigned char key[CHUNKED_KEY];
	char name[LIMIT_NAME + 1];
	json_t *wrapped = NULL;
	struct stat st;
	co_auto_fd fd = -1;
	enum co_rc rc = source_open(path, &fd, &st, err);

	if (rc == CO_OK)
		rc = exhibit_name(conf, path, S_ISDIR(st.st_mode), name, err);
	if (rc != CO_OK)
		return rc;
	crypto_random(key, sizeof(key));
	rc = exhibit_wrap(conf, key, &wrapped, err);
	if (rc == CO_OK)
		rc = seal_open(
			conf, path, name, fd, S_ISDIR(st.st_mode), key, wrapped, exhibit, err);
	crypto_wipe(key, sizeof(key));
	json_decref(wrapped);
	return rc;
}
