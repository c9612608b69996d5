// SPDX-License-Identifier: MIT
// Reads a profile's samples one at a time and its strings on demand: decoded all at once they would
// take many times the size of the file. Everything else in a profile is small, and the library
// reads it.
import { Profile } from 'pprof-format';
import { enlarged } from '../traces/sequences.js';
import { FieldReader } from './fields.js';

const [SAMPLE, STRING] = [2, 6];
const [LOCATION_ID, VALUE, LABEL] = [1, 2, 3];
const [KEY, STR] = [1, 2];

/** Valid until the next one is read. */
export interface RawSample {
  /** The list is reused: its first `depth` entries are this sample's. */
  readonly locations: readonly number[];
  readonly depth: number;
  readonly values: readonly number[];
  readonly valueCount: number;
  /** Ids of strings; those of numeric labels are left out. */
  readonly labels: readonly { readonly key: number; readonly str: number }[];
}

export interface SplitProfile {
  /** Without its samples and strings. */
  readonly profile: Profile;
  readonly strings: Strings;
  /** Decodes while it is iterated, each time from the beginning. */
  readonly samples: Iterable<RawSample>;
  readonly sampleCount: number;
  /** The sum over all samples. */
  readonly locationCount: number;
}

/** Called with the share of the samples that is read, 0 to 1. */
export type OnProgress = (share: number) => void;

const SAMPLES_BETWEEN = 1024;

/** @throws Error when the bytes are not a sequence of protobuf fields; iterating throws it, too. */
export function splitProfile(bytes: Uint8Array, onProgress?: OnProgress): SplitProfile {
  const others: Uint8Array[] = [];
  const strings = new Strings(bytes);
  const fields = new FieldReader(bytes);
  const inner = new FieldReader(bytes);
  let sampleCount = 0;
  let locationCount = 0;
  let begin = 0;
  let end = 0;
  while (fields.next()) {
    if (fields.field === SAMPLE || fields.field === STRING) {
      if (fields.field === STRING) {
        strings.add(fields.begin, fields.end);
      } else {
        sampleCount += 1;
        inner.enter(fields.begin, fields.end);
        while (inner.next()) if (inner.field === LOCATION_ID) locationCount += inner.count();
      }
      if (end > begin) others.push(bytes.subarray(begin, end));
      begin = fields.end;
    }
    end = fields.end;
  }
  others.push(bytes.subarray(begin, end));
  return {
    profile: Profile.decode(Buffer.concat(others)),
    strings,
    samples: { [Symbol.iterator]: () => readSamples(bytes, onProgress) },
    sampleCount,
    locationCount,
  };
}

/** The string table, not decoded. */
export class Strings {
  length = 0;
  readonly #bytes: Buffer;
  #places = new Uint32Array(256);

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  add(begin: number, end: number): void {
    const at = 2 * this.length++;
    if (at === this.#places.length) this.#places = enlarged(this.#places, at + 2);
    this.#places[at] = begin;
    this.#places[at + 1] = end;
  }

  /** @throws Error when there is no string with this id. */
  at(id: number | bigint): string {
    const at = 2 * Number(id);
    if (!(at >= 0 && at < 2 * this.length)) throw new Error(`no string ${id}`);
    return this.#bytes.toString('utf8', this.#places[at], this.#places[at + 1]);
  }
}

function* readSamples(
  bytes: Uint8Array,
  onProgress: OnProgress = () => {},
): Generator<RawSample, undefined> {
  const all = new FieldReader(bytes);
  const fields = new FieldReader(bytes);
  const inner = new FieldReader(bytes);
  const locations: number[] = [];
  const values: number[] = [];
  let count = 0;
  while (all.next()) {
    if (all.field !== SAMPLE) continue;
    if (++count % SAMPLES_BETWEEN === 0) onProgress(all.end / bytes.length);
    let depth = 0;
    let valueCount = 0;
    const labels: { key: number; str: number }[] = [];
    fields.enter(all.begin, all.end);
    while (fields.next()) {
      if (fields.field === LOCATION_ID) depth = fields.numbers(locations, depth);
      else if (fields.field === VALUE) valueCount = fields.numbers(values, valueCount);
      else if (fields.field === LABEL) {
        inner.enter(fields.begin, fields.end);
        const label = readLabel(inner);
        if (label.str !== 0) labels.push(label);
      }
    }
    yield { locations, depth, values, valueCount, labels };
  }
}

function readLabel(fields: FieldReader): { key: number; str: number } {
  const label = { key: 0, str: 0 };
  while (fields.next()) {
    if (fields.field === KEY) label.key = fields.number();
    else if (fields.field === STR) label.str = fields.number();
  }
  return label;
}
