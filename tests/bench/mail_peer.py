#!/usr/bin/env python3
"""The peer that Comity replaces: S/MIME mail.

One exchange: openssl cms sign + encrypt, SMTP through Postfix on loopback into a Maildir (Postfix
syncs every delivery), decrypt + verify, signed reply by the same way, verify. Two workers share the two
cores. The SMTP connections are kept open, which a mail program would not do: the figure favours
the peer. Prints one JSON line: {"exchanges": n, "seconds": s, "per_second": r}.
"""
import argparse
import json
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time


def run(*cmd, data=None):
    p = subprocess.run(cmd, input=data, capture_output=True)
    if p.returncode != 0:
        raise SystemExit("%s: %s" % (" ".join(cmd), p.stderr.decode(errors="replace")))
    return p.stdout


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_party(folder, name):
    key, crt = f"{folder}/{name}.key", f"{folder}/{name}.crt"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", crt, "-addext",
        "keyUsage=critical,digitalSignature,keyAgreement", "-addext",
        "basicConstraints=critical,CA:FALSE")
    return key, crt


class Postfix:
    """A Postfix of our own in a folder of our own, on loopback, delivering to Maildirs."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.conf = f"{folder}/postfix"
        os.makedirs(self.conf)
        os.chmod(folder, 0o755)
        mail = f"{folder}/mail"
        os.makedirs(mail)
        owner = pwd.getpwnam("nobody")
        os.chown(mail, owner.pw_uid, owner.pw_gid)
        postfix = pwd.getpwnam("postfix")
        data = f"{folder}/data"
        os.makedirs(data)
        os.chown(data, postfix.pw_uid, postfix.pw_gid)
        with open(f"{self.conf}/vmail", "w") as f:
            for who in ("a", "b"):
                f.write(f"{who}@bench.invalid {who}/\n")
        with open(f"{self.conf}/main.cf", "w") as f:
            f.write(f"""compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = bench.invalid
mydestination =
virtual_mailbox_domains = bench.invalid
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{self.conf}/vmail
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
virtual_minimum_uid = 1
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
default_destination_concurrency_limit = 20
default_process_limit = 50
in_flow_delay = 0
""")
        master = open("/etc/postfix/master.cf").read() if os.path.exists("/etc/postfix/master.cf") \
            else open("/usr/share/postfix/master.cf.dist").read()
        lines = []
        for line in master.splitlines():
            if line.startswith("smtp ") and " inet " in line:
                line = line.replace("smtp ", f"127.0.0.1:{self.port} ", 1)
            lines.append(line)
        with open(f"{self.conf}/master.cf", "w") as f:
            # no chroot: the queue is in a folder of our own
            for line in lines:
                part = line.split(None, 5)
                if len(part) >= 6 and part[1] in ("inet", "unix", "unix-dgram", "fifo") and part[4] == "y":
                    line = "  ".join(part[:4] + ["n"] + part[5:])
                f.write(line + "\n")
        os.makedirs(f"{folder}/queue")
        self.mail = mail

    def start(self):
        run("postfix", "-c", self.conf, "start")
        until = time.time() + 20
        while time.time() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("postfix did not start: see " + self.folder + "/mail.log")

    def stop(self):
        subprocess.run(["postfix", "-c", self.conf, "stop"], capture_output=True)


class Worker(threading.Thread):
    def __init__(self, n, base, postfix, until):
        super().__init__()
        self.n, self.base, self.postfix, self.until = n, base, postfix, until
        self.done = 0
        self.error = None

    def send(self, smtp, to, tag, der):
        import base64
        body = (f"From: x@bench.invalid\r\nTo: {to}@bench.invalid\r\nSubject: {tag}\r\n"
                "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\n").encode()
        smtp.sendmail("x@bench.invalid", [f"{to}@bench.invalid"], body + base64.encodebytes(der))

    def receive(self, who, tag):
        import base64
        new = f"{self.postfix.mail}/{who}/new"
        while True:
            try:
                names = os.listdir(new)
            except FileNotFoundError:
                names = []
            for name in names:
                path = f"{new}/{name}"
                try:
                    with open(path, "rb") as f:
                        text = f.read()
                except FileNotFoundError:
                    continue
                if f"Subject: {tag}\n".encode() in text.replace(b"\r", b""):
                    os.unlink(path)
                    return base64.decodebytes(text.replace(b"\r", b"").split(b"\n\n", 1)[1])
            if time.time() > self.until + 30:
                raise TimeoutError("mail did not arrive")
            time.sleep(0.001)

    def one(self, smtp, i):
        base, tag = self.base, f"{self.n}-{i}"
        f = f"{base}/w{self.n}"
        with open(f + ".json", "wb") as out:
            out.write(b'{"request":"%d-%d",' % (self.n, i) + b'"text":"' + b"x" * 1400 + b'"}')
        cms = ("openssl", "cms")
        run(*cms, "-sign", "-binary", "-nodetach", "-in", f + ".json", "-signer", base + "/a.crt",
            "-inkey", base + "/a.key", "-outform", "DER", "-out", f + ".p7m")
        run(*cms, "-encrypt", "-binary", "-aes-256-cbc", "-in", f + ".p7m", "-outform", "DER",
            "-out", f + ".enc", base + "/b.crt")
        self.send(smtp, "b", "q" + tag, open(f + ".enc", "rb").read())
        with open(f + ".got", "wb") as out:
            out.write(self.receive("b", "q" + tag))
        run(*cms, "-decrypt", "-binary", "-inform", "DER", "-in", f + ".got", "-recip", base + "/b.crt",
            "-inkey", base + "/b.key", "-out", f + ".dec")
        run(*cms, "-verify", "-binary", "-inform", "DER", "-in", f + ".dec", "-CAfile", base + "/a.crt",
            "-purpose", "any", "-out", f + ".plain")
        run(*cms, "-sign", "-binary", "-nodetach", "-in", f + ".plain", "-signer", base + "/b.crt",
            "-inkey", base + "/b.key", "-outform", "DER", "-out", f + ".rep")
        self.send(smtp, "a", "r" + tag, open(f + ".rep", "rb").read())
        with open(f + ".back", "wb") as out:
            out.write(self.receive("a", "r" + tag))
        run(*cms, "-verify", "-binary", "-inform", "DER", "-in", f + ".back", "-CAfile", base + "/b.crt",
            "-purpose", "any", "-out", "/dev/null")

    def run(self):
        try:
            with smtplib.SMTP("127.0.0.1", self.postfix.port) as smtp:
                while time.time() < self.until:
                    self.one(smtp, self.done)
                    self.done += 1
        except BaseException as e:  # reported by the main thread
            self.error = e


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--seconds", type=float, default=10)
    ap.add_argument("--workers", type=int, default=2)
    opt = ap.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("mail_peer: Postfix delivers only when started by root")
    base = tempfile.mkdtemp(prefix="comity-mail-")
    postfix = Postfix(base)
    try:
        for who in ("a", "b"):
            make_party(base, who)
        postfix.start()
        begin = time.time()
        workers = [Worker(n, base, postfix, begin + opt.seconds) for n in range(opt.workers)]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
        took = time.time() - begin
        for w in workers:
            if w.error:
                raise SystemExit(f"mail_peer: {w.error}")
        n = sum(w.done for w in workers)
        print(json.dumps({"exchanges": n, "seconds": round(took, 2), "per_second": round(n / took, 2)}))
    finally:
        postfix.stop()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
