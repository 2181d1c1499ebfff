/** What a snapshot can be in JavaScript. */

/** A float64 whose value is a whole number, such as 30.0: JavaScript's numbers do not tell it from 30, the log does. As a
 * part of a snapshot it is sent as a float. Read are such only with `exactFloats`. */
export class Float {
  constructor(readonly value: number) {}
  valueOf(): number {
    return this.value;
  }
  toJSON(): number {
    return this.value;
  }
}

/** Integers beyond 2^53 are bigint, in and out. Members of an object that are undefined are left out. */
export type Value = null | boolean | number | bigint | string | Float | Value[] | { [key: string]: Value | undefined };
