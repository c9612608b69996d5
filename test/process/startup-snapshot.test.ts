// SPDX-License-Identifier: MIT
// Functions that V8 deserializes from a user's startup snapshot: compiled in another process, their
// lines are as exact as any.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { run } from '../support/child.js';
import { lineOf } from '../support/line-of.js';

const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-snapshot-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const APPLICATION = new URL('../fixtures/startup-snapshot.cjs', import.meta.url);

test('a function from a startup snapshot has its line', async () => {
  const entry = fileURLToPath(APPLICATION);
  const line = lineOf(entry, 'store');
  const blob = join(directory, 'application.blob');
  const build = await run(APPLICATION, { args: ['--snapshot-blob', blob, '--build-snapshot'] });
  expect(build.stderr).toBe('');
  expect(build.code).toBe(0);
  const start = await run(APPLICATION, { args: ['--snapshot-blob', blob] });
  expect(start.stderr).toBe('');
  const told = JSON.parse(start.stdout);
  expect(told).toMatchObject({ precision: 'line', reason: '', top: `${entry}:${line}` });
  expect(told.share).toBeGreaterThan(0.8);
});
