// SPDX-License-Identifier: MIT
// Writes protobuf messages, field by field. pprof-format writes those of pprof only.

const [VARINT, FIXED64, LENGTH] = [0, 1, 2];

/** A message that grows as fields are added to it. Fields with the default value are left out. */
export class MessageWriter {
  #bytes: Uint8Array = new Uint8Array(64);
  #length = 0;

  /** What has been written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** An integer, of any signed or unsigned type of the varint encoding. */
  integer(field: number, value: number): void {
    if (value === 0) return;
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  /** An integer that is there even if it is the default: a member of a oneof, of a repeated field. */
  present(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  /** A packed repeated field. */
  integers(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    const packed = new MessageWriter();
    for (const value of values) packed.#varint(value);
    this.content(field, packed.bytes);
  }

  /** `fixed64`, which JavaScript's numbers can't hold. */
  fixed64(field: number, value: bigint): void {
    if (value === 0n) return;
    this.#tag(field, FIXED64);
    this.#reserve(8);
    for (let shift = 0n; shift < 64n; shift += 8n) {
      this.#bytes[this.#length++] = Number((value >> shift) & 0xffn);
    }
  }

  /** A text that is there even if it is empty: all of a repeated field are. */
  text(field: number, value: string): void {
    this.content(field, Buffer.from(value));
  }

  /** Bytes, or a message that is encoded already. */
  content(field: number, bytes: Uint8Array): void {
    this.#tag(field, LENGTH);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A message, which `write` writes. */
  message(field: number, write: (message: MessageWriter) => void): void {
    this.content(field, encoded(write));
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  // Up to 2^53 exact; negative ones have ten bytes, as all of protobuf's.
  #varint(value: number): void {
    this.#reserve(10);
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 127n; rest >>= 7n) {
        this.#bytes[this.#length++] = Number(rest & 127n) | 128;
      }
      this.#bytes[this.#length++] = Number(rest);
      return;
    }
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}

/** The bytes of one message. */
export function encoded(write: (message: MessageWriter) => void): Uint8Array {
  const message = new MessageWriter();
  write(message);
  return message.bytes;
}
