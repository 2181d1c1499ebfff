// Node's program for the matrix of all bindings (bindings/README.md).
import { createInterface } from "node:readline";
import { Client } from "./dist/index.js";
import { parse, stringify } from "./tools/exact_json.mjs";

const { TOCSIN_CURVE_SERVER_KEY: server, TOCSIN_CURVE_PUBLIC_KEY, TOCSIN_CURVE_SECRET_KEY } = process.env;
const keys = server ? { server, public: TOCSIN_CURVE_PUBLIC_KEY, secret: TOCSIN_CURVE_SECRET_KEY } : undefined;

async function write(handle, take) {
  for await (const line of createInterface({ input: process.stdin })) await take(parse(line));
  await handle.close();
}

async function read(source, count) {
  for (let told = 0; told < count; ) {
    const message = await source.next({ timeoutMs: 60_000 });
    if (message.kind !== "event") throw new Error(`not all came: ${stringify(message)}`);
    const { topic, event } = message;
    if (event.category === "BrokerEvent") continue;
    process.stdout.write(`${stringify({ topic, event })}\n`);
    told++;
  }
  await source.close();
}

async function main(verb, where, count = "0") {
  const client = new Client(where, { keys, timeoutMs: 30_000 });
  const patience = { sendTimeoutMs: 30_000, closeTimeoutMs: 30_000 };
  if (verb === "publish") {
    const publisher = await client.publisher(patience);
    await write(publisher, (event) => publisher.publish(event));
  } else if (verb === "append") {
    const appender = await client.appender(process.env.TOCSIN_PRODUCER || "matrix-node", {
      ...patience,
      onSettled: (receipt) => process.stdout.write(`${stringify(receipt)}\n`),
    });
    await write(appender, (event) => appender.submit(event));
  } else if (verb === "live") {
    const live = await client.subscribe({ exactFloats: true }).open();
    process.stderr.write("ready\n");
    await read(live, Number(count));
  } else if (verb === "stream") {
    await read(client.stream({ from: 1, exactFloats: true }), Number(count));
  } else {
    throw new Error(`no such thing to do: ${verb}`);
  }
}

main(...process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
