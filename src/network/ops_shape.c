/* What the operations of this room take and give (op_shape.h). */
#include "exchange/op_shape.h"

#include "base/limits.h"
#include "crypto/digest.h"
#include "network/directory_inside.h"
#include "network/fetch.h"

static const struct op_member partner_row[] = {
	{ "address", OP_TEXT, 0, 0, 0, "of the node", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "offered, accepted or blocked", NULL },
	{ "name", OP_TEXT, OP_NULL, 0, 0, "of the organisation", NULL },
	{ "economy", OP_TEXT, OP_NULL, 0, 0, "ISO 3166-1", NULL },
	{ "role", OP_TEXT, OP_NULL, 0, 0, "contact, authority or provider", NULL },
	{ "url", OP_TEXT, OP_NULL, 0, 0, "where it is reached", NULL },
	{ "timezone", OP_TEXT, OP_NULL, 0, 0, "of its desk", NULL },
	{ "changed", OP_TIME, OP_NULL, 0, 0, "last", NULL },
	{ "last_contact", OP_TIME, OP_NULL, 0, 0, "last", NULL },
	{ "skew_s", OP_INT, OP_NULL, 0, 0, "their clock minus ours", NULL },
	{ "clock", OP_TEXT, OP_NULL, 0, 0, "a warning about clocks", NULL },
	OP_END,
};

static const struct op_member certificate[] = {
	{ "use", OP_TEXT, 0, 0, 0, "root, seal or tls", NULL },
	{ "subject", OP_TEXT, OP_NULL, 0, 0, "of it", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of it", NULL },
	{ "not_after", OP_TIME, OP_NULL, 0, 0, "its end", NULL },
	OP_END,
};

static const struct op_member own_certificate[] = {
	{ "use", OP_TEXT, 0, 0, 0, "root, seal, tls or time-stamp", NULL },
	{ "subject", OP_TEXT, OP_NULL, 0, 0, "of it", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of it", NULL },
	{ "not_after", OP_TIME, OP_NULL, 0, 0, "its end", NULL },
	{ "expired", OP_BOOL, 0, 0, 0, "it has ended", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "in-force, ready, kept or ended", NULL },
	{ "soon", OP_BOOL, 0, 0, 0, "it ends within 60 days, and nothing newer is here", NULL },
	{ "waits_for", OP_TEXT, OP_NULL, 0, 0,
		"one that is ready: partners without the entry that lists it, with commas", NULL },
	OP_END,
};

static const struct op_member revoked_row[] = {
	{ "sha256", OP_TEXT, 0, 0, 0, "of the certificate", NULL },
	{ "reason", OP_TEXT, 0, 0, 0, "why", NULL },
	{ "by", OP_TEXT, 0, 0, 0, "the officer", NULL },
	{ "since", OP_TIME, OP_NULL, 0, 0, "when", NULL },
	OP_END,
};

static const struct op_member nothing[] = {

	OP_END,
};

static const struct op_member directory_self_out[] = {
	{ "address", OP_TEXT, 0, 0, 0, "ours", NULL },
	{ "bytes", OP_TEXT, 0, 0, 0, "our entry as signed, base64", NULL },
	{ "sig", OP_TEXT, 0, 0, 0, "detached CMS, base64", NULL },
	{ "fingerprint", OP_TEXT, 0, 0, 0, "SHA-256 of our root, to compare by telephone", NULL },
	OP_END,
};

static const struct op_member directory_list_out[] = {
	{ "partners", OP_LIST, 0, 0, 0, "by address", partner_row },
	OP_END,
};

static const struct op_member directory_show_in[] = {
	{ "address", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "the node's, as us.contact", NULL },
	OP_END,
};

static const struct op_member directory_show_out[] = {
	{ "address", OP_TEXT, 0, 0, 0, "of the node", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "offered, accepted or blocked", NULL },
	{ "entry_id", OP_TEXT, 0, 0, 0, "the record in force", NULL },
	{ "entry", OP_OBJECT, 0, 0, 0, "what it says", NULL },
	{ "certificates", OP_LIST, 0, 0, 0, "it answers for", certificate },
	{ "revoked", OP_LIST, 0, 0, 0, "no longer trusted", revoked_row },
	{ "changed", OP_TIME, OP_NULL, 0, 0, "last", NULL },
	{ "last_contact", OP_TIME, OP_NULL, 0, 0, "last", NULL },
	{ "skew_s", OP_INT, OP_NULL, 0, 0, "their clock minus ours", NULL },
	{ "clock", OP_TEXT, OP_NULL, 0, 0, "a warning about clocks", NULL },
	OP_END,
};

static const struct op_member directory_refresh_out[] = {
	{ "address", OP_TEXT, 0, 0, 0, "of the node", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "of the organisation", NULL },
	{ "economy", OP_TEXT, 0, 0, 0, "ISO 3166-1", NULL },
	{ "url", OP_TEXT, 0, 0, 0, "where it is reached", NULL },
	{ "fingerprint", OP_TEXT, 0, 0, 0, "SHA-256 of its root", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "accepted", NULL },
	{ "news", OP_BOOL, 0, 0, 0, "it was not the entry in force before", NULL },
	OP_END,
};

static const struct op_member directory_offer_in[] = {
	{ "bytes", OP_TEXT, OP_REQUIRED, 0, 0, "the entry as signed, base64", NULL },
	{ "sig", OP_TEXT, OP_REQUIRED, 0, 0, "detached CMS, base64", NULL },
	OP_END,
};

static const struct op_member directory_offer_out[] = {
	{ "address", OP_TEXT, 0, 0, 0, "of the node", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "of the organisation", NULL },
	{ "economy", OP_TEXT, 0, 0, 0, "ISO 3166-1", NULL },
	{ "url", OP_TEXT, 0, 0, 0, "where it is reached", NULL },
	{ "fingerprint", OP_TEXT, 0, 0, 0, "SHA-256 of its root: compare it by telephone", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "offered, accepted or blocked", NULL },
	OP_END,
};

static const struct op_member directory_accept_in[] = {
	{ "address", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "the node's, as us.contact", NULL },
	{ "fingerprint", OP_TEXT, 0, 0, 256, "of the root, as compared by telephone", NULL },
	OP_END,
};

static const struct op_member directory_accept_out[] = {
	{ "address", OP_TEXT, 0, 0, 0, "the node's", NULL },
	{ "done", OP_TEXT, 0, 0, 0, "the event in the ledger", NULL },
	OP_END,
};

static const struct op_member directory_block_in[] = {
	{ "address", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "the node's, as us.contact", NULL },
	{ "reason", OP_TEXT, OP_REQUIRED, 0, 2000, "why", NULL },
	OP_END,
};

static const struct op_member directory_revoke_in[] = {
	{ "address", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "the node's, as us.contact", NULL },
	{ "sha256", OP_TEXT, OP_REQUIRED, 0, SHA256_HEX, "of the certificate", NULL },
	{ "reason", OP_TEXT, OP_REQUIRED, 0, 2000, "why", NULL },
	OP_END,
};

static const struct op_member directory_ping_out[] = {
	{ "address", OP_TEXT, 0, 0, 0, "of the node", NULL },
	{ "ms", OP_NUMBER, 0, 0, 0, "there and back", NULL },
	{ "ledger_size", OP_INT, 0, 0, 0, "leaves in its ledger", NULL },
	OP_END,
};

static const struct op_member status_out[] = {
	{ "address", OP_TEXT, 0, 0, 0, "ours", NULL },
	{ "name", OP_TEXT, 0, 0, 0, "of the organisation", NULL },
	{ "version", OP_TEXT, 0, 0, 0, "of the program", NULL },
	{ "uptime_s", OP_INT, 0, 0, 0, "since the start", NULL },
	{ "pid", OP_INT, 0, 0, 0, "of the node", NULL },
	{ "keeper_pid", OP_INT, 0, 0, 0, "of the keeper", NULL },
	{ "partners", OP_OBJECT, 0, 0, 0, "how many in each state", NULL },
	{ "outbox", OP_OBJECT, OP_NULL, 0, 0,
	"records not delivered, by state; for auditors and administrators", NULL }, { "drafts",
	OP_OBJECT, OP_NULL, 0, 0, "by state; for auditors and administrators", NULL }, { "ledger",
	OP_OBJECT, 0, 0, 0, "its size and last checkpoint", NULL }, { "time_stamps", OP_OBJECT, 0,
	0, 0,
		"from: own or outside; outage; when the first certificate ends; authorities",
		NULL },
	{ "requests", OP_OBJECT, OP_NULL, 0, 0,
	"by direction and state; for auditors and administrators", NULL }, { "certificates",
	OP_LIST, 0, 0, 0, "ours, with their ends", own_certificate }, OP_END,
};

static const struct op_member ledger_checkpoint_out[] = {
	{ "size", OP_INT, 0, 0, 0, "leaves it covers", NULL },
	OP_END,
};

static const struct op_member partner_proof_in[] = {
	{ "address", OP_TEXT, OP_REQUIRED, 0, LIMIT_ADDRESS, "the node's, as us.contact", NULL },
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "of the record", NULL },
	{ "leaf", OP_TEXT, OP_REQUIRED, 0, SHA256_HEX, "its hash, as in the receipt", NULL },
	OP_END,
};

static const struct op_member partner_proof_out[] = {
	{ "proof", OP_TEXT, 0, 0, 0, "of inclusion, with the checkpoint", NULL },
	{ "token", OP_TEXT, 0, 0, 0, "RFC 3161 token over it, base64", NULL },
	{ "size", OP_INT, 0, 0, 0, "leaves it covers", NULL },
	OP_END,
};

static const struct op_member record_proof_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "the record", NULL },
	OP_END,
};

static const struct op_member proof_step[] = {
	{ "step", OP_TEXT, 0, 0, 0, "signature, ledger, stamp, renewal or receipt", NULL },
	{ "result", OP_TEXT, 0, 0, 0, "holds, fails or not-yet", NULL },
	{ "message", OP_TEXT, OP_NULL, 0, 0, "what is wrong or missing", NULL },
	OP_END,
};

static const struct op_member record_proof_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "the record", NULL },
	{ "kind", OP_TEXT, 0, 0, 0, "of record", NULL },
	{ "from", OP_TEXT, 0, 0, 0, "who signed it", NULL },
	{ "to", OP_TEXT, 0, 0, 0, "for whom", NULL },
	{ "incoming", OP_BOOL, 0, 0, 0, "from a partner", NULL },
	{ "sha256", OP_TEXT, 0, 0, 0, "of the signed bytes", NULL },
	{ "case_id", OP_TEXT, OP_NULL, 0, 0, "its case", NULL },
	{ "at", OP_TIME, OP_NULL, 0, 0, "said by the sender's clock", NULL },
	{ "steps", OP_LIST, 0, 0, 0, "what was checked, each now", proof_step },
	{ "index", OP_INT, OP_NULL, 0, 0, "place of its leaf in our ledger, from 0", NULL },
	{ "size", OP_INT, OP_NULL, 0, 0, "leaves under the checkpoint", NULL },
	{ "hashes", OP_INT, OP_NULL, 0, 0, "of the proof", NULL },
	{ "root", OP_TEXT, OP_NULL, 0, 0, "that the checkpoint signs", NULL },
	{ "stamped", OP_TIME, OP_NULL, 0, 0, "by the time-stamp authority", NULL },
	{ "stamped_by", OP_TEXT, OP_NULL, 0, 0, "subject of its certificate", NULL },
	{ "stamp_outside", OP_BOOL, OP_NULL, 0, 0, "it is not this node's own", NULL },
	{ "stamp_ends", OP_TIME, OP_NULL, 0, 0,
		"when the certificates end on which the time rests now", NULL },
	{ "renewals", OP_INT, OP_NULL, 0, 0, "archive time-stamps that cover it", NULL },
	{ "renewed", OP_TIME, OP_NULL, 0, 0, "by the first of them", NULL },
	{ "renewed_by", OP_TEXT, OP_NULL, 0, 0, "subject of the newest's certificate", NULL },
	{ "received", OP_TIME, OP_NULL, 0, 0, "by the partner, as its receipt says", NULL },
	{ "receipt", OP_TEXT, OP_NULL, 0, 0, "the partner's receipt", NULL },
	{ "proof", OP_TEXT, OP_NULL, 0, 0, "C2SP tlog-proof", NULL },
	OP_END,
};

static const struct op_shape shapes[] = {
	{ "directory.self", "read", nothing, directory_self_out },
	{ "directory.list", "read", nothing, directory_list_out },
	{ "network.show", "read", nothing, NULL },
	{ "directory.show", "read", directory_show_in, directory_show_out },
	{ "directory.offer", "admin", directory_offer_in, directory_offer_out },
	{ "directory.refresh", "admin", directory_show_in, directory_refresh_out },
	{ "directory.accept", "admin", directory_accept_in, directory_accept_out },
	{ "directory.block", "admin", directory_block_in, directory_accept_out },
	{ "directory.revoke", "admin", directory_revoke_in, directory_accept_out },
	{ "directory.ping", "read", directory_show_in, directory_ping_out },
	{ "status", "read", nothing, status_out },
	{ "ledger.checkpoint", "admin", nothing, ledger_checkpoint_out },
	{ "record.proof", "read", record_proof_in, record_proof_out },
	{ "partner.proof", "read", partner_proof_in, partner_proof_out },
};

void
directory_describe(struct exchange *x)
{
	op_describe(x, shapes, CO_ARRAY_LEN(shapes));
}

/* ---- fetching ---- */

static const struct op_member fetch_in[] = {
	{ "id", OP_UUID, OP_REQUIRED, 0, 0, "which", NULL },
	OP_END,
};

static const struct op_member fetch_out[] = {
	{ "id", OP_UUID, 0, 0, 0, "which", NULL },
	{ "state", OP_TEXT, 0, 0, 0, "fetching", NULL },
	OP_END,
};

static const struct op_member progress_out[] = {
	{ "state", OP_TEXT, 0, 0, 0, "of the exhibit", NULL },
	{ "done", OP_INT, 0, 0, 0, "bytes here", NULL },
	{ "of", OP_INT, 0, 0, 0, "bytes in all", NULL },
	{ "rate", OP_INT, 0, 0, 0, "bytes a second", NULL },
	{ "error", OP_TEXT, OP_NULL, 0, 0, "what hinders it", NULL },
	OP_END,
};

static const struct op_shape fetch_shapes[] = {
	{ "exhibit.fetch", "evidence", fetch_in, fetch_out },
	{ "exhibit.progress", "read", fetch_in, progress_out },
};

void
fetcher_describe(struct exchange *x)
{
	op_describe(x, fetch_shapes, CO_ARRAY_LEN(fetch_shapes));
}
