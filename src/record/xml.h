/* XML for the few formats that want it (ASiC manifests; ETSI hand-over later). The only user of
 * libxml2. Reads UTF-8 within a size, and never a DOCTYPE: so no entities, no external anything,
 * no network (XML 1.0; CVE-2026-6732 came by a DOCTYPE). Pure: bytes <-> nodes. */
#pragma once

#include "base/buf.h"

/* ---- writing: elements nest, all text is escaped; a failure sticks and xml_end tells it ---- */
enum { XML_DEPTH = 16 };
struct xml_out {
	struct co_buf *to;
	const char *open[XML_DEPTH];
	size_t depth;
	bool in_tag;
	enum co_rc rc;
};
void xml_begin(struct xml_out *x, struct co_buf *to); /* writes the declaration */
void xml_open(struct xml_out *x, const char *name);   /* name is kept until xml_close */
void xml_attr(struct xml_out *x, const char *name, const char *value);
void xml_text(struct xml_out *x, const char *s);
void xml_close(struct xml_out *x);
/* CO_EMALFORMED: a text had a character that XML cannot carry. */
enum co_rc xml_end(struct xml_out *x, struct co_err *err) CO_NODISCARD;

/* ---- reading ---- */
struct xml_doc;
struct xml_node; /* borrowed from the document */
/* CO_EMALFORMED names the line; CO_ETOOBIG over LIMIT_XML. */
enum co_rc xml_read(struct xml_doc **out, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
void xml_free(struct xml_doc **d);
#define xml_auto CO_CLEANUP(xml_free) struct xml_doc
const struct xml_node *xml_root(const struct xml_doc *d);
const struct xml_node *xml_first(const struct xml_node *n); /* child elements, in order; NULL */
const struct xml_node *xml_next(const struct xml_node *n);
/* namespace NULL: in any. */
bool xml_is(const struct xml_node *n, const char *namespace, const char *name);
/* The value of the attribute without namespace, or the text inside; free(). NULL: none, or no
 * memory. */
char *xml_value(const struct xml_node *n, const char *attr);
char *xml_content(const struct xml_node *n);
