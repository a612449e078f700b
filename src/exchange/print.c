/* request.print: a request, a draft of one, a notice or a message, as the receiver sees it, on
 * paper. What it is, who signed it and where it was sent stands around it. */
#include "base/enc.h"
#include "crypto/cms.h"
#include "exchange/approval.h"
#include "exchange/inside.h"
#include "exchange/ops.h"
#include "exchange/paper_answer.h"
#include "exchange/paper_record.h"
#include "exchange/sight.h"
#include "exchange/signers.h"
#include "paper/print.h"
#include "words/catalogue.h"

/* What is printed, and what is known of it beside its own words. */
struct printing {
	struct exchange *x;
	struct store_db *db;
	struct paper_reader reader;
	struct co_zone *there;
	char partner[LIMIT_ADDRESS + 1];
	struct stored_record s;
	bool draft;
	char answers[CO_UUID_LEN + 1]; /* the request that a notice is about, or "" */
	char sha256[SHA256_HEX + 1];
	int64_t made_us;
};

static void
printing_deinit(struct printing *p)
{
	stored_record_deinit(&p->s);
	co_zone_close(&p->there);
}

static const char *
say(const struct printing *p, const char *english)
{
	return paper_say(&p->reader, english);
}

static void
fact_time(const struct printing *p, json_t *facts, const char *label, int64_t us)
{
	char text[PAPER_TIME], exact[CO_TIME_LEN], both[PAPER_TIME + CO_TIME_LEN + 16];
	char apart[CO_TIME_LEN + 16];

	if (us == 0)
		return;
	paper_time(&p->reader, us, text);
	co_time_print(us, exact);
	paper_isolate(&p->reader, exact, apart, sizeof(apart));
	(void)snprintf(both, sizeof(both), "%s\n%s", text, apart);
	paper_fact(facts, say(p, label), PAPER_PLAIN, both);
}

static void
fact(const struct printing *p, json_t *facts, const char *label, enum paper_look look,
	const char *value)
{
	if (value != NULL && *value != '\0')
		paper_fact(facts, say(p, label), look, value);
}

/* Who is it from and to: the organisation's name with its address. */
static void
side_put(const struct printing *p, json_t *facts, const char *label, const char *address)
{
	const struct partner *known;
	char text[LIMIT_NAME + LIMIT_ADDRESS + 32], apart[LIMIT_ADDRESS + 16];

	paper_isolate(&p->reader, address, apart, sizeof(apart));
	(void)snprintf(text, sizeof(text), "%s", apart);
	if (strcmp(address, p->x->address) != 0 &&
		partner_get(p->x, address, &known, NULL) == CO_OK) {
		(void)snprintf(text, sizeof(text), "%s (%s)", known->name, apart);
		partner_put(p->x, &known);
	}
	fact(p, facts, label, PAPER_PLAIN, text);
}

static void
head_put(const struct printing *p, json_t *paper)
{
	const struct record *r = &p->s.r;
	const char *urgency = json_string_value(json_object_get(r->body, "urgency"));
	char officer[LIMIT_NAME + 64], basis[512];
	json_t *facts;

	if (p->draft)
		paper_text(paper, PAPER_WARN,
			say(p, WORDS("Draft: not signed and not sent.")));
	facts = paper_facts(paper);
	side_put(p, facts, WORDS("From"), r->from[0] == '\0' ? p->x->address : r->from);
	side_put(p, facts, WORDS("To"), r->to);
	if (r->role[0] != '\0')
		(void)snprintf(officer, sizeof(officer), "%s (%s)", r->officer, say(p, r->role));
	else
		(void)snprintf(officer, sizeof(officer), "%s", r->officer);
	fact(p, facts, WORDS("Officer"), PAPER_PLAIN, officer);
	if (!p->draft)
		fact_time(p, facts, WORDS("Signed on"), r->at_us);
	if (urgency != NULL)
		fact(p, facts, WORDS("Urgency"),
			strcmp(urgency, "routine") == 0 ? PAPER_PLAIN : PAPER_STRONG,
			say(p, urgency));
	if (r->kind == REC_REQUEST) {
		paper_basis(&p->reader, r, basis, sizeof(basis));
		fact(p, facts, WORDS("Legal basis"), PAPER_PLAIN, basis);
	}
	fact(p, facts, WORDS("Sender's number of the case"), PAPER_PLAIN, r->ours);
	fact(p, facts, WORDS("Receiver's number of the case"), PAPER_PLAIN, r->theirs);
	fact(p, facts, WORDS("Case"), PAPER_CODE, r->case_id);
	fact(p, facts, WORDS("Extends"), PAPER_CODE,
		json_string_value(json_object_get(r->body, "extends")));
	fact(p, facts, WORDS("Answers"), PAPER_CODE, p->answers);
}

/* ---- what proves it ---- */

/* Ours: by the certificate of any entry of ours, since certificates are renewed. */
static enum co_rc
own_verify(const struct printing *p, struct co_err *err)
{
	CO_CLEANUP(signers_deinit) struct signers all = { .n = 0 };
	const struct stored_record *s = &p->s;
	struct store_db *db;
	struct signer by;
	record_auto r;

	record_init(&r);
	TRY(store_reader(p->x->store, &db, err));
	TRY(signers_of(p->x, db, p->x->address, &all, err));
	TRY(signers_verify(&all, s->bytes.data, s->bytes.len, s->sig.data, s->sig.len, &by, err));
	return signer_record(&by, s->bytes.data, s->bytes.len, &r, err);
}

/* Checked now, by what this node trusts now: what does not hold is said with its reason. */
static void
signature_put(const struct printing *p, json_t *facts)
{
	const struct stored_record *s = &p->s;
	struct co_err why = { CO_OK, "" };
	cert_auto *by = NULL;
	char hex[SHA256_HEX + 1], text[LIMIT_NAME + 640];
	enum co_rc rc = s->incoming
		? partner_verify(p->x, s->r.from, s->bytes.data, s->bytes.len, s->sig.data,
			  s->sig.len, &why)
		: own_verify(p, &why);

	if (rc == CO_OK)
		(void)snprintf(text, sizeof(text), "%s",
			say(p, WORDS("Holds: checked when this was printed.")));
	else
		(void)snprintf(text, sizeof(text), "%s (%s)",
			say(p,
				WORDS("Was checked when the record was stored; could not be "
				      "checked again with today's certificates.")),
			why.msg);
	fact(p, facts, WORDS("Signature"), PAPER_PLAIN, text);
	if (cms_claimed_signer(&by, s->sig.data, s->sig.len, NULL) != CO_OK)
		return;
	co_hex(cert_sha256(by), SHA256_LEN, hex);
	fact(p, facts, WORDS("Signed with the certificate of"), PAPER_CODE, cert_subject(by));
	fact(p, facts, WORDS("Fingerprint (SHA-256)"), PAPER_CODE, hex);
}

static enum co_rc
delivery_put(const struct printing *p, json_t *facts, struct co_err *err)
{
	static const struct {
		const char *state, *words;
	} states[] = {
		{ "waiting", WORDS("on its way") },
		{ "delivered", WORDS("delivered, with receipt") },
		{ "refused", WORDS("not taken by the partner") },
		{ "given-up", WORDS("not delivered") },
	};
	store_stmt_auto *st = NULL;
	bool row;

	if (p->s.incoming) {
		fact_time(p, facts, WORDS("Received"), p->s.stored_us);
		return CO_OK;
	}
	TRY(store_query(p->db, Q_OUTBOX_OF_RECORD, &st, err, "t", p->s.r.id));
	TRY(store_step(st, &row, err));
	if (!row)
		return CO_OK;
	for (size_t i = 0; i < CO_ARRAY_LEN(states); i++)
		if (strcmp(states[i].state, store_text(st, 0)) == 0)
			fact(p, facts, WORDS("Delivery"), PAPER_PLAIN, say(p, states[i].words));
	fact_time(p, facts, WORDS("Delivered"), store_int(st, 4));
	fact(p, facts, WORDS("Receipt"), PAPER_CODE, store_text(st, 7));
	return CO_OK;
}

static enum co_rc
proof_put(const struct printing *p, json_t *paper, struct co_err *err)
{
	json_t *facts;

	if (p->draft)
		return CO_OK;
	paper_heading(paper, 1, say(p, WORDS("The signed record")));
	facts = paper_facts(paper);
	fact(p, facts, WORDS("Record"), PAPER_CODE, p->s.r.id);
	fact(p, facts, "SHA-256", PAPER_CODE, p->sha256);
	signature_put(p, facts);
	TRY(delivery_put(p, facts, err));
	paper_text(paper, PAPER_QUIET,
		say(p,
			WORDS("This page shows what the record says. What counts is the record "
			      "itself with its signature: whoever has it can check that its "
			      "digest is the one above.")));
	return CO_OK;
}

/* What goes with the record, each bound to it by its digest. */
static void
attachments_put(const struct printing *p, json_t *paper)
{
	json_t *table;
	char size[32];

	if (p->s.r.attachments_n == 0)
		return;
	paper_heading(paper, 1, say(p, WORDS("Attachments")));
	table = paper_table(paper, "");
	paper_column(table, 5, say(p, WORDS("Name")));
	paper_column(table, 2, say(p, WORDS("Bytes")));
	paper_column(table, 7, "SHA-256");
	for (size_t i = 0; i < p->s.r.attachments_n; i++) {
		const struct record_attachment *a = &p->s.r.attachments[i];
		json_t *row = paper_row(table);

		paper_cell(row, PAPER_PLAIN, a->name);
		(void)snprintf(size, sizeof(size), "%llu", (unsigned long long)a->size);
		paper_cell(row, PAPER_PLAIN, size);
		paper_cell(row, PAPER_CODE, a->sha256);
	}
}

static enum co_rc
model(const struct printing *p, json_t **out, struct co_err *err)
{
	char title[512], footer[256];
	json_t *paper;
	enum co_rc rc;

	paper_record_title(&p->reader, &p->s.r, title, sizeof(title));
	if (p->draft)
		(void)snprintf(footer, sizeof(footer), "%s %s", say(p, WORDS("Draft")), p->s.r.id);
	else
		(void)snprintf(footer, sizeof(footer), "%s\nSHA-256 %s", p->s.r.id, p->sha256);
	paper = paper_begin(
		&p->reader, title, footer, p->made_us, p->s.r.exercise, false);
	head_put(p, paper);
	paper_record_body(paper, &p->reader, &p->s.r);
	attachments_put(p, paper);
	rc = proof_put(p, paper, err);
	if (rc == CO_OK)
		rc = paper_check(paper, err);
	if (rc == CO_OK)
		*out = paper;
	else
		json_decref(paper);
	return rc;
}

/* ---- what is it? ---- */

static enum co_rc
notice_of_draft(const struct draft *d, struct record *r, struct co_err *err)
{
	static const char *const members[] = { "state", "ground", "reason", "until", "conditions" };

	r->kind = REC_NOTICE;
	r->body = json_object();
	if (r->body == NULL)
		return co_fail(err, CO_ENOMEM, "draft");
	for (size_t i = 0; i < CO_ARRAY_LEN(members); i++)
		(void)json_object_set(r->body, members[i], json_object_get(d->in, members[i]));
	(void)snprintf(r->case_id, sizeof(r->case_id), "%s", d->case_id);
	return CO_OK;
}

static enum co_rc
take_draft(struct printing *p, const struct draft *d, const struct officer *who,
	struct co_err *err)
{
	struct record *r = &p->s.r;

	record_init(r);
	co_buf_init(&p->s.bytes, 1);
	co_buf_init(&p->s.sig, 1);
	p->draft = true;
	if (strcmp(d->kind, "request") == 0)
		TRY(request_of_draft(p->x, p->db, d, who, r, err));
	else
		TRY(notice_of_draft(d, r, err));
	(void)snprintf(p->answers, sizeof(p->answers), "%s", d->about);
	(void)snprintf(r->id, sizeof(r->id), "%s", d->id);
	(void)snprintf(r->from, sizeof(r->from), "%s", p->x->address);
	(void)snprintf(r->officer, sizeof(r->officer), "%s", d->created_by);
	r->role[0] = '\0';
	p->made_us = d->created_us;
	return CO_OK;
}

static enum co_rc
take_record(struct printing *p, const struct officer *who, const char *id, struct co_err *err)
{
	static const unsigned printed =
		1u << REC_REQUEST | 1u << REC_NOTICE | 1u << REC_MESSAGE | 1u << REC_INFORMATION;
	struct co_err got = { CO_OK, "" };
	enum co_rc rc = exchange_load(p->db, id, &p->s, &got);

	if (rc == CO_OK)
		rc = sight_case(p->x, p->db, who, p->s.r.case_id, &got);
	TRY(sight_tell(rc, &got, "record", id, err));
	if ((printed & 1u << p->s.r.kind) == 0)
		return co_fail(err, CO_EUSAGE,
			"a record of kind %s is not printed by itself; the report of its case "
			"has it",
			record_kind_name(p->s.r.kind));
	sha256_hex(p->s.bytes.data, p->s.bytes.len, p->sha256);
	p->made_us = p->s.r.at_us;
	if (p->s.r.kind == REC_NOTICE && p->s.r.refs_n > 0)
		(void)snprintf(p->answers, sizeof(p->answers), "%s", p->s.r.refs[0].id);
	return CO_OK;
}

/* The clock of the other side; without its zone, ours alone. */
static void
take_partner(struct printing *p)
{
	const struct record *r = &p->s.r;
	const char *other = strcmp(r->from, p->x->address) == 0 ? r->to : r->from;
	const struct partner *known;

	if (partner_get(p->x, other, &known, NULL) != CO_OK)
		return;
	if (co_zone_open(known->timezone, &p->there, NULL) == CO_OK) {
		(void)snprintf(p->partner, sizeof(p->partner), "%s", other);
		p->reader.there = p->there;
	}
	partner_put(p->x, &known);
}

enum co_rc
paper_answer(struct exchange *x, const json_t *paper, const char *format, const char *name,
	json_t **out, struct co_err *err)
{
	bool pdf = strcmp(format, "pdf") == 0;
	paper_told_auto told = { .missing = NULL };
	char sha256[SHA256_HEX + 1], file[160];
	co_auto_buf document;
	co_auto_buf text;
	json_t *o;

	co_buf_init(&document, LIMIT_PAPER_PDF);
	co_buf_init(&text, LIMIT_PAPER_PDF / 3 * 4 + 8);
	if (pdf)
		TRY(paper_pdf(paper, !x->no_sandbox, &document, &told, err));
	else
		TRY(paper_html(paper, &document, err));
	TRY(co_base64_add(&text, document.data, document.len, err));
	sha256_hex(document.data, document.len, sha256);
	(void)snprintf(file, sizeof(file), "%s.%s", name, format);
	o = json_pack("{s:s,s:s,s:s,s:s,s:I,s:O?}", "name", file, "media",
		pdf ? "application/pdf" : "text/html; charset=utf-8", "sha256", sha256,
		"document", text.data, "size", (json_int_t)document.len, "missing", told.missing);
	if (pdf)
		(void)json_object_set_new(o, "pages", json_integer(told.pages));
	return out_give(o, out, err);
}

enum co_rc
paper_format(const json_t *in, const char **format, const char **language, struct co_err *err)
{
	TRY(in_text(in, "format", false, 8, format, err));
	TRY(in_text(in, "language", false, 35, language, err));
	TRY(catalogue_known(*language, err));
	if (*format == NULL)
		*format = "pdf";
	if (strcmp(*format, "pdf") != 0 && strcmp(*format, "html") != 0)
		return co_fail(err, CO_EUSAGE, "format is \"%s\": pdf or html", *format);
	return CO_OK;
}

enum co_rc
op_request_print(struct exchange *x, void *arg, const struct officer *who, const json_t *in,
	json_t **out, struct co_err *err)
{
	CO_CLEANUP(printing_deinit) struct printing p = { .x = x };
	draft_auto d = { .in = NULL };
	struct co_err got = { CO_OK, "" };
	const char *id, *format, *language;
	char name[CO_UUID_LEN + 32];
	json_t *paper = NULL;
	enum co_rc rc;

	(void)arg;
	TRY(in_uuid(in, "id", true, &id, err));
	TRY(paper_format(in, &format, &language, err));
	TRY(store_reader(x->store, &p.db, err));
	p.reader = (struct paper_reader){ .here = x->calendar.zone, .partner = p.partner };
	paper_reader_language(&p.reader, language);
	rc = draft_seen(x, p.db, who, id, &d, &got);
	if (rc == CO_OK && strcmp(d.state, "sent") != 0)
		TRY(take_draft(&p, &d, who, err));
	else
		TRY(take_record(&p, who, id, err));
	take_partner(&p);
	TRY(model(&p, &paper, err));
	(void)snprintf(name, sizeof(name), "%s-%s", p.draft ? "draft" : "record", id);
	rc = paper_answer(x, paper, format, name, out, err);
	json_decref(paper);
	if (rc == CO_OK)
		out_text(*out, "case_id", p.s.r.case_id);
	return rc;
}
