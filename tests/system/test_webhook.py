"""Webhooks: at least once, signed, ids and kinds only, and never into places they must not reach."""
import hashlib
import hmac
import http.server
import json
import os
import threading
import time

from comity import ApiError, Node, fields_of, free_port, introduce, wait_for


class Receiver:
    """Takes deliveries at a loopback port; answers with what `answers` says, then 204."""

    def __init__(self, port=0):
        self.got, self.answers = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                status = outer.answers.pop(0) if outer.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{outer.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def bodies(self, event=None):
        all_ = [json.loads(b) for _, b in self.got]
        return [b for b in all_ if event is None or b["event"] == event]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def pair(base):
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    introduce(th, us)
    return th, us


def send(th):
    draft = th.api("request.new", to="us.contact", ours="X-1", measure="preserve", urgency="urgent", fields=fields_of())
    th.api("request.send", id=draft["id"])
    return draft["id"]


def test_what_happens_is_told_and_signed(base):
    th, us = pair(base)
    send(th)  # before the webhook: never told
    r = Receiver()
    hook = us.api("webhook.add", url=r.url, events=["record", "state"])
    request = send(th)
    wait_for("the request", lambda: [b for b in r.bodies("record") if b["record"] == request])
    us.api("request.answer", id=request, state="acknowledged")
    state = wait_for("the state", lambda: r.bodies("state"))[0]
    assert (state["state"], state["request"], state["incoming"]) == ("acknowledged", request, False), state
    for head, body in r.got:
        text = f"{head['Comity-Webhook-Id']}.{head['Comity-Webhook-Time']}.".encode() + body
        want = "v1=" + hmac.new(hook["secret"].encode(), text, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(want, head["Comity-Webhook-Signature"])
        assert json.loads(body)["id"] == head["Comity-Webhook-Id"]
        assert set(json.loads(body)) <= {"id", "event", "at", "record", "kind", "case", "incoming", "state", "request"}
        assert b"Anong" not in body and b"203.0.113" not in body
    ids = [b["id"] for b in r.bodies()]
    assert len(ids) == len(set(ids)), ids
    assert hook["secret"] not in json.dumps(us.api("webhook.list"))
    us.cli("webhook", "test", hook["id"], "--as", "admin")
    assert r.bodies("test")
    us.cli("webhook", "remove", hook["id"], "--as", "admin")
    n = len(r.got)
    us.api("request.answer", id=request, state="accepted")
    wait_for("the answer is here", lambda: th.api("request.show", id=request)["request"]["state"] == "accepted")
    assert len(r.got) == n and us.api("webhook.list")["webhooks"] == []
    r.stop()
    th.stop()
    us.stop()


def test_a_receiver_that_fails_is_told_again_with_the_same_id(base):
    th, us = pair(base)
    r = Receiver()
    r.answers = [500]
    us.api("webhook.add", url=r.url, events=["record"])
    request = send(th)
    wait_for("two attempts", lambda: len([b for b in r.bodies() if b["record"] == request and b["kind"] == "request"]) >= 2)
    ids = {b["id"] for b in r.bodies() if b["record"] == request}
    assert len(ids) == 1, ids
    r.stop()
    th.stop()
    us.stop()


def test_nothing_is_lost_while_node_and_receiver_are_away(base):
    th, us = pair(base)
    port = free_port()
    us.api("webhook.add", url=f"http://localhost:{port}/", events=["record"])
    request = send(th)
    wait_for("the request", lambda: us.api("request.list")["requests"])
    us.kill()
    us.start()
    r = Receiver(port)
    wait_for("told after all", lambda: [b for b in r.bodies() if b["record"] == request], 60)
    ids = [b["id"] for b in r.bodies()]
    assert len(ids) == len(set(ids)), ids
    r.stop()
    th.stop()
    us.stop()


def test_places_that_must_not_be_reached(base):
    th = Node(base, "th.contact").start()
    for url in (th.url, f"https://localhost:{th.port}/v1/records", "http://tickets.example/", "file:///etc/passwd",
                "https://user:pw@tickets.example/"):
        try:
            th.api("webhook.add", url=url, events=["record"])
            raise AssertionError(url)
        except ApiError as e:
            assert e.status == 400, e
    # Only when the name is looked up does it show where it leads.
    hook = th.api("webhook.add", url="https://169.254.169.254/latest/meta-data", events=["record"])
    try:
        th.api("webhook.test", id=hook["id"])
        raise AssertionError("it was called")
    except ApiError as e:
        assert e.status == 409 and "may not call" in e.message, e
    r = Receiver()
    r.answers = [302]
    hook = th.api("webhook.add", url=r.url, events=["record"])
    try:
        th.api("webhook.test", id=hook["id"])
        raise AssertionError("a redirect is no success")
    except ApiError as e:
        assert "302" in e.message, e
    assert len(r.got) == 1
    r.stop()
    th.stop()


def test_evidence_to_decide_on_is_told(base):
    """A destruction that waits for a second officer, a hold that ended, a period that is over: ids only."""
    th, us = pair(base)
    r = Receiver()
    th.api("webhook.add", url=r.url, events=["evidence"])
    request = send(th)
    wait_for("the request", lambda: us.api("request.list")["requests"])
    case = th.api("request.show", id=request)["request"]["case_id"]
    path = os.path.join(base, "disk.bin")
    with open(path, "wb") as f:
        f.write(b"x" * 5000)
    ex = json.loads(th.cli("exhibit", "seal", path, "--case", case, "--to", "us.contact", "--json").stdout)["id"]
    why = {"purpose": "period is over", "authority": "order 2026/117"}
    th.api("exhibit.hold", id=ex, **why)
    th.api("exhibit.release", id=ex, **why)
    draft = th.api("exhibit.destroy", id=ex, **why)["draft"]
    end = int(time.time()) + 2
    th.api("exhibit.retain", id=ex, until=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)), rule="r", source="s", **why)
    th.stop()
    wait_for("the end of the period", lambda: time.time() > end)
    th.start()  # alarms are looked for at the start, and every minute
    told = {}
    wait_for("all three", lambda: told.update({b["what"]: b for b in r.bodies("evidence")}) or len(told) == 3, 150)
    assert told["second-officer"]["draft"] == draft, told
    assert told["period"]["until"] and all(b["case"] == case and b["exhibit"] == ex for b in told.values()), told
    assert all(set(b) <= {"id", "event", "at", "what", "record", "case", "exhibit", "draft", "until"} for b in told.values()), told
