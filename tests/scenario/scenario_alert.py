"""tocsin alert: rules over the past and the present, with a real broker and the real command line."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest
import urllib.request

import support
from support import data_events, event, pack
from support_command import CommandScenario
from support_webhook import SECRET, Mails, Webhook

SEED = int(os.environ.get("SEED", "20261121"))

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


class Alert(CommandScenario):
    def setUp(self):
        super().setUp()
        self.rules = self.file("rules.yaml", RULES)

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def alert(self, *arguments, code=0):
        return self.run_command("alert", *arguments, code=code)

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
        # when the batch was received decides whether Bad ends in the middle or behind it
        self.assertEqual(
            sorted(self.names(told)),
            [("Bad", "firing"), ("Bad", "resolved"), ("NotReady", "firing"), ("NotReady", "resolved"), ("Storm", "firing")],
        )  # fmt: skip
        self.assertEqual(told[0]["labels"]["severity"], "critical")
        self.assertEqual(told[0]["annotations"]["summary"], "it broke")
        self.assertEqual(json.loads(told[0]["annotations"]["event"])["sourceId"], "a")
        self.assertEqual(told[0]["receivers"], ["ops"])
        for name in ("Bad", "NotReady"):
            first, last = (notice for notice in told if notice["labels"]["alertname"] == name)
            self.assertEqual((first["status"], last["status"]), ("firing", "resolved"))
            self.assertEqual((first["fingerprint"], first["startsAt"]), (last["fingerprint"], last["startsAt"]))
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


class Bridge(Alert):
    """The bridge with a state file, and a webhook that checks what it gets."""

    def setUp(self):
        super().setUp()
        self.state = os.path.join(self.dir, "state")
        self.out = os.path.join(self.dir, "out")

    def webhook(self, *arguments, **options):
        webhook = Webhook(*arguments, **options)
        self.addCleanup(webhook.close)
        return webhook

    def webhook_rules(self, webhook, options="allow_private: true", rules=None):
        target = f'webhook: {{url: "{webhook.url}", secret: "{SECRET}", {options}}}'
        text = (rules or RULES).replace("ops: []", f"ops:\n    - {target}")
        text = text.replace('"> 0"}', '"> 0"}\n    receiver: ops').replace("within: 1h}", "within: 1h}\n    receiver: ops")
        return self.file("rules.yaml", text)

    def bridge(self, *arguments):
        with open(self.out, "ab") as out, open(self.out + ".err", "ab") as err:
            process = subprocess.Popen(
                [os.environ["TOCSIN"], "alert", "--rules", self.rules, "--state", self.state, "-o", "json", *arguments],
                env={**os.environ, "TOCSIN_STREAM": self.endpoint, "TZ": "UTC"}, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            )  # fmt: skip
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def started(self, process):
        support.wait_until(lambda: os.path.exists(self.state) or process.poll() is not None, "the state file")
        self.assertIsNone(process.poll(), self.complaints())
        return process

    def complaints(self):
        with open(self.out + ".err", encoding="utf-8") as file:
            return file.read()

    def end(self, process, code=143):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(support.DEADLINE_S), code, self.complaints())

    def lines(self):
        with open(self.out, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


GROUPED = """
receivers:
  ops:
    targets: [webhook: {url: "URL", secret: "SECRET", allow_private: true}]
    group_by: [alertname]
    group_wait: 1s
    group_interval: 2s
inhibit_rules:
  - source_matchers: [alertname=Down]
    target_matchers: [alertname=~"Slow|Late"]
    equal: [sourceId]
rules:
  - {name: Down, match: {type: Down}, clear: {type: Up}, receiver: ops}
  - {name: Slow, match: {type: Slow}, clear: {type: Fast}, receiver: ops}
  - {name: Late, match: {type: Late}, keep_firing_for: 500ms, receiver: ops}
"""


class Groups(Bridge):
    def grouped_rules(self, webhook):
        self.rules = self.file("rules.yaml", GROUPED.replace("URL", webhook.url).replace("SECRET", SECRET))

    def silence(self, *arguments):
        return self.alert("silence", arguments[0], "--silences", self.silences, *arguments[1:]).strip()

    def setUp(self):
        super().setUp()
        self.silences = os.path.join(self.dir, "silences")

    def test_groups_inhibition_and_silences_are_those_of_the_dry_run(self):
        chance = random.Random(SEED)
        broker, webhook = self.broker(), self.webhook()
        self.grouped_rules(webhook)
        self.silence("add", "--for", "1h", "--comment", "known", "sourceId=s3", 'alertname=~"S.*"')
        process = self.started(self.bridge("--notices", "--silences", self.silences))
        for number in range(6):
            items = [event(i, type=chance.choice(("Down", "Up", "Slow", "Fast", "Late")), sourceId=f"s{chance.randrange(4)}")
                     for i in range(8)]  # fmt: skip
            self.send(broker, items)
            support.wait_until(lambda number=number: len(webhook.taken) > number, "a notice")
        ends = [event(i, type=kind, sourceId=f"s{i}") for i in range(4) for kind in ("Up", "Fast")]
        self.send(broker, ends)
        support.wait_until(lambda: self.unsettled() == set(), "the end of all that was told")
        self.end(process)
        live = self.lines()
        self.assertEqual(webhook.faults, [])
        self.assertEqual(live, self.dry_run("--rules", self.rules, "--notices", "--silences", self.silences)[: len(live)])
        self.assertTrue(any("silencedBy" in line for line in live))
        self.assertTrue(any("inhibitedBy" in line for line in live))
        notices = [line for line in live if "notice" in line]
        taken = {key: body for key, body in webhook.taken}
        # groups are told beside one another
        self.assertEqual(
            sorted([(alert["fingerprint"], alert["status"]) for alert in line["alerts"]] for line in notices),
            sorted([(alert["fingerprint"], alert["status"]) for alert in body["alerts"]] for body in taken.values()),
        )
        for body in taken.values():
            self.assertEqual({alert["labels"]["alertname"] for alert in body["alerts"]}, {body["groupLabels"]["alertname"]})
        self.assertTrue(any(len(body["alerts"]) > 1 for body in taken.values()))

    def unsettled(self):
        """Fingerprints of which a beginning was told, and no end."""
        firing = set()
        for line in self.lines():
            for alert in line["alerts"] if "notice" in line else []:
                (firing.add if alert["status"] == "firing" else firing.discard)(alert["fingerprint"])
        return firing

    def test_a_silence_is_taken_up_and_its_end_too_and_explain_tells_of_it(self):
        broker, webhook = self.broker(), self.webhook()
        self.webhook_rules(webhook)
        process = self.started(self.bridge("--silences", self.silences))
        key = self.silence("add", "--for", "1h", "--comment", "new disks", "--author", "ann", "alertname=NotReady")
        support.wait_until(lambda: "1 silences" in self.complaints(), "the silence")
        self.send(broker, [event(1, type="Status", sourceId="a", snapshot={"status": -1}), event(2, type="Bad", sourceId="a")])
        support.wait_until(lambda: ("Bad", "a", "resolved") in webhook.told(), "the other alert")
        self.assertNotIn(("NotReady", "a", "firing"), webhook.told())
        self.assertIn("ann: new disks", self.silence("list"))
        why = self.alert("explain", "--rules", self.rules, "--silences", self.silences, "--state", self.state,
                         "alertname=NotReady")  # fmt: skip
        for words in (f"silenced by {key}, ann: new disks", "told        nobody", "it fired with seq", "match type: Status, snapshot.status: < 0",
                      "clear type: Status, snapshot.status: > 0", "a state; line"):  # fmt: skip
            self.assertIn(words, why)
        self.file("silences", "[{]")
        support.wait_until(lambda: "the silences stay as they were" in self.complaints(), "the complaint")
        self.assertIn("silences: 1:3: ", self.complaints())
        os.remove(self.silences)
        support.wait_until(lambda: ("NotReady", "a", "firing") in webhook.told(), "the alert, when its silence has gone")
        why = self.alert("explain", "--rules", self.rules, "--state", self.state, "alertname=NotReady")
        for words in ("began: silenced by " + key, "queued (firing) for ops, webhook, msg_", "taken (firing) for ops, webhook, msg_"):
            self.assertIn(words, why)
        self.end(process)

    def test_more_than_the_limit_is_told_in_one_and_nothing_is_left_out(self):
        broker, webhook = self.broker(), self.webhook()
        self.rules = self.file("rules.yaml", f"""
receivers: {{ops: {{targets: [webhook: {{url: "{webhook.url}", secret: "{SECRET}", allow_private: true}}], rate_limit: {{at_most: 2, per: 4s}}}}}}
rules: [{{name: Bad, match: {{type: Bad}}, receiver: ops}}]
""")
        process = self.started(self.bridge())
        begun = time.monotonic()
        for part in range(3):
            self.send(broker, [event(i, type="Bad", sourceId=f"s{part}-{i}") for i in range(20)])
        everybody = {f"s{part}-{i}" for part in range(3) for i in range(20)}
        support.wait_until(lambda: self.sources(webhook) == everybody, "all alerts")
        self.end(process)
        self.assertEqual(webhook.faults, [])
        self.assertLessEqual(len(webhook.requests), 2 * (int((time.monotonic() - begun) / 4) + 1), "at most 2 in any 4 s")
        self.assertIn("are one here", json.dumps([body["commonAnnotations"] for _, body in webhook.taken]))
        self.assertIn("more than its rate_limit of 2", self.complaints())

    def sources(self, webhook):
        return {alert["labels"]["sourceId"] for _, body in list(webhook.taken) for alert in body["alerts"]}

    def test_explain_tells_of_counts_with_each_event(self):
        broker = self.broker()
        self.send(broker, self.events())
        why = self.alert("explain", "--rules", self.rules, "alertname=Storm")
        for words in ("at least 3 events within 1h; line", "match type: Many", "3 seen by the rule", "it fired with seq 7",
                      "seq 5 ", "seq 6 ", "seq 7 ", "told        nobody"):  # fmt: skip
            self.assertIn(words, why)
        self.assertNotIn("seq 8 ", why)
        broker.stop()
        why = self.alert("explain", "--rules", self.rules, "--dir", self.log_dir, "--utc", "severity=critical")
        self.assertRegex(why, r"firing, to ops")
        self.alert("explain", "--rules", self.rules, "--dir", self.log_dir, "alertname=None", code=1)
        self.assertIn("no such alert began", self.err)


class Webhooks(Bridge):
    def test_notices_are_signed_in_order_and_those_of_the_dry_run(self):
        broker, webhook = self.broker(), self.webhook()
        self.webhook_rules(webhook)
        process = self.started(self.bridge())
        self.send(broker, self.events())
        support.wait_until(lambda: len(webhook.taken) >= 5, "5 notices")
        self.end(process)
        self.assertEqual(webhook.faults, [])
        self.assertEqual(len(webhook.requests), 5)
        alerts = [body["alerts"][0] for _, body in webhook.taken]
        alert = next(alert for alert in alerts if alert["labels"]["alertname"] == "Bad")
        self.assertEqual(alert["labels"]["severity"], "critical")
        self.assertEqual(json.loads(alert["annotations"]["event"])["summary"], "it broke")
        self.assertEqual(alert["endsAt"], "0001-01-01T00:00:00Z")
        for name in ("Bad", "NotReady"):
            self.assertEqual([status for one, _, status in webhook.told() if one == name], ["firing", "resolved"])
        told = self.dry_run("--rules", self.rules)
        self.assertEqual(self.lines(), told)
        self.assertEqual(
            sorted(body["alerts"][0]["fingerprint"] for _, body in webhook.taken),
            sorted(notice["fingerprint"] for notice in told),
        )

    def test_what_fails_and_hangs_is_told_again_under_the_same_id(self):
        chance = random.Random(SEED)
        answers = [None, (503, {"Retry-After": "1"}), 500] + [chance.choice((200, 500, 429)) for _ in range(500)]
        broker, webhook = self.broker(), self.webhook(lambda number: answers[number])
        self.webhook_rules(webhook)
        process = self.started(self.bridge())
        count = 8
        self.send(broker, [event(i, type="Bad", sourceId=f"s{i}") for i in range(count)])
        support.wait_until(lambda: len(webhook.told()) == 2 * count, "all notices")
        self.end(process)
        self.assertEqual(webhook.faults, [])
        told = webhook.told()
        for i in range(count):
            self.assertEqual([status for _, source, status in told if source == f"s{i}"], ["firing", "resolved"])
        self.assertEqual(len({key for key, _ in webhook.requests}), 2 * count)
        self.assertIn("trying again", self.complaints())
        self.assertNotIn("whsec_", self.complaints())
        self.assertNotIn(webhook.url, self.complaints())

    def test_kill_at_any_moment_loses_no_alert_and_makes_none_up(self):
        chance = random.Random(SEED)
        broker, webhook = self.broker(), self.webhook(lambda number: 500 if number % 2 else 200)
        self.webhook_rules(webhook)
        process = self.started(self.bridge())
        sent = 0
        for _ in range(4 if support.IS_SANITIZED else 8):
            publisher = self.publisher(broker)
            for _ in range(6):
                publisher.send(pack(event(sent, type="Bad", sourceId=f"s{sent}")))
                sent += 1
            publisher.close()
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(chance.random())
            process.kill()
            process.wait()
            process = self.bridge()
        support.wait_until(lambda: len(webhook.told()) >= 2 * sent, "all notices")
        self.end(process)
        self.assertEqual(webhook.faults, [])
        told = webhook.told()
        self.assertEqual(len(told), 2 * sent)
        for i in range(sent):
            self.assertEqual([status for _, source, status in told if source == f"s{i}"], ["firing", "resolved"])

    def test_what_lasts_is_waited_for_over_a_restart(self):
        broker, webhook = self.broker(), self.webhook()
        self.webhook_rules(webhook, rules=RULES.replace('"> 0"}', '"> 0"}\n    for: 3s'))
        process = self.started(self.bridge())
        self.send(broker, [event(1, type="Status", sourceId="a", snapshot={"status": -1})])
        process.kill()
        process.wait()
        process = self.bridge()
        support.wait_until(lambda: webhook.told() == [("NotReady", "a", "firing")], "the alert")
        self.send(broker, [event(2, type="Status", sourceId="a", snapshot={"status": 1})])
        support.wait_until(lambda: len(webhook.told()) == 2, "its end")
        self.end(process)
        self.assertEqual(self.lines()[-2:], self.dry_run("--rules", self.rules))

    def test_private_addresses_are_refused_unless_allowed_and_redirects_not_followed(self):
        broker, inside = self.broker(), self.webhook(secret=None)
        outside = self.webhook(lambda number: (302, {"Location": inside.url}))
        port = inside.server.server_port
        text = "receivers:\n  ops:\n" + "".join(
            f'    - webhook: {{url: "http://{host}:{port}/"}}\n'
            for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254")
        )
        text += f'    - webhook: {{url: "{outside.url}", secret: "{SECRET}", allow_private: true}}\n'
        self.rules = self.file("rules.yaml", text + "rules:\n- {name: Bad, match: {type: Bad}, receiver: ops}\n")
        process = self.started(self.bridge())
        self.send(broker, [event(1, type="Bad")])
        support.wait_until(lambda: self.complaints().count("is a private one") == 7 and outside.requests, "the refusals")
        support.wait_until(lambda: "redirects are not followed" in self.complaints(), "the redirect")
        self.end(process)
        self.assertEqual(inside.requests, [])
        self.assertIn("were not delivered; the next run goes on", self.complaints())

    def test_a_reload_keeps_what_fires_and_a_broken_file_the_old_rules(self):
        broker, webhook = self.broker(), self.webhook()
        self.webhook_rules(webhook)
        process = self.started(self.bridge())
        self.send(broker, [event(1, type="Status", sourceId="a", snapshot={"status": -1})])
        support.wait_until(lambda: webhook.told() == [("NotReady", "a", "firing")], "the alert")
        with open(self.rules, encoding="utf-8") as file:
            good = file.read()
        self.file("rules.yaml", good + "  - {name: Late, mach: {type: Late}}\n")
        process.send_signal(signal.SIGHUP)
        support.wait_until(lambda: "the rules stay as they were" in self.complaints(), "the complaint")
        self.assertIn('"mach" is not known here', self.complaints())
        self.file("rules.yaml", good + "  - {name: Late, match: {type: Late}, receiver: ops}\n")
        process.send_signal(signal.SIGHUP)
        support.wait_until(lambda: "read again, 4 rules" in self.complaints(), "the new rules")
        self.send(broker, [event(2, type="Late", sourceId="b"), event(3, type="Status", sourceId="a", snapshot={"status": 1})])
        support.wait_until(lambda: len(webhook.told()) == 3, "all of it")
        self.end(process)
        self.assertEqual(set(webhook.told()[1:]), {("Late", "b", "firing"), ("NotReady", "a", "resolved")})

    def test_what_goes_on_is_told_again_and_absence_is_told(self):
        broker, webhook = self.broker(), self.webhook(secret=None)
        self.rules = self.file("rules.yaml", f"""
receivers: {{ops: [webhook: {{url: "{webhook.url}", allow_private: true}}]}}
rules:
  - {{name: Bad, match: {{type: Bad}}, repeat_interval: 1s, receiver: ops}}
  - {{name: Silent, match: {{sourceId: heart}}, absent: 2s, receiver: ops}}
""")
        process = self.started(self.bridge())
        self.send(broker, [event(1, type="Bad", sourceId="a")])
        support.wait_until(lambda: webhook.told().count(("Bad", "a", "firing")) >= 3, "two repeats")
        support.wait_until(lambda: ("Silent", "heart", "firing") in webhook.told(), "the silence")
        self.send(broker, [event(2, sourceId="heart")])
        support.wait_until(lambda: ("Silent", "heart", "resolved") in webhook.told(), "its end")
        self.end(process)


class Targets(Bridge):
    def run_with(self, target, items):
        broker = self.broker()
        self.rules = self.file("rules.yaml", f"""
receivers: {{ops: [{target}]}}
rules: [{{name: Bad, match: {{type: Bad}}, keep_firing_for: 1us, receiver: ops}}]
""")
        process = self.started(self.bridge())
        self.send(broker, items)
        return process

    def test_a_program_gets_the_body_and_is_tried_again(self):
        out = os.path.join(self.dir, "bodies")
        program = self.file("program", f"#!/bin/sh\ncat >>{out}\necho >>{out}\ntest -e {out}.tried || {{ touch {out}.tried; exit 3; }}\n")
        os.chmod(program, 0o755)
        nasty = "$(touch x) `id` ; \" ' \u202e"
        process = self.run_with(f'command: {{program: "{program} one $(two)"}}', [event(1, type="Bad", summary=nasty)])
        support.wait_until(lambda: os.path.exists(out) and open(out, encoding="utf-8").read().count("\n") == 3, "3 runs")
        self.end(process)
        with open(out, encoding="utf-8") as file:
            bodies = [json.loads(line) for line in file]
        self.assertEqual([body["status"] for body in bodies], ["firing", "firing", "resolved"])
        self.assertEqual(json.loads(bodies[0]["alerts"][0]["annotations"]["event"])["summary"], nasty)
        self.assertIn("the program ended with 3", self.complaints())

    def test_slack_and_pagerduty_get_what_they_expect(self):
        slack, pager = self.webhook(secret=None), self.webhook(lambda number: 202, secret=None)
        process = self.run_with(
            f'slack: {{url: "{slack.url}", allow_private: true}}, pagerduty: {{routing_key: "{"k" * 32}", url: "{pager.url}", allow_private: true}}',
            [event(1, type="Bad", level="Error", summary='<!channel> & "x"')],
        )  # fmt: skip
        support.wait_until(lambda: len(slack.taken) == 2 and len(pager.taken) == 2, "all notices")
        self.end(process)
        self.assertEqual(slack.taken[0][1]["text"], '[FIRING] Bad: &lt;!channel&gt; &amp; "x"')
        first, last = (body for _, body in pager.taken)
        self.assertEqual((first["event_action"], last["event_action"]), ("trigger", "resolve"))
        self.assertEqual(first["dedup_key"], last["dedup_key"])
        self.assertEqual(first["routing_key"], "k" * 32)
        self.assertEqual(first["payload"]["severity"], "error")
        self.assertEqual(first["payload"]["source"], "source-1")

    def test_an_e_mail_is_one_and_its_text_can_break_nothing(self):
        mails = Mails()
        self.addCleanup(mails.close)
        process = self.run_with(
            f'email: {{smarthost: "smtp://127.0.0.1:{mails.port}", from: a@example.net, to: "b@example.net, c@example.net", allow_private: true}}',
            [event(1, type="Bad", summary="\u00fcber Bcc: x@example.net" + "y" * 300)],
        )  # fmt: skip
        support.wait_until(lambda: len(mails.messages) == 2, "two mails")
        self.end(process)
        recipients, message = mails.messages[0]
        self.assertEqual(recipients, ["b@example.net", "c@example.net"])
        self.assertTrue(message["Subject"].startswith("[FIRING] Bad: \u00fcber Bcc"))
        self.assertNotIn("Bcc", message)
        self.assertIn("sourceId: source-1\r\n", message.get_payload(decode=True).decode())


@unittest.skipUnless(shutil.which("prometheus-alertmanager"), "needs prometheus-alertmanager")
class RealAlertmanager(Bridge):
    def setUp(self):
        super().setUp()
        self.port = support.free_port()
        config = self.file("am.yaml", "route: {receiver: none}\nreceivers: [{name: none}]\n")
        manager = subprocess.Popen(
            ["prometheus-alertmanager", f"--config.file={config}", f"--storage.path={self.dir}/am",
             f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.addCleanup(manager.wait)
        self.addCleanup(manager.kill)
        support.wait_until(self.is_ready, "Alertmanager")
        self.silences = os.path.join(self.dir, "silences")
        target = f'ops: [alertmanager: {{url: "http://127.0.0.1:{self.port}", resend_interval: 2s, allow_private: true}}]'
        self.rules = self.file(
            "rules.yaml", RULES.replace("ops: []", target).replace('"> 0"}', '"> 0"}\n    receiver: ops')
        )

    def alerts(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/alerts", timeout=support.DEADLINE_S) as answer:
            return json.load(answer)

    def is_ready(self):
        try:
            return self.alerts() == []
        except OSError:
            return False

    def status(self, value):
        return event(1, type="Status", sourceId="#default#app/s", snapshot={"status": value})

    def fired(self, broker):
        self.send(broker, [self.status(-1)])
        (alert,) = support.wait_until(self.alerts, "the alert in Alertmanager")
        return alert

    def test_it_has_the_alert_for_as_long_as_it_goes_on_and_its_end(self):
        broker = self.broker()
        process = self.started(self.bridge())
        first = self.fired(broker)
        self.assertEqual(first["labels"]["alertname"], "NotReady")
        self.assertEqual(first["labels"]["sourceId"], "#default#app/s")
        self.assertEqual(first["status"]["state"], "active")
        seen = {first["endsAt"]}

        def is_sent_again():
            (alert,) = self.alerts()  # it never ends in between: 8 s ahead, sent each other second
            self.assertEqual((alert["fingerprint"], alert["startsAt"]), (first["fingerprint"], first["startsAt"]))
            seen.add(alert["endsAt"])
            return len(seen) >= 5

        support.wait_until(is_sent_again, "4 times that it was sent again")
        self.send(broker, [self.status(1)])
        support.wait_until(lambda: not self.alerts(), "the end in Alertmanager")
        self.end(process)

    def test_it_takes_for_ended_what_nobody_sends_and_has_it_again_when_the_bridge_is_back(self):
        broker = self.broker()
        process = self.started(self.bridge())
        first = self.fired(broker)
        process.kill()
        process.wait()
        support.wait_until(lambda: not self.alerts(), "the end by itself")
        process = self.bridge()
        (alert,) = support.wait_until(self.alerts, "the alert again")
        self.assertEqual((alert["fingerprint"], alert["startsAt"]), (first["fingerprint"], first["startsAt"]))
        self.send(broker, [self.status(1)])
        support.wait_until(lambda: not self.alerts(), "its end")
        self.end(process)

    def test_what_is_silenced_here_it_has_no_more_and_afterwards_again(self):
        broker = self.broker()
        process = self.started(self.bridge("--silences", self.silences))
        self.fired(broker)
        key = self.alert("silence", "add", "--silences", self.silences, "--for", "1h", "--comment", "why", "severity=",
                         "alertname=NotReady").strip()  # fmt: skip
        support.wait_until(lambda: not self.alerts(), "the end, because nobody sends it")
        self.alert("silence", "expire", "--silences", self.silences, key)
        support.wait_until(self.alerts, "the alert again")
        self.end(process)


if __name__ == "__main__":
    unittest.main()
