"""tocsin gateway ome: every line of OvenMediaEngine's logs is in our log, once, whatever becomes of the files."""

import collections
import json
import os
import unittest

import support
from support_gateway import GatewayScenario

# As OvenMediaEngine's open-source edition writes them: real lines, shortened.
SERVER = "6add8be3-181f-4c4b-bc4e-0123456789ab"


def ent(number, **changes):
    """A line of the specification's schema."""
    members = {"time": f"2025-03-26T05:21:46.{number % 1000:03}+09:00", "level": "Info", "category": "StreamEvent",
               "type": "StreamCreated", "sourceId": "#default#app/cam", "summary": "Stream created",
               "snapshot": {"number": number}}  # fmt: skip
    members.update(changes)
    members = {key: value for key, value in members.items() if value is not None}
    return json.dumps(members, separators=(",", ":")).encode() + b"\n"


def oss(type_, millis=1743001192060, producer=None, **changes):
    """A line of the open-source schema."""
    members = {"data": {"serverInfo": {"serverID": SERVER}}, "event": {"producer": producer or {"serverID": SERVER},
               "type": type_}, "eventVersion": 1, "serverID": SERVER, "timestampMillis": millis,
               "userKey": "k"}  # fmt: skip
    members.update(changes)
    return json.dumps(members, separators=(",", ":")).encode() + b"\n"


class GatewayOme(GatewayScenario):
    def setUp(self):
        super().setUp()
        self.logs = os.path.join(self.dir, "ome")
        os.mkdir(self.logs)
        self.state = os.path.join(self.dir, "state")

    def path(self, name="events.log"):
        return os.path.join(self.logs, name)

    def write(self, content, name="events.log"):
        with open(self.path(name), "ab") as file:
            file.write(content)

    def start(self, *arguments):
        return self.gateway("ome", "--dir", self.logs, "--state", self.state, *arguments, listening=0)

    def follow(self, *arguments):
        gateway = self.start(*arguments)
        support.wait_until(lambda: "following" in gateway.stderr(), "the gateway begins")
        return gateway

    def once(self, *arguments, code=0):
        gateway = self.start("--once", *arguments)
        return gateway.end(code), gateway.stderr()

    def numbers(self):
        return [event["snapshot"]["number"] for event in self.logged()]

    def test_every_line_of_the_specification_comes_as_it_is_by_file_and_by_tcp(self):
        self.broker()
        expected = support.data_events("ome-events.log")
        with open(os.path.join(support.DATA_DIR, "ome-events.log"), "rb") as file:
            lines = file.read()
        self.write(lines)
        counts, _ = self.once("--no-redact")
        self.assertEqual((counts["received"], counts["published"], counts["redacted"]), (44, 44, 0))
        gateway = self.gateway("ome", "--no-redact", "--listen", "tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        for start in range(0, len(lines), 1000):
            peer.sendall(lines[start : start + 1000])
        peer.close()
        gateway.wait_count("published", 44)
        gateway.stop()
        keys = ("time", "level", "category", "type", "sourceId", "summary", "cause", "snapshot")
        came = [{key: event[key] for key in keys if key in event} for event in self.logged()]
        self.assertEqual(came[:44], expected)
        self.assertEqual(came[44:], expected)
        types = collections.Counter(event["type"] for event in came[:44])
        self.assertEqual((len(types), types["StreamCreated"], types["RestApiResponded"]), (27, 5, 2))

    def test_secrets_of_snapshots_and_summaries_stay_here(self):
        self.broker()
        with open(os.path.join(support.DATA_DIR, "ome-events.log"), "rb") as file:
            self.write(file.read())
        self.write(ent(1, summary="PushPublishing started. Url: rtmp://h/a, StreamKey: live_123", snapshot=None))
        self.write(b'{"time":"x","snapshot":{"secretKey":"hush \\" 1","url":"http://h/?signature=hush2"\n')
        self.once()
        with open(os.path.join(self.log_dir, "events.log"), encoding="utf-8") as file:
            log = file.read()
        for secret in ("1234\"", "AKIAXFOT7EWH3ZA4XXXX", "eyJ1cmxfZXhwaXJlIjoxfQ", "0kygH8EJ1j8Xh", "AAAA", "live_123", "hush"):
            self.assertNotIn(secret, log)
        by_type = {event["type"]: event for event in self.logged()}
        self.assertEqual(by_type["ServerStarted"]["snapshot"]["alert"]["secretKey"], "[redacted]")
        self.assertEqual(by_type["VerifyingSignedPolicyFailed"]["summary"],
                         "Verifying SignedPolicy failed. Url: rtmp://ome.example.com:1935/app/secret?policy=[redacted]"
                         "&signature=[redacted] RemoteAddress: 203.0.113.7:51844, Error: Signature value is invalid"
                         "(expected : [redacted] | input : [redacted]).")  # fmt: skip
        self.assertEqual(by_type["LineRefused"]["snapshot"]["text"],
                         '{"time":"x","snapshot":{"secretKey":"[redacted]","url":"http://h/?signature=[redacted]"')

    def test_the_open_source_schema_is_mapped(self):
        self.broker()
        stream = {"serverID": SERVER, "hostID": f"{SERVER}/#default#", "appID": f"{SERVER}/#default#app",
                  "streamID": f"{SERVER}/#default#app/a b/i"}  # fmt: skip
        self.write(oss("ServerStarted") + oss("ServerStat") + oss("HostCreated", producer=dict(list(stream.items())[:2]))
                   + oss("AppCreated", producer=dict(list(stream.items())[:3])) + oss("StreamDeleted", producer=stream)
                   + oss("Error", event={"type": "Error", "message": "no\nway", "producer": stream}))  # fmt: skip
        self.once()
        events = self.logged()
        self.assertEqual([(event["level"], event["category"], event["type"], event["sourceId"]) for event in events], [
            ("Info", "ServerEvent", "ServerStarted", SERVER),
            ("Debug", "ServerEvent", "ServerStat", SERVER),
            ("Info", "HostEvent", "HostCreated", "#default#"),
            ("Info", "AppEvent", "AppCreated", "#default#app"),
            ("Info", "StreamEvent", "StreamDeleted", "#default#app/a b"),
            ("Info", "StreamEvent", "Error", "#default#app/a b"),
        ])  # fmt: skip
        self.assertEqual(events[4]["summary"], "Stream deleted: #default#app/a b (input)")
        self.assertEqual(events[5]["summary"], "no\ufffdway")
        self.assertEqual((events[0]["time"], events[0]["snapshot"]), ("2025-03-26T14:59:52.060Z", {"serverInfo": {"serverID": SERVER}}))

    def test_what_the_open_source_edition_wrote_comes_by_file_as_by_tcp(self):
        self.broker()
        folder = os.path.join(support.DATA_DIR, "ome-open-source")
        gateway = self.gateway("ome", "--dir", folder, "--state", self.state, "--once", listening=0)
        counts = gateway.end()
        self.assertEqual((counts["received"], counts["published"]), (23, 23))
        gateway = self.gateway("ome", "--listen", "tcp:127.0.0.1:0")
        peer = self.connect(gateway.addresses("tcp")[0])
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                peer.sendall(file.read())
        peer.close()
        gateway.wait_count("published", 23)
        gateway.stop()
        keys = ("time", "level", "category", "type", "sourceId", "summary", "snapshot")
        came = [tuple(json.dumps(event.get(key)) for key in keys) for event in self.logged()]
        self.assertEqual(came[:23], came[23:])
        self.assertEqual(collections.Counter(event["type"] for event in self.logged()[:23]), {
            "ServerStarted": 2, "ServerStat": 3, "HostCreated": 2, "AppCreated": 2, "AppDeleted": 2, "StreamCreated": 4,
            "StreamOutputsUpdated": 4, "StreamDeleted": 4})  # fmt: skip

    def test_what_is_no_event_becomes_one_that_says_so(self):
        self.broker()
        self.write(ent(1) + b"{no json}\n\n" + b'{"a":1}\n' + ent(2, level="Loud") + b"\xff\x00\n" + ent(3, sourceId="x" * 129)
                   + ent(4)[:40] + ent(5) + ent(6, extra={"deep": 1}) + ent(7, summary="a\tb", snapshot={"number": 7, "s": "\0"})
                   + ent(8, snapshot={"number": 8, "long": "x" * 70000}) + ent(9))  # fmt: skip
        counts, stderr = self.once("--max-message", "65536")
        events = self.logged()
        refused = [event for event in events if event["type"] == "LineRefused"]
        self.assertEqual([event["cause"] for event in refused],
                         ["NoJson", "NoEvent", "NoEvent", "NoJson", "NoEvent", "Torn", "TooLong"])  # fmt: skip
        self.assertEqual([event["n"] for event in events], list(range(1, 13)))
        self.assertEqual([event["snapshot"]["number"] for event in events if event["type"] == "StreamCreated"], [1, 5, 6, 7, 9])
        self.assertEqual(refused[0]["snapshot"], {"from": "events.log", "offset": len(ent(1)), "length": 9, "reason":
                         "byte 2: expected a member's name in quotes", "text": "{no json}"})  # fmt: skip
        self.assertEqual((refused[3]["snapshot"]["text"], refused[2]["snapshot"]["reason"]), ("\\xff\\u0000", "level has a value that is not allowed (value)"))
        self.assertEqual(refused[6]["snapshot"]["length"], len(ent(8, snapshot={"number": 8, "long": "x" * 70000})) - 1)
        by_number = {event["snapshot"].get("number"): event for event in events}
        self.assertEqual(by_number[6]["snapshot"]["extra"], {"extra": {"deep": 1}})
        self.assertEqual((by_number[7]["summary"], by_number[7]["snapshot"]["s"]), ("a\ufffdb", "\ufffd"))
        self.assertEqual(counts["refused_syntax"] + counts["refused_event"] + counts["refused_cut"] + counts["refused_length"], 7)
        self.assertIn("events.log:", stderr)

    def test_a_line_counts_when_it_is_whole_and_is_there_at_once(self):
        self.broker()
        self.write(ent(1) + ent(2)[:30])
        gateway = self.follow()
        gateway.wait_count("published", 1)
        self.write(ent(2)[30:-1])
        self.write(b"\n" + ent(3))
        gateway.wait_count("published", 3)
        gateway.stop()
        self.assertEqual(self.numbers(), [1, 2, 3])

    def test_a_gateway_that_is_told_to_end_does_so_and_the_next_goes_on(self):
        self.broker()
        count = 60000
        self.write(b"".join(ent(n) for n in range(count)))
        self.assertLess(self.follow().stop()["published"], count)  # at once, in the middle of it
        self.once()
        self.assertEqual(self.numbers(), list(range(count)))

    def test_a_line_without_an_end_costs_no_memory(self):
        self.broker()
        gateway = self.follow("--listen", "tcp:127.0.0.1:0", "--max-connections", "20")
        before = gateway.rss_bytes()
        peers = [self.connect(gateway.addresses("tcp")[0]) for _ in range(15)]
        for peer in peers[:-1]:
            peer.sendall(os.urandom(10000))
        for piece in range(2048):  # 128 MiB
            self.write(b"x" * 65536)
            if piece % 2 == 0:
                peers[-1].sendall(b"y" * 65536)
        peers[-1].sendall(b"\n" + ent(1))
        self.write(b"\n" + ent(2))
        gateway.wait_count("refused_length", 2)
        support.wait_until(lambda: {1, 2} <= {event["snapshot"].get("number") for event in self.logged()}, "both lines")
        self.assertLess(gateway.rss_bytes() - before, (300 if support.IS_SANITIZED else 60) * 1024 * 1024)
        gateway.stop()
        long = [event for event in self.logged() if event.get("cause") == "TooLong"]
        self.assertEqual([event["snapshot"]["length"] for event in long], [2048 * 65536])

    def test_a_folder_that_comes_later_and_a_day_of_each_kind(self):
        os.rmdir(self.logs)
        gateway = self.follow()
        os.mkdir(self.logs)
        self.write(ent(1), "events.log.20250326")
        self.write(b"no log\n", "events.log.20250326.gz")
        self.broker()
        gateway.wait_count("published", 1)
        self.write(ent(2), "events.log.20250330")
        gateway.wait_count("published", 2)
        self.write(ent(3))
        gateway.wait_count("published", 3)
        os.rename(self.path(), self.path("events.log.20250402"))
        self.write(ent(4), "events.log.20250402")  # by one who has it open still
        self.write(ent(5))
        gateway.wait_count("published", 5)
        os.unlink(self.path("events.log.20250326"))
        self.write(ent(6))
        gateway.wait_count("published", 6)
        gateway.stop()
        self.assertEqual(self.numbers(), [1, 2, 3, 4, 5, 6])

    def test_what_was_rolled_copied_and_moved_meanwhile_is_known_again(self):
        self.broker()
        self.write(ent(1) + ent(2), "events.log.20250326")
        self.write(ent(3) + ent(4))
        self.once()
        os.rename(self.path("events.log.20250326"), self.path("events.log.20250327"))
        copy = self.path("events.log.20250328")
        with open(self.path(), "rb") as source, open(copy, "wb") as target:
            target.write(source.read() + ent(5))
        os.unlink(self.path())
        self.once()
        self.assertEqual(self.numbers(), [1, 2, 3, 4, 5])
        with open(copy, "rb") as source, open(self.path("events.log.20250401"), "wb") as target:
            target.write(source.read())
        os.truncate(copy, 0)
        self.write(ent(6), "events.log.20250328")
        self.once()
        self.assertEqual(self.numbers(), [1, 2, 3, 4, 5, 6])

    def test_a_state_that_was_damaged_or_is_in_use_is_not_taken_for_none(self):
        self.broker()
        self.write(ent(1))
        gateway = self.follow()
        gateway.wait_count("published", 1)
        self.assertIn("another process uses", self.start().wait_end(1))
        gateway.stop()
        with open(self.state, "r+b") as file:
            file.write(b"x")
        self.assertIn("is damaged", self.start("--once").wait_end(1))
        os.unlink(self.state)
        self.once()  # by another name: read from the beginning
        self.assertEqual(self.numbers(), [1, 1])

    def test_a_file_that_lost_lines_which_the_broker_has_loses_no_others(self):
        self.broker()
        self.write(ent(1))
        self.once("--producer", "ome")
        with open(self.state, "rb") as file:
            state = file.read()
        self.write(ent(2) + ent(3))
        self.once()
        os.truncate(self.path(), len(ent(1)))
        with open(self.state, "wb") as file:
            file.write(state)  # it was not kept in time
        self.write(ent(4))
        _, stderr = self.once()
        self.assertIn("1 events more than can be read again", stderr)
        self.write(ent(5))
        self.once()
        self.assertEqual(self.numbers()[:3] + self.numbers()[-1:], [1, 2, 3, 5])

    def test_what_cannot_be_read_is_told(self):
        self.broker()
        self.write(ent(1))
        os.rename(self.path(), self.path("events.log.20250326"))
        os.symlink("events.log", self.path())  # to itself: there, and not to be opened
        self.assertEqual(self.once()[0]["published"], 1)
        os.unlink(self.path())
        if os.geteuid() != 0:  # who may read everything
            self.write(ent(2))
            os.chmod(self.path(), 0)
            self.assertIn("events.log cannot be opened", self.once(code=1)[1])
        os.rename(self.logs, self.logs + ".away")
        self.assertIn("cannot be looked through", self.once(code=1)[1])

    def test_wrong_use_is_told(self):
        for arguments, what in [
            (["--dir", self.logs], "--dir and --state go together"),
            ([], "where from?"),
            (["--listen", "tcp:127.0.0.1:0", "--once"], "--once needs --dir"),
            (["--dir", self.logs, "--state", self.state, "--name", "a/b"], "is no name of a file"),
        ]:
            self.assertIn(what, self.gateway("ome", *arguments, listening=0).wait_end(2))


if __name__ == "__main__":
    unittest.main()
