/** What can go wrong. */

/** Why an event is refused: the codes of PROTOCOL.md section 1.1. */
export type RefusalCode =
  | "malformed" | "type" | "missing" | "unknown" | "duplicate" | "value" | "length" | "depth" | "utf8" | "unsupported";

const MEANINGS: Record<RefusalCode, string> = {
  malformed: "is no MessagePack, or is cut short",
  type: "has the wrong type",
  missing: "is required and missing",
  unknown: "is no key of an event",
  duplicate: "holds a key twice",
  value: "has a value that is not allowed",
  length: "is too long, or empty",
  depth: "is nested too deep",
  utf8: "is not valid UTF-8",
  unsupported: "holds what JSON cannot: bin, ext, NaN, infinity, U+0000 or a key that is no string",
};

/** What a broker may say besides: "denied", where a key may not publish that. */
export type Code = RefusalCode | (string & {});

/** Everything that this package throws of its own. */
export class TocsinError extends Error {
  override name = "TocsinError";
}

/** The event breaks a rule of the protocol: `code` and `field` are those of PROTOCOL.md section 1.1. */
export class Refused extends TocsinError {
  override name = "Refused";
  constructor(readonly code: Code, readonly field = "", text = "") {
    super(`${field || "the event"} ${text || MEANINGS[code as RefusalCode] || code} (${code})`);
  }
}

/** No broker answered in time. */
export class Unreachable extends TocsinError {
  override name = "Unreachable";
}

/** Not in the time that was given; nothing is lost by that. */
export class TimedOut extends TocsinError {
  override name = "TimedOut";
}

/** No room in the queue within the time that was given; the event was not taken. */
export class QueueFull extends TocsinError {
  override name = "QueueFull";
}

/** The handle is closed. */
export class Closed extends TocsinError {
  override name = "Closed";
}

/** A newer incarnation of this producer has taken over. */
export class Fenced extends Closed {
  override name = "Fenced";
}

/** The broker does not allow this. */
export class Denied extends TocsinError {
  override name = "Denied";
}

/** What came is nothing that a broker of this protocol says. */
export class ProtocolError extends TocsinError {
  override name = "ProtocolError";
}

/** The broker writes another log than the one that the cursor belongs to. */
export class OtherLog extends TocsinError {
  override name = "OtherLog";
}

/** The cursor's file is no cursor, or another process uses it. */
export class CursorError extends TocsinError {
  override name = "CursorError";
}
