// What was lost: the rules one by one, and a broker played with random losses against what the tracker says.
import assert from "node:assert/strict";
import test from "node:test";
import { GapTracker, TopicTable } from "../dist/gap.js";

function at(isEverything, head, maxTopics = 1000) {
  const tracker = new GapTracker(isEverything, maxTopics);
  tracker.begin(head);
  return tracker;
}

const lost = (first, last, atLeast, isExact) => ({ first, last, atLeast, isExact });

test("with everything each missing seq is counted", () => {
  const tracker = at(true, 10);
  assert.equal(tracker.onRecord("S/cam", 11, 3), undefined);
  assert.deepEqual(tracker.onRecord("S/dog", 15, 2), lost(12, 14, 3, true));
  assert.equal(tracker.onHead(15), undefined);
  assert.deepEqual(tracker.onHead(17), lost(16, 17, 2, true));
  assert.equal(tracker.onRecord("S/cam", 18, 11), undefined);
});

test("with filters a jump of seq is no loss, and a broken chain is one", () => {
  const tracker = at(false, 10);
  assert.equal(tracker.onRecord("S/cam", 20, 9), undefined);
  assert.deepEqual(tracker.onRecord("S/cam", 40, 30), lost(21, 30, 1, false));
  assert.deepEqual(tracker.onRecord("S/dog", 41, 33), lost(11, 33, 1, false));
  assert.equal(tracker.onRecord("S/cam", 42, 40), undefined);
  assert.equal(tracker.onRecord("S/cam", 43, 0), undefined);
  assert.equal(tracker.onHead(500), undefined);
});

test("a log that went back begins anew", () => {
  for (const isEverything of [true, false]) {
    const tracker = at(isEverything, 100);
    assert.equal(tracker.onRecord("S/cam", 5, 1), "went back");
    assert.equal(tracker.onRecord("S/cam", 6, 5), undefined);
    assert.equal(tracker.onHead(3), "went back");
    assert.equal(tracker.onHead(3), undefined);
  }
});

test("a topic that was forgotten makes no false gap", () => {
  const table = new TopicTable(4);
  for (let seq = 1; seq <= 10; seq++) assert.equal(table.exchange(`S/${seq}`, seq), undefined);
  assert.ok(table.forgotten >= 6);
  const tracker = at(false, 0, 4);
  for (let seq = 1; seq < 100; seq++) assert.equal(tracker.onRecord(`S/${seq % 10}`, seq, Math.max(seq - 10, 0)), undefined);
});

test("random losses are told exactly with everything, and never falsely with filters", () => {
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let run = 0; run < 50; run++) {
    const last = new Map();
    const [everything, chains] = [at(true, 0), at(false, 0, 8)];
    let [missing, told] = [0, 0];
    for (let seq = 1; seq < 300; seq++) {
      const topic = `S/${Math.floor(random() * 12)}`;
      const prev = last.get(topic) ?? 0;
      last.set(topic, seq);
      if (random() < 0.1) {
        missing++;
        continue;
      }
      told += everything.onRecord(topic, seq, prev)?.atLeast ?? 0;
      const gap = chains.onRecord(topic, seq, prev);
      if (gap) assert.ok(missing > 0 && gap.last === prev);
    }
    assert.equal(told + (everything.onHead(299)?.atLeast ?? 0), missing);
  }
});
