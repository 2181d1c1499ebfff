"""The library's appender, seen from outside: a program that uses it, a real broker, and the broker's log."""

import os
import random
import subprocess
import unittest

import support
from support import Log
from support_relay import Relay


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
        process = subprocess.Popen([os.environ["APPEND_DRIVER"], "-e", self.endpoint, "-p", options.pop("producer", "driver"),
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


class Waiting(Appender):
    """Who waits for his puts has the socket to himself meanwhile."""

    def waiting_drivers(self):
        """{events at a time: driver}, on their way."""
        return {at_a_time: self.driver("-f", 1, "-c", count, "-l", at_a_time, producer=f"by-{at_a_time}")
                for at_a_time, count in ((1, 1500), (7, 7000), (300, 30000))}  # fmt: skip

    def check(self, broker, drivers):
        for driver in drivers.values():
            self.assertEqual(driver.wait(support.DEADLINE_S), 0, self.told(driver)[-3:])
        broker.stop()
        lines = Log(self.log_dir).lines
        for at_a_time, driver in drivers.items():
            numbers = [line["snapshot"]["number"] for line in lines if line.get("producer") == f"by-{at_a_time}"]
            self.assertEqual(numbers, [index for index, _ in self.told(driver, "took")], f"{at_a_time} at a time")

    def await_logged(self, broker, count):
        support.wait_until(lambda: (broker.metric_or_none("tocsin_log_durable_seq") or 0) > count, "the load")

    def test_each_number_is_there_once_also_when_the_broker_is_killed(self):
        broker = self.broker()
        drivers = self.waiting_drivers()
        for logged in (1000, 4000):
            self.await_logged(broker, logged)
            broker.kill()
            broker = self.broker()
        self.check(broker, drivers)

    def test_each_number_is_there_once_also_when_the_connections_are_cut(self):
        broker = self.broker()
        with Relay(self.endpoint) as relay:
            self.endpoint = relay.endpoint
            drivers = self.waiting_drivers()
            for logged in (1000, 2000, 4000, 8000, 16000):
                self.await_logged(broker, logged)
                relay.cut()
                relay.mend()
            self.check(broker, drivers)
            self.assertGreater(relay.carried, len(drivers), "connections were cut")


class Spool(Appender):
    def setUp(self):
        super().setUp()
        self.spool = os.path.join(self.dir, "spool")

    def spooler(self, *arguments, **options):
        return self.driver("-s", self.spool, *arguments, **options)

    def fill(self, index, count, *arguments):
        """Appends without a broker and ends well; returns [[index, n], …]."""
        driver = self.spooler("-i", index, "-c", count, "-w", 1, *arguments)
        self.assertEqual(driver.wait(support.DEADLINE_S), 0, self.told(driver)[-3:])
        self.assertEqual(self.told(driver, "took")[-1][0], index + count - 1)
        return self.told(driver, "took")

    def drain(self, *arguments):
        driver = self.spooler("-c", 0, *arguments)
        self.assertEqual(driver.wait(support.DEADLINE_S), 0, self.told(driver)[-3:])
        self.assertEqual(self.told(driver, "closed"), [[0, 0]])
        return driver

    def spool_files(self):
        return sorted(name for name in os.listdir(self.spool) if name.endswith((".spool", ".torn")))

    def test_events_wait_for_the_broker_and_have_the_numbers_that_were_told(self):
        took = self.fill(1, 1000) + self.fill(1001, 500, "-a")
        self.assertEqual([index for index, _ in took], list(range(1, 1501)))
        self.assertEqual([n - took[0][1] for _, n in took], list(range(1500)))
        broker = self.broker()
        driver = self.drain()
        self.assertEqual(self.told(driver, "settled")[-1][0], took[-1][1])
        broker.stop()
        self.assertEqual(self.logged(), [(n, index) for index, n in took])
        self.assertEqual(len(self.spool_files()), 1)
        self.assertLess(os.path.getsize(os.path.join(self.spool, self.spool_files()[0])), 100, "nothing is left")
        took = self.fill(1501, 10)
        self.assertEqual(took[0][1], self.logged()[-1][0] + 1, "numbers go on")

    def test_what_does_not_fit_into_memory_is_read_back_from_the_disk(self):
        took = self.fill(1, 20000, "-q", 50000)
        broker = self.broker()
        more = self.spooler("-i", 20001, "-c", 20000, "-q", 50000)
        self.assertEqual(more.wait(support.DEADLINE_S), 0, self.told(more)[-3:])
        broker.stop()
        took += self.told(more, "took")
        self.assertEqual(self.logged(), [(n, index) for index, n in took])

    def test_killed_at_random_with_a_broker_that_comes_and_goes_each_event_is_in_the_log_once(self):
        seed = 20261121
        random.seed(seed)
        took, index, broker = [], 1, None
        for cycle in range(16):
            if random.random() < 0.5:
                if broker:
                    broker.kill()
                broker = self.broker() if not broker else None
            flags = ["-a"] if random.random() < 0.3 else []
            driver = self.spooler("-i", index, "-c", 1000000, "-q", random.choice((20000, 10**7)), *flags)
            target = random.randrange(1, 4000 if not flags else 300)
            support.wait_until(lambda: len(self.told(driver, "took")) >= target or driver.poll() is not None,
                               "events are taken")  # fmt: skip
            self.assertIsNone(driver.poll(), self.told(driver)[-3:])
            driver.kill()
            driver.wait()
            took += self.told(driver, "took")
            index = took[-1][0] + 2  # what was under way then is in the log, or not
            self.assertEqual(self.told(driver, "error"), [], f"seed {seed}")
            for trouble in self.told(driver, "trouble"):  # a kill may end a write between two pages
                self.assertEqual(trouble[:4], ["a", "crash", "left", "the"], f"seed {seed}")
        broker = broker or self.broker()
        self.drain()
        broker.stop()
        logged = self.logged()
        self.assertEqual(len({n for n, _ in logged}), len(logged))
        self.assertEqual(len({number for _, number in logged}), len(logged), f"seed {seed}: an event is there twice")
        self.assertEqual(logged, sorted(logged))
        missing = {(n, number) for number, n in took} - set(logged)
        self.assertEqual(missing, set(), f"seed {seed}: an event that was taken is lost")
        self.assertLessEqual(len(logged) - len(took), 16, "what was under way at a kill, and nothing else")

    def test_a_full_spool_refuses_and_has_room_again_behind_what_is_settled(self):
        driver = self.spooler("-c", 100000, "-b", 100000, "-w", 50)
        self.assertEqual(driver.wait(support.DEADLINE_S), 1)
        self.assertEqual(self.told(driver, "error"), [[-14]])  # TOCSIN_E_FULL
        took = self.told(driver, "took")
        self.assertLessEqual(sum(os.path.getsize(os.path.join(self.spool, name)) for name in self.spool_files()), 100000)
        broker = self.broker()
        more = self.spooler("-i", len(took) + 1, "-c", 3000, "-b", 100000)
        self.assertEqual(more.wait(support.DEADLINE_S), 0, self.told(more)[-3:])
        broker.stop()
        self.assertEqual(self.logged(), [(n, index) for index, n in took + self.told(more, "took")])

    def test_a_spool_is_one_producers_and_one_processs(self):
        first = self.spooler("-c", 1)
        support.wait_until(lambda: self.told(first, "took"), "the spool is in use")
        second = self.spooler("-c", 1)
        second.wait(support.DEADLINE_S)
        self.assertEqual(self.told(second, "error"), [[-13]])  # TOCSIN_E_LOCKED
        first.kill()
        first.wait()
        other = self.spooler("-c", 1, producer="another")
        other.wait(support.DEADLINE_S)
        self.assertEqual(self.told(other, "error"), [[-17]])  # TOCSIN_E_OTHER_PRODUCER
        self.assertEqual(len(self.fill(2, 1)), 1)

    def test_another_log_gets_what_is_not_settled_and_nothing_that_is(self):
        broker = self.broker()
        self.spooler("-c", 100).wait(support.DEADLINE_S)
        broker.stop()
        self.log_dir += "-2"
        took = self.fill(101, 50)
        broker = self.broker()
        self.drain()
        broker.stop()
        self.assertEqual(self.logged(), [(n, index) for index, n in took])

    def test_numbers_of_the_broker_that_the_spool_never_gave_out_are_a_conflict_unless_it_is_empty(self):
        broker = self.broker()
        self.run_driver("-f", 2**60, "-c", 1)
        driver = self.spooler("-o", "-c", 5)
        self.assertEqual(driver.wait(support.DEADLINE_S), 0, self.told(driver)[-3:])
        self.assertEqual(self.told(driver, "took")[0][1], 2**60 + 1, "an empty spool goes on behind them")
        broker.stop()
        self.fill(20, 5)
        broker = self.broker()
        self.run_driver("-f", 2**61, "-c", 1)  # another one with the same name
        driver = self.spooler("-c", 0)
        self.assertEqual(driver.wait(support.DEADLINE_S), 1)
        self.assertEqual(self.told(driver, "error"), [[-17]])
        broker.stop()

    def test_damage_is_told_and_nothing_is_touched(self):
        self.fill(1, 50, "-a")
        path = os.path.join(self.spool, self.spool_files()[0])
        with open(path, "r+b") as segment:
            segment.seek(500)
            byte = segment.read(1)[0]
            segment.seek(500)
            segment.write(bytes([byte ^ 4]))
        size = os.path.getsize(path)
        driver = self.spooler("-c", 1)
        driver.wait(support.DEADLINE_S)
        self.assertEqual(self.told(driver, "error"), [[-12]])  # TOCSIN_E_CORRUPT
        self.assertIn("is damaged at byte", " ".join(map(str, self.told(driver, "trouble")[0])))
        self.assertEqual(os.path.getsize(path), size)


if __name__ == "__main__":
    unittest.main()
