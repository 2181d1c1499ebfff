"""A long mixture of faults: producers killed and new ones, subscribers that come, go and stop, streams without credit,
garbage at every door, a full disk, the broker itself killed. At the end the checker judges all of it; over the longest
life of the broker its memory and its descriptors must have stayed flat."""

import errno
import os
import signal
import socket
import statistics
import sys
import time

import harness
import support
from support_faults import Faults

SOAK_S = 600 if harness.IS_FULL else 25
KILLING_PART = 0.2  # so much of the time the broker is killed now and then; the rest is its longest life
WARM_PART = 0.25    # of that life, before memory counts
TICK_S = 0.25
LIVE_HWM = "100"  # what the broker may hold, here and in its rings, it soon does hold
SETTLE_S = 3
WINDOW = 4  # small: the log shall stay small enough to be judged
PRODUCERS = 3
GROWTH = 0.05
GROWTH_BYTES = 4 << 20 if harness.IS_FULL else 32 << 20  # in the short form the rings are hardly full
SPARE_DESCRIPTORS = 4
PAGE = os.sysconf("SC_PAGE_SIZE")
GARBAGE = (b"", b"\0" * 64, b"GET / HTTP/1.1\r\n\r\n", b"\xff\0\0\0\0\0\0\0\1\x7f", b"\xff" * 300)


class Soak(harness.Broken):
    def __init__(self, chance):
        super().__init__("--live-hwm", LIVE_HWM, "--ring-bytes", "4MiB", "--tail-bytes", "1MiB")
        self.chance = chance
        self.faults = Faults(self.dir)
        self.options["env"] = self.faults.environment()
        self.context = support.zmq.Context()
        self.guests = []  # sockets that are closed again some time
        self.counts = dict.fromkeys(("kills", "new producers", "guests", "garbage", "stops", "disk full"), 0)
        self.stopped = None

    def __exit__(self, *words):
        self.context.destroy(linger=0)
        super().__exit__(*words)
        self.faults.close()

    def new_producer(self):
        self.counts["new producers"] += 1
        self.add_producer(f"p{self.counts['new producers']}", window=WINDOW)

    def change_producer(self):
        running = [name for name, process in self.producers.items() if process.poll() is None]
        if len(running) >= PRODUCERS:
            self.kill_producer(self.chance.choice(running))
        self.new_producer()

    def guest(self):
        """A subscriber or a stream session that comes, reads nothing, and goes some time."""
        self.counts["guests"] += 1
        if self.chance.random() < 0.5:
            guest = self.context.socket(support.zmq.SUB)
            guest.setsockopt(support.zmq.SUBSCRIBE, self.chance.choice((b"", b"LoadEvent/shared\0", b"x" * 100)))
            guest.connect(self.endpoints["live"])
        else:
            guest = self.context.socket(support.zmq.DEALER)
            guest.connect(self.endpoints["stream"])
            guest.send(support.pack(["open", 1, {"from": 1, "follow": True}]))
            guest.send(support.pack(["credit", self.chance.choice((1, 100000))]))
        self.guests.append(guest)
        if len(self.guests) > 20:
            self.guests.pop(self.chance.randrange(len(self.guests))).close(linger=0)

    def garbage(self):
        """To each door: bytes that are no ZMTP, messages that are none of ours."""
        self.counts["garbage"] += 1
        for door in ("append", "stream", "ingest", "live"):
            host, port = self.endpoints[door].removeprefix("tcp://").split(":")
            with socket.socket() as peer:
                peer.settimeout(5)
                try:
                    peer.connect((host, int(port)))
                    peer.sendall(self.chance.choice(GARBAGE))
                except OSError:
                    pass  # the broker may be away, or hang up at once
        for door in ("append", "stream"):
            dealer = self.context.socket(support.zmq.DEALER)
            dealer.connect(self.endpoints[door])
            dealer.send(self.chance.choice(GARBAGE + (support.pack(["hello", 1, "", 1]), support.pack(["put", 1, [{}]]))))
            dealer.close(linger=100)

    def stop_or_go_on(self):
        """A subscriber or a stream client stands still for a while."""
        if self.stopped:
            self.stopped.send_signal(signal.SIGCONT)
            self.stopped = None
            return
        self.counts["stops"] += 1
        self.stopped = self.watchers[self.chance.choice(("live-2", "stream-2"))]
        self.stopped.send_signal(signal.SIGSTOP)

    def full_disk(self):
        self.counts["disk full"] += 1
        self.faults.set("write_error", errno.ENOSPC)
        time.sleep(self.chance.uniform(0, 2))
        self.faults.set("write_error", 0)

    def kill(self):
        self.counts["kills"] += 1
        self.broker.kill()
        self.start()

    def tick(self, actions):
        self.chance.choice(actions)()
        time.sleep(self.chance.uniform(0, TICK_S))

    def memory(self):
        with open(f"/proc/{self.broker.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * PAGE

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.broker.process.pid}/fd"))

    def settled_descriptors(self):
        """Their number when the guests have gone and all others are there."""
        while self.guests:
            self.guests.pop().close(linger=0)
        if self.stopped:
            self.stop_or_go_on()
        time.sleep(SETTLE_S)
        return self.descriptors()


def soak(soaked):
    """(seconds, bytes of memory)s of the longest life once it was warm, descriptors at its beginning and at its end."""
    client_faults = [soaked.change_producer, soaked.guest, soaked.guest, soaked.garbage, soaked.stop_or_go_on]
    watch = harness.Stopwatch()
    while watch.s < SOAK_S * KILLING_PART:
        soaked.tick(client_faults + [soaked.full_disk, soaked.kill])
    soaked.kill()
    samples, before, began_s = [], soaked.settled_descriptors(), watch.s
    warm_s = began_s + (SOAK_S - began_s) * WARM_PART
    while watch.s < SOAK_S:
        soaked.tick(client_faults + [soaked.full_disk] * (soaked.chance.random() < 0.2))
        if watch.s > warm_s:
            samples.append((watch.s, soaked.memory()))
    return samples, before, soaked.settled_descriptors()


def main():
    chance = harness.seed()
    with Soak(chance) as soaked:
        soaked.start()
        for name, verb in (("live", "live"), ("live-2", "live"), ("stream", "stream"), ("stream-2", "stream")):
            soaked.add_watcher(name, verb)
        soaked.await_watchers()
        for _ in range(PRODUCERS):
            soaked.new_producer()
        samples, before, after = soak(soaked)
        alive = sum(process.poll() is None for process in soaked.producers.values())
        soaked.stop_producers()
        soaked.stop_watchers()
        soaked.broker.stop()
        verdict = soaked.checker().check()
        counts = soaked.counts
    print(verdict)
    quarter = max(len(samples) // 4, 1)
    first, last = (statistics.median(bytes_ for _, bytes_ in part) for part in (samples[:quarter], samples[-quarter:]))
    slope = statistics.linear_regression(*zip(*samples)).slope if len(samples) > 1 else 0
    is_flat = bool(os.environ.get("TOCSIN_SANITIZE")) or last <= first * (1 + GROWTH) + GROWTH_BYTES
    is_tidy = after <= before + SPARE_DESCRIPTORS
    done = ", ".join(f"{count} {what}" for what, count in counts.items())
    found = verdict.faults
    harness.result(
        "soak", verdict.is_sound and is_flat and is_tidy and alive == PRODUCERS,
        f"{SOAK_S} s: {done}; {verdict.counts['acknowledged']} acknowledged, {found['lost']} lost, {found['double']} doubles, "
        f"{verdict.counts['replayed']} replayed, {found['replay']} faults; memory {first / 1e6:.1f} MB, then {last / 1e6:.1f} MB "
        f"(slope {slope / 1e3:.1f} kB/s); descriptors {before}, then {after}",
    )  # fmt: skip
    return not (verdict.is_sound and is_flat and is_tidy and alive == PRODUCERS)


if __name__ == "__main__":
    sys.exit(main())
