"""Taking evidence: real block devices (loop), real bad sectors, real kills, a disk that is full."""
import datetime
import hashlib
import html as html_module
import json
import os
import random
import re
import signal
import subprocess
import zipfile

from comity import BINARY, ApiError, Node, Skip, fields_of, introduce, wait_for

MIB = 1 << 20


def mixed(mib, seed=1):
    """Like a disk: text, zeros, what does not compress."""
    r, out = random.Random(seed), []
    words = [hashlib.sha256(str(i).encode()).hexdigest()[:3 + i % 7] for i in range(500)]
    text = " ".join(r.choice(words) for _ in range(60000)).encode()
    for i in range(mib):
        kind = i % 4
        out.append(bytes(MIB) if kind == 0 else r.randbytes(MIB) if kind == 1 else
                   (text * (MIB // len(text) + 1))[i * 7:i * 7 + MIB])
    return b"".join(out)


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def sha(data):
    return hashlib.sha256(data).hexdigest()


def when(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Loop:
    """A block device over a file. Needs root and loop devices."""

    def __init__(self, path, read_only=True):
        if os.geteuid() != 0 or not os.path.exists("/dev/loop-control"):
            raise Skip("needs root and /dev/loop-control")
        p = subprocess.run(["losetup", "--show", "-f", *(["-r"] if read_only else []), path], capture_output=True, text=True)
        if p.returncode != 0:
            raise Skip("losetup: " + p.stderr.strip())
        self.dev = p.stdout.strip()

    def __enter__(self):
        return self.dev

    def __exit__(self, *_):
        subprocess.run(["losetup", "-d", self.dev], check=False)


def case(base):
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
    us = Node(base, "us.contact").start()
    introduce(th, us)
    r = th.api("request.new", to="us.contact", ours="CCU-2026-0117", measure="preserve", urgency="urgent",
               fields=fields_of())
    th.api("request.send", id=r["id"])
    wait_for("the request", lambda: us.api("case.list")["cases"])
    return th, us, r["case_id"]


def acquire(node, source, case_id, *more, check=True, env=None, timeout=120):
    p = node.cli("acquire", source, "--case", case_id, "--to", "th.contact", "--json", *more, check=check, env=env,
                 timeout=timeout)
    return json.loads(p.stdout) if check else p


def opened(node, exhibit, base, name="opened"):
    out = os.path.join(base, name)
    node.cli("exhibit", "open", exhibit, "--out", out, "--purpose", "test", "--authority", "test")
    with open(out, "rb") as f:
        data = f.read()
    os.unlink(out)
    return data


def test_an_own_case_before_anybody_is_asked(base):
    """A seized disk is taken, examined, packaged; then a partner is asked under the same number, and nothing is lost."""
    th, us = Node(base, "th.contact", conf={"four_eyes": ""}).start(), Node(base, "us.contact").start()
    introduce(th, us)
    th.cli("case", "new", "--ours", "CCU-9", "--purpose", "A seized laptop", "--authority", "warrant 44/2026")
    row = th.api("case.list")["cases"][0]
    assert (row["ours"], row["partner"]) == ("CCU-9", "th.contact")
    got = acquire(th, write(os.path.join(base, "disk.img"), mixed(1)), "CCU-9")
    why = ("--purpose", "look", "--authority", "warrant 44/2026")
    th.cli("examine", "search", got["id"], *why)

    def package(name):
        path = os.path.join(base, name)
        th.cli("package", "CCU-9", "--out", path)
        p = subprocess.run([BINARY, "verify", path], capture_output=True, text=True)
        assert p.returncode == 0 and "begun the case: A seized laptop" in " ".join(p.stdout.split()), p.stdout + p.stderr
        return p.stdout

    assert "2 exhibits" in package("own.zip") and not us.api("case.list")["cases"]
    r = th.api("request.new", to="us.contact", case_id=row["case_id"], measure="preserve", urgency="urgent", fields=fields_of())
    th.api("request.send", id=r["id"])
    wait_for("the request", lambda: us.api("case.list")["cases"])
    theirs = us.api("case.list")["cases"][0]
    assert (theirs["case_id"], theirs["theirs"], theirs["partner"]) == (row["case_id"], "CCU-9", "th.contact")
    wait_for("their receipt", lambda: "receipt" in json.dumps(th.api("case.show", case_id=row["case_id"])["timeline"]))
    assert "us.contact" in package("with.zip")
    # What was there before is not theirs to see.
    assert all(x["kind"] == "request" or x["kind"] == "receipt" for x in us.api("case.show", case_id=row["case_id"])["timeline"])


def start(node, source, *more, env=None, cwd=None):
    """An acquisition in a process of its own, to be killed."""
    cmd = [BINARY, "acquire", source, "--home", node.home, *more]
    return subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
                            env={**os.environ, **(env or {})})


def test_a_file_with_every_digest_and_who_took_it(base):
    th, us, case_id = case(base)
    data = mixed(9) + b"an odd end"
    path = write(os.path.join(base, "disk.img"), data)
    got = acquire(us, path, case_id, "--sha512", "--sha1", "--md5", "--item", "A3", "--place", "Bangkok, 12 Rama I Rd",
                  "--collector", "Lt Somchai", "--witness", "Ms Dao", "--condition", "sealed bag, intact", "--verify",
                  "--description", "laptop disk")
    assert got["plain"] == {"size": len(data), "sha256": sha(data), "sha512": hashlib.sha512(data).hexdigest(),
                            "sha1": hashlib.sha1(data).hexdigest(), "md5": hashlib.md5(data).hexdigest()}, got["plain"]
    assert got["sealed"]["coding"] == "zstd" and got["sealed"]["size"] < len(data) * 3 // 4
    a = got["acquisition"]
    assert a["source"]["kind"] == "file" and a["source"]["size"] == len(data) and a["source"]["path"] == path
    assert (a["item"], a["collector"], a["witness"]) == ("A3", "Lt Somchai", "Ms Dao")
    assert a["bad"] == {"bytes": 0, "ranges": []} and a["again"]["same"] is True and a["again"]["sha256"] == sha(data)
    assert a["protection"] == {"used": "not-needed"} and a["hidden"] == "no-such-thing"
    assert a["tool"]["name"] == "comity" and when(a["begun"]["at"]) <= when(a["ended"]["at"]) <= when(
        a["again"]["ended"])
    assert a["begun"]["uptime_s"] <= a["ended"]["uptime_s"]
    actions = [e.get("action") for e in us.api("exhibit.show", id=got["id"])["custody"] if e["kind"] == "custody"]
    assert actions == ["acquired", "sealed", "offered"], actions
    assert us.api("acquire.list")["acquisitions"] == []
    assert not [f for f in os.listdir(os.path.join(us.home, "vault")) if not f.endswith(".sealed")]
    assert opened(us, got["id"], base) == data
    # The partner gets it, and what is said of it.
    wait_for("the manifest", lambda: th.api("exhibit.list")["exhibits"])
    th.cli("exhibit", "fetch", got["id"])
    shown = th.api("exhibit.show", id=got["id"])
    assert shown["acquisition"]["witness"] == "Ms Dao" and shown["acquisition"]["source"]["path"] == path
    assert opened(th, got["id"], base) == data
    text = th.cli("exhibit", "show", got["id"]).stdout
    assert "Lt Somchai" in text and "Ms Dao" in text and "A3" in text, text
    assert all(got["plain"][d] in text for d in ("sha512", "sha1", "md5")) and shown["exhibit"]["plain"] == got["plain"], text


def test_the_report_tells_how_it_was_taken(base):
    """Two exhibits of one name: told apart by number and id, each with its protection, people, gaps, digests and tool."""
    th, us, case_id = case(base)
    ids = []
    for n, more in ((1, ("--write-blocker", "T35u, serial 7", "--witness", "Ms Dao", "--md5", "--sha1", "--verify")), (2, ())):
        folder = os.path.join(base, str(n))
        os.mkdir(folder)
        path = write(os.path.join(folder, "disk.img"), mixed(1, n))
        ids.append((acquire(us, path, case_id, "--collector", "Lt Somchai", *more), path))
    html = os.path.join(base, "report.html")
    us.cli("case", "report", case_id, "--out", html)
    with open(html, encoding="utf-8") as f:
        text = html_module.unescape(f.read())
    for i, (got, path) in enumerate(ids):
        for words in (f"E{i + 1} disk.img", got["id"], got["plain"]["sha256"], path):
            assert words in text, words
    for words in ("How the evidence came to be", "Lt Somchai", "Ms Dao", "T35u, serial 7", ids[0][0]["plain"]["md5"],
                  ids[0][0]["plain"]["sha1"], "Bytes that could not be read", "the same content", "none was made", "comity ",
                  "clock of an authority"):
        assert words in text, words
    us.cli("case", "report", case_id, "--out", os.path.join(base, "report.pdf"), "--language", "th")
    # The commands of the page work on a package.
    path, folder = os.path.join(base, "case.zip"), os.path.join(base, "case")
    us.api("ledger.checkpoint")
    us.cli("package", case_id, "--out", path)
    assert us.cli("verify", path, home=False).returncode == 0
    with zipfile.ZipFile(path) as z:
        z.extractall(folder)
    commands = [c for c in re.findall(r"openssl (?:cms|ts) -verify [^<]*", text) if "AUTHORITY" not in c]
    record = [f[:-5] for f in os.listdir(os.path.join(folder, "data", "records")) if f.endswith(".json")
              and json.load(open(os.path.join(folder, "data", "records", f)))["from"] == "us.contact"][0]
    assert len(commands) == 2, text
    for c in commands:
        c = c.replace("ADDRESS", "us.contact").replace("ID", record)
        p = subprocess.run(c.split(), cwd=folder, capture_output=True, text=True)
        assert p.returncode == 0, (c, p.stdout, p.stderr)


def test_what_stays_in_the_house(base):
    th, us, case_id = case(base)
    data = mixed(3, 11)
    path = write(os.path.join(base, "disk.img"), data)
    got = json.loads(us.cli("acquire", path, "--case", case_id, "--json").stdout)
    shown = us.api("exhibit.show", id=got["id"])
    assert [e["action"] for e in shown["custody"] if e["kind"] == "custody"] == ["acquired", "sealed"]
    assert shown["exhibit"]["partner"] == "us.contact" and opened(us, got["id"], base) == data
    assert th.api("exhibit.list")["exhibits"] == []


def test_a_write_protected_device_and_one_that_is_not(base):
    th, us, case_id = case(base)
    data = mixed(5, 2)
    path = write(os.path.join(base, "disk.img"), data)
    with Loop(path) as dev:
        p = us.cli("acquire", dev, "--case", case_id, "--to", "th.contact", "--json")
        a = json.loads(p.stdout)["acquisition"]
        assert "NOT write-protected" not in p.stderr
        assert a["source"]["kind"] == "device" and a["source"]["read_only"] is True and a["source"]["bus"] == "loop"
        assert a["source"]["size"] == len(data) and a["source"]["sector"] == 512
        assert a["protection"]["used"] == "software" and a["hidden"] == "not-looked-for"
        assert a["collector"] == "admin"
    with Loop(path, read_only=False) as dev:
        p = us.cli("acquire", dev, "--case", case_id, "--to", "th.contact", "--json", "--unprotected", "no blocker here")
        a = json.loads(p.stdout)["acquisition"]
        assert "NOT write-protected" in p.stderr and "blockdev --setro" in p.stderr
        assert a["protection"] == {"used": "none", "why": "no blocker here"}
        p = us.cli("acquire", dev, "--case", case_id, "--to", "th.contact", "--json", "--write-blocker", "T35u, serial 7")
        assert json.loads(p.stdout)["acquisition"]["protection"] == {"used": "hardware", "device": "T35u, serial 7"}
    with open(path, "rb") as f:
        assert f.read() == data, "the source was changed"


FAULTY = (3, 4, 8, 700)  # KiB of the image


def bad_image(base):
    """A file on a file system of its own, of which some blocks cannot be read: (path, bad ranges, content)."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    fs, at = os.path.join(base, "fs"), os.path.join(base, "mnt")
    data = mixed(4, 3)
    os.mkdir(at)
    with open(fs, "wb") as f:
        f.truncate(16 * MIB)
    subprocess.run(["mke2fs", "-q", "-t", "ext2", "-b", "1024", fs], check=True, capture_output=True)
    loop = Loop(fs, read_only=False)
    if subprocess.run(["mount", "-t", "ext2", loop.dev, at], capture_output=True).returncode != 0:
        loop.__exit__()
        raise Skip("cannot mount ext2")
    write(os.path.join(at, "disk.img"), data)
    subprocess.run(["umount", at], check=True)
    loop.__exit__()
    # Some blocks of the file lie where the device underneath will have nothing any more: to read them is EIO.
    for k, block in enumerate(FAULTY):
        subprocess.run(["debugfs", "-w", "-R", f"bmap disk.img {block} {16200 + k}", fs], check=True, capture_output=True)
    loop = Loop(fs)
    if subprocess.run(["mount", "-o", "ro", "-t", "ext2", loop.dev, at], capture_output=True).returncode != 0:
        loop.__exit__()
        raise Skip("cannot mount ext2 read-only")
    os.truncate(fs, 15 * MIB)
    return loop, at, os.path.join(at, "disk.img"), data


def test_bad_sectors_become_zeros_and_a_list(base):
    th, us, case_id = case(base)
    loop, at, path, data = bad_image(base)
    try:
        with Loop(path) as dev:
            # The kernel was seen to refuse sound blocks beside faulty ones for a while: then it is taken again.
            for _ in range(3):
                got = acquire(us, dev, case_id, "--verify")
                bad = got["acquisition"]["bad"]
                if bad["bytes"] <= 4 * 4096:
                    break
            assert bad["bytes"] >= 4096 and got["acquisition"]["retries"] == 3, bad
            want = bytearray(data)
            for r in bad["ranges"]:
                want[r["at"]:r["at"] + r["size"]] = bytes(r["size"])
            # Every faulty KiB is in the map, and the map is no wider than the pages around it.
            for block in FAULTY:
                assert any(r["at"] <= block * 1024 and (block + 1) * 1024 <= r["at"] + r["size"] for r in bad["ranges"]), (
                    block, bad)
            assert bad["bytes"] <= 4 * 4096, bad
            assert got["plain"]["sha256"] == sha(bytes(want))
            assert got["acquisition"]["again"]["same"] is True
            assert opened(us, got["id"], base) == bytes(want)
            # The quick form takes nothing with holes.
            p = us.cli("exhibit", "seal", dev, "--case", case_id, "--to", "th.contact", check=False)
            assert p.returncode == 1 and "at byte" in p.stderr, p.stderr
    finally:
        subprocess.run(["umount", at], check=False)
        loop.__exit__()


def test_a_device_that_ends_before_its_size(base):
    th, us, case_id = case(base)
    data = mixed(8, 4)
    path = write(os.path.join(base, "disk.img"), data)
    with Loop(path) as dev:
        os.truncate(path, 5 * MIB)
        a = acquire(us, dev, case_id)
        assert a["plain"]["size"] == 8 * MIB and a["plain"]["sha256"] == sha(data[:5 * MIB] + bytes(3 * MIB))
        assert a["acquisition"]["bad"] == {"bytes": 3 * MIB, "ranges": [{"at": 5 * MIB, "size": 3 * MIB}]}


def test_it_goes_on_after_kills(base):
    th, us, case_id = case(base)
    data = mixed(24, 5)
    path = write(os.path.join(base, "disk.img"), data)
    for how in ([], ["--as-is", "--md5"]):
        p = start(us, path, "--case", case_id, "--to", "th.contact", *how, env={"COMITY_FAULT": "vault.seal-write:9:kill"})
        _, err = p.communicate(timeout=60)
        if p.returncode == 0:
            raise Skip("this build has no fault points (-Dfaults=true)")
        left = us.api("acquire.list")["acquisitions"]
        assert len(left) == 1 and left[0]["source"]["path"] == path, err
        exhibit = left[0]["id"]
        for point in ("vault.seal-write:5:kill", "vault.seal-write:7:kill", "acquire.sealed:1:kill", "acquire.noted:1:kill"):
            p = start(us, path, "--resume", exhibit, env={"COMITY_FAULT": point})
            p.communicate(timeout=60)
            assert p.returncode == -9, (point, p.returncode)
        got = json.loads(us.cli("acquire", path, "--resume", exhibit, "--json").stdout)
        assert got["id"] == exhibit and got["plain"]["sha256"] == sha(data)
        if how:
            assert got["plain"]["md5"] == hashlib.md5(data).hexdigest()
        stops = got["acquisition"]["stops"]
        assert all(s["last"] <= s["at"] for s in stops), stops
        assert [s["position"] for s in stops] == sorted(s["position"] for s in stops) and stops[0]["position"] > 0, stops
        assert opened(us, exhibit, base) == data
        assert us.api("acquire.list")["acquisitions"] == []
        assert not [f for f in os.listdir(os.path.join(us.home, "vault")) if not f.endswith(".sealed")]
        p = us.cli("acquire", path, "--resume", exhibit, check=False)
        assert p.returncode == 1 and "no acquisition" in p.stderr, p.stderr


def stopped(us, source, case_id, *how, at=9):
    p = start(us, source, "--case", case_id, "--to", "th.contact", *how, env={"COMITY_FAULT": f"vault.seal-write:{at}:kill"})
    p.communicate(timeout=60)
    if p.returncode == 0:
        raise Skip("this build has no fault points (-Dfaults=true)")
    return us.api("acquire.list")["acquisitions"][0]["id"]


def test_another_source_is_not_gone_on_with(base):
    th, us, case_id = case(base)
    data = mixed(16, 6)
    path = write(os.path.join(base, "disk.img"), data)
    exhibit = stopped(us, path, case_id)
    # Other content at its end; another size; changed in the half-written frame only.
    for other, word in ((data[:-1] + b"x", "content"), (data + b"x", "size")):
        write(path, other)
        p = us.cli("acquire", path, "--resume", exhibit, check=False)
        assert p.returncode == 1 and word in p.stderr, p.stderr
        # The reason first, then what can be done, in one breath.
        assert p.stderr.index("is not the source") < p.stderr.index("What was read stays"), p.stderr
    p = us.cli("acquire", path, "--resume", exhibit, "--item", "ZZ", check=False)
    assert p.returncode == 2 and "--item" in p.stderr, p.stderr
    write(path, data)
    assert json.loads(us.cli("acquire", path, "--resume", exhibit, "--json").stdout)["plain"]["sha256"] == sha(data)


def test_stopped_by_hand_it_says_how_to_go_on(base):
    th, us, case_id = case(base)
    path = os.path.join(base, "disk.img")
    with open(path, "wb") as f:
        f.truncate(1 << 36)  # no end of zeros before the signal
    p = start(us, "disk.img", "--case", case_id, cwd=base)
    line = p.stderr.readline()
    while b"acquiring" not in line:
        assert line, "it ended"
        line = p.stderr.readline()
    p.send_signal(signal.SIGINT)
    _, rest = p.communicate(timeout=60)
    exhibit = us.api("acquire.list")["acquisitions"][0]
    assert p.returncode == -signal.SIGINT and f"--resume {exhibit['id']}".encode() in rest, (p.returncode, rest)
    # Which file it was, whoever reads it later and elsewhere.
    assert exhibit["source"]["path"] == os.path.realpath(path) and exhibit["source"]["host"], exhibit
    us.cli("acquire", "drop", exhibit["id"], "--why", "test")


def test_a_source_that_changes_is_told(base):
    th, us, case_id = case(base)
    data = mixed(16, 7)
    path = write(os.path.join(base, "disk.img"), data)
    exhibit = stopped(us, path, case_id, "--as-is")
    # The middle, already sealed: only a second reading sees it.
    write(path, data[:MIB + 17] + b"\0" + data[MIB + 18:])
    p = us.cli("acquire", path, "--resume", exhibit, "--json")
    assert json.loads(p.stdout)["plain"]["sha256"] == sha(data)
    # Sealed, then changed, then read a second time.
    p = start(us, path, "--case", case_id, "--to", "th.contact", "--verify", env={"COMITY_FAULT": "acquire.sealed:1:kill"})
    p.communicate(timeout=60)
    exhibit = us.api("acquire.list")["acquisitions"][0]["id"]
    write(path, data)
    p = us.cli("acquire", path, "--resume", exhibit, "--json", check=False)
    assert p.returncode == 3, p.stderr
    assert json.loads(p.stdout)["acquisition"]["again"]["same"] is False
    assert "second reading" in p.stderr


def test_a_folder_goes_on_too(base):
    th, us, case_id = case(base)
    folder = os.path.join(base, "mail")
    os.mkdir(folder)
    for i in range(12):
        write(os.path.join(folder, f"{i:02}.mbox"), mixed(2, 100 + i)[MIB - 9999:])
    exhibit = stopped(us, folder, case_id)
    got = json.loads(us.cli("acquire", folder, "--resume", exhibit, "--json").stdout)
    assert got["files"] == 12 and got["name"] == "mail.tar"
    whole = acquire(us, folder, case_id)
    assert got["plain"]["sha256"] == whole["plain"]["sha256"]
    exhibit = stopped(us, folder, case_id)
    write(os.path.join(folder, "00.mbox"), b"another")
    p = us.cli("acquire", folder, "--resume", exhibit, check=False)
    assert p.returncode == 1 and "not what it was" in p.stderr, p.stderr
    us.cli("acquire", "drop", exhibit, "--why", "the folder changed")
    assert us.api("acquire.list")["acquisitions"] == []
    assert not [f for f in os.listdir(os.path.join(us.home, "vault")) if exhibit in f]


def test_a_full_disk_at_every_write(base):
    """From the first write on, then the second, ... until there is none left that could fail."""
    th, us, case_id = case(base)
    data = mixed(3, 8)
    path = write(os.path.join(base, "disk.img"), data)
    full = 0
    for at in range(1, 200):
        p = us.cli("acquire", path, "--case", case_id, check=False, env={"COMITY_FAULT": f"write:{at}:enospc"})
        if p.returncode == 0:
            break
        full += 1
        assert p.returncode == 1 and "No space left" in p.stderr, (at, p.stderr)
        for exhibit in [x["id"] for x in us.api("acquire.list")["acquisitions"]]:
            if not os.path.exists(os.path.join(us.home, "vault", exhibit + ".note")):
                us.cli("acquire", "drop", exhibit, "--why", "nothing was written")
                continue
            assert f"--resume {exhibit}" in p.stderr, (at, p.stderr)
            # Full again at the same place of what is left, then there is room.
            again = us.cli("acquire", path, "--resume", exhibit, check=False, env={"COMITY_FAULT": f"write:{at}:enospc"})
            if again.returncode != 0:
                assert "No space left" in again.stderr, (at, again.stderr)
                again = us.cli("acquire", path, "--resume", exhibit, "--json")
            assert us.api("exhibit.show", id=exhibit)["exhibit"]["plain"]["sha256"] == sha(data), at
        assert us.api("acquire.list")["acquisitions"] == []
        assert not [f for f in os.listdir(os.path.join(us.home, "vault")) if not f.endswith(".sealed")], at
    if full == 0:
        raise Skip("this build has no fault points (-Dfaults=true)")
    assert full >= 5, full
    last = us.api("exhibit.list")["exhibits"][0]["id"]
    assert opened(us, last, base) == data


def test_a_note_that_was_touched_is_refused(base):
    th, us, case_id = case(base)
    data = mixed(16, 12)
    path = write(os.path.join(base, "disk.img"), data)
    exhibit, other = stopped(us, path, case_id), None
    note = os.path.join(us.home, "vault", exhibit + ".note")
    other = [x for x in (stopped(us, path, case_id), us.api("acquire.list")["acquisitions"][1]["id"]) if x != exhibit][0]
    with open(note, "rb") as f:
        good = f.read()
    with open(os.path.join(us.home, "vault", other + ".note"), "rb") as f:
        of_other = f.read()
    flipped = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1:] for at in range(0, len(good), len(good) // 9)]
    cut = [good[:n] for n in (0, 1, 64, len(good) // 2, len(good) - 1)]
    said = good.replace(b'"retries":3', b'"retries":9')
    assert said != good
    for bad in [*flipped, *cut, said, of_other, of_other.replace(other.encode(), exhibit.encode()), good + b"0"]:
        write(note, bad)
        p = us.cli("acquire", path, "--resume", exhibit, check=False)
        assert p.returncode in (1, 3) and "was changed or is damaged" in p.stderr, p.stderr
        assert "acquire drop" in p.stderr and "go on with" not in p.stderr, p.stderr
    assert us.api("exhibit.list")["exhibits"] == []
    write(note, good)
    assert json.loads(us.cli("acquire", path, "--resume", exhibit, "--json").stdout)["plain"]["sha256"] == sha(data)
    us.cli("acquire", "drop", other, "--why", "one is enough")


def test_who_may_not(base):
    th, us, case_id = case(base)
    path = write(os.path.join(base, "disk.img"), mixed(3, 9))
    us.officer("eve", "auditor")
    p = acquire(us, path, case_id, "--as", "eve", check=False)
    assert p.returncode == 1, p.stdout
    for wrong in (["--case", "no-such-case"], ["--to", "fr.contact"]):
        p = us.cli("acquire", path, "--case", case_id, "--to", "th.contact", *wrong, check=False)
        assert p.returncode != 0, wrong
    # What no manifest would take is refused before anything is read.
    for option, value in (("--place", "a\nb"), ("--witness", "x" * 300), ("--item", "\u202egpj")):
        p = acquire(us, path, case_id, option, value, check=False)
        assert p.returncode == 1 and option[2:] in p.stderr and "record" in p.stderr, p.stderr
    assert us.api("acquire.list")["acquisitions"] == []
    p = us.cli("acquire", path, check=False)
    assert p.returncode == 2 and "--case" in p.stderr
    for op, args in (("acquire.key", {}), ("acquire.drop", {"why": "x"})):
        try:
            us.api(op, id="01936b2e-0000-7000-8000-000000000000", **args)
            raise AssertionError(op)
        except ApiError as e:
            assert "no acquisition" in e.message, e.message
    assert not os.listdir(os.path.join(us.home, "vault"))
