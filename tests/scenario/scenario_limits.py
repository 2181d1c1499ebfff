"""Limits of a key: what is over them is dropped and counted at ingest and sent again at append, and a flood ends outside."""

import json
import os
import subprocess
import threading
import time
import unittest

import support
import zmq
from support import Log, event, pack, wait_until
from support_curve import CurveContext, secured

ALL = {"publish": ["*"], "producers": ["*"], "live": True, "read": [""]}


class Limits(support.Scenario):
    def start(self, rights):
        self.server, self.keys = secured(self, {"judge": ALL, **rights})

    def source(self, name):
        source = self.keys.dress(self.context.socket(zmq.XPUB), name)
        source.linger = 0
        source.sndhwm = 0
        source.connect(self.server.ports["ingest"])
        self.assertTrue(source.poll(support.DEADLINE_S * 1000))
        source.recv()
        return source

    def test_events_over_the_limit_are_dropped_at_ingest_and_each_is_counted(self):
        self.start({"slow": {**ALL, "limits": {"events_per_s": 500}}})
        source, count = self.source("slow"), 20000
        begun = time.monotonic()
        for number in range(count):
            source.send(pack(event(number)))

        def all_seen():
            values = self.server.metrics()
            accepted, dropped = values["tocsin_events_accepted_total"], values["tocsin_messages_throttled_total"]
            return (accepted, dropped) if accepted + dropped == count else None

        accepted, dropped = wait_until(all_seen, "each is accepted or counted")
        took_s = time.monotonic() - begun
        print(f"{accepted:.0f} accepted, {dropped:.0f} dropped in {took_s:.1f} s")
        self.assertGreaterEqual(accepted, 500)
        self.assertLessEqual(accepted, 500 * (took_s + 1) + 10)
        judge = self.source("judge")
        judge.send(pack(event(0, category="Judge")))
        wait_until(lambda: self.server.metric("tocsin_events_accepted_total") == accepted + 1, "others pass")
        self.server.stop()

    def append(self, name, count):
        """Seconds that it takes to have them all acknowledged; each is in the log once."""
        path = os.path.join(self.dir, "events.json")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(event(number)) + "\n" for number in range(count))
        begun = time.monotonic()
        flags = self.keys.client_flags(name)
        ran = subprocess.run([os.environ["TOCSIN"], "pub", path, "--append", self.server.ports["append"], *flags],
                             capture_output=True, text=True, timeout=support.DEADLINE_S, check=False)  # fmt: skip
        took_s = time.monotonic() - begun
        self.assertEqual(ran.returncode, 0, ran.stderr)
        print(f"{count} events in {took_s:.1f} s")
        self.server.stop()
        self.assertEqual([line["snapshot"]["number"] for line in Log(self.log_dir).events()], list(range(count)))
        return took_s

    def test_at_append_the_limit_delays_and_loses_nothing(self):
        self.start({"slow": {**ALL, "limits": {"events_per_s": 1000}}})
        self.assertGreater(self.append("slow", 4000), 1)

    def test_at_append_a_limit_in_bytes_delays_and_loses_nothing(self):
        count = 4000
        self.start({"slow": {**ALL, "limits": {"bytes_per_s": count * len(pack(event(0))) // 4}}})
        self.assertGreater(self.append("slow", count), 1)

    def test_bytes_over_the_limit_are_dropped_at_ingest_and_each_message_is_counted(self):
        frame, events = pack(event(0)) * 20, 20
        bytes_per_s = 50 * len(frame)
        self.start({"slow": {**ALL, "limits": {"bytes_per_s": bytes_per_s}}})
        source, count = self.source("slow"), 2000
        begun = time.monotonic()
        for _ in range(count):
            source.send(frame)

        def all_seen():
            values = self.server.metrics()
            accepted, dropped = values["tocsin_events_accepted_total"], values["tocsin_messages_throttled_total"]
            return (accepted, dropped) if accepted / events + dropped == count else None

        accepted, dropped = wait_until(all_seen, "each is accepted or counted")
        took_s = time.monotonic() - begun
        print(f"{accepted:.0f} events accepted, {dropped:.0f} frames dropped in {took_s:.1f} s")
        self.assertGreaterEqual(accepted, 50 * events)
        self.assertLessEqual(accepted, (50 * (took_s + 1) + 1) * events)
        self.assertEqual(self.server.metric("tocsin_throttled_bytes_total"), dropped * len(frame))
        self.server.stop()

    def test_who_floods_is_out_within_two_seconds_and_the_quiet_are_served(self):
        self.start({"flood": {**ALL, "limits": {"events_per_s": 1000}}})
        live = support.Subscriber(CurveContext(self.context, self.keys, "judge"), self.server.ports["live"], (b"Quiet/",))
        quiet = self.source("judge")

        def delays_ms(count):
            taken = []
            for _ in range(count):
                before, known = time.monotonic(), len(live.records)
                quiet.send(pack(event(category="Quiet")))
                live.take_until(known + 1)
                taken.append((time.monotonic() - before) * 1000)
            return sorted(taken)

        before = delays_ms(200)
        flooder = self.keys.dress(self.context.socket(zmq.PUB), "flood")
        flooder.linger = 0
        monitor = flooder.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        flooder.connect(self.server.ports["ingest"])
        stop = threading.Event()
        frame = pack(event(category="Flood")) * 400

        def flood():
            while not stop.is_set():
                flooder.send(frame)

        thread = threading.Thread(target=flood)
        begun = time.monotonic()
        thread.start()
        try:
            during = delays_ms(200)
            self.assertTrue(monitor.poll(support.DEADLINE_S * 1000), "it is out")
            out_s = time.monotonic() - begun
        finally:
            stop.set()
            thread.join()
        took_s = time.monotonic() - begun
        print(f"p99 {before[-2]:.1f} ms before, {during[-2]:.1f} ms during the flood; who floods was out by {out_s:.1f} s")
        wait_until(lambda: "floods the broker" in self.server.stderr(), "it is told")
        accepted = [line for line in self.lines() if line["category"] == "Flood"]
        self.assertLess(len(accepted), 10000 + 1100 * took_s)

    def lines(self):
        self.server.stop()
        return Log(self.log_dir).events()


if __name__ == "__main__":
    unittest.main()
