#include "evidence/case_graph.h"

#include "base/uuid.h"
#include "crypto/digest.h"

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

enum { IRI_LEN = 9 + CO_UUID_LEN };

struct iri {
	char text[IRI_LEN + 1]; /* "urn:uuid:..." */
};

struct graph {
	const struct case_facts *f;
	json_t *nodes;
	json_t *known; /* IRI -> its node: what is named twice stands once */
	json_t *parts; /* of the investigation: references */
	json_t *orders;
	json_t *marks; /* author of conditions -> references to their markings */
	bool failed; /* out of memory somewhere */
};

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
put(struct graph *g, json_t *o, const char *name, json_t *v)
{
	if (json_object_set_new(o, name, v) != 0)
		g->failed = true;
}

static void
put_text(struct graph *g, json_t *o, const char *name, const char *s)
{
	if (s != NULL && s[0] != '\0')
		put(g, o, name, json_string(s));
}

static void
put_typed(struct graph *g, json_t *o, const char *name, const char *type, const char *s)
{
	if (s != NULL && s[0] != '\0')
		put(g, o, name, json_pack("{s:s,s:s}", "@type", type, "@value", s));
}

static void
put_size(struct graph *g, json_t *o, json_int_t n)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%lld", (long long)n);
	put_typed(g, o, "uco-observable:sizeInBytes", "xsd:integer", text);
}

/* One more reference under the name; a list from the first on, so that its form never changes. */
static void
refer(struct graph *g, json_t *o, const char *name, struct iri to)
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
node(struct graph *g, struct iri id, const char *type, bool *fresh)
{
	json_t *o = json_object_get(g->known, id.text);

	*fresh = o == NULL;
	if (o != NULL)
		return o;
	o = json_pack("{s:s,s:s}", "@id", id.text, "@type", type);
	if (o == NULL || json_array_append(g->nodes, o) != 0 ||
		json_object_set(g->known, id.text, o) != 0)
		g->failed = true;
	json_decref(o); /* the two lists own it */
	return json_object_get(g->known, id.text);
}

static json_t *
fresh_node(struct graph *g, struct iri id, const char *type)
{
	bool fresh;

	return node(g, id, type, &fresh);
}

/* ---- who ---- */
static struct iri
organisation(struct graph *g, const char *address)
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
related(struct graph *g, struct iri from, const char *kind, struct iri to)
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
person(struct graph *g, const char *address, const json_t *by)
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
tool(struct graph *g, const char *name, const char *version)
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
hash(struct graph *g, json_t *facet, struct iri owner, const char *method, const char *hex)
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
file(struct graph *g, struct iri id, const char *name, const char *path, const json_t *sums,
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
path_of(const struct graph *g, const char *exhibit, bool sealed)
{
	for (size_t i = 0; i < g->f->files_n; i++)
		if (g->f->files[i].sealed == sealed &&
			strcmp(g->f->files[i].exhibit, exhibit) == 0)
			return g->f->files[i].path;
	return NULL;
}

/* Conditions that came with it from further away. */
static void
carried_marks(struct graph *g, json_t *o, const json_t *e)
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
exhibit(struct graph *g, const json_t *e, const char *manifest)
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
authorization(struct graph *g, const char *type, const char *identifier, const char *from)
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

static bool
is_action(const char *kind)
{
	return strcmp(kind, "receipt") != 0;
}

static int
id_order(const void *a, const void *b)
{
	return strcmp(((const struct case_record *)a)->id, ((const struct case_record *)b)->id);
}

/* Records that this one answers or follows. */
static void
informed(struct graph *g, json_t *o, const json_t *record)
{
	const json_t *ref;
	size_t i;

	json_array_foreach(json_object_get(record, "refs"), i, ref)
	{
		struct case_record key = { .id = text_in(ref, "id") };
		const struct case_record *r = g->f->records_n == 0
			? NULL
			: bsearch(&key, g->f->records, g->f->records_n, sizeof(key), id_order);

		if (r != NULL && is_action(text_in(r->record, "kind")))
			refer(g, o, "case-investigation:wasInformedBy", iri_of(r->id));
	}
}

static void
custody_action(struct graph *g, json_t *o, struct iri self, const json_t *body, const char *at)
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
request_action(struct graph *g, json_t *o, struct iri self, const json_t *record,
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
action(struct graph *g, const struct case_record *r)
{
	const json_t *record = r->record, *body = json_object_get(record, "body");
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
mark_exhibits(struct graph *g)
{
	for (size_t i = 0; i < g->f->records_n; i++) {
		const json_t *r = g->f->records[i].record;
		const json_t *e = json_object_get(json_object_get(r, "body"), "exhibit");
		json_t *marks = json_object_get(g->marks, text_in(r, "from"));
		json_t *o = json_object_get(g->known, iri_of(text_in(e, "id")).text);

		const json_t *m;
		size_t k;

		if (strcmp(text_in(r, "kind"), "manifest") != 0 || o == NULL)
			continue;
		json_array_foreach(marks, k, m)
		{
			struct iri to;

			(void)snprintf(to.text, sizeof(to.text), "%s", text_in(m, "@id"));
			refer(g, o, "uco-core:objectMarking", to);
		}
	}
}

static void
conditions(struct graph *g, const struct case_record *r)
{
	const json_t *list =
		json_object_get(json_object_get(r->record, "body"), "conditions");
	const json_t *c;
	size_t i;

	json_array_foreach(list, i, c)
	{
		char number[32];
		struct iri id, model;
		json_t *o;

		(void)snprintf(number, sizeof(number), "%zu", i);
		id = iri_made("marking", r->id, number, NULL);
		model = iri_made("terms", r->id, number, NULL);
		o = fresh_node(g, id, "uco-marking:MarkingDefinition");
		put_text(g, o, "uco-core:name", text_in(c, "type"));
		put_text(g, o, "uco-marking:definitionType", "terms-of-use");
		refer(g, o, "uco-marking:definition", model);
		o = fresh_node(g, model, "uco-marking:TermsOfUseMarking");
		put_text(g, o, "uco-marking:definitionType", "terms-of-use");
		put_text(g, o, "uco-marking:termsOfUse", text_in(c, "text"));
		o = json_object_get(g->known, iri_of(r->id).text);
		refer(g, o, "uco-action:result", id);
		refer(g, g->marks, text_in(r->record, "from"), id);
	}
}

static void
investigation(struct graph *g)
{
	json_t *o = fresh_node(g, iri_of(g->f->case_id), "case-investigation:Investigation");

	for (size_t i = 0; i < g->f->records_n; i++)
		if (is_action(text_in(g->f->records[i].record, "kind")))
			action(g, &g->f->records[i]);
	for (size_t i = 0; i < g->f->records_n; i++)
		if (is_action(text_in(g->f->records[i].record, "kind")))
			conditions(g, &g->f->records[i]);
	mark_exhibits(g);
	put_text(g, o, "case-investigation:investigationForm", "case");
	for (size_t i = 0; i < g->f->records_n; i++) {
		const char *ours =
			text_in(json_object_get(g->f->records[i].record, "case"), "ours");

		if (json_object_get(o, "uco-core:startTime") == NULL)
			put_typed(g, o, "uco-core:startTime", "xsd:dateTime",
				text_in(g->f->records[i].record, "at"));
		if (ours[0] != '\0' && json_object_get(o, "uco-core:name") == NULL)
			put_text(g, o, "uco-core:name", ours);
	}
	if (json_array_size(g->orders) > 0)
		put(g, o, "case-investigation:relevantAuthorization", json_incref(g->orders));
	if (json_array_size(g->parts) > 0)
		put(g, o, "uco-core:object", json_incref(g->parts));
}

static void
graph_deinit(struct graph *g)
{
	json_decref(g->nodes);
	json_decref(g->known);
	json_decref(g->parts);
	json_decref(g->orders);
	json_decref(g->marks);
}

enum co_rc
case_graph(const struct case_facts *f, struct co_buf *out, struct co_err *err)
{
	CO_CLEANUP(graph_deinit)
	struct graph g = { .f = f, json_array(), json_object(), json_array(), json_array(),
		json_object() };
	json_t *whole;
	char *text;
	enum co_rc rc;

	investigation(&g);
	whole = json_pack("{s:o,s:O}", "@context", json_loads(context_text, 0, NULL), "@graph",
		g.nodes);
	text = whole == NULL || g.failed ? NULL : json_dumps(whole, JSON_INDENT(1));
	json_decref(whole);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "case.jsonld");
	rc = co_buf_addf(out, err, "%s\n", text);
	free(text);
	return rc;
}
