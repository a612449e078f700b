/* The report is what a judge reads, so it is made again from the records and compared. That needs
 * the same words and zones: who has others is told so, and nothing is claimed. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "evidence/report.h"
#include "paper/paper.h"

static enum co_rc
file_add(struct verify *v, const char *path, json_t *o, const char *member, struct co_err *err)
{
	co_auto_buf bytes;
	co_auto_buf text;

	co_buf_init(&bytes, LIMIT_PACKAGE_MEMBER);
	co_buf_init(&text, 2 * LIMIT_PACKAGE_MEMBER);
	TRY(verify_text(v, path, &bytes, err));
	TRY(co_base64_add(&text, bytes.data, bytes.len, err));
	return json_object_set_new(o, member, json_string(text.data == NULL ? "" : text.data)) == 0
		? CO_OK
		: co_fail(err, CO_ENOMEM, "report");
}

static enum co_rc
records_add(struct verify *v, json_t *list, struct co_err *err)
{
	for (size_t i = 0; i < v->records_n; i++) {
		json_t *o = json_pack("{s:s}", "id", v->records[i].id);
		char path[LIMIT_PACKAGE_NAME];

		if (json_array_append_new(list, o) != 0)
			return co_fail(err, CO_ENOMEM, "report");
		(void)snprintf(path, sizeof(path), "data/records/%s.json", v->records[i].id);
		TRY(file_add(v, path, o, "bytes", err));
		(void)snprintf(path, sizeof(path), "data/records/%s.json.p7s", v->records[i].id);
		TRY(file_add(v, path, o, "sig", err));
	}
	return CO_OK;
}

/* The newest of each node first. */
static enum co_rc
entries_add(struct verify *v, json_t *list, struct co_err *err)
{
	for (int newest = 1; newest >= 0; newest--)
		for (size_t i = 0; i < v->who.n; i++) {
			const struct signer_entry *e = v->who.entries[i];
			char first[LIMIT_PACKAGE_NAME + 1];
			json_t *o;

			(void)snprintf(first, sizeof(first), "data/directory/%s.json",
				e->p.address);
			if ((strcmp(first, e->path) == 0) != newest)
				continue;
			o = json_pack("{s:s}", "address", e->p.address);
			if (json_array_append_new(list, o) != 0)
				return co_fail(err, CO_ENOMEM, "report");
			TRY(file_add(v, e->path, o, "bytes", err));
		}
	return CO_OK;
}

static json_t *
proofs_count(const struct verify *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->proofs_n; i++)
		(void)json_array_append_new(list, json_null());
	return list;
}

static const char *
partner_of(const struct verify *v)
{
	for (size_t i = 0; i < v->who.n; i++)
		if (strcmp(v->who.entries[i]->p.address, v->maker) != 0)
			return v->who.entries[i]->p.address;
	return v->maker;
}

/* As op case.export gave it to whoever made the report, as far as the report goes by it. */
static enum co_rc
export_make(struct verify *v, const json_t *label, json_t **out, struct co_err *err)
{
	json_t *records = json_array(), *entries = json_array();
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:O,s:o,s:o,s:o}", "case_id", v->case_id,
		"ours", v->ours, "theirs", v->theirs, "address", v->maker, "partner",
		partner_of(v), "missing", json_object_get(label, "missing"), "records", records,
		"entries", entries, "proofs", proofs_count(v));
	enum co_rc rc = o == NULL ? co_fail(err, CO_EVERIFY, "data/report.json lists nothing")
				  : records_add(v, records, err);

	if (rc == CO_OK)
		rc = entries_add(v, entries, err);
	if (rc == CO_OK)
		*out = o;
	else
		json_decref(o);
	return rc;
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

static enum co_rc
made_again(struct verify *v, const json_t *export, const char *language, struct co_err *err)
{
	json_t *paper = NULL;
	co_auto_buf want;
	co_auto_buf have;
	enum co_rc rc;

	co_buf_init(&want, LIMIT_PAPER_PDF);
	co_buf_init(&have, LIMIT_PAPER_PDF);
	TRY(verify_text(v, "data/report.html", &have, err));
	rc = report_model(export, language, &paper, err);
	if (rc == CO_OK)
		rc = paper_html(paper, &want, err);
	json_decref(paper);
	TRY(rc);
	if (want.len != have.len || memcmp(want.data, have.data, have.len) != 0)
		return co_fail(err, CO_EVERIFY,
			"data/report.html does not say what the records say: it was not made from "
			"them");
	say(v, VERIFY_HOLDS,
		"data/report.html says what the %zu records say, word for word; what it calls "
		"missing is its maker's word",
		v->records_n);
	return CO_OK;
}

static enum co_rc
compare(struct verify *v, const json_t *label, struct co_err *err)
{
	const char *language = json_string_value(json_object_get(label, "language")), *other;
	json_t *export = NULL, *own = NULL;
	enum co_rc rc = export_make(v, label, &export, err);

	if (rc == CO_OK)
		rc = report_label(export, language, &own, err);
	if (rc == CO_OK) {
		other = other_than(label, own);
		if (other == NULL)
			rc = made_again(v, export, language, err);
		else
			say(v, VERIFY_NOTE,
				"data/report.html is unchanged since %s signed the package, but "
				"made %s: it was not compared with the records",
				v->maker, other);
	}
	json_decref(own);
	json_decref(export);
	return rc;
}

enum co_rc
step_report(struct verify *v, struct co_err *err)
{
	json_t *label = NULL;
	enum co_rc rc;

	if (index_find(&v->index, "data/report.pdf") != NULL)
		say(v, VERIFY_HOLDS,
			"data/report.pdf is unchanged since %s signed the package: a reading aid, "
			"not compared with the records",
			v->maker);
	/* What is not there is no fault: a report that is too long is left out. */
	if (index_find(&v->index, "data/report.html") == NULL) {
		say(v, VERIFY_NOTE, "there is no report");
		return CO_OK;
	}
	TRY(label_read(v, &label, err));
	rc = compare(v, label, err);
	json_decref(label);
	return rc;
}
