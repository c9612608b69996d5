// SPDX-License-Identifier: MIT
// Reports on a pipe that is full for a while: lines are lost, but none is cut.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PACKAGE } from '../support/child.js';
import { INHERITED } from '../support/environment.js';

const SERVICE = `
import { createReporter, start } from ${JSON.stringify(PACKAGE)};
process.stderr; // Node makes the pipe a non-blocking one
start({ sampleInterval: 64 });
const kept = [];
const sites = Array.from({ length: 100 }, (_, i) => new Function('kept', \`kept.push([\${i}])\`));
setInterval(() => { for (const site of sites) site(kept); }, 5);
createReporter({ every: 20, top: 100, format: 'json' });
setTimeout(() => process.exit(), 3000);
`;

test('a reader that pauses finds whole lines only', async () => {
  const service = spawn(process.execPath, ['--input-type=module', '--eval', SERVICE], {
    env: INHERITED,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await delay(1500);
  let text = '';
  service.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await new Promise((resolve) => service.on('close', resolve));
  // As much as fits into the pipe, and what was reported afterwards.
  expect(text.length).toBeGreaterThan(200_000);
  const lines = text.split('\n').slice(0, -1);
  const times = lines.map((line) => Date.parse((JSON.parse(line) as { time: string }).time));
  // The pause shows: there were reports that nobody got.
  const pauses = times.slice(1).map((time, i) => time - (times[i] as number));
  expect(Math.max(...pauses)).toBeGreaterThan(300);
});
