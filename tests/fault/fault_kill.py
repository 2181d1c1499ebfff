"""kill -9 of the broker at random moments, again and again, under producers that resend: 0 lost, 0 phantoms, 0 doubles."""

import sys
import time

import harness

CYCLES, ACKNOWLEDGED = (500, 1000000) if harness.IS_FULL else (10, 10000)
PRODUCERS = 4
LONGEST_LIFE_S = 0.2
KILLED_EARLY = 0.1  # so many of the brokers die while they start
START_S = 0.05


def live_and_die(broken, chance, counts):
    """One life of the broker, up to a random moment."""
    if chance.random() < KILLED_EARLY:
        broken.spawn()
        time.sleep(chance.uniform(0, START_S))
        counts["early"] += 1
    else:
        broken.start()
        before = broken.last_acked()
        # in each such life something is acknowledged, or the loop would prove nothing
        broken.await_acked(before + 1)
        time.sleep(chance.uniform(0, LONGEST_LIFE_S))
    broken.broker.kill()
    if broken.broker.process.returncode != -9:
        raise AssertionError(f"tocsind ended by itself: {broken.broker.stderr()}")


def main():
    chance = harness.seed()
    watch = harness.Stopwatch()
    counts = {"early": 0, "cycles": 0}
    with harness.Broken() as broken:
        for index in range(PRODUCERS):
            broken.add_producer(f"p{index}", window=(32, 64, 256, 8192)[index])
        broken.add_watcher("all")
        broken.add_watcher("one", "live", "LoadEvent/p1")
        broken.add_watcher("stream", "stream")
        broken.add_watcher("one stream", "stream", "LoadEvent/p1")
        while counts["cycles"] < CYCLES or broken.last_acked() < ACKNOWLEDGED:
            live_and_die(broken, chance, counts)
            counts["cycles"] += 1
        broken.start()
        broken.stop_producers()
        broken.stop_watchers()
        broken.broker.stop()
        loaded_s = watch.s
        judge = broken.checker()
        verdict = judge.check()
    print(verdict)
    is_good = verdict.is_sound and verdict.counts["acknowledged"] >= ACKNOWLEDGED and all(reader.count for reader in judge.readers)
    found = verdict.faults
    harness.result(
        "kill -9", is_good,
        f"{counts['cycles']} cycles ({counts['early']} while starting), {verdict.counts['acknowledged']} acknowledged, "
        f"{found['lost']} lost, {found['phantom']} phantoms, {found['double']} doubles, "
        f"{verdict.counts['seen live']} seen live, {verdict.counts['replayed']} replayed; {loaded_s:.0f} s + {watch.s - loaded_s:.0f} s to check",
    )  # fmt: skip
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
