// Keys, and what an access file does not allow, against a broker that encrypts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { Client, Denied, Refused, Unreachable, loadKeys } from "../dist/index.js";
import { BUILD, DEADLINE, all, brokerFor, event, take } from "./support.mjs";

async function doorFor(t) {
  const dir = mkdtempSync(join(tmpdir(), "tocsin-curve-"));
  const file = (name, ending) => join(dir, `${name}.${ending}`);
  const keysOf = (name) => loadKeys(file(name, "key_secret"), file("broker", "key"));
  for (const name of ["broker", "all", "some", "nobody"]) execFileSync(join(BUILD, "client", "tocsin"), ["keygen", "-q", join(dir, name)]);
  const keys = [
    { name: "all", public: keysOf("all").public, publish: ["*"], producers: ["*"], live: true, read: [""] },
    { name: "some", public: keysOf("some").public, publish: ["TestEvent/mine"], read: ["TestEvent/mine\0"] },
  ];
  writeFileSync(file("access", "yaml"), JSON.stringify({ keys }), { mode: 0o600 });
  const { broker } = await brokerFor(t, "--curve-key", file("broker", "key_secret"), "--access", file("access", "yaml"));
  return (name, timeoutMs = DEADLINE) => new Client(broker.server, { keys: name && keysOf(name), timeoutMs });
}

test("all doors open to a key that may", async (t) => {
  const client = (await doorFor(t))("all");
  const live = await client.subscribe({ filters: ["TestEvent"] }).open();
  const publisher = await client.publisher();
  await publisher.publish(event(1));
  await publisher.close();
  assert.deepEqual(await take(live, 1), [1]);
  const appender = await client.appender("p");
  await appender.append(event(2));
  await appender.close();
  assert.deepEqual(await take(live, 1), [2]);
  await live.close();
  assert.deepEqual(await all(client), [1, 2]);
  assert.ok((await client.info()).head >= 3);
  assert.equal((await client.latest({ filters: ["TestEvent"] })).length, 2);
});

function opens(client) {
  return [() => client.publisher(), () => client.appender("p"), () => client.subscribe().open(), () => client.stream().open(), () => client.info()];
}

test("who is not known is told about keys, and without keys nothing comes in", async (t) => {
  const door = await doorFor(t);
  for (const open of opens(door("nobody", 1000)))
    await assert.rejects(open(), (error) => error instanceof Unreachable && error.message.includes("keys"));
  for (const open of opens(door(undefined, 500))) await assert.rejects(open(), Unreachable);
});

test("what a key may not is denied", async (t) => {
  const client = (await doorFor(t))("some");
  await assert.rejects(client.appender("another"), Denied);
  const appender = await client.appender("some");
  assert.ok((await appender.append(event(1, { sourceId: "mine" }))).seq > 0);
  await assert.rejects(appender.append(event(2, { sourceId: "yours" })), (error) => error instanceof Refused && error.code === "denied" && error.field !== "");
  await appender.close();
  await assert.rejects(client.stream({ filters: ["TestEvent/yours"] }).open(), Denied);
  assert.deepEqual(await all(client, { filters: ["TestEvent/mine"] }), [1]);
});
