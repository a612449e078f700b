"""A node that was put back from an old copy: it finds that out, signs nothing, and goes on when an administrator decides."""
import json
import os
import shutil
import sqlite3

from comity import ApiError, Node, introduce, wait_for
from desk import Browser, desk_node
from test_spine import send, settled

COPIED = ("comity.conf", "keys", "secret", "certs", "vault", "officers")  # as docs/manual.md says


def delivered(frm, to):
    r = send(frm, to.address)
    wait_for("delivery", lambda: settled(frm, r["id"]))
    return r["id"]


def pair(base):
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    introduce(th, us)
    delivered(th, us)
    return th, us


def back_up(node, to):
    """While it runs: the database first, then the rest."""
    os.mkdir(to, 0o700)
    source, copy = sqlite3.connect(os.path.join(node.home, "node.db")), sqlite3.connect(os.path.join(to, "node.db"))
    source.backup(copy)
    source.close()
    copy.close()
    for name in COPIED:
        path = os.path.join(node.home, name)
        (shutil.copytree if os.path.isdir(path) else shutil.copy)(path, os.path.join(to, name))


def put_db(node, copy):
    for ending in ("-wal", "-shm"):
        if os.path.exists(os.path.join(node.home, "node.db" + ending)):
            os.remove(os.path.join(node.home, "node.db" + ending))
    shutil.copy(os.path.join(copy, "node.db"), os.path.join(node.home, "node.db"))


def held(node):
    return node.api("status")["ledger"].get("held")


def refused(node, to):
    try:
        got = node.api("request.submit_many", requests=[{"to": to, "ours": "T-9", "measure": "preserve", "urgency": "urgent",
                                                         "fields": __import__("comity").fields_of()}])
    except ApiError as e:
        return e.message
    return got["results"][0].get("message", "")


def size(node):
    db = sqlite3.connect(os.path.join(node.home, "node.db"))
    try:
        return db.execute("SELECT max(size) FROM checkpoint").fetchone()[0]
    finally:
        db.close()


def test_the_desk_says_that_it_is_on_hold(base):
    n = desk_node(base, "th.contact")
    n.stop()
    with open(os.path.join(n.home, "run", "mark"), "w", encoding="utf-8") as f:
        f.write("%020d " % 999999 + "A" * 43 + "=\n")
    n.start()
    b = Browser(n).welcome(n, "admin")
    assert "This node is on hold" in b.get("/").text
    n.api("ledger.resume", reason="a test")
    assert "This node is on hold" not in b.get("/").text


def test_an_old_database_on_its_own_machine(base):
    """Without any partner: the mark beside it says so."""
    th, us = pair(base)
    old, new = os.path.join(base, "old"), os.path.join(base, "new")
    back_up(th, old)
    before = size(th)
    delivered(th, us)
    wait_for("a checkpoint", lambda: size(th) > before)
    mark = os.path.join(th.home, "run", "mark")

    def marked():
        with open(mark, encoding="utf-8") as f:
            return int(f.read().split()[0]) > before
    wait_for("the mark", marked)
    us.stop()
    th.stop()
    back_up(th, new)
    put_db(th, old)
    p = th.cli("selfcheck", check=False)
    assert p.returncode == 1 and "old copy" in p.stdout, p.stdout
    th.start()
    assert "old copy" in held(th) and "ledger resume" in held(th)
    assert "old copy" in refused(th, "us.contact")
    at = size(th)
    th.stop()
    th.start()
    assert "old copy" in held(th) and size(th) == at, "no checkpoint is signed"
    p = th.cli("status", "--as", "admin")
    assert "ON HOLD" in p.stdout, p.stdout
    # The newer copy ends it.
    th.stop()
    put_db(th, new)
    th.start()
    assert held(th) is None
    us.start()
    assert delivered(th, us)
    assert th.cli("ledger", "check").returncode == 0


def test_a_partner_knows_more(base):
    """On another machine there is no mark: the node asks before it signs."""
    th, us = pair(base)
    old, new = os.path.join(base, "old"), os.path.join(base, "new")
    back_up(th, old)
    # What it only received and answered with a receipt is lost too.
    lost = delivered(us, th)
    th.stop()
    back_up(th, new)
    shutil.rmtree(th.home)
    shutil.copytree(old, th.home)
    th.start()
    wait_for("the hold", lambda: "us.contact has a receipt" in (held(th) or ""))
    assert "old copy" in refused(th, "us.contact")
    # What the partner sends waits there; nothing of it is refused for good.
    r = send(us, "th.contact", ours="T-2")
    row = wait_for("a try", lambda: [d for d in us.api("delivery.list", state="waiting")["deliveries"]
                                     if d["record_id"] == r["id"] and d["attempts"] > 0])
    assert row[0]["state"] == "waiting", row
    # Only an administrator decides, once, with a reason.
    th.officer("dana", "duty")
    for who, args in (("dana", {"reason": "x"}), ("admin", {})):
        try:
            th.api("ledger.resume", _as=who, **args)
            raise AssertionError("not refused")
        except ApiError as e:
            assert e.error in ("EDENIED", "EUSAGE", "EMALFORMED"), e
    th.stop()
    th.start()
    assert "us.contact has" in held(th), "a restart is no decision"
    p = th.cli("ledger", "resume", "--reason", "disk lost", "--as", "admin", "--json")
    assert json.loads(p.stdout)["recorded"] == "ledger.resumed"
    assert held(th) is None
    assert delivered(th, us)
    us.api("directory.ping", address="th.contact")
    wait_for("what waited", lambda: not us.api("delivery.list", state="waiting")["deliveries"])
    events = [e["what"] for e in th.api("event.list")["events"]]
    assert "ledger.resumed" in events, events
    th.stop()
    th.start()
    assert held(th) is None, "it was decided"
    try:
        th.api("request.show", id=lost)
        raise AssertionError("it was lost")
    except ApiError as e:
        assert e.error == "ENOTFOUND", e
    assert th.cli("ledger", "check").returncode == 0


def test_a_newer_copy_ends_the_hold_of_a_partner(base):
    th, us = pair(base)
    old, new = os.path.join(base, "old"), os.path.join(base, "new")
    back_up(th, old)
    delivered(th, us)
    th.stop()
    back_up(th, new)
    put_db(th, old)
    os.remove(os.path.join(th.home, "run", "mark"))
    th.start()
    wait_for("the hold", lambda: "us.contact has" in (held(th) or ""))
    th.stop()
    put_db(th, new)
    th.start()
    wait_for("its end", lambda: held(th) is None)
    assert delivered(th, us) and delivered(us, th)


def test_a_move_to_another_machine_is_no_old_copy(base):
    """The whole folder, or the back-up of a node that has not run since: nothing is held."""
    th, us = pair(base)
    us.stop()  # a partner that is away stops nobody
    th.stop()
    moved = os.path.join(base, "moved")
    back_up(th, moved)
    shutil.rmtree(th.home)
    shutil.copytree(moved, th.home)
    th.start()
    wait_for("signing", lambda: held(th) is None)
    us.start()
    assert delivered(th, us) and delivered(us, th)
