"""Steers fault_shim.c: the broker's wall clock, the call that it dies at, the fdatasync that fails or lies."""

import calendar
import mmap
import os
import struct
import time

FIELDS = (
    "clock_offset_us", "kill_at", "calls", "after",
    "sync_error", "sync_fails_at", "syncs", "failed_inode", "syncs_after",
    "sync_lie", "write_error", "synced_bytes",
)  # fmt: skip

SYNC_LIE_NONE, SYNC_LIE_NOTHING, SYNC_LIE_LATE = range(3)


class Faults:
    def __init__(self, directory):
        self.path = os.path.join(directory, "control")
        with open(self.path, "wb") as file:
            file.write(bytes(8 * len(FIELDS)))
        self.file = open(self.path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 8 * len(FIELDS))

    def close(self):
        self.map.close()
        self.file.close()

    def environment(self):
        """What a broker under test gets; the sanitizers must let something be loaded before them."""
        options = {name: os.environ.get(name, "") for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")}
        return {
            "LD_PRELOAD": os.environ["FAULT_SHIM"],
            "TOCSIN_TEST_CONTROL": self.path,
            "ASAN_OPTIONS": f"{options['ASAN_OPTIONS']}:verify_asan_link_order=0".strip(":"),
        }

    def set(self, field, value):
        struct.pack_into("q", self.map, 8 * FIELDS.index(field), value)

    def get(self, field):
        return struct.unpack_from("q", self.map, 8 * FIELDS.index(field))[0]

    def set_clock(self, utc):
        """"2026-11-20 23:59:50"; the broker's clock goes on from there. Returns that time in seconds since 1970."""
        wanted_s = calendar.timegm(time.strptime(utc, "%Y-%m-%d %H:%M:%S"))
        self.set("clock_offset_us", int((wanted_s - time.time()) * 1000000))
        return wanted_s

    def kill_at(self, call, after=False):
        self.set("after", int(after))
        self.set("calls", 0)
        self.set("kill_at", call)

    def fail_sync(self, error, number=1):
        """The broker's fdatasync of that number, counted from now, fails with that errno."""
        self.set("sync_error", error)
        self.set("syncs", 0)
        self.set("sync_fails_at", number)
