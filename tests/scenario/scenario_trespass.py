"""Trespass: whoever does not belong gets nothing in, nothing out and no place, and the log says that he tried.

Each kind is a row with a client of its own. After each of them those who belong are served as before."""

import contextlib
import socket
import unittest

import msgpack
import support
import zmq
from scenario_hostile_peers import GREETING, command, ready, tcp
from support import Log, event, pack, wait_until
from support_curve import CurveContext, secured
from support_stream import Stream
from zmq.utils.monitor import recv_monitor_message

SOCKETS = {"ingest": zmq.PUB, "append": zmq.DEALER, "live": zmq.SUB, "stream": zmq.DEALER}
FAILED = (
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_DISCONNECTED
)
EARLY, LATE = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00+09:00"
RIGHTS = {
    "sip1": {"publish": ["CoreEvent/sip1", "CoreEvent/sip1/*"], "producers": ["sip1*"]},
    "sip2": {"publish": ["CoreEvent/sip2*"]},
    "wild": {"publish": ["*"], "producers": ["*"]},
    "board": {"live": True, "read": ["StreamEvent/", "CoreEvent/sip1\0"]},
    "now": {"read": [""], "replay": False},
    "judge": {"publish": ["*"], "live": True, "read": [""], "not_before": EARLY, "not_after": LATE},
    "expired": {"publish": ["*"], "live": True, "read": [""], "not_after": EARLY},
    "early": {"publish": ["*"], "live": True, "read": [""], "not_before": LATE},
    "nothing": {},
    "revoked": {"publish": ["*"], "live": True, "read": [""]},
    "operator": {"live": ["ops"]},
    "admin": {"admin": True},
    "crowd": {"publish": ["*"], "limits": {"connections": 1}},
    "single": {"publish": ["*"], "producers": ["*"], "read": [""], "limits": {"sessions": 1}},
}


REALMS = {"ops": ["CoreEvent/"], "public": ["StreamEvent/"]}
KINDS_MIN = 30  # that the project wants; there are more


class Trespass(support.Scenario):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tried = 0
        cls.ran = 0

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.tried} kinds of trespass refused")
        super().tearDownClass()
        if cls.ran == len([name for name in dir(cls) if name.startswith("test_")]) and cls.tried < KINDS_MIN:
            raise AssertionError(f"only {cls.tried} kinds were tried")

    def setUp(self):
        super().setUp()
        Trespass.ran += 1
        self.server, self.keys = secured(self, RIGHTS, realms=REALMS)
        self.good = CurveContext(self.context, self.keys, "judge")
        self.live = support.Subscriber(self.good, self.server.ports["live"], (b"", b"BrokerEvent/"))
        self.source = self.good.socket(zmq.XPUB)
        self.source.connect(self.server.ports["ingest"])
        self.assertTrue(self.source.poll(support.DEADLINE_S * 1000))
        self.pulses = 0

    def pulse(self):
        """Those who belong are served: an event goes all the way."""
        self.pulses += 1
        self.source.send(pack(event(self.pulses, category="Pulse", sourceId="judge")))
        while not any(r[3]["snapshot"] == {"number": self.pulses} for _, r, _ in self.live.records if r[3]["category"] == "Pulse"):
            self.live.take()

    def client(self, name, door, **options):
        """A socket with the keys of `name` at a door."""
        client = self.keys.dress(self.context.socket(SOCKETS[door]), name)
        client.linger = 0
        for option, value in options.items():
            client.set(getattr(zmq, option), value)
        client.connect(self.server.ports[door])
        return client

    def ask(self, client, *message):
        client.send(msgpack.packb(list(message)))
        self.assertTrue(client.poll(support.DEADLINE_S * 1000), "an answer")
        return msgpack.unpackb(client.recv())

    def answer_at(self, name, door, route, message):
        """The answer to a message by a route that another one has left: libzmq lets nobody in by it before that."""

        def try_it():
            client = self.client(name, door, ROUTING_ID=route)
            client.send(msgpack.packb(message))
            answer = client.recv() if client.poll(2000) else None
            client.close(0)
            return answer

        return msgpack.unpackb(wait_until(try_it, "the route to be free"))

    def is_kept_out(self, door, prepare):
        """Connects a socket that `prepare` has dressed; True when it fails and nothing else happens before."""
        stranger = self.context.socket(SOCKETS[door.partition("/")[0]])
        stranger.linger = 0
        prepare(stranger)
        monitor = stranger.get_monitor_socket(FAILED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        stranger.connect(self.server.ports[door])
        self.assertTrue(monitor.poll(support.DEADLINE_S * 1000), f"nothing happened at {door}")
        happened = recv_monitor_message(monitor)["event"]
        stranger.disable_monitor()
        stranger.close(0)
        return happened != zmq.EVENT_HANDSHAKE_SUCCEEDED

    def kinds(self, rows):
        for name, trespass in rows:
            with self.subTest(name):
                trespass()
                self.pulse()
                Trespass.tried += 1

    def denied(self, reason):
        """Waits for a ClientDenied with that reason; its snapshot."""

        def find():
            self.live.take()
            for _, record, _ in self.live.records:
                if record[3]["type"] == "ClientDenied" and record[3]["snapshot"]["reason"] == reason:
                    return record[3]["snapshot"]
            return None

        return wait_until(find, f"ClientDenied: {reason}")

    # At the door

    def test_no_stranger_comes_in(self):
        def stranger(door, prepare):
            return lambda: self.assertTrue(self.is_kept_out(door, prepare))

        def plain(client):
            client.plain_username, client.plain_password = b"admin", b"admin"

        def wrong_server_key(client):
            self.keys.dress(client, "judge", self.keys.pair("another")[0])

        def stolen_public_key(client):
            self.keys.dress(client, "judge")
            client.curve_secretkey = self.keys.pair("another")[1]

        def one(name):
            return lambda client: self.keys.dress(client, name)

        rows = [(f"NULL at {door}", stranger(door, lambda client: None)) for door in SOCKETS]
        rows += [(f"PLAIN at {door}", stranger(door, plain)) for door in SOCKETS]
        rows += [(f"unknown key at {door}", stranger(door, one("unknown"))) for door in SOCKETS]
        rows += [(f"a server's own key at {door}", stranger(door, one("broker"))) for door in SOCKETS]
        rows += [
            ("wrong server key", stranger("append", wrong_server_key)),
            ("a known public key without its secret", stranger("append", stolen_public_key)),
            ("expired key", stranger("append", one("expired"))),
            ("expired key at live", stranger("live", one("expired"))),
            ("key not valid yet", stranger("stream", one("early"))),
            ("a reader at ingest", stranger("ingest", one("board"))),
            ("a reader at append", stranger("append", one("board"))),
            ("a publisher at live", stranger("live", one("sip1"))),
            ("a publisher at stream", stranger("stream", one("sip1"))),
            ("a reader without live at live", stranger("live", one("now"))),
            ("a key without rights", stranger("stream", one("nothing"))),
        ]
        self.kinds(rows)
        denial = self.denied("unknown key")
        self.assertEqual(denial["key"], self.keys.public("unknown"))
        self.assertEqual(denial["address"], "127.0.0.1")
        self.assertIn(self.denied("key not valid now")["key"], (self.keys.public("expired"), self.keys.public("early")))
        self.denied("this door is not for that key")
        self.assertGreaterEqual(self.server.metric("tocsin_handshakes_denied_total"), 12)
        self.server.stop()

    def test_older_and_broken_handshakes_bring_nobody_in(self):
        shaken = GREETING.replace(b"NULL\0", b"CURVE")
        contents = (
            ("ZMTP 1.0", b"\x01\x00" + b"\x04\x00abc"),
            ("ZMTP 2.0", b"\xff" + bytes(8) + b"\x7f\x01\x01\x00\x00" + b"\x00\x03abc"),
            ("NULL in the greeting and READY", GREETING + ready(b"PUB") + b"\0\x01x"),
            ("CURVE in the greeting and READY of NULL", shaken + ready(b"PUB") + b"\0\x01x"),
            ("CURVE without HELLO, with INITIATE", shaken + command(b"INITIATE", bytes(240))),
            ("CURVE with a HELLO of zeros", shaken + command(b"HELLO", b"\1\0" + bytes(192))),
            ("CURVE as server", shaken[:32] + b"\1" + shaken[33:] + command(b"WELCOME", bytes(160))),
            ("a message before any handshake", b"\0\x01x" * 50),
        )

        def attempt(content):
            for door in SOCKETS:
                peer = tcp(self.server.ports[door])
                with contextlib.suppress(OSError):  # it is closed already
                    peer.sendall(content)
                    peer.shutdown(socket.SHUT_WR)
                said = b""
                while chunk := self.receive(peer):
                    said += chunk
                self.assertNotIn(b"READY", said)
                self.assertNotIn(b"WELCOME", said)
                peer.close()

        self.kinds([(name, lambda content=content: attempt(content)) for name, content in contents])
        self.assertEqual(self.server.metric("tocsin_ingest_frames_total"), self.pulses)
        self.server.stop()

    @staticmethod
    def receive(peer):
        try:
            return peer.recv(4096)
        except ConnectionResetError:
            return b""

    def test_a_broker_with_another_key_is_no_broker_of_ours(self):
        flags = list(self.server.flags)
        flags[flags.index("--curve-key") + 1] = self.keys.secret_file("impostor")
        self.server.stop()
        impostor = support.Broker(self.log_dir, *flags)
        self.addCleanup(impostor.close)
        impostor.start()
        self.server = impostor
        for door in SOCKETS:
            self.assertTrue(self.is_kept_out(door, lambda client: self.keys.dress(client, "judge")))
            Trespass.tried += 1
        impostor.stop()

    def test_who_lost_his_key_or_has_another_realms_stays_outside(self):
        client, _ = self.client("revoked", "append"), self.pulse()
        self.assertEqual(self.ask(client, "hello", 1, "revoked", 1)[0], "welcome")
        client.close(0)
        self.keys.write_access(self.server.access, {name: rights for name, rights in RIGHTS.items() if name != "revoked"}, REALMS)
        admin = self.client("admin", "stream")
        self.assertEqual(self.ask(admin, "reload"), ["reloaded", len(RIGHTS) - 1, ""])

        def stranger(name, door):
            return lambda: self.assertTrue(self.is_kept_out(door, lambda client: self.keys.dress(client, name)))

        def forbidden(name, *message):
            return lambda: self.assertEqual(self.ask(self.client(name, "stream"), *message)[:2], ["error", "denied"])

        def crowd():
            both = [self.keys.dress(self.context.socket(zmq.DEALER), "crowd") for _ in range(2)]
            poller = zmq.Poller()
            for client in both:
                client.linger = 0
                client.reconnect_ivl = -1
                poller.register(client.get_monitor_socket(zmq.EVENT_DISCONNECTED), zmq.POLLIN)
                client.connect(self.server.ports["append"])
            # of two that come within a moment any is one too many
            self.assertEqual(len(poller.poll(support.DEADLINE_S * 1000)), 1, "one is out")
            self.assertFalse(len(poller.poll(200)) > 1, "the other stays")
            for client in both:
                client.disable_monitor()
                client.close(0)

        rows = [(f"a revoked key at {door}", stranger("revoked", door)) for door in SOCKETS]
        rows += [
            ("a key of another realm", stranger("operator", "live/public")),
            ("a key of a realm at the whole of live", stranger("operator", "live")),
            ("a key of no realm", stranger("sip1", "live/ops")),
            ("an unknown key at a realm", stranger("unknown", "live/ops")),
            ("an admin who publishes", stranger("admin", "append")),
            ("an admin at live", stranger("admin", "live")),
            ("an admin who reads", forbidden("admin", "open", 1, {})),
            ("an admin who asks for the latest", forbidden("admin", "latest")),
            ("a reload by somebody who is no admin", forbidden("judge", "reload")),
            ("more connections than are allowed", crowd),
        ]
        self.kinds(rows)
        self.denied("forbidden reload")
        self.server.stop()

    # What one publishes

    def test_nobody_publishes_what_is_not_his(self):
        events = (
            ("spoofed sourceId", {"category": "CoreEvent", "sourceId": "sip2"}, "sourceId"),
            ("a sourceId that only begins alike", {"category": "CoreEvent", "sourceId": "sip10"}, "sourceId"),
            ("forbidden category", {"category": "StreamEvent", "sourceId": "sip1"}, "category"),
            ("a category that only begins alike", {"category": "CoreEvents", "sourceId": "sip1"}, "category"),
            ("a slash in the sourceId", {"category": "CoreEven", "sourceId": "t/sip1"}, "category"),
            ("the broker's own category", {"category": "BrokerEvent", "sourceId": "test-broker"}, "category"),
        )
        appender = self.client("sip1", "append")
        self.assertEqual(self.ask(appender, "hello", 1, "sip1-a", 1)[0], "welcome")
        publisher = self.keys.dress(self.context.socket(zmq.XPUB), "sip1")
        publisher.connect(self.server.ports["ingest"])
        self.assertTrue(publisher.poll(support.DEADLINE_S * 1000))
        numbers = iter(range(1, 100))

        def at_append(changes, field):
            n = next(numbers)
            nack = self.ask(appender, "put", n, [event(**changes)])
            self.assertEqual(nack[:4], ["nack", n, "denied", field])
            self.assertEqual(msgpack.unpackb(appender.recv())[:2], ["ack", n])

        def at_ingest(changes, _):
            before = self.server.metric("tocsin_events_denied_total")
            publisher.send(pack(event(**changes)))
            wait_until(lambda: self.server.metric("tocsin_events_denied_total") == before + 1, "it is counted")

        rows = []
        for name, changes, field in events:
            rows.append((name + " at append", lambda c=changes, f=field: at_append(c, f)))
            rows.append((name + " at ingest", lambda c=changes, f=field: at_ingest(c, f)))
        self.kinds(rows)
        self.assertEqual(self.denied("forbidden sourceId")["key"], self.keys.public("sip1"))
        self.denied("forbidden category")
        good = event(category="CoreEvent", sourceId="sip1/a")
        n = next(numbers)
        appender.send(msgpack.packb(["put", n, [good, event(category="CoreEvent", sourceId="x"), good]]))
        self.assertEqual(msgpack.unpackb(appender.recv())[:4], ["nack", n + 1, "denied", "sourceId"])
        while msgpack.unpackb(appender.recv())[:2] != ["ack", n + 2]:
            pass
        publisher.send(pack(good) + pack(event(category="CoreEvent", sourceId="x")) + pack(good))
        wild = self.client("wild", "append")
        self.ask(wild, "hello", 1, "wild", 1)
        spoof = self.ask(wild, "put", 1, [event(category="BrokerEvent", sourceId="test-broker")])
        self.assertEqual(spoof[:4], ["nack", 1, "denied", "category"])
        wait_until(lambda: self.server.metric("tocsin_events_accepted_total") >= self.pulses + 4, "the good ones")
        self.server.stop()
        core = [line for line in Log(self.log_dir).events() if line["category"] != "Pulse"]
        self.assertEqual([(line["category"], line["sourceId"]) for line in core], [("CoreEvent", "sip1/a")] * 4)

    def test_nobody_takes_the_name_or_the_place_of_another(self):
        owner = self.client("sip1", "append", ROUTING_ID=b"chosen")
        self.assertEqual(self.ask(owner, "hello", 1, "sip1-a", 5)[0], "welcome")

        def another_name():
            error = self.ask(self.client("sip2", "append"), "hello", 1, "sip1-a", 6)
            self.assertEqual(error[:2], ["error", "denied"])

        def name_that_begins_alike():
            error = self.ask(self.client("sip2", "append"), "hello", 1, "sip20", 1)
            self.assertEqual(error[:2], ["error", "denied"])

        def taken_route():
            thief = self.client("sip2", "append", ROUTING_ID=b"chosen")
            thief.send(msgpack.packb(["put", 1, [event(category="CoreEvent", sourceId="sip2")]]))
            self.pulse()
            self.assertEqual(self.ask(owner, "put", 1, [event(category="CoreEvent", sourceId="sip1")])[:2], ["ack", 1])
            self.assertFalse(thief.poll(0))
            thief.close(0)

        def left_route():
            owner.close(0)
            put = ["put", 2, [event(category="CoreEvent", sourceId="sip2")]]
            self.assertEqual(self.answer_at("sip2", "append", b"chosen", put)[:2], ["error", "protocol"])

        def left_stream():
            reader = self.client("judge", "stream", ROUTING_ID=b"reader")
            self.assertEqual(self.ask(reader, "open", 1, {"from": "first"})[0], "opened")
            reader.close(0)
            credit = ["credit", 1 << 30]
            self.assertEqual(self.answer_at("now", "stream", b"reader", credit)[:2], ["error", "closed"])

        def too_many():
            first = self.client("single", "append")
            self.assertEqual(self.ask(first, "hello", 1, "one", 1)[0], "welcome")
            second = self.client("single", "append")
            self.assertEqual(self.ask(second, "hello", 1, "two", 1)[:2], ["error", "busy"])
            self.assertEqual(self.ask(second, "hello", 1, "one", 2)[0], "welcome")
            second.close(0)
            third = self.client("single", "append")
            wait_until(lambda: self.ask(third, "hello", 1, "three", 1)[0] == "welcome", "the place of one that is gone")
            self.assertEqual(self.ask(self.client("single", "stream"), "open", 1, {})[0], "opened")
            self.assertEqual(self.ask(self.client("single", "stream"), "open", 1, {})[:2], ["error", "busy"])

        self.kinds(
            [
                ("another's producer name", another_name),
                ("a producer's name that only begins alike", name_that_begins_alike),
                ("a routing id that is in use", taken_route),
                ("a routing id that another left behind, with its session", left_route),
                ("a stream session that another left behind", left_stream),
                ("more sessions than are allowed", too_many),
            ]
        )
        denial = self.denied("forbidden producer")
        self.assertIn(denial["producer"], ("sip1-a", "sip20"))
        self.server.stop()
        self.assertFalse([line for line in Log(self.log_dir).events() if line["sourceId"] == "sip2"])

    # What one reads

    def test_nobody_reads_what_is_not_for_him(self):
        wild = self.client("wild", "append")
        self.ask(wild, "hello", 1, "wild", 1)
        topics = [("StreamEvent", "a"), ("CoreEvent", "sip1"), ("CoreEvent", "sip10"), ("AppEvent", "x"), ("Stream", "a")]
        events = [event(n, category=c, sourceId=s) for n in range(20) for c, s in topics]
        self.ask(wild, "put", 1, events)
        allowed = {("StreamEvent", "a"), ("CoreEvent", "sip1")}
        board = CurveContext(self.context, self.keys, "board")

        def denied(name, **options):
            error = self.ask(self.client(name, "stream"), "open", 1, options)
            self.assertEqual(error[:2], ["error", "denied"], error)

        def seen(records):
            self.assertTrue(records)
            self.assertEqual({(r[3]["category"], r[3]["sourceId"]) for r in records}, allowed)

        def read(**options):
            stream = Stream(board, self.server.ports["stream"])
            stream.open(**{"from": "first", "follow": False, **options})
            seen(stream.take_all())
            stream.close()

        def latest_question():
            asker = self.client("board", "stream")
            records = []
            answer = self.ask(asker, "latest")
            while answer[1]:
                records += answer[1]
                answer = msgpack.unpackb(asker.recv())
            seen(records)
            self.assertEqual(self.ask(asker, "latest", ["AppEvent/"])[:2], ["error", "denied"])

        def tail():
            stream = Stream(board, self.server.ports["stream"])
            stream.open(**{"from": "new", "level": "Trace"})
            wild.send(msgpack.packb(["put", 101, events]))
            stream.take_until(lambda: stream.records and stream.upto >= stream.records[-1][0] and len(stream.records) >= 40)
            seen(stream.records)
            stream.close()

        past = "this key may not read what is past"
        rows = [
            ("a category that may not be read", lambda: denied("board", filters=["AppEvent/"])),
            ("a source that only begins alike", lambda: denied("board", filters=["CoreEvent/sip10"])),
            ("a category that only begins alike", lambda: denied("board", filters=["Stream/"])),
            ("the whole log", lambda: read()),
            ("a filter that is wider than the right", lambda: read(filters=["S", "Core"])),
            ("forbidden and allowed filters together", lambda: read(filters=["AppEvent/", "StreamEvent/", "CoreEvent/"])),
            ("the latest of all topics in a session", lambda: read(**{"from": "first", "latest": True})),
            ("the latest of all topics in a question", latest_question),
            ("what comes", tail),
            ("the past from the first", lambda: denied("now", **{"from": "first"})),
            ("the past from a seq", lambda: denied("now", **{"from": 1})),
            ("the past from a time", lambda: denied("now", **{"from": {"time": EARLY}})),
            ("the past by a number", lambda: denied("now", **{"from": {"last": 1}})),
            ("the past as the latest", lambda: denied("now", latest=True)),
            ("the past by a question", lambda: self.assertEqual(self.ask(self.client("now", "stream"), "latest")[2], past)),
        ]
        self.kinds(rows)
        self.assertEqual(self.ask(self.client("now", "stream"), "open", 1, {"from": "new"})[0], "opened")
        self.denied("forbidden topics")
        self.denied("forbidden replay")
        self.server.stop()


if __name__ == "__main__":
    unittest.main()
