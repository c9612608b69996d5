// SPDX-License-Identifier: MIT
// The row `(not attributable)` and the ledger show what exists, whatever V8 is told.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';

const ask = programs<typeof import('../fixtures/outside-heap.mjs')>('outside-heap');

const MIB = 2 ** 20;
const GC = { args: ['--expose-gc'] };

test('code of asm.js modules, which V8 counts again and again, is not memory', async () => {
  const modules = 320;
  const unseen = await ask<number>('asmJs', { given: { modules }, ...GC });
  // Their buffers are 20 MiB; 4 KiB for what else a module is.
  expect(unseen).toBeLessThan(modules * 4096);
});

test('a WebAssembly memory that grows counts once, as soon as it has grown', async () => {
  const times = 10;
  const sizes = await ask<number[]>('wasmGrows', { given: { times }, ...GC });
  for (const [i, size] of sizes.entries()) {
    // A quarter of a megabyte for other memory that was reported to V8 meanwhile.
    expect([i, size - i * 2 * MIB > -1, size - i * 2 * MIB < MIB / 4]).toEqual([i, true, true]);
  }
});

test("a worker's WebAssembly memories count once in a snapshot of the process", async () => {
  const unseen = await ask<number>('wasmInWorker');
  expect(unseen).toBeGreaterThan(20 * MIB * 0.99);
  expect(unseen).toBeLessThan(22 * MIB);
});

test('buffers that are not touched make no other row of the ledger shrink', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'outside-'));
  try {
    const file = join(directory, 'text');
    const rows = await ask<[string, number][]>('untouched', { given: { file }, ...GC });
    const shrunk = rows.filter(([name, diff]) => diff < -MIB / 2 && name !== 'mallocFree');
    expect(shrunk).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
