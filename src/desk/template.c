#include "desk/inside.h"

#include "words/catalogue.h"
#include "words/language.h"
#include "desk/template_files.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

enum { NODES_MAX = 16384, DEPTH_MAX = 24, STACK_MAX = 32, NAME_MAX_LEN = 64 };

enum node_kind {
	NODE_TEXT,
	NODE_VALUE,
	NODE_SECTION,
	NODE_INVERTED,
	NODE_PARTIAL,
	NODE_PAGE,
	NODE_WORDS,
	NODE_COUNTED,
	NODE_END
};

/* Text and names are borrowed from the template's file. */
struct node {
	enum node_kind kind;
	const char *s;
	size_t n;
	template_filter *filter; /* NODE_VALUE */
	size_t end;              /* section: index of its NODE_END; partial: template's index */
	char *words;             /* NODE_WORDS, NODE_COUNTED: the message, NUL-terminated */
	const char *many; /* NODE_COUNTED: the message for several, in words; s is the count */
};

struct template
{
	const char *name;
	size_t first; /* in nodes, up to NODE_END with n 0 */
};

static struct node *nodes;
static size_t nodes_n;
static struct template *templates;
static size_t templates_n;
static struct co_err templates_err;
static pthread_once_t templates_once = PTHREAD_ONCE_INIT;

/* ---- parsing ---- */

struct parser {
	const char *file, *start, *at, *end;
	size_t open[DEPTH_MAX]; /* sections not closed yet */
	size_t open_n;
};

static enum co_rc
parse_fail(const struct parser *p, const char *what)
{
	unsigned line = 1;

	for (const char *c = p->start; c < p->at; c++)
		line += *c == '\n';
	return co_fail(
		&templates_err, CO_EINTERNAL, "templates/%s.html:%u: %s", p->file, line, what);
}

static struct node *
node_add(enum node_kind kind, const char *s, size_t n)
{
	struct node *node;

	assert(nodes_n < NODES_MAX);
	node = &nodes[nodes_n++];
	*node = (struct node){ .kind = kind, .s = s, .n = n };
	return node;
}

static bool
template_index(const char *name, size_t n, size_t *out)
{
	for (size_t i = 0; i < templates_n; i++) {
		if (strlen(templates[i].name) == n && memcmp(templates[i].name, name, n) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static enum co_rc
parse_close(struct parser *p, const char *s, size_t n)
{
	struct node *open;

	if (p->open_n == 0)
		return parse_fail(p, "closes a section that is not open");
	open = &nodes[p->open[--p->open_n]];
	if (open->n != n || memcmp(open->s, s, n) != 0)
		return parse_fail(p, "closes another section than the one open");
	open->end = nodes_n;
	(void)node_add(NODE_END, s, n);
	return CO_OK;
}

static enum co_rc
parse_section(struct parser *p, enum node_kind kind, const char *s, size_t n)
{
	if (p->open_n == DEPTH_MAX)
		return parse_fail(p, "sections too deep");
	p->open[p->open_n++] = nodes_n;
	(void)node_add(kind, s, n);
	return CO_OK;
}

static enum co_rc
parse_partial(struct parser *p, const char *s, size_t n)
{
	size_t i;

	if (n == 1 && *s == '@') {
		(void)node_add(NODE_PAGE, s, n);
		return CO_OK;
	}
	if (!template_index(s, n, &i))
		return parse_fail(p, "includes a template that does not exist");
	node_add(NODE_PARTIAL, s, n)->end = i;
	return CO_OK;
}

static enum co_rc
parse_words(struct parser *p, const char *s, size_t n)
{
	struct node *node = node_add(NODE_WORDS, s, n);

	(void)p;
	node->words = strndup(s, n);
	return node->words == NULL ? co_fail(&templates_err, CO_ENOMEM, "templates") : CO_OK;
}

/* "count|{n} day|{n} days" */
static enum co_rc
parse_counted(struct parser *p, const char *s, size_t n)
{
	const char *one = memchr(s, '|', n), *many;
	struct node *node;

	many = one == NULL ? NULL : memchr(one + 1, '|', n - (size_t)(one + 1 - s));
	if (many == NULL)
		return parse_fail(p, "a count wants a name and two messages");
	node = node_add(NODE_COUNTED, s, (size_t)(one - s));
	node->words = strndup(one + 1, n - (size_t)(one + 1 - s));
	if (node->words == NULL)
		return co_fail(&templates_err, CO_ENOMEM, "templates");
	node->words[many - one - 1] = '\0';
	node->many = node->words + (many - one);
	return CO_OK;
}

static enum co_rc
parse_value(struct parser *p, const char *s, size_t n)
{
	const char *bar = memchr(s, '|', n);
	size_t name = bar == NULL ? n : (size_t)(bar - s);
	struct node *node;

	if (name == 0 || name > NAME_MAX_LEN)
		return parse_fail(p, "a value without a name, or with a long one");
	node = node_add(NODE_VALUE, s, name);
	if (bar != NULL)
		node->filter = template_filter_find(bar + 1, n - name - 1);
	return bar != NULL && node->filter == NULL ? parse_fail(p, "no such filter") : CO_OK;
}

static enum co_rc
parse_tag(struct parser *p, const char *s, size_t n)
{
	while (n > 0 && s[n - 1] == ' ')
		n--;
	if (n == 0)
		return parse_fail(p, "an empty tag");
	switch (*s) {
	case '#':
		return parse_section(p, NODE_SECTION, s + 1, n - 1);
	case '^':
		return parse_section(p, NODE_INVERTED, s + 1, n - 1);
	case '/':
		return parse_close(p, s + 1, n - 1);
	case '>':
		return parse_partial(p, s + 1, n - 1);
	case '_':
		if (n > 3 && s[1] == 'n' && s[2] == ' ')
			return parse_counted(p, s + 3, n - 3);
		return n < 3 ? parse_fail(p, "no words") : parse_words(p, s + 2, n - 2);
	case '!':
		return CO_OK;
	default:
		return parse_value(p, s, n);
	}
}

static enum co_rc
template_parse(const struct template_files *f)
{
	struct parser p = {
		.file = f->name, .start = f->data, .at = f->data, .end = f->data + f->n
	};

	while (p.at < p.end) {
		const char *tag = memmem(p.at, (size_t)(p.end - p.at), "{{", 2), *close;

		if (tag == NULL)
			tag = p.end;
		if (tag > p.at)
			(void)node_add(NODE_TEXT, p.at, (size_t)(tag - p.at));
		p.at = tag;
		if (tag == p.end)
			break;
		close = memmem(tag, (size_t)(p.end - tag), "}}", 2);
		if (close == NULL)
			return parse_fail(&p, "a tag that does not end");
		close += close + 2 < p.end && close[2] == '}'; /* "{{_ To {name}}}" */
		TRY(parse_tag(&p, tag + 2, (size_t)(close - tag - 2)));
		p.at = close + 2;
	}
	if (p.open_n > 0)
		return parse_fail(&p, "a section that does not end");
	(void)node_add(NODE_END, "", 0);
	return CO_OK;
}

static void
templates_load(void)
{
	for (const struct template_files *f = template_files; f->name != NULL; f++)
		templates_n++;
	templates = calloc(templates_n, sizeof(*templates));
	nodes = calloc(NODES_MAX, sizeof(*nodes));
	if (templates == NULL || nodes == NULL) {
		(void)co_fail(&templates_err, CO_ENOMEM, "templates");
		return;
	}
	for (size_t i = 0; i < templates_n; i++)
		templates[i].name = template_files[i].name;
	for (size_t i = 0; i < templates_n; i++) {
		templates[i].first = nodes_n;
		if (template_parse(&template_files[i]) != CO_OK)
			return;
	}
}

enum co_rc
templates_check(struct co_err *err)
{
	(void)pthread_once(&templates_once, templates_load);
	if (templates_err.rc != CO_OK)
		return co_fail(err, templates_err.rc, "%s", templates_err.msg);
	return CO_OK;
}

/* ---- rendering ---- */

struct render {
	const json_t *stack[STACK_MAX];
	size_t depth;
	const struct template_view *view;
	struct co_buf *out;
	struct co_err *err;
	const struct template *page; /* what {{>@}} stands for */
	unsigned partials;
};

static const json_t *
lookup_in(const json_t *o, const char *s, size_t n)
{
	char key[NAME_MAX_LEN + 1];

	if (!json_is_object(o) || n > NAME_MAX_LEN)
		return NULL;
	memcpy(key, s, n);
	key[n] = '\0';
	return json_object_get(o, key);
}

static const json_t *
lookup(const struct render *r, const char *s, size_t n)
{
	const char *dot = memchr(s, '.', n);
	size_t first = dot == NULL ? n : (size_t)(dot - s);
	const json_t *v = NULL;

	if (n == 1 && *s == '.')
		return r->stack[r->depth - 1];
	for (size_t i = r->depth; v == NULL && i-- > 0;)
		v = lookup_in(r->stack[i], s, first);
	while (v != NULL && dot != NULL) {
		s = dot + 1;
		n -= first + 1;
		dot = memchr(s, '.', n);
		first = dot == NULL ? n : (size_t)(dot - s);
		v = lookup_in(v, s, first);
	}
	return v;
}

static enum co_rc
value_plain(struct render *r, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return html_text(r->out, json_string_value(v), json_string_length(v), r->err);
	case JSON_INTEGER:
		return co_buf_addf(r->out, r->err, "%lld", (long long)json_integer_value(v));
	case JSON_REAL:
		return co_buf_addf(r->out, r->err, "%g", json_real_value(v));
	case JSON_TRUE:
		return co_buf_add_str(r->out, "true", r->err);
	case JSON_FALSE:
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
	default:
		return CO_OK;
	}
}

static enum co_rc
value_render(struct render *r, const struct node *node)
{
	const json_t *v = lookup(r, node->s, node->n);

	if (v == NULL || json_is_null(v))
		return CO_OK;
	return node->filter != NULL ? node->filter(v, r->view, r->out, r->err) : value_plain(r, v);
}

/* A value inside words. Where words run from the right, it keeps its own direction (Unicode
 * isolates: they also hold inside attributes). */
static enum co_rc
words_value(struct render *r, const json_t *v)
{
	bool rtl = language_of(catalogue_language(r->view->words))->rtl;

	if (v == NULL)
		return CO_OK;
	if (rtl)
		TRY(co_buf_add_str(r->out, "\u2068", r->err));
	TRY(value_plain(r, v));
	return rtl ? co_buf_add_str(r->out, "\u2069", r->err) : CO_OK;
}

/* "{name}" in a message is a value; everything else is text. */
static enum co_rc
words_render(struct render *r, const struct node *node)
{
	const json_t *count = node->kind == NODE_COUNTED ? lookup(r, node->s, node->n) : NULL;
	const char *s = node->kind == NODE_COUNTED
		? catalogue_many(r->view->words, node->words, node->many,
			  (uint64_t)json_integer_value(count))
		: catalogue_text(r->view->words, node->words);

	while (*s != '\0') {
		size_t n = strcspn(s, "{");
		const char *close = s[n] == '{' ? strchr(s + n, '}') : NULL;
		const json_t *v;

		TRY(html_text(r->out, s, n, r->err));
		s += n;
		if (close == NULL) {
			if (*s != '\0')
				TRY(html_text(r->out, s++, 1, r->err));
			continue;
		}
		v = lookup(r, s + 1, (size_t)(close - s - 1));
		TRY(words_value(r, v));
		s = close + 1;
	}
	return CO_OK;
}

static bool
truth(const json_t *v)
{
	return !(v == NULL || json_is_null(v) || json_is_false(v) ||
		(json_is_array(v) && json_array_size(v) == 0) ||
		(json_is_string(v) && json_string_length(v) == 0) ||
		(json_is_integer(v) && json_integer_value(v) == 0));
}

static enum co_rc render_nodes(struct render *r, size_t i, size_t end);

static enum co_rc
render_inside(struct render *r, const json_t *v, size_t i, size_t end)
{
	enum co_rc rc;

	if (r->depth == STACK_MAX)
		return co_fail(r->err, CO_EINTERNAL, "templates nested too deep");
	r->stack[r->depth++] = v;
	rc = render_nodes(r, i, end);
	r->depth--;
	return rc;
}

static enum co_rc
section_render(struct render *r, size_t at)
{
	const struct node *node = &nodes[at];
	const json_t *v = lookup(r, node->s, node->n), *each;
	size_t i;

	if (node->kind == NODE_INVERTED)
		return truth(v) ? CO_OK : render_nodes(r, at + 1, node->end);
	if (!truth(v))
		return CO_OK;
	if (!json_is_array(v))
		return render_inside(r, v, at + 1, node->end);
	json_array_foreach(v, i, each) TRY(render_inside(r, each, at + 1, node->end));
	return CO_OK;
}

static enum co_rc
partial_render(struct render *r, size_t first)
{
	size_t end = first;
	enum co_rc rc;

	if (r->partials == DEPTH_MAX)
		return co_fail(r->err, CO_EINTERNAL, "a template includes itself");
	while (nodes[end].kind != NODE_END || nodes[end].n != 0)
		end++;
	r->partials++;
	rc = render_nodes(r, first, end);
	r->partials--;
	return rc;
}

static enum co_rc
render_nodes(struct render *r, size_t i, size_t end)
{
	for (; i < end; i++) {
		const struct node *node = &nodes[i];

		switch (node->kind) {
		case NODE_TEXT:
			TRY(co_buf_add(r->out, node->s, node->n, r->err));
			break;
		case NODE_VALUE:
			TRY(value_render(r, node));
			break;
		case NODE_SECTION:
		case NODE_INVERTED:
			TRY(section_render(r, i));
			i = node->end;
			break;
		case NODE_PARTIAL:
			TRY(partial_render(r, templates[node->end].first));
			break;
		case NODE_PAGE:
			TRY(partial_render(r, r->page->first));
			break;
		case NODE_WORDS:
		case NODE_COUNTED:
			TRY(words_render(r, node));
			break;
		case NODE_END:
		default:
			break;
		}
	}
	return CO_OK;
}

enum co_rc
template_render(const char *layout, const char *page, const json_t *values,
	const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	struct render r = { .view = view, .out = out, .err = err };
	size_t p, l;

	TRY(templates_check(err));
	if (!template_index(page, strlen(page), &p) ||
		(layout != NULL && !template_index(layout, strlen(layout), &l)))
		return co_fail(err, CO_EINTERNAL, "no template %s", page);
	r.page = &templates[p];
	r.stack[r.depth++] = values;
	return partial_render(&r, templates[layout == NULL ? p : l].first);
}

/* The templates that follow are dropped again. */
static void
nodes_drop(size_t keep)
{
	while (nodes_n > keep)
		free(nodes[--nodes_n].words);
}

enum co_rc
template_try(const char *name, const char *text, const json_t *values,
	const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const struct template_files file = { name, text, strlen(text) };
	struct render r = { .view = view, .out = out, .err = err };
	size_t first;
	enum co_rc rc;

	TRY(templates_check(err));
	first = nodes_n;
	rc = template_parse(&file);
	if (rc != CO_OK) {
		(void)co_fail(err, rc, "%s", templates_err.msg);
		co_err_clear(&templates_err);
	} else {
		r.stack[r.depth++] = values;
		rc = partial_render(&r, first);
	}
	nodes_drop(first);
	return rc;
}

/* ---- escaping ---- */

enum co_rc
html_text(struct co_buf *out, const char *s, size_t n, struct co_err *err)
{
	static const struct {
		char c;
		const char *as;
	} rows[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
		{ '\'', "&#39;" } };
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < CO_ARRAY_LEN(rows); k++) {
			if (s[i] != rows[k].c)
				continue;
			TRY(co_buf_add(out, s + from, i - from, err));
			TRY(co_buf_add_str(out, rows[k].as, err));
			from = i + 1;
		}
	}
	return co_buf_add(out, s + from, n - from, err);
}
