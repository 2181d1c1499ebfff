/** The words and limits of PROTOCOL.md sections 1 and 2; lengths in bytes of UTF-8. */

export const CATEGORY_MAX = 64;
export const TYPE_MAX = 128;
export const SOURCE_ID_MAX = 128;
export const SUMMARY_MAX = 8192;
export const CAUSE_MAX = 128;
export const FIELD_MAX = 128;
export const DEPTH_MAX = 32;
export const EVENT_BYTES_MAX = 1048576;
export const TOPIC_MAX = 200;
export const PRODUCER_MAX = 64;

/** Severities, rising. */
export const LEVELS = ["Trace", "Debug", "Info", "Warning", "Error"] as const;
export type Level = (typeof LEVELS)[number];

/** 0 for Trace … 4 for Error; -1 for what is no level. */
export function rankOf(level: string): number {
  return (LEVELS as readonly string[]).indexOf(level);
}

const TOKEN = /^[A-Za-z0-9_.-]+$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d{1,9})?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Whether it has only characters that a category, type, cause or producer may have, and one at least. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether it has a control character: C0, DEL or C1. */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

/** Whether it is at most `limit` bytes of UTF-8. */
export function fits(text: string, limit: number): boolean {
  return text.length * 3 <= limit || Buffer.byteLength(text) <= limit;
}

/** Whether an event may have this time (PROTOCOL.md section 1.2). */
export function isTime(text: string): boolean {
  const match = TIME.exec(text);
  if (!match) return false;
  const [, year, month, day, hour, minute, second, sign, offsetHour, offsetMinute] = match;
  const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const days = month === "02" && isLeap ? 29 : DAYS[Number(month) - 1]!;
  if (Number(day) < 1 || Number(day) > days) return false;
  if (second !== "60") return true;
  const offset = sign ? Number(offsetHour) * 60 + Number(offsetMinute) : 0;
  const utc = Number(hour) * 60 + Number(minute) - (sign === "+" ? offset : -offset);
  return (utc + 2880) % 1440 === 1439;
}
