"""What is wrong with a form is said by label, in the reader's language, all at once; times as a clock shows them."""
import datetime
import html
import re

from comity import ApiError, fields_of, introduce
from desk import desk_node, form_fields, officer

ASK = {"to": "us.contact", "ours": "X-1", "urgency": "urgent"}


def faults(page):
    """[(where, label, what)] of the summary at the top."""
    box = re.search(r'<section class="faults".*?</section>', page.text, re.S)
    rows = re.findall(r'<li><a href="#([^"]*)">(.*?)</a> – (.*?)</li>', box.group(0)) if box else []
    return [tuple(html.unescape(x) for x in row) for row in rows]


def desks(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    return th, officer(th, "malee", "duty")


def day(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def test_every_fault_is_said_at_once_and_leads_to_its_field(base):
    th, b = desks(base)
    b.get("/compose/preserve")
    page = b.post("/compose/preserve", {"f.authority.email": "nobody", "f.identifiers.0.type": "server",
                                        "f.identifiers.0.value": "203.0.113.9", "f.intention_mla": "no"})
    assert page.status == 400
    got = {at: (label, what) for at, label, what in faults(page)}
    assert got["f.authority.email"] == ("Authority seeking the preservation: E-mail",
                                        "an e-mail address is wanted, as duty@example.org"), got
    assert got["f.identifiers.0.type"] == ("Accounts, addresses and times 1: Type", "choose one of the list")
    assert got["to"] == ("Partner", "this is needed") and got["ours"][0] == "Our number of the case"
    assert got["f.custodian"] == ("Who holds the data", "this is needed, or: Where the computer system is")
    assert "f.location" not in got, "one of the two is enough"
    assert got["x-intention_mla"][1] == "this has to be yes" and got["f.conduct"][1] == "this is needed"
    assert {"x-status", "x-data", "f.relation", "f.necessity", "x-confidential", "f.callback.person"} <= set(got), got
    for at in got:
        assert f'id="{at}"' in page.text, f"{at} is nowhere on the page"
    assert 'name="f.authority.email" value="nobody" inputmode="email" dir="auto" aria-invalid="true"' in page.text
    assert "more:" not in page.text and "wanted one of" not in page.text, "no machine's words"
    b.post("/account/language", language="th", zone="Asia/Bangkok")
    thai = {at: (label, what) for at, label, what in faults(b.post("/compose/preserve", {"f.authority.email": "nobody"}))}
    assert thai.keys() >= got.keys() - {"f.identifiers.0.type"} and not re.search("[A-Za-z]{3}", thai["to"][0] + thai["to"][1]), thai
    assert thai["f.authority.email"][1].startswith("ต้องเป็นที่อยู่อีเมล")


def test_dates_and_reasons_that_cannot_be_meant(base):
    th, b = desks(base)
    one = {"type": "ip", "value": "203.0.113.9"}
    for change, ask, at, what in (
            ({"mla_by": day(-30)}, {}, "f.mla_by", "this day is over"),
            ({"identifiers": [{**one, "from": day(400) + "T10:00:00Z"}]}, {}, "f.identifiers.0.from", "has not come yet"),
            ({"urgency_reason": ""}, {"urgency": "emergency"}, "f.urgency_reason", "an emergency needs its reason"),
            ({"days": "12"}, {}, "f.days", "60–365")):
        b.get("/compose/preserve")
        page = b.post("/compose/preserve", {**form_fields(**change), **ASK, **ask})
        assert [(x, what in z) for x, _, z in faults(page)] == [(at, True)], faults(page)
    calm = {k: v for k, v in fields_of().items() if k != "urgency_reason"}
    for change, ask in (({"mla_by": day(-30)}, {}), ({}, {"urgency": "emergency"})):
        try:
            th.api("request.new", _as="malee", measure="preserve", fields={**calm, **change}, **{**ASK, **ask})
        except ApiError as e:
            assert ("mla_by" in e.message or "urgency_reason" in e.message) and "form preserve" in e.message, e
        else:
            raise AssertionError("it was kept")
    told = th.api("form.check", _as="malee", measure="preserve", fields={**fields_of(), "mla_by": day(-30)})["faults"]
    assert [(f["path"], f["code"]) for f in told] == [("mla_by", "past")]
    assert th.api("inbox.list", _as="malee")["drafts"] == []


def test_times_are_those_of_the_readers_clock(base):
    th, b = desks(base)
    b.post("/account/language", language="en", zone="Asia/Bangkok")
    for typed, zone, kept in (("2026-11-20T18:40", "", "2026-11-20T18:40:00+07:00"),
                              ("2026-11-20 18:40", "", "2026-11-20T18:40:00+07:00"),
                              ("2026-11-20T18:40:07", "America/New_York", "2026-11-20T18:40:07-05:00"),
                              ("2026-11-20 18:40", "+02:00", "2026-11-20T18:40:00+02:00"),
                              ("2026-11-20T11:40:00Z", "", "2026-11-20T11:40:00Z")):
        b.get("/compose/preserve")
        row = {"type": "ip", "value": "203.0.113.9", "from": typed, **({"zone": zone} if zone else {})}
        draft = b.post("/compose/preserve", {**form_fields(identifiers=[row]), **ASK})
        assert draft.status == 303, faults(draft)
        got = th.api("draft.show", _as="malee", id=draft.to.split("/")[-1])["in"]["fields"]["identifiers"][0]
        assert got["from"] == kept, (typed, zone, got)
    page = b.post("/compose/preserve", {**form_fields(identifiers=[{"type": "ip", "value": "x", "from": "2026-11-20 18:40",
                                                                    "to": "later"}]), **ASK})
    assert 'type="datetime-local" value="2026-11-20T18:40"' in page.text, "as the clock shows it"
    assert 'value="later"' in page.text, "what was typed stays typed"
    assert "Asia/Bangkok" in page.text
    assert {at for at, _, _ in faults(page)} == {"f.identifiers.0.value", "f.identifiers.0.to"}


def test_the_same_person_is_written_once(base):
    th, b = desks(base)
    begun = b.get("/compose/preserve").text
    assert 'name="f.status" value="new" checked' in begun, "nearly every request is a new one: nobody has to say so"
    b.get("/compose/preserve")
    posted = {k: v for k, v in form_fields().items() if not k.startswith("f.callback.")}
    draft = b.post("/compose/preserve", {**posted, **ASK, "same.callback": "yes"})
    assert draft.status == 303, faults(draft)
    page = b.follow(draft)
    assert "the unit all" not in page.text and "All officers of this node" in page.text and "Legal basis</dt>" in page.text
    fields = th.api("draft.show", _as="malee", id=draft.to.split("/")[-1])["in"]["fields"]
    assert fields["callback"] == fields["authority"]
    other = b.post("/compose/preserve", {**form_fields(), **ASK, "same.callback": "yes"})
    got = th.api("draft.show", _as="malee", id=other.to.split("/")[-1])["in"]["fields"]["callback"]
    assert got == fields_of()["callback"], "what was written is not lost"
    assert {at for at, _, _ in faults(b.post("/compose/preserve", {**posted, **ASK}))} == {"f.callback.person", "f.callback.phone"}
    del posted["f.authority.person"]
    wrong = faults(b.post("/compose/preserve", {**posted, **ASK, "same.callback": "yes"}))
    assert [at for at, _, _ in wrong] == ["f.authority.person"], "the same person's fault is told once"


def test_half_a_form_is_kept_and_finished_later(base):
    th, b = desks(base)
    other = officer(th, "somchai", "duty")
    b.get("/compose/preserve")
    kept = b.post("/compose/preserve", {"f.conduct": "Half <b>a</b> story.", "f.days": "twelve", "to": "us.contact",
                                        "urgency": "emergency", "unfinished": "yes"})
    assert kept.status == 303 and kept.to.startswith("/compose/preserve?draft="), (kept.status, kept.text[:300])
    one = re.search("draft=([0-9a-f-]+)", kept.to).group(1)
    page = b.follow(kept)
    assert "It is kept." in page.text and "Half &lt;b&gt;a&lt;/b&gt; story." in page.text and 'value="twelve"' in page.text
    assert 'value="us.contact" selected' in page.text and 'value="emergency" selected' in page.text
    assert f"/draft/{one}" in b.get("/").text and "not finished" in b.get("/").text
    assert b.get(f"/draft/{one}").to == f"/compose/preserve?draft={one}"
    assert f"/draft/{one}" not in other.get("/").text, "only its author sees it"
    assert other.get(f"/draft/{one}").status == 404
    for op, who, status in (("draft.show", "somchai", 404), ("request.withdraw", "somchai", 404), ("request.send", "malee", 409)):
        try:
            th.api(op, _as=who, id=one)
        except ApiError as e:
            assert e.status == status, (op, e.status, e.message)
        else:
            raise AssertionError(f"{op} by {who} was done")
    th.kill()
    th.start()
    again = b.post("/compose/preserve", {"f.conduct": "More of it.", "unfinished": "yes", "replaces": one})
    two = re.search("draft=([0-9a-f-]+)", again.to).group(1)
    inbox = b.get("/").text
    assert f"/draft/{two}" in inbox and f"/draft/{one}" not in inbox, "it takes the place of the first"
    wrong = b.post("/compose/preserve", {**ASK, "f.conduct": "Even more.", "replaces": two})
    assert wrong.status == 400 and "this draft as you last kept it" in wrong.text and "It is kept." not in wrong.text, wrong.text
    assert "waits for approval anew" not in wrong.text and f'action="/draft/{two}/drop"' in wrong.text, "it is nobody else's yet"
    draft = b.post("/compose/preserve", {**form_fields(), **ASK, "replaces": two})
    assert draft.to.startswith("/draft/"), faults(draft)
    assert f"/draft/{two}" not in b.get("/").text
    third = re.search("draft=([0-9a-f-]+)", b.post("/compose/preserve", {"unfinished": "yes"}).to).group(1)
    b.get(f"/compose/preserve?draft={third}")
    assert b.post(f"/draft/{third}/drop").to == "/"
    assert f"/draft/{third}" not in b.get("/").text
    th.stop()
    th.cli("ledger", "check")
