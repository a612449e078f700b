"""Passkeys at a real desk, with an authenticator in software: sign in without a name, and every trick against it."""
import re

import passkey
from desk import Browser, desk_node, hidden, invite, officer, said


def one(base):
    return desk_node(base, "th.contact")


def origin(node):
    return f"http://localhost:{node.desk}"


def asked(page):
    """What the page's script would take from the form: the challenge, and for whom a new key is."""
    form = re.search(r'<form class="passkey".*?</form>', page.text, re.S).group(0)
    user = re.search(r'data-user="([0-9a-f]*)"', form)
    return bytes.fromhex(re.search(r'data-challenge="([0-9a-f]+)"', form).group(1)), bytes.fromhex(
        user.group(1) if user else ""), form


def welcome(node, name, key=None):
    """An officer who begins with a passkey and nothing else."""
    b, key = Browser(node), key or passkey.Passkey(origin(node))
    page = b.get("/welcome?code=" + invite(node, name))
    challenge, user, form = asked(page)
    b.follow(b.post("/welcome/passkey", {**hidden(page), **key.create(challenge, user),
                                         "challenge": challenge.hex(), "device": "key on the ring"}))
    return b, key


def sign_in(node, key, b=None, **more):
    b = b or Browser(node)
    challenge, _, _ = asked(b.get("/sign-in"))
    return b, b.post("/sign-in/passkey", {"challenge": challenge.hex(), **key.get(challenge), **more}, token=False)


def test_passkey_from_invitation_to_sign_in(base):
    node = one(base)
    node.officer("malee", "duty")
    b, key = welcome(node, "malee")
    assert b.inside()
    account = b.get("/account").text
    assert "key on the ring" in account
    b.post("/sign-out")
    for kind in range(2):
        b, a = sign_in(node, key)
        assert a.status == 303 and a.to == "/" and b.inside()
    assert "passkey.added" in [e["what"] for e in node.api("event.list")["events"]]
    page = Browser(node).get("/sign-in")
    form = asked(page)[2]
    assert "hidden method" in form, "without script the form is not shown"
    assert 'name="password"' in page.text


def test_passkey_of_every_kind_signs_in(base):
    node = one(base)
    for kind in passkey.KINDS:
        name = kind.lower()
        node.officer(name, "duty")
        _, key = welcome(node, name, passkey.Passkey(origin(node), kind=kind))
        b, a = sign_in(node, key)
        assert a.status == 303 and b.inside(), kind


def test_passkey_is_not_replayed(base):
    node = one(base)
    node.officer("malee", "duty")
    _, key = welcome(node, "malee", passkey.Passkey(origin(node), counts=False))
    b = Browser(node)
    challenge, _, _ = asked(b.get("/sign-in"))
    form = {"challenge": challenge.hex(), **key.get(challenge)}
    assert b.post("/sign-in/passkey", form, token=False).status == 303
    again = Browser(node)
    a = again.post("/sign-in/passkey", form, token=False)
    assert a.status == 403 and "used already" in said(a) and not again.inside()
    other = bytes(32)
    a = again.post("/sign-in/passkey", {"challenge": other.hex(), **key.get(other)}, token=False)
    assert a.status == 403, "a challenge that we did not make"
    assert sign_in(node, key)[1].status == 303, "one that does not count signs in again"


def test_passkey_that_counts_back_is_refused_and_told(base):
    node = one(base)
    node.officer("malee", "duty")
    _, key = welcome(node, "malee")
    assert sign_in(node, key)[1].status == 303
    key.count = 0
    b, a = sign_in(node, key)
    assert a.status == 403 and "copy" in said(a) and not b.inside()
    assert "passkey.copied" in [e["what"] for e in node.api("event.list")["events"]]


def test_passkey_wrong_in_one_thing_is_refused(base):
    node = one(base)
    node.officer("malee", "duty")
    node.officer("somchai", "duty")
    _, key = welcome(node, "malee", passkey.Passkey(origin(node), counts=False))
    _, other = welcome(node, "somchai", passkey.Passkey(origin(node), counts=False))
    for more in ({"user": other.user.hex()}, {"id": other.id.hex()}, {"id": "00" * 32}, {"sig": "3006"},
                 {"client": "7b7d"}, {"auth": "00"}, {"id": "zz"}, {"id": ""}, {"challenge": "00"},
                 {"client": "00" * 3000}):
        b, a = sign_in(node, key, **more)
        assert a.status in (400, 403) and not b.inside(), (more, a.status, said(a))
    key.flags = passkey.PRESENT
    a = sign_in(node, key)[1]
    assert a.status == 403 and "PIN" in said(a)
    key.flags = passkey.PRESENT | passkey.VERIFIED
    key.origin = "http://localhost:1"
    assert sign_in(node, key)[1].status == 403


def test_wrong_passkeys_hinder_no_right_one(base):
    node = one(base)
    node.officer("malee", "duty")
    _, key = welcome(node, "malee")
    stranger = passkey.Passkey(origin(node))
    stranger.user = bytes(32)
    assert {sign_in(node, stranger)[1].status for _ in range(30)} == {403}
    assert sign_in(node, key)[1].status == 303


def test_passkey_is_made_by_whom_it_is_for(base):
    node = one(base)
    malee, somchai = officer(node, "malee", "duty"), officer(node, "somchai", "duty")
    challenge, user, _ = asked(malee.get("/account"))
    key = passkey.Passkey(origin(node))
    form = {**key.create(challenge, user), "challenge": challenge.hex()}
    somchai.get("/account")
    a = somchai.post("/account/passkey", form)
    assert a.status == 403, "a challenge for malee is none for somchai"
    b = Browser(node)
    assert b.post("/account/passkey", form).to == "/sign-in"
    assert malee.post("/account/passkey", form, token=False).status == 403, "not without the form's token"
    assert malee.post("/account/passkey", form).status == 303
    assert malee.post("/account/passkey", form).status == 403, "a challenge is taken once"
    challenge, user, shown = asked(malee.get("/account"))
    assert key.id.hex() in shown, "the device is told what it has already"
    a = malee.post("/account/passkey", {**key.create(challenge, user), "challenge": challenge.hex()})
    assert a.status == 409 and "known here" in said(a)
    b, a = sign_in(node, key)
    assert a.status == 303 and b.inside()
    way = re.search(r"/account/passkey/(\d+)/drop", malee.get("/account").text).group(1)
    somchai.post(f"/account/passkey/{way}/drop")
    assert sign_in(node, key)[1].status == 303, "one removes one's own only"
    assert malee.post(f"/account/passkey/{way}/drop").status == 303
    assert sign_in(node, key)[1].status == 403


def test_invitation_ends_what_was_before(base):
    node = one(base)
    b = officer(node, "malee", "duty")
    _, key = welcome(node, "malee")
    old = Browser(node)
    old.key = b.key
    old.get("/sign-in")
    assert old.sign_in("malee", ahead=1).status == 403, "the old password"
    inside, a = sign_in(node, key)
    assert a.status == 303
    way = re.search(r"/account/passkey/(\d+)/drop", inside.get("/account").text).group(1)
    a = inside.post(f"/account/passkey/{way}/drop")
    assert a.status == 409 and "only way" in said(a)
    Browser(node).welcome(node, "malee")
    assert sign_in(node, key)[1].status == 403, "the old passkey"


def test_disabled_officer_signs_in_no_more(base):
    node = one(base)
    node.officer("malee", "duty")
    b, key = welcome(node, "malee")
    node.api("user.disable", name="malee")
    assert not b.inside()
    assert sign_in(node, key)[1].status == 403
