// SPDX-License-Identifier: MIT
// Reports on a pipe that is full for a while: lines are lost, but none is cut.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { INHERITED } from '../support/environment.js';

const SERVICE = fileURLToPath(new URL('../fixtures/pauses-reader.mjs', import.meta.url));

test('a reader that pauses gets whole lines only', async () => {
  const service = spawn(process.execPath, [SERVICE], {
    env: INHERITED,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await once(service.stdout, 'data');
  let text = '';
  service.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(service, 'close');
  const lines = text.split('\n').slice(0, -1);
  const reports = lines.map((line) => JSON.parse(line) as { name: string });
  expect(reports.every(({ name }) => name === 'tracemalloc')).toBe(true);
  // Some before the pause and some after it, not all.
  expect(reports.length).toBeGreaterThan(5);
  expect(reports.length).toBeLessThan(55);
});
