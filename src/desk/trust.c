/* Pages on what this node trusts: its own certificates with their ends, and partners to accept
 * after the fingerprints were compared, or to block. */
#include "desk/pages.h"

#include <string.h>

enum co_rc
page_keys(struct visit *v, struct co_err *err)
{
	json_t *out, *c;
	size_t i;

	TRY(visit_op(v, "status", json_object(), &out, err));
	json_array_foreach(json_object_get(out, "certificates"), i, c) {
		const char *state = json_string_value(json_object_get(c, "state"));

		(void)json_object_set_new(c, "in_force",
			json_boolean(strcmp(state, "in-force") == 0));
		(void)json_object_set_new(c, "ready", json_boolean(strcmp(state, "ready") == 0));
	}
	visit_put(v, "certificates", json_incref(json_object_get(out, "certificates")));
	json_decref(out);
	visit_put(v, "title", json_string("keys"));
	v->page = "keys";
	return CO_OK;
}

/* The root's fingerprint: what two people compare by telephone. */
static enum co_rc
partner_fill(struct visit *v, json_t *p, struct co_err *err)
{
	const char *state = json_string_value(json_object_get(p, "state"));
	const json_t *cert;
	json_t *out;
	size_t i;

	TRY(visit_op(v, "directory.show",
		json_pack("{s:O}", "address", json_object_get(p, "address")), &out, err));
	json_array_foreach(json_object_get(out, "certificates"), i, cert)
	{
		const char *use = json_string_value(json_object_get(cert, "use"));

		if (use == NULL || strcmp(use, "root") != 0)
			continue;
		(void)json_object_set(p, "fingerprint", json_object_get(cert, "sha256"));
		(void)json_object_set(p, "not_after", json_object_get(cert, "not_after"));
	}
	json_decref(out);
	(void)json_object_set_new(p, "may_accept", json_boolean(strcmp(state, "accepted") != 0));
	(void)json_object_set_new(p, "may_block", json_boolean(strcmp(state, "blocked") != 0));
	return CO_OK;
}

static enum co_rc
partners_show(struct visit *v, const char *fault, struct co_err *err)
{
	json_t *out, *p;
	enum co_rc rc = CO_OK;
	size_t i;

	TRY(visit_op(v, "directory.list", json_object(), &out, err));
	json_array_foreach(json_object_get(out, "partners"), i, p)
	{
		rc = rc == CO_OK ? partner_fill(v, p, err) : rc;
	}
	(void)json_object_update_missing(v->values, out);
	json_decref(out);
	if (fault != NULL) {
		visit_put(v, "fault", json_string(fault));
		v->status = 400;
	}
	visit_put(v, "title", json_string("partners"));
	v->page = "trust";
	return rc;
}

enum co_rc
page_trust(struct visit *v, struct co_err *err)
{
	return partners_show(v, NULL, err);
}

/* As it was heard: with blanks, colons and capitals. */
static void
fingerprint_plain(const char *s, char out[65])
{
	size_t n = 0;

	for (; *s != '\0' && n < 64; s++) {
		if (strchr(" :-\t\r\n", *s) != NULL)
			continue;
		out[n++] = (char)(*s >= 'A' && *s <= 'F' ? *s - 'A' + 'a' : *s);
	}
	out[n] = '\0';
}

enum co_rc
page_trust_accept(struct visit *v, struct co_err *err)
{
	const char *heard = visit_field(v, "fingerprint");
	struct co_err why = { CO_OK, "" };
	char hex[65];
	json_t *out;

	fingerprint_plain(heard == NULL ? "" : heard, hex);
	if (strlen(hex) != 64)
		return partners_show(v,
			"Give the whole fingerprint, 64 digits, as the partner read it to you.",
			err);
	if (visit_op(v, "directory.accept",
		    json_pack("{s:s,s:s}", "address", v->param[0], "fingerprint", hex), &out,
		    &why) != CO_OK)
		return partners_show(v, why.msg, err);
	json_decref(out);
	visit_go(v, "/admin/partners");
	return CO_OK;
}

enum co_rc
page_trust_block(struct visit *v, struct co_err *err)
{
	const char *reason = visit_field(v, "reason");
	struct co_err why = { CO_OK, "" };
	json_t *out;

	if (reason == NULL)
		return partners_show(v, "Say why: the partner and your auditor will ask.", err);
	if (visit_op(v, "directory.block",
		    json_pack("{s:s,s:s}", "address", v->param[0], "reason", reason), &out,
		    &why) != CO_OK)
		return partners_show(v, why.msg, err);
	json_decref(out);
	visit_go(v, "/admin/partners");
	return CO_OK;
}
