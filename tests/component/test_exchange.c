#include "pair.h"

static void
send_preserve(struct pair *p, struct asked *a)
{
	ask_and_send(&p->th, request_ask("us.contact", "preserve"), a);
	assert_int_equal(deliver(&p->th, &p->us), 1);
}

static void
answer(struct side *s, const char *id, const char *state)
{
	json_decref(call(
		s, s->duty, "request.answer", json_pack("{s:s,s:s}", "id", id, "state", state)));
}

static void
request_answer_and_receipts_travel_both_ways(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o, *row;
	size_t i;

	send_preserve(p, &a);
	state_is(&p->us, a.id, "sent");
	answer(&p->us, a.id, "acknowledged");
	answer(&p->us, a.id, "accepted");
	answer(&p->us, a.id, "executed"); /* until is taken from days */
	json_decref(call(&p->th, p->th.duty, "message.send",
		json_pack("{s:s,s:s}", "case_id", a.case_id, "text", "Thank you.")));
	assert_int_equal(deliver(&p->us, &p->th), 3);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	state_is(&p->th, a.id, "executed");
	o = call(&p->th, p->th.duty, "request.show", json_pack("{s:s}", "id", a.id));
	row = json_array_get(json_object_get(o, "timeline"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "id")), a.id);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(row, "delivery"), "state")),
		"delivered");
	assert_int_equal(json_array_size(json_object_get(o, "timeline")), 5);
	assert_true(json_is_string(json_object_get(json_object_get(o, "request"), "expiry")));
	json_decref(o);
	o = call(&p->us, p->us.duty, "case.show", json_pack("{s:s}", "case_id", a.case_id));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(o, "case"), "theirs")), "CCU-1");
	/* request, 3 notices, message; and a receipt of each */
	assert_int_equal(json_array_size(json_object_get(o, "timeline")), 10);
	json_decref(o);
	o = call(&p->th, p->th.duty, "delivery.list", json_pack("{s:s}", "case_id", a.case_id));
	json_array_foreach(json_object_get(o, "deliveries"), i, row)
		assert_string_equal(json_string_value(json_object_get(row, "state")), "delivered");
	json_decref(o);
}

static void
one_row(struct pair *p, struct outbox_row *row)
{
	struct asked a;

	ask_and_send(&p->th, request_ask("us.contact", "preserve"), &a);
	assert_int_equal(due(&p->th, "us.contact", LANE_URGENT, row, 1), 1);
}

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

static void
illegal_answer_is_refused_before_it_is_signed(void **state)
{
	struct pair *p = *state;
	struct asked a;
	size_t before;
	json_t *o;

	send_preserve(p, &a);
	o = call(&p->us, p->us.duty, "case.show", json_pack("{s:s}", "case_id", a.case_id));
	before = json_array_size(json_object_get(o, "timeline"));
	json_decref(o);
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s}", "id", a.id, "state", "withdrawn")),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "acknowledged"));
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s,s:s}", "id", a.id, "state", "refused",
					 "ground", "because")),
		CO_EREFUSED);
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s,s:s}", "id", a.id, "state", "executed",
					 "until", "2026-12-01T00:00:00Z")),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "29(7)"));
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.answer",
				 json_pack("{s:s,s:s}", "id", a.id, "state", "executed")),
		CO_EREFUSED);
	o = call(&p->us, p->us.duty, "case.show", json_pack("{s:s}", "case_id", a.case_id));
	assert_int_equal(json_array_size(json_object_get(o, "timeline")), before);
	json_decref(o);
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
order_holds_within_a_case_and_not_between_cases(void **state)
{
	struct pair *p = *state;
	struct asked a, b;
	struct outbox_row rows[8];
	int64_t next;
	size_t n;

	ask_and_send(&p->th, request_ask("us.contact", "preserve"), &a);
	json_decref(call(&p->th, p->th.duty, "message.send",
		json_pack("{s:s,s:s}", "case_id", a.case_id, "text", "one")));
	ask_and_send(&p->th, request_ask("us.contact", "preserve"), &b);
	assert_int_equal(due(&p->th, "us.contact", LANE_URGENT, rows, 8), 3);
	/* The first of case a fails: what follows it in its case waits, the other case does not. */
	assert_ok(outbox_postpone(p->th.x, "us.contact", rows, 1, "not today", &err));
	rows_free(rows, 3);
	n = due(&p->th, "us.contact", LANE_URGENT, rows, 8);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].record_id, b.id);
	rows_free(rows, 1);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	assert_ok(outbox_due(
		p->th.x, "us.contact", LANE_URGENT, 0, 1 << 20, rows, 8, &n, &next, &err));
	assert_int_equal(n, 0);
	assert_in_range(next - co_now_us(), 0, 1100000);
	usleep((useconds_t)(next - co_now_us() + 1000));
	assert_int_equal(deliver(&p->th, &p->us), 2);
}

static void
wrong_receipt_settles_nothing(void **state)
{
	struct pair *p = *state;
	struct outbox_row row, other;
	struct asked b;
	co_auto_buf body;
	co_auto_buf out;
	struct wire_item items[LIMIT_BATCH_RECORDS];
	json_t *o;
	size_t n;

	one_row(p, &row);
	co_buf_init(&body, LIMIT_BATCH_BYTES);
	co_buf_init(&out, LIMIT_BATCH_BYTES);
	wire_one(&body, row.bytes.data, row.bytes.len, row.sig.data, row.sig.len);
	wire_post(&p->us, "th.contact", &body, &out);
	assert_ok(wire_parse(out.data, out.len, items, &n, &err));
	/* A true receipt, but for another record. */
	ask_and_send(&p->th, request_ask("us.contact", "preserve"), &b);
	{
		struct outbox_row both[2];

		assert_int_equal(due(&p->th, "us.contact", LANE_URGENT, both, 2), 2);
		outbox_row_deinit(&both[0]);
		other = both[1];
	}
	assert_ok(outbox_settle(p->th.x, "us.contact", &other, items, 1, &err));
	/* The right one with a bit turned. */
	((char *)(uintptr_t)items[0].p)[40] ^= 1;
	assert_ok(outbox_settle(p->th.x, "us.contact", &row, items, 1, &err));
	((char *)(uintptr_t)items[0].p)[40] ^= 1;
	o = call(&p->th, p->th.duty, "delivery.list", json_pack("{s:s}", "state", "waiting"));
	assert_int_equal(json_array_size(json_object_get(o, "deliveries")), 2);
	assert_non_null(
		strstr(json_string_value(json_object_get(
			       json_array_get(json_object_get(o, "deliveries"), 0), "last_error")),
			"wrong receipt"));
	json_decref(o);
	assert_int_equal(events_of(&p->th, "outbox.wrong-receipt"), 2);
	/* And as it is: it settles, once; a second time changes nothing. */
	assert_ok(outbox_settle(p->th.x, "us.contact", &row, items, 1, &err));
	assert_ok(outbox_settle(p->th.x, "us.contact", &row, items, 1, &err));
	o = call(&p->th, p->th.duty, "delivery.list", json_pack("{s:s}", "state", "delivered"));
	assert_int_equal(json_array_size(json_object_get(o, "deliveries")), 1);
	json_decref(o);
	outbox_row_deinit(&row);
	outbox_row_deinit(&other);
}

static void
final_refusal_ends_the_delivery_and_says_why(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o, *row;

	side_knows(&p->us, &p->th, "blocked", 300);
	send_preserve(p, &a);
	o = call(&p->th, p->th.duty, "delivery.list", json_pack("{}"));
	row = json_array_get(json_object_get(o, "deliveries"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "state")), "refused");
	assert_non_null(strstr(json_string_value(json_object_get(row, "last_error")), "blocked"));
	json_decref(o);
	assert_int_equal(events_of(&p->th, "outbox.refused"), 1);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", a.id)),
		CO_EREFUSED);
	assert_non_null(strstr(err.msg, "send a new one"));
}

static void
extension_prolongs_the_preservation_it_names(void **state)
{
	struct pair *p = *state;
	struct asked a, e;
	json_t *o;
	char before[CO_TIME_LEN];

	send_preserve(p, &a);
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.extend",
				 json_pack("{s:s,s:i}", "id", a.id, "days", 120)),
		CO_EREFUSED);
	answer(&p->us, a.id, "executed");
	assert_int_equal(deliver(&p->us, &p->th), 1);
	o = call(&p->th, p->th.duty, "request.show", json_pack("{s:s}", "id", a.id));
	(void)snprintf(before, sizeof(before), "%s",
		json_string_value(json_object_get(json_object_get(o, "request"), "expiry")));
	json_decref(o);
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.extend",
				 json_pack("{s:s,s:i}", "id", a.id, "days", 30)),
		CO_EREFUSED);
	asked_read(&e,
		call(&p->th, p->th.duty, "request.extend",
			json_pack("{s:s,s:i}", "id", a.id, "days", 120)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	assert_int_equal(call_fails(&p->us, p->us.duty, "request.answer",
				 json_pack("{s:s,s:s}", "id", e.id, "state", "executed")),
		CO_EREFUSED);
	answer(&p->us, e.id, "extended");
	assert_int_equal(deliver(&p->us, &p->th), 1);
	for (int i = 0; i < 2; i++) {
		struct side *s = i == 0 ? &p->th : &p->us;

		state_is(s, e.id, "extended");
		o = call(s, s->duty, "request.show", json_pack("{s:s}", "id", a.id));
		assert_string_equal(
			json_string_value(json_object_get(json_object_get(o, "request"), "state")),
			"extended");
		assert_true(strcmp(json_string_value(json_object_get(
					   json_object_get(o, "request"), "expiry")),
				    before) > 0);
		json_decref(o);
	}
}

static void
preservation_expires_unless_a_disclosure_is_pending(void **state)
{
	struct pair *p = *state;
	struct asked a, b, c;
	size_t marked;
	int64_t later = co_now_us() + 200 * PKI_DAY;
	json_t *ask = request_ask("us.contact", "subscriber");

	send_preserve(p, &a);
	answer(&p->us, a.id, "executed");
	send_preserve(p, &b);
	answer(&p->us, b.id, "executed");
	assert_int_equal(deliver(&p->us, &p->th), 2);
	json_object_set_new(ask, "case_id", json_string(a.case_id));
	ask_and_send(&p->th, ask, &c);
	assert_string_equal(c.case_id, a.case_id);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	assert_ok(exchange_sweep(p->us.x, co_now_us(), &marked, &err));
	assert_int_equal(marked, 0);
	assert_ok(exchange_sweep(p->us.x, later, &marked, &err));
	assert_int_equal(marked, 1);
	state_is(&p->us, b.id, "expired");
	state_is(&p->us, a.id, "executed");
	assert_int_equal(events_of(&p->us, "preservation.expired"), 1);
	/* Decided: now it can end. */
	json_decref(call(&p->us, p->us.duty, "request.answer",
		json_pack("{s:s,s:s,s:s,s:s}", "id", c.id, "state", "refused", "ground", "security",
			"reason", "It would harm an operation.")));
	assert_ok(exchange_sweep(p->us.x, later, &marked, &err));
	assert_int_equal(marked, 1);
	state_is(&p->us, a.id, "expired");
}

static void
author_cannot_approve_and_nothing_goes_out_before(void **state)
{
	struct pair *p = *state;
	struct asked a;
	json_t *o;

	side_close(&p->th);
	p->th.four_eyes = "preserve,answer:refused";
	side_open(&p->th);
	o = call(&p->th, p->th.duty, "request.new", request_ask("us.contact", "preserve"));
	assert_string_equal(json_string_value(json_object_get(o, "state")), "waiting");
	asked_read(&a, o);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", a.id)),
		CO_EREFUSED);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.approve", json_pack("{s:s}", "id", a.id)),
		CO_EDENIED);
	o = call(&p->th, p->th.duty, "request.submit_many",
		json_pack("{s:[o]}", "requests", request_ask("us.contact", "preserve")));
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(o, "results"), 0), "error")),
		"EREFUSED");
	json_decref(o);
	assert_int_equal(deliver(&p->th, &p->us), 0);
	json_decref(
		call(&p->th, p->th.approver, "request.approve", json_pack("{s:s}", "id", a.id)));
	json_decref(call(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", a.id)));
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.send", json_pack("{s:s}", "id", a.id)),
		CO_EEXISTS);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	state_is(&p->us, a.id, "sent");
}

static void
four_eyes_hold_for_answers_too(void **state)
{
	struct pair *p = *state;
	struct asked a, n;

	side_close(&p->us);
	p->us.four_eyes = "answer:refused";
	side_open(&p->us);
	send_preserve(p, &a);
	asked_read(&n,
		call(&p->us, p->us.duty, "request.answer",
			json_pack("{s:s,s:s,s:s,s:s}", "id", a.id, "state", "refused", "ground",
				"security", "reason", "It would harm an operation.")));
	state_is(&p->us, a.id, "sent");
	json_decref(
		call(&p->us, p->us.approver, "request.approve", json_pack("{s:s}", "id", n.id)));
	json_decref(call(&p->us, p->us.duty, "request.send", json_pack("{s:s}", "id", n.id)));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	state_is(&p->th, a.id, "refused");
}

static void
officers_without_the_right_are_denied_and_it_is_an_event(void **state)
{
	struct pair *p = *state;
	char guest[65];

	side_officer(&p->th, "guest", "auditor", guest);
	assert_int_equal(call_fails(&p->th, "00", "request.list", json_object()), CO_EDENIED);
	assert_int_equal(
		call_fails(&p->th, guest, "request.new", request_ask("us.contact", "preserve")),
		CO_EDENIED);
	assert_int_equal(call_fails(&p->th, guest, "no.such", json_object()), CO_ENOTFOUND);
	json_decref(call(&p->th, guest, "request.list", json_object()));
	json_decref(call(&p->th, p->th.admin, "user.disable", json_pack("{s:s}", "name", "guest")));
	assert_int_equal(call_fails(&p->th, guest, "request.list", json_object()), CO_EDENIED);
	assert_int_equal(events_of(&p->th, "op.denied"), 3);
	/* Bounded: a hundred more are not a hundred events. */
	for (int i = 0; i < 100; i++)
		assert_int_equal(
			call_fails(&p->th, "00", "request.list", json_object()), CO_EDENIED);
	assert_true(events_of(&p->th, "op.denied") <= 24);
}

static void
wrong_input_of_an_operation_is_named(void **state)
{
	struct pair *p = *state;
	json_t *ask = request_ask("us.contact", "preserve");

	json_object_del(json_object_get(ask, "fields"), "conduct");
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.new", ask), CO_EREFUSED);
	assert_non_null(strstr(err.msg, "conduct"));
	ask = request_ask("us.contact", "preserve");
	json_object_set_new(ask, "extra", json_true());
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.new", ask), CO_EUSAGE);
	assert_non_null(strstr(err.msg, "extra"));
	assert_int_equal(call_fails(&p->th, p->th.duty, "request.new",
				 request_ask("fr.contact", "preserve")),
		CO_ENOTFOUND);
	assert_int_equal(
		call_fails(&p->th, p->th.duty, "request.show", json_pack("{s:s}", "id", "1")),
		CO_EUSAGE);
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

/* Both sides answer at once; the notices cross, and both end in the same state. */
static void
withdrawal_that_crosses_the_execution_ends_alike_on_both_sides(void **state)
{
	struct pair *p = *state;
	struct asked a, b;
	json_t *ask = request_ask("us.contact", "subscriber");

	send_preserve(p, &a);
	ask_and_send(&p->th, ask, &b);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	for (int i = 0; i < 2; i++) {
		const char *id = i == 0 ? a.id : b.id;

		answer(&p->us, id, "executed");
		json_decref(
			call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", id)));
	}
	assert_int_equal(deliver(&p->us, &p->th), 2);
	assert_int_equal(deliver(&p->th, &p->us), 2);
	state_is(&p->th, a.id, "withdrawn");
	state_is(&p->us, a.id, "withdrawn");
	state_is(&p->th, b.id, "executed");
	state_is(&p->us, b.id, "executed");
}

/* Requests and cases as operations show them. */
static json_t *
tables(struct side *s)
{
	return json_pack("{s:o,s:o}", "requests", call(s, s->duty, "request.list", json_object()),
		"cases", call(s, s->duty, "case.list", json_object()));
}

static enum co_rc
spoil_work(struct store_db *db, void *arg, struct co_err *e)
{
	const struct asked *a = arg;

	return store_run(db, NULL, Q_REQUEST_MOVE, e, "tooitt", "refused", NULL, NULL, (int64_t)5,
		"nobody", a->id);
}

static void
tables_are_made_again_from_the_records(void **state)
{
	struct pair *p = *state;
	struct asked a, b, e;

	send_preserve(p, &a);
	answer(&p->us, a.id, "accepted");
	answer(&p->us, a.id, "executed");
	assert_int_equal(deliver(&p->us, &p->th), 2);
	asked_read(&e,
		call(&p->th, p->th.duty, "request.extend",
			json_pack("{s:s,s:i}", "id", a.id, "days", 90)));
	assert_int_equal(deliver(&p->th, &p->us), 1);
	answer(&p->us, e.id, "extended");
	send_preserve(p, &b);
	json_decref(call(&p->th, p->th.duty, "request.withdraw", json_pack("{s:s}", "id", b.id)));
	assert_int_equal(deliver(&p->us, &p->th), 1);
	assert_int_equal(deliver(&p->th, &p->us), 1);
	for (int i = 0; i < 2; i++) {
		struct side *s = i == 0 ? &p->th : &p->us;
		json_t *before = tables(s), *spoilt, *after;
		uint64_t records, faults;

		assert_ok(store_write(s->store, spoil_work, &a, &err));
		spoilt = tables(s);
		assert_false(json_equal(before, spoilt));
		assert_ok(exchange_rebuild(s->x, &records, &faults, &err));
		assert_int_equal(faults, 0);
		assert_int_equal(records, 14); /* 7 and a receipt of each */
		after = tables(s);
		assert_true(json_equal(before, after));
		json_decref(before);
		json_decref(spoilt);
		json_decref(after);
	}
}

int
main(void)
{
#define WITH(t) cmocka_unit_test_setup_teardown(t, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		WITH(request_answer_and_receipts_travel_both_ways),
		WITH(duplicate_is_answered_with_the_same_receipt),
		WITH(same_id_with_other_content_is_refused_and_reported),
		WITH(altered_record_or_signature_is_refused),
		WITH(record_for_another_recipient_or_from_another_sender_is_refused),
		WITH(partner_that_is_unknown_blocked_or_past_its_entry_is_refused),
		WITH(revoked_certificate_is_refused_by_name),
		WITH(expired_certificate_is_refused_by_name),
		WITH(clock_an_hour_ahead_is_reported_and_two_days_are_refused),
		WITH(answer_to_a_record_that_is_not_here_waits),
		WITH(illegal_answer_is_refused_before_it_is_signed),
		WITH(illegal_notice_of_a_partner_is_refused_on_arrival),
		WITH(order_holds_within_a_case_and_not_between_cases),
		WITH(wrong_receipt_settles_nothing),
		WITH(final_refusal_ends_the_delivery_and_says_why),
		WITH(extension_prolongs_the_preservation_it_names),
		WITH(preservation_expires_unless_a_disclosure_is_pending),
		WITH(author_cannot_approve_and_nothing_goes_out_before),
		WITH(four_eyes_hold_for_answers_too),
		WITH(officers_without_the_right_are_denied_and_it_is_an_event),
		WITH(wrong_input_of_an_operation_is_named),
		WITH(tables_are_made_again_from_the_records),
		WITH(third_party_cannot_enter_a_case),
		WITH(record_that_refers_to_another_partners_record_waits),
		WITH(record_of_a_case_that_is_not_here_waits),
		WITH(withdrawal_that_crosses_the_execution_ends_alike_on_both_sides),
	};

	return cmocka_run_group_tests(tests, pair_begin, pair_end);
}
