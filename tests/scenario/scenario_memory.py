"""Who sends more than can be read, or messages without an end, loses his connection before the broker loses its memory."""

import contextlib
import threading
import time
import unittest

import support
import zmq
from scenario_hostile_peers import zmtp
from support import event, pack, wait_until

LIMIT_MIB = 400 if support.IS_SANITIZED else 100
FLAGS = ("--max-memory", f"{LIMIT_MIB}MiB", "--ring-bytes", "4MiB", "--tail-bytes", "1MiB")


class Memory(support.Scenario):
    def setUp(self):
        super().setUp()
        self.server = self.broker(*FLAGS)
        self.source = self.publisher(self.server)
        self.live = self.subscriber(self.server, b"Pulse/")
        self.peak_mib = 0

    def pulse(self):
        known = len(self.live.records)
        self.source.send(pack(event(category="Pulse")))
        self.live.take_until(known + 1)

    def rss_mib(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            mib = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) // 1024
        self.peak_mib = max(self.peak_mib, mib)
        return mib

    def ended(self):
        self.rss_mib()
        return self.server.metric("tocsin_connections_memory_total")

    def test_every_value_that_is_no_event_is_counted_however_many_a_frame_holds(self):
        self.source.send(b"\x01" * 5000)
        self.source.send(b"\x01\xff\xc0\xa0\x90\xa1x" * 999 + pack(event(category="Pulse")) + b"\x7f\xe0\xc3")
        self.live.take_until(1)
        wait_until(lambda: self.server.metric('tocsin_events_refused_total{code="type"}') == 5000 + 6 * 999 + 3, "all")
        self.server.stop()

    def test_a_flood_of_what_is_no_event_stays_within_the_memory(self):
        stop = threading.Event()
        flooder = self.context.socket(zmq.PUB)
        flooder.linger = 0
        flooder.connect(self.server.ports["ingest"])
        frame = b"\x01" * 65536

        def flood():
            while not stop.is_set():
                flooder.send(frame)

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            end = time.monotonic() + 4
            while time.monotonic() < end:
                self.pulse()
                self.rss_mib()
        finally:
            stop.set()
            thread.join()
        print(f"{self.peak_mib} MiB at most, {self.ended():.0f} connections ended")
        self.assertLess(self.peak_mib, 3 * LIMIT_MIB)
        self.pulse()
        self.server.stop()

    def test_a_message_without_an_end_costs_its_sender_the_connection(self):
        peer = zmtp(self.server.ports["ingest"], b"PUB")
        part = b"\x03" + (60000).to_bytes(8, "big") + bytes(60000)
        is_out = False
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - begun < support.DEADLINE_S:
                peer.sendall(part * 16)
                time.sleep(0.002)
        is_out = time.monotonic() - begun < support.DEADLINE_S
        out_s = time.monotonic() - begun
        peer.close()
        self.assertTrue(is_out)
        wait_until(lambda: self.ended() == 1, "that it is counted")
        wait_until(lambda: "127.0.0.1" in self.server.stderr(), "that it is told")
        if not support.IS_SANITIZED:  # whose allocator keeps what was freed
            wait_until(lambda: self.rss_mib() < LIMIT_MIB + 5, "memory is back under its limit", 5)
        print(f"out after {out_s:.1f} s, {self.peak_mib} MiB")
        for _ in range(10):
            self.pulse()
        self.server.stop()


if __name__ == "__main__":
    unittest.main()
