"""The law at the desk: pages, the panel beside the form, decisions against the advice; and who may not."""
import html
import re

from comity import ApiError, introduce, wait_for
from desk import desk_node, form_fields, officer, said

EVIL = "\"><img src=x onerror=alert(1)>"


def words(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)))


def verdict(answer):
    """What the line with the verdict says, whole."""
    line = re.search(r'<p [^>]*(?:id="law-verdict"|class="verdict")[^>]*>(.*?)</p>', answer.text, re.S).group(1)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", line)).strip())


def pair(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    return th, us


def fails(status, call, *words_):
    try:
        call()
    except ApiError as e:
        assert e.status == status and all(w in e.message for w in words_), (e.status, e.message)
        return
    raise AssertionError("it was taken")


def test_the_operations_ask_and_keep_nothing(base):
    th, _ = pair(base)
    a = th.api("law.check", to="us.contact", measure="preserve", fields={"offences": ["art-2"]})
    assert a["verdict"] == "can" and a["our_side"] == "requesting" and a["dual"] == "met"
    assert a["requesting_name"] == "Thailand" and a["measure_words"] and a["basis_name"]
    assert [f for f in a["findings"] if f["topic"] == "field" and f["effect"] == "requires"], "what is missing is told"
    assert th.api("law.check", to="us.contact", measure="preserve", basis="eu-2023-1543")["verdict"] == "cannot"
    assert "note" in th.api("law.check", to="xx.nobody", measure="preserve")
    g = th.api("law.gap", member="apec")
    assert len(g["economies"]) == 21 and len(g["articles"]) > 30
    assert len(th.api("law.gap", economies=["TH"], csv=True)["csv"].splitlines()) == len(g["articles"]) + 2
    fails(404, lambda: th.api("law.gap", economies=["ZZ"]), "ZZ")
    fails(404, lambda: th.api("law.gap", against="no-such"), "no-such")
    for bad in ({"member": "nato"}, {"date": "tomorrow"}, {"economies": [1]}, {"economies": "TH"}, {"who": "me"}):
        fails(400, lambda: th.api("law.gap", **bad))
    fails(400, lambda: th.api("law.check", to="us.contact"), "measure")
    assert not th.api("request.list")["drafts"]


def test_pages_of_the_law(base):
    th, _ = pair(base)
    b = officer(th, "malee", "auditor")
    p = b.get("/law/BN")
    assert "MEMORY" not in p.text and "from memory; nobody checked it against a text" in p.text, "a tag is told in words"
    p = b.get("/law")
    assert p.status == 200 and p.text.count('scope="col"') == 22 and "Illegal access" in p.text
    assert p.text.count('class="has ') > 21 * 34 and "style=" not in p.text
    assert "has it, verified" in words(p).replace(" ,", ",")
    assert b.get("/law?who=all").text.count('scope="col"') > 90
    assert "Bound by it" in words(b.get("/law?against=cets-224&who=eu&date=2026-01-01"))
    p = b.get("/law/TH")
    assert "Computer Crime Act" in p.text and "as read on" in p.text and "unverified" in words(p)
    p = b.get("/law/TH/gap")
    assert "It asks:" in words(p) and "Nobody recorded it" in words(p)
    p = b.get("/law/compare?a=TH&b=US")
    assert "18 U.S.C." in p.text and "Computer Crime Act" in p.text
    assert b.get("/law/compare").status == 200
    p = b.get("/law/instrument/cets-185")
    assert 'id="a-29"' in p.text and "verified" in words(p)
    assert "TH.status-cets-185" in b.get("/law/fact/TH.status-cets-185").text
    for path, status in (("/law/ZZ", 404), ("/law/ZZ/gap", 404), ("/law/cets-185", 404), ("/law/instrument/TH", 404),
                         ("/law/instrument/x", 404), ("/law/fact/TH.none", 404), ("/law?against=x", 404),
                         ("/law?who=nato", 400), ("/law?date=soon", 400), ("/law/compare?a=TH&b=ZZ", 404)):
        assert b.get(path).status == status, (path, b.get(path).status)
    for path in ("/law?against=", "/law?who=", "/law?date=", "/law/compare?b=US&a=", "/law/"):
        assert "<img" not in b.get(path + "%22%3E%3Cimg%20src=x%3E").text, path
    b.cookies = {}
    for path in ("/law", "/law/TH", "/law/TH/gap", "/law/compare", "/law/instrument/cets-185", "/law/fact/TH.x"):
        assert b.get(path).to == "/sign-in", path


def test_the_panel_follows_the_form(base):
    th, _ = pair(base)
    b = officer(th, "malee", "duty")
    p = b.get("/compose/preserve")
    assert "Choose a partner" in words(p) and 'hx-post="/law/panel"' in p.text
    assert verdict(p) == "Choose a partner: then the law of both sides stands here.", verdict(p)
    assert verdict(b.get("/compose/preserve?to=us.contact")).startswith("◑ Yes, as far as anybody recorded ○ unverified By what is recorded and nobody checked, Thailand can ask")
    assert "Thailand can ask the United States" in words(b.get("/compose/preserve?to=us.contact"))
    fields = {"measure": "preserve", "to": "us.contact", "urgency": "urgent"}
    p = b.post("/law/panel", fields, headers={"HX-Request": "true"}.items())
    assert p.status == 200 and "<html" not in p.text and "Missing in the form" in words(p) and "hx-swap-oob" in p.text
    p = b.post("/law/panel", {**fields, **form_fields()})
    assert "Missing in the form" not in words(p) and "First legal basis" in words(p)
    p = b.post("/law/panel", {**fields, "basis": "eu-2023-1543"})
    assert "What stands in the way" in words(p) and verdict(p).startswith("✕ No By what is recorded, Thailand cannot ask")
    assert "<img" not in b.post("/law/panel", {**fields, "to": EVIL, "basis": EVIL, "urgency": EVIL}).text
    assert b.post("/law/panel", {**fields, "measure": "no-such"}).status == 404
    assert b.post("/law/panel", fields, token=False).status == 403, "without the session's secret"
    # Without script: the form comes back as it was typed, with the law, and nothing is kept.
    p = b.post("/compose/preserve", {**fields, **form_fields(), "ours": "T-17", "check": "law"})
    assert p.status == 200 and 'value="T-17"' in p.text and "Thailand can ask" in words(p)
    assert not th.api("request.list")["drafts"]
    for role in ("approver", "auditor", "trainer", "custodian"):
        c = officer(th, "x-" + role, role)
        c.get("/account")
        assert c.post("/law/panel", fields).status == 403, role
    b.cookies = {}
    assert b.post("/law/panel", fields).status in (303, 403)


def test_a_decision_against_the_advice_asks_for_its_reason(base):
    th, us = pair(base)
    b, j = officer(th, "malee", "duty"), officer(us, "jordan", "duty")
    b.get("/compose/preserve")
    a = b.post("/compose/preserve", {**form_fields(), "to": "us.contact", "ours": "T-1", "urgency": "urgent",
                                     "basis": "eu-2023-1543"})
    page = b.follow(a)
    assert "What stands in the way" in words(page) and "Why it is sent against the advice" in words(page)
    assert verdict(page).startswith("✕ No") and "Yes" not in verdict(page), verdict(page)
    p = b.post(a.to + "/send")
    assert p.status == 409 and "reason" in said(p), said(p)
    b.get(a.to)
    assert b.post(a.to + "/send", reason="The provider asked for this form.").status == 303
    wait_for("the request over there", lambda: us.api("request.list", incoming=True)["requests"])
    rid = us.api("request.list", incoming=True)["requests"][0]["id"]
    page = j.get("/request/" + rid)
    assert "What stands in the way" in words(page) and 'id="why-accepted"' in page.text
    p = j.post(f"/request/{rid}/answer", state="accepted")
    assert p.status == 409 and "reason" in said(p), said(p)
    j.get("/request/" + rid)
    assert j.post(f"/request/{rid}/answer", state="accepted", why="Our statute allows it.").status == 303
    assert "Our statute allows it." in words(j.get("/request/" + rid))
    assert "Our statute allows it." not in b.get("/request/" + rid).text, "the reason stays here"
