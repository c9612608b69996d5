// SPDX-License-Identifier: MIT
// Reports on a pipe that is full for a while: lines are lost, but none is cut.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { PACKAGE } from '../support/child.js';
import { INHERITED } from '../support/environment.js';

const SERVICE = `
import { writeSync } from 'node:fs';
import { subscribe } from 'node:diagnostics_channel';
import { createReporter, start } from ${JSON.stringify(PACKAGE)};
process.stderr; // Node makes the pipe a non-blocking one
start({ sampleInterval: 64 });
const kept = [];
const sites = Array.from({ length: 100 }, (_, i) => new Function('kept', \`kept.push([\${i}])\`));
setInterval(() => { for (const site of sites) site(kept); }, 5);
createReporter({ every: 20, top: 100, format: 'json' });
let reports = 0;
subscribe('tracemalloc:report', () => {
  reports++;
  if (reports === 30) writeSync(1, 'full');
  if (reports === 60) process.exit();
});
`;

test('a reader that pauses finds whole lines only', async () => {
  const service = spawn(process.execPath, ['--input-type=module', '--eval', SERVICE], {
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
