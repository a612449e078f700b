#include "cli/fields.h"

#include "base/fs.h"
#include "cli/args.h"

#include <string.h>
#include <unistd.h>

static const json_t *
field_of(const struct form *f, const char *code, size_t n, struct near *near)
{
	const json_t *field;
	size_t i;

	json_array_foreach(json_object_get(form_json(f), "fields"), i, field) {
		const char *name = json_string_value(json_object_get(field, "code"));

		if (name != NULL && strlen(name) == n && strncmp(name, code, n) == 0)
			return field;
		if (name != NULL)
			near_offer(near, name);
	}
	return NULL;
}

/* ---- one maker a type of the form ---- */

typedef json_t *value_maker(const char *text);

static json_t *
make_text(const char *text)
{
	return json_string(text);
}

static json_t *
make_int(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	return *text == '\0' || *end != '\0' ? NULL : json_integer(n);
}

static json_t *
make_bool(const char *text)
{
	if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0)
		return json_true();
	return strcmp(text, "no") == 0 || strcmp(text, "false") == 0 ? json_false() : NULL;
}

static json_t *
make_list(const char *text)
{
	json_t *list = json_array();

	while (list != NULL && *text != '\0') {
		size_t n = strcspn(text, ",");

		if (n > 0 && json_array_append_new(list, json_stringn(text, n)) != 0) {
			json_decref(list);
			return NULL;
		}
		text += n + (text[n] == ',');
	}
	return list;
}

static const struct {
	const char *type;
	value_maker *make;
	const char *how;
} makers[] = {
	{ "int", make_int, "a whole number" },
	{ "bool", make_bool, "yes or no" },
	{ "choices", make_list, "codes with commas between" },
};

static value_maker *
maker_of(const json_t *field, const char **how)
{
	const char *type = json_string_value(json_object_get(field, "type"));

	for (size_t i = 0; type != NULL && i < CO_ARRAY_LEN(makers); i++)
		if (strcmp(makers[i].type, type) == 0) {
			*how = makers[i].how;
			return makers[i].make;
		}
	*how = "text";
	return make_text;
}

static bool
is_object_type(const json_t *field)
{
	const char *type = json_string_value(json_object_get(field, "type"));

	return type != NULL && (strcmp(type, "contact") == 0 || strcmp(type, "period") == 0);
}

static enum co_rc
put_value(json_t *fields, const json_t *field, const char *code, const char *member,
	const char *text, struct co_err *err)
{
	const char *how;
	json_t *v, *object;

	if (member != NULL) {
		object = json_object_get(fields, code);
		if (object == NULL) {
			object = json_object();
			if (json_object_set_new(fields, code, object) != 0)
				return co_fail(err, CO_ENOMEM, "fields");
		}
		if (!json_is_object(object) || !is_object_type(field))
			return co_fail(err, CO_EUSAGE, "the field %s has no members", code);
		return json_object_set_new(object, member, json_string(text)) == 0 ? CO_OK
			: co_fail(err, CO_EUSAGE, "%s.%s is not UTF-8", code, member);
	}
	if (is_object_type(field))
		return co_fail(err, CO_EUSAGE,
			"the field %s has members: give %s.MEMBER=text or %s:=JSON", code, code,
			code);
	v = maker_of(field, &how)(text);
	if (v == NULL)
		return co_fail(err, CO_EUSAGE, "the field %s wants %s, not \"%s\"", code, how,
			text);
	return json_object_set_new(fields, code, v) == 0 ? CO_OK
		: co_fail(err, CO_ENOMEM, "fields");
}

enum co_rc
fields_put(json_t *fields, const struct form *f, const char *assignment, struct co_err *err)
{
	const char *eq = strchr(assignment, '=');
	char code[128], *dot;
	struct near near = { .wanted = code, .distance = SIZE_MAX };
	const json_t *field;
	bool raw;
	size_t n;

	if (eq == NULL || eq == assignment || (size_t)(eq - assignment) >= sizeof(code))
		return co_fail(err, CO_EUSAGE, "--field wants code=value, not \"%s\"", assignment);
	raw = eq[-1] == ':';
	(void)snprintf(code, sizeof(code), "%.*s", (int)(eq - assignment - raw), assignment);
	dot = strchr(code, '.');
	n = dot == NULL ? strlen(code) : (size_t)(dot - code);
	field = field_of(f, code, n, &near);
	if (field == NULL)
		return co_fail(err, CO_EUSAGE,
			"the form of %s has no field \"%s\"%s%s%s (comity form show %s)",
			form_measure(f), code, near.best != NULL ? "; did you mean \"" : "",
			near.best != NULL ? near.best : "", near.best != NULL ? "\"?" : "",
			form_measure(f));
	if (raw) {
		json_t *v = json_loads(eq + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

		if (v == NULL)
			return co_fail(err, CO_EUSAGE, "the field %s: what follows := is not JSON",
				code);
		return json_object_set_new(fields, code, v) == 0 ? CO_OK
			: co_fail(err, CO_ENOMEM, "fields");
	}
	if (dot != NULL)
		*dot = '\0';
	return put_value(fields, field, code, dot == NULL ? NULL : dot + 1, eq + 1, err);
}

/* ---- questions at a terminal ---- */

static bool
ask_line(const char *label, const char *note, char *out, size_t cap)
{
	(void)fprintf(stderr, "%s%s%s%s: ", label, *note != '\0'
		? " (" : "", note, *note != '\0' ? ")" : "");
	(void)fflush(stderr);
	if (fgets(out, (int)cap, stdin) == NULL)
		return false;
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}

static enum co_rc
ask_members(json_t *fields, const json_t *field, struct co_err *err)
{
	const char *code = json_string_value(json_object_get(field, "code"));
	const char *label = json_string_value(json_object_get(field, "label"));
	const json_t *need;
	char text[1024], title[400];
	enum co_rc rc = CO_OK;
	size_t i;

	json_array_foreach(json_object_get(field, "needs"), i, need) {
		(void)snprintf(title, sizeof(title), "%s, %s", label, json_string_value(need));
		if (!ask_line(title, "", text, sizeof(text)))
			return co_fail(err, CO_EUSAGE, "the answers ended early");
		if (text[0] != '\0')
			rc = put_value(fields, field, code, json_string_value(need), text, err);
		if (rc != CO_OK)
			return rc;
	}
	return CO_OK;
}

static void
choice_note(const json_t *field, char *out, size_t cap)
{
	const json_t *choice;
	size_t i, n = 0;

	out[0] = '\0';
	json_array_foreach(json_object_get(field, "choices"), i, choice)
		if (n < cap)
			n += (size_t)snprintf(out + n, cap - n, "%s%s", i > 0 ? " " : "",
				json_string_value(json_object_get(choice, "code")));
	if (n == 0 && json_is_true(json_object_get(field, "must")))
		(void)snprintf(out, cap, "yes is needed");
}

static enum co_rc
ask_field(json_t *fields, const json_t *field, struct co_err *err)
{
	const char *code = json_string_value(json_object_get(field, "code"));
	const char *help = json_string_value(json_object_get(field, "help"));
	bool required = json_is_true(json_object_get(field, "required"));
	char text[4096], note[512];
	struct co_err wrong = { 0 };

	if (help != NULL)
		(void)fprintf(stderr, "\n  %s%s\n", help, required ? "" : " (may be left empty)");
	if (is_object_type(field))
		return required ? ask_members(fields, field, err) : CO_OK;
	choice_note(field, note, sizeof(note));
	for (;;) {
		const char *how;

		if (!ask_line(json_string_value(json_object_get(field, "label")), note, text,
			sizeof(text)))
			return co_fail(err, CO_EUSAGE, "the answers ended early");
		if (text[0] == '\0' && !required)
			return CO_OK;
		if (text[0] == '\0')
			continue;
		if (strcmp(cli_text(field, "type"), "identifiers") == 0) {
			json_t *list = json_pack("[{s:s,s:s}]", "type", "other", "value", text);

			return json_object_set_new(fields, code, list) == 0 ? CO_OK
				: co_fail(err, CO_EUSAGE, "%s is not UTF-8", code);
		}
		(void)maker_of(field, &how);
		if (put_value(fields, field, code, NULL, text, &wrong) == CO_OK)
			return CO_OK;
		(void)fprintf(stderr, "  %s\n", wrong.msg);
		co_err_clear(&wrong);
	}
}

static enum co_rc
fields_ask(json_t *fields, const struct form *f, struct co_err *err)
{
	const json_t *field;
	enum co_rc rc;
	size_t i;

	(void)fprintf(stderr, "%s (article %s)\n", form_title(f), form_articles(f));
	json_array_foreach(json_object_get(form_json(f), "fields"), i, field) {
		/* What depends on another field is asked by the node, which knows the rule. */
		if (json_object_get(field, "required_if") != NULL)
			continue;
		rc = ask_field(fields, field, err);
		if (rc != CO_OK)
			return rc;
	}
	return CO_OK;
}

enum co_rc
fields_gather(struct cli *c, const struct form *f, json_t **out, struct co_err *err)
{
	const char *file = cli_get(c, "fields"), *one;
	json_auto *fields = NULL;
	co_auto_buf b;
	enum co_rc rc = CO_OK;

	co_buf_init(&b, LIMIT_RECORD);
	if (file != NULL) {
		rc = co_read_file(file, &b, err);
		if (rc != CO_OK)
			return rc;
		fields = json_loadb(b.data == NULL ? "" : b.data, b.len, JSON_REJECT_DUPLICATES,
			NULL);
		if (!json_is_object(fields))
			return co_fail(err, CO_EUSAGE, "%s is not a JSON object of field codes",
				file);
	} else {
		fields = json_object();
	}
	for (size_t i = 0; rc == CO_OK && (one = cli_nth(c, "field", i)) != NULL; i++)
		rc = fields_put(fields, f, one, err);
	if (rc == CO_OK && file == NULL && !cli_has(c, "field") && isatty(STDIN_FILENO))
		rc = fields_ask(fields, f, err);
	if (rc == CO_OK)
		*out = CO_TAKE(fields);
	return rc;
}
