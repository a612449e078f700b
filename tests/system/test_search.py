"""Full-text search: found in every script, only by who may see it, after a rebuild too, and on the page."""
import time

from comity import ApiError, Node, fields_of, introduce, wait_for
from desk import desk_node, officer

CONDUCT = "ผู้ต้องหาโอนเงินผ่านธนาคาร 東京都の詐欺事件 phishing of Müller's bank <b>bold</b>"


def story(base):
    th = Node(base, "th.contact", conf={"four_eyes": ""},
              init_args=["--officer", "somchai:duty", "--officer", "outside:duty", "--officer", "eye:auditor"]).start()
    us = Node(base, "us.contact").start()
    introduce(th, us)
    fields = {**fields_of(), "conduct": CONDUCT}
    draft = th.api("request.new", _as="somchai", to="us.contact", ours="CCU-2026-0117", measure="preserve",
                   urgency="urgent", fields=fields)
    th.api("request.send", _as="somchai", id=draft["id"])
    wait_for("the record is searched at the other side", lambda: us.api("search", words="phishing")["found"])
    wait_for("the record is searched", lambda: th.api("search", words="phishing")["found"])
    return th, us, draft


def hits(found):
    return [found["excerpt"]["text"][h["at"]:h["at"] + h["n"]] for h in found["excerpt"]["hits"]]


def test_words_of_every_script_are_found_and_marked(base):
    th, us, _ = story(base)
    for words, want in (("phish", ["phishing"]), ("MULLER", ["Müller"]), ("โอนเงิน", ["โอนเงิน"]), ("詐欺", ["詐欺"]),
                        ("東京 bank", ["東京", "bank"]), ("CCU-2026-01", ["CCU-2026-0117"])):
        for n in (th, us):
            found = n.api("search", words=words)["found"]
            assert len(found) == 1 and hits(found[0]) == want, (words, found)
    for words in ("nowhere", "phishing nowhere", "詐詐", 'phishing" OR "x', "NEAR(phishing bank)", "text:phishing"):
        assert th.api("search", words=words)["found"] == [], words
    for words in ('"', "***", "  "):
        try:
            th.api("search", words=words)
            raise AssertionError(words)
        except ApiError as e:
            assert e.status == 400, e
    th.stop()
    us.stop()


def test_filters_and_paging(base):
    th, us, draft = story(base)
    for i in range(5):
        th.api("message.send", _as="somchai", case_id=draft["case_id"], text=f"phishing number {i}")
    wait_for("the messages are searched", lambda: len(us.api("search", words="phishing")["found"]) == 6)
    seen, more = [], None
    while True:
        page = us.api("search", words="phishing", limit=2, **({"before": more} if more else {}))
        seen += [x["id"] for x in page["found"]]
        more = page["more"]
        if more is None:
            break
    assert len(seen) == len(set(seen)) == 6
    for args, want in (({"measure": "preserve"}, 6), ({"measure": "content"}, 0), ({"partner": "th.contact"}, 6),
                       ({"partner": "fr.contact"}, 0), ({"state": "sent", "measure": "preserve"}, 6), ({"state": "closed"}, 0),
                       ({"to": "2020-01-01T00:00:00Z"}, 0), ({"from": "2020-01-01T00:00:00Z"}, 6)):
        assert len(us.api("search", words="phishing", **args)["found"]) == want, args
    out = us.cli("search", "phishing", "number", "--partner", "th.contact").stdout
    assert "phishing number 4" in out, out
    th.stop()
    us.stop()


def test_what_may_not_be_seen_is_not_found(base):
    th, us, draft = story(base)
    th.api("unit.add", name="fraud", title="Fraud desk")
    th.api("user.unit", name="somchai", unit="fraud")
    th.api("case.assign", case_id=draft["case_id"], unit="fraud")
    assert len(th.api("search", _as="somchai", words="phishing")["found"]) == 1
    for who in ("outside", "eye"):
        assert th.api("search", _as=who, words="phishing")["found"] == []
    th.api("case.name", _as="somchai", case_id=draft["case_id"], officer="outside")
    assert len(th.api("search", _as="outside", words="phishing")["found"]) == 1
    th.stop()
    us.stop()


def test_identifiers_are_found_as_they_are_written(base):
    th, us, draft = story(base)
    say = ["IP 203.0.113.7 and 203.0.113.77, 2001:db8::7", "mail alice.b@mail.example; +66 2 123 4567", "wallet bc1qxy2kgdygjrsqtzq2n0yrf",
           "ผู้ต้องหาโอนเงินให้นายสมชาย", "口座番号は１２３です", "Привет"]
    for text in say:
        th.api("message.send", _as="somchai", case_id=draft["case_id"], text=text)
    for words, n in (("203.0.113.7", 1), ("203.0.113.77", 1), ("203.0.113.", 1), ("203.0.113.8", 0), ("2001:db8::7", 1), ("alice.b@mail.example", 1),
                     ("alice", 1), ("mail.exam", 1), ("bc1qxy2k", 1), ("BC1QXY", 1), ("โอนเงินให้", 1), ("สมชาย", 1), ("口座", 1), ("番号は", 1),
                     ("прив", 1), ("al", 0)):
        for node in (th, us):
            wait_for(f"{words}: {n}", lambda: len([r for r in node.api("search", words=words)["found"] if r["kind"] == "message"]) == n, 5)
    for i in range(30):
        th.api("message.send", _as="somchai", case_id=draft["case_id"], text=f"zebra{i:02}")
    wait_for("all are searched", lambda: th.api("search", words="zebra29")["found"])
    got = th.api("search", words="zebra")
    assert got["found"] == [] and got["whole"], "thirty words begin so: only the whole word"
    got = th.api("search", words="zebra1")
    assert len(got["found"]) == 10 and not got["whole"]


def test_a_rebuild_makes_it_again(base):
    th, us, _ = story(base)
    th.stop()
    assert "0" in th.cli("rebuild").stdout
    th.start()
    wait_for("searched again", lambda: len(th.api("search", words="詐欺")["found"]) == 1)
    time.sleep(1)
    assert len(th.api("search", words="詐欺")["found"]) == 1
    th.stop()
    us.stop()


def test_the_page_marks_and_escapes(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    b = officer(th, "malee", "duty")
    fields = {**fields_of(), "conduct": CONDUCT}
    draft = th.api("request.new", to="us.contact", ours="CCU-1", measure="preserve", urgency="urgent", fields=fields)
    th.api("request.send", id=draft["id"])
    wait_for("the record is searched", lambda: th.api("search", words="phishing")["found"])
    page = b.get("/search").text
    assert 'name="words"' in page and "<mark>" not in page
    page = b.get("/search?words=phish&partner=us.contact&measure=preserve").text
    assert "<mark>phishing</mark>" in page and "<b>bold" not in page and f"/request/{draft['id']}" in page
    assert 'value="us.contact"' in page and '<option value="preserve" selected>' in page
    assert "<mark>" not in b.get("/search?words=phish&measure=content").text
    assert "<mark>詐欺</mark>" in b.get("/search?words=%E8%A9%90%E6%AC%BA&from=2020-01-01&to=2999-12-31").text
    for query in ("words=%22", "words=x&from=rubbish", "words=" + "x" * 255):
        assert b.get("/search?" + query).status == 200, query
    seen = th.api("access.list", officer="malee")["access"]
    assert any(row["what"] == "/search" and row["subject"] == "phish" for row in seen), seen
    assert officer(th, "other", "duty") and b.get("/search?words=%3Cscript%3E").text.count("<script>") == 0
