#include "law/look.h"

#include "record/form.h"

#include <stdio.h>

/* The forms are the one source of what a request needs; each field names its article. */

static const char *
field_id(struct law_look *l, const char *code)
{
	struct law_answer *a = l->a;
	size_t room = sizeof(a->ids) - a->ids_n;
	char *id = a->ids + a->ids_n;
	int k = snprintf(id, room, "field/%s", code);

	if (k < 0 || (size_t)k >= room) {
		l->failed = CO_ETOOBIG;
		return NULL;
	}
	a->ids_n += (size_t)k + 1;
	return id;
}

static void
tell_field(struct law_look *l, const struct form *form, const struct form_need *n)
{
	const char *id = field_id(l, n->code);
	struct law_finding *f = id == NULL ? NULL : law_find(l, id);
	struct law_say s;

	if (f == NULL)
		return;
	f->instrument = json_string_value(json_object_get(form_json(form), "instrument"));
	f->article = strncmp(n->source, "art. ", 5) == 0 ? n->source + 5 : n->source;
	f->effect = n->unmet ? LAW_BLOCKS : LAW_REQUIRES;
	f->topic = LAW_TOPIC_FIELD;
	f->side = LAW_REQUESTING;
	s = law_finding_say(f);
	if (n->other != NULL) {
		law_sayf(&s, "%s, or %s: one of the two is needed.", n->label, n->other_label);
		return;
	}
	law_sayf(&s, "%s: %s %s", n->label, n->unmet ? "has to be yes." : "is missing.",
		n->help != NULL ? n->help : "");
}

static bool
field_told(const struct law_answer *a, const char *code)
{
	for (size_t i = 0; i < a->findings_n; i++)
		if (strncmp(a->findings[i].id, "field/", 6) == 0 &&
			strcmp(a->findings[i].id + 6, code) == 0)
			return true;
	return false;
}

void
law_tell_fields(struct law_look *l)
{
	const struct form *form = l->q->fields == NULL ? NULL : form_by_measure(l->q->measure);

	for (size_t i = 0; form != NULL && i < form_field_count(form); i++) {
		struct form_need n;

		form_need(form, i, l->q->fields, &n);
		if (n.authority && l->q->provider_view)
			continue;
		/* Of two that stand for each other the first says it. */
		if (n.other != NULL && field_told(l->a, n.other))
			continue;
		if (n.unmet || (n.required && !n.given))
			tell_field(l, form, &n);
	}
}

bool
law_field_told(const struct law_look *l, const struct law_cond *conds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct law_cond *c = &conds[i];

		if (c->kind == LAW_IF_ANY && law_field_told(l, c->sub, c->sub_n))
			return true;
		if ((c->kind == LAW_IF_MISSING ||
			    (c->kind == LAW_IF_GIVEN && c->is_n == 0 && !c->yes)) &&
			field_told(l->a, c->field))
			return true;
	}
	return false;
}
