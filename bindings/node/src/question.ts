/** Questions at the stream door, each with a socket of its own: what the broker tells of itself, and the last event of
 * every topic. */
import { Denied, ProtocolError, Unreachable } from "./errors.js";
import { pack } from "./event.js";
import { Wanted, type WantedOptions } from "./filter.js";
import { Bell, type CallOptions, Line, deadlineOf, now, unreachable } from "./line.js";
import { type EventMessage, readRecord, understood } from "./message.js";
import { EVENT_BYTES_MAX } from "./rules.js";
import { MESSAGE_ROOM } from "./stream.js";
import { Fault, Reader } from "./wire.js";
import type { Where } from "./where.js";

/** What the broker tells of itself: `first` is the first seq that its log holds, `head` the last one, `durable` the last
 * one that is on the disk. There may be more. */
export interface Info {
  version: string;
  log_id: string;
  first: number;
  head: number;
  durable: number;
  uptime_s: number;
  sessions: number;
  counters: { [name: string]: number | bigint };
}

export interface LatestOptions extends WantedOptions {
  signal?: AbortSignal;
  exactFloats?: boolean;
  maxEventBytes?: number;
}

/** Asks, and gives each answer to `take` until that says that it was the last. */
async function ask(
  where: Where, verb: string, message: unknown[], options: LatestOptions, take: (reader: Reader) => boolean,
): Promise<void> {
  const bell = new Bell();
  const maxMessageBytes = (options.maxEventBytes ?? EVENT_BYTES_MAX) + MESSAGE_ROOM;
  const line = new Line("dealer", where, "stream", { maxMessageBytes }, () => bell.ring());
  try {
    line.send(pack(message));
    let deadline = deadlineOf(where.timeoutMs);
    for (;;) {
      const data = line.receive();
      if (data) {
        if (understood(() => takeAnswer(new Reader(data, 0, options.exactFloats), verb, take))) return;
        deadline = deadlineOf(where.timeoutMs);
      } else if (now() >= deadline) {
        throw unreachable(where, "stream", line.isRefused);
      } else {
        await bell.wait(deadline, options.signal);
      }
    }
  } finally {
    line.close();
  }
}

function takeAnswer(reader: Reader, verb: string, take: (reader: Reader) => boolean): boolean {
  const count = reader.arrayHead();
  const word = reader.str();
  if (word === "error" && count === 3) {
    const code = reader.str();
    const text = `the broker says: ${reader.str()}`;
    if (code === "busy" || code === "unavailable") throw new Unreachable(text);
    throw code === "denied" ? new Denied(text) : new ProtocolError(text);
  }
  if (word !== verb) return false;
  if (count !== 2) throw new Fault("type", "");
  return take(reader);
}

export async function askInfo(where: Where, options: CallOptions): Promise<Info> {
  let info: unknown;
  await ask(where, "info", ["info"], options, (reader) => {
    info = reader.any();
    return true;
  });
  const { version, log_id, first, head } = (info ?? {}) as Partial<Info>;
  if (typeof version !== "string" || typeof log_id !== "string" || typeof first !== "number" || typeof head !== "number")
    throw new ProtocolError("info without version, log_id, first and head");
  return info as Info;
}

export async function askLatest(where: Where, options: LatestOptions): Promise<EventMessage[]> {
  const wanted = new Wanted(options);
  const records: EventMessage[] = [];
  await ask(where, "latest", ["latest", wanted.prefixesInMessage()], options, (reader) => {
    const count = reader.arrayHead();
    for (let i = 0; i < count; i++) {
      const record = readRecord(reader);
      if (wanted.takes(record.event)) records.push(record);
    }
    return count === 0;
  });
  return records;
}
