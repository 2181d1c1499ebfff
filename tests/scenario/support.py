"""A real broker on this machine, raw sockets that speak its protocol, and a reader of its log that shares nothing with it.

The programs under test are named by the environment (CMake sets it): TOCSIND, TOCSIN. Nothing here sleeps for a fixed
time: what is waited for is a condition, with a deadline that only a fault reaches.
"""

import ctypes
import ctypes.util
import glob
import hashlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import warnings

import msgpack
import zmq

DEADLINE_S = 60
SOURCE_DIR = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
DATA_DIR = os.path.join(SOURCE_DIR, "tests", "data")
PORTS = range(20000, 32000)
port_claims = []  # sockets, open as long as this process lives
IS_SANITIZED = bool(os.environ.get("TOCSIN_SANITIZE"))  # all is slower then: less of what is only repeated


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Returns the first true value of condition(); fails with `what` at the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(0.005)


class Broker:
    """One tocsind process. Ports are free ones; `flags` are added to those that make it private."""

    def __init__(self, log_dir, *flags, env=None, preexec=None, wrapper=()):
        self.log_dir = log_dir
        self.flags = flags
        self.env = env or {}
        self.preexec = preexec
        self.wrapper = list(wrapper)
        self.process = None
        self.ports = {}
        self.run_dir = tempfile.mkdtemp(prefix="tocsin-run-")
        self.stderr_path = os.path.join(self.run_dir, "stderr")

    def command(self):
        return self.wrapper + [
            os.environ["TOCSIND"],
            "--log-dir", self.log_dir,
            "--name", "test-broker",
            "--ingest", "tcp://127.0.0.1:*",
            "--live", "tcp://127.0.0.1:*",
            "--append", "none",
            "--stream", "none",
            "--http", "127.0.0.1:0",
            "--ports-file", os.path.join(self.run_dir, "ports"),
            *self.flags,
        ]  # fmt: skip

    def spawn(self):
        """Starts the process without waiting."""
        ports = os.path.join(self.run_dir, "ports")
        if os.path.exists(ports):
            os.unlink(ports)
        env = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
        env["TOCSIN_COMPRESS_AFTER"] = "never"  # where a flag does not say otherwise: tests move the clock by days
        env.update(self.env)
        with open(self.stderr_path, "ab") as stderr:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, env=env, preexec_fn=self.preexec
            )
        return self

    def start(self):
        """Starts the process and waits until it is ready."""
        self.spawn()
        wait_until(lambda: self.is_ready() or self.process.poll() is not None, "the broker's ports file")
        if not self.is_ready():
            raise AssertionError(f"tocsind ended with {self.process.returncode}: {self.stderr()}")
        return self

    def is_ready(self):
        try:
            with open(os.path.join(self.run_dir, "ports"), encoding="utf-8") as ports:
                self.ports = dict(line.strip().split("=", 1) for line in ports)
        except FileNotFoundError:
            return False
        return True

    def stderr(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for the process's end; returns its exit code."""
        return self.process.wait(DEADLINE_S)

    def stop(self):
        """SIGTERM; the broker must end by itself and well."""
        self.signal(signal.SIGTERM)
        code = self.wait()
        if code != 0:
            raise AssertionError(f"tocsind ended with {code} at SIGTERM: {self.stderr()}")

    def kill(self):
        self.process.kill()
        self.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.run_dir, ignore_errors=True)

    def http(self, path):
        """(status, body) of a GET."""
        try:
            with urllib.request.urlopen(f"http://{self.ports['http']}{path}", timeout=DEADLINE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metrics(self):
        """{"name" or 'name{label="value"}': number}"""
        _, text = self.http("/metrics")
        values = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                values[name] = float(value)
        return values

    def metric(self, name):
        return self.metrics().get(name, 0)

    def metric_or_none(self, name):
        """As metric, None when the broker is gone, be it in the middle of its answer."""
        try:
            return self.metric(name)
        except (OSError, http.client.HTTPException):
            return None


class Scenario(unittest.TestCase):
    """A test with directories of its own and sockets that are closed in any case."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="tocsin-test-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.log_dir = os.path.join(self.dir, "log")
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, linger=0)
        warnings.simplefilter("ignore", ResourceWarning)  # destroy closes the sockets

    def broker(self, *flags, **options):
        """A broker that is ready; it is gone at the end of the test."""
        broker = Broker(options.pop("log_dir", self.log_dir), *flags, **options)
        self.addCleanup(broker.close)
        return broker.start()

    def broker_that_fails(self, *flags, **options):
        """(exit code, what it said) of a broker that cannot start."""
        broker = Broker(options.pop("log_dir", self.log_dir), *flags, **options)
        self.addCleanup(broker.close)
        broker.spawn()
        return broker.wait(), broker.stderr()

    def publisher(self, broker):
        """An XPUB at ingest whose subscriber, the broker, is there."""
        publisher = self.context.socket(zmq.XPUB)
        self.addCleanup(publisher.close, linger=0)  # one that was merely forgotten would wait for a dead broker
        publisher.setsockopt(zmq.LINGER, -1)
        publisher.setsockopt(zmq.SNDHWM, 0)
        publisher.connect(broker.ports["ingest"])
        if not publisher.poll(DEADLINE_S * 1000):
            raise AssertionError("the broker did not subscribe")
        self.assertEqual(publisher.recv(), b"\x01")
        return publisher

    def subscriber(self, broker, *prefixes):
        """A SUB at live whose filters are confirmed by a first heartbeat."""
        return Subscriber(self.context, broker.ports["live"], prefixes or (b"",))


class Subscriber:
    def __init__(self, context, endpoint, prefixes):
        self.socket = context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        for prefix in (*prefixes, b"~\0"):
            self.socket.setsockopt(zmq.SUBSCRIBE, prefix)
        self.socket.connect(endpoint)
        self.head = None
        self.log_id = None
        self.now_us = None
        self.records = []
        # what the broker tells of itself comes when it comes: only for those who ask for it by name
        self.skips = () if any(prefix.startswith(b"BrokerEvent") for prefix in prefixes) else (b"BrokerEvent/",)
        while self.head is None:
            self.take()

    def take(self):
        """Takes one frame: a heartbeat, or records, which are appended as (topic, record, the event's bytes)."""
        if not self.socket.poll(DEADLINE_S * 1000):
            raise AssertionError("no frame, no heartbeat")
        frame = self.socket.recv()
        if self.socket.getsockopt(zmq.RCVMORE):
            raise AssertionError("a message of several frames")
        topic, body = frame.split(b"\0", 1)
        if topic == b"~":
            version, self.head, self.log_id, self.now_us = msgpack.unpackb(body)
            assert version == 1
            return
        if topic.startswith(self.skips):
            return
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=True)
        unpacker.feed(body)
        start = 0
        for record in unpacker:
            end = unpacker.tell()
            self.records.append((topic.decode(), record, body[start:end]))
            start = end

    def take_until(self, count):
        """Takes frames until there are `count` records; heartbeats alone are no progress."""
        end = time.monotonic() + DEADLINE_S
        while len(self.records) < count:
            before = len(self.records)
            self.take()
            if len(self.records) > before:
                end = time.monotonic() + DEADLINE_S
            elif time.monotonic() > end:
                raise AssertionError(f"{before} records came, not {count}")
        return self.records


def event(number=0, **changes):
    """A good event; None removes a member."""
    members = {
        "level": "Info",
        "category": "TestEvent",
        "type": "Numbered",
        "sourceId": f"source-{number % 7}",
        "summary": f"event {number}",
        "snapshot": {"number": number},
    }
    members.update(changes)
    return {key: value for key, value in members.items() if value is not None}


def pack(value):
    return msgpack.packb(value)


# The audit log


def log_files(log_dir):
    """Names in the order of the days; the current file last."""
    dated = [os.path.basename(path) for path in glob.glob(os.path.join(log_dir, "events.log.[0-9]*"))]
    dated = [name for name in dated if not name.endswith(".tmp") and not (name.endswith(".zst") and name[:-4] in dated)]
    names = sorted(dated, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])
    if os.path.exists(os.path.join(log_dir, "events.log")):
        names.append("events.log")
    return names


def read_content(log_dir, name):
    """The bytes of a file of the log, unpacked by zstd's own reader where it is compressed."""
    with open(os.path.join(log_dir, name), "rb") as file:
        content = file.read()
    return unpack_zst(content) if name.endswith(".zst") else content


def unpack_zst(packed):
    """All frames one behind the other, as zstdcat does; those that are to be skipped are."""
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
    for name in ("ZSTD_findFrameCompressedSize", "ZSTD_decompress"):
        getattr(zstd, name).restype = ctypes.c_size_t
    zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
    parts, at = [], 0
    while at < len(packed):
        rest = packed[at:]
        frame_len = zstd.ZSTD_findFrameCompressedSize(rest, ctypes.c_size_t(len(rest)))
        if zstd.ZSTD_isError(ctypes.c_size_t(frame_len)):
            raise AssertionError(f"no frame of zstd at byte {at}")
        content_len = zstd.ZSTD_getFrameContentSize(rest, ctypes.c_size_t(frame_len))
        room = ctypes.create_string_buffer(max(content_len, 1))
        got = zstd.ZSTD_decompress(room, ctypes.c_size_t(content_len), rest, ctypes.c_size_t(frame_len))
        if got != content_len:
            raise AssertionError(f"the frame of zstd at byte {at} cannot be unpacked")
        parts.append(room.raw[:content_len])
        at += frame_len
    return b"".join(parts)


def read_lines(log_dir, name):
    """(bytes of the line, its object) for each whole line; fails on a tail without LF."""
    content = read_content(log_dir, name)
    if content and not content.endswith(b"\n"):
        raise AssertionError(f"{name} ends in the middle of a line: {content[-100:]!r}")
    return [(line, json.loads(line)) for line in content.splitlines()]


def own_type(line):
    """The type of one of the broker's own events, else None."""
    return line["type"] if line["category"] == "BrokerEvent" else None


class Log:
    """All lines of a log, checked: dense seqs, prev chain, hash chain, LogOpened at the head of each file."""

    may_be_pruned = False
    first_seq = 1

    def __init__(self, log_dir, gaps_allowed=False, may_be_pruned=False):
        self.may_be_pruned = may_be_pruned
        self.lines = []
        self.files = log_files(log_dir)
        self.gaps_allowed = gaps_allowed
        self.last_of_topic = {}
        self.hash = None
        previous_file = None
        for name in self.files:
            lines = read_lines(log_dir, name)
            if not lines and name == self.files[-1]:
                continue
            self.check_opened(name, lines[0][1], previous_file and previous_file.removesuffix(".zst"))
            for raw, line in lines:
                self.check_line(name, raw, line)
                self.lines.append(line)
            previous_file = name

    def check_opened(self, name, first, previous_file):
        snapshot = first["snapshot"]
        if own_type(first) != "LogOpened":
            raise AssertionError(f"{name} begins with {first['type']}")
        if previous_file is None:
            self.log_id = snapshot["log_id"]
            if "previousSeq" in snapshot and self.may_be_pruned:
                self.first_seq = snapshot["previousSeq"] + 1
                self.hash = bytes.fromhex(snapshot["previousChain"])
                return
            self.hash = hashlib.blake2b(b"tocsin-log-1" + self.log_id.encode(), digest_size=32).digest()
            return
        last = self.lines[-1]
        expected = (self.log_id, previous_file, last["seq"], last["hash"])
        found = tuple(snapshot[key] for key in ("log_id", "previousFile", "previousSeq", "previousHash"))
        if bytes.fromhex(snapshot["previousChain"]) != self.hash:
            raise AssertionError(f"{name}: previousChain is not the chain at the end of {previous_file}")
        if found != expected:
            raise AssertionError(f"{name} is tied to {found}, not to {expected}")

    def check_line(self, name, raw, line):
        where = f"{name}, seq {line['seq']}"
        covered, comma, _ = raw.rpartition(b',"hash":"')
        self.hash = hashlib.blake2b(self.hash + covered, digest_size=32).digest()
        if not comma or line["hash"] != self.hash[:16].hex():
            raise AssertionError(f"{where}: the chain of hashes is broken")
        previous = self.lines[-1] if self.lines else {"seq": self.first_seq - 1, "received": "", "batch": 1}
        if line["seq"] != previous["seq"] + 1 and not (self.gaps_allowed and line["seq"] > previous["seq"]):
            raise AssertionError(f"{where} follows {previous['seq']}")
        if line["received"] < previous["received"]:
            raise AssertionError(f"{where}: received goes back")
        if not previous["batch"] <= line["batch"] <= line["seq"]:
            raise AssertionError(f"{where}: batch {line['batch']} after {previous['batch']}")
        topic = f"{line['category']}/{line['sourceId']}"
        is_before = self.first_seq > 1 and topic not in self.last_of_topic and line["prev"] < self.first_seq
        if line["prev"] != self.last_of_topic.get(topic, 0) and not is_before:
            raise AssertionError(f"{where}: prev {line['prev']}, not {self.last_of_topic.get(topic, 0)}")
        self.last_of_topic[topic] = line["seq"]

    def events(self):
        """The lines that are not the broker's own."""
        return [line for line in self.lines if own_type(line) is None]

    def own(self, type_):
        return [line for line in self.lines if own_type(line) == type_]


def data_events(name):
    """The objects of a JSON Lines file of tests/data."""
    with open(os.path.join(DATA_DIR, name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def free_port():
    """A port of 127.0.0.1 that nothing listens at, and that no other test of this machine takes while this process lives.

    From below those that the kernel gives to clients: a broker must find its port free again after a restart."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        claim = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            try:
                claim.bind(f"\0tocsin-test-port-{port}")  # the kernel lets go of it when the process ends
                probe.bind(("127.0.0.1", port))
            except OSError:
                claim.close()
                continue
        port_claims.append(claim)
        return port
