/* One function a verb, each in the file of its noun. The table in verbs.c is their only caller;
 * what more than one verb needs stands below. */
#pragma once

#include "base/uuid.h"
#include "cli/cli.h"
#include "evidence/seal.h"
#include "record/record.h"

cli_run run_init, run_serve, run_selfcheck, run_rebuild, run_form_show, run_form_check;
cli_run run_certificate_renew, run_certificate_request;
cli_run run_request_new, run_request_approve, run_request_answer, run_case_op, run_record_get;
cli_run run_message, run_request_attachments;
cli_run run_directory_offer, run_directory_publish;
cli_run run_view_save, run_table, run_case_each;
cli_run run_token_add, run_api_describe, run_search, run_webhook_add;
cli_run run_examine, run_hashset_build, run_hashset_show;
cli_run run_user_add, run_exhibit_seal, run_exhibit_fetch, run_exhibit_open,
	run_exhibit_log, run_exhibit_keep;
cli_run run_law_check, run_law_gap, run_law_show, run_law_verify, run_law_publish;
cli_run run_acquire, run_acquire_drop, run_exhibit_import;
cli_run run_request_print, run_case_report;
/* By the name of the file that is wanted. */
bool cli_wants_html(const char *file), cli_wants_paper(const char *file);
/* What an operation prints, into the file of --out. */
enum co_rc cli_print_paper(struct cli *c, const char *op, json_t *in, struct co_err *err)
	CO_NODISCARD;
cli_run run_report, run_package, run_verify, run_ledger_check, run_ledger_prove;
cli_show show_status, show_request, show_draft_made, show_requests, show_inbox, show_case,
	show_form, show_exhibit, show_offered, show_custody, show_lineage, show_said, show_partner,
	show_moves, show_case_custody, show_views, show_certificates;

/* The vault in the node's folder: sealing, opening and packaging work on it beside the node. */
enum co_rc cli_vault(struct cli *c, struct vault **out, struct co_err *err) CO_NODISCARD;
/* exhibit.open with --purpose and --authority: the opening is in custody before the key is here. */
enum co_rc cli_exhibit_key(struct cli *c, const char *id, unsigned char key[CHUNKED_KEY],
	struct co_err *err) CO_NODISCARD;
/* The chain of custody, a line an event and what was said beside it. */
void cli_custody_chain(const json_t *chain);
/* The members of one custody record that stand beside purpose and authority. */
void cli_custody_beside(const json_t *item);
/* The content of a sealed file into fd, durable; CO_EVERIFY when it is not sha256. */
struct cli_unseal {
	const char *id, *path, *sha256;
	const struct vault_content *content; /* NULL: as it is */
	uint64_t size;
	int fd;
};
enum co_rc cli_unseal(struct vault *v, const struct cli_unseal *what,
	const unsigned char key[CHUNKED_KEY], struct co_err *err) CO_NODISCARD;
/* exhibit.open into an E01 image; shown: of exhibit.show. Nothing is left of it after an error. */
enum co_rc cli_open_e01(struct cli *c, struct vault *v, const json_t *shown, const char *path,
	unsigned *segments, struct co_err *err) CO_NODISCARD;
/* The bytes of a file for attachment.put. */
enum co_rc cli_put(struct cli *c, const char *id, const char *path,
	void (*progress)(void *arg, uint64_t done, uint64_t of), void *arg, json_t **out,
	struct co_err *err) CO_NODISCARD;
/* The files of --attach, given to the node; their ids into in.attachments. */
enum co_rc cli_attach(struct cli *c, json_t *in, struct co_err *err) CO_NODISCARD;
/* For whom --to seals: ourselves and the partner; NULL or our own address: ourselves alone. */
struct cli_seals {
	struct cert *certs[2];
	struct seal_recipient to[2];
	size_t n;
	char ours[LIMIT_ADDRESS + 1];
};
enum co_rc cli_seals(struct cli *c, const char *to, struct cli_seals *out, struct co_err *err)
	CO_NODISCARD;
void cli_seals_deinit(struct cli_seals *s);
#define cli_seals_auto CO_CLEANUP(cli_seals_deinit) struct cli_seals
/* Compression and digests by --as-is, --sha512, --sha1, --md5. */
void cli_how(const struct cli *c, struct vault_how *how);
/* Member "key" of an answer; what held it is wiped. */
enum co_rc cli_key(const json_t *answer, unsigned char key[CHUNKED_KEY], struct co_err *err)
	CO_NODISCARD;
/* A case's id from its id or our own number for it. */
enum co_rc cli_case(struct cli *c, const char *word, char out[CO_UUID_LEN + 1],
	struct co_err *err) CO_NODISCARD;
