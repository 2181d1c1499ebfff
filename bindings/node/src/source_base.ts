/** What a live subscriber and a stream share: waiting, and iteration. */
import { TimedOut, TocsinError } from "./errors.js";
import { Bell, type CallOptions, closed, deadlineOf, now, turn } from "./line.js";
import type { EventMessage, Message, Notice } from "./message.js";

const MESSAGES_A_TURN = 256;

export interface SourceOptions {
  /** Gets what else there is to be told than events when iterating; without it these are warnings of the process. */
  onNotice?: (notice: Notice) => void;
  /** Ends the handle: what waits throws its reason. */
  signal?: AbortSignal;
  /** Read floats that are whole numbers as `Float`, so that 30.0 is told from 30. */
  exactFloats?: boolean;
  /** As configured in the broker; 1 MiB. */
  maxEventBytes?: number;
}

/** Iterating (`for await`) gives the events, and ends the handle when it is left. */
export abstract class Source implements AsyncIterable<EventMessage> {
  protected readonly bell = new Bell();
  protected isClosed = false;
  private told = 0;
  private isBusy = false;
  private readonly onAbort = (): void => this.shut();

  constructor(private readonly sourceOptions: SourceOptions) {
    sourceOptions.signal?.addEventListener("abort", this.onAbort, { once: true });
  }

  /** What comes next, undefined where nothing is there now. */
  protected abstract take(): Message | undefined;
  /** When `take` is to be called again at the latest. */
  protected abstract wakeAt(): number;
  /** Whether the broker has answered. */
  protected abstract isReady(): boolean;
  protected abstract begin(): void;
  protected abstract look(): boolean;
  protected abstract failure(): TocsinError;
  protected abstract end(): void;
  protected abstract timeoutMs(): number;
  private opened: Promise<void> | undefined;

  /** Waits for the broker; the first use does so by itself. */
  async open(): Promise<this> {
    this.opened ??= this.openNow();
    await this.opened;
    return this;
  }

  private async openNow(): Promise<void> {
    this.checkOpen();
    const deadline = deadlineOf(this.timeoutMs());
    try {
      this.begin();
      while (!this.isReady()) {
        if (this.look()) continue;
        if (now() >= deadline) throw this.failure();
        await this.bell.wait(Math.min(this.wakeAt(), deadline), this.sourceOptions.signal);
        this.checkOpen();
      }
    } catch (error) {
      this.shut();
      throw error;
    }
  }

  private checkOpen(): void {
    this.sourceOptions.signal?.throwIfAborted();
    if (this.isClosed) throw closed();
  }

  /** What comes next, of any kind. TimedOut: nothing in time; ProtocolError: a message that is none was passed over. After
   * either the next call goes on. One call at a time. */
  async next(options: CallOptions = {}): Promise<Message> {
    if (this.isBusy) throw new TocsinError("a call of next is under way");
    this.isBusy = true;
    try {
      await this.open();
      return await this.nextNow(options);
    } finally {
      this.isBusy = false;
    }
  }

  private async nextNow(options: CallOptions): Promise<Message> {
    const deadline = deadlineOf(options.timeoutMs);
    if (++this.told % MESSAGES_A_TURN === 0) await turn();
    for (;;) {
      this.checkOpen();
      const message = this.take();
      if (message) return message;
      if (now() >= deadline) throw new TimedOut("nothing came in time");
      await this.bell.wait(Math.min(this.wakeAt(), deadline), options.signal);
    }
  }

  /** All that comes, of any kind; a stream's end is the last. Leaving it ends the handle. */
  async *messages(): AsyncGenerator<Message, void, undefined> {
    try {
      for (;;) {
        const message = await this.next();
        yield message;
        if (message.kind === "end") return;
      }
    } finally {
      await this.close();
    }
  }

  /** The events. Other messages go to onNotice. */
  async *[Symbol.asyncIterator](): AsyncGenerator<EventMessage, void, undefined> {
    for await (const message of this.messages()) {
      if (message.kind === "event") yield message;
      else this.tell(message);
    }
  }

  private tell(notice: Notice): void {
    if (this.sourceOptions.onNotice) this.sourceOptions.onNotice(notice);
    else if (notice.kind !== "end") process.emitWarning(wordsFor(notice), "TocsinWarning");
  }

  private shut(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.sourceOptions.signal?.removeEventListener("abort", this.onAbort);
    this.end();
    this.bell.ring();
  }

  /** Ends the handle. */
  async close(): Promise<void> {
    this.shut();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function wordsFor(notice: Notice): string {
  switch (notice.kind) {
    case "gap":
      return `at least ${notice.atLeast} events${notice.topic ? ` of ${notice.topic}` : ""} were lost within ${notice.first}..${notice.last}`;
    case "hole": return `the broker's log does not hold ${notice.first}..${notice.last}`;
    case "lost": return "the connection to the broker is lost";
    case "restored": return "the connection to the broker is back";
    case "reset": return `the broker's log is ${notice.logId} now, its last seq ${notice.head}`;
    case "end": return `the log's end at ${notice.last}`;
  }
}
