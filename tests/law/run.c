/* Runs the scenarios in tests/law, each as one test, against the built-in data. Called with
 * files, it runs these: a lawyer's own. */
#include "test.h"

#include "scenario.h"

#include "law/rule.h"
#include "record/form.h"

#include <dirent.h>

enum { FILES_MAX = 64, FILE_BYTES = 1 << 20, WHY = 16384 };

static struct law_book *built_in;

struct files {
	char *name[FILES_MAX];
	char *text[FILES_MAX];
	struct scenario *scenarios[FILES_MAX];
	size_t scenarios_n[FILES_MAX];
	size_t n;
};

static int
by_name(const void *p, const void *q)
{
	return strcmp(*(char *const *)p, *(char *const *)q);
}

static void
files_find(struct files *f, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	char path[1024];

	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);

		if (n < 5 || strcmp(e->d_name + n - 4, ".txt") != 0 || f->n == FILES_MAX)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		f->name[f->n++] = strdup(path);
	}
	if (d != NULL)
		(void)closedir(d);
	qsort(f->name, f->n, sizeof(f->name[0]), by_name);
}

static char *
file_text(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, FILE_BYTES);
	size_t n = f == NULL || text == NULL ? 0 : fread(text, 1, FILE_BYTES - 1, f);

	if (f != NULL)
		(void)fclose(f);
	if (n == 0) {
		(void)fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	return text;
}

/* ---- the book of one scenario: the built-in data with its facts laid over ---- */

static json_t *
fact_text(const struct sc_fact *f, size_t i, const char *economy)
{
	char id[32], source[32];
	json_t *j;

	(void)snprintf(id, sizeof(id), "%s.scenario%zu", economy, i);
	(void)snprintf(source, sizeof(source), "%s.scenario", economy);
	j = json_pack("{s:s, s:s, s:O, s:s, s:s, s:s}", "id", id, "about", f->about, "value",
		f->value, "source", source, "certainty", f->certainty, "known", f->known);
	if (f->from != NULL)
		json_object_set_new(j, "from", json_string(f->from));
	if (f->to != NULL)
		json_object_set_new(j, "to", json_string(f->to));
	return j;
}

static char *
home_text(const struct scenario *s, const char *kind, const char *code, const char *name)
{
	json_t *facts = json_array(), *top;
	char source[32], *text;

	for (size_t i = 0; i < s->facts_n; i++)
		if (strcmp(s->facts[i].economy, code) == 0)
			json_array_append_new(facts, fact_text(&s->facts[i], i, code));
	(void)snprintf(source, sizeof(source), "%s.scenario", code);
	top = json_pack("{s:s, s:s, s:[{s:s, s:s, s:s}], s:o}", kind, code, "name", name, "sources",
		"key", source, "title", "This scenario", "as_of", "1990-01-01", "facts", facts);
	text = json_dumps(top, JSON_INDENT(1));
	json_decref(top);
	return text;
}

static bool
written_before(const struct scenario *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(s->facts[k].economy, s->facts[i].economy) == 0)
			return true;
	for (size_t k = 0; k < s->economies_n; k++)
		if (strcmp(s->economies[k].code, s->facts[i].economy) == 0)
			return true;
	return false;
}

/* Texts of this scenario after the built-in ones; the number of all. */
static size_t
overlay(const struct scenario *s, struct law_text *texts, char **own, size_t *own_n)
{
	size_t n;
	const struct law_text *in = law_built_in(&n);

	memcpy(texts, in, n * sizeof(*texts));
	*own_n = 0;
	for (size_t i = 0; i < s->economies_n; i++)
		own[(*own_n)++] =
			home_text(s, "economy", s->economies[i].code, s->economies[i].name);
	for (size_t i = 0; i < s->facts_n; i++) {
		const struct law_economy *e = law_economy_find(built_in, s->facts[i].economy);

		if (!written_before(s, i))
			own[(*own_n)++] = home_text(s, "profile", s->facts[i].economy,
				e != NULL ? e->name : s->facts[i].economy);
	}
	for (size_t i = 0; i < *own_n; i++)
		texts[n++] = (struct law_text){ s->name, own[i], strlen(own[i]) };
	return n;
}

static struct law_book *
book_of(const struct scenario *s)
{
	struct law_book *book = NULL;
	struct law_fault faults[4];
	struct co_err err = { 0 };
	char *own[SC_LIST + 4];
	size_t n, own_n, faults_n;
	struct law_text *texts;
	enum co_rc rc;

	(void)law_built_in(&n);
	texts = calloc(n + SC_LIST + 4, sizeof(*texts));
	n = overlay(s, texts, own, &own_n);
	rc = law_book_load(&book, texts, n, faults, CO_ARRAY_LEN(faults), &faults_n, &err);
	for (size_t i = 0; i < own_n; i++)
		free(own[i]);
	free(texts);
	if (rc != CO_OK)
		fail_msg("%s:%u: the facts of this scenario: %s", s->file, s->line, err.msg);
	return book;
}

/* Findings that no rule tells but the room itself. */
static const char *const own_ids[] = { "basis", "dual", "dual/elements", "authority",
	"authority/contact", "language", "period", "confirmation", "provider-notice", "order",
	"urgent" };

static bool
form_names(const char *word)
{
	struct form_need n;

	for (size_t i = 0; i < form_count(); i++)
		for (size_t k = 0; k < form_field_count(form_at(i)); k++) {
			form_need(form_at(i), k, NULL, &n);
			if ((strncmp(word, "field/", 6) == 0 && strcmp(word + 6, n.code) == 0) ||
				(strncmp(n.source, "art. ", 5) == 0 &&
					strcmp(n.source + 5, word) == 0))
				return true;
		}
	return false;
}

/* That a finding is not there proves nothing when its name is nobody's. */
static bool
finding_exists(const char *word)
{
	for (size_t i = 0; i < CO_ARRAY_LEN(own_ids); i++)
		if (strcmp(own_ids[i], word) == 0)
			return true;
	for (size_t i = 0; i < law_instrument_count(built_in); i++) {
		const struct law_instrument *in = law_instrument_at(built_in, i);

		for (size_t k = 0; k < in->rules_n; k++)
			if (strcmp(in->rules[k].id, word) == 0 ||
				strcmp(in->rules[k].article, word) == 0)
				return true;
	}
	return form_names(word);
}

static void
expects_check(const struct scenario *s)
{
	for (size_t i = 0; i < s->expects_n; i++) {
		const struct sc_expect *e = &s->expects[i];

		if ((e->want == SC_TELLS || e->want == SC_SILENT) && !finding_exists(e->word)) {
			(void)fprintf(stderr, "%s:%u: no rule or article \"%s\"\n", s->file,
				e->line, e->word);
			exit(1);
		}
	}
}

static void
one_scenario(void **state)
{
	const struct scenario *s = *state;
	bool own = s->facts_n + s->economies_n > 0;
	struct law_book *book = own ? book_of(s) : built_in;
	static char why[WHY];
	struct law_answer *a = NULL;
	struct co_err err = { 0 };
	size_t bad = 0;

	if (law_assess(book, &s->q, &a, &err) != CO_OK && err.rc != CO_EUSAGE)
		fail_msg("%s:%u: %s", s->file, s->line, err.msg);
	for (size_t i = 0; i < s->expects_n; i++) {
		const struct sc_expect *e = &s->expects[i];

		why[0] = '\0';
		if (expect_met(e, a, err.msg, why, sizeof(why)))
			continue;
		bad++;
		(void)printf("%s:%u: expect: %s\n  but: %s\n", s->file, e->line, e->text, why);
	}
	law_answer_free(&a);
	if (own)
		law_book_free(&book);
	if (bad > 0)
		fail_msg("%zu of %zu expectations not met", bad, s->expects_n);
}

static void
built_in_load(void)
{
	struct law_fault faults[8];
	struct co_err err = { 0 };
	size_t n, faults_n;
	const struct law_text *texts = law_built_in(&n);

	if (law_book_load(&built_in, texts, n, faults, CO_ARRAY_LEN(faults), &faults_n, &err) ==
		CO_OK)
		return;
	(void)fprintf(stderr, "built-in data: %s\n", err.msg);
	exit(1);
}

/* cmocka's group runner counts at compile time; this is the same with a count of now. */
static int
run_all(const struct files *f)
{
	struct CMUnitTest *tests;
	size_t n = 0, at = 0;
	int failed;

	for (size_t i = 0; i < f->n; i++)
		n += f->scenarios_n[i];
	tests = calloc(n, sizeof(*tests));
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->scenarios_n[i]; k++)
			tests[at++] = (struct CMUnitTest){ .name = f->scenarios[i][k].name,
				.test_func = one_scenario,
				.initial_state = &f->scenarios[i][k] };
	failed = _cmocka_run_group_tests("scenarios", tests, n, NULL, NULL);
	free(tests);
	return failed;
}

int
main(int argc, char **argv)
{
	const char *root = getenv("COMITY_SOURCE");
	struct files f = { .n = 0 };
	char folder[512], why[512];
	int failed;

	for (int i = 1; i < argc && f.n < FILES_MAX; i++)
		f.name[f.n++] = strdup(argv[i]);
	(void)snprintf(folder, sizeof(folder), "%s/tests/law", root == NULL ? "." : root);
	if (argc < 2)
		files_find(&f, folder);
	built_in_load();
	for (size_t i = 0; i < f.n; i++) {
		f.text[i] = file_text(f.name[i]);
		if (!scenarios_read(f.name[i], f.text[i], &f.scenarios[i], &f.scenarios_n[i], why,
			    sizeof(why))) {
			(void)fprintf(stderr, "%s\n", why);
			return 1;
		}
		for (size_t k = 0; k < f.scenarios_n[i]; k++)
			expects_check(&f.scenarios[i][k]);
	}
	if (f.n == 0) {
		(void)fprintf(stderr, "%s: no scenarios\n", folder);
		return 1;
	}
	failed = run_all(&f);
	for (size_t i = 0; i < f.n; i++) {
		for (size_t k = 0; k < f.scenarios_n[i]; k++)
			scenario_free(&f.scenarios[i][k]);
		free(f.scenarios[i]);
		free(f.text[i]);
		free(f.name[i]);
	}
	law_book_free(&built_in);
	return failed;
}
