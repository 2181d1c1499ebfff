"""Nothing is lost and nothing comes twice: sessions that resume at upto + 1 across stops, kill -9 and ends of days, slow
ones that fall behind into the files and catch up, all under load. Compared with the log as an independent reader has it.

TOCSIN_STREAM_CYCLES sets how often the broker is killed."""

import os
import random
import time
import unittest

import support
import zmq
from scenario_stream import StreamScenario
from support import Log, event, pack
from support_faults import Faults
from support_load import frames
from support_stream import PLENTY, Stream

CYCLES = int(os.environ.get("TOCSIN_STREAM_CYCLES", "8" if support.IS_SANITIZED else "40"))
QUIET_S = 10
SEED = int(os.environ.get("TOCSIN_SEED", str(random.SystemRandom().randrange(1 << 32))))


class Consumer:
    """Keeps what it got and its cursor, whatever becomes of brokers; credit is given anew as it is used."""

    def __init__(self, context, credit=1 << 20, **options):
        self.context = context
        self.options = options
        self.credit = credit
        self.upto = 0
        self.records = []
        self.holes = []
        self.stream = None

    def connect(self, broker):
        self.stream = Stream(self.context, broker.ports["stream"])
        self.stream.open(credit=self.credit, **{"from": self.upto + 1, **self.options})
        self.left = self.credit
        self.said = time.monotonic()

    def say(self, *message):
        self.stream.send(*message)
        self.said = time.monotonic()

    def take(self, deadline_s):
        """One message; None when none came in time."""
        if time.monotonic() - self.said >= QUIET_S:  # a session that says nothing for a minute is ended
            self.say("ping")
        verb = self.stream.take(deadline_s)
        if verb == "batch":
            self.left -= self.stream.frame_len
            if self.left < self.credit // 2:
                self.say("credit", self.credit - self.left)
                self.left = self.credit
        if self.stream.upto is not None:
            self.upto = self.stream.upto
        self.records += self.stream.records
        self.stream.records = []
        self.holes += self.stream.holes
        self.stream.holes = []
        return verb

    def disconnect(self):
        """What is still on its way is lost on purpose."""
        self.stream.close()

    def take_to(self, seq):
        while self.upto < seq:
            assert self.take(support.DEADLINE_S) is not None, f"nothing more behind {self.upto}, {seq} is wanted"


class Pump:
    """Publishes as fast as it is asked to, so that the log stays of a size that Python can compare."""

    def __init__(self, context, events=100, summary_bytes=100):
        self.context = context
        self.frames = [frames(f"load-{index}", 5, summary_bytes) for index in range(2)]
        self.frames_at_once = events // 10
        self.socket = None

    def connect(self, broker):
        self.disconnect()
        self.socket = self.context.socket(zmq.PUB)
        self.socket.connect(broker.ports["ingest"])

    def disconnect(self):
        if self.socket:
            self.socket.close(0)
        self.socket = None

    def pump(self):
        for _ in range(self.frames_at_once):
            for each in self.frames:
                self.socket.send(next(each))


class Lossless(StreamScenario):
    def setUp(self):
        super().setUp()
        print(f"seed {SEED}", flush=True)
        self.random = random.Random(SEED)

    def check(self, consumers, lines):
        """Each has exactly what it wanted of the log, in order, once, and as the log has it."""
        for consumer in consumers:
            wants = consumer.options.get("filters", [""])
            expected = [line for line in lines
                        if any(f"{line['category']}/{line['sourceId']}\0".startswith(each) for each in wants)]  # fmt: skip
            self.assertEqual([record[0] for record in consumer.records], [line["seq"] for line in expected])
            for (_, prev, _, event_), line in zip(consumer.records, expected):
                self.assertEqual(prev, line["prev"])
                self.assertEqual(event_, {key: line[key] for key in event_})
            self.assertEqual(consumer.holes, [])

    def run_across(self, end_broker, *flags, gaps_allowed=False):
        pump = Pump(self.context)
        consumers = [
            Consumer(self.context),
            Consumer(self.context, credit=20000),
            Consumer(self.context, filters=["LoadEvent/load-0\0", "BrokerEvent/"]),
        ]
        for _ in range(CYCLES):
            broker = self.stream_broker(*flags)
            pump.connect(broker)
            for consumer in consumers:
                consumer.connect(broker)
            target = consumers[0].upto + self.random.randrange(1, 6000)
            while consumers[0].upto < target:
                pump.pump()
                for consumer in consumers:
                    consumer.take(0.002)
            end_broker(broker)
            pump.disconnect()
            for consumer in consumers:
                consumer.disconnect()
        broker = self.stream_broker(*flags)
        for consumer in consumers:
            consumer.connect(broker)
        head = consumers[0].stream.head
        for consumer in consumers:
            consumer.take_to(head)
        broker.kill()
        lines = [line for line in Log(self.log_dir, gaps_allowed).lines if line["seq"] <= head]
        self.assertEqual(lines[-1]["seq"], head)
        for consumer in consumers:
            consumer.records = [record for record in consumer.records if record[0] <= head]
        return consumers, lines

    def test_across_kill_9_under_load(self):
        self.check(*self.run_across(lambda broker: broker.kill()))

    def test_across_clean_stops_under_load_with_little_memory(self):
        self.check(*self.run_across(lambda broker: broker.stop(), "--tail-bytes", "64KiB"))

    def test_across_kill_9_with_a_relaxed_sync(self):
        """What was served was durable: no seq that a session has seen ever means something else."""
        self.check(*self.run_across(lambda broker: broker.kill(), "--sync", "interval=20"))

    def test_a_slow_session_falls_behind_into_the_files_and_catches_up_under_load(self):
        broker = self.stream_broker("--tail-bytes", "256KiB")
        pump = Pump(self.context, summary_bytes=300)
        pump.connect(broker)
        slow = Consumer(self.context, credit=20000)
        slow.connect(broker)
        while broker.metric("tocsin_log_durable_seq") < slow.upto + 20000:
            for _ in range(20):
                pump.pump()
            slow.take(0.01)
        slow.credit = slow.left = PLENTY
        slow.say("credit", PLENTY)
        read_before = broker.metric("tocsin_stream_tail_records_total")
        while broker.metric("tocsin_stream_tail_records_total") == read_before:  # while all goes on
            pump.pump()
            slow.take(0.01)
        self.assertGreater(broker.metric("tocsin_stream_file_lines_total"), 10000)
        pump.disconnect()
        broker.stop()
        lines = Log(self.log_dir).lines
        broker = self.stream_broker()  # a broker that stops waits for nobody: what is still wanted comes from the next one
        slow.disconnect()
        slow.connect(broker)
        slow.take_to(lines[-1]["seq"])
        broker.stop()
        self.check_up_to([slow], lines)

    def test_days_that_end_while_they_are_read(self):
        faults = Faults(self.dir)
        self.addCleanup(faults.close)
        faults.set_clock("2026-11-01 12:00:00")
        broker = self.stream_broker("--tail-bytes", "64KiB", env=faults.environment())
        pump = Pump(self.context)
        pump.connect(broker)
        consumers = [
            Consumer(self.context),
            Consumer(self.context, credit=30000),
            Consumer(self.context, credit=3000, filters=["BrokerEvent/", "LoadEvent/load-1\0"]),
        ]
        for consumer in consumers:
            consumer.connect(broker)
        for day in range(2, 12):
            faults.set_clock(f"2026-11-{day:02} 00:00:01")
            target = consumers[0].upto + 1000
            deadline_s = time.monotonic() + support.DEADLINE_S
            while consumers[0].upto < target or broker.metric("tocsin_log_rolls_total") < day - 1:
                self.assertLess(time.monotonic(), deadline_s, f"day {day} ends")
                pump.pump()
                for consumer in consumers:
                    consumer.take(0.002)
        pump.disconnect()
        broker.stop()
        log = Log(self.log_dir)
        self.assertGreater(len(log.files), 9)
        broker = self.stream_broker(env=faults.environment())
        for consumer in consumers:
            consumer.disconnect()
            consumer.connect(broker)
            consumer.take_to(log.lines[-1]["seq"])
        broker.stop()
        self.check_up_to(consumers, log.lines)

    def check_up_to(self, consumers, lines):
        for consumer in consumers:
            consumer.records = [record for record in consumer.records if record[0] <= lines[-1]["seq"]]
        self.check(consumers, lines)

    def test_what_was_seen_live_is_found_in_the_stream(self):
        """D and R: a subscriber and a replay of what it missed, together everything."""
        broker = self.stream_broker()
        early = self.publisher(broker)
        for number in range(500):
            early.send(pack(event(number)))
        subscriber = self.subscriber(broker)
        for number in range(500, 1000):
            early.send(pack(event(number)))
        subscriber.take_until(1)
        first = subscriber.records[0][1][0]
        replay = self.stream(broker).open(**{"from": 1})
        replay.take_until(lambda: replay.upto is not None and replay.upto >= first - 1)
        while subscriber.records[-1][1][3].get("summary") != "event 999":
            subscriber.take()
        delivered = {record[0]: record[3] for _, record, _ in subscriber.records}
        replay.take_records(1002)
        replayed = {record[0]: record[3] for record in replay.records}
        self.assertEqual({**replayed, **delivered}, replayed)
        self.assertEqual(sorted(replayed), list(range(1, 1003)))
        broker.stop()


if __name__ == "__main__":
    unittest.main()
