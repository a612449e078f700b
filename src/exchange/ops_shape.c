/* What the operations of this room take and give (op_shape.h). */
#include "exchange/op_shape.h"

#include "base/limits.h"
#include "exchange/ops.h"
#include "exchange/pick.h"

static const struct op_member request_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the request", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "its case", NULL },
	{ "measure", OP_TEXT, 0, 0, 0, "what is asked", NULL },
	{ "partner", OP_TEXT, 0, 0, 0, "the other side's address", NULL },
	{ "incoming", OP_BOOL, 0, 0, 0, "asked of us", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "of the request", NULL },
	{ "urgency", OP_TEXT, 0, 0, 0, "emergency, urgent or routine", NULL },
	{ "extends", OP_UUID, OP_NULL, 0, 0, "the preservation it prolongs", NULL },
	{ "asked", OP_TIME, OP_NULL, 0, 0, "when it was asked", NULL },
	{ "due", OP_TIME, OP_NULL, 0, 0, "an answer is expected by then", NULL },
	{ "late", OP_BOOL, 0, 0, 0, "that time went by", NULL },
	{ "expiry", OP_TIME, OP_NULL, 0, 0, "the preservation runs until then, art. 29(7)", NULL },
	{ "expiry_local", OP_TEXT, OP_NULL, 0, 0, "the same in the zone of this desk", NULL },
	{ "left", OP_TEXT, OP_NULL, 0, 0, "what is left of it, in words", NULL },
	{ "left_s", OP_INT, OP_NULL, 0, 0, "in seconds", NULL },
	{ "expiry_note", OP_TEXT, OP_NULL, 0, 0, "what holds when it ended", NULL },
	{ "pending_mla", OP_BOOL, 0, 0, 0, "a request for disclosure keeps it alive", NULL },
	{ "changed", OP_TIME, OP_NULL, 0, 0, "last change", NULL },
	{ "last_notice", OP_TEXT, OP_NULL, 0, 0, "the latest notice", NULL },
	{ "officer", OP_TEXT, OP_NULL, 0, 0, "who has taken it", NULL },
	{ "unit", OP_TEXT, OP_NULL, 0, 0, "whose case it is in", NULL },
	{ "exercise", OP_BOOL, 0, 0, 0, "training, not real", NULL },
	{ "fresh", OP_BOOL, OP_NULL, 0, 0, "in lists: you have not read it yet", NULL },
	{ "ours", OP_TEXT, OP_NULL, 0, 0, "in lists: our own number of its case", NULL },
	{ "theirs", OP_TEXT, OP_NULL, 0, 0, "in lists: the other side's number", NULL },
	OP_END,
};

static const struct op_member draft_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "becomes the record's", NULL },
	{ "kind", OP_TEXT, 0, 0, 0, "request, notice or custody", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "draft, waiting, approved, sent, rejected or dropped", NULL },
	{ "created_by", OP_TEXT, 0, 0, 0, "the author, or node", NULL },
	{ "draft", OP_OBJECT, 0, 0, 0, "as request.new or request.answer took it", NULL },
	{ "created", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	{ "approved_by", OP_TEXT, OP_NULL, 0, 0, "the second officer", NULL },
	{ "reason", OP_TEXT, OP_NULL, 0, 0, "of a rejection, or why the node drafted it", NULL },
	{ "about", OP_TEXT, OP_NULL, 0, 0, "the request it extends, or the exhibit", NULL },
	{ "turn", OP_TEXT, 0, 0, 0,
		"in the inbox: what is yours to do; decide, send, correct, or empty", NULL },
	OP_END,
};

static const struct op_member delivery[] = {
	{ "state", OP_TEXT, 0, 0, 0, "waiting, delivered, refused or given-up", NULL },
	{ "attempts", OP_INT, 0, 0, 0, "so far", NULL },
	{ "lane", OP_TEXT, 0, 0, 0, "urgent or usual", NULL },
	{ "last_error", OP_TEXT, OP_NULL, 0, 0, "of the last attempt", NULL },
	{ "queued", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	{ "settled", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	{ "next", OP_TIME, OP_NULL, 0, 0, "the next attempt", NULL },
	{ "receipt", OP_TEXT, OP_NULL, 0, 0, "the partner's receipt", NULL },
	OP_END,
};

static const struct op_member attachment_row[] = {
	{ "place", OP_INT, OP_NULL, 0, 0, "in the record's list, from 0", NULL },
	{ "id", OP_UUID, OP_NULL, 0, 0, "of the exhibit that it is, once it was offered", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "of the file", NULL },
	{ "media", OP_TEXT, 0, 0, 0, "type, by its name", NULL },
	{ "size", OP_INT, 0, 0, 0, "in bytes", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of its bytes, as signed in the record", NULL },
	{ "incoming", OP_BOOL, OP_NULL, 0, 0, "from a partner", NULL },
	{ "state", OP_TEXT, 0, 0, 0,
		"held (not sent), waiting (its bytes are not offered), offered, fetching, "
		"verified, "
		"failed or destroyed",
		NULL },
	OP_END,
};

static const struct op_member attachment_list_in[] = {
	{ "of", OP_UUID, 0, 0, 0, "a record or a draft; left out: held by you, not sent", NULL },
	OP_END,
};

static const struct op_member attachment_list_out[] = {
	{ "attachments", OP_LIST, 0, 0, 0, "in the record's order", attachment_row },
	OP_END,
};

static const struct op_member timeline_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the record", NULL },
	{ "kind", OP_TEXT, 0, 0, 0, "of the record", NULL },
	{ "from", OP_TEXT, 0, 0, 0, "who signed it", NULL },
	{ "incoming", OP_BOOL, 0, 0, 0, "from a partner", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of the signed bytes", NULL },
	{ "by", OP_OBJECT, OP_NULL, 0, 0, "the officer and role", NULL },
	{ "at", OP_TIME, OP_NULL, 0, 0, "said by the sender's clock", NULL },
	{ "stored", OP_TIME, OP_NULL, 0, 0, "by ours", NULL },
	{ "delivery", OP_OBJECT, OP_NULL, 0, 0, "of our own records", delivery },
	{ "attachments", OP_LIST, OP_NULL, 0, 0, "what it carries", attachment_row },
	OP_END,
};

static const struct op_member ground[] = {
	{ "code", OP_TEXT, 0, 0, 0, "to answer with", NULL },
	{ "clause", OP_TEXT, 0, 0, 0, "where it stands", NULL },
	{ "text", OP_TEXT, 0, 0, 0, "in words", NULL },
	OP_END,
};

static const struct op_member move[] = {
	{ "state", OP_TEXT, 0, 0, 0, "that may be told", NULL },
	{ "clause", OP_TEXT, 0, 0, 0, "that allows it", NULL },
	{ "needs", OP_WORDS, 0, 0, 0, "members it must have", NULL },
	{ "grounds", OP_LIST, 0, 0, 0, "for a refusal", ground },
	OP_END,
};

static const struct op_member case_row[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "of the case", NULL },
	{ "sealed", OP_BOOL, OP_NULL, 0, 0, "of another unit: only that it exists is told", NULL },
	{ "partner", OP_TEXT, OP_NULL, 0, 0, "the other side", NULL },
	{ "exercise", OP_BOOL, OP_NULL, 0, 0, "training, not real", NULL },
	{ "ours", OP_TEXT, OP_NULL, 0, 0, "our own number", NULL },
	{ "theirs", OP_TEXT, OP_NULL, 0, 0, "the partner's number", NULL },
	{ "opened", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	{ "changed", OP_TIME, OP_NULL, 0, 0, "last", NULL },
	{ "changed_us", OP_INT, OP_NULL, 0, 0, "the same in microseconds since 1970", NULL },
	{ "unit", OP_TEXT, OP_NULL, 0, 0, "whose case it is", NULL },
	{ "closed", OP_BOOL, OP_NULL, 0, 0, "only officers named for it see it", NULL },
	{ "stands", OP_TEXT, OP_NULL, 0, 0,
		"by its latest 100 requests: ours (one waits for us), theirs (one waits for the "
		"other side), answered (none is open), closed (all are over), empty (none)",
		NULL },
	{ "kept_until", OP_TIME, OP_NULL, 0, 0, "of the data kept for it, the first end", NULL },
	{ "ending", OP_BOOL, OP_NULL, 0, 0, "that end is within 14 days", NULL },
	OP_END,
};

static const struct op_member delivery_row[] = {
	{ "seq", OP_INT, 0, 0, 0, "order of sending", NULL },
	{ "record_id", OP_UUID, 0, 0, 0, "what", NULL },
	{ "partner", OP_TEXT, 0, 0, 0, "to whom", NULL },
	{ "lane", OP_TEXT, 0, 0, 0, "urgent or usual", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "waiting, delivered, refused or given-up", NULL },
	{ "attempts", OP_INT, 0, 0, 0, "so far", NULL },
	{ "queued_us", OP_INT, 0, 0, 0, "microseconds since 1970", NULL },
	{ "settled_us", OP_INT, 0, 0, 0, "the same, 0 when not yet", NULL },
	{ "case_id", OP_TEXT, OP_NULL, 0, 0, "its case", NULL },
	{ "next", OP_TIME, OP_NULL, 0, 0, "the next attempt", NULL },
	{ "queued", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	{ "settled", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	{ "last_error", OP_TEXT, OP_NULL, 0, 0, "of the last attempt", NULL },
	{ "receipt", OP_TEXT, OP_NULL, 0, 0, "the partner's receipt", NULL },
	OP_END,
};

static const struct op_member nothing[] = {

	OP_END,
};

static const struct op_member request_new_in[] = {
	{ "to", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "the partner's address, as us.contact",
		NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "a case that is open; otherwise a new one", NULL },
	{ "ours", OP_TEXT, 0, 0, LIMIT_NAME, "our own number of the case; needed for a new one",
		NULL },
	{ "measure", OP_TEXT, OP_REQUIRED, 0, 64, "what is asked; form.list has them", NULL },
	{ "urgency", OP_TEXT, OP_REQUIRED, 0, 16, "emergency, urgent or routine", NULL },
	{ "fields", OP_OBJECT, OP_REQUIRED, 0, 0, "the fields of the form; form.show has them",
		NULL },
	{ "exercise", OP_BOOL, 0, 0, 0, "training, not real", NULL },
	{ "basis", OP_TEXT, 0, 0, 64, "the rule of the law it rests on", NULL },
	{ "attachments", OP_WORDS, 0, 0, LIMIT_ATTACHMENTS, "ids that attachment.add gave", NULL },
	{ "replaces", OP_UUID, 0, 0, 0, "your own draft that this one corrects; it is dropped",
		NULL },
	OP_END,
};

static const struct op_member request_new_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the draft", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "its case", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "draft or waiting", NULL },
	{ "law", OP_OBJECT, OP_NULL, 0, 0, "what the law says of it", NULL },
	OP_END,
};

static const struct op_member request_approve_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	{ "ok", OP_BOOL, 0, 0, 0, "true, the usual: approve; false: reject", NULL },
	{ "reason", OP_TEXT, 0, 0, 1023, "why; needed to reject", NULL },
	OP_END,
};

static const struct op_member request_approve_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "approved or rejected", NULL },
	OP_END,
};

static const struct op_member request_send_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	{ "ok", OP_BOOL, 0, 0, 0,
		"taken and not looked at, so that a program may send what it sent to "
		"request.approve",
		NULL },
	{ "reason", OP_TEXT, 0, 0, 1023, "a reason to go against what the law advises", NULL },
	OP_END,
};

static const struct op_member request_send_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the record or draft", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "its case", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "draft, waiting, sent, or the state told", NULL },
	OP_END,
};

static const struct op_member request_submit_many_in[] = {
	{ "requests", OP_LIST, OP_REQUIRED, 1, 1024, "each as request.new takes it", NULL },
	OP_END,
};

static const struct op_member request_submit_many_out[] = {
	{ "results", OP_LIST, 0, 0, 0, "for each: id and case_id, or error and message", NULL },
	OP_END,
};

static const struct op_member request_list_in[] = {
	PICK_MEMBERS,
	{ "limit", OP_INT, 0, 1, 1000, "at most so many rows; 100", NULL },
	{ "after", OP_TEXT, 0, 0, PICK_MORE_LEN, "what the last answer gave as more", NULL },
	OP_END,
};

static const struct op_member request_list_out[] = {
	{ "requests", OP_LIST, 0, 0, 0, "the latest first", request_row },
	{ "drafts", OP_LIST, 0, 0, 0, "of this side, on the first page", draft_row },
	{ "more", OP_TEXT, OP_NULL, 0, 0,
		"as after, for the next page; also when so much was looked at that a page came "
		"out short",
		NULL },
	{ "words_since", OP_TIME, OP_NULL, 0, 0,
		"very many records hold the words: only those stored since then were looked at",
		NULL },
	OP_END,
};

static const struct op_member request_show_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	{ "before", OP_INT, 0, 1, INT64_MAX, "of what happened, only before this: earlier", NULL },
	{ "limit", OP_INT, 0, 1, 1000, "of what happened, at most so many records; 500", NULL },
	OP_END,
};

static const struct op_member one_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	OP_END,
};

static const struct op_member request_print_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "of the request, draft, notice or message", NULL },
	{ "format", OP_TEXT, 0, 0, 8, "pdf or html; pdf", NULL },
	{ "language", OP_TEXT, 0, 0, 35, "of labels and codes; en", NULL },
	OP_END,
};

static const struct op_member missing_row[] = {
	{ "character", OP_TEXT, 0, 0, 0, "as U+1F600", NULL },
	{ "count", OP_INT, 0, 0, 0, "how often", NULL },
	OP_END,
};

const struct op_member op_paper_out[] = {
	{ "case_id", OP_UUID, OP_NULL, 0, 0, "its case", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "for the file", NULL },
	{ "media", OP_TEXT, 0, 0, 0, "type", NULL },
	{ "size", OP_INT, 0, 0, 0, "of the document, bytes", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of the document", NULL },
	{ "document", OP_TEXT, 0, 0, 0, "base64", NULL },
	{ "pages", OP_INT, OP_NULL, 0, 0, "of a PDF", NULL },
	{ "missing", OP_LIST, OP_NULL, 0, 0,
		"characters that no font here has; they are spelled out", missing_row },
	OP_END,
};

static const struct op_member request_show_out[] = {
	{ "request", OP_OBJECT, OP_NULL, 0, 0, "as it stands", request_row },
	{ "draft", OP_OBJECT, OP_NULL, 0, 0, "instead of it, before it is sent", draft_row },
	{ "basis", OP_TEXT, OP_NULL, 0, 0, "the instrument that it names", NULL },
	{ "basis_name", OP_TEXT, OP_NULL, 0, 0, "what that is called", NULL },
	{ "our_number", OP_TEXT, OP_NULL, 0, 0, "ours of the case", NULL },
	{ "their_number", OP_TEXT, OP_NULL, 0, 0, "the partner's of the case", NULL },
	{ "fields", OP_OBJECT, OP_NULL, 0, 0, "of its form", NULL },
	{ "withheld", OP_OBJECT, OP_NULL, 0, 0,
		"fields that the provider was not sent; kept here", NULL },
	{ "attachments", OP_LIST, OP_NULL, 0, 0, "what the request carries", attachment_row },
	{ "timeline", OP_LIST, OP_NULL, 0, 0, "what happened, the latest part, its oldest first",
		timeline_row },
	{ "earlier", OP_INT, OP_NULL, 0, 0, "as before, for the part before that", NULL },
	{ "fresh", OP_BOOL, OP_NULL, 0, 0, "you have not read the latest; request.read", NULL },
	{ "moves", OP_LIST, OP_NULL, 0, 0, "what may be told next", move },
	{ "law", OP_OBJECT, OP_NULL, 0, 0, "what the law says of it", NULL },
	{ "decisions", OP_LIST, OP_NULL, 0, 0, "what officers decided, and what was advised then",
		NULL },
	OP_END,
};

static const struct op_member request_answer_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "the request", NULL },
	{ "state", OP_TEXT, OP_REQUIRED, 0, 32, "request.show has those that are allowed", NULL },
	{ "reason", OP_TEXT, 0, 0, 0, "in words", NULL },
	{ "ground", OP_TEXT, 0, 0, 0, "code of a ground for a refusal", NULL },
	{ "until", OP_TEXT, 0, 0, 0, "a time: how long data are kept, or when to expect more",
		NULL },
	{ "conditions", OP_LIST, 0, 0, 0, "of use, art. 26 and 28", NULL },
	{ "fields", OP_OBJECT, 0, 0, 0, "what the state asks for", NULL },
	{ "ours", OP_TEXT, 0, 0, LIMIT_NAME, "our own number of the case", NULL },
	{ "why", OP_TEXT, 0, 0, 1023, "a reason to go against what the law advises", NULL },
	{ "attachments", OP_WORDS, 0, 0, LIMIT_ATTACHMENTS, "ids that attachment.add gave", NULL },
	OP_END,
};

static const struct op_member request_extend_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	{ "days", OP_INT, 0, 1, 3650, "so many days more", NULL },
	{ "reason", OP_TEXT, 0, 0, LIMIT_TEXT, "why", NULL },
	OP_END,
};

static const struct op_member request_withdraw_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	{ "reason", OP_TEXT, 0, 0, LIMIT_TEXT, "why", NULL },
	OP_END,
};

static const struct op_member request_withdraw_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the notice or draft", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "told", NULL },
	OP_END,
};

static const struct op_member inbox_list_in[] = {
	PICK_MEMBERS,
	{ "fresh", OP_BOOL, 0, 0, 0, "only what you have not read", NULL },
	{ "within", OP_INT, 0, 0, 8784, "due, or kept, for at most so many hours", NULL },
	{ "view", OP_TEXT, 0, 1, 60, "the filter kept under this name; others go before it", NULL },
	{ "turn", OP_TEXT, 0, 0, 16, "only one section: ours, theirs or ending", NULL },
	{ "limit", OP_INT, 0, 1, 200, "at most so many of each; 50", NULL },
	{ "after", OP_TEXT, 0, 0, PICK_MORE_LEN,
		"what the last answer gave as more of that section", NULL },
	OP_END,
};

static const struct op_member inbox_list_out[] = {
	{ "ours_to_move", OP_LIST, OP_NULL, 0, 0, "waiting for us, the most pressing first",
		request_row },
	{ "ours_more", OP_TEXT, OP_NULL, 0, 0, "as after, with turn ours", NULL },
	{ "theirs_to_move", OP_LIST, OP_NULL, 0, 0, "waiting for the partner", request_row },
	{ "theirs_more", OP_TEXT, OP_NULL, 0, 0, "as after, with turn theirs", NULL },
	{ "ending", OP_LIST, OP_NULL, 0, 0, "preservations that end within two weeks, or within",
		request_row },
	{ "ending_more", OP_TEXT, OP_NULL, 0, 0, "as after, with turn ending", NULL },
	{ "answered", OP_LIST, OP_NULL, 0, 0, "settled by what you have not read", request_row },
	{ "evidence", OP_LIST, OP_NULL, 0, 0,
		"to be decided on: its period ends within two weeks, or within, or a hold ended",
		inbox_evidence_row },
	{ "drafts", OP_LIST, OP_NULL, 0, 0, "not sent", draft_row },
	{ "new", OP_INT, 0, 0, 0,
		"how many of the latest that partners spoke of you have not read, whatever the "
		"filter",
		NULL },
	{ "words_since", OP_TIME, OP_NULL, 0, 0,
		"very many records hold the words: only those stored since then were looked at",
		NULL },
	OP_END,
};

static const struct op_member draft_case[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "that it belongs to, or becomes", NULL },
	{ "open", OP_BOOL, 0, 0, 0, "false: the case is only a draft yet", NULL },
	{ "closed", OP_BOOL, 0, 0, 0, "only officers named for it see it", NULL },
	{ "unit", OP_TEXT, OP_NULL, 0, 0, "whose it is", NULL },
	OP_END,
};

static const struct op_member draft_show_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "kind", OP_TEXT, 0, 0, 0, "request, notice or custody", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "draft, waiting, approved, sent or rejected", NULL },
	{ "created_by", OP_TEXT, 0, 0, 0, "the author", NULL },
	{ "in", OP_OBJECT, 0, 0, 0, "as it was given", NULL },
	{ "created", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	{ "approved_by", OP_TEXT, OP_NULL, 0, 0, "the second officer", NULL },
	{ "reason", OP_TEXT, OP_NULL, 0, 0, "of a rejection", NULL },
	{ "basis", OP_TEXT, OP_NULL, 0, 0, "the instrument that it names", NULL },
	{ "basis_name", OP_TEXT, OP_NULL, 0, 0, "what that is called", NULL },
	{ "law", OP_OBJECT, OP_NULL, 0, 0, "what the law says of it", NULL },
	{ "view", OP_TEXT, OP_NULL, 0, 0,
		"provider: what is for the authority only is not sent, and stays in the draft",
		NULL },
	{ "case", OP_OBJECT, 0, 0, 0, "its case", draft_case },
	{ "named", OP_LIST, 0, 0, 0, "officers who see it by name", NULL },
	OP_END,
};

static const struct op_member message_send_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "text", OP_TEXT, OP_REQUIRED, 0, LIMIT_TEXT, "what is said", NULL },
	{ "to", OP_TEXT, 0, 0, LIMIT_ADDRESS, "the case's partner, or left out", NULL },
	{ "attachments", OP_WORDS, 0, 0, LIMIT_ATTACHMENTS, "ids that attachment.add gave", NULL },
	OP_END,
};

static const struct op_member message_send_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the record", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "its case", NULL },
	OP_END,
};

static const struct op_member case_list_in[] = {
	{ "partner", OP_TEXT, 0, 0, LIMIT_ADDRESS, "only with this one", NULL },
	{ "number", OP_TEXT, 0, 0, LIMIT_NAME, "only of this number, ours or the partner's", NULL },
	{ "exercise", OP_BOOL, 0, 0, 0, "only training (true) or only real (false)", NULL },
	{ "limit", OP_INT, 0, 1, 1000, "at most so many rows; 100", NULL },
	{ "after", OP_TEXT, 0, 0, PICK_MORE_LEN, "what the last answer gave as more", NULL },
	OP_END,
};

static const struct op_member case_list_out[] = {
	{ "cases", OP_LIST, 0, 0, 0, "the latest changed first", case_row },
	{ "more", OP_TEXT, OP_NULL, 0, 0,
		"as after, for the next page; also when so much was looked at that a page came "
		"out short",
		NULL },
	OP_END,
};

static const struct op_member case_show_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "before", OP_INT, 0, 1, INT64_MAX, "of what happened, only before this: earlier", NULL },
	{ "limit", OP_INT, 0, 1, 1000, "of what happened, at most so many records; 500", NULL },
	{ "after", OP_TEXT, 0, 0, PICK_MORE_LEN, "of its requests, those after: requests_more",
		NULL },
	OP_END,
};

static const struct op_member case_show_out[] = {
	{ "case", OP_OBJECT, 0, 0, 0, "the case", case_row },
	{ "named", OP_LIST, OP_NULL, 0, 0, "officers who see it by name", NULL },
	{ "requests", OP_LIST, 0, 0, 0, "of it, the latest first, at most 50", request_row },
	{ "requests_more", OP_TEXT, OP_NULL, 0, 0, "as after, for the next", NULL },
	{ "timeline", OP_LIST, 0, 0, 0, "what happened, the latest part, its oldest first",
		timeline_row },
	{ "earlier", OP_INT, OP_NULL, 0, 0, "as before, for the part before that", NULL },
	OP_END,
};

static const struct op_member delivery_list_in[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "only of this case", NULL },
	{ "state", OP_TEXT, 0, 0, 32, "only these", NULL },
	{ "partner", OP_TEXT, 0, 0, LIMIT_ADDRESS, "only to this one", NULL },
	{ "limit", OP_INT, 0, 1, 100000, "at most so many rows; 100", NULL },
	OP_END,
};

static const struct op_member delivery_list_out[] = {
	{ "deliveries", OP_LIST, 0, 0, 0, "the newest first", delivery_row },
	OP_END,
};

static const struct op_member record_get_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "kind", OP_TEXT, 0, 0, 0, "of record", NULL },
	{ "from", OP_TEXT, 0, 0, 0, "who signed it", NULL },
	{ "to", OP_TEXT, 0, 0, 0, "for whom", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of the bytes", NULL },
	{ "incoming", OP_BOOL, 0, 0, 0, "from a partner", NULL },
	{ "bytes", OP_TEXT, 0, 0, 0, "as signed, base64", NULL },
	{ "sig", OP_TEXT, 0, 0, 0, "detached CMS, base64", NULL },
	{ "case_id", OP_TEXT, OP_NULL, 0, 0, "its case", NULL },
	{ "at", OP_TIME, OP_NULL, 0, 0, "said by the sender's clock", NULL },
	{ "stored", OP_TIME, OP_NULL, 0, 0, "by ours", NULL },
	OP_END,
};

static const struct op_member case_assign_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "unit", OP_TEXT, OP_REQUIRED, 0, LIMIT_UNIT, "to whom", NULL },
	{ "reason", OP_TEXT, 0, 0, 1023, "why", NULL },
	OP_END,
};

static const struct op_member case_assign_out[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "unit", OP_TEXT, 0, 0, 0, "whose it is now", NULL },
	OP_END,
};

static const struct op_member case_name_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "officer", OP_TEXT, OP_REQUIRED, 0, LIMIT_NAME, "who sees it from now on", NULL },
	{ "off", OP_BOOL, 0, 0, 0, "true: not any more", NULL },
	{ "reason", OP_TEXT, 0, 0, 1023, "why", NULL },
	OP_END,
};

static const struct op_member case_name_out[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "officer", OP_TEXT, 0, 0, 0, "who", NULL },
	{ "named", OP_BOOL, 0, 0, 0, "sees it by name", NULL },
	OP_END,
};

static const struct op_member case_restrict_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "officers", OP_WORDS, 0, 0, 64, "who sees it beside the one who closes it", NULL },
	{ "reason", OP_TEXT, OP_REQUIRED, 1, 1023, "why, for the ledger", NULL },
	OP_END,
};

static const struct op_member named_row[] = {
	{ "officer", OP_TEXT, 0, 0, 0, "who", NULL },
	{ "by", OP_TEXT, 0, 0, 0, "named by", NULL },
	{ "at", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	OP_END,
};

static const struct op_member case_restrict_out[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "closed", OP_BOOL, 0, 0, 0, "true", NULL },
	{ "named", OP_LIST, 0, 0, 0, "who sees it", named_row },
	OP_END,
};

static const struct op_shape shapes[] = {
	{ "request.new", "requests", request_new_in, request_new_out },
	{ "request.approve", "requests", request_approve_in, request_approve_out },
	{ "request.send", "requests", request_send_in, request_send_out },
	{ "request.submit_many", "requests", request_submit_many_in, request_submit_many_out },
	{ "request.list", "read", request_list_in, request_list_out },
	{ "request.show", "read", request_show_in, request_show_out },
	{ "request.print", "read", request_print_in, op_paper_out },
	{ "request.answer", "requests", request_answer_in, request_send_out },
	{ "request.extend", "requests", request_extend_in, request_send_out },
	{ "request.withdraw", "requests", request_withdraw_in, request_withdraw_out },
	{ "inbox.list", "read", inbox_list_in, inbox_list_out },
	{ "draft.show", "read", one_in, draft_show_out },
	{ "message.send", "requests", message_send_in, message_send_out },
	{ "attachment.list", "read", attachment_list_in, attachment_list_out },
	{ "case.list", "read", case_list_in, case_list_out },
	{ "case.show", "read", case_show_in, case_show_out },
	{ "delivery.list", "read", delivery_list_in, delivery_list_out },
	{ "record.get", "read", one_in, record_get_out },
	{ "case.assign", "requests", case_assign_in, case_assign_out },
	{ "case.name", "requests", case_name_in, case_name_out },
	{ "case.restrict", "requests", case_restrict_in, case_restrict_out },
	{ "api.describe", "read", nothing, NULL },
};

void
ops_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
	ops_describe_office(x);
}
