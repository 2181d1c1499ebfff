/** Those who wait until something is so, each for as long as he said. */
import type { TocsinError } from "./errors.js";
import { type CallOptions, deadlineOf, now } from "./line.js";

interface Waiter {
  isDone: () => boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class Waiters {
  private waiters: Waiter[] = [];

  /** Throws `late`'s error when the time is over, the signal's reason, or what `tell` says. */
  async until(isDone: () => boolean, options: CallOptions, late: () => TocsinError): Promise<void> {
    const deadline = deadlineOf(options.timeoutMs);
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    let onAbort: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { isDone, resolve, reject };
        this.waiters.push(waiter);
        if (deadline !== Infinity) timer = setTimeout(() => reject(late()), Math.max(deadline - now(), 0));
        onAbort = () => reject(options.signal!.reason as Error);
        options.signal?.addEventListener("abort", onAbort, { once: true });
      });
    } finally {
      clearTimeout(timer);
      if (onAbort) options.signal?.removeEventListener("abort", onAbort);
      this.waiters = this.waiters.filter((each) => each !== waiter);
    }
  }

  /** Something has changed; with an error there is nothing to wait for any more. */
  tell(error: TocsinError | undefined): void {
    if (this.waiters.length === 0) return;
    const { waiters } = this;
    this.waiters = [];
    for (const waiter of waiters) {
      if (waiter.isDone()) waiter.resolve();
      else if (error) waiter.reject(error);
      else this.waiters.push(waiter);
    }
  }
}
