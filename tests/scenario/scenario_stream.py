"""The stream door: where a session begins, what it gets of the log, and when; the same from memory and from files."""

import os
import time
import unittest

import msgpack
import support
import zmq
from support import DEADLINE_S, Log, event, pack
from support_faults import Faults
from support_stream import PLENTY, Stream

STREAM = ("--stream", "tcp://127.0.0.1:*")


class StreamScenario(support.Scenario):
    def stream_broker(self, *flags, **options):
        return self.broker(*STREAM, *flags, **options)

    def stream(self, broker):
        stream = Stream(self.context, broker.ports["stream"])
        self.addCleanup(stream.close)
        return stream

    def publish(self, broker, events):
        """Publishes and waits until all is durable."""
        wanted = broker.metric("tocsin_log_durable_seq") + len(events)
        publisher = self.publisher(broker)
        for each in events:
            publisher.send(pack(each))
        support.wait_until(lambda: broker.metric("tocsin_log_durable_seq") >= wanted, "all durable")
        publisher.close()

    def from_memory_and_from_files(self, events, check, *flags):
        """check(broker) twice: while the latest records are in memory, and when only the files hold them."""
        broker = self.stream_broker(*flags)
        self.publish(broker, events)
        with self.subTest("from memory"):
            check(broker)
            self.assertEqual(broker.metric("tocsin_stream_file_lines_total"), 0)
        broker.stop()
        broker = self.stream_broker(*flags)
        with self.subTest("from files"):
            check(broker)
            self.assertGreater(broker.metric("tocsin_stream_file_lines_total"), 0)
        broker.stop()


class From(StreamScenario):
    def test_a_replay_of_everything_is_the_log(self):
        def check(broker):
            stream = self.stream(broker).open(**{"from": 1, "follow": False})
            records = stream.take_all()
            self.assertEqual((stream.start, stream.end), (1, stream.head))
            self.assertEqual(stream.upto, stream.end)
            log = Log(self.log_dir)
            self.assertEqual(stream.log_id, log.log_id)
            self.assertEqual(len(records), len(log.lines))
            for (seq, prev, received, event_), line in zip(records, log.lines):
                self.assertEqual((seq, prev), (line["seq"], line["prev"]))
                expected = {key: line[key] for key in event_}
                self.assertEqual(event_, expected)
                seconds, fraction = line["received"].rstrip("Z").split(".")
                self.assertEqual(received % 1000000, int(fraction))

        rich = [event(n, cause="Some.cause", summary='ü "\\ \x7f\u2028', snapshot={"number": n, "f": 1.5, "a": [None, True, -1]})
                for n in range(300)]  # fmt: skip
        rich = [{**each, "summary": each["summary"].replace("\x7f", "")} for each in rich]
        self.from_memory_and_from_files(rich, check)

    def test_every_form_of_from(self):
        def start(broker, **options):
            stream = self.stream(broker)
            stream.open(follow=False, **options)
            stream.take_all()
            self.assertEqual(stream.seqs(), list(range(stream.start, stream.head + 1)))
            head, begins = stream.head, stream.start
            stream.close()
            return head, begins

        def check(broker):
            lines = Log(self.log_dir).lines
            head, begins = start(broker, **{"from": 7})
            self.assertEqual((head, begins), (len(lines), 7))
            self.assertEqual(start(broker, **{"from": 0})[1], 1)
            self.assertEqual(start(broker, **{"from": "first"})[1], 1)
            self.assertEqual(start(broker, **{"from": "new"})[1], head + 1)
            self.assertEqual(start(broker)[1], head + 1)
            for last, expected in ((0, head + 1), (1, head), (10, head - 9), (head, 1), (10 * head, 1)):
                self.assertEqual(start(broker, **{"from": {"last": last}})[1], expected)
            for number in (3, len(lines) // 2, len(lines) - 1):
                received = lines[number]["received"]
                first = next(line["seq"] for line in lines if line["received"] >= received)
                self.assertEqual(start(broker, **{"from": {"time": received}})[1], first)
            self.assertEqual(start(broker, **{"from": {"time": "1999-01-01T00:00:00+09:00"}})[1], 1)
            self.assertEqual(start(broker, **{"from": {"time": "2199-01-01T00:00:00Z"}})[1], head + 1)

        self.from_memory_and_from_files([event(n) for n in range(200)], check)

    def test_a_seq_that_is_yet_to_come_is_waited_for(self):
        broker = self.stream_broker()
        stream = self.stream(broker).open(**{"from": 8})
        self.publish(broker, [event(n) for n in range(20)])
        stream.take_records(15)
        self.assertEqual(stream.seqs(), list(range(8, 23)))

    def test_days_that_are_gone_are_a_hole(self):
        faults = Faults(self.dir)
        self.addCleanup(faults.close)
        broker = None
        for day in range(20, 24):
            faults.set_clock(f"2026-11-{day} 12:00:00")
            broker = broker or self.stream_broker(env=faults.environment())
            self.publish(broker, [event(n) for n in range(50)])
        broker.stop()
        log = Log(self.log_dir)
        days = log.files
        self.assertEqual(len(days), 4)
        seqs = {name: [line["seq"] for _, line in support.read_lines(self.log_dir, name)] for name in days}
        os.unlink(os.path.join(self.log_dir, days[0]))
        os.unlink(os.path.join(self.log_dir, days[2]))
        broker = self.stream_broker(env=faults.environment())
        stream = self.stream(broker).open(**{"from": 1, "follow": False})
        stream.take_all()
        self.assertEqual(stream.holes, [(1, seqs[days[0]][-1]), (seqs[days[2]][0], seqs[days[2]][-1])])
        self.assertEqual(stream.seqs()[: len(seqs[days[1]])], seqs[days[1]])
        self.assertEqual(stream.seqs()[len(seqs[days[1]]) :], list(range(seqs[days[3]][0], stream.head + 1)))
        first = self.stream(broker).open(**{"from": "first", "follow": False})
        self.assertEqual(first.start, seqs[days[1]][0])
        first.take_all()
        first.send("info")
        self.assertEqual(first.expect("info")[1]["first"], seqs[days[1]][0])
        inside = self.stream(broker).open(**{"from": seqs[days[2]][5], "follow": False})
        inside.take_all()
        self.assertEqual(inside.holes, [(seqs[days[2]][5], seqs[days[2]][-1])])
        broker.stop()


class Filter(StreamScenario):
    def test_filters_level_and_types(self):
        sources = ["#default#app/cam", "#default#app/cam2", "#default#app2/cam", "ümlaut \"quoted\" \\"]
        levels = ["Trace", "Debug", "Info", "Warning", "Error"]
        events = [
            event(n, category=("StreamEvent", "AppEvent")[n % 2], sourceId=sources[n % 4], level=levels[n % 5],
                  type=f"Type{n % 3}")
            for n in range(240)
        ]  # fmt: skip

        def check(broker):
            lines = Log(self.log_dir).lines

            def numbers_of(condition):
                return [line["seq"] for line in lines if condition(line)]

            def taken(**options):
                stream = self.stream(broker).open(**{"from": 1, "follow": False, **options})
                stream.take_all()
                stream.close()
                self.assertEqual(stream.end, len(lines))
                return stream.seqs()

            def topic(line):
                return f"{line['category']}/{line['sourceId']}\0".encode()

            for filters in (
                [b""], [], ["StreamEvent/"], [b"StreamEvent/#default#app/"], ["StreamEvent/#default#app/cam\0"],
                ["StreamEvent/#default#app/cam"], ["AppEvent/", "StreamEvent/"], ["Nothing/"], ["AppEvent/ümlaut"],
                ["AppEvent/ümlaut \"quoted\" \\\0"], [f"x{n}" for n in range(999)] + ["AppEvent/#"], ["~"],
            ):  # fmt: skip
                prefixes = [f if isinstance(f, bytes) else f.encode() for f in filters] or [b""]
                expected = numbers_of(lambda line: any(topic(line).startswith(prefix) for prefix in prefixes))
                self.assertEqual(taken(filters=filters), expected, filters[:3])
            for rank, level in enumerate(levels):
                self.assertEqual(taken(level=level), numbers_of(lambda line: levels.index(line["level"]) >= rank))
            self.assertEqual(taken(types=["Type1"]), numbers_of(lambda line: line["type"] == "Type1"))
            self.assertEqual(taken(types=["Type", "Type11", "Type2"]), numbers_of(lambda line: line["type"] == "Type2"))
            self.assertEqual(taken(types=[]), numbers_of(lambda line: True))
            self.assertEqual(
                taken(filters=["AppEvent/"], level="Warning", types=["Type0"]),
                numbers_of(lambda line: line["category"] == "AppEvent" and line["level"] in levels[3:]
                           and line["type"] == "Type0"),
            )  # fmt: skip

        self.from_memory_and_from_files(events, check)

    def test_upto_moves_on_each_second_where_nothing_matches(self):
        broker = self.stream_broker()
        stream = self.stream(broker).open(filters=["Nothing/"])
        uptos = []
        for number in range(3):
            self.publish(broker, [event(number)])
            head = stream.start + number
            started = time.monotonic()
            stream.take_until(lambda: stream.upto is not None and stream.upto >= head)
            self.assertLess(time.monotonic() - started, 20 if support.IS_SANITIZED else 3)
            uptos.append(stream.upto)
        self.assertEqual(stream.records, [])
        self.assertEqual(uptos, sorted(uptos))
        stream.take()  # and when nothing is new: a client knows by it that its session is there


class Latest(StreamScenario):
    def test_a_session_may_begin_with_the_last_record_of_each_topic(self):
        events = [event(n) for n in range(100)] + [event(1000, sourceId="alone", level="Error")]

        def last_of(lines, condition=lambda line: True):
            latest = {(line["category"], line["sourceId"]): line["seq"] for line in lines}
            return [line["seq"] for line in lines
                    if latest[line["category"], line["sourceId"]] == line["seq"] and condition(line)]  # fmt: skip

        def check(broker):
            lines = Log(self.log_dir).lines
            stream = self.stream(broker).open(latest=True)
            stream.take_records(len(last_of(lines)))
            self.assertEqual(stream.seqs(), last_of(lines))
            self.assertEqual(stream.upto, stream.start - 1)

            stream.open(latest=True, follow=False, filters=["TestEvent/source-1", "TestEvent/alone"])
            stream.take_all()
            own = last_of(lines, lambda line: line["sourceId"] in ("source-1", "alone"))
            self.assertEqual(stream.seqs(), own)

            stream.open(latest=True, follow=False, filters=["TestEvent/"], level="Error")
            stream.take_all()
            self.assertEqual(stream.seqs(), last_of(lines, lambda line: line["sourceId"] == "alone"))

            # what comes in the replay anyway is not sent twice
            stream.open(**{"latest": True, "follow": False, "from": 100, "filters": ["TestEvent/"]})
            stream.take_all()
            replayed = [line["seq"] for line in lines[99:] if line["category"] == "TestEvent"]
            before = [seq for seq in last_of(lines, lambda line: line["category"] == "TestEvent") if seq < 100]
            self.assertEqual(len(before), 4)
            self.assertEqual(stream.seqs(), before + replayed)

        self.from_memory_and_from_files(events, check)

    def test_thousands_of_topics_are_answered_in_pieces(self):
        count = 6000
        events = [event(n, sourceId=f"source-{n % count}", summary="x" * 400) for n in range(count + 1000)]

        def check(broker):
            expected = [line["seq"] for line in Log(self.log_dir).lines if line["category"] == "TestEvent"][1000:]
            stream = self.stream(broker)
            stream.send("latest", ["TestEvent/"])
            seqs = []
            while True:
                records = stream.expect("latest")[1]
                self.assertLessEqual(stream.frame_len, 1 << 20)
                seqs += [record[0] for record in records]
                if not records:
                    break
            self.assertEqual(seqs, expected)
            stream.open(latest=True, follow=False, filters=["TestEvent/"])
            stream.take_all()
            self.assertEqual(stream.seqs(), expected)

        self.from_memory_and_from_files(events, check)

    def test_topics_are_known_though_nobody_read_while_their_records_passed_through_memory(self):
        broker = self.stream_broker("--tail-bytes", "64KiB", "--sync", "interval=50")
        count = 300
        for _ in range(10):
            self.publish(broker, [event(n, sourceId=f"source-{n % count}", summary="x" * 400) for n in range(count + 70)])
        expected = {line["sourceId"]: line["seq"] for line in Log(self.log_dir).lines if line["category"] == "TestEvent"}
        stream = self.stream(broker)
        stream.send("latest", ["TestEvent/"])
        seqs = []
        while records := stream.expect("latest")[1]:
            seqs += [record[0] for record in records]
        self.assertEqual(seqs, sorted(expected.values()))
        stream.open(**{"from": 1})  # and who comes then reads the files, then what is new from memory
        upto = len(Log(self.log_dir).lines)
        stream.take_until(lambda: stream.upto == upto)
        self.publish(broker, [event(n) for n in range(50)])
        stream.take_until(lambda: stream.upto == upto + 50)
        self.assertEqual(stream.seqs(), list(range(1, upto + 51)))

    def test_many_may_ask_at_once(self):
        broker = self.stream_broker()
        self.publish(broker, [event(n) for n in range(10)])
        streams = [self.stream(broker) for _ in range(20)]
        for stream in streams:
            stream.send("latest", ["TestEvent/"])
        for stream in streams:
            self.assertEqual(len(stream.expect("latest")[1]), 7)
            self.assertEqual(stream.expect("latest")[1], [])


class Talk(StreamScenario):
    def test_info_tells_where_the_log_is_and_counts(self):
        broker = self.stream_broker()
        self.publish(broker, [event(n) for n in range(10)])
        follower = self.stream(broker).open(**{"from": 1})
        stream = self.stream(broker)
        follower.take_records(12)
        stream.send("info")
        info = stream.expect("info")[1]
        self.assertEqual((info["first"], info["head"], info["durable"], info["sessions"]), (1, 12, 12, 1))
        self.assertEqual(info["log_id"], follower.log_id)
        self.assertEqual(info["version"], "0.1.0")
        self.assertGreaterEqual(info["uptime_s"], 0)
        self.assertEqual(info["counters"]["events_accepted"], 10)
        self.assertEqual(info["counters"]["stream_records"], 12)

    def test_pings_are_answered_with_and_without_a_session(self):
        stream = self.stream(self.stream_broker())
        stream.send("ping")
        stream.expect("pong")
        stream.open(credit=0)
        stream.send("ping")
        stream.expect("pong")
        stream.send("pong")
        stream.send("ping")
        stream.expect("pong")

    def test_a_new_open_takes_the_place_of_the_session_and_close_ends_it(self):
        broker = self.stream_broker()
        self.publish(broker, [event(n) for n in range(10)])
        stream = self.stream(broker).open(**{"from": 1})
        stream.take_records(12)
        stream.open(**{"from": 5, "follow": False})
        stream.take_all()
        self.assertEqual(stream.seqs(), list(range(5, 13)))
        stream.send("credit", 1)
        self.assertEqual(stream.expect("error")[1], "closed")
        stream.open(credit=0)
        stream.send("close")
        stream.send("credit", 1)
        self.assertEqual(stream.expect("error")[1], "closed")
        support.wait_until(lambda: broker.metric("tocsin_stream_sessions") == 0, "that it is counted no more")

    def test_a_stop_reaches_those_who_follow_as_the_last_record_and_a_word(self):
        broker = self.stream_broker()
        stream = self.stream(broker).open(filters=["BrokerEvent/"])
        broker.stop()
        stream.take_until(lambda: stream.records and stream.records[-1][3]["type"] == "BrokerStopped")
        self.assertEqual(stream.expect("error")[1], "unavailable")

    def test_only_what_is_durable_is_served(self):
        for mode in ("interval=300", "none", "batch"):
            with self.subTest(mode):
                broker = self.stream_broker("--sync", mode, log_dir=os.path.join(self.dir, mode))
                stream = self.stream(broker).open(filters=["TestEvent/"], latest=True)
                publisher = self.publisher(broker)
                for number in range(40):
                    publisher.send(pack(event(number)))
                    stream.take_records(number + 1)
                    if mode != "none":  # there nothing is known to be durable; written is what a session gets
                        self.assertGreaterEqual(broker.metric("tocsin_log_durable_seq"), stream.upto)
                    if mode.startswith("interval") and number == 5:
                        break
                self.assertEqual(stream.numbers(), list(range(len(stream.records))))
                broker.stop()


if __name__ == "__main__":
    unittest.main()
