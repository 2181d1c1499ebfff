"""The access file is read again while everything goes on: who lost his key is out within a second, who has one feels
nothing, and a file with a fault changes nothing."""

import datetime
import signal
import time
import unittest

import msgpack
import support
import zmq
from support import Log, event, pack, wait_until
from support_curve import CurveContext, reload, secured
from support_stream import Stream
from zmq.utils.monitor import recv_monitor_message

ALL = {"publish": ["*"], "producers": ["*"], "live": True, "read": [""]}
DOORS = {"ingest": zmq.XPUB, "append": zmq.DEALER, "live": zmq.SUB, "stream": zmq.DEALER}


class Watched:
    """A connection whose ends are noticed."""

    def __init__(self, scenario, name, door, subscription=b""):
        self.socket = scenario.keys.dress(scenario.context.socket(DOORS[door]), name)
        self.socket.linger = 0
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        if door == "live":
            self.socket.subscribe(subscription)
        self.socket.connect(scenario.server.ports[door])
        self.await_event(zmq.EVENT_HANDSHAKE_SUCCEEDED, support.DEADLINE_S)

    def await_event(self, wanted, deadline_s):
        """Seconds until it came; fails when it does not."""
        begun = time.monotonic()
        while (left := begun + deadline_s - time.monotonic()) > 0:
            if self.monitor.poll(int(left * 1000)) and recv_monitor_message(self.monitor)["event"] == wanted:
                return time.monotonic() - begun
        raise AssertionError(f"event {wanted} did not come within {deadline_s} s")

    def is_undisturbed(self):
        return not self.monitor.poll(0)

    def say(self, *message):
        self.socket.send(msgpack.packb(list(message)))

    def hear(self):
        if not self.socket.poll(support.DEADLINE_S * 1000):
            raise AssertionError("no answer")
        return msgpack.unpackb(self.socket.recv())


class Reload(support.Scenario):
    within_s = 20 if support.IS_SANITIZED else 1  # of a machine that does other things as well

    def start(self, rights):
        self.rights = rights
        self.server, self.keys = secured(self, rights)
        self.judge = CurveContext(self.context, self.keys, "judge")

    def reload(self, rights=None):
        if rights is not None:
            self.keys.write_access(self.server.access, rights)
        return reload(self.server)

    def without(self, name):
        return {key: value for key, value in self.rights.items() if key != name}

    def sessions(self, name):
        """A connection with everything at each door, at work."""
        watched = {door: Watched(self, name, door) for door in DOORS}
        self.assertEqual(watched["ingest"].socket.recv(), b"\x01")
        watched["ingest"].socket.send(pack(event()))
        watched["append"].say("hello", 1, name, 1)
        self.assertEqual(watched["append"].hear()[0], "welcome")
        watched["stream"].say("open", 1, {})
        self.assertEqual(watched["stream"].hear()[0], "opened")
        watched["stream"].say("credit", 1 << 40)
        self.assertTrue(watched["live"].socket.poll(support.DEADLINE_S * 1000))
        return watched

    def test_a_revoked_key_is_out_at_every_door_within_a_second_and_nobody_else(self):
        self.start({"judge": ALL, "bad": ALL, "other": ALL})
        bad, other = self.sessions("bad"), self.sessions("other")
        self.reload(self.without("bad"))
        for door, watched in bad.items():
            took_s = watched.await_event(zmq.EVENT_DISCONNECTED, self.within_s)
            print(f"{door}: {took_s * 1000:.0f} ms behind the one before")
        for door in ("append", "stream"):
            messages = []
            while bad[door].socket.poll(0):
                messages.append(msgpack.unpackb(bad[door].socket.recv()))
            self.assertEqual(messages[-1][:2], ["error", "denied"])
        while bad["live"].socket.poll(0):
            bad["live"].socket.recv()
        live = support.Subscriber(self.judge, self.server.ports["live"], (b"TestEvent/",))
        other["append"].say("put", 1, [event(1)])
        self.assertEqual(other["append"].hear()[:2], ["ack", 1])
        live.take_until(1)
        self.assertFalse(bad["live"].socket.poll(100))
        for watched in other.values():
            self.assertTrue(watched.is_undisturbed())
        self.assertEqual(self.server.metric("tocsin_connections_ended_total"), 3)
        self.assertEqual(self.server.metric("tocsin_stream_connections_ended_total"), 1)
        self.server.stop()
        (told,) = Log(self.log_dir).own("ConfigReloaded")
        self.assertEqual(told["snapshot"], {"file": self.server.access, "changed": ["access"]})

    def test_a_key_that_expires_is_out_within_a_second_without_a_reload(self):
        lives_s = 20 if support.IS_SANITIZED else 4
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=lives_s)
        self.start({"judge": ALL, "short": {**ALL, "not_after": until.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}})
        short = self.sessions("short")
        left_s = (until - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        self.assertGreater(left_s, 0, "all sessions began in time")
        for watched in short.values():
            watched.await_event(zmq.EVENT_DISCONNECTED, left_s + 0.3 + self.within_s)
        self.server.stop()

    def test_a_file_with_a_fault_changes_nothing_and_is_named_with_its_line(self):
        self.start({"judge": ALL})
        judge = self.sessions("judge")
        with open(self.server.access, "w", encoding="utf-8") as file:
            file.write("keys:\n  - name: judge\n    public: nonsense\n")
        said = self.reload()
        self.assertIn(f"{self.server.access}:3:", said)
        self.assertIn("stays as it was", said)
        judge["append"].say("put", 1, [event(1)])
        self.assertEqual(judge["append"].hear()[:2], ["ack", 1])
        Watched(self, "judge", "live")
        self.assertIn("3 keys", self.reload({"judge": ALL, "a": ALL, "b": ALL}))
        Watched(self, "a", "append")
        for watched in judge.values():
            self.assertTrue(watched.is_undisturbed())

        def told():
            stream = Stream(self.judge, self.server.ports["stream"])
            stream.open(**{"from": "first", "follow": False, "types": ["ConfigReloaded"]})
            records = stream.take_all()
            stream.close()
            return records if len(records) == 2 else None

        errors = [record[3]["snapshot"].get("error") for record in wait_until(told, "both in the log")]
        self.assertIn(":3:", errors[0])
        self.assertIsNone(errors[1])
        self.server.stop()

    def test_rights_that_change_hold_for_sessions_that_are_there(self):
        rights = {"judge": ALL, "client": {"publish": ["A/*"], "producers": ["p", "q"], "live": True, "read": ["A/", "B/"]}}
        self.start(rights)
        appender = Watched(self, "client", "append")
        appender.say("hello", 1, "p", 1)
        appender.hear()
        appender.say("put", 1, [event(category="A", sourceId="x"), event(category="B", sourceId="x")])
        self.assertEqual({tuple(appender.hear()[:2]) for _ in range(2)}, {("nack", 2), ("ack", 2)})
        reader, live = Watched(self, "client", "stream"), Watched(self, "client", "live")
        reader.say("open", 1, {"from": "first"})
        self.assertEqual(reader.hear()[0], "opened")
        changed = {"publish": ["B/*"], "producers": ["p"], "read": ["A/"]}
        self.reload({"judge": ALL, "client": changed})
        self.assertEqual(reader.hear()[:2], ["error", "closed"])
        reader.say("open", 1, {"from": "first", "filters": ["B/"]})
        self.assertEqual(reader.hear()[:2], ["error", "denied"])
        live.await_event(zmq.EVENT_DISCONNECTED, self.within_s)  # live is not allowed any more
        appender.say("put", 3, [event(category="A", sourceId="x"), event(category="B", sourceId="x")])
        self.assertEqual({tuple(appender.hear()[:2]) for _ in range(2)}, {("nack", 3), ("ack", 4)})
        self.reload({"judge": ALL, "client": {**changed, "producers": ["q"]}})
        self.assertEqual(appender.hear()[:2], ["error", "denied"])
        self.server.stop()

    def test_reloads_without_a_pause_while_events_come_lose_nothing(self):
        self.start({"judge": ALL, "other": ALL})
        appender = Watched(self, "judge", "append")
        appender.say("hello", 1, "p", 1)
        appender.hear()
        count = 2000
        for n in range(1, count + 1):
            appender.say("put", n, [event(n)])
            if n % 50 == 0:
                self.keys.write_access(self.server.access, self.rights if n % 100 else {"judge": ALL})
                self.server.signal(signal.SIGHUP)
        while appender.hear()[:2] != ["ack", count]:
            pass
        self.server.stop()
        numbers = [line["snapshot"]["number"] for line in Log(self.log_dir).events()]
        self.assertEqual(numbers, list(range(1, count + 1)))

    def test_a_subscriber_with_too_many_subscriptions_or_with_messages_is_out(self):
        self.start({"judge": ALL, "greedy": ALL})
        calm = Watched(self, "judge", "live")
        greedy = self.keys.dress(self.context.socket(zmq.SUB), "greedy")
        greedy.setsockopt(zmq.SNDHWM, 0)
        monitor = greedy.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        for number in range(10001):
            greedy.subscribe(b"%d/" % number)
        greedy.connect(self.server.ports["live"])
        self.assertTrue(monitor.poll(support.DEADLINE_S * 1000))
        greedy.disable_monitor()
        greedy.close(0)
        talker = self.keys.dress(self.context.socket(zmq.XSUB), "greedy")
        monitor = talker.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        talker.connect(self.server.ports["live"])
        talker.send(b"\x07hello")
        self.assertTrue(monitor.poll(support.DEADLINE_S * 1000))
        self.assertTrue(calm.is_undisturbed())
        self.server.stop()


if __name__ == "__main__":
    unittest.main()
