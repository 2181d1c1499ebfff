"""OvenMediaEngine's logs, rolled again and again while the gateway that follows them is killed with -9 at random moments and
the broker now and then: every line is in our log exactly once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import harness
import support

KILLS, BROKER_KILLS = (100, 10) if harness.IS_FULL else (8, 2)
LINES_A_SECOND = 1500
LINES_A_DAY = 150  # at most
LONGEST_LIFE_S = 0.4


class Writer(threading.Thread):
    """Writes as OvenMediaEngine does: appends whole lines, and begins another file on another day. A day is some lines
    here. `mode` is how: "dated" (the current file bears its date), "rename" (events.log is renamed with the new day's
    date), "copytruncate" (another program copies the file and cuts it back; between two lines, for what is written
    meanwhile it loses itself)."""

    def __init__(self, directory, mode, chance):
        super().__init__(daemon=True)
        self.directory, self.mode, self.chance = directory, mode, chance
        self.count = self.day = 0
        self.may_go_back = mode != "rename"
        self.is_ending = threading.Event()

    def path(self, name):
        return os.path.join(self.directory, name)

    def date(self, day):
        return time.strftime("%Y%m%d", time.gmtime(1742947200 + day * 86400))

    def line(self):
        self.count += 1
        event = {
            "time": f"2025-03-26T05:21:46.{self.count % 1000:03}+09:00",
            "level": "Info",
            "category": "StreamEvent",
            "type": "StreamCreated",
            "sourceId": f"#default#app/{self.count % 5}",
            "summary": "Stream created. " + "x" * self.chance.randrange(300),
            "snapshot": {"number": self.count},
        }
        return json.dumps(event, separators=(",", ":")).encode() + b"\n"

    def write(self, name):
        """One line; a long one, now and then, by two writes."""
        line = self.line()
        with open(self.path(name), "ab", buffering=0) as file:
            if self.chance.random() < 0.02:
                cut = self.chance.randrange(len(line))
                file.write(line[:cut])
                time.sleep(0.002)
                line = line[cut:]
            file.write(line)

    def roll(self):
        self.day += self.chance.choice([1, 1, 1, 3])  # days without a line leave no file
        if self.mode == "rename":
            os.rename(self.path("events.log"), self.path(f"events.log.{self.date(self.day)}"))
        elif self.mode == "copytruncate":
            shutil.copy(self.path("events.log"), self.path(f"events.log.{self.date(self.day)}"))
            os.truncate(self.path("events.log"), 0)

    def run(self):
        left = 0
        while not self.is_ending.is_set():
            left = left or self.chance.randrange(1, LINES_A_DAY)
            if self.mode == "dated" and self.count and self.chance.random() < 0.002:
                self.write(f"events.log.{self.date(self.day - 1)}")  # around midnight it goes back and forth
            self.write(f"events.log.{self.date(self.day)}" if self.mode == "dated" else "events.log")
            left -= 1
            if left == 0:
                self.roll()
            time.sleep(self.chance.expovariate(LINES_A_SECOND))


class Followed:
    """A broker, a writer and a gateway between them."""

    writer_class = Writer

    def __init__(self, mode, chance):
        self.dir = tempfile.mkdtemp(prefix="tocsin-ome-")
        self.logs = os.path.join(self.dir, "ome")
        os.mkdir(self.logs)
        self.endpoint = f"tcp://127.0.0.1:{support.free_port()}"
        self.broker = support.Broker(os.path.join(self.dir, "log"), "--append", self.endpoint)
        self.broker.start()
        self.writer = self.writer_class(self.logs, mode, chance)
        self.stderr = open(os.path.join(self.dir, "stderr"), "ab")
        self.gateway = None

    def kind(self):
        return ["ome", "--dir", self.logs]

    def number(self, event):
        return event["snapshot"].get("number", event)

    def begin(self, *flags):
        command = [os.environ["TOCSIN"], "gateway", *self.kind(), "--state", os.path.join(self.dir, "state"),
                   "--append", self.endpoint, "--timeout", "60s", *flags]  # fmt: skip
        self.gateway = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.stderr, stderr=self.stderr)

    def kill(self):
        self.gateway.kill()
        if self.gateway.wait(support.DEADLINE_S) != -signal.SIGKILL:
            raise AssertionError(f"the gateway ended with {self.gateway.returncode}: {self.complaints()}")

    def complaints(self):
        with open(os.path.join(self.dir, "stderr"), encoding="utf-8", errors="replace") as text:
            return text.read()[-4000:]

    def finish(self):
        """Nothing is written any more; reads what there is, to its end."""
        self.writer.is_ending.set()
        self.writer.join()
        self.begin("--once")
        code = self.gateway.wait(2 * support.DEADLINE_S)
        if code != 0:
            raise AssertionError(f"the gateway ended with {code}: {self.complaints()}")
        self.broker.stop()

    def numbers(self):
        """Of the lines in the log; what is none of ours is one that never was written."""
        return [self.number(event) for event in support.Log(self.broker.log_dir).events()]

    def close(self):
        self.writer.is_ending.set()
        if self.gateway and self.gateway.poll() is None:
            self.gateway.kill()
            self.gateway.wait()
        self.stderr.close()
        self.broker.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def try_mode(mode, chance, make=Followed):
    """Returns whether each line came once, and the figures."""
    followed = make(mode, chance)
    try:
        followed.writer.start()
        for life in range(KILLS):
            followed.begin()
            time.sleep(chance.uniform(0, LONGEST_LIFE_S))
            followed.kill()
            if life % (KILLS // BROKER_KILLS) == 1:
                followed.broker.kill()
                followed.broker.start()
        followed.finish()
        logged = followed.numbers()
        numbers = [number for number in logged if isinstance(number, int)]
        for event in logged:
            if not isinstance(event, int):
                print(event)
        written = followed.writer.count
        rolls = followed.writer.day
        missing, doubled = len(set(range(1, written + 1)) - set(numbers)), len(numbers) - len(set(numbers))
        disorder = sum(a >= b for a, b in zip(numbers, numbers[1:]))
        figures = (f"{KILLS} kills, {BROKER_KILLS} of the broker, {written} lines over {rolls} days: {missing} lost, "
                   f"{doubled} doubled, {disorder} out of order")  # fmt: skip
        is_ordered = not disorder or followed.writer.may_go_back  # these go back and forth between files by themselves
        is_good = numbers and len(numbers) == len(logged) and not missing and not doubled and is_ordered
        if not is_good:
            print(followed.complaints())
        return is_good, figures
    finally:
        followed.close()


def main():
    chance = harness.seed()
    is_good = True
    for mode in sys.argv[1:] or ("dated", "rename", "copytruncate"):
        is_mode_good, figures = try_mode(mode, chance)
        harness.result(f"gateway ome, {mode}", is_mode_good, figures)
        is_good &= is_mode_good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
