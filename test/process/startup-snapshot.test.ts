// SPDX-License-Identifier: MIT
// Functions that V8 deserializes from a user's startup snapshot: compiled in another process, their
// lines are as exact as any.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { PACKAGE, run } from '../support/child.js';

const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-snapshot-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const APPLICATION = `const { startupSnapshot } = require('node:v8');
const kept = [];
function store(i) {
  const row = { i };
  kept.push({ i, row, values: new Array(40).fill(i) });
  return row;
}
store(0);
startupSnapshot.setDeserializeMainFunction(() => {
  const { createRequire } = process.getBuiltinModule('node:module');
  const tracemalloc = createRequire(${JSON.stringify(fileURLToPath(PACKAGE))})('./index.js');
  tracemalloc.start({ sampleInterval: 1024 });
  for (let i = 0; i < 20000; i++) store(i);
  const [top] = tracemalloc.takeSnapshot().statistics('lineno');
  const { precision, reason } = tracemalloc.status();
  const share = top.size / tracemalloc.getTracedMemory().current;
  process.stdout.write(JSON.stringify({ top: String(top.traceback), share, precision, reason }));
});
`;

test('the line of a function from a startup snapshot', async () => {
  const entry = join(directory, 'application.js');
  const blob = join(directory, 'application.blob');
  writeFileSync(entry, APPLICATION);
  const file = pathToFileURL(entry);
  const build = await run(file, { args: ['--snapshot-blob', blob, '--build-snapshot'] });
  expect(build.stderr).toBe('');
  expect(build.code).toBe(0);
  const start = await run(file, { args: ['--snapshot-blob', blob] });
  expect(start.stderr).toBe('');
  const told = JSON.parse(start.stdout);
  expect(told).toMatchObject({ precision: 'line', reason: '', top: `${entry}:5` });
  expect(told.share).toBeGreaterThan(0.8);
});
