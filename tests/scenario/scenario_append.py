"""Acknowledged publishing: what is acknowledged is in the log, once, whatever happens in between."""

import random
import unittest

import msgpack
import support
import zmq
from support import Log, event, pack


class Appender:
    """A DEALER that speaks the append door's protocol, with no mercy."""

    def __init__(self, scenario, broker, producer, incarnation=1):
        self.socket = scenario.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.connect(broker.ports["append"])
        self.producer = producer
        self.incarnation = incarnation

    def send(self, *message):
        self.socket.send(pack(list(message)))

    def receive(self):
        if not self.socket.poll(support.DEADLINE_S * 1000):
            raise AssertionError("no answer")
        return msgpack.unpackb(self.socket.recv())

    def hello(self):
        self.send("hello", 1, self.producer, self.incarnation)
        answer = self.receive()
        if answer[0] == "welcome":
            _, version, self.log_id, self.last_n, self.window = answer
            assert version == 1
        return answer

    def put(self, n, *events):
        self.send("put", n, list(events))

    def ack_of(self, n):
        """Receives up to the acknowledgement of n; returns it and the nacks before it."""
        nacks = []
        while True:
            answer = self.receive()
            if answer[0] == "nack":
                nacks.append(answer[1:])
            elif answer[0] == "ack" and answer[1] >= n:
                return answer[1:], nacks
            elif answer[0] not in ("ack", "ping"):
                raise AssertionError(f"not an ack: {answer}")


class Append(support.Scenario):
    def broker(self, *flags, **options):
        return super().broker("--append", "tcp://127.0.0.1:*", *flags, **options)

    def appender(self, broker, producer="producer", incarnation=1):
        appender = Appender(self, broker, producer, incarnation)
        self.assertEqual(appender.hello()[0], "welcome")
        return appender

    def logged(self, producer="producer"):
        """[(n, seq, hash)] of a producer, from a checked log."""
        return [(line["n"], line["seq"], line["hash"])
                for line in Log(self.log_dir).lines if line.get("producer") == producer]  # fmt: skip

    def test_an_ack_is_a_receipt_for_the_line_in_the_log(self):
        broker = self.broker()
        appender = self.appender(broker)
        self.assertEqual(appender.last_n, 0)
        appender.put(1, event(1), event(2), event(3))
        (n, seq, hash_), nacks = appender.ack_of(3)
        self.assertEqual((n, nacks), (3, []))
        # durable before it is acknowledged: the line is there while the broker runs
        last = Log(self.log_dir).lines[-1]
        self.assertEqual((last["n"], last["seq"], last["hash"], last["producer"]), (3, seq, hash_, "producer"))
        broker.stop()

    def test_the_first_number_is_free_and_the_next_ones_leave_no_gap(self):
        broker = self.broker()
        appender = self.appender(broker)
        appender.put(1000, event(1))
        self.assertEqual(appender.ack_of(1000)[0][0], 1000)
        appender.put(1001, event(2))
        appender.ack_of(1001)
        appender.put(1003, event(3))
        self.assertEqual(appender.receive()[:2], ["error", "order"])
        appender.put(1002, event(3))  # the session is over: no answer, nothing logged
        self.assertEqual(appender.hello()[0], "welcome")
        self.assertEqual(appender.last_n, 1001)
        broker.stop()
        self.assertEqual([n for n, _, _ in self.logged()], [1000, 1001])

    def test_nobody_else_speaks_for_the_broker(self):
        broker = self.broker()
        appender = self.appender(broker)
        forged = event(2, category="BrokerEvent", type="LogPruned", snapshot={"producers": {"producer": [9, 1, "0" * 32]}})
        appender.put(1, event(1), forged, event(3))
        _, nacks = appender.ack_of(3)
        self.assertEqual([nack[:3] for nack in nacks], [[2, "denied", "category"]])
        publisher = self.publisher(broker)
        publisher.send(pack(forged) + pack(event(4)))
        support.wait_until(lambda: broker.metric("tocsin_events_denied_total") == 2, "the second one denied")
        broker.stop()
        log = Log(self.log_dir)
        self.assertEqual([line["snapshot"]["number"] for line in log.events()], [1, 3, 4])
        self.assertEqual(log.own("LogPruned"), [])

    def test_a_refused_event_is_named_and_blocks_nothing(self):
        broker = self.broker()
        appender = self.appender(broker)
        appender.put(1, event(1), event(2, level="Loud"), event(3), event(4, summary=None), event(5, extra=1))
        ack, nacks = appender.ack_of(5)
        self.assertEqual([nack[:3] for nack in nacks],
                         [[2, "value", "level"], [4, "missing", "summary"], [5, "unknown", "extra"]])  # fmt: skip
        self.assertTrue(all(nack[3] for nack in nacks))
        appender.put(6, event(6, level=None))
        (n, seq, hash_), nacks = appender.ack_of(6)
        self.assertEqual((n, nacks[0][:3]), (6, [6, "missing", "level"]))
        self.assertEqual((seq, hash_), tuple(ack[1:]))  # of the last one that was logged
        broker.stop()
        self.assertEqual([n for n, _, _ in self.logged()], [1, 3])

    def test_what_is_sent_again_is_acknowledged_again_and_logged_once(self):
        broker = self.broker()
        appender = self.appender(broker)
        events = [event(number) for number in range(1, 11)]
        appender.put(1, *events)
        first, _ = appender.ack_of(10)
        again = self.appender(broker)  # a new connection of the same incarnation
        self.assertEqual(again.last_n, 10)
        again.put(1, *events)
        self.assertEqual(again.ack_of(10)[0], first)
        again.put(9, *events[8:], event(11))
        self.assertEqual(again.ack_of(11)[0][0], 11)
        broker.stop()
        self.assertEqual([n for n, _, _ in self.logged()], list(range(1, 12)))

    def test_a_restarted_broker_knows_every_producers_last_number(self):
        broker = self.broker()
        receipts = {}
        for producer in ("a", "b.c", "d_e-f"):
            appender = self.appender(broker, producer)
            appender.put(5, *(event(number) for number in range(7)))
            receipts[producer], _ = appender.ack_of(11)
        for is_clean in (True, False):
            broker.stop() if is_clean else broker.kill()
            broker = self.broker()
            for producer, receipt in receipts.items():
                appender = self.appender(broker, producer)
                self.assertEqual(appender.last_n, 11)
                appender.put(11, event(6))
                self.assertEqual(appender.ack_of(11)[0], receipt)
        broker.kill()
        for name in ("tocsind.state",):
            path = f"{self.log_dir}/{name}"
            with open(path, "r+b") as state:
                state.write(b"nonsense")
        broker = self.broker()
        self.assertEqual(self.appender(broker, "a").last_n, 11)
        broker.stop()

    def test_a_newer_incarnation_fences_the_older_one(self):
        broker = self.broker()
        old = self.appender(broker, incarnation=7)
        old.put(1, event(1))
        old.ack_of(1)
        new = self.appender(broker, incarnation=8)
        self.assertEqual(new.last_n, 1)
        self.assertEqual(old.receive()[:2], ["error", "fenced"])
        old.put(2, event(2))
        self.assertEqual(old.hello()[:2], ["error", "fenced"])
        new.put(2, event(22))
        new.ack_of(2)
        broker.stop()
        self.assertEqual([n for n, _, _ in self.logged()], [1, 2])

    def test_more_than_the_window_is_busy_and_nothing_is_lost(self):
        broker = self.broker("--append-window", "10")
        appender = self.appender(broker)
        self.assertEqual(appender.window, 10)
        appender.put(1, *(event(number) for number in range(11)))
        answer = appender.receive()
        while answer[0] == "ack":
            answer = appender.receive()
        self.assertEqual(answer[:2], ["error", "busy"])
        support.wait_until(lambda: appender.hello()[0] == "welcome" and appender.last_n == 10, "the first ten in the log")
        appender.put(11, event(10))
        appender.ack_of(11)
        broker.stop()
        self.assertEqual([n for n, _, _ in self.logged()], list(range(1, 12)))

    def test_all_of_the_window_may_come_in_one_put(self):
        broker = self.broker()
        appender = self.appender(broker)
        count, long = appender.window, event(1, snapshot="x" * 1500)
        appender.put(1, *[long] * count)
        self.assertEqual(appender.ack_of(count), ([count, count + 2, self.logged()[-1][2]], []))
        broker.stop()

    def test_messages_that_are_none_end_the_session_and_nothing_else(self):
        broker = self.broker()
        good = self.appender(broker, "good")
        bad = Appender(self, broker, "bad")
        strangers = (b"", b"\xc1", b"\x90", pack("hello"), pack(["hello"]), pack(["put", 1, []]), pack(["nonsense"]),
                     pack(["hello", 1, "bad name", 1]), pack(["hello", 1, "x" * 65, 1]), pack(["hello", 1, "bad", -1]),
                     pack(["hello", 1, "", 1]), pack(["hello", 1, "bad", 1, 2]), pack(["hello", 1, "bad", 1]) + b"\0")  # fmt: skip
        for message in strangers:
            bad.socket.send(message)
            self.assertEqual(bad.receive()[:2], ["error", "protocol"], message)
        for version in (0, 2, 2**64 - 1):
            bad.send("hello", version, "whatever")
            self.assertEqual(bad.receive()[:2], ["error", "version"], version)
        in_session = (b"", b"\xc1", pack(["put", 0, []]), pack(["put", 1]), pack(["put", 1, [event(1)], 2]),
                      pack(["put", 2**64 - 1, [1, 2]]), pack(["put", 1, [event(1)]])[:-1], pack(["put", 1, []]) + b"\0")  # fmt: skip
        for message in in_session:
            self.assertEqual(bad.hello()[0], "welcome")
            bad.socket.send(message)
            self.assertEqual(bad.receive()[:2], ["error", "protocol"], message)
        self.assertEqual(bad.hello()[0], "welcome")
        bad.socket.send_multipart([pack(["ping"]), pack(["ping"])])
        bad.send("ping")
        answers = [bad.receive()]
        while answers[-1] != ["pong"]:
            answers.append(bad.receive())
        good.put(1, event(1))
        good.ack_of(1)
        broker.stop()
        Log(self.log_dir)

    def test_relaxed_modes_acknowledge_when_they_promise(self):
        for mode in ("interval=50", "none"):
            with self.subTest(mode):
                self.log_dir = f"{self.dir}/{mode}"
                broker = self.broker("--sync", mode)
                appender = self.appender(broker)
                for n in range(1, 301):
                    appender.put(n, event(n))
                appender.ack_of(300)
                broker.stop()
                self.assertEqual([n for n, _, _ in self.logged()], list(range(1, 301)))

    def test_acknowledged_events_survive_kill_9_and_appear_once_with_producers_that_resend(self):
        seed = 20261121
        random.seed(seed)
        broker = self.broker()
        producers = [{"name": f"p{index}", "next": 1, "acked": 0, "receipts": {}} for index in range(4)]
        for cycle in range(12):
            for producer in producers:
                appender = self.appender(broker, producer["name"], incarnation=cycle + 1)
                self.assertGreaterEqual(appender.last_n, producer["acked"], f"seed {seed}: an acknowledged event is lost")
                producer["appender"] = appender
                producer["next"] = producer["acked"] + 1  # resends all that it has no receipt for
            target = sum(producer["acked"] for producer in producers) + random.randrange(1, 4000)
            while sum(producer["acked"] for producer in producers) < target:
                for producer in producers:
                    self.pump(producer)
            broker.kill()
            broker = self.broker()
        broker.stop()
        for producer in producers:
            logged = self.logged(producer["name"])
            numbers = [n for n, _, _ in logged]
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), "each once, in order")
            self.assertGreaterEqual(len(numbers), producer["acked"])
            by_n = {n: [seq, hash_] for n, seq, hash_ in logged}
            for n, receipt in producer["receipts"].items():
                # what was sent again may be acknowledged without: only the last is known for ever
                self.assertIn(receipt, (by_n[n], [0, ""]))

    def pump(self, producer):
        """Fills the window, takes the acks that are there."""
        appender = producer["appender"]
        while producer["next"] - producer["acked"] < 1000:
            count = random.randrange(1, 50)
            appender.put(producer["next"], *(event(producer["next"] + index) for index in range(count)))
            producer["next"] += count
        while appender.socket.poll(1):
            answer = msgpack.unpackb(appender.socket.recv())
            self.assertEqual(answer[0], "ack", answer)
            producer["acked"] = answer[1]
            producer["receipts"][answer[1]] = answer[2:]


if __name__ == "__main__":
    unittest.main()
