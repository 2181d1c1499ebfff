"""tocsin sub over the past, tocsin query and tocsin info: a real broker and the real command line, against what a plain
reader of the log says."""

import datetime
import json
import os
import random
import re
import signal
import subprocess
import time
import unittest

import support
from support import Log, event
from support_command import CommandScenario
from support_faults import Faults
from support_relay import Relay

SEED = int(os.environ.get("SEED", "20261121"))
LEVELS = ["Trace", "Debug", "Info", "Warning", "Error"]
WORDS = ["Stream created", "stream deleted", "B-frame detected", "Queue is long", "peer Is gone", "a.b", ""]


class SubStream(CommandScenario):
    def setUp(self):
        super().setUp()
        self.cursor = os.path.join(self.dir, "cursor")

    def lines(self, command, *arguments):
        return [json.loads(line) for line in self.run_command(command, "-o", "json", *arguments).splitlines()]

    def numbers(self, *arguments):
        return [line["snapshot"]["number"] for line in self.lines("sub", *arguments) if "number" in line.get("snapshot", {})]

    def test_each_beginning_tells_what_it_says(self):
        broker = self.broker()
        self.send_numbers(broker, 100)
        log = Log(self.log_dir).events()
        self.assertEqual(self.numbers("--all"), list(range(100)))
        self.assertEqual(self.numbers("--seq", str(log[40]["seq"])), list(range(40, 100)))
        self.assertEqual(self.numbers("-n", "7"), list(range(93, 100)))
        self.assertEqual(self.numbers("-n", "100000"), list(range(100)))
        self.assertEqual(self.numbers("--since", log[60]["received"]),
                         [n for n in range(100) if log[n]["received"] >= log[60]["received"]])  # fmt: skip
        self.assertEqual(self.numbers("--until", log[60]["received"]),
                         [n for n in range(100) if log[n]["received"] <= log[60]["received"]])  # fmt: skip
        self.assertEqual(self.numbers("--all", "-C", "3", "TestEvent"), [0, 1, 2])
        self.assertEqual(self.numbers("-S", "1h", "-U", "30m"), [])

    def test_the_last_ones_are_those_that_match(self):
        broker = self.broker()
        self.send_numbers(broker, 20, category="Rare", level="Error")
        self.send_numbers(broker, 2000)
        self.assertEqual(self.numbers("-n", "5", "Rare"), list(range(15, 20)))
        self.assertEqual(self.numbers("-n", "50", "Rare"), list(range(20)))
        self.assertEqual(self.numbers("-n", "3", "-p", "Error"), [17, 18, 19])
        self.assertEqual(self.lines("query", "-n", "3", "-r", "Rare")[0]["snapshot"]["number"], 19)

    def test_the_latest_is_the_state_of_every_topic(self):
        broker = self.broker()
        self.send(broker, [event(number, sourceId=f"source-{number % 30}") for number in range(300)])
        latest = [line for line in self.lines("sub", "--latest") if line["category"] == "TestEvent"]
        self.assertEqual([line["snapshot"]["number"] for line in latest], list(range(270, 300)))
        latest = self.lines("sub", "--latest", "TestEvent/source-7")
        self.assertEqual([line["snapshot"]["number"] for line in latest], [277])

    def test_it_follows_on_after_the_past_over_a_broker_that_is_killed(self):
        broker = self.broker()
        self.send_numbers(broker, 50)
        sub = self.start("sub", "--all", "-f", "-C", "350", "-o", "json", "TestEvent")
        for _ in range(3):
            self.send_numbers(broker, 100)
            broker.kill()
            broker = self.broker()
        out, err = sub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(sub.returncode, 0, err)
        self.assertEqual([json.loads(line)["snapshot"]["number"] for line in out.splitlines()], list(range(350)))
        self.assertNotIn("hold", err)

    def test_what_is_past_is_told_over_a_slow_link_too(self):
        broker = self.broker()
        self.send_numbers(broker, 100)
        until = Log(self.log_dir).events()[-1]["received"]
        # --until is over when the broker's clock must have passed it too
        support.wait_until(lambda: time.time() > datetime.datetime.fromisoformat(until).timestamp() + 4, "some seconds")
        with Relay(self.endpoint, piece=1) as relay:
            for follows in ([], ["-f"]):
                arguments = ["--all", "--until", until, *follows, "--stream", relay.endpoint, "TestEvent"]
                self.assertEqual(self.numbers(*arguments), list(range(100)))

    def test_a_follower_alone_begins_with_what_comes(self):
        broker = self.broker()
        self.send_numbers(broker, 10)
        sub = self.start("sub", "-f", "-C", "5", "-v", "-o", "json")
        self.assertIn("connected", sub.stderr.readline())
        self.send_numbers(broker, 5)
        out, err = sub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(sub.returncode, 0, err)
        self.assertEqual([json.loads(line)["snapshot"]["number"] for line in out.splitlines()], list(range(10, 15)))

    def test_a_cursor_goes_on_where_it_stood(self):
        broker = self.broker()
        self.send_numbers(broker, 100)
        self.assertEqual(self.numbers("--cursor", self.cursor, "-C", "30", "TestEvent"), list(range(30)))
        self.assertEqual(self.numbers("--cursor", self.cursor, "TestEvent"), list(range(30, 100)))
        self.assertEqual(self.numbers("--cursor", self.cursor), [])
        self.send_numbers(broker, 5)
        broker.stop()
        self.broker()
        self.assertEqual(self.numbers("--cursor", self.cursor), list(range(100, 105)))

    def test_a_cursor_of_another_log_is_refused_and_so_is_a_second_user(self):
        broker = self.broker()
        self.send_numbers(broker, 10)
        self.numbers("--cursor", self.cursor)
        first = self.start("sub", "--cursor", self.cursor, "-f", "-v")
        self.assertIn("connected", first.stderr.readline())
        self.run_command("sub", "--cursor", self.cursor, code=1)
        self.assertIn("another process", self.err)
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(first.returncode, 143)
        broker.stop()
        self.broker(log_dir=os.path.join(self.dir, "other"))
        self.run_command("sub", "--cursor", self.cursor, code=1)
        self.assertIn("another log", self.err)
        with open(self.cursor, "w", encoding="utf-8") as file:
            file.write("nonsense\n")
        self.run_command("sub", "--cursor", self.cursor, code=1)
        self.assertIn("no cursor", self.err)
        self.run_command("sub", "--cursor", "/proc/cursor", code=1)
        self.assertIn("No such file", self.err)

    def test_nothing_is_lost_when_broker_and_client_are_killed_at_any_time(self):
        """At least once, in order but for what is told again, and without a hole."""
        rng = random.Random(SEED)
        print(f"SEED={SEED}", flush=True)
        rounds = 6 if support.IS_SANITIZED else 15
        output = os.path.join(self.dir, "output")
        broker = self.broker()
        for number in range(rounds):
            with open(output, "a", encoding="utf-8") as file:
                size = os.path.getsize(output)
                sub = self.start("sub", "--cursor", self.cursor, "-f", "-o", "json", "TestEvent", stdout=file)
                self.send_numbers(broker, rng.randrange(200, 3000))
                if rng.random() < 0.4:
                    broker.kill()
                    broker = self.broker()
                wanted = size + rng.randrange(1, 200000)
                if rng.random() < 0.7:  # else at once
                    support.wait_until(lambda: os.path.getsize(output) > min(wanted, size + 20000), "some output")
                sub.kill()
                _, err = sub.communicate(timeout=support.DEADLINE_S)
                self.assertNotIn("hold", err)
            self.cut_half_line(output)
        with open(output, "a", encoding="utf-8") as file:
            last = self.start("sub", "--cursor", self.cursor, "-o", "json", "TestEvent", stdout=file)
            _, err = last.communicate(timeout=support.DEADLINE_S)
            self.assertEqual(last.returncode, 0, err)
        broker.stop()
        with open(output, encoding="utf-8") as file:
            seen = [json.loads(line)["seq"] for line in file]
        wanted = [line["seq"] for line in Log(self.log_dir).events() if line["category"] == "TestEvent"]
        done = 0  # how many of those wanted have come
        place = {seq: index for index, seq in enumerate(wanted)}
        for seq in seen:
            self.assertLessEqual(place[seq], done, f"seq {seq} came too early")
            done = max(done, place[seq] + 1)
        self.assertEqual(done, len(wanted))

    @staticmethod
    def cut_half_line(path):
        """A kill may hit between two writes of a line; what is half there will be told again."""
        with open(path, "rb+") as file:
            data = file.read()
            file.truncate(data.rfind(b"\n") + 1)

    def fill(self, broker, count):
        rng = random.Random(SEED)
        self.send(broker, [
            event(
                number, category=rng.choice(["StreamEvent", "CoreEvent", "AppEvent"]), level=rng.choice(LEVELS),
                type=rng.choice(["StreamCreated", "StreamDeleted", "Other"]),
                sourceId=rng.choice(["#default#app/cam", "#default#app/cam2", "#default#app", "sip-1"]),
                summary=f"{rng.choice(WORDS)} {number}",
            )
            for number in range(count)
        ])  # fmt: skip

    def random_query(self, rng, log):
        """Arguments, and the filter that they stand for."""
        arguments, tests = [], []
        if rng.random() < 0.5:
            low = rng.randrange(5)
            high = rng.randrange(low, 5)
            arguments += ["-p", f"{LEVELS[low]}..{LEVELS[high]}"]
            tests.append(lambda line: low <= LEVELS.index(line["level"]) <= high)
        if rng.random() < 0.5:
            types = rng.sample(["StreamCreated", "StreamDeleted", "Other", "None"], rng.randrange(1, 3))
            arguments += [argument for type_ in types for argument in ("-y", type_)]
            tests.append(lambda line: line["type"] in types)
        if rng.random() < 0.5:
            topic, test = rng.choice([
                ("StreamEvent", lambda line: line["category"] == "StreamEvent"),
                ("*/#default#app/", lambda line: line["sourceId"].startswith("#default#app/")),
                ("CoreEvent/#default#app/cam", lambda line: (line["category"], line["sourceId"]) == ("CoreEvent", "#default#app/cam")),
                ("AppEvent/#default#app/cam*", lambda line: line["category"] == "AppEvent" and line["sourceId"].startswith("#default#app/cam")),
            ])  # fmt: skip
            arguments.append(topic)
            tests.append(test)
        if rng.random() < 0.5:
            pattern = rng.choice(["stream", "Stream", "^b-?frame", "(long|gone) [0-9]*7$", r"a\.b", "^ "])
            flags = 0 if any(letter.isupper() for letter in pattern) else re.IGNORECASE
            arguments += ["-g", pattern]
            tests.append(lambda line: re.search(pattern, line["summary"], flags))
        if rng.random() < 0.5:
            since, until = sorted(rng.choice(log)["received"] for _ in range(2))
            arguments += ["--since", since, "--until", until]
            tests.append(lambda line: since <= line["received"] <= until)
        if rng.random() < 0.5:
            number = lambda line: line.get("snapshot", {}).get("number", -1)
            condition, test = rng.choice([
                ("snapshot.number >= 1500", lambda line: number(line) >= 1500),
                ("snapshot.number<300", lambda line: 0 <= number(line) < 300),
                ("sourceId=#default#app/*", lambda line: line["sourceId"].startswith("#default#app/")),
                ("summary ~ [0-9]*7$", lambda line: re.search("[0-9]*7$", line["summary"])),
                ("type != Other", lambda line: line["type"] != "Other"),
                ("cause = None", lambda line: line.get("cause") == "None"),
            ])  # fmt: skip
            arguments += ["--where", condition, "-w", "level >= Debug"]
            tests += [test, lambda line: line["level"] != "Trace"]
        return arguments, [line for line in log if all(test(line) for test in tests)]

    def test_random_queries_find_what_a_plain_filter_finds_online_and_offline(self):
        rng = random.Random(SEED)
        print(f"SEED={SEED}", flush=True)
        broker = self.broker()
        self.fill(broker, 3000)
        log = Log(self.log_dir).lines
        kept = ["seq", "received", "time", "level", "category", "type", "sourceId", "summary", "cause", "snapshot", "prev"]
        log = [{key: line[key] for key in kept if key in line} for line in log]
        found_any = 0
        for number in range(15 if support.IS_SANITIZED else 30):
            arguments, expected = self.random_query(rng, log)
            with self.subTest(number, arguments=arguments):
                online = self.run_command("query", "-o", "json", *arguments)
                offline = self.run_command("query", "-o", "json", "--dir", self.log_dir, *arguments)
                self.assertEqual([json.loads(line) for line in online.splitlines()], expected)
                self.assertEqual(offline, online)
                count = self.run_command("query", "--count", *arguments)
                self.assertEqual(int(count), len(expected))
                if "--since" not in arguments:
                    self.assertEqual(self.lines("query", "-n", "5", "-r", *arguments), expected[:-6:-1])
                found_any += len(expected) > 0
        self.assertGreater(found_any, 5)
        for where in ([], ["--dir", self.log_dir]):
            groups = self.run_command("query", "--group-by", "sourceId", *where).splitlines()
            counts = {}
            for line in log:
                counts[line["sourceId"]] = counts.get(line["sourceId"], 0) + 1
            self.assertEqual({line.split(None, 1)[1]: int(line.split()[0]) for line in groups}, counts)
            self.assertEqual([int(line.split()[0]) for line in groups], sorted(counts.values(), reverse=True))

    def test_offline_a_bad_line_is_told_and_passed_over_and_what_is_half_written_is_left_alone(self):
        broker = self.broker()
        self.send_numbers(broker, 10)
        broker.stop()
        path = os.path.join(self.log_dir, "events.log")
        with open(path, "rb") as file:
            lines = file.readlines()
        lines[4] = b"\x00\xff nonsense\n"
        with open(path, "wb") as file:
            file.writelines(lines[:8])
            file.write(lines[8][:40])
        out = self.run_command("query", "--dir", self.log_dir, "-o", "json", code=1)
        self.assertEqual([json.loads(line)["seq"] for line in out.splitlines()], [1, 2, 3, 4, 6, 7, 8])
        self.assertIn("events.log:5: no line of the log", self.err)
        self.run_command("query", "--dir", os.path.join(self.dir, "nothing"), code=1)
        self.assertIn("No such file", self.err)

    def test_offline_what_comes_before_is_not_read_and_a_bad_line_behind_it_has_its_number(self):
        broker = self.broker()
        self.send_numbers(broker, 3000)
        broker.stop()
        path = os.path.join(self.log_dir, "events.log")
        with open(path, "rb") as file:
            lines = file.readlines()
        lines[2999] = b"nonsense\n"
        lines[10] = b"nonsense\n"  # well before what is wanted: not looked at
        with open(path, "wb") as file:
            file.writelines(lines)
        out = self.run_command("query", "--dir", self.log_dir, "--seq", "2998", "-o", "json", "TestEvent", code=1)
        self.assertEqual([json.loads(line)["seq"] for line in out.splitlines()], [2998, 2999, 3001, 3002])
        self.assertIn("events.log:3000: no line of the log", self.err)
        self.assertNotIn("events.log:11:", self.err)

    def test_days_that_are_gone_are_told_and_files_of_several_days_are_read_in_order(self):
        faults = Faults(self.dir)
        self.addCleanup(faults.close)
        broker = None
        for day in range(20, 23):
            faults.set_clock(f"2026-11-{day} 12:00:00")
            broker = broker or self.broker(env=faults.environment())
            self.send_numbers(broker, 50)
        broker.stop()
        log = Log(self.log_dir)
        self.assertEqual(len(log.files), 3)
        offline = self.lines("query", "--dir", self.log_dir)
        self.assertEqual([line["seq"] for line in offline], [line["seq"] for line in log.lines])
        gone = [line["seq"] for _, line in support.read_lines(self.log_dir, log.files[1])]
        os.unlink(os.path.join(self.log_dir, log.files[1]))
        self.broker(env=faults.environment())
        numbers = list(range(50)) + list(range(100, 150))
        self.assertEqual(self.numbers("--all"), numbers)
        self.assertIn(f"does not hold seq {gone[0]} to {gone[-1]} any more", self.err)
        self.assertEqual(self.numbers("--all", "--gaps", "ignore"), numbers)
        self.assertEqual(self.err, "")
        out = self.run_command("sub", "--all", "--gaps", "fail", "-o", "json", "TestEvent", code=5)
        self.assertEqual([json.loads(line)["snapshot"]["number"] for line in out.splitlines()], list(range(50)))

    def test_info_tells_the_log_and_its_head(self):
        broker = self.broker()
        self.send_numbers(broker, 10)
        info = json.loads(self.run_command("info", "-o", "json"))
        log = Log(self.log_dir)
        self.assertEqual((info["log_id"], info["head"], info["first"]), (log.log_id, log.lines[-1]["seq"], 1))
        shown = self.run_command("info")
        self.assertIn(f"head: {info['head']}\n", shown)
        self.assertIn("\ncounters:\n  ", shown)
        self.run_command("info", "more", code=2)
        broker.stop()
        self.run_command("info", "--timeout", "200ms", code=3)
        self.assertIn("cannot reach", self.err)

    def test_a_replay_sends_the_same_events_at_the_pace_that_is_asked_for(self):
        broker = self.broker()
        self.send_numbers(broker, 200, category="Other")
        self.send_numbers(broker, 50)
        other_dir = os.path.join(self.dir, "other")
        append = support.free_port()
        other = support.Scenario.broker(self, "--append", f"tcp://127.0.0.1:{append}", log_dir=other_dir)
        to = ["--to", f"127.0.0.1:{append - 1}"]
        self.run_command("replay", *to, "--speed", "max", "-q")
        self.run_command("replay", *to, "--speed", "1000x", "-n", "10", "TestEvent")
        self.assertIn("10 events sent", self.err)
        other.stop()
        keys = ["time", "level", "category", "type", "sourceId", "summary", "snapshot"]
        sent, got = ([[line[key] for key in keys] for line in Log(log_dir).events()] for log_dir in (self.log_dir, other_dir))
        self.assertEqual(got, sent + sent[-10:])
        self.run_command("replay", *to, "--timeout", "200ms", code=3)

    def test_what_cannot_be_together_is_a_usage_error(self):
        for arguments in (["--all", "--seq", "3"], ["-n", "3", "--since", "1h"], ["--seq", "0"], ["--since", "soon"],
                          ["--cursor", "a/b", "--until", "now"], ["--since", "1h", "--until", "2h"], ["--cursor", ".."], ["-g", "("], ["-n", "1000001"],
                          ["-w", "nothing = 1"], ["-w", "snapshot.a <"], ["-w", "type"], ["-w", ""], ["-w", "level = Loud"], ["-w", "type ~ ("]):  # fmt: skip
            with self.subTest(arguments=arguments):
                self.run_command("sub", *arguments, code=2)
        self.run_command("query", "a b", code=2)
        self.assertIn("tocsin help query", self.err)
        self.run_command("query", "--group-by", "a..b", code=2)
        self.run_command("query", "--group-by", "type", "--count", code=2)
        self.run_command("replay", code=2)
        self.run_command("replay", "--to", "localhost", "--speed", "0", code=2)


if __name__ == "__main__":
    unittest.main()
