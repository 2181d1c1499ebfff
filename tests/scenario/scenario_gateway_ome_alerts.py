"""tocsin gateway ome --webhook: OvenMediaEngine's alerts, signed, are in the log when they are answered with 200."""

import base64
import hashlib
import hmac
import json
import os
import socket
import threading
import unittest

import support
from support_gateway import GatewayScenario

CAPTURES = os.path.join(support.DATA_DIR, "ome-alerts")


def captures():
    return [os.path.join(CAPTURES, name) for name in sorted(os.listdir(CAPTURES))]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def sign(body, key=b"1234", digest=hashlib.sha1):
    return base64.urlsafe_b64encode(hmac.new(key, body, digest).digest()).rstrip(b"=")


def request(body, signature=None, method=b"POST", extra=b""):
    return (method + b" /alert?x=1 HTTP/1.1\r\nContent-Length: " + str(len(body)).encode() + b"\r\nHost: x\r\n"
            b"X-OME-Signature: " + (sign(body) if signature is None else signature) + b"\r\n" + extra + b"\r\n" + body)  # fmt: skip


def alert(*codes, **changes):
    members = {"messages": [{"code": code, "description": f"about {code}"} for code in codes], "sourceUri": "#default#app/cam",
               "type": "INGRESS"}  # fmt: skip
    members.update(changes)
    return json.dumps({key: value for key, value in members.items() if value is not None}).encode()


class GatewayOmeAlerts(GatewayScenario):
    def setUp(self):
        super().setUp()
        self.secret = os.path.join(self.dir, "secret")
        with open(self.secret, "w", encoding="ascii") as file:
            file.write("1234\n")

    def webhook(self, *arguments):
        return self.gateway("ome", "--webhook", "127.0.0.1:0", "--secret-file", self.secret, *arguments)

    def peer(self, gateway):
        peer = self.connect(gateway.addresses("http")[0])
        peer.settimeout(support.DEADLINE_S)
        return peer

    def answer(self, peer):
        """The status of the next answer."""
        got = b""
        while b"\r\n\r\n" not in got:
            more = peer.recv(65536)
            if not more:
                return None
            got += more
        return int(got.split()[1])

    def ask(self, gateway, content):
        """The status of the answer; None where the connection was turned away."""
        peer = self.peer(gateway)
        try:
            peer.sendall(content)
            return self.answer(peer)
        except OSError:
            return None
        finally:
            peer.close()

    def test_real_alerts_are_in_the_log_when_they_are_answered(self):
        self.broker()
        gateway = self.webhook()
        for path in captures():
            before = len(self.logged())
            self.assertEqual(self.ask(gateway, read(path)), 200, path)
            messages = json.loads(read(path).split(b"\r\n\r\n", 1)[1])["messages"]
            came = self.logged()[before:]
            self.assertEqual([(event["type"], event["summary"]) for event in came],
                             [(message["code"], message["description"]) for message in messages])  # fmt: skip
        counts = gateway.stop()
        events = self.logged()
        self.assertEqual((counts["received"], counts["published"], counts["refused_signature"]), (12, 13, 0))
        self.assertEqual({event["category"] for event in events}, {"AlertEvent"})
        self.assertEqual([event["level"] for event in events], ["Info", "Info", "Info", "Info", "Warning", "Warning", "Info",
                         "Error", "Info", "Error", "Info", "Info", "Info"])  # fmt: skip
        self.assertEqual((events[4]["cause"], events[4]["sourceId"]), ("INGRESS", "#default#app/push_rtmp"))
        self.assertEqual(events[4]["snapshot"]["codes"], ["INGRESS_HAS_BFRAME", "INGRESS_BITRATE_LOW"])
        self.assertEqual(events[4]["snapshot"]["sourceInfo"]["name"], "push_rtmp")
        self.assertEqual(events[12]["sourceId"], '#default#app/cam#1 "lobby" 한글/a:b')

    def test_what_is_not_signed_or_no_alert_is_answered_so(self):
        self.broker()
        gateway = self.webhook("--max-message", "100000")
        good = alert("OK")
        for status, content in [
            (401, request(good, sign(good, b"12345"))),
            (401, request(good, b"")),
            (401, request(good, sign(good)[:-1])),
            (401, good and b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"),
            (405, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
            (413, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n"),
            (400, request(b"{no json}")),
            (400, request(b"[]")),
            (400, request(alert())),
            (400, request(alert("OK", messages=[{"description": "x"}]))),
            (400, request(alert("OK", type=None, sourceUri=None))),
            (400, request(alert("bad code"))),
            (200, request(good)),
            (200, request(good, sign(good, digest=hashlib.sha256))),
            (200, request(alert("INTERNAL_QUEUE_CONGESTION", type="INTERNAL_QUEUE", sourceUri=None))),
        ]:
            self.assertEqual(self.ask(gateway, content), status, content)
        counts = gateway.stop()
        self.assertEqual((counts["refused_signature"], counts["refused_syntax"], counts["refused_event"]), (4, 5, 1))
        self.assertEqual([event["sourceId"] for event in self.logged()], ["#default#app/cam"] * 2 + ["INTERNAL_QUEUE"])

    def test_a_broker_that_is_away_delays_and_nothing_is_taken_twice(self):
        gateway = self.webhook()
        body = request(alert("INGRESS_STREAM_CREATED"))
        first = self.peer(gateway)
        first.sendall(body)
        gateway.wait_count("queued", 1)
        second = self.peer(gateway)  # OvenMediaEngine lost patience
        second.sendall(body)
        first_status, second_status = self.answer(first), self.answer(second)
        self.assertEqual((first_status, second_status), (202, 202))
        self.broker()
        counts = gateway.wait_count("published", 1)
        self.assertEqual(counts["queued"], 1)
        self.assertEqual(self.ask(gateway, request(alert("OK"))), 200)
        gateway.stop()
        self.assertEqual([event["type"] for event in self.logged()], ["INGRESS_STREAM_CREATED", "OK"])

    def test_hostile_peers_keep_no_memory_and_nobody_out(self):
        self.broker()
        gateway = self.webhook()
        before = gateway.rss_bytes()
        peers = [self.peer(gateway) for _ in range(70)]
        for number, peer in enumerate(peers):
            try:
                if number % 3 == 0:
                    peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 100000)
                elif number % 3 == 1:
                    peer.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\n")
                else:
                    peer.sendall(os.urandom(5000))
            except OSError:
                pass  # turned away
        flood = threading.Thread(target=self.flood, args=(gateway,))
        flood.start()
        flood.join(support.DEADLINE_S)
        for peer in peers:
            peer.close()
        support.wait_until(lambda: self.ask(gateway, request(alert("OK"))) == 200, "a good one is served again")
        self.assertLess(gateway.rss_bytes() - before, (400 if support.IS_SANITIZED else 100) * 1024 * 1024)
        gateway.stop()

    def flood(self, gateway):
        """A body without an end, as fast as it is taken."""
        peer = self.peer(gateway)
        try:
            peer.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\n")
            for _ in range(4096):
                peer.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            raise AssertionError("a body of 256 MiB was taken")
        except OSError:
            pass
        finally:
            peer.close()


if __name__ == "__main__":
    unittest.main()
