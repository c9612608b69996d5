// SPDX-License-Identifier: MIT
// Each leak of bench/children/leaks under each tracker, cold and hot: the place that it reports as
// the largest, and how far the bytes there are from the truth (-0.1: a tenth too few).
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { judge, placesOf } from '../library/attribution.mjs';
import { trackers } from '../library/trackers.mjs';

const LEAKED = fileURLToPath(new URL('../children/leaked.mjs', import.meta.url));
const LEAKS = readdirSync(new URL('../children/leaks/', import.meta.url)).map((f) =>
  f.replace('.mjs', ''),
);

async function track(leak, name, temperature) {
  const tracker = trackers[name].create();
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const flags = ['--expose-gc', ...(tracker.flags?.(directory) ?? [])];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...flags, LEAKED, leak, name, temperature],
      { timeout: 120_000 },
    );
    const seen = JSON.parse(stdout);
    if (!tracker.readFile) return seen;
    const [file] = readdirSync(directory);
    return { ...seen, ...judge(placesOf(tracker.readFile(join(directory, file))), seen) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const SHORT = ['tracemalloc auto', 'tracemalloc 8 KiB', 'node:inspector 8 KiB'];
const FULL = [
  ...['auto', '512 KiB', '64 KiB', '8 KiB', 'exact'].map((interval) => `tracemalloc ${interval}`),
  ...Object.keys(trackers).filter((name) => / 8 KiB$/.test(name) && !/^tracemalloc/.test(name)),
  'heap snapshots',
];
// With a flag of Node, tracking starts with the process: nothing has been optimized before.
const temperatures = (name) => (trackers[name].create().flags ? ['cold'] : ['cold', 'hot']);

export function jobs({ isShort, rounds = 1, columns = isShort ? SHORT : FULL, leaks = LEAKS }) {
  return Array.from({ length: rounds }, (_, round) =>
    ['cold', 'hot'].flatMap((temperature) =>
      leaks.map((leak) => ({
        part: 'leaks',
        row: `${leak}, ${temperature}`,
        round,
        columns: columns.filter((name) => temperatures(name).includes(temperature)),
        run: async (wanted) => {
          const lines = [];
          for (const column of wanted) {
            const { named, bytes, truth, approximate } = await track(leak, column, temperature);
            lines.push({ column, value: bytes / truth - 1, named, truth, approximate });
          }
          return lines;
        },
      })),
    ),
  ).flat();
}
