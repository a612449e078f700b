#include "base/columns.h"
#include "base/fs.h"
#include "cli/law.h"
#include "law/assess.h"

#include <string.h>

enum { WORDS = 64, WORD_BYTES = 2048 };

/* ---- printing an answer ---- */

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

struct page {
	struct co_buf *out;
	const json_t *answer;
	const struct law_book *book;
	size_t width;
};

/* Each finding stands in the first section that takes its effect and topic. */
#define ANY (~0u)
#define EFFECT(e) (1u << (e))
#define TOPIC(t) (1u << (t))
#define APART (TOPIC(LAW_TOPIC_GROUND) | TOPIC(LAW_TOPIC_DUTY) | TOPIC(LAW_TOPIC_TIME))

static const struct section {
	const char *title, *mark;
	unsigned effects, topics;
	bool brief; /* also in the short form */
} sections[] = {
	{ "What stands in the way", "✗", EFFECT(LAW_BLOCKS), ANY, true },
	{ "What is required", "→", EFFECT(LAW_REQUIRES), ~APART, true },
	{ "Warnings", "!", EFFECT(LAW_WARNS), ~APART, true },
	{ "What is allowed and good to know", "·", EFFECT(LAW_PERMITS) | EFFECT(LAW_INFORMS),
		~APART, false },
	{ "Grounds on which it can be refused", "·", ANY, TOPIC(LAW_TOPIC_GROUND), false },
	{ "Duties", "·", ANY, TOPIC(LAW_TOPIC_DUTY), false },
	{ "Time", "·", ANY, TOPIC(LAW_TOPIC_TIME), false },
};

static const struct section *
section_of(const json_t *finding)
{
	unsigned effect = 0, topic = 0;

	for (unsigned i = 0; i < LAW_EFFECT_N; i++)
		if (strcmp(law_effect_name((enum law_effect)i), text_of(finding, "effect")) == 0)
			effect = EFFECT(i);
	for (unsigned i = 0; i < LAW_TOPIC_N; i++)
		if (strcmp(law_topic_name((enum law_topic)i), text_of(finding, "topic")) == 0)
			topic = TOPIC(i);
	for (size_t i = 0; i < CO_ARRAY_LEN(sections); i++)
		if ((sections[i].effects & effect) != 0 && (sections[i].topics & topic) != 0)
			return &sections[i];
	return NULL;
}

/* The source of a fact by its id. */
static const char *
source_of(const json_t *answer, const char *id)
{
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(answer, "facts"), i,
		f) if (strcmp(text_of(f, "id"), id) == 0) return text_of(f, "source");
	return "";
}

/* "[verified; TH.3 COC, US.1 CHART15]" */
static void
rests_on(const struct page *p, const json_t *o, char out[512])
{
	const json_t *id;
	size_t i, n = (size_t)snprintf(out, 512, "[%s", text_of(o, "certainty"));

	json_array_foreach(json_object_get(o, "facts"), i, id) if (n < 400) n +=
		(size_t)snprintf(out + n, 512 - n, "%s%.60s %.60s", i == 0 ? "; " : ", ",
			json_string_value(id), source_of(p->answer, json_string_value(id)));
	(void)snprintf(out + n, 512 - n, "]");
}

/* "cets-185 art. 29(3)"; a statute's section as it is. */
static void
article_of(const json_t *f, char out[256])
{
	const char *instrument = text_of(f, "instrument"), *article = text_of(f, "article");
	bool treaty = *instrument != '\0' && article[0] >= '0' && article[0] <= '9';

	(void)snprintf(out, 256, "%s%s%s%s", instrument,
		*instrument != '\0' && *article != '\0' ? " " : "", treaty ? "art. " : "", article);
}

static enum co_rc
finding_lines(const struct page *p, const char *mark, const json_t *f, struct co_err *err)
{
	char article[256], rests[512], text[LAW_FINDING_TEXT + 1024], first[16];
	bool maybe = strcmp(text_of(f, "holds"), "unknown") == 0;

	article_of(f, article);
	rests_on(p, f, rests);
	(void)snprintf(first, sizeof(first), "  %s", maybe ? "?" : mark);
	(void)snprintf(text, sizeof(text), "%s%s%s%s %s", text_of(f, "text"),
		*article != '\0' ? " (" : "", article, *article != '\0' ? ")" : "", rests);
	return co_paragraph_add(p->out, first, 4, p->width, text, err);
}

static enum co_rc
section_print(const struct page *p, const struct section *s, struct co_err *err)
{
	const json_t *f;
	size_t i;
	bool begun = false;

	json_array_foreach(json_object_get(p->answer, "findings"), i, f)
	{
		if (section_of(f) != s)
			continue;
		if (!begun)
			TRY(co_buf_addf(p->out, err, "\n%s\n", s->title));
		begun = true;
		TRY(finding_lines(p, s->mark, f, err));
	}
	return CO_OK;
}

static const char *
economy_name(const struct page *p, const char *code)
{
	const struct law_economy *e = p->book == NULL ? NULL : law_economy_find(p->book, code);

	return e == NULL ? code : e->in_text;
}

static const char *
basis_name(const struct page *p, const char *code)
{
	const struct law_instrument *in =
		p->book == NULL ? NULL : law_instrument_find(p->book, code);

	return in == NULL ? code : in->short_name;
}

static enum co_rc
verdict_print(const struct page *p, struct co_err *err)
{
	static const struct {
		const char *verdict, *before, *after;
	} rows[] = {
		{ "can", "Yes: by what is recorded,", "" },
		{ "cannot", "No: by what is recorded,", "; why not stands below" },
		{ "unknown",
			"Not known: it depends on what nobody recorded (marked ? below) whether",
			"" },
	};
	const json_t *q = json_object_get(p->answer, "question");
	const char *verdict = text_of(p->answer, "verdict"), *basis = text_of(p->answer, "basis");
	char text[1024];
	size_t i = 0;

	while (i + 1 < CO_ARRAY_LEN(rows) && strcmp(rows[i].verdict, verdict) != 0)
		i++;
	(void)snprintf(text, sizeof(text), "%s %s %s ask %s for %s on %s%s%s%s.", rows[i].before,
		economy_name(p, text_of(q, "requesting")),
		strcmp(verdict, "cannot") == 0 ? "cannot" : "can",
		economy_name(p, text_of(q, "requested")),
		law_measure_words(text_of(q, "measure")), text_of(q, "at"),
		*basis != '\0' ? "; the first basis is: " : "", basis_name(p, basis),
		rows[i].after);
	TRY(co_paragraph_add(p->out, "", 0, p->width, text, err));
	return co_paragraph_add(p->out, "", 0, p->width,
		"This is advice for the person who decides; it decides nothing.", err);
}

static enum co_rc
bases_print(const struct page *p, struct co_err *err)
{
	static const struct {
		const char *usable, *mark;
	} marks[] = { { "yes", "  ✓" }, { "unknown", "  ?" }, { "no", "  ✗" } };
	const json_t *b;
	char rests[512], text[LAW_FINDING_TEXT + 1024];
	size_t i, k;

	TRY(co_buf_add_str(p->out, "\nLegal bases\n", err));
	json_array_foreach(json_object_get(p->answer, "bases"), i, b)
	{
		for (k = 0; k + 1 < CO_ARRAY_LEN(marks); k++)
			if (strcmp(marks[k].usable, text_of(b, "usable")) == 0)
				break;
		rests_on(p, b, rests);
		(void)snprintf(text, sizeof(text), "%s (%s)%s: %s %s", text_of(b, "name"),
			text_of(b, "instrument"),
			json_is_true(json_object_get(b, "switched_on"))
				? ", not in force, looked at as if it were"
				: "",
			text_of(b, "why"), rests);
		TRY(co_paragraph_add(p->out, marks[k].mark, 4, p->width, text, err));
	}
	return CO_OK;
}

static void
days_put(const json_t *o, const char *member, const char *words, char *text, size_t cap)
{
	json_int_t days = json_integer_value(json_object_get(o, member));
	size_t n = strlen(text);

	if (days > 0)
		(void)snprintf(text + n, cap - n, "%s %s %" JSON_INTEGER_FORMAT " days",
			text[n - 1] == ':' ? "" : ",", words, days);
}

static enum co_rc
periods_print(const struct page *p, struct co_err *err)
{
	const json_t *o;
	size_t i;

	if (json_array_size(json_object_get(p->answer, "periods")) != 0)
		TRY(co_buf_add_str(p->out, "\nHow long data stay kept\n", err));
	json_array_foreach(json_object_get(p->answer, "periods"), i, o)
	{
		const char *economy = text_of(o, "economy");
		char text[1024], rests[512];

		rests_on(p, o, rests);
		(void)snprintf(text, sizeof(text), "%s:",
			*economy != '\0' ? economy_name(p, economy) : text_of(o, "instrument"));
		days_put(o, "least_days", "at least", text, sizeof(text));
		days_put(o, "first_days", "at first", text, sizeof(text));
		days_put(o, "extension_days", "each extension", text, sizeof(text));
		days_put(o, "total_days", "in all at most", text, sizeof(text));
		if (json_is_true(json_object_get(o, "until_decided")))
			(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
				"; and until the request for disclosure is decided");
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", rests);
		TRY(co_paragraph_add(p->out, "  ·", 4, p->width, text, err));
	}
	return CO_OK;
}

static enum co_rc
sources_print(const struct page *p, struct co_err *err)
{
	const json_t *facts = json_object_get(p->answer, "facts"), *f, *g;
	size_t i, k;

	if (p->book == NULL || json_array_size(facts) == 0)
		return CO_OK;
	TRY(co_buf_add_str(p->out, "\nSources\n", err));
	json_array_foreach(facts, i, f)
	{
		const char *key = text_of(f, "source");
		const struct law_source *s = law_source_find(p->book, key);
		char text[LIMIT_LAW_TEXT + 1024], day[16];

		json_array_foreach(
			facts, k, g) if (k == i || strcmp(text_of(g, "source"), key) == 0) break;
		if (k != i || s == NULL)
			continue;
		law_day_print(s->as_of, day);
		(void)snprintf(text, sizeof(text), "%s: %s, as read on %s%s%s", key, s->title, day,
			s->url != NULL ? "; " : "", s->url != NULL ? s->url : "");
		TRY(co_paragraph_add(p->out, "", 4, p->width, text, err));
	}
	return CO_OK;
}

enum co_rc
cli_law_answer(struct co_buf *out, const json_t *answer, const struct law_book *b, bool brief,
	size_t width, struct co_err *err)
{
	const struct page p = { .out = out, .answer = answer, .book = b, .width = width };

	TRY(verdict_print(&p, err));
	if (!brief)
		TRY(bases_print(&p, err));
	for (size_t i = 0; i < CO_ARRAY_LEN(sections); i++)
		if (!brief || sections[i].brief)
			TRY(section_print(&p, &sections[i], err));
	if (brief)
		return CO_OK;
	TRY(periods_print(&p, err));
	return sources_print(&p, err);
}

/* In short, only what our own side has to mind. */
static void
ours_only(json_t *law)
{
	json_t *findings = json_object_get(law, "findings");
	const char *ours = text_of(law, "our_side");

	for (size_t i = json_array_size(findings); i-- > 0;) {
		const char *side = text_of(json_array_get(findings, i), "side");

		if (*ours != '\0' && strcmp(side, "both") != 0 && strcmp(side, ours) != 0 &&
			strcmp(text_of(json_array_get(findings, i), "effect"), "blocks") != 0)
			(void)json_array_remove(findings, i);
	}
}

void
cli_law_tell(const json_t *law, bool brief)
{
	law_book_auto *book = NULL;
	json_auto *copy = json_deep_copy(law);
	struct co_err err = { CO_OK, "" };
	co_auto_buf out;

	co_buf_init(&out, LIMIT_LAW_REPORT);
	if (!json_is_object(copy))
		return;
	if (brief)
		ours_only(copy);
	(void)puts("\nWhat the law says");
	if (*text_of(copy, "note") != '\0')
		(void)printf("  Nothing could be said: %s\n", cli_text(copy, "note"));
	else if (cli_law_book(NULL, 0, &book, &err) != CO_OK ||
		cli_law_answer(&out, copy, book, brief, cli_width(), &err) != CO_OK ||
		cli_print(&out, &err) != CO_OK)
		(void)fprintf(stderr, "comity: %s\n", err.msg);
}

/* ---- the question ---- */

/* Words of an option that may be repeated, each a list with commas. */
struct words {
	char room[WORD_BYTES];
	const char *list[WORDS];
	size_t n;
};

static enum co_rc
words_take(struct cli *c, const char *option, struct words *w, struct co_err *err)
{
	const char *given;
	size_t used = 0;

	w->n = 0;
	for (size_t i = 0; (given = cli_nth(c, option, i)) != NULL; i++)
		while (*given != '\0') {
			size_t n = strcspn(given, ",");

			if (w->n == WORDS || used + n + 1 > sizeof(w->room))
				return co_fail(err, CO_EUSAGE, "--%s has too many words", option);
			memcpy(w->room + used, given, n);
			w->room[used + n] = '\0';
			w->list[w->n++] = w->room + used;
			used += n + 1;
			given += n + (given[n] == ',' ? 1 : 0);
		}
	return CO_OK;
}

static enum co_rc
fields_read(struct cli *c, json_t **out, struct co_err *err)
{
	const char *path = cli_get(c, "fields");
	co_auto_buf b;
	json_error_t e;

	co_buf_init(&b, LIMIT_RECORD);
	if (path == NULL)
		return CO_OK;
	TRY(co_read_file(path, &b, err));
	*out = json_loadb(b.data == NULL ? "" : b.data, b.len, JSON_REJECT_DUPLICATES, &e);
	if (!json_is_object(*out))
		return co_fail(err, CO_EMALFORMED, "%s:%d: %s", path, *out == NULL ? e.line : 1,
			*out == NULL ? e.text : "an object of field codes is expected");
	return CO_OK;
}

static enum co_rc
question_take(struct cli *c, struct law_question *q, struct words lists[3], struct co_err *err)
{
	const char *months = cli_get(c, "penalty-months");

	TRY(words_take(c, "conduct", &lists[0], err));
	TRY(words_take(c, "data", &lists[1], err));
	TRY(words_take(c, "switch-on", &lists[2], err));
	TRY(cli_law_days(c, &q->at, &q->known, err));
	q->requesting = cli_get(c, "from");
	q->requested = cli_get(c, "to");
	q->measure = cli_get(c, "measure");
	q->urgency = cli_has(c, "emergency") ? "emergency" : cli_get(c, "urgency");
	q->conduct = lists[0].list;
	q->conduct_n = lists[0].n;
	q->data = lists[1].list;
	q->data_n = lists[1].n;
	q->custodian = cli_get(c, "custodian");
	q->max_months = months == NULL ? -1 : strtol(months, NULL, 10);
	q->basis = cli_get(c, "basis");
	q->switched_on = lists[2].list;
	q->switched_on_n = lists[2].n;
	return CO_OK;
}

enum co_rc
run_law_check(struct cli *c, struct co_err *err)
{
	law_book_auto *book = NULL;
	law_answer_auto *answer = NULL;
	json_auto *fields = NULL, *j = NULL;
	struct words lists[3];
	struct law_question q = { .requesting = NULL };
	co_auto_buf out;

	co_buf_init(&out, LIMIT_LAW_REPORT);
	TRY(question_take(c, &q, lists, err));
	TRY(fields_read(c, &fields, err));
	q.fields = fields;
	TRY(cli_law_profiles(c, &book, err));
	TRY(law_assess(book, &q, &answer, err));
	TRY(law_answer_json(answer, &j, err));
	if (c->json) {
		cli_answer(c, j);
		return CO_OK;
	}
	TRY(cli_law_answer(&out, j, book, cli_has(c, "brief"), cli_width(), err));
	return cli_print(&out, err);
}
