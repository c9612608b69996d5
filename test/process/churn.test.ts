// SPDX-License-Identifier: MIT
// What was allocated and collected again, beside what lives, of a program that knows both.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import type { Statistic } from '../../src/snapshot/statistic.js';
import { programs } from '../support/child.js';
import { cli } from '../support/cli.js';

const ask = programs<typeof import('../fixtures/churn.mjs')>('churn');

let directory: string;
let file: string;
/** How many Buffers of `both` the program kept, by its own count. */
let halves: number;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'churn-'));
  file = join(directory, 'heap.pb.gz');
  halves = await ask('dumpOfAll', { given: file, args: ['--expose-gc'] });
});
afterAll(() => rmSync(directory, { recursive: true }));

test('churn is what was collected: of garbage all, of what is kept nothing, of both a part', async () => {
  const snapshot = await Snapshot.load(file);
  const statistics = snapshot.statistics('function', { frames: 'own' });
  const of = (name: string) =>
    statistics.find(({ traceback }) => traceback.at(-1)?.functionName === name) as Statistic;
  expect(halves).toBeGreaterThan(0);
  expect(halves).toBeLessThan(200);
  const exact = { waste: 200 * 100_000, keep: 0, both: (200 - halves) * 20_000 };
  for (const [name, bytes] of Object.entries(exact)) {
    // Besides the bytes, each Buffer has objects on the heap; V8 may keep the last one for longer.
    expect(of(name).churn, name).toBeGreaterThanOrEqual(bytes - 100_000);
    expect(of(name).churn, name).toBeLessThan(bytes + 200 * 1000);
  }
});

test('types are of live objects only: no churn by type, and it says so', async () => {
  const { code, stderr } = await cli(['top', '--sort', 'churn', '--key', 'type', file]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/types are known of live objects only, so there is no churn by type/);
});

test('top --sort churn begins with the line of the garbage, top with what is kept', async () => {
  const first = async (...options: string[]) => {
    const { code, stdout } = await cli(['top', '-k', 'function', ...options, file]);
    expect(code).toBe(0);
    return stdout.split('\n').slice(1, 4);
  };
  const [sum, header, churn] = await first('--sort', 'churn');
  expect(sum).toMatch(/^\d+(\.\d)? MiB allocated and collected again in \d+ sites/);
  expect(header).toMatch(/^ *churn +size +± +count +what +where$/);
  expect(churn).toMatch(/^1\d\.\d MiB .* waste/);
  expect((await first())[2]).toMatch(/(keep|both)/);
});

test('a flame graph by churn has the stacks of the garbage', async () => {
  const output = join(directory, 'churn.folded');
  await cli(['convert', file, '--to', 'folded', '--bytes', 'churn', '-o', output]);
  const [largest] = readFileSync(output, 'utf8').split('\n');
  expect(largest).toMatch(/;waste .* \d{8}$/);
});

test('where only live memory is known there is no churn, and a sentence says so', async () => {
  const live = join(directory, 'live.pb.gz');
  await ask('dumpOfSome', { given: live, args: ['--no-addons'] });
  expect((await Snapshot.load(live)).statistics('filename')[0]?.churn).toBeUndefined();
  expect(await cli(['top', '--sort', 'churn', live])).toMatchObject({
    ...{ code: 1, stdout: '' },
    stderr: expect.stringContaining('live bytes only'),
  });
});
