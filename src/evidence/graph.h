/* The nodes of a graph in JSON-LD, each named by a UUID. A case of many records has many nodes, of
 * which few are touched at a time: a node rests as text and is an object only from the moment it is
 * asked for until graph_settle. Must never know what its nodes mean. */
#pragma once

#include "base/buf.h"
#include "base/uuid.h"

#include <jansson.h>

enum { IRI_LEN = 9 + CO_UUID_LEN };
struct iri {
	char text[IRI_LEN + 1]; /* "urn:uuid:..." */
};

struct graph_node {
	struct iri id;
	json_t *live; /* NULL: at rest */
	char *text;   /* as it rested last; NULL: never yet */
};

struct graph {
	struct graph_node *nodes; /* in the order in which they were named first */
	size_t n, room;
	unsigned char seed[16];
	uint32_t *slots; /* by seed and id: place in nodes + 1; 0: free */
	size_t slots_n;
	uint32_t *live;
	size_t live_n, live_room;
	size_t bytes; /* of text */
	bool failed;  /* out of memory somewhere, or beyond LIMIT_PACKAGE_MEMBER */
};

void graph_init(struct graph *g);
void graph_deinit(struct graph *g);
/* Borrowed until the next graph_settle; made, and *fresh, the first time. NULL: failed. */
json_t *graph_node(struct graph *g, const struct iri *id, const char *type, bool *fresh);
json_t *graph_find(struct graph *g, const struct iri *id); /* NULL: not there */
/* Whatever was touched rests again. */
void graph_settle(struct graph *g);
/* {"@context": context, "@graph": [...]}, as jansson indents by one. The nodes are gone after. */
enum co_rc graph_print(struct graph *g, const json_t *context, co_sink *sink, void *arg,
	struct co_err *err) CO_NODISCARD;
