"""Real events and the vectors', changed at random, go through the whole broker: what it answers, counts, logs and publishes
is to the byte what an oracle that shares nothing with it says."""

import collections
import json
import random
import sys
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgpack
import support
import zmq
from support import data_events, pack, read_lines

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vectors"))
import differential  # noqa: E402
import log_text  # noqa: E402
import make  # noqa: E402
import oracle  # noqa: E402

SEED = 20261122
PUT = 50
LONGEST = 65536
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def changed_events(count):
    """Real events and the vectors as they are, then changed: as many of the ones as of the others."""
    rng = random.Random(SEED)
    real = [pack(event) for name in ("ome-events.log", "opensips-core-events.jsonl") for event in data_events(name)]
    yield from real
    for cases in (differential.cases_valid, differential.cases_refused):
        yield from (case[2] for case in cases.CASES if 0 < len(case[2]) <= LONGEST)
    for _ in range(count):
        data = rng.choice(real)
        for _ in range(rng.randint(1, 2)):
            data = rng.choice(differential.MUTATIONS)(rng, data, rng.choice(real)) or b"\xc0"
        yield data
    yield from differential.inputs(count)


def is_the_brokers_own(verdict):
    return verdict.event is not None and verdict.event["category"] == "BrokerEvent"


class Oracle(support.Scenario):
    def setUp(self):
        super().setUp()
        self.server = self.broker("--append", "tcp://127.0.0.1:*")
        self.live = self.subscriber(self.server)

    def assert_logged_and_published(self, sent, producer=None):
        """`sent`: (n, bytes, event) of all that is accepted, in order."""
        records = self.live.take_until(len(sent))
        self.server.stop()
        support.Log(self.log_dir)  # the chain, prev and batch
        raws = [(raw, line) for raw, line in read_lines(self.log_dir, "events.log") if line["category"] != "BrokerEvent"]
        self.assertEqual((len(raws), len(records)), (len(sent), len(sent)))
        for (raw, line), (n, data, event), (topic, _, record) in zip(raws, sent, records):
            received_us = (datetime.fromisoformat(line["received"].replace("Z", "+00:00")) - EPOCH) // timedelta(microseconds=1)
            stamped = make.with_time(data, event, received_us)
            place = (line["seq"], line["prev"], received_us)
            text = log_text.line_text(oracle.judge(stamped).event, *place, line["batch"], producer, n)
            self.assertEqual(raw.rpartition(b',"hash":"')[0].decode(), text)
            self.assertEqual(topic, oracle.topic(event))
            self.assertEqual(record, b"\x94" + b"".join(map(pack, place)) + stamped)

    def test_append_answers_logs_and_publishes_as_the_oracle_says(self):
        door = self.context.socket(zmq.DEALER)
        self.addCleanup(door.close, linger=0)
        door.connect(self.server.ports["append"])
        door.rcvtimeo = support.DEADLINE_S * 1000
        door.send(pack(["hello", 1, "oracle", 1]))
        self.assertEqual(msgpack.unpackb(door.recv())[0], "welcome")
        judged = [(data[: verdict.consumed], verdict) for data in changed_events(800)
                  for verdict in [oracle.judge(data)] if verdict.consumed and not is_the_brokers_own(verdict)]  # fmt: skip
        for first in range(0, len(judged), PUT):
            part = judged[first : first + PUT]
            head = pack(["put", first + 1, []])[:-1].replace(b"\x92", b"\x93", 1)
            door.send(head + b"\xdc" + len(part).to_bytes(2, "big") + b"".join(data for data, _ in part))
            refused = [["nack", first + 1 + i, verdict.code, verdict.field]
                       for i, (_, verdict) in enumerate(part) if verdict.event is None]  # fmt: skip
            nacks = []
            while (answer := msgpack.unpackb(door.recv()))[:2] != ["ack", first + len(part)]:
                self.assertIn(answer[0], ("nack", "ack"), answer)
                nacks += [answer[:4]] if answer[0] == "nack" else []
            self.assertEqual(nacks, refused)
        sent = [(n, data, verdict.event) for n, (data, verdict) in enumerate(judged, 1) if verdict.event is not None]
        self.assert_logged_and_published(sent, "oracle")

    def test_ingest_counts_logs_and_publishes_as_the_oracle_says(self):
        publisher = self.publisher(self.server)
        rng = random.Random(SEED)
        events = list(changed_events(800))
        codes, sent = collections.Counter(), []
        while events:
            frame = b"".join(events.pop() for _ in range(min(rng.choice((1, 1, 1, 1, 2, 5)), len(events))))
            verdicts, at = oracle.judge_frame(frame), 0
            if any(is_the_brokers_own(verdict) for verdict in verdicts):
                continue
            publisher.send(frame)
            for verdict in verdicts:
                codes[verdict.code] += 1
                if verdict.event is not None:
                    sent.append((None, frame[at : at + verdict.consumed], verdict.event))
                at += verdict.consumed

        def refusals():
            found = {code: self.server.metric(f'tocsin_events_refused_total{{code="{code}"}}')
                     for code in codes if code != "accepted"}  # fmt: skip
            return found if sum(found.values()) >= codes.total() - len(sent) else None

        found = support.wait_until(refusals, "all are judged")
        self.assertEqual(found, {code: number for code, number in codes.items() if code != "accepted"})
        self.assertEqual(len(codes), 11, json.dumps(codes))  # every verdict occurs
        self.assert_logged_and_published(sent)


if __name__ == "__main__":
    unittest.main()
