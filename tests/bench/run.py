#!/usr/bin/env python3
"""make bench: what the README claims, measured against the named peers in the same run.

Prints one section after another and writes build/bench.json. Figures on a noisy machine are ratios first.
`run.py SECTION...` runs some: idle exchange mail evidence verify acquire sparse law hashset desk.
"""
import hashlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lib"))

import acquire_bench  # noqa: E402
import comity  # noqa: E402
import desk_load  # noqa: E402
from comity import Node, fields_of, introduce, wait_for  # noqa: E402
from evidence_peer import warm  # noqa: E402

RESULT = {}


def say(name, value, note=""):
    RESULT[name] = value
    print(f"  {name:44} {value:>12}  {note}", flush=True)


def keep(name, value):
    """For programs: into build/bench.json alone."""
    RESULT[name] = value


def pair(base):
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    introduce(th, us)
    return th, us


def waiting(node):
    return node.api("status")["outbox"]["waiting"]


def batch(n):
    return [{"to": "us.contact", "ours": f"B-{i}", "measure": "preserve", "urgency": "urgent", "fields": fields_of()}
            for i in range(n)]


def bench_idle(base):
    print("Idle node and start")
    n = Node(base, "th.contact")
    say("init, seconds", round(n.init_seconds, 3), "limit 2")
    times = []
    for _ in range(5):
        t = time.time()
        n.start()
        times.append(1000 * (time.time() - t))
        time.sleep(0.3)
        rss = n.rss_kib()
        pss = sum(int(line.split()[1]) for pid in rss for line in open(f"/proc/{pid}/smaps_rollup")
                  if line.startswith("Pss:"))
        n.stop()
    say("start to serving, ms (median of 5)", round(statistics.median(times), 1), "limit 200")
    say("idle resident, node process, MiB", round(max(rss.values()) / 1024, 1), "limit 25")
    say("idle proportional, node and keeper, MiB", round(pss / 1024, 1))


def sustained(th, us, seconds):
    """Keeps at most 3,000 on the way; counts what was settled by a verified receipt."""
    requests = batch(64)
    stop, sent, errors = time.time() + seconds, [0], []
    lock = threading.Lock()

    def feed():
        try:
            while time.time() < stop:
                if sent[0] % 1024 < 64 and waiting(th) > 3000:
                    time.sleep(0.1)
                    continue
                got = th.api("request.submit_many", requests=requests, _timeout=60 + threading.get_ident() % 1000)
                bad = [r for r in got["results"] if "id" not in r]
                if bad:
                    raise AssertionError(bad[0])
                with lock:
                    sent[0] += len(requests)
        except Exception as e:
            errors.append(e)

    begin = time.time()
    threads = [threading.Thread(target=feed) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        raise errors[0]
    wait_for("the last receipts", lambda: waiting(th) == 0, 60, 0.01)
    return sent[0] / (time.time() - begin)


def half_load(th, rate, seconds):
    """Single requests and small batches at a steady pace; latency from the call to the committed receipt."""
    step, size = 0.02, max(1, round(rate * 0.02))
    requests, begin = batch(size), time.time()
    first, k = th.api("delivery.list", limit=1)["deliveries"], 0
    seen = first[0]["seq"] if first else 0
    asked = {}
    while time.time() - begin < seconds:
        due = begin + k * step
        if time.time() < due:
            time.sleep(due - time.time())
        t = time.time()
        for r in th.api("request.submit_many", requests=requests)["results"]:
            asked[r["id"]] = t
        k += 1
    wait_for("the last receipts", lambda: waiting(th) == 0, 60)
    rows = th.api("delivery.list", limit=len(asked) + 1000)["deliveries"]
    late = sorted(1000 * (r["settled_us"] / 1e6 - asked[r["record_id"]]) for r in rows if r["record_id"] in asked)
    if len(late) != len(asked):
        raise AssertionError(f"{len(late)} of {len(asked)} settled ({seen})")
    return len(late) / seconds, late[len(late) // 2], late[int(len(late) * 0.99)], late[-1]


def bench_exchange(base):
    print("Exchange: signed, delivered, verified, in both ledgers, durable on both sides, receipt verified")
    bound_tool = os.path.join(os.path.dirname(comity.BINARY), "tests", "bench_bound")
    bound = json.loads(subprocess.check_output([bound_tool, "3"]))
    th, us = pair(base)
    sustained(th, us, 1)
    rate = sustained(th, us, float(os.environ.get("SECONDS_EACH", "10")))
    say("exchanges a second, sustained", round(rate), "at least 1500")
    say("bound: OpenSSL's CMS calls alone, a second", round(bound["openssl"]), "2 CMS_sign, 2 CMS_verify, all cores")
    say("share of that bound", round(rate / bound["openssl"], 2), "at least 0.5")
    say("bound: our own calls alone, a second", round(bound["own"]), "the same without what never changes")
    say("share of our own bound", round(rate / bound["own"], 2))
    paced, p50, p99, worst = half_load(th, rate / 2, 6)
    say("at half load, a second", round(paced))
    say("latency p50, ms", round(p50, 1))
    say("latency p99, ms", round(p99, 1), "limit 50")
    say("latency worst, ms", round(worst, 1))
    say("node memory after, MiB", round(max(th.rss_kib().values()) / 1024, 1))
    for n in (th, us):
        n.api("ledger.checkpoint")
        n.stop()
        n.cli("ledger", "check", timeout=600)


def bench_mail(base):
    print("Against S/MIME mail on this machine (openssl cms, Postfix, Maildir)")
    out = subprocess.check_output([sys.executable, os.path.join(HERE, "mail_peer.py"), "--seconds", "10"])
    mail = json.loads(out)["per_second"]
    say("mail exchanges a second", mail)
    if "exchanges a second, sustained" in RESULT:
        say("times as many", round(RESULT["exchanges a second, sustained"] / mail, 1), "at least 30")


def image(folder, gib=1.0, dense=False):
    """Like a disk: half of it does not compress; dense: nothing does."""
    path = os.path.join(folder, "dense.raw" if dense else "image.raw")
    block = os.urandom(1 << 20)
    with open(path, "wb") as f:
        for i in range(int(gib * 1024)):
            f.write(block if i % 2 or dense else i.to_bytes(4, "big") * (1 << 18))
    return path


class Peak(threading.Thread):
    """Highest resident memory of processes while something runs."""

    def __init__(self, pids):
        super().__init__(daemon=True)
        self.pids, self.peak, self.stop = pids, {}, False

    def run(self):
        while not self.stop:
            for name, pid in list(self.pids.items()):
                try:
                    with open(f"/proc/{pid}/status") as f:
                        for line in f:
                            if line.startswith("VmHWM"):
                                self.peak[name] = max(self.peak.get(name, 0), int(line.split()[1]) / 1024)
                except OSError:
                    pass
            time.sleep(0.02)


def evidence_run(base, path, seconds=600, warmed=0):
    """seal, transfer, verify, receipt; returns (seconds a step, peak MiB a process). warmed: bytes, see warm()."""
    th, us = pair(base)
    r = th.api("request.new", to="us.contact", ours="B-1", measure="preserve", urgency="urgent", fields=fields_of())
    th.api("request.send", id=r["id"])
    wait_for("arrival", lambda: us.api("request.list", incoming=True)["requests"])
    steps, pids = {}, {"asking node": th.process.pid, "executing node": us.process.pid}
    peak = Peak(pids)
    peak.start()
    warm(base, warmed)
    t = time.time()
    seal = subprocess.Popen([comity.BINARY, "exhibit", "seal", path, "--case", r["case_id"], "--to", "th.contact",
                             "--json", "--home", us.home], stdout=subprocess.PIPE)
    pids["seal"] = seal.pid
    out = seal.communicate()[0]
    if seal.returncode:
        raise SystemExit("seal failed")
    ex = json.loads(out)["id"]
    steps["seal"] = time.time() - t
    wait_for("the manifest", lambda: any(e["id"] == ex for e in th.api("exhibit.list")["exhibits"]), 60, 0.005)
    warm(base, warmed)
    t = time.time()
    th.api("exhibit.fetch", id=ex)
    wait_for("the exhibit", lambda: th.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", seconds, 0.01)
    wait_for("the receipt", lambda: us.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", 60, 0.005)
    steps["transfer, verify, receipt"] = time.time() - t
    peak.stop = True
    peak.join()
    th.stop()
    us.stop()
    return steps, peak.peak


def best_evidence(base, path, runs=2):
    best = None
    for k in range(runs):
        folder = os.path.join(base, str(k))
        os.makedirs(folder)
        steps, peak = evidence_run(folder, path, warmed=os.path.getsize(path))
        if best is None or sum(steps.values()) < sum(best[0].values()):
            best = steps, peak
        subprocess.run(["rm", "-rf", folder], check=True)
    return best


def bench_evidence(base):
    print("Evidence: a 1 GiB image, half of which compresses, both sides in memory-backed folders")
    path = image(base)
    steps, peak = best_evidence(base, path)
    for name, s in steps.items():
        say(f"{name}, seconds", round(s, 2))
    for name, mib in peak.items():
        say(f"peak memory, {name}, MiB", round(mib, 1), "limit 64")
    say("load of the machine then, 1 minute", round(os.getloadavg()[0], 1))
    peer = json.loads(subprocess.check_output([sys.executable, os.path.join(HERE, "evidence_peer.py"), path]))
    say("peer: sha256sum, gpg, sftp, gpg, sha256sum, s", peer["seconds"])
    say("times faster", round(peer["seconds"] / sum(steps.values()), 1), "at least 8")
    os.unlink(path)
    # gpg does not compress here, so the same figure of the peer serves.
    steps, _ = best_evidence(base, image(base, dense=True))
    say("nothing compresses: seconds", round(sum(steps.values()), 2))
    say("nothing compresses: times faster", round(peer["seconds"] / sum(steps.values()), 1))


def bench_acquire(base):
    acquire_bench.bench(base, say)


def packaged(base):
    """A package with one sealed exhibit of 1 GiB."""
    path = image(base)
    th, us = pair(base)
    r = th.api("request.new", to="us.contact", ours="B-1", measure="preserve", urgency="urgent", fields=fields_of())
    th.api("request.send", id=r["id"])
    wait_for("arrival", lambda: us.api("request.list", incoming=True)["requests"])
    ex = json.loads(us.cli("exhibit", "seal", path, "--case", r["case_id"], "--to", "th.contact", "--json", timeout=600).stdout)["id"]
    wait_for("the manifest", lambda: any(e["id"] == ex for e in th.api("exhibit.list")["exhibits"]), 60)
    th.api("exhibit.fetch", id=ex)
    wait_for("the exhibit", lambda: th.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified", 600)
    out = os.path.join(base, "case.zip")
    th.cli("package", r["case_id"], "--out", out, timeout=600)
    th.stop()
    us.stop()
    return out


def bench_verify(base):
    print("Verifying a package of 1 GiB, against openssl dgst -sha256 over the same bytes")
    path = packaged(base)
    best = {}
    for _ in range(3):  # in turn, so that both meet the same machine
        for name, cmd in (("openssl", ["openssl", "dgst", "-sha256", path]), ("verify", [comity.BINARY, "verify", path])):
            t = time.time()
            p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL)
            if p.wait() != 0:
                raise SystemExit(name + " failed")
            best[name] = min(best.get(name, 1e9), time.time() - t)
    for name, seconds in best.items():
        say(f"{name}, seconds", round(seconds, 2))
    say("verify: times openssl", round(best["verify"] / best["openssl"], 2), "at most 1.3")
    # Not of the runs above: the kernel counts what the parent had before exec, and that is our own image.
    say("verify: peak memory, MiB", round(acquire_bench.with_peak([comity.BINARY, "verify", path], base), 1), "limit 128")
    say("load of the machine then, 1 minute", round(os.getloadavg()[0], 1))


def bench_sparse(base):
    size = int(os.environ.get("SPARSE_GB", "20"))
    st = os.statvfs(base)
    if st.f_bavail * st.f_frsize < (2 * size + 2) * 10**9:
        print(f"Sparse file: skipped, {base} has no room for two sealed copies of {size} GB")
        return
    print(f"Memory with a {size} GB sparse file, on disk")
    path = os.path.join(base, "sparse.raw")
    with open(path, "wb") as f:
        f.truncate(size * 10**9)
    steps, peak = evidence_run(base, path, 3600)
    say("sparse: seconds", round(sum(steps.values()), 1))
    for name, mib in peak.items():
        say(f"sparse: peak memory, {name}, MiB", round(mib, 1), "limit 64")


def bench_law(base):
    print("The law: 10,000 assessments of mixed questions, warm, every economy loaded")
    tool = os.path.join(os.path.dirname(comity.BINARY), "tests", "bench_law")
    got = json.loads(subprocess.check_output([tool]))
    say("law: economies, facts", f"{got['economies']}, {got['facts']}")
    say("law: load and check the built-in data, ms", got["load_ms"])
    say("law: one assessment, us (median)", got["check_us"], f"limit 100; mean {got['check_mean_us']}")
    say("law: findings of one", got["findings"])
    say("law: its answer as JSON, us", got["json_us"])
    say("law: gap matrix of all economies, us", got["gap_us"])


def bench_hashset(base):
    entries, lookups = int(os.environ.get("HASHSET_ENTRIES", "10000000")), 2000000
    print(f"Hash set of {entries:,} SHA-256; peer: SQLite (the form of NSRL's RDS), the same entries and questions")
    tool = os.path.join(os.path.dirname(comity.BINARY), "tests", "bench_hashset")
    listed, made = os.path.join(base, "list.txt"), os.path.join(base, "a.hashset")
    with open(listed, "wb") as f:
        subprocess.run([tool, "--list", str(entries)], stdout=f, check=True)
    begin = time.time()
    pid = os.spawnlp(os.P_NOWAIT, comity.BINARY, "comity", "hashset", "build", listed, "--known", "bad", "--out", made)
    _, status, used = os.wait4(pid, 0)
    assert status == 0
    say("hashset: build, s", round(time.time() - begin, 1))
    say("hashset: build, peak memory, MiB", used.ru_maxrss // 1024, "limit 128")
    say("hashset: mapped, MiB", os.path.getsize(made) >> 20, "limit 400")
    ours = []
    for _ in range(3):
        got = json.loads(subprocess.check_output([tool, made, str(entries), str(lookups)]))
        ours.append(got["us"])
    say("hashset: one look-up, us (median)", statistics.median(ours), f"limit 2; {got['found']} of {lookups} found")
    db = sqlite3.connect(os.path.join(base, "peer.db"))
    db.execute("PRAGMA journal_mode=OFF")
    db.execute("CREATE TABLE known (h BLOB PRIMARY KEY) WITHOUT ROWID")
    with open(listed, encoding="ascii") as f:
        rows = sorted(bytes.fromhex(line) for line in f)
    db.executemany("INSERT INTO known VALUES (?)", ((r,) for r in rows))
    db.commit()
    db.execute("CREATE TEMP TABLE asked (h BLOB)")
    asked = 200000
    db.executemany("INSERT INTO asked VALUES (?)", (
        (hashlib.sha256((i * 2654435761 % (2 * entries)).to_bytes(8, "little")).digest(),) for i in range(asked)))
    db.execute("SELECT count(*) FROM known").fetchone()
    begin = time.time()
    db.execute("SELECT count(*) FROM asked CROSS JOIN known ON known.h = asked.h").fetchone()
    peer = (time.time() - begin) / asked * 1e6
    say("hashset: SQLite, one look-up, us", round(peer, 2), f"ratio {peer / statistics.median(ours):.1f}")


def bench_desk(base):
    desk_load.bench(base, say, keep)


SECTIONS = {"idle": (bench_idle, None), "exchange": (bench_exchange, None), "mail": (bench_mail, None),
            "evidence": (bench_evidence, "/dev/shm"), "verify": (bench_verify, "/dev/shm"),
            "acquire": (bench_acquire, "/dev/shm"),
            "sparse": (bench_sparse, None), "law": (bench_law, None), "hashset": (bench_hashset, None),
            "desk": (bench_desk, None)}


def main():
    wanted = sys.argv[1:] or list(SECTIONS)
    for name in wanted:
        f, where = SECTIONS[name]
        with comity.Folder(where) as base:
            try:
                f(base)
            finally:
                comity.stop_all()
    with open(os.path.join(os.path.dirname(comity.BINARY), "bench.json"), "w") as f:
        json.dump(RESULT, f, indent=1)


if __name__ == "__main__":
    sys.exit(main())
