#include "story.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct story story;
static char package[64], source[64];

static int
setup(void **state)
{
	if (pair_setup(state) != 0)
		return -1;
	story_begin(&story, *state);
	(void)snprintf(source, sizeof(source), "%s/disk.img", story.dir);
	(void)snprintf(package, sizeof(package), "%s/case.zip", story.dir);
	return 0;
}

static int
teardown(void **state)
{
	story_end(&story);
	return pair_teardown(state);
}

/* Shows what the command said when it fails. */
static int run(const char *fmt, ...) CO_PRINTF(1, 2);

static int
run(const char *fmt, ...)
{
	char cmd[1800];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	(void)vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	rc = scratch_run(story.dir, "%s", cmd);
	if (rc != 0) {
		(void)snprintf(cmd, sizeof(cmd), "cat %s/log >&2", story.dir);
		(void)scratch_shell(cmd);
	}
	return rc;
}

static void
play(size_t size)
{
	assert_int_equal(scratch_run(story.dir, "head -c %zu /dev/urandom >disk.img", size), 0);
	story_play(&story, source);
}

static char said[65536];
static size_t said_n, notes;

static void
on_say(void *arg, enum verify_mark mark, const char *step, const char *text)
{
	(void)arg;
	notes += mark == VERIFY_NOTE;
	said_n += (size_t)snprintf(
		said + said_n, sizeof(said) - said_n, "%d %s: %s\n", (int)mark, step, text);
}

static enum co_rc
verify(const char *path, const char *anchor, json_t **summary)
{
	const char *anchors[] = { anchor, anchor };
	struct verify_conf conf = {
		.anchors = anchors, .anchors_n = anchor == NULL ? 0 : 1, .say = on_say
	};
	json_t *own = NULL;
	enum co_rc rc;

	said_n = notes = 0;
	co_err_clear(&err);
	rc = verify_package(&conf, path, &own, &err);
	if (summary != NULL)
		*summary = own;
	else
		json_decref(own);
	return rc;
}

static int64_t
number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void
a_package_of_a_whole_case_verifies(void **state)
{
	struct package_sums sums;
	json_t *o = NULL;

	(void)state;
	play(3 * 1048576 + 17);
	story_package(&story, package, false, &sums);
	assert_int_equal(sums.exhibits, 1);
	if (verify(package, NULL, &o) != CO_OK)
		fail_msg("%s\n%s", err.msg, said);
	if (getenv("COMITY_SAY") != NULL)
		(void)fputs(said, stderr);
	/* request, notice, manifest, received, and a receipt for each; fetched on this side. */
	assert_int_equal(number(o, "records"), 9);
	assert_int_equal(number(o, "receipts"), 4);
	assert_int_equal(number(o, "exhibits"), 1);
	assert_true(number(o, "proofs") >= 9 + 2);
	assert_true(number(o, "time_stamps") >= 2);
	assert_int_equal(json_array_size(json_object_get(o, "roots")), 2);
	assert_true(json_is_string(json_object_get(o, "proved_from")));
	assert_non_null(strstr(said, "stand in the ledgers of both sides"));
	json_decref(o);
	/* Other tools read it too. */
	assert_int_equal(scratch_run(story.dir,
				 "python3 -m zipfile -t case.zip && mkdir x && "
				 "python3 -m zipfile -e case.zip x && cd x && sha256sum -c --quiet "
				 "tagmanifest-sha256.txt manifest-sha256.txt"),
		0);
}

/* The tests stand beside no printer unless they were started so: then the answer must say it. */
static void
a_package_has_the_report(void **state)
{
	struct package_sums sums;

	(void)state;
	play(1000);
	story_package(&story, package, false, &sums);
	assert_string_equal(sums.report, "");
	story.pdf = true;
	assert_int_equal(unlink(package), 0);
	story_package(&story, package, false, &sums);
	if (verify(package, NULL, NULL) != CO_OK)
		fail_msg("%s\n%s", err.msg, said);
	assert_non_null(strstr(said, "data/report.html says what the "));
	assert_int_equal(run("mkdir x && python3 -m zipfile -e case.zip x && cd x/data && "
			     "grep -q '<svg' report.html && grep -q %s report.html",
				 story.asked.case_id),
		0);
	if (sums.report[0] == '\0') {
		assert_int_equal(run("head -c 5 x/data/report.pdf | grep -q %%PDF-"), 0);
		assert_non_null(strstr(said, "data/report.pdf was not compared"));
	} else {
		assert_non_null(strstr(sums.report, "report.pdf: left out"));
		assert_int_equal(run("[ ! -e x/data/report.pdf ]"), 0);
	}
}

static void
an_opened_package_holds_the_content(void **state)
{
	struct package_sums sums;

	(void)state;
	play(2 * 1048576);
	story_package(&story, package, true, &sums);
	if (verify(package, NULL, NULL) != CO_OK)
		fail_msg("%s\n%s", err.msg, said);
	assert_int_equal(scratch_run(story.dir,
				 "mkdir x && python3 -m zipfile -e case.zip x && "
				 "cmp x/data/exhibits/%s/disk.img disk.img",
				 story.exhibit_id),
		0);
}

static void
what_openssl_says_agrees(void **state)
{
	struct package_sums sums;

	(void)state;
	play(1000);
	story_package(&story, package, false, &sums);
	assert_int_equal(
		run("mkdir x && python3 -m zipfile -e case.zip x && cd x && "
		    "for r in data/records/*.json; do ok=no; for a in th us; do "
		    "openssl cms -verify -binary -inform DER -in $r.p7s -content $r -purpose any "
		    "-CAfile data/certificates/$a.contact/root.pem -out /dev/null && ok=yes; done; "
		    "[ $ok = yes ] || exit 1; done && "
		    "for a in th us; do for c in data/ledger/$a.contact/checkpoint "
		    "data/ledger/$a.contact/[0-9]*/checkpoint; do [ -e $c ] || continue; "
		    "openssl ts -verify -data $c -in $c.tsr -CAfile "
		    "data/certificates/$a.contact/root.pem "
		    "|| exit 1; done; done"),
		0);
}

static void
anchors_must_match_every_root(void **state)
{
	char hex[SHA256_HEX + 1];
	struct package_sums sums;

	(void)state;
	play(1000);
	story_package(&story, package, false, &sums);
	co_hex(cert_sha256(story.p->th.pki.root), SHA256_LEN, hex);
	assert_int_equal(verify(package, hex, NULL), CO_EVERIFY);
	assert_non_null(strstr(err.msg, "us.contact"));
}

/* ---- nothing can be changed ---- */
static char *
read_all(const char *path, size_t *n)
{
	co_auto_buf b;

	co_buf_init(&b, 64u << 20);
	assert_ok(co_read_file(path, &b, &err));
	return co_buf_take(&b, n);
}

static void
every_changed_byte_is_found(void **state)
{
	struct package_sums sums;
	char copy[64];
	size_t n;
	char *p;
	int fd;

	(void)state;
	play(100);
	story_package(&story, package, false, &sums);
	/* For tests/fuzz/corpus/package. */
	if (getenv("COMITY_KEEP") != NULL)
		assert_int_equal(
			scratch_run(story.dir, "cp case.zip %s", getenv("COMITY_KEEP")), 0);
	(void)snprintf(copy, sizeof(copy), "%s/copy.zip", story.dir);
	p = read_all(package, &n);
	assert_ok(co_write_file(copy, p, n, 0600, &err));
	fd = open(copy, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(verify(copy, NULL, NULL), CO_OK);
	/* Every byte: headers, lists, texts, signatures, exhibits, the directory and its end. */
	for (size_t at = 0; at < n; at++) {
		char c = (char)(p[at] ^ 1 << (at % 8));

		assert_int_equal(pwrite(fd, &c, 1, (off_t)at), 1);
		if (verify(copy, NULL, NULL) != CO_EVERIFY)
			fail_msg("byte %zu of %zu: %s", at, n, co_rc_name(err.rc));
		assert_true(strlen(err.msg) > 10);
		assert_int_equal(pwrite(fd, p + at, 1, (off_t)at), 1);
	}
	assert_int_equal(verify(copy, NULL, NULL), CO_OK);
	close(fd);
	free(p);
}

static void
a_cut_or_longer_package_is_refused(void **state)
{
	struct package_sums sums;
	size_t n;
	char *p;

	(void)state;
	play(100);
	story_package(&story, package, false, &sums);
	p = read_all(package, &n);
	p = realloc(p, n + 1);
	assert_non_null(p);
	p[n] = '\0';
	for (size_t cut = 1; cut < n; cut += n / 41) {
		assert_ok(co_write_file(package, p, n - cut, 0600, &err));
		assert_int_equal(verify(package, NULL, NULL), CO_EVERIFY);
	}
	assert_ok(co_write_file(package, p, n + 1, 0600, &err));
	assert_int_equal(verify(package, NULL, NULL), CO_EVERIFY);
	free(p);
}

/* The lists of a package say what is in it, whatever the zip around them says: members dropped,
 * added, doubled, swapped, in another order, cut. Each by a program that knows zip. */
static const struct {
	const char *what, *python;
} meddling[] = {
	{ "a member less", "ms = [m for m in ms if not m[0].endswith('.tlog-proof')]" },
	{ "a list less", "ms = [m for m in ms if m[0] != 'tagmanifest-sha256.txt']" },
	{ "a label less", "ms = [m for m in ms if m[0] != 'bag-info.txt']" },
	{ "a member more", "ms.append(('data/records/x', b'x'))" },
	{ "a file beside", "ms.append(('readme.txt', b'x'))" },
	{ "a bag of its own label",
		"ms = [(n, b.replace(b'Test desk', b'Best desk') if n == 'bag-info.txt' else b) "
		"for "
		"n, b in ms]" },
	{ "a member twice", "ms.append(ms[-1])" },
	{ "a member twice with other bytes", "ms.append((ms[-1][0], b'x'))" },
	{ "two members swapped", "r = [i for i, m in enumerate(ms) if m[0].endswith('.p7s')]; "
		"ms[r[1]], ms[r[2]] = (ms[r[1]][0], ms[r[2]][1]), (ms[r[2]][0], ms[r[1]][1])" },
	{ "a member cut", "ms[-1] = (ms[-1][0], ms[-1][1][:-1])" },
	{ "a member longer", "ms[-1] = (ms[-1][0], ms[-1][1] + b' ')" },
	{ "the members in another order", "ms.reverse()" },
	{ "two neighbours in the other order", "ms[-1], ms[-2] = ms[-2], ms[-1]" },
	{ "a name in other letters", "ms[-1] = (ms[-1][0].upper(), ms[-1][1])" },
};

/* Writes the zip as a package is written, so that only the content is wrong. */
static const char meddler[] =
	"import struct, sys, zipfile, zlib\n"
	"z = zipfile.ZipFile('case.zip')\n"
	"ms = [(i.filename, z.read(i)) for i in z.infolist()]\n"
	"exec(sys.argv[1])\n"
	"out, cen = b'', b''\n"
	"for n, b in ms:\n"
	"  h = struct.pack('<HHHHHIIIHH', 20, 0x800, 0, 0, 0x21, zlib.crc32(b), len(b), len(b), "
	"len(n), 0)\n"
	"  cen += b'PK\\x01\\x02' + struct.pack('<H', 3 << 8 | 45) + h + struct.pack('<HHHII', 0, "
	"0, 0, 0o100644 << 16, len(out)) + n.encode()\n"
	"  out += b'PK\\x03\\x04' + h + n.encode() + b\n"
	"end = b'PK\\x05\\x06' + struct.pack('<HHHHIIH', 0, 0, len(ms), len(ms), len(cen), "
	"len(out), 0)\n"
	"open('m.zip', 'wb').write(out + cen + end)\n";

static void
every_meddling_with_members_is_found(void **state)
{
	struct package_sums sums;
	char path[64];

	(void)state;
	play(100);
	story_package(&story, package, false, &sums);
	(void)snprintf(path, sizeof(path), "%s/m.py", story.dir);
	assert_ok(co_write_file(path, meddler, strlen(meddler), 0600, &err));
	(void)snprintf(path, sizeof(path), "%s/m.zip", story.dir);
	assert_int_equal(run("python3 m.py pass"), 0);
	if (verify(path, NULL, NULL) != CO_OK)
		fail_msg("unchanged: %s", err.msg);
	for (size_t i = 0; i < CO_ARRAY_LEN(meddling); i++) {
		assert_int_equal(run("python3 m.py \"%s\"", meddling[i].python), 0);
		if (verify(path, NULL, NULL) != CO_EVERIFY)
			fail_msg("%s: %s", meddling[i].what, co_rc_name(err.rc));
	}
}

static void
a_large_package_is_guarded_everywhere(void **state)
{
	struct package_sums sums;
	struct stat st;
	co_auto_fd fd = -1;

	(void)state;
	play(5 * 1048576 + 11);
	story_package(&story, package, true, &sums);
	fd = open(package, O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 0; at < st.st_size; at += 65521) {
		char was, is;

		assert_int_equal(pread(fd, &was, 1, at), 1);
		is = (char)(was ^ 1 << (at % 8));
		assert_int_equal(pwrite(fd, &is, 1, at), 1);
		if (verify(package, NULL, NULL) != CO_EVERIFY)
			fail_msg("byte %lld: %s", (long long)at, co_rc_name(err.rc));
		assert_int_equal(pwrite(fd, &was, 1, at), 1);
	}
	assert_int_equal(verify(package, NULL, NULL), CO_OK);
}

static void
levels_want_what_is_missing(void **state)
{
	struct verify_conf conf = { .level = VERIFY_FULL };
	char hex[2][SHA256_HEX + 1];
	const char *anchors[2] = { hex[0], hex[1] };
	const struct cert *const outside[] = { story.p->th.pki.root, story.p->us.pki.root };
	struct package_sums sums;
	json_t *o = NULL;

	(void)state;
	play(100);
	story_package(&story, package, false, &sums);
	assert_ok(verify_package(&conf, package, &o, &err));
	json_decref(o);
	conf.level = VERIFY_STRICT;
	assert_rc(verify_package(&conf, package, &o, &err), CO_EVERIFY);
	/* Here the nodes' own authorities are named as if they were outside. */
	conf.tsa_roots = outside;
	conf.tsa_roots_n = 2;
	assert_rc(verify_package(&conf, package, &o, &err), CO_EVERIFY);
	co_hex(cert_sha256(story.p->th.pki.root), SHA256_LEN, hex[0]);
	co_hex(cert_sha256(story.p->us.pki.root), SHA256_LEN, hex[1]);
	conf.anchors = anchors;
	conf.anchors_n = 2;
	o = NULL;
	assert_ok(verify_package(&conf, package, &o, &err));
	json_decref(o);
	/* Nothing was lost on the way, but the exhibit is not in the vault here. */
	assert_ok(vault_remove(story.th.vault, story.exhibit_id, &err));
	assert_int_equal(unlink(package), 0);
	story_package(&story, package, false, &sums);
	assert_int_equal(sums.left_out, 1);
	conf.level = VERIFY_BASIC;
	o = NULL;
	assert_ok(verify_package(&conf, package, &o, &err));
	json_decref(o);
	conf.level = VERIFY_FULL;
	assert_int_equal(verify_package(&conf, package, &o, &err), CO_EVERIFY);
	assert_non_null(strstr(err.msg, "every exhibit"));
	co_err_clear(&err);
}

/* ---- hostile zips, made by another program ---- */
static const struct {
	const char *what, *python, *says;
} hostile[] = {
	{ "traversal", "z.writestr('../../etc/cron.d/x', 'x')", "name that a package must not" },
	{ "absolute", "z.writestr('/etc/passwd', 'x')", "name that a package must not" },
	{ "backslash",
		"i = zipfile.ZipInfo('data'); i.filename = 'data' + chr(92) + 'x'; z.writestr(i, "
		"'x')",
		"name that a package must not" },
	{ "twice", "z.writestr('data/a', 'x'); z.writestr('data/a', 'y')", NULL },
	{ "bomb", "z.writestr('data/bomb', b'0' * 50000000, zipfile.ZIP_DEFLATED)", "compressed" },
	{ "encrypted", "i = zipfile.ZipInfo('data/e'); z.writestr(i, 'x'); i.flag_bits |= 1",
		"encrypted" },
	{ "comment", "z.writestr('data/a', 'x'); z.comment = b'hello'", "without comment" },
	{ "unlisted", "z.writestr('data/a', 'x')", NULL },
	{ "empty", "pass", NULL },
};

static void
hostile_zips_are_refused_with_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(hostile); i++) {
		assert_int_equal(
			run("rm -f h.zip; python3 -W ignore -c \"\n"
			    "import zipfile\nz = zipfile.ZipFile('h.zip', 'w')\n%s\nz.close()\n\"",
				hostile[i].python),
			0);
		(void)snprintf(package, sizeof(package), "%s/h.zip", story.dir);
		if (verify(package, NULL, NULL) != CO_EVERIFY)
			fail_msg("%s: %s", hostile[i].what, co_rc_name(err.rc));
		if (hostile[i].says != NULL && strstr(err.msg, hostile[i].says) == NULL)
			fail_msg("%s: %s", hostile[i].what, err.msg);
	}
}

static void
a_package_packed_again_with_other_files_is_refused(void **state)
{
	struct package_sums sums;

	(void)state;
	play(100);
	story_package(&story, package, false, &sums);
	assert_int_equal(scratch_run(story.dir,
				 "mkdir x && python3 -m zipfile -e case.zip x && "
				 "rm case.zip && cd x && python3 -m zipfile -c ../case.zip *"),
		0);
	assert_int_equal(verify(package, NULL, NULL), CO_EVERIFY);
}

/* ---- exhibits on the way ---- */
static const char *
exhibit_state(struct side *s, const char *token, json_t **keep)
{
	*keep = call(s, token, "exhibit.show", json_pack("{s:s}", "id", story.exhibit_id));
	return json_string_value(json_object_get(json_object_get(*keep, "exhibit"), "state"));
}

static void
both_sides_see_the_exhibit_verified_and_its_custody(void **state)
{
	json_t *o;

	(void)state;
	play(5000);
	assert_string_equal(exhibit_state(&story.p->th, story.th.token, &o), "verified");
	/* manifest, fetched, received */
	assert_int_equal(json_array_size(json_object_get(o, "custody")), 3);
	json_decref(o);
	assert_string_equal(exhibit_state(&story.p->us, story.us.token, &o), "verified");
	/* manifest, sealed, offered, received from the partner */
	assert_int_equal(json_array_size(json_object_get(o, "custody")), 4);
	json_decref(o);
}

static json_t *
exhibit_whole(struct side *s, const char *token)
{
	json_t *o, *e;

	(void)exhibit_state(s, token, &o);
	e = json_object_get(o, "exhibit");
	/* When it was told last and how far a transfer is are no facts of the records. */
	(void)json_object_del(e, "changed");
	(void)json_object_del(e, "done_bytes");
	return o;
}

static void
a_rebuild_makes_the_same_exhibits_again(void **state)
{
	struct side *sides[2];
	const char *tokens[2];

	(void)state;
	play(5000);
	sides[0] = &story.p->th, sides[1] = &story.p->us;
	tokens[0] = story.th.token, tokens[1] = story.us.token;
	for (int i = 0; i < 2; i++) {
		json_t *before = exhibit_whole(sides[i], tokens[i]), *after;
		uint64_t records, faults;

		assert_ok(exchange_rebuild(sides[i]->x, &records, &faults, &err));
		assert_int_equal(faults, 0);
		after = exhibit_whole(sides[i], tokens[i]);
		assert_true(json_equal(before, after));
		json_decref(before);
		json_decref(after);
	}
}

static void
registering_twice_changes_nothing(void **state)
{
	json_t *a, *b;

	(void)state;
	send_preserve(story.p, &story.asked);
	assert_int_equal(scratch_run(story.dir, "echo evidence >disk.img"), 0);
	story_seal(&story, source);
	a = story_register(&story);
	b = story_register(&story);
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	(void)exhibit_state(&story.p->us, story.us.token, &a);
	assert_int_equal(json_array_size(json_object_get(a, "custody")), 3);
	json_decref(a);
}

static void
an_exhibit_for_another_recipient_is_refused(void **state)
{
	const struct seal_recipient to[] = { { "us.contact", story.p->us.pki.cert[CERT_SEAL] } };
	struct seal_conf conf = { .vault = story.us.vault, .to = to, .to_n = 1 };
	json_t *e = NULL;

	(void)state;
	send_preserve(story.p, &story.asked);
	assert_int_equal(scratch_run(story.dir, "echo evidence >disk.img"), 0);
	assert_ok(seal_path(&conf, source, &e, &err));
	assert_int_equal(call_fails(&story.p->us, story.us.token, "exhibit.register",
				 json_pack("{s:s,s:s,s:o}", "case_id", story.asked.case_id, "to",
					 "th.contact", "exhibit", e)),
		CO_EREFUSED);
}

static void
a_stranger_learns_nothing_of_an_exhibit(void **state)
{
	uint64_t size;
	int fd = -1;

	(void)state;
	play(100);
	assert_rc(
		exhibit_serve(story.us.evidence, "xx.contact", story.exhibit_id, &fd, &size, &err),
		CO_ENOTFOUND);
	/* What came in is not served on. */
	assert_rc(
		exhibit_serve(story.th.evidence, "us.contact", story.exhibit_id, &fd, &size, &err),
		CO_ENOTFOUND);
	assert_int_equal(fd, -1);
}

static void
opening_is_recorded_before_the_key_is_given(void **state)
{
	unsigned char key[CHUNKED_KEY];
	const json_t *chain;
	json_t *o;

	(void)state;
	play(100);
	assert_ok(story_key(&story, story.exhibit_id, key, &err));
	(void)exhibit_state(&story.p->th, story.th.token, &o);
	chain = json_object_get(o, "custody");
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(chain, json_array_size(chain) - 1), "action")),
		"opened");
	json_decref(o);
	assert_int_equal(call_fails(&story.p->th, story.th.token, "exhibit.open",
				 json_pack("{s:s,s:s}", "id", story.exhibit_id, "purpose", "x")),
		CO_EUSAGE);
	assert_int_equal(call_fails(&story.p->th, story.p->th.approver, "exhibit.open",
				 json_pack("{s:s,s:s,s:s}", "id", story.exhibit_id, "purpose", "x",
					 "authority", "y")),
		CO_EDENIED);
}

static void
what_the_vault_holds_is_checked_while_it_is_packed(void **state)
{
	struct package_conf conf = { .vault = story.th.vault, .sign = story_sign, .arg = &story };
	struct package_sums sums;
	json_t *export;

	(void)state;
	play(3000000);
	assert_int_equal(scratch_run(story.dir,
				 "printf xxxxxxxx | dd of=vault-th.contact/%s.sealed bs=1 "
				 "seek=1000000 conv=notrunc",
				 story.exhibit_id),
		0);
	export = call(&story.p->th, story.th.token, "case.export",
		json_pack("{s:s}", "case_id", story.asked.case_id));
	assert_rc(package_write(&conf, export, package, &sums, &err), CO_EVERIFY);
	assert_int_not_equal(access(package, F_OK), 0);
	json_decref(export);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_package_of_a_whole_case_verifies),
		T(a_package_has_the_report),
		T(an_opened_package_holds_the_content),
		T(what_openssl_says_agrees),
		T(anchors_must_match_every_root),
		T(every_changed_byte_is_found),
		T(every_meddling_with_members_is_found),
		T(a_large_package_is_guarded_everywhere),
		T(levels_want_what_is_missing),
		T(a_cut_or_longer_package_is_refused),
		T(hostile_zips_are_refused_with_the_reason),
		T(a_package_packed_again_with_other_files_is_refused),
		T(both_sides_see_the_exhibit_verified_and_its_custody),
		T(a_rebuild_makes_the_same_exhibits_again),
		T(registering_twice_changes_nothing),
		T(an_exhibit_for_another_recipient_is_refused),
		T(a_stranger_learns_nothing_of_an_exhibit),
		T(opening_is_recorded_before_the_key_is_given),
		T(what_the_vault_holds_is_checked_while_it_is_packed),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
