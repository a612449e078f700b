"""Show me: what proves a record, checked anew; and what the page says when somebody has been at the database."""
from comity import ApiError, introduce, wait_for
from desk import NOBODY, desk_node, officer, sql
from test_spine import send


def results(node, rid):
    return {s["step"]: s["result"] for s in node.api("record.proof", id=rid)["steps"]}


def sent(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    rid = send(th, "us.contact")["id"]
    wait_for("the proof", lambda: results(th, rid) == {s: "holds" for s in ("signature", "ledger", "stamp", "receipt")})
    wait_for("theirs", lambda: results(us, rid) == {s: "holds" for s in ("signature", "ledger", "stamp")})
    return th, us, rid


def test_each_part_of_the_proof_is_checked(base):
    th, us, rid = sent(base)
    b, c = officer(th, "malee", "duty"), officer(us, "jordan", "duty")
    for browser in (b, c):
        page = browser.get(f"/record/{rid}/proof")
        assert page.status == 200 and "Everything below was checked just now, and holds." in page.text
        assert "c2sp.org/tlog-proof@v1" in page.text
    assert f'href="/record/{rid}/proof"' in b.get("/request/" + rid).text, "the timeline leads there"
    assert th.api("access.list", officer="malee")["access"][1]["what"] == "/record/:id/proof"
    p = th.api("record.proof", id=rid)
    assert p["index"] < p["size"] and p["stamped"] and p["received"], p
    th.officer("olga", "duty")
    th.api("user.unit", name="olga", unit="none")
    for who, which in (("olga", rid), ("admin", NOBODY)):
        try:
            th.api("record.proof", _as=who, id=which)
            raise AssertionError(who)
        except ApiError as e:
            assert e.status == 404, e


def test_a_changed_record_is_told(base):
    th, us, rid = sent(base)
    b = officer(th, "malee", "duty")
    (whole,), = sql(th, "SELECT bytes FROM record WHERE id = ? AND kind = 'request'", rid)
    changed = whole.replace(b"hospital", b"Hospital", 1)
    assert changed != whole
    sql(th, "UPDATE record SET bytes = ? WHERE id = ?", changed, rid)
    assert results(th, rid)["signature"] == "fails" and results(th, rid)["ledger"] == "fails"
    page = b.get(f"/record/{rid}/proof").text
    assert "Something below does not hold" in page and "does not hold</span>" in page
    sql(th, "UPDATE record SET bytes = ? WHERE id = ?", whole, rid)
    assert results(th, rid)["ledger"] == "holds"
    sql(th, "UPDATE leaf SET salt = zeroblob(16) WHERE subject = ?", rid)
    assert results(th, rid) == {"signature": "holds", "ledger": "fails", "receipt": "holds"}, results(th, rid)
