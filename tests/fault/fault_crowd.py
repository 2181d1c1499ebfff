"""Many connections at once: what an idle one costs, with keys and without; and subscribers that are stopped, by which the
others' events take no longer, and memory stays within the formula of docs/SECURITY.md.

Delays are of windows in turn, without and with the stopped ones, for the machine may be busy with other things."""

import resource
import signal
import statistics
import sys
import time

import harness
import support
from neighbours import ALL, Neighbours, p99_ms

CROWD = 18000 if harness.IS_FULL else 1000
STOPPED = 1000 if harness.IS_FULL else 100
PROCESSES = 6 if harness.IS_FULL else 2
ROUNDS = 9 if harness.IS_FULL else 1
WINDOW_S = 6 if harness.IS_FULL else 2
CONNECTION_KIB = 30
IDLE_KIB = CONNECTION_KIB if harness.IS_FULL else 40  # what judges keys gives memory back for a thousand at a time
LIVE_HWM = 10000 if harness.IS_FULL else 1000
BARE_MIB, RING_MIB, TAIL_MIB = 42, 64, 16  # bare: with the rings between the threads
SLOT_BYTES = 64  # of a frame that waits, beside its content, which all who wait for it share
CONTENT_BYTES = 500
FRAME_BYTES = CONTENT_BYTES + 500  # with its members, and what malloc adds
TIMES = 1.1
DEADLINE_S = 300
SPARE = 200  # descriptors


def crowd(neighbours, kind, door, count, name):
    """Processes whose connections are all there."""
    before = neighbours.descriptors()
    processes = [
        neighbours.run("crowd.py", kind, neighbours.endpoints[door], count // PROCESSES, f"127.0.0.{number + 2}", name=name)
        for number in range(PROCESSES)
    ]
    wanted = before + count // PROCESSES * PROCESSES


    def are_there():
        time.sleep(0.25)
        return neighbours.descriptors() >= wanted

    support.wait_until(are_there, f"{count} connections", DEADLINE_S)
    return processes


def settled_kib(neighbours):
    """Memory when it has not grown for a second."""
    sizes = [neighbours.resident_kib()]

    def is_settled():
        time.sleep(0.25)
        sizes.append(neighbours.resident_kib())
        return len(sizes) > 5 and max(sizes[-5:]) - sizes[-5] <= 256

    support.wait_until(is_settled, "memory to stay as it is")
    return sizes[-1]


def idle(name, rights):
    """What a connection costs that does nothing."""
    with Neighbours(rights, "--max-memory", "2GiB") as neighbours:
        neighbours.start()
        count = min(CROWD, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE)
        before_kib = settled_kib(neighbours)
        watch = harness.Stopwatch()
        crowd(neighbours, "XPUB", "ingest", count, "crowd")
        came_s = watch.s
        each_kib = (settled_kib(neighbours) - before_kib) / count
        missed, delays = neighbours.delays_us()
        neighbours.dismiss()
        neighbours.broker.stop()
    figures = (
        f"{count} connections in {came_s:.0f} s, {each_kib:.1f} KiB each; the neighbour's p99 {p99_ms(delays):.1f} ms"
        f" while they came, {missed} events missed"
    )
    is_good = missed == 0 and (each_kib <= IDLE_KIB or support.IS_SANITIZED)
    return harness.result(f"idle connections {name}", is_good, figures)


def fill(neighbours, source):
    """More frames than a subscriber may have waiting: each event has a topic of its own."""
    members = {"level": "Info", "category": "Fill", "type": "Fill", "summary": "x" * CONTENT_BYTES}
    before = neighbours.broker.metric("tocsin_live_frames_total")
    sent = 0
    while neighbours.broker.metric("tocsin_live_frames_total") < before + 2 * LIVE_HWM:
        for _ in range(500):
            source.send(support.pack({**members, "sourceId": f"fill-{sent % 997}", "snapshot": {}}))
            sent += 1
        time.sleep(0.01)


def window(neighbours):
    neighbours.delays_us()
    time.sleep(WINDOW_S)
    missed, delays = neighbours.delays_us()
    return missed, p99_ms(delays)


def spread(times):
    return f"{statistics.median(times):.2f} times ({min(times):.2f} to {max(times):.2f})"


def with_stopped(neighbours, source):
    """A window with stopped subscribers whose queues are full: (missed, p99 in ms, memory in KiB)."""
    before = neighbours.descriptors()
    processes = crowd(neighbours, "XSUB", "live", STOPPED, "crowd")
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    fill(neighbours, source)
    size_kib = settled_kib(neighbours)
    missed, with_ms = window(neighbours)
    neighbours.dismiss(processes)
    support.wait_until(lambda: neighbours.descriptors() <= before, "them to be gone", DEADLINE_S)
    return missed, with_ms, size_kib


def without_stopped(neighbours, source):
    fill(neighbours, source)
    settled_kib(neighbours)
    return window(neighbours)


def stopped():
    """Windows without and with, in turn: each one with is compared with the mean of those before and after it."""
    context = support.zmq.Context()
    with Neighbours(None, "--live-hwm", str(LIVE_HWM)) as neighbours:
        neighbours.start()
        source = context.socket(support.zmq.XPUB)
        source.connect(neighbours.endpoints["ingest"])
        source.poll(support.DEADLINE_S * 1000)
        without, with_them = [without_stopped(neighbours, source)], []
        for _ in range(ROUNDS):
            with_them.append(with_stopped(neighbours, source))
            without.append(without_stopped(neighbours, source))
        ended = neighbours.broker.metric("tocsin_connections_stalled_total")
        neighbours.dismiss()
        neighbours.broker.stop()
    context.destroy(linger=0)
    formula_kib = (BARE_MIB + RING_MIB + TAIL_MIB) * 1024
    formula_kib += STOPPED * (CONNECTION_KIB + LIVE_HWM * SLOT_BYTES / 1024) + LIVE_HWM * FRAME_BYTES / 1024
    missed = sum(each[0] for each in without + with_them)
    size_kib = max(each[2] for each in with_them)
    quiet_ms = [each[1] for each in without]
    times = [each[1] * 2 / (quiet_ms[i] + quiet_ms[i + 1]) for i, each in enumerate(with_them)]
    noise = [after / before for before, after in zip(quiet_ms, quiet_ms[1:])]
    figures = (
        f"{STOPPED} stopped: {size_kib / 1024:.0f} MiB in all, by the formula {formula_kib / 1024:.0f};"
        f" the neighbour's p99 {statistics.median(quiet_ms):.2f} ms without them,"
        f" {statistics.median(each[1] for each in with_them):.2f} with: {spread(times)} in {ROUNDS} rounds,"
        f" where windows without them differ by {spread(noise)}; {missed} events missed, {ended:.0f} connections ended"
    )
    is_good = missed == 0 and (size_kib <= formula_kib or support.IS_SANITIZED)
    return harness.result("stopped subscribers", is_good and (statistics.median(times) <= TIMES or not harness.IS_FULL), figures)


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    good = idle("without keys", None)
    good &= idle("with keys", {"crowd": ALL})
    good &= stopped()
    sys.exit(0 if good else 1)


main()
