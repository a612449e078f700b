#include "evidence/graph.h"

#include "base/limits.h"
#include "crypto/digest.h"

#include <string.h>

void
graph_init(struct graph *g)
{
	*g = (struct graph){ .n = 0 };
	crypto_random(g->seed, sizeof(g->seed));
}

static void
node_deinit(struct graph_node *k)
{
	json_decref(k->live);
	free(k->text);
	*k = (struct graph_node){ .live = NULL };
}

void
graph_deinit(struct graph *g)
{
	for (size_t i = 0; i < g->n; i++)
		node_deinit(&g->nodes[i]);
	free(g->nodes);
	free(g->slots);
	free(g->live);
}

/* ---- by id ---- */

/* Ids are a stranger's: whoever makes a package cannot choose them so that they meet in one
 * slot. */
static size_t
hash(const struct graph *g, const struct iri *id)
{
	unsigned char both[sizeof(g->seed) + sizeof(id->text)], digest[SHA256_LEN];
	size_t n = strlen(id->text), at;

	memcpy(both, g->seed, sizeof(g->seed));
	memcpy(both + sizeof(g->seed), id->text, n);
	sha256(both, sizeof(g->seed) + n, digest);
	memcpy(&at, digest, sizeof(at));
	return at;
}

/* The slot of the id, or the free one where it belongs. */
static uint32_t *
slot(const struct graph *g, const struct iri *id)
{
	size_t at = hash(g, id) & (g->slots_n - 1);

	while (g->slots[at] != 0 && strcmp(g->nodes[g->slots[at] - 1].id.text, id->text) != 0)
		at = (at + 1) & (g->slots_n - 1);
	return &g->slots[at];
}

static bool
slots_grow(struct graph *g)
{
	uint32_t *old = g->slots;
	size_t n = g->slots_n == 0 ? 64 : g->slots_n * 2;

	if (n > UINT32_MAX / 2)
		return false;
	g->slots = calloc(n, sizeof(*g->slots));
	if (g->slots == NULL) {
		g->slots = old;
		return false;
	}
	g->slots_n = n;
	for (size_t i = 0; i < g->n; i++)
		*slot(g, &g->nodes[i].id) = (uint32_t)i + 1;
	free(old);
	return true;
}

/* Room for one more, and half of the slots free. */
static bool
grow(struct graph *g)
{
	struct graph_node *more;
	size_t room = g->room == 0 ? 64 : g->room * 2;

	if (g->n == g->room) {
		more = realloc(g->nodes, room * sizeof(*more));
		if (more == NULL)
			return false;
		g->nodes = more;
		g->room = room;
	}
	return 2 * (g->n + 1) <= g->slots_n || slots_grow(g);
}

static bool
live_add(struct graph *g, size_t i)
{
	size_t room = g->live_room == 0 ? 64 : g->live_room * 2;
	uint32_t *more;

	if (g->live_n == g->live_room) {
		more = realloc(g->live, room * sizeof(*more));
		if (more == NULL)
			return false;
		g->live = more;
		g->live_room = room;
	}
	g->live[g->live_n++] = (uint32_t)i;
	return true;
}

/* ---- at rest and not ---- */
static json_t *
wake(struct graph *g, size_t i)
{
	struct graph_node *k = &g->nodes[i];

	if (k->live != NULL)
		return k->live;
	k->live = k->text == NULL ? NULL : json_loads(k->text, 0, NULL);
	if (k->live == NULL || !live_add(g, i)) {
		g->failed = true;
		return NULL;
	}
	return k->live;
}

void
graph_settle(struct graph *g)
{
	for (size_t i = 0; i < g->live_n; i++) {
		struct graph_node *k = &g->nodes[g->live[i]];
		char *text = json_dumps(k->live, JSON_COMPACT);

		if (text == NULL) {
			g->failed = true;
			continue;
		}
		g->bytes += strlen(text) - (k->text == NULL ? 0 : strlen(k->text));
		free(k->text);
		k->text = text;
		json_decref(k->live);
		k->live = NULL;
	}
	g->live_n = 0;
	g->failed = g->failed || g->bytes > LIMIT_PACKAGE_MEMBER;
}

json_t *
graph_find(struct graph *g, const struct iri *id)
{
	uint32_t *at = g->slots_n == 0 ? NULL : slot(g, id);

	return at == NULL || *at == 0 ? NULL : wake(g, *at - 1);
}

json_t *
graph_node(struct graph *g, const struct iri *id, const char *type, bool *fresh)
{
	uint32_t *at = g->slots_n == 0 ? NULL : slot(g, id);
	json_t *o;

	*fresh = at == NULL || *at == 0;
	if (!*fresh)
		return wake(g, *at - 1);
	o = json_pack("{s:s,s:s}", "@id", id->text, "@type", type);
	if (o == NULL || !grow(g) || !live_add(g, g->n)) {
		json_decref(o);
		g->failed = true;
		return NULL;
	}
	*slot(g, id) = (uint32_t)g->n + 1;
	g->nodes[g->n++] = (struct graph_node){ .id = *id, .live = o };
	return o;
}

/* ---- out ---- */
struct print {
	co_sink *sink;
	void *arg;
	struct co_err *err;
};

/* In a string of JSON no line ends, so what stands deeper is what has more blanks before it. */
static enum co_rc
print_deeper(const struct print *p, const json_t *o, const char *blanks)
{
	co_auto_free char *text = json_dumps(o, JSON_INDENT(1));
	const char *at = text;

	if (text == NULL)
		return co_fail(p->err, CO_ENOMEM, "case.jsonld");
	for (;;) {
		size_t n = strcspn(at, "\n");

		TRY(p->sink(p->arg, at, n + (at[n] == '\n'), p->err));
		if (at[n] == '\0')
			return CO_OK;
		TRY(p->sink(p->arg, blanks, strlen(blanks), p->err));
		at += n + 1;
	}
}

static enum co_rc
print_text(const struct print *p, const char *text)
{
	return p->sink(p->arg, text, strlen(text), p->err);
}

enum co_rc
graph_print(struct graph *g, const json_t *context, co_sink *sink, void *arg, struct co_err *err)
{
	const struct print p = { sink, arg, err };

	graph_settle(g);
	if (g->bytes > LIMIT_PACKAGE_MEMBER)
		return co_fail(err, CO_ETOOBIG, "case.jsonld would be longer than %u MiB",
			LIMIT_PACKAGE_MEMBER / 1024 / 1024);
	if (g->failed)
		return co_fail(err, CO_ENOMEM, "case.jsonld");
	TRY(print_text(&p, "{\n \"@context\": "));
	TRY(print_deeper(&p, context, " "));
	TRY(print_text(&p, ",\n \"@graph\": ["));
	for (size_t i = 0; i < g->n; i++) {
		json_t *o = json_loads(g->nodes[i].text, 0, NULL);
		enum co_rc rc = print_text(&p, i == 0 ? "\n  " : ",\n  ");

		node_deinit(&g->nodes[i]);
		if (rc == CO_OK)
			rc = print_deeper(&p, o, "  ");
		json_decref(o);
		TRY(rc);
	}
	g->n = 0;
	return print_text(&p, "\n ]\n}\n");
}
