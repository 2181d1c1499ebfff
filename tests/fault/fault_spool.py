"""kill -9 of a producer that has a spool, at random moments, while the broker comes and goes and is killed, too: each event
that tocsin_append took is in the log once, with its number, and nothing else is."""

import os
import subprocess
import sys

import harness
import support

LIVES = 500 if harness.IS_FULL else 8
LIFE_LINES = 4000  # told by the producer before its end, at most
LINE_LEN = 25  # "took INDEX N"
BROKER_CHANGES = 0.3
SYNCED = 0.2  # so many lives have each event synced: few events
SMALL_QUEUE = 20000
DRAIN_MS = 60000


class Spooled:
    """A broker that may be away, and lives of one producer with its spool."""

    def __init__(self, place, chance):
        self.place = place
        self.chance = chance
        self.log_dir = os.path.join(place, "log")
        self.endpoint = f"tcp://127.0.0.1:{support.free_port()}"
        self.broker = None
        self.lives = 0
        self.broker_kills = 0
        self.torn = 0
        self.taken = []  # (index, n)
        self.index = 1

    def start_broker(self):
        self.broker = support.Broker(self.log_dir, "--append", self.endpoint).start()

    def change_broker(self):
        if not self.broker:
            self.start_broker()
            return
        self.broker.kill()
        self.broker.close()
        self.broker = None
        self.broker_kills += 1

    def driver(self, count, *arguments):
        """The process, and the file that tells what it did."""
        path = os.path.join(self.place, "told")
        with open(path, "wb") as out:
            process = subprocess.Popen(
                [os.environ["APPEND_DRIVER"], "-e", self.endpoint, "-p", "spooled", "-s", os.path.join(self.place, "spool"),
                 "-i", str(self.index), "-c", str(count), "-w", str(DRAIN_MS), *arguments],
                stdin=subprocess.DEVNULL, stdout=out)  # fmt: skip
        return process, path

    def note(self, path):
        """Takes what a life has told; a fault that it met is an end."""
        with open(path, "rb") as told:
            for line in told.read().rpartition(b"\n")[0].split(b"\n"):
                if line.startswith(b"took "):
                    self.taken.append(tuple(int(part) for part in line.split()[1:]))
                elif line.startswith(b"trouble a crash left the end"):
                    self.torn += 1  # the kernel ends a write between two pages
                elif line.startswith((b"error", b"trouble")):
                    raise AssertionError(f"life {self.lives}: {line}")
        if self.taken:
            self.index = self.taken[-1][0] + 2  # what was under way then is in the log, or not

    def live_and_die(self):
        is_synced = self.chance.random() < SYNCED
        arguments = ["-a"] if is_synced else []
        if self.chance.random() < 0.5:
            arguments += ["-q", str(SMALL_QUEUE)]
        process, path = self.driver(10**9, *arguments)
        lines = self.chance.randrange(1, 100 if is_synced else LIFE_LINES)
        support.wait_until(lambda: os.path.getsize(path) >= lines * LINE_LEN or process.poll() is not None, "events")
        process.kill()
        if process.wait() != -9:
            raise AssertionError(f"the producer ended by itself: {open(path, 'rb').read()[-200:]}")
        self.note(path)
        self.lives += 1

    def drain(self):
        if not self.broker:
            self.start_broker()
        process, path = self.driver(0)
        if process.wait(DRAIN_MS / 1000 + support.DEADLINE_S) != 0:
            raise AssertionError(f"not all was settled: {open(path, 'rb').read()[-200:]}")
        self.broker.stop()

    def close(self):
        if self.broker:
            self.broker.close()


def judge(spooled):
    """(is it sound, figures)"""
    lines = [line for line in support.Log(spooled.log_dir).lines if line.get("producer") == "spooled"]
    logged = [(line["snapshot"]["number"], line["n"]) for line in lines]
    lost = set(spooled.taken) - set(logged)
    doubles = len(logged) - len({index for index, _ in logged})
    unasked = set(logged) - set(spooled.taken)  # at most one for each kill
    is_ordered = logged == sorted(logged, key=lambda event: event[1])
    is_sound = not lost and doubles == 0 and is_ordered and len(unasked) <= spooled.lives
    return is_sound, (
        f"{spooled.lives} kills of the producer, {spooled.broker_kills} of the broker: {len(spooled.taken)} taken, "
        f"{len(lost)} lost, {doubles} doubles, {len(unasked)} logged that a kill kept from being told, {spooled.torn} torn ends"
    )


def main():
    chance = harness.seed()
    with harness.opened(Spooled, chance) as spooled:
        for _ in range(LIVES):
            if chance.random() < BROKER_CHANGES:
                spooled.change_broker()
            spooled.live_and_die()
        spooled.drain()
        is_sound, figures = judge(spooled)
    return 0 if harness.result("a producer's spool", is_sound, figures) else 1


if __name__ == "__main__":
    sys.exit(main())
