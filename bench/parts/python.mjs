// SPDX-License-Identifier: MIT
// The model: the cost of CPython's own tracemalloc for the same workloads in Python, as a ratio to
// Python untraced. It records every allocation, as an interval of 1 does here. The client of http
// and leaky is in the same process, and traced with it.
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { shuffled } from '../library/statistics.mjs';

const SERVICE = fileURLToPath(new URL('../python/service.py', import.meta.url));
const FRAMES = { none: 0, 'A/A': 0, '1 frame': 1, '25 frames': 25 };

async function secondsOf(workload, frames) {
  const args = [SERVICE, workload, String(frames)];
  return Number((await promisify(execFile)('python3', args, { timeout: 300_000 })).stdout);
}

async function ratios(workload, columns) {
  const { status, stdout } = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  if (status !== 0) return columns.map((column) => ({ column, note: 'no python3 here' }));
  const seen = {};
  for (const name of shuffled(['none', ...columns])) {
    seen[name] = await secondsOf(workload, FRAMES[name]);
  }
  const version = stdout.trim();
  return columns.map((column) => ({ column, value: seen[column] / seen.none, version }));
}

export function jobs({ isShort, rounds = isShort ? 1 : 5 }) {
  return Array.from({ length: rounds }, (_, round) =>
    ['json', 'retain', 'http', 'leaky'].map((row) => ({
      part: 'python',
      row,
      round,
      columns: ['A/A', '1 frame', '25 frames'],
      run: (wanted) => ratios(row, wanted),
    })),
  ).flat();
}
