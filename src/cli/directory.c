#include "cli/run.h"

#include "base/enc.h"
#include "base/fs.h"
#include "record/wire.h"

#include <stdio.h>
#include <string.h>

/* An entry travels as a file: the wire body of one record, as GET /v1/directory answers it. */

static enum co_rc
base64_member(const json_t *o, const char *member, struct co_buf *out, struct co_err *err)
{
	const json_t *v = json_object_get(o, member);

	if (!json_is_string(v))
		return co_fail(err, CO_EMALFORMED, "the node's answer has no \"%s\"", member);
	return co_unbase64(json_string_value(v), json_string_length(v), out, err);
}

static enum co_rc
entry_write(const json_t *entry, const char *path, struct co_err *err)
{
	co_auto_buf bytes, sig, body;
	struct wire_item item = { .type = WIRE_RECORD };
	enum co_rc rc;

	co_buf_init(&bytes, LIMIT_RECORD);
	co_buf_init(&sig, LIMIT_SIGNATURE);
	co_buf_init(&body, LIMIT_BATCH_BYTES);
	rc = base64_member(entry, "bytes", &bytes, err);
	if (rc == CO_OK)
		rc = base64_member(entry, "sig", &sig, err);
	if (rc != CO_OK)
		return rc;
	item.p = bytes.data;
	item.n = bytes.len;
	item.sig = sig.data;
	item.sig_n = sig.len;
	rc = wire_begin(&body, 1, err);
	if (rc == CO_OK)
		rc = wire_add(&body, &item, err);
	return rc == CO_OK ? co_write_file(path, body.data, body.len, 0644, err) : rc;
}

enum co_rc
run_directory_publish(struct cli *c, struct co_err *err)
{
	json_auto *in = json_object(), *out = NULL, *told = NULL;
	enum co_rc rc = cli_call(c, c->verb->op, in, &out, err);

	if (rc == CO_OK)
		rc = entry_write(out, cli_get(c, "out"), err);
	if (rc != CO_OK)
		return rc;
	told = json_pack("{s:s,s:O*}", "file", cli_get(c, "out"), "fingerprint",
		json_object_get(out, "fingerprint"));
	cli_answer(c, told);
	return CO_OK;
}

enum co_rc
run_directory_offer(struct cli *c, struct co_err *err)
{
	json_auto *in = NULL;
	struct wire_item items[LIMIT_BATCH_RECORDS];
	co_auto_buf file, bytes, sig;
	size_t n;
	enum co_rc rc;

	co_buf_init(&file, LIMIT_BATCH_BYTES);
	co_buf_init(&bytes, 2 * LIMIT_RECORD);
	co_buf_init(&sig, 2 * LIMIT_RECORD);
	rc = co_read_file(c->operands[0], &file, err);
	if (rc == CO_OK)
		rc = wire_parse(file.data, file.len, items, &n, err);
	if (rc == CO_OK && (n != 1 || items[0].type != WIRE_RECORD))
		rc = co_fail(err, CO_EMALFORMED, "it holds %zu records, not one entry", n);
	if (rc == CO_OK)
		rc = co_base64_add(&bytes, items[0].p, items[0].n, err);
	if (rc == CO_OK)
		rc = co_base64_add(&sig, items[0].sig, items[0].sig_n, err);
	if (rc != CO_OK)
		return co_wrap(err, "%s is not an entry that comity directory publish wrote",
			c->operands[0]);
	in = json_pack("{s:s,s:s}", "bytes", bytes.data, "sig", sig.data);
	return cli_ask(c, in, err);
}

void
show_partner(const struct cli *c, const json_t *answer)
{
	const json_t *cert;
	size_t i;

	(void)c;
	cli_object(answer,
		"address:Address,entry.name:Name,entry.role:Role,entry.economy:Economy,state:State,"
		"entry.url:Reached at,entry.hours:Hours,entry.timezone:Time zone,"
		"entry.ledger.vkey:Ledger key,last_contact:Last "
		"contact,clock:Clock,entry.valid_to:Entry valid to");
	(void)puts("\nCertificates (SHA-256; the root's is the fingerprint to compare)");
	json_array_foreach(json_object_get(answer, "certificates"), i, cert)
		(void)printf("  %-5s %s%s%s\n", cli_text(cert, "use"), cli_text(cert, "sha256"),
			*cli_text(cert, "not_after") != '\0' ? "  until " : "",
			cli_text(cert, "not_after"));
	json_array_foreach(json_object_get(answer, "revoked"), i, cert)
		(void)printf("  revoked %s since %s: %s\n", cli_text(cert, "sha256"),
			cli_text(cert, "since"), cli_text(cert, "reason"));
}

/* The fingerprint is not put into the command: whoever types it has heard it. */
void
show_offered(const struct cli *c, const json_t *answer)
{
	cli_object(answer, c->verb->columns);
	if (strcmp(cli_text(answer, "state"), "offered") == 0)
		(void)printf(
			"\nNext: call the partner on a number that you know, and type the "
			"fingerprint that they read out:\n"
			"comity directory accept %s --fingerprint ...\n",
			cli_text(answer, "address"));
}
