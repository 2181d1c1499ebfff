"""Bad events: the broker refuses each under its code, counts it, and is none the worse for it.

What is right is told by tests/vectors/oracle.py, which shares nothing with the broker. TOCSIN_SEED brings a run again;
TOCSIN_MUTATIONS sets how many inputs are mutated."""

import collections
import glob
import json
import math
import os
import random
import struct
import sys
import time
import unittest

import support
from support import Log, data_events, event, pack

sys.path.append(os.path.join(support.SOURCE_DIR, "tests", "vectors"))
import oracle  # noqa: E402

SEED = int(os.environ.get("TOCSIN_SEED", "20261121"))
MUTATIONS = int(os.environ.get("TOCSIN_MUTATIONS", "100000"))
AT_ONCE = 500
GROWTH_MAX_KB = 8 * 1024  # what is on its way at once takes 2 to 4 MiB; a leak of 80 bytes an input shows

VECTORS = os.path.join(support.SOURCE_DIR, "proto", "vectors")
NESTED = b"\x81\xa1a" * 40 + b"\xc0"


def vectors(folder):
    """(name, case) of the cases that a broker with usual settings can judge."""
    for path in sorted(glob.glob(os.path.join(VECTORS, folder, "*.json"))):
        with open(path, encoding="utf-8") as file:
            case = json.load(file)
        if case.get("max_event_bytes", 1024) >= 1024:
            yield case["name"], case


def with_raw(key, raw):
    """A good event but for the bytes of one member."""
    members = {pack(name): pack(value) for name, value in event().items()}
    members[pack(key)] = raw
    return bytes([0x80 | len(members)]) + b"".join(name + value for name, value in members.items())


def hand_made():
    """(bytes, code): what a member can be and must not, in all members."""
    texts = ("level", "category", "type", "sourceId", "summary", "cause", "time")
    for key in texts:
        for value in (None, True, 7, -7, 1.5, [], {}, ["Info"], {"a": 1}, b"bin"):
            yield with_raw(key, pack(value)), "type"
        yield with_raw(key, b"\xd9\x04\xff\xfe\xfd\xfc"), None
        yield with_raw(key, b"\xa3a\x00b"), None
        yield with_raw(key, b"\xdb\xff\xff\xff\xffabc"), "malformed"
        yield with_raw(key, b"\xc1"), "malformed"
        yield with_raw(key, b"\xd4\x05\x00"), "type"
        yield with_raw(key, pack("\x1b[31mred")), "value"
        yield with_raw(key, pack("x" * 9000)), None
    for key in ("level", "category", "type", "sourceId", "summary"):
        yield pack(event(**{key: None})), "missing"
        yield with_raw(key, pack("Info"))[:-1], "malformed"
    for key in ("Level", "level ", "", "é", "seq", "hash", "~", "a" * 300):
        yield pack({**event(), key: "x"}), "unknown"
    for number in (math.nan, math.inf, -math.inf):
        yield pack(event(snapshot={"number": number})), "unsupported"
        yield with_raw("snapshot", b"\xca" + struct.pack(">f", number)), "unsupported"
    for raw, code in (
        (NESTED, "depth"),
        (b"\x91" * 100000 + b"\xc0", "depth"),
        (b"\x81\x07\xc0", "unsupported"),
        (b"\x82\xa1a\xc0\xa1a\xc0", "duplicate"),
        (b"\xdd\xff\xff\xff\xff", "malformed"),
        (b"\xdf\xff\xff\xff\xff\xa1a", "malformed"),
        (b"\xc6\xff\xff\xff\xff", "malformed"),
        (b"\xc9\xff\xff\xff\xff\x01", "malformed"),
        (pack("x" * (1 << 20)), "length"),
    ):
        yield with_raw("snapshot", raw), code
    for value in (None, False, 0, 1.0, "event", [], [event()], b""):
        yield pack(value), "type"
    for raw in (b"", b"\xc1", b"\x81", b"\xdf\xff\xff\xff\xff", b"\xde\x00\x10", b"\x86\xa5level"):
        yield raw, "malformed"


class Mutator:
    """Inputs made from good events, as a bad wire, a bad program or a bad will would."""

    LENGTHS = (b"\xdd\xff\xff\xff\xff", b"\xdf\x7f\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xf0", b"\xdc\xff\xff")

    def __init__(self, seed):
        self.random = random.Random(seed)
        names = ("ome-events.log", "opensips-core-events.jsonl")
        self.good = [pack(each) for name in names for each in data_events(name)]
        self.ways = (self.flip, self.put, self.cut, self.insert, self.remove, self.repeat, self.splice, self.declare)

    def next(self):
        content = bytearray(self.random.choice(self.good))
        for _ in range(self.random.choice((1, 1, 1, 2, 4))):
            content = self.random.choice(self.ways)(content)
        return bytes(content)

    def at(self, content):
        return self.random.randrange(len(content) + 1)

    def span(self, content):
        start = self.at(content)
        return start, min(len(content), start + self.random.choice((1, 2, 5, 40)))

    def flip(self, content):
        if content:
            content[self.random.randrange(len(content))] ^= 1 << self.random.randrange(8)
        return content

    def put(self, content):
        if content:
            content[self.random.randrange(len(content))] = self.random.randrange(256)
        return content

    def cut(self, content):
        return content[: self.at(content)]

    def insert(self, content):
        at = self.at(content)
        return content[:at] + self.random.randbytes(self.random.choice((1, 2, 8, 64))) + content[at:]

    def remove(self, content):
        start, end = self.span(content)
        return content[:start] + content[end:]

    def repeat(self, content):
        start, end = self.span(content)
        return content[:end] + content[start:end] + content[end:]

    def splice(self, content):
        other = self.random.choice(self.good)
        return content[: self.at(content)] + other[self.at(other) :]

    def declare(self, content):
        at = self.at(content)
        return content[:at] + self.random.choice(self.LENGTHS) + content[at:]


class Hostile(support.Scenario):
    def begin(self, *flags):
        self.server = self.broker(*flags)
        self.good = self.subscriber(self.server, b"GoodEvent/")
        self.source = self.publisher(self.server)
        self.expected = collections.Counter()
        self.sent_good = 0

    def send(self, frame, codes=None):
        """A frame of which the oracle, or the caller, knows what becomes; and a good event behind it."""
        self.expected.update(codes or [verdict.code for verdict in oracle.judge_frame(frame)])
        self.source.send(frame)
        self.source.send(pack(event(self.sent_good, category="GoodEvent")))
        self.sent_good += 1

    def await_good(self):
        self.good.take_until(self.sent_good)

    def check(self):
        """The good events came out live and in the log, in order; all else is counted under its code."""
        self.await_good()
        numbers = [record[3]["snapshot"]["number"] for _, record, _ in self.good.records]
        self.assertEqual(numbers, list(range(self.sent_good)))
        metrics = self.server.metrics()
        refused = {}
        for name, value in metrics.items():
            if name.startswith("tocsin_events_refused_total{"):
                refused[name.split('"')[1]] = int(value)
        accepted = self.expected.pop("accepted", 0) + self.sent_good
        self.assertEqual({code: count for code, count in refused.items() if count}, dict(self.expected))
        self.assertEqual(metrics["tocsin_events_accepted_total"], accepted)
        self.assertEqual(metrics["tocsin_events_dropped_total"], 0)
        self.assertEqual(metrics["tocsin_events_received_total"], accepted + sum(refused.values()))
        self.assertIsNone(self.server.process.poll(), self.server.stderr())
        self.server.stop()
        lines = Log(self.log_dir).events()
        self.assertEqual(len(lines), accepted)
        logged = [line["snapshot"]["number"] for line in lines if line["category"] == "GoodEvent"]
        self.assertEqual(logged, list(range(self.sent_good)))

    def test_each_refused_vector_is_counted_under_its_code_and_a_good_event_passes_after_it(self):
        self.begin()
        count = 0
        for _, case in vectors("refused"):
            self.send(bytes.fromhex(case["bytes"]), [case["code"]])
            count += 1
        self.check()
        print(f"{count} vectors")
        self.assertGreater(count, 300)

    def test_each_event_of_a_vectors_frame_is_judged_by_itself(self):
        self.begin()
        for _, case in vectors("frames"):
            self.send(bytes.fromhex(case["bytes"]), [verdict["code"] for verdict in case["verdicts"]])
        self.check()

    def test_bad_members_of_every_kind_are_counted_under_their_codes(self):
        self.begin()
        count = 0
        for frame, code in hand_made():
            if code:
                self.assertEqual([verdict.code for verdict in oracle.judge_frame(frame)], [code], frame[:200])
            self.send(frame)
            count += 1
        self.check()
        print(f"{count} made by hand")

    def rss_kb(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def touch_all_memory(self):
        """Fills the rings between the threads, 8 and 16 MiB, more than once around: they are resident from then on."""
        for _ in range(100):
            self.send(pack(event(snapshot="x" * 500000)))
            self.await_good()

    def test_mutated_events_neither_kill_the_broker_nor_make_it_grow(self):
        self.begin("--ring-bytes", "2MiB")
        self.touch_all_memory()
        mutator = Mutator(SEED)
        warm_kb = self.rss_kb()
        began = time.monotonic()
        for number in range(MUTATIONS):
            self.send(mutator.next())
            if number % AT_ONCE == 0:
                self.await_good()  # no more is on its way than that
        self.await_good()
        grown_kb = self.rss_kb() - warm_kb
        expected = dict(self.expected)
        self.check()
        print(
            f"seed {SEED}: {MUTATIONS} mutated inputs in {time.monotonic() - began:.1f} s; {expected};"
            f" resident {warm_kb} KiB before, {grown_kb:+} KiB after"
        )
        if not support.IS_SANITIZED:  # which keeps what is freed
            self.assertLess(grown_kb, GROWTH_MAX_KB)


if __name__ == "__main__":
    unittest.main()
