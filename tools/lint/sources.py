"""What the checks read, and how they report. Each check prints how many files it read; none is a failure."""
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIP = {"__pycache__", "node_modules", ".git"}


def files(folders, endings):
    found = []
    for folder in folders:
        top = os.path.join(ROOT, folder)
        if os.path.isfile(top):
            found.append(folder)
        for here, dirs, names in os.walk(top):
            dirs[:] = sorted(d for d in dirs if d not in SKIP)
            for name in sorted(names):
                if name.endswith(endings) or "" in endings:
                    found.append(os.path.relpath(os.path.join(here, name), ROOT))
    return found


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def report(check, n_files, faults, hint):
    for fault in faults:
        print(fault)
    print(f"{check}: {n_files} files read, {len(faults)} faults")
    if faults:
        print(f"  {hint}")
    if n_files == 0:
        print(f"{check}: read nothing, so it says nothing")
    sys.exit(1 if faults or n_files == 0 else 0)


def strip_comments(text):
    """C text with comments blanked and strings kept; line numbers stay."""
    out, i, n = [], 0, len(text)
    while i < n:
        two = text[i:i + 2]
        if two == "/*":
            end = text.find("*/", i + 2)
            end = n if end < 0 else end + 2
            out.append("".join(c if c == "\n" else " " for c in text[i:end]))
            i = end
        elif two == "//":
            end = text.find("\n", i)
            end = n if end < 0 else end
            out.append(" " * (end - i))
            i = end
        elif text[i] in "\"'":
            quote, start = text[i], i
            i += 1
            while i < n and text[i] != quote and text[i] != "\n":
                i += 2 if text[i] == "\\" else 1
            i += 1
            out.append(text[start:i])
        else:
            out.append(text[i])
            i += 1
    return "".join(out)
