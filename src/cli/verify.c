#include "cli/run.h"

#include "cli/progress.h"
#include "evidence/verify.h"

#include <string.h>
#include <unistd.h>

enum { ANCHORS = 16 };

struct telling {
	struct progress bar;
	bool quiet, colour;
};

static void
verify_tell(void *arg, enum verify_mark mark, const char *step, const char *text)
{
	static const char *const marks[] = { [VERIFY_STEP] = "", [VERIFY_HOLDS] = "holds",
		[VERIFY_NOTE] = "note", [VERIFY_FAILS] = "FAILS" };
	static const char *const colours[] = { [VERIFY_STEP] = "\033[1m", [VERIFY_HOLDS] =
		"\033[32m", [VERIFY_NOTE] = "\033[33m", [VERIFY_FAILS] = "\033[31m" };
	struct telling *t = arg;
	const char *on = t->colour ? colours[mark] : "", *off = t->colour ? "\033[0m" : "";

	progress_end(&t->bar);
	if (t->quiet)
		return;
	if (mark == VERIFY_STEP)
		(void)printf("\n%s%s%s\n  ", on, step, off);
	else
		(void)printf("  %s%-6s%s ", on, marks[mark], off);
	cli_paragraph(stdout, mark == VERIFY_STEP ? 2 : 9, mark == VERIFY_STEP ? 2 : 9, text);
}

static void
verify_progress(void *arg, uint64_t done, uint64_t of)
{
	progress_at(&((struct telling *)arg)->bar, done, of);
}

enum co_rc
run_verify(struct cli *c, struct co_err *err)
{
	struct telling t = { .quiet = c->json, .colour = isatty(STDOUT_FILENO) != 0 };
	const char *anchors[ANCHORS];
	struct verify_conf conf = { .anchors = anchors, .say = verify_tell, .progress =
		verify_progress, .arg = &t };
	cert_auto *tsa = NULL;
	const struct cert *roots[1];
	json_auto *summary = NULL;
	enum co_rc rc = CO_OK;

	for (; conf.anchors_n < ANCHORS && cli_nth(c, "root", conf.anchors_n) !=
		NULL; conf.anchors_n++)
		anchors[conf.anchors_n] = cli_nth(c, "root", conf.anchors_n);
	if (cli_has(c, "tsa-root")) {
		rc = cert_load(&tsa, cli_get(c, "tsa-root"), err);
		if (rc != CO_OK)
			return rc;
		roots[0] = tsa;
		conf.tsa_roots = roots;
		conf.tsa_roots_n = 1;
	}
	progress_begin(&t.bar, "verifying", "bytes");
	rc = verify_package(&conf, c->operands[0], &summary, err);
	progress_end(&t.bar);
	if (rc == CO_EVERIFY)
		return co_wrap(err, "%s does not hold", c->operands[0]);
	if (rc != CO_OK)
		return rc;
	if (c->json) {
		cli_answer(c, summary);
		return CO_OK;
	}
	(void)printf("\n%sEverything holds%s: %s records, %s exhibits, %s files.\n", t.colour
		? "\033[1;32m" : "", t.colour ? "\033[0m" : "", cli_text(summary, "records"),
			cli_text(summary, "exhibits"),
		cli_text(summary, "files"));
	return CO_OK;
}
