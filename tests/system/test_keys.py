"""Keys and certificates that the operator brings: on a token, in a file, of another authority."""
import contextlib
import json
import os
import shutil
import subprocess

import comity
from comity import Node, fields_of, introduce, wait_for

MODULE = "/usr/lib/softhsm/libsofthsm2.so"


def run(*args):
    p = subprocess.run(args, capture_output=True, text=True, timeout=60)
    assert p.returncode == 0, f"{' '.join(args)}: {p.stdout}{p.stderr}"
    return p.stdout


def ask_and_be_answered(th, us):
    """A request and its receipt: both keys of the node were used."""
    introduce(th, us)
    got = th.api("request.submit_many", requests=[{"to": "us.contact", "ours": "K-1", "measure": "preserve",
                                                   "urgency": "urgent", "fields": fields_of()}])
    rid = got["results"][0].get("id")
    assert rid, got
    wait_for("delivery", lambda: th.api("delivery.list", state="delivered")["deliveries"])
    us.api("request.answer", id=rid, state="acknowledged")
    wait_for("the answer", lambda: th.api("request.show", id=rid)["request"]["state"] == "acknowledged")


@contextlib.contextmanager
def token(base, *labels):
    """A token of SoftHSM with a key for each label: (the uri of a key with %s for its label, the file of the PIN)."""
    if not os.path.exists(MODULE) or not shutil.which("softhsm2-util") or not shutil.which("pkcs11-tool"):
        raise comity.Skip("SoftHSM2 or pkcs11-tool is absent")
    conf, pin = os.path.join(base, "softhsm2.conf"), os.path.join(base, "pin")
    os.mkdir(os.path.join(base, "tokens"))
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f"directories.tokendir = {base}/tokens\nobjectstore.backend = file\n")
    with open(pin, "w", encoding="utf-8") as f:
        f.write("4321\n")
    os.chmod(pin, 0o600)
    os.environ["SOFTHSM2_CONF"] = conf  # also for nodes that are started meanwhile
    try:
        run("softhsm2-util", "--init-token", "--free", "--label", "comity", "--pin", "4321", "--so-pin", "8765")
        for number, label in enumerate(labels, 1):
            run("pkcs11-tool", "--module", MODULE, "--token-label", "comity", "--login", "--pin", "4321", "--keypairgen",
                "--key-type", "EC:prime256v1", "--usage-sign", "--usage-derive", "--label", label, "--id", f"{number:02}")
        yield f"pkcs11:token=comity;object=%s;type=private?module-path={MODULE}", pin
    finally:
        del os.environ["SOFTHSM2_CONF"]


def test_seal_and_tls_keys_on_a_token(base):
    with token(base, "seal", "tls") as (uri, pin):
        th = Node(base, "th.contact", conf={"four_eyes": ""},
                  init_args=["--seal-key", uri % "seal", "--tls-key", uri % "tls", "--pin-file", pin])
        assert not os.path.exists(os.path.join(th.home, "keys", "seal.key"))
        us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
        th.start()
        ask_and_be_answered(th, us)
        p = th.cli("init", os.path.join(base, "x"), "--address", "xx.contact", "--name", "x", "--economy", "XX", "--role",
                   "contact", "--url", "https://127.0.0.1:1", "--seal-key", uri % "nothing", "--pin-file", pin, home=False,
                   check=False)
        assert p.returncode == 1 and "--seal-key" in p.stderr and not os.path.exists(os.path.join(base, "x")), p
        assert not [n for n in os.listdir(base) if ".init-" in n], os.listdir(base)


def test_certificates_of_another_authority(base):
    """Root, seal, TLS and time-stamp certificates made by the openssl program."""
    ext = os.path.join(base, "ext.cnf")
    with open(ext, "w", encoding="utf-8") as f:
        f.write("[root]\nbasicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n"
                "subjectKeyIdentifier=hash\n"
                "[seal]\nbasicConstraints=critical,CA:FALSE\n"
                "keyUsage=critical,digitalSignature,nonRepudiation,keyAgreement\n"
                "[tls]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                "extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:th.contact,URI:comity:th.contact\n"
                "[tsa]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                "extendedKeyUsage=critical,timeStamping\n")

    def path(name):
        return os.path.join(base, name)
    with open(path("word"), "w", encoding="utf-8") as f:
        f.write("long enough for a test\n")
    os.chmod(path("word"), 0o600)
    for name in ("root", "seal", "tls", "tsa"):
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass",
            "file:" + path("word"), "-out", path(name + ".key"))
    run("openssl", "req", "-new", "-key", path("root.key"), "-passin", "file:" + path("word"), "-subj",
        "/C=TH/O=National root/CN=Root", "-out", path("root.csr"))
    run("openssl", "x509", "-req", "-in", path("root.csr"), "-key", path("root.key"), "-passin", "file:" + path("word"),
        "-days", "3650", "-extfile", ext, "-extensions", "root", "-out", path("root.pem"))
    for name in ("seal", "tls", "tsa"):
        run("openssl", "req", "-new", "-key", path(name + ".key"), "-passin", "file:" + path("word"), "-subj",
            f"/C=TH/O=Unit/CN=th.contact {name}", "-out", path(name + ".csr"))
        run("openssl", "x509", "-req", "-in", path(name + ".csr"), "-CA", path("root.pem"), "-CAkey", path("root.key"),
            "-passin", "file:" + path("word"), "-CAcreateserial", "-days", "365", "-extfile", ext, "-extensions", name,
            "-out", path(name + ".pem"))
    brought = ["--root-cert", path("root.pem"), "--key-secret-file", path("word")]
    for name in ("seal", "tls", "tsa"):
        brought += [f"--{name}-key", path(name + ".key"), f"--{name}-cert", path(name + ".pem")]
    th = Node(base, "th.contact", conf={"four_eyes": ""}, init_args=brought)
    with open(path("root.pem"), "rb") as a, open(os.path.join(th.home, "certs", "root.pem"), "rb") as b:
        assert a.read().split() == b.read().split()
    assert not os.path.exists(os.path.join(th.home, "keys", "root.key"))
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    th.start()
    ask_and_be_answered(th, us)
    checks = {c["what"]: c["is"] for c in json.loads(th.cli("selfcheck", "--json").stdout)["checks"]}
    assert checks["seal"] == checks["tls"] == checks["time-stamp"] == "good", checks
    # A certificate that belongs to another key is refused, and nothing is left behind.
    wrong = [path("tls.pem") if x == path("seal.pem") else x for x in brought]
    p = th.cli("init", path("x"), "--address", "xx.contact", "--name", "x", "--economy", "XX", "--role", "contact", "--url",
               "https://127.0.0.1:1", *wrong, home=False, check=False)
    assert p.returncode == 1 and "does not belong" in p.stderr and not os.path.exists(path("x")), p
