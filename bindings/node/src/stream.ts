/** A stream.
 *
 * A session is opened from a place in the log, and given credit; batches come, are told record by record, and each moves
 * the cursor. The broker goes away or forgets the session: another one is opened behind the cursor, on a new socket. What
 * a sound broker cannot say ends the session too, and is asked for again: nothing is skipped. */
import { CursorKeeper } from "./cursor.js";
import { Closed, Denied, OtherLog, ProtocolError, type TocsinError } from "./errors.js";
import { TYPES_MAX, Wanted } from "./filter.js";
import { unreachable } from "./line.js";
import { type EventMessage, type Message, readRecord, understood } from "./message.js";
import { EVENT_BYTES_MAX } from "./rules.js";
import { Source } from "./source_base.js";
import { type StreamOptions, fromOf, isLogId } from "./stream_options.js";
import { Place, Unsound } from "./stream_place.js";
import { Session } from "./stream_session.js";
import { Fault, Reader } from "./wire.js";
import type { Where } from "./where.js";

export const MESSAGE_ROOM = 2 << 20; // a message is longer than its longest event by less

/** The broker's log: any part of the past, and what comes, each event once and in the order of seq, over breaks of the
 * connection and restarts of the broker. */
export class Stream extends Source {
  private readonly wanted: Wanted;
  private readonly place: Place;
  private readonly creditBytes: number;
  private readonly session: Session;
  private isEnded = false;
  private error: TocsinError | undefined;
  private isLost = false;
  private owed = 0; // bytes taken, and not given credit for again
  private batch: Reader | undefined;
  private batchLeft = 0;
  private batchUpto = 0;
  private notices: Message[] = [];
  private keeper: CursorKeeper | undefined;

  constructor(private readonly where: Where, private readonly options: StreamOptions) {
    super(options);
    this.wanted = new Wanted(options);
    this.creditBytes = options.creditBytes ?? 4 << 20;
    const maxMessageBytes = (options.maxEventBytes ?? EVENT_BYTES_MAX) + MESSAGE_ROOM;
    this.session = new Session(where, maxMessageBytes, options.silenceTimeoutMs ?? 5000, () => this.bell.ring());
    if (options.logId !== undefined && !isLogId(options.logId)) throw new RangeError(`no log's id: ${options.logId}`);
    if (!(this.creditBytes > 0)) throw new RangeError("no credit: nothing would come");
    const keepsLog = options.logId !== undefined || options.cursorFile !== undefined;
    this.place = new Place(fromOf(options.from ?? "new"), options.latest ?? false, options.logId, keepsLog);
  }

  /** The seq through which all that matches has been told; it moves on where nothing matches. 0: begin as the first time. */
  get cursor(): number {
    return this.place.cursor;
  }

  /** The log's id, 32 hex digits. */
  get logId(): string {
    return this.place.logId;
  }

  /** The log's last seq as far as it is known here. */
  get head(): number {
    return this.place.head;
  }

  protected timeoutMs(): number {
    return this.where.timeoutMs;
  }

  protected isReady(): boolean {
    const { isOpen } = this.session;
    if (isOpen && !this.options.commitsByHand) this.commit(true);
    return isOpen;
  }

  protected failure(): TocsinError {
    return unreachable(this.where, "stream", this.session.isRefused);
  }

  protected wakeAt(): number {
    return this.session.wakeAt;
  }

  protected begin(): void {
    if (this.options.cursorFile === undefined || this.keeper) return;
    this.keeper = new CursorKeeper(this.options.cursorFile, this.options.cursorIntervalMs ?? 200);
    if (this.keeper.found) this.place.goOnBehind(this.keeper.found);
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
    return this.orRefuse(() => {
      if (this.batchLeft === 0) {
        if (!batch.isAtEnd) throw new Unsound();
        this.place.endBatch(this.batchUpto);
        this.endBatch(batch.bytes.length);
        return undefined;
      }
      const record = readRecord(batch);
      this.batchLeft--;
      const isNew = this.place.take(record.seq, this.batchUpto);
      return isNew && this.wanted.takes(record.event) ? record : undefined;
    });
  }

  private endBatch(length: number): void {
    this.batch = undefined;
    this.owed += length;
    if (this.owed < this.creditBytes / 2) return;
    this.session.say(["credit", this.owed]);
    this.owed = 0;
  }

  // --- messages ---

  private orRefuse<T>(read: () => T): T {
    try {
      return understood(read);
    } catch (error) {
      if (error instanceof Unsound || (error instanceof ProtocolError && !this.error)) this.refuse();
      throw error;
    }
  }

  /** Takes one message, or looks after the session. False: there is nothing to do before wakeAt. */
  protected look(): boolean {
    if (this.error) throw this.error;
    const data = this.session.receive();
    if (!data) return this.tend();
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
    else this.session.say(["pong"]);
  }

  private takeBatch(reader: Reader): void {
    this.checkOpened();
    this.batchUpto = reader.safeUint();
    this.batchLeft = reader.arrayHead();
    this.batch = reader;
    this.session.resetPause();
    this.place.beginBatch(this.batchLeft === 0, this.batchUpto);
  }

  private checkOpened(): void {
    if (!this.session.isOpen) throw new Unsound();
  }

  private takeOpened(reader: Reader): void {
    const version = reader.safeUint();
    const logId = reader.str();
    const from = reader.safeUint();
    const head = reader.safeUint();
    if (this.session.isOpen || version !== 1 || !isLogId(logId) || from === 0) throw new Unsound();
    const goesOn = this.openPlace(logId, from, head);
    if (this.isLost) this.notices.push({ kind: "restored", head, logId });
    this.isLost = false;
    if (!goesOn) {
      this.notices.push({ kind: "reset", head, logId });
      this.restart();
      return;
    }
    this.session.isOpen = true;
    this.session.say(["credit", this.creditBytes]);
  }

  private openPlace(logId: string, from: number, head: number): boolean {
    try {
      return this.place.open(logId, from, head);
    } catch (error) {
      if (error instanceof OtherLog) this.fail(error);
      throw error;
    }
  }

  private takeHole(first: number, last: number): void {
    this.checkOpened();
    this.notices.push({ kind: "hole", first: this.place.passHole(first, last), last });
  }

  private takeEnd(last: number): void {
    this.checkOpened();
    if (this.options.follow !== false) throw new Unsound();
    this.place.end(last);
    this.isEnded = true;
    this.notices.push({ kind: "end", last });
    this.disconnect();
  }

  private takeError(code: string, text: string): void {
    if (code === "version") this.fail(new ProtocolError(`the broker says: ${text}`));
    if (code === "denied") this.fail(new Denied(`the broker says: ${text}`));
    if (code === "protocol") throw new Unsound();
    this.restart();
  }

  // --- the session ---

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
    this.session.end();
  }

  private restart(): void {
    this.batch = undefined;
    this.session.restart();
  }

  /** Nothing is there to be read: looks after the session. Whether there is something to be told. */
  private tend(): boolean {
    const { session } = this;
    session.tend();
    if (session.isSilent && this.place.isPlaced && !this.isLost) {
      this.isLost = true;
      this.notices.push({ kind: "lost" });
    }
    if (session.isDue) {
      this.owed = 0;
      session.begin(this.opening());
    }
    return this.notices.length > 0;
  }

  private opening(): unknown[] {
    const terms = {
      ...this.place.terms,
      filters: this.wanted.prefixesInMessage(),
      level: this.wanted.level,
      types: this.wanted.types.length <= TYPES_MAX ? this.wanted.types : [],
      follow: this.options.follow ?? true,
    };
    return ["open", 1, terms];
  }

  // --- what is handled ---

  /** All that was told is handled: the cursor's file may say so, at once with mustWrite. */
  commit(mustWrite = false): void {
    const { handled } = this.place;
    if (handled) this.keeper?.commit(handled, mustWrite);
  }

  protected end(): void {
    if (this.session.isOpen) this.session.say(["close"]);
    this.disconnect();
    this.keeper?.close();
  }
}
