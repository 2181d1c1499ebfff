#!/usr/bin/env python3
"""Changes the vectors' events at random and compares the C judge with the oracle, in verdict, topic and text.

Usage: differential.py JUDGE_ECHO [COUNT]
"""
import random
import subprocess
import sys

import cases_frame
import cases_refused
import cases_valid
import log_text
import oracle
import unpack

SEED = 20261121
LONGEST = 600
EDGES = [0x00, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x91, 0x9F, 0xA0, 0xA1, 0xBF, *range(0xC0, 0xE1), 0xFF]


def flip(rng, data, _):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def put(rng, data, _):
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.choice(EDGES)]) + data[at + 1 :]


def insert(rng, data, _):
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes([rng.choice(EDGES)]) + data[at:]


def drop(rng, data, _):
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randint(1, 4) :]


def splice(rng, data, other):
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def swap_tail(rng, data, other):
    """The other's last value in place of ours: mostly still a map."""
    at = rng.randrange(len(data))
    return data[:at] + other[-(len(data) - at) :]


def values_of(data):
    """Where values begin and end, so far as they can be read."""
    spans = []
    at = 0
    try:
        while at < len(data):
            _, after = unpack.token(data, at)
            spans.append((at, unpack.skip(data, at)))
            at = after
    except unpack.Malformed:
        pass
    return spans


def replace_value(rng, data, other):
    """A whole value for another: stays well-formed."""
    ours, theirs = values_of(data), values_of(other)
    if not ours or not theirs:
        return data
    start, end = rng.choice(ours)
    from_, to = rng.choice(theirs)
    return data[:start] + other[from_:to] + data[end:]


MUTATIONS = [flip, put, insert, drop, splice, swap_tail, replace_value, replace_value, replace_value]


def inputs(count):
    rng = random.Random(SEED)
    # the valid ones most often: what was refused before is refused after most changes
    seeds = [case[2] for cases in [cases_valid] * 10 + [cases_refused, cases_frame] for case in cases.CASES]
    seeds = [data for data in seeds if 0 < len(data) <= LONGEST]
    for _ in range(count):
        data = rng.choice(seeds)
        for _ in range(rng.randint(1, 3)):
            data = rng.choice(MUTATIONS)(rng, data, rng.choice(seeds))[: 4 * LONGEST] or b"\xc0"
        yield data


def expected(data):
    verdict = oracle.judge(data)
    topic = text = ""
    if verdict.code == "accepted":
        topic, text = oracle.topic(verdict.event), log_text.event_text(verdict.event)
    return "%d %s %s %s %s" % (verdict.consumed, verdict.code, *(part.encode().hex() for part in (verdict.field, topic, text)))


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    print("seed %d, %d events" % (SEED, count))
    events = list(inputs(count))
    run = subprocess.run([sys.argv[1]], input="".join(data.hex() + "\n" for data in events), capture_output=True,
                         text=True, timeout=280)
    if run.returncode != 0:
        sys.exit("the judge ended with %d\n%s" % (run.returncode, run.stderr))
    answers = run.stdout.splitlines()
    if len(answers) != len(events):
        sys.exit("%d answers to %d events" % (len(answers), len(events)))
    codes = {}
    for data, answer in zip(events, answers):
        wanted = expected(data)
        if answer != wanted:
            sys.exit("%s\n  C      %s\n  oracle %s" % (data.hex(), answer, wanted))
        code = wanted.split()[1]
        codes[code] = codes.get(code, 0) + 1
    print("all equal:", dict(sorted(codes.items())))
    if len(codes) < 11:
        sys.exit("not every verdict occurred")


if __name__ == "__main__":
    main()
