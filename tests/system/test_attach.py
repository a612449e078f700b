"""Attachments: files that travel with a request, an answer or a message, both ways, and what may go wrong with them."""
import base64
import hashlib
import http.client
import json
import os
import re
import socket
import threading
import time

from comity import ApiError, Node, UnixHTTP, fields_of, introduce, wait_for
from desk import Browser, desk_node, form_fields, officer, said
from desk import sql as desk_sql
from test_failures import need_faults

MIB = 1024 * 1024
CEILING = 32 * MIB


def sha(b):
    return hashlib.sha256(b).hexdigest()


def pair(base, **conf):
    conf = {"four_eyes": "", **conf}
    th = Node(base, "th.contact", conf=conf, init_args=["--officer", "somchai:duty", "--officer", "malee:approver"])
    us = Node(base, "us.contact", conf=conf, init_args=["--officer", "jordan:duty"])
    th.start()
    us.start()
    introduce(th, us)
    return th, us


def put(node, ident, content, who="admin", **head):
    """The bytes of an attachment, over the node's own socket."""
    conn = UnixHTTP(os.path.join(node.home, "run", "api.sock"))
    try:
        conn.request("POST", "/api/v1/attachment.put?id=" + ident, content,
                     {"Authorization": "Bearer " + node.token(who), "Content-Type": "application/octet-stream", **head})
        r = conn.getresponse()
        answer = json.loads(r.read())
        if r.status != 200:
            raise ApiError(r.status, answer.get("error"), answer.get("message"))
        return answer
    finally:
        conn.close()


def give(node, name, content, who="admin"):
    place = node.api("attachment.add", _as=who, name=name)
    got = put(node, place["id"], content, who)
    assert got["sha256"] == sha(content) and got["size"] == len(content), got
    return got["id"]


def ask(node, files=(), who="somchai", to="us.contact", ours="CCU-1", **more):
    d = node.api("request.new", _as=who, to=to, ours=ours, measure="preserve", urgency="urgent", fields=fields_of(),
                 attachments=list(files), **more)
    return node.api("request.send", _as=who, id=d["id"])


def carried(node, of, who="admin"):
    return node.api("attachment.list", _as=who, of=of)["attachments"]


def states(node, of):
    try:
        return [a["state"] for a in carried(node, of)]
    except ApiError:
        return None


def arrived(node, of, n=1, seconds=30):
    wait_for(f"{n} attachments of {of}", lambda: states(node, of) == ["verified"] * n, seconds)
    return carried(node, of)


def content(node, base, of, who="admin"):
    """Every file of a record, written to a folder by the command line: {name: bytes}."""
    folder = os.path.join(base, "out-" + of + "-" + node.address + "-" + str(time.time()))
    node.cli("request", "attachments", of, "--out", folder, "--as", who)
    out = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as f:
            out[name] = f.read()
    return out


def refused(call, *words, status=None):
    try:
        call()
    except ApiError as e:
        assert status is None or e.status == status, (e.status, e.message)
        for w in words:
            assert w in e.message, (w, e.message)
        return e
    raise AssertionError("it was not refused")


def test_an_order_goes_with_a_request_and_comes_back_with_an_answer(base):
    th, us = pair(base)
    order, annex = os.urandom(3 * MIB + 17), b"account,period\r\n" * 1000
    files = [give(th, "order.pdf", order, "somchai"), give(th, "annex.csv", annex, "somchai")]
    sent = ask(th, files)
    got = arrived(us, sent["id"], 2)
    assert [(a["name"], a["media"], a["size"], a["sha256"]) for a in got] == [
        ("order.pdf", "application/pdf", len(order), sha(order)), ("annex.csv", "text/csv", len(annex), sha(annex))]
    assert content(us, base, sent["id"], "jordan") == {"order.pdf": order, "annex.csv": annex}
    # The asking side learns that they came whole, and can read its own.
    wait_for("receipts", lambda: states(th, sent["id"]) == ["verified"] * 2)
    assert content(th, base, sent["id"], "somchai") == {"order.pdf": order, "annex.csv": annex}
    # Back: with an answer, and with a message.
    letter = os.urandom(200000)
    a = us.api("request.answer", _as="jordan", id=sent["id"], state="acknowledged",
               attachments=[give(us, "letter.docx", letter, "jordan")])
    m = us.api("message.send", _as="jordan", case_id=sent["case_id"], text="The list is attached.",
               attachments=[give(us, "list.txt", b"one\n", "jordan")])
    arrived(th, a["id"])
    arrived(th, m["id"])
    assert content(th, base, a["id"], "somchai") == {"letter.docx": letter}
    assert content(th, base, m["id"], "somchai") == {"list.txt": b"one\n"}
    # They are in the timeline of both, and no evidence.
    rows = [r for r in th.api("case.show", case_id=sent["case_id"])["timeline"] if r.get("attachments")]
    assert [len(r["attachments"]) for r in rows] == [2, 1, 1], rows
    shown = us.api("request.show", id=sent["id"])
    assert [a["name"] for a in shown["attachments"]] == ["order.pdf", "annex.csv"]
    assert {e["attached_to"] for e in us.api("exhibit.list")["exhibits"]} == {sent["id"], a["id"], m["id"]}
    # Who opened one is in its chain of custody.
    chain = us.api("exhibit.show", id=got[0]["id"])["custody"]
    assert [(c.get("action"), c["by"]["officer"]) for c in chain if c["kind"] == "custody"] == [
        ("fetched", "node"), ("received", "node"), ("opened", "jordan")]
    for n in (th, us):
        n.api("ledger.checkpoint")
        n.cli("ledger", "check")


def download(node, ident, token, desk=True, method="POST"):
    """attachment.content at the desk's port or the socket: status, headers, bytes (whole or an exception)."""
    conn = (http.client.HTTPConnection("127.0.0.1", node.desk, timeout=30) if desk
            else UnixHTTP(os.path.join(node.home, "run", "api.sock")))
    try:
        conn.request(method, "/api/v1/attachment.content", json.dumps({"id": ident}) if method == "POST" else None,
                     {"Host": f"localhost:{node.desk}", "Authorization": "Bearer " + token, "Content-Type": "application/json"})
        r = conn.getresponse()
        return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
    finally:
        conn.close()


def test_a_program_takes_the_content(base):
    th = Node(base, "th.contact", conf={"four_eyes": ""}, init_args=["--officer", "somchai:duty"]).start()
    us = desk_node(base, "us.contact", init_args=["--officer", "jordan:duty", "--officer", "olga:duty"])
    introduce(th, us)
    order = os.urandom(2 * MIB + 17)
    sent = ask(th, [give(th, "order.html", order, "somchai")])
    ident = arrived(us, sent["id"])[0]["id"]
    good = us.api("token.add", name="ingest", officer="jordan", scopes=["evidence"])["token"]
    digest = "sha-256=:" + base64.b64encode(hashlib.sha256(order).digest()).decode() + ":"
    for desk in (True, False):
        status, heads, body = download(us, ident, good, desk)
        assert status == 200 and body == order
        assert heads["content-type"] == "application/octet-stream" and heads["x-content-type-options"] == "nosniff", heads
        assert heads["repr-digest"] == digest and int(heads["content-length"]) == len(order), heads
        assert heads["cache-control"] == "no-store", heads
    # As of a page: the custody and the access log have it, each time.
    chain = us.api("exhibit.show", id=ident)["custody"]
    assert [c["by"]["officer"] for c in chain if c.get("action") == "opened"] == ["jordan"] * 2, chain
    seen = [(r["officer"], r["what"], r["subject"]) for r in us.api("access.list", case_id=sent["case_id"])["access"]]
    assert seen.count(("jordan", "attachment.content", ident)) == 2, seen
    # Who may not gets words and nothing else; nor is it noted as if they had seen it.
    us.api("user.unit", name="olga", unit="none")
    us.officer("audit", "auditor")
    narrow = us.api("token.add", name="narrow", officer="jordan", scopes=["read", "requests"])["token"]
    for token, ident_, status in ((narrow, ident, 403), (us.token("olga"), ident, 404), (us.token("audit"), ident, 403),
                                  (good, "01a20000-0000-7000-8000-000000000000", 404), ("0" * 64, ident, 403),
                                  (good, "../../node.db", 400)):
        for desk in (True, False):
            got, heads, body = download(us, ident_, token, desk)
            assert got == status and heads["content-type"] == "application/json" and json.loads(body)["message"], (got, body)
            assert b'"key"' not in body
    assert download(us, ident, good, method="GET")[0] == 400
    assert len(us.api("access.list", case_id=sent["case_id"])["access"]) == len(seen)
    # A byte that is not what was sealed: the answer does not get its length.
    path = os.path.join(us.home, "vault", ident + ".sealed")
    with open(path, "r+b") as f:
        f.seek(MIB)
        byte = f.read(1)
        f.seek(MIB)
        f.write(bytes([byte[0] ^ 1]))
    for desk in (True, False):
        try:
            download(us, ident, good, desk)
            raise AssertionError("it was given whole")
        except http.client.IncompleteRead as e:
            assert order.startswith(e.partial)
    assert download(us, ident, narrow)[0] == 403, "the node goes on"


def test_the_command_line_attaches(base):
    th, us = pair(base)
    path = os.path.join(base, "คำสั่งศาล.pdf")
    body = os.urandom(70000)
    with open(path, "wb") as f:
        f.write(body)
    form = os.path.join(base, "fields.json")
    with open(form, "w", encoding="utf-8") as f:
        json.dump(fields_of(), f)
    p = th.cli("request", "new", "--to", "us.contact", "--measure", "preserve", "--urgency", "routine", "--ours", "CCU-2",
               "--fields", form, "--attach", path, "--as", "somchai", "--json")
    draft = json.loads(p.stdout)["id"]
    assert "คำสั่งศาล.pdf" in th.cli("request", "attachments", draft, "--as", "somchai").stdout
    assert content(th, base, draft, "somchai") == {"คำสั่งศาล.pdf": body}
    th.cli("request", "send", draft, "--as", "somchai")
    arrived(us, draft)
    case_id = us.api("request.show", id=draft)["request"]["case_id"]
    us.cli("request", "answer", draft, "acknowledged", "--attach", path, "--as", "jordan")
    us.cli("message", case_id, "see the file", "--attach", path, "--as", "jordan")
    wait_for("three files", lambda: len([e for e in th.api("exhibit.list", case_id=case_id)["exhibits"]
                                         if e["state"] == "verified"]) == 3)
    p = th.cli("request", "new", "--to", "us.contact", "--measure", "preserve", "--urgency", "routine", "--ours", "X",
               "--fields", form, "--attach", base, "--as", "somchai", check=False)
    assert p.returncode == 2 and "comity exhibit seal" in p.stderr, p.stderr


# ---- the desk ----

def multipart(fields, files=()):
    """A form as a browser sends it: (body, Content-Type)."""
    edge = "----comity" + os.urandom(8).hex()
    out = []
    for k, v in fields.items():
        for one in v if isinstance(v, list) else [v]:
            out.append(f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{one}\r\n'.encode())
    for name, content in files:
        out.append(f'--{edge}\r\nContent-Disposition: form-data; name="attach"; filename="{name}"\r\n'
                   "Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(out) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def post_files(b, path, fields, files, csrf=True, **head):
    body, media = multipart({**({"csrf": b.csrf} if csrf else {}), **fields}, files)
    return b.ask("POST", path, body, {"Content-Type": media, **head})


def desks(base):
    th = desk_node(base, "th.contact")
    us = desk_node(base, "us.contact")
    introduce(th, us)
    return th, us, officer(th, "somchai", "duty"), officer(us, "jordan", "duty")


def test_a_form_without_script_brings_its_files(base):
    th, us, a, b = desks(base)
    order, name = os.urandom(2 * MIB + 5), "คำสั่ง \"1\".pdf"
    a.get("/compose/preserve")
    form = {"to": "us.contact", "ours": "A-1", "urgency": "urgent", **form_fields()}
    # A fault of the form keeps the file; then it goes.
    page = post_files(a, "/compose/preserve", {**form, "to": ""}, [(name.replace('"', "%22"), order), ("", b"")])
    assert page.status == 400, page.status
    kept = re.findall(r'name="attachment" value="([0-9a-f-]{36})"', page.text)
    assert len(kept) == 1 and "SHA-256" in page.text, said(page)
    draft = post_files(a, "/compose/preserve", {**form, "attachment": kept}, [("annex.csv", b"a,b\r\n")])
    assert draft.status == 303, said(draft)
    page = a.get(draft.to)
    assert "annex.csv" in page.text and f"/attachment/{kept[0]}" in page.text
    got = a.get(f"/attachment/{kept[0]}")
    assert got.status == 200 and got.body == order
    assert got.header("Content-Type") == "application/octet-stream"
    assert got.header("Content-Disposition").startswith("attachment; filename=")
    assert "filename*=UTF-8''%E0%B8%84" in got.header("Content-Disposition")
    assert got.header("X-Content-Type-Options") == "nosniff" and got.header("Cache-Control") == "no-store"
    assert any(k == "Content-Security-Policy" and "sandbox" in v for k, v in got.headers)
    sent = a.post(draft.to + "/send")
    rid = draft.to.split("/")[2]
    files = arrived(us, rid, 2)
    page = b.get(f"/request/{rid}")
    assert f"/attachment/{files[0]['id']}" in page.text
    assert b.get(f"/attachment/{files[0]['id']}").body == order
    assert b.ask("HEAD", f"/attachment/{files[0]['id']}").status == 200
    seen = [r for r in us.api("access.list", limit=20)["access"] if r["what"] == "/attachment/:id"]
    assert seen and seen[0]["officer"] == "jordan" and seen[0]["subject"] == files[0]["id"], seen
    # Back with an answer and a message, from pages.
    b.get(f"/request/{rid}")
    assert post_files(b, f"/request/{rid}/answer", {"state": "acknowledged"}, [("letter.txt", b"dear")]).status == 303
    case = us.api("request.show", id=rid)["request"]["case_id"]
    b.get(f"/case/{case}")
    assert post_files(b, f"/case/{case}/message", {"text": "see"}, [("more.txt", b"more")]).status == 303
    rows = wait_for("both", lambda: [r for r in th.api("case.show", case_id=case)["timeline"] if r.get("attachments")
                                     and r["incoming"] and r["attachments"][0]["state"] == "verified"][1:] and
                    [r for r in th.api("case.show", case_id=case)["timeline"] if r.get("attachments") and r["incoming"]])
    page = a.get(f"/case/{case}")
    assert [a.get("/attachment/" + r["attachments"][0]["id"]).body for r in rows] == [b"dear", b"more"]
    assert "letter.txt" in page.text and "No evidence in this case" in page.text


def test_no_file_is_kept_of_who_may_not(base):
    th, us, a, b = desks(base)
    clerk = officer(th, "ada", "auditor")
    held = lambda: desk_sql(th, "SELECT count(*) FROM held")[0][0]
    a.get("/compose/preserve")
    clerk.get("/")
    file = [("x.pdf", b"x" * 100000)]
    for who, status, more in ((a, 403, {"csrf": False}), (clerk, 403, {}), (Browser(th), 303, {"csrf": False}),
                              (a, 403, {"Origin": "https://evil.example"}), (a, 403, {"Sec-Fetch-Site": "cross-site"}),
                              (a, 403, {"Host": "evil.example"})):
        r = post_files(who, "/attachment", {}, file, **more)
        assert r.status == status, (status, more, r.status, r.text[:200])
    # The form's secret behind the file is too late.
    body, media = multipart({}, file)
    late = body[:-len(body.split(b"\r\n")[-2]) - 2] + multipart({"csrf": a.csrf})[0]
    a.ask("POST", "/attachment", late, {"Content-Type": media})
    wrong = post_files(a, "/attachment", {"csrf": "00" * 64}, file, csrf=False)
    assert wrong.status == 403
    assert held() == 0, "a file was kept"
    # What cannot be read is refused, and the connection goes on.
    for body in (b"", b"--x", b"--x\r\n\r\n", b"\0" * 5000, b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"):
        r = a.ask("POST", "/attachment", body, {"Content-Type": "multipart/form-data; boundary=x"})
        assert r.status in (400, 403), r.status
    r = post_files(a, "/attachment", {}, [("big.bin", b"x" * (CEILING + 1))])
    assert r.status == 400 and "32 MiB" in r.text, (r.status, r.text[:300])
    r = post_files(a, "/attachment", {}, [("empty", b"")])
    assert r.status == 400 and "empty" in r.text
    assert held() == 0
    r = post_files(a, "/attachment", {}, [("../../etc/passwd", b"root"), ("<script>alert(1)</script>", b"x")])
    assert r.status == 200 and "passwd" in r.text and "<script" not in r.text and "../" not in r.text, r.text
    assert held() == 2
    # Another officer of the same unit neither drops nor opens it, nor sends it.
    mine = re.findall(r'name="attachment" value="([^"]+)"', r.text)
    other = officer(th, "somsak", "duty")
    other.get("/compose/preserve")
    assert other.get(f"/attachment/{mine[0]}").status == 404
    assert other.post(f"/attachment/{mine[0]}/drop").status == 404
    r = other.post("/compose/preserve", {"to": "us.contact", "ours": "A-1", "urgency": "urgent", "attachment": mine[0],
                                         **form_fields()})
    assert r.status == 400 and "no attachment" in r.text
    assert a.post(f"/attachment/{mine[0]}/drop").status == 200 and held() == 1


def test_an_upload_is_never_held_whole(base):
    th, us, a, b = desks(base)
    a.get("/compose/preserve")
    post_files(a, "/attachment", {}, [("warm.bin", os.urandom(MIB))])
    before = max(th.rss_kib().values())
    most, done = [0], threading.Event()

    def look():
        while not done.is_set():
            most[0] = max([most[0], *th.rss_kib().values()])
            time.sleep(0.005)
    t = threading.Thread(target=look)
    t.start()
    body = os.urandom(CEILING)
    for _ in range(2):
        r = post_files(a, "/attachment", {}, [("full.bin", body)])
        assert r.status == 200, r.text[:200]
    got = a.get("/attachment/" + re.findall(r'name="attachment" value="([^"]+)"', r.text)[0])
    assert got.body == body
    done.set()
    t.join()
    assert most[0] - before < 16 * 1024, f"{before} KiB before, {most[0]} KiB while 32 MiB came"


def test_requests_that_pretend_to_be_uploads(base):
    """What is not framed plainly passes to the server untouched, and nothing is kept."""
    th, us, a, b = desks(base)
    a.get("/compose/preserve")
    body, media = multipart({"csrf": a.csrf}, [("x.pdf", b"x" * 3000)])
    cookie = "; ".join(f"{k}={v}" for k, v in a.cookies.items())
    head = f"Host: {a.host}\r\nCookie: {cookie}\r\nContent-Type: {media}\r\n"

    def raw(text, parts=1):
        with socket.create_connection(("127.0.0.1", th.desk), 10) as s:
            data = text.encode() if isinstance(text, str) else text
            for i in range(0, len(data), max(1, len(data) // parts)):
                s.sendall(data[i:i + max(1, len(data) // parts)])
            s.settimeout(5)
            out = b""
            try:
                while True:
                    got = s.recv(65536)
                    if not got:
                        break
                    out += got
                    if out.count(b"HTTP/1.1") >= 1 and parts != 2 and out.endswith(b"\n"):
                        break
            except TimeoutError:
                pass
            return out
    n = len(body)
    whole = f"POST /attachment HTTP/1.1\r\n{head}Content-Length: {n}\r\n\r\n".encode() + body
    assert b" 200 " in raw(whole, 97)[:20], "in small pieces"
    ok = desk_sql(th, "SELECT count(*) FROM held")[0][0]
    assert ok == 1
    for odd in (f"Content-Length: {n}\r\nContent-Length: {n}\r\n", f"Content-Length: +{n}\r\n", f"Content-Length: {n}\nX: y\r\n",
                f"Content-Length:\r\n {n}\r\n", f"Transfer-Encoding: chunked\r\nContent-Length: {n}\r\n"):
        raw(f"POST /attachment HTTP/1.1\r\n{head}{odd}\r\n".encode() + body)
    raw(f"\r\nPOST /attachment HTTP/1.1\r\n{head}Content-Length: {n}\r\n\r\n".encode() + body)
    assert desk_sql(th, "SELECT count(*) FROM held")[0][0] == ok
    # Two requests on one connection, the second behind the file: both are answered.
    out = raw(whole + f"GET /sign-in HTTP/1.1\r\nHost: {a.host}\r\nConnection: close\r\n\r\n".encode(), 2)
    assert out.count(b"HTTP/1.1 200") == 2, out[:300]
    # Cut off in the middle: nothing stays.
    with socket.create_connection(("127.0.0.1", th.desk), 10) as s:
        s.sendall(whole[:-500])
    wait_for("the half upload to be taken back", lambda: desk_sql(th, "SELECT count(*) FROM held")[0][0] == ok + 1)
    assert a.get("/").status == 200


# ---- death and absence ----

def test_killed_between_each_step_nothing_is_lost_or_twice(base):
    need_faults()
    th, us = pair(base)
    body = os.urandom(300000)
    for victim, point in ((th, "attach.before-row"), (th, "attach.after-row"), (th, "exchange.after-sign"), (th, "attach.before-manifest"),
                          (us, "intake.after-commit"), (us, "fetch.chunk"), (us, "vault.fill-end"), (us, "fetch.before-receipt")):
        victim.stop()
        victim.start(env={"COMITY_FAULT": point})
        sent = None
        try:
            sent = ask(th, [give(th, "order.pdf", body, "somchai")], ours="K-" + point)
        except (OSError, http.client.HTTPException, ApiError, ValueError):
            pass
        wait_for(f"{victim.address} to die at {point}", lambda: victim.process.poll() is not None, 30)
        victim.gone()
        victim.start()
        if sent is None:  # nothing was acknowledged: it can be done again
            sent = ask(th, [give(th, "order.pdf", body, "somchai")], ours="K-" + point)
        arrived(us, sent["id"], seconds=60)
        assert content(us, base, sent["id"], "jordan") == {"order.pdf": body}, point
    shown = [e for e in us.api("exhibit.list", limit=1000)["exhibits"]]
    assert all(e["state"] == "verified" for e in shown) and len({e["attached_to"] for e in shown}) == len(shown)
    for n in (th, us):
        n.api("ledger.checkpoint")
        n.cli("ledger", "check")


def test_the_request_is_there_while_its_file_cannot_come(base):
    need_faults()
    th, us = pair(base)
    us.stop()
    us.start(env={"COMITY_FAULT": "vault.room:1:fail"})
    sent = ask(th, [give(th, "order.pdf", os.urandom(100000), "somchai")])
    wait_for("the request", lambda: states(us, sent["id"]))
    us.api("request.answer", _as="jordan", id=sent["id"], state="acknowledged")
    wait_for("the answer", lambda: th.api("request.show", id=sent["id"])["request"]["state"] == "acknowledged")
    arrived(us, sent["id"])
    # A partner that is away: the manifest and the file follow when it comes back.
    us.stop()
    again = ask(th, [give(th, "more.pdf", b"more", "somchai")], ours="CCU-9")
    assert states(th, again["id"]) in (["waiting"], ["offered"])
    us.start()
    arrived(us, again["id"])


def test_a_package_holds_and_proves_the_files(base):
    th, us = pair(base)
    sent = ask(th, [give(th, "order.pdf", os.urandom(50000), "somchai")])
    arrived(us, sent["id"])
    a = us.api("request.answer", _as="jordan", id=sent["id"], state="acknowledged",
               attachments=[give(us, "letter.txt", b"dear", "jordan")])
    arrived(th, a["id"])
    for n, who in ((th, "somchai"), (us, "jordan")):
        for i, more in enumerate(([], ["--opened", "--purpose", "court", "--authority", "order 1"])):
            path = os.path.join(base, f"{n.address}-{i}.zip")
            n.cli("package", sent["case_id"], "--out", path, "--as", who, *more)
            said_ = n.cli("verify", path, home=False).stdout
            for name in ("order.pdf", "letter.txt"):
                assert f'attachment "{name}" of the' in said_ and "digest that its record signed" in said_, said_
    # One that never came is told.
    us.stop()
    late = th.api("message.send", _as="somchai", case_id=sent["case_id"], text="x",
                  attachments=[give(th, "late.txt", b"late", "somchai")])
    path = os.path.join(base, "late.zip")
    th.cli("package", sent["case_id"], "--out", path, "--as", "somchai")
    out = th.cli("verify", path, home=False).stdout
    assert 'attachment "late.txt"' in out, out
    assert late["id"]
