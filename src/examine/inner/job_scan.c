/* YARA: rules are compiled here, because they are a stranger's as much as the image is. No
 * includes, no file but the image's. A file longer than a window is looked at in windows that
 * overlap; then conditions are about each window, and the line says so. */
#include "examine/inner/lost.h"

#include "examine/inner/job.h"

#include "base/limits_examine.h"

#include <string.h>
#include <yara.h>

enum { WINDOW = 16 * 1024 * 1024, OVERLAP = 64 * 1024, FILE_TIME_S = 120, STRINGS = 32 };

struct scanning {
	struct job *job;
	YR_RULES *rules;
	unsigned char *window;
	const struct item *item;
	uint64_t at; /* of the window */
	bool part;   /* the window is not the whole file */
	uint64_t matches, slow;
	struct co_err *err;
	enum co_rc rc;
	char why[320]; /* of the compiler, the first error */
	int errors;
};

static void
scanning_deinit(struct scanning *s)
{
	if (s->rules != NULL)
		(void)yr_rules_destroy(s->rules);
	(void)yr_finalize();
}

static void
compile_says(int level, const char *file, int line, const YR_RULE *rule, const char *text,
	void *arg)
{
	struct scanning *s = arg;

	(void)file, (void)rule;
	/* A text that ends too early has no line for YARA. */
	if (level == YARA_ERROR_LEVEL_ERROR && s->errors++ == 0)
		(void)(line > 0 ? snprintf(s->why, sizeof(s->why), "line %d: %s", line, text)
				: snprintf(s->why, sizeof(s->why), "at its end: %s", text));
}

static const char *
no_include(const char *name, const char *file, const char *space, void *arg)
{
	(void)name, (void)file, (void)space, (void)arg;
	return NULL;
}

/* ---- matches ---- */

/* YARA 4.2 puts them wherever its memory goes on, aligned or not: they are copied out. */
static void
matches_of(struct scanning *s, const YR_MATCH *at, const YR_STRING *string, json_t *list)
{
	while (at != NULL && json_array_size(list) < STRINGS) {
		YR_MATCH match;
		json_t *o;

		memcpy(&match, at, sizeof(match));
		at = match.next;
		if (match.is_private)
			continue;
		o = json_pack("{s:I,s:i}", "offset",
			(json_int_t)(s->at + (uint64_t)match.base + (uint64_t)match.offset),
			"length", match.match_length);
		say_text(o, "string", string->identifier);
		(void)json_array_append_new(list, o);
	}
}

static json_t *
strings_of(struct scanning *s, YR_SCAN_CONTEXT *context, YR_RULE *rule)
{
	json_t *list = json_array();
	const YR_STRING *string;

	yr_rule_strings_foreach(rule, string)
		matches_of(s, context->matches[string->idx].head, string, list);
	return list;
}

static json_t *
tags_of(YR_RULE *rule)
{
	json_t *list = json_array(), *o = json_object();
	const char *tag;

	yr_rule_tags_foreach(rule, tag)
	{
		say_text(o, "tag", tag);
		(void)json_array_append(list, json_object_get(o, "tag"));
	}
	json_decref(o);
	return list;
}

static int
told(YR_SCAN_CONTEXT *context, int message, void *data, void *arg)
{
	struct scanning *s = arg;
	YR_RULE *rule = data;
	json_t *o;

	if (message != CALLBACK_MSG_RULE_MATCHING)
		return CALLBACK_CONTINUE;
	o = item_json(s->item);
	say_text(o, "rule", rule->identifier);
	say_text(o, "namespace", rule->ns->name);
	(void)json_object_set_new(o, "tags", tags_of(rule));
	(void)json_object_set_new(o, "strings", strings_of(s, context, rule));
	if (s->part)
		(void)json_object_set_new(o, "window", json_integer((json_int_t)s->at));
	s->matches++;
	s->rc = say("rule", o, s->err);
	return s->rc == CO_OK ? CALLBACK_CONTINUE : CALLBACK_ABORT;
}

static enum co_rc
window_scan(struct scanning *s, size_t n, struct co_err *err)
{
	int rc = yr_rules_scan_mem(s->rules, s->window, n, SCAN_FLAGS_NO_TRYCATCH, told, s,
		FILE_TIME_S);

	if (s->rc != CO_OK)
		return s->rc;
	if (rc == ERROR_INSUFFICIENT_MEMORY)
		return co_fail(err, CO_ENOMEM, "scan of %s", s->item->path);
	if (rc == ERROR_SUCCESS)
		return CO_OK;
	s->slow++;
	return say_note(err, "%s: the scan was given up%s (YARA error %d)", s->item->path,
		rc == ERROR_SCAN_TIMEOUT ? ", it took too long" : "", rc);
}

static enum co_rc
one(void *arg, const struct item *i, struct co_err *err)
{
	struct scanning *s = arg;
	size_t n, lost;
	bool big;

	if (!i->content)
		return CO_OK;
	TRY(job_too_big(s->job, i, &big, err));
	if (big)
		return CO_OK;
	s->item = i;
	s->err = err;
	s->part = i->size > WINDOW;
	s->job->files++;
	for (s->at = 0;; s->at += WINDOW - OVERLAP) {
		TRY(lost_read(i, s->window, WINDOW, s->at, &n, &lost, err));
		s->job->bytes += n;
		TRY(window_scan(s, n, err));
		if (n < WINDOW || s->at + n >= i->size)
			return lost_tell(i->image, i, err);
	}
}

/* ---- rules ---- */
static enum co_rc
rules_text(int fd, char **out, struct co_err *err)
{
	co_auto_free char *text = malloc(LIMIT_EXAMINE_RULES + 1);
	size_t n = 0;
	ssize_t r = 1;

	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "rules");
	while (r > 0 && n <= LIMIT_EXAMINE_RULES) {
		r = pread(fd, text + n, LIMIT_EXAMINE_RULES + 1 - n, (off_t)n);
		if (r < 0)
			return co_fail_errno(err, "read the rules");
		n += (size_t)r;
	}
	if (n > LIMIT_EXAMINE_RULES)
		return co_fail(err, CO_ETOOBIG, "a file of rules has at most %u bytes",
			LIMIT_EXAMINE_RULES);
	text[n] = '\0';
	if (memchr(text, '\0', n) != NULL)
		return co_fail(err, CO_EMALFORMED, "the rules are no text");
	*out = CO_TAKE(text);
	return CO_OK;
}

static const char *
rules_name(const struct job *j, unsigned k)
{
	const char *name = json_string_value(
		json_array_get(json_object_get(j->options, "names"), k));

	return name == NULL ? "the file of rules" : name;
}

static enum co_rc
rules_any(const struct scanning *s, unsigned k, struct co_err *err)
{
	char space[16];
	YR_RULE *rule;

	(void)snprintf(space, sizeof(space), "rules%u", k + 1);
	yr_rules_foreach(s->rules, rule)
	{
		if (strcmp(rule->ns->name, space) == 0)
			return CO_OK;
	}
	return co_fail(err, CO_EMALFORMED, "%s has no rule in it: nothing would be looked for",
		rules_name(s->job, k));
}

static enum co_rc
compile_file(struct scanning *s, YR_COMPILER *c, unsigned k, struct co_err *err)
{
	co_auto_free char *text = NULL;
	char space[16];

	if (rules_text(EXAMINE_FILES + (int)k, &text, err) != CO_OK)
		return co_wrap(err, "%s", rules_name(s->job, k));
	(void)snprintf(space, sizeof(space), "rules%u", k + 1);
	if (yr_compiler_add_string(c, text, space) == 0)
		return CO_OK;
	return co_fail(err, CO_EMALFORMED, "the rules in %s cannot be compiled: %s",
		rules_name(s->job, k), s->why[0] != '\0' ? s->why : "no reason was given");
}

static enum co_rc
compile(struct scanning *s, YR_COMPILER *c, struct co_err *err)
{
	for (unsigned k = 0; k < s->job->files_n; k++)
		TRY(compile_file(s, c, k, err));
	if (yr_compiler_get_rules(c, &s->rules) != ERROR_SUCCESS)
		return co_fail(err, CO_ENOMEM, "the rules take too much memory");
	for (unsigned k = 0; k < s->job->files_n; k++)
		TRY(rules_any(s, k, err));
	return CO_OK;
}

static enum co_rc
prepare(struct scanning *s, struct co_err *err)
{
	YR_COMPILER *c = NULL;
	enum co_rc rc;

	if (yr_compiler_create(&c) != ERROR_SUCCESS)
		return co_fail(err, CO_ENOMEM, "YARA cannot start");
	yr_compiler_set_callback(c, compile_says, s);
	yr_compiler_set_include_callback(c, no_include, NULL, NULL);
	rc = compile(s, c, err);
	yr_compiler_destroy(c);
	return rc;
}

enum co_rc
check_scan(struct job *j, struct co_err *err)
{
	CO_CLEANUP(scanning_deinit) struct scanning s = { .job = j };

	if (yr_initialize() != ERROR_SUCCESS)
		return co_fail(err, CO_ENOMEM, "YARA cannot start");
	if (j->files_n == 0)
		return co_fail(err, CO_EUSAGE, "a scan needs a file of rules: --rules FILE");
	return prepare(&s, err);
}

enum co_rc
job_scan(struct job *j, struct co_err *err)
{
	co_auto_free unsigned char *window = malloc(WINDOW);
	CO_CLEANUP(scanning_deinit) struct scanning s = { .job = j, .window = window };
	struct walk w = job_walk(j, one, &s);

	if (window == NULL || yr_initialize() != ERROR_SUCCESS)
		return co_fail(err, CO_ENOMEM, "scan");
	if (j->files_n == 0)
		return co_fail(err, CO_EUSAGE, "a scan needs a file of rules");
	TRY(prepare(&s, err));
	TRY(walk_image(&w, NULL, err));
	(void)json_object_set_new(j->end, "matches", json_integer((json_int_t)s.matches));
	(void)json_object_set_new(j->end, "given_up", json_integer((json_int_t)s.slow));
	return CO_OK;
}
