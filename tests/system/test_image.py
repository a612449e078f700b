"""E01 images: taken in and given out, against ewfacquire, ewfverify and ewfexport of libewf."""
import hashlib
import json
import os
import shutil
import struct
import subprocess
import zlib

from comity import Node, Skip, fields_of, introduce, wait_for
from test_acquire import MIB, Loop, mixed, opened, sha, start, write

WHY = ("--purpose", "test", "--authority", "test")


def tool(*args):
    if not shutil.which(args[0]):
        raise Skip(f"no {args[0]} here (ewf-tools)")
    return subprocess.run(args, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def image(base, data, name="disk", size="1.4GiB"):
    """The segments of an E01 that ewfacquire makes of data."""
    raw = write(os.path.join(base, name + ".img"), data)
    p = tool("ewfacquire", "-u", "-q", "-t", os.path.join(base, name), "-C", "CASE-7", "-E", "EV-3", "-D", "laptop disk",
             "-e", "Lt Somchai", "-N", "found on the desk", "-d", "sha1", "-S", size, "-f", "encase6", raw)
    assert p.returncode == 0, p.stderr + p.stdout
    return sorted(os.path.join(base, f) for f in os.listdir(base) if f.startswith(name + ".E"))


def house(base):
    us = Node(base, "us.contact").start()
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
    introduce(th, us)
    r = th.api("request.new", to="us.contact", ours="CCU-2026-0117", measure="preserve", urgency="urgent",
               fields=fields_of())
    th.api("request.send", id=r["id"])
    wait_for("the request", lambda: us.api("case.list")["cases"])
    return th, r["case_id"]


def nothing_left(th):
    assert th.api("exhibit.list")["exhibits"] == [] and th.api("acquire.list")["acquisitions"] == []
    assert os.listdir(os.path.join(th.home, "vault")) == [], os.listdir(os.path.join(th.home, "vault"))


def test_what_ewfacquire_made_is_taken_as_its_content(base):
    th, case_id = house(base)
    data = mixed(9) + bytes(512)
    one = image(base, data)
    assert len(one) == 1
    got = json.loads(th.cli("exhibit", "import", one[0], "--case", case_id, "--json", "--item", "A3").stdout)
    assert got["plain"]["sha256"] == sha(data) and got["plain"]["size"] == len(data) and got["name"] == "disk.raw"
    a = got["acquisition"]
    assert a["source"]["kind"] == "image" and a["source"]["path"] == one[0] and a["item"] == "A3", a
    i = a["image"]
    assert i["format"] == "e01" and i["segments"] == 1, i
    assert i["files"] == [{"name": "disk.E01", "size": os.path.getsize(one[0])}], i
    assert i["stored"] == {"md5": hashlib.md5(data).hexdigest(), "sha1": hashlib.sha1(data).hexdigest()}, i
    assert (i["case_number"], i["evidence_number"], i["examiner"], i["description"], i["notes"]) == (
        "CASE-7", "EV-3", "Lt Somchai", "laptop disk", "found on the desk"), i
    assert "acquired" in i, i
    assert opened(th, got["id"], base) == data
    # Several segments, and the other verb.
    many = image(base, mixed(12, 8), "big", "2MiB")
    assert len(many) > 2, many
    got = json.loads(th.cli("acquire", many[0], "--case", case_id, "--json", "--verify").stdout)
    assert got["plain"]["sha256"] == sha(mixed(12, 8)) and got["acquisition"]["again"]["same"] is True
    assert [f["name"] for f in got["acquisition"]["image"]["files"]] == [os.path.basename(f) for f in many]
    shown = th.cli("exhibit", "show", got["id"]).stdout
    assert "CASE-7" in shown and "EV-3" in shown, shown


def test_a_raw_image_in_parts_is_taken_as_one(base):
    th, case_id = house(base)
    data = mixed(5) + b"an odd end"
    parts = [write(os.path.join(base, f"disk.{i + 1:03}"), data[i * MIB:(i + 1) * MIB]) for i in range(6)]
    for verb in (("exhibit", "import"), ("acquire",)):
        got = json.loads(th.cli(*verb, parts[0], "--case", case_id, "--json").stdout)
        assert got["plain"]["sha256"] == sha(data) and got["plain"]["size"] == len(data) and got["name"] == "disk.raw"
        i = got["acquisition"]["image"]
        assert i["format"] == "raw" and i["segments"] == 6 and i["stored"] == {}, i
        assert [f["name"] for f in i["files"]] == [f"disk.{k:03}" for k in range(1, 7)], i
    assert opened(th, got["id"], base) == data
    before = len(th.api("exhibit.list")["exhibits"])

    def refused(*words):
        p = th.cli("acquire", parts[0], "--case", case_id, check=False)
        assert p.returncode == 1 and all(w in p.stderr for w in words), p.stderr
        assert len(th.api("exhibit.list")["exhibits"]) == before and th.api("acquire.list")["acquisitions"] == []

    os.unlink(parts[2])
    refused("disk.003", "is missing", "disk.004")
    os.rename(parts[1], parts[1] + ".away")
    refused("disk.002", "is missing", "disk.004")
    os.rename(parts[1] + ".away", parts[1])
    write(parts[2], data[2 * MIB:3 * MIB - 512])
    refused("disk.003", "was cut")
    write(parts[2], data[2 * MIB:3 * MIB])
    write(parts[5], data[:MIB + 1])
    refused("disk.006")


def test_an_e01_with_sha256_says_so_in_the_record(base):
    th, case_id = house(base)
    data = mixed(2)
    raw = write(os.path.join(base, "disk.img"), data)
    p = tool("ewfacquire", "-u", "-q", "-t", os.path.join(base, "disk"), "-d", "sha256", "-f", "ewfx", raw)
    assert p.returncode == 0, p.stderr + p.stdout
    got = json.loads(th.cli("exhibit", "import", os.path.join(base, "disk.e01"), "--case", case_id, "--json").stdout)
    assert got["acquisition"]["image"]["stored"]["sha256"] == sha(data), got["acquisition"]["image"]
    text = th.cli("exhibit", "show", got["id"]).stdout
    assert any("SHA-256 stored in it" in x and sha(data) in x for x in text.splitlines()), text


def test_an_image_that_is_not_whole_is_refused(base):
    th, case_id = house(base)
    parts = image(base, mixed(12, 8), "disk", "2MiB")

    def refused(*words, source=parts[0]):
        p = th.cli("exhibit", "import", source, "--case", case_id, check=False)
        assert p.returncode in (1, 3) and all(w in p.stderr for w in words), (p.returncode, p.stderr)
        nothing_left(th)

    kept = {}
    for f in parts:
        with open(f, "rb") as g:
            kept[f] = g.read()
    # The last one is missing, one in the middle, the first.
    os.unlink(parts[-1])
    refused(f"segment {len(parts)}", "missing")
    write(parts[-1], kept[parts[-1]])
    os.unlink(parts[1])
    refused("segment 2", "missing")
    refused("disk.E03", "segment 1", source=parts[2])
    write(parts[1], kept[parts[1]])
    # One is cut, and two changed places.
    for f in (parts[0], parts[1], parts[-1]):
        write(f, kept[f][:len(kept[f]) // 2])
        refused(os.path.basename(f), "cut")
        write(f, kept[f])
    write(parts[1], kept[parts[2]])
    write(parts[2], kept[parts[1]])
    refused("disk.E02", "segment 3")
    for f in parts:
        write(f, kept[f])
    # Bytes of the content were changed; then the stored digest.
    damaged = bytearray(kept[parts[1]])
    damaged[len(damaged) // 2:len(damaged) // 2 + 64] = bytes(64)
    write(parts[1], bytes(damaged))
    refused("E01")
    write(parts[1], kept[parts[1]])
    # Another digest, with every checksum right: only the content says no.
    forged = bytearray(kept[parts[-1]])
    for section, size in ((b"digest", 80), (b"hash", 36)):
        at = forged.rindex(section.ljust(16, b"\0")) + 76
        forged[at] ^= 1
        forged[at + size - 4:at + size] = struct.pack("<I", zlib.adler32(bytes(forged[at:at + size - 4])))
    write(parts[-1], bytes(forged))
    refused("md5", hashlib.md5(mixed(12, 8)).hexdigest())
    assert th.cli("exhibit", "import", parts[0], "--case", case_id, check=False).returncode == 3
    write(parts[-1], kept[parts[-1]])
    got = json.loads(th.cli("exhibit", "import", parts[0], "--case", case_id, "--json").stdout)
    assert got["plain"]["sha256"] == sha(mixed(12, 8))
    p = th.cli("exhibit", "import", os.path.join(base, "disk.img"), "--case", case_id, check=False)
    assert p.returncode == 2 and "no E01" in p.stderr, p.stderr
    p = th.cli("exhibit", "import", os.path.join(base, "nosuch.E01"), "--case", case_id, check=False)
    assert p.returncode == 1 and "No such file" in p.stderr, p.stderr


def test_a_kill_while_importing_seals_nothing_and_it_goes_on(base):
    th, case_id = house(base)
    data = mixed(24, 5)
    parts = image(base, data, "disk", "4MiB")
    p = start(th, parts[0], "--case", case_id, env={"COMITY_FAULT": "vault.seal-write:9:kill"})
    _, err = p.communicate(timeout=60)
    if p.returncode == 0:
        raise Skip("this build has no fault points (-Dfaults=true)")
    assert th.api("exhibit.list")["exhibits"] == []
    left = th.api("acquire.list")["acquisitions"]
    assert len(left) == 1, err
    # A cable is loose: a segment is away for a while. What was read is not lost by it.
    os.rename(parts[1], parts[1] + ".away")
    p = th.cli("exhibit", "import", parts[0], "--resume", left[0]["id"], check=False)
    assert p.returncode == 3 and "segment 2" in p.stderr and f"--resume {left[0]['id']}" in p.stderr, p.stderr
    os.rename(parts[1] + ".away", parts[1])
    got = json.loads(th.cli("exhibit", "import", parts[0], "--resume", left[0]["id"], "--json").stdout)
    text = th.cli("exhibit", "show", got["id"]).stdout
    assert "Stopped at byte" in text and "by the second clock" in text and "last written" in text, text
    assert got["id"] == left[0]["id"] and got["plain"]["sha256"] == sha(data)
    assert got["acquisition"]["stops"][0]["position"] > 0
    assert opened(th, got["id"], base) == data
    # Killed and given up: nothing is there.
    p = start(th, parts[0], "--case", case_id, env={"COMITY_FAULT": "vault.seal-write:9:kill"})
    p.communicate(timeout=60)
    th.cli("acquire", "drop", th.api("acquire.list")["acquisitions"][0]["id"], "--why", "test")
    assert th.api("acquire.list")["acquisitions"] == []
    assert os.listdir(os.path.join(th.home, "vault")) == [got["id"] + ".sealed"]
    assert MIB * 24 == len(data)


def test_only_who_keeps_evidence_may_import(base):
    th, case_id = house(base)
    parts = image(base, mixed(2))
    th.officer("eve", "auditor")
    p = th.cli("exhibit", "import", parts[0], "--case", case_id, "--as", "eve", check=False)
    assert p.returncode == 1, p.stdout
    nothing_left(th)


def written(th, exhibit, out, *more):
    return json.loads(th.cli("exhibit", "open", exhibit, "--to", "e01", "--out", out, *WHY, "--json", *more).stdout)


def test_an_exhibit_becomes_an_image_that_other_tools_take(base):
    th, case_id = house(base)
    data = mixed(21, 12) + os.urandom(MIB) + bytes(512)
    raw = write(os.path.join(base, "disk.img"), data)
    got = json.loads(th.cli("acquire", raw, "--case", case_id, "--json", "--item", "A3", "--description", "laptop disk, ดิสก์",
                            "--collector", "Lt Somchai").stdout)
    for more, least in (((), 1), (("--segment-size", "5"), 3)):
        name = os.path.join(base, f"out{least}.E01")
        told = written(th, got["id"], name, *more)
        parts = sorted(f for f in os.listdir(base) if f.startswith(f"out{least}.E"))
        assert told["segments"] == len(parts) and told["sha256"] == sha(data), (told, parts)
        assert len(parts) == 1 if least == 1 else len(parts) >= least, parts
        for digest in ("sha1", "sha256"):
            p = tool("ewfverify", "-d", digest, name)
            assert p.returncode == 0 and "SUCCESS" in p.stdout, p.stdout + p.stderr
        assert hashlib.md5(data).hexdigest() in p.stdout and sha(data) in p.stdout, p.stdout
        p = tool("ewfverify", "-d", "sha1", name)
        assert p.stdout.count(hashlib.sha1(data).hexdigest()) == 2, p.stdout
        back = os.path.join(base, f"back{least}")
        p = tool("ewfexport", "-u", "-q", "-f", "raw", "-t", back, name)
        assert p.returncode == 0, p.stdout + p.stderr
        with open(back + ".raw", "rb") as f:
            assert f.read() == data
        p = tool("ewfinfo", name)
        for word in ("CCU-2026-0117", "A3", "Lt Somchai", "laptop disk, ดิสก์", sha(data), hashlib.sha1(data).hexdigest()):
            assert word in p.stdout, p.stdout
        # And in again: the round trip.
        again = json.loads(th.cli("exhibit", "import", name, "--case", case_id, "--json").stdout)
        assert again["plain"]["sha256"] == sha(data), again
        image_ = again["acquisition"]["image"]
        assert image_["case_number"] == "CCU-2026-0117" and image_["segments"] == len(parts), image_
        assert image_["stored"]["sha1"] == hashlib.sha1(data).hexdigest()
    actions = [e.get("action") for e in th.api("exhibit.show", id=got["id"])["custody"] if e["kind"] == "custody"]
    assert actions.count("opened") == 2, actions


def test_sectors_that_could_not_be_read_are_told_in_the_image(base):
    th, case_id = house(base)
    data = mixed(8, 4)
    path = write(os.path.join(base, "disk.img"), data)
    with Loop(path) as dev:
        os.truncate(path, 5 * MIB)
        got = json.loads(th.cli("acquire", dev, "--case", case_id, "--json").stdout)
    assert got["acquisition"]["bad"]["ranges"] == [{"at": 5 * MIB, "size": 3 * MIB}]
    name = os.path.join(base, "out.E01")
    written(th, got["id"], name)
    p = tool("ewfverify", name)
    assert p.returncode == 0 and "SUCCESS" in p.stdout, p.stdout + p.stderr
    text = tool("ewfinfo", name).stdout
    assert "Read errors during acquiry" in text and str(5 * MIB // 512) in text and str(3 * MIB // 512) in text, text


def test_no_image_is_written_over_or_left_in_part(base):
    th, case_id = house(base)
    odd = json.loads(th.cli("acquire", write(os.path.join(base, "odd"), mixed(2) + b"x"), "--case", case_id, "--json").stdout)
    p = th.cli("exhibit", "open", odd["id"], "--to", "e01", "--out", os.path.join(base, "odd.E01"), *WHY, check=False)
    assert p.returncode == 2 and "512" in p.stderr and not os.path.exists(os.path.join(base, "odd.E01")), p.stderr
    got = json.loads(th.cli("acquire", write(os.path.join(base, "disk"), mixed(12, 8)), "--case", case_id, "--json").stdout)
    for wrong in (("--to", "e01", "--out", os.path.join(base, "x.img")), ("--to", "zip", "--out", os.path.join(base, "x.E01")),
                  ("--to", "e01", "--out", os.path.join(base, "x.E01"), "--segment-size", "none")):
        p = th.cli("exhibit", "open", got["id"], *wrong, *WHY, check=False)
        assert p.returncode == 2, p.stderr
    # The second segment is there already: neither it nor the first is touched or left.
    write(os.path.join(base, "x.E02"), b"mine")
    p = th.cli("exhibit", "open", got["id"], "--to", "e01", "--out", os.path.join(base, "x.E01"), "--segment-size", "2", *WHY,
               check=False)
    assert p.returncode == 1 and "x.E02" in p.stderr and not os.path.exists(os.path.join(base, "x.E01")), p.stderr
    with open(os.path.join(base, "x.E02"), "rb") as f:
        assert f.read() == b"mine"
    th.officer("eve", "auditor")
    p = th.cli("exhibit", "open", got["id"], "--to", "e01", "--out", os.path.join(base, "y.E01"), *WHY, "--as", "eve", check=False)
    assert p.returncode == 1 and not os.path.exists(os.path.join(base, "y.E01")), p.stderr
