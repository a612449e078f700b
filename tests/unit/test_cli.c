#include "test.h"

#include "cli/args.h"
#include "cli/calendar.h"
#include "cli/where.h"
#include "cli/fields.h"

static struct co_err err;

static const struct cli_verb *
verb(const char *name)
{
	for (size_t i = 0; i < cli_verb_count(); i++)
		if (strcmp(cli_verb_at(i)->name, name) == 0)
			return cli_verb_at(i);
	fail_msg("no verb %s", name);
	return NULL;
}

static enum co_rc
parse(struct cli *c, const char *name, const char *const *words)
{
	char *argv[32] = { (char *)(uintptr_t)name };
	int argc = 1;

	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	*c = (struct cli){ .verb = verb(name) };
	return args_parse(c, argc, argv, &err);
}

static void
every_verb_has_an_example_of_itself_and_a_way_to_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < cli_verb_count(); i++) {
		const struct cli_verb *v = cli_verb_at(i);
		char start[80];

		(void)snprintf(start, sizeof(start), "comity %s", v->name);
		if (v->summary == NULL || v->run == NULL || v->example == NULL ||
			strncmp(v->example, start, strlen(start)) != 0)
			fail_msg("%s: summary, run or example", v->name);
		if ((v->op != NULL) != (v->roles != NULL))
			fail_msg("%s asks the node, so its help must say who may", v->name);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(v->name, cli_verb_at(k)->name);
	}
}

static void
no_option_is_named_twice_in_a_verb(void **state)
{
	(void)state;
	for (size_t i = 0; i < cli_verb_count(); i++)
		for (const struct cli_option *o = cli_verb_at(i)->options; o->name != NULL; o++) {
			assert_true((o->type == CLI_FLAG
				|| o->type == CLI_NOT) == (o->value == NULL));
			for (const struct cli_option *k = cli_verb_at(i)->options; k < o; k++)
				assert_string_not_equal(o->name, k->name);
			for (const struct cli_option *k = cli_common; k->name != NULL; k++)
				assert_string_not_equal(o->name, k->name);
		}
}

static void
options_and_operands_are_taken_in_any_order(void **state)
{
	struct cli c;
	json_t *in = NULL;
	const char *const words[] = { "--ground", "sovereignty", "some-id", "--condition=a:b",
		"refused",
		"--condition", "c:d", "--json", NULL };

	(void)state;
	assert_ok(parse(&c, "request answer", words));
	assert_true(c.json);
	assert_int_equal(c.operands_n, 2);
	assert_string_equal(cli_nth(&c, "condition", 1), "c:d");
	assert_null(cli_nth(&c, "condition", 2));
	assert_ok(cli_input(&c, &in, &err));
	assert_string_equal(json_string_value(json_object_get(in, "id")), "some-id");
	assert_string_equal(json_string_value(json_object_get(in, "state")), "refused");
	assert_string_equal(json_string_value(json_object_get(in, "ground")), "sovereignty");
	assert_null(json_object_get(in, "condition"));
	json_decref(in);
}

static void
a_wrong_option_is_answered_with_the_nearest(void **state)
{
	struct cli c;

	(void)state;
	assert_int_equal(parse(&c, "request answer", (const char *const[]){ "x", "y", "--reasn",
		"z", NULL }), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "--reason"));
	co_err_clear(&err);
	assert_rc(parse(&c, "request answer", (const char *const[]){ "x", NULL }), CO_EUSAGE);
	assert_rc(parse(&c, "request answer", (const char *const[]){ "x", "y", "z", NULL }),
		CO_EUSAGE);
	assert_rc(parse(&c, "request answer", (const char *const[]){ "x", "y", "--ground", NULL }),
		CO_EUSAGE);
	assert_rc(parse(&c, "request answer",
		(const char *const[]){ "x", "y", "--ground", "a", "--ground", "b", NULL }),
		CO_EUSAGE);
	assert_rc(parse(&c, "request extend", (const char *const[]){ "x", "--days", "6o", NULL }),
		CO_EUSAGE);
	assert_rc(parse(&c, "request new", (const char *const[]){ "--to", "us.contact", NULL }),
		CO_EUSAGE);
}

static const char conf_least[] = "address = th.contact\nname = Unit\neconomy = TH\nrole = contact\n"
	"url = https://127.0.0.1:4501\nvkey = x\n";

static enum co_rc
conf_with(struct config *c, const char *line)
{
	char text[1000];

	(void)snprintf(text, sizeof(text), "%s%s\n", conf_least, line);
	return config_parse(c, "comity.conf", text, strlen(text), &err);
}

static void
configuration_refuses_what_it_does_not_know_with_the_line(void **state)
{
	static const char *const bad[] = { "loopz = 2", "loops = two", "loops = 65", "loops = -1",
		"sandbox = yes",
		"role = contact", "listen = 127.0.0.1", "listen = a b:4501",
		"listen = 127.0.0.1:70000", "listen = localhost:4501", "listen = [::1:4501",
		"listen = 1.2.3:4501", "desk = localhost:8401", "desk = 127.0.0.1",
		"desk_card = here:1", "languages = jp", "languages =", "languages = th,,en",
		"languages = th,", "languages = English", "languages = en fr", "languages = TH",
		"hello", "log_level = loud", "log_level = info debug", "= 3" };
	struct config c;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++) {
		co_err_clear(&err);
		if (conf_with(&c, bad[i]) != CO_EUSAGE)
			fail_msg("accepted: %s", bad[i]);
		if (strstr(err.msg, "comity.conf:7") == NULL)
			fail_msg("no line: %s", err.msg);
	}
	co_err_clear(&err);
	assert_int_equal(conf_with(&c, "loopz = 2"), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "\"loops\""));
	co_err_clear(&err);
	assert_rc(config_parse(&c, "f", "name = x\n", 9, &err), CO_EUSAGE);
}

/* The url of a node says where it listens, unless listen does. */
static void
a_name_in_the_url_means_all_addresses(void **state)
{
	static const struct {
		const char *url, *listen, *host;
		uint16_t port;
	} good[] = {
		{ "https://127.0.0.1:4501", "", "127.0.0.1", 4501 },
		{ "https://[2001:db8::1]:443", "", "2001:db8::1", 443 },
		{ "https://localhost:8443", "", "::", 8443 },
		{ "https://contact.example.org:8443", "", "::", 8443 },
		{ "https://a-b.example.org:1", "", "::", 1 },
		{ "https://contact.example.org:8443", "192.0.2.7:9443", "192.0.2.7", 9443 },
		{ "https://contact.example.org:443", "[::1]:65535", "::1", 65535 },
	};
	static const char *const bad[] = { "http://a:1", "https://a", "https://a:0", "https://:1",
		"https://a:65536", "https://a:1x", "https://::1:8443", "https://[::1]",
		"https://a b:1",
		"https://[contact.example.org]:1", "https://192.0.2.300:1", "https://a/b:1",
		"https://-a:1", "https://a.:1", "https://a..b:1", "https://.a:1",
		"https://user@a:1" };
	char url[300], listen[300];
	struct config c;
	struct where w;

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(good); i++) {
		(void)snprintf(listen, sizeof(listen), "listen = %s", good[i].listen);
		assert_ok(conf_with(&c, listen));
		assert_ok(config_set(&c, "url", good[i].url, &err));
		where_listen(&c, &w);
		assert_string_equal(w.host, good[i].host);
		assert_int_equal(w.port, good[i].port);
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		if (config_set(&c, "url", bad[i], &err) != CO_EUSAGE)
			fail_msg("accepted: %s", bad[i]);
	(void)memset(url, 'a', sizeof(url) - 1);
	(void)memcpy(url + sizeof(url) - 3, ":1", 3);
	assert_false(where_parse(url, &w));
	assert_ok(conf_with(&c, "languages = pt-BR, en ,fil"));
	co_err_clear(&err);
	assert_int_equal(conf_with(&c, "languages = th,jp"), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "\"jp\" is none"));
	assert_non_null(strstr(err.msg, "ar, en, es, fr, ja, th;"));
	/* It names the setting and the way out. */
	co_err_clear(&err);
	assert_int_equal(conf_with(&c, "listen = localhost:4501"), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "comity.conf:7"));
	assert_non_null(strstr(err.msg, "listen is \"localhost:4501\""));
	assert_non_null(strstr(err.msg, "[::]:4501"));
}

static void
configuration_takes_defaults_and_comments(void **state)
{
	struct config c;

	(void)state;
	assert_ok(conf_with(&c, "  # a comment\n\n\tloops =  4 \r\nfour_eyes ="));
	assert_int_equal(c.loops, 4);
	assert_string_equal(c.four_eyes, "");
	assert_string_equal(c.log_level, "info");
	assert_true(c.sandbox);
	assert_ok(conf_with(&c, "sandbox = off"));
	assert_false(c.sandbox);
	assert_string_equal(c.four_eyes, "*");
}

static void
configuration_reads_what_it_printed(void **state)
{
	struct config c, again;
	co_auto_buf b;

	(void)state;
	co_buf_init(&b, LIMIT_CONFIG);
	assert_ok(conf_with(&c, "loops = 3\nlanguages = th,en\nsandbox = off"));
	assert_ok(config_print(&c, &b, &err));
	assert_ok(config_parse(&again, "printed", b.data, b.len, &err));
	assert_memory_equal(&c, &again, sizeof(c));
}

struct notes {
	unsigned matter, other;
	char text[1200];
};

static void
note(void *arg, bool matters, const char *text)
{
	struct notes *n = arg;

	*(matters ? &n->matter : &n->other) += 1;
	(void)snprintf(n->text, sizeof(n->text), "%s", text);
}

/* A file of before an upgrade: who chose nothing learns of the new default. */
static void
what_an_upgrade_left_behind_is_told(void **state)
{
	struct notes n = { .matter = 0 };
	char text[1000];
	co_auto_buf whole;
	struct config c;

	(void)state;
	co_buf_init(&whole, LIMIT_CONFIG);
	assert_ok(conf_with(&c, ""));
	assert_ok(config_print(&c, &whole, &err));
	assert_ok(config_aged("f", whole.data, whole.len, note, &n, &err));
	assert_int_equal(n.matter + n.other, 0);
	(void)snprintf(text, sizeof(text), "%stwo_people = destroyed,opened:closed\n", conf_least);
	assert_ok(config_aged("f", text, strlen(text), note, &n, &err));
	assert_int_equal(n.matter, 1);
	assert_int_equal(n.other, 1);
	assert_non_null(strstr(n.text, "desk_proxies"));
	(void)snprintf(text, sizeof(text), "%stwo_people = opened:closed,destroyed\n", conf_least);
	assert_ok(config_aged("f", text, strlen(text), note, &n, &err));
	assert_int_equal(n.matter, 1);
	assert_rc(config_aged("f", "hello\n", 6, note, &n, &err), CO_EUSAGE);
}

static void
working_days_are_read_or_refused(void **state)
{
	static const char *const bad[] = { "weekend = sat,sonday", "weekend = sat,,sun",
		"weekend = mon,tue,wed,thu,fri,sat,sun", "holidays = 2027-02-29",
		"holidays = 13.4.2027", "holidays = 2027-04-14,2027-04-13",
		"holidays = 2027-04-13,2027-04-13", "extend_days = 61", "extend_days = -1" };
	struct co_err why = { 0 };
	struct config c;
	calendar_auto cal = { .zone = NULL };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(bad); i++)
		assert_rc(conf_with(&c, bad[i]), CO_EUSAGE);
	assert_ok(conf_with(&c, "weekend = fri , sat\nholidays = 2027-04-13, 2027-04-14"));
	assert_int_equal(c.extend_days, 7);
	assert_ok(calendar_open(&cal, &c, &err));
	assert_int_equal(cal.term.weekend, 1 << 4 | 1 << 5);
	assert_int_equal(cal.term.holidays_n, 2);
	assert_int_equal(cal.holidays[1], cal.holidays[0] + 1);
	calendar_deinit(&cal);
	assert_ok(conf_with(&c, "weekend =\ntimezone = Mars/Olympus"));
	assert_int_equal(calendar_open(&cal, &c, &why), CO_ENOTFOUND);
	assert_non_null(strstr(why.msg, "timezone"));
}

static void
fields_take_the_type_that_the_form_says(void **state)
{
	const struct form *f = form_by_measure("preserve");
	json_t *fields = json_object();

	(void)state;
	assert_non_null(f);
	assert_ok(fields_put(fields, f, "days=90", &err));
	assert_ok(fields_put(fields, f, "data=traffic,content", &err));
	assert_ok(fields_put(fields, f, "intention_mla=yes", &err));
	assert_ok(fields_put(fields, f, "authority.phone=+66 2 000 0000", &err));
	assert_ok(fields_put(fields, f, "identifiers:=[{\"type\":\"ip\",\"value\":\"192.0.2.1\"}]",
		&err));
	assert_int_equal(json_integer_value(json_object_get(fields, "days")), 90);
	assert_int_equal(json_array_size(json_object_get(fields, "data")), 2);
	assert_true(json_is_true(json_object_get(fields, "intention_mla")));
	assert_string_equal(json_string_value(json_object_get(json_object_get(fields, "authority"),
		"phone")),
		"+66 2 000 0000");
	assert_rc(fields_put(fields, f, "days=many", &err), CO_EUSAGE);
	assert_rc(fields_put(fields, f, "intention_mla=perhaps", &err), CO_EUSAGE);
	assert_rc(fields_put(fields, f, "dais=90", &err), CO_EUSAGE);
	assert_rc(fields_put(fields, f, "days.x=90", &err), CO_EUSAGE);
	assert_rc(fields_put(fields, f, "authority=someone", &err), CO_EUSAGE);
	assert_rc(fields_put(fields, f, "identifiers:=[", &err), CO_EUSAGE);
	assert_rc(fields_put(fields, f, "=x", &err), CO_EUSAGE);
	json_decref(fields);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_has_an_example_of_itself_and_a_way_to_run),
		cmocka_unit_test(no_option_is_named_twice_in_a_verb),
		cmocka_unit_test(options_and_operands_are_taken_in_any_order),
		cmocka_unit_test(a_wrong_option_is_answered_with_the_nearest),
		cmocka_unit_test(configuration_refuses_what_it_does_not_know_with_the_line),
		cmocka_unit_test(a_name_in_the_url_means_all_addresses),
		cmocka_unit_test(configuration_takes_defaults_and_comments),
		cmocka_unit_test(configuration_reads_what_it_printed),
		cmocka_unit_test(what_an_upgrade_left_behind_is_told),
		cmocka_unit_test(working_days_are_read_or_refused),
		cmocka_unit_test(fields_take_the_type_that_the_form_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
