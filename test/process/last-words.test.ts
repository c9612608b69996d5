// SPDX-License-Identifier: MIT
// A worker's last report, when another thread ends it.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { REGISTER, run } from '../support/child.js';
import { reportsOf } from '../support/report-schema.js';

const FIXTURE = new URL('../fixtures/last-words.mjs', import.meta.url);
const ends = (how: string, state: string, atExit: string) =>
  run(FIXTURE, {
    args: ['--require', REGISTER],
    argv: [how, state],
    env: { TRACEMALLOC: '1', TRACEMALLOC_REPORT_EVERY: '0', TRACEMALLOC_REPORT_AT_EXIT: atExit },
  });

test.each([
  ['terminate', 'idle'],
  ['terminate', 'parked'],
  ['terminate', 'busy'],
  ['terminate twice', 'idle'],
  ['process.exit', 'idle'],
  ['process.exit', 'parked'],
  ['process.exit', 'busy'],
])('%s: a worker that is %s has its last report, and ends as without it', async (how, state) => {
  const [plain, { stderr, ...outcome }] = [
    await ends(how, state, '0'),
    await ends(how, state, '1'),
  ];
  expect(plain.stderr).toBe('');
  expect(outcome).toEqual({ ...plain, stderr: undefined });
  const reports = reportsOf(stderr);
  expect(reports.map(({ threadId }) => threadId)).toEqual([1, 0]);
  const leak = reports[0]!.sites.find(({ site }) =>
    site.startsWith(`${fileURLToPath(FIXTURE)}:25`),
  );
  expect(leak?.size).toBeGreaterThan(5e6);
});
