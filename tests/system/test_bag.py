"""Bags and containers of other people. The cases are those that the Library of Congress's conformance suite
describes (valid, invalid, worth a warning), built here anew, with more for version 1.0, zips and hostile forms."""
import hashlib
import json
import os
import subprocess
import zipfile

import comity
from test_package import verify, needs

DATA = {"data/hello.txt": b"hello\n", "data/deep/er/leaf.bin": bytes(range(256))}
VERSIONS = ("0.93", "0.94", "0.95", "0.96", "0.97", "1.0")


def manifest(files, algorithm, form="{} {}"):
    return "".join(form.format(hashlib.new(algorithm, c).hexdigest(), n) + "\n" for n, c in sorted(files.items())).encode()


def bag(version="1.0", algorithms=("sha256",), tags=True, info=None, data=None, encoding="UTF-8"):
    """A good bag as a dictionary: what a case then spoils."""
    data = dict(DATA if data is None else data)
    label = "package-info.txt" if version in ("0.93", "0.94", "0.95") else "bag-info.txt"
    oxum = f"{sum(map(len, data.values()))}.{len(data)}"
    out = {"bagit.txt": f"BagIt-Version: {version}\nTag-File-Character-Encoding: {encoding}\n".encode()}
    out[label] = (f"Source-Organization: Test\nPayload-Oxum: {oxum}\n" if info is None else info).encode(encoding)
    for a in algorithms:
        out[f"manifest-{a}.txt"] = manifest(data, a, "{}  {}").decode().encode(encoding)
    if tags:
        listed = dict(out)
        for a in algorithms:
            out[f"tagmanifest-{a}.txt"] = manifest(listed, a, "{}  {}").decode().encode(encoding)
    return {**out, **data}


def edit(b, name, change, tags=False):
    """One file changed; the tag manifests go, so that only this is wrong."""
    b = {n: c for n, c in b.items() if tags or not n.startswith("tagmanifest")}
    b[name] = change(b.get(name, b""))
    return b


def without(b, *names):
    return {n: c for n, c in b.items() if n not in names and not n.startswith("tagmanifest")}


def add_line(line):
    return lambda c: c + line.encode() + b"\n"


def digest(content, algorithm="sha256"):
    return hashlib.new(algorithm, content).hexdigest()


VALID = {f"version {v}": bag(v, ("md5",)) for v in VERSIONS}
VALID.update({f"{a}": bag("1.0", (a,)) for a in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")})
VALID.update({
    "several algorithms": bag("1.0", ("md5", "sha1", "sha512")),
    "no tag manifest": bag(tags=False),
    "no label": without(bag(), "bag-info.txt"),
    "binary mark before paths": edit(bag("0.97"), "manifest-sha256.txt", lambda c: manifest(DATA, "sha256", "{} *{}")),
    "one space": edit(bag(), "manifest-sha256.txt", lambda c: manifest(DATA, "sha256", "{} {}")),
    "tab": edit(bag(), "manifest-sha256.txt", lambda c: manifest(DATA, "sha256", "{}\t{}")),
    "capital digits": edit(bag(), "manifest-sha256.txt", lambda c: b"".join(
        line[:64].upper() + line[64:] + b"\n" for line in c.splitlines())),
    "lines end in CR LF": edit(bag(), "manifest-sha256.txt", lambda c: c.replace(b"\n", b"\r\n")),
    "lines end in CR": edit(bag(), "manifest-sha256.txt", lambda c: c.replace(b"\n", b"\r")),
    "no line end at the end": edit(bag(), "manifest-sha256.txt", lambda c: c.rstrip(b"\n")),
    "folded label": edit(bag(), "bag-info.txt", lambda c: c + b"External-Description: one\n\ttwo\n  three\n"),
    "label repeated": edit(bag(), "bag-info.txt", lambda c: c + b"Contact-Name: a\nContact-Name: b\n"),
    "tag files in UTF-16": bag("0.97", ("md5",), encoding="UTF-16"),
    "tag files in ISO-8859-1": edit(bag("0.97", encoding="ISO-8859-1"), "bag-info.txt", lambda c: c + "Note: é\n".encode("latin-1")),
    "name with a space": bag(data={"data/a b c.txt": b"x"}),
    "name in Thai": bag(data={"data/หลักฐาน.bin": b"x"}),
    "empty file": bag(data={"data/empty": b""}),
    "percent sign in a name": edit(bag(data={"data/50%25.txt": b"x", }), "manifest-sha256.txt",
                                   lambda c: f"{digest(b'x')}  data/50%2525.txt\n".encode()),
    "line feed in a name": edit(bag(data={"data/a\nb": b"x"}), "manifest-sha256.txt",
                                lambda c: f"{digest(b'x')}  data/a%0Ab\n".encode()),
    "percent is itself before 1.0": bag("0.97", data={"data/50%25.txt": b"x"}),
    "each file in one of two manifests before 1.0": {**without(bag("0.97", ("md5", "sha1")), "manifest-md5.txt", "manifest-sha1.txt"),
                                                     "manifest-md5.txt": manifest({"data/hello.txt": b"hello\n"}, "md5"),
                                                     "manifest-sha1.txt": manifest({"data/deep/er/leaf.bin": bytes(range(256))}, "sha1")},
    "fetched files that are here": edit(bag(), "fetch.txt", lambda c: b"https://example.org/hello.txt 6 data/hello.txt\n"),
    "tag file in a folder": {**bag(), "notes/readme.txt": b"x"},
})

WARNED = {
    "line twice before 1.0": (edit(bag("0.97"), "manifest-sha256.txt", lambda c: c + c.splitlines()[0] + b"\n"), "twice"),
    "dot and slash before a path": (edit(bag("0.97"), "manifest-sha256.txt", lambda c: c.replace(b"data/hello", b"./data/hello")), "./"),
    "names that differ in capitals": (bag(data={"data/A.txt": b"1", "data/a.txt": b"2"}), "capitals"),
    "MD5 only": (bag("0.97", ("md5",)), "accidents"),
    "an unknown algorithm beside a known one": (edit(bag(), "manifest-blake3.txt", lambda c: b"00  data/hello.txt\n"), "blake3"),
    "fetch": (VALID["fetched files that are here"], "fetch.txt"),
    "no label": (VALID["no label"], "bag-info.txt"),
}
if hasattr(os, "fsencode"):
    WARNED["letters put together in two ways"] = (
        edit(bag(data={"data/re\u0301sume\u0301.txt": b"x"}), "manifest-sha256.txt",
             lambda c: c.replace("re\u0301sume\u0301".encode(), "r\u00e9sum\u00e9".encode())), "written in another way")

INVALID = {
    "no bagit.txt": (without(bag(), "bagit.txt"), "bagit.txt is missing"),
    "unknown version": (edit(bag(), "bagit.txt", lambda c: c.replace(b"1.0", b"7.0")), "version 7.0"),
    "bagit.txt with a byte order mark": (edit(bag(), "bagit.txt", lambda c: b"\xef\xbb\xbf" + c), "byte order mark"),
    "bagit.txt in UTF-16": (edit(bag(), "bagit.txt", lambda c: c.decode().encode("utf-16")), "bagit.txt"),
    "bagit.txt without its encoding": (edit(bag(), "bagit.txt", lambda c: c.splitlines()[0] + b"\n"), "exactly"),
    "bagit.txt with more": (edit(bag(), "bagit.txt", lambda c: c + b"More: 1\n"), "exactly"),
    "unknown encoding": (edit(bag(), "bagit.txt", lambda c: c.replace(b"UTF-8", b"EBCDIC")), "EBCDIC"),
    "manifest with a byte order mark": (edit(bag(), "manifest-sha256.txt", lambda c: b"\xef\xbb\xbf" + c), "byte order mark"),
    "no manifest": (without(bag(), "manifest-sha256.txt"), "no payload manifest"),
    "only an unknown algorithm": ({**without(bag(), "manifest-sha256.txt"), "manifest-blake3.txt": b"00  data/hello.txt\n"}, "no payload manifest"),
    "no data folder": (without(edit(bag(), "manifest-sha256.txt", lambda c: b""), *DATA), "no folder data"),
    "a file is missing": (without(bag(), "data/hello.txt"), "data/hello.txt"),
    "a file is not listed": ({**bag(), "data/more": b"x"}, "data/more"),
    "a file is in one of two manifests, 1.0": (edit(bag("1.0", ("md5", "sha256")), "manifest-md5.txt",
                                                   lambda c: c.splitlines()[0] + b"\n"), "not every manifest"),
    "a file was changed": ({**bag(), "data/hello.txt": b"hellO\n"}, "data/hello.txt"),
    "a file was emptied": (edit({**bag(), "data/hello.txt": b""}, "bag-info.txt", lambda c: b""), "data/hello.txt"),
    "a tag file was changed": (edit(bag(), "bag-info.txt", lambda c: c + b"More: 1\n", tags=True), "bag-info.txt"),
    "a tag file is missing": ({n: c for n, c in bag().items() if n != "bag-info.txt"}, "bag-info.txt"),
    "two digests for a file": (edit(bag("0.97"), "manifest-sha256.txt", add_line("0" * 64 + "  data/hello.txt")), "two digests"),
    "a line twice, 1.0": (edit(bag(), "manifest-sha256.txt", lambda c: c + c.splitlines()[0] + b"\n"), "more than once"),
    "wrong Payload-Oxum": (edit(bag(), "bag-info.txt", lambda c: b"Payload-Oxum: 1.1\n"), "Payload-Oxum"),
    "Payload-Oxum that is none": (edit(bag(), "bag-info.txt", lambda c: b"Payload-Oxum: many\n"), "Payload-Oxum"),
    "label without a colon": (edit(bag(), "bag-info.txt", lambda c: b"nonsense\n"), "line 1"),
    "digest too short": (edit(bag(), "manifest-sha256.txt", add_line("abcd  data/hello.txt")), "64 digits"),
    "digest not hexadecimal": (edit(bag(), "manifest-sha256.txt", add_line("z" * 64 + "  data/x")), "hexadecimal"),
    "a line without a path": (edit(bag(), "manifest-sha256.txt", add_line("0" * 64 + "  ")), "no file"),
    "path leads up": (edit(bag(), "manifest-sha256.txt", add_line("0" * 64 + "  data/../../etc/passwd")), "outside"),
    "absolute path": (edit(bag(), "manifest-sha256.txt", add_line("0" * 64 + "  /etc/passwd")), "outside"),
    "path of a home": (edit(bag(), "manifest-sha256.txt", add_line("0" * 64 + "  ~root/x")), "outside"),
    "path with a drive": (edit(bag(), "manifest-sha256.txt", add_line("0" * 64 + "  c:/x")), "outside"),
    "path with a backslash": (edit(bag(), "manifest-sha256.txt", add_line("0" * 64 + "  data\\x")), "outside"),
    "payload manifest lists a tag file": (edit(bag(), "manifest-sha256.txt", add_line(f"{digest(bag()['bagit.txt'])}  bagit.txt")), "not below"),
    "tag manifest lists payload": ({**bag(tags=False), "tagmanifest-sha256.txt": manifest(DATA, "sha256")}, "below data"),
    "tag manifest lists a tag manifest": ({**bag(tags=False), "tagmanifest-md5.txt": b"", "tagmanifest-sha256.txt": manifest({"tagmanifest-md5.txt": b""}, "sha256")}, "lists a tag manifest"),
    "fetch names what is elsewhere": (without(edit(bag(), "fetch.txt", lambda c: b"https://example.org/h 6 data/hello.txt\n"), "data/hello.txt", "bag-info.txt"), "never fetched"),
    "fetch leads outside": (edit(bag(), "fetch.txt", lambda c: b"https://example.org/h 6 ../../x\n"), "outside"),
    "fetch names a tag file": (edit(bag(), "fetch.txt", lambda c: b"https://example.org/h 6 bag-info.txt\n"), "outside"),
    "fetch of what nobody lists": (edit(bag(), "fetch.txt", lambda c: b"https://example.org/h 6 data/other\n"), "no manifest"),
    "fetch line cut": (edit(bag(), "fetch.txt", lambda c: b"https://example.org/h\n"), "fetch.txt"),
}


def to_folder(path, b):
    for name, content in b.items():
        full = os.path.join(os.fsencode(path), name.encode())
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(content)


def to_zip(path, b, top="", pack=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", pack) as z:
        for name, content in b.items():
            z.writestr(top + name, content)


def forms(base, name, b):
    """The same bag as a folder, as a packed zip, and as a zip with one folder at its top."""
    folder = os.path.join(base, str(len(os.listdir(base))) + "-" + "".join(c if c.isalnum() else "-" for c in name))
    os.makedirs(folder)
    to_folder(folder, b)
    yield folder
    if any("\n" in n for n in b):
        return
    to_zip(folder + ".zip", b, pack=zipfile.ZIP_DEFLATED)
    yield folder + ".zip"
    to_zip(folder + "-top.zip", b, top="bag/", pack=zipfile.ZIP_STORED)
    yield folder + "-top.zip"


def test_good_bags_are_valid(base):
    for name, b in VALID.items():
        for path in forms(base, name, b):
            p = verify(path, "--kind", "bag")
            assert p.returncode == 0, f"{name}, {path}: {p.stdout[-600:]}{p.stderr}"


def test_bad_bags_are_not_and_the_reason_is_said(base):
    for name, (b, says) in INVALID.items():
        for path in forms(base, name, b):
            p = verify(path, "--kind", "bag")
            assert p.returncode == 3, f"{name}, {path}: exit {p.returncode}\n{p.stdout[-600:]}"
            assert says in p.stderr, f"{name}: {p.stderr}"


def test_doubtful_bags_are_valid_with_a_note(base):
    for name, (b, says) in WARNED.items():
        for path in forms(base, name, b):
            p = verify(path, "--kind", "bag", "--json")
            o = json.loads(p.stdout)
            assert p.returncode == 0 and o["warnings"] > 0, f"{name}: {p.stdout[-900:]}{p.stderr}"
            notes = [f["text"] for s in o["steps"] for f in s["found"] if f["mark"] == "note"]
            assert any(says in n for n in notes), f"{name}: {notes}"


def test_links_are_not_followed(base):
    folder = os.path.join(base, "bag")
    os.makedirs(folder)
    b = bag(info="Source-Organization: Test\n")
    secret = b.pop("data/hello.txt")
    to_folder(folder, b)
    with open(os.path.join(base, "elsewhere"), "wb") as f:
        f.write(secret)
    os.symlink(os.path.join(base, "elsewhere"), os.path.join(folder, "data", "hello.txt"))
    p = verify(folder)
    assert p.returncode == 3 and "data/hello.txt" in p.stderr, p.stderr


def test_hostile_zips_are_refused(base):
    path = os.path.join(base, "h.zip")

    def expect(says):
        p = verify(path, "--kind", "bag")
        assert p.returncode == 3 and says in p.stderr, f"{says}: {p.returncode} {p.stderr}"
    to_zip(path, {**bag(), "../x": b"x"})
    expect("outside")
    to_zip(path, {**bag(), "/x": b"x"})
    expect("outside")
    with zipfile.ZipFile(path, "w") as z:
        for n, c in list(bag().items()) + [("data/hello.txt", b"other")]:
            z.writestr(n, c)
    expect("twice")
    to_zip(path, bag(), pack=zipfile.ZIP_DEFLATED)
    with open(path, "rb") as f:
        whole = bytearray(f.read())
    for what, at, value in (("local name", 30, ord("B")), ("local method", 8, 0)):
        bad = bytearray(whole)
        bad[at] = value
        with open(path, "wb") as f:
            f.write(bad)
        expect("header")
    with open(path, "wb") as f:
        f.write(whole[:len(whole) // 2])
    expect("no zip")
    to_zip(path, bag(), pack=zipfile.ZIP_BZIP2)
    expect("method")
    central = whole.index(b"PK\x01\x02")
    bad = bytearray(whole)
    bad[central + 24:central + 28] = (1 << 30).to_bytes(4, "little")
    with open(path, "wb") as f:
        f.write(bad)
    expect("size")


def test_a_package_never_passes_as_somebodys_bag(base):
    b = bag()
    path = os.path.join(base, "p.zip")
    to_zip(path, {**b, "package.json": b"{}"}, pack=zipfile.ZIP_STORED)
    assert verify(path).returncode == 3
    folder = os.path.join(base, "plain")
    os.makedirs(folder)
    to_folder(folder, b)
    p = verify(folder)
    assert p.returncode == 0 and "not signed" in p.stdout


# ---- containers ----
MANIFEST = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
  <asic:SigReference URI="META-INF/signature.p7s" MimeType="application/pkcs7-signature"/>
  <asic:DataObjectReference URI="{name}" MimeType="text/plain">
    <ds:DigestMethod Algorithm="{method}"/>
    <ds:DigestValue>{value}</ds:DigestValue>
  </asic:DataObjectReference>
</asic:ASiCManifest>
"""
METHODS = {"sha256": "http://www.w3.org/2001/04/xmlenc#sha256", "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
           "sha512": "http://www.w3.org/2001/04/xmlenc#sha512", "sha1": "http://www.w3.org/2000/09/xmldsig#sha1"}


def openssl(*args, cwd):
    subprocess.run(["openssl", *args], cwd=cwd, check=True, capture_output=True)


def signer(base):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Some root",
            "-days", "30", cwd=base)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "req.pem",
            "-subj", "/CN=A notary abroad", cwd=base)
    openssl("x509", "-req", "-in", "req.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-out", "cert.pem", "-days", "30", cwd=base)


def container(base, algorithm="sha256", change=None, sign_md="sha256", extra=None, manifest_text=None, flags=("-cades",)):
    content = b"The court orders.\n"
    import base64
    text = manifest_text or MANIFEST.format(name="order.txt", method=METHODS[algorithm],
                                            value=base64.b64encode(hashlib.new(algorithm, content).digest()).decode())
    with open(os.path.join(base, "m.xml"), "w") as f:
        f.write(text)
    openssl("cms", "-sign", "-binary", *flags, "-in", "m.xml", "-signer", "cert.pem", "-inkey", "key.pem", "-md", sign_md,
            "-outform", "DER", "-out", "m.p7s", cwd=base)
    with open(os.path.join(base, "m.p7s"), "rb") as f:
        sig = f.read()
    files = {"mimetype": b"application/vnd.etsi.asic-e+zip", "order.txt": content, "META-INF/ASiCManifest.xml": text.encode(),
             "META-INF/signature.p7s": sig, **(extra or {})}
    if change:
        change(files)
    path = os.path.join(base, "c.asice")
    to_zip(path, files)
    return path


def test_foreign_containers_with_cades(base):
    needs("openssl")
    signer(base)
    ca = os.path.join(base, "ca.pem")
    for algorithm in ("sha256", "sha384", "sha512"):
        p = verify(container(base, algorithm), "--ca", ca)
        assert p.returncode == 0 and "A notary abroad" in p.stdout, p.stdout + p.stderr
    p = verify(container(base), "--json")
    o = json.loads(p.stdout)
    assert p.returncode == 0 and o["form"] == "container" and o["signers"][0]["trusted"] is False, p.stdout
    fp = o["signers"][0]["sha256"]
    assert verify(container(base), "--root", fp).returncode == 0
    assert verify(container(base), "--root", "0" * 64).returncode == 3
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "o.key", "-out", "other.pem", "-subj", "/CN=Other", cwd=base)
    p = verify(container(base), "--ca", os.path.join(base, "other.pem"))
    assert p.returncode == 3 and "root" in p.stderr, p.stderr
    p = verify(container(base, flags=()), "--ca", ca)
    assert p.returncode == 0 and "not CAdES" in p.stdout


def test_bad_containers(base):
    needs("openssl")
    signer(base)

    def expect(says, code=3, **how):
        p = verify(container(base, **how))
        assert p.returncode == code and says in p.stderr, f"{says}: {p.returncode} {p.stderr}"
    expect("order.txt is not what was signed", change=lambda f: f.update({"order.txt": b"The court forbids.\n"}))
    expect("order.txt is missing", change=lambda f: f.pop("order.txt"))
    expect("signature.p7s", change=lambda f: f.pop("META-INF/signature.p7s"))
    expect("does not hold", change=lambda f: f.update({"META-INF/ASiCManifest.xml": f["META-INF/ASiCManifest.xml"] + b"\n"}))
    expect("digest method", algorithm="sha1")
    expect("too weak", sign_md="sha1")
    expect("nothing in it is signed", change=lambda f: f.pop("META-INF/ASiCManifest.xml"))
    expect("XAdES", code=1, change=lambda f: (f.pop("META-INF/ASiCManifest.xml"), f.update({"META-INF/signatures0.xml": b"<x/>"})))
    expect("asic-e", code=1, change=lambda f: f.update({"mimetype": b"application/epub+zip"}))
    evil = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + MANIFEST.split("?>")[1].format(name="&e;", method="", value="")
    expect("DOCTYPE", manifest_text=evil)
    expect("well-formed", manifest_text="<asic:ASiCManifest")
    expect("no ASiCManifest", manifest_text="<x/>")
    p = verify(container(base, extra={"unsigned.txt": b"x", "META-INF/signatures1.xml": b"<x/>"}))
    assert p.returncode == 0 and "nobody signed it" in p.stdout and "XAdES" in p.stdout, p.stdout
