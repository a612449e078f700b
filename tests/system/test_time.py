"""Time-stamps from outside: a small HTTP server around `openssl ts`, in every way in which an authority fails."""
import http.server
import json
import os
import sqlite3
import subprocess
import threading
import time
import zipfile

from comity import Node, introduce, wait_for
from desk import desk_node, officer, sql
from test_package import LATER, by_hand, write_as_we_do
from test_spine import send, settled

CONF = """[tsa]
serial = {dir}/serial
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256,sha512
signer_digest = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
ess_cert_id_chain = no
ordering = no
tsa_name = yes
"""


def openssl(*args, cwd=None):
    return subprocess.run(["openssl", *args], cwd=cwd, check=True, capture_output=True)


class Authority:
    """Roots and signers made by openssl; the path of the request says how to answer."""

    def __init__(self, base, name="tsa"):
        self.dir = os.path.join(base, name)
        os.mkdir(self.dir)
        self.asked, self.lock = {}, threading.Lock()
        with open(os.path.join(self.dir, "conf"), "w") as f:
            f.write(CONF.format(dir=self.dir))
        self.root()
        self.signer("good", 900)
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                try:
                    authority.answer(self)
                except FileNotFoundError:
                    pass  # the test is over and its folder gone

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, how):
        return f"http://127.0.0.1:{self.server.server_port}/{how}"

    def path(self, name):
        return os.path.join(self.dir, name)

    def root(self):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "root.key", cwd=self.dir)
        openssl("req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=outside root", "-days", "3000", "-out", "root.pem",
                cwd=self.dir)

    def signer(self, name, days):
        with open(self.path("ext"), "w") as f:
            f.write("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key", cwd=self.dir)
        openssl("req", "-new", "-key", name + ".key", "-subj", f"/CN=outside {name}", "-out", name + ".csr", cwd=self.dir)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", str(days),
                "-days", str(days), "-extfile", "ext", "-out", name + ".pem", cwd=self.dir)

    def reply(self, query, signer="good"):
        with self.lock:
            with open(self.path("q"), "wb") as f:
                f.write(query)
            if not os.path.exists(self.path("serial")):
                with open(self.path("serial"), "w") as f:
                    f.write("01\n")
            openssl("ts", "-reply", "-config", "conf", "-section", "tsa", "-queryfile", "q", "-inkey", signer + ".key",
                    "-signer", signer + ".pem", "-out", "r", cwd=self.dir)
            with open(self.path("r"), "rb") as f:
                return f.read()

    def query(self, *args):
        """Somebody else's question."""
        with self.lock:
            with open(self.path("other"), "w") as f:
                f.write("other content")
            openssl("ts", "-query", "-data", "other", "-cert", *args, "-out", "oq", cwd=self.dir)
            with open(self.path("oq"), "rb") as f:
                return f.read()

    def answer(self, h):
        how = h.path.strip("/")
        query = h.rfile.read(int(h.headers["Content-Length"]))
        self.asked[how] = self.asked.get(how, 0) + 1
        status, body = 200, b""
        if how in ("good", "renewed"):
            body = self.reply(query, how)
        elif how == "nonce":  # an answer to another question over the same: the old one again
            if not os.path.exists(self.path("old")):
                with open(self.path("old"), "wb") as f:
                    f.write(self.reply(query))
            with self.lock:
                openssl("ts", "-query", "-digest", imprint(query), "-sha256", "-cert", "-out", "nq", cwd=self.dir)
                with open(self.path("nq"), "rb") as f:
                    other = f.read()
            body = self.reply(other)
        elif how == "imprint":
            body = self.reply(self.query("-sha256"))
        elif how == "rejected":
            body = self.reply(self.query("-sha1"))
        elif how == "garbage":
            body = b"<html>login</html>"
        elif how == "twice":
            body = self.reply(query) * 2
        elif how == "large":
            body = b"\x30" * 100_000
        elif how == "policy":
            body = self.reply(query)
        elif how == "slow":
            time.sleep(14)
            body = self.reply(query)
        elif how == "busy":
            status = 503
        h.send_response(status)
        h.send_header("Content-Type", "application/timestamp-reply")
        h.send_header("Content-Length", str(len(body)))
        h.end_headers()
        try:
            h.wfile.write(body)
        except OSError:
            pass

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def imprint(query):
    """The hash in a query, as `openssl ts -query -text` prints it."""
    p = subprocess.run(["openssl", "ts", "-query", "-in", "/dev/stdin", "-text"], input=query, capture_output=True, check=True)
    digits = ""
    for line in p.stdout.decode().splitlines():
        if line.strip().startswith("00") and " - " in line:
            digits += line.split(" - ")[1].split("   ")[0].replace("-", " ").replace(" ", "")
    return digits[:64]


def stamps(node):
    return node.api("status")["time_stamps"]


def test_every_failure_of_an_authority_leads_to_the_next(base):
    a = Authority(base)
    ways = ["nonce", "imprint", "rejected", "garbage", "twice", "large", "busy", "good"]
    node = Node(base, "th.contact", conf={"four_eyes": "", "tsa_url": ", ".join(a.url(w) for w in ways),
                                          "tsa_roots": a.path("root.pem")}).start()
    try:
        node.api("ledger.checkpoint")
        t = stamps(node)
        assert t["from"] == "outside" and t["outage"] is False, t
        said = {x["url"].rsplit("/", 1)[1]: x for x in t["authorities"]}
        for way, words in (("nonce", "nonce"), ("imprint", "nonce"), ("rejected", "did not grant"), ("garbage", "DER"),
                           ("twice", "DER"), ("large", "longer"), ("busy", "503")):
            assert said[way]["state"] == "failing" and words in (said[way]["error"] or ""), (way, said[way])
        assert said["good"]["state"] == "good" and said["good"]["error"] is None, said["good"]
        # Those that failed are left alone for a while; the good one goes on.
        asked = dict(a.asked)
        node.officer("ben", "duty")
        node.api("ledger.checkpoint")
        assert a.asked["good"] > asked["good"]
        assert all(a.asked[w] == asked[w] for w in ways[:-1]), (asked, a.asked)
        node.cli("ledger", "check")
    finally:
        a.stop()


def test_policy_and_root_are_held(base):
    a, other = Authority(base), Authority(base, "other")
    conf = {"four_eyes": "", "tsa_url": f"{a.url('policy')},{other.url('good')},{a.url('good')}",
            "tsa_roots": ",".join(a.path("root.pem") for _ in range(3)), "tsa_policy": "1.2.3.4.9,,1.2.3.4.2"}
    node = Node(base, "th.contact", conf=conf).start()
    try:
        node.api("ledger.checkpoint")
        said = stamps(node)["authorities"]
        assert [x["state"] for x in said] == ["failing", "failing", "good"], said
        assert "did not grant" in said[0]["error"] or "policy" in said[0]["error"], said[0]
        assert "certificate" in said[1]["error"], said[1]
    finally:
        a.stop()
        other.stop()


def test_a_slow_or_dead_authority_delays_no_record(base):
    a = Authority(base)
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    th = Node(base, "th.contact", conf={"four_eyes": "", "tsa_url": f"{a.url('slow')},http://127.0.0.1:9/none",
                                        "tsa_roots": a.path("root.pem")}).start()
    try:
        introduce(th, us)
        r = send(th, "us.contact")
        wait_for("delivery", lambda: settled(th, r["id"]), 4)  # before the slow one has answered
        # It is our own time-stamp then, and everybody is told.
        wait_for("our own", lambda: stamps(th)["outage"], 30)
        t = stamps(th)
        assert t["from"] == "own" and t["why"], t
        wait_for("a proof", lambda: th.cli("ledger", "prove", r["id"], "--out", os.path.join(base, "proof"),
                                           check=False).returncode == 0, 30)
        assert "OUR OWN" in th.cli("status").stdout
        checks = json.loads(th.cli("selfcheck", "--json", check=False).stdout)["checks"]
        assert any(c["what"] == "time-stamps" and c["is"] == "look" for c in checks), checks
        th.cli("ledger", "check")
    finally:
        a.stop()


def test_stock_openssl_accepts_a_token_from_outside(base):
    a = Authority(base)
    node = Node(base, "th.contact", conf={"four_eyes": "", "tsa_url": a.url("good"), "tsa_roots": a.path("root.pem")}).start()
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    try:
        introduce(node, us)
        r = send(node, "us.contact")
        node.api("ledger.checkpoint")
        proof = os.path.join(base, "p")
        node.cli("ledger", "prove", r["id"], "--out", proof)
        with open(proof, encoding="utf-8") as f:
            note = f.read().split("\n\n", 1)[1]
        with open(os.path.join(base, "note"), "w", encoding="utf-8") as f:
            f.write(note)
        openssl("ts", "-verify", "-data", os.path.join(base, "note"), "-in", proof + ".tsr", "-CAfile", a.path("root.pem"))
        node.stop()
        node.cli("ledger", "check")
    finally:
        a.stop()


def test_an_archive_time_stamp_comes_before_the_end(base):
    """A signer that ends soon; when one that lasts is there, a link is made, and sha512sum and openssl check it."""
    a = Authority(base)
    a.signer("renewed", 2000)
    node = Node(base, "th.contact", conf={"four_eyes": "", "tsa_url": a.url("good"), "tsa_roots": a.path("root.pem"),
                                          "renew_days": "950"}).start()
    try:
        node.api("ledger.checkpoint")
        node.stop()
        node.configure({"tsa_url": a.url("renewed")})
        node.start()

        def links():
            with sqlite3.connect(f"file:{node.home}/node.db?mode=ro", uri=True) as db:
                return db.execute("SELECT n, size, text, token FROM archive ORDER BY n").fetchall()
        rows = wait_for("a link", links, 20)
        n, size, text, token = rows[0]
        assert n == 1 and f"  {size}/checkpoint\n" in text and f"  {size}/checkpoint.tsr\n" in text, text
        out = os.path.join(base, "x")
        os.makedirs(f"{out}/{size}")
        with sqlite3.connect(f"file:{node.home}/node.db?mode=ro", uri=True) as db:
            note, tsr = db.execute("SELECT note, token FROM checkpoint WHERE size = ?", (size,)).fetchone()
        for name, data in ((f"{size}/checkpoint", note.encode()), (f"{size}/checkpoint.tsr", tsr), ("link", text.encode()),
                           ("link.tsr", token)):
            with open(f"{out}/{name}", "wb") as f:
                f.write(data)
        subprocess.run(["sha512sum", "--quiet", "-c", "link"], cwd=out, check=True)
        openssl("ts", "-verify", "-data", "link", "-in", "link.tsr", "-CAfile", a.path("root.pem"), cwd=out)
        openssl("ts", "-verify", "-data", f"{size}/checkpoint", "-in", f"{size}/checkpoint.tsr", "-CAfile",
                a.path("root.pem"), cwd=out)
        node.cli("ledger", "check")
    finally:
        a.stop()


def unstamped(node):
    with sqlite3.connect(f"file:{node.home}/node.db?mode=ro", uri=True) as db:
        return db.execute("SELECT size FROM checkpoint WHERE token IS NULL").fetchall()


def test_a_package_carries_the_links_and_verify_follows_them(base):
    a = Authority(base)
    a.signer("renewed", 2000)
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    th = Node(base, "th.contact", conf={"four_eyes": "", "tsa_url": a.url("good"), "tsa_roots": a.path("root.pem"),
                                        "renew_days": "950"}).start()
    try:
        introduce(th, us)
        r = send(th, "us.contact")
        wait_for("delivery", lambda: settled(th, r["id"]))
        # The ledger grows, each state stamped before the next: the later ones name the time-stamps of the earlier, and the
        # link, which no authority gives yet, will be over the last.
        for i in range(3):
            th.api("ledger.checkpoint")
            wait_for("its time-stamp", lambda: not unstamped(th))
            send(th, "us.contact", ours=f"T-{i + 2}")
        th.stop()
        th.configure({"tsa_url": a.url("renewed")})
        th.start()

        def link():
            with sqlite3.connect(f"file:{th.home}/node.db?mode=ro", uri=True) as db:
                return db.execute("SELECT n FROM archive").fetchall()
        wait_for("a link", link, 20)
        package = os.path.join(base, "case.zip")
        th.cli("package", r["case_id"], "--out", package)
        with zipfile.ZipFile(package) as z:
            names = z.namelist()
        inside = [n.split("data/ledger/th.contact/", 1)[1] for n in names if "data/ledger/th.contact/" in n]
        assert "archive/1" in inside and "archive/1.tsr" in inside, inside
        p = th.cli("verify", package, "--tsa-root", a.path("root.pem"), home=False, check=False)
        assert p.returncode == 0 and "1 archive time-stamps" in p.stdout, p.stdout + p.stderr
        # A link is held like everything else.
        with zipfile.ZipFile(package) as z:
            members = [(i.filename, z.read(i)) for i in z.infolist()]
        bad = os.path.join(base, "bad.zip")
        with zipfile.ZipFile(bad, "w") as z:
            for n, c in members:
                z.writestr(n, c[:-2] + b"x\n" if n.endswith("archive/1") else c)
        assert th.cli("verify", bad, home=False, check=False).returncode == 3
        # The page by hand says so too: of the whole, and when only its own block is left to tell.
        p = by_hand(base, package, tsa_root=a.path("root.pem"))
        assert p.returncode == 0 and "th.contact renewed its time-stamps on" in p.stdout, p.stdout + p.stderr
        kinds = [n for n in names if "/archive/" in n or "/named/" in n]
        assert any(n.endswith(".json") for n in kinds) and any(n.endswith(".tlog-proof") for n in kinds), kinds
        for name in {n.rsplit(".", 1)[-1] if "." in os.path.basename(n) else "link": n for n in kinds}.values():  # one of each
            cut = [(n, c) for n, c in members if n != name]
            flip = [(n, c[:len(c) // 2] + bytes([c[len(c) // 2] ^ 4]) + c[len(c) // 2 + 1:] if n == name else c) for n, c in members]
            for changed, skip in ((cut, ()), (flip, (*LATER, 8))):
                write_as_we_do(bad, changed)
                assert th.cli("verify", bad, home=False, check=False).returncode == 3, name
                p = by_hand(base, bad, skip, a.path("root.pem"))
                assert p.returncode == 3 and "DOES NOT HOLD" in p.stdout, (name, skip, p.stdout, p.stderr)
    finally:
        a.stop()


def results(node, rid):
    return {s["step"]: s["result"] for s in node.api("record.proof", id=rid)["steps"]}


def test_the_proof_of_a_record_knows_the_authorities_and_the_links(base):
    a = Authority(base)
    a.signer("renewed", 2000)
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    th = desk_node(base, "th.contact", {"tsa_url": a.url("good"), "tsa_roots": a.path("root.pem"), "renew_days": "950"})
    try:
        introduce(th, us)
        r = send(th, "us.contact")
        wait_for("delivery", lambda: settled(th, r["id"]))
        th.api("ledger.checkpoint")
        holds = dict.fromkeys(("signature", "ledger", "stamp", "receipt"), "holds")
        wait_for("the proof", lambda: results(th, r["id"]) == holds)
        p = th.api("record.proof", id=r["id"])
        assert "outside good" in p["stamped_by"] and p["stamp_outside"] is True, p
        b = officer(th, "malee", "duty")
        page = b.get(f"/record/{r['id']}/proof").text
        assert "Everything below was checked just now, and holds." in page, page
        assert "outside good" in page and "An authority outside this node" in page, page
        # The other side has no authority but its own.
        q = us.api("record.proof", id=r["id"])
        assert q["stamp_outside"] is False and q["stamped_by"], q
        # Of an authority whose root is not (any more) given, nothing is believed.
        th.stop()
        th.configure({"tsa_url": "", "tsa_roots": "", "renew_days": "1"})
        th.start()
        assert results(th, r["id"])["stamp"] == "fails"
        th.stop()
        th.configure({"tsa_url": a.url("renewed"), "tsa_roots": a.path("root.pem"), "renew_days": "950"})
        th.start()
        send(th, "us.contact", ours="T-2")  # so that the ledger grows, and names the time-stamps from before
        th.api("ledger.checkpoint")
        wait_for("the renewal", lambda: results(th, r["id"]).get("renewal") == "holds", 30)
        p = th.api("record.proof", id=r["id"])
        assert p["renewals"] >= 1 and "outside renewed" in p["renewed_by"] and p["renewed"] >= p["stamped"], p
        assert "The renewal" in b.get(f"/record/{r['id']}/proof").text
        th.stop()
        with sqlite3.connect(f"{th.home}/node.db") as db:
            db.execute("UPDATE archive SET text = replace(text, 'checkpoint.tsr', 'checkpoint.txt')")
        th.start()
        assert results(th, r["id"])["renewal"] == "fails"
    finally:
        a.stop()


def renew_seal(node):
    """As docs/manual.md says; the node is stopped and started."""
    node.stop()
    node.cli("certificate", "renew", "seal", "--early")
    node.start()


def test_what_was_signed_before_a_renewal_still_proves(base):
    th, us = (Node(base, x, conf={"four_eyes": ""}).start() for x in ("th.contact", "us.contact"))
    introduce(th, us)
    r = send(th, "us.contact")
    wait_for("delivery", lambda: settled(th, r["id"]))
    mine = dict.fromkeys(("signature", "ledger", "stamp", "receipt"), "holds")
    theirs = dict.fromkeys(("signature", "ledger", "stamp"), "holds")
    wait_for("the proof", lambda: results(th, r["id"]) == mine and results(us, r["id"]) == theirs)
    # The sender's certificate, then that of the receiver, who signed the receipt.
    renew_seal(th)
    us.api("directory.refresh", address="th.contact")
    renew_seal(us)
    th.api("directory.refresh", address="us.contact")
    assert results(th, r["id"]) == mine and results(us, r["id"]) == theirs, th.api("record.proof", id=r["id"])
    new = send(th, "us.contact", ours="T-2")
    wait_for("the new one", lambda: results(th, new["id"]) == mine and results(us, new["id"]) == theirs)


def test_a_withdrawn_certificate_proves_what_was_there_before(base):
    th, us = (Node(base, x, conf={"four_eyes": ""}).start() for x in ("th.contact", "us.contact"))
    introduce(th, us)
    r = send(th, "us.contact")
    theirs = dict.fromkeys(("signature", "ledger", "stamp"), "holds")
    wait_for("the request", lambda: us.api("request.list", incoming=True)["requests"])
    wait_for("the proof", lambda: results(us, r["id"]) == theirs)
    time.sleep(1.1)  # a time-stamp has whole seconds
    text = openssl("x509", "-in", "certs/seal.pem", "-noout", "-fingerprint", "-sha256", cwd=th.home).stdout.decode()
    us.api("directory.revoke", address="th.contact", sha256=text.split("=")[1].strip().replace(":", "").lower(), reason="lost")
    assert results(us, r["id"]) == theirs, "it existed before"
    us.api("directory.block", address="th.contact", reason="until this is cleared")
    assert results(us, r["id"]) == theirs, "nor is it forgotten when no more is taken from them"
    sql(us, "UPDATE revoked SET since_us = 1000000")
    p = us.api("record.proof", id=r["id"])
    assert results(us, r["id"]) == {**theirs, "signature": "fails"}, p
    assert "withdrawn since 1970" in p["steps"][0]["message"], p["steps"]
