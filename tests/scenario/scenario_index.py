"""The indexes beside the log's files come by themselves, go with their files, and whatever someone puts in their place,
replay begins at the right line."""

import glob
import hashlib
import os
import shutil
import struct
import time
import unittest

import support
from scenario_retention import Retention
from support import event, wait_until
from support_stream import Stream

DAYS = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23")
COUNT = 300
TEXT = "x" * 1000  # so that a day has several entries
HEAD_LEN = 64
ENTRY_LEN = 32
MASK = (1 << 64) - 1


def rotated(value, bits):
    return (value << bits | value >> (64 - bits)) & MASK


def siphash(key, message):
    """SipHash-2-4 of whole words, as its authors publish it."""
    k0, k1 = struct.unpack("<2Q", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def turn():
        v[0] = (v[0] + v[1]) & MASK
        v[1] = rotated(v[1], 13) ^ v[0]
        v[0] = rotated(v[0], 32)
        v[2] = (v[2] + v[3]) & MASK
        v[3] = rotated(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & MASK
        v[3] = rotated(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & MASK
        v[1] = rotated(v[1], 17) ^ v[2]
        v[2] = rotated(v[2], 32)

    for word in (*struct.unpack(f"<{len(message) // 8}Q", message), (len(message) & 255) << 56):
        v[3] ^= word
        turn()
        turn()
        v[0] ^= word
    v[2] ^= 255
    for _ in range(4):
        turn()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def rfc3339(time_us):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time_us // 1000000)) + f".{time_us % 1000000:06}Z"


def entry_of(head, at, offset, seq, received_us):
    key = hashlib.blake2b(head, digest_size=16).digest()
    numbers = struct.pack("<3Q", offset, seq, received_us)
    return numbers + struct.pack("<Q", siphash(key, numbers + struct.pack("<Q", at)))


class Index(Retention):
    def append_days(self, broker):
        for day in DAYS:
            self.faults.set_clock(f"{day} 12:00:00")
            appender = self.appender(broker, f"cam-{day}")
            for n in range(0, COUNT, 50):
                self.faults.set_clock(f"{day} 12:{n // 50 * 10:02}:00")
                appender.put(n + 1, *(event(self.number + i, snapshot={"number": self.number + i, "text": TEXT})
                                      for i in range(50)))  # fmt: skip
                self.number += 50
                appender.ack_of(n + 50)

    def index_names(self):
        return sorted(os.path.basename(path) for path in glob.glob(os.path.join(self.log_dir, "tocsind.index*")))

    def wait_for_indexes(self, names):
        wait_until(lambda: self.index_names() == names, f"{names}; there are {self.index_names()}")

    def path(self, name):
        return os.path.join(self.log_dir, name)

    def content(self, name):
        """b"" while there is none: one that is made anew is removed first."""
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def put(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)

    def clear(self, name):
        path = self.path(name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)

    def first_number(self, broker, start):
        """The first event of the tests' own that a session from there is sent."""
        stream = Stream(self.context, broker.ports["stream"])
        stream.open(credit=1, **{"from": start, "filters": ["TestEvent/"]}).take_records(1)
        stream.send("close")
        stream.send("ping")
        stream.expect("pong")
        stream.close()
        return stream.numbers()[0]

    def assert_replay_is_right(self, broker):
        """By seq, by time, and between two times."""
        for i in range(0, self.number, 37):
            seq, _, received_us, _ = self.records[i]
            self.assertEqual(self.first_number(broker, seq), i)
            first = next(k for k, record in enumerate(self.records) if record[2] >= received_us)
            self.assertEqual(self.first_number(broker, {"time": rfc3339(received_us)}), first)
            behind = next((k for k, record in enumerate(self.records) if record[2] > received_us), None)
            if behind is not None:
                self.assertEqual(self.first_number(broker, {"time": rfc3339(received_us + 1)}), behind)

    ALL = ["tocsind.index", *(f"tocsind.index.{day.replace('-', '')}" for day in DAYS[:-1])]

    def start_with_days(self, *flags):
        broker = self.start("--tail-bytes", "64KiB", *flags)
        self.append_days(broker)
        self.wait_for_indexes(self.ALL)
        whole = self.replay(broker, filters=["TestEvent/"])
        self.assertEqual(whole.numbers(), list(range(self.number)))
        self.records = whole.records
        return broker


class Keeping(Index):
    def test_indexes_come_by_themselves_and_go_with_their_files(self):
        broker = self.start_with_days("--compress-after", "never")
        self.assert_replay_is_right(broker)
        self.assertEqual(broker.metric("tocsin_stream_bad_indexes_total"), 0)
        broker.stop()
        broker = self.start("--compress-after", "0s")
        self.wait_for(self.names(DAYS[:2], DAYS[2:3]))
        self.assertEqual(self.index_names(), self.ALL)
        self.assert_replay_is_right(broker)
        self.assertEqual(broker.metric("tocsin_stream_bad_indexes_total"), 0)
        self.assertEqual(self.verify()[0], 0)
        broker.stop()
        self.put("tocsind.index.20200101", b"of a file that someone has removed")
        broker = self.start("--compress-after", "0s", "--retain-age", "12h")
        self.wait_for(self.names((), DAYS[2:3]))
        self.wait_for_indexes([self.ALL[0], self.ALL[-1]])


class Hostile(Index):
    @staticmethod
    def forged(index, offset_of):
        """An index that is sound in itself and lies in each entry."""
        head = index[:HEAD_LEN]
        entries = [struct.unpack("<3Q", index[at : at + 24]) for at in range(HEAD_LEN, len(index), ENTRY_LEN)]
        return head + b"".join(entry_of(head, at, offset_of(at, offset), seq, received_us)
                               for at, (offset, seq, received_us) in enumerate(entries))  # fmt: skip

    def test_whatever_is_put_in_an_indexs_place_replay_is_right_and_it_is_made_anew(self):
        broker = self.start_with_days("--compress-after", "0s")
        self.wait_for(self.names(DAYS[:2], DAYS[2:3]))
        good = {name: self.content(name) for name in self.ALL}
        first = self.ALL[1]
        head = good[first][:HEAD_LEN]
        self.assertEqual(good[first][HEAD_LEN : HEAD_LEN + ENTRY_LEN],
                         entry_of(head, 0, *struct.unpack("<3Q", good[first][HEAD_LEN : HEAD_LEN + 24])))  # fmt: skip
        hostile = {
            "noise": lambda name: os.urandom(5000),
            "empty": lambda name: b"",
            "zeros": lambda name: good[name][:HEAD_LEN] + bytes(len(good[name]) - HEAD_LEN),
            "another file's": lambda name: good[self.ALL[(self.ALL.index(name) + 1) % len(self.ALL)]],
            "flipped": lambda name: good[name][:HEAD_LEN] + bytes(b ^ 16 for b in good[name][HEAD_LEN:]),
            "too far": lambda name: self.forged(good[name], lambda at, offset: 280000 + at),
            "too near": lambda name: self.forged(good[name], lambda at, offset: 1 + at),
            "past the end": lambda name: self.forged(good[name], lambda at, offset: (1 << 63) + at),
        }
        for kind, make in hostile.items():
            with self.subTest(kind):
                contents = {name: make(name) for name in self.ALL}
                for name, content in contents.items():
                    self.put(name, content)
                before = broker.metric("tocsin_stream_bad_indexes_total")
                self.assert_replay_is_right(broker)
                wait_until(lambda: broker.metric("tocsin_stream_bad_indexes_total") > before, "that it is noticed")
                for name in self.ALL:
                    self.put(name, good[name])
        # each time that one is used it is noticed, and made anew
        self.put(first, self.forged(good[first], lambda at, offset: 1 + at))
        wait_until(lambda: self.first_number(broker, self.records[200][0]) == 200 and self.content(first) == good[first],
                   "the index as it was")  # fmt: skip

    def test_links_pipes_and_folders_in_their_place_do_no_harm(self):
        broker = self.start_with_days("--compress-after", "never")
        victim = os.path.join(self.dir, "victim")
        good = self.content(self.ALL[1])
        makers = {
            "link": lambda path: os.symlink(victim, path),
            "hard link": lambda path: os.link(victim, path),
            "pipe": os.mkfifo,
            "folder": os.mkdir,
        }
        for kind, make in makers.items():
            with self.subTest(kind):
                broker.stop()
                with open(victim, "w") as file:
                    file.write("precious")
                for name in self.ALL:
                    self.clear(name)
                    make(self.path(name))
                broker = self.start("--tail-bytes", "64KiB", "--compress-after", "never")
                self.assert_replay_is_right(broker)
                if kind == "folder":
                    wait_until(lambda: broker.metric("tocsin_log_index_failures_total") >= 3, "that it is counted")
                    self.assertEqual(broker.metric("tocsin_retention_failing"), 0)
                else:
                    wait_until(lambda: os.path.isfile(self.path(self.ALL[1])) and self.content(self.ALL[1]) == good,
                               "an index of its own")  # fmt: skip
                with open(victim) as file:
                    self.assertEqual(file.read(), "precious")


if __name__ == "__main__":
    unittest.main()
