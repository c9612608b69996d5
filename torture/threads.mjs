// SPDX-License-Identifier: MIT
// Concurrent threads: four workers and the main thread start, stop and clear at random, while
// buffers are allocated on one thread and freed on another; workers are terminated meanwhile.
import { fileURLToPath } from 'node:url';
import { runSeeds } from './seeded.mjs';

const PROGRAM = fileURLToPath(new URL('./threads/program.mjs', import.meta.url));
const SECONDS = 10;

/** See `runSeeds`. */
export function threads(settings) {
  return runSeeds('threads', settings, (seed) => [
    ...['--expose-gc', PROGRAM, '--seed', `${seed}`, '--seconds', `${SECONDS}`],
  ]);
}
