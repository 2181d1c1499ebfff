// Composing events, and what goes wrong with it.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { inspect } from "node:util";
import { curveKeyPair } from "zeromq";
import { Client, Float, LEVELS, Refused, decodeEvent, encodeEvent, filterOf, filterTakes, loadKeys, makeSourceId, splitSourceId } from "../dist/index.js";
import { CursorFile } from "../dist/cursor.js";
import { prefixesOf } from "../dist/filter.js";
import { endpointOf } from "../dist/where.js";
import { stringify } from "../tools/exact_json.mjs";
import { event } from "./support.mjs";

function refusal(changes) {
  try {
    encodeEvent(event(1, changes));
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return [error.code, error.field];
  }
  return assert.fail(`not refused: ${stringify(changes)}`);
}

test("faults of JavaScript's values have the protocol's names", () => {
  assert.deepEqual(refusal({ level: "Fatal" }), ["value", "level"]);
  assert.deepEqual(refusal({ level: undefined }), ["missing", "level"]);
  assert.deepEqual(refusal({ category: "a b" }), ["value", "category"]);
  assert.deepEqual(refusal({ category: "a\n" }), ["value", "category"]);
  assert.deepEqual(refusal({ category: "" }), ["length", "category"]);
  assert.deepEqual(refusal({ category: 7 }), ["type", "category"]);
  assert.deepEqual(refusal({ type: "T".repeat(129) }), ["length", "type"]);
  assert.deepEqual(refusal({ sourceId: "a\nb" }), ["value", "sourceId"]);
  assert.deepEqual(refusal({ sourceId: "é".repeat(65) }), ["length", "sourceId"]);
  assert.deepEqual(refusal({ summary: "a\0" }), ["unsupported", "summary"]);
  assert.deepEqual(refusal({ summary: "\ud800" }), ["utf8", "summary"]);
  assert.deepEqual(refusal({ summary: null }), ["type", "summary"]);
  assert.deepEqual(refusal({ time: "2026-02-30T00:00:00Z" }), ["value", "time"]);
  assert.deepEqual(refusal({ time: new Date(NaN) }), ["value", "time"]);
  assert.deepEqual(refusal({ cause: "a/b" }), ["value", "cause"]);
  assert.deepEqual(refusal({ more: 1 }), ["unknown", "more"]);
  for (const snapshot of [NaN, [-Infinity], { a: Buffer.from("x") }, { "a\0": 2 }, 2n ** 64n, -(2n ** 63n) - 1n, new Map(), new Date(), () => 1, [undefined], new Float(NaN)])
    assert.deepEqual(refusal({ snapshot }), ["unsupported", "snapshot"]);
  assert.deepEqual(refusal({ snapshot: ["\udfff"] }), ["utf8", "snapshot"]);
  assert.deepEqual(refusal({ snapshot: "y".repeat(1048576) }), ["length", ""]);
});

test("a snapshot within itself is too deep", () => {
  const loop = [];
  loop.push(loop);
  assert.deepEqual(refusal({ snapshot: loop }), ["depth", "snapshot"]);
  let deep = "x";
  for (let i = 0; i < 32; i++) deep = [deep];
  encodeEvent(event(1, { snapshot: deep }));
  assert.deepEqual(refusal({ snapshot: [deep] }), ["depth", "snapshot"]);
});

test("numbers keep their kind", () => {
  const snapshot = [0, -1, 2 ** 40, -(2 ** 40), 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n), 9007199254740993n, new Float(1), -0, 1e300, 0.5, true, null, "x", [], {}, { __proto__: null, a: 1 }];
  const back = decodeEvent(encodeEvent(event(1, { snapshot })), { exactFloats: true }).snapshot;
  assert.equal(stringify(back), "[0,-1,1099511627776,-1099511627776,9223372036854775808,18446744073709551615,-9223372036854775808,9007199254740993,1.0,-0.0,1e+300,0.5,true,null,\"x\",[],{},{\"a\":1}]");
  const plain = decodeEvent(encodeEvent(event(1, { snapshot: new Float(30) }))).snapshot;
  assert.equal(plain, 30);
});

test("a key named __proto__ is a key like any other", () => {
  const snapshot = JSON.parse('{"__proto__": {"polluted": 1}}');
  const back = decodeEvent(encodeEvent(event(1, { snapshot }))).snapshot;
  assert.deepEqual(Object.keys(back), ["__proto__"]);
  assert.equal({}.polluted, undefined);
  assert.equal(back.polluted, undefined);
});

test("null is a snapshot, undefined is none, and undefined members are left out", () => {
  const read = (snapshot) => decodeEvent(encodeEvent(event(1, { snapshot })));
  assert.equal(read(null).snapshot, null);
  assert.ok(!("snapshot" in read(undefined)));
  assert.deepEqual(read({ a: undefined, b: 1, c: -0 }).snapshot, { b: 1, c: -0 });
});

test("a Date is a time", () => {
  assert.equal(decodeEvent(encodeEvent(event(1, { time: new Date(0) }))).time, "1970-01-01T00:00:00.000Z");
});

test("source ids are taken apart and put together", () => {
  assert.deepEqual(splitSourceId("#v#a/s/t"), { vhost: "v", app: "a", stream: "s/t" });
  assert.deepEqual(splitSourceId("#v#a"), { vhost: "v", app: "a" });
  for (const name of ["v", "#v", "#v#", "##a", "#v#a/", "#v#/s", ""]) assert.deepEqual(splitSourceId(name), { vhost: name });
  assert.equal(makeSourceId("v#w", "a#b", "s#t"), "#v_w#a_b/s#t");
  for (const parts of [["", "a"], ["v", ""], ["v", "a", ""], ["v".repeat(127), "a"]]) assert.throws(() => makeSourceId(...parts), RangeError);
  assert.deepEqual(LEVELS, ["Trace", "Debug", "Info", "Warning", "Error"]);
});

test("filters from text take what the command line takes", () => {
  const takes = (text, topic) => {
    const slash = topic.indexOf("/");
    return filterTakes(filterOf(text), topic.slice(0, slash), topic.slice(slash + 1));
  };
  for (const [text, topic] of [["", "C/s"], ["*", "C/s"], ["C", "C/s"], ["C/s", "C/s"], ["C/#v#a/", "C/#v#a/s"], ["C/#v#a/**", "C/#v#a"], ["C/#v#a/**", "C/#v#a/s"], ["C/v/**", "C/v"], ["C/v/**", "C/#v#a/s"], ["C/ca*", "C/cam"], ["*/s", "D/s"]])
    assert.ok(takes(text, topic), `${text} ${topic}`);
  for (const [text, topic] of [["C", "D/s"], ["C/s", "C/s2"], ["C/s", "C/s/t"], ["C/#v#a/", "C/#v#a"], ["C/#v#a/**", "C/#v#ab"], ["C/v/**", "C/vw"], ["C/ca*", "C/dog"], ["*/s", "D/t"]])
    assert.ok(!takes(text, topic), `${text} ${topic}`);
  assert.deepEqual(prefixesOf(filterOf("C/v/**")).map(String), ["C/v\0", "C/v/", "C/#v#"]);
  for (const wrong of ["C D", "/s", `C/${"x".repeat(129)}`]) assert.throws(() => filterOf(wrong), RangeError);
});

test("servers become endpoints", () => {
  assert.equal(endpointOf("broker", "stream"), "tcp://broker:5563");
  assert.equal(endpointOf("tcp://[::1]:7000", "live"), "tcp://[::1]:7002");
  for (const wrong of ["a b", "host:0", "host:65533", "host:", "host:1:2", "[::1"]) assert.throws(() => new Client(wrong), RangeError);
  assert.throws(() => new Client("host", { live: "live" }), RangeError);
});

test("keys are looked at before they are used", () => {
  const { publicKey, secretKey } = curveKeyPair();
  const dir = mkdtempSync(join(tmpdir(), "tocsin-keys-"));
  const own = join(dir, "own.key");
  const server = join(dir, "server.pub");
  writeFileSync(own, `curve\n    public-key = "${publicKey}"\n    secret-key = "${secretKey}"\n`);
  writeFileSync(server, `curve\n    public-key = "${publicKey}"\n`);
  assert.deepEqual(loadKeys(own, server), { server: publicKey, public: publicKey, secret: secretKey });
  assert.throws(() => loadKeys(server, server), RangeError);
  assert.ok(!inspect(new Client("host", { keys: loadKeys(own, server) }), { depth: 9 }).includes(secretKey));
  assert.throws(() => new Client("host", { keys: { server: "short", public: publicKey, secret: secretKey } }), RangeError);
});

test("a cursor's file is one line, kept from a second user", () => {
  const path = join(mkdtempSync(join(tmpdir(), "tocsin-cursor-")), "cursor");
  const file = new CursorFile(path);
  assert.equal(file.read(), undefined);
  file.write({ logId: "a".repeat(32), seq: 7 });
  assert.deepEqual(file.read(), { logId: "a".repeat(32), seq: 7 });
  assert.throws(() => new CursorFile(path), /uses it/);
  file.close();
  writeFileSync(`${path}.pid`, `${process.ppid} 1\n`); // of a process whose number another one has now
  new CursorFile(path).close();
  writeFileSync(`${path}.pid`, "999999999 1\n"); // of a process that is gone
  const again = new CursorFile(path);
  writeFileSync(path, "no cursor\n");
  assert.throws(() => again.read(), /no cursor/);
  again.close();
});
