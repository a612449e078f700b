/* What each level of strictness wants to be there. What is there was checked before, at any. */
#include "evidence/verify_inside.h"

static const char *const level_names[VERIFY_LEVELS] = { "basic", "full", "strict" };

const char *
verify_level_name(enum verify_level l)
{
	return level_names[l];
}

/* Returns how many things lack it, and an example of one in what. */
typedef size_t demand_fn(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1]);

static void
example(char what[LIMIT_PACKAGE_NAME + 1], const struct vrecord *r)
{
	(void)snprintf(what, LIMIT_PACKAGE_NAME + 1, "the %s %s from %s to %s",
		record_kind_name(r->kind), r->id, r->from, r->to);
}

static size_t
lack_proof(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < v->records_n; i++)
		if (v->records[i].proofs == 0 && n++ == 0)
			example(what, &v->records[i]);
	return n;
}

static size_t
lack_time(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < v->records_n; i++)
		if (v->records[i].proved_us == 0 && n++ == 0)
			example(what, &v->records[i]);
	return n;
}

static bool
went_between(const struct vrecord *r)
{
	return r->kind != REC_RECEIPT && strcmp(r->from, r->to) != 0;
}

static size_t
lack_receipt(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < v->records_n; i++)
		if (went_between(&v->records[i]) && v->records[i].receipts == 0 && n++ == 0)
			example(what, &v->records[i]);
	return n;
}

/* What the maker sent has a leaf in the receiver's ledger, which the maker cannot write. */
static size_t
lack_other_ledger(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < v->records_n; i++)
		if (went_between(&v->records[i]) && v->records[i].proofs_to == 0 && n++ == 0)
			example(what, &v->records[i]);
	return n;
}

static size_t
lack_growth(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < v->checkpoints_n; i++) {
		const struct vcheckpoint *k = &v->checkpoints[i];

		if (strcmp(k->address, v->maker) == 0 && strcmp(k[1].address, k->address) == 0 &&
			!k->linked && n++ == 0)
			(void)snprintf(what, LIMIT_PACKAGE_NAME + 1, "%s", k->path);
	}
	return n;
}

static size_t
lack_exhibit(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	if (v->exhibits_missing > 0)
		(void)snprintf(
			what, LIMIT_PACKAGE_NAME + 1, "exhibit %s", v->exhibit_missing);
	return v->exhibits_missing;
}

static size_t
lack_container(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < v->records_n; i++)
		if (v->records[i].legal && !v->records[i].contained && n++ == 0)
			example(what, &v->records[i]);
	return n;
}

static size_t
lack_outside_time(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < v->records_n; i++)
		if (!v->records[i].outside && n++ == 0)
			example(what, &v->records[i]);
	return n;
}

/* Whether each root is among those given is asked by the step "roots", at any level. */
static size_t
lack_anchor(const struct verify *v, char what[LIMIT_PACKAGE_NAME + 1])
{
	if (v->conf->anchors_n > 0)
		return 0;
	(void)snprintf(what, LIMIT_PACKAGE_NAME + 1, "the fingerprints of the roots");
	return 1;
}

static const struct {
	enum verify_level from;
	demand_fn *fn;
	const char *wants, *way_out;
} demands[] = {
	{ VERIFY_FULL, lack_proof, "a ledger proof of every record",
		"have the package made again a little later" },
	{ VERIFY_FULL, lack_time, "a time-stamp over every record",
		"have the package made again when the authority answers" },
	{ VERIFY_FULL, lack_receipt, "a receipt for every record between the nodes",
		"have the package made again when the other side has answered" },
	{ VERIFY_FULL, lack_growth, "proof that the maker's ledger only grew",
		"have the package made again" },
	{ VERIFY_FULL, lack_exhibit, "every exhibit that is described",
		"ask the maker for the missing ones" },
	{ VERIFY_FULL, lack_container, "a container of each request and decision",
		"have the package made again" },
	{ VERIFY_STRICT, lack_other_ledger,
		"a proof from the receiver's ledger of every record between the nodes",
		"have the package made again while the other side can be reached" },
	{ VERIFY_STRICT, lack_outside_time,
		"a time-stamp by an authority that is neither node over every record",
		"name the authority's root with --tsa-root; nodes take one by tsa_url" },
	{ VERIFY_STRICT, lack_anchor, "root certificates known from elsewhere",
		"give each fingerprint with --root, from the network's directory" },
};

enum co_rc
step_level(struct verify *v, struct co_err *err)
{
	char what[LIMIT_PACKAGE_NAME + 1];
	size_t met = 0;

	for (size_t i = 0; i < CO_ARRAY_LEN(demands); i++) {
		size_t lacking;

		if (demands[i].from > v->conf->level)
			continue;
		lacking = demands[i].fn(v, what);
		if (lacking > 0)
			return co_fail(err, CO_EVERIFY,
				"the level %s wants %s; %zu lack it, such as %s: %s",
				verify_level_name(v->conf->level), demands[i].wants, lacking, what,
				demands[i].way_out);
		say(v, VERIFY_HOLDS, "%s", demands[i].wants);
		met++;
	}
	say(v, met == 0 ? VERIFY_NOTE : VERIFY_HOLDS,
		"level %s: %zu demands beside that everything present holds%s",
		verify_level_name(v->conf->level), met,
		v->conf->level == VERIFY_STRICT ? ""
		: "; a stricter level asks for more (--level)");
	return CO_OK;
}
