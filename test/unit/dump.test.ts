// SPDX-License-Identifier: MIT
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Profile, StringTable } from 'pprof-format';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseFacts } from '../../src/pprof/facts.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { Frame } from '../../src/traces/frame.js';
import { Trace } from '../../src/traces/trace.js';
import { Traceback } from '../../src/traces/traceback.js';
import { snapshotOf } from '../support/snapshots.js';
import { goPprof, withGo } from '../support/tools.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
});
afterEach(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);

function rich(scale = 1): Snapshot {
  const outer = new Frame('/app/main.js', 3, { column: 7, functionName: 'main' });
  const inner = new Frame('/app/cache.js', 9, { functionName: 'put', approximate: true });
  const nameless = new Frame('/app/été.js', 0);
  const { process, domains } = snapshotOf([]);
  return new Snapshot(
    [
      new Trace({
        domain: 'heap',
        size: 1_000_000.25 * scale,
        count: 10.5 * scale,
        allocatedSize: 7e12 + 0.5,
        allocatedCount: 20.25,
        samples: 4,
        variance: 12.75,
        types: [
          { type: 'Session', size: 600_000.5 * scale, count: 6.25 },
          { type: 'Array', size: 100.75 * scale, count: 1.5 },
        ],
        age: { mean: 12.25, oldest: 100.1, collections: 3.5 },
        traceback: new Traceback([outer, inner], 40),
      }),
      new Trace({
        domain: 'buffer',
        size: 512,
        count: 1,
        allocatedSize: undefined,
        allocatedCount: undefined,
        samples: 1,
        variance: 0,
        age: { mean: 0, oldest: 1 / 3, collections: undefined },
        types: [],
        traceback: new Traceback([outer, nameless]),
      }),
    ],
    {
      tracebackLimit: 5,
      sampleInterval: 4096,
      timestamp: 1_700_000_000_123,
      duration: 90_000.5,
      survivors: true,
      domains,
      precision: 'line',
      process,
    },
  );
}

test('a dumped snapshot loads equal, with every figure, frame and fact', async () => {
  const snapshot = rich();
  await snapshot.dump(at('a.pb.gz'));
  const loaded = await Snapshot.load(at('a.pb.gz'));
  expect(loaded.traces).toEqual(snapshot.traces);
  expect({ ...loaded }).toEqual({ ...snapshot });
  expect(readdirSync(directory)).toEqual(['a.pb.gz']);
});

test('only traces whose age is known have one when they are loaded, and nonsense is refused', async () => {
  const age = { mean: 2, oldest: 3, collections: 0 };
  const rows = [
    { at: ['a.js:1:'], size: 5 },
    { at: ['b.js:1:'], size: 6, age },
  ];
  await snapshotOf(rows).dump(at('ages.pb'));
  const loaded = await Snapshot.load(at('ages.pb'));
  expect(loaded.traces.map((trace) => trace.age)).toEqual([undefined, age]);
  const profile = Profile.decode(gunzipSync(readFileSync(at('ages.pb'))));
  for (const [row, other] of [
    ['[2,3,0]', '[2,3]'],
    ['[2,3,0]', '[2,null,0]'],
    ['[]', '[-1,3,0]'],
  ] as const) {
    const strings = profile.stringTable.strings.map((text) =>
      text === `#age ${row}` ? `#age ${other}` : text,
    );
    const changed = new Profile({ ...profile, stringTable: new StringTable() });
    changed.stringTable = Object.assign(new StringTable(), { strings: [] });
    for (const text of strings) changed.stringTable.dedup(text);
    writeFileSync(at('changed.pb'), changed.encode());
    await expect(Snapshot.load(at('changed.pb'))).rejects.toThrow(/damaged ages/);
  }
});

test('an empty snapshot loads empty; an uncompressed profile loads too', async () => {
  await snapshotOf([]).dump(at('a'));
  expect((await Snapshot.load(at('a'))).traces).toEqual([]);
  await rich().dump(at('b'));
  writeFileSync(at('c'), gunzipSync(readFileSync(at('b'))));
  expect((await Snapshot.load(at('c'))).traces).toEqual(rich().traces);
});

test('only its owner can read a dump, whatever the umask, and whatever it replaces', async () => {
  const umask = process.umask(0);
  try {
    await rich().dump(at('new'));
    writeFileSync(at('old'), '', { mode: 0o666 });
    await rich().dump(at('old'));
  } finally {
    process.umask(umask);
  }
  for (const name of ['new', 'old']) expect(statSync(at(name)).mode & 0o777).toBe(0o600);
});

test('a dump keeps what was found to hold objects, and damaged findings are refused', async () => {
  const retainers = [
    {
      ...{ site: '/app/cache.js:9', time: 1, size: 512, liveSamples: 3 },
      ...{ samples: 2, unheld: 1, changed: 0, end: 'complete' as const },
      paths: [{ count: 1, steps: ['variable `cache`', 'Session'] }],
    },
  ];
  const { traces, ...facts } = rich();
  const kept = new Snapshot(traces, { ...facts, process: { ...facts.process, retainers } });
  await kept.dump(at('heap.pb.gz'));
  expect((await Snapshot.load(at('heap.pb.gz'))).process.retainers).toEqual(retainers);
  const wrong = [{ ...retainers[0]!, paths: [{ count: 1, steps: [2] }] }] as never;
  await new Snapshot(traces, {
    ...facts,
    process: { ...facts.process, retainers: wrong },
  }).dump(at('wrong.pb.gz'));
  await expect(Snapshot.load(at('wrong.pb.gz'))).rejects.toThrow('damaged retainers');
});

test('a dump replaces an existing file', async () => {
  writeFileSync(at('a'), 'old');
  await rich().dump(at('a'));
  expect((await Snapshot.load(at('a'))).traces).toHaveLength(2);
});

test.each([
  ['a missing directory', () => at('missing/a')],
  ['a directory in its place', () => directory],
  ['a device that is no directory', () => '/dev/null/a'],
])('a dump to %s is an error with a code and leaves nothing', async (_, path) => {
  await expect(rich().dump(path())).rejects.toMatchObject({ code: 'ERR_WRITE_FAILED' });
  expect(readdirSync(directory)).toEqual([]);
});

test.skipIf(process.getuid?.() === 0)('a read-only directory is an error', async () => {
  chmodSync(directory, 0o555);
  await expect(rich().dump(at('a'))).rejects.toMatchObject({ code: 'ERR_WRITE_FAILED' });
});

test('a missing file and an invalid path are errors', async () => {
  await expect(Snapshot.load(at('no'))).rejects.toMatchObject({ code: 'ERR_READ_FAILED' });
  await expect(Snapshot.load('')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
});

test.each([
  ['empty', () => Buffer.alloc(0)],
  ['text', () => Buffer.from('not a profile\n')],
  ['JSON, compressed', () => gzipSync('{}')],
  ['cut in the middle', (whole: Buffer) => whole.subarray(0, whole.length >> 1)],
  [
    'with a flipped byte',
    (whole: Buffer) => Buffer.from(whole.map((b, i) => (i === 60 ? b ^ 1 : b))),
  ],
  [
    'of damaged figures',
    (whole: Buffer) => changed(whole, '#trace [1000000.25', '#trace [1000000,25'),
  ],
  ['of a later version', (whole: Buffer) => changed(whole, '"version":1', '"version":9')],
])('a file that is %s is refused with a code', async (_, damage) => {
  await rich().dump(at('a'));
  writeFileSync(at('b'), damage(readFileSync(at('a'))));
  await expect(Snapshot.load(at('b'))).rejects.toMatchObject({ code: 'ERR_INVALID_PROFILE' });
});

test('a small file that unpacks to too much memory is refused', async () => {
  writeFileSync(at('bomb'), gzipSync(Buffer.alloc(300 * 2 ** 20), { level: 1 }));
  await expect(Snapshot.load(at('bomb'))).rejects.toMatchObject({
    code: 'ERR_INVALID_PROFILE',
    message: expect.stringContaining('that unpack to more than 256 MiB are no profile'),
  });
});

function changed(whole: Buffer, from: string, to: string): Buffer {
  const text = gunzipSync(whole).toString('latin1');
  expect(text).toContain(from);
  return gzipSync(Buffer.from(text.replace(from, to), 'latin1'));
}

test('a heap profile of @datadog/pprof loads', async () => {
  const { heap, encode } = (await import('@datadog/pprof')).default;
  heap.start(1024, 16);
  const kept = Array.from({ length: 20_000 }, (_, i) => ({ i, text: `row ${i}` }));
  const profile = heap.profile();
  heap.stop();
  writeFileSync(at('dd'), await encode(profile));
  const snapshot = await Snapshot.load(at('dd'));
  const live = snapshot.statistics('filename').reduce((sum, { size }) => sum + size, 0);
  expect(live).toBeGreaterThan(200_000);
  expect(snapshot.sampleInterval).toBe(1024);
  expect(kept).toHaveLength(20_000);
});

test("a heap profile of Go's runtime loads", async () => {
  const path = new URL('../fixtures/go-heap.pb.gz', import.meta.url).pathname;
  const snapshot = await Snapshot.load(path);
  const rows = new Map(
    snapshot.statistics('function').map((row) => [row.traceback.at(-1)?.functionName, row]),
  );
  // Slices of 2000 bytes are blocks of 2048; the list also grows.
  expect(rows.get('main.keep')?.size).toBeGreaterThan(1000 * 2048);
  expect(rows.get('main.keep')?.count).toBe(1001);
  expect(rows.get('main.litter')).toMatchObject({
    size: 0,
    count: 0,
    allocatedSize: 3000 * 1024,
    allocatedCount: 3000,
  });
  const [line] = snapshot.statistics('lineno');
  expect(String(line)).toMatch(/^\.\/main\.go:\d+: size=\d+ KiB, count=1001, average=\d+ B$/);
  expect(snapshot.sampleInterval).toBe(1);
  expect(snapshot.timestamp).toBeGreaterThan(Date.UTC(2026));
});

test('differences between profiles load, including negative numbers', async () => {
  const strings = new StringTable();
  const text = (value: string) => strings.dedup(value);
  const profile = new Profile({
    sampleType: ['inuse_objects', 'inuse_space'].map((type) => ({ type: text(type), unit: 0 })),
    sample: [
      { locationId: [1], value: [-1, -5] },
      { locationId: [2], value: [-3, -5_000_000_000n] },
      { locationId: [2], value: [1, 2n ** 40n] },
    ],
    location: [1, 2].map((id) => ({ id, line: [{ functionId: 1, line: id }] })),
    function: [{ id: 1, name: text('f'), filename: text('f.go') }],
    stringTable: strings,
    durationNanos: 1_500_000_000n,
  });
  writeFileSync(at('diff'), profile.encode());
  const snapshot = await Snapshot.load(at('diff'));
  expect(snapshot.traces.map(({ size, count }) => [size, count])).toEqual([
    [-5, -1],
    [2 ** 40 - 5_000_000_000, -2],
  ]);
  expect(snapshot.duration).toBe(1500);
});

test('go tool pprof shows functions, lines, tags and differences', withGo, async () => {
  await rich(1).dump(at('old'));
  await rich(3).dump(at('new'));
  const top = await goPprof('-top', '-unit=B', at('old'));
  expect(top).toMatch(/^Duration: 90s/m);
  expect(top).toMatch(/^Type: inuse_space$/m);
  expect(top).toMatch(/^\s*1000000B .* put$/m);
  expect(top).not.toContain('#trace');
  expect(await goPprof('-top', '-lines', at('old'))).toMatch(/put \/app\/cache\.js:9/);
  expect(await goPprof('-top', '-unit=B', `-base=${at('old')}`, at('new'))).toMatch(
    /^\s*2000001B .* put$/m,
  );
  expect(await goPprof('-top', '-sample_index=alloc_space', '-unit=B', at('old'))).toMatch(
    /700000000000[01]B/,
  );
  expect(await goPprof('-tags', at('old'))).toMatch(/Session/);
});

test('a profile rewritten by go loads with its integers', withGo, async () => {
  await rich().dump(at('a'));
  await goPprof('-proto', `-output=${at('b')}`, `-base=${at('a')}`, at('a'));
  const none = await Snapshot.load(at('b'));
  expect(none.statistics('filename').reduce((sum, { size }) => sum + size, 0)).toBe(0);
});

test('go tool pprof keeps anonymous functions and labels apart', withGo, async () => {
  const frame = (filename: string, lineno: number, column = 3) =>
    new Trace({
      ...rich().traces[0]!,
      ...{ size: 1000 * lineno, types: [] },
      traceback: new Traceback([new Frame(filename, lineno, { column })], 1),
    });
  const traces = [
    ...[frame('/app/a.js', 12), frame('/app/a.js', 13), frame('/app/b.js', 12)],
    ...[frame('/app/a.js', 14, 0), frame('(native)', 0, 0), frame('(tls data)', 0, 0)],
  ].map((trace, i) => new Trace({ ...trace, size: 1000 * (i + 1) }));
  const snapshot = new Snapshot(traces, rich());
  await snapshot.dump(at('anonymous.pb.gz'));
  const top = await goPprof('-top', '-unit=B', at('anonymous.pb.gz'));
  const names = [...top.matchAll(/^ *(\d+)B .*%\s+(\(.*)$/gm)].map(([, size, name]) => [
    Number(size),
    name,
  ]);
  expect(names).toEqual([
    [6000, '(tls data)'],
    [5000, '(native)'],
    [4000, '(anonymous:14)'],
    [3000, '(anonymous:12:3 /app/b.js)'],
    [2000, '(anonymous:13:3)'],
    [1000, '(anonymous:12:3)'],
  ]);
  const loaded = await Snapshot.load(at('anonymous.pb.gz'));
  expect(loaded.traces.map(({ traceback }) => traceback.at(-1)?.functionName)).toEqual(
    Array(6).fill(''),
  );
});

test('notes in a profile that are too long to be ours are not parsed', () => {
  const endless = `{"version":1,"approximate":[${'1,'.repeat(17 * 2 ** 20)}1]}`;
  expect(() => parseFacts(endless)).toThrow(/^\d+ characters of tracemalloc's notes$/);
});
