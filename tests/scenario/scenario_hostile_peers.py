"""Bad peers: none of them ends the broker, none disturbs the others."""

import contextlib
import http.client
import os
import random
import socket
import struct
import subprocess
import sys
import unittest

import support
import zmq
from support import Log, event, pack

SEED = int(os.environ.get("TOCSIN_SEED", "20261121"))

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
RESET = struct.pack("ii", 1, 0)

EVENT_BYTES_MAX = 1 << 20
MESSAGE_BYTES_MAX = 4 * EVENT_BYTES_MAX

# Sends what is no event, as fast as it can, with heartbeats of ZeroMQ's own.
FLOOD = """
import sys, zmq
socket = zmq.Context().socket(getattr(zmq, sys.argv[1]))
socket.setsockopt(zmq.HEARTBEAT_IVL, 5)
socket.setsockopt(zmq.HEARTBEAT_TTL, 1000)
socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 60000)
if sys.argv[1] == "SUB":
    socket.setsockopt(zmq.RCVHWM, 1)
    socket.subscribe(b"")
socket.connect(sys.argv[2])
print("ready", flush=True)
while True:
    if sys.argv[1] == "PUB":
        socket.send(b"x")
    else:
        socket.recv()
"""


def tcp(endpoint, source=("127.0.0.1", 0)):
    host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=support.DEADLINE_S, source_address=source)


def reset(peer):
    """Ends a connection as a machine that has lost it does."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    peer.close()


def command(name, body=b""):
    content = bytes([len(name)]) + name + body
    return b"\x04" + bytes([len(content)]) + content


def ready(socket_type):
    return command(b"READY", b"\x0bSocket-Type" + struct.pack(">I", len(socket_type)) + socket_type)


def zmtp(endpoint, socket_type):
    """A raw connection that has shaken hands as ZeroMQ would."""
    peer = tcp(endpoint)
    peer.sendall(GREETING + ready(socket_type))
    answer = b""
    while b"Socket-Type" not in answer:
        received = peer.recv(4096)
        if not received:
            raise AssertionError(f"the broker closed the connection after {answer!r}")
        answer += received
    return peer


class Peers(support.Scenario):
    def setUp(self):
        super().setUp()
        self.server = self.broker("--append", "tcp://127.0.0.1:*", "--stream", "tcp://127.0.0.1:*")
        self.good = self.subscriber(self.server, b"TestEvent/")
        self.source = self.publisher(self.server)
        self.sent = 0
        self.endpoints = {name: self.server.ports[name] for name in ("ingest", "live", "append", "stream")}

    def pulse(self):
        """The broker is alive: a good event of a good publisher reaches a good subscriber."""
        self.source.send(pack(event(self.sent)))
        self.sent += 1
        self.good.take_until(self.sent)
        self.assertIsNone(self.server.process.poll(), self.server.stderr())

    def end(self):
        """It has lived through all of it, and its log is sound."""
        self.pulse()
        self.server.stop()
        log = Log(self.log_dir)
        self.assertEqual(len(log.own("BrokerStarted")), 1)
        numbers = [line["snapshot"]["number"] for line in log.events() if line["category"] == "TestEvent"]
        self.assertEqual(numbers, list(range(self.sent)))
        return log

    def refused(self, code):
        return self.server.metric(f'tocsin_events_refused_total{{code="{code}"}}')

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def await_descriptors(self, count):
        support.wait_until(lambda: self.descriptors() <= count, f"{count} open descriptors again")

    def rss_kb(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def test_a_message_of_several_frames_is_refused_once_whatever_is_in_it(self):
        good = pack(event(0, category="InParts"))
        for count, parts in enumerate(([good, good], [b"", b""], [good] * 50, [b"", good]), 1):
            self.source.send_multipart(parts)
            self.pulse()
            self.assertEqual(self.refused("malformed"), count)
        self.assertFalse([line for line in self.end().events() if line["category"] == "InParts"])

    def test_an_empty_frame_is_refused(self):
        self.source.send(b"")
        self.pulse()
        self.assertEqual(self.refused("malformed"), 1)
        self.end()

    def sized(self, size):
        """An event of so many bytes."""
        bare = pack(event(category="Large", snapshot="x" * 70000))
        return pack(event(category="Large", snapshot="x" * (70000 + size - len(bare))))

    def test_an_event_of_the_longest_length_passes_and_one_byte_more_is_refused(self):
        large = self.subscriber(self.server, b"Large/")
        longest = self.sized(EVENT_BYTES_MAX)
        self.assertEqual(len(longest), EVENT_BYTES_MAX)
        self.source.send(longest)
        ((_, record, encoded),) = large.take_until(1)
        self.assertEqual(record[3]["snapshot"], support.msgpack.unpackb(longest)["snapshot"])
        self.assertTrue(len(encoded) > EVENT_BYTES_MAX)
        for size in (EVENT_BYTES_MAX + 1, MESSAGE_BYTES_MAX):
            self.source.send(self.sized(size))
        self.pulse()
        self.assertEqual(self.refused("length"), 2)
        self.end()

    def test_a_message_beyond_all_bounds_costs_its_sender_the_connection_and_no_one_else(self):
        offender = self.publisher(self.server)
        after = self.subscriber(self.server, b"After/")
        offender.send(bytes(MESSAGE_BYTES_MAX + 1))
        self.pulse()

        def passes_again():
            offender.send(pack(event(category="After")))
            return after.socket.poll(100) and (after.take() or after.records)

        support.wait_until(passes_again, "the offender to be connected again and heard")
        self.assertEqual(self.refused("malformed"), 0)
        self.end()

    def test_garbage_at_any_port_ends_its_own_connection_at_most(self):
        chance = random.Random(SEED)
        huge = b"\x02" + struct.pack(">Q", 1 << 62)
        garbage = [
            b"",
            b"\0",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
            b"\xff" + bytes(8) + b"\x7f\x01\x00",
            b"\x01\x00" * 1000,
            GREETING[:10],
            GREETING,
            GREETING.replace(b"NULL", b"ABCD"),
            GREETING.replace(b"NULL\0\0\0\0", b"CURVE\0\0\0"),
            GREETING + huge,
            GREETING + b"\x06" + struct.pack(">Q", 1 << 62),
            GREETING + command(b"READY", b"\x0bSocket-Type\xff\xff\xff\xff"),
            GREETING + command(b"READY", b"\xffSocket-Type"),
            GREETING + ready(b"PAIR"),
            GREETING + ready(b"X" * 200),
            GREETING + command(b""),
            GREETING + command(b"ERROR", b"\xffboo"),
        ]
        for socket_type in (b"PUB", b"XPUB", b"SUB", b"DEALER", b"REQ"):
            shaken = GREETING + ready(socket_type)
            garbage += [shaken + huge, shaken + ready(socket_type), shaken + b"\xf8" * 100, shaken + b"\x01\x01a" * 2000]
            garbage += [
                shaken + command(name, body)
                for name in (b"PING", b"PONG", b"SUBSCRIBE", b"CANCEL", b"ERROR", b"READY", b"JOIN", b"WHAT", b"")
                for body in (b"", b"\0", b"\xff\xff", b"\xff\xff" + b"c" * 40, b"\xff" * 200)
            ]
        garbage += [chance.randbytes(chance.choice((1, 10, 64, 100, 5000))) for _ in range(100)]
        garbage += [GREETING + chance.randbytes(100) for _ in range(100)]
        before = self.descriptors()
        for endpoint in (*self.endpoints.values(), self.server.ports["http"]):
            for content in garbage:
                peer = tcp(endpoint)
                with contextlib.suppress(OSError):
                    peer.sendall(content)
                    peer.shutdown(socket.SHUT_WR)
                reset(peer) if chance.random() < 0.5 else peer.close()
            self.pulse()
        print(f"{5 * len(garbage)} connections of garbage")
        self.await_descriptors(before)
        self.end()

    def test_connections_that_never_finish_their_handshake_are_closed_and_hold_up_no_one(self):
        before = self.descriptors()
        peers = []
        for endpoint in self.endpoints.values():
            for content in (b"", b"\xff", GREETING[:30], GREETING, GREETING + b"\x04"):
                for _ in range(40):
                    peer = tcp(endpoint)
                    peer.sendall(content)
                    peers.append(peer)
            self.pulse()
        support.wait_until(lambda: self.descriptors() >= before + len(peers), "all are accepted")
        self.pulse()
        newcomer = self.publisher(self.server)
        newcomer.send(pack(event(self.sent)))
        self.sent += 1
        self.good.take_until(self.sent)
        self.await_descriptors(before + 1)
        for peer in peers:
            peer.close()
        self.end()

    def test_bad_requests_to_http_leave_it_answering(self):
        requests = (
            b"\r\n" * 10000,
            b"GET " + b"/" * 100000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 50000,
            b"GET / HTTP/1.1\r\nx: " + b"y" * 1000000,
            b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
            b"POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /%00/metrics HTTP/1.1\r\nHost: x\r\n\r\n",
            b"DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /metrics HTTP/9.9\r\n\r\n",
            b"\0" * 5000,
        )
        for request in requests:
            peer = tcp(self.server.ports["http"])
            with contextlib.suppress(OSError):
                peer.sendall(request)
                peer.recv(1000)
            peer.close()
            self.assertEqual(self.server.http("/healthz"), (200, "ok\n"))
        self.end()

    def test_a_host_that_holds_http_connections_open_shuts_no_other_host_out(self):
        held = [tcp(self.server.ports["http"]) for _ in range(100)]
        for peer in held:
            with contextlib.suppress(OSError):
                peer.sendall(b"GET /metrics HTTP/1.1\r\nHost:")
        host, port = self.server.ports["http"].split(":")
        other = http.client.HTTPConnection(host, int(port), support.DEADLINE_S, source_address=("127.0.0.2", 0))
        other.request("GET", "/healthz")
        self.assertEqual(other.getresponse().status, 200)
        other.close()
        for peer in held:
            peer.close()
        self.end()

    def test_floods_of_long_subscriptions_do_not_disturb_other_subscribers(self):
        chance = random.Random(SEED)
        before_kb = self.rss_kb()
        flooder = self.context.socket(zmq.SUB)
        flooder.setsockopt(zmq.SNDHWM, 0)
        flooder.connect(self.endpoints["live"])
        count = 2000
        for _ in range(count):
            flooder.subscribe(chance.randbytes(300))
        flooder.subscribe(b"~\0")
        self.assertTrue(flooder.poll(support.DEADLINE_S * 1000), "the heartbeat: all subscriptions have come")
        print(f"{(self.rss_kb() - before_kb) / count:.1f} KiB a subscription of 300 bytes")
        for _ in range(100):
            self.pulse()
        flooder.close(linger=0)
        crooked = self.context.socket(zmq.SUB)  # of 246 to 255 bytes libzmq 4.3.4 makes what no peer can read
        crooked.connect(self.endpoints["live"])
        for length in range(240, 260):
            crooked.subscribe(b"y" * length)
        for _ in range(100):
            self.pulse()
        crooked.close(linger=0)
        longer = zmtp(self.endpoints["live"], b"SUB")
        longer.sendall(b"\x02" + struct.pack(">Q", 2001) + b"\x01" + b"z" * 2000)
        with contextlib.suppress(ConnectionResetError):
            while longer.recv(4096):
                pass  # until the broker has closed it
        longer.close()
        self.end()

    def test_five_hundred_publishers_come_and_go_and_leave_only_their_events(self):
        before = self.descriptors()
        for number in range(500):
            publisher = self.publisher(self.server)
            publisher.send(pack(event(number, category="Passing")))
            publisher.close()
            if number % 5 == 0:
                reset(zmtp(self.endpoints["ingest"], b"PUB"))
        support.wait_until(lambda: self.server.metric("tocsin_events_accepted_total") >= 500, "all their events")
        self.await_descriptors(before)
        passing = [line for line in self.end().events() if line["category"] == "Passing"]
        # each came by a connection of its own, and between these there is no order
        self.assertEqual(sorted(line["snapshot"]["number"] for line in passing), list(range(500)))

    def test_peers_with_heartbeats_of_zeromqs_own_may_be_killed_at_any_time(self):
        rounds = 5 if support.IS_SANITIZED else 20
        for _ in range(rounds):
            peers = [
                subprocess.Popen([sys.executable, "-c", FLOOD, kind, self.endpoints[door]], stdout=subprocess.PIPE)
                for kind, door in (("PUB", "ingest"), ("SUB", "live"))
            ]
            received = self.server.metric("tocsin_events_received_total")
            support.wait_until(
                lambda: self.server.metric("tocsin_events_received_total") > received + 1000, "a flood of what is no event"
            )
            for peer in peers:
                self.assertEqual(peer.stdout.readline(), b"ready\n")
                peer.kill()
                peer.wait()
                peer.stdout.close()
            self.pulse()
        self.end()

    def test_pings_on_full_pipes_and_connections_reset_behind_them_do_not_abort_the_broker(self):
        ping = command(b"PING", b"\0\0")
        plans = (
            ("ingest", b"PUB", b"\0\x01x"),
            ("live", b"SUB", b"\0\x02\x01A"),
            ("append", b"DEALER", b"\0\x01x"),
            ("stream", b"DEALER", b"\0\x01x"),
        )
        for number in range(200):
            for door, socket_type, message in plans:
                peer = zmtp(self.endpoints[door], socket_type)
                with contextlib.suppress(OSError):
                    peer.sendall(message * 1001 + ping + message * 3 + ping)
                reset(peer)
            if number % 20 == 0:
                self.pulse()
        self.end()


if __name__ == "__main__":
    unittest.main()
