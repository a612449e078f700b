/* case.jsonld from what the export of a case brought. */
#include "evidence/package_inside.h"

#include "base/enc.h"
#include "evidence/case_graph.h"

#include <string.h>

struct facts {
	struct case_facts f;
	struct case_record *records;
	const struct member **texts; /* of the records, in their order */
	struct case_node *nodes;
	struct case_file *files;
	json_t *entries; /* owns what nodes point to */
};

static void
facts_deinit(struct facts *x)
{
	free(x->records);
	free(x->texts);
	free(x->nodes);
	free(x->files);
	json_decref(x->entries);
}

static int
node_order(const void *a, const void *b)
{
	return strcmp(((const struct case_node *)a)->address,
		((const struct case_node *)b)->address);
}

static enum co_rc
member_parse(const struct member *m, json_t **out, struct co_err *err)
{
	co_auto_buf b;

	co_buf_init(&b, LIMIT_RECORD);
	TRY(package_member_bytes(m, &b, err));
	*out = json_loadb(b.data == NULL ? "" : b.data, b.len, 0, NULL);
	return *out != NULL ? CO_OK : co_fail(err, CO_EMALFORMED, "%s is no record", m->path);
}

static enum co_rc
record_give(void *arg, size_t i, json_t **out, struct co_err *err)
{
	const struct facts *x = arg;

	return member_parse(x->texts[i], out, err);
}

static bool
named(const char *path, const char *prefix, const char *suffix)
{
	size_t n = strlen(path), a = strlen(prefix), b = strlen(suffix);

	return n > a + b && strncmp(path, prefix, a) == 0 && strcmp(path + n - b, suffix) == 0;
}

static void
node_take(struct facts *x, const json_t *entry)
{
	const json_t *body = json_object_get(entry, "body");
	const char *address = package_text(entry, "from");

	for (size_t i = 0; i < x->f.nodes_n; i++)
		if (strcmp(x->nodes[i].address, address) == 0)
			return; /* the newest came first */
	x->nodes[x->f.nodes_n++] = (struct case_node){ address, package_text(body, "name"),
		package_text(body, "economy"), package_text(body, "role") };
}

/* Members are in the order in which the export lists what they are. */
static enum co_rc
record_take(struct facts *x, const struct package *p, const struct member *m, struct co_err *err)
{
	size_t i = x->f.records_n;
	const json_t *of = json_array_get(json_object_get(p->export, "records"), i);
	const char *id = package_text(of, "id");
	struct case_record *r = &x->records[i];

	if (strncmp(m->path + strlen("data/records/"), id, CO_UUID_LEN) != 0)
		return co_fail(err, CO_EINTERNAL, "case.jsonld");
	*r = (struct case_record){ id, m->n, "", strcmp(package_text(of, "kind"), "receipt") != 0 };
	co_hex(m->sha256, SHA256_LEN, r->sha256);
	x->texts[i] = m;
	x->f.records_n++;
	return CO_OK;
}

static enum co_rc
facts_fill(struct facts *x, const struct package *p, struct co_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct member *m = &p->members[i];
		json_t *j = NULL;

		if (m->exhibit != NULL) {
			x->files[x->f.files_n++] = (struct case_file){
				package_text(m->exhibit, "id"), m->path, !p->conf->opened };
		} else if (named(m->path, "data/records/", ".json")) {
			TRY(record_take(x, p, m, err));
		} else if (named(m->path, "data/directory/", ".json")) {
			TRY(member_parse(m, &j, err));
			if (json_array_append_new(x->entries, j) != 0)
				return co_fail(err, CO_ENOMEM, "case.jsonld");
			node_take(x, j);
		}
	}
	return CO_OK;
}

static int
record_order(const void *a, const void *b)
{
	return strcmp(((const struct case_record *)a)->id, ((const struct case_record *)b)->id);
}

static int
text_order(const void *a, const void *b)
{
	return strcmp((*(const struct member *const *)a)->path,
		(*(const struct member *const *)b)->path);
}

enum co_rc
package_case(const struct package *p, struct co_buf *graph, struct co_err *err)
{
	CO_CLEANUP(facts_deinit)
	struct facts x = { .entries = json_array(),
		.records = calloc(p->n + 1, sizeof(*x.records)),
		.texts = calloc(p->n + 1, sizeof(const struct member *)),
		.nodes = calloc(p->n + 1, sizeof(*x.nodes)),
		.files = calloc(p->n + 1, sizeof(*x.files)) };

	if (x.records == NULL || x.texts == NULL || x.nodes == NULL || x.files == NULL)
		return co_fail(err, CO_ENOMEM, "case.jsonld");
	TRY(facts_fill(&x, p, err));
	/* Both by the id: what stands before and after it in the path is always the same. */
	qsort(x.records, x.f.records_n, sizeof(*x.records), record_order);
	qsort(x.texts, x.f.records_n, sizeof(*x.texts), text_order);
	qsort(x.nodes, x.f.nodes_n, sizeof(*x.nodes), node_order);
	x.f.case_id = package_text(p->export, "case_id");
	x.f.records = x.records;
	x.f.nodes = x.nodes;
	x.f.files = x.files;
	x.f.record = record_give;
	x.f.arg = &x;
	return case_graph(&x.f, co_buf_sink, graph, err);
}
