"""Live realm by realm: an endpoint each, which carries its topics only and opens for its keys only."""

import json
import os
import subprocess
import unittest

import support
import zmq
import zmq.utils.monitor
from support import event, pack
from support_curve import CurveContext, reload, secured

REALMS = {"ops": ["StreamEvent/", "CoreEvent/sip1\0"], "public": ["StreamEvent/#default#"], "log": ["BrokerEvent/"]}
RIGHTS = {
    "judge": {"publish": ["*"], "live": True, "read": [""]},
    "operator": {"live": ["ops"]},
    "guest": {"live": ["public"]},
    "both": {"live": ["ops", "public"]},
    "reader": {"read": [""]},
}
TOPICS = (("StreamEvent", "#default#app/a"), ("StreamEvent", "x"), ("CoreEvent", "sip1"), ("CoreEvent", "sip10"), ("App", "a"))
FAILED = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL


class Realms(support.Scenario):
    def setUp(self):
        super().setUp()
        self.server, self.keys = secured(self, RIGHTS, realms=REALMS)
        self.source = CurveContext(self.context, self.keys, "judge").socket(zmq.XPUB)
        self.source.connect(self.server.ports["ingest"])
        self.assertTrue(self.source.poll(support.DEADLINE_S * 1000))
        self.number = 0

    def subscriber(self, name, door, *prefixes):
        return support.Subscriber(CurveContext(self.context, self.keys, name), self.server.ports[door], prefixes or (b"",))

    def send_all(self):
        """An event of each topic."""
        for category, source in TOPICS:
            self.number += 1
            self.source.send(pack(event(self.number, category=category, sourceId=source)))

    @staticmethod
    def seen(subscriber, count):
        """The topics of the next `count` records, and that none is behind them before the next heartbeat."""
        subscriber.take_until(count)
        head = subscriber.head
        while subscriber.head == head and len(subscriber.records) == count:
            subscriber.take()
        topics = [topic for topic, _, _ in subscriber.records]
        subscriber.records.clear()
        return topics

    def is_refused(self, name, door):
        stranger = self.keys.dress(self.context.socket(zmq.SUB), name)
        stranger.linger = 0
        stranger.subscribe(b"")
        monitor = stranger.get_monitor_socket(FAILED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        stranger.connect(self.server.ports[door])
        self.assertTrue(monitor.poll(support.DEADLINE_S * 1000))
        happened = zmq.utils.monitor.recv_monitor_message(monitor)["event"]
        stranger.disable_monitor()
        stranger.close(0)
        return happened != zmq.EVENT_HANDSHAKE_SUCCEEDED

    def test_an_endpoint_carries_what_its_realm_has_and_nothing_else(self):
        everything = self.subscriber("judge", "live")
        ops, public = self.subscriber("operator", "live/ops"), self.subscriber("guest", "live/public")
        both = [self.subscriber("both", "live/ops"), self.subscriber("both", "live/public")]
        self.send_all()
        of_ops = ["StreamEvent/#default#app/a", "StreamEvent/x", "CoreEvent/sip1"]
        self.assertEqual(self.seen(everything, 5), ["/".join(topic) for topic in TOPICS])
        self.assertEqual(self.seen(ops, 3), of_ops)
        self.assertEqual(self.seen(public, 1), of_ops[:1])
        self.assertEqual(self.seen(both[0], 3), of_ops)
        self.assertEqual(self.seen(both[1], 1), of_ops[:1])
        self.assertEqual(ops.log_id, everything.log_id)
        self.server.stop()

    def test_a_key_of_the_wrong_realm_is_refused(self):
        for name, door in (("operator", "live/public"), ("operator", "live"), ("guest", "live/ops"), ("guest", "live"),
                           ("reader", "live/ops"), ("both", "live/log"), ("unknown", "live/ops")):  # fmt: skip
            self.assertTrue(self.is_refused(name, door), (name, door))
        self.assertFalse(self.is_refused("judge", "live/log"))
        self.server.stop()
        lines = support.Log(self.log_dir).own("ClientDenied")
        doors = {(line["snapshot"]["endpoint"], line["snapshot"]["reason"]) for line in lines}
        self.assertIn(("live/ops", "this door is not for that key"), doors)

    def test_the_command_line_follows_a_realm(self):
        flags = self.keys.client_flags("operator")
        sub = subprocess.Popen(
            [os.environ["TOCSIN"], "sub", "-C", "3", "-o", "json", "-v", "--live", self.server.ports["live/ops"], *flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(sub.stdout.close)
        self.addCleanup(sub.stderr.close)
        self.assertIn("connected", sub.stderr.readline())
        self.send_all()
        out, _ = sub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual([json.loads(line)["sourceId"] for line in out.splitlines()], ["#default#app/a", "x", "sip1"])
        self.server.stop()

    def reload(self, rights, realms):
        self.keys.write_access(self.server.access, rights, realms)
        return reload(self.server)

    def test_a_reload_changes_what_a_realm_has_and_who_is_in_it(self):
        ops, guest = self.subscriber("operator", "live/ops"), self.subscriber("guest", "live/public")
        watch = self.subscriber("judge", "live/public")
        monitor = guest.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.reload({**RIGHTS, "guest": {"live": ["ops"]}}, {**REALMS, "ops": ["App/"]})
        self.assertTrue(monitor.poll(20000 if support.IS_SANITIZED else 1000), "it is out within a second")
        guest.socket.disable_monitor()
        guest.socket.close(0)
        self.send_all()
        self.assertEqual(self.seen(ops, 1), ["App/a"])
        self.assertEqual(self.seen(watch, 1), ["StreamEvent/#default#app/a"])
        said = self.reload({"judge": RIGHTS["judge"]}, {"ops": ["App/"]})
        self.assertIn("the realm public, which has an endpoint, is not there", said)
        self.send_all()
        self.assertEqual(self.seen(watch, 1), ["StreamEvent/#default#app/a"])
        self.server.stop()

    def test_a_file_without_the_realm_of_an_endpoint_lets_no_broker_start(self):
        self.server.stop()
        code, said = self.broker_that_fails(*self.keys.flags(self.server.access), "--realms", "opz=tcp://127.0.0.1:*")
        self.assertEqual(code, 2)
        self.assertIn("the realm opz, which has an endpoint, is not there", said)
        code, said = self.broker_that_fails(*self.keys.flags(self.server.access), "--realms", "ops=tcp://1.2.3.4:1")
        self.assertEqual(code, 69)
        self.assertIn("live/ops: tcp://1.2.3.4:1 is no address of this machine. Give another one with --realms", said)


if __name__ == "__main__":
    unittest.main()
