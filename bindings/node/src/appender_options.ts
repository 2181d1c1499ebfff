/** What an appender is told, and what it tells. */
import type { Code } from "./errors.js";

/** All events through `n` are settled. `seq` and `hash` are the place in the broker's log of the last one of them that was
 * logged; 0 and "" where the broker no longer knows. */
export interface Receipt {
  n: number;
  seq: number;
  hash: string;
}

/** The broker refused event `n`. */
export interface Rejection {
  n: number;
  code: Code;
  field: string;
  text: string;
}

export interface AppenderOptions {
  /** Grows with every start; the clock in microseconds. */
  incarnation?: number;
  /** For room in the queue; 5000. */
  sendTimeoutMs?: number;
  /** For what is not settled at closing; 5000. */
  closeTimeoutMs?: number;
  /** Most that waits to be settled; 16 MiB. */
  queueBytes?: number;
  /** As configured in the broker; 1 MiB. */
  maxEventBytes?: number;
  onSettled?: (receipt: Receipt) => void;
  onRefused?: (rejection: Rejection) => void;
  /** Ends the opening. */
  signal?: AbortSignal;
}
