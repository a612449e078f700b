"""Two views of one request: a provider's node never holds what is for the authority only."""
import re

from comity import ApiError, fields_of, introduce, wait_for
from desk import desk_node, form_fields, officer, said, sql

SECRET = "the informant lives in the harbour"


def world(base):
    th = desk_node(base, "th.contact", conf={"four_eyes": "*"})
    jp = desk_node(base, "jp.provider", role="provider")
    introduce(th, jp)
    return th, jp


def hold(node, words):
    """Does anything in this node's database hold the words?"""
    rows = sql(node, "SELECT bytes FROM record") + sql(node, "SELECT record FROM draft") + sql(node, "SELECT detail FROM event")
    return any(words in (v.decode("utf-8", "replace") if isinstance(v, bytes) else v) for (v,) in rows)


def test_a_provider_gets_its_view_alone(base):
    th, jp = world(base)
    malee, boss = officer(th, "malee", "duty"), officer(th, "anan", "approver")
    ken = officer(jp, "ken", "duty")
    fields = form_fields(conduct=SECRET, necessity=SECRET + " 2", relation=SECRET + " 3")
    malee.get("/compose/preserve")
    a = malee.post("/compose/preserve", fields, to="jp.provider", ours="X-1", urgency="urgent")
    assert a.status == 303, said(a)
    draft = malee.get(a.to).text
    seen, kept = draft.split("not sent to the provider", 1)
    assert SECRET not in seen and "What the provider sees" in seen and SECRET + " 3" in kept
    assert SECRET not in malee.get(a.to + "/preview").text, "the preview is what they get"
    boss.get(a.to)
    boss.follow(boss.post(a.to + "/approve", ok="yes"))
    malee.get(a.to)
    case = malee.post(a.to + "/send")
    assert case.status == 303, said(case)
    rid = a.to.rsplit("/", 1)[1]
    wait_for("delivery", lambda: (th.api("request.show", id=rid)["timeline"][0]["delivery"] or {}).get("state") == "delivered")
    assert th.api("request.show", id=rid)["withheld"]["conduct"] == SECRET
    assert SECRET in malee.get("/request/" + rid).text, "we go on seeing what was kept back"
    assert not hold(jp, "informant"), "nothing of it reached the provider"
    page = ken.get("/request/" + rid)
    assert page.status == 200 and SECRET not in page.text
    assert jp.api("request.show", id=rid).get("withheld") is None
    jp.api("request.answer", id=rid, state="acknowledged")


def test_what_would_be_lost_is_refused(base):
    th, jp = world(base)
    th.stop()
    th.configure({"four_eyes": ""})
    th.start()
    ask = {"to": "jp.provider", "ours": "X-2", "measure": "preserve", "urgency": "routine", "fields": fields_of("preserve")}
    result = th.api("request.submit_many", requests=[ask])["results"][0]
    assert "provider" in result["message"] and "request.new" in result["message"], result
    for code in ("conduct", "relation", "necessity"):
        del ask["fields"][code]
    result = th.api("request.submit_many", requests=[ask])["results"][0]
    assert "error" not in result, result
    wait_for("arrival", lambda: jp.api("request.list", incoming=True)["requests"])


def test_a_provider_refuses_the_whole_view(base):
    """The sender takes this node for a contact point, as an old entry said: the whole view comes, and is not taken."""
    th = desk_node(base, "th.contact")
    jp = desk_node(base, "jp.provider")
    introduce(th, jp)
    jp.stop()
    jp.configure({"role": "provider"})
    jp.start()
    ask = {"to": "jp.provider", "ours": "X-3", "measure": "preserve", "urgency": "urgent", "fields": fields_of("preserve")}
    rid = th.api("request.new", **ask)["id"]
    th.api("request.send", id=rid, reason="test")
    row = wait_for("the refusal", lambda: [d for d in th.api("delivery.list")["deliveries"] if d["state"] == "refused"])[0]
    assert "provider" in row["last_error"], row
    assert not jp.api("request.list", incoming=True)["requests"] and not hold(jp, fields_of("preserve")["conduct"][:30])
