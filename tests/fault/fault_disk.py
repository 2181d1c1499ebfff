"""A disk that fills up, and one that fails, under acknowledged publishing.

Full: producers are told `unavailable`, nothing acknowledged is lost, and it goes on within 2 s of there being room.
Failed: after the EIO of an fdatasync nothing more is acknowledged, there is no second sync of that file, exit code 74;
and what had been acknowledged by then is there even when the disk has kept nothing since the sync before."""

import errno
import os
import shutil
import signal
import subprocess
import sys

import harness
import support
from support_faults import Faults

FULL_ROUNDS, FAILED_ROUNDS = (20, 30) if harness.IS_FULL else (3, 3)
TMPFS_BYTES = 512 << 20
LEFT_BYTES = 1 << 20  # room for the log in each round, before the disk is full
GO_ON_S = 2 if harness.IS_FULL else 30  # the short form runs beside other tests
EXIT_DISK = 74


class FullDisk(harness.Broken):
    """On a tmpfs in a mount namespace of the broker's own, seen from here through /proc."""

    def __init__(self):
        super().__init__()
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        self.log_dir = os.path.join(self.disk, "log")
        script = 'mount -t tmpfs -o "$0" tmpfs "$1" && shift && exec "$@"'
        as_root = () if os.geteuid() == 0 else ("--map-root-user",)  # which a chroot forbids, and root does not need
        self.options["wrapper"] = ("unshare", *as_root, "--mount", "sh", "-c", script, f"size={TMPFS_BYTES}", self.disk)

    def why_not(self):
        """Why there can be no such disk here; "" where there can."""
        attempt = subprocess.run((*self.options["wrapper"], "true"), capture_output=True, text=True, check=False)
        return attempt.stderr.strip() if attempt.returncode else ""

    def seen(self, name):
        return os.path.join(f"/proc/{self.broker.process.pid}/root{self.disk}", name)

    def signal_producers(self, number):
        for process in self.producers.values():
            process.send_signal(number)

    def fill(self):
        """Ballast, so that little is left; it is the producers that take the rest."""
        disk = os.statvfs(self.seen(""))
        with open(self.seen("ballast"), "wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, max(disk.f_bavail * disk.f_frsize - LEFT_BYTES, 1))

    def answer_to_put(self):
        """What a producer that comes now is told: the first answer that is not a welcome."""
        socket = support.zmq.Context.instance().socket(support.zmq.DEALER)
        socket.setsockopt(support.zmq.LINGER, 0)
        socket.connect(self.endpoints["append"])
        socket.send(support.pack(["hello", 1, "late", 1]))
        socket.send(support.pack(["put", 1, [support.event(1)]]))
        answer = ["welcome"]
        while answer[0] in ("welcome", "ping"):
            if not socket.poll(support.DEADLINE_S * 1000):
                raise AssertionError("no answer")
            answer = support.msgpack.unpackb(socket.recv())
        socket.close()
        return answer


def fill_and_free(broken, counts):
    broken.signal_producers(signal.SIGSTOP)
    broken.fill()
    broken.signal_producers(signal.SIGCONT)
    support.wait_until(lambda: broken.broker.http("/readyz") == (503, "disk full\n"), "a full disk")
    answer = broken.answer_to_put()
    if answer[:2] != ["error", "unavailable"]:
        raise AssertionError(f"told {answer} while the disk is full")
    before = broken.last_acked()
    os.unlink(broken.seen("ballast"))
    watch = harness.Stopwatch()
    support.wait_until(lambda: broken.last_acked() > before + 100, "acknowledgements after there is room")
    counts["longest_s"] = max(counts["longest_s"], watch.s)
    if support.wait_until(lambda: broken.broker.http("/readyz")[0], "an answer") != 200:
        support.wait_until(lambda: broken.broker.http("/readyz")[0] == 200, "readiness")


def full_disk():
    counts = {"longest_s": 0}
    with FullDisk() as broken:
        if broken.why_not():
            return None
        broken.start()
        pid = broken.broker.process.pid
        broken.add_watcher("all")
        broken.add_watcher("stream", "stream")
        broken.await_watchers()
        for name in ("a", "b", "c"):
            broken.add_producer(name, window=64)
        broken.await_acked(100)
        for _ in range(FULL_ROUNDS):
            fill_and_free(broken, counts)
        broken.stop_producers()
        broken.stop_watchers()
        support.wait_until(lambda: broken.broker.metric("tocsin_events_published_total") > 0, "the broker's answer")
        shutil.copytree(broken.seen("log"), broken.path("found"))
        is_same = broken.broker.process.pid == pid
        broken.broker.stop()
        broken.log_dir = broken.path("found")
        verdict = broken.checker().check()
        unavailable = sum(broken.record(name).errors["unavailable"] for name in broken.producers)
    if not verdict.is_sound:
        print(verdict)
    return harness.result(
        "disk full, append", verdict.is_sound and is_same and counts["longest_s"] < GO_ON_S,
        f"{FULL_ROUNDS} times full, {verdict.counts['acknowledged']} acknowledged, {verdict.faults['lost']} lost, "
        f"{verdict.faults['double']} doubles, {verdict.counts['replayed']} replayed, told unavailable {unavailable} times; went on after {counts['longest_s']:.2f} s "
        f"at most (goal {GO_ON_S} s), without a restart",
    )  # fmt: skip


def fail_a_sync_of_the_log(broken, faults, number):
    """Waits for it; the failure of another file's sync, a cache's, is let pass."""
    inode = os.stat(os.path.join(broken.log_dir, "events.log")).st_ino
    while faults.get("failed_inode") != inode:
        faults.set("syncs_after", 0)
        faults.set("failed_inode", 0)
        faults.fail_sync(errno.EIO, number)
        support.wait_until(lambda: faults.get("failed_inode") or broken.broker.process.poll() is not None, "the failure")


def await_end(broken):
    """Seconds to the broker's end."""
    watch = harness.Stopwatch()
    code = broken.broker.wait()
    if code != EXIT_DISK:
        raise AssertionError(f"exit code {code}: {broken.broker.stderr()}")
    return watch.s


def fail_once(broken, faults, chance, counts):
    before = broken.last_acked()
    broken.await_acked(before + 200)
    faults.set("failed_inode", 0)
    fail_a_sync_of_the_log(broken, faults, chance.randrange(1, 50))
    counts["longest_s"] = max(counts["longest_s"], await_end(broken))
    counts["second syncs"] += faults.get("syncs_after")
    path = os.path.join(broken.log_dir, "events.log")
    # what was written since has not reached the disk: the kernel may drop it, and here it does
    counts["dropped"] += os.path.getsize(path) - faults.get("synced_bytes")
    os.truncate(path, faults.get("synced_bytes"))
    faults.set("sync_fails_at", 0)
    broken.start()


def failed_disk(chance):
    counts = {"longest_s": 0, "second syncs": 0, "dropped": 0}
    with harness.Broken() as broken:
        faults = Faults(broken.dir)
        broken.options["env"] = faults.environment()
        broken.start()
        broken.add_watcher("all")
        broken.add_watcher("stream", "stream")
        broken.await_watchers()
        for name in ("a", "b", "c"):
            broken.add_producer(name, window=64)
        for _ in range(FAILED_ROUNDS):
            fail_once(broken, faults, chance, counts)
        broken.stop_producers()
        broken.stop_watchers()
        broken.broker.stop()
        faults.close()
        verdict = broken.checker().check()
    if not verdict.is_sound:
        print(verdict)
    return harness.result(
        "fdatasync EIO, append", verdict.is_sound and not counts["second syncs"],
        f"{FAILED_ROUNDS} failures, {verdict.counts['acknowledged']} acknowledged, {verdict.faults['lost']} lost, "
        f"{verdict.faults['double']} doubles, {counts['dropped']} bytes dropped by the disk, {counts['second syncs']} second "
        f"syncs; exit {EXIT_DISK} within {counts['longest_s']:.2f} s",
    )  # fmt: skip


def main():
    chance = harness.seed()
    is_full_survived = full_disk()
    if not failed_disk(chance) or is_full_survived is False:
        return 1
    if is_full_survived is None:
        harness.skip("ENOSPC, append", "no mount namespaces for us here")
    return 0


if __name__ == "__main__":
    sys.exit(main())
