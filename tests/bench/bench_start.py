#!/usr/bin/python3
"""How long a broker takes from its start until it is ready, on a large log that a killed one has left.

    bench_start [MEGABYTES]        (default 1000; a directory under $TMPDIR, removed at the end)"""

import contextlib
import os
import shutil
import sys
import tempfile
import time

sys.path.append("@PROJECT_SOURCE_DIR@/tests/scenario")
os.environ.setdefault("TOCSIND", os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../broker/tocsind"))
import support  # noqa: E402
from support_load import Load  # noqa: E402

RUNS = 3
TARGET_S = 1.0
STATE = "tocsind.state"


def log_path(log_dir):
    return os.path.join(log_dir, "events.log")


def make_log(log_dir, megabytes):
    """Real events of a load, written by a real broker that is killed at the end; how many lines."""
    broker = support.Broker(log_dir, "--sync", "none").start()
    load = Load(publishers=3, events_per_frame=180)
    try:
        load.publish_to(broker.ports["ingest"])
        support.wait_until(lambda: os.path.getsize(log_path(log_dir)) >= megabytes * 1000000, "the log", 600)
        lines = broker.metric("tocsin_log_head_seq")
        broker.kill()
    finally:
        load.close()
        broker.close()
    return lines


def forget_pages(path):
    """Puts the file on the disk and out of memory."""
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


def start(log_dir, has_state, is_cached):
    """(seconds to ready, bytes that were read until then)"""
    state = os.path.join(log_dir, STATE)
    if not has_state:
        os.unlink(state)
    if is_cached:
        with open(log_path(log_dir), "rb") as file:
            while file.read(1 << 20):
                pass
    else:
        forget_pages(log_path(log_dir))
    broker = support.Broker(log_dir)
    broker.spawn()
    began = time.monotonic()
    try:
        while not broker.is_ready():
            if broker.process.poll() is not None:
                raise SystemExit(broker.stderr())
            time.sleep(0.001)
        took_s = time.monotonic() - began
        with open(f"/proc/{broker.process.pid}/io", encoding="ascii") as counters:
            read_bytes = next(int(line.split()[1]) for line in counters if line.startswith("rchar:"))
        broker.kill()
    finally:
        broker.close()
    return took_s, read_bytes


def main(megabytes):
    with contextlib.ExitStack() as stack:
        place = tempfile.mkdtemp(prefix="tocsin-bench-")
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        log_dir = os.path.join(place, "log")
        lines = make_log(log_dir, megabytes)
        print(f"events.log: {os.path.getsize(log_path(log_dir)) / 1e6:.0f} MB, {lines:.0f} lines, left by kill -9")
        print(f"{'':34}{'read':>10}  seconds to ready, {RUNS} runs")
        worst_s = 0
        for has_state in (True, False):
            for is_cached in (True, False):
                runs = [start(log_dir, has_state, is_cached) for _ in range(RUNS)]
                words = f"{'with' if has_state else 'without'} the state file, {'in memory' if is_cached else 'on the disk'}"
                seconds = "  ".join(f"{took_s:6.3f}" for took_s, _ in runs)
                print(f"{words:34}{runs[-1][1] / 1e6:7.0f} MB  {seconds}", flush=True)
                if has_state:
                    worst_s = max(worst_s, *(took_s for took_s, _ in runs))
        verdict = "met" if worst_s < TARGET_S else "missed"
        print(f"target: below {TARGET_S:.0f} s with the state file: {verdict} (worst {worst_s:.3f} s)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
