/* The pages, one function a row of routes.c. Private to the room. A page calls operations and fills
 * values; it must never decide who may see it (routes.c does) nor write HTML (templates do). */
#pragma once

#include "desk/form_page.h"
#include "desk/inside.h"
#include "desk/passkey.h"

page_fn page_inbox, page_inbox_part, page_inbox_each, page_inbox_keep, page_inbox_forget,
	page_inbox_sound, page_live; /* inbox.c */
page_fn page_sign_in, page_sign_in_post, page_sign_out, page_welcome, page_welcome_post,
	page_account, page_session_end; /* sign_in.c */
page_fn page_cases, page_case, page_message, page_exhibit, page_exhibit_fetch; /* case.c */
void case_whose(struct visit *v); /* is the case everybody's? */
void case_tell(struct visit *v); /* flags of the case, its requests and who sees it */
/* timeline.c: what an operation takes for the part of what happened that is asked for, and the way
 * back. member: of the id of the page's path. */
json_t *timeline_ask(const struct visit *v, const char *member);
void timeline_put(struct visit *v);
void timeline_tell(json_t *timeline);
page_fn page_request, page_answer, page_extend; /* request.c */
/* Flags of a request for templates: is it kept now, may more be asked of it. */
void request_tell(json_t *request);
/* request_moves.c: into each move of request.show what its form shows, the usual first. against: an
 * answer may go against the advice; numbered: our number of the case is told already. */
void moves_fill(json_t *moves, const json_t *request, bool against, bool numbered);
/* What should be done now, or "". */
const char *moves_next(const json_t *request);
/* What the button of a state says; NULL: no such state. */
const char *moves_act(const char *state);
/* Lets telling this state go of data that are kept? Then it is confirmed first. */
bool moves_lets_go(const json_t *request, const char *state);
page_fn page_exhibit_act, page_case_keep; /* custody.c */
page_fn page_case_new;                    /* case.c */
/* What a template asks of moves: what follows, flags of what each needs. at: where forms go. */
void custody_tell(struct visit *v, const char *at);
const char *custody_follows(const char *action);
/* Cannot be undone: who does it ticks that first. */
bool custody_last(const char *action);
page_fn page_compose, page_compose_form, page_compose_post, page_draft, page_draft_decide,
	page_draft_send, page_draft_drop;         /* compose.c */
page_fn page_draft_template, page_template_drop; /* compose_template.c */
/* What a new form begins with: the draft or the template asked for, or what the officer usually
 * writes; owned. A draft's other members (to, urgency...) are in v->values as "from". */
/* Beside the form's fields: as typed, as the address says (query, may be NULL), or as the draft has
 * it; or "". */
const char *compose_given(const struct visit *v, const char *name, const char *query);
enum co_rc compose_begin(
	struct visit *v, const char *measure, json_t **out, struct co_err *err) CO_NODISCARD;
/* "Keep as a template" was pressed: does it, and says so on the page. */
enum co_rc compose_keep(struct visit *v, json_t *fields, struct co_err *err) CO_NODISCARD;
page_fn page_draft_preview; /* preview.c */
page_fn page_attachment, page_attachment_post, page_attachment_drop; /* attach.c */
/* Ids of files that the posted form brought; into an operation, or what was wrong with one. */
json_t *attach_posted(const struct visit *v);
enum co_rc attach_into(const struct visit *v, json_t *in, struct co_err *err) CO_NODISCARD;
void attach_keep(struct visit *v); /* "files": shown again with the form */
/* Of a draft, as its receiver will see them. */
void attach_draft(struct visit *v, const json_t *attachments);
void attach_tell(json_t *attachments); /* "says", "here" and "bad" into each */
void attach_tell_timeline(json_t *timeline);
page_fn page_numbers, page_report, page_report_csv, page_report_json; /* numbers.c */
page_fn page_report_print; /* print.c */
/* Chosen rows as a file; ids is consumed. format: csv or pdf. */
enum co_rc print_table(struct visit *v, const char *op, json_t *ids, const char *format,
	struct co_err *err) CO_NODISCARD;
page_fn page_cases_each; /* bulk.c, with page_inbox_each */
/* Values of bulk.html: who may give, to which units. */
enum co_rc bulk_fill(struct visit *v, struct co_err *err) CO_NODISCARD;
page_fn page_law, page_law_economy, page_law_gap, page_law_compare, page_law_instrument,
	page_law_fact;   /* law.c */
page_fn page_law_panel;  /* law_panel.c */
page_fn page_request_print, page_case_report; /* print.c */
page_fn page_network;    /* partners.c */
page_fn page_preference; /* preference.c */
/* What a template asks of a partner of network.show: its clock as people read it, and flags. */
void partner_look(json_t *partner);
/* What the account page needs to let the officer choose. */
void preference_fill(struct visit *v);
page_fn page_passkey_sign_in, page_passkey_welcome, page_passkey_add,
	page_passkey_drop; /* passkey_page.c */
page_fn page_people, page_people_add, page_person, page_person_role, page_person_unit,
	page_person_disable, page_person_invite, page_unit_add, page_unit_intake, page_sessions,
	page_sessions_end, page_card_add, page_card_drop, page_case_unit, page_case_name,
	page_case_restrict;          /* people.c */
page_fn page_keys, page_trust, page_trust_accept, page_trust_block; /* trust.c */
page_fn page_audit_access, page_audit_access_csv, page_audit_access_json, page_audit_events,
	page_audit_events_csv, page_audit_events_json; /* audit.c */
page_fn page_asset;            /* asset.c */

/* ---- ways to sign in (sign_in.c, passkey_page.c) ---- */
/* A new session and its cookie; on to the inbox. */
enum co_rc sign_in_as(
	struct visit *v, const char *officer, const char *way, struct co_err *err) CO_NODISCARD;
/* The page again with what was wrong. */
enum co_rc sign_in_again(
	struct visit *v, const char *officer, const char *message, int status) CO_NODISCARD;
enum co_rc welcome_again(struct visit *v, const char *invitation, const char *officer,
	const char *message, struct co_err *err) CO_NODISCARD;
/* What the page's script asks the device. */
void passkey_fill_sign_in(struct visit *v);
enum co_rc passkey_fill_new(
	struct visit *v, const char *officer, const char *action, struct co_err *err) CO_NODISCARD;
page_fn page_proof;  /* proof.c */
page_fn page_search; /* search.c */

/* What the law says beside a request: an answer of law.check, or the question first. */
void law_panel_put(struct visit *v, const json_t *law);
void law_panel_ask(struct visit *v, const json_t *form, json_t *fields);
