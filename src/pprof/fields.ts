// SPDX-License-Identifier: MIT

/** Walks the fields of a protobuf message in place, and those of messages within. */
export class FieldReader {
  field = 0;
  /** Where the content of the field begins, and where it ends. */
  begin = 0;
  end = 0;
  #at = 0;
  #limit = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.enter(0, bytes.length);
  }

  /** Restricts the reader to the fields between these two offsets. */
  enter(begin: number, end: number): void {
    this.#at = begin;
    this.#limit = end;
  }

  /** @returns false: there are no more fields. @throws Error when there is no valid field. */
  next(): boolean {
    if (this.#at >= this.#limit) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    const type = tag % 8;
    if (type !== 0 && type !== 2) throw new Error(`a field of wire type ${type}`);
    const length = type === 0 ? 0 : this.#varint();
    this.begin = this.#at;
    if (type === 0) this.#varint();
    else this.#at += length;
    this.end = this.#at;
    if (length < 0 || this.end > this.#limit) {
      throw new Error(`it ends within a field of ${length} bytes`);
    }
    return true;
  }

  number(): number {
    this.#at = this.begin;
    return this.#varint();
  }

  /** How many numbers {@link numbers} will find. */
  count(): number {
    let count = 0;
    for (let at = this.begin; at < this.end; at++) if ((this.#bytes[at] as number) < 128) count++;
    return count;
  }

  /**
   * Reads the numbers of a repeated field, packed or not.
   *
   * @param into - the numbers are appended after its first `count`.
   * @returns how many numbers `into` then has.
   */
  numbers(into: number[], count: number): number {
    this.#at = this.begin;
    let held = count;
    while (this.#at < this.end) into[held++] = this.#varint();
    return held;
  }

  // A signed number of 64 bits, exact up to 53 of them.
  #varint(): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= limit) throw new Error('it ends within a number');
      const byte = bytes[this.#at++] as number;
      const bits = byte & 127;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 128) return high === 0 ? low >>> 0 : high * 0x1_0000_0000 + (low >>> 0);
    }
    throw new Error('a number of more than 64 bits');
  }
}
