#!/usr/bin/env python3
"""The style that a machine can hold: tabs, 100 columns, a return type on its own line, the comment that opens
a public header. `style.py --fix` repairs what is mechanical."""
import os
import re
import sys

import sources

WIDTH = 100
# "int name(" at the left edge followed by a body: the return type belongs on a line of its own.
ONE_LINE_DEF = re.compile(r"^(?!static inline\b)[A-Za-z_][\w\s\*]*[\s\*]\w+\([^;]*\)\s*$")
HEADER_LINES, HEADER_COMMENT = 120, (2, 8)
OPTIONAL = ("src/base/", "tests/")


def columns(line):
    return len(line.expandtabs(8))


def check_lines(path, lines):
    for number, line in enumerate(lines, 1):
        at = f"{path}:{number}"
        if line.rstrip() != line:
            yield f"{at}: blanks at the end of the line"
        if columns(line) > WIDTH:
            yield f"{at}: {columns(line)} columns, {WIDTH} is the limit"
        if line.startswith("    ") and path.endswith((".c", ".h")):
            yield f"{at}: indent with a tab"
        if "\r" in line:
            yield f"{at}: carriage return"
        if path.endswith(".c") and number < len(lines) and lines[number] == "{" and ONE_LINE_DEF.match(line) \
                and " " in line.split("(")[0].strip() and not line.startswith(("struct", "enum", "union")) \
                and "=" not in line:
            yield f"{at}: the return type stands on a line of its own"
        if re.match(r"\s*typedef\s+struct\b", line):
            yield f"{at}: no typedef of structs"


def check_header(path, text, lines):
    if not path.startswith("src/"):
        return
    if "#pragma once" not in text:
        yield f"{path}:1: #pragma once is missing"
    m = re.match(r"/\*.*?\*/", text, re.S)
    n = m.group(0).count("\n") + 1 if m else 0
    low = 1 if path.startswith(OPTIONAL) or path.endswith("internal.h") else HEADER_COMMENT[0]
    if not low <= n <= HEADER_COMMENT[1]:
        yield f"{path}:1: a header opens with a comment of 2 to 8 lines: what for, what never, which format"
    if len(lines) > HEADER_LINES:
        yield f"{path}: {len(lines)} lines, a header has at most {HEADER_LINES}"


def check(path, text):
    lines = text.split("\n")
    faults = list(check_lines(path, lines[:-1] if lines[-1] == "" else lines))
    if text and not text.endswith("\n"):
        faults.append(f"{path}: the last line does not end")
    if path.endswith(".h"):
        faults += check_header(path, text, lines)
    if path.endswith(".c") and len(lines) > 800:
        faults.append(f"{path}: {len(lines)} lines; split the file (aim for 300)")
    return faults


# Where a line may end: after a comma, between two literals, before an operator of logic or choice.
BREAKS = re.compile(r', |" (?=")|(?<=\S) (?=&& |\|\| |\? |: )|(?<== )')


def in_string(line, at):
    return line[:at].replace('\\\\', "").replace('\\"', "").count('"') % 2 == 1


def wrap(line, continued):
    """Breaks one long line where it fits best: (kept, rest); None when no place is good."""
    indent = re.match(r"\t*", line).group(0)
    deeper = indent if continued else indent + "\t"
    if line.endswith(" CO_NODISCARD;"):
        return line[:-len(" CO_NODISCARD;")], deeper + "CO_NODISCARD;"
    comment = re.match(r"(\t*)(/\* | \* )", line)
    if comment:
        body = re.sub(r" \*/$", "\0*/", line)
        at = max((m.start() for m in re.finditer(" ", body) if columns(body[:m.start()]) <= WIDTH), default=0)
        head = comment.group(1) + " * "
        return (line[:at], head + line[at + 1:]) if at > len(head) else None
    if "/*" in line or line.startswith("#") or line.endswith("\\"):
        return None
    best = None
    for m in BREAKS.finditer(line):
        literal = m.group(0).startswith('"')
        at = m.start() + (1 if m.group(0).startswith(",") or literal else 0)
        if columns(line[:at]) > WIDTH or in_string(line, m.start() + literal) or not line[:at].strip():
            continue
        # Outside of inner calls if that leaves a line worth its place; otherwise as far as it goes.
        depth = line[:at].count("(") - line[:at].count(")") if columns(line[:at]) > WIDTH // 2 else 99
        depth += {"": 9, " ": 2}.get(m.group(0), 0)  # after "=", before an operator: only if nothing else is there
        if best is None or depth <= best[0]:
            best = (depth, at)
    if best:
        return line[:best[1]].rstrip(), deeper + line[best[1]:].lstrip()
    # A literal that is too long alone: in two, after a blank.
    cuts = [i + 1 for i, c in enumerate(line) if c == " " and columns(line[:i + 1]) < WIDTH and in_string(line, i)]
    if line.lstrip().startswith('"') and cuts:
        return line[:cuts[-1]] + '"', indent + '"' + line[cuts[-1]:]
    return None


def joined(rest, following):
    """The remainder of a broken line flows into the next line of the same paragraph."""
    if following is None:
        return None
    a, b = re.match(r"\t*( \* )?", rest), re.match(r"\t*( \* )?", following)
    flows = rest.endswith((",", "(", "&&", "||", "?", ":", "=")) or "*" in a.group(0)
    literals = rest.lstrip().startswith('"') and following.lstrip().startswith('"')
    if a.group(0) == b.group(0) and a.group(0) and flows and not literals and not rest.endswith("*/"):
        return rest + " " + following[b.end():]
    return None


def fix(text):
    out, todo = [], [line.rstrip() for line in text.split("\n")]
    while todo:
        line = todo.pop(0)
        before = out[-1] if out else ""
        continued = before.endswith((",", "(", "||", "&&", "=", "?")) and line.startswith("\t")
        parts = wrap(line, continued) if columns(line) > WIDTH else None
        if parts is None:
            out.append(line)
            continue
        out.append(parts[0])
        merged = joined(parts[1], todo[0] if todo else None)
        if merged is not None:
            todo[0] = merged
        else:
            todo.insert(0, parts[1])
    return "\n".join(out).rstrip("\n") + "\n"


def selftest():
    assert check("src/x/a.c", "int a;   \n")
    assert check("src/x/a.c", "int\nf(void)\n{\n    return 0;\n}\n")
    assert check("src/x/a.c", "int f(void)\n{\n\treturn 0;\n}\n")
    assert check("src/x/a.h", "#pragma once\n")
    assert check("src/x/a.c", "\t" + "x" * 93 + "\n")
    assert wrap("f(" + "a, " * 40 + "b);", False) and not wrap("x" * 120, False)
    assert not check("src/x/a.c", "int\nf(void)\n{\n\treturn 0;\n}\n")
    assert not check("src/x/a.h", "/* What\n * for. */\n#pragma once\n")


def main():
    selftest()
    found = sources.files(["src", "tests"], (".c", ".h"))
    if sys.argv[1:] == ["--fix"]:
        for path in found:
            text = sources.read(path)
            if fix(text) != text:
                print(f"repaired {path}")
                with open(os.path.join(sources.ROOT, path), "w", encoding="utf-8") as f:
                    f.write(fix(text))
    faults = [fault for path in found for fault in check(path, sources.read(path))]
    sources.report("style", len(found), faults, "make format repairs what is mechanical; CONTRIBUTING.md has the rest")


if __name__ == "__main__":
    main()
