#!/usr/bin/env python3
"""Makes tests/vectors/passkey.txt: registrations and sign-ins of software passkeys, one kind of key a pair of lines.
    kind what client auth sig     (hex; sig "-" for a registration; bad lines tell what is wrong with them)
Challenge 00 01 .. 1f, origin https://desk.example. Run again, it gives other keys and the same verdicts."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lib"))
import passkey  # noqa: E402

CHALLENGE = bytes(range(32))
ORIGIN = "https://desk.example"


def line(kind, what, said):
    return f"{kind} {what} {said['client']} {said['auth']} {said.get('sig', '-')}\n"


def wrong(p, out):
    """Each is signed well and wrong in one thing."""
    out.write(line(p.kind, "other-challenge", p.get(bytes(32))))
    out.write(line(p.kind, "cross-origin", p.get(CHALLENGE, crossOrigin=True)))
    out.write(line(p.kind, "other-origin", p.get(CHALLENGE, origin=ORIGIN + ".evil.example")))
    out.write(line(p.kind, "other-type", p.get(CHALLENGE, type="webauthn.create")))
    p.flags = passkey.PRESENT
    out.write(line(p.kind, "not-verified", p.get(CHALLENGE)))
    p.flags = passkey.VERIFIED
    out.write(line(p.kind, "not-present", p.get(CHALLENGE)))
    p.flags, p.rp_id = passkey.PRESENT | passkey.VERIFIED, "evil.example"
    out.write(line(p.kind, "other-site", p.get(CHALLENGE)))


def main():
    with open(os.path.join(HERE, "passkey.txt"), "w", encoding="ascii") as out:
        for kind in passkey.KINDS:
            p = passkey.Passkey(ORIGIN, kind=kind)
            out.write(line(kind, "register", p.create(CHALLENGE)))
            out.write(line(kind, "assert", p.get(CHALLENGE)))
            if kind == "ES256":
                wrong(p, out)


main()
