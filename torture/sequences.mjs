// SPDX-License-Identifier: MIT
// Random sequences of all calls of tracemalloc and of everything that can be done to a traced
// process, each in its own process, under V8's stress flags. A seed determines Node's flags and all
// steps, but not how threads interleave.
import { fileURLToPath } from 'node:url';
import { Random } from './random.mjs';
import { runSeeds } from './seeded.mjs';
import { modesOf } from './sequences/stress-flags.mjs';

const PROGRAM = fileURLToPath(new URL('./sequences/program.mjs', import.meta.url));
const STEPS = 200;
// Sequences compare snapshots of different limits.
const EXPECTED = '--disable-warning=TRACEMALLOC_TRACEBACK_LIMIT';

/** See `runSeeds`. */
export function sequences(settings) {
  const modes = new Map(settings.nodes.map((node) => [node, modesOf(node.executable)]));
  return runSeeds('sequences', settings, (seed, node) => {
    const flags = new Random(seed).pick(modes.get(node));
    return ['--expose-gc', EXPECTED, ...flags, PROGRAM, '--seed', `${seed}`, '--steps', `${STEPS}`];
  });
}
