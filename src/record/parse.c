#include "record/kinds.h"

#include <string.h>

#define MUST .flags = SCHEMA_MUST
#define STRING(x) .shape = SHAPE_STRING, .min = 1, .max = (x)

/* Here only shapes and room: record_check knows the rules of each string, for parse and print. */
static const struct schema envelope_case[] = {
	{ .name = "id", MUST, STRING(CO_UUID_LEN) },
	{ .name = "ours", STRING(LIMIT_NAME), .flags = SCHEMA_MUST | SCHEMA_NULL },
	{ .name = "theirs", STRING(LIMIT_NAME), .flags = SCHEMA_MUST | SCHEMA_NULL },
	SCHEMA_END
};
static const struct schema envelope_by[] = {
	{ .name = "officer", MUST, STRING(LIMIT_NAME) },
	{ .name = "role", MUST, STRING(31) },
	SCHEMA_END
};
static const struct schema envelope_ref[] = {
	{ .name = "id", MUST, STRING(CO_UUID_LEN) },
	{ .name = "sha256", MUST, STRING(SHA256_HEX) },
	SCHEMA_END
};
static const struct schema envelope_ref_row[] = { { .name = "ref", .shape = SHAPE_OBJECT,
	.sub = envelope_ref }, SCHEMA_END };
static const struct schema envelope_attachment[] = {
	{ .name = "name", MUST, STRING(LIMIT_NAME) },
	{ .name = "media", MUST, STRING(127) },
	{ .name = "size", MUST, .shape = SHAPE_INTEGER, .min = 0, .max = INT64_MAX },
	{ .name = "sha256", MUST, STRING(SHA256_HEX) },
	SCHEMA_END
};
static const struct schema envelope_attachment_row[] = { { .name = "attachment",
	.shape = SHAPE_OBJECT,
	.sub = envelope_attachment }, SCHEMA_END };
static const struct schema envelope[] = {
	{ .name = "comity", MUST, .shape = SHAPE_INTEGER, .min = 1, .max = 1 },
	{ .name = "kind", MUST, STRING(32) },
	{ .name = "id", MUST, STRING(CO_UUID_LEN) },
	{ .name = "case", .flags = SCHEMA_MUST | SCHEMA_NULL, .shape = SHAPE_OBJECT,
	  .sub = envelope_case },
	{ .name = "from", MUST, STRING(LIMIT_ADDRESS) },
	{ .name = "to", MUST, STRING(LIMIT_ADDRESS) },
	{ .name = "at", MUST, STRING(CO_TIME_LEN - 1), .rule = &text_time },
	{ .name = "by", MUST, .shape = SHAPE_OBJECT, .sub = envelope_by },
	{ .name = "refs", MUST, .shape = SHAPE_LIST, .min = 0, .max = LIMIT_REFS,
	  .sub = envelope_ref_row },
	{ .name = "exercise", MUST, .shape = SHAPE_BOOL },
	{ .name = "body", MUST, .shape = SHAPE_OPEN },
	{ .name = "attachments", MUST, .shape = SHAPE_LIST, .min = 0, .max = LIMIT_ATTACHMENTS,
	  .sub = envelope_attachment_row },
	SCHEMA_END
};

static enum co_rc
parse_decode(json_t **out, const char *p, size_t n, struct co_err *err)
{
	json_error_t je;
	json_t *root;
	char show[TEXT_SHOW];
	enum co_rc rc = record_scan(p, n, err);

	if (rc != CO_OK)
		return rc;
	root = json_loadb(p, n, JSON_REJECT_DUPLICATES, &je);
	if (root == NULL && json_error_code(&je) == json_error_out_of_memory)
		return co_fail(err, CO_ENOMEM, "decoding a record");
	if (root == NULL)
		return co_fail(err, CO_EMALFORMED, "not strict JSON at byte %d: %s", je.position,
			text_show(je.text, show));
	*out = root;
	return CO_OK;
}

/* Version and kind first: a newer record deserves a better word than "no such member". */
static enum co_rc
parse_kind(const json_t *root, enum record_kind *kind, struct co_err *err)
{
	const json_t *version = json_object_get(root, "comity");
	const char *name = json_string_value(json_object_get(root, "kind"));
	char show[TEXT_SHOW];

	if (!json_is_integer(version))
		return co_fail(err, CO_EMALFORMED, "comity: wanted the version of the format, 1");
	if (json_integer_value(version) != 1)
		return co_fail(err, CO_EREFUSED, "comity: version %" JSON_INTEGER_FORMAT
			" of the format is not supported by this version",
			json_integer_value(version));
	if (name == NULL || !record_kind_by_name(name, kind))
		return co_fail(err, CO_EMALFORMED, "kind: \"%s\" is not a kind of record",
			name == NULL ? "" : text_show(name, show));
	if (kind_of(*kind)->body == NULL)
		return co_fail(err, CO_EREFUSED, "kind %s is not supported by this version", name);
	return CO_OK;
}

/* The schema has said that the member is a string that fits, or null. */
static void
parse_string(char *out, size_t cap, const json_t *object, const char *member)
{
	const char *s = json_string_value(json_object_get(object, member));
	size_t n = s == NULL ? 0 : strlen(s);

	if (n >= cap)
		abort();
	memcpy(out, s == NULL ? "" : s, n + 1);
}
#define PARSE_STRING(out, object, member) parse_string((out), sizeof(out), (object), (member))

static enum co_rc
parse_lists(struct record *r, const json_t *refs, const json_t *attachments, struct co_err *err)
{
	size_t refs_n = json_array_size(refs), n = json_array_size(attachments);

	r->refs = calloc(refs_n + 1, sizeof(*r->refs));
	r->attachments = calloc(n + 1, sizeof(*r->attachments));
	if (r->refs == NULL || r->attachments == NULL)
		return co_fail(err, CO_ENOMEM, "lists of a record");
	for (; r->refs_n < refs_n; r->refs_n++) {
		const json_t *ref = json_array_get(refs, r->refs_n);

		PARSE_STRING(r->refs[r->refs_n].id, ref, "id");
		PARSE_STRING(r->refs[r->refs_n].sha256, ref, "sha256");
	}
	for (; r->attachments_n < n; r->attachments_n++) {
		const json_t *a = json_array_get(attachments, r->attachments_n);
		struct record_attachment *to = &r->attachments[r->attachments_n];

		PARSE_STRING(to->name, a, "name");
		PARSE_STRING(to->media, a, "media");
		PARSE_STRING(to->sha256, a, "sha256");
		to->size = (uint64_t)json_integer_value(json_object_get(a, "size"));
	}
	return CO_OK;
}

static enum co_rc
parse_fill(struct record *r, const json_t *root, struct co_err *err)
{
	const json_t *in_case = json_object_get(root, "case"), *by = json_object_get(root, "by");
	enum co_rc rc;

	PARSE_STRING(r->id, root, "id");
	PARSE_STRING(r->case_id, in_case, "id");
	PARSE_STRING(r->ours, in_case, "ours");
	PARSE_STRING(r->theirs, in_case, "theirs");
	PARSE_STRING(r->from, root, "from");
	PARSE_STRING(r->to, root, "to");
	PARSE_STRING(r->officer, by, "officer");
	PARSE_STRING(r->role, by, "role");
	rc = co_time_parse(json_string_value(json_object_get(root, "at")), &r->at_us, err);
	if (rc != CO_OK)
		return rc;
	r->exercise = json_is_true(json_object_get(root, "exercise"));
	r->body = json_incref(json_object_get(root, "body"));
	return parse_lists(r, json_object_get(root, "refs"), json_object_get(root, "attachments"),
		err);
}

static void
parse_release(json_t **root)
{
	json_decref(*root);
}

enum co_rc
record_parse(struct record *out, const void *p, size_t n, struct co_err *err)
{
	CO_CLEANUP(parse_release) json_t *root = NULL;
	record_auto r;
	enum co_rc rc;

	record_init(out);
	record_init(&r);
	rc = parse_decode(&root, p, n, err);
	if (rc == CO_OK)
		rc = parse_kind(root, &r.kind, err);
	if (rc == CO_OK)
		rc = schema_check(envelope, root, NULL, err);
	if (rc == CO_OK)
		rc = parse_fill(&r, root, err);
	if (rc == CO_OK)
		rc = record_check(&r, err);
	if (rc != CO_OK)
		return rc;
	*out = r;
	record_init(&r);
	return CO_OK;
}
