"""What is printed: the printer by itself, requests, drafts and reports of real nodes, and who may not."""
import base64
import html
import json
import os
import re
import shutil
import subprocess
import unicodedata

import comity
from comity import ApiError, Node, fields_of, introduce, wait_for
from test_spine import pair, send, whole_story

PRINTER = os.path.join(os.path.dirname(comity.BINARY), "comity-printer")
THAI = "สำนักงานตำรวจแห่งชาติ ร้องขอให้เก็บรักษาข้อมูลคอมพิวเตอร์โดยเร่งด่วน"
JAPANESE = "保存されたコンピュータ・データの迅速な保全を要請します"
ARABIC = "طلب التحفظ المعجل على البيانات الحاسوبية المخزنة"


def model(blocks, **head):
    return {"paper": 1, "language": "en", "rtl": False, "wide": False, "title": "Title", "made": "2026-11-28T00:00:00Z",
            "footer": "foot", "page": "Page {n} of {m}", **head, "blocks": blocks}


def text(words, look="plain"):
    return {"text": words, "look": look}


def print_raw(what, env=None):
    """The printer as it is started: its answer, or what it refused with."""
    data = what if isinstance(what, bytes) else json.dumps(what).encode()
    p = subprocess.run([PRINTER, "on"], input=data, capture_output=True, timeout=120, env=env or {})
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")


def pdf_of(base, what, name="x.pdf"):
    rc, out, errors = print_raw(what)
    assert rc == 0, errors
    told, pdf = out.split(b"\n", 1)
    path = os.path.join(base, name)
    with open(path, "wb") as f:
        f.write(pdf)
    return json.loads(told), path


def tool(*args):
    if shutil.which(args[0]) is None:
        raise comity.Skip(f"{args[0]} is not installed (tools/need.sh check)")
    return subprocess.run(args, capture_output=True, text=True, check=True, timeout=60).stdout


def words_of(path):
    """The text of a PDF without spaces, marks of direction and forms of presentation."""
    found = unicodedata.normalize("NFKC", tool("pdftotext", "-raw", path, "-"))
    return "".join(c for c in found if not c.isspace() and unicodedata.category(c) != "Cf")


def squeezed(words):
    return "".join(c for c in unicodedata.normalize("NFKC", words) if not c.isspace())


def test_every_script_comes_out_as_it_went_in(base):
    for language, rtl, words in (("th", False, THAI), ("ja", False, JAPANESE), ("ar", True, ARABIC)):
        told, path = pdf_of(base, model([{"heading": words, "level": 1}, text(words),
                                         {"facts": [[words, words]]}], language=language, rtl=rtl, title=words))
        assert (told["pages"], told["missing"]) == (1, []) and "cairo " in told["with"], told
        # pdftotext turns a line from the right round letter by letter, those of one ligature as well
        found = words_of(path).replace("ىل", "لى")
        assert found.count(squeezed(words)) == 5, (language, found)
        assert "emb" in tool("pdffonts", path)
        # every font is embedded, so that another machine shows the same
        rows = tool("pdffonts", path).splitlines()[2:]
        assert rows and all(r.split()[-5] == "yes" for r in rows), rows


def test_rows_go_on_over_pages_with_their_heads(base):
    table = {"table": "", "columns": [{"head": "HEADA", "weight": 1}, {"head": "HEADB", "weight": 2}],
             "rows": [[f"row{i}", "word " * (i % 30)] for i in range(300)]}
    told, path = pdf_of(base, model([table], mark="EXERCISE"))
    pages = tool("pdftotext", "-layout", path, "-").split("\f")[:-1]
    assert told["pages"] == len(pages) > 4
    for i, page in enumerate(pages, 1):
        assert page.count("HEADA") == 1 and page.count("EXERCISE") == 1, page
        assert f"Page {i} of {len(pages)}" in page
    whole = "".join(pages)
    assert all(f"row{i}\n" in whole or f"row{i} " in whole for i in range(300))
    about = tool("pdfinfo", path)
    assert "Title:           Title" in about and "Sat Nov 28 00:00:00 2026" in about


def test_a_short_list_stands_on_one_page(base):
    """No page ends, and none begins, with a few lines of it; a long one goes on over pages."""
    for n, torn in ((6, False), (80, True)):
        seen = set()
        for above in range(20, 60, 3):
            facts = {"facts": [[f"LABEL{i}.", "word " * 30] for i in range(n)]}
            _, path = pdf_of(base, model([*[text("line")] * above, {"heading": "HEADING", "level": 1}, facts]))
            pages = tool("pdftotext", "-layout", path, "-").split("\f")[:-1]
            on = [p for p in pages if "LABEL" in p]
            assert "HEADING" in on[0] and sum(p.count("LABEL") for p in on) == n, above
            seen.add(len(on))
        assert (max(seen) > 1) == torn, (n, seen)


def test_the_same_model_gives_the_same_bytes(base):
    what = model([text(THAI), text(JAPANESE), {"timeline": "t", "lanes": ["a", "b"], "events": [
        {"time": "now", "from": 0, "to": 1, "shape": "diamond", "label": ARABIC}]}])
    assert print_raw(what) == print_raw(what)


def test_a_missing_font_is_told_never_drawn_as_a_box(base):
    only = os.path.join(base, "fonts.conf")
    with open(only, "w", encoding="utf-8") as f:
        f.write("<fontconfig><dir>/usr/share/fonts/truetype/noto</dir><selectfont><rejectfont>"
                "<glob>*Thai*</glob></rejectfont></selectfont><cachedir>/tmp</cachedir></fontconfig>")
    env = {"FONTCONFIG_FILE": only}
    p = subprocess.run([PRINTER, "off"], input=json.dumps(model([text("plain " * 200 + "ก")])).encode(),
                       capture_output=True, timeout=120, env=env)
    told, pdf = p.stdout.split(b"\n", 1)
    assert json.loads(told)["missing"] == [{"character": "U+0E01", "count": 1}], told
    path = os.path.join(base, "missing.pdf")
    with open(path, "wb") as f:
        f.write(pdf)
    assert "[U+0E01]" in words_of(path)
    p = subprocess.run([PRINTER, "off"], input=json.dumps(model([text(THAI)])).encode(), capture_output=True,
                       timeout=120, env=env)
    assert p.returncode == 1 and b"no font on this machine has U+0E" in p.stderr, p.stderr


def test_hostile_models_are_refused_or_printed_never_worse(base):
    for bad in (b"", b"{", b"\xff\xfe", b"[" * 100000, model([text("a\u0007")]), model([text("a\u202eb")]),
                model([text("x" * 300000)]), model([{"list": ["x"] * 50000}]), model([], language="en\"><script>")):
        rc, out, errors = print_raw(bad)
        assert rc == 1 and out == b"" and (" paper" in errors or "bytes" in errors), (bad[:40] if isinstance(
            bad, bytes) else "model", rc, errors)
    long = model([{"table": "", "columns": [{"head": "h", "weight": 1}] * 16, "rows": [["w" * 3000] * 16]},
                  text("\u2066" * 500 + "x"), text("á" + "\u0301" * 5000), text("\n" * 2000)])
    told, path = pdf_of(base, long)
    assert told["pages"] > 10 and tool("pdfinfo", path)


def test_ten_thousand_rows_are_printed(base):
    table = {"table": "", "columns": [{"head": h, "weight": 1} for h in "ABCDE"],
             "rows": [[f"r{i}", "2026-11-28 10:00", "us.contact", THAI[:12], "accepted"] for i in range(10000)]}
    told, path = pdf_of(base, model([table]))
    assert f"Pages:           {told['pages']}" in tool("pdfinfo", path) and told["pages"] > 200


def test_a_request_is_printed_as_the_receiver_sees_it(base):
    th, us = pair(base)
    r = send(th, "us.contact", ours="CCU-1")
    comity.wait_for("arrival", lambda: us.api("request.list")["requests"])
    got = us.api("record.get", id=r["id"])
    for node, language in ((th, "th"), (us, "ja"), (us, "ar")):
        path = os.path.join(base, f"{node.address}-{language}.pdf")
        p = node.cli("request", "print", r["id"], "--out", path, "--language", language, "--json")
        answer = json.loads(p.stdout)
        words = words_of(path)
        assert answer["missing"] == [] and answer["pages"] >= 1 and answer["media"] == "application/pdf"
        assert got["sha256"] in words and r["id"] in words and "CCU-1" in words
        for field in ("conduct", "relation"):
            assert squeezed(fields_of()[field]) in words, field
    page = os.path.join(base, "r.html")
    us.cli("request", "print", r["id"], "--out", page, "--language", "ar")
    with open(page, encoding="utf-8") as f:
        html = f.read()
    assert 'dir="rtl"' in html and "<script" not in html and "http:" not in html and "https:" not in html and got["sha256"] in html
    # the same words in both
    assert th.api("request.print", id=r["id"])["sha256"] == th.api("request.print", id=r["id"])["sha256"]


def test_a_draft_says_that_it_is_one_and_an_exercise_too(base):
    th, _ = pair(base)
    r = th.api("request.new", to="us.contact", ours="T-2", measure="preserve", urgency="routine", fields=fields_of(),
               exercise=True)
    path = os.path.join(base, "d.pdf")
    th.cli("request", "print", r["id"], "--out", path)
    words = words_of(path)
    assert "Draft:notsignedandnotsent." in words and words.count("EXERCISE") == json.loads(th.cli(
        "request", "print", r["id"], "--out", path, "--json").stdout)["pages"]
    assert "SHA-256" not in words


def test_only_who_may_see_it_may_print_it(base):
    th, _ = pair(base)
    th.officer("inside", "duty")
    th.officer("outside", "duty")
    th.api("unit.add", name="other", title="Other")
    th.api("user.unit", name="outside", unit="other")
    sent = send(th, "us.contact")
    comity.wait_for("delivery", lambda: th.api("request.show", id=sent["id"])["request"])
    th.api("unit.add", name="cases", title="Cases")
    th.api("user.unit", name="inside", unit="cases")
    th.api("case.assign", case_id=sent["case_id"], unit="cases")
    assert th.api("request.print", id=sent["id"], _as="inside")["pages"] >= 1
    for op, args in (("request.print", {"id": sent["id"]}), ("case.report", {"case_id": sent["case_id"]})):
        try:
            th.api(op, _as="outside", **args)
            raise AssertionError(f"{op} was given to an outsider")
        except ApiError as e:
            assert e.status == 404, e
    for bad in ({"id": "x"}, {"id": sent["id"], "format": "exe"}, {"id": sent["id"], "more": 1}):
        try:
            th.api("request.print", **bad)
            raise AssertionError(bad)
        except ApiError as e:
            assert e.status == 400, e


def test_the_report_of_a_case_tells_the_whole_story(base):
    th, us, r, exhibit, _ = whole_story(base, size=50000)
    row = th.api("exhibit.show", id=exhibit)["exhibit"]
    for language in ("en", "th", "fr", "es", "ja", "ar"):
        path = os.path.join(base, f"{language}.pdf")
        th.cli("case", "report", r["case_id"], "--out", path, "--language", language)
        words = words_of(path)
        assert row["plain"]["sha256"] in words and r["id"] in words and squeezed(row["name"]) in words, language
    path = os.path.join(base, "en.pdf")
    words = words_of(path)
    for part in ("Whoaskedwhomforwhat,andbywhichlaw", "Chainofcustody", "Notcheckedhere", "Wordsused"):
        assert part in words, part
    page = os.path.join(base, "r.html")
    us.cli("case", "report", r["case_id"], "--out", page)
    with open(page, encoding="utf-8") as f:
        html = f.read()
    assert "<svg" in html and "<script" not in html and "Chain of custody" in html
    first = th.api("case.report", case_id=r["case_id"])
    assert first["sha256"] == th.api("case.report", case_id=r["case_id"])["sha256"]


def test_a_node_without_the_printer_says_so(base):
    alone = os.path.join(base, "bin")
    os.makedirs(alone)
    shutil.copy(comity.BINARY, alone)
    before = comity.BINARY
    comity.BINARY = os.path.join(alone, "comity")
    try:
        th, _ = pair(base)
        r = th.api("request.new", to="us.contact", ours="T", measure="preserve", urgency="routine", fields=fields_of())
        path = os.path.join(base, "x.pdf")
        p = th.cli("request", "print", r["id"], "--out", path, check=False)
        assert p.returncode == 1 and "comity-printer" in p.stderr and "install" in p.stderr, p.stderr
        assert not os.path.exists(path)
        th.cli("request", "print", r["id"], "--out", os.path.join(base, "x.html"))
    finally:
        comity.BINARY = before


def test_the_report_names_the_law_the_end_and_who_approved(base):
    """The law that was chosen, not the form's own; the end as it was told last; the second officer."""
    th = Node(base, "th.contact", conf={"four_eyes": "preserve"}).start()
    us = Node(base, "us.contact").start()
    introduce(th, us)
    th.officer("prae", "approver")
    r = th.api("request.new", to="us.contact", ours="T-1", measure="preserve", urgency="urgent", fields=fields_of())
    th.api("request.approve", _as="prae", id=r["id"], ok=True)
    th.api("request.send", id=r["id"])
    wait_for("the request", lambda: us.api("request.list", incoming=True)["requests"])
    assert us.api("request.show", id=r["id"])["law"]["basis"] == r["law"]["basis"] == "domestic"
    us.api("request.answer", id=r["id"], state="executed", until="2027-06-01T00:00:00Z", ours="US-7")
    wait_for("the answer", lambda: th.api("request.show", id=r["id"])["request"]["state"] == "executed")
    assert th.api("request.show", id=r["id"])["their_number"] == "US-7"
    text = base64.b64decode(th.api("case.report", case_id=r["case_id"], format="html")["document"]).decode()
    text = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)))
    for words in ("Approved by prae, ", "Law named by the request Law of the requested economy on assistance without a treaty",
                  "Kept until 1 Jun 2027"):
        assert words in text, text[text.find("Who asked whom"):][:1200]
    assert "cets-185" not in text
