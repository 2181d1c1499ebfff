/** A socket to one of the broker's doors, set up as libtocsin does it; and waiting. */
import { Dealer, Subscriber, XPublisher } from "zeromq";
import { Closed, TocsinError, Unreachable } from "./errors.js";
import type { Door, Where } from "./where.js";

const EMPTY = Buffer.alloc(0);
const WAIT_MAX_MS = 60_000;

export function now(): number {
  return performance.now();
}

export function deadlineOf(timeoutMs: number | undefined): number {
  return now() + (timeoutMs ?? Infinity);
}

/** How long a call may take, and what ends it before. */
export interface CallOptions {
  /** Without it: for ever. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What one task waits for. */
export class Bell {
  private isRung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.isRung = true;
    this.wake?.();
  }

  /** Until it is rung, or until then; throws the signal's reason when that comes first. */
  async wait(until: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.isRung) await this.sleep(until, signal);
    this.isRung = false;
    signal?.throwIfAborted();
  }

  private async sleep(until: number, signal: AbortSignal | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, Math.min(Math.max(Math.ceil(until - now()), 0), WAIT_MAX_MS));
      signal?.addEventListener("abort", resolve as () => void, { once: true });
    });
    try {
      await woken;
    } finally {
      clearTimeout(timer);
      if (this.wake) signal?.removeEventListener("abort", this.wake);
      this.wake = undefined;
    }
  }
}

/** Lets timers and input have their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type Socket = Dealer | Subscriber | XPublisher;

export interface LineOptions {
  maxMessageBytes: number;
  /** Most messages that wait here, besides as many within ZeroMQ; none: no bound. */
  inboxMax?: number;
  /** Called before connecting. */
  prepare?: (socket: Socket) => void;
}

/** One connection: messages that came wait here until they are taken, and those that go are sent in their order. */
export class Line {
  private readonly socket: Socket;
  private inbox: Buffer[] = [];
  private next = 0;
  private outbox: Buffer[] = [];
  private isSending = false;
  private isClosed = false;
  private readonly inboxMax: number;
  private room: (() => void) | undefined;
  /** How many succeeded; more than one means that the broker came back and does not know us. */
  handshakes = 0;
  /** False between a connection that broke and the next one. */
  isConnected = false;
  /** The broker did not take our keys, or speaks without. */
  isRefused = false;

  constructor(kind: "dealer" | "sub" | "xpub", where: Where, door: Door, options: LineOptions, private readonly onActivity: () => void) {
    const endpoint = where.endpoint(door);
    const settings = {
      linger: 0, reconnectInterval: 100, reconnectMaxInterval: 2000, handshakeInterval: 5000,
      tcpKeepalive: 1, tcpKeepaliveIdle: 30, tcpKeepaliveInterval: 5, tcpKeepaliveCount: 3, tcpMaxRetransmitTimeout: 15000,
      maxMessageSize: options.maxMessageBytes, ipv6: endpoint.startsWith("tcp://["),
    };
    this.inboxMax = options.inboxMax ?? Infinity;
    const hwm = options.inboxMax ?? 0;
    if (kind === "dealer") this.socket = new Dealer({ ...settings, sendHighWaterMark: 0, receiveHighWaterMark: 0 });
    else if (kind === "xpub") this.socket = new XPublisher({ ...settings, sendHighWaterMark: 0 });
    else this.socket = new Subscriber({ ...settings, receiveHighWaterMark: hwm });
    if (where.keys) {
      this.socket.curveServerKey = where.keys.server;
      this.socket.curvePublicKey = where.keys.public;
      this.socket.curveSecretKey = where.keys.secret;
    }
    this.watch();
    options.prepare?.(this.socket);
    this.socket.connect(endpoint);
    void this.receiveAll();
  }

  private watch(): void {
    const { events } = this.socket;
    events.on("handshake", () => {
      this.handshakes++;
      this.isConnected = true;
      this.isRefused = false;
      if (!this.isClosed) this.onActivity();
    });
    events.on("disconnect", () => {
      this.isConnected = false;
      if (!this.isClosed) this.onActivity();
    });
    for (const kind of ["handshake:error:auth", "handshake:error:protocol", "handshake:error:other"] as const)
      events.on(kind, () => (this.isRefused = true));
  }

  private async receiveAll(): Promise<void> {
    try {
      while (!this.isClosed) {
        const frames = (await (this.socket as Dealer).receive()) as Buffer[];
        this.inbox.push(frames.length === 1 ? frames[0]! : EMPTY);
        this.onActivity();
        if (this.waiting >= this.inboxMax) await new Promise<void>((resolve) => (this.room = resolve));
      }
    } catch {
      // closed
    }
  }

  /** Messages that wait here. */
  get waiting(): number {
    return this.inbox.length - this.next;
  }

  /** Whether reading is held up because nobody takes what came. */
  get isHeldUp(): boolean {
    return this.waiting >= this.inboxMax;
  }

  /** The next message, undefined where there is none now; one of several frames is empty. */
  receive(): Buffer | undefined {
    if (this.next === this.inbox.length) return undefined;
    const message = this.inbox[this.next]!;
    this.inbox[this.next++] = EMPTY;
    if (this.next === this.inbox.length || this.next >= 1024) {
      this.inbox = this.inbox.slice(this.next);
      this.next = 0;
    }
    if (this.waiting < this.inboxMax) this.room?.();
    return message;
  }

  /** Without a high water mark it is taken at once. */
  send(message: Buffer): void {
    this.outbox.push(message);
    if (!this.isSending) void this.sendAll();
  }

  private async sendAll(): Promise<void> {
    this.isSending = true;
    try {
      for (let message; !this.isClosed && (message = this.outbox.shift()); ) await (this.socket as Dealer).send(message);
    } catch {
      // closed
    } finally {
      this.isSending = false;
    }
  }

  /** Whether all was given to ZeroMQ. */
  get isSent(): boolean {
    return !this.isSending && this.outbox.length === 0;
  }

  /** What was given to ZeroMQ may still leave for so long. */
  close(lingerMs = 0): void {
    this.isClosed = true;
    this.room?.();
    this.socket.linger = lingerMs;
    this.socket.close();
  }
}

export function unreachable(where: Where, door: Door, isRefused: boolean): TocsinError {
  const endpoint = where.endpoint(door);
  if (isRefused)
    return new Unreachable(`${endpoint}: what is there turns the connection away: are the keys right?`);
  return new Unreachable(`${endpoint}: no broker answered within ${where.timeoutMs} ms (is tocsind running?)`);
}

export function closed(): Closed {
  return new Closed("the handle is closed");
}
