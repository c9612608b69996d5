// SPDX-License-Identifier: MIT
// Progress bars in a real terminal (util-linux's script): for long work, on stderr, removed at the
// end.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLI, cli } from '../support/cli.js';
import { largeProfile } from '../support/large-profile.mjs';
import { snapshotOf } from '../support/snapshots.js';

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  writeFileSync(join(directory, 'large.pb'), largeProfile(24e6));
  await snapshotOf([{ at: ['/a.js:1:f'], size: 8 }]).dump(join(directory, 'small.pb.gz'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The output of `tracemalloc` in a terminal of 60 columns, after shell redirections. */
async function terminal(command: string, env: Record<string, string> = {}): Promise<string> {
  const line = `stty cols 60; ${process.execPath} ${CLI} ${command}`;
  const made = await promisify(execFile)('script', ['-qec', line, '/dev/null'], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...env },
  });
  return made.stdout;
}

const ESCAPE = '\u001b';
const BAR = new RegExp(`\\r\\[#*\\.*\\] \\d+ % [^\\r\\n]*${ESCAPE}\\[K`, 'g');

test('a large file shows a bar that advances, and is removed before the result', async () => {
  const output = await terminal('top -n 1 large.pb');
  const bars = output.match(BAR) ?? [];
  const shares = bars.map((bar) => Number(/(\d+) %/.exec(bar)?.[1]));
  expect(shares.length).toBeGreaterThan(1);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(bars[0]).toContain('large.pb');
  const [, answer] = output.replaceAll(BAR, '').split(`\r${ESCAPE}[K`);
  expect(answer).toMatch(/^\S*large\.pb: line precision/);
});

test('bars are on stderr only; there is none if that is no terminal, or a dumb one', async () => {
  expect(await terminal('top -n 1 large.pb 2>/dev/null')).not.toMatch(BAR);
  expect(await terminal('top -n 1 large.pb', { TERM: 'dumb' })).not.toMatch(BAR);
  expect(await cli(['top', '-n', '1', 'large.pb'], { cwd: directory })).toMatchObject({
    code: 0,
    stderr: '',
  });
});

test('short work shows no bar', async () => {
  expect(await terminal('top small.pb.gz')).not.toMatch(BAR);
});
