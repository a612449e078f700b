"""The inbox: every filter with every role and unit, pages by keyset, many at once, filters kept by name, what is new."""
import csv
import html
import io
import json
import os
import re
import threading
import urllib.parse

import comity
from comity import ApiError, fields_of, introduce, wait_for
from desk import NOBODY, ROLES, Browser, desk_node, officer, routes, said, sql
from test_spine import send

KINDS = [("preserve", "urgent"), ("preserve", "emergency"), ("subscriber", "routine"), ("subscriber", "urgent")]
NEEDED = {"preservation_date": "2026-11-20", "confidential_reason": "The account holder must not learn of it."}
SECTIONS = ("ours_to_move", "answered", "theirs_to_move", "ending")


def ask(to, i=0, measure="preserve", urgency="urgent", **more):
    fields = fields_of("preserve") if measure == "preserve" else {**fields_of(measure), **NEEDED}
    return {"to": to, "ours": f"N-{i:03}", "measure": measure, "urgency": urgency, "fields": fields, **more}


def submit(node, requests):
    got = node.api("request.submit_many", requests=requests)["results"]
    assert all("id" in r for r in got), got
    return [r["id"] for r in got]


def pair(base, **conf):
    th, us = desk_node(base, "th.contact", conf=conf), desk_node(base, "us.contact")
    introduce(th, us)
    return th, us


def came(node, n):
    wait_for("the requests", lambda: len(node.api("request.list", incoming=True, limit=1000)["requests"]) == n, 30)


def ids(answer):
    return {r["id"] for s in SECTIONS for r in answer.get(s) or []}


def rows(page):
    return re.findall(r'<input type="checkbox" form="bulk" name="id" value="([^"]+)"', page.text)


def story(base):
    """Of us to th: eight requests, four of them of the unit fraud, one of those names olga; two of th to us."""
    th, us = pair(base)
    asked = submit(us, [ask("th.contact", i, *KINDS[i % 4], exercise=i == 5) for i in range(8)])
    own = submit(th, [ask("us.contact", 20 + i) for i in range(2)])
    came(th, 8)
    came(us, 2)
    th.api("unit.add", name="fraud", title="Fraud")
    case = {r: th.api("request.show", id=r)["request"]["case_id"] for r in asked + own}
    for r in asked[4:]:
        th.api("case.assign", case_id=case[r], unit="fraud")
    th.officer("olga", "duty")
    th.api("case.name", case_id=case[asked[7]], officer="olga")
    return th, us, asked, own, case


def test_every_filter_for_every_role_and_unit(base):
    th, us, asked, own, case = story(base)
    th.api("request.answer", id=asked[0], state="acknowledged")
    th.api("request.assign", id=asked[1], officer="admin")
    th.api("user.add", name="zoe", role="duty")
    wait_for("words", lambda: len(th.api("search", words="N", _as="admin")["found"]) > 0)
    kind = dict(zip(asked, [KINDS[i % 4] for i in range(8)]))
    filters = {
        "": lambda r: True,
        "incoming": (dict(incoming=True), lambda r: r in asked),
        "outgoing": (dict(incoming=False), lambda r: r in own),
        "partner": (dict(partner="us.contact"), lambda r: True),
        "no partner": (dict(partner="fr.contact"), lambda r: False),
        "measure": (dict(measure="subscriber"), lambda r: kind.get(r, ("preserve",))[0] == "subscriber"),
        "urgency": (dict(urgency="emergency"), lambda r: kind.get(r, ("", "urgent"))[1] == "emergency"),
        "state": (dict(state="acknowledged"), lambda r: r == asked[0]),
        "unit all": (dict(unit="all"), lambda r: r in asked[:4] + own),
        "unit fraud": (dict(unit="fraud"), lambda r: r in asked[4:]),
        "taken": (dict(officer="admin"), lambda r: r == asked[1]),
        "nobody's": (dict(officer="nobody"), lambda r: r != asked[1]),
        "training": (dict(exercise=True), lambda r: r == asked[5]),
        "real": (dict(exercise=False), lambda r: r != asked[5]),
        "within": (dict(within=2), lambda r: kind.get(r, ("", ""))[1] == "emergency"),
        "within a year": (dict(within=8784), lambda r: True),
        "both": (dict(measure="preserve", urgency="urgent", incoming=True), lambda r: kind.get(r) == ("preserve", "urgent")),
    }
    filters[""] = ({}, filters[""])
    sees = {"all": set(asked[:4] + own), "fraud": set(asked[4:]), "none": set()}
    for role in ROLES:
        for unit, seen in sees.items():
            name = f"{role[:4]}-{unit}"
            th.officer(name, role)
            th.api("user.unit", name=name, unit=unit)
            for what, (members, want) in filters.items():
                got = th.api("inbox.list", _as=name, **members)
                assert ids(got) == {r for r in seen if want(r)}, (name, what, ids(got))
                if "within" in members:
                    continue
                got = th.api("request.list", _as=name, **members)
                assert {r["id"] for r in got["requests"]} == {r for r in seen if want(r)}, (name, what)
            assert th.api("inbox.list", _as=name)["new"] == 0, "what came before the officer is no news"
    assert ids(th.api("inbox.list", _as="olga")) == set(asked[:4] + own + [asked[7]]), "the own unit's, and what names her"
    assert ids(th.api("inbox.list", _as="olga", unit="fraud")) == {asked[7]}
    for words, want in (("N-002", {asked[2]}), ("N-006", set()), ("N-007", {asked[7]}), ("no-such-word", set())):
        wait_for(f"{words} is searched", lambda: ids(th.api("inbox.list", _as="olga", words=words)) == want)
    for bad in (dict(state="rubbish"), dict(measure="rubbish"), dict(urgency="rubbish"), dict(turn="rubbish"),
                dict(after="x"), dict(turn="ours", after="9"), dict(turn="ours", after="1.rubbish"), dict(words='"')):
        try:
            th.api("inbox.list", **bad)
            raise AssertionError(bad)
        except ApiError as e:
            assert e.status == 400, (bad, e)


def test_pages_by_keyset_lose_and_repeat_nothing(base):
    th, us = pair(base)
    asked = submit(us, [ask("th.contact", i) for i in range(23)])
    came(th, 23)
    sql(th, "UPDATE request SET due_us = 2000000000000000")  # all due at once: the id decides
    for op, first, more, members in (("inbox.list", "ours_to_move", "ours_more", {"turn": "ours"}),
                                     ("request.list", "requests", "more", {})):
        got, after, pages = [], None, 0
        while after or not pages:
            a = th.api(op, limit=5, **members, **({"after": after} if after else {}))
            got += [r["id"] for r in a[first]]
            after, pages = a[more], pages + 1
            assert len(a[first]) <= 5 and pages <= 5
        assert sorted(got) == sorted(asked) and pages == 5, (op, pages)
        if op == "inbox.list":
            assert got == sorted(got)
    b = officer(th, "malee", "duty")
    page, got = b.get("/"), []
    assert len(rows(page)) == 23
    sql(th, "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 130) INSERT INTO request "
            "SELECT printf('%08x-0000-7000-8000-%012x', n, n), " + ", ".join(
                c[1] for c in sql(th, "PRAGMA table_info(request)")[1:]) +
            " FROM s, (SELECT * FROM request LIMIT 1)")
    path = "/?show=incoming"
    while path:
        page = b.get(path)
        got += rows(page)
        m = re.search(r'<a href="(/\?[^"]*turn=ours[^"]*)">', page.text)
        path = html.unescape(m.group(1)) if m else None
    assert len(got) == len(set(got)) == 153, len(got)
    assert "Back to the beginning" in page.text


def test_many_at_once_each_is_judged_alone(base):
    th, us, asked, own, case = story(base)
    b = officer(th, "malee", "duty")
    page = b.get("/")
    assert set(rows(page)) == set(asked[:4] + own)
    chosen = [asked[0], asked[1], asked[4], own[0], NOBODY]
    a = b.post("/inbox/each", {"act": "acknowledge", "id": chosen, "back": "urgency=urgent"})
    assert a.status == 200 and '/?urgency=urgent"' in a.text, said(a)
    assert a.text.count("acknowledged</span>") == 2 and a.text.count("</span> not changed") == 3, a.text
    assert a.text.count("no request ") == 2, "of another unit is as not there"
    assert sql(th, "SELECT state FROM request WHERE id = ?", asked[4]) == [("sent",)]
    assert th.api("request.show", id=asked[0])["request"]["state"] == "acknowledged"
    wait_for("the partner hears", lambda: us.api("request.show", id=asked[0])["request"]["state"] == "acknowledged")
    n = len(th.api("case.show", case_id=case[asked[0]])["timeline"])
    a = b.post("/inbox/each", {"act": "acknowledge", "id": chosen[:2]})
    assert a.text.count("it was so already") == 2 and "</span> not changed" not in a.text
    assert len(th.api("case.show", case_id=case[asked[0]])["timeline"]) == n, "a double post sends nothing"
    # at the same time, twice
    th.officer("zoe", "duty")
    results = []
    threads = [threading.Thread(target=lambda who=who: results.append(th.api(
        "request.each", _as=who, act="acknowledge", ids=[asked[2], asked[3]])), args=()) for who in ("malee", "zoe")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [r["failed"] for r in results] == [0, 0], results
    assert sorted(x["did"] for r in results for x in r["results"]) == ["acknowledged"] * 2 + ["already"] * 2, results
    # assign, read, give away
    a = b.post("/inbox/each", {"act": "mine", "id": asked[:2]})
    assert a.text.count("assigned</span>") == 2
    assert set(rows(b.get("/?officer=me"))) == set(asked[:2]) and "taken by" in b.get("/?officer=me").text
    th.officer("finn", "duty")
    th.api("user.unit", name="finn", unit="fraud")
    a = b.post("/inbox/each", {"act": "assign", "officer": "finn", "id": asked[:1]})
    assert "does not see this case" in html.unescape(a.text) and th.api("request.show", id=asked[0])["request"]["officer"] == "malee"
    a = b.post("/inbox/each", {"act": "unit", "unit": "fraud", "id": asked[:1]})
    assert "given to the unit" in a.text and asked[0] not in rows(b.get("/"))
    assert "</span> not changed" in b.post("/inbox/each", {"act": "unit", "unit": "fraud", "id": asked[:1]}).text, "gone from sight"
    assert "no unit" in html.unescape(b.post("/inbox/each", {"act": "unit", "unit": "nix", "id": asked[1:2]}).text)
    for fields in ({"act": "refused", "id": asked[1]}, {"act": "acknowledge"}, {"id": asked[1]}, {"act": "assign", "id": asked[1]},
                   {"act": "read", "id": "rubbish"}, {"act": "read", "id": [NOBODY] * 101}):
        assert b.post("/inbox/each", fields).status == 400, fields
    got = th.api("request.each", _as="malee", act="read", ids=[asked[1], asked[1]])
    assert len(got["results"]) == 1, "twice in one list is once"
    for role, may in (("auditor", False), ("approver", False), ("custodian", False), ("trainer", False), ("investigator", True)):
        th.officer(f"x{role}", role)
        got = th.api("request.each", _as=f"x{role}", act="assign", officer="me", ids=[asked[1]])
        assert (got["failed"] == 0) == may, (role, got)
        assert th.api("request.each", _as=f"x{role}", act="read", ids=[asked[1]])["failed"] == 0
    assert "request.assigned" in {e["what"] for e in th.api("event.list", limit=200)["events"]}


def test_a_second_officer_is_asked_once(base):
    th, us = pair(base, four_eyes="answer:acknowledged")
    asked = submit(us, [ask("th.contact")])
    came(th, 1)
    th.officer("malee", "duty")
    for did in ("waiting", "already"):
        assert th.api("request.each", _as="malee", act="acknowledge", ids=asked)["results"][0]["did"] == did
    assert len(th.api("inbox.list")["drafts"]) == 1


def test_what_is_new_is_counted_until_it_is_read(base):
    th, us = pair(base)
    b, other = officer(th, "malee", "duty"), officer(th, "olga", "duty")
    th.api("unit.add", name="fraud", title="Fraud")
    th.api("user.unit", name="olga", unit="fraud")
    asked = submit(us, [ask("th.contact", i) for i in range(3)])
    came(th, 3)
    own = submit(th, [ask("us.contact", 9)])[0]
    assert "<title>(3) inbox" in b.get("/").text and 'data-badge="3"' in b.get("/inbox").text
    assert "<title>inbox" in other.get("/").text, "what she may not see is not counted"
    assert b.get(f"/request/{asked[0]}").status == 200 and "<title>(2) inbox" in b.get("/").text
    assert set(rows(b.get("/?fresh=yes"))) == set(asked[1:])
    b.post("/inbox/each", {"act": "read", "id": asked[1:]})
    assert "<title>inbox" in b.get("/").text
    came(us, 1)
    us.api("request.answer", id=own, state="refused", ground="sovereignty", reason="No.")
    wait_for("the refusal", lambda: th.api("inbox.list", _as="malee")["new"] == 1)
    page = b.get("/")
    assert "Answered, and not read yet" in page.text and own in rows(page), "a settled request is news until it is read"
    b.get(f"/request/{own}")
    assert own not in rows(b.get("/"))
    # Another has not read it; when a colleague closes it, it is dealt with and no news any more.
    third = officer(th, "niran", "duty")
    own = submit(th, [ask("us.contact", 10)])[0]
    came(us, 2)
    us.api("request.answer", id=own, state="refused", ground="sovereignty", reason="No.")
    wait_for("the refusal", lambda: th.api("inbox.list", _as="niran")["new"] == 1)
    assert "Answered, and not read yet" in third.get("/").text and own in rows(third.get("/"))
    th.api("request.answer", id=own, state="closed", _as="malee")
    assert own not in rows(third.get("/")) and th.api("inbox.list", _as="niran")["new"] == 0
    th.stop()
    assert th.cli("rebuild").returncode == 0
    th.start()
    wait_for("the desk", lambda: b.get("/").status == 200)
    assert th.api("inbox.list", _as="malee")["new"] >= 0


def test_a_rebuild_keeps_who_has_what(base):
    th, us = pair(base)
    asked = submit(us, [ask("th.contact", 0, exercise=True), ask("th.contact", 1)])
    came(th, 2)
    th.api("request.assign", id=asked[0], officer="me")
    th.api("request.read", id=asked[1])
    before = th.api("inbox.list")
    th.stop()
    th.cli("rebuild")
    th.start()
    after = th.api("inbox.list")
    for name in ("officer", "exercise", "fresh", "unit", "id"):
        assert [r[name] for r in before["ours_to_move"]] == [r[name] for r in after["ours_to_move"]], name


def test_filters_are_links_chips_and_kept_by_name(base):
    th, us, asked, own, case = story(base)
    b, c = officer(th, "malee", "duty"), officer(th, "zoe", "auditor")
    page = b.get("/?show=incoming&urgency=emergency&partner=us.contact")
    assert rows(page) == [asked[1]]
    chips = [html.unescape(x) for x in re.findall(r'<a class="chip" href="([^"]+)"', page.text)]
    assert sorted(chips) == sorted(["/?partner=us.contact&urgency=emergency", "/?show=incoming&urgency=emergency",
                                    "/?show=incoming&partner=us.contact"]), chips
    assert set(rows(b.get(chips[-1]))) == set(asked[:4]) or set(rows(b.get(chips[-1]))) == {asked[1]}
    kept = dict(re.findall(r'<input type="hidden" name="(show|urgency|partner)" value="([^"]*)"', page.text))
    a = b.post("/inbox/keep", {"view": "Night <b>", "back": "urgency=emergency", **kept})
    assert a.status == 303 and a.to == "/?urgency=emergency", (a.status, a.to)
    page = b.get("/")
    link = html.unescape(re.search(r'<a href="(/\?[^"]*)"[^>]*><bdi>Night &lt;b&gt;</bdi>', page.text).group(1))
    assert rows(b.get(link)) == [asked[1]] and 'aria-current="page"><bdi>Night' in b.get(link).text
    assert "Night" not in c.get("/").text, "everybody keeps their own"
    b.follow(b.post("/inbox/forget", view="Night <b>"))
    assert "Night" not in b.get("/").text
    assert b.post("/inbox/keep", {"view": "empty"}).status == 400
    for i in range(32):
        th.api("view.save", _as="malee", name=f"v{i}", filter={"measure": "preserve"})
    th.api("view.save", _as="malee", name="v1", filter={"fresh": True})
    try:
        th.api("view.save", _as="malee", name="one more", filter={"fresh": True})
        raise AssertionError("there is no end")
    except ApiError as e:
        assert "remove one" in str(e), e
    try:
        th.api("view.save", _as="malee", name="bad", filter={"nonsense": True})
        raise AssertionError("an unknown member")
    except ApiError as e:
        assert e.status == 400, e
    for query in ("show=x", "within=x", "within=0", "exercise=2", "state=x", "measure=%3Cb%3E", "turn=x", "after=1", "turn=ours&after=x",
                  "words=%22", "fresh=maybe"):
        a = b.get("/?" + query)
        assert a.status == 400 and "<b>" not in a.text, query
    a = b.post("/inbox/sound", on="yes", back="urgency=urgent")
    assert a.to == "/?urgency=urgent" and "Sound is on" in b.get("/").text and "Sound is off" in c.get("/").text
    for evil in ("//evil.example", "\r\nX: y", "x#y"):
        to = b.post("/inbox/sound", on="no", back=evil).to
        assert to.startswith("/?") and "\n" not in to, to


def test_empty_states_say_what_to_do(base):
    th = desk_node(base, "th.contact")
    b = officer(th, "malee", "duty")
    assert "appears here by itself" in b.get("/").text and "Compose a request" in b.get("/").text
    page = b.get("/?urgency=emergency").text
    assert "under this filter" in page and 'href="/">Show everything' in page


def test_a_long_case_is_paged_and_holds(base):
    th, us = pair(base)
    rid = submit(us, [ask("th.contact")])[0]
    came(th, 1)
    case = th.api("request.show", id=rid)["request"]["case_id"]
    for i in range(7):
        th.api("message.send", case_id=case, text=f"line {i}")
    wait_for("the receipts", lambda: th.api("status")["outbox"]["waiting"] == 0)
    got, before, parts = [], None, 0
    while before or not parts:
        a = th.api("case.show", case_id=case, limit=3, **({"before": before} if before else {}))
        got = [r["id"] for r in a["timeline"]] + got
        before, parts = a["earlier"], parts + 1
    whole = [r["id"] for r in th.api("case.show", case_id=case)["timeline"]]
    assert got == whole and parts > 2, (parts, len(got), len(whole))
    b = officer(th, "malee", "duty")
    sql(th, "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 400) INSERT INTO record "
            "SELECT (SELECT max(seq) FROM record) + n, printf('%08x-0000-7000-8000-%012x', n, n), " + ", ".join(
                c[1] for c in sql(th, "PRAGMA table_info(record)")[2:]) +
            " FROM s, (SELECT * FROM record WHERE kind = 'message' LIMIT 1)")
    for path in (f"/case/{case}", f"/request/{rid}"):
        page = b.get(path)
        seen = page.text.count("<li class=")
        while seen < 1000:
            m = re.search(r'<a href="([^"]*before=\d+[^"]*)"', page.text)
            if not m:
                break
            page = b.get(path + html.unescape(m.group(1)).split("#")[0])
            seen += page.text.count("<li class=")
        assert seen >= 407, (path, seen)


def test_filters_are_kept_from_the_command_line(base):
    """Saved, listed, used and dropped; each officer has their own, and the inbox goes by one of them."""
    th, us = pair(base)
    send(th, "us.contact", ours="V-1")
    send(th, "us.contact", ours="V-2", urgency="emergency")
    th.cli("view", "save", "night", "--outgoing", "--urgency", "emergency", "--as", "admin")
    listed = th.cli("view", "list", "--as", "admin").stdout
    assert "night" in listed and "urgency emergency" in listed and "incoming no" in listed, listed
    rows = json.loads(th.cli("inbox", "--view", "night", "--json", "--as", "admin").stdout)["theirs_to_move"]
    assert [r["urgency"] for r in rows] == ["emergency"], rows
    rows = json.loads(th.cli("inbox", "--view", "night", "--urgency", "urgent", "--json", "--as", "admin").stdout)["theirs_to_move"]
    assert [r["urgency"] for r in rows] == ["urgent"], "what is said goes before what is kept"
    th.officer("olga", "duty")
    for op, more in (("inbox.list", {"view": "night"}), ("view.drop", {"name": "night"})):
        try:
            th.api(op, _as="olga", **more)
            raise AssertionError(op)
        except ApiError as e:
            assert "you keep no filter" in str(e), e
    assert th.cli("view", "save", "empty", "--as", "admin", check=False).returncode == 2
    th.cli("view", "drop", "night", "--as", "admin")
    assert "none" in th.cli("view", "list", "--as", "admin").stdout
    assert th.cli("inbox", "--view", "night", "--as", "admin", check=False).returncode == 1


def test_many_cases_at_once_and_what_is_saved_of_them(base):
    """Cases are taken, given away and marked as read, each judged alone; chosen rows become a CSV and a PDF."""
    th, us = pair(base)
    rows = [send(th, "us.contact", ours=f"B-{i}") for i in range(3)]
    cases, requests = [r["case_id"] for r in rows], [r["id"] for r in rows]
    th.api("unit.add", name="fraud", title="Fraud")
    b, c = officer(th, "malee", "duty"), officer(th, "zoe", "auditor")
    th.officer("olga", "duty")
    th.api("user.unit", name="olga", unit="fraud")
    page = b.get("/cases")
    assert all(f'name="id" value="{x}"' in page.text for x in cases)
    assert 'value="unit"' in page.text and 'value="unit"' not in c.get("/cases").text and 'value="csv"' in c.get("/cases").text
    got = b.post("/cases/each", {"act": "mine", "id": cases[:2], "list": "cases", "back": "partner=us.contact"})
    assert got.status == 200 and got.text.count("assigned") >= 2 and 'href="/cases?partner=us.contact"' in got.text, said(got)
    assert [th.api("request.show", id=r)["request"]["officer"] for r in requests] == ["malee", "malee", None]
    got = th.api("case.each", act="unit", unit="fraud", ids=[cases[0], NOBODY])["results"]
    assert [r["ok"] for r in got] == [True, False] and got[1]["error"] == "ENOTFOUND", got
    got = th.api("case.each", _as="malee", act="read", ids=cases)["results"]
    assert [r["ok"] for r in got] == [False, True, True], "one is of another unit now"
    got = th.api("case.each", _as="zoe", act="assign", officer="me", ids=[cases[1]])["results"][0]
    assert not got["ok"] and got["error"] == "EDENIED", got
    a = b.post("/cases/each", {"act": "csv", "id": cases[1:]})
    assert a.header("Content-Type") == "text/csv; charset=utf-8" and 'filename="cases.csv"' in a.header("Content-Disposition")
    table = list(csv.DictReader(io.StringIO(a.text)))
    assert [(r["ours"], r["partner"], r["requests"]) for r in table] == [("B-1", "us.contact", "1"), ("B-2", "us.contact", "1")], table
    a = b.post("/inbox/each", {"act": "pdf", "id": requests[1:], "list": "search"})
    assert a.status == 200 and a.body[:5] == b"%PDF-"
    for path, ids in (("/cases/each", cases), ("/inbox/each", requests)):
        a = b.post(path, {"act": "csv", "id": ids})
        assert a.status == 404 and "B-0" not in a.text, "not with one that is not seen"
        assert b.post(path, {"act": "csv"}).status == 400 and b.post(path, {"act": "x", "id": ids[1:]}).status == 400
    for bad in ([], ["x"], [cases[1], cases[1]], [NOBODY] * 501):
        try:
            th.api("case.table", ids=bad)
            raise AssertionError(bad[:2])
        except ApiError as e:
            assert e.status in (400, 413), e
    out = os.path.join(base, "cases.csv")
    th.cli("case", "table", "B-1", cases[2], "--out", out, "--as", "admin")
    with open(out, encoding="utf-8") as f:
        assert "B-1" in f.read()
    th.cli("request", "table", requests[1], "--out", os.path.join(base, "r.pdf"), "--as", "admin")
    assert "read" in th.cli("case", "each", "read", "B-1", cases[2], "--as", "admin").stdout
