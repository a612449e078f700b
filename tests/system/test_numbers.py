"""Numbers, the yearly report, the network page: counted as things happen, and again by a rebuild."""
import csv
import html
import io
import json
import os
import re
import subprocess
import time

from comity import ApiError, introduce, wait_for
from desk import desk_node, officer
from test_spine import answer, in_days, send, settled, state

YEAR = time.strftime("%Y", time.gmtime())


def words(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)))


def pair(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    return th, us


def arrives(th, us, rid):
    wait_for("delivery", lambda: settled(th, rid))
    return rid


def told(th, rid, want):
    wait_for("the answer", lambda: state(th, rid) == want)


def story(th, us):
    """One fulfilled, one refused, one withdrawn, one open emergency, and an exercise that counts nothing."""
    one = arrives(th, us, send(th, "us.contact", ours="N-1")["id"])
    answer(us, one, "acknowledged")
    answer(us, one, "executed", until=in_days(90))
    two = arrives(th, us, send(th, "us.contact", ours="N-2")["id"])
    answer(us, two, "refused", ground="sovereignty", reason="Not here.", why="A test.")
    three = arrives(th, us, send(th, "us.contact", ours="N-3")["id"])
    th.api("request.withdraw", id=three, reason="Found elsewhere.")
    four = arrives(th, us, send(th, "us.contact", ours="N-4", urgency="emergency")["id"])
    arrives(th, us, send(th, "us.contact", ours="N-5", exercise=True)["id"])
    told(th, one, "executed")
    told(th, two, "refused")
    wait_for("the withdrawal", lambda: state(us, three) == "withdrawn")
    return one, two, three, four


def counts(o):
    return {k: o[k] for k in ("asked", "acknowledged", "fulfilled", "refused", "withdrawn", "open")}


WANT = {"asked": 4, "acknowledged": 2, "fulfilled": 1, "refused": 1, "withdrawn": 1, "open": 1}


def test_what_happens_is_counted(base):
    th, us = pair(base)
    assert th.api("numbers.show")["total"]["asked"] == 0
    story(th, us)
    for node, incoming, other in ((th, False, "us.contact"), (us, True, "th.contact")):
        n = node.api("numbers.show", incoming=incoming)
        assert counts(n["total"]) == WANT, n["total"]
        assert [p["key"] for p in n["partners"]] == [other] and [m["key"] for m in n["measures"]] == ["preserve"]
        assert counts(n["partners"][0]) == WANT
        assert n["total"]["to_acknowledged"]["n"] == 2 and n["total"]["to_fulfilled"]["n"] == 1
        assert 0 < n["total"]["to_fulfilled"]["median_s"] < 60
        assert [(g["ground"], g["n"]) for g in n["grounds"]] == [("sovereignty", 1)]
        assert n["now"]["open"] == 2, "the exercise is open too, and somebody has to answer it"
        assert node.api("numbers.show", incoming=not incoming)["total"]["asked"] == 0
        assert node.api("numbers.show")["incoming"] == incoming, "the side of which there is more"
        page = officer(node, "wanda", "duty").get("/numbers")
        assert ('value="received" selected' in page.text) == incoming
    assert th.api("numbers.show", **{"from": "2020-01", "to": "2020-12"})["total"]["asked"] == 0
    for bad in ({"from": "2026-13"}, {"from": "yesterday"}, {"from": "2026-12", "to": "2026-01"}, {"year": 1}):
        try:
            th.api("numbers.show", **bad)
            raise AssertionError(bad)
        except ApiError as e:
            assert e.status in (400, 413), e


def test_a_rebuild_counts_the_same(base):
    th, us = pair(base)
    story(th, us)
    before = {n: (n.api("numbers.show", incoming=n is us), n.api("report.yearly", csv=True)) for n in (th, us)}
    for n in (th, us):
        n.stop()
        n.cli("rebuild")
        n.start()
        numbers, report = n.api("numbers.show", incoming=n is us), n.api("report.yearly", csv=True)
        assert numbers == before[n][0]
        assert report["csv"] == before[n][1]["csv"]


def test_the_yearly_report(base):
    th, us = pair(base)
    story(th, us)
    r = th.api("report.yearly")
    assert r["year"] == int(YEAR) and not r["complete"] and len(r["not_kept"]) == 3
    rows = {x["emergency"]: x for x in r["rows"]}
    assert counts(rows[False]) == {**WANT, "asked": 3, "open": 0} and rows[False]["side"] == "issued"
    assert counts(rows[True]) == {k: int(k in ("asked", "open")) for k in WANT}
    assert rows[False]["data_s"] is not None and rows[True]["data_s"] is None
    assert [t["side"] for t in r["totals"]] == ["issued", "received"]
    assert counts(r["totals"][0]) == WANT and r["totals"][0]["emergencies"] == 1
    assert r["refusals"] == [{"side": "issued", "measure": "preserve", "partner": "us.contact", "emergency": False,
                              "ground": "sovereignty", "n": 1}]
    text = th.cli("report", YEAR, "--csv", "--as", "admin").stdout
    table = list(csv.DictReader(io.StringIO(text)))
    assert [(x["emergency"], x["asked"], x["ground"]) for x in table] == [("yes", "1", ""), ("no", "3", ""),
                                                                          ("no", "", "sovereignty")]
    assert "not over" in th.cli("report", "--as", "admin").stdout
    assert json.loads(th.cli("report", "2001", "--json", "--as", "admin").stdout)["rows"] == []
    assert th.cli("report", "next", "--as", "admin", check=False).returncode == 2


def test_the_report_on_paper(base):
    """PDF and page, by API, command line and desk; each reader's own numbers, in the language that was asked for."""
    th, us = pair(base)
    story(th, us)
    pdf, page = os.path.join(base, "r.pdf"), os.path.join(base, "r.html")
    th.cli("report", YEAR, "--out", pdf, "--as", "admin")
    with open(pdf, "rb") as f:
        assert f.read(5) == b"%PDF-"
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    for said in (f"Requests of {YEAR}", "Regulation (EU) 2023/1543", "us.contact", "The year is not over", "legal remedies used",
                 "All requests of this node are counted"):
        assert said in re.sub(r"\s+", " ", text), (said, text)
    th.cli("report", YEAR, "--out", page, "--language", "fr", "--as", "admin")
    with open(page, encoding="utf-8") as f:
        got = f.read()
    assert 'lang="fr"' in got and "Demandes" in got and "<script" not in got
    th.cli("report", YEAR, "--out", os.path.join(base, "r.csv"), "--as", "admin")
    assert th.cli("report", YEAR, "--language", "fr", "--as", "admin", check=False).returncode == 2
    b = officer(th, "malee", "duty")
    a = b.get(f"/numbers/{YEAR}/print")
    assert a.status == 200 and a.header("Content-Type") == "application/pdf" and a.body[:5] == b"%PDF-"
    assert f"report-{YEAR}.pdf" in a.header("Content-Disposition")
    a = b.get(f"/numbers/{YEAR}/print?as=html&in=en")
    assert "Counted are the requests of cases that you may see" in a.text
    assert b.get("/numbers/next/print").status == 404 and b.get(f"/numbers/{YEAR}/print?in=xx").status == 400
    # A closed case is in no number of who does not see it: not in the page, the print, nor what waits for a partner.
    partner, ground = "us.contact", "sovereignty"
    for r in th.api("request.list")["requests"]:
        th.api("case.restrict", case_id=r["case_id"], reason="a suspect works here")
    for path in (f"/numbers/{YEAR}", f"/numbers/{YEAR}/print?as=html&in=en", "/numbers", f"/numbers/{YEAR}/csv"):
        a = b.get(path)
        assert a.status == 200 and partner not in a.text and ground not in a.text, (path, a.text)
    assert b.get("/network").status == 200
    assert "us.contact" in th.cli("report", YEAR, "--csv", "--as", "admin").stdout


def test_the_pages(base):
    th, us = pair(base)
    b = officer(th, "malee", "duty")
    assert "Nothing in this period" in words(b.get("/numbers"))
    story(th, us)
    page = b.get("/numbers")
    assert page.status == 200 and page.text.count("<svg") == 7 and page.text.count("<title>") == 8
    assert "sovereignty" in page.text and "style=" not in page.text
    assert "Nothing in this period" in words(b.get("/numbers?side=received"))
    assert b.get("/numbers?from=x").status == 400
    page = b.get("/numbers/" + YEAR)
    assert page.status == 200 and "The year is not over" in words(page) and "us.contact" in page.text
    a = b.get(f"/numbers/{YEAR}/csv")
    assert a.header("Content-Type").startswith("text/csv") and f"report-{YEAR}.csv" in a.header("Content-Disposition")
    assert json.loads(b.get(f"/numbers/{YEAR}/json").text)["totals"]
    for bad in ("/numbers/20", "/numbers/99999", "/numbers/x", "/numbers/20a6/csv"):
        assert b.get(bad).status == 404, bad
    for path in ("/numbers", "/numbers/" + YEAR, f"/numbers/{YEAR}/csv", "/network"):
        b.cookies, old = {}, b.cookies
        assert b.get(path).to == "/sign-in", path
        b.cookies = old


def test_the_network(base):
    th, us = pair(base)
    b = officer(th, "malee", "duty")
    one = arrives(th, us, send(th, "us.contact", ours="N-1")["id"])
    answer(us, one, "acknowledged")
    told(th, one, "acknowledged")
    us.stop()
    send(th, "us.contact", ours="N-2")
    n = th.api("network.show")
    p = n["partners"][0]
    assert p["address"] == "us.contact" and p["waiting"] >= 1 and p["oldest"] and p["to_acknowledged"]["n"] == 1
    assert p["open"] in ("open", "closed", "unknown") and len(p["local_time"]) == 25 or p["local_time"].endswith("Z")
    assert len(n["own"]["fingerprint"]) == 64 and n["own"]["address"] == "th.contact"
    page = b.get("/network")
    assert page.status == 200 and "waiting" in words(page) and "Fingerprint" in words(page)
    assert n["own"]["fingerprint"][:4] in words(page)
