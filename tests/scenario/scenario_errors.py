"""What goes wrong outside of the broker: each time a sentence that says what to do, and the exit code that is promised."""

import contextlib
import errno
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import unittest.mock

import support
from support import Log, event, pack
from support_faults import Faults

USAGE, CORRUPT, UNAVAILABLE, CANNOT_CREATE, DISK, IN_USE = 2, 65, 69, 73, 74, 75


class Configuration(support.Scenario):
    def refused(self, *flags, **options):
        code, text = self.broker_that_fails(*flags, **options)
        self.assertEqual(code, USAGE, text)
        self.assertFalse(os.path.exists(self.log_dir), "nothing is begun")
        return text

    def config(self, text):
        path = os.path.join(self.dir, "tocsind.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_an_unknown_flag_is_refused_with_the_one_that_was_meant(self):
        text = self.refused("--live-hmw", "5")
        self.assertIn("--live-hmw", text)
        self.assertIn("did you mean --live-hwm?", text)

    def test_what_is_asked_for_and_cannot_be_written_is_a_failure(self):
        for flag in ("--help", "--version", "--print-config", "--check-config"):
            with self.subTest(flag), open("/dev/full", "w", encoding="utf-8") as full:
                said = subprocess.run([os.environ["TOCSIND"], flag], stdout=full, stderr=subprocess.PIPE, text=True,
                                      env={**os.environ, "HOME": self.dir}, timeout=support.DEADLINE_S, check=False)  # fmt: skip
                self.assertEqual((said.returncode, said.stderr), (1, "tocsind: standard output: No space left on device\n"))

    def test_standard_descriptors_that_are_closed_are_no_files_of_the_broker(self):
        def close_all():
            for fd in range(3):
                os.close(fd)

        broker = self.broker(preexec=close_all)
        held = {os.readlink(f"/proc/{broker.process.pid}/fd/{fd}") for fd in range(3)}
        self.assertEqual(held, {"/dev/null"})
        broker.stop()

    def test_a_wrong_value_is_told_with_its_place_and_what_is_allowed(self):
        path = self.config("name: a\nlive-hwm:   nine\n")
        for place, text in (
            ("--live-hwm", self.refused("--live-hwm", "nine")),
            ("TOCSIN_LIVE_HWM", self.refused(env={"TOCSIN_LIVE_HWM": "nine"})),
            (f"{path}:2:13", self.refused("-c", path)),
        ):
            with self.subTest(place):
                self.assertIn(place, text)
                self.assertIn('"nine"', text)
                self.assertIn("1 to 10000000", text)

    def test_an_unknown_key_of_the_file_is_told_with_its_place_and_the_one_that_was_meant(self):
        path = self.config("name: a\nlog-zoon: utc\n")
        text = self.refused("-c", path)
        self.assertIn(f"{path}:2:1", text)
        self.assertIn("did you mean log-zone?", text)

    def test_a_file_that_is_no_yaml_is_told_with_its_place(self):
        path = self.config("name: a\nlive: [tcp://127.0.0.1:1\n")
        self.assertRegex(self.refused("-c", path), rf"{path}:\d+:\d+: ")

    def test_a_file_that_is_not_there_is_named(self):
        path = os.path.join(self.dir, "absent.yaml")
        self.assertIn(path, self.refused("-c", path))

    def test_check_config_tells_good_from_bad_and_begins_nothing(self):
        good, text = self.broker_that_fails("-c", self.config("live-hwm: 9\nname: a\n"), "--check-config")
        self.assertEqual(good, 0, text)
        self.assertFalse(os.path.exists(self.log_dir))
        self.assertIn("tocsind.yaml:1:", self.refused("-c", self.config("live-hwm: 0\n"), "--check-config"))

    def test_two_doors_at_one_place_are_refused_before_anything_is_bound(self):
        text = self.refused("--ingest", "tcp://127.0.0.1:5999", "--live", "tcp://127.0.0.1:5999")
        self.assertIn("ingest", text)
        self.assertIn("live", text)


class Addresses(support.Scenario):
    DOORS = ("ingest", "append", "live", "stream")

    def unavailable(self, *flags):
        code, text = self.broker_that_fails(*flags)
        self.assertEqual(code, UNAVAILABLE, text)
        return text

    def test_a_port_in_use_is_named_with_the_setting_that_gives_another(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            address = f"127.0.0.1:{holder.getsockname()[1]}"
            for name in (*self.DOORS, "http"):
                with self.subTest(name):
                    text = self.unavailable(f"--{name}", address if name == "http" else f"tcp://{address}")
                    self.assertIn(address, text)
                    self.assertRegex(text, f"another (program|address).* --{name}")

    def test_an_address_of_another_machine_is_refused(self):
        for name in (*self.DOORS, "http"):
            with self.subTest(name):
                text = self.unavailable(f"--{name}", ("" if name == "http" else "tcp://") + "203.0.113.1:47011", "--insecure")
                self.assertIn("203.0.113.1:47011", text)
                self.assertIn("this machine", text)
                self.assertIn(f"--{name}", text)

    def test_an_ipc_path_that_cannot_be_made_is_refused(self):
        path = f"ipc://{self.dir}/absent/socket"
        text = self.unavailable("--ingest", path)
        self.assertIn(path, text)
        self.assertIn("--ingest", text)


class Directory(support.Scenario):
    def cannot_create(self, log_dir, **options):
        code, text = self.broker_that_fails(log_dir=log_dir, **options)
        self.assertEqual(code, CANNOT_CREATE, text)
        self.assertIn(log_dir, text)
        return text

    def test_a_path_through_a_plain_file_is_refused(self):
        path = os.path.join(self.dir, "file")
        with open(path, "w", encoding="utf-8"):
            pass
        self.assertIn("Choose another --log-dir", self.cannot_create(path))
        self.assertIn("Choose another --log-dir", self.cannot_create(os.path.join(path, "below")))

    @staticmethod
    def become_nobody():
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)

    def test_a_directory_without_the_right_to_write_is_refused_with_what_to_do(self):
        place = tempfile.mkdtemp(prefix="tocsin-test-")
        self.addCleanup(shutil.rmtree, place)
        os.chmod(place, 0o755)
        log_dir = os.path.join(place, "log")
        os.mkdir(log_dir, 0o555)
        program = shutil.copy(os.environ["TOCSIND"], place)  # where it was built may be nobody else's to enter
        is_root = os.geteuid() == 0
        # … and so may be the suppressions, which a broker that does not start has no need of
        with unittest.mock.patch.dict(os.environ, TOCSIND=program, TSAN_OPTIONS=""):
            for path in (log_dir, os.path.join(log_dir, "below")):
                with self.subTest(path):
                    text = self.cannot_create(path, preexec=self.become_nobody if is_root else None)
                    self.assertIn("Permission denied", text)
                    self.assertIn("the right to read and write", text)

    def test_a_directory_that_everyone_may_write_to_is_refused(self):
        os.mkdir(self.log_dir)
        os.chmod(self.log_dir, 0o777)
        self.assertIn("chmod o-w", self.cannot_create(self.log_dir))
        self.assertEqual(os.listdir(self.log_dir), [])

    def test_a_symbolic_link_in_place_of_the_log_is_refused_and_its_target_left_alone(self):
        os.mkdir(self.log_dir, 0o755)
        target = os.path.join(self.dir, "target")
        with open(target, "w", encoding="utf-8") as file:
            file.write("precious\n")
        os.symlink(target, os.path.join(self.log_dir, "events.log"))
        self.assertIn("symbolic link", self.cannot_create(self.log_dir))
        with open(target, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious\n")

    def test_a_second_broker_is_told_of_the_first_even_where_their_ports_are_the_same_too(self):
        http = f"127.0.0.1:{support.free_port()}"
        ingest = f"tcp://127.0.0.1:{support.free_port()}"
        first = self.broker("--http", http, "--ingest", ingest)
        code, text = self.broker_that_fails("--http", http, "--ingest", ingest)
        self.assertEqual(code, IN_USE, text)
        self.assertIn(f"pid {first.process.pid}", text)
        self.assertIn("--log-dir", text)
        first.stop()


class Damage(support.Scenario):
    def test_damage_in_the_middle_is_named_and_salvage_sets_it_aside_and_records_the_hole(self):
        broker = self.broker()
        subscriber = self.subscriber(broker)
        publisher = self.publisher(broker)
        for number in range(50):  # each is a batch: what came later proves that it was durable
            publisher.send(pack(event(number)))
            subscriber.take_until(number + 1)
        broker.kill()
        path = os.path.join(self.log_dir, "events.log")
        with open(path, "rb") as file:
            content = bytearray(file.read())
        content[content.index(b'"event 25"') + 1] ^= 1
        with open(path, "wb") as file:
            file.write(content)
        lines = bytes(content).splitlines(keepends=True)
        bad = next(index for index, line in enumerate(lines) if b'"number":25}' in line)

        code, text = self.broker_that_fails()
        self.assertEqual(code, CORRUPT, text)
        self.assertIn(f"{path} is damaged: line {bad + 1} (seq {bad + 1}, at byte {sum(map(len, lines[:bad]))})", text)
        self.assertIn("--salvage", text)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), content, "a refusal changes nothing")

        broker = self.broker("--salvage")
        subscriber = self.subscriber(broker)
        self.publisher(broker).send(pack(event(50)))
        subscriber.take_until(1)
        broker.stop()
        log = Log(self.log_dir, gaps_allowed=True)
        (salvaged,) = [line["snapshot"] for line in log.own("LogSalvaged")]
        with open(os.path.join(self.log_dir, salvaged.pop("file")), "rb") as file:
            self.assertEqual(file.read(), b"".join(lines[bad:]))
        lost_bytes = sum(map(len, lines[bad:]))
        self.assertEqual(salvaged, {"bytes": lost_bytes, "line": bad + 1, "from": bad + 1, "to": len(lines)})
        self.assertEqual([line["snapshot"]["number"] for line in log.events()], [*range(25), 50])
        self.assertEqual(log.lines[bad]["seq"], len(lines) + 1, "no seq is given twice")


class FullDisk(support.Scenario):
    """On a small tmpfs in a mount namespace of the broker's own, seen from here through /proc."""

    def setUp(self):
        super().setUp()
        self.disk = os.path.join(self.dir, "disk")
        os.mkdir(self.disk)
        self.log_dir = os.path.join(self.disk, "log")
        attempt = subprocess.run((*self.wrapper("size=4k"), "true"), capture_output=True, text=True, check=False)
        if attempt.returncode != 0:
            self.skipTest("no mount namespaces for us here: " + attempt.stderr.strip())

    def wrapper(self, options):
        script = 'mount -t tmpfs -o "$0" tmpfs "$1" && shift && exec "$@"'
        as_root = () if os.geteuid() == 0 else ("--map-root-user",)  # which a chroot forbids, and root does not need
        return ("unshare", *as_root, "--mount", "sh", "-c", script, options, self.disk)

    def seen_from_here(self, broker):
        return f"/proc/{broker.process.pid}/root{self.disk}"

    def test_no_room_at_the_start_ends_it_with_what_to_do(self):
        for options in ("size=4k", "nr_inodes=2"):  # for the first line; for the file
            with self.subTest(options):
                code, text = self.broker_that_fails(wrapper=self.wrapper(options))
                self.assertEqual(code, DISK, text)
                self.assertIn("No space left on device", text)
                self.assertIn(self.log_dir, text)
                self.assertIn("Make room on its disk", text)
                self.assertEqual(text.count(" error "), 1, text)

    def start(self, *flags):
        """A broker with half of its disk taken by ballast, and a publisher."""
        broker = self.broker(*flags, wrapper=self.wrapper("size=4m"))
        with open(os.path.join(self.seen_from_here(broker), "ballast"), "wb") as ballast:
            ballast.write(bytes(2 << 20))
        self.sent = 0
        return broker, self.publisher(broker)

    def publish(self, publisher, count):
        for _ in range(count):
            publisher.send(pack(event(self.sent, summary="x" * 1000)))
            self.sent += 1

    def fill(self, broker, publisher):
        while broker.http("/readyz")[0] == 200:
            self.publish(publisher, 20)
            support.wait_until(
                lambda: broker.metric("tocsin_events_logged_total") >= self.sent or broker.http("/readyz")[0] != 200,
                "the log to keep up, or the disk to be full",
            )
        self.assertEqual(broker.http("/readyz"), (503, "disk full\n"))
        self.assertEqual(broker.http("/healthz")[0], 200)

    def make_room(self, broker):
        """Frees the ballast; how long it takes the broker to go on."""
        os.unlink(os.path.join(self.seen_from_here(broker), "ballast"))
        began = time.monotonic()
        support.wait_until(lambda: broker.http("/readyz")[0] == 200, "readiness")
        return time.monotonic() - began

    def await_judged(self, broker):
        """Waits until all that was sent is in the ring or dropped; (accepted, dropped)."""
        metrics = support.wait_until(
            lambda: (lambda now: now["tocsin_events_received_total"] == self.sent and now)(broker.metrics()), "all received"
        )
        return int(metrics["tocsin_events_accepted_total"]), int(metrics["tocsin_events_dropped_total"])

    def await_logged(self, broker, count):
        """The log, checked, once it holds that many events of producers; the broker lives and is idle."""
        directory = os.path.join(self.seen_from_here(broker), "log")
        support.wait_until(
            lambda: broker.metric("tocsin_events_published_total") == broker.metric("tocsin_events_logged_total") > count,
            "the log at rest",
        )  # fmt: skip
        log = Log(directory)
        self.assertEqual(len(log.events()), count)
        return log

    def test_a_disk_that_fills_up_is_waited_for_and_nothing_that_was_accepted_is_lost(self):
        broker, publisher = self.start()
        subscriber = self.subscriber(broker, b"TestEvent/")
        self.fill(broker, publisher)
        self.publish(publisher, 500)
        self.assertEqual(self.await_judged(broker), (self.sent, 0))
        Log(os.path.join(self.seen_from_here(broker), "log"))  # cut back to the last batch that is whole
        took_s = self.make_room(broker)
        self.publish(publisher, 10)
        subscriber.take_until(self.sent)
        log = self.await_logged(broker, self.sent)
        self.assertEqual([line["snapshot"]["number"] for line in log.events()], list(range(self.sent)))
        self.assertEqual([record[3]["snapshot"]["number"] for _, record, _ in subscriber.records], list(range(self.sent)))
        (full,) = log.own("DiskFull")
        (recovered,) = log.own("DiskRecovered")
        self.assertEqual(recovered["seq"], full["seq"] + 1)
        self.assertLess(full["time"], recovered["time"])
        self.assertEqual(full["snapshot"]["directory"], self.log_dir)
        self.assertEqual(recovered["snapshot"]["lostEvents"], 0)
        self.assertEqual(broker.http("/readyz")[0], 200)
        broker.stop()
        print(f"ready {took_s:.2f} s after there was room")
        self.assertLess(took_s, 30 if support.IS_SANITIZED else 5)

    def test_what_the_memory_cannot_hold_while_the_disk_is_full_is_counted_and_told(self):
        broker, publisher = self.start("--max-event-bytes", "65536", "--ring-bytes", "131072")
        self.fill(broker, publisher)
        self.publish(publisher, 2000)
        accepted, dropped = self.await_judged(broker)
        self.assertGreater(dropped, 0)
        self.assertEqual(accepted + dropped, self.sent)
        self.make_room(broker)
        support.wait_until(
            lambda: sum(line["snapshot"]["count"] for line in self.await_logged(broker, accepted).own("EventsDropped"))
            == dropped,
            "all losses in the log",
        )
        log = self.await_logged(broker, accepted)
        self.assertEqual([line["snapshot"]["lostEvents"] for line in log.own("DiskRecovered")], [dropped])
        numbers = [line["snapshot"]["number"] for line in log.events()]
        self.assertEqual(numbers, sorted(set(numbers)))
        broker.stop()

    def test_a_stop_while_the_disk_is_full_says_how_much_is_not_in_the_log(self):
        broker, publisher = self.start()
        self.fill(broker, publisher)
        self.publish(publisher, 500)
        self.await_judged(broker)
        logged = len(Log(os.path.join(self.seen_from_here(broker), "log")).events())
        broker.signal(signal.SIGTERM)
        self.assertEqual(broker.wait(), DISK)
        self.assertIn(f"{self.sent - logged} events that had been taken in are not safely in the log", broker.stderr())
        self.assertIn("Make room on its disk", broker.stderr())


class FailingDisk(support.Scenario):
    def setUp(self):
        super().setUp()
        self.faults = Faults(self.dir)
        self.addCleanup(self.faults.close)

    def test_a_failed_fdatasync_ends_the_broker_at_once_and_is_never_tried_again(self):
        for mode in ("batch", "interval=20"):
            with self.subTest(mode):
                self.log_dir = os.path.join(self.dir, mode)
                self.fail_in_mode(mode)

    def fail_in_mode(self, mode):
        broker = self.broker("--sync", mode, env=self.faults.environment())
        subscriber = self.subscriber(broker, b"TestEvent/")
        publisher = self.publisher(broker)
        for number in range(5):
            publisher.send(pack(event(number)))
        subscriber.take_until(5)
        support.wait_until(
            lambda: broker.metric("tocsin_log_durable_seq") == broker.metric("tocsin_log_head_seq"), "all durable"
        )
        self.faults.set("syncs_after", 0)
        self.faults.set("failed_inode", 0)
        self.faults.fail_sync(errno.EIO)
        publisher.send(pack(event(5)))
        publisher.send(pack(event(6)))
        for answer in self.answers_until_end(broker):
            self.assertIn(answer, [(200, "ready\n"), (503, "disk failed\n")])
        self.assertEqual(broker.wait(), DISK)
        text = broker.stderr()
        self.assertIn("cannot sync events.log: Input/output error", text)
        self.assertIn("Look for failures of the disk", text)
        self.assertEqual(self.faults.get("failed_inode"), os.stat(os.path.join(self.log_dir, "events.log")).st_ino)
        self.assertEqual(self.faults.get("syncs_after"), 0)
        while subscriber.socket.poll(100):
            subscriber.take()
        numbers = [record[3]["snapshot"]["number"] for _, record, _ in subscriber.records]
        if mode == "batch":
            self.assertEqual(numbers, list(range(5)), "what is not durable is seen by no one")
        self.faults.set("sync_fails_at", 0)
        self.broker("--sync", mode, env=self.faults.environment()).stop()
        log = Log(self.log_dir)
        self.assertEqual([line["snapshot"]["number"] for line in log.events()][: len(numbers)], numbers)

    @staticmethod
    def answers_until_end(broker):
        """What readyz says until there is none to say it."""
        answers = []
        while broker.process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                answers.append(broker.http("/readyz"))
        return answers

    def test_an_fdatasync_of_the_log_that_fails_while_the_broker_starts_ends_it(self):
        for life in ("first", "second"):
            with self.subTest(life):
                self.assertGreater(sum(self.fail_at_start(number) for number in range(1, 6)), 0)
            self.broker(env=self.faults.environment()).kill()

    def fail_at_start(self, number):
        """True when that fdatasync of the start was one of the log's; those of caches are not missed."""
        self.faults.set("failed_inode", 0)
        self.faults.set("syncs_after", 0)
        self.faults.fail_sync(errno.EIO, number)
        broker = support.Broker(self.log_dir, env=self.faults.environment())
        self.addCleanup(broker.close)
        broker.spawn()
        support.wait_until(lambda: broker.is_ready() or broker.process.poll() is not None, "ready, or the end")
        failed_inode = self.faults.get("failed_inode")
        is_of_log = failed_inode == os.stat(os.path.join(self.log_dir, "events.log")).st_ino
        if is_of_log:
            self.assertEqual(broker.wait(), DISK, broker.stderr())
            self.assertIn("Input/output error", broker.stderr())
            self.assertIn("Look for failures of the disk", broker.stderr())
            self.assertEqual(self.faults.get("syncs_after"), 0)
        broker.close()
        self.faults.set("sync_fails_at", 0)
        return is_of_log


if __name__ == "__main__":
    unittest.main()
