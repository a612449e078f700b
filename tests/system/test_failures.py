"""What must be survived: death at every step, absence, lies. No acknowledged record lost, none twice."""
import base64
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time

import comity
from comity import ApiError, Node, fields_of, introduce, wait_for
from test_spine import answer, evidence, fetch, give, in_days, pair, send, settled, state

POINTS_SENDER = ["exchange.before-sign", "exchange.after-sign", "store.after-work", "store.before-commit",
                 "store.after-commit", "courier.before-post", "courier.after-answer", "outbox.before-settle",
                 "outbox.after-settle"]
POINTS_RECEIVER = ["intake.before-commit", "store.after-work", "store.before-commit", "store.after-commit",
                   "intake.after-commit", "listener.before-answer"]
POINTS_FETCH = ["fetch.chunk", "vault.fill-write", "vault.fill-end", "fetch.before-receipt"]


def need_faults():
    with open(comity.BINARY, "rb") as f:
        if b"COMITY_FAULT" not in f.read():
            raise comity.Skip("this build has no fault points (meson -Dfaults=true)")


def waiting(node):
    return node.api("status")["outbox"]["waiting"]


def submit(node, n, ours):
    """Ids that the node acknowledged; a node that dies on the way acknowledges nothing."""
    one = {"to": "us.contact", "ours": ours, "measure": "preserve", "urgency": "urgent", "fields": fields_of()}
    try:
        got = node.api("request.submit_many", requests=[one] * n)
    except (OSError, ApiError, Exception):
        return []
    return [r["id"] for r in got["results"] if "id" in r]


def ids(node, incoming):
    return [r["id"] for r in node.api("request.list", incoming=incoming, limit=1000)["requests"]]


def nothing_lost_nothing_twice(th, us, acknowledged):
    wait_for("everything delivered", lambda: th.api("delivery.list", state="waiting", limit=1)["deliveries"] == [], 60)
    there, here = ids(us, True), ids(th, False)
    for name, rows in (("receiver", there), ("sender", here)):
        assert len(rows) == len(set(rows)), f"{name} has a record twice"
    lost = set(acknowledged) - set(there)
    assert not lost, f"acknowledged by the sender, not at the receiver: {lost}"
    assert set(there) == set(here), "the two sides hold different requests"
    for n in (th, us):
        n.api("ledger.checkpoint")
        n.cli("ledger", "check")


def kill_at(base, victim, points):
    need_faults()
    th, us = pair(base)
    acknowledged = submit(th, 3, "first")
    assert len(acknowledged) == 3
    nodes = {"sender": th, "receiver": us}
    for point in points:
        v = nodes[victim]
        for count in (1, 3):
            v.stop()
            v.start(env={"COMITY_FAULT": f"{point}:{count}:kill"}, wait=False)
            try:
                v.wait_ready()
            except AssertionError:
                pass  # died while starting: the point was passed by the start itself
            for k in range(4):
                acknowledged += submit(th, 2, f"{point}-{count}-{k}")
                time.sleep(0.05)
            until = time.time() + 5
            while v.process.poll() is None and time.time() < until:
                time.sleep(0.05)
            died = v.process.poll() is not None
            if died:
                v.gone()
            else:
                v.stop()
            v.start()
            assert died, f"{point}:{count} was never reached"
            wait_for(f"delivery after {point}", lambda: waiting(th) == 0, 60)
    acknowledged += submit(th, 1, "last")
    nothing_lost_nothing_twice(th, us, acknowledged)


def test_kill_the_sender_at_every_step(base):
    kill_at(base, "sender", POINTS_SENDER)


def test_kill_the_receiver_at_every_step(base):
    kill_at(base, "receiver", POINTS_RECEIVER)


def test_kill_while_evidence_travels(base):
    need_faults()
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("arrival", lambda: settled(th, r["id"]))
    answer(us, r["id"], "accepted")
    for point in POINTS_FETCH:
        ex = give(us, "th.contact", r["case_id"], evidence(base, size=20_000_000))
        wait_for("the manifest", lambda: any(e["id"] == ex for e in th.api("exhibit.list")["exhibits"]))
        th.stop()
        th.start(env={"COMITY_FAULT": f"{point}:1:kill"})
        try:
            th.api("exhibit.fetch", id=ex)
        except OSError:
            pass
        th.gone()
        th.start()  # goes on by itself
        wait_for(f"the exhibit after {point}",
                 lambda: th.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", 30)
        wait_for("its receipt", lambda: us.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", 30)
        receipts = [c for c in us.api("exhibit.show", id=ex)["custody"] if c.get("action") == "received"]
        assert len(receipts) == 1, receipts


def test_kill_the_serving_side_while_evidence_travels(base):
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("arrival", lambda: settled(th, r["id"]))
    ex = give(us, "th.contact", r["case_id"], evidence(base, size=200_000_000))
    wait_for("the manifest", lambda: any(e["id"] == ex for e in th.api("exhibit.list")["exhibits"]))
    th.api("exhibit.fetch", id=ex)
    before = wait_for("some of it", lambda: (p := th.api("exhibit.progress", id=ex))["done"] > 0 and p, every=0)
    us.kill()
    us.start()
    wait_for("the exhibit", lambda: th.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", 60)
    assert before["done"] < before["of"], "the break came too late to prove anything"


def flip(path, at):
    os.chmod(path, 0o600)
    with open(path, "r+b") as f:
        f.seek(at)
        byte = f.read(1)
        f.seek(at)
        f.write(bytes([byte[0] ^ 1]))


def test_altered_evidence_is_told_and_comes_once_mended(base):
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("arrival", lambda: settled(th, r["id"]))
    answer(us, r["id"], "accepted")
    ex = give(us, "th.contact", r["case_id"], evidence(base, size=15_000_000))
    wait_for("the manifest", lambda: any(e["id"] == ex for e in th.api("exhibit.list")["exhibits"]))
    sealed = os.path.join(us.home, "vault", ex + ".sealed")
    flip(sealed, 7_000_000)
    th.api("exhibit.fetch", id=ex)
    wait_for("the failure", lambda: th.api("exhibit.progress", id=ex)["state"] == "failed", 20)
    assert "altered" in th.api("exhibit.progress", id=ex)["error"]
    wait_for("word of it", lambda: us.api("exhibit.show", id=ex)["exhibit"]["state"] == "failed", 20)
    told = [c for c in us.api("exhibit.show", id=ex)["custody"] if c.get("action") == "failed"]
    assert len(told) == 1 and "altered" in told[0]["detail"]["why"], told
    flip(sealed, 7_000_000)
    th.api("exhibit.fetch", id=ex)
    wait_for("the exhibit", lambda: us.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", 20)


def test_evidence_waits_for_a_full_disk_and_says_so(base):
    need_faults()
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("arrival", lambda: settled(th, r["id"]))
    answer(us, r["id"], "accepted")
    ex = give(us, "th.contact", r["case_id"], evidence(base, size=15_000_000))
    wait_for("the manifest", lambda: any(e["id"] == ex for e in th.api("exhibit.list")["exhibits"]))
    th.stop()
    th.start(env={"COMITY_FAULT": "vault.fill-write:3:fail"})
    th.api("exhibit.fetch", id=ex)
    wait_for("words", lambda: "no space left" in (th.api("exhibit.progress", id=ex)["error"] or ""))
    th.stop()
    th.start()
    wait_for("the exhibit", lambda: th.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", 30)


def test_kill_the_keeper(base):
    """The node stops at once and says why; nothing goes out unsigned."""
    th, us = pair(base)
    acknowledged = submit(th, 5, "before")
    keeper = [p for p in th.rss_kib() if p != th.process.pid]
    assert len(keeper) == 1, keeper
    os.kill(keeper[0], 9)
    assert th.process.wait(10) == 1
    th.gone()
    assert "keeper" in th.log_tail()
    th.start()
    acknowledged += submit(th, 5, "after")
    nothing_lost_nothing_twice(th, us, acknowledged)


def test_random_kills(base):
    """kill -9 at moments nobody chose, both sides, under load."""
    import random
    th, us = pair(base)
    acknowledged = []
    rnd = random.Random(7)
    for _ in range(12):
        for _ in range(3):
            acknowledged += submit(th, rnd.randint(1, 40), "load")
        v = rnd.choice((th, us))
        time.sleep(rnd.random() * 0.05)
        v.kill()
        v.start()
    nothing_lost_nothing_twice(th, us, acknowledged)


def test_partner_down_for_long(base):
    th, us = pair(base)
    us.stop()
    acknowledged = submit(th, 20, "while down")
    assert len(acknowledged) == 20
    row = wait_for("a failed attempt", lambda: [d for d in th.api("delivery.list", state="waiting")["deliveries"]
                                                if d["attempts"] > 0 and d["last_error"]])
    assert "us.contact" in json.dumps(row) and row[0]["next"], row[0]
    us.start()
    nothing_lost_nothing_twice(th, us, acknowledged)


def test_disk_full(base):
    """A real full disk: the node says so, acknowledges nothing, and goes on when there is room again."""
    if os.geteuid() != 0:
        raise comity.Skip("mounting a small disk needs root")
    small = os.path.join(base, "small")
    os.makedirs(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", small], capture_output=True).returncode:
        raise comity.Skip("no tmpfs can be mounted here")
    try:
        th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
        us = Node(small, "us.contact").start()
        introduce(th, us)
        acknowledged = submit(th, 5, "room")
        wait_for("delivery", lambda: set(acknowledged) <= set(ids(us, True)))
        filler = os.path.join(small, "filler")
        try:
            with open(filler, "wb") as f:
                while True:
                    f.write(b"\0" * 65536)
                    f.flush()
        except OSError:
            pass
        for k in range(10):
            acknowledged += submit(th, 30, f"full {k}")
        wait_for("words about the disk", lambda: "space" in json.dumps(
            th.api("delivery.list", state="waiting")) or "space" in us.log_tail() or "full" in us.log_tail())
        os.unlink(filler)
        nothing_lost_nothing_twice(th, us, acknowledged)
    finally:
        comity.stop_all()
        subprocess.run(["umount", "-l", small], capture_output=True)


def test_clock_an_hour_off(base):
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start(env={"COMITY_CLOCK_OFFSET_S": "3600"})
    us = Node(base, "us.contact").start()
    introduce(th, us)
    r = send(th, "us.contact")
    wait_for("delivery in spite of it", lambda: settled(th, r["id"]))
    text = json.dumps(us.api("directory.show", address="th.contact")) + us.log_tail()
    assert "skew" in text or "clock" in text, "the operator is told"


DAY = 86400


def later(days, fault=None):
    env = {"COMITY_CLOCK_OFFSET_S": str(days * DAY)}
    return {**env, "COMITY_FAULT": fault} if fault else env


def drafts(node):
    return node.api("request.list")["drafts"]


def alarms(node):
    return [e["detail"]["detail"] for e in node.api("event.list", limit=1000)["events"] if e["what"] == "alarm"]


def test_an_extension_is_drafted_once_and_sent_by_an_officer(base):
    """Executed for 70 days; 66 days later both nodes are there again, one of them after many deaths."""
    th, us = pair(base, timezone="Asia/Bangkok", weekend="sat,sun", extend_days=7)
    r = send(th, "us.contact")
    wait_for("arrival", lambda: settled(th, r["id"]))
    answer(us, r["id"], "executed", until=in_days(70))
    wait_for("the answer", lambda: state(th, r["id"]) == "executed")
    first = th.api("request.show", id=r["id"])["request"]
    assert first["left"].endswith("h left") and first["expiry_local"].endswith("+07:00"), first
    assert drafts(th) == [] and alarms(th) == []
    th.stop()
    us.stop()
    with open(comity.BINARY, "rb") as f:
        faults = b"COMITY_FAULT" in f.read()
    # Each death from the same beginning; afterwards the draft is there once, and so is its alarm.
    # The mark goes with the database: alone, the node would say that it is an old copy of itself.
    names = [n for n in os.listdir(th.home) if n.startswith("node.db")] + ["run/mark"]
    os.mkdir(os.path.join(base, "run"))
    for n in names:
        shutil.copy(os.path.join(th.home, n), os.path.join(base, n))
    deaths = 0
    for fault in [f"{p}:{k}:kill" for p in ("store.after-work", "store.before-commit", "store.after-commit")
                  for k in (1, 2, 3)] if faults else []:
        for n in os.listdir(th.home):
            if n.startswith("node.db"):
                os.unlink(os.path.join(th.home, n))
        for n in names:
            shutil.copy(os.path.join(base, n), os.path.join(th.home, n))
        th.start(env=later(66, fault), wait=False)
        try:
            th.process.wait(4)
            deaths += 1
            th.gone()
        except subprocess.TimeoutExpired:
            th.kill()
        th.start(env=later(66))
        wait_for(f"the draft after {fault}", lambda: drafts(th), 10)
        assert len(drafts(th)) == 1 and len(alarms(th)) == 1, fault
        th.kill()
    assert not faults or deaths >= 6, deaths
    th.start(env=later(66))
    us.start(env=later(66))
    wait_for("the draft", lambda: drafts(th), 10)
    time.sleep(1.5)
    mine = drafts(th)
    assert len(mine) == 1 and mine[0]["created_by"] == "node" and mine[0]["about"] == r["id"], mine
    assert len(alarms(th)) == 1 and alarms(th)[0]["draft"] == mine[0]["id"], alarms(th)
    assert "officer" in alarms(th)[0]["why"]
    assert drafts(us) == [] and us.api("status")["drafts"]["draft"] == 0
    assert th.api("status")["drafts"]["draft"] == 1
    out = th.cli("request", "list").stdout
    assert "Not sent yet" in out and mine[0]["id"] in out and "h left" in out, out
    # Made again from the records, it is still one.
    th.stop()
    th.cli("rebuild", env=later(66))
    th.start(env=later(66))
    time.sleep(1.5)
    assert [d["id"] for d in drafts(th)] == [mine[0]["id"]] and len(alarms(th)) == 1
    th.cli("request", "send", mine[0]["id"])
    wait_for("delivery", lambda: settled(th, mine[0]["id"]), 30)
    answer(us, mine[0]["id"], "extended")
    wait_for("the extension", lambda: state(th, r["id"]) == "extended", 30)
    assert th.api("request.show", id=r["id"])["request"]["expiry"] > first["expiry"]
    assert drafts(th) == []
    for n in (th, us):
        n.api("ledger.checkpoint")
        n.cli("ledger", "check")


def test_ledger_check_names_what_was_edited(base):
    th, us = pair(base)
    for k in range(5):
        submit(th, 10, f"c{k}")
    wait_for("delivery", lambda: th.api("delivery.list", state="waiting", limit=1)["deliveries"] == [])
    th.api("ledger.checkpoint")
    th.stop()
    th.cli("ledger", "check")
    db = os.path.join(th.home, "node.db")
    shutil.copy(db, db + ".good")
    rid = sqlite3.connect(db).execute("SELECT id FROM record WHERE kind='request' LIMIT 1").fetchone()[0]
    edits = [("UPDATE record SET bytes = CAST(replace(CAST(bytes AS TEXT),'urgent','routin') AS BLOB) WHERE id=?", rid),
             ("DELETE FROM record WHERE id=?", rid),
             ("DELETE FROM leaf WHERE subject=?", rid),
             ("UPDATE leaf SET salt = zeroblob(16) WHERE subject=?", rid),
             ("UPDATE tile SET hashes = zeroblob(length(hashes)) WHERE level=0 AND n=?", 0),
             ("UPDATE checkpoint SET note = replace(note, 'th.contact', 'th.kontact') WHERE size > ?", 0),
             ("UPDATE checkpoint SET token = substr(token, 1, length(token) - 1) || x'00' WHERE size > ?", 0)]
    for sql, arg in edits:
        shutil.copy(db + ".good", db)
        with sqlite3.connect(db) as c:
            assert c.execute(sql, (arg,)).rowcount > 0, sql
        c.close()
        p = th.cli("ledger", "check", check=False)
        assert p.returncode == 3, f"{sql}: exit {p.returncode}\n{p.stdout}{p.stderr}"
        if isinstance(arg, str):
            assert rid in p.stdout + p.stderr, f"{sql}: the record is not named\n{p.stdout}{p.stderr}"


def test_a_thousand_idle_and_slow_connections(base):
    th, us = pair(base)
    socks = []
    for _ in range(1000):
        s = socket.create_connection(("127.0.0.1", us.port), 5)
        socks.append(s)
    for s in socks[:500]:
        s.sendall(b"\x16\x03\x01")  # the beginning of a handshake that never goes on
    acknowledged = submit(th, 50, "crowd")
    nothing_lost_nothing_twice(th, us, acknowledged)
    for s in socks:
        s.close()


def test_a_sealed_file_that_lost_its_end_is_not_served_as_whole(base):
    """A disk that lost bytes: the answer breaks off, both nodes live, and the transfer ends when it is mended."""
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("arrival", lambda: us.api("request.list", incoming=True)["requests"])
    ex = give(us, "th.contact", r["case_id"], evidence(base, size=3_000_000))
    sealed = os.path.join(us.home, "vault", ex + ".sealed")
    with open(sealed, "rb") as f:
        whole = f.read()
    os.truncate(sealed, 1_000_000)
    wait_for("the manifest", lambda: any(e["id"] == ex for e in th.api("exhibit.list")["exhibits"]))
    th.api("exhibit.fetch", id=ex)
    wait_for("trouble", lambda: th.api("exhibit.progress", id=ex)["error"], 20)
    assert th.api("exhibit.show", id=ex)["exhibit"]["state"] == "fetching"
    assert us.api("status")["address"] == "us.contact"
    with open(sealed, "wb") as f:
        f.write(whole)
    th.api("exhibit.fetch", id=ex)
    wait_for("the exhibit", lambda: th.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", 60)
