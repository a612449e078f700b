"""Administration at the desk: officers, units, sessions, keys, partners, and what an auditor reads."""
import csv
import io
import json
import re

from comity import ApiError, introduce, wait_for
from desk import Browser, desk_node, officer, said, sql
from test_spine import send


def one(base):
    return desk_node(base, "th.contact")


def test_an_administrator_adds_and_invites(base):
    node = one(base)
    admin = Browser(node).welcome(node, "admin")
    admin.follow(admin.post("/admin/units", name="fraud", title="Fraud and money"))
    page = admin.get("/admin/people")
    assert "Fraud and money" in page.text
    a = admin.post("/admin/people", name="malee", role="duty", unit="fraud")
    assert a.status == 200, said(a)
    code = re.search(r"welcome\?code=([0-9a-f]{64})", a.text).group(1)
    assert Browser(node).get("/welcome?code=" + code).status == 200
    users = {u["name"]: u for u in node.api("user.list")["users"]}
    assert users["malee"]["unit"] == "fraud" and users["malee"]["role"] == "duty"
    a = admin.post("/admin/people", name="malee", role="duty")
    assert a.status == 400 and "exists already" in said(a)
    a = admin.post("/admin/people", name="Malee!", role="duty")
    assert a.status == 400 and "a-z" in said(a)
    admin.follow(admin.post("/admin/people/malee/role", role="investigator"))
    admin.follow(admin.post("/admin/people/malee/unit", unit="none"))
    users = {u["name"]: u for u in node.api("user.list")["users"]}
    assert users["malee"]["unit"] == "none" and users["malee"]["role"] == "investigator"
    a = admin.post("/admin/people/admin/role", role="duty")
    assert a.status == 409 and "own role" in said(a)
    assert admin.post("/admin/people/nobody/role", role="duty").status == 404
    assert admin.get("/admin/people/nobody").status == 404
    what = {e["what"] for e in node.api("event.list")["events"]}
    assert {"unit.added", "officer.unit", "officer.role", "officer.invited"} <= what, what
    admin.follow(admin.post("/admin/units/fraud/intake"))
    assert {u["name"]: u["intake"] for u in node.api("unit.list")["units"]} == {"all": False, "fraud": True}


def test_disabled_from_the_page_is_out_at_once(base):
    node = one(base)
    admin, malee = Browser(node).welcome(node, "admin"), officer(node, "malee", "duty")
    admin.get("/admin/people/malee")
    admin.follow(admin.post("/admin/people/malee/disable"))
    assert not malee.inside()
    assert "disabled" in admin.get("/admin/people").text
    a = admin.post("/admin/people/admin/disable")
    assert a.status == 409, "not oneself"


def test_sessions_of_others(base):
    node = one(base)
    admin, malee = Browser(node).welcome(node, "admin"), officer(node, "malee", "duty")
    udo = officer(node, "udo", "auditor")
    page = admin.get("/admin/sessions").text
    ended = re.search(r'<td[^>]*><bdi>malee</bdi>.*?/admin/sessions/([0-9a-f]+)/end', page, re.S).group(1)
    page = udo.get("/admin/sessions")
    assert "malee" in page.text and "/end" not in page.text, "an auditor sees and does not end"
    assert udo.post(f"/admin/sessions/{ended}/end").status == 403
    own = node.api("session.list", _as="malee")["sessions"]
    assert {s["officer"] for s in own} == {"malee"}
    try:
        node.api("session.list", _as="malee", officer="admin")
        raise AssertionError("sessions of others are not for everybody")
    except Exception as e:
        assert "auditor" in str(e), e
    others = node.api("session.list", officer="admin")["sessions"][0]["id"]
    try:
        node.api("session.end", _as="malee", id=others)
        raise AssertionError("malee ended a session of admin")
    except Exception as e:
        assert "ended already" in str(e), e
    admin.follow(admin.post(f"/admin/sessions/{ended}/end"))
    assert not malee.inside() and admin.inside()
    assert "session.ended" in [e["what"] for e in node.api("event.list")["events"]]


def test_keys_and_their_ends(base):
    node = one(base)
    admin = Browser(node).welcome(node, "admin")
    page = admin.get("/admin/keys").text
    for c in node.api("status")["certificates"]:
        assert c["sha256"] in page
    assert "PRIVATE" not in page


def test_partners_are_accepted_by_fingerprint(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    admin = Browser(th).welcome(th, "admin")
    entry = us.api("directory.self")
    offered = th.api("directory.offer", bytes=entry["bytes"], sig=entry["sig"])
    page = admin.get("/admin/partners")
    assert "us.contact" in page.text
    assert offered["fingerprint"] not in page.text, "what is shown would be copied, not heard"
    for wrong in ("", "abc", "0" * 64):
        a = admin.post("/admin/partners/us.contact/accept", fingerprint=wrong)
        assert a.status == 400, wrong
        assert th.api("directory.show", address="us.contact")["state"] == "offered"
    p = th.cli("directory", "accept", "us.contact", "--fingerprint", "0" * 64, "--as", "admin", check=False)
    assert p.returncode == 1 and "not that of the root" in p.stderr, p
    assert offered["fingerprint"] not in p.stdout + p.stderr, "a refusal must not tell what to paste"
    p = th.cli("directory", "accept", "us.contact", "--fingerprint", "zz", "--as", "admin", check=False)
    assert p.returncode == 2 and "64 hexadecimal digits" in p.stderr, p
    spelt = ":".join(re.findall("..", offered["fingerprint"].upper()))
    th.cli("directory", "accept", "us.contact", "--fingerprint", spelt, "--as", "admin")
    assert th.api("directory.show", address="us.contact")["state"] == "accepted"
    th.api("directory.block", address="us.contact", reason="to be accepted once more")
    heard = " ".join(re.findall("....", offered["fingerprint"].upper()))
    admin.follow(admin.post("/admin/partners/us.contact/accept", fingerprint=heard))
    assert th.api("directory.show", address="us.contact")["state"] == "accepted"
    assert admin.post("/admin/partners/us.contact/block", reason="").status == 400
    admin.follow(admin.post("/admin/partners/us.contact/block", reason="their key is lost"))
    assert th.api("directory.show", address="us.contact")["state"] == "blocked"


def table(answer):
    assert answer.status == 200 and answer.header("Content-Type").startswith("text/csv")
    assert "attachment" in answer.header("Content-Disposition")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_an_auditor_reads_and_takes_away(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    case = send(th, "us.contact")["case_id"]
    malee, udo = officer(th, "malee", "duty"), officer(th, "udo", "auditor")
    malee.get("/case/" + case)
    page = udo.get("/audit/access?case_id=" + case)
    assert "malee" in page.text and case in page.text
    rows = table(udo.get("/audit/access/csv?case_id=" + case))
    assert {r["officer"] for r in rows} == {"malee"} and rows[0]["case_id"] == case
    assert "malee" not in udo.get("/audit/access?officer=nobody").text
    th.api("unit.add", name="x", title="=cmd|' /C calc'!A0")
    page = udo.get("/audit/events?what=officer")
    assert "officer.added" in page.text and "unit.added" not in page.text
    rows = table(udo.get("/audit/events/csv?what=unit"))
    assert [r["what"] for r in rows] == ["unit.added"]
    assert table(udo.get("/audit/events/csv?who=nobody")) == []
    assert table(udo.get("/audit/events/csv?to=2020-01-01")) == []
    assert len(table(udo.get("/audit/events/csv?from=2020-01-01"))) > 3
    assert udo.get("/audit/events?from=yesterday").status == 400
    evil = udo.get("/audit/events?what=%22%3E%3Cimg%20src%3Dx%3E")
    assert "<img" not in evil.text
    assert udo.post("/admin/people", name="eve", role="administrator").status == 403


def test_an_auditor_of_no_unit_sees_that_a_case_exists(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    case = send(th, "us.contact")["case_id"]
    udo = officer(th, "udo", "auditor")
    assert udo.get("/case/" + case).status == 200, "in the unit of everybody"
    th.api("user.unit", name="udo", unit="none")
    page = udo.get("/cases").text
    assert "/audit/access?case_id=" + case in page and "us.contact" not in page
    assert udo.get("/case/" + case).status == 403
    wait_for("the event", lambda: "sight.denied" in [e["what"] for e in th.api("event.list")["events"]])
    assert not th.api("access.list", case_id=case, officer="udo")["access"][1:], "who was refused has seen nothing"


def test_a_case_goes_to_a_unit_and_names_an_officer(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    request = send(th, "us.contact")
    case = request["case_id"]
    th.api("unit.add", name="fraud", title="Fraud")
    malee, somchai = officer(th, "malee", "duty"), officer(th, "somchai", "duty")
    malee.get("/case/" + case)
    malee.follow(malee.post(f"/case/{case}/unit", unit="fraud", reason="money"))
    for path in (f"/case/{case}", f"/request/{request['id']}"):
        a = somchai.get(path)
        assert a.status == 404 and "that you may see" in said(a), said(a)
        assert case not in somchai.get("/").text and case not in somchai.get("/cases").text
    somchai.get("/cases")
    assert somchai.post(f"/case/{case}/name", officer="somchai").status == 404, "nobody names themselves"
    th.api("case.name", case_id=case, officer="somchai")
    assert somchai.get("/case/" + case).status == 200 and case in somchai.get("/cases").text
    somchai.follow(somchai.post(f"/case/{case}/name", officer="malee"))
    assert malee.get("/case/" + case).status == 200


def test_a_case_is_closed_to_named_officers(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    request = send(th, "us.contact")
    case = request["case_id"]
    th.api("unit.add", name="fraud", title="Fraud")
    malee, somchai, boss = officer(th, "malee", "duty"), officer(th, "somchai", "duty"), officer(th, "boss", "administrator")
    udo = officer(th, "udo", "auditor")
    malee.get("/case/" + case)
    assert malee.post(f"/case/{case}/restrict", officers="somchai").status == 400, "without a reason"
    malee.get("/case/" + case)
    assert malee.post(f"/case/{case}/restrict", officers="nobody", reason="x").status == 404
    assert somchai.get("/case/" + case).status == 200, "nothing was changed by it"
    page = malee.follow(malee.post(f"/case/{case}/restrict", officers="somchai", reason="a suspect works here"))
    assert "restricted" in page.text and "somchai" in page.text
    assert somchai.get("/request/" + request["id"]).status == 200
    for b in (boss, udo):
        for path in (f"/case/{case}", f"/request/{request['id']}"):
            assert b.get(path).status in (403, 404), path
        assert f"/case/{case}" not in b.get("/").text + b.get("/cases").text + b.get("/search?words=hospital").text
    boss.get("/cases")
    assert boss.post(f"/case/{case}/name", officer="boss", reason="curious").status == 404
    assert boss.post(f"/case/{case}/unit", unit="all", reason="curious").status == 404
    assert "closed to named officers" in udo.get("/cases").text
    th.stop()
    th.cli("rebuild")
    th.start()
    assert boss.get("/case/" + case).status == 404 and somchai.get("/case/" + case).status == 200, "after a rebuild"
    somchai.get("/case/" + case)
    assert somchai.follow(somchai.post(f"/case/{case}/unit", unit="all", reason="he left")).status == 200
    assert boss.get("/case/" + case).status == 200
    events = {e["what"]: e["detail"] for e in th.api("event.list", what="case")["events"]}
    assert "a suspect works here" in json.dumps(events["case.closed"]) and "he left" in json.dumps(events["case.opened"])
    seen = {(a["officer"], a["what"]) for a in th.api("access.list", case_id=case)["access"]}
    assert ("somchai", "/request/:id") in seen and not {w for w, _ in seen} & {"udo"}, seen


def test_what_a_program_saw_is_noted(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    request = send(th, "us.contact")
    th.officer("malee", "duty")
    for op, args in (("request.show", {"id": request["id"]}), ("case.show", {"case_id": request["case_id"]}),
                     ("record.get", {"id": request["id"]})):
        th.api(op, _as="malee", **args)
        assert th.api("access.list", case_id=request["case_id"], officer="malee")["access"][0]["what"] == op
    th.api("case.list", _as="malee")
    assert len(th.api("access.list", officer="malee")["access"]) == 3, "lists show nothing of what is inside"


def test_logs_are_taken_away_whole(base):
    node = one(base)
    b = officer(node, "udo", "auditor")
    sql(node, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO access "
        "(at_us, officer, what, case_id, subject, session) SELECT i * 86400000000, 'x', '/case/:id', NULL, '=cmd', 's' FROM n")
    a = b.get("/audit/access/json?officer=x")
    got = json.loads(a.text)
    assert a.header("Content-Disposition") == 'attachment; filename="access.json"'
    assert len(got["access"]) == 2500 and got["more"] is None, "more than one page of the operation"
    day = json.loads(b.get("/audit/access/json?officer=x&from=1970-01-11&to=1970-01-12").text)["access"]
    assert [r["at"][:10] for r in day] == ["1970-01-12", "1970-01-11"], day
    rows = list(csv.reader(io.StringIO(b.get("/audit/access/csv?officer=x&from=1970-01-11&to=1970-01-12").text)))
    assert len(rows) == 3 and rows[1][4] == "'=cmd"
    for wrong in ("from=yesterday", "from=1970-13-45", "to=%27"):
        assert b.get("/audit/access/json?" + wrong).status == 400, wrong
    events = json.loads(b.get("/audit/events/json?what=officer").text)["events"]
    assert {e["what"].split(".")[0] for e in events} == {"officer"}
    sql(node, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 51000) INSERT INTO access "
        "(at_us, officer, what, case_id, subject, session) SELECT i, 'y', '/case/:id', NULL, 's', 's' FROM n")
    first = json.loads(b.get("/audit/access/json?officer=y").text)
    rest = json.loads(b.get(f"/audit/access/json?officer=y&before={first['more']}").text)
    assert len(first["access"]) == 50000 and len(rest["access"]) == 1000 and rest["more"] is None, "cut, and said so"
    assert "more: this file ends" in b.get("/audit/access/csv?officer=y").text[-200:]


def test_links_are_shown_to_whom_they_open(base):
    node = one(base)
    for role, there, absent in (("duty", ["/compose", "/network"], ["/admin/people", "/audit/access"]),
                                ("auditor", ["/admin/people"], ["/compose", "/admin/partners"]),
                                ("approver", ["/cases"], ["/compose", "/admin/people"])):
        b = officer(node, role, role)
        text = b.get("/").text + (b.get("/admin/people").text if role == "auditor" else "")
        for path in there:
            assert f'href="{path}"' in text, (role, path)
        for path in absent:
            assert f'href="{path}"' not in text, (role, path)
        for path in re.findall(r'<nav.*?</nav>', text, re.S):
            for link in re.findall(r'href="([^"]+)"', path):
                assert b.get(link).status == 200, (role, link)


def test_evidence_of_another_unit_is_not_fetched(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    case, exhibit = send(th, "us.contact")["case_id"], "01936b2e-0000-7000-8000-00000000e0e0"
    sql(th, "INSERT INTO exhibit (id, case_id, name, media, partner, incoming, state, plain_size, sealed_size, "
        "plain_sha256, sealed_sha256, sealed_header, changed_us) VALUES (?, ?, 'a', 'text/plain', 'us.contact', 1, "
        "'offered', 1, 1, ?, ?, x'00', 1)", exhibit, case, "0" * 64, "0" * 64)
    th.officer("olga", "duty")
    assert th.api("exhibit.progress", _as="olga", id=exhibit)["state"] == "offered"
    th.api("user.unit", name="olga", unit="none")
    for op in ("exhibit.progress", "exhibit.fetch", "exhibit.show"):
        try:
            th.api(op, _as="olga", id=exhibit)
            raise AssertionError(f"{op} for one of another unit")
        except ApiError as e:
            assert e.status == 404 and "that you may see" in str(e), e
