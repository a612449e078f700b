"""The desk under load: time of every page with few and with many requests stored, a first visit, open streams."""
import gzip
import http.client
import os
import re
import select
import socket
import sqlite3
import statistics
import time

import comity
import desk

FEW, MANY = 10_000, int(os.environ.get("DESK_REQUESTS", "1000000"))
STREAMS = 500
ROUNDS = 21
OPEN = 300  # not settled, however many are stored: more than an inbox shows
CROWD = 50_000  # open at once, in a third round: more than any desk has, and no filter may wait for them
LONG = 10_000  # records, and a tenth as many requests, in one case
# The text of a record that only fills: common words, rare ones, names in a fifth of all.
SAYS = ("'{\"kind\":\"request\",\"case\":{\"ours\":\"F-' || s.n || '\"},\"from\":\"th.contact\",\"to\":\"us.contact\","
        "\"by\":{\"officer\":\"admin\"},\"body\":{\"measure\":\"preserve\",\"urgency\":\"urgent\",\"fields\":{\"conduct\":"
        "\"fraud by way of a computer, account' || s.n || '@mail.example, 203.0.113.' || (s.n % 250) || ', ' || "
        "CASE s.n % 5 WHEN 0 THEN 'garcia' WHEN 1 THEN 'tanaka' ELSE 'meyer' END || "
        "': the investigation of 2026 holds that the account was used for transfers\"}}}'")
# Filters in combinations that find little after much looking, and words that are in every record.
FILTERS = ["/?partner=fr.contact", "/?show=incoming&partner=us.contact&measure=preserve&urgency=urgent&state=sent&officer=nobody"
           "&exercise=no&within=8784&unit=all", "/?words=preserve", "/?words=preserv&urgency=emergency", "/?words=account777",
           "/?fresh=yes", "/?officer=me&state=executed", "/inbox?words=preserve&partner=fr.contact", "/search?words=preserve",
           "/search?words=preserv", "/search?words=account", "/search?words=203.0.113.7+garcia", "/search?words=garcia+tanaka",
           "/search?words=account99&partner=fr.contact", "/search?words=preserve&partner=fr.contact",
           "/search?words=preserve&measure=subscriber&state=closed", "/search?words=preserve&from=2020-01-01&to=2020-12-31",
           "/cases?partner=fr.contact", "/cases?number=F-777", "/audit/access?officer=nobody",
           "/audit/access?case_id=00000001-0000-7000-9000-000000000001", "/audit/events?what=nothing", "/audit/events?who=nobody"]


def columns(db, table):
    return [r[1] for r in db.execute(f"PRAGMA table_info({table})")]


def clone(db, table, where, change, first, last):
    """Copies one row under numbers first..last, with some columns as expressions of n."""
    names = columns(db, table)
    values = ", ".join(change.get(c, f"t.{c}") for c in names)
    db.execute(f"WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) "
               f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM s, (SELECT * FROM {table} WHERE {where} LIMIT 1) AS t")


def fill(path, have, want):
    """Requests, cases and records like the one that came, some open, most settled long ago."""
    db = sqlite3.connect(path, timeout=60)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    (request, case), = db.execute("SELECT id, case_id FROM request ORDER BY asked_us LIMIT 1").fetchall()
    (seq,), = db.execute("SELECT max(seq) FROM record").fetchall()
    own, of = "printf('%08x-0000-7000-8000-%012x', s.n, s.n)", "printf('%08x-0000-7000-9000-%012x', s.n, s.n)"
    at = "t.{0} - s.n * 60000000"
    with db:
        clone(db, "case_file", f"id = '{case}'", {"id": of, "ours": "'F-' || s.n", "opened_us": at.format("opened_us"),
                                                  "changed_us": at.format("changed_us")}, have + 1, want)
        clone(db, "request", f"id = '{request}'",
              {"id": own, "case_id": of, "asked_us": at.format("asked_us"), "changed_us": at.format("changed_us"),
               "due_us": "t.asked_us + s.n * 60000000", "incoming": "s.n % 2",
               "heard_us": f"(s.n % 2) * (t.asked_us - s.n * 60000000)",
               "state": f"CASE WHEN s.n <= {OPEN} THEN 'sent' WHEN s.n % 100 = 0 THEN 'executed' ELSE 'expired' END",
               "expiry_us": f"CASE WHEN s.n <= {OPEN} THEN NULL WHEN s.n % 100 = 0 THEN t.asked_us + (s.n + 100000) * 60000000 "
                            "ELSE t.asked_us - s.n * 60000000 END"}, have + 1, want)
        clone(db, "record", f"id = '{request}'",
              {"seq": f"{seq} + s.n - {have}", "id": own, "case_id": of, "at_us": at.format("at_us"),
               "stored_us": at.format("stored_us"), "bytes": f"CAST({SAYS} AS BLOB)", "sig": "zeroblob(64)"}, have + 1, want)
        db.execute(f"INSERT INTO search_text (rowid, text) SELECT seq, CAST(bytes AS TEXT) FROM record WHERE seq > {seq}")
        db.execute("UPDATE clerk_mark SET seq = (SELECT max(seq) FROM record) WHERE clerk = 'search'")
        clone(db, "draft", "state = 'sent'", {"id": own, "record": "'{}'", "created_us": at.format("created_us")}, have + 1, want)
        clone(db, "outbox", f"record_id = '{request}'",
              {"seq": "NULL", "record_id": own, "case_id": of, "queued_us": at.format("queued_us"),
               "settled_us": at.format("settled_us")}, have + 1, want)
        clone(db, "exhibit", "TRUE", {"id": own, "case_id": of, "changed_us": at.format("changed_us")}, have // 10 + 1, want // 10)
        clone(db, "access", "TRUE", {"seq": "NULL", "case_id": of, "subject": own}, have + 1, want)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def crowd(path):
    """Many open at once, and one case with a very long history."""
    db = sqlite3.connect(path, timeout=60)
    db.execute("PRAGMA synchronous = OFF")
    (request, case), = db.execute("SELECT id, case_id FROM request ORDER BY asked_us DESC LIMIT 1").fetchall()
    (seq,), = db.execute("SELECT max(seq) FROM record").fetchall()
    own = "printf('%08x-0000-7000-a000-%012x', s.n, s.n)"
    with db:
        db.execute(f"UPDATE request SET state = 'sent', expiry_us = NULL WHERE rowid IN (SELECT rowid FROM request "
                   f"WHERE state = 'expired' ORDER BY asked_us LIMIT {CROWD})")
        clone(db, "record", f"id = '{request}'", {"seq": f"{seq} + s.n", "id": own, "kind": "CASE WHEN s.n % 10 = 0 THEN 'request' ELSE 'message' END"},
              1, LONG)
        clone(db, "request", f"id = '{request}'", {"id": own, "asked_us": "t.asked_us - s.n"}, 1, LONG // 10)
        db.execute("UPDATE clerk_mark SET seq = (SELECT max(seq) FROM record) WHERE clerk = 'search'")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return request, case


def cpu(node):
    with open(f"/proc/{node.process.pid}/stat", encoding="utf-8") as f:
        part = f.read().rsplit(")", 1)[1].split()
    return int(part[11]) + int(part[12])


def ran_ms(node):
    """Milliseconds that the node's threads have run: what a page costs, whatever else the machine does."""
    total = 0
    for tid in os.listdir(f"/proc/{node.process.pid}/task"):
        try:
            with open(f"/proc/{node.process.pid}/task/{tid}/schedstat", encoding="utf-8") as f:
                total += int(f.read().split()[0])
        except OSError:
            pass  # a thread that ended
    return total / 1e6


def quiet(node, seconds=300):
    """Waits until the node has done what a start and new rows make it do; how long that was."""
    begin = time.time()
    while time.time() - begin < seconds:
        ticks = cpu(node)
        time.sleep(1)
        if cpu(node) - ticks <= 3:
            break
    return time.time() - begin


def page_time(node, browser, path):
    """Median and least ms of one page over one connection, the ms that the node ran for one, and its status."""
    conn = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=60)
    head = {"Host": browser.host, "Cookie": "; ".join(f"{k}={v}" for k, v in browser.cookies.items()),
            "Accept-Encoding": "gzip"}
    times, status = [], 0
    for i in range(ROUNDS):
        if i == 1:  # the first one fills caches
            ran = ran_ms(node)
        begin = time.perf_counter()
        conn.request("GET", path, headers=head)
        r = conn.getresponse()
        r.read()
        times.append(1000 * (time.perf_counter() - begin))
        status = r.status
    ran = (ran_ms(node) - ran) / (ROUNDS - 1)
    conn.close()
    return (statistics.median(times[1:]), min(times), ran), status


def pages(node, browser, table, names):
    out = {}
    for r in table:
        if r.method == "GET" and r.path not in ("/live", "/asset/:name") and not r.open:
            times, status = page_time(node, browser, r.concrete(**names(r.path)))
            out[r.path] = times if status == 200 else None
    for path in FILTERS:
        times, status = page_time(node, browser, path)
        out[path] = times if status == 200 else None
    return out


def first_visit(browser):
    """Bytes of the inbox and everything it names, as they come compressed; and what they unpack to."""
    wire = whole = 0
    todo = ["/"]
    for path in todo:
        a = browser.get(path, headers={"Accept-Encoding": "gzip"})
        body = gzip.decompress(a.body) if a.header("Content-Encoding") == "gzip" else a.body
        wire += len(a.body) + sum(len(k) + len(v) + 4 for k, v in a.headers)
        whole += len(body)
        if path == "/":
            todo += sorted(set(re.findall(r'(?:src|href)="(/asset/[^"]+)"', body.decode())))
    return wire, whole, len(todo)


def streams(node, browser, change, say):
    before = max(node.rss_kib().values())
    request = (f"GET /live HTTP/1.1\r\nHost: {browser.host}\r\nCookie: comity={browser.cookies['comity']}\r\n\r\n").encode()
    socks = []
    for _ in range(STREAMS):
        s = socket.create_connection(("127.0.0.1", browser.port), 10)
        s.sendall(request)
        socks.append(s)
    for s in socks:
        got = b""
        while b"\r\n\r\n" not in got:
            got += s.recv(4096)
        if b" 200 " not in got:
            raise AssertionError(got[:200])
    say("live streams open", STREAMS)
    say("memory per stream, KiB", round((max(node.rss_kib().values()) - before) / STREAMS, 1))
    times = []
    for _ in range(5):
        time.sleep(1)
        for s in socks:
            s.setblocking(False)
            while select.select([s], [], [], 0)[0] and s.recv(65536):
                pass
        change()
        done, left = time.perf_counter(), set(socks)
        while left:
            ready = select.select(list(left), [], [], 10)[0]
            if not ready:
                raise AssertionError(f"{len(left)} streams heard nothing")
            left -= {s for s in ready if b"changed" in s.recv(65536)}
        times.append(1000 * (time.perf_counter() - done))
    say("a new record seen by all of them, ms (median)", round(statistics.median(times)), "limit 500")
    say("a new record seen by all of them, ms (worst)", round(max(times)))
    for s in socks:
        s.close()


def send(th, us):
    r = th.api("request.new", to="us.contact", ours="B-1", measure="preserve", urgency="urgent", fields=comity.fields_of())
    th.api("request.send", id=r["id"])
    comity.wait_for("delivery", lambda: us.api("request.list", incoming=True)["requests"])
    return r


def bench(base, say):
    print(f"The desk: {FEW:,} and {MANY:,} requests stored, a first visit, {STREAMS} live streams")
    th, us = desk.desk_node(base, "th.contact"), desk.desk_node(base, "us.contact")
    comity.introduce(th, us)
    browser = desk.Browser(th).welcome(th, "admin")
    asked = send(th, us)
    path = os.path.join(base, "evidence.bin")
    with open(path, "wb") as f:
        f.write(os.urandom(10000))
    th.cli("exhibit", "seal", path, "--case", asked["case_id"], "--to", "us.contact")
    browser.get("/case/" + asked["case_id"])
    draft = th.api("request.new", to="us.contact", ours="B-2", measure="preserve", urgency="urgent",
                   fields=comity.fields_of())["id"]
    wire, whole, n = first_visit(browser)
    say("first visit over the wire, KiB", round(wire / 1024, 1), f"limit 100; {n} answers, {whole / 1024:.0f} KiB unpacked")

    def names(path):
        return {"measure": "preserve", "address": "us.contact", "year": time.strftime("%Y"), "economy": "TH",
                "id": asked["case_id"] if path.startswith("/case") else draft if "draft" in path else asked["id"]}

    got, have, table = {}, 0, desk.routes()
    for want in (FEW, MANY):
        th.stop()
        begin = time.time()
        fill(os.path.join(th.home, "node.db"), have, want)
        have = want
        say(f"seconds to fill, {want:,}", round(time.time() - begin, 1))
        th.start()
        comity.wait_for("the desk", lambda: desk.listens(th.desk))
        say(f"seconds until quiet, {want:,}", round(quiet(th), 1))
        wire, _, _ = first_visit(browser)
        say(f"first visit, {want:,} requests, KiB", round(wire / 1024, 1), "limit 100")
        got[want] = pages(th, browser, table, names)
    for path, many in got[MANY].items():
        few = got[FEW][path]
        if many is None or few is None:
            say(f"page {path}", "-", "not a page here")
        else:  # the ratio of the least times: what else the machine does is in the others
            say(f"page {path}, ms (median)", round(many[0], 2),
                f"limit 20; least {many[1]:.2f}, {few[1]:.2f} with {FEW:,}: {many[1] / few[1]:.2f} times, limit 1.5; "
                f"ran {many[2]:.2f} and {few[2]:.2f}: {many[2] / max(few[2], 0.01):.2f} times")
    th.stop()
    request, case = crowd(os.path.join(th.home, "node.db"))
    th.start()
    comity.wait_for("the desk", lambda: desk.listens(th.desk))
    quiet(th)
    for path in ["/", "/?partner=fr.contact", "/?officer=me", "/?words=preserve&urgency=emergency", f"/case/{case}", f"/request/{request}",
                 f"/case/{case}?before=5000"]:
        times, status = page_time(th, browser, path)
        say(f"page {path.replace(case, ':id').replace(request, ':id')}, ms (median)", round(times[0], 2),
            f"limit 20; least {times[1]:.2f}; ran {times[2]:.2f}; {CROWD:,} open, {LONG:,} records in the case; status {status}")
    there = desk.Browser(us).welcome(us, "admin")
    streams(us, there, lambda: us.api("request.new", to="th.contact", ours="B-3", measure="preserve", urgency="urgent",
                                      fields=comity.fields_of()), say)
