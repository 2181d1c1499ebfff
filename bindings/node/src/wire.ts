/** Reads MessagePack: messages, and the values that an event may have.
 *
 * @msgpack/msgpack reads invalid UTF-8, keeps the last of two equal keys, refuses the key `__proto__`, and does not tell
 * 30.0 from 30; so what comes in is read here, and the library writes. */
import type { RefusalCode } from "./errors.js";
import { DEPTH_MAX } from "./rules.js";
import { Float, type Value } from "./value.js";

/** No MessagePack, or cut short. */
export class Malformed extends Error {}

/** The first fault in the order of the bytes. */
export class Fault extends Error {
  constructor(readonly code: RefusalCode, readonly field: string) {
    super(code);
  }
}

const enum Kind {
  Nil, False, True, Int, Float, Str, Array, Map, Other,
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one value after the other; throws Malformed at the end of the bytes. */
export class Reader {
  private readonly view: DataView;
  /** Of the head that was read last: bytes of a text or of something else, things in an array or a map. */
  private count = 0;
  private number: number | bigint = 0;

  constructor(readonly bytes: Buffer, public at = 0, readonly exactFloats = false) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  private take(length: number): number {
    const at = this.at;
    if (length > this.bytes.length - at) throw new Malformed();
    this.at = at + length;
    return at;
  }

  private bigEndian(size: number): number {
    return this.bytes.readUIntBE(this.take(size), size);
  }

  private sized(kind: Kind, size: number, more = 0): Kind {
    this.count = this.bigEndian(size) + more;
    return kind;
  }

  private counted(kind: Kind, count: number): Kind {
    this.count = count;
    return kind;
  }

  private int(value: number | bigint): Kind {
    this.number = value;
    return Kind.Int;
  }

  /** Reads a head, and with it a number. */
  private head(): Kind {
    const first = this.bytes[this.take(1)]!;
    if (first < 0x80) return this.int(first);
    if (first < 0x90) return this.counted(Kind.Map, first & 15);
    if (first < 0xa0) return this.counted(Kind.Array, first & 15);
    if (first < 0xc0) return this.counted(Kind.Str, first & 31);
    if (first >= 0xe0) return this.int(first - 0x100);
    switch (first) {
      case 0xc0: return Kind.Nil;
      case 0xc2: return Kind.False;
      case 0xc3: return Kind.True;
      case 0xc4: return this.sized(Kind.Other, 1);
      case 0xc5: return this.sized(Kind.Other, 2);
      case 0xc6: return this.sized(Kind.Other, 4);
      case 0xc7: return this.sized(Kind.Other, 1, 1);
      case 0xc8: return this.sized(Kind.Other, 2, 1);
      case 0xc9: return this.sized(Kind.Other, 4, 1);
      case 0xca: this.number = this.view.getFloat32(this.take(4)); return Kind.Float;
      case 0xcb: this.number = this.view.getFloat64(this.take(8)); return Kind.Float;
      case 0xcc: return this.int(this.bigEndian(1));
      case 0xcd: return this.int(this.bigEndian(2));
      case 0xce: return this.int(this.bigEndian(4));
      case 0xcf: return this.int(narrow(this.view.getBigUint64(this.take(8))));
      case 0xd0: return this.int(this.view.getInt8(this.take(1)));
      case 0xd1: return this.int(this.view.getInt16(this.take(2)));
      case 0xd2: return this.int(this.view.getInt32(this.take(4)));
      case 0xd3: return this.int(narrow(this.view.getBigInt64(this.take(8))));
      case 0xd4: return this.counted(Kind.Other, 2);
      case 0xd5: return this.counted(Kind.Other, 3);
      case 0xd6: return this.counted(Kind.Other, 5);
      case 0xd7: return this.counted(Kind.Other, 9);
      case 0xd8: return this.counted(Kind.Other, 17);
      case 0xd9: return this.sized(Kind.Str, 1);
      case 0xda: return this.sized(Kind.Str, 2);
      case 0xdb: return this.sized(Kind.Str, 4);
      case 0xdc: return this.sized(Kind.Array, 2);
      case 0xdd: return this.sized(Kind.Array, 4);
      case 0xde: return this.sized(Kind.Map, 2);
      case 0xdf: return this.sized(Kind.Map, 4);
      default: throw new Malformed();
    }
  }

  /** Passes a value over, however deep it is nested. */
  skip(): void {
    for (let left = 1; left > 0; left--) {
      const kind = this.head();
      if (kind === Kind.Array) left += this.count;
      else if (kind === Kind.Map) left += 2 * this.count;
      else if (kind === Kind.Str || kind === Kind.Other) this.take(this.count);
      if (left - 1 > this.bytes.length - this.at) throw new Malformed();
    }
  }

  /** The text of a str whose head was read. */
  private text(field: string): string {
    const length = this.count;
    const start = this.take(length);
    const text = decode(this.bytes, start, start + length);
    if (text === undefined) throw new Fault("utf8", field);
    if (text.includes("\0")) throw new Fault("unsupported", field);
    return text;
  }

  private value(depth: number): Value {
    const kind = this.head();
    switch (kind) {
      case Kind.Nil: return null;
      case Kind.False: return false;
      case Kind.True: return true;
      case Kind.Int: return this.number;
      case Kind.Float: return this.float();
      case Kind.Str: return this.text("snapshot");
      case Kind.Other: throw new Fault("unsupported", "snapshot");
      default: break;
    }
    if (depth === DEPTH_MAX) throw new Fault("depth", "snapshot");
    const count = this.count;
    if (count > this.bytes.length - this.at) throw new Malformed();
    return kind === Kind.Array ? this.array(count, depth) : this.map(count, depth);
  }

  private float(): number | Float {
    const value = this.number as number;
    if (!Number.isFinite(value)) throw new Fault("unsupported", "snapshot");
    return this.exactFloats && Number.isInteger(value) ? new Float(value) : value;
  }

  private array(count: number, depth: number): Value[] {
    const items: Value[] = [];
    for (let i = 0; i < count; i++) items.push(this.value(depth + 1));
    return items;
  }

  private map(count: number, depth: number): { [key: string]: Value } {
    const members: { [key: string]: Value } = {};
    for (let i = 0; i < count; i++) {
      const key = this.str("snapshot", "unsupported");
      if (Object.hasOwn(members, key)) throw new Fault("duplicate", "snapshot");
      const isPlain = key !== "__proto__";
      if (!isPlain) define(members, key, null);
      const value = this.value(depth + 1);
      if (isPlain) members[key] = value;
      else define(members, key, value);
    }
    return members;
  }

  /** How many there are in the array that begins here; Fault where none does. */
  arrayHead(): number {
    if (this.head() !== Kind.Array) throw new Fault("type", "");
    return this.count;
  }

  /** How many pairs there are in the map that begins here; Fault where none does. */
  mapHead(): number {
    if (this.head() !== Kind.Map) throw new Fault("type", "");
    return this.count;
  }

  /** An integer from 0 on; Fault for anything else. */
  uint(): number | bigint {
    if (this.head() !== Kind.Int || this.number < 0) throw new Fault("type", "");
    return this.number;
  }

  /** One up to 2^53. */
  safeUint(): number {
    const value = this.uint();
    if (typeof value !== "number") throw new Fault("value", "");
    return value;
  }

  /** A text; Fault for anything else, and for one of more or fewer bytes than are allowed. */
  str(field = "", otherwise: RefusalCode = "type", most = Infinity, least = 0): string {
    if (this.head() !== Kind.Str) throw new Fault(otherwise, field);
    if (this.count > most || this.count < least) throw new Fault("length", field);
    return this.text(field);
  }

  /** Any value that a snapshot might be. */
  any(): Value {
    return this.value(0);
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function define(members: object, key: string, value: Value): void {
  Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
}

/** undefined: not valid UTF-8. */
function decode(bytes: Buffer, start: number, end: number): string | undefined {
  for (let at = start; at < end; at++) {
    if (bytes[at]! >= 0x80) {
      try {
        return strict.decode(bytes.subarray(start, end));
      } catch {
        return undefined;
      }
    }
  }
  return bytes.toString("latin1", start, end);
}
