"""The life of a draft between two officers: decided, sent back, corrected, given up, and whose turn it is."""
import os
import re

from comity import ApiError, introduce, wait_for
from desk import desk_node, form_fields, officer, said
from test_inbox import ask
from test_spine import settled


def pair(base):
    th = desk_node(base, "th.contact", conf={"four_eyes": "*"})
    us = desk_node(base, "us.contact")
    introduce(th, us)
    for name, role in (("somchai", "duty"), ("noi", "duty"), ("malee", "approver"), ("ann", "auditor")):
        th.officer(name, role)
    return th, us


def turns(node, name):
    return {d["id"]: d["turn"] for d in node.api("inbox.list", _as=name)["drafts"]}


def shown(answer):
    """All words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", answer.text))


def refused(code, node, op, **more):
    try:
        node.api(op, **more)
    except ApiError as e:
        assert e.error == code, e
        return str(e)
    raise AssertionError(f"{op} was taken")


def test_each_is_told_what_is_theirs_to_do(base):
    th, us = pair(base)
    one = th.api("request.new", _as="somchai", **ask("us.contact"))["id"]
    assert turns(th, "malee") == {one: "decide"}
    assert turns(th, "somchai") == turns(th, "noi") == turns(th, "ann") == {one: ""}
    for reason in ({}, {"reason": " \n"}):
        assert "reason" in refused("EUSAGE", th, "request.approve", _as="malee", id=one, ok=False, **reason)
    assert turns(th, "malee") == {one: "decide"}, "a refusal that was not taken changed nothing"
    th.api("request.approve", _as="malee", id=one, ok=False, reason="Which account?")
    assert turns(th, "somchai") == {one: "correct"}
    assert turns(th, "noi") == turns(th, "malee") == {}
    two = th.api("request.new", _as="somchai", **ask("us.contact", replaces=one))["id"]
    assert turns(th, "somchai") == {two: ""} and turns(th, "malee") == {two: "decide"}
    th.api("request.approve", _as="malee", id=two)
    assert turns(th, "somchai") == turns(th, "noi") == {two: "send"} and turns(th, "malee") == {two: ""}
    th.api("request.send", _as="noi", id=two)
    wait_for("delivery", lambda: settled(th, two))
    assert turns(th, "somchai") == turns(th, "malee") == {}


def test_the_command_line_says_what_is_next(base):
    th, _ = pair(base)
    for name in ("somchai", "malee"):
        with open(os.path.join(th.home, "officers", name + ".token"), "w", encoding="utf-8") as f:
            f.write(th.tokens[name] + "\n")
    one = th.api("request.new", _as="somchai", **ask("us.contact"))["id"]

    def first(name):
        """What the inbox of an officer begins with: the title, and the row of the draft if it is there."""
        lines = th.cli("inbox", "--as", name).stdout.splitlines()
        return lines[0], next((x for x in lines[:3] if x.startswith(one)), "")

    title, row = first("malee")
    assert title == "Waiting for you" and "approve or reject" in row and "us.contact" in row, row
    assert first("somchai") == ("Waiting for us", "") and one in th.cli("inbox", "--as", "somchai").stdout
    text = th.cli("request", "approve", one, "--reject", "--reason", "Which account?", "--as", "malee").stdout
    assert f"request new --replaces {one}" in text, text
    title, row = first("somchai")
    assert title == "Waiting for you" and "sent back" in row, row
    two = th.api("request.new", _as="somchai", **ask("us.contact", replaces=one))["id"]
    assert f"comity request send {two}" in th.cli("request", "approve", two, "--as", "malee").stdout


def test_only_the_author_changes_a_draft_and_none_that_was_sent(base):
    th, us = pair(base)
    one = th.api("request.new", _as="somchai", **ask("us.contact"))["id"]
    refused("EREFUSED", th, "request.new", _as="noi", **ask("us.contact", replaces=one))
    assert turns(th, "malee") == {one: "decide"}, "neither was the old one dropped nor a new one made"
    th.api("request.approve", _as="malee", id=one)
    two = th.api("request.new", _as="somchai", **ask("us.contact", replaces=one))["id"]
    assert turns(th, "malee") == {two: "decide"}, "an approval does not pass on to what was changed"
    refused("EREFUSED", th, "request.send", _as="somchai", id=one)
    refused("EREFUSED", th, "request.new", _as="somchai", **ask("us.contact", replaces=one))
    th.api("request.approve", _as="malee", id=two)
    th.api("request.send", _as="somchai", id=two)
    refused("EREFUSED", th, "request.new", _as="somchai", **ask("us.contact", replaces=two))
    three = th.api("request.new", _as="somchai", **ask("us.contact"))["id"]
    th.api("request.approve", _as="malee", id=three, ok=False, reason="No.")
    th.api("request.withdraw", _as="somchai", id=three)
    refused("EREFUSED", th, "request.withdraw", _as="somchai", id=three)
    assert turns(th, "somchai") == {}
    assert {"draft.replaced", "draft.dropped"} <= {e["what"] for e in th.api("event.list", limit=100)["events"]}
    th.stop()
    th.cli("ledger", "check")


def test_a_case_closed_to_its_author_shows_none_of_it(base):
    th, us = pair(base)
    got = [th.api("request.new", _as="somchai", **ask("us.contact")) for _ in range(2)]
    for r in got:
        th.api("request.approve", _as="malee", id=r["id"], ok=False, reason="Which account?")
    back, shut = got[0]["id"], got[1]["id"]
    th.api("case.name", _as="noi", case_id=got[1]["case_id"], officer="noi")
    th.api("case.restrict", _as="noi", case_id=got[1]["case_id"], reason="he may be a friend of the suspect")
    th.api("case.name", _as="noi", case_id=got[1]["case_id"], officer="somchai", off=True)
    assert turns(th, "somchai") == {back: "correct"}, "what was sent back of a case closed to him is not his to see"
    refused("ENOTFOUND", th, "request.new", _as="somchai", **ask("us.contact", replaces=shut))
    refused("ENOTFOUND", th, "draft.keep", _as="somchai", measure="preserve", fields={}, replaces=shut)
    assert turns(th, "somchai") == {back: "correct"}, "and nothing was made instead"


def test_the_pages_lead_from_the_refusal_to_the_sending(base):
    th, us = pair(base)
    a, m = officer(th, "lek", "duty"), officer(th, "mod", "approver")
    page = a.post("/compose/preserve", {**form_fields(), "to": "us.contact", "ours": "D-1", "urgency": "emergency"})
    one = page.to
    assert one.startswith("/draft/"), said(page)
    assert "approve or reject" in shown(m.get("/")) and "D-1" in shown(m.get("/"))
    assert "approve or reject" not in shown(a.get("/"))
    again = m.post(one + "/approve", {"ok": "no", "reason": "  "})
    assert again.status == 400 and 'id="e-reason"' in again.text, "the draft is shown again, the fault at its field"
    m.post(one + "/approve", {"ok": "no", "reason": "Which <b>account</b>?"})
    inbox = a.get("/")
    assert "sent back: correct it or drop it" in shown(inbox) and "Which &lt;b&gt;account&lt;/b&gt;?" in inbox.text
    assert "Sent back by mod" in shown(a.get(one))
    link = f"/compose/preserve?draft={one.split('/')[-1]}"
    assert link in a.get(one).text
    form = a.get(link)
    assert 'value="D-1"' in form.text and 'value="emergency" selected' in form.text
    assert f'name="replaces" value="{one.split("/")[-1]}"' in form.text
    assert "Sent back by mod" in shown(form) and "First legal basis" in form.text, "why, and the law of both sides"
    assert m.get(link).status == 403, "who may not write requests does not get the form"
    again = a.post("/compose/preserve", {**form_fields(), "to": "us.contact", "ours": "D-2", "urgency": "emergency",
                                         "replaces": one.split("/")[-1]})
    two = again.to
    assert two.startswith("/draft/") and two != one, said(again)
    assert "given up, or another draft took its place" in shown(a.get(one))
    m.post(two + "/approve", {"ok": "yes", "reason": "Urgent; the law was looked at."})
    assert "has not been sent yet" in shown(m.get(two))
    assert "approved, not sent yet: sign and send it" in shown(a.get("/"))
    assert "Sign and send it" in shown(a.get(two))
    a.post(two + "/send", {"reason": "Urgent."})
    assert "It was sent" in shown(a.get(two)) and f"/request/{two.split('/')[-1]}" in a.get(two).text
    three = a.post("/compose/preserve", {**form_fields(), "to": "us.contact", "ours": "D-3", "urgency": "routine"}).to
    assert m.post(three + "/drop").status == 403
    assert a.post(three + "/drop").to == "/"
    assert "D-3" not in shown(a.get("/"))
