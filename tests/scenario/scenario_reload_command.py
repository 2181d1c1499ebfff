"""tocsin reload: an admin has the access file read again over the network; all of it or nothing, and a fault comes back."""

import os
import signal
import subprocess
import threading
import unittest

import msgpack
import support
import zmq
from support import Log, event, wait_until
from support_curve import secured

RIGHTS = {
    "admin": {"admin": True},
    "judge": {"publish": ["*"], "producers": ["*"], "live": True, "read": [""]},
    "reader": {"read": [""]},
}


class ReloadCommand(support.Scenario):
    def start(self, *flags, **options):
        self.server, self.keys = secured(self, RIGHTS, *flags, **options)

    def run_tocsin(self, name, *arguments, endpoint=None):
        flags = self.keys.client_flags(name) if name else ()
        return subprocess.run(
            [os.environ["TOCSIN"], "reload", "--stream", endpoint or self.server.ports["stream"], *flags, *arguments],
            capture_output=True, text=True, timeout=support.DEADLINE_S, check=False,
        )  # fmt: skip

    def dealer(self, name, door="stream"):
        dealer = self.keys.dress(self.context.socket(zmq.DEALER), name)
        dealer.linger = 0
        dealer.connect(self.server.ports[door])
        return dealer

    def ask(self, dealer, *message):
        dealer.send(msgpack.packb(list(message)))
        self.assertTrue(dealer.poll(support.DEADLINE_S * 1000), "an answer")
        return msgpack.unpackb(dealer.recv())

    def test_an_admin_puts_another_file_in_force_and_a_lost_key_is_out_within_a_second(self):
        self.start()
        live = self.keys.dress(self.context.socket(zmq.SUB), "judge")
        live.subscribe(b"")
        monitor = live.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        live.connect(self.server.ports["live"])
        self.assertTrue(live.poll(support.DEADLINE_S * 1000))
        self.keys.write_access(self.server.access, {"admin": RIGHTS["admin"], "a": {}, "b": {}})
        done = self.run_tocsin("admin")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("in force: 3 keys", done.stderr)
        self.assertTrue(monitor.poll(20000 if support.IS_SANITIZED else 1000), "it is out within a second")
        self.assertEqual(self.run_tocsin("admin", "-q").stderr, "")
        self.server.stop()
        told = Log(self.log_dir).own("ConfigReloaded")
        self.assertEqual([line["snapshot"]["changed"] for line in told], [["access"], ["access"]])

    def test_a_fault_is_told_to_who_asked_with_its_place_and_changes_nothing(self):
        self.start()
        judge = self.dealer("judge", "append")
        self.assertEqual(self.ask(judge, "hello", 1, "p", 1)[0], "welcome")
        for content, where in (
            ("keys:\n  - name: admin\n    public: nonsense\n", ":3:13: "),
            ('keys:\n  - name: "\\e[31m"\n', ":2:"),
            (None, "No such file"),
        ):
            os.unlink(self.server.access)
            if content:
                with open(self.server.access, "w", encoding="utf-8") as file:
                    file.write(content)
            failed = self.run_tocsin("admin")
            self.assertEqual(failed.returncode, 1, failed.stderr)
            self.assertIn("nothing has changed: ", failed.stderr)
            self.assertIn(where, failed.stderr)
            self.assertIn(self.server.access, failed.stderr)
            self.assertNotIn("\x1b", failed.stderr)
            self.assertEqual(self.ask(self.dealer("admin"), "reload")[1], 3)
            if not content:
                self.keys.write_access(self.server.access, RIGHTS)
        self.assertEqual(self.ask(judge, "put", 1, [event(1)])[:2], ["ack", 1])
        self.assertEqual(self.run_tocsin("admin").returncode, 0)
        self.server.stop()

    def test_nobody_but_an_admin_has_it_done_and_an_admin_reads_nothing(self):
        self.start()
        refused = self.run_tocsin("reader")
        self.assertEqual(refused.returncode, 6)
        self.assertIn("does not allow that", refused.stderr)
        self.assertEqual(self.ask(self.dealer("reader"), "reload")[:2], ["error", "denied"])
        admin = self.dealer("admin")
        for forbidden in (("open", 1, {}), ("latest",)):
            self.assertEqual(self.ask(admin, *forbidden)[:2], ["error", "denied"], forbidden)
        self.assertEqual(self.ask(admin, "info")[0], "info")
        self.assertEqual(self.ask(admin, "reload", 1)[:2], ["error", "protocol"])
        self.keys.write_access(self.server.access, {**RIGHTS, "admin": {"read": [""]}})
        self.assertEqual(self.ask(admin, "reload"), ["reloaded", 3, ""])
        self.assertEqual(self.ask(self.dealer("admin"), "reload")[:2], ["error", "denied"])
        self.server.stop()
        log = Log(self.log_dir)
        self.assertEqual(len(log.own("ConfigReloaded")), 1)
        denied = [line["snapshot"] for line in log.own("ClientDenied")]
        self.assertIn("forbidden reload", [snapshot["reason"] for snapshot in denied])

    def test_a_broker_without_keys_has_nothing_to_reload_and_ipc_needs_none(self):
        plain = self.broker("--stream", "tcp://127.0.0.1:*", log_dir=self.log_dir + "2")
        said = self.run_tocsin(None, endpoint=plain.ports["stream"])
        self.assertEqual(said.returncode, 6)
        self.assertIn("started without an access file", said.stderr)
        plain.stop()
        self.start("--stream", f"ipc://{self.dir}/s")
        done = self.run_tocsin(None)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("in force: 3 keys", done.stderr)
        self.server.stop()

    def test_each_of_many_who_ask_at_once_hears_of_a_reload_that_began_after_he_asked(self):
        self.start()
        stop = threading.Event()

        def signals():
            while not stop.wait(0.01):
                self.server.signal(signal.SIGHUP)

        thread = threading.Thread(target=signals)
        thread.start()
        try:
            askers = [self.dealer("admin") for _ in range(10)]
            for turn in range(20):
                rights = {**RIGHTS, **{f"k{n}": {} for n in range(turn)}}
                self.keys.write_access(self.server.access, rights)
                for asker in askers:
                    asker.send(msgpack.packb(["reload"]))
                for asker in askers:
                    self.assertTrue(asker.poll(support.DEADLINE_S * 1000), "an answer")
                    self.assertEqual(msgpack.unpackb(asker.recv()), ["reloaded", len(rights), ""])
        finally:
            stop.set()
            thread.join()
        flood = self.dealer("admin")
        for _ in range(200):
            flood.send(msgpack.packb(["reload"]))
        self.assertTrue(flood.poll(support.DEADLINE_S * 1000), "an answer")
        self.assertEqual(self.ask(self.dealer("admin"), "info")[0], "info")
        asker = self.dealer("admin")
        # while all places are taken it is `busy`
        wait_until(lambda: self.ask(asker, "reload")[0] == "reloaded", "a place")
        self.server.stop()


if __name__ == "__main__":
    unittest.main()
