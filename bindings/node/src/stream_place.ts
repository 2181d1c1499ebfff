/** Where a stream stands in the log, and what a sound broker can say of it; without sockets and without a clock.
 *
 * The latest of every topic come first where they are asked for, in any order of their own; behind them, and without them
 * from the beginning, seq only rises. */
import type { Cursor } from "./cursor.js";
import { OtherLog } from "./errors.js";

/** A sound broker cannot say this. */
export class Unsound extends Error {}

export class Place {
  logId: string;
  head = 0;
  isPlaced = false;
  private begin = 0; // the first seq that is no latest one
  private isInLatest = false;
  private latestTold = 0;
  private at = 0;

  constructor(private start: unknown, private isLatestWanted: boolean, logId: string | undefined, private readonly keepsLog: boolean) {
    this.logId = logId ?? "";
  }

  /** Before anything was opened: the place is that of an earlier run. */
  goOnBehind({ logId, seq }: Cursor): void {
    this.start = seq + 1;
    this.isLatestWanted = false;
    this.head = seq;
    this.logId = logId;
  }

  /** The seq through which all that matches has been told; 0: begin as the first time. */
  get cursor(): number {
    return this.isPlaced && !this.isInLatest ? this.at : 0;
  }

  /** What a cursor's file may say; undefined while that is nothing, or a place that the log has not reached. */
  get handled(): Cursor | undefined {
    const { cursor: seq, head, logId } = this;
    return seq > 0 && seq <= head ? { logId, seq } : undefined;
  }

  /** From where to ask, and whether for the latest. */
  get terms(): { from: unknown; latest: boolean } {
    if (!this.isPlaced) return { from: this.start, latest: this.isLatestWanted };
    return { from: this.isInLatest ? this.begin : this.at + 1, latest: this.isInLatest };
  }

  /** The broker begins there. False: its log is another one or went back, and it is to be asked anew. OtherLog where the log
   * is given. */
  open(logId: string, begin: number, head: number): boolean {
    const isSameLog = this.logId === "" || logId === this.logId;
    if (!isSameLog && this.keepsLog) throw new OtherLog(`the cursor is of the log ${this.logId}, and the broker writes ${logId}`);
    if (!isSameLog || head < this.head) {
      this.reset(logId, head, isSameLog);
      return false;
    }
    if (this.isPlaced && begin !== this.terms.from) throw new Unsound();
    this.head = head;
    if (!this.isPlaced) this.put(logId, begin);
    return true;
  }

  private put(logId: string, begin: number): void {
    this.isPlaced = true;
    this.logId = logId;
    this.begin = begin;
    this.at = begin - 1;
    this.isInLatest = this.isLatestWanted;
    this.latestTold = 0;
  }

  private reset(logId: string, head: number, isSameLog: boolean): void {
    this.logId = logId;
    this.head = this.at = head;
    this.isInLatest = false;
    this.isPlaced = isSameLog;
    if (isSameLog) return;
    this.start = "first";
    this.isLatestWanted = false;
  }

  /** A batch came whose records are at or below `upto`. */
  beginBatch(isEmpty: boolean, upto: number): void {
    if (this.isInLatest && (isEmpty || upto >= this.begin)) this.move(this.begin - 1);
    if (upto < this.at) throw new Unsound();
  }

  /** A record of it; whether it was not told yet. */
  take(seq: number, upto: number): boolean {
    if (seq > upto) throw new Unsound();
    if (this.isInLatest && seq < this.begin) {
      const isNew = seq > this.latestTold;
      this.latestTold = Math.max(seq, this.latestTold);
      return isNew;
    }
    if (seq <= this.at) throw new Unsound();
    this.move(seq);
    return true;
  }

  endBatch(upto: number): void {
    if (!this.isInLatest) this.move(upto);
  }

  /** The first seq that is missing here. */
  passHole(first: number, last: number): number {
    const missing = this.at + 1;
    if (first > missing || last < missing || first > last) throw new Unsound();
    this.move(last);
    return missing;
  }

  end(last: number): void {
    if (last < this.at) throw new Unsound();
    this.move(last);
  }

  private move(seq: number): void {
    this.isInLatest = false;
    this.at = seq;
    this.head = Math.max(seq, this.head);
  }
}
