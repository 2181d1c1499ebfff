"""A disk that is full to the last page, with retain-free: the reserve is given up, the log says what goes, and the broker
goes on by itself."""

import os
import signal
import subprocess
import unittest

import support
from scenario_retention import Retention
from support import Log, event, wait_until

DAYS = ("2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13")
DISK_BYTES = 64 << 20
RESERVE = "tocsind.reserve"
FLAGS = ("--append", "tcp://127.0.0.1:*", "--compress-after", "never", "--retain-free", "8MiB")


class FullDisk(Retention):
    """The log of some days, copied to a tmpfs in a mount namespace of the broker's own, seen from here through /proc."""

    def setUp(self):
        super().setUp()
        self.disk = os.path.join(self.dir, "disk")
        os.mkdir(self.disk)
        attempt = subprocess.run((*self.wrapper(), "true"), capture_output=True, text=True, check=False)
        if attempt.returncode != 0:
            self.skipTest("no mount namespaces for us here: " + attempt.stderr.strip())
        self.faults.set_clock(f"{DAYS[0]} 12:00:00")
        broker = self.start("--compress-after", "never")
        for day in DAYS:
            self.faults.set_clock(f"{day} 12:00:00")
            for _ in range(30):
                appender = self.appender(broker, f"cam-{day}")
                last_n = appender.last_n
                appender.put(last_n + 1, *(event(0, snapshot={"text": "x" * 30000}) for _ in range(10)))
                appender.ack_of(last_n + 10)
        broker.stop()

    def wrapper(self):
        script = 'mount -t tmpfs -o "$0" tmpfs "$1" && { cp -a "$2" "$1/log"; shift 2; exec "$@"; }'
        as_root = () if os.geteuid() == 0 else ("--map-root-user",)  # which a chroot forbids, and root does not need
        return ("unshare", *as_root, "--mount", "sh", "-c", script, f"size={DISK_BYTES}", self.disk, self.log_dir)

    def start_there(self):
        broker = self.broker(*FLAGS, wrapper=self.wrapper(), log_dir=os.path.join(self.disk, "log"))
        self.seen = f"/proc/{broker.process.pid}/root{self.disk}"
        return broker

    def has(self, name):
        return os.path.exists(os.path.join(self.seen, "log", name))

    def fill(self):
        """To the last page."""
        with open(os.path.join(self.seen, "ballast"), "wb", buffering=0) as ballast:
            with self.assertRaises(OSError):
                while True:
                    ballast.write(bytes(1 << 16))

    def test_on_a_disk_that_is_full_to_the_last_page_the_oldest_file_goes_all_the_same(self):
        broker = self.start_there()
        reserve = os.path.join(self.seen, "log", RESERVE)
        wait_until(lambda: self.has(RESERVE) and os.path.getsize(reserve) == DISK_BYTES // 64, "the reserve")
        oldest = f"events.log.{DAYS[0].replace('-', '')}"
        self.assertTrue(self.has(oldest))
        publisher = self.publisher(broker)
        broker.signal(signal.SIGSTOP)  # else it may act while there is still a little room
        self.fill()
        for number in range(40):  # more than the last page of the log's file has room for
            publisher.send(support.pack(event(number, summary="y" * 1000)))
        broker.signal(signal.SIGCONT)
        wait_until(lambda: not self.has(oldest), "that the oldest file goes")
        wait_until(lambda: broker.http("/readyz")[0] == 200, "that there is room again")
        wait_until(lambda: broker.metric("tocsin_events_published_total") == broker.metric("tocsin_events_logged_total"),
                   "the log at rest")  # fmt: skip
        log = Log(os.path.join(self.seen, "log"), may_be_pruned=True)
        told = [line["snapshot"] for line in log.own("LogPruned")]
        self.assertEqual((told[0]["file"], told[0]["reason"]), (oldest, "room"))
        self.assertEqual(sum(line["summary"].startswith("y") for line in log.events()), 40)


if __name__ == "__main__":
    unittest.main()
