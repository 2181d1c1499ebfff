"""Days end under load, with the clock in our hands and death at every step."""

import os
import signal
import subprocess
import unittest

import support
from support import Log, event, pack
from support_faults import Faults


class Roll(support.Scenario):
    def setUp(self):
        super().setUp()
        self.faults = Faults(self.dir)
        self.addCleanup(self.faults.close)
        self.number = 0

    def faulty_broker(self, *flags):
        return self.broker(*flags, env=self.faults.environment())

    def set_clock(self, subscriber, utc):
        """Returns when the broker has seen its new time: what it takes in from then on, it stamps with that."""
        wanted_s = self.faults.set_clock(utc)
        while abs(subscriber.now_us / 1e6 - wanted_s) > 60:
            subscriber.take()

    def publish(self, publisher, subscriber, count=200):
        """Publishes and waits until all has come back: it is in the log then."""
        wanted = len(subscriber.records) + count
        for _ in range(count):
            publisher.send(pack(event(self.number)))
            self.number += 1
        self.take_events(subscriber, wanted)

    def take_events(self, subscriber, count):
        while len(subscriber.records) < count:
            subscriber.take()

    def check_all_there(self, *subscribers):
        """Every record that anyone saw is in the log, and every number once."""
        log = Log(self.log_dir)
        by_seq = {line["seq"]: line for line in log.lines}
        for subscriber in subscribers:
            for _, record, _ in subscriber.records:
                self.assertEqual(by_seq[record[0]]["snapshot"], record[3]["snapshot"])
        return log

    def test_three_midnights_under_load_and_tail_sees_every_line(self):
        self.faults.set_clock("2026-11-20 23:59:50")
        broker = self.faulty_broker()
        output = open(os.path.join(self.dir, "tail"), "w+b")
        tail = subprocess.Popen(
            ["tail", "-q", "-F", "-n", "+1", "-s", "0.05", os.path.join(self.log_dir, "events.log")],
            stdout=output, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.addCleanup(output.close)
        self.addCleanup(tail.wait)
        self.addCleanup(tail.kill)
        subscriber = self.subscriber(broker, b"TestEvent/")
        publisher = self.publisher(broker)
        for day in ("2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"):
            self.publish(publisher, subscriber)
            seen = pack(self.number - 1)
            last = f'"snapshot":{{"number":{self.number - 1}}}'.encode()
            support.wait_until(lambda: last in open(output.name, "rb").read(), f"tail -F at {seen}")
            self.faults.set_clock(f"{day} 00:00:01")
        broker.stop()
        log = self.check_all_there(subscriber)
        days = [f"events.log.202611{day}" for day in range(20, 24)]
        self.assertEqual(log.files, [*days, "events.log"])
        self.assertEqual([line["snapshot"]["number"] for line in log.events()], list(range(self.number)))
        whole = b"".join(open(os.path.join(self.log_dir, name), "rb").read() for name in log.files)
        support.wait_until(lambda: open(output.name, "rb").read() == whole, "tail -F has every line, in order")

    def test_a_clock_that_goes_back_neither_rolls_nor_overwrites(self):
        self.faults.set_clock("2026-11-20 23:59:50")
        broker = self.faulty_broker()
        subscriber = self.subscriber(broker, b"TestEvent/")
        publisher = self.publisher(broker)
        self.publish(publisher, subscriber)
        self.set_clock(subscriber, "2026-11-21 00:00:05")
        self.publish(publisher, subscriber)
        first_day = open(os.path.join(self.log_dir, "events.log.20261120"), "rb").read()
        self.set_clock(subscriber, "2026-11-20 22:00:00")
        self.publish(publisher, subscriber)
        broker.stop()
        broker = self.faulty_broker()  # and over a restart
        second = self.subscriber(broker, b"TestEvent/")
        publisher = self.publisher(broker)
        self.publish(publisher, second)
        self.set_clock(second, "2026-11-22 00:00:05")
        self.publish(publisher, second)
        broker.stop()
        log = self.check_all_there(subscriber, second)
        self.assertEqual(log.files, ["events.log.20261120", "events.log.20261121", "events.log"])
        self.assertEqual(open(os.path.join(self.log_dir, "events.log.20261120"), "rb").read(), first_day)
        self.assertTrue(log.own("ClockStepped"))

    def test_a_file_that_has_the_days_name_already_is_not_touched(self):
        self.faults.set_clock("2026-11-20 12:00:00")
        broker = self.faulty_broker()
        subscriber = self.subscriber(broker, b"TestEvent/")
        publisher = self.publisher(broker)
        self.publish(publisher, subscriber, 10)
        foreign = os.path.join(self.log_dir, "events.log.20261120")
        with open(foreign, "w", encoding="utf-8") as file:
            file.write("somebody's file\n")
        self.set_clock(subscriber, "2026-11-21 12:00:00")
        self.publish(publisher, subscriber, 10)
        broker.stop()
        with open(foreign, encoding="utf-8") as file:
            self.assertEqual(file.read(), "somebody's file\n")
        os.unlink(foreign)
        log = self.check_all_there(subscriber)
        self.assertEqual(log.files, ["events.log.20261120.1", "events.log"])

    def die_in_roll(self, call, after):
        """A roll in which the broker dies at that call; False when the roll has fewer calls."""
        self.log_dir = os.path.join(self.dir, f"log-{call}-{after}")
        self.faults.kill_at(0)
        self.faults.set_clock("2026-11-20 23:59:50")
        broker = self.faulty_broker()
        first = self.subscriber(broker, b"TestEvent/")
        publisher = self.publisher(broker)
        self.publish(publisher, first, 50)
        self.faults.kill_at(call, after)
        self.faults.set_clock("2026-11-21 00:00:05")
        publisher.send(pack(event(self.number)))
        self.number += 1
        support.wait_until(
            lambda: broker.process.poll() is not None or broker.metric_or_none("tocsin_log_rolls_total") == 1
            and broker.metric_or_none("tocsin_events_published_total") == 51 + self.own_count(broker),
            "death or the roll's end",
        )  # fmt: skip
        while first.socket.poll(0):
            first.take()
        self.faults.kill_at(0)
        is_alive = self.stop_or_bury(broker)
        broker = self.faulty_broker()
        second = self.subscriber(broker, b"TestEvent/")
        publisher = self.publisher(broker)
        self.publish(publisher, second, 50)
        broker.stop()
        log = self.check_all_there(first, second)
        self.assertIn("events.log.20261120", log.files)
        self.assertEqual(log.files[-1], "events.log")
        self.assertEqual(len(log.files), 2)
        return not is_alive

    @staticmethod
    def stop_or_bury(broker):
        """False when it has died; it may do so still while it is looked at."""
        try:
            broker.stop()
        except AssertionError:
            if broker.process.returncode != -signal.SIGKILL:
                raise
            return False
        return True

    def own_count(self, broker):
        logged = broker.metric_or_none("tocsin_events_logged_total") or 0
        received = broker.metric_or_none("tocsin_events_accepted_total") or 0
        return logged - received

    def test_death_at_every_step_of_a_roll_loses_and_overwrites_nothing(self):
        for after in (False, True):
            call = 1
            while self.die_in_roll(call, after):
                call += 1
            self.assertGreater(call, 6, "a roll has more steps than that: the shim does not see them")


if __name__ == "__main__":
    unittest.main()
