// SPDX-License-Identifier: MIT
import type { Frame } from '../traces/frame.js';
import { Snapshot, tableOf } from './snapshot.js';

const DEPENDENCY = /[\\/]node_modules[\\/]/;

/** Whether the frame belongs to a dependency: its file is in `node_modules`. */
export function isDependency({ filename }: Frame): boolean {
  return DEPENDENCY.test(filename);
}

/**
 * Charges each trace to the innermost frame that the application wrote, since users can't change
 * Node's internals and builtins. A traceback without such a frame stays as it is.
 *
 * @param options.dependencies - true: what lies in `node_modules` counts as the application's own
 *   (default); false: its callers are charged.
 */
export function rollUp(
  snapshot: Snapshot,
  { dependencies = true }: { dependencies?: boolean } = {},
): Snapshot {
  const table = tableOf(snapshot);
  const { stacks, frames, ends } = table.columns;
  const isCharged = frames.map(
    (frame) => !frame.isInternal && (dependencies || !isDependency(frame)),
  );
  const chargedEnds = ends.map((end, row) => {
    const begin = table.begin(row);
    for (let at = end - 1; at >= begin; at--) if (isCharged[stacks[at] as number]) return at + 1;
    return end;
  });
  return new Snapshot(table.cutAt(chargedEnds), snapshot);
}
