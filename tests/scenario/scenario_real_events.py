"""Real events of both producers go all the way: raw PUB, check, log, raw SUB."""

import json
import unittest

import support
from support import Log, data_events, pack

EVENT_KEYS = ("time", "level", "category", "type", "sourceId", "summary", "cause", "snapshot")


class RealEvents(support.Scenario):
    def go_all_the_way(self, name):
        events = data_events(name)
        broker = self.broker()
        subscriber = self.subscriber(broker)
        publisher = self.publisher(broker)
        for event in events:
            publisher.send(pack(event))
        records = subscriber.take_until(len(events))
        broker.stop()
        lines = Log(self.log_dir).events()  # checks the prev chain too
        self.assertEqual(len(lines), len(events))
        for sent, line, (topic, record, _) in zip(events, lines, records):
            with_time = {**sent, "time": sent.get("time", line["received"])}
            logged = {key: line[key] for key in EVENT_KEYS if key in line}
            self.assertEqual(json.dumps(logged, sort_keys=True), json.dumps(with_time, sort_keys=True))
            self.assertEqual(topic, f"{sent['category']}/{sent['sourceId']}")
            self.assertEqual(record[:2], [line["seq"], line["prev"]])
            self.assertEqual(record[3], with_time)

    def test_every_line_of_ovenmediaengine_comes_out_equal_in_the_log_and_live(self):
        self.go_all_the_way("ome-events.log")

    def test_every_core_event_of_opensips_comes_out_equal_in_the_log_and_live(self):
        self.go_all_the_way("opensips-core-events.jsonl")

    def test_a_record_carries_the_events_bytes_as_they_were_sent(self):
        broker = self.broker()
        subscriber = self.subscriber(broker)
        publisher = self.publisher(broker)
        sent = [pack(event) for event in data_events("ome-events.log")]
        publisher.send(b"".join(sent))  # one frame
        for bytes_, (_, record, encoded) in zip(sent, subscriber.take_until(len(sent))):
            head = b"\x94" + b"".join(pack(number) for number in record[:3])
            self.assertEqual(encoded, head + bytes_)


if __name__ == "__main__":
    unittest.main()
