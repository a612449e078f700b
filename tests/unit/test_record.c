#include "test.h"

#include "record/record.h"

static struct co_err err;

#define ID "0190a000-0000-7000-8000-000000000001"
#define CASE "0190a000-0000-7000-8000-0000000000ca"
#define HASH_UPPER "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* One record as text: a template whose parts a test may replace. */
struct parts {
	const char *comity, *kind, *in_case, *from, *to, *at, *by, *refs, *body, *attachments;
};

static const struct parts message = {
	.comity = "1", .kind = "message",
	.in_case = "{\"id\":\"" CASE "\",\"ours\":\"CCU-2026-0117\",\"theirs\":null}",
	.from = "th.contact", .to = "us.contact", .at = "2026-11-23T19:15:00Z",
	.by = "{\"officer\":\"Anong \\\"Nok\\\" S.\",\"role\":\"duty\"}",
	.refs = "[{\"id\":\"" ID "\",\"sha256\":\"" SHA "\"}]",
	.body = "{\"text\":\"first line\\nsecond: \\u0e2a\\u0e27\\u0e31\\u0e2a\\u0e14\\u0e35\"}",
	.attachments = "[]",
};

static char *
text_of(const struct parts *p)
{
	char *s = NULL;

	if (asprintf(&s, "{\"comity\":%s,\"kind\":\"%s\",\"id\":\""
		ID "\",\"case\":%s,\"from\":\"%s\","
		"\"to\":\"%s\",\"at\":\"%s\",\"by\":%s,\"refs\":%s,\"exercise\":false,\"body\":%s,"
		"\"attachments\":%s}", p->comity, p->kind, p->in_case, p->from, p->to, p->at, p->by,
		p->refs,
		p->body, p->attachments) < 0)
		abort();
	return s;
}

static enum co_rc
parse_text(const char *s)
{
	record_auto r;
	enum co_rc rc;

	co_err_clear(&err);
	rc = record_parse(&r, s, strlen(s), &err);
	if (rc != CO_OK) {
		assert_null(r.body);
		assert_true(err.msg[0] != '\0');
	}
	return rc;
}

static enum co_rc
parse_parts(const struct parts *p)
{
	co_auto_free char *s = text_of(p);

	return parse_text(s);
}

static void
what_is_parsed_prints_and_parses_to_the_same(void **state)
{
	co_auto_free char *s = text_of(&message);
	record_auto r, again;
	co_auto_buf b, b2;

	(void)state;
	co_buf_init(&b, LIMIT_RECORD);
	co_buf_init(&b2, LIMIT_RECORD);
	assert_ok(record_parse(&r, s, strlen(s), &err));
	assert_int_equal(r.kind, REC_MESSAGE);
	assert_string_equal(r.officer, "Anong \"Nok\" S.");
	assert_string_equal(r.ours, "CCU-2026-0117");
	assert_string_equal(r.theirs, "");
	assert_int_equal(r.refs_n, 1);
	assert_ok(record_print(&r, &b, &err));
	assert_int_equal(strncmp(b.data, "{\"comity\":1,\"kind\":\"message\",\"id\":\""
		ID "\",\"case\":{", 80), 0);
	assert_ok(record_parse(&again, b.data, b.len, &err));
	assert_ok(record_print(&again, &b2, &err));
	assert_string_equal(b.data, b2.data);
	assert_true(json_equal(r.body, again.body));
}

/* Each row replaces one part of a good record; each must be refused with the words. */
struct hostile {
	size_t part; /* offset in struct parts */
	const char *text, *want;
	enum co_rc rc;
};
#define PART(m) offsetof(struct parts, m)

static void
assert_refused(const struct parts *good, const struct hostile *h, size_t n)
{
	assert_int_equal(parse_parts(good), CO_OK);
	for (size_t i = 0; i < n; i++) {
		struct parts p = *good;
		enum co_rc rc;

		memcpy((char *)&p + h[i].part, &h[i].text, sizeof(h[i].text));
		rc = parse_parts(&p);
		if (rc != h[i].rc || strstr(err.msg, h[i].want) == NULL)
			fail_msg("row %zu, %s: got %s \"%s\", want %s \"%s\"", i, h[i].text,
				co_rc_name(rc), err.msg,
				co_rc_name(h[i].rc), h[i].want);
	}
}

static void
envelope_that_does_not_fit_is_refused_with_the_member_named(void **state)
{
	static const struct hostile rows[] = {
		{ PART(comity), "2", "version 2", CO_EREFUSED },
		{ PART(comity), "1.0", "comity", CO_EMALFORMED },
		{ PART(comity), "\"1\"", "comity", CO_EMALFORMED },
		{ PART(comity), "1,\"comity\":1", "duplicate", CO_EMALFORMED },
		{ PART(comity), "1,\"note\":1", "note: wanted no such member", CO_EMALFORMED },
		{ PART(kind), "Message", "is not a kind", CO_EMALFORMED },
		{ PART(kind), "bulletin", "kind bulletin is not supported by this version",
		  CO_EREFUSED },
		{ PART(kind), "training", "not supported", CO_EREFUSED },
		{ PART(kind), "x\\u001b[31m", "is not a kind", CO_EMALFORMED },
		{ PART(in_case), "null", "case: a message belongs to a case", CO_EMALFORMED },
		{ PART(in_case), "{\"id\":\"" CASE "\",\"ours\":null}", "case.theirs",
		  CO_EMALFORMED },
		{ PART(in_case),
		  "{\"id\":\"0190A000-0000-7000-8000-0000000000CA\",\"ours\":null,\"theirs\":null}",
		  "case.id: wanted a UUID in lower case", CO_EMALFORMED },
		{ PART(in_case), "{\"id\":\"" CASE "\",\"ours\":\"\",\"theirs\":null}", "case.ours",
		  CO_EMALFORMED },
		{ PART(from), "TH.contact", "from: wanted an address", CO_EMALFORMED },
		{ PART(from), "th.contact.", "from", CO_EMALFORMED },
		{ PART(from), "th..contact", "from", CO_EMALFORMED },
		{ PART(from), "thx.contact", "from", CO_EMALFORMED },
		{ PART(from), "th.con_tact", "from", CO_EMALFORMED },
		{ PART(to), "*", "to: wanted an address", CO_EMALFORMED },
		{ PART(to), "", "to", CO_EMALFORMED },
		{ PART(at), "2026-11-23T19:15:00", "at: wanted a time with its zone",
		  CO_EMALFORMED },
		{ PART(at), "2026-11-23 19:15:00Z", "at", CO_EMALFORMED },
		{ PART(at), "1899-01-01T00:00:00Z", "at: wanted a time from 1970", CO_EMALFORMED },
		{ PART(at), "9999-12-31T23:59:59-23:00", "at: wanted a time from 1970",
		  CO_EMALFORMED },
		{ PART(by), "{\"officer\":\"a\\nb\",\"role\":\"duty\"}", "by.officer",
		  CO_EMALFORMED },
		{ PART(by), "{\"officer\":\"a\\u0085b\",\"role\":\"duty\"}", "by.officer",
		  CO_EMALFORMED },
		{ PART(by), "{\"officer\":\"a\\u202eb\",\"role\":\"duty\"}", "by.officer",
		  CO_EMALFORMED },
		{ PART(by), "{\"officer\":\"a\",\"role\":\"Duty\"}", "by.role", CO_EMALFORMED },
		{ PART(by), "{\"officer\":\"a\",\"role\":\"duty\",\"rank\":1}", "by.rank",
		  CO_EMALFORMED },
		{ PART(by), "[]", "by: wanted an object", CO_EMALFORMED },
		{ PART(refs), "{}", "refs: wanted a list", CO_EMALFORMED },
		{ PART(refs), "[{\"id\":\"" ID "\"}]", "refs[0].sha256", CO_EMALFORMED },
		{ PART(refs), "[{\"id\":\""
		  ID "\","
		  "\"sha256\":\"" HASH_UPPER "\"}]",
		  "refs[0]", CO_EMALFORMED },
		{ PART(body), "null", "body: wanted an object", CO_EMALFORMED },
		{ PART(body), "{}", "body.text: wanted this member", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"a\",\"text\":\"b\"}", "duplicate", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"\"}", "body.text", CO_EMALFORMED },
		{ PART(body), "{\"text\":5}", "body.text", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"\\u0000\"}", "not strict JSON", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"\\ud800\"}", "not strict JSON", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"\xed\xa0\x80\"}", "not strict JSON", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"\xc0\xaf\"}", "not strict JSON", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"\\u001b[2J\"}", "control character", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"a\\r\\nb\"}", "control character", CO_EMALFORMED },
		{ PART(body), "{\"text\":1.5}", "fraction", CO_EMALFORMED },
		{ PART(body), "{\"text\":1e3}", "fraction", CO_EMALFORMED },
		{ PART(body), "{\"text\":9223372036854775808}", "not strict JSON", CO_EMALFORMED },
		{ PART(body), "{\"text\":NaN}", "not strict JSON", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"a\",}", "not strict JSON", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"a\"}/**/", "not strict JSON", CO_EMALFORMED },
		{ PART(body), "{\"text\":\"a\",\"\\u001b\":1}", "member name \"?\"",
		  CO_EMALFORMED },
	};

	(void)state;
	assert_refused(&message, rows, CO_ARRAY_LEN(rows));
}

#define FILE_A "{\"name\":\"report.pdf\",\"media\":\"application/pdf\",\"size\":5,\"sha256\":\""  \
	SHA "\"}"
#define FILE_NAMED(n) "[{\"name\":\"" n "\",\"media\":\"text/plain\",\"size\":5,\"sha256\":\""    \
	SHA "\"}]"

static void
attachment_that_could_mislead_is_refused(void **state)
{
	static const struct hostile rows[] = {
		{ PART(attachments), FILE_NAMED("../x"), "attachments[0]: wanted a file name",
		  CO_EMALFORMED },
		{ PART(attachments), FILE_NAMED(".."), "attachments[0]", CO_EMALFORMED },
		{ PART(attachments), FILE_NAMED("."), "attachments[0]", CO_EMALFORMED },
		{ PART(attachments), FILE_NAMED("a\\\\b"), "attachments[0]", CO_EMALFORMED },
		{ PART(attachments), FILE_NAMED("a\\tb"), "attachments[0]", CO_EMALFORMED },
		{ PART(attachments), FILE_NAMED("a\\u007f"), "attachments[0]", CO_EMALFORMED },
		{ PART(attachments), FILE_NAMED("bill\\u202efdp.exe"), "attachments[0]",
		  CO_EMALFORMED },
		{ PART(attachments), FILE_NAMED(""), "attachments[0].name", CO_EMALFORMED },
		{ PART(attachments),
		  "[" FILE_A ",{\"name\":\"a\",\"media\":\"PDF\",\"size\":1,\"sha256\":\""
		  SHA "\"}]",
		  "attachments[1]: wanted a media type", CO_EMALFORMED },
		{ PART(attachments),
		  "[{\"name\":\"a\",\"media\":\"text/plain\",\"size\":-1,\"sha256\":\"" SHA "\"}]",
		  "attachments[0].size", CO_EMALFORMED },
		{ PART(attachments),
		  "[{\"name\":\"a\",\"media\":\"text/plain\",\"size\":\"1\",\"sha256\":\""
		  SHA "\"}]",
		  "attachments[0].size", CO_EMALFORMED },
	};
	struct parts p = message;

	(void)state;
	p.attachments = "[" FILE_A "]";
	assert_refused(&p, rows, CO_ARRAY_LEN(rows));
}

static char *
repeated(const char *open, const char *one, size_t n, const char *between, const char *end)
{
	size_t size = strlen(open) + strlen(end) + n * (strlen(one) + strlen(between)) + 1, at = 0;
	char *s = malloc(size);

	if (s == NULL)
		abort();
	at += (size_t)snprintf(s, size, "%s", open);
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(s + at, size - at, "%s%s", i > 0 ? between : "", one);
	(void)snprintf(s + at, size - at, "%s", end);
	return s;
}

static void
lists_have_ceilings(void **state)
{
	static const char ref[] = "{\"id\":\"" ID "\",\"sha256\":\"" SHA "\"}";
	struct parts p = message;

	(void)state;
	for (size_t n = 64; n <= 65; n++) {
		co_auto_free char *refs = repeated("[", ref, n, ",", "]");
		co_auto_free char *files = repeated("[", FILE_A, n, ",", "]");

		p = message;
		p.refs = refs;
		assert_int_equal(parse_parts(&p), n == 64 ? CO_OK : CO_ETOOBIG);
		p = message;
		p.attachments = files;
		assert_int_equal(parse_parts(&p), n == 64 ? CO_OK : CO_ETOOBIG);
	}
}

static const struct parts request = {
	.comity = "1", .kind = "request",
	.in_case = "{\"id\":\"" CASE "\",\"ours\":null,\"theirs\":\"X-1\"}",
	.from = "th.contact", .to = "us.contact", .at = "2026-11-23T19:15:00.25+07:00",
	.by = "{\"officer\":\"anong\",\"role\":\"duty\"}", .refs = "[]",
	.body = "{\"measure\":\"preserve\",\"urgency\":\"urgent\",\"fields\":{\"days\":60}}",
	.attachments = "[]",
};

static void
sixteen_levels_pass_and_seventeen_do_not(void **state)
{
	(void)state;
	/* The record is level 1, body 2, fields 3. */
	for (size_t n = 13; n <= 14; n++) {
		co_auto_free char *open = repeated("{\"measure\":\"preserve\","
			"\"urgency\":\"urgent\",\"fields\":{\"a\":",
			"[", n, "", "");
		co_auto_free char *body = repeated(open, "]", n, "", "}}");
		struct parts p = request;

		p.body = body;
		assert_int_equal(parse_parts(&p), n == 13 ? CO_OK : CO_ETOOBIG);
	}
	{
		co_auto_free char *deep = repeated("", "[", 200000, "", "");

		assert_int_equal(parse_text(deep), CO_ETOOBIG);
	}
}

static void
a_record_of_many_tiny_values_is_refused(void **state)
{
	co_auto_free char *body = repeated("{\"measure\":\"preserve\",\"urgency\":\"urgent\","
		"\"fields\":{\"a\":[", "{}",
		5000, ",", "]}}");
	struct parts p = request;

	(void)state;
	p.body = body;
	assert_int_equal(parse_parts(&p), CO_ETOOBIG);
	assert_non_null(strstr(err.msg, "8192 values"));
}

static void
a_record_of_256_KiB_passes_and_one_byte_more_does_not(void **state)
{
	co_auto_free char *s = text_of(&message);
	size_t n = strlen(s);
	char *big = malloc(LIMIT_RECORD + 2);

	(void)state;
	assert_non_null(big);
	/* JSON allows white space after the object. */
	memset(big, ' ', LIMIT_RECORD + 2);
	memcpy(big, s, n);
	for (size_t size = LIMIT_RECORD; size <= LIMIT_RECORD + 1; size++) {
		record_auto r;

		co_err_clear(&err);
		assert_int_equal(record_parse(&r, big, size, &err), size == LIMIT_RECORD ? CO_OK :
			CO_ETOOBIG);
	}
	free(big);
}

static void
trailing_and_missing_bytes_are_refused(void **state)
{
	co_auto_free char *s = text_of(&message);
	co_auto_free char *twice = repeated("", s, 2, "", "");
	co_auto_free char *tail = repeated(s, "x", 1, "", "");
	record_auto r;

	(void)state;
	assert_int_equal(parse_text(twice), CO_EMALFORMED);
	assert_int_equal(parse_text(tail), CO_EMALFORMED);
	assert_int_equal(parse_text("[]"), CO_EMALFORMED);
	assert_int_equal(parse_text("null"), CO_EMALFORMED);
	assert_int_equal(parse_text("\xef\xbb\xbf{}"), CO_EMALFORMED);
	assert_rc(record_parse(&r, s, strlen(s) + 1, &err), CO_EMALFORMED); /* its NUL */
	for (size_t n = 0; n < strlen(s); n++) {
		record_auto cut;

		assert_rc(record_parse(&cut, s, n, &err), CO_EMALFORMED);
	}
}

#define PEM "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n"
#define ENTRY_BODY(name, economy, url, seal, origin, more)                    \
	"{\"name\":\"" name "\",\"economy\":\"" economy "\",\"role\":\"contact\","                \
	"\"url\":\"" url "\","                                                \
	"\"timezone\":\"Asia/Bangkok\",\"hours\":\"24x7\","                   \
	"\"languages\":[\"th\",\"en\",\"zh-Hant\"],"                          \
	"\"root\":\"" PEM "\",\"seal\":" seal ",\"tls\":[\"" PEM "\"],"       \
	"\"ledger\":{\"origin\":\"" origin "\",\"vkey\":\"th.contact/ledger+0c1d2e3f+AQID\"},"    \
	"\"revoked\":[{\"sha256\":\"" SHA "\",\"since\":\"2026-01-01T00:00:00Z\","                \
	"\"reason\":\"lost\"}],"                                              \
	"\"valid_to\":\"2027-11-23T00:00:00Z\"" more "}"
#define ONE "[\"" PEM "\"]"

static void
entry_body_is_closed(void **state)
{
	static const struct hostile rows[] = {
		{ PART(to), "us.contact", "to: wanted \"*\"", CO_EMALFORMED },
		{ PART(in_case), "{\"id\":\"" CASE "\",\"ours\":null,\"theirs\":null}",
		  "case: wanted null", CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "th", "https://a", ONE, "th.contact/ledger", ""),
		  "body.economy", CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "TH", "http://a", ONE, "th.contact/ledger", ""),
		  "body.url", CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "TH", "https://u@a", ONE, "th.contact/ledger", ""),
		  "body.url", CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "TH", "https://a/b", ONE, "th.contact/ledger", ""),
		  "body.url", CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "TH", "https://a", "[]", "th.contact/ledger", ""),
		  "body.seal", CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "TH", "https://a", "[\"x\"]", "th.contact/ledger",
		  ""), "body.seal[0]",
		  CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "TH", "https://a", "[\"a\",\"a\",\"a\",\"a\",\"a\"]",
		  "th.contact/ledger", ""),
		  "body.seal", CO_ETOOBIG },
		{ PART(body), ENTRY_BODY("X", "TH", "https://a", ONE, "us.contact/ledger", ""),
		  "body.ledger.origin",
		  CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "TH", "https://a", ONE, "th.contact", ""),
		  "body.ledger.origin", CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("a\\u0007", "TH", "https://a", ONE, "th.contact/ledger",
		  ""), "control", CO_EMALFORMED },
		{ PART(body), ENTRY_BODY("X", "TH", "https://a", ONE, "th.contact/ledger",
		  ",\"more\":1"), "body.more",
		  CO_EMALFORMED },
	};
	struct parts p = { .comity = "1", .kind = "entry", .in_case = "null", .from = "th.contact",
		.to = "*",
		.at = "2026-11-23T19:15:00Z", .by = "{\"officer\":\"node\",\"role\":\"node\"}",
		.refs = "[]",
		.body = ENTRY_BODY("Cyber Crime Unit", "TH", "https://[::1]:4501", ONE,
		"th.contact/ledger", ""),
		.attachments = "[]" };

	(void)state;
	assert_refused(&p, rows, CO_ARRAY_LEN(rows));
}

#define RECEIPT_BODY(id, sha, log, leaf, skew)                                \
	"{\"of\":{\"id\":\"" id "\",\"sha256\":\"" sha "\"},"                 \
	"\"received\":\"2026-11-23T19:15:01Z\",\"log\":\"" log "\",\"leaf\":\"" leaf "\","        \
	"\"skew_s\":" skew "}"

static void
receipt_binds_what_it_answers(void **state)
{
	static const struct hostile rows[] = {
		{ PART(refs), "[]", "refs: a receipt names", CO_EMALFORMED },
		{ PART(body), RECEIPT_BODY(CASE, SHA, "us.contact/ledger", SHA, "0"), "body.of",
		  CO_EMALFORMED },
		{ PART(body), RECEIPT_BODY(ID, SHA, "th.contact/ledger", SHA, "0"), "body.log",
		  CO_EMALFORMED },
		{ PART(body), RECEIPT_BODY(ID, SHA, "us.contact/ledger", "00", "0"), "body.leaf",
		  CO_EMALFORMED },
		{ PART(body), RECEIPT_BODY(ID, SHA, "us.contact/ledger", SHA, "0.5"), "fraction",
		  CO_EMALFORMED },
		{ PART(body), RECEIPT_BODY(ID, SHA, "us.contact/ledger", SHA, "null"),
		  "body.skew_s", CO_EMALFORMED },
	};
	struct parts p = message;

	(void)state;
	p.kind = "receipt";
	p.from = "us.contact";
	p.to = "th.contact";
	p.in_case = "null";
	p.body = RECEIPT_BODY(ID, SHA, "us.contact/ledger", SHA, "-3601");
	assert_refused(&p, rows, CO_ARRAY_LEN(rows));
}

#define MANIFEST_BODY(name, plain, format, wrapped)                           \
	"{\"exhibit\":{\"id\":\"" ID "\",\"name\":\"" name "\","              \
	"\"media\":\"application/x-raw-disk\","                               \
	"\"plain\":{\"size\":" plain ",\"sha256\":\"" SHA "\"},"              \
	"\"sealed\":{\"size\":9,\"sha256\":\""                                \
	SHA "\",\"header\":\"" HEADER56 "\",\"format\":\"" format "\"},\"wrapped\":" wrapped "}}"
#define HEADER56                                                              \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define CHUNKED "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"
#define WRAPPED "{\"us.contact\":\"TUlJQg==\"}"

static void
manifest_and_custody_bodies_are_closed(void **state)
{
	static const struct hostile rows[] = {
		{ PART(body), MANIFEST_BODY("a/b", "5", CHUNKED, WRAPPED), "body.exhibit.name",
		  CO_EMALFORMED },
		{ PART(body), MANIFEST_BODY("a", "-5", CHUNKED, WRAPPED), "body.exhibit.plain.size",
		  CO_EMALFORMED },
		{ PART(body), MANIFEST_BODY("a", "5", "zip", WRAPPED), "body.exhibit.sealed.format",
		  CO_EMALFORMED },
		{ PART(body), MANIFEST_BODY("a", "5", CHUNKED, "{}"), "body.exhibit.wrapped",
		  CO_EMALFORMED },
		{ PART(body), MANIFEST_BODY("a", "5", CHUNKED, "{\"US\":\"TUlJQg==\"}"),
		  "body.exhibit.wrapped.US", CO_EMALFORMED },
		{ PART(body), MANIFEST_BODY("a", "5", CHUNKED, "{\"us.contact\":\"TUlJQg\"}"),
		  "wrapped.us.contact: wanted base64",
		  CO_EMALFORMED },
	};
	static const struct hostile custody[] = {
		{ PART(body), "{\"action\":\"opened\",\"purpose\":\"p\",\"authority\":\"a\"}",
		  "body.exhibit", CO_EMALFORMED },
		{ PART(body), "{\"exhibit\":\""
		  ID "\",\"action\":\"sold\",\"purpose\":\"p\",\"authority\":\"a\"}", "body.action",
		  CO_EMALFORMED },
		{ PART(body), "{\"exhibit\":\"" ID "\",\"action\":\"opened\",\"authority\":\"a\"}",
		  "body.purpose", CO_EMALFORMED },
		{ PART(body), "{\"exhibit\":\""
		  ID "\",\"action\":\"opened\",\"purpose\":\"p\",\"authority\":\"a\","
		  "\"detail\":{\"x\":{\"y\":[0.1]}}}", "fraction", CO_EMALFORMED },
	};
	struct parts p = message;

	(void)state;
	p.kind = "manifest";
	p.body = MANIFEST_BODY("disk.img", "5", CHUNKED, WRAPPED);
	assert_refused(&p, rows, CO_ARRAY_LEN(rows));
	p.kind = "custody";
	p.body = "{\"action\":\"packaged\",\"purpose\":\"court\",\"authority\":\"order 12\","
		"\"detail\":{\"index_sha256\":\"" SHA "\"}}";
	assert_refused(&p, custody, CO_ARRAY_LEN(custody));
}

static void
request_and_notice_bodies_are_closed(void **state)
{
	static const struct hostile rows[] = {
		{ PART(body), "{\"measure\":\"preserve\",\"urgency\":\"soon\",\"fields\":{}}",
		  "body.urgency", CO_EMALFORMED },
		{ PART(body), "{\"measure\":\"Pre serve\",\"urgency\":\"urgent\",\"fields\":{}}",
		  "body.measure", CO_EMALFORMED },
		{ PART(body), "{\"measure\":\"preserve\",\"urgency\":\"urgent\",\"fields\":[]}",
		  "body.fields", CO_EMALFORMED },
		{ PART(body),
		  "{\"measure\":\"preserve\",\"urgency\":\"urgent\",\"fields\":{},"
		  "\"extends\":null}", "body.extends",
		  CO_EMALFORMED },
		{ PART(body),
		  "{\"measure\":\"preserve\",\"urgency\":\"urgent\",\"fields\":{\"a\":{\"b\":1,"
		  "\"b\":1}}}", "duplicate",
		  CO_EMALFORMED },
		{ PART(body),
		  "{\"measure\":\"preserve\",\"urgency\":\"urgent|routine\",\"fields\":{}}",
		  "body.urgency",
		  CO_EMALFORMED },
	};
	static const struct hostile notice[] = {
		{ PART(refs), "[]", "refs: a notice names", CO_EMALFORMED },
		{ PART(body), "{\"state\":\"done\"}", "body.state", CO_EMALFORMED },
		{ PART(body), "{\"state\":\"extended\",\"until\":\"2027-01-01T00:00:00\"}",
		  "body.until", CO_EMALFORMED },
		{ PART(body),
		  "{\"state\":\"condition-offered\",\"conditions\":[{\"type\":\"secret\","
		  "\"text\":\"x\"}]}",
		  "body.conditions[0].type", CO_EMALFORMED },
		{ PART(body), "{\"state\":\"refused\",\"ground\":\"\"}", "body.ground",
		  CO_EMALFORMED },
	};
	struct parts p = message;

	(void)state;
	assert_refused(&request, rows, CO_ARRAY_LEN(rows));
	p.kind = "notice";
	p.body = "{\"state\":\"extended\",\"until\":\"2027-01-01T00:00:00+07:00\",\"reason\":\"as "
		"asked\"}";
	assert_refused(&p, notice, CO_ARRAY_LEN(notice));
}

/* print refuses what parse would refuse: each row spoils one member of a good struct. */
static void
nothing_is_printed_that_parse_would_refuse(void **state)
{
	co_auto_free char *s = text_of(&message);
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_RECORD);
	assert_ok(co_buf_add_str(&b, "before", &err));
	for (int row = 0; row < 12; row++) {
		record_auto r;

		co_err_clear(&err);
		assert_ok(record_parse(&r, s, strlen(s), &err));
		switch (row) {
		case 0: r.kind = REC_BULLETIN; break;
		case 1: r.id[0] = 'A'; break;
		case 2: r.case_id[0] = '\0'; break;
		case 3: r.officer[0] = '\n'; break;
		case 4: memcpy(r.officer, "\xc3(", 3); break;
		case 5: r.at_us = -1; break;
		case 6: r.refs[0].sha256[3] = 'G'; break;
		case 7: assert_int_equal(json_object_set_new(r.body, "text", json_real(1)),
			0); break;
		case 8: assert_int_equal(json_object_set_new(r.body, "more", json_true()),
			0); break;
		case 9: assert_int_equal(json_object_set_new(r.body, "text", json_stringn("a\0b",
			3)), 0); break;
		case 10: memcpy(r.to, "*", 2); break;
		default: assert_int_equal(json_object_set_new(r.body, "text",
			json_stringn_nocheck("\xff", 1)), 0); break;
		}
		if (record_print(&r, &b, &err) == CO_OK)
			fail_msg("row %d was printed: %s", row, b.data);
		assert_string_equal(b.data, "before");
	}
}

static void
print_refuses_a_body_that_is_too_deep_or_too_big(void **state)
{
	co_auto_free char *s = text_of(&request);
	record_auto r;
	co_auto_buf b;
	json_t *v = json_array();

	(void)state;
	co_buf_init(&b, 4u * LIMIT_RECORD);
	assert_ok(record_parse(&r, s, strlen(s), &err));
	for (int i = 0; i < 13; i++) {
		json_t *up = json_array();

		assert_int_equal(json_array_append_new(up, v), 0);
		v = up;
	}
	assert_int_equal(json_object_set_new(json_object_get(r.body, "fields"), "a", v), 0);
	assert_rc(record_print(&r, &b, &err), CO_ETOOBIG);
	assert_int_equal(json_object_set_new(json_object_get(r.body, "fields"), "a", json_null()),
		0);
	assert_ok(record_print(&r, &b, &err));
	for (int i = 0; i < 9; i++) {
		char key[8];
		char *text = calloc(1, 32 * 1024);

		assert_non_null(text);
		memset(text, 'a', 32 * 1024 - 1);
		(void)snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(json_object_set_new(json_object_get(r.body, "fields"), key,
			json_string(text)), 0);
		free(text);
	}
	assert_rc(record_print(&r, &b, &err), CO_ETOOBIG);
}

static void
refs_are_added_up_to_the_ceiling(void **state)
{
	record_auto r;

	(void)state;
	record_init(&r);
	assert_rc(record_add_ref(&r, "x", SHA, &err), CO_EMALFORMED);
	assert_rc(record_add_ref(&r, ID, "x", &err), CO_EMALFORMED);
	for (unsigned i = 0; i < LIMIT_REFS; i++)
		assert_ok(record_add_ref(&r, ID, SHA, &err));
	assert_rc(record_add_ref(&r, ID, SHA, &err), CO_ETOOBIG);
	assert_int_equal(r.refs_n, LIMIT_REFS);
}

static void
every_kind_has_a_name_and_is_found_by_it(void **state)
{
	(void)state;
	for (unsigned k = 0; k < REC_KIND_N; k++) {
		enum record_kind found = REC_KIND_N;

		assert_true(record_kind_by_name(record_kind_name((enum record_kind)k), &found));
		assert_int_equal(found, k);
	}
	assert_string_equal(record_kind_name(REC_MANIFEST), "manifest");
	assert_string_equal(record_kind_name(REC_KIND_N), "unknown");
}

static void
addresses_have_one_spelling(void **state)
{
	static const char *const good[] = { "th.contact", "us.doj.ceos", "gb.a", "jp.npa-24",
		"au.1" };
	static const char *const bad[] = { "", "th", "th.", ".th", "t.contact", "th.Contact",
		"th.-a", "th.a-", "th.a..b",
		"th.a b", "th.a/ledger", "th.a\n", "1h.a",
		"th.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(good); i++)
		assert_true(address_valid(good[i]));
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		assert_false(address_valid(bad[i]));
	assert_false(address_valid(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_parsed_prints_and_parses_to_the_same),
		cmocka_unit_test(envelope_that_does_not_fit_is_refused_with_the_member_named),
		cmocka_unit_test(attachment_that_could_mislead_is_refused),
		cmocka_unit_test(lists_have_ceilings),
		cmocka_unit_test(sixteen_levels_pass_and_seventeen_do_not),
		cmocka_unit_test(a_record_of_many_tiny_values_is_refused),
		cmocka_unit_test(a_record_of_256_KiB_passes_and_one_byte_more_does_not),
		cmocka_unit_test(trailing_and_missing_bytes_are_refused),
		cmocka_unit_test(entry_body_is_closed),
		cmocka_unit_test(receipt_binds_what_it_answers),
		cmocka_unit_test(manifest_and_custody_bodies_are_closed),
		cmocka_unit_test(request_and_notice_bodies_are_closed),
		cmocka_unit_test(nothing_is_printed_that_parse_would_refuse),
		cmocka_unit_test(print_refuses_a_body_that_is_too_deep_or_too_big),
		cmocka_unit_test(refs_are_added_up_to_the_ceiling),
		cmocka_unit_test(every_kind_has_a_name_and_is_found_by_it),
		cmocka_unit_test(addresses_have_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
