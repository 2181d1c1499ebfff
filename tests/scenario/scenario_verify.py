"""tocsin verify before logs that a real broker wrote and that someone then changed: each change is found and named; what
nobody changed, whatever the broker went through, is never called tampered."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import support
import support_audit
from scenario_append import Appender
from support import Log, event, pack
from support_audit import Key, read_file, read_log, rechain, resign, write_file
from support_faults import Faults

INTACT, TAMPERED, USAGE, UNSURE = 0, 1, 2, 3
DAYS = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23")


def verify(log_dir, *flags):
    """(exit code, report)"""
    done = subprocess.run(
        [os.environ["TOCSIN"], "verify", "--json", *flags, log_dir],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=support.DEADLINE_S, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr.decode()


class Audit(support.Scenario):
    def setUp(self):
        super().setUp()
        self.number = 0

    def assert_code(self, code, *flags, log_dir=None):
        found, report = verify(log_dir or self.log_dir, *flags)
        self.assertEqual(found, code, report)
        return report

    def assert_named(self, file, line, seq, reason, *flags):
        report = self.assert_code(TAMPERED, *flags)
        self.assertEqual((report["file"], report["line"], report["seq"]), (file, line, seq), report)
        self.assertIn(reason, report["reason"])

    def publish(self, broker, subscriber, publisher, count):
        wanted = len(subscriber.records) + count
        for _ in range(count):
            publisher.send(pack(event(self.number)))
            self.number += 1
        subscriber.take_until(wanted)


class Tampering(Audit):
    """One log of four days, with a death, restarts and an appender; each test changes a copy of it."""

    @classmethod
    def setUpClass(cls):
        maker = Audit("run")
        maker.setUp()
        cls.addClassCleanup(maker.doCleanups)
        faults = Faults(maker.dir)
        cls.addClassCleanup(faults.close)
        cls.original = maker.log_dir
        cls.receipts = os.path.join(maker.dir, "receipts.jsonl")
        with open(cls.receipts, "w", encoding="utf-8") as receipts:
            for incarnation, day in enumerate(DAYS):
                cls.write_day(maker, faults, day, incarnation + 1, receipts)
        cls.key = os.path.join(maker.dir, "kept-elsewhere.pub")
        shutil.copy(os.path.join(cls.original, "tocsind.key.pub"), cls.key)

    @staticmethod
    def write_day(maker, faults, day, incarnation, receipts):
        faults.set_clock(f"{day} 11:00:00")
        broker = maker.broker("--append", "tcp://127.0.0.1:*", env=faults.environment())
        subscriber = maker.subscriber(broker, b"TestEvent/")
        maker.publish(broker, subscriber, maker.publisher(broker), 20)
        appender = Appender(maker, broker, "billing", incarnation)
        assert appender.hello()[0] == "welcome"
        for n in range(appender.last_n + 1, appender.last_n + 11):
            appender.put(n, event(n))
            (n, seq, hash_), _ = appender.ack_of(n)
            receipts.write(json.dumps({"producer": "billing", "n": n, "seq": seq, "hash": hash_}) + "\n")
        broker.kill() if day == DAYS[1] else broker.stop()

    def setUp(self):
        super().setUp()
        shutil.copytree(self.original, self.log_dir)
        self.files = read_log(self.log_dir)
        self.given = ("--pubkey", self.key)

    def lines_of(self, index):
        return self.files[index][1]

    def rewrite(self, index, lines):
        write_file(self.log_dir, self.files[index][0], lines)

    def seq_of(self, index, line):
        """The seq of a line, counted from 1."""
        return json.loads(self.lines_of(index)[line - 1])["seq"]

    # what nobody changed

    def test_an_untouched_log_is_intact(self):
        log = Log(self.log_dir)
        report = self.assert_code(INTACT, *self.given)
        self.assertEqual((report["files"], report["lines"]), (4, len(log.lines)))
        self.assertEqual((report["first_seq"], report["last_seq"]), (1, log.lines[-1]["seq"]))
        self.assertEqual(report["signed_seq"], log.lines[-1]["seq"])
        self.assertEqual(report["key_from"], "given")
        self.assertEqual(report["doubts"] + report["notes"], [])

    def test_the_key_beside_the_log_proves_little_and_the_report_says_so(self):
        report = self.assert_code(INTACT)
        self.assertIn("beside the log", report["notes"][0])
        os.unlink(os.path.join(self.log_dir, "tocsind.key.pub"))
        self.assertIn("--pubkey", self.assert_code(UNSURE)["reason"])

    def test_checkpoints_are_what_the_protocol_says(self):
        log = Log(self.log_dir)
        by_seq = {line["seq"]: line for line in log.lines}
        ends = {json.loads(lines[-1])["seq"] for _, lines in self.files}
        before = 0
        for line in read_file(self.log_dir, support_audit.SIGNED):
            point = json.loads(line)
            self.assertTrue(support_audit.is_signature_good(point))
            self.assertEqual(point["first_seq"], before + 1)
            self.assertEqual(point["received"], by_seq[point["seq"]]["received"])
            self.assertEqual(point["hash"][:32], by_seq[point["seq"]]["hash"])
            before = point["seq"]
            ends.discard(before)
        self.assertEqual(ends, set(), "a file's end is signed")

    def test_the_oldest_files_may_be_gone(self):
        os.unlink(os.path.join(self.log_dir, self.files[0][0]))
        report = self.assert_code(UNSURE, *self.given)  # but nothing says that retention took it
        self.assertEqual(report["first_seq"], self.seq_of(1, 1))
        report = self.assert_code(INTACT, *self.given, "--since", "2026-11-01T00:00:00Z")
        self.assertEqual(report["first_seq"], self.seq_of(1, 1))

    def test_days_can_be_looked_at_by_themselves(self):
        times = ("--since", "2026-11-22T12:00:00Z", "--until", "2026-11-22T23:00:00Z")
        report = self.assert_code(INTACT, *self.given, *times)
        self.assertEqual((report["files"], report["first_seq"]), (1, self.seq_of(2, 1)))
        self.assert_code(UNSURE, *self.given, "--until", "2026-11-19T00:00:00Z")

    def test_receipts_fit(self):
        report = self.assert_code(INTACT, *self.given, "--receipt", self.receipts)
        self.assertEqual(report["receipts"], 40)

    # what someone changed

    def test_an_edited_byte_is_named(self):
        lines = self.lines_of(1)
        lines[4] = lines[4].replace(b'"level":"Info"', b'"level":"Inf0"', 1)
        self.rewrite(1, lines)
        self.assert_named(self.files[1][0], 5, self.seq_of(1, 5), "altered", *self.given)

    def test_a_deleted_line_is_named(self):
        seq = self.seq_of(1, 7)
        lines = self.lines_of(1)
        del lines[6]
        self.rewrite(1, lines)
        self.assert_named(self.files[1][0], 7, seq, "this line is missing", *self.given)

    def test_the_first_and_the_last_line_of_a_file_are_missed(self):
        first, last = self.seq_of(1, 1), self.seq_of(1, len(self.lines_of(1)))
        self.rewrite(1, self.lines_of(1)[1:])
        self.assert_named(self.files[1][0], 1, first, "missing", *self.given)
        self.rewrite(1, self.lines_of(1)[:-1])
        self.assert_named(self.files[1][0], len(self.lines_of(1)), last, "missing", *self.given)

    def test_lines_in_another_order_are_named(self):
        lines = self.lines_of(2)
        lines[9], lines[10] = lines[10], lines[9]
        self.rewrite(2, lines)
        self.assert_named(self.files[2][0], 10, self.seq_of(2, 11), "reordered", *self.given)

    def test_a_line_that_stands_there_twice_is_named(self):
        for at in (9, len(self.lines_of(3))):
            lines = list(self.lines_of(3))
            lines.insert(at, lines[at - 1])
            self.rewrite(3, lines)
            self.assert_named(self.files[3][0], at + 1, self.seq_of(3, at), "added", *self.given)

    def test_a_line_of_ones_own_is_named(self):
        lines = self.lines_of(2)
        lines.insert(8, lines[8].replace(b'"summary":"', b'"summary":"not '))
        self.rewrite(2, lines)
        self.assert_named(self.files[2][0], 9, self.seq_of(2, 10), "added", *self.given)

    def test_lines_cut_off_behind_a_checkpoint_are_missed(self):
        lines = self.lines_of(3)
        for count in (len(lines) - 1, 10, 1):
            self.rewrite(3, lines[:count])
            self.assert_named(self.files[3][0], count + 1, self.seq_of(3, count) + 1, "missing", *self.given)
        os.unlink(os.path.join(self.log_dir, "events.log"))
        self.assert_named(self.files[2][0], len(self.lines_of(2)) + 1, self.seq_of(3, 1), "missing", *self.given)

    def test_a_cut_within_a_line_is_no_crash_where_it_was_signed(self):
        with open(os.path.join(self.log_dir, "events.log"), "r+b") as file:
            file.truncate(os.path.getsize(file.name) - 30)
        count = len(self.lines_of(3))
        self.assert_named("events.log", count, self.seq_of(3, count), "cut", *self.given)

    def test_swapped_files_are_named(self):
        first, second = (os.path.join(self.log_dir, self.files[index][0]) for index in (0, 1))
        os.rename(first, first + "-")
        os.rename(second, first)
        os.rename(first + "-", second)
        self.assert_named(self.files[1][0], 1, 1, "swapped", *self.given)

    def test_a_renamed_file_is_named(self):
        os.rename(os.path.join(self.log_dir, self.files[1][0]), os.path.join(self.log_dir, self.files[1][0] + ".1"))
        self.assert_named(self.files[2][0], 1, self.seq_of(2, 1), "renamed", *self.given)

    def test_a_file_missing_from_between_is_cannot_tell(self):
        os.unlink(os.path.join(self.log_dir, self.files[1][0]))
        report = self.assert_code(UNSURE, *self.given)
        self.assertIn(f"seq {self.seq_of(1, 1)} to {self.seq_of(2, 1) - 1} are missing", report["reason"])
        self.assertIn(self.files[1][0], report["reason"])

    def test_a_file_of_another_log_is_named(self):
        other = os.path.join(self.dir, "other")
        self.broker(log_dir=other).stop()
        shutil.copy(os.path.join(other, "events.log"), os.path.join(self.log_dir, "events.log.20261225"))
        os.unlink(os.path.join(self.log_dir, "events.log"))
        self.assert_named("events.log.20261225", 1, 1, "", *self.given)

    def test_hashes_made_to_fit_do_not_fit_what_was_signed(self):
        points = [json.loads(line)["seq"] for line in read_file(self.log_dir, support_audit.SIGNED)]
        lines = self.lines_of(1)
        lines[6] = lines[6].replace(b'"level":"Info"', b'"level":"Warning"', 1)
        seq = self.seq_of(1, 7)
        rechain(self.log_dir, self.files)
        report = self.assert_code(TAMPERED, *self.given)
        self.assertIn("made to fit", report["reason"])
        self.assertLessEqual(report["seq"], seq)
        self.assertEqual(report["seq"], max([0] + [point for point in points if point < seq]) + 1)

    def test_numbers_that_cannot_be_are_named_even_where_the_hashes_fit(self):
        os.unlink(os.path.join(self.log_dir, support_audit.SIGNED))
        line = self.lines_of(1)[6]
        for pattern, changed in ((b'"prev":', b'"prev":1'), (b'"batch":', b'"batch":1'), (b'{"seq":', b'{"seq":9')):
            self.lines_of(1)[6] = line.replace(pattern, changed)
            rechain(self.log_dir, self.files)
            report = self.assert_code(TAMPERED)
            self.assertEqual((report["file"], report["line"]), (self.files[1][0], 7), report)

    def test_a_log_signed_anew_with_another_key_does_not_pass(self):
        lines = self.lines_of(1)
        lines[6] = lines[6].replace(b'"level":"Info"', b'"level":"Warning"', 1)
        forger = Key(b"f" * 32)
        resign(self.log_dir, forger, rechain(self.log_dir, self.files))
        first = json.loads(read_file(self.log_dir, support_audit.SIGNED)[0])["seq"]
        self.assert_named(support_audit.SIGNED, 1, first, "none of those given", *self.given)
        self.assertIn("not the one beside the log", self.assert_code(UNSURE)["reason"])
        forger.write_public(os.path.join(self.log_dir, "tocsind.key.pub"))
        self.assert_code(INTACT)  # that is why the key is to be kept elsewhere
        self.assert_code(TAMPERED, *self.given)

    def test_who_has_the_key_itself_cannot_fool_who_holds_a_receipt(self):
        lines = self.lines_of(1)
        lines[6] = lines[6].replace(b'"level":"Info"', b'"level":"Warning"', 1)
        key = Key.of_file(os.path.join(self.log_dir, "tocsind.key"))
        resign(self.log_dir, key, rechain(self.log_dir, self.files))
        self.assert_code(INTACT, *self.given)
        report = self.assert_code(TAMPERED, *self.given, "--receipt", self.receipts)
        self.assertIn("billing", report["reason"])

    def test_the_newest_lines_removed_with_their_checkpoints_are_missed_by_who_holds_a_receipt(self):
        points = read_file(self.log_dir, support_audit.SIGNED)
        kept = json.loads(points[-2])["seq"]
        write_file(self.log_dir, support_audit.SIGNED, points[:-1])
        lines = [line for line in self.lines_of(3) if json.loads(line)["seq"] <= kept]
        self.rewrite(3, lines)
        self.assert_code(INTACT, *self.given)  # nothing within the log can tell
        report = self.assert_code(TAMPERED, *self.given, "--receipt", self.receipts)
        self.assertEqual((report["file"], report["line"], report["seq"]), ("events.log", len(lines) + 1, kept + 1))

    def test_what_was_done_to_the_checkpoints_is_named(self):
        points = read_file(self.log_dir, support_audit.SIGNED)
        seq = [json.loads(line)["seq"] for line in points]
        edited = points[2].replace(b'"first_seq":', b'"first_seq":1', 1)
        write_file(self.log_dir, support_audit.SIGNED, points[:2] + [edited] + points[3:])
        self.assert_code(TAMPERED, *self.given)
        other_digit = b"1" if points[2][-3:-2] == b"0" else b"0"
        write_file(self.log_dir, support_audit.SIGNED, points[:2] + [points[2][:-3] + other_digit + b'"}'] + points[3:])
        self.assert_named(support_audit.SIGNED, 3, seq[2], "altered", *self.given)
        write_file(self.log_dir, support_audit.SIGNED, points[:2] + points[3:])
        self.assert_named(support_audit.SIGNED, 3, seq[3], "missing", *self.given)
        write_file(self.log_dir, support_audit.SIGNED, points[:3] + points[2:])
        self.assert_named(support_audit.SIGNED, 4, seq[2], "does not belong", *self.given)
        write_file(self.log_dir, support_audit.SIGNED, points[:-1])
        self.assertIn("stopped in good order", self.assert_code(UNSURE, *self.given)["reason"])
        os.unlink(os.path.join(self.log_dir, support_audit.SIGNED))
        self.assertIn("nothing is signed", self.assert_code(UNSURE, *self.given)["reason"])

    def test_a_last_checkpoint_that_a_crash_cut_short_says_nothing(self):
        points = read_file(self.log_dir, support_audit.SIGNED)
        with open(os.path.join(self.log_dir, support_audit.SIGNED), "ab") as file:
            file.write(points[-1][:100])
        self.assert_code(INTACT, *self.given)

    def test_what_cannot_be_used_is_said(self):
        self.assert_code(USAGE, "--pubkey", os.path.join(self.log_dir, "tocsind.key"))
        self.assert_code(USAGE, "--pubkey", "12ab")
        self.assert_code(USAGE, "--receipt", self.key)
        self.assert_code(USAGE, "--since", "soon")
        self.assert_code(UNSURE, log_dir=os.path.join(self.dir, "nowhere"))
        self.assert_code(UNSURE, log_dir=tempfile.mkdtemp(dir=self.dir))


class Innocence(Audit):
    """Whatever a broker goes through, its log is never called tampered."""

    def assert_not_tampered(self):
        code, report = verify(self.log_dir)
        self.assertIn(code, (INTACT, UNSURE), report)
        return code, report

    def live(self, *flags):
        broker = self.broker(*flags)
        return broker, self.subscriber(broker, b"TestEvent/"), self.publisher(broker)

    def test_a_log_that_is_being_written(self):
        broker, subscriber, publisher = self.live()
        end = time.monotonic() + 3
        codes = set()
        deadline = end + support.DEADLINE_S
        while time.monotonic() < end or (INTACT not in codes and time.monotonic() < deadline):
            for _ in range(2000):
                publisher.send(pack(event(self.number)))
                self.number += 1
            codes.add(self.assert_not_tampered()[0])
        self.assertIn(INTACT, codes)
        broker.stop()
        self.assert_code(INTACT)

    def test_kills_and_restarts_in_every_sync_mode(self):
        for mode in ("batch", "interval=20", "none"):
            self.log_dir = os.path.join(self.dir, f"log-{mode}")
            for _ in range(4):
                broker, subscriber, publisher = self.live("--sync", mode)
                for _ in range(3000):
                    publisher.send(pack(event(self.number)))
                    self.number += 1
                subscriber.take_until(100)
                broker.kill()
                self.assert_not_tampered()
            broker, _, _ = self.live("--sync", mode)
            broker.stop()
            self.assert_code(INTACT)

    def test_a_torn_tail_before_and_after_its_repair(self):
        broker, subscriber, publisher = self.live()
        self.publish(broker, subscriber, publisher, 50)
        broker.kill()
        with open(os.path.join(self.log_dir, "events.log"), "ab") as file:
            file.write(b'{"seq":%d,"received":"20' % (json.loads(read_file(self.log_dir, "events.log")[-1])["seq"] + 1))
        report = self.assert_code(UNSURE)
        self.assertIn("as a crash leaves it", report["reason"])
        self.live()[0].stop()
        self.assert_code(INTACT)

    def test_damage_that_was_set_aside_on_demand(self):
        broker, subscriber, publisher = self.live()
        self.publish(broker, subscriber, publisher, 200)
        broker.stop()
        path = os.path.join(self.log_dir, "events.log")
        with open(path, "r+b") as file:
            file.seek(os.path.getsize(path) // 2)
            file.write(b"\0\0\0\0")
        self.assert_code(TAMPERED)
        self.live("--salvage")[0].stop()
        report = self.assert_code(UNSURE)  # signed lines are gone, and the log says why
        self.assertIn("set aside", report["reason"])

    def test_a_log_that_is_shorter_than_what_was_signed_skips_the_numbers_and_is_found_out(self):
        broker, subscriber, publisher = self.live()
        self.publish(broker, subscriber, publisher, 200)
        broker.stop()
        lines = read_file(self.log_dir, "events.log")
        write_file(self.log_dir, "events.log", lines[:100])
        os.unlink(os.path.join(self.log_dir, "tocsind.state"))
        self.live()[0].stop()
        log = Log(self.log_dir, gaps_allowed=True)
        self.assertEqual(log.lines[100]["seq"], len(lines) + 1, "what was signed is not numbered again")
        report = self.assert_code(TAMPERED)
        self.assertEqual((report["file"], report["line"], report["seq"]), ("events.log", 101, 101))

    def test_a_checkpoints_file_that_cannot_be_written_stops_nothing(self):
        os.makedirs(os.path.join(self.log_dir, support_audit.SIGNED))
        broker, subscriber, publisher = self.live()
        self.publish(broker, subscriber, publisher, 50)
        support.wait_until(lambda: "goes on unsigned" in broker.stderr(), "that it is told")
        support.wait_until(lambda: broker.metric("tocsin_log_checkpoint_failures_total") >= 1, "that it is counted")
        os.rmdir(os.path.join(self.log_dir, support_audit.SIGNED))
        broker.stop()
        self.assert_code(INTACT)

    def test_a_checkpoints_file_that_was_moved_away_is_begun_anew(self):
        broker, subscriber, publisher = self.live()
        self.publish(broker, subscriber, publisher, 50)
        support.wait_until(lambda: broker.metric("tocsin_log_signed_seq") > 0, "a checkpoint")
        os.rename(os.path.join(self.log_dir, support_audit.SIGNED), os.path.join(self.dir, "elsewhere"))
        self.publish(broker, subscriber, publisher, 50)
        broker.stop()
        self.assert_code(INTACT)

    def test_a_key_that_others_may_read_is_refused(self):
        broker, _, _ = self.live()
        broker.stop()
        path = os.path.join(self.log_dir, "tocsind.key")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(path + ".pub").st_mode & 0o777, 0o644)
        os.chmod(path, 0o640)
        code, said = self.broker_that_fails()
        self.assertEqual(code, 73)
        self.assertIn("can be read by others", said)
        os.chmod(path, 0o600)
        os.rename(path, path + "-")
        code, said = self.broker_that_fails()
        self.assertEqual(code, 73)
        self.assertIn("is missing, but its public half", said)

    def test_a_new_key_leaves_the_old_lines_believed_where_both_are_given(self):
        broker, subscriber, publisher = self.live()
        self.publish(broker, subscriber, publisher, 50)
        broker.stop()
        old = os.path.join(self.dir, "old.pub")
        os.rename(os.path.join(self.log_dir, "tocsind.key.pub"), old)
        os.unlink(os.path.join(self.log_dir, "tocsind.key"))
        self.live()[0].stop()
        self.assert_code(INTACT, "--pubkey", old, "--pubkey", os.path.join(self.log_dir, "tocsind.key.pub"))
        self.assert_code(INTACT)  # the new key's checkpoints cover what is before them
        report = self.assert_code(TAMPERED, "--pubkey", old)
        self.assertIn("none of those given", report["reason"])


if __name__ == "__main__":
    unittest.main()
