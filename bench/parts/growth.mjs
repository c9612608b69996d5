// SPDX-License-Identifier: MIT
// How costs grow with the number of live samples, and of stacks: the CPU time of the same churn,
// and the exponent of its growth (0: constant, 1: proportional). Also the memory of a live sample,
// from the kernel's figures. Every allocation is a sample here, the most expensive case.
import { answerOf } from '../library/forked.mjs';
import { slope } from '../library/statistics.mjs';

const FLAGS = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];
const NAMES = ['A/A', 'tracemalloc exact', 'node:inspector exact'];

const measure = (name, { live, stacks }) => answerOf('grown.mjs', [name, live, stacks], FLAGS);

const exponents = (points) => async (columns) => {
  const lines = [];
  for (const column of columns) {
    const microseconds = [];
    for (const point of points) microseconds.push([point.x, (await measure(column, point)).cpu]);
    lines.push({ column, value: slope(microseconds), microseconds });
  }
  return lines;
};

async function memory(columns) {
  const point = { live: 1_000_000, stacks: 100 };
  const none = await measure('none', point);
  const lines = [];
  for (const column of columns) {
    lines.push({ column, value: ((await measure(column, point)).rss - none.rss) / 2 ** 20 });
  }
  return lines;
}

export function jobs({ isShort, rounds = isShort ? 1 : 3 }) {
  const lives = isShort ? [10_000, 250_000] : [10_000, 100_000, 1_000_000];
  const stackCounts = isShort ? [100, 10_000] : [100, 1000, 10_000, 100_000];
  const rows = {
    'exponent by live samples': exponents(lives.map((live) => ({ x: live, live, stacks: 100 }))),
    'exponent by stacks': exponents(stackCounts.map((n) => ({ x: n, live: 200_000, stacks: n }))),
    'RSS of a million live samples, MiB': memory,
  };
  const job = ([row, run], round) => ({ part: 'growth', row, round, columns: NAMES, run });
  return Array.from({ length: rounds }, (_, round) =>
    Object.entries(rows).map((entry) => job(entry, round)),
  ).flat();
}
