"""What someone who wants to change a log can do: edit its lines, make the hashes fit again, sign with a key of their own.
Shares nothing with the broker or the command line; Ed25519 comes from libsodium."""

import ctypes
import ctypes.util
import hashlib
import json
import os
import re
import struct

from support import log_files

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
SIGNED = "events.log.sig"


def read_log(log_dir):
    """[(name, [line without LF])]"""
    files = []
    for name in log_files(log_dir):
        with open(os.path.join(log_dir, name), "rb") as file:
            files.append((name, file.read().splitlines()))
    return files


def write_file(log_dir, name, lines):
    with open(os.path.join(log_dir, name), "wb") as file:
        file.write(b"".join(line + b"\n" for line in lines))


def read_file(log_dir, name):
    with open(os.path.join(log_dir, name), "rb") as file:
        return file.read().splitlines()


def rechain(log_dir, files):
    """Writes the files with all hashes made to fit, those in LogOpened too; returns {seq: H(seq)}."""
    hashes = {}
    chain = None
    for name, lines in files:
        made = []
        for line in lines:
            covered = line[: line.rindex(b',"hash":"')]
            if chain is None:
                log_id = json.loads(line)["snapshot"]["log_id"]
                chain = hashlib.blake2b(b"tocsin-log-1" + log_id.encode(), digest_size=32).digest()
            elif b'"type":"LogOpened"' in covered and not made:
                covered = re.sub(rb'"previousHash":"[0-9a-f]*"', b'"previousHash":"%s"' % chain[:16].hex().encode(), covered)
                covered = re.sub(rb'"previousChain":"[0-9a-f]*"', b'"previousChain":"%s"' % chain.hex().encode(), covered)
            chain = hashlib.blake2b(chain + covered, digest_size=32).digest()
            hashes[json.loads(line)["seq"]] = chain
            made.append(covered + b',"hash":"%s"}' % chain[:16].hex().encode())
        write_file(log_dir, name, made)
    return hashes


class Key:
    def __init__(self, seed):
        self.public = ctypes.create_string_buffer(32)
        self.secret = ctypes.create_string_buffer(64)
        sodium.crypto_sign_seed_keypair(self.public, self.secret, seed)

    @classmethod
    def of_file(cls, path):
        with open(path, encoding="ascii") as file:
            return cls(bytes.fromhex(file.read().split()[1]))

    def sign(self, message):
        signature = ctypes.create_string_buffer(64)
        sodium.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)), self.secret)
        return signature.raw

    def write_public(self, path):
        with open(path, "w", encoding="ascii") as file:
            file.write(f"tocsin-public-key-1 {self.public.raw.hex()}\n")


def received_us(text):
    """2026-11-21T09:30:00.125000Z as microseconds since 1970"""
    import calendar
    import time

    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) * 1000000 + int(text[20:26])


def signed_bytes(point):
    """What a checkpoint's signature covers, by PROTOCOL.md."""
    return (
        b"tocsin-checkpoint-1" + point["log_id"].encode() + struct.pack(">QQ", point["first_seq"], point["seq"])
        + bytes.fromhex(point["hash"]) + struct.pack(">Q", received_us(point["received"])) + bytes.fromhex(point["key"])
    )  # fmt: skip


def is_signature_good(point):
    message = signed_bytes(point)
    return sodium.crypto_sign_verify_detached(
        bytes.fromhex(point["signature"]), message, ctypes.c_ulonglong(len(message)), bytes.fromhex(point["key"])
    ) == 0  # fmt: skip


def resign(log_dir, key, hashes):
    """Signs every checkpoint anew, with these hashes where there are some."""
    made = []
    for line in read_file(log_dir, SIGNED):
        point = json.loads(line)
        point["hash"] = hashes[point["seq"]].hex() if point["seq"] in hashes else point["hash"]
        point["key"] = key.public.raw.hex()
        point["signature"] = key.sign(signed_bytes(point)).hex()
        made.append(json.dumps(point, separators=(",", ":")).encode())
    write_file(log_dir, SIGNED, made)
