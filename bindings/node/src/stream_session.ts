/** A stream's sessions, one after the other, each on a connection of its own: when one is begun, what keeps it alive, and
 * when it counts as gone. */
import { pack } from "./event.js";
import { Line, now } from "./line.js";
import type { Where } from "./where.js";

const PAUSE_MIN_MS = 20;
const PAUSE_MAX_MS = 1000;
const TICK_MS = 500;
const ASK_MS = 1500; // of silence: then it is asked whether the session is there still
const SAY_MS = 15_000; // the broker forgets who says nothing for a minute
const ABSENT_MS = 1000; // a look that comes so long after the last one: the silence between was ours

export class Session {
  /** The broker has said so. */
  isOpen = false;
  /** For so long that the connection counts as lost. */
  isSilent = false;
  private line: Line | undefined;
  private pauseMs = 0;
  private begunAt = 0;
  private retryAt = 0;
  private saidAt = 0;
  private askedAt = 0;
  private lookedAt = 0;
  private heardAt: number | undefined = 0;

  constructor(
    private readonly where: Where,
    private readonly maxMessageBytes: number,
    private readonly silenceMs: number,
    private readonly onActivity: () => void,
  ) {}

  get isRefused(): boolean {
    return this.line?.isRefused ?? false;
  }

  get wakeAt(): number {
    return this.line ? this.lookedAt + TICK_MS : this.retryAt;
  }

  /** Whether there is none, and one is to be begun. */
  get isDue(): boolean {
    return !this.line && now() >= this.retryAt;
  }

  begin(message: unknown[]): void {
    this.begunAt = this.askedAt = now();
    this.line = new Line("dealer", this.where, "stream", { maxMessageBytes: this.maxMessageBytes }, this.onActivity);
    this.say(message);
  }

  receive(): Buffer | undefined {
    const data = this.line?.receive();
    if (data) this.heardAt = undefined;
    return data;
  }

  say(message: unknown[]): void {
    this.saidAt = now();
    this.line?.send(pack(message));
  }

  /** What came brought the stream forward. */
  resetPause(): void {
    this.pauseMs = 0;
  }

  /** Nothing is there to be read: asks after the session, or ends it. */
  tend(): void {
    const time = now();
    if (this.heardAt === undefined || time - this.lookedAt >= ABSENT_MS) this.heardAt = time;
    this.lookedAt = time;
    const silent = time - this.heardAt;
    this.isSilent = this.line !== undefined && silent >= this.silenceMs;
    if (this.line && !this.isWell(this.line, time)) this.restart();
    else if (this.isOpen) this.keepAlive(time, silent);
  }

  private isWell(line: Line, time: number): boolean {
    if (line.handshakes > 1) return false;
    if (!this.isOpen) return line.handshakes === 0 || time - this.begunAt < this.silenceMs;
    return !this.isSilent;
  }

  /** Credit of nothing asks whether the session is known: a broker that has lost it answers that there is none. */
  private keepAlive(time: number, silent: number): void {
    if ((silent < ASK_MS || time - this.askedAt < ASK_MS) && time - this.saidAt < SAY_MS) return;
    this.askedAt = time;
    this.say(["credit", 0]);
    this.say(["ping"]);
  }

  /** Ends it; the next one is due after a pause, which grows. */
  restart(): void {
    this.end();
    this.pauseMs = Math.min(Math.max(2 * this.pauseMs, PAUSE_MIN_MS), PAUSE_MAX_MS);
    this.retryAt = now() + this.pauseMs;
  }

  end(): void {
    this.isOpen = false;
    this.line?.close();
    this.line = undefined;
  }
}
