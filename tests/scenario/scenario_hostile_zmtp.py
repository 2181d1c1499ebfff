"""Hostile ZMTP by hand, against doors that ask for keys and doors that do not: the broker neither ends nor keeps memory.

Each attack is made with a good key where keys are asked for: who has none gets no further than the handshake. After it
memory is under its limit within five seconds, and a good publisher's event reaches a good subscriber."""

import contextlib
import os
import random
import struct
import threading
import time
import unittest

import support
import zmq
from support import event, pack, wait_until
from support_curve import CurveContext, secured
from support_zmtp import COMMAND, LONG, MORE, Peer, command, frame, greeting, metadata, tcp

SEED = int(os.environ.get("TOCSIN_SEED", "20261121"))
IS_FULL = bool(os.environ.get("TOCSIN_FAULT_FULL"))

RING_MIB, TAIL_MIB = 4, 1
LIMIT_MIB = 400 if support.IS_SANITIZED else 100
BUDGET_MIB = LIMIT_MIB + RING_MIB + TAIL_MIB
FLAGS = ("--max-memory", f"{LIMIT_MIB}MiB", "--ring-bytes", f"{RING_MIB}MiB", "--tail-bytes", f"{TAIL_MIB}MiB")

DOORS = {"ingest": b"PUB", "live": b"SUB", "append": b"DEALER", "stream": b"DEALER"}
ALL = {"publish": ["*"], "producers": ["*"], "live": True, "read": [""]}


class Memory(threading.Thread):
    """Looks at the broker's memory a hundred times a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.path = f"/proc/{pid}/statm"
        self.peak_mib = self.now_mib()
        self.must_stop = threading.Event()
        self.start()

    def now_mib(self):
        with open(self.path, encoding="ascii") as statm:
            return int(statm.read().split()[1]) / 256

    def run(self):
        with contextlib.suppress(OSError, IndexError):
            while not self.must_stop.wait(0.01):
                self.peak_mib = max(self.peak_mib, self.now_mib())

    def stop(self):
        self.must_stop.set()
        self.join()


class Attacks:
    """What is done is done to both kinds of doors."""

    def begin(self):
        self.number = 0
        self.random = random.Random(SEED)
        self.live = support.Subscriber(self.good_context, self.server.ports["live"], (b"Pulse/",))
        self.source = self.good_context.socket(zmq.XPUB)
        self.source.linger = 0
        self.source.connect(self.server.ports["ingest"])
        self.assertTrue(self.source.poll(support.DEADLINE_S * 1000))
        self.source.recv()
        self.memory = Memory(self.server.process.pid)
        self.addCleanup(self.memory.stop)

    def pulse(self):
        known = len(self.live.records)
        self.source.send(pack(event(self.number, category="Pulse")))
        self.number += 1
        self.live.take_until(known + 1)
        self.assertIsNone(self.server.process.poll(), self.server.stderr())

    def end(self):
        """It has lived, and memory is what it may be within five seconds."""
        began = time.monotonic()
        if not support.IS_SANITIZED:  # whose allocator keeps what was freed
            wait_until(lambda: self.memory.now_mib() <= BUDGET_MIB, "memory is back under its limit", 5)
        back_s = time.monotonic() - began
        for _ in range(20):
            self.pulse()
        ended = self.server.metric("tocsin_connections_memory_total")
        print(
            f"{self.memory.peak_mib:.0f} MiB at most of {BUDGET_MIB}, back after {back_s:.1f} s;"
            f" {ended:.0f} connections ended for memory"
        )
        self.server.stop()

    def peer(self, door, **options):
        return Peer(self.server.ports[door], DOORS[door], self.key, **options)

    def newcomer(self, door):
        """A peer where the last one was ended: an end that comes late may hit the next one from that address."""
        while True:
            with contextlib.suppress(OSError, AssertionError):
                return self.peer(door)

    def feed(self, peer, make, seconds):
        """Sends what make() gives until the time is over or the broker has shut the connection; True: it has."""
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                peer.send(make())
        except OSError:
            return True
        return peer.is_shut()

    def test_a_ping_on_a_full_pipe_and_a_reset_behind_it(self):
        for number in range(400 if IS_FULL else 60):
            for door in DOORS:
                with contextlib.suppress(OSError, AssertionError):
                    peer = self.peer(door)
                    content = b"\x01A" if door == "live" else b"x"
                    ping = peer.command(b"PING", b"\0\0")
                    peer.send(b"".join(peer.message(content) for _ in range(1001)) + ping)
                    peer.send(b"".join(peer.message(content) for _ in range(3)) + peer.command(b"PING", b"\0\0"))
                    peer.reset()
            if number % 10 == 0:
                self.pulse()
        self.end()

    def test_messages_without_an_end(self):
        for door in DOORS:
            peer = self.peer(door)
            part = bytes(60000 if door != "live" else 1000)
            is_shut = self.feed(peer, lambda: b"".join(peer.message(part, MORE) for _ in range(16)), 60)
            self.assertTrue(is_shut, door)
            self.pulse()
            peer.close()
        self.end()

    def test_messages_without_an_end_from_many_at_once(self):
        peers = [self.peer("ingest") for _ in range(100)]
        for peer in peers:
            peer.socket.settimeout(10)
        shut = set()
        part = bytes(30000)
        end = time.monotonic() + support.DEADLINE_S / 2
        while len(shut) < len(peers) / 2 and time.monotonic() < end:
            for number, peer in enumerate(peers):
                try:
                    if number not in shut:
                        peer.send(b"".join(peer.message(part, MORE) for _ in range(4)))
                except OSError:
                    shut.add(number)
        print(f"{len(shut)} of {len(peers)} shut")
        self.assertTrue(shut)
        self.end()  # the others may hold what they have brought: it is within the limit
        for peer in peers:
            peer.close()

    def test_a_flood_of_the_shortest_messages(self):
        peer = self.peer("ingest")
        short = b"".join(frame(b"x") for _ in range(20000))
        make = (lambda: short) if not self.key else (lambda: b"".join(peer.message(b"x") for _ in range(1000)))
        self.feed(peer, make, 3)
        self.pulse()
        peer.reset()
        self.end()

    def test_half_open_handshakes(self):
        stages = (b"", b"\xff", greeting()[:30], greeting(self.mechanism), greeting(self.mechanism) + b"\x04")
        peers = []
        for door in DOORS:
            for content in stages:
                for _ in range(400 if IS_FULL else 60):
                    peer = tcp(self.server.ports[door])
                    peer.sendall(content)
                    peers.append(peer)
            self.pulse()
        self.pulse()
        for peer in peers:
            peer.close()
        self.end()

    def test_a_handshake_a_byte_at_a_time(self):
        peers = [tcp(self.server.ports[door]) for door in DOORS for _ in range(20)]
        content = greeting(self.mechanism) + frame(command(b"READY", metadata(b"PUB")), COMMAND)
        for byte in content[:80]:
            for peer in peers:
                with contextlib.suppress(OSError):
                    peer.sendall(bytes((byte,)))
            self.pulse()
        for peer in peers:
            peer.close()
        self.end()

    def test_garbage_after_a_handshake(self):
        for number in range(600 if IS_FULL else 100):
            for door in DOORS:
                peer = self.newcomer(door)
                garbage = self.random.randbytes(self.random.choice((1, 9, 40, 300, 5000)))
                made = self.random.choice((
                    lambda: garbage,
                    lambda: frame(garbage),
                    lambda: frame(garbage[:200], COMMAND),
                    lambda: frame(command(b"MESSAGE", garbage)),
                    lambda: frame(command(b"MESSAGE", garbage), COMMAND),
                    lambda: peer.message(garbage, self.random.randrange(256) if self.key else MORE),
                    lambda: peer.command(garbage[:9], garbage),
                    lambda: peer.command(self.random.choice((b"PING", b"PONG", b"SUBSCRIBE", b"CANCEL", b"ERROR")), garbage),
                    lambda: bytes((LONG,)) + struct.pack(">Q", 1 << 62) + garbage,
                    lambda: bytes((LONG | COMMAND,)) + struct.pack(">Q", (1 << 64) - 1) + garbage,
                ))  # fmt: skip
                with contextlib.suppress(OSError):
                    peer.send(made())
                    peer.send(peer.message(b"\x01A"))
                peer.reset() if number % 2 else peer.close()
            if number % 10 == 0:
                self.pulse()
        self.end()

    def test_a_handshake_that_is_not_followed_or_said_twice(self):
        for _ in range(100 if IS_FULL else 20):
            for door, socket_type in DOORS.items():
                for content in (
                    greeting(self.mechanism) + frame(command(b"READY", metadata(socket_type)), COMMAND) * 2,
                    greeting(self.mechanism) + frame(command(b"HELLO", b"\1\0" + bytes(192)), COMMAND) * 2,
                    greeting(self.mechanism) + frame(command(b"HELLO", b"\1\0" + bytes(5000)), COMMAND),
                    greeting(self.mechanism) + frame(command(b"INITIATE", bytes(5000)), COMMAND),
                    greeting(self.mechanism) + frame(command(b"MESSAGE", bytes(100))),
                    greeting(self.mechanism) + frame(command(b"READY", b"\xff" * 5000), COMMAND),
                ):
                    peer = tcp(self.server.ports[door])
                    with contextlib.suppress(OSError):
                        peer.sendall(content)
                    peer.close()
            self.pulse()
        self.end()

    def test_older_versions_and_other_mechanisms(self):
        old = (
            b"\x01\x00\x00\x01x" * 50,
            b"\xff" + bytes(8) + b"\x7f\x00",
            b"\xff" + bytes(8) + b"\x7f\x01\x01\x00\x00" + b"\x00\x01x" * 50,
            greeting(b"NULL", 3, 0) + frame(command(b"READY", metadata(b"PUB")), COMMAND) + frame(b"x") * 50,
            greeting(b"PLAIN") + frame(command(b"HELLO", b"\x01a\x01b"), COMMAND),
            greeting(b"GSSAPI") + frame(command(b"INITIATE", bytes(100)), COMMAND),
            greeting(b"CURVE", 2, 0) + b"\0" * 100,
            greeting(b"CURVE", 255, 255) + b"\0" * 100,
        )
        for _ in range(50 if IS_FULL else 10):
            for door in DOORS:
                for content in old:
                    peer = tcp(self.server.ports[door])
                    with contextlib.suppress(OSError):
                        peer.sendall(content)
                        peer.recv(64)
                    peer.close()
            self.pulse()
        self.end()

    def test_long_topics(self):
        for length in (246, 255, 256, 1000, 1023, 1024, 4000, 100000):
            for _ in range(20):
                peer = self.newcomer("live")
                with contextlib.suppress(OSError):
                    peer.send(peer.message(b"\x01" + self.random.randbytes(length)))
                    peer.send(peer.command(b"SUBSCRIBE", self.random.randbytes(length)))
                peer.close()
            self.pulse()
        self.end()

    def test_a_hundred_thousand_subscriptions_of_one(self):
        peer = self.peer("live")
        left = [100000]

        def make():
            left[0] -= 500
            if left[0] <= 0:
                raise ConnectionError
            return b"".join(peer.message(b"\x01" + self.random.randbytes(64)) for _ in range(500))

        self.feed(peer, make, 60)
        self.pulse()
        peer.close()
        self.end()

    def test_a_hundred_thousand_topics(self):
        for _ in range(200):
            names = (self.random.randbytes(60).hex() for _ in range(500))
            self.source.send(b"".join(pack(event(category="Topics", sourceId=name)) for name in names))
            self.pulse()
        self.end()

    def test_subscribers_that_never_read(self):
        peers = [self.peer("live") for _ in range(20)]
        for peer in peers:
            peer.send(peer.message(b"\x01"))
        frame_of_events = b"".join(pack(event(category="Unread", snapshot={"x": "x" * 900})) for _ in range(50))
        end = time.monotonic() + 8
        while time.monotonic() < end:
            for _ in range(10):
                self.source.send(frame_of_events)
            self.pulse()
        print(f"{self.server.metric('tocsin_connections_stalled_total'):.0f} ended that do not read")
        self.end()
        for peer in peers:
            peer.close()


class WithoutKeys(Attacks, support.Scenario):
    mechanism = b"NULL"
    key = None

    def setUp(self):
        super().setUp()
        self.server = self.broker(*FLAGS, "--append", "tcp://127.0.0.1:*", "--stream", "tcp://127.0.0.1:*")
        self.good_context = self.context
        self.begin()


class WithKeys(Attacks, support.Scenario):
    mechanism = b"CURVE"

    def setUp(self):
        super().setUp()
        self.server, keys = secured(self, {"good": ALL, "bad": ALL}, *FLAGS)
        self.key = (keys.pair("bad"), keys.pair("broker")[0])
        self.good_context = CurveContext(self.context, keys, "good")
        self.begin()


if __name__ == "__main__":
    unittest.main()
