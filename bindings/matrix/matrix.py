#!/usr/bin/env python3
"""The matrix: python3 matrix.py LANGUAGE... (c, or a folder with a matrix.cmd that is prepared)

For each way of connecting one broker, all readers live, then one writer after the other publishes and appends, then all
readers read the stream. Each reader must tell each writer's events, equal and in the writer's order."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from broker import Broker, build_dir  # noqa: E402
from curve import EVERYTHING, environment, make_keys  # noqa: E402

DEADLINE_S = 180
TOCSIN = os.path.join(build_dir(), "client", "tocsin")
EVENT_KEYS = ("time", "level", "category", "type", "sourceId", "summary", "cause", "snapshot")
OPTIONAL = ("time", "cause", "snapshot")
VERBS = ("publish", "append")


def nested(depth):
    value = 1
    for level in range(depth):
        value = [value] if level % 2 else {"deeper": value}
    return value


SNAPSHOTS = [
    None,
    [True, False, "", [], {}],
    [0, 1, -1, 127, 128, 255, 256, -32, -33, 65535, 65536, 2**31, -(2**31), 2**32 - 1, 2**32, 2**32 + 1, -(2**40)],
    [2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, 2**63, 2**64 - 1, -(2**63)],
    [30.0, -0.0, 0.0, 0.1, 1e16, 1e-5, 123456789012345.0, 2.0**53, 2.0**64, 1e300, -1e300, 5e-324, 1.7976931348623157e308],
    {"__proto__": 1, "constructor": {"": ""}, "2": "b", "1": "a", "hash": "no", "seq": 7, "é": "ü"},
    'a "quoted" \\ line\r\n\t\b\f \x01\x1f\x7f\x80\x9f',
    "\u2028\u2029\ufeff\u061c\u202e\u2066 \U0001f514 \ufffe e\u0301 日本語",
    nested(32),
    {f"key-{number}": [number, str(number), number / 4] for number in range(2000)},
    "x" * 200_000,
    list(range(70_000)),
]
CHANGES = [
    {"level": level} for level in ("Trace", "Debug", "Warning", "Error")
] + [
    {"cause": "BFrameDetected"},
    {"time": "2026-11-21T09:30:00.123456789+09:00"},
    {"time": "2016-12-31T23:59:60Z"},
    {"time": "0000-02-29T00:00:00-23:59"},
    {"summary": ""},
    {"summary": "ü" * 4096},
    {"summary": "\u2028 \u202e \U0001f514 \\ \""},
    {"category": "c" * 64, "cause": "Z.-_" * 32},
    {"sourceId": "/"},
]  # fmt: skip


def events_of(writer, verb):
    """What a writer writes: each kind of event, and a few hundred small ones."""
    made = []
    for changes in [*CHANGES, *({"snapshot": value} for value in SNAPSHOTS), *({} for _ in range(300))]:
        event = {"level": "Info", "category": "MatrixEvent", "type": f"{writer}.{verb}", "sourceId": f"#{writer}#{verb}/{len(made) % 9}",
                 "summary": f"event {len(made)}", "time": "2026-11-21T00:30:00Z"}  # fmt: skip
        event.update(changes)
        if event["category"] != "MatrixEvent":
            event["type"] = f"{writer}.{verb}.".ljust(128, "t")  # by its beginning an event finds back to its writer
        if not changes:
            event["snapshot"] = {"number": len(made)}
        made.append(event)
    without_time = dict(made[-1], summary="without time")
    del without_time["time"]
    return [*made, without_time]


BAD = {"level": "Info", "category": "no category", "type": "T", "sourceId": "s", "summary": ""}


def exactly(event):
    """A text that tells 30 from 30.0 and 0.0 from -0.0, and knows no order of keys."""
    return json.dumps(event, sort_keys=True)


class Language:
    """A program of a language; the C command line has none that is as the others are."""

    def __init__(self, name):
        self.name = name
        self.folder = os.path.join(os.path.dirname(HERE), name)
        self.has_curve = True
        if name != "c":
            with open(os.path.join(self.folder, "matrix.cmd"), encoding="utf-8") as text:
                self.line, *more = text.read().splitlines()
            self.has_curve = "# no CURVE" not in more

    def command(self, verb, server, count, keys):
        """(command, folder)"""
        if self.name != "c":
            return ["sh", "-c", f'exec env {self.line} "$@"', "matrix", verb, server, *count], self.folder
        options = ["--server", server, *(["--key", keys["secret"], "--server-key", keys["server"]] if keys else [])]
        if verb in VERBS:
            return [TOCSIN, "pub", *options, "--ack", "none" if verb == "publish" else "durable", "-"], HERE
        past = ["-v"] if verb == "live" else ["--all"]
        return [TOCSIN, "sub", *options, *past, "-o", "json", "-T", "BrokerEvent", "-C", *count, "--gaps", "fail"], HERE

    def start(self, verb, server, keys, count=()):
        command, folder = self.command(verb, server, count, keys)
        env = {**os.environ, **(keys["environment"] if keys else {}), "TOCSIN_BUILD_DIR": os.path.realpath(build_dir())}
        return subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)  # fmt: skip


class Reader:
    """A program that reads, and what it has said."""

    def __init__(self, language, verb, server, keys, count):
        self.name = f"{language.name} {verb}"
        self.process = language.start(verb, server, keys, [str(count)])
        self.process.stdin.close()
        self.lines = []
        self.stderr = b""
        self.is_ready = threading.Event()
        self.threads = [threading.Thread(target=self.take_lines), threading.Thread(target=self.take_errors)]
        for thread in self.threads:
            thread.start()

    def take_lines(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def take_errors(self):
        for line in self.process.stderr:
            self.stderr += line
            if line.startswith(b"ready") or b"connected" in line:
                self.is_ready.set()

    def events(self, end):
        """What it told, when it has ended well."""
        try:
            code = self.process.wait(max(end - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "not in time"
        for thread in self.threads:
            thread.join()
        if code != 0:
            fail(f"{self.name}: {code}, {len(self.lines)} events\n{self.stderr.decode(errors='replace')}")
        told = []
        for line in self.lines:
            item = json.loads(line)
            if "event" not in item:  # a line of the log
                event = {key: item[key] for key in EVENT_KEYS if key in item}
                item = {"topic": f"{item['category']}/{item['sourceId']}", "event": event}
            told.append((item["topic"], item["event"]))
        return told


def fail(text):
    sys.exit(f"bindings/matrix: {text}")


def write(language, verb, server, keys, events):
    process = language.start(verb, server, keys)
    text = "".join(json.dumps(event, ensure_ascii=number % 2 == 0) + "\n" for number, event in enumerate(events))
    try:
        _, stderr = process.communicate(text.encode("utf-8"), DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        fail(f"{language.name} {verb}: not in time")
    return process.returncode, stderr.decode(errors="replace")


def compare(name, told, writers):
    """One reader's events against what was written."""
    found = {}
    for topic, event in told:
        tag = ".".join(event["type"].split(".")[:2])
        found.setdefault(tag, []).append((topic, event))
    for writer in writers:
        for verb in VERBS:
            events = found.pop(f"{writer.name}.{verb}", [])
            expected = events_of(writer.name, verb)
            if len(events) != len(expected):
                fail(f"{name}: {len(events)} events of {writer.name} {verb}, not {len(expected)}")
            for (topic, event), want in zip(events, expected):
                if "time" not in want and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event.get("time", "")):
                    want = dict(want, time=event["time"])
                if exactly(event) != exactly(want) or topic != f"{want['category']}/{want['sourceId']}":
                    fail(f"{name}: of {writer.name} {verb}:\n{topic} {exactly(event)[:2000]}\nin place of\n{exactly(want)[:2000]}")
    if found:
        fail(f"{name}: events that nobody wrote: {list(found)}")


def run(languages, server, keys):
    count = sum(len(events_of(each.name, verb)) for each in languages for verb in VERBS)
    live = [Reader(each, "live", server, keys, count) for each in languages]
    try:
        for reader in live:
            if not reader.is_ready.wait(DEADLINE_S):
                fail(f"{reader.name}: not ready\n{reader.stderr.decode(errors='replace')}")
        for writer in languages:
            for verb in VERBS:
                code, stderr = write(writer, verb, server, keys, events_of(writer.name, verb))
                if code != 0:
                    fail(f"{writer.name} {verb}: {code}\n{stderr}")
                code, stderr = write(writer, verb, server, keys, [BAD])
                if code == 0 or not stderr:
                    fail(f"{writer.name} {verb}: a bad event, and exit code {code}, said: {stderr}")
        end = time.monotonic() + DEADLINE_S
        for reader in live:
            compare(reader.name, reader.events(end), languages)
    finally:
        for reader in live:
            reader.process.kill()
    streams = [Reader(each, "stream", server, keys, count) for each in languages]
    end = time.monotonic() + DEADLINE_S
    for reader in streams:
        compare(reader.name, reader.events(end), languages)
    return count


def run_with_curve(languages, folder):
    names = ("broker", "matrix")
    made = {name: make_keys(folder, name) for name in names}
    access = os.path.join(folder, "access.yaml")
    with open(access, "w", encoding="utf-8") as file:
        json.dump({"keys": [{"name": "matrix", "public": made["matrix"][0], **EVERYTHING}]}, file)
    keys = {"server": os.path.join(folder, "broker.key"), "secret": os.path.join(folder, "matrix.key_secret"),
            "environment": environment(made["broker"][0], *made["matrix"])}  # fmt: skip
    with Broker(flags=["--curve-key", os.path.join(folder, "broker.key_secret"), "--access", access]) as broker:
        return run(languages, broker.server, keys)


def main(*names):
    languages = [Language(name) for name in names]
    with Broker() as broker:
        count = run(languages, broker.server, None)
    print(f"bindings/matrix: {' '.join(names)}: {count} events, each read live and by stream in all, equal")
    able = [each for each in languages if each.has_curve]
    with tempfile.TemporaryDirectory(prefix="tocsin-matrix-") as folder:
        count = run_with_curve(able, folder)
    print(f"bindings/matrix: {' '.join(each.name for each in able)}: {count} events with CURVE, the same")
    for each in languages:
        if not each.has_curve:
            print(f"bindings/matrix: {each.name} has no CURVE")


if __name__ == "__main__":
    main(*sys.argv[1:])
