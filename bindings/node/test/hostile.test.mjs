// A peer that is no sound broker: errors, no harm.
import assert from "node:assert/strict";
import test from "node:test";
import { Router } from "zeromq";
import { Client, ProtocolError, decodeRecord } from "../dist/index.js";
import { pack } from "../dist/event.js";
import { DEADLINE, event } from "./support.mjs";

const LOG_ID = "0123456789abcdef".repeat(2);

test("counts are not believed", () => {
  const head = Buffer.from("dd000fffff", "hex");
  for (const bomb of [Buffer.from("ddffffffff", "hex"), Buffer.alloc(1_000_000, head), Buffer.alloc(15_000, Buffer.from("dfffffffff", "hex"))])
    assert.throws(() => decodeRecord(bomb), ProtocolError);
  const deep = Buffer.concat([Buffer.from("94010007", "hex"), Buffer.alloc(100_000, 0x91)]);
  assert.throws(() => decodeRecord(deep), ProtocolError);
});

// Opens each session, sends what is bad to the first, and a good record to the next.
async function serve(router, bad, opens) {
  for (;;) {
    const [route, data] = await router.receive();
    if (!data.subarray(0, 6).includes("open")) continue;
    opens.push(data);
    await router.send([route, pack(["opened", 1, LOG_ID, 1, 5])]);
    await router.send([route, opens.length === 1 ? bad : pack(["batch", 5, [[1, 0, 0, event(1)]]])]);
  }
}

const BAD = [
  Buffer.alloc(0), Buffer.from([0xc1]), pack([]), pack([7]), pack(["batch", 1]), pack(["batch", -1, []]), pack(["batch", 5, [7]]),
  pack(["batch", 5, [[1, 1, 0, event(1)]]]), pack(["batch", 5, [[9, 0, 0, event(1)]]]), pack(["batch", 5, [[1, 0, 0, { ...event(1), more: 1 }]]]),
  pack(["batch", 5, [], 1]), pack(["hole", 9, 3]), pack(["hole", 3, 9]), pack(["end", 5]), pack(["opened", 1, LOG_ID, 1, 5]),
  pack(["error", "protocol", "no"]), pack({ batch: 1 }),
];

test("a stream asks again for what it does not understand", async () => {
  for (const bad of BAD) {
    const router = new Router({ linger: 0 });
    await router.bind("tcp://127.0.0.1:*");
    const opens = [];
    const serving = serve(router, bad, opens).catch(() => {});
    const stream = new Client("127.0.0.1", { stream: router.lastEndpoint, timeoutMs: DEADLINE }).stream({ from: 1 });
    await assert.rejects(stream.next({ timeoutMs: DEADLINE }), ProtocolError, bad.toString("hex"));
    const record = await stream.next({ timeoutMs: DEADLINE });
    assert.deepEqual(record.event.snapshot, { number: 1 });
    assert.ok(opens[0].equals(opens[1]));
    await stream.close();
    router.close();
    await serving;
  }
});
