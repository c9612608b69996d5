// SPDX-License-Identifier: MIT
// The rules by which the report judges: against a peer, and against the goals.
import { quantile } from './statistics.mjs';
import { trackers } from './trackers.mjs';

const ENOUGH = 3;
const isEnough = (...spreads) => spreads.every((seen) => seen && seen.count >= ENOUGH);

/** Lower is better. Won or lost only if the spreads of the two do not touch. */
export function verdict(ours, theirs) {
  if (!isEnough(ours, theirs)) return 'too few rounds';
  if (ours.high < theirs.low) return 'won';
  return ours.low > theirs.high ? 'lost' : 'within noise';
}

// The best possible accuracy for such leaks: the relative standard error of an estimate of that
// many bytes is the square root of interval / bytes.
function chanceOf(column, cells) {
  if (trackers[column].bytes === 'auto') return '';
  const bytes = quantile(
    cells.map(({ truth }) => truth),
    0.5,
  );
  const error = Math.sqrt(trackers[column].bytes / bytes);
  if (error < 0.01) return '';
  return `; half of these leaks are smaller than ${(bytes / 1e6).toFixed(0)} MB, for which one standard error is ${(error * 100).toFixed(0)} %`;
}

const fixed = (number) => number.toFixed(3);

/**
 * The goals, each with its result. `find(part, row, column)` returns a cell or undefined; `duels`
 * are the comparisons with peers in CPU time.
 */
export function goals({ find, duels: all, leaks }) {
  const duels = all.filter(({ result }) => result !== 'too few rounds');
  const rows = [];
  const add = (goal, isMet, figure) =>
    rows.push({
      goal,
      met: isMet === undefined ? 'not measured' : isMet ? 'met' : 'missed',
      figure,
    });
  for (const workload of ['json', 'http', 'typescript']) {
    const cell = find('cpu', workload, 'tracemalloc auto')?.spread;
    const noise = find('cpu', workload, 'A/A')?.spread;
    const goal = `${workload}: CPU ratio at the default within the spread of A/A`;
    if (!isEnough(cell, noise)) {
      add(goal, undefined, '');
      continue;
    }
    // It is arbitrary which of the two As is called untracked, so the noise is mirrored at 1.
    const limit = Math.max(noise.high, 2 - noise.low);
    add(goal, cell.median <= limit, `${fixed(cell.median)}; A/A up to ${fixed(limit)}`);
  }
  const retain = find('cpu', 'retain', 'tracemalloc auto')?.spread;
  add(
    'retain: CPU ratio at the default at most 1.02',
    isEnough(retain) ? retain.median <= 1.02 : undefined,
    retain ? fixed(retain.median) : '',
  );
  const lost = duels.filter(({ result }) => result === 'lost');
  const names = lost.map(({ row, column }) => `${row} to ${column}`).join(', ');
  add(
    'CPU ratio never above a peer at the same interval',
    duels.length > 0 ? lost.length === 0 : undefined,
    duels.length > 0 ? `${lost.length} of ${duels.length} lost${names && `: ${names}`}` : '',
  );
  const cpu = find('snapshot', '2000 MB live', 'CPU time, ms')?.spread;
  add(
    'a snapshot takes at most 5 ms of CPU time at 2 GB',
    cpu && cpu.median <= 5,
    cpu ? `${fixed(cpu.median)} ms` : '',
  );
  for (const column of [
    'tracemalloc auto',
    'tracemalloc 512 KiB',
    'tracemalloc 64 KiB',
    'tracemalloc 8 KiB',
    'tracemalloc exact',
  ]) {
    const cells = leaks.filter((cell) => cell.column === column && cell.spread);
    if (cells.length === 0) continue;
    const right = cells.filter(({ named }) => named === 'line').length;
    const doubtful = cells.filter(({ named, approximate }) => named !== 'line' && approximate);
    const doubt = doubtful.length > 0 ? ` (${doubtful.length} marked approximate)` : '';
    const close = cells.filter(({ spread }) => Math.abs(spread.median) <= 0.1).length;
    add(
      `${column}: the exact line of every leak, and within 10 %`,
      right === cells.length && close === cells.length,
      `line ${right} of ${cells.length}${doubt}, within 10 % ${close} of ${cells.length}${chanceOf(column, cells)}`,
    );
  }
  return rows;
}
