/** An event: composed, checked, as bytes and back. */
import { Encoder } from "@msgpack/msgpack";
import { Refused } from "./errors.js";
import {
  CATEGORY_MAX, CAUSE_MAX, DEPTH_MAX, EVENT_BYTES_MAX, LEVELS, type Level, SOURCE_ID_MAX, SUMMARY_MAX, TYPE_MAX, fits,
  hasControl, isTime, isToken,
} from "./rules.js";
import { Float, type Value } from "./value.js";
import { type Members, judge } from "./judge.js";

/** An operational event, a plain object. Without `time` the broker adds that of receipt. `snapshot: null` is a snapshot;
 * undefined, or not there: there is none. */
export interface Event {
  level: Level;
  category: string;
  type: string;
  sourceId: string;
  /** One line; by default empty. */
  summary?: string;
  /** RFC 3339 with offset; a Date will do. */
  time?: string | Date;
  /** A token such as BFrameDetected. */
  cause?: string;
  snapshot?: Value;
}

/** An event as it is read: `summary` is there, and `time` a text, always there in what a broker sends. */
export interface ReadEvent extends Event {
  summary: string;
  time?: string;
}

/** category "/" sourceId */
export function topicOf(event: { category: string; sourceId: string }): string {
  return `${event.category}/${event.sourceId}`;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new Encoder({ ignoreUndefined: true, maxDepth: DEPTH_MAX + 4, initialBufferSize: 4096 });
const bigEncoder = new Encoder({ useBigInt64: true }); // which makes floats of numbers from 2^32 on
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** MessagePack of a message of ours. */
export function pack(value: unknown): Buffer {
  const bytes = encoder.encode(value);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function checkText(text: unknown, key: string, limit: number, mayBeEmpty: boolean): asserts text is string {
  if (typeof text !== "string") throw new Refused("type", key);
  if ((limit > 0 && !fits(text, limit)) || (text === "" && !mayBeEmpty)) throw new Refused("length", key);
  if (LONE_SURROGATE.test(text)) throw new Refused("utf8", key);
  if (text.includes("\0")) throw new Refused("unsupported", key);
}

function checkToken(text: unknown, key: string, limit: number): void {
  checkText(text, key, limit, false);
  if (!isToken(text)) throw new Refused("value", key);
}

function checkLine(text: unknown, key: string, limit: number, mayBeEmpty: boolean): void {
  checkText(text, key, limit, mayBeEmpty);
  if (hasControl(text)) throw new Refused("value", key);
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Refuses what is no snapshot; tells whether it has something that the library would not write exactly. */
function checkValue(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
      checkText(value, "snapshot", 0, true);
      return false;
    case "number":
      if (!Number.isFinite(value)) throw new Refused("unsupported", "snapshot");
      return Object.is(value, -0);
    case "bigint":
      if (value < INT64_MIN || value > UINT64_MAX)
        throw new Refused("unsupported", "snapshot", "holds an integer beyond 64 bits");
      return true;
    case "boolean":
      return false;
    case "object":
      break;
    default:
      throw new Refused("unsupported", "snapshot", `holds a ${typeof value}`);
  }
  if (value === null) return false;
  if (value instanceof Float) {
    checkValue(value.value, depth);
    return true;
  }
  return checkContainer(value as object, depth);
}

function checkContainer(value: object, depth: number): boolean {
  if (depth === DEPTH_MAX) throw new Refused("depth", "snapshot");
  let isOdd = false;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) isOdd = checkValue(item, depth + 1) || isOdd;
    return isOdd;
  }
  if (!isPlainObject(value)) throw new Refused("unsupported", "snapshot", `holds a ${value.constructor?.name ?? "thing"}`);
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    checkText(key, "snapshot", 0, true);
    isOdd = checkValue(item, depth + 1) || isOdd;
  }
  return isOdd;
}

const KEYS = ["level", "category", "type", "sourceId", "summary", "time", "cause", "snapshot"] as const;

/** The members in the order of the protocol's table, with its defaults. */
function membersOf(event: Event): Members {
  for (const key of Object.keys(event)) {
    if (!(KEYS as readonly string[]).includes(key)) throw new Refused("unknown", key);
  }
  const { level, category, type, sourceId, summary = "", time, cause, snapshot } = event;
  const members: Members = { level, category, type, sourceId, summary };
  if (time !== undefined) members.time = time instanceof Date ? timeOf(time) : time;
  if (cause !== undefined) members.cause = cause;
  if (snapshot !== undefined) members.snapshot = snapshot;
  return members;
}

function timeOf(time: Date): string {
  if (Number.isNaN(time.getTime())) throw new Refused("value", "time");
  return time.toISOString();
}

/** Throws the first fault; tells whether the snapshot must be written by hand. */
function checkMembers(members: Members): boolean {
  for (const key of ["level", "category", "type", "sourceId"] as const)
    if (members[key] === undefined) throw new Refused("missing", key);
  checkText(members.level, "level", 0, true);
  if (!(LEVELS as readonly string[]).includes(members.level)) throw new Refused("value", "level");
  checkToken(members.category, "category", CATEGORY_MAX);
  checkToken(members.type, "type", TYPE_MAX);
  checkLine(members.sourceId, "sourceId", SOURCE_ID_MAX, false);
  checkLine(members.summary, "summary", SUMMARY_MAX, true);
  if (members.time !== undefined) {
    checkText(members.time, "time", 0, true);
    if (!isTime(members.time)) throw new Refused("value", "time");
  }
  if (members.cause !== undefined) checkToken(members.cause, "cause", CAUSE_MAX);
  return members.snapshot === undefined ? false : checkValue(members.snapshot, 0);
}

/** Throws Refused when the event breaks a rule. */
export function checkEvent(event: Event): void {
  encodeEvent(event);
}

/** The event as it goes over the wire. Throws Refused when it breaks a rule. */
export function encodeEvent(event: Event, maxEventBytes = EVENT_BYTES_MAX): Buffer {
  const members = membersOf(event);
  const isOdd = checkMembers(members);
  const bytes = isOdd ? packByHand(members) : pack(members);
  if (bytes.length > maxEventBytes) throw new Refused("length", "");
  return bytes;
}

/** The same as `pack` of the members, with bigint, and with floats as such: the heads of maps and arrays are written here. */
function packByHand(members: Members): Buffer {
  const pieces: Uint8Array[] = [];
  packValue(pieces, members as unknown as Value);
  return Buffer.concat(pieces);
}

function packHead(pieces: Uint8Array[], fixed: number, long: number, count: number): void {
  if (count < 16) {
    pieces.push(Uint8Array.of(fixed | count));
    return;
  }
  const head = Buffer.alloc(5);
  head.writeUInt8(long);
  head.writeUInt32BE(count, 1);
  pieces.push(head);
}

function packValue(pieces: Uint8Array[], value: Value): void {
  if (value instanceof Float || Object.is(value, -0)) {
    const float = Buffer.alloc(9, 0xcb);
    float.writeDoubleBE(Number(value), 1);
    pieces.push(float);
  } else if (Array.isArray(value)) {
    packHead(pieces, 0x90, 0xdd, value.length);
    for (const item of value) packValue(pieces, item);
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    packHead(pieces, 0x80, 0xdf, entries.length);
    for (const [key, item] of entries) {
      pieces.push(encoder.encode(key));
      packValue(pieces, item!);
    }
  } else {
    pieces.push((typeof value === "bigint" ? bigEncoder : encoder).encode(value));
  }
}

/** Reads exactly one event. What breaks a rule is Refused; bytes behind it are `malformed`. With `exactFloats` a float
 * that is a whole number is read as Float. */
export function decodeEvent(
  bytes: Uint8Array,
  options: { maxEventBytes?: number; exactFloats?: boolean } = {},
): ReadEvent {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const verdict = judge(buffer, 0, options.maxEventBytes, options.exactFloats);
  if (verdict.code !== "accepted") throw new Refused(verdict.code, verdict.field);
  if (verdict.consumed !== buffer.length) throw new Refused("malformed");
  return verdict.members as ReadEvent;
}
