#!/usr/bin/env python3
"""The peer for evidence: what a careful unit does today with free tools.

sha256sum, gpg sign and encrypt (no compression), sftp over loopback, gpg decrypt (which verifies),
sha256sum, compare. Both sides in memory-backed folders. Prints one JSON line with seconds a step.
"""
import argparse
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time


def run(cmd, env=None, **kw):
    p = subprocess.run(cmd, capture_output=True, env=env, **kw)
    if p.returncode != 0:
        raise SystemExit("%s: %s" % (" ".join(cmd), p.stderr.decode(errors="replace")))
    return p.stdout


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def gpg(base, *args):
    return run(["gpg", "--homedir", base + "/gnupg", "--batch", "--yes", "--quiet", "--trust-model", "always",
                "--pinentry-mode", "loopback", "--passphrase", ""] + list(args))


def warm(folder, size):
    """Memory that was never used costs a virtual machine more to hand out than any step here: so every step that
    writes finds warm pages, on both sides of the comparison."""
    path = os.path.join(folder, "warm")
    block = b"x" * (1 << 20)
    with open(path, "wb") as f:
        for _ in range(size * 5 // 4 >> 20):
            f.write(block)
    os.unlink(path)


def start_sshd(base):
    port = free_port()
    for name in ("host", "user"):
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{base}/{name}"])
    shutil.copy(f"{base}/user.pub", f"{base}/authorized")
    os.chmod(f"{base}/authorized", 0o600)
    with open(f"{base}/sshd_config", "w") as f:
        f.write(f"""Port {port}
ListenAddress 127.0.0.1
HostKey {base}/host
PidFile {base}/sshd.pid
AuthorizedKeysFile {base}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
""")
    os.makedirs("/run/sshd", exist_ok=True)
    p = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", f"{base}/sshd_config"], stderr=subprocess.DEVNULL)
    until = time.time() + 10
    while time.time() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return p, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit("sshd did not start")


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("image")
    ap.add_argument("--folder", default="/dev/shm")
    opt = ap.parse_args()
    base = tempfile.mkdtemp(prefix="comity-evidence-", dir=opt.folder)
    os.makedirs(base + "/gnupg", mode=0o700)
    sshd = None
    steps = {}

    def timed(name, f):
        warm(base, os.path.getsize(opt.image))
        t = time.time()
        r = f()
        steps[name] = round(time.time() - t, 3)
        return r

    try:
        for who in ("a", "b"):
            gpg(base, "--quick-generate-key", f"{who}@bench.invalid", "default", "default", "never")
        sshd, port = start_sshd(base)
        sftp = ["sftp", "-q", "-b", "-", "-P", str(port), "-i", f"{base}/user", "-o", "StrictHostKeyChecking=no",
                "-o", f"UserKnownHostsFile={base}/known", f"{getpass.getuser()}@127.0.0.1"]
        first = timed("sha256sum", lambda: run(["sha256sum", opt.image]).split()[0])
        timed("gpg sign and encrypt", lambda: gpg(
            base, "--compress-algo", "none", "--local-user", "a@bench.invalid", "--recipient",
            "b@bench.invalid", "--output", base + "/out.gpg", "--sign", "--encrypt", opt.image))
        timed("sftp", lambda: run(sftp, input=f"put {base}/out.gpg {base}/in.gpg\n".encode()))
        os.unlink(base + "/out.gpg")
        timed("gpg decrypt and verify", lambda: gpg(base, "--output", base + "/plain", "--decrypt",
                                                    base + "/in.gpg"))
        last = timed("sha256sum again", lambda: run(["sha256sum", base + "/plain"]).split()[0])
        if first != last:
            raise SystemExit("the peer's digests differ")
        print(json.dumps({"seconds": round(sum(steps.values()), 3), "steps": steps,
                          "bytes": os.path.getsize(opt.image)}))
    finally:
        if sshd:
            sshd.terminate()
        subprocess.run(["gpgconf", "--homedir", base + "/gnupg", "--kill", "all"], capture_output=True)
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
