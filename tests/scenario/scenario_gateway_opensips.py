"""tocsin gateway opensips: what a running OpenSIPS 3.6.8 sent, byte by byte, comes into the log as the mapping has it
(tests/data/map_opensips.py), the same over every transport; and nothing that came is unaccounted for."""

import collections
import json
import os
import random
import re
import socket
import sys
import time
import unittest

import support
from support_curve import secured
from support_gateway import GatewayScenario
from support_opensips import EventStream

sys.path.insert(0, support.DATA_DIR)
import map_opensips  # noqa: E402  the mapping, which shares nothing with the gateway

CAPTURES = ("udp", "tcp", "tcp-reliable", "udp-with-flatstore", "udp-bigshm")
NAME = "opensips-1"
COMPARED = ("level", "category", "type", "sourceId", "summary", "snapshot")


def path_of(capture):
    return os.path.join(support.DATA_DIR, "opensips", capture)


def documents(capture):
    return [raw for raw, _ in map_opensips.documents(path_of(capture))]


def reads(capture):
    """(seconds after the one before, bytes) of each read of a stream."""
    with open(path_of(capture) + ".raw", "rb") as file:
        raw = file.read()
    with open(path_of(capture) + ".idx.jsonl", encoding="ascii") as file:
        lines = [line for line in map(json.loads, file) if "off" in line]
    before = lines[0]["ts"]
    for line in lines:
        yield line["ts"] - before, raw[line["off"] : line["off"] + line["len"]]
        before = line["ts"]


def mapped(raws):
    events = [map_opensips.event_of(map_opensips.read_document(raw), 0, NAME) for raw in raws]
    return [compared(event) for event in events]


def compared(event):
    return json.dumps({key: event[key] for key in COMPARED if key in event}, sort_keys=True)


UDP_MAX = 65507  # a longer message OpenSIPS cannot send as a datagram either: it says so in its log
MISHAPS = [b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\x00", b"\x01", b"\t", b"\x7f", b"\\u0000",
           b"\\ud800", b"\\udc00", "\u2028".encode(), "\x85".encode(), "\xa0".encode(), "\u3000".encode(), b"x", b'"',
           b"\\n", b"\\", b"{", b"}", b",", b"#2", b" ", b"-1", b"null"]  # fmt: skip


def mishap(chance, raw):
    """A captured message in which something went wrong in one to three places."""
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(raw))
        kind = chance.randrange(3)
        begin = raw.find(b'"params":{') + 10
        comma = raw.find(b",", begin)
        if kind < 2:
            raw = raw[:at] + chance.choice(MISHAPS) + raw[at + kind :]
        elif begin > 10 and comma > 0:
            raw = raw[:begin] + raw[begin : comma + 1] + raw[begin:]  # the first parameter twice
    return raw


def mapped_or_none(raw):
    try:
        return mapped([raw])[0]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


ALL = [raw for capture in CAPTURES for raw in documents(capture)]


class GatewayOpensips(GatewayScenario):
    def opensips(self, *listen, flags=()):
        arguments = [part for endpoint in listen for part in ("--listen", endpoint)]
        return self.gateway("opensips", "--source", NAME, "--no-redact", *flags, *arguments, listening=len(listen))

    def check(self, gateway, raws):
        """Ends the gateway: each of these is an event, in this order, and nothing else came."""
        counts = gateway.stop()
        events = self.logged()
        self.assertEqual(collections.Counter(event["type"] for event in events),
                         collections.Counter(json.loads(event)["type"] for event in mapped(raws)))  # fmt: skip
        for number, (event, expected) in enumerate(zip(events, mapped(raws))):
            self.assertEqual(compared(event), expected, f"message {number}")
        self.assertEqual((counts["received"], counts["published"]), (len(raws), len(raws)), counts)
        return counts

    def send_datagrams(self, sender, target, raws, gateway):
        for number, raw in enumerate(raws):
            sender.sendto(raw, target)
            if number % 64 == 63:  # the sender does not wait, so a test must
                gateway.wait_count("received", number + 1)
        gateway.wait_count("published", len(raws))

    def test_every_captured_message_is_an_event_over_udp(self):
        self.broker()
        gateway = self.opensips("udp:127.0.0.1:0")
        raws = [raw for raw in ALL if len(raw) <= UDP_MAX]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            self.send_datagrams(sender, gateway.addresses("udp")[0], raws, gateway)
        counts = self.check(gateway, raws)
        self.assertGreater(counts["repaired"], 0)

    def test_every_captured_message_is_an_event_over_a_unix_socket(self):
        self.broker()
        path = os.path.join(self.dir, "opensips.sock")
        gateway = self.opensips(f"unix:{path}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            self.send_datagrams(sender, path, ALL, gateway)
        self.check(gateway, ALL)
        self.assertFalse(os.path.exists(path))

    def test_every_captured_message_is_an_event_over_tcp_however_it_is_split(self):
        self.broker()
        gateway = self.opensips("tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = b"".join(raw for raw in ALL)
        chance = random.Random(4)
        while rest:
            size = chance.choice((1, 2, 3, 10, 100, 1000, 10000, 100000))
            peer.sendall(rest[:size])
            rest = rest[size:]
        gateway.wait_count("published", len(ALL))
        peer.close()
        self.check(gateway, ALL)

    def test_a_stream_as_it_was_captured_with_its_reads_and_pauses(self):
        self.broker()
        gateway = self.opensips("tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for pause_s, bytes_ in reads("tcp"):
            time.sleep(min(pause_s, 0.01))  # the pauses, not more than is needed to tell reads apart
            peer.sendall(bytes_)
        raws = documents("tcp")
        gateway.wait_count("published", len(raws))
        self.check(gateway, raws)

    def test_where_an_answer_is_waited_for_it_comes_when_the_event_is_in_the_log(self):
        self.broker()
        gateway = self.opensips("tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        peer.settimeout(support.DEADLINE_S)
        for raw in documents("tcp-reliable"):
            peer.sendall(raw)
            answer = json.loads(peer.recv(4096))
            self.assertEqual(answer, {"jsonrpc": "2.0", "id": json.loads(raw)["id"], "result": "OK"})
            self.assertEqual(len(support.read_lines(self.log_dir, "events.log")[-1:]), 1)
        peer.sendall(b'{"id":77,"jsonrpc":"2.0","params":{}}')
        self.assertEqual(json.loads(peer.recv(4096))["error"]["code"], -32600)
        peer.close()
        again = self.connect(gateway.addresses("tcp")[0])  # as OpenSIPS does after each break
        again.sendall(documents("tcp")[0])
        gateway.wait_count("published", len(documents("tcp-reliable")) + 1)
        self.assertEqual(gateway.stop()["refused_syntax"], 1)

    def test_whatever_is_killed_an_event_that_was_answered_is_in_the_log(self):
        broker = self.broker()
        endpoint = f"tcp:127.0.0.1:{support.free_port()}"
        gateway = self.opensips(endpoint)
        sender = EventStream(gateway.addresses("tcp")[0])
        self.addCleanup(sender.close)
        answered = []

        def send(count, timeout_s=support.DEADLINE_S):
            sender.timeout_s = timeout_s
            if sender.peer:
                sender.peer.settimeout(timeout_s)
            for number in range(len(answered), len(answered) + count):
                answered.append(sender.raise_event("E_NUMBER", {"number": number}))

        send(20)
        gateway.process.kill()
        gateway.process.wait()
        send(3, timeout_s=1)  # nobody is there
        gateway = self.opensips(endpoint)
        send(20)
        broker.kill()
        send(2, timeout_s=1)  # the broker is not: no answer in time
        self.broker()
        support.wait_until(lambda: sender.raise_event("E_CORE_TEST", {}), "an answer again")
        send(20)
        gateway.stop()
        self.assertGreaterEqual(sum(answered), 58)
        self.assertFalse(any(answered[20:23] + answered[43:45]))
        numbers = [event["snapshot"]["number"] for event in self.logged() if event["type"] == "E_NUMBER"]
        self.assertEqual(len(numbers), len(set(numbers)))
        self.assertLessEqual({number for number, is_answered in enumerate(answered) if is_answered}, set(numbers))

    def test_what_the_broker_does_not_allow_is_answered_and_counted_as_refused(self):
        rights = {"publish": ["CoreEvent/*"]}
        keys = secured(self, {"sip-1": rights}, "--append", self.endpoint)[1]
        gateway = self.opensips("tcp:127.0.0.1:0", flags=keys.client_flags("sip-1"))
        sender = EventStream(gateway.addresses("tcp")[0], timeout_s=support.DEADLINE_S)
        self.addCleanup(sender.close)
        answers = [sender.raise_event(name, {}) for name in ("E_CORE_A", "E_SCRIPT", "E_CORE_B", "E_UL_X", "E_CORE_C")]
        self.assertEqual(answers, [True, False, True, False, True])
        counts = gateway.stop()
        self.assertEqual((counts["refused_broker"], counts["published"]), (2, 3))
        lines = self.logged()
        self.assertEqual([event["type"] for event in lines], ["E_CORE_A", "E_CORE_B", "E_CORE_C"])
        self.assertEqual(lines[0]["producer"], f"sip-1-opensips-{NAME}")

    def test_messages_that_were_given_up_half_way_cost_only_themselves(self):
        self.broker()
        gateway = self.opensips("tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        raws = documents("tcp-reliable")[:3]
        broken = raws[0][:100] + raws[1] + b"\x00\xffgarbage}{" + raws[2] + raws[0][:-1]
        for byte in broken:
            peer.sendall(bytes([byte]))
        peer.close()
        gateway.wait_count("refused_cut", 2)
        counts = gateway.stop()
        self.assertEqual((counts["refused_cut"], counts["refused_syntax"], counts["received"]), (2, 1, 5))
        self.assertEqual([compared(event) for event in self.logged()], mapped(raws[1:3]))

    def test_whatever_goes_wrong_in_a_message_it_is_mapped_or_refused_as_the_mapping_does(self):
        self.broker()
        path = os.path.join(self.dir, "opensips.sock")
        gateway = self.opensips(f"unix:{path}")
        chance = random.Random(7)
        raws = [mishap(chance, chance.choice(ALL[:500])) for _ in range(1500)]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            for number, raw in enumerate(raws):
                sender.sendto(raw, path)
                if number % 64 == 63:
                    gateway.wait_count("received", number + 1)
        gateway.wait_count("received", len(raws))
        counts = gateway.stop()
        expected = [event for event in map(mapped_or_none, raws) if event]
        events = [compared(event) for event in self.logged()]
        for event, wanted in zip(events, expected):
            self.assertEqual(event, wanted)
        self.assertEqual((len(events), counts["refused_syntax"]), (len(expected), len(raws) - len(expected)))
        self.assertGreater(len(expected), 500)

    def test_datagrams_that_are_none_are_counted_and_shown(self):
        self.broker()
        gateway = self.opensips("udp:127.0.0.1:0")
        raw = documents("udp")[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for datagram in (raw[:-10], b"", b"[1]", b'{"jsonrpc":"2.0"}', b"\x1b[31mred", raw):
                sender.sendto(datagram, gateway.addresses("udp")[0])
        gateway.wait_count("received", 6)
        counts = gateway.stop()
        self.assertEqual(counts["refused_syntax"], 5)
        self.assertEqual(counts["published"], 1)
        self.assertIn("a message of 127 bytes is none", gateway.stderr())
        self.assertNotIn("\x1b", gateway.stderr())

    def test_datagrams_at_their_limits_are_events_or_refused(self):
        """65507 bytes go over UDP; over a unix socket more do, and what is beyond --max-message is cut by the kernel."""
        self.broker()
        path = os.path.join(self.dir, "opensips.sock")
        gateway = self.opensips("udp:127.0.0.1:0", f"unix:{path}", flags=["--max-message", "100000"])

        def document(length):
            head = b'{"jsonrpc":"2.0","method":"E_LONG","params":{"message":"'
            return head + b"x" * (length - len(head) - 3) + b'"}}'

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix:
            unix.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 400000)
            for raw in (document(UDP_MAX), document(UDP_MAX + 1)[:UDP_MAX]):
                udp.sendto(raw, gateway.addresses("udp")[0])
            for raw in (document(100000), document(100001), document(150000)):
                unix.sendto(raw, path)
        gateway.wait_count("published", 2)
        counts = gateway.wait_count("received", 5)
        self.assertEqual((counts["refused_syntax"], counts["refused_length"]), (1, 2))
        gateway.stop()
        lengths = {len(event["snapshot"]["message"]) for event in self.logged()}
        self.assertEqual(lengths, {length - 59 for length in (UDP_MAX, 100000)})

    def test_events_of_modules_and_scripts_pass_as_they_are(self):
        """With the parameters that OpenSIPS's modules document, and what a script may make up."""
        self.broker()
        gateway = self.opensips("udp:127.0.0.1:0")
        contact = {"domain": "location", "aor": "alice", "uri": "sip:alice@192.0.2.1", "received": "", "path": "", "qval": -1,
                   "socket": "udp:192.0.2.9:5060", "bflags": 0, "expires": 1795252200, "callid": "a@b", "cseq": 7}  # fmt: skip
        raised = {
            "E_UL_AOR_INSERT": {"domain": "location", "aor": "alice"},
            "E_UL_CONTACT_INSERT": contact,
            "E_DISPATCHER_STATUS": {"partition": "default", "group": 1, "address": "sip:192.0.2.5", "status": "inactive"},
            "E_DIALOG_STATE_CHANGED": {"id": "3c5.7e", "db_id": 259, "callid": "a@b", "old_state": 2, "new_state": 3},
            "E_PIKE_BLOCKED": {"ip": "192.0.2.66"},
            "E_MY_SCRIPT": ["without", 1, "name"],
            "my-script": None,
        }
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for name, params in raised.items():
                document = {"jsonrpc": "2.0", "method": name, **({"params": params} if params else {})}
                sender.sendto(json.dumps(document, separators=(",", ":")).encode(), gateway.addresses("udp")[0])
        gateway.wait_count("published", len(raised))
        gateway.stop()
        events = self.logged()
        self.assertEqual([event["type"] for event in events], list(raised))
        for event, params in zip(events, raised.values()):
            self.assertEqual((event["category"], event["sourceId"], event["level"]), ("OpenSipsEvent", NAME, "Info"))
            self.assertEqual(event.get("snapshot"), params)
        self.assertIn("group=1", events[2]["summary"])

    def test_a_flatstore_is_followed_from_its_end_where_nothing_else_is_said(self):
        self.broker()
        path = os.path.join(self.dir, "events.csv")
        flags = ["--flatstore", path, "--state", os.path.join(self.dir, "state"), "--once"]
        for name in (path, path + ".1"):
            with open(name, "wb") as file:
                file.write(b"E_OLD,1\n")
        self.assertEqual(self.opensips(flags=flags).end()["published"], 0)
        os.rename(path, path + ".2")
        for name in (path, path + ".2"):
            with open(name, "ab") as file:
                file.write(b"E_OLD,1\n")  # as before: it is another one all the same
        self.assertEqual(self.opensips(flags=flags).end()["published"], 2)

    def test_a_flatstore_is_followed_through_rotations(self):
        self.broker()
        path = os.path.join(self.dir, "events.csv")
        with open(path_of("flatstore.csv"), "rb") as file:
            captured = file.read()
        with open(path, "wb") as file:
            file.write(captured)
        flags = ["--flatstore", path, "--state", os.path.join(self.dir, "state"), "--from-start"]
        gateway = self.opensips("udp:127.0.0.1:0", flags=flags)
        support.wait_until(lambda: "following " in gateway.stderr(), "what it follows")
        records = len(re.findall(rb"^E_[A-Z_]+(?:,|$)", captured, re.M))
        gateway.wait_count("published", records)
        before = open(path, "ab", buffering=0)
        self.addCleanup(before.close)
        before.write(b"E_X,1\n")
        os.rename(path, path + ".1")
        before.write(b"E_X,2\nsecond line\n")  # who has it open still goes on for a while
        with open(path, "wb") as file:
            file.write(b"E_X,3\n")
        gateway.wait_count("published", records + 3)
        with open(path, "wb") as file:  # truncated
            file.write(b"E_\xff\n")
        gateway.wait_count("refused_syntax", 1)
        with open(path, "ab") as file:
            file.write(b"E_X,4\nE_X,5")  # the last one has no end yet
        gateway.wait_count("published", records + 4)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b'{"jsonrpc":"2.0","method":"E_UDP"}', gateway.addresses("udp")[0])
        gateway.wait_count("published", records + 5)
        counts = gateway.stop()
        self.assertEqual(counts["received"], counts["published"] + counts["refused_syntax"])
        with open(path, "ab") as file:
            file.write(b",\xff" + b"x" * 300 + b"\nE_X," + b"y" * 70000 + b"\nE_X,7\n")
        gateway = self.opensips(flags=flags + ["--max-message", "65536", "--once"])
        counts = gateway.end()
        self.assertEqual((counts["published"], counts["refused_length"]), (3, 1), gateway.stderr())
        self.assertEqual(self.opensips(flags=flags + ["--once"]).end()["published"], 0)
        events = self.logged()
        told = [event for event in events if event["type"] not in ("E_UDP", "LineRefused")]
        self.assertEqual([event["snapshot"] for event in told[records:]],
                         [["1"], ["2\nsecond line"], ["3"], ["4"], ["5", "\ufffd" + "x" * 300], ["7"]])  # fmt: skip
        refused = [event for event in events if event["type"] == "LineRefused"]
        self.assertEqual([(event["cause"], event["snapshot"]["length"]) for event in refused], [("TooLong", 70004)])
        self.assertEqual([event["producer"] for event in events if event["type"] == "E_UDP"],
                         [told[0]["producer"] + "-net"])  # fmt: skip
        changes = [event["snapshot"] for event in events if event["type"] == "E_CORE_SR_STATUS_CHANGED"]
        self.assertEqual(changes[:2], [
            {"group": "core", "identifier": "main", "status": 1, "details": "running", "old_status": -1},
            {"group": "billing", "identifier": "main", "status": -1, "details": "down  really", "old_status": 1},
        ])  # fmt: skip
        self.assertEqual(events[0]["sourceId"], f"{NAME}/core/main")
        self.assertTrue(all(isinstance(event["snapshot"], dict) for event in events if event["category"] == "CoreEvent"))

    def test_a_spool_keeps_what_came_while_the_broker_was_away_over_a_kill(self):
        spool = os.path.join(self.dir, "spool")
        raws = documents("tcp")[:200]
        gateway = self.opensips("tcp:127.0.0.1:0", flags=["--spool", spool])
        peer = self.connect(gateway.addresses("tcp")[0])
        peer.sendall(b"".join(raws[:100]))
        gateway.wait_count("queued", 100)
        gateway.process.kill()
        gateway.process.wait()
        gateway = self.opensips("tcp:127.0.0.1:0", flags=["--spool", spool, "--timeout", "100ms"])
        peer = self.connect(gateway.addresses("tcp")[0])
        peer.sendall(b"".join(raws[100:]))
        gateway.wait_count("queued", 100)
        self.assertEqual(gateway.stop()["published"], 0)
        self.assertIn("100 events not acknowledged", gateway.stderr())
        self.broker()
        gateway = self.opensips("tcp:127.0.0.1:0", flags=["--spool", spool])
        gateway.wait_count("published", 200)
        gateway.stop()
        self.assertEqual([compared(event) for event in self.logged()], mapped(raws))

    def test_secrets_in_scripts_parameters_stay_here(self):
        self.broker()
        gateway = self.gateway("opensips", "--source", NAME, "--redact", "callid", "--listen", "tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        peer.sendall(b'{"jsonrpc":"2.0","method":"E_X","params":{"password":"p","callid":7,"uri":"sip:a@b?token=x"}}')
        gateway.wait_count("published", 1)
        counts = gateway.stop()
        (event,) = self.logged()
        self.assertEqual(event["snapshot"], {"password": "[redacted]", "callid": "[redacted]",
                                             "uri": "sip:a@b?token=[redacted]"})  # fmt: skip
        self.assertEqual(counts["redacted"], 3)
        self.assertNotIn("token=x", event["summary"])
        self.assertNotIn("password=p", event["summary"])


if __name__ == "__main__":
    unittest.main()
