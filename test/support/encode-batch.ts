// SPDX-License-Identifier: MIT
// Writes wire batches by the layout in native/core/wire.h, for tests of the reader. Shares no code
// with either side of the product: its checksum follows the textbook, in integers.

export interface BatchParts {
  base?: number;
  sequence: number;
  first?: { string: number; frame: number; site: number };
  gone?: { strings?: number[]; frames?: number[]; sites?: number[] };
  strings?: string[];
  /** functionName, filename, line, column, scriptId, flags */
  frames?: number[][];
  sites?: { domain: number; labels?: number; frames: number[]; total: number }[];
  counters?: {
    site: number;
    samples: number;
    /** live size, count, variance; allocated size, count */
    figures: [number, number, number, number, number];
    types?: { type: number; size: number; count: number }[];
  }[];
  traced?: [current: number, peak: number];
}

export function encodeBatch(parts: BatchParts): ArrayBuffer {
  const { strings = [], frames = [], sites = [], counters = [] } = parts;
  const { string = 0, frame = 0, site = 0 } = parts.first ?? {};
  const gone = [parts.gone?.strings ?? [], parts.gone?.frames ?? [], parts.gone?.sites ?? []];
  const texts = strings.map((text) => new TextEncoder().encode(text));
  const bytes: number[] = [];
  const u32 = (...values: number[]) => {
    for (const value of values) {
      for (const shift of [0, 8, 16, 24]) bytes.push((value >>> shift) & 255);
    }
  };
  const f64 = (...values: number[]) => {
    for (const value of values) {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value, true);
      for (let i = 0; i < 8; i++) bytes.push(view.getUint8(i));
    }
  };
  const total = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0);
  u32(0x32424d54, 0, 0, parts.base ?? 0, parts.sequence);
  u32(string, strings.length, frame, frames.length, site, sites.length);
  u32(total(sites.map((s) => s.frames.length)), counters.length);
  u32(total(counters.map((c) => c.types?.length ?? 0)), total(texts.map((t) => t.length)));
  u32(...gone.map((ids) => ids.length));
  f64(...(parts.traced ?? [0, 0]));
  for (const row of counters) {
    u32(row.site, row.samples, 0, row.types?.length ?? 0);
    f64(...row.figures);
  }
  for (const { types = [] } of counters) {
    for (const { type, size, count } of types) {
      u32(type, 0);
      f64(size, count);
    }
  }
  u32(...gone.flat());
  for (const row of frames) u32(...row);
  for (const row of sites) u32(row.domain, row.frames.length, row.total, row.labels ?? 0);
  for (const row of sites) u32(...row.frames);
  let end = 0;
  for (const text of texts) {
    end += text.length;
    u32(end);
  }
  for (const text of texts) bytes.push(...text);
  return seal(Uint8Array.from(bytes).buffer);
}

/** Corrects length and checksum after a test has changed something else. */
export function seal(buffer: ArrayBuffer): ArrayBuffer {
  const view = new DataView(buffer);
  view.setUint32(4, buffer.byteLength, true);
  view.setUint32(8, Number(murmurHash(new Uint8Array(buffer, 12))), true);
  return buffer;
}

function murmurHash(bytes: Uint8Array): bigint {
  const word = (n: bigint) => BigInt.asUintN(32, n);
  const rotated = (n: bigint, bits: bigint) => word(n << bits) | (n >> (32n - bits));
  const scrambled = (n: bigint) => word(rotated(word(n * 0xcc9e2d51n), 15n) * 0x1b873593n);
  const whole = bytes.length - (bytes.length % 4);
  const read = (from: number, to: number) =>
    [...bytes.slice(from, to)].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let hash = 0n;
  for (let at = 0; at < whole; at += 4) {
    hash = word(rotated(hash ^ scrambled(read(at, at + 4)), 13n) * 5n + 0xe6546b64n);
  }
  hash ^= scrambled(read(whole, bytes.length)) ^ BigInt(bytes.length);
  hash = word((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  hash = word((hash ^ (hash >> 13n)) * 0xc2b2ae35n);
  return hash ^ (hash >> 16n);
}
