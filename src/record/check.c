#include "record/kinds.h"

#include <string.h>

/* 9999-12-31T23:59:59.999999Z: the last time RFC 3339 can print. */
#define TIME_LAST INT64_C(253402300799999999)

void
record_init(struct record *r)
{
	*r = (struct record){ .kind = REC_KIND_N };
}

void
record_deinit(struct record *r)
{
	free(r->refs);
	free(r->attachments);
	json_decref(r->body);
	record_init(r);
}

/* One label of an address: [a-z0-9] and '-' inside. Returns its length, 0 if it is none. */
static size_t
address_label(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n == 0 || s[0] == '-' || s[n - 1] == '-' ? 0 : n;
}

bool
address_valid(const char *s)
{
	const char *at = s;

	if (s == NULL || strlen(s) > LIMIT_ADDRESS || strspn(s, "abcdefghijklmnopqrstuvwxyz") != 2)
		return false;
	for (at += 2; *at == '.';) {
		size_t n = address_label(at + 1);

		if (n == 0)
			return false;
		at += 1 + n;
	}
	return *at == '\0' && at > s + 2;
}

enum co_rc
record_add_ref(struct record *r, const char *id, const char *sha256, struct co_err *err)
{
	struct record_ref *refs;

	if (!text_uuid.ok(id, strlen(id)) || !text_sha256.ok(sha256, strlen(sha256)))
		return co_fail(err, CO_EMALFORMED,
			"refs: wanted a UUID and a SHA-256, both in lower case");
	if (r->refs_n >= LIMIT_REFS)
		return co_fail(err, CO_ETOOBIG, "refs: wanted at most %u", LIMIT_REFS);
	refs = realloc(r->refs, (r->refs_n + 1) * sizeof(*refs));
	if (refs == NULL)
		return co_fail(err, CO_ENOMEM, "refs of a record");
	r->refs = refs;
	memcpy(refs[r->refs_n].id, id, CO_UUID_LEN + 1);
	memcpy(refs[r->refs_n].sha256, sha256, SHA256_HEX + 1);
	r->refs_n++;
	return CO_OK;
}

/* From the byte after an opening quote to the closing one, or past the end. */
static size_t
scan_string(const char *p, size_t i, size_t n)
{
	while (i < n && p[i] != '"')
		i += p[i] == '\\' ? 2 : 1;
	return i;
}

enum co_rc
record_scan(const char *p, size_t n, struct co_err *err)
{
	size_t values = 0;
	int depth = 0;

	if (n > LIMIT_RECORD)
		return co_fail(err, CO_ETOOBIG, "a record of %zu bytes; at most %u", n,
			LIMIT_RECORD);
	for (size_t i = 0; i < n; i++) {
		char c = p[i];

		if (c == '"')
			i = scan_string(p, i + 1, n);
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		values += c == '{' || c == '[' || c == ',';
		if (depth > LIMIT_RECORD_DEPTH)
			return co_fail(err, CO_ETOOBIG, "more than %d levels of nesting",
				LIMIT_RECORD_DEPTH);
	}
	if (values > LIMIT_RECORD_VALUES)
		return co_fail(err, CO_ETOOBIG, "more than %u values in a record",
			LIMIT_RECORD_VALUES);
	return CO_OK;
}

/* A string of the envelope; empty is allowed only where the struct says "" means null. */
static enum co_rc
check_string(const char *member, const char *s, const struct text_rule *rule, bool null,
	struct co_err *err)
{
	if ((null && s[0] == '\0') || rule->ok(s, strlen(s)))
		return CO_OK;
	return co_fail(err, CO_EMALFORMED, "%s: wanted %s", member, rule->want);
}

static enum co_rc
check_envelope(const struct record *r, struct co_err *err)
{
	const struct {
		const char *member, *s;
		const struct text_rule *rule;
		bool null;
	} rows[] = {
		{ "id", r->id, &text_uuid, false },
		{ "case.id", r->case_id, &text_uuid, true },
		{ "case.ours", r->ours, &text_name, true },
		{ "case.theirs", r->theirs, &text_name, true },
		{ "from", r->from, &text_address, false },
		{ "by.officer", r->officer, &text_name, false },
		{ "by.role", r->role, &text_code, false },
	};

	for (size_t i = 0; i < CO_ARRAY_LEN(rows); i++) {
		enum co_rc rc = check_string(rows[i].member, rows[i].s, rows[i].rule, rows[i].null,
			err);

		if (rc != CO_OK)
			return rc;
	}
	if (r->at_us < 0 || r->at_us > TIME_LAST)
		return co_fail(err, CO_EMALFORMED, "at: wanted a time from 1970 to 9999");
	return CO_OK;
}

static enum co_rc
check_kind(const struct record *r, const struct kind *k, struct co_err *err)
{
	bool in_case = r->case_id[0] != '\0';

	if (k->in_case == CASE_MUST && !in_case)
		return co_fail(err, CO_EMALFORMED, "case: a %s belongs to a case", k->name);
	if (in_case ? k->in_case == CASE_NEVER : r->ours[0] != '\0' || r->theirs[0] != '\0')
		return co_fail(err, CO_EMALFORMED, "case: wanted null");
	if (k->to_all ? strcmp(r->to, "*") != 0 : !address_valid(r->to))
		return co_fail(err, CO_EMALFORMED, "to: wanted %s",
			k->to_all ? "\"*\"" : text_address.want);
	if (r->refs_n < k->refs_min)
		return co_fail(err, CO_EMALFORMED, "refs: a %s names the record it answers",
			k->name);
	return CO_OK;
}

static enum co_rc
check_refs(const struct record *r, struct co_err *err)
{
	if (r->refs_n > LIMIT_REFS)
		return co_fail(err, CO_ETOOBIG, "refs: wanted at most %u", LIMIT_REFS);
	for (size_t i = 0; i < r->refs_n; i++) {
		const struct record_ref *ref = &r->refs[i];

		if (!text_uuid.ok(ref->id, strlen(ref->id)) ||
		    !text_sha256.ok(ref->sha256, strlen(ref->sha256)))
			return co_fail(err, CO_EMALFORMED,
				"refs[%zu]: wanted a UUID and a SHA-256, both in lower case", i);
	}
	return CO_OK;
}

static enum co_rc
check_attachments(const struct record *r, struct co_err *err)
{
	if (r->attachments_n > LIMIT_ATTACHMENTS)
		return co_fail(err, CO_ETOOBIG, "attachments: wanted at most %u",
			LIMIT_ATTACHMENTS);
	for (size_t i = 0; i < r->attachments_n; i++) {
		const struct record_attachment *a = &r->attachments[i];
		const char *want = NULL;

		if (!text_file.ok(a->name, strlen(a->name)))
			want = text_file.want;
		else if (!text_media.ok(a->media, strlen(a->media)))
			want = text_media.want;
		else if (!text_sha256.ok(a->sha256, strlen(a->sha256)))
			want = text_sha256.want;
		else if (a->size > INT64_MAX)
			want = "a size below 2^63";
		if (want != NULL)
			return co_fail(err, CO_EMALFORMED, "attachments[%zu]: wanted %s", i, want);
	}
	return CO_OK;
}

enum co_rc
record_check(const struct record *r, struct co_err *err)
{
	static const struct schema_path body = { NULL, "body", 0 };
	const struct kind *k = kind_of(r->kind);
	enum co_rc rc;

	if (k == NULL)
		return co_fail(err, CO_EMALFORMED,
			"kind: wanted one of the kinds of docs/protocol.md");
	if (k->body == NULL)
		return co_fail(err, CO_EREFUSED, "kind %s is not supported by this version",
			k->name);
	rc = check_envelope(r, err);
	if (rc == CO_OK)
		rc = check_kind(r, k, err);
	if (rc == CO_OK)
		rc = check_refs(r, err);
	if (rc == CO_OK)
		rc = check_attachments(r, err);
	if (rc != CO_OK)
		return rc;
	/* The body is level 2. */
	if (text_walk(r->body, LIMIT_RECORD_DEPTH - 1, err) != CO_OK)
		return err == NULL ? CO_EMALFORMED : co_wrap(err, "body");
	rc = schema_check(k->body, r->body, &body, err);
	if (rc == CO_OK && k->agree != NULL)
		rc = k->agree(r, err);
	return rc;
}
