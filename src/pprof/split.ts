// SPDX-License-Identifier: MIT
// A profile's samples one at a time: decoded all at once they take many times the room of the file.
// Everything else in a profile is small, and the library's.
import { Profile } from 'pprof-format';

const SAMPLE = 2;
const [LOCATION_ID, VALUE, LABEL] = [1, 2, 3];
const [KEY, STR] = [1, 2];

/** Valid until the next one is read. */
export interface RawSample {
  readonly locations: readonly number[];
  readonly values: readonly number[];
  /** Ids of strings; those of numeric labels are left out. */
  readonly labels: readonly { readonly key: number; readonly str: number }[];
}

export interface SplitProfile {
  /** Without its samples. */
  readonly profile: Profile;
  /** Decodes while it is iterated, each time anew. */
  readonly samples: Iterable<RawSample>;
}

/** Hears which share of the samples is read, 0 to 1. */
export type OnProgress = (share: number) => void;

const SAMPLES_BETWEEN = 1024;

/** @throws Error when the bytes are no sequence of protobuf fields; so does iterating. */
export function splitProfile(bytes: Uint8Array, onProgress?: OnProgress): SplitProfile {
  const others: Uint8Array[] = [];
  const all = new Reader(bytes);
  let begin = 0;
  let end = 0;
  while (all.next()) {
    if (all.field === SAMPLE) {
      if (end > begin) others.push(bytes.subarray(begin, end));
      begin = all.end;
    }
    end = all.end;
  }
  others.push(bytes.subarray(begin, end));
  return {
    profile: Profile.decode(Buffer.concat(others)),
    samples: { [Symbol.iterator]: () => readSamples(bytes, onProgress) },
  };
}

function* readSamples(
  bytes: Uint8Array,
  onProgress: OnProgress = () => {},
): Generator<RawSample, undefined> {
  const all = new Reader(bytes);
  let count = 0;
  while (all.next()) {
    if (all.field !== SAMPLE) continue;
    if (++count % SAMPLES_BETWEEN === 0) onProgress(all.end / bytes.length);
    const locations: number[] = [];
    const values: number[] = [];
    const labels: { key: number; str: number }[] = [];
    const fields = all.inner();
    while (fields.next()) {
      if (fields.field === LOCATION_ID) fields.numbers(locations);
      else if (fields.field === VALUE) fields.numbers(values);
      else if (fields.field === LABEL) labels.push(readLabel(fields.inner()));
    }
    yield { locations, values, labels: labels.filter(({ str }) => str !== 0) };
  }
}

function readLabel(fields: Reader): { key: number; str: number } {
  const label = { key: 0, str: 0 };
  while (fields.next()) {
    if (fields.field === KEY) label.key = fields.number();
    else if (fields.field === STR) label.str = fields.number();
  }
  return label;
}

/** Walks the fields of one message. */
class Reader {
  field = 0;
  /** Behind the field's content. */
  end = 0;
  #isNumber = false;
  #content = 0;
  #at: number;
  readonly #bytes: Uint8Array;
  readonly #limit: number;

  constructor(bytes: Uint8Array, begin = 0, limit = bytes.length) {
    this.#bytes = bytes;
    this.#at = begin;
    this.#limit = limit;
  }

  next(): boolean {
    if (this.#at >= this.#limit) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    const type = tag % 8;
    if (type !== 0 && type !== 2) throw new Error(`a field of wire type ${type}`);
    this.#isNumber = type === 0;
    const length = this.#isNumber ? 0 : this.#varint();
    this.#content = this.#at;
    if (this.#isNumber) this.#varint();
    else this.#at += length;
    this.end = this.#at;
    if (length < 0 || this.end > this.#limit) {
      throw new Error(`it ends within a field of ${length} bytes`);
    }
    return true;
  }

  inner(): Reader {
    return new Reader(this.#bytes, this.#content, this.end);
  }

  number(): number {
    this.#at = this.#content;
    return this.#varint();
  }

  /** Of a repeated field, packed or not. */
  numbers(into: number[]): void {
    this.#at = this.#content;
    while (this.#at < this.end) into.push(this.#varint());
  }

  // A signed number of 64 bits, exact up to 53 of them.
  #varint(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#at < this.#limit ? (this.#bytes[this.#at++] as number) : -1;
      if (byte < 0) throw new Error('it ends within a number');
      const bits = byte & 127;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 128) return high === 0 ? low >>> 0 : high * 0x1_0000_0000 + (low >>> 0);
    }
    throw new Error('a number of more than 64 bits');
  }
}
