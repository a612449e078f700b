/* One function a verb, each in the file of its noun. The table in verbs.c is their only caller;
 * what more than one verb needs stands below. */
#pragma once

#include "base/uuid.h"
#include "cli/cli.h"
#include "vault/vault.h"

cli_run run_init, run_serve, run_selfcheck, run_rebuild, run_form_show;
cli_run run_request_new, run_request_approve, run_request_answer, run_case_op, run_record_get;
cli_run run_directory_offer, run_directory_publish;
cli_run run_token_add, run_api_describe, run_search, run_webhook_add;
cli_run run_user_add, run_exhibit_seal, run_exhibit_fetch, run_exhibit_open,
	run_exhibit_log, run_exhibit_keep;
cli_run run_law_check, run_law_gap, run_law_show, run_law_verify, run_law_publish;
cli_run run_report, run_package, run_verify, run_ledger_check, run_ledger_prove;
cli_show show_status, show_request, show_request_new, show_requests, show_case, show_form,
	show_exhibit, show_custody, show_lineage, show_said, show_partner;

/* The vault in the node's folder: sealing, opening and packaging work on it beside the node. */
enum co_rc cli_vault(struct cli *c, struct vault **out, struct co_err *err) CO_NODISCARD;
/* exhibit.open with --purpose and --authority: the opening is in custody before the key is here. */
enum co_rc cli_exhibit_key(struct cli *c, const char *id, unsigned char key[CHUNKED_KEY],
	struct co_err *err) CO_NODISCARD;
/* The chain of custody, a line an event and what was said beside it. */
void cli_custody_chain(const json_t *chain);
/* A case's id from its id or our own number for it. */
enum co_rc cli_case(struct cli *c, const char *word, char out[CO_UUID_LEN + 1],
	struct co_err *err) CO_NODISCARD;
