"""Directory entries over the years: a newer one is taken in by itself, an older one or another root is not."""
import comity
from comity import ApiError, Node, introduce


def refused(f, error, *words):
    try:
        got = f()
    except ApiError as e:
        assert e.error == error, (e.error, e.message)
        for w in words:
            assert w in e.message, e.message
        return
    raise AssertionError(f"not refused: {got}")


def pair(base):
    th = Node(base, "th.contact").start()
    us = Node(base, "us.contact").start()
    introduce(th, us)
    return th, us


def name_of(node, address):
    return node.api("directory.show", address=address)["entry"]["name"]


def test_a_newer_entry_is_fetched_and_an_older_one_refused(base):
    th, us = pair(base)
    old = us.api("directory.self")
    got = th.api("directory.refresh", address="us.contact")
    assert got["news"] is False and got["state"] == "accepted", got
    size = th.api("ledger.checkpoint")["size"]
    us.stop()
    us.configure({"name": "Another name", "hours": "weekdays"})
    us.start()
    got = th.api("directory.refresh", address="us.contact")
    assert got["news"] is True and got["name"] == "Another name", got
    assert name_of(th, "us.contact") == "Another name"
    assert th.api("ledger.checkpoint")["size"] > size
    # Once is enough.
    assert th.api("directory.refresh", address="us.contact")["news"] is False
    # What was in force before would bring back what was withdrawn since.
    refused(lambda: th.api("directory.offer", bytes=old["bytes"], sig=old["sig"]), "EREFUSED", "older", "refresh")
    assert name_of(th, "us.contact") == "Another name"
    p = th.cli("directory", "refresh", "us.contact")
    assert "Another name" in p.stdout, p.stdout


def test_only_accepted_partners_and_only_their_root(base):
    th, us = pair(base)
    th.api("directory.block", address="us.contact", reason="a test")
    refused(lambda: th.api("directory.refresh", address="us.contact"), "EDENIED")
    refused(lambda: th.api("directory.refresh", address="jp.contact"), "ENOTFOUND")
    th.officer("dana", "duty")
    refused(lambda: th.api("directory.refresh", _as="dana", address="us.contact"), "EDENIED")
    us.stop()
    refused(lambda: th.api("directory.refresh", address="us.contact"), "EDENIED")


def test_a_partner_that_is_away_is_no_harm(base):
    th, us = pair(base)
    us.stop()
    refused(lambda: th.api("directory.refresh", address="us.contact"), "ENETWORK")
    assert th.api("directory.show", address="us.contact")["state"] == "accepted"
