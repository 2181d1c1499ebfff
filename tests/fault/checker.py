"""The outside checker: what was acknowledged, logged, seen live and replayed, held against each other.

It shares nothing with the broker. A: acknowledged, S: sent, L: the log, D: seen live, R: replayed.

    A is in L, with the payload, the seq and the hash of the receipt    L is in S (or is the broker's own)
    D is in L, record for record, each seq once and in order            R(a, b) is L[a..b], no more, no less
    what a subscriber can count as lost is what it did not get
    seqs are dense, each prev is right, the chain of hashes holds       each (producer, n) is there once, in order

As a program: checker.py LOG_DIR [--record NAME=FILE]... [--live FILE]... [--replayed FILE]...; 0: sound, 1: not."""

import argparse
import calendar
import collections
import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import time

import msgpack
import records

EVENT_KEYS = ("time", "level", "category", "type", "sourceId", "summary", "cause", "snapshot")
TOLD_AT_MOST = 5


def log_files(log_dir):
    """Paths in the order of the days, the current file last."""
    dated = [path for path in glob.glob(os.path.join(log_dir, "events.log.[0-9]*"))]
    paths = sorted(dated, key=lambda path: [int(part) for part in re.findall(r"\d+", os.path.basename(path))])
    current = os.path.join(log_dir, "events.log")
    return paths + [current] * os.path.exists(current)


def raw_lines(path):
    """Lines with their ends, of a plain or a compressed file."""
    if not path.endswith(".zst"):
        with open(path, "rb") as file:
            yield from file
        return
    with subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE) as process:
        yield from process.stdout


def topic_of(line):
    return f"{line['category']}/{line['sourceId']}"


def event_of(line):
    return {key: line[key] for key in EVENT_KEYS if key in line}


class ReceivedTimes:
    """Microseconds of the log's `received`; the seconds are worked out once each."""

    def __init__(self):
        self.seconds = {}

    def us(self, text):
        """-1 where there is no time to be read."""
        try:
            second = self.seconds.get(text[:19])
            if second is None:
                second = self.seconds[text[:19]] = calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
            return second * 1000000 + int(text[20:26])
        except ValueError:
            return -1


class Verdict:
    """What was found, by kind; `counts` is what was looked at."""

    def __init__(self):
        self.faults = collections.Counter()
        self.told = []
        self.counts = collections.Counter()

    def fault(self, kind, text):
        self.faults[kind] += 1
        if self.faults[kind] <= TOLD_AT_MOST:
            self.told.append(f"{kind}: {text}")

    @property
    def is_sound(self):
        return not self.faults

    def __str__(self):
        looked_at = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        return "\n".join([looked_at, *self.told, "sound" if self.is_sound else f"NOT SOUND: {dict(self.faults)}"])


class Chain:
    """What holds for the lines of a log by themselves."""

    def __init__(self, verdict, seqs_may_jump):
        self.verdict = verdict
        self.seqs_may_jump = seqs_may_jump
        self.hash = None
        self.seq = 0
        self.last_hash = ""
        self.received = ""
        self.last_of_topic = {}
        self.seqs = set()

    def begin_file(self, path, line):
        snapshot = line.get("snapshot", {})
        if line.get("type") != "LogOpened":
            self.verdict.fault("file", f"{path} begins with {line.get('type')}")
        elif self.hash is None and "previousChain" in snapshot:
            self.hash = bytes.fromhex(snapshot["previousChain"])  # what was before it has been pruned
            self.seq = snapshot["previousSeq"]
        elif self.hash is None:
            self.hash = hashlib.blake2b(b"tocsin-log-1" + snapshot["log_id"].encode(), digest_size=32).digest()
        elif snapshot.get("previousSeq") != self.seq or snapshot.get("previousHash") != self.last_hash:
            self.verdict.fault("file", f"{path} is not tied to seq {self.seq}")

    def take(self, where, raw, line):
        covered, comma, _ = raw.rpartition(b',"hash":"')
        seq = line["seq"]
        if self.hash is not None:
            self.hash = hashlib.blake2b(self.hash + covered, digest_size=32).digest()
            if not comma or line["hash"] != self.hash[:16].hex():
                self.verdict.fault("hash", f"{where}, seq {seq}: the chain is broken")
                self.hash = None  # from here on nothing can be said
        if seq in self.seqs:
            self.verdict.fault("seq", f"{where}: seq {seq} is used twice")
        elif seq != self.seq + 1 and not (self.seqs_may_jump and seq > self.seq):
            self.verdict.fault("seq", f"{where}: seq {seq} follows {self.seq}")
        if line["received"] < self.received:
            self.verdict.fault("received", f"{where}, seq {seq}: received goes back")
        topic = topic_of(line)
        if line["prev"] != self.last_of_topic.get(topic, 0):
            self.verdict.fault("prev", f"{where}, seq {seq}: prev {line['prev']}, not {self.last_of_topic.get(topic, 0)}")
        self.seqs.add(seq)
        self.last_of_topic[topic] = self.seq = seq
        self.last_hash, self.received = line["hash"], line["received"]


class Sent:
    """A is in L, L is in S, each once and in order."""

    def __init__(self, verdict, producers, first_n):
        self.verdict = verdict
        self.producers = {producer.name: producer for producer in producers}
        self.lines = {name: {} for name in self.producers}  # n: (seq, hash)
        self.last_n = dict.fromkeys(self.producers, first_n - 1)

    def take(self, where, line):
        name, n = line.get("producer"), line.get("n")
        if name is None:
            return
        producer = self.producers.get(name)
        if producer is None or not isinstance(n, int) or n > producer.sent:
            self.verdict.fault("phantom", f"{where}: {name} never sent {n}")
            return
        if n in self.lines[name]:
            self.verdict.fault("double", f"{where}: event {n} of {name} is there twice")
        elif n != self.last_n[name] + 1:
            self.verdict.fault("order", f"{where}: event {n} of {name} follows {self.last_n[name]}")
        self.last_n[name] = max(n, self.last_n[name])
        self.lines[name][n] = (line["seq"], line["hash"])
        sent = records.payload(name, n)
        if event_of(line) != sent or type(line["snapshot"]["half"]) is not float:
            self.verdict.fault("altered", f"{where}: event {n} of {name} is not what was sent")

    def end(self):
        for name, producer in self.producers.items():
            lines = self.lines[name]
            missing = [n for n in range(1, producer.acked + 1) if n not in lines]
            for n in missing:
                self.verdict.fault("lost", f"event {n} of {name}, acknowledged, is not in the log")
            for n, seq, hash_ in producer.receipts:
                if (seq, hash_) == (0, ""):
                    self.verdict.counts["receipts without a seq"] += 1
                elif n in lines and lines[n] != (seq, hash_):
                    self.verdict.fault("receipt", f"event {n} of {name} is {lines[n]}, its receipt says {seq} {hash_}")
            for last_n, acked in producer.forgotten:
                self.verdict.fault("lost", f"a welcome to {name} knew {last_n}, {acked} were acknowledged")
            for refused in producer.refused:
                self.verdict.fault("refused", f"event {refused} of {name}")
            self.verdict.counts["acknowledged"] += producer.acked


class Live:
    """D is in L: what one subscriber saw, in the order in which it came, held against the passing lines."""

    def __init__(self, verdict, name, seen, prefixes, times):
        self.verdict = verdict
        self.name = name
        self.seen = iter(seen)
        self.prefixes = tuple(prefixes)
        self.times = times
        self.last_seq = 0
        self.last_of_topic = {}
        self.missed_of_topic = collections.Counter()
        self.missed = self.missed_since = 0  # by the log: in all, and since the last record that was seen
        self.count = self.counted = self.gaps = 0  # by the subscriber
        self.next = None
        self.step()

    def step(self):
        for self.next in self.seen:
            if self.next[1][0] > self.last_seq:
                return
            self.verdict.fault("live", f"{self.name}: seq {self.next[1][0]} came after {self.last_seq}")
        self.next = None

    def take(self, line):
        while self.next and self.next[1][0] < line["seq"]:
            self.verdict.fault("live", f"{self.name} saw seq {self.next[1][0]}, which is not in the log")
            self.step()
        topic = topic_of(line)
        if not self.next or self.next[1][0] != line["seq"]:
            if (topic + "\0").startswith(self.prefixes):
                self.missed_of_topic[topic] += 1
                self.missed_since += 1
            return
        topic_seen, (seq, prev, received_us, event) = self.next
        expected = (topic, line["prev"], self.times.us(line["received"]), event_of(line))
        if (topic_seen, prev, received_us, event) != expected:
            self.verdict.fault("live", f"{self.name}: seq {seq} is not the record of the log")
        self.count_losses(topic, seq, prev)
        self.last_seq = seq
        self.step()

    def count_losses(self, topic, seq, prev):
        """What a client can know must be what the log says: by prev that a topic lost something, by seq, where it
        asked for everything, how much."""
        missed = self.missed_of_topic.pop(topic, 0)
        if topic in self.last_of_topic:
            is_gap = prev != self.last_of_topic[topic]
            self.gaps += is_gap
            if is_gap != (missed > 0):
                self.verdict.fault("gap", f"{self.name}: before seq {seq} {missed} were missed, prev says {is_gap}")
        if self.last_seq:
            self.missed += self.missed_since
            self.counted += seq - self.last_seq - 1
            if "" in self.prefixes and self.counted != self.missed:
                self.verdict.fault("gap", f"{self.name}: counted {self.counted} before {seq}, it missed {self.missed}")
        self.missed_since = 0
        self.last_of_topic[topic] = seq
        self.count += 1

    def end(self):
        while self.next:
            self.verdict.fault("live", f"{self.name} saw seq {self.next[1][0]}, which is not in the log")
            self.step()
        self.verdict.counts["seen live"] += self.count


class Replayed:
    """R(a, b) is L[a..b]: the batches of one stream session, or of several that went on where the last one ended."""

    def __init__(self, verdict, name, messages, prefixes, times):
        self.verdict = verdict
        self.name = name
        self.prefixes = tuple(prefixes)
        self.times = times
        self.first = self.upto = None
        self.records = self.all_records(messages)
        self.count = 0
        self.next = next(self.records, None)

    def all_records(self, messages):
        for message in messages:
            if message[0] == "opened" and self.first is None:
                self.first = message[3]
                self.upto = self.first - 1
            elif message[0] == "opened" and message[3] != self.upto + 1:
                self.verdict.fault("replay", f"{self.name} went on from {message[3]} after {self.upto}")
            elif message[0] == "batch":
                for record in message[2]:
                    if not self.upto < record[0] <= message[1]:
                        self.verdict.fault("replay", f"{self.name}: seq {record[0]} in a batch {self.upto}..{message[1]}")
                    yield record
                self.upto = message[1]

    def take(self, line):
        topic = topic_of(line) + "\0"
        is_wanted = self.first is not None and line["seq"] >= self.first and topic.startswith(self.prefixes)
        while self.next and self.next[0] < line["seq"]:
            self.verdict.fault("replay", f"{self.name}: seq {self.next[0]} is not in the log, or came late or twice")
            self.next = next(self.records, None)
        if not self.next or self.next[0] != line["seq"]:
            if is_wanted and (self.next or line["seq"] <= self.upto):
                self.verdict.fault("replay", f"{self.name} was not given seq {line['seq']}")
            return
        seq, prev, received_us, event = self.next
        expected = (line["prev"], self.times.us(line["received"]), event_of(line))
        if not is_wanted or (prev, received_us, event) != expected:
            self.verdict.fault("replay", f"{self.name}: seq {seq} is not the record of the log")
        self.count += 1
        self.next = next(self.records, None)

    def end(self):
        while self.next:
            self.verdict.fault("replay", f"{self.name}: seq {self.next[0]} is not in the log")
            self.next = next(self.records, None)
        self.verdict.counts["replayed"] += self.count


def parse(verdict, where, raw):
    if not raw.endswith(b"\n"):
        verdict.fault("line", f"{where} has no end")
        return None
    try:
        line = json.loads(raw)
        # all that is looked at below
        if all(key in line for key in ("seq", "received", "category", "sourceId", "prev", "hash")):
            return line
    except ValueError:
        pass
    verdict.fault("line", f"{where} cannot be read: {raw[:80]!r}")
    return None


class Checker:
    """Give it what was written down, then check(); `verdict` says what was found.

    first_n: the number that each producer began with; seqs_may_jump: after a power cut in a relaxed sync mode."""

    def __init__(self, log_dir, producers=(), first_n=1, seqs_may_jump=False):
        self.log_dir = log_dir
        self.verdict = Verdict()
        self.times = ReceivedTimes()
        self.chain = Chain(self.verdict, seqs_may_jump)
        self.sent = Sent(self.verdict, producers, first_n)
        self.readers = []

    def add_live(self, name, seen, prefixes=("",)):
        """seen: (topic, record)s as they came."""
        self.readers.append(Live(self.verdict, name, seen, prefixes, self.times))
        return self.readers[-1]

    def add_replayed(self, name, messages, prefixes=("",)):
        """messages: of the stream door, as they came."""
        self.readers.append(Replayed(self.verdict, name, messages, prefixes, self.times))
        return self.readers[-1]

    def check(self):
        for path in log_files(self.log_dir):
            for number, raw in enumerate(raw_lines(path), 1):
                where = f"{os.path.basename(path)}:{number}"
                line = parse(self.verdict, where, raw)
                if line is None:
                    continue
                if number == 1:
                    self.chain.begin_file(path, line)
                self.chain.take(where, raw, line)
                self.sent.take(where, line)
                for reader in self.readers:
                    reader.take(line)
                self.verdict.counts["lines"] += 1
        self.sent.end()
        for reader in self.readers:
            reader.end()
        return self.verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log_dir")
    parser.add_argument("--record", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--live", action="append", default=[], metavar="FILE")
    parser.add_argument("--replayed", action="append", default=[], metavar="FILE")
    options = parser.parse_args()
    checker = Checker(options.log_dir, [records.read_producer(*record.split("=", 1)) for record in options.record])
    for path in options.live:
        checker.add_live(path, records.live_records(records.read_frames(path)))
    for path in options.replayed:
        checker.add_replayed(path, map(msgpack.unpackb, records.read_frames(path)))
    print(checker.check())
    return 0 if checker.verdict.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
