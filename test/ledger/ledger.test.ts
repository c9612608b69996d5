// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { toJson } from '../../src/exporters/json.js';
import { MemoryLedger } from '../../src/ledger/ledger.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { evaluate, programs } from '../support/child.js';
import { snapshotOf } from '../support/snapshots.js';

const ask = programs<typeof import('../fixtures/ledger.mjs')>('ledger');

const MIB = 1024 * 1024;

const LABELS: Readonly<Record<string, string>> = {
  heap: 'V8 heap',
  v8: 'other memory of V8',
  malloc: 'other malloc, in use',
  mallocFree: 'malloc, free',
};

/** A ledger from sizes in MiB. */
function ledgerOf(rss: number, sizes: Record<string, number>): MemoryLedger {
  const rows = Object.entries(sizes).map(([name, size]) => ({
    name,
    label: LABELS[name] ?? name,
    bytes: size * MIB,
  }));
  return new MemoryLedger({ rows, rss: rss * MIB, timestamp: 1_700_000_000_000 });
}

test('unexplained is the difference of RSS and all rows, even if negative', () => {
  expect(ledgerOf(100, { heap: 60, malloc: 30 }).unexplained).toBe(10 * MIB);
  expect(ledgerOf(100, { heap: 60, malloc: 50 }).unexplained).toBe(-10 * MIB);
});

test('a ledger is a frozen value, with plain JSON', () => {
  const ledger = ledgerOf(100, { heap: 60 });
  expect(Object.isFrozen(ledger.rows) && Object.isFrozen(ledger.rows[0])).toBe(true);
  expect(JSON.parse(JSON.stringify(ledger))).toEqual({
    rows: [{ name: 'heap', label: 'V8 heap', bytes: 60 * MIB }],
    rss: 100 * MIB,
    unexplained: 40 * MIB,
    timestamp: 1_700_000_000_000,
  });
});

test('its text has the largest row first, without empty rows', () => {
  expect(String(ledgerOf(100, { mallocFree: 0, malloc: 25, heap: 62.5 }))).toBe(
    `RSS 100 MiB
  V8 heap               62.5 MiB  ###############
  other malloc, in use  25.0 MiB  ######
  unexplained           12.5 MiB  ###`,
  );
});

test('the text of growth ends with the diagnosis', () => {
  const old = ledgerOf(100, { heap: 60, malloc: 35, mallocFree: 1 });
  const now = ledgerOf(200, { heap: 62, malloc: 34, mallocFree: 99 });
  expect(String(now.compareTo(old))).toBe(
    `RSS 200 MiB (+100 MiB)
  malloc, free          +98.0 MiB  ########################
  V8 heap               +2048 KiB
  other malloc, in use  -1024 KiB
  unexplained           +1024 KiB
98 % of the growth is malloc memory that is free but not returned to the system`,
  );
});

test('compareTo includes rows that only one ledger has', () => {
  const old = ledgerOf(100, { heap: 50, 'heap:1': 30 });
  const { rows, rssDiff } = ledgerOf(90, { heap: 50, 'heap:2': 20 }).compareTo(old);
  expect(rssDiff).toBe(-10 * MIB);
  expect(rows.map(({ name, bytes, bytesDiff }) => [name, bytes / MIB, bytesDiff / MIB])).toEqual([
    ['heap:1', 0, -30],
    ['heap:2', 20, 20],
    ['heap', 50, 0],
  ]);
});

test.each([
  { growth: { heap: 79, malloc: 21 }, says: undefined },
  {
    growth: { heap: 81, malloc: 19 },
    says: '81 % of the growth is JavaScript objects in the heap of the main thread',
  },
  {
    growth: { 'heap:7': 95, malloc: 5 },
    says: '95 % of the growth is JavaScript objects in the heap of worker 7',
  },
  {
    growth: { 'heap:1': 45, 'heap:2': 40, v8: 10, malloc: 5 },
    says: '95 % of the growth is JavaScript objects in the heaps of 2 workers',
  },
  {
    growth: { 'heap:1': 40, v8: 50, malloc: 10 },
    says: '90 % of the growth is memory of V8, in the heap of worker 1 or in threads that do not trace',
  },
  {
    growth: { 'heap:1': 20, 'heap:2': 20, v8: 55, malloc: 5 },
    says: '95 % of the growth is memory of V8, in the heaps of 2 workers or in threads that do not trace',
  },
  { growth: { 'heap:1': 40, v8: 30, malloc: 30 }, says: undefined },
  // The growth exceeds that of RSS, since other rows shrank.
  { growth: { wasm: 160, heap: -60 }, says: '100 % of the growth is WebAssembly memory' },
  { growth: { wasm: 160, malloc: 60, heap: -120 }, says: undefined },
  // Mostly unexplained.
  { growth: { heap: 2 }, says: undefined },
])('diagnosis of $growth', ({ growth, says }) => {
  const start = {
    heap: 200,
    'heap:1': 10,
    'heap:2': 10,
    'heap:7': 10,
    v8: 10,
    malloc: 10,
    wasm: 0,
  };
  const end = Object.fromEntries(
    Object.entries(start).map(([name, size]) => [
      name,
      size + ((growth as Record<string, number>)[name] ?? 0),
    ]),
  );
  expect(ledgerOf(400, end).compareTo(ledgerOf(300, start)).diagnosis).toBe(says);
});

test('neither a small growth nor shrinking has a diagnosis', () => {
  const before = ledgerOf(100, { heap: 50 });
  expect(ledgerOf(103, { heap: 53 }).compareTo(before).diagnosis).toBeUndefined();
  expect(ledgerOf(50, { heap: 60 }).compareTo(before).diagnosis).toBeUndefined();
});

test('compareTo requires a ledger', () => {
  const ledger = ledgerOf(1, {});
  expect(() => ledger.compareTo({ ...ledger } as MemoryLedger)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
  );
});

test('a ledger stays with its snapshot in a dump, and in a merge within its process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  const plain = snapshotOf([{ at: ['a.js:1'], size: 10 }]);
  const { process } = plain;
  const withLedger = (pid: number, timestamp: number) =>
    new Snapshot(plain.traces, {
      ...plain,
      timestamp,
      process: { ...process, pid, ledger: ledgerOf(timestamp, { heap: 1 }) },
    });
  const snapshot = withLedger(1, 5);
  try {
    const file = join(directory, 'snapshot.pb.gz');
    await snapshot.dump(file);
    const { ledger } = (await Snapshot.load(file)).process;
    expect(ledger).toBeInstanceOf(MemoryLedger);
    expect(ledger).toEqual(snapshot.process.ledger);
  } finally {
    rmSync(directory, { recursive: true });
  }
  const merged = Snapshot.merge([withLedger(1, 9), snapshot, plain]);
  expect(merged.process.ledger?.rss).toBe(9 * MIB);
  expect(Snapshot.merge([snapshot, withLedger(2, 9)]).process).not.toHaveProperty('ledger');
});

test('JSON of a snapshot with a ledger conforms to the published schema', () => {
  const schema = new URL('../../docs/snapshot.schema.json', import.meta.url);
  const validate = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));
  const plain = snapshotOf([]);
  const ledger = ledgerOf(5, { heap: 6 });
  const process = { ...plain.process, ledger };
  const json = JSON.parse(toJson(new Snapshot([], { ...plain, process })));
  expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
  expect(json.process.ledger).toMatchObject({ rss: 5 * MIB, unexplained: -MIB });
  json.process.ledger.rows[0].bytes = '6 MiB';
  expect(validate(json)).toBe(false);
});

test('a snapshot has a ledger only if requested', async () => {
  const found = await ask<unknown[]>('askedFor');
  expect(found).toEqual([true, false, 'ERR_INVALID_OPTION', 'ERR_INVALID_OPTION']);
});

test('rows add up to RSS in an idle process, without tracing', async () => {
  const ledger = await evaluate(async ({ tracemalloc }) => {
    return tracemalloc.getMemoryLedger();
  });
  expect(ledger.rows.map(({ name }) => name)).toEqual([
    ...['heap', 'v8', 'arrayBuffers', 'external', 'malloc', 'mallocFree', 'otherAnonymous'],
    ...['wasm', 'code', 'stacks', 'files'],
  ]);
  expect(Math.abs(ledger.unexplained)).toBeLessThan(ledger.rss / 20);
  expect(ledger.rows.every(({ bytes }) => bytes >= 0)).toBe(true);
});

test('rows that need the addon are absent without it', async () => {
  const names = await evaluate(
    async ({ tracemalloc }) => {
      return tracemalloc.getMemoryLedger().rows.map(({ name }) => name);
    },
    { args: ['--no-addons'] },
  );
  expect(names).toEqual(['heap', 'arrayBuffers', 'files']);
});

test("malloc's rows are absent if another allocator replaces it", async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  const library = join(directory, 'allocator.so');
  try {
    // Like jemalloc and others, it defines functions of malloc's family.
    execFileSync('g++', ['-shared', '-fPIC', '-x', 'c++', '-o', library, '-'], {
      input: 'extern "C" void* valloc(unsigned long) { return nullptr; }',
    });
    const [names, buffers] = await ask<[string[], number]>('heldBuffer', {
      given: { bytes: 32 * MIB },
      env: { LD_PRELOAD: library },
    });
    expect(names).toEqual([
      ...['heap', 'v8', 'arrayBuffers', 'otherAnonymous'],
      ...['wasm', 'code', 'stacks', 'files'],
    ]);
    expect(buffers / MIB).toBeCloseTo(32, 0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('memory that was never touched is in no row', async () => {
  const unexplained = await evaluate(async ({ tracemalloc }) => {
    const untouched = Buffer.alloc(512 * 1024 * 1024);
    return tracemalloc.getMemoryLedger().unexplained + 0 * untouched.length;
  });
  expect(Math.abs(unexplained)).toBeLessThan(8 * MIB);
});

test('memory that is unmapped or mapped between the two parts of a reading does not count', async () => {
  const [before, unmapped, mapped, codes] = await ask<[number, number, number, string[]]>(
    'readInParts',
    { args: ['--expose-gc'] },
  );
  expect([before / MIB, unmapped, mapped]).toEqual([32, 0, 0]);
  expect(codes).toEqual(Array(3).fill('ERR_INVALID_ARGUMENT'));
});
