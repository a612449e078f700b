#include "evidence/case_graph.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "evidence/graph.h"

#include <stdarg.h>
#include <string.h>

/* The prefixes of CASE 1.4.0. Nothing of them is fetched: a reader has the ontology or needs it
 * not. */
static const char context_text[] =
	"{\"case-investigation\":\"https://ontology.caseontology.org/case/investigation/\","
	"\"uco-action\":\"https://ontology.unifiedcyberontology.org/uco/action/\","
	"\"uco-core\":\"https://ontology.unifiedcyberontology.org/uco/core/\","
	"\"uco-identity\":\"https://ontology.unifiedcyberontology.org/uco/identity/\","
	"\"uco-marking\":\"https://ontology.unifiedcyberontology.org/uco/marking/\","
	"\"uco-observable\":\"https://ontology.unifiedcyberontology.org/uco/observable/\","
	"\"uco-role\":\"https://ontology.unifiedcyberontology.org/uco/role/\","
	"\"uco-tool\":\"https://ontology.unifiedcyberontology.org/uco/tool/\","
	"\"uco-types\":\"https://ontology.unifiedcyberontology.org/uco/types/\","
	"\"xsd\":\"http://www.w3.org/2001/XMLSchema#\"}";

struct story {
	const struct case_facts *f;
	struct graph g;
	json_t *parts; /* of the investigation: references */
	json_t *orders;
	json_t *marks;       /* author of conditions -> references to their markings */
	unsigned char *more; /* of each record: MORE_... */
	char start[CO_TIME_LEN], ours[LIMIT_NAME + 1];
	bool failed; /* out of memory somewhere */
};
/* What is done with a record after all actions are there. */
enum { MORE_CONDITIONS = 1, MORE_EXHIBIT = 2 };

/* ---- names: of what has an id already, that; of the rest, a hash of what it is ---- */
static struct iri
iri_of(const char *uuid)
{
	struct iri i;

	(void)snprintf(i.text, sizeof(i.text), "urn:uuid:%.36s", uuid);
	return i;
}

/* A UUID of version 8 (RFC 9562 5.8) from the words, NULL at the end. */
static struct iri
iri_made(const char *word, ...)
{
	unsigned char d[SHA256_LEN];
	struct digest *g = NULL;
	struct iri i;
	va_list ap;

	if (digest_new(&g, DIGEST_SHA256, NULL) != CO_OK)
		return iri_of("00000000-0000-8000-8000-000000000000");
	va_start(ap, word);
	for (const char *w = word; w != NULL; w = va_arg(ap, const char *))
		digest_add(g, w, strlen(w) + 1);
	va_end(ap);
	digest_end(g, d);
	digest_free(&g);
	(void)snprintf(i.text, sizeof(i.text),
		"urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		d[0], d[1], d[2], d[3], d[4], d[5], (d[6] & 0x0fu) | 0x80u, d[7],
		(d[8] & 0x3fu) | 0x80u, d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
	return i;
}

/* ---- values ---- */
static void
put(struct story *g, json_t *o, const char *name, json_t *v)
{
	if (json_object_set_new(o, name, v) != 0)
		g->failed = true;
}

static void
put_text(struct story *g, json_t *o, const char *name, const char *s)
{
	if (s != NULL && s[0] != '\0')
		put(g, o, name, json_string(s));
}

static void
put_typed(struct story *g, json_t *o, const char *name, const char *type, const char *s)
{
	if (s != NULL && s[0] != '\0')
		put(g, o, name, json_pack("{s:s,s:s}", "@type", type, "@value", s));
}

static void
put_size(struct story *g, json_t *o, json_int_t n)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%lld", (long long)n);
	put_typed(g, o, "uco-observable:sizeInBytes", "xsd:integer", text);
}

/* One more reference under the name; a list from the first on, so that its form never changes. */
static void
refer(struct story *g, json_t *o, const char *name, struct iri to)
{
	json_t *list = json_object_get(o, name);

	if (list == NULL) {
		put(g, o, name, json_array());
		list = json_object_get(o, name);
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "@id")),
			    to.text) == 0)
			return;
	if (json_array_append_new(list, json_pack("{s:s}", "@id", to.text)) != 0)
		g->failed = true;
}

static const char *
text_in(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* The node with this name; made, and *fresh, the first time. */
static json_t *
node(struct story *g, struct iri id, const char *type, bool *fresh)
{
	return graph_node(&g->g, &id, type, fresh);
}

static json_t *
fresh_node(struct story *g, struct iri id, const char *type)
{
	bool fresh;

	return node(g, id, type, &fresh);
}

/* ---- who ---- */
static struct iri
organisation(struct story *g, const char *address)
{
	struct iri id = iri_made("organisation", address, NULL);
	bool fresh;
	json_t *o = node(g, id, "uco-identity:Organization", &fresh);

	for (size_t i = 0; fresh && i < g->f->nodes_n; i++) {
		const struct case_node *n = &g->f->nodes[i];
		char text[512];

		if (strcmp(n->address, address) != 0)
			continue;
		put_text(g, o, "uco-core:name", n->name);
		(void)snprintf(text, sizeof(text), "%s: %s, %s", address, n->role, n->economy);
		put_text(g, o, "uco-core:description", text);
	}
	return id;
}

static void
related(struct story *g, struct iri from, const char *kind, struct iri to)
{
	bool fresh;
	json_t *o = node(g, iri_made("relationship", from.text, kind, to.text, NULL),
		"uco-core:Relationship", &fresh);

	if (!fresh)
		return;
	refer(g, o, "uco-core:source", from);
	refer(g, o, "uco-core:target", to);
	put_text(g, o, "uco-core:kindOfRelationship", kind);
	put(g, o, "uco-core:isDirectional", json_true());
}

static struct iri
person(struct story *g, const char *address, const json_t *by)
{
	const char *name = text_in(by, "officer"), *role = text_in(by, "role");
	struct iri id = iri_made("person", address, name, NULL);
	struct iri role_id = iri_made("role", role, NULL);
	bool fresh;
	json_t *o = node(g, id, "uco-identity:Person", &fresh);

	if (fresh)
		put_text(g, o, "uco-core:name", name);
	o = node(g, role_id, "uco-role:Role", &fresh);
	if (fresh)
		put_text(g, o, "uco-core:name", role);
	related(g, id, "has-role", role_id);
	related(g, id, "acts-for", organisation(g, address));
	return id;
}

static struct iri
tool(struct story *g, const char *name, const char *version)
{
	struct iri id = iri_made("tool", name, version, NULL);
	bool fresh;
	json_t *o = node(g, id, "uco-tool:Tool", &fresh);

	if (fresh) {
		put_text(g, o, "uco-core:name", name);
		put_text(g, o, "uco-tool:version", version);
	}
	return id;
}

/* ---- files ---- */
static void
hash(struct story *g, json_t *facet, struct iri owner, const char *method, const char *hex)
{
	struct iri id = iri_made("hash", owner.text, method, NULL);
	bool fresh;
	json_t *o;

	if (hex[0] == '\0')
		return;
	o = node(g, id, "uco-types:Hash", &fresh);
	put_text(g, o, "uco-types:hashMethod", method);
	put_typed(g, o, "uco-types:hashValue", "xsd:hexBinary", hex);
	refer(g, facet, "uco-observable:hash", id);
}

/* A file with its name and content; sums has size, sha256 and further digests. */
static json_t *
file(struct story *g, struct iri id, const char *name, const char *path, const json_t *sums,
	bool encrypted)
{
	static const char *const methods[][2] = { { "md5", "MD5" }, { "sha1", "SHA1" },
		{ "sha256", "SHA256" }, { "sha512", "SHA512" } };
	struct iri facet = iri_made("file-facet", id.text, NULL);
	struct iri content = iri_made("content-facet", id.text, NULL);
	json_t *o = fresh_node(g, id, "uco-observable:File");
	json_t *f = fresh_node(g, facet, "uco-observable:FileFacet");
	json_t *c = fresh_node(g, content, "uco-observable:ContentDataFacet");

	refer(g, o, "uco-core:hasFacet", facet);
	refer(g, o, "uco-core:hasFacet", content);
	put_text(g, f, "uco-observable:fileName", name);
	put_text(g, f, "uco-observable:filePath", path);
	put_size(g, f, json_integer_value(json_object_get(sums, "size")));
	put_size(g, c, json_integer_value(json_object_get(sums, "size")));
	put_text(g, c, "uco-observable:mimeType", text_in(sums, "media"));
	if (encrypted)
		put(g, c, "uco-observable:isEncrypted", json_true());
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		hash(g, c, id, methods[i][1], text_in(sums, methods[i][0]));
	return o;
}

static const char *
path_of(const struct story *g, const char *exhibit, bool sealed)
{
	for (size_t i = 0; i < g->f->files_n; i++)
		if (g->f->files[i].sealed == sealed &&
			strcmp(g->f->files[i].exhibit, exhibit) == 0)
			return g->f->files[i].path;
	return NULL;
}

/* Conditions that came with it from further away. */
static void
carried_marks(struct story *g, json_t *o, const json_t *e)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(e, "markings"), i, m)
	{
		const char *owner = text_in(m, "owner"), *text = text_in(m, "text");
		struct iri id = iri_made("marking-of", owner, text_in(m, "record"), text, NULL);
		struct iri model = iri_made("terms-of", id.text, NULL);
		bool fresh;
		json_t *d = node(g, id, "uco-marking:MarkingDefinition", &fresh);

		refer(g, o, "uco-core:objectMarking", id);
		if (!fresh)
			continue;
		put_text(g, d, "uco-core:name", text_in(m, "type"));
		put_text(g, d, "uco-core:description", text_in(m, "article"));
		refer(g, d, "uco-core:createdBy", organisation(g, owner));
		put_text(g, d, "uco-marking:definitionType", "terms-of-use");
		refer(g, d, "uco-marking:definition", model);
		d = fresh_node(g, model, "uco-marking:TermsOfUseMarking");
		put_text(g, d, "uco-marking:definitionType", "terms-of-use");
		put_text(g, d, "uco-marking:termsOfUse", text);
	}
}

/* The content, its sealed form, and the record that ties both to the case. */
static void
exhibit(struct story *g, const json_t *e, const char *manifest)
{
	const char *id = text_in(e, "id"), *root = text_in(json_object_get(e, "derived"), "root");
	const char *from = text_in(json_object_get(e, "derived"), "from");
	struct iri content = iri_of(id), sealed = iri_made("sealed", id, NULL);
	struct iri provenance = iri_made("provenance", id, NULL);
	json_t *plain = json_copy(json_object_get(e, "plain")), *o;
	char name[512];

	put_text(g, plain, "media", text_in(e, "media"));
	o = file(g, content, text_in(e, "name"), path_of(g, id, false), plain, false);
	json_decref(plain);
	carried_marks(g, o, e);
	if (from[0] != '\0')
		refer(g, o, "case-investigation:wasDerivedFrom", iri_of(from));
	(void)snprintf(name, sizeof(name), "%s.sealed", id);
	o = file(g, sealed, name, path_of(g, id, true), json_object_get(e, "sealed"), true);
	refer(g, o, "case-investigation:wasDerivedFrom", content);
	o = fresh_node(g, provenance, "case-investigation:ProvenanceRecord");
	put_text(g, o, "case-investigation:exhibitNumber", id);
	put_text(g, o, "case-investigation:rootExhibitNumber", root[0] == '\0' ? id : root);
	put_text(g, o, "uco-core:description", text_in(e, "name"));
	refer(g, o, "uco-core:object", content);
	refer(g, o, "uco-core:object", sealed);
	refer(g, o, "uco-core:object", iri_of(manifest));
	if (json_array_append_new(g->parts, json_pack("{s:s}", "@id", provenance.text)) != 0)
		g->failed = true;
}

/* ---- what was done ---- */
static struct iri
authorization(struct story *g, const char *type, const char *identifier, const char *from)
{
	struct iri id = iri_made("authorization", type, identifier, NULL);
	bool fresh;
	json_t *o = node(g, id, "case-investigation:Authorization", &fresh);

	if (!fresh)
		return id;
	put_text(g, o, "case-investigation:authorizationType", type);
	put_text(g, o, "case-investigation:authorizationIdentifier", identifier);
	put_typed(g, o, "uco-core:startTime", "xsd:dateTime", from);
	if (json_array_append_new(g->orders, json_pack("{s:s}", "@id", id.text)) != 0)
		g->failed = true;
	return id;
}

static int
id_order(const void *a, const void *b)
{
	return strcmp(((const struct case_record *)a)->id, ((const struct case_record *)b)->id);
}

/* Records that this one answers or follows. */
static void
informed(struct story *g, json_t *o, const json_t *record)
{
	const json_t *ref;
	size_t i;

	json_array_foreach(json_object_get(record, "refs"), i, ref)
	{
		struct case_record key = { .id = text_in(ref, "id") };
		const struct case_record *r = g->f->records_n == 0
			? NULL
			: bsearch(&key, g->f->records, g->f->records_n, sizeof(key), id_order);

		if (r != NULL && r->action)
			refer(g, o, "case-investigation:wasInformedBy", iri_of(r->id));
	}
}

static void
custody_action(struct story *g, json_t *o, struct iri self, const json_t *body, const char *at)
{
	const char *id = text_in(body, "exhibit");
	const json_t *with = json_object_get(body, "tool");

	put_text(g, o, "uco-core:name", text_in(body, "action"));
	put_text(g, o, "uco-core:description", text_in(body, "purpose"));
	put_text(g, o, "uco-action:actionStatus",
		strcmp(text_in(body, "action"), "failed") == 0 ? "Fail" : "Success");
	related(g, self, "authorized-by",
		authorization(g, "custody", text_in(body, "authority"), at));
	if (id[0] != '\0')
		refer(g, o, "uco-action:object", iri_of(id));
	if (json_is_object(with))
		refer(g, o, "uco-action:instrument",
			tool(g, text_in(with, "name"), text_in(with, "version")));
}

static void
request_action(struct story *g, json_t *o, struct iri self, const json_t *record,
	const json_t *body)
{
	const char *ours = text_in(json_object_get(record, "case"), "ours");
	char name[128];

	(void)snprintf(name, sizeof(name), "request: %.64s", text_in(body, "measure"));
	put_text(g, o, "uco-core:name", name);
	put_text(g, o, "uco-action:actionStatus", "Success");
	related(g, self, "authorized-by",
		authorization(g, text_in(body, "measure"),
			ours[0] == '\0' ? text_in(record, "id") : ours, text_in(record, "at")));
}

static void
action(struct story *g, const struct case_record *r, const json_t *record)
{
	const json_t *body = json_object_get(record, "body");
	const char *kind = text_in(record, "kind"), *from = text_in(record, "from");
	struct iri id = iri_of(r->id), paper = iri_made("record", r->id, NULL);
	json_t *o = fresh_node(g, id, "case-investigation:InvestigativeAction");
	json_t *sums = json_pack("{s:s,s:I,s:s}", "media", "application/json", "size",
		(json_int_t)r->size, "sha256", r->sha256);
	char text[256];

	put_typed(g, o, "uco-action:startTime", "xsd:dateTime", text_in(record, "at"));
	put_typed(g, o, "uco-action:endTime", "xsd:dateTime", text_in(record, "at"));
	refer(g, o, "uco-action:performer", person(g, from, json_object_get(record, "by")));
	refer(g, o, "uco-action:participant", organisation(g, from));
	if (strcmp(text_in(record, "to"), "*") != 0)
		refer(g, o, "uco-action:participant", organisation(g, text_in(record, "to")));
	refer(g, o, "uco-action:instrument", tool(g, "Comity", ""));
	(void)snprintf(text, sizeof(text), "data/records/%s.json", r->id);
	(void)file(g, paper, text + strlen("data/records/"), text, sums, false);
	json_decref(sums);
	refer(g, o, "uco-action:result", paper);
	informed(g, o, record);
	if (strcmp(kind, "custody") == 0) {
		custody_action(g, o, id, body, text_in(record, "at"));
	} else if (strcmp(kind, "request") == 0) {
		request_action(g, o, id, record, body);
	} else if (strcmp(kind, "manifest") == 0) {
		put_text(g, o, "uco-core:name", "sealed");
		refer(g, o, "uco-action:result",
			iri_of(text_in(json_object_get(body, "exhibit"), "id")));
		exhibit(g, json_object_get(body, "exhibit"), r->id);
	} else {
		(void)snprintf(text, sizeof(text), "%s%s%s", kind,
			strcmp(kind, "notice") == 0 ? ": " : "", text_in(body, "state"));
		put_text(g, o, "uco-core:name", text);
		put_text(g, o, "uco-core:description", text_in(body, "reason"));
	}
	if (json_array_append_new(g->parts, json_pack("{s:s}", "@id", id.text)) != 0)
		g->failed = true;
}

/* ---- art. 26, 28: conditions bind what their author sends ---- */
static void
mark_exhibit(struct story *g, const json_t *r)
{
	const json_t *e = json_object_get(json_object_get(r, "body"), "exhibit"), *m;
	struct iri id = iri_of(text_in(e, "id"));
	json_t *o = graph_find(&g->g, &id);
	size_t k;

	json_array_foreach(json_object_get(g->marks, text_in(r, "from")), k, m)
	{
		struct iri to;

		(void)snprintf(to.text, sizeof(to.text), "%s", text_in(m, "@id"));
		if (o != NULL)
			refer(g, o, "uco-core:objectMarking", to);
	}
}

static void
conditions(struct story *g, const json_t *record)
{
	const json_t *list = json_object_get(json_object_get(record, "body"), "conditions");
	const char *by = text_in(record, "id");
	const json_t *c;
	size_t i;

	json_array_foreach(list, i, c)
	{
		char number[32];
		struct iri id, model, self = iri_of(by);
		json_t *o;

		(void)snprintf(number, sizeof(number), "%zu", i);
		id = iri_made("marking", by, number, NULL);
		model = iri_made("terms", by, number, NULL);
		o = fresh_node(g, id, "uco-marking:MarkingDefinition");
		put_text(g, o, "uco-core:name", text_in(c, "type"));
		put_text(g, o, "uco-marking:definitionType", "terms-of-use");
		refer(g, o, "uco-marking:definition", model);
		o = fresh_node(g, model, "uco-marking:TermsOfUseMarking");
		put_text(g, o, "uco-marking:definitionType", "terms-of-use");
		put_text(g, o, "uco-marking:termsOfUse", text_in(c, "text"));
		o = graph_find(&g->g, &self);
		refer(g, o, "uco-action:result", id);
		refer(g, g->marks, text_in(record, "from"), id);
	}
}

/* ---- record after record ---- */

/* What the investigation says of itself, and what is left for later. */
static void
note(struct story *g, size_t i, const json_t *record)
{
	const json_t *body = json_object_get(record, "body");
	const char *ours = text_in(json_object_get(record, "case"), "ours");

	if (g->start[0] == '\0')
		(void)snprintf(g->start, sizeof(g->start), "%s", text_in(record, "at"));
	if (g->ours[0] == '\0')
		(void)snprintf(g->ours, sizeof(g->ours), "%s", ours);
	if (g->f->records[i].action && json_array_size(json_object_get(body, "conditions")) > 0)
		g->more[i] |= MORE_CONDITIONS;
	if (strcmp(text_in(record, "kind"), "manifest") == 0)
		g->more[i] |= MORE_EXHIBIT;
}

static void
first_pass(struct story *g, size_t i, const json_t *record)
{
	note(g, i, record);
	if (g->f->records[i].action)
		action(g, &g->f->records[i], record);
}

static void
conditions_pass(struct story *g, size_t i, const json_t *record)
{
	(void)i;
	conditions(g, record);
}

static void
exhibits_pass(struct story *g, size_t i, const json_t *record)
{
	(void)i;
	mark_exhibit(g, record);
}

static enum co_rc
pass(struct story *g, unsigned char only, void (*fn)(struct story *, size_t, const json_t *),
	struct co_err *err)
{
	for (size_t i = 0; i < g->f->records_n; i++) {
		json_t *record = NULL;

		if (only != 0 && (g->more[i] & only) == 0)
			continue;
		TRY(g->f->record(g->f->arg, i, &record, err));
		fn(g, i, record);
		json_decref(record);
		graph_settle(&g->g);
	}
	return CO_OK;
}

static enum co_rc
investigation(struct story *g, struct co_err *err)
{
	struct iri id = iri_of(g->f->case_id);
	json_t *o;

	(void)fresh_node(g, id, "case-investigation:Investigation");
	TRY(pass(g, 0, first_pass, err));
	TRY(pass(g, MORE_CONDITIONS, conditions_pass, err));
	if (json_object_size(g->marks) > 0)
		TRY(pass(g, MORE_EXHIBIT, exhibits_pass, err));
	o = graph_find(&g->g, &id);
	put_text(g, o, "case-investigation:investigationForm", "case");
	put_typed(g, o, "uco-core:startTime", "xsd:dateTime", g->start);
	put_text(g, o, "uco-core:name", g->ours);
	if (json_array_size(g->orders) > 0)
		put(g, o, "case-investigation:relevantAuthorization", json_incref(g->orders));
	if (json_array_size(g->parts) > 0)
		put(g, o, "uco-core:object", json_incref(g->parts));
	return CO_OK;
}

static void
story_deinit(struct story *g)
{
	graph_deinit(&g->g);
	json_decref(g->parts);
	json_decref(g->orders);
	json_decref(g->marks);
	free(g->more);
}

enum co_rc
case_graph(const struct case_facts *f, co_sink *sink, void *arg, struct co_err *err)
{
	CO_CLEANUP(story_deinit)
	struct story g = { .f = f, .parts = json_array(), .orders = json_array(),
		.marks = json_object(), .more = calloc(f->records_n + 1, 1) };
	json_t *context;
	enum co_rc rc;

	graph_init(&g.g);
	if (g.more == NULL)
		return co_fail(err, CO_ENOMEM, "case.jsonld");
	TRY(investigation(&g, err));
	if (g.failed)
		return co_fail(err, CO_ENOMEM, "case.jsonld");
	context = json_loads(context_text, 0, NULL);
	rc = context == NULL ? co_fail(err, CO_ENOMEM, "case.jsonld")
			     : graph_print(&g.g, context, sink, arg, err);
	json_decref(context);
	return rc;
}
