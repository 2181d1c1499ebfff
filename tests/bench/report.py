#!/usr/bin/python3
"""Writes what ./dev bench found into docs/performance.md: report.py RESULTS DOCUMENT

Between <!-- bench:NAME --> and <!-- /bench:NAME --> stands what RESULTS/NAME.txt says; `machine` and `goals` are made
here. What was not measured keeps what stands there."""

import csv
import glob
import os
import re
import subprocess
import sys
import time

PACKAGES = ["libzmq5", "libsodium23", "nats-server", "redis-server", "mosquitto", "rabbitmq-server"]


class Results:
    """What the programs printed, and their rows."""

    def __init__(self, directory):
        self.directory = directory

    def text(self, name):
        try:
            with open(os.path.join(self.directory, f"{name}.txt"), encoding="utf-8") as file:
                return file.read().strip("\n")
        except FileNotFoundError:
            return None

    def rows(self, name):
        try:
            with open(os.path.join(self.directory, f"{name}.tsv"), encoding="utf-8", newline="") as file:
                return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        except FileNotFoundError:
            return []

    def number(self, name, pattern):
        """The first group of the pattern in what a program printed."""
        found = re.search(pattern, self.text(name) or "", re.M)
        return float(found[1]) if found else None

    def day(self):
        times = [os.path.getmtime(path) for path in glob.glob(os.path.join(self.directory, "*.txt"))]
        return time.strftime("%Y-%m-%d", time.gmtime(max(times))) if times else "no day"


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return ""


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def machine(results):
    processor = re.search(r"^model name\s*: (.*)", read("/proc/cpuinfo"), re.M)
    memory = int(re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.M)[1]) // 1000000
    system = re.search(r'^PRETTY_NAME="(.*)"', read("/etc/os-release"), re.M)
    kind = first_line("findmnt", "--noheadings", "--output=FSTYPE", "--target=/tmp")
    names = [(package, first_line("dpkg-query", "--show", "--showformat=${Version}", package)) for package in PACKAGES]
    versions = ", ".join(f"{name} {version}" for name, version in names if version)
    return (
        f"Measured on {results.day()}: {os.cpu_count()} cores ({processor[1] if processor else 'unknown'}), {memory} GB, "
        f"the log on {kind}, Linux {os.uname().release}, {system[1] if system else 'unknown'}, "
        f"gcc {first_line('gcc', '-dumpfullversion')}; {versions}."
    )


def verdict(figures, holds):
    """("0.82", …), and whether the goal is reached; figures that are None were not measured."""
    if any(figure is None for figure in figures):
        return "not measured"
    return "reached" if holds else "**not reached**"


def ratio(value, base):
    return value / base if value is not None and base else None


def tell(value, form="{:.2f}"):
    return "?" if value is None else form.format(value)


def at_least(what, pairs):
    """A goal of several ratios, (name, ratio, least)."""
    told = "; ".join(f"{tell(value)} × {name} (goal {least})" for name, value, least in pairs)
    values = [value for _, value, _ in pairs]
    return what, told, verdict(values, all(v is not None and v >= least for _, v, least in pairs))


def live_goals(results):
    rows = {(row[1], row[2]): row for row in results.rows("peers")}

    def rate(name, how, column=3):
        return float(rows[name, how][column]) if (name, how) in rows else None

    proxy = rate("zmq_proxy", "forwards, an event a frame")
    interval = rate("tocsind", "interval=100")
    raw = ("tocsind", "an event a frame, interval")
    cpu = ratio(rate(*raw, 5), rate("zmq_proxy", "forwards, an event a frame", 5))
    bare = ratio(rate(*raw), proxy)
    yield at_least(
        "live, library, `interval`",
        [
            ("zmq_proxy", ratio(interval, proxy), 1.25),
            ("JetStream", ratio(interval, rate("JetStream", "file, acknowledged, not synced")), 6),
            ("Redis Streams", ratio(interval, rate("Redis Streams", "appendfsync everysec")), 4),
            ("mosquitto QoS 1", ratio(interval, rate("mosquitto", "QoS 1, in memory")), 50),
        ],
    )
    yield at_least("live, library, `batch`", [("zmq_proxy", ratio(rate("tocsind", "batch"), proxy), 1.1)])
    yield (
        "live, an event a frame, `interval`",
        f"{tell(bare)} × zmq_proxy (goal 0.65), {tell(cpu)} × its processor time (goal at most 2)",
        verdict([bare, cpu], bare is not None and cpu is not None and bare >= 0.65 and cpu <= 2),
    )
    yield at_least("append → stream", [("zmq_proxy", ratio(rate("tocsind append", "batch"), proxy), 1.25)])


def append_goals(results):
    """Synced at each commit: Redis, JetStream where it can, RabbitMQ's quorum queues."""
    rows = {(row[0], row[1], row[2]): float(row[5]) for row in results.rows("append")}
    pairs = [
        (f"the ceiling, {count} producer{'s' if count != '1' else ''}", rows.get((count, "256", "2")), 0.7)
        for count in ("1", "64")
    ]
    yield at_least("append, batches of 256, beside the disk", pairs)
    peers = results.rows("append_peers")
    for count in ("1", "64"):
        mine = [float(row[4]) for row in peers if row[:3] == [count, "256", "tocsind append"]]
        synced = [
            (float(row[4]), row[2])
            for row in peers
            if row[:2] == [count, "256"] and re.search("always|quorum", row[3])
        ]
        best, name = max(synced, default=(None, "the best that syncs"))
        plural = "s" if count != "1" else ""
        yield at_least(
            f"append, batches of 256, {count} producer{plural}", [(name, ratio(mine[0] if mine else None, best), 3)]
        )


def flat(results, what):
    rows = [(row[1], float(row[4]), float(row[6])) for row in results.rows("growth") if row[0] == what]
    if not rows:
        return f"processor time an event, {what}", "?", "not measured"
    change = rows[-1][2] - 1  # within the rounds
    steps = ", ".join(f"{cpu_us:.2f} µs at {amount}" for amount, cpu_us, _ in rows)
    told = f"{steps}: {100 * change:+.0f} % (goal ±10 %)"
    return f"processor time an event, {what}", told, verdict([change], change <= 0.1)


def other_goals(results):
    rows = {(row[0], row[1], row[2]): row for row in results.rows("latency")}
    p99 = rows.get(("20000", "tocsind", "interval=100"))
    value = float(p99[6]) if p99 else None
    yield (
        "live p99 at 20,000 a second, `interval`",
        f"{tell(value)} × zmq_proxy (goal at most 1.3)",
        verdict([value], value is not None and value <= 1.3),
    )
    text_ns = results.number("path", r"^check \+ text\s+\d+\s+(\d+)")
    times = results.number("path", r"^check \+ text\s+\d+\s+\d+\s+([\d.]+)")
    yield (
        "check + JSON text, 350 bytes",
        f"{tell(text_ns, '{:.0f}')} ns (goal 450), the usual way takes {tell(times, '{:.1f}')} times that (goal 20)",
        verdict([text_ns, times], text_ns is not None and times is not None and text_ns <= 450 and times >= 20),
    )
    replay = results.number("stream", r"^stream, from files\s+(\d+)")
    yield (
        "stream replay",
        f"{tell(replay, '{:,.0f}')} events/s (goal 1,000,000)",
        verdict([replay], replay is not None and replay >= 1e6),
    )
    yield flat(results, "topics")
    yield flat(results, "log")
    rest = results.number("memory", r"^at rest behind it\s+([\d.]+) MB")
    yield (
        "memory at rest with 1,000 clients",
        f"{tell(rest, '{:.0f}')} MB (goal 64)",
        verdict([rest], rest is not None and rest <= 64),
    )


def goals(results, before):
    lines = ["| what | measured | |", "|---|---|---|"]
    kept = {line.split(" | ")[0]: line for line in before.splitlines()}
    for part in (live_goals, append_goals, other_goals):
        for what, told, state in part(results):
            line = f"| {what} | {told} | {state} |"
            lines.append(kept.get(f"| {what}", line) if state == "not measured" else line)
    return "\n".join(lines)


def content(results, name, before):
    """What belongs between the marks, where `before` stands now; None leaves what is there."""
    if name == "machine":
        return machine(results)
    if name == "goals":
        return goals(results, before)
    text = results.text(name)
    return f"```\n{text}\n```" if text else None


def main():
    results = Results(sys.argv[1])
    document = read(sys.argv[2])

    def replace(found):
        new = content(results, found[1], found[2])
        return f"<!-- bench:{found[1]} -->\n{new}\n<!-- /bench:{found[1]} -->" if new else found[0]

    changed = re.sub(r"<!-- bench:(\w+) -->\n(.*?)\n<!-- /bench:\1 -->", replace, document, flags=re.S)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(changed)


if __name__ == "__main__":
    main()
