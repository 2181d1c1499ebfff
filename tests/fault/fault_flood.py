"""Floods: who sends more than its limit allows, or without one more than its share while others wait, is held to that or
outside within two seconds (but for who waits for acknowledgements at append, and leaves the broker time for all); then its quiet
neighbour's events take at most twice as long as without it, at the 99th percentile; and over all of the flood, its first moment
included, at most so much longer as the bound of its shape says. Who is alone is never held.

The figures are of windows side by side, quiet and flooded, for the machine may be busy with other things."""

import statistics
import sys
import time

import harness
import support
from neighbours import ALL, Neighbours, p99_ms

ROUNDS = 5 if harness.IS_FULL else 1
WINDOW_S = 3.5 if harness.IS_FULL else 1  # shorter than one is kept out
OUT_S = 2 if harness.IS_FULL else 60
DRAINED_S = 2
WHOLE_S = 10 if harness.IS_FULL else 0
TIMES, FLOOR_MS = 2, 5
WHOLE_MS = 60  # the 99th percentile with the time until somebody is held: all share the processor
BORNE_TIMES, BORNE_MS = 3, 50  # of the median, in the short form: the machine may be loaded ten times over
FLAGS = () if harness.IS_FULL else ("--flood-bar", "10m")
LIMIT = {"events_per_s": 1000}
FLOODER = "127.0.0.2"  # without keys it is known by its address


class Round:
    """Delays in quiet, in a flood before somebody does something about it, and then."""

    def __init__(self, neighbours, door, events, size, connections):
        self.neighbours = neighbours
        neighbours.delays_us()
        time.sleep(WINDOW_S)
        self.quiet = neighbours.delays_us()
        began_s = time.monotonic()
        words = (door, neighbours.endpoints[door], events, size, connections, FLOODER)
        flooder = neighbours.run("flooder.py", *words, name="flood")
        counter = "tocsin_senders_barred_total" if door == "ingest" else "tocsin_senders_held_total"
        self.out_s = self.wait_held(counter, began_s)
        time.sleep(max(0, DRAINED_S + began_s - time.monotonic()))  # what had come before is worked off
        self.first = neighbours.delays_us()
        time.sleep(WINDOW_S)
        self.then = neighbours.delays_us()
        time.sleep(max(0, WHOLE_S + began_s - time.monotonic()))  # who is kept out has come again
        self.rest = neighbours.delays_us()
        self.whole = [sum(parts, start) for parts, start in zip(zip(self.first, self.then, self.rest), (0, []))]
        if not harness.IS_FULL:
            support.wait_until(self.is_borne, "the neighbour's events to be fast again", 60)
        neighbours.dismiss([flooder])
        if door == "ingest" and not self.metric("tocsin_messages_throttled_total"):
            raise AssertionError("nothing was throttled")

    def wait_held(self, counter, began_s):
        """How long it took; in the full form None where nobody is."""
        within_s = OUT_S if harness.IS_FULL else OUT_S + 30
        try:
            support.wait_until(lambda: self.metric(counter) > 0, "somebody is held or kept out", within_s)
        except AssertionError:
            if not harness.IS_FULL:
                raise
            return None
        return time.monotonic() - began_s

    def metric(self, name):
        return self.neighbours.broker.metric(name)

    def is_borne(self):
        """The last window, or another one: on a loaded machine what came before takes its time."""
        most_us = max(BORNE_TIMES * statistics.median(self.quiet[1]), BORNE_MS * 1000)
        if self.then[1] and statistics.median(self.then[1]) <= most_us:
            return True
        time.sleep(WINDOW_S)
        self.then = self.neighbours.delays_us()
        return False

    @property
    def missed(self):
        return self.quiet[0] + self.whole[0]

    def times(self, part):
        return p99_ms(getattr(self, part)[1]) / p99_ms(self.quiet[1])


def judge(what, door, events, size, connections, rights, most_ms=WHOLE_MS):
    """`rights` None: without keys. `most_ms`: the 99th percentile over all of the flood, where it is above twice."""
    rounds = []
    for _ in range(ROUNDS):
        with Neighbours(rights, *FLAGS) as neighbours:
            neighbours.start()
            support.wait_until(lambda: neighbours.delays_us()[1], "the neighbour's events")
            rounds.append(Round(neighbours, door, events, size, connections))
            neighbours.broker.stop()
    outs_s = [each.out_s for each in rounds if each.out_s]
    held = f"held or out after {max(outs_s):.2f} s at most" if outs_s else "never held"
    if 0 < len(outs_s) < len(rounds):
        held += f", and not in {len(rounds) - len(outs_s)} rounds"
    missed = sum(each.missed for each in rounds)
    times = [each.times("then") for each in rounds]
    whole_times = [each.times("whole") for each in rounds]
    quiet_ms, first_ms, then_ms, whole_ms = (
        p99_ms([delay for each in rounds for delay in getattr(each, part)[1]]) for part in ("quiet", "first", "then", "whole")
    )  # fmt: skip
    longest_ms = max(max(each.whole[1]) for each in rounds) / 1000
    figures = (
        f"{held}; the neighbour's p99 {quiet_ms:.2f} ms, in the first {DRAINED_S} s of the flood"
        f" {first_ms:.1f}, from then on {then_ms:.2f}: {statistics.median(times):.2f} times, the median of {len(rounds)}"
        f" ({min(times):.2f} to {max(times):.2f}); over all {WHOLE_S} s of it {whole_ms:.2f}:"
        f" {statistics.median(whole_times):.2f} times ({min(whole_times):.2f} to {max(whole_times):.2f}), the longest"
        f" {longest_ms:.0f} ms; {missed} events later than a second"
    )
    is_good = not harness.IS_FULL or (
        (statistics.median(times) <= TIMES or then_ms <= FLOOR_MS)
        and (statistics.median(whole_times) <= TIMES or whole_ms <= most_ms)
        and missed == 0
    )
    if harness.IS_FULL and (door == "ingest" or rights and "limits" in rights["flood"]):
        is_good &= len(outs_s) == len(rounds)
    return harness.result(what, is_good, figures)


def alone():
    """Nobody else is there: all that it sends is taken or found no room, and it is never held."""
    with Neighbours({"flood": ALL}) as neighbours:
        harness.Broken.start(neighbours)
        flooder = neighbours.run("flooder.py", "ingest", neighbours.endpoints["ingest"], 400, 100, 1, FLOODER, name="flood")
        support.wait_until(lambda: neighbours.broker.metric("tocsin_events_accepted_total") > 10000, "its events")
        time.sleep(2 * WINDOW_S)
        values = neighbours.broker.metrics()
        neighbours.dismiss([flooder])
        neighbours.broker.stop()
    held = values["tocsin_senders_held_total"] + values["tocsin_messages_throttled_total"]
    return harness.result("flood of one who is alone", held == 0, f"{values['tocsin_events_accepted_total']:.0f} events taken")


FREE, LIMITED = {"flood": ALL}, {"flood": {**ALL, "limits": LIMIT}}
# what, and judge's words
SHORT = [
    ("flood above a limit", "ingest", 400, 100, 1, LIMITED),
    ("flood of frames of 60 KiB", "ingest", 400, 150, 1, FREE),
    ("flood at append", "append", 200, 150, 8, FREE),
    ("flood without keys", "ingest", 400, 150, 1, None),
]
LONG = [
    ("flood of short messages above a limit", "ingest", 1, 100, 1, LIMITED),
    ("flood of short messages", "ingest", 1, 100, 1, FREE),
    ("flood of events of 60 KiB", "ingest", 1, 60000, 1, FREE),
    ("flood by 8 connections", "ingest", 400, 150, 8, FREE, 2 * WHOLE_MS),
    ("flood at append, one connection", "append", 200, 150, 1, FREE),
    ("flood at append, events of 6 KB", "append", 10, 6000, 8, FREE),
    ("flood at append without keys", "append", 200, 150, 8, None),
]


def main():
    """Words: only the floods whose names have one of these."""
    floods = SHORT + (LONG if harness.IS_FULL else [])
    good = True
    for what, *words in floods:
        if not sys.argv[1:] or any(word in what for word in sys.argv[1:]):
            good &= judge(what, *words)
    if not sys.argv[1:]:
        good &= alone()
    sys.exit(0 if good else 1)


main()
