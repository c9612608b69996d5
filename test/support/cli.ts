// SPDX-License-Identifier: MIT
// Runs the built command line in a separate process.
import { fileURLToPath } from 'node:url';
import { type ChildOptions, type Outcome, runNode } from './child.js';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** `args` of the options are Node's own. */
export function cli(args: readonly string[], options: ChildOptions = {}): Promise<Outcome> {
  return runNode([...(options.args ?? []), CLI, ...args], options);
}
