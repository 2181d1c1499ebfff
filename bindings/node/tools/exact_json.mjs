// JSON whose numbers stay what they are: integers beyond 2^53 are bigint, whole numbers with a point are Float.
import { Float } from "../dist/index.js";

class Parser {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match) throw new SyntaxError(`no JSON at ${this.at}`);
    this.at = pattern.lastIndex;
    return match[0];
  }

  accept(char) {
    this.take(/\s*/y);
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  number() {
    const text = this.take(/-?\d+(\.\d+)?([eE][+-]?\d+)?/y);
    const number = Number(text);
    if (/[.eE]/.test(text)) return Number.isInteger(number) ? new Float(number) : number;
    return Number.isSafeInteger(number) ? Number(text) + 0 : BigInt(text);
  }

  items(end, take) {
    if (this.accept(end)) return;
    do take();
    while (this.accept(","));
    if (!this.accept(end)) throw new SyntaxError(`no ${end} at ${this.at}`);
  }

  value() {
    if (this.accept("{")) {
      const members = {};
      this.items("}", () => {
        this.take(/\s*/y);
        const key = JSON.parse(this.take(/"(?:[^"\\]|\\.)*"/y));
        if (!this.accept(":")) throw new SyntaxError(`no colon at ${this.at}`);
        Object.defineProperty(members, key, { value: this.value(), enumerable: true, configurable: true, writable: true });
      });
      return members;
    }
    if (this.accept("[")) {
      const items = [];
      this.items("]", () => items.push(this.value()));
      return items;
    }
    const char = this.text[this.at];
    if (char === '"') return JSON.parse(this.take(/"(?:[^"\\]|\\.)*"/y));
    if (char === "-" || (char >= "0" && char <= "9")) return this.number();
    return { true: true, false: false, null: null }[this.take(/true|false|null/y)];
  }
}

export function parse(text) {
  const parser = new Parser(text);
  const value = parser.value();
  if (parser.accept("") || parser.at !== text.trimEnd().length) throw new SyntaxError(`something behind the value, at ${parser.at}`);
  return value;
}

function float(number) {
  const text = Object.is(number, -0) ? "-0" : String(number);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

// With sortsKeys two values have the same text only where they are the same.
export function stringify(value, sortsKeys = false) {
  if (value instanceof Float) return float(value.value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isInteger(value) && !Object.is(value, -0) ? String(BigInt(value)) : float(value);
  if (Array.isArray(value)) return `[${value.map((item) => stringify(item, sortsKeys)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (sortsKeys) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${stringify(item, sortsKeys)}`).join(",")}}`;
}
