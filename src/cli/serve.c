#include "cli/run.h"

#include "base/fs.h"
#include "base/log.h"
#include "cli/calendar.h"
#include "cli/where.h"
#include "crypto/digest.h"
#include "crypto/slot.h"
#include "desk/desk.h"
#include "network/node.h"
#include "network/proxy.h"

#include <limits.h>
#include <string.h>

/* What comity.conf says, as the network room wants it. Paths are borrowed from texts. */
struct serve_texts {
	struct slot seal[SLOT_MOST], tls[SLOT_MOST], tsa[SLOT_MOST];
	struct keeper_more more[3 * SLOT_MOST];
	size_t more_n;
	char origin[LIMIT_ADDRESS + 8];
	struct where listen;
};

/* The desk opens when the node serves. */
struct serve_desk {
	const struct config *conf;
	struct desk *desk;
	struct where at, card_at;
	struct proxies proxies;
	char url[LIMIT_NAME + 1], card_url[LIMIT_NAME + 1];
	struct co_buf card_pem; /* read before the sandbox closes; wiped at the end */
};

/* The door for certificates, when there is one. Where doors are was checked with the file: what
 * cannot be read is "off". */
static void
serve_card(struct serve_desk *s, struct desk_conf *dc)
{
	if (!where_parse(s->conf->desk_card, &s->card_at))
		return;
	(void)snprintf(s->card_url, sizeof(s->card_url), "%s", s->conf->desk_card_url);
	if (s->card_url[0] == '\0')
		(void)snprintf(s->card_url, sizeof(s->card_url), "https://localhost:%u",
			s->card_at.port);
	dc->card_address = s->card_at.host;
	dc->card_port = s->card_at.port;
	dc->card_url = s->card_url;
	dc->card_pem = s->card_pem.data;
	dc->card_pem_n = s->card_pem.len;
}

/* Before the sandbox: afterwards no file of keys can be read. */
static enum co_rc
card_load(struct serve_desk *s, struct co_err *err)
{
	co_buf_init(&s->card_pem, 8 * LIMIT_CERT);
	if (strcmp(s->conf->desk_card, "off") == 0)
		return CO_OK;
	if (co_read_file(s->conf->desk_card_tls, &s->card_pem, err) != CO_OK)
		return co_wrap(err, "desk_card_tls, the certificate and key of the door for cards");
	return CO_OK;
}

static enum co_rc
serve_desk_open(
	void *arg, struct exchange *x, struct evidence *e, struct co_err *err)
{
	struct serve_desk *s = arg;
	struct desk_conf dc = { .exchange = x,
		.evidence = e,
		.url = s->url,
		.name = s->conf->name,
		.zone = s->conf->timezone,
		.language = s->conf->languages };
	enum co_rc rc;

	if (!where_parse(s->conf->desk, &s->at))
		return CO_OK;
	s->proxies.forwarded = strcmp(s->conf->desk_proxy_header, "forwarded") == 0;
	TRY(proxies_parse(&s->proxies, s->conf->desk_proxies, err));
	dc.proxies = &s->proxies;
	dc.address = s->at.host;
	dc.port = s->at.port;
	(void)snprintf(s->url, sizeof(s->url), "%s", s->conf->desk_url);
	if (s->url[0] == '\0')
		(void)snprintf(s->url, sizeof(s->url), "http://localhost:%u", dc.port);
	serve_card(s, &dc);
	rc = desk_open(&s->desk, &dc, err);
	if (rc == CO_OK)
		(void)printf("the desk is at %s\n", s->url);
	return rc;
}

static void
serve_desk_close(void *arg)
{
	desk_close(&((struct serve_desk *)arg)->desk);
}

/* The certificates of one use: the first as the configuration names it, the others beside. */
static enum co_rc
fill_slots(struct serve_texts *t, struct slot slots[SLOT_MOST], const struct config *c,
	const char *home, enum cert_use use, const char *name, const char *key,
	struct co_err *err)
{
	co_auto_free char *keys = co_path_join(home, "keys");
	size_t n;

	if (keys == NULL)
		return co_fail(err, CO_ENOMEM, "the node's keys");
	TRY(slot_list(slots, &n, c->certs, keys, name, key, err));
	for (size_t i = 1; i < n; i++)
		t->more[t->more_n++] =
			(struct keeper_more){ use, slots[i].key, slots[i].cert };
	return CO_OK;
}

static enum co_rc
fill_keeper(struct keeper_conf *k, const struct config *c, const char *home,
	struct serve_texts *t, struct co_err *err)
{
	t->more_n = 0;
	TRY(fill_slots(t, t->seal, c, home, CERT_SEAL, "seal", c->seal_key, err));
	TRY(fill_slots(t, t->tls, c, home, CERT_TLS, "tls", c->tls_key, err));
	TRY(fill_slots(t, t->tsa, c, home, CERT_TSA, "tsa", c->tsa_key, err));
	(void)snprintf(t->origin, sizeof(t->origin), "%s/ledger", c->address);
	*k = (struct keeper_conf){ .address = c->address,
		.seal_key = c->seal_key,
		.seal_cert = t->seal[0].cert,
		.tls_key = c->tls_key,
		.tls_cert = t->tls[0].cert,
		.log_key = c->log_key,
		.log_origin = t->origin,
		.tsa_key = c->tsa_key,
		.tsa_cert = t->tsa[0].cert,
		.secret_file = c->secret_file,
		.pin_file = c->pin_file[0] != '\0' ? c->pin_file : NULL,
		.more = t->more,
		.more_n = t->more_n,
		.seccomp = c->sandbox };
	return CO_OK;
}

static void
fill_directory(struct directory_conf *d, const struct config *c)
{
	d->address = c->address;
	d->name = c->name;
	d->economy = c->economy;
	d->role = c->role;
	d->url = c->url;
	d->timezone = c->timezone;
	d->hours = c->hours;
	d->languages = c->languages;
	d->vkey = c->vkey;
}

static enum co_log_level
level_of(const char *name)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	for (size_t i = 0; i < CO_ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return (enum co_log_level)i;
	return CO_LOG_INFO;
}

static void
serve_note(void *arg, bool matters, const char *text)
{
	(void)arg;
	if (matters)
		co_warn("node", "comity.conf: %s", text);
}

/* After an upgrade: what a file of before says otherwise than a new one would. */
static void
serve_aged(const char *home)
{
	co_auto_free char *path = co_path_join(home, "comity.conf");
	co_auto_buf text;

	co_buf_init(&text, LIMIT_CONFIG);
	if (path != NULL && co_read_file(path, &text, NULL) == CO_OK &&
		config_aged(path, text.data == NULL ? "" : text.data, text.len, serve_note, NULL,
			NULL) != CO_OK)
		co_warn("node", "%s changed while it was read", path);
}

enum co_rc
run_serve(struct cli *c, struct co_err *err)
{
	struct config conf;
	struct serve_texts texts;
	calendar_auto calendar = { .zone = NULL };
	struct node_conf node = { 0 };
	struct serve_desk desk = { .conf = &conf };
	char whole[PATH_MAX];
	const char *home;
	enum co_rc rc = cli_home(c, &home, err);

	if (rc != CO_OK)
		return rc;
	if (realpath(home, whole) == NULL)
		return co_fail_errno(err, "the node's folder %s", home);
	rc = config_load(&conf, whole, err);
	if (rc == CO_OK)
		rc = calendar_open(&calendar, &conf, err);
	if (rc == CO_OK)
		rc = card_load(&desk, err);
	if (rc != CO_OK)
		return rc;
	co_log_setup(level_of(cli_or(c, "log-level", conf.log_level)), conf.log_json);
	serve_aged(whole);
	TRY(fill_keeper(&node.keeper, &conf, whole, &texts, err));
	fill_directory(&node.directory, &conf);
	node.home = whole;
	node.certs = conf.certs;
	where_listen(&conf, &texts.listen);
	node.listen = texts.listen.host;
	node.port = texts.listen.port;
	node.loops = (unsigned)conf.loops;
	node.four_eyes = conf.four_eyes;
	node.two_people = conf.two_people;
	node.economy = conf.economy;
	node.calendar = calendar.term;
	node.lead_days = (unsigned)conf.extend_days;
	node.tsa_url = conf.tsa_url[0] != '\0' ? conf.tsa_url : NULL;
	node.tsa_roots = conf.tsa_roots[0] != '\0' ? conf.tsa_roots : NULL;
	node.tsa_policy = conf.tsa_policy;
	node.renew_days = (unsigned)conf.renew_days;
	node.sandbox = conf.sandbox;
	node.webhook_link_local = conf.webhook_link_local;
	node.door = (struct node_door){ serve_desk_open, serve_desk_close, &desk };
	rc = node_run(&node, err);
	if (desk.card_pem.data != NULL)
		crypto_wipe(desk.card_pem.data, desk.card_pem.len);
	co_buf_deinit(&desk.card_pem);
	return rc;
}
