"""Two economies, two languages: codes travel, and each side reads them in its own words and its own time."""
import html
import json
import os
import re

from comity import ApiError, Node, SOURCE, fields_of, introduce, wait_for
from desk import Browser, desk_node, invite, officer, said
from test_spine import send, settled


def pair(base):
    th = desk_node(base, "th.contact", conf={"timezone": "Asia/Bangkok"})
    us = desk_node(base, "us.contact", conf={"timezone": "America/New_York"})
    introduce(th, us)
    return th, us


def asked(th, us):
    rid = send(us, "th.contact")["id"]
    wait_for("the request arrives", lambda: settled(us, rid))
    return rid


def page_of(b, path, language=None):
    a = b.get(path, headers={"Accept-Language": language} if language else {})
    assert a.status == 200, (path, a.status, said(a))
    return html.unescape(a.text)


def test_the_receiver_reads_a_request_in_thai(base):
    th, us = pair(base)
    b = officer(th, "malee", "duty")
    rid = asked(th, us)
    page = page_of(b, f"/request/{rid}", "th")
    assert '<html lang="th" dir="ltr">' in page
    for words in ("การเก็บรักษาข้อมูล", "ข้อมูลผู้ใช้บริการ", "การเข้าถึงโดยมิชอบ (ข้อ 2)", "ผู้รับผิดชอบ", "ร้องขอโดย"):
        assert words in page, words
    assert "Subscriber information" not in page and "Person in charge" not in page
    fields = us.api("request.show", id=rid)["fields"]
    assert fields["conduct"] in page, "what a person wrote stays as it was written"
    ours = page_of(officer(us, "jordan", "duty"), f"/request/{rid}", "en")
    assert "Subscriber information" in ours and '<html lang="en" dir="ltr">' in ours


def test_the_command_line_prints_a_form_in_thai(base):
    th, us = pair(base)
    rid = asked(th, us)
    out = th.cli("request", "show", rid, "--language", "th").stdout
    assert "การเก็บรักษาข้อมูลคอมพิวเตอร์ที่จัดเก็บไว้โดยเร่งด่วน" in out and "ข้อมูลผู้ใช้บริการ" in out
    english = th.cli("request", "show", rid).stdout
    assert "Data to preserve: Subscriber information" in english
    conduct = us.api("request.show", id=rid)["fields"]["conduct"].split("\n")[0]
    assert conduct in out and conduct in english
    raw = json.loads(th.cli("request", "show", rid, "--language", "th", "--json").stdout)
    assert "subscriber" in raw["fields"]["data"], "programs get codes"


def test_times_are_the_readers_with_the_partners_beside(base):
    th, us = pair(base)
    rid = asked(th, us)
    page = page_of(officer(th, "malee", "duty"), f"/request/{rid}", "en")
    both = re.search(r'<time datetime="([^"]*Z)" title="\1">([^<]*) <span class="zone" dir="ltr">UTC\+7</span></time> '
                     r'<span class="there quiet">\(<bdi>us.contact</bdi>: <time datetime="\1" title="\1">([^<]*) '
                     r'<span class="zone" dir="ltr">UTC−[45]</span></time>\)', page)
    assert both and both.group(2) != both.group(3), page


def test_what_an_officer_chose_wins(base):
    th = desk_node(base, "th.contact", conf={"timezone": "Asia/Bangkok", "languages": "th,en"})
    b = officer(th, "malee", "duty")
    assert '<html lang="th"' in page_of(b, "/"), "the node's, when the browser says nothing"
    assert '<html lang="ja"' in page_of(b, "/", "ja")
    page = page_of(b, "/account", "ja")
    assert '<option value="fr" lang="fr">Français</option>' in page and "<option>Europe/Paris</option>" in page
    b.follow(b.post("/account/language", language="fr", zone="Europe/Paris"))
    page = page_of(b, "/account", "ja")
    assert '<html lang="fr"' in page and "Vos sessions" in page and re.search(r"UTC\+[12]</span>", page)
    assert '<option value="fr" lang="fr" selected>' in page and "<option selected>Europe/Paris</option>" in page
    other = th.api("preference.show")
    assert other["language"] == "" and other["zone"] == "", "another officer's is another's"
    b.follow(b.post("/account/language", language="", zone=""))
    assert '<html lang="ja"' in page_of(b, "/", "ja")


def test_a_language_or_zone_that_is_not_there_is_refused(base):
    th = desk_node(base, "th.contact")
    b = officer(th, "malee", "auditor")
    b.get("/account")
    for language, zone, words in (("xx", "", "there are no words"), ("", "Mars/Olympus", "no time zone"),
                                  ("", "../../etc/passwd", "cannot be a time zone"), ("th" * 10, "", "language")):
        a = b.post("/account/language", language=language, zone=zone)
        assert a.status in (400, 404, 413) and words in said(a), (language, zone, a.status, said(a))
    assert '<html lang="en"' in page_of(b, "/", "en"), "nothing was kept"
    stranger = Browser(th).post("/account/language", language="th", zone="")
    assert stranger.to == "/sign-in"


def test_arabic_runs_from_the_right(base):
    th = desk_node(base, "th.contact")
    b = officer(th, "malee", "duty")
    page = page_of(b, "/compose/preserve", "ar")
    assert '<html lang="ar" dir="rtl">' in page and "معلومات المشترك" in page
    assert page.count('dir="auto"') > 10, "what people write has a direction of its own"
    with open(os.path.join(SOURCE, "src", "desk", "assets", "style.css"), encoding="utf-8") as f:
        css = f.read()
    assert not re.search(r"(margin|padding|border)-(left|right)|text-align: *(left|right)|[^-](left|right): ", css)


def test_no_language_is_english_in_place_of_another(base):
    """Command line and API refuse what there is not, with what there is; a region is served by its language."""
    th = desk_node(base, "th.contact")
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    introduce(th, us)
    draft = th.api("request.new", to="us.contact", ours="X-1", measure="preserve", urgency="urgent", fields=fields_of())["id"]
    for verb in (("request", "show", draft), ("request", "print", draft, "--out", os.path.join(base, "a.pdf")),
                 ("package", draft, "--out", os.path.join(base, "a.zip")),
                 ("case", "report", draft, "--out", os.path.join(base, "b.pdf"))):
        p = th.cli(*verb, "--language", "thai", check=False)
        assert p.returncode == 2 and "ar, en, es, fr, ja, th" in p.stderr, (verb, p.returncode, p.stderr)
    for op in ("request.print", "case.report"):
        try:
            th.api(op, **{"id" if op == "request.print" else "case_id": draft}, format="html", language="klingon")
            raise AssertionError(op)
        except ApiError as e:
            assert "languages are ar" in str(e), (op, e)
    th.cli("request", "print", draft, "--out", os.path.join(base, "c.html"), "--language", "fr-CA")
    with open(os.path.join(base, "c.html"), encoding="utf-8") as f:
        assert 'lang="fr"' in f.read()


def test_a_stranger_reads_the_door_in_their_language(base):
    th = desk_node(base, "th.contact")
    assert "Se connecter" in page_of(Browser(th), "/sign-in", "fr-CH, en;q=0.5")
    th.officer("new", "duty")
    a = Browser(th).get("/welcome?code=" + invite(th, "new"), headers={"Accept-Language": "es"})
    assert "Bienvenido, " in a.text and '<html lang="es"' in a.text
