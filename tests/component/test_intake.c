#include "pair.h"

static void
duplicate_is_answered_with_the_same_receipt(void **state)
{
	struct pair *p = *state;
	struct outbox_row row;
	co_auto_buf body;
	co_auto_buf first;
	co_auto_buf again;
	co_auto_buf twice;
	struct wire_item items[LIMIT_BATCH_RECORDS], item;
	size_t n;

	one_row(p, &row);
	co_buf_init(&body, LIMIT_BATCH_BYTES);
	co_buf_init(&first, LIMIT_BATCH_BYTES);
	co_buf_init(&again, LIMIT_BATCH_BYTES);
	co_buf_init(&twice, LIMIT_BATCH_BYTES);
	/* The same record twice in one batch, never seen before: one receipt, given twice. */
	item = (struct wire_item){ .type = WIRE_RECORD,
		.p = row.bytes.data,
		.n = row.bytes.len,
		.sig = row.sig.data,
		.sig_n = row.sig.len };
	assert_ok(wire_begin(&body, 2, &err));
	assert_ok(wire_add(&body, &item, &err));
	assert_ok(wire_add(&body, &item, &err));
	wire_post(&p->us, "th.contact", &body, &twice);
	assert_ok(wire_parse(twice.data, twice.len, items, &n, &err));
	assert_int_equal(n, 2);
	assert_int_equal(items[0].type, WIRE_RECORD);
	assert_int_equal(items[0].n, items[1].n);
	assert_memory_equal(items[0].p, items[1].p, items[0].n);
	assert_memory_equal(items[0].sig, items[1].sig, items[0].sig_n);
	wire_one(&body, row.bytes.data, row.bytes.len, row.sig.data, row.sig.len);
	wire_post(&p->us, "th.contact", &body, &first);
	wire_post(&p->us, "th.contact", &body, &again);
	assert_int_equal(first.len, again.len);
	assert_memory_equal(first.data, again.data, first.len);
	outbox_row_deinit(&row);
}

/* Signs text as s would, without its keeper's checks. */
static void
sign_as(const struct side *s, const struct co_buf *text, struct co_buf *sig)
{
	co_buf_reset(sig);
	assert_ok(cms_sign(
		s->pki.key[CERT_SEAL], s->pki.cert[CERT_SEAL], text->data, text->len, sig, &err));
}

/* A ping, which needs no case. */
static void
ping(const char *from, const char *to, int64_t at_us, const char *id, struct co_buf *text)
{
	record_auto r;

	record_init(&r);
	r.kind = REC_PING;
	co_uuid7(r.id);
	if (id != NULL)
		(void)snprintf(r.id, sizeof(r.id), "%s", id);
	(void)snprintf(r.from, sizeof(r.from), "%s", from);
	(void)snprintf(r.to, sizeof(r.to), "%s", to);
	(void)snprintf(r.officer, sizeof(r.officer), "node");
	(void)snprintf(r.role, sizeof(r.role), "node");
	r.at_us = at_us;
	r.body = json_pack("{s:s}", "nonce", "abcdef");
	co_buf_reset(text);
	assert_ok(record_print(&r, text, &err));
}

struct letter {
	struct co_buf text, sig;
	char words[512];
};

static void
letter_init(struct letter *l)
{
	co_buf_init(&l->text, LIMIT_RECORD);
	co_buf_init(&l->sig, LIMIT_SIGNATURE);
	l->words[0] = '\0';
}

static void
letter_deinit(struct letter *l)
{
	co_buf_deinit(&l->text);
	co_buf_deinit(&l->sig);
}

static enum co_rc
letter_post(struct letter *l, struct side *to, const char *peer)
{
	return post_one(to, peer, l->text.data, l->text.len, l->sig.data, l->sig.len, l->words);
}

static void
same_id_with_other_content_is_refused_and_reported(void **state)
{
	struct pair *p = *state;
	struct letter l;
	char id[CO_UUID_LEN + 1];

	letter_init(&l);
	co_uuid7(id);
	ping("th.contact", "us.contact", co_now_us() - 5000000, id, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_OK);
	ping("th.contact", "us.contact", co_now_us(), id, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_ECONFLICT);
	assert_non_null(strstr(l.words, id));
	assert_int_equal(events_of(&p->us, "intake.conflict"), 1);
	letter_deinit(&l);
}

static void
altered_record_or_signature_is_refused(void **state)
{
	struct pair *p = *state;
	struct letter l;

	letter_init(&l);
	ping("th.contact", "us.contact", co_now_us(), NULL, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	l.text.data[l.text.len / 2] ^= 1;
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_EVERIFY);
	l.text.data[l.text.len / 2] ^= 1;
	l.sig.data[l.sig.len - 5] ^= 1;
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_EVERIFY);
	l.sig.data[l.sig.len - 5] ^= 1;
	l.sig.len /= 2;
	assert_int_not_equal(letter_post(&l, &p->us, "th.contact"), CO_OK);
	sign_as(&p->us, &l.text, &l.sig); /* a real seal, of somebody else */
	assert_int_not_equal(letter_post(&l, &p->us, "th.contact"), CO_OK);
	assert_true(events_of(&p->us, "intake.refused") == 4);
	letter_deinit(&l);
}

static void
record_for_another_recipient_or_from_another_sender_is_refused(void **state)
{
	struct pair *p = *state;
	struct letter l;

	letter_init(&l);
	ping("th.contact", "fr.contact", co_now_us(), NULL, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_EDENIED);
	assert_non_null(strstr(l.words, "fr.contact"));
	ping("fr.contact", "us.contact", co_now_us(), NULL, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_EDENIED);
	assert_int_equal(events_of(&p->us, "intake.refused"), 2);
	letter_deinit(&l);
}

static void
partner_that_is_unknown_blocked_or_past_its_entry_is_refused(void **state)
{
	struct pair *p = *state;
	struct letter l;
	char address[LIMIT_ADDRESS + 1];
	const unsigned char *tls = cert_sha256(p->th.pki.cert[CERT_TLS]);

	letter_init(&l);
	ping("th.contact", "us.contact", co_now_us(), NULL, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "fr.contact"), CO_ENOTFOUND);
	assert_true(partner_admit(p->us.x, tls, address, sizeof(address)));
	assert_string_equal(address, "th.contact");
	side_knows(&p->us, &p->th, "blocked", 300);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_EDENIED);
	assert_false(partner_admit(p->us.x, tls, address, sizeof(address)));
	side_knows(&p->us, &p->th, "accepted", -1);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_EDENIED);
	assert_non_null(strstr(l.words, "ended on"));
	assert_false(partner_admit(p->us.x, tls, address, sizeof(address)));
	side_knows(&p->us, &p->th, "accepted", 300);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_OK);
	letter_deinit(&l);
}

static enum co_rc
revoke_work(struct store_db *db, void *arg, struct co_err *e)
{
	return store_run(db, NULL, Q_REVOKED_PUT, e, "btitt", arg, (size_t)SHA256_LEN, "th.contact",
		co_now_us(), "key lost", "admin");
}

static void
revoked_certificate_is_refused_by_name(void **state)
{
	struct pair *p = *state;
	struct letter l;
	unsigned char sha[SHA256_LEN];
	char address[LIMIT_ADDRESS + 1];

	letter_init(&l);
	ping("th.contact", "us.contact", co_now_us(), NULL, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	memcpy(sha, cert_sha256(p->th.pki.cert[CERT_SEAL]), sizeof(sha));
	assert_ok(store_write(p->us.store, revoke_work, sha, &err));
	assert_ok(partner_reload(p->us.x, &err));
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_ECERT);
	assert_non_null(strstr(l.words, "key lost"));
	memcpy(sha, cert_sha256(p->th.pki.cert[CERT_TLS]), sizeof(sha));
	assert_true(partner_admit(p->us.x, sha, address, sizeof(address)));
	assert_ok(store_write(p->us.store, revoke_work, sha, &err));
	assert_ok(partner_reload(p->us.x, &err));
	assert_false(partner_admit(p->us.x, sha, address, sizeof(address)));
	letter_deinit(&l);
}

static void
expired_certificate_is_refused_by_name(void **state)
{
	struct pair *p = *state;
	struct cert *good = p->th.pki.cert[CERT_SEAL];
	struct letter l;

	letter_init(&l);
	p->th.pki.cert[CERT_SEAL] = pki_issue(&p->th.pki, CERT_SEAL, p->th.pki.key[CERT_SEAL],
		co_now_us() - 2 * PKI_DAY, co_now_us() - PKI_DAY);
	side_knows(&p->us, &p->th, "accepted", 300);
	ping("th.contact", "us.contact", co_now_us(), NULL, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_ECERT);
	assert_non_null(strstr(l.words, "expired on"));
	cert_free(&p->th.pki.cert[CERT_SEAL]);
	p->th.pki.cert[CERT_SEAL] = good;
	letter_deinit(&l);
}

static void
clock_an_hour_ahead_is_reported_and_two_days_are_refused(void **state)
{
	struct pair *p = *state;
	struct letter l;

	letter_init(&l);
	ping("th.contact", "us.contact", co_now_us() + 3600 * INT64_C(1000000), NULL, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	{
		co_auto_buf body;
		co_auto_buf out;
		struct wire_item items[LIMIT_BATCH_RECORDS];
		size_t n;
		record_auto r;

		record_init(&r);
		co_buf_init(&body, LIMIT_BATCH_BYTES);
		co_buf_init(&out, LIMIT_BATCH_BYTES);
		wire_one(&body, l.text.data, l.text.len, l.sig.data, l.sig.len);
		wire_post(&p->us, "th.contact", &body, &out);
		assert_ok(wire_parse(out.data, out.len, items, &n, &err));
		assert_int_equal(items[0].type, WIRE_RECORD);
		assert_ok(record_parse(&r, items[0].p, items[0].n, &err));
		assert_in_range(json_integer_value(json_object_get(r.body, "skew_s")), 3590, 3600);
	}
	ping("th.contact", "us.contact", co_now_us() + 48 * 3600 * INT64_C(1000000), NULL, &l.text);
	sign_as(&p->th, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_EREFUSED);
	assert_non_null(strstr(l.words, "clock"));
	letter_deinit(&l);
}

static void
answer_to_a_record_that_is_not_here_waits(void **state)
{
	struct pair *p = *state;
	struct asked a;
	struct outbox_row rows[2];
	char words[512];

	send_preserve(p, &a);
	answer(&p->us, a.id, "acknowledged");
	assert_int_equal(due(&p->us, "th.contact", LANE_URGENT, rows, 2), 1);
	/* The asking side lost everything, or never had it. */
	side_forget(&p->th);
	side_fresh(&p->th);
	side_knows(&p->th, &p->us, "accepted", 300);
	assert_int_equal(post_one(&p->th, "us.contact", rows[0].bytes.data, rows[0].bytes.len,
				 rows[0].sig.data, rows[0].sig.len, words),
		CO_ENOTFOUND);
	assert_non_null(strstr(words, "has not arrived"));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	assert_int_equal(due(&p->us, "th.contact", LANE_URGENT, rows + 1, 1), 0); /* later */
	outbox_row_deinit(&rows[0]);
}

/* A partner whose node does not check: the same table refuses it here. */
static void
illegal_notice_of_a_partner_is_refused_on_arrival(void **state)
{
	struct pair *p = *state;
	struct asked a;
	struct letter l;
	record_auto r;
	struct store_db *db;
	stored_record_auto s = { .incoming = false };
	char hex[SHA256_HEX + 1];

	send_preserve(p, &a);
	letter_init(&l);
	record_init(&r);
	assert_ok(store_reader(p->th.store, &db, &err));
	assert_ok(exchange_load(db, a.id, &s, &err));
	sha256_hex(s.bytes.data, s.bytes.len, hex);
	r.kind = REC_NOTICE;
	co_uuid7(r.id);
	memcpy(r.case_id, a.case_id, sizeof(r.case_id));
	(void)snprintf(r.from, sizeof(r.from), "us.contact");
	(void)snprintf(r.to, sizeof(r.to), "th.contact");
	(void)snprintf(r.officer, sizeof(r.officer), "x");
	(void)snprintf(r.role, sizeof(r.role), "duty");
	r.at_us = co_now_us();
	assert_ok(record_add_ref(&r, a.id, hex, &err));
	r.body = json_pack("{s:s}", "state", "extended");
	assert_ok(record_print(&r, &l.text, &err));
	sign_as(&p->us, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->th, "us.contact"), CO_EREFUSED);
	assert_non_null(strstr(l.words, "may answer"));
	state_is(&p->th, a.id, "sent");
	/* The right move with a wrong hash of the request. */
	memset(r.refs[0].sha256, 'a', SHA256_HEX);
	json_object_set_new(r.body, "state", json_string("acknowledged"));
	co_buf_reset(&l.text);
	assert_ok(record_print(&r, &l.text, &err));
	sign_as(&p->us, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->th, "us.contact"), CO_ENOTFOUND);
	state_is(&p->th, a.id, "sent");
	letter_deinit(&l);
}

static void
said(const char *from, const char *case_id, struct record *r, struct letter *l)
{
	r->kind = REC_MESSAGE;
	co_uuid7(r->id);
	(void)snprintf(r->case_id, sizeof(r->case_id), "%s", case_id);
	(void)snprintf(r->from, sizeof(r->from), "%s", from);
	(void)snprintf(r->to, sizeof(r->to), "us.contact");
	(void)snprintf(r->officer, sizeof(r->officer), "x");
	(void)snprintf(r->role, sizeof(r->role), "duty");
	r->at_us = co_now_us();
	r->body = json_pack("{s:s}", "text", "Let me in.");
	assert_ok(record_print(r, &l->text, &err));
}

static void
third_party_cannot_enter_a_case(void **state)
{
	struct pair *p = *state;
	struct side fr = p->th;
	struct asked a;
	struct letter l;
	record_auto r;

	send_preserve(p, &a);
	fr.address = "fr.contact";
	side_knows(&p->us, &fr, "accepted", 300);
	letter_init(&l);
	record_init(&r);
	said("fr.contact", a.case_id, &r, &l);
	sign_as(&fr, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "fr.contact"), CO_EDENIED);
	letter_deinit(&l);
}

/* What belongs to others is answered as if it were not there: no way to learn what cases exist. */
static void
record_that_refers_to_another_partners_record_waits(void **state)
{
	struct pair *p = *state;
	struct side fr = p->th;
	struct asked a, b;
	struct letter l;
	record_auto r;
	struct store_db *db;
	stored_record_auto s = { .incoming = false };
	char hex[SHA256_HEX + 1];

	send_preserve(p, &a);
	send_preserve(p, &b);
	fr.address = "fr.contact";
	side_knows(&p->us, &fr, "accepted", 300);
	letter_init(&l);
	record_init(&r);
	assert_ok(store_reader(p->us.store, &db, &err));
	assert_ok(exchange_load(db, a.id, &s, &err));
	sha256_hex(s.bytes.data, s.bytes.len, hex);
	assert_ok(record_add_ref(&r, a.id, hex, &err));
	said("fr.contact", b.case_id, &r, &l);
	sign_as(&fr, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "fr.contact"), CO_ENOTFOUND);
	assert_non_null(strstr(l.words, "has not arrived"));
	letter_deinit(&l);
}

static void
record_of_a_case_that_is_not_here_waits(void **state)
{
	struct pair *p = *state;
	struct letter l;
	record_auto r;
	char id[CO_UUID_LEN + 1];

	letter_init(&l);
	record_init(&r);
	co_uuid7(id);
	said("th.contact", id, &r, &l);
	sign_as(&p->th, &l.text, &l.sig);
	assert_int_equal(letter_post(&l, &p->us, "th.contact"), CO_ENOTFOUND);
	assert_non_null(strstr(l.words, "case"));
	letter_deinit(&l);
}

#define WITH(t) cmocka_unit_test_setup_teardown(t, pair_setup, pair_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(duplicate_is_answered_with_the_same_receipt),
		WITH(same_id_with_other_content_is_refused_and_reported),
		WITH(altered_record_or_signature_is_refused),
		WITH(record_for_another_recipient_or_from_another_sender_is_refused),
		WITH(partner_that_is_unknown_blocked_or_past_its_entry_is_refused),
		WITH(revoked_certificate_is_refused_by_name),
		WITH(expired_certificate_is_refused_by_name),
		WITH(clock_an_hour_ahead_is_reported_and_two_days_are_refused),
		WITH(answer_to_a_record_that_is_not_here_waits),
		WITH(illegal_notice_of_a_partner_is_refused_on_arrival),
		WITH(third_party_cannot_enter_a_case),
		WITH(record_that_refers_to_another_partners_record_waits),
		WITH(record_of_a_case_that_is_not_here_waits),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
