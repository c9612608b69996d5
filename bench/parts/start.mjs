// SPDX-License-Identifier: MIT
// The cost of loading a tracker and starting it, each time in a fresh process.
import { answerOf } from '../library/forked.mjs';
import { shuffled } from '../library/statistics.mjs';
import { trackers } from '../library/trackers.mjs';

// Trackers that are a flag of Node start before any code that could measure it.
const NAMES = ['A/A', ...Object.keys(trackers).filter((name) => name.endsWith(' 512 KiB'))].filter(
  (name) => !trackers[name].create().flags,
);

async function startAll(columns) {
  const lines = [];
  for (const column of shuffled(columns)) {
    const { cpu, passed } = await answerOf('started.mjs', [column]);
    lines.push({ column, value: cpu });
    lines.push({ row: 'time, ms', column, value: passed });
  }
  return lines;
}

export function jobs({ isShort, rounds = isShort ? 5 : 15, columns = NAMES }) {
  return Array.from({ length: rounds }, (_, round) => ({
    part: 'start',
    row: 'CPU time, ms',
    round,
    columns: columns.filter((name) => NAMES.includes(name)),
    run: startAll,
  }));
}
