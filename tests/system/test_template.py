"""Templates of forms: one's own, the unit's, and what happens when the form has changed."""
import json

from comity import ApiError, fields_of, introduce
from desk import NOBODY, desk_node, form_fields, officer, said, sql

EVIL = '"><img src=x onerror=alert(1)>'


def refused(node, op, status, words, **args):
    try:
        node.api(op, **args)
    except ApiError as e:
        assert e.status == status and words in e.message, e
        return
    raise AssertionError(f"{op} was allowed")


def test_a_draft_becomes_a_template_and_begins_the_next(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    b = officer(th, "malee", "duty")
    b.get("/compose/preserve")
    draft = b.post("/compose/preserve", form_fields(conduct="A phishing page."), to="us.contact", ours="X-1", urgency="urgent").to
    b.get(draft)
    page = b.follow(b.post(draft + "/template", template_name="Phishing " + EVIL))
    assert "It is kept as a template." in page.text and EVIL not in page.text
    listed = b.get("/compose")
    assert "Phishing" in listed.text and EVIL not in listed.text
    one = th.api("template.list", _as="malee")["templates"][0]
    form = b.get(f"/compose/preserve?template={one['id']}")
    assert "A phishing page." not in form.text and "203.0.113.9" not in form.text, "that case's own facts"
    assert "Logs are deleted after 30 days." in form.text and EVIL not in form.text
    assert 'value="us.contact" selected' in form.text and 'value="urgent" selected' in form.text
    kept = b.post("/compose/preserve", form_fields(conduct="Another page."), keep="template", template_id=one["id"],
                  template_name="Phishing")
    assert kept.status == 200 and "Kept as the template" in kept.text
    assert [t["name"] for t in th.api("template.list", _as="malee")["templates"]] == ["Phishing"], "changed, not doubled"
    assert th.api("template.show", _as="malee", id=one["id"])["fields"]["conduct"] == "Another page."
    b.get("/compose")
    assert "Phishing" not in b.follow(b.post(f"/template/{one['id']}/drop")).text
    refused(th, "template.show", 404, "no template", _as="malee", id=one["id"])


def test_whose_template_it_is(base):
    n = desk_node(base, "th.contact")
    n.api("unit.add", name="fraud", title="Fraud")
    for name in ("malee", "somchai", "olga"):
        n.officer(name, "duty")
    n.api("user.unit", name="olga", unit="fraud")
    mine = n.api("template.save", _as="malee", measure="preserve", name="mine", fields={"conduct": "x"})["id"]
    ours = n.api("template.save", _as="malee", measure="preserve", name="ours", fields={"conduct": "y"}, shared=True)["id"]
    assert {t["name"] for t in n.api("template.list", _as="malee")["templates"]} == {"mine", "ours"}
    assert {t["name"] for t in n.api("template.list", _as="somchai")["templates"]} == {"ours"}
    assert not n.api("template.list", _as="olga")["templates"]
    for who, which in (("somchai", mine), ("olga", mine), ("olga", ours), ("admin", mine)):
        for op, more in (("template.show", {}), ("template.drop", {}),
                         ("template.save", {"measure": "preserve", "name": "z", "fields": {}})):
            refused(n, op, 404, "no template", _as=who, id=which, **more)
    n.api("template.save", _as="somchai", id=ours, measure="preserve", name="ours 2", fields={"conduct": "z"}, shared=True)
    refused(n, "template.save", 409, "malee made it", _as="somchai", id=ours, measure="preserve", name="mine now", fields={})
    assert n.api("template.show", _as="malee", id=ours)["fields"] == {"conduct": "z"}
    events = [e["what"] for e in n.api("event.list", what="template")["events"]]
    assert events == ["template.saved", "template.saved"], events
    n.api("user.unit", name="somchai", unit="none")
    refused(n, "template.save", 409, "in no unit", _as="somchai", measure="preserve", name="q", fields={}, shared=True)


def test_fields_that_the_form_does_not_take(base):
    n = desk_node(base, "th.contact")
    b = officer(n, "malee", "duty")
    save = {"_as": "malee", "measure": "preserve", "name": "t"}
    for fields, words in (({"nonsense": "x"}, "nonsense"), ({"days": 5}, "days"), ({"conduct": 7}, "conduct"),
                          ({"data": ["everything"]}, "data")):
        refused(n, "template.save", 409, words, fields=fields, **save)
    refused(n, "template.save", 404, "no form", **{**save, "measure": "nothing"}, fields={})
    refused(n, "template.save", 409, "conduct", **save, fields={"conduct": "x" * 300000})
    one = n.api("template.save", fields={"conduct": "x", "days": 90}, **save)["id"]
    # The form has changed since: one field is gone, of another the values are others.
    sql(n, "UPDATE form_template SET fields = ? WHERE id = ?", json.dumps({"conduct": "x", "days": 30, "gone": "y"}), one)
    shown = n.api("template.show", _as="malee", id=one)
    assert shown["fields"] == {"conduct": "x"} and sorted(shown["left_out"]) == ["days", "gone"]
    page = b.get(f"/compose/preserve?template={one}")
    assert page.status == 200 and "left out" in page.text and "gone" in page.text
    assert b.get(f"/compose/subscriber?template={one}").status == 404, "of another form"
    for wrong in (NOBODY, "x", "%00"):
        assert b.get(f"/compose/preserve?template={wrong}").status in (400, 404), wrong


def test_a_form_begins_with_the_contacts_of_last_time(base):
    th, us = desk_node(base, "th.contact"), desk_node(base, "us.contact")
    introduce(th, us)
    b, c = officer(th, "malee", "duty"), officer(th, "somchai", "duty")
    first = b.get("/compose/preserve").text
    assert 'value="Test desk th.contact"' in first, "our own name at first"
    assert 'value="60"' in first, "the usual number of days"
    fields = fields_of("preserve")
    b.post("/compose/preserve", form_fields(), to="us.contact", ours="X-1", urgency="urgent")
    again = b.get("/compose/preserve").text
    assert fields["authority"]["email"] in again and fields["conduct"][:20] not in again
    assert fields["authority"]["email"] not in c.get("/compose/preserve").text, "not another officer's"
