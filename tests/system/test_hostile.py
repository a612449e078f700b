"""Partners that lie, and strangers. Each is refused, nothing wrong is stored, and the operator sees why."""
import base64
import json
import os
import time

from comity import Node, fields_of, wait_for
from foreign import Foreign, now, sha256, uuid7, wire
from test_spine import send

PRESERVE = {"measure": "preserve", "urgency": "urgent"}


def desk(base, **conf):
    return Node(base, "th.contact", conf={"four_eyes": "", **conf}).start()


def request(f, to="th.contact", **more):
    rec = f.record("request", to, {**PRESERVE, "fields": fields_of()}, case=f.case(), **more)
    return rec, f.sign(rec)


def refusal(items):
    kind, text, _ = items[0]
    assert kind == 2, f"accepted: {text[:200]}"
    return json.loads(text)["error"], json.loads(text)["message"]


def received(node):
    return [r["id"] for r in node.api("request.list", incoming=True, limit=1000)["requests"]]


def test_a_second_implementation_is_understood(base):
    th, f = desk(base), Foreign(base, "zz.contact")
    f.meet(th)
    rec, sig = request(f)
    (kind, receipt, rsig), = f.post(th, (rec, sig))
    assert kind == 1
    r = json.loads(receipt)
    assert r["kind"] == "receipt" and r["refs"][0] == {"id": json.loads(rec)["id"], "sha256": sha256(rec)}, r
    # the stored receipt, to the byte, answers a duplicate
    (kind, again, asig), = f.post(th, (rec, sig))
    assert (again, asig) == (receipt, rsig)
    assert received(th) == [json.loads(rec)["id"]]


def test_replay_with_other_content(base):
    th, f = desk(base), Foreign(base, "zz.contact")
    f.meet(th)
    rec, sig = request(f)
    f.post(th, (rec, sig))
    other, osig = request(f, id=json.loads(rec)["id"])
    assert refusal(f.post(th, (other, osig)))[0] == "ECONFLICT"
    wait_for("the report", lambda: any(json.loads(rec)["id"] in json.dumps(e) for e in th.api("event.list")["events"]))
    assert base64.b64decode(th.api("record.get", id=json.loads(rec)["id"])["bytes"]) == rec


def test_wrong_records_are_refused(base):
    th, f = desk(base), Foreign(base, "zz.contact")
    stranger = Foreign(base, "yy.contact")
    f.meet(th)
    good, sig = request(f)
    flipped = bytearray(good)
    flipped[len(flipped) // 2] ^= 1
    other_to = request(f, to="us.contact")
    other_from = request(f, frm="us.contact")
    future = request(f, at=now(2 * 86400))
    zoneless = request(f, at="2026-11-23T19:15:00")
    unknown_ref = f.record("message", "th.contact", {"text": "x"}, case=f.case(), refs=[(uuid7(), "0" * 64)])
    twice = good[:-1] + b',"exercise":true}'
    deep = f.record("message", "th.contact", {"text": "x", "y": json.loads("[" * 40 + "]" * 40)}, case=f.case())
    cases = {
        "altered after signing": ((bytes(flipped), sig), "EVERIFY"),
        "signed by somebody else": ((good, stranger.sign(good)), "EVERIFY"),
        "no signing-certificate attribute": ((good, f.sign(good, cades=False)), "EVERIFY"),
        "signature cut": ((good, sig[:-7]), "EMALFORMED"),
        "signature with a tail": ((good, sig + b"\0"), "EMALFORMED"),
        "signed with the TLS key": ((good, f.sign(good, signer="tls")), "EVERIFY"),
        "for another recipient": (other_to, "EDENIED"),
        "in another's name": (other_from, "EDENIED"),
        "from the day after tomorrow": (future, "EREFUSED"),
        "without time zone": (zoneless, "EMALFORMED"),
        "a member twice": ((twice, f.sign(twice)), "EMALFORMED"),
        "too deep": ((deep, f.sign(deep)), "ETOOBIG"),
        "refers to what never came": ((unknown_ref, f.sign(unknown_ref)), "ENOTFOUND"),
        "not JSON": ((b"hello", f.sign(b"hello")), "EMALFORMED"),
    }
    for what, (item, error) in cases.items():
        got = refusal(f.post(th, item))
        assert got[0] == error and got[1], f"{what}: {got}, wanted {error}"
    assert received(th) == []
    assert f.post(th, (good, sig))[0][0] == 1, "the good one still goes through"


def test_bodies_that_are_not_the_wire_format(base):
    th, f = desk(base), Foreign(base, "zz.contact")
    f.meet(th)
    good = request(f)
    w = wire([good])
    for raw in (b"", b"CMT1", w[:-1], w + b"\0", b"XXXX" + w[4:], w[:4] + b"\xff\xff\xff\xff" + w[8:],
                w[:9] + b"\xff\xff\xff\xff" + w[13:], wire([good] * 65), b"CMT1\0\0\0\0"):
        status, text = f.post(th, raw=raw)
        assert status in (400, 413) and text, (status, text)
    big = f.record("message", "th.contact", {"text": "x" * 300_000}, case=f.case())
    answer = f.post(th, (big, f.sign(big)))
    assert answer[0] in (400, 413) or refusal(answer)[0] in ("ETOOBIG", "EMALFORMED"), answer
    try:
        status, text = f.post(th, raw=b"x" * (5 << 20))
        assert status in (400, 413), status
    except OSError:
        pass  # hung up while we were still sending: as good
    assert received(th) == []


def test_strangers_do_not_get_a_byte(base):
    th = desk(base)
    f, unmet, expired = Foreign(base, "zz.contact"), Foreign(base, "yy.contact"), Foreign(base, "xx.contact", (-20, -10))
    f.meet(th)
    unmet.meet(th, accept=False)
    for who, cert in ((f, None), (f, "seal"), (unmet, "tls"), (expired, "tls")):
        try:
            who.http(th, "GET", "/v1/directory", cert=cert)
            raise AssertionError(f"{who.address} with {cert} was let in")
        except OSError:
            pass
    assert f.http(th, "GET", "/v1/directory")[0] == 200


def test_revoked_and_blocked(base):
    th, f = desk(base), Foreign(base, "zz.contact")
    f.meet(th)
    assert f.post(th, request(f))[0][0] == 1
    import subprocess
    der = subprocess.run(["openssl", "x509", "-in", f.path("seal.pem"), "-outform", "DER"], capture_output=True).stdout
    th.api("directory.revoke", address="zz.contact", sha256=sha256(der), reason="key reported stolen")
    got = refusal(f.post(th, request(f)))
    assert got[0] in ("ECERT", "EVERIFY") and "revoked" in got[1], got
    th.api("directory.block", address="zz.contact", reason="until they have new keys")
    try:
        f.http(th, "GET", "/v1/directory")
        raise AssertionError("a blocked partner was let in")
    except OSError:
        pass


def test_expired_seal_certificate(base):
    th, f = desk(base), Foreign(base, "zz.contact")
    f.meet(th)
    f.certificate("old", "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n",
                  days=(-20, -10))
    rec, sig = f.entry(seal=[f.pem("old")])
    sig = f.sign(rec, signer="old")
    try:
        th.api("directory.offer", bytes=base64.b64encode(rec).decode(), sig=base64.b64encode(sig).decode())
        raise AssertionError("an entry with an expired certificate was taken")
    except Exception as e:
        assert "expired" in str(e) or "valid" in str(e), e


def test_exhibits_and_ledger_of_others_are_closed(base):
    th, f = desk(base), Foreign(base, "zz.contact")
    f.meet(th)
    for path in ("/v1/exhibits/" + uuid7(), "/v1/exhibits/../node.db", "/v1/exhibits/%2e%2e/keys", "/v1/exhibits/"):
        status, _, body = f.http(th, "GET", path, head=["Range: bytes=0-10"])
        assert status == 404, (path, status, body)
    for path, want in (("/v1/ledger/tile/0/000", (200, 404)), ("/v1/ledger/tile/64/000", (400, 404)),
                       ("/v1/ledger/tile/0/x1/000", (400, 404)), ("/nothing", (404,)), ("/v1/records", (405,))):
        status, _, _ = f.http(th, "GET", path)
        assert status in want, (path, status)


def bad_partner(base, serve):
    th, f = desk(base), Foreign(base, "zz.contact")
    f.meet(th)
    f.serve(serve)
    return th, f


def why(node):
    rows = wait_for("an attempt with its reason", lambda: [
        d for d in node.api("delivery.list")["deliveries"] if d["attempts"] > 0 and d["last_error"]], 30)
    assert rows[0]["state"] == "waiting", rows
    return rows[0]["last_error"]


def http(body, status="200 OK"):
    return (f"HTTP/1.1 {status}\r\nContent-Type: application/vnd.comity.records\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def test_partner_that_answers_garbage(base):
    def serve(conn):
        while True:
            Foreign.read_request(conn)
            conn.sendall(http(b"this is not a receipt"))
    th, f = bad_partner(base, serve)
    send(th, "zz.contact")
    assert why(th)
    f.close()


def test_partner_that_signs_receipts_wrongly(base):
    f = None

    def serve(conn):
        while True:
            _, body = Foreign.read_request(conn)
            from foreign import unwire
            rec = unwire(body)[0][1]
            out, sig = f.receipt(rec, body={"of": {"id": json.loads(rec)["id"], "sha256": "11" * 32}})
            conn.sendall(http(wire([(out, sig)])))
    th, f = bad_partner(base, serve)
    send(th, "zz.contact")
    assert why(th)
    f.close()


def test_partner_that_never_answers_does_not_hold_up_others(base):
    def serve(conn):
        time.sleep(600)
    th, f = bad_partner(base, serve)
    us = Node(base, "us.contact").start()
    from comity import introduce
    introduce(th, us)
    send(th, "zz.contact")
    for _ in range(3):
        r = send(th, "us.contact")
        wait_for("delivery to the other", lambda: r["id"] in received(us), 5)
    f.close()


def test_partner_that_is_silent_holds_up_no_stop(base):
    asked = []

    def serve(conn):
        Foreign.read_request(conn)
        asked.append(conn)
        time.sleep(600)
    th, f = bad_partner(base, serve)
    mark = os.path.join(th.home, "run", "mark")
    wait_for("the mark", lambda: os.path.exists(mark))
    # At each start every partner is asked for the last it has of ours: with the mark behind the work, without it first.
    for gone in (False, True):
        assert th.stop(20) == 0
        if gone:
            os.unlink(mark)
        asked.clear()
        th.start()
        wait_for("the question", lambda: asked)
    assert "asks its partners" in th.api("status")["ledger"]["held"]
    wait_for("the end of the waiting", lambda: not th.api("status")["ledger"].get("held"), 15)
    assert len(asked) == 1, "it went on without the answer"
    assert th.stop(20) == 0
    f.close()


def test_partner_that_trickles(base):
    def serve(conn):
        Foreign.read_request(conn)
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1000):
            conn.sendall(b"x")
            time.sleep(1)
    th, f = bad_partner(base, serve)
    r = send(th, "zz.contact")
    assert [d for d in th.api("delivery.list")["deliveries"] if d["record_id"] == r["id"]][0]["state"] == "waiting"
    assert th.stop(10) == 0, "a trickling partner must not keep the node from stopping"
    f.close()


def test_partner_with_another_certificate(base):
    def serve(conn):
        raise OSError
    th, f = bad_partner(base, serve)
    f.close()
    time.sleep(0.1)
    g = Foreign(base, "yy.contact")
    g.port = f.port
    g.serve(serve)
    send(th, "zz.contact")
    text = why(th)
    assert "certificate" in text, text
    assert os.path.exists(th.home)
    g.close()


def test_honest_foreign_receipt_settles(base):
    f = None

    def serve(conn):
        while True:
            _, body = Foreign.read_request(conn)
            from foreign import unwire
            conn.sendall(http(wire([f.receipt(rec) for _, rec, _ in unwire(body)])))
    th, f = bad_partner(base, serve)
    r = send(th, "zz.contact")
    wait_for("delivered", lambda: [d for d in th.api("delivery.list")["deliveries"]
                                   if d["record_id"] == r["id"]][0]["state"] == "delivered")
    f.close()
