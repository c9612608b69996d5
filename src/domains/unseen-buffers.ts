// SPDX-License-Identifier: MIT
// What the buffer domain can't see: memory that is reported to V8 but did not come from the
// ArrayBuffer allocator, such as native state of addons, WebAssembly memories, resizable buffers,
// large strings, and what fs.readFile reads of small files on Node 26. The part that is not known
// to belong to compression streams is shown as one row, so that the domain does not seem complete.
import { Frame } from '../traces/frame.js';
import { Trace } from '../traces/trace.js';
import { Traceback } from '../traces/traceback.js';

const PLACE = new Traceback([new Frame('(not attributable)', 0)], 1);

/** Memory outside the heap at one moment, bytes. */
export interface OutsideHeap {
  /** What the ArrayBuffer allocator holds. */
  readonly arrayBuffers: number;
  /** Backing stores of any origin, and strings. */
  readonly external: number;
  /** Backing stores of any origin, and what native code reports to V8. */
  readonly told: number;
}

/** `told`: the addon's `externalMemory()`. */
export function outsideHeap(
  { arrayBuffers, external }: NodeJS.MemoryUsage,
  told: number,
): OutsideHeap {
  return { arrayBuffers, external, told };
}

/**
 * What was added since `start`, exact. It is a lower bound: V8 has two sums that overlap, and the
 * larger growth is taken; and SharedArrayBuffers come from the allocator but V8 is not told of
 * them, so they hide as much.
 */
export function unseenSize(now: OutsideHeap, start: OutsideHeap): number {
  const growth = Math.max(now.external - start.external, now.told - start.told);
  return growth - (now.arrayBuffers - start.arrayBuffers);
}

/** The row for `size` bytes: it has no samples, and no count, which is unknown. */
export function unseenTrace(size: number): Trace[] {
  if (size <= 0) return [];
  return [
    new Trace({
      domain: 'buffer',
      size,
      count: 0,
      allocatedSize: undefined,
      allocatedCount: undefined,
      samples: 0,
      variance: 0,
      types: [],
      traceback: PLACE,
    }),
  ];
}
