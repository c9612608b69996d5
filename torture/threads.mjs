// SPDX-License-Identifier: MIT
// Threads that meet: four workers and the main thread start, stop and clear at random, beside
// buffers that are born on one thread and die on another; workers are terminated in the midst of it.
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
