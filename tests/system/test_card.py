"""Signing in with a certificate at the desk's own door: real TLS, real keys, and everybody who should not get in."""
import http.client
import os
import re
import ssl
import subprocess

from comity import ApiError, free_port, wait_for
from desk import Browser, desk_node, listens, officer, said

OPENSSL = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def certificate(base, name, *more):
    """A key and a certificate of its own making -> (path of both, SHA-256)."""
    key, cert, both = (os.path.join(base, name + end) for end in (".key", ".crt", ".pem"))
    subprocess.run([*OPENSSL, "-keyout", key, "-out", cert, "-subj", f"/CN={name}", *more], check=True, capture_output=True)
    with open(both, "w") as out:
        for path in (cert, key):
            with open(path) as f:
                out.write(f.read())
    text = subprocess.run(["openssl", "x509", "-in", cert, "-noout", "-fingerprint", "-sha256"], check=True,
                          capture_output=True, text=True).stdout
    return both, text.strip().split("=")[1]


class Door:
    """A browser that goes to the door with a certificate, or none."""

    def __init__(self, node, card=None, host=None):
        self.node, self.host = node, host or f"localhost:{node.card}"
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        if card:
            self.context.load_cert_chain(card)

    def ask(self, method="GET", path="/", **headers):
        c = http.client.HTTPSConnection("127.0.0.1", self.node.card, timeout=20, context=self.context)
        try:
            c.request(method, path, headers={"Host": self.host, **{k.replace("_", "-"): v for k, v in headers.items()}})
            r = c.getresponse()
            r.text = r.read().decode()
            r.header, r.to = r.getheader, r.getheader("Location")
            return r
        finally:
            c.close()


def card_node(base, **conf):
    tls, _ = certificate(base, "desk")
    port = free_port()
    node = desk_node(base, "th.contact", conf={"desk_card": f"127.0.0.1:{port}", "desk_card_tls": tls, **conf})
    node.card = port
    wait_for("the door", lambda: listens(port))
    return node


def test_a_registered_certificate_signs_in(base):
    n = card_node(base)
    n.officer("malee", "duty")
    card, sha256 = certificate(base, "malee")
    a = Door(n, card).ask()
    assert a.status == 403 and "not registered" in said(a) and sha256.replace(":", "").lower() in a.text
    assert n.api("card.add", officer="malee", fingerprint=sha256, name="card 4711")["officer"] == "malee"
    a = Door(n, card).ask()
    assert a.status == 303 and a.to == f"http://localhost:{n.desk}/", (a.status, a.to, a.text)
    assert "HttpOnly" in a.header("Set-Cookie")
    b = Browser(n)
    b.cookies["comity"] = re.match(r"comity=(\w+);", a.header("Set-Cookie")).group(1)
    assert b.inside() and "certificate" in b.get("/account").text
    assert n.api("card.list", officer="malee")["cards"][0]["used"], "when it was last used"


def test_the_door_opens_to_nobody_else(base):
    n = card_node(base)
    n.officer("malee", "duty")
    card, sha256 = certificate(base, "malee")
    n.api("card.add", officer="malee", fingerprint=sha256)
    a = Door(n).ask()
    assert a.status == 403 and "showed no certificate" in said(a)
    other, _ = certificate(base, "malee2", "-subj", "/CN=malee")
    a = Door(n, other).ask()
    assert a.status == 403 and "not registered" in said(a), "the same name is not the same key"
    for header in ("X-Client-Cert", "X-SSL-Client-Fingerprint", "X-Forwarded-Client-Cert", "SSL-Client-Verify", "Client-Cert"):
        a = Door(n).ask(**{header: sha256})
        assert a.status == 403 and not a.header("Set-Cookie"), header
        assert Browser(n).ask("GET", "/", headers={header: sha256}).to == "/sign-in", header
    assert Door(n, card, host=f"evil.example:{n.card}").ask().status == 403
    assert Door(n, card).ask("POST").status == 405
    assert Door(n, card).ask(path="/account").status == 404, "it serves one page, not the desk"
    assert Door(n, card).ask(path="/cases").status == 404
    assert Door(n, card).ask(path="/api/v1/case.list").status in (404, 405)
    a = Door(n, card).ask(Sec_Fetch_Site="cross-site")
    assert a.status == 200 and not a.header("Set-Cookie") and 'href="/"' in a.text, "a page elsewhere signs nobody in"


def test_expired_and_early_certificates_are_told_why(base):
    n = card_node(base)
    n.officer("malee", "duty")
    card, sha256 = certificate(base, "malee", "-days", "30")
    n.api("card.add", officer="malee", fingerprint=sha256)
    assert Door(n, card).ask().status == 303
    for offset, words in ((31 * 86400, "has expired"), (-86400, "not valid yet")):
        n.stop()
        n.start(env={"COMITY_CLOCK_OFFSET_S": str(offset)})
        wait_for("the door", lambda: listens(n.card))
        a = Door(n, card).ask()
        assert a.status == 403 and words in said(a) and not a.header("Set-Cookie"), said(a)
    why = [e["detail"]["detail"]["why"] if "detail" in e["detail"] else e["detail"]["why"]
           for e in n.api("event.list", what="card.refused")["events"]]
    assert set(why) == {"expired", "not-yet-valid"}, why


def test_a_lost_card_is_out_at_once(base):
    n = card_node(base)
    boss = officer(n, "boss", "administrator")
    n.officer("malee", "duty")
    card, sha256 = certificate(base, "malee")
    boss.get("/admin/people/malee")
    page = boss.follow(boss.post("/admin/people/malee/card", fingerprint=sha256.lower(), name="card 4711"))
    assert "card 4711" in page.text
    again = boss.post("/admin/people/boss/card", fingerprint=sha256)
    assert again.status == 409 and "registered already" in said(again), "one certificate is one officer's"
    for wrong in ("", "12", "g" * 64, sha256 + "00"):
        boss.get("/admin/people/malee")
        assert boss.post("/admin/people/malee/card", fingerprint=wrong).status == 400, wrong
    b = Browser(n)
    b.cookies["comity"] = re.match(r"comity=(\w+);", Door(n, card).ask().header("Set-Cookie")).group(1)
    assert b.inside()
    boss.get("/admin/people/malee")
    bare = sha256.replace(":", "").lower()
    boss.follow(boss.post(f"/admin/people/malee/card/{bare}/drop"))
    assert not b.inside() and Door(n, card).ask().status == 403
    assert {"card.added", "card.dropped"} <= {e["what"] for e in n.api("event.list", what="card")["events"]}


def test_who_was_disabled_or_invited_anew_is_out(base):
    n = card_node(base)
    for name in ("malee", "somchai"):
        n.officer(name, "duty")
    cards = {name: certificate(base, name) for name in ("malee", "somchai")}
    for name, (_, sha256) in cards.items():
        n.api("card.add", officer=name, fingerprint=sha256)
    n.api("user.disable", name="malee")
    a = Door(n, cards["malee"][0]).ask()
    assert a.status == 403 and "no longer let in" in said(a)
    Browser(n).welcome(n, "somchai")
    assert Door(n, cards["somchai"][0]).ask().status == 403, "an invitation replaces what was before"


def test_only_administrators_register(base):
    n = card_node(base)
    n.officer("malee", "duty")
    _, sha256 = certificate(base, "malee")
    for op, args in (("card.add", {"officer": "malee", "fingerprint": sha256}), ("card.drop", {"fingerprint": sha256}),
                     ("card.list", {})):
        try:
            n.api(op, _as="malee", **args)
            raise AssertionError(op)
        except ApiError as e:
            assert e.error == "EDENIED", e


def test_a_door_that_cannot_work_does_not_open(base):
    tls, _ = certificate(base, "desk")
    for conf, words in (({"desk_card_tls": os.path.join(base, "none.pem")}, "desk_card_tls"),
                        ({"desk_card_tls": tls, "desk_card_url": "https://other.example:1"}, "another host"),
                        ({"desk_card_tls": tls, "desk_card_url": "http://localhost:1"}, "https://HOST"),
                        ({"desk_card_tls": os.path.join(base, "desk.crt")}, "no private key")):
        folder = os.path.join(base, words.split()[0].replace("/", ""))
        os.makedirs(folder)
        try:
            desk_node(folder, "th.contact", conf={"desk_card": f"127.0.0.1:{free_port()}", **conf})
            raise AssertionError(words)
        except AssertionError as e:
            assert words in str(e), e
