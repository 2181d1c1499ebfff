"""kill -9 of the alert bridge at random moments, before a webhook that fails half of the time and hangs now and then: every
alert that should fire is told, with its end, under one id each; what a target took twice it took under the same id."""

import contextlib
import json
import os
import subprocess
import sys
import time

import harness
import support
import zmq
from support_webhook import SECRET, Webhook

KILLS = 200 if harness.IS_FULL else 12
EVENTS = 6  # between two kills, at most
HANGS = 0.02  # of the requests; an answer is waited for 10 s

RULES = """
receivers:
  alone: [webhook: {url: "ALONE", secret: "SECRET", allow_private: true}]
  grouped:
    targets: [webhook: {url: "GROUPED", secret: "SECRET", allow_private: true}]
    group_by: [alertname]
    group_wait: 300ms
    group_interval: 500ms
    rate_limit: {at_most: 20, per: 1s}
rules:
  - {name: Each, match: {type: Bad}, keep_firing_for: 200ms, receiver: [alone, grouped]}
  - {name: State, match: {type: Down}, clear: {type: Up}, for: 100ms, receiver: [alone, grouped]}
"""


class Told:
    """What a webhook was told, alert by alert."""

    def __init__(self, webhook):
        self.webhook = webhook

    def alerts(self):
        """{(fingerprint, startsAt, status): {id}} of what was taken."""
        told = {}
        for key, body in list(self.webhook.taken):
            for alert in body["alerts"]:
                told.setdefault((alert["fingerprint"], alert["startsAt"], alert["status"]), set()).add(key)
        return told


class Life:
    def __init__(self, place, chance):
        self.place = place
        self.chance = chance
        self.endpoint = f"tcp://127.0.0.1:{support.free_port()}"
        self.broker = support.Broker(os.path.join(place, "log"), "--stream", self.endpoint).start()
        self.alone, self.grouped = Webhook(self.answer), Webhook(self.answer)
        self.rules = os.path.join(place, "rules.yaml")
        with open(self.rules, "w", encoding="utf-8") as file:
            text = RULES.replace("ALONE", self.alone.url).replace("GROUPED", self.grouped.url)
            file.write(text.replace("SECRET", SECRET))
        self.fails = True
        self.number = 0
        self.process = None
        self.complaints = open(os.path.join(place, "complaints"), "ab")

    def answer(self, _number):
        if not self.fails:
            return 200
        return None if self.chance.random() < HANGS else self.chance.choice((200, 500))

    def start(self):
        self.process = subprocess.Popen(
            [os.environ["TOCSIN"], "alert", "--rules", self.rules, "--state", os.path.join(self.place, "state"), "-q", "--all"],
            env={**os.environ, "TOCSIN_STREAM": self.endpoint}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.complaints)  # fmt: skip

    def kill(self):
        self.process.kill()
        code = self.process.wait()
        if code != -9:
            raise AssertionError(f"the bridge ended by itself, with {code}")

    def publish(self, publisher):
        for _ in range(self.chance.randrange(EVENTS + 1)):
            kind = self.chance.choice(("Bad", "Down", "Up"))
            source = f"s{self.number}" if kind == "Bad" else f"s{self.chance.randrange(5)}"
            publisher.send(support.pack(support.event(self.number, type=kind, sourceId=source)))
            self.number += 1

    def dry_run(self):
        done = subprocess.run(
            [os.environ["TOCSIN"], "alert", "test", "--rules", self.rules, "-o", "json", "-q"],
            env={**os.environ, "TOCSIN_STREAM": self.endpoint}, stdin=subprocess.DEVNULL, capture_output=True, check=True,
            timeout=support.DEADLINE_S)  # fmt: skip
        return {(line["fingerprint"], line["startsAt"], line["status"]) for line in map(json.loads, done.stdout.splitlines())}

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.complaints.close()
        for webhook in (self.alone, self.grouped):
            webhook.close()
        self.broker.close()


def open_publisher(broker):
    publisher = zmq.Context.instance().socket(zmq.XPUB)
    publisher.setsockopt(zmq.SNDHWM, 0)
    publisher.connect(broker.ports["ingest"])
    if not publisher.poll(support.DEADLINE_S * 1000):
        raise AssertionError("the broker did not subscribe")
    return publisher


def live(life):
    publisher = open_publisher(life.broker)
    life.start()
    for _ in range(KILLS):
        life.publish(publisher)
        time.sleep(life.chance.random() * (0.6 if harness.IS_FULL else 0.4))
        life.kill()
        life.start()
    for i in range(5):
        publisher.send(support.pack(support.event(life.number + i, type="Up", sourceId=f"s{i}")))
    publisher.close()


def settled(life):
    """Alone was told all that the dry run tells, and grouped of the end of each that it was told of, and of all alerts."""
    expected = life.dry_run()
    grouped = Told(life.grouped).alerts()
    starts = {(fingerprint, start) for fingerprint, start, _ in expected}
    ended = {(fingerprint, start) for fingerprint, start, status in expected if status == "resolved"}
    told_end = {(fingerprint, start) for fingerprint, start, status in grouped if status == "resolved"}
    return starts == ended and set(Told(life.alone).alerts()) == expected and covers(told_end, starts)


def covers(told, starts):
    """Of a fingerprint that began again before its end was told, the last end is."""
    last = {}
    for fingerprint, start in starts:
        last[fingerprint] = max(start, last.get(fingerprint, ""))
    return set(last.items()) <= told <= starts


def judge(life):
    """(is it sound, figures)"""
    expected = life.dry_run()
    alone, grouped = Told(life.alone).alerts(), Told(life.grouped).alerts()
    lost, unasked = expected - set(alone), set(alone) - expected
    doubles = sum(len(keys) > 1 for keys in alone.values())
    bodies = {}
    different = 0
    for key, body in life.alone.requests + life.grouped.requests:
        same = [(alert["fingerprint"], alert["startsAt"], alert["status"]) for alert in body["alerts"]]
        different += bodies.setdefault(key, same) != same
    faults = life.alone.faults + life.grouped.faults
    ends_lost = not covers({(f, s) for f, s, status in grouped if status == "resolved"}, {(f, s) for f, s, _ in expected})
    is_sound = not (lost or unasked or doubles or different or faults or ends_lost)
    requests = len(life.alone.requests) + len(life.grouped.requests)
    return is_sound, (
        f"{KILLS} kills, {len(expected)} beginnings and ends: {len(lost)} lost, {len(unasked)} made up, {doubles} under two ids; "
        f"{requests} requests, {different} ids with another content, {len(faults)} faults of form or signature; "
        f"groups: {'an end is missing' if ends_lost else 'complete'}, {len(life.grouped.taken)} notices for {len(grouped)} news"
    )


def main():
    chance = harness.seed()
    with harness.opened(Life, chance) as life:
        live(life)
        life.fails = False
        with contextlib.suppress(AssertionError):  # the judge tells what is missing
            support.wait_until(lambda: settled(life), "all notices", 3 * support.DEADLINE_S)
        is_sound, figures = judge(life)
        if not is_sound:
            with open(os.path.join(life.place, "complaints"), encoding="utf-8") as file:
                print(file.read()[-3000:], file=sys.stderr)
    return 0 if harness.result("the alert bridge", is_sound, figures) else 1


if __name__ == "__main__":
    sys.exit(main())
