// SPDX-License-Identifier: MIT
import { shown, TracemallocError } from '../errors.js';
import { churnOf } from '../traces/churn.js';
import type { Trace } from '../traces/trace.js';

/**
 * Which bytes a format with one figure per stack shows: not collected yet; all since start; or those
 * of them that have been collected.
 */
export type Bytes = 'live' | 'allocated' | 'churn';

export const BYTES: readonly Bytes[] = ['live', 'allocated', 'churn'];

/** Whole bytes, as formats want them. */
export function bytesOf(trace: Trace, bytes: Bytes): number {
  const shown = { live: trace.size, allocated: trace.allocatedSize, churn: churnOf(trace) };
  return Math.round(shown[bytes] ?? 0);
}

/**
 * @throws TracemallocError ERR_INVALID_ARGUMENT: no such figure, or these traces do not have it.
 */
export function requireBytes(bytes: unknown, traces: readonly Trace[]): void {
  if (!BYTES.includes(bytes as Bytes)) {
    throw new TracemallocError(
      'ERR_INVALID_ARGUMENT',
      `bytes must be 'live', 'allocated' or 'churn', not ${shown(bytes)}`,
    );
  }
  if (bytes !== 'live' && !hasAllocated(traces)) {
    throw new TracemallocError(
      'ERR_INVALID_ARGUMENT',
      "this snapshot has live bytes only, not all that was allocated; use bytes: 'live'",
    );
  }
}

/** V8's own sampler knows live memory only. */
export function hasAllocated(traces: readonly Trace[]): boolean {
  return traces.some((trace) => trace.allocatedSize !== undefined);
}
