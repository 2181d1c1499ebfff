// The handles against a real broker.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { cwd, execPath, pid } from "node:process";
import { createInterface } from "node:readline";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { Client, Closed, CursorError, Fenced, OtherLog, QueueFull, Refused, TimedOut, Unreachable } from "../dist/index.js";
import { BUILD, DEADLINE, ROOT, all, brokerFor, event, range, take, waitUntil } from "./support.mjs";

const PATIENT = { sendTimeoutMs: DEADLINE, closeTimeoutMs: DEADLINE };
const HERE = join(ROOT, "build", "bindings", "node", "package");

test("the first event published is not lost", async (t) => {
  const { client } = await brokerFor(t);
  const publisher = await client.publisher();
  await publisher.publish(event(1));
  await publisher.close();
  const [record] = await waitUntil(async () => {
    const found = await client.latest({ filters: ["TestEvent"] });
    return found.length > 0 && found;
  }, "the event");
  assert.deepEqual(record.event.snapshot, { number: 1 });
  assert.equal(typeof record.event.time, "string"); // the broker's
});

test("published events arrive live, in order and equal", async (t) => {
  const { client } = await brokerFor(t);
  const live = await client.subscribe({ filters: ["TestEvent"] }).open();
  const publisher = await client.publisher();
  const sent = range(0, 5000).map((number) => event(number, { time: "2026-11-21T09:30:00.125+09:00", cause: "C" }));
  for (const each of sent) await publisher.publish(each);
  let seq = 0;
  for (const each of sent) {
    const message = await live.next({ timeoutMs: DEADLINE });
    assert.deepEqual(message.event, each);
    assert.ok(seq === 0 || message.seq === seq + 1);
    seq = message.seq;
  }
  await publisher.close();
  await live.close();
});

test("a publisher that does not collect sends each at once", async (t) => {
  const { client } = await brokerFor(t);
  const live = await client.subscribe({ filters: ["TestEvent"] }).open();
  const publisher = await client.publisher({ collects: false });
  await Promise.all(range(0, 100).map((number) => publisher.publish(event(number))));
  assert.deepEqual(await take(live, 100), range(0, 100));
  await publisher.close();
  await live.close();
});

test("no broker is an error that tells where", async () => {
  const client = new Client("127.0.0.1:1", { timeoutMs: 200 });
  for (const [port, open] of [
    [1, () => client.publisher()], [2, () => client.appender("p")], [3, () => client.subscribe().open()],
    [4, () => client.stream().next()], [4, () => client.info()], [4, () => client.latest()],
  ])
    await assert.rejects(open(), (error) => error instanceof Unreachable && error.message.includes(`tcp://127.0.0.1:${port}:`));
});

test("a publisher holds events while the broker is away, and says when there is no more room", async (t) => {
  const { client, broker } = await brokerFor(t);
  const publisher = await client.publisher({ queueBytes: 20_000, sendTimeoutMs: 200, closeTimeoutMs: DEADLINE });
  await publisher.publish(event(0));
  await waitUntil(async () => (await client.latest({ filters: ["TestEvent"] })).length > 0, "the first event");
  await broker.kill();
  await waitUntil(() => !publisher.isThere, "the connection's end");
  let taken = 1;
  await assert.rejects(
    async () => {
      for (;;) {
        await publisher.publish(event(taken));
        taken++;
      }
    },
    (error) => error instanceof Unreachable || error instanceof QueueFull,
  );
  assert.ok(taken > 100);
  await broker.start();
  await publisher.close();
  await assert.rejects(publisher.publish(event(0)), Closed);
  const stream = client.stream({ from: "first", filters: ["TestEvent"] });
  assert.deepEqual(await take(stream, taken), range(0, taken));
  await stream.close();
});

test("an appended event has a receipt", async (t) => {
  const { client, broker } = await brokerFor(t);
  const appender = await client.appender("billing-1");
  const receipt = await appender.append(event(1), { timeoutMs: DEADLINE });
  assert.equal(receipt.n, 1);
  assert.equal((await appender.append(event(2))).seq, receipt.seq + 1);
  await appender.close();
  const line = JSON.parse(readFileSync(join(broker.logDir, "events.log"), "utf8").split("\n")[receipt.seq - 1]);
  assert.deepEqual([line.producer, line.n, line.hash], ["billing-1", 1, receipt.hash]);
  const next = await client.appender("billing-1");
  assert.equal(await next.submit(event(3)), 3); // numbers go on
  await next.close();
  await assert.rejects(client.appender("no such name"), RangeError);
});

test("many appends wait side by side, and closing waits for what is unsettled", async (t) => {
  const { client } = await brokerFor(t);
  const settled = [];
  const appender = await client.appender("p", { ...PATIENT, onSettled: (receipt) => settled.push(receipt) });
  const receipts = await Promise.all(range(0, 500).map((number) => appender.append(event(number))));
  assert.ok(receipts.every(({ seq }) => seq > 0));
  for (const number of range(500, 20_000)) await appender.submit(event(number));
  await appender.close();
  assert.equal(settled.at(-1).n, 20_000);
  assert.deepEqual(await all(client), range(0, 20_000));
});

test("what the broker refuses is told, and the rest goes on", async (t) => {
  const { client } = await brokerFor(t, "--max-event-bytes", "2000");
  const refused = [];
  const appender = await client.appender("p", { onRefused: ({ n }) => refused.push(n) });
  const good = await appender.submit(event(1));
  const bad = await appender.submit(event(2, { summary: "x".repeat(3000) }));
  const after = await appender.submit(event(3));
  await appender.wait(good);
  await assert.rejects(appender.wait(bad), (error) => error instanceof Refused && error.code === "length");
  assert.ok((await appender.wait(after)).seq > 0);
  assert.deepEqual(refused, [bad]);
  await appender.close();
});

test("a callback that throws stops nothing", async (t) => {
  const { broker } = await brokerFor(t);
  const said = run("--input-type=module", "-e", `
    import { Client } from ${JSON.stringify(pathToFileURL(join(HERE, "dist/index.js")))};
    process.on("uncaughtException", ({ message }) => console.log(message));
    const appender = await new Client("${broker.server}").appender("p", { onSettled() { throw new Error("mine"); } });
    for (const summary of ["a", "b"]) await appender.append({ level: "Info", category: "C", type: "T", sourceId: "s", summary });
    await appender.close();
    console.log("closed");`);
  assert.equal(said, "mine\nmine\nclosed\n");
});

test("a newer incarnation fences the older", async (t) => {
  const { client } = await brokerFor(t);
  const old = await client.appender("p");
  await old.append(event(1));
  const newer = await client.appender("p");
  await newer.append(event(2));
  await assert.rejects(old.append(event(3), { timeoutMs: DEADLINE }), Fenced);
  await assert.rejects(old.submit(event(4)), Fenced);
  await old.close().catch(() => {});
  await newer.close();
  await assert.rejects(client.appender("p", { incarnation: 1 }), Fenced);
});

test("nothing is lost or doubled, appended or streamed, when the broker is killed", async (t) => {
  const { client, broker } = await brokerFor(t);
  const notices = [];
  const appender = await client.appender("p", { ...PATIENT, queueBytes: 50_000 });
  const stream = await client.stream({ filters: ["TestEvent"], creditBytes: 20_000, onNotice: (notice) => notices.push(notice) }).open();
  const got = [];
  let taken = 0;
  while (appender.sessions < 4) {
    for (const number of range(taken, taken + 200)) await appender.submit(event(number));
    taken += 200;
    const taking = take(stream, 200);
    await broker.kill(); // with events on their way in both directions
    await broker.start();
    got.push(...(await taking));
  }
  await appender.close();
  assert.deepEqual(got, range(0, taken));
  assert.deepEqual(await all(client), range(0, taken));
  assert.ok(!notices.some(({ kind }) => kind === "hole" || kind === "reset"));
  await stream.close();
});

test("streams begin where they are asked to", async (t) => {
  const { client } = await brokerFor(t);
  const appender = await client.appender("p");
  const receipts = [];
  for (const number of range(0, 10)) receipts.push(await appender.append(event(number)));
  await appender.close();
  assert.deepEqual(await all(client), range(0, 10));
  assert.deepEqual(await all(client, { from: receipts[4].seq }), range(4, 10));
  assert.deepEqual(await all(client, { from: { last: 3 } }), [7, 8, 9]);
  assert.deepEqual(await all(client, { from: "new" }), []);
  assert.deepEqual(await all(client, { from: new Date(0) }), range(0, 10));
  assert.deepEqual(await all(client, { from: { time: "2026-01-01T00:00:00Z" } }), range(0, 10));
  assert.deepEqual(await all(client, { types: ["Other"] }), []);
  assert.deepEqual(await all(client, { level: "Warning" }), []);
  assert.deepEqual(await all(client, { exclude: ["TestEvent/source-1"] }), [0, 2, 3, 4, 5, 6, 7, 9]);
  assert.deepEqual(await all(client, { from: "new", latest: true }), range(3, 10));
  assert.throws(() => client.stream({ from: "yesterday" }), RangeError);
  const info = await client.info();
  assert.ok(info.head >= 11 && info.first === 1 && /^[0-9a-f]{32}$/.test(info.log_id));
});

test("a stream's end is told once", async (t) => {
  const { client } = await brokerFor(t);
  const stream = client.stream({ from: "first", follow: false });
  let message;
  do message = await stream.next();
  while (message.kind !== "end");
  assert.equal(message.last, stream.cursor);
  assert.equal(stream.head, stream.cursor);
  await assert.rejects(stream.next({ timeoutMs: 1000 }), Closed);
  await stream.close();
});

test("a cursor's file goes on where the last run ended", async (t) => {
  const { client } = await brokerFor(t);
  const cursorFile = join(mkdtempSync(join(tmpdir(), "tocsin-cursor-")), "cursor");
  const appender = await client.appender("p");
  for (const number of range(0, 10)) await appender.submit(event(number));
  await appender.close();
  const stream = client.stream({ from: "first", filters: ["TestEvent"], cursorFile });
  assert.deepEqual(await take(stream, 4), range(0, 4));
  stream.commit();
  await assert.rejects(client.stream({ cursorFile }).open(), CursorError);
  await stream.close();
  assert.deepEqual(await all(client, { cursorFile }), range(4, 10));
  assert.match(readFileSync(cursorFile, "utf8"), /^tocsin-cursor 1 [0-9a-f]{32} \d+\n$/);
  await assert.rejects(client.stream({ from: 1, logId: "0".repeat(32) }).open(), OtherLog);
});

test("a cursor's file is kept from a second stream, another thread and another process", async (t) => {
  const { broker, client } = await brokerFor(t);
  const folder = mkdtempSync(join(tmpdir(), "tocsin-cursor-"));
  const cursorFile = join(folder, "cursor");
  const other = join(mkdtempSync(join(tmpdir(), "tocsin-cursor-")), "other.mjs");
  writeFileSync(other, `
    import { Client } from ${JSON.stringify(pathToFileURL(join(HERE, "dist/index.js")))};
    await new Client("${broker.server}").stream({ cursorFile: ${JSON.stringify(cursorFile)} }).open();`);
  const stream = await client.stream({ cursorFile }).open();
  t.after(() => stream.close());
  await assert.rejects(client.stream({ cursorFile: relative(cwd(), cursorFile) }).open(), CursorError);
  const [failure] = await once(new Worker(other), "error");
  assert.match(failure.message, /another process, or another stream, uses it/);
  const { stderr } = spawnSync(execPath, [other], { timeout: DEADLINE });
  assert.match(stderr.toString(), /another process, or another stream, uses it/);
  await stream.close();
  assert.deepEqual(readdirSync(folder), ["cursor"]);
});

test("what a process that is gone has left of a cursor's file is taken away", async (t) => {
  const { client } = await brokerFor(t);
  const cursorFile = join(mkdtempSync(join(tmpdir(), "tocsin-cursor-")), "cursor");
  for (const left of ["4194305 1\n", `${pid} 1\n`, "", "no number\n"]) {
    writeFileSync(`${cursorFile}.pid`, left);
    const stream = await client.stream({ cursorFile }).open();
    await stream.close();
  }
});

test("another log is told as a reset where no cursor is kept", async (t) => {
  const { client, broker } = await brokerFor(t);
  const append = async (number) => {
    const appender = await client.appender("p");
    await appender.append(event(number), { timeoutMs: DEADLINE });
    await appender.close();
  };
  await append(1);
  const stream = client.stream({ from: "first" });
  const live = await client.subscribe().open();
  assert.deepEqual(await take(stream, 1), [1]);
  await broker.kill();
  rmSync(broker.logDir, { recursive: true });
  await broker.start();
  let message;
  do message = await stream.next({ timeoutMs: DEADLINE });
  while (message.kind !== "reset");
  assert.equal(message.logId, (await client.info()).log_id);
  await append(2);
  assert.deepEqual(await take(stream, 1), [2]);
  do message = await live.next({ timeoutMs: DEADLINE });
  while (message.kind !== "reset");
  await stream.close();
  await live.close();
});

test("a slow subscriber is told what it lost", async (t) => {
  const { client } = await brokerFor(t, "--live-hwm", "10");
  const live = await client.subscribe({ filters: ["TestEvent"], queueFrames: 1 }).open();
  const everything = await client.subscribe({ queueFrames: 1 }).open();
  const publisher = await client.publisher({ collects: false, ...PATIENT });
  const pad = "x".repeat(10_000);
  for (const number of range(0, 3000)) await publisher.publish(event(number, { sourceId: "one", snapshot: { number, pad } }));
  await waitUntil(async () => (await client.info()).head > 3000, "all in the log");
  const { head } = await client.info();
  let [lost, got] = [0, 0];
  while (lost + got < 3000) {
    const message = await everything.next({ timeoutMs: DEADLINE });
    if (message.kind === "gap") {
      assert.equal(message.topic, undefined);
      assert.equal(message.atLeast, message.last - message.first + 1);
      lost += message.atLeast;
    } else if (message.kind === "event" && message.event.category === "TestEvent") got++;
  }
  assert.ok(lost > 0 && got > 0);
  const gaps = [];
  for (let last = 0; last <= head; ) {
    const message = await live.next({ timeoutMs: 200 }).catch(() => undefined);
    if (!message) await publisher.publish(event(1, { sourceId: "one" })); // the last one may be lost too: send another
    else if (message.kind === "gap") gaps.push(message);
    else if (message.kind === "event") last = message.seq;
  }
  assert.ok(gaps.length > 0 && gaps.every(({ topic }) => topic === "TestEvent/one"));
  for (const handle of [live, everything, publisher]) await handle.close();
});

test("a subscriber comes back after the broker did", async (t) => {
  const { client, broker } = await brokerFor(t);
  const live = await client.subscribe({ filters: ["TestEvent"], heartbeatTimeoutMs: 1500 }).open();
  await broker.kill();
  assert.equal((await live.next({ timeoutMs: DEADLINE })).kind, "lost");
  await broker.start();
  assert.equal((await live.next({ timeoutMs: DEADLINE })).kind, "restored");
  const publisher = await client.publisher();
  await publisher.publish(event(1));
  assert.deepEqual(await take(live, 1), [1]);
  await publisher.close();
  await live.close();
});

test("a filter for a subtree takes a virtual host's applications", async (t) => {
  const { client } = await brokerFor(t);
  const wanted = ["v", "v/x", "#v#a", "#v#a/s"];
  const live = await client.subscribe({ filters: ["TestEvent/v/**"] }).open();
  const publisher = await client.publisher();
  for (const sourceId of ["w", ...wanted, "vw", "#vw#a", "#w#a"]) await publisher.publish(event(1, { sourceId }));
  await publisher.close();
  for (const sourceId of wanted) assert.equal((await live.next({ timeoutMs: DEADLINE })).event.sourceId, sourceId);
  await assert.rejects(live.next({ timeoutMs: 200 }), TimedOut);
  await live.close();
});

test("a wait ends in time, by its signal, and when the handle is closed", async (t) => {
  const { client } = await brokerFor(t);
  const live = await client.subscribe({ filters: ["TestEvent"] }).open();
  await assert.rejects(live.next({ timeoutMs: 20 }), TimedOut);
  await assert.rejects(live.next({ signal: AbortSignal.timeout(20) }), { name: "TimeoutError" });
  const waiting = live.next();
  await live.close();
  await assert.rejects(waiting, Closed);
  const controller = new AbortController();
  const stream = client.stream({ filters: ["TestEvent"], signal: controller.signal });
  await stream.open();
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(async () => {
    for await (const record of stream) assert.fail(record);
  }, { name: "AbortError" });
  const appender = await client.appender("p");
  await assert.rejects(appender.append(event(1), { signal: AbortSignal.abort() }), { name: "AbortError" });
  await appender.close();
});

test("a loop that is left ends its handle", async (t) => {
  const { client } = await brokerFor(t);
  const stream = client.stream({ from: "first" });
  for await (const { seq } of stream) {
    assert.equal(seq, 1);
    break;
  }
  await assert.rejects(stream.next(), Closed);
});

test("64-bit integers and floats go through the log", async (t) => {
  const { client, broker } = await brokerFor(t);
  const appender = await client.appender("p");
  await appender.append(event(1, { snapshot: { number: 1, big: 2n ** 64n - 1n, small: -(2n ** 63n), third: 0.1 } }));
  await appender.close();
  const [{ event: read }] = await client.latest({ filters: ["TestEvent"] });
  assert.deepEqual(read.snapshot, { number: 1, big: 2n ** 64n - 1n, small: -(2n ** 63n), third: 0.1 });
  const line = execFileSync(join(BUILD, "client", "tocsin"), ["sub", "--server", broker.server, "--all", "-o", "json", "TestEvent"]);
  assert.ok(line.toString().includes('"big":18446744073709551615,"small":-9223372036854775808,"third":0.1'));
});

function run(...args) {
  return execFileSync(process.execPath, args, { cwd: HERE, timeout: DEADLINE }).toString();
}

test("the examples run", async (t) => {
  const { broker, client } = await brokerFor(t);
  assert.match(run("examples/append.mjs", broker.server), /11 events are durable/);
  const cursor = join(mkdtempSync(join(tmpdir(), "tocsin-cursor-")), "cursor");
  assert.match(run("examples/replay.mjs", broker.server, cursor), /InvoiceSent Invoice 17 sent/);
  assert.doesNotMatch(run("examples/replay.mjs", broker.server, cursor), /InvoiceSent/);
  const following = spawn(process.execPath, ["examples/follow.mjs", broker.server], { cwd: HERE, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const lines = createInterface({ input: following.stdout })[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, "following");
    const publisher = await client.publisher();
    await publisher.publish(event(1));
    await publisher.publish(event(2, { level: "Error", summary: "it burns" }));
    await publisher.close();
    assert.match((await lines.next()).value, /Error TestEvent\/source-2 Numbered it burns/);
  } finally {
    following.kill("SIGKILL");
  }
});
