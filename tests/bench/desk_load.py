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
BODY = 1000  # bytes of a record that only fills


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
               "due_us": at.format("due_us"), "incoming": "s.n % 2",
               "state": f"CASE WHEN s.n <= {OPEN} THEN 'sent' WHEN s.n % 100 = 0 THEN 'executed' ELSE 'expired' END",
               "expiry_us": f"CASE WHEN s.n <= {OPEN} THEN NULL WHEN s.n % 100 = 0 THEN t.asked_us + (s.n + 100000) * 60000000 "
                            "ELSE t.asked_us - s.n * 60000000 END"}, have + 1, want)
        clone(db, "record", f"id = '{request}'",
              {"seq": f"{seq} + s.n - {have}", "id": own, "case_id": of, "at_us": at.format("at_us"),
               "stored_us": at.format("stored_us"), "bytes": f"zeroblob({BODY})", "sig": "zeroblob(64)"}, have + 1, want)
        clone(db, "draft", "state = 'sent'", {"id": own, "record": "'{}'", "created_us": at.format("created_us")}, have + 1, want)
        clone(db, "outbox", f"record_id = '{request}'",
              {"seq": "NULL", "record_id": own, "case_id": of, "queued_us": at.format("queued_us"),
               "settled_us": at.format("settled_us")}, have + 1, want)
        clone(db, "exhibit", "TRUE", {"id": own, "case_id": of, "changed_us": at.format("changed_us")}, have // 10 + 1, want // 10)
        clone(db, "access", "TRUE", {"seq": "NULL", "case_id": of, "subject": own}, have + 1, want)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def cpu(node):
    with open(f"/proc/{node.process.pid}/stat", encoding="utf-8") as f:
        part = f.read().rsplit(")", 1)[1].split()
    return int(part[11]) + int(part[12])


def quiet(node, seconds=300):
    """Waits until the node has done what a start and new rows make it do; how long that was."""
    begin = time.time()
    while time.time() - begin < seconds:
        ticks = cpu(node)
        time.sleep(1)
        if cpu(node) - ticks <= 3:
            break
    return time.time() - begin


def page_time(browser, path):
    """Median and least ms of one page over one connection, and its status."""
    conn = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=60)
    head = {"Host": browser.host, "Cookie": "; ".join(f"{k}={v}" for k, v in browser.cookies.items()),
            "Accept-Encoding": "gzip"}
    times, status = [], 0
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        conn.request("GET", path, headers=head)
        r = conn.getresponse()
        r.read()
        times.append(1000 * (time.perf_counter() - begin))
        status = r.status
    conn.close()
    return (statistics.median(times[1:]), min(times)), status


def pages(browser, table, names):
    out = {}
    for r in table:
        if r.method == "GET" and r.path not in ("/live", "/asset/:name") and not r.open:
            times, status = page_time(browser, r.concrete(**names(r.path)))
            out[r.path] = times if status == 200 else None
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
        got[want] = pages(browser, table, names)
    for path, many in got[MANY].items():
        few = got[FEW][path]
        if many is None or few is None:
            say(f"page {path}", "-", "not a page here")
        else:  # the ratio of the least times: what else the machine does is in the others
            say(f"page {path}, ms (median)", round(many[0], 2),
                f"limit 20; least {many[1]:.2f}, {few[1]:.2f} with {FEW:,}: {many[1] / few[1]:.2f} times, limit 1.5")
    there = desk.Browser(us).welcome(us, "admin")
    streams(us, there, lambda: us.api("request.new", to="th.contact", ours="B-3", measure="preserve", urgency="urgent",
                                      fields=comity.fields_of()), say)
