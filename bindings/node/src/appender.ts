/** Acknowledged publishing: a queue of unsettled events, and a session that sends them.
 *
 * A session has a socket of its own: hello, welcome, then puts while the window has room, until something breaks; a pause,
 * and the next session. What is unsettled is sent again; the broker knows what it has. */
import { AppenderQueue } from "./appender_queue.js";
import type { AppenderOptions, Receipt, Rejection } from "./appender_options.js";
import { Denied, Fenced, ProtocolError, QueueFull, Refused, TimedOut, type TocsinError } from "./errors.js";
import { type Event, encodeEvent, pack } from "./event.js";
import { type CallOptions, Line, closed, now, unreachable } from "./line.js";
import { understood } from "./message.js";
import { EVENT_BYTES_MAX, PRODUCER_MAX, isToken } from "./rules.js";
import { Reader } from "./wire.js";
import { Waiters } from "./waiters.js";
import type { Where } from "./where.js";

const ANSWER_BYTES_MAX = 65536;
const WELCOME_MS = 3000;
const ASK_AFTER_MS = 3000; // of silence
const GONE_AFTER_MS = 8000;
const PAUSE_MIN_MS = 20;
const PAUSE_MAX_MS = 1000;
const TICK_MS = 500;
const REFUSALS_MAX = 10_000; // remembered for who asks later

class SessionOver extends Error {}

/** Publishes with acknowledgement: an event is settled when it is on the broker's disk. Sends as many at a time as the
 * broker's window allows, and again what was not acknowledged when a connection breaks or the broker restarts: each event
 * is in the log once. */
export class Appender {
  private readonly incarnation: number;
  private readonly queue: AppenderQueue;
  private window = 0;
  private line: Line | undefined;
  private retryAt = 0;
  private pauseMs = PAUSE_MIN_MS;
  private heardAt = 0;
  private askedAt = 0;
  private isWelcome = false;
  private isClosed = false;
  private error: TocsinError | undefined;
  private receipt: Receipt = { n: 0, seq: 0, hash: "" };
  private readonly refusals = new Map<number, Rejection>();
  private sessionCount = 0;
  private timer: NodeJS.Timeout | undefined;
  private isDue = false;
  private readonly waiters = new Waiters();

  /** @internal */
  constructor(private readonly where: Where, private readonly producer: string, private readonly options: AppenderOptions) {
    if (!isToken(producer) || producer.length > PRODUCER_MAX) throw new RangeError(`no producer's name: ${JSON.stringify(producer)}`);
    this.queue = new AppenderQueue(options.queueBytes ?? 16 << 20);
    this.incarnation = options.incarnation ?? Math.floor((performance.timeOrigin + performance.now()) * 1000);
  }

  /** @internal */
  async open(): Promise<this> {
    this.step();
    try {
      const { timeoutMs } = this.where;
      await this.until(() => this.isWelcome, { timeoutMs, signal: this.options.signal }, () =>
        unreachable(this.where, "append", this.line?.isRefused ?? false),
      );
    } catch (error) {
      this.end();
      throw error;
    }
    return this;
  }

  /** Takes the event into the queue, and returns its number; waits only for room. Refused: it breaks a rule; QueueFull: no
   * room within sendTimeoutMs; Fenced: a newer incarnation has taken over. After an error the event was not taken. */
  async submit(event: Event): Promise<number> {
    const bytes = encodeEvent(event, this.options.maxEventBytes ?? EVENT_BYTES_MAX);
    this.checkOpen();
    if (!this.queue.fits(bytes.length)) {
      const timeoutMs = this.options.sendTimeoutMs ?? 5000;
      await this.until(() => this.queue.fits(bytes.length), { timeoutMs }, () => new QueueFull("no room in the queue"));
      this.checkOpen();
    }
    const n = this.queue.push(bytes);
    this.schedule();
    return n;
  }

  private checkOpen(): void {
    if (this.error) throw this.error;
    if (this.isClosed) throw closed();
  }

  /** Waits until event `n` is settled. Refused: the broker refused it, for what is not checked here; TimedOut. */
  async wait(n: number, options: CallOptions = {}): Promise<Receipt> {
    if (!(n > 0 && n < this.queue.nextN)) throw new RangeError(`no event has the number ${n}`);
    await this.until(() => this.refusals.has(n) || n < this.queue.firstN, options, () => new TimedOut(`event ${n} is not settled yet`));
    const refusal = this.refusals.get(n);
    if (refusal) throw new Refused(refusal.code, refusal.field, refusal.text);
    return this.receipt;
  }

  /** submit and wait: the event is on the broker's disk. */
  async append(event: Event, options: CallOptions = {}): Promise<Receipt> {
    return this.wait(await this.submit(event), options);
  }

  /** Waits until all events submitted so far are settled, also those that the broker refused. */
  async flush(options: CallOptions = {}): Promise<Receipt> {
    const last = this.queue.nextN - 1;
    await this.until(() => last < this.queue.firstN, options, () => new TimedOut(`${this.unsettled} events are not settled yet`));
    return this.receipt;
  }

  /** Events taken and not acknowledged yet. */
  get unsettled(): number {
    return this.queue.unsettled;
  }

  /** With the broker so far: one, and one for each break. */
  get sessions(): number {
    return this.sessionCount;
  }

  /** Waits for what is not settled for up to closeTimeoutMs, and ends the handle in any case. TimedOut: some may be lost. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    try {
      await this.flush({ timeoutMs: this.options.closeTimeoutMs ?? 5000 });
    } finally {
      this.end();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async until(isDone: () => boolean, options: CallOptions, late: () => TocsinError): Promise<void> {
    options.signal?.throwIfAborted();
    if (isDone()) return;
    if (this.error) throw this.error;
    await this.waiters.until(isDone, options, late);
  }

  // --- the session ---

  private schedule(): void {
    if (this.isDue || this.isClosed) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      this.step();
    });
  }

  /** Does all that can be done now. */
  private step(): void {
    clearTimeout(this.timer);
    if (this.isClosed || this.error) return;
    let waitMs = Math.max(this.retryAt - now(), 0);
    if (this.line || waitMs === 0) {
      waitMs = TICK_MS;
      try {
        if (!this.line) this.begin();
        this.takeMessages();
        this.sendPuts();
        this.keepAlive();
      } catch (error) {
        if (!(error instanceof SessionOver || error instanceof ProtocolError)) throw error;
        this.endSession();
        waitMs = this.pauseMs;
      }
      this.waiters.tell(this.error);
    }
    if (!this.error && !this.isClosed) this.timer = setTimeout(() => this.step(), waitMs);
  }

  private begin(): void {
    this.heardAt = this.askedAt = now();
    this.window = 0;
    this.line = new Line("dealer", this.where, "append", { maxMessageBytes: ANSWER_BYTES_MAX }, () => this.schedule());
    this.line.send(pack(["hello", 1, this.producer, this.incarnation]));
  }

  private endSession(): void {
    this.pauseMs = this.window > 0 ? PAUSE_MIN_MS : Math.min(2 * this.pauseMs, PAUSE_MAX_MS);
    this.window = 0;
    this.line?.close();
    this.line = undefined;
    this.retryAt = now() + this.pauseMs;
  }

  private takeMessages(): void {
    for (let data; (data = this.line?.receive()); ) {
      this.heardAt = now();
      const reader = new Reader(data);
      understood(() => this.act(reader, reader.arrayHead(), reader.str()));
    }
  }

  private act(reader: Reader, count: number, verb: string): void {
    const expected = { welcome: 5, ack: 4, nack: 5, error: 3, ping: 1, pong: 1 }[verb];
    if (count !== expected) throw new SessionOver();
    if (verb === "welcome") this.takeWelcome(reader);
    else if (verb === "ack") this.takeAck({ n: reader.safeUint(), seq: reader.safeUint(), hash: reader.str() });
    else if (verb === "nack")
      this.takeNack({ n: reader.safeUint(), code: reader.str(), field: reader.str(), text: reader.str() });
    else if (verb === "error") this.takeError(reader.str(), reader.str());
    else if (verb === "ping") this.line?.send(pack(["pong"]));
  }

  private takeWelcome(reader: Reader): void {
    const version = reader.safeUint();
    reader.str();
    const lastN = reader.safeUint();
    this.window = reader.safeUint();
    if (version !== 1 || this.window === 0) throw new SessionOver();
    if (!this.isWelcome) {
      this.queue.beginBehind(lastN);
    } else if (lastN >= this.queue.nextN) {
      this.error = new Fenced("another process sends as this producer");
      throw new SessionOver();
    }
    this.isWelcome = true;
    this.sessionCount++;
    this.settle({ n: lastN, seq: 0, hash: "" });
    this.queue.sendAgain();
  }

  private takeAck(receipt: Receipt): void {
    if (receipt.n > this.queue.sentN) throw new SessionOver();
    this.settle(receipt);
    tell(this.options.onSettled, receipt);
  }

  private takeNack(rejection: Rejection): void {
    this.refusals.set(rejection.n, rejection);
    if (this.refusals.size > REFUSALS_MAX) this.refusals.delete(this.refusals.keys().next().value!);
    tell(this.options.onRefused, rejection);
  }

  private takeError(code: string, text: string): void {
    if (code === "fenced") this.error = new Fenced(`the broker says: ${text}`);
    if (code === "denied") this.error = new Denied(`the broker says: ${text}`);
    if (code === "version") this.error = new ProtocolError(`the broker says: ${text}`);
    throw new SessionOver();
  }

  private settle(receipt: Receipt): void {
    this.queue.settle(receipt.n);
    if (receipt.n > this.receipt.n) this.receipt = receipt;
  }

  private sendPuts(): void {
    for (let put; (put = this.queue.nextPut(this.window)); ) this.line!.send(put);
  }

  private keepAlive(): void {
    if (this.line!.handshakes > 1) throw new SessionOver();
    const silent = now() - this.heardAt;
    if (silent >= (this.window > 0 ? GONE_AFTER_MS : WELCOME_MS)) throw new SessionOver();
    if (this.window > 0 && silent >= ASK_AFTER_MS && now() - this.askedAt >= ASK_AFTER_MS) {
      this.askedAt = now();
      this.line!.send(pack(["ping"]));
    }
  }

  private end(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.line?.close();
    this.line = undefined;
    this.waiters.tell(this.error ?? closed());
  }
}

/** Apart from the session, which goes on when the program's function throws: that is an uncaught exception of the process. */
function tell<T>(callback: ((told: T) => void) | undefined, told: T): void {
  if (callback) queueMicrotask(() => callback(told));
}
