#!/usr/bin/env python3
"""The input of fuzz_e01, fuzz_ext4 and fuzz_ntfs: an image with its zeros left out.

usage: sparse.py IMAGE OUT [FROM:TO...]     what lies in FROM:TO (bytes) is taken as zeros
       sparse.py --back INPUT OUT           the image again
"""
import struct
import sys

PIECE = 65535


def pieces(data, grain=64):
    """Runs without a block of zeros; an E01 stays one piece, whose checksums the target can repair."""
    if data[:3] == b"EVF" and len(data) <= PIECE:
        return [(0, data)]
    out, at = [], 0
    zero = bytes(grain)
    while at < len(data):
        if data[at:at + grain] == zero[:len(data) - at]:
            at += grain
            continue
        end = at
        while end < len(data) and end - at < PIECE - grain and data[end:end + grain] != zero[:len(data) - end]:
            end += grain
        out.append((at, data[at:end].rstrip(b"\0")))
        at = end
    return out


def back(data):
    out, at = bytearray(struct.unpack("<I", data[:4])[0]), 4
    while at + 6 <= len(data):
        to, n = struct.unpack("<IH", data[at:at + 6])
        out[to:to + n] = data[at + 6:at + 6 + n]
        at += 6 + n
    return bytes(out)


def main():
    with open(sys.argv[2] if sys.argv[1] == "--back" else sys.argv[1], "rb") as f:
        data = bytearray(f.read())
    if sys.argv[1] == "--back":
        out, path = back(data), sys.argv[3]
    else:
        for hole in sys.argv[3:]:
            begin, end = (int(x) for x in hole.split(":"))
            data[begin:end] = bytes(end - begin)
        path = sys.argv[2]
        out = struct.pack("<I", len(data)) + b"".join(struct.pack("<IH", at, len(p)) + p for at, p in pieces(bytes(data)))
    with open(path, "wb") as f:
        f.write(out)


if __name__ == "__main__":
    main()
