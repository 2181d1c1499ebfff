"""The stream door under clients that give no credit, little credit, do not read, or mean no good."""

import os
import random
import struct
import unittest

import msgpack
import support
import zmq
from scenario_stream import StreamScenario
from support import DEADLINE_S, event
from support_stream import PLENTY

BATCH_MAX = 256 * 1024 + 64


class Credit(StreamScenario):
    def test_without_credit_nothing_is_sent(self):
        broker = self.stream_broker()
        streams = [self.stream(broker) for _ in range(4)]
        streams[0].open(credit=0, **{"from": 1})
        streams[1].open(credit=0, latest=True)
        streams[2].open(credit=0, **{"from": 1, "follow": False})
        streams[3].open(credit=0, filters=["Nothing/"])
        witness = self.stream(broker).open()
        self.publish(broker, [event(n) for n in range(1000)])
        witness.take_records(1000)
        witness.take()  # and a second has gone by
        for stream in streams:
            stream.send("ping")
            stream.expect("pong")  # the first thing that comes
        for stream in streams[:3]:
            stream.send("credit", PLENTY)
            stream.take_until(lambda s=stream: s.upto is not None and s.upto >= stream.head)

    def check_byte_rule(self, stream, credits, left):
        """Gives credits one by one; what is sent stays within what is left of all, but for one record."""
        for credit in credits:
            left += credit
            stream.send("credit", credit)
            stream.send("ping")
            while True:
                message = stream.receive()
                if message[0] == "pong":
                    break
                self.assertEqual(message[0], "batch")
                self.assertGreater(left, 0)
                if stream.frame_len > left:
                    self.assertEqual(len(message[2]), 1, "only one record alone may be longer than the credit")
                left -= stream.frame_len
                stream.take_batch(message[1], message[2])

    def test_credit_is_counted_in_bytes_of_batches(self):
        randomness = random.Random(5)
        events = [event(n, summary="x" * randomness.randrange(1, 3000)) for n in range(400)]

        def check(broker):
            for options in ({}, {"filters": ["TestEvent/"]}, {"level": "Debug"}, {"latest": True}):
                stream = self.stream(broker).open(credit=0, **{"from": 1, **options})
                self.check_byte_rule(stream, [randomness.randrange(0, 4000) for _ in range(200)], 0)
                stream.send("credit", PLENTY)
                stream.take_until(lambda s=stream: s.upto == s.head)
                self.assertEqual(stream.numbers(), list(range(400)))
                self.assertLessEqual(max(stream.batch_lens), BATCH_MAX)

        self.from_memory_and_from_files(events, check)

    def test_a_record_longer_than_a_batch_goes_alone(self):
        broker = self.stream_broker()
        sizes = [100, 8000, 300000, 100, 700000, 50]
        self.publish(broker, [event(n, summary="s", snapshot={"number": n, "x": "x" * size}) for n, size in enumerate(sizes)])

        def check(broker):
            stream = self.stream(broker).open(**{"from": 1, "follow": False, "filters": ["TestEvent/"]})
            stream.take_all()
            self.assertEqual(stream.numbers(), list(range(len(sizes))))
            self.assertEqual([len(r[3]["snapshot"]["x"]) for r in stream.records], sizes)

        check(broker)
        broker.stop()
        check(self.stream_broker())


class Many(StreamScenario):
    def test_a_hundred_sessions_without_credit_take_no_memory(self):
        environment = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}
        broker = self.stream_broker("--tail-bytes", "1MiB", "--ring-bytes", "4MiB", env=environment)
        padding = "x" * 1000

        def load():
            for _ in range(5):
                self.publish(broker, [event(n, summary=padding) for n in range(2000)])
            return broker.metric("process_resident_memory_bytes")

        load()
        sessions = []
        for number in range(100):
            begins = ({"from": 1}, {"from": "new"}, {"latest": True}, {"from": "first", "level": "Info"})[number % 4]
            sessions.append(self.stream(broker).open(credit=0, **begins))
        before = load()
        after = load()  # ten megabytes that all of them want
        # queued for all of them it would be a thousand; a sanitizer's shadow grows with what was touched anew
        self.assertLess(after - before, (12 if support.IS_SANITIZED else 3) << 20)
        broker.signal(0)
        self.assertEqual(broker.metric("tocsin_stream_sessions"), 100)
        for session in (sessions[0], sessions[3], sessions[99]):
            session.send("credit", PLENTY)
            session.take_until(lambda: session.upto is not None and session.upto >= 20000)

    def test_hundreds_that_follow_all_get_everything(self):
        broker = self.stream_broker("--tail-bytes", "1MiB")
        sessions = [self.stream(broker).open(filters=[f"TestEvent/source-{n % 7}\0"]) for n in range(200)]
        self.publish(broker, [event(n) for n in range(1400)])
        for number, session in enumerate(sessions):
            session.take_records(200)
            self.assertEqual(session.numbers(), list(range(number % 7, 1400, 7)))

    def test_clients_that_do_not_read_hold_up_nobody(self):
        broker = self.stream_broker()
        self.publish(broker, [event(n, summary="x" * 4000) for n in range(6000)])
        deaf = []
        for _ in range(8):
            socket = self.context.socket(zmq.DEALER)
            socket.setsockopt(zmq.RCVHWM, 1)
            socket.setsockopt(zmq.RCVBUF, 4096)
            socket.connect(broker.ports["stream"])
            socket.send(msgpack.packb(["open", 1, {"from": 1}]))
            socket.send(msgpack.packb(["credit", PLENTY]))
            deaf.append(socket)
        for _ in range(3):
            stream = self.stream(broker).open(**{"from": 1, "follow": False})
            stream.take_all()
            self.assertEqual(stream.numbers(), list(range(6000)))
        self.assertEqual(broker.http("/healthz")[0], 200)
        for socket in deaf:  # and what they were sent is whole
            last = 0
            while last < 6002:
                self.assertTrue(socket.poll(DEADLINE_S * 1000))
                message = msgpack.unpackb(socket.recv())
                if message[0] == "batch":
                    self.assertEqual([r[0] for r in message[2]], list(range(last + 1, message[1] + 1)))
                    last = message[1]


class Hostile(StreamScenario):
    def check_serves(self, broker):
        stream = self.stream(broker).open(**{"from": 1, "follow": False})
        stream.take_all()
        self.assertEqual(stream.numbers(), list(range(100)))
        stream.close()

    def setUp(self):
        super().setUp()
        self.hostile_broker = self.stream_broker()
        self.publish(self.hostile_broker, [event(n) for n in range(100)])

    def test_what_is_no_request_is_answered_with_an_error(self):
        broker = self.hostile_broker
        stream = self.stream(broker)
        for message in (
            b"", b"\xc1", b"\x90", b"\xdd\xff\xff\xff\xff", b"ping", msgpack.packb(["PING"]), msgpack.packb(["open"]),
            msgpack.packb(["open", 1]), msgpack.packb(["open", 1, []]), msgpack.packb(["open", 1, {"form": 1}]),
            msgpack.packb(["open", 1, {"filters": ["x"] * 1001}]), msgpack.packb(["open", 1, {"filters": ["x" * 201]}]),
            msgpack.packb(["open", 1, {"types": ["x"] * 257}]), msgpack.packb(["open", 1, {"from": -1}]),
            msgpack.packb(["open", 1, {"from": {"time": "yesterday"}}]), msgpack.packb(["open", 1, {"level": "Loud"}]),
            msgpack.packb(["credit", -1]), msgpack.packb(["credit"]), msgpack.packb(["latest", [1]]),
            msgpack.packb(["ping"]) * 2, msgpack.packb(["open", 1, {}])[:-1],
        ):  # fmt: skip
            stream.socket.send(message)
            self.assertEqual(stream.expect("error")[1], "protocol", message[:40])
        stream.send("open", 2, {})
        self.assertEqual(stream.expect("error")[1], "version")
        stream.send("credit", 5)
        self.assertEqual(stream.expect("error")[1], "closed")
        self.check_serves(broker)
        self.assertEqual(broker.metric("tocsin_stream_errors_total"), 23)

    def test_an_error_ends_the_session(self):
        stream = self.stream(self.hostile_broker).open(credit=0)
        stream.send("opne")
        self.assertEqual(stream.expect("error")[1], "protocol")
        stream.send("credit", 1)
        self.assertEqual(stream.expect("error")[1], "closed")

    def test_messages_of_several_parts_are_nobodys(self):
        broker = self.hostile_broker
        stream = self.stream(broker)
        for count in (2, 3, 50):
            stream.socket.send_multipart([b""] + [msgpack.packb(["ping"])] * (count - 1))
            self.assertEqual(stream.expect("error")[1], "protocol")
        request = self.context.socket(zmq.REQ)  # sends an empty frame first
        request.connect(broker.ports["stream"])
        request.send(msgpack.packb(["ping"]))
        self.check_serves(broker)

    def test_random_bytes_and_changed_messages(self):
        broker = self.hostile_broker
        randomness = random.Random(20261121)
        print("seed 20261121", flush=True)
        stream = self.stream(broker)
        good = [
            msgpack.packb(["open", 1, {"from": 1, "filters": ["a", b"b"], "level": "Info", "types": ["x"]}]),
            msgpack.packb(["credit", 1]), msgpack.packb(["latest", ["TestEvent/"]]), msgpack.packb(["info"]),
        ]  # fmt: skip
        for number in range(5000):
            message = bytearray(randomness.choice(good))
            for _ in range(randomness.randrange(4)):
                message[randomness.randrange(len(message))] = randomness.randrange(256)
            stream.socket.send(bytes(message[: randomness.randrange(len(message) + 1)]))
            if number % 3 == 0:
                stream.receive(0)
        stream.send("close")
        other = self.stream(broker)
        other.send("ping")
        other.expect("pong")
        self.check_serves(broker)

    def test_more_sessions_than_there_may_be_and_filters_beyond_all_measure(self):
        broker = self.hostile_broker
        sockets = []
        busy = 0
        for number in range(1100):
            socket = self.context.socket(zmq.DEALER)
            socket.setsockopt(zmq.LINGER, 0)
            socket.connect(broker.ports["stream"])
            socket.send(msgpack.packb(["open", 1, {"filters": ["x" * 200] * 900} if number < 200 else ["open", 1, {}][2]]))
            sockets.append(socket)
            if len(sockets) > 900:  # libzmq's own limit of sockets in this process
                break
        for socket in sockets:
            self.assertTrue(socket.poll(DEADLINE_S * 1000))
            answer = msgpack.unpackb(socket.recv())
            busy += answer[:2] == ["error", "busy"]
            self.assertIn(answer[0], ("opened", "error"))
        self.assertGreater(busy, 10)
        self.assertLess(busy, 200)
        for socket in sockets:
            socket.close(0)
        self.check_serves(broker)

    def test_a_client_may_choose_its_route_but_take_no_others(self):
        broker = self.hostile_broker
        first = self.stream(broker)
        first.socket.close(0)
        sockets = []
        for _ in range(2):
            socket = self.context.socket(zmq.DEALER)
            socket.setsockopt(zmq.ROUTING_ID, b"chosen")
            socket.connect(broker.ports["stream"])
            sockets.append(socket)
        for socket in sockets:
            socket.send(msgpack.packb(["ping"]))
        poller = zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        ((answered, _),) = poller.poll(DEADLINE_S * 1000)
        poller.unregister(answered)
        self.assertEqual(poller.poll(500), [], "the other one gets nothing")
        self.check_serves(broker)

    def test_a_message_too_long_ends_only_its_connection(self):
        broker = self.hostile_broker
        stream = self.stream(broker)
        stream.send("open", 1, {"filters": ["x"]}, b"x" * 300000)
        self.check_serves(broker)

    def test_connections_that_speak_no_zmtp(self):
        broker = self.hostile_broker
        address = broker.ports["stream"].removeprefix("tcp://").rsplit(":", 1)
        for data in (b"GET / HTTP/1.1\r\n\r\n", struct.pack("64B", *range(64)), b"\xff" * 100):
            with support.socket.create_connection((address[0], int(address[1]))) as connection:
                connection.sendall(data)
        self.check_serves(broker)


if __name__ == "__main__":
    unittest.main()
