#include "cli/run.h"

#include "cli/progress.h"
#include "evidence/asice.h"
#include "evidence/bag.h"
#include "evidence/verify.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ANCHORS = 16, AUTHORITIES = 8 };

/* Steps as they come: for a person on the screen, for a program in a list. */
struct telling {
	struct progress bar;
	bool quiet, colour;
	json_t *steps;
};

static const struct {
	const char *word, *colour;
} marks[] = { [VERIFY_STEP] = { "", "\033[1m" }, [VERIFY_NOT] = { "not", "" },
	[VERIFY_HOLDS] = { "holds", "\033[32m" }, [VERIFY_NOTE] = { "note", "\033[33m" },
	[VERIFY_FAILS] = { "FAILS", "\033[31m" } };

static void
keep_step(struct telling *t, enum verify_mark mark, const char *step, const char *text)
{
	json_t *last = json_array_get(t->steps, json_array_size(t->steps) - 1);

	if (mark == VERIFY_STEP)
		(void)json_array_append_new(t->steps,
			json_pack("{s:s,s:s,s:b,s:[]}", "step", step, "proves", text, "holds", 1,
				"found"));
	else if (mark == VERIFY_NOT)
		(void)json_object_set_new(last, "does_not_prove", json_string(text));
	else
		(void)json_array_append_new(json_object_get(last, "found"),
			json_pack("{s:s,s:s}", "mark", mark == VERIFY_FAILS ? "fails"
				: marks[mark].word, "text", text));
	if (mark == VERIFY_FAILS)
		(void)json_object_set_new(last, "holds", json_false());
}

static void
verify_tell(void *arg, enum verify_mark mark, const char *step, const char *text)
{
	struct telling *t = arg;
	const char *on = t->colour ? marks[mark].colour : "", *off = t->colour ? "\033[0m" : "";

	progress_end(&t->bar);
	keep_step(t, mark, step, text);
	if (t->quiet)
		return;
	if (mark == VERIFY_STEP)
		(void)printf("\n%s%s%s\n  ", on, step, off);
	else if (mark == VERIFY_NOT)
		(void)printf("  It does not prove ");
	else
		(void)printf("  %s%-6s%s ", on, marks[mark].word, off);
	cli_paragraph(stdout, mark == VERIFY_STEP ? 2 : mark == VERIFY_NOT ? 20 : 9,
		mark <= VERIFY_NOT ? 2 : 9, text);
}

static void
verify_progress(void *arg, uint64_t done, uint64_t of)
{
	progress_at(&((struct telling *)arg)->bar, done, of);
}

static enum co_rc
level_take(struct cli *c, struct verify_conf *conf, struct co_err *err)
{
	const char *asked = cli_get(c, "level");

	if (asked == NULL)
		return CO_OK;
	for (int l = 0; l < VERIFY_LEVELS; l++)
		if (strcmp(asked, verify_level_name((enum verify_level)l)) == 0) {
			conf->level = (enum verify_level)l;
			return CO_OK;
		}
	return co_fail(err, CO_EUSAGE, "--level %s: it is basic, full or strict", asked);
}

/* As said with --as, else by what the file is. */
static enum co_rc
kind_take(struct cli *c, enum verify_kind *kind, struct co_err *err)
{
	const char *asked = cli_get(c, "kind");
	struct stat st;

	*kind = verify_kind_of(c->operands[0]);
	for (int k = 0; asked != NULL && k < VERIFY_KINDS; k++)
		if (strcmp(asked, verify_kind_name((enum verify_kind)k)) == 0) {
			*kind = (enum verify_kind)k;
			return CO_OK;
		}
	if (asked == NULL && *kind == VERIFY_PACKAGE && stat(c->operands[0], &st) == 0 &&
		S_ISDIR(st.st_mode))
		return co_fail(err, CO_EUSAGE,
			"%s is a package that was unpacked: what its maker signed is verified in "
			"the zip, as it came; give that. (--kind bag checks this folder against "
			"its lists only, which nobody has to have signed.)", c->operands[0]);
	return asked == NULL
		? CO_OK
		: co_fail(err, CO_EUSAGE, "--kind %s: it is package, bag or container", asked);
}

static enum co_rc
verify_one(const struct verify_conf *conf, enum verify_kind kind, const char *path,
	json_t **summary, struct co_err *err)
{
	static enum co_rc (*const verifiers[VERIFY_KINDS])(const struct verify_conf *conf,
		const char *path, json_t **summary, struct co_err *err) = { verify_package,
		bag_verify, asice_verify };

	return verifiers[kind](conf, path, summary, err);
}

/* "1 exhibit", "2 exhibits": what = "exhibit", counted as exhibits in the summary. */
static void
count_print(const json_t *summary, const char *what, const char *before)
{
	char member[32];
	json_int_t n;

	(void)snprintf(member, sizeof(member), "%ss", what);
	n = json_integer_value(json_object_get(summary, member));
	(void)printf("%s%lld %s%s", before, (long long)n, what, n == 1 ? "" : "s");
}

/* The last words on the screen: what they mean differs by kind. */
static void
conclude(const struct telling *t, enum verify_kind kind, const json_t *summary)
{
	const char *on = t->colour ? "\033[1;32m" : "", *off = t->colour ? "\033[0m" : "";

	if (kind == VERIFY_PACKAGE) {
		(void)printf("\n%sEverything holds%s:", on, off);
		count_print(summary, "record", " ");
		count_print(summary, "exhibit", ", ");
		count_print(summary, "file", ", ");
		(void)puts(".");
	} else if (kind == VERIFY_BAG) {
		(void)printf("\n%sThe bag is complete and valid%s:", on, off);
		count_print(summary, "file", " ");
		(void)puts(". A bag is not signed: this says nothing about who made it.");
	} else {
		(void)printf("\n%sThe container holds%s:", on, off);
		count_print(summary, "signature", " ");
		(void)puts(" over its manifests.");
	}
}

/* What is given to trust: fingerprints, and certificates of time-stamp authorities. */
struct trust {
	const char *anchors[ANCHORS];
	char hex[ANCHORS][SHA256_HEX + 1];
	struct cert *tsa[AUTHORITIES], *ca[AUTHORITIES];
	size_t anchors_n, tsa_n, ca_n;
};

static void
trust_deinit(struct trust *t)
{
	for (size_t i = 0; i < t->tsa_n; i++)
		cert_free(&t->tsa[i]);
	for (size_t i = 0; i < t->ca_n; i++)
		cert_free(&t->ca[i]);
}

static enum co_rc
trust_take(struct cli *c, struct trust *t, struct co_err *err)
{
	const char *path;

	while (t->anchors_n < ANCHORS && cli_nth(c, "root", t->anchors_n) != NULL) {
		const char *given = cli_nth(c, "root", t->anchors_n);
		char *hex = t->hex[t->anchors_n];

		if (!sha256_hex_read(given, hex))
			return co_fail(err, CO_EUSAGE,
				"--root \"%.100s\" is no fingerprint: wanted is the SHA-256 of a "
				"root certificate, 64 hexadecimal digits, with or without colons",
				given);
		t->anchors[t->anchors_n++] = hex;
	}
	while (t->tsa_n < AUTHORITIES && (path = cli_nth(c, "tsa-root", t->tsa_n)) != NULL) {
		TRY(cert_load(&t->tsa[t->tsa_n], path, err));
		t->tsa_n++;
	}
	while (t->ca_n < AUTHORITIES && (path = cli_nth(c, "ca", t->ca_n)) != NULL) {
		TRY(cert_load(&t->ca[t->ca_n], path, err));
		t->ca_n++;
	}
	return CO_OK;
}

/* One answer for programs, whatever came of it: every step, then the verdict. */
static void
answer_json(struct cli *c, struct telling *t, const struct verify_conf *conf, json_t *summary,
	enum co_rc rc, const struct co_err *err)
{
	json_auto *o = json_pack("{s:b,s:s,s:O}", "holds", rc == CO_OK, "level",
		verify_level_name(conf->level), "steps", t->steps);

	if (summary != NULL)
		(void)json_object_update(o, summary);
	if (rc != CO_OK) {
		(void)json_object_set_new(o, "error", json_string(co_rc_name(rc)));
		(void)json_object_set_new(o, "message", json_string(err->msg));
	}
	cli_answer(c, o);
	c->json = false; /* said; the rest goes to standard error in words */
}

enum co_rc
run_verify(struct cli *c, struct co_err *err)
{
	CO_CLEANUP(trust_deinit) struct trust trust = { .anchors_n = 0 };
	json_auto *steps = json_array();
	struct telling t = { .quiet = c->json, .colour = isatty(STDOUT_FILENO) != 0, .steps =
		steps };
	struct verify_conf conf = { .say = verify_tell, .progress = verify_progress, .arg = &t };
	enum verify_kind kind = VERIFY_PACKAGE;
	json_auto *summary = NULL;
	enum co_rc rc;

	TRY(level_take(c, &conf, err));
	TRY(trust_take(c, &trust, err));
	TRY(kind_take(c, &kind, err));
	conf.anchors = trust.anchors;
	conf.anchors_n = trust.anchors_n;
	conf.tsa_roots = (const struct cert *const *)trust.tsa;
	conf.tsa_roots_n = trust.tsa_n;
	conf.ca = (const struct cert *const *)trust.ca;
	conf.ca_n = trust.ca_n;
	progress_begin(&t.bar, "verifying", "bytes");
	rc = verify_one(&conf, kind, c->operands[0], &summary, err);
	progress_end(&t.bar);
	if (rc == CO_EVERIFY)
		(void)co_wrap(err, "%s does not hold", c->operands[0]);
	if (c->json && (rc == CO_OK || rc == CO_EVERIFY))
		answer_json(c, &t, &conf, summary, rc, err);
	else if (rc == CO_OK)
		conclude(&t, kind, summary);
	return rc;
}
