// A real broker, on four ports in a row, the same ones over all its lives.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../dist/index.js";

export const DEADLINE = 60_000;
export const ROOT = process.env.TOCSIN_ROOT;
export const BUILD = process.env.TOCSIN_BUILD_DIR;

async function isFree(port) {
  const probe = createServer();
  try {
    probe.listen(port, "127.0.0.1");
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

async function freeBasePort() {
  for (;;) {
    const base = 11000 + 4 * Math.floor(Math.random() * 5000);
    const free = await Promise.all([0, 1, 2, 3].map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
}

export class Broker {
  constructor(flags) {
    this.dir = mkdtempSync(join(tmpdir(), "tocsin-node-"));
    this.logDir = join(this.dir, "log");
    this.flags = flags;
  }

  async start() {
    this.basePort ??= await freeBasePort();
    this.server = `127.0.0.1:${this.basePort}`;
    const ports = join(this.dir, "ports");
    rmSync(ports, { force: true });
    const stderr = openSync(join(this.dir, "stderr"), "a");
    const doors = ["ingest", "append", "live", "stream"].flatMap((door, i) => [`--${door}`, `tcp://127.0.0.1:${this.basePort + i}`]);
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TOCSIN_")));
    this.process = spawn(
      join(BUILD, "broker", "tocsind"),
      ["--log-dir", this.logDir, "--name", "node-broker", ...doors, "--http", "127.0.0.1:0", "--ports-file", ports, ...this.flags],
      { stdio: ["ignore", stderr, stderr], env },
    );
    this.exit = once(this.process, "exit");
    await waitUntil(() => existsSync(ports) || this.process.exitCode !== null, "the broker's ports file");
    if (this.process.exitCode !== null) throw new Error(`tocsind did not start: ${readFileSync(join(this.dir, "stderr"))}`);
    return this;
  }

  async kill() {
    this.process.kill("SIGKILL");
    await this.exit;
  }

  async close() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A broker for a test, gone at its end, and a client of it. */
export async function brokerFor(test, ...flags) {
  const broker = new Broker(flags);
  test.after(() => broker.close());
  await broker.start();
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
