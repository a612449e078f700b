#!/usr/bin/env python3
"""Functions with a safer neighbour, and words that have no place in the repository."""
import re
import sys

import sources

BANNED = {
    "sprintf": "snprintf", "vsprintf": "vsnprintf", "strcpy": "memcpy with a checked length",
    "strcat": "struct co_buf", "strncpy": "memcpy with a checked length", "strncat": "struct co_buf",
    "gets": "co_read_full", "scanf": "strtoll with a check", "sscanf": "a cursor or strtoll with a check",
    "atoi": "strtol with a check", "atol": "strtol with a check", "atof": "strtod with a check",
    "strtok": "strcspn", "system": "posix_spawn", "popen": "posix_spawn", "tmpnam": "mkstemp",
    "tempnam": "mkstemp", "mktemp": "mkstemp", "rand": "crypto_random", "srand": "crypto_random",
    "random": "crypto_random", "drand48": "crypto_random", "alloca": "malloc", "gethostbyname": "getaddrinfo",
    "asctime": "co_time_print", "ctime": "co_time_print", "localtime": "localtime_r", "gmtime": "gmtime_r",
    "setjmp": "enum co_rc", "longjmp": "enum co_rc",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
MEMCMP_SECRET = re.compile(r"\bmemcmp\s*\([^;]*(token|secret|passphrase|mac)\b")
# Paths of somebody's machine, and notes to self that were never meant to stay.
WORDS = re.compile(r"(/(?:home|root|Users)/\w+|\bXXX\b|\bFIXME\b|\bTODO\b|\bHACK\b)")
WORDS_NOT_IN = ("tools/lint/banned.py",)


def check_calls(path, text):
    clean = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', sources.strip_comments(text))
    for number, line in enumerate(clean.split("\n"), 1):
        for m in CALL.finditer(line):
            if m.group(1) in ("system", "popen") and path.startswith("tests/"):
                continue  # a test cleans up after itself with what the person would type
            yield f"{path}:{number}: {m.group(1)}() is not used here; take {BANNED[m.group(1)]}"
        if MEMCMP_SECRET.search(line):
            yield f"{path}:{number}: secrets are compared with crypto_equal"


def check_words(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        m = WORDS.search(line)
        if m:
            yield f"{path}:{number}: \"{m.group(1)}\" has no place in the repository"


def selftest():
    assert list(check_calls("a.c", "x = atoi(s);\n"))
    assert list(check_calls("a.c", "if (memcmp(token, t, 32) == 0)\n"))
    assert not list(check_calls("a.c", '/* atoi(s) */ y = "system(1)"; co_system(2); p->system(3);\n'))
    assert list(check_words("a.c", "open /ho" + "me/me/x\n"))


def main():
    selftest()
    code = sources.files(["src", "tests"], (".c", ".h"))
    faults = [fault for path in code for fault in check_calls(path, sources.read(path))]
    text = sources.files(["src", "tests", "tools", "data", "docs", "man", "packaging", ".ci", "Makefile", "README.md",
                          "CONTRIBUTING.md", "SECURITY.md", "meson.build"],
                         (".c", ".h", ".py", ".sh", ".md", ".sql", ".json", ".build", "Makefile", "run", ".service"))
    faults += [fault for path in text if path not in WORDS_NOT_IN
               for fault in check_words(path, sources.read(path))]
    sources.report("banned", len(set(code + text)), faults, "each has a safer neighbour; the table is in tools/lint/banned.py")


if __name__ == "__main__":
    sys.exit(main())
