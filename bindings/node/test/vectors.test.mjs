// proto/vectors: the same bytes are read, the same refused, with the same topics and the same value back.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { blake2b } from "@noble/hashes/blake2b";
import { Refused, decodeEvent, decodeRecord, encodeEvent, topicOf } from "../dist/index.js";
import { judge } from "../dist/judge.js";
import { parse, stringify } from "../tools/exact_json.mjs";
import { ROOT } from "./support.mjs";

function vectors(folder) {
  const dir = join(ROOT, "proto", "vectors", folder);
  const found = readdirSync(dir).map((name) => JSON.parse(readFileSync(join(dir, name), "utf8")));
  assert.ok(found.length > 0);
  return found.map((vector) => ({ ...vector, bytes: Buffer.from(vector.bytes ?? "", "hex") }));
}

const exactly = (value) => stringify(value, true);

test("valid events are read and come back", () => {
  for (const { name, bytes, topic, log } of vectors("valid")) {
    const event = decodeEvent(bytes, { exactFloats: true });
    assert.equal(topicOf(event), topic, name);
    assert.equal(exactly(event), exactly(parse(log)), name);
    const again = decodeEvent(encodeEvent(event), { exactFloats: true });
    assert.equal(exactly(again), exactly(event), name);
    assert.equal("snapshot" in again, "snapshot" in event, name);
    decodeEvent(encodeEvent(decodeEvent(bytes))); // and without exact floats
  }
});

test("what is refused is refused for the same reason", () => {
  for (const { name, bytes, code, field, consumed, max_event_bytes: maxEventBytes } of vectors("refused")) {
    assert.deepEqual(judge(bytes, 0, maxEventBytes), { consumed, code, field }, name);
    if (consumed !== 0 && consumed !== bytes.length) continue;
    assert.throws(() => decodeEvent(bytes, { maxEventBytes }), (error) => error instanceof Refused && error.code === code && error.field === field, name);
  }
});

test("a frame is judged value by value", () => {
  for (const { name, bytes, verdicts } of vectors("frames")) {
    const told = [];
    let at = 0;
    do {
      const { consumed, code, field } = judge(bytes, at);
      told.push({ consumed, code, field });
      at += consumed;
    } while (at < bytes.length && told.at(-1).consumed > 0);
    assert.deepEqual(told, verdicts, name);
  }
});

test("the records of a log are those of its lines, and its chain holds", () => {
  const hashOf = (...parts) => Buffer.from(blake2b(Buffer.concat(parts), { dkLen: 32 }));
  for (const { name, log_id: logId, start, end, lines } of vectors("log")) {
    let chain = hashOf(Buffer.from(`tocsin-log-1${logId}`));
    assert.equal(chain.toString("hex"), start, name);
    for (const { record, line, seq, prev, received_us: receivedUs } of lines) {
      const read = decodeRecord(Buffer.from(record, "hex"), { exactFloats: true });
      assert.deepEqual([read.seq, read.prev, read.receivedUs].map(String), [seq, prev, receivedUs], name);
      const told = parse(line);
      const expected = Object.fromEntries(Object.keys(read.event).map((key) => [key, told[key]]));
      assert.equal(exactly(read.event), exactly(expected), name);
      assert.equal(topicOf(read.event), `${told.category}/${told.sourceId}`);
      chain = hashOf(chain, Buffer.from(line.slice(0, line.lastIndexOf(',"hash":"'))));
      assert.equal(chain.toString("hex", 0, 16), told.hash, name);
    }
    assert.equal(chain.toString("hex"), end, name);
  }
});
