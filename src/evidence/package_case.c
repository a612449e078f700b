/* case.jsonld from what the export of a case brought. */
#include "evidence/package_inside.h"

#include "base/enc.h"
#include "evidence/case_graph.h"

#include <string.h>

struct facts {
	struct case_facts f;
	struct case_record *records;
	struct case_node *nodes;
	struct case_file *files;
	json_t *parsed; /* owns what records and nodes point to */
};

static void
facts_deinit(struct facts *x)
{
	free(x->records);
	free(x->nodes);
	free(x->files);
	json_decref(x->parsed);
}

static int
record_order(const void *a, const void *b)
{
	return strcmp(((const struct case_record *)a)->id, ((const struct case_record *)b)->id);
}

static int
node_order(const void *a, const void *b)
{
	return strcmp(((const struct case_node *)a)->address,
		((const struct case_node *)b)->address);
}

static enum co_rc
parse_add(struct facts *x, const struct member *m, json_t **out, struct co_err *err)
{
	json_t *j = json_loadb(m->text, m->n, 0, NULL);

	if (!json_is_object(j) || json_array_append(x->parsed, j) != 0) {
		json_decref(j);
		return co_fail(err, CO_EMALFORMED, "%s is no record", m->path);
	}
	json_decref(j);
	*out = j;
	return CO_OK;
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
			struct case_record *r = &x->records[x->f.records_n++];

			TRY(parse_add(x, m, &j, err));
			*r = (struct case_record){ package_text(j, "id"), j, m->n, "" };
			co_hex(m->sha256, SHA256_LEN, r->sha256);
		} else if (named(m->path, "data/directory/", ".json")) {
			TRY(parse_add(x, m, &j, err));
			node_take(x, j);
		}
	}
	return CO_OK;
}

enum co_rc
package_case(const struct package *p, struct co_buf *graph, struct co_err *err)
{
	CO_CLEANUP(facts_deinit)
	struct facts x = { .parsed = json_array(),
		.records = calloc(p->n + 1, sizeof(*x.records)),
		.nodes = calloc(p->n + 1, sizeof(*x.nodes)),
		.files = calloc(p->n + 1, sizeof(*x.files)) };

	if (x.records == NULL || x.nodes == NULL || x.files == NULL)
		return co_fail(err, CO_ENOMEM, "case.jsonld");
	TRY(facts_fill(&x, p, err));
	qsort(x.records, x.f.records_n, sizeof(*x.records), record_order);
	qsort(x.nodes, x.f.nodes_n, sizeof(*x.nodes), node_order);
	x.f.case_id = package_text(p->export, "case_id");
	x.f.records = x.records;
	x.f.nodes = x.nodes;
	x.f.files = x.files;
	return case_graph(&x.f, graph, err);
}
