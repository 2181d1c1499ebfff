#!/usr/bin/python3
"""Instructions that tocsind takes for each event, on each of its threads: what a noisy machine cannot blur.

    bench_instructions [--check]        (--check: compare with the budget, and fail where it is broken by more than 5 %)

Each figure is the difference between a longer and a shorter run under callgrind, so that starting and stopping do not
count. Instructions in the kernel do not count either. Without --check also those of brokers that go on with logs of up
to 10 GB."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = "@PROJECT_SOURCE_DIR@"
sys.path.append(os.path.join(SOURCE, "tests/scenario"))
os.environ.setdefault("TOCSIND", os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../broker/tocsind"))
import msgpack  # noqa: E402
import support  # noqa: E402
import zmq  # noqa: E402

BUDGET = os.path.join(SOURCE, "tests/bench/budget.txt")
TOLERANCE = 1.05
EVENT_LEN = 350
FRAME_EVENTS = 180  # about 64 KiB
FEW, MANY = 10800, 54000
# which function tells whose thread a profile is of; the first is main's, which starts all; what is left is libzmq's
THREADS = {"journal": "journal_commit", "front": "front_admit", "stream": "stream_tail_add"}
SYNC = "interval=100"
LOG_MB = (100, 1000, 10000)
MAKE_LOG = os.path.join(os.path.dirname(os.path.realpath(__file__)), "make_log")


def event(source):
    fields = {"time": "2026-11-21T09:30:00.125+09:00", "level": "Info", "category": "BenchEvent", "type": "Passed",
              "sourceId": source, "snapshot": {"number": 1234567}, "summary": "x" * 100}  # fmt: skip
    fields["summary"] += "x" * (EVENT_LEN - len(msgpack.packb(fields)))
    while len(msgpack.packb(fields)) > EVENT_LEN:
        fields["summary"] = fields["summary"][:-1]
    return msgpack.packb(fields)


def frames(events_in_frame, topics, count):
    events = [event(f"source-{index:05}") for index in range(topics)]
    for at in range(0, count, events_in_frame):
        yield b"".join(events[index % topics] for index in range(at, at + events_in_frame))


def profile_totals(directory):
    """{thread: instructions} of the profiles that callgrind left."""
    totals = {}
    for name in os.listdir(directory):
        if not re.fullmatch(r"profile-\d+", name) or name == "profile-01":
            continue
        with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as file:
            text = file.read()
        thread = next((thread for thread, function in THREADS.items() if f" {function}\n" in text), "libzmq, rest")
        total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
        totals[thread] = totals.get(thread, 0) + (int(total[1]) if total else 0)
    return totals


def instructions(workload, count, log_dir=None):
    """Of a broker's life in which so many events came through, with a log of its own or one that is there."""
    events_in_frame, topics = workload
    with tempfile.TemporaryDirectory(prefix="tocsin-instructions-") as directory:
        wrap = ["valgrind", "--tool=callgrind", "--quiet", "--separate-threads=yes", "--fair-sched=yes",
                f"--callgrind-out-file={directory}/profile"]  # fmt: skip
        flags = ["--sync", SYNC, "--stream", "tcp://127.0.0.1:*", "--tail-bytes", "64KiB", "--log-level", "warning"]
        log_dir = log_dir or os.path.join(directory, "log")
        with contextlib.closing(support.Broker(log_dir, *flags, wrapper=wrap)) as broker:
            broker.start()
            context = zmq.Context()
            live = context.socket(zmq.SUB)
            live.set(zmq.RCVHWM, 0)
            live.subscribe(b"BenchEvent/")
            live.connect(broker.ports["live"])
            producer = context.socket(zmq.XPUB)
            producer.set(zmq.SNDHWM, 0)
            producer.connect(broker.ports["ingest"])
            producer.recv()
            for frame in frames(events_in_frame, topics, count):
                producer.send(frame)
            support.wait_until(lambda: broker.metric("tocsin_events_logged_total") >= count, "the events", 300)
            broker.stop()
            context.destroy(linger=0)
        return profile_totals(directory)


@contextlib.contextmanager
def log_of(megabytes):
    directory = subprocess.run([MAKE_LOG, str(megabytes)], check=True, capture_output=True, text=True).stdout.strip()
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def measure(workload, log_dir=None):
    few, many = instructions(workload, FEW, log_dir), instructions(workload, MANY, log_dir)
    return {thread: round((many[thread] - few[thread]) / (MANY - FEW)) for thread in [*THREADS, "libzmq, rest"]}


WORKLOADS = {
    "64 KiB frames, 1 topic": (FRAME_EVENTS, 1),
    "64 KiB frames, 10000 topics": (FRAME_EVENTS, 10000),
    "an event a frame, 1 topic": (1, 1),
}


def read_budget():
    """Lines "workload<TAB>thread<TAB>instructions"."""
    with open(BUDGET, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    return {(workload, thread): int(count) for workload, thread, count in rows}


def tell_growth():
    print(f"\nthe same of brokers that go on with a log, 64 KiB frames, 1 topic\n{'':<18}", end="")
    print("".join(f"{megabytes / 1000:>7} GB" for megabytes in LOG_MB), flush=True)
    columns = []
    for megabytes in LOG_MB:
        with log_of(megabytes) as directory:
            columns.append(measure((FRAME_EVENTS, 1), directory))
    for thread in columns[0]:
        print(f"{thread:<18}" + "".join(f"{column[thread]:>10}" for column in columns))


def main():
    must_check = "--check" in sys.argv[1:]
    budget = read_budget()
    broken = 0
    print(f"instructions for each event of {EVENT_LEN} bytes, --sync {SYNC}, and the budget")
    for name, workload in WORKLOADS.items():
        for thread, count in measure(workload).items():
            allowed = budget.get((name, thread))
            is_broken = allowed is not None and count > allowed * TOLERANCE
            broken += is_broken
            print(f"{name:<30} {thread:<14} {count:>7} {allowed or '-':>7}{'  BROKEN' if is_broken else ''}", flush=True)
    if not must_check:
        tell_growth()
    elif broken:
        sys.exit(f"{broken} budgets are broken")


if __name__ == "__main__":
    main()
