/* case.jsonld: what happened in a case, in the words of CASE and UCO 1.4 (Apache-2.0 ontologies),
 * for tools that know those. Plain JSON with one fixed context; made from the signed records and
 * nothing else, so that the same records give the same bytes and a verifier makes it again and
 * compares. Pure: no clock, no file. What stands where: docs/protocol.md, "Package". */
#pragma once

#include "base/buf.h"

#include <jansson.h>
#include <stdint.h>

enum { CASE_FORM = 1 }; /* changes whenever the same records would give other bytes */

struct case_record {
	const char *id;
	uint64_t size;
	char sha256[65];
	bool action; /* somebody did something: all but receipts */
};
struct case_node {
	const char *address, *name, *economy, *role; /* as its newest entry says */
};
/* A file of the payload under data/exhibits. */
struct case_file {
	const char *exhibit, *path;
	bool sealed;
};
struct case_facts {
	const char *case_id;
	const struct case_record *records; /* in order of ids */
	const struct case_node *nodes;     /* in order of addresses */
	const struct case_file *files;     /* in order of paths */
	size_t records_n, nodes_n, files_n;
	/* records[i] as parsed, the caller's: asked for when it is needed, so that not all are in
	 * memory at once. */
	enum co_rc (*record)(void *arg, size_t i, json_t **out, struct co_err *err);
	void *arg;
};
/* Whole, to sink. */
enum co_rc case_graph(const struct case_facts *f, co_sink *sink, void *arg,
	struct co_err *err) CO_NODISCARD;
