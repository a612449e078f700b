"""A passkey in software: what an authenticator and a browser make together (WebAuthn level 2), for tests. Keys and
signatures by the openssl command, the few CBOR items by hand. Standard library only."""
import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import tempfile

PRESENT, VERIFIED, KEY = 0x01, 0x04, 0x40
KINDS = {"ES256": (-7, ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
         "RS256": (-257, ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
         "EdDSA": (-8, ["-algorithm", "ED25519"])}


def openssl(*args, data=b""):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


def head(major, n):
    """A CBOR item's first bytes (RFC 8949 3)."""
    if n < 24:
        return bytes([major << 5 | n])
    return bytes([major << 5 | 24, n]) if n < 256 else bytes([major << 5 | 25]) + struct.pack(">H", n)


def cbor(v):
    if isinstance(v, int):
        return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    return head(5, len(v)) + b"".join(cbor(k) + cbor(x) for k, x in v.items())


def b64url(b):
    return base64.urlsafe_b64encode(b).rstrip(b"=").decode()


class Passkey:
    def __init__(self, origin, rp_id=None, kind="ES256", counts=True):
        self.origin, self.kind, self.counts, self.count = origin, kind, counts, 0
        self.rp_id = rp_id or re.sub(r"^\w+://|:\d+$", "", origin)
        self.id, self.user = os.urandom(32), b""
        self.key = openssl("genpkey", *KINDS[kind][1], "-outform", "PEM")
        self.flags = PRESENT | VERIFIED

    def cose(self):
        der = openssl("pkey", "-pubout", "-outform", "DER", data=self.key)
        alg = KINDS[self.kind][0]
        if self.kind == "ES256":
            return cbor({1: 2, 3: alg, -1: 1, -2: der[-64:-32], -3: der[-32:]})
        if self.kind == "EdDSA":
            return cbor({1: 1, 3: alg, -1: 6, -2: der[-32:]})
        text = openssl("rsa", "-pubin", "-modulus", "-noout", data=openssl("pkey", "-pubout", data=self.key))
        return cbor({1: 3, 3: alg, -1: bytes.fromhex(text.decode().split("=")[1].strip()), -2: b"\x01\x00\x01"})

    def client(self, what, challenge, **more):
        return json.dumps({"type": "webauthn." + what, "challenge": b64url(challenge), "origin": self.origin,
                           "crossOrigin": False, **more}, separators=(",", ":")).encode()

    def auth(self, flags):
        self.count += 1 if self.counts else 0
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def sign(self, data):
        with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as text:
            key.write(self.key)
            key.flush()
            text.write(data)
            text.flush()
            how = ["-rawin"] if self.kind == "EdDSA" else ["-rawin", "-digest", "sha256"]
            return openssl("pkeyutl", "-sign", "-inkey", key.name, *how, "-in", text.name)

    def create(self, challenge, user=b"", **more):
        """What a page posts for a new key; as hex."""
        self.user = user
        auth = self.auth(self.flags | KEY) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + self.cose()
        return {"id": self.id.hex(), "client": self.client("create", challenge, **more).hex(), "auth": auth.hex()}

    def get(self, challenge, **more):
        client, auth = self.client("get", challenge, **more), self.auth(self.flags)
        return {"id": self.id.hex(), "client": client.hex(), "auth": auth.hex(), "user": self.user.hex(),
                "sig": self.sign(auth + hashlib.sha256(client).digest()).hex()}
