/** What was lost on the way: told from seq and prev of the records and the head in the heartbeats (PROTOCOL.md sections 3
 * and 4.1).
 *
 * A subscriber to everything sees each seq: what is missing is counted exactly. With filters seq jumps as it must; there
 * each topic is a chain by prev, and a record whose prev is none that was seen tells that at least that one was lost. */

/** Within first … last at least so many were lost; exactly so many, of any topic, where isExact. */
export interface Loss {
  first: number;
  last: number;
  atLeast: number;
  isExact: boolean;
}

/** "went back": the log is not the one that it was; counting has begun anew. */
export type GapVerdict = Loss | "went back" | undefined;

/** The last seq of each topic, in bounded memory: two generations; when the young one has half the limit, the old one is
 * forgotten but for the highest seq in it, and the young one becomes old. */
export class TopicTable {
  private readonly half: number;
  private young = new Map<string, number>();
  private old = new Map<string, number>();
  forgotten = 0;

  constructor(maxTopics: number) {
    this.half = Math.max(1, Math.floor(maxTopics / 2));
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
    this.forgotten = 0;
  }

  /** Sets the last seq of a topic; returns the one before, undefined where there was none or it was forgotten. */
  exchange(topic: string, seq: number): number | undefined {
    let last = this.young.get(topic);
    if (last === undefined) {
      last = this.old.get(topic);
      this.old.delete(topic);
      if (this.young.size >= this.half) {
        for (const each of this.old.values()) this.forgotten = Math.max(this.forgotten, each);
        [this.old, this.young] = [this.young, new Map()];
      }
    }
    this.young.set(topic, seq);
    return last;
  }
}

/** Counts for one subscriber. */
export class GapTracker {
  private seen = 0;
  private begun = 0;
  private readonly topics: TopicTable | undefined;

  constructor(isEverything: boolean, maxTopics: number) {
    this.topics = isEverything ? undefined : new TopicTable(maxTopics);
  }

  /** Counting begins behind `head`: what is at or below it is none of ours. */
  begin(head: number): void {
    this.seen = this.begun = head;
    this.topics?.clear();
  }

  onRecord(topic: string, seq: number, prev: number): GapVerdict {
    const seen = this.seen;
    if (seq <= seen) {
      this.begin(seq);
      return "went back";
    }
    this.seen = seq;
    if (this.topics) {
      const known = this.topics.exchange(topic, seq) ?? Math.max(this.topics.forgotten, this.begun);
      return prev > known ? { first: known + 1, last: prev, atLeast: 1, isExact: false } : undefined;
    }
    return seq > seen + 1 ? { first: seen + 1, last: seq - 1, atLeast: seq - 1 - seen, isExact: true } : undefined;
  }

  /** A heartbeat came: all records through `head` have been sent. */
  onHead(head: number): GapVerdict {
    const seen = this.seen;
    if (head < seen) {
      this.begin(head);
      return "went back";
    }
    this.seen = head;
    if (this.topics || head === seen) return undefined;
    return { first: seen + 1, last: head, atLeast: head - seen, isExact: true };
  }
}
