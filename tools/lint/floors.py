#!/usr/bin/env python3
"""Holds the floors of the house: a lower room never includes a higher one, and each outside library
has one room that may name it."""
import os
import re
import sys

import sources

FLOORS = [["base"], ["words", "paper", "crypto"], ["record"], ["store"], ["ledger", "vault", "law", "examine"], ["exchange"], ["evidence"],
          ["network"], ["desk"], ["cli", "printer"]]
FLOOR_OF = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
# header prefix -> the only rooms that may include it
OWNERS = {"openssl/": {"crypto"}, "sqlite3": {"store"}, "event2/": {"network"}, "curl/": {"network"},
          "archive": {"evidence"}, "zstd": {"vault", "evidence"}, "zlib": {"network", "evidence"}, "libxml/": {"record"},
          "argon2": {"desk"}, "liboath/": {"desk"}, "fido": {"desk"}, "cairo": {"printer"}, "pango/": {"printer"},
          "libewf": {"examine"}, "tsk/": {"examine"}, "yara": {"examine"}, "magic": {"examine"}}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def check(path, text):
    faults, room = [], path.split(os.sep)[1]
    if os.path.dirname(path) == "src":
        return [f"{path}: a source file stands in a room, not beside them"]
    if room not in FLOOR_OF:
        return [f"{path}: the room {room} has no floor; give it one in tools/lint/floors.py"]
    for number, line in enumerate(text.split("\n"), 1):
        m = INCLUDE.match(line)
        if m is None:
            continue
        own, outside = m.groups()
        if outside:
            for prefix, rooms in OWNERS.items():
                if outside.startswith(prefix) and room not in rooms:
                    faults.append(f"{path}:{number}: only {' and '.join(sorted(rooms))} may include <{outside}>")
            continue
        other = own.split("/")[0] if "/" in own else room
        if other not in FLOOR_OF:
            faults.append(f"{path}:{number}: \"{own}\" names no room")
        elif other != room and FLOOR_OF[other] >= FLOOR_OF[room]:
            faults.append(f"{path}:{number}: {room} may not include {other} (not on a lower floor)")
    return faults


def selftest():
    """A check that cannot fail checks nothing."""
    assert check("src/base/x.c", '#include "ledger/ledger.h"\n')
    assert check("src/ledger/x.c", '#include "vault/vault.h"\n')
    assert check("src/network/x.c", "#include <openssl/ssl.h>\n")
    assert not check("src/network/x.c", '#include "exchange/op.h"\n#include <event2/event.h>\n')


def main():
    selftest()
    found = sources.files(["src"], (".c", ".h"))
    faults = [fault for path in found for fault in check(path, sources.read(path))]
    sources.report("floors", len(found), faults, "DESIGN: base < words, paper, crypto < record < store < ledger, vault < "
                   "exchange < evidence < network < cli")


if __name__ == "__main__":
    sys.exit(main())
