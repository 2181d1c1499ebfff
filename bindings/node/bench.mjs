// Events a second of publish, append and stream, beside the bare zeromq.js in the same run: bench.mjs SERVER [COUNT]
import { Pull, Push } from "zeromq";
import { Client, encodeEvent } from "./dist/index.js";

const EVENT = {
  level: "Info", category: "StreamEvent", type: "StreamCreated", sourceId: "#default#app/stream-1",
  summary: "A new stream has been created: [#default#app/stream]", time: "2026-11-21T09:30:00.125+09:00",
  snapshot: { name: "stream", sourceType: "Rtmp", bitrate: 2500000, fps: 29.97 },
};

async function measure(name, count, run) {
  const begin = performance.now();
  await run();
  const rate = (count / (performance.now() - begin)) * 1000;
  console.log(`node    ${name.padEnd(34)} ${rate.toFixed(0).padStart(10)} events/s`);
}

// One event a message, PUSH to PULL over TCP.
async function bare(count) {
  const event = encodeEvent(EVENT);
  const pull = new Pull({ linger: 0 });
  await pull.bind("tcp://127.0.0.1:*");
  const push = new Push({ linger: 0 });
  push.connect(pull.lastEndpoint);
  const sending = (async () => {
    for (let i = 0; i < count; i++) await push.send(event);
  })();
  for (let i = 0; i < count; i++) await pull.receive();
  await sending;
  push.close();
  pull.close();
}

const [server, count = 50_000] = process.argv.slice(2).map((text, i) => (i ? Number(text) : text));
const client = new Client(server, { timeoutMs: 30_000 });
const patience = { sendTimeoutMs: 60_000, closeTimeoutMs: 60_000 };

await measure("bare zeromq.js, a message an event", count, () => bare(count));
await measure("encode alone", count, () => {
  for (let i = 0; i < count; i++) encodeEvent(EVENT);
});
await measure("publish, handed over", count, async () => {
  const publisher = await client.publisher(patience);
  for (let i = 0; i < count; i++) await publisher.publish(EVENT);
  await publisher.close();
});
await measure("append, durable", count, async () => {
  const appender = await client.appender("bench-node", patience);
  for (let i = 0; i < count; i++) await appender.submit(EVENT);
  await appender.close();
});
await measure("stream, from the log", count, async () => {
  const stream = client.stream({ from: "first", types: ["StreamCreated"] });
  for (let i = 0; i < count; i++) await stream.next();
  await stream.close();
});
