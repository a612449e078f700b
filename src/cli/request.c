#include "cli/run.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fs.h"
#include "base/uuid.h"
#include "cli/fields.h"
#include "cli/form_text.h"
#include "cli/law.h"
#include "record/custody.h"

#include <limits.h>
#include <string.h>

enum co_rc
cli_case(struct cli *c, const char *word, char out[CO_UUID_LEN + 1], struct co_err *err)
{
	json_auto *in = json_pack("{s:s}", "number", word), *answer = NULL;
	const json_t *row;
	size_t i, n = 0;
	enum co_rc rc;

	if (co_uuid_valid(word)) {
		memcpy(out, word, CO_UUID_LEN + 1);
		return CO_OK;
	}
	rc = cli_call(c, "case.list", in, &answer, err);
	if (rc != CO_OK)
		return rc;
	json_array_foreach(json_object_get(answer, "cases"), i, row) {
		if (strcmp(cli_text(row, "ours"), word) == 0 && n++ == 0)
			(void)snprintf(out, CO_UUID_LEN + 1, "%s", cli_text(row, "case_id"));
	}
	if (n == 0)
		return co_fail(err, CO_ENOTFOUND,
			"no case has the id or our number \"%s\"; see comity case list. A case "
			"is opened by the first request in it, a partner's or ours: comity "
			"request new, then comity request send", word);
	if (n > 1)
		return co_fail(err, CO_EUSAGE,
			"%zu cases have our number \"%s\"; give the case's id", n, word);
	return CO_OK;
}

enum co_rc
run_request_new(struct cli *c, struct co_err *err)
{
	const char *measure = cli_get(c, "measure"), *word = cli_get(c, "case");
	const struct form *f = form_by_measure(measure);
	json_auto *in = NULL;
	json_t *fields = NULL;
	char id[CO_UUID_LEN + 1];
	enum co_rc rc;

	if (f == NULL)
		return co_fail(err, CO_EUSAGE, "there is no measure \"%s\"; see comity form list",
			measure);
	rc = cli_input(c, &in, err);
	if (rc == CO_OK && word != NULL)
		rc = cli_case(c, word, id, err);
	if (rc != CO_OK)
		return rc;
	if (word != NULL && json_object_set_new(in, "case_id", json_string(id)) != 0)
		return co_fail(err, CO_ENOMEM, "request");
	rc = fields_gather(c, f, &fields, err);
	if (rc == CO_OK && json_object_set_new(in, "fields", fields) != 0)
		rc = co_fail(err, CO_ENOMEM, "request");
	if (rc == CO_OK)
		rc = cli_attach(c, in, err);
	return rc == CO_OK ? cli_ask(c, in, err) : rc;
}

enum co_rc
run_request_approve(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	enum co_rc rc = cli_input(c, &in, err);

	if (rc == CO_OK && json_object_set_new(in, "ok", json_boolean(!cli_has(c, "reject"))) != 0)
		rc = co_fail(err, CO_ENOMEM, "approval");
	return rc == CO_OK ? cli_ask(c, in, err) : rc;
}

/* --condition TYPE:TEXT into the notice's list. */
static enum co_rc
conditions_put(struct cli *c, json_t *in, struct co_err *err)
{
	json_t *list = json_array();
	const char *one;

	for (size_t i = 0; (one = cli_nth(c, "condition", i)) != NULL; i++) {
		const char *colon = strchr(one, ':');

		if (colon == NULL || colon == one || colon[1] == '\0') {
			json_decref(list);
			return co_fail(err, CO_EUSAGE, "--condition wants TYPE:TEXT, TYPE one of "
				"confidentiality, use-limit, other; not \"%s\"", one);
		}
		(void)json_array_append_new(list, json_pack("{s:o,s:s}", "type",
			json_stringn(one, (size_t)(colon - one)), "text", colon + 1));
	}
	if (json_array_size(list) == 0) {
		json_decref(list);
		return CO_OK;
	}
	return json_object_set_new(in, "conditions", list) == 0 ? CO_OK
		: co_fail(err, CO_ENOMEM, "answer");
}

enum co_rc
run_request_answer(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	enum co_rc rc = cli_input(c, &in, err);

	if (rc == CO_OK)
		rc = conditions_put(c, in, err);
	if (rc == CO_OK)
		rc = cli_attach(c, in, err);
	return rc == CO_OK ? cli_ask(c, in, err) : rc;
}

/* A verb on one case, whose operation wants case_id. */
enum co_rc
run_case_op(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	const char *word = c->operands_n > 0 ? c->operands[0] : cli_get(c, "case");
	char id[CO_UUID_LEN + 1];
	enum co_rc rc = cli_input(c, &in, err);

	if (rc == CO_OK && word != NULL) {
		rc = cli_case(c, word, id, err);
		if (rc == CO_OK && json_object_set_new(in, "case_id", json_string(id)) != 0)
			rc = co_fail(err, CO_ENOMEM, "input");
	}
	return rc == CO_OK ? cli_ask(c, in, err) : rc;
}

static void
timeline_row(const json_t *row)
{
	static const char *const words[] = { "state", "measure", "action", "reason", "until",
		"text", "subject" };
	char at[CO_TIME_LEN];
	const json_t *file;
	size_t k;

	(void)snprintf(at, sizeof(at), "%s", cli_text(row, "stored"));
	(void)printf("  %s  %-9s %-13s", at, cli_text(row, "kind"), cli_text(row, "from"));
	for (size_t i = 0; i < CO_ARRAY_LEN(words); i++)
		if (json_is_string(json_object_get(row, words[i])))
			(void)printf(" %s%s", strcmp(words[i], "until") == 0 ? "until " : "",
				cli_text(row, words[i]));
	(void)putchar('\n');
	json_array_foreach(json_object_get(row, "attachments"), k, file)
		(void)printf("  %*s  with %s, %s bytes: %s\n", (int)strlen(at), "",
			cli_text(file, "name"), cli_text(file, "size"), cli_text(file, "state"));
	if (json_is_object(json_object_get(row, "delivery")) &&
		strcmp(cli_text(row, "delivery.state"), "delivered") != 0)
		(void)printf("  %*s  delivery %s, %s tries%s%s\n", (int)strlen(at), "",
			cli_text(row, "delivery.state"), cli_text(row, "delivery.attempts"),
			*cli_text(row, "delivery.last_error") != '\0' ? ": " : "",
			cli_text(row, "delivery.last_error"));
}

static void
timeline_show(const json_t *answer)
{
	const json_t *row;
	size_t i;

	(void)puts("\nWhat happened");
	json_array_foreach(json_object_get(answer, "timeline"), i, row)
		timeline_row(row);
}

static const char request_columns[] =
	"id:Request,measure:Measure,partner:Partner,state:State,urgency:Urgency,case_id:Case,"
	"asked:Asked,due:Answer due,expiry:Kept until,expiry_local:In our zone,left:Time left,"
	"expiry_note:Note,extends:Extends";

/* What somebody does next with a draft in this state. */
static void
next_tell(const json_t *answer)
{
	static const struct {
		const char *state, *text;
	} nexts[] = {
		{ "draft", "Next: comity request send" },
		{ "waiting", "Next: another officer decides: comity request approve" },
		{ "approved", "Next: comity request send" },
		{ "rejected",
		"Next: who wrote it reads why and corrects it: comity request new --replaces" },
	};

	for (size_t i = 0; i < CO_ARRAY_LEN(nexts); i++)
		if (strcmp(cli_text(answer, "state"), nexts[i].state) == 0)
			(void)printf("\n%s %s\n", nexts[i].text, cli_text(answer, "id"));
}

void
show_draft_made(const struct cli *c, const json_t *answer)
{
	cli_object(answer, c->verb->columns);
	next_tell(answer);
	cli_law_tell(json_object_get(answer, "law"), true);
}

/* What was advised when somebody decided, for who asks later. */
static void
decisions_show(const json_t *answer)
{
	const json_t *row, *one, *list = json_object_get(answer, "decisions");
	size_t i, k;

	if (json_array_size(list) > 0)
		(void)puts("\nWhat was advised at each decision");
	json_array_foreach(list, i, row) {
		(void)printf("  %s  %s decided %s; the law: %s%s%s%s\n", cli_text(row, "at"),
			cli_text(row, "who"), cli_text(row, "decision"), cli_text(row, "verdict"),
			*cli_text(row, "basis") != '\0' ? " under " : "", cli_text(row, "basis"),
			json_is_true(json_object_get(row, "against")) ? "; against the advice: "
								      : "");
		if (json_is_true(json_object_get(row, "against"))) {
			(void)printf("      ");
			cli_paragraph(stdout, 6, 6, cli_text(row, "why"));
		}
		json_array_foreach(json_object_get(row, "facts"), k, one)
			(void)printf("      fact %s  %s\n", cli_text(one, "sha256"),
				cli_text(one, "id"));
	}
}

/* What a second officer has to know before confirming what is to be done with an exhibit. */
static void
draft_custody_show(const json_t *draft)
{
	const struct custody_action *a =
		custody_action_find(cli_text(draft, "draft.body.action"));

	cli_object(draft,
		"id:Draft,state:State,draft.body.action:Action,draft.name:Exhibit,draft.exhibit:Id,"
		"draft.plain.size:Bytes,draft.plain.sha256:SHA-256,draft.partner:Partner,"
		"draft.case_id:Case,draft.body.purpose:Purpose,draft.body.authority:Authority,"
		"draft.body.place:Place,draft.body.use:Use,draft.body.retention.until:Kept until,"
		"draft.body.retention.rule:Rule,draft.body.retention.source:Source,"
		"created_by:Proposed by,created:Proposed,approved_by:Decided by,reason:Reason");
	cli_custody_beside(json_object_get(json_object_get(draft, "draft"), "body"));
	if (a == NULL)
		return;
	(void)printf("\nWhat follows\n  ");
	cli_paragraph(stdout, 2, 2, a->follows == NULL ? a->text : a->follows);
	if (strcmp(cli_text(draft, "state"), "waiting") == 0)
		(void)printf("\nA second officer decides: comity request approve %s; to refuse, "
			"--reject --reason TEXT\n", cli_text(draft, "id"));
	else if (strcmp(cli_text(draft, "state"), "approved") == 0)
		(void)printf("\nApproved and not done: %s asks the same again; %s can take it "
			"back: comity request approve %s --reject --reason TEXT\n",
			cli_text(draft, "created_by"), cli_text(draft, "approved_by"),
			cli_text(draft, "id"));
}

static void
draft_one_show(const struct cli *c, const json_t *answer)
{
	if (strcmp(cli_text(answer, "draft.kind"), "custody") == 0) {
		draft_custody_show(json_object_get(answer, "draft"));
		return;
	}
	cli_object(json_object_get(answer, "draft"),
		"id:Draft,kind:Kind,state:State,created_by:By,created:Composed,approved_by:Decided "
		"by,reason:Reason,draft.to:To,draft.measure:Measure,draft.urgency:Urgency");
	cli_law_tell(json_object_get(answer, "law"), !cli_has(c, "law"));
	decisions_show(answer);
}

void
show_request(const struct cli *c, const json_t *answer)
{
	const json_t *row, *need, *moves = json_object_get(answer, "moves");
	size_t i, k;

	if (json_object_get(answer, "draft") != NULL) {
		draft_one_show(c, answer);
		return;
	}
	cli_object(json_object_get(answer, "request"), request_columns);
	form_text(cli_get(c, "language"), cli_text(answer, "request.measure"),
		json_object_get(answer, "fields"));
	timeline_show(answer);
	(void)puts("\nWhat we can answer next");
	json_array_foreach(moves, i, row) {
		(void)printf("  %-20s %-18s", cli_text(row, "state"), cli_text(row, "clause"));
		json_array_foreach(json_object_get(row, "needs"), k, need)
			(void)printf("%s%s", k == 0 ? " needs " : ", ", json_string_value(need));
		(void)putchar('\n');
	}
	if (json_array_size(moves) == 0)
		(void)puts("  nothing: the other side has the word, or it is closed");
	cli_law_tell(json_object_get(answer, "law"), !cli_has(c, "law"));
	if (cli_has(c, "law"))
		decisions_show(answer);
}

/* Where a list goes on. */
static void
more_show(const json_t *answer, const char *member, const char *option)
{
	const char *more = json_string_value(json_object_get(answer, member));

	if (more != NULL)
		(void)printf("There is more: %s %s\n", option, more);
}

void
show_requests(const struct cli *c, const json_t *answer)
{
	const json_t *drafts = json_object_get(answer, "drafts");

	(void)c;
	if (json_array_size(drafts) > 0) {
		(void)puts("Not sent yet");
		cli_rows(drafts, "id:Draft,kind:Kind,draft.measure:Measure,"
				 "draft.body.action:Action,draft.name:Exhibit,state:State,"
				 "created_by:By,created:Composed,about:About,reason:Why");
		(void)putchar('\n');
	}
	cli_rows(json_object_get(answer, "requests"),
		"id:Request,measure:Measure,partner:Partner,state:State,"
		"urgency:Urgency,due:Answer due,expiry:Kept until,left:Time left");
	more_show(answer, "more", "--after");
}

void
show_case(const struct cli *c, const json_t *answer)
{
	(void)c;
	cli_object(json_object_get(answer, "case"),
		"case_id:Case,ours:Ours,theirs:Theirs,partner:Partner,"
		"opened:Opened,changed:Changed");
	(void)putchar('\n');
	cli_rows(json_object_get(answer, "requests"),
		"id:Request,measure:Measure,state:State,expiry:Kept until,left:Time left");
	more_show(answer, "requests_more", "older requests with --after");
	if (json_is_integer(json_object_get(answer, "earlier")))
		(void)printf("What happened before: --before %lld\n",
			(long long)json_integer_value(json_object_get(answer, "earlier")));
	timeline_show(answer);
}

static enum co_rc
member_write(const json_t *o, const char *member, const char *path, struct co_err *err)
{
	co_auto_buf b;
	const json_t *v = json_object_get(o, member);
	enum co_rc rc;

	co_buf_init(&b, LIMIT_RECORD);
	if (!json_is_string(v))
		return co_fail(err, CO_EMALFORMED, "the node's answer has no \"%s\"", member);
	rc = co_unbase64(json_string_value(v), json_string_length(v), &b, err);
	return rc == CO_OK ? co_write_file(path, b.data, b.len, 0644, err) : rc;
}

enum co_rc
run_record_get(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL, *out = NULL;
	const char *file = cli_get(c, "out");
	char sig[PATH_MAX];
	enum co_rc rc = cli_input(c, &in, err);

	if ((size_t)snprintf(sig, sizeof(sig), "%s.p7s", file) >= sizeof(sig))
		return co_fail(err, CO_EUSAGE, "the file's name is too long");
	if (rc == CO_OK)
		rc = cli_call(c, c->verb->op, in, &out, err);
	if (rc == CO_OK)
		rc = member_write(out, "bytes", file, err);
	if (rc == CO_OK)
		rc = member_write(out, "sig", sig, err);
	if (rc != CO_OK)
		return rc;
	(void)json_object_del(out, "bytes");
	(void)json_object_del(out, "sig");
	(void)json_object_set_new(out, "file", json_string(file));
	(void)json_object_set_new(out, "signature", json_string(sig));
	cli_answer(c, out);
	return CO_OK;
}
