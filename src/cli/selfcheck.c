#include "cli/run.h"

#include "base/clock.h"
#include "base/enc.h"
#include "base/fs.h"
#include "cli/calendar.h"
#include "cli/identity.h"
#include "crypto/slot.h"
#include "exchange/hold.h"
#include "ledger/ledger.h"
#include "network/own.h"
#include "network/witness.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

enum { STAMP_SOON_DAYS = 30, ROOT_SOON_DAYS = 3 * 365, LOW_MIB = 1024 };
#define DAY_US (24ll * 3600 * 1000000)

struct check {
	struct cli *c;
	const char *home;
	struct config conf;
	json_t *rows;
	unsigned failed;
};

enum mark { GOOD, WARN, BAD };

static void say(struct check *k, const char *what, enum mark mark, const char *fmt,
	...) CO_PRINTF(4, 5);

static void
say(struct check *k, const char *what, enum mark mark, const char *fmt, ...)
{
	static const char *const names[] = { [GOOD] = "good", [WARN] = "look", [BAD] = "BAD" };
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (mark == BAD)
		k->failed++;
	(void)json_array_append_new(k->rows, json_pack("{s:s,s:s,s:s}", "what", what, "is",
		names[mark], "text", text));
}

static void
check_folder(struct check *k)
{
	static const char *const secret[] = { "", "/keys", "/secret", "/officers", "/run" };
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < CO_ARRAY_LEN(secret); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", k->home, secret[i]);
		if (stat(path, &st) != 0)
			say(k, "folder", BAD, "%s is not there", path);
		else if ((st.st_mode & 077) != 0)
			say(k, "folder", BAD, "%s can be entered by others: chmod 700 %s", path,
				path);
	}
	if (k->failed == 0)
		say(k, "folder", GOOD, "%s is closed to others", k->home);
}

static void
conf_note(void *arg, bool matters, const char *text)
{
	say(arg, "comity.conf", matters ? WARN : GOOD, "%s", text);
}

static void
check_conf(struct check *k)
{
	co_auto_free char *path = co_path_join(k->home, "comity.conf");
	struct co_err err = { 0 };
	co_auto_buf text;

	co_buf_init(&text, LIMIT_CONFIG);
	if (path == NULL || co_read_file(path, &text, &err) != CO_OK ||
		config_aged(path, text.data == NULL ? "" : text.data, text.len, conf_note, k,
			&err) != CO_OK)
		say(k, "comity.conf", BAD, "%s", err.msg);
}

static void
read_word(const char *path, char *out, size_t cap)
{
	co_auto_buf b;

	co_buf_init(&b, cap - 1);
	out[0] = '\0';
	if (path[0] != '\0' && co_read_file(path, &b, NULL) == CO_OK && b.data != NULL)
		(void)snprintf(out, cap, "%.*s", (int)strcspn(b.data, "\r\n"), b.data);
	if (b.data != NULL)
		crypto_wipe(b.data, b.len);
}

/* newest: what ends soon with nothing after it. */
static void
check_pair(struct check *k, const char *what, const struct slot *slot, bool newest)
{
	char secret[LIMIT_NAME + 1], to[CO_TIME_LEN];
	struct co_err err = { 0 };
	cert_auto *cert = NULL;
	key_auto *key = NULL;
	int64_t now = co_now_us(), left;

	read_word(strncmp(slot->key, "pkcs11:", 7) == 0 ? k->conf.pin_file : k->conf.secret_file,
		secret, sizeof(secret));
	if (cert_load(&cert, slot->cert, &err) != CO_OK ||
		key_load(&key, slot->key, secret, &err) != CO_OK) {
		say(k, what, BAD, "%s", err.msg);
	} else if (!cert_matches_key(cert, key)) {
		say(k, what, BAD, "the key %s does not belong to the certificate %s", slot->key,
			slot->cert);
	} else {
		left = (cert_not_after_us(cert) - now) / DAY_US;
		co_time_print(cert_not_after_us(cert), to);
		to[10] = '\0';
		if (cert_not_before_us(cert) > now)
			say(k, what, BAD, "the certificate %s is valid only later; is the clock "
				"right?", slot->cert);
		else if (cert_not_after_us(cert) <= now)
			say(k, what, newest ? BAD : GOOD, "the certificate %s ended on %s%s",
				slot->cert, to, newest ? ": comity certificate renew" :
				"; its key is kept for what was sealed for it");
		else
			say(k, what, newest && left < OWN_SOON_DAYS ? WARN : GOOD,
				"key and certificate belong together, "
				"valid until %s (%lld days)%s", to, (long long)left,
				newest && left < OWN_SOON_DAYS ? ": comity certificate renew" : "");
	}
	crypto_wipe(secret, sizeof(secret));
}

/* Each of the certificates of one use, as the node would find them. */
static void
check_pairs(struct check *k, const struct identity *id)
{
	co_auto_free char *keys = co_path_join(k->home, "keys");
	struct slot slots[SLOT_MOST];
	struct co_err err = { 0 };
	size_t n;

	if (keys == NULL || slot_list(slots, &n, k->conf.certs, keys, id->name,
		identity_key(id, &k->conf), &err) != CO_OK) {
		say(k, id->word, BAD, "%s", err.msg);
		return;
	}
	for (size_t i = 0; i < n; i++)
		check_pair(k, id->word, &slots[i], i == n - 1);
}

static void
check_root(struct check *k)
{
	char path[PATH_MAX], to[CO_TIME_LEN];
	struct co_err err = { 0 };
	cert_auto *cert = NULL;

	(void)snprintf(path, sizeof(path), "%s/root.pem", k->conf.certs);
	if (cert_load(&cert, path, &err) != CO_OK) {
		say(k, "root", BAD, "%s", err.msg);
		return;
	}
	co_time_print(cert_not_after_us(cert), to);
	if (cert_not_after_us(cert) < co_now_us() + ROOT_SOON_DAYS * DAY_US)
		say(k, "root", WARN,
			"ends on %.10s: partners must accept this node anew under another root "
			"before", to);
	else
		say(k, "root", GOOD, "valid until %.10s", to);
}

static void
check_disk(struct check *k)
{
	struct statvfs fs;
	uint64_t mib;

	if (statvfs(k->home, &fs) != 0) {
		say(k, "disk", BAD, "the file system of %s cannot be read", k->home);
		return;
	}
	mib = (uint64_t)fs.f_bavail * fs.f_frsize / 1048576;
	say(k, "disk", mib < LOW_MIB ? WARN : GOOD, "%llu MiB free%s", (unsigned long long)mib,
		mib < LOW_MIB ? "; records and evidence need room" : "");
}

static void
check_clock(struct check *k)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);

	if (state < 0 || (t.status & STA_UNSYNC) != 0)
		say(k, "clock", WARN,
			"the kernel does not know the clock as synchronised (chrony or "
			"systemd-timesyncd does that)");
	else
		say(k, "clock", GOOD, "synchronised, error at most %ld ms", t.maxerror / 1000);
}

static void
check_zone(struct check *k)
{
	struct co_err err = { 0 };
	calendar_auto calendar = { .zone = NULL };
	char now[CO_TIME_LEN];

	if (calendar_open(&calendar, &k->conf, &err) != CO_OK) {
		say(k, "calendar", BAD, "%s", err.msg);
		return;
	}
	co_zone_print(calendar.zone, co_now_us(), now);
	say(k, "calendar", GOOD, "in %s it is %s; %zu holidays", k->conf.timezone, now,
		calendar.term.holidays_n);
}

static enum co_rc
ledger_head(struct check *k, struct checkpoint *head, struct co_err *err)
{
	co_auto_buf note, token;
	store_auto *store = NULL;
	struct store_db *db;
	char path[PATH_MAX];
	enum co_rc rc;

	co_buf_init(&note, LIMIT_NOTE);
	co_buf_init(&token, LIMIT_TOKEN);
	(void)snprintf(path, sizeof(path), "%s/node.db", k->home);
	rc = store_look(&store, path, err);
	if (rc == CO_OK)
		rc = store_reader(store, &db, err);
	if (rc == CO_OK)
		rc = ledger_latest(db, &note, &token, err);
	return rc == CO_OK ? checkpoint_open(note.data, note.len, k->conf.vkey, head, err) : rc;
}

/* Whether this is an old copy: what the running node found, or the mark says. */
static void
check_copy(struct check *k)
{
	co_auto_free char *run = co_path_join(k->home, "run"), *path = co_path_join(k->home,
		"run/held"), *file = co_path_join(k->home, "node.db");
	store_auto *store = NULL;
	struct co_err err = { 0 };
	struct store_db *db;
	co_auto_buf held;

	co_buf_init(&held, HOLD_TEXT);
	if (run == NULL || path == NULL || file == NULL)
		return;
	if (co_read_file(path, &held, NULL) == CO_OK && held.len > 0) {
		say(k, "ledger", BAD, "ON HOLD: %s", held.data);
		return;
	}
	if (store_look(&store, file, &err) == CO_OK && store_reader(store, &db, &err) == CO_OK &&
		witness_mark_check(db, run, &err) == CO_EVERIFY)
		say(k, "ledger", BAD, "%s", err.msg);
}

static void
check_ledger(struct check *k)
{
	struct checkpoint head;
	struct co_err err = { 0 };
	enum co_rc rc = ledger_head(k, &head, &err);

	if (rc == CO_ENOTFOUND)
		say(k, "ledger", WARN, "no checkpoint yet; the running node makes the first");
	else if (rc != CO_OK)
		say(k, "ledger", BAD, "%s", err.msg);
	else
		say(k, "ledger", GOOD,
			"signed checkpoint over %llu leaves; comity ledger check reads them all",
			(unsigned long long)head.size);
}

/* A certificate that was made and not taken up: the restart was forgotten. */
static void
check_loaded(struct check *k, const json_t *status)
{
	co_auto_free char *keys = co_path_join(k->home, "keys");
	struct slot slots[SLOT_MOST];
	size_t n, j;

	for (size_t i = 0; keys != NULL && i < IDENTITIES; i++) {
		const struct identity *id = &identities[i];
		char hex[SHA256_HEX + 1];
		cert_auto *cert = NULL;
		bool loaded = false;
		const json_t *row;

		if (slot_list(slots, &n, k->conf.certs, keys, id->name,
			    identity_key(id, &k->conf), NULL) != CO_OK ||
			cert_load(&cert, slots[n - 1].cert, NULL) != CO_OK)
			continue;
		co_hex(cert_sha256(cert), SHA256_LEN, hex);
		json_array_foreach(json_object_get(status, "certificates"), j, row)
			loaded = loaded || strcmp(cli_text(row, "sha256"), hex) == 0;
		if (!loaded)
			say(k, id->word, WARN, "the running node does not have %s yet: restart it",
				slots[n - 1].cert);
	}
}

static void
check_stamps(struct check *k)
{
	json_auto *in = json_object(), *status = NULL;
	const json_t *t;
	int64_t end_us;

	if (cli_call(k->c, "status", in, &status, NULL) != CO_OK)
		return;
	check_loaded(k, status);
	t = json_object_get(status, "time_stamps");
	if (json_is_true(json_object_get(t, "outage")))
		say(k, "time-stamps", WARN, "this node's own stand in: %s", cli_text(t, "why"));
	else
		say(k, "time-stamps", GOOD, "%s", strcmp(cli_text(t, "from"), "own") == 0
			? "this node's own" : "from outside");
	if (*cli_text(t, "end") != '\0' &&
		co_time_parse(cli_text(t, "end"), &end_us, NULL) == CO_OK &&
		end_us - co_now_us() < STAMP_SOON_DAYS * DAY_US)
		say(k, "time-stamps", WARN,
			"those that exist rest on a certificate that ends on %.10s, and none that "
			"lasts longer was to be had", cli_text(t, "end"));
}

static void
check_running(struct check *k)
{
	json_auto *in = json_object(), *list = NULL;
	const json_t *row;
	struct co_err err = { 0 };
	size_t i, accepted = 0, waiting = 0;

	if (cli_call(k->c, "directory.list", in, &list, &err) != CO_OK) {
		say(k, "node", WARN, "%s", err.msg);
		return;
	}
	say(k, "node", GOOD, "running");
	check_stamps(k);
	json_array_foreach(json_object_get(list, "partners"), i, row) {
		accepted += strcmp(cli_text(row, "state"), "accepted") == 0;
		waiting += strcmp(cli_text(row, "state"), "offered") == 0;
		if (json_is_string(json_object_get(row, "clock")))
			say(k, "partner", WARN, "%s: %s", cli_text(row, "address"),
				cli_text(row, "clock"));
	}
	say(k, "partners", waiting > 0 || accepted == 0 ? WARN : GOOD,
		"%zu accepted, %zu to be looked at", accepted, waiting);
}

enum co_rc
run_selfcheck(struct cli *c, struct co_err *err)
{
	struct check k = { .c = c };
	json_auto *told = json_pack("{s:[]}", "checks");
	enum co_rc rc = cli_home(c, &k.home, err);

	if (rc == CO_OK)
		rc = config_load(&k.conf, k.home, err);
	if (rc != CO_OK)
		return rc;
	k.rows = json_object_get(told, "checks");
	check_folder(&k);
	check_conf(&k);
	check_root(&k);
	/* Time-stamps also with authorities outside: these stand in for them. */
	for (size_t i = 0; i < IDENTITIES; i++)
		check_pairs(&k, &identities[i]);
	check_disk(&k);
	check_clock(&k);
	check_zone(&k);
	check_ledger(&k);
	check_copy(&k);
	check_running(&k);
	(void)json_object_set_new(told, "failed", json_integer(k.failed));
	cli_answer(c, told);
	return k.failed == 0 ? CO_OK : co_fail(err, CO_EREFUSED, "%u of the checks failed",
		k.failed);
}
