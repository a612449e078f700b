"""The command line as a person and a program meet it: help, exit status, JSON, wrong usage."""
import json
import os
import re
import subprocess

import comity
from comity import BINARY, Node


def run(*args, env=None, stdin=""):
    return subprocess.run([BINARY, *args], capture_output=True, text=True, input=stdin, timeout=60,
                          env={**os.environ, **(env or {})})


def verbs():
    listed = re.findall(r"^  ([a-z]+(?: [a-z]+)?)(?= [A-Z\[]|  )", run("--help").stdout, re.M)
    assert len(listed) > 30, listed
    return listed


def test_every_verb_explains_itself(base):
    man = run("--man").stdout
    for verb in verbs():
        p = run(*verb.split(), "--help")
        assert p.returncode == 0 and f"Example:\n  comity {verb}" in p.stdout and "Exit status" in p.stdout, verb
        assert f".SS \"comity {verb}" in man, verb


def test_wrong_usage_is_2_and_says_what_is_near(base):
    for args, words in ((["statsu"], '"status"'), (["request", "nwe"], '"request new"'), (["status", "--hme", "x"], "--home"),
                        (["request", "answer", "x"], "STATE"), (["request", "extend", "x", "--days", "6o"], "number"),
                        (["verify"], "FILE"), (["request"], "request new"), ([], "usage")):
        p = run(*args)
        assert p.returncode == 2 and words in p.stderr, (args, p)
    assert run("status", env={"COMITY_HOME": ""}).returncode == 2


def test_help_says_who_may_as_the_operations_do(base):
    """What a verb's help says of roles is what its operation, in the node's own description, takes."""
    n = Node(base, "th.contact").start()
    doc = json.loads(n.cli("api", "describe").stdout)
    words = {"duty": "duty officer"}
    for verb, op in (("acquire", "exhibit.register"), ("exhibit seal", "exhibit.register"), ("exhibit fetch", "exhibit.fetch"),
                     ("exhibit import", "exhibit.register"), ("exhibit hold", "exhibit.hold"), ("exhibit log", "exhibit.log"),
                     ("exhibit destroy", "exhibit.destroy"), ("exhibit open", "exhibit.open"), ("package", "case.export"),
                     ("examine list", "exhibit.open"), ("acquire drop", "acquire.drop"), ("exhibit retain", "exhibit.retain")):
        text = json.dumps(doc["paths"][f"/api/v1/{op}"])
        roles = re.search(r"Roles: ([^.]*)\. Scope", text).group(1)
        said = " ".join(n.cli(*verb.split(), "--help").stdout.split()).split("Who may: ")[1].split(".")[0]
        want = {words.get(r.strip(), r.strip()) for r in roles.split(",")}
        assert want == {w.strip() for w in said.split(";")[0].split(",")}, (verb, want, said)


def test_forms_tell_their_members(base):
    shown = " ".join(run("form", "show", "preserve").stdout.split())
    for words in ("Members: organisation, person, title", "type (needed) (ip|domain|url", "Needed of them: organisation, person"):
        assert words in shown, shown
    assert "confidentiality, use-limit or other" in " ".join(run("request", "answer", "--help").stdout.split())
    n = Node(base, "th.contact").start()
    p = n.cli("case", "show", "none", check=False)
    assert p.returncode == 1 and "comity request new" in p.stderr, p.stderr


def test_a_form_is_checked_and_half_of_it_kept(base):
    """What the desk can do with a form that is not finished, the command line can too."""
    n = Node(base, "th.contact").start()
    p = n.cli("form", "check", "preserve", "--field", "days=7", "--urgency", "emergency", check=False)
    assert p.returncode == 1 and "days" in p.stdout and "urgency_reason" in p.stdout and "to mend" in p.stderr, p
    faults = json.loads(n.cli("form", "check", "preserve", "--field", "days=7", "--json", check=False).stdout)["faults"]
    assert {"conduct", "days"} <= {f["field"] for f in faults}
    whole = os.path.join(base, "form.json")
    with open(whole, "w", encoding="utf-8") as f:
        json.dump(comity.fields_of(), f)
    p = n.cli("form", "check", "preserve", "--fields", whole)
    assert p.returncode == 0 and "can be submitted" in p.stdout, p
    assert n.cli("form", "check", "teleport", check=False).returncode == 1
    one = json.loads(n.cli("request", "keep", "--measure", "preserve", "--field", "conduct=Half a story.", "--json").stdout)
    assert one["state"] == "unfinished"
    two = json.loads(n.cli("request", "keep", "--measure", "preserve", "--fields", whole, "--replaces", one["id"], "--json").stdout)
    drafts = n.api("inbox.list")["drafts"]
    assert [d["id"] for d in drafts] == [two["id"]] and not n.api("request.list")["requests"], drafts
    n.cli("request", "withdraw", two["id"])
    assert not n.api("inbox.list")["drafts"]


def test_answers_are_json_when_asked(base):
    n = Node(base, "th.contact").start()
    for args in (["status"], ["request", "list"], ["case", "list"], ["delivery", "list"], ["directory", "list"],
                 ["exhibit", "list"], ["user", "list"], ["log"], ["form", "list"], ["form", "show", "preserve"],
                 ["selfcheck"], ["ledger", "check"]):
        assert json.loads(n.cli(*args, "--json").stdout), args
        assert n.cli(*args).stdout.strip(), args
    p = n.cli("request", "show", "01936b2e-0000-7000-8000-000000000000", "--json", check=False)
    assert p.returncode == 1 and json.loads(p.stdout)["error"] == "ENOTFOUND", p
    p = n.cli("request", "send", "01936b2e-0000-7000-8000-000000000000", "--as", "nobody", check=False)
    assert p.returncode == 1 and "nobody" in p.stderr, p


def test_a_node_that_is_down_is_said_with_advice(base):
    n = Node(base, "th.contact")
    p = n.cli("status", check=False)
    assert p.returncode == 1 and "comity serve" in p.stderr, p
    assert n.cli("rebuild").returncode == 0


def test_rebuild_wants_the_node_stopped(base):
    n = Node(base, "th.contact").start()
    p = n.cli("rebuild", check=False)
    assert p.returncode == 1 and "stop" in p.stderr, p


def test_wrong_configuration_is_refused_with_its_line(base):
    n = Node(base, "th.contact")
    path = os.path.join(n.home, "comity.conf")
    with open(path, "a", encoding="utf-8") as f:
        f.write("loopz = 3\n")
    with open(path, encoding="utf-8") as f:
        lines = len(f.read().splitlines())
    p = n.cli("serve", check=False)
    assert p.returncode == 2 and f"comity.conf:{lines}" in p.stderr and '"loops"' in p.stderr, p


def test_init_knows_its_zone_or_says_what_to_do(base):
    args = ["--address", "th.contact", "--name", "Desk", "--economy", "TH", "--role", "contact", "--url",
            "https://127.0.0.1:4501"]
    home = os.path.join(base, "th")
    for zone, env, words in (("Asia/Bankok", {}, ("Asia/Bankok", "zoneinfo")),
                             ("../../etc/passwd", {}, ("cannot be a time zone",)),
                             ("Asia/Bangkok", {"TZDIR": "/nowhere"}, ("/nowhere", "tzdata"))):
        p = subprocess.run([comity.BINARY, "init", home, *args, "--timezone", zone], capture_output=True, text=True,
                           env={**os.environ, **env})
        assert p.returncode != 0 and all(w in p.stderr for w in words), p.stderr
        assert os.listdir(base) == []
    n = Node(base, "us.contact", init_args=["--timezone", "America/New_York"], conf={"holidays": "2027-07-05"})
    assert "America/New_York" in n.cli("selfcheck", check=False).stdout
    # Without tzdata the node does not start as if it were elsewhere; UTC needs none.
    p = n.cli("serve", check=False, env={"TZDIR": "/nowhere"})
    assert p.returncode == 1 and "timezone" in p.stderr and "tzdata" in p.stderr, p.stderr
    n.configure({"timezone": "UTC"})
    n.start(env={"TZDIR": "/nowhere"})


def test_a_failed_init_leaves_nothing(base):
    home = os.path.join(base, "x")
    common = ["--address", "th.contact", "--name", "x", "--economy", "TH", "--role", "contact", "--url", "https://127.0.0.1:1"]
    for more in (["--officer", "somchai:king"], ["--officer", "somchai"], ["--officer", "../x:duty"],
                 ["--seal-key", "/nowhere"], ["--root-cert", "/nowhere"]):
        p = run("init", home, *common, *more)
        assert p.returncode in (1, 2) and p.stderr, (more, p)
        assert os.listdir(base) == [], (more, os.listdir(base))


def test_tokens_are_files_and_never_shown(base):
    n = Node(base, "th.contact").start()
    p = n.cli("user", "add", "malee", "approver", "--json")
    assert "token" not in json.loads(p.stdout)
    path = os.path.join(n.home, "officers", "malee.token")
    assert os.stat(path).st_mode & 0o777 == 0o600
    with open(path, encoding="utf-8") as f:
        token = f.read().strip()
    assert re.fullmatch("[0-9a-f]{64}", token) and token not in p.stdout + p.stderr
    # Two officers now: which one must be said.
    assert n.cli("status", check=False).returncode == 2
    assert n.cli("status", "--as", "malee").returncode == 0
    assert n.cli("status", env={"COMITY_TOKEN_FILE": path}).returncode == 0
    n.cli("user", "disable", "malee", "--as", "admin")
    assert n.cli("status", "--as", "malee", check=False).returncode == 1
