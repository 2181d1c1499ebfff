"""ZMTP 3.1 by hand, over a raw socket, as NULL or as CURVE: for what no ZeroMQ library would send.

Shares nothing with libzmq; the boxes come from libsodium."""

import ctypes
import ctypes.util
import os
import socket
import struct

import support
from zmq.utils import z85

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))

RESET = struct.pack("ii", 1, 0)
MORE, LONG, COMMAND = 1, 2, 4


def greeting(mechanism=b"NULL", major=3, minor=1):
    return b"\xff" + bytes(8) + b"\x7f" + bytes((major, minor)) + mechanism.ljust(20, b"\0") + bytes(32)


def frame(body, flags=0):
    if len(body) < 256:
        return bytes((flags, len(body))) + body
    return bytes((flags | LONG,)) + struct.pack(">Q", len(body)) + body


def command(name, body=b""):
    return bytes([len(name)]) + name + body


def metadata(socket_type):
    return b"\x0bSocket-Type" + struct.pack(">I", len(socket_type)) + socket_type


def tcp(endpoint, source=("127.0.0.1", 0)):
    host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=support.DEADLINE_S, source_address=source)


def box_pair():
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_keypair(public, secret)
    return public.raw, secret.raw


def box(text, nonce, public, secret):
    out = ctypes.create_string_buffer(len(text) + 16)
    sodium.crypto_box_easy(out, text, ctypes.c_ulonglong(len(text)), nonce, public, secret)
    return out.raw


def box_open(sealed, nonce, public, secret):
    out = ctypes.create_string_buffer(len(sealed))
    if sodium.crypto_box_open_easy(out, sealed, ctypes.c_ulonglong(len(sealed)), nonce, public, secret) != 0:
        raise AssertionError("the broker's box cannot be opened")
    return out.raw[: len(sealed) - 16]


class Peer:
    """A connection. `key`: ((public, secret), server's public key) in Z85 for CURVE; None: NULL."""

    def __init__(self, endpoint, socket_type, key=None, source="127.0.0.1"):
        self.socket = tcp(endpoint, (source, 0))
        self.key = key
        self.count = 0
        if key:
            self.shake_curve(socket_type)
        else:
            self.socket.sendall(greeting() + frame(command(b"READY", metadata(socket_type)), COMMAND))
            self.receive(64)
            self.receive_frame()

    def receive(self, count):
        content = b""
        while len(content) < count:
            received = self.socket.recv(count - len(content))
            if not received:
                raise AssertionError(f"the broker closed the connection after {content!r}")
            content += received
        return content

    def receive_frame(self):
        flags, short = self.receive(2)
        count = struct.unpack(">Q", bytes((short,)) + self.receive(7))[0] if flags & LONG else short
        return self.receive(count)

    def nonce(self, prefix):
        self.count += 1
        number = struct.pack(">Q", self.count)
        return number, prefix + number

    def hello(self, server, public, secret):
        short, nonce = self.nonce(b"CurveZMQHELLO---")
        body = b"\1\0" + bytes(72) + public + short + box(bytes(64), nonce, server, secret)
        return frame(command(b"HELLO", body), COMMAND)

    def initiate(self, socket_type, server, theirs, cookie, public, secret):
        own_public, own_secret = (z85.decode(each) for each in self.key[0])
        vouch_nonce = os.urandom(16)
        vouch = box(public + server, b"VOUCH---" + vouch_nonce, theirs, own_secret)
        short, nonce = self.nonce(b"CurveZMQINITIATE")
        sealed = box(own_public + vouch_nonce + vouch + metadata(socket_type), nonce, theirs, secret)
        return frame(command(b"INITIATE", cookie + short + sealed), COMMAND)

    def shake_curve(self, socket_type):
        server = z85.decode(self.key[1])
        public, secret = box_pair()
        self.socket.sendall(greeting(b"CURVE") + self.hello(server, public, secret))
        self.receive(64)
        welcome = self.receive_frame()
        opened = box_open(welcome[24:], b"WELCOME-" + welcome[8:24], server, secret)
        theirs, cookie = opened[:32], opened[32:]
        self.socket.sendall(self.initiate(socket_type, server, theirs, cookie, public, secret))
        self.receive_frame()
        self.shared = ctypes.create_string_buffer(32)
        sodium.crypto_box_beforenm(self.shared, theirs, secret)

    def message(self, body, flags=0):
        """The bytes of a message's part as they go over the wire."""
        if not self.key:
            return frame(body, flags)
        short, nonce = self.nonce(b"CurveZMQMESSAGEC")
        text = bytes((flags,)) + body
        out = ctypes.create_string_buffer(len(text) + 16)
        sodium.crypto_box_easy_afternm(out, text, ctypes.c_ulonglong(len(text)), nonce, self.shared)
        return frame(command(b"MESSAGE", short + out.raw))

    def command(self, name, body=b""):
        return self.message(command(name, body), COMMAND)

    def send(self, content):
        self.socket.sendall(content)

    def is_shut(self):
        """Whether the broker has ended the connection; what it has sent is passed over."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.socket.settimeout(support.DEADLINE_S)

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection as a machine that has lost it does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.socket.close()
