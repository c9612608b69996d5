// SPDX-License-Identifier: MIT
// Writes wire batches by the drawing in native/core/wire.h, for tests of the reader. Shares no code
// with either side of the product: its checksum is the textbook's, bit by bit.

export interface BatchParts {
  base?: number;
  sequence: number;
  first?: { string: number; frame: number; site: number };
  strings?: string[];
  /** functionName, filename, line, column, scriptId, flags */
  frames?: number[][];
  sites?: { domain: number; frames: number[]; total: number }[];
  counters?: {
    site: number;
    samples: number;
    allocatedSamples?: number;
    /** live size, count, variance; allocated size, count */
    figures: [number, number, number, number, number];
    types?: { type: number; size: number; count: number }[];
  }[];
  traced?: [current: number, peak: number];
}

export function encodeBatch(parts: BatchParts): ArrayBuffer {
  const { strings = [], frames = [], sites = [], counters = [] } = parts;
  const { string = 0, frame = 0, site = 0 } = parts.first ?? {};
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
  u32(0x31424d54, 0, 0, parts.base ?? 0, parts.sequence);
  u32(string, strings.length, frame, frames.length, site, sites.length);
  u32(total(sites.map((s) => s.frames.length)), counters.length);
  u32(total(counters.map((c) => c.types?.length ?? 0)), total(texts.map((t) => t.length)), 0);
  f64(...(parts.traced ?? [0, 0]));
  for (const row of counters) {
    u32(row.site, row.samples, row.allocatedSamples ?? 0, row.types?.length ?? 0);
    f64(...row.figures);
  }
  for (const { types = [] } of counters) {
    for (const { type, size, count } of types) {
      u32(type, 0);
      f64(size, count);
    }
  }
  for (const row of frames) u32(...row);
  for (const row of sites) u32(row.domain, row.frames.length, row.total, 0);
  for (const row of sites) u32(...row.frames);
  let end = 0;
  for (const text of texts) {
    end += text.length;
    u32(end);
  }
  for (const text of texts) bytes.push(...text);
  return seal(Uint8Array.from(bytes).buffer);
}

/** Makes length and checksum right again, after a test has changed something else. */
export function seal(buffer: ArrayBuffer): ArrayBuffer {
  const view = new DataView(buffer);
  view.setUint32(4, buffer.byteLength, true);
  let crc = 0xffffffff;
  for (const byte of new Uint8Array(buffer, 12)) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  view.setUint32(8, ~crc >>> 0, true);
  return buffer;
}
