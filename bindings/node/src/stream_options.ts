/** Where a stream begins and what is wanted of it. */
import type { WantedOptions } from "./filter.js";
import { isTime } from "./rules.js";
import type { SourceOptions } from "./source_base.js";

/** Where to begin: a seq, what comes, the first that the log holds, a time of receipt, or so many seqs before the end,
 * whether they match or not. */
export type From = number | "new" | "first" | Date | { time: string | Date } | { last: number };

export interface StreamOptions extends WantedOptions, SourceOptions {
  /** "new". */
  from?: From;
  /** Begin with the last event before the start of every matching topic: the state. */
  latest?: boolean;
  /** Go on with what comes; else "end" is told at the head. true. */
  follow?: boolean;
  /** The log that a seq counts in; any other is OtherLog. */
  logId?: string;
  /** Begin behind what it tells, and keep it; where there is none yet, begin as said above. */
  cursorFile?: string;
  /** It is written so often at most; 200. */
  cursorIntervalMs?: number;
  /** Only commit() says what is handled; else each next message does. */
  commitsByHand?: boolean;
  /** After which the connection counts as lost; 5000. */
  silenceTimeoutMs?: number;
  /** Most that is on its way or waits here; 4 MiB. */
  creditBytes?: number;
}

/** As the protocol has it. */
export function fromOf(from: From): unknown {
  if (typeof from === "number") {
    if (!Number.isSafeInteger(from) || from < 0) throw new RangeError(`no seq: ${from}`);
    return from;
  }
  if (from === "new" || from === "first") return from;
  if (from instanceof Date) return { time: from.toISOString() };
  if (typeof from === "object" && "last" in from && Number.isSafeInteger(from.last) && from.last >= 0) return { last: from.last };
  if (typeof from === "object" && "time" in from) {
    const time = from.time instanceof Date ? from.time.toISOString() : from.time;
    if (isTime(time)) return { time };
  }
  throw new RangeError(`no place to begin: ${JSON.stringify(from)}`);
}

export function isLogId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
