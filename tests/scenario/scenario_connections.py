"""How many connections there may be: of a key, and in all. Beyond that nobody comes in, nobody who is there is disturbed, and
the broker has descriptors for its log."""

import os
import resource
import socket
import time
import unittest

import msgpack
import support
import zmq
from scenario_hostile_peers import tcp, zmtp
from support import Log, event, pack, wait_until
from support_curve import CurveContext, secured
from zmq.utils.monitor import recv_monitor_message

ALL = {"publish": ["*"], "producers": ["*"], "live": True, "read": [""]}
KINDS = {"ingest": zmq.PUB, "append": zmq.DEALER, "live": zmq.SUB, "stream": zmq.DEALER}


def few_descriptors(count):
    """What a process does before it becomes the broker."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count // 2, count))


class OfAKey(support.Scenario):
    def connect(self, name, door):
        """A connection that says nothing: (socket, monitor)."""
        client = self.keys.dress(self.context.socket(KINDS[door]), name)
        client.linger = 0
        client.reconnect_ivl = -1
        client.ipv6 = 1
        monitor = client.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        client.connect(self.server.ports[door])
        return client, monitor

    def client(self, name, door):
        """One that is let in."""
        client, monitor = self.connect(name, door)
        self.assertTrue(monitor.poll(support.DEADLINE_S * 1000), "it is let in")
        self.assertEqual(recv_monitor_message(monitor)["event"], zmq.EVENT_HANDSHAKE_SUCCEEDED)
        return client, monitor

    def wait_known(self, count):
        """Let in they are at once; whose they are the broker knows a moment later."""
        wait_until(lambda: self.server.metric("tocsin_connections_of_keys") == count, "it is known whose they are")

    def is_ended(self, name, door, within_s):
        """True when another connection is ended in that time, be it before it knows that it was let in."""
        client, monitor = self.connect(name, door)
        end = time.monotonic() + within_s
        event = None
        while event != zmq.EVENT_DISCONNECTED and monitor.poll(max(0, int((end - time.monotonic()) * 1000))):
            event = recv_monitor_message(monitor)["event"]
        client.disable_monitor()
        client.close(0)
        return event == zmq.EVENT_DISCONNECTED

    def test_a_key_has_as_many_connections_as_it_may_also_silent_ones_and_others_feel_nothing(self):
        self.server, self.keys = secured(self, {"few": {**ALL, "limits": {"connections": 4}}, "other": ALL})
        kept = [self.client("few", door) for door in KINDS]
        others = [self.client("other", "append") for _ in range(6)]
        for door in KINDS:
            self.assertTrue(self.is_ended("few", door, support.DEADLINE_S), f"one too many at {door}")
        wait_until(lambda: self.server.metric("tocsin_connections_of_keys_ended_total") == 4, "that four are counted")
        for _, monitor in kept + others:
            self.assertFalse(monitor.poll(0), "who was there stays")
        kept[0][0].disable_monitor()
        kept[0][0].close(0)
        # the place of one that is gone is free again
        wait_until(lambda: not self.is_ended("few", "append", 0.5), "a place")
        for _, monitor in kept[1:]:
            self.assertFalse(monitor.poll(0), "who was there stays")
        self.server.stop()
        denied = [line["snapshot"] for line in Log(self.log_dir).own("ClientDenied")]
        self.assertIn(("too many connections", self.keys.public("few")), [(d["reason"], d.get("key")) for d in denied])

    @unittest.skipUnless(os.path.exists("/proc/net/if_inet6"), "no IPv6 here")
    def test_it_holds_over_ipv6_and_where_all_addresses_are_listened_at(self):
        limits = {"limits": {"connections": 2}}
        self.server, self.keys = secured(
            self, {"few": {**ALL, **limits}}, "--append", "tcp://[::1]:*", "--stream", "tcp://[::]:*"
        )
        self.server.ports["stream"] = self.server.ports["stream"].replace("[::]", "127.0.0.1")
        kept = [self.client("few", "append"), self.client("few", "stream")]
        self.wait_known(2)
        for door in ("append", "stream"):
            self.assertTrue(self.is_ended("few", door, support.DEADLINE_S), f"one too many at {door}")
        for _, monitor in kept:
            self.assertFalse(monitor.poll(0), "who was there stays")
        self.server.stop()

    def test_a_revoked_key_that_never_said_anything_is_out_within_a_second_of_the_reload(self):
        self.server, self.keys = secured(self, {"bad": ALL, "good": ALL, "admin": {"admin": True}})
        bad = [self.client("bad", door) for door in KINDS]
        good = [self.client("good", door) for door in KINDS]
        self.wait_known(8)
        admin = self.keys.dress(self.context.socket(zmq.DEALER), "admin")
        admin.connect(self.server.ports["stream"])
        self.keys.write_access(self.server.access, {"good": ALL, "admin": {"admin": True}})
        admin.send(msgpack.packb(["reload"]))
        self.assertTrue(admin.poll(support.DEADLINE_S * 1000))
        begun = time.monotonic()
        for _, monitor in bad:
            self.assertTrue(monitor.poll(support.DEADLINE_S * 1000), "it is out")
        took_s = time.monotonic() - begun
        print(f"four silent connections out {took_s * 1000:.0f} ms after the reload")
        self.assertLess(took_s, 20 if support.IS_SANITIZED else 1)
        for _, monitor in good:
            self.assertFalse(monitor.poll(0), "who has his key stays")
        self.server.stop()


class InAll(support.Scenario):
    def cpu_s(self, server):
        with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def knock(self, endpoint, count):
        """Connections that are begun and say nothing."""
        host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
        peers = []
        for _ in range(count):
            peer = socket.socket()
            peer.setblocking(False)
            peer.connect_ex((host, int(port)))
            peers.append(peer)
            self.addCleanup(peer.close)
        return peers

    def test_where_descriptors_end_nobody_comes_in_the_log_goes_on_and_all_is_well_again(self):
        limit = 160
        server = self.broker("--append", "tcp://127.0.0.1:*", "--stream", "tcp://127.0.0.1:*", preexec=few_descriptors(limit))
        with open(f"/proc/{server.process.pid}/limits", encoding="ascii") as limits:
            self.assertIn(f"{limit}                  {limit}", limits.read(), "it was raised")
        source, subscriber = self.publisher(server), self.subscriber(server, b"TestEvent/")
        appender = self.context.socket(zmq.DEALER)
        appender.linger = 0
        appender.connect(server.ports["append"])
        appender.send(msgpack.packb(["hello", 1, "p", 1]))
        self.assertTrue(appender.poll(support.DEADLINE_S * 1000))
        appender.recv()
        crowd = []
        for door in ("ingest", "append", "live", "stream"):
            crowd += self.knock(server.ports[door], 150)
        wait_until(lambda: "no more come in" in server.stderr(), "it is told")
        begun, before_s = time.monotonic(), self.cpu_s(server)
        for number in range(200):
            source.send(pack(event(number)))
            appender.send(msgpack.packb(["put", number + 1, [event(number + 1000)]]))
        subscriber.take_until(400)
        wait_until(lambda: len(os.listdir(f"/proc/{server.process.pid}/fd")) <= limit - 16, "descriptors are left for the log")
        wait_until(lambda: time.monotonic() - begun >= 2, "two seconds")
        share = (self.cpu_s(server) - before_s) / (time.monotonic() - begun)
        print(f"{share * 100:.0f} % of a core while the crowd is there")
        self.assertLess(share, 0.8 if support.IS_SANITIZED else 0.4)
        for peer in crowd:
            peer.close()
        wait_until(lambda: "connections come in again" in server.stderr(), "the crowd is gone")
        late = zmtp(server.ports["ingest"], b"PUB")
        late.close()
        self.assertEqual(server.http("/readyz")[0], 200)
        server.stop()
        log = Log(self.log_dir)
        self.assertEqual(len(log.events()), 400)
        self.assertIn("too many connections", [line["snapshot"]["reason"] for line in log.own("ClientDenied")])

    def test_max_connections_holds_and_a_place_that_is_left_is_taken(self):
        server = self.broker("--max-connections", "20")
        peers = [zmtp(server.ports["ingest"], b"PUB") for _ in range(20)]
        beyond = self.knock(server.ports["ingest"], 60)
        wait_until(lambda: server.metric("tocsin_connections_refusing") == 1, "it is full")
        for peer in peers:
            peer.sendall(b"\x00\x01x")  # still there
        wait_until(lambda: server.metric("tocsin_ingest_frames_total") == 20, "all of them are served")
        for peer in beyond + peers[:5]:
            peer.close()
        wait_until(lambda: server.metric("tocsin_connections_refusing") == 0, "there is room again")
        zmtp(server.ports["ingest"], b"PUB").close()
        server.stop()

    def test_a_process_with_very_few_descriptors_says_so_and_serves(self):
        server = self.broker(preexec=few_descriptors(72))
        self.assertIn("there can be only", server.stderr())
        source, subscriber = self.publisher(server), self.subscriber(server, b"TestEvent/")
        source.send(pack(event(1)))
        subscriber.take_until(1)
        server.stop()


if __name__ == "__main__":
    unittest.main()
