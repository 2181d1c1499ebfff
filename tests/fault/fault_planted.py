"""The checker itself: sound runs are sound, and each planted fault turns it red, by the rule that it breaks.

No sync and acknowledging before the sync are planted into a broker (fault_shim.c), and a power cut is played: after
kill -9 the log is cut back to what had truly been synced. The other faults are planted into copies of a sound log or of
what was seen of it, as they are and, worse, with all hashes made anew as a broker would that is wrong but tidy."""

import hashlib
import json
import os
import re
import shutil
import sys
import unittest

import checker
import harness
from support_faults import SYNC_LIE_LATE, SYNC_LIE_NONE, SYNC_LIE_NOTHING, Faults

ACKNOWLEDGED = 3000
FLIPS = 50
LATE_TRIES = 5  # a cut may come just after a late sync, when there is nothing to lose
planted = []  # (what, found): for the table


def found(verdict):
    return {kind for kind, count in verdict.faults.items() if count}


class Lies(unittest.TestCase):
    def cut_power_of_a_broker_that_lies(self, lie):
        """The verdict after a power cut as such a broker would have met it."""
        with harness.Broken() as broken:
            faults = Faults(broken.dir)
            self.addCleanup(faults.close)
            broken.options["env"] = faults.environment()
            broken.start()
            broken.add_watcher("all")
            broken.await_watchers()
            broken.add_producer("a")
            broken.add_producer("b", window=100)
            broken.await_acked(ACKNOWLEDGED)
            faults.set("sync_lie", lie)
            broken.await_acked(broken.last_acked() + ACKNOWLEDGED)
            broken.broker.kill()
            faults.set("sync_lie", SYNC_LIE_NONE)
            path = os.path.join(broken.log_dir, "events.log")
            self.assertGreater(faults.get("synced_bytes"), 0)
            os.truncate(path, faults.get("synced_bytes"))
            broken.start()
            broken.stop_producers()
            broken.stop_watchers()
            broken.broker.stop()
            return broken.checker().check()

    def test_what_a_broker_that_syncs_has_acknowledged_survives_the_cut(self):
        verdict = self.cut_power_of_a_broker_that_lies(SYNC_LIE_NONE)
        self.assertTrue(verdict.is_sound, verdict)

    def test_a_broker_without_syncs_is_found(self):
        verdict = self.cut_power_of_a_broker_that_lies(SYNC_LIE_NOTHING)
        planted.append(("no sync", found(verdict)))
        self.assertLessEqual({"lost", "live"}, found(verdict), verdict)

    def test_a_broker_that_acknowledges_before_the_sync_is_found(self):
        for _ in range(LATE_TRIES):
            verdict = self.cut_power_of_a_broker_that_lies(SYNC_LIE_LATE)
            if not verdict.is_sound:
                break
        planted.append(("ack before sync", found(verdict)))
        self.assertLessEqual({"lost", "live"}, found(verdict), verdict)


class Planted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broken = harness.Broken().__enter__()
        cls.addClassCleanup(cls.broken.__exit__)
        cls.broken.start()
        cls.broken.add_watcher("all")
        cls.broken.await_watchers()
        for name in ("a", "b"):
            cls.broken.add_producer(name, window=100)
        cls.broken.await_acked(ACKNOWLEDGED)
        cls.broken.stop_producers()
        cls.broken.stop_watchers()
        cls.broken.broker.stop()
        with open(os.path.join(cls.broken.log_dir, "events.log"), "rb") as file:
            cls.raw = file.readlines()
        cls.lines = [json.loads(raw) for raw in cls.raw]
        cls.live = list(cls.broken.live_frames("all"))
        # what a stream session would have been given, had it asked for all: the replay's rules need no broker
        records = [[record[0], record[1], record[2], record[3]] for _, record in cls.live]
        cls.first = records[0][0]
        cls.replay = [["opened", 1, "", cls.first, records[-1][0]]]
        for start in range(0, len(records), 50):
            part = records[start : start + 50]
            cls.replay.append(["batch", part[-1][0], part])

    def index(self, producer="a", skip=200):
        """Of a line of that producer, in the middle of the log, whose next line is the same producer's."""
        for index in range(skip, len(self.lines) - 1):
            if self.lines[index].get("producer") == self.lines[index + 1].get("producer") == producer:
                return index
        raise AssertionError("no such line")

    def verdict(self, raw=None, live=None, replay=None, change_record=None):
        log_dir = self.broken.path("planted")
        shutil.rmtree(log_dir, ignore_errors=True)
        os.mkdir(log_dir)
        with open(os.path.join(log_dir, "events.log"), "wb") as file:
            file.writelines(self.raw if raw is None else raw)
        judge = checker.Checker(log_dir, [self.broken.record(name) for name in self.broken.producers])
        if change_record:
            change_record(judge.sent.producers["a"])
        judge.add_live("all", self.live if live is None else live)
        judge.add_replayed("all", self.replay if replay is None else replay)
        return judge.check()

    @staticmethod
    def sealed(raw):
        """The same lines with the chain of hashes made anew."""
        log_id = json.loads(raw[0])["snapshot"]["log_id"]
        chain = hashlib.blake2b(b"tocsin-log-1" + log_id.encode(), digest_size=32).digest()
        lines = []
        for line in raw:
            covered = line.rpartition(b',"hash":"')[0]
            chain = hashlib.blake2b(chain + covered, digest_size=32).digest()
            lines.append(covered + b',"hash":"' + chain[:16].hex().encode() + b'"}\n')
        return lines

    def assert_found(self, what, raw, as_it_is, tidied):
        """The kinds of fault that must be told, with the old hashes and with new ones."""
        verdict = self.verdict(raw)
        self.assertLessEqual(as_it_is, found(verdict), verdict)
        tidy = self.verdict(self.sealed(raw))
        self.assertNotIn("hash", found(tidy), tidy)
        self.assertLessEqual(tidied, found(tidy), tidy)
        planted.append((what, found(verdict) | found(tidy)))

    @staticmethod
    def numbered(raw, first, step):
        """Lines from index `first` on with seqs moved."""
        return raw[:first] + [
            re.sub(rb'^\{"seq":(\d+)', lambda found: b'{"seq":%d' % (int(found[1]) + step), line) for line in raw[first:]
        ]

    def test_a_sound_log_and_what_was_seen_of_it_are_sound(self):
        verdict = self.verdict()
        self.assertTrue(verdict.is_sound, verdict)
        self.assertGreaterEqual(verdict.counts["acknowledged"], ACKNOWLEDGED)
        self.assertGreaterEqual(verdict.counts["seen live"], ACKNOWLEDGED)
        self.assertEqual(verdict.counts["replayed"], verdict.counts["seen live"])
        self.assertEqual(self.sealed(self.raw), self.raw)

    def test_a_lost_line_is_found(self):
        at = self.index()
        without = self.raw[:at] + self.raw[at + 1 :]
        self.assert_found("lost line", without, {"hash", "seq", "lost"}, {"seq", "lost", "live", "replay"})
        verdict = self.verdict(self.sealed(self.numbered(without, at, -1)))
        self.assertNotIn("seq", found(verdict), verdict)
        self.assertLessEqual({"lost", "receipt", "live", "replay"}, found(verdict), verdict)

    def test_lost_last_lines_are_found_by_the_receipts(self):
        verdict = self.verdict(self.raw[: self.index(skip=len(self.raw) - 200)])
        self.assertLessEqual({"lost", "live"}, found(verdict), verdict)

    def test_a_doubled_line_is_found(self):
        at = self.index()
        doubled = self.raw[: at + 1] + self.raw[at:]
        self.assert_found("doubled line", doubled, {"hash", "seq", "double"}, {"seq", "double"})
        verdict = self.verdict(self.sealed(self.numbered(doubled, at + 1, 1)))
        self.assertNotIn("seq", found(verdict), verdict)
        self.assertLessEqual({"double", "receipt"}, found(verdict), verdict)

    def test_reordered_lines_are_found(self):
        at = self.index()
        swapped = [*self.raw[:at], self.raw[at + 1], self.raw[at], *self.raw[at + 2 :]]
        self.assert_found("reordered", swapped, {"hash", "seq", "order"}, {"seq", "order"})
        first, second = self.raw[at], self.raw[at + 1]
        seqs = [json.loads(line)["seq"] for line in (first, second)]
        swapped = [*self.raw[:at], second.replace(b'"seq":%d,' % seqs[1], b'"seq":%d,' % seqs[0]),
                   first.replace(b'"seq":%d,' % seqs[0], b'"seq":%d,' % seqs[1]), *self.raw[at + 2 :]]  # fmt: skip
        verdict = self.verdict(self.sealed(swapped))
        self.assertNotIn("seq", found(verdict), verdict)
        self.assertLessEqual({"order", "receipt", "live"}, found(verdict), verdict)

    def test_a_reused_seq_is_found(self):
        at = self.index()
        seq = self.lines[at]["seq"]
        reused = [*self.raw[:at], self.raw[at].replace(b'"seq":%d,' % seq, b'"seq":%d,' % (seq - 1)), *self.raw[at + 1 :]]
        self.assert_found("reused seq", reused, {"hash", "seq"}, {"seq"})

    def test_a_wrong_prev_is_found(self):
        at = self.index()
        prev = self.lines[at]["prev"]
        wrong = [*self.raw[:at], self.raw[at].replace(b'"prev":%d,' % prev, b'"prev":%d,' % (prev - 1)), *self.raw[at + 1 :]]
        self.assert_found("wrong prev", wrong, {"hash", "prev"}, {"prev", "live", "replay"})

    def test_an_altered_byte_is_found(self):
        at = self.index()
        altered = [*self.raw[:at], self.raw[at].replace(b'"summary":"event', b'"summary":"Event'), *self.raw[at + 1 :]]
        self.assertNotEqual(altered, self.raw)
        self.assert_found("altered byte", altered, {"hash", "altered"}, {"altered", "live", "replay"})

    def test_a_flipped_bit_anywhere_is_found(self):
        chance = harness.seed()
        at = self.index()
        places = range(len(self.raw[at]) - 1)
        for byte in places if harness.IS_FULL else chance.sample(places, FLIPS):
            line = bytearray(self.raw[at])
            line[byte] ^= 1 << chance.randrange(8)
            verdict = self.verdict([*self.raw[:at], bytes(line), *self.raw[at + 1 : at + 30]])
            self.assertTrue({"hash", "line"} & found(verdict), f"byte {byte}: {verdict}")

    def test_an_event_that_nobody_sent_is_found(self):
        def sent_less(producer):
            producer.sent -= 1

        self.assertIn("phantom", found(self.verdict(change_record=sent_less)))

    def test_a_receipt_that_is_not_the_lines_is_found(self):
        def other_hash(producer):
            n, seq, hash_ = producer.receipts[5]
            producer.receipts[5] = (n, seq, ("0" if hash_[0] != "0" else "1") + hash_[1:])

        def other_seq(producer):
            n, seq, hash_ = producer.receipts[5]
            producer.receipts[5] = (n, seq + 1, hash_)

        for change in (other_hash, other_seq):
            self.assertEqual(found(self.verdict(change_record=change)), {"receipt"})

    def test_what_was_seen_live_but_is_not_in_the_log_is_found(self):
        topic, record = self.live[100]
        for what, changed in {
            "altered": [[*record[:3], {**record[3], "summary": "other"}]],
            "wrong prev": [[record[0], record[1] + 1, *record[2:]]],
            "doubled": [record, record],
            "reordered": [self.live[101][1], record],
            "beyond the end": [[10**9, *record[1:]]],
        }.items():
            with self.subTest(what):
                live = self.live[:100] + [(topic, each) for each in changed]
                self.assertIn("live", found(self.verdict(live=live)))

    def test_a_loss_that_the_next_prev_does_not_tell_of_is_found(self):
        at = next(at for at in range(150, len(self.live) - 1) if self.live[at][0] == self.live[at + 1][0])
        topic, record = self.live[at + 1]
        quiet = [record[0], self.live[at - 1][1][0], *record[2:]]
        verdict = self.verdict(live=[*self.live[:at], (topic, quiet), *self.live[at + 2 :]])
        self.assertLessEqual({"live"}, found(verdict), verdict)
        self.assertEqual(found(self.verdict(live=self.live[:at] + self.live[at + 1 :])), set(), "an honest loss")

    def test_what_is_replayed_must_be_the_log_no_more_and_no_less(self):
        verb, upto, batch = self.replay[3]
        other = [*batch[7][:3], {**batch[7][3], "summary": "other"}]
        for what, changed in {
            "lost": batch[:7] + batch[8:],
            "last lost": batch[:-1],
            "doubled": batch[:8] + batch[7:],
            "reordered": [*batch[:7], batch[8], batch[7], *batch[9:]],
            "altered": [*batch[:7], other, *batch[8:]],
        }.items():
            with self.subTest(what):
                replay = [*self.replay[:3], [verb, upto, changed], *self.replay[4:]]
                self.assertEqual(found(self.verdict(replay=replay)), {"replay"})
        gone_on = [*self.replay[:3], ["opened", 1, "", self.replay[2][1] + 2, 0], *self.replay[3:]]
        self.assertEqual(found(self.verdict(replay=gone_on)), {"replay"})


if __name__ == "__main__":
    outcome = unittest.main(exit=False).result
    for what, kinds in planted:
        harness.result(f"planted: {what}", True, f"red: {', '.join(sorted(kinds))}")
    harness.result("checker", outcome.wasSuccessful() and len(planted) == 8, f"{len(planted)} of 8 planted faults found")
    sys.exit(not outcome.wasSuccessful())
