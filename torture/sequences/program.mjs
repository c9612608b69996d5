// SPDX-License-Identifier: MIT
// One random sequence, in its own process or worker. Ends with 0 unless something was wrong.
//
//   node --expose-gc torture/sequences/program.mjs --seed 7 --steps 200 [--seconds 10] [--trace] [--untraced]
//     --seconds: do fewer steps if they take longer; --trace: print each step before it is done;
//     --untraced: the same steps without tracing, to see whether Node itself fails
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { threadId } from 'node:worker_threads';
import { Random } from '../random.mjs';
import { step } from './actions.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    trace: { type: 'boolean', default: false },
    untraced: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const random = new Random(seed);
const { untraced } = values;
const state = {
  random,
  seed,
  untraced,
  kept: [],
  snapshots: [],
  reporters: [],
  workers: new Set(),
};
const end = performance.now() + Number(values.seconds) * 1000;
const announce = values.trace
  ? (action) => writeSync(2, `thread ${threadId}: ${action.name || String(action)}\n`)
  : () => {};

for (let i = Number(values.steps); i > 0 && performance.now() < end; i--)
  await step(state, announce);

announce('the end');
// A traced thread ends in one of two ways: at once, or when it has nothing left to do.
if (random.chance(0.5)) process.exit(0);
for (const reporter of state.reporters) reporter.stop();
await Promise.all([...state.workers].map((worker) => worker.terminate()));
