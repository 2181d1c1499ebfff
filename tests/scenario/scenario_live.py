"""What subscribers can rely on: topics, order, prev, heartbeats, and a clean stop."""

import signal
import unittest

import support
import zmq
from support import Log, event, pack


class Live(support.Scenario):
    def test_a_filter_takes_a_topic_whole_or_not_at_all(self):
        broker = self.broker()
        exact = self.subscriber(broker, b"StreamEvent/#default#app/cam\0")
        app = self.subscriber(broker, b"StreamEvent/#default#app/")
        publisher = self.publisher(broker)
        for source in ("#default#app/cam", "#default#app/cam2", "#default#app2/cam", "#default#app/cam"):
            publisher.send(pack(event(category="StreamEvent", sourceId=source)))
        self.assertEqual([topic for topic, _, _ in app.take_until(3)],
                         [f"StreamEvent/#default#app/{name}" for name in ("cam", "cam2", "cam")])  # fmt: skip
        self.assertEqual({topic for topic, _, _ in exact.take_until(2)}, {"StreamEvent/#default#app/cam"})

    def test_the_heartbeat_tells_the_last_published_seq_and_the_log(self):
        broker = self.broker()
        subscriber = self.subscriber(broker)
        publisher = self.publisher(broker)
        publisher.send(pack(event()))
        subscriber.take_until(1)
        seq = subscriber.records[0][1][0]
        while subscriber.head < seq:
            subscriber.take()
        self.assertEqual(subscriber.head, seq)
        broker.stop()
        self.assertEqual(subscriber.log_id, Log(self.log_dir).log_id)

    def test_a_subscriber_that_was_too_slow_sees_by_prev_exactly_what_it_lost(self):
        broker = self.broker("--live-hwm", "10")
        slow = self.context.socket(zmq.SUB)
        slow.setsockopt(zmq.RCVHWM, 10)
        slow.setsockopt(zmq.RCVBUF, 4096)
        slow.setsockopt(zmq.SUBSCRIBE, b"TestEvent/odd\0")
        slow.setsockopt(zmq.SUBSCRIBE, b"~\0")
        slow.connect(broker.ports["live"])
        self.assertTrue(slow.poll(support.DEADLINE_S * 1000))
        publisher = self.publisher(broker)
        count = 6000
        padding = "x" * 4000
        for number in range(count):
            publisher.send(pack(event(number, sourceId="odd" if number % 2 else "even", summary=padding)))
        support.wait_until(lambda: broker.metric("tocsin_events_published_total") >= count, "all published")
        publisher.send(pack(event(count, sourceId="odd", summary="last")))
        seen = []
        is_last = False
        while not is_last:
            self.assertTrue(slow.poll(support.DEADLINE_S * 1000))
            topic, body = slow.recv().split(b"\0", 1)
            if topic == b"~":  # the last one may be lost too: send another
                publisher.send(pack(event(count, sourceId="odd", summary="last")))
                continue
            unpacker = support.msgpack.Unpacker()
            unpacker.feed(body)
            for record in unpacker:
                seen.append(record)
                is_last = record[3]["summary"] == "last"
        broker.stop()
        logged = [line["seq"] for line in Log(self.log_dir).events() if line["sourceId"] == "odd"]
        self.assertLess(len(seen), len(logged))
        last = 0
        for seq, prev, _, _ in seen:
            lost = [number for number in logged if last < number < seq]
            self.assertEqual(prev != last, bool(lost), f"seq {seq}: prev {prev}, last seen {last}")
            last = seq

    def test_several_events_in_a_frame_are_each_judged_by_themselves(self):
        broker = self.broker()
        subscriber = self.subscriber(broker)
        publisher = self.publisher(broker)
        bad = pack(event(level="Loud"))
        publisher.send(pack(event(1)) + bad + pack(event(2)) + b"\xc1" + pack(event(3)))
        publisher.send(pack(event(4)))
        records = subscriber.take_until(3)
        self.assertEqual([record[3]["snapshot"]["number"] for _, record, _ in records], [1, 2, 4])
        metrics = broker.metrics()
        self.assertEqual(metrics['tocsin_events_refused_total{code="value"}'], 1)
        self.assertEqual(metrics['tocsin_events_refused_total{code="malformed"}'], 1)

    def test_sigterm_takes_what_was_sent_and_leaves_a_clean_log(self):
        broker = self.broker()
        subscriber = self.subscriber(broker)
        publisher = self.publisher(broker)
        for number in range(2000):
            publisher.send(pack(event(number)))
        subscriber.take_until(1)  # the rest may be anywhere on its way
        publisher.close()  # lingers until all is handed over
        support.wait_until(lambda: broker.metric("tocsin_events_received_total") >= 1, "the first")
        broker.stop()
        log = Log(self.log_dir)
        self.assertEqual([line["snapshot"]["number"] for line in log.events()], list(range(len(log.events()))))
        self.assertEqual(support.own_type(log.lines[-1]), "BrokerStopped")
        self.assertEqual(log.lines[-1]["snapshot"], {"reason": "SIGTERM"})

    def test_a_second_broker_on_the_directory_is_refused_with_the_pid_of_the_first(self):
        broker = self.broker()
        code, text = self.broker_that_fails()
        self.assertEqual(code, 75)
        self.assertIn(str(broker.process.pid), text)
        broker.stop()

    def test_every_sync_mode_writes_the_same_log(self):
        for mode in ("batch", "interval=20", "none"):
            with self.subTest(mode):
                log_dir = f"{self.dir}/{mode}"
                broker = self.broker("--sync", mode, log_dir=log_dir)
                subscriber = self.subscriber(broker)
                publisher = self.publisher(broker)
                for number in range(3000):
                    publisher.send(pack(event(number)))
                subscriber.take_until(3000)
                broker.stop()
                lines = Log(log_dir).events()
                self.assertEqual([line["snapshot"]["number"] for line in lines], list(range(3000)))
                if mode.startswith("interval"):
                    self.assertGreater(len({line["batch"] for line in lines}), 0)

    def test_the_log_goes_on_after_a_restart(self):
        for _ in range(3):
            broker = self.broker()
            subscriber = self.subscriber(broker)
            publisher = self.publisher(broker)
            for number in range(10):
                publisher.send(pack(event(number)))
            subscriber.take_until(10)
            publisher.close()
            broker.stop()
        log = Log(self.log_dir)  # one chain, prev across restarts
        self.assertEqual(len(log.events()), 30)
        self.assertEqual(len(log.own("BrokerStarted")), 3)

    def test_health_follows_the_brokers_life(self):
        broker = self.broker()
        self.assertEqual(broker.http("/healthz")[0], 200)
        self.assertEqual(broker.http("/readyz")[0], 200)
        self.assertEqual(broker.http("/nothing")[0], 404)
        broker.signal(signal.SIGINT)
        self.assertEqual(broker.wait(), 0)


if __name__ == "__main__":
    unittest.main()
