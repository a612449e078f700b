"""Taking a disk image, against ewfacquire (fast compression, SHA-256) and dc3dd (SHA-256, no compression).

The same data, in memory-backed folders, in turns; the best of three each. Ours is the whole verb: read, hash, compress,
encrypt, hash what was sealed, make it durable, sign the manifest. ewfacquire always computes MD5 too.
"""
import hashlib
import json
import os
import random
import shutil
import subprocess
import time

import comity
from comity import Node, fields_of, introduce, wait_for
from evidence_peer import warm

MIB = 1 << 20
TURNS = 3


def disk_like(path, mib):
    """A third each of zeros, of what does not compress (films, archives), of text, programs and tables."""
    r = random.Random(2026)
    words = [hashlib.sha256(str(i).encode()).hexdigest()[:2 + i % 9] for i in range(3000)]
    text = b" ".join(r.choice(words).encode() for _ in range(900000))
    with open(path, "wb") as f:
        while f.tell() < mib * MIB:
            n = r.choice((1, 1, 2, 4)) * MIB
            kind = r.randrange(3)
            at = r.randrange(len(text) - 4 * MIB)
            f.write((bytes(n), r.randbytes(n), text[at:at + n])[kind])
        f.truncate(mib * MIB)


def peak_run(cmd, cwd):
    """(seconds, peak resident MiB)"""
    begin = time.time()
    p = subprocess.Popen(cmd, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = p.communicate()
    took = time.time() - begin
    if p.returncode != 0:
        raise SystemExit(f"{' '.join(cmd)}: exit {p.returncode}\n{out.decode(errors='replace')}{err.decode(errors='replace')}")
    return took, out


def with_peak(cmd, cwd):
    """GNU-less: the kernel's own count of a child, in a process of its own."""
    code = ("import os,resource,subprocess,sys;r=subprocess.run(sys.argv[1:],capture_output=True);"
            "sys.stderr.write(r.stderr.decode(errors='replace'));"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);sys.exit(r.returncode)")
    _, out = peak_run(["python3", "-c", code, *cmd], cwd)
    return int(out.split()[-1]) / 1024


def ours(us, case_id, path, *more):
    return [comity.BINARY, "acquire", path, "--case", case_id, "--to", "th.contact", "--json", "--home", us.home, *more]


def emptied(us):
    for name in os.listdir(os.path.join(us.home, "vault")):
        os.unlink(os.path.join(us.home, "vault", name))


def bench(base, say):
    mib = int(os.environ.get("ACQUIRE_MIB", "1024"))
    print(f"Acquiring a disk image of {mib} MiB, memory-backed folders, best of {TURNS} in turns")
    missing = [x for x in ("ewfacquire", "dc3dd") if shutil.which(x) is None]
    if missing:
        raise SystemExit(f"missing: {', '.join(missing)}; tools/need.sh bench installs ewf-tools and dc3dd")
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
    us = Node(base, "us.contact").start()
    introduce(th, us)
    r = th.api("request.new", to="us.contact", ours="B-1", measure="preserve", urgency="urgent", fields=fields_of())
    th.api("request.send", id=r["id"])
    wait_for("arrival", lambda: us.api("request.list", incoming=True)["requests"])
    path, out = os.path.join(base, "disk.img"), os.path.join(base, "out")
    disk_like(path, mib)
    os.mkdir(out)
    tools = {
        "comity": ours(us, r["case_id"], path),
        "comity as it is": ours(us, r["case_id"], path, "--as-is"),
        "ewfacquire": ["ewfacquire", "-u", "-q", "-c", "fast", "-d", "sha256", "-S", "1EiB", "-t",
                       os.path.join(out, "e"), path],
        "dc3dd": ["dc3dd", f"if={path}", f"of={out}/raw", "hash=sha256", f"log={out}/log"],
    }
    best = {}
    for _ in range(TURNS):
        for name, cmd in tools.items():
            emptied(us)
            for f in os.listdir(out):
                os.unlink(os.path.join(out, f))
            warm(base, mib * MIB)
            took, text = peak_run(cmd, out)
            best[name] = min(best.get(name, took), took)
            if name == "comity":
                sealed = json.loads(text)["sealed"]["size"]
            if name == "ewfacquire":
                ewf = sum(os.path.getsize(os.path.join(out, f)) for f in os.listdir(out))
    for name, s in best.items():
        say(f"acquire: {name}, seconds", round(s, 2), f"{mib / s:.0f} MiB/s")
    say("acquire: times as fast as ewfacquire", round(best["ewfacquire"] / best["comity"], 1), "at least 4")
    say("acquire: times as fast as dc3dd, as it is", round(best["dc3dd"] / best["comity as it is"], 2), "at least 1")
    say("acquire: times as fast as dc3dd, compressed", round(best["dc3dd"] / best["comity"], 2))
    say("acquire: stored, share of the image", round(sealed / mib / MIB, 2), f"ewfacquire {ewf / mib / MIB:.2f}")
    emptied(us)
    say("acquire: peak memory, MiB", round(with_peak(tools["comity"], out), 1), "limit 128")
