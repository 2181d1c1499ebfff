/** Reads an event and judges it in the order that PROTOCOL.md section 1.1 tells. */
import type { RefusalCode } from "./errors.js";
import {
  CATEGORY_MAX, CAUSE_MAX, EVENT_BYTES_MAX, FIELD_MAX, LEVELS, SOURCE_ID_MAX, SUMMARY_MAX, TYPE_MAX, hasControl, isTime, isToken,
} from "./rules.js";
import type { Value } from "./value.js";
import { Fault, Malformed, Reader } from "./wire.js";

const REQUIRED = ["level", "category", "type", "sourceId", "summary"] as const;

/** An event's members as they are on the wire. */
export interface Members {
  level: string;
  category: string;
  type: string;
  sourceId: string;
  summary: string;
  time?: string;
  cause?: string;
  snapshot?: Value;
}

/** One event. Throws the first fault in the order of the bytes. */
export function readEvent(reader: Reader): Members {
  const members: Partial<Members> = {};
  for (let left = reader.mapHead(); left > 0; left--) {
    const key = reader.str("", "unsupported");
    if (!isKey(key)) throw new Fault("unknown", cut(key));
    if (Object.hasOwn(members, key)) throw new Fault("duplicate", key);
    readMember(reader, key, members);
  }
  for (const key of REQUIRED) if (members[key] === undefined) throw new Fault("missing", key);
  return members as Members;
}

function readMember(reader: Reader, key: keyof Members, members: Partial<Members>): void {
  if (key === "snapshot") {
    members.snapshot = reader.any();
    return;
  }
  let text: string, isGood: boolean;
  switch (key) {
    case "level": isGood = (LEVELS as readonly string[]).includes((text = reader.str(key))); break;
    case "category": isGood = isToken((text = reader.str(key, "type", CATEGORY_MAX, 1))); break;
    case "type": isGood = isToken((text = reader.str(key, "type", TYPE_MAX, 1))); break;
    case "cause": isGood = isToken((text = reader.str(key, "type", CAUSE_MAX, 1))); break;
    case "time": isGood = isTime((text = reader.str(key))); break;
    case "sourceId": isGood = !hasControl((text = reader.str(key, "type", SOURCE_ID_MAX, 1))); break;
    default: isGood = !hasControl((text = reader.str(key, "type", SUMMARY_MAX)));
  }
  if (!isGood) throw new Fault("value", key);
  members[key] = text;
}

function isKey(key: string): key is keyof Members {
  switch (key) {
    case "level": case "category": case "type": case "sourceId": case "summary": case "time": case "cause": case "snapshot":
      return true;
    default:
      return false;
  }
}

/** As many whole characters as fit. */
function cut(name: string): string {
  const bytes = Buffer.from(name);
  if (bytes.length <= FIELD_MAX) return name;
  let end = FIELD_MAX;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/** How many bytes the first value behind `at` takes (0 where it is malformed), and why it is refused, or the event. */
export type Verdict =
  | { consumed: number; code: RefusalCode; field: string }
  | { consumed: number; code: "accepted"; field: ""; members: Members };

export function judge(bytes: Buffer, at = 0, maxEventBytes = EVENT_BYTES_MAX, exactFloats = false): Verdict {
  let consumed = 0;
  try {
    const ahead = new Reader(bytes, at);
    ahead.skip();
    consumed = ahead.at - at;
    if (consumed > maxEventBytes) return { consumed, code: "length", field: "" };
    return { consumed, code: "accepted", field: "", members: readEvent(new Reader(bytes, at, exactFloats)) };
  } catch (error) {
    if (error instanceof Malformed) return { consumed: 0, code: "malformed", field: "" };
    if (error instanceof Fault) return { consumed, code: error.code, field: error.field };
    throw error;
  }
}
