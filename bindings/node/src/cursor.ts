/** A cursor kept in a file: one line, "tocsin-cursor 1 LOG_ID SEQ", as libtocsin has it. Written beside and renamed, and
 * forced to the disk, so that it is always the old one or the new one. Node has no lock that ends with its process: no
 * flock and no fcntl, and a package for it would have to be compiled. So who uses it stands in a file beside it, which keeps
 * a second process of this library away, and none of another language. */
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { threadId } from "node:worker_threads";
import { CursorError } from "./errors.js";
import { now } from "./line.js";

const LINE = /^tocsin-cursor 1 ([0-9a-f]{32}) (\d{1,16})\n$/;

/** All through `seq` of the log `logId` is handled. */
export interface Cursor {
  logId: string;
  seq: number;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Tells a process from a later one with the same number, where the system tells that. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const inUse = new Set<string>(); // by this thread

/** Whether who wrote that is there still. Without a start to tell by, our own number is that of one before us. */
function isInUse(path: string, owner: string): boolean {
  const [text, start = ""] = owner.trim().split(" ");
  const pid = Number(text);
  if (pid === process.pid && start === "") return inUse.has(path);
  return pid > 0 && isAlive(pid) && startOf(pid) === start;
}

export class CursorFile {
  private readonly path: string;
  private readonly owner: string;

  constructor(path: string) {
    this.path = resolve(path);
    this.owner = `${this.path}.pid`;
    if (inUse.has(this.path) || !this.claim()) throw new CursorError(`${path}: another process, or another stream, uses it`);
    inUse.add(this.path);
  }

  private claim(): boolean {
    const ours = `${this.owner}.${process.pid}.${threadId}.new`;
    writeFileSync(ours, `${process.pid} ${startOf(process.pid)}\n`);
    try {
      return this.put(ours);
    } finally {
      unlinkSync(ours);
    }
  }

  private put(ours: string): boolean {
    for (;;) {
      try {
        linkSync(ours, this.owner); // with all that is in it, or not at all
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const owner = textOf(this.owner);
      if (isInUse(this.path, owner)) return false;
      this.remove(owner);
    }
  }

  /** Takes away what a process that is gone has left; and puts it back where another one was quicker to claim. */
  private remove(left: string): void {
    const aside = `${this.owner}.${process.pid}.${threadId}`;
    try {
      renameSync(this.owner, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // another one has taken it away
      throw error;
    }
    if (textOf(aside) === left) unlinkSync(aside);
    else renameSync(aside, this.owner);
  }

  /** undefined where there is no file yet. */
  read(): Cursor | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, "latin1");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const match = LINE.exec(text);
    if (!match || !Number.isSafeInteger(Number(match[2]))) throw new CursorError(`${this.path}: it is no cursor`);
    return { logId: match[1]!, seq: Number(match[2]) };
  }

  /** On the disk when it returns. */
  write(cursor: Cursor): void {
    const file = openSync(`${this.path}.new`, "w");
    try {
      writeSync(file, `tocsin-cursor 1 ${cursor.logId} ${cursor.seq}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${this.path}.new`, this.path);
    const folder = openSync(dirname(this.path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  close(): void {
    inUse.delete(this.path);
    unlinkSync(this.owner);
  }
}

/** How far what a stream told is handled, and the file that says so. */
export class CursorKeeper {
  /** Where the last run ended. */
  readonly found: Cursor | undefined;
  private readonly file: CursorFile;
  private committed: Cursor | undefined;
  private filed: Cursor | undefined; // what the file says
  private filedAt = -Infinity;
  private isClosed = false;

  constructor(path: string, private readonly intervalMs: number) {
    this.file = new CursorFile(path);
    try {
      this.found = this.committed = this.filed = this.file.read();
    } catch (error) {
      this.file.close();
      throw error;
    }
  }

  /** All through there is handled; the file says so within the interval, or at once. */
  commit(cursor: Cursor, mustWrite: boolean): void {
    this.committed = cursor;
    if (mustWrite || now() - this.filedAt >= this.intervalMs) this.write();
  }

  private write(): void {
    if (this.isClosed || !this.committed?.seq) return;
    if (this.committed.seq === this.filed?.seq && this.committed.logId === this.filed.logId) return;
    this.filedAt = now();
    this.file.write(this.committed);
    this.filed = this.committed;
  }

  close(): void {
    if (this.isClosed) return;
    try {
      this.write();
    } finally {
      this.isClosed = true;
      this.file.close();
    }
  }
}
