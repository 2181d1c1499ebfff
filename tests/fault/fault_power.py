"""Power cuts: a broker inside a User-Mode Linux guest, whose processes are killed all at once from outside.

With the guest goes its page cache; what stays is what had reached its disk, an ext4 in a file. Each time that disk is
copied, its journal replayed, a broker recovers the copied log, and the checker judges. The next guest boots from the
disk as the cut left it. Then the same with brokers whose fdatasync lies: these must be found out."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import harness
import checker
import records
import support
from support_faults import SYNC_LIE_LATE, SYNC_LIE_NONE, SYNC_LIE_NOTHING

CUTS, FEW_CUTS = (100, 10) if harness.IS_FULL else (2, 1)
CUTS_OF_A_DISK = 5  # a new disk so often: all of its log is judged after each cut
DISK_BYTES = 512 << 20
GUEST_MEMORY = "192M"
BOOT_S = 60
LONGEST_LIFE_S = 1.5
LINUX = shutil.which("linux.uml")


class Guest:
    """One disk, and the guests that live on it one after the other."""

    def __init__(self, directory, sync, lie):
        self.dir = directory
        self.sync = sync
        self.lie = lie
        self.disk = os.path.join(directory, "disk")
        self.producers = []
        with open(self.disk, "wb") as disk:
            disk.truncate(DISK_BYTES)
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", self.disk], check=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def boot(self, names):
        """Starts a guest; its producers' records come into files from now on."""
        files = [open(self.path(f"{name}.record"), "wb") for name in names]
        console = open(self.path("console"), "wb")
        numbers = [file.fileno() for file in files]
        words = [LINUX, f"mem={GUEST_MEMORY}", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
                 f"init={os.path.join(harness.HERE, 'power_guest.sh')}", f"ubd0={self.disk}", "con=null",
                 "con0=null,fd:1", f"con1=null,fd:{numbers[0]}", f"con2=null,fd:{numbers[1]}", f"uml_dir={self.dir}",
                 f"SYNC={self.sync}", f"LIE={self.lie}", f"FIRST={names[0]}", f"SECOND={names[1]}"]  # fmt: skip
        words += [f"{name}={os.environ[name]}" for name in ("TOCSIND", "FAULT_SHIM", "APPEND_LOAD")]
        guest = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
                                 pass_fds=numbers, start_new_session=True, env={**os.environ, "TMPDIR": self.dir})  # fmt: skip
        for file in [*files, console]:
            file.close()
        return guest

    def live_and_lose_power(self, cut, chance):
        names = [f"c{cut}-{index}" for index in range(2)]
        guest = self.boot(names)
        try:
            for name in names:
                support.wait_until(
                    lambda: harness.last_ack(self.path(f"{name}.record")) or guest.poll() is not None, "an ack", BOOT_S
                )
            time.sleep(chance.uniform(0, LONGEST_LIFE_S))
            if guest.poll() is not None or "GUEST" in self.console():
                raise AssertionError(f"the guest ended by itself: {self.console()}")
        finally:
            os.killpg(guest.pid, signal.SIGKILL)
            guest.wait()
        self.producers += [records.read_producer(name, self.path(f"{name}.record")) for name in names]

    def console(self):
        with open(self.path("console"), encoding="utf-8", errors="replace") as text:
            return text.read()

    def copy_log(self):
        """The log as a machine would find it after the cut; its directory."""
        copy, log_dir = self.path("copy"), self.path("found")
        shutil.rmtree(log_dir, ignore_errors=True)
        os.mkdir(log_dir)
        subprocess.run(["cp", "--sparse=always", self.disk, copy], check=True)
        if subprocess.run(["/sbin/e2fsck", "-fp", copy], stdout=subprocess.DEVNULL).returncode > 1:
            raise AssertionError("the guest's file system is broken beyond its journal")
        subprocess.run(["/sbin/debugfs", "-R", f"rdump /log {log_dir}", copy], check=True, stderr=subprocess.DEVNULL)
        os.unlink(copy)
        return os.path.join(log_dir, "log")

    def judge(self):
        """Recovers the log and judges it; the verdict, and whether there was a torn tail."""
        log_dir = self.copy_log()
        broker = support.Broker(log_dir, "--live", "none", "--ingest", "none", "--append", f"ipc://{self.path('append')}")
        try:
            broker.start()
            broker.stop()
        except AssertionError as refusal:
            if self.lie == SYNC_LIE_NONE:
                raise
            print(f"a broker refuses what the lie has left: {refusal}")  # its log is judged as it is
        finally:
            broker.close()
        verdict = checker.Checker(log_dir, self.producers, seqs_may_jump=self.sync != "batch").check()
        return verdict, any(".torn." in name for name in os.listdir(log_dir))


def cut_power(directory, sync, lie, cuts, chance):
    """Counts of what happened."""
    total = {"cuts": 0, "with loss": 0, "lost": 0, "unsound": 0, "acknowledged": 0, "torn": 0}
    guest = None
    while total["cuts"] < cuts:
        # after a lie the log has holes that the producers know of: no use for it any longer
        if guest is None or total["cuts"] % CUTS_OF_A_DISK == 0 or lie != SYNC_LIE_NONE:
            place = os.path.join(directory, f"{sync}-{lie}-{total['cuts']}")
            os.mkdir(place)
            guest = Guest(place, sync, lie)
        guest.live_and_lose_power(total["cuts"], chance)
        verdict, is_torn = guest.judge()
        total["cuts"] += 1
        total["torn"] += is_torn
        total["lost"] += verdict.faults["lost"]
        total["with loss"] += verdict.faults["lost"] > 0
        total["unsound"] += not verdict.is_sound
        total["acknowledged"] += sum(producer.acked for producer in guest.producers[-2:])
        if not verdict.is_sound and lie == SYNC_LIE_NONE:
            print(verdict)
        if total["cuts"] % CUTS_OF_A_DISK == 0 or lie != SYNC_LIE_NONE:
            shutil.rmtree(guest.dir)
    return total


def figures(total, watch):
    return (
        f"{total['cuts']} cuts, {total['acknowledged']} acknowledged, {total['lost']} lost in {total['with loss']} cuts, "
        f"{total['torn']} torn tails, {watch.s:.0f} s"
    )


def main():
    if not LINUX:
        harness.skip("power cut", "no User-Mode Linux here (Debian: user-mode-linux)")
    chance = harness.seed()
    is_good = True
    with tempfile.TemporaryDirectory(prefix="tocsin-power-") as directory:
        for name, sync, cuts in (("power cut", "batch", CUTS), ("power cut, sync each 50 ms", "interval=50", FEW_CUTS)):
            watch = harness.Stopwatch()
            total = cut_power(directory, sync, SYNC_LIE_NONE, cuts, chance)
            is_good &= harness.result(name, not total["unsound"], figures(total, watch))
        for name, lie in (("without sync", SYNC_LIE_NOTHING), ("acknowledged before sync", SYNC_LIE_LATE)):
            watch = harness.Stopwatch()
            total = cut_power(directory, "batch", lie, FEW_CUTS, chance)
            # a cut just after a late sync may find nothing to lose
            is_found = total["with loss"] == FEW_CUTS or (lie == SYNC_LIE_LATE and total["with loss"] > FEW_CUTS // 2)
            is_good &= harness.result(f"power cut, {name}", is_found, f"must lose: {figures(total, watch)}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
