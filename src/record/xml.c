#include "record/xml.h"

#include "base/enc.h"
#include "base/limits.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* ---- writing ---- */
static void
raw(struct xml_out *x, const char *s)
{
	if (x->rc == CO_OK)
		x->rc = co_buf_add_str(x->to, s, NULL);
}

static void
escaped(struct xml_out *x, const char *s)
{
	if (!co_utf8_valid(s))
		x->rc = CO_EMALFORMED;
	for (; *s != '\0' && x->rc == CO_OK; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '&' || c == '<' || c == '>' || c == '"')
			raw(x, c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;"
				: "&quot;");
		else if (c < 0x20 && c != '\t' && c != '\n')
			x->rc = CO_EMALFORMED;
		else
			x->rc = co_buf_add_u8(x->to, c, NULL);
	}
}

void
xml_begin(struct xml_out *x, struct co_buf *to)
{
	*x = (struct xml_out){ .to = to };
	raw(x, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

static void
tag_end(struct xml_out *x)
{
	if (x->in_tag)
		raw(x, ">");
	x->in_tag = false;
}

void
xml_open(struct xml_out *x, const char *name)
{
	tag_end(x);
	if (x->depth == XML_DEPTH)
		x->rc = CO_EINTERNAL;
	if (x->rc != CO_OK)
		return;
	x->open[x->depth++] = name;
	raw(x, "<");
	raw(x, name);
	x->in_tag = true;
}

void
xml_attr(struct xml_out *x, const char *name, const char *value)
{
	raw(x, " ");
	raw(x, name);
	raw(x, "=\"");
	escaped(x, value);
	raw(x, "\"");
}

void
xml_text(struct xml_out *x, const char *s)
{
	tag_end(x);
	escaped(x, s);
}

void
xml_close(struct xml_out *x)
{
	if (x->rc != CO_OK || x->depth == 0)
		return;
	x->depth--;
	if (x->in_tag) {
		raw(x, "/>");
		x->in_tag = false;
		return;
	}
	raw(x, "</");
	raw(x, x->open[x->depth]);
	raw(x, ">");
}

enum co_rc
xml_end(struct xml_out *x, struct co_err *err)
{
	while (x->rc == CO_OK && x->depth > 0)
		xml_close(x);
	return x->rc == CO_OK ? CO_OK : co_fail(err, x->rc, "write XML: %s", co_rc_text(x->rc));
}

/* ---- reading ---- */
struct xml_doc {
	xmlDoc *doc;
};

static pthread_once_t xml_once = PTHREAD_ONCE_INIT;

/* The parser's tables are made once; nothing is ever loaded for a document. */
static xmlParserInput *
load_nothing(const char *url, const char *id, xmlParserCtxt *ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	return NULL;
}

static void
xml_prepare(void)
{
	xmlInitParser();
	xmlSetExternalEntityLoader(load_nothing);
}

/* Called at a DOCTYPE, before anything of it is read. */
static void
refuse_doctype(void *arg, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
	(void)name;
	(void)id;
	(void)system;
	xmlStopParser(arg);
}

static enum co_rc
bytes_ok(const void *p, size_t n, struct co_err *err)
{
	char *copy;
	bool good, doctype;

	if (n > LIMIT_XML)
		return co_fail(err, CO_ETOOBIG, "XML of more than %u bytes", LIMIT_XML);
	copy = strndup(p, n);
	if (copy == NULL)
		return co_fail(err, CO_ENOMEM, "XML");
	good = strlen(copy) == n && co_utf8_valid(copy);
	doctype = strcasestr(copy, "<!DOCTYPE") != NULL || strcasestr(copy, "<!ENTITY") != NULL;
	free(copy);
	if (!good)
		return co_fail(err, CO_EMALFORMED, "the XML is not UTF-8");
	if (doctype)
		return co_fail(err, CO_EMALFORMED,
			"the XML has a DOCTYPE, which is never read: it could name other files");
	return CO_OK;
}

enum co_rc
xml_read(struct xml_doc **out, const void *p, size_t n, struct co_err *err)
{
	enum { FLAGS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
		XML_PARSE_IGNORE_ENC | XML_PARSE_NOCDATA };
	xml_auto *d = NULL;
	xmlParserCtxt *ctxt;
	int line;

	TRY(bytes_ok(p, n, err));
	(void)pthread_once(&xml_once, xml_prepare);
	d = calloc(1, sizeof(*d));
	ctxt = xmlNewParserCtxt();
	if (d == NULL || ctxt == NULL) {
		xmlFreeParserCtxt(ctxt);
		return co_fail(err, CO_ENOMEM, "XML");
	}
	ctxt->sax->internalSubset = refuse_doctype;
	d->doc = xmlCtxtReadMemory(ctxt, p, (int)n, NULL, "UTF-8", FLAGS);
	line = ctxt->lastError.line;
	xmlFreeParserCtxt(ctxt);
	if (d->doc == NULL || xmlDocGetRootElement(d->doc) == NULL)
		return co_fail(err, CO_EMALFORMED, "the XML is not well-formed, at line %d", line);
	*out = CO_TAKE(d);
	return CO_OK;
}

void
xml_free(struct xml_doc **d)
{
	if (*d == NULL)
		return;
	xmlFreeDoc((*d)->doc);
	free(*d);
	*d = NULL;
}

/* A node of ours is a node of the library: one cast in each direction. */
static const xmlNode *
inner(const struct xml_node *n)
{
	return (const xmlNode *)(const void *)n;
}

static const struct xml_node *
element_from(const xmlNode *n)
{
	while (n != NULL && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return (const struct xml_node *)(const void *)n;
}

const struct xml_node *
xml_root(const struct xml_doc *d)
{
	return element_from(xmlDocGetRootElement(d->doc));
}

const struct xml_node *
xml_first(const struct xml_node *n)
{
	return element_from(inner(n)->children);
}

const struct xml_node *
xml_next(const struct xml_node *n)
{
	return element_from(inner(n)->next);
}

bool
xml_is(const struct xml_node *n, const char *namespace, const char *name)
{
	const xmlNode *x = inner(n);

	if (strcmp((const char *)x->name, name) != 0)
		return false;
	return namespace == NULL ||
		(x->ns != NULL && x->ns->href != NULL &&
			strcmp((const char *)x->ns->href, namespace) == 0);
}

/* xmlFree may be another allocator's: what leaves this room is free()'s. */
static char *
taken(xmlChar *s)
{
	char *copy = s == NULL ? NULL : strdup((const char *)s);

	xmlFree(s);
	return copy;
}

char *
xml_value(const struct xml_node *n, const char *attr)
{
	return taken(xmlGetNoNsProp(inner(n), (const xmlChar *)attr));
}

char *
xml_content(const struct xml_node *n)
{
	return taken(xmlNodeGetContent(inner(n)));
}
