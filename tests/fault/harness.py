"""A broker to be broken, with producers and subscribers that outlive it, and the judgement at the end.

TOCSIN_FAULT_FULL=1 asks for the full form, TOCSIN_SEED brings a run's random moments again. What a program found goes
to stdout as "RESULT<TAB>name<TAB>verdict<TAB>figures"; ./dev fault makes a table of these."""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenario"))

import msgpack  # noqa: E402
import support  # noqa: E402  the broker's process, and free ports

import checker  # noqa: E402
import records  # noqa: E402

IS_FULL = bool(os.environ.get("TOCSIN_FAULT_FULL"))
SKIPPED = 77


def seed():
    """The run's seed, printed, so that a run can be had again."""
    number = int(os.environ.get("TOCSIN_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"TOCSIN_SEED={number}")
    return random.Random(number)


def result(name, is_good, figures):
    """Prints a row of the table; returns is_good."""
    print(f"RESULT\t{name}\t{'ok' if is_good else 'FAILED'}\t{figures}", flush=True)
    return is_good


def skip(name, why):
    print(f"RESULT\t{name}\tskipped\t{why}", flush=True)
    sys.exit(SKIPPED)


@contextlib.contextmanager
def opened(make, chance):
    """What make(place, chance) makes, in a directory of its own; closed, and that removed, in any case."""
    with contextlib.ExitStack() as stack:
        place = tempfile.mkdtemp(prefix="tocsin-fault-")
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        made = make(place, chance)
        stack.callback(made.close)
        yield made


class Broken:
    """A broker whose doors keep their places over restarts, and those who use it. Use as a context."""

    def __init__(self, *flags, **options):
        self.dir = tempfile.mkdtemp(prefix="tocsin-fault-")
        self.log_dir = os.path.join(self.dir, "log")
        self.host = options.pop("host", "127.0.0.1")
        self.options = options
        doors = ("ingest", "append", "live", "stream")
        self.endpoints = {door: f"tcp://{self.host}:{support.free_port()}" for door in doors}
        self.flags = [word for door in doors for word in (f"--{door}", self.endpoints[door])] + list(flags)
        if self.host != "127.0.0.1":
            self.flags.append("--insecure")  # a network namespace of the test's own
        self.producers = {}  # name: process
        self.killed = set()  # names of producers
        self.watchers = {}  # name: process
        self.prefixes = {}  # name: those that it asked for
        self.broker = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.producers.values(), *self.watchers.values()]:
            if process.poll() is None:
                process.kill()
                process.wait()
        if self.broker:
            self.broker.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def spawn(self):
        """Starts the broker; does not wait for it."""
        if self.broker is None:
            self.broker = support.Broker(self.log_dir, *self.flags, **self.options)
        self.broker.spawn()

    def start(self):
        self.spawn()
        support.wait_until(lambda: self.broker.is_ready() or self.broker.process.poll() is not None, "the broker's start")
        if not self.broker.is_ready():
            raise AssertionError(f"tocsind ended with {self.broker.process.returncode}: {self.broker.stderr()}")

    def add_producer(self, name, window=8192, wrapper=()):
        with open(self.path(f"{name}.record"), "wb") as out:
            self.producers[name] = subprocess.Popen(
                [*wrapper, os.environ["APPEND_LOAD"], name, self.endpoints["append"], str(window)],
                stdin=subprocess.PIPE, stdout=out,
            )  # fmt: skip

    def add_watcher(self, name, verb="live", *prefixes, wrapper=()):
        """A process that keeps every frame of the live door, or of the stream door from the first seq on."""
        self.prefixes[name] = prefixes or ("",)
        self.watchers[name] = subprocess.Popen(
            [*wrapper, sys.executable, "-B", os.path.join(HERE, "watch.py"), verb, self.endpoints[verb],
             self.path(f"{name}.{verb}"), *prefixes], stdin=subprocess.PIPE,
        )  # fmt: skip

    def await_watchers(self):
        """Their filters are in force when the first heartbeat has come, or the stream is open."""
        for name in self.watchers:
            support.wait_until(lambda: self.seen_bytes(name), f"the first frame to {name}")

    def seen_bytes(self, name):
        paths = [self.path(f"{name}.{verb}") for verb in ("live", "stream")]
        return sum(os.path.getsize(path) for path in paths if os.path.exists(path))

    def record(self, name):
        return records.read_producer(name, self.path(f"{name}.record"))

    def last_acked(self):
        """What all producers together have receipts for, from the ends of their records."""
        return sum(last_ack(self.path(f"{name}.record")) for name in self.producers)

    def await_acked(self, count, deadline_s=support.DEADLINE_S):
        support.wait_until(lambda: self.last_acked() >= count, f"{count} acknowledged", deadline_s)

    def kill_producer(self, name):
        self.producers[name].kill()
        self.producers[name].wait()
        self.killed.add(name)

    def stop_producers(self):
        """They send nothing new, and end when all is acknowledged."""
        for process in self.producers.values():
            process.stdin.close()
        for name, process in self.producers.items():
            if name not in self.killed and process.wait(2 * support.DEADLINE_S) != 0:
                raise AssertionError(f"producer {name} ended with {process.returncode}")

    def stop_watchers(self):
        """They take what is there still, streams as far as to the last receipt."""
        last_seq = max((seq for name in self.producers for _, seq, _ in self.record(name).receipts), default=0)
        for process in self.watchers.values():
            process.stdin.write(b"%d\n" % last_seq)
            process.stdin.close()
        for name, process in self.watchers.items():
            if process.wait(support.DEADLINE_S) != 0:
                raise AssertionError(f"{name} ended with {process.returncode}")

    def checker(self):
        """A checker that knows all producers and all watchers."""
        judge = checker.Checker(self.log_dir, [self.record(name) for name in self.producers])
        for name in self.watchers:
            if os.path.exists(self.path(f"{name}.live")):
                judge.add_live(name, self.live_frames(name), self.prefixes[name])
            else:
                messages = map(msgpack.unpackb, records.read_frames(self.path(f"{name}.stream")))
                judge.add_replayed(name, messages, self.prefixes[name])
        return judge

    def live_frames(self, name):
        return records.live_records(records.read_frames(self.path(f"{name}.live")))


def last_ack(path):
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 4096))
        acks = [line for line in file.read().split(b"\n")[1:-1] if line.startswith(b"ack ")]
    return int(acks[-1].split()[1]) if acks else 0


class Stopwatch:
    def __init__(self):
        self.began = time.monotonic()

    @property
    def s(self):
        return time.monotonic() - self.began
