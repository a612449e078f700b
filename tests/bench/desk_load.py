"""The desk under load: every page with few and with many requests stored, a first visit, open streams.

DESK_KEEP=FOLDER keeps the databases there and takes them again the next time; DESK_REQUESTS is how many are many.
"""
import http.client
import json
import os
import select
import shutil
import socket
import statistics
import time

import comity
import desk
import desk_fill
import desk_pages

FEW, MANY = 10_000, int(os.environ.get("DESK_REQUESTS", "1000000"))
STREAMS = 500
SIZES = {"few": FEW, "many": MANY}
CROWDED = ["/", "/?partner=fr.contact", "/?officer=me", "/?words=preserve&urgency=emergency", "/case/{case}", "/request/{request}",
           "/case/{case}?before=5000", "/numbers", "/network"]


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


def send(th, us, ours, files=()):
    r = th.api("request.new", to="us.contact", ours=ours, measure="preserve", urgency="urgent", fields=comity.fields_of(),
               attachments=list(files))
    th.api("request.send", id=r["id"])
    comity.wait_for("delivery", lambda: us.api("request.list", incoming=True)["requests"])
    return r


def attach(node):
    """A small file that a record carries; its id."""
    place = node.api("attachment.add", name="order.txt")
    conn = comity.UnixHTTP(os.path.join(node.home, "run", "api.sock"))
    conn.request("POST", "/api/v1/attachment.put?id=" + place["id"], b"an order\n",
                 {"Authorization": "Bearer " + node.token("admin"), "Content-Type": "application/octet-stream"})
    if conn.getresponse().status != 200:
        raise AssertionError("the attachment was not taken")
    conn.close()
    return place["id"]


def make(folder, say):
    """One node that asked, copied into one with few requests, one with many and one with a crowd."""
    th, us = desk.desk_node(folder, "th.contact"), desk.desk_node(folder, "us.contact")
    comity.introduce(th, us)
    cookies = {"admin": desk.Browser(th).welcome(th, "admin").cookies}
    for name in desk_pages.OTHERS:
        cookies[name] = desk.officer(th, name, "duty").cookies
    browser = desk.Browser(th)
    browser.cookies = dict(cookies["admin"])
    names = {"attachment": attach(th), "year": time.strftime("%Y"), "partner": "us.contact"}
    send(th, us, "B-0", [names["attachment"]])  # a case of its own: each opening is in the report of the case
    asked = send(th, us, "B-1")
    path = os.path.join(folder, "evidence.bin")
    with open(path, "wb") as f:
        f.write(os.urandom(10000))
    sealed = json.loads(th.cli("exhibit", "seal", path, "--case", asked["case_id"], "--to", "us.contact", "--json").stdout)
    names.update(case=asked["case_id"], request=asked["id"], exhibit=sealed["id"])
    browser.get("/case/" + asked["case_id"])
    names["draft"] = th.api("request.new", to="us.contact", ours="B-2", measure="preserve", urgency="urgent",
                            fields=comity.fields_of())["id"]
    comity.wait_for("the manifest's delivery", lambda: th.api("status")["outbox"]["waiting"] == 0)
    th.stop()
    us.stop()
    for name, want in SIZES.items():
        home = os.path.join(folder, name)
        shutil.copytree(th.home, home, ignore=shutil.ignore_patterns("run"))
        os.makedirs(os.path.join(home, "run"), mode=0o700, exist_ok=True)
        begin = time.time()
        desk_fill.fill(home, want)
        say(f"seconds to fill, {want:,}", round(time.time() - begin, 1))
    shutil.copytree(os.path.join(folder, "many"), os.path.join(folder, "crowd"))
    desk_fill.crowd(os.path.join(folder, "crowd"))
    state = {"many": MANY, "names": names, "cookies": cookies}
    with open(os.path.join(folder, "made.json"), "w", encoding="utf-8") as f:
        json.dump(state, f)
    return state


def made(folder):
    """What an earlier run kept, if it is of the same size; otherwise None, and the folder is empty."""
    try:
        with open(os.path.join(folder, "made.json"), encoding="utf-8") as f:
            state = json.load(f)
        if state["many"] == MANY:
            return state
    except FileNotFoundError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return None


def signed_in(node, state, officer):
    browser = desk.Browser(node)
    browser.cookies = dict(state["cookies"][officer])
    return browser


def start(folder, name, state):
    """A Side: the node serves, and its browser is signed in as when it was made."""
    port = comity.free_port()
    node = comity.Node.again(os.path.join(folder, name), "th.contact", {"desk": f"127.0.0.1:{port}"})
    node.desk = port
    desk.sql(node, "UPDATE session SET seen_us = ?, ends_us = ?", int(time.time() * 1e6), int((time.time() + 40000) * 1e6))
    node.start(wait=False)
    node.wait_ready(300)  # a new step of the schema may have to read all there is
    comity.wait_for("the desk", lambda: desk.listens(port))
    return desk_pages.Side(node, signed_in(node, state, "admin"), dict(state["names"]))


def idle(side, seconds=3):
    """Milliseconds a second that a node runs while nobody asks it anything."""
    ran = desk_pages.ran_ms(side.node)
    time.sleep(seconds)
    return (desk_pages.ran_ms(side.node) - ran) / seconds


def pages(folder, state, say, keep):
    few, many = (start(folder, name, state) for name in SIZES)
    for side, size in ((few, FEW), (many, MANY)):
        say(f"seconds until quiet, {size:,}", round(quiet(side.node), 1))
        say(f"runs at rest, {size:,}, ms a second", round(idle(side), 1))
        wire, whole, assets = desk_pages.first_visit(side.browser)
        say(f"first visit, {size:,} requests, KiB", round(wire / 1024, 1),
            f"limit 100; {len(assets) + 1} answers, {whole / 1024:.0f} KiB unpacked")
        side.names["asset"] = assets[0]
        side.names["code"] = desk.invite(side.node, "lea")
    table, failing = {}, []
    print(f"  the demand, page by page: {desk_pages.LIMIT_MS} ms, {desk_pages.LIMIT_KIB} KiB, {desk_pages.LIMIT_TIMES} times the time "
          f"with {FEW:,}, in wall time and in processor time")
    todo = [("admin", path, address) for path, address in desk_pages.addresses(desk.routes())]
    todo += [(officer, path, path) for officer, paths in desk_pages.OTHERS.items() for path in paths]
    for officer, path, address in todo:
        if few.officer != officer:
            for side in (few, many):
                side.take(officer, signed_in(side.node, state, officer))
        a, b, wrong = desk_pages.measure(few, many, path, address)
        path += "" if officer == "admin" else f" for {officer}"
        say(f"page {path}, ms", round(b.wall, 2),
            f"{'FAILS: ' + ', '.join(wrong) if wrong else 'holds'}; with {FEW:,} {a.wall:.2f}: {b.wall / a.wall:.2f} times; "
            f"ran {b.ran:.2f} and {a.ran:.2f}: {b.ran / a.ran:.2f} times; first byte {b.first:.2f}; {b.kib:.1f} KiB")
        table[path] = {"wall": b.wall, "wall_few": a.wall, "ran": b.ran, "ran_few": a.ran, "first": b.first, "kib": b.kib, "fails": wrong}
        failing += [path] if wrong else []
    keep("desk pages", table)
    say("pages that hold", len(table) - len(failing), f"of {len(table)}" + (": not " + ", ".join(failing) if failing else ""))
    real = {p: f for p, f in table.items() if p not in desk_pages.FILES}
    for word, name in (("wall", "wall time"), ("ran", "processor time")):
        worst = max(real, key=lambda p, w=word: real[p][w])
        say(f"slowest page, {name}, ms", round(real[worst][word], 1), f"{worst}; limit {desk_pages.LIMIT_MS}")
        times = max(real, key=lambda p, w=word: real[p][w] / real[p][w + "_few"])
        say(f"most times, {name}", round(real[times][word] / real[times][word + "_few"], 2), f"{times}; limit {desk_pages.LIMIT_TIMES}")
    many.take("admin", signed_in(many.node, state, "admin"))
    beside(many, say)
    for side in (few, many):
        side.node.stop()


def beside(side, say, files=8, rounds=60):
    """How long the inbox takes while logs are taken away as files by readers who take their time."""
    socks = []
    for _ in range(files):
        s = socket.create_connection(("127.0.0.1", side.browser.port), 10)
        s.sendall(f"GET /audit/events/csv HTTP/1.1\r\nHost: {side.browser.host}\r\nCookie: comity={side.browser.cookies['comity']}\r\n\r\n"
                  .encode())
        socks.append(s)
    walls, got = [], [0] * files
    for i in range(rounds):
        walls.append(side.ask("/")[0])
        for k, s in enumerate(socks):
            if select.select([s], [], [], 0)[0]:
                got[k] += len(s.recv(8192))
        time.sleep(0.005)  # readers of about a megabyte a second
    if not all(got):
        raise AssertionError(f"files that gave nothing: {got}")
    for s in socks:
        s.close()
    walls.sort()
    say(f"the inbox beside {files} files of a log, ms (median)", round(walls[rounds // 2], 2), f"limit {desk_pages.LIMIT_MS}; worst {walls[-1]:.2f}; "
        f"{sum(got) // 1024} KiB of files meanwhile")


def crowded(folder, state, say):
    side = start(folder, "crowd", state)
    quiet(side.node)
    for path in CROWDED:
        f, = desk_pages.in_turn([side], path, desk_pages.ROUNDS)
        say(f"page {path}, a crowd, ms", round(f.wall, 2),
            f"limit {desk_pages.LIMIT_MS}{' FAILS' if f.wall > desk_pages.LIMIT_MS or f.status != {200} else ''}; ran {f.ran:.2f}; {desk_fill.CROWD:,} open, {desk_fill.LONG:,} records in the case; status {f.status}")
    side.node.stop()


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


def bench(base, say, keep):
    print(f"The desk: {FEW:,} and {MANY:,} requests stored, a first visit, {STREAMS} live streams")
    folder = os.environ.get("DESK_KEEP") or os.path.join(base, "desk")
    state = made(folder) or make(folder, say)
    pages(folder, state, say, keep)
    crowded(folder, state, say)
    us, jp = desk.desk_node(base, "us.contact"), comity.Node(base, "jp.contact").start()
    comity.introduce(us, jp)
    there = desk.Browser(us).welcome(us, "admin")
    streams(us, there, lambda: us.api("request.new", to="jp.contact", ours="B-3", measure="preserve", urgency="urgent",
                                      fields=comity.fields_of()), say)
