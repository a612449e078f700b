/* The report is what a judge reads, so it is made again from the records and compared. That needs
 * the same words and zones: who has others is told so, and nothing is claimed. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "evidence/report.h"
#include "paper/print.h"

static enum co_rc
record_give(void *arg, size_t i, struct report_bytes *out, struct co_err *err)
{
	struct verify *v = arg;
	char path[LIMIT_PACKAGE_NAME];

	(void)snprintf(path, sizeof(path), "data/records/%s.json", v->records[i].id);
	TRY(verify_text(v, path, &out->bytes, err));
	(void)snprintf(path, sizeof(path), "data/records/%s.json.p7s", v->records[i].id);
	return verify_text(v, path, &out->sig, err);
}

static enum co_rc
entry_add(struct verify *v, const struct signer_entry *e, json_t *list, struct co_err *err)
{
	co_auto_buf bytes;
	co_auto_buf text;

	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&text, 2 * LIMIT_RECORD);
	TRY(verify_text(v, e->path, &bytes, err));
	TRY(co_base64_add(&text, bytes.data, bytes.len, err));
	return json_array_append_new(list,
		       json_pack("{s:s,s:s}", "address", e->p.address, "bytes", text.data)) == 0
		? CO_OK
		: co_fail(err, CO_ENOMEM, "report");
}

/* The newest of each node first. */
static enum co_rc
entries_add(struct verify *v, json_t *list, struct co_err *err)
{
	for (int newest = 1; newest >= 0; newest--)
		for (size_t i = 0; i < v->who.n; i++) {
			const struct signer_entry *e = v->who.entries[i];
			char first[LIMIT_PACKAGE_NAME + 1];

			(void)snprintf(first, sizeof(first), "data/directory/%s.json",
				e->p.address);
			if ((strcmp(first, e->path) == 0) != newest)
				continue;
			TRY(entry_add(v, e, list, err));
		}
	return CO_OK;
}

static const char *
partner_of(const struct verify *v)
{
	for (size_t i = 0; i < v->who.n; i++)
		if (strcmp(v->who.entries[i]->p.address, v->maker) != 0)
			return v->who.entries[i]->p.address;
	return v->maker;
}

/* As op case.export gave it to whoever made the report. */
static void
source_of(struct verify *v, const json_t *label, const json_t *entries, struct report_source *from)
{
	*from = (struct report_source){ .case_id = v->case_id,
		.ours = v->ours,
		.theirs = v->theirs,
		.address = v->maker,
		.partner = partner_of(v),
		.missing = json_object_get(label, "missing"),
		.entries = entries,
		.proofs_n = v->proofs_n,
		.records_n = v->records_n,
		.record = record_give,
		.arg = v };
}

static enum co_rc
label_read(struct verify *v, json_t **out, struct co_err *err)
{
	co_auto_buf text;
	json_t *o;

	co_buf_init(&text, LIMIT_PACKAGE_MEMBER);
	TRY(verify_text(v, "data/report.json", &text, err));
	o = json_loadb(text.data == NULL ? "" : text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_array(json_object_get(o, "missing")) ||
		!json_is_string(json_object_get(o, "language"))) {
		json_decref(o);
		return co_fail(err, CO_EVERIFY,
			"data/report.json does not say how the report was made");
	}
	*out = o;
	return CO_OK;
}

/* Made by this form, in these words, by these clocks? Why not, for a person; NULL: yes. */
static const char *
other_than(const json_t *label, const json_t *own)
{
	static const char *const members[][2] = { { "form", "by another version" },
		{ "language", "in a language that is not here" },
		{ "words", "in the words of another version" },
		{ "clock", "where time zones count otherwise than on this machine" } };

	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++)
		if (!json_equal(json_object_get(label, members[i][0]),
			    json_object_get(own, members[i][0])))
			return members[i][1];
	return NULL;
}

/* ---- report.pdf ---- */
static const char pdf_path[] = "data/report.pdf";

/* What is known of it when it was not printed again, and why it was not. */
static void
pdf_told(struct verify *v, const char *why)
{
	say(v, VERIFY_NOTE,
		"data/report.pdf was not compared: %s. Behind it stands that %s signed the "
		"package with it in the lists, and nothing else: no record speaks of it, and no "
		"time-stamp covers it",
		why, v->maker);
}

/* The same model, printed by the same libraries with the same fonts, is the same file. */
static enum co_rc
pdf_compare(struct verify *v, const json_t *label, const json_t *paper, struct co_err *err)
{
	const char *with = json_string_value(json_object_get(label, "printer"));
	paper_told_auto told = { .missing = NULL };
	struct co_err why = { 0 };
	digest_auto *made = NULL;
	co_auto_buf pdf;

	co_buf_init(&pdf, LIMIT_PAPER_PDF);
	if (index_find(&v->index, pdf_path) == NULL)
		return CO_OK;
	if (v->conf->level < VERIFY_FULL) {
		pdf_told(v, "that is done from --level full on");
		return CO_OK;
	}
	if (with == NULL || paper_pdf(paper, true, &pdf, &told, &why) != CO_OK) {
		pdf_told(v, with == NULL ? "data/report.json does not say what printed it"
					 : why.msg);
		return CO_OK;
	}
	if (strcmp(with, told.with) != 0) {
		pdf_told(v, "the printer here has other fonts or versions than data/report.json "
			"names");
		return CO_OK;
	}
	TRY(digest_new(&made, DIGEST_SHA256, err));
	digest_add(made, pdf.data, pdf.len);
	TRY(verify_made(v, pdf_path, made, err));
	say(v, VERIFY_HOLDS,
		"data/report.pdf is what the printer here makes of the same report, byte for byte");
	return CO_OK;
}

/* ---- report.html ---- */
static enum co_rc
html_compare(struct verify *v, const json_t *paper, struct co_err *err)
{
	digest_auto *made = NULL;

	TRY(digest_new(&made, DIGEST_SHA256, err));
	TRY(paper_html_to(paper, digest_sink, made, err));
	TRY(verify_made(v, "data/report.html", made, err));
	say(v, VERIFY_HOLDS,
		"data/report.html says what the %zu records say, word for word; what it calls "
		"missing is its maker's word",
		v->records_n);
	return CO_OK;
}

static enum co_rc
made_again(struct verify *v, const json_t *label, const struct report_source *from,
	struct co_err *err)
{
	const char *language = json_string_value(json_object_get(label, "language"));
	json_t *paper = NULL;
	enum co_rc rc;

	TRY(report_model(from, language, &paper, err));
	rc = html_compare(v, paper, err);
	if (rc == CO_OK)
		rc = pdf_compare(v, label, paper, err);
	json_decref(paper);
	return rc;
}

static void
not_made_again(struct verify *v, const char *other)
{
	say(v, VERIFY_NOTE,
		"data/report.html is unchanged since %s signed the package, but made %s: it was "
		"not compared with the records",
		v->maker, other);
	if (index_find(&v->index, pdf_path) != NULL)
		pdf_told(v, "report.html was not either");
}

static enum co_rc
compare(struct verify *v, const json_t *label, struct co_err *err)
{
	const char *language = json_string_value(json_object_get(label, "language")), *other;
	json_t *entries = json_array(), *own = NULL;
	struct report_source from;
	enum co_rc rc = entries_add(v, entries, err);

	source_of(v, label, entries, &from);
	if (rc == CO_OK)
		rc = report_label(&from, language, &own, err);
	if (rc == CO_OK) {
		other = other_than(label, own);
		if (other == NULL)
			rc = made_again(v, label, &from, err);
		else
			not_made_again(v, other);
	}
	json_decref(own);
	json_decref(entries);
	return rc;
}

enum co_rc
step_report(struct verify *v, struct co_err *err)
{
	json_t *label = NULL;
	enum co_rc rc;

	/* What is not there is no fault: a report that is too long is left out. */
	if (index_find(&v->index, "data/report.html") == NULL) {
		say(v, VERIFY_NOTE, "there is no report.html");
		if (index_find(&v->index, pdf_path) != NULL)
			pdf_told(v, "without report.json nothing says how it was made");
		return CO_OK;
	}
	TRY(label_read(v, &label, err));
	rc = compare(v, label, err);
	json_decref(label);
	return rc;
}
