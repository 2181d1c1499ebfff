"""Files of earlier days are compressed and removed while the broker works: replay, queries and verify go on over them,
producers are remembered, and whatever kills the broker in between, nothing is lost."""

import contextlib
import json
import os
import subprocess
import unittest

import support
from scenario_append import Appender
from support import Log, event, log_files, pack, wait_until
from support_faults import Faults
from support_stream import Stream

DAYS = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24")
COUNT = 100


class Retention(support.Scenario):
    def setUp(self):
        super().setUp()
        self.faults = Faults(self.dir)
        self.addCleanup(self.faults.close)
        self.faults.set_clock(f"{DAYS[0]} 12:00:00")
        self.number = 0
        self.n = 0
        self.incarnation = 0

    def start(self, *flags):
        return self.broker(
            "--append", "tcp://127.0.0.1:*", "--stream", "tcp://127.0.0.1:*", *flags, env=self.faults.environment()
        )

    def log_bytes(self):
        """What the files take; one that is removed meanwhile takes nothing."""
        count = 0
        for name in log_files(self.log_dir):
            with contextlib.suppress(FileNotFoundError):
                count += os.path.getsize(os.path.join(self.log_dir, name))
        return count

    def append(self, broker, count=COUNT, name="cam"):
        """Acknowledged events of one producer; returns the receipt of the last."""
        appender = self.appender(broker, name)
        self.assertEqual(appender.last_n, self.n)
        appender.put(self.n + 1, *(event(self.number + i) for i in range(count)))
        self.n += count
        self.number += count
        return appender.ack_of(self.n)[0]

    def appender(self, broker, name):
        self.incarnation += 1
        appender = Appender(self, broker, name, self.incarnation)
        self.assertEqual(appender.hello()[0], "welcome")
        return appender

    def make_days(self, broker, days=DAYS):
        for day in days:
            self.faults.set_clock(f"{day} 12:00:00")
            self.append(broker)

    def wait_for(self, names):
        wait_until(lambda: log_files(self.log_dir) == names, f"{names}")

    def names(self, packed, plain):
        return ([f"events.log.{day.replace('-', '')}.zst" for day in packed]
                + [f"events.log.{day.replace('-', '')}" for day in plain] + ["events.log"])  # fmt: skip

    def replay(self, broker, **options):
        stream = Stream(self.context, broker.ports["stream"]).open(**{"from": 1, "follow": False, **options})
        stream.take_all()
        return stream

    def tocsin(self, *arguments):
        return subprocess.run(
            [os.environ["TOCSIN"], *arguments], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=support.DEADLINE_S, check=False,
        )  # fmt: skip

    def verify(self):
        done = self.tocsin("verify", "--json", "--pubkey", os.path.join(self.log_dir, "tocsind.key.pub"), self.log_dir)
        return done.returncode, json.loads(done.stdout)


class Compressing(Retention):
    def test_replay_queries_and_verify_read_compressed_files_as_the_plain_ones(self):
        broker = self.start("--compress-after", "0s")
        self.make_days(broker)
        self.wait_for(self.names(DAYS[:3], DAYS[3:4]))
        self.assertGreater(broker.metric("tocsin_retention_compressed_in_bytes_total"),
                           3 * broker.metric("tocsin_retention_compressed_out_bytes_total"))  # fmt: skip
        broker.stop()
        broker = self.start("--compress-after", "0s")  # with nothing in memory
        log = Log(self.log_dir)
        self.assertEqual(len(log.events()), len(DAYS) * COUNT)
        stream = self.replay(broker)
        self.assertEqual(stream.numbers(), list(range(self.number)))
        self.assertEqual(stream.holes, [])
        for first in (1, 57, 150, 333):
            self.assertEqual(self.replay(broker, **{"from": first}).seqs()[0], first)
        at = self.replay(broker, **{"from": {"time": "2026-11-22T00:00:00Z"}})
        self.assertEqual(at.numbers(), list(range(2 * COUNT, self.number)))
        done = self.tocsin("query", "--dir", self.log_dir, "--type", "Numbered", "--count")
        self.assertEqual((done.returncode, done.stdout), (0, b"%d\n" % self.number), done.stderr)
        for at in (0, 57, 150, 333, self.number - 1):  # and only what is wanted is looked for
            line = log.events()[at]
            done = self.tocsin("query", "--dir", self.log_dir, "--type", "Numbered", "--count", "--since", line["received"])
            wanted = sum(other["received"] >= line["received"] for other in log.events())
            self.assertEqual((done.returncode, done.stdout), (0, b"%d\n" % wanted), done.stderr)
        code, report = self.verify()
        self.assertEqual((code, report["files"]), (0, len(DAYS)), report)
        broker.stop()
        os.unlink(os.path.join(self.log_dir, "tocsind.state"))
        broker = self.start("--compress-after", "0s")
        self.append(broker)  # its last n was found in the files
        self.assertEqual(self.replay(broker).numbers(), list(range(self.number)))

    def test_a_session_reads_on_while_its_file_is_compressed(self):
        broker = self.start("--compress-after", "never")
        self.make_days(broker)
        stream = Stream(self.context, broker.ports["stream"]).open(credit=3000, **{"from": 1, "follow": False})
        stream.take_records(5)
        broker.stop()
        broker = self.start("--compress-after", "0s")
        stream = Stream(self.context, broker.ports["stream"]).open(credit=3000, **{"from": 1, "follow": False})
        stream.take_records(5)
        self.wait_for(self.names(DAYS[:3], DAYS[3:4]))
        stream.send("credit", 1 << 30)
        stream.take_all()
        self.assertEqual(stream.numbers(), list(range(self.number)))
        self.assertEqual(stream.holes, [])


class Removing(Retention):
    def test_what_is_too_old_is_told_and_removed_and_the_rest_verifies(self):
        broker = self.start("--compress-after", "0s", "--retain-age", "36h")
        self.make_days(broker)
        kept = DAYS[2:]
        self.wait_for(self.names(kept[:1], kept[1:2]))
        log = Log(self.log_dir, may_be_pruned=True)
        told = [line["snapshot"] for line in log.own("LogPruned")]
        self.assertEqual(told[-1]["lastSeq"], log.first_seq - 1)
        self.assertEqual(told[-1]["reason"], "age")
        self.assertEqual(told[-1]["lastChain"], log.lines[0]["snapshot"]["previousChain"])
        self.assertEqual(broker.metric("tocsin_log_first_seq"), log.first_seq)
        self.assertEqual(broker.metric("tocsin_retention_removed_files_total"), len(told))
        broker.stop()
        broker = self.start()  # with nothing in memory
        stream = self.replay(broker)
        self.assertEqual(stream.holes, [(1, log.first_seq - 1)])
        self.assertEqual(stream.numbers(), list(range(2 * COUNT, self.number)))
        code, report = self.verify()
        self.assertEqual(code, 0, report)
        self.assertIn("LogPruned", " ".join(report["notes"]))

    def test_what_is_too_much_is_removed(self):
        broker = self.start("--compress-after", "never", "--retain-bytes", "1MiB")
        for day in DAYS:
            self.faults.set_clock(f"{day} 12:00:00")
            self.append(broker, 10)
            big = self.publisher(broker)
            big.send(pack(event(0, type="Large", snapshot={"text": "x" * 400000})))
            big.close()
            wait_until(lambda: "Large" in open(os.path.join(self.log_dir, "events.log")).read(), "the large event")
        wait_until(lambda: self.log_bytes() < 1048576, "less than a mebibyte")
        log = Log(self.log_dir, may_be_pruned=True)
        self.assertEqual({line["snapshot"]["reason"] for line in log.own("LogPruned")}, {"size"})
        self.assertEqual(self.verify()[0], 0)

    def test_producers_whose_lines_are_gone_are_remembered_over_a_kill(self):
        broker = self.start("--compress-after", "never", "--retain-age", "36h")
        receipt = self.append(broker)
        n = self.n
        self.n = 0
        for day in DAYS[1:]:
            self.faults.set_clock(f"{day} 12:00:00")
            self.append(broker, name="other")
        self.wait_for(self.names((), DAYS[2:4]))
        broker.kill()
        broker = self.start("--retain-age", "36h")
        appender = self.appender(broker, "cam")
        self.assertEqual(appender.last_n, n)
        appender.put(1, *(event(i) for i in range(n)))  # sent again: nothing is logged again
        self.assertEqual(appender.ack_of(n)[0], receipt)
        self.assertEqual(self.verify()[0], 0)
        # and the log itself knows, without the state
        broker.kill()
        os.unlink(os.path.join(self.log_dir, "tocsind.state"))
        broker = self.start("--retain-age", "36h")
        appender = self.appender(broker, "cam")
        self.assertEqual(appender.last_n, n)
        appender.put(n, event(0))
        self.assertEqual(appender.ack_of(n)[0], receipt)
        self.assertEqual(self.appender(broker, "other").last_n, self.n)

    def test_a_broker_that_dies_at_any_step_of_it_loses_nothing(self):
        broker = self.start("--compress-after", "never")
        self.make_days(broker)
        broker.stop()
        for call in range(1, 60 if not support.IS_SANITIZED else 30):
            broker = support.Broker(
                self.log_dir, "--append", "tcp://127.0.0.1:*", "--compress-after", "0s", "--retain-age", "60h",
                env=self.faults.environment(),
            )  # fmt: skip
            self.addCleanup(broker.close)
            self.faults.kill_at(0)
            broker.start()
            self.faults.kill_at(call)
            done = wait_until(
                lambda: broker.process.poll() is not None or log_files(self.log_dir) == self.names(DAYS[1:3], DAYS[3:4]),
                "its death, or that all is done",
            )
            self.assertTrue(done)
            self.faults.kill_at(0)
            broker.close()
            log = Log(self.log_dir, may_be_pruned=True)
            numbers = [line["snapshot"]["number"] for line in log.events()]
            self.assertIn(numbers, ([*range(self.number)], [*range(COUNT, self.number)]))
            if log_files(self.log_dir) == self.names(DAYS[1:3], DAYS[3:4]):
                break
        self.assertEqual(self.verify()[0], 0)


if __name__ == "__main__":
    unittest.main()
