// SPDX-License-Identifier: MIT
// The cost of a snapshot by live memory: how long it blocks the event loop, CPU time, and its
// JavaScript garbage; for comparison, that of a heap snapshot.
import { answerOf } from '../library/forked.mjs';

const FLAGS = ['--max-old-space-size=8000'];
const COLUMNS = {
  'blocked, ms': ({ blocked }) => blocked,
  'CPU time, ms': ({ cpu }) => cpu,
  'the first: blocked, ms': ({ first }) => first.blocked,
  'the first: CPU time, ms': ({ first }) => first.cpu,
  'JavaScript garbage, KiB': ({ garbage }) => garbage / 1024,
};
const HEAP = 'heap snapshot: blocked, ms';

async function snapshots(live, columns) {
  if (columns[0] === HEAP) {
    return [{ column: HEAP, value: await answerOf('heap-snapshot.mjs', [live], FLAGS) }];
  }
  const answer = await answerOf('../snapshot.mjs', [live, 512 * 1024], FLAGS);
  return columns.map((column) => ({ column, value: COLUMNS[column](answer) }));
}

export function jobs({ isShort, rounds = isShort ? 2 : 5 }) {
  return (isShort ? [50, 500] : [50, 500, 2000]).flatMap((live) => {
    const job = (round, columns) => ({
      part: 'snapshot',
      row: `${live} MB live`,
      round,
      columns,
      run: (wanted) => snapshots(live, wanted),
    });
    const ours = Array.from({ length: rounds }, (_, round) => job(round, Object.keys(COLUMNS)));
    // A heap snapshot takes minutes at 2 GB.
    return live > 500 || isShort ? ours : [...ours, job(0, [HEAP])];
  });
}
