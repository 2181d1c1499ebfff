/** Publishing: fire and forget.
 *
 * An XPUB socket, for it hears the subscription that the broker sends, and what is sent before that would be dropped. The
 * socket has no high water mark, at which it would drop in silence, too; while the connection is down frames wait here, in
 * a bounded queue. */
import type { XPublisher } from "zeromq";
import { QueueFull, TimedOut, Unreachable } from "./errors.js";
import { type Event, encodeEvent } from "./event.js";
import { Bell, Line, closed, deadlineOf, now, unreachable } from "./line.js";
import { EVENT_BYTES_MAX } from "./rules.js";
import type { Where } from "./where.js";

const FRAME_MAX = 65536;
const UPSTREAM_BYTES_MAX = 1024; // a subscription; the broker has nothing else to say
const LINGER_MS = 5000;

export interface PublisherOptions {
  /** For room in the queue; 5000. */
  sendTimeoutMs?: number;
  /** For what is under way at closing; 5000. */
  closeTimeoutMs?: number;
  /** Most that waits here while the broker is away; 16 MiB. */
  queueBytes?: number;
  /** As configured in the broker; 1 MiB. */
  maxEventBytes?: number;
  /** Events in quick succession share a frame; true. */
  collects?: boolean;
  /** Ends the opening. */
  signal?: AbortSignal;
}

/** Publishes: fire and forget. Opening waits until the broker takes events, so the first one is not lost. While the broker
 * is away events wait in the handle, up to queueBytes; then publishing waits, and fails: it never drops in silence. What
 * was under way when a connection broke can be lost, for nothing is acknowledged. */
export class Publisher {
  private readonly line: Line;
  private readonly bell = new Bell();
  private readonly collects: boolean;
  private isClosed = false;
  private hasBroker = false;
  private subscriptions = 0;
  private events: Buffer[] = []; // of the frame that is being filled
  private length = 0;
  private queue: { frame: Buffer; events: number }[] = [];
  private queueBytes = 0;
  private due: NodeJS.Immediate | undefined;
  private rooms: (() => void)[] = [];

  /** @internal */
  constructor(private readonly where: Where, private readonly options: PublisherOptions) {
    this.collects = options.collects ?? true;
    const prepare = (socket: unknown): void => {
      // also a subscription that it has already, on a new connection
      (socket as XPublisher).verbosity = "allSubs";
    };
    this.line = new Line("xpub", where, "ingest", { maxMessageBytes: UPSTREAM_BYTES_MAX, prepare }, () => this.look());
  }

  /** @internal */
  async open(): Promise<this> {
    const deadline = deadlineOf(this.where.timeoutMs);
    try {
      while (!this.isThere) {
        if (now() >= deadline) throw unreachable(this.where, "ingest", this.line.isRefused);
        await this.bell.wait(deadline, this.options.signal);
      }
    } catch (error) {
      this.isClosed = true;
      this.line.close();
      throw error;
    }
    return this;
  }

  /** Takes what the broker says: 1 subscribes, 0 takes it back. */
  private look(): void {
    for (let message; (message = this.line.receive()); ) {
      if (message.length !== 1) continue;
      this.hasBroker = message[0] === 1;
      this.subscriptions += message[0]!;
    }
    if (this.isThere) this.drain();
    this.bell.ring();
  }

  private get isThere(): boolean {
    return this.hasBroker && this.line.isConnected;
  }

  /** Checks and sends the event; resolved when it is taken. Refused: it breaks a rule; QueueFull, Unreachable: no room
   * within sendTimeoutMs. After an error the event was not taken. */
  async publish(event: Event): Promise<void> {
    const bytes = encodeEvent(event, this.options.maxEventBytes ?? EVENT_BYTES_MAX);
    if (this.isClosed) throw closed();
    if (!this.fits(bytes.length)) await this.waitRoom(bytes.length);
    if (this.length > 0 && this.length + bytes.length > FRAME_MAX) this.seal();
    this.events.push(bytes);
    this.length += bytes.length;
    if (!this.collects) this.seal();
    else this.due ??= setImmediate(() => this.seal()); // what is published until the loop comes round shares a frame
  }

  private fits(length: number): boolean {
    const waiting = this.queueBytes + this.length;
    return waiting === 0 || waiting + length <= (this.options.queueBytes ?? 16 << 20);
  }

  private async waitRoom(length: number): Promise<void> {
    const deadline = deadlineOf(this.options.sendTimeoutMs ?? 5000);
    while (!this.fits(length)) {
      const left = deadline - now();
      if (this.isClosed) throw closed();
      if (left <= 0 && this.isThere) throw new QueueFull("no room in the queue");
      if (left <= 0) throw new Unreachable(`${this.where.endpoint("ingest")}: the broker is away, and the queue is full`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.rooms.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Ends the frame that is being filled. */
  private seal(): void {
    clearImmediate(this.due);
    this.due = undefined;
    if (this.events.length === 0) return;
    const frame = this.events.length === 1 ? this.events[0]! : Buffer.concat(this.events);
    this.queue.push({ frame, events: this.events.length });
    this.queueBytes += frame.length;
    this.events = [];
    this.length = 0;
    if (this.isThere) this.drain();
  }

  private drain(): void {
    const { queue } = this;
    this.queue = [];
    this.queueBytes = 0;
    for (const { frame } of queue) this.line.send(frame);
    const { rooms } = this;
    this.rooms = [];
    for (const room of rooms) room();
  }

  /** Events taken and not yet given to ZeroMQ. */
  get waiting(): number {
    return this.queue.reduce((sum, each) => sum + each.events, this.events.length);
  }

  /** Sends what was collected and waits until all has been given to ZeroMQ, which sends it in the background. TimedOut: not
   * in time; nothing is lost by that. */
  async flush(timeoutMs = 5000): Promise<void> {
    const deadline = deadlineOf(timeoutMs);
    this.seal();
    while (this.queue.length > 0 || !this.line.isSent) {
      if (now() >= deadline) throw new TimedOut("not all was sent in time");
      await this.bell.wait(Math.min(deadline, now() + (this.line.isSent ? 100 : 1)));
    }
  }

  /** Flushes for up to closeTimeoutMs, and ends the handle in any case; what was given to ZeroMQ still leaves, and the
   * process waits for it at its end, for some seconds. TimedOut: events were never sent. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    const timeoutMs = this.options.closeTimeoutMs ?? 5000;
    const deadline = deadlineOf(timeoutMs);
    try {
      await this.flush(timeoutMs);
      // a connection that is closed before its subscription has been read is reset, and what was sent on it may be lost
      while (this.subscriptions < this.line.handshakes && now() < deadline) await this.bell.wait(deadline);
    } catch (error) {
      if (!(error instanceof TimedOut)) throw error;
    } finally {
      this.isClosed = true;
      clearImmediate(this.due);
      this.line.close(this.waiting > 0 ? 0 : LINGER_MS);
      for (const room of this.rooms) room();
    }
    if (this.waiting > 0) throw new TimedOut(`${this.waiting} events were never sent`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
