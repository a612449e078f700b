/* case.jsonld must say what the signed records say, no more and no less: it is made again. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "evidence/case_graph.h"

struct facts {
	struct case_facts f;
	struct case_record *records;
	struct case_node *nodes;
	struct case_file *files;
	char (*ids)[CO_UUID_LEN + 1]; /* of files */
	struct verify *v;
};

static void
facts_deinit(struct facts *x)
{
	free(x->records);
	free(x->nodes);
	free(x->files);
	free(x->ids);
}

static int
node_order(const void *a, const void *b)
{
	return strcmp(((const struct case_node *)a)->address,
		((const struct case_node *)b)->address);
}

static enum co_rc
record_give(void *arg, size_t i, json_t **out, struct co_err *err)
{
	struct facts *x = arg;

	return verify_record(x->v, &x->v->records[i], out, err);
}

static void
file_take(struct facts *x, const char *path)
{
	static const char prefix[] = "data/exhibits/";
	const char *at = path + sizeof(prefix) - 1;
	struct case_file *f = &x->files[x->f.files_n];

	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0)
		return;
	(void)snprintf(x->ids[x->f.files_n], CO_UUID_LEN + 1, "%.36s", at);
	*f = (struct case_file){ x->ids[x->f.files_n], path,
		strlen(at) == CO_UUID_LEN + 7 && strcmp(at + CO_UUID_LEN, ".sealed") == 0 };
	x->f.files_n++;
}

static bool
newest_entry(const struct signer_entry *e)
{
	char want[LIMIT_PACKAGE_NAME + 1];

	(void)snprintf(want, sizeof(want), "data/directory/%s.json", e->p.address);
	return strcmp(e->path, want) == 0;
}

static void
facts_fill(struct facts *x)
{
	struct verify *v = x->v;

	for (size_t i = 0; i < v->records_n; i++) {
		const struct vrecord *k = &v->records[i];
		struct case_record *r = &x->records[i];

		*r = (struct case_record){ k->id, k->size, "", k->kind != REC_RECEIPT };
		memcpy(r->sha256, k->sha256, sizeof(r->sha256));
	}
	for (size_t i = 0; i < v->index.n; i++)
		file_take(x, v->index.lines[i].path);
	for (size_t i = 0; i < v->who.n; i++) {
		const struct partner *p = &v->who.entries[i]->p;

		if (newest_entry(v->who.entries[i]))
			x->nodes[x->f.nodes_n++] = (struct case_node){ p->address, p->name,
				p->economy, p->role };
	}
	qsort(x->nodes, x->f.nodes_n, sizeof(*x->nodes), node_order);
	x->f.case_id = v->case_id;
	x->f.records = x->records;
	x->f.records_n = v->records_n;
	x->f.nodes = x->nodes;
	x->f.files = x->files;
	x->f.record = record_give;
	x->f.arg = x;
}

enum co_rc
step_case(struct verify *v, struct co_err *err)
{
	const char *form = bag_info_get(&v->info, "Comity-Case");
	char own[16];
	size_t files = verify_count(v, "data/exhibits/", "") + 1;
	digest_auto *made = NULL;
	CO_CLEANUP(facts_deinit)
	struct facts x = { .v = v,
		.records = calloc(v->records_n + 1, sizeof(*x.records)),
		.nodes = calloc(v->who.n + 1, sizeof(*x.nodes)),
		.files = calloc(files, sizeof(*x.files)),
		.ids = calloc(files, sizeof(*x.ids)) };

	if (x.records == NULL || x.nodes == NULL || x.files == NULL || x.ids == NULL)
		return co_fail(err, CO_ENOMEM, "case.jsonld");
	if (index_find(&v->index, "data/case.jsonld") == NULL)
		return co_fail(err, CO_EVERIFY, "data/case.jsonld is missing");
	(void)snprintf(own, sizeof(own), "%d", (int)CASE_FORM);
	if (form == NULL || strcmp(form, own) != 0) {
		say(v, VERIFY_NOTE,
			"case.jsonld is unchanged, but written by another version: what it says "
			"was not compared with the records");
		return CO_OK;
	}
	facts_fill(&x);
	TRY(digest_new(&made, DIGEST_SHA256, err));
	TRY(case_graph(&x.f, digest_sink, made, err));
	TRY(verify_made(v, "data/case.jsonld", made, err));
	say(v, VERIFY_HOLDS, "case.jsonld says what the %zu records say", v->records_n);
	return CO_OK;
}
