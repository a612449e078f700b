#!/usr/bin/env python3
"""Writes the canonical decompositions and combining classes of Unicode as C, from Python's own tables.

usage: tools/unicode.py OUT.c      for src/base/nfd.c
"""
import sys
import unicodedata


def main():
    pairs, classes = [], []
    for c in range(0x110000):
        if 0xac00 <= c <= 0xd7a3 or 0xd800 <= c <= 0xdfff:
            continue  # Hangul is computed, surrogates are none
        d = unicodedata.decomposition(chr(c))
        if d and not d.startswith("<"):
            parts = [int(x, 16) for x in d.split()]
            pairs.append((c, parts[0], parts[1] if len(parts) > 1 else 0))
        if unicodedata.combining(chr(c)):
            classes.append((c, unicodedata.combining(chr(c))))
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write(f"/* Unicode {unicodedata.unidata_version}, made by tools/unicode.py. */\n#include \"base/nfd.h\"\n\n")
        f.write(f"const size_t nfd_pairs_n = {len(pairs)}, nfd_classes_n = {len(classes)};\n")
        f.write("const struct nfd_pair nfd_pairs[] = {\n" + "".join("\t{ 0x%x, 0x%x, 0x%x },\n" % p for p in pairs) + "};\n")
        f.write("const struct nfd_class nfd_classes[] = {\n" + "".join("\t{ 0x%x, %d },\n" % p for p in classes) + "};\n")


if __name__ == "__main__":
    sys.exit(main())
