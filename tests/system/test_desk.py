"""The desk as strangers, partners and colleagues try it: every door, every role, every trick."""
import json
import os
import re
import socket
import threading
import time

from comity import PATIENCE, ApiError, fields_of, introduce, wait_for
from desk import (NOBODY, PASSWORD, ROLES, Browser, desk_node, form_fields, hidden, invite, officer, routes, said, sql,
                  totp)
from test_spine import answer, send

EVIL = '"><img src=x onerror=alert(1)>\'&{{csrf}}'


def one(base, **conf):
    return desk_node(base, "th.contact", conf=conf)


def pair(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    return th, us


def shows(answer, status, *words):
    text = said(answer)
    assert answer.status == status, (answer.status, text)
    for w in words:
        assert w in text, (w, text)


def raw(node, data, seconds=10):
    """Bytes as they are; what came back until the other side closed, or fell silent."""
    with socket.create_connection(("127.0.0.1", node.desk), seconds) as s:
        s.settimeout(2)
        got = b""
        try:
            s.sendall(data)
            while chunk := s.recv(65536):
                got += chunk
        except OSError:
            pass
        return got


# ---- signing in ----

def test_sign_in_and_out(base):
    b = officer(one(base), "malee", "duty")
    assert b.inside()
    cookie = b.cookies["comity"]
    a = b.post("/sign-out")
    assert a.status == 303 and a.to == "/sign-in" and "comity" not in b.cookies
    b.cookies["comity"] = cookie
    assert b.get("/").to == "/sign-in", "the old cookie opens nothing"
    b.csrf = None
    a = b.sign_in("malee", ahead=1)
    assert a.status == 303 and a.to == "/" and b.inside()
    line = a.header("Set-Cookie")
    assert "HttpOnly" in line and "SameSite=Lax" in line and "Path=/" in line, line


def test_https_desks_use_host_cookies(base):
    n = one(base, desk_url="https://desk.example.th")
    b = Browser(n, host="desk.example.th").welcome(n, "admin")
    assert list(b.cookies) == ["__Host-comity"]
    b.cookies["comity"] = b.cookies.pop("__Host-comity")
    assert not b.inside(), "the name without __Host- is not looked at"


def test_wrong_credentials_say_one_thing(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    b.cookies, b.csrf = {}, None
    said_to = [said(b.sign_in("malee", password="wrong horse staple", ahead=1)), said(b.sign_in("malee", code="000000")),
               said(b.sign_in("nobody", ahead=1)), said(b.sign_in("malee' OR 1=1 --", ahead=1))]
    assert len(set(said_to)) == 1 and "does not let you in" in said_to[0], said_to
    shows(b.sign_in("malee", password="x" * 1000, ahead=1), 403)
    shows(b.post("/sign-in", officer="malee"), 400, "Give officer")
    assert not b.cookies
    assert PASSWORD not in b.post("/sign-in", officer="x", password=PASSWORD, code="1").text


def test_a_code_works_once(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    b.cookies, b.csrf = {}, None
    code = totp(b.key, 1)
    assert b.sign_in("malee", code=code).status == 303
    b.cookies, b.csrf = {}, None
    shows(b.sign_in("malee", code=code), 403)
    shows(b.sign_in("malee", ahead=0), 403)  # an earlier one than the last taken


def test_an_invitation_works_once(base):
    n = one(base)
    n.officer("malee", "duty")
    code = invite(n, "malee")
    b = Browser(n)
    page = b.get("/welcome?code=" + code)
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text).group(1).replace(" ", "")
    form = hidden(page)
    shows(b.post("/welcome", form, password="short", again="short", code=totp(key)), 400, "12 to")
    shows(b.post("/welcome", form, password=PASSWORD, again=PASSWORD + "x", code=totp(key)), 400, "not the same")
    shows(b.post("/welcome", form, password="malee horse staple", again="malee horse staple", code=totp(key)), 400, "name")
    shows(b.post("/welcome", form, password=PASSWORD, again=PASSWORD, code="12345"), 400, "one-time code")
    shows(b.post("/welcome", {**form, "key": "00"}, password=PASSWORD, again=PASSWORD, code=totp(key)), 400)
    assert b.post("/welcome", form, password=PASSWORD, again=PASSWORD, code=totp(key)).status == 303
    c = Browser(n)
    shows(c.get("/welcome?code=" + code), 403, "was used or is too old")
    shows(c.post("/welcome", form, password=PASSWORD, again=PASSWORD, code=totp(key)), 403, "was used")
    for wrong in ("", "0" * 64, code[:-1], "x" * 5000):
        shows(c.get("/welcome?code=" + wrong), 403, "was used or is too old")


def test_an_invitation_grows_old(base):
    n = one(base)
    n.officer("malee", "duty")
    n.officer("gone", "duty")
    code, other = invite(n, "malee"), invite(n, "gone")
    assert Browser(n).get("/welcome?code=" + code).status == 200
    n.api("user.disable", name="gone")
    shows(Browser(n).get("/welcome?code=" + other), 403, "was used or is too old")
    n.stop()
    n.start(env={"COMITY_CLOCK_OFFSET_S": str(73 * 3600)})
    shows(Browser(n).get("/welcome?code=" + code), 403, "was used or is too old")


def test_guessing_is_slowed(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    good = dict(b.cookies)
    b.cookies, b.csrf = {}, None
    for _ in range(6):
        shows(b.sign_in("malee", password="wrong horse staple"), 403)
    shows(b.sign_in("malee", ahead=1), 429, "Wait ")  # even with what is right
    b.cookies = good
    assert b.inside(), "who is signed in stays so"
    c = Browser(n).welcome(n, "malee")
    assert c.inside(), "another way in is not closed by it"


def test_behind_a_proxy_guesses_count_by_reader(base):
    def guess(node, browser, reader, n=6):
        for _ in range(n):
            shows(browser.post("/sign-in", {"officer": "malee", "password": "wrong horse", "code": "1"}, headers=reader), 403)

    one_reader, other = [("X-Forwarded-For", "198.51.100.1, 203.0.113.5")], [("X-Forwarded-For", "198.51.100.1, 203.0.113.6")]
    n = desk_node(base, "th.contact", {"desk_proxies": "127.0.0.1, ::1"})
    officer(n, "malee", "duty")
    b = Browser(n)
    b.get("/sign-in")
    guess(n, b, one_reader)
    again = {"officer": "malee", "password": "wrong horse", "code": "1"}
    shows(b.post("/sign-in", again, headers=one_reader), 429, "Wait ")
    shows(b.post("/sign-in", again, headers=other), 403)
    shows(b.post("/sign-in", again), 403)
    # Nobody is named: then nobody is believed.
    n.stop()
    n.configure({"desk_proxies": ""})
    n.start()
    for i in range(6):
        b.post("/sign-in", again, headers=[("X-Forwarded-For", f"203.0.113.{i}")])
    shows(b.post("/sign-in", again, headers=[("X-Forwarded-For", "203.0.113.99")]), 429, "Wait ")


def test_a_flood_of_guesses_stops_no_page(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    stop, answers, guesses = threading.Event(), [], []

    def guess(i):
        c = Browser(n)
        while not stop.is_set():
            begin = time.monotonic()
            answers.append(c.sign_in(f"nobody{i}", password=PASSWORD, code="000000").status)
            if answers[-1] == 403:  # it waited for its turn and was looked at
                guesses.append(time.monotonic() - begin)

    threads = [threading.Thread(target=guess, args=(i,)) for i in range(16)]
    for t in threads:
        t.start()
    try:
        time.sleep(0.5)
        times = []
        for _ in range(10):
            begin = time.monotonic()
            assert b.inside()
            times.append(time.monotonic() - begin)
    finally:
        stop.set()
        for t in threads:
            t.join()
    assert set(answers) == {403, 503}, set(answers)
    assert sorted(times)[5] < sorted(guesses)[len(guesses) // 2] / 2, (times, guesses)


def test_sessions_end(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    sql(n, "UPDATE session SET ends_us = 1 WHERE officer = 'malee'")
    assert b.get("/").to == "/sign-in", "too old"
    b = Browser(n).welcome(n, "malee")
    n.stop()
    n.start(env={"COMITY_CLOCK_OFFSET_S": "2400"})
    assert b.inside(), "40 minutes idle"
    n.stop()
    n.start(env={"COMITY_CLOCK_OFFSET_S": str(2400 + 2760)})
    assert b.get("/").to == "/sign-in", "46 minutes idle"


def test_a_disabled_officer_is_out_at_once(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    assert b.inside()
    n.api("user.disable", name="malee")
    assert b.get("/").to == "/sign-in"
    b.cookies, b.csrf = {}, None
    shows(b.sign_in("malee", ahead=1), 403)


def test_a_cookie_that_was_planted_is_worth_nothing(base):
    n = one(base)
    planted = "ab" * 32
    b = Browser(n)
    b.cookies["comity"] = planted
    b.welcome(n, "admin")
    assert b.cookies["comity"] != planted
    first = b.cookies["comity"]
    b.csrf = None
    b.get("/")
    assert b.sign_in("admin", ahead=1).status == 303
    assert b.cookies["comity"] not in (planted, first), "every sign-in makes a new one"
    for wrong in (planted, "", "x" * 64, "a" * 10000, "%00", first + "0"):
        c = Browser(n)
        c.cookies["comity"] = wrong
        assert c.get("/").to == "/sign-in", wrong


def test_only_own_sessions_can_be_ended(base):
    n = one(base)
    b, c = officer(n, "malee", "duty"), officer(n, "somchai", "duty")
    d = Browser(n).welcome(n, "malee")
    ids = dict(sql(n, "SELECT officer, public_id FROM session ORDER BY created_us"))
    b.get("/account")
    shows(b.post(f"/account/session/{ids['somchai']}/end"), 404)
    assert c.inside()
    assert b.post(f"/account/session/{ids['malee']}/end").status == 303
    assert b.inside() and not d.inside()
    assert ids["somchai"] not in b.get("/account").text


# ---- to whom, and how they read it ----

def test_who_may_receive_stands_beside_the_choice(base):
    th, us = pair(base)
    fr = desk_node(base, "fr.authority", role="authority", init_args=("--timezone", "Europe/Paris", "--hours", "mon-fri 09:00-18:00"))
    introduce(th, fr)
    blocked = desk_node(base, "jp.contact")
    introduce(th, blocked)
    th.api("directory.block", address="jp.contact", reason="test")
    b = officer(th, "malee", "duty")
    page = b.get("/compose/preserve").text
    select = re.search(r'<select id="to".*?</select>', page, re.S).group(0)
    assert 'label="Contact points"' in select and 'label="Central authorities"' in select and "Providers" not in select
    assert re.search(r'value="fr.authority">[^<]* · \w{3} \d\d:\d\d · (in|outside of) office hours', select), select
    assert "jp.contact" not in select
    assert 'href="/law/JP"' in page and 'href="/law/FR"' not in page, "economies without a partner are told"


def test_a_draft_is_seen_as_the_receiver_reads_it(base):
    th = desk_node(base, "th.contact")
    fr = desk_node(base, "fr.contact", init_args=("--languages", "fr"))
    introduce(th, fr)
    b = officer(th, "malee", "duty")
    b.get("/compose/preserve")
    draft = b.post("/compose/preserve", form_fields(), to="fr.contact", ours="X-1", urgency="urgent").to
    page = b.get(draft + "/preview")
    assert page.status == 200 and '<html lang="fr"' in page.text and "Preview." in page.text
    assert 'href="/compose"' not in page.text, "their page, not ours to go on with"
    assert "โหนด" not in page.text and '<html lang="th"' in b.get(draft + "/preview?in=th").text
    for wrong in ("xx", "../../etc", "%22%3E%3Cimg%3E", ""):
        assert '<html lang="fr"' in b.get(draft + "/preview?in=" + wrong).text, wrong
    assert any(a["what"] == "/draft/:id/preview" for a in th.api("access.list", officer="malee")["access"])


# ---- forms from elsewhere ----

def test_forms_need_our_token_and_our_origin(base):
    n = one(base)
    b, c = officer(n, "malee", "duty"), officer(n, "somchai", "duty")
    b.get("/")
    c.get("/")
    shows(b.post("/sign-out", token=False), 403, "another session")
    shows(b.post("/sign-out", csrf=c.csrf), 403, "another session")
    for wrong in ("", "0", "0" * 128, b.csrf[:-1], b.csrf + "0", "g" * 128, b.csrf[64:] + b.csrf[:64][::-1]):
        shows(b.post("/sign-out", csrf=wrong), 403, "another session")
    for head in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": f"http://localhost:{n.desk + 1}"},
                 {"Origin": f"https://localhost:{n.desk}"}, {"Sec-Fetch-Site": "cross-site"},
                 {"Sec-Fetch-Site": "same-site"}):
        shows(b.post("/sign-out", headers=head), 403, "from another site")
        shows(Browser(n).sign_in("malee", code="1", headers=head), 403, "from another site")
    assert b.inside(), "none of them did anything"
    one_token = b.csrf
    b.get("/")
    assert b.csrf != one_token, "masked anew for each page"
    a = b.post("/sign-out", csrf=one_token, headers={"Origin": f"http://localhost:{n.desk}", "Sec-Fetch-Site": "same-origin"})
    assert a.status == 303


def test_every_post_is_guarded(base):
    n = one(base)
    b = officer(n, "boss", "administrator")
    b.get("/")
    for r in routes():
        if r.method == "POST" and not r.open:
            shows(b.post(r.concrete(), token=False), 403, "another session" if "administrator" in r.roles else "")
            shows(b.post(r.concrete(), headers={"Origin": "https://evil.example"}), 403, "another site")


HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
           "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}


def test_every_answer_carries_the_headers(base):
    n = one(base)
    b = officer(n, "boss", "administrator")
    stranger = Browser(n)
    asset = re.search(r'/asset/style[^"]*', b.get("/").text).group(0)
    answers = {
        "inbox": b.get("/"), "redirect": stranger.get("/"), "sign-in": stranger.get("/sign-in"), "asset": b.get(asset),
        "no page": b.get("/nowhere"), "denied": b.post(f"/draft/{NOBODY}/approve", ok="yes"),
        "no token": b.post("/sign-out", token=False), "other method": b.get("/sign-out"),
        "other host": b.ask("GET", "/", host="evil.example"), "unreadable": b.get("/%00"), "stream": b.get("/live"),
        "PUT": b.ask("PUT", "/"), "DELETE": b.ask("DELETE", "/"), "OPTIONS": b.ask("OPTIONS", "/"),
        "no such record": b.get(f"/request/{NOBODY}"), "live part": stranger.get("/inbox", headers={"HX-Request": "true"}),
    }
    for what, a in answers.items():
        for k, v in HEADERS.items():
            assert a.header(k) == v, (what, k, a.header(k))
        policy = a.header("Content-Security-Policy") or ""
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, (what, policy)
        assert "unsafe" not in policy and "*" not in policy and "form-action 'self'" in policy, (what, policy)
        if what != "asset":
            assert a.header("Cache-Control") == "no-store", (what, a.header("Cache-Control"))
    assert answers["PUT"].status == 405 and answers["OPTIONS"].status == 405
    assert answers["live part"].status == 401 and answers["live part"].header("HX-Redirect") == "/sign-in"


def test_pages_have_no_inline_script_or_style(base):
    th, us = pair(base)
    b = officer(th, "boss", "administrator")
    rid = send(th, "us.contact")["id"]
    case = th.api("request.show", id=rid)["request"]["case_id"]
    values = {"measure": "preserve", "address": "us.contact"}
    for r in routes():
        if r.method == "GET" and r.path != "/live":
            page = b.get(r.concrete(**values, id=case if "case" in r.path else rid))
            if not (page.header("Content-Type") or "").startswith("text/html"):
                continue
            assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", page.text), r
            assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text), r


def test_other_hosts_are_not_ours(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    for host in ("evil.example", f"localhost:{n.desk + 1}", "localhost", f"localhost:{n.desk}.evil.example",
                 f"127.0.0.1:{n.desk}"):
        shows(b.ask("GET", "/", host=host), 403, "this desk is at")
    got = raw(n, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert got.split()[1:2] in ([b"400"], [b"403"]), got[:200]
    a = b.ask("GET", "http://evil.example/", host=b.host)
    assert a.status == 200 and "evil.example" not in a.text, "the host of an absolute request is not used"


def test_no_way_out_by_redirect(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    for path in ("//evil.example", "//evil.example/..", "/%2f%2fevil.example", "/\\evil.example", "/sign-in?next=//evil.example",
                 "/sign-in?to=https://evil.example", "/case/%0d%0aLocation:%20https:%2f%2fevil.example",
                 "/request/%0d%0aSet-Cookie:%20a=b"):
        for who in (b, Browser(n)):
            a = who.get(path)
            assert a.to in (None, "/", "/sign-in"), (path, a.to)
            assert a.header("Set-Cookie") is None, path
    b.get("/")
    for path in ("/case/%0d%0aX:%20y/message", "/request/%0d%0aX:%20y/answer", "/draft/%0d%0aX:y/send",
                 "/exhibit/%0d%0aX:y/fetch", "/account/session/%0d%0aX:y/end"):
        a = b.post(path, text="hello", state="acknowledged")
        assert 400 <= a.status < 500 and a.header("X") is None, (path, a.status)
    assert b.inside()


# ---- bytes from outside ----

def test_too_much_is_refused(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    b.get("/")
    assert b.post("/sign-out", {f"f{i}": "x" for i in range(1100)}).status == 400, "fields"
    try:
        assert b.post("/sign-out", x="x" * (1100 * 1024)).status == 413, "body"
    except OSError:
        pass  # hung up while we were still sending: as good
    for head in (b"X-Long: " + b"x" * 20000, b"\r\n".join(b"X-%d: y" % i for i in range(3000)), b"X" * 100000):
        got = raw(n, b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n")
        assert got == b"" or got.split()[1] in (b"400", b"413", b"431"), got[:100]
    got = raw(n, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n")
    assert got == b"" or got.split()[1] in (b"400", b"413", b"414"), got[:100]
    assert b.inside()


def test_nonsense_is_refused(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    b.get("/")
    for path, want in {"/%00": 400, "/case/x%00y": 400, "/%zz": 404, "/asset/..%2f..%2fetc%2fpasswd": 404, "/asset/": 404,
                       "/case/": 404, "/case/a/b/c": 404, "/cases?before=x": 200, "/cases?after=-1": 400, "/?show=x": 400,
                       "/case/" + "a" * 200: 404, "/compose/nothing": 404, "/../../etc/passwd": 404, "/?a=&b=": 200, "/?=&&=&": 400,
                       "/draft/%ff%fe": 400, "/request/x": 400, "/%ff": 400, "/?show=%c3%28": 400}.items():
        a = b.get(path)
        assert a.status == want, (path, a.status, want, said(a))
    a = b.post("/sign-out", x=b"\xff\xfe")
    assert a.status == 400 and b.inside()
    for agent in (b"\xff\xfe\x80", "ก".encode() * 60):
        c = Browser(n)
        page = c.get("/welcome?code=" + invite(n, "malee"))
        key = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text).group(1).replace(" ", "")
        a = c.post("/welcome", hidden(page), password=PASSWORD, again=PASSWORD, code=totp(key), headers={"User-Agent": agent})
        assert a.status == 303 and c.get("/account").text.count("<tr><td") >= 2
    assert "one-time code" in c.get("/account").text and "totp" not in c.get("/account").text, "told in words"
    for body in (b"", b"&&&", b"=", b"%", b"a=%", b"a=%z", b"\xff\xfe", b"a\0b=c", b"csrf"):
        assert b.ask("POST", "/sign-out", body).status in (400, 403), body
    for data in (b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
                 b"POST /sign-in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                 b"POST /sign-in HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                 b"POST /sign-in HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"):
        assert raw(n, data)[9:12] in (b"", b"400", b"403", b"413", b"501", b"505"), data
    assert b.inside()


def test_methods(base):
    n = one(base)
    b = officer(n, "malee", "duty")
    shows(b.get("/sign-out"), 405)
    shows(b.post("/cases"), 405)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        a = b.ask(method, "/")
        assert a.status in (405, 501) and "Inbox" not in a.text, (method, a.status)
    cookie = "; ".join(f"{k}={v}" for k, v in b.cookies.items())
    for path in ("/", "/live", "/sign-in", "/nowhere"):
        got = raw(n, f"HEAD {path} HTTP/1.1\r\nHost: {b.host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = got.partition(b"\r\n\r\n")
        assert body == b"" and head.startswith(b"HTTP/1.1 "), (path, got[:200])
        assert b"Content-Security-Policy" in head, path
    assert b.inside()


# ---- what partners and colleagues write ----

def test_markup_in_every_field_is_text(base):
    th, us = pair(base)
    b, j = officer(th, "malee", "administrator"), officer(us, "jordan", "duty")
    free = ["conduct", "relation", "custodian", "necessity", "confidential_reason"]
    change = {k: f"{k} {EVIL}" for k in free}
    posted = {"to": "us.contact", "ours": f"N {EVIL}", "urgency": "urgent", **form_fields(**change)}
    posted["f.authority.organisation"] = posted["f.callback.person"] = f"who {EVIL}"
    b.get("/compose/preserve")
    draft = b.follow(b.post("/compose/preserve", posted))
    rid = re.search(r'action="/draft/([^/]+)/send"', draft.text).group(1)
    case = b.follow(b.post(f"/draft/{rid}/send"))
    case_id = re.search(r'action="/case/([^/]+)/message"', case.text).group(1)
    b.post(f"/case/{case_id}/message", text=f"hello {EVIL}")
    wait_for("the request", lambda: us.api("request.list", incoming=True)["requests"])
    j.get(f"/request/{rid}")
    a = j.post(f"/request/{rid}/answer", state="acknowledged", reason=f"because {EVIL}")
    assert a.status == 303, said(a)
    wait_for("the answer", lambda: len(th.api("request.show", id=rid)["timeline"]) >= 3)
    wait_for("the message", lambda: EVIL in json.dumps(us.api("case.show", case_id=case_id), ensure_ascii=False).replace(
        '\\"', '"'))
    b.get("/", headers={"User-Agent": EVIL})
    j2 = Browser(us)
    pages = [draft, b.get(f"/request/{rid}"), j.get(f"/request/{rid}"), b.get(f"/case/{case_id}"), j.get(f"/case/{case_id}"),
             b.get("/"), j.get("/"), b.get("/cases"), j.get("/cases")]
    for p in pages[:5]:
        assert "&lt;img src=x" in p.text, "it is there, as text"
    from urllib.parse import quote
    q = quote(EVIL, safe="")
    pages += [b.get(f"/{q}"), b.get(f"/?show={q}"), b.get(f"/compose/{q}"), b.get(f"/compose/preserve?to={q}&case={q}"),
              b.get(f"/cases?before={q}"), j2.get(f"/welcome?code={q}"), j2.sign_in(EVIL, password=EVIL, code=EVIL),
              b.post("/compose/preserve", {**posted, "to": EVIL, "case_id": EVIL, "urgency": EVIL, "f.days": EVIL}),
              b.post(f"/request/{rid}/answer", state=EVIL), b.get("/account"), b.ask("GET", "/", host="localhost"),
              b.get("/", headers={"Accept-Language": EVIL})]
    for p in pages:
        assert "<img" not in p.text and "onerror=alert" not in re.sub(r"&lt;.*?&gt;", "", p.text), p.text
        assert p.status != 500


def part(page, state):
    """The form of one move on a request's page."""
    m = re.search(rf'<details id="move-{state}".*?</details>', page.text, re.S)
    return m.group(0) if m else ""


def test_an_answer_that_does_not_go_comes_back_as_written(base):
    """Told beside its form, in the reader's time; what lets go of kept data is ticked first; numbers are told."""
    th, us = pair(base)
    b, j = officer(th, "malee", "duty"), officer(us, "jordan", "duty")
    rid = send(th, "us.contact", ours="CCU-9")["id"]
    wait_for("the request", lambda: us.api("request.list", incoming=True)["requests"])
    page = j.get(f"/request/{rid}")
    assert "CCU-9" in page.text and page.text.index('id="asked"') < page.text.index('id="law-head"') < page.text.index('id="follow"')
    assert re.search(r'<details id="move-acknowledged" class="move likely" open>', page.text), part(page, "acknowledged")
    assert '<a href="#move-acknowledged">Acknowledge</a>' in page.text, "what is next is one step away, also on a phone"
    assert j.post(f"/request/{rid}/answer", state="acknowledged", ours="FBI-<7>").status == 303
    j.get(f"/request/{rid}")
    p = j.post(f"/request/{rid}/answer", state="executed", until="2026-11-27 18:40", reason='kept <"> words')
    form = part(p, "executed")
    assert p.status == 409 and "at least 60 days" in said(p) and re.search(r"T\d\d:\d\d:\d\d\.\d", re.sub(r"<[^>]*>", "", p.text)) is None
    assert "kept &lt;&quot;&gt; words" in form and 'value="2026-11-27 18:40"' in form and " open>" in form and 'class="fault"' in form, form
    p = j.post(f"/request/{rid}/answer", state="executed", until="soon", reason="words again")
    assert p.status == 400 and "2026-11-27 18:40" in said(p) and "words again" in part(p, "executed")
    p = j.post(f"/request/{rid}/answer", state="condition-offered", condition_type="other", condition_text="only here", reason="r")
    assert p.status == 303
    p = j.post(f"/request/{rid}/answer", state="executed", reason="too late")
    assert p.status == 409 and "too late" in p.text and not part(p, "executed"), "another page was faster: its words are not lost"
    wait_for("the offer", lambda: th.api("request.show", id=rid)["request"]["state"] == "condition-offered")
    b.get(f"/request/{rid}")
    assert b.post(f"/request/{rid}/answer", state="condition-accepted").status == 303
    wait_for("accepted", lambda: us.api("request.show", id=rid)["request"]["state"] == "condition-accepted")
    j.get(f"/request/{rid}")
    assert j.post(f"/request/{rid}/answer", state="executed").status == 303
    page = j.get(f"/request/{rid}")
    assert not part(page, "expired") and 'name="sure"' not in part(page, "closed") and "FBI-&lt;7&gt;" in page.text
    assert "stay kept until the date" in part(page, "closed"), "closing gives nothing up, and says so"
    try:
        us.api("request.answer", id=rid, state="expired")
        raise AssertionError("told as over before it is")
    except ApiError as e:
        assert "are kept until" in str(e), e
    wait_for("executed", lambda: th.api("request.show", id=rid)["request"]["state"] == "executed")
    page = b.get(f"/request/{rid}")
    assert "FBI-&lt;7&gt;" in page.text and f"after={rid}" in page.text and f'action="/request/{rid}/extend"' in page.text
    more = b.get(re.search(r'href="(/compose/subscriber[^"]*)"', page.text).group(1).replace("&amp;", "&"))
    assert re.search(r'value="after-preservation" checked', more.text) and "203.0.113.9" in more.text
    # What holds for this request too is there; why it is needed is another reason, and asked anew.
    assert re.search(r'name="ours" value="CCU-9"', more.text) and re.search(r'value="urgent" selected', more.text), more.text
    for code in ("necessity", "urgency_reason"):
        assert re.search(rf'<textarea[^>]*name="f.{code}"[^>]*></textarea>', more.text), code
    assert b.get(f"/compose/subscriber?after={rid}").status == 200
    assert f'name="case_id" value="{th.api("request.show", id=rid)["request"]["case_id"]}"' in more.text
    p = b.post(f"/request/{rid}/answer", state="withdrawn", reason="no need")
    assert p.status == 400 and "tick" in said(p) and "no need" in part(p, "withdrawn"), "giving kept data up is ticked first"
    a = b.post(f"/request/{rid}/extend", days="90", reason="the court needs it")
    more = b.follow(a)
    assert a.status == 303 and a.to != f"/request/{rid}" and "90" in more.text, more.text
    j.get(f"/request/{rid}")
    assert j.post(f"/request/{rid}/answer", state="closed", reason="both done").status == 303
    page = j.get(f"/request/{rid}")
    head = page.text[:page.text.index('id="asked"')]
    assert "left</time>" in head and "You are warned before" in head, "closed: the days go on being counted"
    wait_for("closed", lambda: th.api("request.show", id=rid)["request"]["state"] == "closed")
    case = th.api("request.show", id=rid)["request"]["case_id"]
    for page, longer in ((b.get(f"/request/{rid}"), "/extend"), (b.get(f"/case/{case}"), "?longer=yes#longer")):
        assert f"after={rid}" in page.text and "left</time>" in page.text and f"/request/{rid}{longer}" in page.text, page.text
    assert ' id="longer" open>' in b.get(f"/request/{rid}?longer=yes").text, "the link leads to an open form"
    assert "Legal basis</dt>" in b.get(f"/request/{rid}").text and "Legal basis</dt>" in j.get(f"/request/{rid}").text


def test_the_list_of_cases_says_how_each_stands(base):
    """Whose move it is, what is answered, closed, and until when data are kept: by shape and word, at both sides."""
    th, us = pair(base)
    b, j = officer(th, "malee", "duty"), officer(us, "jordan", "duty")

    def stands(node, desk, word, *others):
        page = desk.get("/cases")
        assert re.search(rf'<span aria-hidden="true">.</span> {word}</span>', page.text), (word, page.text)
        for other in others:
            assert other in page.text, (other, page.text)
        return node.api("case.list")["cases"][0]

    rid = send(th, "us.contact", ours="CCU-9")["id"]
    wait_for("the request", lambda: us.api("request.list", incoming=True)["requests"])
    assert stands(us, j, "waiting for us", ">CCU-9</bdi></a>", "no number of ours")["stands"] == "ours" and stands(th, b, "waiting for them")["stands"] == "theirs"
    answer(us, rid, "need-decision", reason="a court decides")
    wait_for("their question", lambda: th.api("request.show", id=rid)["request"]["state"] == "need-decision")
    assert stands(th, b, "waiting for us")["stands"] == "ours" and stands(us, j, "waiting for them")["stands"] == "theirs"
    answer(th, rid, "condition-accepted")
    wait_for("our answer", lambda: us.api("request.show", id=rid)["request"]["state"] == "condition-accepted")
    answer(us, rid, "executed")
    row = stands(us, j, "answered", "kept until", "left</time>")
    assert row["stands"] == "answered" and row["kept_until"] and not row["ending"]
    answer(us, rid, "closed")
    assert stands(us, j, "closed", "kept until")["kept_until"] == row["kept_until"]
    sql(us, "UPDATE request SET expiry_us = (strftime('%s') + 86400) * 1000000")
    assert stands(us, j, "closed", "keeping ends soon")["ending"]


def test_an_own_case_is_begun_at_the_desk(base):
    th, us = pair(base)
    b, e = officer(th, "malee", "duty"), officer(th, "udo", "auditor")
    assert 'action="/cases/new"' in b.get("/cases").text and 'action="/cases/new"' not in e.get("/cases").text
    p = b.post("/cases/new", ours="CCU-9", purpose="A seized laptop", authority="warrant 44/2026")
    case_id = th.api("case.list")["cases"][0]["case_id"]
    page = b.get("/case/" + case_id).text
    assert "our own case" in page and "Nothing has left the house." in page and "/message" not in page, page
    assert f'href="/compose?case={case_id}"' in page
    assert f'href="/compose/preserve?case={case_id}"' in b.get("/compose?case=" + case_id).text
    assert case_id in b.get("/compose/preserve?case=" + case_id).text
    assert b.post("/cases/new", ours="CCU-9", purpose="").status == 400 and e.post("/cases/new", ours="x").status == 403
    assert len(th.api("case.list")["cases"]) == 1 and p.status in (200, 303)


def test_ids_of_others_open_nothing(base):
    n = one(base, four_eyes="*")
    b = officer(n, "malee", "duty")
    for path in (f"/case/{NOBODY}", f"/request/{NOBODY}", f"/draft/{NOBODY}"):
        shows(b.get(path), 404)
    for path, fields in ((f"/case/{NOBODY}/message", {"text": "x"}), (f"/request/{NOBODY}/answer", {"state": "acknowledged"}),
                         (f"/draft/{NOBODY}/send", {}), (f"/exhibit/{NOBODY}/fetch", {})):
        shows(b.post(path, fields), 404)


def test_another_units_case_is_not_there(base):
    """Need to know: what is not seen is answered as what does not exist, at every page that takes its id. (An
    administrator may hand any case on, unseen.)"""
    th, us = pair(base)
    th.api("unit.add", name="other", title="Another unit")
    b, o = officer(th, "malee", "administrator"), officer(th, "somchai", "duty")
    th.api("user.unit", name="somchai", unit="other")
    rid = send(th, "us.contact", ours="SECRET-1")["id"]
    case = th.api("request.show", id=rid)["request"]["case_id"]
    draft = th.api("request.new", to="us.contact", ours="SECRET-1", case_id=case, measure="preserve", urgency="urgent",
                   fields=fields_of())["id"]
    wait_for("delivery", lambda: us.api("request.list", incoming=True)["requests"])
    th.api("event.list")
    ids = {"case": case, "request": rid, "draft": draft}
    for r in routes():
        kind = r.path.split("/")[1]
        if kind not in ids or "/:id" not in r.path:
            continue
        path = r.concrete(id=ids[kind])
        o.get("/account")
        a = o.get(path) if r.method == "GET" else o.post(path, text="x", state="withdrawn", ok="yes", reason="x", unit="other",
                                                         officer="somchai")
        assert a.status in (400, 403, 404) and "SECRET" not in a.text, (r, a.status, said(a))
        if r.method == "GET":
            assert a.status == 404 and b.get(path).status == 200, (r, a.status)
    for path in ("/", "/cases", "/inbox", "/search?q=SECRET-1", "/search?q=SECRET"):
        text = o.get(path).text
        for secret in (case, rid, draft):
            assert secret not in text, path
    assert case in b.get("/cases").text
    assert th.api("request.show", id=rid)["request"]["state"] == "sent", "nothing was done to it"


def test_nobody_approves_their_own(base):
    th, us = desk_node(base, "th.contact", conf={"four_eyes": "*"}), desk_node(base, "us.contact")
    introduce(th, us)
    b, m = officer(th, "somchai", "duty"), officer(th, "malee", "approver")
    b.get("/compose/preserve")
    page = b.follow(b.post("/compose/preserve", {"to": "us.contact", "ours": "T-1", "urgency": "urgent", **form_fields()}))
    assert "second officer" in page.text
    draft = re.search(r'/draft/([0-9a-f-]{36})', b.get("/").text).group(1)
    shows(b.post(f"/draft/{draft}/approve", ok="yes"), 403)
    assert b.post(f"/draft/{draft}/send").status in (403, 409)
    m.get(f"/draft/{draft}")
    shows(m.post(f"/draft/{draft}/approve"), 400, "choose")
    assert m.post(f"/draft/{draft}/approve", ok="yes").status == 303
    assert b.post(f"/draft/{draft}/send").status == 303


# ---- who may ----

def test_every_route_times_every_role(base):
    n = one(base)
    who = {role: officer(n, role, role) for role in ROLES}
    stranger = Browser(n)
    wrong = []
    for r in routes():
        path = r.concrete(measure="preserve")
        for role, b in who.items():
            if r.path == "/sign-out":
                continue
            b.get("/account")
            a = b.ask(r.method, path, None if r.method == "GET" else f"csrf={b.csrf}".encode())
            if (role in r.roles or r.open) != (a.status != 403):
                # an open form says 403 to wrong credentials; a stranger sees the same
                if r.open and a.status == stranger.ask(r.method, path, None if r.method == "GET" else b"").status:
                    continue
                wrong.append(f"{role}: {r}: {a.status} {said(a)[:80]}")
        a = stranger.ask(r.method, path, None if r.method == "GET" else b"")
        if not r.open and (a.status, a.to) != (303, "/sign-in"):
            wrong.append(f"stranger: {r}: {a.status}")
    assert not wrong, "\n".join(wrong)


def test_what_is_not_in_the_table_is_not_there(base):
    n = one(base)
    b = officer(n, "boss", "administrator")
    known = {r.path for r in routes()}
    for path in ("/admin", "/api/v2", "/inbox/", "/sign-in/", "/static/style.css", "/.git/config", "/asset/a/b"):
        assert path not in known
        assert b.get(path).status == 404 and b.post(path).status == 404, path


def test_the_access_log_tells_who_saw_what(base):
    th, us = pair(base)
    b = officer(us, "jordan", "duty")
    rid = send(th, "us.contact")["id"]
    wait_for("the request", lambda: us.api("request.list", incoming=True)["requests"])
    case = us.api("request.show", id=rid)["request"]["case_id"]
    b.get(f"/request/{rid}")
    b.get(f"/case/{case}")
    rows = us.api("access.list", case_id=case)["access"]
    # A program's look stands beside those of the browser.
    assert [(r["officer"], r["what"], r["subject"]) for r in rows] == [
        ("jordan", "/case/:id", case), ("jordan", "/request/:id", rid), ("admin", "request.show", rid)], rows
    us.officer("audit", "auditor")
    assert us.api("access.list", _as="audit", officer="jordan")["access"] == rows[:2]
    assert us.api("access.list", officer="nobody")["access"] == []
    b.get(f"/case/{NOBODY}")
    assert us.api("access.list", case_id=NOBODY)["access"] == [], "who was shown nothing has seen nothing"


# ---- live ----

def mark(b):
    return re.search(r'sse-connect="/live\?since=(\d+\.\d+)"', b.get("/").text).group(1)


class Stream:
    def __init__(self, b, since=None):
        """From the mark of a page that was just made, as the inbox does it; or from another."""
        if since is None:
            since = mark(b)
        self.sock = socket.create_connection(("127.0.0.1", b.port), 10)
        cookie = "; ".join(f"{k}={v}" for k, v in b.cookies.items())
        self.sock.sendall(f"GET /live?since={since} HTTP/1.1\r\nHost: {b.host}\r\nCookie: {cookie}\r\n\r\n".encode())
        self.got = b""
        self.until(b"\r\n\r\n")

    def until(self, what, seconds=5.0 * PATIENCE):
        """Reads until what came. EOF is b""."""
        self.sock.settimeout(seconds)
        while what not in self.got if what else True:
            chunk = self.sock.recv(65536)
            if not chunk:
                if what:
                    raise AssertionError(f"closed, after {self.got[-200:]!r}")
                break
            self.got += chunk
        self.got = self.got.split(what, 1)[1] if what else b""


def test_live_pages_hear_of_what_comes(base):
    th, us = pair(base)
    b, j = officer(th, "malee", "duty"), officer(us, "jordan", "duty")
    here, there = Stream(b), Stream(j)
    for what in ("request", "acknowledged"):
        here.got = there.got = b""
        if what == "request":
            rid = send(th, "us.contact")["id"]
        else:
            answer(us, rid, "acknowledged")
        here.until(b"event: changed")
        there.until(b"event: changed")
        time.sleep(1)
    assert us.stop() == 0
    there.until(b"")  # the stream ends with the node
    assert th.stop() == 0


def test_what_came_between_a_page_and_its_stream_is_heard(base):
    """The page was made, something came, then its stream began: also after a break, when the browser comes again."""
    th, us = pair(base)
    j = officer(us, "jordan", "duty")
    page = mark(j)
    send(th, "us.contact")
    wait_for("the request", lambda: us.api("request.list", incoming=True)["requests"])
    for _ in range(2):
        there = Stream(j, page)
        there.until(b"event: changed")
        there.sock.close()
    for wrong in ("x", "1", "1.x", "-1.0", "1.2.3", "99999999999999999999.1"):
        p = j.get(f"/live?since={wrong}")
        assert p.status == 400 and "reload the page" in p.text, (wrong, p.status)


def test_streams_say_nothing_but_that(base):
    th, us = pair(base)
    j = officer(us, "jordan", "duty")
    there = Stream(j)
    send(th, "us.contact")
    there.until(b"event: changed\n")
    there.until(b"data: ")
    there.until(b"\n\n")
    time.sleep(0.3)
    assert re.fullmatch(rb"(?:[0-9a-f]+\r\n(?:event: changed\ndata: [0-9.]+\n\n)+\r\n|\r\n)*", there.got), there.got
    assert Browser(us).get("/live").to == "/sign-in"
