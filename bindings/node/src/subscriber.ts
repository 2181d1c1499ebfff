/** A live subscriber.
 *
 * All filters are subscribed before connecting, and the heartbeat's topic behind them; the broker gets subscriptions in
 * that order, so the first heartbeat proves that all are in force. What came before it is passed over, for counting begins
 * there. A broker that is silent for too long gets a new connection, which also gets rid of one that only looks alive. */
import type { Subscriber as SubSocket } from "zeromq";
import { ProtocolError, type TocsinError } from "./errors.js";
import { Wanted, type WantedOptions } from "./filter.js";
import { GapTracker, type GapVerdict } from "./gap.js";
import { Line, now, unreachable } from "./line.js";
import { type Message, readRecord, understood } from "./message.js";
import { EVENT_BYTES_MAX, TOPIC_MAX } from "./rules.js";
import { Source, type SourceOptions } from "./source_base.js";
import { Fault, Reader } from "./wire.js";
import type { Where } from "./where.js";

const HEARTBEAT = Buffer.from("~\0");
const FRAME_ROOM = 65536 + 4096; // a frame is longer than its longest event by less

export interface SubscriberOptions extends WantedOptions, SourceOptions {
  /** Silence after which the connection counts as lost and is made anew; 5000. */
  heartbeatTimeoutMs?: number;
  /** Most frames that wait in this process; what comes on top is lost by the broker; 100000. */
  queueFrames?: number;
  /** Topics whose last seq is remembered; 65536. */
  maxTopics?: number;
}

/** Follows events live. Opening waits until the broker has confirmed all filters (a heartbeat, one a second): from then on
 * every event is told, or told as a gap. */
export class Subscriber extends Source {
  private readonly wanted: Wanted;
  private readonly gaps: GapTracker;
  private line: Line | undefined;
  private heardAt: number | undefined;
  private toTell: (Message | ProtocolError)[] = [];
  private isLost = false;
  private isConfirmed = false;
  private head = 0;
  private logId = "";

  constructor(private readonly where: Where, private readonly options: SubscriberOptions) {
    super(options);
    this.wanted = new Wanted(options);
    this.gaps = new GapTracker(this.wanted.isEverything, options.maxTopics ?? 65536);
  }

  protected timeoutMs(): number {
    return this.where.timeoutMs;
  }

  protected isReady(): boolean {
    return this.isConfirmed;
  }

  protected failure(): TocsinError {
    return unreachable(this.where, "live", this.line?.isRefused ?? false);
  }

  private get silenceMs(): number {
    return this.options.heartbeatTimeoutMs ?? 5000;
  }

  protected wakeAt(): number {
    return (this.heardAt ?? now()) + this.silenceMs;
  }

  protected begin(): void {
    const prepare = (socket: unknown): void => {
      const prefixes = this.wanted.prefixes();
      (socket as SubSocket).subscribe(...(prefixes.length > 0 ? prefixes : [""]), HEARTBEAT);
    };
    this.heardAt = now();
    this.line = new Line(
      "sub", this.where, "live",
      {
        maxMessageBytes: (this.options.maxEventBytes ?? EVENT_BYTES_MAX) + FRAME_ROOM,
        inboxMax: Math.max(1, this.options.queueFrames ?? 100000),
        prepare,
      },
      () => this.bell.ring(),
    );
  }

  protected end(): void {
    this.line?.close();
    this.line = undefined;
  }

  protected take(): Message | undefined {
    while (this.toTell.length === 0) if (!this.look()) return undefined;
    const told = this.toTell.shift()!;
    if (told instanceof ProtocolError) throw told;
    return told;
  }

  /** Takes a frame, or looks after the connection. False: there is nothing to do before wakeAt. */
  protected look(): boolean {
    const frame = this.line?.receive();
    if (!frame) return this.waitOrRenew();
    this.heardAt = undefined;
    try {
      understood(() => this.takeFrame(frame));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.toTell.push(error);
    }
    return true;
  }

  private waitOrRenew(): boolean {
    this.heardAt ??= now();
    if (now() < this.wakeAt()) return false;
    if (this.isConfirmed && !this.isLost) this.toTell.push({ kind: "lost" });
    this.isLost = this.isConfirmed;
    this.end();
    this.begin();
    return true;
  }

  private takeFrame(frame: Buffer): void {
    const end = frame.subarray(0, TOPIC_MAX).indexOf(0);
    if (end <= 0) throw new Fault("type", "");
    if (frame[0] !== 0x7e) this.takeRecords(frame.toString("utf8", 0, end), new Reader(frame, end + 1, this.options.exactFloats));
    else if (end === 1) this.takeHeartbeat(new Reader(frame, 2));
  }

  private takeHeartbeat(reader: Reader): void {
    if (reader.arrayHead() !== 4 || reader.safeUint() !== 1) throw new Fault("type", "");
    const head = reader.safeUint();
    const logId = reader.str();
    reader.safeUint();
    if (!reader.isAtEnd) throw new Fault("type", "");
    let verdict: GapVerdict;
    if (this.isConfirmed && logId === this.logId) {
      verdict = this.gaps.onHead(head);
    } else {
      this.gaps.begin(head);
      verdict = this.isConfirmed ? "went back" : undefined;
    }
    this.head = head;
    this.logId = logId;
    if (this.isLost) this.toTell.push({ kind: "restored", head, logId });
    this.note(verdict);
    this.isLost = false;
    this.isConfirmed = true;
  }

  private note(verdict: GapVerdict, topic?: string): void {
    if (verdict === "went back") {
      this.toTell.push({ kind: "reset", head: this.head, logId: this.logId });
    } else if (verdict) {
      const { first, last, atLeast, isExact } = verdict;
      this.toTell.push(isExact ? { kind: "gap", first, last, atLeast } : { kind: "gap", first, last, atLeast, topic });
    }
  }

  private takeRecords(topic: string, reader: Reader): void {
    const slash = topic.indexOf("/");
    if (!this.wanted.takesTopic(topic.slice(0, slash), topic.slice(slash + 1))) return;
    while (!reader.isAtEnd) {
      const record = readRecord(reader);
      if (record.topic !== topic) throw new Fault("value", "");
      if (!this.isConfirmed) continue;
      this.note(this.gaps.onRecord(topic, record.seq, record.prev), topic);
      this.head = record.seq;
      if (this.wanted.takes(record.event)) this.toTell.push(record);
    }
  }
}
