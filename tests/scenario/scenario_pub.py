"""The command line publishes with acknowledgements: whatever breaks, each event is in the log once, or the exit code says
that it may not be."""

import os
import subprocess
import unittest

import support
from support import Log


class Pub(support.Scenario):
    def setUp(self):
        super().setUp()
        self.endpoint = f"tcp://127.0.0.1:{support.free_port()}"  # the same over restarts

    def broker(self, *flags, **options):
        return super().broker("--append", self.endpoint, *flags, **options)

    def pub(self, *arguments):
        """A `tocsin pub` that sends numbered events; its output is errors and totals."""
        return subprocess.Popen(
            [os.environ["TOCSIN"], "pub", "--append", self.endpoint, "--producer", "numbers", "-c", "TestEvent",
             "-i", "source", "-y", "Numbered", "-m", "n {{Count}}", "--snapshot", '{"number":{{Count}}}', *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def numbers(self):
        return [line["snapshot"]["number"] for line in Log(self.log_dir).events()]

    def test_all_are_in_the_log_when_the_command_ends(self):
        broker = self.broker()
        pub = self.pub("-C", "20000", "-v")
        output, _ = pub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(pub.returncode, 0, output)
        self.assertIn("20000 events sent", output)
        broker.kill()  # nothing was waiting in memory
        self.assertEqual(self.numbers(), list(range(1, 20001)))

    def test_a_broker_that_is_killed_and_comes_back_has_each_event_once(self):
        count = 60000
        broker = self.broker()
        pub = self.pub("-C", str(count), "--rate", "30000", "--timeout", "30s")
        for logged in (5000, 20000, 40000):
            support.wait_until(lambda: (broker.metric_or_none("tocsin_log_durable_seq") or 0) > logged, "the load")
            broker.kill()
            broker = self.broker()
        output, _ = pub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(pub.returncode, 0, output)
        broker.stop()
        self.assertEqual(self.numbers(), list(range(1, count + 1)))

    def test_a_full_window_that_a_dead_broker_took_along_is_sent_again(self):
        """Nothing more may be sent then, so no answer to it tells the client of the new broker."""
        broker = self.broker("--append-window", "20")
        pub = self.pub("-C", "4000", "--timeout", "30s")
        for logged in (500, 1000, 1500):
            support.wait_until(lambda: (broker.metric_or_none("tocsin_log_durable_seq") or 0) > logged, "the load")
            broker.kill()
            broker = self.broker("--append-window", "20")
        output, _ = pub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(pub.returncode, 0, output)
        broker.stop()
        self.assertEqual(self.numbers(), list(range(1, 4001)))

    def test_without_a_broker_the_exit_code_is_3(self):
        pub = self.pub("--timeout", "200ms")
        output, _ = pub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(pub.returncode, 3, output)
        self.assertIn(self.endpoint, output)

    def test_a_broker_that_goes_for_good_is_told_with_how_many_are_unsure(self):
        broker = self.broker()
        pub = self.pub("-C", "1000000", "--rate", "20000", "--timeout", "500ms")
        support.wait_until(lambda: (broker.metric_or_none("tocsin_log_durable_seq") or 0) > 1000, "the load")
        broker.kill()
        output, _ = pub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(pub.returncode, 3, output)
        self.assertRegex(output, r"[0-9]+ events? not acknowledged by")

    def test_with_a_spool_events_wait_for_the_broker_on_this_machines_disk(self):
        spool = ("--spool", os.path.join(self.dir, "spool"))
        pub = self.pub("-C", "300", "--timeout", "100ms", *spool)
        output, _ = pub.communicate(timeout=support.DEADLINE_S)
        self.assertEqual(pub.returncode, 0, output)
        self.assertIn("300 events not acknowledged yet: kept in ", output)
        pub = self.pub("-C", "1000000", "--rate", "20000", *spool)
        held = os.path.join(self.dir, "spool", sorted(name for name in os.listdir(spool[1]) if "spool" in name)[0])
        support.wait_until(lambda: os.path.getsize(held) > 100000, "events in the spool")
        pub.kill()
        pub.communicate()
        broker = self.broker()
        command = [os.environ["TOCSIN"], "pub", "--append", self.endpoint, "--producer", "numbers", *spool, "--timeout", "30s",
                   "/dev/null"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        broker.stop()
        numbers = self.numbers()
        self.assertRegex(done.stderr, f"^tocsin: {len(numbers)} events sent in [^\n]*; 0 refused\n$")
        self.assertGreater(len(numbers), 500)
        self.assertEqual(numbers, [*range(1, 301), *range(1, len(numbers) - 299)])

    def test_a_standard_input_that_is_closed_is_no_socket_of_ours(self):
        self.broker()
        command = f'exec "{os.environ["TOCSIN"]}" pub --append {self.endpoint} - <&-'
        pub = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=support.DEADLINE_S, check=False)
        self.assertEqual((pub.returncode, pub.stderr), (1, "tocsin: standard input: Bad file descriptor\n"))

    def test_a_spool_that_cannot_be_is_told(self):
        for arguments, code, said in ((("--spool", self.dir, "--ack", "none"), 2, "--spool: goes with --producer"),
                                      (("--spool", "/dev/null"), 1, "/dev/null: Not a directory")):  # fmt: skip
            pub = self.pub(*arguments)
            output, _ = pub.communicate(timeout=support.DEADLINE_S)
            self.assertEqual(pub.returncode, code, output)
            self.assertIn(said, output)
            self.assertEqual(len(output.splitlines()), 1, "once")


if __name__ == "__main__":
    unittest.main()
