/* The verbs of this node's own certificates. */
#include "cli/verbs.h"

#define BROUGHT \
	FLAG("new-key", NULL, "make a new key for it; otherwise the key stays"), \
		OPT("key", "WHERE", NULL, "a key that you bring: a file or a pkcs11: URI"), \
		OPT("key-secret-file", "FILE", NULL, \
			"holds the passphrase of key files brought; otherwise the node's own")

const struct cli_verb cli_certificate_verbs[] = {
	{
		.name = "certificate list",
		.summary = "this node's certificates: until when they hold, and which is in force",
		.about = "One that is ready waits until every accepted partner has our entry that "
			"lists it, or until the day before the one in force ends.",
		.example = "comity certificate list",
		.roles = WHO_ANY,
		.op = "status",
		.list = "certificates",
		.columns = "use:Use,state:State,not_after:Valid until,waits_for:Waits for,"
			"sha256:SHA-256",
		.run = run_op,
	},
	{
		.name = "certificate renew",
		.summary = "make the next certificates under the same root, before the present end",
		.about = "Of all uses that end within 60 days, or of one. The present ones stay "
			"where they are. After the next restart the node lists the new ones in its "
			"entry; partners fetch that by themselves within hours, and when all have "
			"it the node turns to the new one, without another restart. Old keys are "
			"kept: they open the evidence that was sealed for them.",
		.example = "comity certificate renew --home th",
		.run = run_certificate_renew,
		.show = show_certificates,
		.operands = {
			{ .name = "USE", .optional = true,
				.help = "seal, tls or time-stamp; otherwise what ends soon" },
		},
		.options = {
			FLAG("early", NULL, "also while the present one holds for longer"),
			BROUGHT,
			OPT("cert", "FILE", NULL,
				"a certificate that another authority issued, under "
				"certs/root.pem"),
			OPT("root-key", "FILE", NULL,
				"the root's key, where it is not kept in the folder"),
		},
	},
	{
		.name = "certificate request",
		.summary = "write a request (PKCS #10) for the authority that issues yours",
		.about = "With --new-key the key is made and waits in the folder; comity "
			"certificate renew USE --cert FILE takes it with the certificate.",
		.example = "comity certificate request tls --out tls.csr --home th",
		.columns = "use:Use,file:Request written to,key:Key",
		.run = run_certificate_request,
		.operands = {
			ARG("USE", NULL, "seal, tls or time-stamp"),
		},
		.options = {
			NEED("out", "FILE", NULL, "where to write it"),
			BROUGHT,
		},
	},
};
const size_t cli_certificate_verbs_n = CO_ARRAY_LEN(cli_certificate_verbs);
