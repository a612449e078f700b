#include "network/pull.h"

#include "base/fault.h"
#include "base/log.h"
#include "network/http.h"

#include <string.h>
#include <sys/random.h>

enum {
	PULL_SLOTS = 4, /* ranges under way, each on its own connection */
	PULL_TICK_MS = 100,
	PULL_REST_MIN_US = 200 * 1000,
	PULL_REST_MAX_US = 60 * 1000 * 1000,
	PULL_DISK_REST_US = 5 * 1000 * 1000,
	PULL_CONNECTION_S = 60, /* then a new handshake, so that a revoked pin takes effect */
	PULL_WORDS = 160
};

struct pull_slot {
	struct pull *p;
	CURL *easy; /* NULL until first used */
	bool active;
	bool checked;         /* status and Content-Range were looked at */
	uint64_t from, n, at; /* the range; the next byte that comes */
	long status;
	char want[96], got[96]; /* Content-Range */
	char words[PULL_WORDS]; /* of an answer that is no range */
	size_t words_n;
	struct co_err err; /* what the vault or we had against the bytes */
};

struct pull {
	struct pull_conf c;
	struct pull_slot slots[PULL_SLOTS];
	unsigned active;
	unsigned failures; /* since a range last came whole */
	int64_t rest_until_us, tick_us;
	char trouble[480];
};

/* ---- trouble and rest ---- */

static int64_t
pull_backoff(unsigned failures)
{
	int64_t us = PULL_REST_MAX_US;
	uint32_t dice = 0;

	if (failures < 9)
		us = (int64_t)PULL_REST_MIN_US << failures;
	if (us > PULL_REST_MAX_US)
		us = PULL_REST_MAX_US;
	/* Jitter: nodes that lost the same partner must not come back in step. */
	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) != (ssize_t)sizeof(dice))
		dice = (uint32_t)co_mono_us();
	return us / 2 + (int64_t)(dice % (uint32_t)(us / 2));
}

static void
pull_trouble(struct pull *p, const char *why, int64_t fixed_rest_us)
{
	int64_t now = co_mono_us();

	if (p->trouble[0] == '\0')
		co_warn("fetch", "exhibit %s from %s: %s", p->c.id, p->c.partner, why);
	(void)snprintf(p->trouble, sizeof(p->trouble), "%s", why);
	if (fixed_rest_us > 0)
		p->rest_until_us = now + fixed_rest_us;
	else if (now >= p->rest_until_us) /* ranges that break together are one break */
		p->rest_until_us = now + pull_backoff(p->failures++);
}

static void
pull_well(struct pull *p)
{
	/* What was under way before a break may still end well: that mends nothing. */
	if (co_mono_us() < p->rest_until_us)
		return;
	if (p->trouble[0] != '\0')
		co_info("fetch", "exhibit %s from %s goes on", p->c.id, p->c.partner);
	p->trouble[0] = '\0';
	p->failures = 0;
}

/* ---- what an answer brings ---- */

static size_t
slot_header(char *line, size_t size, size_t n, void *arg)
{
	static const char name[] = "Content-Range:";
	struct pull_slot *s = arg;
	size_t len = size * n, skip = sizeof(name) - 1;

	if (len >= skip && strncasecmp(line, name, skip) == 0) {
		while (skip < len && (line[skip] == ' ' || line[skip] == '\t'))
			skip++;
		while (len > skip && (unsigned char)line[len - 1] <= ' ')
			len--;
		/* Twice the header, or one that does not fit: then it is not the one wanted. */
		if (s->got[0] != '\0' || len - skip >= sizeof(s->got)) {
			(void)snprintf(s->got, sizeof(s->got), "?");
		} else {
			memcpy(s->got, line + skip, len - skip);
			s->got[len - skip] = '\0';
		}
	}
	return size * n;
}

/* The answer is a text for people: its first line is kept, the rest is not worth a connection. */
static size_t
slot_words(struct pull_slot *s, const char *p, size_t n)
{
	enum { WORTH = 4096 };

	for (size_t i = 0; i < n && s->words_n + 1 < sizeof(s->words); i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c >= 0x7f)
			break;
		s->words[s->words_n++] = (char)c;
	}
	s->at += n;
	return s->at - s->from > WORTH ? 0 : n;
}

/* The byte after the header or chunk that `at` lies in. */
static uint64_t
place_end(uint64_t at)
{
	if (at < CHUNKED_HEADER)
		return CHUNKED_HEADER;
	return CHUNKED_HEADER + ((at - CHUNKED_HEADER) / CHUNKED_CIPHER + 1) * CHUNKED_CIPHER;
}

/* One chunk at a time, so that after a failure s->at lies in the chunk that failed. */
static bool
slot_feed(struct pull_slot *s, const char *p, size_t n)
{
	if (n > s->from + s->n - s->at) {
		(void)co_fail(&s->err, CO_ENETWORK, "%s sent more bytes than the range has",
			s->p->c.partner);
		return false;
	}
	while (n > 0) {
		uint64_t room = place_end(s->at) - s->at;
		size_t part = room < n ? (size_t)room : n;

		if (vault_fill_add(s->p->c.fill, s->at, p, part, &s->err) != CO_OK)
			return false;
		s->at += part;
		p += part;
		n -= part;
	}
	return true;
}

static size_t
slot_take(char *p, size_t size, size_t n, void *arg)
{
	struct pull_slot *s = arg;

	if (!s->checked) {
		(void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &s->status);
		s->checked = true;
		if (s->status == 206 && strcmp(s->got, s->want) != 0) {
			(void)co_fail(&s->err, CO_ENETWORK,
				"%s answered with another range: wanted "
				"\"%s\", got \"%s\"",
				s->p->c.partner, s->want, s->got);
			return 0;
		}
	}
	if (s->status != 206)
		return slot_words(s, p, size * n);
	return s->err.rc == CO_OK && slot_feed(s, p, size * n) ? size * n : 0;
}

/* ---- asking ---- */

static enum co_rc
slot_prepare(struct pull_slot *s, const char *url, struct co_err *err)
{
	struct pull *p = s->p;
	bool bad = false;
	enum co_rc rc;

	s->easy = curl_easy_init();
	if (s->easy == NULL)
		return co_fail(err, CO_ENOMEM, "a connection to %s", p->c.partner);
	rc = http_prepare_bulk(s->easy, p->c.tls, p->c.partner, url, err);
	if (rc != CO_OK)
		return rc;
#define SET(option, value) (bad |= curl_easy_setopt(s->easy, option, value) != CURLE_OK)
	SET(CURLOPT_MAXLIFETIME_CONN, (long)PULL_CONNECTION_S);
	SET(CURLOPT_QUICK_EXIT, 1L); /* a name server that hangs must not hold up our end */
	SET(CURLOPT_HEADERFUNCTION, slot_header);
	SET(CURLOPT_HEADERDATA, s);
	SET(CURLOPT_WRITEFUNCTION, slot_take);
	SET(CURLOPT_WRITEDATA, s);
#undef SET
	return bad ? co_fail(err, CO_EINTERNAL, "libcurl refuses an option for a range") : CO_OK;
}

static enum co_rc
slot_ask(struct pull_slot *s, struct co_err *err)
{
	struct pull *p = s->p;
	unsigned long long last = s->from + s->n - 1;
	char url[LIMIT_NAME + 100], range[64];
	enum co_rc rc = p->c.where(p->c.arg, url, sizeof(url), err);

	if (rc != CO_OK)
		return rc;
	(void)snprintf(range, sizeof(range), "%llu-%llu", (unsigned long long)s->from, last);
	(void)snprintf(s->want, sizeof(s->want), "bytes %llu-%llu/%llu",
		(unsigned long long)s->from, last, (unsigned long long)p->c.size);
	s->at = s->from;
	s->checked = false;
	s->status = 0;
	s->got[0] = s->words[0] = '\0';
	s->words_n = 0;
	co_err_clear(&s->err);
	if (s->easy == NULL)
		rc = slot_prepare(s, url, err);
	if (rc != CO_OK) {
		curl_easy_cleanup(CO_TAKE(s->easy));
		return rc;
	}
	/* The partner may have moved since the last range. */
	if (curl_easy_setopt(s->easy, CURLOPT_URL, url) != CURLE_OK ||
		curl_easy_setopt(s->easy, CURLOPT_RANGE, range) != CURLE_OK ||
		curl_multi_add_handle(p->c.multi, s->easy) != CURLM_OK)
		return co_fail(err, CO_ENOMEM, "a range from %s", p->c.partner);
	s->active = true;
	p->active++;
	return CO_OK;
}

static void
pull_hand_out(struct pull *p)
{
	struct co_err err = { 0 };

	for (size_t i = 0; i < PULL_SLOTS; i++) {
		struct pull_slot *s = &p->slots[i];

		if (s->active)
			continue;
		if (!vault_fill_next(p->c.fill, LIMIT_RANGE, &s->from, &s->n))
			return;
		if (slot_ask(s, &err) == CO_OK)
			continue;
		vault_fill_return(p->c.fill, s->from, s->n);
		pull_trouble(p, err.msg, 0);
		return;
	}
}

/* ---- an answer's end ---- */

static void
slot_release(struct pull_slot *s)
{
	(void)curl_multi_remove_handle(s->p->c.multi, s->easy);
	s->active = false;
	s->p->active--;
}

static void
slot_why(const struct pull_slot *s, CURLcode code, char *out, size_t cap)
{
	const char *who = s->p->c.partner;

	if (s->err.rc != CO_OK)
		(void)snprintf(out, cap, "%s", s->err.msg);
	else if (s->status != 0 && s->status != 206)
		(void)snprintf(out, cap, "%s answered with status %ld%s%s", who, s->status,
			s->words_n > 0 ? ": " : "", s->words);
	else if (code == CURLE_OK)
		(void)snprintf(out, cap, "%s sent fewer bytes than the range has", who);
	else
		http_reason(code, out, cap);
}

/* A chunk that is not what was sealed: once may be an accident of the line, twice is not. */
static enum co_rc
pull_wrong(struct pull *p, uint64_t at, const char *why, struct co_err *err)
{
	struct pull_bad *bad = p->c.bad;
	uint64_t place = place_end(at);
	bool again = bad->n == PULL_BAD;

	for (size_t i = 0; i < bad->n; i++)
		again = again || bad->at[i] == place;
	if (again)
		return co_fail(err, CO_EVERIFY, "%s (again; the exhibit is given up)", why);
	bad->at[bad->n++] = place;
	pull_trouble(p, why, 0);
	return CO_OK;
}

static enum co_rc
slot_done(struct pull_slot *s, CURLcode code, struct co_err *err)
{
	struct pull *p = s->p;
	char why[480];

	(void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &s->status);
	slot_release(s);
	if (s->status == 206 && s->err.rc == CO_OK && s->at == s->from + s->n) {
		pull_well(p);
		if (co_fault_hit("fetch.chunk"))
			pull_trouble(p, "fault after a range", 0);
		return CO_OK;
	}
	slot_why(s, code, why, sizeof(why));
	vault_fill_return(p->c.fill, s->from, s->n);
	switch ((int)s->err.rc) {
	case CO_OK:
	case CO_ENETWORK:
		pull_trouble(p, why, 0);
		return CO_OK;
	case CO_EVERIFY:
		return pull_wrong(p, s->at, why, err);
	case CO_ENOSPACE:
		pull_trouble(p, why, PULL_DISK_REST_US);
		return CO_OK;
	default:
		return co_fail(err, s->err.rc, "%s", why);
	}
}

static enum co_rc
pull_answers(struct pull *p, struct co_err *err)
{
	enum co_rc rc = CO_OK;
	CURLMsg *m;
	int left;

	while (rc == CO_OK && (m = curl_multi_info_read(p->c.multi, &left)) != NULL) {
		CURL *easy = m->easy_handle;
		CURLcode code = m->data.result;

		for (size_t i = 0; m->msg == CURLMSG_DONE && i < PULL_SLOTS; i++) {
			if (p->slots[i].active && p->slots[i].easy == easy) {
				rc = slot_done(&p->slots[i], code, err);
				break;
			}
		}
	}
	return rc;
}

/* ---- the loop ---- */

static enum co_rc
pull_told(struct pull *p, struct co_err *err)
{
	int64_t now = co_mono_us(), rest;

	if (now - p->tick_us < PULL_TICK_MS * 1000)
		return CO_OK;
	p->tick_us = now;
	rest = p->rest_until_us > now ? p->rest_until_us - now : 0;
	switch (p->c.tick(p->c.arg, p->trouble, rest)) {
	case PULL_STOP:
		return co_fail(err, CO_ECLOSED, "exhibit %s: stopped", p->c.id);
	case PULL_NOW:
		p->rest_until_us = 0;
		break;
	case PULL_ON:
		break;
	}
	return CO_OK;
}

enum co_rc
pull_run(struct pull *p, struct co_err *err)
{
	enum co_rc rc = CO_OK;
	int running;

	for (;;) {
		if (co_mono_us() >= p->rest_until_us) {
			pull_hand_out(p);
			if (p->active == 0 && co_mono_us() >= p->rest_until_us)
				break;
		}
		if (curl_multi_perform(p->c.multi, &running) != CURLM_OK)
			rc = co_fail(
				err, CO_EINTERNAL, "libcurl cannot go on with %s", p->c.partner);
		if (rc == CO_OK)
			rc = pull_answers(p, err);
		if (rc == CO_OK)
			rc = pull_told(p, err);
		if (rc != CO_OK)
			break;
		/* A range has ended: the next one is asked for before anything is waited for. */
		if (p->active < PULL_SLOTS && co_mono_us() >= p->rest_until_us)
			pull_hand_out(p);
		if (p->active > 0 || co_mono_us() < p->rest_until_us)
			(void)curl_multi_poll(p->c.multi, NULL, 0, PULL_TICK_MS, NULL);
	}
	for (size_t i = 0; i < PULL_SLOTS; i++) {
		struct pull_slot *s = &p->slots[i];

		if (!s->active)
			continue;
		slot_release(s);
		vault_fill_return(p->c.fill, s->from, s->n);
	}
	return rc;
}

enum co_rc
pull_new(struct pull **out, const struct pull_conf *conf, struct co_err *err)
{
	struct pull *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return co_fail(err, CO_ENOMEM, "fetching");
	p->c = *conf;
	for (size_t i = 0; i < PULL_SLOTS; i++)
		p->slots[i].p = p;
	(void)curl_multi_setopt(conf->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)PULL_SLOTS);
	(void)curl_multi_setopt(conf->multi, CURLMOPT_MAXCONNECTS, (long)PULL_SLOTS);
	*out = p;
	return CO_OK;
}

void
pull_free(struct pull **out)
{
	struct pull *p = *out;

	if (p == NULL)
		return;
	for (size_t i = 0; i < PULL_SLOTS; i++)
		if (p->slots[i].easy != NULL)
			curl_easy_cleanup(p->slots[i].easy);
	free(p);
	*out = NULL;
}
