"""The law from the command line: no node is needed, and what is not known is said."""
import csv
import json
import pathlib
import re
import subprocess

from comity import BINARY, fields_of, wait_for
from test_cli import run
from test_spine import pair


def test_check_tells_verdict_bases_and_sources(base):
    p = run("law", "check", "--from", "TH", "--to", "US", "--measure", "preserve", "--conduct", "illegal-access,fraud")
    assert p.returncode == 0, p
    for words in ("Legal bases", "advice for the person", "Sources", "cets-185"):
        assert words in p.stdout, (words, p.stdout)
    assert max(map(len, p.stdout.splitlines())) <= 100
    a = json.loads(run("law", "check", "--from", "TH", "--to", "US", "--measure", "preserve", "--json").stdout)
    assert a["verdict"] in ("can", "cannot", "unknown") and a["question"]["requesting"] == "TH"
    p = run("law", "check", "--from", "TH", "--to", "US", "--measure", "presreve")
    assert p.returncode == 2 and "preserve" in p.stderr, p


def test_same_question_gives_the_same_bytes(base):
    ask = ("law", "check", "--from", "AT", "--to", "JP", "--measure", "subscriber", "--date", "2026-11-01", "--json")
    assert run(*ask).stdout == run(*ask).stdout


def test_gap_in_every_format(base):
    for n in (["TH"], ["TH", "US"], ["TH", "US", "JP", "DE"], []):
        p = run("law", "gap", *n)
        assert p.returncode == 0 and "unknown" in p.stdout.lower(), p
        assert max(map(len, p.stdout.splitlines())) <= 100, n
    page = pathlib.Path(base) / "gap.html"
    assert run("law", "gap", "TH", "US", "--format", "html", "--out", str(page)).returncode == 0
    text = page.read_text()
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) and "<script" not in text
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    rows = list(csv.DictReader(run("law", "gap", "TH", "US", "--format", "csv").stdout.splitlines()))
    assert {r["economy"] for r in rows} == {"TH", "US"} and {r["value"] for r in rows} >= {"yes", "unknown"}
    j = json.loads(run("law", "gap", "TH", "--json").stdout)
    assert sum(j["economies"][0]["counts"].values()) == len(j["articles"])
    assert run("law", "gap", "XX").returncode == 1
    assert run("law", "gap", "--format", "odt").returncode == 2


def test_show_finds_a_fact_by_what_a_decision_cites(base):
    a = json.loads(run("law", "check", "--from", "TH", "--to", "US", "--measure", "preserve", "--json").stdout)
    cited = a["facts"][0]
    for what in (cited["sha256"], cited["id"]):
        f = json.loads(run("law", "show", what, "--json").stdout)
        assert f["kind"] == "fact" and f["id"] == cited["id"] and f["source_title"], f
    assert "(art" not in run("law", "show", "cets-185/29").stdout
    assert "29(3)" in run("law", "show", "cets-185/29").stdout
    for what in ((), ("TH",), ("th",), ("cets-185",)):
        assert run("law", "show", *what).returncode == 0, what
    assert run("law", "show", "cets-185/999").returncode == 1


def test_verify_names_file_and_line(base):
    p = run("law", "verify")
    assert p.returncode == 0 and "no fault" in p.stdout, p
    bad = pathlib.Path(base) / "profile.json"
    bad.write_text('{"profile": "TH", "name": "Thailand",\n "facts": [\n'
                   '  {"id": "TH.own-1", "about": "status/cets-185", "value": "maybe",\n'
                   '   "source": "COC", "certainty": "verified"}]}\n')
    p = run("law", "verify", str(bad))
    assert p.returncode == 1 and re.search(rf"^{re.escape(str(bad))}:\d+: ", p.stderr, re.M), p
    good = bad.with_name("good.json")
    good.write_text(bad.read_text().replace('"maybe"', '"signed"'))
    assert run("law", "verify", str(good)).returncode == 0, run("law", "verify", str(good))
    shown = json.loads(run("law", "show", "TH", "--profile", str(good), "--json").stdout)
    assert any(f["id"] == "TH.own-1" and f["holds"] == "yes" for f in shown["facts"]), shown["facts"][:3]


def test_a_blocked_request_needs_a_reason_that_is_kept(base):
    th, us = pair(base)
    r = th.api("request.new", to="us.contact", ours="T-1", measure="preserve", urgency="urgent",
               fields=fields_of("preserve"), basis="eu-2023-1543")
    assert r["law"]["verdict"] == "cannot", r["law"]["verdict"]
    p = th.cli("request", "send", r["id"], check=False)
    assert p.returncode == 1 and "reason" in p.stderr, p
    th.cli("request", "send", r["id"], "--reason", "Asked for by the provider.")
    wait_for("the request over there", lambda: us.api("request.list", incoming=True)["requests"])
    shown = us.cli("request", "show", r["id"]).stdout
    assert "What the law says" in shown and "What stands in the way" in shown, shown
    p = us.cli("request", "answer", r["id"], "accepted", check=False)
    assert p.returncode == 1 and "reason" in p.stderr, p
    us.cli("request", "answer", r["id"], "accepted", "--why", "Our statute allows it.")
    shown = us.cli("request", "show", r["id"], "--law").stdout
    assert "against the advice" in shown and "Our statute allows it." in shown, shown
    us.stop()
    assert "0" in us.cli("rebuild").stdout
    us.start()
    assert "Our statute allows it." in us.cli("request", "show", r["id"], "--law").stdout
    assert "Our statute" not in th.cli("request", "show", r["id"], "--law").stdout


def test_a_published_profile_reaches_partners_with_whose_word_it_is(base):
    th, us = pair(base)
    file = pathlib.Path(base) / "us.json"
    file.write_text(json.dumps({"profile": "US", "name": "United States", "facts": [
        {"id": "US.own-1", "about": "language/accepted", "value": ["en"], "known": "2026-11-20", "source": "COC",
         "certainty": "verified"}]}))
    p = th.cli("law", "publish", str(file), check=False)
    assert p.returncode == 1 and "US" in p.stderr, p
    us.cli("law", "publish", str(file))
    wait_for("the profile", lambda: "US.own-1" in th.cli("law", "show", "US", "--node").stdout)
    assert "signed by us.contact" in th.cli("law", "show", "US", "--node").stdout
    assert "US.own-1" not in run("law", "show", "US").stdout
    file.write_text(file.read_text().replace("verified", "sure"))
    p = us.cli("law", "publish", str(file), check=False)
    assert p.returncode == 1 and re.search(r"us.json:\d+: .*certainty", p.stderr), p


def test_a_partner_accepted_later_gets_the_profile(base):
    th, us = pair(base)
    us.cli("directory", "block", "th.contact", "--reason", "A trial.")
    file = pathlib.Path(base) / "us.json"
    file.write_text(json.dumps({"profile": "US", "name": "United States", "facts": [
        {"id": "US.own-1", "about": "language/accepted", "value": ["en"], "known": "2026-11-20", "source": "COC",
         "certainty": "verified"}]}))
    us.cli("law", "publish", str(file))
    assert "US.own-1" not in th.cli("law", "show", "US", "--node").stdout
    us.cli("directory", "accept", "th.contact")
    wait_for("the profile", lambda: "US.own-1" in th.cli("law", "show", "US", "--node").stdout)


def test_an_answer_cut_off_by_its_reader_ends_quietly(base):
    p = subprocess.run(["sh", "-c", '"$0" law check --from TH --to US --measure preserve --json | head -c 1 >/dev/null',
                        BINARY], stderr=subprocess.PIPE, text=True)
    assert p.returncode == 0 and p.stderr == "", p


def test_the_questions_of_the_manual_are_answered(base):
    """Each command of the manual's page on the law runs, and says the words that stand below it in quotes."""
    text = (pathlib.Path(__file__).parents[2] / "docs" / "manual.md").read_text(encoding="utf-8")
    page = text.split("## The law\n")[1].split("\n## ")[0]
    asked = re.findall(r"```\n\s+comity (law check [^\n]*)\n\s+```\n(.*?)(?=\n\n)", page, re.S)
    assert len(asked) == 8, len(asked)
    for command, words in asked:
        p = run(*command.split())
        said = " ".join(p.stdout.split())
        assert p.returncode == 0, p
        wanted = re.findall(r'"([^"]+)"', " ".join(words.split()))
        assert wanted, command
        for w in wanted:
            assert w in said, (command, w, p.stdout)
    assert "may look at dual" not in run("law", "check", "--from", "DE", "--to", "CZ", "--measure", "preserve", "--conduct",
                              "other").stdout
    later = run("law", "check", "--from", "US", "--to", "NZ", "--measure", "preserve", "--date", "2025-12-01").stdout
    assert "the first basis is: Budapest Convention" in " ".join(later.split()), later
