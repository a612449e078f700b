"""Examining through the command line: files beside the node, and sealed exhibits with their custody."""
import json
import os
import shutil
import subprocess

from comity import BINARY, Node, Skip, fields_of, introduce, wait_for


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
    with open(bad, "r+b") as f:
        f.truncate(500)
    p = comity("examine", "match", "--file", path, "--set", bad, check=False)
    assert p.returncode == 1 and "hash set" in p.stderr


def sealed(base, path):
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
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
    p = th.cli("examine", "extract", exhibit, *WHY, "--path", "/nothing", check=False)
    assert p.returncode == 1 and "/nothing" in p.stderr
    last = th.api("exhibit.show", id=exhibit)["custody"][-1]
    assert last["action"] == "examined" and "not finished" in last["result"], last
    assert len(th.api("exhibit.list")["exhibits"]) == 1
    p = th.cli("examine", "list", exhibit, check=False)
    assert p.returncode == 2 and "--purpose" in p.stderr
    # The node goes on.
    assert th.api("status")["address"] == "th.contact"
