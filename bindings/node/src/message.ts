/** What a subscriber and a stream tell. */
import { ProtocolError } from "./errors.js";
import { type ReadEvent, topicOf } from "./event.js";
import { readEvent } from "./judge.js";
import { Fault, Malformed, Reader } from "./wire.js";

/** An event with its place in the broker's log. */
export interface EventMessage {
  kind: "event";
  /** Position in the log. */
  seq: number;
  /** seq of the record before it on its topic; 0: none or unknown. */
  prev: number;
  /** The broker's clock, microseconds since 1970 UTC. */
  receivedUs: number;
  /** category "/" sourceId */
  topic: string;
  event: ReadEvent;
}

/** Live only: events that you wanted were lost on the way; they are in the broker's log, within first … last. Where
 * everything is subscribed `atLeast` is exactly how many; else it is of `topic`, and at least so many. */
export interface Gap {
  kind: "gap";
  first: number;
  last: number;
  atLeast: number;
  topic?: string;
}

/** Stream only: the broker's log does not hold first … last any more. */
export interface Hole {
  kind: "hole";
  first: number;
  last: number;
}

/** The connection is lost; the library goes on trying. */
export interface Lost {
  kind: "lost";
}

/** It is back. */
export interface Restored {
  kind: "restored";
  head: number;
  logId: string;
}

/** The broker's log is another one, or went back: seq counts anew from `head`. */
export interface Reset {
  kind: "reset";
  head: number;
  logId: string;
}

/** Stream only: all through `last` was told, and no more was asked for. */
export interface End {
  kind: "end";
  last: number;
}

export type Notice = Gap | Hole | Lost | Restored | Reset | End;
export type Message = EventMessage | Notice;

/** Runs a reading; what is no message, or no record, is a ProtocolError. */
export function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault || error instanceof Malformed)
      throw new ProtocolError("what came is nothing that a broker of this protocol says");
    throw error;
  }
}

/** A record as it is on the wire. Numbers beyond 2^53 are bigint; handles call them a ProtocolError. */
export interface Record {
  seq: number | bigint;
  prev: number | bigint;
  receivedUs: number | bigint;
  event: ReadEvent;
}

function readAny(reader: Reader): Record {
  if (reader.arrayHead() !== 4) throw new Fault("type", "");
  const seq = reader.uint();
  const prev = reader.uint();
  const receivedUs = reader.uint();
  if (prev >= seq) throw new Fault("value", "");
  return { seq, prev, receivedUs, event: readEvent(reader) as ReadEvent };
}

/** Reads exactly one record. ProtocolError for what is none. */
export function decodeRecord(bytes: Uint8Array, options: { exactFloats?: boolean } = {}): Record {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, options.exactFloats);
  return understood(() => {
    const record = readAny(reader);
    if (!reader.isAtEnd) throw new Malformed();
    return record;
  });
}

/** Reads a record that a handle tells. The broker is believed as little as anyone. */
export function readRecord(reader: Reader): EventMessage {
  const { seq, prev, receivedUs, event } = readAny(reader);
  if (typeof seq !== "number" || typeof prev !== "number" || typeof receivedUs !== "number") throw new Fault("value", "");
  return { kind: "event", seq, prev, receivedUs, topic: topicOf(event), event };
}
