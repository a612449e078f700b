"""A second implementation of the protocol, from docs/protocol.md, with Python and the openssl program only.

It plays honest and hostile partners: it can sign what it likes, send any bytes, and answer (or not) as a
test wants. What it says is built by hand on purpose: it shares no code with the node under test.
"""
import base64
import hashlib
import json
import os
import random
import socket
import ssl
import struct
import subprocess
import threading
import time

from comity import free_port


def run(*cmd, data=None):
    p = subprocess.run(cmd, input=data, capture_output=True)
    if p.returncode != 0:
        raise AssertionError("%s: %s" % (" ".join(cmd), p.stderr.decode(errors="replace")))
    return p.stdout


def uuid7():
    ms = int(time.time() * 1000)
    n = ms << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)
    h = "%032x" % n
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def now(offset=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset))


def sha256(b):
    return hashlib.sha256(b).hexdigest()


def wire(items):
    """items: (record bytes, signature bytes)"""
    out = b"CMT1" + struct.pack(">I", len(items))
    for rec, sig in items:
        out += b"\x01" + struct.pack(">I", len(rec)) + rec + struct.pack(">I", len(sig)) + sig
    return out


def unwire(body):
    if body[:4] != b"CMT1":
        raise AssertionError("answer is not a wire body: %r" % body[:60])
    n, at, items = struct.unpack(">I", body[4:8])[0], 8, []
    for _ in range(n):
        kind = body[at]
        size = struct.unpack(">I", body[at + 1:at + 5])[0]
        rec = body[at + 5:at + 5 + size]
        at += 5 + size
        size = struct.unpack(">I", body[at:at + 4])[0]
        items.append((kind, rec, body[at + 4:at + 4 + size]))
        at += 4 + size
    if at != len(body):
        raise AssertionError("bytes after the last item")
    return items


class Foreign:
    def __init__(self, base, address, days=(-1, 365)):
        self.address, self.dir = address, os.path.join(base, "foreign-" + address)
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        os.makedirs(self.dir)
        self.certificates(days)
        key = f"{self.dir}/log.key"
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", key)
        pub = run("openssl", "pkey", "-in", key, "-pubout", "-outform", "DER")[-32:]
        origin = address + "/ledger"
        key_id = hashlib.sha256(origin.encode() + b"\n\x01" + pub).digest()[:4]
        self.vkey = f"{origin}+{key_id.hex()}+" + base64.b64encode(b"\x01" + pub).decode()
        self.server = None
        self.seen = []

    def path(self, name):
        return os.path.join(self.dir, name)

    def certificates(self, days):
        ext = {"root": "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n",
               "seal": "basicConstraints=critical,CA:FALSE\n"
                       "keyUsage=critical,digitalSignature,nonRepudiation,keyAgreement\n",
               "tls": "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                      "extendedKeyUsage=clientAuth,serverAuth\n"}
        for name in ("root", "seal", "tls"):
            self.certificate(name, ext[name], (-60, 365) if name == "root" else days)

    def certificate(self, name, ext, days=(-1, 365), issuer="root"):
        """days: (start, end) from today; openssl 3.0 sets them only through `openssl ca`."""
        key, csr, crt, conf = (self.path(name + s) for s in (".key", ".csr", ".pem", ".cnf"))
        if not os.path.exists(key):
            run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        run("openssl", "req", "-new", "-key", key, "-subj", f"/O=Foreign/CN={self.address} {name}", "-out", csr)
        with open(self.path("db.txt"), "w"):
            pass
        with open(conf, "w") as f:
            f.write(f"""[ca]
default_ca=x
[x]
dir={self.dir}
database={self.dir}/db.txt
new_certs_dir={self.dir}
rand_serial=yes
default_md=sha256
policy=p
unique_subject=no
x509_extensions=e
[p]
organizationName=supplied
commonName=supplied
[e]
subjectKeyIdentifier=hash
{ext}""")
        start, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + d * 86400)) for d in days)
        self_signed = name == issuer
        sign = ["-selfsign", "-keyfile", key] if self_signed else \
            ["-cert", self.path(issuer + ".pem"), "-keyfile", self.path(issuer + ".key")]
        run("openssl", "ca", "-batch", "-notext", "-config", conf, "-in", csr, "-out", crt, "-startdate", start,
            "-enddate", end, *sign)

    def pem(self, name):
        with open(self.path(name + ".pem"), encoding="ascii") as f:
            return f.read()

    def sign(self, data, signer="seal", cades=True):
        src = self.path("sign.%d" % threading.get_ident())
        with open(src, "wb") as f:
            f.write(data)
        extra = ["-cades"] if cades else []
        return run("openssl", "cms", "-sign", "-binary", "-in", src, "-outform", "DER", "-md", "sha256", *extra,
                   "-signer", self.path(signer + ".pem"), "-inkey", self.path(signer + ".key"))

    def record(self, kind, to, body, case=None, refs=(), at=None, id=None, frm=None, **more):
        r = {"comity": 1, "kind": kind, "id": id or uuid7(), "case": case, "from": frm or self.address, "to": to,
             "at": at or now(), "by": {"officer": "Foreign officer", "role": "duty"},
             "refs": [{"id": i, "sha256": d} for i, d in refs], "exercise": False, "body": body, "attachments": []}
        r.update(more)
        return json.dumps(r, separators=(",", ":"), ensure_ascii=False).encode()

    def case(self):
        return {"id": uuid7(), "ours": "F-2026-1", "theirs": None}

    def entry(self, **more):
        body = {"name": "Foreign desk", "economy": self.address[:2].upper(), "role": "contact", "url": self.url,
                "timezone": "UTC", "hours": "24x7", "languages": ["en"], "root": self.pem("root"),
                "seal": [self.pem("seal")], "tls": [self.pem("tls")],
                "ledger": {"origin": self.address + "/ledger", "vkey": self.vkey}, "revoked": [],
                "valid_to": now(300 * 86400)}
        body.update(more)
        rec = self.record("entry", "*", body)
        return rec, self.sign(rec)

    def meet(self, node, accept=True, **more):
        """Two-way introduction with a real node."""
        rec, sig = self.entry(**more)
        b = base64.b64encode
        node.api("directory.offer", bytes=b(rec).decode(), sig=b(sig).decode())
        if accept:
            node.api("directory.accept", address=self.address)

    # ---- client ----
    def connect(self, node, cert="tls", timeout=20):
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        if cert:
            ctx.load_cert_chain(self.path(cert + ".pem"), self.path(cert + ".key"))
        return ctx.wrap_socket(socket.create_connection(("127.0.0.1", node.port), timeout))

    def http(self, node, method, path, body=b"", head=(), cert="tls", conn=None):
        """(status, headers, body) of one request on a connection of its own."""
        s = conn or self.connect(node, cert)
        try:
            lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", "Connection: close", *head]
            s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
            data = b""
            while True:
                part = s.recv(65536)
                if not part:
                    break
                data += part
        finally:
            if conn is None:
                s.close()
        top, _, rest = data.partition(b"\r\n\r\n")
        if not top.startswith(b"HTTP/1."):
            raise ConnectionError("no answer")
        heads = dict(x.split(": ", 1) for x in top.decode().split("\r\n")[1:] if ": " in x)
        return int(top.split()[1]), heads, rest

    def post(self, node, *items, raw=None):
        """Posts records; returns the parsed answer items, or (status, text) when the answer is not 200."""
        status, _, body = self.http(node, "POST", "/v1/records", raw if raw is not None else wire(items),
                                    ["Content-Type: application/vnd.comity.records"])
        return unwire(body) if status == 200 else (status, body.decode(errors="replace"))

    # ---- server ----
    def serve(self, answer):
        """answer(conn): called with each accepted TLS connection in a thread of its own."""
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.minimum_version = ssl.TLSVersion.TLSv1_3
        ctx.load_cert_chain(self.path("tls.pem"), self.path("tls.key"))
        self.server = socket.create_server(("127.0.0.1", self.port))

        def one(raw):
            try:
                answer(ctx.wrap_socket(raw, server_side=True))
            except (OSError, ssl.SSLError):
                pass

        def loop():
            while True:
                try:
                    raw, _ = self.server.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=(raw,), daemon=True).start()
        threading.Thread(target=loop, daemon=True).start()

    def close(self):
        if self.server:
            self.server.shutdown(socket.SHUT_RDWR)  # wakes accept, which would keep the port
            self.server.close()
            self.server = None

    @staticmethod
    def read_request(conn):
        data = b""
        while b"\r\n\r\n" not in data:
            part = conn.recv(65536)
            if not part:
                raise OSError("closed")
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        size = 0
        for line in head.decode().split("\r\n"):
            if line.lower().startswith("content-length:"):
                size = int(line.split(":")[1])
            if line.lower().startswith("expect:"):
                conn.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(body) < size:
            part = conn.recv(65536)
            if not part:
                raise OSError("closed")
            body += part
        return head.decode(), body

    def receipt(self, rec, **more):
        r = json.loads(rec)
        body = {"of": {"id": r["id"], "sha256": sha256(rec)}, "received": now(), "log": self.address + "/ledger",
                "leaf": "00" * 32, "skew_s": 0}
        body.update(more.pop("body", {}))
        out = self.record("receipt", r["from"], body, case=r["case"],
                          refs=[(r["id"], sha256(rec))], **{"by": {"officer": "node", "role": "node"}, **more})
        return out, self.sign(out)
