/* The one table of pages: what is served, to whom, by which function. Tests go through it row by
 * row. */
#include "desk/pages.h"

#include <string.h>

#define ANY "*"
#define ASK "duty,investigator,administrator"
#define HANDS "duty,investigator,custodian,administrator"

#define OVERSEE "auditor,administrator"
#define RUN "administrator"

const struct route desk_routes[] = {
	{ WEB_GET, "/", ANY, page_inbox, 0, "what needs somebody now" },
	{ WEB_GET, "/inbox", ANY, page_inbox_part, 0, "the inbox alone, for its live update" },
	{ WEB_POST, "/inbox/each", ANY, page_inbox_each, 0, "do one thing with many requests" },
	{ WEB_POST, "/inbox/keep", ANY, page_inbox_keep, 0, "keep a filter under a name" },
	{ WEB_POST, "/inbox/forget", ANY, page_inbox_forget, 0, "forget a filter" },
	{ WEB_POST, "/inbox/sound", ANY, page_inbox_sound, 0, "let the inbox ring, or not" },
	{ WEB_GET, "/live", ANY, page_live, 0, "events: something changed since a mark" },
	{ WEB_GET, "/sign-in", "", page_sign_in, ROUTE_OPEN, "the form to sign in" },
	{ WEB_POST, "/sign-in", "", page_sign_in_post, ROUTE_OPEN, "sign in" },
	{ WEB_POST, "/sign-out", ANY, page_sign_out, 0, "end this session" },
	{ WEB_GET, "/welcome", "", page_welcome, ROUTE_OPEN, "an invitation" },
	{ WEB_POST, "/welcome", "", page_welcome_post, ROUTE_OPEN, "take an invitation" },
	{ WEB_POST, "/sign-in/passkey", "", page_passkey_sign_in, ROUTE_OPEN,
		"sign in with a passkey" },
	{ WEB_POST, "/welcome/passkey", "", page_passkey_welcome, ROUTE_OPEN,
		"take an invitation with a passkey" },
	{ WEB_POST, "/account/passkey", ANY, page_passkey_add, 0, "register a passkey" },
	{ WEB_POST, "/account/passkey/:id/drop", ANY, page_passkey_drop, 0,
		"remove one of one's passkeys" },
	{ WEB_GET, "/account", ANY, page_account, 0, "own sessions and ways to sign in" },
	{ WEB_POST, "/account/session/:id/end", ANY, page_session_end, 0,
		"end one of one's sessions" },
	{ WEB_POST, "/account/language", ANY, page_preference, 0,
		"choose one's language and time zone" },
	{ WEB_GET, "/search", ANY, page_search, 0, "records that hold some words" },
	{ WEB_GET, "/cases", ANY, page_cases, 0, "cases" },
	{ WEB_POST, "/cases/new", HANDS, page_case_new, 0, "begin an own case" },
	{ WEB_POST, "/cases/each", ANY, page_cases_each, 0, "do one thing with many cases" },
	{ WEB_GET, "/case/:id", ANY, page_case, 0, "one case" },
	{ WEB_GET, "/case/:id/report", ANY, page_case_report, 0,
		"the report of a case as PDF, or as HTML" },
	{ WEB_POST, "/case/:id/message", ASK, page_message, ROUTE_FILES,
	"say something in a case" }, { WEB_POST, "/case/:id/unit", ASK, page_case_unit, 0,
	"give a case to another unit" }, { WEB_POST, "/case/:id/name", ASK, page_case_name, 0,
		"let an officer of another unit see a case" },
	{ WEB_POST, "/case/:id/restrict", ASK, page_case_restrict, 0,
		"close a case to the officers named for it" },
	{ WEB_POST, "/case/:id/keep", HANDS, page_case_keep, 0,
		"hold, keep or release all evidence of a case" },
	{ WEB_GET, "/request/:id", ANY, page_request, 0, "one request and what can follow" },
	{ WEB_GET, "/request/:id/print", ANY, page_request_print, 0,
		"a request, notice or message as PDF, or as HTML" },
	{ WEB_POST, "/request/:id/answer", ASK, page_answer, ROUTE_FILES,
		"answer a request, or withdraw it" },
	{ WEB_POST, "/request/:id/extend", ASK, page_extend, 0,
		"ask that what is preserved is kept longer" },
	{ WEB_GET, "/record/:id/proof", ANY, page_proof, 0,
		"what proves a record, checked now" },
	{ WEB_GET, "/compose", ASK, page_compose, 0, "choose what to ask" },
	{ WEB_GET, "/compose/:measure", ASK, page_compose_form, 0, "the form of a measure" },
	{ WEB_POST, "/compose/:measure", ASK, page_compose_post, ROUTE_FILES, "make a draft" },
	{ WEB_POST, "/draft/:id/drop", ASK, page_draft_drop, 0, "give up a draft" },
	{ WEB_POST, "/draft/:id/template", ASK, page_draft_template, 0,
		"keep the fields of a draft as a template" },
	{ WEB_POST, "/template/:id/drop", ASK, page_template_drop, 0, "delete a template" },
	{ WEB_GET, "/draft/:id", ANY, page_draft, 0, "a draft as the receiver will see it" },
	{ WEB_GET, "/draft/:id/preview", ANY, page_draft_preview, 0,
		"a draft as the receiver reads it, in their language" },
	{ WEB_GET, "/draft/:id/print", ANY, page_request_print, 0, "a draft as PDF, or as HTML" },
	{ WEB_POST, "/draft/:id/approve", "approver", page_draft_decide, 0,
		"approve or reject a draft" },
	{ WEB_POST, "/draft/:id/send", ASK, page_draft_send, 0, "sign and send a draft" },
	{ WEB_POST, "/attachment", ASK, page_attachment_post, ROUTE_FILES,
		"give a file that will go with a record" },
	{ WEB_GET, "/attachment/:id", "duty,investigator,approver,custodian,administrator",
		page_attachment, 0, "save an attachment" },
	{ WEB_POST, "/attachment/:id/drop", ASK, page_attachment_drop, 0,
		"take back a file that goes with nothing yet" },
	{ WEB_GET, "/exhibit/:id", ANY, page_exhibit, 0, "one exhibit and its chain of custody" },
	{ WEB_POST, "/exhibit/:id/fetch", HANDS, page_exhibit_fetch, 0, "fetch evidence" },
	{ WEB_POST, "/exhibit/:id/act", HANDS, page_exhibit_act, 0,
		"record what was done with an exhibit, or order what is to be done" },
	{ WEB_GET, "/law", ANY, page_law, 0, "economies by articles of an instrument" },
	{ WEB_POST, "/law/panel", ASK, page_law_panel, 0, "what the law says of a form, alone" },
	{ WEB_GET, "/law/compare", ANY, page_law_compare, 0, "two economies side by side" },
	{ WEB_GET, "/law/instrument/:code", ANY, page_law_instrument, 0,
		"articles and rules of an instrument" },
	{ WEB_GET, "/law/fact/:id", ANY, page_law_fact, 0, "one fact with its source" },
	{ WEB_GET, "/law/:economy", ANY, page_law_economy, 0, "what is recorded of an economy" },
	{ WEB_GET, "/law/:economy/gap", ANY, page_law_gap, 0, "what an economy has and lacks" },
	{ WEB_GET, "/numbers", ANY, page_numbers, 0, "how many requests, how fast, what became" },
	{ WEB_GET, "/numbers/:year", ANY, page_report, 0, "the report of a year" },
	{ WEB_GET, "/numbers/:year/csv", ANY, page_report_csv, 0, "the same as CSV" },
	{ WEB_GET, "/numbers/:year/json", ANY, page_report_json, 0, "the same as JSON" },
	{ WEB_GET, "/numbers/:year/print", ANY, page_report_print, 0, "the same as PDF" },
	{ WEB_GET, "/network", ANY, page_network, 0, "partners" },
	{ WEB_GET, "/admin/people", OVERSEE, page_people, 0, "officers and units" },
	{ WEB_POST, "/admin/people", RUN, page_people_add, 0, "add an officer and invite" },
	{ WEB_GET, "/admin/people/:name", OVERSEE, page_person, 0, "one officer" },
	{ WEB_POST, "/admin/people/:name/role", RUN, page_person_role, 0, "another role" },
	{ WEB_POST, "/admin/people/:name/unit", RUN, page_person_unit, 0, "another unit" },
	{ WEB_POST, "/admin/people/:name/disable", RUN, page_person_disable, 0,
		"end an officer's access" },
	{ WEB_POST, "/admin/people/:name/invite", RUN, page_person_invite, 0,
		"a link to set how to sign in" },
	{ WEB_POST, "/admin/people/:name/card", RUN, page_card_add, 0,
		"let a certificate sign an officer in" },
	{ WEB_POST, "/admin/people/:name/card/:id/drop", RUN, page_card_drop, 0,
		"let a certificate sign nobody in any more" },
	{ WEB_POST, "/admin/units", RUN, page_unit_add, 0, "add a unit" },
	{ WEB_POST, "/admin/units/:name/intake", RUN, page_unit_intake, 0,
		"let a unit take in new cases of partners" },
	{ WEB_GET, "/admin/sessions", OVERSEE, page_sessions, 0, "who is signed in" },
	{ WEB_POST, "/admin/sessions/:id/end", RUN, page_sessions_end, 0,
		"end somebody's session" },
	{ WEB_GET, "/admin/keys", OVERSEE, page_keys, 0, "certificates and when they end" },
	{ WEB_GET, "/admin/partners", RUN, page_trust, 0, "partners to accept or to block" },
	{ WEB_POST, "/admin/partners/:address/accept", RUN, page_trust_accept, 0,
		"trust a partner whose fingerprint was compared" },
	{ WEB_POST, "/admin/partners/:address/block", RUN, page_trust_block, 0,
		"trust a partner no more" },
	{ WEB_GET, "/audit/access", OVERSEE, page_audit_access, 0, "who looked at what" },
	{ WEB_GET, "/audit/access/csv", OVERSEE, page_audit_access_csv, 0, "the same as CSV" },
	{ WEB_GET, "/audit/access/json", OVERSEE, page_audit_access_json, 0, "the same as JSON" },
	{ WEB_GET, "/audit/events", OVERSEE, page_audit_events, 0, "what was done" },
	{ WEB_GET, "/audit/events/csv", OVERSEE, page_audit_events_csv, 0, "the same as CSV" },
	{ WEB_GET, "/audit/events/json", OVERSEE, page_audit_events_json, 0, "the same as JSON" },
	{ WEB_GET, "/asset/:name", "", page_asset, ROUTE_OPEN, "a file built into the program" },
};

size_t
desk_routes_count(void)
{
	return CO_ARRAY_LEN(desk_routes);
}

/* Which pages without a parameter a role may open: {"cases": true, "admin_people": true}. Links to
 * others are not shown. */
json_t *
routes_open_to(const char *role)
{
	json_t *o = json_object();

	for (size_t i = 0; i < CO_ARRAY_LEN(desk_routes); i++) {
		const struct route *r = &desk_routes[i];
		char name[64];

		if (r->method != WEB_GET || (r->flags & ROUTE_OPEN) != 0 ||
			strchr(r->path, ':') != NULL ||
			(strcmp(r->roles, ANY) != 0 && !in_list(r->roles, role)))
			continue;
		(void)snprintf(name, sizeof(name), "%s", r->path + 1);
		for (char *c = name; *c != '\0'; c++)
			*c = *c == '/' ? '_' : *c;
		(void)json_object_set_new(o, name, json_true());
	}
	return o;
}

/* Does path fit "/a/:x/b"? The parts that stand for something go into param. */
static bool
path_fits(const char *pattern, const char *path, char param[PARAMS_MAX][96])
{
	size_t n = 0;

	for (;;) {
		size_t a = strcspn(pattern, "/"), b = strcspn(path, "/");

		if (*pattern == ':') {
			if (b == 0 || b >= 96 || n == PARAMS_MAX)
				return false;
			memcpy(param[n], path, b);
			param[n++][b] = '\0';
		} else if (a != b || memcmp(pattern, path, a) != 0) {
			return false;
		}
		if (pattern[a] == '\0' || path[b] == '\0')
			return pattern[a] == path[b];
		pattern += a + 1;
		path += b + 1;
	}
}

const struct route *
route_find(enum web_method m, const char *path, char param[PARAMS_MAX][96], bool *other)
{
	*other = false;
	for (size_t i = 0; i < CO_ARRAY_LEN(desk_routes); i++) {
		if (!path_fits(desk_routes[i].path, path, param))
			continue;
		if (desk_routes[i].method == m) {
			*other = false;
			return &desk_routes[i];
		}
		*other = true;
	}
	return NULL;
}
