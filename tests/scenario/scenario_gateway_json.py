"""tocsin gateway json: JSON Lines from files, pipes and sockets come into the log, each once, or are counted."""

import json
import os
import socket
import stat
import subprocess
import unittest

import support
from support_gateway import GatewayScenario


def line(number, **changes):
    return json.dumps(support.event(number, **changes)).encode() + b"\n"


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


class GatewayJson(GatewayScenario):
    def numbers(self):
        return [event["snapshot"]["number"] for event in self.logged()]

    def test_standard_input_is_in_the_log_when_the_gateway_ends(self):
        self.broker()
        gateway = self.gateway("json", stdin=subprocess.PIPE, listening=0)
        gateway.process.stdin.write(b"".join(line(n) for n in range(2000)) + line(2000).rstrip())
        gateway.process.stdin.close()
        counts = gateway.end()
        self.assertEqual((counts["received"], counts["published"]), (2001, 2001))
        self.assertEqual(self.numbers(), list(range(2001)))

    def test_files_are_read_and_what_is_no_event_is_counted_by_its_reason(self):
        self.broker()
        path = os.path.join(self.dir, "events.jsonl")
        with open(path, "wb") as file:
            file.write(line(1) + b"{not json}\n\n" + line(2, level="Loud") + b'{"a":1}\r\n' + line(3))
        gateway = self.gateway("json", path, listening=0)
        counts = gateway.end(4)
        self.assertEqual(counts["received"], 5)
        self.assertEqual((counts["refused_syntax"], counts["refused_event"], counts["published"]), (1, 2, 2))
        self.assertIn("events.jsonl:2:2: expected a member's name", gateway.stderr())
        self.assertIn("events.jsonl:4: level has a value", gateway.stderr())
        self.assertEqual(self.numbers(), [1, 3])

    def test_a_spool_that_cannot_be_is_told_once_and_nothing_counts_as_kept_there(self):
        path = os.path.join(self.dir, "events.jsonl")
        with open(path, "wb") as file:
            file.write(line(1))
        gateway = self.gateway("json", path, "--spool", "/dev/null/spool", listening=0)
        gateway.end(1)
        self.assertEqual(gateway.stderr().count("--spool"), 1)
        self.assertIn("--spool: /dev/null/spool: Not a directory", gateway.stderr())
        self.assertIn("1 events not acknowledged", gateway.stderr())
        self.assertNotIn("kept in", gateway.stderr())

    def test_tcp_unix_and_udp_take_lines_however_they_are_split(self):
        self.broker()
        path = os.path.join(self.dir, "json.sock")
        endpoints = ["tcp:127.0.0.1:0", f"unix:{path}", "udp:127.0.0.1:0"] + ["tcp:[::1]:0"] * has_ipv6()
        arguments = [part for endpoint in endpoints for part in ("--listen", endpoint)]
        gateway = self.gateway("json", *arguments, listening=len(endpoints))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
        peers = [self.connect(address) for address in gateway.addresses("tcp")]
        peers.append(socket.socket(socket.AF_UNIX))
        peers[-1].connect(path)
        self.assertEqual(len(peers), len(endpoints) - 1)
        sent = b"".join(line(n) for n in range(40))
        for start in range(0, len(sent), 7):
            for peer in peers:
                peer.sendall(sent[start : start + 7])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            for n in range(40):
                datagrams.sendto(line(n), gateway.addresses("udp")[0])
        gateway.wait_count("published", 40 * len(endpoints))
        for peer in peers:
            peer.close()
        gateway.stop()
        self.assertFalse(os.path.exists(path))
        self.assertEqual(sorted(self.numbers()), sorted(list(range(40)) * len(endpoints)))

    def test_secrets_stay_here(self):
        self.broker()
        gateway = self.gateway("json", "--redact", "/list/1", "--redact", "?sig", stdin=subprocess.PIPE, listening=0)
        snapshot = {"number": 1, "alert": {"secretKey": "1234"}, "list": [1, {"deep": 2}, 3], "userData": {"a": "b"},
                    "url": "rtmp://h/app/s?policy=abc&x=1&SIGNATURE=xyz#f", "plain": "a=b"}  # fmt: skip
        gateway.process.stdin.write(line(1, snapshot=snapshot, summary="GET /x?sig=hush done", cause="Test"))
        gateway.process.stdin.close()
        self.assertEqual(gateway.end()["redacted"], 6)
        (event,) = self.logged()
        self.assertEqual(event["summary"], "GET /x?sig=[redacted] done")
        self.assertEqual(event["cause"], "Test")
        self.assertEqual(event["snapshot"], {
            "number": 1, "alert": {"secretKey": "[redacted]"}, "list": [1, "[redacted]", 3], "userData": "[redacted]",
            "url": "rtmp://h/app/s?policy=[redacted]&x=1&SIGNATURE=[redacted]#f", "plain": "a=b",
        })  # fmt: skip

    def test_a_broker_that_comes_later_and_one_that_is_killed_lose_nothing_of_a_stream(self):
        gateway = self.gateway("json", "--queue", "100000", "--listen", "tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        peer.settimeout(support.DEADLINE_S)
        count = 6000
        sent = b"".join(line(n) for n in range(count))
        peer.sendall(sent[:50000])  # the queue takes them all, before there is a broker
        broker = self.broker()
        gateway.wait_count("published", 100)
        broker.kill()
        peer.setblocking(False)
        done = 50000
        try:  # more than the queue and the buffers of the kernel take, as a rule: then the sender waits
            while done < len(sent):
                done += peer.send(sent[done:])
        except BlockingIOError:
            pass
        self.broker()
        peer.setblocking(True)
        peer.sendall(sent[done:])
        peer.close()
        gateway.wait_count("published", count)
        counts = gateway.stop()
        self.assertEqual((counts["received"], counts["published"], counts["dropped_full"]), (count, count, 0))
        self.assertEqual(self.numbers(), list(range(count)))

    def test_what_is_no_endpoint_is_a_fault_of_usage(self):
        for endpoint in ("foo", "tcp:1", "tcp::1", "tcp:[::1:1", "udp:h:65536", "tcp:h:1x", "unix:", "unix:" + 108 * "x"):
            gateway = self.gateway("json", "--listen", endpoint, listening=0)
            self.assertEqual(gateway.process.wait(support.DEADLINE_S), 2, endpoint)
            self.assertIn("--listen", gateway.stderr())

    def test_a_second_gateway_of_the_same_producer_takes_over_and_the_first_one_ends(self):
        self.broker()
        arguments = ("json", "--producer", "only-one", "--listen", "tcp:127.0.0.1:0")
        first = self.gateway(*arguments)
        self.connect(first.addresses("tcp")[0]).sendall(line(1))
        first.wait_count("published", 1)
        second = self.gateway(*arguments)
        self.assertEqual(first.process.wait(support.DEADLINE_S), 3)
        self.assertIn("another process sends as the same producer", first.stderr())
        self.connect(second.addresses("tcp")[0]).sendall(line(2))
        second.wait_count("published", 1)
        second.stop()
        self.assertEqual(self.numbers(), [1, 2])

    def test_a_stale_socket_is_replaced_and_nothing_else_is(self):
        self.broker()
        path = os.path.join(self.dir, "json.sock")
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
        first = self.gateway("json", "--listen", f"unix:{path}")
        second = self.gateway("json", "--producer", "other", "--listen", f"unix:{path}", listening=0)
        self.assertEqual(second.process.wait(support.DEADLINE_S), 1)
        self.assertIn("another process uses it", second.stderr())
        first.stop()
        with open(path, "w", encoding="utf-8") as file:
            file.write("precious")
        third = self.gateway("json", "--listen", f"unix:{path}", listening=0)
        self.assertEqual(third.process.wait(support.DEADLINE_S), 1)
        self.assertIn("no socket", third.stderr())
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")


if __name__ == "__main__":
    unittest.main()
