"""The package as strangers see it: by hand, by tools for forensic graphs, by other people's containers."""
import base64
import hashlib
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import zipfile
import zlib

import comity
from comity import SOURCE, Skip
from test_spine import answer, evidence, fetch, give, pair, send, settled, state, in_days, wait_for

SHARED = os.path.join(SOURCE, "..", "shared", "reference")


def verify(path, *args):
    return subprocess.run([comity.BINARY, "verify", path, *args], capture_output=True, text=True)


def story(base, conditions=False, size=50_000):
    """A case with its evidence, packaged by the asking side."""
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("delivery", lambda: settled(th, r["id"]))
    wait_for("arrival", lambda: state(us, r["id"]))
    steps = [("acknowledged", us, {}), ("accepted", us, {}), ("executed", us, {"until": in_days(90)})]
    if conditions:
        offer = {"conditions": [{"type": "use-limit", "text": "Only for the case named in the request (art. 28(2)(b))."}]}
        steps[1:2] = [("condition-offered", us, offer), ("condition-accepted", th, {}), ("accepted", us, {})]
    for s, who, more in steps:
        answer(who, r["id"], s, **more)
        for n in (th, us):
            wait_for(s, lambda: state(n, r["id"]) == s)
    ex = give(us, "th.contact", r["case_id"], evidence(base, size=size))
    fetch(th, ex)
    wait_for("the receipt for the evidence", lambda: us.api("exhibit.show", id=ex)["exhibit"]["state"] == "verified")
    for n in (th, us):
        n.api("ledger.checkpoint")
    path = os.path.join(base, "case.zip")
    th.cli("package", r["case_id"], "--out", path, "--use", "case")
    return th, us, r, ex, path


def members(path):
    with zipfile.ZipFile(path) as z:
        return [(i.filename, z.read(i)) for i in z.infolist()]


def write_as_we_do(path, list_of_members):
    """A zip in the one form of packages: so that only what is inside can be wrong."""
    out, central = b"", b""
    for name, content in list_of_members:
        head = struct.pack("<HHHHHIIIHH", 20, 0x800, 0, 0, 0x21, zlib.crc32(content), len(content), len(content),
                           len(name.encode()), 0)
        central += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 45) + head + struct.pack(
            "<HHHII", 0, 0, 0, 0o100644 << 16, len(out)) + name.encode()
        out += b"PK\x03\x04" + head + name.encode() + content
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(list_of_members), len(list_of_members), len(central), len(out), 0)
    with open(path, "wb") as f:
        f.write(out + central + end)


# Blocks of the page that notice whatever was changed (lists, maker, records, documents): without them a block must tell of
# what it is there for.
LATER = (2, 4, 5, 11)


def by_hand(base, path, skip=(), tsa_root=None, change=lambda script: script):
    """The commands of the page, as they stand there; skip: blocks that are left out, so that a later one has to tell."""
    with open(os.path.join(SOURCE, "docs", "verify-by-hand.md"), encoding="utf-8") as f:
        blocks = re.findall(r"^```sh\n(.*?)^```$", f.read(), re.S | re.M)
    assert len(blocks) >= 9
    folder = os.path.join(base, "hand")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    script = os.path.join(base, "hand.sh")
    with open(script, "w", encoding="utf-8") as f:
        f.write(change("\n".join(b for i, b in enumerate(blocks) if i not in skip)))
    return subprocess.run(["bash", "-u", script], cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "package": path, "LC_ALL": "C.UTF-8", **({"tsa_root": tsa_root} if tsa_root else {})})


def needs(*tools):
    for t in tools:
        if shutil.which(t) is None:
            raise Skip(t + " is not here")


def test_the_page_by_hand_reaches_the_same_verdict(base):
    needs("unzip", "openssl", "basenc")
    *_, path = story(base)
    p = by_hand(base, path)
    assert p.returncode == 0 and p.stdout.rstrip().endswith("Everything holds."), p.stdout + p.stderr
    assert verify(path).returncode == 0
    good = members(path)
    bad = os.path.join(base, "bad.zip")
    kinds = {}
    for name, _ in good:
        kinds.setdefault(re.sub(r"[0-9a-f-]{36}|\d+", "#", name), name)
    for name in kinds.values():
        changed = [(n, c[:len(c) // 2] + bytes([c[len(c) // 2] ^ 1]) + c[len(c) // 2 + 1:] if n == name and c else c)
                   for n, c in good]
        write_as_we_do(bad, changed)
        assert verify(bad).returncode == 3, name
        p = by_hand(base, bad)
        assert p.returncode == 3 and "DOES NOT HOLD" in p.stdout, f"{name}: {p.returncode}\n{p.stdout}{p.stderr}"
        write_as_we_do(bad, [(n, c) for n, c in good if n != name])
        assert verify(bad).returncode == 3, name
        assert by_hand(base, bad).returncode == 3, "without " + name
    write_as_we_do(bad, good + [("data/records/more.json", b"{}")])
    assert verify(bad).returncode == 3 and by_hand(base, bad).returncode == 3
    with open(path, "rb") as f:
        whole = f.read()
    with open(bad, "wb") as f:
        f.write(whole[:-30])
    assert verify(bad).returncode == 3 and by_hand(base, bad).returncode == 3


def test_an_older_ledger_key_counts_by_hand(base):
    """A newer entry may name another key: what the older one signed still holds, and nothing else does."""
    needs("unzip", "openssl", "basenc")
    *_, path = story(base)
    good, bad = dict(members(path)), os.path.join(base, "bad.zip")
    name = "data/directory/th.contact.json"
    entry, other = json.loads(good[name]), json.loads(good["data/directory/us.contact.json"])
    entry["body"]["ledger"]["vkey"] = other["body"]["ledger"]["vkey"].replace("us.contact", "th.contact")
    newer = json.dumps(entry, separators=(",", ":")).encode()

    def unsigned(script):
        """Who the nodes are is told by signatures that this test cannot make."""
        return script.replace('\tsigned "$e" "$a"\n', "")

    for older, verdict in ((good[name], 0), (None, 3)):
        changed = dict(good, **{name: newer})
        if older:
            changed[f"data/directory/th.contact.{entry['id']}.json"] = older
        write_as_we_do(bad, list(changed.items()))
        p = by_hand(base, bad, (*LATER, 7, 8, 9, 10), change=unsigned)
        assert p.returncode == verdict, p.stdout + p.stderr
        assert verdict == 0 or "no ledger key of th.contact" in p.stdout, p.stdout


def verifies_in(path, mib):
    """Stacks of threads count too, so that only the difference of two is a figure."""
    most = (mib << 20, mib << 20)
    p = subprocess.run([comity.BINARY, "verify", path], capture_output=True,
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, most))
    return p.returncode == 0


def test_a_case_of_many_records_takes_little_memory(base):
    """What steps need again is read again: a thousand records more are a few MiB, not twenty."""
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("delivery", lambda: settled(th, r["id"]))
    give(th, "us.contact", r["case_id"], evidence(base, size=3_000_000))  # so that both are read by threads
    paths = []
    for messages in (100, 800):
        for i in range(messages):
            th.api("message.send", case_id=r["case_id"], text=f"Message {i} of {messages}: please look at the file.")
        paths.append(os.path.join(base, f"{messages}.zip"))
        th.cli("package", r["case_id"], "--out", paths[-1], "--use", "case")
    low, high = 1, 129
    while high - low > 2:
        mid = (low + high) // 2
        low, high = (low, mid) if verifies_in(paths[0], mid) else (mid, high)
    assert high < 129 and verifies_in(paths[1], high + 8), f"{high} MiB are enough for the first, not 8 more for the other"


def test_programs_get_every_step(base):
    *_, path = story(base)
    p = verify(path, "--json", "--level", "full")
    assert p.returncode == 0, p.stdout + p.stderr
    o = json.loads(p.stdout)
    assert o["holds"] is True and o["level"] == "full"
    assert [s["step"] for s in o["steps"]][:3] == ["layout", "index", "bag"] and o["steps"][-1]["step"] == "roots"
    for s in o["steps"]:
        assert s["proves"] and s["does_not_prove"] and s["holds"] and s["found"], s
    with open(path, "r+b") as f:
        f.seek(2000)
        b = f.read(1)
        f.seek(2000)
        f.write(bytes([b[0] ^ 4]))
    p = verify(path, "--json")
    o = json.loads(p.stdout)
    assert p.returncode == 3 and o["holds"] is False and o["error"] == "EVERIFY" and o["message"]
    assert o["steps"][-1]["holds"] is False and o["steps"][-1]["found"][-1]["mark"] == "fails"
    assert verify(path, "--level", "total").returncode == 2


def test_a_second_list_with_sha512_is_held_to(base):
    """manifest-sha512.txt, when every exhibit was sealed with that digest: any lie in it is told, by hand too."""
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("delivery", lambda: settled(th, r["id"]))
    p = us.cli("exhibit", "seal", evidence(base, size=70_000), "--case", r["case_id"], "--to", "th.contact", "--sha512", "--json")
    ex = json.loads(p.stdout)["id"]
    fetch(th, ex)
    path, bad = os.path.join(base, "case.zip"), os.path.join(base, "bad.zip")
    th.cli("package", r["case_id"], "--out", path, "--opened", "--purpose", "court", "--authority", "order 1")
    good = members(path)
    lines = dict(good)["manifest-sha512.txt"].decode().splitlines()
    with zipfile.ZipFile(path) as z:
        payload = [n for n in z.namelist() if n.startswith("data/")]
        for line in lines:
            digest, name = line.split(None, 1)
            assert hashlib.sha512(z.read(name)).hexdigest() == digest, name
    assert len(lines) == len(payload) and verify(path).returncode == 0
    if shutil.which("unzip") and shutil.which("basenc"):
        p = by_hand(base, path)
        assert p.returncode == 0 and p.stdout.rstrip().endswith("Everything holds."), p.stdout + p.stderr

    def with_list(text):
        """The list changed and named anew by the tag manifest, so that only the signature or the list itself can tell."""
        changed = dict(good, **{"manifest-sha512.txt": text})
        tags = changed["tagmanifest-sha256.txt"].decode()
        old, new = (hashlib.sha256(dict(x)["manifest-sha512.txt"]).hexdigest() for x in (good, changed.items()))
        for both in (False, True):
            if both:
                changed["tagmanifest-sha256.txt"] = tags.replace(old, new).encode()
            write_as_we_do(bad, [(n, changed[n]) for n, _ in good])
            p = verify(bad)
            assert p.returncode == 3, (both, text[:80], p.stdout)

    text = "\n".join(lines) + "\n"
    for wrong in (text.replace(lines[0][:8], "00000000", 1), "\n".join(lines[1:]) + "\n", text + lines[0] + "\n",
                  text + "0" * 128 + "  data/nothing\n", text.upper(), ""):
        with_list(wrong.encode())


def test_the_report_is_in_the_package(base):
    needs("pdftotext")
    th, _, r, _, path = story(base)
    inside = dict(members(path))
    html = inside["data/report.html"].decode()
    assert "<svg" in html and "<script" not in html and "Chain of custody" in html and r["case_id"] in html
    assert 'lang="en"' in html
    pdf = os.path.join(base, "report.pdf")
    with open(pdf, "wb") as f:
        f.write(inside["data/report.pdf"])
    text = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout
    assert "Chain of custody" in text and "What was checked" in text
    said = " ".join(verify(path).stdout.split())
    assert "data/report.pdf was not compared: that is done from --level full on" in said, said
    assert "data/report.html says what the" in said and "word for word" in said, said
    french = os.path.join(base, "fr.zip")
    p = th.cli("package", r["case_id"], "--out", french, "--use", "case", "--language", "fr", "--json")
    assert "report" not in json.loads(p.stdout), p.stdout
    assert 'lang="fr"' in dict(members(french))["data/report.html"].decode()
    p = verify(french)
    assert p.returncode == 0 and "word for word" in " ".join(p.stdout.split()), p.stdout


def test_trust_is_given_as_people_copy_it(base):
    """A fingerprint with colons or blanks, as openssl prints it; nonsense is wrong usage, not a failed check."""
    th, us, r, ex, path = story(base)
    roots = [x["sha256"] for x in json.loads(verify(path, "--json").stdout)["roots"]]
    for spell in (str, str.upper, lambda x: ":".join(x.upper()[i:i + 2] for i in range(0, 64, 2)),
                  lambda x: "sha256 Fingerprint=" + ":".join(x.upper()[i:i + 2] for i in range(0, 64, 2)),
                  lambda x: " ".join(x[i:i + 4] for i in range(0, 64, 4))):
        p = verify(path, *[w for x in roots for w in ("--root", spell(x))])
        assert p.returncode == 0 and "as given" in p.stdout, p.stdout + p.stderr
    for bad in ("zz", roots[0][:-2], roots[0] + "00", "g" + roots[0][1:], ""):
        p = verify(path, "--root", bad)
        assert p.returncode == 2 and "no fingerprint" in p.stderr, (bad, p.returncode, p.stderr)
    assert verify(path, "--root", "0" * 64).returncode == 3
    # Whose clock it was.
    said = " ".join(verify(path).stdout.split())
    assert "own clock" in said and "no authority outside" in said, said


def test_damage_is_told_in_words(base):
    th, us, r, ex, path = story(base)
    with open(path, "rb") as f:
        whole = f.read()
    bad = os.path.join(base, "bad.zip")
    for content in (whole[:-100], whole + b"more"):
        with open(bad, "wb") as f:
            f.write(content)
        p = verify(bad)
        assert p.returncode == 3 and "cut off at the end, or something is appended" in " ".join(p.stderr.split()), p.stderr
    # Somebody changed a record and wrote all lists anew: the record is named.
    parts = dict(members(path))
    record = f"data/records/{r['id']}.json"
    parts[record] = parts[record].replace(b"urgent", b"urgenT", 1)
    lists(parts)
    write_as_we_do(bad, list(parts.items()))
    p = verify(bad)
    said = " ".join(p.stderr.split())
    assert p.returncode == 3 and "first file that is not as it was signed is " + record in said, said
    parts = dict(members(path))
    del parts["data/report.pdf"]
    lists(parts)
    write_as_we_do(bad, list(parts.items()))
    assert "added or taken away" in " ".join(verify(bad).stderr.split())
    # An unpacked package is not taken for somebody's bag.
    folder = os.path.join(base, "unpacked")
    with zipfile.ZipFile(path) as z:
        z.extractall(folder)
    p = verify(folder)
    assert p.returncode == 2 and "verified in the zip" in " ".join(p.stderr.split()), p.stderr
    assert verify(folder, "--kind", "bag").returncode == 0


def lists(parts):
    """The lists of a package made again, as whoever changes it would, its signature left."""
    listed = sorted((n for n in parts if n.startswith("data/")), key=str.encode)
    sums = [(n, hashlib.sha256(parts[n]).hexdigest()) for n in listed]
    parts["manifest-sha256.txt"] = "".join(f"{h}  {n}\n" for n, h in sums).encode()
    size = sum(len(parts[n]) for n in listed)
    parts["bag-info.txt"] = re.sub(rb"Payload-Oxum: .*", b"Payload-Oxum: %d.%d" % (size, len(listed)), parts["bag-info.txt"])
    tags = [n for n in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt", "manifest-sha512.txt") if n in parts]
    parts["tagmanifest-sha256.txt"] = "".join(f"{hashlib.sha256(parts[n]).hexdigest()}  {n}\n" for n in tags).encode()


def signed_again(node, case_id, path, changed, drop=()):
    """The package with other members, and the maker's own signature over them: what only a maker who lies could make."""
    with zipfile.ZipFile(path) as z:
        order = [i.filename for i in z.infolist()]
        inside = {n: z.read(n) for n in order}
    inside.update(changed)
    for n in drop:
        del inside[n]
    payload = sorted((n for n in inside if n.startswith("data/")), key=str.encode)
    size = sum(len(inside[n]) for n in payload)
    inside["manifest-sha256.txt"] = "".join(f"{hashlib.sha256(inside[n]).hexdigest()}  {n}\n" for n in payload).encode()
    inside["bag-info.txt"] = re.sub(rb"Payload-Oxum: [0-9.]+", f"Payload-Oxum: {size}.{len(payload)}".encode(),
                                    inside["bag-info.txt"])
    tags = [x.split("  ", 1)[1] for x in inside["tagmanifest-sha256.txt"].decode().splitlines()]
    listed = "".join(f"{hashlib.sha256(inside[n]).hexdigest()}  {n}\n" for n in tags).encode()
    inside["tagmanifest-sha256.txt"] = listed
    exhibits = json.loads(inside["package.json"])["body"]["detail"]["exhibits"]
    r = node.api("case.packaged", case_id=case_id, index_sha256=hashlib.sha256(listed).hexdigest(), files=len(payload),
                 exhibits=exhibits, use="case")
    inside["package.json"], inside["package.json.p7s"] = base64.b64decode(r["record"]), base64.b64decode(r["sig"])
    write_as_we_do(path, [(n, inside[n]) for n in order if n in inside])


def test_a_maker_who_lies_in_the_report_is_found_out(base):
    th, _, r, _, path = story(base)
    inside, bad = dict(members(path)), os.path.join(base, "bad.zip")

    def lie(changed, returncode, *words, drop=(), level="basic"):
        shutil.copy(path, bad)
        signed_again(th, r["case_id"], bad, changed, drop)
        p = verify(bad, "--level", level)
        said = " ".join((p.stdout + p.stderr).split())
        assert p.returncode == returncode and all(w in said for w in words), said

    html, label = inside["data/report.html"], json.loads(inside["data/report.json"])
    lie({}, 0, "word for word")
    lie({"data/report.html": html.replace(b"us.contact", b"fr.contact", 1)}, 3, "report.html does not say what the records say")
    lie({"data/report.html": html + b" "}, 3, "report.html does not say")
    lie({"data/case.jsonld": inside["data/case.jsonld"].replace(b"us.contact", b"fr.contact", 1)}, 3, "case.jsonld does not say")
    lie({}, 3, "data/report.json is missing", drop=["data/report.json"])
    lie({"data/report.json": b"[]"}, 3, "does not say how the report was made")
    # What is missing is the maker's word: it has to stand in the report as it stands beside it.
    more = {**label, "missing": [{"what": "x", "why": "y"}]}
    lie({"data/report.json": json.dumps(more).encode()}, 3, "report.html does not say")
    # Another version's words cannot be made here: nothing is claimed then.
    for member, value in (("form", 99), ("words", "0" * 64), ("clock", "0" * 64)):
        lie({"data/report.json": json.dumps({**label, member: value}).encode()}, 0, "it was not compared with the records")
    # The PDF is printed again by the same printer, and by no other.
    pdf = {"data/report.pdf": inside["data/report.pdf"].replace(b"%%EOF", b"%%EOf")}
    lie({}, 0, "report.pdf is what the printer here makes of the same report, byte for byte", level="full")
    lie(pdf, 3, "report.pdf does not say what the records say", level="full")
    lie(pdf, 0, "report.pdf was not compared", "no time-stamp covers it")
    for value in ({**label, "printer": label["printer"] + "\nOther Sans Bold 1"}, {k: v for k, v in label.items() if k != "printer"}):
        lie({**pdf, "data/report.json": json.dumps(value).encode()}, 0, "report.pdf was not compared", level="full")


def test_without_the_printer_the_package_says_so(base):
    alone = os.path.join(base, "bin")
    os.makedirs(alone)
    shutil.copy(comity.BINARY, alone)
    th, _, r, _, path = story(base)
    before = comity.BINARY
    comity.BINARY = os.path.join(alone, "comity")
    try:
        bare = os.path.join(base, "bare.zip")
        p = th.cli("package", r["case_id"], "--out", bare, "--use", "case")
        assert "report.pdf: left out" in p.stdout and "comity-printer" in p.stdout, p.stdout
        names = [n for n, _ in members(bare)]
        assert "data/report.html" in names and "data/report.pdf" not in names
        assert verify(bare).returncode == 0
    finally:
        comity.BINARY = before
    assert "data/report.pdf" in [n for n, _ in members(path)]


BROKEN = {
    "a hash without its method": lambda g: first(g, "uco-types:Hash").pop("uco-types:hashMethod"),
    "a size that is no number": lambda g: first(g, "uco-observable:FileFacet").update({"uco-observable:sizeInBytes": "big"}),
    "two performers": lambda g: first(g, "case-investigation:InvestigativeAction")["uco-action:performer"].append(
        {"@id": first(g, "uco-identity:Organization")["@id"]}),
    "a word that CASE does not know": lambda g: first(g, "case-investigation:Investigation").update({"uco-core:mood": "good"}),
    "a relationship to nowhere": lambda g: first(g, "uco-core:Relationship").pop("uco-core:target"),
    "a marking without terms": lambda g: first(g, "uco-marking:TermsOfUseMarking").pop("uco-marking:termsOfUse"),
}


def first(graph, kind):
    return next(n for n in graph["@graph"] if n["@type"] == kind)


def test_case_jsonld_fits_the_shapes_of_case(base):
    ontology = os.path.join(SHARED, "vectors", "case-1.4.0.ttl")
    if not os.path.exists(ontology):
        raise Skip("no ../shared/reference/vectors/case-1.4.0.ttl here")
    needs("npm", "node")
    folder = os.path.join(base, "npm")
    shutil.copytree(os.path.join(SOURCE, "tests", "case"), folder)
    p = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True)
    if p.returncode != 0:
        raise Skip("npm could not install the checker: " + p.stderr[-200:])

    def check(graph):
        return subprocess.run(["node", "check.mjs", ontology], cwd=folder, input=json.dumps(graph), capture_output=True, text=True)
    *_, path = story(base, conditions=True)
    text = dict(members(path))["data/case.jsonld"]
    p = check(json.loads(text))
    assert p.returncode == 0, p.stdout + p.stderr
    seen = set(json.loads(p.stdout)["classes"])
    assert seen >= {"Investigation", "Authorization", "InvestigativeAction", "ProvenanceRecord", "File", "ContentDataFacet",
                    "Hash", "Tool", "Organization", "Person", "Role", "MarkingDefinition", "TermsOfUseMarking"}, seen
    actions = [n for n in json.loads(text)["@graph"] if n["@type"] == "case-investigation:InvestigativeAction"]
    assert any("case-investigation:wasInformedBy" in n for n in actions)
    for what, damage in BROKEN.items():
        graph = json.loads(text)
        damage(graph)
        p = check(graph)
        assert p.returncode == 1, f"{what}: a check that cannot fail checks nothing"


def test_the_printer_of_a_package_goes_by_the_configuration(base):
    """A printer that says how it was started, beside a copy of the program."""
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("delivery", lambda: settled(th, r["id"]))
    here, said = os.path.join(base, "bin"), os.path.join(base, "said")
    os.mkdir(here)
    program = shutil.copy(comity.BINARY, here)
    printer = os.path.join(here, "comity-printer")
    with open(printer, "w", encoding="utf-8") as f:
        f.write(f'#!/bin/sh\necho "$1" >>{said}\nexec {os.path.dirname(comity.BINARY)}/comity-printer "$@"\n')
    os.chmod(printer, 0o755)
    for i, value in enumerate(("on", "off")):
        th.configure({"sandbox": value})
        subprocess.run([program, "package", r["case_id"], "--out", os.path.join(base, f"{i}.zip"), "--home", th.home], check=True,
                       capture_output=True)
        with open(said, encoding="utf-8") as f:
            assert set(f.read().split()) == {value}, value
        os.remove(said)
