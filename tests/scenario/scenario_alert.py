"""tocsin alert: rules over the past and the present, with a real broker and the real command line."""

import json
import os
import subprocess
import unittest

import support
from support import data_events, event, pack

READY_MADE = os.path.join(support.SOURCE_DIR, "packaging", "alerts.yaml")

RULES = """
receivers:
  ops: []
rules:
  - name: Bad
    match: {type: Bad}
    labels: {severity: critical}
    keep_firing_for: 1us
    receiver: ops
  - name: NotReady
    match: {type: Status, snapshot.status: "< 0"}
    clear: {type: Status, snapshot.status: "> 0"}
  - name: Storm
    match: {type: Many}
    count: {at_least: 3, within: 1h}
"""


class Alert(support.Scenario):
    def setUp(self):
        super().setUp()
        self.endpoint = f"tcp://127.0.0.1:{support.free_port()}"
        self.rules = self.file("rules.yaml", RULES)

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def broker(self, *flags, **options):
        return super().broker("--stream", self.endpoint, *flags, **options)

    def alert(self, *arguments, code=0):
        done = subprocess.run(
            [os.environ["TOCSIN"], "alert", *arguments],
            env={**os.environ, "TOCSIN_STREAM": self.endpoint, "TZ": "UTC"},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=support.DEADLINE_S, check=False,
        )  # fmt: skip
        self.err = done.stderr.decode()
        self.assertEqual(done.returncode, code, self.err)
        return done.stdout.decode()

    def send(self, broker, events):
        publisher = self.publisher(broker)
        before = broker.metric("tocsin_log_durable_seq")
        for item in events:
            publisher.send(pack(item))
        support.wait_until(lambda: broker.metric("tocsin_log_durable_seq") >= before + len(events), "the events")
        publisher.close()

    def dry_run(self, *arguments):
        return [json.loads(line) for line in self.alert("test", "-o", "json", *arguments).splitlines()]

    def names(self, notices):
        return [(notice["labels"]["alertname"], notice["status"]) for notice in notices]

    def events(self):
        return [
            event(1, type="Bad", sourceId="a", summary="it broke"),
            event(2, type="Status", sourceId="a", snapshot={"status": -1}),
            *[event(3 + i, type="Many", sourceId="b") for i in range(4)],
            event(7, type="Status", sourceId="a", snapshot={"status": 1}),
        ]


class DryRun(Alert):
    def test_what_would_have_been_told_is_the_same_from_the_broker_and_from_its_files(self):
        broker = self.broker()
        self.send(broker, self.events())
        told = self.dry_run("--rules", self.rules)
        self.assertEqual(
            self.names(told),
            [("Bad", "firing"), ("Bad", "resolved"), ("NotReady", "firing"), ("Storm", "firing"), ("NotReady", "resolved")],
        )  # fmt: skip
        self.assertEqual(told[0]["labels"]["severity"], "critical")
        self.assertEqual(told[0]["annotations"]["summary"], "it broke")
        self.assertEqual(json.loads(told[0]["annotations"]["event"])["sourceId"], "a")
        self.assertEqual(told[0]["receivers"], ["ops"])
        self.assertEqual(told[0]["fingerprint"], told[1]["fingerprint"])
        self.assertEqual(told[2]["startsAt"], told[4]["startsAt"])
        broker.stop()
        self.assertEqual(self.dry_run("--rules", self.rules, "--dir", self.log_dir), told)
        line = self.alert("test", "--rules", self.rules, "--dir", self.log_dir, "--utc").splitlines()[0]
        self.assertRegex(line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  firing    Bad  .*  severity=critical .* it broke$")

    def test_ready_made_rules_tell_of_real_events_of_both_worlds(self):
        broker = self.broker()
        many = [event(i, type="E_CORE_TCP_DISCONNECT", sourceId="opensips-1", category="CoreEvent") for i in range(60)]
        memory = [
            event(i, type="E_CORE_SHM_THRESHOLD", sourceId="opensips-1", snapshot={"usage": usage})
            for i, usage in enumerate((81, 85, 70))
        ]
        private = [event(1, type="E_CORE_PKG_THRESHOLD", sourceId="opensips-1", snapshot={"usage": 90, "pid": 7})]
        real = data_events("ome-events.log") + data_events("opensips-core-events.jsonl")
        # the status lasts: time goes on by what comes behind it
        self.send(broker, real + many + memory + private)
        support.wait_until(
            lambda: self.names(self.dry_run("--rules", READY_MADE)).count(("OpensipsNotReady", "firing")) > 0, "2 s"
        )
        names = self.names(self.dry_run("--rules", READY_MADE))
        with open(READY_MADE, encoding="utf-8") as file:
            rules = [line.split()[2] for line in file if line.startswith("  - name:")]
        self.assertEqual({name for name, status in names if status == "firing"}, set(rules))
        self.assertIn(("OpensipsSharedMemoryHigh", "resolved"), names)

    def test_a_file_that_is_wrong_is_told_with_its_place(self):
        bad = self.file("bad.yaml", "rules:\n  - name: R\n    match: {typ: x}\n")
        self.assertEqual(self.alert("check", bad, self.rules, code=2), f"{self.rules}: 3 rules, 1 receivers\n")
        self.assertIn(f"{bad}:3:13: \"typ\"", self.err)
        self.alert("test", "--rules", bad, "--dir", self.log_dir, code=2)
        self.assertIn(f"{bad}:3:13: \"typ\"", self.err)
        self.alert("test", "--rules", self.rules, "--dir", os.path.join(self.dir, "none"), code=1)
        self.assertIn("No such file", self.err)
        self.alert("test", "--rules", self.rules, "--timeout", "100ms", code=3)
        self.alert("check", READY_MADE)


if __name__ == "__main__":
    unittest.main()
