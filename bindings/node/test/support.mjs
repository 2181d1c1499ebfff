// A real broker under the control of broker.py, on four ports in a row, the same ones over all its lives.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../dist/index.js";

export const DEADLINE = 60_000;
export const ROOT = process.env.TOCSIN_ROOT;
export const BUILD = process.env.TOCSIN_BUILD_DIR;

export class Broker {
  constructor(flags) {
    const options = flags.map((flag) => `--flag=${flag}`);
    this.program = spawn("python3", [join(ROOT, "bindings", "broker.py"), "--control", ...options], { stdio: ["pipe", "pipe", "inherit"] });
    this.exit = once(this.program, "exit");
    this.said = createInterface({ input: this.program.stdout })[Symbol.asyncIterator]();
  }

  async begin() {
    [this.server, this.logDir] = await this.expect("ready");
    return this;
  }

  /** What broker.py says behind that word. */
  async expect(word) {
    const { value = "nothing more" } = await this.said.next();
    const [first, ...rest] = value.split(" ");
    if (first !== word) throw new Error(`broker.py says ${value}, not ${word}`);
    return rest;
  }

  async start() {
    this.program.stdin.write("start\n");
    await this.expect("ready");
  }

  /** kill -9 */
  async kill() {
    this.program.stdin.write("kill\n");
    await this.expect("killed");
  }

  async close() {
    this.program.stdin.end();
    await this.exit;
  }
}

/** A broker for a test, gone at its end, and a client of it. */
export async function brokerFor(test, ...flags) {
  const broker = new Broker(flags);
  test.after(() => broker.close());
  await broker.begin();
  return { broker, client: new Client(broker.server, { timeoutMs: DEADLINE }) };
}

export async function waitUntil(condition, what) {
  const end = Date.now() + DEADLINE;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await sleep(5);
  }
}

/** A good event. */
export function event(number = 0, changes = {}) {
  return {
    level: "Info", category: "TestEvent", type: "Numbered", sourceId: `source-${number % 7}`, summary: `event ${number}`,
    snapshot: { number }, ...changes,
  };
}

export function range(begin, end) {
  return Array.from({ length: end - begin }, (_, i) => begin + i);
}

/** The numbers of the next events. */
export async function take(source, count) {
  const numbers = [];
  while (numbers.length < count) {
    const message = await source.next({ timeoutMs: DEADLINE });
    if (message.kind === "event" && message.event.category === "TestEvent") numbers.push(message.event.snapshot.number);
  }
  return numbers;
}

/** All that a stream has, to the log's end. */
export async function all(client, options = {}) {
  const numbers = [];
  for await (const { event } of client.stream({ from: "first", filters: ["TestEvent"], follow: false, ...options })) numbers.push(event.snapshot.number);
  return numbers;
}
