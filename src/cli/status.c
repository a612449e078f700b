#include "cli/run.h"

#include <string.h>

/* "executed 1, refused 2" */
static void
counts(const char *label, const json_t *o)
{
	const char *key;
	const json_t *v;
	bool some = false;

	if (o == NULL) /* not told to this role */
		return;
	(void)printf("%-13s ", label);
	json_object_foreach((json_t *)(uintptr_t)o, key, v) {
		if (json_integer_value(v) == 0)
			continue;
		(void)printf("%s%s %" JSON_INTEGER_FORMAT, some ? ", " : "", key,
			json_integer_value(v));
		some = true;
	}
	(void)puts(some ? "" : "none");
}

static void
stamps_show(const json_t *t)
{
	const json_t *a;
	size_t i;

	if (json_array_size(json_object_get(t, "authorities")) == 0)
		return;
	(void)printf("%-13s %s\n", "time-stamps",
		json_is_true(json_object_get(t, "outage"))
			? "OUR OWN, no authority answers well"
			: "from outside");
	json_array_foreach(json_object_get(t, "authorities"), i, a)
		(void)printf("%-13s %s: %s%s%s\n", "", cli_text(a, "url"), cli_text(a, "state"),
			*cli_text(a, "error") != '\0' ? ", " : "", cli_text(a, "error"));
}

void
show_status(const struct cli *c, const json_t *s)
{
	const json_t *cert;
	size_t i;

	bool stamped = json_is_true(json_object_get(json_object_get(s, "ledger"), "stamped"));

	(void)c;
	(void)printf("%-13s %s (%s), version %s, up %s s, process %s, keeper %s\n", "node",
		cli_text(s, "address"), cli_text(s, "name"), cli_text(s, "version"),
		cli_text(s, "uptime_s"), cli_text(s, "pid"), cli_text(s, "keeper_pid"));
	counts("partners", json_object_get(s, "partners"));
	counts("we asked", json_object_get(json_object_get(s, "requests"), "outgoing"));
	counts("we were asked", json_object_get(json_object_get(s, "requests"), "incoming"));
	counts("drafts", json_object_get(s, "drafts"));
	counts("deliveries", json_object_get(s, "outbox"));
	(void)printf("%-13s %s leaves", "ledger", cli_text(s, "ledger.leaves"));
	if (*cli_text(s, "ledger.at") != '\0')
		(void)printf(", checkpoint over %s at %s%s", cli_text(s, "ledger.checkpoint"),
			cli_text(s, "ledger.at"),
			stamped ? ", time-stamped" : ", not time-stamped yet");
	(void)putchar('\n');
	if (*cli_text(s, "ledger.held") != '\0')
		(void)printf("%-13s %s\n", "ON HOLD", cli_text(s, "ledger.held"));
	stamps_show(json_object_get(s, "time_stamps"));
	json_array_foreach(json_object_get(s, "certificates"), i, cert) {
		bool expired = json_is_true(json_object_get(cert, "expired"));

		(void)printf("%-13s %s, %s %s", i == 0 ? "certificates" : "",
			cli_text(cert, "use"), expired ? "EXPIRED on" : "valid until",
			cli_text(cert, "not_after"));
		if (strcmp(cli_text(cert, "state"), "in-force") != 0)
			(void)printf(", %s", cli_text(cert, "state"));
		if (*cli_text(cert, "waits_for") != '\0')
			(void)printf(", waits for %s", cli_text(cert, "waits_for"));
		if (json_is_true(json_object_get(cert, "soon")))
			(void)printf(" ENDS SOON%s", strcmp(cli_text(cert, "use"), "root") == 0
				? "" : ": comity certificate renew");
		(void)putchar('\n');
	}
}
