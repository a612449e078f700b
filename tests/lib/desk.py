"""An officer's browser, as far as HTTP goes: cookies, forms, one-time codes. And the desk's table of pages."""
import base64
import hashlib
import hmac
import html
import http.client
import json
import os
import re
import socket
import sqlite3
import struct
import time
import urllib.parse

import comity
from comity import Node, fields_of, free_port

PASSWORD = "correct horse staple"
ROLES = ("duty", "investigator", "approver", "custodian", "auditor", "trainer", "administrator")
NOBODY = "00000000-0000-7000-8000-000000000000"


def totp(key, ahead=0):
    """RFC 6238 of a base32 key, ahead steps of 30 s."""
    step = int(time.time()) // 30 + ahead
    h = hmac.new(base64.b32decode(key), struct.pack(">Q", step), hashlib.sha1).digest()
    at = h[-1] & 15
    return f"{(struct.unpack('>I', h[at:at + 4])[0] & 0x7fffffff) % 10**6:06d}"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.text = body.decode(errors="replace")

    def header(self, name):
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    @property
    def to(self):
        return self.header("Location")


class Browser:
    def __init__(self, node, host=None):
        self.port, self.host = node.desk, host or f"localhost:{node.desk}"
        self.cookies, self.csrf, self.key = {}, None, None

    def ask(self, method, path, body=None, headers=(), host=None):
        """One request with our cookies; nothing is followed."""
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            conn.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            head = {"Host": host or self.host}
            if self.cookies:
                head["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
            if body is not None:
                head["Content-Type"] = "application/x-www-form-urlencoded"
                head["Content-Length"] = str(len(body))
            head.update(dict(headers))
            for k, v in head.items():
                conn.putheader(k, v)
            conn.endheaders(body)
            r = conn.getresponse()
            if r.getheader("Content-Type", "").startswith("text/event-stream"):
                answer = Answer(r.status, r.getheaders(), b"")
            else:
                answer = Answer(r.status, r.getheaders(), r.read())
        finally:
            conn.close()
        for k, v in answer.headers:
            if k.lower() == "set-cookie":
                name, value = v.split(";")[0].split("=", 1)
                if value:
                    self.cookies[name] = value
                else:
                    self.cookies.pop(name, None)
        m = re.search(r'name="csrf" value="([0-9a-f]+)"', answer.text)
        if m:
            self.csrf = m.group(1)
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, fields=None, headers=(), token=True, **more):
        fields = dict(fields or {}, **more)
        if token and self.csrf:
            fields.setdefault("csrf", self.csrf)
        return self.ask("POST", path, urllib.parse.urlencode(fields, doseq=True).encode(), headers)

    def follow(self, answer):
        assert answer.status == 303, (answer.status, said(answer))
        return self.get(answer.to)

    def welcome(self, node, officer, password=PASSWORD):
        """Takes an invitation; signed in afterwards."""
        page = self.get("/welcome?code=" + invite(node, officer))
        assert page.status == 200, (page.status, said(page))
        assert '<svg class="qr"' in page.text, "the key is there for a telephone to read"
        self.key = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text).group(1).replace(" ", "")
        self.follow(self.post("/welcome", hidden(page), password=password, again=password, code=totp(self.key)))
        return self

    def sign_in(self, officer, password=PASSWORD, code=None, ahead=0, **more):
        return self.post("/sign-in", {"officer": officer, "password": password,
                                      "code": totp(self.key, ahead) if code is None else code}, **more)

    def inside(self):
        """Does this browser see the inbox?"""
        return self.get("/").status == 200


def said(answer):
    """What a page tells of a failure."""
    m = re.search(r'<p class="fault"[^>]*>(.*?)</p>', answer.text, re.S)
    return html.unescape(m.group(1)) if m else answer.text[:200]


def hidden(page):
    return {k: html.unescape(v) for k, v in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)}


def invite(node, officer):
    return node.api("user.invite", name=officer)["link"].split("code=")[1]


def desk_node(base, address, conf=None, wait=True, **more):
    """A node whose desk listens; its port is node.desk."""
    port = free_port()
    node = Node(base, address, conf={"desk": f"127.0.0.1:{port}", "four_eyes": "", **(conf or {})}, **more)
    node.desk = port
    node.start(wait=wait)
    comity.wait_for("the desk", lambda: listens(port))
    return node


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def officer(node, name, role):
    node.officer(name, role)
    return Browser(node).welcome(node, name)


def sql(node, text, *args):
    """Straight into the node's database: what a test cannot wait for."""
    db = sqlite3.connect(os.path.join(node.home, "node.db"), timeout=20)
    try:
        with db:
            return db.execute(text, args).fetchall()
    finally:
        db.close()


def form_fields(measure="preserve", **change):
    """fields_of as a page posts them."""
    out = {}
    for code, v in {**fields_of(measure), **change}.items():
        if isinstance(v, dict):
            out.update({f"f.{code}.{k}": x for k, x in v.items()})
        elif isinstance(v, list) and v and isinstance(v[0], dict):
            out.update({f"f.{code}.{i}.{k}": x for i, row in enumerate(v) for k, x in row.items()})
        elif isinstance(v, bool):
            out[f"f.{code}"] = "yes" if v else "no"
        else:
            out[f"f.{code}"] = v
    return out


# ---- the table of pages ----

class Route:
    def __init__(self, method, path, roles, flags):
        self.method, self.path, self.open = method, path, "ROUTE_OPEN" in flags
        self.roles = set(ROLES) if roles == "*" else {r for r in roles.split(",") if r}

    def __repr__(self):
        return f"{self.method} {self.path}"

    def concrete(self, **values):
        return re.sub(r":(\w+)", lambda m: values.get(m.group(1), NOBODY), self.path)


def routes():
    """The rows of src/desk/routes.c. A row that cannot be read, or names no role, is an error."""
    with open(os.path.join(comity.SOURCE, "src", "desk", "routes.c"), encoding="utf-8") as f:
        text = f.read()
    words = dict(re.findall(r'^#define (\w+) ("[^"]*")', text, re.M))
    table = re.search(r"desk_routes\[\] = \{\n(.*?)\n\};", text, re.S).group(1)
    rows = re.findall(r'\{\s*WEB_(\w+),\s*"([^"]*)",\s*("[^"]*"|\w+),\s*\w+,\s*([\w| ]+),', table)
    if len(rows) != table.count("WEB_") or len(rows) < 20:
        raise AssertionError(f"{table.count('WEB_')} rows in routes.c, {len(rows)} understood")
    out = [Route(m, path, json.loads(words.get(roles, roles)), flags) for m, path, roles, flags in rows]
    for r in out:
        if r.open == bool(r.roles) or r.roles - set(ROLES):
            raise AssertionError(f"{r}: needs roles that exist, or ROUTE_OPEN and none: {r.roles}")
    return out
