"""Whoever sends what to a gateway: memory stays bounded, good senders are served, and every message is accounted for."""

import json
import os
import random
import resource
import signal
import socket
import unittest

import support
from support_gateway import GatewayScenario

GIB = 1 << 30
RSS_MAX = 64 << 20


def message(number, **members):
    return json.dumps({"jsonrpc": "2.0", "method": "E_TEST", "params": {"number": number}, **members}).encode()


class GatewayHostile(GatewayScenario):
    def opensips(self, *arguments, **options):
        return self.gateway("opensips", "--source", "sip-1", *arguments, **options)

    def numbers(self):
        return [event["snapshot"]["number"] for event in self.logged()]

    def check_memory(self, gateway):
        if not support.IS_SANITIZED:  # which keeps what is freed, and shadows
            self.assertLess(gateway.rss_bytes(), RSS_MAX)

    def send_long_line(self, peer, begin):
        peer.sendall(begin)
        piece = b"x" * (1 << 20)
        for _ in range(GIB // len(piece) // (8 if support.IS_SANITIZED else 1)):
            peer.sendall(piece)

    def test_a_message_of_a_gigabyte_is_refused_and_the_next_one_is_not(self):
        self.broker()
        gateway = self.opensips("--listen", "tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        self.send_long_line(peer, b'{"jsonrpc":"2.0","method":"E_LONG","params":{"a":"')
        peer.sendall(b'"}}' + message(1).replace(b" ", b""))
        gateway.wait_count("published", 1)
        self.check_memory(gateway)
        counts = gateway.stop()
        self.assertEqual((counts["received"], counts["refused_length"], self.numbers()), (2, 1, [1]))

    def test_a_line_of_a_gigabyte_is_refused_and_the_next_one_is_not(self):
        self.broker()
        gateway = self.gateway("json", "--listen", "tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        self.send_long_line(peer, b'{"summary":"')
        peer.sendall(b'"}\n' + json.dumps(support.event(1)).encode() + b"\n")
        gateway.wait_count("published", 1)
        self.check_memory(gateway)
        counts = gateway.stop()
        self.assertEqual((counts["received"], counts["refused_length"], self.numbers()), (2, 1, [1]))

    def test_ten_thousand_connections_do_not_take_the_place_of_one_that_is_of_use(self):
        self.broker()
        gateway = self.opensips("--max-connections", "100", "--listen", "tcp:127.0.0.1:0")
        address = gateway.addresses("tcp")[0]
        good = self.connect(address)
        good.sendall(message(0))
        gateway.wait_count("published", 1)
        at_once = min(1000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100)
        opened, peers = 0, []
        while opened < 10000:
            peers = [socket.create_connection(address, support.DEADLINE_S) for _ in range(at_once)]
            opened += len(peers)
            for peer in peers[: at_once // 2]:
                try:
                    peer.send(b'{"half')
                except OSError:
                    pass  # it is closed already: there are too many
            if opened < 10000:
                for peer in peers:
                    peer.close()
        good.sendall(message(1))
        gateway.wait_count("published", 2)
        counts = gateway.wait_count("connections", 101)
        self.check_memory(gateway)
        for peer in peers:
            peer.close()
        counts = gateway.stop()
        self.assertGreater(counts["connections_refused"], 100)
        self.assertLessEqual(counts["connections"] + counts["connections_refused"], opened + 1)
        self.assertEqual(self.numbers(), [0, 1])

    def test_slow_senders_are_closed_and_quiet_ones_are_not(self):
        self.broker()
        gateway = self.opensips("--message-timeout", "2s", "--listen", "tcp:127.0.0.1:0")
        address = gateway.addresses("tcp")[0]
        good, silent, slow = (self.connect(address) for _ in range(3))
        good.sendall(message(0))
        slow.sendall(message(1) + b"{")
        gateway.wait_count("connections_slow", 2)
        self.assertEqual(silent.recv(1), b"")
        self.assertEqual(slow.recv(1), b"")
        good.sendall(message(2))
        gateway.wait_count("published", 3)
        self.assertEqual(gateway.stop()["connections_slow"], 2)
        self.assertEqual(sorted(self.numbers()), [0, 1, 2])

    def test_who_does_not_read_answers_is_closed(self):
        self.broker()
        gateway = self.opensips("--listen", "tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        refused = b'{"id":1,"jsonrpc":"2.0","nothing":0}' * 1000
        with self.assertRaises(OSError):
            for _ in range(1000):
                peer.sendall(refused)
        gateway.wait_count("connections_broken", 1)
        self.check_memory(gateway)
        counts = gateway.stop()
        self.assertGreater(counts["refused_syntax"], 1000)
        self.assertIn("does not read its answers", gateway.stderr())

    def test_random_bytes_at_every_listener_stop_nobody(self):
        self.broker()
        path = os.path.join(self.dir, "opensips.sock")
        gateway = self.opensips("--listen", "tcp:127.0.0.1:0", "--listen", "udp:127.0.0.1:0", "--listen",
                                f"unix:{path}", "--max-message", "10000", listening=3)  # fmt: skip
        chance = random.Random(5)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(udp.close)
        self.addCleanup(unix.close)
        alphabet = b'{}[]",:\\u0e1\x00\xff' + bytes(range(97, 103)) + b'{"jsonrpc":"2.0"'
        for number in range(300):
            noise = bytes(chance.choice(alphabet) for _ in range(chance.randrange(400)))
            stream = self.connect(gateway.addresses("tcp")[0])
            stream.sendall(noise)
            stream.close()
            udp.sendto(noise, gateway.addresses("udp")[0])
            unix.sendto(noise, path)
        gateway.wait_count("received", 600)
        with self.connect(gateway.addresses("tcp")[0]) as stream:
            stream.sendall(message(1))
            udp.sendto(message(2), gateway.addresses("udp")[0])
            unix.sendto(message(3), path)
            gateway.wait_count("published", 3)
        counts = gateway.stop()
        self.assertEqual(counts["received"], counts["published"] + counts["refused_syntax"] + counts["refused_cut"] +
                         counts["refused_length"] + counts["refused_event"])  # fmt: skip
        self.assertEqual([event for event in self.logged() if event["type"] == "E_TEST"][0]["category"], "OpenSipsEvent")

    def test_what_the_kernel_drops_is_counted(self):
        self.broker()
        gateway = self.opensips("--receive-buffer", "50000", "--listen", "udp:127.0.0.1:0")
        gateway.process.send_signal(signal.SIGSTOP)
        count = 2000
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(count):
                sender.sendto(message(number), gateway.addresses("udp")[0])
        gateway.process.send_signal(signal.SIGCONT)
        gateway.wait_count("dropped_kernel", 1)
        counts = gateway.stop()
        self.assertEqual(counts["received"] + counts["dropped_kernel"], count)
        self.assertEqual(counts["published"], counts["received"])
        self.assertIn("the kernel dropped", gateway.stderr())

    def test_datagrams_that_find_no_room_are_counted_and_those_that_did_are_in_the_log(self):
        gateway = self.opensips("--queue", "20000", "--listen", "udp:127.0.0.1:0")
        count = 1000
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(count):
                sender.sendto(message(number), gateway.addresses("udp")[0])
                if number % 64 == 63:  # what the kernel drops is not meant here
                    gateway.wait_count("received", number + 1)
        counts = gateway.wait_count("received", count)
        self.assertGreater(counts["dropped_full"], 0)
        self.broker()
        gateway.wait_count("published", count - counts["dropped_full"])
        counts = gateway.stop()
        self.assertEqual(counts["published"] + counts["dropped_full"], count)
        self.assertEqual(self.numbers(), list(range(counts["published"])))

    def test_what_has_come_when_the_gateway_is_ended_is_in_the_log(self):
        self.broker()
        path = os.path.join(self.dir, "opensips.sock")
        gateway = self.opensips("--listen", "udp:127.0.0.1:0", "--listen", "tcp:127.0.0.1:0", "--listen",
                                f"unix:{path}", listening=3)  # fmt: skip
        peer = self.connect(gateway.addresses("tcp")[0])
        peer.sendall(message(0))
        gateway.wait_count("published", 1)
        gateway.process.send_signal(signal.SIGSTOP)
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(unix.close)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(1, 201):
                sender.sendto(message(number), gateway.addresses("udp")[0])
        for number in range(201, 206):
            unix.sendto(message(number), path)
        peer.sendall(b"".join(message(number) for number in range(206, 3001)))
        gateway.process.send_signal(signal.SIGTERM)
        gateway.process.send_signal(signal.SIGCONT)
        self.assertEqual(gateway.end()["published"], 3001)
        self.assertEqual(sorted(self.numbers()), list(range(3001)))


if __name__ == "__main__":
    unittest.main()
