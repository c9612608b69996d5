// SPDX-License-Identifier: MIT
import type { Snapshot } from '../snapshot/snapshot.js';
import { plain } from '../text/plain-text.js';
import { type Bytes, bytesOf, requireBytes } from './bytes.js';
import { labelOf } from './label.js';

/**
 * Folded stacks, the input of flame graph tools: a line for each stack, frames from the oldest to
 * the allocating one with semicolons between them, then the bytes.
 *
 * `bytes` are the `'live'` ones (default), those `'allocated'` since start, or `'churn'`: those of them
 * that have been collected.
 *
 * @returns lines such as `main (/app/main.js:3);put (/app/cache.js:9) 1048576`, the largest first.
 *   Stacks without bytes are left out; an empty snapshot is an empty text.
 * @throws TracemallocError ERR_INVALID_ARGUMENT when the snapshot has no such bytes.
 * Cost: linear in the frames of all stacks.
 */
export function toFolded(snapshot: Snapshot, { bytes = 'live' }: { bytes?: Bytes } = {}): string {
  requireBytes(bytes, snapshot.traces);
  const sums = new Map<string, number>();
  for (const trace of snapshot.traces) {
    const size = bytesOf(trace, bytes);
    if (size <= 0) continue;
    const stack = trace.traceback.frames.map((frame) => quoted(labelOf(frame))).join(';');
    sums.set(stack, size + (sums.get(stack) ?? 0));
  }
  const largestFirst = [...sums].sort(([, a], [, b]) => b - a);
  return largestFirst.map(([stack, size]) => `${stack} ${size}\n`).join('');
}

// The format has no way to quote its own separators. Its lines are also read by people.
function quoted(label: string): string {
  return plain(label.replace(/[\r\n]+/g, ' ')).replaceAll(';', ':');
}
