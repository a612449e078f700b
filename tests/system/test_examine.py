"""Examining through the command line: files beside the node, and sealed exhibits with their custody."""
import csv
import hashlib
import io
import json
import os
import shutil
import struct
import subprocess

from comity import BINARY, Node, Skip, fields_of, introduce, wait_for
from test_acquire import FAULTY, bad_image
from test_spine import answer, fetch, give, pair, send, settled, state


def comity(*args, check=True):
    p = subprocess.run([BINARY, *args], capture_output=True, text=True, timeout=120)
    assert not check or p.returncode == 0, p.stderr + p.stdout
    return p


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def image(base):
    """An ext4 file system with a deleted file is more than mkfs makes: here are plain ones."""
    if not shutil.which("mkfs.ext4"):
        raise Skip("no mkfs.ext4 here (e2fsprogs)")
    tree, path = os.path.join(base, "tree"), os.path.join(base, "disk.raw")
    os.makedirs(os.path.join(tree, "srv"))
    with open(os.path.join(tree, "srv", "mail.txt"), "w", encoding="utf-8") as f:
        f.write("write to carol@example.net, account DE89 3704 0044 0532 0130 00\n")
    with open(os.path.join(tree, "srv", "tool\x1b[31m.jpg"), "wb") as f:
        f.write(open("/bin/true", "rb").read())
    with open(os.path.join(tree, "srv", "notes.doc"), "wb") as f:
        f.write(bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(200))
    with open(path, "wb") as f:
        f.truncate(4 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-d", tree, path], check=True, capture_output=True)
    return path


def test_a_file_is_examined_without_a_node(base):
    path, out = image(base), os.path.join(base, "out.jsonl")
    told = lines(comity("examine", "list", "--file", path, "--json", "--out", out).stdout)
    assert {"/srv/mail.txt", "/srv/tool\x1b[31m.jpg"} <= {x.get("path") for x in told}
    assert lines(open(out, encoding="utf-8").read()) == told
    # What a disk says does not reach the terminal as it is.
    text = comity("examine", "types", "--file", path).stdout
    assert "\x1b" not in text and "\\x1b[31m.jpg" in text and "DISGUISED" in text
    marked = [x.split()[-1] for x in text.splitlines() if "DISGUISED" in x]
    assert "/srv/notes.doc" in marked and "/srv/mail.txt" not in marked, text
    hits = lines(comity("examine", "search", "--file", path, "--json").stdout)
    assert {("email", "carol@example.net"), ("iban", "DE89370400440532013000")} <= {
        (h["indicator"], h["value"]) for h in hits if h["type"] == "hit"}
    # Nothing is written over, and nothing is left of what failed.
    p = comity("examine", "list", "--file", path, "--out", out, check=False)
    assert p.returncode == 1 and "out.jsonl" in p.stderr
    none = os.path.join(base, "none")
    p = comity("examine", "extract", "--file", path, "--path", "/nothing", "--out", none, check=False)
    assert p.returncode == 1 and "/nothing" in p.stderr and not os.path.exists(none)
    assert comity("examine", "list", check=False).returncode == 2
    assert comity("examine", "list", "--file", "/dev/null", check=False).returncode != 0


def ntfs(base, born=None):
    """An NTFS with /plain.txt and /old.txt; of the second the time of birth is set, as tools for that do."""
    for tool in ("mkntfs", "ntfscp"):
        if not shutil.which(tool):
            raise Skip(f"no {tool} here (ntfs-3g)")
    path, text = os.path.join(base, "ntfs.raw"), os.path.join(base, "plain.txt")
    with open(path, "wb") as f:
        f.truncate(2 << 20)
    with open(text, "w", encoding="utf-8") as f:
        f.write("call +66 81 234 5678\n")
    subprocess.run(["mkntfs", "-q", "-F", path], check=True, capture_output=True)
    for name in ("plain.txt", "old.txt"):
        subprocess.run(["ntfscp", "-f", path, text, name], check=True, capture_output=True)
    with open(path, "r+b") as f:
        data = f.read()
        for at in range(0, len(data), 1024):
            record = data[at:at + 1024]
            # The first attribute of a record is $STANDARD_INFORMATION; its content begins with four times.
            if record[:4] == b"FILE" and "old.txt".encode("utf-16le") in record:
                si = at + struct.unpack_from("<H", record, 20)[0]
                assert struct.unpack_from("<I", data, si)[0] == 0x10
                f.seek(si + struct.unpack_from("<H", data, si + 20)[0])
                f.write(struct.pack("<Q", (born + 11644473600) * 10_000_000))
    return path


def test_times_that_were_set_back_show(base):
    path = ntfs(base, 1262304000)  # 2010-01-01
    files = {x["path"]: x for x in lines(comity("examine", "list", "--file", path, "--json").stdout) if x["type"] == "file"}
    old, plain = files["/old.txt"], files["/plain.txt"]
    assert old["born"].startswith("2010-01-01T00:00:00") and not old["name_born"].startswith("2010"), old
    assert old["before_name"] == ["born"] and "before_name" not in plain and plain["name_born"] == plain["born"], plain
    assert "[born 2010-01-01" in comity("examine", "list", "--file", path).stdout
    events = [x for x in lines(comity("examine", "timeline", "--file", path, "--json").stdout) if x["type"] == "event"]
    assert events[0]["path"] == "/old.txt" and events[0]["what"] == "born" and events[0]["at"] == old["born"]
    assert [e["at"] for e in events if e["path"] == "/old.txt" and e["what"] == "name_born"] == [old["name_born"]]
    assert not [e for e in events if e["path"] == "/plain.txt" and e["what"] == "name_born"], "told where it differs"
    # As a table, which a spreadsheet reads and runs nothing of.
    text = comity("examine", "timeline", "--file", path, "--csv", "--indicators").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["time"], r["what"], r["path"]) for r in rows] == [(e["at"], e["what"], e["path"]) for e in events], (text[:600], events[:3])
    assert all(v[:1] not in "=+-@" or not v for r in rows for v in r.values()), rows
    assert "phone +66812345678" in {r["found"] for r in rows if r["path"] == "/plain.txt"}


def test_a_list_of_blocks_that_leads_into_itself(base):
    path, tree, size = os.path.join(base, "disk.raw"), os.path.join(base, "tree"), 4096
    os.makedirs(tree)
    for name in ("a.txt", "trap.bin", "z.txt"):
        with open(os.path.join(tree, name), "w", encoding="utf-8") as f:
            f.write("write to carol@example.net\n")
    with open(os.path.join(tree, "hole.bin"), "wb") as f:
        f.truncate(2 << 40)
        f.seek(1 << 40)
        f.write(b"in the middle of nothing")
    random = os.urandom(12 << 20)
    with open(os.path.join(tree, "whole.bin"), "wb") as f:  # its blocks need the second level
        f.write(random)
    with open(path, "wb") as f:
        f.truncate(24 << 20)
    subprocess.run(["mkfs.ext2", "-q", "-b", str(size), "-d", tree, path], check=True, capture_output=True)
    block = (24 << 20) // size - 2
    for word in (f"block[TIND] {block}", "size 4294967295"):
        subprocess.run(["debugfs", "-w", "-R", f"sif /trap.bin {word}", path], check=True, capture_output=True)
    with open(path, "r+b") as f:
        f.seek(block * size)
        f.write(struct.pack("<I", block) * (size // 4))
    # Whoever follows the lists first needs an hour of processor time for these two files.
    told = lines(comity("examine", "list", "--file", path, "--orphans", "--seconds", "60", "--json").stdout)
    assert {"/a.txt": 27, "/z.txt": 27, "/trap.bin": 2**32 - 1, "/hole.bin": 2**41}.items() <= {
        x["path"]: x["size"] for x in told if "path" in x}.items(), told
    hits = lines(comity("examine", "search", "--file", path, "--max-file", "1048576", "--json").stdout)
    assert {"/a.txt", "/z.txt"} == {h["path"] for h in hits if h.get("value") == "carol@example.net"}, hits
    got = os.path.join(base, "got")
    comity("examine", "extract", "--file", path, "--path", "/whole.bin", "--out", got)
    with open(got, "rb") as f:
        assert f.read() == random


def test_hash_sets_are_built_and_matched(base):
    path = image(base)
    mail = os.path.join(base, "mail.txt")
    comity("examine", "extract", "--file", path, "--path", "/srv/mail.txt", "--out", mail)
    lists, bad = os.path.join(base, "list.txt"), os.path.join(base, "bad.hashset")
    for tool in ("sha256sum", "md5sum"):
        with open(lists, "w", encoding="utf-8") as f:
            f.write(subprocess.run([tool, mail], capture_output=True, text=True, check=True).stdout)
        if os.path.exists(bad):
            os.unlink(bad)
        comity("hashset", "build", lists, "--known", "bad", "--out", bad, "--name", "known pictures")
        comity("hashset", "check", bad)
        told = lines(comity("examine", "match", "--file", path, "--set", bad, "--json").stdout)
        found = [m for m in told if m["type"] == "match"]
        assert [m["path"] for m in found] == ["/srv/mail.txt"] and found[0]["sets"] == ["known pictures"], told
    with open(bad, "r+b") as f:
        f.seek(530)
        f.write(b"\xff\xff\xff")
    assert comity("hashset", "check", bad, check=False).returncode == 3
    p = comity("examine", "match", "--file", path, "--set", bad, check=False)
    assert p.returncode == 3 and "was changed" in p.stderr and not p.stdout, (p.returncode, p.stdout, p.stderr)
    with open(bad, "r+b") as f:
        f.truncate(500)
    p = comity("examine", "match", "--file", path, "--set", bad, check=False)
    assert p.returncode == 1 and "hash set" in p.stderr


def sealed(base, path, officers=(), **conf):
    more = [x for o in officers for x in ("--officer", o)]
    th = Node(base, "th.contact", conf={"four_eyes": "", **conf}, init_args=more).start()
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    introduce(th, us)
    draft = th.api("request.new", to="us.contact", ours="X-1", measure="preserve", urgency="urgent", fields=fields_of())
    th.api("request.send", id=draft["id"])
    got = wait_for("the request", lambda: us.api("request.list")["requests"])[0]
    p = us.cli("exhibit", "seal", path, "--case", got["case_id"], "--to", "th.contact", "--json")
    exhibit = json.loads(p.stdout)["id"]
    wait_for("the manifest", lambda: th.api("exhibit.list")["exhibits"])
    th.api("exhibit.fetch", id=exhibit)
    wait_for("the exhibit", lambda: th.api("exhibit.show", id=exhibit)["exhibit"]["state"] == "verified")
    return th, exhibit


def given_disk(base, condition):
    """us gives a disk to th, under a condition that th accepted."""
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("delivery", lambda: settled(th, r["id"]))
    answer(us, r["id"], "condition-offered", conditions=[condition])
    wait_for("the offer", lambda: state(th, r["id"]) == "condition-offered")
    answer(th, r["id"], "condition-accepted")
    wait_for("the yes", lambda: state(us, r["id"]) == "condition-accepted")
    exhibit = give(us, "th.contact", r["case_id"], image(base))
    fetch(th, exhibit)
    return th, us, r, exhibit


WHY = ("--purpose", "examination", "--authority", "order 1")


def test_a_sealed_exhibit_is_examined_in_its_seal(base):
    path = image(base)
    th, exhibit = sealed(base, path)
    told = lines(th.cli("examine", "list", exhibit, *WHY, "--json").stdout)
    assert "/srv/mail.txt" in {x.get("path") for x in told}
    made = told[-1]
    assert made["type"] == "exhibit", made
    shown = th.api("exhibit.show", id=made["id"])["exhibit"]
    assert shown["derived"]["from"] == exhibit and shown["derived"]["root"] == exhibit
    assert shown["derived"]["by"].startswith("comity-examiner ")
    chain = th.api("exhibit.show", id=exhibit)["custody"]
    actions = [c.get("action") for c in chain]
    assert actions.index("opened") < actions.index("examined"), actions
    examined = [c for c in chain if c.get("action") == "examined"][0]
    assert examined["detail"]["job"] == "list" and examined["detail"]["result"]["id"] == made["id"]
    # The result comes out of its seal as it was told, with where it is from.
    out = os.path.join(base, "result.jsonl")
    th.cli("exhibit", "open", made["id"], "--out", out, *WHY)
    result = lines(open(out, encoding="utf-8").read())
    assert result[0]["type"] == "provenance" and result[0]["exhibit"] == exhibit
    assert result[1:] == told[1:-1] and result[0] == told[0]
    # A file taken out of it is an exhibit too, and so is what is made of that.
    mail = lines(th.cli("examine", "extract", exhibit, *WHY, "--path", "/srv/mail.txt", "--json").stdout)[-1]
    again = lines(th.cli("examine", "search", mail["id"], *WHY, "--json").stdout)
    assert "carol@example.net" in {x.get("value") for x in again}
    # Where in the image it was: in its own chain, and in the report.
    assert "path in it: /srv/mail.txt" in th.cli("exhibit", "custody", mail["id"]).stdout
    report = os.path.join(base, "report.html")
    th.cli("case", "report", th.api("exhibit.show", id=exhibit)["exhibit"]["case_id"], "--out", report)
    with open(report, encoding="utf-8") as f:
        text = f.read()
    assert "Path in it" in text and "/srv/mail.txt" in text and mail["id"] in text
    shown = th.api("exhibit.show", id=again[-1]["id"])["exhibit"]
    assert shown["derived"]["from"] == mail["id"] and shown["derived"]["root"] == exhibit
    # Nothing of the content lies in the open.
    for folder, _, names in os.walk(th.home):
        for name in (n for n in names if os.path.isfile(os.path.join(folder, n))):
            with open(os.path.join(folder, name), "rb") as f:
                assert b"carol@example.net" not in f.read(), name


def test_an_examination_that_fails_is_in_custody(base):
    path = image(base)
    th, exhibit = sealed(base, path)
    before, none, here = chain(th, exhibit), os.path.join(base, "none.yar"), os.path.join(base, "here")
    for name in (none, here):
        with open(name, "w", encoding="utf-8"):
            pass
    # What is wrong with the words of the command is told before anything is opened and signed.
    for words, rc, said in ((("scan",), 2, "--rules"), (("scan", "--rules", none), 1, "none.yar has no rule"),
                            (("scan", "--rules", base), 2, "is no file"), (("search", "--kind", "foo"), 2, '"foo"'),
                            (("match", "--set", path), 1, "no hash set"), (("list", "--out", here), 1, "there already"),
                            (("list", "--use", "foo"), 2, 'no use "foo"'), (("list", "--memory", "1"), 2, "--memory")):
        p = th.cli("examine", words[0], exhibit, *WHY, *words[1:], check=False)
        assert p.returncode == rc and said in p.stderr, (words, p.returncode, p.stderr)
    assert chain(th, exhibit) == before
    p = th.cli("examine", "extract", exhibit, *WHY, "--path", "/nothing", check=False)
    assert p.returncode == 1 and "/nothing" in p.stderr
    last = th.api("exhibit.show", id=exhibit)["custody"][-1]
    assert last["action"] == "examined" and "not finished" in last["result"], last
    assert len(th.api("exhibit.list")["exhibits"]) == 1
    p = th.cli("examine", "list", exhibit, check=False)
    assert p.returncode == 2 and "--purpose" in p.stderr
    # The node goes on.
    assert th.api("status")["address"] == "th.contact"


def test_a_known_good_set_as_nist_gives_it(base):
    """NSRL RDS: quoted columns, SHA-1 first, a header line; what it has is left out of sight unless asked for."""
    path = image(base)
    mail, tool = os.path.join(base, "mail.txt"), os.path.join(base, "tool")
    comity("examine", "extract", "--file", path, "--path", "/srv/mail.txt", "--out", mail)
    with open("/bin/true", "rb") as f:
        known = hashlib.sha1(f.read()).hexdigest().upper()
    rds, good, bad = (os.path.join(base, n) for n in ("NSRLFile.txt", "nsrl.hashset", "bad.hashset"))
    with open(rds, "w", encoding="utf-8", newline="") as f:
        f.write('"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\r\n')
        for i in range(1000):
            digest = hashlib.sha1(str(i).encode()).hexdigest().upper()
            f.write(f'"{digest}","{digest[:32]}","{digest[:8]}","file {i}, ""x"".dll",{i},{i % 7},"362",""\r\n')
        f.write(f'"{known}","{known[:32]}","{known[:8]}","true",1,2,"362",""\r\n')
    built = json.loads(comity("hashset", "build", rds, "--known", "good", "--out", good, "--name", "NSRL", "--json").stdout)
    assert built["entries"] == 1001 and built["digest"] == "sha1" and built["known"] == "good", built
    told = lines(comity("examine", "match", "--file", path, "--set", good, "--json").stdout)
    end = told[-1]
    assert (end["good"], end["bad"]) == (1, 0) and end["unknown"] >= 1, end
    assert not [m for m in told if m["type"] == "match"], "known good files are not shown"
    told = lines(comity("examine", "match", "--file", path, "--set", good, "--all", "--json").stdout)
    by_path = {m["path"]: m for m in told if m["type"] == "match"}
    assert by_path["/srv/tool\x1b[31m.jpg"]["known"] == "good" and by_path["/srv/tool\x1b[31m.jpg"]["sets"] == ["NSRL"]
    assert by_path["/srv/mail.txt"]["known"] == "unknown" and by_path["/srv/mail.txt"]["sets"] == []
    # In both: bad wins.
    with open(rds, "w", encoding="utf-8") as f:
        f.write(known.lower() + "\n")
    comity("hashset", "build", rds, "--known", "bad", "--out", bad)
    told = lines(comity("examine", "match", "--file", path, "--set", good, "--set", bad, "--json").stdout)
    assert [m["known"] for m in told if m["type"] == "match"] == ["bad"] and told[-1]["good"] == 0


def chain(node, exhibit):
    return [c.get("action") for c in node.api("exhibit.show", id=exhibit)["custody"]]


def test_who_may_not_examine(base):
    path = image(base)
    who = {"eve": ("auditor", "all"), "ann": ("approver", "all"), "finn": ("investigator", "fraud"),
           "olga": ("investigator", "none"), "ida": ("investigator", "all")}
    th, exhibit = sealed(base, path, [f"{name}:{role}" for name, (role, _) in who.items()])
    case_id, before = th.api("exhibit.show", id=exhibit)["exhibit"]["case_id"], chain(th, exhibit)
    th.api("unit.add", name="fraud", title="Fraud")
    for name, (_, unit) in who.items():
        th.api("user.unit", name=name, unit=unit)

    def denied(who, *words):
        for job in (("list",), ("extract", "--path", "/srv/mail.txt")):
            out = os.path.join(base, f"out-{who}")
            p = th.cli("examine", *job, exhibit, *WHY, "--as", who, "--out", out, check=False)
            assert p.returncode == 1 and all(w in p.stderr for w in words), (who, p.returncode, p.stderr)
            assert "mail.txt" not in p.stdout and not os.path.exists(out), (who, p.stdout)
        assert chain(th, exhibit) == before, who

    # By role: who only looks at the books, and who only approves.
    denied("eve", "may not do exhibit.open")
    denied("ann", "may not do exhibit.open")
    # By unit and need to know: it is not there.
    denied("finn", "no exhibit")
    denied("olga", "no exhibit")
    # A closed case: the own unit does not help who is not named.
    th.api("case.name", case_id=case_id, officer="olga")
    th.api("case.restrict", case_id=case_id, reason="one officer only")
    denied("ida", "no exhibit")
    told = lines(th.cli("examine", "list", exhibit, *WHY, "--as", "olga", "--json").stdout)
    assert "/srv/mail.txt" in {x.get("path") for x in told}


def test_conditions_bind_an_examination(base):
    th, us, _, exhibit = given_disk(base, {"type": "use-limit", "text": "only in the case T-1"})
    p = th.cli("examine", "list", exhibit, *WHY, check=False)
    assert p.returncode == 1 and "only in the case T-1" in p.stderr and "for which use" in p.stderr, p.stderr
    p = th.cli("examine", "list", exhibit, *WHY, "--use", "other", check=False)
    assert p.returncode == 1 and "exhibit ease" in p.stderr, p.stderr
    assert "opened" not in chain(th, exhibit) and "examined" not in chain(th, exhibit)
    made = lines(th.cli("examine", "list", exhibit, *WHY, "--use", "case", "--json").stdout)[-1]
    # What came of it is bound as well.
    p = th.cli("exhibit", "open", made["id"], "--out", os.path.join(base, "x"), *WHY, check=False)
    assert p.returncode == 1 and "only in the case T-1" in p.stderr, p.stderr
    signed = [c for c in th.api("exhibit.show", id=exhibit)["custody"] if c.get("action") in ("opened", "examined")]
    assert [c.get("use") for c in signed] == ["case", "case"], signed


def test_a_second_officer_is_asked_before_an_examination(base):
    th, exhibit = sealed(base, image(base), ["prae:approver"], two_people="opened,destroyed")
    before = chain(th, exhibit)
    p = th.cli("examine", "list", exhibit, *WHY, "--as", "admin", check=False)
    assert p.returncode == 1 and "second officer" in p.stderr, p.stderr
    assert "mail.txt" not in p.stdout and chain(th, exhibit) == before
    draft = th.api("request.list")["drafts"][0]["id"]
    th.api("request.approve", _as="prae", id=draft, ok=True)
    told = lines(th.cli("examine", "list", exhibit, *WHY, "--as", "admin", "--json").stdout)
    assert "/srv/mail.txt" in {x.get("path") for x in told}
    opened = [c for c in th.api("exhibit.show", id=exhibit)["custody"] if c.get("action") == "opened"][0]
    assert opened["second"]["officer"] == "prae", opened
    # The yes was for one opening.
    p = th.cli("examine", "list", exhibit, *WHY, "--as", "admin", check=False)
    assert p.returncode == 1 and "second officer" in p.stderr, p.stderr


def test_what_cannot_be_read_is_in_custody(base):
    """One byte of an E01 changed: the file in it is not whole, and nobody can take it for whole."""
    if not shutil.which("ewfacquire"):
        raise Skip("no ewfacquire here (ewf-tools)")
    tree, raw, e01 = (os.path.join(base, n) for n in ("big", "big.raw", "big.E01"))
    os.makedirs(tree)
    with open(os.path.join(tree, "photo.bin"), "wb") as f:
        f.write(os.urandom(3_000_000))
    with open(raw, "wb") as f:
        f.truncate(8 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-b", "4096", "-d", tree, raw], check=True, capture_output=True)
    subprocess.run(["ewfacquire", "-u", "-q", "-t", e01[:-4], "-f", "encase6", "-c", "fast", raw], check=True,
                   capture_output=True)
    with open(e01, "r+b") as f:
        f.seek(1_500_000)
        byte = f.read(1)[0]
        f.seek(1_500_000)
        f.write(bytes([byte ^ 1]))
    th, exhibit = sealed(base, e01)
    p = th.cli("examine", "extract", exhibit, *WHY, "--path", "/photo.bin", "--json", check=False)
    told = lines(p.stdout)
    lost = [x for x in told if x.get("type") == "unread"]
    assert p.returncode == 1 and "32768 bytes" in p.stderr and "not whole" in p.stderr, (p.returncode, p.stderr)
    assert [x["length"] for x in lost] == [32768] and lost[0]["path"] == "/photo.bin" and lost[0]["image_offset"] > 0
    made = [x for x in told if x.get("type") == "exhibit"][0]
    assert "not whole: 1 place" in th.api("exhibit.show", id=made["id"])["exhibit"]["derived"]["by"]
    last = th.api("exhibit.show", id=exhibit)["custody"][-1]
    assert last["action"] == "examined" and "not whole" in last["result"], last
    assert last["detail"]["unread"]["bytes"] == 32768, last
    assert last["detail"]["unread"]["first"][0]["image_offset"] == lost[0]["image_offset"]


def test_a_bad_sector_of_a_disk_is_a_place_not_read(base):
    """The rest is examined, the place is named and counted, and the exit status says that it is not whole."""
    loop, at, path, data = bad_image(base)
    try:
        p = comity("examine", "search", "--file", path, "--json", check=False)
        told = [x for x in lines(p.stdout) if "error" not in x]
        places = [x for x in told if x["type"] == "unread"]
        assert p.returncode == 1 and "not read" in p.stderr, p.stderr
        places = [x for x in places if "offset" in x]
        assert told[-1]["type"] == "end" and told[-1]["unread"] >= 1
        # How much around them fails with them is the kernel's; the component test has it to the byte.
        assert 4 * 1024 <= told[-1]["unread_bytes"] == sum(x["length"] for x in places) < len(data), (told[-1], places)
        assert all(any(x["offset"] <= b * 1024 < x["offset"] + x["length"] for x in places) for b in FAULTY), places
        assert told[-1]["bytes"] == len(data)
    finally:
        subprocess.run(["umount", at], check=False)
        loop.__exit__()


def test_who_may_not_seal_is_told_first(base):
    path = image(base)
    th, exhibit = sealed(base, path, ["amy:approver"])
    case_id = th.api("exhibit.show", id=exhibit)["exhibit"]["case_id"]
    before = sorted(os.listdir(os.path.join(th.home, "vault")))
    # A source that is not there is never looked for: the no comes before.
    for source in (path, os.path.join(base, "nothing")):
        p = th.cli("exhibit", "seal", source, "--case", case_id, "--to", "us.contact", "--as", "amy", check=False)
        assert p.returncode == 1 and "amy" in p.stderr and "may not" in p.stderr, p.stderr
    p = th.cli("exhibit", "seal", path, "--case", case_id, "--to", "xx.contact", "--as", "admin", check=False)
    assert p.returncode == 1, p.stderr
    assert sorted(os.listdir(os.path.join(th.home, "vault"))) == before
