// SPDX-License-Identifier: MIT
// Random sequences of everything that can be asked of tracemalloc and done to a process that it
// traces, each in a process of its own, under V8's stress flags. A seed decides Node's flags and all
// steps; how threads interleave it can't decide.
import { fileURLToPath } from 'node:url';
import { Random } from './random.mjs';
import { runSeeds } from './seeded.mjs';
import { modesOf } from './sequences/stress-flags.mjs';

const PROGRAM = fileURLToPath(new URL('./sequences/program.mjs', import.meta.url));
const STEPS = 200;

/** See `runSeeds`. */
export function sequences(settings) {
  const modes = new Map(settings.nodes.map((node) => [node, modesOf(node.executable)]));
  return runSeeds('sequences', settings, (seed, node) => {
    const flags = new Random(seed).pick(modes.get(node));
    return ['--expose-gc', ...flags, PROGRAM, '--seed', `${seed}`, '--steps', `${STEPS}`];
  });
}
