"""The library's appender, seen from outside: a program that uses it, a real broker, and the broker's log."""

import os
import random
import subprocess
import unittest

import support
from support import Log


class Appender(support.Scenario):
    def setUp(self):
        super().setUp()
        self.endpoint = f"tcp://127.0.0.1:{support.free_port()}"  # the same over restarts

    def broker(self, *flags, **options):
        return super().broker("--append", self.endpoint, *flags, **options)

    def driver(self, *arguments, **options):
        """The driver as a process, its lines in a file."""
        out = open(os.path.join(self.dir, f"driver-{random.random()}"), "w+b")
        self.addCleanup(out.close)
        process = subprocess.Popen([os.environ["APPEND_DRIVER"], "-e", self.endpoint, "-p", "driver",
                                    *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=out, **options)  # fmt: skip
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.out = out
        return process

    def told(self, process, word=None):
        """[[word, number or text, ...]] of what the driver has told."""
        with open(process.out.name, "rb") as lines:
            whole = lines.read().decode().rpartition("\n")[0].split("\n")
        values = [[int(part) if part.lstrip("-").isdigit() else part for part in line.split()] for line in whole if line]
        return [line[1:] for line in values if line[0] == word] if word else values

    def run_driver(self, *arguments):
        process = self.driver(*arguments)
        self.assertEqual(process.wait(support.DEADLINE_S), 0, self.told(process))
        return process

    def logged(self):
        """[(n, number)] of the driver's events, from a checked log."""
        return [(line["n"], line["snapshot"]["number"])
                for line in Log(self.log_dir).lines if line.get("producer") == "driver"]  # fmt: skip


class FirstNumber(Appender):
    def test_a_producer_that_numbers_its_events_sends_only_what_the_broker_lacks(self):
        broker = self.broker()
        first = self.run_driver("-f", 1000, "-i", 1000, "-c", 300)
        self.assertEqual(self.told(first, "open"), [[0]])
        self.assertEqual(self.told(first, "took"), [[n, n] for n in range(1000, 1300)])
        # a follower that is not sure from where begins well before
        again = self.run_driver("-f", 1100, "-i", 1100, "-c", 500)
        self.assertEqual(self.told(again, "open"), [[1299]])
        self.assertEqual(self.told(again, "took"), [[n, n] for n in range(1100, 1600)])
        broker.stop()
        self.assertEqual(self.logged(), [(n, n) for n in range(1000, 1600)])

    def test_every_number_is_told_as_settled_also_what_the_broker_had(self):
        broker = self.broker()
        self.run_driver("-f", 1, "-c", 100)
        known = self.run_driver("-f", 41, "-i", 41, "-c", 30)  # all of it
        settled = self.told(known, "settled")
        self.assertEqual(settled[-1][0], 70)
        self.assertEqual([line[1] for line in settled], [0] * len(settled), "no receipt for what was not sent")
        partly = self.run_driver("-f", 41, "-i", 41, "-c", 100)
        settled = [line[0] for line in self.told(partly, "settled")]
        self.assertEqual((settled, settled[-1]), (sorted(set(settled)), 140))
        broker.stop()
        self.assertEqual(self.logged(), [(n, n) for n in range(1, 141)])

    def test_a_first_number_that_leaves_a_gap_is_taken(self):
        broker = self.broker()
        self.run_driver("-c", 10)
        self.run_driver("-f", 5000, "-i", 5000, "-c", 10)
        broker.stop()
        self.assertEqual([n for n, _ in self.logged()], [*range(1, 11), *range(5000, 5010)])

    def test_a_broker_that_is_killed_meanwhile_has_each_number_once(self):
        broker = self.broker()
        self.run_driver("-f", 1, "-c", 2000)
        driver = self.driver("-f", 1000, "-i", 1000, "-c", 60000)
        for logged in (8000, 25000):
            support.wait_until(lambda: (broker.metric_or_none("tocsin_log_durable_seq") or 0) > logged, "the load")
            broker.kill()
            broker = self.broker()
        self.assertEqual(driver.wait(support.DEADLINE_S), 0, self.told(driver)[-3:])
        broker.stop()
        self.assertEqual(self.logged(), [(n, n) for n in range(1, 61000)])
        self.assertEqual(self.told(driver, "settled")[-1][0], 60999)


if __name__ == "__main__":
    unittest.main()
