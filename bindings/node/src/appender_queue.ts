/** The events of an appender that are not settled: numbered, in order, encoded. Nothing here knows of a socket. */
import { pack } from "./event.js";

const PUT_BYTES_MAX = 262144;
const PUT_EVENTS_MAX = 1024;

/** @internal */
export class AppenderQueue {
  private events: Buffer[] = []; // from `gone` on; that one is firstN
  private gone = 0;
  private bytes = 0;
  /** The first that is not settled, the next that is given out, and the last that was sent in this session. */
  firstN = 1;
  nextN = 1;
  sentN = 0;

  constructor(private readonly bytesMax: number) {}

  get unsettled(): number {
    return this.nextN - this.firstN;
  }

  /** One always does. */
  fits(length: number): boolean {
    return this.unsettled === 0 || this.bytes + length <= this.bytesMax;
  }

  push(event: Buffer): number {
    this.events.push(event);
    this.bytes += event.length;
    return this.nextN++;
  }

  /** Numbers go on behind `lastN`, the last one that the broker has; before any was given out. */
  beginBehind(lastN: number): void {
    this.firstN = this.nextN = lastN + 1;
  }

  /** All through `n` is settled. */
  settle(n: number): void {
    while (this.firstN <= n && this.gone < this.events.length) {
      this.bytes -= this.events[this.gone++]!.length;
      this.firstN++;
    }
    if (this.gone >= 4096 || this.gone === this.events.length) {
      this.events = this.events.slice(this.gone);
      this.gone = 0;
    }
  }

  /** A new session: what is not settled is sent again. */
  sendAgain(): void {
    this.sentN = this.firstN - 1;
  }

  /** The next message with events, as far as the window and its size allow. */
  nextPut(window: number): Buffer | undefined {
    const first = this.sentN + 1;
    const room = Math.min(PUT_EVENTS_MAX, window - (first - this.firstN), this.nextN - first);
    if (room <= 0) return undefined;
    const start = this.gone + first - this.firstN;
    let bytes = 0;
    let end = start;
    while (end < start + room && (end === start || bytes + this.events[end]!.length <= PUT_BYTES_MAX)) bytes += this.events[end++]!.length;
    this.sentN += end - start;
    return putOf(first, this.events.slice(start, end));
  }
}

function putOf(first: number, events: Buffer[]): Buffer {
  const head = Buffer.from([0x93, 0xa3, 0x70, 0x75, 0x74]); // an array of three, "put"
  const count = Buffer.alloc(5, 0xdd);
  count.writeUInt32BE(events.length, 1);
  return Buffer.concat([head, pack(first), count, ...events]);
}
