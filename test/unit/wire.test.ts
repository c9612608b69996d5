// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { TracemallocError } from '../../src/errors.js';
import { runThrough } from '../../src/host/steps.js';
import { murmurHash } from '../../src/mirror/murmur-hash.js';
import { Mirror } from '../../src/mirror/wire.js';
import { type BatchParts, encodeBatch, seal } from '../support/encode-batch.js';

const FIRST: BatchParts = {
  sequence: 1,
  strings: ['', 'remember', 'file:///app/größe.js', 'push', 'Array'],
  frames: [
    [1, 2, 9, 14, 77, 1],
    [3, 0, 0, 0, 0, 2],
  ],
  sites: [
    { domain: 0, frames: [1, 0], total: 5 },
    { domain: 1, labels: 3, frames: [], total: 0 },
  ],
  counters: [
    { site: 0, samples: 3, figures: [4096.5, 2.25, 1e6, NaN, NaN] },
    {
      site: 1,
      samples: 1,
      figures: [64, 1, 0, 128, 2],
      types: [{ type: 4, size: 48, count: 0.75 }],
    },
  ],
  traced: [4160.5, 9000],
};

const SECOND: BatchParts = {
  base: 1,
  sequence: 2,
  first: { string: 5, frame: 2, site: 2 },
  strings: ['/app/b.js'],
  frames: [[1, 5, 3, 1, 78, 0]],
  sites: [{ domain: 0, frames: [2, 0], total: 2 }],
  counters: [{ site: 2, samples: 1, figures: [10, 1, 0, 10, 1] }],
};

test.each([
  ['', 0],
  ['test', 0xba6bd213],
  ['Hello, world!', 0xc0363e43],
  ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
])('MurmurHash3: the known answer for %j', (text, answer) => {
  const bytes = new TextEncoder().encode(`....${text}`);
  expect(runThrough(murmurHash(bytes.slice().buffer, 4))).toBe(answer);
});

const COUNTERS_AT = 88;
const TYPED_AT = COUNTERS_AT + 2 * 56;
const FRAMES_AT = TYPED_AT + 24;
const SITES_AT = FRAMES_AT + 2 * 24;
const SITE_FRAMES_AT = SITES_AT + 2 * 16;
const STRING_ENDS_AT = SITE_FRAMES_AT + 2 * 4;

function state(mirror: Mirror): string {
  const { sequence, sites, counters, tracedCurrent, tracedPeak } = mirror;
  return JSON.stringify({ sequence, sites, counters, tracedCurrent, tracedPeak });
}

function expectRefused(mirror: Mirror, batch: ArrayBuffer, what?: unknown): void {
  const before = JSON.parse(state(mirror));
  let error: unknown;
  try {
    mirror.apply(batch);
  } catch (thrown) {
    error = thrown;
  }
  expect(error, String(what)).toBeInstanceOf(TracemallocError);
  expect((error as TracemallocError).code, String(what)).toBe('ERR_CORRUPT_BATCH');
  expect(JSON.parse(state(mirror)), String(what)).toEqual({ ...before, sequence: 0 });
}

const REMEMBER = {
  functionName: 'remember',
  filename: 'file:///app/größe.js',
  line: 9,
  column: 14,
  isApproximate: true,
  isNative: false,
  isNearColumn: false,
};
const PUSH = {
  functionName: 'push',
  filename: '',
  line: 0,
  column: 0,
  isApproximate: false,
  isNative: true,
  isNearColumn: false,
};

test('reads every field of a first batch', () => {
  const mirror = new Mirror();
  mirror.apply(encodeBatch(FIRST));
  expect(mirror.sequence).toBe(1);
  expect([mirror.tracedCurrent, mirror.tracedPeak]).toEqual([4160.5, 9000]);
  expect(mirror.sites).toEqual([
    { domain: 'heap', labels: 0, frames: [PUSH, REMEMBER], totalFrames: 5 },
    { domain: 'buffer', labels: 3, frames: [], totalFrames: 0 },
  ]);
  expect(mirror.counters).toEqual([
    {
      liveSamples: 3,
      liveSize: 4096.5,
      liveCount: 2.25,
      liveVariance: 1e6,
      allocatedSize: NaN,
      allocatedCount: NaN,
      types: [],
    },
    {
      liveSamples: 1,
      liveSize: 64,
      liveCount: 1,
      liveVariance: 0,
      allocatedSize: 128,
      allocatedCount: 2,
      types: [{ type: 'Array', size: 48, count: 0.75 }],
    },
  ]);
});

test('a second batch adds, and replaces counters', () => {
  const mirror = new Mirror();
  mirror.apply(encodeBatch(FIRST));
  const before = mirror.counters[0];
  mirror.apply(
    encodeBatch({
      ...SECOND,
      counters: [
        ...(SECOND.counters ?? []),
        { site: 0, samples: 4, figures: [5000, 3, 2e6, NaN, NaN] },
      ],
    }),
  );
  expect(mirror.sequence).toBe(2);
  expect(mirror.sites).toHaveLength(3);
  const [own, outer] = mirror.sites[2]?.frames ?? [];
  expect([own?.filename, own?.functionName]).toEqual(['/app/b.js', 'remember']);
  expect(outer, 'one frame is one object').toBe(mirror.sites[0]?.frames[1]);
  expect(mirror.counters[0]?.liveSize).toBe(5000);
  expect(mirror.counters[1]?.liveSize).toBe(64);
  expect(before?.liveSize, 'an older snapshot holds the row').toBe(4096.5);
});

test('a batch with base 0 replaces everything, in new tables', () => {
  const mirror = new Mirror();
  mirror.apply(encodeBatch(FIRST));
  const { sites, counters } = mirror;
  mirror.apply(encodeBatch({ sequence: 9, strings: [''], sites: [] }));
  expect(mirror.sequence).toBe(9);
  expect([mirror.sites, mirror.counters]).toEqual([[], []]);
  expect([sites.length, counters.length]).toEqual([2, 2]);
});

test('removed entries are taken out, ids move down, and others stay the same objects', () => {
  const mirror = new Mirror();
  mirror.apply(encodeBatch(FIRST));
  mirror.apply(encodeBatch(SECOND));
  const { sites, counters } = mirror;
  const before = [[...sites], [...counters]];
  mirror.apply(
    encodeBatch({
      base: 2,
      sequence: 3,
      gone: { strings: [2, 3], frames: [0], sites: [0] },
      // Of '', remember, Array, /app/b.js; of push and the frame in b.js; of the sites 1 and 2.
      first: { string: 4, frame: 2, site: 2 },
      strings: ['Map'],
      frames: [[4, 3, 7, 1, 79, 0]],
      sites: [{ domain: 0, frames: [2, 1], total: 2 }],
      counters: [
        { site: 2, samples: 1, figures: [7, 1, 0, 7, 1], types: [{ type: 2, size: 7, count: 1 }] },
        { site: 1, samples: 2, figures: [20, 2, 0, 20, 2] },
      ],
    }),
  );
  expect(mirror.sites).toHaveLength(3);
  expect(mirror.sites[0]).toBe(sites[1]);
  expect(mirror.sites[1]).toBe(sites[2]);
  expect(mirror.counters[0], 'an unchanged row').toBe(counters[1]);
  expect(mirror.counters[1]?.liveSize).toBe(20);
  expect(mirror.counters[2]?.types[0]?.type).toBe('Array');
  expect(mirror.sites[2]?.frames.map((frame) => frame.filename)).toEqual([
    '/app/b.js',
    '/app/b.js',
  ]);
  expect(mirror.sites[2]?.frames[0]?.functionName).toBe('Map');
  expect(mirror.sites[1]?.frames[1], 'a site keeps its frames').toEqual(REMEMBER);
  expect(mirror.string(4)).toBe('Map');
  expect([[...sites], [...counters]], 'an older snapshot has its lists').toEqual(before);
});

test.each([
  ['twice', [1, 1]],
  ['out of order', [1, 0]],
  ['never there', [5]],
])('a batch that lists removed entries (%s) is refused and changes nothing', (_, ids) => {
  for (const table of ['strings', 'frames', 'sites'] as const) {
    const known = { strings: 5, frames: 2, sites: 2 };
    const first = { string: 5, frame: 2, site: 2 };
    first[table.slice(0, -1) as keyof typeof first] = known[table] - ids.length;
    const mirror = new Mirror();
    mirror.apply(encodeBatch(FIRST));
    const batch = encodeBatch({ base: 1, sequence: 2, gone: { [table]: ids }, first });
    expectRefused(mirror, batch, table);
  }
});

test('a site without samples has figures of zero', () => {
  const mirror = new Mirror();
  mirror.apply(encodeBatch({ ...FIRST, counters: [] }));
  expect(mirror.counters).toHaveLength(2);
  expect(mirror.counters[1]).toMatchObject({ liveSamples: 0, liveSize: 0, allocatedSize: 0 });
});

test('every truncation is refused and changes nothing', () => {
  const whole = encodeBatch(FIRST);
  for (let length = 0; length < whole.byteLength; length++) {
    expectRefused(new Mirror(), whole.slice(0, length), length);
  }
  const longer = new Uint8Array(whole.byteLength + 1);
  longer.set(new Uint8Array(whole));
  expectRefused(new Mirror(), longer.buffer);
});

test('every flipped bit is refused and changes nothing', () => {
  const whole = new Uint8Array(encodeBatch(SECOND));
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const mirror = new Mirror();
    mirror.apply(encodeBatch(FIRST));
    const damaged = whole.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    expectRefused(mirror, damaged.buffer, bit);
  }
});

const NONSENSE: [what: string, offset: number, value: number][] = [
  ['magic', 0, 0x32424d55],
  ['adds to a batch never seen', 12, 7],
  ['sequence does not move on', 16, 0],
  ['strings begin elsewhere', 20, 1],
  ['more strings than fit', 24, 6],
  ['2^32 - 1 strings', 24, 0xffffffff],
  ['frames begin elsewhere', 28, 1],
  ['fewer frames than there are', 32, 1],
  ['2^32 - 1 frames', 32, 0xffffffff],
  ['sites begin elsewhere', 36, 1],
  ['2^32 - 1 sites', 40, 0xffffffff],
  ['2^32 - 1 frames of sites', 44, 0xffffffff],
  ['2^32 - 1 counters', 48, 0xffffffff],
  ['2^32 - 1 types', 52, 0xffffffff],
  ['2^32 - 1 bytes of strings', 56, 0xffffffff],
  ['2^32 - 1 strings gone', 60, 0xffffffff],
  ['2^32 - 1 frames gone', 64, 0xffffffff],
  ['2^32 - 1 sites gone', 68, 0xffffffff],
  ['counters of a site that is not', COUNTERS_AT, 2],
  ['more types than there are', COUNTERS_AT + 12, 2],
  ['fewer types than there are', COUNTERS_AT + 56 + 12, 0],
  ['a type that is no string', TYPED_AT, 5],
  ['a function name that is no string', FRAMES_AT, 5],
  ['a filename that is no string', FRAMES_AT + 4, 5],
  ['a domain that is not', SITES_AT, 2],
  ['more site frames than there are', SITES_AT + 4, 3],
  ['fewer site frames than there are', SITES_AT + 4, 1],
  ['a frame that is not', SITE_FRAMES_AT, 2],
  ['a string that ends before it begins', STRING_ENDS_AT + 8, 1],
  ['a string beyond the end', STRING_ENDS_AT + 16, 1000],
  ['string bytes left over', STRING_ENDS_AT + 16, 38],
];

test.each(NONSENSE)('a batch with a right checksum is refused: %s', (what, offset, value) => {
  const batch = encodeBatch(FIRST);
  expect(new DataView(batch).getUint32(offset, true), 'the test changes something').not.toBe(value);
  new DataView(batch).setUint32(offset, value, true);
  expectRefused(new Mirror(), seal(batch), what);
});

test.each([
  ['live size', COUNTERS_AT + 16],
  ['live count', COUNTERS_AT + 24],
  ['variance', COUNTERS_AT + 32],
  ['size of a type', TYPED_AT + 8],
  ['count of a type', TYPED_AT + 16],
  ['traced', 72],
  ['peak', 80],
])('a %s that is not a number is refused', (what, offset) => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const batch = encodeBatch(FIRST);
    new DataView(batch).setFloat64(offset, value, true);
    expectRefused(new Mirror(), seal(batch), what);
  }
});

test('after a damaged batch the mirror requests everything, and applies it', () => {
  const mirror = new Mirror();
  mirror.apply(encodeBatch(FIRST));
  const healthy = state(mirror);
  expectRefused(mirror, encodeBatch(SECOND).slice(0, 100));
  expect(mirror.sequence, 'what takeBatch() is asked with').toBe(0);
  mirror.apply(encodeBatch({ ...FIRST, sequence: 3 }));
  expect(JSON.parse(state(mirror))).toEqual({ ...JSON.parse(healthy), sequence: 3 });
});

test('a batch applied in steps is not visible before the last step', () => {
  const [mirror, atOnce] = [new Mirror(), new Mirror()];
  atOnce.apply(encodeBatch(FIRST));
  const empty = state(mirror);
  const steps = mirror.applying(encodeBatch(FIRST));
  let count = 0;
  while (!steps.next().done) {
    expect(state(mirror)).toBe(empty);
    count++;
  }
  expect(count).toBeGreaterThan(5);
  expect(state(mirror)).toBe(state(atOnce));
});

test('finish() between steps applies the rest of the batch, and its steps end', () => {
  const [mirror, atOnce] = [new Mirror(), new Mirror()];
  const steps = mirror.applying(encodeBatch(FIRST));
  steps.next();
  mirror.finish();
  mirror.apply(encodeBatch(SECOND));
  for (const part of [FIRST, SECOND]) atOnce.apply(encodeBatch(part));
  expect(state(mirror)).toBe(state(atOnce));
  expect(steps.next().done).toBe(true);
  expect(state(mirror)).toBe(state(atOnce));
});

test('a batch is not applied further after forget()', () => {
  const mirror = new Mirror();
  const steps = mirror.applying(encodeBatch(FIRST));
  steps.next();
  mirror.forget();
  expect(steps.next().done).toBe(true);
  expect([mirror.sequence, mirror.sites.length]).toEqual([0, 0]);
  mirror.apply(encodeBatch(FIRST));
  expect(mirror.sequence).toBe(1);
});

test('a damaged batch is also refused in steps', () => {
  const mirror = new Mirror();
  const batch = encodeBatch(FIRST);
  const view = new DataView(batch);
  view.setUint8(STRING_ENDS_AT, view.getUint8(STRING_ENDS_AT) ^ 1);
  expect(() => [...mirror.applying(batch)]).toThrow(TracemallocError);
  expect(mirror.sequence).toBe(0);
});
