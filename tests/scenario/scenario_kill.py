"""kill -9 under load, again and again: the log is always a clean prefix, and what anyone saw is in it.

TOCSIN_KILL_CYCLES sets how often the broker is killed with --sync batch (each other mode: a fifth of it); TOCSIN_SEED
brings a run's random moments again."""

import hashlib
import os
import random
import shutil
import time
import unittest

import support
import zmq
from support import Log, event, own_type, pack
from support_load import Load

CYCLES = int(os.environ.get("TOCSIN_KILL_CYCLES", "40" if support.IS_SANITIZED else "200"))
RELAXED_CYCLES = max(CYCLES // 5, 2)
CUTS = 8
SEED = int(os.environ.get("TOCSIN_SEED", str(random.SystemRandom().randrange(1 << 32))))

# A new directory so often: a start reads the end of a large log again, and the test shall not wait for that.
CYCLES_OF_A_LOG = 25

START_S = 0.3 if support.IS_SANITIZED else 0.03  # about as long as a start takes
LOAD_S = 0.25
KILLED_EARLY = 0.15  # so many of the brokers die while they start

EVENT_KEYS = ("time", "level", "category", "type", "sourceId", "summary", "cause", "snapshot")


class GrowingLog(Log):
    """A log that is read on as it grows, each line checked once, and never changes where it was read."""

    def __init__(self, log_dir):
        self.log_dir = log_dir
        self.lines = []
        self.gaps_allowed = False
        self.last_of_topic = {}
        self.hash = None
        self.read = {}  # inode: bytes; the name of a file changes at midnight
        self.last_name = None
        self.digest = hashlib.sha1()
        self.tail = b""

    def read_on(self):
        """The lines since the last time; what follows the last LF goes to self.tail and is looked at again."""
        self.lines = self.lines[-1:]
        known = len(self.lines)
        for name in support.log_files(self.log_dir):
            self.read_file_on(name)
        return self.lines[known:]

    def read_file_on(self, name):
        with open(os.path.join(self.log_dir, name), "rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            start = file.seek(self.read.get(inode, 0))
            content = file.read()
        whole = content.rfind(b"\n") + 1
        self.tail = content[whole:]
        self.read[inode] = start + whole
        self.digest.update(content[:whole])
        for raw in content[:whole].splitlines():
            line = support.json.loads(raw)
            if start == 0:
                self.check_opened(name, line, self.last_name)
            start = None
            self.check_line(name, raw, line)
            self.lines.append(line)
        if whole:
            self.last_name = name

    def check_unchanged(self):
        """What was read is what is there still."""
        digest = hashlib.sha1()
        for name in support.log_files(self.log_dir):
            with open(os.path.join(self.log_dir, name), "rb") as file:
                digest.update(file.read(self.read[os.fstat(file.fileno()).st_ino]))
        if digest.digest() != self.digest.digest():
            raise AssertionError("lines that had been written were changed")


class Watcher:
    """A raw SUB that takes frames as fast as it can; they are read when there is time."""

    def __init__(self, context, endpoint, prefix):
        self.socket = context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.SUBSCRIBE, prefix)
        self.socket.connect(endpoint)
        self.frames = []

    def take(self):
        """Takes what is there."""
        while self.socket.poll(0):
            self.frames.append(self.socket.recv())

    def records(self):
        for frame in self.frames:
            topic, body = frame.split(b"\0", 1)
            unpacker = support.msgpack.Unpacker(raw=False)
            unpacker.feed(body)
            for record in unpacker if topic != b"~" else ():
                yield topic.decode(), record


class Kill(support.Scenario):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.torn_count = self.line_count = self.seen_count = self.early_count = 0

    def pause_s(self, longest_s):
        """Waits until a random moment: the one thing here that is not awaited."""
        time.sleep(self.random.uniform(0, longest_s))

    def live_through(self, flags, load):
        """A broker's life under load, ended by kill -9; what was seen of it."""
        broker = support.Broker(self.log_dir, *flags)
        self.addCleanup(broker.close)
        broker.spawn()
        watchers = []
        if self.random.random() < KILLED_EARLY:
            self.pause_s(START_S)
            self.early_count += 1
        else:
            support.wait_until(lambda: broker.is_ready() or broker.process.poll() is not None, "the broker's start")
            self.assertTrue(broker.is_ready(), broker.stderr())
            watchers = [Watcher(self.context, broker.ports["live"], prefix) for prefix in (b"", b"LoadEvent/load-1\0")]
            load.publish_to(broker.ports["ingest"])
            self.watch(watchers, self.random.uniform(0, LOAD_S))
        broker.kill()
        load.pause()
        self.assertEqual(broker.process.returncode, -9, broker.stderr())
        for watcher in watchers:
            while watcher.socket.poll(10):
                watcher.take()
            watcher.socket.close(linger=0)
        broker.close()
        return watchers

    @staticmethod
    def watch(watchers, duration_s):
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            watchers[0].socket.poll(1)
            for watcher in watchers:
                watcher.take()

    def check_seen(self, lines, watchers):
        """Delivered is a part of logged."""
        by_seq = {line["seq"]: line for line in lines}
        for watcher in watchers:
            for topic, (seq, prev, received_us, seen) in watcher.records():
                line = by_seq[seq]
                self.assertEqual(prev, line["prev"])
                self.assertEqual(topic, f"{line['category']}/{line['sourceId']}")
                self.assertEqual(received_us % 1000000, int(line["received"][-7:-1]))
                self.assertEqual(seen, {key: line[key] for key in EVENT_KEYS if key in line})
                self.seen_count += 1

    def check_numbers(self, lines):
        """Each publisher's events are in the order in which it sent them, none twice."""
        for line in lines:
            if line["category"] == "LoadEvent":
                number = line["snapshot"]["number"]
                self.assertGreater(number, self.last_number.get(line["sourceId"], -1))
                self.last_number[line["sourceId"]] = number

    def check_torn(self, tail, lines):
        """A tail that was cut short is set aside, byte by byte, and told of, by a life that is long enough for it."""
        told = [line["snapshot"] for line in lines if own_type(line) == "TornTail"]
        names = os.listdir(self.log_dir) if os.path.exists(self.log_dir) else []  # it may have died before that
        aside = {name: self.content(name) for name in names if name.startswith("events.log.torn.")}
        fresh = {name: content for name, content in aside.items() if name not in self.aside}
        self.aside.update(aside)
        if tail and any(own_type(line) == "BrokerStarted" for line in lines):
            self.assertEqual([snapshot["bytes"] for snapshot in told], [len(tail)])
            self.assertEqual(fresh[told[0]["file"]], tail)
            self.torn_count += 1
            return
        self.assertEqual(told, [])
        for content in fresh.values():
            self.assertEqual(content, tail[: len(content)])

    def content(self, name):
        with open(os.path.join(self.log_dir, name), "rb") as file:
            return file.read()

    def begin_log(self, name):
        self.log_dir = os.path.join(self.dir, name)
        self.log = GrowingLog(self.log_dir)
        self.aside = {}
        self.last_number = {}

    def kill_again_and_again(self, cycles, *flags):
        began = time.monotonic()
        load = Load()
        self.addCleanup(load.close)
        for cycle in range(cycles):
            if cycle % CYCLES_OF_A_LOG == 0:
                self.begin_log(f"{flags[-1]}-{cycle}")
            tail = self.log.tail
            watchers = self.live_through(flags, load)
            lines = self.log.read_on()
            self.line_count += len(lines)
            self.check_seen(lines, watchers)
            self.check_numbers(lines)
            self.check_torn(tail, lines)
            if cycle % CYCLES_OF_A_LOG == CYCLES_OF_A_LOG - 1 or cycle == cycles - 1:
                self.log.check_unchanged()
        print(
            f"seed {SEED}: killed {cycles} times with {' '.join(flags)}, {self.early_count} of them while starting:"
            f" {self.line_count} lines, {self.seen_count} records seen live, {self.torn_count} torn tails,"
            f" {time.monotonic() - began:.1f} s"
        )
        self.assertGreater(self.seen_count, 0)

    def test_the_log_is_a_clean_prefix_after_each_kill_with_sync_batch(self):
        self.kill_again_and_again(CYCLES, "--sync", "batch")

    def test_the_log_is_a_clean_prefix_after_each_kill_with_a_sync_now_and_then(self):
        self.kill_again_and_again(RELAXED_CYCLES, "--sync", "interval=20")

    def test_the_log_is_a_clean_prefix_after_each_kill_without_syncs(self):
        self.kill_again_and_again(RELAXED_CYCLES, "--sync", "none")


class Damage(support.Scenario):
    """The judges themselves: what a crash can leave is mended, anything else is named."""

    def setUp(self):
        super().setUp()
        broker = self.broker()
        subscriber = self.subscriber(broker)
        publisher = self.publisher(broker)
        for batch in range(10):
            publisher.send(b"".join(pack(event(number)) for number in range(20 * batch, 20 * batch + 20)))
            subscriber.take_until(20 * batch + 20)
        broker.kill()
        self.lines = Log(self.log_dir).lines
        with open(os.path.join(self.log_dir, "events.log"), "rb") as file:
            self.content = file.read()
        self.ends = [at + 1 for at, byte in enumerate(self.content) if byte == 0x0A]

    def damaged(self, name, content):
        """A copy of the log with other content."""
        log_dir = os.path.join(self.dir, name)
        shutil.copytree(self.log_dir, log_dir)
        with open(os.path.join(log_dir, "events.log"), "wb") as file:
            file.write(content)
        return log_dir

    def test_a_last_batch_that_is_cut_anywhere_is_mended_and_the_rest_kept(self):
        last_batch = self.lines[-1]["batch"]
        self.assertGreater(self.lines[-1]["seq"], last_batch)
        chance = random.Random(SEED)
        for cut in chance.sample(range(self.ends[last_batch - 2] + 1, len(self.content)), CUTS):
            with self.subTest(seed=SEED, cut=cut):
                log_dir = self.damaged(f"cut-{cut}", self.content[:cut])
                self.broker(log_dir=log_dir).stop()
                kept = [end for end in self.ends if end <= cut]
                log = Log(log_dir)
                with open(os.path.join(log_dir, "events.log"), "rb") as file:
                    self.assertTrue(file.read().startswith(self.content[: kept[-1]]))
                torn = [line["snapshot"] for line in log.own("TornTail")]
                self.assertEqual([snapshot["bytes"] for snapshot in torn], [cut - kept[-1]] if cut > kept[-1] else [])
                for snapshot in torn:
                    with open(os.path.join(log_dir, snapshot["file"]), "rb") as file:
                        self.assertEqual(file.read(), self.content[kept[-1] : cut])

    def test_a_byte_changed_before_the_last_batch_is_found_by_the_broker_and_by_the_checker(self):
        chance = random.Random(SEED)
        for at in chance.sample(range(self.ends[self.lines[-1]["batch"] - 2]), CUTS):
            with self.subTest(seed=SEED, at=at):
                content = bytearray(self.content)
                content[at] ^= 1 << chance.randrange(8)
                log_dir = self.damaged(f"flip-{at}", content)
                code, text = self.broker_that_fails(log_dir=log_dir)
                self.assertEqual(code, 65, text)
                line = sum(end <= at for end in self.ends) + 1
                self.assertRegex(text, rf"events\.log is damaged: line {line} ")
                self.assertIn("--salvage", text)
                with self.assertRaises((AssertionError, ValueError, KeyError)):
                    Log(log_dir)


if __name__ == "__main__":
    unittest.main()
