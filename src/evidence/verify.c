/* The table of steps, and what they share. */
#include "evidence/verify_inside.h"

#include "base/enc.h"
#include "base/log.h"

#include <stdarg.h>

static const struct {
	const char *name;
	verify_step *fn;
	const char *proves, *not ;
} steps[] = {
	{ "layout", step_layout,
		"The file has the one form a package has: no file hides in it, none is there "
		"twice.",
		"what the files are; the next steps look at that." },
	{ "index", step_index,
		"Every file has exactly the bytes that the package's lists give for it, and "
		"nothing is there that no list names.",
		"who made the lists; that is asked below." },
	{ "bag", step_bag,
		"The package is a BagIt 1.0 bag, which archives can keep and check with tools of "
		"their own; its label says the size that the package has.",
		"what else the label says; those are the words of whoever made the package." },
	{ "directory", step_directory,
		"Each organisation's entry is signed with a certificate that it lists, and all its "
		"certificates come from one root of its own.",
		"that the root belongs to that organisation: compare its fingerprint, printed "
		"last." },
	{ "package", step_package,
		"The node that made the package signed its lists: nothing was added, taken away or "
		"changed after.",
		"that the node put in everything it had." },
	{ "records", step_records,
		"Each record of the case was signed by the node it names as its sender, with a "
		"certificate valid at that time.",
		"that what people wrote in it is true." },
	{ "links", step_links,
		"Each record that answers another names it by its digest: the conversation cannot "
		"have been cut or put in another order.",
		"that no other conversation took place." },
	{ "receipts", step_receipts, "The other side signed for what it received, byte for byte.",
		"that somebody read it." },
	{ "checkpoints", step_checkpoints,
		"Each state of a ledger is signed by that ledger's own key.",
		"that the ledger shows everybody the same state." },
	{ "proofs", step_proofs, "The records stand in the ledgers of the nodes, at a fixed place.",
		"when they came there; the next step does." },
	{ "time", step_time,
		"A time-stamp authority signed each ledger state: what stands in it existed by "
		"then, by that authority's clock. Whose it is, is said below.",
		"the times that senders wrote in their records: those are their own words." },
	{ "renewal", step_renewal,
		"Each time-stamp is one whose certificates are good today, or was stamped again "
		"before they ended.",
		"that what is good today will be renewed in time." },
	{ "consistency", step_consistency,
		"Later states of a ledger only add to the earlier ones: nothing was rewritten "
		"between.",
		"anything about states between which no such proof is in the package." },
	{ "revocation", step_revoked,
		"No record was signed with a certificate that its owner had withdrawn before.",
		"that none was withdrawn after the package was made." },
	{ "exhibits", step_exhibits,
		"The evidence has the digests that its sender signed when sealing it.",
		"how the evidence came to be: that is for its custodian to say." },
	{ "custody", step_custody, "Who had the evidence in hands, as each side signed it.",
		"that nothing was done that nobody recorded." },
	{ "destruction", step_destroyed,
		"Which exhibits were destroyed, whose copy, who decided and confirmed it, when, "
		"why "
		"and by which signed record.",
		"that no other copy of them is left anywhere." },
	{ "documents", step_legal,
		"Requests and decisions are also there as ASiC-E containers, which stock tools for "
		"signatures open: each has the same records, signed by the maker of the package.",
		"more than the records themselves do: the senders' signatures are beside them." },
	{ "case", step_case,
		"The description of the case for forensic tools (case.jsonld, CASE 1.4) is made "
		"from the signed records and says nothing else.",
		"more than the records themselves do." },
	{ "report", step_report,
		"The report for people (report.html), where there is one, is made again from the "
		"records, in the language and the words it was made in, and is the same.",
		"that report.pdf says the same, unless it is said below: its bytes depend on the "
		"printer's fonts, so it is made again only where the same ones are. What counts "
		"are the records." },
	{ "level", step_level,
		"What the chosen level of strictness wants is there, and not only right.",
		"that what a lower level does not want would have been there." },
	{ "roots", step_roots, "All of the above stands on these root certificates.",
		"whose they are: compare each fingerprint with the directory or the "
		"organisation." },
};

void
say(struct verify *v, enum verify_mark mark, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (v->conf->say == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Names in a package are someone else's: no control characters to the terminal. */
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	v->conf->say(v->conf->arg, mark, v->step, text);
}

enum co_rc
verify_text(struct verify *v, const char *path, struct co_buf *out, struct co_err *err)
{
	const struct index_line *l = index_find(&v->index, path);
	unsigned char digest[SHA256_LEN];
	size_t before = out->len;

	if (l == NULL)
		return co_fail(err, CO_EVERIFY, "%s is missing", path);
	TRY(zip_text(v->zip, path, out, err));
	sha256(out->data + before, out->len - before, digest);
	if (memcmp(digest, l->digest, SHA256_LEN) != 0)
		return co_fail(err, CO_EVERIFY, "%s changed while it was read", path);
	return CO_OK;
}

/* It passed its step: it parses. */
enum co_rc
verify_record(struct verify *v, const struct vrecord *r, json_t **out, struct co_err *err)
{
	char path[LIMIT_PACKAGE_NAME];
	co_auto_buf bytes;

	co_buf_init(&bytes, LIMIT_RECORD);
	(void)snprintf(path, sizeof(path), "data/records/%s.json", r->id);
	TRY(verify_text(v, path, &bytes, err));
	*out = json_loadb(bytes.data, bytes.len, 0, NULL);
	return *out != NULL ? CO_OK : co_fail(err, CO_ENOMEM, "%s", path);
}

enum co_rc
verify_made(struct verify *v, const char *path, struct digest *made, struct co_err *err)
{
	const struct index_line *l = index_find(&v->index, path);
	unsigned char sum[SHA256_LEN];

	digest_end(made, sum);
	if (l != NULL && memcmp(sum, l->digest, SHA256_LEN) == 0)
		return CO_OK;
	return co_fail(err, CO_EVERIFY,
		"%s does not say what the records say: it was not made from them", path);
}

struct vrecord *
verify_find(const struct verify *v, const char *id)
{
	size_t low = 0, high = v->records_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = strcmp(id, v->records[mid].id);

		if (d == 0)
			return &v->records[mid];
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

struct vcheckpoint *
verify_checkpoint(const struct verify *v, const char *address, uint64_t size)
{
	for (size_t i = 0; i < v->checkpoints_n; i++)
		if (v->checkpoints[i].c.size == size &&
			strcmp(v->checkpoints[i].address, address) == 0)
			return &v->checkpoints[i];
	return NULL;
}

bool
verify_middle(const char *path, const char *prefix, const char *suffix, char *out, size_t cap)
{
	size_t n = strlen(path), a = strlen(prefix), b = strlen(suffix);

	if (n <= a + b || n - a - b >= cap || strncmp(path, prefix, a) != 0 ||
		strcmp(path + n - b, suffix) != 0)
		return false;
	memcpy(out, path + a, n - a - b);
	out[n - a - b] = '\0';
	return true;
}

size_t
verify_count(const struct verify *v, const char *prefix, const char *suffix)
{
	size_t n = 0;

	for (size_t i = 0; i < v->index.n; i++) {
		char middle[LIMIT_PACKAGE_NAME + 1];

		n += verify_middle(v->index.lines[i].path, prefix, suffix, middle, sizeof(middle));
	}
	return n;
}

bool
verify_ledger_path(const char *path, char address[LIMIT_ADDRESS + 1], const char **rest)
{
	static const char prefix[] = "data/ledger/";
	const char *at = path + sizeof(prefix) - 1, *slash;

	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0)
		return false;
	slash = strchr(at, '/');
	if (slash == NULL || (size_t)(slash - at) > LIMIT_ADDRESS)
		return false;
	memcpy(address, at, (size_t)(slash - at));
	address[slash - at] = '\0';
	*rest = slash + 1;
	return address_valid(address);
}

static void
verify_deinit(struct verify *v)
{
	signers_deinit(&v->who);
	for (size_t i = 0; i < v->records_n; i++) {
		free(v->records[i].refs);
		free(v->records[i].attachments);
		json_decref(v->records[i].sealed);
	}
	free(v->records);
	free(v->checkpoints);
	index_deinit(&v->index);
	index_deinit(&v->index512);
	index_deinit(&v->tags);
	bag_info_deinit(&v->info);
	zip_free(&v->zip);
	json_decref(v->custody);
	json_decref(v->destroyed);
	json_decref(v->roots);
}

static void
set_time(json_t *o, const char *name, int64_t us)
{
	char text[CO_TIME_LEN];

	co_time_print(us, text);
	(void)json_object_set_new(o, name, us == 0 ? json_null() : json_string(text));
}

static json_t *
summary_json(const struct verify *v)
{
	json_t *o = json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:O,s:O,s:O}", "case_id",
		v->case_id, "made_by", v->maker, "files", (json_int_t)v->index.n, "records",
		(json_int_t)v->records_n, "receipts", (json_int_t)v->receipts_n, "proofs",
		(json_int_t)v->proofs_n, "checkpoints", (json_int_t)v->checkpoints_n, "time_stamps",
		(json_int_t)v->tokens_n, "exhibits", (json_int_t)v->exhibits_n, "custody",
		v->custody, "destroyed", v->destroyed, "roots", v->roots);

	if (o != NULL) {
		set_time(o, "proved_from", v->proved_from);
		set_time(o, "proved_to", v->proved_to);
	}
	return o;
}

/* Whatever the bytes of a package make a parser say, the package does not hold. */
static enum co_rc
verdict(struct verify *v, enum co_rc rc, struct co_err *err)
{
	static const enum co_rc ours[] = { CO_ENOMEM, CO_EIO, CO_EUSAGE, CO_EDENIED, CO_EINTERNAL };
	bool missing = rc == CO_ENOTFOUND && v->zip == NULL;

	for (size_t i = 0; i < CO_ARRAY_LEN(ours); i++)
		if (rc == ours[i])
			return rc;
	if (missing)
		return rc;
	if (err != NULL)
		err->rc = CO_EVERIFY;
	say(v, VERIFY_FAILS, "%s", err == NULL ? "" : err->msg);
	return CO_EVERIFY;
}

enum co_rc
verify_package(
	const struct verify_conf *conf, const char *path, json_t **summary, struct co_err *err)
{
	CO_CLEANUP(verify_deinit)
	struct verify v = { .conf = conf, .custody = json_array(), .destroyed = json_array(),
		.roots = json_array() };
	struct co_err own = { CO_OK, "" };
	struct co_err *e = err == NULL ? &own : err;
	enum co_rc rc;

	index_init(&v.index, INDEX_PAYLOAD);
	index_init(&v.index512, INDEX_PAYLOAD512);
	index_init(&v.tags, INDEX_TAGS);
	bag_info_init(&v.info);
	v.step = steps[0].name;
	rc = zip_open(&v.zip, path, e);
	for (size_t i = 0; rc == CO_OK && i < CO_ARRAY_LEN(steps); i++) {
		v.step = steps[i].name;
		say(&v, VERIFY_STEP, "%s", steps[i].proves);
		say(&v, VERIFY_NOT, "%s", steps[i].not );
		rc = steps[i].fn(&v, e);
	}
	if (rc != CO_OK)
		return verdict(&v, rc, e);
	*summary = summary_json(&v);
	if (*summary == NULL)
		return co_fail(err, CO_ENOMEM, "summary");
	return CO_OK;
}
