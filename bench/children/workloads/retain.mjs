// SPDX-License-Identifier: MIT
// Live churn: a cache of 200,000 records in which every write replaces an old record, so that
// objects survive into old space and die there.
const cache = new Map();
let next = 0;

// V8 collects old space only twice in a turn: with one turn, a third collection would distort the
// figure.
export const turns = 4;

// V8 sizes its new space by the first moments. With or without a tracker, loading any module then
// can make it stay small for good: six times as many scavenges, 1.4 times the time.
export const flags = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

function record(id) {
  return { id, name: `record-${id}`, values: new Array(8).fill(id), child: { id, at: id * 2 } };
}

export function run() {
  for (let i = 0; i < 1_500_000; i++) {
    cache.set(next % 200_000, record(next));
    next += 7919;
  }
  return cache.size;
}
