// SPDX-License-Identifier: MIT
// Attaching a hundred times in a row to a service under load, at random moments: while it allocates,
// collects, blocks, starts and ends threads. No response, exit code or crash may change, and the
// service's memory stays flat.
import { fileURLToPath } from 'node:url';
import { runSeeds } from './seeded.mjs';

const PROGRAM = fileURLToPath(new URL('./attach/program.mjs', import.meta.url));

/** See `runSeeds`. */
export function attach(settings) {
  return runSeeds('attach', settings, (seed) => [PROGRAM, '--seed', `${seed}`, '--cycles', '100'], {
    limit: 600_000,
  });
}
