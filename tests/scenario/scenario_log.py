"""tocsin log: a real broker, the real command line, and targets that are away, fail, and are killed."""

import errno
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import unittest

import support
import support_targets as targets
from support import Log, data_events, event, pack
from support_command import CommandScenario
from support_faults import Faults

SEED = int(os.environ.get("SEED", "20261121"))


class LogTo(CommandScenario):
    def setUp(self):
        super().setUp()
        self.cursor = os.path.join(self.dir, "cursor")

    def start(self, *arguments, stdout=subprocess.PIPE, env=None):
        return super().start("log", *arguments, stdout=stdout, text=False, env=env)  # bytes are compared

    def log(self, *arguments, code=0):
        return self.finish(self.start(*arguments), code)

    def real_events(self):
        return data_events("ome-events.log") + data_events("opensips-core-events.jsonl")

    # Forms

    def test_ovenmediaengines_own_log_comes_out_byte_for_byte(self):
        broker = self.broker()
        self.send(broker, data_events("ome-events.log"))
        with open(os.path.join(support.DATA_DIR, "ome-events.log"), "rb") as file:
            self.assertEqual(self.log("--all", "--once", "-o", "ome", "-T", "BrokerEvent"), file.read())

    def test_each_form_holds_each_event(self):
        broker = self.broker()
        self.send(broker, self.real_events())
        lines = {line["seq"]: line for line in Log(self.log_dir).lines}
        for raw in self.log("--all", "--once").splitlines():
            line = json.loads(raw)
            self.assertEqual(line, {key: lines[line["seq"]][key] for key in line})
        events = [json.loads(raw) for raw in self.log("--all", "--once", "-o", "cloudevents").splitlines()]
        self.assertEqual(len(events), len(lines))
        for item in events:
            line = lines[int(item["sequence"])]
            self.assertEqual(item["data"], {key: line[key] for key in item["data"]})
            self.assertRegex(item["source"], r"^tocsin://[0-9a-f]{32}/[A-Za-z]+/([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$")
            self.assertRegex(item["type"], r"^tocsin\.[A-Za-z]+\.[A-Za-z0-9_.-]+$")
        for form in ("text", "logfmt"):
            out = self.log("--all", "--once", "-o", form)
            self.assertEqual(out.count(b"\n"), len(lines))
            self.assertNotRegex(out, b"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")

    # Files

    def written(self, path):
        """All lines of the files PATH.*, in their order; fails on half a line."""
        content = b""
        for name in sorted(glob.glob(path + "*")):
            if name.endswith(".lock"):
                continue
            with open(name, "rb") as file:
                data = file.read()
            if name.endswith(".zst"):
                data = subprocess.run(["zstd", "-dc", name], check=True, capture_output=True).stdout
            self.assertTrue(not data or data.endswith(b"\n"), name)
            content += data
        return [json.loads(line) for line in content.splitlines()]

    def test_files_by_size_hold_all_and_none_is_too_large(self):
        broker = self.broker()
        path = os.path.join(self.dir, "out.json")
        arguments = ["--all", "--once", "--cursor", self.cursor, "--to", f"file:{path}", "--rotate", "16K"]
        for zstd in ((), ("--zstd",)) if shutil.which("zstd") else ((),):
            self.send_numbers(broker, 700)
            self.log(*arguments, *zstd)
        self.assertEqual([line["seq"] for line in self.written(path)], [line["seq"] for line in Log(self.log_dir).lines])
        plain = [name for name in glob.glob(path + ".*") if not name.endswith((".zst", ".lock"))]
        for name in plain:
            self.assertLessEqual(os.path.getsize(name), 16384)
        if shutil.which("zstd"):
            self.assertEqual(len(plain), 1)  # the one that goes on
        other = self.start("--to", f"file:{path}", "--rotate", "16K", "-v")
        self.assertIn(b"connected", other.stderr.readline())
        self.log(*arguments[:2], *arguments[4:], code=2)
        self.assertIn("busy", self.err)

    def test_half_a_line_that_a_killed_process_left_is_cut_off(self):
        broker = self.broker()
        path = os.path.join(self.dir, "out.json")
        arguments = ["--cursor", self.cursor, "--to", f"file:{path}", "--once", "TestEvent"]
        self.send_numbers(broker, 10)
        self.log(*arguments)
        with open(path, "ab") as file:
            file.write(b'{"seq":' + b"1" * 10000)
        self.send_numbers(broker, 10)
        self.log(*arguments)
        self.assertEqual([line["snapshot"]["number"] for line in self.written(path)], list(range(20)))
        os.unlink(path)
        os.mkfifo(path)
        process = self.start(*arguments[:-2], "TestEvent")
        self.send_numbers(broker, 1)
        self.assertIn(b"no file that one can write lines to", process.stderr.readline())

    def test_a_file_that_others_rename_is_begun_anew(self):
        broker = self.broker()
        path = os.path.join(self.dir, "out.json")
        process = self.start("--to", f"file:{path}", "--cursor", self.cursor, "TestEvent")
        self.send_numbers(broker, 10)
        support.wait_until(lambda: os.path.exists(path) and len(self.written(path)) == 10, "the first file")
        os.rename(path, path + "-old")
        self.send_numbers(broker, 10)
        support.wait_until(lambda: os.path.exists(path) and len(self.written(path)) == 20, "the second file")
        process.send_signal(signal.SIGTERM)
        self.finish(process, 143)
        with open(path, encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["snapshot"]["number"] for line in file], list(range(10, 20)))

    def test_nothing_is_lost_while_the_disk_is_full(self):
        faults = Faults(self.dir)
        self.addCleanup(faults.close)
        broker = self.broker()
        path = os.path.join(self.dir, "out.json")
        process = self.start("--to", f"file:{path}", "--cursor", self.cursor, "TestEvent", env=faults.environment())
        self.send_numbers(broker, 10)
        support.wait_until(lambda: os.path.exists(path) and len(self.written(path)) == 10, "the first lines")
        faults.set("write_error", errno.ENOSPC)
        self.send_numbers(broker, 500)
        told = ""
        while "trying again" not in told:  # the cursor cannot be written either
            told += process.stderr.readline().decode()
        self.assertRegex(told, r"out\.json: No space left on device; at least \d+ events? waits?")
        self.assertEqual(len(self.written(path)), 10)
        faults.set("write_error", 0)
        support.wait_until(lambda: len(self.written(path)) == 510, "the others")
        process.send_signal(signal.SIGTERM)
        self.finish(process, 143)
        self.assertIn("takes events again", self.err)
        self.assertEqual([line["snapshot"]["number"] for line in self.written(path)], list(range(510)))
        self.send_numbers(broker, 1)  # and the cursor was written in the end
        self.log("--to", f"file:{path}", "--cursor", self.cursor, "--once", "TestEvent")
        self.assertEqual(len(self.written(path)), 511)

    def test_files_by_day_hold_what_was_received_then(self):
        faults = Faults(self.dir)
        self.addCleanup(faults.close)
        faults.set_clock("2026-11-20 23:59:00")
        broker = self.broker(env=faults.environment())
        self.send_numbers(broker, 50)
        faults.set_clock("2026-11-21 00:00:10")
        self.send_numbers(broker, 50)
        path = os.path.join(self.dir, "out.json")
        zstd = ["--zstd"] if shutil.which("zstd") else []
        self.log("--all", "--once", "--to", f"file:{path}", "--rotate", "daily", *zstd)
        suffix = ".zst" if zstd else ""
        self.assertEqual(sorted(os.path.basename(name) for name in glob.glob(path + ".2*")),
                         ["out.json.20261120" + suffix, "out.json.20261121"])  # fmt: skip
        lines = self.written(path)
        self.assertEqual([line["seq"] for line in lines], [line["seq"] for line in Log(self.log_dir).lines])
        with open(path + ".20261121", encoding="utf-8") as file:
            self.assertTrue(all(json.loads(line)["received"].startswith("2026-11-21") for line in file))

    def test_whatever_is_killed_each_event_is_in_a_file_and_no_line_is_half(self):
        rng = random.Random(SEED)
        print(f"SEED={SEED}", flush=True)
        broker = self.broker()
        path = os.path.join(self.dir, "out.json")
        arguments = ["--cursor", self.cursor, "--to", f"file:{path}", "--rotate", "64K"]
        size = lambda: sum(os.path.getsize(name) for name in glob.glob(path + ".0*"))
        for _ in range(5 if support.IS_SANITIZED else 12):
            process = self.start(*arguments)
            before = size()
            self.send_numbers(broker, rng.randrange(200, 2000))
            if rng.random() < 0.3:
                broker.kill()
                broker = self.broker()
            wanted = before + rng.randrange(1, 60000)
            support.wait_until(lambda: size() > wanted or process.poll() is not None, "some output")
            process.kill()
            process.communicate(timeout=support.DEADLINE_S)
        self.log(*arguments, "--once")
        broker.stop()
        seen = {line["seq"] for line in self.written(path)}
        wanted = {line["seq"] for line in Log(self.log_dir).lines if line["category"] == "TestEvent"}
        self.assertEqual(wanted - seen, set())

    # syslog

    def check_syslog(self, messages, lines):
        """Each line came at least once, in order but for what came again."""
        seen = []
        for message in messages:
            severity, facility, params, text = targets.read_syslog(message)
            seq = int(params["seq"])
            line = lines[seq]
            self.assertEqual((params["category"], params["type"], params["sourceId"], params["level"]),
                             (line["category"], line["type"], line["sourceId"], line["level"]))  # fmt: skip
            self.assertEqual(severity, {"Trace": 7, "Debug": 7, "Info": 6, "Warning": 4, "Error": 3}[line["level"]])
            self.assertEqual(facility, 3)
            self.assertIn(line["type"], text)
            seen.append(seq)
        self.assertEqual(set(seen), set(lines))
        return seen

    def test_syslog_gets_strict_rfc_5424_over_unix_and_udp(self):
        broker = self.broker()
        self.send(broker, self.real_events())
        lines = {line["seq"]: line for line in Log(self.log_dir).lines}
        path, stream = os.path.join(self.dir, "log.sock"), os.path.join(self.dir, "stream.sock")
        for receiver, to in (
            (targets.Datagrams(path), f"unix:{path}"),
            (targets.Lines(stream), f"unix:{stream}"),
            (targets.Datagrams(), "udp:127.0.0.1:{0.port}"),
        ):
            self.addCleanup(receiver.close)
            self.log("--all", "--once", "--to", "syslog:" + to.format(receiver))
            support.wait_until(lambda: len(receiver.messages) >= len(lines), "the messages")
            self.assertEqual(self.check_syslog(receiver.messages, lines), list(lines))

    def test_nothing_is_lost_while_a_syslog_server_is_away_and_when_it_closes_its_connections(self):
        broker = self.broker()
        self.send_numbers(broker, 300)
        port = support.free_port()
        process = self.start("--cursor", self.cursor, "--to", f"syslog:tcp:127.0.0.1:{port}")
        told = process.stderr.readline().decode()
        self.assertRegex(told, r"Connection refused; at least \d+ events? waits? in the broker's log, the oldest for \d+ s")
        self.send_numbers(broker, 300)
        server = targets.Counted(port, idle_s=0.1)
        self.addCleanup(server.close)
        for _ in range(4):
            support.wait_until(lambda: len(set(server.messages)) >= self.sent, "the messages")
            support.wait_until(lambda: server.closed == server.connections, "the end of the connection")
            self.send_numbers(broker, 100)
        support.wait_until(lambda: len(set(server.messages)) >= self.sent + 2, "the last messages")
        process.send_signal(signal.SIGTERM)
        self.finish(process, 143)
        self.assertIn("takes events again", self.err)
        lines = {line["seq"]: line for line in Log(self.log_dir).lines}
        self.check_syslog(server.messages, lines)

    # journald

    def test_journald_gets_fields_and_large_ones_in_a_file_in_memory(self):
        broker = self.broker()
        self.send(broker, self.real_events() + [event(1, snapshot={"text": "x" * 400000, "line": "a\nb"})])
        lines = {line["seq"]: line for line in Log(self.log_dir).lines}
        path = os.path.join(self.dir, "journal.sock")
        receiver = targets.Datagrams(path)
        self.addCleanup(receiver.close)
        self.log("--all", "--once", "--to", f"journald:{path}")
        self.assertEqual(self.err, "")  # a queue that is full is waited for
        support.wait_until(lambda: len(receiver.messages) >= len(lines), "the messages")
        for message in receiver.messages:
            fields = targets.journal_fields(message)
            line = lines.pop(int(fields["TOCSIN_SEQ"]))
            self.assertEqual(fields["MESSAGE"], line["summary"])
            self.assertEqual(fields["TOCSIN_SOURCE"], line["sourceId"])
            self.assertEqual(fields["TOCSIN_TYPE"], line["type"])
            self.assertEqual(json.loads(fields.get("TOCSIN_SNAPSHOT", "null")), line.get("snapshot"))
        self.assertEqual(lines, {})

    # OTLP

    def test_a_collector_gets_each_event_as_it_was(self):
        broker = self.broker()
        self.send(broker, self.real_events())
        lines = {line["seq"]: line for line in Log(self.log_dir).lines}
        collector = targets.Collector()
        self.addCleanup(collector.close)
        self.log("--all", "--once", "--to", f"otlp:{collector.url}", "--header", "Authorization: Bearer x")
        self.assertEqual(collector.headers["Authorization"], "Bearer x")
        self.assertEqual(collector.seqs(), list(lines))
        for record in collector.records:
            values = targets.attributes(record)
            line = lines[values["tocsin.seq"]]
            self.assertEqual(record["body"]["stringValue"], line["summary"])
            self.assertEqual(record["severityText"], line["level"])
            self.assertEqual(values["tocsin.source_id"], line["sourceId"])
            self.assertEqual(values.get("tocsin.snapshot"), line.get("snapshot"))

    def test_a_collector_that_fails_half_of_the_time_misses_nothing_though_the_logger_is_killed(self):
        rng = random.Random(SEED)
        print(f"SEED={SEED}", flush=True)
        faults = [None, 503, None, 429, None, "close", None, 500, None, 404]
        collector = targets.Collector(lambda count: rng.choice(faults))
        self.addCleanup(collector.close)
        broker = self.broker()
        arguments = ["--cursor", self.cursor, "--to", f"otlp:{collector.url}"]
        for _ in range(4 if support.IS_SANITIZED else 8):
            process = self.start(*arguments)
            self.send_numbers(broker, rng.randrange(500, 2500))
            requests = collector.requests + rng.randrange(1, 5)
            support.wait_until(lambda: collector.requests >= requests, "requests")
            process.kill()
            process.communicate(timeout=support.DEADLINE_S)
        self.log(*arguments, "--once")
        lines = {line["seq"] for line in Log(self.log_dir).lines if line["category"] == "TestEvent"}
        self.assertEqual(lines - set(collector.seqs()), set())

    def test_an_event_that_a_collector_refuses_for_good_is_named_and_passed_over(self):
        broker = self.broker()
        self.send_numbers(broker, 40)
        self.send_numbers(broker, 1, summary="poison")
        self.send_numbers(broker, 40)
        collector = targets.Collector()
        collector.poison = b"poison"
        self.addCleanup(collector.close)
        self.log("--all", "--once", "--to", f"otlp:{collector.url}", "TestEvent", code=4)
        wanted = {line["seq"]: line["summary"] for line in Log(self.log_dir).events()}
        poison = next(seq for seq, summary in wanted.items() if summary == "poison")
        self.assertIn(f"seq {poison} is passed over", self.err)
        self.assertEqual(set(collector.seqs()), set(wanted) - {poison})

    # The end

    def test_a_logger_whose_target_is_away_ends_at_a_signal_and_keeps_its_place(self):
        broker = self.broker()
        self.send_numbers(broker, 20)
        path = os.path.join(self.dir, "not-there")
        process = self.start("--cursor", self.cursor, "--to", f"syslog:unix:{path}", "TestEvent")
        self.assertIn(b"No such file", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        self.finish(process, 130)
        self.assertIn("20 events at hand could not be written; the next run begins with them", self.err)
        receiver = targets.Datagrams(path)
        self.addCleanup(receiver.close)
        self.log("--cursor", self.cursor, "--to", f"syslog:unix:{path}", "--once", "TestEvent")
        support.wait_until(lambda: len(receiver.messages) >= 20, "the messages")
        self.assertEqual(len(receiver.messages), 20)

    def test_what_is_far_behind_is_told(self):
        broker = self.broker()
        self.send_numbers(broker, 5)
        self.log("--all", "--once", "--lag", "1ms")
        self.assertRegex(self.err, "behind by|came [0-9]+ s ago")
        self.assertNotIn("at least 0 events", self.err)

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        broker = self.broker()
        self.send_numbers(broker, 2000)
        process = self.start("--all")
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        self.finish(process, 0)
        self.assertEqual(self.err, "")

    def test_what_cannot_be_is_refused_with_the_options_name(self):
        for arguments, word in (
            (["--to", "nowhere"], "--to"), (["--to", "syslog:sctp:h"], "--to"), (["--to", "otlp:ftp://h"], "--to"),
            (["--to", "file:/nowhere/x"], "--to"), (["--rotate", "daily"], "--rotate"), (["-o", "xml"], "--output"),
            (["--to", "file:x", "--rotate", "12"], "--rotate"), (["--to", "file:x", "--zstd"], "--zstd"),
            (["--to", "syslog:udp:h", "--facility", "x"], "--facility"), (["--to", "otlp:http://h", "--header", "x"], "--header"),
        ):  # fmt: skip
            self.log(*arguments, code=2)
            self.assertIn(word, self.err)


if __name__ == "__main__":
    unittest.main()
