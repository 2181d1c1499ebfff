/** A stream.
 *
 * A session is opened from a place in the log, and given credit; batches come, are told record by record, and each moves
 * the cursor. The broker goes away or forgets the session: another one is opened behind the cursor, on a new socket. What
 * a sound broker cannot say ends the session too, and is asked for again: nothing is skipped. */
import { CursorKeeper } from "./cursor.js";
import { Closed, Denied, OtherLog, ProtocolError, TocsinError } from "./errors.js";
import { pack } from "./event.js";
import { TYPES_MAX, Wanted } from "./filter.js";
import { Line, now, unreachable } from "./line.js";
import { type EventMessage, type Message, readRecord, understood } from "./message.js";
import { EVENT_BYTES_MAX } from "./rules.js";
import { Source } from "./source_base.js";
import { type StreamOptions, fromOf, isLogId } from "./stream_options.js";
import { Fault, Reader } from "./wire.js";
import type { Where } from "./where.js";

const PAUSE_MIN_MS = 20;
const PAUSE_MAX_MS = 1000;
const TICK_MS = 500;
const ASK_MS = 1500; // of silence: then it is asked whether the session is there still
const SAY_MS = 15_000; // the broker forgets who says nothing for a minute
const ABSENT_MS = 1000; // a look that comes so long after the last one: the silence between was ours
export const MESSAGE_ROOM = 2 << 20; // a message is longer than its longest event by less

/** The broker's log: any part of the past, and what comes, each event once and in the order of seq, over breaks of the
 * connection and restarts of the broker. */
export class Stream extends Source {
  private readonly wanted: Wanted;
  private start: unknown;
  private latest: boolean;
  private readonly keepsLog: boolean;
  private readonly creditBytes: number;
  private readonly silenceMs: number;
  private log = "";
  private headSeq = 0;
  private isPlaced = false;
  private from = 0; // the first seq that is no latest one
  private isInLatest = false;
  private latestTold = 0;
  private at = 0;
  private isOpen = false;
  private isEnded = false;
  private error: TocsinError | undefined;
  private line: Line | undefined;
  private isLost = false;
  private owed = 0; // bytes taken, and not given credit for again
  private pauseMs = 0;
  private begunAt = 0;
  private retryAt = 0;
  private saidAt = 0;
  private askedAt = 0;
  private lookedAt = 0;
  private heardAt: number | undefined = 0;
  private batch: Reader | undefined;
  private batchLeft = 0;
  private batchUpto = 0;
  private notices: Message[] = [];
  private keeper: CursorKeeper | undefined;

  constructor(private readonly where: Where, private readonly options: StreamOptions) {
    super(options);
    this.wanted = new Wanted(options);
    this.start = fromOf(options.from ?? "new");
    this.latest = options.latest ?? false;
    this.keepsLog = options.logId !== undefined || options.cursorFile !== undefined;
    this.creditBytes = options.creditBytes ?? 4 << 20;
    this.silenceMs = options.silenceTimeoutMs ?? 5000;
    if (options.logId !== undefined && !isLogId(options.logId)) throw new RangeError(`no log's id: ${options.logId}`);
    if (!(this.creditBytes > 0)) throw new RangeError("no credit: nothing would come");
    this.log = options.logId ?? "";
  }

  /** The seq through which all that matches has been told; it moves on where nothing matches. 0: begin as the first time. */
  get cursor(): number {
    return this.isPlaced && !this.isInLatest ? this.at : 0;
  }

  /** The log's id, 32 hex digits. */
  get logId(): string {
    return this.log;
  }

  /** The log's last seq as far as it is known here. */
  get head(): number {
    return this.headSeq;
  }

  protected timeoutMs(): number {
    return this.where.timeoutMs;
  }

  protected isReady(): boolean {
    if (this.isOpen && !this.options.commitsByHand) this.commit(true);
    return this.isOpen;
  }

  protected failure(): TocsinError {
    return unreachable(this.where, "stream", this.line?.isRefused ?? false);
  }

  protected wakeAt(): number {
    return this.line ? this.lookedAt + TICK_MS : this.retryAt;
  }

  protected begin(): void {
    if (this.options.cursorFile === undefined || this.keeper) return;
    this.keeper = new CursorKeeper(this.options.cursorFile, this.options.cursorIntervalMs ?? 200);
    const { found } = this.keeper;
    if (!found) return;
    this.start = found.seq + 1;
    this.latest = false;
    this.headSeq = found.seq;
    this.log = found.logId;
  }

  /** As of a subscriber. What was told by the call before counts as handled now, unless commitsByHand. OtherLog: the broker
   * writes another log, and a cursor of this one is kept; Closed: the end has been told. */
  override async next(options: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<Message> {
    if (!this.options.commitsByHand && !this.isClosed) this.commit();
    return super.next(options);
  }

  protected take(): Message | undefined {
    for (;;) {
      const notice = this.notices.shift();
      if (notice) return notice;
      if (this.batch) {
        const record = this.nextRecord(this.batch);
        if (record) return record;
      } else if (this.isEnded) {
        throw new Closed("the stream has ended");
      } else if (!this.look()) {
        return undefined;
      }
    }
  }

  // --- the batch ---

  private nextRecord(batch: Reader): EventMessage | undefined {
    if (this.batchLeft === 0) {
      if (!batch.isAtEnd) this.refuse();
      if (!this.isInLatest) this.move(this.batchUpto);
      this.endBatch(batch.bytes.length);
      return undefined;
    }
    const record = this.orRefuse(() => readRecord(batch));
    this.batchLeft--;
    const isNew = this.takePlace(record.seq);
    return isNew && this.wanted.takes(record.event) ? record : undefined;
  }

  /** Whether it was not told yet. */
  private takePlace(seq: number): boolean {
    if (seq > this.batchUpto) this.refuse();
    if (this.isInLatest && seq < this.from) {
      const isNew = seq > this.latestTold;
      this.latestTold = Math.max(seq, this.latestTold);
      return isNew;
    }
    if (seq <= this.at) this.refuse();
    this.move(seq);
    return true;
  }

  private move(seq: number): void {
    this.isInLatest = false;
    this.at = seq;
    this.headSeq = Math.max(seq, this.headSeq);
  }

  private endBatch(length: number): void {
    this.batch = undefined;
    this.owed += length;
    if (this.owed < this.creditBytes / 2) return;
    this.say(["credit", this.owed]);
    this.owed = 0;
  }

  // --- messages ---

  private orRefuse<T>(read: () => T): T {
    try {
      return understood(read);
    } catch (error) {
      if (error instanceof ProtocolError) this.refuse();
      throw error;
    }
  }

  /** Takes one message, or looks after the session. False: there is nothing to do before wakeAt. */
  protected look(): boolean {
    if (this.error) throw this.error;
    const data = this.line?.receive();
    if (!data) return this.tend();
    this.heardAt = undefined;
    const reader = new Reader(data, 0, this.options.exactFloats);
    this.orRefuse(() => this.act(reader, reader.arrayHead(), reader.str()));
    return true;
  }

  private act(reader: Reader, count: number, verb: string): void {
    const expected = { opened: 5, batch: 3, hole: 3, end: 2, error: 3, ping: 1 }[verb];
    if (expected === undefined) return; // newer than we, or an answer
    if (count !== expected) throw new Fault("type", "");
    if (verb === "batch") this.takeBatch(reader);
    else if (verb === "opened") this.takeOpened(reader);
    else if (verb === "hole") this.takeHole(reader.safeUint(), reader.safeUint());
    else if (verb === "end") this.takeEnd(reader.safeUint());
    else if (verb === "error") this.takeError(reader.str(), reader.str());
    else this.say(["pong"]);
  }

  private takeBatch(reader: Reader): void {
    if (!this.isOpen) this.refuse();
    this.batchUpto = reader.safeUint();
    this.batchLeft = reader.arrayHead();
    this.batch = reader;
    this.pauseMs = 0;
    if (this.isInLatest && (this.batchLeft === 0 || this.batchUpto >= this.from)) this.move(this.from - 1);
    if (this.batchUpto < this.at) this.refuse();
  }

  private takeOpened(reader: Reader): void {
    const version = reader.safeUint();
    const logId = reader.str();
    const from = reader.safeUint();
    const head = reader.safeUint();
    if (this.isOpen || version !== 1 || !isLogId(logId) || from === 0) this.refuse();
    const isSameLog = this.log === "" || logId === this.log;
    if (!isSameLog && this.keepsLog)
      this.fail(new OtherLog(`the cursor is of the log ${this.log}, and the broker writes ${logId}`));
    if (this.isLost) this.notices.push({ kind: "restored", head, logId });
    this.isLost = false;
    if (!isSameLog || head < this.headSeq) {
      this.reset(logId, head, isSameLog);
      return;
    }
    this.headSeq = head;
    if (!this.isPlaced) this.place(logId, from);
    else if (from !== (this.isInLatest ? this.from : this.at + 1)) this.refuse();
    this.isOpen = true;
    this.say(["credit", this.creditBytes]);
  }

  private place(logId: string, from: number): void {
    this.isPlaced = true;
    this.log = logId;
    this.from = from;
    this.at = from - 1;
    this.isInLatest = this.latest;
    this.latestTold = 0;
  }

  /** The log lost its end, or is another one: begins anew where that makes sense. */
  private reset(logId: string, head: number, isSameLog: boolean): void {
    this.log = logId;
    this.headSeq = this.at = head;
    this.isInLatest = false;
    this.isPlaced = isSameLog;
    if (!isSameLog) {
      this.start = "first";
      this.latest = false;
    }
    this.notices.push({ kind: "reset", head, logId });
    this.restart();
  }

  private takeHole(first: number, last: number): void {
    if (!this.isOpen || first > this.at + 1 || last <= this.at || first > last) this.refuse();
    this.notices.push({ kind: "hole", first: this.at + 1, last });
    this.move(last);
  }

  private takeEnd(last: number): void {
    if (!this.isOpen || this.options.follow !== false || last < this.at) this.refuse();
    this.move(last);
    this.isEnded = true;
    this.notices.push({ kind: "end", last });
    this.disconnect();
  }

  private takeError(code: string, text: string): void {
    if (code === "version") this.fail(new ProtocolError(`the broker says: ${text}`));
    if (code === "denied") this.fail(new Denied(`the broker says: ${text}`));
    if (code === "protocol") this.refuse();
    this.restart();
  }

  // --- the session ---

  private say(message: unknown[]): void {
    this.saidAt = now();
    this.line?.send(pack(message));
  }

  private refuse(): never {
    this.restart();
    throw new ProtocolError("what came is nothing that a broker of this protocol says; it is asked for again");
  }

  private fail(error: TocsinError): never {
    this.disconnect();
    this.error = error;
    throw error;
  }

  private disconnect(): void {
    this.batch = undefined;
    this.isOpen = false;
    this.line?.close();
    this.line = undefined;
  }

  private restart(): void {
    this.disconnect();
    this.pauseMs = Math.min(Math.max(2 * this.pauseMs, PAUSE_MIN_MS), PAUSE_MAX_MS);
    this.retryAt = now() + this.pauseMs;
  }

  private connect(): void {
    this.begunAt = this.askedAt = now();
    this.owed = 0;
    const maxMessageBytes = (this.options.maxEventBytes ?? EVENT_BYTES_MAX) + MESSAGE_ROOM;
    this.line = new Line("dealer", this.where, "stream", { maxMessageBytes }, () => this.bell.ring());
    const from = this.isPlaced ? (this.isInLatest ? this.from : this.at + 1) : this.start;
    const terms = {
      from,
      filters: this.wanted.prefixesInMessage(),
      level: this.wanted.level,
      types: this.wanted.types.length <= TYPES_MAX ? this.wanted.types : [],
      latest: this.isPlaced ? this.isInLatest : this.latest,
      follow: this.options.follow ?? true,
    };
    this.say(["open", 1, terms]);
  }

  /** Nothing is there to be read: looks after the session. Whether there is something to be told. */
  private tend(): boolean {
    const time = now();
    if (this.heardAt === undefined || time - this.lookedAt >= ABSENT_MS) this.heardAt = time;
    this.lookedAt = time;
    if (this.line && !this.isWell(this.line, time, time - this.heardAt)) this.restart();
    if (!this.line && time >= this.retryAt) this.connect();
    return this.notices.length > 0;
  }

  private isWell(line: Line, time: number, silent: number): boolean {
    if (line.handshakes > 1) return false;
    const isSilent = silent >= this.silenceMs;
    if (isSilent && this.isPlaced && !this.isLost) {
      this.isLost = true;
      this.notices.push({ kind: "lost" });
    }
    if (!this.isOpen) return line.handshakes === 0 || time - this.begunAt < this.silenceMs;
    if (!isSilent) this.keepAlive(time, silent);
    return !isSilent;
  }

  /** Credit of nothing asks whether the session is known: a broker that has lost it answers that there is none. */
  private keepAlive(time: number, silent: number): void {
    if ((silent < ASK_MS || time - this.askedAt < ASK_MS) && time - this.saidAt < SAY_MS) return;
    this.askedAt = time;
    this.say(["credit", 0]);
    this.say(["ping"]);
  }

  // --- what is handled ---

  /** All that was told is handled: the cursor's file may say so, at once with mustWrite. */
  commit(mustWrite = false): void {
    if (!this.isPlaced || this.isInLatest || this.at > this.headSeq) return; // the latter: the log has not reached it
    this.keeper?.commit({ logId: this.log, seq: this.at }, mustWrite);
  }

  protected end(): void {
    if (this.isOpen) this.say(["close"]);
    this.disconnect();
    this.keeper?.close();
  }
}
