// SPDX-License-Identifier: MIT
import type { Frame } from './frame.js';
import { Snapshot } from './snapshot.js';
import { Trace } from './trace.js';
import { Traceback } from './traceback.js';

const DEPENDENCY = /[\\/]node_modules[\\/]/;

/** Not written by the application either: it lies in `node_modules`. */
export function isDependency({ filename }: Frame): boolean {
  return DEPENDENCY.test(filename);
}

/**
 * Charges each trace to the innermost frame that the application wrote: Node's internals and
 * builtins are not lines that somebody can change. A traceback without such a frame stays as it is.
 *
 * @param options.dependencies - true: what lies in `node_modules` counts as the application's own
 *   (default); false: its callers are charged.
 */
export function rollUp(
  snapshot: Snapshot,
  { dependencies = true }: { dependencies?: boolean } = {},
): Snapshot {
  const traces = snapshot.traces.map((trace) => {
    const { frames, totalFrames } = trace.traceback;
    const end = frames.findLastIndex(
      (frame) => !frame.isInternal && (dependencies || !isDependency(frame)),
    );
    if (end === -1 || end === frames.length - 1) return trace;
    return new Trace({ ...trace, traceback: new Traceback(frames.slice(0, end + 1), totalFrames) });
  });
  return new Snapshot(traces, snapshot);
}
