#!/usr/bin/env python3
"""A variable that cleans up after itself must hold something before the function can be left: a return (or a
TRY) between its declaration and its begin would free what happens to be there."""
import re
import sys

import sources

BEGIN = {"co_auto_buf": "co_buf_init", "record_auto": "record_init"}
DECLARED = re.compile(r"^\t+(\w*_auto|co_auto_\w+)\s+([^=;{]*(?:=.*)?)")
LEAVES = re.compile(r"\breturn\b|\bTRY\(|\bgoto\b")


def unbegun(line):
    """Names that this declaration leaves without a value, with their type."""
    m = DECLARED.match(line)
    if m is None or "(" in m.group(2).split("=")[0]:
        return []
    names = []
    # Of "a, b = 1, c" only the names before the first value are looked at: b has one, c is rare.
    parts = m.group(2).rstrip(";").split("=")[0].split(",")
    for part in parts[:-1] if "=" in m.group(2) else parts:
        if part.strip():
            names.append((part.strip().lstrip("*").split()[-1].lstrip("*"), m.group(1)))
    return names


def check(path, text):
    waiting = {}
    for number, line in enumerate(sources.strip_comments(text).split("\n"), 1):
        if line.startswith("}"):
            waiting = {}
        for name, kind in unbegun(line):
            if kind in BEGIN:
                waiting[name] = (kind, number)
            elif not line.rstrip().endswith(","):
                yield f"{path}:{number}: {name} cleans up after itself and begins with nothing: = NULL or = -1"
        for name, (kind, at) in list(waiting.items()):
            if re.search(rf"\b{BEGIN[kind]}\(&{name}\b", line) or re.search(rf"^\t+{name} = ", line) or \
                    (number > at and re.search(rf"\(&{name}\b", line) and not LEAVES.search(line)):
                del waiting[name]
            elif number > at and LEAVES.search(line) and not re.search(rf"&{name}\b", line):
                yield f"{path}:{number}: left before {name} (line {at}) was begun with {BEGIN[kind]}"
                del waiting[name]


def selftest():
    head = "enum co_rc\nf(void)\n{\n\tco_auto_buf a, b;\n\n"
    assert list(check("a.c", head + "\tco_buf_init(&a, 1);\n\tif (x)\n\t\treturn 1;\n\tco_buf_init(&b, 1);\n}\n"))
    assert not list(check("a.c", head + "\tco_buf_init(&a, 1);\n\tco_buf_init(&b, 1);\n\treturn 1;\n}\n"))
    assert list(check("a.c", "\tco_auto_fd fd;\n"))
    assert list(check("a.c", "\tco_auto_free char *x;\n"))
    assert not list(check("a.c", "\tco_auto_fd a = -1, b = -1;\n\tcert_auto *c = NULL;\n"))


def main():
    selftest()
    found = sources.files(["src", "tests"], (".c", ".h"))
    faults = [fault for path in found for fault in check(path, sources.read(path))]
    sources.report("begun", len(found), faults, "begin it first, or move the declaration behind the early return")


if __name__ == "__main__":
    sys.exit(main())
