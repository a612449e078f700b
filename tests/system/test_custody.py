"""Custody between two real nodes: conditions that follow evidence, two people, keeping, destruction that survives kills."""
import json
import os
import zipfile

import comity
from comity import ApiError, Node, introduce, wait_for
from test_failures import need_faults
from test_spine import answer, evidence, fetch, give, send, settled, state


def pair(base):
    th = Node(base, "th.contact", conf={"four_eyes": ""}).start()
    us = Node(base, "us.contact", conf={"four_eyes": ""}).start()
    introduce(th, us)
    for n in (th, us):
        n.officer("cora", "custodian")
        n.officer("prae", "approver")
    return th, us


def cli_as(node, name, *args):
    path = os.path.join(node.home, name + ".token")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write(node.tokens[name] + "\n")
    return node.cli(*args, env={"COMITY_TOKEN_FILE": path})


def given(base, condition=None, size=200_000):
    """us gives evidence to th, under a condition that th accepted."""
    th, us = pair(base)
    r = send(th, "us.contact")
    wait_for("delivery", lambda: settled(th, r["id"]))
    if condition:
        answer(us, r["id"], "condition-offered", conditions=[condition])
        wait_for("the offer", lambda: state(th, r["id"]) == "condition-offered")
        answer(th, r["id"], "condition-accepted")
        wait_for("the yes", lambda: state(us, r["id"]) == "condition-accepted")
    ex = give(us, "th.contact", r["case_id"], evidence(base, size=size))
    fetch(th, ex)
    return th, us, r, ex


def refused(node, op, **args):
    try:
        node.api(op, **args)
    except ApiError as e:
        return e.message if hasattr(e, "message") else str(e)
    raise AssertionError(f"{op} was not refused: {args}")


WHY = {"purpose": "analysis", "authority": "order 2026/117"}


def actions(node, ex):
    return [x.get("action") for x in node.api("exhibit.custody", id=ex)["custody"]]


def test_a_condition_follows_the_evidence(base):
    th, us, r, ex = given(base, {"type": "use-limit", "text": "only in the case T-1"})
    zip_path = os.path.join(base, "case.zip")
    assert "art. 28(2)(b)" in refused(th, "exhibit.open", _as="cora", id=ex, **WHY)
    p = th.cli("package", r["case_id"], "--out", zip_path, check=False)
    assert p.returncode == 1 and "only in the case T-1" in p.stderr, p.stderr
    p = th.cli("package", r["case_id"], "--out", zip_path, "--use", "other", check=False)
    assert p.returncode == 1 and "exhibit ease" in p.stderr, p.stderr
    out = os.path.join(base, "opened")
    th.cli("exhibit", "open", ex, "--out", out, "--purpose", "analysis", "--authority", "order 1", "--use", "case")
    # Nothing of it goes to a third node: not by another name, not as an extract.
    fr = Node(base, "fr.contact", conf={"four_eyes": ""}).start()
    introduce(th, fr)
    other = send(th, "fr.contact", ours="T-9")
    p = th.cli("exhibit", "seal", out, "--case", other["case_id"], "--to", "fr.contact", check=False)
    assert p.returncode == 1 and "cannot go to fr.contact" in p.stderr and "us.contact can allow it" in p.stderr, p.stderr
    # The way out: the owner allows it, in a record.
    us.cli("exhibit", "ease", ex, "--use", "share", "--for", "fr.contact", "--purpose", "joint team", "--authority", "order 2")
    wait_for("the record", lambda: "eased" in actions(th, ex))
    th.cli("exhibit", "seal", out, "--case", other["case_id"], "--to", "fr.contact", "--name", "again.bin")
    th.cli("package", r["case_id"], "--out", zip_path, "--use", "case")
    html = os.path.join(base, "report.html")
    p = th.cli("case", "report", r["case_id"], "--out", html, check=False)
    assert p.returncode == 1 and "for which use" in p.stderr, p.stderr
    p = th.cli("case", "report", r["case_id"], "--out", html, "--use", "other", check=False)
    assert p.returncode == 1 and not os.path.exists(html), p.stderr
    th.cli("case", "report", r["case_id"], "--out", html, "--use", "case")
    with open(html, encoding="utf-8") as f:
        assert "only in the case T-1" in f.read()
    p = th.cli("verify", zip_path, home=False, check=False)
    assert p.returncode == 0, p.stdout + p.stderr
    shown = th.cli("exhibit", "custody", ex).stdout
    for words in ("Condition of us.contact", "only in the case T-1", "us.contact allows: share"):
        assert words in shown, shown
    for n in (th, us):
        n.cli("ledger", "check")


def test_destruction_by_two_people_with_proof(base):
    th, us, r, ex = given(base)
    sealed = os.path.join(th.home, "vault", ex + ".sealed")
    th.api("exhibit.retain", _as="cora", id=ex, until="2099-01-01T00:00:00Z", rule="five years", source="Act s. 12", **WHY)
    assert "Act s. 12" in refused(th, "exhibit.destroy", _as="cora", id=ex, **WHY)
    th.cli("exhibit", "hold", r["case_id"], "--case", "--purpose", "appeal", "--authority", "order 3")
    assert "on hold" in refused(th, "exhibit.destroy", _as="cora", id=ex, **WHY)
    th.cli("exhibit", "release", r["case_id"], "--case", "--purpose", "decided", "--authority", "order 4")
    refused(th, "exhibit.destroy", _as="cora", id=ex, **WHY)
    # A shorter period takes two people, and so does the destruction that it allows.
    p = th.cli("exhibit", "retain", ex, "--until", in_seconds(8), "--rule", "court order", "--source", "order 5",
               "--purpose", "appeal", "--authority", "order 5")
    shorter = drafts(th)[0]["id"]
    assert f"comity request show {shorter}" in p.stdout, p.stdout
    assert "Act s. 12" in refused(th, "exhibit.destroy", _as="cora", id=ex, **WHY)
    th.api("request.approve", _as="prae", id=shorter, ok=True)
    wait_for("the end", lambda: destroy_waits(th, ex), 15)
    draft = th.api("exhibit.destroy", _as="cora", id=ex, **WHY)["draft"]
    # Who confirms sees what, and not what the law says of it.
    shown = cli_as(th, "prae", "request", "show", draft).stdout
    of = th.api("exhibit.show", id=ex)["exhibit"]
    for words in ("destroyed", "evidence.bin", ex, of["plain"]["sha256"], str(of["plain"]["size"]), WHY["purpose"],
                  WHY["authority"], "cora", "cannot be undone", f"comity request approve {draft}"):
        assert words in " ".join(shown.split()), (words, shown)
    assert "law" not in shown, shown
    inbox = cli_as(th, "prae", "inbox").stdout
    assert "destroyed" in inbox and "evidence.bin" in inbox, inbox
    p = th.cli("exhibit", "log", ex, "transferred", "--purpose", "p", "--authority", "a", check=False)
    for option in ("--carried-from", "--carried-to", "--carried-by", "--condition", "--released-by", "--received-by"):
        assert p.returncode == 2 and option in p.stderr, p.stderr
    moves = cli_as(th, "prae", "exhibit", "moves", ex).stdout
    assert "You can be the second officer" in moves and "No approver" not in moves, moves
    assert os.path.exists(sealed)
    th.api("request.approve", _as="prae", id=draft, ok=True)
    assert not os.path.exists(sealed)
    rows = json.loads(th.cli("exhibit", "list", "--json").stdout)["exhibits"]
    assert [x["state"] for x in rows if x["id"] == ex] == ["destroyed"], rows
    done = [x for x in th.api("exhibit.custody", id=ex)["custody"] if x.get("action") == "destroyed"][0]
    assert done["by"]["officer"] == "cora" and done["second"]["officer"] == "prae", done
    assert done["detail"]["plain"]["sha256"], done
    wait_for("word of it", lambda: "destroyed" in actions(us, ex))
    zip_path = os.path.join(base, "case.zip")
    th.cli("package", r["case_id"], "--out", zip_path)
    p = th.cli("verify", zip_path, home=False)
    said = " ".join(p.stdout.split())
    assert f"destroyed at th.contact: exhibit {ex}" in said and "decided by cora, confirmed by prae" in said, said
    assert f"why: {WHY['purpose']}; by which authority: {WHY['authority']}" in said, said
    assert "its file was overwritten and removed on" in said and done["id"] in said, said
    assert "its maker destroyed it" in said, said
    p = th.cli("verify", zip_path, "--level", "full", home=False, check=False)
    assert p.returncode == 0 or "exhibit" not in p.stderr, "what was destroyed on record is not missing: " + p.stderr
    told = json.loads(th.cli("verify", zip_path, "--json", home=False).stdout)
    gone = (told.get("summary") or told)["destroyed"]
    assert [(g["exhibit"], g["officer"], g["second"], g["record"]) for g in gone] == [(ex, "cora", "prae", done["id"])], gone
    assert gone[0]["erased"] and gone[0]["authority"] == WHY["authority"]
    with zipfile.ZipFile(zip_path) as z:
        html = z.read("data/report.html").decode()
        for words in ("confirmed by: prae", "Destroyed evidence", "Decided by", "cora, th.contact", "Overwritten and removed"):
            assert words in html, words
        assert done["id"] in html
        assert f"data/records/{done['id']}.json" in z.namelist()
    # The other side, whose copy is left, says the same.
    us.cli("package", r["case_id"], "--out", zip_path + "2")
    said = " ".join(th.cli("verify", zip_path + "2", home=False).stdout.split())
    assert f"destroyed at th.contact: exhibit {ex}" in said and f"{ex} \"evidence.bin\": sealed" in said, said
    assert "no record here says that its file was erased" in said, said
    th.cli("ledger", "check")
    th.stop()
    th.cli("rebuild")
    th.start()
    assert th.api("exhibit.show", id=ex)["exhibit"]["state"] == "destroyed"


def drafts(node):
    return [d for d in node.api("request.list", _as="prae")["drafts"] if d["kind"] == "custody"]


def in_seconds(n):
    import time
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + n))


def destroy_waits(node, ex):
    try:
        return node.api("exhibit.destroy", _as="cora", id=ex, **WHY)["state"] == "waiting"
    except ApiError:
        return False


def test_a_killed_destruction_is_finished(base):
    """kill -9 between any two steps: the decision is never lost, the file is gone in the end, each record is there once."""
    points = ["destroy.before", "destroy.recorded", "vault.erase-overwritten", "destroy.unlinked", "destroy.erased"]
    need_faults()
    for i, point in enumerate(points):
        folder = os.path.join(base, str(i))
        os.mkdir(folder)
        th, us, _, ex = given(folder)
        sealed = os.path.join(th.home, "vault", ex + ".sealed")
        draft = th.api("exhibit.destroy", _as="cora", id=ex, **WHY)["draft"]
        th.stop()
        th.start(env={"COMITY_FAULT": point})
        try:
            th.api("request.approve", _as="prae", id=draft, ok=True)
        except Exception:  # the node is gone in the middle of the answer
            pass
        th.gone()
        th.start()
        if point == "destroy.before":  # approved, not done: the author goes on
            assert "destroyed" not in actions(th, ex)
            th.api("exhibit.destroy", _as="cora", id=ex, **WHY)
        wait_for(f"{point}: erased", lambda: actions(th, ex).count("erased") == 1, 90)
        assert not os.path.exists(sealed), point
        assert actions(th, ex).count("destroyed") == 1, (point, actions(th, ex))
        assert th.api("exhibit.show", id=ex)["exhibit"]["state"] == "destroyed"
        wait_for("word of it", lambda: actions(us, ex).count("destroyed") == 1)
        th.cli("ledger", "check")
        comity.stop_all()


def test_a_full_disk_while_erasing(base):
    """A file system that copies on write can be full even then: the decision stands, the rest is made up for."""
    need_faults()
    th, us, r, ex = given(base, size=2_500_000)
    sealed = os.path.join(th.home, "vault", ex + ".sealed")
    draft = th.api("exhibit.destroy", _as="cora", id=ex, **WHY)["draft"]
    th.stop()
    th.start(env={"COMITY_FAULT": "vault.erase-write:2:fail"})
    try:  # the call that orders it meets the full disk, or the clerk who comes by in the same moment
        th.api("request.approve", _as="prae", id=draft, ok=True)
        with open(th.log, encoding="utf-8") as f:
            wait_for("the clerk's word", lambda: f.seek(0) == 0 and "is destroyed but not erased yet" in f.read())
    except ApiError as e:
        assert "destroyed on record" in e.message and "tried again" in e.message, e.message
    assert "destroyed" in actions(th, ex) and th.api("exhibit.show", id=ex)["exhibit"]["state"] == "destroyed"
    assert "destroyed" in refused(th, "exhibit.open", _as="cora", id=ex, **WHY)
    th.stop()
    th.start()
    wait_for("erased", lambda: actions(th, ex).count("erased") == 1, 90)
    assert not os.path.exists(sealed) and actions(th, ex).count("destroyed") == 1
    th.cli("ledger", "check")


def test_a_full_disk_at_every_write_of_a_package(base):
    need_faults()
    th, us, r, ex = given(base)
    folder, full = os.path.join(base, "out"), 0
    os.mkdir(folder)
    path = os.path.join(folder, "case.zip")
    p, at = None, 1
    while p is None or p.returncode != 0:
        p = th.cli("package", r["case_id"], "--out", path, check=False, env={"COMITY_FAULT": f"write:{at}:enospc"})
        if p.returncode != 0:
            full += 1
            assert p.returncode == 1 and "No space left" in p.stderr, (at, p.stderr)
            assert os.listdir(folder) == [], (at, os.listdir(folder))
        # Each write at first; then the many members that are written alike, in steps.
        at += 1 if at < 6 else at // 2
    assert full > 8 and th.cli("verify", path, home=False).returncode == 0
