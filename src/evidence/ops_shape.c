/* What the operations of this room take and give (op_shape.h). */
#include "exchange/op_shape.h"

#include "base/limits.h"
#include "evidence/inside.h"

static const struct op_member size[] = {
	{ "size", OP_INT, 0, 0, 0, "in bytes", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of them", NULL },
	OP_END,
};
/* Beside SHA-256 what its sender signed as well; told of one exhibit, not in lists. */
static const struct op_member content[] = {
	{ "size", OP_INT, 0, 0, 0, "in bytes", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of them", NULL },
	{ "sha512", OP_TEXT, OP_NULL, 0, 0, "of them", NULL },
	{ "sha1", OP_TEXT, OP_NULL, 0, 0, "of them", NULL },
	{ "md5", OP_TEXT, OP_NULL, 0, 0, "of them", NULL },
	OP_END,
};

static const struct op_member exhibit_row[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the exhibit", NULL },
	{ "case_id", OP_UUID, 0, 0, 0, "its case", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "of the file", NULL },
	{ "media", OP_TEXT, 0, 0, 0, "type", NULL },
	{ "partner", OP_TEXT, 0, 0, 0, "to whom or from whom", NULL },
	{ "incoming", OP_BOOL, 0, 0, 0, "from a partner", NULL },
	{ "state", OP_TEXT, 0, 0, 0,
		"sealed, offered, fetching, complete, verified, failed or destroyed", NULL },
	{ "manifest_id", OP_TEXT, 0, 0, 0, "the record that describes it", NULL },
	{ "done_bytes", OP_INT, 0, 0, 0, "fetched so far", NULL },
	{ "plain", OP_OBJECT, 0, 0, 0, "the content", content },
	{ "sealed", OP_OBJECT, 0, 0, 0, "the sealed file", size },
	{ "changed", OP_TIME, OP_NULL, 0, 0, "last", NULL },
	{ "derived", OP_OBJECT, OP_NULL, 0, 0, "from, root, by: what it was made from", NULL },
	{ "shut", OP_BOOL, 0, 0, 0, "in the store: checked in and not out since", NULL },
	{ "erased", OP_TIME, OP_NULL, 0, 0, "its file is gone since then", NULL },
	{ "attached_to", OP_UUID, OP_NULL, 0, 0, "the record that carries it; else it is evidence",
		NULL },
	OP_END,
};

static const struct op_member exhibit_register_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "to", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "who may open it", NULL },
	{ "exhibit", OP_OBJECT, OP_REQUIRED, 0, 0, "as comity exhibit seal describes it", NULL },
	{ "purpose", OP_TEXT, 0, 0, LIMIT_TEXT, "why", NULL },
	{ "authority", OP_TEXT, 0, 0, LIMIT_TEXT, "by whose order or which law", NULL },
	OP_END,
};

static const struct op_member exhibit_ready_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "to", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "who may open it", NULL },
	OP_END,
};

static const struct op_member exhibit_ready_out[] = {
	{ "ready", OP_BOOL, 0, 0, 0, "true; otherwise the error says why not", NULL },
	OP_END,
};

static const struct op_member exhibit_register_out[] = {
	{ "manifest_id", OP_UUID, 0, 0, 0, "the record", NULL },
	{ "exhibit", OP_UUID, 0, 0, 0, "which", NULL },
	OP_END,
};

static const struct op_member exhibit_list_in[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "only of this case", NULL },
	{ "limit", OP_INT, 0, 1, 10000, "at most so many rows; 100", NULL },
	OP_END,
};

static const struct op_member exhibit_list_out[] = {
	{ "exhibits", OP_LIST, 0, 0, 0, "the latest changed first", exhibit_row },
	OP_END,
};

static const struct op_member exhibit_show_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	OP_END,
};

static const struct op_member exhibit_show_out[] = {
	{ "exhibit", OP_OBJECT, 0, 0, 0, "which", exhibit_row },
	{ "custody", OP_LIST, 0, 0, 0, "who did what with it, the oldest first", NULL },
	{ "acquisition", OP_OBJECT, OP_NULL, 0, 0,
		"how it was taken from its source, as its manifest says; absent if it was not",
		NULL },
	OP_END,
};

static const struct op_member exhibit_open_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	{ "purpose", OP_TEXT, OP_REQUIRED, 0, LIMIT_TEXT, "why", NULL },
	{ "authority", OP_TEXT, OP_REQUIRED, 0, LIMIT_TEXT, "by whose order or which law", NULL },
	{ "place", OP_TEXT, 0, 0, LIMIT_NAME, "where", NULL },
	{ "use", OP_TEXT, 0, 1, 16, "case or other: asked when conditions bind the exhibit", NULL },
	OP_END,
};

static const struct op_member exhibit_open_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "key", OP_TEXT, 0, 0, 0, "of the content, base64", NULL },
	{ "exhibit", OP_OBJECT, 0, 0, 0, "which", exhibit_row },
	OP_END,
};

static const struct op_member case_export_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "use", OP_TEXT, 0, 1, 16, "case or other: asked when conditions bind what is in it",
	NULL }, OP_END,
};

static const struct op_member case_report_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "format", OP_TEXT, 0, 0, 8, "pdf or html; pdf", NULL },
	{ "language", OP_TEXT, 0, 0, 35, "of the report; en", NULL },
	{ "use", OP_TEXT, 0, 1, 16, "case or other: asked when conditions bind what is in it",
		NULL },
	OP_END,
};

static const struct op_member case_export_out[] = {
	{ "case_id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "ours", OP_TEXT, 0, 0, 0, "our number", NULL },
	{ "theirs", OP_TEXT, 0, 0, 0, "theirs", NULL },
	{ "address", OP_TEXT, 0, 0, 0, "ours", NULL },
	{ "partner", OP_TEXT, 0, 0, 0, "the other side", NULL },
	{ "organisation", OP_TEXT, 0, 0, 0, "our name", NULL },
	{ "at", OP_TIME, 0, 0, 0, "when it was exported", NULL },
	{ "records", OP_LIST, 0, 0, 0, "as signed", NULL },
	{ "proofs", OP_LIST, 0, 0, 0, "of the ledgers", NULL },
	{ "checkpoints", OP_LIST, 0, 0, 0, "of the ledgers", NULL },
	{ "consistency", OP_LIST, 0, 0, 0, "of the ledgers", NULL },
	{ "archive", OP_LIST, 0, 0, 0, "archive time-stamps of our ledger", NULL },
	{ "named", OP_LIST, 0, 0, 0, "events that name time-stamps, under the newest of them",
		NULL },
	{ "entries", OP_LIST, 0, 0, 0, "of the directory", NULL },
	{ "exhibits", OP_LIST, 0, 0, 0, "without their bytes", NULL },
	{ "containers", OP_LIST, 0, 0, 0, "of legal documents, ASiC-E", NULL },
	{ "missing", OP_LIST, 0, 0, 0, "what could not be had, in words", NULL },
	OP_END,
};

static const struct op_member case_packaged_in[] = {
	{ "case_id", OP_UUID, OP_REQUIRED, 0, 0, "the case", NULL },
	{ "index_sha256", OP_TEXT, OP_REQUIRED, 0, 64, "of the package's index", NULL },
	{ "files", OP_INT, 0, 1, LIMIT_PACKAGE_ENTRIES, "in it", NULL },
	{ "exhibits", OP_LIST, OP_REQUIRED, 0, 0, "in it", NULL },
	{ "purpose", OP_TEXT, 0, 0, LIMIT_TEXT, "why", NULL },
	{ "authority", OP_TEXT, 0, 0, LIMIT_TEXT, "by whose order or which law", NULL },
	{ "use", OP_TEXT, 0, 1, 16, "case or other: asked when conditions bind what is in it",
	NULL }, OP_END,
};

static const struct op_member case_packaged_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the record", NULL },
	{ "record", OP_TEXT, 0, 0, 0, "as signed, base64", NULL },
	{ "sig", OP_TEXT, 0, 0, 0, "detached CMS, base64", NULL },
	OP_END,
};

static const struct op_member attachment_add_in[] = {
	{ "name", OP_TEXT, OP_REQUIRED, 0, LIMIT_TEXT, "of the file; made safe", NULL },
	{ "size", OP_INT, 0, 0, 0, "in bytes, when it is known: refused early", NULL },
	OP_END,
};

static const struct op_member attachment_add_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "of the attachment", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "as it will be signed", NULL },
	{ "media", OP_TEXT, 0, 0, 0, "type, by its name", NULL },
	{ "most", OP_INT, 0, 0, 0, "bytes that it may have", NULL },
	OP_END,
};

static const struct op_member attachment_put_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "that attachment.add gave", NULL },
	{ "bytes", OP_BYTES, 0, 0, 0, "of the file", NULL },
	{ "fault", OP_TEXT, 0, 0, 32, "set by the node", NULL },
	{ "message", OP_TEXT, 0, 0, LIMIT_TEXT, "set by the node", NULL },
	OP_END,
};

static const struct op_member attachment_put_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "to name in attachments of a request, answer or message", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "of the file", NULL },
	{ "media", OP_TEXT, 0, 0, 0, "type", NULL },
	{ "size", OP_INT, 0, 0, 0, "in bytes", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of its bytes", NULL },
	OP_END,
};

static const struct op_member attachment_id_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	OP_END,
};

static const struct op_member attachment_drop_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	OP_END,
};

static const struct op_member attachment_content_out[] = {
	{ "bytes", OP_BYTES, 0, 0, 0, "of the file", NULL },
	OP_END,
};

static const struct op_member attachment_open_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "key", OP_TEXT, 0, 0, 0, "of the sealed file, base64", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "of the file", NULL },
	{ "media", OP_TEXT, 0, 0, 0, "type, as its sender said", NULL },
	{ "size", OP_INT, 0, 0, 0, "in bytes", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of its bytes", NULL },
	{ "case_id", OP_TEXT, 0, 0, 0, "its case, or empty", NULL },
	OP_END,
};

static const struct op_shape shapes[] = {
	{ "attachment.add", "requests", attachment_add_in, attachment_add_out },
	{ "attachment.put", "requests", attachment_put_in, attachment_put_out },
	{ "attachment.content", "evidence", attachment_id_in, attachment_content_out },
	{ "attachment.drop", "requests", attachment_id_in, attachment_drop_out },
	{ "attachment.open", "read", attachment_id_in, attachment_open_out },
	{ "exhibit.register", "evidence", exhibit_register_in, exhibit_register_out },
	{ "exhibit.ready", "evidence", exhibit_ready_in, exhibit_ready_out },
	{ "exhibit.list", "read", exhibit_list_in, exhibit_list_out },
	{ "exhibit.show", "read", exhibit_show_in, exhibit_show_out },
	{ "exhibit.open", "evidence", exhibit_open_in, exhibit_open_out },
	{ "case.export", "evidence", case_export_in, case_export_out },
	{ "case.report", "read", case_report_in, op_paper_out },
	{ "case.packaged", "evidence", case_packaged_in, case_packaged_out },
};

void
evidence_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
	custody_describe(x);
}
