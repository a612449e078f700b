"""Attachments: files that travel with a request, an answer or a message, both ways, and what may go wrong with them."""
import base64
import hashlib
import http.client
import json
import os
import socket
import threading
import time
import urllib.parse

import comity
from comity import ApiError, Node, UnixHTTP, fields_of, introduce, wait_for

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
