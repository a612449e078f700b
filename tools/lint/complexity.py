#!/usr/bin/env python3
"""No function over 100 lines or McCabe 15 (pmccabe's modified count: a switch is one), except those in
tools/complexity.allow, which may only shrink: an entry that is not needed any more is a fault too.
ctags counts the functions a second time, so that pmccabe cannot lose one unseen."""
import os
import subprocess
import sys

import sources

LINES, MCCABE = 100, 15


def measured(paths):
    """(path, function) -> (mccabe, lines)"""
    out = subprocess.run(["pmccabe", *paths], cwd=sources.ROOT, capture_output=True, text=True, check=True).stdout
    found = {}
    for line in out.splitlines():
        cols = line.split("\t")
        if len(cols) < 6:
            continue
        where, _, name = cols[5].partition(": ")
        path = where.split("(")[0]
        found[(path, name)] = (int(cols[0]), int(cols[4]))
    return found


def tagged(paths):
    out = subprocess.run(["ctags", "-x", "--c-kinds=f", "--languages=C,C++", *paths], cwd=sources.ROOT,
                         capture_output=True, text=True, check=True).stdout
    found = set()
    for line in out.splitlines():
        cols = line.split(None, 4)
        found.add((cols[3], cols[0]))
    return found


def allowed():
    entries = {}
    for line in sources.read(os.path.join("tools", "complexity.allow")).splitlines():
        line = line.partition("#")[0].strip()
        if line:
            path, name = line.split()
            entries[(path, name)] = False
    return entries


def judge(found, entries):
    faults = []
    for key, (mccabe, lines) in sorted(found.items()):
        if mccabe <= MCCABE and lines <= LINES:
            continue
        if key in entries:
            entries[key] = True
            continue
        faults.append(f"{key[0]}: {key[1]} has complexity {mccabe} and {lines} lines (limits {MCCABE} and {LINES})")
    faults += [f"tools/complexity.allow: {p} {n} is no longer needed; remove the line"
               for (p, n), used in entries.items() if not used]
    return faults


def selftest():
    assert judge({("a.c", "f"): (16, 10)}, {})
    assert judge({("a.c", "f"): (1, 101)}, {})
    assert judge({("a.c", "f"): (1, 1)}, {("a.c", "f"): False})
    assert not judge({("a.c", "f"): (16, 10)}, {("a.c", "f"): False})


def main():
    selftest()
    paths = sources.files(["src", "tests"], (".c",))
    if not paths:
        sources.report("complexity", 0, [], "")
    found = measured(paths)
    faults = judge(found, allowed())
    lost = tagged(paths) - set(found)
    faults += [f"{p}: pmccabe does not see {n}; write its head more plainly" for p, n in sorted(lost)]
    worst = max(found.items(), key=lambda x: x[1][0], default=(("", "none"), (0, 0)))
    print(f"complexity: {len(found)} functions, the most complex is {worst[0][1]} with {worst[1][0]}")
    sources.report("complexity", len(paths), faults, "split the function: a table, or a helper with a name")


if __name__ == "__main__":
    sys.exit(main())
